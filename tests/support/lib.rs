//! What the tests share: a bare centre, a centre at work, its clock, and the real window.

pub mod backups;
pub mod bare;
pub mod bus;
pub mod casework;
pub mod centre;
pub mod clock;
pub mod courses;
pub mod directory;
pub mod faults;
pub mod filler;
pub mod kills;
pub mod office;
pub mod outside;
pub mod pdf;
pub mod sheet;
pub mod steps;
pub mod sticks;
pub mod wage_claim;
pub mod window;
