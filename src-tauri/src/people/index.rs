//! The words of names in tables of one shape, so that whatever has a name is found as people are:
//! every different word once, the keys under which it can be found, and who has it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
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

/// A word is read as two of at least so many letters each.
const SHORTEST_PART: usize = 3;
/// Other ways to read what was typed that are looked for.
const MOST_READINGS: usize = 3;
/// What reading in another way than as typed takes off.
const DOUBT: f32 = 0.02;

/// So many letters may be the beginning of a name that is not the last one typed.
const FIRST_LETTERS: usize = 4;

/// Whoever fits less is not shown at all.
const FAINT: f32 = 0.45;

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
        // A space after the last word says that it is whole.
        let open = !typed.ends_with(char::is_whitespace);
        let readings = self.readings(db, names::words(typed), open)?;
        let mut scores: HashMap<Id, f32> = HashMap::new();
        let mut known = HashMap::new();
        for reading in &readings {
            for (owner, met) in self.met(db, &reading.words, open, &mut known)? {
                let score = met.score(reading.words.len()) - reading.doubt;
                let kept = scores.entry(owner).or_insert(score);
                *kept = kept.max(score);
            }
        }
        let mut shortlist: Vec<(Id, f32)> = scores.into_iter().collect();
        shortlist.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
        shortlist.truncate(SHORTLIST);
        let mut ranked = Vec::with_capacity(shortlist.len());
        for (owner, _) in shortlist {
            let names: Vec<_> = written(owner)?
                .iter()
                .map(|name| (names::words(name), names::particles(name)))
                .collect();
            let fits = readings.iter().flat_map(|reading| {
                let known = names.iter();
                known.map(move |(name, particles)| reading.fits(open, name, particles))
            });
            let best = fits.fold(0.0, f32::max);
            if best >= FAINT {
                ranked.push((owner, best));
            }
        }
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked.truncate(most);
        Ok(ranked)
    }

    /// What was typed as it stands, then with two of its words in one or one of them in two (Ratna
    /// Sari, Ratnasari), where the centre has such words.
    fn readings(&self, db: &Db<'_>, typed: Vec<Word>, open: bool) -> Result<Vec<Reading>, Refusal> {
        let texts: Vec<&str> = typed.iter().map(|word| word.text.as_str()).collect();
        let mut others = Vec::new();
        for at in 1..texts.len() {
            let joined = [texts[at - 1], texts[at]].concat();
            let typing = open && at + 1 == texts.len();
            if self.has(db, &joined, typing)? {
                others.push(
                    [&texts[..at - 1], &[&joined], &texts[at + 1..]]
                        .concat()
                        .join(" "),
                );
            }
        }
        for (at, text) in texts.iter().enumerate() {
            let typing = open && at + 1 == texts.len();
            for (place, _) in text.char_indices().skip(SHORTEST_PART) {
                let (first, rest) = text.split_at(place);
                if rest.chars().count() < SHORTEST_PART {
                    break;
                }
                if self.has(db, first, false)? && self.has(db, rest, typing)? {
                    others.push(
                        [&texts[..at], &[first, rest], &texts[at + 1..]]
                            .concat()
                            .join(" "),
                    );
                }
            }
        }
        others.truncate(MOST_READINGS);
        let others = others.iter().map(|other| Reading {
            words: names::words(other),
            doubt: DOUBT,
        });
        let others: Vec<Reading> = others.collect();
        let as_typed = Reading {
            words: typed,
            doubt: 0.0,
        };
        Ok(std::iter::once(as_typed).chain(others).collect())
    }

    /// Whether a name has this word, or, while somebody is still typing, one that begins so.
    fn has(&self, db: &Db<'_>, word: &str, typing: bool) -> Result<bool, Refusal> {
        let until = if typing { "\u{10ffff}" } else { "\u{0}" };
        let found = db.one(
            &format!(
                "select 1 from {} where word >= :word and word < :until limit 1",
                self.words
            ),
            named_params! { ":word": word, ":until": format!("{word}{until}") },
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }

    /// Who has words like these, and how well each was met. Two readings have words in common:
    /// `known` keeps who has a word like one that was looked for.
    fn met<'w, Id: FromSql + Copy + Eq + Hash>(
        &self,
        db: &Db<'_>,
        asked: &'w [Word],
        open: bool,
        known: &mut Known<'w, Id>,
    ) -> Result<HashMap<Id, Met>, Refusal> {
        let mut met: HashMap<Id, Met> = HashMap::new();
        for (place, word) in asked.iter().enumerate() {
            let open = open && place + 1 == asked.len();
            let holders = match known.entry((&word.text, open)) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(self.holders(db, word, open)?),
            };
            for (owner, like, of) in holders {
                met.entry(*owner).or_default().note(place, *like, *of);
            }
        }
        Ok(met)
    }

    /// Who has words like this one, how like, and of how many words their name is.
    fn holders<Id: FromSql>(
        &self,
        db: &Db<'_>,
        asked: &Word,
        open: bool,
    ) -> Result<Vec<(Id, f32, usize)>, Refusal> {
        let mut holders = Vec::new();
        for (id, like) in self.like_words(db, asked, open)? {
            let having = self.having(db, id)?;
            holders.extend(having.into_iter().map(|(owner, of)| (owner, like, of)));
        }
        Ok(holders)
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
        // The first letters of each of several names, too ("tig al"); whoever types more means the word.
        let letters = asked.text.chars().count();
        if open || (2..=FIRST_LETTERS).contains(&letters) {
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
        for other in names::other_forms(&asked.text) {
            found.extend(db.all(
                &format!("select id, word, sound from {words} where word = :word"),
                named_params! { ":word": other },
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

/// Who has a word like one that was looked for, how like, and of how many words their name is; by
/// the word, and whether it was still being typed.
type Known<'w, Id> = HashMap<(&'w str, bool), Vec<(Id, f32, usize)>>;

/// One way to read what was typed.
struct Reading {
    words: Vec<Word>,
    doubt: f32,
}

impl Reading {
    fn fits(&self, open: bool, name: &[Word], particles: &[Word]) -> f32 {
        names::covers(&self.words, open, name, particles) - self.doubt
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
