//! The first run: names the centre, gives the first manager a passphrase, has the recovery sheet
//! written down and partly typed back, and only then founds the centre.

use askama::Template;

use crate::kit::world::World;
use crate::vault::keyfile::Cost;
use crate::vault::secret::Passphrase;
use crate::vault::words::{self, RecoveryWords};
use crate::vault::{Founding, Roles};
use crate::web::access::Route;
use crate::web::{Answer, Call, Ctx, Draft, Field, Handler, Result};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::SetUp, ask),
    (Route::SetUpTold, told),
    (Route::Sheet, sheet),
    (Route::Check, check),
    (Route::Checked, checked),
];

/// Which words of the sheet are typed back: early, middle and late, so that no third is missing.
const ASKED: [(&str, usize); 3] = [("word-4", 3), ("word-13", 12), ("word-22", 21)];

#[derive(Template)]
#[template(path = "setup/told.html")]
struct Told<'p> {
    c: &'p Ctx,
    centre: &'p Field,
    manager: &'p Field,
    passphrase: &'p Field,
    again: &'p Field,
    offered: String,
}

#[derive(Template)]
#[template(path = "setup/sheet.html")]
struct Sheet<'p> {
    c: &'p Ctx,
    words: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "setup/check.html")]
struct Check<'p> {
    c: &'p Ctx,
    fields: Vec<(Field, String)>,
    refused: Option<String>,
}

struct Form {
    centre: Field,
    manager: Field,
    passphrase: Field,
    again: Field,
}

impl Form {
    fn new() -> Self {
        Self {
            centre: Field::new("centre", 120),
            manager: Field::new("manager", 80),
            passphrase: Field::new("passphrase", words::LONGEST),
            again: Field::new("again", words::LONGEST),
        }
    }

    fn show<'p>(&'p self, c: &'p Ctx, world: &World) -> Told<'p> {
        Told {
            c,
            centre: &self.centre,
            manager: &self.manager,
            passphrase: &self.passphrase,
            again: &self.again,
            offered: words::offered(world),
        }
    }
}

fn ask(call: &Call) -> Result {
    Answer::page(&Form::new().show(&call.context(), &call.app.world))
}

fn told(call: &Call) -> Result {
    let c = call.context();
    let mut form = Form::new();
    let centre = form.centre.required(&c, &call.sent);
    let manager = form.manager.required(&c, &call.sent);
    let passphrase = Passphrase::new(call.sent.get("passphrase"));
    let strong = words::strong_enough(
        &passphrase,
        true,
        &[call.sent.get("centre"), call.sent.get("manager")],
    );
    if let Err(weak) = &strong {
        form.passphrase.wrong(c.because(weak));
    }
    let same = passphrase.as_str() == Passphrase::new(call.sent.get("again")).as_str();
    if !same {
        form.again.wrong(c.t("setup.refusal.again"));
    }
    let (Some(centre), Some(manager), Ok(()), true) = (centre, manager, strong, same) else {
        return Answer::refused(&form.show(&c, &call.app.world));
    };
    let sheet = RecoveryWords::random(&call.app.world);
    call.seat(|seat| {
        seat.draft = Some(Draft {
            centre,
            manager,
            passphrase,
            sheet,
        })
    });
    Answer::see("/setup/sheet")
}

fn sheet(call: &Call) -> Result {
    match call.seat(|seat| seat.draft.as_ref().map(|draft| draft.sheet.words())) {
        Some(words) => Answer::page(&Sheet {
            c: &call.context(),
            words,
        }),
        None => Answer::see("/setup"),
    }
}

fn check(call: &Call) -> Result {
    if call.seat(|seat| seat.draft.is_none()) {
        return Answer::see("/setup");
    }
    Answer::page(&Check {
        c: &call.context(),
        fields: asked(call),
        refused: None,
    })
}

fn asked(call: &Call) -> Vec<(Field, String)> {
    ASKED
        .iter()
        .map(|(name, place)| {
            (
                Field::new(name, 12).typed(call.sent.get(name)),
                (place + 1).to_string(),
            )
        })
        .collect()
}

fn checked(call: &Call) -> Result {
    let Some(draft) = call.seat(|seat| seat.draft.take()) else {
        return Answer::see("/setup");
    };
    let words = draft.sheet.words();
    let mut fields = asked(call);
    let mut right = true;
    let c = call.context();
    for ((field, _), (_, place)) in fields.iter_mut().zip(ASKED) {
        if words.get(place).copied() != Some(field.value.trim().to_lowercase().as_str()) {
            right = false;
            field.wrong(c.t("setup.refusal.word"));
        }
    }
    if !right {
        call.seat(|seat| seat.draft = Some(draft));
        return Answer::refused(&Check {
            c: &c,
            fields,
            refused: None,
        });
    }
    match found(call, &draft) {
        Ok(()) => Answer::see("/"),
        Err(refusal) => {
            call.seat(|seat| seat.draft = Some(draft));
            Answer::refused(&Check {
                c: &c,
                fields,
                refused: Some(c.because(&refusal)),
            })
        }
    }
}

fn found(call: &Call, draft: &Draft) -> Result<()> {
    let vault = &call.app.vault;
    let founded = vault.found(&Founding {
        centre_name: &draft.centre,
        manager_name: &draft.manager,
        language: call.seat(|seat| seat.lang),
        roles: Roles::MANAGER.and(Roles::DESK),
        passphrase: &draft.passphrase,
        recovery: &draft.sheet,
        cost: Cost::FLOOR,
    })?;
    let actor = vault.unlock(founded.user, &draft.passphrase)?;
    call.seat(|seat| {
        seat.actor = Some(actor);
        seat.name.clone_from(&draft.manager);
    });
    call.say("setup.founded");
    Ok(())
}
