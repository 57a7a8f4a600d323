//! Letters that were printed, and who agreed that what is told to whom.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Row, named_params};

use super::super::documents::{Part, Sharing};
use crate::kit::id::{CaseId, PartnerId, PersonId, ShareId};
use crate::kit::lang::Lang;
use crate::kit::world::World;
use crate::people::consent::How;
use crate::vault::{Actor, Casework, CaseworkTx, Refusal};

/// A demand, as the worker wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    pub addressed: String,
    pub language: Lang,
    pub facts: String,
    /// The law, typed by the worker, never by the program.
    pub basis: String,
    pub until: NaiveDate,
    pub answer_to: String,
}

impl Demand {
    /// The name that the address begins with.
    pub fn to(&self) -> &str {
        self.addressed.lines().next().unwrap_or_default().trim()
    }
}

pub fn keep_demand(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    demand: &Demand,
) -> Result<(), Refusal> {
    tx.execute(
        "insert into casework.case_letter
           (case_file, addressed, language, facts, basis, until, answer_to, at, by)
         values (:case, :addressed, :language, :facts, :basis, :until, :answer_to, :at, :by)",
        named_params! {
            ":case": case, ":addressed": demand.addressed, ":language": demand.language,
            ":facts": demand.facts, ":basis": demand.basis, ":until": demand.until,
            ":answer_to": demand.answer_to, ":at": world.stamp(), ":by": actor.user,
        },
    )?;
    Ok(())
}

/// A demand that was printed: when, and by whom.
pub struct PrintedDemand {
    pub demand: Demand,
    pub at: DateTime<Utc>,
    pub by: String,
}

/// Each time that a demand was printed; the last first.
pub fn demands(casework: &Casework<'_>, case: CaseId) -> Result<Vec<PrintedDemand>, Refusal> {
    casework.all(
        "select l.addressed, l.language, l.facts, l.basis, l.until, l.answer_to, l.at,
                coalesce(u.name, '')
           from casework.case_letter l left join user u on u.id = l.by
          where l.case_file = :case order by l.seq desc",
        named_params! { ":case": case },
        |row| {
            let demand = Demand {
                addressed: row.get(0)?,
                language: row.get(1)?,
                facts: row.get(2)?,
                basis: row.get(3)?,
                until: row.get(4)?,
                answer_to: row.get(5)?,
            };
            Ok(PrintedDemand {
                demand,
                at: row.get(6)?,
                by: row.get(7)?,
            })
        },
    )
}

pub struct Share {
    pub id: ShareId,
    pub person: PersonId,
    pub how: How,
    pub sharing: Sharing,
}

pub fn agree(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    person: PersonId,
    how: How,
    sharing: &Sharing,
) -> Result<ShareId, Refusal> {
    let id = ShareId::new(world);
    let parts = serde_json::to_string(&sharing.parts).expect("codes are plain data");
    tx.execute(
        "insert into casework.case_share
           (id, case_file, person, partner, parts, how, given, expires, by)
         values (:id, :case, :person, :partner, :parts, :how, :given, :expires, :by)",
        named_params! {
            ":id": id, ":case": case, ":person": person, ":partner": sharing.partner,
            ":parts": parts, ":how": how, ":given": sharing.given, ":expires": sharing.expires,
            ":by": actor.user,
        },
    )?;
    Ok(id)
}

/// `false` where it was withdrawn before.
pub fn withdraw(
    tx: &CaseworkTx<'_>,
    world: &World,
    case: CaseId,
    share: ShareId,
) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update casework.case_share set withdrawn = :today
          where id = :id and case_file = :case and withdrawn is null",
        named_params! { ":id": share, ":case": case, ":today": world.today() },
    )?;
    Ok(changed == 1)
}

const SHARE: &str = "select id, person, partner, parts, how, given, expires, withdrawn
    from casework.case_share";

/// The last first.
pub fn shares(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Share>, Refusal> {
    casework.all(
        &format!("{SHARE} where case_file = :case order by id desc"),
        named_params! { ":case": case },
        share_of,
    )
}

pub fn share(casework: &Casework<'_>, case: CaseId, id: ShareId) -> Result<Option<Share>, Refusal> {
    casework.one(
        &format!("{SHARE} where id = :id and case_file = :case"),
        named_params! { ":id": id, ":case": case },
        share_of,
    )
}

fn share_of(row: &Row<'_>) -> rusqlite::Result<Share> {
    let parts: String = row.get(3)?;
    let parts: BTreeSet<Part> =
        serde_json::from_str(&parts).map_err(|_| rusqlite::Error::InvalidQuery)?;
    let partner: PartnerId = row.get(2)?;
    Ok(Share {
        id: row.get(0)?,
        person: row.get(1)?,
        how: row.get(4)?,
        sharing: Sharing {
            partner,
            parts,
            given: row.get(5)?,
            expires: row.get(6)?,
            withdrawn: row.get(7)?,
        },
    })
}
