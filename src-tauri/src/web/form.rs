//! What a form sent, and its fields as a template shows them.

use std::fmt::Display;

use chrono::NaiveDate;

use super::Ctx;
use crate::kit::date::{NotADate, Precision, ToldDate};
use crate::kit::{phone, text};

/// Names and values as sent, in order.
pub struct Sent(pub(super) Vec<(String, String)>);

impl Sent {
    /// The first value of that name; empty where none was sent.
    pub fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or("")
    }

    /// Every value of that name, in the order of the page.
    pub fn all<'s>(&'s self, name: &str) -> impl Iterator<Item = &'s str> {
        self.0
            .iter()
            .filter(move |(sent, _)| sent == name)
            .map(|(_, value)| value.as_str())
    }
}

/// A field with what was typed and, if refused, why (already translated).
#[derive(Clone)]
pub struct Field {
    pub name: String,
    pub value: String,
    pub error: Option<String>,
    /// Characters.
    pub limit: usize,
}

impl Field {
    pub fn new(name: &str, limit: usize) -> Self {
        Self {
            name: name.to_owned(),
            value: String::new(),
            error: None,
            limit,
        }
    }

    pub fn typed(self, value: &str) -> Self {
        let value = value.to_owned();
        Self { value, ..self }
    }

    pub fn wrong(&mut self, why: String) {
        self.error = Some(why);
    }

    /// Reads what was sent under this name and keeps it; `None` with the reason beside it.
    /// `parse` gets the text and the field's limit; its errors are locale keys.
    pub fn read<T, E: Display>(
        &mut self,
        c: &Ctx,
        sent: &Sent,
        parse: impl FnOnce(&str, usize) -> Result<T, E>,
    ) -> Option<T> {
        sent.get(&self.name).clone_into(&mut self.value);
        self.parse(c, parse)
    }

    /// As [`Field::read`], from what stands in the field already.
    pub fn parse<T, E: Display>(
        &mut self,
        c: &Ctx,
        parse: impl FnOnce(&str, usize) -> Result<T, E>,
    ) -> Option<T> {
        parse(&self.value, self.limit)
            .map_err(|refused| {
                let limit = self.limit.to_string();
                self.wrong(c.tw(&refused.to_string(), &[("limit", &limit)]));
            })
            .ok()
    }

    pub fn required(&mut self, c: &Ctx, sent: &Sent) -> Option<String> {
        self.read(c, sent, text::required)
    }

    pub fn optional(&mut self, c: &Ctx, sent: &Sent) -> Option<Option<String>> {
        self.read(c, sent, text::optional)
    }
}

/// One of a list to choose from.
pub struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: String, chosen: bool) -> Self {
        let value = value.into();
        Self {
            value,
            label,
            chosen,
        }
    }
}

/// Where the cursor goes among some choices: to the one that is chosen, else to the first.
pub fn at_hand(choices: &[Choice]) -> usize {
    choices.iter().position(|one| one.chosen).unwrap_or(0)
}

/// All of a closed list, with the chosen one marked. `told` gives a code and its name, translated.
pub fn choices<T: Copy>(
    all: &[T],
    told: impl Fn(T) -> (&'static str, String),
    chosen: &str,
) -> Vec<Choice> {
    all.iter()
        .map(|one| {
            let (code, label) = told(*one);
            Choice::new(code, label, code == chosen)
        })
        .collect()
}

/// Why a day was not taken. The messages are locale keys.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotADay {
    #[error(transparent)]
    Text(#[from] text::Refused),
    #[error(transparent)]
    Date(#[from] NotADate),
    /// A month or a year where a day is needed.
    #[error("shared.refusal.whole_day")]
    Vague,
}

/// A whole day, if anything was typed: an agreement does not end in about a year.
pub fn day(typed: &str, limit: usize) -> Result<Option<NaiveDate>, NotADay> {
    let Some(typed) = text::optional(typed, limit)? else {
        return Ok(None);
    };
    let told = ToldDate::parse(&typed)?;
    match told.precision {
        Precision::Day => Ok(Some(told.date)),
        _ => Err(NotADay::Vague),
    }
}

/// The most digits of a number that can be called (ITU-T E.164).
const PHONE_DIGITS: usize = 15;

/// A phone number of at least `fewest` digits, if anything was typed; `wrong` where it is none.
pub fn phone<E: From<text::Refused>>(
    typed: &str,
    limit: usize,
    fewest: usize,
    wrong: E,
) -> Result<Option<String>, E> {
    let Some(written) = text::optional(typed, limit)? else {
        return Ok(None);
    };
    if (fewest..=PHONE_DIGITS).contains(&phone::digits(&written).len()) {
        Ok(Some(written))
    } else {
        Err(wrong)
    }
}

/// A field's name and what it holds, both in words.
pub type Fact = (String, String);

/// A field's name, and what it held before and after, all in words.
pub type Difference = (String, String, String);

/// What differs between two states of a record.
pub fn differing(before: &[Fact], after: &[Fact]) -> Vec<Difference> {
    let mut keys: Vec<&String> = before.iter().chain(after).map(|(key, _)| key).collect();
    keys.dedup();
    let value = |facts: &[Fact], key: &str| {
        let values = facts.iter().filter(|(known, _)| known == key);
        values
            .map(|(_, value)| value.as_str())
            .collect::<Vec<_>>()
            .join(" · ")
    };
    let mut differences: Vec<Difference> = Vec::new();
    for key in keys {
        let (was, is) = (value(before, key), value(after, key));
        if was != is && differences.iter().all(|(known, ..)| known != key) {
            differences.push((key.clone(), was, is));
        }
    }
    differences
}

/// What stands in a record now, where a form that was made before says something else. What
/// was emptied is told by a dash.
pub fn theirs(differences: Vec<Difference>) -> Vec<Fact> {
    let now = |is: String| if is.is_empty() { "–".to_owned() } else { is };
    let facts = differences.into_iter();
    facts.map(|(label, _, is)| (label, now(is))).collect()
}
