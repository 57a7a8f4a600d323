//! The alphabet of sounds: one byte each, so that a word is a short ASCII text in the database.
//!
//! Latin and syllabic scripts: consonants `b p t T(th) j g C(ch) k q x(kh) d D(dh) z r s S(sh)
//! X(ts) f v l m n h w y G(gh)`, Tamil's letters of several sounds `K Q P R`, short vowels `a e i o u`, long `A I U`, and `E`, a vowel that may
//! be silent. Arabic only: `1` alef, `W` waw, `Y` ya, `7` alef maqsura, `8` ta marbuta, `2` hamza,
//! `3` ayn, `H` ha, `Z` dad and za.

/// How one word sounds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sound {
    /// Short vowels are not written (Arabic script).
    pub abjad: bool,
    pub head: Head,
    /// All sounds, the head's too.
    pub whole: Vec<u8>,
    /// Where the part after the head begins.
    pub tail_at: usize,
}

/// What a word may begin with that others leave out or write apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Head {
    None,
    /// al-, el-, ul-, and before sun letters ar-, ash-, …
    Article,
    /// Abd, Abu, Ben: a part of the name, but people search without it.
    Compound,
}

/// Longer words are cut: no name word that people type is longer.
pub const LONGEST: usize = 28;

impl Sound {
    pub fn plain(abjad: bool, whole: Vec<u8>) -> Self {
        Self::headed(abjad, Head::None, whole, 0)
    }

    pub fn headed(abjad: bool, head: Head, mut whole: Vec<u8>, tail_at: usize) -> Self {
        whole.truncate(LONGEST);
        let tail_at = tail_at.min(whole.len());
        Self {
            abjad,
            head,
            whole,
            tail_at,
        }
    }

    pub fn tail(&self) -> &[u8] {
        &self.whole[self.tail_at..]
    }

    /// As kept in the database: `~` marks an abjad, `-` ends an article, `+` a compound's head.
    pub fn written(&self) -> String {
        let mut text = String::with_capacity(self.whole.len() + 2);
        if self.abjad {
            text.push('~');
        }
        for (place, sound) in self.whole.iter().enumerate() {
            if place == self.tail_at {
                match self.head {
                    Head::None => {}
                    Head::Article => text.push('-'),
                    Head::Compound => text.push('+'),
                }
            }
            text.push(char::from(*sound));
        }
        text
    }

    /// Reads what [`Sound::written`] wrote.
    pub fn read(text: &str) -> Self {
        let (abjad, text) = match text.strip_prefix('~') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (head, tail_at) = match text.find(['-', '+']) {
            Some(at) if text.as_bytes()[at] == b'-' => (Head::Article, at),
            Some(at) => (Head::Compound, at),
            None => (Head::None, 0),
        };
        let whole = text.bytes().filter(|b| !matches!(b, b'-' | b'+')).collect();
        Self::headed(abjad, head, whole, tail_at)
    }
}

pub fn is_vowel(sound: u8) -> bool {
    matches!(
        sound,
        b'a' | b'e' | b'i' | b'o' | b'u' | b'A' | b'I' | b'U' | b'E'
    )
}

/// Arabic letters that stand for a vowel or nearly nothing.
pub fn is_weak(sound: u8) -> bool {
    matches!(sound, b'1' | b'2' | b'3' | b'7' | b'8' | b'W' | b'Y')
}
