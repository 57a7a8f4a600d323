//! The one page of a program that cannot open its folder: what happened and what to do, in every
//! language, since none has been chosen where nothing can be read.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;

use super::{Answer, assets};
use crate::kit::lang::Lang;
use crate::vault::Refusal;

#[derive(Template)]
#[template(path = "shared/closed.html")]
struct Closed {
    told: Vec<Told>,
}

/// The page's words in one language.
struct Told {
    lang: Lang,
    title: String,
    why: String,
    close: String,
}

pub fn closed(refusal: &Refusal) -> Router {
    let why = refusal.to_string();
    let told = Lang::ALL.map(|lang| {
        let t = |key: &str| crate::_rust_i18n_translate(lang.tag(), key).into_owned();
        Told {
            lang,
            title: t("shared.closed.title"),
            why: t(&why),
            close: t("shared.closed.close"),
        }
    });
    let page = Answer::page(&Closed { told: told.into() });
    let page = page.unwrap_or(Answer::Missing);
    let html = match page {
        Answer::Page(_, html) => html,
        _ => String::new(),
    };
    Router::new()
        .route("/", get(async move || axum::response::Html(html.clone())))
        .route(
            "/assets/{*path}",
            get(|Path(path): Path<String>| async move { assets::answer(&path) }),
        )
}
