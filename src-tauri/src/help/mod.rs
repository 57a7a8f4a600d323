//! Cash and things given to somebody in need. Whoever asks does not decide; nothing is given before
//! the person signed the receipt (domain.md 2). Words: help, criteria, receipt.

mod pages;
mod print;
pub mod rules;
pub mod store;

pub use pages::ROUTES;
