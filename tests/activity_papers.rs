//! The papers of a course: roster, attendance, certificates; the posters of a month and a week.

use chrono::{NaiveDate, NaiveTime};
use darna::activities::rules::{Hours, Kind, Mark, Plan, Term, Titles};
use darna::activities::{self, Details, NotDone};
use darna::kit::id::{ActivityId, PersonId};
use darna::vault::{Event, Refusal};
use darna_tests::centre::Centre;
use darna_tests::pdf;

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}

fn at(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour")
}

/// English on Fridays for four weeks, the first of them this week; titles in three languages.
fn course(centre: &Centre, titles: &[(&str, &str)]) -> ActivityId {
    let titles = titles
        .iter()
        .map(|(code, title)| ((*code).to_owned(), (*title).to_owned()));
    let details = Details {
        kind: Kind::Language,
        titles: Titles::new(titles.collect()).expect("a title"),
        level: None,
        language: Some("amh".into()),
        teachers: vec!["Rana Haddad".into()],
        room: Some("Big room".into()),
        hours: Hours::new(at(16), at(18)).expect("hours"),
        capacity: Some(30),
        women_only: true,
        childcare: false,
        members_only: false,
        fee: None,
        share: 75,
    };
    let term = Term::new(day(2026, 11, 27), day(2026, 12, 18)).expect("a term");
    let rule = "FREQ=WEEKLY;INTERVAL=1;WKST=MO;BYDAY=FR"
        .parse()
        .expect("a rule");
    let plan = Plan::new(term, rule, Vec::new(), &[]).expect("a plan");
    let (app, actor) = (&centre.app, centre.manager());
    let planned = app.vault.write(actor, None, |tx| {
        let activity = activities::plan(tx, &app.world, actor, &details, &plan)?;
        Ok::<_, Refusal>((
            activity,
            Event::ActivityPlanned {
                activity,
                sessions: 4,
            },
        ))
    });
    planned.expect("a course")
}

const ENGLISH: &[(&str, &str)] = &[
    ("eng", "English for beginners"),
    ("amh", "እንግሊዝኛ ለጀማሪዎች"),
    ("ara", "الإنجليزية للمبتدئين"),
];

fn registered(centre: &Centre, name: &str, language: &str) -> PersonId {
    let fields = [
        ("name", name),
        ("language", language),
        ("phone-1", "+961 70 000 123"),
        ("nationality", "ETH"),
        ("consent", "spoken"),
        ("sure", "yes"),
        ("then", "stay"),
    ];
    let page = centre.post("/people/new", "/people/new", &fields);
    page.to
        .rsplit('/')
        .next()
        .and_then(|id| id.parse().ok())
        .expect("a person")
}

fn enrolled(centre: &Centre, activity: ActivityId, name: &str, language: &str) -> PersonId {
    let person = registered(centre, name, language);
    let (app, actor) = (&centre.app, centre.manager());
    let done = app.vault.write(actor, None, |tx| {
        let (enrolment, _) = activities::enrol(tx, &app.world, actor, activity, person)?;
        Ok::<_, NotDone>((
            (),
            Event::Enrolled {
                enrolment,
                activity,
                person,
            },
        ))
    });
    done.expect("a place");
    person
}

/// Friday comes, and these marks are made.
fn held(centre: &Centre, activity: ActivityId, marks: &[(PersonId, Mark)]) {
    centre.clock.advance(3 * 24 * 3600);
    held_on(centre, activity, 0, marks);
}

/// The session of that place in the course, from 0.
fn held_on(centre: &Centre, activity: ActivityId, place: usize, marks: &[(PersonId, Mark)]) {
    let (app, actor) = (&centre.app, centre.manager());
    let sessions = app
        .vault
        .read::<_, Refusal>(|db| activities::sessions(db, activity));
    let session = sessions.expect("sessions")[place].id;
    for (person, mark) in marks {
        let done = app.vault.write(actor, None, |tx| {
            activities::mark(tx, &app.world, actor, session, *person, Some(*mark))?;
            Ok::<_, NotDone>((
                (),
                Event::AttendanceMarked {
                    session,
                    person: *person,
                },
            ))
        });
        done.expect("a mark");
    }
    let counted = app.vault.write(actor, None, |tx| {
        activities::count_walk_ins(tx, &app.world, session, 7)?;
        Ok::<_, NotDone>(((), Event::WalkInsCounted { session, number: 7 }))
    });
    counted.expect("a count");
}

fn printed(centre: &Centre, at: &str, fields: &[(&str, &str)]) -> String {
    let asked = centre.post(at, at, fields);
    let page = centre.get(&asked.to);
    assert!(
        page.html.contains("The paper is open"),
        "{} {}",
        asked.html,
        page.html
    );
    pdf::words(&centre.outside.last_shown())
}

fn holds(words: &str, told: &[&str]) {
    for told in told {
        assert!(words.contains(told), "{told} in {words}");
    }
}

#[test]
fn a_roster_has_the_learners_the_next_sessions_and_twenty_empty_rows() {
    let centre = Centre::founded();
    let activity = course(&centre, ENGLISH);
    for (name, language) in [
        ("Almaz Tesfaye", "amh"),
        ("مريم عبد", "ara"),
        ("Sita Rai", "nep"),
    ] {
        enrolled(&centre, activity, name, language);
    }
    let at = format!("/activities/{activity}/papers");

    let words = printed(&centre, &at, &[("paper", "roster"), ("language", "amh")]);

    holds(
        &words,
        &[
            "English for beginners",
            "እንግሊዝኛ ለጀማሪዎች",
            "Rana Haddad",
            "Big room",
            "16:00–18:00",
            "Almaz Tesfaye",
            "مريم عبد",
            "Sita Rai",
            "…0123",
            "27/11",
            "18/12",
            "Signature",
            "ፊርማ",
            "Not on the list?",
            "23 ",
            "Total",
            "1/2",
        ],
    );
    for kept_back in ["70 000", "Ethiopia", "24 ድምር"] {
        assert!(!words.contains(kept_back), "{kept_back} in {words}");
    }
}

#[test]
fn an_arabic_roster_is_mirrored() {
    let centre = Centre::founded();
    centre.post("/", "/language", &[("lang", "ar")]);
    let activity = course(&centre, ENGLISH);
    enrolled(&centre, activity, "Almaz Tesfaye", "amh");
    for sister in 'A'..='S' {
        enrolled(&centre, activity, &format!("Sita {sister}"), "nep");
    }
    let at = format!("/activities/{activity}/papers");
    centre.post(&at, &at, &[("paper", "roster"), ("language", "")]);
    let about = pdf::about(&centre.outside.last_shown());
    assert!(
        about.contains("Pages:           2\n"),
        "no page for two lines: {about}"
    );
    let (number, name) = (
        pdf::left_edge(&centre.outside.last_shown(), "P-"),
        pdf::left_edge(&centre.outside.last_shown(), "Almaz"),
    );
    assert!(
        number > name,
        "the card stands right of the name: {number} {name}"
    );
}

#[test]
fn the_attendance_sheet_tells_who_came() {
    let centre = Centre::founded();
    let activity = course(&centre, ENGLISH);
    let almaz = enrolled(&centre, activity, "Almaz Tesfaye", "amh");
    let sita = enrolled(&centre, activity, "Sita Rai", "nep");
    let at = format!("/activities/{activity}/papers");
    let none = centre.post(&at, &at, &[("paper", "attendance-sheet")]);
    assert!(
        none.html.contains("No session has been held yet"),
        "{}",
        none.html
    );
    held(
        &centre,
        activity,
        &[(almaz, Mark::Late), (sita, Mark::Absent)],
    );

    let words = printed(
        &centre,
        &at,
        &[("paper", "attendance-sheet"), ("language", "nep")],
    );

    holds(
        &words,
        &[
            "Almaz Tesfaye (✓) 1/1",
            "Sita Rai × 0/1",
            "Without a name",
            "7",
            "उपस्थित",
        ],
    );
}

#[test]
fn a_certificate_is_for_those_who_came_and_in_their_language() {
    let centre = Centre::founded();
    let activity = course(&centre, ENGLISH);
    let almaz = enrolled(&centre, activity, "አልማዝ ተስፋዬ", "amh");
    let sita = enrolled(&centre, activity, "Sita Rai", "nep");
    let at = format!("/activities/{activity}/papers");
    let nobody = centre.post(&at, &at, &[("paper", "certificate")]);
    assert!(
        nobody.html.contains("Nobody has come often enough"),
        "{}",
        nobody.html
    );
    held(
        &centre,
        activity,
        &[(almaz, Mark::Present), (sita, Mark::Absent)],
    );

    let early = centre.post(&at, &at, &[("paper", "certificate")]);
    assert!(
        early.html.contains("Nobody has come often enough"),
        "one of four"
    );
    for friday in [1, 2] {
        centre.clock.advance(7 * 24 * 3600);
        held_on(&centre, activity, friday, &[(almaz, Mark::Present)]);
    }
    let page = centre.get(&at);
    assert_eq!(page.all("#earned li"), ["አልማዝ ተስፋዬ Present: 3 of 4"]);
    assert!(page.html.contains("Still to come: 1."), "{}", page.html);
    let asked = centre.post(&at, &at, &[("paper", "certificate")]);
    assert!(asked.all("#all-the-same-error")[0].starts_with("The course is not over"));
    let sure = [("paper", "certificate"), ("all-the-same", "yes")];

    let words = printed(&centre, &at, &sure);

    holds(
        &words,
        &[
            "Certificate",
            "የምስክር ወረቀት",
            "አልማዝ ተስፋዬ",
            "English for beginners",
            "እንግሊዝኛ ለጀማሪዎች",
            "3/4",
        ],
    );
    assert!(!words.contains("Sita"), "{words}");
}

#[test]
fn a_month_and_a_week_hang_on_the_wall_without_anybody_s_name() {
    let centre = Centre::founded();
    let activity = course(&centre, ENGLISH);
    enrolled(&centre, activity, "Almaz Tesfaye", "amh");
    let offered = centre.get("/activities/papers");
    let second = offered.attribute("#language option[selected]", "value");
    assert_eq!(second, "amh", "what most visitors speak");
    let asked = [
        ("paper", "month-poster"),
        ("on", "2026-12-01"),
        ("language", "amh"),
    ];
    let words = printed(&centre, "/activities/papers", &asked);
    holds(
        &words,
        &[
            "December 2026",
            "House of Thyme",
            "Friday",
            "English for beginners",
            "እንግሊዝኛ ለጀማሪዎች",
            "Women only",
            "ለሴቶች ብቻ",
            "Big room",
        ],
    );
    assert_eq!(words.matches("16:00–18:00").count(), 3, "{words}");
    let journal = centre.get("/journal").html;
    assert!(journal.contains("A paper was made: Poster of the month"));
    assert!(
        !words.contains("Almaz") && !words.contains("Rana"),
        "{words}"
    );

    let asked = [
        ("paper", "week-poster"),
        ("on", "27/11/2026"),
        ("language", "ara"),
    ];
    let words = printed(&centre, "/activities/papers", &asked);
    holds(
        &words,
        &[
            "23 November 2026 – 29 November 2026",
            "Friday 27 November",
            "16:00–18:00",
        ],
    );

    // Of what does not take place the poster tells why, or on which day it is.
    let sessions = centre
        .app
        .vault
        .read::<_, Refusal>(|db| activities::sessions(db, activity))
        .expect("sessions");
    let change = |place: usize, what: &str, fields: &[(&str, &str)]| {
        let session = format!("/sessions/{}", sessions[place].id);
        let changed = centre.post(&session, &format!("{session}/{what}"), fields);
        assert_eq!(
            changed.to,
            format!("/activities/{activity}"),
            "{}",
            changed.html
        );
    };
    change(0, "cancellation", &[("reason", "Teacher is ill")]);
    let other_day = [
        ("day", "2026-12-06"),
        ("opens", "10:00"),
        ("closes", "11:00"),
    ];
    change(1, "move", &other_day);
    for (on, language, told) in [
        ("27/11/2026", "", "Cancelled · Teacher is ill"),
        ("4/12/2026", "", "Moved to Sunday 6 December"),
        ("4/1/2027", "nep", "Nothing is planned this week."),
    ] {
        let asked = [("paper", "week-poster"), ("on", on), ("language", language)];
        let words = printed(&centre, "/activities/papers", &asked);
        assert!(words.contains(told), "{told} in {words}");
    }
    let asked = [("paper", "month-poster"), ("on", "2026-11-27")];
    let words = printed(&centre, "/activities/papers", &asked);
    assert!(words.contains("Teacher is ill"), "{words}");

    let wrong = centre.post(
        "/activities/papers",
        "/activities/papers",
        &[("on", "soon")],
    );
    assert!(wrong.html.contains("Write a day such as"), "{}", wrong.html);
}

#[test]
fn a_title_that_cannot_be_printed_is_told_with_its_field() {
    let centre = Centre::founded();
    let activity = course(&centre, &[("eng", "Party 🎉")]);
    let at = format!("/activities/{activity}/papers");
    let refused = centre.post(&at, &at, &[("paper", "roster"), ("language", "")]);
    holds(&refused.html, &["The title", "Party 🎉", "U+1F389"]);
}

#[test]
fn a_slip_can_leave_the_centre_out_and_never_names_the_person() {
    let centre = Centre::founded();
    let person = registered(&centre, "Almaz Tesfaye", "amh");
    let at = format!("/people/{person}/appointment");
    let told = [
        ("day", "30/11/2026"),
        ("time", "10:30"),
        ("place", "Cedar clinic, ground floor"),
        ("centre", "yes"),
    ];
    let words = printed(&centre, &at, &told);
    holds(
        &words,
        &[
            "Your appointment",
            "Monday 30 November 2026",
            "10:30",
            "21 Hidar 2019 in the Ethiopian calendar",
            "ኅዳር 21",
            "On the Ethiopian clock: 4:30",
            "Cedar clinic",
            "House of Thyme",
            "ቀጠሮዎ",
        ],
    );
    let words = printed(&centre, &at, &[&told[..3], &[("centre", "no")]].concat());
    for kept_back in ["Thyme", "Almaz", "P-"] {
        assert!(!words.contains(kept_back), "{kept_back} in {words}");
    }
    let empty = centre.post(&at, &at, &[("day", "soon")]);
    assert_eq!(empty.all(".error span").len(), 3, "{}", empty.html);
}
