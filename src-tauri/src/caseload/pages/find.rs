//! What is found in one's own cases: by the number of a case or a referral, as it stands on a slip
//! that comes back, and by words of the notes.

use askama::Template;

use crate::caseload::rules::{Numbered, Sought};
use crate::cases::rules::Reach;
use crate::cases::{reach, store as cases};
use crate::kit::id::CaseId;
use crate::people::Named;
use crate::referrals;
use crate::vault::{Casework, CaseworkEvent, Refusal};
use crate::web::{Answer, Call, Ctx, Field, Result};

/// A note that was found, with its case.
struct Note {
    case: CaseId,
    number: String,
    when: String,
    words: String,
}

/// A case or a referral with the number that was typed.
struct Hit {
    href: String,
    number: String,
    name: String,
}

#[derive(Template)]
#[template(path = "caseload/find.html")]
struct Page<'p> {
    c: &'p Ctx,
    q: Field,
    searched: bool,
    hits: Vec<Hit>,
    notes: Vec<Note>,
}

/// Notes on one page.
const MOST_NOTES: usize = 50;

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    let typed: String = call.sent.get("q").chars().take(120).collect();
    let sought = typed.parse::<Sought>().ok();
    let mut hits = Vec::new();
    if let Some(sought) = sought {
        // The page of a case asks for the reason of whoever has not got it.
        if let (Some(Numbered::Case), Some(_)) = (sought.of, sought.year) {
            let known = |db: &Casework<'_>| cases::numbered(db, sought.year, sought.serial);
            if let Some(case) = call.list_casework(known)?.first() {
                return Answer::see(format!("/cases/{case}"));
            }
        }
        hits = call.list_casework(|casework| numbered(casework, call, sought))?;
        if let ([hit], Some(_), Some(_)) = (&*hits, sought.of, sought.year) {
            return Answer::see(hit.href.clone());
        }
    }
    let words = typed.trim().chars().count() > 1;
    let notes = if words {
        call.read_casework(&CaseworkEvent::NotesSearched, |casework| {
            noted(casework, call, c, &typed)
        })?
    } else {
        Vec::new()
    };
    Answer::page(&Page {
        c,
        q: Field::new("q", 120).typed(&typed),
        searched: words || sought.is_some(),
        hits,
        notes,
    })
}

/// Those that the reader may see now.
fn numbered(casework: &Casework<'_>, call: &Call, sought: Sought) -> Result<Vec<Hit>> {
    let (actor, today) = (call.actor()?, call.app.world.today());
    let seen = |case: CaseId| -> Result<bool> {
        let file = cases::case_file(casework, case)?.ok_or(Refusal::Missing)?;
        let told = cases::reason_today(casework, case, actor.user, today)?;
        Ok(!matches!(reach(actor, &file, told), Reach::Other))
    };
    let mut found = Vec::new();
    if sought.of != Some(Numbered::Referral) {
        let known = cases::numbered(casework, sought.year, sought.serial)?;
        for line in cases::lines(casework, actor, &known)? {
            if seen(line.case)? {
                let href = format!("/cases/{}", line.case);
                found.push((href, line.number.to_string(), line.person));
            }
        }
    }
    if sought.of != Some(Numbered::Case) {
        for one in referrals::numbered(casework, sought.year, sought.serial)? {
            if seen(one.case)? {
                let href = format!("/referrals/{}", one.id);
                found.push((href, one.number(), Some(one.person)));
            }
        }
    }
    let named = Named::of(casework, found.iter().filter_map(|(_, _, person)| *person))?;
    Ok(found
        .into_iter()
        .map(|(href, number, person)| Hit {
            href,
            number,
            name: named.get(person),
        })
        .collect())
}

fn noted(casework: &Casework<'_>, call: &Call, c: &Ctx, typed: &str) -> Result<Vec<Note>> {
    let actor = call.actor()?;
    let found = cases::find_notes(casework, actor, typed, MOST_NOTES)?;
    let of: Vec<CaseId> = found.iter().map(|note| note.case).collect();
    let lines = cases::lines(casework, actor, &of)?;
    let number = |case| {
        let line = lines.iter().find(|line| line.case == case);
        line.map(|line| line.number.to_string()).unwrap_or_default()
    };
    Ok(found
        .into_iter()
        .map(|note| Note {
            case: note.case,
            number: number(note.case),
            when: c.moment(note.at),
            words: note.words.chars().take(220).collect(),
        })
        .collect())
}
