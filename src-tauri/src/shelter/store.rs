//! Stays in casework.db. Their place passes the sealed door of the vault alone.

use chrono::NaiveDate;
use rusqlite::named_params;

use super::rules::{Left, Nights};
use crate::kit::id::{CaseId, PersonId, StayId, UserId};
use crate::kit::world::World;
use crate::vault::sealed::{SealedKind, Unsealed};
use crate::vault::{Actor, Casework, CaseworkTx, Refusal};

const PLACE: SealedKind = SealedKind::ShelterPlace;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    pub id: StayId,
    pub person: PersonId,
    pub came: NaiveDate,
    pub children: u8,
    pub rules_signed: Option<NaiveDate>,
    pub exit_plan: Option<String>,
    pub left: Option<Left>,
    pub by: String,
    /// Whether a place was written down.
    pub placed: bool,
}

impl Stay {
    pub fn nights(&self) -> Nights {
        Nights {
            came: self.came,
            left: self.left.as_ref().map(|left| left.on),
        }
    }
}

pub struct NewStay<'s> {
    pub person: PersonId,
    pub came: NaiveDate,
    pub children: u8,
    pub rules_signed: Option<NaiveDate>,
    pub exit_plan: Option<&'s str>,
    pub place: Option<&'s str>,
}

/// The last first.
pub fn stays(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Stay>, Refusal> {
    casework.all(
        "select s.id, s.person, s.came, s.children, s.rules_signed, s.exit_plan, s.left_on,
                s.left_why, s.left_words, coalesce(u.name, ''),
                exists (select 1 from casework.sealed_text t where t.id = s.id)
           from casework.shelter_stay s left join user u on u.id = s.by
          where s.case_file = :case order by s.came desc, s.created desc",
        named_params! { ":case": case },
        |row| {
            Ok(Stay {
                id: row.get(0)?,
                person: row.get(1)?,
                came: row.get(2)?,
                children: row.get(3)?,
                rules_signed: row.get(4)?,
                exit_plan: row.get(5)?,
                left: match (row.get(6)?, row.get(7)?) {
                    (Some(on), Some(why)) => Some(Left {
                        on,
                        why,
                        words: row.get(8)?,
                    }),
                    _ => None,
                },
                by: row.get(9)?,
                placed: row.get(10)?,
            })
        },
    )
}

/// The stay, if it is one of this case.
pub fn stay(casework: &Casework<'_>, case: CaseId, id: StayId) -> Result<Stay, Refusal> {
    let stays = stays(casework, case)?;
    let found = stays.into_iter().find(|stay| stay.id == id);
    found.ok_or(Refusal::Missing)
}

/// When somebody stayed, in whichever case.
pub fn nights_of(casework: &Casework<'_>, person: PersonId) -> Result<Vec<Nights>, Refusal> {
    casework.all(
        "select came, left_on from casework.shelter_stay where person = :person",
        named_params! { ":person": person },
        |row| {
            Ok(Nights {
                came: row.get(0)?,
                left: row.get(1)?,
            })
        },
    )
}

pub fn begin(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    readers: &[UserId],
    new: &NewStay<'_>,
) -> Result<StayId, Refusal> {
    let id = StayId::new(world);
    tx.execute(
        "insert into casework.shelter_stay
           (id, case_file, person, came, children, rules_signed, exit_plan, created, by)
         values (:id, :case, :person, :came, :children, :rules, :plan, :created, :by)",
        named_params! {
            ":id": id, ":case": case, ":person": new.person, ":came": new.came,
            ":children": new.children, ":rules": new.rules_signed, ":plan": new.exit_plan,
            ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    if let Some(place) = new.place {
        seal_place(tx, world, id, readers, place)?;
    }
    Ok(id)
}

pub fn seal_place(
    tx: &CaseworkTx<'_>,
    world: &World,
    stay: StayId,
    readers: &[UserId],
    place: &str,
) -> Result<(), Refusal> {
    tx.seal(world, PLACE, stay.record(), readers, place)
}

/// Lets all who work on the case read the place. Only who reads it can.
pub fn share_place(
    tx: &CaseworkTx<'_>,
    world: &World,
    stay: StayId,
    readers: &[UserId],
) -> Result<(), Refusal> {
    tx.share(world, PLACE, stay.record(), readers)
}

pub fn place(casework: &Casework<'_>, stay: StayId) -> Result<Unsealed, Refusal> {
    casework.unseal(PLACE, stay.record())
}

pub fn place_readers(casework: &Casework<'_>, stay: StayId) -> Result<Vec<UserId>, Refusal> {
    casework.readers(PLACE, stay.record())
}

/// Only `rules::leaves` lets somebody leave.
pub fn end(tx: &CaseworkTx<'_>, stay: StayId, left: &Left) -> Result<(), Refusal> {
    tx.execute(
        "update casework.shelter_stay
            set left_on = :on, left_why = :why, left_words = :words where id = :id",
        named_params! {
            ":id": stay, ":on": left.on, ":why": left.why, ":words": left.words,
        },
    )?;
    Ok(())
}
