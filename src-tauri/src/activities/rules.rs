//! What an activity is made of, and what decides about it: its dates, its places, who meets whom,
//! what a session may become, and what a certificate takes. Rules: domain.md 2, 3.4 and 4.5.

use chrono::{Days, NaiveDate, NaiveTime};

use super::recurrence::Recurrence;
use crate::kit::id::{ActivityId, SessionId};
use crate::kit::lists::codes;
use crate::people::rules::Gender;

codes! {
    /// What an activity is (domain.md 4.5).
    Kind in "activities.kind" {
        Language = "language",
        Literacy = "literacy",
        Computer = "computer",
        Vocational = "vocational",
        Rights = "rights",
        Health = "health",
        Advocacy = "advocacy",
        Leadership = "leadership",
        Campaign = "campaign",
        Celebration = "celebration",
        Social = "social",
        Sport = "sport",
        Dance = "dance",
        Worship = "worship",
        Meeting = "meeting",
    }
}

codes! {
    /// What the register says of one person at one session.
    Mark in "activities.mark" {
        Present = "present",
        Late = "late",
        Excused = "excused",
        Absent = "absent",
    }
}

codes! {
    /// Why somebody is no longer in an activity.
    Ending in "activities.ending" {
        Finished = "finished",
        OwnWish = "own-wish",
        Work = "work",
        MovedAway = "moved-away",
        OtherActivity = "other-activity",
        Absences = "absences",
        HouseRules = "house-rules",
        Mistake = "mistake",
    }
}

codes! {
    /// Among those who take part, or waiting for a place.
    Place in "activities.place" {
        Seat = "seat",
        Waiting = "waiting",
    }
}

/// More sessions than any course has: more is a slip in the dates.
pub const MOST_SESSIONS: usize = 1_000;

/// Why something is not done. The messages are locale keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("activities.refusal.backwards")]
    Backwards,
    #[error("activities.refusal.no_session")]
    NoSession,
    #[error("activities.refusal.too_many")]
    TooMany,
    #[error("activities.refusal.hours")]
    Hours,
    #[error("activities.refusal.capacity_below")]
    CapacityBelow,
    #[error("activities.refusal.women_only")]
    WomenOnly,
    #[error("activities.refusal.enrolled_already")]
    EnrolledAlready,
    #[error("activities.refusal.over")]
    Over,
    #[error("activities.refusal.was_held")]
    WasHeld,
    #[error("activities.refusal.not_planned")]
    NotPlanned,
    #[error("activities.refusal.not_yet")]
    NotYet,
    #[error("activities.refusal.moved_back")]
    MovedBack,
    #[error("activities.refusal.moved_out")]
    MovedOut,
}

/// The days from the first to the last: a term always ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    from: NaiveDate,
    until: NaiveDate,
}

impl Term {
    pub fn new(from: NaiveDate, until: NaiveDate) -> Result<Self, Refusal> {
        if from <= until {
            Ok(Self { from, until })
        } else {
            Err(Refusal::Backwards)
        }
    }

    pub fn from(self) -> NaiveDate {
        self.from
    }

    pub fn until(self) -> NaiveDate {
        self.until
    }
}

/// Half-open: what ends at six does not meet what begins at six.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    from: NaiveTime,
    until: NaiveTime,
}

impl Hours {
    pub fn new(from: NaiveTime, until: NaiveTime) -> Result<Self, Refusal> {
        if from < until {
            Ok(Self { from, until })
        } else {
            Err(Refusal::Hours)
        }
    }

    pub fn from(self) -> NaiveTime {
        self.from
    }

    pub fn until(self) -> NaiveTime {
        self.until
    }

    /// `16:00–17:30`
    pub fn told(self) -> String {
        format!(
            "{}–{}",
            self.from.format("%H:%M"),
            self.until.format("%H:%M")
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub day: NaiveDate,
    pub hours: Hours,
}

impl Slot {
    pub fn meets(self, other: Self) -> bool {
        self.day == other.day
            && self.hours.from < other.hours.until
            && other.hours.from < self.hours.until
    }
}

/// A term with all its dates: at least one, at most [`MOST_SESSIONS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    term: Term,
    recurrence: Recurrence,
    off: Vec<NaiveDate>,
    dates: Vec<NaiveDate>,
}

impl Plan {
    /// `off` are the activity's own days without a session, `closed` those of the whole centre.
    pub fn new(
        term: Term,
        recurrence: Recurrence,
        off: Vec<NaiveDate>,
        closed: &[NaiveDate],
    ) -> Result<Self, Refusal> {
        let dates: Vec<NaiveDate> = term
            .from
            .iter_days()
            .take_while(|day| *day <= term.until)
            .filter(|day| recurrence.meets(term.from, *day))
            .filter(|day| !off.contains(day) && !closed.contains(day))
            .take(MOST_SESSIONS + 1)
            .collect();
        match dates.len() {
            0 => Err(Refusal::NoSession),
            n if n > MOST_SESSIONS => Err(Refusal::TooMany),
            _ => Ok(Self {
                term,
                recurrence,
                off,
                dates,
            }),
        }
    }

    pub fn term(&self) -> Term {
        self.term
    }

    pub fn recurrence(&self) -> Recurrence {
        self.recurrence
    }

    pub fn off(&self) -> &[NaiveDate] {
        &self.off
    }

    pub fn dates(&self) -> &[NaiveDate] {
        &self.dates
    }
}

/// Before this a session is not put on another day: what was held on one of the last days is still
/// put right, and an older day is a slip.
const MOVED_BACK: Days = Days::new(6);
/// So far from its term a session may still be made up for.
const MOVED_OUT: Days = Days::new(12 * 7);

/// The day that a session of such a term may be moved to.
pub fn new_day(day: NaiveDate, term: Term, today: NaiveDate) -> Result<(), Refusal> {
    if day < today - MOVED_BACK {
        Err(Refusal::MovedBack)
    } else if day < term.from - MOVED_OUT || day > term.until + MOVED_OUT {
        Err(Refusal::MovedOut)
    } else {
        Ok(())
    }
}

/// What it is called, in one language or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Titles(Vec<(String, String)>);

impl Titles {
    /// ISO 639-3 with its title, the one in which it was planned first; `None` for none at all.
    pub fn new(titles: Vec<(String, String)>) -> Option<Self> {
        (!titles.is_empty()).then_some(Self(titles))
    }

    pub fn all(&self) -> &[(String, String)] {
        &self.0
    }

    pub fn of(&self, language: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == language)
            .map(|(_, title)| title.as_str())
    }

    /// In the first of these languages that it has, else as it was planned.
    pub fn best(&self, wanted: &[&str]) -> &str {
        wanted
            .iter()
            .find_map(|language| self.of(language))
            .unwrap_or(&self.0[0].1)
    }
}

/// Places, or as many as like to come.
pub type Capacity = Option<u32>;

/// Where the next one goes.
pub fn place(capacity: Capacity, seated: u32) -> Place {
    match capacity {
        Some(capacity) if seated >= capacity => Place::Waiting,
        _ => Place::Seat,
    }
}

/// Who moves up from the waiting list, the longest waiting first.
pub fn moving_up<T>(capacity: Capacity, seated: u32, waiting: &[T]) -> &[T] {
    let free = capacity.map_or(waiting.len(), |capacity| {
        capacity.saturating_sub(seated) as usize
    });
    &waiting[..free.min(waiting.len())]
}

/// Nobody loses a place because the room became smaller.
pub fn resized(capacity: Capacity, seated: u32) -> Result<Capacity, Refusal> {
    match capacity {
        Some(places) if places < seated => Err(Refusal::CapacityBelow),
        _ => Ok(capacity),
    }
}

/// Whether somebody may take part. A gender that was not told keeps nobody out.
pub fn welcome(women_only: bool, gender: Gender) -> Result<(), Refusal> {
    if women_only && gender == Gender::Male {
        Err(Refusal::WomenOnly)
    } else {
        Ok(())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    Planned,
    /// The register was taken.
    Held,
    Cancelled {
        reason: String,
    },
    Moved {
        to: SessionId,
    },
}

impl Status {
    pub fn code(&self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Held => "held",
            Self::Cancelled { .. } => "cancelled",
            Self::Moved { .. } => "moved",
        }
    }

    /// Whether it may be cancelled or moved: only what has not been yet.
    pub fn changeable(&self) -> Result<(), Refusal> {
        match self {
            Self::Planned => Ok(()),
            Self::Held => Err(Refusal::WasHeld),
            Self::Cancelled { .. } | Self::Moved { .. } => Err(Refusal::NotPlanned),
        }
    }

    /// Whether its register may be taken.
    pub fn open_for_marks(&self, day: NaiveDate, today: NaiveDate) -> Result<(), Refusal> {
        match self {
            Self::Cancelled { .. } | Self::Moved { .. } => Err(Refusal::NotPlanned),
            Self::Planned | Self::Held if day > today => Err(Refusal::NotYet),
            Self::Planned | Self::Held => Ok(()),
        }
    }
}

/// What another plan changes: nothing that was, and nothing that somebody decided by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replan {
    pub add: Vec<NaiveDate>,
    pub drop: Vec<SessionId>,
    /// Those that stay, with the plan's new hours and room.
    pub renew: Vec<SessionId>,
}

/// A session as a new plan looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub id: SessionId,
    pub day: NaiveDate,
    pub status: Status,
    /// Put there by moving another one.
    pub by_hand: bool,
}

/// `before` is the first day of the plan that stood until now.
pub fn replan(
    standing: &[Standing],
    dates: &[NaiveDate],
    before: NaiveDate,
    today: NaiveDate,
) -> Replan {
    let mut replan = Replan::default();
    for session in standing {
        if session.status != Status::Planned || session.by_hand || session.day < today {
            continue;
        }
        if dates.contains(&session.day) {
            replan.renew.push(session.id);
        } else {
            replan.drop.push(session.id);
        }
    }
    replan.add = dates
        .iter()
        .copied()
        // Days gone by come in only where the term now begins earlier.
        .filter(|day| *day >= today || *day < before)
        .filter(|day| standing.iter().all(|s| s.day != *day || s.by_hand))
        .collect();
    replan
}

/// What takes place at some time, and whom and what it needs.
#[derive(Clone, Debug)]
pub struct Busy {
    /// `None` for what is only being planned.
    pub activity: Option<ActivityId>,
    pub slot: Slot,
    pub room: Option<String>,
    pub teachers: Vec<String>,
}

/// Two things at one time that need the same room or teacher. It is said and never blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    pub what: Shared,
    pub day: NaiveDate,
    pub with: Option<ActivityId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shared {
    Room(String),
    Teacher(String),
}

/// Every clash of `own` with `others`, in the order of `own`.
pub fn clashes(own: &[Busy], others: &[Busy]) -> Vec<Clash> {
    let mut found = Vec::new();
    for busy in own {
        for other in others {
            if !busy.slot.meets(other.slot) {
                continue;
            }
            let clash = |what| Clash {
                what,
                day: busy.slot.day,
                with: other.activity,
            };
            if let (Some(room), Some(taken)) = (&busy.room, &other.room)
                && same(room, taken)
            {
                found.push(clash(Shared::Room(room.clone())));
            }
            found.extend(
                busy.teachers
                    .iter()
                    .filter(|name| other.teachers.iter().any(|taken| same(name, taken)))
                    .map(|name| clash(Shared::Teacher(name.clone()))),
            );
        }
    }
    found
}

/// As a person reads it: however it is spaced and in either case.
fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        words.join(" ")
    };
    plain(one) == plain(other)
}

/// How much of an activity somebody was at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Present or late.
    pub attended: u32,
    /// Of those held, the ones since they had a place.
    pub held: u32,
    /// Held, or still to be: all of the activity's that were not cancelled.
    pub all: u32,
}

impl Share {
    pub fn percent(self) -> u32 {
        (self.attended * 100).checked_div(self.held).unwrap_or(0)
    }

    /// Whether it makes a certificate, where so many percent of the sessions do. What is still to
    /// come was attended by nobody.
    pub fn earns(self, percent: u32) -> bool {
        self.held > 0 && u64::from(self.attended) * 100 >= u64::from(percent) * u64::from(self.all)
    }
}
