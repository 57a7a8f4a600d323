//! The tables of activities.

pub mod enrolments;
pub mod register;
pub mod sessions;

use chrono::NaiveDate;
use rusqlite::{Row, named_params, types};

use super::rules::{Capacity, Hours, Kind, Plan, Refusal as Rule, Term, Titles};
use crate::kit::id::{ActivityId, EnrolmentId};
use crate::kit::money::Amount;
use crate::kit::world::World;
use crate::vault::{Actor, Db, Refusal, WriteTx};

/// Why something was not written.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    #[error(transparent)]
    Rule(#[from] Rule),
    #[error(transparent)]
    TooLate(#[from] crate::visits::rules::Refusal),
    #[error(transparent)]
    Vault(#[from] Refusal),
}

/// What a manager decides about an activity, without its dates.
#[derive(Clone, Debug)]
pub struct Details {
    pub kind: Kind,
    pub titles: Titles,
    pub level: Option<String>,
    /// ISO 639-3: in which it is taught.
    pub language: Option<String>,
    pub teachers: Vec<String>,
    pub room: Option<String>,
    pub hours: Hours,
    pub capacity: Capacity,
    pub women_only: bool,
    pub childcare: bool,
    pub members_only: bool,
    pub fee: Option<Amount>,
    /// Percent of the sessions held that a certificate takes.
    pub share: u32,
}

/// An activity as the database has it.
#[derive(Clone, Debug)]
pub struct Activity {
    pub id: ActivityId,
    pub details: Details,
    pub term: Term,
    pub recurrence: super::recurrence::Recurrence,
    /// Days of the term without a session.
    pub off: Vec<NaiveDate>,
    /// Since when it is over, where it was ended before its term.
    pub closed: Option<NaiveDate>,
}

/// How full an activity is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub seated: u32,
    pub waiting: u32,
}

pub fn plan(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    details: &Details,
    plan: &Plan,
) -> Result<ActivityId, Refusal> {
    let id = ActivityId::new(world);
    tx.execute(
        "insert into activity (id, kind, starts, ends, rule, opens, closes, women_only, childcare,
                members_only, share, created, created_by)
         values (:id, :kind, :starts, :ends, :rule, :opens, :closes, 0, 0, 0, 1, :created, :by)",
        named_params! {
            ":id": id, ":kind": details.kind, ":starts": plan.term().from(),
            ":ends": plan.term().until(), ":rule": plan.recurrence().to_string(),
            ":opens": details.hours.from(), ":closes": details.hours.until(),
            ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    write(tx, id, details, plan)?;
    for day in plan.dates() {
        sessions::insert(tx, world, id, *day, details.hours, details.room.as_deref())?;
    }
    Ok(id)
}

/// Changes an activity. Sessions that were, and those that somebody cancelled or moved, stay.
/// Gives whoever moved up because there is more room.
pub fn revise(
    tx: &WriteTx<'_>,
    world: &World,
    id: ActivityId,
    details: &Details,
    plan: &Plan,
) -> Result<Vec<EnrolmentId>, NotDone> {
    let before = activity(tx, id)?.ok_or(Refusal::Missing)?;
    super::rules::resized(details.capacity, enrolments::taken(tx, id)?.seated)?;
    write(tx, id, details, plan)?;
    let change = super::rules::replan(
        &sessions::standing(tx, id)?,
        plan.dates(),
        before.term.from(),
        world.today(),
    );
    for session in change.drop {
        sessions::drop(tx, session)?;
    }
    for session in change.renew {
        sessions::renew(tx, session, details.hours, details.room.as_deref())?;
    }
    for day in change.add {
        sessions::insert(tx, world, id, day, details.hours, details.room.as_deref())?;
    }
    Ok(enrolments::move_up(tx, world, id)?)
}

fn write(tx: &WriteTx<'_>, id: ActivityId, details: &Details, plan: &Plan) -> Result<(), Refusal> {
    tx.execute(
        "update activity set kind = :kind, level = :level, language = :language, room = :room,
                starts = :starts, ends = :ends, rule = :rule, opens = :opens, closes = :closes,
                capacity = :capacity, women_only = :women_only, childcare = :childcare,
                members_only = :members_only, fee = :fee, currency = :currency, share = :share
          where id = :id",
        named_params! {
            ":id": id, ":kind": details.kind, ":level": details.level,
            ":language": details.language, ":room": details.room, ":starts": plan.term().from(),
            ":ends": plan.term().until(), ":rule": plan.recurrence().to_string(),
            ":opens": details.hours.from(), ":closes": details.hours.until(),
            ":capacity": details.capacity, ":women_only": details.women_only,
            ":childcare": details.childcare, ":members_only": details.members_only,
            ":fee": details.fee.map(|fee| fee.minor),
            ":currency": details.fee.map(|fee| fee.currency.code), ":share": details.share,
        },
    )?;
    for table in ["activity_title", "activity_teacher", "activity_off"] {
        tx.execute(
            &format!("delete from {table} where activity = :id"),
            named_params! { ":id": id },
        )?;
    }
    for (place, (language, title)) in details.titles.all().iter().enumerate() {
        tx.execute(
            "insert into activity_title (activity, place, language, title)
             values (:id, :place, :language, :title)",
            named_params! { ":id": id, ":place": place, ":language": language, ":title": title },
        )?;
    }
    for (place, name) in details.teachers.iter().enumerate() {
        tx.execute(
            "insert into activity_teacher (activity, place, name) values (:id, :place, :name)",
            named_params! { ":id": id, ":place": place, ":name": name },
        )?;
    }
    for day in plan.off() {
        tx.execute(
            "insert into activity_off (activity, day) values (:id, :day) on conflict do nothing",
            named_params! { ":id": id, ":day": day },
        )?;
    }
    Ok(())
}

/// Ends an activity before its term: what was to come is cancelled.
pub fn close(tx: &WriteTx<'_>, world: &World, id: ActivityId, reason: &str) -> Result<(), Refusal> {
    let today = world.today();
    tx.execute(
        "update session set status = 'cancelled', reason = :reason
          where activity = :id and status = 'planned' and day >= :today",
        named_params! { ":id": id, ":reason": reason, ":today": today },
    )?;
    let closed = tx.execute(
        "update activity set closed = :today where id = :id and closed is null",
        named_params! { ":id": id, ":today": today },
    )?;
    if closed == 0 {
        return Err(Refusal::Missing);
    }
    Ok(())
}

const ACTIVITY: &str = "select a.id, a.kind, a.level, a.language, a.room, a.starts, a.ends, a.rule,
    a.opens, a.closes, a.capacity, a.women_only, a.childcare, a.members_only, a.fee, a.currency,
    a.share, a.closed from activity a ";

/// `None` for none.
pub fn activity(db: &Db<'_>, id: ActivityId) -> Result<Option<Activity>, Refusal> {
    let found = db.one(
        &format!("{ACTIVITY} where a.id = :id"),
        named_params! { ":id": id },
        |row| from_row(row).map(|activity| (id, activity)),
    )?;
    found.map(|(id, row)| row.whole(db, id)).transpose()
}

/// What runs on `today` or later, what begins first at the top.
pub fn running(db: &Db<'_>, today: NaiveDate) -> Result<Vec<Activity>, Refusal> {
    let rows = db.all(
        &format!(
            "{ACTIVITY} where a.closed is null and (a.ends >= :today or exists (
               select 1 from session s where s.activity = a.id and s.status = 'planned'
                  and s.day >= :today))
              order by (select min(s.day || s.opens) from session s where s.activity = a.id
                 and s.status = 'planned' and s.day >= :today) nulls last, a.id"
        ),
        named_params! { ":today": today },
        |row| Ok((row.get(0)?, from_row(row)?)),
    )?;
    rows.into_iter()
        .map(|(id, row)| row.whole(db, id))
        .collect()
}

/// What is over, the latest first.
pub fn over(db: &Db<'_>, today: NaiveDate, most: u32) -> Result<Vec<Activity>, Refusal> {
    let rows = db.all(
        &format!(
            "{ACTIVITY} where a.closed is not null or (a.ends < :today and not exists (
               select 1 from session s where s.activity = a.id and s.status = 'planned'
                  and s.day >= :today))
              order by coalesce(a.closed, a.ends) desc, a.id limit :most"
        ),
        named_params! { ":today": today, ":most": most },
        |row| Ok((row.get(0)?, from_row(row)?)),
    )?;
    rows.into_iter()
        .map(|(id, row)| row.whole(db, id))
        .collect()
}

/// An activity's own row, before its titles, teachers and days off.
struct Half {
    kind: Kind,
    level: Option<String>,
    language: Option<String>,
    room: Option<String>,
    term: Term,
    recurrence: super::recurrence::Recurrence,
    hours: Hours,
    capacity: Capacity,
    women_only: bool,
    childcare: bool,
    members_only: bool,
    fee: Option<Amount>,
    share: u32,
    closed: Option<NaiveDate>,
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Half> {
    let rule: String = row.get(7)?;
    let fee: Option<(i64, String)> = Option::zip(row.get(14)?, row.get(15)?);
    Ok(Half {
        kind: row.get(1)?,
        level: row.get(2)?,
        language: row.get(3)?,
        room: row.get(4)?,
        term: Term::new(row.get(5)?, row.get(6)?).map_err(unfit)?,
        recurrence: rule.parse().map_err(unfit)?,
        hours: Hours::new(row.get(8)?, row.get(9)?).map_err(unfit)?,
        capacity: row.get(10)?,
        women_only: row.get(11)?,
        childcare: row.get(12)?,
        members_only: row.get(13)?,
        fee: fee.and_then(|(minor, code)| Amount::new(minor, &code)),
        share: row.get(16)?,
        closed: row.get(17)?,
    })
}

/// The table's checks let nothing in that a rule refuses.
pub(super) fn unfit(why: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, types::Type::Text, Box::new(why))
}

impl Half {
    fn whole(self, db: &Db<'_>, id: ActivityId) -> Result<Activity, Refusal> {
        let of = named_params! { ":id": id };
        let titles = db.all(
            "select language, title from activity_title where activity = :id order by place",
            of,
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let teachers = db.all(
            "select name from activity_teacher where activity = :id order by place",
            of,
            |row| row.get(0),
        )?;
        let off = db.all(
            "select day from activity_off where activity = :id order by day",
            of,
            |row| row.get(0),
        )?;
        Ok(Activity {
            id,
            details: Details {
                kind: self.kind,
                titles: Titles::new(titles).ok_or(Refusal::Missing)?,
                level: self.level,
                language: self.language,
                teachers,
                room: self.room,
                hours: self.hours,
                capacity: self.capacity,
                women_only: self.women_only,
                childcare: self.childcare,
                members_only: self.members_only,
                fee: self.fee,
                share: self.share,
            },
            term: self.term,
            recurrence: self.recurrence,
            off,
            closed: self.closed,
        })
    }
}

/// The rooms and teachers that were typed before, for the form to offer.
pub fn typed_before(db: &Db<'_>) -> Result<(Vec<String>, Vec<String>), Refusal> {
    let rooms = db.all(
        "select distinct room from activity where room is not null order by room limit 50",
        [],
        |row| row.get(0),
    )?;
    let teachers = db.all(
        "select distinct name from activity_teacher order by name limit 200",
        [],
        |row| row.get(0),
    )?;
    Ok((rooms, teachers))
}
