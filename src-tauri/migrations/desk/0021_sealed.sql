-- Who opens what is sealed: the last row counts. The secret half lies in the slots of the two.
create table sealed_pair (
  seq integer primary key,
  public blob not null unique check (length(public) = 32),
  first blob not null references user (id) on delete restrict,
  second blob references user (id) on delete restrict,
  made text not null,
  check (first <> second)
) strict;
create trigger sealed_pair_stands before update on sealed_pair begin select raise(abort, 'sealed'); end;
create trigger sealed_pair_stays before delete on sealed_pair begin select raise(abort, 'sealed'); end;

-- The open half of each who may read casework, so that what they are to read can be boxed for them.
create table reader_key (
  user blob primary key references user (id) on delete restrict,
  public blob not null check (length(public) = 32)
) strict, without rowid;
