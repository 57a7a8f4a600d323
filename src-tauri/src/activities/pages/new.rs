//! Planning an activity on one page, with the dates that it makes; and changing it later.

use askama::Template;
use chrono::NaiveDate;

use super::{clashes, say_moved_up, sentence, title};
use crate::activities::forms::{ActivityForm, When};
use crate::activities::rules::{Busy, Slot};
use crate::activities::store::{self, Activity, NotDone, sessions};
use crate::kit::id::ActivityId;
use crate::settings::{self, Settings};
use crate::vault::{Event, Refusal};
use crate::web::{Answer, Call, Ctx, Result};

/// As many dates as are looked over at a glance.
const DATES: usize = 12;

/// The dates that a form makes, or why it makes none yet.
#[derive(Default)]
struct Preview {
    number: String,
    dates: Vec<String>,
    more: Option<String>,
    left_out: Vec<String>,
    clashes: Vec<String>,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "activities/new.html")]
struct New<'p> {
    c: &'p Ctx,
    form: ActivityForm,
    preview: Preview,
    rooms: Vec<String>,
    teachers: Vec<String>,
    /// What is changed; `None` for a new one.
    edited: Option<(ActivityId, String)>,
}

#[derive(Template)]
#[template(path = "activities/preview.html")]
struct Dates {
    preview: Preview,
}

/// What the form needs to be read.
struct Around {
    settings: Settings,
    holidays: Vec<(NaiveDate, String)>,
}

impl Around {
    fn of(call: &Call) -> Result<Self> {
        call.read(|db| {
            Ok(Self {
                settings: settings::of(db)?,
                holidays: sessions::holidays(db)?,
            })
        })
    }

    fn closed(&self) -> Vec<NaiveDate> {
        self.holidays.iter().map(|(day, _)| *day).collect()
    }
}

pub fn ask(call: &Call) -> Result {
    let c = &call.context();
    let around = Around::of(call)?;
    let form = ActivityForm::new(c, &around.settings);
    let mut page = New::of(call, c, &around, form, None)?;
    // Nothing was answered yet: that the day is missing is said where the dates will be.
    page.form.days.error = None;
    Answer::page(&page)
}

pub fn edit(call: &Call) -> Result {
    let c = &call.context();
    let around = Around::of(call)?;
    let activity = known(call)?;
    let form = ActivityForm::of(c, &around.settings, &activity);
    let edited = Some((activity.id, named(c, &around, &activity)));
    Answer::page(&New::of(call, c, &around, form, edited)?)
}

fn known(call: &Call) -> Result<Activity> {
    let id: ActivityId = call.part("activity")?;
    call.read(|db| store::activity(db, id))?
        .ok_or(Refusal::Missing)
}

fn named(c: &Ctx, around: &Around, activity: &Activity) -> String {
    title(c, &around.settings, &activity.details.titles)
}

impl<'p> New<'p> {
    fn of(
        call: &Call,
        c: &'p Ctx,
        around: &Around,
        mut form: ActivityForm,
        edited: Option<(ActivityId, String)>,
    ) -> Result<Self> {
        let own = edited.as_ref().map(|(id, _)| *id);
        let when = form.when(c, &around.settings, &around.closed());
        let preview = Preview::of(call, c, around, &mut form, when, own)?;
        let (rooms, teachers) = call.read(store::typed_before)?;
        Ok(Self {
            c,
            form,
            preview,
            rooms,
            teachers,
            edited,
        })
    }

    fn action(&self) -> String {
        match &self.edited {
            Some((id, _)) => format!("/activities/{id}/edit"),
            None => "/activities/new".to_owned(),
        }
    }
}

impl Preview {
    fn of(
        call: &Call,
        c: &Ctx,
        around: &Around,
        form: &mut ActivityForm,
        when: Option<When>,
        own: Option<ActivityId>,
    ) -> Result<Self> {
        let Some(When { plan, hours }) = when else {
            return Ok(Self {
                wrong: form.why_no_dates(),
                ..Self::default()
            });
        };
        let room = form.room.value.trim().to_owned();
        let teachers = form.taught_by(c).unwrap_or_default();
        let slots: Vec<Busy> = plan
            .dates()
            .iter()
            .filter(|day| **day >= c.today())
            .map(|day| Busy {
                activity: own,
                slot: Slot { day: *day, hours },
                room: (!room.is_empty()).then(|| room.clone()),
                teachers: teachers.clone(),
            })
            .collect();
        let clashes = call.read(|db| clashes(c, db, &around.settings, own, &slots))?;
        let term = plan.term();
        let left_out = around
            .holidays
            .iter()
            .filter(|(day, _)| *day <= term.until() && plan.recurrence().meets(term.from(), *day))
            .map(|(day, name)| {
                let day = c.weekday(*day);
                c.tw("activities.left_out", &[("day", &day), ("name", name)])
            })
            .collect();
        let number = plan.dates().len();
        let shown = plan.dates().iter().take(DATES);
        let more = number.saturating_sub(DATES);
        Ok(Self {
            number: c.tw("activities.preview", &[("number", &number.to_string())]),
            dates: shown.map(|day| c.weekday(*day)).collect(),
            more: (more > 0)
                .then(|| c.tw("activities.preview_more", &[("number", &more.to_string())])),
            left_out,
            clashes,
            wrong: None,
        })
    }
}

/// The part of the page that follows what is typed.
pub fn preview(call: &Call) -> Result {
    let c = &call.context();
    let around = Around::of(call)?;
    let mut form = ActivityForm::new(c, &around.settings);
    let when = form.look(c, &call.sent, &around.settings, &around.closed());
    let own: Option<ActivityId> = call.sent.get("activity").parse().ok();
    let preview = Preview::of(call, c, &around, &mut form, when, own)?;
    Answer::page(&Dates { preview })
}

pub fn plan(call: &Call) -> Result {
    let c = &call.context();
    let around = Around::of(call)?;
    let mut form = ActivityForm::new(c, &around.settings);
    let Some((details, when)) = form.read(c, &call.sent, &around.settings, &around.closed()) else {
        return Answer::refused(&New::of(call, c, &around, form, None)?);
    };
    if only_looks(call) {
        return Answer::page(&New::of(call, c, &around, form, None)?);
    }
    let (world, actor) = (&call.app.world, call.actor()?);
    let activity = call.write(|tx| {
        let activity = store::plan(tx, world, actor, &details, &when.plan)?;
        let sessions = counted(when.plan.dates().len());
        let planned = Event::ActivityPlanned { activity, sessions };
        Ok::<_, Refusal>((activity, planned))
    })?;
    call.say("activities.said.planned");
    Answer::see(format!("/activities/{activity}"))
}

/// Without script the dates are looked at by a button of their own.
fn only_looks(call: &Call) -> bool {
    call.sent.get("then") == "look"
}

fn counted(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub fn revise(call: &Call) -> Result {
    let c = &call.context();
    let around = Around::of(call)?;
    let activity = known(call)?;
    let edited = Some((activity.id, named(c, &around, &activity)));
    let mut form = ActivityForm::of(c, &around.settings, &activity);
    let Some((details, when)) = form.read(c, &call.sent, &around.settings, &around.closed()) else {
        return Answer::refused(&New::of(call, c, &around, form, edited)?);
    };
    if only_looks(call) {
        return Answer::page(&New::of(call, c, &around, form, edited)?);
    }
    let id = activity.id;
    let revised: std::result::Result<_, NotDone> = call.write(|tx| {
        let up = store::revise(tx, &call.app.world, id, &details, &when.plan)?;
        let revised = Event::ActivityRevised {
            activity: id,
            moved_up: counted(up.len()),
        };
        Ok((up, revised))
    });
    match revised {
        Ok(up) => {
            let alone = "activities.said.revised";
            say_moved_up(call, c, &up, alone, "activities.said.revised_moved_up")?;
            Answer::see(format!("/activities/{id}"))
        }
        Err(why) => {
            form.capacity.wrong(sentence(c, why)?);
            Answer::refused(&New::of(call, c, &around, form, edited)?)
        }
    }
}
