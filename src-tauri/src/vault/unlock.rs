//! Coming in: a name and a passphrase open what that user may see.

use chrono::DateTime;
use rusqlite::{Connection, OptionalExtension};

use super::attempts::Attempts;
use super::doors::Doors;
use super::journal::{self, Event, Roles};
use super::keyfile::{Damage, KeyFile};
use super::rotate::counted;
use super::secret::{Keys, Passphrase, Ring};
use super::{Actor, KeyFileAt, Open, Refusal, Vault, books, database, generation, place};
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

/// A clock that stands so many seconds before the last thing written was set back.
const SET_BACK: i64 = 24 * 60 * 60;

impl Vault {
    /// Opens the databases with what `passphrase` unwraps for `user`.
    pub fn unlock(&self, user: UserId, passphrase: &Passphrase) -> Result<Actor, Refusal> {
        let entered = self.enter(self.key_file()?, user, passphrase)?;
        Ok(entered.actor)
    }

    /// As [`Vault::unlock`], for a user who types their name. An unknown name is refused like a
    /// wrong passphrase, after as long a time.
    pub fn unlock_named(&self, name: &str, passphrase: &Passphrase) -> Result<Entered, Refusal> {
        let found = self.key_file()?;
        let (centre, folder) = (found.0.centre, found.2.clone());
        match Doors::read(&folder) {
            Ok(doors) => self.enter(found, doors.user(centre, name), passphrase),
            Err(_) => self.enter_without_doors(found, passphrase),
        }
    }

    /// The file that knows whose name it is can be lost: each slot is tried, and it is written anew.
    fn enter_without_doors(
        &self,
        found: KeyFileAt,
        passphrase: &Passphrase,
    ) -> Result<Entered, Refusal> {
        let centre = found.0.centre;
        let users = found.0.slots.iter().map(|slot| slot.user);
        let opens = |user: &UserId| found.0.open(*user, passphrase).is_some();
        let user = users
            .filter(|user| *user != UserId::from_bytes([0; 16]))
            .find(opens)
            .unwrap_or(UserId::from_bytes([0; 16]));
        let entered = self.enter(found, user, passphrase)?;
        let state = self.lock_state();
        if let Some(open) = state.as_ref() {
            let language: String = open.connection.query_row(
                "select language from user where id = ?1",
                [user],
                |row| row.get(0),
            )?;
            Doors::write(&open.folder, centre, &language, &open.connection)?;
        }
        Ok(entered)
    }

    fn enter(
        &self,
        (mut file, bytes, folder): KeyFileAt,
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
        let Some((keys, slot, kek)) = file.open_slot(user, passphrase) else {
            // On a full disk nobody waits: there Argon2id stands.
            let _ = attempts.failed_again(&folder, now);
            return Err(Refusal::Passphrase);
        };
        KeyFile::check(&bytes, &keys)?;
        let settled = file.settle(&self.world, slot, &keys, &kek);
        let mut ring = file.ring(slot, &kek);
        let made = self.own_half(&mut file, user, &mut ring);
        let failed_before = attempts.failed;
        let (mut open, actor) = self.open(folder, keys, ring, user, failed_before)?;
        // Nothing that must be written keeps anybody out: the letters are read again next time, a
        // half of their own is made again, and the journal is told later.
        if settled || made {
            // Opening may have made a new generation.
            file.generation = self.key_file()?.0.generation;
            let kept = place::replace(&open.folder.join("keys.mrc"), &file.write(&open.keys));
            if made && kept.is_err() {
                open.ring.own = None;
            }
        }
        if open.owed.is_empty() {
            let _ = self.tell_half(&mut open, actor);
            let _ = Attempts::forget(&open.folder);
        }
        *self.lock_state() = Some(open);
        let _ = self.place.sweep(self.world.today(), false);
        // What cannot be swept today is swept tomorrow; it must not keep anybody out.
        let _ = self.sweep_files();
        Ok(Entered {
            actor,
            failed_before,
        })
    }

    /// Opens the databases for `user`, and writes that they came in.
    pub(super) fn open(
        &self,
        folder: std::path::PathBuf,
        keys: Keys,
        ring: Ring,
        user: UserId,
        failed_before: u32,
    ) -> Result<(Open, Actor), Refusal> {
        let mut open = Open::new(database::connect(&folder, &keys)?, keys, ring, folder);
        if database::is_behind(&open.connection)? {
            open = self.migrate(open, user)?;
        }
        self.not_an_older_key_file(&open.connection)?;
        for book in books(&open.keys) {
            journal::verify_last(&open.connection, &book, RECENT)?;
        }
        if open.keys.casework().is_some() {
            generation::drop_orphans(&open.folder);
        }
        let actor = enabled(&open.connection, user)?.ok_or(Refusal::Passphrase)?;
        if let Some(hours) = self.set_back(&open.connection)? {
            open.owed.push((actor, Event::ClockSetBack { hours }));
        }
        for older in self.put_back(&open)? {
            open.owed.push((actor, older));
        }
        let unlocked = Event::Unlocked {
            user,
            failed_before,
        };
        open.owed.push((actor, unlocked));
        match self.pay(&mut open) {
            Err(why) if !why.is_of_the_disk() => Err(why),
            _ => Ok((open, actor)),
        }
    }

    /// A key file put back from before a change would let in whoever was given a new passphrase
    /// because the old one was known.
    fn not_an_older_key_file(&self, connection: &Connection) -> Result<(), Refusal> {
        if self.key_file()?.0.changes < counted(connection)? {
            return Err(Damage::Older.into());
        }
        Ok(())
    }

    /// Writes an event that changes nothing else.
    pub(super) fn note(&self, open: &mut Open, actor: Actor, event: Event) -> Result<(), Refusal> {
        self.commit(open, actor, None, |_| Ok::<_, Refusal>(((), event)))
    }

    /// By how many hours the clock stands before the journal's last row, if by more than a day.
    fn set_back(&self, connection: &Connection) -> Result<Option<i64>, Refusal> {
        let last: Option<String> = connection
            .query_row(
                "select at from journal order by seq desc limit 1",
                [],
                |row| row.get(0),
            )
            .optional()?;
        let last = last.and_then(|at| DateTime::parse_from_rfc3339(&at).ok());
        let back = last.map_or(0, |last| last.timestamp() - self.world.utc().timestamp());
        Ok((back > SET_BACK).then_some(back / 3600))
    }

    /// The language of the lock screen; the default before set-up.
    pub fn language(&self) -> Lang {
        let folder = self.place.current().ok().flatten();
        folder
            .and_then(|folder| Doors::read(&folder).ok())
            .map_or(Lang::default(), |doors| doors.language())
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
