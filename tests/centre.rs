//! One test binary for the whole crate: a module for each feature.

mod access;
mod activities;
mod activity_papers;
mod architecture;
mod backup;
mod cases;
mod casework;
mod desk;
mod friday;
mod interpreters;
mod journal;
mod journeys;
mod kit;
mod lists;
mod locales;
mod lock;
mod names;
mod paper;
mod papers;
mod partners;
mod referrals;
mod users;
mod vault;
mod web;
