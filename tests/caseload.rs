//! A caseworker's day and a centre's casework in numbers.

use axum::http::StatusCode;
use chrono::Days;
use darna::cases::rules::{State, Story, Urgency};
use darna::cases::store::{self as cases, Opening};
use darna::counselling::store as counselling;
use darna::kit::id::{CaseId, CounsellingId};
use darna::sample::{self, Amount, Casework};
use darna::vault::sealed::Unsealed;
use darna::vault::{Actor, CaseworkEvent, Refusal, Roles};
use darna_tests::casework::{add, enter, open, story, visitor};
use darna_tests::centre::{Centre, PASSPHRASE};
use darna_tests::sheet;

struct Office {
    centre: Centre,
    leila: Actor,
}

impl Office {
    fn new() -> Self {
        let centre = Centre::founded();
        let leila = add(&centre, "Leila", Roles::CASEWORKER.and(Roles::DESK));
        enter(&centre, "Leila");
        Self { centre, leila }
    }

    fn case(&self, name: &str) -> CaseId {
        let person = visitor(&self.centre, name);
        open(&self.centre, self.leila, person, "No wages", &[])
    }

    fn send(&self, from: &str, to: &str, fields: &[(&str, &str)]) {
        let page = self.centre.post(from, to, fields);
        let errors = page.all(".error span");
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{to}: {errors:?}");
    }

    fn day(&self, ahead: u64) -> String {
        (self.centre.app.world.today() + Days::new(ahead)).to_string()
    }

    fn sum(&self, case: CaseId, kind: &str, amount: &str, currency: &str) {
        let today = self.day(0);
        let told = [
            ("sum-kind", kind),
            ("sum-amount", amount),
            ("sum-currency", currency),
            ("sum-day", &*today),
        ];
        let case = format!("/cases/{case}");
        self.send(&case, &format!("{case}/sums"), &told);
    }

    fn manager(&self) {
        self.centre.post("/", "/lock", &[]);
        let told = [("name", "Samira"), ("passphrase", PASSPHRASE)];
        assert_eq!(self.centre.post("/lock", "/unlock", &told).to, "/");
    }
}

#[test]
fn the_work_list_leads_to_the_very_line_and_is_empty_once_it_is_done() {
    let office = Office::new();
    let case = format!("/cases/{}", office.case("Almaz Tesfaye"));
    let by = office.leila.user.to_string();
    let (today, later) = (office.day(0), office.day(3));
    for (what, due) in [("Call the brother", &today), ("Write the letter", &later)] {
        let told = [
            ("what", what),
            ("action-kind", "call"),
            ("due", &**due),
            ("by", &*by),
        ];
        office.send(&case, &format!("{case}/actions"), &told);
    }
    let who = office.centre.get(&format!("{case}/people"));
    let who = who.attribute("#who option", "value");
    for (day, hour) in [(&today, "9"), (&later, "14:30")] {
        let told = [
            ("who", &*who),
            ("day", &**day),
            ("hour", hour),
            ("room", "Room 2"),
        ];
        office.send(
            &format!("{case}/people"),
            &format!("{case}/appointments"),
            &told,
        );
    }
    let work = office.centre.get("/cases");
    assert!(work.all("#overdue").is_empty());
    let expected = |part: &str| {
        let lines = work.all(&format!("{part} .row"));
        lines
            .into_iter()
            .find(|line| line.contains("Appointment"))
            .expect("expected")
    };
    assert!(expected("#now").contains("Room 2") && expected("#now").contains("Almaz Tesfaye"));
    assert!(expected("#soon").contains("14:30"));
    let people = office
        .centre
        .get(&work.attribute("#now a[href*='/people?item=']", "href"));
    assert!(people.all("li.sought")[0].contains("Room 2"));
    let now = work.all("#now .row-names");
    assert!(
        now.iter().any(|line| line.contains("Call the brother")),
        "{now:?}"
    );
    assert!(work.all("#soon .row-names")[0].contains("Write the letter"));
    let place = work.attribute("#now a[href*='steps?item=']", "href");
    let steps = office.centre.get(&place);
    assert!(steps.all("li.sought")[0].contains("Call the brother"));
    let done = steps.attribute("li.sought form", "action");
    office.send(&place, &done, &[("result", "He will pay")]);
    let work = office.centre.get("/cases");
    assert!(work.all("#now a[href*='steps?item=']").is_empty());
    // Four days later the letter is late.
    office.centre.clock.advance(4 * 86_400);
    enter(&office.centre, "Leila");
    let work = office.centre.get("/cases");
    assert!(work.all("#overdue .row-names")[0].contains("Write the letter"));
    // What has no day is neither of today nor ever late.
    assert!(work.all("#now .row").is_empty());
    let waiting = work.all("#waiting .row");
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert!(waiting[0].contains("Intake not finished") && waiting[0].contains("Since "));
}

#[test]
fn a_case_with_nothing_planned_stands_in_the_work_list_the_urgent_first() {
    let office = Office::new();
    let centre = &office.centre;
    let (world, leila) = (&centre.app.world, office.leila);
    let omar = add(centre, "Omar", Roles::CASEWORKER);
    let taken = |name, urgency, worker: Actor| {
        let person = visitor(centre, name);
        let opened = centre.app.vault.write_casework(worker, None, |tx| {
            let story = Story {
                urgency,
                ..story("Locked in")
            };
            let opening = Opening {
                story: &story,
                person,
                issues: &[],
                worker: Some(worker.user),
            };
            let case = cases::open(tx, world, worker, &opening)?;
            cases::put_state(tx, case, &State::Active)?;
            Ok::<_, Refusal>((case, CaseworkEvent::CaseOpened { case, person }))
        });
        format!("/cases/{}", opened.expect("a case"))
    };
    taken("Almaz Tesfaye", Urgency::Normal, leila);
    let emergency = taken("Rosa Dela Cruz", Urgency::Emergency, leila);
    taken("Sara Ahmed", Urgency::Emergency, omar);
    let unplanned = || centre.get("/cases").all("#unplanned .row");
    let lines = unplanned();
    assert_eq!(lines.len(), 2, "one's own: {lines:?}");
    assert!(lines[0].contains("Rosa Dela Cruz") && lines[0].contains("Emergency: today"));
    assert!(lines[1].contains("Almaz Tesfaye") && !lines[1].contains("In its turn"));
    let place = centre.get("/cases").attribute("#unplanned a", "href");
    assert_eq!(place, format!("{emergency}/steps"));

    // As soon as something is planned it stands by its day, and still tells that it is urgent.
    let (today, by) = (office.day(0), leila.user.to_string());
    let told = [
        ("what", "Call the police station"),
        ("action-kind", "call"),
        ("due", &*today),
        ("by", &*by),
    ];
    office.send(&place, &format!("{emergency}/actions"), &told);
    assert_eq!(unplanned().len(), 1);
    let now = centre.get("/cases").all("#now .row");
    assert!(now[0].contains("Emergency: today"), "{now:?}");
    // An appointment is something to come, until its day is over.
    let almaz = centre.get("/cases").attribute("#unplanned a", "href");
    let almaz = almaz.trim_end_matches("/steps");
    let people = format!("{almaz}/people");
    let who = centre.get(&people).attribute("#who option", "value");
    let told = [("who", &*who), ("day", &*today), ("hour", "9")];
    office.send(&people, &format!("{almaz}/appointments"), &told);
    assert!(unplanned().is_empty());
    centre.clock.advance(86_400);
    enter(centre, "Leila");
    assert_eq!(unplanned().len(), 1);
}

#[test]
fn sums_of_two_currencies_are_added_only_by_a_typed_rate() {
    let office = Office::new();
    let case = office.case("Almaz Tesfaye");
    office.sum(case, "claimed", "1,800", "USD");
    office.sum(case, "claimed", "89,500,000", "LBP");
    office.sum(case, "agreed", "900", "USD");
    let numbers = office.centre.get("/cases/numbers");
    assert_eq!(
        numbers
            .all("[aria-labelledby='money-title'] tbody tr")
            .len(),
        2
    );
    assert!(
        numbers
            .all("[aria-labelledby='money-title'] tfoot")
            .is_empty()
    );
    let asked = office.centre.get("/cases/numbers?into=USD");
    assert!(asked.html.contains("There is no rate yet for LBP"));
    assert!(
        asked
            .all("[aria-labelledby='money-title'] tfoot")
            .is_empty()
    );
    let rate = |worth, currency| {
        [
            ("into", "USD"),
            ("amount", "1"),
            ("worth", worth),
            ("rate-currency", currency),
        ]
    };
    let wrong = office.centre.post(
        "/cases/numbers?into=USD",
        "/cases/numbers",
        &rate("much", "LBP"),
    );
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.value("worth"), "much");
    let same = office.centre.post(
        "/cases/numbers?into=USD",
        "/cases/numbers",
        &rate("2", "USD"),
    );
    assert_eq!(same.status, StatusCode::UNPROCESSABLE_ENTITY);
    let typed = office.centre.post(
        "/cases/numbers?into=USD",
        "/cases/numbers",
        &rate("٨٩٥٠٠", "LBP"),
    );
    let added = office.centre.get(&typed.to);
    let foot = added.all("[aria-labelledby='money-title'] tfoot td");
    assert_eq!(foot, ["2,800.00", "900.00", "0.00"], "{}", added.html);
    assert!(
        added
            .html
            .contains("1.00 USD = 89,500.00 LBP, typed by Leila")
    );
    // The last rate counts from then on.
    office.centre.clock.advance(60);
    office.send(
        "/cases/numbers?into=USD",
        "/cases/numbers",
        &rate("50000", "LBP"),
    );
    let added = office.centre.get("/cases/numbers?into=USD");
    let foot = added.all("[aria-labelledby='money-title'] tfoot td");
    assert_eq!(foot[0], "3,590.00");
    assert!(office.centre.app.vault.verify_journals().is_ok());
}

#[test]
fn cases_are_counted_by_kind_issue_and_employer_with_the_middle_of_their_days() {
    let office = Office::new();
    let mut cases = Vec::new();
    for name in ["Almaz Tesfaye", "Rosa Dela Cruz", "Sara Ahmed"] {
        cases.push(format!("/cases/{}", office.case(name)));
    }
    let party = [
        ("party-name", "Plum Street Laundry"),
        ("party-kind", "employer"),
    ];
    office.send(&cases[0], &format!("{}/parties", cases[0]), &party);
    let issue = [("issue", "W01"), ("add", "W01")];
    office.send(&cases[0], &format!("{}/issues", cases[0]), &issue);
    for (case, days) in cases[..2].iter().zip([10, 5]) {
        office.centre.clock.advance(days * 86_400);
        enter(&office.centre, "Leila");
        let closing = [("outcome", "withdrew"), ("satisfaction", "good")];
        office.send(case, &format!("{case}/closing"), &closing);
    }
    let page = office
        .centre
        .get("/cases/numbers?from=2026-11-01&until=2026-12-31");
    let legal = page.all("[aria-labelledby='kinds-title'] tbody tr:first-child td");
    assert_eq!(legal, ["3", "2", "12.5", "1", "0"], "10 and 15 days");
    assert!(page.all("[aria-labelledby='parties-title'] tbody th")[0].contains("Plum Street"));
    let list = page.attribute("[aria-labelledby='issues-title'] tbody a", "href");
    assert!(list.contains("issue=W01"), "{list}");
    let before = office
        .centre
        .get("/cases/numbers?from=2025-01-01&until=2025-12-31");
    let legal = before.all("[aria-labelledby='kinds-title'] tbody tr:first-child td");
    assert_eq!(legal[..3], ["0", "0", "–"]);
    let wrong = office
        .centre
        .get("/cases/numbers?from=2026-12-01&until=2026-11-01");
    assert!(wrong.html.contains("This day lies before the first one."));

    // The manager sees counts, and neither an employer's name nor a person's.
    let due = [
        ("deadline-kind", "appeal"),
        ("deadline-day", "2026-12-20"),
        ("source", "Labour Code, article 60"),
    ];
    office.send(&cases[2], &format!("{}/deadlines", cases[2]), &due);
    office.centre.clock.advance(20 * 86_400);
    enter(&office.centre, "Leila");
    let late = office.centre.get("/cases/list?view=overdue");
    assert_eq!(late.all(".rows .row").len(), 1, "{}", late.html);
    let taken = office.centre.get("/cases/list?view=all");
    assert!(taken.html.contains("Sara Ahmed"));
    // Another caseworker learns neither what it is about nor, by asking for it, which it is.
    add(&office.centre, "Omar", Roles::CASEWORKER);
    enter(&office.centre, "Omar");
    let others = office.centre.get("/cases/list?view=closed");
    assert!(others.html.contains("C-2026-0001") && others.html.contains("Leila"));
    assert!(
        others
            .all(".rows .row-facts span")
            .iter()
            .all(|fact| !fact.contains("Legal"))
    );
    for asked in ["issue=W01", "kind=legal"] {
        let found = office
            .centre
            .get(&format!("/cases/list?view=closed&{asked}"));
        assert!(found.all(".rows .row").is_empty(), "{asked}");
    }
    // Nor when it was opened, how urgent it is, or whether it is late.
    let all = office.centre.get("/cases/list?view=all");
    let facts = all.all(".rows .row-facts");
    assert_eq!(facts, ["Leila"]);
    for view in ["overdue", "waiting"] {
        let late = office.centre.get(&format!("/cases/list?view={view}"));
        assert!(late.all(".rows .row").is_empty(), "{view}");
    }
    office.manager();
    let counts = office
        .centre
        .get("/cases/numbers?from=2026-11-01&until=2026-12-31");
    assert_eq!(
        counts.all("[aria-labelledby='kinds-title'] tbody tr:first-child td"),
        ["3", "2", "12.5", "1", "0"]
    );
    assert!(!counts.html.contains("Plum Street"));
    assert!(
        !office
            .centre
            .get("/cases/list?view=all")
            .html
            .contains("Sara Ahmed")
    );
}

#[test]
fn a_manager_reads_no_name_of_a_case_that_is_nobodys() {
    let office = Office::new();
    let person = visitor(&office.centre, "Almaz Tesfaye").to_string();
    let told = [
        ("person", &*person),
        ("kind", "legal"),
        ("words", "No wages"),
        ("urgency", "normal"),
        ("whose", "nobody"),
    ];
    office.send(&format!("/cases/new?person={person}"), "/cases/new", &told);
    let list = "/cases/list?view=unassigned";
    assert!(office.centre.get(list).html.contains("Almaz"));
    office.manager();
    let page = office.centre.get(list);
    assert!(page.html.contains("C-2026-0001"), "that there is one");
    assert!(!page.html.contains("Almaz"));
}

#[test]
fn a_list_keeps_its_filter_in_the_address_and_goes_into_a_spreadsheet() {
    let office = Office::new();
    let first = format!("/cases/{}", office.case("=Almaz Tesfaye"));
    office.case("Rosa Dela Cruz");
    let party = [
        ("party-name", "Plum Street Laundry"),
        ("party-kind", "employer"),
    ];
    office.send(&first, &format!("{first}/parties"), &party);
    let id = office
        .centre
        .get("/parties")
        .attribute("main .row a", "href");
    let id = id.trim_start_matches("/parties/").to_owned();
    let address = format!("/cases/list?view=mine&issue=&kind=&party={id}");
    let page = office.centre.get(&address);
    assert_eq!(page.all(".rows .row").len(), 1);
    assert_eq!(page.attribute("#party option[selected]", "value"), id);
    assert!(
        page.html.contains("The file is not encrypted."),
        "the page warns"
    );

    let file = office.centre.folder.path().join("cases.xlsx");
    office.centre.outside.choose(&file);
    let done = office.centre.post(
        &address,
        "/cases/list",
        &[("view", "mine"), ("party", &*id)],
    );
    assert_eq!(done.to, address);
    let rows = sheet::rows(&file);
    assert_eq!(rows.len(), 2, "a heading and one case");
    assert_eq!(rows[0][..2], ["Number", "Person"]);
    assert_eq!(rows[1][..3], ["C-2026-0001", "=Almaz Tesfaye", "Legal"]);
    let journal: Vec<String> = office
        .centre
        .app
        .vault
        .list_casework(office.leila, |casework| {
            casework.all(
                "select ids from casework.journal where name = 'cases-exported'",
                [],
                |row| row.get(0),
            )
        })
        .unwrap_or_else(|why: Refusal| panic!("{why}"));
    assert_eq!(journal, ["{\"number\":1}"]);
}

#[test]
fn the_calendar_shows_deadlines_hearings_and_appointments_of_a_month() {
    let office = Office::new();
    let case = format!("/cases/{}", office.case("Almaz Tesfaye"));
    let deadline = [
        ("deadline-kind", "appeal"),
        ("deadline-day", "2026-12-10"),
        ("source", "Judgment 7"),
    ];
    office.send(&case, &format!("{case}/deadlines"), &deadline);
    let hearing = [("hearing-day", "2026-12-14"), ("hearing-place", "Room 3")];
    office.send(&case, &format!("{case}/hearings"), &hearing);
    assert!(
        office
            .centre
            .get("/cases/calendar")
            .all(".entry")
            .is_empty()
    );
    let page = office.centre.get("/cases/calendar?on=2026-12-01");
    let entries = page.all(".entry b");
    assert_eq!(entries, ["Deadline", "Hearing"]);
    let steps = office.centre.get(&page.attribute(".entry", "href"));
    assert!(steps.all("li.sought")[0].contains("Judgment 7"));
}

#[test]
fn an_invented_centre_has_cases_and_referrals_in_every_state() {
    let centre = Centre::founded();
    let manager = centre.manager();
    let worker = add(&centre, "Leila", Roles::CASEWORKER.and(Roles::DESK));
    let vault = &centre.app.vault;
    let until = centre.app.world.utc();
    let people = Amount {
        persons: 30,
        visits: 0,
        years: 1,
        seed: 1,
        until,
    };
    let people = sample::fill(vault, manager, &people).expect("people");
    let casework = Casework {
        cases: 80,
        notes: 2_400,
        referrals: 40,
        incoming: 10,
        cared: 40,
        years: 1,
        seed: 1,
        until,
    };
    sample::casework(vault, manager, &casework, &people).expect("casework");
    let counted = |table: &str, column: &str| {
        let sql = format!("select {column}, count(*) from casework.{table} group by {column}");
        let rows = vault.list_casework(worker, |casework| {
            casework.all(&sql, [], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?))
            })
        });
        rows.unwrap_or_else(|why: Refusal| panic!("{why}"))
    };
    let names = |rows: &[(String, u32)]| rows.iter().map(|row| row.0.clone()).collect::<Vec<_>>();
    let cases = counted("case_file", "state");
    assert_eq!(cases.iter().map(|row| row.1).sum::<u32>(), 80);
    for state in ["active", "closed", "open", "settled", "waiting"] {
        assert!(names(&cases).iter().any(|name| name == state), "{cases:?}");
    }
    assert_eq!(names(&counted("case_file", "kind")).len(), 4);
    assert_eq!(
        names(&counted("referral", "state")).len(),
        9,
        "each that is stored"
    );
    assert_eq!(names(&counted("referral_in", "state")).len(), 5);
    let helped = names(&counted("help", "state"));
    assert_eq!(helped.len(), 5, "{helped:?}");
    assert_eq!(
        names(&counted(
            "shelter_stay",
            "iif(left_on is null, 'no', 'yes')"
        ))
        .len(),
        2
    );
    assert_eq!(
        names(&counted(
            "case_original",
            "iif(returned is null, 'no', 'yes')"
        ))
        .len(),
        2
    );
    assert_eq!(
        names(&counted(
            "medical_visit",
            "iif(outcome is null, 'no', 'yes')"
        ))
        .len(),
        2
    );
    assert_eq!(
        names(&counted(
            "referral",
            "iif(interpreter is null, 'no', 'yes')"
        ))
        .len(),
        2
    );
    let talks = vault.list_casework(manager, |casework| {
        let talks: Vec<CounsellingId> =
            casework.all("select id from casework.counselling_session", [], |row| {
                row.get(0)
            })?;
        let notes = talks.iter().map(|talk| counselling::notes(casework, *talk));
        notes.collect::<Result<Vec<_>, Refusal>>()
    });
    let notes: Vec<_> = talks.expect("talks").into_iter().flatten().collect();
    assert!(
        notes.len() > 1
            && notes
                .iter()
                .all(|note| matches!(note.words, Unsealed::Words(_)))
    );
    let longest = counted("case_note", "hex(case_file)");
    assert_eq!(longest.iter().map(|row| row.1).max(), Some(200));
    let notes: u32 = longest.iter().map(|row| row.1).sum();
    assert!((2_000..2_800).contains(&notes), "{notes} notes");
    assert_eq!(names(&counted("case_attachment", "kind")).len(), 2);
    let scans = vault.list_casework(manager, |casework| {
        casework.all("select content from casework.case_attachment", [], |row| {
            row.get(0)
        })
    });
    for scan in scans.unwrap_or_else(|why: Refusal| panic!("{why}")) {
        let file = vault.file(scan).expect("a scan that is there");
        assert!(file.starts_with(b"\x89PNG"));
    }
    enter(&centre, "Leila");
    let work = centre.get("/cases");
    assert!(
        work.all("main .row-time").len() > 5,
        "there is something to do {}",
        work.html
    );
    assert!(centre.app.vault.verify_journals().is_ok());
}
