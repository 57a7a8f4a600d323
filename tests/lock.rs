//! Hiding behind a PIN, and forms that stood half-typed when the program locked.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use axum::http::StatusCode;
use darna::vault::Refusal;
use darna::vault::words::RecoveryWords;
use darna_tests::centre::{Centre, PASSPHRASE, Page};

const FIELDS: &str = r#"{"action":"/people/new","fields":[["name","Almaz"]]}"#;

fn with_pin() -> Centre {
    let centre = Centre::founded();
    assert_eq!(pin(&centre, "٢٥٨٠", PASSPHRASE).to, "/passphrase");
    centre
}

fn pin(centre: &Centre, typed: &str, passphrase: &str) -> Page {
    let told = [("pin", typed), ("present", passphrase)];
    centre.post("/passphrase", "/passphrase/pin", &told)
}

fn unlock(centre: &Centre) -> String {
    let told = [("name", "Samira"), ("passphrase", PASSPHRASE)];
    let from = "/lock?with=passphrase";
    centre.post(from, "/unlock", &told).to
}

/// Does something while the centre is being locked, over and over.
fn while_it_locks<T>(centre: &Centre, act: impl FnOnce() -> T) -> T {
    let (app, begun, ended) = (&centre.app, Barrier::new(2), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let locking = scope.spawn(|| {
            begun.wait();
            while !ended.load(Ordering::SeqCst) {
                app.lock();
            }
        });
        begun.wait();
        let done = act();
        ended.store(true, Ordering::SeqCst);
        locking.join().expect("no panic");
        done
    })
}

#[test]
fn whoever_is_being_let_in_while_the_laptop_goes_to_sleep_stays_out() {
    let (centre, words) = Centre::unfounded().begun();
    let manager = centre.manager().user;
    centre.post("/", "/lock", &[]);
    let told = [("name", "Samira"), ("passphrase", PASSPHRASE)];
    let page = while_it_locks(&centre, || centre.post("/lock", "/unlock", &told));
    assert!(!centre.app.vault.is_open(), "no keys in a sleeping memory");
    let said = page.all(".notice-stop strong");
    assert!(
        said[0].starts_with("The centre was locked while"),
        "{said:?}"
    );
    let sheet = RecoveryWords::parse(&words.join(" ")).expect("a sheet");
    let vault = &centre.app.vault;
    let by_sheet = while_it_locks(&centre, || vault.unlock_by_sheet(&sheet, manager));
    assert!(matches!(by_sheet, Err(Refusal::LockedMeanwhile)));
    assert!(!vault.is_open());
    // They are let in as soon as nobody locks.
    assert_eq!(unlock(&centre), "/");
}

#[test]
fn hiding_locks_where_there_is_no_pin() {
    let centre = Centre::founded();
    assert_eq!(centre.post("/", "/hide", &[]).to, "/cover");
    assert!(!centre.app.vault.is_open());
    assert_eq!(centre.get("/lock").all("input[name=pin]").len(), 0);
}

#[test]
fn a_hidden_window_shows_nothing_until_the_pin_is_given() {
    let centre = with_pin();
    assert_eq!(centre.post("/", "/hide", &[]).to, "/cover");
    assert!(centre.app.vault.is_open(), "the keys are still there");
    for path in ["/", "/today", "/people/new", "/search?q=al", "/users"] {
        assert_eq!(centre.get(path).to, "/lock", "{path}");
    }
    let cover = centre.get("/cover");
    assert_eq!(cover.status, StatusCode::OK);
    assert!(!cover.html.contains("Samira"));
    let wrong = centre.post("/lock", "/cover", &[("pin", "2581")]);
    assert_eq!(
        wrong.all("#pin-error"),
        ["This is not your PIN. Tries left: 2"]
    );
    assert_eq!(centre.post("/lock", "/cover", &[("pin", "2580")]).to, "/");
    assert_eq!(centre.get("/").status, StatusCode::OK);
}

#[test]
fn three_wrong_pins_lock_and_the_right_one_no_longer_helps() {
    let centre = with_pin();
    centre.post("/", "/hide", &[]);
    for _ in 0..2 {
        let again = centre.post("/lock", "/cover", &[("pin", "9999")]);
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let third = centre.post("/lock", "/cover", &[("pin", "9999")]).to;
    assert!(!centre.app.vault.is_open());
    let told = centre.get(&third).all(".notice-stop strong");
    assert!(told[0].starts_with("Three wrong PINs"), "{told:?}");
    assert_eq!(
        centre.post("/lock", "/cover", &[("pin", "2580")]).to,
        "/lock"
    );
    assert_eq!(unlock(&centre), "/");
}

#[test]
fn a_window_hidden_too_long_locks_and_a_passphrase_begins_anew() {
    let centre = with_pin();
    centre.post("/", "/hide", &[]);
    centre.clock.advance(4 * 60);
    centre.app.lock_hidden();
    assert!(centre.app.vault.is_open());
    centre.clock.advance(60);
    centre.app.lock_hidden();
    assert!(!centre.app.vault.is_open());
    unlock(&centre);
    centre.post("/", "/hide", &[]);
    assert_eq!(unlock(&centre), "/", "the passphrase at a hidden window");
    pin(&centre, "", PASSPHRASE);
    centre.post("/", "/hide", &[]);
    assert!(!centre.app.vault.is_open(), "no PIN any more");
}

/// A page counts its idle minutes itself: here there is none.
#[test]
fn a_window_that_asks_for_nothing_locks_but_not_while_a_backup_moves() {
    let centre = Centre::founded();
    let asked = centre.app.asked();
    centre.clock.advance(30);
    assert_eq!(
        centre.post("/", "/here", &[]).status,
        StatusCode::NO_CONTENT
    );
    assert!(centre.app.asked() > asked, "somebody is there");
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    centre.app.lock_silent(minutes(5));
    assert!(centre.app.vault.is_open());
    let (end, waits) = channel::<()>();
    let begun = centre.app.workshop.begin(
        "backup",
        "backup.step.ready",
        || (),
        move |_| {
            let _ = waits.recv();
        },
    );
    assert!(begun);
    centre.app.lock_silent(minutes(60));
    assert!(centre.app.vault.is_open(), "it would be stopped");
    drop(end);
    let work = centre.app.workshop.work().expect("it was begun");
    while !work.is_done() {
        std::thread::yield_now();
    }
    centre.app.lock_silent(minutes(6));
    assert!(!centre.app.vault.is_open());
    assert_eq!(centre.app.asked(), None);
}

#[test]
fn a_pin_that_is_none_is_refused_beside_the_field() {
    let centre = Centre::founded();
    for (typed, why) in [
        ("12", "Write 4 to 8 digits."),
        (
            "1234",
            "This is the first that anybody would try. Choose other digits.",
        ),
    ] {
        let page = pin(&centre, typed, PASSPHRASE);
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(page.all("#pin-error"), [why]);
        assert!(!page.html.contains(&format!("value=\"{typed}\"")));
    }
}

/// Twenty seconds at a window left open are enough to type four digits.
#[test]
fn a_pin_is_set_only_with_the_passphrase_and_wrong_ones_count() {
    let centre = Centre::founded();
    let told = |passphrase| pin(&centre, "2580", passphrase).all("#present-error span");
    assert_eq!(told(""), ["Fill this in."]);
    for _ in 0..5 {
        assert_eq!(told("not the passphrase"), ["This is not your passphrase."]);
    }
    let waits = told(PASSPHRASE);
    assert!(waits[0].starts_with("Too many wrong tries."), "{waits:?}");
    centre.post("/", "/hide", &[]);
    assert!(!centre.app.vault.is_open(), "no PIN was set");
    centre.clock.advance(1);
    unlock(&centre);
    let home = centre.get("/").all(".toast > span");
    assert!(home[0].starts_with("Wrong passphrases since"), "{home:?}");
    assert_eq!(pin(&centre, "2580", PASSPHRASE).to, "/passphrase");
    centre.post("/", "/hide", &[]);
    assert!(centre.app.vault.is_open());
}

#[test]
fn a_half_typed_form_comes_back_once_to_whoever_typed_it() {
    let centre = Centre::founded();
    let half = [("kept-at", "/people/new?name=x"), ("kept", FIELDS)];
    assert_eq!(centre.post("/", "/lock", &half).to, "/lock");
    assert!(!centre.get("/lock").html.contains("Almaz"));
    assert_eq!(unlock(&centre), "/people/new?name=x");
    assert_eq!(
        centre.get("/people/new").attribute("#kept", "data-fields"),
        FIELDS
    );
    assert!(!centre.get("/people/new").html.contains("id=\"kept\""));
    centre.post("/", "/lock", &[]);
    assert_eq!(unlock(&centre), "/", "given back once");
}

/// What was emptied, and the last tick that was taken away, is typed as well as a word is.
#[test]
fn what_was_emptied_is_kept_too_and_of_which_state_of_its_record_it_is() {
    let centre = Centre::founded();
    for form in [
        r#"{"action":"/x","version":"7","fields":[["alert",""]],"sets":[]}"#,
        r#"{"action":"/x","fields":[],"sets":["languages"]}"#,
    ] {
        let half = [("kept-at", "/people/new"), ("kept", form)];
        centre.post("/", "/lock", &half);
        assert_eq!(unlock(&centre), "/people/new");
        let back = centre.get("/people/new");
        assert_eq!(back.attribute("#kept", "data-fields"), form);
    }
    let nothing = r#"{"action":"/x","fields":[],"sets":[]}"#;
    centre.post(
        "/",
        "/lock",
        &[("kept-at", "/people/new"), ("kept", nothing)],
    );
    assert_eq!(unlock(&centre), "/");
}

#[test]
fn a_form_that_a_pin_brought_back_does_not_come_back_again() {
    let centre = with_pin();
    let half = [("kept-at", "/people/new"), ("kept", FIELDS)];
    centre.post("/", "/hide", &half);
    let back = centre.post("/lock", "/cover", &[("pin", "2580")]);
    assert_eq!(back.to, "/people/new");
    let shown = centre.get("/people/new");
    assert_eq!(shown.attribute("#kept", "data-fields"), FIELDS);
    // It was saved, or thrown away: who comes in later begins the day.
    centre.post("/", "/lock", &[]);
    assert_eq!(unlock(&centre), "/");
}

#[test]
fn a_form_refused_comes_back_on_the_page_above_it_and_none_comes_from_outside() {
    let centre = Centre::founded();
    for (at, back) in [
        ("/passphrase/pin", "/passphrase"),
        ("//example.org/x", "/"),
        ("/no/such/page", "/"),
        ("javascript:1", "/"),
    ] {
        centre.post("/", "/lock", &[("kept-at", at), ("kept", FIELDS)]);
        assert_eq!(unlock(&centre), back, "{at}");
    }
}

/// A field whose secret is shown is no password field, and the words of a sheet never were one.
#[test]
fn no_secret_is_kept_with_a_half_typed_form() {
    let centre = Centre::founded();
    for secret in [
        "passphrase",
        "again",
        "old",
        "present",
        "pin",
        "sheet-words",
        "word-13",
    ] {
        let alone = format!(r#"{{"action":"/x","fields":[["{secret}","orchid tunnel"]]}}"#);
        let half = [("kept-at", "/passphrase"), ("kept", &*alone)];
        centre.post("/", "/lock", &half);
        assert_eq!(unlock(&centre), "/", "{secret}");
        let beside = format!(
            r#"{{"action":"/x","fields":[["{secret}","orchid tunnel"],["name","Almaz"]]}}"#
        );
        let half = [("kept-at", "/people/new"), ("kept", &*beside)];
        centre.post("/", "/lock", &half);
        assert_eq!(unlock(&centre), "/people/new", "{secret}");
        let back = centre.get("/people/new");
        let fields = back.attribute("#kept", "data-fields");
        assert!(
            fields.contains("Almaz") && !fields.contains("orchid"),
            "{fields}"
        );
    }
}

/// Also where no rail stands: an address that is not there, and the words of a new sheet.
#[test]
fn every_page_of_somebody_who_is_in_can_hide_and_lock() {
    let centre = Centre::founded();
    for path in ["/", "/nowhere"] {
        let page = centre.get(path);
        for part in [
            "#desk[data-idle-seconds]",
            "#lock-form",
            "#hide-form",
            "#idle",
            "#cover",
        ] {
            assert_eq!(page.all(part).len(), 1, "{part} on {path}");
        }
    }
    centre.post("/", "/lock", &[]);
    assert!(centre.get("/lock").all("#desk").is_empty());
}

#[test]
fn before_anybody_is_in_it_is_said_that_the_centre_is_for_practice() {
    let told = |centre: &Centre| centre.get("/setup").all(".strip").len();
    assert_eq!(told(&Centre::practising()), 1);
    assert_eq!(told(&Centre::unfounded()), 0);
}

#[test]
fn a_half_typed_form_lies_encrypted() {
    let centre = Centre::founded();
    let typed = "kept-marker-7391";
    let form = FIELDS.replace("Almaz", typed);
    let half = [("kept-at", "/people/new"), ("kept", &*form)];
    centre.post("/", "/lock", &half);
    for file in ["desk.db", "casework.db"] {
        let bytes = std::fs::read(centre.folder.path().join("gen/0001").join(file));
        let bytes = bytes.expect("a database");
        assert!(!bytes.windows(typed.len()).any(|w| w == typed.as_bytes()));
    }
    assert_eq!(unlock(&centre), "/people/new");
}

/// So few digits are found at once by whoever reads their mark: no desk key opens that of a manager.
#[test]
fn the_mark_of_a_pin_lies_where_only_its_owner_reads() {
    let centre = with_pin();
    let desk = centre.app.vault.read::<_, Refusal>(|db| {
        db.one("select count(*) from pin", [], |row| row.get::<_, i64>(0))
    });
    assert_eq!(desk.expect("an open vault"), Some(0));

    let words = "orchid tunnel mirror falcon pepper glacier";
    let leila = [
        ("name", "Leila"),
        ("roles", "desk"),
        ("passphrase", words),
        ("again", words),
    ];
    centre.post("/users", "/users", &leila);
    centre.post("/", "/lock", &[]);
    let told = [("name", "Leila"), ("passphrase", words)];
    assert_eq!(centre.post("/lock", "/unlock", &told).to, "/");
    pin(&centre, "8520", words);
    centre.post("/", "/hide", &[]);
    assert!(centre.app.vault.is_open());
    assert_eq!(centre.post("/lock", "/cover", &[("pin", "8520")]).to, "/");
}
