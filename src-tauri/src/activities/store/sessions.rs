//! Sessions, the days on which the centre is closed, and what takes place when.

use std::collections::HashMap;

use chrono::NaiveDate;
use rusqlite::{Row, named_params};

use super::{NotDone, unfit};
use crate::activities::rules::{self, Busy, Hours, Slot, Standing, Status};
use crate::kit::id::{ActivityId, SessionId};
use crate::kit::world::World;
use crate::vault::{Db, Refusal, WriteTx};

/// One time that an activity takes place.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: SessionId,
    pub activity: ActivityId,
    pub slot: Slot,
    pub room: Option<String>,
    pub status: Status,
    /// Who came without a name: counted.
    pub walk_ins: u32,
    /// The day on which it was to be before it was moved.
    pub moved_from: Option<NaiveDate>,
}

pub fn insert(
    tx: &WriteTx<'_>,
    world: &World,
    activity: ActivityId,
    day: NaiveDate,
    hours: Hours,
    room: Option<&str>,
) -> Result<SessionId, Refusal> {
    let id = SessionId::new(world);
    tx.execute(
        "insert into session (id, activity, day, opens, closes, room, status)
         values (:id, :activity, :day, :opens, :closes, :room, 'planned')",
        named_params! {
            ":id": id, ":activity": activity, ":day": day, ":opens": hours.from(),
            ":closes": hours.until(), ":room": room,
        },
    )?;
    Ok(id)
}

/// Only what is still planned can be dropped: the statement says so again.
pub fn drop(tx: &WriteTx<'_>, id: SessionId) -> Result<(), Refusal> {
    tx.execute(
        "delete from session where id = :id and status = 'planned' and walk_ins = 0",
        named_params! { ":id": id },
    )?;
    Ok(())
}

pub fn renew(
    tx: &WriteTx<'_>,
    id: SessionId,
    hours: Hours,
    room: Option<&str>,
) -> Result<(), Refusal> {
    tx.execute(
        "update session set opens = :opens, closes = :closes, room = :room
          where id = :id and status = 'planned'",
        named_params! { ":id": id, ":opens": hours.from(), ":closes": hours.until(), ":room": room },
    )?;
    Ok(())
}

pub fn cancel(tx: &WriteTx<'_>, id: SessionId, reason: &str) -> Result<(), NotDone> {
    session(tx, id)?
        .ok_or(Refusal::Missing)?
        .status
        .changeable()?;
    tx.execute(
        "update session set status = 'cancelled', reason = :reason where id = :id",
        named_params! { ":id": id, ":reason": reason },
    )?;
    Ok(())
}

/// A cancelled session takes place after all; a moved one comes back to where it was.
pub fn restore(tx: &WriteTx<'_>, id: SessionId) -> Result<(), NotDone> {
    let session = session(tx, id)?.ok_or(Refusal::Missing)?;
    match session.status {
        Status::Planned => return Ok(()),
        Status::Held => return Err(rules::Refusal::WasHeld.into()),
        Status::Cancelled { .. } => {}
        Status::Moved { to } => {
            self::session(tx, to)?
                .ok_or(Refusal::Missing)?
                .status
                .changeable()?;
        }
    }
    tx.execute(
        "update session set status = 'planned', reason = null, moved_to = null where id = :id",
        named_params! { ":id": id },
    )?;
    if let Status::Moved { to } = session.status {
        drop(tx, to)?;
    }
    Ok(())
}

/// Gives the session that takes its place.
pub fn relocate(
    tx: &WriteTx<'_>,
    world: &World,
    id: SessionId,
    to: Slot,
    room: Option<&str>,
) -> Result<SessionId, NotDone> {
    let session = session(tx, id)?.ok_or(Refusal::Missing)?;
    session.status.changeable()?;
    let activity = super::activity(tx, session.activity)?.ok_or(Refusal::Missing)?;
    rules::new_day(to.day, activity.term, world.today())?;
    let new = insert(tx, world, session.activity, to.day, to.hours, room)?;
    tx.execute(
        "update session set status = 'moved', moved_to = :to where id = :id",
        named_params! { ":id": id, ":to": new },
    )?;
    Ok(new)
}

const SESSION: &str =
    "select s.id, s.activity, s.day, s.opens, s.closes, s.room, s.status, s.reason,
    s.moved_to, s.walk_ins, (select o.day from session o where o.moved_to = s.id) from session s ";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Session> {
    let status: String = row.get(6)?;
    Ok(Session {
        id: row.get(0)?,
        activity: row.get(1)?,
        slot: Slot {
            day: row.get(2)?,
            hours: Hours::new(row.get(3)?, row.get(4)?).map_err(unfit)?,
        },
        room: row.get(5)?,
        status: match status.as_str() {
            "held" => Status::Held,
            "cancelled" => Status::Cancelled {
                reason: row.get(7)?,
            },
            "moved" => Status::Moved { to: row.get(8)? },
            _ => Status::Planned,
        },
        walk_ins: row.get(9)?,
        moved_from: row.get(10)?,
    })
}

/// `None` for none.
pub fn session(db: &Db<'_>, id: SessionId) -> Result<Option<Session>, Refusal> {
    db.one(
        &format!("{SESSION} where s.id = :id"),
        named_params! { ":id": id },
        from_row,
    )
}

/// The earliest first.
pub fn of_activity(db: &Db<'_>, activity: ActivityId) -> Result<Vec<Session>, Refusal> {
    db.all(
        &format!("{SESSION} where s.activity = :activity order by s.day, s.opens"),
        named_params! { ":activity": activity },
        from_row,
    )
}

/// From the first day to the last, both included; the earliest first.
pub fn between(db: &Db<'_>, from: NaiveDate, until: NaiveDate) -> Result<Vec<Session>, Refusal> {
    db.all(
        &format!("{SESSION} where s.day between :from and :until order by s.day, s.opens, s.id"),
        named_params! { ":from": from, ":until": until },
        from_row,
    )
}

/// The next one of an activity that is to take place.
pub fn next(
    db: &Db<'_>,
    activity: ActivityId,
    today: NaiveDate,
) -> Result<Option<Session>, Refusal> {
    db.one(
        &format!(
            "{SESSION} where s.activity = :activity and s.day >= :today
               and s.status in ('planned', 'held') order by s.day, s.opens limit 1"
        ),
        named_params! { ":activity": activity, ":today": today },
        from_row,
    )
}

pub fn standing(db: &Db<'_>, activity: ActivityId) -> Result<Vec<Standing>, Refusal> {
    let sessions = of_activity(db, activity)?;
    Ok(sessions
        .into_iter()
        .map(|session| Standing {
            id: session.id,
            day: session.slot.day,
            status: session.status,
            by_hand: session.moved_from.is_some(),
        })
        .collect())
}

/// What the other activities have planned or held from one day to another.
pub fn busy(
    db: &Db<'_>,
    but: Option<ActivityId>,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<Busy>, Refusal> {
    let mut teachers: HashMap<ActivityId, Vec<String>> = HashMap::new();
    for (activity, name) in db.all(
        "select t.activity, t.name from activity_teacher t order by t.activity, t.place",
        [],
        |row| Ok((row.get::<_, ActivityId>(0)?, row.get::<_, String>(1)?)),
    )? {
        teachers.entry(activity).or_default().push(name);
    }
    let sessions = between(db, from, until)?;
    Ok(sessions
        .into_iter()
        .filter(|s| Some(s.activity) != but)
        .filter(|s| matches!(s.status, Status::Planned | Status::Held))
        .map(|session| Busy {
            activity: Some(session.activity),
            slot: session.slot,
            room: session.room,
            teachers: teachers.get(&session.activity).cloned().unwrap_or_default(),
        })
        .collect())
}

/// Days on which the whole centre is closed, the earliest first.
pub fn holidays(db: &Db<'_>) -> Result<Vec<(NaiveDate, String)>, Refusal> {
    db.all("select day, name from holiday order by day", [], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// Closes the centre on these days: what was planned is cancelled. Gives how many sessions that were.
pub fn add_holidays(
    tx: &WriteTx<'_>,
    days: impl Iterator<Item = NaiveDate>,
    name: &str,
) -> Result<u32, Refusal> {
    let mut cancelled = 0;
    for day in days {
        tx.execute(
            "insert into holiday (day, name) values (:day, :name)
             on conflict do update set name = excluded.name",
            named_params! { ":day": day, ":name": name },
        )?;
        cancelled += tx.execute(
            "update session set status = 'cancelled', reason = :name
              where day = :day and status = 'planned'",
            named_params! { ":day": day, ":name": name },
        )?;
    }
    Ok(u32::try_from(cancelled).unwrap_or(u32::MAX))
}

/// The centre is open after all; what was cancelled for it is put back one by one, by hand.
pub fn remove_holiday(tx: &WriteTx<'_>, day: NaiveDate) -> Result<(), Refusal> {
    let removed = tx.execute(
        "delete from holiday where day = :day",
        named_params! { ":day": day },
    )?;
    if removed == 0 {
        return Err(Refusal::Missing);
    }
    Ok(())
}
