//! `bench [--persons N] [--visits M] [--cases N] [--notes N] [--referrals N] [--data DIR]
//! [--casework]`: what a person waits for, each beside its floor; with `--casework` that part alone.
//! Build first: `cargo build --release -p darna --examples --bins`, `cargo build --release -p xtask`.
//! Runs the real router over a real encrypted centre; writes `target/bench.json` and a table.

mod casework;
mod paper;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use darna::kit::id::UserId;
use darna::kit::world::World;
use darna::sample::{self, Amount};
use darna::vault::keyfile::KeyFile;
use darna::vault::secret::Passphrase;
use darna::vault::{Refusal, Vault};
use darna::web::App;
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
    let (mut persons, mut visits) = (100_000, 1_000_000);
    let (mut cases, mut notes, mut referrals) = (20_000, 200_000, 10_000);
    let mut casework_alone = false;
    let mut data = PathBuf::from("target/bench");
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("persons") => persons = arguments.value()?.parse()?,
            Long("visits") => visits = arguments.value()?.parse()?,
            Long("cases") => cases = arguments.value()?.parse()?,
            Long("notes") => notes = arguments.value()?.parse()?,
            Long("referrals") => referrals = arguments.value()?.parse()?,
            Long("casework") => casework_alone = true,
            Long("data") => data = arguments.value()?.into(),
            other => return Err(other.unexpected().into()),
        }
    }
    ensure!(
        !cfg!(debug_assertions),
        "measure the optimised build: cargo run --release -p xtask -- bench"
    );
    let data = data.as_path();
    // Beside the other centre: twenty thousand cases would change what the desk waits for.
    let casework = || casework::figures(&data.with_extension("casework"), cases, notes, referrals);
    if casework_alone {
        return report(&casework()?, 0, 0);
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
        page(&desk, "person page", &desk.people(200)?)?,
        page(&desk, "today's list", &vec!["/today".to_owned(); 200])?,
        page(&desk, "home", &vec!["/".to_owned(); 200])?,
    ];
    // One part that cannot be measured keeps no other from being told.
    let mut told = |part: &str, measured: Result<Vec<Figure>>| match measured {
        Ok(more) => figures.extend(more),
        Err(why) => eprintln!("no figures of {part}: {why:#}"),
    };
    told("paper", paper::figures(&desk));
    told("the journal", journal(EVENTS).map(|figure| vec![figure]));
    drop(desk);
    told("casework", casework());
    report(&figures, persons, visits)?;
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
    runtime: Runtime,
    csrf: String,
}

impl Desk {
    fn open(data: &Path) -> Result<Self> {
        let world = World::system();
        let vault = Vault::at(data, world.clone()).map_err(told)?;
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let mut desk = Self {
            app: App::with(vault, world, Recorded::default()),
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

    /// Pages of people from all over the register, none of whom has come today.
    fn people(&self, most: u32) -> Result<Vec<String>> {
        let ids = self.app.vault.read::<_, Refusal>(|db| {
            db.all(
                "select lower(hex(id)) from person where substr(hex(id), 31, 2) = '07'
                    and not exists (select 1 from visit where person = id and day = ?2)
                  limit ?1",
                rusqlite::params![most, self.app.world.today()],
                |row| row.get::<_, String>(0),
            )
        });
        Ok(ids
            .map_err(told)?
            .iter()
            .map(|id| format!("/people/{id}"))
            .collect())
    }

    fn names(&self, most: u32) -> Result<Vec<String>> {
        let names = self.app.vault.read::<_, Refusal>(|db| {
            db.all(
                "select written from person_name where place = 0 and substr(hex(person), 27, 2) = '07' limit ?1",
                [most],
                |row| row.get(0),
            )
        });
        names.map_err(told)
    }
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
        timed(&mut times, || desk.unlock())?;
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

/// Names typed letter by letter, as the search box sends them.
fn search(desk: &Desk, data: &Path) -> Result<Figure> {
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    let names = desk.names(120)?;
    let bare = bare_index(desk, data)?;
    let mut statement = bare.prepare("select rowid from words where words match ?1 limit 8")?;
    'all: for name in &names {
        let letters: Vec<char> = name.chars().collect();
        for typed in 2..=letters.len() {
            let typed: String = letters[..typed].iter().collect();
            let query: String = typed.bytes().map(|b| format!("%{b:02X}")).collect();
            timed(&mut times, || desk.get(&format!("/search?q={query}")))?;
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
    Ok(Figure {
        name: "search, one letter more",
        times,
        floor: "bare FTS5 prefix query",
        floors,
    })
}

/// The same names in a bare FTS5 table, encrypted too.
fn bare_index(desk: &Desk, data: &Path) -> Result<Connection> {
    let names = desk.app.vault.read::<_, Refusal>(|db| {
        db.all("select written from person_name", [], |row| {
            row.get::<_, String>(0)
        })
    });
    let path = data.join("bare.db");
    let _ = fs::remove_file(&path);
    let mut bare = Connection::open(&path)?;
    bare.execute_batch(
        "pragma key = \"x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\";
         create virtual table words using fts5(word, content='', prefix='2 3');",
    )?;
    let transaction = bare.transaction()?;
    for (place, name) in names.map_err(told)?.iter().enumerate() {
        transaction.execute(
            "insert into words (rowid, word) values (?1, ?2)",
            rusqlite::params![i64::try_from(place)?, name],
        )?;
    }
    transaction.commit()?;
    Ok(bare)
}

fn check_in(desk: &Desk, data: &Path) -> Result<Figure> {
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    let path = data.join("commit.db");
    let _ = fs::remove_file(&path);
    let bare = Connection::open(&path)?;
    bare.execute_batch(
        "pragma key = \"x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\";
         pragma journal_mode = delete; pragma synchronous = extra;
         create table visit (id integer primary key, day text) strict;",
    )?;
    for person in desk.people(100)? {
        timed(&mut times, || desk.post(&format!("{person}/visits"), ""))?;
        timed(&mut floors, || {
            Ok(bare.execute("insert into visit (day) values ('2026-11-24')", [])?)
        })?;
    }
    Ok(Figure {
        name: "check-in",
        times,
        floor: "one durable commit",
        floors,
    })
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

/// Ten years of a busy centre.
const EVENTS: i64 = 1_000_000;

/// The manager's page over a long journal, from its newest row to its oldest, narrowed in each way.
/// The rows are planted, so that their chain does not hold: in a centre of their own.
fn journal(events: i64) -> Result<Figure> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let world = World::system();
    let (vault, actor) = founded(&data, &world)?;
    let amount = Amount {
        persons: 500,
        visits: 0,
        years: 1,
        seed: 1,
        until: world.utc(),
    };
    sample::fill(&vault, actor, &amount).map_err(told)?;
    drop(vault);
    let desk = Desk::open(&data)?;
    desk.app
        .vault
        .write(actor, None, |tx| {
            tx.execute(
                "with recursive n (i) as (select 1000 union all select i + 1 from n where i < :last),
                   person_at (place, id) as (select row_number() over () - 1, lower(hex(id)) from person)
                 insert into journal (seq, event, at, actor, name, ids, hash)
                 select i, unhex(printf('%012x', 1480000000000 + i * 300000)) || randomblob(10),
                   strftime('%Y-%m-%dT%H:%M:%fZ', 1480000000 + i * 300, 'unixepoch'), :actor,
                   case i % 20 when 0 then 'unlocked' when 1 then 'person-registered' else 'checked-in' end,
                   json_object('person', p.id, 'failed_before', 0), randomblob(32)
                 from n join person_at p on p.place = i % 500",
                rusqlite::named_params! { ":last": events, ":actor": actor.user },
            )?;
            Ok::<_, Refusal>(((), darna::vault::Event::SettingsChanged))
        })
        .map_err(told)?;
    let mut paths = Vec::new();
    for step in 0..50 {
        let before = events - step * (events / 51);
        let day = desk.app.vault.read::<_, Refusal>(|db| {
            let sql = "select substr(at, 1, 10) from journal where seq = ?1";
            db.one(sql, [before], |row| row.get::<_, String>(0))
        });
        let day = day.map_err(told)?.unwrap_or_default();
        for narrowed in ["", "&kind=access", "&kind=visits"] {
            paths.push(format!("/journal?before={before}{narrowed}"));
            paths.push(format!(
                "/journal?by={}&before={before}{narrowed}",
                actor.user
            ));
        }
        paths.push(format!("/journal?day={day}"));
        paths.push(format!("/journal?day={day}&kind=people"));
    }
    page(&desk, "journal of 1,000,000 events", &paths)
}

fn report(figures: &[Figure], persons: u32, visits: u32) -> Result<()> {
    println!("{persons} people, {visits} visits; {}", machine());
    println!("| what | p50 | p99 | floor | p50 | p99 |");
    println!("| --- | ---: | ---: | --- | ---: | ---: |");
    let mut kept = Vec::new();
    for figure in figures {
        let own = percentiles(&figure.times);
        let floor = percentiles(&figure.floors);
        println!(
            "| {} | {:.2} ms | {:.2} ms | {} | {:.2} ms | {:.2} ms |",
            figure.name, own.0, own.1, figure.floor, floor.0, floor.1
        );
        kept.push(json!({
            "name": figure.name, "p50_ms": own.0, "p99_ms": own.1, "runs": figure.times.len(),
            "floor": figure.floor, "floor_p50_ms": floor.0, "floor_p99_ms": floor.1,
        }));
    }
    let all =
        json!({ "persons": persons, "visits": visits, "machine": machine(), "figures": kept });
    fs::write("target/bench.json", serde_json::to_vec_pretty(&all)?)?;
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
