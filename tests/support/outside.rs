//! What the program hands to the system, kept to be looked at.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use darna::vault::backup::sticks::Drive;
use darna::web::{Outside, Swap};

use crate::sticks::Stick;

/// A viewer that shows nothing and remembers what it was given; a dialog gives what was chosen
/// for it before, once; sticks come and go.
#[derive(Clone, Default)]
pub struct Recorded {
    shown: Arc<Mutex<Vec<PathBuf>>>,
    broken: Arc<AtomicBool>,
    chosen: Arc<Mutex<Option<PathBuf>>>,
    drives: Arc<Mutex<Vec<Drive>>>,
    releases: Arc<AtomicBool>,
    swap: Arc<Mutex<Option<Swap>>>,
}

impl Recorded {
    /// The files shown so far, in order.
    pub fn shown(&self) -> Vec<PathBuf> {
        self.shown
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// From now on the system has no viewer.
    pub fn breaks(&self) {
        self.broken.store(true, Ordering::SeqCst);
    }

    /// What the next dialog gives.
    pub fn choose(&self, path: &Path) {
        let mut chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        *chosen = Some(path.to_owned());
    }

    fn take(&self) -> Option<PathBuf> {
        let mut chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        chosen.take()
    }

    pub fn plug_in(&self, stick: &Stick) {
        self.plug(stick, false);
    }

    pub fn plug_in_write_protected(&self, stick: &Stick) {
        self.plug(stick, true);
    }

    fn plug(&self, stick: &Stick, read_only: bool) {
        self.plugged().push(Drive {
            path: stick.path().to_owned(),
            name: stick.name.to_owned(),
            free: 1 << 30,
            total: 1 << 31,
            read_only,
        });
    }

    /// From now on the system can unmount.
    pub fn releases(&self) {
        self.releases.store(true, Ordering::SeqCst);
    }

    /// From now on the system tells this of its swap.
    pub fn swaps(&self, swap: Swap) {
        let mut told = self.swap.lock().unwrap_or_else(PoisonError::into_inner);
        *told = Some(swap);
    }

    pub fn pull_out_all(&self) {
        self.plugged().clear();
    }

    fn plugged(&self) -> MutexGuard<'_, Vec<Drive>> {
        self.drives.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn last_shown(&self) -> PathBuf {
        self.shown().pop().expect("something was shown")
    }
}

impl Outside for Recorded {
    fn show(&self, file: &Path) -> io::Result<()> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.push(file.to_owned());
        Ok(())
    }

    fn folder(&self, _: &str) -> Option<PathBuf> {
        self.take()
    }

    fn file(&self, _: &str, _: &[&str]) -> Option<PathBuf> {
        self.take()
    }

    fn place(&self, _: &str, _: &str) -> Option<PathBuf> {
        self.take()
    }

    fn release(&self, drive: &Path) -> bool {
        let releases = self.releases.load(Ordering::SeqCst);
        if releases {
            self.plugged().retain(|plugged| plugged.path != drive);
        }
        releases
    }

    fn swap(&self) -> Swap {
        let told = self.swap.lock().unwrap_or_else(PoisonError::into_inner);
        told.unwrap_or(Swap::NotKnown)
    }

    fn drives(&self) -> Vec<Drive> {
        self.plugged().clone()
    }
}
