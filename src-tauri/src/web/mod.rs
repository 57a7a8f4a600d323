//! The in-app pages: one router built from one table of who may do what, what every page knows,
//! and the parts of forms. Nothing here knows the window or opens a port.

pub mod access;
mod assets;
mod context;
mod form;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Form, Path};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, on};

pub use access::{Row, Who};
pub use context::{Ctx, NavItem};
pub use form::{Field, Sent};

use crate::kit::lang::Lang;
use crate::kit::world::World;
use crate::vault::words::RecoveryWords;
use crate::vault::{Actor, Vault};

/// What set-up has been told so far; gone when the program ends before the centre is founded.
pub struct Draft {
    pub centre: String,
    pub manager: String,
    pub passphrase: crate::vault::secret::Passphrase,
    pub sheet: RecoveryWords,
}

/// Who is at a window, and in which language. One entry a window, so that a second desk needs no
/// other code.
pub struct Seat {
    pub lang: Lang,
    pub csrf: String,
    pub actor: Option<Actor>,
    pub name: String,
    pub saying: Option<&'static str>,
    pub draft: Option<Draft>,
}

/// Put into each request by whoever carries it here; the first window where nothing was put.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct WindowId(pub u32);

pub struct App {
    pub vault: Vault,
    pub world: World,
    seats: Mutex<HashMap<WindowId, Seat>>,
}

impl App {
    pub fn new(vault: Vault, world: World) -> Arc<Self> {
        Arc::new(Self {
            vault,
            world,
            seats: Mutex::default(),
        })
    }

    fn seats(&self) -> MutexGuard<'_, HashMap<WindowId, Seat>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request, past its guard.
pub struct Call {
    pub app: Arc<App>,
    window: WindowId,
    path: &'static str,
    pub sent: Sent,
}

impl Call {
    /// Looks at or changes who sits at this window.
    pub fn seat<T>(&self, with: impl FnOnce(&mut Seat) -> T) -> T {
        let mut seats = self.app.seats();
        let seat = seats.entry(self.window).or_insert_with(|| Seat {
            lang: self.app.vault.language(),
            csrf: blake3::Hash::from_bytes(self.app.world.bytes())
                .to_hex()
                .to_string(),
            actor: None,
            name: String::new(),
            saying: None,
            draft: None,
        });
        with(seat)
    }

    /// What every template needs. Takes what was to be said: it is said once.
    pub fn context(&self) -> Ctx {
        self.seat(|seat| Ctx::of(seat, self.path, &self.app.world))
    }
}

pub enum Answer {
    Page(StatusCode, String),
    See(&'static str),
}

impl Answer {
    pub fn page(template: &impl askama::Template) -> Self {
        Self::with(StatusCode::OK, template)
    }

    /// The same page again, with what was typed and what is wrong with it.
    pub fn refused(template: &impl askama::Template) -> Self {
        Self::with(StatusCode::UNPROCESSABLE_ENTITY, template)
    }

    fn with(status: StatusCode, template: &impl askama::Template) -> Self {
        match template.render() {
            Ok(html) => Self::Page(status, html),
            Err(_) => Self::Page(StatusCode::INTERNAL_SERVER_ERROR, String::new()),
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Page(status, html) => (
                status,
                [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
                html,
            )
                .into_response(),
            Self::See(place) => {
                (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
            }
        }
    }
}

pub type Handler = fn(&Call) -> Answer;

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
            axum::routing::MethodFilter::GET
        } else {
            axum::routing::MethodFilter::POST
        };
        let answer = async move |window: Option<axum::Extension<WindowId>>,
                                 Form(sent): Form<Vec<(String, String)>>| {
            let window = window.map_or_else(WindowId::default, |window| window.0);
            let call = Call {
                app: Arc::clone(&app),
                window,
                path: row.path,
                sent: Sent(sent),
            };
            access::guard(row, &call).unwrap_or_else(|| handler(&call))
        };
        router = router.route(row.path, on(filter, answer));
    }
    router.fallback(|| async { (StatusCode::NOT_FOUND, Body::empty()) })
}
