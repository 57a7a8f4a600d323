//! Closing a case with its outcome, and opening it again.

use std::result::Result as Either;

use askama::Template;

use super::case::{put_right, take_step};
use super::{Head, back, choices, enter, on_page, refused};
use crate::cases::forms::chosen;
use crate::cases::rules::{self, Closing, Outcome, Satisfaction, Step};
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
    let facts = call.list_casework(|casework| store::facts(casework, &file, c.today()))?;
    Ok(Ok(Page {
        c,
        obstacles: put_right(c, file.id, &rules::obstacles(&facts)),
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
        let (Some(outcome), Some(satisfaction), Some(note)) = (outcome, satisfaction, note) else {
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
