//! Reading again: the files of a backup against its manifest, and the databases against
//! themselves.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::Path;

use rusqlite::Connection;

use super::manifest::{Manifest, Part};
use super::medium::{Disk, Medium};
use super::sticks::Shelf;
use super::{Failure, on_stick};
use crate::kit::progress::Progress;
use crate::vault::Head;
use crate::vault::files;
use crate::vault::journal::{self, Book};

/// So much is read at a time.
pub const BLOCK: usize = 1024 * 1024;

/// Reads every byte of a stored backup again, and tells the first part that is not as it was
/// written. Needs no key.
pub fn every_byte(shelf: &Shelf, manifest: &Manifest, progress: &Progress) -> Result<(), Failure> {
    for part in &manifest.parts {
        if !as_written(shelf, manifest.number, part, progress)? {
            return Err(Failure::Part {
                number: manifest.number,
                name: part.name.clone(),
            });
        }
    }
    Ok(())
}

/// The names of those parts of a stored backup that are not as they were written.
pub fn damaged<'p>(
    shelf: &Shelf,
    number: u64,
    parts: impl Iterator<Item = &'p Part>,
    progress: &Progress,
) -> Result<BTreeSet<String>, Failure> {
    let mut damaged = BTreeSet::new();
    for part in parts {
        if !whole(shelf, number, part, progress)? {
            damaged.insert(part.name.clone());
        }
    }
    Ok(damaged)
}

/// As [`as_written`], where one part that cannot be read must not end the work: while its stick is
/// there, it is not as written.
pub fn whole(
    shelf: &Shelf,
    number: u64,
    part: &Part,
    progress: &Progress,
) -> Result<bool, Failure> {
    match as_written(shelf, number, part, progress) {
        Err(Failure::Gone { .. }) if shelf.is_there() => Ok(false),
        told => told,
    }
}

pub fn as_written(
    shelf: &Shelf,
    number: u64,
    part: &Part,
    progress: &Progress,
) -> Result<bool, Failure> {
    let file = shelf.part(number, &part.name);
    matches(&*shelf.medium, &file, part, progress)
}

/// Whether a file has the length and the hash of `part`. A file that is gone or cannot be read at
/// all while its stick is there is not as written.
pub fn matches(
    medium: &dyn Medium,
    file: &Path,
    part: &Part,
    progress: &Progress,
) -> Result<bool, Failure> {
    let told = medium.length(file);
    match told {
        Ok(length) if length == part.length => {}
        Ok(_) => return Ok(false),
        Err(why) if lost(&why) => return Ok(false),
        Err(why) => return Err(on_stick(&why, progress.seen().percent())),
    }
    let read = medium
        .open(file)
        .and_then(|mut from| hash(&mut from, part.length, progress));
    match read {
        Ok(Some(hash)) => Ok(hash == part.hash),
        Ok(None) => Err(Failure::Cancelled),
        Err(why) if lost(&why) => Ok(false),
        Err(why) => Err(on_stick(&why, progress.seen().percent())),
    }
}

fn lost(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
    )
}

/// `None` where it was cancelled.
fn hash(from: &mut dyn Read, length: u64, progress: &Progress) -> io::Result<Option<[u8; 32]>> {
    let mut hasher = blake3::Hasher::new();
    let mut block = vec![0; BLOCK];
    let mut left = length;
    while left > 0 {
        if progress.is_cancelled() {
            return Ok(None);
        }
        let most = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
        let read = from.read(&mut block[..most])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        hasher.update(&block[..read]);
        progress.advance(read as u64);
        left -= read as u64;
    }
    Ok(Some(*hasher.finalize().as_bytes()))
}

/// Whether a file of the laptop's own has the length and the hash of `part`.
pub fn is_here(file: &Path, part: &Part, progress: &Progress) -> Result<bool, Failure> {
    matches(&Disk, file, part, progress).or_else(|why| match why {
        Failure::Cancelled => Err(why),
        _ => Ok(false),
    })
}

/// What the databases say of themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Examined {
    pub desk_head: Head,
    /// `None` where casework could not be opened.
    pub casework_head: Option<Head>,
    pub persons: u64,
    pub desk_schema: u32,
    pub casework_schema: Option<u32>,
}

/// How closely the pages are looked at; a quick look leaves the indexes unchecked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    Quick,
    Full,
}

/// Pages, references, the whole of both journals, the heads, the number of people. `books` are the
/// desk's and, where casework is open too, its own.
pub fn examine(connection: &Connection, books: &[Book], depth: Depth) -> Result<Examined, Failure> {
    let casework = books.len() > 1;
    let schemas: &[&str] = if casework {
        &["main", "casework"]
    } else {
        &["main"]
    };
    for schema in schemas {
        sound(connection, schema, depth)?;
    }
    if casework {
        joined(connection)?;
    }
    let heads = books
        .iter()
        .map(|book| journal::verify(connection, book).map_err(crate::vault::Refusal::from));
    let heads: Vec<Head> = heads.collect::<Result<_, _>>()?;
    Ok(Examined {
        desk_head: heads.first().copied().ok_or(Failure::Damaged)?,
        casework_head: heads.get(1).copied(),
        persons: connection.query_row("select count(*) from person", [], |row| row.get(0))?,
        desk_schema: version(connection, "main")?,
        casework_schema: if casework {
            Some(version(connection, "casework")?)
        } else {
            None
        },
    })
}

/// How many attachments casework names, and how many of them are not among the parts.
pub fn lost_files(connection: &Connection, parts: &[Part]) -> Result<u64, Failure> {
    let named = files::named(connection)?;
    let lost = named
        .iter()
        .filter(|name| !parts.iter().any(|part| part.name == **name));
    Ok(lost.count() as u64)
}

fn sound(connection: &Connection, schema: &str, depth: Depth) -> Result<(), Failure> {
    let look = match depth {
        Depth::Quick => "quick_check",
        Depth::Full => "integrity_check",
    };
    let told: String =
        connection.query_row(&format!("pragma {schema}.{look}(1)"), [], |row| row.get(0))?;
    let dangling = connection
        .prepare(&format!("pragma {schema}.foreign_key_check"))?
        .exists([])?;
    if told == "ok" && !dangling {
        Ok(())
    } else {
        Err(Failure::Damaged)
    }
}

/// Casework names people of the desk's file, where SQLite keeps no watch over them. Ids are never
/// used again, so one that is not there was lost.
fn joined(connection: &Connection) -> Result<(), Failure> {
    let mut naming = connection.prepare(
        "select schema.name from casework.sqlite_schema as schema
           join pragma_table_info(schema.name, 'casework') as held on held.name = 'person'
          where schema.type = 'table'",
    )?;
    let tables: Vec<String> = naming
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for table in tables {
        let lost = format!(
            "select 1 from casework.\"{table}\"
              where person is not null and person not in (select id from main.person)"
        );
        if connection.prepare(&lost)?.exists([])? {
            return Err(Failure::Damaged);
        }
    }
    Ok(())
}

fn version(connection: &Connection, schema: &str) -> rusqlite::Result<u32> {
    connection.query_row(&format!("pragma {schema}.user_version"), [], |row| {
        row.get(0)
    })
}
