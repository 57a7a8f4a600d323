//! What was changed in a person's record, when and by whom; nothing is forgotten.

use chrono::{DateTime, Utc};
use rusqlite::named_params;

use super::rules::Profile;
use crate::kit::id::PersonId;
use crate::vault::{Db, Refusal};

/// One change: the record as it was before, and as it became.
pub struct Change {
    pub at: DateTime<Utc>,
    pub by: String,
    pub before: Profile,
    pub after: Profile,
}

/// The newest first. `now` is the record as it is.
pub fn changes(db: &Db<'_>, person: PersonId, now: &Profile) -> Result<Vec<Change>, Refusal> {
    let kept: Vec<(DateTime<Utc>, String, String)> = db.all(
        "select b.at, u.name, b.before from person_before b join user u on u.id = b.by
          where b.person = :person order by b.seq desc",
        named_params! { ":person": person },
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let mut after = now.clone();
    let mut changes = Vec::with_capacity(kept.len());
    for (at, by, before) in kept {
        let Ok(before) = serde_json::from_str::<Profile>(&before) else {
            continue;
        };
        changes.push(Change {
            at,
            by,
            before: before.clone(),
            after,
        });
        after = before;
    }
    Ok(changes)
}
