//! What stands for dialogs, viewer, drives and swap while a test drives the window, in builds for
//! developers alone: a folder in which the test answers and looks.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Duration, FixedOffset, Utc};
use darna::kit::world::{Clock, World};
use darna::vault::backup::sticks::Drive;
use darna::web::{Outside, Swap};

use super::Window;

/// The folder's name, in the environment of the program.
pub const VARIABLE: &str = "DARNA_OUTSIDE";

pub struct Driven {
    folder: PathBuf,
    window: Window,
}

impl Driven {
    /// Where a driver has started this program and named a folder.
    pub fn asked(window: &Window) -> Option<Self> {
        std::env::var_os("TAURI_WEBVIEW_AUTOMATION")?;
        Some(Self {
            folder: std::env::var_os(VARIABLE)?.into(),
            window: window.clone(),
        })
    }

    /// A world in which the test moves the clock.
    pub fn world(&self, world: World) -> World {
        let clock = Ahead {
            system: world.clock,
            folder: self.folder.clone(),
        };
        World {
            clock: Arc::new(clock),
            ..world
        }
    }

    /// What was chosen for the next dialog, once; without it, nobody chose.
    fn choose(&self) -> Option<PathBuf> {
        let answer = self.folder.join("chosen");
        let chosen = fs::read_to_string(&answer).ok()?;
        fs::remove_file(answer).ok()?;
        Some(chosen.into())
    }
}

impl Outside for Driven {
    /// Keeps what the system's viewer would be handed.
    fn show(&self, file: &Path) -> io::Result<()> {
        let shown = self.folder.join("shown");
        fs::create_dir_all(&shown)?;
        let number = fs::read_dir(&shown)?.count();
        let ending = file.extension().unwrap_or_default().to_string_lossy();
        let part = shown.join("part");
        fs::copy(file, &part)?;
        fs::rename(part, shown.join(format!("{number:03}.{ending}")))
    }

    fn folder(&self, _: &str) -> Option<PathBuf> {
        self.choose()
    }

    fn file(&self, _: &str, _: &[&str]) -> Option<PathBuf> {
        self.choose()
    }

    fn place(&self, _: &str, _: &str) -> Option<PathBuf> {
        self.choose()
    }

    fn forget(&self, place: &str) {
        self.window.forget(place);
    }

    fn release(&self, drive: &Path) -> bool {
        self.window.release(drive)
    }

    /// Of the machine on which the test runs nothing is told; the folder can have another.
    fn swap(&self) -> Swap {
        match self.folder.join("swap").exists() {
            true => Swap::Hibernates,
            false => Swap::NotKnown,
        }
    }

    /// A line for each: its name, a tab, its folder.
    fn drives(&self) -> Vec<Drive> {
        let lines = fs::read_to_string(self.folder.join("drives")).unwrap_or_default();
        let drive = |line: &str| {
            let (name, path) = line.split_once('\t')?;
            Some(Drive {
                path: path.into(),
                name: name.to_owned(),
                free: 1 << 30,
                total: 1 << 31,
                read_only: false,
            })
        };
        lines.lines().filter_map(drive).collect()
    }
}

/// The system's clock, so many seconds ahead as the folder says: days pass while a test waits.
struct Ahead {
    system: Arc<dyn Clock>,
    folder: PathBuf,
}

impl Ahead {
    fn seconds(&self) -> i64 {
        let told = fs::read_to_string(self.folder.join("ahead")).unwrap_or_default();
        told.trim().parse().unwrap_or_default()
    }
}

impl Clock for Ahead {
    fn now(&self) -> DateTime<FixedOffset> {
        self.system.now() + Duration::seconds(self.seconds())
    }

    fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        self.system.local(at)
    }

    fn steady(&self) -> i64 {
        self.system.steady() + self.seconds()
    }
}
