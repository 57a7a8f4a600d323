//! Types that every feature uses: time and chance, ids and short codes, dates as people tell
//! them, languages, text limits. Nothing in here knows the database's tables or a screen.

pub mod code;
pub mod date;
pub mod ethiopian;
pub mod hours;
pub mod id;
pub mod lang;
pub mod lists;
pub mod money;
pub mod names;
pub mod paper;
pub mod phone;
pub mod progress;
pub mod scan;
pub mod text;
pub mod world;
