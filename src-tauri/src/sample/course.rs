//! A dozen invented activities of one term: half of it over, with its registers, half to come.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Days as Span, NaiveDate, NaiveTime, TimeDelta};

use super::dice::Dice;
use crate::activities::recurrence::{Day, Days, Recurrence, Weeks, Which};
use crate::activities::rules::{Hours, Kind, Mark, Plan, Status, Term, Titles};
use crate::activities::{self, Details, NotDone};
use crate::kit::id::{ActivityId, PersonId};
use crate::kit::world::World;
use crate::vault::{Actor, Event, Refusal, Vault, WriteTx};

/// Kind, English, Arabic and French title, teacher, room, days, hour, places.
type Recipe = (
    Kind,
    [&'static str; 3],
    &'static str,
    &'static str,
    &'static [Day],
    u32,
    u32,
);

const TERM: [Recipe; 12] = [
    (
        Kind::Language,
        [
            "English for beginners",
            "الإنجليزية للمبتدئين",
            "Anglais pour débutants",
        ],
        "Huda Sample",
        "Small room",
        &[Day::Sunday],
        10,
        20,
    ),
    (
        Kind::Language,
        [
            "English, second step",
            "الإنجليزية، الخطوة الثانية",
            "Anglais, deuxième étape",
        ],
        "Huda Sample",
        "Small room",
        &[Day::Sunday],
        12,
        16,
    ),
    (
        Kind::Language,
        [
            "Arabic for every day",
            "العربية لكل يوم",
            "L’arabe de tous les jours",
        ],
        "Karim Example",
        "Big room",
        &[Day::Sunday],
        10,
        24,
    ),
    (
        Kind::Literacy,
        [
            "Reading and writing together",
            "نقرأ ونكتب معًا",
            "Lire et écrire ensemble",
        ],
        "Rima Sample",
        "Library",
        &[Day::Saturday],
        15,
        12,
    ),
    (
        Kind::Computer,
        [
            "First steps with a computer",
            "الخطوات الأولى على الحاسوب",
            "Premiers pas à l’ordinateur",
        ],
        "Daniel Example",
        "Computer room",
        &[Day::Tuesday, Day::Thursday],
        17,
        10,
    ),
    (
        Kind::Vocational,
        ["Sewing", "الخياطة", "Couture"],
        "Almaz Sample",
        "Workshop",
        &[Day::Saturday],
        10,
        14,
    ),
    (
        Kind::Rights,
        ["Know your rights", "اعرف حقوقك", "Connaître ses droits"],
        "Nour Example",
        "Big room",
        &[Day::Friday],
        17,
        40,
    ),
    (
        Kind::Health,
        [
            "Talking about health",
            "حديث عن الصحة",
            "Parler de la santé",
        ],
        "Dr Sample",
        "Big room",
        &[Day::Saturday],
        17,
        30,
    ),
    (
        Kind::Leadership,
        [
            "Community leaders’ circle",
            "حلقة قادة المجتمع",
            "Cercle des meneurs",
        ],
        "Nour Example",
        "Library",
        &[Day::Friday],
        18,
        15,
    ),
    (
        Kind::Social,
        ["Tea and talk", "شاي وحديث", "Thé et conversation"],
        "",
        "Courtyard",
        &[Day::Sunday],
        16,
        60,
    ),
    (
        Kind::Dance,
        [
            "Dance of many countries",
            "رقصات من بلدان كثيرة",
            "Danses de tous pays",
        ],
        "Rosa Sample",
        "Big room",
        &[Day::Sunday],
        14,
        25,
    ),
    (
        Kind::Sport,
        [
            "Football in the park",
            "كرة القدم في الحديقة",
            "Football au parc",
        ],
        "Sami Example",
        "Park",
        &[Day::Sunday],
        8,
        22,
    ),
];

/// Weeks of a term that are over, and those to come.
const OVER: u64 = 8;
const COMING: u64 = 6;

/// Plans the term, enrols people in it and takes its registers up to `until`.
pub fn term(
    vault: &Vault,
    actor: Actor,
    world: &World,
    at: &AtomicI64,
    dice: &Dice,
    people: &[PersonId],
) -> Result<(), Refusal> {
    let until = DateTime::from_timestamp(at.load(Ordering::Relaxed), 0).unwrap_or_default();
    let today = until.date_naive();
    let records = u32::try_from(TERM.len()).unwrap_or(u32::MAX);
    vault.write(actor, None, |tx| {
        for (place, recipe) in TERM.iter().enumerate() {
            let begun = until - TimeDelta::weeks(9);
            at.store(begun.timestamp(), Ordering::Relaxed);
            let activity = plan(tx, world, actor, recipe, place, today)?;
            enrol(tx, world, actor, dice, people, activity, recipe.6)?;
            registers(tx, world, actor, at, dice, activity, today)?;
        }
        at.store(until.timestamp(), Ordering::Relaxed);
        Ok::<_, Refusal>(((), Event::SampleAdded { records }))
    })
}

fn plan(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    (kind, titles, teacher, room, days, hour, capacity): &Recipe,
    place: usize,
    today: NaiveDate,
) -> Result<ActivityId, Refusal> {
    let days = Days::new(days.iter().copied()).ok_or(Refusal::Missing)?;
    let recurrence = if *kind == Kind::Health {
        let which = Which::First;
        Recurrence::Monthly { which, days }
    } else {
        Recurrence::Weekly {
            every: Weeks::new(1).ok_or(Refusal::Missing)?,
            days,
            week_start: Day::Monday,
        }
    };
    let term = Term::new(today - Span::new(7 * OVER), today + Span::new(7 * COMING));
    let plan = term.and_then(|term| Plan::new(term, recurrence, Vec::new(), &[]));
    let plan = plan.map_err(|_| Refusal::Missing)?;
    let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).ok_or(Refusal::Missing);
    let hours = Hours::new(time(*hour, 0)?, time(*hour + 1, 30)?);
    let details = Details {
        kind: *kind,
        titles: Titles::new(
            ["eng", "ara", "fra"]
                .map(str::to_owned)
                .into_iter()
                .zip(titles.map(str::to_owned))
                .collect(),
        )
        .ok_or(Refusal::Missing)?,
        level: (place < 2).then(|| format!("A{}", place + 1)),
        language: (*kind == Kind::Language)
            .then(|| if place < 2 { "eng" } else { "ara" }.to_owned()),
        teachers: (!teacher.is_empty())
            .then(|| (*teacher).to_owned())
            .into_iter()
            .collect(),
        room: Some((*room).to_owned()),
        hours: hours.map_err(|_| Refusal::Missing)?,
        capacity: Some(*capacity),
        women_only: *kind == Kind::Literacy,
        childcare: *kind == Kind::Vocational,
        members_only: false,
        fee: None,
        share: 75,
    };
    activities::plan(tx, world, actor, &details, &plan)
}

/// Fills most of the places; the smallest classes have a waiting list.
fn enrol(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    dice: &Dice,
    people: &[PersonId],
    activity: ActivityId,
    capacity: u32,
) -> Result<(), Refusal> {
    let wanted = if capacity <= 12 {
        capacity + 3
    } else {
        capacity * 3 / 4
    };
    for _ in 0..wanted {
        match activities::enrol(tx, world, actor, activity, *dice.pick(people)) {
            Ok(_) | Err(NotDone::Rule(_)) => {}
            Err(NotDone::Vault(refusal)) => return Err(refusal),
            Err(NotDone::TooLate(_)) => return Err(Refusal::Missing),
        }
    }
    Ok(())
}

/// What was: a register for each session, some of them with walk-ins.
fn registers(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    at: &AtomicI64,
    dice: &Dice,
    activity: ActivityId,
    today: NaiveDate,
) -> Result<(), Refusal> {
    for session in activities::sessions(tx, activity)? {
        if session.slot.day >= today || session.status != Status::Planned {
            continue;
        }
        let evening = session.slot.day.and_hms_opt(20, 0, 0).unwrap_or_default();
        at.store(evening.and_utc().timestamp(), Ordering::Relaxed);
        for line in activities::register(tx, &session)? {
            let mark = *dice.often(&[
                Mark::Present,
                Mark::Present,
                Mark::Present,
                Mark::Late,
                Mark::Excused,
                Mark::Absent,
            ]);
            done(activities::mark(
                tx,
                world,
                actor,
                session.id,
                line.person,
                Some(mark),
            ))?;
        }
        if dice.one_in(3) {
            let number = 1 + u32::try_from(dice.under(4)).unwrap_or(0);
            done(activities::count_walk_ins(tx, world, session.id, number))?;
        }
    }
    Ok(())
}

/// The sample does nothing that a rule refuses.
fn done(done: Result<(), NotDone>) -> Result<(), Refusal> {
    match done {
        Err(NotDone::Vault(refusal)) => Err(refusal),
        Err(_) => Err(Refusal::Missing),
        Ok(()) => Ok(()),
    }
}
