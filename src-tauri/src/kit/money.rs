//! Money: whole minor units of one currency (ISO 4217), never floating point, never two
//! currencies in one sum.

use super::lists::Currency;
use super::text::western_digits;

/// An amount of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    pub minor: i64,
    pub currency: &'static Currency,
}

/// Why a typed amount was not taken. The messages are locale keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAmount {
    #[error("shared.refusal.amount")]
    Number,
    /// More decimals than the currency has.
    #[error("shared.refusal.amount_decimals")]
    Decimals,
    /// `1,200` of a currency with three decimals: twelve hundred, or one and a fifth.
    #[error("shared.refusal.amount_ambiguous")]
    Ambiguous,
    #[error("shared.refusal.amount_positive")]
    NotPositive,
    #[error("shared.refusal.amount_much")]
    TooMuch,
}

/// A trillion of the largest unit: nobody's wage, and far from the edge of the type.
const MOST: i64 = 1_000_000_000_000_000;

impl Amount {
    pub fn new(minor: i64, code: &str) -> Option<Self> {
        let currency = Currency::from_code(code)?;
        Some(Self { minor, currency })
    }

    /// Reads `1200`, `1,200.50`, `1.200,50`, `1 200,5`, `١٢٠٠٫٥`. Of several marks the last parts
    /// off the decimals; a single one does too, unless it stands before three digits and the
    /// currency has fewer decimals than three.
    pub fn parse(typed: &str, currency: &'static Currency) -> Result<Self, NotAnAmount> {
        let typed: String = western_digits(typed.trim())
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '’' | '\u{66c}' | '_'))
            .map(|c| match c {
                '\u{66b}' => '.',
                '،' => ',',
                other => other,
            })
            .collect();
        if typed.starts_with('-') {
            return Err(NotAnAmount::NotPositive);
        }
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let digits = usize::from(currency.minor_digits);
        if digits == 3
            && typed.len() > 3
            && typed.rfind(',') == Some(typed.len() - 4)
            && !typed.contains('.')
            && typed.matches(',').count() == 1
        {
            return Err(NotAnAmount::Ambiguous);
        }
        let (whole, decimals) = match decimal_mark(&typed, digits) {
            Some(at) => (&typed[..at], &typed[at + 1..]),
            None => (&*typed, ""),
        };
        let whole = ungrouped(whole).ok_or(NotAnAmount::Number)?;
        if !plain(&whole) || !(decimals.is_empty() || plain(decimals)) {
            return Err(NotAnAmount::Number);
        }
        let decimals = decimals.trim_end_matches('0');
        if decimals.len() > digits {
            return Err(NotAnAmount::Decimals);
        }
        let minor: i64 = format!("{whole}{decimals:0<digits$}")
            .parse()
            .map_err(|_| NotAnAmount::TooMuch)?;
        match minor {
            0 => Err(NotAnAmount::NotPositive),
            1..=MOST => Ok(Self { minor, currency }),
            _ => Err(NotAnAmount::TooMuch),
        }
    }

    /// As it stands in a list, with all its decimals: `1,200.50 USD`.
    pub fn written(self) -> String {
        format!("{} {}", self.number(), self.currency.code)
    }

    /// The number alone, in groups of three.
    pub fn number(self) -> String {
        let digits = usize::from(self.currency.minor_digits);
        let all = format!("{:0>width$}", self.minor.unsigned_abs(), width = digits + 1);
        let (whole, decimals) = all.split_at(all.len() - digits);
        let mut grouped = String::new();
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if self.minor < 0 { "-" } else { "" };
        if decimals.is_empty() {
            format!("{sign}{grouped}")
        } else {
            format!("{sign}{grouped}.{decimals}")
        }
    }
}

/// What somebody typed that an amount is worth in another currency: 1 USD is 89,500 LBP. Both sides
/// are whole minor units, so a rate is kept exactly as it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    amount: Amount,
    worth: Amount,
}

impl Rate {
    /// `None` for two amounts of one currency, and for nothing.
    pub fn new(amount: Amount, worth: Amount) -> Option<Self> {
        let two = amount.currency != worth.currency;
        (two && amount.minor > 0 && worth.minor > 0).then_some(Self { amount, worth })
    }

    pub fn amount(self) -> Amount {
        self.amount
    }

    pub fn worth(self) -> Amount {
        self.worth
    }

    /// The same amount in the rate's other currency, rounded to its minor unit, half up; `None` for
    /// a currency that the rate does not know, or too much.
    pub fn convert(self, amount: Amount) -> Option<Amount> {
        let (from, to) = if amount.currency == self.amount.currency {
            (self.amount, self.worth)
        } else if amount.currency == self.worth.currency {
            (self.worth, self.amount)
        } else {
            return None;
        };
        let (whole, part) = (i128::from(to.minor), i128::from(from.minor));
        let minor = (i128::from(amount.minor) * whole * 2 + part).div_euclid(part * 2);
        Some(Amount {
            minor: i64::try_from(minor).ok()?,
            currency: to.currency,
        })
    }
}

/// Where the decimals begin; `None` for a whole number.
fn decimal_mark(typed: &str, digits: usize) -> Option<usize> {
    let marks: Vec<(usize, char)> = typed
        .char_indices()
        .filter(|(_, c)| matches!(c, '.' | ','))
        .collect();
    let (at, last) = *marks.last()?;
    let before = &marks[..marks.len() - 1];
    let behind = typed.len() - at - 1;
    let same = before.iter().any(|(_, mark)| *mark == last);
    let grouping = behind == 3 && digits < 3 && before.is_empty();
    (!same && !grouping).then_some(at)
}

/// Without the marks between groups of three; `None` where they stand elsewhere.
fn ungrouped(whole: &str) -> Option<String> {
    let groups: Vec<&str> = whole.split(['.', ',']).collect();
    let (first, rest) = groups.split_first()?;
    let regular = rest.is_empty() || first.len() <= 3 && rest.iter().all(|g| g.len() == 3);
    regular.then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str, code: &str) -> Result<i64, NotAnAmount> {
        let currency = Currency::from_code(code).expect("a currency");
        Amount::parse(typed, currency).map(|amount| amount.minor)
    }

    #[test]
    fn people_write_amounts_in_many_ways() {
        for typed in [
            "1200.50",
            "1,200.50",
            "1.200,50",
            "1 200,5",
            "١٢٠٠٫٥",
            "۱۲۰۰٫۵۰",
            "١٬٢٠٠٫٥٠",
        ] {
            assert_eq!(read(typed, "USD"), Ok(120_050), "{typed}");
        }
        assert_eq!(read("1,200", "USD"), Ok(120_000));
        assert_eq!(read("1.200", "USD"), Ok(120_000));
        assert_eq!(read("1,200,000", "LBP"), Ok(120_000_000));
        assert_eq!(read("85.250", "KWD"), Ok(85_250));
        assert_eq!(read("85", "KWD"), Ok(85_000));
        assert_eq!(read("9000", "JPY"), Ok(9_000));
    }

    #[test]
    fn what_is_no_amount_is_told_apart() {
        assert_eq!(read("12.345,6.7", "USD"), Err(NotAnAmount::Number));
        assert_eq!(read("twelve", "USD"), Err(NotAnAmount::Number));
        assert_eq!(read("", "USD"), Err(NotAnAmount::Number));
        assert_eq!(read("12.3456", "USD"), Err(NotAnAmount::Decimals));
        assert_eq!(read("12.5", "JPY"), Err(NotAnAmount::Decimals));
        assert_eq!(read("1.2345", "KWD"), Err(NotAnAmount::Decimals));
        assert_eq!(read("1,200", "KWD"), Err(NotAnAmount::Ambiguous));
        assert_eq!(read("0.00", "USD"), Err(NotAnAmount::NotPositive));
        assert_eq!(read("-5", "USD"), Err(NotAnAmount::NotPositive));
        assert_eq!(read("99999999999999999", "USD"), Err(NotAnAmount::TooMuch));
        assert_eq!(
            read("99999999999999999999999", "USD"),
            Err(NotAnAmount::TooMuch)
        );
    }

    #[test]
    fn what_is_written_is_read_back() {
        for code in ["USD", "KWD", "JPY"] {
            for minor in [1, 9, 10, 99, 100, 999, 1_000, 120_050, 123_456_789] {
                let amount = Amount::new(minor, code).expect("a currency");
                assert_eq!(read(&amount.number(), code), Ok(minor), "{code} {minor}");
            }
        }
    }

    #[test]
    fn a_rate_converts_both_ways_and_rounds_half_up() {
        let amount = |minor, code| Amount::new(minor, code).expect("a currency");
        let rate = Rate::new(amount(100, "USD"), amount(8_950_000, "LBP")).expect("a rate");
        assert_eq!(
            rate.convert(amount(250, "USD")),
            Some(amount(22_375_000, "LBP"))
        );
        assert_eq!(
            rate.convert(amount(8_950_000, "LBP")),
            Some(amount(100, "USD"))
        );
        // Half a cent is a cent, a little less is none.
        assert_eq!(rate.convert(amount(44_750, "LBP")), Some(amount(1, "USD")));
        assert_eq!(rate.convert(amount(44_749, "LBP")), Some(amount(0, "USD")));
        assert_eq!(rate.convert(amount(1, "KWD")), None);
        let three = Rate::new(amount(325, "USD"), amount(1_000, "KWD")).expect("a rate");
        assert_eq!(
            three.convert(amount(65_000, "USD")),
            Some(amount(200_000, "KWD"))
        );
        assert_eq!(Rate::new(amount(1, "USD"), amount(2, "USD")), None);
        assert_eq!(Rate::new(amount(0, "USD"), amount(2, "LBP")), None);
        let much = amount(i64::MAX, "USD");
        assert_eq!(rate.convert(much), None, "more than can be kept");
    }
}
