//! Finding a person by some letters of a name in any script, the last digits of a phone, or a
//! card's code. Names: the query's words are met with the centre's different words, then with
//! those who have them; SQLite gives the shortlist, the ranking is done here.

use std::collections::HashMap;

use rusqlite::{Row, named_params};

use super::rules::{Profile, Resemblance, resemblance};
use super::store;
use crate::kit::code::CardCode;
use crate::kit::id::PersonId;
use crate::kit::names::{self, Sound, Word};
use crate::kit::{phone, text};
use crate::vault::{Db, Refusal, WriteTx};

/// Fewer letters of a name, or digits of a phone, would find nearly everybody.
const FEWEST_DIGITS: usize = 4;
/// Words of the centre that may stand for one word of the query.
const WORDS: usize = 60;
/// Whoever is ranked by the whole name.
const SHORTLIST: usize = 150;
/// A word of a name that is less like the query's is no match.
const LIKE: f32 = 0.55;

/// Keeps the words of somebody's names; those they had must be gone.
pub(super) fn keep_words<'n>(
    tx: &WriteTx<'_>,
    person: PersonId,
    written: impl Iterator<Item = &'n str>,
) -> Result<(), Refusal> {
    for name in written {
        let words = names::words(name);
        for word in &words {
            let id = match word_id(tx, &word.text)? {
                Some(id) => id,
                None => new_word(tx, word)?,
            };
            tx.execute(
                "insert into person_word (word, person, of) values (:word, :person, :of)
                 on conflict do update set of = min(of, excluded.of)",
                named_params! { ":word": id, ":person": person, ":of": words.len() },
            )?;
        }
    }
    Ok(())
}

fn word_id(db: &Db<'_>, word: &str) -> Result<Option<i64>, Refusal> {
    db.one(
        "select id from name_word where word = :word",
        named_params! { ":word": word },
        |row| row.get(0),
    )
}

fn new_word(tx: &WriteTx<'_>, word: &Word) -> Result<i64, Refusal> {
    tx.execute(
        "insert into name_word (word, sound) values (:word, :sound)",
        named_params! { ":word": word.text, ":sound": word.sound.written() },
    )?;
    let id = word_id(tx, &word.text)?.ok_or(Refusal::NotSaved)?;
    for key in names::slips(&names::skeletons(&word.sound)) {
        tx.execute(
            "insert into name_key (key, word) values (:key, :word) on conflict do nothing",
            named_params! { ":key": key, ":word": id },
        )?;
    }
    Ok(id)
}

/// The best `most` people for what was typed, the best first.
pub fn find(db: &Db<'_>, typed: &str, most: usize) -> Result<Vec<PersonId>, Refusal> {
    let typed = typed.trim();
    if let Ok(code) = typed.parse::<CardCode>()
        && let Some(person) = by_code(db, &code)?
    {
        return Ok(vec![person]);
    }
    let digits = phone::digits(typed);
    let has_letters = text::western_digits(typed).chars().any(char::is_alphabetic);
    if !has_letters {
        return if digits.len() < FEWEST_DIGITS {
            Ok(Vec::new())
        } else {
            by_phone(db, typed, most)
        };
    }
    by_name(db, typed, most)
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
    let asked = names::words(typed);
    // A space after the last word says that it is whole.
    let open = !typed.ends_with(char::is_whitespace);
    let mut met: HashMap<PersonId, Met> = HashMap::new();
    for (place, word) in asked.iter().enumerate() {
        let last = place + 1 == asked.len();
        for (id, like) in like_words(db, word, open && last)? {
            for (person, of) in having(db, id)? {
                met.entry(person).or_default().note(place, like, of);
            }
        }
    }
    let mut shortlist: Vec<(PersonId, f32)> = met
        .into_iter()
        .map(|(person, met)| (person, met.score(asked.len())))
        .collect();
    shortlist.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
    shortlist.truncate(SHORTLIST);
    let weights = vec![1.0; asked.len()];
    let mut ranked = Vec::with_capacity(shortlist.len());
    for (person, _) in shortlist {
        let best = written(db, person)?
            .iter()
            .map(|name| names::covers(&asked, &weights, open, &names::words(name)))
            .fold(0.0, f32::max);
        ranked.push((person, best));
    }
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked.truncate(most);
    Ok(ranked.into_iter().map(|(person, _)| person).collect())
}

/// How well each word of the query was met in one person's names.
#[derive(Default)]
struct Met {
    likes: [f32; 12],
    /// The words of their shortest name that was met.
    of: usize,
}

impl Met {
    fn note(&mut self, place: usize, like: f32, of: usize) {
        if let Some(kept) = self.likes.get_mut(place) {
            *kept = kept.max(like);
        }
        self.of = if self.of == 0 { of } else { self.of.min(of) };
    }

    /// As [`names::covers`] will rank them, before their names are read.
    fn score(&self, asked: usize) -> f32 {
        let extra = self.of.saturating_sub(asked).min(4) as f32;
        self.likes.iter().sum::<f32>() / asked.max(1) as f32 - names::EXTRA * extra
    }
}

/// The centre's words most like one of the query.
fn like_words(db: &Db<'_>, asked: &Word, open: bool) -> Result<Vec<(i64, f32)>, Refusal> {
    let mut found: HashMap<i64, Word> = HashMap::new();
    if open {
        // What begins as typed, in its own script.
        let until = format!("{}\u{10ffff}", asked.text);
        found.extend(db.all(
            "select id, word, sound from name_word where word >= :from and word < :until limit 400",
            named_params! { ":from": asked.text, ":until": until },
            known_word,
        )?);
    }
    let skeletons = names::skeletons(&asked.sound);
    for key in names::slips(&skeletons) {
        found.extend(db.all(
            "select w.id, w.word, w.sound from name_key k join name_word w on w.id = k.word where k.key = :key",
            named_params! { ":key": key },
            known_word,
        )?);
    }
    for key in skeletons.iter().filter(|key| open && key.len() >= 2) {
        found.extend(db.all(
            "select w.id, w.word, w.sound from name_key k join name_word w on w.id = k.word
              where k.key > :from and k.key < :until limit 600",
            named_params! { ":from": key, ":until": format!("{key}~") },
            known_word,
        )?);
    }
    for long in names::long_forms(&asked.text) {
        found.extend(db.all(
            "select id, word, sound from name_word where word = :word",
            named_params! { ":word": long },
            known_word,
        )?);
    }
    let mut like: Vec<(i64, f32)> = found
        .into_iter()
        .map(|(id, held)| (id, names::pair(asked, &held, open)))
        .filter(|(_, like)| *like >= LIKE)
        .collect();
    like.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    like.truncate(WORDS);
    Ok(like)
}

fn known_word(row: &Row<'_>) -> rusqlite::Result<(i64, Word)> {
    let word = Word {
        text: row.get(1)?,
        sound: Sound::read(row.get_ref(2)?.as_str()?),
    };
    Ok((row.get(0)?, word))
}

fn having(db: &Db<'_>, word: i64) -> Result<Vec<(PersonId, usize)>, Refusal> {
    db.all(
        "select person, of from person_word where word = :word",
        named_params! { ":word": word },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

fn written(db: &Db<'_>, person: PersonId) -> Result<Vec<String>, Refusal> {
    db.all(
        "select written from person_name where person = :person order by place",
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
