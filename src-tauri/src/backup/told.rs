//! Failures, sizes, times and reminders in words.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use crate::vault::backup::rules::Reminder;
use crate::vault::backup::{Failure, Known};
use crate::vault::{Db, Refusal};
use crate::web::Ctx;

/// A failure's sentence with its numbers.
pub fn failure(c: &Ctx, failure: &Failure) -> String {
    let key = failure.to_string();
    match failure {
        Failure::Gone { percent } => c.tw(&key, &[("percent", &percent.to_string())]),
        Failure::Full { needed, free } => {
            let (needed, free) = (size(c, *needed), size(c, *free));
            c.tw(&key, &[("needed", &needed), ("free", &free)])
        }
        Failure::Part { number, name } => {
            c.tw(&key, &[("number", &number.to_string()), ("part", name)])
        }
        Failure::Files { number, damaged } => c.tw(
            &key,
            &[("number", &number.to_string()), ("n", &damaged.to_string())],
        ),
        Failure::Vault(Refusal::Wait(seconds)) => c.tw(&key, &[("seconds", &seconds.to_string())]),
        Failure::Passphrase { at } => c.tw(&key, &[("day", &day(c, *at))]),
        _ => c.t(&key),
    }
}

/// As people say it: whole megabytes, or gigabytes with one decimal.
pub fn size(c: &Ctx, bytes: u64) -> String {
    const MB: u64 = 1_000_000;
    if bytes < 1_000 * MB {
        let whole = bytes.div_ceil(MB).to_string();
        return c.tw("backup.size.mb", &[("n", &whole)]);
    }
    let tenths = bytes.div_ceil(100 * MB);
    let (whole, tenth) = ((tenths / 10).to_string(), (tenths % 10).to_string());
    c.tw("backup.size.gb", &[("n", &whole), ("tenth", &tenth)])
}

pub fn left(c: &Ctx, left: Duration) -> String {
    let minutes = left.as_secs().div_ceil(60);
    if minutes < 2 {
        c.t("backup.left.minute")
    } else {
        c.tw("backup.left.minutes", &[("n", &minutes.to_string())])
    }
}

pub fn moment(c: &Ctx, at: i64) -> String {
    c.moment(DateTime::<Utc>::from_timestamp(at, 0).unwrap_or_default())
}

fn day(c: &Ctx, at: i64) -> String {
    let at = DateTime::<Utc>::from_timestamp(at, 0).unwrap_or_default();
    c.day(at.date_naive())
}

/// A reminder as the home page shows it.
pub struct Reminded {
    /// The notice's kind: `wait`, or `warm` from the seventh day.
    pub kind: &'static str,
    pub title: String,
    pub text: String,
}

pub fn reminded(db: &Db<'_>, c: &Ctx, today: NaiveDate) -> Result<Option<Reminded>, Refusal> {
    if c.practice() {
        return Ok(None);
    }
    Ok(Known::of(db, today)?
        .reminder
        .map(|reminder| in_words(c, reminder)))
}

pub fn in_words(c: &Ctx, reminder: Reminder) -> Reminded {
    let (kind, title, text, days) = match reminder {
        Reminder::Due { days } => ("wait", "backup.remind.due", "backup.remind.due_hint", days),
        Reminder::Overdue { days } => (
            "warm",
            "backup.remind.overdue",
            "backup.remind.overdue_hint",
            days,
        ),
        Reminder::CaseworkWaits => (
            "wait",
            "backup.remind.casework",
            "backup.remind.casework_hint",
            0,
        ),
        Reminder::OtherStick { days } => (
            "wait",
            "backup.remind.other",
            "backup.remind.other_hint",
            days,
        ),
        Reminder::Reread { days } => (
            "wait",
            "backup.remind.reread",
            "backup.remind.reread_hint",
            days,
        ),
        Reminder::Rehearse { days } => (
            "wait",
            "backup.remind.rehearse",
            "backup.remind.rehearse_hint",
            days,
        ),
    };
    let days = days.to_string();
    Reminded {
        kind,
        title: c.t(title),
        text: c.tw(text, &[("days", &days)]),
    }
}
