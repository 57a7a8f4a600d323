//! The register: who was there, walk-ins, and what it says over the whole term.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::named_params;

use super::NotDone;
use super::sessions::{self, Session};
use crate::activities::rules::{Mark, Share};
use crate::kit::id::{ActivityId, PersonId, SessionId};
use crate::kit::world::World;
use crate::vault::{Actor, Db, Refusal, WriteTx};
use crate::visits;

/// More people than the largest hall holds: a slip of the finger.
pub const MOST_WALK_INS: u32 = 500;

/// One person on the register of one session.
#[derive(Clone, Debug)]
pub struct Line {
    pub person: PersonId,
    pub mark: Option<Mark>,
    /// Came without being enrolled.
    pub walk_in: bool,
}

/// Those who had a place on that day and whoever has a mark, in the order of enrolling; walk-ins
/// with a name last.
pub fn lines(db: &Db<'_>, session: &Session) -> Result<Vec<Line>, Refusal> {
    let marks: Vec<(PersonId, Mark)> = db.all(
        "select person, mark from attendance where session = :session order by at, person",
        named_params! { ":session": session.id },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let enrolled: Vec<PersonId> = db.all(
        "select e.person from enrolment e
          where e.activity = :activity and e.undone is null
            and e.place = 'seat' and (e.ended is null or e.ended >= :day)
          group by e.person order by min(e.created), min(e.id)",
        named_params! { ":activity": session.activity, ":day": session.slot.day },
        |row| row.get(0),
    )?;
    let mut lines: Vec<Line> = enrolled
        .into_iter()
        .map(|person| Line {
            person,
            mark: None,
            walk_in: false,
        })
        .collect();
    for (person, mark) in marks {
        match lines.iter_mut().find(|line| line.person == person) {
            Some(line) => line.mark = Some(mark),
            None => lines.push(Line {
                person,
                mark: Some(mark),
                walk_in: true,
            }),
        }
    }
    Ok(lines)
}

/// A session whose register may be taken now.
fn open(db: &Db<'_>, world: &World, id: SessionId) -> Result<Session, NotDone> {
    let session = sessions::session(db, id)?.ok_or(Refusal::Missing)?;
    session
        .status
        .open_for_marks(session.slot.day, world.today())?;
    Ok(session)
}

/// Writes one mark; `None` takes it away. The register is taken with the first.
pub fn mark(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    session: SessionId,
    person: PersonId,
    mark: Option<Mark>,
) -> Result<(), NotDone> {
    let open = open(tx, world, session)?;
    if lines(tx, &open)?.iter().all(|line| line.person != person) {
        return Err(Refusal::Missing.into());
    }
    match mark {
        Some(mark) => insert(tx, world, actor, session, person, mark, false)?,
        None => delete(tx, session, person)?,
    }
    Ok(settle(tx, session)?)
}

fn insert(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    session: SessionId,
    person: PersonId,
    mark: Mark,
    was_counted: bool,
) -> Result<(), Refusal> {
    tx.execute(
        "insert into attendance (session, person, mark, was_counted, at, by)
         values (:session, :person, :mark, :was_counted, :at, :by)
         on conflict do update set before = attendance.mark, mark = excluded.mark,
           at = excluded.at, by = excluded.by",
        named_params! {
            ":session": session, ":person": person, ":mark": mark, ":was_counted": was_counted,
            ":at": world.stamp(), ":by": actor.user,
        },
    )?;
    Ok(())
}

/// Somebody who was counted before they had a name is counted again without it.
fn delete(tx: &WriteTx<'_>, session: SessionId, person: PersonId) -> Result<(), Refusal> {
    tx.execute(
        "update session set walk_ins = min(walk_ins + 1, :most) where id = :session
           and exists (select 1 from attendance where session = :session and person = :person
                          and was_counted = 1)",
        named_params! { ":session": session, ":person": person, ":most": MOST_WALK_INS },
    )?;
    tx.execute(
        "delete from attendance where session = :session and person = :person",
        named_params! { ":session": session, ":person": person },
    )?;
    Ok(())
}

/// Held while the register says anything; planned again when all of it was taken away.
fn settle(tx: &WriteTx<'_>, session: SessionId) -> Result<(), Refusal> {
    tx.execute(
        "update session set status = case when walk_ins > 0 or exists (
             select 1 from attendance where session = :session) then 'held' else 'planned' end
          where id = :session and status in ('planned', 'held')",
        named_params! { ":session": session },
    )?;
    Ok(())
}

/// Puts back what stood there before the last mark, while that is fresh.
pub fn take_back(
    tx: &WriteTx<'_>,
    world: &World,
    session: SessionId,
    person: PersonId,
) -> Result<(), NotDone> {
    let (before, at): (Option<Mark>, DateTime<Utc>) = tx
        .one(
            "select before, at from attendance where session = :session and person = :person",
            named_params! { ":session": session, ":person": person },
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?
        .ok_or(Refusal::Missing)?;
    visits::rules::undo(at, world.utc())?;
    match before {
        Some(before) => {
            tx.execute(
                "update attendance set mark = :before, before = null
                  where session = :session and person = :person",
                named_params! { ":session": session, ":person": person, ":before": before },
            )?;
        }
        None => delete(tx, session, person)?,
    }
    Ok(settle(tx, session)?)
}

/// Whoever has no mark yet was absent. Gives how many that were; with none left, and nobody at
/// all, the register is taken all the same.
pub fn rest_absent(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    session: SessionId,
) -> Result<u32, NotDone> {
    let open = open(tx, world, session)?;
    let mut marked = 0;
    for line in lines(tx, &open)?.iter().filter(|line| line.mark.is_none()) {
        insert(tx, world, actor, session, line.person, Mark::Absent, false)?;
        marked += 1;
    }
    tx.execute(
        "update session set status = 'held' where id = :session",
        named_params! { ":session": session },
    )?;
    Ok(marked)
}

pub fn count_walk_ins(
    tx: &WriteTx<'_>,
    world: &World,
    session: SessionId,
    number: u32,
) -> Result<(), NotDone> {
    open(tx, world, session)?;
    tx.execute(
        "update session set walk_ins = :number where id = :session",
        named_params! { ":session": session, ":number": number },
    )?;
    Ok(settle(tx, session)?)
}

/// One of those counted gets a name; who was not counted is added.
pub fn name_walk_in(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    session: SessionId,
    person: PersonId,
) -> Result<(), NotDone> {
    let open = open(tx, world, session)?;
    let known = lines(tx, &open)?
        .into_iter()
        .any(|line| line.person == person);
    let was_counted = !known && open.walk_ins > 0;
    insert(
        tx,
        world,
        actor,
        session,
        person,
        Mark::Present,
        was_counted,
    )?;
    if was_counted {
        tx.execute(
            "update session set walk_ins = walk_ins - 1 where id = :session",
            named_params! { ":session": session },
        )?;
    }
    Ok(settle(tx, session)?)
}

/// How many were there and how many were marked absent or excused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Came {
    pub here: u32,
    pub away: u32,
}

pub fn came(db: &Db<'_>, session: SessionId) -> Result<Came, Refusal> {
    let came = db.one(
        "select count(*) filter (where mark in ('present', 'late')),
                count(*) filter (where mark in ('excused', 'absent'))
           from attendance where session = :session",
        named_params! { ":session": session },
        |row| {
            Ok(Came {
                here: row.get(0)?,
                away: row.get(1)?,
            })
        },
    )?;
    Ok(came.unwrap_or_default())
}

/// What each person was at, of the sessions held since they had a place; what they were at before
/// counts as well. Empty before the first was held.
pub fn shares(db: &Db<'_>, activity: ActivityId) -> Result<HashMap<PersonId, Share>, Refusal> {
    let Share { all, .. } = none(db, activity)?;
    let shares = db.all(
        "select p.person, count(*) filter (where t.mark in ('present', 'late')),
                count(*) filter (where t.mark in ('present', 'late') or exists (
                  select 1 from enrolment e
                   where e.activity = s.activity and e.person = p.person and e.undone is null
                     and e.place = 'seat' and e.since <= s.day
                     and (e.ended is null or e.ended >= s.day)))
           from (select person from enrolment where activity = :activity and undone is null
                 union
                 select a.person from attendance a join session h on h.id = a.session
                  where h.activity = :activity) p
           join session s on s.activity = :activity and s.status = 'held'
           left join attendance t on t.session = s.id and t.person = p.person
          group by p.person",
        named_params! { ":activity": activity },
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    Ok(shares
        .into_iter()
        .map(|(person, attended, held)| {
            let share = Share {
                attended,
                held,
                all,
            };
            (person, share)
        })
        .collect())
}

/// The share of whoever was at none of its sessions.
pub fn none(db: &Db<'_>, activity: ActivityId) -> Result<Share, Refusal> {
    let none = db.one(
        "select count(*) filter (where status = 'held'), count(*) from session
          where activity = :activity and status in ('planned', 'held')",
        named_params! { ":activity": activity },
        |row| {
            Ok(Share {
                attended: 0,
                held: row.get(0)?,
                all: row.get(1)?,
            })
        },
    )?;
    Ok(none.unwrap_or_default())
}
