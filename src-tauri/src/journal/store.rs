//! Pages of the journal, newest first, narrowed by day, person at work and kind.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rusqlite::named_params;

use super::words::{self, Kind};
use crate::kit::id::{EventId, PersonId, UserId};
use crate::kit::world::World;
use crate::vault::{Db, Event, Refusal};

/// So many rows a page.
pub const PAGE: usize = 50;

/// One row as it was kept.
pub struct Entry {
    pub seq: i64,
    /// `None` where it cannot be read: the row is shown all the same.
    pub at: Option<DateTime<Utc>>,
    pub by: String,
    pub name: String,
    /// JSON.
    pub ids: String,
}

/// What is to be shown; all of it where nothing is said.
#[derive(Clone, Copy, Default)]
pub struct Asked {
    pub day: Option<NaiveDate>,
    pub by: Option<UserId>,
    pub kind: Option<Kind>,
    /// Only what came before this row.
    pub before: Option<i64>,
}

/// One row more than a page, where there is one.
pub fn page(db: &Db<'_>, world: &World, asked: Asked) -> Result<Vec<Entry>, Refusal> {
    let Some((first, last)) = range(db, world, asked)? else {
        return Ok(Vec::new());
    };
    match (asked.kind, asked.by) {
        (Some(kind), by) => of_kind(db, kind, by, first, last),
        (None, Some(by)) => rows(
            db,
            &format!("{ENTRY} where j.actor = :by and j.seq between :first and :last {NEWEST}"),
            named_params! { ":by": by, ":first": first, ":last": last, ":most": PAGE + 1 },
        ),
        (None, None) => rows(
            db,
            &format!("{ENTRY} where j.seq between :first and :last {NEWEST}"),
            named_params! { ":first": first, ":last": last, ":most": PAGE + 1 },
        ),
    }
}

/// The latest of one person at work, since an instant.
pub fn own(
    db: &Db<'_>,
    by: UserId,
    since: DateTime<Utc>,
    most: usize,
) -> Result<Vec<Entry>, Refusal> {
    let mut own = rows(
        db,
        &format!("{ENTRY} where j.actor = :by {NEWEST}"),
        named_params! { ":by": by, ":most": most },
    )?;
    own.retain(|entry| entry.at.is_some_and(|at| at >= since));
    Ok(own)
}

/// What was told, and by whom.
pub type Told = (Option<UserId>, Event);

/// What was told since somebody was registered, `None` where that is not told here.
pub fn since_registered(db: &Db<'_>, person: PersonId) -> Result<Option<Vec<Told>>, Refusal> {
    let ids = serde_json::json!({ "person": person }).to_string();
    // The plus keeps the index of names out: from the newest row back, a fresh registration is near.
    let registered = db.one(
        "select seq from journal where +name = 'person-registered' and ids = :ids
          order by seq desc limit 1",
        named_params! { ":ids": ids },
        |row| row.get::<_, i64>(0),
    )?;
    let Some(seq) = registered else {
        return Ok(None);
    };
    let since: Vec<(Option<UserId>, String, String)> = db.all(
        "select actor, name, ids from journal where seq > :seq order by seq",
        named_params! { ":seq": seq },
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let told = since
        .into_iter()
        .filter_map(|(by, name, ids)| Some((by, Event::of(&name, &ids)?)));
    Ok(Some(told.collect()))
}

/// Everybody who is or was at work here.
pub fn workers(db: &Db<'_>) -> Result<Vec<(UserId, String)>, Refusal> {
    let sql = "select id, name from user order by disabled is not null, name";
    db.all(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
}

const ENTRY: &str = "select j.seq, j.at, coalesce(u.name, ''), j.name, j.ids
    from journal j left join user u on u.id = j.actor";
const NEWEST: &str = "order by j.seq desc limit :most";

fn rows(db: &Db<'_>, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Entry>, Refusal> {
    db.all(sql, params, |row| {
        Ok(Entry {
            seq: row.get(0)?,
            at: row.get(1).ok(),
            by: row.get(2)?,
            name: row.get(3)?,
            ids: row.get(4)?,
        })
    })
}

/// The first and last row that can be meant; `None` for a day on which nothing happened.
fn range(db: &Db<'_>, world: &World, asked: Asked) -> Result<Option<(i64, i64)>, Refusal> {
    let last = asked.before.map_or(i64::MAX, |before| before - 1);
    let Some(day) = asked.day else {
        return Ok(Some((0, last)));
    };
    // An event's id begins with its instant (RFC 9562), and ids are indexed.
    let from = first_id(midnight(world, day));
    let until = first_id(midnight(world, day + chrono::Days::new(1)));
    let found = db.one(
        "select min(seq), max(seq) from journal where event >= :from and event < :until",
        named_params! { ":from": from, ":until": until },
        |row| {
            Ok(Option::zip(
                row.get::<_, Option<i64>>(0)?,
                row.get::<_, Option<i64>>(1)?,
            ))
        },
    )?;
    Ok(found
        .flatten()
        .map(|(first, day_last)| (first, day_last.min(last))))
}

fn midnight(world: &World, day: NaiveDate) -> DateTime<Utc> {
    let bare = day.and_time(NaiveTime::MIN).and_utc();
    // The wall's offset of that day, not of today: summer time.
    let offset = *world.clock.local(bare).offset();
    bare - chrono::TimeDelta::seconds(i64::from(offset.local_minus_utc()))
}

fn first_id(at: DateTime<Utc>) -> EventId {
    let mut bytes = [0; 16];
    let millis = u64::try_from(at.timestamp_millis())
        .unwrap_or(0)
        .to_be_bytes();
    bytes[..6].copy_from_slice(&millis[2..]);
    EventId::from_bytes(bytes)
}

/// The newest of each name and worker, of which the newest of all are shown: each is one step into
/// an index, however long the journal is.
fn of_kind(
    db: &Db<'_>,
    kind: Kind,
    by: Option<UserId>,
    first: i64,
    last: i64,
) -> Result<Vec<Entry>, Refusal> {
    let workers: Vec<Option<UserId>> = match by {
        Some(by) => vec![Some(by)],
        None => {
            let all = workers(db)?.into_iter().map(|(user, _)| Some(user));
            // What the program itself did has no worker.
            all.chain([None]).collect()
        }
    };
    let mut numbers: Vec<i64> = Vec::new();
    for name in words::of_kind(kind) {
        for worker in &workers {
            numbers.extend(db.all(
                "select seq from journal where name = :name and actor is :by
                    and seq between :first and :last order by seq desc limit :most",
                named_params! { ":name": name, ":by": worker, ":first": first, ":last": last, ":most": PAGE + 1 },
                |row| row.get::<_, i64>(0),
            )?);
        }
    }
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    numbers.truncate(PAGE + 1);
    let mut entries = Vec::new();
    for seq in numbers {
        let sql = format!("{ENTRY} where j.seq = :seq");
        entries.extend(rows(db, &sql, named_params! { ":seq": seq })?);
    }
    Ok(entries)
}
