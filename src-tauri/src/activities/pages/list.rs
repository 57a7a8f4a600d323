//! What runs at the centre, with today's sessions first.

use askama::Template;

use super::{Sat, Told, title};
use crate::activities::rules::Status;
use crate::activities::store::{self, enrolments, sessions};
use crate::settings;
use crate::vault::{Db, Refusal};
use crate::web::access::Route;
use crate::web::{Answer, Call, Ctx, Result};

/// As many activities that are over as somebody looks back to.
const OVER: u32 = 40;

/// One activity of the list.
struct Line {
    told: Told,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "activities/list.html")]
struct List<'p> {
    c: &'p Ctx,
    today: Vec<(String, Sat)>,
    running: Vec<Line>,
    over: Vec<Told>,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    let page = call.read(|db| {
        Ok::<_, Refusal>(List {
            c,
            today: today(c, db)?,
            running: running(c, db)?,
            over: over(c, db)?,
        })
    })?;
    Answer::page(&page)
}

fn today(c: &Ctx, db: &Db<'_>) -> Result<Vec<(String, Sat)>> {
    let settings = settings::of(db)?;
    sessions::between(db, c.today(), c.today())?
        .into_iter()
        .filter(|session| !matches!(session.status, Status::Moved { .. }))
        .map(|session| {
            let activity = store::activity(db, session.activity)?.ok_or(Refusal::Missing)?;
            let title = title(c, &settings, &activity.details.titles);
            Ok((title, Sat::of(c, db, session)?))
        })
        .collect()
}

fn running(c: &Ctx, db: &Db<'_>) -> Result<Vec<Line>> {
    let settings = settings::of(db)?;
    store::running(db, c.today())?
        .iter()
        .map(|activity| {
            let taken = enrolments::taken(db, activity.id)?;
            let next = sessions::next(db, activity.id, c.today())?;
            Ok(Line {
                told: Told::of(c, &settings, activity, taken),
                next: next.map(|session| c.weekday(session.slot.day)),
            })
        })
        .collect()
}

fn over(c: &Ctx, db: &Db<'_>) -> Result<Vec<Told>> {
    let settings = settings::of(db)?;
    store::over(db, c.today(), OVER)?
        .iter()
        .map(|activity| {
            let taken = enrolments::taken(db, activity.id)?;
            Ok(Told::of(c, &settings, activity, taken))
        })
        .collect()
}
