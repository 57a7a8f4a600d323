//! The language and text size of a window, and of whoever sits at it.

use rusqlite::named_params;

use crate::kit::lang::Lang;
use crate::kit::lists::TextSize;
use crate::vault::{Event, Refusal};
use crate::web::{Answer, Call, Result};

/// Changes the window's language and, for whoever is in, their own.
pub fn choose(call: &Call) -> Result {
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
    back(call)
}

pub fn choose_size(call: &Call) -> Result {
    if let Some(size) = TextSize::from_code(call.sent.get("size")) {
        call.seat(|seat| seat.size = size);
        if let Ok(actor) = call.actor() {
            call.write(|tx| {
                tx.execute(
                    "update user set text_size = :size where id = :id",
                    named_params! { ":size": size, ":id": actor.user },
                )?;
                Ok::<_, Refusal>(((), Event::LanguageChosen { user: actor.user }))
            })?;
        }
    }
    back(call)
}

fn back(call: &Call) -> Result {
    let back = call.sent.get("back");
    let own = back.starts_with('/') && !back.starts_with("//");
    Answer::see(if own { back } else { "/" })
}
