//! Counselling, health, cash and things, shelter: through the pages, to what the next person sees.

use axum::http::StatusCode;
use chrono::NaiveDate;
use darna::help::rules::{Decision, Facts, Signed, Stage, State, Step};
use darna::kit::id::{PersonId, UserId};
use darna::vault::{Actor, Refusal, Roles};
use darna_tests::casework::{add, enter, open, visitor};
use darna_tests::centre::{Centre, Page};
use darna_tests::directory::added;
use proptest::prelude::*;

struct House {
    centre: Centre,
    leila: Actor,
    omar: Actor,
    person: PersonId,
    /// The address of Leila's case.
    case: String,
}

impl House {
    /// Leila has a case; Omar is a caseworker too; Nadia and Omar are named. Leila is in.
    fn new() -> Self {
        let centre = Centre::founded();
        let [leila, omar, nadia] =
            ["Leila", "Omar", "Nadia"].map(|name| add(&centre, name, Roles::CASEWORKER));
        let vault = &centre.app.vault;
        vault
            .name_sealed(centre.manager(), nadia.user, Some(omar.user))
            .expect("named");
        enter(&centre, "Omar");
        enter(&centre, "Leila");
        let person = visitor(&centre, "Almaz Tesfaye");
        let case = open(&centre, leila, person, "Ran away at night", &[]);
        let case = format!("/cases/{case}");
        Self {
            centre,
            leila,
            omar,
            person,
            case,
        }
    }

    fn send(&self, path: &str, told: &[(&str, &str)]) -> Page {
        let path = format!("{}{path}", self.case);
        self.centre.post(&self.case, &path, told)
    }

    /// Sends what is taken; gives where it leads.
    fn done(&self, path: &str, told: &[(&str, &str)]) -> String {
        let page = self.send(path, told);
        let errors = page.all(".error span, .notice-stop");
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}: {errors:?}");
        page.to
    }

    fn refused(&self, path: &str, told: &[(&str, &str)]) -> Vec<String> {
        let page = self.send(path, told);
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        page.all(".error span, .notice-stop strong")
    }

    fn get(&self, path: &str) -> Page {
        self.centre.get(&format!("{}{path}", self.case))
    }

    /// Comes to the case of somebody else.
    fn come(&self, name: &str) {
        enter(&self.centre, name);
        self.done("/reading", &[("reason", "On call tonight")]);
    }

    fn who(&self) -> String {
        self.person.to_string()
    }

    fn casework<T: rusqlite::types::FromSql>(&self, sql: &str) -> Vec<T> {
        let vault = &self.centre.app.vault;
        let all = vault.list_casework(self.leila, |db| db.all(sql, [], |row| row.get(0)));
        all.unwrap_or_else(|why: Refusal| panic!("{sql}: {why}"))
    }
}

#[test]
fn a_talk_is_read_by_its_author_and_the_two_and_by_nobody_else() {
    let house = House::new();
    let who = house.who();
    let mut told = vec![
        ("who", &*who),
        ("talk-day", "2026-11-24"),
        ("minutes", "٥٠"),
        ("talk-kind", "alone"),
        ("talk-words", "Dreams-of-the-sea"),
    ];
    house.done("/counselling", &told);
    told[2].1 = "an hour";
    assert_eq!(house.refused("/counselling", &told).len(), 1);
    told[2].1 = "45";
    told[1].1 = "2027-01-01";
    let page = house.send("/counselling", &told);
    assert!(page.html.contains("Dreams-of-the-sea"), "typed and kept");

    let list = house.get("/counselling");
    assert!(list.html.contains("50 minutes"));
    assert!(!list.html.contains("Dreams-of-the-sea"), "not in a list");
    let talk = list.attribute(".plain-list a.button", "href");
    let read = |centre: &Centre| centre.get(&talk).html.contains("Dreams-of-the-sea");
    assert!(read(&house.centre), "its author");
    let path = talk.trim_start_matches(&house.case).to_owned();
    house.done(&format!("{path}/notes"), &[("talk-words", "And of home")]);
    assert_eq!(house.centre.get(&talk).all(".note .told").len(), 2);

    // Omar is named; Sara is a caseworker like any other.
    house.come("Omar");
    assert!(read(&house.centre), "one of the two");
    enter(&house.centre, "Leila");
    add(&house.centre, "Sara", Roles::CASEWORKER);
    house.come("Sara");
    let closed = house.centre.get(&talk);
    assert_eq!(closed.status, StatusCode::OK);
    assert!(!read(&house.centre) && closed.html.contains("This note is sealed"));
    assert_eq!(closed.all(".note .told").len(), 0);
    // Each reading stands in the journal.
    let told =
        house.casework::<i64>("select count(*) from casework.journal where name = 'talk-read'");
    assert!(told[0] >= 3, "{told:?}");
}

#[test]
fn an_episode_goes_from_its_need_over_a_visit_and_costs_to_its_end() {
    let house = House::new();
    let who = house.who();
    let episode = house.done(
        "/medical",
        &[
            ("who", &*who),
            ("need", "pregnancy"),
            ("urgency", "urgent"),
            ("need-words", "Seven months, no doctor yet"),
        ],
    );
    // The letter to the hospital is about whoever has the need, and as urgent as that.
    let child = visitor(&house.centre, "Sami Tesfaye").to_string();
    house.done("/people", &[("person", &child), ("role", "dependant")]);
    let told = [
        ("who", &*child),
        ("need", "child"),
        ("urgency", "emergency"),
    ];
    let his = house.centre.get(&house.done("/medical", &told));
    let refer = his.attribute("a[href*='/referrals/new']", "href");
    let hospital = [
        ("name-en", "Cedar Hospital"),
        ("kind", "hospital"),
        ("services", "MED.refer"),
        ("safety", "tested"),
        ("cost", "free"),
        ("women-staff", "yes"),
        ("wheelchair", "yes"),
        ("letters-in", "en"),
        ("checked", "yes"),
    ];
    added(&house.centre, "/partners/new", &hospital);
    let found = house.centre.get(&refer.replace("&amp;", "&"));
    let draft = found.attribute(".row-act a", "href").replace("&amp;", "&");
    let draft = house.centre.get(&draft);
    let soon = draft.attribute("input[name=urgency][checked]", "value");
    let whose = draft.attribute("#person option[selected]", "value");
    assert_eq!((&*soon, whose), ("emergency", child));
    let path = episode.trim_start_matches(&house.case).to_owned();
    let omar = house.omar.user.to_string();
    house.done(
        &format!("{path}/visits"),
        &[
            ("visit-place", "Cedar Hospital"),
            ("visit-day", "2026-11-24"),
            ("visit-hour", "9.30"),
            ("with-user", &omar),
        ],
    );
    let visit = ("visit-place", "Cedar Hospital");
    let wrong = [visit, ("visit-day", "soon"), ("visit-hour", "25:00")];
    assert_eq!(house.refused(&format!("{path}/visits"), &wrong).len(), 2);
    house.done(
        &format!("{path}/follow-ups"),
        &[("what", "Has she the results?"), ("due", "2026-11-25")],
    );
    let past = [("what", "Too late"), ("due", "2026-11-01")];
    assert_eq!(house.refused(&format!("{path}/follow-ups"), &past).len(), 1);
    for (amount, payer) in [("40", "centre"), ("١٠", "person"), ("5.5", "person")] {
        house.done(
            &format!("{path}/costs"),
            &[
                ("cost-day", "2026-11-24"),
                ("cost-what", "Blood test"),
                ("cost-amount", amount),
                ("cost-currency", "USD"),
                ("payer", payer),
            ],
        );
    }
    let page = house.centre.get(&episode);
    assert_eq!(page.all("dl.facts dt"), ["The centre", "The person"]);
    assert_eq!(page.all("dl.facts dd"), ["40.00 USD", "15.50 USD"]);

    // Whoever goes along has it on the work list, and so has whoever is in charge.
    for name in ["Omar", "Leila"] {
        enter(&house.centre, name);
        let page = house.centre.get("/cases");
        let mut lines = page.all("main .row").into_iter();
        let visit = lines
            .find(|line| line.contains("Cedar Hospital"))
            .expect(name);
        assert!(
            visit.contains("Urgent: within 3 days"),
            "the need’s: {visit}"
        );
        let work = page.html;
        assert_eq!(work.contains("Has she the results?"), name == "Leila");
    }
    let ending = [("result", "A healthy girl"), ("ended", "2026-11-24")];
    let open = house.refused(&format!("{path}/end"), &ending);
    assert!(open[0].contains("still open"), "{open:?}");
    for (form, told) in [
        ("visits", [("outcome", "went"), ("told", "All is well")]),
        ("follow-ups", [("follow-up-result", "Yes"), ("x", "")]),
    ] {
        let page = house.centre.get(&episode);
        let form = format!("form[action*='/{form}/']");
        let action = page.attribute(&form, "action");
        let done = house.centre.post(&episode, &action, &told);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{action}");
    }
    house.done(&format!("{path}/end"), &ending);
    let over = house.refused(
        &format!("{path}/follow-ups"),
        &[("what", "Again?"), ("due", "2026-12-01")],
    );
    assert!(over[0].contains("has ended"), "{over:?}");
}

#[test]
fn whoever_asks_for_cash_does_not_decide_and_nothing_is_given_without_a_receipt() {
    let house = House::new();
    let who = house.who();
    let mut told = vec![
        ("who", &*who),
        ("help-kind", "cash"),
        ("sum-amount", "60"),
        ("sum-currency", "USD"),
        ("need", "Nothing-to-eat"),
        ("criteria", "no-food"),
        ("follow-up", "2026-11-30"),
    ];
    house.done("/help", &told);
    told[5].0 = "nothing";
    assert!(house.refused("/help", &told)[0].contains("criterion"));
    told[5].0 = "criteria";
    told[2].1 = "60.1234";
    assert_eq!(house.refused("/help", &told).len(), 1);
    told[1].1 = "in-kind";
    told[2].1 = "";
    assert_eq!(house.refused("/help", &told).len(), 1, "which things?");

    let help = house.centre.get("/help");
    assert!(!help.html.contains("Almaz"), "a list has no name");
    let mine = "section[aria-labelledby=mine-title] .row";
    assert_eq!(help.all(".row").len(), help.all(mine).len(), "apart");
    assert_eq!(help.attribute(".rail a[aria-current]", "href"), "/cases");
    let request = help.attribute(".row-names a", "href");
    let decision = format!("{request}/decision");
    let own = house
        .centre
        .post(&request, &decision, &[("answer", "approve")]);
    assert!(
        own.html.contains("Whoever asks cannot decide"),
        "{}",
        own.to
    );
    assert!(
        house
            .centre
            .get(&request)
            .html
            .contains("You asked for this")
    );

    enter(&house.centre, "Omar");
    let work = house.centre.get("/cases");
    assert!(work.html.contains("Help to decide") && !work.html.contains("Almaz"));
    let help = house.centre.get("/help");
    assert!(help.all(mine).is_empty() && help.all(".row").len() == 1);
    let silent = house
        .centre
        .post(&request, &decision, &[("answer", "decline")]);
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let approve = [("answer", "approve"), ("decision", "Seen with my own eyes")];
    assert_eq!(house.centre.post(&request, &decision, &approve).to, "/help");
    // Once is enough.
    let again = house.centre.post(&request, &decision, &approve);
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Decided, it is nobody else's to read.
    let reads = |house: &House| house.centre.get(&request).html.contains("Nothing-to-eat");
    assert!(reads(&house), "who decided");
    add(&house.centre, "Sara", Roles::CASEWORKER);
    enter(&house.centre, "Sara");
    assert_eq!(
        house.centre.get(&request).status,
        StatusCode::NOT_FOUND,
        "neither its worker nor who decided"
    );

    enter(&house.centre, "Leila");
    assert!(reads(&house), "who asked");
    let work = house.centre.get("/cases");
    assert!(work.html.contains("Help to give"));
    // Of several it leads to the very one.
    let to = work.attribute(".rows a[href*='/help?item=']", "href");
    assert_eq!(house.centre.get(&to).all("li.sought").len(), 1);
    let hands = house.get("/hands");
    let read = hands.html.matches("Read a request for help").count();
    assert!(
        read == 1 && hands.html.contains("Omar"),
        "whoever is in charge is told"
    );
    let id = request.trim_start_matches("/help/").to_owned();
    let give = format!("/help/{id}/given");
    let early = house.refused(&give, &[("signed", "thumbprint")]);
    assert!(early[0].contains("receipt"), "{early:?}");
    house.done(&format!("/help/{id}/receipt"), &[]);
    house.done(&format!("/help/{id}/receipt"), &[]);
    house.done(&give, &[("signed", "thumbprint")]);
    let page = house.get("/help");
    assert!(page.html.contains("H-2026-0001") && page.html.contains("Thumbprint"));
    assert!(house.centre.get("/help").html.contains("60.00 USD"));
    let decided = house.casework::<i64>(
        "select count(*) from casework.help where asked_by <> decided_by and state = 'given'",
    );
    assert_eq!(decided, [1]);
    house.done(
        &format!("/help/{id}/follow-up"),
        &[("follow-up-result", "They ate for two weeks")],
    );

    let shown = house.centre.outside.shown();
    let text = darna_tests::pdf::text(shown.last().expect("a receipt"));
    for told in ["H-2026-0001", "60.00 USD", "Almaz Tesfaye", "Leila"] {
        assert!(text.matches(told).count() >= 2, "{told}: {text}");
    }
    assert!(!text.contains("Nothing-to-eat"), "never why");
}

#[test]
fn the_place_of_a_shelter_is_read_by_who_works_on_the_case() {
    let house = House::new();
    let who = house.who();
    let stay = [
        ("who", &*who),
        ("came", "2026-11-20"),
        ("children", "2"),
        ("rules-signed", "2026-11-20"),
        ("exit-plan", "To her aunt"),
        ("place", "House-of-cedars, room 4"),
    ];
    house.done("/shelter", &stay);
    assert!(house.refused("/shelter", &stay)[0].contains("already has a stay"));
    let list = house.get("/shelter");
    assert!(!list.html.contains("House-of-cedars"));
    let place = list.attribute(".plain-list a.button", "href");
    let read = |house: &House| house.centre.get(&place).html.contains("House-of-cedars");
    assert!(read(&house));

    // A second worker is told by whoever can read it; before that it is closed to them.
    add(&house.centre, "Sara", Roles::CASEWORKER);
    enter(&house.centre, "Sara");
    enter(&house.centre, "Leila");
    let sara = house.centre.get(&format!("{}/hands", house.case));
    let sara = sara
        .all("select[name=second] option")
        .iter()
        .position(|name| name == "Sara")
        .expect("Sara");
    let hands = house.get("/hands");
    let id = hands.attribute(
        &format!("select[name=second] option:nth-child({})", sara + 1),
        "value",
    );
    house.done("/second", &[("second", &id)]);
    enter(&house.centre, "Sara");
    let closed = house.centre.get(&place);
    assert!(closed.html.contains("not for you") && !read(&house));
    let path = place.trim_start_matches(&house.case).to_owned();
    let own = house.send(&format!("{path}/shared"), &[]);
    assert_eq!(
        own.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "not hers to give"
    );
    enter(&house.centre, "Leila");
    assert!(house.centre.get(&place).html.contains("Sara"));
    house.done(&format!("{path}/shared"), &[]);
    enter(&house.centre, "Sara");
    assert!(read(&house));

    enter(&house.centre, "Leila");
    let id = place.split('/').nth(4).expect("a stay").to_owned();
    let end = format!("/shelter/{id}/end");
    let early = [("left-on", "2026-11-01"), ("left-why", "own-home")];
    assert!(house.refused(&end, &early)[0].contains("before they came"));
    let left = [("left-on", "2026-11-24"), ("left-why", "own-home")];
    house.done(&end, &left);
    assert!(house.refused(&end, &left)[0].contains("already ended"));

    // Sealed while the case is offered: not for who may still say no, and on no reason of theirs.
    let boxes = |house: &House| {
        house.casework::<i64>("select count(*) from casework.sealed_key where reader is not null")
    };
    let shut = |house: &House| {
        assert!(house.get("/shelter").all(".plain-list a.button").is_empty());
        let shared = house.send(&format!("{path}/shared"), &[]);
        let statuses = [house.centre.get(&place).status, shared.status];
        assert_eq!(statuses, [StatusCode::UNPROCESSABLE_ENTITY; 2]);
    };
    let huda = add(&house.centre, "Huda", Roles::CASEWORKER);
    let huda = huda.user.to_string();
    enter(&house.centre, "Huda");
    enter(&house.centre, "Leila");
    house.done("/transfer", &[("to", &huda)]);
    house.done(&path, &[("place", "House-of-cedars, room 5")]);
    assert_eq!(boxes(&house), [2], "Leila and Sara");
    enter(&house.centre, "Huda");
    shut(&house);
    house.done("/transfer/answer", &[("answer", "declined")]);
    house.come("Huda");
    shut(&house);

    // Taken over, it is closed to who had it and waits for somebody to let the next one read it.
    enter(&house.centre, "Leila");
    house.done("/transfer", &[("to", &huda)]);
    enter(&house.centre, "Huda");
    house.done("/transfer/answer", &[("answer", "taken")]);
    assert_eq!(boxes(&house), [1], "Sara");
    assert!(house.centre.get(&place).html.contains("not for you"));
    house.come("Leila");
    shut(&house);
    enter(&house.centre, "Huda");
    house.done("/second", &[("second", "")]);
    assert_eq!(boxes(&house), [0]);
    house.come("Sara");
    shut(&house);
    house.come("Omar");
    assert!(read(&house), "one of the two");
    house.done(&format!("{path}/shared"), &[]);
    enter(&house.centre, "Huda");
    assert!(read(&house));
}

#[test]
fn a_case_that_is_offered_is_read_without_a_reason_and_its_worker_sees_it() {
    let house = House::new();
    let omar = house.omar.user.to_string();
    house.done("/transfer", &[("to", &omar), ("transfer-note", "Please")]);
    enter(&house.centre, "Omar");
    let read = house.get("");
    assert!(
        read.html.contains("Ran away at night"),
        "no reason is asked"
    );
    assert!(
        read.all("form[action$='/notes']").is_empty(),
        "and only read"
    );
    add(&house.centre, "Sara", Roles::CASEWORKER);
    enter(&house.centre, "Sara");
    assert!(!house.get("").html.contains("Ran away at night"));
    enter(&house.centre, "Leila");
    let hands = house.get("/hands");
    assert!(hands.html.contains("was offered to them"), "{}", hands.html);
    let readings = house.casework::<i64>("select count(*) from casework.case_reading");
    assert_eq!(readings, [1], "once a day");
}

#[test]
fn parts_are_shown_for_their_kind_and_once_something_was_begun() {
    let house = House::new();
    let tabs = |house: &House| house.get("").all("nav.tabs > ul > li > a");
    assert!(!tabs(&house).contains(&"Health".to_owned()));
    assert_eq!(
        house.get("").all(".more-list a"),
        ["Health", "Counselling", "Cash and things", "Shelter"]
    );
    let who = house.who();
    let need = [("who", &*who), ("need", "teeth"), ("urgency", "normal")];
    house.done("/medical", &need);
    assert!(tabs(&house).contains(&"Health".to_owned()));
}

const ASKS: UserId = UserId::from_bytes([1; 16]);
const DECIDES: UserId = UserId::from_bytes([2; 16]);

fn any_step() -> impl Strategy<Value = Step> {
    let by = |user| Decision {
        by: user,
        on: NaiveDate::default(),
        words: Some("Seen".to_owned()),
    };
    prop_oneof![
        Just(Step::Approve(by(ASKS))),
        Just(Step::Approve(by(DECIDES))),
        Just(Step::Decline(by(DECIDES))),
        Just(Step::Give {
            on: NaiveDate::default(),
            by: ASKS,
            signed: Signed::Thumbprint,
        }),
        Just(Step::Withdraw),
    ]
}

proptest! {
    #[test]
    fn nothing_is_given_that_nobody_else_approved(
        steps in prop::collection::vec((any_step(), any::<bool>()), 0..12)
    ) {
        let mut state = State::Asked;
        let mut ended = false;
        for (step, receipt) in steps {
            let facts = Facts { asked_by: ASKS, receipt };
            let Ok(next) = state.clone().step(step, facts) else {
                continue;
            };
            prop_assert!(!ended, "what has ended stays");
            state = next;
            ended = matches!(state.stage(), Stage::Declined | Stage::Given | Stage::Withdrawn);
            if state.stage() == Stage::Given {
                prop_assert_eq!(state.decision().map(|decision| decision.by), Some(DECIDES));
            }
        }
    }
}
