//! What stood half-typed when the program locked: kept in the file that its writer alone can
//! open — casework.db for whoever holds that key, else desk.db — and given back once.

use rusqlite::named_params;
use serde::{Deserialize, Serialize};

use super::holds_casework;
use crate::kit::id::UserId;
use crate::vault::sealed::{SealedKind, Unsealed};
use crate::vault::{CaseworkEvent, Db, Event, Refusal, Tx};
use crate::web::{Call, Kept, Result, access, is_secret};

/// Characters; a case note has a smaller limit of its own.
const LONGEST: usize = 60_000;

/// Reads what the page sent along with the lock; `None` where nothing was half-typed.
pub fn sent(call: &Call) -> Option<Kept> {
    let fields = call.sent.get("kept");
    if fields.is_empty() || fields.chars().count() > LONGEST {
        return None;
    }
    let roles = call.actor().ok()?.roles;
    // A form refused stands at an address that only takes posts: the page above it has the form.
    let path = access::nearest_page(roles, call.sent.get("kept-at"))?;
    let fields = without_secrets(fields)?;
    Some(Kept { path, fields })
}

/// A half-typed form as its page's script gives it.
#[derive(Serialize, Deserialize)]
struct HalfTyped {
    action: String,
    /// Of the record that the form changes, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    fields: Vec<(String, String)>,
    /// The names of the ticks and chips that were changed, also where none is left; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sets: Option<Vec<String>>,
}

/// Passphrases and the words of sheets are never written down (safety.md 2), whichever way the page
/// was left; `None` where nothing else was typed.
fn without_secrets(form: &str) -> Option<String> {
    let mut form: HalfTyped = serde_json::from_str(form).ok()?;
    form.fields.retain(|(name, _)| !is_secret(name));
    // What was emptied was changed too.
    let typed = !form.fields.is_empty() || form.sets.as_ref().is_some_and(|sets| !sets.is_empty());
    typed.then(|| serde_json::to_string(&form).ok()).flatten()
}

/// Where a form is kept: the table, in the file that its writer alone can open.
const CONFIDENTIAL: &str = "casework.kept_form";
const PLAIN: &str = "kept_form";
/// What was typed may be meant for few: of the confidential ones it is sealed for its writer.
const SEALED: SealedKind = SealedKind::KeptForm;

pub fn keep(call: &Call, kept: &Kept) -> Result<()> {
    let actor = call.actor()?;
    let (user, at) = (actor.user, call.app.world.stamp());
    if holds_casework(&call.app.vault, actor)? {
        let world = &call.app.world;
        return call.write_casework(|tx| {
            let place = Kept {
                path: kept.path.clone(),
                fields: String::new(),
            };
            insert(tx, CONFIDENTIAL, user, &place, &at)?;
            tx.seal(world, SEALED, user.record(), &[user], &kept.fields)?;
            Ok(((), CaseworkEvent::FormKept { user }))
        });
    }
    call.write(|tx| {
        insert(tx, PLAIN, user, kept, &at)?;
        Ok(((), Event::FormKept { user }))
    })
}

fn insert(tx: &impl Tx, table: &'static str, user: UserId, kept: &Kept, at: &str) -> Result<()> {
    tx.run(
        &format!(
            "insert or replace into {table} (user, path, fields, at)
             values (:user, :path, :fields, :at)"
        ),
        named_params! { ":user": user, ":path": kept.path, ":fields": kept.fields, ":at": at },
    )?;
    Ok(())
}

/// What was kept for whoever has just come in; it is not there a second time.
pub fn take(call: &Call) -> Result<Option<Kept>> {
    let actor = call.actor()?;
    let user = actor.user;
    let vault = &call.app.vault;
    let confidential = holds_casework(vault, actor)?;
    let kept = if confidential {
        call.list_casework(|casework| {
            let words = casework.unseal(SEALED, user.record())?;
            let place = found(casework, CONFIDENTIAL, user)?;
            Ok::<_, Refusal>(place.map(|place| match words {
                Unsealed::Words(fields) => Kept { fields, ..place },
                // The passphrase was given anew by somebody else.
                Unsealed::Closed | Unsealed::Nothing => place,
            }))
        })?
    } else {
        call.read(|db| found(db, PLAIN, user))?
    };
    let Some(kept) = kept else {
        return Ok(None);
    };
    if confidential {
        vault.write_casework(actor, None, |tx| {
            remove(tx, CONFIDENTIAL, user)?;
            tx.drop_sealed(SEALED, user.record())?;
            Ok::<_, Refusal>(((), CaseworkEvent::FormBroughtBack { user }))
        })?;
    } else {
        vault.write(actor, None, |tx| {
            remove(tx, PLAIN, user)?;
            Ok::<_, Refusal>(((), Event::FormBroughtBack { user }))
        })?;
    }
    if kept.fields.is_empty() {
        return Ok(None);
    }
    Ok(access::nearest_page(actor.roles, &kept.path).map(|path| Kept { path, ..kept }))
}

fn found(db: &Db<'_>, table: &'static str, user: UserId) -> Result<Option<Kept>> {
    db.one(
        &format!("select path, fields from {table} where user = :user"),
        named_params! { ":user": user },
        |row| {
            Ok(Kept {
                path: row.get(0)?,
                fields: row.get(1)?,
            })
        },
    )
}

fn remove(tx: &impl Tx, table: &'static str, user: UserId) -> Result<()> {
    tx.run(
        &format!("delete from {table} where user = :user"),
        named_params! { ":user": user },
    )?;
    Ok(())
}
