//! The people tables: whole records in and out.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::rules::{Name, Phone, Profile, same_code_word};
use super::search;
use crate::kit::code::CardCode;
use crate::kit::date::{Precision, ToldDate};
use crate::kit::id::PersonId;
use crate::kit::phone;
use crate::kit::world::World;
use crate::vault::{Actor, Db, Refusal, WriteTx};

/// A person as the database has them.
pub struct Record {
    pub id: PersonId,
    pub code: CardCode,
    pub profile: Profile,
    /// One more with each change.
    pub version: i64,
    pub created: DateTime<Utc>,
    pub created_by: String,
}

/// What a list shows of a person: never a whole phone number, never a reason.
#[derive(Clone, Debug)]
pub struct Brief {
    pub id: PersonId,
    pub code: String,
    /// The name called out, then the others.
    pub names: Vec<String>,
    /// The last four digits of the first phone.
    pub phone_tail: Option<String>,
    pub nationality: String,
    pub birth: Option<ToldDate>,
    pub alert: Option<String>,
}

/// Cards are typed by hand: 4 free symbols for the first 50,000, then one more.
const CARDS_OF_FOUR: i64 = 50_000;

pub fn register(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    profile: &Profile,
) -> Result<PersonId, Refusal> {
    let id = PersonId::new(world);
    let code = free_code(tx, world)?;
    tx.execute(
        "insert into person (id, code, gender, nationality, created, created_by)
         values (:id, :code, :gender, :nationality, :created, :by)",
        named_params! {
            ":id": id, ":code": code, ":gender": profile.gender, ":nationality": profile.nationality,
            ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    write(tx, id, profile)?;
    Ok(id)
}

/// Whether somebody else is known by this code word: it is the one proof of who they are, so no two
/// have the same.
pub fn code_word_taken(
    db: &Db<'_>,
    profile: &Profile,
    but: Option<PersonId>,
) -> Result<bool, Refusal> {
    let Some(word) = &profile.code_word else {
        return Ok(false);
    };
    let known: Vec<(PersonId, String)> = db.all(
        "select id, code_word from person where code_word is not null",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let mut others = known.iter().filter(|(person, _)| Some(*person) != but);
    Ok(others.any(|(_, other)| same_code_word(word, other)))
}

/// Changes a record, if nobody else has since `version`, and keeps what it was before.
pub fn revise(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    id: PersonId,
    profile: &Profile,
    version: i64,
) -> Result<bool, Refusal> {
    let known = record(tx, id)?.ok_or(Refusal::Missing)?;
    if known.version != version {
        return Ok(false);
    }
    if known.profile == *profile {
        return Ok(true);
    }
    let before = serde_json::to_string(&known.profile).expect("a profile is plain data");
    tx.execute(
        "insert into person_before (person, at, by, before) values (:person, :at, :by, :before)",
        named_params! { ":person": id, ":at": world.stamp(), ":by": actor.user, ":before": before },
    )?;
    tx.execute(
        "update person set version = version + 1 where id = :id",
        named_params! { ":id": id },
    )?;
    search::forget_words(tx, id)?;
    empty(tx, id, &LISTS)?;
    write(tx, id, profile)?;
    Ok(true)
}

/// Takes somebody's record out, with every word of their names: only a registration that was a
/// mistake, on which nothing rests. Whatever else refers to them keeps them in.
pub fn retract(tx: &WriteTx<'_>, id: PersonId) -> Result<(), Refusal> {
    search::forget_words(tx, id)?;
    empty(tx, id, &LISTS)?;
    empty(tx, id, &["consent"])?;
    tx.execute(
        "delete from person where id = :id",
        named_params! { ":id": id },
    )?;
    Ok(())
}

/// What a record has several of, in tables of their own.
const LISTS: [&str; 3] = ["person_name", "person_phone", "person_language"];

fn empty(tx: &WriteTx<'_>, id: PersonId, tables: &[&str]) -> Result<(), Refusal> {
    for table in tables {
        tx.execute(
            &format!("delete from {table} where person = :person"),
            named_params! { ":person": id },
        )?;
    }
    Ok(())
}

fn free_code(tx: &WriteTx<'_>, world: &World) -> Result<CardCode, Refusal> {
    let people: i64 = tx
        .one("select count(*) from person", [], |row| row.get(0))?
        .unwrap_or(0);
    let length = if people < CARDS_OF_FOUR { 4 } else { 5 };
    loop {
        let code = CardCode::random(world, length);
        let taken = tx.one(
            "select 1 from person where code = :code",
            named_params! { ":code": code },
            |_| Ok(()),
        )?;
        if taken.is_none() {
            return Ok(code);
        }
    }
}

fn write(tx: &WriteTx<'_>, id: PersonId, profile: &Profile) -> Result<(), Refusal> {
    tx.execute(
        "update person set code_word = :code_word, gender = :gender, birth = :birth,
                birth_precision = :precision, nationality = :nationality, occupation = :occupation,
                lives_with_employer = :lives, day_off = :day_off, area = :area,
                arrival_year = :arrival_year, access_needs = :access_needs, alert = :alert
          where id = :id",
        named_params! {
            ":id": id, ":code_word": profile.code_word, ":gender": profile.gender,
            ":birth": profile.birth.map(|told| told.date),
            ":precision": profile.birth.map(|told| told.precision.code()),
            ":nationality": profile.nationality, ":occupation": profile.occupation,
            ":lives": profile.lives_with_employer.map(|yes| if yes { "yes" } else { "no" }),
            ":day_off": profile.day_off, ":area": profile.area,
            ":arrival_year": profile.arrival_year, ":access_needs": profile.access_needs,
            ":alert": profile.alert,
        },
    )?;
    for (place, name) in profile.names.iter().enumerate() {
        tx.execute(
            "insert into person_name (person, place, written, kind) values (:person, :place, :written, :kind)",
            named_params! { ":person": id, ":place": place, ":written": name.written, ":kind": name.kind },
        )?;
    }
    for (place, phone) in profile.phones.iter().enumerate() {
        tx.execute(
            "insert into person_phone (person, place, written, tail, whose, may_call, may_text, best_times)
             values (:person, :place, :written, :tail, :whose, :may_call, :may_text, :best_times)",
            named_params! {
                ":person": id, ":place": place, ":written": phone.written,
                ":tail": phone::tail_key(&phone.written), ":whose": phone.whose,
                ":may_call": phone.may_call, ":may_text": phone.may_text,
                ":best_times": phone.best_times,
            },
        )?;
    }
    for (place, language) in profile.languages.iter().enumerate() {
        tx.execute(
            "insert into person_language (person, place, language) values (:person, :place, :language)",
            named_params! { ":person": id, ":place": place, ":language": language },
        )?;
    }
    let names = profile.names.iter().map(|name| name.written.as_str());
    search::keep_words(tx, id, names.chain(profile.code_word.as_deref()))
}

/// `None` for nobody.
pub fn record(db: &Db<'_>, id: PersonId) -> Result<Option<Record>, Refusal> {
    let person = named_params! { ":person": id };
    let names = db.all(
        "select written, kind from person_name where person = :person order by place",
        person,
        |row| {
            Ok(Name {
                written: row.get(0)?,
                kind: row.get(1)?,
            })
        },
    )?;
    let phones = db.all(
        "select written, whose, may_call, may_text, best_times from person_phone
          where person = :person order by place",
        person,
        |row| {
            Ok(Phone {
                written: row.get(0)?,
                whose: row.get(1)?,
                may_call: row.get(2)?,
                may_text: row.get(3)?,
                best_times: row.get(4)?,
            })
        },
    )?;
    let languages = db.all(
        "select language from person_language where person = :person order by place",
        person,
        |row| row.get(0),
    )?;
    db.one(
        "select p.code, p.code_word, p.gender, p.birth, p.birth_precision, p.nationality,
                p.occupation, p.lives_with_employer, p.day_off, p.area, p.arrival_year,
                p.access_needs, p.alert, p.created, u.name, p.version
           from person p join user u on u.id = p.created_by where p.id = :person",
        person,
        |row| {
            Ok(Record {
                id,
                code: row.get(0)?,
                profile: Profile {
                    names: names.clone(),
                    code_word: row.get(1)?,
                    phones: phones.clone(),
                    gender: row.get(2)?,
                    birth: told(row, 3)?,
                    nationality: row.get(5)?,
                    languages: languages.clone(),
                    occupation: row.get(6)?,
                    lives_with_employer: row
                        .get::<_, Option<String>>(7)?
                        .map(|answer| answer == "yes"),
                    day_off: row.get(8)?,
                    area: row.get(9)?,
                    arrival_year: row.get(10)?,
                    access_needs: row.get(11)?,
                    alert: row.get(12)?,
                },
                created: row.get(13)?,
                created_by: row.get(14)?,
                version: row.get(15)?,
            })
        },
    )
}

fn told(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<ToldDate>> {
    let date = row.get(at)?;
    let precision: Option<String> = row.get(at + 1)?;
    let precision = precision.as_deref().and_then(Precision::from_code);
    Ok(Option::zip(date, precision).map(|(date, precision)| ToldDate { date, precision }))
}

/// Who was registered from one instant until another, in that order. Ids begin with the millisecond
/// in which they were made, so that the table's own order serves this.
pub fn registered(
    db: &Db<'_>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    most: usize,
) -> Result<Vec<PersonId>, Refusal> {
    db.all(
        "select id from person where id >= :from and id < :until order by id limit :most",
        named_params! {
            ":from": PersonId::least(from), ":until": PersonId::least(until), ":most": most,
        },
        |row| row.get(0),
    )
}

/// In the order asked for; who is not there is left out.
pub fn briefs(db: &Db<'_>, ids: &[PersonId]) -> Result<Vec<Brief>, Refusal> {
    let mut known = HashMap::new();
    for id in ids {
        if known.contains_key(id) {
            continue;
        }
        if let Some(brief) = brief(db, *id)? {
            known.insert(*id, brief);
        }
    }
    Ok(ids.iter().filter_map(|id| known.get(id).cloned()).collect())
}

/// What those are called whom a list is about.
pub struct Named(Vec<(PersonId, String)>);

impl Named {
    pub fn of(db: &Db<'_>, ids: impl Iterator<Item = PersonId>) -> Result<Self, Refusal> {
        let mut ids: Vec<PersonId> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        let names = briefs(db, &ids)?
            .into_iter()
            .map(|brief| (brief.id, brief.names.into_iter().next().unwrap_or_default()));
        Ok(Self(names.collect()))
    }

    /// Empty for somebody who is not known, or for nobody.
    pub fn get(&self, person: Option<PersonId>) -> String {
        let known = self.0.iter().find(|(known, _)| Some(*known) == person);
        known.map(|(_, name)| name.clone()).unwrap_or_default()
    }
}

fn brief(db: &Db<'_>, id: PersonId) -> Result<Option<Brief>, Refusal> {
    let names = db.all(
        "select written from person_name where person = :person order by place",
        named_params! { ":person": id },
        |row| row.get(0),
    )?;
    db.one(
        "select p.code, p.nationality, p.birth, p.birth_precision, p.alert, f.tail
           from person p left join person_phone f on f.person = p.id and f.place = 0
          where p.id = :person",
        named_params! { ":person": id },
        |row| {
            let tail: Option<String> = row.get(5)?;
            Ok(Brief {
                id,
                code: row.get(0)?,
                names: names.clone(),
                phone_tail: tail.map(|tail| {
                    let last: Vec<char> = tail.chars().take(4).collect();
                    last.into_iter().rev().collect()
                }),
                nationality: row.get(1)?,
                birth: told(row, 2)?,
                alert: row.get(4)?,
            })
        },
    )
}

/// What most persons prefer to speak, the commonest first.
pub fn commonest_languages(db: &Db<'_>) -> Result<Vec<String>, Refusal> {
    db.all(
        "select language from person_language where place = 0
          group by language order by count(*) desc, language",
        [],
        |row| row.get(0),
    )
}
