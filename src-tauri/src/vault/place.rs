//! Where a centre lies on disk: `CURRENT` names one folder in `gen/` with the two databases and the
//! key file. Switching `CURRENT` switches all three at once.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::NaiveDate;

/// What becomes of a generation once another one is current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Former {
    /// Nobody may open it any more: it is deleted.
    Delete,
    /// Kept to the end of a day.
    Until(NaiveDate),
    /// Kept until there is a good backup of what came after it.
    UntilBackup,
}

impl Former {
    fn told(self) -> String {
        match self {
            Self::Delete => "delete".into(),
            Self::Until(day) => day.to_string(),
            Self::UntilBackup => "backup".into(),
        }
    }

    fn read(text: &str) -> Option<Self> {
        match text.trim() {
            "delete" => Some(Self::Delete),
            "backup" => Some(Self::UntilBackup),
            day => day.parse().ok().map(Self::Until),
        }
    }

    fn is_over(self, today: NaiveDate, backed_up: bool) -> bool {
        match self {
            Self::Delete => true,
            Self::Until(day) => day < today,
            Self::UntilBackup => backed_up,
        }
    }
}

/// Folders for what is thrown away, or not yet a generation: no sweep takes them.
pub const BACKUP: &str = "backup";
pub const REHEARSAL: &str = "rehearsal";
pub const RESTORE: &str = "restore";
const SCRATCHES: [&str; 3] = [BACKUP, REHEARSAL, RESTORE];

/// A centre's data folder, held by this process alone.
pub struct Place {
    root: PathBuf,
    /// The current generation as it was found; `None` before set-up and while it may be another.
    current: Mutex<Option<u64>>,
    _held: File,
}

impl Place {
    /// Makes the folder if need be and takes the lock. `WouldBlock` when another process has it.
    pub fn hold(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root.join("gen"))?;
        keep_to_owner(root);
        let held = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(root.join("lock"))?;
        held.try_lock().map_err(io::Error::from)?;
        Ok(Self {
            root: root.to_owned(),
            current: Mutex::default(),
            _held: held,
        })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the current generation; `None` before set-up.
    pub fn current(&self) -> io::Result<Option<PathBuf>> {
        let number = self.current_number()?;
        Ok(number.map(|number| self.folder(number)))
    }

    /// Asked for with each page; nobody else changes what lies here.
    fn current_number(&self) -> io::Result<Option<u64>> {
        let mut known = self.known();
        if known.is_none() {
            *known = self.find_current()?;
        }
        Ok(*known)
    }

    fn known(&self) -> MutexGuard<'_, Option<u64>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a change after which another generation may be the current one, however far it came.
    fn changing<T>(&self, change: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let changed = change();
        *self.known() = None;
        changed
    }

    /// What `CURRENT` names, if that has keys and was not left for a later one. The note about the
    /// former is written before the later one gets its name, and that one is whole and checked by
    /// then: a switch that was cut off there goes on. Where `CURRENT` is lost or names nothing, the
    /// newest that was not left is taken.
    fn find_current(&self) -> io::Result<Option<u64>> {
        let named = match fs::read_to_string(self.root.join("CURRENT")) {
            Ok(named) => Some(number(named.trim())),
            Err(damaged) if damaged.kind() == io::ErrorKind::InvalidData => Some(None),
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => None,
            Err(other) => return Err(other),
        };
        let all = self.generations()?;
        let openable = |number: &&u64| self.folder(**number).join("keys.mrc").exists();
        let left = |number: u64| self.folder(number).join("former").exists();
        let newest = all.iter().filter(openable).rfind(|number| !left(**number));
        let here = named
            .flatten()
            .filter(|number| openable(&number))
            .filter(|here| !left(*here) || newest.is_none_or(|newest| newest < here));
        if let Some(found) = here.or(newest.copied()) {
            return Ok(Some(found));
        }
        // Its keys are lost, and no earlier state is taken for it.
        if let Some(named) = named.flatten().filter(|named| self.folder(*named).exists()) {
            return Ok(Some(named));
        }
        let any = all.iter().rfind(openable).or(all.last()).copied();
        match named {
            None => Ok(any.filter(|number| openable(&number))),
            // Never an empty centre, over which a new one could be founded.
            Some(_) => any
                .map(Some)
                .ok_or_else(|| io::ErrorKind::InvalidData.into()),
        }
    }

    /// Writes `CURRENT` anew where it does not name the one that is taken.
    pub fn settle(&self) -> io::Result<()> {
        let path = self.root.join("CURRENT");
        let named = fs::read_to_string(&path).ok();
        let named = named.and_then(|named| number(named.trim()));
        match self.current_number()? {
            Some(current) if named != Some(current) && self.is_whole(current) => {
                replace(&path, told(current).as_bytes())
            }
            _ => Ok(()),
        }
    }

    /// A number that no generation has had.
    pub fn next(&self) -> io::Result<u64> {
        let last = self.generations()?.last().copied().unwrap_or(0);
        Ok(last.max(self.current_number()?.unwrap_or(0)) + 1)
    }

    /// An empty folder to build a generation in. What a killed attempt left is removed: nothing
    /// ever pointed to it.
    pub fn begin(&self, generation: u64) -> io::Result<PathBuf> {
        let folder = self.unfinished(generation);
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

    /// An empty folder for what is thrown away afterwards.
    pub fn scratch(&self, name: &str) -> io::Result<PathBuf> {
        let folder = self.root.join("gen").join(format!("{name}.tmp"));
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir(&folder)?;
        Ok(folder)
    }

    /// What was being made when the program was killed.
    pub fn drop_every_scratch(&self) {
        for name in SCRATCHES {
            self.drop_scratch(name);
        }
    }

    /// A generation that was built in such a folder, from now on under its number.
    pub fn promote(&self, name: &str, generation: u64) -> io::Result<PathBuf> {
        let folder = self.unfinished(generation);
        fs::rename(self.root.join("gen").join(format!("{name}.tmp")), &folder)?;
        Ok(folder)
    }

    /// What is left of it is removed the next time it is asked for.
    pub fn drop_scratch(&self, name: &str) {
        let _ = fs::remove_dir_all(self.root.join("gen").join(format!("{name}.tmp")));
    }

    /// Makes a generation that is whole and synced the current one, and notes first what becomes
    /// of the one before it.
    pub fn switch(&self, generation: u64, former: Former) -> io::Result<PathBuf> {
        let before = self.current()?;
        self.changing(|| {
            if let Some(before) = before {
                replace(&before.join("former"), former.told().as_bytes())?;
            }
            let folder = self.folder(generation);
            fs::rename(self.unfinished(generation), &folder)?;
            sync_folder(&self.root.join("gen"))?;
            replace(&self.root.join("CURRENT"), told(generation).as_bytes())?;
            Ok(folder)
        })
    }

    /// Whether another generation than the current one is kept here.
    pub fn has_former(&self) -> io::Result<bool> {
        let current = self.current_number()?;
        let others = self.generations()?;
        Ok(others.into_iter().any(|number| Some(number) != current))
    }

    /// Deletes what has had its time: unfinished generations and former ones. One about which
    /// nothing is noted stays, and all stay where the current one is not whole.
    pub fn sweep(&self, today: NaiveDate, backed_up: bool) -> io::Result<()> {
        let Some(current) = self.current_number()? else {
            return Ok(());
        };
        if !self.is_whole(current) {
            return Ok(());
        }
        for folder in self.unfinished_ones(|name| number(name).is_some())? {
            fs::remove_dir_all(folder)?;
        }
        self.delete_former(current, |former| former.is_over(today, backed_up))
    }

    /// Nobody may open any more what was here before the current generation: all former ones go,
    /// however long they were to be kept, and whatever lies half-made beside them.
    pub fn purge(&self) -> io::Result<()> {
        let current = self.current_number()?.ok_or(io::ErrorKind::NotFound)?;
        for folder in self.unfinished_ones(|_| true)? {
            fs::remove_dir_all(folder)?;
        }
        self.delete_former(current, |_| true)
    }

    fn delete_former(&self, current: u64, over: impl Fn(Former) -> bool) -> io::Result<()> {
        for other in self.generations()? {
            let folder = self.folder(other);
            let noted = fs::read_to_string(folder.join("former"))
                .ok()
                .and_then(|text| Former::read(&text));
            if other != current && noted.is_some_and(&over) {
                self.delete(&folder)?;
            }
        }
        Ok(())
    }

    /// Folders in which something was being made, of those whose name is wanted.
    fn unfinished_ones(&self, wanted: impl Fn(&str) -> bool) -> io::Result<Vec<PathBuf>> {
        let entries = fs::read_dir(self.root.join("gen"))?.flatten();
        let found = entries.filter(|entry| {
            let name = entry.file_name();
            let name = name.to_str().and_then(|name| name.strip_suffix(".tmp"));
            name.is_some_and(&wanted)
        });
        Ok(found.map(|entry| entry.path()).collect())
    }

    fn is_whole(&self, generation: u64) -> bool {
        let folder = self.folder(generation);
        let files = ["keys.mrc", "desk.db", "casework.db"];
        files.iter().all(|name| folder.join(name).exists())
    }

    /// The keys first: without them the rest cannot be read any more.
    fn delete(&self, folder: &Path) -> io::Result<()> {
        match fs::remove_file(folder.join("keys.mrc")) {
            Err(other) if other.kind() != io::ErrorKind::NotFound => return Err(other),
            _ => sync_folder(folder)?,
        }
        fs::remove_dir_all(folder)?;
        sync_folder(&self.root.join("gen"))
    }

    /// Puts the whole centre aside, unopened and unchanged, so that an empty one can begin. Each
    /// lies in a folder of its own, which is a data folder too.
    pub fn set_aside(&self, today: NaiveDate) -> io::Result<PathBuf> {
        let closed = self.root.join("closed");
        fs::create_dir_all(&closed)?;
        let aside = (1..)
            .map(|n| closed.join(format!("{today}-{n}")))
            .find(|folder| !folder.exists())
            .ok_or(io::ErrorKind::AlreadyExists)?;
        fs::create_dir(&aside)?;
        self.changing(|| {
            // `CURRENT` first: killed after it, the centre is found again as it was.
            let _ = fs::rename(self.root.join("CURRENT"), aside.join("CURRENT"));
            fs::rename(self.root.join("gen"), aside.join("gen"))
        })?;
        for entry in fs::read_dir(&self.root)?.flatten() {
            let name = entry.file_name();
            let stays = ["closed", "lock", "window"]
                .iter()
                .any(|kept| name == *kept);
            if !stays {
                fs::rename(entry.path(), aside.join(name))?;
            }
        }
        fs::create_dir(self.root.join("gen"))?;
        sync_folder(&self.root)?;
        Ok(aside)
    }

    /// The centre put aside last, where there is one.
    pub fn aside(&self) -> Option<PathBuf> {
        let closed = fs::read_dir(self.root.join("closed")).ok()?;
        closed
            .flatten()
            .map(|entry| entry.path())
            .filter(|folder| folder.join("gen").exists())
            .max_by_key(|folder| fs::metadata(folder).and_then(|about| about.modified()).ok())
    }

    /// Takes a centre that was put aside back, where none has begun since.
    pub fn take_back(&self) -> io::Result<()> {
        let aside = self.aside().ok_or(io::ErrorKind::NotFound)?;
        if self.current()?.is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.changing(|| {
            fs::remove_dir_all(self.root.join("gen"))?;
            // `CURRENT` last: killed before it, the newest generation is taken.
            for entry in fs::read_dir(&aside)?.flatten() {
                if entry.file_name() != "CURRENT" {
                    fs::rename(entry.path(), self.root.join(entry.file_name()))?;
                }
            }
            let _ = fs::rename(aside.join("CURRENT"), self.root.join("CURRENT"));
            fs::remove_dir(&aside)?;
            sync_folder(&self.root)
        })
    }

    fn folder(&self, generation: u64) -> PathBuf {
        self.root.join("gen").join(format!("{generation:04}"))
    }

    fn unfinished(&self, generation: u64) -> PathBuf {
        self.root.join("gen").join(format!("{generation:04}.tmp"))
    }

    /// Those that are finished, oldest first.
    fn generations(&self) -> io::Result<Vec<u64>> {
        let entries = fs::read_dir(self.root.join("gen"))?;
        let mut numbers: Vec<u64> = entries
            .flatten()
            .filter_map(|entry| number(entry.file_name().to_str()?))
            .collect();
        numbers.sort_unstable();
        Ok(numbers)
    }
}

/// What stands in `CURRENT`.
fn told(generation: u64) -> String {
    format!("{generation:04}\n")
}

/// The number that a generation's name is.
fn number(name: &str) -> Option<u64> {
    let plain = name.len() >= 4 && name.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| name.parse().ok()).flatten()
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

/// Nobody else at this computer even sees what lies in it. A disk that knows no owners keeps nobody
/// out.
#[cfg(unix)]
fn keep_to_owner(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
}

/// Elsewhere the folder lies in the user's own, which others do not read.
#[cfg(not(unix))]
fn keep_to_owner(_: &Path) {}

#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened as a file; the rename itself is durable there.
#[cfg(not(unix))]
pub fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
