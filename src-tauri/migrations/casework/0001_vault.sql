-- As the desk's journal, for what only caseworkers may know.
create table casework.journal (
  seq integer primary key,
  event blob not null unique check (length(event) = 16),
  at text not null,
  actor blob check (length(actor) = 16),
  name text not null,
  ids text not null,
  hash blob not null check (length(hash) = 32)
) strict;
create trigger casework.journal_keeps_rows before update on journal begin select raise(abort, 'journal'); end;
create trigger casework.journal_loses_none before delete on journal begin select raise(abort, 'journal'); end;
