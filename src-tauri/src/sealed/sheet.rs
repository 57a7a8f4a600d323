//! The sheet of the two: its words are shown, written down and typed back in part. The other of the
//! two stands by.

use askama::Template;

use crate::kit::id::UserId;
use crate::lock;
use crate::papers;
use crate::setup::sheet::{self, Check, Ways};
use crate::vault::secret::Passphrase;
use crate::vault::words::{self, RecoveryWords};
use crate::vault::{Refusal, sealed, user_called};
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

/// How whoever is in stands to what is sealed.
enum Stands {
    NotNamed,
    Alone,
    /// Beside the other of the two.
    With(UserId, String),
}

fn stands(call: &Call) -> Result<Stands> {
    let own = call.actor()?.user;
    call.read(|db| {
        let Some(pair) = sealed::pair(db)?.filter(|pair| pair.names(own)) else {
            return Ok(Stands::NotNamed);
        };
        let other = pair.named().into_iter().find(|user| *user != own);
        match other {
            Some(user) => Ok(Stands::With(user, user_called(db, user)?)),
            None => Ok(Stands::Alone),
        }
    })
}

impl<'p> Begin<'p> {
    fn new(c: &'p Ctx, stands: &Stands) -> Self {
        Self {
            c,
            other: match stands {
                Stands::With(_, name) => Some(name.clone()),
                Stands::NotNamed | Stands::Alone => None,
            },
            passphrase: Field::new("passphrase", words::LONGEST),
        }
    }
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    match stands(call)? {
        Stands::NotNamed => Answer::see("/sealed"),
        stands => Answer::page(&Begin::new(c, &stands)),
    }
}

pub fn told(call: &Call) -> Result {
    let c = &call.context();
    let stands = stands(call)?;
    let witness = match &stands {
        Stands::NotNamed => return Answer::see("/sealed"),
        Stands::Alone => None,
        Stands::With(user, _) => {
            let passphrase = Passphrase::new(call.sent.get("passphrase"));
            let why = match call.app.vault.stands_by(*user, &passphrase) {
                Ok(()) => None,
                Err(wrong @ Refusal::Passphrase) => Some(c.because(&wrong)),
                Err(Refusal::Wait(seconds)) => Some(lock::wait(c, seconds)),
                Err(other) => return Err(other),
            };
            if let Some(why) = why {
                let mut page = Begin::new(c, &stands);
                page.passphrase.wrong(why);
                return Answer::refused(&page);
            }
            Some(*user)
        }
    };
    let sheet = RecoveryWords::random(&call.app.world);
    call.seat(|seat| seat.draft = Some(Box::new(Draft { witness, sheet })));
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
    let words = draft(call, |draft| draft.sheet.words());
    sheet::print(call, words, &WAYS, papers::sealed_sheet)
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
