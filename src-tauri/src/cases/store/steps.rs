//! What is to be done in a case: actions, deadlines, hearings.

use chrono::NaiveDate;
use rusqlite::named_params;

use super::super::rules::{ActionKind, DeadlineAnswer, DeadlineKind};
use crate::kit::id::{CaseActionId, CaseId, DeadlineId, HearingId, UserId};
use crate::kit::world::World;
use crate::vault::{Actor, Casework, CaseworkTx, Refusal};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    pub id: CaseActionId,
    pub kind: ActionKind,
    pub what: String,
    pub due: NaiveDate,
    pub by: String,
    /// The day that was planned first, of one that was moved.
    pub moved_from: Option<NaiveDate>,
    pub done: Option<NaiveDate>,
    pub result: Option<String>,
    /// Why it was not needed after all.
    pub needless: Option<String>,
}

pub struct Planned<'p> {
    pub kind: ActionKind,
    pub what: &'p str,
    pub due: NaiveDate,
    pub by: UserId,
}

pub fn plan_action(
    tx: &CaseworkTx<'_>,
    world: &World,
    case: CaseId,
    planned: &Planned<'_>,
) -> Result<CaseActionId, Refusal> {
    let id = CaseActionId::new(world);
    tx.execute(
        "insert into casework.case_action (id, case_file, kind, what, due, by, created)
         values (:id, :case, :kind, :what, :due, :by, :created)",
        named_params! {
            ":id": id, ":case": case, ":kind": planned.kind, ":what": planned.what,
            ":due": planned.due, ":by": planned.by, ":created": world.stamp(),
        },
    )?;
    Ok(id)
}

/// `false` where there is no such action to be done.
pub fn action_done(
    tx: &CaseworkTx<'_>,
    world: &World,
    case: CaseId,
    action: CaseActionId,
    result: Option<&str>,
) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update casework.case_action set done = :today, result = :result
          where id = :id and case_file = :case and done is null",
        named_params! {
            ":id": action, ":case": case, ":today": world.today(), ":result": result,
        },
    )?;
    Ok(changed == 1)
}

/// `false` where there is no such action to be done.
pub fn move_action(
    tx: &CaseworkTx<'_>,
    case: CaseId,
    action: CaseActionId,
    due: NaiveDate,
) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update casework.case_action set moved_from = coalesce(moved_from, due), due = :due
          where id = :id and case_file = :case and done is null",
        named_params! { ":id": action, ":case": case, ":due": due },
    )?;
    Ok(changed == 1)
}

/// `false` where there is no such action to be done.
pub fn drop_action(
    tx: &CaseworkTx<'_>,
    world: &World,
    case: CaseId,
    action: CaseActionId,
    why: &str,
) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update casework.case_action set done = :today, needless = :why
          where id = :id and case_file = :case and done is null",
        named_params! { ":id": action, ":case": case, ":today": world.today(), ":why": why },
    )?;
    Ok(changed == 1)
}

/// Those to be done first, the earliest first; then those done, the last first.
pub fn actions(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Action>, Refusal> {
    casework.all(
        "select a.id, a.kind, a.what, a.due, coalesce(u.name, ''), a.done, a.result,
                a.moved_from, a.needless
           from casework.case_action a left join user u on u.id = a.by
          where a.case_file = :case
          order by a.done is not null, case when a.done is null then a.due end, a.done desc",
        named_params! { ":case": case },
        |row| {
            Ok(Action {
                id: row.get(0)?,
                kind: row.get(1)?,
                what: row.get(2)?,
                due: row.get(3)?,
                by: row.get(4)?,
                done: row.get(5)?,
                result: row.get(6)?,
                moved_from: row.get(7)?,
                needless: row.get(8)?,
            })
        },
    )
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    pub id: DeadlineId,
    pub kind: DeadlineKind,
    pub day: NaiveDate,
    pub source: String,
    pub answer: Option<DeadlineAnswer>,
}

pub fn set_deadline(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    (kind, day, source): (DeadlineKind, NaiveDate, &str),
) -> Result<DeadlineId, Refusal> {
    let id = DeadlineId::new(world);
    tx.execute(
        "insert into casework.case_deadline (id, case_file, kind, day, source, created, by)
         values (:id, :case, :kind, :day, :source, :created, :by)",
        named_params! {
            ":id": id, ":case": case, ":kind": kind, ":day": day, ":source": source,
            ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    Ok(id)
}

/// `false` where there is no such open deadline.
pub fn move_deadline(
    tx: &CaseworkTx<'_>,
    case: CaseId,
    deadline: DeadlineId,
    day: NaiveDate,
) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update casework.case_deadline set day = :day
          where id = :id and case_file = :case and answer is null",
        named_params! { ":id": deadline, ":case": case, ":day": day },
    )?;
    Ok(changed == 1)
}

/// `false` where there is no such open deadline.
pub fn answer_deadline(
    tx: &CaseworkTx<'_>,
    world: &World,
    case: CaseId,
    deadline: DeadlineId,
    answer: DeadlineAnswer,
) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update casework.case_deadline set answer = :answer, answered = :at
          where id = :id and case_file = :case and answer is null",
        named_params! {
            ":id": deadline, ":case": case, ":answer": answer, ":at": world.stamp(),
        },
    )?;
    Ok(changed == 1)
}

/// Those that are open first, then by day.
pub fn deadlines(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Deadline>, Refusal> {
    casework.all(
        "select id, kind, day, source, answer from casework.case_deadline
          where case_file = :case order by answer is not null, day",
        named_params! { ":case": case },
        |row| {
            Ok(Deadline {
                id: row.get(0)?,
                kind: row.get(1)?,
                day: row.get(2)?,
                source: row.get(3)?,
                answer: row.get(4)?,
            })
        },
    )
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hearing {
    pub id: HearingId,
    pub day: NaiveDate,
    pub hour: Option<String>,
    pub place: String,
    pub result: Option<String>,
    pub held: Option<NaiveDate>,
}

pub fn set_hearing(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    (day, hour, place): (NaiveDate, Option<&str>, &str),
) -> Result<HearingId, Refusal> {
    let id = HearingId::new(world);
    tx.execute(
        "insert into casework.case_hearing (id, case_file, day, hour, place, created, by)
         values (:id, :case, :day, :hour, :place, :created, :by)",
        named_params! {
            ":id": id, ":case": case, ":day": day, ":hour": hour, ":place": place,
            ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    Ok(id)
}

/// `false` where there is no such hearing to come.
pub fn hearing_held(
    tx: &CaseworkTx<'_>,
    world: &World,
    case: CaseId,
    hearing: HearingId,
    result: &str,
) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update casework.case_hearing set held = :today, result = :result
          where id = :id and case_file = :case and held is null",
        named_params! {
            ":id": hearing, ":case": case, ":today": world.today(), ":result": result,
        },
    )?;
    Ok(changed == 1)
}

pub fn hearings(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Hearing>, Refusal> {
    casework.all(
        "select id, day, hour, place, result, held from casework.case_hearing
          where case_file = :case order by held is not null, day",
        named_params! { ":case": case },
        |row| {
            Ok(Hearing {
                id: row.get(0)?,
                day: row.get(1)?,
                hour: row.get(2)?,
                place: row.get(3)?,
                result: row.get(4)?,
                held: row.get(5)?,
            })
        },
    )
}
