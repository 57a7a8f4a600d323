//! Who is in a case: persons with their roles, the other side, and what the desk is told.

use std::result::Result as Either;

use askama::Template;

use super::{Head, back, change, choices, enter, on_page, one_of, own, people_choices, refused};
use crate::cases::forms::{chosen, day_to_come, hour};
use crate::cases::rules::{PartyKind, PersonRole};
use crate::cases::store::{self, Appointment, Expected, Party, PartyTold};
use crate::kit::id::{AppointmentId, CaseId, PartyId, PersonId};
use crate::people::rules::Profile;
use crate::people::{self as persons, Brief, search};
use crate::vault::{CaseworkEvent, Event, Refusal};
use crate::web::form::{Fact, theirs};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result};

struct AppointmentLine {
    appointment: Appointment,
    day: String,
    person: String,
}

#[derive(Template)]
#[template(path = "cases/people.html")]
struct Page<'p> {
    c: &'p Ctx,
    head: Head,
    q: Field,
    found: Vec<Brief>,
    roles: Vec<Choice>,
    parties: Vec<(Party, String)>,
    party_q: Field,
    found_parties: Vec<(Party, String)>,
    party_name: Field,
    party_kind: Field,
    party_kinds: Vec<Choice>,
    appointments: Vec<AppointmentLine>,
    who: Field,
    whos: Vec<Choice>,
    day: Field,
    hour: Field,
    room: Field,
    alert: Field,
    /// Of the record of whom the alert is about.
    version: i64,
    /// The alert that somebody else has written meanwhile.
    theirs: Option<Vec<Fact>>,
    /// The appointment that the work list leads to.
    item: String,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, people_page, |_, page| Answer::page(&page))
}

fn people_page<'p>(call: &Call, c: &'p Ctx) -> Result<Either<Page<'p>, Answer>> {
    let (head, file) = match enter(call, c, "people")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    let typed: String = call.sent.get("q").chars().take(120).collect();
    let sought: String = call.sent.get("party").chars().take(120).collect();
    let long = |typed: &str| typed.trim().chars().count() > 1;
    let (found, parties, found_parties, appointments, alert) = call.list_casework(|casework| {
        let found = if long(&typed) {
            persons::briefs(casework, &search::as_meant(casework, &typed, 6)?.people())?
        } else {
            Vec::new()
        };
        let found_parties = if long(&sought) {
            store::find_parties(casework, &sought, 6)?
        } else {
            Vec::new()
        };
        let first = head.people.first().map(|person| person.id);
        let record = match first {
            Some(person) => persons::record(casework, person)?,
            None => None,
        };
        let version = record.as_ref().map_or(0, |record| record.version);
        let alert = record.and_then(|record| record.profile.alert);
        Ok::<_, Refusal>((
            found,
            store::parties_of(casework, file.id)?,
            found_parties,
            store::appointments(casework, file.id, c.today())?,
            (alert.unwrap_or_default(), version),
        ))
    })?;
    let (alert, version) = alert;
    let named = |party: Party| {
        let kind = c.t(party.kind.label_key());
        (party, kind)
    };
    Ok(Ok(Page {
        c,
        q: Field::new("q", 120).typed(&typed),
        found,
        roles: choices(
            PersonRole::ALL,
            |r| (r.code(), c.t(r.label_key())),
            PersonRole::CoWorker.code(),
        ),
        parties: parties.into_iter().map(named).collect(),
        party_q: Field::new("party", 120).typed(&sought),
        found_parties: found_parties.into_iter().map(named).collect(),
        party_name: Field::new("party-name", 120).typed(&sought),
        party_kind: Field::new("party-kind", 20),
        party_kinds: party_kinds(c, PartyKind::Employer.code()),
        appointments: appointments
            .into_iter()
            .map(|appointment| AppointmentLine {
                day: c.weekday(appointment.day),
                person: head.name_of(appointment.person),
                appointment,
            })
            .collect(),
        who: Field::new("who", 40),
        whos: people_choices(&head, ""),
        day: Field::new("day", 12),
        hour: Field::new("hour", 5),
        room: Field::new("room", 40),
        alert: Field::new("alert", 200).typed(&alert),
        version,
        theirs: None,
        item: call.sent.get("item").to_owned(),
        head,
    }))
}

pub fn party_kinds(c: &Ctx, chosen: &str) -> Vec<Choice> {
    choices(PartyKind::ALL, |k| (k.code(), c.t(k.label_key())), chosen)
}

pub fn add(call: &Call) -> Result {
    let case: CaseId = call.part("case")?;
    let person: PersonId = call
        .sent
        .get("person")
        .parse()
        .map_err(|_| Refusal::Missing)?;
    let role = PersonRole::from_code(call.sent.get("role")).ok_or(Refusal::Missing)?;
    change(call, case, |tx, _| {
        persons::briefs(tx, &[person])?
            .pop()
            .ok_or(Refusal::Missing)?;
        store::add_person(tx, case, person, role)?;
        Ok(((), CaseworkEvent::CasePersonAdded { case, person }))
    })?;
    back(call, case, "/people", "cases.said.person")
}

/// Whoever is not in the case after all; what is written of it stays.
pub fn remove(call: &Call) -> Result {
    let case: CaseId = call.part("case")?;
    let person: PersonId = call.part("person")?;
    change(call, case, |tx, _| {
        if !store::remove_person(tx, case, person)? {
            return Err(Refusal::Missing);
        }
        Ok(((), CaseworkEvent::CasePersonRemoved { case, person }))
    })?;
    back(call, case, "/people", "cases.said.removed")
}

pub fn remove_party(call: &Call) -> Result {
    let case: CaseId = call.part("case")?;
    let party: PartyId = call.part("party")?;
    change(call, case, |tx, _| {
        if !store::unlink_party(tx, case, party)? {
            return Err(Refusal::Missing);
        }
        Ok(((), CaseworkEvent::PartyRemoved { case, party }))
    })?;
    back(call, case, "/people", "cases.said.removed")
}

pub fn add_party(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, people_page, |case, mut page| {
        let name = page.party_name.required(c, &call.sent);
        let kind = page
            .party_kind
            .read(c, &call.sent, |v, _| chosen(PartyKind::from_code(v)));
        let (Some(name), Some(kind)) = (name, kind) else {
            page.party_kinds = party_kinds(c, &page.party_kind.value);
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        change(call, case, |tx, _| {
            let told = PartyTold {
                kind,
                names: vec![name],
                sector: None,
                place: None,
                contact: None,
            };
            let party = store::add_party(tx, world, actor, &told)?;
            store::link_party(tx, case, party)?;
            Ok(((), CaseworkEvent::PartyAdded { case, party }))
        })?;
        back(call, case, "/people", "cases.said.party")
    })
}

pub fn link_party(call: &Call) -> Result {
    let case: CaseId = call.part("case")?;
    let party: PartyId = call
        .sent
        .get("link")
        .parse()
        .map_err(|_| Refusal::Missing)?;
    change(call, case, |tx, _| {
        store::party(tx, party)?.ok_or(Refusal::Missing)?;
        store::link_party(tx, case, party)?;
        Ok(((), CaseworkEvent::PartyAdded { case, party }))
    })?;
    back(call, case, "/people", "cases.said.party")
}

pub fn appoint(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, people_page, |case, mut page| {
        let (head, today) = (&page.head, c.today());
        let person = page.who.read(c, &call.sent, |v, _| chosen(one_of(head, v)));
        let day = page.day.read(c, &call.sent, |v, _| day_to_come(v, today));
        let at = page.hour.read(c, &call.sent, |v, _| hour(v));
        let room = page.room.optional(c, &call.sent);
        let (Some(person), Some(day), Some(at), Some(room)) = (person, day, at, room) else {
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        call.write_both(|desk, tx| {
            own(call, tx, case)?;
            let expected = Expected {
                person,
                day,
                hour: &at,
                room: room.as_deref(),
            };
            let appointment = store::make_appointment(desk, tx, world, actor, case, &expected)?;
            Ok::<_, Refusal>((
                (),
                CaseworkEvent::AppointmentMade { case, appointment },
                Event::AppointmentMade {
                    appointment,
                    person,
                },
            ))
        })?;
        back(call, case, "/people", "cases.said.appointment")
    })
}

pub fn undo_appointment(call: &Call) -> Result {
    let case: CaseId = call.part("case")?;
    let appointment: AppointmentId = call.part("appointment")?;
    call.write_both(|desk, tx| {
        own(call, tx, case)?;
        if !store::undo_appointment(desk, tx, &call.app.world, case, appointment)? {
            return Err(Refusal::Missing);
        }
        Ok((
            (),
            CaseworkEvent::AppointmentUndone { case, appointment },
            Event::AppointmentUndone { appointment },
        ))
    })?;
    back(call, case, "/people", "cases.said.appointment_undone")
}

/// What to do, never why: the desk reads it at each visit.
pub fn instruct(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, people_page, |case, mut page| {
        let person = page.head.people.first().map(|person| person.id);
        let person = person.ok_or(Refusal::Missing)?;
        let now = page.alert.value.clone();
        let Some(alert) = page.alert.optional(c, &call.sent) else {
            return refused(&page);
        };
        let version = page.version;
        let stale = call.sent.get("version") != version.to_string();
        if stale && alert.as_deref().unwrap_or("") != now {
            let (label, typed) = (c.t("people.alert"), page.alert.value.clone());
            page.theirs = Some(theirs(vec![(label, typed, now)]));
            return refused(&page);
        }
        let (world, actor) = (&call.app.world, call.actor()?);
        call.write_both(|desk, tx| {
            own(call, tx, case)?;
            let known = persons::record(tx, person)?.ok_or(Refusal::Missing)?;
            let profile = Profile {
                alert,
                ..known.profile
            };
            if !persons::revise(desk, world, actor, person, &profile, version)? {
                return Err(Refusal::NotSaved);
            }
            Ok::<_, Refusal>((
                (),
                CaseworkEvent::DeskInstructed { case, person },
                Event::PersonRevised { person },
            ))
        })?;
        back(call, case, "/people", "cases.said.instructed")
    })
}
