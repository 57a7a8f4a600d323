//! What is known of a partner, who may be chosen, and which one fits a need.

use std::cmp::Reverse;

use chrono::{NaiveDate, NaiveDateTime};

use crate::kit::hours::{Door, Hours};
use crate::kit::id::PartnerId;
use crate::kit::lang::Lang;
use crate::kit::lists::{Service, ServiceGroup, codes};

codes! {
    /// What a partner is (domain.md 4.10).
    Kind in "partners.kind" {
        Hospital = "hospital",
        Clinic = "clinic",
        Lawyer = "lawyer",
        LegalAid = "legal-aid",
        Union = "union",
        Embassy = "embassy",
        Consulate = "consulate",
        Un = "un",
        Shelter = "shelter",
        Church = "church",
        Mosque = "mosque",
        School = "school",
        Bank = "bank",
        Police = "police",
        Ministry = "ministry",
        Media = "media",
    }
}

codes! {
    /// What somebody without papers risks there. From the best to the worst: the finder's order.
    Safety in "partners.safety" {
        Tested = "tested",
        SaysYes = "says-yes",
        Unknown = "unknown",
        No = "no",
        Unsafe = "unsafe",
    }
}

codes! {
    /// A yes that is never assumed.
    Known in "partners.known" {
        Yes = "yes",
        No = "no",
        Unknown = "unknown",
    }
}

codes! {
    /// What a visitor pays there.
    Cost in "partners.cost" {
        Free = "free",
        Reduced = "reduced",
        Full = "full",
        Unknown = "unknown",
    }
}

/// What was checked longer ago than this is said to be old (domain.md 2).
pub const STALE_AFTER_DAYS: i64 = 180;

/// A partner's name in one of the program's languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub language: Lang,
    pub written: String,
}

/// A partner's record as it is typed and shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// At least one; in the order of [`Lang::ALL`].
    pub names: Vec<Name>,
    pub kind: Kind,
    pub services: Vec<Service>,
    pub area: Option<String>,
    pub address: Option<String>,
    pub hours: Hours,
    /// ISO 639-3.
    pub languages: Vec<String>,
    pub phones: Vec<String>,
    pub focal: Option<String>,
    pub cost: Cost,
    pub cost_note: Option<String>,
    pub safety: Safety,
    /// How the centre knows it.
    pub safety_note: Option<String>,
    pub women_staff: Known,
    pub wheelchair: Known,
    /// The language in which letters to it are written.
    pub letters_in: Lang,
    pub agreement_until: Option<NaiveDate>,
    pub verified: Option<NaiveDate>,
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    pub id: PartnerId,
    pub profile: Profile,
    /// Since when nobody is sent there any more.
    pub ended: Option<NaiveDate>,
}

impl Profile {
    /// The name in that language, or else the first there is.
    pub fn called(&self, language: Lang) -> &str {
        let own = self.names.iter().find(|name| name.language == language);
        let name = own.or(self.names.first());
        name.map_or("", |name| &name.written)
    }

    pub fn is_stale(&self, today: NaiveDate) -> bool {
        self.verified
            .is_none_or(|day| (today - day).num_days() > STALE_AFTER_DAYS)
    }

    /// Counts on its last day still.
    pub fn agreement_over(&self, today: NaiveDate) -> bool {
        self.agreement_until.is_some_and(|day| day < today)
    }

    /// An authority, marked wherever it is shown: whoever is sent there is seen by the state.
    pub fn is_authority(&self) -> bool {
        matches!(self.kind, Kind::Police | Kind::Ministry)
    }
}

/// Whether it may stand on a paper that is handed out.
pub fn may_be_told(partner: &Partner) -> bool {
    partner.ended.is_none()
        && partner.profile.safety != Safety::Unsafe
        && !partner.profile.is_authority()
}

/// What somebody needs: a service, or any of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    One(Service),
    Any(ServiceGroup),
}

impl Need {
    pub fn from_code(code: &str) -> Option<Self> {
        let one = Service::from_code(code).map(Self::One);
        one.or_else(|| ServiceGroup::from_code(code).map(Self::Any))
    }

    fn met_by(self, services: &[Service]) -> bool {
        services.iter().any(|service| match self {
            Self::One(wanted) => *service == wanted,
            Self::Any(group) => service.group() == group,
        })
    }
}

/// What is looked for. What is not asked is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub need: Option<Need>,
    /// ISO 639-3.
    pub language: Option<String>,
    pub area: Option<String>,
    pub open_now: bool,
    /// Part of a name.
    pub name: Option<String>,
}

/// Those that fit, the best first: safe before unsafe, speaking the language and open before the
/// others, checked lately before long ago. Open is demanded only where it was asked; a language
/// always is, since a letter to somebody who understands nobody helps nobody.
pub fn find(
    wanted: &Wanted,
    all: Vec<Partner>,
    now: NaiveDateTime,
    language: Lang,
) -> Vec<Partner> {
    let mut found: Vec<Partner> = all
        .into_iter()
        .filter(|partner| partner.ended.is_none() && fits(wanted, &partner.profile, now))
        .collect();
    found.sort_by_cached_key(|partner| {
        let profile = &partner.profile;
        let open = matches!(profile.hours.at(now), Door::Open(_));
        (
            profile.safety,
            Reverse(open),
            profile.is_stale(now.date()),
            folded(profile.called(language)),
        )
    });
    found
}

fn fits(wanted: &Wanted, profile: &Profile, now: NaiveDateTime) -> bool {
    let speaks = |code: &String| profile.languages.contains(code);
    let named = |part: &String| {
        let part = folded(part);
        let mut names = profile.names.iter();
        names.any(|name| folded(&name.written).contains(&part))
    };
    wanted
        .need
        .is_none_or(|need| need.met_by(&profile.services))
        && wanted.language.as_ref().is_none_or(speaks)
        && wanted
            .area
            .as_ref()
            .is_none_or(|area| profile.area.as_ref() == Some(area))
        && (!wanted.open_now || matches!(profile.hours.at(now), Door::Open(_)))
        && wanted.name.as_ref().is_none_or(named)
}

fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// A partner that may be used for a referral. Only [`choose`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    partner: PartnerId,
    reason: Option<String>,
}

impl Chosen {
    pub fn partner(&self) -> PartnerId {
        self.partner
    }

    /// Why an unsafe one was chosen all the same.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

/// Why a partner cannot be chosen. The messages are locale keys.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotChosen {
    #[error("partners.refusal.unsafe")]
    Unsafe,
    #[error("partners.refusal.ended")]
    Ended,
}

/// Whoever sends somebody to a partner that reports to the authorities says why in words.
pub fn choose(partner: &Partner, reason: Option<&str>) -> Result<Chosen, NotChosen> {
    if partner.ended.is_some() {
        return Err(NotChosen::Ended);
    }
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
    if partner.profile.safety == Safety::Unsafe && reason.is_none() {
        return Err(NotChosen::Unsafe);
    }
    Ok(Chosen {
        partner: partner.id,
        reason: reason.map(str::to_owned),
    })
}
