//! The pages of set-up, in their order.

use askama::Template;

use super::draft::{draft, found};
use super::sheet::{self, Check, Ways};
use crate::kit::lang::Lang;
use crate::papers::{self, RecoverySheet};
use crate::settings::SwapNotice;
use crate::settings::forms::{Part, SettingsForm};
use crate::vault::secret::Passphrase;
use crate::vault::words;
use crate::web::access::Route;
use crate::web::{Answer, Call, Ctx, Field, Handler, Result};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::SetUp, language),
    (Route::SetUpLanguage, choose_language),
    (Route::SetUpKind, kind),
    (Route::SetUpKindTold, choose_kind),
    (Route::SetUpCentre, centre),
    (Route::SetUpCentreTold, centre_told),
    (Route::SetUpWeek, week),
    (Route::SetUpWeekTold, week_told),
    (Route::SetUpLanguages, languages),
    (Route::SetUpLanguagesTold, languages_told),
    (Route::SetUpKeeping, keeping),
    (Route::SetUpKeepingTold, keeping_told),
    (Route::SetUpManager, manager),
    (Route::SetUpManagerTold, manager_told),
    (Route::Sheet, sheet),
    (Route::PrintSheet, print_sheet),
    (Route::Check, check),
    (Route::Checked, checked),
];

const WAYS: Ways = Ways {
    words: "/setup/sheet",
    check: "/setup/check",
    finish: "setup.check.finish",
};

/// Where a page stands among all of them.
fn step(n: usize) -> Vec<&'static str> {
    const PAGES: usize = 9;
    (1..=PAGES)
        .map(|page| match page.cmp(&n) {
            std::cmp::Ordering::Less => "done",
            std::cmp::Ordering::Equal => "here",
            std::cmp::Ordering::Greater => "",
        })
        .collect()
}

#[derive(Template)]
#[template(path = "setup/language.html")]
struct Language<'p> {
    c: &'p Ctx,
    step: Vec<&'static str>,
    /// Whether an earlier centre was put aside here.
    aside: bool,
}

#[derive(Template)]
#[template(path = "setup/kind.html")]
struct Kind<'p> {
    c: &'p Ctx,
    step: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "setup/part.html")]
struct PartPage<'p> {
    c: &'p Ctx,
    step: Vec<&'static str>,
    title: String,
    lead: String,
    action: &'static str,
    back: &'static str,
    part: Part,
    form: SettingsForm,
}

#[derive(Template)]
#[template(path = "setup/manager.html")]
struct Manager<'p> {
    c: &'p Ctx,
    step: Vec<&'static str>,
    manager: Field,
    passphrase: Field,
    again: Field,
    offered: String,
    swap: Option<SwapNotice>,
    /// The page before it: a practice centre was asked less.
    back: &'static str,
}

fn language(call: &Call) -> Result {
    let c = &call.context();
    let aside = call.app.vault.aside().is_some();
    let step = step(1);
    Answer::page(&Language { c, step, aside })
}

fn choose_language(call: &Call) -> Result {
    if let Some(lang) = Lang::from_tag(call.sent.get("lang")) {
        call.seat(|seat| seat.lang = lang);
    }
    if call.app.practice {
        draft(call, |draft| draft.settings.practice = true);
        return Answer::see("/setup/centre");
    }
    Answer::see("/setup/kind")
}

fn kind(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&Kind { c, step: step(2) })
}

fn choose_kind(call: &Call) -> Result {
    if call.sent.get("kind") == "stick" {
        return Answer::see("/setup/stick");
    }
    let practice = call.sent.get("kind") == "practice";
    draft(call, |draft| draft.settings.practice = practice);
    Answer::see("/setup/centre")
}

fn part_page<'p>(c: &'p Ctx, part: Part, form: SettingsForm) -> PartPage<'p> {
    let (n, title, lead, action, back) = match part {
        Part::Week => (
            4,
            "settings.part.week",
            "setup.week.lead",
            "/setup/week",
            "/setup/centre",
        ),
        Part::Languages => (
            5,
            "settings.part.languages",
            "setup.languages.lead",
            "/setup/languages",
            "/setup/week",
        ),
        Part::Keeping => (
            6,
            "settings.part.keeping",
            "setup.keeping.lead",
            "/setup/keeping",
            "/setup/languages",
        ),
        Part::Centre | Part::All => (
            3,
            "settings.part.centre",
            "setup.lead",
            "/setup/centre",
            "/setup/kind",
        ),
    };
    PartPage {
        c,
        step: step(n),
        title: c.t(title),
        lead: c.t(lead),
        action,
        back,
        part,
        form,
    }
}

fn show(call: &Call, part: Part) -> Result {
    let c = &call.context();
    let settings = draft(call, |draft| draft.settings.clone());
    Answer::page(&part_page(c, part, SettingsForm::of(c, &settings)))
}

fn take(call: &Call, part: Part, next: &'static str) -> Result {
    let c = &call.context();
    let before = draft(call, |draft| draft.settings.clone());
    let mut form = SettingsForm::of(c, &before);
    match form.read(c, &call.sent, &before, part) {
        Some(settings) => {
            draft(call, |draft| draft.settings = settings);
            Answer::see(next)
        }
        None => Answer::refused(&part_page(c, part, form)),
    }
}

fn centre(call: &Call) -> Result {
    show(call, Part::Centre)
}

/// A practice centre needs no more than a name.
fn centre_told(call: &Call) -> Result {
    let practice = draft(call, |draft| draft.settings.practice);
    take(
        call,
        Part::Centre,
        if practice {
            "/setup/manager"
        } else {
            "/setup/week"
        },
    )
}

fn week(call: &Call) -> Result {
    show(call, Part::Week)
}

fn week_told(call: &Call) -> Result {
    take(call, Part::Week, "/setup/languages")
}

fn languages(call: &Call) -> Result {
    show(call, Part::Languages)
}

fn languages_told(call: &Call) -> Result {
    take(call, Part::Languages, "/setup/keeping")
}

fn keeping(call: &Call) -> Result {
    show(call, Part::Keeping)
}

fn keeping_told(call: &Call) -> Result {
    take(call, Part::Keeping, "/setup/manager")
}

impl<'p> Manager<'p> {
    fn new(call: &Call, c: &'p Ctx) -> Self {
        Self {
            c,
            step: step(7),
            manager: Field::new("manager", 80).typed(&draft(call, |draft| draft.manager.clone())),
            passphrase: Field::new("passphrase", words::LONGEST),
            again: Field::new("again", words::LONGEST),
            offered: words::offered_again(call.sent.get("offered"), &call.app.world),
            swap: SwapNotice::of(call, c),
            back: match draft(call, |draft| draft.settings.practice) {
                true => "/setup/centre",
                false => "/setup/keeping",
            },
        }
    }
}

fn manager(call: &Call) -> Result {
    if draft(call, |draft| draft.settings.name.is_empty()) {
        return Answer::see("/setup/centre");
    }
    let c = &call.context();
    Answer::page(&Manager::new(call, c))
}

fn manager_told(call: &Call) -> Result {
    let c = &call.context();
    let mut page = Manager::new(call, c);
    let name = page.manager.required(c, &call.sent);
    let passphrase = Passphrase::new(call.sent.get("passphrase"));
    let centre = draft(call, |draft| draft.settings.name.clone());
    let names = [centre.as_str(), call.sent.get("manager")];
    let strong = words::strong_enough(&passphrase, true, &names);
    if let Err(weak) = &strong {
        page.passphrase.wrong(c.because(weak));
    }
    let same = passphrase.as_str() == Passphrase::new(call.sent.get("again")).as_str();
    if !same {
        page.again.wrong(c.t("setup.refusal.again"));
    }
    let strong = strong.is_ok() && same;
    let (Some(name), true) = (name, strong) else {
        if strong {
            page.passphrase.wrong(c.t("setup.refusal.type_again"));
        }
        return Answer::refused(&page);
    };
    draft(call, |draft| {
        draft.manager = name;
        draft.passphrase = Some(passphrase);
    });
    Answer::see("/setup/sheet")
}

fn sheet(call: &Call) -> Result {
    if draft(call, |draft| draft.passphrase.is_none()) {
        return Answer::see("/setup/manager");
    }
    let c = &call.context();
    draft(call, |draft| sheet::show(c, step(8), &draft.sheet, &WAYS))
}

/// The only paper that no journal tells of: nothing is founded yet.
fn print_sheet(call: &Call) -> Result {
    if draft(call, |draft| draft.passphrase.is_none()) {
        return Answer::see("/setup/manager");
    }
    let c = &call.context();
    let document = draft(call, |draft| {
        let sheet = RecoverySheet {
            centre: draft.centre,
            name: &draft.settings.name,
            place: draft.settings.place.as_deref(),
            words: &draft.sheet.words(),
            made: c.today(),
        };
        papers::recovery_sheet(c, &sheet)
    })?;
    call.show(&document.pdf(call.app.world.now())?)?;
    Answer::see(WAYS.words)
}

fn check(call: &Call) -> Result {
    if draft(call, |draft| draft.passphrase.is_none()) {
        return Answer::see("/setup/manager");
    }
    let c = &call.context();
    Answer::page(&Check::new(call, c, step(9), &WAYS))
}

fn checked(call: &Call) -> Result {
    let c = &call.context();
    let mut page = Check::new(call, c, step(9), &WAYS);
    if !draft(call, |draft| page.fits(&draft.sheet)) {
        return Answer::refused(&page);
    }
    match found(call) {
        Ok(()) => {
            call.say("setup.founded");
            Answer::see("/")
        }
        Err(refusal) => {
            page.refused = Some(c.because(&refusal));
            Answer::refused(&page)
        }
    }
}
