//! The write door and the two ways in which the database is seen.

use std::ops::Deref;

use rusqlite::{Connection, ErrorCode, Params, Row, TransactionBehavior, named_params};

use super::journal::{self, Book, Event, Head};
use super::{Actor, CaseworkTx, Open, Refusal, Vault, database};
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
        let (value, committed) = {
            let transaction = open
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(Refusal::from)?;
            if let Some(write) = write
                && already_written(&transaction, "written", write).map_err(Refusal::from)?
            {
                return Err(Refusal::AlreadyWritten.into());
            }
            let tx = WriteTx::on(&transaction);
            let (value, event) = change(&tx)?;
            allowed(actor, &event)?;
            journal::append(
                &transaction,
                &Book::desk(open.keys.desk()),
                id,
                &self.world.stamp(),
                actor.user,
                &event,
            )
            .map_err(Refusal::from)?;
            if let Some(write) = write {
                note_written(&transaction, "written", write, id).map_err(Refusal::from)?;
            }
            (value, transaction.commit())
        };
        match committed {
            Ok(()) => Ok(value),
            Err(why) => decide(open, id, &["journal"], &why)
                .map(|()| value)
                .map_err(E::from),
        }
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

/// An error inside COMMIT leaves it open whether the change is in the files: only the files,
/// opened anew, can tell. Each of these journals should have the event, or none of them.
pub(super) fn decide(
    open: &mut Open,
    event: EventId,
    journals: &[&'static str],
    failed: &rusqlite::Error,
) -> Result<(), Refusal> {
    open.copying = None;
    open.connection = database::connect(&open.folder, &open.keys)?;
    let mut told = 0;
    for journal in journals {
        let found: bool = open.connection.query_row(
            &format!("select exists (select 1 from {journal} where event = ?1)"),
            [event],
            |row| row.get(0),
        )?;
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

pub(super) fn already_written(
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

pub(super) fn note_written(
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
