-- Who signs in. Names lie here, not in the key file.
create table user (
  id blob primary key check (length(id) = 16),
  name text not null unique,
  roles integer not null check (roles between 1 and 7),
  language text not null,
  disabled text,
  created text not null
) strict, without rowid;

create table centre (
  id blob primary key check (length(id) = 16),
  name text not null
) strict, without rowid;

-- What happened, chained by hash: a row changed, dropped or put in shows.
create table journal (
  seq integer primary key,
  event blob not null unique check (length(event) = 16),
  at text not null,
  actor blob check (length(actor) = 16),
  name text not null,
  ids text not null,
  hash blob not null check (length(hash) = 32)
) strict;
create trigger journal_keeps_rows before update on journal begin select raise(abort, 'journal'); end;
create trigger journal_loses_none before delete on journal begin select raise(abort, 'journal'); end;

-- A form sent twice writes once: the page's write id and the event it led to.
create table written (
  write blob primary key check (length(write) = 16),
  event blob not null references journal (event)
) strict, without rowid;
