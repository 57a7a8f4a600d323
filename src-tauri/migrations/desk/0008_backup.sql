-- What takes backups: sticks, known by their stick.id, and folders, known by their path.
create table stick (
  id blob primary key check (length(id) = 16),
  name text not null,
  folder text,
  enrolled text not null,
  -- The day on which it was last there.
  seen text not null,
  -- It did not keep what was written to it.
  bad text,
  forgotten text
) strict, without rowid;

create table backup (
  number integer primary key check (number > 0),
  stick blob not null references stick (id) on delete restrict,
  at text not null,
  day text not null,
  -- BLAKE3 of its manifest, and where the journal stood: what a restore is compared with.
  manifest blob not null check (length(manifest) = 32),
  head_seq integer not null,
  head blob not null check (length(head) = 32),
  persons integer not null,
  -- The backup whose casework it has; an earlier one where casework waited for its key.
  casework_of integer not null,
  -- The day on which every byte was last read again, and since when it is known not to be good.
  reread text,
  failed text
) strict;
-- The newest good backup, for the home page.
create index backup_good on backup (number) where failed is null;
-- The backups of a stick, for rotation.
create index backup_of_stick on backup (stick);

create table rehearsal (
  id integer primary key,
  day text not null,
  number integer not null,
  seconds integer not null check (seconds >= 0),
  user blob not null references user (id) on delete restrict
) strict;
