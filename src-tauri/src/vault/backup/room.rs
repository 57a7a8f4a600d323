//! Making room: what rotation lets go, and the oldest where a stick is full.

use std::collections::BTreeSet;

use super::rules::{self, Kept};
use super::sticks::Shelf;
use super::word::Word;
use super::{Failure, note, on_stick};
use crate::vault::{Refusal, Vault};

impl Vault {
    /// Lets go what has outlived its time, oldest first. A stick that is pulled meanwhile has the
    /// rest taken away next time.
    pub(super) fn rotate(&self, shelf: &Shelf) -> Result<(), Failure> {
        let kept = self.kept(shelf)?;
        for number in rules::outlived(&kept) {
            shelf.remove(number).map_err(|why| on_stick(&why, 100))?;
        }
        shelf.drop_unused_files().map_err(|why| on_stick(&why, 100))
    }

    /// Removes one backup, that somebody may write another: the oldest, never the newest good one.
    /// `None` where there is none that may go.
    pub fn make_room(&self, shelf: &Shelf) -> Result<Option<u64>, Failure> {
        let Some(number) = rules::for_room(&self.kept(shelf)?) else {
            return Ok(None);
        };
        let removed = shelf
            .remove(number)
            .and_then(|()| shelf.drop_unused_files());
        removed.map_err(|why| on_stick(&why, 0))?;
        Ok(Some(number))
    }

    /// The one that [`Vault::make_room`] would remove.
    pub fn room_in(&self, shelf: &Shelf) -> Option<u64> {
        rules::for_room(&self.kept(shelf).ok()?)
    }

    /// The backups that the centre made on this stick, with their days on its wall. One whose
    /// manifest is not as it was written is not good; its day does not matter then.
    fn kept(&self, shelf: &Shelf) -> Result<Vec<Kept>, Failure> {
        let failed: BTreeSet<u64> =
            self.read(|db| Ok::<_, Refusal>(note::failed(db)?.into_iter().collect()))?;
        Ok(self
            .judged(shelf)?
            .into_iter()
            .filter(|backup| backup.word != Word::Foreign)
            .map(|backup| {
                let at = backup.manifest.as_ref().map_or(0, |manifest| manifest.at);
                let at = chrono::DateTime::from_timestamp(at, 0).unwrap_or_default();
                Kept {
                    number: backup.number,
                    day: self.world.clock.local(at).date_naive(),
                    good: backup.word == Word::Ours && !failed.contains(&backup.number),
                }
            })
            .collect())
    }
}
