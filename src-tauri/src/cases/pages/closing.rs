//! Closing a case with its outcome, and opening it again.

use std::result::Result as Either;

use askama::Template;

use super::case::{put_right, take_step};
use super::{Head, back, choices, enter, on_page, refused};
use crate::cases::forms::chosen;
use crate::cases::rules::{self, Closing, LooseEnd, Outcome, Satisfaction, Step};
use crate::cases::store;
use crate::vault::Refusal;
use crate::web::{Answer, Call, Choice, Ctx, Field, Result};

#[derive(Template)]
#[template(path = "cases/closing.html")]
struct Page<'p> {
    c: &'p Ctx,
    head: Head,
    /// What stands in the way, and where it can be put right.
    obstacles: Vec<(String, String)>,
    /// What goes on still, and where it is looked at.
    loose: Vec<(String, String)>,
    /// It was seen, and the case is closed all the same.
    seen: Field,
    outcome: Field,
    outcomes: Vec<Choice>,
    satisfaction: Field,
    satisfactions: Vec<Choice>,
    note: Field,
    reason: Field,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, closing_page, |_, page| Answer::page(&page))
}

fn closing_page<'p>(call: &Call, c: &'p Ctx) -> Result<Either<Page<'p>, Answer>> {
    let (head, file) = match enter(call, c, "story")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    let (facts, loose) = call.list_casework(|casework| {
        let facts = store::facts(casework, &file, c.today())?;
        Ok::<_, Refusal>((facts, store::loose_ends(casework, file.id)?))
    })?;
    let place = |loose: LooseEnd| match loose {
        LooseEnd::Referral => "/referrals",
        LooseEnd::Episode => "/medical",
        LooseEnd::Help => "/help",
        LooseEnd::Stay => "/shelter",
        LooseEnd::Action => "/steps#actions-title",
        LooseEnd::Hearing => "/steps#hearings-title",
    };
    let way = |loose: LooseEnd| format!("/cases/{}{}", file.id, place(loose));
    Ok(Ok(Page {
        c,
        obstacles: put_right(c, file.id, &rules::obstacles(&facts)),
        loose: loose
            .into_iter()
            .map(|loose| (c.t(loose.label_key()), way(loose)))
            .collect(),
        seen: Field::new("seen", 3),
        outcome: Field::new("outcome", 30),
        outcomes: outcomes(c, ""),
        satisfaction: Field::new("satisfaction", 20).typed(Satisfaction::NotAsked.code()),
        satisfactions: choices(
            Satisfaction::ALL,
            |s| (s.code(), c.t(s.label_key())),
            Satisfaction::NotAsked.code(),
        ),
        note: Field::new("closing-note", 2_000),
        reason: Field::new("reopen-reason", 400),
        head,
    }))
}

fn outcomes(c: &Ctx, chosen: &str) -> Vec<Choice> {
    let mut all = vec![Choice::new(
        "",
        c.t("cases.outcome_none"),
        chosen.is_empty(),
    )];
    all.extend(choices(
        Outcome::ALL,
        |o| (o.code(), c.t(o.label_key())),
        chosen,
    ));
    all
}

pub fn close(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, closing_page, |case, mut page| {
        let outcome = page
            .outcome
            .read(c, &call.sent, |v, _| chosen(Outcome::from_code(v)));
        let satisfaction = page
            .satisfaction
            .read(c, &call.sent, |v, _| chosen(Satisfaction::from_code(v)));
        let note = page.note.read(c, &call.sent, crate::kit::text::lines);
        page.outcomes = outcomes(c, &page.outcome.value);
        page.satisfactions = choices(
            Satisfaction::ALL,
            |s| (s.code(), c.t(s.label_key())),
            &page.satisfaction.value,
        );
        let goes_on = !page.loose.is_empty();
        let seen = page.seen.read(c, &call.sent, |v, _| match v {
            "" if goes_on => Err("cases.refusal.loose_ends"),
            _ => Ok(()),
        });
        let told = (outcome, satisfaction, note, seen);
        let (Some(outcome), Some(satisfaction), Some(note), Some(())) = told else {
            return refused(&page);
        };
        let closing = Closing {
            outcome,
            satisfaction,
            note,
            day: c.today(),
        };
        match take_step(call, case, Step::Close(closing))? {
            Ok(()) => back(call, case, "", "cases.said.closed"),
            Err(all) => {
                page.obstacles = put_right(c, case, &all);
                refused(&page)
            }
        }
    })
}

/// A closed case is opened again only for a reason, which stays beside how it had been closed.
pub fn reopen(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, closing_page, |case, mut page| {
        let Some(reason) = page.reason.required(c, &call.sent) else {
            return refused(&page);
        };
        match take_step(call, case, Step::Reopen(reason))? {
            Ok(()) => back(call, case, "", "cases.said.reopened"),
            Err(_) => Err(Refusal::Role),
        }
    })
}
