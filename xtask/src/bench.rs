//! `bench [--persons N] [--visits M] [--cases N] [--notes N] [--referrals N] [--events N]
//! [--data DIR] [--casework] [--try]`: what a person waits for, each beside its floor; with
//! `--casework` that part alone. With `--try` it runs in any build, so that a small size shows
//! whether everything is measured at all; nothing is kept of its figures.
//! Build first: `cargo build --release -p darna --examples --bins`, `cargo build --release -p xtask`.
//! Runs the real router over a real encrypted centre; writes `target/bench.json` and a table.
//! A call that did not do its work ends the run: its time would say nothing.

mod casework;
mod journal;
mod paper;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use darna::kit::id::{SessionId, UserId};
use darna::kit::world::World;
use darna::sample::{self, Amount};
use darna::vault::keyfile::KeyFile;
use darna::vault::secret::Passphrase;
use darna::vault::{Actor, Refusal, Roles, Vault};
use darna::web::App;
use darna_tests::bare::opened;
use darna_tests::outside::Recorded;
use lexopt::prelude::*;
use rusqlite::Connection;
use serde_json::json;
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::seed::{NAME, PASSPHRASE, founded, told};
use crate::start;

/// Measured times of one thing, sorted, and of the least that it could be.
struct Figure {
    name: &'static str,
    times: Vec<Duration>,
    floor: &'static str,
    floors: Vec<Duration>,
}

pub fn task(mut arguments: lexopt::Parser) -> Result<()> {
    let (mut persons, mut visits, mut events) = (100_000, 1_000_000, 1_000_000);
    let (mut cases, mut notes, mut referrals) = (20_000, 200_000, 10_000);
    let (mut casework_alone, mut trying) = (false, false);
    let mut data = PathBuf::from("target/bench");
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("persons") => persons = arguments.value()?.parse()?,
            Long("visits") => visits = arguments.value()?.parse()?,
            Long("cases") => cases = arguments.value()?.parse()?,
            Long("notes") => notes = arguments.value()?.parse()?,
            Long("referrals") => referrals = arguments.value()?.parse()?,
            Long("events") => events = arguments.value()?.parse()?,
            Long("casework") => casework_alone = true,
            Long("try") => trying = true,
            Long("data") => data = arguments.value()?.into(),
            other => return Err(other.unexpected().into()),
        }
    }
    ensure!(
        trying || !cfg!(debug_assertions),
        "measure the optimised build: cargo run --release -p xtask -- bench"
    );
    let data = data.as_path();
    // Beside the other centre: twenty thousand cases would change what the desk waits for.
    let casework = || casework::figures(&data.with_extension("casework"), cases, notes, referrals);
    if casework_alone {
        let of = format!("{cases} cases, {notes} notes, {referrals} referrals");
        return report(&casework()?, &of, trying);
    }
    if !data.join("CURRENT").exists() {
        let world = World::system();
        let (vault, actor) = founded(data, &world)?;
        let until = world.utc();
        let amount = Amount {
            persons,
            visits,
            years: 5,
            seed: 1,
            until,
        };
        sample::fill(&vault, actor, &amount).map_err(told)?;
    }
    let desk = Desk::open(data)?;
    let mut figures = vec![
        unlock(&desk, data)?,
        search(&desk, data)?,
        check_in(&desk, data)?,
        attendance(&desk, data)?,
        page(&desk, "person page", &desk.people(200)?)?,
        page(&desk, "today's list", &vec!["/today".to_owned(); 200])?,
        page(&desk, "home", &vec!["/".to_owned(); 200])?,
    ];
    // One part that cannot be measured keeps no other from being told.
    let mut missing = Vec::new();
    let mut told = |part: &'static str, measured: Result<Vec<Figure>>| match measured {
        Ok(more) => figures.extend(more),
        Err(why) => {
            eprintln!("no figures of {part}: {why:#}");
            missing.push(part);
        }
    };
    told("paper", paper::figures(&desk));
    told("the journal", journal::figures(events));
    drop(desk);
    told("casework", casework());
    let of = format!("{persons} people, {visits} visits, {events} events, {cases} cases");
    report(&figures, &of, trying)?;
    ensure!(missing.is_empty(), "not measured: {}", missing.join(", "));
    if trying {
        return Ok(());
    }
    window(data)
}

/// The window beside an empty one; both must have been built.
fn window(data: &Path) -> Result<()> {
    let built = Path::new("target/release");
    let own = start::measure(&built.join("darna"), data, 5)?;
    let empty = start::measure(&built.join("examples/empty"), data, 5)?;
    for (name, started) in [
        ("start to the unlock page", own),
        ("an empty window", empty),
    ] {
        let (p50, p99) = percentiles(&started.shown);
        let mib = started.memory as f64 / 1024.0 / 1024.0;
        println!("{name}: p50 {p50:.0} ms, slowest {p99:.0} ms; {mib:.0} MiB over all processes");
    }
    Ok(())
}

/// A centre with somebody at its desk.
struct Desk {
    app: Arc<App>,
    outside: Recorded,
    runtime: Runtime,
    csrf: String,
}

impl Desk {
    fn open(data: &Path) -> Result<Self> {
        let world = World::system();
        let vault = Vault::at(data, world.clone()).map_err(told)?;
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let outside = Recorded::default();
        let mut desk = Self {
            app: App::with(vault, world, outside.clone()),
            outside,
            runtime,
            csrf: String::new(),
        };
        let (_, page) = desk.ask(Request::get("/lock").body(Body::empty())?)?;
        let at = page
            .split_once("name=\"csrf\" value=\"")
            .context("a token")?
            .1;
        desk.csrf = at.split('"').next().unwrap_or_default().to_owned();
        desk.unlock()?;
        Ok(desk)
    }

    fn unlock(&self) -> Result<()> {
        let passphrase = PASSPHRASE.replace(' ', "+");
        let (status, _) = self.post("/unlock", &format!("name={NAME}&passphrase={passphrase}"))?;
        ensure!(status == StatusCode::SEE_OTHER, "the centre unlocks");
        Ok(())
    }

    fn ask(&self, request: Request<Body>) -> Result<(StatusCode, String)> {
        self.runtime.block_on(async {
            let Ok(response) = darna::app(&self.app).oneshot(request).await;
            let status = response.status();
            let body = to_bytes(response.into_body(), usize::MAX).await?;
            Ok((status, String::from_utf8_lossy(&body).into_owned()))
        })
    }

    fn get(&self, path: &str) -> Result<String> {
        let (status, page) = self.ask(Request::get(path).body(Body::empty())?)?;
        ensure!(status == StatusCode::OK, "{path} answers {status}");
        Ok(page)
    }

    fn post(&self, path: &str, fields: &str) -> Result<(StatusCode, String)> {
        let kind = "application/x-www-form-urlencoded";
        let body = format!("csrf={}&{fields}", self.csrf);
        self.ask(
            Request::post(path)
                .header(header::CONTENT_TYPE, kind)
                .body(Body::from(body))?,
        )
    }

    /// Whoever set the bench's centre up.
    fn me(&self) -> Result<Actor> {
        let found = self.app.vault.read::<_, Refusal>(|db| {
            db.one(
                "select id from user where name = :name",
                rusqlite::named_params! { ":name": NAME },
                |row| row.get(0),
            )
        });
        Ok(Actor {
            user: found.map_err(told)?.context("the bench's own manager")?,
            roles: Roles::MANAGER.and(Roles::DESK).and(Roles::CASEWORKER),
        })
    }

    /// Measures what must lead to one event of that name, the last in `journal` then.
    fn written<T>(
        &self,
        times: &mut Vec<Duration>,
        journal: Journal,
        event: &str,
        what: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let (before, _) = self.last(journal)?;
        let value = timed(times, what)?;
        let (after, name) = self.last(journal)?;
        ensure!(
            after == before + 1 && name == event,
            "{event} was to be written once: {} events more, the last is {name}",
            after - before
        );
        Ok(value)
    }

    fn last(&self, journal: Journal) -> Result<(i64, String)> {
        let me = self.me()?;
        let sql = match journal {
            Journal::Desk => "select seq, name from journal order by seq desc limit 1",
            Journal::Casework => "select seq, name from casework.journal order by seq desc limit 1",
        };
        let last = self.app.vault.list_casework::<_, Refusal>(me, |casework| {
            casework.one(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
        });
        last.map_err(told)?.context("an event")
    }

    /// From the button to the file that the viewer gets.
    fn print(
        &self,
        times: &mut Vec<Duration>,
        journal: Journal,
        event: &str,
        at: &str,
        asked: &str,
    ) -> Result<()> {
        let shown = self.outside.shown().len();
        let (status, page) = self.written(times, journal, event, || self.post(at, asked))?;
        ensure!(
            status == StatusCode::SEE_OTHER,
            "{at} answers {status}: {page}"
        );
        ensure!(self.outside.shown().len() == shown + 1, "{at} shows a file");
        Ok(())
    }

    /// The floor of a paper.
    fn print_form(&self, times: &mut Vec<Duration>) -> Result<()> {
        let asked = "paper=complaint-form&language=";
        self.print(times, Journal::Desk, "printed", "/papers", asked)
    }

    /// Pages of people from all over the register, none of whom has come today: the end of an id is
    /// chance.
    fn people(&self, most: u32) -> Result<Vec<String>> {
        let ids = self.app.vault.read::<_, Refusal>(|db| {
            db.all(
                "select lower(hex(p.id)) from person p
                  where p.id not in (select person from visit where day = ?2 and person is not null)
                  order by substr(p.id, 9) limit ?1",
                rusqlite::params![most, self.app.world.today()],
                |row| row.get::<_, String>(0),
            )
        });
        let ids = ids.map_err(told)?;
        ensure!(!ids.is_empty(), "somebody who has not come today");
        Ok(ids.iter().map(|id| format!("/people/{id}")).collect())
    }

    fn names(&self, most: u32) -> Result<Vec<String>> {
        let names = self.app.vault.read::<_, Refusal>(|db| {
            db.all(
                "select written from person_name where place = 0 order by substr(person, 9) limit ?1",
                [most],
                |row| row.get(0),
            )
        });
        names.map_err(told)
    }

    fn every_name(&self) -> Result<Vec<String>> {
        let names = self.app.vault.read::<_, Refusal>(|db| {
            db.all("select written from person_name", [], |row| row.get(0))
        });
        names.map_err(told)
    }
}

/// Which of the two journals tells it.
#[derive(Clone, Copy)]
enum Journal {
    Desk,
    Casework,
}

fn timed<T>(times: &mut Vec<Duration>, what: impl FnOnce() -> Result<T>) -> Result<T> {
    let started = Instant::now();
    let value = what()?;
    times.push(started.elapsed());
    Ok(value)
}

fn unlock(desk: &Desk, data: &Path) -> Result<Figure> {
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    let bytes = fs::read(data.join("gen/0001/keys.mrc"))?;
    let file = KeyFile::read(&bytes)?;
    let nobody = UserId::from_bytes([0; 16]);
    for _ in 0..10 {
        desk.post("/lock", "")?;
        ensure!(!desk.app.vault.is_open(), "the centre locks");
        timed(&mut times, || desk.unlock())?;
        ensure!(desk.app.vault.is_open(), "the centre opens");
        timed(&mut floors, || {
            Ok(file.open(nobody, &Passphrase::new("nobody's")))
        })?;
    }
    Ok(Figure {
        name: "unlock",
        times,
        floor: "Argon2id alone",
        floors,
    })
}

/// As a browser sends it.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Names typed letter by letter, as the search box sends them.
fn search(desk: &Desk, data: &Path) -> Result<Figure> {
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    let (mut whole, mut found) = (0, 0);
    let names = desk.names(120)?;
    let bare = bare_index(data, &desk.every_name()?)?;
    let mut statement = bare.prepare("select rowid from words where words match ?1 limit 8")?;
    'all: for name in &names {
        let letters: Vec<char> = name.chars().collect();
        for typed in 2..=letters.len() {
            let is_whole = typed == letters.len();
            let typed: String = letters[..typed].iter().collect();
            let query = encoded(&typed);
            let page = timed(&mut times, || desk.get(&format!("/search?q={query}")))?;
            whole += usize::from(is_whole);
            found += usize::from(is_whole && page.contains("/people/"));
            let word = typed.split(' ').next().unwrap_or_default().replace('"', "");
            timed(&mut floors, || {
                let rows =
                    statement.query_map([format!("\"{word}\"*")], |row| row.get::<_, i64>(0))?;
                Ok(rows.count())
            })?;
            if times.len() >= 1_000 {
                break 'all;
            }
        }
    }
    ensure!(found == whole, "{found} of {whole} whole names were found");
    Ok(Figure {
        name: "search, one letter more",
        times,
        floor: "bare FTS5 prefix query",
        floors,
    })
}

/// The same texts in a bare FTS5 table, encrypted too.
fn bare_index(data: &Path, texts: &[String]) -> Result<Connection> {
    let mut bare = bare(&data.join("bare.db"))?;
    bare.execute_batch("create virtual table words using fts5(word, content='', prefix='2 3');")?;
    let transaction = bare.transaction()?;
    for (place, text) in texts.iter().enumerate() {
        transaction.execute(
            "insert into words (rowid, word) values (?1, ?2)",
            rusqlite::params![i64::try_from(place)?, text],
        )?;
    }
    transaction.commit()?;
    Ok(bare)
}

/// An empty encrypted file with the settings that make a commit durable (vault/database.rs).
fn bare(path: &Path) -> Result<Connection> {
    let _ = fs::remove_file(path);
    let bare = opened(path, &[7; 32]);
    bare.execute_batch(
        "pragma journal_mode = delete; pragma synchronous = extra; pragma secure_delete = on;
         pragma fullfsync = on; pragma temp_store = memory; pragma mmap_size = 0;",
    )?;
    Ok(bare)
}

/// Each in one durable commit, beside a bare commit of one row.
fn check_in(desk: &Desk, data: &Path) -> Result<Figure> {
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    let floor = OneRow::new(data)?;
    for person in desk.people(100)? {
        let (status, _) = desk.written(&mut times, Journal::Desk, "checked-in", || {
            desk.post(&format!("{person}/visits"), "")
        })?;
        ensure!(status == StatusCode::SEE_OTHER, "{person} answers {status}");
        floor.commit(&mut floors)?;
    }
    Ok(Figure {
        name: "check-in",
        times,
        floor: OneRow::NAME,
        floors,
    })
}

/// A mark in the grid of today's register, by key.
fn attendance(desk: &Desk, data: &Path) -> Result<Figure> {
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    let floor = OneRow::new(data)?;
    let activity = paper::course_of_200(desk)?;
    let today = desk.app.world.today();
    let lines = desk.app.vault.read::<_, Refusal>(|db| {
        db.all(
            "with sat (session) as (select id from session where activity = :activity
                 and day <= :today and status in ('planned', 'held') order by day desc limit 1)
             select s.session, lower(hex(e.person)), coalesce(a.mark, '')
               from sat s join enrolment e on e.activity = :activity and e.ended is null
               left join attendance a on a.session = s.session and a.person = e.person
              limit 100",
            rusqlite::named_params! { ":activity": activity, ":today": today },
            |row| {
                let (session, person, mark): (SessionId, String, String) =
                    (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok((session, person, mark))
            },
        )
    });
    for (session, person, mark) in lines.map_err(told)? {
        // On another day of the same centre the grid is full already: each gets another mark.
        let mark = if mark == "present" { "late" } else { "present" };
        let (status, page) =
            desk.written(&mut times, Journal::Desk, "attendance-marked", || {
                let fields = format!("by=key&person={person}&mark={mark}");
                desk.post(&format!("/sessions/{session}/marks"), &fields)
            })?;
        ensure!(status == StatusCode::OK, "a mark answers {status}: {page}");
        floor.commit(&mut floors)?;
    }
    Ok(Figure {
        name: "mark in the register",
        times,
        floor: OneRow::NAME,
        floors,
    })
}

/// The least that a durable commit can be: one row, in a file with the same settings.
struct OneRow(Connection);

impl OneRow {
    const NAME: &str = "bare durable commit of one row";

    fn new(data: &Path) -> Result<Self> {
        let bare = bare(&data.join("commit.db"))?;
        bare.execute_batch("create table visit (id integer primary key, day text) strict;")?;
        Ok(Self(bare))
    }

    fn commit(&self, times: &mut Vec<Duration>) -> Result<()> {
        let sql = "insert into visit (day) values ('2026-11-24')";
        let rows = timed(times, || Ok(self.0.execute(sql, [])?))?;
        ensure!(rows == 1 && self.0.is_autocommit(), "a row, committed");
        Ok(())
    }
}

fn page(desk: &Desk, name: &'static str, paths: &[String]) -> Result<Figure> {
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    for path in paths {
        timed(&mut times, || desk.get(path))?;
        timed(&mut floors, || desk.get("/passphrase"))?;
    }
    Ok(Figure {
        name,
        times,
        floor: "a page without records",
        floors,
    })
}

fn report(figures: &[Figure], of: &str, trying: bool) -> Result<()> {
    println!("{of}; {}", machine());
    if trying {
        println!("Only a try: these figures say nothing.");
    }
    println!("| what | runs | p50 | p99 | floor | p50 | p99 |");
    println!("| --- | ---: | ---: | ---: | --- | ---: | ---: |");
    let mut kept = Vec::new();
    for figure in figures {
        let runs = figure.times.len();
        ensure!(
            runs > 0 && !figure.floors.is_empty(),
            "{} was not measured",
            figure.name
        );
        let own = percentiles(&figure.times);
        let floor = percentiles(&figure.floors);
        println!(
            "| {} | {runs} | {:.2} ms | {:.2} ms | {} | {:.2} ms | {:.2} ms |",
            figure.name, own.0, own.1, figure.floor, floor.0, floor.1
        );
        kept.push(json!({
            "name": figure.name, "p50_ms": own.0, "p99_ms": own.1, "runs": runs,
            "floor": figure.floor, "floor_p50_ms": floor.0, "floor_p99_ms": floor.1,
        }));
    }
    if !trying {
        let all = json!({ "of": of, "machine": machine(), "figures": kept });
        fs::write("target/bench.json", serde_json::to_vec_pretty(&all)?)?;
    }
    Ok(())
}

fn percentiles(times: &[Duration]) -> (f64, f64) {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = |share: f64| {
        let place = ((sorted.len().saturating_sub(1)) as f64 * share).round() as usize;
        sorted
            .get(place)
            .map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    };
    (at(0.5), at(0.99))
}

/// The processor as the system names it.
fn machine() -> String {
    let told = Command::new("lscpu")
        .output()
        .map(|output| output.stdout)
        .unwrap_or_default();
    let told = String::from_utf8_lossy(&told);
    let model = told
        .lines()
        .find_map(|line| line.strip_prefix("Model name:"));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{cores} cores, {}",
        model.unwrap_or("unknown processor").trim()
    )
}
