//! The papers of activities: roster, attendance sheet, certificates, and what hangs on the wall.

use std::collections::HashMap;

use chrono::{Datelike, Days, NaiveDate};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::rules::{Mark, Share, Status};
use super::{Activity, Line, Session};
use crate::kit::id::{ActivityId, PersonId, SessionId};
use crate::kit::paper::{Document, Refusal, Template, qr, template};
use crate::people::Brief;
use crate::settings::{Settings, WeekStart};
use crate::web::{Ctx, Head, Said, Tongues};

const ROSTER: Template = template!("activities/roster.typ");
const ATTENDANCE: Template = template!("activities/attendance.typ");
const CERTIFICATE: Template = template!("activities/certificate.typ");
const MONTH: Template = template!("activities/month.typ");
const WEEK: Template = template!("activities/week.typ");

/// Columns of a roster: two months of a weekly class.
pub const SESSIONS_ON_ROSTER: usize = 8;
/// Columns of one attendance sheet; a longer term goes on to the next.
const SESSIONS_ON_SHEET: usize = 16;
/// Rows for those who are not on the list (domain.md 1.7).
const WALK_IN_ROWS: u32 = 20;

/// For the next sessions: who may come, with room to tick and to sign.
pub fn roster(
    c: &Ctx,
    centre: &Settings,
    reader: &str,
    activity: &Activity,
    sessions: &[Session],
    people: &[Brief],
) -> Result<Document, Refusal> {
    let tongues = Tongues::beside(c, reader);
    let words = tongues.words(&[
        "print.roster.title",
        "print.roster.teacher",
        "print.roster.room",
        "print.roster.dates",
        "print.roster.card",
        "print.roster.called",
        "print.phone",
        "print.roster.sign",
        "print.roster.walk_ins",
        "print.roster.total",
        "print.roster.women",
        "print.roster.men",
    ]);
    let code = format!("A-{}", activity.id).to_uppercase();
    let days: Vec<Value> = sessions
        .iter()
        .map(|session| {
            let day = session.slot.day;
            let weekday = Tongues::office(c).day(day, "%a");
            json!({ "day": short(day), "weekday": weekday[0].text })
        })
        .collect();
    let rows: Vec<Value> = people
        .iter()
        .map(|brief| {
            let tail = brief.phone_tail.as_ref().map(|tail| format!("…{tail}"));
            json!({ "card": brief.code, "name": called(brief), "phone": tail.unwrap_or_default() })
        })
        .collect();
    head(c, "paper.kind.roster", centre).document(
        ROSTER,
        words,
        json!({
            "title": titles(&tongues, activity),
            "teacher": activity.details.teachers.join(" · "),
            "room": activity.details.room.as_deref().unwrap_or_default(),
            "dates": format!("{} · {}", term(c, activity), activity.details.hours.told()),
            "qr": qr(&code),
            "code": code,
            "sessions": days,
            "rows": rows,
            "blank": WALK_IN_ROWS,
        }),
    )
}

/// A session held, with its register.
pub struct Held {
    pub session: Session,
    pub lines: Vec<Line>,
}

/// Who came to what, as the registers have it.
pub fn attendance(
    c: &Ctx,
    centre: &Settings,
    reader: &str,
    activity: &Activity,
    held: &[Held],
    people: &[Brief],
) -> Result<Document, Refusal> {
    let tongues = Tongues::beside(c, reader);
    let words = tongues.words(&[
        "print.attendance.title",
        "print.attendance.present",
        "print.attendance.late",
        "print.attendance.excused",
        "print.attendance.absent",
        "print.attendance.walk_ins",
        "print.roster.card",
        "print.roster.called",
        "print.roster.total",
    ]);
    let parts: Vec<Value> = held
        .chunks(SESSIONS_ON_SHEET)
        .map(|part| sheet(part, held, people))
        .collect();
    head(c, "paper.kind.attendance-sheet", centre).document(
        ATTENDANCE,
        words,
        json!({
            "title": titles(&tongues, activity),
            "dates": term(c, activity),
            "parts": parts,
        }),
    )
}

fn sheet(part: &[Held], all: &[Held], people: &[Brief]) -> Value {
    let sessions: Vec<Value> = part
        .iter()
        .map(|held| {
            let present = held
                .lines
                .iter()
                .filter(|line| was_there(line.mark))
                .count();
            json!({
                "day": short(held.session.slot.day),
                "walk_ins": held.session.walk_ins,
                "present": present,
            })
        })
        .collect();
    let rows: Vec<Value> = people
        .iter()
        .map(|brief| {
            let marks: Vec<Option<&str>> = part
                .iter()
                .map(|held| mark_of(held, brief.id).map(Mark::code))
                .collect();
            let came = all
                .iter()
                .filter(|held| was_there(mark_of(held, brief.id)))
                .count();
            let total = format!("{came}/{}", all.len());
            json!({ "card": brief.code, "name": called(brief), "marks": marks, "total": total })
        })
        .collect();
    json!({ "sessions": sessions, "rows": rows })
}

fn mark_of(held: &Held, person: PersonId) -> Option<Mark> {
    let line = held.lines.iter().find(|line| line.person == person);
    line.and_then(|line| line.mark)
}

fn was_there(mark: Option<Mark>) -> bool {
    matches!(mark, Some(Mark::Present | Mark::Late))
}

/// Who gets a certificate, and in which language beside the office's (ISO 639-3).
pub struct Learner {
    pub brief: Brief,
    pub language: String,
    pub share: Share,
}

/// One page each, in the learner's own language beside the office's.
pub fn certificates(
    c: &Ctx,
    centre: &Settings,
    activity: &Activity,
    learners: &[Learner],
) -> Result<Document, Refusal> {
    let people: Vec<Value> = learners
        .iter()
        .map(|learner| {
            let tongues = Tongues::beside(c, &learner.language);
            let words = tongues.words(&[
                "print.certificate.title",
                "print.certificate.given_to",
                "print.certificate.took_part",
                "print.certificate.sessions",
                "print.certificate.for_centre",
                "print.roster.teacher",
                "print.date",
            ]);
            let Share { attended, all, .. } = learner.share;
            json!({
                "name": called(&learner.brief),
                "sessions": format!("{attended}/{all}"),
                "title": titles(&tongues, activity),
                "words": words,
            })
        })
        .collect();
    head(c, "paper.kind.certificate", centre).document(
        CERTIFICATE,
        Map::new(),
        json!({
            "dates": term(c, activity),
            "teacher": activity.details.teachers.join(" · "),
            "people": people,
        }),
    )
}

/// The sessions of some days, the activities that they are of, and the new days of those moved.
pub struct Programme<'p> {
    pub sessions: &'p [Session],
    pub activities: &'p HashMap<ActivityId, Activity>,
    pub new_days: &'p HashMap<SessionId, NaiveDate>,
}

#[derive(Serialize)]
struct Entry {
    time: String,
    title: Vec<String>,
    room: String,
    notes: Vec<Vec<Said>>,
    /// It does not take place: cancelled, or moved to another day.
    off: bool,
}

impl Programme<'_> {
    /// What is on a day, and what was to be; what was moved stands on both its days.
    fn on(&self, tongues: &Tongues, day: NaiveDate) -> Vec<Entry> {
        let of_day = self
            .sessions
            .iter()
            .filter(|session| session.slot.day == day);
        of_day
            .filter_map(|session| {
                let activity = self.activities.get(&session.activity)?;
                Some(self.entry(tongues, session, activity))
            })
            .collect()
    }

    fn entry(&self, tongues: &Tongues, session: &Session, activity: &Activity) -> Entry {
        let changed = self.changed(tongues, session);
        let off = changed.is_some();
        let mut notes: Vec<Vec<Said>> = changed.into_iter().collect();
        if !off {
            notes.extend(for_whom(tongues, activity));
        }
        Entry {
            time: session.slot.hours.told(),
            title: titles(tongues, activity),
            room: session.room.clone().unwrap_or_default(),
            notes,
            off,
        }
    }

    /// Why a session does not take place, or where it went; `None` where it does. The reason stands
    /// as it was typed, in one language.
    fn changed(&self, tongues: &Tongues, session: &Session) -> Option<Vec<Said>> {
        match &session.status {
            Status::Planned | Status::Held => None,
            Status::Cancelled { reason } => {
                let mut said = tongues.say("print.poster.cancelled");
                let lang = said.first().map_or("en", |said| said.lang);
                let text = reason.clone();
                said.push(Said { lang, text });
                Some(said)
            }
            Status::Moved { to } => match self.new_days.get(to) {
                Some(day) => Some(tongues.say_day("print.poster.moved", *day, "%A %-d %B")),
                None => Some(tongues.say("print.poster.cancelled")),
            },
        }
    }
}

fn for_whom(tongues: &Tongues, activity: &Activity) -> Vec<Vec<Said>> {
    let details = &activity.details;
    let notes = [
        (details.women_only, "print.poster.women_only"),
        (details.childcare, "print.poster.childcare"),
        (details.members_only, "print.poster.members_only"),
    ];
    let told = notes.into_iter().filter(|(holds, _)| *holds);
    told.map(|(_, key)| tongues.say(key)).collect()
}

/// The first and the last day of the calendar page of a month: whole weeks.
pub fn month_days(centre: &Settings, month: NaiveDate) -> (NaiveDate, NaiveDate) {
    let first = month.with_day(1).unwrap_or(month);
    let next = first
        .checked_add_months(chrono::Months::new(1))
        .unwrap_or(first);
    let last = next.pred_opt().unwrap_or(next);
    (week_days(centre, first).0, week_days(centre, last).1)
}

/// The first and the last day of the week that `day` is in.
pub fn week_days(centre: &Settings, day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let start = match centre.week_start {
        WeekStart::Monday => chrono::Weekday::Mon,
        WeekStart::Saturday => chrono::Weekday::Sat,
        WeekStart::Sunday => chrono::Weekday::Sun,
    };
    let first = day.week(start).first_day();
    (first, first + Days::new(6))
}

/// A calendar of the month that `month` is in; `programme` holds its days.
pub fn month(
    c: &Ctx,
    centre: &Settings,
    reader: &str,
    month: NaiveDate,
    programme: &Programme<'_>,
) -> Result<Document, Refusal> {
    let tongues = Tongues::beside(c, reader);
    let (first, last) = month_days(centre, month);
    let weekdays: Vec<Vec<Said>> = first
        .iter_days()
        .take(7)
        .map(|day| tongues.day(day, "%A"))
        .collect();
    let days: Vec<Value> = first
        .iter_days()
        .take_while(|day| *day <= last)
        .map(|day| {
            let outside = day.month() != month.month();
            let entries = if outside {
                Vec::new()
            } else {
                programme.on(&tongues, day)
            };
            json!({ "number": day.day(), "outside": outside, "entries": entries })
        })
        .collect();
    head(c, "paper.kind.month-poster", centre).document(
        MONTH,
        poster_words(&tongues),
        json!({ "month": tongues.day(month, "%B %Y"), "weekdays": weekdays, "days": days }),
    )
}

/// The week that `day` is in, without the days on which nothing takes place.
pub fn week(
    c: &Ctx,
    centre: &Settings,
    reader: &str,
    day: NaiveDate,
    programme: &Programme<'_>,
) -> Result<Document, Refusal> {
    let tongues = Tongues::beside(c, reader);
    let (first, last) = week_days(centre, day);
    let days: Vec<Value> = first
        .iter_days()
        .take(7)
        .map(|day| (day, programme.on(&tongues, day)))
        .filter(|(_, entries)| !entries.is_empty())
        .map(|(day, entries)| json!({ "day": tongues.day(day, "%A %-d %B"), "entries": entries }))
        .collect();
    head(c, "paper.kind.week-poster", centre).document(
        WEEK,
        poster_words(&tongues),
        json!({ "dates": span(c, first, last), "days": days }),
    )
}

fn poster_words(tongues: &Tongues) -> Map<String, Value> {
    tongues.words(&[
        "print.poster.title",
        "print.poster.welcome",
        "print.poster.nothing",
    ])
}

/// The title in each language of the paper that has one; the office's or the planner's first.
fn titles(tongues: &Tongues, activity: &Activity) -> Vec<String> {
    let titles = &activity.details.titles;
    let codes = tongues.codes();
    let mut said = vec![titles.best(&codes[..1]).to_owned()];
    for title in codes.iter().skip(1).filter_map(|code| titles.of(code)) {
        if said[0] != title {
            said.push(title.to_owned());
        }
    }
    said
}

fn term(c: &Ctx, activity: &Activity) -> String {
    span(c, activity.term.from(), activity.term.until())
}

fn span(c: &Ctx, from: NaiveDate, until: NaiveDate) -> String {
    if from == until {
        return c.day(from);
    }
    format!("{} – {}", c.day(from), c.day(until))
}

/// A day above a narrow column.
fn short(day: NaiveDate) -> String {
    day.format("%-d/%-m").to_string()
}

fn called(brief: &Brief) -> &str {
    brief.names.first().map_or("", String::as_str)
}

fn head(c: &Ctx, title: &str, centre: &Settings) -> Head {
    Head::new(c, title, &centre.name, centre.place.as_deref())
}
