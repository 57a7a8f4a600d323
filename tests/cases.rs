//! Cases at a centre: from intake to closing, whose they are, their money, and that the desk
//! reads none of it.

use axum::http::{Method, StatusCode};
use chrono::NaiveDate;
use darna::cases::rules::{
    self, Closing, Facts, Outcome, Refusal, Satisfaction, Stage, State, Step, Wait,
};
use darna::kit::id::{DeadlineId, OriginalId, PersonId};
use darna::kit::money::Amount;
use darna::vault::secret::Passphrase;
use darna::vault::{Actor, Refusal as VaultRefusal, Roles};
use darna::web::access::TABLE;
use darna_tests::casework::{WORDS, add, enter, visitor};
use darna_tests::centre::{Centre, Page, encoded};
use proptest::prelude::*;

struct Office {
    centre: Centre,
    leila: Actor,
    person: PersonId,
}

impl Office {
    fn new() -> Self {
        let centre = Centre::founded();
        let leila = add(&centre, "Leila", Roles::CASEWORKER);
        enter(&centre, "Leila");
        let person = visitor(&centre, "Almaz Tesfaye");
        Self {
            centre,
            leila,
            person,
        }
    }

    /// Opens a wage claim through the page; gives its address.
    fn open(&self, words: &str) -> String {
        let person = self.person.to_string();
        let told = [
            ("person", &*person),
            ("kind", "legal"),
            ("words", words),
            ("issue-1", "W01"),
            ("issue-2", "D01"),
            ("since", "2026-08"),
            ("goal", "My wages and my passport"),
            ("urgency", "normal"),
            ("safety", "Safe with a friend"),
            ("whose", "me"),
        ];
        let from = format!("/cases/new?person={person}");
        let opened = self.centre.post(&from, "/cases/new", &told);
        assert!(opened.to.starts_with("/cases/"), "{}", opened.html);
        opened.to
    }

    fn send(&self, case: &str, path: &str, told: &[(&str, &str)]) -> Page {
        self.centre.post(case, &format!("{case}{path}"), told)
    }

    fn done(&self, case: &str, path: &str, told: &[(&str, &str)]) {
        let page = self.send(case, path, told);
        let errors = page.all(".error span");
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}: {errors:?}");
    }

    fn errors(&self, case: &str, path: &str, told: &[(&str, &str)]) -> Vec<String> {
        let page = self.send(case, path, told);
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        page.all(".error span")
    }

    fn sum(&self, case: &str, kind: &str, amount: &str) {
        let told = [
            ("sum-kind", kind),
            ("sum-amount", amount),
            ("sum-currency", "USD"),
            ("sum-day", "2026-11-24"),
        ];
        self.done(case, "/sums", &told);
    }

    fn active(&self, case: &str) {
        for step in ["assess", "start"] {
            self.done(case, "/step", &[("step", step)]);
        }
    }
}

#[test]
fn what_kind_of_case_it_is_is_asked_and_never_supposed() {
    let office = Office::new();
    let person = office.person.to_string();
    let intake = format!("/cases/new?person={person}");
    // Almaz, on a keyboard set to the other script.
    let found = office
        .centre
        .get(&format!("/cases/new?q={}", encoded("شمةشئ")));
    assert!(found.html.contains(&intake), "{}", found.html);
    let chosen = "input[name=kind][checked]";
    assert!(office.centre.get(&intake).all(chosen).is_empty());
    let told = [
        ("person", &*person),
        ("words", "No wages since August"),
        ("urgency", "normal"),
        ("whose", "me"),
    ];
    let page = office.centre.post(&intake, "/cases/new", &told);
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.all("#kind-error span"), ["Choose one of the list."]);
    assert!(page.html.contains("No wages since August"), "kept");
}

#[test]
fn a_wage_claim_goes_from_intake_to_three_instalments_and_is_closed() {
    let office = Office::new();
    let centre = &office.centre;
    let case = office.open("No wages since August");
    let page = centre.get(&case);
    assert!(page.html.contains("C-2026-0001"));
    assert!(page.html.contains("Withholding of wages"), "an indicator");
    office.active(&case);
    office.sum(&case, "claimed", "1,800");
    office.sum(&case, "agreed", "١٥٠٠");
    for due in ["2026-12-01", "2027-01-01", "2027-02-01"] {
        let told = [
            ("plan-amount", "500"),
            ("plan-currency", "USD"),
            ("plan-due", due),
        ];
        office.done(&case, "/instalments", &told);
    }
    office.done(&case, "/step", &[("step", "settle")]);
    let closing = [("outcome", "paid-in-full"), ("satisfaction", "good")];
    let refused = office.send(&case, "/closing", &closing);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.html.contains("Money was agreed"));

    // The first comes in time, the second late, the third in time.
    for (days, overdue) in [(7, 0), (40, 1), (20, 0)] {
        centre.clock.advance(days * 86_400);
        enter(centre, "Leila");
        let money = centre.get(&format!("{case}/money"));
        assert_eq!(money.all(".badge-stop").len(), overdue * 2, "{days}");
        let action = money.attribute("form[action$='/received']", "action");
        let today = centre.app.world.today().to_string();
        let told = [("received-day", &*today), ("received-amount", "500")];
        let done = centre.post(&case, &action, &told);
        assert_eq!(done.status, StatusCode::SEE_OTHER);
    }
    let money = centre.get(&format!("{case}/money"));
    assert!(money.html.contains("Kept"));
    office.done(&case, "/closing", &closing);
    let ended = centre.get(&case).all(".notice-good").join(" ");
    for said in [
        "Paid in full",
        "closed on 30 January 2027",
        "how it went: Content",
    ] {
        assert!(ended.contains(said), "{said} in {ended}");
    }
    let heads = centre.app.vault.verify_journals().expect("whole chains");
    assert!(heads[1].seq > 12);
}

#[test]
fn an_instalment_comes_in_parts_is_moved_and_is_taken_out() {
    let office = Office::new();
    let centre = &office.centre;
    let case = office.open("No wages since August");
    office.sum(&case, "agreed", "1,000");
    let plan = |amount, due| {
        [
            ("plan-amount", amount),
            ("plan-currency", "USD"),
            ("plan-due", due),
        ]
    };
    office.done(&case, "/instalments", &plan("500", "2026-11-23"));
    office.done(&case, "/instalments", &plan("500", "2026-12-24"));
    let money = || centre.get(&format!("{case}/money"));
    let overdue = || centre.get("/cases").all("#overdue .row-names").len();
    let page = money();
    assert_eq!(
        page.value("received-amount"),
        "500.00",
        "the whole is offered"
    );
    let of_first = |path: &str| {
        let receive = page.attribute("form[action$='/received']", "action");
        receive
            .trim_start_matches(&*case)
            .replace("/received", path)
    };
    let came = |amount| [("received-amount", amount), ("received-day", "24/11/2026")];
    let more = office.send(&case, &of_first("/received"), &came("500.01"));
    assert_eq!(more.value("received-amount"), "500.01");
    assert_eq!(more.all("[aria-invalid=true]").len(), 1);
    assert!(more.all(".error span")[0].contains("more than is still expected"));

    // 300 by hand, and the rest beside the instalment: 500 in all.
    office.sum(&case, "received", "300");
    let page = money();
    assert_eq!(page.value("received-amount"), "200.00");
    assert!(page.html.contains("of it has come"));
    office.done(&case, &of_first("/received"), &came("50"));
    assert_eq!(money().value("received-amount"), "150.00");
    assert_eq!(overdue(), 1, "what is left is late");

    // Moved it is late no more, and taken out it makes room for another.
    for day in ["soon", "20/11/2026"] {
        let unread = office.errors(&case, &of_first("/day"), &[("move-day", day)]);
        assert_eq!(unread.len(), 1, "{day}");
    }
    office.done(&case, &of_first("/day"), &[("move-day", "30/11/2026")]);
    assert_eq!(overdue(), 0);
    assert!(money().html.contains("first agreed for 23 November 2026"));
    assert_eq!(
        office.errors(&case, "/instalments", &plan("150", "2027-01-01")),
        [
            "With this the instalments come to more than was agreed. Note the agreed sum first, \
          or take another instalment out."
        ]
    );
    let unsaid = office.errors(&case, &of_first("/void"), &[("instalment-reason", " ")]);
    assert_eq!(unsaid.len(), 1, "a reason is asked");
    let reason = [("instalment-reason", "They pay the rest in January")];
    office.done(&case, &of_first("/void"), &reason);
    assert!(
        money()
            .html
            .contains("taken out: They pay the rest in January")
    );
    let open = |page: &Page| page.all(".notice-wait").join(" ");
    assert!(open(&money()).contains("150.00 USD"), "in no instalment");
    office.done(&case, "/instalments", &plan("150", "2026-11-01"));
    assert_eq!(overdue(), 1);
    assert!(open(&money()).is_empty());

    // What was agreed is written off: nobody expects anything any more.
    office.sum(&case, "written-off", "650");
    assert_eq!(overdue(), 0);
    assert!(
        centre
            .get("/cases/list?view=overdue")
            .all(".rows .row")
            .is_empty()
    );
    assert!(money().all("form[action$='/received']").is_empty());
    assert!(centre.app.vault.verify_journals().is_ok());
}

#[test]
fn another_workers_case_asks_why_and_the_one_in_charge_sees_who_read_it() {
    let office = Office::new();
    let centre = &office.centre;
    let case = office.open("Secret-Words");
    enter_manager(centre);
    add(centre, "Omar", Roles::CASEWORKER);
    enter(centre, "Omar");
    let asked = centre.get(&case);
    assert!(!asked.html.contains("Secret-Words"));
    assert!(!asked.html.contains("Almaz"));
    let refused = office.errors(&case, "/reading", &[("reason", " ")]);
    assert_eq!(refused.len(), 1);
    office.done(&case, "/reading", &[("reason", "Leila is on leave")]);
    let read = centre.get(&case);
    assert!(read.html.contains("Secret-Words"));
    assert!(
        read.all("form[action$='/notes']").is_empty(),
        "reads, does not write"
    );
    let note = [("note", "mine"), ("note-kind", "note")];
    assert_eq!(
        office.send(&case, "/notes", &note).status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    // Whoever begins a second case hears of the first, and of another's only whose it is.
    let intake = format!("/cases/new?person={}", office.person);
    let known = centre.get(&intake).all(".notices li").join(" ");
    assert!(
        known.contains("C-2026-0001") && known.contains("in charge: Leila"),
        "{known}"
    );
    // Tomorrow it is asked again.
    centre.clock.advance(86_400);
    enter(centre, "Omar");
    assert!(!centre.get(&case).html.contains("Secret-Words"));
    enter(centre, "Leila");
    let hands = centre.get(&format!("{case}/hands"));
    assert!(hands.html.contains("Leila is on leave") && hands.html.contains("Omar"));
    let own = centre.get(&intake);
    assert!(
        own.all(".notices li").join(" ").contains("Open"),
        "how it stands"
    );
    assert_eq!(own.attribute(".notices a", "href"), case);
    let closing = [("outcome", "withdrew"), ("satisfaction", "not-asked")];
    office.done(&case, "/closing", &closing);
    assert!(centre.get(&intake).all(".notices li").is_empty());
}

fn enter_manager(centre: &Centre) {
    centre.post("/", "/lock", &[]);
    let told = [
        ("name", "Samira"),
        ("passphrase", darna_tests::centre::PASSPHRASE),
    ];
    assert_eq!(centre.post("/lock", "/unlock", &told).to, "/");
}

#[test]
fn a_case_passes_on_when_both_say_so() {
    let office = Office::new();
    let centre = &office.centre;
    let case = office.open("To pass on");
    let leila = office.leila.user.to_string();
    let plan = [
        ("what", "Ask whether he came back"),
        ("action-kind", "call"),
        ("due", &*office.centre.app.world.today().to_string()),
        ("by", &*leila),
    ];
    office.done(&case, "/actions", &plan);
    let to_do = || {
        centre
            .get("/cases")
            .html
            .contains("Ask whether he came back")
    };
    assert!(to_do());
    enter_manager(centre);
    let omar = add(centre, "Omar", Roles::CASEWORKER).user.to_string();
    enter(centre, "Leila");
    office.done(
        &case,
        "/transfer",
        &[("to", &omar), ("transfer-note", "Speaks Tigrinya")],
    );
    assert!(centre.get(&case).html.contains("in charge: Leila"));
    let closing = [("outcome", "withdrew"), ("satisfaction", "not-asked")];
    let refused = office.send(&case, "/closing", &closing);
    assert!(refused.html.contains("offered to another worker"));
    enter(centre, "Omar");
    assert!(centre.get("/cases").html.contains("Offered to you"));
    office.done(&case, "/reading", &[("reason", "It is offered to me")]);
    office.done(&case, "/transfer/answer", &[("answer", "taken")]);
    assert!(centre.get(&case).html.contains("in charge: Omar"));
    // What she had still to do falls to him, and tells her nothing any more.
    assert!(to_do());
    enter(centre, "Leila");
    assert!(!to_do());
}

#[test]
fn an_action_gets_another_day_or_is_not_needed_and_who_is_not_in_a_case_is_taken_out() {
    let office = Office::new();
    let centre = &office.centre;
    let case = office.open("No wages since August");
    let by = office.leila.user.to_string();
    for what in ["Call the brother", "Write to the embassy"] {
        let told = [
            ("what", what),
            ("action-kind", "call"),
            ("due", "2026-11-24"),
            ("by", &*by),
        ];
        office.done(&case, "/actions", &told);
    }
    let steps = || centre.get(&format!("{case}/steps"));
    let page = steps();
    let of_first = |path: &str| {
        let day = page.attribute("form[action$='/day']", "action");
        day.trim_start_matches(&*case).replace("/day", path)
    };
    let to_do = || {
        let work = centre.get("/cases").html;
        ["Call the brother", "Write to the embassy"].map(|what| work.contains(what))
    };
    assert_eq!(to_do(), [true, true]);
    let past = office.errors(&case, &of_first("/day"), &[("action-day", "20/11/2026")]);
    assert_eq!(past.len(), 1);
    office.done(&case, &of_first("/day"), &[("action-day", "24/12/2026")]);
    assert!(steps().html.contains("first planned for 24 November 2026"));
    let left = to_do();
    assert_ne!(left[0], left[1], "one of them is for later");
    let unsaid = office.errors(&case, &of_first("/needless"), &[("needless", " ")]);
    assert_eq!(unsaid.len(), 1);
    office.done(
        &case,
        &of_first("/needless"),
        &[("needless", "He called us")],
    );
    assert!(steps().html.contains("Not needed: He called us"));
    assert_eq!(steps().all("form[action$='/done']").len(), 1);

    // Somebody else, and an employer, that were put in by mistake.
    let other = visitor(centre, "Marie Kouassi").to_string();
    office.done(
        &case,
        "/people",
        &[("person", &*other), ("role", "co-worker")],
    );
    let named = [("party-name", "Blue Lantern"), ("party-kind", "employer")];
    office.done(&case, "/parties", &named);
    let people = || centre.get(&format!("{case}/people"));
    let removals = people();
    assert_eq!(
        removals.all("form[action$='/removal']").len(),
        2,
        "not the client"
    );
    let party = removals.attribute("form[action*='/parties/'][action$='/removal']", "action");
    centre.post(&case, &party, &[]);
    assert!(!people().html.contains("Blue Lantern"));
    let path = |person: &str| format!("/people/{person}/removal");
    office.done(&case, &path(&other), &[]);
    assert!(!people().html.contains("Marie Kouassi"));
    let client = office.person.to_string();
    let refused = office.send(&case, &path(&client), &[]);
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert!(people().html.contains("Almaz"));
    assert!(centre.app.vault.verify_journals().is_ok());
}

#[test]
fn whatever_hinders_a_step_is_told_at_once_and_leads_to_where_it_is_put_right() {
    let office = Office::new();
    let centre = &office.centre;
    let story =
        |words: &str| darna_tests::casework::open(centre, office.leila, office.person, words, &[]);
    let case = format!("/cases/{}", story("No wages"));
    let hindered = |page: &Page| {
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let links = page.html.split("notice-stop").skip(1);
        let link = |part: &str| Some(part.split("href=\"").nth(1)?.split('"').next()?.to_owned());
        links.filter_map(link).collect::<Vec<_>>()
    };
    let told = |ways: &[&str]| {
        ways.iter()
            .map(|way| format!("{case}{way}"))
            .collect::<Vec<_>>()
    };
    let intake = ["#issues-title", "/edit#goal", "/edit#safety"];
    let refused = office.send(&case, "/step", &[("step", "assess")]);
    assert_eq!(hindered(&refused), told(&intake));
    let deadline = [
        ("deadline-kind", "court"),
        ("deadline-day", "2026-12-24"),
        ("source", "The court's letter"),
    ];
    office.done(&case, "/deadlines", &deadline);
    let closing = [("outcome", "paid-in-full"), ("satisfaction", "good")];
    let refused = office.send(&case, "/closing", &closing);
    let all = [&intake[..], &["#step-title", "/steps#deadlines-title"]].concat();
    assert_eq!(hindered(&refused), told(&all));
    assert!(refused.html.contains("the work has not begun"));
    // In work only the settlement is missing, and it is a step of the page that the link leads to.
    let case = office.open("No wages since August");
    office.active(&case);
    let refused = office.send(&case, "/closing", &closing);
    assert_eq!(hindered(&refused), [format!("{case}#step-title")]);
}

#[test]
fn what_still_goes_on_is_told_before_a_case_is_closed_and_has_to_be_seen() {
    let office = Office::new();
    let case = office.open("No wages since August");
    let need = [
        ("who", &*office.person.to_string()),
        ("need", "doctor"),
        ("urgency", "normal"),
    ];
    office.done(&case, "/medical", &need);
    let by = office.leila.user.to_string();
    let call = [
        ("what", "Call the brother"),
        ("action-kind", "call"),
        ("due", "2026-12-24"),
        ("by", &*by),
    ];
    office.done(&case, "/actions", &call);
    let page = office.centre.get(&format!("{case}/closing"));
    let goes_on = page.all(".notice-wait li");
    assert_eq!(goes_on, ["a health need", "something that is to be done"]);
    assert!(page.html.contains(&format!("{case}/medical")));
    let closing = [("outcome", "withdrew"), ("satisfaction", "good")];
    let unseen = office.errors(&case, "/closing", &closing);
    assert_eq!(unseen.len(), 1, "{unseen:?}");
    office.done(
        &case,
        "/closing",
        &[&closing[..], &[("seen", "yes")]].concat(),
    );
    assert!(office.centre.get(&case).html.contains("Person withdrew"));
}

#[test]
fn an_open_deadline_and_a_held_original_keep_a_case_open() {
    let office = Office::new();
    let centre = &office.centre;
    let case = office.open("Passport with the employer");
    office.active(&case);
    let past = [
        ("deadline-kind", "appeal"),
        ("deadline-day", "2026-11-23"),
        ("source", "Labour Code, article 60"),
    ];
    let wrong = office.send(&case, "/deadlines", &past);
    assert_eq!(
        wrong.all(".error span"),
        ["This day is already past. If it was missed, write that as a note."]
    );
    assert_eq!(
        wrong.value("source"),
        "Labour Code, article 60",
        "what was typed stays"
    );
    let day = [("deadline-day", "24/12/2026")];
    office.done(
        &case,
        "/deadlines",
        &[&past[..1], &day, &past[2..]].concat(),
    );
    let witness = centre.manager().user.to_string();
    let person = office.person.to_string();
    let paper = [
        ("paper-person", &*person),
        ("paper-what", "Passport"),
        ("paper-place", "Safe"),
    ];
    assert_eq!(
        office.errors(&case, "/originals", &paper).len(),
        1,
        "two sign"
    );
    office.done(
        &case,
        "/originals",
        &[&paper[..], &[("witness", &*witness)]].concat(),
    );
    let closing = [
        ("outcome", "withdrew"),
        ("satisfaction", "fair"),
        ("closing-note", "She goes home in March"),
    ];
    let refused = office.send(&case, "/closing", &closing);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let why = refused.all(".notice strong").join(" ");
    assert!(
        why.contains("deadline is still open") && why.contains("original paper"),
        "{why}"
    );
    let steps = centre.get(&format!("{case}/steps"));
    let answer = steps.attribute("form[action$='/answer']", "action");
    centre.post(&case, &answer, &[("answer", "met")]);
    let papers = centre.get(&format!("{case}/papers"));
    let back = papers.attribute("form[action$='/returned']", "action");
    centre.post(&case, &back, &[("returned-to", "Almaz herself")]);
    office.done(&case, "/closing", &closing);
    let unsaid = office.errors(&case, "/reopening", &[("reopen-reason", " ")]);
    assert_eq!(unsaid.len(), 1, "a reason is asked");
    office.done(
        &case,
        "/reopening",
        &[("reopen-reason", "The employer stopped paying")],
    );
    let page = centre.get(&case);
    assert!(page.html.contains("The employer stopped paying"));
    let notices = page.all(".notice").join(" ");
    for said in ["Person withdrew", "how it went", "She goes home in March"] {
        assert!(notices.contains(said), "how it had been closed: {notices}");
    }
    assert!(centre.get(&case).html.contains("In work"));
}

#[test]
fn amounts_are_read_as_people_write_them_and_refused_with_what_was_typed() {
    let office = Office::new();
    let case = office.open("Money");
    let told = |amount, currency| {
        [
            ("sum-kind", "claimed"),
            ("sum-amount", amount),
            ("sum-currency", currency),
            ("sum-day", "2026-11-24"),
        ]
    };
    for (amount, currency) in [
        ("12.345", "LBP"),
        ("twelve", "USD"),
        ("1,200", "KWD"),
        ("0", "USD"),
    ] {
        let page = office.send(&case, "/sums", &told(amount, currency));
        // In a currency with two decimals `12.345` is twelve thousand.
        if (amount, currency) == ("12.345", "LBP") {
            assert_eq!(page.status, StatusCode::SEE_OTHER);
            continue;
        }
        assert_eq!(page.all(".error span").len(), 1, "{amount}");
        assert_eq!(page.value("sum-amount"), amount);
    }
    assert_eq!(
        office.errors(&case, "/sums", &told("12.3456", "USD")).len(),
        1
    );
    office.done(&case, "/sums", &told("٨٥٫٢٥٠", "KWD"));
    let money = office.centre.get(&format!("{case}/money"));
    assert!(money.html.contains("85.250 KWD"));
    assert_eq!(
        money.all(".panel tbody tr").len(),
        2,
        "two currencies are two lines"
    );
    let off = [
        ("sum-kind", "written-off"),
        ("sum-amount", "5"),
        ("sum-currency", "USD"),
        ("sum-day", "2026-11-24"),
    ];
    assert_eq!(
        office.errors(&case, "/sums", &off),
        ["This is more than is still open in this currency."]
    );
}

#[test]
fn two_workers_do_not_undo_each_others_words() {
    let office = Office::new();
    let case = office.open("First words");
    let page = office.centre.get(&format!("{case}/edit"));
    let version = page.value("version");
    let story = |words| {
        [
            ("kind", "legal"),
            ("words", words),
            ("urgency", "urgent"),
            ("version", &*version),
        ]
    };
    office.done(&case, "/edit", &story("Second words"));
    let refused = office.send(&case, "/edit", &story("Third words"));
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.html.contains("Second words") && refused.html.contains("Third words"));
    let page = office.centre.get(&case);
    assert!(page.html.contains("Second words") && page.html.contains("First words"));
    assert!(!page.html.contains("Third words"));
}

#[test]
fn two_changes_of_a_case_within_one_moment_are_both_kept_in_their_order() {
    let office = Office::new();
    let case = office.open("First words");
    for words in ["Second words", "Third words"] {
        let edit = office.centre.get(&format!("{case}/edit"));
        let version = edit.value("version");
        let told = [
            ("kind", "legal"),
            ("words", words),
            ("urgency", "urgent"),
            ("version", &*version),
        ];
        office.done(&case, "/edit", &told);
    }
    let page = office.centre.get(&case).html;
    let at = |words| page.find(words).expect("kept");
    assert!(at("Third words") < at("Second words") && at("Second words") < at("First words"));
}

#[test]
fn a_note_is_corrected_by_one_more_and_found_by_its_words() {
    let office = Office::new();
    let case = office.open("Notes");
    let note = [
        ("note", "قابلنا الأستاذة في المحكمة"),
        ("note-kind", "contact"),
    ];
    office.done(&case, "/notes", &note);
    let page = office.centre.get(&case);
    let link = page.attribute(".note a", "href");
    let id = link
        .split("correct=")
        .nth(1)
        .expect("a note")
        .split('#')
        .next()
        .expect("its id");
    office.done(
        &case,
        "/notes",
        &[("note", "It was the police"), ("correct", id)],
    );
    let page = office.centre.get(&case);
    assert_eq!(page.all(".note").len(), 2, "both stand");
    assert_eq!(page.all(".note-old").len(), 1);
    let number = page.all(".code")[0].clone();
    let there = office.centre.get(&format!("/cases/notes?q={number}"));
    assert_eq!(there.to, case, "a number is a case, not words in a note");
    for (sought, found) in [
        ("police", 1),
        ("الاستاذه محكمه", 0),
        ("الاستاذه المحكمه", 1),
        ("embassy", 0),
    ] {
        let page = office
            .centre
            .get(&format!("/cases/notes?q={}", sought.replace(' ', "+")));
        assert_eq!(page.all("main .row").len(), found, "{sought}");
    }
    let vault = &office.centre.app.vault;
    let changed = vault.write_casework(office.leila, None, |tx| {
        tx.execute("update casework.case_note set words = 'other'", [])?;
        Ok::<_, VaultRefusal>(((), darna::vault::CaseworkEvent::NotesSearched))
    });
    assert!(changed.is_err(), "a note cannot be changed");
}

#[test]
fn an_employer_is_found_in_another_spelling() {
    let office = Office::new();
    let case = office.open("Employer");
    let told = [
        ("party-name", "Abdel Rahman Trading"),
        ("party-kind", "employer"),
    ];
    office.done(&case, "/parties", &told);
    for spelling in ["Abdulrahman", "abd el-rahman trad", "عبد الرحمن"] {
        let sought = spelling.replace(' ', "+");
        let page = office.centre.get(&format!("/parties?q={sought}"));
        assert_eq!(page.all("main .row").len(), 1, "{spelling}");
    }
    let page = office.centre.get("/parties");
    let party = page.attribute("main .row a", "href");
    let page = office.centre.get(&party);
    assert!(page.html.contains("C-2026-0001"));
    assert!(!page.html.contains("Cases of colleagues"));
    // A colleague sees that there is one, and neither which it is nor whose.
    enter_manager(&office.centre);
    add(&office.centre, "Omar", Roles::CASEWORKER);
    enter(&office.centre, "Omar");
    let page = office.centre.get(&party);
    assert!(page.html.contains("Cases of colleagues: 1"));
    for told in ["C-2026-0001", "Leila", case.as_str()] {
        assert!(!page.html.contains(told), "{told}");
    }
}

#[test]
fn issues_are_found_by_words_of_the_readers_language() {
    let office = Office::new();
    let case = office.open("Issues");
    for (sought, code) in [
        ("passport", "D01"),
        ("h02", "H02"),
        ("sexual+assault", "V03"),
    ] {
        let page = office.centre.get(&format!("{case}?issue={sought}"));
        let codes: Vec<String> = page.all("button[name=add]");
        assert_eq!(codes.len(), 1, "{sought}: {codes:?}");
        assert_eq!(page.attribute("button[name=add]", "value"), code);
    }
}

/// Typed into every field of a case that takes words.
const MARKER: &str = "Zephyrquill";

#[test]
fn a_desk_login_reads_none_of_it() {
    let office = Office::new();
    let centre = &office.centre;
    let case = office.open(MARKER);
    office.done(&case, "/notes", &[("note", MARKER), ("note-kind", "fact")]);
    office.done(
        &case,
        "/parties",
        &[("party-name", MARKER), ("party-kind", "agency")],
    );
    let user = office.leila.user.to_string();
    let action = [
        ("what", MARKER),
        ("action-kind", "call"),
        ("due", "2026-11-25"),
        ("by", &*user),
    ];
    office.done(&case, "/actions", &action);
    let deadline = [
        ("deadline-kind", "court"),
        ("deadline-day", "2026-12-24"),
        ("source", MARKER),
    ];
    office.done(&case, "/deadlines", &deadline);
    office.done(
        &case,
        "/hearings",
        &[("hearing-day", "2026-12-24"), ("hearing-place", MARKER)],
    );
    let sum = [
        ("sum-kind", "claimed"),
        ("sum-amount", "5"),
        ("sum-currency", "USD"),
        ("sum-day", "2026-11-24"),
        ("sum-note", MARKER),
    ];
    office.done(&case, "/sums", &sum);
    let witness = centre.manager().user.to_string();
    let person = office.person.to_string();
    let paper = [
        ("paper-person", &*person),
        ("paper-what", MARKER),
        ("paper-place", MARKER),
        ("witness", &*witness),
    ];
    office.done(&case, "/originals", &paper);
    office.active(&case);
    office.done(
        &case,
        "/waiting",
        &[("wait-on", MARKER), ("wait-until", "2026-12-24")],
    );
    let appointment = [
        ("who", &*person),
        ("day", "2026-11-24"),
        ("hour", "١٤:٣٠"),
        ("room", "Room 2"),
    ];
    office.done(&case, "/appointments", &appointment);
    let people = format!("{case}/people");
    let alert = format!("{case}/alert");
    let version = centre.get(&people).value("version");
    let told = [("alert", "Call the caseworker first")];
    assert_eq!(centre.post(&people, &alert, &told).to, people);
    // Who had the page open before does not write over it unseen.
    let late = [("alert", "Only on weekends"), ("version", &*version)];
    let page = centre.post(&people, &alert, &late);
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.all(".notice-stop dd"), ["Call the caseworker first"]);
    assert_eq!(page.value("alert"), "Only on weekends", "kept");
    let edited = centre.get(&format!("{case}/edit")).value("version");
    let story = [
        ("kind", "legal"),
        ("words", MARKER),
        ("goal", MARKER),
        ("safety", MARKER),
        ("urgency", "normal"),
        ("version", &*edited),
    ];
    office.done(&case, "/edit", &story);
    assert!(centre.get(&case).html.contains(MARKER));

    enter_manager(centre);
    let omar = add(centre, "Omar", Roles::DESK);
    enter(centre, "Omar");
    let case_id = case.trim_start_matches("/cases/");
    let mut seen = 0;
    let mut all = String::new();
    for row in TABLE.iter().filter(|row| row.method == Method::GET) {
        for id in [&*person, case_id] {
            let path: Vec<&str> = row
                .path
                .split('/')
                .map(|part| if part.starts_with('{') { id } else { part })
                .collect();
            let page = centre.get(&path.join("/"));
            all.push_str(&page.html);
            seen += 1;
        }
    }
    assert!(seen > 40);
    let home = centre.get(&format!("/people/{person}"));
    assert!(
        home.html.contains("Call the caseworker first"),
        "what the desk must know"
    );
    assert!(home.html.contains("14:30") && home.html.contains("Room 2"));
    all.push_str(&tables(centre, omar));
    for told in [MARKER, "C-2026-0001", case_id, "case_", "W01"] {
        assert!(!all.contains(told), "{told} at the desk");
    }
    let folder = centre.folder.path().join("gen/0001");
    for name in ["keys.mrc", "desk.db", "casework.db", "doors.json"] {
        let bytes = std::fs::read(folder.join(name)).expect("a file");
        let marker = MARKER.as_bytes();
        assert!(!bytes.windows(marker.len()).any(|w| w == marker), "{name}");
    }
}

/// Everything in desk.db, as text: what the desk's key opens.
fn tables(centre: &Centre, user: Actor) -> String {
    let folder = centre.folder.path().join("gen/0001");
    let bytes = std::fs::read(folder.join("keys.mrc")).expect("the key file");
    let keys = darna::vault::keyfile::KeyFile::read(&bytes)
        .expect("a key file")
        .open(user.user, &Passphrase::new(WORDS))
        .expect("keys");
    assert!(keys.casework().is_none());
    let hex: String = keys
        .desk()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let file = rusqlite::Connection::open(folder.join("desk.db")).expect("desk.db");
    file.execute_batch(&format!("pragma key = \"x'{hex}'\""))
        .expect("its key");
    let names: Vec<String> = file
        .prepare("select name from sqlite_schema where type = 'table'")
        .and_then(|mut s| s.query_map([], |row| row.get(0))?.collect())
        .expect("its tables");
    assert!(names.len() > 10);
    let mut all = String::new();
    for name in names {
        let mut statement = file
            .prepare(&format!("select * from \"{name}\""))
            .expect("a table");
        let columns = statement.column_count();
        let mut rows = statement.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            for column in 0..columns {
                let value = row.get_ref(column).expect("a value");
                match value {
                    rusqlite::types::ValueRef::Text(text) => {
                        all.push_str(&String::from_utf8_lossy(text))
                    }
                    rusqlite::types::ValueRef::Blob(blob) => {
                        all.push_str(&blob.iter().map(|b| format!("{b:02x}")).collect::<String>());
                        all.push_str(&String::from_utf8_lossy(blob));
                    }
                    _ => {}
                }
                all.push(' ');
            }
        }
    }
    all
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day")
}

fn any_step() -> impl Strategy<Value = Step> {
    let day = (-3i64..60).prop_map(|days| today() + chrono::TimeDelta::days(days));
    let outcome = prop::sample::select(Outcome::ALL);
    prop_oneof![
        Just(Step::Assess),
        Just(Step::Start),
        Just(Step::Resume),
        Just(Step::Settle),
        Just(Step::Decide),
        Just(Step::Reopen("They stopped paying".to_owned())),
        day.prop_map(|until| Step::Wait(Wait {
            on: "the employer".to_owned(),
            until
        })),
        outcome.prop_map(|outcome| Step::Close(Closing {
            outcome,
            satisfaction: Satisfaction::NotAsked,
            note: None,
            day: today(),
        })),
    ]
}

fn any_facts() -> impl Strategy<Value = Facts> {
    any::<[bool; 7]>().prop_map(
        |[issue, goal, safety, deadline, original, money, transfer]| Facts {
            today: today(),
            has_main_issue: issue,
            has_goal: goal,
            safety_asked: safety,
            open_deadlines: deadline
                .then(|| DeadlineId::from_bytes([1; 16]))
                .into_iter()
                .collect(),
            originals_held: original
                .then(|| OriginalId::from_bytes([1; 16]))
                .into_iter()
                .collect(),
            outstanding: money
                .then(|| Amount::new(5, "USD").expect("an amount"))
                .into_iter()
                .collect(),
            transfer_open: transfer,
        },
    )
}

proptest! {
    #[test]
    fn no_sequence_of_steps_reaches_a_forbidden_state(
        steps in prop::collection::vec((any_step(), any_facts()), 1..40)
    ) {
        let mut state = State::Open;
        let mut assessed = false;
        for (step, facts) in steps {
            let before = state.stage();
            let Ok(next) = rules::step(&state, step.clone(), &facts) else { continue };
            match (&next, before) {
                (State::Assessed, from) => {
                    prop_assert_eq!(from, Stage::Open);
                    prop_assert!(facts.has_main_issue && facts.has_goal && facts.safety_asked);
                    assessed = true;
                }
                (State::Waiting(wait), from) => {
                    prop_assert_eq!(from, Stage::Active);
                    prop_assert!(wait.until >= facts.today);
                }
                (State::Settled | State::Decided, from) => {
                    prop_assert!(matches!(from, Stage::Active | Stage::Waiting));
                }
                (State::Closed(closing), from) => {
                    prop_assert!(from != Stage::Closed);
                    prop_assert!(rules::obstacles(&facts).is_empty());
                    let ended = matches!(from, Stage::Settled | Stage::Decided);
                    prop_assert!(ended || closing.outcome.ends_early());
                }
                (State::Active, Stage::Closed) => {
                    prop_assert!(matches!(step, Step::Reopen(_)));
                    assessed = true;
                }
                (State::Active, _) => prop_assert!(assessed),
                (State::Open, _) => prop_assert!(false, "nothing leads back to open"),
            }
            state = next;
        }
    }

    #[test]
    fn what_is_closed_only_reopens(step in any_step(), facts in any_facts()) {
        let closed = State::Closed(Closing {
            outcome: Outcome::Withdrew,
            satisfaction: Satisfaction::Good,
            note: None,
            day: today(),
        });
        let next = rules::step(&closed, step.clone(), &facts);
        if matches!(step, Step::Reopen(_)) {
            prop_assert_eq!(next, Ok(State::Active));
        } else {
            prop_assert_eq!(next, Err(Refusal::Order));
        }
    }
}
