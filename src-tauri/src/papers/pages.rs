//! Where papers are asked for.

use askama::Template;
use chrono::NaiveDate;

use super::print::{self, Appointment, Bearer, Shown};
use crate::kit::date::{self, ToldDate};
use crate::kit::id::PersonId;
use crate::kit::lists::{LANGUAGES, SpokenLanguage};
use crate::kit::paper::Paper;
use crate::people::{self, Brief};
use crate::settings;
use crate::vault::{Db, Refusal};
use crate::web::access::Route;
use crate::web::{Answer, Call, Choice, Ctx, Field, Handler, Result, Tongues};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::Papers, page),
    (Route::PrintPaper, print_blank),
    (Route::Cards, cards),
    (Route::PrintCards, print_cards),
    (Route::PrintConsent, print_consent),
    (Route::Slip, slip),
    (Route::PrintSlip, print_slip),
];

/// As many as are cut out at a time: ten pages.
const MOST_CARDS: usize = 80;

/// What is wrong with what was asked for. The messages are locale keys.
#[derive(Debug, thiserror::Error)]
enum Wrong {
    #[error("papers.refusal.nobody")]
    Nobody,
    #[error("papers.refusal.day")]
    Day,
}

#[derive(Template)]
#[template(path = "papers/papers.html")]
struct Page<'p> {
    c: &'p Ctx,
    language: Field,
    languages: Vec<Choice>,
}

fn page(call: &Call) -> Result {
    let c = &call.context();
    let offered = call.read(settings::of)?.languages;
    let chosen = readers(&offered).find(|spoken| spoken.tag != c.lang());
    let chosen = chosen.map_or("", |spoken| spoken.code);
    Answer::page(&Page {
        c,
        language: Field::new("language", 3).typed(chosen),
        languages: second_languages(c, &offered, chosen),
    })
}

/// The spoken languages that papers have words for, the centre's own first.
fn readers(offered: &[String]) -> impl Iterator<Item = &'static SpokenLanguage> {
    let own = offered
        .iter()
        .filter_map(|code| SpokenLanguage::from_code(code));
    let others = LANGUAGES
        .iter()
        .filter(move |spoken| offered.iter().all(|code| code != spoken.code));
    own.chain(others).filter(|spoken| Tongues::has(spoken))
}

/// What may stand beside the office's language on a paper.
pub fn second_languages(c: &Ctx, offered: &[String], chosen: &str) -> Vec<Choice> {
    let none = Choice::new("", c.t("papers.language_none"), chosen.is_empty());
    let others = readers(offered)
        .filter(|spoken| spoken.tag != c.lang())
        .map(|spoken| {
            let label = format!("{} · {}", c.t(&spoken.label_key()), spoken.own_name);
            Choice::new(spoken.code, label, spoken.code == chosen)
        });
    std::iter::once(none).chain(others).collect()
}

fn print_blank(call: &Call) -> Result {
    let c = &call.context();
    let centre = call.read(settings::of)?;
    let reader = call.sent.get("language");
    let (paper, document) = match Paper::from_code(call.sent.get("paper")) {
        Some(form @ Paper::RegistrationForm) => (form, print::registration(c, &centre, reader)?),
        Some(form @ Paper::ConsentForm) => (form, print::consent_form(c, &centre, reader, None)?),
        Some(form @ Paper::ComplaintForm) => (form, print::complaint_form(c, &centre, reader)?),
        _ => return Answer::see("/papers"),
    };
    call.print(paper, None, &document, "/papers")
}

/// With the name of a person, in the language that they speak best.
fn print_consent(call: &Call) -> Result {
    let c = &call.context();
    let person: PersonId = call.part("person")?;
    let (centre, signer) = call.read(|db| {
        let centre = settings::of(db)?;
        Ok::<_, Refusal>((centre, bearer(db, person)?))
    })?;
    let document = print::consent_form(c, &centre, &signer.language, Some(&signer.brief))?;
    let back = format!("/people/{person}");
    call.print(Paper::ConsentForm, Some(person.record()), &document, back)
}

#[derive(Template)]
#[template(path = "papers/cards.html")]
struct Cards<'p> {
    c: &'p Ctx,
    day: Field,
    who: Field,
    people: Vec<Choice>,
    what: Field,
    shown: Vec<Choice>,
    /// For people who were chosen elsewhere, not for those of a day.
    chosen: bool,
}

impl<'p> Cards<'p> {
    fn new(c: &'p Ctx, day: &str, people: &[Brief], chosen: impl Fn(PersonId) -> bool) -> Self {
        let people = people.iter().map(|brief| {
            let name = brief.names.first().map_or("", String::as_str);
            let label = format!("{name} · {}", brief.code);
            Choice::new(brief.id.to_string(), label, chosen(brief.id))
        });
        Self {
            c,
            day: Field::new("day", 12).typed(day),
            who: Field::new("person", 32),
            people: people.collect(),
            what: Field::new("shown", 6),
            shown: vec![
                Choice::new("name", c.t("papers.cards_name"), true),
                // A card that is found on somebody should not tell where they go.
                Choice::new("centre", c.t("papers.cards_centre"), false),
            ],
            chosen: false,
        }
    }
}

/// Cards for those who were registered on a day, for the learners of a course, or for one person.
fn cards(call: &Call) -> Result {
    let c = &call.context();
    let asked = asked_for(call);
    if !asked.is_empty() {
        let people = call.read(|db| people::briefs(db, &asked))?;
        let page = Cards::new(c, "", &people, |_| true);
        return Answer::page(&Cards {
            chosen: true,
            ..page
        });
    }
    let typed = call.sent.get("day");
    let Some(day) = day_asked(typed, c.today()) else {
        let mut page = Cards::new(c, typed, &[], |_| true);
        page.day.wrong(c.because(&Wrong::Day));
        return Answer::refused(&page);
    };
    let people = call.read(|db| registered_on(call, db, day))?;
    Answer::page(&Cards::new(c, &date::typed(day), &people, |_| true))
}

/// Those whom the address names.
fn asked_for(call: &Call) -> Vec<PersonId> {
    let sent = call.sent.all("person");
    sent.filter_map(|person| person.parse().ok())
        .take(MOST_CARDS)
        .collect()
}

fn day_asked(typed: &str, today: NaiveDate) -> Option<NaiveDate> {
    if typed.trim().is_empty() {
        return Some(today);
    }
    ToldDate::parse(typed).ok().map(|told| told.date)
}

fn registered_on(call: &Call, db: &Db<'_>, day: NaiveDate) -> Result<Vec<Brief>> {
    let world = &call.app.world;
    let next = day.succ_opt().unwrap_or(day);
    let ids = people::registered(db, world.midnight(day), world.midnight(next), MOST_CARDS)?;
    people::briefs(db, &ids)
}

fn print_cards(call: &Call) -> Result {
    let c = &call.context();
    let chosen = asked_for(call);
    let day = call.sent.get("day");
    if chosen.is_empty() {
        let of_day = day_asked(day, c.today()).unwrap_or_else(|| c.today());
        let people = call.read(|db| registered_on(call, db, of_day))?;
        let mut page = Cards::new(c, day, &people, |_| false);
        page.who.wrong(c.because(&Wrong::Nobody));
        return Answer::refused(&page);
    }
    let (centre, bearers) = call.read(|db| {
        let bearers: Result<Vec<Bearer>> = chosen.iter().map(|id| bearer(db, *id)).collect();
        Ok::<_, Refusal>((settings::of(db)?, bearers?))
    })?;
    let shown = |what: &str| call.sent.all("shown").any(|sent| sent == what);
    let shown = Shown {
        name: shown("name"),
        centre: shown("centre"),
    };
    let document = print::cards(c, &centre, shown, &bearers)?;
    let (of, back) = match chosen.as_slice() {
        [person] => (Some(person.record()), format!("/people/{person}")),
        _ => (None, format!("/papers/cards?day={day}")),
    };
    call.print(Paper::VisitorCards, of, &document, back)
}

fn bearer(db: &Db<'_>, person: PersonId) -> Result<Bearer> {
    let brief = people::briefs(db, &[person])?.pop();
    let record = people::record(db, person)?.ok_or(Refusal::Missing)?;
    Ok(Bearer {
        brief: brief.ok_or(Refusal::Missing)?,
        language: record
            .profile
            .languages
            .into_iter()
            .next()
            .unwrap_or_default(),
    })
}

#[derive(Template)]
#[template(path = "papers/slip.html")]
struct Slip<'p> {
    c: &'p Ctx,
    person: PersonId,
    name: String,
    day: Field,
    time: Field,
    place: Field,
    bring: Field,
    centre: Field,
    shown: Vec<Choice>,
}

impl<'p> Slip<'p> {
    fn new(c: &'p Ctx, bearer: &Bearer, shown: bool) -> Self {
        Self {
            c,
            person: bearer.brief.id,
            name: bearer.brief.names.first().cloned().unwrap_or_default(),
            day: Field::new("day", 12),
            time: Field::new("time", 20),
            place: Field::new("place", 120),
            bring: Field::new("bring", 120),
            centre: Field::new("centre", 3),
            shown: vec![
                Choice::new("yes", c.t("papers.slip_with"), shown),
                Choice::new("no", c.t("papers.slip_without"), !shown),
            ],
        }
    }
}

fn slip(call: &Call) -> Result {
    let c = &call.context();
    let person: PersonId = call.part("person")?;
    let bearer = call.read(|db| bearer(db, person))?;
    Answer::page(&Slip::new(c, &bearer, true))
}

fn print_slip(call: &Call) -> Result {
    let c = &call.context();
    let person: PersonId = call.part("person")?;
    let (bearer, centre) = call.read(|db| {
        let centre = settings::of(db)?;
        Ok::<_, Refusal>((bearer(db, person)?, centre))
    })?;
    let shown = call.sent.get("centre") != "no";
    let mut page = Slip::new(c, &bearer, shown);
    let day = page.day.read(c, &call.sent, |typed, _| {
        ToldDate::parse(typed).map_err(|_| Wrong::Day)
    });
    let time = page.time.required(c, &call.sent);
    let place = page.place.required(c, &call.sent);
    let bring = page.bring.optional(c, &call.sent);
    let (Some(day), Some(time), Some(place), Some(bring)) = (day, time, place, bring) else {
        return Answer::refused(&page);
    };
    let appointment = Appointment {
        day: day.date,
        time: &time,
        place: &place,
        bring: bring.as_deref(),
    };
    let centre = shown.then_some(&centre);
    let document = print::appointment_slip(c, centre, &bearer.language, &appointment)?;
    let back = format!("/people/{person}");
    call.print(
        Paper::AppointmentSlip,
        Some(person.record()),
        &document,
        back,
    )
}
