-- How many times a record was changed: whoever saves a form that was made before the last change
-- is told of it, and writes over nobody's words.
alter table person add column version integer not null default 1;
alter table partner add column version integer not null default 1;
alter table centre add column version integer not null default 1;
