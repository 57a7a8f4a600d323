-- As the desk's.
create table casework.journal_chapter (
  until integer primary key,
  key blob not null check (length(key) = 32)
) strict;
