//! `seed --persons N --visits M --seed S [--years Y] [--cases N] [--notes N] [--referrals N]
//! [--lang LANG] [--data DIR]`: an invented centre in a new folder.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use darna::kit::id::CentreId;
use darna::kit::lang::Lang;
use darna::kit::world::World;
use darna::sample::{self, Amount, Casework};
use darna::vault::keyfile::Cost;
use darna::vault::secret::Passphrase;
use darna::vault::words::RecoveryWords;
use darna::vault::{Actor, Founding, Roles, Vault};
use lexopt::prelude::*;

/// Who can unlock an invented centre; it protects nothing.
pub const NAME: &str = "Practice";
pub const PASSPHRASE: &str = "lantern orbit velvet cactus harbour seven";

pub fn task(mut arguments: lexopt::Parser) -> Result<()> {
    let (mut persons, mut visits, mut seed, mut years) = (1_000, 10_000, 1, 3);
    let (mut cases, mut notes, mut referrals) = (100, None, None);
    let mut language = Lang::En;
    let mut data = PathBuf::from("target/seeded");
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("persons") => persons = arguments.value()?.parse()?,
            Long("visits") => visits = arguments.value()?.parse()?,
            Long("seed") => seed = arguments.value()?.parse()?,
            Long("cases") => cases = arguments.value()?.parse()?,
            Long("notes") => notes = Some(arguments.value()?.parse()?),
            Long("referrals") => referrals = Some(arguments.value()?.parse()?),
            Long("years") => years = arguments.value()?.parse()?,
            Long("lang") => {
                let told = arguments.value()?.string()?;
                language = Lang::from_tag(&told).context("en, ar or fr")?;
            }
            Long("data") => data = arguments.value()?.into(),
            other => return Err(other.unexpected().into()),
        }
    }
    let started = Instant::now();
    let world = World::system();
    let (vault, actor) = founded_in(&data, &world, language)?;
    let until = world.utc();
    let amount = Amount {
        persons,
        visits,
        years,
        seed,
        until,
    };
    let people = sample::fill(&vault, actor, &amount).map_err(told)?;
    let casework = Casework {
        notes: notes.unwrap_or(cases * 10),
        referrals: referrals.unwrap_or(cases / 2),
        incoming: (cases / 20).min(100),
        cared: cases / 3,
        cases,
        years,
        seed,
        until,
    };
    sample::casework(&vault, actor, &casework, &people).map_err(told)?;
    println!(
        "{persons} people, {visits} visits and {cases} cases in {} after {:.0} s; unlock as {NAME} with: {PASSPHRASE}",
        data.display(),
        started.elapsed().as_secs_f64()
    );
    Ok(())
}

/// An empty centre in a folder that has none, unlocked.
pub fn founded(data: &Path, world: &World) -> Result<(Vault, Actor)> {
    founded_in(data, world, Lang::En)
}

/// The same for a team of another language.
pub fn founded_in(data: &Path, world: &World, language: Lang) -> Result<(Vault, Actor)> {
    let vault = Vault::at(data, world.clone()).map_err(told)?;
    let passphrase = Passphrase::new(PASSPHRASE);
    let actor = vault
        .found(&Founding {
            centre: CentreId::new(world),
            centre_name: "Practice centre",
            manager_name: NAME,
            language,
            roles: Roles::MANAGER.and(Roles::DESK).and(Roles::CASEWORKER),
            passphrase: &passphrase,
            recovery: &RecoveryWords::random(world),
            cost: Cost::FLOOR,
        })
        .map_err(told)
        .context("the folder must not hold a centre yet")?;
    let actor = vault.unlock(actor.user, &passphrase).map_err(told)?;
    Ok((vault, actor))
}

/// A refusal in the words that the program would use.
pub fn told(refusal: darna::vault::Refusal) -> anyhow::Error {
    anyhow!(
        "{}",
        darna::sentence(&refusal).lines().next().unwrap_or_default()
    )
}
