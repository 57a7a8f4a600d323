//! `sticks [--mb N] [--to DIR] [--data DIR]`: a backup and a restore of a centre of so many
//! megabytes beside `cp`, `sync` and reading again; the longest that the desk waits meanwhile.
//! `flips [--every N]`: changes the bytes of a small backup one after another and tells how many
//! changes were noticed.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use darna::kit::progress::Progress;
use darna::kit::world::World;
use darna::sample::{self, Amount};
use darna::vault::backup::manifest::Manifest;
use darna::vault::backup::medium::{Disk, MANIFEST, Medium};
use darna::vault::backup::restore::{Aim, Secret, unlock};
use darna::vault::backup::sticks::Shelf;
use darna::vault::backup::{Failure, PART};
use darna::vault::secret::Passphrase;
use darna::vault::{Actor, Event, Refusal, Vault};
use lexopt::prelude::*;

use crate::seed::{PASSPHRASE, founded, told};

pub fn bench(mut arguments: lexopt::Parser) -> Result<()> {
    let mut mb = 1_000;
    let mut data = PathBuf::from("target/sticks/data");
    let mut to = PathBuf::from("target/sticks/stick");
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("mb") => mb = arguments.value()?.parse()?,
            Long("data") => data = arguments.value()?.into(),
            Long("to") => to = arguments.value()?.into(),
            other => return Err(other.unexpected().into()),
        }
    }
    for folder in [&data, &to] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
    }
    let world = World::system();
    let (vault, actor) = founded(&data, &world)?;
    fill(&vault, actor, &world, mb)?;
    let live = data.join("gen/0001");
    let size =
        fs::metadata(live.join("desk.db"))?.len() + fs::metadata(live.join("casework.db"))?.len();
    println!("{} MB in both databases", size / 1_000_000);
    ensure!(size / 1_000_000 >= mb / 20 * 20, "the centre is too small");

    let floor = floor(&live, &to, size)?;
    println!("cp, sync, read again: {:.1} s", floor.as_secs_f64());
    let medium: Arc<dyn Medium> = Arc::new(Disk);
    let shelf = Shelf::new(&medium, &to, vault.centre().map_err(failed)?);
    vault.enrol(actor, &shelf, "bench", None).map_err(failed)?;
    let (backup, longest) = backed_up(&vault, actor, &shelf, size)?;
    println!(
        "backup: {:.1} s; the desk's longest wait for a read meanwhile: {:.0} ms",
        backup.as_secs_f64(),
        longest.as_secs_f64() * 1000.0
    );
    let started = Instant::now();
    let secret = Secret::Passphrase(Passphrase::new(PASSPHRASE));
    let unlocked = unlock(&shelf, 1, &secret).map_err(failed)?;
    let progress = Progress::new("backup.step.fetching");
    vault
        .rebuild(&shelf, unlocked, Aim::Rehearse, None, &progress)
        .map_err(failed)?;
    println!(
        "restore, checked in full: {:.1} s",
        started.elapsed().as_secs_f64()
    );
    drop(vault);
    fs::remove_dir_all(&data)?;
    fs::remove_dir_all(&to)?;
    Ok(())
}

fn failed(failure: Failure) -> anyhow::Error {
    anyhow!("{failure}")
}

/// People and visits, then pages of text until the file is as large as was asked.
fn fill(vault: &Vault, actor: Actor, world: &World, mb: u64) -> Result<()> {
    let amount = Amount {
        persons: 2_000,
        visits: 10_000,
        years: 1,
        seed: 1,
        until: world.utc(),
    };
    let people = sample::fill(vault, actor, &amount).map_err(told)?;
    let person = people.first().context("somebody")?;
    for batch in 0..mb / 20 {
        vault
            .write(actor, None, |tx| {
                for n in 0..20 {
                    let bytes: [u8; 32] = world.bytes();
                    let mut text = String::with_capacity(1_000_100);
                    let mut stream = blake3::Hasher::new().update(&bytes).finalize_xof();
                    let mut block = [0; 64];
                    text.push('"');
                    while text.len() < 1_000_000 {
                        stream.fill(&mut block);
                        text.extend(block.iter().map(|b| char::from(b'a' + (b & 15))));
                    }
                    text.push('"');
                    tx.execute(
                        "insert into person_before (person, at, by, before) values (?1, ?2, ?3, ?4)",
                        rusqlite::params![person, format!("{batch}-{n}"), actor.user, text],
                    )?;
                }
                Ok::<_, Refusal>(((), Event::SampleAdded { records: 20 }))
            })
            .map_err(told)?;
    }
    Ok(())
}

fn floor(live: &Path, to: &Path, size: u64) -> Result<Duration> {
    let started = Instant::now();
    for name in ["desk.db", "casework.db"] {
        let done = Command::new("cp")
            .arg(live.join(name))
            .arg(to.join(name))
            .status()?;
        ensure!(done.success(), "cp");
    }
    ensure!(Command::new("sync").status()?.success(), "sync");
    let mut block = vec![0; 1024 * 1024];
    let mut all = 0;
    for name in ["desk.db", "casework.db"] {
        let mut file = Disk.open(&to.join(name))?;
        loop {
            match file.read(&mut block)? {
                0 => break,
                read => all += read as u64,
            }
        }
    }
    let took = started.elapsed();
    ensure!(all == size, "{all} bytes of {size} were read again");
    for name in ["desk.db", "casework.db"] {
        fs::remove_file(to.join(name))?;
    }
    Ok(took)
}

/// A backup while somebody at the desk asks for something all the time.
fn backed_up(
    vault: &Vault,
    actor: Actor,
    shelf: &Shelf,
    size: u64,
) -> Result<(Duration, Duration)> {
    let progress = Progress::new("backup.step.ready");
    std::thread::scope(|scope| {
        let started = Instant::now();
        let making = scope.spawn(|| vault.back_up(actor, shelf, PART, &progress));
        let mut longest = Duration::ZERO;
        while !making.is_finished() {
            let asked = Instant::now();
            let one =
                vault.read::<_, Refusal>(|db| db.one("select 1", [], |row| row.get::<_, i64>(0)));
            one.map_err(told)?;
            longest = longest.max(asked.elapsed());
            std::thread::sleep(Duration::from_millis(5));
        }
        let made = making.join().map_err(|_| anyhow!("a panic"))?;
        let made = made.map_err(failed)?;
        let took = started.elapsed();
        ensure!(
            made.number == 1 && made.bytes >= size,
            "{} bytes of {size} are on the stick",
            made.bytes
        );
        Ok((took, longest))
    })
}

/// Every byte of manifest and key file, and of the parts every N-th.
pub fn flips(mut arguments: lexopt::Parser) -> Result<()> {
    let mut every = 1;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("every") => every = arguments.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    let data = tempfile::tempdir()?;
    let stick = tempfile::tempdir()?;
    let (vault, actor) = founded(data.path(), &World::system())?;
    let medium: Arc<dyn Medium> = Arc::new(Disk);
    let shelf = Shelf::new(&medium, stick.path(), vault.centre().map_err(failed)?);
    vault.enrol(actor, &shelf, "flips", None).map_err(failed)?;
    let progress = Progress::new("backup.step.ready");
    vault
        .back_up(actor, &shelf, PART, &progress)
        .map_err(failed)?;
    let folder = shelf.folder(1);
    let bytes = fs::read(folder.join(MANIFEST))?;
    let manifest = Manifest::read(&bytes).map_err(|why| anyhow!("{why}"))?;
    let key_bytes = fs::read(folder.join("keys.mrc"))?;
    let key_file =
        darna::vault::keyfile::KeyFile::read(&key_bytes).map_err(|why| anyhow!("{why}"))?;
    let keys = key_file
        .open(actor.user, &Passphrase::new(PASSPHRASE))
        .context("the keys")?;
    let (mut tried, mut noticed) = (0_u64, 0_u64);
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1 << (place % 8);
        let read = Manifest::read(&changed).and_then(|manifest| manifest.open(&changed, &keys));
        tried += 1;
        noticed += u64::from(read.is_err());
    }
    for part in &manifest.parts {
        let bytes = fs::read(folder.join(&part.name))?;
        let step = if part.name == "keys.mrc" { 1 } else { every };
        let places: Vec<usize> = (0..bytes.len()).step_by(step).collect();
        let share = places
            .len()
            .div_ceil(std::thread::available_parallelism()?.get())
            .max(1);
        let found: u64 = std::thread::scope(|scope| {
            let workers: Vec<_> = places
                .chunks(share)
                .map(|places| {
                    let mut bytes = bytes.clone();
                    scope.spawn(move || {
                        let mut found = 0;
                        for place in places {
                            bytes[*place] ^= 1 << (place % 8);
                            found += u64::from(*blake3::hash(&bytes).as_bytes() != part.hash);
                            bytes[*place] ^= 1 << (place % 8);
                        }
                        found
                    })
                })
                .collect();
            workers
                .into_iter()
                .filter_map(|worker| worker.join().ok())
                .sum()
        });
        tried += places.len() as u64;
        noticed += found;
    }
    println!("{tried} bytes changed in turn, {noticed} changes noticed");
    ensure!(tried == noticed, "a change was not noticed");
    Ok(())
}
