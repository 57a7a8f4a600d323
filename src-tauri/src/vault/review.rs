//! What a manager should look at among those who come in: whoever had all keys may have put a
//! passphrase or a sheet of their own in the place of others', and only these can tell.

use rusqlite::named_params;

use super::known::Known;
use super::{Db, Refusal, Vault, news};
use crate::kit::id::UserId;

/// How somebody's slot stands, where there is something to say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlotState {
    /// Since this moment (RFC 3339), when the keys were renewed, nobody came in by it.
    Waits(String),
    /// There is none, or not the one that was made here.
    Strange,
}

/// Why a new recovery sheet is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SheetDue {
    /// The key file has none that was made here.
    Missing,
    /// Somebody lost the key to casework since the last one was made: their name, and when
    /// (RFC 3339).
    Left { name: String, at: String },
}

#[derive(Debug, PartialEq, Eq)]
pub struct Review {
    pub slots: Vec<(UserId, SlotState)>,
    pub sheet: Option<SheetDue>,
}

impl Vault {
    /// Of everybody who may come in but whoever is in.
    pub fn review(&self, own: UserId) -> Result<Review, Refusal> {
        let state = self.lock_state();
        let open = state.as_ref().ok_or(Refusal::Locked)?;
        let (file, ..) = open.key_file()?;
        let known = Known::in_open(open, &file)?;
        let db = Db::desk(&open.connection);
        let others: Vec<UserId> = db.all(
            "select id from user where disabled is null and id <> :own",
            named_params! { ":own": own },
            |row| row.get(0),
        )?;
        let mut slots = Vec::new();
        for user in others {
            let slot = file.slot_for(user).filter(|slot| known.has(slot));
            let state = match slot {
                None => Some(SlotState::Strange),
                Some(slot) if slot.has_letters() => {
                    news::renewed_since(&db, user)?.map(SlotState::Waits)
                }
                Some(_) => None,
            };
            slots.extend(state.map(|state| (user, state)));
        }
        let sheet = if file.recovery_sheet().is_some_and(|sheet| known.has(sheet)) {
            news::left_since_the_sheet(&db)?.map(|(name, at)| SheetDue::Left { name, at })
        } else {
            Some(SheetDue::Missing)
        };
        Ok(Review { slots, sheet })
    }
}
