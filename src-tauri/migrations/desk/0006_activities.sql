-- What the centre runs: courses, sessions on rights and health, celebrations.
create table activity (
  id blob primary key check (length(id) = 16),
  kind text not null check (kind in ('language', 'literacy', 'computer', 'vocational', 'rights',
    'health', 'advocacy', 'leadership', 'campaign', 'celebration', 'social', 'sport', 'dance',
    'worship', 'meeting')),
  level text,
  -- ISO 639-3: the language of teaching.
  language text,
  room text,
  -- The term: its first and its last day, and an RFC 5545 rule without an end of its own.
  starts text not null,
  ends text not null,
  rule text not null,
  opens text not null,
  closes text not null,
  -- Places; null where as many may come as like.
  capacity integer check (capacity between 1 and 1000),
  women_only integer not null check (women_only in (0, 1)),
  childcare integer not null check (childcare in (0, 1)),
  members_only integer not null check (members_only in (0, 1)),
  -- In minor units of the currency (ISO 4217).
  fee integer check (fee > 0),
  currency text,
  -- Percent of the sessions held that a certificate takes.
  share integer not null check (share between 1 and 100),
  -- The day since when it is over, where it was ended before its term.
  closed text,
  created text not null,
  created_by blob not null references user (id) on delete restrict,
  check (starts <= ends),
  check (opens < closes),
  check ((fee is null) = (currency is null))
) strict, without rowid;
-- Serves: the list of what runs.
create index activity_ends on activity (ends) where closed is null;

-- ISO 639-3; the first is the language in which it was planned.
create table activity_title (
  activity blob not null references activity (id) on delete restrict,
  place integer not null,
  language text not null,
  title text not null,
  primary key (activity, language)
) strict, without rowid;

create table activity_teacher (
  activity blob not null references activity (id) on delete restrict,
  place integer not null,
  name text not null,
  primary key (activity, place)
) strict, without rowid;

-- Days of the term on which this activity does not take place.
create table activity_off (
  activity blob not null references activity (id) on delete restrict,
  day text not null,
  primary key (activity, day)
) strict, without rowid;

-- Days on which the whole centre is closed.
create table holiday (
  day text primary key,
  name text not null
) strict, without rowid;

create table session (
  id blob primary key check (length(id) = 16),
  activity blob not null references activity (id) on delete restrict,
  day text not null,
  opens text not null,
  closes text not null,
  room text,
  status text not null check (status in ('planned', 'held', 'cancelled', 'moved')),
  -- Why it is cancelled or was moved.
  reason text,
  moved_to blob references session (id) on delete restrict,
  -- Who came without being enrolled and has no name here yet.
  walk_ins integer not null default 0 check (walk_ins between 0 and 500),
  check (opens < closes),
  check (status <> 'cancelled' or reason is not null),
  check ((status = 'moved') = (moved_to is not null))
) strict, without rowid;
-- Serves: an activity's sessions in their order.
create index session_activity on session (activity, day);
-- Serves: the calendar, and what else takes place on a day.
create index session_day on session (day, opens);
-- Serves: where a session was moved from, and the foreign key.
create index session_moved_to on session (moved_to) where moved_to is not null;

create table enrolment (
  id blob primary key check (length(id) = 16),
  activity blob not null references activity (id) on delete restrict,
  person blob not null references person (id) on delete restrict,
  since text not null,
  -- The waiting list is in the order of the ids, which sort by the time they were made.
  place text not null check (place in ('seat', 'waiting')),
  ended text,
  ending text check (ending in ('finished', 'own-wish', 'work', 'moved-away', 'other-activity',
    'absences', 'house-rules', 'mistake')),
  result text,
  undone text,
  created text not null,
  by blob not null references user (id) on delete restrict,
  check ((ended is null) = (ending is null))
) strict, without rowid;
-- Serves: nobody is in the same activity twice; who is in it.
create unique index enrolment_once on enrolment (activity, person)
  where ended is null and undone is null;
-- Serves: those who were in an activity.
create index enrolment_activity on enrolment (activity) where undone is null;
-- Serves: the activities of one person.
create index enrolment_person on enrolment (person) where undone is null;

create table attendance (
  session blob not null references session (id) on delete restrict,
  person blob not null references person (id) on delete restrict,
  mark text not null check (mark in ('present', 'late', 'excused', 'absent')),
  -- What stood there before the last change, for taking that back; null where nothing did.
  before text check (before in ('present', 'late', 'excused', 'absent')),
  -- Was one of the session's walk-ins before the name was known.
  was_counted integer not null default 0 check (was_counted in (0, 1)),
  at text not null,
  by blob not null references user (id) on delete restrict,
  primary key (session, person)
) strict, without rowid;
-- Serves: what one person came to.
create index attendance_person on attendance (person);
