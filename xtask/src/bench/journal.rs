//! A long journal: the check of its whole chain, and the manager's page over it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use darna::kit::id::PersonId;
use darna::kit::world::World;
use darna::sample::{self, Amount};
use darna::vault::keyfile::KeyFile;
use darna::vault::secret::Passphrase;
use darna::vault::{Actor, Refusal};
use darna_tests::bare::opened;

use super::{Desk, Figure, page, timed};
use crate::seed::{PASSPHRASE, founded, told};

const CHECKS: usize = 5;

/// `events`: a million are ten years of a busy centre.
pub fn figures(events: i64) -> Result<Vec<Figure>> {
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
    let people = sample::fill(&vault, actor, &amount).map_err(told)?;
    drop(vault);
    let bytes = plant(&data, actor, &people, events)?;
    let desk = Desk::open(&data)?;
    Ok(vec![
        check(&desk, events, bytes)?,
        page(
            &desk,
            "page of the long journal",
            &pages(&desk, actor, events)?,
        )?,
    ])
}

/// Continues the chain of desk.db past the program, in one transaction: a million commits would
/// take an hour. What is planted is what the program would have written, or its check below would
/// not pass. Gives the bytes that are hashed in all.
fn plant(data: &Path, actor: Actor, people: &[PersonId], events: i64) -> Result<u64> {
    let folder = data.join("gen/0001");
    let keys = KeyFile::read(&fs::read(folder.join("keys.mrc"))?)?
        .open(actor.user, &Passphrase::new(PASSPHRASE))
        .context("the bench's own keys")?;
    let key = blake3::derive_key("mrc journal v1", keys.desk());
    let mut desk = opened(&folder.join("desk.db"), keys.desk());
    let transaction = desk.transaction()?;
    let (last, mut before): (i64, [u8; 32]) = transaction.query_row(
        "select seq, hash from journal order by seq desc limit 1",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    ensure!(last < events, "{last} events are there already");
    let mut insert = transaction.prepare(
        "insert into journal (seq, event, at, actor, name, ids, hash) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let mut hashed = 0;
    let world = World::system();
    for (seq, person) in (last + 1..=events).zip(people.iter().cycle()) {
        let event: [u8; 16] = world.bytes();
        let at = chrono::DateTime::from_timestamp(1_480_000_000 + seq * 300, 0)
            .context("a moment")?
            .to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let (name, ids) = match seq % 20 {
            0 => (
                "unlocked",
                format!(r#"{{"failed_before":0,"user":"{}"}}"#, actor.user),
            ),
            1 => ("person-registered", format!(r#"{{"person":"{person}"}}"#)),
            // A visit has an id of the same form.
            _ => (
                "checked-in",
                format!(r#"{{"person":"{person}","visit":"{person}"}}"#),
            ),
        };
        let mut row = before.to_vec();
        row.push(1);
        let fields = [
            &seq.to_le_bytes()[..],
            &event,
            at.as_bytes(),
            actor.user.as_bytes(),
            name.as_bytes(),
            ids.as_bytes(),
        ];
        for field in fields {
            row.extend((field.len() as u64).to_le_bytes());
            row.extend(field);
        }
        before = *blake3::keyed_hash(&key, &row).as_bytes();
        hashed += row.len() as u64;
        insert.execute(rusqlite::params![
            seq, event, at, actor.user, name, ids, before
        ])?;
    }
    drop(insert);
    transaction.commit()?;
    Ok(hashed)
}

/// The whole chain, beside as many bare keyed hashes of rows as long.
fn check(desk: &Desk, events: i64, bytes: u64) -> Result<Figure> {
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    let rows = usize::try_from(events)?;
    for _ in 0..CHECKS {
        let heads = timed(&mut times, || {
            desk.app.vault.verify_journals().map_err(told)
        })?;
        let seq = heads.first().context("a journal")?.seq;
        ensure!(seq >= events, "the check ended at row {seq}");
        bare(&mut floors, rows, usize::try_from(bytes)? / rows)?;
    }
    Ok(Figure {
        name: "check of the long journal",
        times,
        floor: "bare keyed BLAKE3 over as many rows",
        floors,
    })
}

/// Each hash covers the one before, as in a chain.
fn bare(times: &mut Vec<Duration>, rows: usize, length: usize) -> Result<()> {
    let key = [7; 32];
    let mut row = vec![7; length.max(32)];
    timed(times, || {
        for _ in 0..rows {
            let hash = blake3::keyed_hash(&key, &row);
            row[..32].copy_from_slice(hash.as_bytes());
        }
        Ok(())
    })?;
    ensure!(row[..32] != [7; 32], "the rows were hashed");
    Ok(())
}

/// From the newest row to the oldest, narrowed in each way.
fn pages(desk: &Desk, actor: Actor, events: i64) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    for step in 0..50 {
        let before = events - step * (events / 51);
        let day = desk.app.vault.read::<_, Refusal>(|db| {
            let sql = "select substr(at, 1, 10) from journal where seq = ?1";
            db.one(sql, [before], |row| row.get::<_, String>(0))
        });
        let day = day.map_err(told)?.context("a day")?;
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
    Ok(paths)
}
