//! What an episode is, and what its costs come to.

use chrono::NaiveDate;

use crate::kit::lists::codes;
use crate::kit::money::Amount;
use crate::referrals::rules::Payer;

codes! {
    /// What somebody needs, as they say it: never what they have.
    Need in "medical.need" {
        Doctor = "doctor",
        Emergency = "emergency",
        Pregnancy = "pregnancy",
        Child = "child",
        Teeth = "teeth",
        Eyes = "eyes",
        Medicine = "medicine",
        Test = "test",
        Operation = "operation",
        Mind = "mind",
        Other = "other",
    }
}

codes! {
    /// How a visit went.
    VisitOutcome in "medical.visit" {
        Went = "went",
        Missed = "missed",
        TurnedAway = "turned-away",
    }
}

/// How an episode ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub on: NaiveDate,
    pub result: String,
}

/// The messages are locale keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("medical.refusal.over")]
    Over,
    /// Somebody still has to ask, or to go.
    #[error("medical.refusal.open")]
    Open,
}

/// Whether an episode may be written in.
pub fn goes_on(ended: Option<&Ended>) -> Result<(), Refusal> {
    ended.map_or(Ok(()), |_| Err(Refusal::Over))
}

/// Whether an episode may end: nothing of it stands on anybody's work list.
pub fn ends(ended: Option<&Ended>, open: usize) -> Result<(), Refusal> {
    goes_on(ended)?;
    if open > 0 { Err(Refusal::Open) } else { Ok(()) }
}

/// What each pays, by currency: in the order of the list of payers, then of the currencies as they
/// first came. Several currencies are never added.
pub fn shares(costs: &[(Payer, Amount)]) -> Vec<(Payer, Amount)> {
    let mut shares: Vec<(Payer, Amount)> = Vec::new();
    for payer in Payer::ALL {
        for (_, cost) in costs.iter().filter(|(of, _)| of == payer) {
            let known = shares
                .iter_mut()
                .find(|(of, sum)| of == payer && sum.currency == cost.currency);
            match known {
                Some((_, sum)) => sum.minor += cost.minor,
                None => shares.push((*payer, *cost)),
            }
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(minor: i64) -> Amount {
        Amount::new(minor, "USD").expect("a currency")
    }

    #[test]
    fn each_payer_and_each_currency_is_summed_apart() {
        let lbp = Amount::new(900, "LBP").expect("a currency");
        let costs = [
            (Payer::Person, usd(500)),
            (Payer::Centre, usd(200)),
            (Payer::Person, lbp),
            (Payer::Person, usd(50)),
        ];
        let told = [
            (Payer::Centre, usd(200)),
            (Payer::Person, usd(550)),
            (Payer::Person, lbp),
        ];
        assert_eq!(shares(&costs), told);
        assert!(shares(&[]).is_empty());
    }

    #[test]
    fn an_episode_ends_once_and_with_nothing_open() {
        let over = Ended {
            on: NaiveDate::default(),
            result: "Well again".to_owned(),
        };
        assert_eq!(ends(None, 0), Ok(()));
        assert_eq!(ends(None, 1), Err(Refusal::Open));
        assert_eq!(ends(Some(&over), 0), Err(Refusal::Over));
        assert_eq!(goes_on(Some(&over)), Err(Refusal::Over));
    }
}
