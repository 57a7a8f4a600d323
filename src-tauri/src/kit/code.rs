//! Short codes that people read, say on the phone, type and scan: `P-4F7K2`.
//!
//! 31 symbols: digits and capitals without 0, I, L, O, U (read or heard wrongly). As 31 is prime,
//! the weighted check character notices every single wrong symbol and every swap of two symbols.

use std::fmt;
use std::str::FromStr;

use super::text::western_digits;
use super::world::World;

const SYMBOLS: &[u8; 31] = b"123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A person's card code: `P-`, four or more symbols, one check character.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CardCode(String);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("shared.refusal.card_code")]
pub struct NotACode;

impl CardCode {
    /// A code with `length` free symbols (at least 4; 4 give 923,521 codes).
    pub fn random(world: &World, length: usize) -> Self {
        let mut symbols = Vec::with_capacity(length + 1);
        while symbols.len() < length.max(4) {
            let [byte] = world.bytes::<1>();
            // 248 = 8 × 31: the bytes above it would favour the first symbols.
            if byte < 248 {
                symbols.push(SYMBOLS[usize::from(byte % 31)]);
            }
        }
        symbols.push(check(&symbols));
        Self(format!("P-{}", String::from_utf8_lossy(&symbols)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CardCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for CardCode {
    type Err = NotACode;

    /// Accepts lower case, spaces, a missing dash, and a missing `P` where a digit tells the code
    /// from a name.
    fn from_str(typed: &str) -> Result<Self, NotACode> {
        let typed: String = western_digits(typed)
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect::<String>()
            .to_uppercase();
        let bare = !typed.starts_with('P') && typed.contains(|c: char| c.is_ascii_digit());
        let after_p = typed.strip_prefix('P').and_then(whole);
        after_p
            .or_else(|| whole(&typed).filter(|_| bare))
            .ok_or(NotACode)
    }
}

/// The code of these symbols, the last of which must be their check.
fn whole(symbols: &str) -> Option<CardCode> {
    let (last, free) = symbols.as_bytes().split_last()?;
    let fit = (4..=8).contains(&free.len()) && symbols.bytes().all(|s| SYMBOLS.contains(&s));
    (fit && check(free) == *last).then(|| CardCode(format!("P-{symbols}")))
}

impl rusqlite::ToSql for CardCode {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl rusqlite::types::FromSql for CardCode {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        String::column_result(value).map(Self)
    }
}

fn check(symbols: &[u8]) -> u8 {
    let sum: usize = symbols
        .iter()
        .enumerate()
        .map(|(place, symbol)| {
            let value = SYMBOLS.iter().position(|s| s == symbol).unwrap_or(0);
            (place + 2) * value
        })
        .sum();
    SYMBOLS[sum % 31]
}
