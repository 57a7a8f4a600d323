//! What a caseworker waits for, in a centre with twenty thousand cases: the work list, a case with
//! two hundred notes, a search in all notes, the partner finder, and a letter.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use axum::http::StatusCode;
use darna::cases::rules::NoteKind;
use darna::cases::store;
use darna::kit::id::{CaseId, PartnerId, ReferralId};
use darna::kit::lang::Lang;
use darna::kit::world::World;
use darna::partners;
use darna::sample::{self, Amount, Casework};
use darna::vault::keyfile::Cost;
use darna::vault::secret::Passphrase;
use darna::vault::{Actor, CaseworkEvent, Event, Refusal, Roles};
use rusqlite::Connection;

use super::{Desk, Figure, page, timed};
use crate::seed::{NAME, PASSPHRASE, founded, told};

/// Those who share the cases; a centre of five years' work has so many.
const WORKERS: usize = 20;
const PERSONS: u32 = 5_000;
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
        persons: PERSONS,
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
        years: 5,
        seed: 2,
        until,
    };
    sample::casework(&vault, manager, &casework, &people).map_err(told)
}

fn me(desk: &Desk) -> Result<Actor> {
    let found = desk.app.vault.read::<_, Refusal>(|db| {
        db.one(
            "select id from user where name = :name",
            rusqlite::named_params! { ":name": NAME },
            |row| row.get(0),
        )
    });
    Ok(Actor {
        user: found.map_err(told)?.context("the bench's own caseworker")?,
        roles: Roles::MANAGER.and(Roles::DESK).and(Roles::CASEWORKER),
    })
}

/// An open case of one's own, with as many notes as a long one has.
fn long_case(desk: &Desk) -> Result<CaseId> {
    let (me, world, vault) = (me(desk)?, &desk.app.world, &desk.app.vault);
    let found = vault.list_casework::<Option<(CaseId, usize)>, Refusal>(me, |casework| {
        casework.one(
            "select n.case_file, count(*) from casework.case_note n
               join casework.case_file f on f.id = n.case_file
              where f.worker = :me and f.state <> 'closed'
              group by n.case_file order by count(*) desc limit 1",
            rusqlite::named_params! { ":me": me.user },
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    });
    let (case, notes) = found.map_err(told)?.context("a case of one's own")?;
    vault
        .write_casework(me, None, |tx| {
            for n in notes..NOTES {
                let words = format!("Invented note {n}: called, nobody answered, will call again.");
                store::add_note(tx, world, me, case, NoteKind::Contact, None, &words)?;
            }
            Ok::<_, Refusal>(((), CaseworkEvent::CaseSampleAdded { records: 1 }))
        })
        .map_err(told)?;
    Ok(case)
}

/// Two words of a note, which stand in many.
fn search(desk: &Desk, data: &Path) -> Result<Figure> {
    let me = me(desk)?;
    let notes = desk
        .app
        .vault
        .list_casework::<Vec<String>, Refusal>(me, |casework| {
            casework.all("select words from casework.case_note", [], |row| row.get(0))
        });
    let notes = notes.map_err(told)?;
    let bare = bare_index(data, &notes)?;
    let mut statement =
        bare.prepare("select rowid from words where words match ?1 order by rowid desc limit 50")?;
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    for note in notes.iter().step_by((notes.len() / RUNS).max(1)).take(RUNS) {
        let mut words = note
            .split_whitespace()
            .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
            .filter(|word| word.len() > 3);
        let asked = [words.next().unwrap_or("called"), words.next().unwrap_or("")];
        let query: String = asked
            .join(" ")
            .bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect();
        timed(&mut times, || desk.get(&format!("/cases/notes?q={query}")))?;
        let bare = asked.map(|word| format!("\"{word}\"*")).join(" ");
        timed(&mut floors, || {
            let rows = statement.query_map([bare], |row| row.get::<_, i64>(0))?;
            Ok(rows.count())
        })?;
    }
    Ok(Figure {
        name: "search in 200,000 notes",
        times,
        floor: "bare FTS5 query",
        floors,
    })
}

/// The same words in a bare FTS5 table, encrypted too.
fn bare_index(data: &Path, notes: &[String]) -> Result<Connection> {
    let path = data.join("bare.db");
    let _ = fs::remove_file(&path);
    let mut bare = Connection::open(&path)?;
    bare.execute_batch(
        "pragma key = \"x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\";
         create virtual table words using fts5(word, content='', prefix='2 3');",
    )?;
    let transaction = bare.transaction()?;
    for (place, words) in notes.iter().enumerate() {
        transaction.execute(
            "insert into words (rowid, word) values (?1, ?2)",
            rusqlite::params![i64::try_from(place)?, words],
        )?;
    }
    transaction.commit()?;
    Ok(bare)
}

/// From the button to the file that the viewer gets, beside a form of one page.
fn letter(desk: &Desk) -> Result<Figure> {
    let me = me(desk)?;
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
    for _ in 0..LETTERS {
        timed(&mut times, || {
            print(desk, &format!("/referrals/{referral}/letter"), "")
        })?;
        timed(&mut floors, || {
            print(desk, "/papers", "paper=complaint-form&language=")
        })?;
    }
    Ok(Figure {
        name: "referral letter",
        times,
        floor: "a form of one page",
        floors,
    })
}

fn print(desk: &Desk, at: &str, asked: &str) -> Result<()> {
    let (status, page) = desk.post(at, asked)?;
    ensure!(
        status == StatusCode::SEE_OTHER,
        "{at} answers {status}: {page}"
    );
    Ok(())
}
