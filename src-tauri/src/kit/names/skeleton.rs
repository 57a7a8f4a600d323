//! Consonants by class: the part of a name that every script and spelling keeps.
//!
//! Vowels, h, w, y, hamza and ayn come and go between spellings and are left out. A letter with
//! two readings (ث is th, t or s) gives two skeletons, on the side where the doubt is.

use super::sound::{Head, Sound};

/// A word with many doubtful letters would give a flood of keys.
const MOST: usize = 8;

/// All skeletons of a word; of its tail too where people may write or say it without its head.
pub fn skeletons(sound: &Sound) -> Vec<String> {
    let mut all = readings(&sound.whole);
    if sound.head != Head::None {
        for tail in readings(sound.tail()) {
            if !all.contains(&tail) {
                all.push(tail);
            }
        }
    }
    all
}

/// Each skeleton and what is left when one of its consonants is dropped. Two words one slip of
/// the finger apart (a letter more, less, other, or two swapped) share at least one of these.
pub fn slips(skeletons: &[String]) -> Vec<String> {
    let mut all: Vec<String> = skeletons.to_vec();
    for skeleton in skeletons {
        for place in 0..skeleton.len() {
            let mut less = skeleton.clone();
            less.remove(place);
            all.push(less);
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn readings(sounds: &[u8]) -> Vec<String> {
    let mut all = vec![String::new()];
    for sound in sounds {
        let classes = classes(*sound);
        if classes.is_empty() {
            continue;
        }
        let take = if all.len() * classes.len() > MOST {
            1
        } else {
            classes.len()
        };
        all = classes[..take]
            .iter()
            .flat_map(|class| all.iter().map(move |begun| with(begun, *class)))
            .collect();
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// A doubled consonant sounds once, also when a vowel that one side doesn't write parts it.
fn with(begun: &str, class: u8) -> String {
    let class = char::from(class);
    let mut longer = String::with_capacity(begun.len() + 1);
    longer.push_str(begun);
    if !begun.ends_with(class) {
        longer.push(class);
    }
    longer
}

fn classes(sound: u8) -> &'static [u8] {
    match sound {
        b'b' => b"b",
        // Tamil and Filipino write p for the f that they do not have.
        b'p' => b"bf",
        b'P' => b"bf",
        b'K' => b"kg",
        b'Q' => b"td",
        b'R' => b"sk",
        b'f' | b'v' => b"f",
        b't' => b"t",
        b'T' => b"ts",
        b'd' => b"d",
        b'D' | b'Z' => b"dz",
        b'z' => b"z",
        b's' | b'S' | b'X' => b"s",
        b'C' => b"sk",
        b'j' => b"j",
        b'g' => b"gj",
        b'G' => b"g",
        b'k' | b'q' | b'x' => b"k",
        b'r' => b"r",
        b'l' => b"l",
        b'm' => b"m",
        b'n' => b"n",
        _ => b"",
    }
}
