//! The sheet of the two: its words are shown, written down and typed back in part. The other of the
//! two stands by.

use askama::Template;

use crate::kit::id::UserId;
use crate::kit::paper::Paper;
use crate::papers::{self, RecoverySheet};
use crate::settings;
use crate::setup::sheet::{Check, Ways};
use crate::vault::secret::Passphrase;
use crate::vault::words::{self, RecoveryWords};
use crate::vault::{Refusal, sealed};
use crate::web::{Answer, Call, Ctx, Field, Result};

const WAYS: Ways = Ways {
    words: "/sealed/words",
    check: "/sealed/check",
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
#[template(path = "sealed/sheet.html")]
struct Begin<'p> {
    c: &'p Ctx,
    /// The other of the two, who must stand by.
    other: Option<String>,
    passphrase: Field,
}

/// The other of the two, with their name. Refused to whoever is none of them.
fn other(call: &Call) -> Result<Option<(UserId, String)>> {
    let own = call.actor()?.user;
    call.read(|db| {
        let pair = sealed::pair(db)?.filter(|pair| pair.names(own));
        let named = pair.ok_or(Refusal::Missing)?.named();
        let other = named.into_iter().find(|user| *user != own);
        other
            .map(|user| Ok((user, crate::cases::store::user_name(db, user)?)))
            .transpose()
    })
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&Begin {
        c,
        other: other(call)?.map(|(_, name)| name),
        passphrase: Field::new("passphrase", words::LONGEST),
    })
}

pub fn told(call: &Call) -> Result {
    let c = &call.context();
    let other = other(call)?;
    if let Some((user, name)) = &other {
        let passphrase = Passphrase::new(call.sent.get("passphrase"));
        if !call.app.vault.stands_by(*user, &passphrase)? {
            let mut page = Begin {
                c,
                other: Some(name.clone()),
                passphrase: Field::new("passphrase", words::LONGEST),
            };
            page.passphrase.wrong(c.because(&Refusal::Passphrase));
            return Answer::refused(&page);
        }
    }
    let draft = Draft {
        witness: other.map(|(user, _)| user),
        sheet: RecoveryWords::random(&call.app.world),
    };
    call.seat(|seat| seat.draft = Some(Box::new(draft)));
    Answer::see(WAYS.words)
}

#[derive(Template)]
#[template(path = "sealed/words.html")]
struct Words<'p> {
    c: &'p Ctx,
    words: Vec<&'static str>,
}

pub fn words(call: &Call) -> Result {
    let c = &call.context();
    let shown = draft(call, |draft| {
        Answer::page(&Words {
            c,
            words: draft.sheet.words(),
        })
    });
    shown.unwrap_or_else(|| Answer::see("/sealed"))
}

pub fn print(call: &Call) -> Result {
    let c = &call.context();
    let centre = call.read(settings::of)?;
    let id = call.app.vault.centre().map_err(|_| Refusal::Missing)?;
    let document = draft(call, |draft| {
        papers::sealed_sheet(
            c,
            &RecoverySheet {
                centre: id,
                name: &centre.name,
                place: centre.place.as_deref(),
                words: &draft.sheet.words(),
                made: c.today(),
            },
        )
    });
    let Some(document) = document else {
        return Answer::see("/sealed");
    };
    call.print(Paper::RecoverySheet, None, &document?, WAYS.words)
}

pub fn check(call: &Call) -> Result {
    let c = &call.context();
    match draft(call, |_| ()) {
        Some(()) => Answer::page(&Check::new(call, c, Vec::new(), &WAYS)),
        None => Answer::see("/sealed"),
    }
}

pub fn checked(call: &Call) -> Result {
    let c = &call.context();
    let actor = call.actor()?;
    let mut page = Check::new(call, c, Vec::new(), &WAYS);
    let made = draft(call, |draft| {
        let fits = page.fits(&draft.sheet);
        let vault = &call.app.vault;
        fits.then(|| vault.make_sealed_sheet(actor, draft.witness, &draft.sheet))
    });
    match made {
        None => Answer::see("/sealed"),
        Some(None) => Answer::refused(&page),
        Some(Some(made)) => {
            made?;
            call.seat(|seat| seat.draft = None);
            call.say("sealed.said.sheet");
            Answer::see("/sealed")
        }
    }
}
