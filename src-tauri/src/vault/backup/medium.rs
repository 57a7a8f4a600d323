//! What is done to the files of a stick. The real ones lie behind [`Disk`]; a drill puts a layer
//! between that fails at a given call, under the very same code.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

pub trait Medium: Send + Sync {
    /// Plain files and folders with a plain name; links and special files are not seen.
    fn entries(&self, folder: &Path) -> io::Result<Vec<Entry>>;
    fn length(&self, file: &Path) -> io::Result<u64>;
    fn make_folder(&self, folder: &Path) -> io::Result<()>;
    /// A new file; one that is there already is an error.
    fn create(&self, file: &Path) -> io::Result<Box<dyn Out>>;
    /// Reads from the medium itself and not from what the system remembers of it, where it can.
    fn open(&self, file: &Path) -> io::Result<Box<dyn Read>>;
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove_file(&self, file: &Path) -> io::Result<()>;
    fn remove_folder(&self, folder: &Path) -> io::Result<()>;
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Bytes that can still be written there.
    fn free(&self, folder: &Path) -> io::Result<u64>;
}

/// A file being written.
pub trait Out: Write {
    /// Returns when every byte is on the medium.
    fn sync(&mut self) -> io::Result<()>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub folder: bool,
}

/// Names on a stick are matched before they are used (safety.md 6); the two fixed ones of ours
/// have capitals.
pub fn plain(name: &str) -> bool {
    let fixed = name == MANIFEST || is_centre(name);
    let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
    fixed
        || ((1..=80).contains(&name.len())
            && name.bytes().all(letters)
            && !name.bytes().all(|b| b == b'.'))
}

fn is_centre(name: &str) -> bool {
    name.strip_prefix(FOLDER)
        .is_some_and(|centre| centre.len() == 32 && centre.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// A stick can say that a folder of the centre lies elsewhere, on the laptop itself. From the
/// centre's folder downwards no link is followed, to read, to write or to remove.
fn followed_nowhere(folder: &Path) -> io::Result<()> {
    let (mut path, mut inside) = (PathBuf::new(), false);
    for part in folder.components() {
        path.push(part);
        inside |= part.as_os_str().to_str().is_some_and(is_centre);
        if inside && !fs::symlink_metadata(&path)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
    }
    Ok(())
}

fn above(file: &Path) -> &Path {
    file.parent().unwrap_or(file)
}

/// The part of a backup that makes it one.
pub const MANIFEST: &str = "MANIFEST";
/// The folder of a centre on a stick begins so; the centre's id follows.
pub const FOLDER: &str = "MRC-BACKUP-";

/// The files as the system has them.
pub struct Disk;

impl Medium for Disk {
    fn entries(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        followed_nowhere(folder)?;
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            // Not followed: a link is neither a file nor a folder here.
            let kind = entry.file_type()?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if plain(&name) && (kind.is_file() || kind.is_dir()) {
                let folder = kind.is_dir();
                entries.push(Entry { name, folder });
            }
        }
        Ok(entries)
    }

    fn length(&self, file: &Path) -> io::Result<u64> {
        followed_nowhere(above(file))?;
        let told = fs::symlink_metadata(file)?;
        if told.is_file() {
            Ok(told.len())
        } else {
            Err(io::ErrorKind::InvalidData.into())
        }
    }

    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        followed_nowhere(above(folder))?;
        fs::create_dir(folder)
    }

    fn create(&self, file: &Path) -> io::Result<Box<dyn Out>> {
        followed_nowhere(above(file))?;
        Ok(Box::new(File::create_new(file)?))
    }

    fn open(&self, file: &Path) -> io::Result<Box<dyn Read>> {
        self.length(file)?;
        let file = File::open(file)?;
        forget_cached(&file);
        Ok(Box::new(file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        followed_nowhere(above(from))?;
        followed_nowhere(above(to))?;
        fs::rename(from, to)
    }

    fn remove_file(&self, file: &Path) -> io::Result<()> {
        followed_nowhere(above(file))?;
        fs::remove_file(file)
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        followed_nowhere(above(folder))?;
        fs::remove_dir(folder)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        followed_nowhere(folder)?;
        crate::vault::place::sync_folder(folder)
    }

    fn free(&self, folder: &Path) -> io::Result<u64> {
        free(folder)
    }
}

impl Out for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// The system drops what it remembers of the file, so that the next read asks the medium. What was
/// not yet written stays: every file was synced before.
#[cfg(target_os = "linux")]
fn forget_cached(file: &File) {
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}

#[cfg(not(target_os = "linux"))]
fn forget_cached(_: &File) {}

#[cfg(unix)]
pub fn free(folder: &Path) -> io::Result<u64> {
    let told = rustix::fs::statvfs(folder)?;
    Ok(told.f_bavail.saturating_mul(told.f_frsize))
}

#[cfg(not(unix))]
pub fn free(folder: &Path) -> io::Result<u64> {
    let disks = sysinfo::Disks::new_with_refreshed_list().map_err(io::Error::other)?;
    let holds = |disk: &&sysinfo::Disk| folder.starts_with(disk.mount_point());
    disks
        .iter()
        .filter(holds)
        .max_by_key(|disk| disk.mount_point().as_os_str().len())
        .map(sysinfo::Disk::available_space)
        .ok_or_else(|| io::ErrorKind::NotFound.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_seen() {
        for good in [
            "part.001",
            "keys.mrc",
            "000123",
            "000123.partial",
            "MANIFEST",
            "a",
        ] {
            assert!(plain(good), "{good}");
        }
        let centre = format!("{FOLDER}{}", "0f".repeat(16));
        assert!(plain(&centre));
        let long = "a".repeat(81);
        for bad in [
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "a\\b",
            "A",
            "ä",
            "a b",
            "a\0",
            &long,
            "MRC-BACKUP-",
            "MRC-BACKUP-..",
            "manifest ",
        ] {
            assert!(!plain(bad), "{bad:?}");
        }
    }
}
