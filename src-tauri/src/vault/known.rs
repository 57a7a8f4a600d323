//! Which slots of the key file the centre made. Whoever has the desk key can write the file, with
//! a slot of their own under anybody's name: so the open half of each slot lies in casework.db too,
//! whose key they do not have, and nothing is sent to a half that is not known there.
//!
//! At the desk somebody changes their passphrase without that key. They show that they had the
//! former slot: its secret half and the witness of the casework key give the same secret to both
//! sides, and a hash under it vouches for the new half (docs/decisions/keys.md).

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, named_params};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::door::WriteTx;
use super::journal::{self, Event};
use super::keyfile::{Kek, KeyFile, Slot, voucher};
use super::secret::Keys;
use super::unlock::enabled;
use super::{Open, Refusal};
use crate::kit::id::{CentreId, UserId};

/// The open half of each slot, by its kind and whose it is.
type Halves = HashMap<(u8, UserId), [u8; 32]>;

pub(super) struct Known {
    halves: Halves,
    /// Whether the databases do not have all of it yet.
    fresh: bool,
    witness: [u8; 32],
}

impl Known {
    /// What casework.db knows, and what was vouched for since. Where it knows nothing yet, as in a
    /// centre that an earlier program wrote, what lies there now is taken as it is. `None` where
    /// casework.db is not open.
    pub(super) fn of(
        connection: &Connection,
        keys: &Keys,
        file: &KeyFile,
    ) -> Result<Option<Self>, Refusal> {
        let Some(secret) = keys.casework().map(witness) else {
            return Ok(None);
        };
        let public = PublicKey::from(&secret).to_bytes();
        let mut statement =
            connection.prepare("select kind, user, public from casework.known_slot")?;
        let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
        let halves: Halves = rows.collect::<rusqlite::Result<_>>()?;
        if halves.is_empty() {
            return Ok(Some(Self::all(file, keys)));
        }
        let mut known = Self {
            halves,
            fresh: witness_of(connection)? != Some(public),
            witness: public,
        };
        for heir in heirs(connection)? {
            known.fresh = true;
            let shared = secret.diffie_hellman(&PublicKey::from(heir.former));
            let fits = voucher(
                file.centre,
                &shared,
                &heir.former,
                &public,
                heir.user,
                &heir.public,
            );
            // `Hash` compares in constant time.
            let vouched = fits.is_some_and(|fits| blake3::Hash::from(fits) == heir.proof);
            if let Some(half) = known.halves.get_mut(&(PASSPHRASE, heir.user))
                && *half == heir.former
                && vouched
            {
                *half = heir.public;
            }
        }
        Ok(Some(known))
    }

    /// As [`Known::of`], of a centre in which somebody is.
    pub(super) fn in_open(open: &Open, file: &KeyFile) -> Result<Self, Refusal> {
        Self::of(&open.connection, &open.keys, file)?.ok_or(Refusal::Role)
    }

    /// All that a file has which was written here and now.
    pub(super) fn all(file: &KeyFile, keys: &Keys) -> Self {
        let halves = file.slots.iter().map(|slot| {
            let (kind, user, public) = slot.half();
            ((kind, user), public)
        });
        Self {
            halves: halves.collect(),
            fresh: true,
            witness: keys
                .casework()
                .map_or([0; 32], |key| PublicKey::from(&witness(key)).to_bytes()),
        }
    }

    pub(super) fn has(&self, slot: &Slot) -> bool {
        let (kind, user, public) = slot.half();
        self.halves.get(&(kind, user)) == Some(&public)
    }

    /// Whether somebody's passphrase is the one that was set here.
    pub(super) fn has_that_of(&self, file: &KeyFile, user: UserId) -> bool {
        file.slot_for(user).is_some_and(|slot| self.has(slot))
    }

    /// That nothing goes to a slot that was put in the place of one of these.
    pub(super) fn vouches_for(&self, file: &KeyFile, users: &[UserId]) -> Result<(), Refusal> {
        let all = users.iter().all(|user| self.has_that_of(file, *user));
        all.then_some(()).ok_or(Refusal::StrangeSlot)
    }

    /// Takes a slot in place of the one of its kind and holder.
    pub(super) fn take(&mut self, slot: &Slot) {
        let (kind, user, public) = slot.half();
        self.halves.insert((kind, user), public);
        self.fresh = true;
    }

    /// Whether there is something to write.
    pub(super) fn is_fresh(&self) -> bool {
        self.fresh
    }

    pub(super) fn write(&self, tx: &WriteTx<'_>) -> Result<(), Refusal> {
        // Past the rule of the desk's door: each transaction of a session that holds both keys
        // reaches both files, and the journal tells who changed a slot.
        let connection = tx.connection;
        connection.execute("delete from casework.known_slot", [])?;
        for ((kind, user), public) in &self.halves {
            connection.execute(
                "insert into casework.known_slot (kind, user, public)
                 values (:kind, :user, :public)",
                named_params! { ":kind": kind, ":user": user, ":public": public },
            )?;
        }
        connection.execute("delete from slot_heir", [])?;
        connection.execute(
            "insert or replace into slot_witness (only, public) values (1, :public)",
            named_params! { ":public": self.witness },
        )?;
        Ok(())
    }

    /// What tells of slots that the centre did not make, where it was not told yet: of its users,
    /// and of the sheets.
    pub(super) fn strange(
        &self,
        connection: &Connection,
        file: &KeyFile,
    ) -> Result<Vec<Event>, Refusal> {
        let mut strange = Vec::new();
        for slot in file.slots.iter().filter(|slot| !self.has(slot)) {
            let user = slot.owner();
            let works_here = match user {
                Some(user) => enabled(connection, user)?.is_some(),
                None => true,
            };
            if works_here {
                strange.push(user);
            }
        }
        if strange.is_empty() {
            return Ok(Vec::new());
        }
        let sql = "select name, ids from journal where name in
            ('strange-slot', 'user-added', 'user-renewed', 'sheet-renewed', 'recovered',
             'sealed-sheet-made') order by seq";
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut told = HashSet::new();
        while let Some(row) = rows.next()? {
            let (name, ids): (String, String) = (row.get(0)?, row.get(1)?);
            match journal::read(&name, &ids) {
                Some(Event::StrangeSlot { user }) => {
                    told.insert(user);
                }
                Some(Event::UserAdded { user, .. } | Event::UserRenewed { user, .. }) => {
                    told.remove(&Some(user));
                }
                Some(_) => {
                    told.remove(&None);
                }
                None => {}
            }
        }
        strange.retain(|user| told.insert(*user));
        let events = strange.into_iter().map(|user| Event::StrangeSlot { user });
        Ok(events.collect())
    }
}

/// As in the key file.
const PASSPHRASE: u8 = 1;

/// Another slot for one of the desk, with what tells that the holder of the former one made it.
pub(super) struct Heir {
    user: UserId,
    former: [u8; 32],
    public: [u8; 32],
    proof: blake3::Hash,
}

impl Heir {
    /// `None` where the casework key has no witness yet: then it knows no slots either.
    pub(super) fn new(
        connection: &Connection,
        centre: CentreId,
        (former, kek): (&Slot, &Kek),
        heir: &Slot,
    ) -> Result<Option<Self>, Refusal> {
        let witness = witness_of(connection)?;
        let proof = witness.and_then(|witness| former.vouch(centre, kek, &witness, heir));
        let (_, user, public) = heir.half();
        let (.., former) = former.half();
        Ok(proof.map(|proof| Self {
            user,
            former,
            public,
            proof: proof.into(),
        }))
    }

    pub(super) fn write(&self, tx: &WriteTx<'_>) -> Result<(), Refusal> {
        tx.execute(
            "insert into slot_heir (user, former, public, proof)
             values (:user, :former, :public, :proof)",
            named_params! {
                ":user": self.user, ":former": self.former, ":public": self.public,
                ":proof": self.proof.as_bytes(),
            },
        )?;
        Ok(())
    }
}

fn heirs(connection: &Connection) -> rusqlite::Result<Vec<Heir>> {
    let mut statement =
        connection.prepare("select user, former, public, proof from slot_heir order by seq")?;
    let rows = statement.query_map([], |row| {
        Ok(Heir {
            user: row.get(0)?,
            former: row.get(1)?,
            public: row.get(2)?,
            proof: row.get::<_, [u8; 32]>(3)?.into(),
        })
    })?;
    rows.collect()
}

fn witness_of(connection: &Connection) -> rusqlite::Result<Option<[u8; 32]>> {
    let sql = "select public from slot_witness";
    let found = connection.query_row(sql, [], |row| row.get(0));
    found.optional()
}

fn witness(casework: &[u8; 32]) -> StaticSecret {
    StaticSecret::from(*Zeroizing::new(blake3::derive_key(
        "mrc slot witness v1",
        casework,
    )))
}
