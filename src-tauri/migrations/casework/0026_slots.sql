-- The open half of each slot of keys.mrc that the centre made: keys are sent to these alone.
-- Whoever has the desk key can write the key file, and not this.
create table casework.known_slot (
  -- As in the key file: a passphrase, the recovery sheet, the sheet of what is sealed.
  kind integer not null check (kind in (1, 2, 4)),
  -- All zeros for a sheet.
  user blob not null check (length(user) = 16),
  public blob not null check (length(public) = 32),
  primary key (kind, user)
) strict, without rowid;

-- Words of names that an earlier program left behind when a name was changed: each is a name
-- itself, and nobody has it any more.
delete from casework.party_key where word not in (select word from casework.party_having);
delete from casework.party_word where id not in (select word from casework.party_having);
