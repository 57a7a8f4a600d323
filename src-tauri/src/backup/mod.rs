//! The pages of backups: sticks and folders that take them, making one, reading one again, the
//! rehearsal, and coming back from a stick, also as the third answer of set-up.
//! Words: a *target* is a drive or folder as the page offers it. Rules: safety.md 4, in the vault.

mod pages;
mod restore;
mod targets;
mod told;

use crate::web::Handler;
use crate::web::access::Route;

pub use told::{Reminded, reminded};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::Backups, pages::page),
    (Route::MakeBackup, pages::make),
    (Route::StopBackup, pages::stop),
    (Route::MakeRoom, pages::make_room),
    (Route::RereadBackup, pages::reread),
    (Route::EnrolStick, pages::enrol),
    (Route::ForgetStick, pages::forget),
    (Route::ChooseFolder, pages::choose_folder),
    (Route::FolderPage, pages::folder_page),
    (Route::KeepFolder, pages::keep_folder),
    (Route::Restore, restore::choose),
    (Route::RestoreFolder, restore::folder),
    (Route::RestoreChosen, restore::chosen),
    (Route::RestoreKey, restore::key),
    (Route::RestoreKeyTold, restore::key_told),
    (Route::RestoreWork, restore::work),
    (Route::RestoreAdopt, restore::adopt),
    (Route::RestoreStop, restore::stop),
    (Route::SetUpStick, restore::choose),
    (Route::SetUpStickFolder, restore::folder),
    (Route::SetUpStickChosen, restore::chosen),
    (Route::SetUpStickKey, restore::key),
    (Route::SetUpStickKeyTold, restore::key_told),
    (Route::SetUpStickWork, restore::work),
    (Route::SetUpStickAdopt, restore::adopt),
    (Route::SetUpStickStop, restore::stop),
];
