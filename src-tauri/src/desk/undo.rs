//! Takes a registration back: a slip of the same minute, before anything rests on it.

use crate::cases;
use crate::journal::since_registered;
use crate::kit::id::{PersonId, UserId};
use crate::people::{self, Named};
use crate::vault::{Event, Refusal, WriteTx};
use crate::visits::{self, rules};
use crate::web::access::{Route, may};
use crate::web::{Answer, Call, Result};

/// Why a registration stays.
enum Stays {
    TooLate,
    /// More is written of the person than the registration itself did.
    Used,
    /// Somebody else was at work since, whose work may be out of sight here.
    Others,
    Vault(Refusal),
}

impl From<Refusal> for Stays {
    fn from(refusal: Refusal) -> Self {
        Self::Vault(refusal)
    }
}

pub fn registration(call: &Call) -> Result {
    let person: PersonId = call.part("person")?;
    let name = call.read(|db| Named::of(db, [person].into_iter()))?;
    let name = name.get(Some(person));
    let undone = if in_a_case(call, person)? {
        Err(Stays::Used)
    } else {
        let user = call.actor()?.user;
        call.write(|tx| {
            may_go(call, tx, user, person)?;
            visits::retract(tx, person)?;
            people::retract(tx, person)?;
            Ok(((), Event::RegistrationUndone { person }))
        })
    };
    let (said, back) = match undone {
        Ok(()) => ("desk.said.registration_undone", "/".to_owned()),
        Err(Stays::Vault(refusal)) => return Err(refusal),
        Err(Stays::TooLate) => ("desk.refusal.too_late", format!("/people/{person}")),
        Err(Stays::Used) => ("desk.refusal.used", format!("/people/{person}")),
        Err(Stays::Others) => ("desk.refusal.others", format!("/people/{person}")),
    };
    call.say_of(said, &name, None);
    let recent = call.sent.get("from") == "recent";
    Answer::see(if recent { "/recent" } else { &back })
}

/// The desk's file does not know of cases; whoever may open one can look.
fn in_a_case(call: &Call, person: PersonId) -> Result<bool> {
    if !may(call.actor()?.roles, Route::NewCase) {
        return Ok(false);
    }
    let cases = call.list_casework(|casework| cases::store::cases_of_person(casework, person))?;
    Ok(!cases.is_empty())
}

fn may_go(
    call: &Call,
    tx: &WriteTx<'_>,
    user: UserId,
    person: PersonId,
) -> std::result::Result<(), Stays> {
    let record = people::record(tx, person)?.ok_or(Refusal::Missing)?;
    rules::undo(record.created, call.app.world.utc()).map_err(|_| Stays::TooLate)?;
    let since = since_registered(tx, person)?.ok_or(Stays::TooLate)?;
    let mut visit = None;
    for (by, event) in since {
        if by.is_some_and(|by| by != user) {
            return Err(Stays::Others);
        }
        match event {
            Event::CheckedIn { visit: first, .. } | Event::VisitTypedLater { visit: first, .. }
                if visit.is_none() && event.is_about(person.record()) =>
            {
                visit = Some(first);
            }
            Event::ServiceGiven { visit: at, .. } if visit == Some(at) => return Err(Stays::Used),
            event if event.is_about(person.record()) => return Err(Stays::Used),
            _ => {}
        }
    }
    Ok(())
}
