//! Invented partners and interpreters, from lists that say so.

use chrono::Days;

use super::dice::Dice;
use super::rows;
use crate::interpreters::{self, rules as speaking};
use crate::kit::hours::Hours;
use crate::kit::id::{InterpreterId, PartnerId};
use crate::kit::lang::Lang;
use crate::kit::lists::Service;
use crate::kit::money::Amount;
use crate::kit::world::World;
use crate::partners::{self, rules as helping};
use crate::people::rules::Gender;
use crate::vault::{Actor, Refusal, WriteTx};

const PARTNERS: &str = include_str!("../../../assets/sample/partners.tsv");
const INTERPRETERS: &str = include_str!("../../../assets/sample/interpreters.tsv");

/// `12345 8-13, 14-18`: the days, then what stands on the sign for each.
fn hours(told: &str) -> Hours {
    let (days, sign) = told.split_once(' ').unwrap_or((told, ""));
    let mut week: [Vec<_>; 7] = Default::default();
    for day in days.chars().filter_map(|c| c.to_digit(10)) {
        if let Some(into) = week.get_mut(day as usize - 1) {
            *into = Hours::day(sign).unwrap_or_default();
        }
    }
    Hours::of(week).unwrap_or_default()
}

/// A number in a range that nobody has.
fn phone(dice: &Dice) -> String {
    format!("+999 20 {:03} {:03}", dice.under(1000), dice.under(1000))
}

/// Writes all of them and tells how many.
pub fn fill(tx: &WriteTx<'_>, world: &World, actor: Actor, dice: &Dice) -> Result<u32, Refusal> {
    let mut records = 0;
    for row in rows(PARTNERS) {
        let profile = partner(&row, world, dice);
        partners::insert(tx, world, actor, PartnerId::new(world), &profile)?;
        records += 1;
    }
    for row in rows(INTERPRETERS) {
        let profile = interpreter(&row, world, dice);
        interpreters::insert(tx, world, actor, InterpreterId::new(world), &profile)?;
        records += 1;
    }
    Ok(records)
}

fn partner(row: &[&str], world: &World, dice: &Dice) -> helping::Profile {
    let name = |language, written: &str| helping::Name {
        language,
        written: written.to_owned(),
    };
    let safety = helping::Safety::from_code(row[8]).unwrap_or(helping::Safety::Unknown);
    let known = |dice: &Dice| *dice.pick(helping::Known::ALL);
    helping::Profile {
        names: vec![name(Lang::En, row[0]), name(Lang::Ar, row[1])],
        kind: helping::Kind::from_code(row[2]).unwrap_or(helping::Kind::Clinic),
        services: row[3].split(' ').filter_map(Service::from_code).collect(),
        area: (row[5] != "-").then(|| row[5].to_owned()),
        address: None,
        hours: hours(row[6]),
        languages: row[4].split(' ').map(str::to_owned).collect(),
        phones: vec![phone(dice)],
        focal: None,
        cost: helping::Cost::from_code(row[7]).unwrap_or(helping::Cost::Unknown),
        cost_note: None,
        safety,
        safety_note: (safety == helping::Safety::Unsafe)
            .then(|| "Invented: asks for the residence card at the door.".to_owned()),
        women_staff: known(dice),
        wheelchair: known(dice),
        letters_in: Lang::Ar,
        agreement_until: dice.one_in(3).then(|| world.today() + Days::new(200)),
        // Some were not asked for a long time.
        verified: world
            .today()
            .checked_sub_days(Days::new(dice.under(260) as u64)),
        note: None,
    }
}

fn interpreter(row: &[&str], world: &World, dice: &Dice) -> speaking::Profile {
    let languages = row[2].split(' ').filter_map(|told| {
        let (language, level) = told.split_once(':')?;
        Some(speaking::Spoken {
            language: language.to_owned(),
            level: speaking::Level::from_code(level)?,
        })
    });
    speaking::Profile {
        name: row[0].to_owned(),
        phone: Some(phone(dice)),
        gender: Gender::from_code(row[1]).unwrap_or(Gender::NotRecorded),
        languages: languages.collect(),
        hours: hours(row[3]),
        fee: row[4]
            .parse()
            .ok()
            .and_then(|minor| Amount::new(minor, "USD")),
        per: speaking::Per::Hour,
        signed_until: (!dice.one_in(4)).then(|| world.today() + Days::new(300)),
        conflicts: (row[5] != "-")
            .then(|| row[5].to_owned())
            .into_iter()
            .collect(),
        note: None,
    }
}
