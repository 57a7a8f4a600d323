//! What is known of a person, and what makes two records look like one person.

use chrono::Datelike;
use serde::{Deserialize, Serialize};

use crate::kit::date::ToldDate;
use crate::kit::lists::{Occupation, codes};
use crate::kit::names::looks_like;
use crate::kit::{names, phone};

codes! {
    /// As the person says; never guessed from a name.
    Gender in "people.gender" {
        Female = "female",
        Male = "male",
        Other = "other",
        Undisclosed = "undisclosed",
        NotRecorded = "not-recorded",
    }
}

codes! {
    /// What a name is to its person.
    NameKind in "people.kind" {
        Used = "used",
        Alias = "alias",
        Legal = "legal",
        Document = "document",
    }
}

codes! {
    /// A yes that must never be assumed.
    Asked in "people.asked" {
        Yes = "yes",
        No = "no",
        NotAsked = "not-asked",
    }
}

codes! {
    /// Whether somebody gets a day off.
    DayOff in "people.day_off" {
        None = "none",
        Some = "some",
        Weekly = "weekly",
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// As it was written or said, in any script.
    pub written: String,
    pub kind: NameKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// As told: with or without country code, in any digits.
    pub written: String,
    pub whose: Option<String>,
    pub may_call: Asked,
    pub may_text: Asked,
    pub best_times: Option<String>,
}

/// A person's record as it is typed and shown. The first name is the one called out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub names: Vec<Name>,
    /// There for those who come back under a word of their own instead of a name.
    pub code_word: Option<String>,
    pub phones: Vec<Phone>,
    pub gender: Gender,
    pub birth: Option<ToldDate>,
    /// ISO 3166-1 alpha-3, `stateless` or `not_recorded`.
    pub nationality: String,
    /// ISO 639-3; the first is the preferred one.
    pub languages: Vec<String>,
    pub occupation: Option<Occupation>,
    pub lives_with_employer: Option<bool>,
    pub day_off: Option<DayOff>,
    pub area: Option<String>,
    pub arrival_year: Option<i32>,
    pub access_needs: Option<String>,
    /// What to do, never why.
    pub alert: Option<String>,
}

impl Profile {
    /// The name called out in the waiting room.
    pub fn called(&self) -> &str {
        self.names.first().map_or("", |name| &name.written)
    }
}

/// As it is heard and seen: in either case, however it is spaced and whatever signs stand in it.
pub fn same_code_word(one: &str, other: &str) -> bool {
    let letters = |word: &str| {
        word.chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
    };
    looks_like(&letters(one), &letters(other))
}

/// Why two records may be one person. Each reason is told to whoever decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Resemblance {
    /// 0 to 1, the best pair of names.
    pub names: f32,
    pub same_phone: bool,
    pub same_code_word: bool,
}

/// Names that are one name in another spelling reach this.
const LIKE_ENOUGH: f32 = 0.88;
/// With the same phone, less will do: families share phones, so a name must still be near.
const LIKE_WITH_PHONE: f32 = 0.70;

/// Whether `new` looks like `known`; `None` where they are told apart, or nothing speaks for it.
/// Births more than two years apart are two people (domain.md 5).
pub fn resemblance(new: &Profile, known: &Profile) -> Option<Resemblance> {
    if let (Some(a), Some(b)) = (new.birth, known.birth)
        && (a.date.year() - b.date.year()).abs() > 2
    {
        return None;
    }
    let same_phone = new.phones.iter().any(|a| {
        known
            .phones
            .iter()
            .any(|b| phone::same(&a.written, &b.written))
    });
    let same_code_word = match (&new.code_word, &known.code_word) {
        (Some(a), Some(b)) => same_code_word(a, b),
        _ => false,
    };
    let names = new
        .names
        .iter()
        .flat_map(|a| {
            known
                .names
                .iter()
                .map(|b| names::alike(&a.written, &b.written))
        })
        .flatten()
        .map(|alikeness| alikeness.score)
        .fold(0.0, f32::max);
    let least = if same_phone {
        LIKE_WITH_PHONE
    } else {
        LIKE_ENOUGH
    };
    (names >= least || same_code_word && names >= LIKE_WITH_PHONE).then_some(Resemblance {
        names,
        same_phone,
        same_code_word,
    })
}
