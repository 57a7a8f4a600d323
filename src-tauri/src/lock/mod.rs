//! The lock screen: name and passphrase in, keys out of memory when locked.
//! Words: lock, unlock. Rules: safety.md 2 and 7, in the vault.

use askama::Template;
use rusqlite::named_params;

use crate::kit::lang::Lang;
use crate::settings::{self, Settings};
use crate::vault::secret::Passphrase;
use crate::vault::{Actor, Refusal, words};
use crate::web::access::Route;
use crate::web::{Answer, Call, Ctx, Field, Handler, Result};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::LockPage, page),
    (Route::Unlock, unlock),
    (Route::Lock, lock),
    (Route::Hide, hide),
    (Route::Cover, cover),
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

fn page(call: &Call) -> Result {
    Answer::page(&LockPage::new(&call.context(), "", None))
}

fn unlock(call: &Call) -> Result {
    let typed = call.sent.get("name");
    match call
        .app
        .vault
        .unlock_named(typed, &Passphrase::new(call.sent.get("passphrase")))
    {
        Ok(entered) => {
            sit_down(call, entered.actor)?;
            if entered.failed_before > 0 {
                let count = entered.failed_before.to_string();
                call.say_of("lock.failed_before", &count, None);
            }
            Answer::see("/")
        }
        Err(refusal) => {
            let c = call.context();
            let why = match &refusal {
                Refusal::Wait(seconds) => {
                    c.tw("vault.refusal.wait", &[("seconds", &seconds.to_string())])
                }
                other => c.because(other),
            };
            Answer::refused(&LockPage::new(&c, typed, Some(why)))
        }
    }
}

/// Seats whoever unlocked: their own name and language, the centre's idle time.
pub fn sit_down(call: &Call, actor: Actor) -> Result<()> {
    let (name, lang, settings) = call.read(|db| {
        let (name, lang) = db
            .one(
                "select name, language from user where id = :id",
                named_params! { ":id": actor.user },
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?
            .ok_or(Refusal::Missing)?;
        Ok::<(String, Lang, Settings), Refusal>((name, lang, settings::of(db)?))
    })?;
    call.seat(|seat| {
        seat.actor = Some(actor);
        seat.name = name;
        seat.lang = lang;
        seat.idle_minutes = settings.idle_minutes;
        seat.practice = settings.practice;
    });
    Ok(())
}

fn lock(call: &Call) -> Result {
    close(call);
    Answer::see("/lock")
}

/// Locks, and shows what could hang on any wall.
fn hide(call: &Call) -> Result {
    close(call);
    Answer::see("/cover")
}

fn close(call: &Call) {
    if let Some(actor) = call.seat(|seat| seat.actor.take()) {
        call.app.vault.lock(actor);
    }
}

fn cover(call: &Call) -> Result {
    Answer::page(&Cover { c: &call.context() })
}
