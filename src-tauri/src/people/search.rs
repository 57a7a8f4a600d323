//! Finding a person by some letters of a name in any script, the last digits of a phone, or a
//! card's code. Names: the query's words are met with the centre's different words, then with
//! those who have them; SQLite gives the shortlist, the ranking is done here.

use rusqlite::named_params;

use super::index::{NameIndex, SHORTLIST};

use super::rules::{Profile, Resemblance, resemblance};
use super::store;
use crate::kit::code::CardCode;
use crate::kit::id::PersonId;
use crate::kit::{names, phone, text};
use crate::vault::{Db, Refusal, WriteTx};

/// Fewer letters of a name, or digits of a phone, would find nearly everybody.
const FEWEST_DIGITS: usize = 4;

const PEOPLE: NameIndex = NameIndex {
    words: "name_word",
    keys: "name_key",
    having: "person_word",
    owner: "person",
};

/// Keeps the words of somebody's names; those they had must be forgotten.
pub(super) fn keep_words<'n>(
    tx: &WriteTx<'_>,
    person: PersonId,
    written: impl Iterator<Item = &'n str>,
) -> Result<(), Refusal> {
    PEOPLE.keep(tx, person, written)
}

pub(super) fn forget_words(tx: &WriteTx<'_>, person: PersonId) -> Result<(), Refusal> {
    PEOPLE.forget(tx, person)
}

/// The best `most` people for what was typed, the best first.
pub fn find(db: &Db<'_>, typed: &str, most: usize) -> Result<Vec<PersonId>, Refusal> {
    let ranked = ranked(db, typed, most)?;
    Ok(ranked.into_iter().map(|(person, _)| person).collect())
}

/// Whom a search found, the best first, with how well each fits (0 to 1).
#[derive(Default)]
pub struct Found {
    pub ranked: Vec<(PersonId, f32)>,
    /// What was looked for instead of what was typed.
    pub meant: Option<String>,
}

impl Found {
    /// How many, from the first on, bear the name that was typed; the others may only sound alike.
    pub fn sure(&self) -> usize {
        self.ranked.partition_point(|(_, fits)| *fits >= SURE)
    }

    /// How many are worth a line, of `most`: whoever may only sound alike fills up a short list.
    pub fn shown(&self, most: usize) -> usize {
        self.sure().clamp(MOST_PERHAPS, most)
    }

    pub fn people(&self) -> Vec<PersonId> {
        self.ranked.iter().map(|(person, _)| *person).collect()
    }
}

/// So many who may only sound alike, where few are found for sure.
const MOST_PERHAPS: usize = 3;

/// Whoever fits less may only sound alike: nobody should take them for the one at the door in a
/// hurry.
pub const SURE: f32 = 0.75;

/// How well somebody must fit what was not typed: keys at random are a name in the other script too.
const MEANT: f32 = 0.85;

/// As [`ranked`]; where nobody fits for sure, once more as if the keyboard had been set to the other
/// script.
pub fn as_meant(db: &Db<'_>, typed: &str, most: usize) -> Result<Found, Refusal> {
    let ranked = self::ranked(db, typed, most)?;
    if !ranked.iter().any(|(_, fits)| *fits >= SURE)
        && let Some(meant) = names::other_layout(typed)
    {
        let mut ranked = self::ranked(db, &meant, most)?;
        ranked.retain(|(_, fits)| *fits >= MEANT);
        if !ranked.is_empty() {
            let meant = Some(meant);
            return Ok(Found { ranked, meant });
        }
    }
    Ok(Found {
        ranked,
        meant: None,
    })
}

/// Whether it is a part of a phone number, and too short to look for.
pub fn are_few_digits(typed: &str) -> bool {
    only_digits(typed).is_some_and(|digits| (1..FEWEST_DIGITS).contains(&digits.len()))
}

/// The digits of a text without letters, which can be a part of a phone number.
fn only_digits(typed: &str) -> Option<String> {
    let letters = text::western_digits(typed).chars().any(char::is_alphabetic);
    (!letters).then(|| phone::digits(typed))
}

/// As [`find`], with how well each fits (0 to 1).
pub fn ranked(db: &Db<'_>, typed: &str, most: usize) -> Result<Vec<(PersonId, f32)>, Refusal> {
    let typed = typed.trim();
    if let Ok(code) = typed.parse::<CardCode>()
        && let Some(person) = by_code(db, &code)?
    {
        return Ok(vec![(person, 1.0)]);
    }
    if let Some(digits) = only_digits(typed) {
        return if digits.len() < FEWEST_DIGITS {
            Ok(Vec::new())
        } else {
            let people = by_phone(db, typed, most)?;
            Ok(people.into_iter().map(|person| (person, 1.0)).collect())
        };
    }
    PEOPLE.ranked(db, typed, most, |person| written(db, person))
}

fn by_code(db: &Db<'_>, code: &CardCode) -> Result<Option<PersonId>, Refusal> {
    db.one(
        "select id from person where code = :code",
        named_params! { ":code": code },
        |row| row.get(0),
    )
}

fn by_phone(db: &Db<'_>, tail: &str, most: usize) -> Result<Vec<PersonId>, Refusal> {
    let from = phone::tail_key(tail);
    db.all(
        "select distinct person from person_phone where tail >= :from and tail < :until limit :most",
        named_params! { ":from": from, ":until": format!("{from}:"), ":most": most },
        |row| row.get(0),
    )
}

fn by_name(db: &Db<'_>, typed: &str, most: usize) -> Result<Vec<PersonId>, Refusal> {
    PEOPLE.find(db, typed, most, |person| written(db, person))
}

/// The names that somebody is looked for by, and their code word.
fn written(db: &Db<'_>, person: PersonId) -> Result<Vec<String>, Refusal> {
    db.all(
        "select written from person_name where person = :person
         union all
         select code_word from person where id = :person and code_word is not null",
        named_params! { ":person": person },
        |row| row.get(0),
    )
}

/// Who is already registered and may be the one described, the likeliest first.
pub fn resembling(
    db: &Db<'_>,
    new: &Profile,
    most: usize,
) -> Result<Vec<(PersonId, Resemblance)>, Refusal> {
    let mut candidates = Vec::new();
    for name in &new.names {
        candidates.extend(by_name(db, &format!("{} ", name.written), SHORTLIST / 3)?);
    }
    for known in &new.phones {
        if let Some(tail) = phone::telling_tail(&known.written) {
            let tail: String = tail.chars().rev().collect();
            candidates.extend(by_phone(db, &tail, SHORTLIST / 3)?);
        }
    }
    candidates.sort_unstable();
    candidates.dedup();
    let mut alike = Vec::new();
    for person in candidates {
        let Some(known) = store::record(db, person)? else {
            continue;
        };
        alike.extend(resemblance(new, &known.profile).map(|why| (person, why)));
    }
    alike.sort_by(|(_, a), (_, b)| {
        (b.same_phone, b.same_code_word)
            .cmp(&(a.same_phone, a.same_code_word))
            .then(b.names.total_cmp(&a.names))
    });
    alike.truncate(most);
    Ok(alike)
}
