//! What a caseworker waits for, in a centre with twenty thousand cases: the work list, a case with
//! two hundred notes, a search in all notes, the partner finder, and a letter.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use darna::cases::rules::NoteKind;
use darna::cases::store;
use darna::kit::id::{CaseId, PartnerId, ReferralId};
use darna::kit::lang::Lang;
use darna::kit::world::World;
use darna::partners;
use darna::sample::{self, Amount, Casework};
use darna::vault::keyfile::Cost;
use darna::vault::secret::Passphrase;
use darna::vault::{CaseworkEvent, Event, Refusal, Roles};

use super::{Desk, Figure, Journal, bare_index, encoded, page, timed};
use crate::seed::{PASSPHRASE, founded, told};

/// Those who share the cases; a centre of five years' work has so many.
const WORKERS: usize = 20;
/// One person has four cases over the years, on average.
const CASES_EACH: u32 = 4;
/// Below it there are no courses, and too few names.
const FEWEST_PERSONS: u32 = 100;
const PARTNERS: usize = 300;
const NOTES: usize = 200;
const RUNS: usize = 200;
const LETTERS: usize = 20;

pub fn figures(data: &Path, cases: u32, notes: u32, referrals: u32) -> Result<Vec<Figure>> {
    if !data.join("CURRENT").exists() {
        fill(data, cases, notes, referrals)?;
    }
    let desk = Desk::open(data)?;
    let case = long_case(&desk)?;
    let finder = "/partners?need=MED.refer&language=ara&area=&name=&open=yes".to_owned();
    Ok(vec![
        page(&desk, "work list", &vec!["/cases".to_owned(); RUNS])?,
        page(
            &desk,
            "case page, 200 notes",
            &vec![format!("/cases/{case}"); RUNS],
        )?,
        search(&desk, data)?,
        page(&desk, "partner finder", &vec![finder; RUNS])?,
        letter(&desk)?,
    ])
}

fn fill(data: &Path, cases: u32, notes: u32, referrals: u32) -> Result<()> {
    let world = World::system();
    let (vault, manager) = founded(data, &world)?;
    for n in 1..WORKERS {
        let passphrase = Passphrase::new(PASSPHRASE);
        let roles = Roles::CASEWORKER;
        let name = format!("Worker {n}");
        vault
            .add_user(manager, &name, roles, Lang::En, &passphrase, Cost::FLOOR)
            .map_err(told)?;
    }
    let until = world.utc();
    let amount = Amount {
        persons: (cases / CASES_EACH).max(FEWEST_PERSONS),
        visits: 0,
        years: 5,
        seed: 2,
        until,
    };
    let people = sample::fill(&vault, manager, &amount).map_err(told)?;
    let known = vault.read(partners::all).map_err(told)?;
    vault
        .write(manager, None, |tx| {
            for n in 0..PARTNERS {
                let mut profile = known[n % known.len()].profile.clone();
                for name in &mut profile.names {
                    name.written.push_str(&format!(" {n}"));
                }
                let id = PartnerId::new(&world);
                partners::insert(tx, &world, manager, id, &profile)?;
            }
            let records = u32::try_from(PARTNERS).unwrap_or(u32::MAX);
            Ok::<_, Refusal>(((), Event::SampleAdded { records }))
        })
        .map_err(told)?;
    let casework = Casework {
        cases,
        notes,
        referrals,
        incoming: 50,
        cared: 0,
        years: 5,
        seed: 2,
        until,
    };
    sample::casework(&vault, manager, &casework, &people).map_err(told)
}

/// An open case, taken over, with as many notes as a long one has.
fn long_case(desk: &Desk) -> Result<CaseId> {
    let (me, world, vault) = (desk.me()?, &desk.app.world, &desk.app.vault);
    let found = vault.list_casework::<Option<(CaseId, usize)>, Refusal>(me, |casework| {
        casework.one(
            "select n.case_file, count(*) from casework.case_note n
               join casework.case_file f on f.id = n.case_file
              where f.state <> 'closed'
              group by n.case_file order by count(*) desc limit 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    });
    let (case, notes) = found.map_err(told)?.context("an open case with a note")?;
    vault
        .write_casework(me, None, |tx| {
            store::put_worker(tx, case, me.user)?;
            for n in notes..NOTES {
                let words = format!("Invented note {n}: called, nobody answered, will call again.");
                store::add_note(tx, world, me, case, NoteKind::Contact, None, &words)?;
            }
            Ok::<_, Refusal>(((), CaseworkEvent::CaseSampleAdded { records: 1 }))
        })
        .map_err(told)?;
    Ok(case)
}

/// Two words of a note of one's own, which stand in many.
fn search(desk: &Desk, data: &Path) -> Result<Figure> {
    let me = desk.me()?;
    let notes = desk
        .app
        .vault
        .list_casework::<(Vec<String>, Vec<String>), Refusal>(me, |casework| {
            let all = casework.all("select words from casework.case_note", [], |row| row.get(0))?;
            let own = casework.all(
                "select n.words from casework.case_note n
                   join casework.case_file f on f.id = n.case_file where f.worker = :me",
                rusqlite::named_params! { ":me": me.user },
                |row| row.get(0),
            )?;
            Ok((all, own))
        });
    let (notes, own) = notes.map_err(told)?;
    let bare = bare_index(data, &notes)?;
    let mut statement =
        bare.prepare("select rowid from words where words match ?1 order by rowid desc limit 50")?;
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    for note in own.iter().step_by((own.len() / RUNS).max(1)).take(RUNS) {
        let mut words = note
            .split_whitespace()
            .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
            .filter(|word| word.len() > 3);
        let asked = [words.next().unwrap_or("called"), words.next().unwrap_or("")];
        let query = encoded(&asked.join(" "));
        let page = timed(&mut times, || desk.get(&format!("/cases/notes?q={query}")))?;
        ensure!(page.contains("href=\"/cases/"), "{asked:?} is in a note");
        let bare = asked.map(|word| format!("\"{word}\"*")).join(" ");
        timed(&mut floors, || {
            let rows = statement.query_map([bare], |row| row.get::<_, i64>(0))?;
            Ok(rows.count())
        })?;
    }
    Ok(Figure {
        name: "search in all notes",
        times,
        floor: "bare FTS5 query",
        floors,
    })
}

/// From the button to the file that the viewer gets, beside a form of one page.
fn letter(desk: &Desk) -> Result<Figure> {
    let me = desk.me()?;
    let found = desk
        .app
        .vault
        .list_casework::<Option<(ReferralId, CaseId)>, Refusal>(me, |casework| {
            casework.one(
                "select r.id, r.case_file from casework.referral r
               join casework.referral_consent c on c.referral = r.id and c.withdrawn is null
              where r.state = 'drafted' limit 1",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
        });
    let (referral, case) = found
        .map_err(told)?
        .context("a referral that is agreed to")?;
    desk.app
        .vault
        .write_casework(me, None, |tx| {
            store::put_worker(tx, case, me.user)?;
            let user = me.user;
            Ok::<_, Refusal>(((), CaseworkEvent::CaseTaken { case, user }))
        })
        .map_err(told)?;
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    let at = format!("/referrals/{referral}/letter");
    // The first also tells that the case was read.
    desk.post(&at, "")?;
    for _ in 0..LETTERS {
        desk.print(&mut times, Journal::Casework, "letter-printed", &at, "")?;
        desk.print_form(&mut floors)?;
    }
    Ok(Figure {
        name: "referral letter",
        times,
        floor: "a form of one page",
        floors,
    })
}
