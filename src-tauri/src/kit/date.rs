//! Dates as people tell them: a day, a month, a year, or an estimate.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// A day as a person in the region types it, and as the fields' hints show it: 24/11/2026.
pub fn typed(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

/// How exactly a date is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    Day,
    Month,
    Year,
    Estimated,
}

impl Precision {
    pub const ALL: [Self; 4] = [Self::Day, Self::Month, Self::Year, Self::Estimated];

    pub fn code(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
            Self::Estimated => "estimated",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.code() == code)
    }
}

/// A date with its precision. What is not known of it stands at the 1st (of January).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldDate {
    pub date: NaiveDate,
    pub precision: Precision,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("shared.refusal.date")]
pub struct NotADate;

impl ToldDate {
    /// Reads `2026-11-24`, `24/11/2026`, `11/2026`, `2026-11`, `1990`, and `~1990` (estimated).
    pub fn parse(typed: &str) -> Result<Self, NotADate> {
        let typed = super::text::western_digits(typed.trim());
        let (estimated, typed) = match typed.strip_prefix('~') {
            Some(rest) => (true, rest.trim().to_owned()),
            None => (false, typed),
        };
        let parts: Vec<&str> = typed.split(['-', '/', '.', ' ']).collect();
        let numbers: Vec<u32> = parts
            .iter()
            .map(|p| p.parse().map_err(|_| NotADate))
            .collect::<Result<_, _>>()?;
        let year_first = parts.first().is_some_and(|p| p.len() == 4);
        let (year, month, day) = match (numbers.as_slice(), year_first) {
            ([year], true) => (*year, None, None),
            ([year, month], true) | ([month, year], false) => (*year, Some(*month), None),
            ([year, month, day], true) | ([day, month, year], false) => {
                (*year, Some(*month), Some(*day))
            }
            _ => return Err(NotADate),
        };
        let year = i32::try_from(year).map_err(|_| NotADate)?;
        if !(1900..=2200).contains(&year) {
            return Err(NotADate);
        }
        let date =
            NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1)).ok_or(NotADate)?;
        let precision = match (estimated, month, day) {
            (true, _, _) => Precision::Estimated,
            (_, None, _) => Precision::Year,
            (_, _, None) => Precision::Month,
            _ => Precision::Day,
        };
        Ok(Self { date, precision })
    }

    /// As it would be typed, so that a form gives back what was meant.
    pub fn written(self) -> String {
        match self.precision {
            Precision::Day => typed(self.date),
            Precision::Month => self.date.format("%m/%Y").to_string(),
            Precision::Year => self.date.format("%Y").to_string(),
            Precision::Estimated => self.date.format("~%Y").to_string(),
        }
    }

    /// Whole years from this date to `on`; exact only where the day is known.
    pub fn years_until(self, on: NaiveDate) -> i32 {
        let before_birthday = (on.month(), on.day()) < (self.date.month(), self.date.day());
        on.year() - self.date.year() - i32::from(before_birthday)
    }
}
