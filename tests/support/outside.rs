//! What the program hands to the system, kept to be looked at.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use darna::web::Outside;

/// A viewer that shows nothing and remembers what it was given; a dialog gives what was chosen
/// for it before, once.
#[derive(Clone, Default)]
pub struct Recorded {
    shown: Arc<Mutex<Vec<PathBuf>>>,
    broken: Arc<AtomicBool>,
    chosen: Arc<Mutex<Option<PathBuf>>>,
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
}
