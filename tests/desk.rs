//! The first day at the desk: look, register, check in, count, take back.

use axum::http::StatusCode;
use darna::vault::{Refusal, Roles};
use darna_tests::casework::{add, enter, open, visitor};
use darna_tests::centre::{Centre, Page, encoded};

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
    // Almaz and محمد on a keyboard set to the other script.
    for (typed, name, meant) in [
        ("شمةشئ", "Almaz Tesfaye", "almaz"),
        ("lpl]", "Mohammed Abdelrahman", "محمد"),
    ] {
        assert_eq!(names_found(&centre, typed)[0], name, "{typed}");
        let page = centre.get(&format!("/search?q={}", encoded(typed)));
        let shown = page.all("#found-title ~ .hint, .hint").remove(0);
        let shown = shown.replace(['\u{2068}', '\u{2069}'], "");
        assert!(shown.starts_with(&format!("Shown: {meant}")), "{shown}");
    }
    assert!(!centre.get("/search?q=almaz").html.contains("Shown: "));
    // The first letters of two names, an article that is typed before its word.
    registered(&centre, &[("name", "Tigist Alemu")]);
    registered(&centre, &[("name", "Maria De Leon")]);
    for (typed, name) in [
        ("tig al", "Tigist Alemu"),
        ("maria de", "Maria De Leon"),
        ("maria d", "Maria De Leon"),
        ("maria de l", "Maria De Leon"),
    ] {
        let found = names_found(&centre, typed);
        assert!(
            found.iter().take(2).any(|found| found == name),
            "{typed}: {found:?}"
        );
    }
    // Whoever may only sound alike is no hit: Enter goes to the registration.
    let page = centre.get("/?q=Selamawit+Kebede");
    assert!(
        page.all(".row:not(.row-perhaps)").is_empty(),
        "{}",
        page.html
    );
    assert_eq!(page.all("a[data-row][autofocus]").len(), 1);
    let page = centre.get("/?q=Tigist+Kebede");
    assert_eq!(page.all(".row-perhaps .row-names a"), ["Tigist Alemu"]);
    assert!(page.html.contains("Perhaps: a name that sounds alike"));
    let page = centre.get("/search?q=98");
    assert!(page.html.contains("Four digits, please") && !page.html.contains("Register as new"));
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
    // Larger letters or another language leave the card where it is, and the keys hers.
    for form in [".sizes", ".langs"] {
        let back = page.attribute(&format!("{form} input[name=back]"), "value");
        assert_eq!(back, done.to);
    }
    let larger = [("size", "large"), ("back", &*done.to)];
    assert_eq!(centre.post("/", "/text-size", &larger).to, done.to);
    assert_eq!(page.all(".count b"), ["1", "1", "0", "0"]);

    let again = centre.post("/", &format!("{person}/visits"), &[]);
    assert_eq!(
        again.to, done.to,
        "who is in the house does not come in twice"
    );

    let visit = done.to.trim_start_matches("/?in=").to_owned();
    let noted = centre.post(
        "/",
        &format!("/visits/{visit}/reasons"),
        &[("reason", "LEG.advice"), ("from", "desk")],
    );
    assert_eq!(noted.to, done.to, "the keys stay this person's");
    assert_eq!(centre.get(&noted.to).all(".counting [data-key]").len(), 0);
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
    let there = page.attribute("button[formaction]", "formaction");
    let there = centre.post("/people/new", &there, &again).to;
    assert!(there.starts_with("/?in="), "{there}");
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
        ["Write the number with 3 to 15 digits, or leave it empty."]
    );
    assert_eq!(page.all("#birth-error").len(), 1);
    assert!(page.all("#birth-error")[0].starts_with("Write a date"));
    assert_eq!(
        page.all("#arrival-year-error"),
        ["Write a year from 1950 on, such as 2019."]
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

    // The one proof of who somebody is: nobody else gets it, and who has it is shown.
    let again = [
        ("as", "code-word"),
        ("name", "Sun"),
        ("code-word", "Blue Bird"),
        ("sure", "yes"),
    ];
    let at = "/people/new?as=code-word";
    let taken = centre.post(at, "/people/new", &again);
    let why = "This code word is already somebody’s. Choose another one together.";
    assert_eq!(taken.all("#code-word-error"), [why]);
    let sun = registered(&centre, &[&again[..2], &[("code-word", "robin")]].concat());
    let edit = format!("{sun}/edit");
    let other = centre.post(&edit, &edit, &[("name", "Sun"), ("code-word", "bluebird")]);
    assert_eq!(other.all("#code-word-error"), [why]);
    let own = [("name", "Sun"), ("code-word", "Robin")];
    assert_eq!(centre.post(&edit, &edit, &own).to, sun);
}

#[test]
fn going_over_to_a_code_word_keeps_all_but_the_name() {
    let centre = Centre::founded();
    let over = [ALMAZ, &[("instead", "code-word")]].concat();
    let page = centre.post("/people/new", "/people/new", &over);
    assert_eq!(page.all("#main h1"), ["New visitor under a code word"]);
    assert_eq!(page.value("name"), "");
    assert_eq!(page.value("other-script"), "");
    assert_eq!(page.value("phone-1"), "+961 70 000 123");
    assert_eq!(page.attribute("#language option[selected]", "value"), "amh");
    assert_eq!(page.value("as"), "code-word");
    let back = [ALMAZ, &[("as", "code-word"), ("instead", "name")]].concat();
    let page = centre.post("/people/new", "/people/new", &back);
    assert_eq!(page.all("#main h1"), ["New visitor"]);
    assert_eq!(page.value("phone-1"), "+961 70 000 123");
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
    for wrong in ["1999", "2099", "31/02/2030", "23/11/2026"] {
        let until = [("purpose", "photo"), ("how", "spoken"), ("expires", wrong)];
        let refused = centre.post(&person, &give, &until).all("#expires-error");
        assert!(refused[0].starts_with("Write a whole date that exists, today or later"));
    }

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
        "/today/paper",
        "/today/paper",
        &[("day", "2026-11-20"), ("number", "١٢"), ("reason", "")],
    );
    let day = centre.get("/today?day=2026-11-20");
    assert_eq!(day.all(".count b"), ["13", "1", "12", "0"]);
    assert_eq!(centre.get("/today").all(".count b")[0], "0");
    let tomorrow = centre.post(&person, &later, &[("day", "2030-01-01")]);
    assert_eq!(tomorrow.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(tomorrow.value("day"), "2030-01-01");
    let wrong = |path: &str| centre.get(path).all("#day-error span");
    for page in ["/today", "/today/paper"] {
        assert_eq!(
            wrong(&format!("{page}?day=25/11/2026")),
            ["This day has not come yet."]
        );
        for typed in ["1/1/26", "abc", "11/2026"] {
            let told = wrong(&format!("{page}?day={typed}"));
            assert!(
                told[0].starts_with("Write the whole day"),
                "{typed}: {told:?}"
            );
        }
    }
    let many = centre.post(
        "/today/paper",
        "/today/paper",
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
    centre.post(&visit, &visit, &[("user", &samira)]);
    let home = centre.get("/");
    assert!(home.all("a[data-waiting]")[0].starts_with("Waiting for somebody: 1"));
    let list = centre.get("/today");
    assert!(list.html.contains("waits for Samira"));
    assert_eq!(list.all(".count b")[3], "1");
    centre.post("/today", &format!("{visit}/seen"), &[("from", "today")]);
    assert_eq!(centre.get("/today").all(".count b")[3], "0");
    assert_eq!(centre.get("/").all("a[data-waiting]"), Vec::<String>::new());

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

/// Checks somebody in and gives the address of the visit.
fn checked_in(centre: &Centre, person: &str) -> String {
    let at = centre.post("/", &format!("{person}/visits"), &[]).to;
    format!("/visits/{}", at.trim_start_matches("/?in="))
}

/// What is said on the home page after an action.
fn said(centre: &Centre) -> String {
    centre.get("/").all(".toast span")[0].clone()
}

fn counted(centre: &Centre, sql: &str) -> i64 {
    let rows = centre
        .app
        .vault
        .read::<_, Refusal>(|db| db.one(sql, [], |row| row.get(0)));
    rows.expect("an open vault").expect("a number")
}

#[test]
fn a_registration_is_taken_back_from_its_message_and_nothing_of_it_is_left() {
    let centre = Centre::founded();
    registered(&centre, &[("name", "Rosa Bautista"), ("consent", "spoken")]);
    let of_names = "select count(*) from name_word";
    let words = counted(&centre, of_names);
    let at = centre.post("/people/new", "/people/new", ALMAZ).to;
    let page = centre.get(&at);
    assert_eq!(
        page.all(".toast span")[0],
        "Almaz Tesfaye is registered and checked in."
    );
    let undo = page.attribute(".toast form", "action");
    let visit = at.trim_start_matches("/?in=").to_owned();
    let reason = [("reason", "LEG.advice"), ("from", "desk")];
    centre.post("/", &format!("/visits/{visit}/reasons"), &reason);

    centre.clock.advance(4 * 60);
    assert_eq!(centre.post("/", &undo, &[]).to, "/");
    assert!(said(&centre).starts_with("The registration of Almaz Tesfaye is taken back."));
    for typed in ["almaz", "አልማዝ", "0123"] {
        assert_eq!(names_found(&centre, typed), Vec::<String>::new(), "{typed}");
    }
    assert_eq!(centre.get("/").all(".count b"), ["0", "0", "0", "0"]);
    assert_eq!(
        counted(&centre, of_names),
        words,
        "the index forgets it too"
    );
    let left = "select (select count(*) from person) + (select count(*) from visit)
                     + (select count(*) from consent)";
    assert_eq!(counted(&centre, left), 2, "Rosa and her consent");
    assert!(centre.app.vault.verify_journals().is_ok());
    let journal = centre.get("/journal?kind=people");
    let rows = journal.all(".rows .row > div:not(.row-act)");
    assert_eq!(
        rows[..2],
        [
            "Took a registration back: the record is gone",
            "Registered a person"
        ]
    );
    assert_eq!(centre.post("/", &undo, &[]).status, StatusCode::NOT_FOUND);
}

#[test]
fn a_registration_stays_once_more_rests_on_it_or_its_time_is_over() {
    let centre = Centre::founded();
    let more: [&dyn Fn(&str); 6] = [
        &|person| {
            let edit = format!("{person}/edit");
            centre.post(&edit, &edit, &[("name", "Almaz Girma")]);
        },
        &|person| {
            let photo = [("purpose", "photo"), ("how", "spoken")];
            centre.post(person, &format!("{person}/consents"), &photo);
        },
        &|person| {
            let service = [("service", "LEG.letter")];
            let visit = checked_in(&centre, person);
            centre.post(&visit, &format!("{visit}/services"), &service);
        },
        &|person| {
            checked_in(&centre, person);
            let later = [("day", "2026-11-20")];
            centre.post(person, &format!("{person}/visits/later"), &later);
        },
        &|person| {
            centre.post(person, &format!("{person}/consent-form"), &[]);
        },
        &|_| centre.clock.advance(5 * 60 + 1),
    ];
    for (number, written) in more.iter().enumerate() {
        let person = registered(&centre, &[("name", "Almaz"), ("consent", "spoken")]);
        written(&person);
        let undo = format!("{person}/undo");
        assert_eq!(centre.post("/", &undo, &[]).to, person, "{number}");
        let why = if number == 5 {
            "More than five minutes have passed: Almaz"
        } else {
            "More has been written about Almaz"
        };
        assert!(
            said(&centre).starts_with(why),
            "{number}: {}",
            said(&centre)
        );
        assert_eq!(centre.get(&person).status, StatusCode::OK, "{number}");
    }
}

#[test]
fn a_registration_stays_where_a_case_or_somebody_else_may_need_it() {
    let centre = Centre::founded();
    add(&centre, "Dina", Roles::DESK);
    let leila = add(&centre, "Leila", Roles::CASEWORKER.and(Roles::DESK));
    enter(&centre, "Leila");
    let person = visitor(&centre, "Almaz Tesfaye");
    open(&centre, leila, person, "Wages of May", &[]);
    let undo = format!("/people/{person}/undo");
    centre.post("/", &undo, &[]);
    assert!(said(&centre).starts_with("More has been written"));

    enter(&centre, "Dina");
    let person = visitor(&centre, "Rosa Bautista");
    enter(&centre, "Leila");
    enter(&centre, "Dina");
    let undo = format!("/people/{person}/undo");
    centre.post("/", &undo, &[]);
    assert!(said(&centre).starts_with("Somebody else has been at work here since: Rosa"));
    assert_eq!(names_found(&centre, "rosa"), ["Rosa Bautista"]);
}

#[test]
fn after_its_time_a_visit_is_corrected_and_not_taken_back_and_the_page_says_so() {
    let centre = Centre::founded();
    let person = registered(&centre, ALMAZ);
    let visit = checked_in(&centre, &person);
    let undo = ".pair form[action$='/undo']";
    assert_eq!(centre.get(&visit).all(undo).len(), 1);
    assert_eq!(centre.get(&visit).all("#stays"), Vec::<String>::new());
    centre.post(
        &visit,
        &format!("{visit}/reasons"),
        &[("reason", "LEG.advice")],
    );
    centre.clock.advance(5 * 60 + 1);
    let page = centre.get(&visit);
    assert_eq!(page.all(undo), Vec::<String>::new());
    assert!(page.all("#stays")[0].contains("stays and is not deleted"));

    let samira = page.attribute("#user option:last-child", "value");
    let right = [
        ("reason", "MED.info"),
        ("another", "LEG.letter"),
        ("children", "2"),
        ("companions", "١"),
        ("channel", "friend"),
        ("user", &*samira),
    ];
    assert_eq!(centre.post(&visit, &visit, &right).to, visit);
    let page = centre.get(&visit);
    assert_eq!(page.all(".toast span")[0], "Saved.");
    let ticked = page.attribute("input[name=reason][checked]", "value");
    assert_eq!(ticked, "MED.info");
    assert_eq!(page.value("children"), "2");
    let before = page.all("del");
    assert!(before.iter().any(|was| was.contains("Legal")), "{before:?}");
    assert!(before.contains(&"Nobody".to_owned()), "{before:?}");
    let list = centre.get("/today").html;
    for told in ["waits for Samira", "Children along: 2", "Others along: 1"] {
        assert!(list.contains(told), "{told}");
    }

    // Sent to somebody, seen by them: another correction does not make them wait again.
    centre.post("/today", &format!("{visit}/seen"), &[]);
    let left: Vec<_> = right.iter().copied().chain([("left", "yes")]).collect();
    centre.post(&visit, &visit, &left);
    assert!(centre.get("/today").html.contains("was seen by Samira"));
    assert_eq!(centre.get(&visit).all(".before-after").len(), 2);
    centre.post(&visit, &visit, &left);
    assert_eq!(
        centre.get(&visit).all(".before-after").len(),
        2,
        "nothing was changed"
    );
    let wrong = [("children", "21"), ("companions", "١")];
    let refused = centre.post(&visit, &visit, &wrong);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.value("companions"), "١", "what was typed is kept");
    assert_eq!(
        refused.all("#children-error"),
        ["Write a whole number from 0 to 20."]
    );
    let told = centre
        .get("/journal?kind=visits")
        .all(".rows .row > div:not(.row-act)");
    assert!(
        told.contains(&"Corrected a visit · Almaz Tesfaye".to_owned()),
        "{told:?}"
    );
}

#[test]
fn a_visit_of_the_wrong_person_goes_to_the_right_one_and_whose_it_was_is_kept() {
    let centre = Centre::founded();
    let almaz = registered(&centre, ALMAZ);
    let rosa = registered(&centre, &[("name", "Rosa Bautista")]);
    let visit = checked_in(&centre, &almaz);
    centre.post(
        &visit,
        &format!("{visit}/reasons"),
        &[("reason", "LEG.advice")],
    );
    centre.clock.advance(5 * 60 + 1);
    let whose = centre.get(&visit).attribute("a[href$='/person']", "href");
    let found = centre.get(&format!("{whose}?q=rosa"));
    assert_eq!(found.all(".row-names bdi"), ["Rosa Bautista"]);
    let own = centre.get(&format!("{whose}?q=almaz"));
    assert_eq!(
        own.all(".row-names bdi"),
        Vec::<String>::new(),
        "it is hers already"
    );
    let person = found.value("person");
    assert_eq!(
        centre.post(&whose, &whose, &[("person", &person)]).to,
        visit
    );

    let page = centre.get(&visit);
    assert_eq!(
        page.all(".toast span"),
        ["The visit is now that of Rosa Bautista."]
    );
    assert_eq!(page.all("h1 bdi"), ["Rosa Bautista"]);
    assert_eq!(page.all("del"), ["Almaz Tesfaye"]);
    assert_eq!(
        page.attribute("input[name=reason][checked]", "value"),
        "LEG.advice"
    );
    assert!(centre.get(&almaz).html.contains("No visit yet."));
    assert!(!centre.get(&rosa).html.contains("No visit yet."));
    let told = centre.get("/journal?kind=visits").html;
    assert!(told.contains("Corrected who came at a visit"));

    // The day after it is the manager's alone.
    centre.clock.advance(24 * 3600);
    assert_eq!(centre.get(&whose).status, StatusCode::OK);
    add(&centre, "Leila", Roles::DESK);
    enter(&centre, "Leila");
    assert_eq!(
        centre.get(&visit).all("a[href$='/person']"),
        Vec::<String>::new()
    );
    let almaz = almaz.trim_start_matches("/people/");
    centre.post("/", &whose, &[("person", almaz)]);
    assert_eq!(centre.get(&visit).all("h1 bdi"), ["Rosa Bautista"]);
}

#[test]
fn what_is_noted_of_somebody_names_them() {
    let centre = Centre::founded();
    let person = registered(&centre, ALMAZ);
    let visit = checked_in(&centre, &person);
    let reason = [("reason", "LEG.advice"), ("from", "desk")];
    centre.post("/", &format!("{visit}/reasons"), &reason);
    assert_eq!(said(&centre), "It is noted why Almaz Tesfaye came.");

    // The wrong key: from its message, and later from what was done.
    let wrong = [("reason", "MED.info"), ("from", "desk")];
    let card = centre.post("/", &format!("{visit}/reasons"), &wrong).to;
    let undo = centre.get(&card).attribute(".toast form", "action");
    assert_eq!(centre.post("/", &undo, &[]).to, card, "for the right one");
    let noted = || centre.get(&card).all(".just .label b");
    assert_eq!(noted(), ["Legal advice"]);
    let recent = centre.get("/recent");
    let ways = recent.all(".row-act form button span");
    assert_eq!(ways[0], "Undo: Legal advice", "{ways:?}");
    let undo = recent.attribute(".row-act form", "action");
    let later = centre.post("/recent", &undo, &[("from", "recent")]);
    assert_eq!(later.to, "/recent");
    assert_eq!(noted(), Vec::<String>::new());
    centre.post("/today", &format!("{visit}/departure"), &[]);
    assert_eq!(said(&centre), "It is noted that Almaz Tesfaye has left.");
}

#[test]
fn a_paper_list_is_typed_in_line_after_line_with_its_day_kept() {
    let centre = Centre::founded();
    registered(&centre, ALMAZ);
    let list = "/today/paper?day=2026-11-20";
    let start = centre.get(list);
    assert_eq!(start.all("#q[autofocus]").len(), 1);
    let row = |page: &Page| page.attribute(".row form", "action");
    let found = centre.get("/today/paper/found?day=2026-11-20&q=alm");
    let to = row(&found);
    assert!(to.ends_with("/visits/later"), "{to}");
    let line = [("day", "2026-11-20"), ("from", "paper")];
    let after = centre.post(list, &to, &line).to;
    assert!(after.starts_with(&format!("{list}&in=")), "{after}");
    let page = centre.get(&after);
    assert_eq!(
        page.all(".toast span")[0],
        "The visit of Almaz Tesfaye is added."
    );
    assert_eq!(page.all("#q[autofocus]").len(), 1, "the cursor is back");
    assert_eq!(page.value("day"), "2026-11-20");
    let reasons = page.attribute(".just form", "action");
    let noted = centre.post(
        &after,
        &reasons,
        &[("reason", "MED.info"), ("from", "paper")],
    );
    assert_eq!(noted.to, list);
    let found = centre.get(&format!("{list}&q=alm"));
    assert!(found.html.contains("On the list already"));
    assert_eq!(found.all("#found button[autofocus]").len(), 1);

    // Whoever is new is registered from the same line.
    let new = centre.get(&format!("{list}&q=rosa"));
    let form = new.attribute("#found a[data-row]", "href");
    assert!(form.ends_with("&day=2026-11-20"), "{form}");
    let rosa = [
        ("name", "Rosa"),
        ("consent", "spoken"),
        ("day", "2026-11-20"),
    ];
    let done = centre.post(&form, "/people/new", &rosa).to;
    let page = centre.get(&done);
    assert_eq!(page.all(".count b"), ["2", "2", "0", "0"]);
    assert_eq!(centre.get("/today").all(".count b")[0], "0");
    let undo = page.attribute(".toast form", "action");
    centre.post(&done, &undo, &[]);
    assert_eq!(centre.get(list).all(".count b"), ["1", "1", "0", "0"]);
}

#[test]
fn two_changes_within_one_moment_are_both_kept_in_their_order() {
    let centre = Centre::founded();
    let person = registered(&centre, ALMAZ);
    let edit = format!("{person}/edit");
    for name in ["Almaz Girma", "Almaz Bekele"] {
        let done = centre.post(&edit, &edit, &[("name", name)]);
        assert_eq!(done.to, person, "{}", done.html);
    }
    let changes = centre.get(&person).all(".before-after");
    assert_eq!(changes.len(), 2);
    assert!(changes[0].contains("Almaz Girma") && changes[0].contains("Almaz Bekele"));
    assert!(changes[1].contains("Almaz Tesfaye") && changes[1].contains("Almaz Girma"));
}

/// A form that stood open, or was kept over a lock, is of the record as it was then.
#[test]
fn two_at_the_desk_do_not_undo_each_others_words_about_somebody() {
    let centre = Centre::founded();
    let person = registered(&centre, ALMAZ);
    let edit = format!("{person}/edit");
    let version = centre.get(&edit).value("version");
    let almaz = |alert, area, version| {
        let told = [("alert", alert), ("area", area), ("version", version)];
        centre.post(&edit, &edit, &[&ALMAZ[..5], &told].concat())
    };
    let warned = almaz("Never call: he answers", "Harbour", &version);
    assert_eq!(warned.to, person, "{}", warned.html);

    let late = almaz("", "Hill", &version);
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(late.all(".notice-stop dt").len(), 2);
    let theirs = late.all(".notice-stop dd");
    assert!(
        theirs.contains(&"Never call: he answers".to_owned()),
        "{theirs:?}"
    );
    assert!(theirs.contains(&"Harbour".to_owned()), "{theirs:?}");
    assert_eq!(late.value("area"), "Hill", "what was typed is kept");
    assert_eq!(centre.get(&edit).value("alert"), "Never call: he answers");
    // Nor does a form that is of no state at all write anything.
    assert_eq!(
        almaz("", "Hill", "").status,
        StatusCode::UNPROCESSABLE_ENTITY
    );

    let together = almaz("Never call: he answers", "Hill", &late.value("version"));
    assert_eq!(together.to, person, "{}", together.html);
    assert_eq!(centre.get(&edit).value("area"), "Hill");
}
