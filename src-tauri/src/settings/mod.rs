//! What is set for the whole centre: its name and place, money, week, languages, how long records
//! are kept, when it locks. Asked at set-up, changed by the manager. Codes: domain.md 4.8, 7, 11.

pub mod forms;
mod laptop;
mod pages;
mod rules;
mod store;

pub use laptop::SwapNotice;
pub use pages::ROUTES;
pub use rules::{Calendar, Settings, WeekStart, Weekend};
pub use store::{of, save};
