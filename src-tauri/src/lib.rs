//! Darna runs a Migrant Resource Centre on one laptop, without the internet.

use std::sync::Arc;

pub mod activities;
mod backup;
pub mod caseload;
pub mod cases;
pub mod counselling;
mod desk;
pub mod help;
pub mod interpreters;
pub mod journal;
pub mod kit;
mod lock;
pub mod medical;
pub mod papers;
pub mod partners;
pub mod people;
mod recovery;
pub mod referrals;
pub mod sample;
mod sealed;
pub mod settings;
mod setup;
pub mod shelter;
mod users;
pub mod vault;
pub mod visits;
pub mod web;

#[global_allocator]
static MEMORY: vault::Wiping = vault::Wiping;

rust_i18n::i18n!("../locales", fallback = "en");

/// Every page of the program, over one centre.
pub fn app(app: &Arc<web::App>) -> axum::Router {
    let features = [
        activities::ROUTES,
        backup::ROUTES,
        caseload::ROUTES,
        cases::ROUTES,
        counselling::ROUTES,
        desk::ROUTES,
        help::ROUTES,
        interpreters::ROUTES,
        journal::ROUTES,
        lock::ROUTES,
        medical::ROUTES,
        partners::ROUTES,
        activities::papers::ROUTES,
        papers::ROUTES,
        people::ROUTES,
        recovery::ROUTES,
        referrals::ROUTES,
        sealed::ROUTES,
        settings::ROUTES,
        setup::ROUTES,
        shelter::ROUTES,
        users::ROUTES,
        visits::ROUTES,
    ];
    web::router(app, &features.concat())
}

/// What a refusal says before there is a window, in each language that the program speaks.
pub fn sentence(refusal: &vault::Refusal) -> String {
    let key = refusal.to_string();
    let said = kit::lang::Lang::ALL.map(|lang| _rust_i18n_translate(lang.tag(), &key).into_owned());
    said.join("\n")
}

/// The tab title of the page that hides everything else.
pub fn cover_title(lang: kit::lang::Lang) -> String {
    _rust_i18n_translate(lang.tag(), "shared.cover.tab").into_owned()
}
