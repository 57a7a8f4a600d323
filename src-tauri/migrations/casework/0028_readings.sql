-- What was read: the whole case, or one of its requests for help, by somebody who may decide it.
alter table casework.case_reading add column kind text not null default 'case' check (kind in ('case', 'help'));
