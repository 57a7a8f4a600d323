-- How many times a slot of keys.mrc was changed: an earlier file put back has counted fewer.
create table key_file (
  only integer primary key check (only = 1),
  changes integer not null check (changes >= 0)
) strict;
insert into key_file (only, changes) values (1, 0);

-- A PIN has few digits: whoever reads its mark finds it. The marks of those who hold the key to
-- casework lie in that file from now on, and are set anew.
delete from pin where user in (select id from user where roles & 6 <> 0);

-- Where casework's journal stood when somebody with its key last locked, so that an earlier
-- casework.db put back is noticed.
create table casework_seen (
  only integer primary key check (only = 1),
  hash blob not null check (length(hash) = 32)
) strict;
