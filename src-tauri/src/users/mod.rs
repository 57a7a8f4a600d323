//! Who works here and may unlock: added, given other roles or a new passphrase, shut out.
//! The vault keeps the keys and the rules (safety.md 2); this feature is their pages.

mod pages;

pub use pages::ROUTES;
