//! What a case is about (domain.md 4.2), and the ILO's eleven indicators of forced labour that
//! an issue may show: signs for a trained assessment, never a finding.

use crate::kit::lists::codes;

codes! {
    /// One thing that was done to somebody, or that they lack.
    Issue in "cases.issue" {
        W01 = "W01",
        W02 = "W02",
        W03 = "W03",
        W04 = "W04",
        W05 = "W05",
        W06 = "W06",
        W07 = "W07",
        W08 = "W08",
        W09 = "W09",
        C01 = "C01",
        C02 = "C02",
        C03 = "C03",
        C04 = "C04",
        C05 = "C05",
        C06 = "C06",
        D01 = "D01",
        D02 = "D02",
        D03 = "D03",
        D04 = "D04",
        D05 = "D05",
        D06 = "D06",
        D07 = "D07",
        D08 = "D08",
        H01 = "H01",
        H02 = "H02",
        H03 = "H03",
        H04 = "H04",
        L01 = "L01",
        L02 = "L02",
        L03 = "L03",
        L04 = "L04",
        L05 = "L05",
        L06 = "L06",
        V01 = "V01",
        V02 = "V02",
        V03 = "V03",
        V04 = "V04",
        V05 = "V05",
        V06 = "V06",
        V07 = "V07",
        S01 = "S01",
        S02 = "S02",
        S03 = "S03",
        S04 = "S04",
        S05 = "S05",
        S06 = "S06",
        R01 = "R01",
        R02 = "R02",
        R03 = "R03",
        R04 = "R04",
        R05 = "R05",
        R06 = "R06",
        F01 = "F01",
        F02 = "F02",
        F03 = "F03",
        F04 = "F04",
        A01 = "A01",
        A02 = "A02",
        A03 = "A03",
    }
}

codes! {
    /// What issues have in common: the letter of the code.
    IssueGroup in "cases.issue_group" {
        Wages = "W",
        Contract = "C",
        Documents = "D",
        Hours = "H",
        Living = "L",
        Violence = "V",
        Safety = "S",
        Recruitment = "R",
        Liberty = "F",
        Association = "A",
    }
}

codes! {
    /// ILO, Indicators of Forced Labour (2012).
    Indicator in "cases.indicator" {
        Vulnerability = "vulnerability",
        Deception = "deception",
        Movement = "movement",
        Isolation = "isolation",
        Violence = "violence",
        Threats = "threats",
        Identity = "identity",
        Wages = "wages",
        Debt = "debt",
        Conditions = "conditions",
        Overtime = "overtime",
    }
}

impl Issue {
    pub fn group(self) -> IssueGroup {
        IssueGroup::from_code(&self.code()[..1]).expect("each code begins with its group")
    }

    /// The indicator that it may show.
    pub fn indicator(self) -> Option<Indicator> {
        use Issue::*;
        match self {
            D03 | D04 | D07 | R06 | C03 => Some(Indicator::Vulnerability),
            R03 | R04 | C02 => Some(Indicator::Deception),
            L04 | F01 | D05 => Some(Indicator::Movement),
            L05 | L06 => Some(Indicator::Isolation),
            V01 | V02 | V03 => Some(Indicator::Violence),
            V04 | V05 | V06 | V07 => Some(Indicator::Threats),
            D01 | D02 => Some(Indicator::Identity),
            W01 | W02 | W04 | W09 => Some(Indicator::Wages),
            R01 | R02 => Some(Indicator::Debt),
            L01 | L02 | L03 | S04 => Some(Indicator::Conditions),
            H01 | H02 | H04 => Some(Indicator::Overtime),
            _ => None,
        }
    }
}

/// The indicators that these issues may show, each once, in the ILO's order.
pub fn indicators(issues: impl Iterator<Item = Issue>) -> Vec<Indicator> {
    let mut shown: Vec<Indicator> = issues.filter_map(Issue::indicator).collect();
    shown.sort_unstable();
    shown.dedup();
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_the_eleven_indicators_is_shown_by_some_issue() {
        let shown = indicators(Issue::ALL.iter().copied());
        assert_eq!(shown, Indicator::ALL);
        assert_eq!(indicators([Issue::S03, Issue::C01].into_iter()), []);
        assert_eq!(
            indicators([Issue::W09, Issue::D01, Issue::W01].into_iter()),
            [Indicator::Identity, Indicator::Wages]
        );
    }

    #[test]
    fn each_issue_has_its_group() {
        for issue in Issue::ALL {
            assert!(issue.code().starts_with(issue.group().code()));
        }
    }
}
