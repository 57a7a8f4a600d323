//! Papers, from the press of a button to the file that the viewer gets: records read, journal
//! written, page set, PDF made.

use anyhow::{Context, Result};
use chrono::{Days, NaiveTime};
use darna::activities::rules::{Hours, Kind, Plan, Term, Titles};
use darna::activities::{self, Details, NotDone};
use darna::kit::id::{ActivityId, PersonId};
use darna::people::rules::{Asked, Gender, Name, NameKind, Phone, Profile};
use darna::vault::{Actor, Event, Refusal};

use super::{Desk, Figure, Journal};
use crate::seed::told;

const RUNS: usize = 20;

/// Given and second names to put together.
struct Script {
    rosters: [(usize, &'static str); 2],
    office: &'static str,
    reader: &'static str,
    title: (&'static str, &'static str),
    names: [&'static str; 16],
}

const ARABIC: Script = Script {
    rosters: [(25, "roster of 25, Arabic"), (200, "roster of 200, Arabic")],
    office: "ar",
    reader: "eng",
    title: ("ara", "الإنجليزية للمبتدئين"),
    names: [
        "مريم",
        "فاطمة",
        "زينب",
        "سميرة",
        "ليلى",
        "هدى",
        "نور",
        "أمل",
        "محمد",
        "أحمد",
        "يوسف",
        "إبراهيم",
        "حسن",
        "خالد",
        "سليم",
        "عمر",
    ],
};

const ETHIOPIC: Script = Script {
    rosters: [
        (25, "roster of 25, Ethiopic"),
        (200, "roster of 200, Ethiopic"),
    ],
    office: "en",
    reader: "amh",
    title: ("amh", "እንግሊዝኛ ለጀማሪዎች"),
    names: [
        "አልማዝ",
        "ትርሐስ",
        "ፀሐይ",
        "ሰላም",
        "ሂወት",
        "መሠረት",
        "ብርሃን",
        "ገነት",
        "ተስፋዬ",
        "አበበ",
        "ከበደ",
        "ዮሐንስ",
        "ሙሉጌታ",
        "ግርማ",
        "ኃይሉ",
        "ታደሰ",
    ],
};

pub fn figures(desk: &Desk) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for script in [&ARABIC, &ETHIOPIC] {
        desk.post("/language", &format!("lang={}&back=/", script.office))?;
        for (learners, name) in script.rosters {
            let activity = course(desk, script, learners)?;
            let at = format!("/activities/{activity}/papers");
            let asked = format!("paper=roster&language={}", script.reader);
            figures.push(figure(desk, name, &at, &asked)?);
        }
    }
    desk.post("/language", "lang=en&back=/")?;
    let asked = "paper=month-poster&on=2026-12-01&language=amh";
    figures.push(figure(desk, "month poster", "/activities/papers", asked)?);
    Ok(figures)
}

fn figure(desk: &Desk, name: &'static str, at: &str, asked: &str) -> Result<Figure> {
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        desk.print(&mut times, Journal::Desk, "printed", at, asked)?;
        desk.print_form(&mut floors)?;
    }
    Ok(Figure {
        name,
        times,
        floor: "a form of one page",
        floors,
    })
}

/// The one whose register is filled in too.
pub fn course_of_200(desk: &Desk) -> Result<ActivityId> {
    course(desk, &ARABIC, 200)
}

/// A year of this weekday with so many learners, made once for each centre.
fn course(desk: &Desk, script: &Script, learners: usize) -> Result<ActivityId> {
    let title = format!("{} {learners}", script.title.1);
    let vault = &desk.app.vault;
    let known = vault.read::<_, Refusal>(|db| {
        db.one(
            "select activity from activity_title where title = :title",
            rusqlite::named_params! { ":title": title },
            |row| row.get(0),
        )
    });
    if let Some(activity) = known.map_err(told)? {
        return Ok(activity);
    }
    let actor = desk.me()?;
    let world = &desk.app.world;
    let activity = plan(desk, actor, script, title)?;
    for n in 0..learners {
        let profile = learner(script, n);
        let person = vault.write(actor, None, |tx| {
            let person = darna::people::register(tx, world, actor, &profile)?;
            Ok::<_, Refusal>((person, Event::PersonRegistered { person }))
        });
        let person: PersonId = person.map_err(told)?;
        let enrolled = vault.write(actor, None, |tx| {
            let (enrolment, _) = activities::enrol(tx, world, actor, activity, person)?;
            let event = Event::Enrolled {
                enrolment,
                activity,
                person,
            };
            Ok::<_, NotDone>(((), event))
        });
        enrolled.ok().context("a place")?;
    }
    Ok(activity)
}

fn plan(desk: &Desk, actor: Actor, script: &Script, title: String) -> Result<ActivityId> {
    let today = desk.app.world.today();
    let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).context("an hour");
    let titles = vec![
        (script.title.0.to_owned(), title),
        ("eng".to_owned(), "English".to_owned()),
    ];
    let details = Details {
        kind: Kind::Language,
        titles: Titles::new(titles).context("a title")?,
        level: None,
        language: Some("eng".to_owned()),
        teachers: vec!["Rana Haddad".to_owned()],
        room: Some("Big room".to_owned()),
        hours: Hours::new(at(16)?, at(18)?)?,
        capacity: None,
        women_only: false,
        childcare: true,
        members_only: false,
        fee: None,
        share: 75,
    };
    let term = Term::new(today, today + Days::new(364))?;
    let weekday = today.format("%a").to_string()[..2].to_uppercase();
    let rule = format!("FREQ=WEEKLY;INTERVAL=1;WKST=MO;BYDAY={weekday}").parse()?;
    let plan = Plan::new(term, rule, Vec::new(), &[])?;
    let world = &desk.app.world;
    let planned = desk.app.vault.write(actor, None, |tx| {
        let activity = activities::plan(tx, world, actor, &details, &plan)?;
        Ok::<_, Refusal>((
            activity,
            Event::ActivityPlanned {
                activity,
                sessions: 53,
            },
        ))
    });
    planned.map_err(told)
}

fn learner(script: &Script, n: usize) -> Profile {
    let names = &script.names;
    let (given, second) = (names[n % names.len()], names[(n / 8 + n) % names.len()]);
    Profile {
        names: vec![Name {
            written: format!("{given} {second}"),
            kind: NameKind::Used,
        }],
        code_word: None,
        phones: vec![Phone {
            written: format!("70 {:06}", 100_000 + n * 37),
            whose: None,
            may_call: Asked::Yes,
            may_text: Asked::NotAsked,
            best_times: None,
        }],
        gender: Gender::NotRecorded,
        birth: None,
        nationality: "not_recorded".to_owned(),
        languages: Vec::new(),
        occupation: None,
        lives_with_employer: None,
        day_off: None,
        area: None,
        arrival_year: None,
        access_needs: None,
        alert: None,
    }
}
