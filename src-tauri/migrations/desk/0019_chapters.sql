-- The file's key is renewed when somebody loses it, and the journal's with it. The rows up to
-- `until` are hashed under the key that stands here, later ones under that of the file's own.
create table journal_chapter (
  until integer primary key,
  key blob not null check (length(key) = 32)
) strict;
