//! Backups for tests: the steps of the backup page, and a centre without pages that makes them on
//! sticks that may fail.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use axum::http::StatusCode;
use chrono::NaiveDate;
use darna::kit::id::{CentreId, PersonId, StickId};
use darna::kit::lang::Lang;
use darna::kit::progress::Progress;
use darna::kit::world::{Clock, World};
use darna::vault::backup::medium::{Disk, Medium};
use darna::vault::backup::restore::{Aim, Secret, unlock};
use darna::vault::backup::sticks::Shelf;
use darna::vault::backup::{Failure, Made};
use darna::vault::keyfile::Cost;
use darna::vault::secret::Passphrase;
use darna::vault::words::RecoveryWords;
use darna::vault::{Actor, Event, Founding, Refusal, Roles, Vault};
use tempfile::TempDir;

use crate::bare::MANAGERS;
use crate::centre::{Centre, Page};
use crate::clock::SetClock;
use crate::sticks::{Failing, Stick, quick_folder};

/// Parts as small as can be: a small centre has several.
pub const SMALL: u64 = 1024 * 1024;

pub fn handle(page: &Page, form: &str) -> String {
    page.attribute(
        &format!("form[action='{form}'] input[name=target]"),
        "value",
    )
}

/// Waits for the work to end, as the page does: by asking again.
pub fn ended(centre: &Centre, path: &str) -> Page {
    loop {
        let page = centre.get(path);
        if page.all("progress").is_empty() {
            return page;
        }
        std::thread::yield_now();
    }
}

pub fn enrolled(centre: &Centre) {
    let page = centre.get("/backup");
    let target = handle(&page, "/backup/sticks");
    centre.post("/backup", "/backup/sticks", &[("target", &target)]);
}

pub fn backed_up(centre: &Centre) -> Page {
    let page = centre.get("/backup");
    let target = handle(&page, "/backup");
    centre.post("/backup", "/backup", &[("target", &target)]);
    ended(centre, "/backup")
}

pub fn register(centre: &Centre, name: &str) {
    let fields = [("name", name), ("consent", "spoken")];
    let page = centre.post("/people/new", "/people/new", &fields);
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
}

/// Name and ids of the last event of the journal.
pub fn event(centre: &Centre) -> Event {
    let told = centre.app.vault.read::<_, Refusal>(|db| {
        db.one(
            "select name, ids from journal order by seq desc limit 1",
            [],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
        )
    });
    let (name, ids) = told.expect("an open vault").expect("an event");
    let mut fields: serde_json::Value = serde_json::from_str(&ids).expect("ids");
    fields["name"] = name.into();
    serde_json::from_value(fields).expect("an event")
}

pub fn shelf_on(vault: &Vault, drive: &Path) -> Shelf {
    let medium: Arc<dyn Medium> = Arc::new(Disk);
    Shelf::new(&medium, drive, vault.centre().expect("a centre"))
}

pub fn tree(root: &Path) -> Vec<String> {
    fn walk(root: &Path, folder: &Path, into: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            if entry.path().is_dir() {
                walk(root, &entry.path(), into);
            } else {
                let path = entry.path();
                let name = path.strip_prefix(root).expect("below the root");
                into.push(name.to_str().expect("a name").to_owned());
            }
        }
    }
    let mut names = Vec::new();
    walk(root, root, &mut names);
    names.sort();
    names
}

pub struct Engine {
    pub folder: TempDir,
    pub clock: SetClock,
    pub vault: Vault,
    pub actor: Actor,
    pub sheet: RecoveryWords,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    pub fn new() -> Self {
        let folder = quick_folder();
        let clock = SetClock::new();
        let world = World {
            clock: Arc::new(clock.clone()),
            ..World::system()
        };
        let vault = Vault::at(folder.path(), world.clone()).expect("a vault");
        let sheet = RecoveryWords::random(&world);
        let passphrase = Passphrase::new(MANAGERS);
        let actor = vault
            .found(&Founding {
                centre: CentreId::new(&world),
                centre_name: "Centre Marjoram",
                manager_name: "Samira",
                language: Lang::En,
                roles: Roles::MANAGER.and(Roles::DESK),
                passphrase: &passphrase,
                recovery: &sheet,
                cost: Cost::FLOOR,
            })
            .expect("a founded centre");
        vault.unlock(actor.user, &passphrase).expect("unlocked");
        Self {
            folder,
            clock,
            vault,
            actor,
            sheet,
        }
    }

    pub fn today(&self) -> NaiveDate {
        self.clock.now().date_naive()
    }

    /// Somebody is registered.
    pub fn happens(&self) {
        let person = PersonId::new(&World::system());
        let world = World::system();
        self.vault
            .write(self.actor, None, |tx| {
                tx.execute(
                    "insert into person (id, code, gender, nationality, created, created_by)
                     values (?1, ?2, 'not-recorded', 'not_recorded', ?3, ?4)",
                    rusqlite::params![person, person.to_string(), world.stamp(), self.actor.user],
                )?;
                Ok::<_, Refusal>(((), Event::PersonRegistered { person }))
            })
            .expect("written");
    }

    pub fn enrolled(&self, drive: &Path) -> (Shelf, StickId) {
        let shelf = shelf_on(&self.vault, drive);
        let id = self.vault.enrol(self.actor, &shelf, "BLUE", None);
        (shelf, id.expect("enrolled"))
    }

    pub fn back_up(&self, shelf: &Shelf) -> Result<Made, Failure> {
        self.vault
            .back_up(self.actor, shelf, SMALL, &Progress::new("x"))
    }

    /// Opens a backup with the recovery sheet and puts it together in a temporary place.
    pub fn comes_back(&self, shelf: &Shelf, number: u64) -> Result<(), Failure> {
        let sheet = Secret::Words(again(&self.sheet));
        let unlocked = unlock(shelf, number, &sheet)?;
        let progress = Progress::new("x");
        self.vault
            .rebuild(shelf, unlocked, Aim::Rehearse, None, &progress)
            .map(|_| ())
    }
}

pub fn again(words: &RecoveryWords) -> RecoveryWords {
    RecoveryWords::parse(&words.words().join(" ")).expect("the same words")
}

pub fn under(shelf: &Shelf, medium: Failing) -> (Shelf, Arc<Failing>) {
    let medium = Arc::new(medium);
    let shelf = Shelf {
        medium: Arc::clone(&medium) as Arc<dyn Medium>,
        ..shelf.clone()
    };
    (shelf, medium)
}

/// The newest that is offered comes back, and something is offered.
pub fn newest_comes_back(engine: &Engine, shelf: &Shelf, what: &str) {
    let listed = shelf.backups().expect("a stick");
    let newest = listed.first().unwrap_or_else(|| panic!("{what}: none"));
    engine
        .comes_back(shelf, newest.number)
        .unwrap_or_else(|why| panic!("{what}: backup {} {why:?}", newest.number));
    for backup in &listed {
        assert!(backup.manifest.is_ok(), "{what}: {}", backup.number);
    }
}

/// Eight good backups, so that the next one lets one go.
pub fn full_shelf(engine: &Engine) -> (Stick, Shelf) {
    let stick = Stick::quick("BLUE");
    let (shelf, _) = engine.enrolled(stick.path());
    for _ in 0..8 {
        engine.back_up(&shelf).expect("a backup");
    }
    (stick, shelf)
}
