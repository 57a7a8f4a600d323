//! Which backups stay on a stick, and when somebody is reminded. Pure; order is by number, never
//! by clock, as a clock can be wrong.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

/// A backup on a stick, as rotation sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    pub number: u64,
    pub day: NaiveDate,
    /// Failed no check.
    pub good: bool,
}

const LAST: usize = 7;
const WEEKS: usize = 5;
const MONTHS: usize = 12;

/// The numbers that may go, oldest first: all but the last seven, then the newest of each of five
/// weeks, then of each of twelve months. What failed a check is not counted among them, and goes
/// as soon as a newer good one is there.
pub fn outlived(backups: &[Kept]) -> Vec<u64> {
    let mut newest_first: Vec<Kept> = backups.to_vec();
    newest_first.sort_unstable_by_key(|kept| std::cmp::Reverse(kept.number));
    let good: Vec<Kept> = newest_first.iter().copied().filter(|k| k.good).collect();
    let mut stay: BTreeSet<u64> = good.iter().take(LAST).map(|kept| kept.number).collect();
    let rest = good.get(LAST..).unwrap_or_default();
    let mut weeks = BTreeSet::new();
    let mut months = BTreeSet::new();
    for kept in rest {
        let week = (kept.day.iso_week().year(), kept.day.iso_week().week());
        let month = (kept.day.year(), kept.day.month());
        if weeks.len() < WEEKS {
            if weeks.insert(week) {
                stay.insert(kept.number);
            }
        } else if !weeks.contains(&week) && months.len() < MONTHS && months.insert(month) {
            stay.insert(kept.number);
        }
    }
    let newest_good = good.first().map(|kept| kept.number);
    let mut gone: Vec<u64> = newest_first
        .iter()
        .filter(|kept| match newest_good {
            Some(newest) => !stay.contains(&kept.number) && (kept.good || kept.number < newest),
            None => false,
        })
        .map(|kept| kept.number)
        .collect();
    gone.reverse();
    gone
}

/// The one that goes to make room: the oldest, but never the newest good one and never the only one.
pub fn for_room(backups: &[Kept]) -> Option<u64> {
    if let Some(number) = outlived(backups).first() {
        return Some(*number);
    }
    let newest_good = backups.iter().filter(|k| k.good).map(|k| k.number).max()?;
    backups
        .iter()
        .map(|kept| kept.number)
        .filter(|number| *number < newest_good)
        .min()
}

/// What the centre knows about its backups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub today: NaiveDate,
    pub founded: NaiveDate,
    /// The newest good one.
    pub last: Option<NaiveDate>,
    /// The last day of each stick that is in use.
    pub sticks: Vec<NaiveDate>,
    /// When a stored backup was last read again in full.
    pub reread: Option<NaiveDate>,
    /// When somebody last tried to come back from a stick; the first backup's day where nobody has.
    pub rehearsed: Option<NaiveDate>,
    /// The newest backup has casework of an earlier one, or none.
    pub casework_waits: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reminder {
    /// Nothing was saved for so many days: from the third.
    Due {
        days: i64,
    },
    /// From the seventh.
    Overdue {
        days: i64,
    },
    CaseworkWaits,
    /// Another stick was not seen for so many days.
    OtherStick {
        days: i64,
    },
    /// No stored backup was read again in full for so many days.
    Reread {
        days: i64,
    },
    /// Nobody has tried to come back from a stick for so many days.
    Rehearse {
        days: i64,
    },
}

/// The one thing to remind of: the gravest.
pub fn reminder(known: &Known) -> Option<Reminder> {
    let since = |day: NaiveDate| (known.today - day).num_days();
    let days = since(known.last.unwrap_or(known.founded));
    if days >= 7 {
        return Some(Reminder::Overdue { days });
    }
    if days >= 3 {
        return Some(Reminder::Due { days });
    }
    if known.casework_waits {
        return Some(Reminder::CaseworkWaits);
    }
    if known.sticks.len() > 1
        && let Some(days) = known.sticks.iter().map(|day| since(*day)).max()
        && days >= 14
    {
        return Some(Reminder::OtherStick { days });
    }
    let over = |day: Option<NaiveDate>, most: i64| day.map(since).filter(|days| *days >= most);
    over(known.reread, 30)
        .map(|days| Reminder::Reread { days })
        .or_else(|| over(known.rehearsed, 90).map(|days| Reminder::Rehearse { days }))
}
