//! The write door and the two ways in which the database is seen.

use std::ops::Deref;

use rusqlite::{Connection, ErrorCode, Params, Row, TransactionBehavior, named_params};

use super::journal::{self, Book, Event, Head};
use super::secret::{Keys, Ring};
use super::{Actor, CaseworkTx, Open, Refusal, Vault, database, raw};
use crate::kit::id::{EventId, WriteId};

impl Vault {
    pub(super) fn commit<T, E: From<Refusal>>(
        &self,
        open: &mut Open,
        actor: Actor,
        write: Option<WriteId>,
        change: impl FnOnce(&WriteTx<'_>) -> Result<(T, Event), E>,
    ) -> Result<T, E> {
        self.pay(open)?;
        let id = EventId::new(&self.world);
        write_once(open, id, "written", write, |transaction, keys, _| {
            let (value, event) = change(&WriteTx::on(transaction))?;
            allowed(actor, &event)?;
            let (book, at) = (Book::desk(keys.desk()), self.world.stamp());
            journal::append(transaction, &book, id, &at, actor.user, &event)
                .map_err(Refusal::from)?;
            Ok((value, &["journal"]))
        })
    }
}

impl Vault {
    /// Tells what happened while nothing could be written, before anything else is.
    pub(super) fn pay(&self, open: &mut Open) -> Result<(), Refusal> {
        let owed = std::mem::take(&mut open.owed);
        let mut rest = owed.into_iter();
        while let Some((actor, event)) = rest.next() {
            if let Err(why) = self.note(open, actor, event.clone()) {
                open.owed = std::iter::once((actor, event)).chain(rest).collect();
                return Err(why);
            }
        }
        Ok(())
    }
}

/// The journals that tell an event.
pub(super) type Journals = &'static [&'static str];

/// One transaction of either door, once for each form: what `work` does, and in which journals it
/// told it. `table` lists the forms that were saved.
pub(super) fn write_once<T, E: From<Refusal>>(
    open: &mut Open,
    id: EventId,
    table: &'static str,
    write: Option<WriteId>,
    work: impl FnOnce(&Connection, &Keys, &Ring) -> Result<(T, Journals), E>,
) -> Result<T, E> {
    let mut failed = false;
    match transact(open, id, table, write, work, &mut failed) {
        Ok((value, _, Ok(()))) => Ok(value),
        Ok((value, journals, Err(why))) => decide(open, id, journals, &why)
            .map(|()| value)
            .map_err(E::from),
        Err(why) => {
            if failed {
                look_again(open);
            }
            Err(why)
        }
    }
}

type Ended<T> = (T, Journals, rusqlite::Result<()>);

fn transact<T, E: From<Refusal>>(
    open: &mut Open,
    id: EventId,
    table: &'static str,
    write: Option<WriteId>,
    work: impl FnOnce(&Connection, &Keys, &Ring) -> Result<(T, Journals), E>,
    failed: &mut bool,
) -> Result<Ended<T>, E> {
    let Open {
        connection,
        keys,
        ring,
        ..
    } = open;
    *failed = true;
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(Refusal::from)?;
    *failed = false;
    let done = || {
        if let Some(write) = write
            && already_written(&transaction, table, write).map_err(Refusal::from)?
        {
            return Err(Refusal::AlreadyWritten.into());
        }
        let (value, journals) = work(&transaction, keys, ring)?;
        if let Some(write) = write {
            note_written(&transaction, table, write, id).map_err(Refusal::from)?;
        }
        Ok::<_, E>((value, journals))
    };
    // Asked before the transaction is rolled back.
    let (value, journals) =
        done().inspect_err(|_| *failed = raw::failed_at_the_disk(&transaction))?;
    Ok((value, journals, transaction.commit()))
}

/// A page that could not be read once stays unreadable to its connection, and inside a transaction
/// nothing is written on it any more: to SQLite the file is damaged. Opened anew, it looks at the
/// disk again.
pub(super) fn look_again(open: &mut Open) {
    if let Ok(fresh) = database::connect(&open.folder, &open.keys) {
        open.copying = None;
        open.connection = fresh;
    }
}

/// What was read, or why not; where that was the disk, it is looked at again the next time.
pub(super) fn end_reading<T, E>(open: &mut Open, found: Result<T, E>) -> Result<T, E> {
    if found.is_err() && raw::failed_at_the_disk(&open.connection) {
        look_again(open);
    }
    found
}

/// An error inside COMMIT leaves it open whether the change is in the files: only the files,
/// opened anew, can tell. Each of these journals should have the event, or none of them.
fn decide(
    open: &mut Open,
    event: EventId,
    journals: Journals,
    failed: &rusqlite::Error,
) -> Result<(), Refusal> {
    open.copying = None;
    // A disk that does not answer now leaves it open still.
    open.connection =
        database::connect(&open.folder, &open.keys).map_err(|_| Refusal::Undecided)?;
    let mut told = 0;
    for journal in journals {
        let found: bool = open
            .connection
            .query_row(
                &format!("select exists (select 1 from {journal} where event = ?1)"),
                [event],
                |row| row.get(0),
            )
            .map_err(|_| Refusal::Undecided)?;
        told += usize::from(found);
    }
    match told {
        0 if failed.sqlite_error_code() == Some(ErrorCode::DiskFull) => Err(Refusal::Full),
        0 => Err(Refusal::NotSaved),
        all if all == journals.len() => Ok(()),
        _ => Err(Refusal::Split),
    }
}

/// The open database, for looking only: statements that write are not to be had from here.
/// What is confidential is not to be had from here either, but from a
/// [`Casework`](super::Casework).
pub struct Db<'c> {
    pub(super) connection: &'c Connection,
    casework: bool,
}

impl<'c> Db<'c> {
    pub(super) fn desk(connection: &'c Connection) -> Self {
        Self {
            connection,
            casework: false,
        }
    }

    pub(super) fn with_casework(connection: &'c Connection) -> Self {
        Self {
            connection,
            casework: true,
        }
    }

    /// A caseworker's connection has both files: a page of the desk must not reach into the other.
    fn allows(&self, sql: &str) -> Result<(), Refusal> {
        if self.casework || !sql.contains("casework.") {
            Ok(())
        } else {
            Err(Refusal::Role)
        }
    }
}

impl Db<'_> {
    pub fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Refusal> {
        self.allows(sql)?;
        let mut statement = self.connection.prepare_cached(sql)?;
        if !statement.readonly() {
            return Err(Refusal::Role);
        }
        let rows = statement.query_map(params, row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Refusal> {
        Ok(self.all(sql, params, row)?.into_iter().next())
    }
}

/// What both kinds of transaction can do, for stores whose tables may lie in either file.
pub trait Tx {
    fn run(&self, sql: &str, params: impl Params) -> Result<usize, Refusal>;
    fn db(&self) -> &Db<'_>;
}

impl Tx for WriteTx<'_> {
    fn run(&self, sql: &str, params: impl Params) -> Result<usize, Refusal> {
        self.execute(sql, params)
    }

    fn db(&self) -> &Db<'_> {
        self
    }
}

impl Tx for CaseworkTx<'_> {
    fn run(&self, sql: &str, params: impl Params) -> Result<usize, Refusal> {
        self.execute(sql, params)
    }

    fn db(&self) -> &Db<'_> {
        self
    }
}

/// A transaction that only the write door makes.
pub struct WriteTx<'t>(Db<'t>);

impl<'t> WriteTx<'t> {
    pub(super) fn on(transaction: &'t Connection) -> Self {
        Self(Db::desk(transaction))
    }
}

impl WriteTx<'_> {
    /// Runs one statement and tells how many rows it changed.
    pub fn execute(&self, sql: &str, params: impl Params) -> Result<usize, Refusal> {
        self.allows(sql)?;
        Ok(self.connection.execute(sql, params)?)
    }
}

impl<'t> Deref for WriteTx<'t> {
    type Target = Db<'t>;

    fn deref(&self) -> &Db<'t> {
        &self.0
    }
}

/// Where the desk's journal stands.
pub fn journal_head(db: &Db<'_>) -> Result<Head, Refusal> {
    let last = db.one(
        "select seq, hash from journal order by seq desc limit 1",
        [],
        |row| {
            Ok(Head {
                seq: row.get(0)?,
                hash: row.get(1)?,
            })
        },
    )?;
    last.ok_or(Refusal::Missing)
}

pub(super) fn allowed(actor: Actor, event: &Event) -> Result<(), Refusal> {
    if actor.roles.meet(event.may()) {
        Ok(())
    } else {
        Err(Refusal::Role)
    }
}

fn already_written(
    connection: &Connection,
    table: &'static str,
    write: WriteId,
) -> rusqlite::Result<bool> {
    connection.query_row(
        &format!("select exists (select 1 from {table} where write = ?1)"),
        [write],
        |row| row.get(0),
    )
}

fn note_written(
    connection: &Connection,
    table: &'static str,
    write: WriteId,
    event: EventId,
) -> rusqlite::Result<usize> {
    connection.execute(
        &format!("insert into {table} (write, event) values (:write, :event)"),
        named_params! { ":write": write, ":event": event },
    )
}
