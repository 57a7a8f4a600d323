//! The directory of partners: written down, found by need, kept up to date, shared as a file.

use axum::http::StatusCode;
use chrono::{NaiveDate, NaiveDateTime, Weekday};
use darna::kit::hours::{Door, Hours, NotHours, WEEK};
use darna::kit::id::PartnerId;
use darna::kit::lang::Lang;
use darna::kit::lists::Service;
use darna::partners::rules::{
    self, Cost, Kind, Known, Name, Need, NotChosen, Partner, Profile, Safety, Wanted,
};
use darna::vault::Roles;
use darna::vault::keyfile::Cost as KeyCost;
use darna::vault::secret::Passphrase;
use darna_tests::centre::Centre;
use darna_tests::directory::{added, names, with};
use darna_tests::outside::Recorded;
use proptest::prelude::*;
use tempfile::TempDir;

const CLINIC: &[(&str, &str)] = &[
    ("name-en", "Cedar Street Clinic"),
    ("name-ar", "عيادة شارع الأرز"),
    ("kind", "clinic"),
    ("services", "MED.refer"),
    ("services", "MED.cost"),
    ("languages", "ara"),
    ("languages", "amh"),
    ("area", "Harbour"),
    ("phone", "+999 20 000 111"),
    ("hours-0", "8-13, 14-18"),
    ("hours-1", "٨-١٨"),
    ("cost", "free"),
    ("safety", "tested"),
    ("safety-note", "Went there twice in spring"),
    ("women-staff", "yes"),
    ("wheelchair", "yes"),
    ("letters-in", "ar"),
    ("checked", "yes"),
];

/// A centre and a folder on its desktop.
struct Desktop(TempDir, Recorded);

impl Desktop {
    fn with_centre() -> (Self, Centre) {
        let centre = Centre::founded();
        let folder = TempDir::new().expect("a temporary folder");
        (Self(folder, centre.outside.clone()), centre)
    }

    /// The file of this folder that the next dialog gives.
    fn choose(&self, name: &str) {
        self.1.choose(&self.0.path().join(name));
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).expect("a file");
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.path().join(name)).expect("a file")
    }
}

#[test]
fn a_partner_is_written_down_once_and_shown_to_everybody() {
    let centre = Centre::founded();
    assert!(centre.get("/partners").html.contains("No partner yet"));
    let clinic = added(&centre, "/partners/new", CLINIC);
    let page = centre.get(&clinic);
    for text in [
        "Cedar Street Clinic",
        "عيادة شارع الأرز",
        "08:00–13:00, 14:00–18:00",
        "Went there twice",
    ] {
        assert!(page.html.contains(text), "{text}");
    }
    assert_eq!(names(&centre.get("/partners")), ["Cedar Street Clinic"]);
    assert!(centre.app.vault.verify_journals().is_ok());
}

#[test]
fn what_is_wrong_stands_beside_its_field_and_what_was_typed_stays() {
    let centre = Centre::founded();
    let wrong = [
        ("name-ar", "عيادة"),
        ("kind", "clinic"),
        ("safety", "unsafe"),
        ("hours-0", "18-9"),
        ("hours-1", "9-13, 12-15"),
        ("hours-2", "all day"),
        ("phone", "12"),
        ("agreement-until", "2027"),
        ("cost", "free"),
        ("women-staff", "yes"),
        ("wheelchair", "yes"),
        ("letters-in", "ar"),
    ];
    let page = centre.post("/partners/new", "/partners/new", &wrong);
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let errors: Vec<String> = page
        .all(".error")
        .into_iter()
        .filter(|error| !error.is_empty())
        .collect();
    assert_eq!(
        errors,
        [
            "Write down how we know that it is unsafe.",
            "Tick at least one thing they help with.",
            "A phone number has between 3 and 15 digits.",
            "It must close later than it opens.",
            "Two of these times overlap.",
            "Write hours such as 9-13, 15-18:30.",
            "Write the whole date, such as 31/12/2027.",
        ]
    );
    assert_eq!(page.value("name-ar"), "عيادة");
    assert_eq!(page.value("hours-2"), "all day");
}

#[test]
fn where_a_shelter_is_stands_in_no_list() {
    let centre = Centre::founded();
    let house = [
        ("kind", "shelter"),
        ("area", "North"),
        ("address", "Behind the mill"),
    ];
    let page = centre.post("/partners/new", "/partners/new", &with(CLINIC, &house));
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let refused = page
        .all(".error")
        .into_iter()
        .filter(|e| e.starts_with("The place of a shelter"));
    assert_eq!(refused.count(), 2);
    added(
        &centre,
        "/partners/new",
        &with(CLINIC, &[("kind", "shelter"), ("area", "")]),
    );
}

#[test]
fn the_finder_keeps_its_filters_in_the_address_and_puts_the_safe_first() {
    let centre = Centre::founded();
    added(&centre, "/partners/new", CLINIC);
    let hospital = [
        ("name-en", "Amber Hospital"),
        ("name-ar", ""),
        ("kind", "hospital"),
        ("safety", "unsafe"),
        ("safety-note", "Called the police in March"),
        ("area", "Hill"),
    ];
    added(&centre, "/partners/new", &with(CLINIC, &hospital));
    let lawyer = [
        ("name-en", "Basil Lawyers"),
        ("name-ar", ""),
        ("services", "LEG.court"),
        ("languages", "fra"),
    ];
    added(&centre, "/partners/new", &with(CLINIC, &lawyer));

    let all = ["Basil Lawyers", "Cedar Street Clinic", "Amber Hospital"];
    assert_eq!(names(&centre.get("/partners")), all);
    let page = centre.get("/partners?need=MED.refer&language=amh&area=&name=");
    assert_eq!(names(&page), ["Cedar Street Clinic", "Amber Hospital"]);
    assert_eq!(
        page.attribute("#need option[selected]", "value"),
        "MED.refer"
    );
    assert_eq!(names(&centre.get("/partners?need=LEG")), ["Basil Lawyers"]);
    assert_eq!(
        names(&centre.get("/partners?area=Hill")),
        ["Amber Hospital"]
    );
    assert_eq!(
        names(&centre.get("/partners?name=cedar")),
        ["Cedar Street Clinic"]
    );
    assert!(
        centre
            .get("/partners?language=fra&need=MED")
            .html
            .contains("No partner fits")
    );
}

#[test]
fn a_partner_that_ended_is_found_no_more_and_can_come_back() {
    let centre = Centre::founded();
    let clinic = added(&centre, "/partners/new", CLINIC);
    centre.post(&clinic, &format!("{clinic}/ended"), &[("ended", "yes")]);
    assert_eq!(names(&centre.get("/partners")), Vec::<String>::new());
    assert!(
        centre
            .get(&clinic)
            .html
            .contains("No longer a partner since")
    );
    centre.post(&clinic, &format!("{clinic}/ended"), &[("ended", "no")]);
    assert_eq!(names(&centre.get("/partners")).len(), 1);
}

#[test]
fn after_half_a_year_a_partner_is_said_to_be_old_until_it_is_checked() {
    let centre = Centre::founded();
    let clinic = added(&centre, "/partners/new", CLINIC);
    assert!(!centre.get(&clinic).html.contains("Not checked lately"));
    centre.clock.advance(181 * 24 * 3600);
    assert!(centre.get(&clinic).html.contains("Not checked lately"));
    centre.post(&clinic, &format!("{clinic}/verified"), &[]);
    assert!(!centre.get(&clinic).html.contains("Not checked lately"));
}

#[test]
fn the_desk_reads_partners_and_changes_none() {
    const WORDS: &str = "orchid tunnel mirror falcon pepper glacier";
    let centre = Centre::founded();
    let clinic = added(&centre, "/partners/new", CLINIC);
    let passphrase = Passphrase::new(WORDS);
    let (vault, manager) = (&centre.app.vault, centre.manager());
    vault
        .add_user(
            manager,
            "Leila",
            Roles::DESK,
            Lang::En,
            &passphrase,
            KeyCost::FLOOR,
        )
        .expect("a new user");
    centre.post("/", "/lock", &[]);
    centre.post(
        "/lock",
        "/unlock",
        &[("name", "Leila"), ("passphrase", WORDS)],
    );
    let page = centre.get(&clinic);
    assert!(page.html.contains("Cedar Street Clinic"));
    assert_eq!(page.all("form[action*='/ended']").len(), 0);
    assert_eq!(
        centre.get(&format!("{clinic}/edit")).status,
        StatusCode::NOT_FOUND
    );
    let ended = centre.post("/", &format!("{clinic}/ended"), &[("ended", "yes")]);
    assert_eq!(ended.status, StatusCode::NOT_FOUND);
}

#[test]
fn partners_travel_as_a_file_without_what_could_hurt() {
    let (desktop, centre) = Desktop::with_centre();
    added(&centre, "/partners/new", CLINIC);
    desktop.choose("out.json");
    let done = centre.post("/partners/files", "/partners/files/export", &[]);
    assert_eq!(done.to, "/partners/files");
    let text = desktop.text("out.json");
    assert!(
        !text.contains("tested") && !text.contains("Went there twice"),
        "{text}"
    );
    let services: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let first = &services[0];
    assert_eq!(services.as_array().map(Vec::len), Some(2));
    assert_eq!(first["status"], "active");
    assert_eq!(first["organization"]["name"], "Cedar Street Clinic");
    assert_eq!(first["schedules"][0]["byday"], "MO");
    assert_eq!(first["schedules"][0]["opens_at"], "08:00");
    for id in [&first["id"], &first["organization"]["id"]] {
        assert_eq!(id.as_str().map(str::len), Some(36), "a UUID: {id}");
    }

    let (other_desktop, other) = Desktop::with_centre();
    other_desktop.put("in.json", &text);
    other_desktop.choose("in.json");
    let preview = other.post("/partners/files", "/partners/files", &[]);
    assert!(
        preview.html.contains("New: 1. Already here: 0."),
        "{}",
        preview.html
    );
    assert_eq!(
        names(&other.get("/partners")),
        Vec::<String>::new(),
        "nothing yet"
    );
    let form = [
        ("csrf", preview.value("csrf")),
        ("write", preview.value("write")),
    ];
    let body = form
        .map(|(name, value)| format!("{name}={value}"))
        .join("&");
    other.send("/partners/files/import", body);
    assert_eq!(names(&other.get("/partners")), ["Cedar Street Clinic"]);
    let page = other.get("/partners").attribute(".row-names a", "href");
    let page = other.get(&page).html;
    for text in [
        "عيادة شارع الأرز",
        "14:00–18:00",
        "Safety not known",
        "Harbour",
        "Amharic",
    ] {
        assert!(page.contains(text), "{text}");
    }

    other_desktop.choose("in.json");
    let again = other.post("/partners/files", "/partners/files", &[]);
    assert!(again.html.contains("New: 0. Already here: 1."));

    // Neither a space more nor another name makes a second one that nobody is warned of.
    let called = "\"name\": \"Cedar Street Clinic\"";
    assert!(text.contains(called), "{text}");
    let spaced = text.replace("Cedar Street", "Cedar  Street");
    let renamed = text
        .replace("Cedar Street Clinic", "Cedar House")
        .replace("عيادة شارع الأرز", "بيت الأرز");
    let id = first["organization"]["id"].as_str().expect("a UUID");
    for twin in [spaced, renamed] {
        let twin = twin.replace(id, ID);
        other_desktop.put("in.json", &twin);
        other_desktop.choose("in.json");
        let twins = other.post("/partners/files", "/partners/files", &[]);
        assert!(twins.html.contains("New: 0. Already here: 1."), "{twin}");
    }
}

/// An organization's, in a file.
const ID: &str = "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610";

#[test]
fn a_bad_file_is_refused_in_whole_with_its_reason() {
    let (desktop, centre) = Desktop::with_centre();
    let good =
        r#"{"id":"a","name":"X","status":"active","organization":{"id":"o","name":"Basil"}}"#;
    let by_id = |id: &str, name| {
        good.replace("\"o\"", &format!("\"{id}\""))
            .replace("Basil", name)
    };
    let deep = "[".repeat(100_000);
    let large = format!("[{}]", " ".repeat(5 * 1024 * 1024));
    let many = format!("[{}]", vec!["{}"; 5_001].join(","));
    for (text, why) in [
        ("hello", "not a JSON file"),
        (&deep, "not a JSON file"),
        ("{}", "HSDS 3 form"),
        ("[]", "no partner in the file"),
        ("[3]", "HSDS 3 form"),
        (&large, "larger than 5 MB"),
        (&many, "more than 5,000"),
        (&format!("[{good},{{}}]"), "Service number 2 in the file has something wrong in organization."),
        (&format!("[{}]", good.replace("\"X\"", "\"X\",\"schedules\":[{\"opens_at\":\"9:00\",\"closes_at\":\"8:00\",\"byday\":\"MO\"}]")), "schedules.closes_at"),
        (&format!("[{}]", good.replace("Basil", &"B".repeat(121))), "name"),
        (&format!("[{},{}]", by_id(ID, "Basil"), by_id(&ID.replace('-', ""), "Sage")), "Service number 2 in the file has the id of another organization"),
    ] {
        desktop.put("in.json", text);
        desktop.choose("in.json");
        let page = centre.post("/partners/files", "/partners/files", &[]);
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        let notice = page.all(".notice p").join(" ");
        assert!(notice.contains(why), "{why}: {notice}");
    }
    desktop.choose("gone.json");
    let page = centre.post("/partners/files", "/partners/files", &[]);
    assert!(page.html.contains("cannot be read"));
    assert_eq!(names(&centre.get("/partners")), Vec::<String>::new());
}

#[test]
fn a_file_of_another_directory_comes_in_as_far_as_it_is_understood() {
    let (desktop, centre) = Desktop::with_centre();
    // The same organization twice, its id as two programs write it.
    let text = r#"{"contents":[{"id":"1","name":"Counselling","status":"active","assured_date":"2026-11-20",
        "organization":{"id":"d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610","name":"Example Counselling"},
        "languages":[{"id":"2","code":"ur"},{"id":"3","code":"xx"}],
        "schedules":[{"id":"4","freq":"WEEKLY","byday":"TH,FR","opens_at":"10:00:00","closes_at":"18:00Z"},
                     {"id":"5","freq":"MONTHLY","byday":"2MO","opens_at":"10:00","closes_at":"18:00"}]},
        {"id":"6","name":"Advice","status":"active",
        "organization":{"id":"D9D5E0F5D3CE4F739A2F4DD0ECC6C610","name":"Example Counselling"}}]}"#;
    desktop.put("in.json", text);
    desktop.choose("in.json");
    let page = centre.post("/partners/files", "/partners/files", &[]);
    assert!(page.html.contains("left out: 4"), "{}", page.html);
    assert!(page.html.contains("New: 1."), "{}", page.html);
    let body = format!(
        "csrf={}&write={}&kind=legal-aid",
        page.value("csrf"),
        page.value("write")
    );
    centre.send("/partners/files/import", body);
    let found = centre.get("/partners?language=urd");
    assert_eq!(names(&found), ["Example Counselling"]);
    assert!(found.html.contains("Legal aid organization"));
    // That its directory checked it is not that somebody here did.
    let page = centre.get(&found.attribute(".row-names a", "href"));
    assert!(page.html.contains("Not checked lately"));
}

fn profile(safety: Safety) -> Profile {
    Profile {
        names: vec![Name {
            language: Lang::En,
            written: "Basil".into(),
        }],
        kind: Kind::Clinic,
        services: vec![Service::MedRefer],
        area: None,
        address: None,
        hours: Hours::default(),
        languages: Vec::new(),
        phones: Vec::new(),
        focal: None,
        cost: Cost::Free,
        cost_note: None,
        safety,
        safety_note: None,
        women_staff: Known::Unknown,
        wheelchair: Known::Unknown,
        letters_in: Lang::En,
        agreement_until: None,
        verified: None,
        note: None,
    }
}

fn partner(safety: Safety) -> Partner {
    Partner {
        id: PartnerId::from_bytes([safety as u8; 16]),
        profile: profile(safety),
        ended: None,
    }
}

#[test]
fn an_unsafe_partner_is_chosen_only_with_a_reason_in_words() {
    for safety in Safety::ALL {
        let chosen = rules::choose(&partner(*safety), Some("  "));
        assert_eq!(chosen.is_err(), *safety == Safety::Unsafe, "{safety:?}");
    }
    let chosen = rules::choose(&partner(Safety::Unsafe), Some("the only dialysis in town"));
    assert_eq!(
        chosen.expect("chosen").reason(),
        Some("the only dialysis in town")
    );
    let mut ended = partner(Safety::Tested);
    ended.ended = NaiveDate::from_ymd_opt(2026, 1, 1);
    assert_eq!(rules::choose(&ended, Some("why")), Err(NotChosen::Ended));
}

fn moment(day: u32, hour: u32, minute: u32) -> NaiveDateTime {
    // 1 June 2026 is a Monday.
    let date = NaiveDate::from_ymd_opt(2026, 6, day).expect("a day");
    date.and_hms_opt(hour, minute, 0).expect("a time")
}

#[test]
fn a_door_is_open_to_the_minute_and_says_when_it_opens_next() {
    let mut days: [Vec<_>; 7] = Default::default();
    days[0] = Hours::day("9-13, 14:30-18").expect("hours");
    days[4] = Hours::day("0-24").expect("hours");
    let hours = Hours::of(days).expect("a week");
    assert_eq!(
        hours.at(moment(1, 8, 59)),
        Door::Closed(Weekday::Mon, 9 * 60)
    );
    assert_eq!(hours.at(moment(1, 9, 0)), Door::Open(13 * 60));
    assert_eq!(
        hours.at(moment(1, 13, 0)),
        Door::Closed(Weekday::Mon, 14 * 60 + 30)
    );
    assert_eq!(hours.at(moment(1, 18, 0)), Door::Closed(Weekday::Fri, 0));
    assert_eq!(hours.at(moment(5, 23, 59)), Door::Open(24 * 60));
    assert_eq!(
        hours.at(moment(6, 0, 0)),
        Door::Closed(Weekday::Mon, 9 * 60)
    );
    assert_eq!(Hours::default().at(moment(1, 9, 0)), Door::NotKnown);
}

#[test]
fn a_sign_is_read_as_people_write_it() {
    for (typed, told) in [
        ("9-13, 14:30-18", "09:00–13:00, 14:30–18:00"),
        ("٩-١٣، ١٥-١٨", "09:00–13:00, 15:00–18:00"),
        ("9h30 – 12h ; 13.15—17", "09:30–12:00, 13:15–17:00"),
        (" ", ""),
    ] {
        let mut days: [Vec<_>; 7] = Default::default();
        days[2] = Hours::day(typed).expect(typed);
        assert_eq!(Hours::of(days).expect("a week").written(Weekday::Wed), told);
    }
    for (typed, why) in [
        ("9", NotHours::Shape),
        ("25-26", NotHours::Shape),
        ("9:60-10", NotHours::Shape),
        ("24:30-24:40", NotHours::Shape),
        ("-", NotHours::Shape),
        ("13-9", NotHours::Order),
        ("9-9", NotHours::Order),
        ("9-12, 11-13", NotHours::Overlap),
    ] {
        assert_eq!(Hours::day(typed), Err(why), "{typed}");
    }
}

proptest! {
    /// What is shown can be typed again, and the door's answer agrees with the spans.
    #[test]
    fn hours_come_back_as_they_were_written(
        times in prop::collection::vec((0_u16..1440, 1_u16..600), 0..6), day in 0_usize..7, minute in 0_u32..1440,
    ) {
        let typed: Vec<String> = times
            .iter()
            .map(|(from, long)| {
                let until = (from + long).min(1440);
                format!("{}:{:02}-{}:{:02}", from / 60, from % 60, until / 60, until % 60)
            })
            .collect();
        let Ok(spans) = Hours::day(&typed.join(",")) else { return Ok(()) };
        let mut days: [Vec<_>; 7] = Default::default();
        days[day] = spans.clone();
        let hours = Hours::of(days).expect("no overlap");
        prop_assert_eq!(Hours::day(&hours.written(WEEK[day])), Ok(spans.clone()));
        let at = moment(1 + day as u32, minute / 60, minute % 60);
        let inside = spans.iter().any(|s| (u32::from(s.from())..u32::from(s.until())).contains(&minute));
        prop_assert_eq!(matches!(hours.at(at), Door::Open(_)), inside);
        prop_assert_eq!(hours.at(at) == Door::NotKnown, spans.is_empty());
    }

    /// Whatever is asked, what is found fits it, is not ended, and no unsafe one stands before a safe one.
    #[test]
    fn the_finder_keeps_its_promise(
        rows in prop::collection::vec((0_usize..5, 0_usize..37, 0_usize..3, any::<bool>()), 0..12),
        need in 0_usize..37, language in 0_usize..4,
    ) {
        const SPOKEN: [&str; 3] = ["ara", "amh", "fra"];
        let all: Vec<Partner> = rows
            .iter()
            .enumerate()
            .map(|(place, (safety, service, spoken, ended))| {
                let mut one = partner(Safety::ALL[*safety]);
                one.id = PartnerId::from_bytes([place as u8; 16]);
                one.profile.services = vec![Service::ALL[*service]];
                one.profile.languages = vec![SPOKEN[*spoken].to_owned()];
                one.ended = ended.then(|| NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day"));
                one
            })
            .collect();
        let need = Service::ALL[need];
        let wanted = Wanted {
            need: Some(Need::Any(need.group())),
            language: SPOKEN.get(language).map(|code| (*code).to_owned()),
            ..Wanted::default()
        };
        let found = rules::find(&wanted, all.clone(), moment(1, 9, 0), Lang::En);
        prop_assert!(found.is_sorted_by_key(|partner| partner.profile.safety));
        let fits = |partner: &&Partner| {
            partner.ended.is_none()
                && partner.profile.services[0].group() == need.group()
                && wanted.language.as_ref().is_none_or(|l| partner.profile.languages.contains(l))
        };
        prop_assert_eq!(found.len(), all.iter().filter(fits).count());
        prop_assert!(found.iter().all(|partner| fits(&partner)));
    }
}

#[test]
fn a_form_from_before_does_not_make_an_unsafe_partner_safe_again() {
    let centre = Centre::founded();
    let clinic = added(&centre, "/partners/new", CLINIC);
    let edit = format!("{clinic}/edit");
    let version = centre.get(&edit).value("version");
    let warning = [
        ("safety", "unsafe"),
        ("safety-note", "Called the police in March"),
    ];
    let warned = centre.post(&edit, &edit, &with(CLINIC, &warning));
    assert_eq!(warned.to, clinic, "{}", warned.html);

    let moved = [("area", "Hill"), ("version", &*version)];
    let late = centre.post(&edit, &edit, &with(CLINIC, &moved));
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    let theirs = late.all(".notice-stop dd");
    assert_eq!(theirs.len(), 3, "{theirs:?}");
    assert!(
        theirs.contains(&"Called the police in March".to_owned()),
        "{theirs:?}"
    );
    assert_eq!(late.value("area"), "Hill", "what was typed is kept");
    assert!(centre.get(&clinic).html.contains("Called the police"));

    let version = late.value("version");
    let both = [&[("area", "Hill"), ("version", &*version)], &warning[..]].concat();
    let together = centre.post(&edit, &edit, &with(CLINIC, &both));
    assert_eq!(together.to, clinic, "{}", together.html);
    let page = centre.get(&clinic);
    assert!(page.html.contains("Hill") && page.html.contains("Called the police"));
}
