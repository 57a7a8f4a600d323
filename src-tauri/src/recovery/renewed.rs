//! From inside: a manager replaces the sheet. Where there is a second manager, they stand by.

use askama::Template;

use crate::kit::id::UserId;
use crate::lock;
use crate::papers;
use crate::setup::sheet::{self, Check, Ways};
use crate::vault::secret::Passphrase;
use crate::vault::words::{self, RecoveryWords};
use crate::vault::{self, Refusal};
use crate::web::{Answer, Call, Ctx, Field, Result};

const WAYS: Ways = Ways {
    words: "/sheet/words",
    check: "/sheet/check",
    finish: "recovery.finish",
};

struct Draft {
    witness: Option<UserId>,
    sheet: RecoveryWords,
}

fn draft<T>(call: &Call, with: impl FnOnce(&mut Draft) -> T) -> Option<T> {
    call.seat(|seat| {
        let draft = seat.draft.as_mut()?.downcast_mut()?;
        Some(with(draft))
    })
}

#[derive(Template)]
#[template(path = "recovery/renew.html")]
struct Renew<'p> {
    c: &'p Ctx,
    /// Whether a second manager must stand by.
    two: bool,
    name: Field,
    passphrase: Field,
}

impl<'p> Renew<'p> {
    fn new(call: &Call, c: &'p Ctx) -> Result<Self> {
        Ok(Self {
            c,
            two: call.read(vault::managers)? > 1,
            name: Field::new("name", 80).typed(call.sent.get("name")),
            passphrase: Field::new("passphrase", words::LONGEST),
        })
    }
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&Renew::new(call, c)?)
}

pub fn told(call: &Call) -> Result {
    let c = &call.context();
    let mut page = Renew::new(call, c)?;
    let own = call.actor()?.user;
    let witness = if page.two {
        let passphrase = Passphrase::new(call.sent.get("passphrase"));
        match call.app.vault.witness(call.sent.get("name"), &passphrase) {
            Ok(other) if other != own => Some(other),
            Ok(_) => {
                page.name.wrong(c.t("recovery.refusal.other"));
                return Answer::refused(&page);
            }
            Err(wrong @ Refusal::Passphrase) => {
                page.passphrase.wrong(c.because(&wrong));
                return Answer::refused(&page);
            }
            Err(Refusal::Wait(seconds)) => {
                page.passphrase.wrong(lock::wait(c, seconds));
                return Answer::refused(&page);
            }
            Err(other) => return Err(other),
        }
    } else {
        None
    };
    let sheet = RecoveryWords::random(&call.app.world);
    call.seat(|seat| seat.draft = Some(Box::new(Draft { witness, sheet })));
    Answer::see(WAYS.words)
}

pub fn sheet(call: &Call) -> Result {
    let c = &call.context();
    let shown = draft(call, |draft| {
        sheet::show(c, Vec::new(), &draft.sheet, &WAYS)
    });
    shown.unwrap_or_else(|| Answer::see("/sheet"))
}

pub fn print(call: &Call) -> Result {
    let words = draft(call, |draft| draft.sheet.words());
    sheet::print(call, words, &WAYS, papers::recovery_sheet)
}

pub fn check(call: &Call) -> Result {
    let c = &call.context();
    match draft(call, |_| ()) {
        Some(()) => Answer::page(&Check::new(call, c, Vec::new(), &WAYS)),
        None => Answer::see("/sheet"),
    }
}

pub fn checked(call: &Call) -> Result {
    let c = &call.context();
    let actor = call.actor()?;
    let mut page = Check::new(call, c, Vec::new(), &WAYS);
    let renewed = draft(call, |draft| {
        let fits = page.fits(&draft.sheet);
        let vault = &call.app.vault;
        fits.then(|| vault.renew_sheet(actor, draft.witness, &draft.sheet))
    });
    match renewed {
        None => Answer::see("/sheet"),
        Some(None) => Answer::refused(&page),
        Some(Some(renewed)) => {
            renewed?;
            call.seat(|seat| seat.draft = None);
            call.say("recovery.said.renewed");
            Answer::see("/users")
        }
    }
}
