//! What numbers come to: a middle, and a sum of several currencies; and what somebody types to find
//! a case or a referral by its own.

use std::str::FromStr;

use chrono::NaiveDate;

use crate::kit::lists::{Currency, codes};
use crate::kit::money::{Amount, Rate};
use crate::kit::text::western_digits;

codes! {
    /// Whose cases are counted.
    Whose in "caseload.whose" {
        Mine = "mine",
        All = "all",
    }
}

codes! {
    /// What stands in the calendar.
    DatedKind in "caseload.dated" {
        Deadline = "deadline",
        Hearing = "hearing",
        Appointment = "appointment",
    }
}

/// What has a number that stands on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbered {
    Case,
    Referral,
}

/// A number as somebody types it: C-2026-0142 or R-2026-0030 whole, or as much of it as they know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sought {
    /// `None` for either.
    pub of: Option<Numbered>,
    /// `None` for any.
    pub year: Option<i32>,
    pub serial: u32,
}

#[derive(Debug, PartialEq, Eq)]
pub struct NoNumber;

impl FromStr for Sought {
    type Err = NoNumber;

    fn from_str(typed: &str) -> Result<Self, NoNumber> {
        let typed = western_digits(typed.trim()).to_uppercase();
        let (of, rest) = match typed.split_once('-') {
            Some(("C", rest)) => (Some(Numbered::Case), rest),
            Some(("R", rest)) => (Some(Numbered::Referral), rest),
            _ => (None, &*typed),
        };
        let (year, serial) = match rest.split_once('-') {
            Some((year, serial)) if year.len() == 4 => (Some(digits(year)?), serial),
            Some(_) => return Err(NoNumber),
            None => (None, rest),
        };
        Ok(Self {
            of,
            year,
            serial: digits(serial)?,
        })
    }
}

/// A number of digits alone: what has a sign was not read off a paper.
fn digits<N: FromStr>(typed: &str) -> Result<N, NoNumber> {
    let plain = typed.bytes().all(|byte| byte.is_ascii_digit());
    typed.parse().ok().filter(|_| plain).ok_or(NoNumber)
}

/// The first and the last day that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    from: NaiveDate,
    until: NaiveDate,
}

impl Period {
    pub fn new(from: NaiveDate, until: NaiveDate) -> Option<Self> {
        (from <= until).then_some(Self { from, until })
    }

    pub fn from(self) -> NaiveDate {
        self.from
    }

    pub fn until(self) -> NaiveDate {
        self.until
    }
}

/// The middle of so many days, in half days: of an even number it lies between two.
pub fn median_halves(mut days: Vec<i64>) -> Option<i64> {
    days.sort_unstable();
    let middle = days.len() / 2;
    let upper = *days.get(middle)?;
    if days.len() % 2 == 1 {
        return Some(upper * 2);
    }
    Some(days[middle - 1] + upper)
}

/// Why several currencies are not added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoRate(pub Vec<&'static str>);

/// All in one currency, by the rates that somebody typed; without one for each there is no sum.
pub fn added(
    amounts: &[Amount],
    into: &'static Currency,
    rates: &[Rate],
) -> Result<Amount, NoRate> {
    let mut sum = Amount {
        minor: 0,
        currency: into,
    };
    let mut missing = Vec::new();
    for amount in amounts {
        let same = (amount.currency == into).then_some(*amount);
        let known = || {
            let mut converted = rates.iter().filter_map(|rate| rate.convert(*amount));
            converted.find(|found| found.currency == into)
        };
        match same.or_else(known) {
            Some(amount) => sum.minor = sum.minor.saturating_add(amount.minor),
            None => missing.push(amount.currency.code),
        }
    }
    missing.dedup();
    if missing.is_empty() {
        Ok(sum)
    } else {
        Err(NoRate(missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(minor: i64, code: &str) -> Amount {
        Amount::new(minor, code).expect("a currency")
    }

    #[test]
    fn a_number_is_known_whole_or_in_part() {
        let sought = |of, year, serial| Ok(Sought { of, year, serial });
        let (case, referral) = (Some(Numbered::Case), Some(Numbered::Referral));
        assert_eq!("C-2026-0142".parse(), sought(case, Some(2026), 142));
        assert_eq!(" r-٢٠٢٦-٠٠٣٠ ".parse(), sought(referral, Some(2026), 30));
        assert_eq!("2026-0030".parse(), sought(None, Some(2026), 30));
        assert_eq!("0030".parse(), sought(None, None, 30));
        for words in [
            "",
            "C-",
            "26-0030",
            "passport",
            "-30",
            "2026-+30",
            "99999999999",
        ] {
            assert_eq!(words.parse::<Sought>(), Err(NoNumber), "{words}");
        }
    }

    #[test]
    fn the_middle_of_an_even_number_lies_between_two() {
        assert_eq!(median_halves(vec![]), None);
        assert_eq!(median_halves(vec![9]), Some(18));
        assert_eq!(median_halves(vec![30, 1, 4]), Some(8));
        assert_eq!(median_halves(vec![4, 1, 30, 7]), Some(11));
    }

    #[test]
    fn currencies_are_added_by_typed_rates_or_not_at_all() {
        let usd = Currency::from_code("USD").expect("a currency");
        let rate = Rate::new(amount(100, "USD"), amount(8_950_000, "LBP")).expect("a rate");
        let all = [amount(500, "USD"), amount(17_900_000, "LBP")];
        assert_eq!(added(&all, usd, &[rate]), Ok(amount(700, "USD")));
        assert_eq!(added(&all, usd, &[]), Err(NoRate(vec!["LBP"])));
        let three = [all[0], all[1], amount(1_000, "KWD")];
        assert_eq!(added(&three, usd, &[rate]), Err(NoRate(vec!["KWD"])));
        assert_eq!(added(&[], usd, &[]), Ok(amount(0, "USD")));
    }
}
