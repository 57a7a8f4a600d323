//! What runs in a process of its own, so that it can be killed, limited or looked into: the tests
//! start this very binary again with the name of a part to play.

use std::path::PathBuf;
use std::process::Command;

use darna::kit::world::World;
use darna::vault::words::RecoveryWords;
use darna::vault::{Refusal, Vault};

const PART: &str = "DARNA_TEST_PART";
const FOLDER: &str = "DARNA_TEST_FOLDER";
const WORDS: &str = "DARNA_TEST_WORDS";

/// This binary, about to play a part over a folder.
pub fn playing(part: &str, folder: &std::path::Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    command
        .args([
            "--exact",
            "child::plays_its_part",
            "--ignored",
            "--nocapture",
        ])
        .env(PART, part)
        .env(FOLDER, folder);
    command
}

pub fn with_words(mut command: Command, words: &RecoveryWords) -> Command {
    command.env(WORDS, words.words().join(" "));
    command
}

pub fn folder() -> PathBuf {
    std::env::var_os(FOLDER).expect("the folder").into()
}

fn words() -> RecoveryWords {
    let words = std::env::var(WORDS).expect("the words");
    RecoveryWords::parse(&words).expect("a sheet")
}

#[test]
#[ignore = "started by other tests, with a part to play"]
fn plays_its_part() {
    match std::env::var(PART).as_deref() {
        Ok("killed") => darna_tests::kills::writes_until_killed().expect("written"),
        Ok("unlock") => unlock().expect("unlocked"),
        Ok("memory") => crate::memory::keeps_nothing(),
        Ok("clear text") => crate::clear::fills_every_field(),
        Ok("filling disk") => crate::full::meets_a_disk_that_fills_up(),
        Ok("full disk") => crate::full::meets_a_full_disk(),
        other => panic!("no such part: {other:?}"),
    }
}

/// Comes in by the sheet, which asks for no long computation before the databases are touched.
fn unlock() -> Result<(), Refusal> {
    let words = words();
    let vault = Vault::at(&folder(), World::system())?;
    let (user, _) = vault.by_words(&words)?.managers.remove(0);
    vault.unlock_by_sheet(&words, user)?;
    Ok(())
}
