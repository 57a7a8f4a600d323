//! The short number that brings a hidden window back. It opens nothing on its own: it only counts
//! while whoever hid the window is still in, and three wrong ones lock.
//!
//! Its mark is as short: whoever may read the file that holds it finds the number. So it lies in
//! the file that its owner alone can open, where they hold that key: casework.db, else desk.db.

use std::ops::RangeInclusive;

use rusqlite::named_params;

use super::holds_casework;
use crate::kit::id::UserId;
use crate::kit::text::western_digits;
use crate::vault::{Actor, Db, Refusal, Tx, Vault};

pub const TRIES: u8 = 3;
/// Digits.
pub const LONGEST: usize = 8;
const DIGITS: RangeInclusive<usize> = 4..=LONGEST;

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

pub const CONFIDENTIAL: &str = "casework.hide_pin";
pub const PLAIN: &str = "pin";

pub fn is_set(vault: &Vault, actor: Actor) -> Result<bool, Refusal> {
    Ok(kept(vault, actor)?.is_some())
}

pub fn fits(vault: &Vault, actor: Actor, typed: &str) -> Result<bool, Refusal> {
    let (Some((salt, mark)), Ok(pin)) = (kept(vault, actor)?, Pin::parse(typed)) else {
        return Ok(false);
    };
    // Compared in constant time.
    let given = blake3::Hash::from_bytes(pin.mark(actor.user, &salt));
    Ok(given == blake3::Hash::from_bytes(mark))
}

type SaltAndMark = ([u8; 32], [u8; 32]);

fn kept(vault: &Vault, actor: Actor) -> Result<Option<SaltAndMark>, Refusal> {
    let found = |db: &Db<'_>, table: &str| {
        db.one(
            &format!("select salt, mark from {table} where user = :user"),
            named_params! { ":user": actor.user },
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    };
    if holds_casework(vault, actor)? {
        vault.list_casework(actor, |casework| found(casework, CONFIDENTIAL))
    } else {
        vault.read(|db| found(db, PLAIN))
    }
}

/// Sets another PIN, or takes it away.
pub fn put(
    tx: &impl Tx,
    table: &'static str,
    user: UserId,
    pin: Option<&Pin>,
    salt: &[u8; 32],
) -> Result<(), Refusal> {
    let Some(pin) = pin else {
        let sql = format!("delete from {table} where user = :user");
        return tx.run(&sql, named_params! { ":user": user }).map(|_| ());
    };
    tx.run(
        &format!("insert or replace into {table} (user, salt, mark) values (:user, :salt, :mark)"),
        named_params! { ":user": user, ":salt": salt, ":mark": pin.mark(user, salt) },
    )
    .map(|_| ())
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
