//! What is known of an interpreter, and whom a visitor may be given.

use chrono::{NaiveDate, NaiveDateTime};

use crate::kit::hours::{Door, Hours};
use crate::kit::id::InterpreterId;
use crate::kit::lists::codes;
use crate::kit::money::Amount;
use crate::people::rules::Gender;

codes! {
    /// How well a language is spoken, the best first.
    Level in "interpreters.level" {
        Native = "native",
        Good = "good",
        Basic = "basic",
    }
}

codes! {
    /// What a fee is for.
    Per in "interpreters.per" {
        Hour = "hour",
        Session = "session",
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// ISO 639-3.
    pub language: String,
    pub level: Level,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    pub phone: Option<String>,
    pub gender: Gender,
    /// Each language once, the best first.
    pub languages: Vec<Spoken>,
    pub hours: Hours,
    /// `None` for those who take nothing.
    pub fee: Option<Amount>,
    pub per: Per,
    pub signed_until: Option<NaiveDate>,
    /// ISO 3166-1 alpha-3: whose visitors should not be given this one.
    pub conflicts: Vec<String>,
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    pub id: InterpreterId,
    pub profile: Profile,
    pub ended: Option<NaiveDate>,
}

impl Profile {
    pub fn level_of(&self, language: &str) -> Option<Level> {
        let spoken = self.languages.iter().find(|s| s.language == language);
        spoken.map(|spoken| spoken.level)
    }

    /// Whether the promise to keep what is heard holds on that day, its last one included.
    pub fn has_signed(&self, on: NaiveDate) -> bool {
        self.signed_until.is_some_and(|until| on <= until)
    }
}

/// Why somebody cannot interpret here. The messages are locale keys.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unfit {
    #[error("interpreters.refusal.ended")]
    Ended,
    #[error("interpreters.refusal.not_signed")]
    NotSigned,
    #[error("interpreters.refusal.conflict")]
    Conflict,
    #[error("interpreters.refusal.other_language")]
    Language,
}

/// An interpreter for one appointment. Only [`assign`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assigned(InterpreterId);

impl Assigned {
    pub fn interpreter(self) -> InterpreterId {
        self.0
    }
}

/// Whether this one may hear what is said on that day by somebody of that nationality.
pub fn assign(
    interpreter: &Interpreter,
    on: NaiveDate,
    nationality: &str,
) -> Result<Assigned, Unfit> {
    if interpreter.ended.is_some() {
        return Err(Unfit::Ended);
    }
    if !interpreter.profile.has_signed(on) {
        return Err(Unfit::NotSigned);
    }
    let conflicts = &interpreter.profile.conflicts;
    if conflicts.iter().any(|code| code == nationality) {
        return Err(Unfit::Conflict);
    }
    Ok(Assigned(interpreter.id))
}

/// As [`assign`], and whether this one speaks any of the visitor's `languages` (ISO 639-3, the
/// first one before the others). Of somebody whose language nobody has noted, that is not asked.
pub fn suit(
    interpreter: &Interpreter,
    on: NaiveDate,
    nationality: &str,
    languages: &[String],
) -> Result<Assigned, Unfit> {
    if !languages.is_empty() && spoken_best(interpreter, languages).is_none() {
        return Err(Unfit::Language);
    }
    assign(interpreter, on, nationality)
}

/// Which of these languages is spoken, the first before the others, and how well.
pub fn spoken_best(interpreter: &Interpreter, languages: &[String]) -> Option<(usize, Level)> {
    let mut known = languages.iter().enumerate();
    known.find_map(|(place, code)| Some((place, interpreter.profile.level_of(code)?)))
}

/// What is looked for. What is not asked is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub language: Option<String>,
    pub gender: Option<Gender>,
    pub now: bool,
}

/// Those that fit, the best first: who has signed before who has not, by level, then by name.
pub fn find(wanted: &Wanted, all: Vec<Interpreter>, now: NaiveDateTime) -> Vec<Interpreter> {
    let mut found: Vec<Interpreter> = all
        .into_iter()
        .filter(|one| one.ended.is_none() && fits(wanted, &one.profile, now))
        .collect();
    found.sort_by_cached_key(|one| {
        let profile = &one.profile;
        let language = wanted.language.as_deref();
        (
            !profile.has_signed(now.date()),
            language.and_then(|code| profile.level_of(code)),
            profile.name.to_lowercase(),
        )
    });
    found
}

fn fits(wanted: &Wanted, profile: &Profile, now: NaiveDateTime) -> bool {
    let speaks = |code: &String| profile.level_of(code).is_some();
    wanted.language.as_ref().is_none_or(speaks)
        && wanted.gender.is_none_or(|gender| profile.gender == gender)
        && (!wanted.now || matches!(profile.hours.at(now), Door::Open(_)))
}
