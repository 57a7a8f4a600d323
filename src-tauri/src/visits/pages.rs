//! The day's list, one visit, and what the desk does with them.

use askama::Template;
use chrono::NaiveDate;

use super::rules::{self, MOST_COUNTED, REASONS, Seen};
use super::store::{self, Given, NotUndone, Tally, Visit, Visitor};
use crate::kit::date;
use crate::kit::id::{PersonId, ServiceGivenId, UserId, VisitId};
use crate::kit::lists::{Channel, LANGUAGES, Service, ServiceGroup, SpokenLanguage};
use crate::kit::text::{self, western_digits};
use crate::people::{self, Brief, rules::Gender};
use crate::vault::{self, Event};
use crate::web::access::Route;
use crate::web::{Answer, Call, Choice, Ctx, Field, Handler, Result};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::Today, today),
    (Route::CountPaper, count_paper),
    (Route::VisitPage, page),
    (Route::NoteReason, note_reason),
    (Route::NoteCompany, note_company),
    (Route::SendTo, send_to),
    (Route::MarkSeen, mark_seen),
    (Route::MarkDeparted, mark_departed),
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
    paper: Paper,
    asked: Field,
}

/// The form for a day of paper: how many, and for what.
struct Paper {
    number: Field,
    reason: Field,
    reasons: Vec<Choice>,
}

impl Paper {
    fn new(c: &Ctx) -> Self {
        Self {
            number: Field::new("number", 3),
            reason: Field::new("reason", 20),
            reasons: services(c, ""),
        }
    }
}

fn today(call: &Call) -> Result {
    let c = &call.context();
    let mut asked = Field::new("day", 12).typed(call.sent.get("day"));
    let now = call.app.world.today();
    let day = day_asked(&asked.value, now);
    let day = day.unwrap_or_else(|| {
        asked.wrong(c.t("shared.refusal.date"));
        now
    });
    if asked.error.is_none() && !asked.value.is_empty() {
        asked.value = date::typed(day);
    }
    Answer::page(&today_page(call, c, day, asked, Paper::new(c))?)
}

pub fn day_asked(typed: &str, today: NaiveDate) -> Option<NaiveDate> {
    if typed.trim().is_empty() {
        return Some(today);
    }
    let told = date::ToldDate::parse(typed).ok()?;
    (told.date <= today).then_some(told.date)
}

fn today_page<'p>(
    call: &Call,
    c: &'p Ctx,
    day: NaiveDate,
    asked: Field,
    paper: Paper,
) -> Result<Today<'p>> {
    let now = call.app.world.today();
    let (visits, tally) = call.read(|db| {
        Ok::<_, vault::Refusal>((store::of_day(db, day, LONGEST_DAY)?, store::tally(db, day)?))
    })?;
    let lines = lines(call, c, visits)?;
    let (waiting, others) = lines.into_iter().partition(|line| {
        line.visit.waiting_for.is_some() && !line.visit.seen && !line.visit.departed
    });
    Ok(Today {
        c,
        day: day.to_string(),
        day_told: c.weekday(day),
        is_today: day == now,
        before: (day - chrono::Days::new(1)).to_string(),
        after: (day < now).then(|| (day + chrono::Days::new(1)).to_string()),
        tally,
        waiting,
        others,
        paper,
        asked,
    })
}

fn lines(call: &Call, c: &Ctx, visits: Vec<Visit>) -> Result<Vec<Line>> {
    let people: Vec<PersonId> = visits
        .iter()
        .filter_map(|visit| match visit.visitor {
            Visitor::Person(person) => Some(person),
            Visitor::Counted(_) => None,
        })
        .collect();
    let briefs = call.read(|db| people::briefs(db, &people))?;
    Ok(visits
        .into_iter()
        .map(|visit| {
            let person = match &visit.visitor {
                Visitor::Person(id) => briefs.iter().find(|brief| brief.id == *id).cloned(),
                Visitor::Counted(_) => None,
            };
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

fn count_paper(call: &Call) -> Result {
    let c = &call.context();
    let mut paper = Paper::new(c);
    let number = paper.number.read(c, &call.sent, |typed, _| number(typed));
    let reason = paper.reason.read(c, &call.sent, |typed, _| service(typed));
    let now = call.app.world.today();
    let day = day_asked(call.sent.get("day"), now).and_then(|day| rules::paper_day(day, now).ok());
    let (Some(number), Some(reason), Some(day)) = (number, reason, day) else {
        let day = day.unwrap_or(now);
        let mut asked = Field::new("day", 12).typed(call.sent.get("day"));
        if day == now {
            asked.wrong(c.t("visits.refusal.day"));
        }
        return Answer::refused(&today_page(call, c, day, asked, paper)?);
    };
    let nobody = Visitor::Counted(Seen {
        gender: Gender::NotRecorded,
        language: None,
    });
    let (world, actor) = (&call.app.world, call.actor()?);
    call.write(|tx| {
        for _ in 0..number {
            store::type_later(tx, world, actor, &nobody, day, reason)?;
        }
        Ok::<_, vault::Refusal>(((), Event::VisitsCounted { number }))
    })?;
    call.say("visits.said.counted_paper");
    Answer::see(format!("/today?day={day}"))
}

/// What is wrong with one answer. The messages are locale keys.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    #[error("visits.refusal.number")]
    Number,
    #[error("visits.refusal.minutes")]
    Minutes,
    #[error("visits.refusal.choice")]
    Choice,
}

fn number(typed: &str) -> std::result::Result<u32, Wrong> {
    let number = western_digits(typed.trim())
        .parse()
        .map_err(|_| Wrong::Number)?;
    if (1..=MOST_COUNTED).contains(&number) {
        Ok(number)
    } else {
        Err(Wrong::Number)
    }
}

pub fn service(typed: &str) -> std::result::Result<Option<Service>, Wrong> {
    match typed {
        "" => Ok(None),
        code => Service::from_code(code).map(Some).ok_or(Wrong::Choice),
    }
}

#[derive(Template)]
#[template(path = "visits/visit.html")]
struct VisitPage<'p> {
    c: &'p Ctx,
    line: Line,
    given: Vec<(ServiceGivenId, String, String)>,
    service: Field,
    services: Vec<Choice>,
    minutes: Field,
    language: Field,
    languages: Vec<Choice>,
    children: Field,
    companions: Field,
    channel: Field,
    channels: Vec<Choice>,
    staff: Vec<Choice>,
    sent_to: Field,
}

fn page(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&visit_page(call, c)?)
}

fn visit_page<'p>(call: &Call, c: &'p Ctx) -> Result<VisitPage<'p>> {
    let id: VisitId = call.part("visit")?;
    let (visit, given, staff) = call.read(|db| {
        let visit = store::visit(db, id)?.ok_or(vault::Refusal::Missing)?;
        Ok::<_, vault::Refusal>((visit, store::given(db, id)?, store::staff(db)?))
    })?;
    let line = lines(call, c, vec![visit])?
        .pop()
        .ok_or(vault::Refusal::Missing)?;
    let visit = &line.visit;
    let waiting_for = visit.waiting_for.as_ref().map(|(user, _)| *user);
    let channel = visit.channel.map_or("", Channel::code);
    let mut channels = vec![Choice::new(
        "",
        c.t("visits.channel_unknown"),
        channel.is_empty(),
    )];
    channels.extend(
        Channel::ALL
            .iter()
            .map(|one| Choice::new(one.code(), c.t(one.label_key()), channel == one.code())),
    );
    let mut waits = vec![Choice::new("", c.t("visits.nobody"), waiting_for.is_none())];
    waits.extend(
        staff
            .into_iter()
            .map(|(user, name)| Choice::new(user.to_string(), name, waiting_for == Some(user))),
    );
    Ok(VisitPage {
        c,
        given: given.into_iter().map(|given| told(c, given)).collect(),
        service: Field::new("service", 20),
        services: services(c, ""),
        minutes: Field::new("minutes", 3),
        language: Field::new("language", 3),
        languages: languages(c, ""),
        children: Field::new("children", 2).typed(&visit.children.to_string()),
        companions: Field::new("companions", 2).typed(&visit.companions.to_string()),
        channel: Field::new("channel", 20).typed(channel),
        channels,
        staff: waits,
        sent_to: Field::new("user", 40),
        line,
    })
}

/// A service's id, name, and what else is known of it.
fn told(c: &Ctx, given: Given) -> (ServiceGivenId, String, String) {
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
    (given.id, c.t(given.service.label_key()), facts.join(" · "))
}

/// The visit that the address names, there and not taken back.
fn known(call: &Call) -> Result<VisitId> {
    let id: VisitId = call.part("visit")?;
    call.read(|db| store::visit(db, id))?
        .map(|visit| visit.id)
        .ok_or(vault::Refusal::Missing)
}

fn note_reason(call: &Call) -> Result {
    let visit = known(call)?;
    let reason = Service::from_code(call.sent.get("reason")).ok_or(vault::Refusal::Missing)?;
    call.write(|tx| {
        store::note_reason(tx, visit, reason)?;
        Ok::<_, vault::Refusal>(((), Event::VisitNoted { visit }))
    })?;
    call.say("visits.said.reason");
    back(call, visit)
}

/// To where the form stood, if it said so, else to the visit.
fn back(call: &Call, visit: VisitId) -> Result {
    match call.sent.get("from") {
        "desk" => Answer::see("/"),
        "today" => Answer::see("/today"),
        "recent" => Answer::see("/recent"),
        _ => Answer::see(format!("/visits/{visit}")),
    }
}

fn note_company(call: &Call) -> Result {
    let visit = known(call)?;
    let c = &call.context();
    let mut page = visit_page(call, c)?;
    let few = |typed: &str, _| {
        let few: u8 = western_digits(typed.trim()).parse().unwrap_or(u8::MAX);
        if typed.trim().is_empty() {
            return Ok(0);
        }
        if few <= 20 {
            Ok(few)
        } else {
            Err(Wrong::Number)
        }
    };
    let children = page.children.read(c, &call.sent, few);
    let companions = page.companions.read(c, &call.sent, few);
    let channel = page.channel.read(c, &call.sent, |typed, _| match typed {
        "" => Ok(None),
        code => Channel::from_code(code).map(Some).ok_or(Wrong::Choice),
    });
    let (Some(children), Some(companions), Some(channel)) = (children, companions, channel) else {
        return Answer::refused(&page);
    };
    call.write(|tx| {
        store::note_company(tx, visit, children, companions, channel)?;
        Ok::<_, vault::Refusal>(((), Event::VisitNoted { visit }))
    })?;
    call.say("visits.said.saved");
    back(call, visit)
}

fn send_to(call: &Call) -> Result {
    let visit = known(call)?;
    let user = call.sent.get("user");
    let user: Option<UserId> = if user.is_empty() {
        None
    } else {
        Some(user.parse().map_err(|_| vault::Refusal::Missing)?)
    };
    let staff = call.read(store::staff)?;
    if user.is_some_and(|user| staff.iter().all(|(known, _)| *known != user)) {
        return Err(vault::Refusal::Missing);
    }
    call.write(|tx| {
        store::send_to(tx, visit, user)?;
        Ok::<_, vault::Refusal>(((), Event::VisitorSent { visit, user }))
    })?;
    call.say("visits.said.sent");
    back(call, visit)
}

fn mark_seen(call: &Call) -> Result {
    let visit = known(call)?;
    call.write(|tx| {
        store::mark_seen(tx, &call.app.world, visit)?;
        Ok::<_, vault::Refusal>(((), Event::VisitorSeen { visit }))
    })?;
    call.say("visits.said.seen");
    back(call, visit)
}

fn mark_departed(call: &Call) -> Result {
    let visit = known(call)?;
    call.write(|tx| {
        store::mark_departed(tx, &call.app.world, visit)?;
        Ok::<_, vault::Refusal>(((), Event::VisitorLeft { visit }))
    })?;
    call.say("visits.said.left");
    back(call, visit)
}

fn undo_visit(call: &Call) -> Result {
    let visit: VisitId = call.part("visit")?;
    let undone = call.write(|tx| {
        store::take_back(tx, &call.app.world, visit)?;
        Ok(((), Event::VisitUndone { visit }))
    });
    said(call, undone, "visits.said.undone")?;
    let recent = call.sent.get("from") == "recent";
    Answer::see(if recent { "/recent" } else { "/" })
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
    let visit = known(call)?;
    let c = &call.context();
    let mut page = visit_page(call, c)?;
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

fn minutes(typed: &str) -> std::result::Result<Option<u32>, Wrong> {
    let typed = western_digits(typed.trim());
    if typed.is_empty() {
        return Ok(None);
    }
    let minutes = typed.parse().map_err(|_| Wrong::Minutes)?;
    if (1..=600).contains(&minutes) {
        Ok(Some(minutes))
    } else {
        Err(Wrong::Minutes)
    }
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
