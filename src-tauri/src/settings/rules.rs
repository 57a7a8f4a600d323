//! The settings as types.

use crate::kit::lists::{Calendar, codes};

codes! {
    /// The first day of a week on the wall.
    WeekStart in "settings.week_start" {
        Monday = "monday",
        Saturday = "saturday",
        Sunday = "sunday",
    }
}

codes! {
    /// The days when most people do not work.
    Weekend in "settings.weekend" {
        SaturdaySunday = "saturday-sunday",
        FridaySaturday = "friday-saturday",
        Sunday = "sunday",
        Friday = "friday",
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub name: String,
    pub place: Option<String>,
    /// Under which the centre is called; on letters.
    pub phone: Option<String>,
    /// ISO 4217.
    pub currency: String,
    pub week_start: WeekStart,
    pub weekend: Weekend,
    pub calendar: Calendar,
    /// ISO 639-3, in the order in which they are offered.
    pub languages: Vec<String>,
    /// Years after closing, after the visit, after the meeting (domain.md 6).
    pub keep_cases: u32,
    pub keep_visits: u32,
    pub keep_leads: u32,
    pub idle_minutes: u32,
    pub practice: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: String::new(),
            place: None,
            phone: None,
            currency: "USD".to_owned(),
            week_start: WeekStart::Monday,
            weekend: Weekend::SaturdaySunday,
            calendar: Calendar::Gregorian,
            languages: ["ara", "eng", "fra"].map(str::to_owned).into(),
            keep_cases: 7,
            keep_visits: 3,
            keep_leads: 1,
            idle_minutes: 5,
            practice: false,
        }
    }
}

impl WeekStart {
    pub fn weekday(self) -> chrono::Weekday {
        match self {
            Self::Monday => chrono::Weekday::Mon,
            Self::Saturday => chrono::Weekday::Sat,
            Self::Sunday => chrono::Weekday::Sun,
        }
    }
}

impl Weekend {
    pub fn has(self, day: chrono::Weekday) -> bool {
        use chrono::Weekday::{Fri, Sat, Sun};
        match self {
            Self::SaturdaySunday => matches!(day, Sat | Sun),
            Self::FridaySaturday => matches!(day, Fri | Sat),
            Self::Sunday => day == Sun,
            Self::Friday => day == Fri,
        }
    }
}
