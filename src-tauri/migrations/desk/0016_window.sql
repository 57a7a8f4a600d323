-- A short number that brings a hidden window back while its user is still in: never the number.
create table pin (
  user blob primary key references user (id) on delete restrict,
  salt blob not null check (length(salt) = 32),
  mark blob not null check (length(mark) = 32)
) strict, without rowid;

-- What stood half-typed when the program locked; one form a user, gone once it was given back.
create table kept_form (
  user blob primary key references user (id) on delete restrict,
  path text not null,
  fields text not null,
  at text not null
) strict, without rowid;
