//! Backup to a stick or folder, and back (safety.md 4).
//!
//! A *shelf* is the centre's folder on a stick; a *backup* is a numbered folder in it with a
//! manifest, the key file and the two databases in parts. It is written as `.partial`, read again
//! from the stick, checked, and only then renamed. A *rehearsal* is a restore that is thrown away.

pub mod check;
mod copy;
pub mod manifest;
pub mod medium;
pub mod note;
pub mod restore;
mod room;
pub mod rules;
pub mod sticks;
mod word;
mod write;

use std::io;

use crate::vault::{Refusal, Unopened};

pub(super) use copy::Copying;
use manifest::Unreadable;
pub use note::{Backup, Known, Rehearsal, Stick};
pub use write::{CaseworkInIt, Made, PART};

/// Why a backup or a restore did not come to its end. The messages are locale keys; what was good
/// before is untouched in each case.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("backup.failure.cancelled")]
    Cancelled,
    /// The centre was locked meanwhile: its keys are gone.
    #[error("backup.failure.locked")]
    Locked,
    /// The stick was pulled or stopped working.
    #[error("backup.failure.gone")]
    Gone { percent: u64 },
    #[error("backup.failure.full")]
    Full { needed: u64, free: u64 },
    #[error("backup.failure.too_large")]
    TooLarge,
    #[error("backup.failure.read_only")]
    ReadOnly,
    /// What was read again is not what was written.
    #[error("backup.failure.unkept")]
    Unkept,
    /// It failed so before.
    #[error("backup.failure.bad_stick")]
    BadStick,
    #[error("backup.failure.other_centre")]
    OtherCentre,
    #[error("backup.failure.laptop_full")]
    LaptopFull,
    /// The data on the laptop itself did not pass the check.
    #[error("backup.failure.damaged")]
    Damaged,
    /// A part of a stored backup is not what its manifest says.
    #[error("backup.failure.part")]
    Part { number: u64, name: String },
    /// All of a stored backup is as it was written but so many attachments.
    #[error("backup.failure.files")]
    Files { number: u64, damaged: u64 },
    #[error("backup.failure.missing")]
    Missing,
    /// There is something on the stick that the program did not put there so: a link, or a file
    /// where a folder belongs.
    #[error("backup.failure.strange")]
    Strange,
    /// The program itself failed at it.
    #[error("backup.failure.died")]
    Died,
    #[error("backup.failure.passphrase")]
    Passphrase { at: i64 },
    #[error("backup.failure.words")]
    Words,
    /// The passphrase opens the desk's part alone.
    #[error("backup.failure.desk_only")]
    DeskOnly,
    #[error(transparent)]
    Manifest(#[from] Unreadable),
    #[error(transparent)]
    Vault(Refusal),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Locked => Self::Locked,
            Refusal::Full => Self::LaptopFull,
            Refusal::Database(Unopened::Newer) => Self::Manifest(Unreadable::Newer),
            Refusal::Database(Unopened::Damaged) | Refusal::Journal(_) => Self::Damaged,
            other => Self::Vault(other),
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Refusal::from(error).into()
    }
}

impl From<Unopened> for Failure {
    fn from(unopened: Unopened) -> Self {
        Refusal::from(unopened).into()
    }
}

/// What an error on the stick means; `percent` is how far the work was.
fn on_stick(error: &io::Error, percent: u64) -> Failure {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Failure::Full { needed: 0, free: 0 }
        }
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Failure::ReadOnly,
        io::ErrorKind::FileTooLarge => Failure::TooLarge,
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => Failure::Strange,
        _ => Failure::Gone { percent },
    }
}

/// An error on the laptop's own disk.
fn on_laptop(error: io::Error) -> Failure {
    Refusal::from(error).into()
}
