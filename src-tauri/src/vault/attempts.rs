//! Wrong passphrases in a row: after five, each further try must wait, twice as long each time.
//! Kept in a small file beside the key file, so that starting the program anew does not help.
//! Deleting it helps only whoever already has the disk: there Argon2id stands (safety.md 7). The
//! process counts too, so that the delays grow where nothing can be written.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::{Deserialize, Serialize};

use super::place;
use crate::kit::id::CentreId;

const FREE: u32 = 5;
/// Seconds.
const LONGEST: i64 = 300;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    pub failed: u32,
    /// When the last one was, in seconds of Unix time.
    last: i64,
}

impl Attempts {
    /// None, where there is no file or it cannot be read.
    fn read(folder: &Path) -> Self {
        fs::read(file(folder))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Seconds until the next try is let through. A clock set back cannot make it longer than the
    /// longest wait.
    pub fn wait(self, now: i64) -> i64 {
        let Some(over) = self.failed.checked_sub(FREE) else {
            return 0;
        };
        let pause = 1_i64
            .checked_shl(over.min(9))
            .unwrap_or(LONGEST)
            .min(LONGEST);
        let until = self.last.saturating_add(pause);
        until.saturating_sub(now).clamp(0, pause)
    }

    fn write(self, folder: &Path) -> io::Result<()> {
        place::replace(&file(folder), &serde_json::to_vec(&self)?)
    }
}

/// What the process itself counted, and of which key file.
#[derive(Default)]
pub struct Counted {
    of: Option<(CentreId, PathBuf)>,
    attempts: Attempts,
}

impl Counted {
    /// Those of the file and of this process, whichever are more. A last one that is still to come,
    /// told by a clock that was put right since, counts as of now, so that the wait for it ends.
    pub fn before(&mut self, centre: CentreId, folder: &Path, now: i64) -> Attempts {
        let written = Attempts::read(folder);
        let same = |(own, place): &(CentreId, PathBuf)| *own == centre && place == folder;
        let mut before = match self.attempts {
            own if self.of.as_ref().is_some_and(same) && own.failed >= written.failed => own,
            _ => written,
        };
        if before.last > now {
            before.last = now;
            self.of = Some((centre, folder.to_owned()));
            self.attempts = before;
        }
        before
    }

    pub fn failed_again(&mut self, before: Attempts, centre: CentreId, folder: &Path, now: i64) {
        self.of = Some((centre, folder.to_owned()));
        self.attempts = Attempts {
            failed: before.failed.saturating_add(1),
            last: now,
        };
        // What a full disk does not keep is kept here.
        let _ = self.attempts.write(folder);
    }

    pub fn forget(&mut self, folder: &Path) {
        *self = Self::default();
        let _ = fs::remove_file(file(folder));
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("attempts.json")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the file says and whatever the clock shows.
        #[test]
        fn nobody_waits_longer_than_the_longest_and_time_only_shortens_it(
            failed: u32, last: i64, now: i64, later in 0..=i64::MAX,
        ) {
            let tried = Attempts { failed, last };
            let (wait, after) = (tried.wait(now), tried.wait(now.saturating_add(later)));
            prop_assert!((0..=LONGEST).contains(&wait), "{wait}");
            prop_assert!(after <= wait, "{after} after {wait}");
            prop_assert_eq!(failed < FREE && wait > 0, false);
        }

        #[test]
        fn one_more_wrong_passphrase_never_shortens_the_wait(failed in 0..u32::MAX, now in 0..1_i64 << 40) {
            let tried = |failed| Attempts { failed, last: now }.wait(now);
            prop_assert!(tried(failed) <= tried(failed + 1));
        }
    }

    #[test]
    fn a_clock_put_right_ends_the_wait() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let centre = CentreId::from_bytes([7; 16]);
        let (ahead, now) = (9_000, 1_000);
        let wrong = Attempts {
            failed: 7,
            last: ahead,
        };
        wrong.write(folder.path()).expect("written");
        let mut counted = Counted::default();
        let mut wait = |now| counted.before(centre, folder.path(), now).wait(now);
        assert_eq!([wait(now), wait(now + 3), wait(now + 4)], [4, 1, 0]);
    }

    #[test]
    fn the_wait_doubles_after_five_and_ends_at_five_minutes() {
        let waits: Vec<i64> = [0, 4, 5, 6, 7, 12, 13, 14, 99, u32::MAX]
            .map(|failed| {
                Attempts {
                    failed,
                    last: 1_000,
                }
                .wait(1_000)
            })
            .into();
        assert_eq!(waits, [0, 0, 1, 2, 4, 128, 256, 300, 300, 300]);
        let tried = Attempts {
            failed: 7,
            last: 1_000,
        };
        assert_eq!(tried.wait(1_003), 1);
        assert_eq!(tried.wait(1_004), 0);
        assert_eq!(tried.wait(0), 4, "a clock set back makes it no longer");
    }
}
