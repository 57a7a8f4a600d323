//! A copy of both databases as of one commit, made on the laptop's own disk between the requests
//! of the desk: a stick can be slow for seconds, and the desk must not wait for it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::{Failure, on_laptop};
use crate::kit::progress::Progress;
use crate::vault::journal::{self, Book};
use crate::vault::keyfile::KeyFile;
use crate::vault::raw::PageCopy;
use crate::vault::secret::Keys;
use crate::vault::{Head, Open, Vault, database, door};

/// So long at most is the connection taken from the desk at a time.
const SLICE: Duration = Duration::from_millis(15);
/// The desk comes first: a lock that is asked for again at once would starve it.
const PAUSE: Duration = Duration::from_millis(1);
/// Pages of 4 KiB copied in one go.
const PAGES: i32 = 32;
/// So many pages at most are left for the last step, which both files take under one lock.
const TAIL: i32 = 128;
const PAGE: u64 = 4096;

/// Lies beside the connection that it copies, and goes with it when the centre locks.
pub struct Copying {
    ticket: u64,
    files: Option<(PageCopy, Option<PageCopy>)>,
}

/// How casework came into the copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Casework {
    /// Page by page, of the same commit as the desk's.
    Whole,
    /// As bytes, by somebody without its key. Nobody can have it open.
    Bytes,
    /// Not at all: its journal is hot, and only its key can put it right (safety.md 3, trap 2).
    Waits,
}

pub struct Copied {
    pub key_file: KeyFile,
    pub key_bytes: Vec<u8>,
    pub desk_head: Head,
    pub casework_head: Option<Head>,
    pub casework: Casework,
    /// For looking at the copy; it has the keys and drops them when it is closed.
    pub opened: Connection,
}

enum Step {
    More,
    Done(Box<Copied>),
}

impl Vault {
    /// Copies both files into `folder`, which is empty. The ticket stays good until the centre
    /// locks or another copy begins.
    pub(super) fn copy(
        &self,
        folder: &Path,
        progress: &Progress,
    ) -> Result<(u64, Copied), Failure> {
        let ticket = u64::from_le_bytes(self.world.bytes());
        let bytes_of = self.begin_copy(folder, ticket)?;
        let casework = match bytes_of {
            None => Casework::Whole,
            Some(live) => self.copy_bytes(&live, folder, ticket, progress)?,
        };
        loop {
            if progress.is_cancelled() {
                return Err(Failure::Cancelled);
            }
            match self.step_copy(folder, ticket, progress)? {
                Step::More => std::thread::sleep(PAUSE),
                Step::Done(copied) => {
                    let copied = *copied;
                    return Ok((ticket, Copied { casework, ..copied }));
                }
            }
        }
    }

    /// Begins, and tells the live casework.db where it must be copied as bytes.
    fn begin_copy(&self, folder: &Path, ticket: u64) -> Result<Option<PathBuf>, Failure> {
        let mut state = self.lock_state();
        let open = state.as_mut().ok_or(Failure::Locked)?;
        open.copying = None;
        let begin = |schema: &std::ffi::CStr, name: &str, key: &[u8; 32]| {
            let to = database::blank(&folder.join(name), key)?;
            let mut copy = PageCopy::begin(&open.connection, schema, to)?;
            copy.step(&open.connection, 0)?;
            Ok::<_, rusqlite::Error>(copy)
        };
        let desk = begin(c"main", "desk.db", open.keys.desk())?;
        let casework = match open.keys.casework() {
            Some(key) => Some(begin(c"casework", "casework.db", key)?),
            None => None,
        };
        let live = casework.is_none().then(|| open.folder.clone());
        open.copying = Some(Copying {
            ticket,
            files: Some((desk, casework)),
        });
        Ok(live)
    }

    fn step_copy(&self, folder: &Path, ticket: u64, progress: &Progress) -> Result<Step, Failure> {
        let mut state = self.lock_state();
        let open = state.as_mut().ok_or(Failure::Locked)?;
        let files = open
            .copying
            .as_mut()
            .filter(|copying| copying.ticket == ticket)
            .and_then(|copying| copying.files.as_mut());
        let (desk, casework) = files.ok_or(Failure::Locked)?;
        let until = Instant::now() + SLICE;
        while Instant::now() < until {
            let next = if desk.remaining() > TAIL {
                &mut *desk
            } else if let Some(casework) = casework.as_mut().filter(|c| c.remaining() > TAIL) {
                casework
            } else {
                return finish(open, folder).map(|copied| Step::Done(Box::new(copied)));
            };
            let before = next.remaining();
            next.step(&open.connection, PAGES)?;
            let pages = u64::try_from(before - next.remaining()).unwrap_or(0);
            progress.advance(pages * PAGE);
        }
        Ok(Step::More)
    }

    /// While the bytes are read nobody may unlock: closing a second handle on the file would drop
    /// the locks of the first (safety.md 3, trap 1).
    fn copy_bytes(
        &self,
        live: &Path,
        folder: &Path,
        ticket: u64,
        progress: &Progress,
    ) -> Result<Casework, Failure> {
        let _nobody_enters = self.one_at_a_time();
        if !self.holds(ticket) {
            return Err(Failure::Locked);
        }
        if is_hot(&live.join("casework.db-journal")).map_err(on_laptop)? {
            return Ok(Casework::Waits);
        }
        let mut from = File::open(live.join("casework.db")).map_err(on_laptop)?;
        let mut to = File::create_new(folder.join("casework.db")).map_err(on_laptop)?;
        let mut block = vec![0; 1024 * 1024];
        loop {
            let read = from.read(&mut block).map_err(on_laptop)?;
            if read == 0 {
                return Ok(Casework::Bytes);
            }
            to.write_all(&block[..read]).map_err(on_laptop)?;
            progress.advance(read as u64);
            if progress.is_cancelled() {
                return Err(Failure::Cancelled);
            }
            if !self.holds(ticket) {
                return Err(Failure::Locked);
            }
        }
    }

    /// Whether the centre is still open as it was when the copy began.
    pub(super) fn holds(&self, ticket: u64) -> bool {
        let state = self.lock_state();
        let copying = state.as_ref().and_then(|open| open.copying.as_ref());
        copying.is_some_and(|copying| copying.ticket == ticket)
    }

    /// The keys, for as long as nobody locked.
    pub(super) fn keys_of<T>(
        &self,
        ticket: u64,
        with: impl FnOnce(&Keys) -> T,
    ) -> Result<T, Failure> {
        let state = self.lock_state();
        let open = state.as_ref().ok_or(Failure::Locked)?;
        let ours = open.copying.as_ref().is_some_and(|c| c.ticket == ticket);
        ours.then(|| with(&open.keys)).ok_or(Failure::Locked)
    }

    /// A copy that failed may have failed at reading what is open here.
    pub(super) fn end_copy(&self, failed: bool) {
        if let Some(open) = self.lock_state().as_mut() {
            open.copying = None;
            if failed {
                door::look_again(open);
            }
        }
    }
}

/// The last step of both files under one lock, so that they are of one commit; and the heads.
fn finish(open: &mut Open, folder: &Path) -> Result<Copied, Failure> {
    let files = open
        .copying
        .as_mut()
        .and_then(|copying| copying.files.take());
    let (mut desk, casework) = files.ok_or(Failure::Locked)?;
    if !desk.step(&open.connection, -1)? {
        return Err(Failure::Damaged);
    }
    let mut casework_head = None;
    if let Some(mut casework) = casework {
        if !casework.step(&open.connection, -1)? {
            return Err(Failure::Damaged);
        }
        let key = open.keys.casework().ok_or(Failure::Locked)?;
        casework_head = Some(journal::head(&open.connection, &Book::casework(key))?);
    }
    drop(desk);
    let (key_file, key_bytes, _) = open.key_file()?;
    Ok(Copied {
        key_file,
        key_bytes,
        desk_head: journal::head(&open.connection, &Book::desk(open.keys.desk()))?,
        casework: if casework_head.is_some() {
            Casework::Whole
        } else {
            Casework::Bytes
        },
        casework_head,
        opened: database::open_copy(folder, &open.keys)?,
    })
}

/// A journal that is empty, or whose first byte is zero, is finished (SQLite's own rule).
pub fn is_hot(journal: &Path) -> io::Result<bool> {
    let mut first = [0];
    match File::open(journal).and_then(|mut file| file.read(&mut first)) {
        Ok(0) => Ok(false),
        Ok(_) => Ok(first[0] != 0),
        Err(none) if none.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(other) => Err(other),
    }
}
