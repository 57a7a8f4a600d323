//! The work list, the calendar and the numbers.

mod calendar;
mod numbers;
mod work;

use crate::web::Handler;
use crate::web::access::Route;

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::CaseWork, work::page),
    (Route::CaseCalendar, calendar::page),
    (Route::CaseNumbers, numbers::page),
    (Route::TypeRate, numbers::type_rate),
];
