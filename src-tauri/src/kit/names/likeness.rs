//! How alike two words sound: the cheapest way to turn one's sounds into the other's.
//!
//! Costs are in parts of a wrong consonant (1.0). They were set by hand from how Arabic, Ethiopic
//! and South Asian names are romanised in English and French, and adjusted on public pairs of
//! names; no name is listed.

use super::sound::{Head, LONGEST, Sound, is_vowel, is_weak};

/// 1.0 for the same sounds, 0.0 for nothing in common.
pub fn likeness(a: &Sound, b: &Sound) -> f32 {
    best(a, b, false)
}

/// As [`likeness`], when `a` may be only the beginning of `b`: somebody is still typing.
pub fn starts_like(a: &Sound, b: &Sound) -> f32 {
    best(a, b, true)
}

fn best(a: &Sound, b: &Sound, open: bool) -> f32 {
    let side = |sound: &Sound| match sound.head {
        Head::None => None,
        Head::Article => Some(0.98),
        Head::Compound => Some(0.88),
    };
    let mut best = aligned(a.abjad, &a.whole, b.abjad, &b.whole, open);
    if let Some(worth) = side(a) {
        best = best.max(worth * aligned(a.abjad, a.tail(), b.abjad, &b.whole, open));
    }
    if let Some(worth) = side(b) {
        best = best.max(worth * aligned(a.abjad, &a.whole, b.abjad, b.tail(), open));
    }
    // Two compounds are alike by their tails only where their heads are (Abd is not Abu).
    if a.head == Head::Article && b.head == Head::Article {
        best = best.max(aligned(a.abjad, a.tail(), b.abjad, b.tail(), open));
    }
    best
}

fn aligned(a_abjad: bool, a: &[u8], b_abjad: bool, b: &[u8], open: bool) -> f32 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let mut rows = [[0.0_f32; LONGEST + 1]; LONGEST + 1];
    for i in 1..=a.len() {
        rows[i][0] = rows[i - 1][0] + gap(a, i - 1, b_abjad);
    }
    for j in 1..=b.len() {
        rows[0][j] = rows[0][j - 1] + gap(b, j - 1, a_abjad);
    }
    let both = a_abjad && b_abjad;
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let first = i == 1 && j == 1;
            let mut cost = (rows[i - 1][j - 1] + swap(a[i - 1], b[j - 1], first, both))
                .min(rows[i - 1][j] + gap(a, i - 1, b_abjad))
                .min(rows[i][j - 1] + gap(b, j - 1, a_abjad));
            if i > 1
                && j > 1
                && a[i - 1] == b[j - 2]
                && a[i - 2] == b[j - 1]
                && a[i - 1] != b[j - 1]
            {
                cost = cost.min(rows[i - 2][j - 2] + 0.6);
            }
            rows[i][j] = cost;
        }
    }
    let last = &rows[a.len()];
    if open {
        let cost = (1..=b.len()).map(|j| last[j]).fold(f32::MAX, f32::min);
        let rest = b.len().saturating_sub(a.len()) as f32;
        return ((1.0 - cost / weight(a).max(0.5)) * (1.0 - 0.008 * rest.min(10.0))).max(0.0);
    }
    let norm = (weight(a) + weight(b)) / 2.0;
    (1.0 - last[b.len()] / norm.max(0.5)).max(0.0)
}

fn weight(sounds: &[u8]) -> f32 {
    sounds
        .iter()
        .map(|s| {
            if is_vowel(*s) {
                0.35
            } else if is_weak(*s) {
                0.6
            } else {
                1.0
            }
        })
        .sum()
}

/// What it costs that the sound at `place` is not in the other word.
fn gap(word: &[u8], place: usize, other_abjad: bool) -> f32 {
    let last = place + 1 == word.len();
    let first = place == 0;
    let before = place.checked_sub(1).map(|p| word[p]);
    match word[place] {
        b'E' => 0.04,
        b'a' | b'e' | b'i' | b'o' | b'u' if other_abjad => match word[place] {
            _ if first => 0.35,
            b'e' if last => 0.08,
            b'a' if last => 0.22,
            _ if last => 0.45,
            b'o' | b'u' => 0.12,
            b'i' => 0.1,
            // Between consonants alef is mostly written for a long a, but e is short.
            b'a' => 0.09,
            _ => 0.06,
        },
        b'A' | b'I' | b'U' if other_abjad => 0.3,
        b'e' if last => 0.12,
        b'a' | b'e' | b'i' | b'o' | b'u' => {
            if first {
                0.4
            } else {
                0.3
            }
        }
        b'A' | b'I' | b'U' => 0.4,
        b'1' if first => 0.35,
        // After a final waw alef is silent.
        b'1' if last && before == Some(b'W') => 0.05,
        b'1' => 0.45,
        b'W' | b'Y' => 0.5,
        b'7' => 0.45,
        b'8' => 0.3,
        b'2' => 0.08,
        b'3' if other_abjad => 0.5,
        b'3' => 0.08,
        b'h' if last => 0.12,
        b'h' if before.is_some_and(|b| !is_vowel(b) && !is_weak(b)) => 0.15,
        b'h' => 0.5,
        b'H' => 0.65,
        b'y' | b'w' => match before {
            Some(b'i' | b'I' | b'u' | b'o' | b'U') => 0.1,
            _ => 0.4,
        },
        b'n' if last => 0.8,
        _ => 1.0,
    }
}

/// What it costs that one word has `a` where the other has `b`.
fn swap(a: u8, b: u8, first: bool, both_abjad: bool) -> f32 {
    if a == b {
        return 0.0;
    }
    let (a, b) = if a < b { (a, b) } else { (b, a) };
    if first && is_vowel(b) && matches!(a, b'1' | b'2' | b'3') {
        return if matches!(b, b'a' | b'A' | b'e') {
            0.0
        } else {
            0.05
        };
    }
    if both_abjad {
        match (a, b) {
            (b'H', b'h') => return 0.35,
            (b'1', b'2') => return 0.1,
            (b'1', b'3') | (b'2', b'3') => return 0.35,
            _ => {}
        }
    }
    // Pairs are in the order of their bytes: digits, capitals, small letters.
    match (a, b) {
        (b'1', b'a' | b'A') => 0.0,
        (b'A', b'a') => 0.05,
        (b'1', b'e') => 0.1,
        (b'1', b'i' | b'o' | b'u' | b'I' | b'U') => 0.3,
        (b'1', b'7') | (b'1', b'8') => 0.1,
        (b'2', b'Y' | b'W' | b'1') => 0.15,
        (b'2', b'y') => 0.15,
        (b'2' | b'3', _) if is_vowel(b) => 0.04,
        (b'7', b'a' | b'A' | b'i' | b'y' | b'I') => 0.02,
        (b'7', b'Y') => 0.0,
        (b'7', b'e') => 0.06,
        (b'7', b'8') => 0.15,
        (b'8', b'a' | b'A') => 0.0,
        (b'8', b'e' | b'h') => 0.03,
        (b'8', b't') => 0.1,
        (b'W', b'w' | b'u' | b'o') | (b'U', b'W') => 0.0,
        (b'W', b'v') => 0.1,
        (b'W', b'a' | b'e') => 0.45,
        (b'Y', b'y' | b'i') | (b'I', b'Y') => 0.0,
        (b'Y', b'e') => 0.04,
        (b'Y', b'a') => 0.35,
        (b'I', b'i' | b'y') => 0.04,
        (b'I', b'e') => 0.1,
        (b'U', b'u') => 0.04,
        (b'U', b'o' | b'w') => 0.08,
        (b'A', b'e') => 0.2,
        (b'E', b'a' | b'e' | b'i' | b'o' | b'u')
        | (b'A' | b'I' | b'U', b'E')
        | (b'E', b'I' | b'U') => 0.08,
        (b'i', b'y') | (b'u', b'w') => 0.05,
        (b'e', b'y') | (b'o', b'w') => 0.15,
        (b'e', b'i') | (b'o', b'u') => 0.1,
        (b'a', b'e') => 0.12,
        (b'a', b'o') | (b'A', b'o') => 0.22,
        _ if is_vowel(a) && is_vowel(b) => 0.35,
        (b'P', b'p' | b'b') | (b'K', b'k' | b'g') | (b'Q', b't' | b'd') | (b'R', b's') => 0.0,
        (b'P', b'f' | b'v') | (b'K', b'q' | b'x' | b'h') | (b'Q', b'T') | (b'D', b'Q') => 0.05,
        (b'C', b'R') | (b'R', b'S') | (b'R', b'j') | (b'G', b'K') => 0.05,
        (b'H', b'h') => 0.0,
        (b'H', b'x') | (b'h', b'x') => 0.3,
        (b'b', b'p') => 0.12,
        (b'f', b'v') => 0.1,
        (b'b', b'v') => 0.4,
        (b'f', b'p') => 0.25,
        (b'v', b'w') => 0.15,
        (b'T', b't') => 0.12,
        (b'T', b's') => 0.2,
        (b'D', b'd') | (b'Z', b'd') => 0.1,
        (b'D', b'z') | (b'Z', b'z') => 0.12,
        (b'D', b'Z') => 0.05,
        (b'D', b'T') => 0.35,
        (b'd', b't') => 0.45,
        (b's', b'z') => 0.4,
        (b'd', b'z') => 0.55,
        (b'g', b'j') => 0.12,
        (b'G', b'g') => 0.06,
        (b'G', b'j') => 0.45,
        (b'g', b'q') => 0.25,
        (b'g', b'k') => 0.4,
        (b'k', b'q') => 0.05,
        (b'k', b'x') => 0.12,
        (b'q', b'x') => 0.3,
        (b'G', b'q' | b'k' | b'x') => 0.4,
        (b'C', b'S') => 0.06,
        (b'C', b'k' | b'x') => 0.3,
        (b'C', b'X' | b'j' | b's' | b't') => 0.45,
        (b'S', b's') => 0.25,
        (b'S', b'X') => 0.3,
        (b'X', b's') => 0.1,
        (b'X', b't') => 0.4,
        (b'j', b'z') | (b'j', b'y') | (b'S', b'j') => 0.45,
        (b'm', b'n') => 0.5,
        (b'l', b'r') => 0.6,
        _ if is_vowel(a) != is_vowel(b) && (is_weak(a) || is_weak(b)) => 0.6,
        _ => 1.0,
    }
}
