//! A generation: the two databases and the key file, built beside the current ones, checked, made
//! durable and then switched to at once. Key changes, migrations and restores all go this way, so
//! that a program killed at any moment leaves either what was or what is to be, never a mixture.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::database::{self, Unopened};
use super::journal::{self, Book};
use super::place::{self, Former, Place};
use super::secret::Keys;
use super::{Refusal, books};

/// Both databases, and the name under which the second is attached.
const FILES: [(&str, &str); 2] = [("main", "desk.db"), ("casework", "casework.db")];

/// One in the making. Dropped before [`Generation::publish`], it is as if it had never begun.
pub struct Generation<'p> {
    place: &'p Place,
    number: u64,
    folder: PathBuf,
}

/// How many rows each table holds: what a copy must have too.
#[derive(Debug, PartialEq, Eq)]
struct Census(Vec<(String, i64)>);

impl<'p> Generation<'p> {
    pub fn begin(place: &'p Place) -> Result<Self, Refusal> {
        let number = place.next()?;
        let folder = place.begin(number)?;
        Ok(Self {
            place,
            number,
            folder,
        })
    }

    pub fn number(&self) -> u64 {
        self.number
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Copies what `from` has open, page by page, under `keys`: pages are decrypted and encrypted
    /// again in memory. casework.db, where it is not attached, is copied as it lies on disk.
    pub fn copy(&self, from: &Connection, source: &Path, keys: &Keys) -> Result<(), Refusal> {
        let desk = database::empty(&self.folder.join("desk.db"), keys.desk())?;
        copy_pages(from, "main", desk)?;
        match keys.casework() {
            Some(key) if attached(from)? => {
                let casework = database::empty(&self.folder.join("casework.db"), key)?;
                copy_pages(from, "casework", casework)
            }
            _ => self.copy_unopened(source),
        }
    }

    /// casework.db of a session without its key. After a crash it may wait for somebody with the
    /// key to undo a half-done write: until then it is not what it seems.
    fn copy_unopened(&self, source: &Path) -> Result<(), Refusal> {
        if hot(&source.join("casework.db-journal"))? {
            return Err(Unopened::Unfinished.into());
        }
        fs::copy(source.join("casework.db"), self.folder.join("casework.db"))?;
        Ok(())
    }

    /// Takes small files of the current generation along as they are.
    pub fn bring(&self, source: &Path, names: &[&str]) -> Result<(), Refusal> {
        for name in names {
            if source.join(name).exists() {
                fs::copy(source.join(name), self.folder.join(name))?;
            }
        }
        Ok(())
    }

    /// Reads everything back with `keys`: pages, rows, references and journals.
    pub fn verify(&self, keys: &Keys) -> Result<(), Refusal> {
        let connection = database::connect(&self.folder, keys)?;
        database::check_whole(&connection)?;
        for book in books(keys) {
            journal::verify(&connection, &book)?;
        }
        Ok(())
    }

    /// As [`Generation::verify`], for a copy of `from` whose journals are still those of `books`:
    /// they must end with the same row, and each table must have as many.
    pub fn verify_copy(
        &self,
        keys: &Keys,
        books: &[Book],
        from: &Connection,
    ) -> Result<(), Refusal> {
        let copy = database::connect(&self.folder, keys)?;
        database::check_whole(&copy)?;
        for book in books {
            if journal::verify(&copy, book)? != journal::head(from, book)? {
                return Err(Unopened::Damaged.into());
            }
        }
        if census(&copy)? != census(from)? {
            return Err(Unopened::Damaged.into());
        }
        Ok(())
    }

    /// Makes it durable and current.
    pub fn publish(self, former: Former) -> Result<PathBuf, Refusal> {
        for entry in fs::read_dir(&self.folder)? {
            File::open(entry?.path())?.sync_all()?;
        }
        place::sync_folder(&self.folder)?;
        Ok(self.place.switch(self.number, former)?)
    }
}

/// Counts every table that `connection` has open.
fn census(connection: &Connection) -> Result<Census, Refusal> {
    let mut counts = Vec::new();
    for (schema, _) in FILES {
        if schema == "casework" && !attached(connection)? {
            continue;
        }
        let mut statement = connection.prepare(&format!(
            "select name from {schema}.sqlite_schema where type = 'table' order by name"
        ))?;
        let names = statement.query_map([], |row| row.get::<_, String>(0))?;
        for name in names.collect::<rusqlite::Result<Vec<_>>>()? {
            let count = connection.query_row(
                &format!("select count(*) from {schema}.\"{name}\""),
                [],
                |row| row.get(0),
            )?;
            counts.push((format!("{schema}.{name}"), count));
        }
    }
    Ok(Census(counts))
}

fn copy_pages(from: &Connection, schema: &str, mut to: Connection) -> Result<(), Refusal> {
    let copy = Backup::new_with_names(from, schema, &mut to, "main")?;
    // In one go: the caller keeps the only connection to itself until it is done.
    copy.step(-1)?;
    drop(copy);
    to.close().map_err(|(_, error)| error)?;
    Ok(())
}

fn attached(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "select exists (select 1 from pragma_database_list where name = 'casework')",
        [],
        |row| row.get(0),
    )
}

/// A crash inside a commit over both files can leave their common journal behind. Once both were
/// opened, nothing points to it any more.
pub fn drop_orphans(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("desk.db-mj"))
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a rollback journal still has something to undo: it is there, and its first byte is not
/// zero.
fn hot(journal: &Path) -> std::io::Result<bool> {
    match fs::read(journal) {
        Ok(bytes) => Ok(bytes.first().is_some_and(|first| *first != 0)),
        Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(other) => Err(other),
    }
}
