//! The lock screen: name and passphrase in, keys out of memory when locked.
//! Words: lock, unlock. Rules: safety.md 2 and 7, in the vault.

use askama::Template;

use crate::vault::secret::Passphrase;
use crate::vault::words;
use crate::web::access::Route;
use crate::web::{Answer, Call, Ctx, Field, Handler};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::LockPage, page),
    (Route::Unlock, unlock),
    (Route::Lock, lock),
];

#[derive(Template)]
#[template(path = "lock/lock.html")]
struct LockPage<'p> {
    c: &'p Ctx,
    name: Field,
    passphrase: Field,
    refused: Option<String>,
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

fn page(call: &Call) -> Answer {
    Answer::page(&LockPage::new(&call.context(), "", None))
}

fn unlock(call: &Call) -> Answer {
    let typed = call.sent.get("name");
    match call
        .app
        .vault
        .unlock_named(typed, &Passphrase::new(call.sent.get("passphrase")))
    {
        Ok(actor) => {
            call.seat(|seat| {
                seat.actor = Some(actor);
                seat.name = typed.trim().to_owned();
            });
            Answer::See("/")
        }
        Err(refusal) => {
            let c = call.context();
            let why = c.because(&refusal);
            Answer::refused(&LockPage::new(&c, typed, Some(why)))
        }
    }
}

fn lock(call: &Call) -> Answer {
    if let Some(actor) = call.seat(|seat| seat.actor.take()) {
        call.app.vault.lock(actor);
    }
    Answer::See("/lock")
}
