//! Whose word a manifest is. Anybody can put a folder on a stick: only what the centre noted itself,
//! or signed with its keys, is counted, let go by rotation, or built upon.

use super::manifest::Manifest;
use super::sticks::Shelf;
use super::{Failure, note, on_stick};
use crate::kit::id::StickId;
use crate::vault::{Db, Vault};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// The very manifest that the centre wrote.
    Ours,
    /// The centre wrote a backup of this number to this stick, and this is not it.
    Damaged,
    /// Somebody else's, or of other keys than the ones that this state of the centre knows of.
    /// It is neither counted nor removed.
    Foreign,
}

/// A folder that says it is a backup, and what there is to say for it.
pub(super) struct Judged {
    pub number: u64,
    pub word: Word,
    /// The keys of today signed it.
    pub signed: bool,
    /// `None` where it cannot be read.
    pub manifest: Option<Manifest>,
}

impl Vault {
    /// The backups of a stick, the highest number first.
    pub(super) fn judged(&self, shelf: &Shelf) -> Result<Vec<Judged>, Failure> {
        let numbers = shelf.numbers().map_err(|why| on_stick(&why, 0))?;
        let stick = shelf.record().ok().map(|record| record.id);
        let mut judged = Vec::new();
        for number in numbers {
            judged.extend(self.judge(shelf, stick, number)?);
        }
        Ok(judged)
    }

    /// `None` where there is no manifest.
    pub(super) fn judge(
        &self,
        shelf: &Shelf,
        stick: Option<StickId>,
        number: u64,
    ) -> Result<Option<Judged>, Failure> {
        let told = shelf.manifest(number).map_err(|why| on_stick(&why, 0))?;
        let Some(told) = told else {
            return Ok(None);
        };
        let state = self.lock_state();
        let open = state.as_ref().ok_or(Failure::Locked)?;
        let noted = note::noted(&Db::desk(&open.connection), number)?;
        let (signed, known) = told.as_ref().map_or((false, false), |(manifest, bytes)| {
            let hash = blake3::hash(bytes);
            let known = noted.as_ref().is_some_and(|noted| hash == noted.manifest);
            (manifest.open(bytes, &open.keys).is_ok(), known)
        });
        let word = if signed || known {
            Word::Ours
        } else if noted.is_some_and(|noted| Some(noted.stick) == stick) {
            Word::Damaged
        } else {
            Word::Foreign
        };
        Ok(Some(Judged {
            number,
            word,
            signed,
            manifest: told.ok().map(|(manifest, _)| manifest),
        }))
    }

    /// The newest backup that the centre made on this stick.
    pub fn newest_on(&self, shelf: &Shelf) -> Option<u64> {
        let judged = self.judged(shelf).ok()?;
        judged
            .iter()
            .find(|backup| backup.word != Word::Foreign)
            .map(|backup| backup.number)
    }
}
