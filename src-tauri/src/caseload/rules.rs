//! What numbers come to: a middle, and a sum of several currencies.

use chrono::NaiveDate;

use crate::kit::lists::{Currency, codes};
use crate::kit::money::{Amount, Rate};

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
