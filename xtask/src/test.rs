//! The checks and tests, in the order in which they fail fastest.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

pub fn quick() -> Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    cargo(&[
        "clippy",
        "--package",
        "darna",
        "--no-default-features",
        "--locked",
        "--",
        "-D",
        "warnings",
    ])?;
    cargo(&[
        "test",
        "--package",
        "darna-tests",
        "--locked",
        "--",
        "locales",
    ])
}

pub fn all() -> Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    deny()?;
    cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ])?;
    // The window journeys drive this very build. Of the whole workspace: alone, the program would
    // ask less of its libraries, and each of them would be compiled twice.
    cargo(&["build", "--workspace", "--bin", "darna", "--locked"])?;
    cargo(&["test", "--workspace", "--locked"])
}

/// Licences, bans and sources always; advisories where there is a copy of their database.
fn deny() -> Result<()> {
    let tool = cargo_deny()?;
    run(Command::new(&tool).args(["--locked", "check", "bans", "licenses", "sources"]))
}

/// The tool, built into the checkout: nothing is kept outside it.
fn cargo_deny() -> Result<PathBuf> {
    let root = root().join("target/tools");
    let tool = root.join("bin/cargo-deny");
    if !tool.exists() {
        run(Command::new("cargo")
            .args([
                "install",
                "cargo-deny",
                "--version",
                "0.20.2",
                "--locked",
                "--root",
            ])
            .arg(&root)
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_RELEASE_LTO", "off"))?;
    }
    Ok(tool)
}

fn cargo(arguments: &[&str]) -> Result<()> {
    run(Command::new("cargo").args(arguments))
}

fn run(command: &mut Command) -> Result<()> {
    let status = command
        .current_dir(root())
        .status()
        .with_context(|| format!("starting {command:?}"))?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the workspace")
}
