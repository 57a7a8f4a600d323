//! What the tests share: a centre at work, and its clock.

pub mod centre;
pub mod clock;
