//! `drill [--kills N]`: a child writes through the real doors and makes backups until it is killed
//! at a moment that nobody chose; what it told as done is looked for in both files and on the
//! stick. The centre lies where temporary files do, the stick in memory where there is such a place.

use std::process::Command;
use std::time::Instant;

use anyhow::{Result, ensure};
use darna_tests::kills::{self, Tally};
use lexopt::prelude::*;

use crate::seed::told;

/// How the drill starts this very program as its child.
const CHILD: &str = "--child";

pub fn task(mut arguments: lexopt::Parser) -> Result<()> {
    let mut count = 10_000;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("kills") => count = arguments.value()?.parse()?,
            Long("child") => return kills::writes_until_killed().map_err(told),
            other => return Err(other.unexpected().into()),
        }
    }
    let own = std::env::current_exe()?;
    let program = || {
        let mut child = Command::new(&own);
        child.args(["drill", CHILD]);
        child
    };
    let started = Instant::now();
    let tally = kills::drill(count, program, |tally| {
        if tally.kills.is_multiple_of(100) {
            print(tally, started);
        }
    });
    print(&tally, started);
    ensure!(tally.is_clean(), "something was lost");
    Ok(())
}

fn print(tally: &Tally, started: Instant) {
    let Tally {
        kills,
        acknowledged,
        untold,
        hot,
        partial,
        backups,
        lost,
        split,
        surplus,
        damaged,
        torn,
    } = tally;
    println!(
        "{kills} kills in {:.0} s, {hot} of them in the middle of a commit: {acknowledged} writes \
         acknowledged, {untold} more were there; {partial} in the middle of a backup, {backups} backups \
         came back; lost {lost}, \
         split {split}, surplus {surplus}, damaged {damaged}, torn {torn}",
        started.elapsed().as_secs_f64()
    );
}
