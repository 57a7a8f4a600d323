//! Phone numbers as told: E.164 or not, with any separators, in any digits.

use super::text::western_digits;

/// So many last digits make two numbers the same one, whatever stands before them: trunk zero,
/// country code or nothing. National numbers around the Mediterranean and the Gulf have 7 to 10.
const TELLING: usize = 7;

/// Only the digits, as 0–9.
pub fn digits(told: &str) -> String {
    western_digits(told)
        .chars()
        .filter(char::is_ascii_digit)
        .collect()
}

/// The digits from the last to the first: a tail is then a prefix, which an index can serve.
pub fn tail_key(told: &str) -> String {
    digits(told).chars().rev().collect()
}

/// Whether two told numbers end alike far enough to be one number.
pub fn same(a: &str, b: &str) -> bool {
    let (a, b) = (tail_key(a), tail_key(b));
    a.len() >= TELLING && b.len() >= TELLING && a[..TELLING] == b[..TELLING]
}

/// The part of a number's [`tail_key`] that tells it from others; `None` if it is too short.
pub fn telling_tail(told: &str) -> Option<String> {
    let mut key = tail_key(told);
    (key.len() >= TELLING).then(|| {
        key.truncate(TELLING);
        key
    })
}
