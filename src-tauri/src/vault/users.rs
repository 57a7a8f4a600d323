//! Who may come in: added, renewed, shut out.

use std::path::Path;
use std::sync::MutexGuard;

use rusqlite::{Connection, named_params};

use super::door::allowed;
use super::doors::Doors;
use super::journal::{Event, Roles};
use super::keyfile::{Cost, Holder, Kek, KeyFile, Slot};
use super::known::{Heir, Known};
use super::rotate::{count_change, counted};
use super::sealed::put_pair;
use super::secret::{Passphrase, Ring};
use super::unlock::enabled;
use super::{Actor, Db, KeyFileAt, Open, Refusal, Vault, WriteTx, place, words};
use crate::kit::id::{CentreId, UserId};
use crate::kit::lang::Lang;
use crate::kit::names::{folded, looks_like};

impl Vault {
    /// A new user with a passphrase of their own. The one who adds must hold what the new one gets.
    pub fn add_user(
        &self,
        actor: Actor,
        name: &str,
        roles: Roles,
        language: Lang,
        passphrase: &Passphrase,
        cost: Cost,
    ) -> Result<UserId, Refusal> {
        let user = UserId::new(&self.world);
        let added = Event::UserAdded {
            user,
            roles: roles.bits(),
        };
        let stamp = self.world.stamp();
        self.put_slot(actor, user, name, roles, passphrase, cost, None, |tx| {
            insert_user(tx, Actor { user, roles }, name, language, &stamp)?;
            Ok(added)
        })?;
        Ok(user)
    }

    /// Other roles for a user, who keeps their passphrase. The key to casework goes only to a slot
    /// that `present`, their own passphrase, opens: whoever has the desk key can write a slot with
    /// anybody's name. From whom that key is taken, all keys are renewed.
    pub fn change_roles(
        &self,
        actor: Actor,
        user: UserId,
        roles: Roles,
        present: &Passphrase,
    ) -> Result<(), Refusal> {
        let mut tries = self.one_at_a_time();
        let state = self.lock_state();
        // Only now: nobody else writes the file any more.
        let open = state.as_ref().ok_or(Refusal::Locked)?;
        let (mut file, before, folder) = open.key_file()?;
        let mut place = file.place_of(user).ok_or(Refusal::Missing)?;
        let mut made = Made::Nothing;
        if roles.open_casework() && !file.opens_casework(user) {
            let (opened, _) = self.try_passphrase(&mut tries, &file, &folder, || {
                Ok(file.open_slot(user, present))
            })?;
            place = opened.1;
            made = Made::of(open, &file, user, None)?;
        }
        let lowered = lowered(&file, &open.connection, user, roles)?;
        file.change_roles(&self.world, &open.keys, place, roles)
            .ok_or(Refusal::Role)?;
        let at = (file, before, folder);
        self.save_slots(state, actor, at, lowered, &made, |tx| {
            put_roles(tx, user, roles)?;
            let roles = roles.bits();
            Ok(Event::RolesChanged { user, roles })
        })
    }

    /// Roles and a new passphrase for a user: the slot that has them replaces the old one. Whoever
    /// forgot a passphrase gets a new one in this way, and whoever was shut out comes in again.
    pub fn renew_user(
        &self,
        actor: Actor,
        user: UserId,
        roles: Roles,
        passphrase: &Passphrase,
        cost: Cost,
    ) -> Result<(), Refusal> {
        let name = self.read(|db| user_name(db, user))?;
        self.put_slot(actor, user, &name, roles, passphrase, cost, None, |tx| {
            put_roles(tx, user, roles)?;
            let roles = roles.bits();
            Ok(Event::UserRenewed { user, roles })
        })
    }

    /// A new passphrase for oneself; the old one is asked.
    pub fn change_passphrase(
        &self,
        actor: Actor,
        old: &Passphrase,
        new: &Passphrase,
        cost: Cost,
    ) -> Result<(), Refusal> {
        let user = actor.user;
        let former = Some(self.proves(user, old)?);
        let name = self.read(|db| user_name(db, user))?;
        self.put_slot(actor, user, &name, actor.roles, new, cost, former, |_| {
            Ok(Event::PassphraseChanged { user })
        })
    }

    /// Whether this is that user's passphrase. Wrong ones count as they do at the lock screen: a
    /// window left open must not be a place to try them.
    pub(super) fn proves(&self, user: UserId, passphrase: &Passphrase) -> Result<Proven, Refusal> {
        let mut tries = self.one_at_a_time();
        let (mut file, _, folder) = self.key_file()?;
        let (opened, _) = self.try_passphrase(&mut tries, &file, &folder, || {
            Ok(file.open_slot(user, passphrase))
        })?;
        let (_, place, kek) = opened;
        Ok(Proven {
            ring: file.ring(place, &kek),
            slot: file.slots.swap_remove(place),
            kek,
        })
    }

    /// Takes a user's slot away and renews the keys that they held: with their passphrase nothing
    /// opens here any more, not even with a copy of the former key file or what a restore had left.
    /// Backups made before still open with it, and so does a centre that was put aside.
    pub fn disable_user(&self, actor: Actor, user: UserId) -> Result<(), Refusal> {
        let mut state = self.lock_state();
        // Only now: nobody else writes the file any more.
        let open = state.as_ref().ok_or(Refusal::Locked)?;
        let (mut file, ..) = open.key_file()?;
        let stamp = self.world.stamp();
        file.slots.retain(|slot| slot.user != user);
        let left = self.leave_pair(open, &mut file, user)?;
        self.renew_keys(&mut state, actor, file, |tx| {
            if let Some((pair, _)) = &left {
                put_pair(tx, pair, &stamp)?;
            }
            let changed = tx.execute(
                "update user set disabled = :now where id = :id and disabled is null",
                named_params! { ":now": stamp, ":id": user },
            )?;
            if changed == 0 {
                return Err(Refusal::Missing);
            }
            managed(tx)?;
            Ok(Event::UserDisabled { user })
        })?;
        drop(state);
        self.after_leaving(actor, left)
    }

    #[expect(clippy::too_many_arguments, reason = "what a slot is made of")]
    fn put_slot(
        &self,
        actor: Actor,
        user: UserId,
        name: &str,
        roles: Roles,
        passphrase: &Passphrase,
        cost: Cost,
        former: Option<Proven>,
        change: impl FnOnce(&WriteTx<'_>) -> Result<Event, Refusal>,
    ) -> Result<(), Refusal> {
        let casework = roles.open_casework();
        words::strong_enough(passphrase, casework, &[name])?;
        let state = self.lock_state();
        let open = state.as_ref().ok_or(Refusal::Locked)?;
        let (mut file, before, folder) = open.key_file()?;
        let lowered = lowered(&file, &open.connection, user, roles)?;
        file.slots.retain(|slot| slot.user != user);
        let holder = Holder::new(user, roles);
        file.add_passphrase(&self.world, &open.keys, &holder, passphrase, cost)
            .ok_or(Refusal::Role)?;
        // Whoever gets a new passphrase from somebody else starts with an empty ring: a manager
        // must not come to what is sealed in this way.
        let own = (user == actor.user).then_some(&open.ring);
        if let Some(ring) = former.as_ref().map(|former| &former.ring).or(own) {
            file.hand(&self.world, user, ring).ok_or(Refusal::Role)?;
        }
        let made = Made::of(open, &file, user, former.as_ref())?;
        let at = (file, before, folder);
        self.save_slots(state, actor, at, lowered, &made, change)
    }

    /// Writes the key file in which a slot was changed, and what desk.db says of its user, or
    /// neither. Where the key to casework is taken from somebody, all keys are renewed.
    fn save_slots(
        &self,
        mut state: MutexGuard<'_, Option<Open>>,
        actor: Actor,
        (mut file, before, folder): KeyFileAt,
        lowered: Option<UserId>,
        made: &Made,
        change: impl FnOnce(&WriteTx<'_>) -> Result<Event, Refusal>,
    ) -> Result<(), Refusal> {
        let open = state.as_mut().ok_or(Refusal::Locked)?;
        if let Some(user) = lowered {
            let left = self.leave_pair(open, &mut file, user)?;
            let stamp = self.world.stamp();
            self.renew_keys(&mut state, actor, file, |tx| {
                if let Some((pair, _)) = &left {
                    put_pair(tx, pair, &stamp)?;
                }
                change(tx)
            })?;
            drop(state);
            return self.after_leaving(actor, left);
        }
        file.changes += 1;
        let bytes = file.write(&open.keys);
        let mut replaced = false;
        let saved = self.commit(open, actor, None, |tx| {
            let event = change(tx)?;
            allowed(actor, &event)?;
            count_change(tx, file.changes)?;
            made.write(tx)?;
            // Before the commit: a slot without its user opens nothing, but a user without a slot
            // could never come in.
            replaced = true;
            place::replace(&folder.join("keys.mrc"), &bytes)?;
            Ok::<_, Refusal>(((), event))
        });
        if let Err(why) = saved {
            return Err(match replaced {
                true => put_back(open, &folder, &before, file.changes, why),
                false => why,
            });
        }
        // What was saved is not told as lost: whoever is not noted at the door comes in all the same.
        let _ = redo_doors(open, &folder, file.centre);
        Ok(())
    }
}

/// Whose passphrase it is: the slot that it opens, with the key of that slot, and its ring.
pub(super) struct Proven {
    slot: Slot,
    kek: Kek,
    ring: Ring,
}

/// What the databases are to know of a slot that was made.
enum Made {
    Nothing,
    /// By somebody with the key to casework.
    Known(Known),
    /// At the desk, for oneself.
    Heir(Heir),
}

impl Made {
    fn of(
        open: &Open,
        file: &KeyFile,
        user: UserId,
        former: Option<&Proven>,
    ) -> Result<Self, Refusal> {
        let slot = file.slot_for(user).ok_or(Refusal::Missing)?;
        if let Some(mut known) = Known::of(&open.connection, &open.keys, file)? {
            known.take(slot);
            return Ok(Self::Known(known));
        }
        let Some(former) = former else {
            return Ok(Self::Nothing);
        };
        let former = (&former.slot, &former.kek);
        let heir = Heir::new(&open.connection, file.centre, former, slot)?;
        Ok(heir.map_or(Self::Nothing, Self::Heir))
    }

    fn write(&self, tx: &WriteTx<'_>) -> Result<(), Refusal> {
        match self {
            Self::Nothing => Ok(()),
            Self::Known(known) => known.write(tx),
            Self::Heir(heir) => heir.write(tx),
        }
    }
}

/// Whom the key to casework is taken from: whoever has it by the key file, or should have it by
/// their roles, for they may have written the file anew before.
fn lowered(
    file: &KeyFile,
    connection: &Connection,
    user: UserId,
    roles: Roles,
) -> Result<Option<UserId>, Refusal> {
    let known = enabled(connection, user)?;
    let had = file.opens_casework(user) || known.is_some_and(|known| known.roles.open_casework());
    Ok((had && !roles.open_casework()).then_some(user))
}

/// What is told as not saved must not open: the key file of before is put back. Where the disk
/// does not let it, it cannot be told which of the two holds.
fn put_back(open: &Open, folder: &Path, before: &[u8], changes: u64, why: Refusal) -> Refusal {
    match counted(&open.connection) {
        Ok(known) if known >= changes => why,
        Ok(_) => match place::replace(&folder.join("keys.mrc"), before) {
            Ok(()) => why,
            Err(_) => Refusal::Undecided,
        },
        Err(_) => Refusal::Undecided,
    }
}

fn redo_doors(open: &Open, folder: &Path, centre: CentreId) -> Result<(), Refusal> {
    let language = Doors::read(folder)?.language();
    Ok(Doors::of(centre, language, &open.connection)?.write(folder)?)
}

pub(super) fn same_name(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

/// What somebody may do from now on. The short number of before lies where their roles of before
/// could read it: it goes.
fn put_roles(tx: &WriteTx<'_>, user: UserId, roles: Roles) -> Result<(), Refusal> {
    tx.execute(
        "update user set roles = :roles, disabled = null where id = :id",
        named_params! { ":roles": roles.bits(), ":id": user },
    )?;
    tx.execute(
        "delete from pin where user = :id",
        named_params! { ":id": user },
    )?;
    managed(tx)
}

pub(super) fn user_name(db: &Db<'_>, user: UserId) -> Result<String, Refusal> {
    named(db, user)?.ok_or(Refusal::Missing)
}

/// What a user is called; empty where nobody is known by this id.
pub fn user_called(db: &Db<'_>, user: UserId) -> Result<String, Refusal> {
    Ok(named(db, user)?.unwrap_or_default())
}

fn named(db: &Db<'_>, user: UserId) -> Result<Option<String>, Refusal> {
    db.one(
        "select name from user where id = :id",
        named_params! { ":id": user },
        |row| row.get(0),
    )
}

/// Somebody must be left who can manage the centre.
pub(super) fn managed(db: &Db<'_>) -> Result<(), Refusal> {
    let manager = Roles::MANAGER.bits();
    db.one(
        "select 1 from user where disabled is null and roles & :manager <> 0",
        named_params! { ":manager": manager },
        |_| Ok(()),
    )?
    .ok_or(Refusal::LastManager)
}

pub(super) fn insert_user(
    tx: &WriteTx<'_>,
    who: Actor,
    name: &str,
    language: Lang,
    created: &str,
) -> Result<usize, Refusal> {
    let known = tx.all("select name, disabled is not null from user", [], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?))
    })?;
    // A second user of that look would be told in the journal and on papers as the first.
    let mut same = known.iter().filter(|(known, _)| looks_like(known, name));
    match same.next() {
        Some((_, false)) => return Err(Refusal::NameTaken),
        Some((_, true)) => return Err(Refusal::NameShutOut),
        None => {}
    }
    tx.execute(
        "insert into user (id, name, roles, language, created)
         values (:id, :name, :roles, :language, :created)",
        named_params! { ":id": who.user, ":name": name, ":roles": who.roles.bits(), ":language": language, ":created": created },
    )
}
