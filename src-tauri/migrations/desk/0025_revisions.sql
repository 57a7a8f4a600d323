-- What a record was before each change, in the order of the changes: two of them can fall into one
-- millisecond, and the clock can be set back.
create table person_revision (
  seq integer primary key,
  person blob not null references person (id) on delete restrict,
  at text not null,
  by blob not null references user (id) on delete restrict,
  before text not null check (json_valid(before))
) strict;
insert into person_revision (person, at, by, before)
  select person, at, by, before from person_before order by at;
drop table person_before;
alter table person_revision rename to person_before;
-- Serves: the changes of one person.
create index person_before_person on person_before (person);

-- What was told of a visit before and after each correction. A reason added at the desk by its key
-- is none, so that neither state can be taken from the row beside it.
create table visit_correction (
  seq integer primary key,
  visit blob not null references visit (id) on delete restrict,
  at text not null,
  by blob not null references user (id) on delete restrict,
  before text not null check (json_valid(before)),
  after text not null check (json_valid(after))
) strict;
-- Serves: the corrections of one visit.
create index visit_correction_visit on visit_correction (visit);
