//! The money of a case.

use chrono::NaiveDate;
use rusqlite::{Row, named_params, types::Type};

use super::super::rules::{Instalment, Sum, SumKind};
use crate::kit::id::{CaseId, InstalmentId, SumId};
use crate::kit::money::Amount;
use crate::kit::world::World;
use crate::vault::{Actor, Casework, CaseworkTx, Refusal};

/// A sum that is to be noted.
pub struct NewSum<'n> {
    pub kind: SumKind,
    pub amount: Amount,
    pub day: NaiveDate,
    pub note: Option<&'n str>,
}

pub fn note_sum(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    new: &NewSum<'_>,
) -> Result<SumId, Refusal> {
    let id = SumId::new(world);
    tx.execute(
        "insert into casework.case_sum
           (id, case_file, kind, minor, currency, day, note, created, by)
         values (:id, :case, :kind, :minor, :currency, :day, :note, :created, :by)",
        named_params! {
            ":id": id, ":case": case, ":kind": new.kind, ":minor": new.amount.minor,
            ":currency": new.amount.currency.code, ":day": new.day, ":note": new.note,
            ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    Ok(id)
}

/// Takes a wrong sum out of the account; it stays to be read. `false` where there is none.
pub fn void_sum(
    tx: &CaseworkTx<'_>,
    world: &World,
    case: CaseId,
    sum: SumId,
    reason: &str,
) -> Result<bool, Refusal> {
    // An instalment that it was received for is expected again.
    tx.execute(
        "update casework.case_instalment set received = null
          where case_file = :case and received = :sum",
        named_params! { ":case": case, ":sum": sum },
    )?;
    let changed = tx.execute(
        "update casework.case_sum set voided = :at, void_reason = :reason
          where id = :sum and case_file = :case and voided is null",
        named_params! { ":case": case, ":sum": sum, ":at": world.stamp(), ":reason": reason },
    )?;
    Ok(changed == 1)
}

/// An amount in the columns `at`, its smallest units, and the one after it, its currency.
pub fn amount(row: &Row<'_>, at: usize) -> rusqlite::Result<Amount> {
    let code: String = row.get(at + 1)?;
    Amount::new(row.get(at)?, &code).ok_or_else(|| {
        let why = format!("no currency {code}").into();
        rusqlite::Error::FromSqlConversionFailure(at + 1, Type::Text, why)
    })
}

/// The sums that count.
pub fn sums(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Sum>, Refusal> {
    casework.all(
        "select id, kind, minor, currency, day from casework.case_sum
          where case_file = :case and voided is null order by day, id",
        named_params! { ":case": case },
        |row| {
            Ok(Sum {
                id: row.get(0)?,
                kind: row.get(1)?,
                amount: amount(row, 2)?,
                day: row.get(4)?,
            })
        },
    )
}

/// A sum with what is written beside it, voided or not.
pub struct SumLine {
    pub sum: Sum,
    pub note: Option<String>,
    pub by: String,
    pub void_reason: Option<String>,
}

/// The last first.
pub fn sum_lines(casework: &Casework<'_>, case: CaseId) -> Result<Vec<SumLine>, Refusal> {
    casework.all(
        "select s.id, s.kind, s.minor, s.currency, s.day, s.note, coalesce(u.name, ''),
                s.void_reason
           from casework.case_sum s left join user u on u.id = s.by
          where s.case_file = :case order by s.day desc, s.id desc",
        named_params! { ":case": case },
        |row| {
            Ok(SumLine {
                sum: Sum {
                    id: row.get(0)?,
                    kind: row.get(1)?,
                    amount: amount(row, 2)?,
                    day: row.get(4)?,
                },
                note: row.get(5)?,
                by: row.get(6)?,
                void_reason: row.get(7)?,
            })
        },
    )
}

pub fn plan_instalment(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    due: NaiveDate,
    amount: Amount,
) -> Result<InstalmentId, Refusal> {
    let id = InstalmentId::new(world);
    tx.execute(
        "insert into casework.case_instalment (id, case_file, due, minor, currency, created, by)
         values (:id, :case, :due, :minor, :currency, :created, :by)",
        named_params! {
            ":id": id, ":case": case, ":due": due, ":minor": amount.minor,
            ":currency": amount.currency.code, ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    Ok(id)
}

/// `false` where there is no such instalment to come.
pub fn receive_instalment(
    tx: &CaseworkTx<'_>,
    case: CaseId,
    instalment: InstalmentId,
    sum: SumId,
) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update casework.case_instalment set received = :sum
          where id = :id and case_file = :case and received is null",
        named_params! { ":id": instalment, ":case": case, ":sum": sum },
    )?;
    Ok(changed == 1)
}

pub fn instalments(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Instalment>, Refusal> {
    casework.all(
        "select i.id, i.due, i.minor, i.currency, s.day
           from casework.case_instalment i left join casework.case_sum s on s.id = i.received
          where i.case_file = :case order by i.due, i.id",
        named_params! { ":case": case },
        |row| {
            Ok(Instalment {
                id: row.get(0)?,
                due: row.get(1)?,
                amount: amount(row, 2)?,
                received: row.get(4)?,
            })
        },
    )
}

/// For each instalment, in the order of their days, the sum that came for it.
pub fn instalment_sums(
    casework: &Casework<'_>,
    case: CaseId,
) -> Result<Vec<Option<SumId>>, Refusal> {
    casework.all(
        "select received from casework.case_instalment where case_file = :case order by due, id",
        named_params! { ":case": case },
        |row| row.get(0),
    )
}
