//! The partner tables.

use std::collections::HashMap;

use rusqlite::types::FromSql;
use rusqlite::{Row, named_params};

use super::rules::{Name, Partner, Profile};
use crate::kit::hours::Hours;
use crate::kit::id::PartnerId;
use crate::kit::lang::Lang;
use crate::kit::lists::Service;
use crate::kit::world::World;
use crate::vault::{Actor, Db, Refusal, WriteTx};

/// Every partner, also those that ended.
pub fn all(db: &Db<'_>) -> Result<Vec<Partner>, Refusal> {
    load(db, None)
}

pub fn partner(db: &Db<'_>, id: PartnerId) -> Result<Option<Partner>, Refusal> {
    Ok(load(db, Some(id))?.pop())
}

/// The areas that partners lie in, by name.
pub fn areas(db: &Db<'_>) -> Result<Vec<String>, Refusal> {
    db.all(
        "select distinct area from partner where area is not null and ended is null order by area",
        [],
        |row| row.get(0),
    )
}

fn load(db: &Db<'_>, only: Option<PartnerId>) -> Result<Vec<Partner>, Refusal> {
    let mut names = parts(
        db,
        "select partner, language, written from partner_name where :only is null or partner = :only",
        only,
        |row| Ok((row.get(1)?, row.get(2)?)),
    )?;
    let mut services = parts(
        db,
        "select partner, service from partner_service where :only is null or partner = :only",
        only,
        |row| row.get::<_, Service>(1),
    )?;
    let mut languages = parts(
        db,
        "select partner, language from partner_language where :only is null or partner = :only",
        only,
        second,
    )?;
    let mut phones = parts(
        db,
        "select partner, written from partner_phone
          where :only is null or partner = :only order by partner, place",
        only,
        second,
    )?;
    let mut hours = parts(
        db,
        "select partner, day, starts, ends from partner_hours where :only is null or partner = :only",
        only,
        |row| Ok((row.get(1)?, row.get(2)?, row.get(3)?)),
    )?;
    let mut partners = db.all(
        "select id, kind, area, address, focal, cost, cost_note, safety, safety_note, women_staff,
                wheelchair, letters_in, agreement_until, verified, note, ended
           from partner where :only is null or id = :only",
        named_params! { ":only": only },
        |row| {
            Ok(Partner {
                id: row.get(0)?,
                profile: Profile {
                    names: Vec::new(),
                    kind: row.get(1)?,
                    services: Vec::new(),
                    area: row.get(2)?,
                    address: row.get(3)?,
                    hours: Hours::default(),
                    languages: Vec::new(),
                    phones: Vec::new(),
                    focal: row.get(4)?,
                    cost: row.get(5)?,
                    cost_note: row.get(6)?,
                    safety: row.get(7)?,
                    safety_note: row.get(8)?,
                    women_staff: row.get(9)?,
                    wheelchair: row.get(10)?,
                    letters_in: row.get(11)?,
                    agreement_until: row.get(12)?,
                    verified: row.get(13)?,
                    note: row.get(14)?,
                },
                ended: row.get(15)?,
            })
        },
    )?;
    for Partner { id, profile, .. } in &mut partners {
        let mut take = names.remove(id).unwrap_or_default();
        profile.names = Lang::ALL
            .into_iter()
            .filter_map(|language| {
                let at = take.iter().position(|(own, _)| *own == language)?;
                let (language, written) = take.swap_remove(at);
                Some(Name { language, written })
            })
            .collect();
        profile.services = services.remove(id).unwrap_or_default();
        profile.services.sort_unstable();
        profile.languages = languages.remove(id).unwrap_or_default();
        profile.phones = phones.remove(id).unwrap_or_default();
        profile.hours = Hours::from_rows(hours.remove(id).unwrap_or_default());
    }
    Ok(partners)
}

fn second<T: FromSql>(row: &Row<'_>) -> rusqlite::Result<T> {
    row.get(1)
}

/// What a table has for each partner.
fn parts<T>(
    db: &Db<'_>,
    sql: &str,
    only: Option<PartnerId>,
    row: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<HashMap<PartnerId, Vec<T>>, Refusal> {
    let mut of: HashMap<PartnerId, Vec<T>> = HashMap::new();
    let rows = db.all(sql, named_params! { ":only": only }, |found| {
        Ok((found.get::<_, PartnerId>(0)?, row(found)?))
    })?;
    for (partner, part) in rows {
        of.entry(partner).or_default().push(part);
    }
    Ok(of)
}

pub fn insert(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    id: PartnerId,
    profile: &Profile,
) -> Result<(), Refusal> {
    tx.execute(
        "insert into partner (id, kind, cost, safety, women_staff, wheelchair, letters_in, created, by)
         values (:id, :kind, :cost, :safety, :women_staff, :wheelchair, :letters_in, :created, :by)",
        named_params! {
            ":id": id, ":kind": profile.kind, ":cost": profile.cost, ":safety": profile.safety,
            ":women_staff": profile.women_staff, ":wheelchair": profile.wheelchair,
            ":letters_in": profile.letters_in, ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    put(tx, id, profile)
}

/// How many times the record was changed.
pub fn version(db: &Db<'_>, id: PartnerId) -> Result<i64, Refusal> {
    let version = db.one(
        "select version from partner where id = :id",
        named_params! { ":id": id },
        |row| row.get(0),
    )?;
    version.ok_or(Refusal::Missing)
}

/// Changes a record, if nobody else has since `version`.
pub fn revise(
    tx: &WriteTx<'_>,
    id: PartnerId,
    profile: &Profile,
    version: i64,
) -> Result<bool, Refusal> {
    if self::version(tx, id)? != version {
        return Ok(false);
    }
    put(tx, id, profile)?;
    Ok(true)
}

/// Puts the whole record in the place of the one before.
fn put(tx: &WriteTx<'_>, id: PartnerId, profile: &Profile) -> Result<(), Refusal> {
    tx.execute(
        "update partner set kind = :kind, area = :area, address = :address, focal = :focal,
                cost = :cost, cost_note = :cost_note, safety = :safety, safety_note = :safety_note,
                women_staff = :women_staff, wheelchair = :wheelchair, letters_in = :letters_in,
                agreement_until = :agreement_until, verified = :verified, note = :note,
                version = version + 1
          where id = :id",
        named_params! {
            ":id": id, ":kind": profile.kind, ":area": profile.area, ":address": profile.address,
            ":focal": profile.focal, ":cost": profile.cost, ":cost_note": profile.cost_note,
            ":safety": profile.safety, ":safety_note": profile.safety_note,
            ":women_staff": profile.women_staff, ":wheelchair": profile.wheelchair,
            ":letters_in": profile.letters_in, ":agreement_until": profile.agreement_until,
            ":verified": profile.verified, ":note": profile.note,
        },
    )?;
    for sql in [
        "delete from partner_name where partner = :id",
        "delete from partner_service where partner = :id",
        "delete from partner_language where partner = :id",
        "delete from partner_phone where partner = :id",
        "delete from partner_hours where partner = :id",
    ] {
        tx.execute(sql, named_params! { ":id": id })?;
    }
    insert_parts(tx, id, profile)
}

fn insert_parts(tx: &WriteTx<'_>, id: PartnerId, profile: &Profile) -> Result<(), Refusal> {
    for name in &profile.names {
        tx.execute(
            "insert into partner_name (partner, language, written) values (:id, :language, :written)",
            named_params! { ":id": id, ":language": name.language, ":written": name.written },
        )?;
    }
    for service in &profile.services {
        tx.execute(
            "insert into partner_service (partner, service) values (:id, :service)",
            named_params! { ":id": id, ":service": service },
        )?;
    }
    for language in &profile.languages {
        tx.execute(
            "insert into partner_language (partner, language) values (:id, :language)",
            named_params! { ":id": id, ":language": language },
        )?;
    }
    for (place, written) in profile.phones.iter().enumerate() {
        tx.execute(
            "insert into partner_phone (partner, place, written) values (:id, :place, :written)",
            named_params! { ":id": id, ":place": place, ":written": written },
        )?;
    }
    for (day, from, until) in profile.hours.rows() {
        tx.execute(
            "insert into partner_hours (partner, day, starts, ends) values (:id, :day, :starts, :ends)",
            named_params! { ":id": id, ":day": day, ":starts": from, ":ends": until },
        )?;
    }
    Ok(())
}

/// Somebody asked them again and all of it is still true.
pub fn verify(tx: &WriteTx<'_>, world: &World, id: PartnerId) -> Result<(), Refusal> {
    one(tx.execute(
        "update partner set verified = :today where id = :id",
        named_params! { ":id": id, ":today": world.today() },
    )?)
}

/// Nobody is sent there any more, or again.
pub fn end(tx: &WriteTx<'_>, world: &World, id: PartnerId, ended: bool) -> Result<(), Refusal> {
    one(tx.execute(
        "update partner set ended = :ended where id = :id",
        named_params! { ":id": id, ":ended": ended.then(|| world.today()) },
    )?)
}

fn one(changed: usize) -> Result<(), Refusal> {
    if changed == 1 {
        Ok(())
    } else {
        Err(Refusal::Missing)
    }
}
