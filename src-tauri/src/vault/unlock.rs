//! Coming in: a name and a passphrase open what that user may see.

use rusqlite::{Connection, OptionalExtension};

use super::attempts::Attempts;
use super::doors::Doors;
use super::journal::{self, Event, Roles};
use super::keyfile::KeyFile;
use super::secret::Passphrase;
use super::{Actor, KeyFileAt, Open, Refusal, Vault, database};
use crate::kit::id::UserId;
use crate::kit::lang::Lang;

/// Who came in, and what they should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    pub actor: Actor,
    /// Wrong passphrases since somebody last came in.
    pub failed_before: u32,
}

/// So much of the journal is walked at each unlocking; the whole at each backup (safety.md 5).
const RECENT: i64 = 1_000;

impl Vault {
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
        let _one = self.one_at_a_time();
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
            copying: None,
            connection: database::open(&folder, &keys)?,
            keys,
            folder,
        };
        for book in open.books() {
            journal::verify_last(&open.connection, &book, RECENT)?;
        }
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
}

/// The user as the database knows them now; `None` if disabled or unknown.
pub(super) fn enabled(connection: &Connection, user: UserId) -> rusqlite::Result<Option<Actor>> {
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
