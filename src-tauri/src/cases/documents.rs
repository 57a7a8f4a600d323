//! What papers a case is about: their kinds, which a kind of case usually needs, and what of a case
//! may be told to somebody outside.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::rules::{Kind, PersonRole};
use crate::kit::id::PartnerId;
use crate::kit::lists::codes;

codes! {
    /// What a scan or a paper is.
    DocumentKind in "cases.document" {
        Contract = "contract",
        Payslip = "payslip",
        Account = "account",
        Passport = "passport",
        Residence = "residence",
        Permit = "permit",
        Medical = "medical",
        Police = "police",
        Court = "court",
        Letter = "letter",
        Agreement = "agreement",
        Receipt = "receipt",
        Mandate = "mandate",
        Photo = "photo",
        Other = "other",
    }
}

/// What a case of this kind usually needs: offered, never noted by itself.
pub fn usual(kind: Kind) -> &'static [DocumentKind] {
    use DocumentKind::*;
    match kind {
        Kind::Legal => &[Passport, Residence, Contract, Payslip, Account, Mandate],
        Kind::Medical => &[Passport, Residence, Medical, Receipt],
        Kind::Psychosocial => &[Medical, Police],
        Kind::Social => &[Passport, Residence, Receipt],
    }
}

codes! {
    /// One part of a case that a summary can tell. Each is asked for by itself.
    Part in "cases.told" {
        Name = "name",
        Phone = "phone",
        Nationality = "nationality",
        Language = "language",
        Story = "story",
        Goal = "goal",
        Issues = "issues",
        OtherSide = "other-side",
        Facts = "facts",
        Money = "money",
        Deadlines = "deadlines",
        Hearings = "hearings",
        Documents = "documents",
    }
}

/// A person's agreement that a partner is told parts of their case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sharing {
    pub partner: PartnerId,
    pub parts: BTreeSet<Part>,
    pub given: NaiveDate,
    /// Counts on its last day still.
    pub expires: Option<NaiveDate>,
    pub withdrawn: Option<NaiveDate>,
}

/// Why nothing may be told. The messages are locale keys.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotAgreed {
    #[error("cases.refusal.share_withdrawn")]
    Withdrawn,
    #[error("cases.refusal.share_expired")]
    Expired,
    /// Whoever agreed is not the client, or no longer.
    #[error("cases.refusal.share_other")]
    OtherPerson,
}

impl NotAgreed {
    /// Whether there is nothing left to take back.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Expired)
    }
}

/// What may be told today. Only [`cover`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    parts: BTreeSet<Part>,
}

impl Covered {
    pub fn has(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }
}

/// `role` is what whoever agreed is in the case now.
pub fn cover(
    sharing: &Sharing,
    role: Option<PersonRole>,
    today: NaiveDate,
) -> Result<Covered, NotAgreed> {
    if sharing.withdrawn.is_some() {
        return Err(NotAgreed::Withdrawn);
    }
    if sharing.expires.is_some_and(|expires| expires < today) {
        return Err(NotAgreed::Expired);
    }
    if !role.is_some_and(PersonRole::may_share) {
        return Err(NotAgreed::OtherPerson);
    }
    Ok(Covered {
        parts: sharing.parts.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_agreed_to_is_told_to_its_last_day_and_never_after_a_withdrawal() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).expect("a day");
        let sharing = Sharing {
            partner: PartnerId::from_bytes([7; 16]),
            parts: BTreeSet::from([Part::Name, Part::Money]),
            given: day(1),
            expires: Some(day(20)),
            withdrawn: None,
        };
        let client = Some(PersonRole::Client);
        let covered = cover(&sharing, client, day(20)).expect("its last day");
        assert!(covered.has(Part::Money) && !covered.has(Part::Story));
        assert_eq!(cover(&sharing, client, day(21)), Err(NotAgreed::Expired));
        let withdrawn = Sharing {
            withdrawn: Some(day(2)),
            ..sharing.clone()
        };
        assert_eq!(cover(&withdrawn, client, day(3)), Err(NotAgreed::Withdrawn));
        let others = PersonRole::ALL.iter().copied().map(Some);
        let others = others.filter(|role| *role != client).chain([None]);
        for role in others {
            let refused = cover(&sharing, role, day(3));
            assert_eq!(refused, Err(NotAgreed::OtherPerson), "{role:?}");
        }
    }
}
