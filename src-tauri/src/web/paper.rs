//! The head and the words of a paper: in the office's language, and beside it in the reader's.

use chrono::{Datelike, Locale, NaiveDate, NaiveTime, Timelike};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Ctx;
use crate::kit::ethiopian;
use crate::kit::lang::Lang;
use crate::kit::lists::{LANGUAGES, SpokenLanguage};
use crate::kit::paper::{Document, Refusal, Template};

/// The languages that papers speak: BCP 47, and how dates are said in it. `tests/locales.rs` asks
/// for the words in each.
const TONGUES: [(&str, Locale); 11] = [
    ("en", Locale::en_GB),
    ("ar", Locale::ar_AE),
    ("fr", Locale::fr_FR),
    ("am", Locale::am_ET),
    ("bn", Locale::bn_BD),
    ("hi", Locale::hi_IN),
    ("ne", Locale::ne_NP),
    ("si", Locale::si_LK),
    ("ta", Locale::ta_LK),
    ("tl", Locale::fil_PH),
    ("ur", Locale::ur_PK),
];

/// A date as a language says it; `shape` as chrono's `format`.
pub(super) fn dated(day: NaiveDate, shape: &str, tag: &str) -> String {
    let known = TONGUES.iter().find(|(known, _)| *known == tag);
    let locale = known.map_or(Locale::en_GB, |(_, locale)| *locale);
    // In French only the first of a month is counted: 1er décembre, 2 décembre.
    let first = tag == "fr" && day.day() == 1;
    let shape = match first {
        true => shape.replace("%-d %B", "%-der %B"),
        false => shape.to_owned(),
    };
    day.format_localized(&shape, locale).to_string()
}

/// The months of the Ethiopian year; in Amharic too.
const ETHIOPIAN_MONTHS: [&str; 13] = [
    "shared.ethiopian.meskerem",
    "shared.ethiopian.tikimt",
    "shared.ethiopian.hidar",
    "shared.ethiopian.tahsas",
    "shared.ethiopian.tir",
    "shared.ethiopian.yekatit",
    "shared.ethiopian.megabit",
    "shared.ethiopian.miyazya",
    "shared.ethiopian.ginbot",
    "shared.ethiopian.sene",
    "shared.ethiopian.hamle",
    "shared.ethiopian.nehase",
    "shared.ethiopian.pagume",
];

/// A day in the Ethiopian calendar as a language says it, where it has words for that.
pub(super) fn ethiopian(day: NaiveDate, tag: &str) -> Option<String> {
    let day = ethiopian::Day::of(day);
    let kept = crate::_rust_i18n_backend();
    let month = kept.translate(tag, ETHIOPIAN_MONTHS[usize::from(day.month) - 1])?;
    let said = kept.translate(tag, "shared.ethiopian.date")?;
    let parts = [
        day.day.to_string(),
        month.into_owned(),
        day.year.to_string(),
    ];
    Some(rust_i18n::replace_patterns(
        &said,
        &["day", "month", "year"],
        &parts,
    ))
}

/// Some words in one language.
#[derive(Clone, Debug, Serialize)]
pub struct Said {
    pub lang: &'static str,
    pub text: String,
}

/// The languages of one paper: the office's, then the reader's where it is another one that papers
/// speak.
#[derive(Clone, Debug)]
pub struct Tongues(Vec<&'static str>);

impl Tongues {
    pub fn office(c: &Ctx) -> Self {
        Self(vec![c.lang()])
    }

    /// `spoken`: ISO 639-3.
    pub fn beside(c: &Ctx, spoken: &str) -> Self {
        Self::letter(c.language(), spoken)
    }

    /// The language of whoever gets a letter, then that of the person it is about (ISO 639-3).
    pub fn letter(to: Lang, spoken: &str) -> Self {
        let other = SpokenLanguage::from_code(spoken)
            .and_then(|language| TONGUES.iter().find(|(tag, _)| *tag == language.tag));
        Self::pair(to, other.map(|(tag, _)| *tag))
    }

    /// For a paper whose words are told in the program's own languages alone: it can be asked for
    /// no other.
    pub fn own(to: Lang, other: Option<Lang>) -> Self {
        Self::pair(to, other.map(Lang::tag))
    }

    fn pair(first: Lang, second: Option<&'static str>) -> Self {
        let first = first.tag();
        let second = second.filter(|second| *second != first);
        Self(std::iter::once(first).chain(second).collect())
    }

    /// The spoken languages that [`Tongues::beside`] has words for.
    pub fn has(spoken: &SpokenLanguage) -> bool {
        TONGUES.iter().any(|(tag, _)| *tag == spoken.tag)
    }

    /// The languages by ISO 639-3, the office's first.
    pub fn codes(&self) -> Vec<&'static str> {
        let spoken = self
            .0
            .iter()
            .filter_map(|tag| LANGUAGES.iter().find(|spoken| spoken.tag == *tag));
        spoken.map(|spoken| spoken.code).collect()
    }

    /// The text of a key in each language that has one: never that of a third language in its
    /// place.
    pub fn say(&self, key: &str) -> Vec<Said> {
        let kept = crate::_rust_i18n_backend();
        let said = self.0.iter().filter_map(|lang| {
            let text = kept.translate(lang, key)?.into_owned();
            Some(Said { lang, text })
        });
        said.collect()
    }

    /// The texts of keys, each under the last part of its key: what stands on the paper whoever it
    /// is for, and so is told in all its languages.
    pub fn words(&self, keys: &[&str]) -> Map<String, Value> {
        let said = keys.iter().map(|key| {
            let said = self.say(key);
            debug_assert_eq!(said.len(), self.0.len(), "{key} in {:?}", self.0);
            let name = key.rsplit('.').next().unwrap_or_default();
            (name.to_owned(), json!(said))
        });
        said.collect()
    }

    /// A date in each language; `shape` as chrono's `format`.
    pub fn day(&self, day: NaiveDate, shape: &str) -> Vec<Said> {
        self.each(|lang| dated(day, shape, lang))
    }

    /// An hour as the Ethiopian clock tells it, which counts from six in the morning and in the
    /// evening: told of a visitor who reads Amharic, for whom "10:30" may be half past four in the
    /// afternoon. Empty where nobody counts so.
    pub fn ethiopian_clock(&self, hour: NaiveTime) -> Vec<Said> {
        let told = format!("{}:{:02}", (hour.hour() + 5) % 12 + 1, hour.minute());
        self.in_ethiopia("print.ethiopian_clock", "%{hour}", |_| told.clone())
    }

    /// A day in the Ethiopian calendar, told of a visitor who reads Amharic. Empty where nobody
    /// counts so.
    pub fn ethiopian_day(&self, day: NaiveDate) -> Vec<Said> {
        let date = |lang: &str| ethiopian(day, lang).unwrap_or_default();
        self.in_ethiopia("shared.ethiopian.beside", "%{date}", date)
    }

    /// The words of a key with what is told in place of `variable`; none where nobody reads Amharic.
    fn in_ethiopia(&self, key: &str, variable: &str, told: impl Fn(&str) -> String) -> Vec<Said> {
        if !self.0.contains(&"am") {
            return Vec::new();
        }
        self.say_with(key, variable, told)
    }

    /// As [`Tongues::say`], with a date in place of `%{day}`; `shape` as chrono's `format`.
    pub fn say_day(&self, key: &str, day: NaiveDate, shape: &str) -> Vec<Said> {
        self.say_with(key, "%{day}", |lang| dated(day, shape, lang))
    }

    fn say_with(&self, key: &str, variable: &str, told: impl Fn(&str) -> String) -> Vec<Said> {
        let mut said = self.say(key);
        for one in &mut said {
            one.text = one.text.replace(variable, &told(one.lang));
        }
        said
    }

    fn each(&self, text: impl Fn(&str) -> String) -> Vec<Said> {
        let said = self.0.iter().map(|lang| Said {
            lang,
            text: text(lang),
        });
        said.collect()
    }
}

/// What stands on every paper. The title names the kind of paper, never a person: it becomes the
/// file's title and the print job's name.
#[derive(Clone, Debug, Serialize)]
pub struct Head {
    lang: &'static str,
    title: String,
    /// Empty on a paper that must not tell whose it is.
    centre: String,
    place: String,
    /// On letters; empty elsewhere.
    phone: String,
    foot: String,
}

impl Head {
    /// `title` is a locale key.
    pub fn new(c: &Ctx, title: &str, centre: &str, place: Option<&str>) -> Self {
        Self {
            lang: c.lang(),
            title: c.t(title),
            centre: centre.to_owned(),
            place: place.unwrap_or_default().to_owned(),
            phone: String::new(),
            foot: c.day(c.today()),
        }
    }

    /// As [`Head::new`], for a paper whose first language is its reader's and not the office's.
    pub fn letter(
        tongues: &Tongues,
        title: &str,
        centre: &str,
        place: Option<&str>,
        foot: &str,
    ) -> Self {
        let said = tongues.say(title).into_iter().next();
        let (lang, title) = said.map_or(("en", String::new()), |said| (said.lang, said.text));
        Self {
            lang,
            title,
            centre: centre.to_owned(),
            place: place.unwrap_or_default().to_owned(),
            phone: String::new(),
            foot: foot.to_owned(),
        }
    }

    /// With the number under which the centre is called.
    pub fn reached_at(self, phone: Option<&str>) -> Self {
        let phone = phone.unwrap_or_default().to_owned();
        Self { phone, ..self }
    }

    /// The document whose template finds this as `paper`, `words`, and what `data` holds beside.
    pub fn document(
        self,
        template: Template,
        words: Map<String, Value>,
        data: impl Serialize,
    ) -> Result<Document, Refusal> {
        #[derive(Serialize)]
        struct Whole<D> {
            paper: Head,
            words: Map<String, Value>,
            #[serde(flatten)]
            data: D,
        }
        let paper = self;
        Document::new(template, &Whole { paper, words, data })
    }
}

/// The words for the field of a template's data that could not be printed.
pub(super) fn field_key(field: &str) -> &'static str {
    match field {
        "name" | "names" => "paper.field.name",
        "title" => "paper.field.title",
        "teacher" => "paper.field.teacher",
        "room" => "paper.field.room",
        "centre" | "place" => "paper.field.centre",
        _ => "paper.field.other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_french_the_first_of_a_month_is_counted_and_no_other_day() {
        let day = |of| NaiveDate::from_ymd_opt(2026, 12, of).expect("a day");
        for (of, shape, tag, said) in [
            (1, "%-d %B %Y", "fr", "1er décembre 2026"),
            (1, "%A %-d %B", "fr", "mardi 1er décembre"),
            (2, "%-d %B %Y", "fr", "2 décembre 2026"),
            (21, "%-d %B %Y", "fr", "21 décembre 2026"),
            (1, "%B %Y", "fr", "décembre 2026"),
            (1, "%-d %B %Y", "en", "1 December 2026"),
        ] {
            assert_eq!(dated(day(of), shape, tag), said);
        }
    }
}
