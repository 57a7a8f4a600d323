//! Illnesses, accidents and births: what somebody needs and how soon, the visits to a hospital and
//! who goes along, what it costs and who pays, and when to ask again. No diagnosis is asked for.
//! Words: episode, visit, cost, follow-up.

mod pages;
pub mod rules;
pub mod store;

pub use pages::ROUTES;
