//! The centre's week and month, with its own first day and its own weekend.

use askama::Template;
use chrono::{Datelike, Days as Span, Months, NaiveDate};

use super::{Sat, title};
use crate::activities::calendar_file::{self, Entry};
use crate::activities::forms::{full_day, week_start};
use crate::activities::rules::Status;
use crate::activities::store::{self, sessions};
use crate::kit::date::{Precision, ToldDate};
use crate::settings;
use crate::vault::{Db, Event, Refusal};
use crate::web::access::Route;
use crate::web::{Answer, Call, Ctx, Result};

/// One day of the calendar.
struct Cell {
    day: NaiveDate,
    told: String,
    today: bool,
    weekend: bool,
    /// Not of the month that is shown.
    outside: bool,
    holiday: Option<String>,
    sessions: Vec<(String, Sat)>,
}

#[derive(Template)]
#[template(path = "activities/calendar.html")]
struct Calendar<'p> {
    c: &'p Ctx,
    by_month: bool,
    heading: String,
    /// The same days in the other calendar.
    beside: Option<String>,
    weekdays: Vec<String>,
    weeks: Vec<Vec<Cell>>,
    before: NaiveDate,
    after: NaiveDate,
    on: NaiveDate,
    none: bool,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    let on = full_day(call.sent.get("on")).unwrap_or(c.today());
    let by_month = call.sent.get("by") != "week";
    let page = call.read(|db| calendar(c, db, on, by_month))?;
    Answer::page(&page)
}

/// The next twelve months as a file that other calendars read, where the dialog says.
pub fn save(call: &Call) -> Result {
    let c = &call.context();
    let asked = c.t("activities.calendar_save");
    let Some(place) = call.app.outside.place(&asked, "darna-activities.ics") else {
        return Answer::see("/activities/calendar");
    };
    let today = c.today();
    let (centre, sessions) = call.read(|db| {
        let settings = settings::of(db)?;
        let mut entries = Vec::new();
        for session in sessions::between(db, today, today + Months::new(12))? {
            if matches!(session.status, Status::Moved { .. }) {
                continue;
            }
            let activity = store::activity(db, session.activity)?.ok_or(Refusal::Missing)?;
            entries.push((title(c, &settings, &activity.details.titles), session));
        }
        Ok::<_, Refusal>((settings.name, entries))
    })?;
    let entries: Vec<Entry<'_>> = sessions
        .iter()
        .map(|(title, session)| Entry { title, session })
        .collect();
    let number = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    // First what the journal says, then the file: nothing leaves unnoticed.
    call.write(|_| Ok::<_, Refusal>(((), Event::CalendarSaved { sessions: number })))?;
    let file = calendar_file::write(&centre, &entries, call.app.world.utc());
    call.say(match std::fs::write(&place, file) {
        Ok(()) => "activities.calendar_saved",
        Err(_) => "activities.calendar_not_saved",
    });
    Answer::see("/activities/calendar")
}

fn calendar<'p>(c: &'p Ctx, db: &Db<'_>, on: NaiveDate, by_month: bool) -> Result<Calendar<'p>> {
    let settings = settings::of(db)?;
    let start = week_start(&settings);
    let (first, last) = if by_month {
        let first = on.with_day(1).unwrap_or(on);
        (first, first + Months::new(1) - Span::new(1))
    } else {
        let first = start.on_or_before(on);
        (first, first + Span::new(6))
    };
    let from = start.on_or_before(first);
    let until = start.on_or_before(last) + Span::new(6);
    let cells = cells(c, db, from, until, first, last)?;
    let none = cells.iter().all(|cell| cell.sessions.is_empty());
    let mut weeks: Vec<Vec<Cell>> = Vec::new();
    for cell in cells {
        if cell.day == start.on_or_before(cell.day) {
            weeks.push(Vec::new());
        }
        if let Some(week) = weeks.last_mut() {
            week.push(cell);
        }
    }
    let (before, after) = if by_month {
        (first - Months::new(1), first + Months::new(1))
    } else {
        (first - Span::new(7), first + Span::new(7))
    };
    Ok(Calendar {
        c,
        by_month,
        heading: heading(c, first, last, by_month),
        beside: c.beside(first, last),
        weekdays: start.week().map(|day| c.t(day.label_key())).collect(),
        weeks,
        before,
        after,
        on,
        none,
    })
}

fn heading(c: &Ctx, first: NaiveDate, last: NaiveDate, by_month: bool) -> String {
    if by_month {
        return c.told(ToldDate {
            date: first,
            precision: Precision::Month,
        });
    }
    let (from, until) = (c.day(first), c.day(last));
    c.tw(
        "activities.term_told",
        &[("from", &from), ("until", &until)],
    )
}

fn cells(
    c: &Ctx,
    db: &Db<'_>,
    from: NaiveDate,
    until: NaiveDate,
    first: NaiveDate,
    last: NaiveDate,
) -> Result<Vec<Cell>> {
    let settings = settings::of(db)?;
    let holidays = sessions::holidays(db)?;
    let mut cells: Vec<Cell> = from
        .iter_days()
        .take_while(|day| *day <= until)
        .map(|day| Cell {
            day,
            told: c.whole_day(day),
            today: day == c.today(),
            weekend: settings.weekend.has(day.weekday()),
            outside: day < first || day > last,
            holiday: holidays
                .iter()
                .find(|(closed, _)| *closed == day)
                .map(|(_, name)| name.clone()),
            sessions: Vec::new(),
        })
        .collect();
    for session in sessions::between(db, from, until)? {
        let activity = store::activity(db, session.activity)?.ok_or(Refusal::Missing)?;
        let title = title(c, &settings, &activity.details.titles);
        if let Some(cell) = cells.iter_mut().find(|cell| cell.day == session.slot.day) {
            cell.sessions.push((title, Sat::of(c, db, session)?));
        }
    }
    Ok(cells)
}
