//! Referrals: no sequence of events reaches a forbidden state, and no letter says more than was
//! agreed to.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use chrono::{Days, NaiveDate};
use darna::cases::rules::Urgency;
use darna::kit::id::{CaseId, PartnerId, PersonId};
use darna::kit::lists::Service;
use darna::people::consent::How;
use darna::referrals::rules::{
    Arrival, Asked, Consent, In, InStep, NotCovered, Out, Refusal, Report, Stage, Step, Timing,
    Told, cover,
};
use darna::settings;
use darna::vault::{Actor, Event, Roles};
use darna_tests::casework::{add, enter, open, visitor};
use darna_tests::centre::{Centre, Page};
use darna_tests::directory::{HIWOT, added, with};
use darna_tests::pdf;
use proptest::prelude::*;

fn day(n: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 1).expect("a day") + Days::new(n)
}

const CLINIC: PartnerId = PartnerId::from_bytes([1; 16]);
const OTHER: PartnerId = PartnerId::from_bytes([2; 16]);
const ROSA: PersonId = PersonId::from_bytes([3; 16]);
const LINA: PersonId = PersonId::from_bytes([4; 16]);

fn told(fields: &[Told]) -> BTreeSet<Told> {
    fields.iter().copied().collect()
}

fn asked(ask: Option<&str>) -> Asked {
    Asked {
        need: Service::MedRefer,
        ask: ask.map(str::to_owned),
        typed: Some([7; 32]),
    }
}

fn agreed(fields: &[Told]) -> Consent {
    Consent {
        person: Some(ROSA),
        partner: CLINIC,
        asked: Some(asked(None)),
        told: told(fields),
        given: day(0),
        expires: Some(day(30)),
        withdrawn: None,
    }
}

#[test]
fn a_letter_goes_only_with_an_agreement_to_exactly_what_it_says() {
    let fields = told(&[Told::Name, Told::Health]);
    let consent = agreed(&[Told::Name, Told::Health]);
    let covered = cover(ROSA, CLINIC, &asked(None), &fields, Some(&consent), day(30))
        .expect("on its last day still");
    assert_eq!(covered.told(), &fields);
    let refused = |consent: &Consent, partner, on| {
        cover(ROSA, partner, &asked(None), &fields, Some(consent), on).err()
    };
    assert_eq!(
        refused(&consent, CLINIC, day(31)),
        Some(NotCovered::Expired)
    );
    assert_eq!(
        refused(&consent, OTHER, day(1)),
        Some(NotCovered::OtherPartner)
    );
    assert_eq!(
        cover(LINA, CLINIC, &asked(None), &fields, Some(&consent), day(1)).err(),
        Some(NotCovered::OtherPerson)
    );
    assert_eq!(
        refused(&agreed(&[Told::Name]), CLINIC, day(1)),
        Some(NotCovered::OtherFields)
    );
    let more = agreed(&[Told::Name, Told::Health, Told::Phone]);
    assert_eq!(
        refused(&more, CLINIC, day(1)),
        Some(NotCovered::OtherFields)
    );
    let wound = Asked {
        need: Service::MedCost,
        ..asked(None)
    };
    let more = Asked {
        typed: Some([8; 32]),
        ..asked(None)
    };
    for other in [asked(Some("Please keep her overnight")), wound, more] {
        let refused = |consent| cover(ROSA, CLINIC, &other, &fields, Some(consent), day(1));
        assert_eq!(refused(&consent).err(), Some(NotCovered::OtherFields));
        let mut before = consent.clone();
        before.asked = None;
        assert!(refused(&before).is_err(), "from before it was kept");
    }
    let mut withdrawn = consent;
    withdrawn.withdrawn = Some(day(0));
    assert_eq!(
        refused(&withdrawn, CLINIC, day(0)),
        Some(NotCovered::Withdrawn)
    );
    assert_eq!(
        cover(ROSA, CLINIC, &asked(None), &fields, None, day(0)).err(),
        Some(NotCovered::Missing)
    );
}

#[test]
fn a_withdrawn_agreement_takes_the_draft_back() {
    let stage = |covered| Out::Drafted.stage(covered, timing(None), day(0));
    assert_eq!(stage(true), Stage::Consented);
    assert_eq!(stage(false), Stage::Drafted);
}

fn timing(follow_up: Option<NaiveDate>) -> Timing {
    Timing {
        follow_up,
        urgency: Urgency::Normal,
    }
}

#[test]
fn a_week_without_a_word_is_shown_as_no_answer_and_in_an_emergency_a_day() {
    let sent = Out::Sent { on: day(0) };
    for (urgency, days) in [
        (Urgency::Emergency, 1),
        (Urgency::Urgent, 3),
        (Urgency::Normal, 7),
    ] {
        let timing = Timing {
            urgency,
            ..timing(None)
        };
        assert_eq!(sent.stage(true, timing, day(days - 1)), Stage::Sent);
        assert_eq!(sent.stage(true, timing, day(days)), Stage::NoAnswer);
        assert_eq!(sent.due(timing, day(0)), Some(day(days)));
    }
    // Who asked, and noted when to ask again, waits until then.
    let later = timing(Some(day(12)));
    assert_eq!(sent.stage(true, later, day(11)), Stage::Sent);
    assert_eq!(sent.stage(true, later, day(12)), Stage::NoAnswer);
    assert_eq!(
        sent.step(Step::Accept { place: None }, day(9)),
        Ok(Out::Accepted { place: None }),
        "a late answer is an answer"
    );
}

#[test]
fn what_waits_on_the_centre_counts_from_the_day_it_began_and_a_typed_day_puts_it_off() {
    let sent = Out::Sent { on: day(0) };
    for asked in [2, 19] {
        let asked = Some(day(asked));
        assert_eq!(sent.due(timing(asked), day(0)), asked);
    }
    assert_eq!(Out::Missed.due(timing(None), day(3)), Some(day(3)));
    assert_eq!(Out::Missed.due(timing(Some(day(9))), day(3)), Some(day(9)));
    let at = day(5).and_hms_opt(9, 0, 0).expect("a time");
    let appointed = Out::Appointment { at };
    for asked in [2, 9] {
        let due = appointed.due(timing(Some(day(asked))), day(0));
        assert_eq!(due, Some(day(5)), "its day is asked about");
    }
}

#[test]
fn nobody_arrives_before_the_day_and_no_appointment_lies_behind() {
    let at = day(5).and_hms_opt(9, 0, 0).expect("a time");
    assert_eq!(
        Out::Accepted { place: None }.step(Step::Appoint { at }, day(6)),
        Err(Refusal::Past)
    );
    let appointed = Out::Accepted { place: None }
        .step(Step::Appoint { at }, day(5))
        .expect("today");
    assert_eq!(
        appointed.clone().step(Step::Arrive { on: None }, day(4)),
        Err(Refusal::TooEarly)
    );
    let missed = appointed.step(Step::Miss, day(5)).expect("missed");
    let again = day(9).and_hms_opt(10, 0, 0).expect("a time");
    assert_eq!(
        missed.step(Step::Appoint { at: again }, day(6)),
        Ok(Out::Appointment { at: again })
    );
    // A partner that takes walk-ins gives no day.
    let came = |on| Out::Accepted { place: None }.step(Step::Arrive { on }, day(5));
    assert_eq!(came(Some(day(6))), Err(Refusal::TooEarly));
    assert_eq!(came(None), Ok(Out::Arrived { on: None }));
    let asked = Out::Sent { on: day(0) }.step(Step::Arrive { on: None }, day(5));
    assert_eq!(asked, Err(Refusal::NotNow), "accepted first");
}

/// Any step, with words or without.
fn any_step() -> impl Strategy<Value = Step> {
    let words = prop_oneof![Just(String::new()), Just("why".to_owned())];
    (0_u8..9, words, 0_u64..20).prop_map(|(which, words, on)| {
        let covered = cover(
            ROSA,
            CLINIC,
            &asked(None),
            &told(&[Told::Name]),
            Some(&agreed(&[Told::Name])),
            day(0),
        );
        match which {
            0 => Step::Send {
                covered: covered.expect("covered"),
                on: day(on),
            },
            1 => Step::Accept { place: None },
            2 => Step::Decline { reason: words },
            3 => Step::Redraft,
            4 => Step::Appoint {
                at: day(on).and_hms_opt(9, 0, 0).expect("a time"),
            },
            5 => Step::Arrive { on: Some(day(on)) },
            6 => Step::Miss,
            7 => Step::Complete { result: words },
            _ => Step::Cancel { reason: None },
        }
    })
}

/// The arrows of domain.md 3.3.
fn allowed(from: Stage, to: Stage) -> bool {
    use Stage::*;
    match to {
        Cancelled => !matches!(from, Completed | Cancelled),
        Sent => from == Drafted,
        Accepted => from == Sent,
        Declined => matches!(from, Sent | Accepted),
        Drafted => from == Declined,
        Appointment => matches!(from, Accepted | Appointment | Missed),
        Arrived => matches!(from, Accepted | Appointment | Missed),
        Missed => from == Appointment,
        Completed => matches!(from, Arrived | Missed),
        Consented | NoAnswer => false,
    }
}

fn report(words: &str) -> Report {
    Report {
        words: words.to_owned(),
        agreed: How::Spoken,
    }
}

proptest! {
    #[test]
    fn no_sequence_of_events_leaves_the_way(steps in prop::collection::vec((any_step(), 0_u64..3), 0..40)) {
        let mut state = Out::Drafted;
        let mut today = 0;
        let (mut sent, mut appointed) = (false, false);
        for (step, passed) in steps {
            today += passed;
            let from = state.stored();
            let Ok(next) = state.clone().step(step, day(today)) else { continue };
            prop_assert!(allowed(from, next.stored()), "{from:?} → {:?}", next.stored());
            sent |= next.stored() == Stage::Sent;
            appointed |= next.stored() == Stage::Appointment;
            match &next {
                Out::Declined { reason } => prop_assert!(!reason.is_empty()),
                Out::Completed { result } => prop_assert!(!result.is_empty() && sent),
                Out::Appointment { at } => prop_assert!(at.date() >= day(today)),
                Out::Arrived { on } => {
                    prop_assert!(sent && on.is_none_or(|on| on <= day(today)));
                }
                Out::Missed => prop_assert!(appointed),
                _ => {}
            }
            state = next;
        }
    }

    #[test]
    fn what_came_in_is_answered_then_linked_then_reported(steps in prop::collection::vec(0_u8..6, 0..20)) {
        let case = CaseId::from_bytes([3; 16]);
        let mut state = In::Received;
        for which in steps {
            let step = match which {
                0 => InStep::Accept,
                1 => InStep::Decline { reason: "full".into() },
                2 => InStep::Decline { reason: " ".into() },
                3 => InStep::Link { case },
                4 => InStep::Report { on: day(1), report: report("") },
                _ => InStep::Report { on: day(1), report: report("She came") },
            };
            let from = state.arrival();
            let Ok(next) = state.clone().step(step) else { continue };
            let arrow = (from, next.arrival());
            prop_assert!([
                (Arrival::Received, Arrival::Accepted),
                (Arrival::Received, Arrival::Declined),
                (Arrival::Accepted, Arrival::Declined),
                (Arrival::Accepted, Arrival::Linked),
                (Arrival::Linked, Arrival::Linked),
                (Arrival::Linked, Arrival::Reported),
            ].contains(&arrow), "{arrow:?}");
            if let In::Declined { reason, after_yes } = &next {
                prop_assert_eq!(*after_yes, from == Arrival::Accepted);
                prop_assert!(!reason.trim().is_empty());
            }
            if let In::Reported { report, .. } = &next {
                prop_assert!(!report.words.is_empty());
            }
            state = next;
        }
    }
}

/// Of the centre.
const PHONE: &str = "+961 1 555 010";

fn clinic<'t>(name: &'t str, safety: &'t str, note: &'t str) -> [(&'t str, &'t str); 11] {
    [
        ("name-en", name),
        ("kind", "clinic"),
        ("services", "MED.refer"),
        ("safety", safety),
        ("safety-note", note),
        ("cost", "free"),
        ("address", "12 Cedar Street"),
        ("women-staff", "yes"),
        ("wheelchair", "yes"),
        ("letters-in", "en"),
        ("checked", "yes"),
    ]
}

/// A caseworker's centre with a person, a case, and two clinics of which one is unsafe.
struct Ground {
    centre: Centre,
    leila: Actor,
    person: PersonId,
    case: CaseId,
}

impl Ground {
    fn new() -> Self {
        let centre = Centre::founded();
        let reached = centre.app.vault.write(centre.manager(), None, |tx| {
            let mut settings = settings::of(tx)?;
            settings.phone = Some(PHONE.to_owned());
            settings::save(tx, &settings)?;
            Ok::<_, darna::vault::Refusal>(((), Event::SettingsChanged))
        });
        reached.expect("a phone");
        let leila = add(&centre, "Leila", Roles::CASEWORKER.and(Roles::DESK));
        enter(&centre, "Leila");
        let amber = clinic("Amber Clinic", "unsafe", "Called the police in March");
        for told in [amber, clinic("Cedar Clinic", "tested", "")] {
            added(&centre, "/partners/new", &told);
        }
        let person = visitor(&centre, "Almaz Tesfaye");
        let case = open(&centre, leila, person, "Fever for a week", &[]);
        Self {
            centre,
            leila,
            person,
            case,
        }
    }

    fn new_page(&self) -> String {
        format!("/cases/{}/referrals/new", self.case)
    }

    /// The partner's form, from its place in the list.
    fn form_of(&self, place: usize) -> String {
        let list = self
            .centre
            .get(&format!("{}?need=MED.refer", self.new_page()));
        let css = format!(".rows .row:nth-child({}) .row-act a", place + 1);
        list.attribute(&css, "href").replace("&amp;", "&")
    }

    fn send(&self, form: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.centre.get(form);
        let person = self.person.to_string();
        let partner = page.value("partner");
        let mut all = vec![
            ("need", "MED.refer"),
            ("partner", &*partner),
            ("person", &*person),
            ("urgency", "urgent"),
            ("payer", "centre"),
            ("currency", "LBP"),
        ];
        all.extend(fields);
        self.centre.post(form, &self.new_page(), &all)
    }

    /// A draft to the safe clinic that tells the name and the health.
    fn drafted(&self) -> String {
        let told = [
            ("told", "name"),
            ("told", "health"),
            ("health", "Fever and cough"),
        ];
        let page = self.send(&self.form_of(0), &told);
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
        page.to
    }

    fn agree(&self, referral: &str, expires: &str) -> Page {
        if self.stage(referral) == "Draft" {
            let form = self.centre.get(referral);
            let action = form.attribute("form[action$='/consent']", "action");
            assert_eq!(
                action,
                format!("{referral}/consent"),
                "where the page sends it"
            );
        }
        let told = [("how", "spoken"), ("read-in", "amh"), ("expires", expires)];
        self.centre
            .post(referral, &format!("{referral}/consent"), &told)
    }

    fn step(&self, referral: &str, fields: &[(&str, &str)]) -> Page {
        self.centre
            .post(referral, &format!("{referral}/steps"), fields)
    }

    fn letter(&self, referral: &str) -> Page {
        self.centre
            .post(referral, &format!("{referral}/letter"), &[])
    }

    fn stage(&self, referral: &str) -> String {
        self.centre.get(referral).all(".who .badge")[0].clone()
    }

    fn in_days(&self, days: u64) -> String {
        (self.centre.app.world.today() + Days::new(days)).to_string()
    }
}

#[test]
fn no_letter_goes_from_a_closed_case() {
    let ground = Ground::new();
    let referral = ground.drafted();
    ground.agree(&referral, "");
    let at = format!("/cases/{}", ground.case);
    let closing = [
        ("outcome", "withdrew"),
        ("satisfaction", "good"),
        ("seen", "yes"),
    ];
    let closed = ground.centre.post(&at, &format!("{at}/closing"), &closing);
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.html);
    for page in [
        ground.letter(&referral),
        ground.step(&referral, &[("step", "send")]),
    ] {
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.html.contains("The case is closed."), "{}", page.html);
    }
}

#[test]
fn from_a_need_to_a_result_with_a_missed_appointment_between() {
    let ground = Ground::new();
    let list = ground
        .centre
        .get(&format!("{}?need=MED.refer", ground.new_page()));
    assert_eq!(
        list.all(".row-names b"),
        ["Cedar Clinic", "Amber Clinic"],
        "the safe one first"
    );
    let referral = ground.drafted();
    assert_eq!(ground.stage(&referral), "Draft");
    ground.agree(&referral, "");
    assert_eq!(ground.stage(&referral), "Agreed, ready to send");
    let says = |words: &str| ground.centre.get(&referral).html.contains(words);
    assert!(says("has not been printed yet"));

    ground.centre.clock.advance(60);
    assert_eq!(ground.letter(&referral).to, referral);
    assert!(says("Printed as it is now"));
    let text = pdf::text(&ground.centre.outside.last_shown());
    for told in [
        "Almaz Tesfaye",
        "Fever and cough",
        "Cedar Clinic",
        "R-",
        "House of Thyme",
        PHONE,
        "12 Cedar Street",
        "Leila",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    for not_told in [
        "Fever for a week",
        "C-2",
        "Nationality",
        "Called the police",
    ] {
        assert!(!text.contains(not_told), "{not_told}: {text}");
    }

    // Other words under the same heading are agreed to anew, and not on the paper.
    let id = referral.trim_start_matches("/referrals/").to_owned();
    let form = format!("{}&referral={id}", ground.form_of(0));
    let told = [
        ("told", "name"),
        ("told", "health"),
        ("health", "Fever, cough and a rash"),
        ("referral", &*id),
    ];
    assert_eq!(ground.send(&form, &told).to, referral);
    assert_eq!(ground.stage(&referral), "Draft");
    ground.agree(&referral, "");
    assert!(says("no longer the same"));
    ground.centre.clock.advance(60);
    ground.letter(&referral);
    assert!(says("Printed as it is now"));

    ground.centre.clock.advance(60);
    ground.step(&referral, &[("step", "send")]);
    assert_eq!(
        ground.centre.get(&referral).all("section li > b"),
        [
            "Draft",
            "Agreement given (Said before a witness)",
            "Letter printed",
            "Agreement given (Said before a witness)",
            "Letter printed",
            "Sent"
        ]
    );
    ground.centre.clock.advance(8 * 24 * 3600);
    assert_eq!(ground.stage(&referral), "No answer");
    assert!(ground.centre.get("/referrals").html.contains("To do now"));
    let day = ground.in_days(2);
    let accepted = [
        ("step", "accept"),
        ("day", &*day),
        ("hour", "٩:٣٠"),
        ("place", "Main door"),
    ];
    // No day yet: where to come is kept for when there is one. Half of an appointment is none.
    let half = [("step", "accept"), ("hour", "9")];
    assert_eq!(
        ground.step(&referral, &half).status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    ground.step(&referral, &[("step", "accept"), ("place", "Main door")]);
    assert_eq!(ground.stage(&referral), "Accepted");
    assert_eq!(ground.centre.get(&referral).value("place"), "Main door");
    let appointed = [&[("step", "appoint")][..], &accepted[1..]].concat();
    let page = ground.step(&referral, &appointed);
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    assert_eq!(ground.stage(&referral), "Appointment");
    assert_eq!(
        ground.centre.get(&referral).value("place"),
        "Main door",
        "the slip says what was noted"
    );
    for (fields, tells) in [(&[][..], false), (&[("centre", "yes")][..], true)] {
        let to = format!("{referral}/slip");
        ground.centre.post(&referral, &to, fields);
        let text = pdf::text(&ground.centre.outside.last_shown());
        assert_eq!(text.contains("House of Thyme"), tells, "{text}");
        assert_eq!(text.contains(PHONE), tells, "{text}");
    }
    // Nobody is sent with a slip to whoever turned out to report people.
    let shown = ground.centre.outside.shown().len();
    let partner = ground.centre.get(&referral);
    let partner = partner.attribute("a[href^='/partners/']", "href");
    let now = |safety, note| {
        let told = clinic("Cedar Clinic", safety, note);
        let to = format!("{partner}/edit");
        let edited = ground.centre.post(&to, &to, &told);
        assert_eq!(edited.status, StatusCode::SEE_OTHER, "{}", edited.html);
    };
    now("unsafe", "The police waited outside");
    let to = format!("{referral}/slip");
    let refused = ground.centre.post(&referral, &to, &[]);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.html.contains("nothing is printed for them"));
    assert_eq!(ground.centre.outside.shown().len(), shown);
    now("tested", "");
    let early = ground.step(&referral, &[("step", "arrive")]);
    assert!(early.html.contains("has not come yet"));
    ground.centre.clock.advance(3 * 24 * 3600);
    ground.step(&referral, &[("step", "miss")]);
    assert_eq!(ground.stage(&referral), "Did not arrive");
    let past = [("step", "appoint"), ("day", &*day), ("hour", "10")];
    assert!(
        ground
            .step(&referral, &past)
            .html
            .contains("This day is over")
    );
    let day = ground.in_days(0);
    ground.step(
        &referral,
        &[("step", "appoint"), ("day", &day), ("hour", "10")],
    );
    ground.step(&referral, &[("step", "arrive")]);
    let empty = ground.step(&referral, &[("step", "complete"), ("result", " ")]);
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    ground.step(
        &referral,
        &[("step", "complete"), ("result", "Treated for pneumonia")],
    );
    assert_eq!(ground.stage(&referral), "Completed");
    assert!(
        ground
            .centre
            .get(&referral)
            .html
            .contains("Treated for pneumonia")
    );
    assert!(ground.centre.app.vault.verify_journals().is_ok());

    let partner = ground
        .centre
        .get(&referral)
        .attribute("a[href^='/partners/']", "href");
    let results = ground.centre.get(&format!("{partner}/referrals"));
    assert_eq!(results.all(".count b"), ["1", "1", "0", "1", "1", "1"]);

    // "At any time": they were told, which only a call takes back.
    let asks = "details form[action$='/withdrawal'] .notice strong";
    let told = "Told already: \u{2068}Cedar Clinic\u{2069}";
    assert_eq!(ground.centre.get(&referral).all(asks), [told]);
    let to = format!("{referral}/consent/withdrawal");
    assert_eq!(
        ground.centre.post(&referral, &to, &[]).status,
        StatusCode::SEE_OTHER
    );
    let page = ground.centre.get(&referral);
    assert!(
        page.all("section li > b")
            .contains(&"Agreement taken back".to_owned())
    );
    assert!(page.all(asks).is_empty() && page.all(".notice strong").contains(&told.to_owned()));
    assert_eq!(ground.stage(&referral), "Completed");
    assert!(page.all("#follow-up").is_empty(), "nothing is asked again");
}

#[test]
fn an_agreement_taken_back_after_the_letter_went_asks_for_a_call_and_for_an_end() {
    let ground = Ground::new();
    let referral = ground.drafted();
    ground.agree(&referral, "");
    ground.step(&referral, &[("step", "send")]);
    let call = "Tell them that the agreement was taken back";
    let asked = || ground.centre.get("/cases").html.contains(call);
    let button = "form:has(input[name='cancel-reason'][type=hidden]) button[value=cancel]";
    assert!(!asked() && ground.centre.get(&referral).all(button).is_empty());
    let to = format!("{referral}/consent/withdrawal");
    ground.centre.post(&referral, &to, &[]);
    assert!(asked());
    assert_eq!(ground.centre.get(&referral).all(button).len(), 1);
    let told = [
        ("step", "cancel"),
        ("cancel-reason", "Agreement taken back"),
    ];
    ground.step(&referral, &told);
    assert!(!asked());
    assert_eq!(ground.stage(&referral), "Cancelled");
}

#[test]
fn what_waits_for_the_worker_is_overdue_later_and_what_was_put_off_is_not() {
    let ground = Ground::new();
    let centre = &ground.centre;
    let referral = ground.drafted();
    let days = |days: u64| {
        centre
            .clock
            .advance(i64::try_from(days).expect("few") * 24 * 3600)
    };
    let stands = |part: &str, label: &str| {
        let lines = centre.get("/cases").all(&format!("{part} .row"));
        lines.into_iter().find(|line| line.contains(label))
    };
    let draft = stands("#now", "Finish the draft").expect("begun today");
    assert!(
        draft.contains("Urgent: within 3 days"),
        "its own, not the case’s: {draft}"
    );
    days(1);
    assert!(stands("#overdue", "Finish the draft").is_some());
    ground.agree(&referral, "");
    assert!(
        stands("#now", "Send the referral letter").is_some(),
        "agreed today"
    );
    days(1);
    assert!(stands("#overdue", "Send the referral letter").is_some());
    ground.step(&referral, &[("step", "send")]);

    let later = ground.in_days(12);
    let cost = |told: &[(&str, &str)]| centre.post(&referral, &format!("{referral}/cost"), told);
    let told = [
        ("payer", "nobody"),
        ("currency", "LBP"),
        ("follow-up", &*later),
    ];
    assert_eq!(cost(&told).status, StatusCode::SEE_OTHER);
    days(8);
    let answer = "Ask for their answer";
    assert_eq!(ground.stage(&referral), "Sent", "it was put off");
    assert!(
        stands("#overdue", answer)
            .or(stands("#now", answer))
            .is_none()
    );
    days(5);
    assert_eq!(ground.stage(&referral), "No answer");
    assert!(stands("#overdue", answer).is_some());

    // An error changes nothing of what was chosen, and a day that is over only refuses another.
    let mut told = vec![
        ("payer", "person"),
        ("currency", "USD"),
        ("actual", "twelve"),
        ("follow-up", &*later),
    ];
    let refused = cost(&told);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        refused.attribute("#payer option[selected]", "value"),
        "person"
    );
    assert_eq!(
        refused.attribute("#currency option[selected]", "value"),
        "USD"
    );
    assert!(refused.all("#follow-up-error span").is_empty());
    told[2].1 = "12.50";
    assert_eq!(cost(&told).status, StatusCode::SEE_OTHER);
    told[3].1 = "2026-01-01";
    assert_eq!(cost(&told).all("#follow-up-error span").len(), 1);

    // Put off once more, and answered before: what comes of the answer is not put off.
    let more = ground.in_days(9);
    told[3].1 = &more;
    assert_eq!(cost(&told).status, StatusCode::SEE_OTHER);
    ground.step(&referral, &[("step", "decline"), ("reason", "No bed free")]);
    assert!(stands("#now", "They said no").is_some());
    days(1);
    assert!(stands("#overdue", "They said no").is_some());
}

#[test]
fn a_slip_that_comes_back_is_found_by_the_number_on_it() {
    let ground = Ground::new();
    let centre = &ground.centre;
    let referral = ground.drafted();
    let number = centre.get(&referral).all(".who .code")[0].clone();
    let find = |typed: &str| centre.get(&format!("/cases/notes?q={typed}"));
    for whole in [number.clone(), number.to_lowercase()] {
        assert_eq!(find(&whole).to, referral, "{whole}");
    }
    for part in ["2026-0001", "0001", "١"] {
        let found = find(part);
        assert_eq!(
            found.all("main .row .code"),
            ["C-2026-0001", &*number],
            "{part}"
        );
        assert_eq!(found.all("main .row bdi"), ["Almaz Tesfaye"; 2], "{part}");
    }
    assert!(find("2025-0001").html.contains("Nothing of yours"));
    // Of somebody else's case not even that there is one.
    add(centre, "Omar", Roles::CASEWORKER);
    enter(centre, "Omar");
    for typed in [&*number, "0001"] {
        let found = find(typed);
        assert_eq!(found.status, StatusCode::OK, "{typed}");
        assert!(found.all("main .row").is_empty(), "{typed}");
    }
}

#[test]
fn no_letter_goes_once_the_agreement_ended_or_the_draft_changed() {
    let ground = Ground::new();
    let referral = ground.drafted();
    let refused = ground.letter(&referral);
    assert!(
        refused
            .html
            .contains("Nobody has agreed to this letter yet.")
    );
    let tomorrow = ground.in_days(1);
    ground.agree(&referral, &tomorrow);

    // The page with the button is open while the agreement runs out.
    let open = ground.centre.get(&referral);
    ground.centre.clock.advance(2 * 24 * 3600);
    let body = format!("csrf={}&write={}", open.value("csrf"), open.value("write"));
    let late = ground.centre.send(&format!("{referral}/letter"), body);
    assert!(
        late.html.contains("The agreement has run out."),
        "{}",
        late.html
    );
    let late = ground.step(&referral, &[("step", "send")]);
    assert!(late.html.contains("The agreement has run out."));

    ground.agree(&referral, "");
    let asks = ground
        .centre
        .get(&referral)
        .all("details form[action$='/withdrawal'] p");
    assert!(asks[0].contains("cannot be undone"), "asked before");
    ground
        .centre
        .post(&referral, &format!("{referral}/consent/withdrawal"), &[]);
    assert!(
        ground
            .letter(&referral)
            .html
            .contains("The agreement was taken back.")
    );
    assert_eq!(ground.stage(&referral), "Draft");

    ground.agree(&referral, "");
    let id = referral.trim_start_matches("/referrals/").to_owned();
    let form = format!("{}&referral={id}", ground.form_of(0));
    let more = [("told", "name"), ("referral", &*id)];
    assert_eq!(ground.send(&form, &more).to, referral);
    assert!(ground.letter(&referral).html.contains("tells other things"));
    // Nor does another request go with what was agreed to.
    ground.agree(&referral, "");
    assert_eq!(ground.stage(&referral), "Agreed, ready to send");
    let ask = [&more[..], &[("ask", "Please keep her overnight")]].concat();
    assert_eq!(ground.send(&form, &ask).to, referral);
    assert!(ground.letter(&referral).html.contains("tells other things"));
    let sent = ground.step(&referral, &[("step", "send")]);
    assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Nor do other words under a tick that stays.
    let words = |health| {
        let told = [
            ("told", "name"),
            ("told", "health"),
            ("health", health),
            ("referral", &*id),
        ];
        assert_eq!(ground.send(&form, &told).to, referral);
    };
    words("She needs a bed");
    // What lay on a page from before is not what is agreed to.
    let stale = [("how", "spoken"), ("read-in", "amh"), ("read-out", "0")];
    let to = format!("{referral}/consent");
    let again = ground.centre.post(&referral, &to, &stale);
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.html.contains("Read the sentence out again"));
    ground.agree(&referral, "");
    assert_eq!(ground.stage(&referral), "Agreed, ready to send");
    words("She needs a bed");
    assert_eq!(ground.stage(&referral), "Agreed, ready to send");
    words("She needs a bed and has a fever");
    assert!(ground.letter(&referral).html.contains("tells other things"));
    assert_eq!(ground.stage(&referral), "Draft");
    assert!(
        ground.centre.outside.shown().is_empty(),
        "nothing was ever printed"
    );
}

#[test]
fn a_partner_that_ended_or_became_unsafe_since_gets_no_letter_without_a_reason() {
    let ground = Ground::new();
    let centre = &ground.centre;
    let referral = ground.drafted();
    ground.agree(&referral, "");
    assert_eq!(ground.stage(&referral), "Agreed, ready to send");
    let partner = centre.get(&referral);
    let partner = partner.attribute("a[href^='/partners/']", "href");
    let stopped = |why: &str| {
        for page in [
            ground.letter(&referral),
            ground.step(&referral, &[("step", "send")]),
        ] {
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
            assert!(page.html.contains(why), "{why}: {}", page.html);
        }
        assert_eq!(ground.stage(&referral), "Draft");
        assert!(!centre.get("/referrals").html.contains("ready to send"));
    };
    let ended = format!("{partner}/ended");
    centre.post(&partner, &ended, &[("ended", "yes")]);
    stopped("We no longer work with this partner.");
    centre.post(&partner, &ended, &[("ended", "no")]);
    assert_eq!(ground.stage(&referral), "Agreed, ready to send");

    let told = clinic("Cedar Clinic", "unsafe", "The police waited outside");
    let edit = format!("{partner}/edit");
    let edited = centre.post(&edit, &edit, &told);
    assert_eq!(edited.status, StatusCode::SEE_OTHER, "{}", edited.html);
    stopped("Write down why you choose it all the same");
    assert!(centre.outside.shown().is_empty(), "nothing was printed");

    // The reason is kept with the draft, and what was agreed to is the same.
    let id = referral.trim_start_matches("/referrals/").to_owned();
    let list = centre.get(&format!("{}?need=MED.refer", ground.new_page()));
    let names = list.all(".row-names b");
    let place = names.iter().position(|name| name == "Cedar Clinic");
    let form = ground.form_of(place.expect("listed"));
    let told = [
        ("told", "name"),
        ("told", "health"),
        ("health", "Fever and cough"),
        ("reason", "The only one at night"),
        ("referral", &*id),
    ];
    let revised = ground.send(&format!("{form}&referral={id}"), &told);
    assert_eq!(revised.to, referral, "{}", revised.html);
    assert_eq!(ground.letter(&referral).to, referral);
    ground.step(&referral, &[("step", "send")]);
    assert_eq!(ground.stage(&referral), "Sent");

    // They took her without an appointment: the slip tells it before anybody answers.
    let came = |on: u64| {
        let on = ground.in_days(on);
        ground.step(&referral, &[("step", "came"), ("came-on", &on)])
    };
    let ahead = came(1).all("#came-on-error span");
    assert!(ahead[0].contains("has not come yet"), "{ahead:?}");
    assert_eq!(ground.stage(&referral), "Sent");
    assert_eq!(came(0).status, StatusCode::SEE_OTHER);
    assert_eq!(ground.stage(&referral), "Arrived");
    let page = centre.get(&referral);
    let steps = page.all("section li > b");
    assert_eq!(steps[steps.len() - 3..], ["Sent", "Accepted", "Arrived"]);
    assert!(page.all("section li > p").join(" ").contains("Came on"));
}

#[test]
fn nobody_is_sent_to_a_partner_whom_the_case_is_not_about() {
    let ground = Ground::new();
    let case = format!("/cases/{}", ground.case);
    let joins = |person: &str, role| {
        let told = [("person", person), ("role", role)];
        let done = ground.centre.post(&case, &format!("{case}/people"), &told);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{role}");
    };
    let child = visitor(&ground.centre, "Sami Tesfaye").to_string();
    joins(&child, "dependant");
    let witness = visitor(&ground.centre, "Marie Kouassi").to_string();
    joins(&witness, "witness");
    let form = ground.form_of(0);
    let offered = ground.centre.get(&form).all("#person option");
    assert_eq!(offered, ["Almaz Tesfaye", "Sami Tesfaye"]);
    let page = ground.centre.get(&form);
    let partner = page.value("partner");
    let told = [
        ("need", "MED.refer"),
        ("partner", &*partner),
        ("person", &*witness),
        ("urgency", "urgent"),
        ("payer", "centre"),
        ("currency", "LBP"),
        ("told", "name"),
    ];
    let refused = ground.centre.post(&form, &ground.new_page(), &told);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.all("#person-error span").len(), 1);

    // Agreed while the case was about her, and printed once it no longer is.
    let referral = ground.drafted();
    ground.agree(&referral, "");
    joins(&ground.person.to_string(), "witness");
    let stopped = ground.letter(&referral);
    assert_eq!(stopped.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(ground.centre.outside.shown().is_empty());
}

#[test]
fn an_unsafe_partner_asks_for_a_reason_and_what_is_typed_stays() {
    let ground = Ground::new();
    let form = ground.form_of(1);
    let told = [
        ("told", "name"),
        ("ask", "Please see her today"),
        ("estimate", "1.234,5678"),
    ];
    let page = ground.send(&form, &told);
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.all("#letter-in")[0].contains("language: English."));
    assert!(
        page.html
            .contains("Write down why you choose it all the same")
    );
    assert!(page.html.contains("fewer decimals"), "{}", page.html);
    assert!(page.html.contains("Please see her today"));
    let told = [
        ("told", "birth"),
        ("told", "story"),
        ("reason", "The only one at night"),
    ];
    let page = ground.send(&form, &told);
    let errors = page.all(".error").join(" ");
    assert!(
        errors.contains("Not known of this person: Born"),
        "{errors}"
    );
    assert!(errors.contains("Tick it above and write it"), "{errors}");
    let list = page.attribute("fieldset[aria-invalid=true]", "aria-describedby");
    assert_eq!(list, "told-hint told-error", "where the cursor goes");
    let page = ground.send(
        &form,
        &[("told", "name"), ("reason", "The only one at night")],
    );
    assert!(
        ground
            .centre
            .get(&page.to)
            .html
            .contains("The only one at night")
    );
    // Why this one all the same is no reason for another that is unsafe too.
    let id = page.to.trim_start_matches("/referrals/").to_owned();
    let with_draft = |form: &str| {
        let form = ground.centre.get(&format!("{form}&referral={id}"));
        form.value("reason")
    };
    assert_eq!(with_draft(&form), "The only one at night");
    let other = ground.centre.get(&ground.form_of(0)).value("partner");
    let told = clinic("Cedar Clinic", "unsafe", "The police waited outside");
    let edit = format!("/partners/{other}/edit");
    let edited = ground.centre.post(&edit, &edit, &told);
    assert_eq!(edited.status, StatusCode::SEE_OTHER, "{}", edited.html);
    let list = ground
        .centre
        .get(&format!("{}?need=MED.refer", ground.new_page()));
    let names = list.all(".row-names b");
    let place = names.iter().position(|name| name == "Cedar Clinic");
    assert_eq!(with_draft(&ground.form_of(place.expect("listed"))), "");
}

#[test]
fn the_sentence_is_read_out_and_kept_in_the_language_of_the_person() {
    let ground = Ground::new();
    let centre = &ground.centre;
    let told = [
        ("name", "Marie Kouassi"),
        ("language", "fra"),
        ("consent", "spoken"),
        ("then", "stay"),
    ];
    let done = centre.post("/people/new", "/people/new", &told).to;
    let marie = done["/people/".len()..].split('?').next();
    let marie: PersonId = marie.and_then(|id| id.parse().ok()).expect("registered");
    let case = open(centre, ground.leila, marie, "Fever", &[]);
    let ground = Ground {
        person: marie,
        case,
        ..ground
    };
    let referral = ground.drafted();
    let read_out = ground.centre.get(&referral).all(".read-out");
    assert_eq!(read_out.len(), 2, "{read_out:?}");
    assert!(read_out[0].starts_with("I agree that"), "{read_out:?}");
    assert!(read_out[1].starts_with("J’accepte que"), "{read_out:?}");
    let kept = |read_in| {
        let told = [("how", "spoken"), ("read-in", read_in)];
        let to = format!("{referral}/consent");
        let agreed = ground.centre.post(&referral, &to, &told);
        assert_eq!(agreed.status, StatusCode::SEE_OTHER, "{}", agreed.html);
        let vault = &ground.centre.app.vault;
        vault.list_casework::<_, darna::vault::Refusal>(ground.leila, |casework| {
            casework.all(
                "select language || ': ' || words from casework.referral_consent order by seq",
                [],
                |row| row.get::<_, String>(0),
            )
        })
    };
    let words = kept("fra").expect("a look");
    assert_eq!(words, [format!("fr: {}", read_out[1])]);
    ground
        .centre
        .post(&referral, &format!("{referral}/consent/withdrawal"), &[]);
    // Translated by mouth: kept as what it was translated from.
    let words = kept("amh").expect("a look");
    assert_eq!(words[1], format!("en: {}", read_out[0]));
}

#[test]
fn an_interpreter_is_only_offered_where_they_may_be_given_and_is_exchanged_with_the_appointment() {
    let ground = Ground::new();
    let centre = &ground.centre;
    let told = [
        ("name", "Selam Haile"),
        ("language", "amh"),
        ("nationality", "ERI"),
        ("consent", "spoken"),
        ("then", "stay"),
    ];
    let selam = centre.post("/people/new", "/people/new", &told).to;
    let selam: PersonId = selam["/people/".len()..]
        .split('?')
        .next()
        .and_then(|id| id.parse().ok())
        .expect("registered");
    let case = open(centre, ground.leila, selam, "Fever", &[]);
    let ground = Ground {
        person: selam,
        case,
        ..ground
    };
    let centre = &ground.centre;
    let form = ground.form_of(0);
    let hint = |page: &str| centre.get(page).all("#interpreter-hint").join(" ");
    assert_eq!(
        hint(&form),
        "Nobody in the list of interpreters speaks Amharic."
    );
    let soon = ground.in_days(2);
    let free = ("conflict-0", "");
    for changed in [
        &[][..],
        &[("name", "Aster"), ("signed-until", ""), free],
        &[("name", "Rosa"), ("language-1", "tgl"), free],
        &[("name", "Abeba"), ("level-1", "basic"), free],
        &[("name", "Senait"), ("signed-until", &soon), free],
    ] {
        added(centre, "/interpreters/new", &with(HIWOT, changed));
    }
    let offered = |page: &str| -> Vec<String> {
        let names = centre.get(page).all("#interpreter option");
        let names = names
            .iter()
            .map(|name| name.replace(['\u{2068}', '\u{2069}'], ""));
        names.collect()
    };
    assert_eq!(
        offered(&form),
        [
            "None",
            "Senait · Amharic: mother tongue · Arabic: good",
            "Abeba · Arabic: good · Amharic: a little",
        ]
    );
    let kept = hint(&form).replace(['\u{2068}', '\u{2069}'], "");
    assert_eq!(
        kept,
        "Not offered: Aster (Has not signed) · Hiwot (Not for visitors from: Eritrea)"
    );
    let list = centre.get("/interpreters");
    let id = |name: &str| {
        let names = list.all(".row-names a");
        let place = names.iter().position(|one| one == name).expect(name);
        let link = format!(".rows .row:nth-child({}) .row-names a", place + 1);
        let page = list.attribute(&link, "href");
        page.trim_start_matches("/interpreters/").to_owned()
    };
    let aster = [("told", "name"), ("interpreter", &*id("Aster"))];
    let refused = ground.send(&form, &aster);
    assert!(refused.all("#interpreter-error")[0].contains("has not signed"));
    assert_eq!(refused.all("#interpreter option[selected]").len(), 1);
    let senait = [("told", "name"), ("interpreter", &*id("Senait"))];
    let referral = ground.send(&form, &senait).to;
    ground.agree(&referral, "");
    ground.step(&referral, &[("step", "send")]);

    // Her promise runs out before the day that the partner gives.
    let (senait, abeba) = (id("Senait"), id("Abeba"));
    let later = ground.in_days(5);
    let meeting = |interpreter| {
        [
            ("step", "accept"),
            ("day", &*later),
            ("hour", "9"),
            ("interpreter", interpreter),
        ]
    };
    let refused = ground.step(&referral, &meeting(&senait));
    assert!(refused.all("#interpreter-error")[0].contains("for that day"));
    assert_eq!(ground.stage(&referral), "Sent", "and nothing is noted");
    assert_eq!(
        ground.step(&referral, &meeting(&abeba)).status,
        StatusCode::SEE_OTHER
    );
    let facts = |named: &str| {
        let facts = centre.get(&referral).all(".facts dd");
        facts.iter().any(|fact| fact == named)
    };
    assert!(facts("Abeba") && !facts("Senait"));
    let alone = [("step", "appoint"), ("day", &*later), ("hour", "10")];
    ground.step(&referral, &alone);
    assert!(!facts("Abeba"), "left out");
}

#[test]
fn after_a_no_the_draft_goes_to_another_partner_who_is_agreed_to_anew() {
    let ground = Ground::new();
    let centre = &ground.centre;
    let referral = ground.drafted();
    ground.agree(&referral, "");
    ground.step(&referral, &[("step", "send")]);
    ground.step(&referral, &[("step", "decline"), ("reason", "No bed free")]);
    let other = centre
        .get(&referral)
        .attribute(".actions .button-main", "href");
    let list = centre.get(&other.replace("&amp;", "&"));
    assert_eq!(
        list.all(".row-names b"),
        ["Amber Clinic", "Cedar Clinic"],
        "who has just said no stands last"
    );
    assert!(
        list.all(".row:last-child .badge")
            .contains(&"Declined".to_owned())
    );
    assert_eq!(
        ground.stage(&referral),
        "Declined",
        "looking changes nothing"
    );
    let form = list.attribute(".row-act a", "href").replace("&amp;", "&");
    let page = centre.get(&form);
    assert_eq!(page.all("#health"), ["Fever and cough"], "taken along");
    let id = referral.trim_start_matches("/referrals/").to_owned();
    let told = [
        ("told", "name"),
        ("told", "health"),
        ("health", "Fever and cough"),
        ("reason", "The only one left"),
        ("referral", &*id),
    ];
    assert_eq!(ground.send(&form, &told).to, referral);
    assert_eq!(ground.stage(&referral), "Draft");
    assert!(
        ground
            .letter(&referral)
            .html
            .contains("for another partner")
    );

    ground.agree(&referral, "");
    ground.step(&referral, &[("step", "send")]);
    ground.step(&referral, &[("step", "decline"), ("reason", "No bed free")]);
    let page = centre.get(&referral);
    let why = page.value("cancel-reason");
    ground.step(&referral, &[("step", "cancel"), ("cancel-reason", &why)]);
    assert_eq!(ground.stage(&referral), "Cancelled");
    let page = centre.get(&referral);
    assert!(page.html.contains("Nobody else can help"));
    // Who was told what can be read for ever.
    let mut told = page.all("section li > b + bdi");
    told.sort_unstable();
    let (amber, cedar) = (["Amber Clinic"; 5], ["Cedar Clinic"; 4]);
    assert_eq!(told, [&amber[..], &cedar].concat());
}

/// Every page that a desk login gets, after a referral with an appointment was made.
#[test]
fn the_desk_sees_the_time_and_place_of_an_appointment_and_nothing_else() {
    let ground = Ground::new();
    let referral = ground.drafted();
    ground.agree(&referral, "");
    ground.step(&referral, &[("step", "send")]);
    let day = ground.in_days(1);
    ground.step(
        &referral,
        &[
            ("step", "accept"),
            ("day", &day),
            ("hour", "9"),
            ("place", "Main door"),
        ],
    );
    add(&ground.centre, "Omar", Roles::DESK);
    enter(&ground.centre, "Omar");
    for path in [
        referral.clone(),
        "/referrals".into(),
        ground.new_page(),
        format!("/cases/{}/referrals", ground.case),
    ] {
        assert_eq!(
            ground.centre.get(&path).status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let rows: Vec<(String, Option<String>)> = ground
        .centre
        .app
        .vault
        .read(|db| {
            db.all("select hour, room from appointment", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
        })
        .unwrap_or_else(|why: darna::vault::Refusal| panic!("{why}"));
    assert_eq!(rows, [("09:00".to_owned(), Some("Main door".to_owned()))]);
    let journal: Vec<String> = ground
        .centre
        .app
        .vault
        .read(|db| db.all("select name || ids from journal", [], |row| row.get(0)))
        .unwrap_or_else(|why: darna::vault::Refusal| panic!("{why}"));
    let id = referral.trim_start_matches("/referrals/");
    assert!(
        journal
            .iter()
            .all(|row| !row.contains("referral") && !row.contains(id))
    );
    assert!(
        journal
            .iter()
            .all(|row| !row.contains(&ground.case.to_string()))
    );
    assert_eq!(ground.leila.roles, Roles::CASEWORKER.and(Roles::DESK));
}

#[test]
fn what_came_in_is_answered_taken_into_a_case_and_reported_back() {
    let ground = Ground::new();
    let centre = &ground.centre;
    let today = ground.in_days(0);
    assert!(centre.get("/referrals/in").html.contains("Nobody waits"));
    let partner = centre.get("/referrals/in/new");
    let partner = partner.attribute("#partner option:last-child", "value");
    let coming = |called, received| {
        [
            ("partner", &*partner),
            ("called", called),
            ("received", received),
            ("need", "LEG.advice"),
            ("urgency", "emergency"),
            ("words", "Not paid for a year"),
        ]
    };
    let tomorrow = ground.in_days(1);
    let wrong = centre.post(
        "/referrals/in/new",
        "/referrals/in/new",
        &coming("", &tomorrow),
    );
    let errors = wrong.all(".error span");
    assert_eq!(
        errors,
        [
            "Fill this in.",
            "This day has not come yet. Write today or a day before."
        ]
    );
    assert!(
        wrong.html.contains("Not paid for a year"),
        "what was typed stays"
    );
    let came = centre.post(
        "/referrals/in/new",
        "/referrals/in/new",
        &coming("K-417", &today),
    );
    assert_eq!(came.status, StatusCode::SEE_OTHER, "{}", came.html);
    let page = came.to;
    let stands = |part: &str, called: &str| {
        let lines = centre.get("/cases").all(&format!("{part} .row"));
        lines.iter().any(|line| line.contains(called))
    };
    assert!(stands("#now", "K-417"), "an emergency: today");
    let mut soon = coming("K-416", &today);
    soon[4].1 = "urgent";
    centre.post("/referrals/in/new", "/referrals/in/new", &soon);
    assert!(stands("#soon", "K-416"), "urgent: within three days");

    let step = |fields: &[(&str, &str)]| centre.post(&page, &format!("{page}/steps"), fields);
    let empty = step(&[("step", "decline"), ("reason", " ")]);
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let early = centre.post(&page, &format!("{page}/feedback"), &[]);
    assert_eq!(
        early.status,
        StatusCode::NOT_FOUND,
        "no paper before an answer"
    );
    step(&[("step", "accept")]);
    assert_eq!(centre.get(&page).all(".who .badge"), ["Accepted"]);
    centre.post(&page, &format!("{page}/feedback"), &[]);
    let text = pdf::text(&centre.outside.last_shown());
    assert!(
        text.contains("K-417") && text.contains("We will help"),
        "{text}"
    );
    assert!(text.contains("What you asked us for"), "{text}");
    assert!(!text.contains("Not paid for a year"), "{text}");

    let other = CaseId::from_bytes([9; 16]).to_string();
    let unknown = step(&[("step", "link"), ("case", &other)]);
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = centre.get(&page);
    assert!(form.all("#case option[selected]")[0].contains("Choose"));
    let nothing = step(&[
        ("step", "link"),
        ("case", &form.attribute("#case option", "value")),
    ]);
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    // The wrong one was chosen: hers, as long as nothing was told, can be chosen instead.
    let stranger = visitor(centre, "Sami Tesfaye");
    let wrong = open(centre, ground.leila, stranger, "A fine", &[]);
    step(&[("step", "link"), ("case", &wrong.to_string())]);
    assert!(centre.get(&page).html.contains("C-2026-0002"));
    let case = ground.case.to_string();
    step(&[("step", "link"), ("case", &case)]);
    let linked = centre.get(&page);
    assert!(linked.html.contains("C-2026-0001"));
    assert!(!linked.all("#case option").join(" ").contains("C-2026-0001"));
    // Once the case is closed, the work list asks for the report.
    let asks = |centre: &Centre| {
        let work = centre.get("/cases").html;
        work.contains("Report back to the partner")
    };
    assert!(!asks(centre));
    let closing = [("outcome", "withdrew"), ("satisfaction", "good")];
    let at = format!("/cases/{case}");
    centre.post(&at, &format!("{at}/closing"), &closing);
    assert!(asks(centre));
    let silent = step(&[("step", "report"), ("report", ""), ("how", "spoken")]);
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    step(&[
        ("step", "report"),
        ("report", "She came and is safe"),
        ("how", "spoken"),
    ]);
    assert!(!asks(centre));
    centre.post(&page, &format!("{page}/feedback"), &[]);
    let text = pdf::text(&centre.outside.last_shown());
    assert!(text.contains("She came and is safe"), "{text}");
    assert!(text.contains("nothing more"), "{text}");
    assert!(centre.app.vault.verify_journals().is_ok());

    // Somebody who was awaited and never came does not stand in the list for ever.
    let never = coming("K-418", &today);
    let never = centre
        .post("/referrals/in/new", "/referrals/in/new", &never)
        .to;
    let step = |fields: &[(&str, &str)]| centre.post(&never, &format!("{never}/steps"), fields);
    step(&[("step", "accept")]);
    centre.clock.advance(8 * 24 * 3600);
    let awaited = || centre.get("/cases").all("#overdue .row").join(" ");
    assert!(awaited().contains("K-418"));
    step(&[("step", "decline"), ("reason", "Nobody came to us")]);
    assert!(!awaited().contains("K-418"));
    centre.post(&never, &format!("{never}/feedback"), &[]);
    let text = pdf::text(&centre.outside.last_shown());
    assert!(text.contains("Nobody came to us"), "{text}");
    assert!(text.contains("We had said that we would help"), "{text}");

    // Another caseworker sees that somebody came and was answered, and no more of the case.
    add(centre, "Omar", Roles::CASEWORKER);
    enter(centre, "Omar");
    assert_eq!(centre.get(&page).status, StatusCode::NOT_FOUND);
}

#[test]
fn a_manager_reads_a_referral_only_on_a_reason_and_writes_none() {
    let ground = Ground::new();
    let referral = ground.drafted();
    let centre = &ground.centre;
    let case = format!("/cases/{}", ground.case);
    centre.post("/", "/lock", &[]);
    let told = [
        ("name", "Samira"),
        ("passphrase", darna_tests::centre::PASSPHRASE),
    ];
    assert_eq!(centre.post("/lock", "/unlock", &told).to, "/");
    assert_eq!(centre.get(&referral).status, StatusCode::NOT_FOUND);
    assert_eq!(centre.get("/referrals").status, StatusCode::NOT_FOUND);
    let why = [("reason", "The partner complains")];
    centre.post(&case, &format!("{case}/reading"), &why);
    let page = centre.get(&referral);
    assert!(page.html.contains("Fever and cough"), "{}", page.html);
    assert!(page.all("form[action$='/consent']").is_empty());
    assert!(page.all("form[action$='/steps']").is_empty());
    let list = centre.get(&format!("{case}/referrals"));
    assert_eq!(list.all(".rows .row").len(), 1);
    assert!(!list.html.contains("/referrals/new"));
    let step = centre.post(
        &referral,
        &format!("{referral}/steps"),
        &[("step", "cancel")],
    );
    assert_eq!(step.status, StatusCode::NOT_FOUND);
    // Tomorrow it is asked again.
    centre.post("/", "/lock", &[]);
    centre.clock.advance(86_400);
    assert_eq!(centre.post("/lock", "/unlock", &told).to, "/");
    assert_eq!(centre.get(&referral).status, StatusCode::NOT_FOUND);
}
