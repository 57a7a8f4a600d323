//! The interpreter tables.

use std::collections::HashMap;

use rusqlite::{Row, named_params};

use super::rules::{Interpreter, Profile, Spoken};
use crate::kit::hours::Hours;
use crate::kit::id::InterpreterId;
use crate::kit::money::Amount;
use crate::kit::world::World;
use crate::vault::{Actor, Db, Refusal, WriteTx};

/// Every interpreter, also those that ended.
pub fn all(db: &Db<'_>) -> Result<Vec<Interpreter>, Refusal> {
    load(db, None)
}

pub fn interpreter(db: &Db<'_>, id: InterpreterId) -> Result<Option<Interpreter>, Refusal> {
    Ok(load(db, Some(id))?.pop())
}

fn load(db: &Db<'_>, only: Option<InterpreterId>) -> Result<Vec<Interpreter>, Refusal> {
    let mut languages = parts(
        db,
        "select interpreter, language, level from interpreter_language
          where :only is null or interpreter = :only order by interpreter, place",
        only,
        |row| {
            Ok(Spoken {
                language: row.get(1)?,
                level: row.get(2)?,
            })
        },
    )?;
    let mut conflicts = parts(
        db,
        "select interpreter, nationality from interpreter_conflict
          where :only is null or interpreter = :only",
        only,
        |row| row.get(1),
    )?;
    let mut hours = parts(
        db,
        "select interpreter, day, starts, ends from interpreter_hours
          where :only is null or interpreter = :only",
        only,
        |row| Ok((row.get(1)?, row.get(2)?, row.get(3)?)),
    )?;
    let mut found = db.all(
        "select id, name, phone, gender, fee_minor, fee_currency, fee_per, signed_until, note, ended
           from interpreter where :only is null or id = :only",
        named_params! { ":only": only },
        |row| {
            let minor: Option<i64> = row.get(4)?;
            let currency: Option<String> = row.get(5)?;
            Ok(Interpreter {
                id: row.get(0)?,
                profile: Profile {
                    name: row.get(1)?,
                    phone: row.get(2)?,
                    gender: row.get(3)?,
                    languages: Vec::new(),
                    hours: Hours::default(),
                    fee: minor
                        .zip(currency)
                        .and_then(|(minor, code)| Amount::new(minor, &code)),
                    per: row.get(6)?,
                    signed_until: row.get(7)?,
                    conflicts: Vec::new(),
                    note: row.get(8)?,
                },
                ended: row.get(9)?,
            })
        },
    )?;
    for Interpreter { id, profile, .. } in &mut found {
        profile.languages = languages.remove(id).unwrap_or_default();
        profile.conflicts = conflicts.remove(id).unwrap_or_default();
        profile.hours = Hours::from_rows(hours.remove(id).unwrap_or_default());
    }
    Ok(found)
}

/// What a table has for each interpreter.
fn parts<T>(
    db: &Db<'_>,
    sql: &str,
    only: Option<InterpreterId>,
    row: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<HashMap<InterpreterId, Vec<T>>, Refusal> {
    let mut of: HashMap<InterpreterId, Vec<T>> = HashMap::new();
    let rows = db.all(sql, named_params! { ":only": only }, |found| {
        Ok((found.get::<_, InterpreterId>(0)?, row(found)?))
    })?;
    for (interpreter, part) in rows {
        of.entry(interpreter).or_default().push(part);
    }
    Ok(of)
}

pub fn insert(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    id: InterpreterId,
    profile: &Profile,
) -> Result<(), Refusal> {
    tx.execute(
        "insert into interpreter (id, name, gender, fee_per, created, by)
         values (:id, :name, :gender, :per, :created, :by)",
        named_params! {
            ":id": id, ":name": profile.name, ":gender": profile.gender, ":per": profile.per,
            ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    revise(tx, id, profile)
}

/// Puts the whole record in the place of the one before.
pub fn revise(tx: &WriteTx<'_>, id: InterpreterId, profile: &Profile) -> Result<(), Refusal> {
    let changed = tx.execute(
        "update interpreter set name = :name, phone = :phone, gender = :gender, fee_minor = :minor,
                fee_currency = :currency, fee_per = :per, signed_until = :signed_until, note = :note
          where id = :id",
        named_params! {
            ":id": id, ":name": profile.name, ":phone": profile.phone, ":gender": profile.gender,
            ":minor": profile.fee.map(|fee| fee.minor),
            ":currency": profile.fee.map(|fee| fee.currency.code), ":per": profile.per,
            ":signed_until": profile.signed_until, ":note": profile.note,
        },
    )?;
    if changed == 0 {
        return Err(Refusal::Missing);
    }
    for sql in [
        "delete from interpreter_language where interpreter = :id",
        "delete from interpreter_conflict where interpreter = :id",
        "delete from interpreter_hours where interpreter = :id",
    ] {
        tx.execute(sql, named_params! { ":id": id })?;
    }
    for (place, spoken) in profile.languages.iter().enumerate() {
        tx.execute(
            "insert into interpreter_language (interpreter, place, language, level)
             values (:id, :place, :language, :level)",
            named_params! {
                ":id": id, ":place": place, ":language": spoken.language, ":level": spoken.level,
            },
        )?;
    }
    for nationality in &profile.conflicts {
        tx.execute(
            "insert into interpreter_conflict (interpreter, nationality) values (:id, :nationality)",
            named_params! { ":id": id, ":nationality": nationality },
        )?;
    }
    for (day, from, until) in profile.hours.rows() {
        tx.execute(
            "insert into interpreter_hours (interpreter, day, starts, ends)
             values (:id, :day, :starts, :ends)",
            named_params! { ":id": id, ":day": day, ":starts": from, ":ends": until },
        )?;
    }
    Ok(())
}

/// No longer interprets here, or does so again.
pub fn end(tx: &WriteTx<'_>, world: &World, id: InterpreterId, ended: bool) -> Result<(), Refusal> {
    let changed = tx.execute(
        "update interpreter set ended = :ended where id = :id",
        named_params! { ":id": id, ":ended": ended.then(|| world.today()) },
    )?;
    if changed == 0 {
        return Err(Refusal::Missing);
    }
    Ok(())
}
