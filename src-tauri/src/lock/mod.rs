//! The lock screen: name and passphrase in, keys out of memory when locked.
//! Words: lock, unlock. Rules: safety.md 2 and 7, in the vault.

mod kept;
pub mod pin;

use askama::Template;
use axum::http::StatusCode;
use chrono::DateTime;
use rusqlite::named_params;

use crate::kit::lang::Lang;
use crate::kit::lists::TextSize;
use crate::kit::text;
use crate::settings::{self, Settings};
use crate::vault::secret::Passphrase;
use crate::vault::{self, Actor, CaseworkEvent, Event, News, Refusal, Roles, Vault, words};
use crate::web::access::{self, Route};
use crate::web::{Answer, Call, Ctx, Field, Handler, Hidden, Result};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::LockPage, page),
    (Route::Unlock, unlock),
    (Route::Lock, lock),
    (Route::Hide, hide),
    (Route::Cover, cover),
    (Route::Here, here),
    (Route::ComeBack, come_back),
    (Route::SetPin, set_pin),
    (Route::News, news),
];

#[derive(Template)]
#[template(path = "lock/lock.html")]
struct LockPage<'p> {
    c: &'p Ctx,
    name: Field,
    passphrase: Field,
    refused: Option<String>,
}

#[derive(Template)]
#[template(path = "shared/cover.html")]
struct Cover<'p> {
    c: &'p Ctx,
}

impl<'p> LockPage<'p> {
    fn new(c: &'p Ctx, name: &str, refused: Option<String>) -> Self {
        Self {
            c,
            name: Field::new("name", 80).typed(name),
            passphrase: Field::new("passphrase", words::LONGEST),
            refused,
        }
    }
}

#[derive(Template)]
#[template(path = "lock/back.html")]
struct Back<'p> {
    c: &'p Ctx,
    pin: Field,
}

impl<'p> Back<'p> {
    fn new(c: &'p Ctx) -> Self {
        Self {
            c,
            pin: Field::new("pin", pin::LONGEST),
        }
    }
}

/// Asks for the PIN of whoever hid the window, unless they want to give the passphrase.
fn page(call: &Call) -> Result {
    call.app.lock_hidden();
    let hidden = call.seat(|seat| {
        // Whoever comes here has left the way that a recovery sheet opens: its words go.
        if seat.actor.is_none() {
            seat.draft = None;
        }
        seat.hidden.is_some()
    });
    let c = &call.context();
    if hidden && call.sent.get("with") != "passphrase" {
        return Answer::page(&Back::new(c));
    }
    let damaged = call.app.vault.keys_read().err();
    let why = match call.sent.get("after") {
        "pin" => Some(c.t("lock.pin_dead")),
        _ => damaged.map(|damaged| c.because(&damaged)),
    };
    Answer::page(&LockPage::new(c, "", why))
}

fn unlock(call: &Call) -> Result {
    // Whoever gives a passphrase at a hidden window begins anew.
    if call.seat(|seat| seat.hidden.is_some()) {
        call.app.leave();
    }
    let typed = call.sent.get("name");
    if typed.trim().is_empty() || call.sent.get("passphrase").is_empty() {
        // Nothing was tried: it is no wrong passphrase.
        let c = call.context();
        let mut page = LockPage::new(&c, typed, None);
        let empty = if typed.trim().is_empty() {
            &mut page.name
        } else {
            &mut page.passphrase
        };
        empty.wrong(c.because(&text::Refused::Empty));
        return Answer::refused(&page);
    }
    match call
        .app
        .vault
        .unlock_named(typed, &Passphrase::new(call.sent.get("passphrase")))
    {
        Ok(entered) => {
            sit_down(call, entered.actor)?;
            if entered.failed_before > 0 {
                let count = entered.failed_before.to_string();
                call.warn_of("lock.failed_before", &count);
            }
            // Where the disk is full it waits for the next time.
            let kept = kept::take(call).unwrap_or_default();
            let path = match &kept {
                Some(kept) => kept.path.clone(),
                None if entered.too_weak && entered.failed_before == 0 => {
                    call.warn_of("lock.too_weak", "");
                    "/passphrase".to_owned()
                }
                None => start(entered.actor.roles).to_owned(),
            };
            call.seat(|seat| seat.kept = kept);
            let told = call.read(|db| vault::news(db, entered.actor.user))?;
            Answer::see(if told.is_empty() {
                path
            } else {
                "/news".into()
            })
        }
        Err(refusal) => {
            let c = call.context();
            let why = match &refusal {
                Refusal::Wait(seconds) => wait(&c, *seconds),
                other => c.because(other),
            };
            Answer::refused(&LockPage::new(&c, typed, Some(why)))
        }
    }
}

#[derive(Template)]
#[template(path = "lock/news.html")]
struct NewsPage<'p> {
    c: &'p Ctx,
    /// What happened, and what to do.
    news: Vec<(String, String)>,
    /// Where they were going.
    on: String,
}

/// What somebody should hear of before they start.
fn news(call: &Call) -> Result {
    let kept = call.seat(|seat| seat.kept.as_ref().map(|kept| kept.path.clone()));
    let on = kept.unwrap_or_else(|| "/".into());
    let c = &call.context();
    let user = call.actor()?.user;
    let news = call.read(|db| vault::news(db, user))?;
    let news: Vec<_> = news.iter().filter_map(|news| told(c, news)).collect();
    if news.is_empty() {
        return Answer::see(on);
    }
    Answer::page(&NewsPage { c, news, on })
}

fn told(c: &Ctx, news: &News) -> Option<(String, String)> {
    let at = DateTime::parse_from_rfc3339(&news.at).ok()?;
    let at = c.moment(at.to_utc());
    let (key, what) = match news.event {
        Event::Recovered { .. } => ("lock.news.recovered", "lock.news.recovered_what"),
        Event::SheetRenewed { .. } => ("lock.news.sheet", "lock.news.sheet_what"),
        Event::ClockSetBack { .. } => ("lock.news.clock", "lock.news.clock_what"),
        Event::OlderState { .. } => ("lock.news.older", "lock.news.older_what"),
        Event::OlderCasework => ("lock.news.older_casework", "lock.news.older_what"),
        Event::StrangeSlot { user: Some(_) } => ("lock.news.strange", "lock.news.strange_what"),
        Event::StrangeSlot { user: None } => ("lock.news.strange_sheet", "lock.news.strange_what"),
        Event::BackupRestored { .. } => ("lock.news.restored", "lock.news.restored_what"),
        Event::SealedNamed { .. } => ("lock.news.sealed", "lock.news.sealed_what"),
        Event::UserAdded { .. } => ("lock.news.added", "lock.news.holder_what"),
        Event::RolesChanged { .. } if news.widened => {
            ("lock.news.widened", "lock.news.widened_what")
        }
        Event::RolesChanged { .. } => ("lock.news.raised", "lock.news.holder_what"),
        Event::UserRenewed { .. } => ("lock.news.renewed", "lock.news.holder_what"),
        _ => return None,
    };
    let number = match news.event {
        Event::ClockSetBack { hours } => hours.to_string(),
        Event::OlderState { backup } => backup.to_string(),
        Event::BackupRestored { number, .. } => number.to_string(),
        _ => String::new(),
    };
    let title = c.tw(
        key,
        &[
            ("at", &at),
            ("name", &news.by),
            ("of", &news.of),
            ("hours", &number),
            ("number", &number),
        ],
    );
    Some((title, c.t(what)))
}

/// Seats whoever unlocked: their own name and language, the centre's idle time.
pub fn sit_down(call: &Call, actor: Actor) -> Result<()> {
    let (name, lang, size, settings) = call.read(|db| {
        let (name, lang, size) = db
            .one(
                "select name, language, text_size from user where id = :id",
                named_params! { ":id": actor.user },
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )?
            .ok_or(Refusal::Missing)?;
        Ok::<(String, Lang, TextSize, Settings), Refusal>((name, lang, size, settings::of(db)?))
    })?;
    call.seat(|seat| {
        seat.actor = Some(actor);
        seat.name = name;
        seat.lang = lang;
        seat.size = size;
        seat.idle_minutes = settings.idle_minutes;
        seat.calendar = settings.calendar;
        seat.practice = settings.practice;
    });
    Ok(())
}

fn lock(call: &Call) -> Result {
    close(call, "/lock");
    Answer::see("/lock")
}

/// Shows what could hang on any wall. Whoever has a PIN stays in behind it, all others are out.
fn hide(call: &Call) -> Result {
    let actor = call.actor()?;
    if pin::is_set(&call.app.vault, actor)? {
        let kept = kept::sent(call);
        // The window may be closed, or lie hidden until it locks: then this is all that is left.
        if let Some(kept) = &kept {
            let _ = kept::keep(call, kept);
        }
        let since = call.app.world.utc();
        call.seat(|seat| {
            seat.kept = kept;
            seat.hidden = Some(Hidden { since, wrong: 0 });
        });
        call.app.outside.forget("/cover");
        call.app.spool.clear();
    } else {
        close(call, "/cover");
    }
    Answer::see("/cover")
}

fn close(call: &Call, place: &str) {
    if let Some(kept) = kept::sent(call) {
        // What cannot be kept must not keep the centre unlocked.
        let _ = kept::keep(call, &kept);
    }
    call.app.lock_behind(place);
}

fn come_back(call: &Call) -> Result {
    call.app.lock_hidden();
    let seated = call.seat(|seat| seat.actor.zip(seat.hidden));
    let Some((actor, hidden)) = seated else {
        return Answer::see("/lock");
    };
    if pin::fits(&call.app.vault, actor, call.sent.get("pin"))? {
        let path = call.seat(|seat| {
            seat.hidden = None;
            seat.kept.as_ref().map(|kept| kept.path.clone())
        });
        // Only who is no longer hidden may take it out of the file. Where the disk is full it waits.
        let _ = kept::take(call);
        return Answer::see(path.unwrap_or_else(|| "/".to_owned()));
    }
    let wrong = hidden.wrong + 1;
    if wrong >= pin::TRIES {
        let told = "/lock?after=pin";
        call.app.lock_behind(told);
        return Answer::see(told);
    }
    call.seat(|seat| seat.hidden = Some(Hidden { wrong, ..hidden }));
    let c = call.context();
    let mut page = Back::new(&c);
    let left = (pin::TRIES - wrong).to_string();
    page.pin
        .wrong(c.tw("lock.refusal.pin_wrong", &[("left", &left)]));
    Answer::refused(&page)
}

/// Sets the PIN of whoever asks, or takes it away where nothing was typed. With their passphrase: a
/// window left open for a moment must not become one that a stranger opens again.
fn set_pin(call: &Call) -> Result {
    let actor = call.actor()?;
    let c = &call.context();
    let mut form = PinForm::new(call)?;
    let typed = call.sent.get("pin");
    let pin = if typed.trim().is_empty() {
        None
    } else {
        match pin::Pin::parse(typed) {
            Ok(pin) => Some(pin),
            Err(wrong) => {
                form.pin.wrong(c.because(&wrong));
                return Answer::refused(&PinPage { c, form });
            }
        }
    };
    let present = Passphrase::new(call.sent.get("present"));
    let why = if present.as_str().is_empty() {
        Some(c.because(&text::Refused::Empty))
    } else {
        match call.app.vault.stands_by(actor.user, &present) {
            Ok(()) => None,
            Err(Refusal::Passphrase) => Some(c.t("lock.refusal.own")),
            Err(Refusal::Wait(seconds)) => Some(wait(c, seconds)),
            Err(other) => return Err(other),
        }
    };
    if let Some(why) = why {
        form.present.wrong(why);
        return Answer::refused(&PinPage { c, form });
    }
    let (user, salt) = (actor.user, call.app.world.bytes());
    if holds_casework(&call.app.vault, actor)? {
        call.write_casework(|tx| {
            pin::put(tx, pin::CONFIDENTIAL, user, pin.as_ref(), &salt)?;
            Ok::<_, Refusal>(((), CaseworkEvent::PinChanged { user }))
        })?;
    } else {
        call.write(|tx| {
            pin::put(tx, pin::PLAIN, user, pin.as_ref(), &salt)?;
            Ok::<_, Refusal>(((), Event::PinChanged { user }))
        })?;
    }
    let said = match pin {
        Some(_) => "lock.said.pin_set",
        None => "lock.said.pin_removed",
    };
    call.say(said);
    Answer::see("/passphrase")
}

#[derive(Template)]
#[template(path = "lock/pin.html")]
struct PinPage<'p> {
    c: &'p Ctx,
    form: PinForm,
}

/// What is typed is never sent back.
pub struct PinForm {
    pub pin: Field,
    /// The passphrase of whoever asks.
    pub present: Field,
    /// Whether there is one already.
    pub set: bool,
}

impl PinForm {
    pub fn new(call: &Call) -> Result<Self> {
        Ok(Self {
            pin: Field::new("pin", pin::LONGEST),
            present: Field::new("present", words::LONGEST),
            set: pin::is_set(&call.app.vault, call.actor()?)?,
        })
    }
}

/// Too many wrong passphrases: how long until the next try.
pub fn wait(c: &Ctx, seconds: i64) -> String {
    c.tw("vault.refusal.wait", &[("seconds", &seconds.to_string())])
}

/// A desk user's vault has not even attached casework.db.
fn holds_casework(vault: &Vault, actor: Actor) -> Result<bool> {
    match vault.list_casework(actor, |_| Ok(())) {
        Ok(()) => Ok(true),
        Err(Refusal::Role) => Ok(false),
        Err(other) => Err(other),
    }
}

fn cover(call: &Call) -> Result {
    Answer::page(&Cover { c: &call.context() })
}

/// The page of whoever types or reads for long asks for nothing else.
fn here(_: &Call) -> Result {
    Ok(Answer::Page(StatusCode::NO_CONTENT, String::new()))
}

/// Where the day begins: with what must be done, for those who have cases; else at the desk.
fn start(roles: Roles) -> &'static str {
    if access::may(roles, Route::CaseWork) && !roles.meet(Roles::DESK.and(Roles::MANAGER)) {
        "/cases"
    } else {
        "/"
    }
}
