//! The one row of the centre.

use rusqlite::named_params;

use super::rules::Settings;
use crate::vault::{Db, Refusal, WriteTx};

pub fn of(db: &Db<'_>) -> Result<Settings, Refusal> {
    let settings = db.one(
        "select name, place, currency, week_start, weekend, calendar, languages, keep_cases,
                keep_visits, keep_leads, idle_minutes, practice, phone
           from centre",
        [],
        |row| {
            let languages: String = row.get(6)?;
            Ok(Settings {
                name: row.get(0)?,
                place: row.get(1)?,
                currency: row.get(2)?,
                week_start: row.get(3)?,
                weekend: row.get(4)?,
                calendar: row.get(5)?,
                languages: languages.split_whitespace().map(str::to_owned).collect(),
                keep_cases: row.get(7)?,
                keep_visits: row.get(8)?,
                keep_leads: row.get(9)?,
                idle_minutes: row.get(10)?,
                practice: row.get(11)?,
                phone: row.get(12)?,
            })
        },
    )?;
    settings.ok_or(Refusal::Missing)
}

/// How many times they were changed.
pub fn version(db: &Db<'_>) -> Result<i64, Refusal> {
    let version = db.one("select version from centre", [], |row| row.get(0))?;
    version.ok_or(Refusal::Missing)
}

/// Changes them, if nobody else has since `version`.
pub fn revise(tx: &WriteTx<'_>, settings: &Settings, version: i64) -> Result<bool, Refusal> {
    if self::version(tx)? != version {
        return Ok(false);
    }
    save(tx, settings)?;
    Ok(true)
}

pub fn save(tx: &WriteTx<'_>, settings: &Settings) -> Result<(), Refusal> {
    tx.execute(
        "update centre set name = :name, place = :place, phone = :phone, currency = :currency,
                week_start = :week_start, weekend = :weekend, calendar = :calendar,
                languages = :languages, keep_cases = :keep_cases, keep_visits = :keep_visits,
                keep_leads = :keep_leads, idle_minutes = :idle_minutes, practice = :practice,
                version = version + 1",
        named_params! {
            ":name": settings.name, ":place": settings.place, ":phone": settings.phone,
            ":currency": settings.currency,
            ":week_start": settings.week_start, ":weekend": settings.weekend,
            ":calendar": settings.calendar, ":languages": settings.languages.join(" "),
            ":keep_cases": settings.keep_cases, ":keep_visits": settings.keep_visits,
            ":keep_leads": settings.keep_leads, ":idle_minutes": settings.idle_minutes,
            ":practice": settings.practice,
        },
    )?;
    Ok(())
}
