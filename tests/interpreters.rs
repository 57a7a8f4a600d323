//! Interpreters: written down with their languages and promise, found by language, given to nobody
//! whom they should not hear.

use axum::http::StatusCode;
use chrono::NaiveDate;
use darna::interpreters::rules::{self, Interpreter, Level, Per, Profile, Spoken, Unfit};
use darna::kit::hours::Hours;
use darna::kit::id::InterpreterId;
use darna::people::rules::Gender;
use darna_tests::centre::Centre;
use darna_tests::directory::{HIWOT, added, names, with};

#[test]
fn an_interpreter_is_found_by_language_the_better_first() {
    let centre = Centre::founded();
    assert!(
        centre
            .get("/interpreters")
            .html
            .contains("No interpreter yet")
    );
    added(&centre, "/interpreters/new", HIWOT);
    added(
        &centre,
        "/interpreters/new",
        &with(
            HIWOT,
            &[
                ("name", "Abeba"),
                ("language-0", "amh"),
                ("level-0", "basic"),
                ("language-1", ""),
            ],
        ),
    );
    added(
        &centre,
        "/interpreters/new",
        &with(HIWOT, &[("name", "Aster"), ("signed-until", "")]),
    );

    let page = centre.get("/interpreters?language=amh");
    assert_eq!(
        names(&page),
        ["Hiwot", "Abeba", "Aster"],
        "signed before not signed, then by level"
    );
    for text in [
        "Amharic: mother tongue",
        "15.50 USD",
        "Not for visitors from: Eritrea",
        "Has not signed",
    ] {
        assert!(page.html.contains(text), "{text}");
    }
    assert_eq!(
        names(&centre.get("/interpreters?language=tgl")),
        Vec::<String>::new()
    );
    assert_eq!(
        names(&centre.get("/interpreters?gender=male")),
        Vec::<String>::new()
    );
}

#[test]
fn a_record_is_changed_and_ended_and_taken_up_again() {
    let centre = Centre::founded();
    added(&centre, "/interpreters/new", HIWOT);
    let page = centre
        .get("/interpreters")
        .attribute(".row-names a", "href");
    assert_eq!(centre.get(&page).value("fee"), "15.50");
    let done = centre.post(
        &page,
        &page,
        &with(HIWOT, &[("name", "Hiwot A."), ("fee", "")]),
    );
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.html);
    assert!(centre.get("/interpreters").html.contains("Takes no fee"));
    centre.post(&page, &format!("{page}/ended"), &[("ended", "yes")]);
    assert!(
        centre
            .get("/interpreters")
            .html
            .contains("No longer interpreting")
    );
    centre.post(&page, &format!("{page}/ended"), &[("ended", "no")]);
    assert!(
        !centre
            .get("/interpreters")
            .html
            .contains("No longer interpreting")
    );
    assert!(centre.app.vault.verify_journals().is_ok());
}

#[test]
fn what_is_wrong_is_said_beside_its_field() {
    let centre = Centre::founded();
    let wrong = [
        ("name", ""),
        ("phone", "12"),
        ("language-0", ""),
        ("language-1", "amh"),
        ("language-2", "amh"),
        ("fee", "12.3456"),
        ("signed-until", "2030"),
    ];
    let page = centre.post(
        "/interpreters/new",
        "/interpreters/new",
        &with(HIWOT, &wrong),
    );
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let errors: Vec<String> = page
        .all(".error")
        .into_iter()
        .filter(|e| !e.is_empty())
        .collect();
    assert_eq!(errors.len(), 6, "{errors:?}");
    for said in [
        "between 6 and 15",
        "at least one language",
        "chosen above already",
        "whole date",
    ] {
        assert!(
            errors.iter().any(|error| error.contains(said)),
            "{said}: {errors:?}"
        );
    }
    assert_eq!(page.value("signed-until"), "2030");
}

#[test]
fn nobody_is_given_an_interpreter_who_should_not_hear_them() {
    let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).expect("a day");
    let mut hiwot = Interpreter {
        id: InterpreterId::from_bytes([1; 16]),
        profile: Profile {
            name: "Hiwot".into(),
            phone: None,
            gender: Gender::Female,
            languages: vec![Spoken {
                language: "amh".into(),
                level: Level::Native,
            }],
            hours: Hours::default(),
            fee: None,
            per: Per::Hour,
            signed_until: Some(day(2026, 6, 1)),
            conflicts: vec!["ERI".into()],
            note: None,
        },
        ended: None,
    };
    assert!(
        rules::assign(&hiwot, day(2026, 6, 1), "ETH").is_ok(),
        "on its last day still"
    );
    assert_eq!(
        rules::assign(&hiwot, day(2026, 6, 2), "ETH"),
        Err(Unfit::NotSigned)
    );
    assert_eq!(
        rules::assign(&hiwot, day(2026, 6, 1), "ERI"),
        Err(Unfit::Conflict)
    );
    let suit = |languages: &[&str]| {
        let spoken: Vec<String> = languages.iter().map(|code| (*code).to_owned()).collect();
        rules::suit(&hiwot, day(2026, 6, 1), "ETH", &spoken).map(|_| ())
    };
    assert_eq!(suit(&["tir", "amh"]), Ok(()));
    assert_eq!(suit(&["tgl"]), Err(Unfit::Language));
    assert_eq!(suit(&[]), Ok(()), "nobody noted a language");
    hiwot.profile.signed_until = None;
    assert_eq!(
        rules::assign(&hiwot, day(2026, 6, 1), "ETH"),
        Err(Unfit::NotSigned)
    );
    hiwot.ended = Some(day(2026, 1, 1));
    assert_eq!(
        rules::assign(&hiwot, day(2026, 6, 1), "ETH"),
        Err(Unfit::Ended)
    );
}
