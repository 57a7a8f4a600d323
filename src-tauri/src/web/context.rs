//! What every template knows: the words of its language, who is signed in, the form's tokens.

use std::fmt::Display;

use super::Seat;
use crate::kit::id::WriteId;
use crate::kit::lang::Lang;
use crate::kit::world::World;

pub struct NavItem {
    pub href: &'static str,
    pub label: String,
    pub icon: &'static str,
    pub current: bool,
}

pub struct Ctx {
    lang: Lang,
    csrf: String,
    write: WriteId,
    name: Option<String>,
    saying: Option<&'static str>,
    path: &'static str,
}

impl Ctx {
    pub(super) fn of(seat: &mut Seat, path: &'static str, world: &World) -> Self {
        Self {
            lang: seat.lang,
            csrf: seat.csrf.clone(),
            write: WriteId::new(world),
            name: seat.actor.map(|_| seat.name.clone()),
            saying: seat.saying.take(),
            path,
        }
    }

    /// The text of a key.
    pub fn t(&self, key: &str) -> String {
        crate::_rust_i18n_translate(self.lang.tag(), key).into_owned()
    }

    /// The text of a key with its variables put in.
    pub fn tw(&self, key: &str, with: &[(&str, &str)]) -> String {
        let names: Vec<&str> = with.iter().map(|(name, _)| *name).collect();
        let values: Vec<String> = with.iter().map(|(_, value)| (*value).to_owned()).collect();
        rust_i18n::replace_patterns(&self.t(key), &names, &values)
    }

    /// A refusal's sentence: its `Display` is a key.
    pub fn because(&self, refusal: &impl Display) -> String {
        self.t(&refusal.to_string())
    }

    pub fn lang(&self) -> &'static str {
        self.lang.tag()
    }

    pub fn dir(&self) -> &'static str {
        self.lang.dir()
    }

    pub fn langs(&self) -> Vec<(&'static str, &'static str, bool)> {
        Lang::ALL
            .into_iter()
            .map(|l| (l.tag(), l.own_name(), l == self.lang))
            .collect()
    }

    pub fn csrf(&self) -> &str {
        &self.csrf
    }

    pub fn write(&self) -> String {
        self.write.to_string()
    }

    pub fn nav(&self) -> Vec<NavItem> {
        vec![NavItem {
            href: "/",
            label: self.t("home.nav"),
            icon: "home",
            current: self.path == "/",
        }]
    }

    pub fn signed_in(&self) -> bool {
        self.name.is_some()
    }

    pub fn user_name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    pub fn saying(&self) -> Option<String> {
        self.saying.map(|key| self.t(key))
    }
}
