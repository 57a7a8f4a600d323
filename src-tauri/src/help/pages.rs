//! The help in a case, what waits to be decided, and one request for whoever decides.

use std::result::Result as Either;

use askama::Template;
use chrono::{Datelike, NaiveDate};

use super::print;
use super::rules::{self, Asked, Criterion, Decision, Kind, Signed, State, Step, sums};
use super::store::{self, Help, NewHelp};
use crate::cases::forms::{Money, chosen, day_to_come, if_told};
use crate::cases::store::{self as cases, note_help_read};
use crate::cases::{Head, Stopped, back, enter, on_page, one_of, own, people_choices, refused};
use crate::kit::id::{CaseId, HelpId};
use crate::kit::text;
use crate::people;
use crate::settings;
use crate::vault::{CaseworkEvent, Refusal, user_called};
use crate::web::access::Route;
use crate::web::{Answer, Call, Choice, Ctx, Field, Handler, Result, choices};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::CaseHelp, page),
    (Route::AskHelp, ask),
    (Route::GiveHelp, give),
    (Route::PrintHelpReceipt, print),
    (Route::WithdrawHelp, withdraw),
    (Route::TellHelp, tell),
    (Route::HelpWaiting, waiting),
    (Route::HelpPage, request),
    (Route::DecideHelp, decide),
];

/// Help in words.
struct Line {
    help: Help,
    kind: String,
    person: String,
    amount: Option<String>,
    criteria: Vec<String>,
    stage: String,
    on: String,
    decided: Option<String>,
    given: Option<(String, String)>,
    follow_up: Option<String>,
}

impl Line {
    fn waits(&self) -> bool {
        self.help.state == State::Asked
    }

    fn approved(&self) -> bool {
        matches!(self.help.state, State::Approved(_))
    }

    fn reason(&self) -> Option<&str> {
        self.help.state.decision()?.words.as_deref()
    }
}

fn line(c: &Ctx, help: Help, person: String) -> Line {
    Line {
        kind: c.t(help.asked.kind().label_key()),
        person,
        amount: help.asked.amount().map(|amount| amount.written()),
        criteria: help
            .criteria
            .iter()
            .map(|one| c.t(one.label_key()))
            .collect(),
        stage: c.t(help.state.stage().label_key()),
        on: c.day(help.on),
        decided: help.state.decision().map(|decision| c.day(decision.on)),
        given: match &help.state {
            State::Given { on, signed, .. } => Some((c.day(*on), c.t(signed.label_key()))),
            _ => None,
        },
        follow_up: help.follow_up.map(|day| c.day(day)),
        help,
    }
}

#[derive(Template)]
#[template(path = "help/help.html")]
struct Page<'p> {
    c: &'p Ctx,
    head: Head,
    lines: Vec<Line>,
    /// The request that the work list led to.
    item: String,
    who: Field,
    whos: Vec<Choice>,
    kind: Field,
    kinds: Vec<Choice>,
    sum: Money,
    what: Field,
    need: Field,
    criteria: Field,
    offered: Vec<Choice>,
    follow_up: Field,
    signed: Field,
    signs: Vec<Choice>,
    result: Field,
}

fn page(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, help_page, |_, page| Answer::page(&page))
}

fn help_page<'p>(call: &Call, c: &'p Ctx) -> Result<Either<Page<'p>, Answer>> {
    let (head, file) = match enter(call, c, "help")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    let (all, currency) = call.list_casework(|casework| {
        let all = store::of_case(casework, file.id)?;
        Ok::<_, Refusal>((all, settings::of(casework)?.currency))
    })?;
    let kind = Kind::Cash.code();
    Ok(Ok(Page {
        c,
        lines: all
            .into_iter()
            .map(|help| {
                let person = head.name_of(help.person);
                line(c, help, person)
            })
            .collect(),
        item: call.sent.get("item").to_owned(),
        who: Field::new("who", 40),
        whos: people_choices(&head, ""),
        kind: Field::new("help-kind", 12),
        kinds: choices(Kind::ALL, |k| (k.code(), c.t(k.label_key())), kind),
        sum: Money::new(c, "sum", &currency),
        what: Field::new("what", 200),
        need: Field::new("need", 2_000),
        criteria: Field::new("criteria", 20),
        offered: criteria_choices(c, &[]),
        follow_up: Field::new("follow-up", 12),
        signed: Field::new("signed", 12),
        signs: choices(
            Signed::ALL,
            |s| (s.code(), c.t(s.label_key())),
            Signed::Signature.code(),
        ),
        result: Field::new("follow-up-result", 400),
        head,
    }))
}

fn criteria_choices(c: &Ctx, met: &[&str]) -> Vec<Choice> {
    let offered = Criterion::ALL.iter();
    offered
        .map(|one| Choice::new(one.code(), c.t(one.label_key()), met.contains(&one.code())))
        .collect()
}

impl Page<'_> {
    /// What is asked for: a sum, or a thing that may have a worth.
    fn asked(&mut self, call: &Call, own: &str) -> Option<Asked> {
        let (c, sent) = (self.c, &call.sent);
        let kind = self.kind.read(c, sent, |v, _| chosen(Kind::from_code(v)));
        self.kinds = choices(
            Kind::ALL,
            |k| (k.code(), c.t(k.label_key())),
            &self.kind.value,
        );
        let what = match kind {
            Some(Kind::InKind) => self.what.required(c, sent).map(Some),
            _ => self.what.optional(c, sent),
        };
        let nothing = sent.get(&self.sum.amount.name).trim().is_empty();
        if kind? == Kind::InKind && nothing {
            return Some(Asked::InKind(what??, None));
        }
        let amount = self.sum.read(c, sent, own)?;
        match kind? {
            Kind::Cash => Some(Asked::Cash(amount)),
            Kind::InKind => Some(Asked::InKind(what??, Some(amount))),
        }
    }
}

fn ask(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, help_page, |case, mut page| {
        let own_currency = call.read(settings::of)?.currency;
        let (sent, today) = (&call.sent, c.today());
        let head = &page.head;
        let person = page.who.read(c, sent, |v, _| chosen(one_of(head, v)));
        let asked = page.asked(call, &own_currency);
        let need = page.need.read(c, sent, text::some_lines);
        let ticked: Vec<&str> = sent.all("criteria").collect();
        let met: Vec<Criterion> = ticked
            .iter()
            .filter_map(|code| Criterion::from_code(code))
            .collect();
        page.offered = criteria_choices(c, &ticked);
        if met.is_empty() {
            page.criteria.wrong(c.t("help.refusal.criteria"));
        }
        let follow_up = page
            .follow_up
            .read(c, sent, |v, _| if_told(v, |v| day_to_come(v, today)));
        page.whos = people_choices(&page.head, &page.who.value);
        let (Some(person), Some(asked), Some(need), Some(follow_up), false) =
            (person, asked, need, follow_up, met.is_empty())
        else {
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        call.write_casework(|tx| {
            own(call, tx, case)?;
            let new = NewHelp {
                person,
                need: &need,
                criteria: &met,
                asked: &asked,
                follow_up,
            };
            let help = store::ask(tx, world, actor, case, &new)?;
            Ok::<_, Refusal>(((), CaseworkEvent::HelpAsked { case, help }))
        })?;
        back(call, case, "/help", "help.said.asked")
    })
}

/// Takes a step of help in one's own case.
fn take(call: &Call, mut page: Page<'_>, step: Step, said: &'static str) -> Result {
    let case = page.head.case;
    let id: HelpId = call.part("help")?;
    let giving = matches!(step, Step::Give { .. });
    let done = call.write_casework(|tx| {
        own(call, tx, case)?;
        let help = in_case(store::help(tx, id)?, case)?;
        let facts = help.facts();
        let state = help.state.step(step, facts).map_err(Stopped::Rule)?;
        store::put_state(tx, id, &state)?;
        let event = if giving {
            CaseworkEvent::HelpGiven { case, help: id }
        } else {
            CaseworkEvent::HelpNoted { case, help: id }
        };
        Ok(((), event))
    });
    match done {
        Ok(()) => back(call, case, "/help", said),
        Err(Stopped::Rule(why)) => {
            page.head.problem = Some(page.c.because(&why));
            refused(&page)
        }
        Err(Stopped::Vault(why)) => Err(why),
    }
}

fn in_case(help: Help, case: CaseId) -> Result<Help> {
    if help.case == case {
        Ok(help)
    } else {
        Err(Refusal::Missing)
    }
}

fn give(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, help_page, |_, mut page| {
        let signed = page
            .signed
            .read(c, &call.sent, |v, _| chosen(Signed::from_code(v)));
        let Some(signed) = signed else {
            return refused(&page);
        };
        let step = Step::Give {
            on: c.today(),
            by: call.actor()?.user,
            signed,
        };
        take(call, page, step, "help.said.given")
    })
}

fn withdraw(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, help_page, |_, page| {
        take(call, page, Step::Withdraw, "help.said.withdrawn")
    })
}

fn tell(call: &Call) -> Result {
    let c = &call.context();
    let help: HelpId = call.part("help")?;
    on_page(call, c, help_page, |case, mut page| {
        let Some(result) = page.result.required(c, &call.sent) else {
            return refused(&page);
        };
        call.write_casework(|tx| {
            own(call, tx, case)?;
            in_case(store::help(tx, help)?, case)?;
            if !store::tell(tx, help, &result)? {
                return Err(Refusal::Missing);
            }
            Ok(((), CaseworkEvent::HelpNoted { case, help }))
        })?;
        back(call, case, "/help", "help.said.told")
    })
}

/// Prints the receipt of what was approved. Its number is given once.
fn print(call: &Call) -> Result {
    let c = &call.context();
    let case: CaseId = call.part("case")?;
    let id: HelpId = call.part("help")?;
    let (world, actor) = (&call.app.world, call.actor()?);
    // Pressed twice it is printed twice: this is not held to one write a form.
    let document = call.app.vault.write_casework(actor, None, |tx| {
        own(call, tx, case)?;
        let help = in_case(store::help(tx, id)?, case)?;
        if !matches!(help.state, State::Approved(_) | State::Given { .. }) {
            return Err(Refusal::Missing);
        }
        store::number(tx, world, id)?;
        let help = store::help(tx, id)?;
        let profile = people::record(tx, help.person)?
            .ok_or(Refusal::Missing)?
            .profile;
        let document = print::receipt(
            c,
            &print::Receipt {
                number: help.number.as_deref().unwrap_or_default(),
                day: c.today(),
                name: profile.called(),
                asked: &help.asked,
                giver: &user_called(tx, actor.user)?,
                speaks: profile.languages.first().map_or("", String::as_str),
                settings: &settings::of(tx)?,
            },
        )?;
        Ok((document, CaseworkEvent::LetterPrinted { case }))
    })?;
    call.show(&document.pdf(world.now())?)?;
    Answer::see(format!("/cases/{case}/help"))
}

#[derive(Template)]
#[template(path = "help/waiting.html")]
struct Waiting<'p> {
    c: &'p Ctx,
    lines: Vec<Line>,
    /// What whoever is in asked for, and another decides.
    mine: Vec<Line>,
    year: String,
    given: Vec<String>,
}

/// What waits for somebody to decide, without names.
fn waiting(call: &Call) -> Result {
    let c = &call.context();
    let (all, given) = call.list_casework(|casework| {
        Ok::<_, Refusal>((
            store::waiting(casework)?,
            store::given_since(casework, first_of_year(c.today()))?,
        ))
    })?;
    let user = call.actor()?.user;
    let told = all.into_iter().map(|help| line(c, help, String::new()));
    let (mine, lines) = told.partition(|line| line.help.by == user);
    Answer::page(&Waiting {
        c,
        lines,
        mine,
        year: c.today().year().to_string(),
        given: sums(&given).iter().map(|sum| sum.written()).collect(),
    })
}

fn first_of_year(today: NaiveDate) -> NaiveDate {
    today.with_ordinal(1).unwrap_or(today)
}

#[derive(Template)]
#[template(path = "help/request.html")]
struct Request<'p> {
    c: &'p Ctx,
    line: Line,
    /// Whoever is in asked for it.
    mine: bool,
    words: Field,
    problem: Option<String>,
}

fn request(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&request_page(call, c)?)
}

fn request_page<'p>(call: &Call, c: &'p Ctx) -> Result<Request<'p>> {
    let id: HelpId = call.part("help")?;
    call.list_casework(|casework| store::help(casework, id))?;
    let (world, actor) = (&call.app.world, call.actor()?);
    // Looked at twice it is written twice: this is not held to one write a form.
    call.app.vault.write_casework(actor, None, |tx| {
        let help = store::help(tx, id)?;
        let file = cases::case_file(tx, help.case)?.ok_or(Refusal::Missing)?;
        if !help.state.is_open_to(actor.user, help.by, &file.workers()) {
            return Err(Refusal::Missing);
        }
        note_help_read(tx, world, actor, &file)?;
        let person = people::briefs(tx, &[help.person])?.pop();
        let name = person.and_then(|brief| brief.names.into_iter().next());
        let page = Request {
            c,
            mine: help.by == actor.user,
            line: line(c, help, name.unwrap_or_default()),
            words: Field::new("decision", 400),
            problem: None,
        };
        Ok((page, CaseworkEvent::HelpRead { help: id }))
    })
}

fn decide(call: &Call) -> Result {
    let c = &call.context();
    let id: HelpId = call.part("help")?;
    let mut page = request_page(call, c)?;
    let Some(words) = page.words.optional(c, &call.sent) else {
        return refused(&page);
    };
    let decision = Decision {
        by: call.actor()?.user,
        on: c.today(),
        words,
    };
    let step = match call.sent.get("answer") {
        "approve" => Step::Approve(decision),
        "decline" => Step::Decline(decision),
        _ => return Err(Refusal::Missing),
    };
    let done = call.write_casework(|tx| {
        let help = store::help(tx, id)?;
        let (facts, case) = (help.facts(), help.case);
        let state = help.state.step(step, facts).map_err(Stopped::Rule)?;
        store::put_state(tx, id, &state)?;
        Ok(((), CaseworkEvent::HelpDecided { case, help: id }))
    });
    match done {
        Ok(()) => {
            call.say("help.said.decided");
            Answer::see("/help")
        }
        Err(Stopped::Rule(why @ rules::Refusal::Reason)) => {
            page.words.wrong(c.because(&why));
            refused(&page)
        }
        Err(Stopped::Rule(why)) => {
            page.problem = Some(c.because(&why));
            refused(&page)
        }
        Err(Stopped::Vault(why)) => Err(why),
    }
}
