//! Forms, cards and the consent form: in two languages, with no more on them than domain.md 9 lets.

use std::path::PathBuf;

use axum::http::StatusCode;
use darna::vault::Refusal;
use darna_tests::centre::{Centre, Page};
use darna_tests::pdf;

const ALMAZ: &[(&str, &str)] = &[
    ("name", "Almaz Tesfaye"),
    ("phone-1", "+961 70 000 123"),
    ("language", "amh"),
    ("nationality", "ETH"),
    ("area", "Bourj"),
    ("alert", "Ask for Rana"),
];

/// Registers somebody and gives the address of their page.
fn registered(centre: &Centre, fields: &[(&str, &str)]) -> String {
    let mut fields = fields.to_vec();
    fields.extend([("sure", "yes"), ("then", "stay"), ("consent", "spoken")]);
    centre.post("/people/new", "/people/new", &fields).to
}

fn printed(centre: &Centre, asked: &Page) -> PathBuf {
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.html);
    let page = centre.get(&asked.to);
    assert!(
        page.all(".toast span")[0].starts_with("The paper is open"),
        "{}",
        page.html
    );
    centre.outside.last_shown()
}

/// The journal's last row: its name and its ids.
fn last_event(centre: &Centre) -> (String, String) {
    let last = centre.app.vault.read::<_, Refusal>(|db| {
        db.one(
            "select name, ids from journal order by seq desc limit 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    });
    last.expect("an open vault").expect("a journal")
}

#[test]
fn blank_forms_speak_the_office_s_language_and_the_visitor_s() {
    let centre = Centre::founded();
    for (paper, language, told) in [
        (
            "registration-form",
            "amh",
            ["Name, as you say it", "ስም፣ እንደሚጠሩበት"],
        ),
        (
            "registration-form",
            "ara",
            ["Year of birth, or about", "Who came today"],
        ),
        ("consent-form", "nep", ["Calls and messages", "फोन र सन्देश"]),
        (
            "complaint-form",
            "sin",
            ["Complaint or idea", "පැමිණිල්ලක් හෝ අදහසක්"],
        ),
        (
            "complaint-form",
            "",
            ["You need not give your name.", "Safety"],
        ),
    ] {
        let asked = [("paper", paper), ("language", language)];
        let asked = centre.post("/papers", "/papers", &asked);
        let words = pdf::words(&printed(&centre, &asked));
        for told in told {
            assert!(
                words.contains(told),
                "{paper} {language}: {told} in {words}"
            );
        }
        let (name, ids) = last_event(&centre);
        assert_eq!(name, "printed");
        assert!(ids.contains(&format!("\"paper\":\"{paper}\"")), "{ids}");
    }
    let before = centre.outside.shown().len();
    let other = centre.post("/papers", "/papers", &[("paper", "roster")]);
    assert_eq!(
        (&*other.to, centre.outside.shown().len()),
        ("/papers", before)
    );
}

#[test]
fn every_form_fits_its_pages_in_every_language() {
    let centre = Centre::founded();
    for office in ["en", "ar", "fr"] {
        centre.post("/", "/language", &[("lang", office)]);
        for language in [
            "", "ara", "eng", "fra", "amh", "ben", "hin", "nep", "sin", "tam", "tgl", "urd",
        ] {
            for (paper, pages) in [
                ("registration-form", 2),
                ("consent-form", 1),
                ("complaint-form", 1),
            ] {
                let asked = [("paper", paper), ("language", language)];
                centre.post("/papers", "/papers", &asked);
                let about = pdf::about(&centre.outside.last_shown());
                assert!(
                    about.contains(&format!("Pages:           {pages}\n")),
                    "{paper} in {office} and {language}: {about}"
                );
            }
        }
    }
}

#[test]
fn a_card_holds_a_name_and_a_number_and_nothing_that_could_harm() {
    let centre = Centre::founded();
    let person = registered(&centre, ALMAZ);
    let id = person.rsplit('/').next().expect("an id").to_owned();
    let code = centre.get(&person).all(".code")[0].clone();

    let ask = format!("/papers/cards?person={id}");
    let fields = [("person", &*id), ("shown", "name"), ("shown", "centre")];
    let words = pdf::words(&printed(
        &centre,
        &centre.post(&ask, "/papers/cards", &fields),
    ));
    for told in [
        "Almaz Tesfaye",
        &code,
        "House of Thyme",
        "Please bring this card",
        "ሲመጡ ይህን ካርድ ይያዙ።",
    ] {
        assert!(words.contains(told), "{told} in {words}");
    }
    for kept_back in ["Ethiopia", "0123", "Bourj", "Rana", "24 November"] {
        assert!(!words.contains(kept_back), "{kept_back} in {words}");
    }
    let (_, ids) = last_event(&centre);
    assert!(
        ids.contains(&id.replace('-', "")) || ids.contains("\"of\":\""),
        "{ids}"
    );

    let fields = [("person", &*id)];
    let words = pdf::words(&printed(
        &centre,
        &centre.post(&ask, "/papers/cards", &fields),
    ));
    assert!(
        words.contains(&code) && !words.contains("Almaz") && !words.contains("Thyme"),
        "{words}"
    );
}

#[test]
fn cards_of_a_day_come_eight_to_a_page() {
    let centre = Centre::founded();
    for name in [
        "Visitor Ash",
        "Visitor Birch",
        "Visitor Cedar",
        "Visitor Date",
        "Visitor Elm",
        "Visitor Fig",
        "Visitor Gum",
        "Visitor Holly",
        "Visitor Ivy",
    ] {
        centre.clock.advance(60);
        registered(&centre, &[("name", name)]);
    }
    let page = centre.get("/papers/cards");
    assert_eq!(
        page.all("input[name='person'][checked]").len(),
        9,
        "{}",
        page.html
    );
    let shown = page.attribute("input[name='shown'][checked]", "value");
    assert_eq!(shown, "name", "the name of the centre is not shown unasked");

    let ids: Vec<String> = centre
        .app
        .vault
        .read::<_, Refusal>(|db| {
            db.all("select lower(hex(id)) from person order by id", [], |row| {
                row.get(0)
            })
        })
        .expect("people");
    let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("person", id.as_str())).collect();
    fields.push(("shown", "name"));
    // Few cards lie where many do: at the marks to cut along.
    let tops = [1, 2, 3, 5, 8].map(|number| {
        let few: Vec<_> = fields
            .iter()
            .copied()
            .take(number)
            .chain([("shown", "name")])
            .collect();
        let asked = centre.post("/papers/cards", "/papers/cards", &few);
        pdf::top_edge(&printed(&centre, &asked), "P-")
    });
    let paper = printed(
        &centre,
        &centre.post("/papers/cards", "/papers/cards", &fields),
    );
    assert!(pdf::about(&paper).contains("Pages:           2\n"));
    assert_eq!(tops, [pdf::top_edge(&paper, "P-"); 5]);
    let words = pdf::words(&paper);
    let place = |name: &str| {
        words
            .find(name)
            .unwrap_or_else(|| panic!("{name} in {words}"))
    };
    assert!(
        place("Visitor Ash") < place("Visitor Birch")
            && place("Visitor Holly") < place("Visitor Ivy")
    );

    let nobody = centre.post("/papers/cards", "/papers/cards", &[]);
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nobody.html.contains("Choose at least one person."));
    assert!(
        centre
            .get("/papers/cards?day=1/1/2020")
            .html
            .contains("Nobody was registered")
    );
    assert!(
        centre
            .get("/papers/cards?day=soon")
            .html
            .contains("Write a day such as")
    );
}

#[test]
fn a_form_to_sign_carries_the_name_and_speaks_the_person_s_language() {
    let centre = Centre::founded();
    let person = registered(&centre, ALMAZ);
    let asked = centre.post(&person, &format!("{person}/consent-form"), &[]);
    let words = pdf::words(&printed(&centre, &asked));
    for told in [
        "Almaz Tesfaye",
        "What I agree to",
        "የምስማማበት ነገር",
        "Photos",
        "ፎቶዎች",
        "Signature or thumbprint",
    ] {
        assert!(words.contains(told), "{told} in {words}");
    }
    assert!(
        !words.contains("Ethiopia") && !words.contains("000 123"),
        "{words}"
    );
}

#[test]
fn a_name_with_a_sign_that_cannot_be_printed_is_told() {
    let centre = Centre::founded();
    let person = registered(&centre, &[("name", "Almaz 𓀀")]);
    let refused = centre.post(&person, &format!("{person}/consent-form"), &[]);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for told in ["The name", "Almaz 𓀀", "U+13000"] {
        assert!(refused.html.contains(told), "{told} in {}", refused.html);
    }
    assert_eq!(centre.outside.shown(), Vec::<PathBuf>::new());
}
