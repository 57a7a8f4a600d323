//! Keeps what the centre writes: keys, unlocking, the one write door, the journal.
//!
//! A vault is empty, locked or open. Open, it holds one connection and the keys of whoever
//! unlocked it; a desk user's vault has no casework key and never attaches casework.db.

mod attempts;
pub mod backup;
mod boxed;
mod casework;
mod database;
mod door;
mod doors;
mod files;
mod found;
mod generation;
pub mod guard;
mod journal;
pub mod keyfile;
mod known;
mod news;
mod place;
mod raw;
mod recovery;
mod review;
mod rollback;
mod rotate;
pub mod sealed;
pub mod secret;
mod unlock;
mod users;
pub mod words;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, ErrorCode};

pub use casework::{Casework, CaseworkEvent, CaseworkTx};
pub use database::Unopened;
pub use door::{Db, Tx, WriteTx, journal_head};
pub use files::ContentId;
pub use found::Founding;

use attempts::Counted;
use journal::Book;
pub use journal::{Broken, Event, Head, Roles};
use keyfile::{Damage, KeyFile};
pub use news::{News, news};
use place::Place;
pub use raw::Wiping;
pub use recovery::{ByWords, managers};
pub use review::{Review, SheetDue, SlotState};
use secret::{Keys, Ring};
pub use unlock::Entered;
pub use users::user_called;
use words::TooWeak;

use crate::kit::id::{UserId, WriteId};
use crate::kit::paper;
use crate::kit::world::World;

/// What the vault refuses. The messages are locale keys.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("vault.refusal.locked")]
    Locked,
    /// The centre was locked while somebody was being let in: they are not.
    #[error("vault.refusal.locked_meanwhile")]
    LockedMeanwhile,
    /// There is no such record, or it may not even be known.
    #[error("vault.refusal.missing")]
    Missing,
    /// Nobody would be left to manage the centre.
    #[error("vault.refusal.last_manager")]
    LastManager,
    #[error("vault.refusal.name_taken")]
    NameTaken,
    /// It is that of somebody who was shut out: what each did must stay apart.
    #[error("vault.refusal.name_shut_out")]
    NameShutOut,
    #[error("vault.refusal.not_empty")]
    NotEmpty,
    #[error("vault.refusal.role")]
    Role,
    #[error("vault.refusal.passphrase_wrong")]
    Passphrase,
    /// The words are those of a sheet, but not of the one that opens this centre.
    #[error("vault.refusal.sheet")]
    Sheet,
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
    /// The commit failed, and the disk does not even tell whether the event is in the file.
    #[error("vault.refusal.undecided")]
    Undecided,
    /// The commit failed, and only one of the two files has the event.
    #[error("vault.refusal.split")]
    Split,
    /// This form was already saved.
    #[error("vault.refusal.already_written")]
    AlreadyWritten,
    /// An attachment that casework.db names is not on this laptop any more.
    #[error("vault.refusal.file_gone")]
    FileGone,
    #[error("vault.refusal.file_damaged")]
    FileDamaged,
    /// It is sealed, and whoever is in does not hold its key.
    #[error("vault.refusal.sealed")]
    Sealed,
    /// Nobody is named yet for whom it could be sealed.
    #[error("vault.refusal.nobody_named")]
    NobodyNamed,
    /// Not two different people who may read casework.
    #[error("vault.refusal.not_to_be_named")]
    NotToBeNamed,
    /// One of the two must stay to hand over what is sealed.
    #[error("vault.refusal.one_must_stay")]
    OneMustStay,
    /// Nobody else is named to open what is sealed.
    #[error("vault.refusal.last_named")]
    LastNamed,
    /// In the key file somebody's slot is not the one that the centre made.
    #[error("vault.refusal.strange_slot")]
    StrangeSlot,
    /// A backup or its stick refuses.
    #[error(transparent)]
    Stick(Box<backup::Failure>),
    #[error(transparent)]
    Paper(#[from] paper::Refusal),
    #[error(transparent)]
    Weak(#[from] TooWeak),
    #[error(transparent)]
    Keys(#[from] Damage),
    #[error(transparent)]
    Database(#[from] Unopened),
    #[error(transparent)]
    Journal(#[from] Broken),
}

impl Refusal {
    /// Nothing could be written; what is there can still be read.
    fn is_of_the_disk(&self) -> bool {
        match self {
            Self::Full | Self::NotSaved | Self::Undecided | Self::Folder(_) => true,
            Self::Database(Unopened::Unread(_)) => true,
            Self::Database(Unopened::Sqlite(error)) => database::is_of_the_disk(error),
            _ => false,
        }
    }
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

pub struct Vault {
    place: Place,
    world: World,
    trying: Mutex<Counted>,
    rebuilt: Mutex<Option<backup::restore::Rebuilt>>,
    /// Held while a backup reads the attachments or a restore brings some: none may go.
    files_in_use: Mutex<()>,
    open: Mutex<Option<Open>>,
    /// How often it was locked, open or not.
    locks: AtomicU64,
}

struct Open {
    // Before the connection that it copies: it ends first.
    copying: Option<backup::Copying>,
    connection: Connection,
    keys: Keys,
    ring: Ring,
    folder: PathBuf,
    /// What happened while nothing could be written: the journal tells it before anything else.
    owed: Vec<(Actor, Event)>,
}

impl Open {
    fn new(connection: Connection, keys: Keys, ring: Ring, folder: PathBuf) -> Self {
        Self {
            copying: None,
            connection,
            keys,
            ring,
            folder,
            owed: Vec::new(),
        }
    }

    /// The key file as somebody with the desk key wrote it, and none from before a change that the
    /// database counted: it would let in whoever was given a new passphrase because the old one was
    /// known. While somebody is in the file lies where others may write: it is asked each time.
    fn key_file(&self) -> Result<KeyFileAt, Refusal> {
        let found = key_file_in(self.folder.clone())?;
        KeyFile::check(&found.1, &self.keys)?;
        if found.0.changes < rotate::counted(&self.connection)? {
            return Err(Damage::Older.into());
        }
        Ok(found)
    }
}

fn key_file_in(folder: PathBuf) -> Result<KeyFileAt, Refusal> {
    let bytes = match fs::read(folder.join("keys.mrc")) {
        Err(gone) if gone.kind() == io::ErrorKind::NotFound => {
            return Err(Damage::Missing.into());
        }
        read => read?,
    };
    Ok((KeyFile::read(&bytes)?, bytes, folder))
}

/// A commit writes its rollback journal first: a few pages, and as many that are new.
const LEAST_ROOM: u64 = 128 * 1024;

/// The journals that these keys open: the desk's, then that of casework.
fn books(keys: &Keys) -> Vec<Book> {
    let desk = Book::desk(keys.desk());
    std::iter::once(desk)
        .chain(keys.casework().map(Book::casework))
        .collect()
}

/// The key file, its bytes as they lie on disk, and the generation it was read from.
type KeyFileAt = (KeyFile, Vec<u8>, PathBuf);

impl Vault {
    /// Takes hold of a data folder; asks for no key.
    pub fn at(folder: &Path, world: World) -> Result<Self, Refusal> {
        raw::wipe_what_sqlite_gives_back();
        let place = Place::hold(folder)?;
        // What cannot be deleted today is tried again tomorrow; it must not keep anybody out.
        let _ = place.settle();
        let _ = place.sweep(world.today(), false);
        place.drop_every_scratch();
        Ok(Self {
            place,
            world,
            trying: Mutex::default(),
            rebuilt: Mutex::new(None),
            files_in_use: Mutex::new(()),
            open: Mutex::new(None),
            locks: AtomicU64::new(0),
        })
    }

    /// The data folder, as it was given.
    pub fn folder(&self) -> &Path {
        self.place.root()
    }

    pub fn is_empty(&self) -> Result<bool, Refusal> {
        Ok(self.place.current()?.is_none())
    }

    pub fn is_open(&self) -> bool {
        self.lock_state().is_some()
    }

    /// Whether there is no room for even a small change: the centre can be looked at, and no more.
    pub fn is_full(&self) -> bool {
        backup::medium::free(self.place.root()).is_ok_and(|free| free < LEAST_ROOM)
    }

    /// Whether the key file can be read at all; asks for no key.
    pub fn keys_read(&self) -> Result<(), Refusal> {
        self.claimed_key_file().map(|_| ())
    }

    /// Closes the databases and drops the keys; the journal says so where it still can.
    pub fn lock(&self, actor: Actor) {
        self.close(Some(actor));
    }

    /// As [`Vault::lock`], where it may be that nobody sits here: whoever is being let in at this
    /// moment is not.
    pub fn close(&self, actor: Option<Actor>) {
        // Before the state is asked for: whoever is let in looks at it while they hold that.
        self.locks.fetch_add(1, Ordering::SeqCst);
        let mut state = self.lock_state();
        self.abandon();
        if let (Some(open), Some(actor)) = (state.take(), actor) {
            self.end(open, actor);
        }
    }

    fn end(&self, mut open: Open, actor: Actor) {
        let casework = rollback::casework_head(&open);
        // A full disk must not keep the centre unlocked.
        let _ = self.commit(&mut open, actor, None, |tx| {
            if let Some(head) = &casework {
                rollback::see(tx, head)?;
            }
            Ok::<_, Refusal>(((), Event::Locked { user: actor.user }))
        });
    }

    /// Goes on with what was opened for `actor`, if nobody locked since `locks` was read, before
    /// the first key was unwrapped.
    fn let_in(&self, locks: u64, open: Open, actor: Actor) -> Result<(), Refusal> {
        let mut state = self.lock_state();
        if self.locks() != locks {
            self.end(open, actor);
            return Err(Refusal::LockedMeanwhile);
        }
        *state = Some(open);
        Ok(())
    }

    fn locks(&self) -> u64 {
        self.locks.load(Ordering::SeqCst)
    }

    pub fn read<T, E: From<Refusal>>(
        &self,
        look: impl FnOnce(&Db<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut state = self.lock_state();
        let open = state.as_mut().ok_or(Refusal::Locked)?;
        let found = look(&Db::desk(&open.connection));
        door::end_reading(open, found)
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

    /// Walks the whole chain of each journal that this session's keys open: the desk's, then that
    /// of casework.
    pub fn verify_journals(&self) -> Result<Vec<Head>, Refusal> {
        let state = self.lock_state();
        let open = state.as_ref().ok_or(Refusal::Locked)?;
        let books = books(&open.keys);
        let heads = books
            .iter()
            .map(|book| journal::verify(&open.connection, book));
        Ok(heads.collect::<Result<_, _>>()?)
    }

    /// The key file as it lies there: what it says is a claim.
    fn claimed_key_file(&self) -> Result<KeyFileAt, Refusal> {
        key_file_in(self.place.current()?.ok_or(Refusal::Locked)?)
    }

    /// As [`Open::key_file`], of whoever is in.
    fn key_file(&self) -> Result<KeyFileAt, Refusal> {
        let state = self.lock_state();
        state.as_ref().ok_or(Refusal::Locked)?.key_file()
    }

    fn use_files(&self) -> MutexGuard<'_, ()> {
        self.files_in_use
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Two windows must not try two passphrases for one wait.
    fn one_at_a_time(&self) -> MutexGuard<'_, Counted> {
        self.trying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_state(&self) -> MutexGuard<'_, Option<Open>> {
        // A panic while the lock was held rolled its transaction back: the state is still sound.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
