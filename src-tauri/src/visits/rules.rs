//! What may be taken back, what may be typed in later, and the reasons that have a key.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::kit::id::{PersonId, UserId};
use crate::kit::lists::{Channel, Service};
use crate::people::rules::Gender;

/// A slip at the desk is noticed at once or not at all.
pub const UNDO: TimeDelta = TimeDelta::minutes(5);

/// Paper older than this belongs in a report of its own.
const OLDEST_PAPER: TimeDelta = TimeDelta::days(3 * 366);

/// The most that one line of paper can count.
pub const MOST_COUNTED: u32 = 200;

/// The reasons at the desk's hand, in the order of their keys 1 to 8.
pub const REASONS: [Service; 8] = [
    Service::LegAdvice,
    Service::MedInfo,
    Service::PsyFirstAid,
    Service::VocLanguage,
    Service::RecSocial,
    Service::OrgRights,
    Service::SocKind,
    Service::InfGeneral,
];

/// Why something is not done. The messages are locale keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("visits.refusal.too_late")]
    TooLate,
    #[error("visits.refusal.day")]
    Day,
}

/// What is seen of somebody who is only counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub gender: Gender,
    /// ISO 639-3.
    pub language: Option<String>,
}

/// What is told of a visit, and of whom: it may be corrected for good, where the visit itself stays
/// after five minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// In the order of all services.
    pub reasons: Vec<Service>,
    pub children: u8,
    pub companions: u8,
    pub channel: Option<Channel>,
    /// To whom they were sent.
    pub sent_to: Option<UserId>,
    pub left: bool,
    /// Who came; nobody where they are only counted. Corrections from before this was told have none.
    #[serde(default)]
    pub person: Option<PersonId>,
}

impl Details {
    /// Whether only whom they were sent to is another.
    pub fn sent_elsewhere(&self, before: &Self) -> bool {
        let sent = Self {
            sent_to: self.sent_to,
            ..before.clone()
        };
        self != before && *self == sent
    }
}

/// Services in the one order that they have in lists, each once.
pub fn in_order(reasons: &[Service]) -> Vec<Service> {
    let all = Service::ALL.iter().copied();
    all.filter(|service| reasons.contains(service)).collect()
}

pub fn undo(created: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Refusal> {
    if now - created <= UNDO {
        Ok(())
    } else {
        Err(Refusal::TooLate)
    }
}

/// Whether it may still be said that somebody else came: on the day itself by everybody, later by a
/// manager.
pub fn whose(day: NaiveDate, today: NaiveDate, by_manager: bool) -> bool {
    by_manager || day == today
}

/// A day that paper can speak of: not in the future, not older than three years.
pub fn paper_day(day: NaiveDate, today: NaiveDate) -> Result<NaiveDate, Refusal> {
    if day <= today && today - day <= OLDEST_PAPER {
        Ok(day)
    } else {
        Err(Refusal::Day)
    }
}
