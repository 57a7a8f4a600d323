//! Darna runs a Migrant Resource Centre on one laptop, without the internet.

pub mod kit;
pub mod vault;
