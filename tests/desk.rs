//! The first day at the desk: look, register, check in, count, take back.

use axum::http::StatusCode;
use darna_tests::centre::{Centre, Page};

const ALMAZ: &[(&str, &str)] = &[
    ("name", "Almaz Tesfaye"),
    ("other-script", "አልማዝ ተስፋዬ"),
    ("phone-1", "+961 70 000 123"),
    ("language", "amh"),
    ("nationality", "ETH"),
    ("consent", "spoken"),
];

/// Registers somebody and gives the address of their page.
fn registered(centre: &Centre, fields: &[(&str, &str)]) -> String {
    let mut fields = fields.to_vec();
    fields.extend([("sure", "yes"), ("then", "stay")]);
    let page = centre.post("/people/new", "/people/new", &fields);
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    page.to
}

fn names_found(centre: &Centre, typed: &str) -> Vec<String> {
    let query: String = typed.bytes().map(|b| format!("%{b:02X}")).collect();
    centre
        .get(&format!("/search?q={query}"))
        .all(".row-names a")
}

#[test]
fn a_person_is_found_in_any_script_by_phone_and_by_card() {
    let centre = Centre::founded();
    let person = registered(&centre, ALMAZ);
    registered(
        &centre,
        &[("name", "Mohammed Abdelrahman"), ("phone-1", "71 555 987")],
    );
    registered(&centre, &[("name", "ፀሐይ"), ("consent", "signed")]);
    let card = centre.get(&person).all(".code")[0].clone();
    for typed in [
        "alm",
        "tesfay",
        "አልማዝ",
        "almz",
        "ألماز",
        "0123",
        "٠١٢٣",
        &card,
        &card.to_lowercase(),
    ] {
        assert_eq!(names_found(&centre, typed)[0], "Almaz Tesfaye", "{typed}");
    }
    for typed in ["muhamad", "محمد", "عبد الرحمن", "abdul rahman", "5987"] {
        assert_eq!(
            names_found(&centre, typed)[0],
            "Mohammed Abdelrahman",
            "{typed}"
        );
    }
    for typed in ["tsehay", "Sehay", "Tsehai"] {
        assert_eq!(names_found(&centre, typed)[0], "ፀሐይ", "{typed}");
    }
    registered(&centre, &[("name", "Maria dela Cruz")]);
    for typed in ["del", "dela", "dela c", "cruz"] {
        assert_eq!(names_found(&centre, typed)[0], "Maria dela Cruz", "{typed}");
    }
    assert_eq!(names_found(&centre, "Zzyzx"), Vec::<String>::new());
    assert!(centre.get("/search?q=Zzyzx").html.contains("Nobody found"));
}

#[test]
fn checking_in_is_one_press_and_can_be_taken_back() {
    let centre = Centre::founded();
    let person = registered(&centre, ALMAZ);
    let done = centre.post("/", &format!("{person}/visits"), &[]);
    assert!(done.to.starts_with("/?in="), "{}", done.to);
    let page = centre.get(&done.to);
    assert_eq!(page.all(".toast span")[0], "Almaz Tesfaye is checked in.");
    assert_eq!(page.all(".count b"), ["1", "1", "0", "0"]);

    let again = centre.post("/", &format!("{person}/visits"), &[]);
    assert_eq!(
        again.to, done.to,
        "who is in the house does not come in twice"
    );

    let visit = done.to.trim_start_matches("/?in=").to_owned();
    centre.post(
        "/",
        &format!("/visits/{visit}/reasons"),
        &[("reason", "LEG.advice"), ("from", "desk")],
    );
    assert!(centre.get("/today").html.contains("Almaz Tesfaye"));

    centre.clock.advance(4 * 60);
    centre.post("/", &format!("/visits/{visit}/undo"), &[]);
    assert_eq!(centre.get("/").all(".count b"), ["0", "0", "0", "0"]);
    assert!(centre.app.vault.verify_journals().is_ok());
}

#[test]
fn after_five_minutes_a_visit_stays() {
    let centre = Centre::founded();
    let person = registered(&centre, ALMAZ);
    let visit = centre.post("/", &format!("{person}/visits"), &[]).to;
    let visit = visit.trim_start_matches("/?in=").to_owned();
    centre.clock.advance(5 * 60 + 1);
    centre.post("/", &format!("/visits/{visit}/undo"), &[]);
    let page = centre.get("/");
    assert_eq!(
        page.all(".toast span")[0],
        "More than five minutes have passed: it stays as it is."
    );
    assert_eq!(page.all(".count b")[0], "1");
}

#[test]
fn somebody_without_a_name_is_counted_with_one_press() {
    let centre = Centre::founded();
    let counted = [
        ("reason", "SOC.kind"),
        ("gender", "female"),
        ("language", "ben"),
    ];
    centre.post("/", "/counted", &counted);
    centre.post("/", "/counted", &[("reason", "MED.info")]);
    assert_eq!(centre.get("/").all(".count b"), ["2", "0", "2", "0"]);
    let list = centre.get("/today");
    assert!(
        list.html.contains("Bangla") && list.html.contains("Woman"),
        "{}",
        list.html
    );
}

#[test]
fn the_same_person_twice_is_asked_about_and_never_blocked() {
    let centre = Centre::founded();
    registered(&centre, ALMAZ);
    let again = [
        ("name", "Almaz Tesfay"),
        ("phone-1", "70000123"),
        ("consent", "later"),
    ];
    let page = centre.post("/people/new", "/people/new", &again);
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.all(".row-names a"), ["Almaz Tesfaye"]);
    assert!(
        page.all(".row-why")[0].starts_with("same phone · names alike by 9"),
        "{:?}",
        page.all(".row-why")
    );
    assert_eq!(page.value("name"), "Almaz Tesfay", "what was typed is kept");
    registered(&centre, &again);
    assert_eq!(names_found(&centre, "almaz").len(), 2);

    // Another father's name, and a birth many years apart, are somebody else.
    for other in [
        [("name", "Almaz Bekele"), ("birth", "")],
        [("name", "Almaz Tesfaye"), ("birth", "1961")],
    ] {
        let known = [("name", "Almaz Tesfaye Girma"), ("birth", "1994")];
        registered(&centre, &known);
        let page = centre.post("/people/new", "/people/new", &other);
        let told_apart = page.all(".row-names a");
        assert!(
            !told_apart.contains(&"Almaz Tesfaye Girma".to_owned()),
            "{other:?}"
        );
    }
}

#[test]
fn what_is_wrong_stands_beside_its_field_and_the_rest_is_kept() {
    let centre = Centre::founded();
    let wrong = [
        ("name", ""),
        ("alias", "Nene"),
        ("phone-1", "12"),
        ("birth", "31/02/1990"),
        ("arrival-year", "1492"),
        ("area", &"a".repeat(61)),
    ];
    let page = centre.post("/people/new", "/people/new", &wrong);
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.value("alias"), "Nene");
    assert_eq!(page.all("#name-error"), ["Fill this in."]);
    assert_eq!(
        page.all("#phone-1-error"),
        ["Write the number with 6 to 15 digits."]
    );
    assert_eq!(page.all("#birth-error").len(), 1);
    assert!(page.all("#birth-error")[0].starts_with("Write a date"));
    assert_eq!(
        page.all("#arrival-year-error"),
        ["Write a year such as 2019."]
    );
    assert_eq!(page.all("#area-error"), ["Use at most 60 characters."]);
    let refused = centre.post(
        "/people/new",
        "/people/new",
        &[("name", "Nene"), ("consent", "refused")],
    );
    assert!(refused.all("#consent-error")[0].starts_with("Without agreement"));
}

#[test]
fn a_code_word_brings_somebody_back_to_the_same_record() {
    let centre = Centre::founded();
    let fields = [
        ("as", "code-word"),
        ("name", "Moon"),
        ("code-word", "bluebird"),
        ("consent", "refused"),
    ];
    let person = registered(&centre, &fields);
    assert!(centre.get(&person).html.contains("Under a code word"));
    assert_eq!(names_found(&centre, "bluebird"), ["Moon"]);
    assert_eq!(names_found(&centre, "moon"), ["Moon"]);
    let missing = centre.post(
        "/people/new?as=code-word",
        "/people/new",
        &[("as", "code-word"), ("name", "Sun")],
    );
    assert_eq!(missing.all("#code-word-error"), ["Fill this in."]);
}

#[test]
fn a_change_keeps_what_was_before() {
    let centre = Centre::founded();
    let person = registered(&centre, ALMAZ);
    let edit = format!("{person}/edit");
    assert_eq!(centre.get(&edit).value("other-script"), "አልማዝ ተስፋዬ");
    let changed = [
        ("name", "Almaz Girma"),
        ("phone-1", "70 999 888"),
        ("language", "amh"),
        ("nationality", "ETH"),
    ];
    assert_eq!(centre.post(&edit, &edit, &changed).to, person);
    let page = centre.get(&person);
    assert_eq!(page.all("h1 bdi"), ["Almaz Girma"]);
    let before = page.all("del");
    assert!(before.contains(&"+961 70 000 123".to_owned()), "{before:?}");
    assert!(
        before.iter().any(|was| was.contains("Almaz Tesfaye")),
        "{before:?}"
    );
    assert_eq!(names_found(&centre, "tesfaye"), Vec::<String>::new());
    assert_eq!(names_found(&centre, "girma"), ["Almaz Girma"]);
}

#[test]
fn consent_is_given_runs_out_and_is_withdrawn() {
    let centre = Centre::founded();
    let person = registered(&centre, &[("name", "Rosa Bautista"), ("consent", "later")]);
    let missing = |page: &Page| page.html.contains("Ask for agreement");
    assert!(missing(&centre.get(&person)));
    let give = format!("{person}/consents");
    let until = [
        ("purpose", "register"),
        ("how", "thumbprint"),
        ("read-in", "tgl"),
        ("expires", "2030-01-01"),
    ];
    assert_eq!(centre.post(&person, &give, &until).to, person);
    assert!(!missing(&centre.get(&person)));
    let past = [("purpose", "photo"), ("how", "spoken"), ("expires", "1999")];
    assert_eq!(
        centre.post(&person, &give, &past).status,
        StatusCode::UNPROCESSABLE_ENTITY
    );

    centre.clock.advance(4 * 366 * 24 * 3600);
    let page = centre.get(&person);
    assert!(missing(&page) && page.html.contains("Expired"));
    let for_good = [
        ("purpose", "register"),
        ("how", "signed"),
        ("read-in", "tgl"),
    ];
    centre.post(&person, &give, &for_good);
    let withdrawal = centre
        .get(&person)
        .attribute("form[action$='withdrawal']", "action");
    assert_eq!(centre.post(&person, &withdrawal, &[]).to, person);
    let page = centre.get(&person);
    assert!(missing(&page) && page.html.contains("Withdrawn"));
}

#[test]
fn paper_is_typed_in_later_with_its_own_day() {
    let centre = Centre::founded();
    let person = registered(&centre, ALMAZ);
    let later = format!("{person}/visits/later");
    let paper = [("day", "20/11/2026"), ("reason", "VOC.language")];
    assert_eq!(centre.post(&person, &later, &paper).to, person);
    centre.post(
        "/today",
        "/today",
        &[("day", "2026-11-20"), ("number", "١٢"), ("reason", "")],
    );
    let day = centre.get("/today?day=2026-11-20");
    assert_eq!(day.all(".count b"), ["13", "1", "12", "0"]);
    assert_eq!(centre.get("/today").all(".count b")[0], "0");
    let tomorrow = centre.post(&person, &later, &[("day", "2030-01-01")]);
    assert_eq!(tomorrow.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(tomorrow.value("day"), "2030-01-01");
    let many = centre.post(
        "/today",
        "/today",
        &[("day", "2026-11-20"), ("number", "100000")],
    );
    assert_eq!(many.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[test]
fn a_visit_waits_for_somebody_and_gets_a_service() {
    let centre = Centre::founded();
    let person = registered(&centre, ALMAZ);
    let at = centre.post("/", &format!("{person}/visits"), &[]).to;
    let visit = format!("/visits/{}", at.trim_start_matches("/?in="));
    let samira = centre
        .get(&visit)
        .attribute("#user option:last-child", "value");
    centre.post(&visit, &format!("{visit}/waiting"), &[("user", &samira)]);
    let list = centre.get("/today");
    assert!(list.html.contains("waits for Samira"));
    assert_eq!(list.all(".count b")[3], "1");
    centre.post("/today", &format!("{visit}/seen"), &[("from", "today")]);
    assert_eq!(centre.get("/today").all(".count b")[3], "0");

    let service = [
        ("service", "LEG.letter"),
        ("minutes", "45"),
        ("language", "amh"),
    ];
    centre.post(&visit, &format!("{visit}/services"), &service);
    let page = centre.get(&visit);
    assert!(
        page.html.contains("45 minutes · Amharic · Samira"),
        "{}",
        page.html
    );
    let undo = page.attribute("form[action^='/services/']", "action");
    centre.post(&visit, &undo, &[]);
    assert!(
        centre
            .get(&visit)
            .html
            .contains("Nothing written down yet.")
    );
    let wrong = centre.post(
        &visit,
        &format!("{visit}/services"),
        &[("service", ""), ("minutes", "0")],
    );
    assert_eq!(wrong.all("#minutes-error"), ["Write 1 to 600 minutes."]);
}
