//! Appointments: the desk's row has the person, the time and the room; whose case it is stands
//! in casework.db alone.

use chrono::NaiveDate;
use rusqlite::named_params;

use crate::kit::id::{AppointmentId, CaseId, PersonId};
use crate::kit::world::World;
use crate::vault::{Actor, Casework, CaseworkTx, Db, Refusal, WriteTx};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appointment {
    pub id: AppointmentId,
    pub person: PersonId,
    pub day: NaiveDate,
    /// `14:30`.
    pub hour: String,
    pub room: Option<String>,
}

pub struct Expected<'e> {
    pub person: PersonId,
    pub day: NaiveDate,
    pub hour: &'e str,
    pub room: Option<&'e str>,
}

pub fn make_appointment(
    desk: &WriteTx<'_>,
    casework: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    expected: &Expected<'_>,
) -> Result<AppointmentId, Refusal> {
    let id = AppointmentId::new(world);
    desk.execute(
        "insert into appointment (id, person, day, hour, room, created, by)
         values (:id, :person, :day, :hour, :room, :created, :by)",
        named_params! {
            ":id": id, ":person": expected.person, ":day": expected.day, ":hour": expected.hour,
            ":room": expected.room, ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    casework.execute(
        "insert into casework.case_appointment (appointment, case_file) values (:id, :case)",
        named_params! { ":id": id, ":case": case },
    )?;
    Ok(id)
}

/// `false` where this case has no such appointment.
pub fn undo_appointment(
    desk: &WriteTx<'_>,
    casework: &CaseworkTx<'_>,
    world: &World,
    case: CaseId,
    appointment: AppointmentId,
) -> Result<bool, Refusal> {
    let ours = casework.one(
        "select 1 from casework.case_appointment where appointment = :id and case_file = :case",
        named_params! { ":id": appointment, ":case": case },
        |_| Ok(()),
    )?;
    if ours.is_none() {
        return Ok(false);
    }
    let changed = desk.execute(
        "update appointment set undone = :now where id = :id and undone is null",
        named_params! { ":id": appointment, ":now": world.stamp() },
    )?;
    Ok(changed == 1)
}

/// Of one case, from `since` on.
pub fn appointments(
    casework: &Casework<'_>,
    case: CaseId,
    since: NaiveDate,
) -> Result<Vec<Appointment>, Refusal> {
    casework.all(
        "select a.id, a.person, a.day, a.hour, a.room
           from casework.case_appointment c join appointment a on a.id = c.appointment
          where c.case_file = :case and a.undone is null and a.day >= :since
          order by a.day, a.hour",
        named_params! { ":case": case, ":since": since },
        read,
    )
}

/// What the desk knows of one person's appointments from `since` on.
pub fn appointments_of(
    db: &Db<'_>,
    person: PersonId,
    since: NaiveDate,
) -> Result<Vec<Appointment>, Refusal> {
    db.all(
        "select id, person, day, hour, room from appointment
          where person = :person and undone is null and day >= :since order by day, hour",
        named_params! { ":person": person, ":since": since },
        read,
    )
}

/// Who is expected on a day.
pub fn expected_on(db: &Db<'_>, day: NaiveDate) -> Result<Vec<Appointment>, Refusal> {
    db.all(
        "select id, person, day, hour, room from appointment
          where day = :day and undone is null order by hour",
        named_params! { ":day": day },
        read,
    )
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Appointment> {
    Ok(Appointment {
        id: row.get(0)?,
        person: row.get(1)?,
        day: row.get(2)?,
        hour: row.get(3)?,
        room: row.get(4)?,
    })
}
