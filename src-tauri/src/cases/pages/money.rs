//! The money of a case: what was claimed, offered, agreed and received; instalments.

use std::result::Result as Either;

use askama::Template;

use super::{Head, Inline, Stopped, back, change, choices, enter, on_page, refused, show};
use crate::cases::forms::{Money, Wrong, chosen, day, day_gone, day_to_come};
use crate::cases::print;
use crate::cases::rules::{
    self, Balance, Instalment, InstalmentStanding, MoneyRefusal, SumKind, balances, settlement,
};
use crate::cases::store::{self, NewSum};
use crate::kit::date;
use crate::kit::id::{CaseId, InstalmentId, SumId};
use crate::kit::money::Amount;
use crate::kit::paper::Paper;
use crate::people;
use crate::settings;
use crate::vault::{Casework, CaseworkEvent, Refusal};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result};

struct SumLine {
    id: SumId,
    /// Money that came has a receipt.
    receipt: bool,
    label: String,
    amount: String,
    day: String,
    note: Option<String>,
    by: String,
    void_reason: Option<String>,
}

struct InstalmentLine {
    id: InstalmentId,
    due: String,
    amount: String,
    standing: InstalmentStanding,
    label: String,
    /// What has come of it and what is left, where that is not the whole.
    facts: Vec<String>,
    open: bool,
    may_go: bool,
    /// What came of it, as much as is expected where nothing else is typed, and the day.
    coming: Field,
    day: Field,
    /// Another day, and why it is taken out.
    to: Field,
    reason: Field,
}

impl InstalmentLine {
    fn of(c: &Ctx, one: &Instalment) -> Self {
        let today = c.today();
        let standing = one.standing(today);
        Self {
            id: one.plan.id,
            due: c.day(one.plan.due),
            amount: one.plan.amount.written(),
            standing,
            label: c.t(standing.label_key()),
            facts: facts(c, one),
            open: one.is_open(),
            may_go: one.may_go(),
            coming: Field::new("received-amount", 24).typed(&one.expected.number()),
            day: Field::new("received-day", 12).typed(&date::typed(today)),
            to: Field::new("move-day", 12),
            reason: Field::new("instalment-reason", 200),
        }
    }

    /// Whether what was typed to change it was refused.
    fn is_changing(&self) -> bool {
        self.to.error.is_some() || self.reason.error.is_some()
    }
}

fn facts(c: &Ctx, one: &Instalment) -> Vec<String> {
    // The sum by itself: in a line from the right its currency would come before it.
    let alone = |amount: Amount| format!("\u{2068}{}\u{2069}", amount.written());
    let (came, open) = (alone(one.came), alone(one.expected));
    let amounts = [("came", &*came), ("open", &*open)];
    let less = one.expected.minor < one.plan.amount.minor;
    let what = match (one.standing(c.today()), one.came.minor > 0) {
        (InstalmentStanding::Received | InstalmentStanding::ReceivedLate, _) => {
            let day = one.last.map(|day| c.day(day)).unwrap_or_default();
            Some(c.tw("cases.received_on", &[("day", &day)]))
        }
        (InstalmentStanding::FellAway | InstalmentStanding::TakenOut, true) => {
            Some(c.tw("cases.instalment_came", &amounts))
        }
        (InstalmentStanding::Expected | InstalmentStanding::Overdue, true) => {
            Some(c.tw("cases.instalment_part", &amounts))
        }
        (InstalmentStanding::Expected | InstalmentStanding::Overdue, false) if less => {
            Some(c.tw("cases.instalment_less", &amounts))
        }
        _ => None,
    };
    let first = one.plan.moved_from.map(|day| c.day(day));
    let moved = first.map(|day| c.tw("cases.instalment_moved", &[("day", &day)]));
    let voided = one.plan.void_reason.as_deref();
    let voided = voided.map(|why| c.tw("cases.voided", &[("why", why)]));
    what.into_iter().chain(moved).chain(voided).collect()
}

struct BalanceLine {
    currency: &'static str,
    claimed: String,
    offered: String,
    agreed: String,
    received: String,
    open: String,
}

#[derive(Template)]
#[template(path = "cases/money.html")]
struct Page<'p> {
    c: &'p Ctx,
    head: Head,
    /// The instalment that the work list led to.
    item: String,
    balances: Vec<BalanceLine>,
    settlement: Option<(rules::Settlement, String)>,
    instalments: Vec<InstalmentLine>,
    /// What of the agreed sums no instalment brings.
    loose: Vec<String>,
    sums: Vec<SumLine>,
    kind: Field,
    kinds: Vec<Choice>,
    sum: Money,
    day: Field,
    note: Field,
    plan: Money,
    due: Field,
    reason: Inline<SumId>,
}

impl Page<'_> {
    fn line(&mut self, id: InstalmentId) -> Result<&mut InstalmentLine> {
        let mut lines = self.instalments.iter_mut();
        lines.find(|line| line.id == id).ok_or(Refusal::Missing)
    }
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, money_page, |_, page| Answer::page(&page))
}

fn money_page<'p>(call: &Call, c: &'p Ctx) -> Result<Either<Page<'p>, Answer>> {
    let (head, file) = match enter(call, c, "money")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    let today = c.today();
    let (lines, sums, instalments, own) = call.list_casework(|casework| {
        Ok::<_, Refusal>((
            store::sum_lines(casework, file.id)?,
            store::sums(casework, file.id)?,
            store::instalments(casework, file.id)?,
            settings::of(casework)?.currency,
        ))
    })?;
    let balances = balances(&sums);
    let now = date::typed(today);
    // Who typed one sum of a case in its currency goes on in it.
    let own = lines
        .first()
        .map_or(own, |line| line.sum.amount.currency.code.to_owned());
    let loose = rules::unplanned_rest(&balances, &instalments);
    Ok(Ok(Page {
        c,
        head,
        item: call.sent.get("item").to_owned(),
        settlement: settlement(&balances, &instalments, today)
            .map(|stands| (stands, c.t(stands.label_key()))),
        balances: balances.iter().map(balance_line).collect(),
        instalments: instalments
            .iter()
            .map(|one| InstalmentLine::of(c, one))
            .collect(),
        loose: loose.into_iter().map(Amount::written).collect(),
        sums: lines
            .into_iter()
            .map(|line| SumLine {
                id: line.sum.id,
                receipt: line.sum.kind == SumKind::Received && line.void_reason.is_none(),
                label: c.t(line.sum.kind.label_key()),
                amount: line.sum.amount.written(),
                day: c.day(line.sum.day),
                note: line.note,
                by: line.by,
                void_reason: line.void_reason,
            })
            .collect(),
        kind: Field::new("sum-kind", 20),
        kinds: kinds(c, SumKind::Claimed.code()),
        sum: Money::new(c, "sum", &own),
        day: Field::new("sum-day", 12).typed(&now),
        note: Field::new("sum-note", 200),
        plan: Money::new(c, "plan", &own),
        due: Field::new("plan-due", 12),
        reason: Inline::new("void-reason", 200),
    }))
}

fn kinds(c: &Ctx, chosen: &str) -> Vec<Choice> {
    choices(SumKind::ALL, |k| (k.code(), c.t(k.label_key())), chosen)
}

fn balance_line(balance: &Balance) -> BalanceLine {
    let zero = Amount {
        minor: 0,
        ..balance.agreed
    };
    BalanceLine {
        currency: balance.agreed.currency.code,
        claimed: balance.claimed.number(),
        offered: balance.offered.number(),
        agreed: balance.agreed.number(),
        received: balance.received.number(),
        open: balance.outstanding().unwrap_or(zero).number(),
    }
}

/// The rule that stopped a write; whatever else stopped it is the caller's.
fn rule(done: Either<(), Stopped<MoneyRefusal>>) -> Result<Option<MoneyRefusal>> {
    match done {
        Ok(()) => Ok(None),
        Err(Stopped::Rule(why)) => Ok(Some(why)),
        Err(Stopped::Vault(refusal)) => Err(refusal),
    }
}

pub fn note(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, money_page, |case, mut page| {
        let own = call.read(settings::of)?.currency;
        let today = c.today();
        let kind = page
            .kind
            .read(c, &call.sent, |v, _| chosen(SumKind::from_code(v)));
        page.kinds = kinds(c, &page.kind.value);
        let amount = page.sum.read(c, &call.sent, &own);
        let on = page.day.read(c, &call.sent, |v, _| day_gone(v, today));
        let note = page.note.optional(c, &call.sent);
        let (Some(kind), Some(amount), Some(on), Some(note)) = (kind, amount, on, note) else {
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        let done = call.write_casework(|tx| {
            super::own(call, tx, case)?;
            rules::fits(kind, amount, &store::sums(tx, case)?).map_err(Stopped::Rule)?;
            let new = NewSum {
                kind,
                amount,
                day: on,
                note: note.as_deref(),
                instalment: None,
            };
            let sum = store::note_sum(tx, world, actor, case, &new)?;
            Ok(((), CaseworkEvent::SumNoted { case, sum }))
        });
        if let Some(why) = rule(done)? {
            page.sum.amount.wrong(c.because(&why));
            return refused(&page);
        }
        back(call, case, "/money", "cases.said.sum")
    })
}

pub fn void(call: &Call) -> Result {
    let c = &call.context();
    let sum: SumId = call.part("sum")?;
    on_page(call, c, money_page, |case, mut page| {
        let read = |field: &mut Field| field.required(c, &call.sent);
        let Some(reason) = page.reason.read(sum, read) else {
            return refused(&page);
        };
        change(call, case, |tx, _| {
            if !store::void_sum(tx, &call.app.world, case, sum, &reason)? {
                return Err(Refusal::Missing);
            }
            Ok(((), CaseworkEvent::SumVoided { case, sum }))
        })?;
        back(call, case, "/money", "cases.said.voided")
    })
}

pub fn plan(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, money_page, |case, mut page| {
        let own = call.read(settings::of)?.currency;
        let amount = page.plan.read(c, &call.sent, &own);
        let due = page.due.read(c, &call.sent, |v, _| day(v));
        let (Some(amount), Some(due)) = (amount, due) else {
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        let done = call.write_casework(|tx| {
            super::own(call, tx, case)?;
            let (sums, known) = (store::sums(tx, case)?, store::instalments(tx, case)?);
            rules::plans(amount, &sums, &known).map_err(Stopped::Rule)?;
            let instalment = store::plan_instalment(tx, world, actor, case, due, amount)?;
            Ok(((), CaseworkEvent::InstalmentPlanned { case, instalment }))
        });
        if let Some(why) = rule(done)? {
            page.plan.amount.wrong(c.because(&why));
            return refused(&page);
        }
        back(call, case, "/money", "cases.said.instalment")
    })
}

/// An instalment of which something is still to come.
fn open(casework: &Casework<'_>, case: CaseId, id: InstalmentId) -> Result<Instalment> {
    let known = store::instalments(casework, case)?;
    let found = known.into_iter().find(|known| known.plan.id == id);
    found.filter(Instalment::is_open).ok_or(Refusal::Missing)
}

/// All of an instalment comes, or a part of it: what is left stays expected on its day.
pub fn receive(call: &Call) -> Result {
    let c = &call.context();
    let instalment: InstalmentId = call.part("instalment")?;
    on_page(call, c, money_page, |case, mut page| {
        let today = c.today();
        let known = call.list_casework(|casework| open(casework, case, instalment))?;
        let currency = known.plan.amount.currency;
        let line = page.line(instalment)?;
        let sent = &call.sent;
        let amount = line.coming.read(c, sent, |v, _| {
            Amount::parse(v, currency).map_err(Wrong::from)
        });
        let on = line.day.read(c, sent, |v, _| day_gone(v, today));
        let (Some(amount), Some(on)) = (amount, on) else {
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        let done = call.write_casework(|tx| {
            super::own(call, tx, case)?;
            let known = open(tx, case, instalment)?;
            rules::receives(amount, &known).map_err(Stopped::Rule)?;
            let new = NewSum {
                kind: SumKind::Received,
                amount,
                day: on,
                note: None,
                instalment: Some(instalment),
            };
            store::note_sum(tx, world, actor, case, &new)?;
            Ok(((), CaseworkEvent::InstalmentReceived { case, instalment }))
        });
        if let Some(why) = rule(done)? {
            page.line(instalment)?.coming.wrong(c.because(&why));
            return refused(&page);
        }
        let said = match amount == known.expected {
            true => "cases.said.received",
            false => "cases.said.received_part",
        };
        back(call, case, "/money", said)
    })
}

pub fn move_to(call: &Call) -> Result {
    let c = &call.context();
    let instalment: InstalmentId = call.part("instalment")?;
    on_page(call, c, money_page, |case, mut page| {
        let line = page.line(instalment)?;
        let today = c.today();
        let Some(due) = line.to.read(c, &call.sent, |v, _| day_to_come(v, today)) else {
            return refused(&page);
        };
        change(call, case, |tx, _| {
            open(tx, case, instalment)?;
            if !store::move_instalment(tx, case, instalment, due)? {
                return Err(Refusal::Missing);
            }
            Ok(((), CaseworkEvent::InstalmentMoved { case, instalment }))
        })?;
        back(call, case, "/money", "cases.said.instalment_moved")
    })
}

pub fn void_instalment(call: &Call) -> Result {
    let c = &call.context();
    let instalment: InstalmentId = call.part("instalment")?;
    on_page(call, c, money_page, |case, mut page| {
        let line = page.line(instalment)?;
        if !line.may_go {
            return Err(Refusal::Missing);
        }
        let Some(reason) = line.reason.required(c, &call.sent) else {
            return refused(&page);
        };
        change(call, case, |tx, _| {
            if !store::void_instalment(tx, &call.app.world, case, instalment, &reason)? {
                return Err(Refusal::Missing);
            }
            Ok(((), CaseworkEvent::InstalmentVoided { case, instalment }))
        })?;
        back(call, case, "/money", "cases.said.instalment_voided")
    })
}

/// How many instalments there are, and which of them a sum came for; those taken out do not count.
fn counted(all: &[Instalment], of: Option<InstalmentId>) -> (usize, Option<usize>) {
    let mut left = all.iter().filter(|one| one.plan.void_reason.is_none());
    let count = left.clone().count();
    (count, left.position(|one| Some(one.plan.id) == of))
}

/// For money that came: what was noted is what is printed.
pub fn receipt(call: &Call) -> Result {
    let c = &call.context();
    let sum: SumId = call.part("sum")?;
    on_page(call, c, money_page, |case, page| {
        if !page.head.mine {
            return Err(Refusal::Role);
        }
        let person = page.head.people.first().map(|person| person.id);
        let (lines, instalments, record, settings) = call.list_casework(|casework| {
            let person = person.ok_or(Refusal::Missing)?;
            Ok::<_, Refusal>((
                store::sum_lines(casework, case)?,
                store::instalments(casework, case)?,
                people::record(casework, person)?.ok_or(Refusal::Missing)?,
                settings::of(casework)?,
            ))
        })?;
        // A number stays with its sum, and what was open then, whatever comes later.
        let mut received: Vec<&store::SumLine> = lines
            .iter()
            .filter(|line| line.sum.kind == SumKind::Received)
            .collect();
        received.sort_by_key(|line| line.sum.id);
        let found = received.iter().position(|line| line.sum.id == sum);
        let place = found.ok_or(Refusal::Missing)?;
        let line = received[place];
        if line.void_reason.is_some() {
            return Err(Refusal::Missing);
        }
        let (of, nth) = counted(&instalments, line.sum.instalment);
        let sums: Vec<rules::Sum> = lines
            .iter()
            .filter(|line| line.void_reason.is_none() && line.sum.id <= sum)
            .map(|line| line.sum)
            .collect();
        let open = balances(&sums)
            .iter()
            .filter_map(Balance::outstanding)
            .find(|open| open.currency == line.sum.amount.currency);
        let receipt = print::Receipt {
            number: format!("{} / {}", page.head.number, place + 1),
            line,
            instalment: nth.map(|nth| (nth + 1, of)),
            open,
            profile: &record.profile,
            settings: &settings,
        };
        let document = print::receipt(c, &receipt)?;
        show(call, case, Paper::MoneyReceipt, &document, "/money")
    })
}
