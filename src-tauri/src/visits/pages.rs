//! The day's list, one visit, and what the desk does with them.

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};

use super::forms::{DetailsForm, Wrong, minutes};
use super::rules::{self, Details, REASONS};
use super::store::{self, Correction, Given, NotUndone, Tally, Visit, Visitor};
use crate::kit::date;
use crate::kit::id::{PersonId, ServiceGivenId, UserId, VisitId};
use crate::kit::lists::{Channel, LANGUAGES, Service, ServiceGroup, SpokenLanguage};
use crate::kit::text;
use crate::people::{self, Brief, Named, rules::Gender};
use crate::vault::{self, Db, Event};
use crate::web::access::Route;
use crate::web::form::{Difference, Fact, day, differing};
use crate::web::{Answer, Call, Choice, Ctx, Field, Handler, Result};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::Today, today),
    (Route::VisitPage, page),
    (Route::NoteReason, note_reason),
    (Route::UndoReason, undo_reason),
    (Route::ReviseVisit, revise),
    (Route::MarkSeen, mark_seen),
    (Route::MarkDeparted, mark_departed),
    (Route::UndoDeparture, undo_departure),
    (Route::UndoVisit, undo_visit),
    (Route::GiveService, give_service),
    (Route::UndoService, undo_service),
];

/// More than a centre of two rooms sees in a day.
const LONGEST_DAY: u32 = 500;

/// One line of the day.
struct Line {
    day: String,
    visit: Visit,
    person: Option<Brief>,
    time: Option<String>,
    reasons: Vec<String>,
    gender: Option<String>,
    language: Option<String>,
}

#[derive(Template)]
#[template(path = "visits/today.html")]
struct Today<'p> {
    c: &'p Ctx,
    /// ISO 8601, and in words.
    day: String,
    day_told: String,
    is_today: bool,
    before: String,
    after: Option<String>,
    tally: Tally,
    waiting: Vec<Line>,
    others: Vec<Line>,
    asked: Field,
}

fn today(call: &Call) -> Result {
    let c = &call.context();
    let mut asked = Field::new("day", 12).typed(call.sent.get("day"));
    let now = call.app.world.today();
    let day = day_asked(&asked.value, now).unwrap_or_else(|wrong| {
        asked.wrong(c.because(&wrong));
        now
    });
    if asked.error.is_none() && !asked.value.is_empty() {
        asked.value = date::typed(day);
    }
    Answer::page(&today_page(call, c, day, asked)?)
}

/// Why a day has no list. The messages are locale keys.
#[derive(Debug, thiserror::Error)]
pub enum NoList {
    #[error("visits.refusal.no_day")]
    NotADay,
    #[error("visits.refusal.future")]
    Future,
    #[error(transparent)]
    Paper(#[from] rules::Refusal),
}

/// A whole day that has come; today where nothing was typed.
pub fn day_asked(typed: &str, today: NaiveDate) -> std::result::Result<NaiveDate, NoList> {
    match day(typed, typed.len()) {
        Ok(None) => Ok(today),
        Ok(Some(day)) if day > today => Err(NoList::Future),
        Ok(Some(day)) => Ok(day),
        Err(_) => Err(NoList::NotADay),
    }
}

fn today_page<'p>(call: &Call, c: &'p Ctx, day: NaiveDate, asked: Field) -> Result<Today<'p>> {
    let now = call.app.world.today();
    let (lines, tally) = call.read(|db| {
        let visits = store::of_day(db, day, LONGEST_DAY)?;
        Ok::<_, vault::Refusal>((lines(db, c, visits)?, store::tally(db, day)?))
    })?;
    let (waiting, others) = lines.into_iter().partition(|line| {
        line.visit.waiting_for.is_some() && !line.visit.seen && !line.visit.departed
    });
    Ok(Today {
        c,
        day: day.to_string(),
        day_told: c.whole_day(day),
        is_today: day == now,
        before: (day - chrono::Days::new(1)).to_string(),
        after: (day < now).then(|| (day + chrono::Days::new(1)).to_string()),
        tally,
        waiting,
        others,
        asked,
    })
}

fn lines(db: &Db<'_>, c: &Ctx, visits: Vec<Visit>) -> Result<Vec<Line>> {
    let people: Vec<PersonId> = visits
        .iter()
        .filter_map(|visit| visit.visitor.person())
        .collect();
    let briefs = people::briefs(db, &people)?;
    Ok(visits
        .into_iter()
        .map(|visit| {
            let brief = |id| briefs.iter().find(|brief| brief.id == id).cloned();
            let person = visit.visitor.person().and_then(brief);
            line(c, visit, person)
        })
        .collect())
}

fn line(c: &Ctx, visit: Visit, person: Option<Brief>) -> Line {
    let (gender, language) = match &visit.visitor {
        Visitor::Counted(seen) => (
            (seen.gender != Gender::NotRecorded).then(|| c.t(seen.gender.label_key())),
            seen.language
                .as_deref()
                .and_then(|code| language_name(c, code)),
        ),
        Visitor::Person(_) => (None, None),
    };
    Line {
        day: c.weekday(visit.day),
        time: visit.arrived.map(|at| c.hour(at)),
        reasons: visit.reasons.iter().map(|r| c.t(r.label_key())).collect(),
        gender,
        language,
        visit,
        person,
    }
}

pub fn language_name(c: &Ctx, code: &str) -> Option<String> {
    SpokenLanguage::from_code(code).map(|language| c.t(&language.label_key()))
}

/// All services, each behind the name of its group.
pub fn services(c: &Ctx, chosen: &str) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", c.t("visits.no_reason"), chosen.is_empty())];
    for group in ServiceGroup::ALL {
        for service in Service::ALL.iter().filter(|s| s.group() == *group) {
            let label = format!("{} · {}", c.t(group.label_key()), c.t(service.label_key()));
            choices.push(Choice::new(service.code(), label, chosen == service.code()));
        }
    }
    choices
}

/// The reasons at the desk's hand: their key, code and name.
pub fn reason_keys(c: &Ctx) -> Vec<(usize, &'static str, String)> {
    REASONS
        .iter()
        .enumerate()
        .map(|(place, service)| (place + 1, service.code(), c.t(service.label_key())))
        .collect()
}

pub fn languages(c: &Ctx, chosen: &str) -> Vec<Choice> {
    let mut choices = vec![Choice::new(
        "",
        c.t("visits.no_language"),
        chosen.is_empty(),
    )];
    choices.extend(LANGUAGES.iter().map(|language| {
        let label = format!("{} · {}", c.t(&language.label_key()), language.own_name);
        Choice::new(language.code, label, chosen == language.code)
    }));
    choices
}

#[derive(Template)]
#[template(path = "visits/visit.html")]
struct VisitPage<'p> {
    c: &'p Ctx,
    line: Line,
    details: DetailsForm,
    given: Vec<Told>,
    service: Field,
    services: Vec<Choice>,
    minutes: Field,
    language: Field,
    languages: Vec<Choice>,
    /// Until when the visit itself can be taken back.
    undo_until: Option<String>,
    /// Whether it can be said that somebody else came.
    movable: bool,
    corrections: Vec<Corrected>,
}

/// A service given, in words.
struct Told {
    id: ServiceGivenId,
    name: String,
    facts: String,
    undoable: bool,
}

/// A correction in words: when, by whom, and each answer before and after.
struct Corrected {
    when: String,
    by: String,
    answers: Vec<Difference>,
}

fn page(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&visit_page(call, c)?)
}

fn visit_page<'p>(call: &Call, c: &'p Ctx) -> Result<VisitPage<'p>> {
    let id: VisitId = call.part("visit")?;
    let now = call.app.world.utc();
    call.read(|db| {
        let visit = store::visit(db, id)?.ok_or(vault::Refusal::Missing)?;
        let corrections = store::corrections(db, id)?
            .iter()
            .map(|correction| corrected(db, c, correction))
            .collect::<Result<_>>()?;
        let given = store::given(db, id)?;
        let undoable = rules::undo(visit.created, now).is_ok();
        Ok(VisitPage {
            c,
            details: DetailsForm::of(c, &visit, &staff(db, &visit)?),
            given: given.into_iter().map(|given| told(c, now, given)).collect(),
            service: Field::new("service", 20),
            services: services(c, ""),
            minutes: Field::new("minutes", 3),
            language: Field::new("language", 3),
            languages: languages(c, ""),
            undo_until: undoable.then(|| c.hour(visit.created + rules::UNDO)),
            movable: visit.visitor.person().is_some()
                && rules::whose(visit.day, c.today(), c.is_manager()),
            corrections,
            line: lines(db, c, vec![visit])?
                .pop()
                .ok_or(vault::Refusal::Missing)?,
        })
    })
}

/// Whom they can be sent to; whoever they wait for stays in the list, at work here or not.
fn staff(db: &Db<'_>, visit: &Visit) -> Result<Vec<(UserId, String)>> {
    let mut staff = store::staff(db)?;
    if let Some(waited_for) = &visit.waiting_for
        && !staff.contains(waited_for)
    {
        staff.push(waited_for.clone());
    }
    Ok(staff)
}

fn told(c: &Ctx, now: DateTime<Utc>, given: Given) -> Told {
    let mut facts = Vec::new();
    if let Some(minutes) = given.minutes {
        facts.push(c.tw("visits.minutes_told", &[("minutes", &minutes.to_string())]));
    }
    facts.extend(
        given
            .language
            .as_deref()
            .and_then(|code| language_name(c, code)),
    );
    facts.push(given.by);
    Told {
        id: given.id,
        name: c.t(given.service.label_key()),
        facts: facts.join(" · "),
        undoable: rules::undo(given.created, now).is_ok(),
    }
}

fn corrected(db: &Db<'_>, c: &Ctx, correction: &Correction) -> Result<Corrected> {
    let before = facts(db, c, &correction.before)?;
    let after = facts(db, c, &correction.after)?;
    let mut answers = differing(&before, &after);
    if let (Some(was), Some(is)) = (correction.before.person, correction.after.person)
        && was != is
    {
        let named = Named::of(db, [was, is].into_iter())?;
        let (was, is) = (named.get(Some(was)), named.get(Some(is)));
        answers.insert(0, (c.t("visits.whose"), was, is));
    }
    Ok(Corrected {
        when: c.moment(correction.at),
        by: correction.by.clone(),
        answers,
    })
}

fn facts(db: &Db<'_>, c: &Ctx, details: &Details) -> Result<Vec<Fact>> {
    let reasons: Vec<String> = details
        .reasons
        .iter()
        .map(|reason| c.t(reason.label_key()))
        .collect();
    let sent_to = match details.sent_to {
        Some(user) => store::worker(db, user)?.unwrap_or_default(),
        None => c.t("visits.nobody"),
    };
    let channel = details
        .channel
        .map_or("visits.channel_unknown", Channel::label_key);
    let left = if details.left {
        "people.yes"
    } else {
        "people.no"
    };
    Ok(vec![
        (c.t("visits.reason"), reasons.join(" · ")),
        (c.t("visits.children"), details.children.to_string()),
        (c.t("visits.companions"), details.companions.to_string()),
        (c.t("visits.channel"), c.t(channel)),
        (c.t("visits.waits_for_whom"), sent_to),
        (c.t("visits.mark_left"), c.t(left)),
    ])
}

/// The visit that the address names, there and not taken back.
fn known(db: &Db<'_>, call: &Call) -> Result<Visit> {
    store::visit(db, call.part("visit")?)?.ok_or(vault::Refusal::Missing)
}

/// What whoever came is called; empty for somebody counted.
fn name(db: &Db<'_>, visit: &Visit) -> Result<String> {
    let person = visit.visitor.person();
    Ok(Named::of(db, person.into_iter())?.get(person))
}

/// One key of the desk.
fn note_reason(call: &Call) -> Result {
    let reason = Service::from_code(call.sent.get("reason")).ok_or(vault::Refusal::Missing)?;
    let (visit, name) = call.write(|tx| {
        let visit = known(tx, call)?;
        store::note_reason(tx, visit.id, reason)?;
        let (id, name) = (visit.id, name(tx, &visit)?);
        Ok::<_, vault::Refusal>(((visit, name), Event::VisitNoted { visit: id }))
    })?;
    let key = if name.is_empty() {
        "visits.said.reason"
    } else {
        "visits.said.reason_of"
    };
    let young = rules::undo(visit.created, call.app.world.utc()).is_ok();
    call.say_of(key, &name, young.then(|| reason_undo(visit.id, reason)));
    // The card stays where it was: the same key again is for the same person, and counts no stranger.
    if call.sent.get("from") == "desk" {
        return Answer::see(format!("/?in={}", visit.id));
    }
    back(call, &visit)
}

/// Where a reason is taken out again, as long as the visit itself can be.
pub fn reason_undo(visit: VisitId, reason: Service) -> String {
    format!("/visits/{visit}/reasons/{}/undo", reason.code())
}

/// Kept as a correction, so that the visit still tells what was noted of it.
fn undo_reason(call: &Call) -> Result {
    let visit = call.read(|db| known(db, call))?;
    let reason = Service::from_code(&call.part::<String>("reason")?);
    let reason = reason.ok_or(vault::Refusal::Missing)?;
    let mut details = visit.details();
    details.reasons.retain(|noted| *noted != reason);
    let (world, actor) = (&call.app.world, call.actor()?);
    let undone = rules::undo(visit.created, world.utc())
        .map_err(NotUndone::from)
        .and_then(|()| {
            call.write(|tx| {
                store::correct(tx, world, actor, &visit, &details)?;
                Ok(((), Event::VisitRevised { visit: visit.id }))
            })
        });
    said(call, undone, "visits.said.undone")?;
    Answer::see(match call.sent.get("from") {
        "recent" => "/recent".to_owned(),
        _ if visit.arrived.is_none() => format!("{}&in={}", paper_list(visit.day), visit.id),
        // The right one is the next key.
        _ => format!("/?in={}", visit.id),
    })
}

/// To where the form stood, if it said so, else to the visit.
fn back(call: &Call, visit: &Visit) -> Result {
    match call.sent.get("from") {
        "desk" => Answer::see("/"),
        "today" => Answer::see("/today"),
        "paper" => Answer::see(paper_list(visit.day)),
        "recent" => Answer::see("/recent"),
        _ => Answer::see(format!("/visits/{}", visit.id)),
    }
}

/// Where a day of paper is typed in.
pub fn paper_list(day: NaiveDate) -> String {
    format!("/today/paper?day={day}")
}

fn revise(call: &Call) -> Result {
    let c = &call.context();
    let mut page = visit_page(call, c)?;
    let visit = page.line.visit.clone();
    let staff = call.read(|db| staff(db, &visit))?;
    let Some(details) = page.details.read(c, &call.sent, &visit, &staff) else {
        return Answer::refused(&page);
    };
    let (before, id) = (visit.details(), visit.id);
    if details == before {
        call.say("visits.said.saved");
        return back(call, &visit);
    }
    let sent = details.sent_elsewhere(&before);
    let (world, actor) = (&call.app.world, call.actor()?);
    call.write(|tx| {
        store::correct(tx, world, actor, &visit, &details)?;
        let user = details.sent_to;
        let event = if sent {
            Event::VisitorSent { visit: id, user }
        } else {
            Event::VisitRevised { visit: id }
        };
        Ok::<_, vault::Refusal>(((), event))
    })?;
    call.say(if sent {
        "visits.said.sent"
    } else {
        "visits.said.saved"
    });
    back(call, &visit)
}

fn mark_seen(call: &Call) -> Result {
    let visit = call.write(|tx| {
        let visit = known(tx, call)?;
        store::mark_seen(tx, &call.app.world, visit.id)?;
        let seen = Event::VisitorSeen { visit: visit.id };
        Ok::<_, vault::Refusal>((visit, seen))
    })?;
    call.say("visits.said.seen");
    back(call, &visit)
}

fn mark_departed(call: &Call) -> Result {
    let (visit, name) = call.write(|tx| {
        let visit = known(tx, call)?;
        store::mark_departed(tx, &call.app.world, visit.id)?;
        let (id, name) = (visit.id, name(tx, &visit)?);
        Ok::<_, vault::Refusal>(((visit, name), Event::VisitorLeft { visit: id }))
    })?;
    let key = if name.is_empty() {
        "visits.said.left"
    } else {
        "visits.said.left_of"
    };
    let undo = format!("/visits/{}/departure/undo", visit.id);
    call.say_of(key, &name, Some(undo));
    back(call, &visit)
}

fn undo_departure(call: &Call) -> Result {
    let visit = call.read(|db| known(db, call))?;
    let undone = call.write(|tx| {
        store::take_departure_back(tx, &call.app.world, visit.id)?;
        Ok(((), Event::DepartureUndone { visit: visit.id }))
    });
    said(call, undone, "visits.said.undone")?;
    let recent = call.sent.get("from") == "recent";
    Answer::see(if recent { "/recent" } else { "/today" })
}

fn undo_visit(call: &Call) -> Result {
    let visit = call.read(|db| known(db, call))?;
    let undone = call.write(|tx| {
        store::take_back(tx, &call.app.world, visit.id)?;
        Ok(((), Event::VisitUndone { visit: visit.id }))
    });
    said(call, undone, "visits.said.undone")?;
    if call.sent.get("from") == "recent" {
        return Answer::see("/recent");
    }
    // The next line of the paper follows.
    let paper = visit.arrived.is_none().then(|| paper_list(visit.day));
    Answer::see(paper.unwrap_or_else(|| "/".to_owned()))
}

/// Says that it is done, or why it cannot be any more.
fn said(call: &Call, done: std::result::Result<(), NotUndone>, key: &'static str) -> Result<()> {
    match done {
        Ok(()) => call.say(key),
        Err(NotUndone::Vault(refusal)) => return Err(refusal),
        Err(NotUndone::Rule(rules::Refusal::TooLate)) => call.say("visits.refusal.too_late"),
        Err(NotUndone::Rule(rules::Refusal::Day)) => call.say("visits.refusal.day"),
    }
    Ok(())
}

fn give_service(call: &Call) -> Result {
    let c = &call.context();
    let mut page = visit_page(call, c)?;
    let visit = page.line.visit.id;
    let service = page.service.read(c, &call.sent, |typed, _| {
        Service::from_code(typed).ok_or(text::Refused::Empty)
    });
    let minutes = page.minutes.read(c, &call.sent, |typed, _| minutes(typed));
    let language = page.language.read(c, &call.sent, |typed, _| match typed {
        "" => Ok(None),
        code => SpokenLanguage::from_code(code)
            .map(|language| Some(language.code))
            .ok_or(Wrong::Choice),
    });
    let (Some(service), Some(minutes), Some(language)) = (service, minutes, language) else {
        page.services = services(c, &page.service.value);
        page.languages = languages(c, &page.language.value);
        return Answer::refused(&page);
    };
    let actor = call.actor()?;
    let given = call.write(|tx| {
        let given = store::give(
            tx,
            &call.app.world,
            actor,
            visit,
            service,
            minutes,
            language,
        )?;
        Ok::<_, vault::Refusal>((
            given,
            Event::ServiceGiven {
                service: given,
                visit,
            },
        ))
    })?;
    let undo = Some(format!("/services/{given}/undo"));
    call.say_of("visits.said.service", "", undo);
    Answer::see(format!("/visits/{visit}"))
}

fn undo_service(call: &Call) -> Result {
    let service: ServiceGivenId = call.part("service")?;
    let undone = call.write(|tx| {
        let visit = store::take_service_back(tx, &call.app.world, service)?;
        Ok((visit, Event::ServiceUndone { service }))
    });
    let visit = undone.as_ref().ok().copied();
    said(call, undone.map(|_| ()), "visits.said.undone")?;
    if call.sent.get("from") == "recent" {
        return Answer::see("/recent");
    }
    Answer::see(visit.map_or("/today".to_owned(), |visit| format!("/visits/{visit}")))
}
