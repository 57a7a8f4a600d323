//! One invented person: a name with its spellings, a family, a phone that may be shared, and gaps
//! like those of a real register.

use chrono::NaiveDate;

use super::dice::Dice;
use crate::kit::date::{Precision, ToldDate};
use crate::kit::lists::Occupation;
use crate::people::rules::{Asked, DayOff, Gender, Name, NameKind, Phone, Profile};

const NAMES: &str = include_str!("../../../assets/sample/names.tsv");

/// Nationality, main language, and how many of a hundred visitors.
const GROUPS: [(&str, &str, usize); 10] = [
    ("ETH", "amh", 26),
    ("PHL", "tgl", 16),
    ("BGD", "ben", 13),
    ("LKA", "sin", 10),
    ("SDN", "ara", 9),
    ("IND", "tam", 7),
    ("NPL", "nep", 6),
    ("KEN", "swa", 6),
    ("PAK", "urd", 4),
    ("IDN", "ind", 3),
];

const AREAS: [&str; 6] = ["North", "South", "Harbour", "Old town", "Hill", "Station"];

struct Spelt {
    own: Option<&'static str>,
    latin: Vec<&'static str>,
}

/// The names of one group.
struct Group {
    nationality: &'static str,
    language: &'static str,
    women: Vec<Spelt>,
    men: Vec<Spelt>,
    second: Vec<Spelt>,
}

pub struct Names {
    groups: Vec<Group>,
    /// A group's place, as often as it comes.
    drawn: Vec<usize>,
}

/// What later people take over from earlier ones.
#[derive(Default)]
pub struct Families {
    phones: Vec<String>,
    before: Vec<Profile>,
}

impl Names {
    pub fn read() -> Self {
        let rows: Vec<Vec<&str>> = NAMES
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split('\t').collect())
            .collect();
        let groups: Vec<Group> = GROUPS
            .iter()
            .map(|(nationality, language, _)| {
                let part = |part: &str| {
                    rows.iter()
                        .filter(|row| row[0] == *nationality && row[1] == part)
                        .map(|row| Spelt {
                            own: (row[2] != "-").then_some(row[2]),
                            latin: row[3].split(' ').collect(),
                        })
                        .collect()
                };
                Group {
                    nationality,
                    language,
                    women: part("f"),
                    men: part("m"),
                    second: part("s"),
                }
            })
            .collect();
        let drawn = GROUPS
            .iter()
            .enumerate()
            .flat_map(|(place, (.., share))| std::iter::repeat_n(place, *share))
            .collect();
        Self { groups, drawn }
    }

    pub fn person(&self, dice: &Dice, families: &mut Families) -> Profile {
        // Somebody who is in the register twice, spelt in another way.
        if dice.one_in(60) && !families.before.is_empty() {
            let mut again = dice.pick(&families.before).clone();
            again.names.truncate(1);
            again.names[0].written = again.names[0].written.to_lowercase();
            again.birth = None;
            return again;
        }
        let profile = self.new_person(dice, families);
        if families.before.len() < 2_000 {
            families.before.push(profile.clone());
        }
        profile
    }

    fn new_person(&self, dice: &Dice, families: &mut Families) -> Profile {
        let group = &self.groups[*dice.pick(&self.drawn)];
        let woman = !dice.one_in(4);
        let given = dice.named(if woman { &group.women } else { &group.men });
        let mut parts = vec![given, dice.named(&group.second)];
        // Arabic and Ethiopian names go on with the grandfather, Filipino ones with the mother's.
        if !dice.one_in(3) {
            parts.push(dice.named(&group.second));
        }
        let latin: Vec<&str> = parts.iter().map(|part| *dice.often(&part.latin)).collect();
        let own: Option<Vec<&str>> = parts.iter().map(|part| part.own).collect();
        let mut names = vec![Name {
            written: latin.join(" "),
            kind: NameKind::Used,
        }];
        if let Some(own) = own {
            let own = own.join(" ");
            if dice.one_in(5) {
                names[0].written = own;
            } else if dice.one_in(2) {
                names.push(Name {
                    written: own,
                    kind: NameKind::Used,
                });
            }
        }
        let mut languages = Vec::new();
        if !dice.one_in(12) {
            languages.push(group.language.to_owned());
            if dice.one_in(2) {
                languages.push(if dice.one_in(2) { "eng" } else { "ara" }.to_owned());
            }
        }
        languages.dedup();
        Profile {
            names,
            code_word: None,
            phones: phone(dice, families).into_iter().collect(),
            gender: match (dice.one_in(10), woman) {
                (true, _) => Gender::NotRecorded,
                (_, true) => Gender::Female,
                (_, false) => Gender::Male,
            },
            birth: (!dice.one_in(3)).then(|| birth(dice)),
            nationality: if dice.one_in(20) {
                "not_recorded"
            } else {
                group.nationality
            }
            .to_owned(),
            languages,
            occupation: dice.one_in(2).then(|| *dice.often(Occupation::ALL)),
            lives_with_employer: dice.one_in(3).then(|| dice.one_in(2)),
            day_off: dice.one_in(3).then(|| *dice.pick(DayOff::ALL)),
            area: dice.one_in(3).then(|| (*dice.pick(&AREAS)).to_owned()),
            arrival_year: dice.one_in(4).then(|| 2005 + dice.under(20) as i32),
            access_needs: None,
            alert: None,
        }
    }
}

/// One in ten shares a phone with somebody else, one in five has none.
fn phone(dice: &Dice, families: &mut Families) -> Option<Phone> {
    if dice.one_in(5) {
        return None;
    }
    let written = if dice.one_in(10) && !families.phones.is_empty() {
        dice.pick(&families.phones).clone()
    } else {
        let number = dice.under(10_000_000);
        format!(
            "+999 {:02} {:03} {:03}",
            number / 1_000_000,
            number / 1000 % 1000,
            number % 1000
        )
    };
    if families.phones.len() < 5_000 {
        families.phones.push(written.clone());
    }
    Some(Phone {
        written,
        whose: None,
        may_call: *dice.pick(Asked::ALL),
        may_text: Asked::NotAsked,
        best_times: None,
    })
}

fn birth(dice: &Dice) -> ToldDate {
    let year = 1962 + i32::try_from(dice.under(44)).unwrap_or(0);
    let (month, day) = (1 + dice.under(12) as u32, 1 + dice.under(28) as u32);
    let (month, day, precision) = match dice.under(3) {
        0 => (1, 1, Precision::Year),
        1 => (1, 1, Precision::Estimated),
        _ => (month, day, Precision::Day),
    };
    let date = NaiveDate::from_ymd_opt(year, month, day).expect("days up to 28 are in each month");
    ToldDate { date, precision }
}
