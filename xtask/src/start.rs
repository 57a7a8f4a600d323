//! How long the window takes to show its first page, and what it holds in memory: the built
//! program on a screen of its own, looked at from outside.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// The deep green of the porch, as an X screen of 32 bits keeps it.
const PORCH: [u8; 3] = [0x4a, 0x4f, 0x0d];
const PATIENCE: Duration = Duration::from_secs(60);
const REST: Duration = Duration::from_secs(10);

pub struct Started {
    pub shown: Vec<Duration>,
    /// Of the program and all that it started, in bytes; memory shared by several is shared out.
    pub memory: u64,
}

/// Starts `program` some times on a fresh screen each.
pub fn measure(program: &Path, data: &Path, times: usize) -> Result<Started> {
    ensure!(program.exists(), "{} is not built", program.display());
    let mut shown = Vec::new();
    let mut memory = 0;
    for run in 0..times {
        let frames = tempfile::tempdir()?;
        let (mut screen, display) = screen(frames.path())?;
        let started = Instant::now();
        let mut window = Command::new(program)
            .arg("--data")
            .arg(data)
            .env("DISPLAY", format!(":{display}"))
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let seen = wait(&frames.path().join("Xvfb_screen0"), started);
        if run + 1 == times {
            std::thread::sleep(REST);
            memory = held(window.id())?;
        }
        for child in [&mut window, &mut screen] {
            child.kill()?;
            child.wait()?;
        }
        shown.push(seen?);
    }
    Ok(Started { shown, memory })
}

fn screen(frames: &Path) -> Result<(Child, u32)> {
    let mut screen = Command::new("Xvfb")
        .args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1366x768x24",
            "-nolisten",
            "tcp",
            "-fbdir",
        ])
        .arg(frames)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("Xvfb is needed (package xvfb)")?;
    let mut line = String::new();
    let told = screen.stdout.take().context("its output")?;
    BufReader::new(told).read_line(&mut line)?;
    Ok((screen, line.trim().parse()?))
}

fn wait(frame: &Path, started: Instant) -> Result<Duration> {
    while started.elapsed() < PATIENCE {
        let frame = fs::read(frame).unwrap_or_default();
        if frame.windows(3).any(|pixel| pixel == PORCH) {
            return Ok(started.elapsed());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    bail!("the window showed nothing")
}

fn held(program: u32) -> Result<u64> {
    let mut family = vec![program];
    let mut at = 0;
    while at < family.len() {
        family.extend(children(family[at])?);
        at += 1;
    }
    let mut held = 0;
    for process in family {
        let told = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
        let line = told.lines().find_map(|line| line.strip_prefix("Pss:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
        held += kib.and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024;
    }
    Ok(held)
}

fn children(of: u32) -> Result<Vec<u32>> {
    let mut children = Vec::new();
    for task in fs::read_dir(format!("/proc/{of}/task"))?.flatten() {
        let told = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        children.extend(
            told.split_whitespace()
                .filter_map(|id| id.parse::<u32>().ok()),
        );
    }
    Ok(children)
}
