//! Papers of people in the centre's keeping.

use chrono::NaiveDate;
use rusqlite::named_params;

use crate::kit::id::{CaseId, OriginalId, PersonId, UserId};
use crate::kit::world::World;
use crate::vault::{Actor, Casework, CaseworkTx, Refusal};

pub struct Original {
    pub id: OriginalId,
    pub person: PersonId,
    pub what: String,
    pub envelope: u32,
    pub place: String,
    pub taken_in: NaiveDate,
    pub by: String,
    pub witness: String,
    pub returned: Option<(NaiveDate, String)>,
}

pub struct TakenIn<'t> {
    pub person: PersonId,
    pub what: &'t str,
    pub place: &'t str,
    pub witness: UserId,
}

/// Envelopes are numbered through the centre, so that two can never be mistaken.
pub fn take_in(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    taken: &TakenIn<'_>,
) -> Result<OriginalId, Refusal> {
    let id = OriginalId::new(world);
    tx.execute(
        "insert into casework.case_original
           (id, case_file, person, what, envelope, place, taken_in, by, witness)
         values (:id, :case, :person, :what,
                 (select coalesce(max(envelope), 0) + 1 from casework.case_original),
                 :place, :today, :by, :witness)",
        named_params! {
            ":id": id, ":case": case, ":person": taken.person, ":what": taken.what,
            ":place": taken.place, ":today": world.today(), ":by": actor.user,
            ":witness": taken.witness,
        },
    )?;
    Ok(id)
}

/// `false` where there is no such paper in the house.
pub fn give_back(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    original: OriginalId,
    to: &str,
) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update casework.case_original
            set returned = :today, returned_to = :to, returned_by = :by
          where id = :id and case_file = :case and returned is null",
        named_params! {
            ":id": original, ":case": case, ":today": world.today(), ":to": to, ":by": actor.user,
        },
    )?;
    Ok(changed == 1)
}

/// Those in the house first.
pub fn originals(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Original>, Refusal> {
    casework.all(
        "select o.id, o.person, o.what, o.envelope, o.place, o.taken_in, coalesce(b.name, ''),
                coalesce(w.name, ''), o.returned, o.returned_to
           from casework.case_original o
           left join user b on b.id = o.by left join user w on w.id = o.witness
          where o.case_file = :case order by o.returned is not null, o.envelope",
        named_params! { ":case": case },
        |row| {
            Ok(Original {
                id: row.get(0)?,
                person: row.get(1)?,
                what: row.get(2)?,
                envelope: row.get(3)?,
                place: row.get(4)?,
                taken_in: row.get(5)?,
                by: row.get(6)?,
                witness: row.get(7)?,
                returned: Option::zip(row.get(8)?, row.get(9)?),
            })
        },
    )
}

/// Who can be the second to sign: everybody here but oneself.
pub fn witnesses(casework: &Casework<'_>, actor: Actor) -> Result<Vec<(UserId, String)>, Refusal> {
    casework.all(
        "select id, name from user where disabled is null and id <> :user order by name",
        named_params! { ":user": actor.user },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
