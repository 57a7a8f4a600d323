//! What the manager reads of the journal, and what each person at work has just done and may still
//! take back. The journal itself is the vault's; here it is put into words.
//! Words: event, kind, chain. Rules: safety.md 5; each undo's rule is its feature's own.

mod pages;
mod recent;
mod store;
mod words;

use crate::web::Handler;
use crate::web::access::Route;

pub use store::since_registered;
pub use words::is_known;

pub const ROUTES: &[(Route, Handler)] =
    &[(Route::Journal, pages::page), (Route::Recent, recent::page)];
