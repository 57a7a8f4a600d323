//! Caseworkers at a centre, and a first case.

use darna::cases::rules::{Kind, Story, Urgency};
use darna::cases::store::{self, IssueTold, Opening};
use darna::kit::id::{CaseId, PersonId};
use darna::kit::lang::Lang;
use darna::vault::keyfile::Cost;
use darna::vault::secret::Passphrase;
use darna::vault::{Actor, CaseworkEvent, Refusal, Roles};

use crate::centre::Centre;

pub const WORDS: &str = "orchid tunnel mirror falcon pepper glacier";

/// A new user, who does not come in yet.
pub fn add(centre: &Centre, name: &str, roles: Roles) -> Actor {
    let user = centre
        .app
        .vault
        .add_user(
            centre.manager(),
            name,
            roles,
            Lang::En,
            &Passphrase::new(WORDS),
            Cost::FLOOR,
        )
        .expect("a new user");
    Actor { user, roles }
}

/// Locks, and lets somebody in through the door.
pub fn enter(centre: &Centre, name: &str) {
    if centre.get("/").to != "/lock" {
        centre.post("/", "/lock", &[]);
    }
    let told = [("name", name), ("passphrase", WORDS)];
    let to = centre.post("/lock", "/unlock", &told).to;
    assert!(["/", "/cases", "/news"].contains(&&*to), "{to}");
}

/// Registers somebody at the desk.
pub fn visitor(centre: &Centre, name: &str) -> PersonId {
    let told = [("name", name), ("consent", "spoken"), ("then", "stay")];
    let done = centre.post("/people/new", "/people/new", &told);
    let person = done.to.strip_prefix("/people/");
    person
        .and_then(|id| id.split('?').next()?.parse().ok())
        .unwrap_or_else(|| panic!("registered: {} {}", done.to, done.html))
}

pub fn story(words: &str) -> Story {
    Story {
        kind: Kind::Legal,
        urgency: Urgency::Normal,
        channel: None,
        words: words.to_owned(),
        goal: None,
        safety: None,
    }
}

/// Opens a case of `actor`'s own, as whoever is in.
pub fn open(
    centre: &Centre,
    actor: Actor,
    person: PersonId,
    words: &str,
    issues: &[IssueTold],
) -> CaseId {
    let vault = &centre.app.vault;
    let opened = vault.write_casework(actor, None, |tx| {
        let story = story(words);
        let opening = Opening {
            story: &story,
            person,
            issues,
            worker: Some(actor.user),
        };
        let case = store::open(tx, &centre.app.world, actor, &opening)?;
        Ok::<_, Refusal>((case, CaseworkEvent::CaseOpened { case, person }))
    });
    opened.expect("an open case")
}
