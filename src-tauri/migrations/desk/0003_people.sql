-- Who comes to the centre. Somebody who is only counted has no row here, but in visit.
create table person (
  id blob primary key check (length(id) = 16),
  code text not null unique,
  code_word text,
  gender text not null check (gender in ('female', 'male', 'other', 'undisclosed', 'not-recorded')),
  birth text,
  birth_precision text check (birth_precision in ('day', 'month', 'year', 'estimated')),
  nationality text not null,
  occupation text,
  lives_with_employer text check (lives_with_employer in ('yes', 'no')),
  day_off text check (day_off in ('none', 'some', 'weekly')),
  area text,
  arrival_year integer,
  access_needs text,
  alert text,
  created text not null,
  created_by blob not null references user (id) on delete restrict,
  check ((birth is null) = (birth_precision is null))
) strict, without rowid;

create table person_name (
  person blob not null references person (id) on delete restrict,
  place integer not null,
  written text not null,
  kind text not null check (kind in ('used', 'alias', 'legal', 'document')),
  primary key (person, place)
) strict, without rowid;

-- Every different word of the names and code words, folded, and who has it. A centre has far
-- fewer words than people, so a query is compared with words first.
create table name_word (
  id integer primary key,
  word text not null unique,
  sound text not null
) strict;
-- What a word can be found under: its consonants in each reading, whole and with one left out,
-- so that a word with a typing slip shares at least one of them.
create table name_key (
  key text not null,
  word integer not null references name_word (id) on delete restrict,
  primary key (key, word)
) strict, without rowid;
create table person_word (
  word integer not null references name_word (id) on delete restrict,
  person blob not null references person (id) on delete restrict,
  -- How many words the name has that this one stands in: the shorter is met more wholly.
  of integer not null,
  primary key (word, person)
) strict, without rowid;
-- Serves: taking a person's words out before the new ones.
create index person_word_person on person_word (person);

create table person_phone (
  person blob not null references person (id) on delete restrict,
  place integer not null,
  written text not null,
  -- The digits from the last to the first: a tail is a prefix of it.
  tail text not null,
  whose text,
  may_call text not null check (may_call in ('yes', 'no', 'not-asked')),
  may_text text not null check (may_text in ('yes', 'no', 'not-asked')),
  best_times text,
  primary key (person, place)
) strict, without rowid;
-- Serves: search by the last digits, and the same phone at two persons.
create index person_phone_tail on person_phone (tail);

-- The first is the preferred one.
create table person_language (
  person blob not null references person (id) on delete restrict,
  place integer not null,
  language text not null,
  primary key (person, place)
) strict, without rowid;

-- What a person's record was before each change, whole.
create table person_before (
  person blob not null references person (id) on delete restrict,
  at text not null,
  by blob not null references user (id) on delete restrict,
  before text not null check (json_valid(before)),
  primary key (person, at)
) strict, without rowid;

-- The very words that were read to somebody, once for each wording.
create table consent_text (
  hash blob primary key check (length(hash) = 32),
  version integer not null,
  language text not null,
  words text not null
) strict, without rowid;

create table consent (
  id blob primary key check (length(id) = 16),
  person blob not null references person (id) on delete restrict,
  purpose text not null check (purpose in ('register', 'photo', 'research', 'contact')),
  text blob not null references consent_text (hash) on delete restrict,
  -- ISO 639-3: the text may be read out in another language than it is kept in.
  read_in text not null,
  how text not null check (how in ('signed', 'thumbprint', 'spoken')),
  given text not null,
  expires text,
  withdrawn text,
  by blob not null references user (id) on delete restrict
) strict, without rowid;
-- Serves: the consents of one person.
create index consent_person on consent (person);
