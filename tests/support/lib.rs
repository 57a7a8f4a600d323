//! What the tests share: a centre at work, its clock, and the real window.

pub mod casework;
pub mod centre;
pub mod clock;
pub mod outside;
pub mod pdf;
pub mod sticks;
pub mod window;
