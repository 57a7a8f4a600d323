//! The visit tables.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Row, named_params};

use super::rules::{self, Details, Seen, in_order, undo};
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

impl Visitor {
    /// `None` for somebody who is only counted.
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person(person) => Some(*person),
            Self::Counted(_) => None,
        }
    }
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

impl Visit {
    pub fn details(&self) -> Details {
        Details {
            reasons: in_order(&self.reasons),
            children: self.children,
            companions: self.companions,
            channel: self.channel,
            sent_to: self.waiting_for.as_ref().map(|(user, _)| *user),
            left: self.departed,
            person: self.visitor.person(),
        }
    }
}

/// One correction of a visit.
pub struct Correction {
    pub at: DateTime<Utc>,
    pub by: String,
    pub before: Details,
    pub after: Details,
}

/// One service given at a visit.
pub struct Given {
    pub id: ServiceGivenId,
    pub created: DateTime<Utc>,
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

/// Corrects what is told of a visit, and keeps what was told before. Whoever is sent to somebody
/// else has not been seen by them.
pub fn correct(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    visit: &Visit,
    details: &Details,
) -> Result<(), vault::Refusal> {
    let told = |details: &Details| serde_json::to_string(details).expect("plain data");
    tx.execute(
        "insert into visit_correction (visit, at, by, before, after)
         values (:visit, :at, :by, :before, :after)",
        named_params! {
            ":visit": visit.id, ":at": world.stamp(), ":by": actor.user,
            ":before": told(&visit.details()), ":after": told(details),
        },
    )?;
    tx.execute(
        "update visit set children = :children, companions = :companions, channel = :channel,
                seen = case when waiting_for is :sent_to then seen end, waiting_for = :sent_to,
                departed = case when :left then coalesce(departed, :now) end
          where id = :id",
        named_params! {
            ":id": visit.id, ":children": details.children, ":companions": details.companions,
            ":channel": details.channel, ":sent_to": details.sent_to, ":left": details.left,
            ":now": world.stamp(),
        },
    )?;
    tx.execute(
        "delete from visit_reason where visit = :visit",
        named_params! { ":visit": visit.id },
    )?;
    for reason in &details.reasons {
        note_reason(tx, visit.id, *reason)?;
    }
    Ok(())
}

/// It was somebody else who came: the visit is theirs, with its reasons and services, and whose it
/// was is kept as a correction.
pub fn give_to(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    visit: &Visit,
    person: PersonId,
) -> Result<(), vault::Refusal> {
    let details = Details {
        person: Some(person),
        ..visit.details()
    };
    correct(tx, world, actor, visit, &details)?;
    tx.execute(
        "update visit set person = :person where id = :id and person is not null",
        named_params! { ":id": visit.id, ":person": person },
    )?;
    Ok(())
}

/// The newest first.
pub fn corrections(db: &Db<'_>, visit: VisitId) -> Result<Vec<Correction>, vault::Refusal> {
    let kept: Vec<(DateTime<Utc>, String, String, String)> = db.all(
        "select c.at, u.name, c.before, c.after
           from visit_correction c join user u on u.id = c.by
          where c.visit = :visit order by c.seq desc",
        named_params! { ":visit": visit },
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )?;
    Ok(kept
        .into_iter()
        .filter_map(|(at, by, before, after)| {
            Some(Correction {
                at,
                by,
                before: serde_json::from_str(&before).ok()?,
                after: serde_json::from_str(&after).ok()?,
            })
        })
        .collect())
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

/// Takes it back that somebody has left: they are in the house again.
pub fn take_departure_back(tx: &WriteTx<'_>, world: &World, id: VisitId) -> Result<(), NotUndone> {
    let departed = tx
        .one(
            "select departed from visit where id = :id and undone is null and departed is not null",
            named_params! { ":id": id },
            |row| row.get(0),
        )?
        .ok_or(vault::Refusal::Missing)?;
    undo(departed, world.utc())?;
    tx.execute(
        "update visit set departed = null where id = :id",
        named_params! { ":id": id },
    )?;
    Ok(())
}

/// Takes the visits of somebody out for good, with whom their registration goes. A service given
/// keeps them in.
pub fn retract(tx: &WriteTx<'_>, person: PersonId) -> Result<(), vault::Refusal> {
    for table in ["visit_reason", "visit_correction"] {
        tx.execute(
            &format!(
                "delete from {table} where visit in (select id from visit where person = :person)"
            ),
            named_params! { ":person": person },
        )?;
    }
    tx.execute(
        "delete from visit where person = :person",
        named_params! { ":person": person },
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
        "select s.id, s.service, s.minutes, s.language, u.name, s.created
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
                created: row.get(5)?,
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

/// Who came, of a visit that was taken back too.
pub fn visitor(db: &Db<'_>, id: VisitId) -> Result<Option<PersonId>, vault::Refusal> {
    let person = db.one(
        "select person from visit where id = :id",
        named_params! { ":id": id },
        |row| row.get(0),
    )?;
    Ok(person.flatten())
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

/// Whether this person is on the list of a day.
pub fn came_on(db: &Db<'_>, person: PersonId, day: NaiveDate) -> Result<bool, vault::Refusal> {
    let found = db.one(
        "select 1 from visit where person = :person and day = :day and undone is null limit 1",
        named_params! { ":person": person, ":day": day },
        |_| Ok(()),
    )?;
    Ok(found.is_some())
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

/// Whoever is or was at work here.
pub fn worker(db: &Db<'_>, user: UserId) -> Result<Option<String>, vault::Refusal> {
    db.one(
        "select name from user where id = :id",
        named_params! { ":id": user },
        |row| row.get(0),
    )
}
