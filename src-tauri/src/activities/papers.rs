//! Where the papers of activities are asked for.

use std::collections::{HashMap, HashSet};

use askama::Template;
use chrono::NaiveDate;

use super::print::{self, Held, Learner, Programme};
use super::rules::{Ending, Place, Share, Status};
use super::store::{enrolments, register};
use super::{Activity, Session};
use crate::kit::date::{self, ToldDate};
use crate::kit::id::{ActivityId, PersonId, SessionId};
use crate::kit::lists::SpokenLanguage;
use crate::kit::paper::Paper;
use crate::papers::pages::second_languages;
use crate::people::{self, Brief};
use crate::settings::{self, Settings};
use crate::vault::{Db, Refusal};
use crate::web::access::Route;
use crate::web::{Answer, Call, Choice, Ctx, Field, Handler, Result, Tongues};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::ActivityPapers, page),
    (Route::PrintActivity, print_activity),
    (Route::Posters, posters),
    (Route::PrintPoster, print_poster),
];

/// Why there is nothing to print. The messages are locale keys.
#[derive(Debug, thiserror::Error)]
enum Nothing {
    #[error("papers.activity.refusal.nobody_earned")]
    NobodyEarned,
    #[error("papers.activity.refusal.not_held")]
    NotHeld,
    #[error("papers.activity.refusal.not_over")]
    NotOver,
    #[error("papers.activity.refusal.day")]
    Day,
}

#[derive(Template)]
#[template(path = "activities/papers.html")]
struct Page<'p> {
    c: &'p Ctx,
    activity: ActivityId,
    title: String,
    language: Field,
    languages: Vec<Choice>,
    refused: Option<String>,
    /// Who gets a certificate, and at how many of all sessions they were.
    earned: Vec<(String, String)>,
    /// How far the course has come, where it is not over.
    not_over: Option<String>,
    all_the_same: Field,
    /// Where the cards of those with a place are; `None` where nobody has one.
    cards: Option<String>,
}

impl<'p> Page<'p> {
    /// Offers what was chosen before; at first the language of teaching.
    fn new(call: &Call, c: &'p Ctx, centre: &Settings, activity: &Activity) -> Result<Self> {
        let (earned, none, coming) = call.read(|db| {
            Ok::<_, Refusal>((
                earned(db, activity)?,
                register::none(db, activity.id)?,
                to_come(db, activity, c.today())?,
            ))
        })?;
        let details = &activity.details;
        let chosen = match call.sent.all("language").next() {
            Some(sent) => sent.to_owned(),
            None => details.language.clone().unwrap_or_default(),
        };
        Ok(Self {
            c,
            activity: activity.id,
            title: details
                .titles
                .best(&crate::web::Tongues::office(c).codes())
                .to_owned(),
            languages: second_languages(c, &centre.languages, &chosen),
            language: Field::new("language", 3).typed(&chosen),
            refused: None,
            earned: earned.iter().map(|learner| told(c, learner)).collect(),
            not_over: (coming > 0).then(|| {
                let [held, all, coming] = [none.held, none.all, coming].map(|n| n.to_string());
                let with = [("held", &*held), ("all", &all), ("coming", &coming)];
                c.tw("papers.activity.not_over_told", &with)
            }),
            all_the_same: Field::new("all-the-same", 3).typed(call.sent.get("all-the-same")),
            cards: call
                .read(|db| seated(db, activity.id))
                .ok()
                .filter(|seated| !seated.is_empty())
                .map(|seated| {
                    let people = seated.iter().map(|brief| format!("person={}", brief.id));
                    let people: Vec<String> = people.collect();
                    format!("/papers/cards?{}", people.join("&"))
                }),
        })
    }
}

/// Whose certificate it is, and what it says of the sessions.
fn told(c: &Ctx, learner: &Learner) -> (String, String) {
    let name = learner.brief.names.first().cloned().unwrap_or_default();
    let Share { attended, all, .. } = learner.share;
    let [attended, all] = [attended, all].map(|n| n.to_string());
    let with = [("attended", &*attended), ("held", &all)];
    (name, c.tw("activities.share_told", &with))
}

/// How many sessions of a course are still to be held.
fn to_come(db: &Db<'_>, activity: &Activity, today: NaiveDate) -> Result<u32> {
    let sessions = super::sessions(db, activity.id)?.into_iter();
    let planned = sessions.filter(|session| session.status == Status::Planned);
    let coming = planned.filter(|session| session.slot.day >= today).count();
    Ok(u32::try_from(coming).unwrap_or(u32::MAX))
}

fn of(call: &Call, db: &Db<'_>) -> Result<(Settings, Activity)> {
    let id: ActivityId = call.part("activity")?;
    let activity = super::activity(db, id)?.ok_or(Refusal::Missing)?;
    Ok((settings::of(db)?, activity))
}

fn page(call: &Call) -> Result {
    let c = &call.context();
    let (centre, activity) = call.read(|db| of(call, db))?;
    Answer::page(&Page::new(call, c, &centre, &activity)?)
}

fn print_activity(call: &Call) -> Result {
    let c = &call.context();
    let (centre, activity) = call.read(|db| of(call, db))?;
    let reader = call.sent.get("language");
    let back = format!("/activities/{}/papers", activity.id);
    let paper = Paper::from_code(call.sent.get("paper"));
    let (paper, document) = match paper {
        Some(paper @ Paper::Roster) => {
            let (sessions, people) = call.read(|db| {
                let sessions = coming(db, &activity, c.today())?;
                Ok::<_, Refusal>((sessions, seated(db, activity.id)?))
            })?;
            let roster = print::roster(c, &centre, reader, &activity, &sessions, &people);
            (paper, roster?)
        }
        Some(paper @ Paper::AttendanceSheet) => {
            let (held, people) = call.read(|db| registers(db, activity.id))?;
            if held.is_empty() {
                return refused(call, c, &centre, &activity, &Nothing::NotHeld);
            }
            let sheet = print::attendance(c, &centre, reader, &activity, &held, &people);
            (paper, sheet?)
        }
        Some(paper @ Paper::Certificate) => {
            let learners = call.read(|db| earned(db, &activity))?;
            if learners.is_empty() {
                return refused(call, c, &centre, &activity, &Nothing::NobodyEarned);
            }
            let mut page = Page::new(call, c, &centre, &activity)?;
            if page.not_over.is_some() && page.all_the_same.value.is_empty() {
                page.all_the_same.wrong(c.because(&Nothing::NotOver));
                return Answer::refused(&page);
            }
            (
                paper,
                print::certificates(c, &centre, &activity, &learners)?,
            )
        }
        _ => return Answer::see(back),
    };
    call.print(paper, Some(activity.id.record()), &document, back)
}

fn refused(call: &Call, c: &Ctx, centre: &Settings, activity: &Activity, why: &Nothing) -> Result {
    let page = Page::new(call, c, centre, activity)?;
    Answer::refused(&Page {
        refused: Some(c.because(why)),
        ..page
    })
}

/// The next sessions that take place; of what is over, the last that did.
fn coming(db: &Db<'_>, activity: &Activity, today: NaiveDate) -> Result<Vec<Session>> {
    let mut sessions = super::sessions(db, activity.id)?;
    sessions.retain(|session| matches!(session.status, Status::Planned | Status::Held));
    let next = sessions.partition_point(|session| session.slot.day < today);
    let most = print::SESSIONS_ON_ROSTER;
    let from = next.min(sessions.len().saturating_sub(most));
    Ok(sessions.into_iter().skip(from).take(most).collect())
}

/// Those with a place, in the order of coming.
fn seated(db: &Db<'_>, activity: ActivityId) -> Result<Vec<Brief>> {
    let enrolled = super::enrolled(db, activity)?.into_iter();
    let seated = enrolled.filter(|enrolled| enrolled.enrolment.place == Place::Seat);
    Ok(seated.map(|enrolled| enrolled.brief).collect())
}

/// The sessions held with their registers, and everybody who stands in one of them.
fn registers(db: &Db<'_>, activity: ActivityId) -> Result<(Vec<Held>, Vec<Brief>)> {
    let mut held = Vec::new();
    let mut ids: Vec<PersonId> = Vec::new();
    let mut known = HashSet::new();
    for session in super::sessions(db, activity)? {
        if session.status == Status::Held {
            let lines = super::register(db, &session)?;
            let people = lines.iter().map(|line| line.person);
            ids.extend(people.filter(|person| known.insert(*person)));
            held.push(Held { session, lines });
        }
    }
    Ok((held, people::briefs(db, &ids)?))
}

/// Those who are in it, or finished it, and came often enough.
fn earned(db: &Db<'_>, activity: &Activity) -> Result<Vec<Learner>> {
    let shares = register::shares(db, activity.id)?;
    let mut learners = Vec::new();
    for enrolment in enrolments::of_activity(db, activity.id)? {
        let stayed = match enrolment.ended {
            None => enrolment.place == Place::Seat,
            Some((_, ending)) => ending == Ending::Finished,
        };
        let share = shares.get(&enrolment.person).copied();
        let Some(share) = share.filter(|share| stayed && share.earns(activity.details.share))
        else {
            continue;
        };
        let brief = people::briefs(db, &[enrolment.person])?.pop();
        let record = people::record(db, enrolment.person)?;
        if let Some((brief, record)) = Option::zip(brief, record) {
            let mut languages = record.profile.languages.into_iter();
            learners.push(Learner {
                brief,
                language: languages.next().unwrap_or_default(),
                share,
            });
        }
    }
    Ok(learners)
}

#[derive(Template)]
#[template(path = "activities/posters.html")]
struct Posters<'p> {
    c: &'p Ctx,
    on: Field,
    language: Field,
    languages: Vec<Choice>,
}

impl<'p> Posters<'p> {
    /// Offers what was chosen before; at first what most visitors speak beside the office's.
    fn new(call: &Call, c: &'p Ctx, centre: &Settings) -> Result<Self> {
        let chosen = match call.sent.all("language").next() {
            Some(sent) => sent.to_owned(),
            None => call.read(|db| second_language(db, c, centre))?,
        };
        let on = match call.sent.get("on") {
            "" => date::typed(c.today()),
            sent => sent.to_owned(),
        };
        Ok(Self {
            c,
            on: Field::new("on", 12).typed(&on),
            languages: second_languages(c, &centre.languages, &chosen),
            language: Field::new("language", 3).typed(&chosen),
        })
    }
}

/// The commonest that papers speak and the office does not; before anybody is registered, the first
/// of the centre's own.
fn second_language(db: &Db<'_>, c: &Ctx, centre: &Settings) -> Result<String> {
    let mut codes = people::commonest_languages(db)?;
    codes.extend(centre.languages.iter().cloned());
    let fits = |code: &String| {
        SpokenLanguage::from_code(code).is_some_and(|l| l.tag != c.lang() && Tongues::has(l))
    };
    Ok(codes.into_iter().find(fits).unwrap_or_default())
}

fn posters(call: &Call) -> Result {
    let c = &call.context();
    let centre = call.read(settings::of)?;
    Answer::page(&Posters::new(call, c, &centre)?)
}

fn print_poster(call: &Call) -> Result {
    let c = &call.context();
    let centre = call.read(settings::of)?;
    let mut page = Posters::new(call, c, &centre)?;
    let Some(on) = ToldDate::parse(&page.on.value).ok().map(|told| told.date) else {
        page.on.wrong(c.because(&Nothing::Day));
        return Answer::refused(&page);
    };
    let reader = call.sent.get("language");
    let by_month = call.sent.get("paper") != Paper::WeekPoster.code();
    let (first, last) = if by_month {
        print::month_days(&centre, on)
    } else {
        print::week_days(&centre, on)
    };
    let (sessions, activities, new_days) = call.read(|db| programme(db, first, last))?;
    let programme = Programme {
        sessions: &sessions,
        activities: &activities,
        new_days: &new_days,
    };
    let (paper, document) = if by_month {
        (
            Paper::MonthPoster,
            print::month(c, &centre, reader, on, &programme)?,
        )
    } else {
        (
            Paper::WeekPoster,
            print::week(c, &centre, reader, on, &programme)?,
        )
    };
    let back = format!("/activities/papers?on={on}&language={reader}");
    call.print(paper, None, &document, back)
}

type Days = (
    Vec<Session>,
    HashMap<ActivityId, Activity>,
    HashMap<SessionId, NaiveDate>,
);

fn programme(db: &Db<'_>, first: NaiveDate, last: NaiveDate) -> Result<Days> {
    let sessions = super::between(db, first, last)?;
    let (mut activities, mut new_days) = (HashMap::new(), HashMap::new());
    for session in &sessions {
        if let Status::Moved { to } = session.status
            && let Some(new) = super::session(db, to)?
        {
            new_days.insert(to, new.slot.day);
        }
        if !activities.contains_key(&session.activity)
            && let Some(activity) = super::activity(db, session.activity)?
        {
            activities.insert(session.activity, activity);
        }
    }
    Ok((sessions, activities, new_days))
}
