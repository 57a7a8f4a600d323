//! Who may come in: added, renewed, shut out.

use std::path::Path;

use rusqlite::named_params;

use super::attempts::Attempts;
use super::door::allowed;
use super::doors::Doors;
use super::journal::{Event, Roles};
use super::keyfile::{Cost, Holder, Slot};
use super::rotate::{count_change, counted};
use super::sealed::put_pair;
use super::secret::{Passphrase, Ring};
use super::{Actor, Db, Open, Refusal, Vault, WriteTx, place, words};
use crate::kit::id::UserId;
use crate::kit::lang::Lang;

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

    /// Other roles and a new passphrase for a user: the slot that has them replaces the old one.
    /// Whoever forgot a passphrase gets a new one in this way.
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
            tx.execute(
                "update user set roles = :roles, disabled = null where id = :id",
                named_params! { ":roles": roles.bits(), ":id": user },
            )?;
            tx.execute(
                "delete from pin where user = :id",
                named_params! { ":id": user },
            )?;
            managed(tx)?;
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
        self.proves(actor.user, old)?;
        let (file, ..) = self.key_file()?;
        let opened = file.open_slot(actor.user, old);
        let ring = opened.map(|(_, slot, kek)| file.ring(slot, &kek));
        let name = self.read(|db| user_name(db, actor.user))?;
        let user = actor.user;
        self.put_slot(actor, user, &name, actor.roles, new, cost, ring, |_| {
            Ok(Event::PassphraseChanged { user })
        })
    }

    /// Whether this is that user's passphrase. Wrong ones count as they do at the lock screen: a
    /// window left open must not be a place to try them.
    pub(super) fn proves(&self, user: UserId, passphrase: &Passphrase) -> Result<(), Refusal> {
        let _one = self.one_at_a_time();
        let (file, _, folder) = self.key_file()?;
        let now = self.world.utc().timestamp();
        let attempts = Attempts::read(&folder);
        match attempts.wait(now) {
            0 => {}
            seconds => return Err(Refusal::Wait(seconds)),
        }
        if file.open(user, passphrase).is_none() {
            attempts.failed_again(&folder, now)?;
            return Err(Refusal::Passphrase);
        }
        Ok(())
    }

    /// Takes a user's slot away and renews the keys that they held: with their passphrase nothing
    /// opens here any more, not even with a copy of the former key file or what a restore had left.
    /// Backups made before still open with it, and so does a centre that was put aside.
    pub fn disable_user(&self, actor: Actor, user: UserId) -> Result<(), Refusal> {
        let mut state = self.lock_state();
        // Only now: nobody else writes the file any more.
        let (mut file, ..) = self.key_file()?;
        let stamp = self.world.stamp();
        file.slots.retain(|slot| slot.user != user);
        let open = state.as_ref().ok_or(Refusal::Locked)?;
        let left = self.leave_pair(&Db::desk(&open.connection), &mut file, user)?;
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
        ring: Option<Ring>,
        change: impl FnOnce(&WriteTx<'_>) -> Result<Event, Refusal>,
    ) -> Result<(), Refusal> {
        let casework = roles.meet(Roles::CASEWORKER.and(Roles::MANAGER));
        words::strong_enough(passphrase, casework, &[name])?;
        let mut state = self.lock_state();
        let (mut file, before, folder) = self.key_file()?;
        let open = state.as_mut().ok_or(Refusal::Locked)?;
        let held = |slot: &Slot| slot.user == user && slot.opens_casework();
        let lowered = !casework && file.slots.iter().any(held);
        file.slots.retain(|slot| slot.user != user);
        let holder = Holder {
            user,
            roles: roles.bits(),
            casework,
        };
        file.add_passphrase(&self.world, &open.keys, &holder, passphrase, cost)
            .ok_or(Refusal::Role)?;
        // Whoever gets a new passphrase from somebody else starts with an empty ring: a manager
        // must not come to what is sealed in this way.
        let ring = ring.as_ref().or((user == actor.user).then_some(&open.ring));
        if let Some(ring) = ring {
            file.hand(&self.world, user, ring).ok_or(Refusal::Role)?;
        }
        if lowered {
            let left = self.leave_pair(&Db::desk(&open.connection), &mut file, user)?;
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
        let language = Doors::read(&folder)?.language();
        let mut replaced = false;
        let saved = self.commit(open, actor, None, |tx| {
            let event = change(tx)?;
            allowed(actor, &event)?;
            count_change(tx, file.changes)?;
            // Before the commit: a slot without its user opens nothing, but a user without a slot
            // could never come in. The door knows a name that opens nothing, for the same reason.
            replaced = true;
            place::replace(&folder.join("keys.mrc"), &bytes)?;
            Doors::write(&folder, file.centre, language.tag(), tx.connection)?;
            Ok::<_, Refusal>(((), event))
        });
        match saved {
            Err(why) if replaced => Err(put_back(open, &folder, &before, file.changes, why)),
            saved => saved,
        }
    }
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

pub(super) fn user_name(db: &Db<'_>, user: UserId) -> Result<String, Refusal> {
    db.one(
        "select name from user where id = :id",
        named_params! { ":id": user },
        |row| row.get(0),
    )?
    .ok_or(Refusal::Missing)
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
    let taken = tx.one(
        "select 1 from user where lower(name) = lower(:name)",
        named_params! { ":name": name },
        |_| Ok(()),
    )?;
    if taken.is_some() {
        return Err(Refusal::NameTaken);
    }
    tx.execute(
        "insert into user (id, name, roles, language, created)
         values (:id, :name, :roles, :language, :created)",
        named_params! { ":id": who.user, ":name": name, ":roles": who.roles.bits(), ":language": language, ":created": created },
    )
}
