//! When a passphrase is forgotten: the sheet, a new sheet, and an empty centre beside the old files.

use std::fs;

use axum::http::StatusCode;
use darna_tests::bare::every_file;
use darna_tests::centre::{Centre, PASSPHRASE};

const FRESH: &str = "walnut ribbon copper violin meadow anchor";
const LEILAS: &str = "orchid tunnel mirror falcon pepper glacier";

/// A founded centre with a volunteer, locked, and the words of its sheet.
fn locked() -> (Centre, Vec<String>) {
    let centre = Centre::unfounded();
    centre.told();
    let words = centre.get("/setup/sheet").all("ol.words li");
    centre.checks("/setup/check", &words);
    let told = [
        ("name", "Leila"),
        ("roles", "desk"),
        ("passphrase", LEILAS),
        ("again", LEILAS),
    ];
    assert_eq!(centre.post("/users", "/users", &told).to, "/users");
    centre.post("/", "/lock", &[]);
    (centre, words)
}

fn unlock(centre: &Centre, name: &str, passphrase: &str) -> String {
    let told = [("name", name), ("passphrase", passphrase)];
    centre.post("/lock", "/unlock", &told).to
}

fn types_sheet(centre: &Centre, words: &[String]) -> String {
    let words = words.join(" ");
    centre
        .post("/forgotten", "/forgotten", &[("sheet-words", &words)])
        .to
}

/// From the words to the new sheet, typed back.
fn regains(centre: &Centre, words: &[String]) -> Vec<String> {
    assert_eq!(types_sheet(centre, words), "/forgotten/manager");
    let page = centre.get("/forgotten/manager");
    assert_eq!(page.all(".chip bdi"), ["Samira"], "only managers");
    let samira = page.attribute("input[name=manager]", "value");
    let chosen = [
        ("manager", &*samira),
        ("passphrase", FRESH),
        ("again", FRESH),
    ];
    let told = centre.post("/forgotten/manager", "/forgotten/manager", &chosen);
    assert_eq!(told.to, "/forgotten/sheet", "{}", told.html);
    let fresh = centre.get("/forgotten/sheet").all("ol.words li");
    assert_eq!(fresh.len(), 24);
    let done = centre.checks("/forgotten/check", &fresh);
    assert_eq!(done.to, "/", "{}", done.html);
    fresh
}

#[test]
fn the_sheet_lets_a_manager_in_and_is_replaced() {
    let (centre, words) = locked();
    assert!(
        centre.get("/lock").html.contains("href=\"/forgotten\""),
        "the lock screen knows the way"
    );
    let short: Vec<String> = words
        .iter()
        .map(|word| word.chars().take(4).collect())
        .collect();
    let fresh = regains(&centre, &short);
    assert_eq!(centre.get("/").all(".rail .user bdi"), ["Samira"]);
    centre.post("/", "/lock", &[]);
    assert_eq!(
        unlock(&centre, "Samira", PASSPHRASE),
        "",
        "the old one is gone"
    );
    assert_ne!(unlock(&centre, "Samira", FRESH), "");
    centre.post("/", "/lock", &[]);

    let old = centre.post(
        "/forgotten",
        "/forgotten",
        &[("sheet-words", &words.join(" "))],
    );
    assert_eq!(
        old.all("#sheet-words-error"),
        ["This sheet does not open this centre. Perhaps it was replaced by a newer one."]
    );
    assert_eq!(types_sheet(&centre, &fresh), "/forgotten/manager");
}

#[test]
fn everybody_is_told_once_that_the_sheet_was_used() {
    let (centre, words) = locked();
    assert_eq!(unlock(&centre, "Leila", LEILAS), "/");
    centre.post("/", "/lock", &[]);
    regains(&centre, &words);
    centre.post("/", "/lock", &[]);
    assert_eq!(unlock(&centre, "Leila", LEILAS), "/news");
    let told = centre.get("/news").all(".notice strong");
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains("the recovery sheet was used, and Samira got a new passphrase"),
        "{told:?}"
    );
    centre.post("/", "/lock", &[]);
    assert_eq!(unlock(&centre, "Leila", LEILAS), "/", "once");
}

#[test]
fn words_that_are_no_sheet_are_refused_and_kept() {
    let (centre, words) = locked();
    let mut swapped = words.clone();
    swapped.swap(0, 1);
    for typed in [
        "abandon abandon".to_owned(),
        "الف باء تاء".to_owned(),
        words[..23].join(" "),
        swapped.join(" "),
    ] {
        let page = centre.post("/forgotten", "/forgotten", &[("sheet-words", &typed)]);
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(page.all("#sheet-words-error").len(), 1);
        assert_eq!(page.all("textarea#sheet-words"), [typed]);
    }
    for path in ["/forgotten/manager", "/forgotten/sheet", "/forgotten/check"] {
        assert_eq!(centre.get(path).to, "/forgotten", "{path} needs the words");
    }
}

#[test]
fn a_new_sheet_that_is_not_typed_back_replaces_nothing() {
    let (centre, words) = locked();
    types_sheet(&centre, &words);
    let page = centre.get("/forgotten/manager");
    let samira = page.attribute("input[name=manager]", "value");
    let weak = [
        ("manager", &*samira),
        ("passphrase", "short"),
        ("again", "other"),
    ];
    let refused = centre.post("/forgotten/manager", "/forgotten/manager", &weak);
    assert_eq!(
        refused.all("#passphrase-error"),
        ["Use at least 12 characters."]
    );
    let chosen = [
        ("manager", &*samira),
        ("passphrase", FRESH),
        ("again", FRESH),
    ];
    centre.post("/forgotten/manager", "/forgotten/manager", &chosen);
    let wrong = centre.post("/forgotten/check", "/forgotten/check", &[("word-4", "no")]);
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!centre.app.vault.is_open());
    assert_eq!(unlock(&centre, "Samira", PASSPHRASE), "/", "as before");
}

#[test]
fn a_manager_makes_a_new_sheet_and_a_second_one_stands_by() {
    let (centre, words) = locked();
    unlock(&centre, "Samira", PASSPHRASE);
    assert_eq!(centre.get("/sheet/words").to, "/sheet", "not by the back");
    assert_eq!(centre.post("/sheet", "/sheet", &[]).to, "/sheet/words");
    let fresh = centre.get("/sheet/words").all("ol.words li");
    assert_eq!(centre.checks("/sheet/check", &fresh).to, "/users");

    let told = [
        ("name", "Hassan"),
        ("roles", "manager"),
        ("passphrase", FRESH),
        ("again", FRESH),
    ];
    centre.post("/users", "/users", &told);
    let alone = centre.post("/sheet", "/sheet", &[]);
    assert_eq!(alone.status, StatusCode::UNPROCESSABLE_ENTITY);
    let own = [("name", "Samira"), ("passphrase", PASSPHRASE)];
    let own = centre.post("/sheet", "/sheet", &own);
    assert_eq!(
        own.all("#name-error"),
        ["This must be another manager than you."]
    );
    let volunteer = [("name", "Leila"), ("passphrase", LEILAS)];
    assert_eq!(
        centre.post("/sheet", "/sheet", &volunteer).status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let both = [("name", "hassan"), ("passphrase", FRESH)];
    assert_eq!(centre.post("/sheet", "/sheet", &both).to, "/sheet/words");
    let newest = centre.get("/sheet/words").all("ol.words li");
    assert_eq!(centre.checks("/sheet/check", &newest).to, "/users");
    centre.post("/", "/lock", &[]);
    for old in [words, fresh] {
        assert_eq!(types_sheet(&centre, &old), "");
    }
    assert_eq!(types_sheet(&centre, &newest), "/forgotten/manager");
}

#[test]
fn an_empty_centre_begins_beside_the_old_files_and_they_can_be_taken_back() {
    let (centre, _) = locked();
    let root = centre.folder.path();
    let bytes = |folder: &std::path::Path| -> Vec<(std::ffi::OsString, blake3::Hash)> {
        let mut files: Vec<_> = every_file(folder)
            .into_iter()
            .map(|path| {
                let hash = blake3::hash(&fs::read(&path).expect("a file"));
                (path.file_name().expect("a name").to_owned(), hash)
            })
            .collect();
        files.sort_by(|one, other| one.0.cmp(&other.0));
        files
    };
    let before = bytes(&root.join("gen"));
    let unsure = centre.post("/forgotten/nothing", "/forgotten/nothing", &[]);
    assert_eq!(unsure.all("#sure-error"), ["Tick this first."]);
    let sure = [("sure", "yes")];
    let begun = centre.post("/forgotten/nothing", "/forgotten/nothing", &sure);
    assert_eq!(begun.to, "/setup");
    assert_eq!(centre.get("/").to, "/setup");
    let aside = fs::read_dir(root.join("closed"))
        .expect("closed centres")
        .flatten()
        .next()
        .expect("the old centre")
        .path();
    assert_eq!(bytes(&aside.join("gen")), before, "not touched");

    let page = centre.get("/setup");
    assert_eq!(
        page.attribute("form[action='/forgotten/back'] button", "class"),
        "button button-plain"
    );
    assert_eq!(centre.post("/setup", "/forgotten/back", &[]).to, "/lock");
    assert_eq!(unlock(&centre, "Samira", PASSPHRASE), "/");
    centre.post("/", "/lock", &[]);

    centre.post("/forgotten/nothing", "/forgotten/nothing", &sure);
    centre.told();
    let words = centre.get("/setup/sheet").all("ol.words li");
    assert_eq!(centre.checks("/setup/check", &words).to, "/");
    assert_eq!(centre.post("/", "/forgotten/back", &[]).to, "/", "too late");
    assert!(!centre.get("/users").html.contains("Leila"));
    let closed = fs::read_dir(root.join("closed")).expect("closed centres");
    assert_eq!(closed.count(), 1, "still there");
}

#[test]
fn the_words_of_a_sheet_do_not_lie_at_the_lock_screen() {
    let (centre, words) = locked();
    let goes_on = || centre.get("/forgotten/manager").to.is_empty();
    types_sheet(&centre, &words);
    assert!(goes_on());
    centre.get("/lock");
    assert!(!goes_on(), "back at the lock screen");

    types_sheet(&centre, &words);
    centre.clock.advance(9 * 60);
    centre.app.lock_hidden();
    assert!(goes_on(), "writing 24 words down takes its time");
    centre.clock.advance(10 * 60);
    centre.app.lock_hidden();
    assert!(!goes_on(), "left lying");
}
