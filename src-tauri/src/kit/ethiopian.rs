//! The Ethiopian calendar: twelve months of thirty days and a thirteenth of five, six in a leap
//! year. The year begins on 11 September, on the 12th before a Gregorian leap year, and is 7 or 8
//! behind (domain.md 11; the day count after Reingold and Dershowitz, Calendrical Calculations).

use chrono::{Datelike, NaiveDate};

/// The day before 1 Meskerem of the year 1, counted as [`Datelike::num_days_from_ce`] does.
const BEFORE_THE_FIRST: i32 = 2795;
/// Days of three plain years and a leap year.
const FOUR_YEARS: i32 = 1461;

/// A day: the month from 1 (Meskerem) to 13 (Pagume), the day from 1 to 30.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    pub year: i32,
    pub month: u8,
    pub day: u8,
}

impl Day {
    pub fn of(day: NaiveDate) -> Self {
        // From 0; every fourth year, the third of four, is a day longer.
        let count = day.num_days_from_ce() - BEFORE_THE_FIRST - 1;
        let year = (4 * count + FOUR_YEARS + 2).div_euclid(FOUR_YEARS);
        let of_year = count - days_before(year);
        let part = |days: i32| u8::try_from(days + 1).expect("a year has no more days");
        Self {
            year,
            month: part(of_year / 30),
            day: part(of_year % 30),
        }
    }
}

/// From 1 Meskerem of the year 1 to that of `year`.
fn days_before(year: i32) -> i32 {
    365 * (year - 1) + year.div_euclid(4)
}
