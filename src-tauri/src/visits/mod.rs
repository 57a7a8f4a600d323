//! Visits: who came, or how many without a name; for what; whom they wait for; what they got.
//! Words: check in, count, reason, service given. Rules: domain.md 1 and 2; codes 4.1 and 4.4.

pub mod forms;
pub mod pages;
pub mod rules;
mod store;

pub use pages::ROUTES;
pub use store::{
    Tally, Visit, Visitor, came_on, check_in, give_to, here_today, last_days, of_day, of_person,
    retract, tally, type_later, visit, visitor, waiting_for,
};
