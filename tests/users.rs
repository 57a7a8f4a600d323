//! Who works here: added, renewed, shut out, and each with a passphrase of their own.

use axum::http::StatusCode;
use darna::vault::Refusal;
use darna::vault::secret::Passphrase;
use darna_tests::centre::{Centre, PASSPHRASE};

const WORDS: &str = "orchid tunnel mirror falcon pepper glacier";
const OTHER: &str = "walnut ribbon copper violin meadow anchor";

fn with_leila() -> Centre {
    let centre = Centre::founded();
    let told = [
        ("name", "Leila"),
        ("roles", "desk"),
        ("passphrase", WORDS),
        ("again", WORDS),
    ];
    assert_eq!(centre.post("/users", "/users", &told).to, "/users");
    centre
}

fn lock(centre: &Centre) {
    centre.post("/", "/lock", &[]);
}

fn unlock(centre: &Centre, name: &str, passphrase: &str) -> bool {
    let told = [("name", name), ("passphrase", passphrase)];
    let page = centre.post("/lock", "/unlock", &told);
    page.status == StatusCode::SEE_OTHER
}

fn page_of(centre: &Centre, name: &str) -> String {
    let list = centre.get("/users");
    let at = list
        .all(".row-names a")
        .iter()
        .position(|n| n == name)
        .expect("in the list");
    list.attribute(&format!(".row:nth-child({}) a", at + 1), "href")
}

#[test]
fn a_volunteer_unlocks_in_their_own_language_and_does_not_manage() {
    let centre = with_leila();
    lock(&centre);
    assert!(unlock(&centre, "leila", WORDS));
    assert_eq!(
        centre.get("/").all(".rail .user bdi"),
        ["Leila"],
        "the name as it was written"
    );
    assert_eq!(centre.get("/users").status, StatusCode::NOT_FOUND);
    let places = centre.get("/").all(".place span");
    assert!(
        !places.contains(&"Settings".to_owned()),
        "no link to what is not theirs"
    );
    centre.post("/", "/language", &[("lang", "fr"), ("back", "/")]);
    lock(&centre);
    assert!(unlock(&centre, "Samira", PASSPHRASE));
    assert_eq!(
        centre.get("/").all(".langs [aria-pressed=true]"),
        ["English"]
    );
    lock(&centre);
    assert!(unlock(&centre, "Leila", WORDS));
    assert_eq!(
        centre.get("/").all(".langs [aria-pressed=true]"),
        ["Français"]
    );
}

#[test]
fn the_same_name_is_refused_and_leaves_nothing_behind() {
    let centre = with_leila();
    let before = std::fs::read(centre.folder.path().join("gen/0001/keys.mrc")).expect("keys");
    let told = [
        ("name", "LEILA"),
        ("roles", "desk"),
        ("passphrase", OTHER),
        ("again", OTHER),
    ];
    let page = centre.post("/users", "/users", &told);
    assert_eq!(
        page.all("#name-error"),
        ["Somebody here already has this name. Choose another, or add a word to it."]
    );
    assert_eq!(
        page.all("#passphrase-error"),
        ["A passphrase is never kept on the page. Type it twice again."]
    );
    let after = std::fs::read(centre.folder.path().join("gen/0001/keys.mrc")).expect("keys");
    assert_eq!(before, after, "no dead slot");
    let none = centre.post(
        "/users",
        "/users",
        &[("name", "Nur"), ("passphrase", "x"), ("again", "y")],
    );
    assert_eq!(none.all("#roles-error"), ["Choose at least one."]);
    assert_eq!(
        none.all("#again-error"),
        ["This is not the same passphrase."]
    );
    assert_eq!(none.value("name"), "Nur");
}

#[test]
fn whoever_is_shut_out_does_not_come_in_and_may_be_let_in_again() {
    let centre = with_leila();
    let leila = page_of(&centre, "Leila");
    assert_eq!(
        centre.post(&leila, &format!("{leila}/disabled"), &[]).to,
        "/users"
    );
    lock(&centre);
    assert!(!unlock(&centre, "Leila", WORDS));
    assert!(unlock(&centre, "Samira", PASSPHRASE));
    let again = [
        ("roles", "caseworker"),
        ("passphrase", OTHER),
        ("again", OTHER),
    ];
    assert_eq!(centre.post(&leila, &leila, &again).to, "/users");
    lock(&centre);
    assert!(
        !unlock(&centre, "Leila", WORDS),
        "the old passphrase is gone"
    );
    assert!(unlock(&centre, "Leila", OTHER));
}

#[test]
fn the_last_manager_stays() {
    let centre = with_leila();
    let samira = page_of(&centre, "Samira");
    let page = centre.post(&samira, &format!("{samira}/disabled"), &[]);
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.all(".notice-stop strong"),
        ["Somebody must be left who can manage the centre."]
    );
    let lowered = [("roles", "desk"), ("sure", "yes")];
    assert_eq!(
        centre
            .post(&samira, &format!("{samira}/roles"), &lowered)
            .status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    lock(&centre);
    assert!(
        unlock(&centre, "Samira", PASSPHRASE),
        "and keeps the passphrase"
    );
}

#[test]
fn everybody_changes_their_own_passphrase_with_the_old_one() {
    let centre = with_leila();
    lock(&centre);
    assert!(unlock(&centre, "Leila", WORDS));
    let wrong = [("old", OTHER), ("passphrase", OTHER), ("again", OTHER)];
    let page = centre.post("/passphrase", "/passphrase", &wrong);
    assert_eq!(page.all("#old-error"), ["This is not your passphrase."]);
    let right = [("old", WORDS), ("passphrase", OTHER), ("again", OTHER)];
    assert_eq!(centre.post("/passphrase", "/passphrase", &right).to, "/");
    lock(&centre);
    assert!(!unlock(&centre, "Leila", WORDS));
    assert!(unlock(&centre, "Leila", OTHER));
}

#[test]
fn wrong_passphrases_make_the_next_try_wait_and_are_told_afterwards() {
    let centre = with_leila();
    lock(&centre);
    for _ in 0..5 {
        assert!(!unlock(&centre, "Leila", OTHER));
    }
    let early = centre.post(
        "/lock",
        "/unlock",
        &[("name", "Leila"), ("passphrase", WORDS)],
    );
    let said = early.all(".notice-stop strong");
    assert_eq!(
        said,
        ["Too many wrong tries. Wait, then try again. Seconds: 1"]
    );
    let unknown = centre.post(
        "/lock",
        "/unlock",
        &[("name", "Nobody"), ("passphrase", WORDS)],
    );
    assert_eq!(
        unknown.all(".notice-stop strong"),
        said,
        "an unknown name waits as long"
    );
    centre.clock.advance(1);
    assert!(!unlock(&centre, "Leila", OTHER));
    centre.clock.advance(1);
    assert!(
        !unlock(&centre, "Leila", WORDS),
        "two seconds after the sixth"
    );
    centre.clock.advance(1);
    comes_in_after_six_wrong(&centre);
}

fn comes_in_after_six_wrong(centre: &Centre) {
    assert!(unlock(centre, "Leila", WORDS));
    let told = &centre.get("/").all(".toast span")[0];
    assert!(
        told.starts_with("Wrong passphrases since the last unlocking: 6."),
        "{told}"
    );
    lock(centre);
    assert!(unlock(centre, "Leila", WORDS), "and then all is as before");
}

#[test]
fn wrong_passphrases_of_a_window_left_open_make_wait_too_and_are_told() {
    let centre = with_leila();
    let wrong = [("old", OTHER), ("passphrase", WORDS), ("again", WORDS)];
    let tried = || centre.post("/passphrase", "/passphrase", &wrong);
    for _ in 0..4 {
        assert_eq!(tried().all("#old-error"), ["This is not your passphrase."]);
    }
    // A second person who stands by is no other place to try them.
    let vault = &centre.app.vault;
    let by = |passphrase| vault.witness("Samira", &Passphrase::new(passphrase));
    assert!(matches!(by(OTHER), Err(Refusal::Passphrase)));
    assert!(matches!(by(PASSPHRASE), Err(Refusal::Wait(1))));
    assert_eq!(
        tried().all("#old-error"),
        ["Too many wrong tries. Wait, then try again. Seconds: 1"]
    );
    centre.clock.advance(1);
    assert!(by(PASSPHRASE).is_ok());
    lock(&centre);
    assert!(unlock(&centre, "Samira", PASSPHRASE));
    let told = &centre.get("/").all(".toast span")[0];
    assert!(
        told.starts_with("Wrong passphrases since the last unlocking: 5."),
        "{told}"
    );
}

/// Where nothing can be written beside the keys, as on a full disk.
#[test]
fn wrong_passphrases_make_wait_where_their_count_cannot_be_written_too() {
    let centre = with_leila();
    lock(&centre);
    let blocked = centre.folder.path().join("gen/0001/attempts.new");
    std::fs::create_dir(&blocked).expect("a folder in its place");
    for _ in 0..5 {
        assert!(!unlock(&centre, "Leila", OTHER));
    }
    let early = centre.post(
        "/lock",
        "/unlock",
        &[("name", "Leila"), ("passphrase", WORDS)],
    );
    assert_eq!(
        early.all(".notice-stop strong"),
        ["Too many wrong tries. Wait, then try again. Seconds: 1"]
    );
    centre.clock.advance(1);
    assert!(!unlock(&centre, "Leila", OTHER));
    centre.clock.advance(1);
    assert!(!unlock(&centre, "Leila", WORDS), "it grows");
    centre.clock.advance(1);
    comes_in_after_six_wrong(&centre);
}

/// It must stay clear who did what.
#[test]
fn the_name_of_somebody_shut_out_is_refused_with_what_to_do() {
    let centre = with_leila();
    let leila = page_of(&centre, "Leila");
    centre.post(&leila, &format!("{leila}/disabled"), &[]);
    let add = |name: &str| {
        let told = [
            ("name", name),
            ("roles", "desk"),
            ("passphrase", OTHER),
            ("again", OTHER),
        ];
        centre.post("/users", "/users", &told)
    };
    let refused = add(" leila ");
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = &refused.all("#name-error")[0];
    assert!(
        said.starts_with("Somebody who was shut out had this name."),
        "{said}"
    );
    assert_eq!(add("Leila Haddad").to, "/users");
    let again = [("roles", "desk"), ("passphrase", WORDS), ("again", WORDS)];
    assert_eq!(centre.post(&leila, &leila, &again).to, "/users");
    lock(&centre);
    assert!(unlock(&centre, "Leila Haddad", OTHER));
    lock(&centre);
    assert!(unlock(&centre, "Leila", WORDS));
}

#[test]
fn a_change_of_role_keeps_the_passphrase_and_says_first_where_keys_are_renewed() {
    let centre = with_leila();
    let leila = page_of(&centre, "Leila");
    let to = format!("{leila}/roles");
    let both = [("roles", "desk"), ("roles", "caseworker")];
    let asked = centre.post(&leila, &to, &both);
    assert_eq!(
        asked.all(".notice-wait strong"),
        ["The key to casework comes with this role"]
    );
    let wrong = centre.post(&leila, &to, &[&both[..], &[("present", OTHER)]].concat());
    assert_eq!(
        wrong.all("#present-error"),
        ["This is not their passphrase. If it was forgotten, give them a new one first."]
    );
    let given = centre.post(&leila, &to, &[&both[..], &[("present", WORDS)]].concat());
    assert_eq!(given.to, "/users");
    assert!(
        !centre.folder.path().join("gen/0002").exists(),
        "nobody's keys change"
    );
    lock(&centre);
    assert!(unlock(&centre, "Leila", WORDS));
    assert_eq!(centre.get("/cases").status, StatusCode::OK);
    lock(&centre);
    assert!(unlock(&centre, "Samira", PASSPHRASE));

    let asked = centre.post(&leila, &to, &[("roles", "desk")]);
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        asked.all(".notice-warm strong"),
        ["This takes the key to casework away"]
    );
    assert!(!centre.folder.path().join("gen/0002").exists());
    let taken = centre.post(&leila, &to, &[("roles", "desk"), ("sure", "yes")]);
    assert_eq!(taken.to, "/users");
    assert!(centre.folder.path().join("gen/0002").exists());
    lock(&centre);
    assert!(unlock(&centre, "Leila", WORDS), "with the same passphrase");
    assert_eq!(centre.get("/cases").status, StatusCode::NOT_FOUND);
}

#[test]
fn whoever_changes_their_own_role_comes_in_anew() {
    let centre = with_leila();
    let leila = page_of(&centre, "Leila");
    let manages = [("roles", "desk"), ("roles", "manager"), ("present", WORDS)];
    centre.post(&leila, &format!("{leila}/roles"), &manages);
    let samira = page_of(&centre, "Samira");
    let lowered = [("roles", "desk"), ("sure", "yes")];
    let left = centre.post(&samira, &format!("{samira}/roles"), &lowered);
    assert_eq!(left.to, "/lock");
    assert!(!centre.app.vault.is_open());
    assert!(unlock(&centre, "Samira", PASSPHRASE));
    assert_eq!(centre.get("/users").status, StatusCode::NOT_FOUND);
}

#[test]
fn a_passphrase_too_weak_for_a_new_role_is_to_be_changed_at_the_next_unlocking() {
    let centre = Centre::founded();
    // Strong enough for the desk alone.
    let weak = "garden table";
    let told = [
        ("name", "Leila"),
        ("roles", "desk"),
        ("passphrase", weak),
        ("again", weak),
    ];
    assert_eq!(centre.post("/users", "/users", &told).to, "/users");
    let leila = page_of(&centre, "Leila");
    centre.post(
        &leila,
        &format!("{leila}/roles"),
        &[("roles", "caseworker"), ("present", weak)],
    );
    lock(&centre);
    let comes = || {
        let told = [("name", "Leila"), ("passphrase", weak)];
        centre.post("/lock", "/unlock", &told).to
    };
    assert_eq!(comes(), "/passphrase");
    let said = &centre.get("/passphrase").all(".toast span")[0];
    assert!(said.starts_with("Your role opens casework now."), "{said}");
    let strong = [("old", weak), ("passphrase", OTHER), ("again", OTHER)];
    centre.post("/passphrase", "/passphrase", &strong);
    lock(&centre);
    let told = [("name", "Leila"), ("passphrase", OTHER)];
    assert_eq!(centre.post("/lock", "/unlock", &told).to, "/cases");
}

#[test]
fn who_was_given_the_key_to_casework_is_told_to_those_who_hold_it_and_not_to_who_gave_it() {
    let centre = Centre::founded();
    let add = |name: &str, role: &str, passphrase: &str| {
        let told = [
            ("name", name),
            ("roles", role),
            ("passphrase", passphrase),
            ("again", passphrase),
        ];
        assert_eq!(centre.post("/users", "/users", &told).to, "/users");
    };
    let news = |name: &str, passphrase: &str| {
        if centre.get("/").to != "/lock" {
            lock(&centre);
        }
        assert!(unlock(&centre, name, passphrase), "{name}");
        let page = centre.get("/news");
        let told = page.all(".notice strong");
        told.iter()
            .map(|told| told.split_once(": ").expect("when, and what").1.to_owned())
            .collect::<Vec<_>>()
    };
    for (name, role) in [
        ("Leila", "caseworker"),
        ("Omar", "manager"),
        ("Hana", "desk"),
    ] {
        add(name, role, WORDS);
    }
    for name in ["Leila", "Omar"] {
        // Since they were added themselves.
        let first = news(name, WORDS);
        let others = match name {
            "Leila" => vec!["Samira added Omar, who may read casework"],
            _ => vec![],
        };
        assert_eq!(first, others, "{name}");
    }
    assert_eq!(news("Samira", PASSPHRASE), [""; 0]);
    let hana = page_of(&centre, "Hana");
    let raised = [("roles", "caseworker"), ("present", WORDS)];
    centre.post(&hana, &format!("{hana}/roles"), &raised);
    add("Nadia", "caseworker", WORDS);
    add("Dina", "desk", WORDS);
    let omar = page_of(&centre, "Omar");
    let renewed = [("passphrase", OTHER), ("again", OTHER)];
    assert_eq!(centre.post(&omar, &omar, &renewed).to, "/users");
    let gave = "Samira gave Hana the key to casework";
    let added = "Samira added Nadia, who may read casework";
    let anew = "Samira gave Omar, who may read casework, a new passphrase";
    assert_eq!(news("Leila", WORDS), [gave, added, anew]);
    assert_eq!(news("Omar", OTHER), [gave, added]);
    // A manager holds the key already; that they are a caseworker too from now on is told as well.
    assert_eq!(news("Samira", PASSPHRASE), [""; 0]);
    let omar = page_of(&centre, "Omar");
    let both = [("roles", "caseworker"), ("roles", "manager")];
    centre.post(&omar, &format!("{omar}/roles"), &both);
    let widened = "Samira made Omar, a manager, a caseworker too";
    assert_eq!(news("Leila", WORDS), [widened]);
    // A name that a reader would take for another's.
    assert_eq!(news("Samira", PASSPHRASE), [""; 0]);
    for twin in [
        "Lei\u{2060}la",
        "L\u{435}ila",
        "Leila\u{3164}",
        "Le\u{200d}ila",
        "Leila\u{2800}",
        "Leila\u{fff9}",
        "Lei la",
    ] {
        let told = [
            ("name", twin),
            ("roles", "desk"),
            ("passphrase", OTHER),
            ("again", OTHER),
        ];
        let page = centre.post("/users", "/users", &told);
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{twin:?}");
    }
    // Since she was added, with the key that she was given.
    assert_eq!(news("Hana", WORDS), [added, anew, widened]);
    assert_eq!(news("Dina", WORDS), [""; 0], "not at the desk");
    assert_eq!(news("Samira", PASSPHRASE), [""; 0], "her own acts");
    assert_eq!(news("Leila", WORDS), [""; 0], "once");
}

#[test]
fn after_somebody_with_the_key_left_the_manager_sees_who_is_to_come_in_and_that_a_sheet_is_due() {
    let centre = with_leila();
    let told = [
        ("name", "Omar"),
        ("roles", "caseworker"),
        ("passphrase", OTHER),
        ("again", OTHER),
    ];
    centre.post("/users", "/users", &told);
    let marks = || centre.get("/users").all(".row-facts .badge-wait");
    let due = || centre.get("/users").all(".notice-warm strong");
    assert_eq!((marks(), due()), (vec![], vec![]));
    let omar = page_of(&centre, "Omar");
    let gone = centre.post(&omar, &format!("{omar}/disabled"), &[]);
    assert_eq!(gone.to, "/users");
    let said = due();
    assert!(
        said[0].starts_with("A new recovery sheet is due: Omar lost the key to casework on"),
        "{said:?}"
    );
    let away = marks();
    assert_eq!(away.len(), 1, "Leila, who was not in since");
    assert!(
        away[0].starts_with("Has not come in since the keys were renewed on"),
        "{away:?}"
    );
    lock(&centre);
    assert!(unlock(&centre, "Leila", WORDS));
    lock(&centre);
    assert!(unlock(&centre, "Samira", PASSPHRASE));
    assert!(marks().is_empty() && !due().is_empty());
    assert_eq!(centre.post("/sheet", "/sheet", &[]).to, "/sheet/words");
    let fresh = centre.get("/sheet/words").all("ol.words li");
    assert_eq!(centre.checks("/sheet/check", &fresh).to, "/users");
    assert!(due().is_empty());
    assert_eq!(marks().len(), 1, "the keys were renewed once more");
    // A new passphrase, given in person, is one that is known.
    let leila = page_of(&centre, "Leila");
    let anew = [("passphrase", OTHER), ("again", OTHER)];
    centre.post(&leila, &leila, &anew);
    assert!(marks().is_empty());
    // Nobody without the key to casework makes a sheet due.
    centre.post(&leila, &format!("{leila}/disabled"), &[]);
    assert!(due().is_empty());
}
