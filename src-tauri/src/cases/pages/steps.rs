//! What is to be done in a case, by when: actions, deadlines, hearings.

use std::result::Result as Either;

use askama::Template;

use super::{Head, Inline, back, change, choices, enter, on_page, refused};
use crate::cases::forms::{chosen, day, day_to_come, hour};
use crate::cases::rules::{ActionKind, DeadlineAnswer, DeadlineKind};
use crate::cases::store::{self, Action, Deadline, Hearing, Planned};
use crate::kit::id::{CaseActionId, CaseId, DeadlineId, HearingId, UserId};
use crate::vault::{CaseworkEvent, Refusal};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result};

struct ActionLine {
    action: Action,
    label: String,
    due: String,
    done: Option<String>,
    moved: Option<String>,
    late: bool,
}

struct DeadlineLine {
    deadline: Deadline,
    label: String,
    day: String,
    answer: Option<String>,
    late: bool,
}

struct HearingLine {
    hearing: Hearing,
    day: String,
    gone: bool,
}

#[derive(Template)]
#[template(path = "cases/steps.html")]
struct Page<'p> {
    c: &'p Ctx,
    head: Head,
    /// The line that the work list or the calendar led to.
    item: String,
    actions: Vec<ActionLine>,
    what: Field,
    kind: Field,
    kinds: Vec<Choice>,
    due: Field,
    by: Field,
    workers: Vec<Choice>,
    deadlines: Vec<DeadlineLine>,
    deadline_kind: Field,
    deadline_kinds: Vec<Choice>,
    deadline_day: Field,
    source: Field,
    answers: Vec<(&'static str, String)>,
    hearings: Vec<HearingLine>,
    hearing_day: Field,
    hearing_hour: Field,
    hearing_place: Field,
    result: Inline<CaseActionId>,
    /// Another day, and why it is not needed.
    to: Inline<CaseActionId>,
    needless: Inline<CaseActionId>,
    outcome: Inline<HearingId>,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, steps_page, |_, page| Answer::page(&page))
}

fn steps_page<'p>(call: &Call, c: &'p Ctx) -> Result<Either<Page<'p>, Answer>> {
    let (head, file) = match enter(call, c, "steps")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    let today = c.today();
    let me = call.actor()?.user.to_string();
    let (actions, deadlines, hearings, workers) = call.list_casework(|casework| {
        Ok::<_, Refusal>((
            store::actions(casework, file.id)?,
            store::deadlines(casework, file.id)?,
            store::hearings(casework, file.id)?,
            store::caseworkers(casework)?,
        ))
    })?;
    Ok(Ok(Page {
        c,
        head,
        item: call.sent.get("item").to_owned(),
        actions: actions
            .into_iter()
            .map(|action| ActionLine {
                label: c.t(action.kind.label_key()),
                due: c.day(action.due),
                done: action.done.map(|day| c.day(day)),
                moved: action.moved_from.map(|day| c.day(day)),
                late: action.done.is_none() && action.due < today,
                action,
            })
            .collect(),
        what: Field::new("what", 200),
        kind: Field::new("action-kind", 20),
        kinds: choices(
            ActionKind::ALL,
            |k| (k.code(), c.t(k.label_key())),
            ActionKind::Call.code(),
        ),
        due: Field::new("due", 12),
        by: Field::new("by", 40),
        workers: workers
            .into_iter()
            .map(|(user, name)| {
                let id = user.to_string();
                let is = id == me;
                Choice::new(id, name, is)
            })
            .collect(),
        deadlines: deadlines
            .into_iter()
            .map(|deadline| DeadlineLine {
                label: c.t(deadline.kind.label_key()),
                day: c.weekday(deadline.day),
                answer: deadline.answer.map(|answer| c.t(answer.label_key())),
                late: deadline.answer.is_none() && deadline.day < today,
                deadline,
            })
            .collect(),
        deadline_kind: Field::new("deadline-kind", 20),
        deadline_kinds: choices(
            DeadlineKind::ALL,
            |k| (k.code(), c.t(k.label_key())),
            DeadlineKind::Limitation.code(),
        ),
        deadline_day: Field::new("deadline-day", 12),
        source: Field::new("source", 200),
        answers: DeadlineAnswer::ALL
            .iter()
            .map(|answer| (answer.code(), c.t(answer.label_key())))
            .collect(),
        hearings: hearings
            .into_iter()
            .map(|hearing| HearingLine {
                day: c.weekday(hearing.day),
                gone: hearing.day <= today,
                hearing,
            })
            .collect(),
        hearing_day: Field::new("hearing-day", 12),
        hearing_hour: Field::new("hearing-hour", 5),
        hearing_place: Field::new("hearing-place", 120),
        result: Inline::new("result", 500),
        to: Inline::new("action-day", 12),
        needless: Inline::new("needless", 200),
        outcome: Inline::new("outcome", 500),
    }))
}

pub fn plan(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, steps_page, |case, mut page| {
        let today = c.today();
        let what = page.what.required(c, &call.sent);
        let kind = page
            .kind
            .read(c, &call.sent, |v, _| chosen(ActionKind::from_code(v)));
        let due = page.due.read(c, &call.sent, |v, _| day_to_come(v, today));
        let known: Vec<String> = page.workers.iter().map(|w| w.value.clone()).collect();
        let by = page.by.read(c, &call.sent, |v, _| {
            chosen(
                v.parse::<UserId>()
                    .ok()
                    .filter(|_| known.iter().any(|k| k == v)),
            )
        });
        let (Some(what), Some(kind), Some(due), Some(by)) = (what, kind, due, by) else {
            page.kinds = choices(
                ActionKind::ALL,
                |k| (k.code(), c.t(k.label_key())),
                &page.kind.value,
            );
            return refused(&page);
        };
        change(call, case, |tx, _| {
            let planned = Planned {
                kind,
                what: &what,
                due,
                by,
            };
            let action = store::plan_action(tx, &call.app.world, case, &planned)?;
            Ok(((), CaseworkEvent::ActionPlanned { case, action }))
        })?;
        back(call, case, "/steps", "cases.said.planned")
    })
}

pub fn done(call: &Call) -> Result {
    let c = &call.context();
    let action: CaseActionId = call.part("action")?;
    on_page(call, c, steps_page, |case, mut page| {
        let read = |field: &mut Field| field.optional(c, &call.sent);
        let Some(result) = page.result.read(action, read) else {
            return refused(&page);
        };
        change(call, case, |tx, _| {
            if !store::action_done(tx, &call.app.world, case, action, result.as_deref())? {
                return Err(Refusal::Missing);
            }
            Ok(((), CaseworkEvent::ActionDone { case, action }))
        })?;
        back(call, case, "/steps", "cases.said.done")
    })
}

pub fn move_to(call: &Call) -> Result {
    let c = &call.context();
    let action: CaseActionId = call.part("action")?;
    on_page(call, c, steps_page, |case, mut page| {
        let today = c.today();
        let read = |field: &mut Field| field.read(c, &call.sent, |v, _| day_to_come(v, today));
        let Some(due) = page.to.read(action, read) else {
            return refused(&page);
        };
        change(call, case, |tx, _| {
            if !store::move_action(tx, case, action, due)? {
                return Err(Refusal::Missing);
            }
            Ok(((), CaseworkEvent::ActionMoved { case, action }))
        })?;
        back(call, case, "/steps", "cases.said.action_moved")
    })
}

pub fn needless(call: &Call) -> Result {
    let c = &call.context();
    let action: CaseActionId = call.part("action")?;
    on_page(call, c, steps_page, |case, mut page| {
        let read = |field: &mut Field| field.required(c, &call.sent);
        let Some(why) = page.needless.read(action, read) else {
            return refused(&page);
        };
        change(call, case, |tx, _| {
            if !store::drop_action(tx, &call.app.world, case, action, &why)? {
                return Err(Refusal::Missing);
            }
            Ok(((), CaseworkEvent::ActionDropped { case, action }))
        })?;
        back(call, case, "/steps", "cases.said.action_dropped")
    })
}

pub fn deadline(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, steps_page, |case, mut page| {
        let today = c.today();
        let kind = page
            .deadline_kind
            .read(c, &call.sent, |v, _| chosen(DeadlineKind::from_code(v)));
        let until = page
            .deadline_day
            .read(c, &call.sent, |v, _| day_to_come(v, today));
        let source = page.source.required(c, &call.sent);
        let (Some(kind), Some(until), Some(source)) = (kind, until, source) else {
            page.deadline_kinds = choices(
                DeadlineKind::ALL,
                |k| (k.code(), c.t(k.label_key())),
                &page.deadline_kind.value,
            );
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        change(call, case, |tx, _| {
            let deadline = store::set_deadline(tx, world, actor, case, (kind, until, &source))?;
            Ok(((), CaseworkEvent::DeadlineSet { case, deadline }))
        })?;
        back(call, case, "/steps", "cases.said.deadline")
    })
}

pub fn answer(call: &Call) -> Result {
    let case: CaseId = call.part("case")?;
    let deadline: DeadlineId = call.part("deadline")?;
    let answer = DeadlineAnswer::from_code(call.sent.get("answer")).ok_or(Refusal::Missing)?;
    change(call, case, |tx, _| {
        if !store::answer_deadline(tx, &call.app.world, case, deadline, answer)? {
            return Err(Refusal::Missing);
        }
        Ok(((), CaseworkEvent::DeadlineAnswered { case, deadline }))
    })?;
    back(call, case, "/steps", "cases.said.saved")
}

pub fn hearing(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, steps_page, |case, mut page| {
        let on = page.hearing_day.read(c, &call.sent, |v, _| day(v));
        let at = page.hearing_hour.read(c, &call.sent, |v, _| {
            if v.trim().is_empty() {
                return Ok(None);
            }
            hour(v).map(Some)
        });
        let place = page.hearing_place.required(c, &call.sent);
        let (Some(on), Some(at), Some(place)) = (on, at, place) else {
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        change(call, case, |tx, _| {
            let hearing = store::set_hearing(tx, world, actor, case, (on, at.as_deref(), &place))?;
            Ok(((), CaseworkEvent::HearingSet { case, hearing }))
        })?;
        back(call, case, "/steps", "cases.said.hearing")
    })
}

pub fn held(call: &Call) -> Result {
    let c = &call.context();
    let hearing: HearingId = call.part("hearing")?;
    on_page(call, c, steps_page, |case, mut page| {
        let read = |field: &mut Field| field.required(c, &call.sent);
        let Some(result) = page.outcome.read(hearing, read) else {
            return refused(&page);
        };
        change(call, case, |tx, _| {
            if !store::hearing_held(tx, &call.app.world, case, hearing, &result)? {
                return Err(Refusal::Missing);
            }
            Ok(((), CaseworkEvent::HearingHeld { case, hearing }))
        })?;
        back(call, case, "/steps", "cases.said.saved")
    })
}
