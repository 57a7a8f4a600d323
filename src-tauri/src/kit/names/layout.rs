//! What was typed while the keyboard was set to the other script: the standard PC layouts Arabic
//! (101), KBDA1.DLL, and US QWERTY have the same keys in the same places.

/// A key of QWERTY, and what it writes in Arabic (101) without and with Shift: the key B and some
/// with Shift write two letters.
const KEYS: [(char, &str, &str); 34] = [
    ('`', "ذ", "\u{651}"),
    ('q', "ض", "\u{64e}"),
    ('w', "ص", "\u{64b}"),
    ('e', "ث", "\u{64f}"),
    ('r', "ق", "\u{64c}"),
    ('t', "ف", "لإ"),
    ('y', "غ", "إ"),
    ('u', "ع", "‘"),
    ('i', "ه", "÷"),
    ('o', "خ", "×"),
    ('p', "ح", "؛"),
    ('[', "ج", "<"),
    (']', "د", ">"),
    ('a', "ش", "\u{650}"),
    ('s', "س", "\u{64d}"),
    ('d', "ي", "]"),
    ('f', "ب", "["),
    ('g', "ل", "لأ"),
    ('h', "ا", "أ"),
    ('j', "ت", "\u{640}"),
    ('k', "ن", "،"),
    ('l', "م", "/"),
    (';', "ك", ":"),
    ('\'', "ط", "\""),
    ('z', "ئ", "~"),
    ('x', "ء", "\u{652}"),
    ('c', "ؤ", "}"),
    ('v', "ر", "{"),
    ('b', "لا", "لآ"),
    ('n', "ى", "آ"),
    ('m', "ة", "’"),
    (',', "و", ","),
    ('.', "ز", "."),
    ('/', "ظ", "؟"),
];

/// The same keys in the other script; `None` where no letter of either was typed, or of both.
/// Capitals come out small, and `لا` as the one key B: by G and H it would be typed the same.
pub fn other_layout(typed: &str) -> Option<String> {
    let arabic = typed.chars().any(super::script::is_arabic);
    let latin = typed.chars().any(|c| c.is_ascii_alphabetic());
    match (arabic, latin) {
        (true, false) => Some(to_latin(typed)),
        (false, true) => Some(to_arabic(typed)),
        _ => None,
    }
}

fn to_arabic(typed: &str) -> String {
    let mut arabic = String::new();
    for c in typed.chars() {
        let key = KEYS.iter().find(|(key, ..)| *key == c.to_ascii_lowercase());
        match key {
            Some((_, written, _)) => arabic.push_str(written),
            None => arabic.push(c),
        }
    }
    arabic
}

fn to_latin(typed: &str) -> String {
    // Linux writes these two signs straight.
    let typed = typed.replace('`', "‘").replace('\'', "’");
    let mut latin = String::new();
    let mut rest = typed.as_str();
    while let Some(first) = rest.chars().next() {
        let written = KEYS
            .iter()
            .flat_map(|(key, plain, shifted)| [(key, plain), (key, shifted)]);
        // The longest first: لا is one key, ل alone another.
        let pressed = written
            .filter(|(_, written)| rest.starts_with(**written))
            .max_by_key(|(_, written)| written.len());
        let (key, read) = match pressed {
            Some((key, written)) => (*key, written.len()),
            None => (first, first.len_utf8()),
        };
        latin.push(key);
        rest = &rest[read..];
    }
    latin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_from_the_keys_of_the_other_script() {
        for (typed, meant) in [
            ("ثمهىش", "elina"),
            ("ُمهىش", "elina"),
            ("شلايعم", "abdul"),
            ("ةشقغ شىى", "mary ann"),
            ("lpl]", "محمد"),
            ("Lpl]", "محمد"),
            ("t'lm", "فطمة"),
            ("uf] hggi", "عبد الله"),
            ("sghl", "سلام"),
        ] {
            assert_eq!(other_layout(typed).as_deref(), Some(meant), "{typed}");
        }
    }

    #[test]
    fn what_has_letters_of_neither_or_of_both_stays() {
        for typed in ["", "0123", "አልማዝ", "elina ليلى"] {
            assert_eq!(other_layout(typed), None, "{typed}");
        }
    }

    #[test]
    fn there_and_back_is_the_same() {
        let keys = KEYS.iter().map(|(key, ..)| *key);
        let keys: String = keys.filter(char::is_ascii_lowercase).collect();
        let there = other_layout(&keys).expect("Arabic");
        // G and H in a row write what B writes.
        assert_eq!(other_layout(&there), Some(keys.replace("gh", "b")));
    }
}
