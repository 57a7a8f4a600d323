//! When a stay may begin and how it ends.

use chrono::NaiveDate;

use crate::kit::id::UserId;
use crate::kit::lists::codes;
use crate::kit::text;

codes! {
    /// Why somebody left.
    LeftWhy in "shelter.left" {
        OwnHome = "own-home",
        NewEmployer = "new-employer",
        ReturnedHome = "returned-home",
        OtherShelter = "other-shelter",
        Hospital = "hospital",
        Employer = "employer",
        Rules = "rules",
        Unknown = "unknown",
        Other = "other",
    }
}

/// How a stay ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    pub on: NaiveDate,
    pub why: LeftWhy,
    pub words: Option<String>,
}

/// The messages are locale keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody sleeps in two places.
    #[error("shelter.refusal.already")]
    AlreadyThere,
    #[error("shelter.refusal.before_in")]
    BeforeIn,
    #[error("shelter.refusal.over")]
    Over,
    #[error("shelter.refusal.children")]
    Children,
}

/// What is known of the times that somebody stayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nights {
    pub came: NaiveDate,
    pub left: Option<NaiveDate>,
}

/// Whether somebody with these stays may come in on a day.
pub fn comes(known: &[Nights], came: NaiveDate) -> Result<(), Refusal> {
    let there = |nights: &Nights| nights.left.is_none_or(|left| left > came) && nights.came <= came;
    let open = |nights: &Nights| nights.left.is_none();
    if known.iter().any(|nights| there(nights) || open(nights)) {
        return Err(Refusal::AlreadyThere);
    }
    Ok(())
}

/// Whether a stay may end on a day.
pub fn leaves(nights: Nights, on: NaiveDate) -> Result<(), Refusal> {
    match nights.left {
        Some(_) => Err(Refusal::Over),
        None if on < nights.came => Err(Refusal::BeforeIn),
        None => Ok(()),
    }
}

/// Whether somebody may open a place: who works on the case and the two who are named, and nobody
/// else on whatever reason (domain.md 6).
pub fn may_open(user: UserId, workers: &[UserId], named: &[UserId]) -> bool {
    workers.contains(&user) || named.contains(&user)
}

/// How many children come along; nothing typed is none.
pub fn children(typed: &str) -> Result<u8, Refusal> {
    let typed = text::western_digits(typed.trim());
    if typed.is_empty() {
        return Ok(0);
    }
    let children = typed.parse().ok().filter(|children| *children <= 20);
    children.ok_or(Refusal::Children)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(of: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, of).expect("a day")
    }

    #[test]
    fn nobody_is_in_two_places_and_nobody_leaves_before_they_came() {
        let over = Nights {
            came: day(1),
            left: Some(day(5)),
        };
        let now = Nights {
            came: day(8),
            left: None,
        };
        assert_eq!(comes(&[], day(3)), Ok(()));
        assert_eq!(comes(&[over], day(5)), Ok(()));
        assert_eq!(comes(&[over], day(4)), Err(Refusal::AlreadyThere));
        assert_eq!(comes(&[over, now], day(6)), Err(Refusal::AlreadyThere));
        assert_eq!(leaves(now, day(8)), Ok(()));
        assert_eq!(leaves(now, day(7)), Err(Refusal::BeforeIn));
        assert_eq!(leaves(over, day(9)), Err(Refusal::Over));
    }

    #[test]
    fn a_place_opens_for_who_works_on_the_case_and_the_two() {
        let [works, named, other] = [1, 2, 3].map(|n| UserId::from_bytes([n; 16]));
        for (user, opens) in [(works, true), (named, true), (other, false)] {
            assert_eq!(may_open(user, &[works], &[named]), opens);
        }
    }

    #[test]
    fn children_are_counted() {
        assert_eq!(children(""), Ok(0));
        assert_eq!(children("٣"), Ok(3));
        assert_eq!(children("21"), Err(Refusal::Children));
        assert_eq!(children("two"), Err(Refusal::Children));
    }
}
