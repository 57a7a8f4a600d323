//! `names --people FILE --queries FILE [--generated G]`: how often a person is found by another
//! spelling. Both files are tab-separated: id and name; id and what is typed. The people are
//! registered among G invented ones, through the program's own registration and search.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use darna::kit::id::PersonId;
use darna::kit::world::World;
use darna::people::rules::{Gender, Name, NameKind, Profile};
use darna::people::{self, search};
use darna::sample::{self, Amount};
use darna::vault::{Actor, Event, Refusal, Vault};
use lexopt::prelude::*;

use crate::seed::{founded, told};

/// How many found people count as found.
const AT: usize = 5;

pub fn task(mut arguments: lexopt::Parser) -> Result<()> {
    let (mut people, mut queries, mut generated) = (None, None, 100_000);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("people") => people = Some(PathBuf::from(arguments.value()?)),
            Long("queries") => queries = Some(PathBuf::from(arguments.value()?)),
            Long("generated") => generated = arguments.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    let people = rows(&people.context("--people FILE is missing")?)?;
    let queries = rows(&queries.context("--queries FILE is missing")?)?;
    let folder = tempfile::tempdir()?;
    let world = World::system();
    let (vault, actor) = founded(folder.path(), &world)?;
    let amount = Amount {
        persons: generated,
        visits: 0,
        years: 1,
        seed: 1,
        until: world.utc(),
    };
    sample::fill(&vault, actor, &amount).map_err(told)?;
    alarms(&vault, &queries)?;
    let known = register(&vault, actor, &world, &people)?;
    report(&vault, &known, &people, &queries)
}

fn rows(path: &Path) -> Result<Vec<(String, String)>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (id, name) = line
                .split_once('\t')
                .with_context(|| format!("no tab: {line}"))?;
            Ok((id.to_owned(), name.trim().to_owned()))
        })
        .collect()
}

/// How often somebody is found for sure, or at all, who is not registered yet.
fn alarms(vault: &Vault, queries: &[(String, String)]) -> Result<()> {
    let (mut sure, mut any, mut rows) = (0, 0, 0);
    for (_, typed) in queries {
        let found = vault
            .read(|db| search::ranked(db, typed, 8))
            .map_err(told)?;
        sure += usize::from(found.iter().any(|(_, fits)| *fits >= search::SURE));
        any += usize::from(!found.is_empty());
        rows += found.len();
    }
    let share = |count: usize| count as f64 / queries.len().max(1) as f64;
    println!(
        "before they are registered: somebody for sure {:.4}, somebody {:.4}, rows {:.2}",
        share(sure),
        share(any),
        share(rows)
    );
    Ok(())
}

/// The people of the file, by their ids in it.
fn register(
    vault: &Vault,
    actor: Actor,
    world: &World,
    people: &[(String, String)],
) -> Result<HashMap<String, PersonId>> {
    let mut known = HashMap::new();
    for batch in people.chunks(2_000) {
        let made = vault.write(actor, None, |tx| {
            let mut made = Vec::with_capacity(batch.len());
            for (id, name) in batch {
                let person = people::register(tx, world, actor, &named(name))?;
                made.push((id.clone(), person));
            }
            let records = u32::try_from(batch.len()).unwrap_or(u32::MAX);
            Ok::<_, Refusal>((made, Event::SampleAdded { records }))
        });
        known.extend(made.map_err(told)?);
    }
    Ok(known)
}

fn named(name: &str) -> Profile {
    let name = Name {
        written: name.to_owned(),
        kind: NameKind::Used,
    };
    Profile {
        names: vec![name],
        code_word: None,
        phones: Vec::new(),
        gender: Gender::NotRecorded,
        birth: None,
        nationality: "not_recorded".to_owned(),
        languages: Vec::new(),
        occupation: None,
        lives_with_employer: None,
        day_off: None,
        area: None,
        arrival_year: None,
        access_needs: None,
        alert: None,
    }
}

fn report(
    vault: &Vault,
    known: &HashMap<String, PersonId>,
    people: &[(String, String)],
    queries: &[(String, String)],
) -> Result<()> {
    if queries.is_empty() {
        bail!("no query");
    }
    let names: HashMap<&str, &str> = people
        .iter()
        .map(|(id, name)| (id.as_str(), name.as_str()))
        .collect();
    let verbose = std::env::var_os("DARNA_MISSED").is_some();
    let (mut first, mut among, mut sure) = (0, 0, 0);
    let mut times = Vec::with_capacity(queries.len());
    for (id, typed) in queries {
        let person = known
            .get(id)
            .ok_or_else(|| anyhow!("nobody has the id {id}"))?;
        let started = Instant::now();
        let found = vault
            .read(|db| search::ranked(db, typed, AT))
            .map_err(told)?;
        times.push(started.elapsed());
        // Two people with the very same name cannot be told apart by it.
        let same = |other: &PersonId| -> Result<bool> {
            let other = vault
                .read(|db| people::briefs(db, &[*other]))
                .map_err(told)?;
            let name = names.get(id.as_str()).copied().unwrap_or_default();
            Ok(other
                .iter()
                .any(|brief| brief.names.iter().any(|n| n == name)))
        };
        let mut place = None;
        for (n, (other, fits)) in found.iter().enumerate() {
            if other == person || same(other)? {
                place = Some(n);
                sure += usize::from(*fits >= search::SURE);
                break;
            }
        }
        first += usize::from(place == Some(0));
        among += usize::from(place.is_some());
        if verbose && place.is_none() {
            println!(
                "missed: {typed} for {}",
                names.get(id.as_str()).copied().unwrap_or_default()
            );
        }
    }
    times.sort_unstable();
    let share = |count: usize| count as f64 / queries.len() as f64;
    let at = |part: f64| millis(times[((times.len() - 1) as f64 * part) as usize]);
    println!(
        "recall@1 {:.4} recall@5 {:.4} for sure {:.4} p50 {:.2} ms p99 {:.2} ms",
        share(first),
        share(among),
        share(sure),
        at(0.5),
        at(0.99)
    );
    Ok(())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
