//! What a talk is.

use crate::kit::lists::codes;
use crate::kit::text;

codes! {
    /// With whom, or how.
    TalkKind in "counselling.kind" {
        Alone = "alone",
        Couple = "couple",
        Family = "family",
        Group = "group",
        Phone = "phone",
    }
}

/// Longer than anybody talks: ten hours.
const LONGEST: u16 = 600;

/// What was typed is no length of a talk. The message is a locale key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("counselling.refusal.minutes")]
pub struct NotMinutes;

/// How long a talk took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minutes(u16);

impl Minutes {
    pub fn parse(typed: &str) -> Result<Self, NotMinutes> {
        let minutes = text::western_digits(typed.trim()).parse();
        let minutes = minutes.ok().filter(|m| (1..=LONGEST).contains(m));
        minutes.map(Self).ok_or(NotMinutes)
    }

    pub fn count(self) -> u16 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_typed_in_any_digits() {
        assert_eq!(Minutes::parse(" ٥٠ ").map(Minutes::count), Ok(50));
        for typed in ["", "0", "601", "-5", "an hour", "99999999999"] {
            assert_eq!(Minutes::parse(typed), Err(NotMinutes), "{typed}");
        }
    }
}
