//! Starts the window over the centre's data folder: `darna [--data DIR]`.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod shell;

use std::path::PathBuf;
use std::process::ExitCode;

use darna::kit::world::World;
use darna::vault::Vault;
use darna::web::App;

fn main() -> ExitCode {
    let Some(data) = data_folder() else {
        return ExitCode::FAILURE;
    };
    let world = World::system();
    let vault = match Vault::at(&data, world.clone()) {
        Ok(vault) => vault,
        Err(refusal) => {
            eprintln!("{}", darna::sentence(&refusal));
            return ExitCode::FAILURE;
        }
    };
    match shell::run(&App::new(vault, world), &data) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn data_folder() -> Option<PathBuf> {
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--data" {
            return arguments.next().map(PathBuf::from);
        }
    }
    directories::ProjectDirs::from("", "", "darna").map(|folders| folders.data_dir().to_owned())
}
