//! Opens the encrypted files with the settings that make a commit durable and a page unreadable.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, params};

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
];
const CASEWORK: &[&str] = &[
    include_str!("../../migrations/casework/0001_vault.sql"),
    include_str!("../../migrations/casework/0002_cases.sql"),
    include_str!("../../migrations/casework/0010_referrals.sql"),
    include_str!("../../migrations/casework/0016_window.sql"),
];

/// Why the databases do not open. The messages are locale keys.
#[derive(Debug, thiserror::Error)]
pub enum Unopened {
    #[error("vault.refusal.database_missing")]
    Missing,
    #[error("vault.refusal.database_damaged")]
    Damaged,
    #[error("vault.refusal.database_newer")]
    Newer,
    #[error("vault.refusal.database")]
    Sqlite(#[from] rusqlite::Error),
}

/// Makes both files, empty. `folder` must not hold them yet.
pub fn create(folder: &Path, keys: &Keys) -> Result<Connection, Unopened> {
    connect(
        folder,
        keys,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    )
}

/// Opens desk.db and, only where its key is among `keys`, casework.db.
pub fn open(folder: &Path, keys: &Keys) -> Result<Connection, Unopened> {
    // ATTACH would make a missing file, and an empty one would pass for a new database.
    for name in ["desk.db", "casework.db"] {
        let size = std::fs::metadata(folder.join(name))
            .map_err(|_| Unopened::Missing)?
            .len();
        if size < 4096 {
            return Err(Unopened::Damaged);
        }
    }
    connect(folder, keys, OpenFlags::SQLITE_OPEN_READ_WRITE)
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
    refuse_newer(&connection, "main", DESK)?;
    if let Some(key) = keys.casework() {
        attach(&connection, &folder.join("casework.db"), key)?;
        refuse_newer(&connection, "casework", CASEWORK)?;
    }
    Ok(connection)
}

fn refuse_newer(
    connection: &Connection,
    schema: &'static str,
    steps: &[&str],
) -> Result<(), Unopened> {
    let had: u32 = connection.query_row(&format!("pragma {schema}.user_version"), [], |row| {
        row.get(0)
    })?;
    if usize::try_from(had).is_ok_and(|had| had <= steps.len()) {
        Ok(())
    } else {
        Err(Unopened::Newer)
    }
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
    connection
        .execute(
            "attach ?1 as casework key ?2",
            params![path, raw::raw_form(key).as_str()],
        )
        .map_err(|_| Unopened::Damaged)?;
    read_first_page(connection, "casework")
}

fn connect(folder: &Path, keys: &Keys, flags: OpenFlags) -> Result<Connection, Unopened> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(folder.join("desk.db"), flags)?;
    // Locking every allocation in memory made a search nine times slower (docs/performance.md).
    connection
        .execute_batch("pragma cipher_log_level = none; pragma cipher_memory_security = off;")?;
    raw::set_key(&connection, keys.desk())?;
    read_first_page(&connection, "main")?;
    settle(&connection, "main", 32 * 1024)?;
    connection.execute_batch(
        "pragma foreign_keys = on; pragma temp_store = memory; pragma mmap_size = 0;
         pragma cell_size_check = on; pragma fullfsync = on; pragma trusted_schema = off;",
    )?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    migrate(&mut connection, "main", DESK)?;
    if let Some(key) = keys.casework() {
        attach(&connection, &folder.join("casework.db"), key)?;
        settle(&connection, "casework", 16 * 1024)?;
        migrate(&mut connection, "casework", CASEWORK)?;
    }
    Ok(connection)
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
        .map_err(|_| Unopened::Damaged)
}

fn settle(connection: &Connection, schema: &'static str, cache_kib: u32) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "pragma {schema}.journal_mode = delete; pragma {schema}.synchronous = extra;
         pragma {schema}.secure_delete = on; pragma {schema}.cache_size = -{cache_kib};"
    ))
}

fn migrate(
    connection: &mut Connection,
    schema: &'static str,
    steps: &[&str],
) -> Result<(), Unopened> {
    let had: u32 = connection.query_row(&format!("pragma {schema}.user_version"), [], |row| {
        row.get(0)
    })?;
    let had = usize::try_from(had).unwrap_or(usize::MAX);
    let missing = steps.get(had..).ok_or(Unopened::Newer)?;
    if missing.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    for step in missing {
        transaction.execute_batch(step)?;
    }
    transaction.execute_batch(&format!("pragma {schema}.user_version = {}", steps.len()))?;
    transaction.commit()?;
    Ok(())
}
