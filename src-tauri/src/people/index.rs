//! The words of names in tables of one shape, so that whatever has a name is found as people are:
//! every different word once, the keys under which it can be found, and who has it.

use std::collections::HashMap;
use std::hash::Hash;

use rusqlite::types::FromSql;
use rusqlite::{Row, ToSql, named_params};

use crate::kit::names::{self, Sound, Word};
use crate::vault::{Db, Refusal, Tx};

/// Words of the centre that may stand for one word of the query.
const WORDS: usize = 60;
/// Whoever is ranked by the whole name.
pub const SHORTLIST: usize = 150;
/// A word of a name that is less like the query's is no match.
const LIKE: f32 = 0.55;

/// Where the words lie: three tables, and the column that says whose they are.
pub struct NameIndex {
    pub words: &'static str,
    pub keys: &'static str,
    pub having: &'static str,
    pub owner: &'static str,
}

impl NameIndex {
    /// Keeps the words of somebody's names; those they had must be forgotten.
    pub fn keep<'n>(
        &self,
        tx: &impl Tx,
        owner: impl ToSql + Copy,
        written: impl Iterator<Item = &'n str>,
    ) -> Result<(), Refusal> {
        let (having, column) = (self.having, self.owner);
        for name in written {
            let words = names::words(name);
            for word in words.iter().chain(&names::particles(name)) {
                let id = match self.word_id(tx.db(), &word.text)? {
                    Some(id) => id,
                    None => self.new_word(tx, word)?,
                };
                tx.run(
                    &format!(
                        "insert into {having} (word, {column}, of) values (:word, :owner, :of)
                         on conflict do update set of = min(of, excluded.of)"
                    ),
                    named_params! { ":word": id, ":owner": owner, ":of": words.len() },
                )?;
            }
        }
        Ok(())
    }

    /// Forgets somebody's names; a word that nobody else has goes too, for it is a name itself.
    pub fn forget(&self, tx: &impl Tx, owner: impl ToSql + Copy) -> Result<(), Refusal> {
        let (having, column) = (self.having, self.owner);
        let alone: Vec<i64> = tx.db().all(
            &format!(
                "select h.word from {having} h where h.{column} = :owner and not exists
                   (select 1 from {having} o where o.word = h.word and o.{column} <> :owner)"
            ),
            named_params! { ":owner": owner },
            |row| row.get(0),
        )?;
        tx.run(
            &format!("delete from {having} where {column} = :owner"),
            named_params! { ":owner": owner },
        )?;
        for word in alone {
            for (table, id) in [(self.keys, "word"), (self.words, "id")] {
                tx.run(
                    &format!("delete from {table} where {id} = :word"),
                    named_params! { ":word": word },
                )?;
            }
        }
        Ok(())
    }

    fn word_id(&self, db: &Db<'_>, word: &str) -> Result<Option<i64>, Refusal> {
        db.one(
            &format!("select id from {} where word = :word", self.words),
            named_params! { ":word": word },
            |row| row.get(0),
        )
    }

    fn new_word(&self, tx: &impl Tx, word: &Word) -> Result<i64, Refusal> {
        tx.run(
            &format!(
                "insert into {} (word, sound) values (:word, :sound)",
                self.words
            ),
            named_params! { ":word": word.text, ":sound": word.sound.written() },
        )?;
        let id = self.word_id(tx.db(), &word.text)?;
        let id = id.ok_or(Refusal::NotSaved)?;
        for key in names::slips(&names::skeletons(&word.sound)) {
            tx.run(
                &format!(
                    "insert into {} (key, word) values (:key, :word) on conflict do nothing",
                    self.keys
                ),
                named_params! { ":key": key, ":word": id },
            )?;
        }
        Ok(id)
    }

    /// The best `most` for what was typed, the best first. `written` gives somebody's names.
    pub fn find<Id: FromSql + Copy + Eq + Hash + Ord>(
        &self,
        db: &Db<'_>,
        typed: &str,
        most: usize,
        written: impl Fn(Id) -> Result<Vec<String>, Refusal>,
    ) -> Result<Vec<Id>, Refusal> {
        let ranked = self.ranked(db, typed, most, written)?;
        Ok(ranked.into_iter().map(|(owner, _)| owner).collect())
    }

    /// As [`NameIndex::find`], with how well each fits (0 to 1).
    pub fn ranked<Id: FromSql + Copy + Eq + Hash + Ord>(
        &self,
        db: &Db<'_>,
        typed: &str,
        most: usize,
        written: impl Fn(Id) -> Result<Vec<String>, Refusal>,
    ) -> Result<Vec<(Id, f32)>, Refusal> {
        let asked = names::words(typed);
        // A space after the last word says that it is whole.
        let open = !typed.ends_with(char::is_whitespace);
        let mut met: HashMap<Id, Met> = HashMap::new();
        for (place, word) in asked.iter().enumerate() {
            let last = place + 1 == asked.len();
            for (id, like) in self.like_words(db, word, open && last)? {
                for (owner, of) in self.having(db, id)? {
                    met.entry(owner).or_default().note(place, like, of);
                }
            }
        }
        let mut shortlist: Vec<(Id, f32)> = met
            .into_iter()
            .map(|(owner, met)| (owner, met.score(asked.len())))
            .collect();
        shortlist.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
        shortlist.truncate(SHORTLIST);
        let weights = vec![1.0; asked.len()];
        let mut ranked = Vec::with_capacity(shortlist.len());
        for (owner, _) in shortlist {
            let best = written(owner)?
                .iter()
                .map(|name| names::covers(&asked, &weights, open, &names::words(name)))
                .fold(0.0, f32::max);
            ranked.push((owner, best));
        }
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked.truncate(most);
        Ok(ranked)
    }

    /// The centre's words most like one of the query.
    fn like_words(
        &self,
        db: &Db<'_>,
        asked: &Word,
        open: bool,
    ) -> Result<Vec<(i64, f32)>, Refusal> {
        let (words, keys) = (self.words, self.keys);
        let mut found: HashMap<i64, Word> = HashMap::new();
        if open {
            // What begins as typed, in its own script.
            let until = format!("{}\u{10ffff}", asked.text);
            found.extend(db.all(
                &format!("select id, word, sound from {words} where word >= :from and word < :until limit 400"),
                named_params! { ":from": asked.text, ":until": until },
                known_word,
            )?);
        }
        let skeletons = names::skeletons(&asked.sound);
        for key in names::slips(&skeletons) {
            found.extend(db.all(
                &format!("select w.id, w.word, w.sound from {keys} k join {words} w on w.id = k.word where k.key = :key"),
                named_params! { ":key": key },
                known_word,
            )?);
        }
        for key in skeletons.iter().filter(|key| open && key.len() >= 2) {
            found.extend(db.all(
                &format!(
                    "select w.id, w.word, w.sound from {keys} k join {words} w on w.id = k.word
                      where k.key > :from and k.key < :until limit 600"
                ),
                named_params! { ":from": key, ":until": format!("{key}~") },
                known_word,
            )?);
        }
        for long in names::long_forms(&asked.text) {
            found.extend(db.all(
                &format!("select id, word, sound from {words} where word = :word"),
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

    fn having<Id: FromSql>(&self, db: &Db<'_>, word: i64) -> Result<Vec<(Id, usize)>, Refusal> {
        db.all(
            &format!(
                "select {}, of from {} where word = :word",
                self.owner, self.having
            ),
            named_params! { ":word": word },
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }
}

/// How well each word of the query was met in one owner's names.
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

fn known_word(row: &Row<'_>) -> rusqlite::Result<(i64, Word)> {
    let word = Word {
        text: row.get(1)?,
        sound: Sound::read(row.get_ref(2)?.as_str()?),
    };
    Ok((row.get(0)?, word))
}
