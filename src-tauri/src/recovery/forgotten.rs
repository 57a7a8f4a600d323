//! From the lock screen: the words of the sheet, a manager with a new passphrase, a new sheet.

use askama::Template;

use crate::kit::id::UserId;
use crate::lock;
use crate::papers::{self, RecoverySheet};
use crate::setup::sheet::{self, Check, Ways};
use crate::vault::keyfile::Cost;
use crate::vault::secret::Passphrase;
use crate::vault::words::{self, NotRecoveryWords, RecoveryWords};
use crate::vault::{ByWords, Refusal};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result};

const WAYS: Ways = Ways {
    words: "/forgotten/sheet",
    check: "/forgotten/check",
    finish: "recovery.finish",
};

/// 24 words of at most 8 letters, with what people put between them.
const LONGEST: usize = 400;

/// What the pages have been told so far; gone with the window.
struct Draft {
    words: RecoveryWords,
    centre: ByWords,
    chosen: Option<(UserId, Passphrase)>,
    sheet: RecoveryWords,
}

/// Looks at the draft, which begins with the words of a sheet; without it, the way begins anew.
fn draft<T>(call: &Call, with: impl FnOnce(&mut Draft) -> T) -> Option<T> {
    call.seat(|seat| {
        let draft = seat.draft.as_mut()?.downcast_mut()?;
        Some(with(draft))
    })
}

fn from_the_start() -> Result {
    Answer::see("/forgotten")
}

#[derive(Template)]
#[template(path = "recovery/forgotten.html")]
struct Forgotten<'p> {
    c: &'p Ctx,
    words: Field,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&Forgotten {
        c,
        words: Field::new("sheet-words", LONGEST),
    })
}

pub fn told(call: &Call) -> Result {
    let c = &call.context();
    let mut field = Field::new("sheet-words", LONGEST);
    let read = field.read(c, &call.sent, |typed, limit| {
        if typed.chars().count() > limit {
            return Err(NotRecoveryWords);
        }
        RecoveryWords::parse(typed)
    });
    let Some(words) = read else {
        return Answer::refused(&Forgotten { c, words: field });
    };
    match call.app.vault.by_words(&words) {
        Ok(centre) => {
            let draft = Draft {
                words,
                centre,
                chosen: None,
                sheet: RecoveryWords::random(&call.app.world),
            };
            call.seat(|seat| seat.draft = Some(Box::new(draft)));
            Answer::see("/forgotten/manager")
        }
        Err(refusal) => {
            field.wrong(c.because(&refusal));
            Answer::refused(&Forgotten { c, words: field })
        }
    }
}

#[derive(Template)]
#[template(path = "recovery/manager.html")]
struct Manager<'p> {
    c: &'p Ctx,
    manager: Field,
    managers: Vec<Choice>,
    passphrase: Field,
    again: Field,
    offered: String,
}

impl<'p> Manager<'p> {
    fn new(call: &Call, c: &'p Ctx, managers: &[(UserId, String)]) -> Self {
        let sent = call.sent.get("manager");
        let managers = managers.iter().enumerate().map(|(place, (id, name))| {
            let chosen = id.to_string() == sent || (sent.is_empty() && place == 0);
            Choice::new(id.to_string(), name.clone(), chosen)
        });
        Self {
            c,
            manager: Field::new("manager", 32),
            managers: managers.collect(),
            passphrase: Field::new("passphrase", words::LONGEST),
            again: Field::new("again", words::LONGEST),
            offered: words::offered(&call.app.world),
        }
    }
}

pub fn regain(call: &Call) -> Result {
    let c = &call.context();
    match draft(call, |draft| draft.centre.managers.clone()) {
        Some(managers) => Answer::page(&Manager::new(call, c, &managers)),
        None => from_the_start(),
    }
}

pub fn regain_told(call: &Call) -> Result {
    let c = &call.context();
    let Some(managers) = draft(call, |draft| draft.centre.managers.clone()) else {
        return from_the_start();
    };
    let mut page = Manager::new(call, c, &managers);
    let sent = call.sent.get("manager");
    let chosen = managers.iter().find(|(id, _)| id.to_string() == sent);
    let Some((id, name)) = chosen else {
        page.manager.wrong(c.t("recovery.refusal.manager"));
        return Answer::refused(&page);
    };
    let passphrase = Passphrase::new(call.sent.get("passphrase"));
    let strong = words::strong_enough(&passphrase, true, &[name]);
    if let Err(weak) = &strong {
        page.passphrase.wrong(c.because(weak));
    }
    let same = passphrase.as_str() == Passphrase::new(call.sent.get("again")).as_str();
    if !same {
        page.again.wrong(c.t("setup.refusal.again"));
    }
    if strong.is_err() || !same {
        return Answer::refused(&page);
    }
    draft(call, |draft| draft.chosen = Some((*id, passphrase)));
    Answer::see(WAYS.words)
}

pub fn sheet(call: &Call) -> Result {
    let c = &call.context();
    let shown = draft(call, |draft| {
        let ready = draft.chosen.is_some();
        ready.then(|| sheet::show(c, Vec::new(), &draft.sheet, &WAYS))
    });
    shown.flatten().unwrap_or_else(from_the_start)
}

/// As at set-up, no journal tells of it: nobody is in. That the sheet was replaced is told.
pub fn print(call: &Call) -> Result {
    let c = &call.context();
    let document = draft(call, |draft| {
        papers::recovery_sheet(
            c,
            &RecoverySheet {
                centre: draft.centre.id,
                name: &draft.centre.name,
                place: None,
                words: &draft.sheet.words(),
                made: c.today(),
            },
        )
    });
    let Some(document) = document else {
        return from_the_start();
    };
    call.show(&document?.pdf(call.app.world.now())?)?;
    Answer::see(WAYS.words)
}

pub fn check(call: &Call) -> Result {
    let c = &call.context();
    match draft(call, |draft| draft.chosen.is_some()) {
        Some(true) => Answer::page(&Check::new(call, c, Vec::new(), &WAYS)),
        _ => from_the_start(),
    }
}

pub fn checked(call: &Call) -> Result {
    let c = &call.context();
    let mut page = Check::new(call, c, Vec::new(), &WAYS);
    let vault = &call.app.vault;
    let cost = Cost::here(&call.app.world);
    let regained = draft(call, |draft| {
        let (user, passphrase) = draft.chosen.as_ref()?;
        if !page.fits(&draft.sheet) {
            return Some(None);
        }
        let regained = vault.recover(&draft.words, *user, passphrase, &draft.sheet, cost);
        Some(Some(regained))
    });
    match regained.flatten() {
        None => from_the_start(),
        Some(None) => Answer::refused(&page),
        Some(Some(Ok(actor))) => {
            call.seat(|seat| seat.draft = None);
            lock::sit_down(call, actor)?;
            call.say("recovery.said.regained");
            Answer::see("/")
        }
        Some(Some(Err(Refusal::Missing))) => from_the_start(),
        Some(Some(Err(refusal))) => {
            page.refused = Some(c.because(&refusal));
            Answer::refused(&page)
        }
    }
}
