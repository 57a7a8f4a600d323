//! Starts the window over a centre's data folder: `darna [--practice] [--data DIR]`.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod shell;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use darna::kit::world::World;
use darna::vault::{Refusal, Vault, guard};
use darna::web::{App, Outside};
use shell::Window;

fn main() -> ExitCode {
    guard::harden();
    let asked = Asked::of(std::env::args_os().skip(1));
    let (world, window) = (World::system(), Window::default());
    // Where a test drives a build for developers: what the test puts in the place of the system.
    #[cfg(debug_assertions)]
    if let Some(driven) = shell::driven::Driven::asked(&window) {
        return start(&asked, driven.world(world), driven, window);
    }
    let outside = window.clone();
    start(&asked, world, outside, window)
}

fn start(asked: &Asked, world: World, outside: impl Outside + 'static, window: Window) -> ExitCode {
    let ended = match asked.folder().and_then(|data| {
        let vault = Vault::at(&data, world.clone())?;
        Ok((data, vault))
    }) {
        Ok((data, vault)) => {
            let app = if asked.practice {
                App::practising(vault, world, outside)
            } else {
                App::with(vault, world, outside)
            };
            shell::run(&app, window, &data)
        }
        Err(refusal) => {
            eprintln!("{}", darna::sentence(&refusal));
            shell::refuse(&refusal, asked.folder().ok().as_deref())
        }
    };
    ended.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

/// What stood behind the program's name.
#[derive(Default)]
struct Asked {
    practice: bool,
    data: Option<PathBuf>,
}

impl Asked {
    fn of(mut arguments: impl Iterator<Item = OsString>) -> Self {
        let mut asked = Self::default();
        while let Some(argument) = arguments.next() {
            if argument == "--data" {
                asked.data = arguments.next().map(PathBuf::from);
            } else if argument == "--practice" {
                asked.practice = true;
            }
        }
        asked
    }

    /// A practice centre lies beside the real one, never in it.
    fn folder(&self) -> Result<PathBuf, Refusal> {
        if let Some(data) = &self.data {
            return Ok(data.clone());
        }
        let name = if self.practice {
            "darna-practice"
        } else {
            "darna"
        };
        directories::ProjectDirs::from("", "", name)
            .map(|folders| folders.data_dir().to_owned())
            .ok_or(Refusal::Folder(io::ErrorKind::NotFound.into()))
    }
}
