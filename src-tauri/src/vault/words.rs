//! Words: the 24 of a recovery sheet (BIP 39, English list, 256 bits and a checksum), the words
//! offered as a passphrase, and the rule a passphrase must satisfy.

use bip39::{Language, Mnemonic};
use zeroize::Zeroizing;

use super::secret::Passphrase;
use crate::kit::world::World;

/// What opens the centre when every passphrase is forgotten.
pub struct RecoveryWords(Zeroizing<[u8; 32]>);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("vault.refusal.recovery_words")]
pub struct NotRecoveryWords;

impl RecoveryWords {
    pub fn random(world: &World) -> Self {
        Self(Zeroizing::new(world.bytes()))
    }

    /// The 24 words, in order.
    pub fn words(&self) -> Vec<&'static str> {
        Mnemonic::from_entropy_in(Language::English, self.0.as_slice())
            .map(|sheet| sheet.words().collect())
            .unwrap_or_default()
    }

    /// Reads the words as typed. Each is found by its first four letters, as BIP 39 promises.
    pub fn parse(typed: &str) -> Result<Self, NotRecoveryWords> {
        let words: Zeroizing<String> = Zeroizing::new(
            typed
                .split_whitespace()
                .map(|word| whole(&word.to_lowercase()).ok_or(NotRecoveryWords))
                .collect::<Result<Vec<_>, _>>()?
                .join(" "),
        );
        let sheet =
            Mnemonic::parse_in(Language::English, words.as_str()).map_err(|_| NotRecoveryWords)?;
        let entropy = Zeroizing::new(sheet.to_entropy());
        let entropy = entropy
            .as_slice()
            .try_into()
            .map_err(|_| NotRecoveryWords)?;
        Ok(Self(Zeroizing::new(entropy)))
    }

    pub(super) fn entropy(&self) -> &[u8; 32] {
        &self.0
    }
}

fn whole(typed: &str) -> Option<&'static str> {
    let list = Language::English.word_list();
    list.iter()
        .copied()
        .find(|word| *word == typed)
        .or_else(|| {
            (typed.len() >= 4 && typed.is_ascii())
                .then(|| {
                    list.iter()
                        .copied()
                        .find(|word| word.starts_with(&typed[..4]))
                })
                .flatten()
        })
}

/// Words that are offered to nobody: whoever comes to such a house has had enough of them.
const HARD: &str = include_str!("../../../assets/words/hard.txt");

/// Seven words of some 1,900 each: 76 bits, about as much as six of the longer lists.
pub fn offered(world: &World) -> String {
    let list = Language::English.word_list();
    let mut words = Vec::new();
    while words.len() < 7 {
        let word = list[usize::from(u16::from_le_bytes(world.bytes()) % 2048)];
        if !HARD.lines().any(|hard| hard == word) {
            words.push(word);
        }
    }
    words.join(" ")
}

/// The words that a page has offered already, if they are such; somebody may have written them
/// down. Otherwise new ones.
pub fn offered_again(shown: &str, world: &World) -> String {
    let list = Language::English.word_list();
    let words: Vec<&str> = shown.split(' ').collect();
    if words.len() == 7 && words.iter().all(|word| list.contains(word)) {
        return words.join(" ");
    }
    offered(world)
}

/// Four words that stand for a journal's head (44 bits of its hash): short enough for a paper book.
pub fn fingerprint(head: &[u8; 32]) -> String {
    let list = Language::English.word_list();
    let bits = head[..8]
        .iter()
        .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    (0..4)
        .map(|place| list[usize::try_from(bits >> (place * 11) & 2047).unwrap_or(0)])
        .collect::<Vec<_>>()
        .join(" ")
}

/// The longest passphrase, in characters: estimating a longer one takes too long.
pub const LONGEST: usize = 128;

/// Why a passphrase was not taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TooWeak {
    #[error("vault.refusal.passphrase_short")]
    Short,
    #[error("vault.refusal.passphrase_long")]
    Long,
    #[error("vault.refusal.passphrase_name")]
    NameInside,
    #[error("vault.refusal.passphrase_guessable")]
    Guessable,
}

/// At least 12 characters, no name known at the centre inside, and a zxcvbn score of 3, or 4 where
/// the passphrase opens casework. At most [`LONGEST`].
pub fn strong_enough(
    passphrase: &Passphrase,
    opens_casework: bool,
    names: &[&str],
) -> Result<(), TooWeak> {
    let text = passphrase.as_str();
    match text.chars().count() {
        ..12 => return Err(TooWeak::Short),
        length if length > LONGEST => return Err(TooWeak::Long),
        _ => {}
    }
    let folded = text.to_lowercase();
    let holds = |name: &&str| name.chars().count() >= 3 && folded.contains(&name.to_lowercase());
    if names.iter().any(holds) {
        return Err(TooWeak::NameInside);
    }
    let needed = if opens_casework { 4 } else { 3 };
    let score = u8::from(zxcvbn::zxcvbn(text, names).score());
    if score < needed {
        return Err(TooWeak::Guessable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_hard_word_is_offered_and_each_hard_word_could_be() {
        let list = Language::English.word_list();
        assert!(HARD.lines().all(|hard| list.contains(&hard)));
        let world = World::system();
        for _ in 0..200 {
            let offered = offered(&world);
            let words: Vec<&str> = offered.split(' ').collect();
            assert_eq!(words.len(), 7);
            assert!(
                words
                    .iter()
                    .all(|word| HARD.lines().all(|hard| hard != *word))
            );
        }
    }
}
