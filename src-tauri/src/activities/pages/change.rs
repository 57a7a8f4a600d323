//! One session that does not go as planned: cancelled, moved, put back.

use askama::Template;

use super::{Sat, clashes, sentence, title};
use crate::activities::forms::{full_day, time};
use crate::activities::rules::{Busy, Hours, Slot};
use crate::activities::store::{self, NotDone, sessions};
use crate::kit::date;
use crate::kit::id::{ActivityId, SessionId};
use crate::settings;
use crate::vault::{Event, Refusal};
use crate::web::{Answer, Call, Ctx, Field, Result};

#[derive(Template)]
#[template(path = "activities/change.html")]
struct Change<'p> {
    c: &'p Ctx,
    activity: ActivityId,
    title: String,
    sat: Sat,
    reason: Field,
    day: Field,
    opens: Field,
    closes: Field,
    room: Field,
    refusal: Option<String>,
}

impl<'p> Change<'p> {
    fn of(call: &Call, c: &'p Ctx) -> Result<Self> {
        let id: SessionId = call.part("session")?;
        call.read(|db| {
            let session = sessions::session(db, id)?.ok_or(Refusal::Missing)?;
            let activity = store::activity(db, session.activity)?.ok_or(Refusal::Missing)?;
            let hours = session.slot.hours;
            let hour = |name, hour: chrono::NaiveTime| {
                Field::new(name, 8).typed(&hour.format("%H:%M").to_string())
            };
            Ok(Self {
                c,
                activity: activity.id,
                title: title(c, &settings::of(db)?, &activity.details.titles),
                reason: Field::new("reason", 80),
                day: Field::new("day", 12).typed(&date::typed(session.slot.day)),
                opens: hour("opens", hours.from()),
                closes: hour("closes", hours.until()),
                room: Field::new("room", 60).typed(session.room.as_deref().unwrap_or("")),
                refusal: session.status.changeable().err().map(|why| c.because(&why)),
                sat: Sat::of(c, db, session)?,
            })
        })
    }
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&Change::of(call, c)?)
}

pub fn cancel(call: &Call) -> Result {
    let c = &call.context();
    let mut page = Change::of(call, c)?;
    let Some(reason) = page.reason.required(c, &call.sent) else {
        return Answer::refused(&page);
    };
    let session = page.sat.session.id;
    let done = call.write(|tx| {
        sessions::cancel(tx, session, &reason)?;
        Ok::<_, NotDone>(((), Event::SessionCancelled { session }))
    });
    if let Err(why) = done {
        page.refusal = Some(sentence(c, why)?);
        return Answer::refused(&page);
    }
    let undo = format!("/sessions/{session}/restoration");
    call.say_of("activities.said.cancelled", "", Some(undo));
    Answer::see(format!("/activities/{}", page.activity))
}

pub fn relocate(call: &Call) -> Result {
    let c = &call.context();
    let mut page = Change::of(call, c)?;
    let day = page.day.read(c, &call.sent, |typed, _| full_day(typed));
    let opens = page.opens.read(c, &call.sent, |typed, _| time(typed));
    let closes = page.closes.read(c, &call.sent, |typed, _| time(typed));
    let room = page.room.optional(c, &call.sent);
    let (Some(day), Some(opens), Some(closes), Some(room)) = (day, opens, closes, room) else {
        return Answer::refused(&page);
    };
    let hours = match Hours::new(opens, closes) {
        Ok(hours) => hours,
        Err(why) => {
            page.closes.wrong(c.because(&why));
            return Answer::refused(&page);
        }
    };
    let (session, slot) = (page.sat.session.id, Slot { day, hours });
    let moved = call.write(|tx| {
        let to = sessions::relocate(tx, &call.app.world, session, slot, room.as_deref())?;
        Ok::<_, NotDone>((to, Event::SessionMoved { session, to }))
    });
    if let Err(why) = moved {
        page.day.wrong(sentence(c, why)?);
        return Answer::refused(&page);
    }
    say_moved(call, c, &page, slot, room)?;
    Answer::see(format!("/activities/{}", page.activity))
}

/// A clash is said, and never stands in the way.
fn say_moved(
    call: &Call,
    c: &Ctx,
    page: &Change<'_>,
    slot: Slot,
    room: Option<String>,
) -> Result<()> {
    let clashes = call.read(|db| {
        let activity = store::activity(db, page.activity)?.ok_or(Refusal::Missing)?;
        let busy = Busy {
            activity: Some(page.activity),
            slot,
            room,
            teachers: activity.details.teachers,
        };
        clashes(c, db, &settings::of(db)?, Some(page.activity), &[busy])
    })?;
    let undo = Some(format!("/sessions/{}/restoration", page.sat.session.id));
    match clashes.first() {
        Some(clash) => call.say_of("activities.said.relocated_clash", clash, undo),
        None => call.say_of("activities.said.relocated", "", undo),
    }
    Ok(())
}

pub fn restore(call: &Call) -> Result {
    let c = &call.context();
    let mut page = Change::of(call, c)?;
    let session = page.sat.session.id;
    let done = call.write(|tx| {
        sessions::restore(tx, session)?;
        Ok::<_, NotDone>(((), Event::SessionRestored { session }))
    });
    if let Err(why) = done {
        page.refusal = Some(sentence(c, why)?);
        return Answer::refused(&page);
    }
    call.say("activities.said.restored");
    Answer::see(format!("/activities/{}", page.activity))
}
