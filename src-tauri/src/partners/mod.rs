//! Partners: the hospitals, lawyers, shelters and others that the centre sends its visitors to.
//! Words: safety (for people without papers), verified, stale, need. Rules: domain.md 2 and 4.10.
//! Everybody who works here reads them: somebody asking at the desk where a clinic is must get an
//! answer. Whoever writes a letter there answers for the record: caseworkers and managers.

mod forms;
mod hsds;
mod pages;
mod print;
pub mod rules;
mod store;

pub use pages::{Finder, Line, ROUTES, languages};
pub use rules::Partner;
pub use store::{all, areas, insert, partner};
