//! What stands above a letter: whose it is, where that is, and how it is reached.

use super::rules::Settings;
use crate::web::{Head, Tongues};

/// `title` is a locale key.
pub fn letterhead(tongues: &Tongues, title: &str, settings: &Settings, foot: &str) -> Head {
    let place = settings.place.as_deref();
    let phone = settings.phone.as_deref();
    Head::letter(tongues, title, &settings.name, place, foot).reached_at(phone)
}
