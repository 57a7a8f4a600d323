//! Talks in casework.db. The words of their notes pass the sealed door of the vault alone.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::named_params;

use super::rules::{Minutes, TalkKind};
use crate::kit::id::{CaseId, CounsellingId, CounsellingNoteId, PersonId, UserId};
use crate::kit::world::World;
use crate::vault::sealed::{SealedKind, Unsealed};
use crate::vault::{Actor, Casework, CaseworkTx, Refusal};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Talk {
    pub id: CounsellingId,
    pub person: PersonId,
    pub day: NaiveDate,
    pub minutes: u16,
    pub kind: TalkKind,
    pub by: UserId,
    pub by_name: String,
}

pub struct NewTalk<'t> {
    pub person: PersonId,
    pub day: NaiveDate,
    pub minutes: Minutes,
    pub kind: TalkKind,
    pub note: &'t str,
}

/// The last first.
pub fn talks(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Talk>, Refusal> {
    casework.all(
        "select s.id, s.person, s.day, s.minutes, s.kind, s.by, coalesce(u.name, '')
           from casework.counselling_session s left join user u on u.id = s.by
          where s.case_file = :case order by s.day desc, s.created desc",
        named_params! { ":case": case },
        |row| {
            Ok(Talk {
                id: row.get(0)?,
                person: row.get(1)?,
                day: row.get(2)?,
                minutes: row.get(3)?,
                kind: row.get(4)?,
                by: row.get(5)?,
                by_name: row.get(6)?,
            })
        },
    )
}

/// The talk, if it is one of this case.
pub fn talk(casework: &Casework<'_>, case: CaseId, id: CounsellingId) -> Result<Talk, Refusal> {
    let talks = talks(casework, case)?;
    let found = talks.into_iter().find(|talk| talk.id == id);
    found.ok_or(Refusal::Missing)
}

pub fn add(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    new: &NewTalk<'_>,
) -> Result<CounsellingId, Refusal> {
    let id = CounsellingId::new(world);
    tx.execute(
        "insert into casework.counselling_session
           (id, case_file, person, day, minutes, kind, created, by)
         values (:id, :case, :person, :day, :minutes, :kind, :created, :by)",
        named_params! {
            ":id": id, ":case": case, ":person": new.person, ":day": new.day,
            ":minutes": new.minutes.count(), ":kind": new.kind, ":created": world.stamp(),
            ":by": actor.user,
        },
    )?;
    add_note(tx, world, actor, id, new.note)?;
    Ok(id)
}

/// Adds what only its author and the two who are named will read.
pub fn add_note(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    talk: CounsellingId,
    words: &str,
) -> Result<(), Refusal> {
    let id = CounsellingNoteId::new(world);
    tx.execute(
        "insert into casework.counselling_note (id, session, at, by)
         values (:id, :talk, :at, :by)",
        named_params! { ":id": id, ":talk": talk, ":at": world.stamp(), ":by": actor.user },
    )?;
    let kind = SealedKind::CounsellingNote;
    tx.seal(world, kind, id.record(), &[actor.user], words)
}

pub struct Note {
    pub at: DateTime<Utc>,
    pub by: String,
    pub words: Unsealed,
}

/// The notes of a talk, each opened where whoever is in may read it.
pub fn notes(casework: &Casework<'_>, talk: CounsellingId) -> Result<Vec<Note>, Refusal> {
    let kept: Vec<(CounsellingNoteId, DateTime<Utc>, String)> = casework.all(
        "select n.id, n.at, coalesce(u.name, '')
           from casework.counselling_note n left join user u on u.id = n.by
          where n.session = :talk order by n.at",
        named_params! { ":talk": talk },
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    kept.into_iter()
        .map(|(id, at, by)| {
            let words = casework.unseal(SealedKind::CounsellingNote, id.record())?;
            Ok(Note { at, by, words })
        })
        .collect()
}
