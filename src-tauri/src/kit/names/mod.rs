//! Names across scripts and spellings: how a name sounds, how alike two names are, and by which
//! keys a name can be found.
//!
//! Every script is read into one small alphabet of sounds ([`Sound`]). Arabic writes no short
//! vowels, so the keys are made of consonants alone and the vowels only rank ([`likeness`]).
//! The rules are those of `domain.md` 5; nothing in here knows the database.

mod indic;
mod layout;
mod likeness;
mod nickname;
mod script;
mod skeleton;
mod sound;
mod twin;
mod whole;

pub use layout::other_layout;
pub use nickname::other_forms;
pub use skeleton::{skeletons, slips};
pub use sound::Sound;
pub use twin::{folded, looks, looks_like};
pub use whole::{Alikeness, EXTRA, Word, alike, covers, pair, particles, words};
