//! The manager's page of settings.

use askama::Template;

use super::forms::{Part, SettingsForm};
use super::laptop::SwapNotice;
use super::store;
use crate::vault::{Event, Refusal};
use crate::web::access::Route;
use crate::web::{Answer, Call, Ctx, Handler, Result};

pub const ROUTES: &[(Route, Handler)] = &[(Route::Settings, page), (Route::SaveSettings, save)];

#[derive(Template)]
#[template(path = "settings/settings.html")]
struct Page<'p> {
    c: &'p Ctx,
    form: SettingsForm,
    swap: Option<SwapNotice>,
}

fn page(call: &Call) -> Result {
    let c = &call.context();
    let settings = call.read(store::of)?;
    Answer::page(&Page {
        c,
        form: SettingsForm::of(c, &settings),
        swap: SwapNotice::of(call, c),
    })
}

fn save(call: &Call) -> Result {
    let c = &call.context();
    let before = call.read(store::of)?;
    let mut form = SettingsForm::of(c, &before);
    let Some(settings) = form.read(c, &call.sent, &before, Part::All) else {
        let swap = SwapNotice::of(call, c);
        return Answer::refused(&Page { c, form, swap });
    };
    call.write(|tx| {
        store::save(tx, &settings)?;
        Ok::<_, Refusal>(((), Event::SettingsChanged))
    })?;
    call.seat(|seat| {
        seat.idle_minutes = settings.idle_minutes;
        seat.calendar = settings.calendar;
    });
    call.say("settings.said.saved");
    Answer::see("/settings")
}
