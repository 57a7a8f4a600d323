//! People: who comes to the centre, under a name or a code word, and what they agreed to.
//! Words: register, card code, alert instruction, consent. Rules: domain.md 2, 5 and 6.
//! Everything here may be seen at the front desk; residence, sponsor and health lie elsewhere.

mod changes;
pub mod consent;
pub mod forms;
mod index;
pub mod pages;
pub mod rules;
pub mod search;
mod store;

pub use changes::{Change, changes};
pub use index::NameIndex;
pub use pages::ROUTES;
pub use store::{
    Brief, Named, Record, briefs, code_word_taken, commonest_languages, record, register,
    registered, retract, revise,
};
