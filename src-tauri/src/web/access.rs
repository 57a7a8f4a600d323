//! Who may do what: the one table of routes. What has no row does not exist.

use axum::http::{Method, StatusCode};

use super::{Answer, Call};
use crate::vault::Roles;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    Home,
    Language,
    LockPage,
    Unlock,
    Lock,
    SetUp,
    SetUpTold,
    Sheet,
    Check,
    Checked,
}

/// When, and by whom, a route may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Anyone,
    /// Before the centre is founded.
    Founder,
    /// While nobody is signed in.
    AtTheDoor,
    Inside(Roles),
}

#[derive(Clone, Debug)]
pub struct Row {
    pub route: Route,
    pub method: Method,
    pub path: &'static str,
    pub who: Who,
}

const ALL: Who = Who::Inside(Roles::DESK.and(Roles::CASEWORKER).and(Roles::MANAGER));

pub const TABLE: &[Row] = &[
    row(Route::Home, Method::GET, "/", ALL),
    row(Route::Language, Method::POST, "/language", Who::Anyone),
    row(Route::LockPage, Method::GET, "/lock", Who::AtTheDoor),
    row(Route::Unlock, Method::POST, "/unlock", Who::AtTheDoor),
    row(Route::Lock, Method::POST, "/lock", ALL),
    row(Route::SetUp, Method::GET, "/setup", Who::Founder),
    row(Route::SetUpTold, Method::POST, "/setup", Who::Founder),
    row(Route::Sheet, Method::GET, "/setup/sheet", Who::Founder),
    row(Route::Check, Method::GET, "/setup/check", Who::Founder),
    row(Route::Checked, Method::POST, "/setup/check", Who::Founder),
];

const fn row(route: Route, method: Method, path: &'static str, who: Who) -> Row {
    Row {
        route,
        method,
        path,
        who,
    }
}

/// The answer to a call that may not go on; `None` lets it through.
pub(super) fn guard(row: &Row, call: &Call) -> Option<Answer> {
    let (actor, csrf) = call.seat(|seat| (seat.actor, seat.csrf.clone()));
    if row.method == Method::POST && call.sent.get("csrf") != csrf {
        return Some(Answer::Page(StatusCode::FORBIDDEN, String::new()));
    }
    let founded = !call.app.vault.is_empty().unwrap_or(false);
    let inside = actor.filter(|_| call.app.vault.is_open());
    match row.who {
        Who::Anyone => None,
        Who::Founder if founded => Some(Answer::See("/")),
        Who::Founder => None,
        Who::AtTheDoor | Who::Inside(_) if !founded => Some(Answer::See("/setup")),
        Who::AtTheDoor => inside.map(|_| Answer::See("/")),
        Who::Inside(roles) => match inside {
            None => Some(Answer::See("/lock")),
            Some(actor) if actor.roles.meet(roles) => None,
            Some(_) => Some(Answer::Page(StatusCode::NOT_FOUND, String::new())),
        },
    }
}
