//! What set-up has been told so far; gone when the program ends before the centre is founded.

use crate::kit::id::CentreId;
use crate::sample::{self, Amount, Casework};
use crate::settings::Settings;
use crate::vault::keyfile::Cost;
use crate::vault::secret::Passphrase;
use crate::vault::words::RecoveryWords;
use crate::vault::{Event, Founding, Refusal, Roles};
use crate::web::{Call, Result};

pub struct Draft {
    /// Known before the centre is founded: the recovery sheet names it.
    pub centre: CentreId,
    pub settings: Settings,
    pub manager: String,
    pub passphrase: Option<Passphrase>,
    pub sheet: RecoveryWords,
}

/// Looks at the draft of this window, which begins with the first look.
pub fn draft<T>(call: &Call, with: impl FnOnce(&mut Draft) -> T) -> T {
    let world = &call.app.world;
    call.seat(|seat| {
        if !seat.draft.as_ref().is_some_and(|draft| draft.is::<Draft>()) {
            seat.draft = Some(Box::new(Draft {
                centre: CentreId::new(world),
                settings: Settings::default(),
                manager: String::new(),
                passphrase: None,
                sheet: RecoveryWords::random(world),
            }));
        }
        let draft = seat.draft.as_mut().and_then(|draft| draft.downcast_mut());
        with(draft.expect("a draft was just put there"))
    })
}

/// Whoever practises tries everything; in a real centre a manager has no cases.
fn roles(practice: bool) -> Roles {
    let manager = Roles::MANAGER.and(Roles::DESK);
    if practice {
        manager.and(Roles::CASEWORKER)
    } else {
        manager
    }
}

/// Founds the centre and lets its first manager in.
pub fn found(call: &Call) -> Result<()> {
    let vault = &call.app.vault;
    let language = call.seat(|seat| seat.lang);
    let (actor, settings) = draft(call, |draft| {
        let passphrase = draft.passphrase.as_ref().ok_or(Refusal::Missing)?;
        let founded = vault.found(&Founding {
            centre: draft.centre,
            centre_name: &draft.settings.name,
            manager_name: &draft.manager,
            language,
            roles: roles(draft.settings.practice),
            passphrase,
            recovery: &draft.sheet,
            cost: Cost::here(&call.app.world),
        })?;
        let actor = vault.unlock(founded.user, passphrase)?;
        Ok::<_, Refusal>((actor, draft.settings.clone()))
    })?;
    vault.write(actor, None, |tx| {
        crate::settings::save(tx, &settings)?;
        Ok::<_, Refusal>(((), Event::SettingsChanged))
    })?;
    if settings.practice {
        let amount = Amount {
            persons: 250,
            visits: 2_000,
            years: 1,
            seed: 1,
            until: call.app.world.utc(),
        };
        let people = sample::fill(vault, actor, &amount)?;
        let casework = Casework {
            cases: 60,
            notes: 240,
            referrals: 30,
            incoming: 6,
            cared: 24,
            years: 1,
            seed: 1,
            until: amount.until,
        };
        sample::casework(vault, actor, &casework, &people)?;
    }
    call.seat(|seat| seat.draft = None);
    crate::lock::sit_down(call, actor)
}
