//! A paper list of a day, typed in line after line: some letters, the person, and the cursor is
//! back in the search with the day kept.

use askama::Template;
use chrono::NaiveDate;

use super::home::{Just, Row, found, just};
use crate::kit::date;
use crate::kit::id::VisitId;
use crate::people::{Named, rules::Gender};
use crate::vault::{Db, Event, Refusal};
use crate::visits::forms::{number, service};
use crate::visits::pages::{day_asked, paper_list, reason_keys, services};
use crate::visits::rules::{self, Seen};
use crate::visits::{self, Tally, Visit, Visitor};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result};

/// So many of the lines typed last as can be compared with the paper at a glance.
const SHOWN: usize = 30;
/// More than a centre of two rooms sees in a day.
const LONGEST_DAY: u32 = 500;

/// One line that was typed in, in words.
struct Line {
    visit: VisitId,
    name: Option<String>,
    reasons: String,
}

#[derive(Template)]
#[template(path = "desk/paper.html")]
struct Page<'p> {
    c: &'p Ctx,
    asked: Field,
    found: Found,
    just: Option<Just>,
    reasons: Vec<(usize, &'static str, String)>,
    lines: Vec<Line>,
    tally: Tally,
    number: Field,
    reason: Field,
    services: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "desk/paper_found.html")]
struct FoundPage<'p> {
    c: &'p Ctx,
    found: Found,
}

struct Found {
    day: NaiveDate,
    day_told: String,
    typed: String,
    searched: bool,
    /// Each with whether they are on the day's list already.
    rows: Vec<(Row, bool)>,
    /// Enter in the search box leads here, with the first row under the finger.
    focus_first: bool,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    let mut asked = Field::new("day", 12).typed(call.sent.get("day"));
    let told = day(call);
    if told.is_none() {
        asked.wrong(c.t("visits.refusal.day"));
    }
    let day = told.unwrap_or_else(|| c.today());
    if asked.error.is_none() {
        asked.value = date::typed(day);
    }
    Answer::page(&paper(call, c, day, asked)?)
}

pub fn find(call: &Call) -> Result {
    let c = &call.context();
    let day = day(call).ok_or(Refusal::Missing)?;
    let found = call.read(|db| Found::of(db, c, day, call.sent.get("q"), &on_list(db, day)?))?;
    Answer::page(&FoundPage { c, found })
}

/// The day of the list; today where none is said, `None` where it cannot be.
fn day(call: &Call) -> Option<NaiveDate> {
    let today = call.app.world.today();
    let day = day_asked(call.sent.get("day"), today)?;
    rules::paper_day(day, today).ok()
}

fn on_list(db: &Db<'_>, day: NaiveDate) -> Result<Vec<Visit>> {
    visits::of_day(db, day, LONGEST_DAY)
}

impl Found {
    fn of(db: &Db<'_>, c: &Ctx, day: NaiveDate, typed: &str, there: &[Visit]) -> Result<Self> {
        let (rows, searched) = found(db, c, typed)?;
        let is_there = |row: &Row| {
            let visitor = Visitor::Person(row.brief.id);
            there.iter().any(|visit| visit.visitor == visitor)
        };
        Ok(Self {
            day,
            day_told: c.weekday(day),
            typed: typed.to_owned(),
            searched,
            rows: rows
                .into_iter()
                .map(|row| {
                    let there = is_there(&row);
                    (row, there)
                })
                .collect(),
            focus_first: false,
        })
    }
}

fn paper<'p>(call: &Call, c: &'p Ctx, day: NaiveDate, asked: Field) -> Result<Page<'p>> {
    let in_now = call.sent.get("in").parse::<VisitId>();
    call.read(|db| {
        let there = on_list(db, day)?;
        let found = Found::of(db, c, day, call.sent.get("q"), &there)?;
        Ok(Page {
            c,
            asked,
            just: match in_now {
                Ok(visit) => just(db, c, visit)?,
                Err(_) => None,
            },
            reasons: reason_keys(c),
            lines: lines(db, c, &there)?,
            tally: visits::tally(db, day)?,
            number: Field::new("number", 3),
            reason: Field::new("reason", 20),
            services: services(c, ""),
            found: Found {
                focus_first: found.searched,
                ..found
            },
        })
    })
}

/// What was typed in, the last first.
fn lines(db: &Db<'_>, c: &Ctx, there: &[Visit]) -> Result<Vec<Line>> {
    let typed: Vec<&Visit> = there
        .iter()
        .filter(|visit| visit.arrived.is_none())
        .take(SHOWN)
        .collect();
    let named = Named::of(db, typed.iter().filter_map(|visit| visit.visitor.person()))?;
    Ok(typed
        .into_iter()
        .map(|visit| {
            let reasons: Vec<String> = visit.reasons.iter().map(|r| c.t(r.label_key())).collect();
            Line {
                visit: visit.id,
                name: visit.visitor.person().map(|person| named.get(Some(person))),
                reasons: reasons.join(" · "),
            }
        })
        .collect())
}

/// Those of the list who left no name.
pub fn count(call: &Call) -> Result {
    let c = &call.context();
    let mut asked = Field::new("day", 12).typed(call.sent.get("day"));
    let day = day(call);
    let mut page = paper(call, c, day.unwrap_or_else(|| c.today()), asked.clone())?;
    let number = page.number.read(c, &call.sent, |typed, _| number(typed));
    let reason = page.reason.read(c, &call.sent, |typed, _| service(typed));
    let (Some(number), Some(reason), Some(day)) = (number, reason, day) else {
        if day.is_none() {
            asked.wrong(c.t("visits.refusal.day"));
            page.asked = asked;
        }
        page.services = services(c, &page.reason.value);
        return Answer::refused(&page);
    };
    let nobody = Visitor::Counted(Seen {
        gender: Gender::NotRecorded,
        language: None,
    });
    let (world, actor) = (&call.app.world, call.actor()?);
    call.write(|tx| {
        for _ in 0..number {
            visits::type_later(tx, world, actor, &nobody, day, reason)?;
        }
        Ok::<_, Refusal>(((), Event::VisitsCounted { number }))
    })?;
    call.say("visits.said.counted_paper");
    Answer::see(paper_list(day))
}
