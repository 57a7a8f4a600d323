//! Keeps what the centre writes: keys, unlocking, the one write door, the journal.
//!
//! A vault is empty, locked or open. Open, it holds one connection and the keys of whoever
//! unlocked it; a desk user's vault has no casework key and never attaches casework.db.

mod attempts;
mod database;
mod doors;
mod journal;
pub mod keyfile;
mod place;
mod raw;
pub mod secret;
pub mod words;

use std::fs;
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{
    Connection, ErrorCode, OptionalExtension, Params, Row, TransactionBehavior, named_params,
};

use attempts::Attempts;
pub use database::Unopened;
use doors::Doors;
pub use journal::{Broken, Event, Head, Roles};
use keyfile::{Cost, Damage, Holder, KeyFile};
use place::Place;
use secret::{Keys, Passphrase};
use words::{RecoveryWords, TooWeak};

use crate::kit::id::{CentreId, EventId, UserId, WriteId};
use crate::kit::lang::Lang;
use crate::kit::world::World;

/// What the vault refuses. The messages are locale keys.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("vault.refusal.locked")]
    Locked,
    /// There is no such record, or it may not even be known.
    #[error("vault.refusal.missing")]
    Missing,
    /// Nobody would be left to manage the centre.
    #[error("vault.refusal.last_manager")]
    LastManager,
    #[error("vault.refusal.name_taken")]
    NameTaken,
    #[error("vault.refusal.not_empty")]
    NotEmpty,
    #[error("vault.refusal.role")]
    Role,
    #[error("vault.refusal.passphrase_wrong")]
    Passphrase,
    /// Too many wrong passphrases; the next try is let through after so many seconds.
    #[error("vault.refusal.wait")]
    Wait(i64),
    #[error("vault.refusal.in_use")]
    InUse,
    #[error("vault.refusal.folder")]
    Folder(io::Error),
    #[error("vault.refusal.full")]
    Full,
    /// The commit failed and the event is not in the file: nothing was saved.
    #[error("vault.refusal.not_saved")]
    NotSaved,
    /// This form was already saved.
    #[error("vault.refusal.already_written")]
    AlreadyWritten,
    #[error(transparent)]
    Weak(#[from] TooWeak),
    #[error(transparent)]
    Keys(#[from] Damage),
    #[error(transparent)]
    Database(#[from] Unopened),
    #[error(transparent)]
    Journal(#[from] Broken),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            _ => Self::Database(Unopened::Sqlite(error)),
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::WouldBlock => Self::InUse,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Folder(error),
        }
    }
}

/// Who writes, as the session knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    pub user: UserId,
    pub roles: Roles,
}

/// What set-up has asked.
pub struct Founding<'f> {
    pub centre_name: &'f str,
    pub manager_name: &'f str,
    pub language: Lang,
    pub roles: Roles,
    pub passphrase: &'f Passphrase,
    pub recovery: &'f RecoveryWords,
    pub cost: Cost,
}

/// Who came in, and what they should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    pub actor: Actor,
    /// Wrong passphrases since somebody last came in.
    pub failed_before: u32,
}

/// So much of the journal is walked at each unlocking; the whole at each backup (safety.md 5).
const RECENT: i64 = 1_000;

pub struct Vault {
    place: Place,
    world: World,
    trying: Mutex<()>,
    open: Mutex<Option<Open>>,
}

struct Open {
    connection: Connection,
    keys: Keys,
    folder: PathBuf,
}

/// The key file, its bytes as they lie on disk, and the generation it was read from.
type KeyFileAt = (KeyFile, Vec<u8>, PathBuf);

impl Vault {
    /// Takes hold of a data folder; asks for no key.
    pub fn at(folder: &Path, world: World) -> Result<Self, Refusal> {
        Ok(Self {
            place: Place::hold(folder)?,
            world,
            trying: Mutex::new(()),
            open: Mutex::new(None),
        })
    }

    pub fn is_empty(&self) -> Result<bool, Refusal> {
        Ok(self.place.current()?.is_none())
    }

    pub fn is_open(&self) -> bool {
        self.lock_state().is_some()
    }

    /// Makes a new centre with one manager. A process killed on the way leaves an empty vault.
    pub fn found(&self, founding: &Founding<'_>) -> Result<Actor, Refusal> {
        if !self.is_empty()? {
            return Err(Refusal::NotEmpty);
        }
        let names = [founding.centre_name, founding.manager_name];
        words::strong_enough(founding.passphrase, true, &names)?;
        let centre = CentreId::new(&self.world);
        let actor = Actor {
            user: UserId::new(&self.world),
            roles: founding.roles,
        };
        let keys = Keys::random(&self.world);
        let mut file = KeyFile::new(centre);
        let holder = Holder {
            user: actor.user,
            roles: actor.roles.bits(),
            casework: true,
        };
        file.add_passphrase(
            &self.world,
            &keys,
            &holder,
            founding.passphrase,
            founding.cost,
        )
        .ok_or(Refusal::NotSaved)?;
        file.add_recovery(&self.world, &keys, founding.recovery)
            .ok_or(Refusal::NotSaved)?;

        let folder = self.place.begin(1)?;
        let mut open = Open {
            connection: database::create(&folder, &keys)?,
            keys,
            folder: folder.clone(),
        };
        self.commit(&mut open, actor, None, |tx| {
            tx.execute(
                "insert into centre (id, name) values (:id, :name)",
                named_params! { ":id": centre, ":name": founding.centre_name },
            )?;
            insert_user(
                tx,
                actor,
                founding.manager_name,
                founding.language,
                &self.world.stamp(),
            )?;
            Ok::<_, Refusal>(((), Event::CentreFounded { centre }))
        })?;
        place::replace(&folder.join("keys.mrc"), &file.write(&open.keys))?;
        Doors::write(&folder, centre, founding.language.tag(), &open.connection)?;
        drop(open);
        place::sync_folder(&folder)?;
        self.place.switch(1)?;
        Ok(actor)
    }

    /// Opens the databases with what `passphrase` unwraps for `user`.
    pub fn unlock(&self, user: UserId, passphrase: &Passphrase) -> Result<Actor, Refusal> {
        let entered = self.enter(self.key_file()?, user, passphrase)?;
        Ok(entered.actor)
    }

    fn enter(
        &self,
        (file, bytes, folder): KeyFileAt,
        user: UserId,
        passphrase: &Passphrase,
    ) -> Result<Entered, Refusal> {
        // One at a time: two windows must not try two passphrases for one wait.
        let _one = self.trying.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.world.utc().timestamp();
        let attempts = Attempts::read(&folder);
        match attempts.wait(now) {
            0 => {}
            seconds => return Err(Refusal::Wait(seconds)),
        }
        let Some(keys) = file.open(user, passphrase) else {
            attempts.failed_again(&folder, now)?;
            return Err(Refusal::Passphrase);
        };
        KeyFile::check(&bytes, &keys)?;
        let mut open = Open {
            connection: database::open(&folder, &keys)?,
            keys,
            folder,
        };
        journal::verify_last(&open.connection, &journal::key(open.keys.desk()), RECENT)?;
        let actor = enabled(&open.connection, user)?.ok_or(Refusal::Passphrase)?;
        self.commit(&mut open, actor, None, |_| {
            Ok::<_, Refusal>((
                (),
                Event::Unlocked {
                    user,
                    failed_before: attempts.failed,
                },
            ))
        })?;
        Attempts::forget(&open.folder)?;
        *self.lock_state() = Some(open);
        Ok(Entered {
            actor,
            failed_before: attempts.failed,
        })
    }

    /// The language of the lock screen; the default before set-up.
    pub fn language(&self) -> Lang {
        let folder = self.place.current().ok().flatten();
        folder
            .and_then(|folder| Doors::read(&folder).ok())
            .map_or(Lang::default(), |doors| doors.language())
    }

    /// As [`Vault::unlock`], for a user who types their name. An unknown name is refused like a
    /// wrong passphrase, after as long a time.
    pub fn unlock_named(&self, name: &str, passphrase: &Passphrase) -> Result<Entered, Refusal> {
        let found = self.key_file()?;
        let user = Doors::read(&found.2)?.user(found.0.centre, name);
        self.enter(found, user, passphrase)
    }

    /// Whether these words open this centre. Reads nothing else.
    pub fn recovery_opens(&self, words: &RecoveryWords) -> Result<bool, Refusal> {
        Ok(self.key_file()?.0.open_recovery(words).is_some())
    }

    /// Closes the databases and drops the keys; the journal says so where it still can.
    pub fn lock(&self, actor: Actor) {
        let mut state = self.lock_state();
        if let Some(mut open) = state.take() {
            // A full disk must not keep the centre unlocked.
            let _ = self.commit(&mut open, actor, None, |_| {
                Ok::<_, Refusal>(((), Event::Locked { user: actor.user }))
            });
        }
    }

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
        self.put_slot(actor, user, name, roles, passphrase, cost, |tx| {
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
        self.put_slot(actor, user, &name, roles, passphrase, cost, |tx| {
            tx.execute(
                "update user set roles = :roles, disabled = null where id = :id",
                named_params! { ":roles": roles.bits(), ":id": user },
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
        let (file, ..) = self.key_file()?;
        file.open(actor.user, old).ok_or(Refusal::Passphrase)?;
        let name = self.read(|db| user_name(db, actor.user))?;
        let user = actor.user;
        self.put_slot(actor, user, &name, actor.roles, new, cost, |_| {
            Ok(Event::PassphraseChanged { user })
        })
    }

    /// Takes a user's slot away: with their passphrase nothing opens here any more. Copies of the
    /// key file made before, on sticks, still open with it.
    pub fn disable_user(&self, actor: Actor, user: UserId) -> Result<(), Refusal> {
        let (mut file, _, folder) = self.key_file()?;
        let mut state = self.lock_state();
        let open = state.as_mut().ok_or(Refusal::Locked)?;
        file.slots.retain(|slot| slot.user != user);
        let bytes = file.write(&open.keys);
        let stamp = self.world.stamp();
        self.commit(open, actor, None, |tx| {
            let changed = tx.execute(
                "update user set disabled = :now where id = :id and disabled is null",
                named_params! { ":now": stamp, ":id": user },
            )?;
            if changed == 0 {
                return Err(Refusal::Missing);
            }
            managed(tx)?;
            Ok(((), Event::UserDisabled { user }))
        })?;
        // After the commit: a slot without its user opens nothing, a user without a slot could
        // not come in though nobody had disabled them.
        place::replace(&folder.join("keys.mrc"), &bytes)?;
        self.redo_doors(open, &folder, file.centre)
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
        change: impl FnOnce(&WriteTx<'_>) -> Result<Event, Refusal>,
    ) -> Result<(), Refusal> {
        let casework = roles.meet(Roles::CASEWORKER.and(Roles::MANAGER));
        words::strong_enough(passphrase, casework, &[name])?;
        let (mut file, _, folder) = self.key_file()?;
        let mut state = self.lock_state();
        let open = state.as_mut().ok_or(Refusal::Locked)?;
        file.slots.retain(|slot| slot.user != user);
        let holder = Holder {
            user,
            roles: roles.bits(),
            casework,
        };
        file.add_passphrase(&self.world, &open.keys, &holder, passphrase, cost)
            .ok_or(Refusal::Role)?;
        let bytes = file.write(&open.keys);
        self.commit(open, actor, None, |tx| {
            let event = change(tx)?;
            allowed(actor, &event)?;
            // Before the commit: a slot without its user opens nothing, but a user without a slot
            // could never come in.
            place::replace(&folder.join("keys.mrc"), &bytes)?;
            Ok::<_, Refusal>(((), event))
        })?;
        self.redo_doors(open, &folder, file.centre)
    }

    fn redo_doors(&self, open: &Open, folder: &Path, centre: CentreId) -> Result<(), Refusal> {
        let language = Doors::read(folder)?.language();
        Doors::write(folder, centre, language.tag(), &open.connection)
    }

    pub fn read<T, E: From<Refusal>>(
        &self,
        look: impl FnOnce(&Db<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let state = self.lock_state();
        look(&Db(&state.as_ref().ok_or(Refusal::Locked)?.connection))
    }

    /// The one door through which the database changes: checks the role, runs `change` in an
    /// immediate transaction with its journal row, commits durably, and only then returns.
    /// A `write` id that was already written is refused as [`Refusal::AlreadyWritten`].
    pub fn write<T, E: From<Refusal>>(
        &self,
        actor: Actor,
        write: Option<WriteId>,
        change: impl FnOnce(&WriteTx<'_>) -> Result<(T, Event), E>,
    ) -> Result<T, E> {
        let mut state = self.lock_state();
        let open = state.as_mut().ok_or(Refusal::Locked)?;
        self.commit(open, actor, write, change)
    }

    /// Walks the journal's whole chain.
    pub fn verify_journal(&self) -> Result<Head, Refusal> {
        let state = self.lock_state();
        let open = state.as_ref().ok_or(Refusal::Locked)?;
        Ok(journal::verify(
            &open.connection,
            &journal::key(open.keys.desk()),
        )?)
    }
}

impl Vault {
    fn commit<T, E: From<Refusal>>(
        &self,
        open: &mut Open,
        actor: Actor,
        write: Option<WriteId>,
        change: impl FnOnce(&WriteTx<'_>) -> Result<(T, Event), E>,
    ) -> Result<T, E> {
        let id = EventId::new(&self.world);
        let (value, committed) = {
            let transaction = open
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(Refusal::from)?;
            if let Some(write) = write
                && already_written(&transaction, write).map_err(Refusal::from)?
            {
                return Err(Refusal::AlreadyWritten.into());
            }
            let tx = WriteTx(Db(&transaction));
            let (value, event) = change(&tx)?;
            allowed(actor, &event)?;
            let key = journal::key(open.keys.desk());
            journal::append(
                &transaction,
                &key,
                id,
                &self.world.stamp(),
                actor.user,
                &event,
            )
            .map_err(Refusal::from)?;
            if let Some(write) = write {
                note_written(&transaction, write, id).map_err(Refusal::from)?;
            }
            (value, transaction.commit())
        };
        match committed {
            Ok(()) => Ok(value),
            Err(_) => self.decide(open, id).map(|()| value).map_err(E::from),
        }
    }

    /// An error inside COMMIT leaves it open whether the change is in the file: only the file,
    /// opened anew, can tell.
    fn decide(&self, open: &mut Open, event: EventId) -> Result<(), Refusal> {
        open.connection = database::open(&open.folder, &open.keys)?;
        let found: bool = open.connection.query_row(
            "select exists (select 1 from journal where event = ?1)",
            [event],
            |row| row.get(0),
        )?;
        if found {
            Ok(())
        } else {
            Err(Refusal::NotSaved)
        }
    }

    fn key_file(&self) -> Result<KeyFileAt, Refusal> {
        let folder = self.place.current()?.ok_or(Refusal::Locked)?;
        let bytes = fs::read(folder.join("keys.mrc"))?;
        Ok((KeyFile::read(&bytes)?, bytes, folder))
    }

    fn lock_state(&self) -> MutexGuard<'_, Option<Open>> {
        // A panic while the lock was held rolled its transaction back: the state is still sound.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The open database, for looking only: statements that write are not to be had from here.
pub struct Db<'c>(&'c Connection);

impl Db<'_> {
    pub fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Refusal> {
        let mut statement = self.0.prepare_cached(sql)?;
        if !statement.readonly() {
            return Err(Refusal::Role);
        }
        let rows = statement.query_map(params, row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Refusal> {
        Ok(self.all(sql, params, row)?.into_iter().next())
    }
}

/// A transaction that only the write door makes.
pub struct WriteTx<'t>(Db<'t>);

impl WriteTx<'_> {
    /// Runs one statement and tells how many rows it changed.
    pub fn execute(&self, sql: &str, params: impl Params) -> Result<usize, Refusal> {
        Ok(self.0.0.execute(sql, params)?)
    }
}

impl<'t> Deref for WriteTx<'t> {
    type Target = Db<'t>;

    fn deref(&self) -> &Db<'t> {
        &self.0
    }
}

fn allowed(actor: Actor, event: &Event) -> Result<(), Refusal> {
    if actor.roles.meet(event.may()) {
        Ok(())
    } else {
        Err(Refusal::Role)
    }
}

fn user_name(db: &Db<'_>, user: UserId) -> Result<String, Refusal> {
    db.one(
        "select name from user where id = :id",
        named_params! { ":id": user },
        |row| row.get(0),
    )?
    .ok_or(Refusal::Missing)
}

/// Somebody must be left who can manage the centre.
fn managed(db: &Db<'_>) -> Result<(), Refusal> {
    let manager = Roles::MANAGER.bits();
    db.one(
        "select 1 from user where disabled is null and roles & :manager <> 0",
        named_params! { ":manager": manager },
        |_| Ok(()),
    )?
    .ok_or(Refusal::LastManager)
}

fn insert_user(
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

/// The user as the database knows them now; `None` if disabled or unknown.
fn enabled(connection: &Connection, user: UserId) -> rusqlite::Result<Option<Actor>> {
    let roles: Option<u8> = connection
        .query_row(
            "select roles from user where id = ?1 and disabled is null",
            [user],
            |row| row.get(0),
        )
        .optional()?;
    Ok(roles
        .and_then(Roles::from_bits)
        .map(|roles| Actor { user, roles }))
}

fn already_written(connection: &Connection, write: WriteId) -> rusqlite::Result<bool> {
    connection.query_row(
        "select exists (select 1 from written where write = ?1)",
        [write],
        |row| row.get(0),
    )
}

fn note_written(
    connection: &Connection,
    write: WriteId,
    event: EventId,
) -> rusqlite::Result<usize> {
    connection.execute(
        "insert into written (write, event) values (:write, :event)",
        named_params! { ":write": write, ":event": event },
    )
}
