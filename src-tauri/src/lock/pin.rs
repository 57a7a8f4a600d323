//! The short number that brings a hidden window back. It opens nothing on its own: it only counts
//! while whoever hid the window is still in, and three wrong ones lock.

use std::ops::RangeInclusive;

use rusqlite::named_params;

use crate::kit::id::UserId;
use crate::kit::text::western_digits;
use crate::vault::{Db, Refusal, WriteTx};

pub const TRIES: u8 = 3;
const DIGITS: RangeInclusive<usize> = 4..=8;

#[derive(Debug, thiserror::Error, PartialEq)]
pub enum Wrong {
    #[error("lock.refusal.pin")]
    Shape,
    #[error("lock.refusal.pin_easy")]
    Easy,
}

pub struct Pin(String);

impl Pin {
    pub fn parse(typed: &str) -> Result<Self, Wrong> {
        let digits = western_digits(typed.trim());
        if !DIGITS.contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Wrong::Shape);
        }
        let mut steps = digits
            .as_bytes()
            .windows(2)
            .map(|pair| i16::from(pair[1]) - i16::from(pair[0]));
        let first = steps.next().unwrap_or(0);
        // 1111, 1234, 4321: the first that anybody tries.
        if (-1..=1).contains(&first) && steps.all(|step| step == first) {
            return Err(Wrong::Easy);
        }
        Ok(Self(digits))
    }

    fn mark(&self, user: UserId, salt: &[u8; 32]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_derive_key("mrc hide pin v1");
        hasher.update(user.as_bytes()).update(salt);
        *hasher.update(self.0.as_bytes()).finalize().as_bytes()
    }
}

pub fn is_set(db: &Db<'_>, user: UserId) -> Result<bool, Refusal> {
    let sql = "select 1 from pin where user = :user";
    Ok(db
        .one(sql, named_params! { ":user": user }, |_| Ok(()))?
        .is_some())
}

pub fn fits(db: &Db<'_>, user: UserId, typed: &str) -> Result<bool, Refusal> {
    let kept: Option<([u8; 32], [u8; 32])> = db.one(
        "select salt, mark from pin where user = :user",
        named_params! { ":user": user },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let (Some((salt, mark)), Ok(pin)) = (kept, Pin::parse(typed)) else {
        return Ok(false);
    };
    // Compared in constant time.
    Ok(blake3::Hash::from_bytes(pin.mark(user, &salt)) == blake3::Hash::from_bytes(mark))
}

pub fn set(tx: &WriteTx<'_>, user: UserId, pin: &Pin, salt: &[u8; 32]) -> Result<(), Refusal> {
    tx.execute(
        "insert or replace into pin (user, salt, mark) values (:user, :salt, :mark)",
        named_params! { ":user": user, ":salt": salt, ":mark": pin.mark(user, salt) },
    )
    .map(|_| ())
}

pub fn remove(tx: &WriteTx<'_>, user: UserId) -> Result<(), Refusal> {
    let sql = "delete from pin where user = :user";
    tx.execute(sql, named_params! { ":user": user }).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_four_to_eight_digits_of_any_script_and_not_the_first_guess() {
        let refused = |typed| Pin::parse(typed).err();
        assert_eq!(refused("2580"), None);
        assert_eq!(refused(" ٢٥٨٠ "), None);
        for shape in ["", "258", "123456789", "25a0", "25 80"] {
            assert_eq!(refused(shape), Some(Wrong::Shape), "{shape}");
        }
        for easy in ["1111", "1234", "876543"] {
            assert_eq!(refused(easy), Some(Wrong::Easy), "{easy}");
        }
    }
}
