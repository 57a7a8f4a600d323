//! Talks with a counsellor. That there was one, when and for how long stands in the case; what was
//! said lies sealed, for whoever wrote it and the two persons who are named (safety.md 2).
//! Words: talk, note. A note is added, never changed.

mod pages;
pub mod rules;
pub mod store;

pub use pages::ROUTES;
