//! Where each person arrives after unlocking.

use askama::Template;

use crate::web::access::Route;
use crate::web::{Answer, Call, Ctx, Handler};

pub const ROUTES: &[(Route, Handler)] = &[(Route::Home, home), (Route::Language, language)];

#[derive(Template)]
#[template(path = "home/home.html")]
struct Home<'p> {
    c: &'p Ctx,
}

fn home(call: &Call) -> Answer {
    Answer::page(&Home { c: &call.context() })
}

fn language(call: &Call) -> Answer {
    if let Some(lang) = crate::kit::lang::Lang::from_tag(call.sent.get("lang")) {
        call.seat(|seat| seat.lang = lang);
    }
    Answer::See("/")
}
