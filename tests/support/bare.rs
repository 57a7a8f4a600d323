//! A centre without pages: a founded vault on real files, its manager and its recovery sheet.

use std::fs;
use std::path::{Path, PathBuf};

use darna::kit::id::{CentreId, UserId};
use darna::kit::lang::Lang;
use darna::kit::world::World;
use darna::vault::keyfile::{Cost, KeyFile};
use darna::vault::secret::Passphrase;
use darna::vault::words::RecoveryWords;
use darna::vault::{Actor, Founding, Roles, Vault};
use rusqlite::Connection;
use tempfile::TempDir;

pub const MANAGERS: &str = "lantern orbit velvet cactus harbour seven";
pub const DESKS: &str = "pepper window fiddle marble quiet tunnel";

pub struct Bare {
    pub folder: TempDir,
    pub manager: Actor,
    pub sheet: RecoveryWords,
}

impl Bare {
    pub fn new() -> (Self, Vault) {
        Self::with(World::system())
    }

    pub fn with(world: World) -> (Self, Vault) {
        let folder = TempDir::new().expect("a temporary folder");
        let vault = Vault::at(folder.path(), world).expect("an empty vault");
        let sheet = RecoveryWords::random(&World::system());
        let manager = vault
            .found(&Founding {
                centre: CentreId::new(&World::system()),
                centre_name: "Centre Marjoram",
                manager_name: "Zaynab-Marker",
                language: Lang::Ar,
                roles: Roles::MANAGER.and(Roles::CASEWORKER),
                passphrase: &Passphrase::new(MANAGERS),
                recovery: &sheet,
                cost: Cost::FLOOR,
            })
            .expect("a founded centre");
        vault
            .unlock(manager.user, &Passphrase::new(MANAGERS))
            .expect("the manager comes in");
        (
            Self {
                folder,
                manager,
                sheet,
            },
            vault,
        )
    }

    /// A file of the current generation.
    pub fn file(&self, name: &str) -> PathBuf {
        let current = fs::read_to_string(self.folder.path().join("CURRENT")).expect("CURRENT");
        self.folder
            .path()
            .join("gen")
            .join(current.trim())
            .join(name)
    }

    pub fn key_file(&self) -> KeyFile {
        KeyFile::read(&fs::read(self.file("keys.mrc")).expect("the key file")).expect("a key file")
    }

    /// One of the two databases, opened past the program.
    pub fn database(&self, name: &str, key: &[u8; 32]) -> Connection {
        opened(&self.file(name), key)
    }

    pub fn again(&self) -> Vault {
        Vault::at(self.folder.path(), World::system()).expect("the vault of the centre")
    }
}

pub fn add_volunteer(vault: &Vault, manager: Actor) -> UserId {
    vault
        .add_user(
            manager,
            "Volunteer-Marker",
            Roles::DESK,
            Lang::Fr,
            &Passphrase::new(DESKS),
            Cost::FLOOR,
        )
        .expect("a volunteer")
}

/// Whether the key fits shows at the first read.
pub fn opened(path: &Path, key: &[u8; 32]) -> Connection {
    let file = Connection::open(path).expect("a file");
    let key = hex(key);
    file.execute_batch(&format!(
        "pragma cipher_log_level = none; pragma key = \"x'{key}'\""
    ))
    .expect("a key is set");
    file
}

pub fn readable(file: &Connection) -> bool {
    file.query_row("select count(*) from sqlite_schema", [], |row| {
        row.get::<_, i64>(0)
    })
    .is_ok()
}

pub fn hex(key: &[u8; 32]) -> String {
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn every_file(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(every_file(&path)),
            path => found.push(path),
        }
    }
    found
}
