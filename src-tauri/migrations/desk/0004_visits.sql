-- Each coming, of a person or of somebody who is only counted.
create table visit (
  id blob primary key check (length(id) = 16),
  person blob references person (id) on delete restrict,
  -- The date on the centre's wall, which reports count by.
  day text not null,
  -- When it was today; a visit typed in later from paper has its day only.
  arrived text,
  gender text check (gender in ('female', 'male', 'other', 'undisclosed', 'not-recorded')),
  language text,
  channel text,
  children integer not null default 0 check (children between 0 and 20),
  companions integer not null default 0 check (companions between 0 and 20),
  waiting_for blob references user (id) on delete restrict,
  seen text,
  departed text,
  undone text,
  created text not null,
  by blob not null references user (id) on delete restrict,
  -- What is seen of somebody counted stands here, a person's own is in their record.
  check (person is null or (gender is null and language is null))
) strict, without rowid;
-- Serves: today's list and the counts of a day.
create index visit_day on visit (day, arrived) where undone is null;
-- Serves: the history of one person, and when they last came.
create index visit_person on visit (person, day) where undone is null;

create table visit_reason (
  visit blob not null references visit (id) on delete restrict,
  service text not null,
  primary key (visit, service)
) strict, without rowid;

create table service_given (
  id blob primary key check (length(id) = 16),
  visit blob not null references visit (id) on delete restrict,
  service text not null,
  minutes integer check (minutes between 1 and 600),
  language text,
  by blob not null references user (id) on delete restrict,
  created text not null,
  undone text
) strict, without rowid;
-- Serves: what was given at one visit.
create index service_given_visit on service_given (visit) where undone is null;
