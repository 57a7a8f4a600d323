//! What the tests share: a centre at work.

pub mod centre;
