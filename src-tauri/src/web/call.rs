//! One request past the bridge, and what can be answered to it.

use std::str::FromStr;
use std::sync::Arc;

use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::access::{self, Row};
use super::{App, Ctx, Handler, Saying, Seat, Sent, WindowId};
use crate::kit::id::{RecordId, WriteId};
use crate::kit::lists::{Calendar, TextSize};
use crate::kit::paper::{self, Document, Paper, Pdf};
use crate::vault::{Actor, Casework, CaseworkEvent, CaseworkTx, Db, Event, Refusal, WriteTx};

/// What a handler gives: an answer, or a refusal that a page of its own tells.
pub type Result<T = Answer> = std::result::Result<T, Refusal>;

pub struct Call {
    pub app: Arc<App>,
    window: WindowId,
    method: Method,
    path: String,
    /// The path with what was asked of it.
    address: String,
    params: Vec<(String, String)>,
    pub sent: Sent,
}

impl Call {
    pub(super) fn new(
        app: &Arc<App>,
        window: WindowId,
        row: &Row,
        uri: &Uri,
        params: Vec<(String, String)>,
        sent: Sent,
    ) -> Self {
        Self {
            app: Arc::clone(app),
            window,
            method: row.method.clone(),
            path: uri.path().to_owned(),
            address: uri
                .path_and_query()
                .map_or(uri.path(), |whole| whole.as_str())
                .to_owned(),
            params,
            sent,
        }
    }

    pub(super) fn answer(&self, row: &Row, handler: Handler) -> Answer {
        if let Some(stopped) = access::guard(row, self) {
            return stopped;
        }
        match handler(self) {
            Ok(answer) => answer,
            Err(Refusal::Locked | Refusal::LockedMeanwhile) => Answer::See("/lock".into()),
            Err(Refusal::Missing) => Answer::Missing,
            // The first sending did what this one asks for.
            Err(Refusal::AlreadyWritten) => Answer::See("/".into()),
            Err(refusal) => super::context::refused(self, &refusal),
        }
    }

    /// The part of the address named `name`; a record that cannot be is as good as missing.
    pub fn part<T: FromStr>(&self, name: &str) -> Result<T> {
        let part = self.params.iter().find(|(param, _)| param == name);
        part.and_then(|(_, value)| value.parse().ok())
            .ok_or(Refusal::Missing)
    }

    /// Whether this was sent to change something.
    pub(super) fn is_post(&self) -> bool {
        self.method == Method::POST
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// Looks at or changes who sits at this window.
    pub fn seat<T>(&self, with: impl FnOnce(&mut Seat) -> T) -> T {
        let mut seats = self.app.seats();
        let seat = seats.entry(self.window).or_insert_with(|| Seat {
            lang: self.app.vault.language(),
            size: TextSize::Normal,
            csrf: blake3::Hash::from_bytes(self.app.world.bytes())
                .to_hex()
                .to_string(),
            actor: None,
            name: String::new(),
            saying: None,
            practice: self.app.practice,
            idle_minutes: 5,
            calendar: Calendar::Gregorian,
            draft: None,
            asked: self.app.world.utc(),
            hidden: None,
            kept: None,
        });
        seat.asked = self.app.world.utc();
        with(seat)
    }

    /// Who is in; the guard has let nobody else through to what needs one.
    pub fn actor(&self) -> Result<Actor> {
        self.seat(|seat| seat.inside()).ok_or(Refusal::Locked)
    }

    /// What every template needs. Takes what was to be said: it is said once.
    pub fn context(&self) -> Ctx {
        let full = self.app.vault.is_full();
        self.seat(|seat| Ctx::of(seat, &self.path, &self.address, &self.app.world, full))
    }

    pub fn say(&self, key: &'static str) {
        self.say_of(key, "", None);
    }

    /// Says it with a name in it, and offers the address that takes it back.
    pub fn say_of(&self, key: &'static str, name: &str, undo: Option<String>) {
        // Why something was not done is none either.
        let warns = key.contains(".refusal.");
        self.told(key, name, undo, warns);
    }

    /// Says what somebody should look into.
    pub fn warn_of(&self, key: &'static str, name: &str) {
        self.told(key, name, None, true);
    }

    fn told(&self, key: &'static str, name: &str, undo: Option<String>, warns: bool) {
        let name = name.to_owned();
        self.seat(|seat| {
            seat.saying = Some(Saying {
                key,
                warns,
                name,
                undo,
            });
        });
    }

    pub fn read<T, E: From<Refusal>>(
        &self,
        look: impl FnOnce(&Db<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.app.vault.read(look)
    }

    /// Through the write door, once for each form that was shown.
    pub fn write<T, E: From<Refusal>>(
        &self,
        change: impl FnOnce(&WriteTx<'_>) -> std::result::Result<(T, Event), E>,
    ) -> std::result::Result<T, E> {
        self.app.vault.write(self.actor()?, self.write_id(), change)
    }

    fn write_id(&self) -> Option<WriteId> {
        self.sent.get("write").parse().ok()
    }

    /// Lists of what is confidential, for those whose keys open it.
    pub fn list_casework<T, E: From<Refusal>>(
        &self,
        look: impl FnOnce(&Casework<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.app.vault.list_casework(self.actor()?, look)
    }

    /// Through the read door: the journal tells who read what.
    pub fn read_casework<T, E: From<Refusal>>(
        &self,
        reading: &CaseworkEvent,
        look: impl FnOnce(&Casework<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.app.vault.read_casework(self.actor()?, reading, look)
    }

    pub fn write_casework<T, E: From<Refusal>>(
        &self,
        change: impl FnOnce(&CaseworkTx<'_>) -> std::result::Result<(T, CaseworkEvent), E>,
    ) -> std::result::Result<T, E> {
        let vault = &self.app.vault;
        vault.write_casework(self.actor()?, self.write_id(), change)
    }

    /// A change to what the desk sees and to what it does not, in one commit.
    pub fn write_both<T, E: From<Refusal>>(
        &self,
        change: impl FnOnce(
            &WriteTx<'_>,
            &CaseworkTx<'_>,
        ) -> std::result::Result<(T, CaseworkEvent, Event), E>,
    ) -> std::result::Result<T, E> {
        let vault = &self.app.vault;
        vault.write_both(self.actor()?, self.write_id(), change)
    }

    /// Makes a paper, tells the journal, shows it in the system's viewer, and goes `back`.
    pub fn print(
        &self,
        paper: Paper,
        of: Option<RecordId>,
        document: &Document,
        back: impl Into<String>,
    ) -> Result {
        let pdf = document.pdf(self.app.world.now())?;
        let pages = u32::try_from(pdf.pages).unwrap_or(u32::MAX);
        // Pressed twice it is printed twice: this is not held to one write a form.
        self.app.vault.write(self.actor()?, None, |_| {
            Ok::<_, Refusal>(((), Event::Printed { paper, of, pages }))
        })?;
        self.show(&pdf)?;
        Answer::see(back)
    }

    /// Shows a paper that no journal can tell of: there is no centre yet.
    pub fn show(&self, pdf: &Pdf) -> Result<()> {
        self.show_outside(&pdf.bytes, "pdf")
    }

    /// Hands a file to the system's viewer; it is gone when the centre locks.
    pub fn show_outside(&self, bytes: &[u8], ending: &str) -> Result<()> {
        let app = &self.app;
        let shown = app
            .spool
            .put(&app.world, bytes, ending)
            .and_then(|path| app.outside.show(&path));
        shown.map_err(|_| paper::Refusal::NotShown)?;
        self.say("paper.said.shown");
        Ok(())
    }
}

pub enum Answer {
    Page(StatusCode, String),
    /// A picture for a page of the program: its media type and bytes.
    Picture(&'static str, Vec<u8>),
    See(String),
    Missing,
}

impl Answer {
    pub fn page(template: &impl askama::Template) -> Result {
        Self::with(StatusCode::OK, template)
    }

    /// The same page again, with what was typed and what is wrong with it.
    pub fn refused(template: &impl askama::Template) -> Result {
        Self::with(StatusCode::UNPROCESSABLE_ENTITY, template)
    }

    pub fn see(place: impl Into<String>) -> Result {
        Ok(Self::See(place.into()))
    }

    fn with(status: StatusCode, template: &impl askama::Template) -> Result {
        template
            .render()
            .map(|html| Self::Page(status, html))
            .map_err(|_| Refusal::Missing)
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
            Self::Picture(kind, bytes) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
            Self::See(place) => {
                (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
            }
            Self::Missing => StatusCode::NOT_FOUND.into_response(),
        }
    }
}
