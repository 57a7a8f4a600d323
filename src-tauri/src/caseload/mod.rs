//! A caseworker's day and a centre's casework in numbers: what must be done today across cases and
//! referrals, the calendar of deadlines and hearings, how many, how long, how much.
//! Words: work list, overdue, rate (of one currency in another, always typed). Rules: domain.md 6,
//! 7 and 8 (I18 to I22).

mod pages;
pub mod rules;
mod store;

pub use pages::ROUTES;
