//! Set-up, lock and languages through the real router and a real encrypted centre.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use darna::web::Swap;
use darna_tests::centre::{Centre, PASSPHRASE};

#[test]
fn an_empty_folder_leads_to_set_up_and_set_up_to_the_home_page() {
    let centre = Centre::unfounded();
    assert_eq!(centre.get("/").to, "/setup");
    assert_eq!(centre.get("/lock").to, "/setup");
    let centre = Centre::founded();
    let home = centre.get("/");
    assert_eq!(home.all(".rail .user bdi"), ["Samira"]);
    assert_eq!(centre.get("/setup").to, "/", "a centre is founded once");
}

#[test]
fn set_up_says_beside_the_field_what_is_wrong_and_keeps_what_was_typed() {
    let centre = Centre::unfounded();
    let unnamed = centre.post(
        "/setup/centre",
        "/setup/centre",
        &[("name", ""), ("place", "Tyre"), ("currency", "LBP")],
    );
    assert_eq!(unnamed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(unnamed.all("#name-error"), ["Fill this in."]);
    assert_eq!(unnamed.value("place"), "Tyre");
    centre.post(
        "/setup/centre",
        "/setup/centre",
        &[("name", "House of Thyme"), ("currency", "LBP")],
    );
    assert_eq!(
        centre.get("/setup/centre").value("name"),
        "House of Thyme",
        "going back shows what was told"
    );
    // The cursor is in a field, so that Enter goes on, and among choices at the one chosen.
    for step in ["week", "languages", "keeping"] {
        let page = centre.get(&format!("/setup/{step}"));
        assert_eq!(page.all("main input[autofocus]").len(), 1, "{step}");
    }
    let week = [
        ("week-start", "sunday"),
        ("weekend", "friday"),
        ("calendar", "gregorian"),
    ];
    centre.post("/setup/week", "/setup/week", &week);
    let chosen = centre.get("/setup/week").attribute("[autofocus]", "value");
    assert_eq!(chosen, "sunday");
    let none = centre.post("/setup/languages", "/setup/languages", &[]);
    assert_eq!(
        none.all("#languages-error"),
        ["Choose at least one language."]
    );
    let years = [
        ("keep-cases", "0"),
        ("keep-visits", "٣"),
        ("keep-leads", "x"),
        ("idle-minutes", "31"),
    ];
    let kept = centre.post("/setup/keeping", "/setup/keeping", &years);
    assert_eq!(kept.all("#keep-cases-error"), ["Write 1 to 50 years."]);
    assert_eq!(kept.all("#keep-visits-error"), [""]);
    assert_eq!(kept.all("#idle-minutes-error"), ["Write 1 to 30 minutes."]);
    let told = [
        ("manager", "Samira"),
        ("passphrase", "short"),
        ("again", "other"),
    ];
    let page = centre.post("/setup/manager", "/setup/manager", &told);
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.value("manager"), "Samira");
    assert_eq!(
        page.all("#passphrase-error"),
        ["Use at least 12 characters."]
    );
    assert_eq!(
        page.all("#again-error"),
        ["This is not the same passphrase."]
    );
    assert!(
        !page.html.contains("short\""),
        "a passphrase is never sent back"
    );
}

#[test]
fn a_word_that_is_not_on_the_sheet_does_not_found_a_centre() {
    let centre = Centre::unfounded();
    centre.told();
    let typed = [("word-4", "wrong"), ("word-13", ""), ("word-22", "zzz")];
    let page = centre.post("/setup/check", "/setup/check", &typed);
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(centre.app.vault.is_empty().expect("a folder"));
}

#[test]
fn the_manager_changes_what_set_up_asked() {
    let centre = Centre::founded();
    assert_eq!(centre.get("/settings").value("name"), "House of Thyme");
    let changed = [
        ("name", "House of Sage"),
        ("phone", "+962 6 555 010"),
        ("currency", "JOD"),
        ("week-start", "sunday"),
        ("weekend", "friday-saturday"),
        ("calendar", "ethiopian"),
        ("languages", "tgl"),
        ("keep-cases", "10"),
        ("keep-visits", "2"),
        ("keep-leads", "1"),
        ("idle-minutes", "1"),
    ];
    assert_eq!(
        centre.post("/settings", "/settings", &changed).to,
        "/settings"
    );
    let page = centre.get("/settings");
    assert_eq!(page.value("name"), "House of Sage");
    assert_eq!(page.value("phone"), "+962 6 555 010");
    assert_eq!(page.attribute("#desk", "data-idle-seconds"), "60");
    assert_eq!(page.attribute("#currency option[selected]", "value"), "JOD");
    let told = "Tuesday 24 November 2026 · 15 Hidar 2019 in the Ethiopian calendar";
    for page in ["/", "/today", "/cases", "/activities/calendar?by=week"] {
        assert!(centre.get(page).html.contains(told), "{page}");
    }
    let month = centre.get("/activities/calendar");
    let beside = "22 Tikimt 2019 – 21 Hidar 2019 in the Ethiopian calendar";
    assert_eq!(month.all(".page-head p"), [beside]);
    let offered = centre.get("/people/new");
    assert_eq!(
        offered.attribute("#language option:nth-child(2)", "value"),
        "tgl"
    );
    let wrong = [&[("phone", "none")], &changed[2..]].concat();
    let page = centre.post("/settings", "/settings", &wrong);
    assert_eq!(page.all(".error span").len(), 2, "its name and its number");
    assert_eq!(page.value("phone"), "none", "kept");

    // Two managers do not undo each other's answers.
    let version = page.value("version");
    let minutes = [
        &changed[..10],
        &[("idle-minutes", "9"), ("version", &version)],
    ]
    .concat();
    let saved = centre.post("/settings", "/settings", &minutes);
    assert_eq!(saved.to, "/settings", "{}", saved.html);
    let late = [
        &[("name", "House of Rue")],
        &changed[1..],
        &[("version", &*version)],
    ]
    .concat();
    let page = centre.post("/settings", "/settings", &late);
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.all(".notice-stop dd"), ["House of Sage", "9"]);
    assert_eq!(page.value("name"), "House of Rue", "kept");
    assert_eq!(centre.get("/settings").value("idle-minutes"), "9");
}

#[test]
fn locking_closes_the_centre_until_name_and_passphrase_fit() {
    let centre = Centre::founded();
    assert_eq!(centre.post("/", "/lock", &[]).to, "/lock");
    assert!(!centre.app.vault.is_open());
    assert_eq!(centre.get("/").to, "/lock");

    let unlock = |name, passphrase| {
        centre.post(
            "/lock",
            "/unlock",
            &[("name", name), ("passphrase", passphrase)],
        )
    };
    let unknown = unlock("Nobody", PASSPHRASE);
    let wrong = unlock("Samira", "something else entirely");
    for refused in [&unknown, &wrong] {
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            refused.all(".notice-stop strong"),
            ["Name and passphrase do not fit together. Try again."]
        );
    }
    assert_eq!(wrong.value("name"), "Samira");
    assert_eq!(unlock(" samira ", PASSPHRASE).to, "/");
    assert!(centre.app.vault.is_open());
}

#[test]
fn a_form_without_the_centres_token_is_refused() {
    let centre = Centre::founded();
    assert_eq!(
        centre.send("/lock", "csrf=0".into()).status,
        StatusCode::FORBIDDEN
    );
    assert!(centre.app.vault.is_open());
}

#[test]
fn every_page_comes_in_the_chosen_language() {
    let centre = Centre::unfounded();
    for (tag, dir, title) in [
        ("ar", "rtl", "مركز جديد"),
        ("fr", "ltr", "Un nouveau centre"),
        ("en", "ltr", "A new centre"),
    ] {
        centre.post("/setup", "/language", &[("lang", tag)]);
        let page = centre.get("/setup");
        assert_eq!(page.all("h1"), [title]);
        assert!(
            page.html
                .contains(&format!("<html lang=\"{tag}\" dir=\"{dir}\" "))
        );
    }
}

#[test]
fn what_has_no_row_does_not_exist() {
    let centre = Centre::founded();
    assert_eq!(centre.get("/no-such-page").status, StatusCode::NOT_FOUND);
    assert_eq!(
        centre.get("/assets/../Cargo.toml").status,
        StatusCode::NOT_FOUND
    );
    for row in darna::web::access::TABLE {
        let other = if row.method == axum::http::Method::GET {
            "DELETE"
        } else {
            "PUT"
        };
        let request = Request::builder()
            .method(other)
            .uri(row.path)
            .body(Body::empty())
            .expect("a request");
        assert_eq!(
            centre.ask(request).status,
            StatusCode::METHOD_NOT_ALLOWED,
            "{other} {}",
            row.path
        );
    }
}

#[test]
fn a_laptop_that_writes_its_memory_readable_to_the_disk_is_told_of_with_what_to_do() {
    const TITLE: &str = "What is on the screen can stay readable on this laptop’s disk";
    let centre = Centre::unfounded();
    centre.told();
    let told = |path: &str, swap| {
        centre.outside.swaps(swap);
        let page = centre.get(path);
        page.all(".notice").join(" ")
    };
    let says = |path: &str| {
        for fine in [Swap::NotKnown, Swap::Closed] {
            assert_eq!(told(path, fine), "", "{path} {fine:?}");
        }
        let readable = told(path, Swap::Readable);
        assert!(readable.contains(TITLE), "{path} {readable}");
        assert!(readable.contains("switch swap off") && !readable.contains("hibernate"));
        assert!(told(path, Swap::Hibernates).contains("do not let it hibernate"));
    };
    says("/setup/manager");
    let words = centre.get("/setup/sheet").all("ol.words li");
    assert_eq!(centre.checks("/setup/check", &words).to, "/");
    says("/settings");
    centre.outside.swaps(Swap::Readable);
    let refused = centre.post("/settings", "/settings", &[("name", "")]);
    assert!(refused.html.contains(TITLE), "{}", refused.html);
}
