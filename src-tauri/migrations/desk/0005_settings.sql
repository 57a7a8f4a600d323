-- What set-up asks about the centre and the manager may change later.
alter table centre add column place text;
alter table centre add column currency text not null default 'USD';
alter table centre add column week_start text not null default 'monday'
  check (week_start in ('monday', 'saturday', 'sunday'));
alter table centre add column weekend text not null default 'saturday-sunday'
  check (weekend in ('saturday-sunday', 'friday-saturday', 'sunday', 'friday'));
alter table centre add column calendar text not null default 'gregorian'
  check (calendar in ('gregorian', 'ethiopian'));
-- ISO 639-3 codes, by spaces: the languages of the centre's visitors, offered first.
alter table centre add column languages text not null default 'ara eng fra';
alter table centre add column keep_cases integer not null default 7 check (keep_cases between 1 and 50);
alter table centre add column keep_visits integer not null default 3 check (keep_visits between 1 and 50);
alter table centre add column keep_leads integer not null default 1 check (keep_leads between 1 and 50);
alter table centre add column idle_minutes integer not null default 5 check (idle_minutes between 1 and 30);
-- A practice centre holds invented people; nothing in it is real.
alter table centre add column practice integer not null default 0 check (practice in (0, 1));
