-- That somebody has an appointment, when and where; never with whom about what.
create table appointment (
  id blob primary key check (length(id) = 16),
  person blob not null references person (id) on delete restrict,
  day text not null,
  hour text not null,
  room text,
  created text not null,
  by blob not null references user (id) on delete restrict,
  undone text
) strict, without rowid;
-- Serves: the appointments of a day.
create index appointment_day on appointment (day, hour) where undone is null;
-- Serves: the appointments of one person.
create index appointment_person on appointment (person, day) where undone is null;
