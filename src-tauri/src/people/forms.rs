//! The form of a person: what was typed, made into a [`Profile`] or into reasons beside fields.

use chrono::{Datelike, NaiveDate};

use super::consent::How;
use super::rules::{Asked, DayOff, Gender, Name, NameKind, Phone, Profile};
use super::store::Brief;
use crate::kit::date::ToldDate;
use crate::kit::lists::{self, Occupation, SpokenLanguage};
use crate::kit::text;
use crate::web::{Ctx, Field, Sent, form};

/// What is wrong with one answer. The messages are locale keys.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    #[error(transparent)]
    Text(#[from] text::Refused),
    #[error(transparent)]
    Date(#[from] crate::kit::date::NotADate),
    #[error("people.refusal.phone")]
    Phone,
    #[error("people.refusal.future")]
    Future,
    #[error("people.refusal.long_ago")]
    LongAgo,
    #[error("people.refusal.year")]
    Year,
    #[error("people.refusal.year_to_come")]
    YearToCome,
    #[error("people.refusal.choice")]
    Choice,
    #[error("people.refusal.code_word")]
    CodeWordTaken,
}

/// How the consent to register was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentAnswer {
    Given(How),
    /// To be asked when there is quiet; the person's page says so until then.
    Later,
    Refused,
}

impl ConsentAnswer {
    pub fn code(self) -> &'static str {
        match self {
            Self::Given(how) => how.code(),
            Self::Later => "later",
            Self::Refused => "refused",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        match code {
            "later" | "" => Some(Self::Later),
            "refused" => Some(Self::Refused),
            how => How::from_code(how).map(Self::Given),
        }
    }
}

/// Fields of one phone, `phone-1` and so on.
pub struct PhoneFields {
    pub number: Field,
    pub whose: Field,
    pub may_call: Field,
    pub may_text: Field,
    pub best_times: Field,
}

pub struct PersonForm {
    pub name: Field,
    pub alias: Field,
    pub other_script: Field,
    pub legal: Field,
    pub document: Field,
    pub code_word: Field,
    pub phone: PhoneFields,
    pub phone_2: PhoneFields,
    pub gender: Field,
    pub birth: Field,
    pub nationality: Field,
    pub language: Field,
    pub language_2: Field,
    pub language_3: Field,
    pub occupation: Field,
    pub lives_with_employer: Field,
    pub day_off: Field,
    pub area: Field,
    pub arrival_year: Field,
    pub access_needs: Field,
    pub alert: Field,
    pub consent: Field,
}

impl PersonForm {
    /// With nothing typed yet.
    pub fn blank() -> Self {
        let phone = |n: u8| PhoneFields {
            number: Field::new(&format!("phone-{n}"), 40),
            whose: Field::new(&format!("phone-{n}-whose"), 60),
            may_call: Field::new(&format!("phone-{n}-call"), 10).typed(Asked::NotAsked.code()),
            may_text: Field::new(&format!("phone-{n}-text"), 10).typed(Asked::NotAsked.code()),
            best_times: Field::new(&format!("phone-{n}-times"), 80),
        };
        Self {
            name: Field::new("name", 120),
            alias: Field::new("alias", 120),
            other_script: Field::new("other-script", 120),
            legal: Field::new("legal", 120),
            document: Field::new("document", 120),
            code_word: Field::new("code-word", 60),
            phone: phone(1),
            phone_2: phone(2),
            gender: Field::new("gender", 20).typed(Gender::NotRecorded.code()),
            birth: Field::new("birth", 12),
            nationality: Field::new("nationality", 20).typed("not_recorded"),
            language: Field::new("language", 3),
            language_2: Field::new("language-2", 3),
            language_3: Field::new("language-3", 3),
            occupation: Field::new("occupation", 20),
            lives_with_employer: Field::new("lives-with-employer", 3),
            day_off: Field::new("day-off", 10),
            area: Field::new("area", 60),
            arrival_year: Field::new("arrival-year", 4),
            access_needs: Field::new("access-needs", 200),
            alert: Field::new("alert", 200),
            consent: Field::new("consent", 12).typed(ConsentAnswer::Later.code()),
        }
    }

    /// What was typed for somebody with a name, for the same person under a code word, or the other
    /// way round: all but what they are called.
    pub fn otherwise(c: &Ctx, sent: &Sent, today: NaiveDate) -> Self {
        let mut form = Self::blank();
        form.read(c, sent, today, false);
        let Self {
            name,
            alias,
            other_script,
            legal,
            document,
            code_word,
            ..
        } = Self::blank();
        Self {
            name,
            alias,
            other_script,
            legal,
            document,
            code_word,
            ..form
        }
    }

    /// The form filled with what is known, for editing.
    pub fn of(profile: &Profile) -> Self {
        let mut form = Self::blank();
        let mut used = profile.names.iter().filter(|n| n.kind == NameKind::Used);
        let named = |kind| profile.names.iter().find(|n| n.kind == kind);
        let put = |field: &mut Field, name: Option<&Name>| {
            field.value = name.map(|n| n.written.clone()).unwrap_or_default();
        };
        put(&mut form.name, used.next());
        put(&mut form.other_script, used.next());
        put(&mut form.alias, named(NameKind::Alias));
        put(&mut form.legal, named(NameKind::Legal));
        put(&mut form.document, named(NameKind::Document));
        let told = |value: &Option<String>| value.clone().unwrap_or_default();
        form.code_word.value = told(&profile.code_word);
        for (fields, phone) in [&mut form.phone, &mut form.phone_2]
            .into_iter()
            .zip(&profile.phones)
        {
            fields.number.value.clone_from(&phone.written);
            fields.whose.value = told(&phone.whose);
            fields.may_call.value = phone.may_call.code().to_owned();
            fields.may_text.value = phone.may_text.code().to_owned();
            fields.best_times.value = told(&phone.best_times);
        }
        form.gender.value = profile.gender.code().to_owned();
        form.birth.value = profile.birth.map(ToldDate::written).unwrap_or_default();
        form.nationality.value.clone_from(&profile.nationality);
        let languages = [
            &mut form.language,
            &mut form.language_2,
            &mut form.language_3,
        ];
        for (field, language) in languages.into_iter().zip(&profile.languages) {
            field.value.clone_from(language);
        }
        form.occupation.value = profile.occupation.map_or("", Occupation::code).to_owned();
        form.lives_with_employer.value = match profile.lives_with_employer {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        }
        .to_owned();
        form.day_off.value = profile.day_off.map_or("", DayOff::code).to_owned();
        form.area.value = told(&profile.area);
        form.arrival_year.value = profile
            .arrival_year
            .map(|y| y.to_string())
            .unwrap_or_default();
        form.access_needs.value = told(&profile.access_needs);
        form.alert.value = told(&profile.alert);
        form
    }

    /// Whether this is somebody under a code word instead of a name.
    pub fn read(
        &mut self,
        c: &Ctx,
        sent: &Sent,
        today: NaiveDate,
        pseudonymous: bool,
    ) -> Option<(Profile, ConsentAnswer)> {
        let name = self.name.read(c, sent, text::called);
        let others = [
            (&mut self.other_script, NameKind::Used),
            (&mut self.alias, NameKind::Alias),
            (&mut self.legal, NameKind::Legal),
            (&mut self.document, NameKind::Document),
        ]
        .map(|(field, kind)| {
            let written = field.optional(c, sent)?;
            Some(written.map(|written| Name { written, kind }))
        });
        let code_word = if pseudonymous {
            self.code_word.required(c, sent).map(Some)
        } else {
            self.code_word.optional(c, sent)
        };
        let phones = [&mut self.phone, &mut self.phone_2].map(|fields| fields.read(c, sent));
        let gender = self
            .gender
            .read(c, sent, |v, _| perhaps(v, Gender::from_code))
            .map(|gender| gender.unwrap_or(Gender::NotRecorded));
        let birth = self.birth.read(c, sent, |v, limit| birth(v, limit, today));
        let nationality = self
            .nationality
            .read(c, sent, |v, _| {
                perhaps(v, |v| lists::is_nationality(v).then(|| v.to_owned()))
            })
            .map(|told| told.unwrap_or_else(|| "not_recorded".to_owned()));
        let languages = [
            &mut self.language,
            &mut self.language_2,
            &mut self.language_3,
        ]
        .map(|field| field.read(c, sent, |v, _| language(v)));
        let occupation = self
            .occupation
            .read(c, sent, |v, _| perhaps(v, Occupation::from_code));
        let lives_with_employer = self.lives_with_employer.read(c, sent, |v, _| {
            perhaps(v, |v| match v {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            })
        });
        let day_off = self
            .day_off
            .read(c, sent, |v, _| perhaps(v, DayOff::from_code));
        let area = self.area.optional(c, sent);
        let arrival_year = self.arrival_year.read(c, sent, |v, _| year(v, today));
        let access_needs = self.access_needs.optional(c, sent);
        let alert = self.alert.optional(c, sent);
        let consent = self
            .consent
            .read(c, sent, |v, _| chosen(ConsentAnswer::from_code(v)));

        let kind = if pseudonymous {
            NameKind::Alias
        } else {
            NameKind::Used
        };
        let mut names = vec![Name {
            written: name?,
            kind,
        }];
        for other in others {
            names.extend(other?);
        }
        let mut known = Vec::new();
        for phone in phones {
            known.extend(phone?);
        }
        let mut spoken: Vec<String> = Vec::new();
        for language in languages {
            if let Some(language) = language?
                && !spoken.contains(&language)
            {
                spoken.push(language);
            }
        }
        let profile = Profile {
            names,
            code_word: code_word?,
            phones: known,
            gender: gender?,
            birth: birth?,
            nationality: nationality?,
            languages: spoken,
            occupation: occupation?,
            lives_with_employer: lives_with_employer?,
            day_off: day_off?,
            area: area?,
            arrival_year: arrival_year?,
            access_needs: access_needs?,
            alert: alert?,
        };
        Some((profile, consent?))
    }

    /// Whether one of the folded fields is filled or wrong, so that the fold opens.
    pub fn unfolded(&self) -> bool {
        let plain = [
            &self.other_script,
            &self.legal,
            &self.document,
            &self.birth,
            &self.language_2,
            &self.language_3,
            &self.occupation,
            &self.lives_with_employer,
            &self.day_off,
            &self.area,
            &self.arrival_year,
            &self.access_needs,
            &self.alert,
            &self.phone.whose,
            &self.phone.best_times,
            &self.phone_2.number,
        ];
        plain
            .iter()
            .any(|field| field.error.is_some() || !field.value.is_empty())
    }
}

impl PhoneFields {
    fn read(&mut self, c: &Ctx, sent: &Sent) -> Option<Option<Phone>> {
        let number = self.number.read(c, sent, number);
        let whose = self.whose.optional(c, sent);
        let may_call = self.may_call.read(c, sent, |v, _| asked(v));
        let may_text = self.may_text.read(c, sent, |v, _| asked(v));
        let best_times = self.best_times.optional(c, sent);
        let (written, whose, may_call, may_text, best_times) =
            (number?, whose?, may_call?, may_text?, best_times?);
        Some(written.map(|written| Phone {
            written,
            whose,
            may_call,
            may_text,
            best_times,
        }))
    }
}

fn chosen<T>(of: Option<T>) -> Result<T, Wrong> {
    of.ok_or(Wrong::Choice)
}

fn perhaps<T>(typed: &str, of: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Wrong> {
    if typed.is_empty() {
        return Ok(None);
    }
    chosen(of(typed)).map(Some)
}

fn asked(typed: &str) -> Result<Asked, Wrong> {
    Ok(perhaps(typed, Asked::from_code)?.unwrap_or(Asked::NotAsked))
}

fn language(typed: &str) -> Result<Option<String>, Wrong> {
    perhaps(typed, |code| {
        SpokenLanguage::from_code(code).map(|language| language.code.to_owned())
    })
}

/// The extension of a house, at an employer's or in a hostel, may have three.
const FEWEST_DIGITS: usize = 3;

fn number(typed: &str, limit: usize) -> Result<Option<String>, Wrong> {
    form::phone(typed, limit, FEWEST_DIGITS, Wrong::Phone)
}

/// Years: more than anybody has.
const OLDEST: i32 = 110;

fn birth(typed: &str, limit: usize, today: NaiveDate) -> Result<Option<ToldDate>, Wrong> {
    let Some(typed) = text::optional(typed, limit)? else {
        return Ok(None);
    };
    let told = ToldDate::parse(&typed)?;
    if told.date > today {
        return Err(Wrong::Future);
    }
    if told.date.year() < today.year() - OLDEST {
        return Err(Wrong::LongAgo);
    }
    Ok(Some(told))
}

fn year(typed: &str, today: NaiveDate) -> Result<Option<i32>, Wrong> {
    let typed = text::western_digits(typed.trim());
    if typed.is_empty() {
        return Ok(None);
    }
    match typed.parse() {
        Ok(year) if year > today.year() && year < 10_000 => Err(Wrong::YearToCome),
        Ok(year) if (1950..=today.year()).contains(&year) => Ok(Some(year)),
        _ => Err(Wrong::Year),
    }
}

/// What tells namesakes apart in a list, in words: the end of their phone, country and birth. The
/// digits are isolated: in a line from right to left the dots would come after them.
pub fn told_apart(c: &Ctx, brief: &Brief) -> Vec<String> {
    let phone = brief.phone_tail.as_ref();
    let birth = brief.birth.map(|told| c.told(told));
    let facts = [
        phone.map(|tail| format!("{} \u{2066}…{tail}\u{2069}", c.t("desk.phone_tail"))),
        nationality(c, &brief.nationality),
        birth.map(|when| c.tw("desk.born", &[("when", &when)])),
    ];
    facts.into_iter().flatten().collect()
}

/// The country's name; `None` where it was not told.
pub fn nationality(c: &Ctx, code: &str) -> Option<String> {
    let told = code != "not_recorded" && lists::is_nationality(code);
    told.then(|| c.t(&lists::nationality_key(code)))
}
