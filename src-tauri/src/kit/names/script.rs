//! Reads a word in any script into sounds.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::indic;

/// Lower case, without accents, vowel signs of Arabic, tatweel and joiners; letters that are
/// written alike for one another are made one. Words stay in their script.
pub fn fold(written: &str) -> String {
    let mut folded = String::with_capacity(written.len());
    for c in written.chars().flat_map(char::to_lowercase) {
        match c {
            'ş' | 'š' | 'ș' | 'ś' => folded.push_str("sh"),
            'ç' | 'č' | 'ć' => folded.push_str("ch"),
            'ğ' | 'ġ' => folded.push_str("gh"),
            'ž' => folded.push_str("zh"),
            'ñ' => folded.push_str("ny"),
            'ß' => folded.push_str("ss"),
            'ø' | 'œ' => folded.push('o'),
            'æ' => folded.push('e'),
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            'đ' | 'ð' => folded.push('d'),
            'þ' => folded.push_str("th"),
            'ħ' => folded.push('h'),
            '\'' | '’' | '‘' | 'ʼ' | 'ʿ' | 'ʾ' | '`' | '´' | 'ʻ' | '\u{640}' | '\u{200c}'
            | '\u{200d}' => {}
            'أ' | 'إ' | 'ٱ' | 'آ' => folded.push('ا'),
            'ؤ' | 'ئ' => folded.push('ء'),
            // Without these the decomposition below would take Indic vowel signs for accents.
            _ if indic::is_indic(c) => folded.push(c),
            _ => folded.extend(c.nfkd().filter(|c| !is_combining_mark(*c))),
        }
    }
    folded
}

pub fn is_arabic(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}')
}

/// The sounds of one folded word, and whether its script leaves short vowels out.
pub fn sounds(word: &str) -> (bool, Vec<u8>) {
    let letters: Vec<char> = word.chars().collect();
    if letters.iter().any(|c| is_arabic(*c)) {
        return (true, arabic(&letters));
    }
    if letters.iter().any(|c| is_ethiopic(*c)) {
        return (false, squeeze(ethiopic(&letters)));
    }
    if letters.iter().any(|c| indic::is_indic(*c)) {
        return (false, squeeze(indic::sounds(&letters)));
    }
    if word.is_ascii() {
        return (false, latin(word.as_bytes()));
    }
    let ascii = any_ascii::any_ascii(word).to_ascii_lowercase();
    (false, latin(ascii.as_bytes()))
}

/// Two of the same consonant in a row sound as one.
fn squeeze(mut sounds: Vec<u8>) -> Vec<u8> {
    sounds.dedup();
    sounds
}

fn arabic(letters: &[char]) -> Vec<u8> {
    let mut sounds = Vec::with_capacity(letters.len());
    for (place, letter) in letters.iter().enumerate() {
        let last = place + 1 == letters.len();
        let sound = match letter {
            'ا' => b'1',
            'ب' => b'b',
            'پ' => b'p',
            'ت' | 'ط' | 'ٹ' => b't',
            'ث' => b'T',
            'ج' | 'ژ' => b'j',
            'چ' => b'C',
            'ح' => b'H',
            'خ' => b'x',
            'د' | 'ڈ' => b'd',
            'ذ' => b'D',
            'ر' | 'ڑ' => b'r',
            'ز' => b'z',
            'س' | 'ص' => b's',
            'ش' => b'S',
            'ض' | 'ظ' => b'Z',
            'ع' => b'3',
            'غ' => b'G',
            'ف' => b'f',
            'ڤ' | 'ۋ' => b'v',
            'ق' => b'q',
            'ك' | 'ک' => b'k',
            'گ' | 'ڨ' | 'ݣ' => b'g',
            'ل' => b'l',
            'م' => b'm',
            'ن' | 'ں' => b'n',
            'ه' | 'ہ' | 'ھ' | 'ە' => b'h',
            'ة' | 'ۃ' | 'ۀ' => b'8',
            'و' | 'ۆ' => b'W',
            'ي' | 'ی' | 'ے' | 'ې' => {
                // Egypt and Iran write a final ya for alef maqsura, and the other way round.
                if last { b'7' } else { b'Y' }
            }
            'ى' => b'7',
            'ء' => b'2',
            _ => continue,
        };
        sounds.push(sound);
    }
    sounds
}

fn is_ethiopic(c: char) -> bool {
    matches!(c, '\u{1200}'..='\u{137f}')
}

/// Each Ethiopic letter is a consonant with one of seven vowels (or a rounded -wa), eight code
/// points a row from U+1200. The sixth vowel is often silent.
fn ethiopic(letters: &[char]) -> Vec<u8> {
    const ROWS: [&[u8]; 43] = [
        b"h", b"l", b"h", b"m", b"s", b"r", b"s", b"S", b"q", b"q", b"q", b"q", b"b", b"v", b"t",
        b"C", b"h", b"h", b"n", b"ny", b"", b"k", b"k", b"k", b"k", b"w", b"", b"z", b"j", b"y",
        b"d", b"d", b"j", b"g", b"g", b"g", b"t", b"C", b"p", b"X", b"X", b"f", b"p",
    ];
    let mut sounds = Vec::with_capacity(letters.len() * 2);
    for letter in letters {
        let Some(offset) = u32::from(*letter).checked_sub(0x1200).map(|o| o as usize) else {
            continue;
        };
        let Some(consonant) = ROWS.get(offset / 8) else {
            continue;
        };
        sounds.extend_from_slice(consonant);
        // Gutturals turn the first vowel (ä) into a.
        let guttural = matches!(offset / 8, 0 | 2 | 16 | 20 | 26);
        match offset % 8 {
            0 if guttural => sounds.push(b'a'),
            0 | 4 => sounds.push(b'e'),
            1 => sounds.push(b'u'),
            2 => sounds.push(b'i'),
            3 => sounds.push(b'a'),
            5 => sounds.push(b'E'),
            6 => sounds.push(b'o'),
            _ => sounds.extend_from_slice(b"wa"),
        }
    }
    sounds
}

/// English, French and other romanisations. The longest group of letters is read first.
fn latin(letters: &[u8]) -> Vec<u8> {
    const GROUPS: [(&[u8], &[u8]); 40] = [
        (b"tsch", b"C"),
        (b"tch", b"C"),
        (b"tsh", b"C"),
        (b"sch", b"S"),
        (b"chh", b"C"),
        (b"ksh", b"kS"),
        (b"sh", b"S"),
        (b"ch", b"C"),
        (b"kh", b"x"),
        (b"gh", b"G"),
        (b"gue", b"ge"),
        (b"gui", b"gi"),
        (b"qu", b"k"),
        (b"dj", b"j"),
        (b"dg", b"j"),
        (b"dh", b"D"),
        (b"th", b"T"),
        (b"ph", b"f"),
        (b"zh", b"j"),
        (b"ts", b"X"),
        (b"tz", b"X"),
        (b"ck", b"k"),
        (b"ce", b"se"),
        (b"ci", b"si"),
        (b"cy", b"si"),
        (b"c", b"k"),
        (b"x", b"ks"),
        (b"eau", b"o"),
        (b"iou", b"iU"),
        (b"ou", b"U"),
        (b"oo", b"U"),
        (b"uu", b"U"),
        (b"ee", b"I"),
        (b"ii", b"I"),
        (b"aa", b"A"),
        // Arabic sounds as typed on phones without Arabic letters.
        (b"3", b"a"),
        (b"7", b"h"),
        (b"5", b"x"),
        (b"2", b""),
        (b"9", b"q"),
    ];
    let mut sounds: Vec<u8> = Vec::with_capacity(letters.len());
    let mut at = 0;
    while at < letters.len() {
        let rest = &letters[at..];
        // A doubled group (mm, shsh, "tth", "ssh") sounds once.
        if rest.len() > 1 && rest[0] == rest[1] && !b"aeiou0123456789".contains(&rest[0]) {
            at += 1;
            continue;
        }
        let group = GROUPS.iter().find(|(written, _)| rest.starts_with(written));
        let (read, heard): (usize, &[u8]) = match group {
            Some((written, heard)) => (written.len(), heard),
            None => (1, &rest[..1]),
        };
        for sound in heard {
            if sound.is_ascii_alphabetic()
                && (sounds.last() != Some(sound) || b"aeiou".contains(sound))
            {
                sounds.push(*sound);
            }
        }
        at += read;
    }
    sounds
}
