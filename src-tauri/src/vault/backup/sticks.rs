//! The sticks: drives that are plugged in, the centre's folder on one, and what lies in it.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::manifest::{LARGEST, Manifest, Unreadable, is_content_id};
use super::medium::{Disk, FOLDER, MANIFEST, Medium};
use crate::kit::id::{CentreId, StickId};
use crate::vault::secret::Keys;

/// A drive as the system names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drive {
    pub path: PathBuf,
    /// What the person sees in the file manager.
    pub name: String,
    /// Bytes.
    pub free: u64,
    pub total: u64,
    pub read_only: bool,
}

/// Drives that can be pulled out, as of now. Never the disk of the system.
pub fn plugged_in() -> Vec<Drive> {
    let Ok(disks) = sysinfo::Disks::new_with_refreshed_list() else {
        return Vec::new();
    };
    let media = |path: &Path| path.starts_with("/media") || path.starts_with("/run/media");
    let root = Path::new(if cfg!(windows) { "C:\\" } else { "/" });
    let mut drives: Vec<Drive> = disks
        .iter()
        .filter(|disk| disk.is_removable() || media(disk.mount_point()))
        .filter(|disk| disk.mount_point() != root && !same_device(disk.mount_point(), root))
        .map(|disk| {
            let path = disk.mount_point().to_owned();
            let name = path.file_name().unwrap_or(path.as_os_str());
            Drive {
                name: name.to_string_lossy().into_owned(),
                free: disk.available_space(),
                total: disk.total_space(),
                read_only: disk.is_read_only(),
                path,
            }
        })
        .collect();
    drives.sort_by(|a, b| a.path.cmp(&b.path));
    drives.dedup_by(|a, b| a.path == b.path);
    drives
}

/// Whether both lie on one device, so that they are lost together.
#[cfg(unix)]
pub fn same_device(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| std::fs::metadata(path).map(|told| told.dev()).ok();
    device(one).is_some_and(|found| Some(found) == device(other))
}

#[cfg(not(unix))]
pub fn same_device(one: &Path, other: &Path) -> bool {
    let volume = |path: &Path| {
        path.components()
            .next()
            .map(|part| part.as_os_str().to_owned())
    };
    volume(one).is_some() && volume(one) == volume(other)
}

/// `stick.id`: which stick this is, and the newest backup known when it was last plugged in. No
/// names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub id: StickId,
    /// Seconds of Unix time.
    pub enrolled: i64,
    /// It did not keep what was written to it.
    pub bad: bool,
    /// Number and time of the newest backup that the laptop knew of.
    pub newest: Option<(u64, i64)>,
    /// Over all of it but itself: without it the number is nobody's word.
    mac: Option<[u8; 32]>,
}

impl Record {
    pub fn new(id: StickId, enrolled: i64) -> Self {
        Self {
            id,
            enrolled,
            bad: false,
            newest: None,
            mac: None,
        }
    }

    /// Told a newer backup, and signed for it.
    pub fn knowing(mut self, number: u64, at: i64, keys: &Keys) -> Self {
        self.newest = Some((number, at));
        self.mac = Some(*self.hash(keys).as_bytes());
        self
    }

    pub fn distrusted(self) -> Self {
        Self { bad: true, ..self }
    }

    /// The newest backup that it tells of, where the centre itself wrote it.
    pub fn newest(&self, keys: &Keys) -> Option<(u64, i64)> {
        (self.hash(keys) == self.mac?).then_some(self.newest)?
    }

    fn hash(&self, keys: &Keys) -> blake3::Hash {
        let key = Zeroizing::new(blake3::derive_key("mrc stick record v1", keys.desk()));
        let (number, at) = self.newest.unwrap_or_default();
        let mut hasher = blake3::Hasher::new_keyed(&key);
        hasher.update(self.id.as_bytes());
        hasher.update(&self.enrolled.to_le_bytes());
        hasher.update(&[u8::from(self.bad), u8::from(self.newest.is_some())]);
        hasher
            .update(&number.to_le_bytes())
            .update(&at.to_le_bytes());
        hasher.finalize()
    }
}

/// The folder of one centre on a stick.
#[derive(Clone)]
pub struct Shelf {
    pub medium: Arc<dyn Medium>,
    pub centre: CentreId,
    pub root: PathBuf,
}

/// A folder that says it is a backup: whole, or with what is wrong with its manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub number: u64,
    pub manifest: Result<Manifest, Unreadable>,
}

impl Shelf {
    pub fn new(medium: &Arc<dyn Medium>, drive: &Path, centre: CentreId) -> Self {
        Self {
            medium: Arc::clone(medium),
            centre,
            root: drive.join(format!("{FOLDER}{centre}")),
        }
    }

    /// Every centre's folder in this place: on the drive, or the place itself, or what it lies in.
    pub fn found(medium: &Arc<dyn Medium>, place: &Path) -> Vec<Self> {
        let named = |path: &Path| {
            let name = path.file_name()?.to_str()?;
            let centre: CentreId = name.strip_prefix(FOLDER)?.parse().ok()?;
            Some(Self {
                medium: Arc::clone(medium),
                centre,
                root: path.to_owned(),
            })
        };
        let above = place.ancestors().take(2).find_map(named);
        if let Some(shelf) = above {
            return vec![shelf];
        }
        let entries = medium.entries(place).unwrap_or_default();
        let folders = entries.iter().filter(|entry| entry.folder);
        folders
            .filter_map(|entry| named(&place.join(&entry.name)))
            .collect()
    }

    pub fn is_there(&self) -> bool {
        self.medium.entries(&self.root).is_ok()
    }

    pub fn folder(&self, number: u64) -> PathBuf {
        self.root.join(format!("{number:06}"))
    }

    pub fn partial(&self, number: u64) -> PathBuf {
        self.root.join(format!("{number:06}.partial"))
    }

    pub fn files(&self) -> PathBuf {
        self.root.join("files")
    }

    pub fn record(&self) -> io::Result<Record> {
        let bytes = self.small(&self.root.join("stick.id"), 4096)?;
        serde_json::from_slice(&bytes).map_err(io::Error::from)
    }

    /// Replaced so that after a pull either the old or the new one is there.
    pub fn write_record(&self, record: &Record) -> io::Result<()> {
        let fresh = self.root.join("stick.new");
        let _ = self.medium.remove_file(&fresh);
        let mut out = self.medium.create(&fresh)?;
        out.write_all(&serde_json::to_vec(record).map_err(io::Error::from)?)?;
        out.sync()?;
        drop(out);
        self.medium.rename(&fresh, &self.root.join("stick.id"))?;
        self.medium.sync_folder(&self.root)
    }

    /// Backups by number, newest first. A folder without a manifest is none.
    pub fn backups(&self) -> io::Result<Vec<Listed>> {
        let mut listed = Vec::new();
        for number in self.numbers()? {
            if let Some(manifest) = self.manifest(number)? {
                let manifest = manifest.map(|(manifest, _)| manifest);
                listed.push(Listed { number, manifest });
            }
        }
        Ok(listed)
    }

    /// The numbers that folders have, the highest first. That they are backups is not said.
    pub fn numbers(&self) -> io::Result<Vec<u64>> {
        let entries = self.medium.entries(&self.root)?;
        let folders = entries.iter().filter(|entry| entry.folder);
        let mut numbers: Vec<u64> = folders.filter_map(|entry| number(&entry.name)).collect();
        numbers.sort_unstable_by_key(|number| std::cmp::Reverse(*number));
        Ok(numbers)
    }

    /// The manifest of a backup with its bytes; `None` where there is none.
    #[expect(clippy::type_complexity, reason = "said once, used once")]
    pub fn manifest(
        &self,
        number: u64,
    ) -> io::Result<Option<Result<(Manifest, Vec<u8>), Unreadable>>> {
        let bytes = match self.small(&self.folder(number).join(MANIFEST), LARGEST) {
            Ok(bytes) => bytes,
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(large) if large.kind() == io::ErrorKind::InvalidData => {
                return Ok(Some(Err(Unreadable::Format)));
            }
            Err(other) => return Err(other),
        };
        let manifest = Manifest::read(&bytes);
        Ok(Some(manifest.and_then(|manifest| {
            if manifest.number == number && manifest.centre == self.centre {
                Ok((manifest, bytes))
            } else {
                Err(Unreadable::Format)
            }
        })))
    }

    /// Where a part of a backup lies.
    pub fn part(&self, number: u64, name: &str) -> PathBuf {
        if is_content_id(name) {
            self.files().join(name)
        } else {
            self.folder(number).join(name)
        }
    }

    /// Removes what a pull, a cancel or a half-done removal left. Never a whole backup.
    pub fn sweep(&self) -> io::Result<()> {
        for entry in self.medium.entries(&self.root)? {
            let path = self.root.join(&entry.name);
            let partial = entry
                .name
                .strip_suffix(".partial")
                .is_some_and(|n| number(n).is_some());
            let headless =
                number(&entry.name).is_some_and(|number| matches!(self.manifest(number), Ok(None)));
            if entry.folder && (partial || headless) {
                self.clear(&path)?;
            }
        }
        let entries = self.medium.entries(&self.files()).unwrap_or_default();
        for entry in entries {
            let partial = entry.name.strip_suffix(".partial");
            if !entry.folder && partial.is_some_and(is_content_id) {
                self.medium.remove_file(&self.files().join(&entry.name))?;
            }
        }
        Ok(())
    }

    /// Removes a backup: the manifest first, so that half of one is none.
    pub fn remove(&self, number: u64) -> io::Result<()> {
        let folder = self.folder(number);
        self.medium.remove_file(&folder.join(MANIFEST))?;
        self.medium.sync_folder(&folder)?;
        self.clear(&folder)
    }

    fn clear(&self, folder: &Path) -> io::Result<()> {
        for entry in self.medium.entries(folder)? {
            if !entry.folder {
                self.medium.remove_file(&folder.join(&entry.name))?;
            }
        }
        self.medium.remove_folder(folder)
    }

    /// Attachments that no backup names any more. Where one manifest cannot be read, all stay.
    pub fn drop_unused_files(&self) -> io::Result<()> {
        let mut used = std::collections::BTreeSet::new();
        for backup in self.backups()? {
            let Ok(manifest) = backup.manifest else {
                return Ok(());
            };
            used.extend(manifest.attachments().map(|part| part.name.clone()));
        }
        let entries = self.medium.entries(&self.files()).unwrap_or_default();
        for entry in entries {
            if !entry.folder && is_content_id(&entry.name) && !used.contains(&entry.name) {
                self.medium.remove_file(&self.files().join(&entry.name))?;
            }
        }
        Ok(())
    }

    /// A small file, whole; a longer one is [`io::ErrorKind::InvalidData`].
    pub fn small(&self, file: &Path, most: u64) -> io::Result<Vec<u8>> {
        if self.medium.length(file)? > most {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = Vec::new();
        self.medium
            .open(file)?
            .take(most + 1)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// The number that a backup's folder has for a name.
fn number(name: &str) -> Option<u64> {
    let digits = (6..=19).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_digit());
    let number = digits.then(|| name.parse().ok()).flatten()?;
    (format!("{number:06}") == name).then_some(number)
}

/// The medium of real sticks.
pub fn disk() -> Arc<dyn Medium> {
    Arc::new(Disk)
}

impl crate::vault::Vault {
    /// Whether a folder lies on the same device as the centre's data: lost with it, if it is lost.
    pub fn lies_on(&self, folder: &Path) -> bool {
        same_device(folder, self.place.root())
    }
}
