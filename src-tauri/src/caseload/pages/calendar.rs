//! A month of deadlines, hearings and appointments, in the centre's own week.

use askama::Template;
use chrono::{Datelike, Days, Months, NaiveDate};

use crate::caseload::rules::{DatedKind, Period};
use crate::caseload::store::{self, Dated};
use crate::kit::date::{Precision, ToldDate};
use crate::people::Named;
use crate::settings;
use crate::vault::Refusal;
use crate::web::{Answer, Call, Ctx, Result};

struct Entry {
    kind: DatedKind,
    label: String,
    what: String,
    name: String,
    href: String,
    number: String,
}

struct Cell {
    day: NaiveDate,
    told: String,
    today: bool,
    weekend: bool,
    outside: bool,
    entries: Vec<Entry>,
}

#[derive(Template)]
#[template(path = "caseload/calendar.html")]
struct Calendar<'p> {
    c: &'p Ctx,
    heading: String,
    weekdays: Vec<String>,
    weeks: Vec<Vec<Cell>>,
    before: NaiveDate,
    after: NaiveDate,
    none: bool,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    let on = match ToldDate::parse(call.sent.get("on")) {
        Ok(told) => told.date,
        Err(_) => c.today(),
    };
    let first = on.with_day(1).unwrap_or(on);
    let last = first + Months::new(1) - Days::new(1);
    let settings = call.read(settings::of)?;
    let start = settings.week_start.weekday();
    // The week's first day on or before.
    let back = |day: NaiveDate| day - Days::new(u64::from(day.weekday().days_since(start)));
    let (from, until) = (back(first), back(last) + Days::new(6));
    let period = Period::new(from, until).ok_or(Refusal::Missing)?;
    let user = call.actor()?.user;
    let (dated, named) = call.list_casework(|casework| {
        let dated = store::dated(casework, user, period)?;
        let named = Named::of(casework, dated.iter().filter_map(|one| one.person))?;
        Ok::<_, Refusal>((dated, named))
    })?;
    let none = dated.is_empty();
    let mut weeks: Vec<Vec<Cell>> = Vec::new();
    for day in from.iter_days().take_while(|day| *day <= until) {
        if day.weekday() == start {
            weeks.push(Vec::new());
        }
        let of_day = dated.iter().filter(|one| one.day == day);
        let cell = Cell {
            day,
            told: c.weekday(day),
            today: day == c.today(),
            weekend: settings.weekend.has(day.weekday()),
            outside: day < first || day > last,
            entries: of_day.map(|one| entry(c, one, &named)).collect(),
        };
        if let Some(week) = weeks.last_mut() {
            week.push(cell);
        }
    }
    Answer::page(&Calendar {
        c,
        heading: c.told(ToldDate {
            date: first,
            precision: Precision::Month,
        }),
        weekdays: (0..7)
            .map(|n| c.day_name((from + Days::new(n)).weekday()))
            .collect(),
        weeks,
        before: first - Months::new(1),
        after: first + Months::new(1),
        none,
    })
}

fn entry(c: &Ctx, one: &Dated, named: &Named) -> Entry {
    let (case, item) = (one.case, one.item);
    Entry {
        kind: one.kind,
        label: c.t(one.kind.label_key()),
        what: one.what.clone(),
        name: named.get(one.person),
        href: match one.kind {
            DatedKind::Appointment => format!("/cases/{case}/people"),
            DatedKind::Deadline | DatedKind::Hearing => {
                format!("/cases/{case}/steps?item={item}")
            }
        },
        number: one.number.to_string(),
    }
}
