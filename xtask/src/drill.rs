//! `drill [--kills N]`: a child writes through the real doors and makes backups until it is killed
//! at a moment that nobody chose; what it told as done is looked for in both files and on the
//! stick. The centre lies where temporary files do, the stick in memory where there is such a place.
//! `drill --faults [--only WORD] [--every N]`: the disk fails at each call in turn of what a day and
//! a backup make, or at every N-th. It needs the package strace.

use std::process::Command;
use std::time::Instant;

use anyhow::{Result, ensure};
use darna_tests::faults::{self, Act, Fault, Scene};
use darna_tests::kills::{self, Tally};
use lexopt::prelude::*;

use crate::seed::told;

/// How the drill starts this very program as its child.
const CHILD: &str = "--child";
const FAULTY_CHILD: &str = "--faulty-child";

pub fn task(mut arguments: lexopt::Parser) -> Result<()> {
    let (mut count, mut every, mut only) = (10_000, 1, String::new());
    let mut failing = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("kills") => count = arguments.value()?.parse()?,
            Long("faults") => failing = true,
            Long("only") => only = arguments.value()?.string()?,
            Long("every") => every = arguments.value()?.parse()?,
            Long("faulty-child") => faults::works_on_a_failing_disk(),
            Long("child") => return kills::writes_until_killed().map_err(told),
            other => return Err(other.unexpected().into()),
        }
    }
    let own = std::env::current_exe()?;
    let program = |part: &'static str| {
        let own = &own;
        move || {
            let mut child = Command::new(own);
            child.args(["drill", part]);
            child
        }
    };
    if failing {
        return faults_of(&only, every, program(FAULTY_CHILD));
    }
    let started = Instant::now();
    let tally = kills::drill(count, program(CHILD), |tally| {
        if tally.kills.is_multiple_of(100) {
            print(tally, started);
        }
    });
    print(&tally, started);
    ensure!(tally.is_clean(), "something was lost");
    Ok(())
}

fn faults_of(only: &str, every: usize, program: impl Fn() -> Command) -> Result<()> {
    let started = Instant::now();
    let scene = Scene::new();
    let mut whole = faults::Tally::default();
    for act in Act::ALL {
        let named = |fault: &Fault| format!("{}, {}", act.name(), fault.told());
        for fault in Fault::ALL.into_iter().filter(|f| named(f).contains(only)) {
            let mut tally = faults::Tally::default();
            let calls = scene.calls(act, fault, &program);
            for n in (0..calls.len()).step_by(every) {
                let run = scene.fail(act, fault, &calls, n, &program);
                for problem in &run.problems {
                    println!("{problem}");
                }
                tally.add(run);
            }
            println!(
                "{}, {} calls, {:.0} s: {}",
                named(&fault),
                calls.len(),
                started.elapsed().as_secs_f64(),
                tally.told()
            );
            whole.add(tally);
        }
    }
    println!("all: {}", whole.told());
    ensure!(whole.is_clean(), "something was lost, or told wrongly");
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
