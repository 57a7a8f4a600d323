-- The open half that goes with the casework key: to it, whoever changes their passphrase at the
-- desk shows that they had the former one.
create table slot_witness (
  only integer primary key check (only = 1),
  public blob not null check (length(public) = 32)
) strict;
-- New slots of the desk, until somebody with the casework key knows them.
create table slot_heir (
  seq integer primary key,
  user blob not null references user (id) on delete restrict,
  former blob not null check (length(former) = 32),
  public blob not null check (length(public) = 32),
  proof blob not null check (length(proof) = 32)
) strict;

-- Words of names that an earlier program left behind when a name was changed: each is a name
-- itself, and nobody has it any more.
delete from name_key where word not in (select word from person_word);
delete from name_word where id not in (select word from person_word);
