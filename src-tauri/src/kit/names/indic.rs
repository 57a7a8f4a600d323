//! Devanagari, Bengali, Tamil and their sisters, and Sinhala, into sounds.
//!
//! The blocks from U+0900 to U+0D7F keep one order (that of ISCII 1991), so one table reads
//! nine scripts. A transliteration library would drop the unwritten vowel after each consonant,
//! which names need (लक्ष्मण is Lakshman, not Lksmn); here it is `E`, a vowel that may be silent.

pub fn is_indic(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{dff}')
}

/// What one letter is.
enum Letter {
    Consonant(&'static [u8]),
    Vowel(&'static [u8]),
    Sign(&'static [u8]),
    /// Takes the unwritten vowel away.
    Virama,
    Mark(&'static [u8]),
}

pub fn sounds(letters: &[char]) -> Vec<u8> {
    let mut sounds = Vec::with_capacity(letters.len() * 2);
    let mut open = false;
    for letter in letters.iter().filter_map(|c| letter(*c)) {
        match letter {
            Letter::Consonant(consonant) => {
                if open {
                    sounds.push(b'E');
                }
                sounds.extend_from_slice(consonant);
                open = true;
                continue;
            }
            Letter::Vowel(vowel) => {
                if open {
                    sounds.push(b'E');
                }
                sounds.extend_from_slice(vowel);
            }
            Letter::Sign(vowel) => sounds.extend_from_slice(vowel),
            Letter::Virama => {}
            Letter::Mark(mark) => {
                if open {
                    sounds.push(b'E');
                }
                sounds.extend_from_slice(mark);
            }
        }
        open = false;
    }
    if open {
        sounds.push(b'E');
    }
    sounds
}

fn letter(c: char) -> Option<Letter> {
    let code = u32::from(c);
    if (0xd80..0xe00).contains(&code) {
        return sinhala(code - 0xd80);
    }
    let tamil = (0xb80..0xc00).contains(&code);
    Some(match code & 0x7f {
        0x01 | 0x02 => Letter::Mark(b"n"),
        0x03 => Letter::Mark(b"h"),
        0x05 => Letter::Vowel(b"a"),
        0x06 => Letter::Vowel(b"A"),
        0x07 => Letter::Vowel(b"i"),
        0x08 => Letter::Vowel(b"I"),
        0x09 => Letter::Vowel(b"u"),
        0x0a => Letter::Vowel(b"U"),
        0x0b => Letter::Vowel(b"ri"),
        0x0d..=0x0f => Letter::Vowel(b"e"),
        0x10 => Letter::Vowel(b"ai"),
        0x11..=0x13 => Letter::Vowel(b"o"),
        0x14 => Letter::Vowel(b"au"),
        // Tamil has one letter for k and g, for t and d, for p, b and f, for ch and s.
        0x15 if tamil => Letter::Consonant(b"K"),
        0x1f | 0x24 if tamil => Letter::Consonant(b"Q"),
        0x2a if tamil => Letter::Consonant(b"P"),
        0x15 => Letter::Consonant(b"k"),
        0x16 => Letter::Consonant(b"x"),
        0x17 => Letter::Consonant(b"g"),
        0x18 => Letter::Consonant(b"G"),
        0x19 => Letter::Consonant(b"ng"),
        0x1a if tamil => Letter::Consonant(b"R"),
        0x1a | 0x1b => Letter::Consonant(b"C"),
        0x1c | 0x1d => Letter::Consonant(b"j"),
        0x1e => Letter::Consonant(b"n"),
        0x1f => Letter::Consonant(b"t"),
        0x20 => Letter::Consonant(b"T"),
        0x21 => Letter::Consonant(b"d"),
        0x22 => Letter::Consonant(b"D"),
        0x23 | 0x28 | 0x29 => Letter::Consonant(b"n"),
        0x24 => Letter::Consonant(b"t"),
        0x25 => Letter::Consonant(b"T"),
        0x26 => Letter::Consonant(b"d"),
        0x27 => Letter::Consonant(b"D"),
        0x2a => Letter::Consonant(b"p"),
        0x2b => Letter::Consonant(b"f"),
        0x2c | 0x2d => Letter::Consonant(b"b"),
        0x2e => Letter::Consonant(b"m"),
        0x2f | 0x5f => Letter::Consonant(b"y"),
        0x30 | 0x31 | 0x70 => Letter::Consonant(b"r"),
        0x32..=0x34 => Letter::Consonant(b"l"),
        0x35 | 0x71 => Letter::Consonant(b"v"),
        0x36 | 0x37 => Letter::Consonant(b"S"),
        0x38 => Letter::Consonant(b"s"),
        0x39 => Letter::Consonant(b"h"),
        0x3e => Letter::Sign(b"A"),
        0x3f => Letter::Sign(b"i"),
        0x40 => Letter::Sign(b"I"),
        0x41 => Letter::Sign(b"u"),
        0x42 => Letter::Sign(b"U"),
        0x43 | 0x44 => Letter::Sign(b"ri"),
        0x45..=0x47 => Letter::Sign(b"e"),
        0x48 => Letter::Sign(b"ai"),
        0x49..=0x4b => Letter::Sign(b"o"),
        0x4c => Letter::Sign(b"au"),
        0x4d => Letter::Virama,
        0x58 => Letter::Consonant(b"q"),
        0x59 => Letter::Consonant(b"x"),
        0x5a => Letter::Consonant(b"G"),
        0x5b => Letter::Consonant(b"z"),
        0x5c | 0x5d => Letter::Consonant(b"r"),
        0x5e => Letter::Consonant(b"f"),
        _ => return None,
    })
}

fn sinhala(offset: u32) -> Option<Letter> {
    Some(match offset {
        0x02 => Letter::Mark(b"n"),
        0x05 => Letter::Vowel(b"a"),
        0x06 => Letter::Vowel(b"A"),
        0x07 | 0x08 => Letter::Vowel(b"e"),
        0x09 => Letter::Vowel(b"i"),
        0x0a => Letter::Vowel(b"I"),
        0x0b => Letter::Vowel(b"u"),
        0x0c => Letter::Vowel(b"U"),
        0x0d | 0x0e => Letter::Vowel(b"ri"),
        0x11 | 0x12 => Letter::Vowel(b"e"),
        0x13 => Letter::Vowel(b"ai"),
        0x14 | 0x15 => Letter::Vowel(b"o"),
        0x16 => Letter::Vowel(b"au"),
        0x1a => Letter::Consonant(b"k"),
        0x1b => Letter::Consonant(b"x"),
        0x1c => Letter::Consonant(b"g"),
        0x1d => Letter::Consonant(b"G"),
        0x1e | 0x1f => Letter::Consonant(b"ng"),
        0x20 | 0x21 => Letter::Consonant(b"C"),
        0x22 | 0x23 => Letter::Consonant(b"j"),
        0x24 | 0x2b | 0x31 => Letter::Consonant(b"n"),
        0x25 => Letter::Consonant(b"jn"),
        0x26 => Letter::Consonant(b"nj"),
        0x27 | 0x2d => Letter::Consonant(b"t"),
        0x28 | 0x2e => Letter::Consonant(b"T"),
        0x29 | 0x2f => Letter::Consonant(b"d"),
        0x2a | 0x30 => Letter::Consonant(b"D"),
        0x2c | 0x33 => Letter::Consonant(b"nd"),
        0x34 => Letter::Consonant(b"p"),
        0x35 | 0x46 => Letter::Consonant(b"f"),
        0x36 | 0x37 => Letter::Consonant(b"b"),
        0x38 => Letter::Consonant(b"m"),
        0x39 => Letter::Consonant(b"mb"),
        0x3a => Letter::Consonant(b"y"),
        0x3b => Letter::Consonant(b"r"),
        0x3d | 0x45 => Letter::Consonant(b"l"),
        0x40 => Letter::Consonant(b"v"),
        0x41 | 0x42 => Letter::Consonant(b"S"),
        0x43 => Letter::Consonant(b"s"),
        0x44 => Letter::Consonant(b"h"),
        0x4a => Letter::Virama,
        0x4f => Letter::Sign(b"A"),
        0x50 | 0x51 | 0x59 | 0x5a => Letter::Sign(b"e"),
        0x52 => Letter::Sign(b"i"),
        0x53 => Letter::Sign(b"I"),
        0x54 => Letter::Sign(b"u"),
        0x56 => Letter::Sign(b"U"),
        0x58 => Letter::Sign(b"ru"),
        0x5b => Letter::Sign(b"ai"),
        0x5c | 0x5d => Letter::Sign(b"o"),
        0x5e => Letter::Sign(b"au"),
        _ => return None,
    })
}
