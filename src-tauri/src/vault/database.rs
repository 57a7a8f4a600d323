//! Opens the encrypted files with the settings that make a commit durable and a page unreadable,
//! and brings older ones up to what this program writes.

use std::fs::File;
use std::io;
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::raw;
use super::secret::Keys;

/// In order, never edited after landing; a file's `user_version` counts those it has had.
const DESK: &[&str] = &[
    include_str!("../../migrations/desk/0001_vault.sql"),
    include_str!("../../migrations/desk/0003_people.sql"),
    include_str!("../../migrations/desk/0004_visits.sql"),
    include_str!("../../migrations/desk/0005_settings.sql"),
    include_str!("../../migrations/desk/0006_activities.sql"),
    include_str!("../../migrations/desk/0010_appointments.sql"),
    include_str!("../../migrations/desk/0016_window.sql"),
    include_str!("../../migrations/desk/0007_partners.sql"),
    include_str!("../../migrations/desk/0009_interpreters.sql"),
    include_str!("../../migrations/desk/0017_journal.sql"),
    include_str!("../../migrations/desk/0018_text_size.sql"),
    include_str!("../../migrations/desk/0008_backup.sql"),
    include_str!("../../migrations/desk/0019_chapters.sql"),
    include_str!("../../migrations/desk/0024_keys.sql"),
    include_str!("../../migrations/desk/0021_sealed.sql"),
    include_str!("../../migrations/desk/0025_revisions.sql"),
    include_str!("../../migrations/desk/0026_slots.sql"),
    include_str!("../../migrations/desk/0027_phone.sql"),
    include_str!("../../migrations/desk/0028_versions.sql"),
];
const CASEWORK: &[&str] = &[
    include_str!("../../migrations/casework/0001_vault.sql"),
    include_str!("../../migrations/casework/0002_cases.sql"),
    include_str!("../../migrations/casework/0010_referrals.sql"),
    include_str!("../../migrations/casework/0016_window.sql"),
    include_str!("../../migrations/casework/0019_chapters.sql"),
    include_str!("../../migrations/casework/0022_flow.sql"),
    include_str!("../../migrations/casework/0024_pin.sql"),
    include_str!("../../migrations/casework/0020_documents.sql"),
    include_str!("../../migrations/casework/0021_care.sql"),
    include_str!("../../migrations/casework/0025_revisions.sql"),
    include_str!("../../migrations/casework/0026_slots.sql"),
    include_str!("../../migrations/casework/0027_prints.sql"),
    include_str!("../../migrations/casework/0028_readings.sql"),
    include_str!("../../migrations/casework/0029_asked.sql"),
    include_str!("../../migrations/casework/0030_instalments.sql"),
    include_str!("../../migrations/casework/0031_typed.sql"),
    include_str!("../../migrations/casework/0032_steps.sql"),
];

const SCHEMAS: [(&str, &[&str]); 2] = [("main", DESK), ("casework", CASEWORK)];

/// Why the databases do not open. The messages are locale keys.
#[derive(Debug, thiserror::Error)]
pub enum Unopened {
    #[error("vault.refusal.database_missing")]
    Missing,
    #[error("vault.refusal.database_damaged")]
    Damaged,
    #[error("vault.refusal.database_newer")]
    Newer,
    /// A crash left casework half-written; only somebody with its key can put it right.
    #[error("vault.refusal.database_unfinished")]
    Unfinished,
    /// The disk does not give what is in the file.
    #[error("vault.refusal.folder")]
    Unread(io::Error),
    #[error("vault.refusal.database")]
    Sqlite(#[from] rusqlite::Error),
}

/// Makes both files, with the tables of today. `folder` must not hold them yet.
pub fn create(folder: &Path, keys: &Keys) -> Result<Connection, Unopened> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = connect_with(folder, keys, flags)?;
    bring_up(&mut connection)?;
    Ok(connection)
}

/// One file with nothing in it, to copy a database into.
pub fn empty(path: &Path, key: &[u8; 32]) -> Result<Connection, Unopened> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    quiet(&connection)?;
    raw::set_key(&connection, key)?;
    Ok(connection)
}

/// Opens desk.db and, only where its key is among `keys`, casework.db, as they are. To SQLite a
/// page that the disk does not give is a damaged one: nothing is called damaged that did not seem
/// so twice, and could be read.
pub fn connect(folder: &Path, keys: &Keys) -> Result<Connection, Unopened> {
    let damaged = |unopened: &Unopened| matches!(unopened, Unopened::Damaged);
    match connect_once(folder, keys) {
        Err(once) if damaged(&once) => {
            connect_once(folder, keys).map_err(|twice| match read_all(folder, keys) {
                Err(unread) if damaged(&twice) => Unopened::Unread(unread),
                _ => twice,
            })
        }
        other => other,
    }
}

/// Every byte of what these keys open. Nobody has it open at that moment.
fn read_all(folder: &Path, keys: &Keys) -> io::Result<()> {
    let names = ["desk.db", "casework.db"];
    for name in &names[..1 + usize::from(keys.casework().is_some())] {
        io::copy(&mut File::open(folder.join(name))?, &mut io::sink())?;
    }
    Ok(())
}

fn connect_once(folder: &Path, keys: &Keys) -> Result<Connection, Unopened> {
    // ATTACH would make a missing file, and an empty one would pass for a new database.
    for name in ["desk.db", "casework.db"] {
        let size = match std::fs::metadata(folder.join(name)) {
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => return Err(Unopened::Missing),
            about => about.map_err(Unopened::Unread)?.len(),
        };
        if size < 4096 {
            return Err(Unopened::Damaged);
        }
    }
    connect_with(folder, keys, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

/// Opens a copy of both files for looking only; nothing in it is brought up to date.
pub fn open_copy(folder: &Path, keys: &Keys) -> Result<Connection, Unopened> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(folder.join("desk.db"), flags)?;
    connection.execute_batch("pragma cipher_log_level = none;")?;
    raw::set_key(&connection, keys.desk())?;
    read_first_page(&connection, "main")?;
    connection.execute_batch(
        "pragma temp_store = memory; pragma mmap_size = 0; pragma trusted_schema = off;
         pragma cache_size = -8192;",
    )?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    if let Some(key) = keys.casework() {
        attach(&connection, &folder.join("casework.db"), key)?;
    }
    is_behind(&connection)?;
    Ok(connection)
}

/// An empty file under a key, to be filled by a copy that is looked at before anybody relies on
/// it: nothing in it has to survive a power cut.
pub fn blank(path: &Path, key: &[u8; 32]) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch("pragma cipher_log_level = none;")?;
    raw::set_key(&connection, key)?;
    connection.execute_batch(
        "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -4096;",
    )?;
    Ok(connection)
}

fn attach(connection: &Connection, path: &Path, key: &[u8; 32]) -> Result<(), Unopened> {
    let path = path.to_str().ok_or(Unopened::Missing)?;
    raw::attach_casework(connection, path, key).map_err(unopened)?;
    read_first_page(connection, "casework")
}

fn connect_with(folder: &Path, keys: &Keys, flags: OpenFlags) -> Result<Connection, Unopened> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(folder.join("desk.db"), flags)?;
    quiet(&connection)?;
    raw::set_key(&connection, keys.desk())?;
    read_first_page(&connection, "main")?;
    settle(&connection, "main", 32 * 1024)?;
    connection.execute_batch(
        "pragma foreign_keys = on; pragma temp_store = memory; pragma mmap_size = 0;
         pragma cell_size_check = on; pragma fullfsync = on; pragma trusted_schema = off;",
    )?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    if let Some(key) = keys.casework() {
        attach(&connection, &folder.join("casework.db"), key)?;
        settle(&connection, "casework", 16 * 1024)?;
    }
    Ok(connection)
}

/// Nothing about keys or pages reaches a log. Locking every allocation in memory made a search
/// nine times slower (docs/performance.md).
fn quiet(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("pragma cipher_log_level = none; pragma cipher_memory_security = off;")
}

/// A wrong key, a swapped or a damaged file shows here, before anything is believed.
fn read_first_page(connection: &Connection, schema: &'static str) -> Result<(), Unopened> {
    connection
        .query_row(
            &format!("select count(*) from {schema}.sqlite_schema"),
            [],
            |row| row.get::<_, i64>(0),
        )
        .map(|_| ())
        .map_err(unopened)
}

/// A disk that fails has damaged nothing: what does not open now may open the next time.
fn unopened(error: rusqlite::Error) -> Unopened {
    if is_of_the_disk(&error) {
        Unopened::Sqlite(error)
    } else {
        Unopened::Damaged
    }
}

/// The disk did not do what was asked, whatever is in the file.
pub fn is_of_the_disk(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::DiskFull
        )
    )
}

fn settle(connection: &Connection, schema: &'static str, cache_kib: u32) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "pragma {schema}.journal_mode = delete; pragma {schema}.synchronous = extra;
         pragma {schema}.secure_delete = on; pragma {schema}.cache_size = -{cache_kib};"
    ))
}

/// Whether a file that is open was written by an earlier program. One written by a later program
/// is refused: what it means by its tables is not known here.
pub fn is_behind(connection: &Connection) -> Result<bool, Unopened> {
    let mut behind = false;
    for (schema, steps) in SCHEMAS {
        if let Some(had) = version(connection, schema)? {
            behind |= !steps.get(had..).ok_or(Unopened::Newer)?.is_empty();
        }
    }
    Ok(behind)
}

/// Gives every open file the steps it lacks, each in a transaction of its own with its number.
pub fn bring_up(connection: &mut Connection) -> Result<(), Unopened> {
    // A step may rebuild a table that others refer to; references are checked before its commit.
    connection.execute_batch("pragma foreign_keys = off")?;
    for (schema, steps) in SCHEMAS {
        give_steps(connection, schema, steps)?;
    }
    connection.execute_batch("pragma foreign_keys = on")?;
    Ok(())
}

fn give_steps(
    connection: &mut Connection,
    schema: &'static str,
    steps: &[&str],
) -> Result<(), Unopened> {
    let Some(had) = version(connection, schema)? else {
        return Ok(());
    };
    let missing = steps.get(had..).ok_or(Unopened::Newer)?;
    for (number, step) in (had + 1..).zip(missing) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(step)?;
        transaction.execute_batch(&format!("pragma {schema}.user_version = {number}"))?;
        check_references(&transaction, schema)?;
        transaction.commit()?;
    }
    Ok(())
}

/// An empty casework.db beside a desk.db that came back without one.
pub fn add_casework(folder: &Path, keys: &Keys) -> Result<(), Unopened> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = connect_with(folder, keys, flags)?;
    give_steps(&mut connection, "casework", CASEWORK)
}

/// How many steps a file has had; `None` where it is not open.
fn version(connection: &Connection, schema: &str) -> Result<Option<usize>, Unopened> {
    let open: bool = connection.query_row(
        "select exists (select 1 from pragma_database_list where name = ?1)",
        [schema],
        |row| row.get(0),
    )?;
    if !open {
        return Ok(None);
    }
    let had: u32 = connection.query_row(&format!("pragma {schema}.user_version"), [], |row| {
        row.get(0)
    })?;
    Ok(Some(usize::try_from(had).unwrap_or(usize::MAX)))
}

/// Reads every page, row, index entry and reference of what is open.
pub fn check_whole(connection: &Connection) -> Result<(), Unopened> {
    for (schema, _) in SCHEMAS {
        if version(connection, schema)?.is_none() {
            continue;
        }
        let said: String =
            connection.query_row(&format!("pragma {schema}.integrity_check(1)"), [], |row| {
                row.get(0)
            })?;
        let mut pages = connection.prepare(&format!("pragma {schema}.cipher_integrity_check"))?;
        if said != "ok" || pages.exists([])? {
            return Err(Unopened::Damaged);
        }
        check_references(connection, schema)?;
    }
    Ok(())
}

fn check_references(connection: &Connection, schema: &str) -> Result<(), Unopened> {
    let mut dangling = connection.prepare(&format!("pragma {schema}.foreign_key_check"))?;
    if dangling.exists([])? {
        return Err(Unopened::Damaged);
    }
    Ok(())
}
