//! The visit tables.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Row, named_params};

use super::rules::{self, Seen, undo};
use crate::kit::id::{PersonId, ServiceGivenId, UserId, VisitId};
use crate::kit::lists::{Channel, Service};
use crate::kit::world::World;
use crate::people::rules::Gender;
use crate::vault::{self, Actor, Db, WriteTx};

/// Who came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visitor {
    Person(PersonId),
    Counted(Seen),
}

#[derive(Clone, Debug)]
pub struct Visit {
    pub id: VisitId,
    pub visitor: Visitor,
    pub day: NaiveDate,
    /// `None` where it was typed in from paper.
    pub arrived: Option<DateTime<Utc>>,
    pub channel: Option<Channel>,
    pub children: u8,
    pub companions: u8,
    pub waiting_for: Option<(UserId, String)>,
    pub seen: bool,
    pub departed: bool,
    pub created: DateTime<Utc>,
    pub reasons: Vec<Service>,
}

/// One service given at a visit.
pub struct Given {
    pub id: ServiceGivenId,
    pub service: Service,
    pub minutes: Option<u32>,
    pub language: Option<String>,
    pub by: String,
}

/// Why something was not taken back.
#[derive(Debug, thiserror::Error)]
pub enum NotUndone {
    #[error(transparent)]
    Rule(#[from] rules::Refusal),
    #[error(transparent)]
    Vault(#[from] vault::Refusal),
}

/// A day in numbers. A person counts once, however often they came.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub visits: u32,
    pub persons: u32,
    pub counted: u32,
    pub waiting: u32,
}

pub fn check_in(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    visitor: &Visitor,
    reason: Option<Service>,
) -> Result<VisitId, vault::Refusal> {
    let stamp = Some(world.stamp());
    insert(tx, world, actor, visitor, world.today(), stamp, reason)
}

/// A visit from paper: it has its day, and nobody is waiting.
pub fn type_later(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    visitor: &Visitor,
    day: NaiveDate,
    reason: Option<Service>,
) -> Result<VisitId, vault::Refusal> {
    insert(tx, world, actor, visitor, day, None, reason)
}

fn insert(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    visitor: &Visitor,
    day: NaiveDate,
    arrived: Option<String>,
    reason: Option<Service>,
) -> Result<VisitId, vault::Refusal> {
    let id = VisitId::new(world);
    let (person, gender, language) = match visitor {
        Visitor::Person(person) => (Some(*person), None, None),
        Visitor::Counted(seen) => (None, Some(seen.gender), seen.language.as_deref()),
    };
    tx.execute(
        "insert into visit (id, person, day, arrived, gender, language, created, by)
         values (:id, :person, :day, :arrived, :gender, :language, :created, :by)",
        named_params! {
            ":id": id, ":person": person, ":day": day, ":arrived": arrived, ":gender": gender,
            ":language": language, ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    if let Some(reason) = reason {
        note_reason(tx, id, reason)?;
    }
    Ok(id)
}

pub fn note_reason(
    tx: &WriteTx<'_>,
    visit: VisitId,
    reason: Service,
) -> Result<(), vault::Refusal> {
    tx.execute(
        "insert into visit_reason (visit, service) values (:visit, :service) on conflict do nothing",
        named_params! { ":visit": visit, ":service": reason },
    )?;
    Ok(())
}

/// What came along and how they heard of the centre.
pub fn note_company(
    tx: &WriteTx<'_>,
    visit: VisitId,
    children: u8,
    companions: u8,
    channel: Option<Channel>,
) -> Result<(), vault::Refusal> {
    tx.execute(
        "update visit set children = :children, companions = :companions, channel = :channel
          where id = :id",
        named_params! { ":id": visit, ":children": children, ":companions": companions, ":channel": channel },
    )?;
    Ok(())
}

pub fn send_to(
    tx: &WriteTx<'_>,
    visit: VisitId,
    user: Option<UserId>,
) -> Result<(), vault::Refusal> {
    tx.execute(
        "update visit set waiting_for = :user, seen = null where id = :id",
        named_params! { ":id": visit, ":user": user },
    )?;
    Ok(())
}

pub fn mark_seen(tx: &WriteTx<'_>, world: &World, visit: VisitId) -> Result<(), vault::Refusal> {
    tx.execute(
        "update visit set seen = :now where id = :id and seen is null",
        named_params! { ":id": visit, ":now": world.stamp() },
    )?;
    Ok(())
}

pub fn mark_departed(
    tx: &WriteTx<'_>,
    world: &World,
    visit: VisitId,
) -> Result<(), vault::Refusal> {
    tx.execute(
        "update visit set departed = :now where id = :id and departed is null",
        named_params! { ":id": visit, ":now": world.stamp() },
    )?;
    Ok(())
}

/// Takes a visit back; it stays in the file, marked.
pub fn take_back(tx: &WriteTx<'_>, world: &World, id: VisitId) -> Result<(), NotUndone> {
    let visit = visit(tx, id)?.ok_or(vault::Refusal::Missing)?;
    undo(visit.created, world.utc())?;
    tx.execute(
        "update visit set undone = :now where id = :id",
        named_params! { ":id": id, ":now": world.stamp() },
    )?;
    Ok(())
}

pub fn give(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    visit: VisitId,
    service: Service,
    minutes: Option<u32>,
    language: Option<&str>,
) -> Result<ServiceGivenId, vault::Refusal> {
    let id = ServiceGivenId::new(world);
    tx.execute(
        "insert into service_given (id, visit, service, minutes, language, by, created)
         values (:id, :visit, :service, :minutes, :language, :by, :created)",
        named_params! {
            ":id": id, ":visit": visit, ":service": service, ":minutes": minutes,
            ":language": language, ":by": actor.user, ":created": world.stamp(),
        },
    )?;
    Ok(id)
}

/// Takes a service back and tells at which visit it was.
pub fn take_service_back(
    tx: &WriteTx<'_>,
    world: &World,
    id: ServiceGivenId,
) -> Result<VisitId, NotUndone> {
    let (visit, created) = tx
        .one(
            "select visit, created from service_given where id = :id and undone is null",
            named_params! { ":id": id },
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?
        .ok_or(vault::Refusal::Missing)?;
    undo(created, world.utc())?;
    tx.execute(
        "update service_given set undone = :now where id = :id",
        named_params! { ":id": id, ":now": world.stamp() },
    )?;
    Ok(visit)
}

pub fn given(db: &Db<'_>, visit: VisitId) -> Result<Vec<Given>, vault::Refusal> {
    db.all(
        "select s.id, s.service, s.minutes, s.language, u.name
           from service_given s join user u on u.id = s.by
          where s.visit = :visit and s.undone is null order by s.created",
        named_params! { ":visit": visit },
        |row| {
            Ok(Given {
                id: row.get(0)?,
                service: row.get(1)?,
                minutes: row.get(2)?,
                language: row.get(3)?,
                by: row.get(4)?,
            })
        },
    )
}

/// Columns of [`from_row`].
const VISIT: &str = "select v.id, v.person, v.day, v.arrived, v.gender, v.language, v.channel,
    v.children, v.companions, v.waiting_for, u.name, v.seen is not null,
    v.departed is not null, v.created,
    (select group_concat(r.service, ' ') from visit_reason r where r.visit = v.id)
  from visit v left join user u on u.id = v.waiting_for where v.undone is null and ";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Visit> {
    let visitor = match row.get(1)? {
        Some(person) => Visitor::Person(person),
        None => Visitor::Counted(Seen {
            gender: row
                .get::<_, Option<Gender>>(4)?
                .unwrap_or(Gender::NotRecorded),
            language: row.get(5)?,
        }),
    };
    let reasons: Option<String> = row.get(14)?;
    Ok(Visit {
        id: row.get(0)?,
        visitor,
        day: row.get(2)?,
        arrived: row.get(3)?,
        channel: row.get(6)?,
        children: row.get(7)?,
        companions: row.get(8)?,
        waiting_for: Option::zip(row.get(9)?, row.get(10)?),
        seen: row.get(11)?,
        departed: row.get(12)?,
        created: row.get(13)?,
        reasons: reasons
            .iter()
            .flat_map(|codes| codes.split(' '))
            .filter_map(Service::from_code)
            .collect(),
    })
}

/// `None` where there is none, or it was taken back.
pub fn visit(db: &Db<'_>, id: VisitId) -> Result<Option<Visit>, vault::Refusal> {
    db.one(
        &format!("{VISIT} v.id = :id"),
        named_params! { ":id": id },
        from_row,
    )
}

/// The latest first; those typed in from paper last.
pub fn of_day(db: &Db<'_>, day: NaiveDate, most: u32) -> Result<Vec<Visit>, vault::Refusal> {
    db.all(
        &format!("{VISIT} v.day = :day order by v.arrived desc, v.created desc limit :most"),
        named_params! { ":day": day, ":most": most },
        from_row,
    )
}

/// The latest first.
pub fn of_person(db: &Db<'_>, person: PersonId, most: u32) -> Result<Vec<Visit>, vault::Refusal> {
    db.all(
        &format!("{VISIT} v.person = :person order by v.day desc, v.created desc limit :most"),
        named_params! { ":person": person, ":most": most },
        from_row,
    )
}

/// The visit of somebody who is in the house now.
pub fn here_today(
    db: &Db<'_>,
    person: PersonId,
    today: NaiveDate,
) -> Result<Option<Visit>, vault::Refusal> {
    db.one(
        &format!(
            "{VISIT} v.person = :person and v.day = :day and v.departed is null
               and v.arrived is not null order by v.created desc limit 1"
        ),
        named_params! { ":person": person, ":day": today },
        from_row,
    )
}

/// Those of a day who wait for somebody, the longest first.
pub fn waiting_for(
    db: &Db<'_>,
    day: NaiveDate,
    user: UserId,
) -> Result<Vec<Visit>, vault::Refusal> {
    db.all(
        &format!(
            "{VISIT} v.day = :day and v.waiting_for = :user and v.seen is null
               and v.departed is null order by v.arrived"
        ),
        named_params! { ":day": day, ":user": user },
        from_row,
    )
}

/// When each of them last came.
pub fn last_days(
    db: &Db<'_>,
    people: &[PersonId],
) -> Result<HashMap<PersonId, NaiveDate>, vault::Refusal> {
    let mut days = HashMap::new();
    for person in people {
        let last = db.one(
            "select max(day) from visit where person = :person and undone is null",
            named_params! { ":person": person },
            |row| row.get::<_, Option<NaiveDate>>(0),
        )?;
        if let Some(day) = last.flatten() {
            days.insert(*person, day);
        }
    }
    Ok(days)
}

pub fn tally(db: &Db<'_>, day: NaiveDate) -> Result<Tally, vault::Refusal> {
    let tally = db.one(
        "select count(*), count(distinct person), count(*) - count(person),
                count(*) filter (where waiting_for is not null and seen is null and departed is null)
           from visit where day = :day and undone is null",
        named_params! { ":day": day },
        |row| {
            Ok(Tally {
                visits: row.get(0)?,
                persons: row.get(1)?,
                counted: row.get(2)?,
                waiting: row.get(3)?,
            })
        },
    )?;
    Ok(tally.unwrap_or_default())
}

/// Whom a visitor can be sent to: everybody who may sign in.
pub fn staff(db: &Db<'_>) -> Result<Vec<(UserId, String)>, vault::Refusal> {
    db.all(
        "select id, name from user where disabled is null order by name",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
