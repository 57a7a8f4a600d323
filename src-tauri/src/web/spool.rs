//! Where a file lies while the system's viewer shows it: a private folder, in memory where the
//! system has such a place, empty again at lock, exit and start (safety.md 6).

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::kit::world::World;

pub struct Spool {
    folder: PathBuf,
}

impl Spool {
    /// The folder of the centre at `data`, without what a killed run left there.
    pub fn of(data: &Path) -> Self {
        let name = blake3::hash(data.as_os_str().as_encoded_bytes()).to_hex();
        let spool = Self {
            folder: memory().join(format!("darna-{}", &name[..16])),
        };
        spool.clear();
        spool
    }

    /// Writes a file under a name that tells nothing; `ending` is without the dot.
    pub fn put(&self, world: &World, bytes: &[u8], ending: &str) -> io::Result<PathBuf> {
        private_folder(&self.folder)?;
        let name = blake3::Hash::from_bytes(world.bytes()).to_hex();
        let path = self.folder.join(format!("{}.{ending}", &name[..24]));
        let mut file = private_file(&path)?;
        file.write_all(bytes)?;
        let mut only_read = file.metadata()?.permissions();
        only_read.set_readonly(true);
        file.set_permissions(only_read)?;
        Ok(path)
    }

    /// Takes everything away again.
    pub fn clear(&self) {
        // A viewer may hold a file open where the system then keeps it: the next start tries again.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Nothing put here reaches a disk, if the system has such a place.
fn memory() -> PathBuf {
    let own = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    own.filter(|folder| folder.is_absolute() && folder.is_dir())
        .or_else(|| Some(PathBuf::from("/dev/shm")).filter(|folder| folder.is_dir()))
        .unwrap_or_else(std::env::temp_dir)
}

/// Makes the folder, or finds the one that was made before: never one that somebody else has put
/// there, nor a link.
#[cfg(unix)]
fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(there) if there.kind() == io::ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(folder)?;
            let own = found.is_dir()
                && found.uid() == rustix::process::getuid().as_raw()
                && found.mode() & 0o077 == 0;
            own.then_some(())
                .ok_or_else(|| io::ErrorKind::PermissionDenied.into())
        }
        made => made,
    }
}

/// The user's own temporary folder is private there already.
#[cfg(not(unix))]
fn private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(unix)]
fn private_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}
