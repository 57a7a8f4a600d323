//! A finished paper as others read it: its text, its faces, what it says of itself.

use std::path::Path;
use std::process::Command;

/// The text in the order in which it is read, without marks of direction.
pub fn text(pdf: &Path) -> String {
    let said = poppler("pdftotext", &["-enc", "UTF-8"], pdf, &["-"]);
    said.chars().filter(|c| !is_direction(*c)).collect()
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The words, one space between two, whatever lines they stand on.
pub fn words(pdf: &Path) -> String {
    text(pdf).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Poppler turns the letters that one Arabic glyph stands for around (lam-alef); which letters a
/// word has, and the order of the words, it tells rightly.
pub fn letters(text: &str) -> Vec<String> {
    let words = text.split_whitespace().map(|word| {
        let mut letters: Vec<char> = word.chars().filter(|c| *c != '\u{200C}').collect();
        letters.sort_unstable();
        String::from_iter(letters)
    });
    words.collect()
}

/// Whether the letters of these words stand together on the paper: where the spaces are, Poppler
/// does not always tell rightly either.
pub fn tells(pdf: &Path, said: &str) -> bool {
    let letters = |text: &str| Vec::from_iter(text.chars().filter(|c| c.is_alphabetic()));
    let sorted = |letters: &[char]| {
        let mut letters = letters.to_vec();
        letters.sort_unstable();
        letters
    };
    let said = sorted(&letters(said));
    let paper = letters(&text(pdf));
    paper.windows(said.len()).any(|run| sorted(run) == said)
}

pub fn about(pdf: &Path) -> String {
    poppler("pdfinfo", &[], pdf, &[])
}

/// A line a face, as pdffonts tells them: name, kind, encoding, embedded, subset, has Unicode.
pub fn faces(pdf: &Path) -> Vec<String> {
    let told = poppler("pdffonts", &[], pdf, &[]);
    told.lines().skip(2).map(str::to_owned).collect()
}

fn poppler(tool: &str, before: &[&str], pdf: &Path, after: &[&str]) -> String {
    let told = Command::new(tool)
        .args(before)
        .arg(pdf)
        .args(after)
        .output()
        .unwrap_or_else(|why| panic!("{tool} is there (package poppler-utils): {why}"));
    assert!(told.status.success(), "{tool}: {told:?}");
    String::from_utf8(told.stdout).expect("UTF-8")
}

/// How far from the left, in points, the first word that begins with `start` stands.
pub fn left_edge(pdf: &Path, start: &str) -> f64 {
    edge(pdf, start, "xMin")
}

/// How far from the top, in points, it stands.
pub fn top_edge(pdf: &Path, start: &str) -> f64 {
    edge(pdf, start, "yMin")
}

fn edge(pdf: &Path, start: &str, side: &str) -> f64 {
    let told = poppler("pdftotext", &["-bbox"], pdf, &["-"]);
    let found = told
        .lines()
        .find(|line| line.contains(&format!(">{start}")));
    let found = found.unwrap_or_else(|| panic!("no {start} in {told}"));
    let edge = found
        .split(&format!("{side}=\""))
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    edge.and_then(|edge| edge.parse().ok()).expect("a place")
}
