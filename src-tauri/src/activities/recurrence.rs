//! When something comes again: a subset of RFC 5545's RRULE on plain dates of the centre's wall.
//! Once, every so many weeks on chosen days, or on such a weekday of each month.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days as Span, NaiveDate, Weekday};

use crate::kit::lists::codes;

codes! {
    /// A day of the week, by RFC 5545's letters.
    Day in "activities.day" {
        Monday = "MO",
        Tuesday = "TU",
        Wednesday = "WE",
        Thursday = "TH",
        Friday = "FR",
        Saturday = "SA",
        Sunday = "SU",
    }
}

codes! {
    /// Which one of its weekday in a month.
    Which in "activities.which" {
        First = "first",
        Second = "second",
        Third = "third",
        Fourth = "fourth",
        Last = "last",
    }
}

impl Day {
    pub fn of(weekday: Weekday) -> Self {
        Self::ALL[weekday.num_days_from_monday() as usize]
    }

    pub fn weekday(self) -> Weekday {
        match self {
            Self::Monday => Weekday::Mon,
            Self::Tuesday => Weekday::Tue,
            Self::Wednesday => Weekday::Wed,
            Self::Thursday => Weekday::Thu,
            Self::Friday => Weekday::Fri,
            Self::Saturday => Weekday::Sat,
            Self::Sunday => Weekday::Sun,
        }
    }

    /// The seven days of a week that begins on this one.
    pub fn week(self) -> impl Iterator<Item = Self> {
        let first = self.place();
        (0..7).map(move |day| Self::ALL[(first + day) % 7])
    }

    /// The last day of this name that is not after `day`.
    pub fn on_or_before(self, day: NaiveDate) -> NaiveDate {
        day.week(self.weekday()).first_day()
    }

    fn place(self) -> usize {
        self.weekday().num_days_from_monday() as usize
    }
}

impl Which {
    /// As RFC 5545 counts: from the month's end below zero.
    fn number(self) -> i8 {
        match self {
            Self::First => 1,
            Self::Second => 2,
            Self::Third => 3,
            Self::Fourth => 4,
            Self::Last => -1,
        }
    }

    fn is(self, day: NaiveDate) -> bool {
        match self {
            Self::Last => (day + Span::new(7)).month() != day.month(),
            _ => i8::try_from(day.day0() / 7 + 1) == Ok(self.number()),
        }
    }
}

/// Some days of the week, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days(u8);

impl Days {
    /// `None` for no day.
    pub fn new(days: impl IntoIterator<Item = Day>) -> Option<Self> {
        let bits = days
            .into_iter()
            .fold(0, |bits, day| bits | 1 << day.place());
        (bits != 0).then_some(Self(bits))
    }

    pub fn has(self, day: Day) -> bool {
        self.0 & 1 << day.place() != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Day> {
        Day::ALL.iter().copied().filter(move |day| self.has(*day))
    }
}

/// A number of weeks from one time to the next: 1 to 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weeks(u8);

impl Weeks {
    pub const MOST: u8 = 8;

    pub fn new(weeks: u8) -> Option<Self> {
        (1..=Self::MOST).contains(&weeks).then_some(Self(weeks))
    }

    pub fn get(self) -> u8 {
        self.0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recurrence {
    Once,
    /// Weeks are counted from the one in which it begins; `week_start` says where that one starts.
    Weekly {
        every: Weeks,
        days: Days,
        week_start: Day,
    },
    Monthly {
        which: Which,
        days: Days,
    },
}

impl Recurrence {
    /// Whether it takes place on `day`, if it begins on `from`.
    pub fn meets(self, from: NaiveDate, day: NaiveDate) -> bool {
        if day < from {
            return false;
        }
        let weekday = Day::of(day.weekday());
        match self {
            Self::Once => day == from,
            Self::Weekly {
                every,
                days,
                week_start,
            } => {
                let weeks = (day - week_start.on_or_before(from)).num_weeks();
                days.has(weekday) && weeks % i64::from(every.get()) == 0
            }
            Self::Monthly { which, days } => days.has(weekday) && which.is(day),
        }
    }
}

/// Not a rule of this subset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("activities.refusal.rule")]
pub struct NotARule;

/// As RFC 5545 writes it, for the database and for iCalendar; the end stands in the term.
impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |days: Days, which: &str| {
            let days: Vec<String> = days
                .iter()
                .map(|d| format!("{which}{}", d.code()))
                .collect();
            days.join(",")
        };
        match self {
            Self::Once => f.write_str("FREQ=DAILY;COUNT=1"),
            Self::Weekly {
                every,
                days,
                week_start,
            } => write!(
                f,
                "FREQ=WEEKLY;INTERVAL={};WKST={};BYDAY={}",
                every.get(),
                week_start.code(),
                list(*days, "")
            ),
            Self::Monthly { which, days } => {
                write!(
                    f,
                    "FREQ=MONTHLY;BYDAY={}",
                    list(*days, &which.number().to_string())
                )
            }
        }
    }
}

impl FromStr for Recurrence {
    type Err = NotARule;

    /// Reads what `Display` writes, and nothing that has no end but the term's.
    fn from_str(rule: &str) -> Result<Self, NotARule> {
        let parts: Vec<(&str, &str)> = rule.split(';').filter_map(|p| p.split_once('=')).collect();
        match parts.as_slice() {
            [("FREQ", "DAILY"), ("COUNT", "1")] => Ok(Self::Once),
            [
                ("FREQ", "WEEKLY"),
                ("INTERVAL", every),
                ("WKST", start),
                ("BYDAY", days),
            ] => {
                let every = every.parse().ok().and_then(Weeks::new).ok_or(NotARule)?;
                Ok(Self::Weekly {
                    every,
                    days: read_days(days.split(','))?,
                    week_start: Day::from_code(start).ok_or(NotARule)?,
                })
            }
            [("FREQ", "MONTHLY"), ("BYDAY", days)] => {
                let which = Which::ALL
                    .iter()
                    .find(|which| days.starts_with(&which.number().to_string()))
                    .ok_or(NotARule)?;
                let number = which.number().to_string();
                let days = days
                    .split(',')
                    .map(|day| day.strip_prefix(&*number).unwrap_or(""));
                Ok(Self::Monthly {
                    which: *which,
                    days: read_days(days)?,
                })
            }
            _ => Err(NotARule),
        }
    }
}

fn read_days<'d>(codes: impl Iterator<Item = &'d str>) -> Result<Days, NotARule> {
    let days: Option<Vec<Day>> = codes.map(Day::from_code).collect();
    days.and_then(Days::new).ok_or(NotARule)
}
