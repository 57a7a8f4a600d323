//! Every passphrase forgotten and no sheet: what that means, and an empty centre beside the old
//! files, which stay as they are.

use askama::Template;

use crate::web::{Answer, Call, Ctx, Field, Result};

#[derive(Template)]
#[template(path = "recovery/nothing.html")]
struct Nothing<'p> {
    c: &'p Ctx,
    sure: Field,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    let sure = Field::new("sure", 3);
    Answer::page(&Nothing { c, sure })
}

pub fn set_aside(call: &Call) -> Result {
    let c = &call.context();
    if call.sent.get("sure") != "yes" {
        let mut sure = Field::new("sure", 3);
        sure.wrong(c.t("recovery.refusal.sure"));
        return Answer::refused(&Nothing { c, sure });
    }
    call.app.vault.set_aside()?;
    call.seat(|seat| seat.draft = None);
    Answer::see("/setup")
}

pub fn take_back(call: &Call) -> Result {
    call.app.vault.take_back()?;
    let language = call.app.vault.language();
    call.seat(|seat| {
        seat.draft = None;
        seat.lang = language;
    });
    Answer::see("/lock")
}
