//! What whoever is in has just done, and for how long it can still be taken back. Each feature's
//! own undo decides; here only the way to it stands.

use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};

use super::pages::{self, Line};
use super::store;
use super::words::{self, Kind};
use crate::kit::id::VisitId;
use crate::people;
use crate::vault::{Db, Event, Refusal};
use crate::visits::{self, rules::UNDO};
use crate::web::{Answer, Call, Ctx, Result};

const SHOWN: usize = 30;
/// A day at work.
const BACK: TimeDelta = TimeDelta::hours(12);

/// One thing done, with the way to take it back while it can be.
struct Done {
    line: Line,
    undo: Option<Undo>,
}

struct Undo {
    /// Each address, with what it takes back where that is not the line itself.
    ways: Vec<(String, Option<String>)>,
    left: String,
}

#[derive(Template)]
#[template(path = "journal/recent.html")]
struct Page<'p> {
    c: &'p Ctx,
    done: Vec<Done>,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    let (user, now) = (call.actor()?.user, call.app.world.utc());
    let done = call.read(|db| {
        let workers = store::workers(db)?;
        let entries = store::own(db, user, now - BACK, SHOWN)?;
        let mut done = Vec::new();
        let mut taken_back: Vec<String> = Vec::new();
        let mut noted: Vec<VisitId> = Vec::new();
        // Who comes and goes at the lock is no work to take back.
        let work = entries
            .iter()
            .filter(|entry| !matches!(words::kind(&entry.name), Some(Kind::Access | Kind::Centre)));
        for entry in work {
            let Some(event) = Event::of(&entry.name, &entry.ids) else {
                continue;
            };
            taken_back.extend(takes_back(&event));
            let address = undo(&event).filter(|address| !taken_back.contains(address));
            let there = match &event {
                Event::PersonRegistered { person } => !people::briefs(db, &[*person])?.is_empty(),
                Event::CheckedIn { visit, .. }
                | Event::VisitorCounted { visit }
                | Event::VisitTypedLater { visit, .. } => visits::visit(db, *visit)?.is_some(),
                Event::VisitorLeft { visit } => {
                    visits::visit(db, *visit)?.is_some_and(|visit| visit.departed)
                }
                _ => true,
            };
            let undo = match &event {
                // The first line of a visit offers all that is noted of it.
                Event::VisitNoted { visit } if !noted.contains(visit) => {
                    noted.push(*visit);
                    reasons(db, c, *visit, now)?
                }
                _ => address
                    .filter(|_| there)
                    .zip(left(c, entry.at, now))
                    .map(|(way, left)| Undo {
                        ways: vec![(way, None)],
                        left,
                    }),
            };
            let line = pages::line(db, c, entry, &workers)?;
            done.push(Done { line, undo });
        }
        Ok::<_, Refusal>(done)
    })?;
    Answer::page(&Page { c, done })
}

/// The reasons noted of a visit, each with its way out as long as the visit itself has one.
fn reasons(db: &Db<'_>, c: &Ctx, visit: VisitId, now: DateTime<Utc>) -> Result<Option<Undo>> {
    let Some(visit) = visits::visit(db, visit)? else {
        return Ok(None);
    };
    let ways = visit.reasons.iter().map(|reason| {
        let way = visits::pages::reason_undo(visit.id, *reason);
        (way, Some(c.t(reason.label_key())))
    });
    let ways: Vec<_> = ways.collect();
    let left = left(c, Some(visit.created), now).filter(|_| !ways.is_empty());
    Ok(left.map(|left| Undo { ways, left }))
}

/// The time that is left, in words; `None` once it is over.
fn left(c: &Ctx, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<String> {
    let left = (UNDO - (now - since?)).num_seconds();
    let minutes = (left + 59) / 60;
    (left > 0).then(|| c.tw("journal.left", &[("minutes", &minutes.to_string())]))
}

/// Where an event can be taken back.
fn undo(event: &Event) -> Option<String> {
    match event {
        Event::PersonRegistered { person } => Some(format!("/people/{person}/undo")),
        Event::VisitorLeft { visit } => Some(format!("/visits/{visit}/departure/undo")),
        Event::CheckedIn { visit, .. }
        | Event::VisitorCounted { visit }
        | Event::VisitTypedLater { visit, .. } => Some(format!("/visits/{visit}/undo")),
        Event::ServiceGiven { service, .. } => Some(format!("/services/{service}/undo")),
        Event::Enrolled { enrolment, .. } => Some(format!("/enrolments/{enrolment}/undo")),
        Event::AttendanceMarked { session, person } => {
            Some(format!("/sessions/{session}/marks/{person}/undo"))
        }
        _ => None,
    }
}

/// What an undo has taken back, by the same address.
fn takes_back(event: &Event) -> Option<String> {
    match event {
        Event::RegistrationUndone { person } => Some(format!("/people/{person}/undo")),
        Event::DepartureUndone { visit } => Some(format!("/visits/{visit}/departure/undo")),
        Event::VisitUndone { visit } => Some(format!("/visits/{visit}/undo")),
        Event::ServiceUndone { service } => Some(format!("/services/{service}/undo")),
        Event::EnrolmentUndone { enrolment, .. } => Some(format!("/enrolments/{enrolment}/undo")),
        Event::AttendanceUndone { session, person } => {
            Some(format!("/sessions/{session}/marks/{person}/undo"))
        }
        _ => None,
    }
}
