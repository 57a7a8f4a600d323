//! Interpreters: who can speak for a visitor, how well, when, and for how much.
//! Words: level, signed (the promise to keep what is heard), conflict. Rules: domain.md 2.
//! Everybody finds one; caseworkers and managers keep the list, since they answer for the promise.

mod forms;
mod pages;
pub mod rules;
mod store;

pub use pages::{ROUTES, spoken};
pub use store::{all, insert};
