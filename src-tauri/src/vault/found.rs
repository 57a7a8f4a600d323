//! Set-up's last step: an empty folder becomes a centre.

use rusqlite::named_params;

use super::doors::Doors;
use super::journal::{Event, Roles};
use super::keyfile::{Cost, Holder, KeyFile};
use super::known::Known;
use super::place::Former;
use super::secret::{Keys, Passphrase, Ring};
use super::users::insert_user;
use super::words::{self, RecoveryWords};
use super::{Actor, Open, Refusal, Vault, database, place};
use crate::kit::id::{CentreId, UserId};
use crate::kit::lang::Lang;

/// What set-up has asked.
pub struct Founding<'f> {
    pub centre: CentreId,
    pub centre_name: &'f str,
    pub manager_name: &'f str,
    pub language: Lang,
    pub roles: Roles,
    pub passphrase: &'f Passphrase,
    pub recovery: &'f RecoveryWords,
    pub cost: Cost,
}

impl Vault {
    /// Makes a new centre with one manager. A process killed on the way leaves an empty vault.
    pub fn found(&self, founding: &Founding<'_>) -> Result<Actor, Refusal> {
        if !self.is_empty()? {
            return Err(Refusal::NotEmpty);
        }
        let names = [founding.centre_name, founding.manager_name];
        words::strong_enough(founding.passphrase, true, &names)?;
        let centre = founding.centre;
        let actor = Actor {
            user: UserId::new(&self.world),
            roles: founding.roles,
        };
        let keys = Keys::random(&self.world);
        let mut file = KeyFile::new(centre);
        let holder = Holder::new(actor.user, actor.roles);
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

        let known = Known::all(&file, &keys);

        let number = self.place.next()?;
        let folder = self.place.begin(number)?;
        let connection = database::create(&folder, &keys)?;
        let mut open = Open::new(connection, keys, Ring::default(), folder.clone());
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
            known.write(tx)?;
            Ok::<_, Refusal>(((), Event::CentreFounded { centre }))
        })?;
        place::replace(&folder.join("keys.mrc"), &file.write(&open.keys))?;
        Doors::of(centre, founding.language, &open.connection)?.write(&folder)?;
        drop(open);
        place::sync_folder(&folder)?;
        self.place.switch(number, Former::Delete)?;
        Ok(actor)
    }
}
