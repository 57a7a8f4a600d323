//! What the centre itself knows about its sticks and backups.

use chrono::NaiveDate;
use rusqlite::named_params;

use super::manifest::Inside;
use super::rules;
use crate::kit::id::{StickId, UserId};
use crate::kit::world::World;
use crate::vault::{Db, Event, Refusal, WriteTx};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stick {
    pub id: StickId,
    pub name: String,
    /// The path, where it is an ordinary folder.
    pub folder: Option<String>,
    pub seen: NaiveDate,
    pub bad: bool,
}

/// A backup as the centre noted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    pub number: u64,
    pub stick: StickId,
    pub day: NaiveDate,
    pub manifest: [u8; 32],
    pub head_seq: i64,
    pub persons: u64,
    pub casework_of: u64,
    pub failed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rehearsal {
    pub day: NaiveDate,
    pub number: u64,
    pub seconds: u64,
}

/// All that a page about backups shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub sticks: Vec<Stick>,
    pub last: Option<Backup>,
    pub rehearsal: Option<Rehearsal>,
    pub reminder: Option<rules::Reminder>,
}

impl Known {
    pub fn of(db: &Db<'_>, today: NaiveDate) -> Result<Self, Refusal> {
        let sticks = sticks(db)?;
        let last = last_good(db)?;
        let rehearsal = last_rehearsal(db)?;
        let first = first_day(db)?;
        let told = rules::Known {
            today,
            founded: founded(db)?.unwrap_or(today),
            last: last.as_ref().map(|backup| backup.day),
            sticks: sticks
                .iter()
                .filter(|stick| stick.folder.is_none() && !stick.bad)
                .map(|stick| stick.seen)
                .collect(),
            reread: last_reread(db)?,
            rehearsed: rehearsal.as_ref().map(|rehearsal| rehearsal.day).or(first),
            casework_waits: last
                .as_ref()
                .is_some_and(|backup| backup.casework_of != backup.number),
        };
        Ok(Self {
            sticks,
            rehearsal,
            reminder: rules::reminder(&told),
            last,
        })
    }
}

pub fn sticks(db: &Db<'_>) -> Result<Vec<Stick>, Refusal> {
    db.all(
        "select id, name, folder, seen, bad is not null from stick
          where forgotten is null order by enrolled",
        [],
        |row| {
            Ok(Stick {
                id: row.get(0)?,
                name: row.get(1)?,
                folder: row.get(2)?,
                seen: row.get(3)?,
                bad: row.get(4)?,
            })
        },
    )
}

pub fn stick(db: &Db<'_>, id: StickId) -> Result<Option<Stick>, Refusal> {
    Ok(sticks(db)?.into_iter().find(|stick| stick.id == id))
}

const COLUMNS: &str =
    "number, stick, day, manifest, head_seq, persons, casework_of, failed is not null";

fn of_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Backup> {
    Ok(Backup {
        number: row.get(0)?,
        stick: row.get(1)?,
        day: row.get(2)?,
        manifest: row.get(3)?,
        head_seq: row.get(4)?,
        persons: row.get(5)?,
        casework_of: row.get(6)?,
        failed: row.get(7)?,
    })
}

pub fn last_good(db: &Db<'_>) -> Result<Option<Backup>, Refusal> {
    let sql =
        format!("select {COLUMNS} from backup where failed is null order by number desc limit 1");
    db.one(&sql, [], of_row)
}

/// Of all that were ever noted.
pub fn newest(db: &Db<'_>) -> Result<Option<Backup>, Refusal> {
    let sql = format!("select {COLUMNS} from backup order by number desc limit 1");
    db.one(&sql, [], of_row)
}

pub fn noted(db: &Db<'_>, number: u64) -> Result<Option<Backup>, Refusal> {
    // A number that no backup of ours can have does not fit the column either.
    let Ok(number) = i64::try_from(number) else {
        return Ok(None);
    };
    let sql = format!("select {COLUMNS} from backup where number = :number");
    db.one(&sql, named_params! { ":number": number }, of_row)
}

/// The numbers known not to be good.
pub fn failed(db: &Db<'_>) -> Result<Vec<u64>, Refusal> {
    db.all(
        "select number from backup where failed is not null",
        [],
        |row| row.get(0),
    )
}

/// When a stored backup was last read again; the first backup's day where none ever was.
fn last_reread(db: &Db<'_>) -> Result<Option<NaiveDate>, Refusal> {
    let day: Option<Option<NaiveDate>> = db.one(
        "select coalesce(max(reread), min(day)) from backup",
        [],
        |row| row.get(0),
    )?;
    Ok(day.flatten())
}

fn first_day(db: &Db<'_>) -> Result<Option<NaiveDate>, Refusal> {
    let day: Option<Option<NaiveDate>> =
        db.one("select min(day) from backup", [], |row| row.get(0))?;
    Ok(day.flatten())
}

fn founded(db: &Db<'_>) -> Result<Option<NaiveDate>, Refusal> {
    db.one(
        "select substr(at, 1, 10) from journal where seq = 1",
        [],
        |row| row.get(0),
    )
}

fn last_rehearsal(db: &Db<'_>) -> Result<Option<Rehearsal>, Refusal> {
    db.one(
        "select day, number, seconds from rehearsal order by id desc limit 1",
        [],
        |row| {
            Ok(Rehearsal {
                day: row.get(0)?,
                number: row.get(1)?,
                seconds: row.get(2)?,
            })
        },
    )
}

/// The centre takes a stick or folder into use, or takes one up again.
pub fn enrol(
    tx: &WriteTx<'_>,
    world: &World,
    id: StickId,
    name: &str,
    folder: Option<&str>,
) -> Result<Event, Refusal> {
    tx.execute(
        "insert into stick (id, name, folder, enrolled, seen)
         values (:id, :name, :folder, :now, :today)
             on conflict (id) do update set name = :name, folder = :folder, seen = :today,
                                            forgotten = null",
        named_params! {
            ":id": id, ":name": name, ":folder": folder, ":now": world.stamp(), ":today": world.today(),
        },
    )?;
    Ok(Event::StickEnrolled { stick: id })
}

/// It is lost, or no longer used: nobody is reminded of it. What lies on it stays.
pub fn forget(tx: &WriteTx<'_>, world: &World, id: StickId) -> Result<Event, Refusal> {
    let changed = tx.execute(
        "update stick set forgotten = :now where id = :id and forgotten is null",
        named_params! { ":id": id, ":now": world.stamp() },
    )?;
    if changed == 0 {
        return Err(Refusal::Missing);
    }
    Ok(Event::StickForgotten { stick: id })
}

pub fn mark_bad(tx: &WriteTx<'_>, world: &World, id: StickId) -> Result<Event, Refusal> {
    tx.execute(
        "update stick set bad = :now where id = :id",
        named_params! { ":id": id, ":now": world.stamp() },
    )?;
    Ok(Event::StickFailed { stick: id })
}

/// A backup that is on its stick, whole and checked.
pub struct Fresh<'f> {
    pub number: u64,
    pub inside: &'f Inside,
    pub manifest: [u8; 32],
}

pub fn made(tx: &WriteTx<'_>, world: &World, fresh: &Fresh<'_>) -> Result<Event, Refusal> {
    let inside = fresh.inside;
    tx.execute(
        "insert into backup (number, stick, at, day, manifest, head_seq, head, persons, casework_of)
         values (:number, :stick, :at, :day, :manifest, :head_seq, :head, :persons, :casework_of)",
        named_params! {
            ":number": fresh.number, ":stick": inside.stick, ":at": world.stamp(),
            ":day": world.today(), ":manifest": fresh.manifest,
            ":head_seq": inside.desk_head.seq, ":head": inside.desk_head.hash,
            ":persons": inside.persons, ":casework_of": inside.casework_of,
        },
    )?;
    tx.execute(
        "update stick set seen = :today where id = :id",
        named_params! { ":id": inside.stick, ":today": world.today() },
    )?;
    Ok(Event::BackupMade {
        number: fresh.number,
        stick: inside.stick,
    })
}

pub fn reread(tx: &WriteTx<'_>, world: &World, number: u64, good: bool) -> Result<Event, Refusal> {
    let failed = (!good).then(|| world.stamp());
    tx.execute(
        "update backup set reread = :today, failed = coalesce(failed, :failed) where number = :number",
        named_params! { ":number": number, ":today": world.today(), ":failed": failed },
    )?;
    Ok(Event::BackupReread { number, good })
}

/// What was not as it was written has been written anew, and the rest was read again.
pub fn mended(tx: &WriteTx<'_>, world: &World, number: u64) -> Result<Event, Refusal> {
    tx.execute(
        "update backup set reread = :today, failed = null where number = :number",
        named_params! { ":number": number, ":today": world.today() },
    )?;
    Ok(Event::BackupReread { number, good: true })
}

pub fn rehearsed(
    tx: &WriteTx<'_>,
    world: &World,
    user: UserId,
    number: u64,
    seconds: u64,
) -> Result<Event, Refusal> {
    tx.execute(
        "insert into rehearsal (day, number, seconds, user) values (:day, :number, :seconds, :user)",
        named_params! {
            ":day": world.today(), ":number": number, ":seconds": seconds, ":user": user,
        },
    )?;
    Ok(Event::RestoreRehearsed { number, seconds })
}
