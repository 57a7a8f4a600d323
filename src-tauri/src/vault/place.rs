//! Where a centre lies on disk: `CURRENT` names one folder in `gen/` with the two databases and the
//! key file. Switching `CURRENT` switches all three at once.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A centre's data folder, held by this process alone.
pub struct Place {
    root: PathBuf,
    _held: File,
}

impl Place {
    /// Makes the folder if need be and takes the lock. `WouldBlock` when another process has it.
    pub fn hold(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root.join("gen"))?;
        let held = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(root.join("lock"))?;
        held.try_lock().map_err(io::Error::from)?;
        Ok(Self {
            root: root.to_owned(),
            _held: held,
        })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the current generation; `None` before set-up.
    pub fn current(&self) -> io::Result<Option<PathBuf>> {
        let named = match fs::read_to_string(self.root.join("CURRENT")) {
            Ok(named) => named,
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(other) => return Err(other),
        };
        let named = named.trim();
        let plain = named.len() == 4 && named.bytes().all(|b| b.is_ascii_digit());
        if !plain {
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
        Ok(Some(self.root.join("gen").join(named)))
    }

    /// An empty folder to build a generation in. What a killed attempt left is removed: nothing
    /// ever pointed to it.
    pub fn begin(&self, generation: u64) -> io::Result<PathBuf> {
        let folder = self.root.join("gen").join(format!("{generation:04}.tmp"));
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir(&folder)?;
        Ok(folder)
    }

    /// Attachments: encrypted files with a content id for a name, shared by all generations.
    pub fn files(&self) -> PathBuf {
        self.root.join("files")
    }

    /// The number of the generation to come: above all that are there.
    pub fn next(&self) -> io::Result<u64> {
        let mut last = 0;
        for entry in fs::read_dir(self.root.join("gen"))? {
            let name = entry?.file_name().into_string().unwrap_or_default();
            last = last.max(name.parse().unwrap_or(0));
        }
        Ok(last + 1)
    }

    /// An empty folder for what is thrown away afterwards.
    pub fn scratch(&self, name: &str) -> io::Result<PathBuf> {
        let folder = self.root.join("gen").join(format!("{name}.tmp"));
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir(&folder)?;
        Ok(folder)
    }

    /// What is left of it is removed the next time it is asked for.
    pub fn drop_scratch(&self, name: &str) {
        let _ = fs::remove_dir_all(self.root.join("gen").join(format!("{name}.tmp")));
    }

    /// Makes a generation that is whole and synced the current one.
    pub fn switch(&self, generation: u64) -> io::Result<PathBuf> {
        let all = self.root.join("gen");
        let folder = all.join(format!("{generation:04}"));
        fs::rename(all.join(format!("{generation:04}.tmp")), &folder)?;
        sync_folder(&all)?;
        replace(
            &self.root.join("CURRENT"),
            format!("{generation:04}\n").as_bytes(),
        )?;
        Ok(folder)
    }
}

/// Replaces a file so that after a power cut either the old or the new one is there, whole.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let mut file = File::create(&fresh)?;
    file.write_all(content)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&fresh, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened as a file; the rename itself is durable there.
#[cfg(not(unix))]
pub fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
