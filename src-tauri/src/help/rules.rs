//! The way from asking to giving. Only [`State::step`] leads from one state to the next.

use chrono::NaiveDate;

use crate::kit::id::UserId;
use crate::kit::lists::codes;
use crate::kit::money::Amount;

codes! {
    Kind in "help.kind" {
        Cash = "cash",
        InKind = "in-kind",
    }
}

codes! {
    /// Which of the centre's criteria are met.
    Criterion in "help.criterion" {
        NoIncome = "no-income",
        NoFood = "no-food",
        NoHome = "no-home",
        Health = "health",
        Child = "child",
        Violence = "violence",
        Stranded = "stranded",
        Released = "released",
        Other = "other",
    }
}

codes! {
    /// A state's name, as it is kept and shown.
    Stage in "help.stage" {
        Asked = "asked",
        Approved = "approved",
        Declined = "declined",
        Given = "given",
        Withdrawn = "withdrawn",
    }
}

codes! {
    /// How the person signed the receipt.
    Signed in "help.signed" {
        Signature = "signature",
        Thumbprint = "thumbprint",
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    Cash(Amount),
    /// What it is, and what it is worth where that is known.
    InKind(String, Option<Amount>),
}

impl Asked {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Cash(_) => Kind::Cash,
            Self::InKind(..) => Kind::InKind,
        }
    }

    pub fn what(&self) -> Option<&str> {
        match self {
            Self::Cash(_) => None,
            Self::InKind(what, _) => Some(what),
        }
    }

    pub fn amount(&self) -> Option<Amount> {
        match self {
            Self::Cash(amount) => Some(*amount),
            Self::InKind(_, worth) => *worth,
        }
    }
}

/// Who decided, when, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub by: UserId,
    pub on: NaiveDate,
    pub words: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Asked,
    Approved(Decision),
    Declined(Decision),
    Given {
        decision: Decision,
        on: NaiveDate,
        by: UserId,
        signed: Signed,
    },
    Withdrawn,
}

impl State {
    pub fn stage(&self) -> Stage {
        match self {
            Self::Asked => Stage::Asked,
            Self::Approved(_) => Stage::Approved,
            Self::Declined(_) => Stage::Declined,
            Self::Given { .. } => Stage::Given,
            Self::Withdrawn => Stage::Withdrawn,
        }
    }

    pub fn decision(&self) -> Option<&Decision> {
        match self {
            Self::Approved(decision) | Self::Declined(decision) | Self::Given { decision, .. } => {
                Some(decision)
            }
            Self::Asked | Self::Withdrawn => None,
        }
    }

    /// Who reads a request by itself: any caseworker while any of them may decide it; then whoever
    /// works on its case, asked for it, or decided.
    pub fn is_open_to(&self, user: UserId, asked_by: UserId, workers: &[UserId]) -> bool {
        let decided = self.decision().map(|decision| decision.by);
        *self == Self::Asked
            || [Some(asked_by), decided].contains(&Some(user))
            || workers.contains(&user)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Approve(Decision),
    Decline(Decision),
    Give {
        on: NaiveDate,
        by: UserId,
        signed: Signed,
    },
    Withdraw,
}

/// Why a step is not taken. The messages are locale keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("help.refusal.order")]
    Order,
    /// Who asked cannot decide.
    #[error("help.refusal.same")]
    SamePerson,
    #[error("help.refusal.reason")]
    Reason,
    /// There is no receipt that could have been signed.
    #[error("help.refusal.receipt")]
    NoReceipt,
}

/// What a step depends on besides the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    pub asked_by: UserId,
    /// Whether a receipt with a number was printed.
    pub receipt: bool,
}

impl State {
    pub fn step(self, step: Step, facts: Facts) -> Result<Self, Refusal> {
        match (self, step) {
            (Self::Asked, Step::Approve(decision)) => {
                decided(&decision, facts)?;
                Ok(Self::Approved(decision))
            }
            (Self::Asked, Step::Decline(decision)) => {
                decided(&decision, facts)?;
                decision.words.as_ref().ok_or(Refusal::Reason)?;
                Ok(Self::Declined(decision))
            }
            (Self::Approved(_), Step::Give { .. }) if !facts.receipt => Err(Refusal::NoReceipt),
            (Self::Approved(decision), Step::Give { on, by, signed }) => Ok(Self::Given {
                decision,
                on,
                by,
                signed,
            }),
            (Self::Asked | Self::Approved(_), Step::Withdraw) => Ok(Self::Withdrawn),
            _ => Err(Refusal::Order),
        }
    }
}

fn decided(decision: &Decision, facts: Facts) -> Result<(), Refusal> {
    if decision.by == facts.asked_by {
        return Err(Refusal::SamePerson);
    }
    Ok(())
}

/// What was given, by currency, in the order in which the currencies first came. Never added.
pub fn sums(given: &[Amount]) -> Vec<Amount> {
    let mut sums: Vec<Amount> = Vec::new();
    for amount in given {
        let known = sums.iter_mut().find(|sum| sum.currency == amount.currency);
        match known {
            Some(sum) => sum.minor += amount.minor,
            None => sums.push(*amount),
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEILA: UserId = UserId::from_bytes([1; 16]);
    const OMAR: UserId = UserId::from_bytes([2; 16]);

    fn by(user: UserId) -> Decision {
        Decision {
            by: user,
            on: NaiveDate::default(),
            words: Some("Seen".to_owned()),
        }
    }

    fn give() -> Step {
        Step::Give {
            on: NaiveDate::default(),
            by: LEILA,
            signed: Signed::Thumbprint,
        }
    }

    fn facts(receipt: bool) -> Facts {
        Facts {
            asked_by: LEILA,
            receipt,
        }
    }

    #[test]
    fn who_asks_does_not_decide_and_a_refusal_has_its_reason() {
        let own = State::Asked.step(Step::Approve(by(LEILA)), facts(false));
        assert_eq!(own, Err(Refusal::SamePerson));
        let silent = Decision {
            words: None,
            ..by(OMAR)
        };
        let declined = State::Asked.step(Step::Decline(silent), facts(false));
        assert_eq!(declined, Err(Refusal::Reason));
        let early = State::Approved(by(OMAR)).step(give(), facts(false));
        assert_eq!(early, Err(Refusal::NoReceipt));
        let given = State::Approved(by(OMAR)).step(give(), facts(true));
        assert_eq!(given.map(|state| state.stage()), Ok(Stage::Given));
    }

    #[test]
    fn currencies_are_never_added() {
        let amount = |minor, code| Amount::new(minor, code).expect("a currency");
        let given = [amount(100, "USD"), amount(7, "LBP"), amount(50, "USD")];
        assert_eq!(sums(&given), [amount(150, "USD"), amount(7, "LBP")]);
    }
}
