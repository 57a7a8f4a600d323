//! The recovery sheet: what it opens, and how it is replaced.

use std::path::PathBuf;

use rusqlite::named_params;

use super::journal::{Event, Roles};
use super::keyfile::{Cost, Holder, KeyFile};
use super::secret::{Keys, Passphrase, Ring};
use super::unlock::enabled;
use super::users::same_name;
use super::words::{self, RecoveryWords};
use super::{Actor, Db, Open, Refusal, Vault, database};
use crate::kit::id::{CentreId, UserId};

impl Vault {
    /// Whether these words open this centre. Reads nothing else.
    pub fn recovery_opens(&self, words: &RecoveryWords) -> Result<bool, Refusal> {
        Ok(self.claimed_key_file()?.0.open_recovery(words).is_some())
    }

    /// What the words of a sheet open: the centre's name, and the managers, one of whom they let in.
    pub fn by_words(&self, words: &RecoveryWords) -> Result<ByWords, Refusal> {
        let (file, keys, folder) = self.keys_by_sheet(words)?;
        let connection = database::connect(&folder, &keys)?;
        let db = Db::desk(&connection);
        let name = db.one("select name from centre", [], |row| row.get(0))?;
        Ok(ByWords {
            id: file.centre,
            name: name.unwrap_or_default(),
            managers: managers_by_name(&db)?,
        })
    }

    /// Opens the centre for a manager who has no passphrase at hand.
    pub fn unlock_by_sheet(&self, words: &RecoveryWords, user: UserId) -> Result<Actor, Refusal> {
        let _one = self.one_at_a_time();
        let locks = self.locks();
        let (_, keys, folder) = self.keys_by_sheet(words)?;
        let connection = database::connect(&folder, &keys)?;
        let actor = enabled(&connection, user)?.ok_or(Refusal::Passphrase)?;
        let open = Open::new(connection, keys, Ring::default(), folder);
        let open = self.open(open, actor, 0)?;
        self.let_in(locks, open, actor)?;
        Ok(actor)
    }

    /// Lets a manager in who gets a new passphrase, and replaces the sheet that was used.
    pub fn recover(
        &self,
        words: &RecoveryWords,
        user: UserId,
        passphrase: &Passphrase,
        sheet: &RecoveryWords,
        cost: Cost,
    ) -> Result<Actor, Refusal> {
        let name = self
            .by_words(words)?
            .managers
            .into_iter()
            .find_map(|(manager, name)| (manager == user).then_some(name))
            .ok_or(Refusal::Missing)?;
        words::strong_enough(passphrase, true, &[&name])?;
        let actor = self.unlock_by_sheet(words, user)?;
        let mut state = self.lock_state();
        let open = state.as_ref().ok_or(Refusal::Locked)?;
        // Only now: unlocking may have made a new generation.
        let (mut file, ..) = open.key_file()?;
        file.slots.retain(|slot| slot.user != user);
        let holder = Holder::new(user, actor.roles);
        file.add_passphrase(&self.world, &open.keys, &holder, passphrase, cost)
            .ok_or(Refusal::NotSaved)?;
        let written = self.replace_sheet(&mut state, actor, file, sheet, Event::Recovered { user });
        if written.is_err() {
            *state = None;
        }
        written.map(|()| actor)
    }

    /// A new recovery sheet in place of the one before.
    pub fn renew_sheet(
        &self,
        actor: Actor,
        witness: Option<UserId>,
        sheet: &RecoveryWords,
    ) -> Result<(), Refusal> {
        let mut state = self.lock_state();
        let (file, ..) = state.as_ref().ok_or(Refusal::Locked)?.key_file()?;
        self.replace_sheet(
            &mut state,
            actor,
            file,
            sheet,
            Event::SheetRenewed { witness },
        )
    }

    /// Whose name and passphrase these are, as a second person who stands by.
    pub fn witness(&self, name: &str, passphrase: &Passphrase) -> Result<UserId, Refusal> {
        let managers = self.read(managers_by_name)?;
        let known = managers.iter().find(|(_, known)| same_name(known, name));
        let user = known.map_or(UserId::from_bytes([0; 16]), |(user, _)| *user);
        self.proves(user, passphrase).map(|_| user)
    }

    /// Whether this is the passphrase of somebody who stands by.
    pub fn stands_by(&self, user: UserId, passphrase: &Passphrase) -> Result<(), Refusal> {
        self.proves(user, passphrase).map(|_| ())
    }

    /// With new keys: whoever kept the words and an earlier key file opens nothing here any more.
    fn replace_sheet(
        &self,
        state: &mut Option<Open>,
        actor: Actor,
        mut file: KeyFile,
        sheet: &RecoveryWords,
        event: Event,
    ) -> Result<(), Refusal> {
        let open = state.as_ref().ok_or(Refusal::Locked)?;
        file.add_recovery(&self.world, &open.keys, sheet)
            .ok_or(Refusal::Role)?;
        self.renew_keys(state, actor, file, |_| Ok(event))
    }

    fn keys_by_sheet(&self, words: &RecoveryWords) -> Result<(KeyFile, Keys, PathBuf), Refusal> {
        let (file, bytes, folder) = self.claimed_key_file()?;
        let keys = file.open_recovery(words).ok_or(Refusal::Sheet)?;
        KeyFile::check(&bytes, &keys)?;
        Ok((file, keys, folder))
    }

    /// Puts the centre aside, unopened and unchanged, so that an empty one can begin beside it.
    /// Only while nobody is in.
    pub fn set_aside(&self) -> Result<PathBuf, Refusal> {
        let state = self.lock_state();
        if state.is_some() {
            return Err(Refusal::NotEmpty);
        }
        Ok(self.place.set_aside(self.world.today())?)
    }

    /// Where the centre lies that was put aside last.
    pub fn aside(&self) -> Option<PathBuf> {
        self.place.aside()
    }

    /// Takes that centre back, where no other has begun since.
    pub fn take_back(&self) -> Result<(), Refusal> {
        let _state = self.lock_state();
        Ok(self.place.take_back()?)
    }
}

/// What somebody with the recovery sheet may know before they are in.
pub struct ByWords {
    pub id: CentreId,
    pub name: String,
    pub managers: Vec<(UserId, String)>,
}

fn managers_by_name(db: &Db<'_>) -> Result<Vec<(UserId, String)>, Refusal> {
    db.all(
        "select id, name from user where disabled is null and roles & :manager <> 0 order by name",
        named_params! { ":manager": Roles::MANAGER.bits() },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// How many can manage the centre.
pub fn managers(db: &Db<'_>) -> Result<i64, Refusal> {
    let count = db.one(
        "select count(*) from user where disabled is null and roles & :manager <> 0",
        named_params! { ":manager": Roles::MANAGER.bits() },
        |row| row.get(0),
    )?;
    Ok(count.unwrap_or(0))
}
