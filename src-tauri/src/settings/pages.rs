//! The manager's page of settings.

use askama::Template;

use super::forms::{Part, SettingsForm};
use super::laptop::SwapNotice;
use super::rules::Settings;
use super::store;
use crate::kit::lists::{Currency, SpokenLanguage};
use crate::vault::{Event, Refusal};
use crate::web::access::Route;
use crate::web::form::{Fact, differing, theirs};
use crate::web::{Answer, Call, Ctx, Handler, Result};

pub const ROUTES: &[(Route, Handler)] = &[(Route::Settings, page), (Route::SaveSettings, save)];

#[derive(Template)]
#[template(path = "settings/settings.html")]
struct Page<'p> {
    c: &'p Ctx,
    form: SettingsForm,
    version: i64,
    /// What somebody else has written meanwhile.
    theirs: Option<Vec<Fact>>,
    swap: Option<SwapNotice>,
}

fn page(call: &Call) -> Result {
    let c = &call.context();
    let (settings, version) = found(call)?;
    Answer::page(&Page {
        c,
        form: SettingsForm::of(c, &settings),
        version,
        theirs: None,
        swap: SwapNotice::of(call, c),
    })
}

fn found(call: &Call) -> Result<(Settings, i64)> {
    call.read(|db| Ok((store::of(db)?, store::version(db)?)))
}

/// All that the form asks.
fn told(c: &Ctx, settings: &Settings) -> Vec<Fact> {
    let years = |key: &str, number: u32| (c.t(key), number.to_string());
    let currency = Currency::from_code(&settings.currency).map(|one| c.t(&one.label_key()));
    let spoken = settings.languages.iter();
    let spoken: Vec<&str> = spoken
        .filter_map(|code| SpokenLanguage::from_code(code))
        .map(|language| language.own_name)
        .collect();
    vec![
        (c.t("settings.name"), settings.name.clone()),
        (
            c.t("settings.place"),
            settings.place.clone().unwrap_or_default(),
        ),
        (
            c.t("settings.phone"),
            settings.phone.clone().unwrap_or_default(),
        ),
        (c.t("settings.currency"), currency.unwrap_or_default()),
        (
            c.t("settings.week_starts"),
            c.t(settings.week_start.label_key()),
        ),
        (c.t("settings.free_days"), c.t(settings.weekend.label_key())),
        (
            c.t("settings.calendars"),
            c.t(settings.calendar.label_key()),
        ),
        (c.t("settings.languages"), spoken.join(" · ")),
        years("settings.keep_visits", settings.keep_visits),
        years("settings.keep_cases", settings.keep_cases),
        years("settings.keep_leads", settings.keep_leads),
        years("settings.idle", settings.idle_minutes),
    ]
}

fn save(call: &Call) -> Result {
    let c = &call.context();
    let (before, known) = found(call)?;
    let mut form = SettingsForm::of(c, &before);
    let read = form.read(c, &call.sent, &before, Part::All);
    let version = call.sent.get("version").parse().unwrap_or(0);
    let again = |version, theirs| {
        let swap = SwapNotice::of(call, c);
        Answer::refused(&Page {
            c,
            form,
            version,
            theirs,
            swap,
        })
    };
    let Some(settings) = read else {
        return again(version, None);
    };
    if known != version {
        let differences = differing(&told(c, &settings), &told(c, &before));
        return again(known, Some(theirs(differences)));
    }
    call.write(|tx| {
        if !store::revise(tx, &settings, version)? {
            return Err(Refusal::NotSaved);
        }
        Ok::<_, Refusal>(((), Event::SettingsChanged))
    })?;
    call.seat(|seat| {
        seat.idle_minutes = settings.idle_minutes;
        seat.calendar = settings.calendar;
    });
    call.say("settings.said.saved");
    Answer::see("/settings")
}
