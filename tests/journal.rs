//! The journal in words, and the way back from one's own last steps.

use darna::journal;
use darna::vault::{Event, Refusal};
use darna_tests::centre::Centre;

/// The names of all events, as the enum itself tells them.
fn names() -> Vec<String> {
    let none = serde_json::from_str::<Event>(r#"{"name":"?"}"#).expect_err("no such event");
    let told = none.to_string();
    let (_, listed) = told.split_once("expected one of").expect("a list");
    let listed = listed.split('`').skip(1).step_by(2);
    listed.map(str::to_owned).collect()
}

#[test]
fn every_event_has_a_sentence_in_each_language() {
    let names = names();
    assert!(names.len() > 25, "the events were found: {names:?}");
    let untold: Vec<_> = names
        .iter()
        .filter(|name| !journal::is_known(name))
        .collect();
    assert_eq!(untold, Vec::<&String>::new(), "a row in journal/words.rs");
}

fn registered(centre: &Centre, name: &str) -> String {
    let told = [("name", name), ("consent", "spoken"), ("then", "stay")];
    let to = centre.post("/people/new", "/people/new", &told).to;
    assert!(to.starts_with("/people/"), "{to}");
    to
}

#[test]
fn a_row_whose_time_cannot_be_read_is_shown_all_the_same() {
    let centre = Centre::founded();
    let actor = centre.manager();
    let odd = centre.app.vault.write(actor, None, |tx| {
        tx.execute(
            "insert into journal (seq, event, at, actor, name, ids, hash)
             select max(seq) + 1, randomblob(16), 'some time', actor, 'settings-changed', '{}',
                    randomblob(32) from journal",
            [],
        )?;
        Ok::<_, Refusal>(((), Event::LanguageChosen { user: actor.user }))
    });
    odd.expect("written");
    let page = centre.get("/journal");
    let days = page.all(".panel h2");
    assert_eq!(
        days[..3],
        [
            "Tuesday 24 November 2026",
            "A time that cannot be read",
            "Tuesday 24 November 2026"
        ]
    );
    assert!(
        centre
            .get("/journal?check=yes")
            .html
            .contains("notice-stop")
    );
    assert_eq!(centre.get("/recent").status, axum::http::StatusCode::OK);
}

#[test]
fn the_manager_reads_what_happened_and_narrows_it() {
    let centre = Centre::founded();
    let almaz = registered(&centre, "Almaz Tesfaye");
    centre.clock.advance(60);
    centre.post("/", &format!("{almaz}/visits"), &[]);
    let page = centre.get("/journal");
    let rows = page.all(".rows .row > div:not(.row-act)");
    assert_eq!(
        rows[..2],
        [
            "Checked in · Almaz Tesfaye",
            "Registered a person · Almaz Tesfaye"
        ]
    );
    assert_eq!(page.all(".rows .row-act")[0], "Samira");
    assert_eq!(page.all(".panel h2")[0], "Tuesday 24 November 2026");

    let visits = centre.get("/journal?kind=visits");
    assert_eq!(visits.all(".rows .row").len(), 1);
    let none = centre.get("/journal?day=23/11/2026");
    assert_eq!(none.all(".empty h3"), ["Nothing like this happened"]);
    let today = centre.get("/journal?day=24/11/2026&kind=people");
    assert_eq!(today.all(".rows .row").len(), 1);
    assert_eq!(
        today.attribute("#kind option[selected]", "value"),
        "people",
        "the address keeps what is asked"
    );
    let manager = centre.manager().user;
    let own = centre.get(&format!("/journal?by={manager}&kind=access"));
    let rows = own.all(".rows .row");
    assert!(rows.iter().any(|row| row.contains("Unlocked")));
    let wrong = centre.get("/journal?day=yesterday");
    assert!(!wrong.all("#day-error")[0].is_empty());
}

#[test]
fn the_journal_comes_in_pages_without_a_gap() {
    let centre = Centre::founded();
    let actor = centre.manager();
    for number in 0..120 {
        centre
            .app
            .vault
            .write(actor, None, |_| {
                Ok::<_, Refusal>(((), Event::VisitsCounted { number }))
            })
            .expect("a write");
    }
    for narrowed in ["/journal", "/journal?kind=visits"] {
        let mut seen = Vec::new();
        let mut page = centre.get(narrowed);
        loop {
            let rows = page.all(".rows .row > div:not(.row-act)");
            assert!(rows.len() <= 50);
            seen.extend(rows);
            let pages = page.all("nav.cluster a");
            if !pages.iter().any(|link| link == "Older") {
                break;
            }
            let older = page.attribute("nav.cluster a:last-child", "href");
            page = centre.get(&older);
        }
        let counted: Vec<_> = seen
            .iter()
            .filter(|row| row.starts_with("Typed in"))
            .collect();
        assert_eq!(counted.len(), 120, "{narrowed}");
        let told = |number| format!("Typed in visitors counted on paper: {number}");
        assert_eq!(*counted[0], told(119));
        assert_eq!(*counted[119], told(0));
    }
}

#[test]
fn the_whole_chain_is_checked_when_asked() {
    let centre = Centre::founded();
    let checked = centre.get("/journal?check=yes");
    let told = checked.all(".notice-good strong");
    assert!(told[0].starts_with("The journal is whole."), "{told:?}");
    let actor = centre.manager();
    centre
        .app
        .vault
        .write(actor, None, |tx| {
            tx.execute(
                "insert into journal (seq, event, at, name, ids, hash) values (999, zeroblob(16), '2026-11-24T08:00:00.000Z', '', '{}', zeroblob(32))",
                [],
            )?;
            Ok::<_, Refusal>(((), Event::SettingsChanged))
        })
        .expect("a planted row");
    let checked = centre.get("/journal?check=yes");
    let told = checked.all(".notice-stop strong");
    assert!(told[0].contains("changed the journal"), "{told:?}");
}

#[test]
fn a_slip_is_taken_back_from_one_place_while_its_time_lasts() {
    let centre = Centre::founded();
    let almaz = registered(&centre, "Almaz Tesfaye");
    centre.clock.advance(301);
    assert_eq!(centre.get("/recent").all(".row-act form").len(), 0);
    centre.post("/", "/counted", &[]);
    centre.clock.advance(61);
    let visit = centre.post("/", &format!("{almaz}/visits"), &[]).to;
    let visit = visit.trim_start_matches("/?in=").to_owned();
    let recent = centre.get("/recent");
    assert_eq!(
        recent.all(".row-act .small"),
        ["Minutes left: 5", "Minutes left: 4"]
    );
    let address = recent.attribute(".row-act form", "action");
    assert_eq!(address, format!("/visits/{visit}/undo"));
    let back = centre.post("/recent", &address, &[("from", "recent")]);
    assert_eq!(back.to, "/recent");
    let recent = centre.get("/recent");
    let told = recent.all(".rows .row > div:not(.row-act)");
    assert_eq!(told[0], "Took a visit back · Almaz Tesfaye");
    assert_eq!(
        recent.all(".row-act form").len(),
        1,
        "only the count is left"
    );
    assert_eq!(centre.get("/today").all(".rows .row").len(), 1);
    centre.clock.advance(300);
    assert_eq!(centre.get("/recent").all(".row-act form").len(), 0);
}

#[test]
fn a_registration_and_a_departure_are_among_what_is_taken_back() {
    let centre = Centre::founded();
    let rosa = registered(&centre, "Rosa Bautista");
    let recent = centre.get("/recent");
    let undo = recent.attribute(".row-act form", "action");
    assert_eq!(undo, format!("{rosa}/undo"));
    let back = centre.post("/recent", &undo, &[("from", "recent")]);
    assert_eq!(back.to, "/recent");
    let recent = centre.get("/recent");
    assert_eq!(recent.all(".row-act form").len(), 0);
    assert_eq!(
        recent.all(".rows .row > div:not(.row-act)"),
        [
            "Took a registration back: the record is gone",
            "Registered a person"
        ]
    );

    let almaz = registered(&centre, "Almaz Tesfaye");
    let visit = centre.post("/", &format!("{almaz}/visits"), &[]).to;
    let visit = format!("/visits/{}", visit.trim_start_matches("/?in="));
    let leaves = || centre.post("/today", &format!("{visit}/departure"), &[]);
    let in_house = || centre.get(&almaz).html.contains("In the house");
    leaves();
    let message = centre.get("/today");
    let undo = message.attribute(".toast form", "action");
    assert!(!in_house());
    assert_eq!(centre.post("/today", &undo, &[]).to, "/today");
    assert!(in_house());
    leaves();
    let first = centre.get("/recent").attribute(".row-act form", "action");
    assert_eq!(first, undo, "the newest leaving, not the one taken back");
    centre.clock.advance(301);
    centre.post("/today", &undo, &[]);
    let said = centre.get("/today").all(".toast span");
    assert!(said[0].starts_with("More than five minutes"), "{said:?}");
    assert!(!in_house());
    assert!(centre.app.vault.verify_journals().is_ok());
}
