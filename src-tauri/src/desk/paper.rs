//! A paper list of a day, typed in line after line: some letters, the person, and the cursor is
//! back in the search with the day kept.

use askama::Template;
use chrono::NaiveDate;

use super::home::{Just, Looked, found, just};
use crate::kit::date;
use crate::kit::id::VisitId;
use crate::people::{Named, rules::Gender};
use crate::vault::{Db, Event, Refusal};
use crate::visits::forms::{self, service};
use crate::visits::pages::{NoList, day_asked, paper_list, reason_keys, services};
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
    looked: Looked,
    /// Of each in the list, whether they are on the day's already.
    there: Vec<bool>,
    /// Enter in the search box leads here, with the first row under the finger.
    focus_first: bool,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    let mut asked = Field::new("day", 12).typed(call.sent.get("day"));
    let day = day(call).unwrap_or_else(|wrong| {
        asked.wrong(c.because(&wrong));
        c.today()
    });
    if asked.error.is_none() {
        asked.value = date::typed(day);
    }
    Answer::page(&paper(call, c, day, asked)?)
}

pub fn find(call: &Call) -> Result {
    let c = &call.context();
    let day = day(call).map_err(|_| Refusal::Missing)?;
    let found = call.read(|db| Found::of(db, c, day, call.sent.get("q")))?;
    Answer::page(&FoundPage { c, found })
}

/// The day of the list; today where none is said.
fn day(call: &Call) -> std::result::Result<NaiveDate, NoList> {
    let today = call.app.world.today();
    let day = day_asked(call.sent.get("day"), today)?;
    Ok(rules::paper_day(day, today)?)
}

impl Found {
    fn of(db: &Db<'_>, c: &Ctx, day: NaiveDate, typed: &str) -> Result<Self> {
        let looked = found(db, c, typed)?;
        let people = looked.rows.iter().map(|row| row.brief.id);
        let there = people.map(|person| visits::came_on(db, person, day));
        Ok(Self {
            day,
            day_told: c.weekday(day),
            typed: typed.to_owned(),
            there: there.collect::<std::result::Result<_, Refusal>>()?,
            looked,
            focus_first: false,
        })
    }
}

fn paper<'p>(call: &Call, c: &'p Ctx, day: NaiveDate, asked: Field) -> Result<Page<'p>> {
    let in_now = call.sent.get("in").parse::<VisitId>();
    let (number, reason) = counted();
    call.read(|db| {
        let found = Found::of(db, c, day, call.sent.get("q"))?;
        Ok(Page {
            c,
            asked,
            just: match in_now {
                Ok(visit) => just(db, c, visit)?,
                Err(_) => None,
            },
            reasons: reason_keys(c),
            lines: lines(db, c, &visits::of_day(db, day, LONGEST_DAY)?)?,
            tally: visits::tally(db, day)?,
            number,
            reason,
            services: services(c, ""),
            found: Found {
                focus_first: found.looked.searched,
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

/// How many left no name, and why they came.
fn counted() -> (Field, Field) {
    (Field::new("number", 3), Field::new("reason", 20))
}

/// Those of the list who left no name.
pub fn count(call: &Call) -> Result {
    let c = &call.context();
    let mut asked = Field::new("day", 12).typed(call.sent.get("day"));
    let day = day(call);
    let (mut number, mut reason) = counted();
    let told = number.read(c, &call.sent, |typed, _| forms::number(typed));
    let why = reason.read(c, &call.sent, |typed, _| service(typed));
    let (Some(told), Some(why), Ok(day)) = (told, why, &day) else {
        let day = day.unwrap_or_else(|wrong| {
            asked.wrong(c.because(&wrong));
            c.today()
        });
        let page = paper(call, c, day, asked)?;
        return Answer::refused(&Page {
            services: services(c, &reason.value),
            number,
            reason,
            ..page
        });
    };
    let day = *day;
    let nobody = Visitor::Counted(Seen {
        gender: Gender::NotRecorded,
        language: None,
    });
    let (world, actor) = (&call.app.world, call.actor()?);
    call.write(|tx| {
        for _ in 0..told {
            visits::type_later(tx, world, actor, &nobody, day, why)?;
        }
        Ok::<_, Refusal>(((), Event::VisitsCounted { number: told }))
    })?;
    call.say("visits.said.counted_paper");
    Answer::see(paper_list(day))
}
