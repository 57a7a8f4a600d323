//! One person, with everything that the front desk may see.

use askama::Template;

use crate::activities::pages::Mine;
use crate::activities::{self, NotDone};
use crate::cases;
use crate::kit::id::{ActivityId, CaseId, ConsentId, PersonId, VisitId};
use crate::kit::text;
use crate::people::consent::{self, Consent, Purpose, Standing};
use crate::people::pages::{ConsentForm, differences, facts};
use crate::people::{self, Record, forms::nationality};
use crate::settings;
use crate::vault::{Event, Refusal};
use crate::visits::forms::service;
use crate::visits::pages::{day_asked, language_name, paper_list, services};
use crate::visits::{self, Visit, Visitor, rules as visit_rules};
use crate::web::access::Route;
use crate::web::form::{Difference, Fact};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result};

/// A year of weekly visits.
const VISITS: u32 = 52;

#[derive(Template)]
#[template(path = "desk/person.html")]
struct Person<'p> {
    c: &'p Ctx,
    record: Record,
    nationality: Option<String>,
    facts: Vec<Fact>,
    phones: Vec<Vec<Fact>>,
    registered: String,
    consents: Vec<Agreed>,
    consent_missing: bool,
    consent: ConsentForm,
    visits: Vec<Came>,
    changes: Vec<Changed>,
    later: Later,
    here: bool,
    activities: Vec<Mine>,
    activity: Field,
    offers: Vec<Choice>,
    /// When and where somebody is expected; never why.
    appointments: Vec<Expected>,
    /// For those who may know that there is one.
    cases: Option<Vec<CaseOf>>,
}

/// An appointment in words.
pub struct Expected {
    pub person: PersonId,
    pub name: String,
    pub day: String,
    pub hour: String,
    pub room: Option<String>,
}

/// A case of somebody, as its list has it.
struct CaseOf {
    case: CaseId,
    number: String,
    /// Where it stands, of one's own; of somebody else's, in whose hands it is.
    about: String,
}

/// A consent in words.
struct Agreed {
    id: ConsentId,
    purpose: String,
    facts: String,
    standing: Standing,
}

/// A visit in words.
struct Came {
    id: VisitId,
    when: String,
    reasons: String,
}

/// The form for a visit from paper.
struct Later {
    day: Field,
    reason: Field,
    reasons: Vec<Choice>,
    open: bool,
}

/// A change in words: when, by whom, and each field before and after.
struct Changed {
    when: String,
    by: String,
    fields: Vec<Difference>,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&person(call, c)?)
}

fn person<'p>(call: &Call, c: &'p Ctx) -> Result<Person<'p>> {
    let id: PersonId = call.part("person")?;
    let cases = if c.may(Route::NewCase) {
        Some(cases_of(call, c, id)?)
    } else {
        None
    };
    call.read(|db| {
        let record = people::record(db, id)?.ok_or(Refusal::Missing)?;
        let consents = consent::of(db, id)?;
        let changes = people::changes(db, id, &record.profile)?;
        let (facts, phones) = facts(c, &record.profile);
        Ok(Person {
            c,
            nationality: nationality(c, &record.profile.nationality),
            facts,
            phones,
            consent_missing: !consent::stands(&consents, Purpose::Register, c.today()),
            consents: consents.iter().map(|consent| agreed(c, consent)).collect(),
            consent: ConsentForm::new(c, &settings::of(db)?.languages, &record.profile),
            visits: visits::of_person(db, id, VISITS)?
                .iter()
                .map(|visit| came(c, visit))
                .collect(),
            registered: c.moment(record.created),
            changes: changes
                .iter()
                .map(|change| Changed {
                    when: c.moment(change.at),
                    by: change.by.clone(),
                    fields: differences(c, &change.before, &change.after),
                })
                .collect(),
            later: Later {
                day: Field::new("day", 12),
                reason: Field::new("reason", 20),
                reasons: services(c, ""),
                open: false,
            },
            here: visits::here_today(db, id, c.today())?.is_some(),
            activities: activities::pages::mine(c, db, id)?,
            activity: Field::new("activity", 40),
            offers: activities::pages::offers(c, db, "")?,
            appointments: cases::store::appointments_of(db, id, c.today())?
                .into_iter()
                .map(|one| expected(c, one, String::new()))
                .collect(),
            cases,
            record,
        })
    })
}

pub fn expected(c: &Ctx, one: cases::store::Appointment, name: String) -> Expected {
    Expected {
        person: one.person,
        name,
        day: c.weekday(one.day),
        hour: one.hour,
        room: one.room,
    }
}

fn cases_of(call: &Call, c: &Ctx, person: PersonId) -> Result<Vec<CaseOf>> {
    let actor = call.actor()?;
    let lines = call.list_casework(|casework| {
        let cases = cases::store::cases_of_person(casework, person)?;
        cases::store::lines(casework, actor, &cases)
    })?;
    Ok(lines
        .into_iter()
        .map(|line| CaseOf {
            case: line.case,
            number: line.number.to_string(),
            about: match line.own {
                true => c.t(line.stage.label_key()),
                false => line.worker_name.unwrap_or_default(),
            },
        })
        .collect())
}

fn agreed(c: &Ctx, consent: &Consent) -> Agreed {
    let mut facts = vec![c.t(consent.how.label_key()), c.day(consent.given)];
    facts.extend(language_name(c, &consent.read_in));
    if let Some(expires) = consent.expires {
        facts.push(c.tw("people.until", &[("day", &c.day(expires))]));
    }
    facts.push(c.tw(
        "people.text_version",
        &[("version", &consent.version.to_string())],
    ));
    Agreed {
        id: consent.id,
        purpose: c.t(consent.purpose.label_key()),
        facts: facts.join(" · "),
        standing: consent.standing(c.today()),
    }
}

fn came(c: &Ctx, visit: &Visit) -> Came {
    let reasons: Vec<String> = visit.reasons.iter().map(|r| c.t(r.label_key())).collect();
    Came {
        id: visit.id,
        when: match visit.arrived {
            Some(at) => c.moment(at),
            None => c.day(visit.day),
        },
        reasons: reasons.join(" · "),
    }
}

/// A visit typed in from paper, with the day that the paper tells.
pub fn type_later(call: &Call) -> Result {
    let c = &call.context();
    let mut page = person(call, c)?;
    let today = c.today();
    let day = page.later.day.read(c, &call.sent, |typed, _| {
        day_asked(typed, today)
            .ok()
            .filter(|_| !typed.trim().is_empty())
            .ok_or(visit_rules::Refusal::Day)
            .and_then(|day| visit_rules::paper_day(day, today))
    });
    let reason = page
        .later
        .reason
        .read(c, &call.sent, |typed, _| service(typed));
    let (Some(day), Some(reason)) = (day, reason) else {
        page.later.open = true;
        page.later.reasons = services(c, &page.later.reason.value);
        return Answer::refused(&page);
    };
    let (world, actor, person) = (&call.app.world, call.actor()?, page.record.id);
    let visit = call.write(|tx| {
        let visitor = Visitor::Person(person);
        let visit = visits::type_later(tx, world, actor, &visitor, day, reason)?;
        Ok::<_, Refusal>((visit, Event::VisitTypedLater { visit, person }))
    })?;
    let undo = Some(format!("/visits/{visit}/undo"));
    let name = page.record.profile.called();
    call.say_of("visits.said.typed_later", name, undo);
    if call.sent.get("from") == "paper" {
        return Answer::see(format!("{}&in={visit}", paper_list(day)));
    }
    Answer::see(format!("/people/{person}"))
}

/// Into an activity, chosen from those that run; what stands against it is told beside the list.
pub fn enrol(call: &Call) -> Result {
    let c = &call.context();
    let mut page = person(call, c)?;
    let activity = page.activity.read(c, &call.sent, |typed, _| {
        typed
            .parse::<ActivityId>()
            .map_err(|_| text::Refused::Empty)
    });
    if let Some(activity) = activity {
        match activities::pages::put(call, activity, page.record.id) {
            Ok(()) => return Answer::see(format!("/people/{}", page.record.id)),
            Err(NotDone::Vault(refusal)) => return Err(refusal),
            Err(why) => page.activity.wrong(c.because(&why)),
        }
    }
    page.offers = call.read(|db| activities::pages::offers(c, db, &page.activity.value))?;
    Answer::refused(&page)
}
