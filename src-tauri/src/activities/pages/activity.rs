//! One activity: who is in it, who waits, its sessions.

use std::collections::{HashMap, HashSet};

use askama::Template;

use super::enrol::Found;
use super::{Sat, Told, clashes, title};
use crate::activities::rules::{Busy, Place, Share, Status};
use crate::activities::store::enrolments::Enrolment;
use crate::activities::store::{self, Activity, enrolments, register, sessions};
use crate::activities::{Enrolled, with_names};
use crate::kit::id::{ActivityId, PersonId};
use crate::settings::{self, Settings};
use crate::vault::{Db, Event, Refusal};
use crate::web::access::Route;
use crate::web::{Answer, Call, Ctx, Field, Result};

/// Sessions that are shown before one asks for all.
const SESSIONS: usize = 8;

/// Somebody in the activity, or waiting.
pub struct Learner {
    pub enrolled: Enrolled,
    /// `7 of 8`, where sessions were held since they had a place.
    pub share: Option<String>,
    pub earns: bool,
    /// Other activities at the same time.
    pub elsewhere: Option<String>,
    /// When and why they left.
    pub left: Option<String>,
}

#[derive(Template)]
#[template(path = "activities/activity.html")]
pub struct ActivityPage<'p> {
    c: &'p Ctx,
    told: Told,
    term: String,
    closed: Option<String>,
    open: bool,
    certificate: String,
    clashes: Vec<String>,
    learners: Vec<Learner>,
    waiting: Vec<Learner>,
    left: Vec<Learner>,
    coming: Vec<Sat>,
    been: Vec<Sat>,
    more: bool,
    found: Found,
    pub refusal: Option<String>,
    reason: Field,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&ActivityPage::of(call, c)?)
}

impl<'p> ActivityPage<'p> {
    pub fn of(call: &Call, c: &'p Ctx) -> Result<Self> {
        let id: ActivityId = call.part("activity")?;
        let all = call.sent.get("sessions") == "all";
        call.read(|db| {
            let settings = settings::of(db)?;
            let activity = store::activity(db, id)?.ok_or(Refusal::Missing)?;
            let taken = enrolments::taken(db, id)?;
            let people = people(c, db, &settings, &activity)?;
            let (coming, been, more) = sessions_told(c, db, id, all)?;
            let percent = activity.details.share.to_string();
            let term = [
                ("from", &*c.day(activity.term.from())),
                ("until", &*c.day(activity.term.until())),
            ];
            Ok(Self {
                c,
                told: Told::of(c, &settings, &activity, taken),
                term: c.tw("activities.term_told", &term),
                closed: activity
                    .closed
                    .map(|day| c.tw("activities.closed_on", &[("day", &c.day(day))])),
                open: activity.closed.is_none() && activity.term.until() >= c.today(),
                certificate: c.tw("activities.certificate_rule", &[("share", &percent)]),
                clashes: own_clashes(c, db, &settings, &activity)?,
                learners: people.seated,
                waiting: people.waiting,
                left: people.left,
                coming,
                been,
                more,
                found: Found::for_activity(c, db, id, call.sent.get("q"))?.sent(),
                refusal: None,
                reason: Field::new("reason", 80),
            })
        })
    }
}

struct People {
    seated: Vec<Learner>,
    waiting: Vec<Learner>,
    left: Vec<Learner>,
}

fn people(c: &Ctx, db: &Db<'_>, settings: &Settings, activity: &Activity) -> Result<People> {
    let none = register::none(db, activity.id)?;
    let shares = register::shares(db, activity.id)?;
    let elsewhere = enrolments::elsewhere(db, activity.id, c.today())?;
    let percent = activity.details.share;
    let enrolments = enrolments::of_activity(db, activity.id)?;
    let mut people = People {
        seated: Vec::new(),
        waiting: Vec::new(),
        left: Vec::new(),
    };
    for enrolled in with_names(db, enrolments)? {
        let person = enrolled.enrolment.person;
        let share = shares.get(&person).copied().unwrap_or(none);
        let learner = Learner {
            share: share_told(c, &enrolled.enrolment, share),
            earns: share.earns(percent),
            elsewhere: others(c, db, settings, &elsewhere, person)?,
            left: left_told(c, &enrolled.enrolment),
            enrolled,
        };
        match (learner.left.is_some(), learner.enrolled.enrolment.place) {
            (true, _) => people.left.push(learner),
            (false, Place::Seat) => people.seated.push(learner),
            (false, Place::Waiting) => people.waiting.push(learner),
        }
    }
    Ok(people)
}

/// `None` where there is nothing to tell yet, and of whoever still waits for a place.
pub fn share_told(c: &Ctx, enrolment: &Enrolment, share: Share) -> Option<String> {
    if share.held == 0 || enrolment.place == Place::Waiting {
        return None;
    }
    let (attended, held) = (share.attended.to_string(), share.held.to_string());
    let with = [("attended", &*attended), ("held", &held)];
    Some(c.tw("activities.share_told", &with))
}

pub fn left_told(c: &Ctx, enrolment: &Enrolment) -> Option<String> {
    let (day, ending) = enrolment.ended?;
    let mut left = vec![c.t(ending.label_key()), c.day(day)];
    left.extend(enrolment.result.clone());
    Some(left.join(" · "))
}

fn others(
    c: &Ctx,
    db: &Db<'_>,
    settings: &Settings,
    elsewhere: &HashMap<PersonId, HashSet<ActivityId>>,
    person: PersonId,
) -> Result<Option<String>> {
    let Some(activities) = elsewhere.get(&person) else {
        return Ok(None);
    };
    let mut titles = Vec::new();
    for id in activities {
        let activity = store::activity(db, *id)?.ok_or(Refusal::Missing)?;
        titles.push(title(c, settings, &activity.details.titles));
    }
    titles.sort();
    Ok(Some(titles.join(" · ")))
}

/// What is to come, the nearest first; what has been, the latest first; whether there is more.
fn sessions_told(
    c: &Ctx,
    db: &Db<'_>,
    id: ActivityId,
    all: bool,
) -> Result<(Vec<Sat>, Vec<Sat>, bool)> {
    let most = if all { usize::MAX } else { SESSIONS };
    let (mut been, coming): (Vec<_>, Vec<_>) = sessions::of_activity(db, id)?
        .into_iter()
        .partition(|session| session.slot.day < c.today());
    been.reverse();
    let more = been.len() > most || coming.len() > most;
    let told = |sessions: Vec<sessions::Session>| {
        let few = sessions.into_iter().take(most);
        few.map(|session| Sat::of(c, db, session))
            .collect::<Result<Vec<Sat>>>()
    };
    Ok((told(coming)?, told(been)?, more))
}

/// What the sessions to come share with other activities.
fn own_clashes(
    c: &Ctx,
    db: &Db<'_>,
    settings: &Settings,
    activity: &Activity,
) -> Result<Vec<String>> {
    let slots: Vec<Busy> = sessions::of_activity(db, activity.id)?
        .into_iter()
        .filter(|session| session.slot.day >= c.today() && session.status == Status::Planned)
        .map(|session| Busy {
            activity: Some(activity.id),
            slot: session.slot,
            room: session.room,
            teachers: activity.details.teachers.clone(),
        })
        .collect();
    clashes(c, db, settings, Some(activity.id), &slots)
}

pub fn close(call: &Call) -> Result {
    let c = &call.context();
    let id: ActivityId = call.part("activity")?;
    let mut page = ActivityPage::of(call, c)?;
    let Some(reason) = page.reason.required(c, &call.sent) else {
        return Answer::refused(&page);
    };
    call.write(|tx| {
        store::close(tx, &call.app.world, id, &reason)?;
        Ok::<_, Refusal>(((), Event::ActivityClosed { activity: id }))
    })?;
    call.say("activities.said.closed");
    Answer::see(format!("/activities/{id}"))
}
