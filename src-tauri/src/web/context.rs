//! What every template knows: the words of its language, who is signed in, the form's tokens.

use std::fmt::Display;

use askama::Template;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, Utc, Weekday};

use super::access::{Route, may};
use super::{Answer, Call, Saying, Seat};
use crate::kit::date::{Precision, ToldDate};
use crate::kit::id::WriteId;
use crate::kit::lang::Lang;
use crate::kit::lists::{Calendar, TextSize};
use crate::kit::paper;
use crate::kit::world::World;
use crate::vault::{Actor, Refusal, Roles};

pub struct NavItem {
    pub href: &'static str,
    pub label: String,
    pub icon: &'static str,
    pub current: bool,
}

type Place = (Route, &'static str, &'static str, &'static str);

/// The places of the rail, each for those who may go there: what is done every day…
const PLACES: &[Place] = &[
    (Route::Home, "/", "desk.nav", "search"),
    (Route::Today, "/today", "visits.nav", "today"),
    (Route::CaseWork, "/cases", "cases.nav", "folder"),
    (Route::NewPerson, "/people/new", "desk.new", "person-add"),
    (Route::Recent, "/recent", "journal.recent", "undo"),
    (
        Route::Activities,
        "/activities",
        "activities.title",
        "calendar",
    ),
    (Route::Referrals, "/referrals", "referrals.nav", "send"),
    (Route::Partners, "/partners", "partners.nav", "partners"),
    (Route::Papers, "/papers", "papers.nav", "paper"),
];

/// …and what keeps the centre.
const KEEPING: &[Place] = &[
    (Route::Journal, "/journal", "journal.title", "history"),
    (Route::Backups, "/backup", "backup.nav", "stick"),
    (Route::Users, "/users", "users.nav", "people"),
    (Route::Settings, "/settings", "settings.title", "gear"),
];

/// Pages that belong to a place of the rail and lie beside its address: the first place that whoever
/// is in may go to.
const BELONGING: &[(&str, &str)] = &[
    ("/help", "/cases"),
    ("/parties", "/cases"),
    ("/sealed", "/users"),
    ("/sealed", "/cases"),
    ("/interpreters", "/partners"),
];

/// Whether a page has this address or one below it; below the first one lies nothing.
fn lies_in(path: &str, href: &str) -> bool {
    path == href || href != "/" && path.starts_with(&format!("{href}/"))
}

pub struct Ctx {
    lang: Lang,
    size: TextSize,
    csrf: String,
    write: WriteId,
    actor: Option<Actor>,
    name: String,
    saying: Option<Saying>,
    path: String,
    address: String,
    practice: bool,
    idle_minutes: u32,
    calendar: Calendar,
    kept: Option<String>,
    full: bool,
    world: World,
}

impl Ctx {
    pub(super) fn of(
        seat: &mut Seat,
        path: &str,
        address: &str,
        world: &World,
        full: bool,
    ) -> Self {
        Self {
            lang: seat.lang,
            size: seat.size,
            csrf: seat.csrf.clone(),
            write: WriteId::new(world),
            actor: seat.inside(),
            name: seat.name.clone(),
            saying: seat.saying.take(),
            path: path.to_owned(),
            address: address.to_owned(),
            practice: seat.practice,
            idle_minutes: seat.idle_minutes,
            calendar: seat.calendar,
            kept: seat
                .kept
                .take_if(|kept| kept.path.split('?').next() == Some(path))
                .map(|kept| kept.fields),
            full,
            world: world.clone(),
        }
    }

    /// The text of a key.
    pub fn t(&self, key: &str) -> String {
        self.t_in(self.lang, key)
    }

    /// The text of a key with its variables put in.
    pub fn tw(&self, key: &str, with: &[(&str, &str)]) -> String {
        self.tw_in(self.lang, key, with)
    }

    /// As [`Ctx::t`], for somebody who reads another language than the page is in.
    pub fn t_in(&self, lang: Lang, key: &str) -> String {
        crate::_rust_i18n_translate(lang.tag(), key).into_owned()
    }

    /// As [`Ctx::tw`], for somebody who reads another language than the page is in.
    pub fn tw_in(&self, lang: Lang, key: &str, with: &[(&str, &str)]) -> String {
        let names: Vec<&str> = with.iter().map(|(name, _)| *name).collect();
        let values: Vec<String> = with.iter().map(|(_, value)| lang.holding(value)).collect();
        rust_i18n::replace_patterns(&self.t_in(lang, key), &names, &values)
    }

    /// A refusal's sentence: its `Display` is a key.
    pub fn because(&self, refusal: &impl Display) -> String {
        self.t(&refusal.to_string())
    }

    /// As [`Ctx::because`], with what the refusal itself names.
    fn why(&self, refusal: &Refusal) -> String {
        match refusal {
            Refusal::Paper(paper::Refusal::Sign { field, text, sign }) => {
                let field = self.t(super::paper::field_key(field));
                let sign = format!("{sign} (U+{:04X})", u32::from(*sign));
                let with = [("field", &*field), ("text", text), ("sign", &*sign)];
                self.tw(&refusal.to_string(), &with)
            }
            other => self.because(other),
        }
    }

    pub fn language(&self) -> Lang {
        self.lang
    }

    pub fn lang(&self) -> &'static str {
        self.lang.tag()
    }

    pub fn dir(&self) -> &'static str {
        self.lang.dir()
    }

    pub fn size(&self) -> &'static str {
        self.size.code()
    }

    /// Each text size: its code, its name, and whether the pages are shown in it.
    pub fn sizes(&self) -> Vec<(&'static str, String, bool)> {
        TextSize::ALL
            .iter()
            .map(|size| (size.code(), self.t(size.label_key()), *size == self.size))
            .collect()
    }

    pub fn langs(&self) -> Vec<(&'static str, &'static str, bool)> {
        Lang::ALL
            .into_iter()
            .map(|l| (l.tag(), l.own_name(), l == self.lang))
            .collect()
    }

    /// A day as it is said: `24 November 2026`.
    pub fn day(&self, day: NaiveDate) -> String {
        self.dated(day, "%-d %B %Y")
    }

    /// A day with its weekday, for headings and lists.
    pub fn weekday(&self, day: NaiveDate) -> String {
        self.dated(day, "%A %-d %B %Y")
    }

    /// As [`Ctx::weekday`], and in the calendar that the centre wants beside it: above a page that
    /// is about this day.
    pub fn whole_day(&self, day: NaiveDate) -> String {
        let told = self.weekday(day);
        match self.ethiopian(day) {
            Some(beside) => {
                let beside = self.tw("shared.ethiopian.beside", &[("date", &beside)]);
                self.tw("shared.date.beside", &[("day", &told), ("beside", &beside)])
            }
            None => told,
        }
    }

    /// Some days in the calendar that the centre wants beside its own, if it does.
    pub fn beside(&self, first: NaiveDate, last: NaiveDate) -> Option<String> {
        let (from, until) = (self.ethiopian(first)?, self.ethiopian(last)?);
        Some(self.tw(
            "shared.ethiopian.span",
            &[("from", &from), ("until", &until)],
        ))
    }

    fn ethiopian(&self, day: NaiveDate) -> Option<String> {
        match self.calendar {
            Calendar::Gregorian => None,
            Calendar::Ethiopian => super::paper::ethiopian(day, self.lang()),
        }
    }

    /// The name of a day of the week.
    pub fn day_name(&self, day: Weekday) -> String {
        // Any Monday will do.
        let monday = NaiveDate::default() + Days::new(4);
        let of_week = u64::from(day.num_days_from_monday());
        self.dated(monday + Days::new(of_week), "%A")
    }

    /// A date as exactly as it was told.
    pub fn told(&self, told: ToldDate) -> String {
        match told.precision {
            Precision::Day => self.day(told.date),
            Precision::Month => self.dated(told.date, "%B %Y"),
            Precision::Year => self.dated(told.date, "%Y"),
            Precision::Estimated => {
                let year = self.dated(told.date, "%Y");
                self.tw("shared.date.about", &[("year", &year)])
            }
        }
    }

    /// Hours from and until: on one line, and in their order where the page is read from the right.
    pub fn hours(&self, told: &str) -> String {
        if self.dir() == "ltr" {
            return told.to_owned();
        }
        let told = told.replace('–', "\u{2060}–\u{2060}");
        format!("\u{2066}{told}\u{2069}")
    }

    /// The hour of an instant on the centre's wall: `14:05`.
    pub fn hour(&self, at: DateTime<Utc>) -> String {
        self.world.clock.local(at).format("%H:%M").to_string()
    }

    /// An instant with its day.
    pub fn moment(&self, at: DateTime<Utc>) -> String {
        let day = self.world.clock.local(at).date_naive();
        let (day, hour) = (self.day(day), self.hour(at));
        self.tw("shared.date.moment", &[("day", &day), ("hour", &hour)])
    }

    /// The day of an instant on the centre's wall.
    pub fn date(&self, at: DateTime<Utc>) -> NaiveDate {
        self.world.clock.local(at).date_naive()
    }

    pub fn today(&self) -> NaiveDate {
        self.world.today()
    }

    /// What the clock on the wall shows.
    pub fn wall(&self) -> NaiveDateTime {
        self.world.now().naive_local()
    }

    fn dated(&self, day: NaiveDate, shape: &str) -> String {
        super::paper::dated(day, shape, self.lang())
    }

    pub fn csrf(&self) -> &str {
        &self.csrf
    }

    pub fn write(&self) -> String {
        self.write.to_string()
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path with what was asked of it: the same page once more.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The rail's groups; one that holds nothing for this role is left out.
    pub fn nav(&self) -> Vec<Vec<NavItem>> {
        let here = self.here();
        let groups = [PLACES, KEEPING].map(|places| self.places(places, here));
        groups
            .into_iter()
            .filter(|group| !group.is_empty())
            .collect()
    }

    /// The place of the rail that the page lies in.
    fn here(&self) -> Option<&'static str> {
        let all = PLACES.iter().chain(KEEPING);
        let open: Vec<&str> = all
            .filter(|(route, ..)| self.may(*route))
            .map(|(_, href, ..)| *href)
            .collect();
        let beside = BELONGING
            .iter()
            .filter(|(page, _)| lies_in(&self.path, page));
        let mut beside = beside.map(|(_, place)| *place);
        let below = open.iter().copied().find(|href| lies_in(&self.path, href));
        below.or_else(|| beside.find(|place| open.contains(place)))
    }

    fn places(&self, places: &[Place], here: Option<&str>) -> Vec<NavItem> {
        places
            .iter()
            .filter(|(route, ..)| self.may(*route))
            .map(|(_, href, label, icon)| NavItem {
                href,
                label: self.t(label),
                icon,
                current: here == Some(*href),
            })
            .collect()
    }

    pub fn may(&self, route: Route) -> bool {
        self.actor.is_some_and(|actor| may(actor.roles, route))
    }

    /// After how long without a key or the mouse the centre locks itself.
    pub fn idle_seconds(&self) -> u32 {
        self.idle_minutes * 60
    }

    /// The fields of a form that stood half-typed on this page when the program locked.
    pub fn kept(&self) -> Option<&str> {
        self.kept.as_deref()
    }

    pub fn is_manager(&self) -> bool {
        self.actor
            .is_some_and(|actor| actor.roles.meet(Roles::MANAGER))
    }

    /// The disk has no room: what is there can be looked at, and nothing new is saved.
    pub fn full(&self) -> bool {
        self.full
    }

    pub fn practice(&self) -> bool {
        self.practice
    }

    pub fn signed_in(&self) -> bool {
        self.actor.is_some()
    }

    pub fn user_name(&self) -> &str {
        &self.name
    }

    pub fn saying(&self) -> Option<String> {
        let saying = self.saying.as_ref()?;
        Some(self.tw(saying.key, &[("name", &saying.name)]))
    }

    pub fn warns(&self) -> bool {
        self.saying.as_ref().is_some_and(|saying| saying.warns)
    }

    pub fn undo(&self) -> Option<&str> {
        self.saying
            .as_ref()
            .and_then(|saying| saying.undo.as_deref())
    }
}

#[derive(Template)]
#[template(path = "shared/refused.html")]
struct Refused<'p> {
    c: &'p Ctx,
    why: String,
    /// What was sent and can be sent again as it is; empty where there is nothing to lose.
    kept: Vec<(&'p str, &'p str)>,
}

/// What belongs to the form and not to whoever typed in it.
const TOKENS: [&str; 2] = ["csrf", "write"];

/// What is never sent back to a page, and never written down. A field that shows a secret while a
/// button is down is no password field then, so it is told by its name.
const SECRET: [&str; 6] = [
    "passphrase",
    "again",
    "old",
    "present",
    "pin",
    "sheet-words",
];

/// Whether a field holds a passphrase, a PIN or words of a sheet.
pub fn is_secret(name: &str) -> bool {
    SECRET.contains(&name) || name.starts_with("word-")
}

/// What was typed, for a form that sends it once more. A form with a secret in it is typed anew.
fn kept(call: &Call) -> Vec<(&str, &str)> {
    let sent = call.sent.0.iter();
    let typed: Vec<(&str, &str)> = sent
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| !TOKENS.contains(name))
        .collect();
    let secret = typed.iter().any(|(name, _)| is_secret(name));
    if secret || !call.is_post() {
        Vec::new()
    } else {
        typed
    }
}

/// The page of a refusal that no form could show beside a field.
pub(super) fn refused(call: &Call, refusal: &Refusal) -> Answer {
    let mut c = call.context();
    // Sent under the same id it is not written twice, whatever the disk has of it.
    if let (Refusal::Undecided, Ok(write)) = (refusal, call.sent.get("write").parse()) {
        c.write = write;
    }
    let c = &c;
    let page = Refused {
        c,
        why: c.why(refusal),
        kept: kept(call),
    };
    Answer::refused(&page).unwrap_or(Answer::Missing)
}
