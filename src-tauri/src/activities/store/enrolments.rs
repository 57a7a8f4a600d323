//! Who is in an activity, and who waits for a place.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::named_params;

use super::{NotDone, Taken, activity};
use crate::activities::rules::{self, Ending, Place};
use crate::kit::id::{ActivityId, EnrolmentId, PersonId};
use crate::kit::world::World;
use crate::people::rules::Gender;
use crate::vault::{Actor, Db, Refusal, WriteTx};
use crate::visits;

#[derive(Clone, Debug)]
pub struct Enrolment {
    pub id: EnrolmentId,
    pub activity: ActivityId,
    pub person: PersonId,
    /// Since when they have their place, or wait for one.
    pub since: NaiveDate,
    pub place: Place,
    /// When and why it ended.
    pub ended: Option<(NaiveDate, Ending)>,
    pub result: Option<String>,
    pub created: DateTime<Utc>,
}

/// Puts somebody into an activity, or on its waiting list where it is full.
pub fn enrol(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    activity: ActivityId,
    person: PersonId,
) -> Result<(EnrolmentId, Place), NotDone> {
    let into = super::activity(tx, activity)?.ok_or(Refusal::Missing)?;
    if into.closed.is_some() || into.term.until() < world.today() {
        return Err(rules::Refusal::Over.into());
    }
    rules::welcome(into.details.women_only, gender(tx, person)?)?;
    let already = tx.one(
        "select 1 from enrolment where activity = :activity and person = :person
           and ended is null and undone is null",
        named_params! { ":activity": activity, ":person": person },
        |_| Ok(()),
    )?;
    if already.is_some() {
        return Err(rules::Refusal::EnrolledAlready.into());
    }
    let place = rules::place(into.details.capacity, taken(tx, activity)?.seated);
    let id = EnrolmentId::new(world);
    tx.execute(
        "insert into enrolment (id, activity, person, since, place, created, by)
         values (:id, :activity, :person, :since, :place, :created, :by)",
        named_params! {
            ":id": id, ":activity": activity, ":person": person, ":since": world.today(),
            ":place": place, ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    Ok((id, place))
}

fn gender(db: &Db<'_>, person: PersonId) -> Result<Gender, Refusal> {
    db.one(
        "select gender from person where id = :person",
        named_params! { ":person": person },
        |row| row.get(0),
    )?
    .ok_or(Refusal::Missing)
}

/// Gives those who move up into the free place.
pub fn end(
    tx: &WriteTx<'_>,
    world: &World,
    id: EnrolmentId,
    ending: Ending,
    result: Option<&str>,
) -> Result<Vec<EnrolmentId>, Refusal> {
    let enrolment = enrolment(tx, id)?.ok_or(Refusal::Missing)?;
    if enrolment.ended.is_some() {
        return Err(Refusal::Missing);
    }
    tx.execute(
        "update enrolment set ended = :today, ending = :ending, result = :result where id = :id",
        named_params! { ":id": id, ":today": world.today(), ":ending": ending, ":result": result },
    )?;
    move_up(tx, world, enrolment.activity)
}

/// Takes an enrolment back while it is fresh; gives those who move up into the free place.
pub fn take_back(
    tx: &WriteTx<'_>,
    world: &World,
    id: EnrolmentId,
) -> Result<(Enrolment, Vec<EnrolmentId>), NotDone> {
    let enrolment = enrolment(tx, id)?.ok_or(Refusal::Missing)?;
    visits::rules::undo(enrolment.created, world.utc())?;
    tx.execute(
        "update enrolment set undone = :now where id = :id",
        named_params! { ":id": id, ":now": world.stamp() },
    )?;
    let up = move_up(tx, world, enrolment.activity)?;
    Ok((enrolment, up))
}

/// The longest waiting take the places that are free, from today on.
pub fn move_up(
    tx: &WriteTx<'_>,
    world: &World,
    id: ActivityId,
) -> Result<Vec<EnrolmentId>, Refusal> {
    let activity = activity(tx, id)?.ok_or(Refusal::Missing)?;
    let waiting: Vec<EnrolmentId> = tx.all(
        "select id from enrolment where activity = :id and place = 'waiting'
           and ended is null and undone is null order by created, id",
        named_params! { ":id": id },
        |row| row.get(0),
    )?;
    let seated = taken(tx, id)?.seated;
    let up = rules::moving_up(activity.details.capacity, seated, &waiting).to_vec();
    for enrolment in &up {
        tx.execute(
            "update enrolment set place = 'seat', since = :today where id = :id",
            named_params! { ":id": enrolment, ":today": world.today() },
        )?;
    }
    Ok(up)
}

const ENROLMENT: &str = "select e.id, e.activity, e.person, e.since, e.place, e.ended, e.ending,
    e.result, e.created from enrolment e where e.undone is null and ";

fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Enrolment> {
    Ok(Enrolment {
        id: row.get(0)?,
        activity: row.get(1)?,
        person: row.get(2)?,
        since: row.get(3)?,
        place: row.get(4)?,
        ended: Option::zip(row.get(5)?, row.get(6)?),
        result: row.get(7)?,
        created: row.get(8)?,
    })
}

/// `None` where there is none, or it was taken back.
pub fn enrolment(db: &Db<'_>, id: EnrolmentId) -> Result<Option<Enrolment>, Refusal> {
    db.one(
        &format!("{ENROLMENT} e.id = :id"),
        named_params! { ":id": id },
        from_row,
    )
}

/// Those in it, then those who wait, then those who were; each in the order of coming.
pub fn of_activity(db: &Db<'_>, activity: ActivityId) -> Result<Vec<Enrolment>, Refusal> {
    db.all(
        &format!(
            "{ENROLMENT} e.activity = :activity
               order by e.ended is not null, e.place, e.created, e.id"
        ),
        named_params! { ":activity": activity },
        from_row,
    )
}

/// What somebody is in, then what they were in; the latest first.
pub fn of_person(db: &Db<'_>, person: PersonId) -> Result<Vec<Enrolment>, Refusal> {
    db.all(
        &format!("{ENROLMENT} e.person = :person order by e.ended is not null, e.created desc"),
        named_params! { ":person": person },
        from_row,
    )
}

pub fn taken(db: &Db<'_>, activity: ActivityId) -> Result<Taken, Refusal> {
    let taken = db.one(
        "select count(*) filter (where place = 'seat'), count(*) filter (where place = 'waiting')
           from enrolment where activity = :activity and ended is null and undone is null",
        named_params! { ":activity": activity },
        |row| {
            Ok(Taken {
                seated: row.get(0)?,
                waiting: row.get(1)?,
            })
        },
    )?;
    Ok(taken.unwrap_or_default())
}

/// Who of an activity is in another one at the same time, and in which: planned sessions from
/// `today` on that meet half-openly.
pub fn elsewhere(
    db: &Db<'_>,
    activity: ActivityId,
    today: NaiveDate,
) -> Result<HashMap<PersonId, HashSet<ActivityId>>, Refusal> {
    let mut found: HashMap<PersonId, HashSet<ActivityId>> = HashMap::new();
    for (person, other) in db.all(
        "select distinct e.person, f.activity
           from enrolment e
           join enrolment f on f.person = e.person and f.activity <> e.activity
            and f.ended is null and f.undone is null
          where e.activity = :activity and e.ended is null and e.undone is null
            and exists (select 1 from session s
                  join session o on o.activity = f.activity and o.day = s.day
                   and o.opens < s.closes and s.opens < o.closes and o.status = 'planned'
                 where s.activity = e.activity and s.day >= :today and s.status = 'planned')",
        named_params! { ":activity": activity, ":today": today },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )? {
        found.entry(person).or_default().insert(other);
    }
    Ok(found)
}
