-- Who speaks for visitors. Nothing here tells for whom: that lies with the case.
create table interpreter (
  id blob primary key check (length(id) = 16),
  name text not null,
  phone text,
  gender text not null check (gender in ('female', 'male', 'other', 'undisclosed', 'not-recorded')),
  fee_minor integer check (fee_minor >= 0),
  fee_currency text check (length(fee_currency) = 3),
  fee_per text not null check (fee_per in ('hour', 'session')),
  signed_until text,
  note text,
  ended text,
  created text not null,
  by blob not null references user (id) on delete restrict,
  check ((fee_minor is null) = (fee_currency is null))
) strict, without rowid;

-- A few dozen at most: read whole, so none of these has an index beside its key.
create table interpreter_language (
  interpreter blob not null references interpreter (id) on delete restrict,
  place integer not null,
  language text not null,
  level text not null check (level in ('native', 'good', 'basic')),
  primary key (interpreter, place),
  unique (interpreter, language)
) strict, without rowid;

-- With whom they should not be put in one room.
create table interpreter_conflict (
  interpreter blob not null references interpreter (id) on delete restrict,
  nationality text not null,
  primary key (interpreter, nationality)
) strict, without rowid;

create table interpreter_hours (
  interpreter blob not null references interpreter (id) on delete restrict,
  -- 0 is Monday; minutes after midnight, half-open.
  day integer not null check (day between 0 and 6),
  starts integer not null,
  ends integer not null,
  primary key (interpreter, day, starts),
  check (starts >= 0 and starts < ends and ends <= 1440)
) strict, without rowid;
