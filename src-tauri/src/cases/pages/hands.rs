//! In whose hands a case is: taking it, passing it on, who helps, who else has read it.

use std::result::Result as Either;

use askama::Template;

use super::{Head, back, change, enter, on_page, refused};
use crate::cases::forms::chosen;
use crate::cases::store::{self, Transfer};
use crate::kit::id::{CaseId, UserId};
use crate::vault::{CaseworkEvent, Refusal};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result};

struct Reading {
    when: String,
    by: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "cases/hands.html")]
struct Page<'p> {
    c: &'p Ctx,
    head: Head,
    transfer: Option<Transfer>,
    offered_by_me: bool,
    to: Field,
    others: Vec<Choice>,
    note: Field,
    second: Field,
    seconds: Vec<Choice>,
    readings: Vec<Reading>,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, hands_page, |_, page| Answer::page(&page))
}

fn hands_page<'p>(call: &Call, c: &'p Ctx) -> Result<Either<Page<'p>, Answer>> {
    let (head, file) = match enter(call, c, "hands")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    let me = call.actor()?.user;
    let (transfer, workers, readings) = call.list_casework(|casework| {
        Ok::<_, Refusal>((
            store::transfer(casework, file.id)?,
            store::caseworkers(casework)?,
            store::readings(casework, file.id)?,
        ))
    })?;
    let mut others = vec![Choice::new("", c.t("cases.nobody"), true)];
    let mut seconds = vec![Choice::new(
        "",
        c.t("cases.nobody"),
        file.second_worker.is_none(),
    )];
    for (user, name) in workers {
        if Some(user) != file.worker {
            others.push(Choice::new(user.to_string(), name.clone(), false));
            let is = Some(user) == file.second_worker;
            seconds.push(Choice::new(user.to_string(), name, is));
        }
    }
    Ok(Ok(Page {
        c,
        head,
        offered_by_me: transfer.as_ref().is_some_and(|t| t.by == me),
        transfer,
        to: Field::new("to", 40),
        others,
        note: Field::new("transfer-note", 400),
        second: Field::new("second", 40),
        seconds,
        readings: readings
            .into_iter()
            .map(|reading| Reading {
                when: c.moment(reading.at),
                reason: match (reading.of_help, reading.reason) {
                    (true, _) => c.t("cases.reading_help"),
                    (false, reason) if reason.is_empty() => c.t("cases.reading_offered"),
                    (false, reason) => reason,
                },
                by: reading.by,
            })
            .collect(),
    }))
}

pub fn take(call: &Call) -> Result {
    let case: CaseId = call.part("case")?;
    let user = call.actor()?.user;
    call.write_casework(|tx| {
        let file = store::case_file(tx, case)?.ok_or(Refusal::Missing)?;
        if file.worker.is_some() || file.state.is_closed() {
            return Err(Refusal::Role);
        }
        store::put_worker(tx, case, user)?;
        Ok(((), CaseworkEvent::CaseTaken { case, user }))
    })?;
    back(call, case, "", "cases.said.taken")
}

pub fn offer(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, hands_page, |case, mut page| {
        let known: Vec<String> = page.others.iter().map(|o| o.value.clone()).collect();
        let to = page.to.read(c, &call.sent, |v, _| {
            chosen(
                v.parse::<UserId>()
                    .ok()
                    .filter(|_| known.iter().any(|k| k == v)),
            )
        });
        let note = page.note.optional(c, &call.sent);
        let (Some(to), Some(note)) = (to, note) else {
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        change(call, case, |tx, file| {
            if file.worker != Some(actor.user) || store::transfer(tx, case)?.is_some() {
                return Err(Refusal::Role);
            }
            let transfer = store::offer(tx, world, actor, case, to, note.as_deref())?;
            Ok(((), CaseworkEvent::CaseOffered { case, transfer }))
        })?;
        back(call, case, "/hands", "cases.said.offered")
    })
}

/// Whoever was asked takes or declines; whoever offered may take the offer back.
pub fn answer(call: &Call) -> Result {
    let case: CaseId = call.part("case")?;
    let user = call.actor()?.user;
    let answer = call.sent.get("answer");
    let (answer, said) = match answer {
        "taken" => ("taken", "cases.said.taken"),
        "declined" => ("declined", "cases.said.declined"),
        "withdrawn" => ("withdrawn", "cases.said.withdrawn"),
        _ => return Err(Refusal::Missing),
    };
    call.write_casework(|tx| {
        let open = store::transfer(tx, case)?.ok_or(Refusal::Missing)?;
        let may = if answer == "withdrawn" {
            open.by == user
        } else {
            open.to == user
        };
        if !may {
            return Err(Refusal::Role);
        }
        store::answer(tx, &call.app.world, open.id, answer)?;
        if answer == "taken" {
            store::put_worker(tx, case, user)?;
        }
        let transfer = open.id;
        Ok(((), CaseworkEvent::TransferAnswered { case, transfer }))
    })?;
    call.say(said);
    Answer::see(if answer == "declined" {
        "/cases".to_owned()
    } else {
        format!("/cases/{case}")
    })
}

pub fn second(call: &Call) -> Result {
    let case: CaseId = call.part("case")?;
    let typed = call.sent.get("second");
    let second: Option<UserId> = match typed {
        "" => None,
        typed => Some(typed.parse().map_err(|_| Refusal::Missing)?),
    };
    change(call, case, |tx, file| {
        let workers = store::caseworkers(tx)?;
        let known = |user| workers.iter().any(|(known, _)| *known == user);
        if second.is_some_and(|user| !known(user) || file.worker == Some(user)) {
            return Err(Refusal::Missing);
        }
        store::put_second(tx, case, second)?;
        Ok(((), CaseworkEvent::CaseRevised { case }))
    })?;
    back(call, case, "/hands", "cases.said.saved")
}
