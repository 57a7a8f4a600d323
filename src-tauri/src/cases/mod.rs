//! Cases: what happened to somebody, what they want, and what a caseworker does about it.
//! Words: intake, issue, note, deadline, party, instalment, original, transfer. Rules: domain.md
//! 2, 3.2, 4.2, 4.3, 6 and 7. All of it lies in casework.db, which the desk cannot open; the desk
//! knows an appointment's time and room and an instruction without its reason.

pub mod documents;
pub mod forms;
pub mod issues;
mod pages;
mod print;
pub mod rules;
pub mod store;

pub use pages::{
    Entered, Head, ROUTES, Stopped, back, change, enter, on_page, one_of, own, people_choices,
    reach, refused,
};
