//! Nights in a shelter. That somebody stays there stands in the case; where it is lies sealed, for
//! whoever works on the case and the two persons who are named (safety.md 2, domain.md 6).
//! Words: stay, place, exit plan.

mod pages;
pub mod rules;
pub mod store;

pub use pages::ROUTES;
