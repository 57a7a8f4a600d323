//! Sticks for tests: folders, and layers over the real files that fail as sticks
//! do.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use darna::vault::backup::medium::{Disk, Entry, MANIFEST, Medium, Out};
use tempfile::TempDir;

/// A stick: a folder of its own, in the hand until it is plugged in.
pub struct Stick {
    pub folder: TempDir,
    pub name: &'static str,
}

impl Stick {
    pub fn new(name: &'static str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        Self { folder, name }
    }

    /// In memory, where there is such a place: drills make hundreds of backups.
    pub fn quick(name: &'static str) -> Self {
        let folder = quick_folder();
        Self { folder, name }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

pub fn quick_folder() -> TempDir {
    TempDir::new_in("/dev/shm")
        .or_else(|_| TempDir::new())
        .expect("a temporary folder")
}

/// How a stick fails at its n-th call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// From then on nothing answers.
    Pulled,
    /// Only that one call fails.
    Once,
    /// From then on nothing more can be written.
    Full,
    /// From then on what is written is not kept, though the stick says so.
    Lies,
}

/// The real files under a layer that counts the calls and fails at one.
pub struct Failing {
    fault: Fault,
    at: u64,
    calls: Arc<AtomicU64>,
    failed: Arc<AtomicBool>,
    manifests: Arc<AtomicU64>,
}

impl Failing {
    pub fn at(fault: Fault, at: u64) -> Self {
        Self {
            fault,
            at,
            calls: Arc::default(),
            failed: Arc::default(),
            manifests: Arc::default(),
        }
    }

    /// How many were read so far.
    pub fn manifests(&self) -> u64 {
        self.manifests.load(Ordering::SeqCst)
    }

    /// Whether the call was reached at all.
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::SeqCst)
    }

    fn call(&self, writes: bool) -> io::Result<()> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let hit = match self.fault {
            Fault::Once => call == self.at,
            Fault::Pulled | Fault::Full | Fault::Lies => call >= self.at,
        };
        if !hit || (!writes && matches!(self.fault, Fault::Full | Fault::Lies)) {
            return Ok(());
        }
        self.failed.store(true, Ordering::SeqCst);
        match self.fault {
            Fault::Pulled | Fault::Once => Err(io::Error::from_raw_os_error(5)),
            Fault::Full => Err(io::ErrorKind::StorageFull.into()),
            Fault::Lies => Ok(()),
        }
    }

    fn again(&self) -> Self {
        Self {
            fault: self.fault,
            at: self.at,
            calls: Arc::clone(&self.calls),
            failed: Arc::clone(&self.failed),
            manifests: Arc::clone(&self.manifests),
        }
    }

    fn lies(&self) -> bool {
        self.fault == Fault::Lies && self.calls.load(Ordering::SeqCst) > self.at
    }
}

impl Medium for Failing {
    fn entries(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        self.call(false)?;
        Disk.entries(folder)
    }

    fn length(&self, file: &Path) -> io::Result<u64> {
        self.call(false)?;
        Disk.length(file)
    }

    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        self.call(true)?;
        Disk.make_folder(folder)
    }

    fn create(&self, file: &Path) -> io::Result<Box<dyn Out>> {
        self.call(true)?;
        let under = Disk.create(file)?;
        Ok(Box::new(FailingOut {
            over: self.again(),
            under,
        }))
    }

    fn open(&self, file: &Path) -> io::Result<Box<dyn Read>> {
        self.call(false)?;
        if file.ends_with(MANIFEST) {
            self.manifests.fetch_add(1, Ordering::SeqCst);
        }
        let under = Disk.open(file)?;
        Ok(Box::new(FailingIn {
            over: self.again(),
            under,
        }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call(true)?;
        Disk.rename(from, to)
    }

    fn remove_file(&self, file: &Path) -> io::Result<()> {
        self.call(false)?;
        Disk.remove_file(file)
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        self.call(false)?;
        Disk.remove_folder(folder)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.call(false)?;
        Disk.sync_folder(folder)
    }

    fn free(&self, folder: &Path) -> io::Result<u64> {
        self.call(false)?;
        Disk.free(folder)
    }
}

struct FailingOut {
    over: Failing,
    under: Box<dyn Out>,
}

impl Write for FailingOut {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.over.call(true)?;
        if self.over.lies() {
            // As large as what was meant, and nothing of it.
            self.under.write_all(&vec![0xA5; bytes.len()])?;
            return Ok(bytes.len());
        }
        self.under.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.under.flush()
    }
}

impl Out for FailingOut {
    fn sync(&mut self) -> io::Result<()> {
        self.over.call(true)?;
        self.under.sync()
    }
}

struct FailingIn {
    over: Failing,
    under: Box<dyn Read>,
}

impl Read for FailingIn {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.over.call(false)?;
        self.under.read(into)
    }
}

/// The same stick once more, quickly: its files are never changed in place, so links do.
pub fn twin(of: &Path, into: &Path) {
    for entry in fs::read_dir(of).expect("a folder").flatten() {
        let target = into.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&target).expect("a folder");
            twin(&entry.path(), &target);
        } else {
            fs::hard_link(entry.path(), &target).expect("a link");
        }
    }
}
