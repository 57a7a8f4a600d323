//! Original papers in the centre's keeping.

use std::result::Result as Either;

use askama::Template;

use super::{Head, back, change, enter, one_of, people_choices, refused};
use crate::cases::forms::chosen;
use crate::cases::store::{self, Original, TakenIn};
use crate::kit::id::{CaseId, OriginalId, UserId};
use crate::vault::{CaseworkEvent, Refusal};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result};

struct Line {
    original: Original,
    person: String,
    taken_in: String,
    returned: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "cases/papers.html")]
struct Page<'p> {
    c: &'p Ctx,
    head: Head,
    lines: Vec<Line>,
    person: Field,
    people: Vec<Choice>,
    what: Field,
    place: Field,
    witness: Field,
    witnesses: Vec<Choice>,
    returned_to: Field,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    match papers_page(call, c)? {
        Ok(page) => Answer::page(&page),
        Err(asked) => Ok(asked),
    }
}

fn papers_page<'p>(call: &Call, c: &'p Ctx) -> Result<Either<Page<'p>, Answer>> {
    let (head, file) = match enter(call, c, "papers")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    let actor = call.actor()?;
    let (originals, witnesses) = call.list_casework(|casework| {
        Ok::<_, Refusal>((
            store::originals(casework, file.id)?,
            store::witnesses(casework, actor)?,
        ))
    })?;
    let name = |person| {
        let known = head.people.iter().find(|known| known.id == person);
        known.map(|known| known.name.clone()).unwrap_or_default()
    };
    Ok(Ok(Page {
        c,
        lines: originals
            .into_iter()
            .map(|original| Line {
                person: name(original.person),
                taken_in: c.day(original.taken_in),
                returned: original.returned.clone().map(|(day, to)| (c.day(day), to)),
                original,
            })
            .collect(),
        person: Field::new("paper-person", 40),
        people: people_choices(&head, ""),
        what: Field::new("paper-what", 120),
        place: Field::new("paper-place", 80),
        witness: Field::new("witness", 40),
        witnesses: witness_choices(c, witnesses, ""),
        returned_to: Field::new("returned-to", 120),
        head,
    }))
}

fn witness_choices(c: &Ctx, all: Vec<(UserId, String)>, chosen: &str) -> Vec<Choice> {
    let mut choices = vec![Choice::new(
        "",
        c.t("cases.witness_none"),
        chosen.is_empty(),
    )];
    choices.extend(all.into_iter().map(|(user, name)| {
        let id = user.to_string();
        let is = id == chosen;
        Choice::new(id, name, is)
    }));
    choices
}

pub fn take_in(call: &Call) -> Result {
    let c = &call.context();
    let case: CaseId = call.part("case")?;
    let mut page = match papers_page(call, c)? {
        Ok(page) => page,
        Err(asked) => return Ok(asked),
    };
    let head = &page.head;
    let person = page
        .person
        .read(c, &call.sent, |v, _| chosen(one_of(head, v)));
    let what = page.what.required(c, &call.sent);
    let place = page.place.required(c, &call.sent);
    let known: Vec<String> = page.witnesses.iter().map(|w| w.value.clone()).collect();
    let witness = page.witness.read(c, &call.sent, |v, _| {
        let user = v.parse::<UserId>().ok();
        user.filter(|_| known.iter().any(|k| k == v))
            .ok_or("cases.refusal.witness")
    });
    let (Some(person), Some(what), Some(place), Some(witness)) = (person, what, place, witness)
    else {
        return refused(&page);
    };
    let (world, actor) = (&call.app.world, call.actor()?);
    change(call, case, |tx, _| {
        let taken = TakenIn {
            person,
            what: &what,
            place: &place,
            witness,
        };
        let original = store::take_in(tx, world, actor, case, &taken)?;
        Ok(((), CaseworkEvent::OriginalTakenIn { case, original }))
    })?;
    back(call, case, "/papers", "cases.said.taken_in")
}

pub fn give_back(call: &Call) -> Result {
    let c = &call.context();
    let case: CaseId = call.part("case")?;
    let original: OriginalId = call.part("original")?;
    let mut page = match papers_page(call, c)? {
        Ok(page) => page,
        Err(asked) => return Ok(asked),
    };
    let Some(to) = page.returned_to.required(c, &call.sent) else {
        return refused(&page);
    };
    let (world, actor) = (&call.app.world, call.actor()?);
    change(call, case, |tx, _| {
        if !store::give_back(tx, world, actor, case, original, &to)? {
            return Err(Refusal::Missing);
        }
        Ok(((), CaseworkEvent::OriginalReturned { case, original }))
    })?;
    back(call, case, "/papers", "cases.said.given_back")
}
