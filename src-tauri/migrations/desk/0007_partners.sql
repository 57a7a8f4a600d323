-- Where the centre sends people. A list to be shown: nothing in it tells who was sent.
create table partner (
  id blob primary key check (length(id) = 16),
  kind text not null check (kind in ('hospital', 'clinic', 'lawyer', 'legal-aid', 'union', 'embassy',
    'consulate', 'un', 'shelter', 'church', 'mosque', 'school', 'bank', 'police', 'ministry', 'media')),
  area text,
  address text,
  focal text,
  cost text not null check (cost in ('free', 'reduced', 'full', 'unknown')),
  cost_note text,
  safety text not null check (safety in ('tested', 'says-yes', 'unknown', 'no', 'unsafe')),
  safety_note text,
  women_staff text not null check (women_staff in ('yes', 'no', 'unknown')),
  wheelchair text not null check (wheelchair in ('yes', 'no', 'unknown')),
  letters_in text not null check (letters_in in ('en', 'ar', 'fr')),
  agreement_until text,
  verified text,
  note text,
  ended text,
  created text not null,
  by blob not null references user (id) on delete restrict
) strict, without rowid;

-- A few hundred at most: they are read whole and sifted in memory, so none of these has an index
-- beside its key.
create table partner_name (
  partner blob not null references partner (id) on delete restrict,
  language text not null check (language in ('en', 'ar', 'fr')),
  written text not null,
  primary key (partner, language)
) strict, without rowid;

create table partner_service (
  partner blob not null references partner (id) on delete restrict,
  service text not null,
  primary key (partner, service)
) strict, without rowid;

create table partner_language (
  partner blob not null references partner (id) on delete restrict,
  language text not null,
  primary key (partner, language)
) strict, without rowid;

create table partner_phone (
  partner blob not null references partner (id) on delete restrict,
  place integer not null,
  written text not null,
  primary key (partner, place)
) strict, without rowid;

create table partner_hours (
  partner blob not null references partner (id) on delete restrict,
  -- 0 is Monday; minutes after midnight, half-open.
  day integer not null check (day between 0 and 6),
  starts integer not null,
  ends integer not null,
  primary key (partner, day, starts),
  check (starts >= 0 and starts < ends and ends <= 1440)
) strict, without rowid;
