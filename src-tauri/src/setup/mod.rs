//! The first run, one question a page: language; real or practice; the centre; its week; its
//! visitors' languages; how long records are kept; the first manager and a passphrase; the
//! recovery sheet, written down and partly typed back. Only then is the centre founded.

mod draft;
mod pages;
pub mod sheet;

pub use pages::ROUTES;
