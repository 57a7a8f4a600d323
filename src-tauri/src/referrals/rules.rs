//! A referral's way, out and in (domain.md 3.3), and what its letter may say.
//! A state is an enum whose variants carry only what that state has; nothing but [`Out::step`] and
//! [`In::step`] leads from one to the next.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, NaiveDateTime};

use crate::cases::rules::Urgency;
use crate::kit::id::{CaseId, PartnerId, PersonId};
use crate::kit::lists::{Service, codes};
use crate::partners::rules::NotChosen;
use crate::people::consent::How;

codes! {
    /// One thing about a person that a letter can tell. Each is asked for by itself.
    Told in "referrals.told" {
        Name = "name",
        Phone = "phone",
        Gender = "gender",
        Birth = "birth",
        Nationality = "nationality",
        Language = "language",
        Area = "area",
        AccessNeeds = "access-needs",
        Story = "story",
        Health = "health",
        Papers = "papers",
    }
}

codes! {
    /// Who pays what the partner asks.
    Payer in "referrals.payer" {
        Unknown = "unknown",
        Nobody = "nobody",
        Centre = "centre",
        Partner = "partner",
        Person = "person",
        Employer = "employer",
        Insurance = "insurance",
        Embassy = "embassy",
    }
}

codes! {
    /// Where a referral out stands, as it is stored and shown. `Consented` and `NoAnswer` are
    /// never stored: they follow from the consent and the calendar.
    Stage in "referrals.stage" {
        Drafted = "drafted",
        Consented = "consented",
        Sent = "sent",
        NoAnswer = "no-answer",
        Accepted = "accepted",
        Declined = "declined",
        Appointment = "appointment",
        Arrived = "arrived",
        Missed = "missed",
        Completed = "completed",
        Cancelled = "cancelled",
    }
}

/// Within so many days a partner who sent somebody hears whether the centre takes them on…
pub const ANSWER_DAYS: u64 = 3;
/// …and somebody who was taken on has a case.
pub const LINK_DAYS: u64 = 7;

/// After so many days without a word the referral stands on the no-answer list: nobody waits a week
/// in an emergency.
pub fn no_answer_days(urgency: Urgency) -> Days {
    Days::new(match urgency {
        Urgency::Emergency => 1,
        Urgency::Urgent => 3,
        Urgency::Normal => 7,
    })
}

/// What decides when a referral is looked at again.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// The day that was typed to ask again.
    pub follow_up: Option<NaiveDate>,
    pub urgency: Urgency,
}

impl Timing {
    /// By when the partner should have answered what was sent on a day.
    fn answer_by(self, sent: NaiveDate) -> NaiveDate {
        self.follow_up
            .unwrap_or(sent + no_answer_days(self.urgency))
    }
}

/// What a letter asks a partner for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub need: Service,
    pub ask: Option<String>,
    /// A hash of what was typed for this letter of all that it tells: other words are another
    /// agreement. `None` in those from before it was kept, which cover no words.
    pub typed: Option<[u8; 32]>,
}

/// An agreement that a partner is told certain things, for one referral.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// `None` in those from before it was kept.
    pub person: Option<PersonId>,
    pub partner: PartnerId,
    /// `None` in those from before it was kept, which cover nothing.
    pub asked: Option<Asked>,
    pub told: BTreeSet<Told>,
    pub given: NaiveDate,
    /// Counts on its last day still.
    pub expires: Option<NaiveDate>,
    pub withdrawn: Option<NaiveDate>,
}

/// Why a letter may not go. The messages are locale keys.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotCovered {
    #[error("referrals.refusal.no_consent")]
    Missing,
    #[error("referrals.refusal.withdrawn")]
    Withdrawn,
    #[error("referrals.refusal.expired")]
    Expired,
    /// Agreed to less, or to more, than the letter says, or to another request.
    #[error("referrals.refusal.other_fields")]
    OtherFields,
    /// Agreed that somebody else is told.
    #[error("referrals.refusal.other_partner")]
    OtherPartner,
    /// Somebody else agreed.
    #[error("referrals.refusal.other_person")]
    OtherPerson,
    /// The case is closed: nobody follows what the letter begins.
    #[error("referrals.refusal.closed")]
    Closed,
    /// The partner ended, or became unsafe, since it was chosen.
    #[error(transparent)]
    NotChosen(#[from] NotChosen),
}

/// What a letter may say today. Only [`cover`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    partner: PartnerId,
    told: BTreeSet<Told>,
}

impl Covered {
    pub fn partner(&self) -> PartnerId {
        self.partner
    }

    pub fn told(&self) -> &BTreeSet<Told> {
        &self.told
    }
}

/// Whether the person has agreed that this partner is asked and told exactly this, and still does.
pub fn cover(
    person: PersonId,
    partner: PartnerId,
    asked: &Asked,
    told: &BTreeSet<Told>,
    consent: Option<&Consent>,
    today: NaiveDate,
) -> Result<Covered, NotCovered> {
    let consent = consent.ok_or(NotCovered::Missing)?;
    if consent.withdrawn.is_some() {
        return Err(NotCovered::Withdrawn);
    }
    if consent.expires.is_some_and(|expires| expires < today) {
        return Err(NotCovered::Expired);
    }
    let same = |agreed: &Asked| agreed == asked;
    if consent.told != *told || !consent.asked.as_ref().is_some_and(same) {
        return Err(NotCovered::OtherFields);
    }
    if consent.partner != partner {
        return Err(NotCovered::OtherPartner);
    }
    if consent.person.is_some_and(|agreed| agreed != person) {
        return Err(NotCovered::OtherPerson);
    }
    Ok(Covered {
        partner,
        told: told.clone(),
    })
}

/// Where a referral out is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Out {
    Drafted,
    Sent {
        on: NaiveDate,
    },
    /// Where the person is to come, if the partner said so before it gave a day.
    Accepted {
        place: Option<String>,
    },
    Declined {
        reason: String,
    },
    Appointment {
        at: NaiveDateTime,
    },
    /// On which day, where that is known and was not an appointment's.
    Arrived {
        on: Option<NaiveDate>,
    },
    Missed,
    Completed {
        result: String,
    },
    Cancelled {
        reason: Option<String>,
    },
}

/// What happens to a referral out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The letter left, with no more than was agreed to.
    Send {
        covered: Covered,
        on: NaiveDate,
    },
    Accept {
        place: Option<String>,
    },
    Decline {
        reason: String,
    },
    /// After a no: once more, to the same partner or another.
    Redraft,
    /// A first appointment, another day, or a new one after a missed one.
    Appoint {
        at: NaiveDateTime,
    },
    Arrive {
        on: Option<NaiveDate>,
    },
    Miss,
    Complete {
        result: String,
    },
    Cancel {
        reason: Option<String>,
    },
}

/// Why a step is not possible. The messages are locale keys.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Refusal {
    /// Somebody else was faster, or the page is old.
    #[error("referrals.refusal.step")]
    NotNow,
    #[error("referrals.refusal.words")]
    Words,
    /// Nobody can have arrived before the appointment's day.
    #[error("referrals.refusal.too_early")]
    TooEarly,
    #[error("referrals.refusal.past")]
    Past,
}

impl Out {
    /// `today` is the centre's date: an appointment lies ahead, an arrival behind. A partner that
    /// takes walk-ins gives no appointment: whom it accepted, or who missed the day that it gave,
    /// may have come without one, and domain.md 3.3 is read with that part left out.
    pub fn step(self, step: Step, today: NaiveDate) -> Result<Self, Refusal> {
        let told = |words: &str| !words.trim().is_empty();
        match (self, step) {
            (Self::Completed { .. } | Self::Cancelled { .. }, _) => Err(Refusal::NotNow),
            (_, Step::Cancel { reason }) => Ok(Self::Cancelled { reason }),
            (Self::Drafted, Step::Send { on, .. }) => Ok(Self::Sent { on }),
            (Self::Sent { .. }, Step::Accept { place }) => Ok(Self::Accepted { place }),
            (Self::Sent { .. } | Self::Accepted { .. }, Step::Decline { reason }) => {
                if told(&reason) {
                    Ok(Self::Declined { reason })
                } else {
                    Err(Refusal::Words)
                }
            }
            (Self::Declined { .. }, Step::Redraft) => Ok(Self::Drafted),
            (
                Self::Accepted { .. } | Self::Appointment { .. } | Self::Missed,
                Step::Appoint { at },
            ) => {
                if at.date() < today {
                    Err(Refusal::Past)
                } else {
                    Ok(Self::Appointment { at })
                }
            }
            (Self::Appointment { at }, Step::Arrive { .. } | Step::Miss) if at.date() > today => {
                Err(Refusal::TooEarly)
            }
            (
                Self::Accepted { .. } | Self::Appointment { .. } | Self::Missed,
                Step::Arrive { on },
            ) => {
                if on.is_some_and(|on| on > today) {
                    Err(Refusal::TooEarly)
                } else {
                    Ok(Self::Arrived { on })
                }
            }
            (Self::Appointment { .. }, Step::Miss) => Ok(Self::Missed),
            (Self::Arrived { .. } | Self::Missed, Step::Complete { result }) => {
                if told(&result) {
                    Ok(Self::Completed { result })
                } else {
                    Err(Refusal::Words)
                }
            }
            _ => Err(Refusal::NotNow),
        }
    }

    /// Whether anything of it is still to be done.
    pub fn is_open(&self) -> bool {
        !matches!(self, Self::Completed { .. } | Self::Cancelled { .. })
    }

    /// As it is shown: with what follows from the consent and the calendar.
    pub fn stage(&self, covered: bool, timing: Timing, today: NaiveDate) -> Stage {
        match self {
            Self::Drafted if covered => Stage::Consented,
            Self::Sent { on } if timing.answer_by(*on) <= today => Stage::NoAnswer,
            other => other.stored(),
        }
    }

    /// As it is stored.
    pub fn stored(&self) -> Stage {
        match self {
            Self::Drafted => Stage::Drafted,
            Self::Sent { .. } => Stage::Sent,
            Self::Accepted { .. } => Stage::Accepted,
            Self::Declined { .. } => Stage::Declined,
            Self::Appointment { .. } => Stage::Appointment,
            Self::Arrived { .. } => Stage::Arrived,
            Self::Missed => Stage::Missed,
            Self::Completed { .. } => Stage::Completed,
            Self::Cancelled { .. } => Stage::Cancelled,
        }
    }

    /// By when somebody must look at it: the partner's answer, the appointment, or the day on which
    /// it came this far (`since`) where only the centre can go on. The day that was typed to ask
    /// again counts instead, but for an appointment: whether the person came is asked on its day.
    pub fn due(&self, timing: Timing, since: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Completed { .. } | Self::Cancelled { .. } => None,
            Self::Appointment { at } => Some(at.date()),
            Self::Sent { on } => Some(timing.answer_by(*on)),
            Self::Drafted
            | Self::Accepted { .. }
            | Self::Declined { .. }
            | Self::Arrived { .. }
            | Self::Missed => Some(timing.follow_up.unwrap_or(since)),
        }
    }
}

codes! {
    /// Where a referral in stands.
    Arrival in "referrals.arrival" {
        Received = "received",
        Accepted = "accepted",
        Declined = "declined",
        Linked = "linked",
        Reported = "reported",
    }
}

/// Somebody whom a partner sent to the centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum In {
    Received,
    Accepted,
    Declined {
        reason: String,
        /// Whether the partner had heard that the centre takes them on.
        after_yes: bool,
    },
    /// A case follows it.
    Linked {
        case: CaseId,
    },
    /// The partner was told what came of it, as far as the person agreed.
    Reported {
        case: CaseId,
        on: NaiveDate,
        report: Report,
    },
}

/// What the partner is told, and how the person agreed to these words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub words: String,
    pub agreed: How,
}

/// What happens to a referral in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InStep {
    Accept,
    Decline { reason: String },
    Link { case: CaseId },
    Report { on: NaiveDate, report: Report },
}

impl In {
    /// A yes can end without a case: nobody came, or it was a slip. A case can be changed for
    /// another until the partner was told what came of it.
    pub fn step(self, step: InStep) -> Result<Self, Refusal> {
        match (self, step) {
            (Self::Received, InStep::Accept) => Ok(Self::Accepted),
            (Self::Received | Self::Accepted, InStep::Decline { reason })
                if reason.trim().is_empty() =>
            {
                Err(Refusal::Words)
            }
            (from @ (Self::Received | Self::Accepted), InStep::Decline { reason }) => {
                Ok(Self::Declined {
                    reason,
                    after_yes: from == Self::Accepted,
                })
            }
            (Self::Accepted | Self::Linked { .. }, InStep::Link { case }) => {
                Ok(Self::Linked { case })
            }
            (Self::Linked { .. }, InStep::Report { report, .. })
                if report.words.trim().is_empty() =>
            {
                Err(Refusal::Words)
            }
            (Self::Linked { case }, InStep::Report { on, report }) => {
                Ok(Self::Reported { case, on, report })
            }
            _ => Err(Refusal::NotNow),
        }
    }

    /// The case that follows it.
    pub fn case(&self) -> Option<CaseId> {
        match self {
            Self::Linked { case } | Self::Reported { case, .. } => Some(*case),
            Self::Received | Self::Accepted | Self::Declined { .. } => None,
        }
    }

    /// By when somebody must act: on what waits for the centre, which is an emergency's on the same
    /// day and all else within three (domain.md 2, Case), and on a report back once the case is
    /// closed. `None` where nothing is to do now.
    pub fn due(
        &self,
        received: NaiveDate,
        urgency: Urgency,
        closed: Option<NaiveDate>,
    ) -> Option<NaiveDate> {
        match self {
            Self::Received if urgency == Urgency::Emergency => Some(received),
            Self::Received => received.checked_add_days(Days::new(ANSWER_DAYS)),
            Self::Accepted => received.checked_add_days(Days::new(LINK_DAYS)),
            Self::Linked { .. } => closed,
            Self::Declined { .. } | Self::Reported { .. } => None,
        }
    }

    pub fn arrival(&self) -> Arrival {
        match self {
            Self::Received => Arrival::Received,
            Self::Accepted => Arrival::Accepted,
            Self::Declined { .. } => Arrival::Declined,
            Self::Linked { .. } => Arrival::Linked,
            Self::Reported { .. } => Arrival::Reported,
        }
    }
}

impl Told {
    /// Typed for this letter; the rest is known of the person already.
    pub fn is_typed(self) -> bool {
        matches!(self, Self::Story | Self::Health | Self::Papers)
    }
}
