-- As the desk's table, for those who hold the key to this file.
create table casework.hide_pin (
  user blob primary key check (length(user) = 16),
  salt blob not null check (length(salt) = 32),
  mark blob not null check (length(mark) = 32)
) strict, without rowid;
