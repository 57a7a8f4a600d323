//! Where each person arrives after unlocking.

use askama::Template;
use rusqlite::named_params;

use crate::kit::lang::Lang;
use crate::vault::{Event, Refusal};
use crate::web::access::Route;
use crate::web::{Answer, Call, Ctx, Handler, Result};

pub const ROUTES: &[(Route, Handler)] = &[(Route::Home, home), (Route::Language, language)];

#[derive(Template)]
#[template(path = "home/home.html")]
struct Home<'p> {
    c: &'p Ctx,
}

fn home(call: &Call) -> Result {
    Answer::page(&Home { c: &call.context() })
}

/// Changes the window's language and, for whoever is in, their own.
fn language(call: &Call) -> Result {
    if let Some(lang) = Lang::from_tag(call.sent.get("lang")) {
        call.seat(|seat| seat.lang = lang);
        if let Ok(actor) = call.actor() {
            call.write(|tx| {
                tx.execute(
                    "update user set language = :language where id = :id",
                    named_params! { ":language": lang, ":id": actor.user },
                )?;
                Ok::<_, Refusal>(((), Event::LanguageChosen { user: actor.user }))
            })?;
        }
    }
    let back = call.sent.get("back");
    let own = back.starts_with('/') && !back.starts_with("//");
    Answer::see(if own { back } else { "/" })
}
