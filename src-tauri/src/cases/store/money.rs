//! The money of a case.

use chrono::NaiveDate;
use rusqlite::{Row, named_params, types::Type};

use super::super::rules::{self, Instalment, InstalmentPlan, Sum, SumKind};
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
    /// The instalment that it came for.
    pub instalment: Option<InstalmentId>,
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
           (id, case_file, kind, minor, currency, day, note, instalment, created, by)
         values (:id, :case, :kind, :minor, :currency, :day, :note, :instalment, :created, :by)",
        named_params! {
            ":id": id, ":case": case, ":kind": new.kind, ":minor": new.amount.minor,
            ":currency": new.amount.currency.code, ":day": new.day, ":note": new.note,
            ":instalment": new.instalment, ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    tell_expected(tx, case)?;
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
    let changed = tx.execute(
        "update casework.case_sum set voided = :at, void_reason = :reason
          where id = :sum and case_file = :case and voided is null",
        named_params! { ":case": case, ":sum": sum, ":at": world.stamp(), ":reason": reason },
    )?;
    tell_expected(tx, case)?;
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
        "select id, kind, minor, currency, day, instalment from casework.case_sum
          where case_file = :case and voided is null order by day, id",
        named_params! { ":case": case },
        |row| {
            Ok(Sum {
                id: row.get(0)?,
                kind: row.get(1)?,
                amount: amount(row, 2)?,
                day: row.get(4)?,
                instalment: row.get(5)?,
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
                s.void_reason, s.instalment
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
                    instalment: row.get(8)?,
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
    tell_expected(tx, case)?;
    Ok(id)
}

/// Expects it on another day; the one that was agreed first stays beside it. `false` where there is
/// no such instalment.
pub fn move_instalment(
    tx: &CaseworkTx<'_>,
    case: CaseId,
    instalment: InstalmentId,
    due: NaiveDate,
) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update casework.case_instalment set due = :due, moved_from = coalesce(moved_from, due)
          where id = :id and case_file = :case and voided is null",
        named_params! { ":id": instalment, ":case": case, ":due": due },
    )?;
    tell_expected(tx, case)?;
    Ok(changed == 1)
}

/// Takes out one that nobody expects any more; it stays to be read. `false` where there is none.
pub fn void_instalment(
    tx: &CaseworkTx<'_>,
    world: &World,
    case: CaseId,
    instalment: InstalmentId,
    reason: &str,
) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update casework.case_instalment set voided = :at, void_reason = :reason
          where id = :id and case_file = :case and voided is null",
        named_params! {
            ":id": instalment, ":case": case, ":at": world.stamp(), ":reason": reason,
        },
    )?;
    tell_expected(tx, case)?;
    Ok(changed == 1)
}

/// The earliest first, each with what became of it.
pub fn instalments(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Instalment>, Refusal> {
    let plans = casework.all(
        "select id, due, minor, currency, moved_from, void_reason
           from casework.case_instalment where case_file = :case order by due, id",
        named_params! { ":case": case },
        |row| {
            Ok(InstalmentPlan {
                id: row.get(0)?,
                due: row.get(1)?,
                amount: amount(row, 2)?,
                moved_from: row.get(4)?,
                void_reason: row.get(5)?,
            })
        },
    )?;
    Ok(rules::instalments(plans, &sums(casework, case)?))
}

/// Keeps what is expected of each instalment beside it, for the lists. Whatever changes the money of
/// a case ends here.
fn tell_expected(tx: &CaseworkTx<'_>, case: CaseId) -> Result<(), Refusal> {
    for one in instalments(tx, case)? {
        tx.execute(
            "update casework.case_instalment set expected = :expected
              where id = :id and expected <> :expected",
            named_params! { ":id": one.plan.id, ":expected": one.expected.minor },
        )?;
    }
    Ok(())
}
