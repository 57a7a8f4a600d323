//! Every key is there in every language, and every key used is there: a missing one is silent.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Files whose keys are the codes of `kit::lists`; `tests/lists.rs` compares those.
const LISTS: [&str; 6] = [
    "channel",
    "currency",
    "language",
    "nationality",
    "occupation",
    "service",
];

const LANGUAGES: [&str; 3] = ["ar", "en", "fr"];

/// What visitors read on paper is told in more: those of `TONGUES` in src-tauri/src/web/paper.rs.
const READERS: [&str; 11] = [
    "am", "ar", "bn", "en", "fr", "hi", "ne", "si", "ta", "tl", "ur",
];

/// Which keys those are, by how they begin.
const READ: [&str; 18] = [
    "cases.consent.",
    "cases.custody.",
    "cases.demand.person",
    "cases.demand.title",
    "cases.receipt.",
    "cases.told.",
    "cases.urgency.",
    "help.receipt.",
    "language.",
    "nationality.",
    "partners.kind.",
    "people.gender.",
    "people.words.",
    "print.",
    "referrals.letter.",
    "referrals.slip.",
    "referrals.told.",
    "service.",
];

/// The calendar of those who read Amharic is told to them and to whoever gives the slip.
const ETHIOPIAN: [&str; 4] = ["am", "ar", "en", "fr"];

fn languages(key: &str) -> &'static [&'static str] {
    if key.starts_with("shared.ethiopian.") {
        return &ETHIOPIAN;
    }
    let read = READ.iter().any(|prefix| key.starts_with(prefix));
    // What stands above the buttons of services is on no paper.
    if read && !key.starts_with("service.group.") {
        &READERS
    } else {
        &LANGUAGES
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Key → languages with their text. The files keep one shape: a key a line, a language below it.
fn kept() -> BTreeMap<String, BTreeMap<String, String>> {
    let mut keys: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for file in fs::read_dir(root().join("locales"))
        .expect("locales")
        .flatten()
    {
        let mut key = String::new();
        for line in fs::read_to_string(file.path())
            .expect("a locale file")
            .lines()
            .skip(1)
        {
            match line.split_once(':') {
                Some((language, text)) if line.starts_with("  ") => {
                    let before = keys
                        .entry(key.clone())
                        .or_default()
                        .insert(language.trim().into(), text.trim().into());
                    assert!(before.is_none(), "{key} is told twice in {language}");
                }
                Some((name, "")) => key = name.to_owned(),
                _ => assert!(
                    line.is_empty() || line.starts_with('#'),
                    "an unknown shape: {line}"
                ),
            }
        }
    }
    keys
}

fn sources(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs" || e == "html") {
            into.push_str(&fs::read_to_string(&path).expect("a source"));
        }
    }
}

/// The keys that a `codes!` block makes: `Name in "prefix" { Variant = "code", … }`.
fn codes(text: &str) -> impl Iterator<Item = String> {
    let blocks = text.split("codes! {").skip(1).filter_map(|block| {
        let (_, rest) = block.split_once(" in \"")?;
        let (prefix, rest) = rest.split_once("\" {")?;
        let (rows, _) = rest.split_once('}')?;
        Some(rows.lines().filter_map(move |row| {
            let code = row.split('"').nth(1)?;
            Some(format!("{prefix}.{code}"))
        }))
    });
    blocks.flatten()
}

#[test]
fn every_key_has_its_text_in_every_language_with_the_same_variables() {
    let variables = |text: &str| {
        text.split("%{")
            .skip(1)
            .map(|rest| rest.split('}').next().unwrap_or("").to_owned())
            .collect::<BTreeSet<_>>()
    };
    for (key, texts) in kept() {
        let told: Vec<&str> = texts.keys().map(String::as_str).collect();
        assert_eq!(told, languages(&key), "{key}");
        for text in texts.values() {
            assert!(text.len() > 2, "{key} is empty");
            assert_eq!(variables(text), variables(&texts["en"]), "{key}");
        }
    }
}

/// French stands off these signs by a space at which no line may break.
#[test]
fn no_french_line_begins_with_a_sign() {
    let told = kept()
        .into_iter()
        .filter_map(|(key, mut texts)| Some((key, texts.remove("fr")?)));
    for (key, text) in told {
        for torn in [" :", " ;", " ?", " !", " »", "« "] {
            assert!(!text.contains(torn), "{key}: {text}");
        }
    }
}

#[test]
fn keys_used_and_keys_kept_are_the_same() {
    let mut text = String::new();
    sources(&root().join("src-tauri/src"), &mut text);
    sources(&root().join("ui"), &mut text);
    let listed = |key: &String| {
        LISTS
            .iter()
            .any(|list| key.starts_with(&format!("{list}.")))
    };
    let kept: BTreeSet<String> = kept().into_keys().filter(|key| !listed(key)).collect();
    let files: BTreeSet<&str> = kept
        .iter()
        .filter_map(|key| key.split('.').next())
        .collect();
    let is_key = |word: &&str| {
        let mut parts = word.split('.');
        parts.next().is_some_and(|first| files.contains(first))
            && word.contains('.')
            && !word.ends_with(".db")
            && !text.contains(&format!(" in \"{word}\" {{"))
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'_')
    };
    let mut used: BTreeSet<String> = text.split('"').filter(is_key).map(str::to_owned).collect();
    used.extend(codes(&text).filter(|key| !listed(key)));
    assert_eq!(
        kept.difference(&used).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "kept, never used"
    );
    assert_eq!(
        used.difference(&kept).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "used, not kept"
    );
}

/// WebKitGTK 2.50 lifts a whole word off its line where the sign stands on the last letter, as the
/// tanwin after lam-alef does; without the sign everybody reads it as well.
#[test]
fn no_arabic_word_ends_in_a_sign_above_it() {
    let sign = |c: char| matches!(c, '\u{64b}'..='\u{652}');
    for (key, texts) in kept() {
        for word in texts["ar"].split(|c: char| !(c.is_alphabetic() || sign(c))) {
            assert!(!word.ends_with(sign), "{key}: {word}");
            assert!(!word.ends_with("لًا"), "{key}: {word}");
        }
    }
}
