//! Courses with their dates, places, waiting list and registers: the manager's Friday.

use axum::http::StatusCode;
use chrono::{Datelike, Days as Span, NaiveDate, NaiveTime};
use darna::activities::recurrence::{Day, Days, Recurrence, Weeks, Which};
use darna::activities::rules::{
    self, Busy, Hours, MOST_SESSIONS, Place, Plan, Refusal, Share, Shared, Slot, Standing, Status,
    Term,
};
use darna::kit::id::{ActivityId, SessionId};
use darna::kit::lang::Lang;
use darna::vault::Roles;
use darna::vault::keyfile::Cost;
use darna::vault::secret::Passphrase;
use darna_tests::centre::{Centre, Page};
use proptest::prelude::*;

/// The day that the tests' clock begins with: a Tuesday.
const TODAY: &str = "2026-11-24";

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn hours(from: &str, until: &str) -> Hours {
    let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").expect("a time");
    Hours::new(time(from), time(until)).expect("hours")
}

/// A class every Tuesday from today on, with the fields that a test changes.
fn course(changed: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let mut fields = vec![
        ("title-eng", "English for beginners"),
        ("kind", "language"),
        ("repeat", "weekly"),
        ("every", "1"),
        ("which", "first"),
        ("days", "TU"),
        ("from", TODAY),
        ("until", "2027-02-09"),
        ("opens", "16:00"),
        ("closes", "17:30"),
        ("teachers", "Huda"),
        ("room", "Small room"),
        ("capacity", "20"),
        ("currency", "LBP"),
        ("share", "75"),
    ];
    for (name, value) in changed {
        fields.retain(|(known, _)| known != name || *name == "days");
        fields.push((name, value));
    }
    fields
}

/// Plans a course and gives the address of its page.
fn planned(centre: &Centre, changed: &[(&'static str, &'static str)]) -> String {
    let page = centre.post("/activities/new", "/activities/new", &course(changed));
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    page.to
}

/// Registers somebody and gives their id.
fn person(centre: &Centre, name: &str, gender: &str) -> String {
    let fields = [
        ("name", name),
        ("gender", gender),
        ("consent", "spoken"),
        ("sure", "yes"),
        ("then", "stay"),
    ];
    let page = centre.post("/people/new", "/people/new", &fields);
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    page.to.trim_start_matches("/people/").to_owned()
}

fn enrol(centre: &Centre, activity: &str, person: &str) -> Page {
    let to = format!("{activity}/enrolments");
    // Nobody comes at the same moment as another.
    centre.clock.advance(1);
    centre.post(activity, &to, &[("person", person)])
}

/// The address of today's register of an activity.
fn register_of(centre: &Centre, activity: &str) -> String {
    centre
        .get(activity)
        .attribute("a[href^='/sessions/']", "href")
}

fn mark(centre: &Centre, register: &str, person: &str, mark: &str) -> Page {
    let body = format!("csrf={}&by=key&person={person}&mark={mark}", centre.csrf());
    centre.send(&format!("{register}/marks"), body)
}

fn said(centre: &Centre, path: &str) -> String {
    centre.get(path).all(".toast span").remove(0)
}

#[test]
fn the_calendar_goes_into_a_file_for_other_calendars_without_a_name() {
    let centre = Centre::founded();
    let activity = planned(&centre, &[("room", "Small room, upstairs")]);
    let almaz = person(&centre, "Almaz Tesfaye", "female");
    enrol(&centre, &activity, &almaz);
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("activities.ics");
    let unchosen = centre.post("/activities/calendar", "/activities/calendar", &[]);
    assert_eq!(unchosen.to, "/activities/calendar");
    centre.outside.choose(&file);
    centre.post("/activities/calendar", "/activities/calendar", &[]);
    assert!(said(&centre, "/activities/calendar").contains("in the file"));
    let written = std::fs::read_to_string(&file).expect("a file");
    for line in [
        "BEGIN:VCALENDAR",
        "SUMMARY:English for beginners",
        "DTSTART:20261124T160000",
        "DTEND:20261124T173000",
        "LOCATION:Small room\\, upstairs",
        "END:VCALENDAR",
    ] {
        assert!(
            written.contains(&format!("{line}\r\n")),
            "{line} in {written}"
        );
    }
    let sessions = written.matches("BEGIN:VEVENT").count();
    assert!(
        sessions > 5 && !written.contains("Almaz") && !written.contains("Huda"),
        "{written}"
    );
    centre
        .outside
        .choose(&folder.path().join("no folder/activities.ics"));
    centre.post("/activities/calendar", "/activities/calendar", &[]);
    assert!(said(&centre, "/activities/calendar").contains("could not be written"));
}

#[test]
fn a_course_is_planned_with_all_its_dates() {
    let centre = Centre::founded();
    let empty = centre.get("/activities/new");
    let kind = empty.attribute("#kind option[selected]", "value");
    assert_eq!(kind, "", "of no kind yet");
    let activity = planned(&centre, &[]);
    let page = centre.get(&format!("{activity}?sessions=all"));
    assert_eq!(page.all("main h1 bdi"), ["English for beginners"]);
    assert!(
        page.html.contains("Every week: Tuesday, 16:00–17:30"),
        "{}",
        page.html
    );
    assert_eq!(page.all(".sat").len(), 12);
    assert!(page.html.contains("20 of 20 places left"));
    let list = centre.get("/activities");
    assert_eq!(
        list.all(".row-time time"),
        ["16:00"],
        "today's session stands first"
    );
    let month = centre.get("/activities/calendar?by=month&on=2026-12-01");
    assert_eq!(
        month.all(".entry bdi").len(),
        5,
        "1, 8, 15, 22 and 29 December"
    );
    let week = centre.get("/activities/calendar?by=week&on=2026-12-03");
    assert_eq!(week.all(".row-names a"), ["English for beginners"]);
    assert_eq!(
        week.all("#main h2")[0],
        "Monday 30 November 2026",
        "the centre's own week"
    );
}

#[test]
fn a_title_is_shown_in_the_readers_language_and_falls_back() {
    let centre = Centre::founded();
    planned(&centre, &[("title-ara", "الإنجليزية للمبتدئين")]);
    planned(
        &centre,
        &[
            ("title-eng", "Choir"),
            ("room", "Big room"),
            ("teachers", ""),
        ],
    );
    centre.post("/", "/language", &[("lang", "ar")]);
    let titles = centre
        .get("/activities")
        .all("#running-title ~ *, .row .row-names a bdi");
    assert!(
        titles.contains(&"الإنجليزية للمبتدئين".to_owned()),
        "{titles:?}"
    );
    assert!(titles.contains(&"Choir".to_owned()), "{titles:?}");
    centre.post("/", "/language", &[("lang", "fr")]);
    let titles = centre.get("/activities").all(".row .row-names a bdi");
    assert!(
        titles.contains(&"الإنجليزية للمبتدئين".to_owned()),
        "the centre's first language"
    );
}

#[test]
fn what_makes_no_good_dates_is_refused_beside_its_field() {
    let centre = Centre::founded();
    let too_many: Vec<(&str, &str)> = ["MO", "WE", "TH", "FR", "SA", "SU"]
        .iter()
        .map(|d| ("days", *d))
        .chain([("until", "2031-01-01")])
        .collect();
    for (changed, field, sentence) in [
        (
            vec![("until", "")],
            "until",
            "An activity must end: write its last day.",
        ),
        (
            vec![("until", "2026")],
            "until",
            "Write a whole date such as 24/11/2026.",
        ),
        (
            vec![("until", "2026-11-23")],
            "until",
            "The last day comes before the first.",
        ),
        (
            too_many,
            "until",
            "This would make more than 1,000 sessions. Choose an earlier last day.",
        ),
        (
            vec![("from", "2026-11-25"), ("until", "2026-11-30")],
            "days",
            "No session falls on these days. Look at the days of the week, the dates and the days off.",
        ),
        (
            vec![("closes", "15:00")],
            "closes",
            "It must end later than it begins, on the same day.",
        ),
        (
            vec![("opens", "25:00")],
            "opens",
            "Write a time such as 16:30.",
        ),
        (vec![("every", "9")], "every", "Write 1 to 8 weeks."),
        (
            vec![("capacity", "0")],
            "capacity",
            "Write 1 to 1000 places, or leave it empty.",
        ),
        (vec![("share", "101")], "share", "Write 1 to 100 percent."),
        (
            vec![("fee", "10.0055")],
            "fee",
            "This currency has fewer decimals. Check the amount.",
        ),
        (
            vec![("off", "Friday")],
            "off",
            "Write whole dates such as 24/11/2026, one a line, at most 60.",
        ),
        (
            vec![("teachers", "a,b,c,d,e,f,g")],
            "teachers",
            "Name at most six teachers.",
        ),
        (vec![("title-eng", "")], "title-eng", "Fill this in."),
    ] {
        let page = centre.post("/activities/new", "/activities/new", &course(&changed));
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{changed:?}");
        assert_eq!(
            page.all(&format!("#{field}-error")),
            [sentence],
            "{changed:?}"
        );
        assert_eq!(
            page.value("teachers"),
            changed
                .iter()
                .find(|(n, _)| *n == "teachers")
                .map_or("Huda", |(_, v)| v)
        );
    }
    let none = centre.post(
        "/activities/new",
        "/activities/new",
        &course(&[])
            .into_iter()
            .filter(|(n, _)| *n != "days")
            .collect::<Vec<_>>(),
    );
    assert_eq!(
        none.all("#days-error"),
        ["Choose at least one day of the week."]
    );
}

#[test]
fn the_dates_are_shown_while_one_types_with_what_they_share() {
    let centre = Centre::founded();
    planned(&centre, &[]);
    let asked = "/activities/dates?repeat=weekly&every=2&days=TU&from=24%2F11%2F2026&until=2026-12-22&opens=17:00&closes=18:00&room=small%20ROOM&teachers=Huda";
    let page = centre.get(asked);
    assert_eq!(
        page.all("li"),
        [
            "Tuesday 24 November 2026",
            "Tuesday 8 December 2026",
            "Tuesday 22 December 2026"
        ]
    );
    assert_eq!(
        page.all(".row-alert span"),
        [
            "The room “small ROOM” is also taken by “English for beginners”: Tuesday 24 November 2026 (days: 3).",
            "Huda is also at “English for beginners”: Tuesday 24 November 2026 (days: 3).",
        ]
    );
    let after = centre.get(&asked.replace("17:00", "17:30"));
    assert_eq!(
        after.all(".row-alert"),
        Vec::<String>::new(),
        "what ends as it begins does not meet it"
    );
    let endless = centre.get("/activities/dates?repeat=weekly&every=1&days=TU&from=2026-11-24&until=&opens=17:00&closes=18:00");
    assert_eq!(
        endless.all("p"),
        ["An activity must end: write its last day."]
    );
}

#[test]
fn the_waiting_list_moves_up_by_itself_and_says_so() {
    let centre = Centre::founded();
    let activity = planned(&centre, &[("capacity", "1")]);
    let people: Vec<String> = ["Almaz", "Rosa", "Nirmala"]
        .iter()
        .map(|n| person(&centre, n, "female"))
        .collect();
    enrol(&centre, &activity, &people[0]);
    assert_eq!(said(&centre, &activity), "Almaz is enrolled.");
    enrol(&centre, &activity, &people[1]);
    assert_eq!(
        said(&centre, &activity),
        "It is full: Rosa is on the waiting list."
    );
    enrol(&centre, &activity, &people[2]);
    let page = centre.get(&activity);
    assert!(
        page.html.contains("Full (places: 1), waiting: 2"),
        "{}",
        page.html
    );
    assert_eq!(page.all(".learner a bdi"), ["Almaz", "Rosa", "Nirmala"]);

    let first = page.attribute(".learner a[href^='/enrolments/']", "href");
    let nothing = centre.post(&first, &first, &[]);
    assert_eq!(
        nothing
            .all("#ending-error, .error span")
            .first()
            .map(String::as_str),
        Some("Choose one from the list.")
    );
    centre.post(&first, &first, &[("ending", "work"), ("result", "Level 1")]);
    assert_eq!(
        said(&centre, &activity),
        "The enrolment is ended. From the waiting list now have a place: Rosa."
    );
    assert!(centre.get(&activity).html.contains("Level 1"));

    let edit = format!("{activity}/edit");
    let more = course(&[("capacity", "3")]);
    assert_eq!(centre.post(&edit, &edit, &more).to, activity);
    assert_eq!(
        said(&centre, &activity),
        "Saved. From the waiting list now have a place: Nirmala."
    );
    let fewer = centre.post(&edit, &edit, &course(&[("capacity", "1")]));
    assert_eq!(fewer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        fewer.all("#capacity-error"),
        [
            "More people than that are enrolled already. End some enrolments first, or leave more places."
        ]
    );
    assert_eq!(fewer.value("capacity"), "1", "what was typed is kept");
}

#[test]
fn who_may_not_come_is_told_and_who_is_in_is_not_enrolled_twice() {
    let centre = Centre::founded();
    let activity = planned(&centre, &[("women-only", "yes")]);
    let (almaz, omar, kim) = (
        person(&centre, "Almaz", "female"),
        person(&centre, "Omar", "male"),
        person(&centre, "Kim", "not-recorded"),
    );
    let refused = enrol(&centre, &activity, &omar);
    assert_eq!(
        (refused.status, refused.all(".notice strong")),
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            vec!["This activity is for women only.".to_owned()]
        )
    );
    enrol(&centre, &activity, &kim);
    enrol(&centre, &activity, &almaz);
    let twice = enrol(&centre, &activity, &almaz);
    assert_eq!(
        twice.all(".notice strong"),
        ["This person is enrolled here already."]
    );
    let home = format!("/people/{omar}");
    let id = activity.trim_start_matches("/activities/").to_owned();
    let from_home = centre.post(&home, &format!("{home}/enrolments"), &[("activity", &id)]);
    assert_eq!(
        from_home.all("#activity-error"),
        ["This activity is for women only."]
    );
    let unchosen = centre.post(&home, &format!("{home}/enrolments"), &[("activity", "")]);
    assert_eq!(unchosen.all("#activity-error"), ["Fill this in."]);
}

#[test]
fn enrolling_from_a_persons_page_says_what_is_at_the_same_time_and_can_be_taken_back() {
    let centre = Centre::founded();
    let english = planned(&centre, &[]);
    let choir = planned(
        &centre,
        &[
            ("title-eng", "Choir"),
            ("opens", "17:00"),
            ("closes", "18:00"),
            ("room", "Big room"),
            ("teachers", ""),
        ],
    );
    let almaz = person(&centre, "Almaz", "female");
    let home = format!("/people/{almaz}");
    for (activity, sentence) in [
        (&english, "Almaz is enrolled."),
        (
            &choir,
            "Almaz is enrolled, and is in another activity at the same time.",
        ),
    ] {
        let id = activity.trim_start_matches("/activities/").to_owned();
        centre.post(&home, &format!("{home}/enrolments"), &[("activity", &id)]);
        let page = centre.get(&home);
        assert_eq!(page.all(".toast span")[0], sentence);
    }
    assert!(
        centre
            .get(&english)
            .html
            .contains("Also at the same time: Choir")
    );
    centre.post(&home, &format!("{home}/enrolments"), &[("activity", "")]);

    let out = centre
        .get(&choir)
        .attribute(".learner a[href^='/enrolments/']", "href");
    centre.clock.advance(4 * 60);
    assert_eq!(centre.post(&home, &format!("{out}/undo"), &[]).to, choir);
    assert_eq!(centre.get(&choir).all(".learner"), Vec::<String>::new());
    let kept = centre
        .get(&english)
        .attribute(".learner a[href^='/enrolments/']", "href");
    centre.clock.advance(2 * 60);
    centre.post(&home, &format!("{kept}/undo"), &[]);
    assert_eq!(
        said(&centre, &english),
        "More than five minutes have passed: it stays as it is."
    );
    assert!(centre.app.vault.verify_journals().is_ok());
}

#[test]
fn each_mark_is_saved_by_itself_and_the_register_makes_the_session_held() {
    let centre = Centre::founded();
    let activity = planned(&centre, &[]);
    let people: Vec<String> = ["Almaz", "Rosa", "Nirmala"]
        .iter()
        .map(|n| person(&centre, n, "female"))
        .collect();
    for one in &people {
        enrol(&centre, &activity, one);
    }
    let late = person(&centre, "Sita", "female");
    let register = register_of(&centre, &activity);
    assert!(!centre.get("/activities").html.contains("Held"));
    let saved = mark(&centre, &register, &people[0], "present");
    assert_eq!(saved.all("[data-marked] .count b"), ["1", "0", "2", "0"]);
    assert!(centre.get("/activities").html.contains("Held"));
    mark(&centre, &register, &people[1], "late");
    mark(&centre, &register, &people[1], "excused");
    let grid = centre.get(&register);
    assert_eq!(
        grid.all("button[aria-pressed=true] span"),
        ["Present", "Excused"]
    );

    // A wrong mark: what was there before comes back, then nothing.
    let undo = format!("{register}/marks/{}/undo", people[1]);
    centre.post(&register, &undo, &[]);
    assert_eq!(
        centre.get(&register).all("button[aria-pressed=true] span"),
        ["Present", "Late"]
    );
    mark(&centre, &register, &people[1], "");
    mark(&centre, &register, &people[0], "");
    assert!(
        !centre.get("/activities").html.contains("Held"),
        "an empty register is not taken"
    );

    mark(&centre, &register, &people[2], "present");
    centre.post(&register, &format!("{register}/absences"), &[]);
    let grid = centre.get(&register);
    assert_eq!(
        grid.all("button[aria-pressed=true] span"),
        ["Absent", "Absent", "Present"]
    );
    assert_eq!(grid.all("form[action$='/absences']"), Vec::<String>::new());
    assert!(grid.all("#taken")[0].contains("the register is complete"));
    // Whoever comes later has missed nothing, and whoever waits has no count.
    centre.clock.advance(24 * 3600);
    enrol(&centre, &activity, &late);
    let page = centre.get(&activity);
    let facts = page.all(".learner .row-facts");
    let told: Vec<bool> = facts
        .iter()
        .map(|told| told.contains("Present: "))
        .collect();
    assert_eq!(told, [true, true, true, false], "{facts:?}");
    assert!(facts[2].contains("Present: 1 of 1"), "{facts:?}");
    let certificate = page.all(".learner .badge-good");
    assert!(certificate.is_empty(), "one of twelve is not the course");
    let stranger = person(&centre, "Omar", "male");
    let refused = mark(&centre, &register, &stranger, "present");
    assert_eq!(refused.all("[data-unmarked]").len(), 1);
}

#[test]
fn walk_ins_are_counted_at_once_and_named_later() {
    let centre = Centre::founded();
    let activity = planned(&centre, &[]);
    let register = register_of(&centre, &activity);
    let rosa = person(&centre, "Rosa Bautista", "female");
    centre.post(
        &register,
        &format!("{register}/walk-ins"),
        &[("number", "٧")],
    );
    centre.post(&register, &format!("{register}/walk-ins"), &[("add", "1")]);
    assert_eq!(centre.get(&register).all(".count b"), ["0", "0", "0", "8"]);
    assert!(centre.get("/activities").html.contains("Held"));
    assert_eq!(
        centre
            .get(&format!("{register}/found?q=rosa"))
            .all(".row-names a"),
        ["Rosa Bautista"]
    );
    centre.post(
        &register,
        &format!("{register}/named"),
        &[("person", &rosa)],
    );
    let page = centre.get(&register);
    assert_eq!(page.all(".count b"), ["1", "0", "0", "7"]);
    assert!(page.html.contains("not enrolled"));
    let undo = format!("{register}/marks/{rosa}/undo");
    centre.post(&register, &undo, &[]);
    assert_eq!(centre.get(&register).all(".count b"), ["0", "0", "0", "8"]);
    let wrong = centre.post(
        &register,
        &format!("{register}/walk-ins"),
        &[("number", "501")],
    );
    assert_eq!(
        wrong.all("#number-error"),
        ["Write a number from 0 to 500."]
    );
    assert_eq!(wrong.value("number"), "501");
}

#[test]
fn a_session_is_cancelled_moved_onto_a_clash_and_put_back() {
    let centre = Centre::founded();
    let english = planned(&centre, &[("from", "2026-12-01")]);
    planned(
        &centre,
        &[
            ("title-eng", "Choir"),
            ("days", "WE"),
            ("from", "2026-12-02"),
            ("teachers", ""),
        ],
    );
    let change = centre.get(&english).attribute("a[href$='/change']", "href");
    let session = change.trim_end_matches("/change").to_owned();
    let nowhere = centre.post(&change, &format!("{session}/cancellation"), &[]);
    assert_eq!(nowhere.all("#reason-error"), ["Fill this in."]);
    for (day, why) in [
        ("2025-12-02", "one of the last six days"),
        ("2026-11-17", "one of the last six days"),
        ("2027-12-02", "more than twelve weeks"),
    ] {
        let slip = [("day", day), ("opens", "17:00"), ("closes", "18:30")];
        let refused = centre.post(&change, &format!("{session}/move"), &slip);
        assert!(refused.all("#day-error")[0].contains(why), "{day}");
        assert_eq!(refused.value("day"), day, "what was typed is kept");
    }

    let moved = [
        ("day", "2026-12-02"),
        ("opens", "17:00"),
        ("closes", "18:30"),
        ("room", "Small room"),
    ];
    assert_eq!(
        centre.post(&change, &format!("{session}/move"), &moved).to,
        english
    );
    let page = centre.get(&english);
    assert_eq!(
        page.all(".toast span")[0],
        "The session is moved. The room “Small room” is also taken by “Choir”: Wednesday 2 December 2026 (days: 1)."
    );
    assert!(page.html.contains("moved to Wednesday 2 December 2026"));
    assert!(page.html.contains("instead of Tuesday 1 December 2026"));
    let month = centre.get("/activities/calendar?on=2026-12-01");
    let off = "moved to Wednesday 2 December 2026";
    assert_eq!(month.all(".entry-off .small"), [off]);
    let undo = page.attribute(".toast form", "action");
    centre.post(&english, &undo, &[]);
    let page = centre.get(&format!("{english}?sessions=all"));
    assert_eq!(page.all(".sat").len(), 11);
    assert!(!page.html.contains("instead of"));

    centre.post(
        &change,
        &format!("{session}/cancellation"),
        &[("reason", "Teacher is ill")],
    );
    assert!(centre.get(&english).html.contains("Teacher is ill"));
    let month = centre.get("/activities/calendar?on=2026-12-01");
    assert_eq!(month.all(".entry-off .why"), ["Teacher is ill"]);
    let again = centre.post(
        &english,
        &format!("{session}/cancellation"),
        &[("reason", "Twice")],
    );
    assert_eq!(
        again.all(".notice strong"),
        ["This session was cancelled or moved. Put it back first."]
    );
    let shut = centre.get(&session);
    assert_eq!(
        shut.all(".notice strong"),
        ["This session was cancelled or moved. Put it back first."]
    );
    centre.post(&english, &format!("{session}/restoration"), &[]);
    assert!(!centre.get(&english).html.contains("Teacher is ill"));
    let early = centre.get(&session);
    assert_eq!(
        early.all(".notice strong"),
        ["This session has not been yet. Its register opens on its day."]
    );
}

#[test]
fn another_plan_keeps_what_was_held() {
    let centre = Centre::founded();
    let activity = planned(&centre, &[]);
    let almaz = person(&centre, "Almaz", "female");
    enrol(&centre, &activity, &almaz);
    let register = register_of(&centre, &activity);
    mark(&centre, &register, &almaz, "present");
    let edit = format!("{activity}/edit");
    let thursdays: Vec<(&str, &str)> = course(&[
        ("until", "2026-12-24"),
        ("opens", "18:00"),
        ("closes", "19:00"),
    ])
    .into_iter()
    .map(|(n, v)| if n == "days" { (n, "TH") } else { (n, v) })
    .collect();
    assert_eq!(centre.post(&edit, &edit, &thursdays).to, activity);
    let page = centre.get(&format!("{activity}?sessions=all"));
    assert_eq!(
        page.all(".sat b"),
        [
            "Tuesday 24 November 2026",
            "Thursday 26 November 2026",
            "Thursday 3 December 2026",
            "Thursday 10 December 2026",
            "Thursday 17 December 2026",
            "Thursday 24 December 2026",
        ]
    );
    assert_eq!(
        page.all(".sat .row-facts span")[0],
        "16:00–17:30",
        "a held session keeps its hours"
    );
    assert_eq!(page.all(".sat .row-facts span")[2], "18:00–19:00");
}

#[test]
fn on_a_holiday_nothing_takes_place() {
    let centre = Centre::founded();
    let activity = planned(&centre, &[]);
    let closed = [
        ("name", "Feast"),
        ("from", "2026-12-01"),
        ("until", "2026-12-08"),
    ];
    centre.post("/activities/holidays", "/activities/holidays", &closed);
    assert_eq!(
        said(&centre, "/activities/holidays"),
        "The centre is closed on these days. Sessions cancelled: 2."
    );
    assert!(centre.get(&activity).html.contains("Feast"));
    let other = planned(&centre, &[("title-eng", "Choir")]);
    assert_eq!(
        centre
            .get(&format!("{other}?sessions=all"))
            .all(".sat")
            .len(),
        10
    );
    let long = [
        ("name", "For ever"),
        ("from", "2026-12-01"),
        ("until", "2027-12-08"),
    ];
    let refused = centre.post("/activities/holidays", "/activities/holidays", &long);
    assert_eq!(
        refused.all("#until-error"),
        ["The centre can be closed for at most 62 days at a time."]
    );
    centre.post(
        "/activities/holidays",
        "/activities/holidays/2026-12-01/removal",
        &[],
    );
    assert_eq!(centre.get("/activities/holidays").all("#main li").len(), 7);
}

#[test]
fn an_activity_that_is_ended_keeps_what_was_and_takes_nobody_in() {
    let centre = Centre::founded();
    let activity = planned(&centre, &[]);
    let almaz = person(&centre, "Almaz", "female");
    assert_eq!(
        centre
            .post(&activity, &format!("{activity}/closure"), &[])
            .all("#reason-error"),
        ["Fill this in."]
    );
    centre.post(
        &activity,
        &format!("{activity}/closure"),
        &[("reason", "No teacher")],
    );
    let refused = enrol(&centre, &activity, &almaz);
    assert_eq!(refused.all(".notice strong"), ["This activity is over."]);
    let list = centre.get("/activities");
    assert_eq!(list.all(".fold a bdi"), ["English for beginners"]);
}

#[test]
fn a_volunteer_enrols_and_takes_the_register_but_plans_nothing() {
    let centre = Centre::founded();
    let activity = planned(&centre, &[]);
    let almaz = person(&centre, "Almaz", "female");
    const WORDS: &str = "orchid tunnel mirror falcon pepper glacier";
    let (vault, passphrase) = (&centre.app.vault, Passphrase::new(WORDS));
    vault
        .add_user(
            centre.manager(),
            "Leila",
            Roles::DESK,
            Lang::En,
            &passphrase,
            Cost::FLOOR,
        )
        .expect("a new user");
    centre.post("/", "/lock", &[]);
    centre.post(
        "/lock",
        "/unlock",
        &[("name", "Leila"), ("passphrase", WORDS)],
    );
    let list = centre.get("/activities");
    assert_eq!(
        list.all("a[href='/activities/new'], a[href='/activities/holidays']"),
        Vec::<String>::new()
    );
    enrol(&centre, &activity, &almaz);
    let page = centre.get(&activity);
    assert_eq!(page.all(".learner a bdi"), ["Almaz"]);
    assert_eq!(
        page.all("a[href$='/change'], a[href$='/edit'], form[action$='/closure']"),
        Vec::<String>::new()
    );
    let register = register_of(&centre, &activity);
    assert_eq!(
        mark(&centre, &register, &almaz, "present").all("[data-marked] b")[0],
        "1"
    );
    let refused = centre.post("/activities", "/activities/new", &course(&[]));
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}

#[test]
fn a_fee_is_told_with_the_decimals_of_its_currency() {
    let centre = Centre::founded();
    let activity = planned(&centre, &[("fee", "٢٫٥"), ("currency", "JOD")]);
    assert!(centre.get(&activity).html.contains("Fee: 2.500 JOD"));
    assert_eq!(
        centre.get(&format!("{activity}/edit")).value("fee"),
        "2.500"
    );
}

#[test]
fn a_certificate_takes_its_share_of_all_sessions() {
    let share = |attended, held, all| Share {
        attended,
        held,
        all,
    };
    assert!(share(3, 4, 4).earns(75) && !share(2, 3, 3).earns(75));
    assert!(!share(2, 2, 7).earns(75), "five are still to come");
    assert!(!share(0, 0, 0).earns(1), "nothing was held yet");
}

fn some_days() -> impl Strategy<Value = Days> {
    prop::collection::vec(0usize..7, 1..5)
        .prop_map(|days| Days::new(days.into_iter().map(|d| Day::ALL[d])).expect("a day"))
}

fn some_recurrence() -> impl Strategy<Value = Recurrence> {
    let weekly =
        (1u8..=8, some_days(), 0usize..7).prop_map(|(every, days, start)| Recurrence::Weekly {
            every: Weeks::new(every).expect("1 to 8"),
            days,
            week_start: Day::ALL[start],
        });
    let monthly = (0usize..5, some_days()).prop_map(|(which, days)| Recurrence::Monthly {
        which: Which::ALL[which],
        days,
    });
    prop_oneof![Just(Recurrence::Once), weekly, monthly]
}

fn some_day() -> impl Strategy<Value = NaiveDate> {
    (0u64..40_000).prop_map(|days| day("1990-01-01") + Span::new(days))
}

proptest! {
    /// Against the crate that implements RFC 5545 whole, in UTC, where every day has 24 hours.
    #[test]
    fn dates_are_those_that_rfc_5545_makes(rule in some_recurrence(), from in some_day(), length in 0u64..900) {
        let until = from + Span::new(length);
        let text = format!("DTSTART:{}T000000Z\nRRULE:{rule}", from.format("%Y%m%d"));
        let text = if rule == Recurrence::Once { text } else { format!("{text};UNTIL={}T000000Z", until.format("%Y%m%d")) };
        let set: rrule::RRuleSet = text.parse().expect("a rule of RFC 5545");
        let wanted: Vec<NaiveDate> = set.into_iter().map(|at| at.date_naive()).collect();
        let made: Vec<NaiveDate> = from.iter_days().take_while(|d| *d <= until).filter(|d| rule.meets(from, *d)).collect();
        prop_assert_eq!(made, wanted, "{}", text);
    }

    #[test]
    fn a_rule_is_read_as_it_was_written(rule in some_recurrence()) {
        prop_assert_eq!(rule.to_string().parse::<Recurrence>(), Ok(rule));
    }

    #[test]
    fn any_other_rule_is_refused(text in "[A-Z=;,0-9-]{0,40}") {
        if let Ok(rule) = text.parse::<Recurrence>() {
            prop_assert_eq!(rule.to_string().parse::<Recurrence>(), Ok(rule));
        }
    }

    #[test]
    fn a_plan_has_1_to_1000_dates_of_its_term_and_none_that_are_off(
        rule in some_recurrence(), from in some_day(), length in -5i64..5_000,
        off in prop::collection::vec(0u64..5_000, 0..6), closed in prop::collection::vec(0u64..5_000, 0..6),
    ) {
        let until = from + chrono::TimeDelta::days(length);
        let days = |days: Vec<u64>| -> Vec<NaiveDate> { days.into_iter().map(|d| from + Span::new(d)).collect() };
        let (off, closed) = (days(off), days(closed));
        let Ok(term) = Term::new(from, until) else {
            prop_assert!(until < from);
            return Ok(());
        };
        let meets = |day: &NaiveDate| rule.meets(from, *day) && !off.contains(day) && !closed.contains(day);
        let all = from.iter_days().take_while(|d| *d <= until).filter(meets).count();
        match Plan::new(term, rule, off.clone(), &closed) {
            Err(Refusal::NoSession) => prop_assert_eq!(all, 0),
            Err(Refusal::TooMany) => prop_assert!(all > MOST_SESSIONS),
            Err(other) => prop_assert!(false, "{other:?}"),
            Ok(plan) => {
                prop_assert_eq!(plan.dates().len(), all);
                prop_assert!(all <= MOST_SESSIONS);
                prop_assert!(plan.dates().is_sorted() && plan.dates().iter().all(|d| *d >= from && *d <= until));
            }
        }
    }

    /// Whatever the order of changes: held, cancelled, moved and past sessions stay; what is to
    /// come stands on the plan's days, once each.
    #[test]
    fn another_plan_touches_only_what_is_to_come(
        standing in prop::collection::btree_map(0u64..60, (0u8..4, any::<bool>()), 0..30),
        dates in prop::collection::btree_set(0u64..60, 0..40), today in 0u64..60, before in 0u64..60,
    ) {
        let at = |d: u64| day(TODAY) + Span::new(d);
        let id = |d: u64| SessionId::from_bytes([u8::try_from(d).expect("small"); 16]);
        let standing: Vec<Standing> = standing.into_iter().map(|(d, (status, by_hand))| Standing {
            id: id(d), day: at(d), by_hand,
            status: match status { 0 => Status::Planned, 1 => Status::Held, 2 => Status::Cancelled { reason: "x".into() }, _ => Status::Moved { to: id(200) } },
        }).collect();
        let dates: Vec<NaiveDate> = dates.into_iter().map(at).collect();
        let change = rules::replan(&standing, &dates, at(before), at(today));
        for session in &standing {
            let touched = change.drop.contains(&session.id) || change.renew.contains(&session.id);
            let free = session.status == Status::Planned && !session.by_hand && session.day >= at(today);
            prop_assert_eq!(touched, free);
            prop_assert!(!free || change.renew.contains(&session.id) == dates.contains(&session.day));
        }
        for date in &change.add {
            prop_assert!(dates.contains(date) && standing.iter().all(|s| s.day != *date || s.by_hand));
        }
        for date in dates.iter().filter(|d| **d >= at(today)) {
            let there = standing.iter().any(|s| s.day == *date && !s.by_hand);
            prop_assert!(there != change.add.contains(date));
        }
    }

    #[test]
    fn slots_meet_both_ways_and_never_where_one_ends_as_the_other_begins(a in 0u32..20, b in 1u32..4, c in 0u32..20, d in 1u32..4) {
        let slot = |from: u32, length: u32| Slot { day: day(TODAY), hours: hours(&format!("{from:02}:00"), &format!("{:02}:59", from + length - 1)) };
        let (one, other) = (slot(a, b), slot(c, d));
        prop_assert_eq!(one.meets(other), other.meets(one));
        prop_assert_eq!(one.meets(other), a < c + d && c < a + b);
        prop_assert!(one.meets(one));
        let next = Slot { day: one.day.succ_opt().expect("a day"), ..one };
        prop_assert!(!one.meets(next));
        let after = Slot { day: one.day, hours: Hours::new(one.hours.until(), NaiveTime::from_hms_opt(23, 59, 59).expect("a time")).expect("hours") };
        prop_assert!(!one.meets(after));
    }

    /// However people come, leave and the room changes: nobody waits beside a free place.
    #[test]
    fn nobody_waits_while_a_place_is_free(capacity in prop::option::of(1u32..6), came in 0u32..12, left in 0u32..12) {
        let (mut seated, mut waiting) = (0u32, Vec::new());
        for n in 0..came {
            match rules::place(capacity, seated) {
                Place::Seat => seated += 1,
                Place::Waiting => waiting.push(n),
            }
        }
        seated -= left.min(seated);
        let up = rules::moving_up(capacity, seated, &waiting).to_vec();
        prop_assert_eq!(&up[..], &waiting[..up.len()], "the longest waiting first");
        seated += u32::try_from(up.len()).expect("few");
        prop_assert!(rules::resized(capacity, seated).is_ok());
        let still = waiting.len() - up.len();
        prop_assert!(still == 0 || capacity == Some(seated));
        if let Some(places) = capacity {
            prop_assert!(seated <= places);
            prop_assert_eq!(rules::resized(Some(seated.saturating_sub(1)), seated).is_err(), seated > 0);
        }
    }
}

#[test]
fn a_room_or_teacher_in_two_places_is_a_clash_however_it_is_written() {
    let busy = |room: &str, teacher: &str, from, until| Busy {
        activity: Some(ActivityId::from_bytes([1; 16])),
        slot: Slot {
            day: day(TODAY),
            hours: hours(from, until),
        },
        room: Some(room.to_owned()),
        teachers: vec![teacher.to_owned()],
    };
    let own = [busy("Small  Room", "huda", "16:00", "17:00")];
    let others = [
        busy("small room", "Samir", "16:30", "18:00"),
        busy("Big room", "Huda", "15:00", "16:30"),
        busy("Small room", "Huda", "17:00", "18:00"),
    ];
    let found: Vec<Shared> = rules::clashes(&own, &others)
        .into_iter()
        .map(|c| c.what)
        .collect();
    assert_eq!(
        found,
        [
            Shared::Room("Small  Room".to_owned()),
            Shared::Teacher("huda".to_owned())
        ]
    );
}

#[test]
fn the_last_of_a_month_is_the_last() {
    let rule = Recurrence::Monthly {
        which: Which::Last,
        days: Days::new([Day::Friday]).expect("a day"),
    };
    let term = Term::new(day("2026-11-24"), day("2027-02-28")).expect("a term");
    let plan = Plan::new(term, rule, Vec::new(), &[]).expect("a plan");
    assert_eq!(
        plan.dates(),
        [
            day("2026-11-27"),
            day("2026-12-25"),
            day("2027-01-29"),
            day("2027-02-26")
        ]
    );
    assert!(
        plan.dates()
            .iter()
            .all(|d| d.weekday() == chrono::Weekday::Fri)
    );
}
