//! What lies outside the window: the system's viewer and the native dialogs, its drives and its
//! swap. The shell brings the real one, a test its own. A path is only ever answered by a dialog,
//! never sent by a page.

use std::io;
use std::path::{Path, PathBuf};

use crate::vault::backup::sticks::{self, Drive};

/// Whether what lies in memory can come to lie on the disk in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swap {
    /// Nothing is said of it.
    NotKnown,
    /// There is none, or it is encrypted, or it stays in memory.
    Closed,
    /// The laptop's swap is not encrypted.
    Readable,
    /// Nor is it, and the whole memory can be written there: the laptop can hibernate.
    Hibernates,
}

pub trait Outside: Send + Sync {
    /// Shows a file in the system's own viewer.
    fn show(&self, file: &Path) -> io::Result<()>;

    /// Asks for a folder; `None` where nobody chose one.
    fn folder(&self, title: &str) -> Option<PathBuf>;

    /// Asks for a file whose name ends in one of `endings` (without the dot).
    fn file(&self, title: &str, endings: &[&str]) -> Option<PathBuf>;

    /// Asks where to put a file, offering `name`.
    fn place(&self, title: &str, name: &str) -> Option<PathBuf>;

    /// Puts the page at `place` where another was shown, and leaves no way back to any before it;
    /// asked for at each locking.
    fn forget(&self, _place: &str) {}

    /// Has the system let go of a drive, so that it can be pulled out; whether it did.
    fn release(&self, _drive: &Path) -> bool {
        false
    }

    /// Drives that can be pulled out, as of now.
    fn drives(&self) -> Vec<Drive> {
        sticks::plugged_in()
    }

    fn swap(&self) -> Swap {
        Swap::NotKnown
    }
}

/// Where there is no window: nothing is shown and nobody chooses.
pub struct NoOutside;

impl Outside for NoOutside {
    fn show(&self, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn folder(&self, _: &str) -> Option<PathBuf> {
        None
    }

    fn file(&self, _: &str, _: &[&str]) -> Option<PathBuf> {
        None
    }

    fn place(&self, _: &str, _: &str) -> Option<PathBuf> {
        None
    }
}
