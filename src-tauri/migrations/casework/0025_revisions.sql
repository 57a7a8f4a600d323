-- What was written in a case before each change, in the order of the changes: two of them can fall
-- into one millisecond, and the clock can be set back.
create table casework.case_revision (
  seq integer primary key,
  case_file blob not null references case_file (id) on delete restrict,
  at text not null,
  by blob not null check (length(by) = 16),
  before text not null check (json_valid(before))
) strict;
insert into casework.case_revision (case_file, at, by, before)
  select case_file, at, by, before from casework.case_before order by at;
drop table casework.case_before;
alter table casework.case_revision rename to case_before;
-- Serves: the changes of one case.
create index casework.case_before_case on case_before (case_file);
