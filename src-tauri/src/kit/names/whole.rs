//! Whole names: their words, whether a query is in them, and whether two are one person's.

use super::likeness::{likeness, starts_like};
use super::nickname::other_forms;
use super::script::{fold, is_arabic, sounds};
use super::sound::{Head, Sound};

/// One word of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Folded, in its own script: two words written alike have the same.
    pub text: String,
    pub sound: Sound,
}

/// More words than any name has; the rest is left out.
const MOST_WORDS: usize = 12;

/// The words of a name or query. What some write joined and others apart (Abd al-Rahman,
/// Abderrahmane; Ben Ali, Benali) comes out as one word either way.
pub fn words(written: &str) -> Vec<Word> {
    let folded = fold(written);
    let parts: Vec<&str> = parts(&folded).collect();
    let mut words = Vec::new();
    let mut at = 0;
    while at < parts.len() && words.len() < MOST_WORDS {
        let (word, read) = word_at(&parts[at..]);
        if let Some(word) = word {
            words.push(word);
        }
        at += read;
    }
    words
}

fn parts(folded: &str) -> impl Iterator<Item = &str> {
    folded
        .split(|c: char| !(c.is_alphanumeric() || is_part_of_word(c)))
        .filter(|part| part.chars().any(char::is_alphabetic))
}

/// The articles that [`words`] leaves out (the "dela" of Dela Cruz): they are typed before the word
/// they stand with, and somebody who has got so far must already see the person.
pub fn particles(written: &str) -> Vec<Word> {
    let folded = fold(written);
    parts(&folded)
        .take(MOST_WORDS)
        .filter(|part| is_article(part))
        .map(|part| Word {
            text: part.to_owned(),
            sound: Sound::plain(false, sounds(part).1),
        })
        .collect()
}

/// Vowel signs of Indic scripts are no letters to Unicode but belong to the word.
fn is_part_of_word(c: char) -> bool {
    super::indic::is_indic(c)
}

fn word_at(parts: &[&str]) -> (Option<Word>, usize) {
    let part = parts[0];
    if parts.len() > 1 {
        if is_article(part) {
            let (word, read) = word_at(&parts[1..]);
            return (word, read + 1);
        }
        if let Some(head) = apart(part) {
            let mut next = 1;
            while next + 1 < parts.len() && is_article(parts[next]) {
                next += 1;
            }
            let tail = without_article(parts[next]).unwrap_or(parts[next]);
            return (compound(head, tail, &[part, tail].concat()), next + 1);
        }
    }
    if let Some((head, tail)) = joined(part) {
        return (compound(head, tail, part), 1);
    }
    let (abjad, whole) = sounds(part);
    if whole.is_empty() {
        return (None, 1);
    }
    let sound = match without_article(part) {
        Some(tail) => {
            let tail = sounds(tail).1;
            let at = whole.len().saturating_sub(tail.len());
            Sound::headed(abjad, Head::Article, whole, at)
        }
        None => Sound::plain(abjad, whole),
    };
    (
        Some(Word {
            text: part.to_owned(),
            sound,
        }),
        1,
    )
}

fn compound(head: &'static str, tail: &str, text: &str) -> Option<Word> {
    let (abjad, tail) = sounds(tail);
    if tail.is_empty() {
        return None;
    }
    let (_, mut whole) = sounds(head_in(head, abjad));
    let at = whole.len();
    whole.extend(tail);
    Some(Word {
        text: text.to_owned(),
        sound: Sound::headed(abjad, Head::Compound, whole, at),
    })
}

fn head_in(head: &'static str, abjad: bool) -> &'static str {
    match (head, abjad) {
        ("abd", true) => "عبد",
        ("abu", true) => "ابو",
        ("bin", true) => "بن",
        _ => head,
    }
}

fn is_article(part: &str) -> bool {
    matches!(
        part,
        "al" | "el"
            | "ul"
            | "il"
            | "ar"
            | "er"
            | "ur"
            | "as"
            | "es"
            | "us"
            | "ash"
            | "esh"
            | "ush"
            | "ech"
            | "ach"
            | "ad"
            | "ud"
            | "ed"
            | "an"
            | "en"
            | "un"
            | "at"
            | "et"
            | "ut"
            | "az"
            | "ez"
            | "uz"
            | "ال"
            | "de"
            | "la"
            | "del"
            | "dela"
            | "delos"
            | "los"
            | "das"
            | "dos"
            | "da"
            | "van"
            | "von"
    )
}

/// A first part that joins the next word.
fn apart(part: &str) -> Option<&'static str> {
    Some(match part {
        "abd" | "abdul" | "abdel" | "abdal" | "abdoul" | "abdu" | "abdur" | "abder" | "abdus"
        | "abdes" | "abdou" | "abed" | "abdil" | "عبد" => "abd",
        "abu" | "abou" | "abo" | "bou" | "bu" | "ابو" | "بو" | "ابي" | "ابا" => "abu",
        "ben" | "bin" | "ibn" | "bint" | "bent" | "ould" | "wuld" | "بن" | "ابن" | "بنت"
        | "ولد" => "bin",
        _ => return None,
    })
}

/// A head written together with its word.
fn joined(part: &str) -> Option<(&'static str, &str)> {
    if part.chars().any(is_arabic) {
        let rest = part.strip_prefix("عبدال")?;
        // عبدالله stays whole: its tail alone says nothing.
        return (rest.chars().count() > 2 || rest == "حق" || rest == "حي").then_some(("abd", rest));
    }
    if !part.is_ascii() {
        return None;
    }
    let rest = part.strip_prefix("abd")?;
    let rest = rest
        .strip_prefix("ou")
        .or_else(|| rest.strip_prefix(['a', 'e', 'u', 'i', 'o']))
        .unwrap_or("");
    let letters = rest.as_bytes();
    if letters.len() < 4 {
        return None;
    }
    // abd-el-aziz, or with the article's l become the sun letter: abd-er-rahman.
    let tail = if letters[0] == b'l' {
        let tail = &rest[1..];
        // Abdullah, Abdallah, Abdellah.
        if tail.starts_with('l') || tail.starts_with("ah") && tail.len() <= 3 {
            return None;
        }
        tail
    } else if letters[0] == letters[1] && b"rsdntz".contains(&letters[0]) {
        &rest[1..]
    } else if rest.starts_with("shsh") || rest.starts_with("chch") {
        &rest[2..]
    } else if b"rsdntz".contains(&letters[0]) {
        rest
    } else {
        return None;
    };
    (tail.len() >= 3).then_some(("abd", tail))
}

/// The word without the article written on to it, where there may be one.
fn without_article(part: &str) -> Option<&str> {
    if let Some(rest) = part.strip_prefix("ال") {
        return (rest.chars().count() >= 2).then_some(rest);
    }
    if !part.is_ascii() || part.len() < 5 {
        return None;
    }
    let letters = part.as_bytes();
    if !matches!(letters[0], b'a' | b'e' | b'u') {
        return None;
    }
    if letters[1] == b'l' && !b"aeiouy".contains(&letters[2]) && letters[2] != b'l' {
        return Some(&part[2..]);
    }
    // A vowel after the l: an article only before ayn or hamza, in a long word (Alarabi).
    if letters[1] == b'l' && letters[2] != b'l' && part.len() >= 7 {
        return Some(&part[2..]);
    }
    (letters[1] == letters[2] && b"rsdntzl".contains(&letters[1])).then(|| &part[2..])
}

/// What each word of the name that was not asked for takes off: somebody known by the one word
/// typed comes before those who have it among others.
pub const EXTRA: f32 = 0.04;

/// What each word typed takes off that somebody's name, otherwise met whole, does not have: they may
/// be registered by a part of it.
const UNKNOWN: f32 = 0.25;

/// How well a query's words are found in a person's name: 0 to 1. Order does not matter and words
/// may be missing on either side; with `open` the last is still being typed, and it may be one of
/// the name's `particles`.
pub fn covers(query: &[Word], open: bool, name: &[Word], particles: &[Word]) -> f32 {
    if query.is_empty() || name.is_empty() {
        return 0.0;
    }
    let last = query.len() - 1;
    let mut pairs: Vec<(f32, usize, usize)> = Vec::with_capacity(query.len() * name.len());
    for (q, asked) in query.iter().enumerate() {
        for (n, held) in name.iter().enumerate() {
            pairs.push((pair(asked, held, open && q == last), q, n));
        }
    }
    for (n, held) in (name.len()..).zip(particles) {
        let begun = open && held.text.starts_with(&query[last].text);
        if begun || held.text == query[last].text {
            pairs.push((BEGINS, last, n));
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.cmp(&b.2)));
    let mut found = vec![0.0_f32; query.len()];
    let mut places = vec![usize::MAX; query.len()];
    let mut taken = vec![false; name.len() + particles.len()];
    let mut settled = vec![false; query.len()];
    for (score, q, n) in pairs {
        if score > 0.3 && !settled[q] && !taken[n] {
            settled[q] = true;
            taken[n] = true;
            found[q] = score;
            places[q] = n;
        }
    }
    let sum: f32 = found.iter().sum();
    let extra = taken[..name.len()].iter().filter(|t| !**t).count();
    let ordered = places.windows(2).all(|p| p[0] < p[1]);
    let order = if ordered { 0.0 } else { 0.01 };
    let fits = sum / query.len() as f32 - EXTRA * extra.min(4) as f32 - order;
    if extra == 0 && query.len() > name.len() {
        let unknown = (query.len() - name.len()) as f32;
        return fits.max(sum / name.len() as f32 - UNKNOWN * unknown - order);
    }
    fits
}

/// A word that begins as typed.
const BEGINS: f32 = 0.98;
/// The same, where the next word is being typed already: "tig al" for Tigist Alemu.
const BEGAN: f32 = 0.85;

/// A short form may stand for several long ones.
const SHORT_FORM: f32 = 0.9;

/// How well one word of a query is met by one of a name, 0 to 1; with `open` it may go on.
pub fn pair(asked: &Word, held: &Word, open: bool) -> f32 {
    if asked.text == held.text {
        return 1.0;
    }
    if other_forms(&asked.text).contains(&held.text.as_str()) {
        return SHORT_FORM;
    }
    // An initial stands for any word that begins with it.
    if asked.sound.whole.len() == 1 || held.sound.whole.len() == 1 {
        let same = asked.text.chars().next() == held.text.chars().next();
        return if same { 0.7 } else { 0.0 };
    }
    // Under 1 so that the same spelling comes before the same sound.
    let closed = 0.97 * likeness(&asked.sound, &held.sound);
    if !open {
        let began = asked.text.chars().count() > 1 && held.text.starts_with(&asked.text);
        return closed.max(if began { BEGAN } else { 0.0 });
    }
    let begun = if held.text.starts_with(&asked.text) {
        let rest = (held.text.len() - asked.text.len()) as f32;
        0.99 - 0.004 * rest.min(10.0)
    } else {
        0.95 * starts_like(&asked.sound, &held.sound)
    };
    closed.max(begun)
}

/// How alike two written names are, for the warning before somebody is registered twice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alikeness {
    /// 0 to 1.
    pub score: f32,
    /// How many words of the shorter name were found in the longer.
    pub shared: usize,
}

/// A pair of words under this is two names: one slip in a name of six letters is still over it.
const SAME_WORD: f32 = 0.78;

/// `None` when each name has a word that the other has not: another father's name, a sister.
pub fn alike(a: &str, b: &str) -> Option<Alikeness> {
    let (a, b) = (words(a), words(b));
    let (short, long) = if a.len() <= b.len() {
        (&a, &b)
    } else {
        (&b, &a)
    };
    if short.is_empty() {
        return None;
    }
    let mut taken = vec![false; long.len()];
    let mut sum = 0.0;
    for word in short {
        let (score, place) = long
            .iter()
            .enumerate()
            .filter(|(place, _)| !taken[*place])
            .map(|(place, other)| (pair(word, other, false), place))
            .max_by(|a, b| a.0.total_cmp(&b.0))?;
        let initial = word.sound.whole.len() == 1 || long[place].sound.whole.len() == 1;
        if score < SAME_WORD && !(initial && score > 0.5) {
            return None;
        }
        taken[place] = true;
        sum += score;
    }
    let missing = (long.len() - short.len()) as f32;
    let score = sum / short.len() as f32 - 0.03 * missing.min(3.0);
    Some(Alikeness {
        score,
        shared: short.len(),
    })
}
