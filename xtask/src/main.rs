//! The project's own tasks, each started as `cargo xtask NAME`.

mod access;
mod bench;
mod drill;
mod manual;
mod names;
mod papers;
mod seed;
mod shots;
mod start;
mod sticks;
mod test;

use anyhow::{Result, bail};
use lexopt::prelude::*;

type Task = fn(lexopt::Parser) -> Result<()>;

/// Name, what it does, and the task itself.
const TASKS: &[(&str, &str, Task)] = &[
    ("test", "every check and every test", |_| test::all()),
    (
        "seed",
        "an invented centre: --persons N --visits M --seed S [--years Y] [--cases N] [--notes N] [--referrals N] [--lang LANG] [--data DIR]",
        seed::task,
    ),
    (
        "names",
        "how well names are found: --people FILE --queries FILE [--generated G]",
        names::task,
    ),
    (
        "bench",
        "what a person waits for, beside its floor: [--persons N] [--visits M] [--events N] [--cases N] [--casework] [--data DIR] [--try]",
        bench::task,
    ),
    (
        "access",
        "who may use which route, as a table",
        access::task,
    ),
    (
        "shots",
        "a picture of every screen: [--only WORD] [--dark] [--large]",
        shots::task,
    ),
    (
        "papers",
        "every paper as a file, in each language of the office: [--to DIR] [--office LANG]",
        papers::task,
    ),
    (
        "manual",
        "the pictures of the manual, into docs/pictures",
        manual::task,
    ),
    (
        "sticks",
        "backup and restore beside their floor: [--mb N] [--to DIR] [--data DIR]",
        sticks::bench,
    ),
    (
        "flips",
        "changes each byte of a small backup in turn: [--every N]",
        sticks::flips,
    ),
    (
        "drill",
        "looks for what is lost when the program is killed, or its disk fails: [--kills N] | --faults [--only WORD] [--every N]",
        drill::task,
    ),
    (
        "check",
        "what takes seconds: form, lints, own rules",
        |_| test::quick(),
    ),
];

fn main() -> Result<()> {
    let mut arguments = lexopt::Parser::from_env();
    let Some(Value(asked)) = arguments.next()? else {
        return list();
    };
    match TASKS.iter().find(|(name, ..)| asked == *name) {
        Some((_, _, task)) => task(arguments),
        None => {
            list()?;
            bail!("there is no task {}", asked.display());
        }
    }
}

fn list() -> Result<()> {
    for (name, purpose, _) in TASKS {
        println!("{name:8} {purpose}");
    }
    Ok(())
}
