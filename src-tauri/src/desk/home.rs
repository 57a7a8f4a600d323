//! The search box, the check-in, and counting without a name.

use std::cmp::Reverse;
use std::collections::HashMap;

use askama::Template;
use chrono::NaiveDate;

use super::person::{Expected, expected};
use crate::backup::{Reminded, reminded};
use crate::cases;
use crate::kit::id::{PersonId, UserId, VisitId};
use crate::kit::lists::{Service, SpokenLanguage};
use crate::people::{self, Brief, Named, consent, forms::told_apart, rules::Gender, search};
use crate::vault::{Db, Event, Refusal};
use crate::visits::{self, Tally, Visit, Visitor, pages as visit_pages, rules::Seen};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result};

/// As many rows as fit above the fold of a small screen, and two more.
const SHOWN: usize = 8;
/// Letters that a search begins with.
const FEWEST: usize = 2;

/// One person in a list.
pub struct Row {
    pub brief: Brief,
    /// What tells them apart from namesakes.
    pub facts: Vec<String>,
    pub last: Option<String>,
    /// Since when they are in the house.
    pub here: Option<String>,
    /// Their name may only sound like what was typed.
    pub perhaps: bool,
}

pub fn rows(db: &Db<'_>, c: &Ctx, ids: &[PersonId]) -> Result<Vec<Row>> {
    told(db, c, ids, &visits::last_days(db, ids)?)
}

/// `last`: when each of them last came.
fn told(
    db: &Db<'_>,
    c: &Ctx,
    ids: &[PersonId],
    last: &HashMap<PersonId, NaiveDate>,
) -> Result<Vec<Row>> {
    let briefs = people::briefs(db, ids)?;
    briefs
        .into_iter()
        .map(|brief| {
            let here = visits::here_today(db, brief.id, c.today())?;
            // That they came today is said beside it, with the hour.
            let before = last.get(&brief.id).filter(|day| **day < c.today());
            Ok(Row {
                facts: told_apart(c, &brief),
                last: before.map(|day| c.day(*day)),
                here: here.and_then(|visit| visit.arrived).map(|at| c.hour(at)),
                perhaps: false,
                brief,
            })
        })
        .collect()
}

/// Who has just been checked in, and what may be noted at once.
pub struct Just {
    pub visit: VisitId,
    pub person: PersonId,
    pub name: String,
    pub alert: Option<String>,
    pub consent_missing: bool,
    pub reasons: Vec<String>,
}

#[derive(Template)]
#[template(path = "desk/home.html")]
struct Home<'p> {
    c: &'p Ctx,
    typed: String,
    looked: Looked,
    lately: Vec<(String, Row)>,
    /// Enter in the search box leads here, with the first row under the finger.
    focus_first: bool,
    just: Option<Just>,
    /// Whom whoever is in should call next.
    waiting: Vec<(VisitId, String, Row)>,
    reasons: Vec<(usize, &'static str, String)>,
    tally: Tally,
    /// Who has an appointment today.
    expected: Vec<Expected>,
    gender: Field,
    genders: Vec<Choice>,
    language: Field,
    languages: Vec<Choice>,
    /// That a backup is due.
    backup: Option<Reminded>,
}

#[derive(Template)]
#[template(path = "desk/found.html")]
struct Found<'p> {
    c: &'p Ctx,
    typed: String,
    looked: Looked,
    lately: Vec<(String, Row)>,
    focus_first: bool,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    let typed = call.sent.get("q").to_owned();
    let user = call.actor()?.user;
    let page = call.read(|db| {
        let looked = found(db, c, &typed)?;
        let searched = looked.searched;
        let just = match call.sent.get("in").parse::<VisitId>() {
            Ok(id) => just(db, c, id)?,
            Err(_) => None,
        };
        let gender = Gender::NotRecorded.code();
        Ok::<_, Refusal>(Home {
            c,
            lately: if searched { Vec::new() } else { lately(db, c)? },
            looked,
            focus_first: searched,
            just,
            waiting: waiting(db, c, user)?,
            reasons: visit_pages::reason_keys(c),
            tally: visits::tally(db, c.today())?,
            expected: expected_today(db, c)?,
            gender: Field::new("gender", 20),
            genders: [Gender::Female, Gender::Male, Gender::NotRecorded]
                .map(|g| Choice::new(g.code(), c.t(g.label_key()), g.code() == gender))
                .into(),
            language: Field::new("language", 3),
            languages: visit_pages::languages(c, ""),
            backup: reminded(db, c, c.today())?,
            typed: typed.clone(),
        })
    })?;
    Answer::page(&page)
}

#[derive(Template)]
#[template(path = "shared/nowhere.html")]
struct Nowhere<'p> {
    c: &'p Ctx,
}

/// What the window shows where an address leads to nothing, or to nothing for this role.
pub fn nowhere(call: &Call) -> Result {
    Answer::page(&Nowhere { c: &call.context() })
}

fn expected_today(db: &Db<'_>, c: &Ctx) -> Result<Vec<Expected>> {
    let all = cases::store::expected_on(db, c.today())?;
    let named = Named::of(db, all.iter().map(|one| one.person))?;
    Ok(all
        .into_iter()
        .map(|one| {
            let name = named.get(Some(one.person));
            expected(c, one, name)
        })
        .collect())
}

pub fn search(call: &Call) -> Result {
    let c = &call.context();
    let typed = call.sent.get("q").to_owned();
    let page = call.read(|db| {
        let looked = found(db, c, &typed)?;
        let searched = looked.searched;
        let lately = if searched { Vec::new() } else { lately(db, c)? };
        Ok::<_, Refusal>(Found {
            c,
            typed: typed.clone(),
            looked,
            lately,
            focus_first: false,
        })
    })?;
    Answer::page(&page)
}

/// Whom the search finds for what was typed.
#[derive(Default)]
pub struct Looked {
    pub rows: Vec<Row>,
    /// Whether it was enough to look for.
    pub searched: bool,
    /// What was looked for instead, as on a keyboard set to the other script.
    pub meant: Option<String>,
    /// Digits of a phone, too few to look for.
    pub too_few: bool,
}

impl Looked {
    /// Nobody bears the name that was typed.
    pub fn is_nobody(&self) -> bool {
        self.rows.iter().all(|row| row.perhaps)
    }

    /// The name of whoever is not in the list.
    pub fn name<'l>(&'l self, typed: &'l str) -> &'l str {
        self.meant.as_deref().unwrap_or(typed)
    }
}

pub fn found(db: &Db<'_>, c: &Ctx, typed: &str) -> Result<Looked> {
    let long = typed.chars().take(120).collect::<String>();
    if long.trim().chars().count() < FEWEST {
        return Ok(Looked::default());
    }
    let looked = search::as_meant(db, &long, 4 * SHOWN)?;
    let sure = looked.people()[..looked.sure()].to_vec();
    let shown = looked.shown(SHOWN);
    let search::Found { mut ranked, meant } = looked;
    let ids: Vec<PersonId> = ranked.iter().map(|(person, _)| *person).collect();
    let last = visits::last_days(db, &ids)?;
    // Among those who fit alike, whoever was here lately is the likelier one at the door.
    ranked.sort_by_key(|(person, fits)| {
        let fits = (fits * 20.0).round();
        Reverse((fits as i32, last.get(person).copied()))
    });
    // Rounded alike, somebody who may only sound alike still stands below.
    ranked.sort_by_key(|(person, _)| !sure.contains(person));
    ranked.truncate(shown);
    let ids: Vec<PersonId> = ranked.into_iter().map(|(person, _)| person).collect();
    let mut rows = told(db, c, &ids, &last)?;
    for row in &mut rows {
        row.perhaps = !sure.contains(&row.brief.id);
    }
    Ok(Looked {
        too_few: rows.is_empty() && search::are_few_digits(&long),
        rows,
        searched: true,
        meant,
    })
}

/// Who came last today, with the hour.
fn lately(db: &Db<'_>, c: &Ctx) -> Result<Vec<(String, Row)>> {
    let visits = visits::of_day(db, c.today(), 30)?;
    let mut latest: Vec<(PersonId, String)> = Vec::new();
    for visit in &visits {
        if let (Visitor::Person(person), Some(at)) = (&visit.visitor, visit.arrived)
            && latest.iter().all(|(known, _)| known != person)
        {
            latest.push((*person, c.hour(at)));
        }
    }
    latest.truncate(SHOWN);
    let ids: Vec<PersonId> = latest.iter().map(|(person, _)| *person).collect();
    let hours = latest.into_iter().map(|(_, hour)| hour);
    Ok(hours.zip(rows(db, c, &ids)?).collect())
}

/// Those of today who wait for this person at work, the longest first, with the hour they came.
fn waiting(db: &Db<'_>, c: &Ctx, user: UserId) -> Result<Vec<(VisitId, String, Row)>> {
    let mut waiting = Vec::new();
    for visit in visits::waiting_for(db, c.today(), user)? {
        let (Visitor::Person(person), Some(arrived)) = (&visit.visitor, visit.arrived) else {
            continue;
        };
        if let Some(row) = rows(db, c, &[*person])?.pop() {
            waiting.push((visit.id, c.hour(arrived), row));
        }
    }
    Ok(waiting)
}

pub fn just(db: &Db<'_>, c: &Ctx, id: VisitId) -> Result<Option<Just>> {
    let Some(Visit {
        visitor: Visitor::Person(person),
        reasons,
        ..
    }) = visits::visit(db, id)?
    else {
        return Ok(None);
    };
    let Some(brief) = people::briefs(db, &[person])?.pop() else {
        return Ok(None);
    };
    let consents = consent::of(db, person)?;
    Ok(Some(Just {
        visit: id,
        person,
        name: brief.names.into_iter().next().unwrap_or_default(),
        alert: brief.alert,
        consent_missing: !consent::stands(&consents, consent::Purpose::Register, c.today()),
        reasons: reasons
            .iter()
            .map(|reason| c.t(reason.label_key()))
            .collect(),
    }))
}

pub fn check_in(call: &Call) -> Result {
    let person: PersonId = call.part("person")?;
    let today = call.app.world.today();
    let (brief, here) = call.read(|db| {
        let brief = people::briefs(db, &[person])?
            .pop()
            .ok_or(Refusal::Missing)?;
        Ok::<_, Refusal>((brief, visits::here_today(db, person, today)?))
    })?;
    let name = brief.names.first().cloned().unwrap_or_default();
    if let Some(visit) = here {
        call.say_of("desk.said.already_here", &name, None);
        return Answer::see(format!("/?in={}", visit.id));
    }
    let visit = enter(call, person)?;
    call.say_of(
        "desk.said.checked_in",
        &name,
        Some(format!("/visits/{visit}/undo")),
    );
    Answer::see(format!("/?in={visit}"))
}

/// Through the write door: somebody known has come in.
pub fn enter(call: &Call, person: PersonId) -> Result<VisitId> {
    let actor = call.actor()?;
    call.write(|tx| {
        let visitor = Visitor::Person(person);
        let visit = visits::check_in(tx, &call.app.world, actor, &visitor, None)?;
        Ok::<_, Refusal>((visit, Event::CheckedIn { visit, person }))
    })
}

pub fn count(call: &Call) -> Result {
    let reason = Service::from_code(call.sent.get("reason"));
    let gender = Gender::from_code(call.sent.get("gender")).unwrap_or(Gender::NotRecorded);
    let language = SpokenLanguage::from_code(call.sent.get("language"));
    let counted = Visitor::Counted(Seen {
        gender,
        language: language.map(|language| language.code.to_owned()),
    });
    let actor = call.actor()?;
    let visit = call.write(|tx| {
        let visit = visits::check_in(tx, &call.app.world, actor, &counted, reason)?;
        Ok::<_, Refusal>((visit, Event::VisitorCounted { visit }))
    })?;
    let today = call.app.world.today();
    let tally = call.read(|db| visits::tally(db, today))?;
    call.say_of(
        "desk.said.counted",
        &tally.counted.to_string(),
        Some(format!("/visits/{visit}/undo")),
    );
    Answer::see("/")
}
