//! A centre with a caseworker, filled before the window opens on it; and the caseworker's days.

use std::path::Path;

use darna::cases::issues::Issue;
use darna::cases::rules::{Kind, State, Step, Story, Urgency, step};
use darna::cases::store::{self, IssueTold, Opening};
use darna::kit::id::{CaseId, CentreId, PersonId};
use darna::kit::lang::Lang;
use darna::kit::world::World;
use darna::people::rules::{Gender, Name, NameKind, Profile};
use darna::sample::{self, Amount};
use darna::vault::keyfile::Cost;
use darna::vault::secret::Passphrase;
use darna::vault::words::RecoveryWords;
use darna::vault::{Actor, CaseworkEvent, CaseworkTx, Event, Founding, Refusal, Roles, Vault};

use crate::casework::WORDS;
use crate::centre::PASSPHRASE;
use crate::window::Window;

pub struct Office {
    pub vault: Vault,
    pub world: World,
    pub manager: Actor,
    pub worker: Actor,
}

/// Founds a centre in `data` with some invented people and partners, and `worker` to take cases.
pub fn founded(data: &Path, language: Lang, manager: &str, worker: &str) -> Office {
    std::fs::create_dir_all(data).expect("a folder");
    let world = World::system();
    let vault = Vault::at(data, world.clone()).expect("a vault");
    let passphrase = Passphrase::new(PASSPHRASE);
    let manager = vault
        .found(&Founding {
            centre: CentreId::new(&world),
            centre_name: match language {
                Lang::Ar => "بيت الزعتر",
                _ => "House of Thyme",
            },
            manager_name: manager,
            language,
            roles: Roles::MANAGER.and(Roles::DESK),
            passphrase: &passphrase,
            recovery: &RecoveryWords::random(&world),
            cost: Cost::FLOOR,
        })
        .expect("a centre");
    let manager = vault.unlock(manager.user, &passphrase).expect("open");
    let roles = Roles::CASEWORKER.and(Roles::DESK);
    let user = vault
        .add_user(
            manager,
            worker,
            roles,
            language,
            &Passphrase::new(WORDS),
            Cost::FLOOR,
        )
        .expect("a caseworker");
    Office {
        vault,
        world,
        manager,
        worker: Actor { user, roles },
    }
}

impl Office {
    /// Some invented people, and the directory of invented partners and interpreters.
    pub fn people(&self, persons: u32) -> Vec<PersonId> {
        let amount = Amount {
            persons,
            visits: 0,
            years: 1,
            seed: 4,
            until: self.world.utc(),
        };
        sample::fill(&self.vault, self.manager, &amount).expect("people")
    }

    /// Somebody with a name, whose first language is `speaks`.
    pub fn person(&self, name: &str, speaks: &str) -> PersonId {
        let profile = Profile {
            names: vec![Name {
                written: name.to_owned(),
                kind: NameKind::Used,
            }],
            code_word: None,
            phones: Vec::new(),
            gender: Gender::Female,
            birth: None,
            nationality: "ETH".to_owned(),
            languages: vec![speaks.to_owned()],
            occupation: None,
            lives_with_employer: None,
            day_off: None,
            area: None,
            arrival_year: None,
            access_needs: None,
            alert: None,
        };
        self.vault
            .write(self.manager, None, |tx| {
                let (world, actor) = (&self.world, self.manager);
                let person = darna::people::register(tx, world, actor, &profile)?;
                Ok::<_, Refusal>((person, Event::PersonRegistered { person }))
            })
            .expect("a person")
    }

    /// Writes in the caseworker's cases.
    pub fn write<T>(&self, with: impl FnOnce(&CaseworkTx<'_>) -> Result<T, Refusal>) -> T {
        self.vault
            .write_casework(self.manager, None, |tx| {
                let event = CaseworkEvent::CaseSampleAdded { records: 1 };
                Ok::<_, Refusal>((with(tx)?, event))
            })
            .expect("written")
    }

    /// A case of the caseworker's own, in work.
    pub fn case(&self, tx: &CaseworkTx<'_>, person: PersonId, kind: Kind, words: &str) -> CaseId {
        let story = Story {
            kind,
            urgency: Urgency::Normal,
            channel: None,
            words: words.to_owned(),
            goal: Some(words.to_owned()),
            safety: Some(words.to_owned()),
        };
        let opening = Opening {
            story: &story,
            person,
            issues: &[IssueTold {
                issue: Issue::W01,
                since: None,
                main: true,
            }],
            worker: Some(self.worker.user),
        };
        let case = store::open(tx, &self.world, self.worker, &opening).expect("a case");
        let file = store::case_file(tx, case).expect("a case").expect("a case");
        let facts = store::facts(tx, &file, self.world.today()).expect("its facts");
        let assessed = step(&State::Open, Step::Assess, &facts).expect("assessed");
        let active = step(&assessed, Step::Start, &facts).expect("begun");
        store::put_state(tx, case, &active).expect("in work");
        case
    }
}

/// The caseworker comes in.
pub fn unlock(window: &Window, name: &str) {
    window.type_in("#name", name);
    window.type_in("#passphrase", WORDS);
    window.press("main .button-main", "#desk");
}

/// Locks in the evening and comes in on another day.
pub fn morning(window: &Window, name: &str, days: i64) {
    window.press("#lock-form button", "#passphrase");
    window.outside().days_ahead(days);
    unlock(window, name);
}

/// A folder with all below it, to be opened once its window is closed.
pub fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&target).expect("a folder");
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file");
        }
    }
}
