//! A visit that was written down for the wrong person: who it was is looked for as at the desk.

use askama::Template;

use super::home::{Looked, found};
use crate::kit::id::PersonId;
use crate::people::{self, Named};
use crate::vault::{Db, Event, Refusal};
use crate::visits::{self, Visit, rules};
use crate::web::{Answer, Call, Ctx, Result};

#[derive(Template)]
#[template(path = "desk/whose.html")]
struct Page<'p> {
    c: &'p Ctx,
    visit: Visit,
    day_told: String,
    /// For whom it stands now.
    name: String,
    typed: String,
    looked: Looked,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    let typed = call.sent.get("q");
    let page = call.read(|db| {
        let (visit, was) = movable(call, c, db)?;
        let mut looked = found(db, c, typed)?;
        looked.rows.retain(|row| row.brief.id != was);
        Ok::<_, Refusal>(Page {
            c,
            day_told: c.weekday(visit.day),
            name: Named::of(db, std::iter::once(was))?.get(Some(was)),
            visit,
            typed: typed.to_owned(),
            looked,
        })
    })?;
    Answer::page(&page)
}

/// The visit that the address names, and whose it is; refused where that stays as it is.
fn movable(call: &Call, c: &Ctx, db: &Db<'_>) -> Result<(Visit, PersonId)> {
    let visit = visits::visit(db, call.part("visit")?)?.ok_or(Refusal::Missing)?;
    let was = visit.visitor.person().ok_or(Refusal::Missing)?;
    if !rules::whose(visit.day, c.today(), c.is_manager()) {
        return Err(Refusal::Role);
    }
    Ok((visit, was))
}

pub fn give(call: &Call) -> Result {
    let c = &call.context();
    let person: PersonId = call
        .sent
        .get("person")
        .parse()
        .map_err(|_| Refusal::Missing)?;
    let (world, actor) = (&call.app.world, call.actor()?);
    let (visit, name) = call.write(|tx| {
        let (visit, _) = movable(call, c, tx)?;
        let brief = people::briefs(tx, &[person])?.pop();
        let brief = brief.ok_or(Refusal::Missing)?;
        visits::give_to(tx, world, actor, &visit, person)?;
        let visit = visit.id;
        let name = brief.names.into_iter().next().unwrap_or_default();
        Ok::<_, Refusal>(((visit, name), Event::VisitorCorrected { visit, person }))
    })?;
    call.say_of("visits.said.given_to", &name, None);
    Answer::see(format!("/visits/{visit}"))
}
