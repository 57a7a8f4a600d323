//! The days on which the whole centre is closed.

use askama::Template;
use chrono::NaiveDate;

use crate::activities::forms::full_day;
use crate::activities::rules::Term;
use crate::activities::store::sessions;
use crate::vault::{Event, Refusal};
use crate::web::{Answer, Call, Ctx, Field, Result};

/// As long as any centre closes.
const MOST_DAYS: usize = 62;

/// What is wrong with one answer. The message is a locale key.
#[derive(Debug, thiserror::Error)]
#[error("activities.refusal.holidays")]
struct TooLong;

#[derive(Template)]
#[template(path = "activities/holidays.html")]
struct Holidays<'p> {
    c: &'p Ctx,
    /// ISO 8601, in words, and what the day is called.
    days: Vec<(String, String, String)>,
    name: Field,
    from: Field,
    until: Field,
}

impl<'p> Holidays<'p> {
    fn of(call: &Call, c: &'p Ctx) -> Result<Self> {
        let days = call.read(sessions::holidays)?;
        Ok(Self {
            c,
            days: days
                .into_iter()
                .filter(|(day, _)| *day >= c.today())
                .map(|(day, name)| (day.to_string(), c.weekday(day), name))
                .collect(),
            name: Field::new("name", 60),
            from: Field::new("from", 12),
            until: Field::new("until", 12),
        })
    }
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&Holidays::of(call, c)?)
}

pub fn add(call: &Call) -> Result {
    let c = &call.context();
    let mut page = Holidays::of(call, c)?;
    let name = page.name.required(c, &call.sent);
    let from = page.from.read(c, &call.sent, |typed, _| full_day(typed));
    let until = page
        .until
        .read(c, &call.sent, |typed, _| match typed.trim() {
            "" => Ok(None),
            typed => full_day(typed).map(Some),
        });
    let (Some(name), Some(from), Some(until)) = (name, from, until) else {
        return Answer::refused(&page);
    };
    let term = match Term::new(from, until.unwrap_or(from)) {
        Ok(term) => term,
        Err(why) => {
            page.until.wrong(c.because(&why));
            return Answer::refused(&page);
        }
    };
    let days: Vec<NaiveDate> = from
        .iter_days()
        .take_while(|day| *day <= term.until())
        .take(MOST_DAYS + 1)
        .collect();
    if days.len() > MOST_DAYS {
        page.until.wrong(c.because(&TooLong));
        return Answer::refused(&page);
    }
    let cancelled = call.write(|tx| {
        let sessions = sessions::add_holidays(tx, days.iter().copied(), &name)?;
        let days = u32::try_from(days.len()).unwrap_or(u32::MAX);
        Ok::<_, Refusal>((sessions, Event::HolidaysAdded { days, sessions }))
    })?;
    let number = cancelled.to_string();
    call.say_of("activities.said.holidays", &number, None);
    Answer::see("/activities/holidays")
}

pub fn remove(call: &Call) -> Result {
    let day: NaiveDate = call.part("day")?;
    call.write(|tx| {
        sessions::remove_holiday(tx, day)?;
        Ok::<_, Refusal>(((), Event::HolidayRemoved))
    })?;
    call.say("activities.said.holiday_removed");
    Answer::see("/activities/holidays")
}
