//! The write door and the two ways in which the database is seen.

use std::ops::Deref;

use rusqlite::{Connection, Params, Row, TransactionBehavior, named_params};

use super::journal::{self, Event};
use super::{Actor, Open, Refusal, Vault, database};
use crate::kit::id::{EventId, WriteId};

impl Vault {
    pub(super) fn commit<T, E: From<Refusal>>(
        &self,
        open: &mut Open,
        actor: Actor,
        write: Option<WriteId>,
        change: impl FnOnce(&WriteTx<'_>) -> Result<(T, Event), E>,
    ) -> Result<T, E> {
        let id = EventId::new(&self.world);
        let (value, committed) = {
            let transaction = open
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(Refusal::from)?;
            if let Some(write) = write
                && already_written(&transaction, write).map_err(Refusal::from)?
            {
                return Err(Refusal::AlreadyWritten.into());
            }
            let tx = WriteTx(Db(&transaction));
            let (value, event) = change(&tx)?;
            allowed(actor, &event)?;
            let key = journal::key(open.keys.desk());
            journal::append(
                &transaction,
                &key,
                id,
                &self.world.stamp(),
                actor.user,
                &event,
            )
            .map_err(Refusal::from)?;
            if let Some(write) = write {
                note_written(&transaction, write, id).map_err(Refusal::from)?;
            }
            (value, transaction.commit())
        };
        match committed {
            Ok(()) => Ok(value),
            Err(_) => self.decide(open, id).map(|()| value).map_err(E::from),
        }
    }

    /// An error inside COMMIT leaves it open whether the change is in the file: only the file,
    /// opened anew, can tell.
    fn decide(&self, open: &mut Open, event: EventId) -> Result<(), Refusal> {
        open.connection = database::open(&open.folder, &open.keys)?;
        let found: bool = open.connection.query_row(
            "select exists (select 1 from journal where event = ?1)",
            [event],
            |row| row.get(0),
        )?;
        if found {
            Ok(())
        } else {
            Err(Refusal::NotSaved)
        }
    }
}

/// The open database, for looking only: statements that write are not to be had from here.
pub struct Db<'c>(pub(super) &'c Connection);

impl Db<'_> {
    pub fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Refusal> {
        let mut statement = self.0.prepare_cached(sql)?;
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

/// A transaction that only the write door makes.
pub struct WriteTx<'t>(Db<'t>);

impl WriteTx<'_> {
    /// Runs one statement and tells how many rows it changed.
    pub fn execute(&self, sql: &str, params: impl Params) -> Result<usize, Refusal> {
        Ok(self.0.0.execute(sql, params)?)
    }
}

impl<'t> Deref for WriteTx<'t> {
    type Target = Db<'t>;

    fn deref(&self) -> &Db<'t> {
        &self.0
    }
}

pub(super) fn allowed(actor: Actor, event: &Event) -> Result<(), Refusal> {
    if actor.roles.meet(event.may()) {
        Ok(())
    } else {
        Err(Refusal::Role)
    }
}

fn already_written(connection: &Connection, write: WriteId) -> rusqlite::Result<bool> {
    connection.query_row(
        "select exists (select 1 from written where write = ?1)",
        [write],
        |row| row.get(0),
    )
}

fn note_written(
    connection: &Connection,
    write: WriteId,
    event: EventId,
) -> rusqlite::Result<usize> {
    connection.execute(
        "insert into written (write, event) values (:write, :event)",
        named_params! { ":write": write, ":event": event },
    )
}
