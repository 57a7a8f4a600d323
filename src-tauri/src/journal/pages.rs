//! The manager's page: what happened, by whom, when, in plain words; whether the chain is whole.

use askama::Template;
use serde_json::{Map, Value};

use super::store::{self, Asked, Entry, PAGE};
use super::words::{self, Kind};
use crate::kit::date::ToldDate;
use crate::kit::id::{ActivityId, PersonId, SessionId, UserId, VisitId};
use crate::kit::paper::Paper;
use crate::people::Named;
use crate::vault::{Db, Refusal};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result};
use crate::{activities, people, visits};

/// One row in words.
pub struct Line {
    pub hour: String,
    pub by: String,
    pub text: String,
    pub about: Vec<About>,
}

/// Whom or what a row is about; what has a page is a link.
pub struct About {
    pub name: String,
    pub href: Option<String>,
}

/// What happened on one day.
struct Day {
    told: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "journal/journal.html")]
struct Page<'p> {
    c: &'p Ctx,
    day: Field,
    by: Field,
    workers: Vec<Choice>,
    kind: Field,
    kinds: Vec<Choice>,
    narrowed: bool,
    days: Vec<Day>,
    older: Option<String>,
    newest: Option<String>,
    check: Option<Check>,
}

/// What a walk along the whole chain found, already in words.
enum Check {
    Whole(String),
    Broken(String),
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    let mut day = Field::new("day", 12).typed(call.sent.get("day"));
    let told = day_told(&day.value);
    if told.is_none() && !day.value.trim().is_empty() {
        day.wrong(c.t("shared.refusal.date"));
    }
    let asked = Asked {
        day: told,
        by: call.sent.get("by").parse().ok(),
        kind: Kind::from_code(call.sent.get("kind")),
        before: call.sent.get("before").parse().ok(),
    };
    let world = &call.app.world;
    let (mut entries, workers) =
        call.read(|db| Ok::<_, Refusal>((store::page(db, world, asked)?, store::workers(db)?)))?;
    let older = (entries.len() > PAGE).then(|| {
        entries.truncate(PAGE);
        let last = entries.last().map_or(0, |entry| entry.seq);
        address(&asked, Some(last))
    });
    let days = call.read(|db| days(db, c, &entries, &workers))?;
    let mut kinds = vec![Choice::new(
        "",
        c.t("journal.every_kind"),
        asked.kind.is_none(),
    )];
    kinds.extend(Kind::ALL.iter().map(|kind| {
        Choice::new(
            kind.code(),
            c.t(kind.label_key()),
            asked.kind == Some(*kind),
        )
    }));
    let mut whom = vec![Choice::new(
        "",
        c.t("journal.everybody"),
        asked.by.is_none(),
    )];
    whom.extend(
        workers
            .into_iter()
            .map(|(user, name)| Choice::new(user.to_string(), name, asked.by == Some(user))),
    );
    let check = (call.sent.get("check") == "yes")
        .then(|| check(call, c))
        .transpose()?;
    Answer::page(&Page {
        c,
        day,
        by: Field::new("by", 40),
        workers: whom,
        kind: Field::new("kind", 20),
        kinds,
        narrowed: asked.day.is_some() || asked.by.is_some() || asked.kind.is_some(),
        days,
        older,
        newest: asked.before.map(|_| address(&asked, None)),
        check,
    })
}

fn day_told(typed: &str) -> Option<chrono::NaiveDate> {
    ToldDate::parse(typed).ok().map(|told| told.date)
}

/// The page's address with what it is narrowed to.
fn address(asked: &Asked, before: Option<i64>) -> String {
    let mut parts = Vec::new();
    if let Some(day) = asked.day {
        parts.push(format!("day={day}"));
    }
    if let Some(by) = asked.by {
        parts.push(format!("by={by}"));
    }
    if let Some(kind) = asked.kind {
        parts.push(format!("kind={}", kind.code()));
    }
    if let Some(before) = before {
        parts.push(format!("before={before}"));
    }
    if parts.is_empty() {
        return "/journal".to_owned();
    }
    format!("/journal?{}", parts.join("&"))
}

fn check(call: &Call, c: &Ctx) -> Result<Check> {
    match call.app.vault.verify_journals() {
        Ok(heads) => {
            let number: i64 = heads.iter().map(|head| head.seq).sum();
            let number = number.to_string();
            Ok(Check::Whole(c.tw("journal.whole", &[("number", &number)])))
        }
        Err(Refusal::Journal(crate::vault::Broken::Row(row))) => {
            let row = row.to_string();
            Ok(Check::Broken(c.tw("journal.broken", &[("number", &row)])))
        }
        Err(other) => Err(other),
    }
}

fn days(db: &Db<'_>, c: &Ctx, entries: &[Entry], workers: &[(UserId, String)]) -> Result<Vec<Day>> {
    let mut days: Vec<Day> = Vec::new();
    for entry in entries {
        let told = entry
            .at
            .map_or_else(|| c.t("journal.no_day"), |at| c.weekday(c.date(at)));
        let line = line(db, c, entry, workers)?;
        match days.last_mut() {
            Some(day) if day.told == told => day.lines.push(line),
            _ => days.push(Day {
                told,
                lines: vec![line],
            }),
        }
    }
    Ok(days)
}

pub fn line(db: &Db<'_>, c: &Ctx, entry: &Entry, workers: &[(UserId, String)]) -> Result<Line> {
    let ids = match serde_json::from_str(&entry.ids) {
        Ok(Value::Object(ids)) => ids,
        _ => Map::new(),
    };
    Ok(Line {
        hour: entry.at.map_or_else(|| "–".to_owned(), |at| c.hour(at)),
        by: entry.by.clone(),
        text: text(c, entry, &ids, workers),
        about: about(db, c, &ids)?,
    })
}

/// The event's sentence, with its numbers and the name of the worker that it is about.
fn text(c: &Ctx, entry: &Entry, ids: &Map<String, Value>, workers: &[(UserId, String)]) -> String {
    let mut with: Vec<(&str, String)> = Vec::new();
    for (name, value) in ids {
        match value {
            Value::Number(number) => with.push((name, number.to_string())),
            Value::String(text) if name == "user" => {
                let user: Option<UserId> = text.parse().ok();
                let known = workers.iter().find(|(id, _)| Some(*id) == user);
                with.push((name, known.map_or(String::new(), |(_, name)| name.clone())));
            }
            Value::String(code) if name == "paper" => {
                let paper = Paper::from_code(code);
                with.push((
                    name,
                    paper.map_or(String::new(), |paper| c.t(paper.label_key())),
                ));
            }
            Value::Null if name == "user" => with.push((name, c.t("visits.nobody"))),
            _ => {}
        }
    }
    let with: Vec<(&str, &str)> = with.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let failed = ids.get("failed_before").and_then(Value::as_u64);
    if failed.is_some_and(|tries| tries > 0) {
        return c.tw("journal.said.unlocked_after", &with);
    }
    c.tw(words::sentence(&entry.name), &with)
}

fn about(db: &Db<'_>, c: &Ctx, ids: &Map<String, Value>) -> Result<Vec<About>> {
    let id = |name: &str| ids.get(name).and_then(Value::as_str);
    let mut about = Vec::new();
    // A paper is of a person, of an activity, or of what has no page here.
    let of = |name: &str| id(name).or(id("of"));
    if let Some(person) = of("person").and_then(|id| id.parse::<PersonId>().ok())
        && let Some(brief) = people::briefs(db, &[person])?.pop()
    {
        let name = brief.names.first().cloned().unwrap_or(brief.code);
        let href = Some(format!("/people/{person}"));
        about.push(About { name, href });
    }
    let activity = match of("activity").and_then(|id| id.parse::<ActivityId>().ok()) {
        Some(activity) => Some(activity),
        None => match id("session").and_then(|id| id.parse::<SessionId>().ok()) {
            Some(session) => activities::session(db, session)?.map(|session| session.activity),
            None => None,
        },
    };
    if let Some(activity) = activity
        && let Some(activity) = activities::activity(db, activity)?
    {
        let name = activity.details.titles.best(&[c.lang()]).to_owned();
        let href = Some(format!("/activities/{}", activity.id));
        about.push(About { name, href });
    }
    if about.is_empty()
        && let Some(visit) = id("visit").and_then(|id| id.parse::<VisitId>().ok())
    {
        about.extend(of_visit(db, c, visit)?);
    }
    Ok(about)
}

/// One that was taken back has no page any more: whose it was has.
fn of_visit(db: &Db<'_>, c: &Ctx, id: VisitId) -> Result<Option<About>> {
    let person = visits::visitor(db, id)?;
    let named = Named::of(db, person.into_iter())?.get(person);
    let there = visits::visit(db, id)?.is_some();
    Ok(match (there, person) {
        (true, _) => Some(About {
            name: if named.is_empty() {
                c.t("journal.visit")
            } else {
                named
            },
            href: Some(format!("/visits/{id}")),
        }),
        (false, Some(person)) if !named.is_empty() => Some(About {
            name: named,
            href: Some(format!("/people/{person}")),
        }),
        _ => None,
    })
}
