//! Coming in: a name and a passphrase open what that user may see.

use std::path::Path;

use chrono::DateTime;
use rusqlite::{Connection, OptionalExtension};

use super::attempts::Counted;
use super::doors::{self, Doors};
use super::journal::{self, Event, Roles};
use super::keyfile::KeyFile;
use super::known::Known;
use super::secret::Passphrase;
use super::users::{same_name, user_name};
use super::words;
use super::{Actor, Db, KeyFileAt, Open, Refusal, Vault, books, database, generation, place};
use crate::kit::id::{CentreId, UserId};
use crate::kit::lang::Lang;

/// Who came in, and what they should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    pub actor: Actor,
    /// Wrong passphrases since somebody last came in.
    pub failed_before: u32,
    /// Their passphrase was chosen for a role that opens less.
    pub too_weak: bool,
}

/// So many wrong passphrases in a row are tried where the marks of names lead.
const LED: u32 = 2;

/// So much of the journal is walked at each unlocking; the whole at each backup (safety.md 5).
const RECENT: i64 = 1_000;

/// A clock that stands so many seconds before the last thing written was set back.
const SET_BACK: i64 = 24 * 60 * 60;

impl Vault {
    /// Opens the databases with what `passphrase` unwraps for `user`.
    pub fn unlock(&self, user: UserId, passphrase: &Passphrase) -> Result<Actor, Refusal> {
        let mut tries = self.one_at_a_time();
        let found = self.claimed_key_file()?;
        let entered = self.enter(&mut tries, found, &[user], None, passphrase)?;
        Ok(entered.actor)
    }

    /// As [`Vault::unlock`], for a user who types their name. An unknown name is refused like a
    /// wrong passphrase, after as long a time.
    pub fn unlock_named(&self, name: &str, passphrase: &Passphrase) -> Result<Entered, Refusal> {
        let mut tries = self.one_at_a_time();
        let found = self.claimed_key_file()?;
        let (file, _, folder) = &found;
        let centre = file.centre;
        // The file that knows whose name it may be can be lost, or be of an earlier program: then
        // each slot is tried.
        let doors = Doors::read(folder).ok();
        let lead = |user: &UserId| {
            let doors = doors.as_ref();
            doors.is_none_or(|doors| doors.lead(centre, name, *user))
        };
        let (mut tried, rest): (Vec<UserId>, Vec<UserId>) = file.users().partition(lead);
        let now = self.world.utc().timestamp();
        if tries.before(centre, folder, now).failed >= LED {
            // Its marks may be wrong. Whatever the name, the time is that of all slots.
            tried.extend(rest);
        } else if tried.is_empty() {
            tried.push(doors::nobody(centre, name));
        }
        let entered = self.enter(&mut tries, found, &tried, Some(name), passphrase)?;
        // What cannot be written today keeps nobody out.
        let _ = self.renew_doors(centre, doors.as_ref(), entered.actor.user);
        Ok(entered)
    }

    /// What the lock screen knows of names becomes what desk.db says, where it is not. Where nobody
    /// knows any more which language the lock screen had, it has that of whoever came in.
    fn renew_doors(
        &self,
        centre: CentreId,
        former: Option<&Doors>,
        user: UserId,
    ) -> Result<(), Refusal> {
        let state = self.lock_state();
        let open = state.as_ref().ok_or(Refusal::Locked)?;
        let language = match former {
            Some(former) => former.language(),
            None => open.connection.query_row(
                "select language from user where id = ?1",
                [user],
                |row| row.get(0),
            )?,
        };
        let doors = Doors::of(centre, language, &open.connection)?;
        if former != Some(&doors) {
            doors.write(&open.folder)?;
        }
        Ok(())
    }

    /// Lets in whichever of `users` this passphrase is, where it is asked for by `name`.
    fn enter(
        &self,
        tries: &mut Counted,
        (mut file, bytes, folder): KeyFileAt,
        users: &[UserId],
        name: Option<&str>,
        passphrase: &Passphrase,
    ) -> Result<Entered, Refusal> {
        let locks = self.locks();
        let (found, failed_before) = self.try_passphrase(tries, &file, &folder, || {
            for user in users {
                let Some(opened) = file.open_slot(*user, passphrase) else {
                    continue;
                };
                KeyFile::check(&bytes, &opened.0)?;
                let connection = database::connect(&folder, &opened.0)?;
                if is_called(&connection, *user, name)? {
                    return Ok(Some((*user, opened, connection)));
                }
            }
            Ok(None)
        })?;
        let (user, (mut keys, slot, kek), mut connection) = found;
        let actor = enabled(&connection, user)?.ok_or(Refusal::Passphrase)?;
        // A power cut in the middle of a change of role leaves the key with somebody who has no
        // role for it yet.
        let beyond = keys.casework().is_some() && !actor.roles.open_casework();
        if beyond {
            keys = keys.of_desk();
            connection = database::connect(&folder, &keys)?;
        }
        let settled = !beyond && file.settle(&self.world, slot, &keys, &kek);
        let mut ring = file.ring(slot, &kek);
        let made = self.own_half(&mut file, user, &mut ring);
        let open = Open::new(connection, keys, ring, folder);
        let mut open = self.open(open, actor, failed_before)?;
        // Nothing that must be written keeps anybody out: the letters are read again next time, a
        // half of their own is made again, and the journal is told later.
        if settled || made {
            // Opening may have made a new generation.
            file.generation = open.key_file()?.0.generation;
            let kept = place::replace(&open.folder.join("keys.mrc"), &file.write(&open.keys));
            if made && kept.is_err() {
                open.ring.own = None;
            }
        }
        if open.owed.is_empty() {
            let _ = self.tell_half(&mut open, actor);
            tries.forget(&open.folder);
        }
        let name = user_name(&Db::desk(&open.connection), user)?;
        let casework = actor.roles.open_casework();
        let too_weak = words::strong_enough(passphrase, casework, &[&name]).is_err();
        self.let_in(locks, open, actor)?;
        let _ = self.place.sweep(self.world.today(), false);
        // What cannot be swept today is swept tomorrow; it must not keep anybody out.
        let _ = self.sweep_files();
        Ok(Entered {
            actor,
            failed_before,
            too_weak,
        })
    }

    /// The one place where a passphrase is tried: wrong ones make the next try wait, wherever they
    /// were typed. With how many were wrong since somebody came in.
    pub(super) fn try_passphrase<T>(
        &self,
        tries: &mut Counted,
        file: &KeyFile,
        folder: &Path,
        attempt: impl FnOnce() -> Result<Option<T>, Refusal>,
    ) -> Result<(T, u32), Refusal> {
        let now = self.world.utc().timestamp();
        let before = tries.before(file.centre, folder, now);
        match before.wait(now) {
            0 => {}
            seconds => return Err(Refusal::Wait(seconds)),
        }
        let Some(opened) = attempt()? else {
            tries.failed_again(before, file.centre, folder, now);
            return Err(Refusal::Passphrase);
        };
        Ok((opened, before.failed))
    }

    /// Goes on with databases that are open for `actor`, and writes that they came in.
    pub(super) fn open(
        &self,
        mut open: Open,
        actor: Actor,
        failed_before: u32,
    ) -> Result<Open, Refusal> {
        if database::is_behind(&open.connection)? {
            open = self.migrate(open, actor)?;
        }
        let (file, ..) = open.key_file()?;
        for book in books(&open.keys) {
            journal::verify_last(&open.connection, &book, RECENT)?;
        }
        if open.keys.casework().is_some() {
            generation::drop_orphans(&open.folder);
        }
        if let Some(hours) = self.set_back(&open.connection)? {
            open.owed.push((actor, Event::ClockSetBack { hours }));
        }
        for older in self.put_back(&open, file.last_backup)? {
            open.owed.push((actor, older));
        }
        let known = Known::of(&open.connection, &open.keys, &file)?;
        if let Some(known) = &known {
            for strange in known.strange(&open.connection, &file)? {
                open.owed.push((actor, strange));
            }
        }
        let unlocked = Event::Unlocked {
            user: actor.user,
            failed_before,
        };
        let told = self.commit(&mut open, actor, None, |tx| {
            if let Some(known) = known.filter(Known::is_fresh) {
                known.write(tx)?;
            }
            Ok::<_, Refusal>(((), unlocked.clone()))
        });
        match told {
            Err(why) if !why.is_of_the_disk() => return Err(why),
            Err(_) => open.owed.push((actor, unlocked)),
            Ok(()) => {}
        }
        Ok(open)
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

/// Whether the passphrase was typed with the name of whom it lets in: many names share a mark.
fn is_called(connection: &Connection, user: UserId, name: Option<&str>) -> Result<bool, Refusal> {
    let Some(name) = name else {
        return Ok(true);
    };
    match user_name(&Db::desk(connection), user) {
        Ok(known) => Ok(same_name(&known, name)),
        Err(Refusal::Missing) => Ok(false),
        Err(other) => Err(other),
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
