//! Whether what lies on the laptop is older than what was known: files put back from before. The
//! key file knows the last backup, a stick knows the newest, and desk.db knows where casework's
//! journal stood. What is found is told to everybody; nobody is kept out by it.

use rusqlite::{Connection, OptionalExtension, named_params};

use super::backup::sticks::Record;
use super::door::WriteTx;
use super::journal::{self, Event};
use super::{Actor, Open, Refusal, Vault};

impl Vault {
    /// What tells that the databases, or casework alone, are those of an earlier day. `kept` is the
    /// last backup that the key file knows.
    pub(super) fn put_back(&self, open: &Open, kept: u64) -> Result<Vec<Event>, Refusal> {
        let older =
            (kept > newest(&open.connection)?).then_some(Event::OlderState { backup: kept });
        let casework = open.keys.casework().is_some() && !has_what_was_seen(&open.connection)?;
        let casework = casework.then_some(Event::OlderCasework);
        Ok(older.into_iter().chain(casework).collect())
    }

    /// A stick that knows of a newer backup than the centre does.
    pub(super) fn ask_stick(&self, actor: Actor, record: &Record) -> Result<(), Refusal> {
        let mut state = self.lock_state();
        let open = state.as_mut().ok_or(Refusal::Locked)?;
        match record.newest(&open.keys) {
            Some((backup, _)) if backup > newest(&open.connection)? => {
                self.note(open, actor, Event::OlderState { backup })
            }
            _ => Ok(()),
        }
    }
}

/// The newest backup that the database knows of: made, restored, or missed before.
fn newest(connection: &Connection) -> Result<u64, Refusal> {
    let made: Option<u64> =
        connection.query_row("select max(number) from backup", [], |row| row.get(0))?;
    // By journal_name.
    let mut rows = connection.prepare(
        "select name, ids from journal where name in ('backup-restored', 'older-state')",
    )?;
    let told = rows.query_map([], |row| {
        let (name, ids): (String, String) = (row.get(0)?, row.get(1)?);
        Ok(match journal::read(&name, &ids) {
            Some(Event::BackupRestored { newest, .. }) => newest,
            Some(Event::OlderState { backup }) => backup,
            _ => 0,
        })
    })?;
    told.chain(std::iter::once(Ok(made.unwrap_or(0))))
        .try_fold(0, |most, told| Ok(told?.max(most)))
}

/// Where casework's journal stands now, to be known the next time. Its hash alone: a number would
/// tell the desk how much is done there.
pub(super) fn casework_head(open: &Open) -> Option<[u8; 32]> {
    open.keys.casework()?;
    let sql = "select hash from casework.journal order by seq desc limit 1";
    open.connection.query_row(sql, [], |row| row.get(0)).ok()
}

pub(super) fn see(tx: &WriteTx<'_>, head: &[u8; 32]) -> Result<(), Refusal> {
    tx.execute(
        "insert or replace into casework_seen (only, hash) values (1, :hash)",
        named_params! { ":hash": head },
    )?;
    Ok(())
}

fn has_what_was_seen(connection: &Connection) -> Result<bool, Refusal> {
    let seen: Option<[u8; 32]> = connection
        .query_row("select hash from casework_seen", [], |row| row.get(0))
        .optional()?;
    let Some(seen) = seen else {
        return Ok(true);
    };
    // From the end: it is the last row, or a few before it where the program was killed.
    let found = connection
        .query_row(
            "select 1 from (select hash from casework.journal order by seq desc) where hash = ?1",
            [seen],
            |_| Ok(()),
        )
        .optional()?;
    Ok(found.is_some())
}
