//! Names across scripts and spellings: each class of domain.md 5, found and kept apart, through
//! the real registration and search.

use std::collections::{BTreeMap, HashMap};

use darna::kit::id::PersonId;
use darna::kit::names;
use darna::people::rules::{Gender, Name, NameKind, Profile, resemblance};
use darna::people::{self, search};
use darna::sample::{self, Amount};
use darna::vault::{Event, Refusal};
use darna_tests::centre::Centre;
use proptest::prelude::*;

const FIXTURES: &str = include_str!("fixtures/names.tsv");
/// Whom they are found among.
const OTHERS: u32 = 1_000;

fn fixtures() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    FIXTURES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut columns = line.split('\t');
            let mut next = || columns.next().expect("three columns");
            (next(), next(), next())
        })
}

fn named(written: &str) -> Profile {
    let name = Name {
        written: written.to_owned(),
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

#[test]
fn every_spelling_finds_its_person_among_the_first_five_of_a_thousand() {
    let centre = Centre::founded();
    let (vault, world, manager) = (&centre.app.vault, &centre.app.world, centre.manager());
    let until = world.utc();
    let amount = Amount {
        persons: OTHERS,
        visits: 0,
        years: 1,
        seed: 3,
        until,
    };
    sample::fill(vault, manager, &amount).expect("a filled centre");
    let mut known: HashMap<&str, PersonId> = HashMap::new();
    for (class, name, _) in fixtures() {
        if class != "apart" && !known.contains_key(name) {
            let person = vault.write(manager, None, |tx| {
                let person = people::register(tx, world, manager, &named(name))?;
                Ok::<_, Refusal>((person, Event::PersonRegistered { person }))
            });
            known.insert(name, person.expect("registered"));
        }
    }
    let mut asked: BTreeMap<&str, usize> = BTreeMap::new();
    let mut missed = Vec::new();
    for (class, name, typed) in fixtures().filter(|(class, ..)| *class != "apart") {
        *asked.entry(class).or_default() += 1;
        let found = vault
            .read::<_, Refusal>(|db| search::find(db, typed, 5))
            .expect("a search");
        if !found.contains(&known[name]) {
            missed.push(format!("{class}: {typed} for {name}"));
        }
    }
    let all: usize = asked.values().sum();
    assert!(all >= 200 && asked.len() >= 10, "{all} in {asked:?}");
    assert_eq!(missed, Vec::<String>::new());
}

#[test]
fn other_people_are_not_taken_for_one() {
    let mut taken = Vec::new();
    for (_, one, other) in fixtures().filter(|(class, ..)| *class == "apart") {
        if resemblance(&named(one), &named(other)).is_some() {
            taken.push(format!("{one} and {other}"));
        }
    }
    assert_eq!(taken, Vec::<String>::new());
    assert!(resemblance(&named("Almaz Tesfaye"), &named("Almaz Tesfay")).is_some());
}

proptest! {
    #[test]
    fn a_name_is_like_itself_however_it_is_written(name in "[A-Za-z]{3,12}( [A-Za-z]{3,12}){0,2}") {
        let same = names::alike(&name, &name.to_uppercase());
        prop_assume!(!names::words(&name).is_empty());
        prop_assert!(same.is_some_and(|same| same.score > 0.99), "{name} {same:?}");
    }

    #[test]
    fn nothing_typed_makes_the_words_panic(typed in "\\PC{0,60}") {
        for word in names::words(&typed) {
            let keys = names::slips(&names::skeletons(&word.sound));
            prop_assert!(keys.len() <= 300, "{typed} {}", keys.len());
        }
    }
}
