//! The pages of activities, and how each says what an activity is.

mod activity;
mod calendar;
mod change;
mod enrol;
mod holidays;
mod list;
mod new;
mod register;

use super::forms::spoken;
use super::recurrence::{Days, Recurrence};
use super::rules::{self, Busy, Capacity, Clash, Shared, Status, Titles};
use super::store::sessions::{self, Session};
use super::store::{self, Activity, NotDone, Taken, enrolments};
use crate::kit::id::{ActivityId, EnrolmentId};
use crate::kit::lists::SpokenLanguage;
use crate::people;
use crate::settings::Settings;
use crate::vault::{Db, Refusal};
use crate::web::access::Route;
use crate::web::{Call, Ctx, Handler, Result};

pub use enrol::{Mine, mine, offers, put};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::Activities, list::page),
    (Route::NewActivity, new::ask),
    (Route::PlanActivity, new::plan),
    (Route::PreviewDates, new::preview),
    (Route::Calendar, calendar::page),
    (Route::SaveCalendar, calendar::save),
    (Route::Holidays, holidays::page),
    (Route::AddHolidays, holidays::add),
    (Route::RemoveHoliday, holidays::remove),
    (Route::ActivityPage, activity::page),
    (Route::EditActivity, new::edit),
    (Route::ReviseActivity, new::revise),
    (Route::CloseActivity, activity::close),
    (Route::FindLearner, enrol::find),
    (Route::Enrol, enrol::enrol),
    (Route::EnrolmentPage, enrol::page),
    (Route::EndEnrolment, enrol::end),
    (Route::UndoEnrolment, enrol::undo),
    (Route::RegisterPage, register::page),
    (Route::MarkAttendance, register::mark),
    (Route::UndoMark, register::undo),
    (Route::MarkAbsences, register::rest),
    (Route::CountWalkIns, register::count),
    (Route::FindWalkIn, register::find),
    (Route::NameWalkIn, register::name),
    (Route::SessionPage, change::page),
    (Route::CancelSession, change::cancel),
    (Route::MoveSession, change::relocate),
    (Route::RestoreSession, change::restore),
];

/// An activity in words.
pub struct Told {
    pub id: ActivityId,
    pub title: String,
    pub kind: String,
    pub when: String,
    /// Teachers, room, language and level, as far as they are known.
    pub facts: Vec<String>,
    /// For women only, with childcare, for members, what it costs.
    pub marks: Vec<String>,
    pub places: String,
    pub full: bool,
}

impl Told {
    pub fn of(c: &Ctx, settings: &Settings, activity: &Activity, taken: Taken) -> Self {
        let details = &activity.details;
        let language = details.language.as_deref();
        let language = language.and_then(SpokenLanguage::from_code);
        let mut facts = details.teachers.clone();
        facts.extend(details.room.clone());
        facts.extend(language.map(|language| c.t(&language.label_key())));
        facts.extend(details.level.clone());
        let mut marks: Vec<String> = [
            (details.women_only, "activities.women_only"),
            (details.childcare, "activities.childcare"),
            (details.members_only, "activities.members_only"),
        ]
        .into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, key)| c.t(key))
        .collect();
        if let Some(fee) = details.fee {
            marks.push(c.tw("activities.fee_told", &[("amount", &fee.written())]));
        }
        Self {
            id: activity.id,
            title: title(c, settings, &details.titles),
            kind: c.t(details.kind.label_key()),
            when: when(c, activity),
            facts,
            marks,
            places: places(c, details.capacity, taken),
            full: details.capacity.is_some_and(|most| taken.seated >= most),
        }
    }
}

/// In the reader's language, else in the first of the centre's that it has.
pub fn title(c: &Ctx, settings: &Settings, titles: &Titles) -> String {
    let mut wanted = vec![spoken(c.language())];
    wanted.extend(settings.languages.iter().map(String::as_str));
    titles.best(&wanted).to_owned()
}

fn when(c: &Ctx, activity: &Activity) -> String {
    let hours = c.hours(&activity.details.hours.told());
    let names = |days: Days| {
        let names: Vec<String> = days.iter().map(|day| c.t(day.label_key())).collect();
        names.join(&comma(c))
    };
    match activity.recurrence {
        Recurrence::Once => {
            let day = c.weekday(activity.term.from());
            c.tw("activities.when.once", &[("day", &day), ("hours", &hours)])
        }
        Recurrence::Weekly { every, days, .. } => {
            let key = match every.get() {
                1 => "activities.when.weekly",
                2 => "activities.when.fortnightly",
                _ => "activities.when.weeks",
            };
            let (days, weeks) = (names(days), every.get().to_string());
            let with = [("days", &*days), ("hours", &hours), ("weeks", &weeks)];
            c.tw(key, &with)
        }
        Recurrence::Monthly { which, days } => {
            let (days, which) = (names(days), c.t(which.label_key()));
            let with = [("days", &*days), ("hours", &hours), ("which", &which)];
            c.tw("activities.when.monthly", &with)
        }
    }
}

/// What stands between the parts of a list.
fn comma(c: &Ctx) -> String {
    format!("{} ", c.t("activities.comma").trim())
}

fn places(c: &Ctx, capacity: Capacity, taken: Taken) -> String {
    let (seated, waiting) = (taken.seated.to_string(), taken.waiting.to_string());
    let Some(most) = capacity else {
        return c.tw("activities.places.open", &[("number", &seated)]);
    };
    let left = most.saturating_sub(taken.seated);
    let (most, left_told) = (most.to_string(), left.to_string());
    let with = [
        ("left", &*left_told),
        ("most", &most),
        ("waiting", &waiting),
    ];
    let key = match (left, taken.waiting) {
        (0, 0) => "activities.places.full",
        (0, _) => "activities.places.waiting",
        _ => "activities.places.left",
    };
    c.tw(key, &with)
}

/// A session in words.
pub struct Sat {
    pub session: Session,
    pub day: String,
    pub hours: String,
    pub reason: Option<String>,
    /// Where it went, or where it came from.
    pub moved: Option<String>,
    /// It is today or has been: its register may be opened.
    pub due: bool,
}

impl Sat {
    pub fn of(c: &Ctx, db: &Db<'_>, session: Session) -> Result<Self> {
        let (mut reason, mut moved) = (None, None);
        match &session.status {
            Status::Cancelled { reason: why } => reason = Some(why.clone()),
            Status::Moved { to } => {
                if let Some(to) = sessions::session(db, *to)? {
                    let day = c.weekday(to.slot.day);
                    moved = Some(c.tw("activities.moved_to", &[("day", &day)]));
                }
            }
            Status::Planned | Status::Held => {
                if let Some(from) = session.moved_from {
                    let day = c.weekday(from);
                    moved = Some(c.tw("activities.moved_from", &[("day", &day)]));
                }
            }
        }
        Ok(Self {
            day: c.weekday(session.slot.day),
            hours: c.hours(&session.slot.hours.told()),
            reason,
            moved,
            due: session.slot.day <= c.today(),
            session,
        })
    }

    pub fn is_planned(&self) -> bool {
        self.session.status == Status::Planned
    }

    pub fn is_held(&self) -> bool {
        self.session.status == Status::Held
    }

    pub fn is_cancelled(&self) -> bool {
        matches!(self.session.status, Status::Cancelled { .. })
    }

    /// It does not take place on this day.
    pub fn is_off(&self) -> bool {
        self.is_cancelled() || self.is_moved()
    }

    pub fn is_moved(&self) -> bool {
        matches!(self.session.status, Status::Moved { .. })
    }
}

/// What the slots of one activity share with others: each room or teacher once for each other
/// activity, with its first day and on how many days.
fn clashes(
    c: &Ctx,
    db: &Db<'_>,
    settings: &Settings,
    own: Option<ActivityId>,
    slots: &[Busy],
) -> Result<Vec<String>> {
    let days = || slots.iter().map(|busy| busy.slot.day);
    let (Some(from), Some(until)) = (days().min(), days().max()) else {
        return Ok(Vec::new());
    };
    let others = sessions::busy(db, own, from, until)?;
    let found = rules::clashes(slots, &others);
    let mut told: Vec<(&Clash, u32)> = Vec::new();
    for clash in &found {
        let known = told
            .iter_mut()
            .find(|(first, _)| first.what == clash.what && first.with == clash.with);
        match known {
            Some((_, times)) => *times += 1,
            None => told.push((clash, 1)),
        }
    }
    told.into_iter()
        .map(|(clash, times)| clash_told(c, db, settings, clash, times))
        .collect()
}

fn clash_told(
    c: &Ctx,
    db: &Db<'_>,
    settings: &Settings,
    clash: &Clash,
    times: u32,
) -> Result<String> {
    let with = clash.with.ok_or(Refusal::Missing)?;
    let other = store::activity(db, with)?.ok_or(Refusal::Missing)?;
    let title = title(c, settings, &other.details.titles);
    let (key, name) = match &clash.what {
        Shared::Room(room) => ("activities.clash.room", room),
        Shared::Teacher(teacher) => ("activities.clash.teacher", teacher),
    };
    let (day, times) = (c.weekday(clash.day), times.to_string());
    let with = [
        ("name", name.as_str()),
        ("title", &title),
        ("day", &day),
        ("times", &times),
    ];
    Ok(c.tw(key, &with))
}

/// Says that it is done and, where the waiting list moved, who has a place now.
fn say_moved_up(
    call: &Call,
    c: &Ctx,
    up: &[EnrolmentId],
    alone: &'static str,
    moved: &'static str,
) -> Result<()> {
    if up.is_empty() {
        call.say(alone);
        return Ok(());
    }
    let names = call.read(|db| {
        let mut people = Vec::new();
        for id in up {
            people.extend(enrolments::enrolment(db, *id)?.map(|enrolment| enrolment.person));
        }
        people::briefs(db, &people)
    })?;
    let names: Vec<String> = names
        .into_iter()
        .filter_map(|brief| brief.names.into_iter().next())
        .collect();
    call.say_of(moved, &names.join(&comma(c)), None);
    Ok(())
}

/// A rule's refusal as a sentence; what the vault refuses is told by a page of its own.
fn sentence(c: &Ctx, why: NotDone) -> Result<String> {
    match why {
        NotDone::Vault(refusal) => Err(refusal),
        NotDone::Rule(rule) => Ok(c.because(&rule)),
        NotDone::TooLate(late) => Ok(c.because(&late)),
    }
}
