//! What is set for the whole centre: its name, place and phone, money, week, languages, how long records
//! are kept, when it locks. Asked at set-up, changed by the manager. Codes: domain.md 4.8, 7, 11.

pub mod forms;
mod laptop;
mod pages;
mod print;
mod rules;
mod store;

pub use laptop::SwapNotice;
pub use pages::ROUTES;
pub use print::letterhead;
pub use rules::{Settings, WeekStart, Weekend};
pub use store::{of, save};
