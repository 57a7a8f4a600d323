//! Those whom partners sent here: written down, answered, taken into a case, reported back.

use askama::Template;

use super::case_of;
use crate::cases::store::{self as cases, Filter, View};
use crate::kit::id::{CaseId, PartnerId, ReferralInId};
use crate::kit::text;
use crate::partners::rules::choose;
use crate::partners::{self, Partner};
use crate::people::Named;
use crate::people::consent::How;
use crate::referrals::forms::{IncomingForm, Wrong};
use crate::referrals::print;
use crate::referrals::rules::{Arrival, In, InStep, Refusal as NotTaken, Report};
use crate::referrals::store::incoming::{self as store, Incoming};
use crate::settings;
use crate::vault::{Casework, CaseworkEvent, Refusal};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result, choices};

/// Cases to choose from when somebody is taken into one.
const MOST_CASES: usize = 200;

struct Row {
    id: ReferralInId,
    called: String,
    partner: String,
    need: String,
    received: String,
    state_told: String,
    due: bool,
}

#[derive(Template)]
#[template(path = "referrals/incoming_list.html")]
struct List<'p> {
    c: &'p Ctx,
    due: Vec<Row>,
    others: Vec<Row>,
    done: Vec<Row>,
}

pub fn list(call: &Call) -> Result {
    let c = &call.context();
    let user = call.actor()?.user;
    let (partners, open, done) = call.list_casework(|casework| {
        Ok::<_, Refusal>((
            partners::all(casework)?,
            store::open(casework, user)?,
            store::done(casework, user)?,
        ))
    })?;
    let today = c.today();
    let row = |one: Incoming| {
        let due = one.due().is_some_and(|day| day <= today) || one.state == In::Received;
        row(c, &partners, &one, due)
    };
    let (due, others) = open.into_iter().map(row).partition(|row| row.due);
    Answer::page(&List {
        c,
        due,
        others,
        done: done.into_iter().map(row).collect(),
    })
}

fn row(c: &Ctx, partners: &[Partner], one: &Incoming, due: bool) -> Row {
    Row {
        id: one.id,
        called: one.coming.called.clone(),
        partner: from(c, partners, one.coming.partner),
        need: c.t(one.coming.need.label_key()),
        received: c.tw(
            "referrals.in.received_on",
            &[("day", &c.day(one.coming.received))],
        ),
        state_told: c.t(one.state.arrival().label_key()),
        due,
    }
}

/// Who sent them; somebody who is not in the directory has no name.
fn from(c: &Ctx, partners: &[Partner], partner: Option<PartnerId>) -> String {
    let known = partners.iter().find(|one| Some(one.id) == partner);
    known.map_or_else(
        || c.t("referrals.in.other_sender"),
        |one| one.profile.called(c.language()).to_owned(),
    )
}

#[derive(Template)]
#[template(path = "referrals/incoming_new.html")]
struct New<'p> {
    c: &'p Ctx,
    form: IncomingForm,
}

pub fn new(call: &Call) -> Result {
    let c = &call.context();
    let partners = call.read(partners::all)?;
    let form = IncomingForm::blank(c, &partners);
    Answer::page(&New { c, form })
}

pub fn receive(call: &Call) -> Result {
    let c = &call.context();
    let partners = call.read(partners::all)?;
    let mut form = IncomingForm::blank(c, &partners);
    let Some(coming) = form.read(c, &call.sent, &partners) else {
        return Answer::refused(&New { c, form });
    };
    let (world, actor) = (&call.app.world, call.actor()?);
    let incoming = call.write_casework(|tx| {
        let incoming = store::receive(tx, world, actor, &coming)?;
        Ok::<_, Refusal>((incoming, CaseworkEvent::ReferralInReceived { incoming }))
    })?;
    call.say("referrals.in.said.received");
    Answer::see(format!("/referrals/in/{incoming}"))
}

/// One of them with all that its page shows.
struct Loaded {
    one: Incoming,
    sender: String,
    partner: Option<Partner>,
    /// The case that follows it: its number, and whether the reader writes in it.
    case: Option<(CaseId, String, bool)>,
    /// Open cases of the reader's own, to take somebody into.
    cases: Vec<(CaseId, String)>,
}

fn load(call: &Call, c: &Ctx) -> Result<Loaded> {
    let incoming: ReferralInId = call.part("incoming")?;
    // Known before the journal tells of it, and only where its case may be seen.
    call.list_casework(|casework| {
        let one = store::incoming(casework, incoming)?.ok_or(Refusal::Missing)?;
        match one.state.case() {
            Some(case) => case_of(casework, call, case).map(|_| ()),
            None => Ok(()),
        }
    })?;
    call.read_casework(&CaseworkEvent::ReferralInRead { incoming }, |casework| {
        let one = store::incoming(casework, incoming)?.ok_or(Refusal::Missing)?;
        let partners = partners::all(casework)?;
        let case = match one.state.case() {
            Some(case) => {
                let (file, own) = case_of(casework, call, case)?;
                Some((case, file.number.to_string(), own))
            }
            None => None,
        };
        Ok(Loaded {
            sender: from(c, &partners, one.coming.partner),
            partner: partners
                .into_iter()
                .find(|known| Some(known.id) == one.coming.partner),
            case,
            cases: match one.state {
                In::Accepted | In::Linked { .. } => own_cases(casework, call, c, &one.state)?,
                _ => Vec::new(),
            },
            one,
        })
    })
}

/// Number and name of the reader's open cases, without the one that it has already.
fn own_cases(
    casework: &Casework<'_>,
    call: &Call,
    c: &Ctx,
    state: &In,
) -> Result<Vec<(CaseId, String)>> {
    let mine = Filter::of(View::Mine, c.today());
    let mut lines = cases::list(casework, call.actor()?, &mine, 0, MOST_CASES)?;
    lines.retain(|line| Some(line.case) != state.case());
    // Whoever was just taken on has a case that was just opened.
    lines.sort_by_key(|line| std::cmp::Reverse(line.number));
    let named = Named::of(casework, lines.iter().filter_map(|line| line.person))?;
    Ok(lines
        .into_iter()
        .map(|line| {
            let name = named.get(line.person);
            // Isolated: a Latin number beside an Arabic name keeps its order in a list.
            (
                line.case,
                format!("\u{2068}{}\u{2069} · \u{2068}{name}\u{2069}", line.number),
            )
        })
        .collect())
}

struct StepForm {
    reason: Field,
    case: Field,
    cases: Vec<Choice>,
    report: Field,
    how: Field,
    hows: Vec<Choice>,
}

impl StepForm {
    fn of(c: &Ctx, loaded: &Loaded) -> Self {
        // Nobody has agreed before somebody says how.
        let how = Field::new("how", 20);
        Self {
            reason: Field::new("reason", 300),
            case: Field::new("case", 32),
            cases: own_choices(c, loaded),
            report: Field::new("report", 600),
            hows: choices(How::ALL, |h| (h.code(), c.t(h.label_key())), &how.value),
            how,
        }
    }
}

/// Nothing is chosen of itself: a press would tie somebody to a stranger's case.
fn own_choices(c: &Ctx, loaded: &Loaded) -> Vec<Choice> {
    if loaded.cases.is_empty() {
        return Vec::new();
    }
    let nothing = Choice::new("", c.t("cases.choose"), true);
    let known = loaded.cases.iter();
    std::iter::once(nothing)
        .chain(known.map(|(case, told)| Choice::new(case.to_string(), told.clone(), false)))
        .collect()
}

#[derive(Template)]
#[template(path = "referrals/incoming.html")]
struct Page<'p> {
    c: &'p Ctx,
    id: ReferralInId,
    called: String,
    sender: String,
    partner: Option<(PartnerId, Option<String>)>,
    arrival: Arrival,
    state_told: String,
    facts: Vec<(String, String)>,
    case: Option<(CaseId, String, bool)>,
    form: StepForm,
    /// What the partner can be told on paper; not before there is an answer.
    answered: bool,
    refused: Option<String>,
}

fn shown<'p>(c: &'p Ctx, loaded: Loaded, form: StepForm, refused: Option<String>) -> Page<'p> {
    let arrival = loaded.one.state.arrival();
    Page {
        c,
        id: loaded.one.id,
        called: loaded.one.coming.called.clone(),
        arrival,
        state_told: c.t(arrival.label_key()),
        facts: facts(c, &loaded.one),
        partner: loaded
            .partner
            .map(|one| (one.id, one.profile.phones.first().cloned())),
        sender: loaded.sender,
        case: loaded.case,
        form,
        answered: arrival != Arrival::Received,
        refused,
    }
}

fn facts(c: &Ctx, one: &Incoming) -> Vec<(String, String)> {
    let coming = &one.coming;
    let mut facts = vec![
        (c.t("referrals.need"), c.t(coming.need.label_key())),
        (c.t("referrals.urgency"), c.t(coming.urgency.label_key())),
        (c.t("referrals.in.received"), c.day(coming.received)),
    ];
    let mut tell = |key: &str, value: Option<String>| {
        facts.extend(value.map(|value| (c.t(key), value)));
    };
    tell("referrals.in.words", coming.words.clone());
    tell("referrals.in.answered", one.answered.map(|day| c.day(day)));
    match &one.state {
        In::Declined {
            reason,
            after_yes: true,
        } => tell("referrals.in.ended_because", Some(reason.clone())),
        In::Declined { reason, .. } => tell("referrals.in.declined_because", Some(reason.clone())),
        In::Reported { on, report, .. } => {
            tell("referrals.in.reported", Some(c.day(*on)));
            tell("referrals.in.report", Some(report.words.clone()));
            tell("people.consent_how", Some(c.t(report.agreed.label_key())));
        }
        _ => {}
    }
    facts
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    let loaded = load(call, c)?;
    let form = StepForm::of(c, &loaded);
    Answer::page(&shown(c, loaded, form, None))
}

/// Why a step was not written.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error(transparent)]
    Vault(#[from] Refusal),
    #[error(transparent)]
    Taken(#[from] NotTaken),
}

pub fn step(call: &Call) -> Result {
    let c = &call.context();
    let loaded = load(call, c)?;
    let mut form = StepForm::of(c, &loaded);
    let Some(step) = asked(call, c, &loaded, &mut form)? else {
        return Answer::refused(&shown(c, loaded, form, None));
    };
    let incoming = loaded.one.id;
    match take(call, incoming, step) {
        Ok(arrival) => {
            call.say_of("referrals.said.noted", &c.t(arrival.label_key()), None);
            Answer::see(format!("/referrals/in/{incoming}"))
        }
        Err(Problem::Vault(refusal)) => Err(refusal),
        Err(why) => {
            let why = c.because(&why);
            Answer::refused(&shown(c, loaded, form, Some(why)))
        }
    }
}

/// The step that was asked for; `None` with the reason beside a field.
fn asked(call: &Call, c: &Ctx, loaded: &Loaded, form: &mut StepForm) -> Result<Option<InStep>> {
    let sent = &call.sent;
    Ok(match sent.get("step") {
        "accept" => Some(InStep::Accept),
        "decline" => form
            .reason
            .required(c, sent)
            .map(|reason| InStep::Decline { reason }),
        "link" => {
            let case = form.case.read(c, sent, |typed, _| {
                let known = loaded.cases.iter().find(|(id, _)| id.to_string() == typed);
                known.map(|(case, _)| *case).ok_or(Wrong::Choice)
            });
            case.map(|case| InStep::Link { case })
        }
        "report" => {
            let words = form.report.read(c, sent, text::some_lines);
            let how = form
                .how
                .read(c, sent, |v, _| How::from_code(v).ok_or(Wrong::Choice));
            form.hows = choices(
                How::ALL,
                |h| (h.code(), c.t(h.label_key())),
                &form.how.value,
            );
            words.zip(how).map(|(words, agreed)| InStep::Report {
                on: c.today(),
                report: Report { words, agreed },
            })
        }
        _ => return Err(Refusal::Missing),
    })
}

/// Where the step led.
fn take(
    call: &Call,
    incoming: ReferralInId,
    step: InStep,
) -> std::result::Result<Arrival, Problem> {
    let world = &call.app.world;
    call.write_casework(|tx| {
        let now = store::incoming(tx, incoming)?.ok_or(Refusal::Missing)?;
        let before = now.state.case();
        let next = now.state.step(step)?;
        // Whoever writes of a case has it, also of the one that it leaves.
        for case in before.into_iter().chain(next.case()) {
            super::own_case(tx, call, case)?;
        }
        store::put(tx, world, incoming, &next)?;
        let arrival = next.arrival();
        let event = match next {
            In::Linked { case } => CaseworkEvent::ReferralInLinked { incoming, case },
            In::Reported { case, .. } => CaseworkEvent::ReferralInReported { incoming, case },
            _ => CaseworkEvent::ReferralInAnswered { incoming },
        };
        Ok((arrival, event))
    })
}

/// What the partner gets to read: the centre's answer, and in the end what the person agreed to.
pub fn feedback(call: &Call) -> Result {
    let c = &call.context();
    let loaded = load(call, c)?;
    let incoming = loaded.one.id;
    if loaded.one.state == In::Received {
        return Err(Refusal::Missing);
    }
    let mut partner = loaded.partner.iter();
    if partner.any(|partner| choose(partner, None).is_err()) {
        let why = c.t("partners.refusal.no_paper");
        let form = StepForm::of(c, &loaded);
        return Answer::refused(&shown(c, loaded, form, Some(why)));
    }
    let settings = call.read(settings::of)?;
    let document = print::feedback(
        c,
        &print::Feedback {
            incoming: &loaded.one,
            sender: &loaded.sender,
            partner: loaded.partner.as_ref(),
            settings: &settings,
        },
    )?;
    let pdf = document.pdf(call.app.world.now())?;
    let vault = &call.app.vault;
    vault.write_casework(call.actor()?, None, |_| {
        Ok::<_, Refusal>(((), CaseworkEvent::FeedbackPrinted { incoming }))
    })?;
    call.show(&pdf)?;
    Answer::see(format!("/referrals/in/{incoming}"))
}
