//! Referrals: somebody is sent to a partner with a letter that says what they agreed to, or comes
//! from one. Words: told (one thing that a letter says), consent, slip, no answer, arrival.
//! Rules: domain.md 3.3 and 9. All of it lies in casework.db; the desk knows the time and place of
//! an appointment and nothing else, not even that there is a referral.

mod forms;
mod pages;
mod print;
pub mod rules;
mod store;

pub use pages::ROUTES;
