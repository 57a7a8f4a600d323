//! The form of an interpreter: what was typed, made into a [`Profile`] or into reasons beside fields.

use chrono::Weekday;

use super::rules::{Level, Per, Profile, Spoken};
use crate::kit::date;
use crate::kit::hours::Hours;
use crate::kit::lists::{
    CURRENCIES, Country, Currency, LANGUAGES, SpokenLanguage, nationality_key,
};
use crate::kit::money::{Amount, NotAnAmount};
use crate::kit::text;
use crate::people::rules::Gender;
use crate::web::{Choice, Ctx, Field, Sent, WeekFields, choices, form};

/// What is wrong with one answer. The messages are locale keys.
#[derive(Debug, thiserror::Error)]
enum Wrong {
    #[error(transparent)]
    Text(#[from] text::Refused),
    #[error(transparent)]
    Amount(#[from] NotAnAmount),
    #[error("interpreters.refusal.phone")]
    Phone,
    #[error("interpreters.refusal.choice")]
    Choice,
    #[error("interpreters.refusal.language")]
    Language,
    #[error("interpreters.refusal.twice")]
    Twice,
}

/// More languages than anyone here interprets from.
const LANGUAGES_ASKED: usize = 4;
const CONFLICTS_ASKED: usize = 3;
/// Of a number that can be called from abroad.
const FEWEST_DIGITS: usize = 6;

/// One language with its level.
pub struct SpokenFields {
    pub language: Field,
    pub languages: Vec<Choice>,
    pub level: Field,
    pub levels: Vec<Choice>,
}

pub struct InterpreterForm {
    pub name: Field,
    pub phone: Field,
    pub gender: Field,
    pub genders: Vec<Choice>,
    pub spoken: Vec<SpokenFields>,
    pub week: WeekFields,
    pub fee: Field,
    pub currency: Field,
    pub currencies: Vec<Choice>,
    pub per: Field,
    pub pers: Vec<Choice>,
    pub signed_until: Field,
    pub conflicts: Vec<(Field, Vec<Choice>)>,
    pub note: Field,
}

/// What the centre has set that the form needs.
pub struct Around<'a> {
    pub week_starts: Weekday,
    pub currency: &'a str,
    /// ISO 639-3: the languages offered first.
    pub languages: &'a [String],
    /// ISO 3166-1 alpha-3, the centre's own first.
    pub nationalities: &'a [String],
}

impl InterpreterForm {
    pub fn blank(c: &Ctx, around: &Around<'_>) -> Self {
        let nobody = Profile {
            name: String::new(),
            phone: None,
            gender: Gender::NotRecorded,
            languages: Vec::new(),
            hours: Hours::default(),
            fee: None,
            per: Per::Hour,
            signed_until: None,
            conflicts: Vec::new(),
            note: None,
        };
        Self::of(c, around, &nobody)
    }

    pub fn of(c: &Ctx, around: &Around<'_>, profile: &Profile) -> Self {
        let told = |value: &Option<String>| value.clone().unwrap_or_default();
        let fee = profile.fee;
        let signed = profile.signed_until.map(date::typed);
        let mut form = Self {
            name: Field::new("name", 120).typed(&profile.name),
            phone: Field::new("phone", 40).typed(&told(&profile.phone)),
            gender: Field::new("gender", 20).typed(profile.gender.code()),
            genders: Vec::new(),
            spoken: (0..LANGUAGES_ASKED)
                .map(|place| {
                    let spoken = profile.languages.get(place);
                    let language = Field::new(&format!("language-{place}"), 3);
                    let level = Field::new(&format!("level-{place}"), 20);
                    SpokenFields {
                        language: language.typed(spoken.map_or("", |s| &s.language)),
                        languages: Vec::new(),
                        level: level.typed(spoken.map_or(Level::Good, |s| s.level).code()),
                        levels: Vec::new(),
                    }
                })
                .collect(),
            week: WeekFields::of(c, around.week_starts, &profile.hours),
            fee: Field::new("fee", 20).typed(&fee.map(Amount::number).unwrap_or_default()),
            currency: Field::new("currency", 3)
                .typed(fee.map_or(around.currency, |fee| fee.currency.code)),
            currencies: Vec::new(),
            per: Field::new("per", 20).typed(profile.per.code()),
            pers: Vec::new(),
            signed_until: Field::new("signed-until", 12).typed(&signed.unwrap_or_default()),
            conflicts: (0..CONFLICTS_ASKED)
                .map(|place| {
                    let field = Field::new(&format!("conflict-{place}"), 3);
                    let code = profile.conflicts.get(place);
                    (field.typed(code.map_or("", String::as_str)), Vec::new())
                })
                .collect(),
            note: Field::new("note", 500).typed(&told(&profile.note)),
        };
        form.offer(c, around);
        form
    }

    /// The lists, with what is chosen marked.
    fn offer(&mut self, c: &Ctx, around: &Around<'_>) {
        self.genders = choices(
            Gender::ALL,
            |g| (g.code(), c.t(g.label_key())),
            &self.gender.value,
        );
        self.pers = choices(
            Per::ALL,
            |p| (p.code(), c.t(p.label_key())),
            &self.per.value,
        );
        self.currencies = CURRENCIES
            .iter()
            .map(|currency| {
                let chosen = currency.code == self.currency.value;
                Choice::new(currency.code, c.t(&currency.label_key()), chosen)
            })
            .collect();
        for fields in &mut self.spoken {
            fields.languages = languages(c, &fields.language, around.languages);
            fields.levels = choices(
                Level::ALL,
                |l| (l.code(), c.t(l.label_key())),
                &fields.level.value,
            );
        }
        for (field, offered) in &mut self.conflicts {
            let none = Choice::new(
                "",
                c.t("interpreters.nobody_to_avoid"),
                field.value.is_empty(),
            );
            let nationalities = around.nationalities.iter().map(|code| {
                let label = c.t(&nationality_key(code));
                Choice::new(code.clone(), label, *code == field.value)
            });
            *offered = std::iter::once(none).chain(nationalities).collect();
        }
    }

    pub fn read(&mut self, c: &Ctx, sent: &Sent, around: &Around<'_>) -> Option<Profile> {
        let name = self.name.required(c, sent);
        let phone = self.phone.read(c, sent, |typed, limit| {
            form::phone(typed, limit, FEWEST_DIGITS, Wrong::Phone)
        });
        let gender = self
            .gender
            .read(c, sent, |v, _| Gender::from_code(v).ok_or(Wrong::Choice));
        let languages = self.read_languages(c, sent);
        let hours = self.week.read(c, sent);
        let currency = self
            .currency
            .read(c, sent, |v, _| Currency::from_code(v).ok_or(Wrong::Choice));
        let fee = self.fee.read(c, sent, |typed, limit| {
            let Some(typed) = text::optional(typed, limit)? else {
                return Ok(None);
            };
            let currency = currency.ok_or(Wrong::Choice)?;
            Ok::<_, Wrong>(Some(Amount::parse(&typed, currency)?))
        });
        let per = self
            .per
            .read(c, sent, |v, _| Per::from_code(v).ok_or(Wrong::Choice));
        let signed_until = self.signed_until.read(c, sent, form::day);
        let mut conflicts = Vec::new();
        for (field, _) in &mut self.conflicts {
            let code = field.read(c, sent, |v, _| match v {
                "" => Ok(None),
                code => Country::from_code(code)
                    .map(|country| Some(country.code.to_owned()))
                    .ok_or(Wrong::Choice),
            });
            conflicts.push(code);
        }
        let note = self.note.read(c, sent, text::lines);
        self.offer(c, around);
        let mut avoided: Vec<String> = Vec::new();
        for code in conflicts {
            avoided.extend(code?);
        }
        avoided.sort();
        avoided.dedup();
        Some(Profile {
            name: name?,
            phone: phone?,
            gender: gender?,
            languages: languages?,
            hours: hours?,
            fee: fee?,
            per: per?,
            signed_until: signed_until?,
            conflicts: avoided,
            note: note?,
        })
    }

    /// At least one language, none of them twice.
    fn read_languages(&mut self, c: &Ctx, sent: &Sent) -> Option<Vec<Spoken>> {
        let mut spoken: Vec<Spoken> = Vec::new();
        let mut whole = true;
        for (place, fields) in self.spoken.iter_mut().enumerate() {
            let level = fields
                .level
                .read(c, sent, |v, _| Level::from_code(v).ok_or(Wrong::Choice));
            let language = fields.language.read(c, sent, |v, _| match v {
                "" if place == 0 => Err(Wrong::Language),
                "" => Ok(None),
                code => {
                    let known = SpokenLanguage::from_code(code).ok_or(Wrong::Choice)?;
                    if spoken.iter().any(|s| s.language == known.code) {
                        return Err(Wrong::Twice);
                    }
                    Ok(Some(known.code.to_owned()))
                }
            });
            match (language, level) {
                (Some(Some(language)), Some(level)) => spoken.push(Spoken { language, level }),
                (Some(None), Some(_)) => {}
                _ => whole = false,
            }
        }
        // The best first; among equals as they were told.
        spoken.sort_by_key(|s| s.level);
        whole.then_some(spoken)
    }
}

/// The centre's own languages first.
pub fn languages(c: &Ctx, field: &Field, first: &[String]) -> Vec<Choice> {
    let own = first
        .iter()
        .filter_map(|code| SpokenLanguage::from_code(code));
    let others = LANGUAGES
        .iter()
        .filter(|language| first.iter().all(|code| code != language.code));
    let none = Choice::new("", c.t("interpreters.no_language"), field.value.is_empty());
    std::iter::once(none)
        .chain(own.chain(others).map(|language| {
            let label = format!("{} · {}", c.t(&language.label_key()), language.own_name);
            Choice::new(language.code, label, language.code == field.value)
        }))
        .collect()
}
