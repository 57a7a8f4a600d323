//! The work list, the calendar and the numbers.

mod calendar;
mod numbers;
mod work;

use crate::kit::id::PersonId;
use crate::people;
use crate::vault::Casework;
use crate::web::access::Route;
use crate::web::{Handler, Result};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::CaseWork, work::page),
    (Route::CaseCalendar, calendar::page),
    (Route::CaseNumbers, numbers::page),
    (Route::TypeRate, numbers::type_rate),
];

/// The names of those whom a list is about.
struct Named(Vec<(PersonId, String)>);

impl Named {
    fn of(casework: &Casework<'_>, ids: impl Iterator<Item = PersonId>) -> Result<Self> {
        let mut ids: Vec<PersonId> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        let briefs = people::briefs(casework, &ids)?;
        let names = briefs
            .into_iter()
            .map(|brief| (brief.id, brief.names.into_iter().next().unwrap_or_default()));
        Ok(Self(names.collect()))
    }

    fn get(&self, person: Option<PersonId>) -> String {
        let known = self.0.iter().find(|(known, _)| Some(*known) == person);
        known.map(|(_, name)| name.clone()).unwrap_or_default()
    }
}
