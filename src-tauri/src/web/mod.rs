//! The in-app pages: one router built from one table of who may do what, what every page knows,
//! and the parts of forms. Nothing here knows the window or opens a port.

pub mod access;
mod assets;
mod call;
mod closed;
mod context;
pub mod form;
mod outside;
mod paper;
mod sign;
mod spool;
mod week;
mod work;

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Extension, Form, Path, RawPathParams};
use axum::http::{Method, Uri};
use axum::routing::{MethodFilter, get, on};
use chrono::{DateTime, TimeDelta, Utc};

pub use access::{Row, Who};
pub use call::{Answer, Call, Result};
pub use closed::closed;
pub use context::{Ctx, NavItem, is_secret};
pub use form::{Choice, Field, Sent, choices};
pub use outside::{NoOutside, Outside, Swap};
pub use paper::{Head, Said, Tongues};
pub use sign::{kind_sign, sign};
pub use spool::Spool;
pub use week::WeekFields;
pub use work::{Work, Workshop};

use crate::kit::lang::Lang;
use crate::kit::lists::{Calendar, TextSize};
use crate::kit::world::World;
use crate::vault::{Actor, Event, Refusal, Vault};

/// Who is at a window, and in which language. One entry a window, so that a second desk needs no
/// other code.
pub struct Seat {
    pub lang: Lang,
    pub size: TextSize,
    pub csrf: String,
    pub actor: Option<Actor>,
    pub name: String,
    pub saying: Option<Saying>,
    /// Nobody in this centre is real.
    pub practice: bool,
    /// After how long without a key or the mouse this window locks.
    pub idle_minutes: u32,
    /// In which the day is told too.
    pub calendar: Calendar,
    /// What a feature keeps between its pages; gone with the window.
    pub draft: Option<Box<dyn Any + Send>>,
    /// When something was last asked for here.
    pub asked: DateTime<Utc>,
    /// Nothing is shown until whoever hid the window is back.
    pub hidden: Option<Hidden>,
    /// A half-typed form that waits to be shown again.
    pub kept: Option<Kept>,
}

impl Seat {
    /// Who may see pages at this window.
    pub fn inside(&self) -> Option<Actor> {
        self.actor.filter(|_| self.hidden.is_none())
    }
}

/// A window behind its cover, the keys still in memory.
#[derive(Clone, Copy, Debug)]
pub struct Hidden {
    pub since: DateTime<Utc>,
    pub wrong: u8,
}

/// A half-typed form: the page it stood on, and its fields as the page's script gave them.
#[derive(Clone, Debug)]
pub struct Kept {
    pub path: String,
    pub fields: String,
}

/// What is said once on the next page, and the address that takes it back.
pub struct Saying {
    pub key: &'static str,
    /// It is no good news.
    pub warns: bool,
    /// Whom or what it is about; empty where the sentence names nobody.
    pub name: String,
    pub undo: Option<String>,
}

/// Put into each request by whoever carries it here; the first window where nothing was put.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct WindowId(pub u32);

pub struct App {
    pub vault: Vault,
    pub world: World,
    pub outside: Box<dyn Outside>,
    /// Opened to practise: set-up makes a centre of invented people without asking.
    pub practice: bool,
    pub spool: Spool,
    pub workshop: Workshop,
    /// What the clock on the wall and the steady one showed at the last call, in seconds.
    clocks: Mutex<(i64, i64)>,
    seats: Mutex<HashMap<WindowId, Seat>>,
}

impl App {
    pub fn new(vault: Vault, world: World) -> Arc<Self> {
        Self::with(vault, world, NoOutside)
    }

    pub fn with(vault: Vault, world: World, outside: impl Outside + 'static) -> Arc<Self> {
        Arc::new(Self::made(vault, world, outside))
    }

    pub fn practising(vault: Vault, world: World, outside: impl Outside + 'static) -> Arc<Self> {
        Arc::new(Self {
            practice: true,
            ..Self::made(vault, world, outside)
        })
    }

    fn made(vault: Vault, world: World, outside: impl Outside + 'static) -> Self {
        let clocks = Mutex::new(clocks(&world));
        Self {
            spool: Spool::of(vault.folder()),
            clocks,
            vault,
            world,
            outside: Box::new(outside),
            practice: false,
            workshop: Workshop::default(),
            seats: Mutex::default(),
        }
    }

    /// Locks where the clock was moved by more than ten minutes without the time having passed, or
    /// the machine slept for as long: nobody knows what happened in between.
    pub(super) fn watch_clock(&self, actor: Actor) {
        let (wall, steady) = clocks(&self.world);
        let mut seen = self.clocks.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *seen, (wall, steady));
        drop(seen);
        let minutes = ((wall - before.0) - (steady - before.1)) / 60;
        if minutes.abs() > JUMP {
            let jumped = Event::ClockJumped { minutes };
            // What cannot be written must not keep the centre unlocked.
            let _ = self
                .vault
                .write(actor, None, |_| Ok::<_, Refusal>(((), jumped)));
            self.lock();
        }
    }

    /// Locks, whoever asked for it, and shows the lock.
    pub fn lock(&self) {
        self.lock_behind("/lock");
    }

    /// Locks, and shows the page at `place` instead of what was there.
    pub fn lock_behind(&self, place: &str) {
        if self.leave() {
            self.outside.forget(place);
        }
    }

    /// Nobody is in any more, at no window: the keys leave the memory, and what the windows kept
    /// goes with them; what the system's viewer was given goes in any case. Whether anybody was in.
    pub fn leave(&self) -> bool {
        self.spool.clear();
        let mut actor = None;
        for seat in self.seats().values_mut() {
            actor = seat.actor.take().or(actor);
            seat.name.clear();
            seat.saying = None;
            seat.draft = None;
            seat.hidden = None;
            seat.kept = None;
        }
        // Also where nobody sits yet: somebody may be coming in.
        self.vault.close(actor);
        actor.is_some()
    }

    /// Locks where a window has been hidden for as long as it may lie idle. What was typed at the
    /// lock screen, the words of a recovery sheet among it, goes too when nobody goes on there.
    pub fn lock_hidden(&self) {
        let now = self.world.utc();
        if !self.vault.is_open() && self.vault.is_empty().is_ok_and(|empty| !empty) {
            for seat in self.seats().values_mut() {
                if now - seat.asked >= TimeDelta::minutes(LEFT_LYING) {
                    seat.draft = None;
                }
            }
        }
        let due = self.seats().values().any(|seat| {
            let idle = TimeDelta::minutes(i64::from(seat.idle_minutes));
            seat.hidden.is_some_and(|hidden| now - hidden.since >= idle)
        });
        if due {
            self.lock();
        }
    }

    /// When something was last asked for at a window where somebody is in.
    pub fn asked(&self) -> Option<DateTime<Utc>> {
        let seats = self.seats();
        let taken = seats.values().filter(|seat| seat.actor.is_some());
        taken.map(|seat| seat.asked).max()
    }

    /// Locks where nothing has been asked for during all of `silence`, though somebody is in. A
    /// page counts the idle minutes itself; one that died counts nothing.
    pub fn lock_silent(&self, silence: Duration) {
        let at_work = self.workshop.work().is_some_and(|work| work.goes_on());
        let due = self
            .seats()
            .values()
            .any(|seat| seat.actor.is_some() && is_left(silence, seat.idle_minutes, at_work));
        if due {
            self.lock();
        }
    }

    fn seats(&self) -> MutexGuard<'_, HashMap<WindowId, Seat>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a window that asks for nothing has nobody in front of it. While somebody is there its
/// page asks twice a minute, and locks by itself when the idle minutes are over: only a minute
/// after that is it clear that the page will not. `at_work` is a backup or restore that really
/// moves, and would be stopped by the lock.
fn is_left(silence: Duration, idle_minutes: u32, at_work: bool) -> bool {
    let most = Duration::from_secs(60 * (u64::from(idle_minutes) + 1));
    !at_work && silence >= most
}

/// Minutes. To write 24 words down takes its time.
const LEFT_LYING: i64 = 10;

/// Minutes.
const JUMP: i64 = 10;

fn clocks(world: &World) -> (i64, i64) {
    (world.utc().timestamp(), world.clock.steady())
}

pub type Handler = fn(&Call) -> Result;

/// A route exists only where the table has a row for it and a feature answers it.
pub fn router(app: &Arc<App>, handlers: &[(access::Route, Handler)]) -> Router {
    let assets = get(|Path(path): Path<String>| async move { assets::answer(&path) });
    let mut router = Router::new().route("/assets/{*path}", assets);
    for row in access::TABLE {
        let Some((_, handler)) = handlers.iter().find(|(route, _)| *route == row.route) else {
            continue;
        };
        let (app, handler) = (Arc::clone(app), *handler);
        let filter = if row.method == Method::GET {
            MethodFilter::GET
        } else {
            MethodFilter::POST
        };
        let answer = async move |window: Option<Extension<WindowId>>,
                                 uri: Uri,
                                 params: RawPathParams,
                                 Form(sent): Form<Vec<(String, String)>>| {
            let window = window.map_or_else(WindowId::default, |window| window.0);
            let params = params
                .iter()
                .map(|(name, value)| (name.into(), value.into()));
            let call = Call::new(&app, window, row, &uri, params.collect(), Sent(sent));
            call.answer(row, handler)
        };
        router = router.route(row.path, on(filter, answer));
    }
    router.fallback(|| async { Answer::Missing })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_left_a_minute_after_its_page_should_have_locked() {
        let seconds = Duration::from_secs;
        assert!(!is_left(seconds(6 * 60 - 1), 5, false));
        assert!(is_left(seconds(6 * 60), 5, false));
        assert!(!is_left(seconds(30 * 60), 30, false));
        assert!(is_left(seconds(31 * 60), 30, false));
        assert!(!is_left(seconds(24 * 3600), 5, true), "it is at work");
    }
}
