//! Referrals: somebody is sent to a partner with a letter that says what they agreed to, or comes
//! from one. Words: told (one thing that a letter says), consent, slip, no answer, arrival.
//! Rules: domain.md 3.3 and 9. All of it lies in casework.db; the desk knows the time and place of
//! an appointment and nothing else, not even that there is a referral.

mod forms;
mod pages;
mod print;
pub mod rules;
mod store;

use chrono::NaiveDate;

pub use pages::ROUTES;
pub use store::incoming;
pub use store::{
    Agreement, Draft, Referral, agree, insert, numbered, put_appointment, put_state, referral,
};

use crate::cases::rules::{CaseNumber, Urgency};
use crate::kit::id::{PartnerId, PersonId, ReferralId, UserId};
use crate::vault::{Casework, Refusal};
use crate::web::Ctx;
use rules::{Stage, Timing};

/// What a worker has to do next with a referral, and by when.
#[derive(Clone, Debug)]
pub struct Todo {
    pub referral: ReferralId,
    pub number: CaseNumber,
    pub urgency: Urgency,
    pub person: PersonId,
    pub partner: PartnerId,
    pub stage: Stage,
    /// The agreement was taken back after the partner had been told.
    pub taken_back: bool,
    pub day: NaiveDate,
}

/// In the cases that this worker has or helps with, in no order.
pub fn todo(casework: &Casework<'_>, c: &Ctx, user: UserId) -> Result<Vec<Todo>, Refusal> {
    let mut todo = Vec::new();
    for (referral, number) in store::own_open(casework, user)? {
        let agreed = store::agreed_on(casework, &referral, c.today())?;
        let Some(day) = referral.due(c, agreed) else {
            continue;
        };
        let consent = store::consent(casework, referral.id)?;
        let taken_back = referral.taken_back(consent.as_ref());
        todo.push(Todo {
            referral: referral.id,
            number,
            urgency: referral.urgency,
            person: referral.person,
            partner: referral.partner,
            stage: referral.stage(agreed.is_some(), c.today()),
            taken_back: taken_back.is_some(),
            day: taken_back.unwrap_or(day),
        });
    }
    Ok(todo)
}

impl Referral {
    /// By when somebody must look at it; `agreed` is the day of the agreement that covers a draft.
    fn due(&self, c: &Ctx, agreed: Option<NaiveDate>) -> Option<NaiveDate> {
        let since = agreed.unwrap_or(c.date(self.since));
        self.state.due(self.timing(), since)
    }

    fn stage(&self, covered: bool, today: NaiveDate) -> Stage {
        self.state.stage(covered, self.timing(), today)
    }

    fn timing(&self) -> Timing {
        Timing {
            follow_up: self.follow_up,
            urgency: self.urgency,
        }
    }
}
