//! `papers [--to DIR] [--office LANG]`: every paper that the program makes, from its own pages over an invented
//! centre, with the office's words in each of its languages and names in every script: to be looked
//! at.

mod casework;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use chrono::{Days, NaiveDate, NaiveTime};
use darna::activities::rules::{Hours, Kind, Mark, Plan, Term, Titles};
use darna::activities::{self, Details, NotDone};
use darna::kit::id::{ActivityId, PersonId};
use darna::sample::{self, Amount};
use darna::settings;
use darna::vault::{Event, Refusal};
use darna_tests::centre::Centre;
use lexopt::prelude::*;

use crate::seed::told;

/// Name, first language, nationality.
const NAMES: [(&str, &str, &str); 16] = [
    ("Almaz Tesfaye", "amh", "ETH"),
    ("ትርሐስ ገብረ መድኅን", "tir", "ERI"),
    ("አልማዝ ተስፋዬ ወልደ ሥላሴ", "amh", "ETH"),
    ("مريم عبد الله الحسن", "ara", "SDN"),
    ("سميرة (Samira) يوسف", "ara", "SYR"),
    ("सीता राई", "nep", "NPL"),
    ("Sunita Kumari सुनीता", "hin", "IND"),
    ("শিরিন আক্তার খাতুন", "ben", "BGD"),
    ("Kumari නිල්මිණී පෙරේරා", "sin", "LKA"),
    ("தமிழ்ச்செல்வி முருகன்", "tam", "LKA"),
    ("Rosa Bautista dela Cruz y Villanueva-Santos", "tgl", "PHL"),
    ("Nguyễn Thị Minh Khai", "vie", "VNM"),
    ("Folasade Ọlọ́runfẹ́mi", "yor", "NGA"),
    ("നിമിഷ തോമസ്", "mal", "IND"),
    ("Aminata Kouassi Brou", "fra", "CIV"),
    ("شازیہ پروین", "urd", "PAK"),
];

pub fn task(mut arguments: lexopt::Parser) -> Result<()> {
    let mut to = PathBuf::from("target/papers");
    let mut only = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("to") => to = arguments.value()?.into(),
            Long("office") => only = Some(arguments.value()?.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    for office in ["en", "ar", "fr"] {
        if only.as_ref().is_some_and(|only| only != office) {
            continue;
        }
        let folder = to.join(office);
        fs::create_dir_all(&folder)?;
        Printing::of(office, folder)?.all()?;
    }
    println!("in {}", to.display());
    Ok(())
}

struct Printing {
    office: &'static str,
    centre: Centre,
    folder: PathBuf,
    people: Vec<PersonId>,
}

impl Printing {
    /// Through set-up, whose last page prints the recovery sheet; then everybody is made up.
    fn of(office: &'static str, folder: PathBuf) -> Result<Self> {
        let centre = Centre::unfounded();
        centre.told();
        let mut printing = Self {
            office,
            centre,
            folder,
            people: Vec::new(),
        };
        printing.speak("/setup/sheet");
        printing.print("recovery-sheet", "/setup/sheet", "/setup/sheet", &[])?;
        let words = printing.centre.get("/setup/sheet").all("ol.words li");
        let done = printing.centre.checks("/setup/check", &words);
        ensure!(done.to == "/", "set-up ends: {}", done.html);
        printing.speak("/");
        printing.fill()?;
        Ok(printing)
    }

    fn speak(&self, from: &str) {
        let told = [("lang", self.office), ("back", from)];
        self.centre.post(from, "/language", &told);
    }

    fn fill(&mut self) -> Result<()> {
        let vault = &self.centre.app.vault;
        vault.write(self.centre.manager(), None, |tx| {
            let mut settings = settings::of(tx)?;
            settings.phone = Some("+999 20 234 567".to_owned());
            settings::save(tx, &settings)?;
            Ok::<_, Refusal>(((), Event::SettingsChanged))
        })?;
        for (name, language, nationality) in NAMES {
            let fields = [
                ("name", name),
                ("language", language),
                ("nationality", nationality),
                ("phone-1", "+999 70 000 123"),
                ("consent", "spoken"),
                ("sure", "yes"),
                ("then", "stay"),
            ];
            let page = self.centre.post("/people/new", "/people/new", &fields);
            let person = page.to.rsplit('/').next().and_then(|id| id.parse().ok());
            self.people.push(person.context("a person")?);
        }
        let amount = Amount {
            persons: 150,
            visits: 400,
            years: 1,
            seed: 5,
            until: self.centre.app.world.utc(),
        };
        let manager = self.centre.manager();
        let made = sample::fill(&self.centre.app.vault, manager, &amount).map_err(told)?;
        self.people.extend(made);
        Ok(())
    }

    fn all(&self) -> Result<()> {
        let course = self.course()?;
        let at = format!("/activities/{course}/papers");
        for (name, paper, reader) in [
            ("roster", "roster", "amh"),
            ("roster-nepali", "roster", "nep"),
            ("attendance-sheet", "attendance-sheet", "ben"),
            ("certificate", "certificate", ""),
        ] {
            // The course is not over: certificates are asked for all the same.
            let asked = [
                ("paper", paper),
                ("language", reader),
                ("all-the-same", "yes"),
            ];
            self.print(name, &at, &at, &asked)?;
        }
        for (name, paper, on, reader) in [
            ("month-poster", "month-poster", "2026-11-20", ""),
            ("month-poster-amharic", "month-poster", "2026-11-20", "amh"),
            ("month-poster-december", "month-poster", "2026-12-20", ""),
            (
                "month-poster-few-nepali",
                "month-poster",
                "2027-01-20",
                "nep",
            ),
            ("month-poster-none", "month-poster", "2027-03-20", "ben"),
            ("week-poster", "week-poster", "2026-11-20", "ara"),
            ("week-poster-sinhala", "week-poster", "2026-12-01", "sin"),
        ] {
            let asked = [("paper", paper), ("on", on), ("language", reader)];
            self.print(name, "/activities/papers", "/activities/papers", &asked)?;
        }
        for (paper, reader) in [
            ("registration-form", "amh"),
            ("registration-form", "ara"),
            ("consent-form", "ben"),
            ("consent-form", "hin"),
            ("complaint-form", "tam"),
            ("complaint-form", "sin"),
        ] {
            let asked = [("paper", paper), ("language", reader)];
            let name = format!("{paper}-{reader}");
            self.print(&name, "/papers", "/papers", &asked)?;
        }
        self.cards()?;
        let almaz = format!("/people/{}", self.people[2]);
        let slip = format!("{almaz}/appointment");
        let asked = [
            ("day", "30/11/2026"),
            ("time", "10:30"),
            ("place", "Cedar clinic, ground floor"),
            ("centre", "yes"),
        ];
        self.print("appointment-slip", &slip, &slip, &asked)?;
        let consent = format!("{almaz}/consent-form");
        self.print("consent-form-of-one", &almaz, &consent, &[])?;
        self.casework()
    }

    fn cards(&self) -> Result<()> {
        let ids: Vec<String> = self.people[..NAMES.len()]
            .iter()
            .map(ToString::to_string)
            .collect();
        let mut asked: Vec<(&str, &str)> = ids.iter().map(|id| ("person", id.as_str())).collect();
        asked.extend([("shown", "name"), ("shown", "centre")]);
        self.print("visitor-cards", "/papers/cards", "/papers/cards", &asked)
    }

    /// Thirty learners of every script; three weeks are over.
    fn course(&self) -> Result<ActivityId> {
        let titles = [
            ("eng", "English for beginners"),
            ("ara", "الإنجليزية للمبتدئين"),
            ("amh", "እንግሊዝኛ ለጀማሪዎች"),
            ("nep", "सुरुवातका लागि अङ्ग्रेजी"),
        ]
        .map(|(code, title)| (code.to_owned(), title.to_owned()));
        let (app, actor) = (&self.centre.app, self.centre.manager());
        let today = app.world.today();
        let term = Term::new(today - Days::new(14), today + Days::new(28))?;
        let rule = format!(
            "FREQ=WEEKLY;INTERVAL=1;WKST=MO;BYDAY={}",
            today.format("%a").to_string()[..2].to_uppercase()
        );
        let Ok(rule) = rule.parse() else {
            bail!("a rule: {rule}");
        };
        let plan = Plan::new(term, rule, Vec::new(), &[])?;
        let details = Details {
            kind: Kind::Language,
            titles: Titles::new(titles.into()).context("a title")?,
            level: Some("A1".into()),
            language: Some("amh".into()),
            teachers: vec!["Rana Example".into(), "هدى حداد".into()],
            room: Some("Big room".into()),
            hours: Hours::new(hour(16), hour(18))?,
            capacity: Some(30),
            women_only: false,
            childcare: true,
            members_only: false,
            fee: None,
            // Three of the seven sessions were held.
            share: 40,
        };
        let learners = &self.people[..30];
        let done = app.vault.write(actor, None, |tx| {
            let activity = activities::plan(tx, &app.world, actor, &details, &plan)?;
            for person in learners {
                activities::enrol(tx, &app.world, actor, activity, *person)?;
            }
            let sessions = u32::try_from(plan.dates().len()).unwrap_or(0);
            Ok::<_, NotDone>((activity, Event::ActivityPlanned { activity, sessions }))
        });
        let activity = match done {
            Ok(activity) => activity,
            Err(why) => bail!("a course: {why}"),
        };
        self.marks(activity, today)?;
        Ok(activity)
    }

    fn marks(&self, activity: ActivityId, today: NaiveDate) -> Result<()> {
        let (app, actor) = (&self.centre.app, self.centre.manager());
        let sessions = app
            .vault
            .read(|db| activities::sessions(db, activity))
            .map_err(told)?;
        for session in sessions.iter().filter(|session| session.slot.day <= today) {
            for (place, person) in self.people[..30].iter().enumerate() {
                let mark = [Mark::Present, Mark::Present, Mark::Late, Mark::Present]
                    [(place + session.slot.day.format("%d").to_string().len()) % 4];
                let mark = if place % 7 == 6 { Mark::Absent } else { mark };
                let done = app.vault.write(actor, None, |tx| {
                    activities::mark(tx, &app.world, actor, session.id, *person, Some(mark))?;
                    let (session, person) = (session.id, *person);
                    Ok::<_, NotDone>(((), Event::AttendanceMarked { session, person }))
                });
                ensure!(done.is_ok(), "a mark");
            }
        }
        Ok(())
    }

    /// Posts what asks for a paper, and keeps what the viewer is given.
    fn print(&self, name: &str, from: &str, at: &str, asked: &[(&str, &str)]) -> Result<()> {
        let before = self.centre.outside.shown().len();
        let page = self.centre.post(from, at, asked);
        ensure!(
            self.centre.outside.shown().len() == before + 1,
            "{name} was not printed: {} {}",
            page.status,
            page.html
        );
        let file = self.folder.join(format!("{name}.pdf"));
        fs::copy(self.centre.outside.last_shown(), &file)?;
        Ok(())
    }
}

fn hour(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()
}
