//! New keys for the centre, and tables of a later program: both on a checked copy, then switched to.

use rusqlite::{Connection, named_params};

use super::door::WriteTx;
use super::doors::Doors;
use super::generation::Generation;
use super::journal::{self, Event};
use super::keyfile::KeyFile;
use super::known::Known;
use super::place::{self, Former};
use super::secret::{Keys, Ring};
use super::unlock::enabled;
use super::{Actor, Open, Refusal, Unopened, Vault, books, database, door, files, key_file_in};

/// Counts with the key file, so that an earlier one put back is noticed.
pub(super) fn count_change(tx: &WriteTx<'_>, changes: u64) -> Result<(), Refusal> {
    tx.execute(
        "update key_file set changes = :changes",
        named_params! { ":changes": changes },
    )?;
    Ok(())
}

/// How many changes the database knows of.
pub(super) fn counted(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row("select changes from key_file", [], |row| row.get(0))
}

/// A copy that is not whole says nothing about what it was made from.
fn only_the_copy(why: Refusal, from: &Connection) -> Refusal {
    match why {
        Refusal::Database(Unopened::Damaged) if database::check_whole(from).is_ok() => {
            Refusal::NotSaved
        }
        other => other,
    }
}

impl Vault {
    /// Copies the centre under new keys, which only the slots of `file` receive, and makes `change`
    /// there. Until the switch the centre is untouched; after it, whoever held the former keys
    /// alone opens nothing here any more, and all former generations are deleted.
    pub(super) fn renew_keys(
        &self,
        state: &mut Option<Open>,
        actor: Actor,
        file: KeyFile,
        change: impl FnOnce(&WriteTx<'_>) -> Result<Event, Refusal>,
    ) -> Result<(), Refusal> {
        let renewed = self.copy_under_new_keys(state, actor, file, change);
        // What could not be read for the copy may be read the next time.
        if let (Err(_), Some(open)) = (&renewed, state) {
            door::look_again(open);
        }
        renewed
    }

    fn copy_under_new_keys(
        &self,
        state: &mut Option<Open>,
        actor: Actor,
        mut file: KeyFile,
        change: impl FnOnce(&WriteTx<'_>) -> Result<Event, Refusal>,
    ) -> Result<(), Refusal> {
        // A restore that waits has the former keys.
        self.abandon();
        let open = state.as_ref().ok_or(Refusal::Locked)?;
        open.keys.casework().ok_or(Refusal::Role)?;
        let former = books(&open.keys);
        let next = Generation::begin(&self.place)?;
        let keys = Keys::random(&self.world);
        // A slot that somebody put into the file gets nothing.
        let (on_disk, ..) = open.key_file()?;
        let known = Known::in_open(open, &on_disk)?;
        let mut here = Vec::new();
        for user in file.users() {
            here.extend(enabled(&open.connection, user)?.map(|actor| actor.user));
        }
        file.slots.retain(|slot| {
            let works_here = slot.owner().is_none_or(|user| here.contains(&user));
            let made_now = !on_disk.has(slot);
            works_here && (made_now || known.has(slot))
        });
        file.renew_keys(&self.world, &open.keys, &keys)
            .ok_or(Refusal::NotSaved)?;
        file.generation = next.number();
        file.changes += 1;
        let changes = file.changes;

        next.copy(&open.connection, &open.folder, &keys)?;
        let verified = next.verify_copy(&keys, &former, &open.connection);
        verified.map_err(|why| only_the_copy(why, &open.connection))?;
        let language = Doors::read(&open.folder)?.language();
        let mut fresh = Open::new(
            database::connect(next.folder(), &keys)?,
            keys,
            Ring::default(),
            next.folder().to_owned(),
        );
        // The former files stay until the switch.
        files::renew(&self.place, &open.keys, &fresh.keys, &mut fresh.connection)?;
        for book in &former {
            journal::end_chapter(&fresh.connection, book)?;
        }
        let known = Known::all(&file, &fresh.keys);
        self.commit(&mut fresh, actor, None, |tx| {
            let event = change(tx)?;
            count_change(tx, changes)?;
            known.write(tx)?;
            Ok::<_, Refusal>(((), event))
        })?;
        place::replace(&next.folder().join("keys.mrc"), &file.write(&fresh.keys))?;
        Doors::of(file.centre, language, &fresh.connection)?.write(next.folder())?;
        self.switch(state, fresh, next, Former::Delete)?;
        // What whoever was shut out could still read goes at once.
        let _ = state.as_ref().map(|open| self.sweep_files_of(open));
        Ok(())
    }

    /// Gives a centre that an earlier program wrote the tables of this one.
    pub(super) fn migrate(&self, open: Open, actor: Actor) -> Result<Open, Refusal> {
        self.abandon();
        let next = Generation::begin(&self.place)?;
        // What the database counts is not there in the first ones: it is asked afterwards.
        let (mut file, bytes, _) = key_file_in(open.folder.clone())?;
        KeyFile::check(&bytes, &open.keys)?;
        file.generation = next.number();
        next.copy(&open.connection, &open.folder, &open.keys)?;
        next.verify_copy(&open.keys, &books(&open.keys), &open.connection)?;
        next.bring(&open.folder, &["doors.json", "attempts.json"])?;
        place::replace(&next.folder().join("keys.mrc"), &file.write(&open.keys))?;
        drop(open.connection);
        let mut fresh = Open::new(
            database::connect(next.folder(), &open.keys)?,
            open.keys,
            open.ring,
            next.folder().to_owned(),
        );
        database::bring_up(&mut fresh.connection)?;
        self.note(&mut fresh, actor, Event::Migrated)?;
        let mut state = None;
        self.switch(&mut state, fresh, next, Former::UntilBackup)?;
        state.ok_or(Refusal::Locked)
    }

    /// From here on only the new generation is written to; if the switch fails or the new one cannot
    /// be opened after it, the centre is locked.
    fn switch(
        &self,
        state: &mut Option<Open>,
        fresh: Open,
        next: Generation<'_>,
        former: Former,
    ) -> Result<(), Refusal> {
        let keys = fresh.keys;
        drop(fresh.connection);
        let here = state.as_ref().map(|open| &open.connection);
        next.verify(&keys).map_err(|why| match here {
            Some(here) => only_the_copy(why, here),
            None => why,
        })?;
        let published = next.publish(former);
        // Whatever went wrong in there, only the disk can tell which one is current now.
        if let (Err(_), Some(open)) = (&published, state.as_ref())
            && self
                .place
                .current()
                .is_ok_and(|now| now.as_ref() == Some(&open.folder))
        {
            return published.map(|_| ());
        }
        // What somebody holds for themselves is theirs under any keys of the centre.
        let ring = state.take().map_or(fresh.ring, |open| open.ring);
        let folder = published.map_err(|_| Refusal::Undecided)?;
        let connection = database::connect(&folder, &keys).map_err(|_| Refusal::Undecided)?;
        *state = Some(Open::new(connection, keys, ring, folder));
        // It is done. What cannot be deleted now is noted as to be deleted, and tried again.
        if former == Former::Delete {
            let _ = self.place.purge();
        }
        let _ = self.place.sweep(self.world.today(), false);
        Ok(())
    }
}
