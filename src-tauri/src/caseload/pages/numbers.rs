//! Casework in numbers: how many, of what, how long, and how much money, each currency by itself
//! unless somebody has typed what one is worth in another.

use askama::Template;
use chrono::{Datelike, Days, NaiveDate};

use crate::caseload::rules::{NoRate, Period, Whose, added, median_halves};
use crate::caseload::store::{self, Scope, Typed};
use crate::cases::rules::{Kind, Outcome, SumKind};
use crate::kit::date;
use crate::kit::id::PartyId;
use crate::kit::lists::{CURRENCIES, Currency};
use crate::kit::money::{Amount, NotAnAmount, Rate};
use crate::settings;
use crate::vault::{CaseworkEvent, Refusal, Roles};
use crate::web::form;
use crate::web::{Answer, Call, Choice, Ctx, Field, Result, choices};

/// A case that is open for longer is looked at (I21).
const OLD_AFTER_DAYS: u64 = 90;

struct KindLine {
    label: String,
    opened: u32,
    closed: usize,
    median: Option<String>,
    open: u32,
    old: u32,
}

struct MoneyLine {
    currency: String,
    claimed: String,
    agreed: String,
    received: String,
}

/// The sums in one currency, or which rates are missing for it.
struct Together {
    line: Option<MoneyLine>,
    missing: Vec<String>,
    by: Vec<String>,
}

#[derive(Template)]
#[template(path = "caseload/numbers.html")]
struct Page<'p> {
    c: &'p Ctx,
    from: Field,
    until: Field,
    whose: Field,
    whoses: Vec<Choice>,
    /// Both days, as the tables say them.
    period: String,
    kinds: Vec<KindLine>,
    all: KindLine,
    issues: Vec<(String, String, u32, u32)>,
    parties: Vec<(PartyId, String, u32, u32)>,
    outcomes: Vec<(String, usize)>,
    money: Vec<MoneyLine>,
    into: Field,
    intos: Vec<Choice>,
    together: Option<Together>,
    rate: RateForm,
    query: String,
}

struct RateForm {
    amount: Field,
    worth: Field,
    currency: Field,
    currencies: Vec<Choice>,
}

/// What is wrong with a time or a rate. The messages are locale keys.
#[derive(Debug, thiserror::Error)]
enum Wrong {
    #[error("caseload.refusal.order")]
    Order,
    #[error("caseload.refusal.currency")]
    Currency,
}

/// What is asked for, as it stands in the address.
struct Asked {
    from: Field,
    until: Field,
    whose: Field,
    into: Field,
    scope: Scope,
}

impl Asked {
    fn read(call: &Call, c: &Ctx) -> Result<Self> {
        let actor = call.actor()?;
        let today = c.today();
        let year = NaiveDate::from_ymd_opt(today.year(), 1, 1).unwrap_or(today);
        let mut from = Field::new("from", 12).typed(&date::typed(year));
        let mut until = Field::new("until", 12).typed(&date::typed(today));
        let day = |field: &mut Field, usual: NaiveDate| {
            if call.sent.get(&field.name).trim().is_empty() {
                return usual;
            }
            let read = field.read(c, &call.sent, form::day);
            read.flatten().unwrap_or(usual)
        };
        let (first, last) = (day(&mut from, year), day(&mut until, today));
        let period = Period::new(first, last);
        if period.is_none() {
            until.wrong(c.because(&Wrong::Order));
        }
        // A manager who is no caseworker has no cases of their own.
        let whose = Whose::from_code(call.sent.get("whose"))
            .filter(|_| actor.roles.meet(Roles::CASEWORKER))
            .unwrap_or(Whose::All);
        let into = Currency::from_code(call.sent.get("into")).map_or("", |one| one.code);
        let nothing = Period::new(last, last).ok_or(Refusal::Missing)?;
        Ok(Self {
            from,
            until,
            whose: Field::new("whose", 4).typed(whose.code()),
            into: Field::new("into", 3).typed(into),
            scope: Scope {
                user: (whose == Whose::Mine).then_some(actor.user),
                period: period.unwrap_or(nothing),
            },
        })
    }

    fn query(&self) -> String {
        let (from, until) = (self.scope.period.from(), self.scope.period.until());
        let (whose, into) = (&self.whose.value, &self.into.value);
        format!("from={from}&until={until}&whose={whose}&into={into}")
    }
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&numbers(call, c)?)
}

fn numbers<'p>(call: &Call, c: &'p Ctx) -> Result<Page<'p>> {
    let asked = Asked::read(call, c)?;
    let actor = call.actor()?;
    let scope = asked.scope;
    let old = c.today() - Days::new(OLD_AFTER_DAYS);
    let caseworker = actor.roles.meet(Roles::CASEWORKER);
    let into = Currency::from_code(&asked.into.value);
    let own = call.read(settings::of)?.currency;
    let query = asked.query();
    call.list_casework(|casework| {
        let opened = store::opened(casework, &scope)?;
        let closed = store::closed(casework, &scope)?;
        let running = store::running(casework, scope.user, old)?;
        let money = store::money(casework, &scope)?;
        let rates = match into {
            Some(into) => store::rates(casework, into)?,
            None => Vec::new(),
        };
        let (kinds, all) = kinds(c, &opened, &closed, &running);
        let lines = money_lines(&money);
        let issues = store::by_issue(casework, &scope)?;
        Ok(Page {
            c,
            period: c.tw(
                "caseload.period_told",
                &[
                    ("from", &c.day(scope.period.from())),
                    ("until", &c.day(scope.period.until())),
                ],
            ),
            kinds,
            all,
            issues: issues
                .into_iter()
                .map(|(issue, new, open)| {
                    (issue.code().to_owned(), c.t(issue.label_key()), new, open)
                })
                .collect(),
            // Who an employer is, caseworkers alone may know.
            parties: if caseworker {
                store::by_party(casework, &scope)?
            } else {
                Vec::new()
            },
            outcomes: outcomes(c, &closed),
            together: into.map(|into| together(c, &money, into, &rates)),
            rate: RateForm::blank(c, &lines, into.map_or("", |into| into.code)),
            money: lines,
            intos: intos(c, &asked.into, &own),
            whoses: choices(
                Whose::ALL,
                |w| (w.code(), c.t(w.label_key())),
                &asked.whose.value,
            ),
            from: asked.from,
            until: asked.until,
            whose: asked.whose,
            into: asked.into,
            query,
        })
    })
}

fn kinds(
    c: &Ctx,
    opened: &[(Kind, u32)],
    closed: &[(Kind, Outcome, i64)],
    running: &[(Kind, u32, u32)],
) -> (Vec<KindLine>, KindLine) {
    let line = |label: String, of: &dyn Fn(Kind) -> bool| {
        let days: Vec<i64> = closed
            .iter()
            .filter(|(kind, ..)| of(*kind))
            .map(|(.., days)| *days)
            .collect();
        let running = || running.iter().filter(|(kind, ..)| of(*kind));
        KindLine {
            label,
            opened: opened
                .iter()
                .filter(|(kind, _)| of(*kind))
                .map(|(_, n)| n)
                .sum(),
            closed: days.len(),
            median: median_halves(days).map(halves),
            open: running().map(|(_, open, _)| open).sum(),
            old: running().map(|(.., old)| old).sum(),
        }
    };
    let by_kind = Kind::ALL
        .iter()
        .map(|kind| line(c.t(kind.label_key()), &|other| other == *kind));
    (by_kind.collect(), line(c.t("caseload.all"), &|_| true))
}

/// `12` or `12.5`.
fn halves(halves: i64) -> String {
    let half = if halves % 2 == 0 { "" } else { ".5" };
    format!("{}{half}", halves / 2)
}

fn outcomes(c: &Ctx, closed: &[(Kind, Outcome, i64)]) -> Vec<(String, usize)> {
    let mut all: Vec<(String, usize)> = Outcome::ALL
        .iter()
        .map(|outcome| {
            let number = closed.iter().filter(|(_, ended, _)| ended == outcome);
            (c.t(outcome.label_key()), number.count())
        })
        .filter(|(_, number)| *number > 0)
        .collect();
    all.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    all
}

fn money_lines(money: &[(SumKind, Amount)]) -> Vec<MoneyLine> {
    let mut currencies: Vec<&'static Currency> = Vec::new();
    for (_, amount) in money {
        if !currencies.contains(&amount.currency) {
            currencies.push(amount.currency);
        }
    }
    let line = |currency: &'static Currency| {
        let of = |wanted: SumKind| {
            let sum = money
                .iter()
                .find(|(kind, amount)| *kind == wanted && amount.currency == currency);
            sum.map_or(Amount { minor: 0, currency }, |(_, amount)| *amount)
                .number()
        };
        MoneyLine {
            currency: currency.code.to_owned(),
            claimed: of(SumKind::Claimed),
            agreed: of(SumKind::Agreed),
            received: of(SumKind::Received),
        }
    };
    currencies.into_iter().map(line).collect()
}

fn together(
    c: &Ctx,
    money: &[(SumKind, Amount)],
    into: &'static Currency,
    typed: &[Typed],
) -> Together {
    let rates: Vec<Rate> = typed.iter().map(|typed| typed.rate).collect();
    let of = |wanted: SumKind| {
        let amounts: Vec<Amount> = money
            .iter()
            .filter(|(kind, _)| *kind == wanted)
            .map(|(_, amount)| *amount)
            .collect();
        added(&amounts, into, &rates)
    };
    let sums = [SumKind::Claimed, SumKind::Agreed, SumKind::Received].map(of);
    let mut missing: Vec<&str> = sums
        .iter()
        .filter_map(|sum| sum.as_ref().err())
        .flat_map(|NoRate(codes)| codes.iter().copied())
        .collect();
    missing.sort_unstable();
    missing.dedup();
    let used = typed.iter().filter(|typed| {
        let pair = [typed.rate.amount().currency, typed.rate.worth().currency];
        money
            .iter()
            .any(|(_, amount)| amount.currency != into && pair.contains(&amount.currency))
    });
    Together {
        line: match sums {
            [Ok(claimed), Ok(agreed), Ok(received)] => Some(MoneyLine {
                currency: into.code.to_owned(),
                claimed: claimed.number(),
                agreed: agreed.number(),
                received: received.number(),
            }),
            _ => None,
        },
        missing: missing.into_iter().map(str::to_owned).collect(),
        by: used.map(|typed| told(c, typed)).collect(),
    }
}

fn told(c: &Ctx, typed: &Typed) -> String {
    let (amount, worth) = (typed.rate.amount().written(), typed.rate.worth().written());
    let day = c.day(typed.day);
    let with = [
        ("amount", &*amount),
        ("worth", &*worth),
        ("name", &*typed.by),
        ("day", &*day),
    ];
    c.tw("caseload.rate_told", &with)
}

/// None, then the centre's own currency, then the others.
fn intos(c: &Ctx, into: &Field, own: &str) -> Vec<Choice> {
    let none = Choice::new("", c.t("caseload.apart"), into.value.is_empty());
    let first = CURRENCIES.iter().filter(|one| one.code == own);
    let rest = CURRENCIES.iter().filter(|one| one.code != own);
    let named = first.chain(rest).map(|one| {
        let label = format!("{} · {}", one.code, c.t(&one.label_key()));
        Choice::new(one.code, label, one.code == into.value)
    });
    std::iter::once(none).chain(named).collect()
}

impl RateForm {
    fn blank(c: &Ctx, lines: &[MoneyLine], into: &str) -> Self {
        let currency = Field::new("rate-currency", 3);
        Self {
            amount: Field::new("amount", 20).typed("1"),
            worth: Field::new("worth", 20),
            currencies: lines
                .iter()
                .filter(|line| line.currency != into)
                .filter_map(|line| Currency::from_code(&line.currency))
                .map(|one| {
                    let label = format!("{} · {}", one.code, c.t(&one.label_key()));
                    Choice::new(one.code, label, false)
                })
                .collect(),
            currency,
        }
    }

    fn read(&mut self, c: &Ctx, call: &Call, into: &'static Currency) -> Option<Rate> {
        let sent = &call.sent;
        let currency = self.currency.read(c, sent, |typed, _| {
            Currency::from_code(typed)
                .filter(|other| *other != into)
                .ok_or(Wrong::Currency)
        });
        for choice in &mut self.currencies {
            choice.chosen = choice.value == self.currency.value;
        }
        let amount = self
            .amount
            .read(c, sent, |typed, _| Amount::parse(typed, into));
        let worth = self.worth.read(c, sent, |typed, _| {
            Amount::parse(typed, currency.ok_or(NotAnAmount::Number)?)
        });
        Rate::new(amount?, worth?)
    }
}

/// Keeps a rate, which is the last one from then on, and adds by it.
pub fn type_rate(call: &Call) -> Result {
    let c = &call.context();
    let mut page = numbers(call, c)?;
    // A rate is typed for the currency that is added in; the page asks for that first.
    let Some(into) = Currency::from_code(&page.into.value) else {
        return Answer::see(format!("/cases/numbers?{}", page.query));
    };
    let Some(rate) = page.rate.read(c, call, into) else {
        return Answer::refused(&page);
    };
    let (world, actor) = (&call.app.world, call.actor()?);
    call.write_casework(|tx| {
        let rate = store::type_rate(tx, world, actor, rate)?;
        Ok::<_, Refusal>(((), CaseworkEvent::RateTyped { rate }))
    })?;
    call.say("caseload.said.rate");
    Answer::see(format!("/cases/numbers?{}", page.query))
}
