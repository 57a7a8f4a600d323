//! Who opens what is sealed (P4): the manager names two persons and gets nothing by it; the two
//! hand over to each other and keep a sheet of their own. The vault keeps the rules (safety.md 2);
//! this feature is their pages.

mod pages;
mod sheet;

pub use pages::ROUTES;
