//! Where a backup can go or come from, as of now. A page names a target by a handle; the path
//! stays here.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::kit::id::{CentreId, StickId};
use crate::vault::backup::Stick;
use crate::vault::backup::medium::Medium;
use crate::vault::backup::sticks::{self, Shelf};
use crate::web::Call;

/// A drive or an enrolled folder.
pub struct Target {
    pub handle: String,
    pub name: String,
    pub path: PathBuf,
    pub state: State,
    /// An ordinary folder, and whether it lies on the very disk of the centre.
    pub folder: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Enrolled; with the newest backup on it.
    Ours {
        stick: StickId,
        newest: Option<u64>,
    },
    /// Carries the centre's folder, but this laptop does not know it, or nobody has asked yet.
    Unknown,
    OtherCentre,
    ReadOnly,
    /// It did not keep what was written to it.
    Bad,
}

/// The drives that are plugged in, then the folders that were chosen before and are there.
pub fn targets(call: &Call, centre: CentreId, known: &[Stick]) -> Vec<Target> {
    let medium = sticks::disk();
    let drives = call.app.outside.drives();
    let mut targets: Vec<Target> = drives
        .into_iter()
        .map(|drive| {
            let state = if drive.read_only {
                State::ReadOnly
            } else {
                state(call, &medium, &drive.path, centre, known)
            };
            Target {
                handle: handle(call, &drive.path),
                name: drive.name,
                path: drive.path,
                state,
                folder: None,
            }
        })
        .collect();
    for stick in known {
        let Some(folder) = &stick.folder else {
            continue;
        };
        let path = PathBuf::from(folder);
        if !path.is_dir() || targets.iter().any(|target| target.path == path) {
            continue;
        }
        targets.push(Target {
            handle: handle(call, &path),
            name: stick.name.clone(),
            state: state(call, &medium, &path, centre, known),
            folder: Some(call.app.vault.lies_on(&path)),
            path,
        });
    }
    targets
}

pub fn shelf(target: &Target, centre: CentreId) -> Shelf {
    Shelf::new(&sticks::disk(), &target.path, centre)
}

fn state(
    call: &Call,
    medium: &Arc<dyn Medium>,
    path: &Path,
    centre: CentreId,
    known: &[Stick],
) -> State {
    let found = Shelf::found(medium, path);
    let own = found.iter().find(|shelf| shelf.centre == centre);
    let Some(shelf) = own else {
        return if found.is_empty() {
            State::Unknown
        } else {
            State::OtherCentre
        };
    };
    match shelf.record() {
        Ok(record) if record.bad => State::Bad,
        Ok(record) if known.iter().any(|stick| stick.id == record.id) => State::Ours {
            stick: record.id,
            newest: call.app.vault.newest_on(shelf),
        },
        _ => State::Unknown,
    }
}

/// Good for this window's session alone, so that no path ever comes from a page.
pub fn handle(call: &Call, path: &Path) -> String {
    let token = call.seat(|seat| seat.csrf.clone());
    let mut hasher = blake3::Hasher::new_derive_key("mrc target handle v1");
    hasher.update(token.as_bytes());
    hasher.update(path.as_os_str().as_encoded_bytes());
    hasher.finalize().to_hex()[..32].to_owned()
}
