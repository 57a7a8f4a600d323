//! Invented people, visits, activities, partners and cases, from a seed: for the practice centre,
//! for pictures and for the bench. The names are common ones of the region's largest groups of migrant workers, and every
//! phone number is in a range that nobody has (+999, reserved by ITU-T E.164.1).
//! Everything goes through the same registration and check-in as at the desk.

mod care;
mod casework;
mod course;
mod dice;
mod partner;
mod person;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use crate::kit::id::PersonId;
use crate::kit::lists::{LANGUAGES, Service};
use crate::kit::world::{Clock, Seeded, World};
use crate::people::{self, consent, rules::Gender};
use crate::vault::{Actor, Event, Refusal, Vault};
use crate::visits::{self, Visitor, rules::Seen};
pub use casework::{Casework, casework};
use dice::Dice;
pub use person::Names;

/// One transaction holds so many records: the same file as one at a time, in far less time.
const BATCH: u32 = 2_000;
/// A centre of fewer people runs no term of courses.
const FEWEST_LEARNERS: usize = 100;
/// A headcount in so many visits.
const COUNTED_IN: usize = 7;

/// The rows of a list, each in its columns. What begins with `#` tells of the list itself.
fn rows(list: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    list.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
}

/// A clock that walks from one made-up moment to the next.
struct Walking(Arc<AtomicI64>);

impl Clock for Walking {
    fn now(&self) -> DateTime<FixedOffset> {
        let at = DateTime::from_timestamp(self.0.load(Ordering::Relaxed), 0);
        at.unwrap_or(DateTime::<Utc>::UNIX_EPOCH).fixed_offset()
    }
}

/// A world whose clock stands where it is put, and whose chance is the seed's.
fn walking(first: i64, seed: u64) -> (World, Arc<AtomicI64>) {
    let at = Arc::new(AtomicI64::new(first));
    let world = World::new(Walking(Arc::clone(&at)), Seeded::new(seed));
    (world, at)
}

/// How much is made up, and until when.
pub struct Amount {
    pub persons: u32,
    pub visits: u32,
    pub years: u32,
    pub seed: u64,
    pub until: DateTime<Utc>,
}

/// Fills an open centre. Visits lie evenly over the years, the last of them just before `until`.
pub fn fill(vault: &Vault, actor: Actor, amount: &Amount) -> Result<Vec<PersonId>, Refusal> {
    let span = TimeDelta::days(i64::from(amount.years) * 365).num_seconds();
    let first = amount.until.timestamp() - span;
    let (world, at) = walking(first, amount.seed);
    let dice = Dice::new(amount.seed);
    // The directory is as it stands at the end: hours and checks are told from there.
    at.store(amount.until.timestamp(), Ordering::Relaxed);
    vault.write(actor, None, |tx| {
        let records = partner::fill(tx, &world, actor, &dice)?;
        Ok::<_, Refusal>(((), Event::SampleAdded { records }))
    })?;
    at.store(first, Ordering::Relaxed);
    let names = Names::read();
    let mut people = Vec::new();
    let mut families = person::Families::default();
    while people.len() < amount.persons as usize {
        let batch = BATCH.min(amount.persons - people.len() as u32);
        let made = vault.write(actor, None, |tx| {
            let mut made = Vec::new();
            for _ in 0..batch {
                let profile = names.person(&dice, &mut families);
                let person = people::register(tx, &world, actor, &profile)?;
                if !dice.one_in(8) {
                    agree(tx, &world, actor, person, &profile)?;
                }
                made.push(person);
            }
            Ok::<_, Refusal>((made, Event::SampleAdded { records: batch }))
        })?;
        people.extend(made);
    }
    let mut done = 0;
    while done < amount.visits {
        let batch = BATCH.min(amount.visits - done);
        vault.write(actor, None, |tx| {
            for n in done..done + batch {
                let share = f64::from(n + 1) / f64::from(amount.visits);
                at.store(first + (span as f64 * share) as i64, Ordering::Relaxed);
                let visitor = visitor(&dice, &people);
                let reason = dice.one_in(3).then(|| *dice.often(Service::ALL));
                visits::check_in(tx, &world, actor, &visitor, reason)?;
            }
            Ok::<_, Refusal>(((), Event::SampleAdded { records: batch }))
        })?;
        done += batch;
    }
    if people.len() >= FEWEST_LEARNERS {
        at.store(amount.until.timestamp(), Ordering::Relaxed);
        course::term(vault, actor, &world, &at, &dice, &people)?;
    }
    Ok(people)
}

fn visitor(dice: &Dice, people: &[PersonId]) -> Visitor {
    if people.is_empty() || dice.one_in(COUNTED_IN) {
        return Visitor::Counted(Seen {
            gender: *dice.pick(&[
                Gender::Female,
                Gender::Female,
                Gender::Male,
                Gender::NotRecorded,
            ]),
            language: dice.one_in(2).then(|| dice.pick(LANGUAGES).code.to_owned()),
        });
    }
    // Some come every week, most a few times.
    Visitor::Person(*dice.often(people))
}

fn agree(
    tx: &crate::vault::WriteTx<'_>,
    world: &World,
    actor: Actor,
    person: PersonId,
    profile: &people::rules::Profile,
) -> Result<(), Refusal> {
    let language = crate::kit::lang::Lang::En;
    let key = consent::words_key(consent::Purpose::Register);
    let agreement = consent::Agreement {
        purpose: consent::Purpose::Register,
        how: consent::How::Spoken,
        words: &crate::_rust_i18n_translate(language.tag(), key),
        language,
        read_in: profile.languages.first().map_or("", String::as_str),
        expires: None,
    };
    consent::give(tx, world, actor, person, &agreement).map(|_| ())
}
