//! What stood half-typed when the program locked: kept in the file that its writer alone can
//! open — casework.db for whoever holds that key, else desk.db — and given back once.

use rusqlite::named_params;

use crate::kit::id::UserId;
use crate::vault::{Db, Event, Refusal, WriteTx};
use crate::web::{Call, Kept, Result, access};

/// Characters; a case note has a smaller limit of its own.
const LONGEST: usize = 60_000;

/// Reads what the page sent along with the lock; `None` where nothing was half-typed.
pub fn sent(call: &Call) -> Option<Kept> {
    let fields = call.sent.get("kept");
    if fields.is_empty() || fields.chars().count() > LONGEST {
        return None;
    }
    let roles = call.actor().ok()?.roles;
    // A form refused stands at an address that only takes posts: the page above it has the form.
    let path = access::nearest_page(roles, call.sent.get("kept-at"))?;
    let fields = fields.to_owned();
    Some(Kept { path, fields })
}

pub fn keep(call: &Call, kept: &Kept) -> Result<()> {
    let user = call.actor()?.user;
    let at = call.app.world.stamp();
    call.write(|tx| {
        let sql = if holds_casework(tx)? {
            "insert or replace into casework.kept_form (user, path, fields, at) values (:user, :path, :fields, :at)"
        } else {
            "insert or replace into kept_form (user, path, fields, at) values (:user, :path, :fields, :at)"
        };
        tx.execute(
            sql,
            named_params! { ":user": user, ":path": kept.path, ":fields": kept.fields, ":at": at },
        )?;
        Ok(((), Event::FormKept { user }))
    })
}

/// What was kept for whoever has just come in; it is not there a second time.
pub fn take(call: &Call) -> Result<Option<Kept>> {
    let actor = call.actor()?;
    let user = actor.user;
    let Some(kept) = call.read(|db| kept(db, user))? else {
        return Ok(None);
    };
    call.app.vault.write(actor, None, |tx| {
        remove(tx, user)?;
        Ok::<_, Refusal>(((), Event::FormBroughtBack { user }))
    })?;
    Ok(access::nearest_page(actor.roles, &kept.path).map(|path| Kept { path, ..kept }))
}

fn kept(db: &Db<'_>, user: UserId) -> Result<Option<Kept>> {
    let row = |row: &rusqlite::Row<'_>| {
        Ok(Kept {
            path: row.get(0)?,
            fields: row.get(1)?,
        })
    };
    let named = named_params! { ":user": user };
    if holds_casework(db)? {
        let sql = "select path, fields from casework.kept_form where user = :user";
        if let Some(kept) = db.one(sql, named, row)? {
            return Ok(Some(kept));
        }
    }
    let sql = "select path, fields from kept_form where user = :user";
    db.one(sql, named, row)
}

fn remove(tx: &WriteTx<'_>, user: UserId) -> Result<()> {
    let named = named_params! { ":user": user };
    if holds_casework(tx)? {
        tx.execute("delete from casework.kept_form where user = :user", named)?;
    }
    tx.execute("delete from kept_form where user = :user", named)?;
    Ok(())
}

fn holds_casework(db: &Db<'_>) -> Result<bool> {
    let sql = "select 1 from pragma_database_list where name = 'casework'";
    Ok(db.one(sql, [], |_| Ok(()))?.is_some())
}
