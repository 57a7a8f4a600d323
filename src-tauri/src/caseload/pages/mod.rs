//! The work list, what is found in one's cases, the calendar and the numbers.

mod calendar;
mod find;
mod numbers;
mod work;

use crate::web::Handler;
use crate::web::access::Route;

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::CaseWork, work::page),
    (Route::FindNotes, find::page),
    (Route::CaseCalendar, calendar::page),
    (Route::CaseNumbers, numbers::page),
    (Route::TypeRate, numbers::type_rate),
];
