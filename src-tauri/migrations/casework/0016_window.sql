-- As the desk's table, for those whose half-typed form may be confidential.
create table casework.kept_form (
  user blob primary key check (length(user) = 16),
  path text not null,
  fields text not null,
  at text not null
) strict, without rowid;
