//! New keys when somebody is shut out or loses the key to casework, and the switch between
//! generations.

use std::fs;
use std::path::Path;

use darna::kit::id::UserId;
use darna::kit::lang::Lang;
use darna::kit::world::World;
use darna::vault::keyfile::{Cost, Damage, KeyFile};
use darna::vault::secret::{Keys, Passphrase};
use darna::vault::words::RecoveryWords;
use darna::vault::{Actor, Event, Refusal, Roles, Vault};
use darna_tests::bare::{Bare, DESKS, MANAGERS, add_volunteer, opened, readable};

const OTHER: &str = "walnut ribbon copper violin meadow anchor";
const THIRD: &str = "orchid tunnel mirror falcon pepper glacier";

fn write(vault: &Vault, actor: Actor) {
    vault
        .write(actor, None, |_| {
            Ok::<_, Refusal>(((), Event::SettingsChanged))
        })
        .expect("written");
}

fn add_caseworker(vault: &Vault, manager: Actor) -> UserId {
    vault
        .add_user(
            manager,
            "Caseworker",
            Roles::CASEWORKER,
            Lang::En,
            &Passphrase::new(OTHER),
            Cost::FLOOR,
        )
        .expect("a caseworker")
}

#[test]
fn whoever_is_shut_out_opens_nothing_even_with_the_key_file_of_before() {
    let (centre, vault) = Bare::new();
    let volunteer = add_volunteer(&vault, centre.manager);
    let caseworker = add_caseworker(&vault, centre.manager);
    let former = centre.key_file();
    let former_folder = centre.file("");
    vault
        .disable_user(centre.manager, caseworker)
        .expect("shut out");

    let keys = former
        .open(caseworker, &Passphrase::new(OTHER))
        .expect("the keys they held");
    for (name, key) in [
        ("desk.db", keys.desk()),
        ("casework.db", keys.casework().expect("a caseworker's")),
    ] {
        assert!(!readable(&centre.database(name, key)), "{name}");
    }
    assert!(!former_folder.exists(), "the former generation is deleted");
    assert!(
        centre
            .key_file()
            .open(caseworker, &Passphrase::new(OTHER))
            .is_none()
    );
    write(&vault, centre.manager);
    let told = vault.verify_journals().expect("one chain over both keys")[0];
    assert!(told.seq >= 6);
    vault.lock(centre.manager);

    assert!(matches!(
        vault.unlock(caseworker, &Passphrase::new(OTHER)),
        Err(Refusal::Passphrase)
    ));
    for (user, passphrase) in [(volunteer, DESKS), (centre.manager.user, MANAGERS)] {
        let actor = vault
            .unlock(user, &Passphrase::new(passphrase))
            .expect("those who stay come in as before");
        vault.verify_journals().expect("one chain");
        vault.lock(actor);
    }
    let file = centre.key_file();
    assert!(
        file.open_recovery(&centre.sheet)
            .expect("the sheet still opens")
            .casework()
            .is_some()
    );
}

#[test]
fn new_keys_reach_those_who_were_away_for_several_changes_and_are_then_wrapped_plainly() {
    let (centre, vault) = Bare::new();
    let volunteer = add_volunteer(&vault, centre.manager);
    for n in 0..3 {
        let name = format!("Passing {n}");
        let passing = vault
            .add_user(
                centre.manager,
                &name,
                Roles::DESK,
                Lang::En,
                &Passphrase::new(THIRD),
                Cost::FLOOR,
            )
            .expect("added");
        vault
            .disable_user(centre.manager, passing)
            .expect("shut out");
    }
    let waits = |user| {
        let slots = centre.key_file().slots;
        slots
            .iter()
            .any(|slot| slot.user == user && slot.has_letters())
    };
    assert!(waits(volunteer));
    vault.lock(centre.manager);
    let actor = vault
        .unlock(volunteer, &Passphrase::new(DESKS))
        .expect("three letters read");
    assert!(!waits(volunteer), "wrapped anew");
    assert!(waits(centre.manager.user), "the others still wait");
    vault.lock(actor);
    drop(vault);
    centre
        .again()
        .unlock(volunteer, &Passphrase::new(DESKS))
        .expect("and opens again");
}

#[test]
fn a_letter_written_without_the_former_key_or_moved_does_not_open() {
    let (centre, vault) = Bare::new();
    let volunteer = add_volunteer(&vault, centre.manager);
    let passing = add_caseworker(&vault, centre.manager);
    let before = centre.key_file();
    vault
        .disable_user(centre.manager, passing)
        .expect("shut out");
    let world = World::system();
    let planted_keys = Keys::random(&world);
    let mut planted = before.clone();
    planted
        .renew_keys(&world, &planted_keys, &planted_keys)
        .expect("letters of somebody without the desk key");
    assert!(planted.open(volunteer, &Passphrase::new(DESKS)).is_none());

    let bytes = fs::read(centre.file("keys.mrc")).expect("the key file");
    let opened = KeyFile::read(&bytes)
        .expect("a key file")
        .open(volunteer, &Passphrase::new(DESKS))
        .expect("the volunteer's keys");
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert!(KeyFile::check(&changed, &opened).is_err(), "byte {place}");
    }
}

#[test]
fn whoever_loses_the_casework_role_loses_its_key() {
    let (centre, vault) = Bare::new();
    let caseworker = add_caseworker(&vault, centre.manager);
    let former = centre.key_file();
    vault
        .renew_user(
            centre.manager,
            caseworker,
            Roles::DESK,
            &Passphrase::new(THIRD),
            Cost::FLOOR,
        )
        .expect("lowered");
    let held = former
        .open(caseworker, &Passphrase::new(OTHER))
        .expect("what they held");
    let casework = held.casework().expect("the casework key of before");
    assert!(!readable(&centre.database("casework.db", casework)));
    let now = centre.key_file();
    let now = now
        .open(caseworker, &Passphrase::new(THIRD))
        .expect("their keys of today");
    assert!(now.casework().is_none());
    assert!(readable(&centre.database("desk.db", now.desk())));
    vault.lock(centre.manager);
    vault
        .unlock(caseworker, &Passphrase::new(THIRD))
        .expect("at the desk");
}

#[test]
fn whoever_gets_the_casework_role_comes_in_with_the_passphrase_they_have() {
    let (centre, vault) = Bare::new();
    let volunteer = add_volunteer(&vault, centre.manager);
    let folder = centre.file("");
    let raised = Roles::DESK.and(Roles::CASEWORKER);
    vault
        .change_roles(centre.manager, volunteer, raised, &Passphrase::new(DESKS))
        .expect("raised");
    assert_eq!(centre.file(""), folder, "nobody's keys change");
    let waits = |user| {
        let slots = centre.key_file().slots;
        slots
            .iter()
            .any(|slot| slot.user == user && slot.has_letters())
    };
    assert!(waits(volunteer) && !waits(centre.manager.user));
    // Somebody is shut out before they come in.
    let caseworker = add_caseworker(&vault, centre.manager);
    vault
        .disable_user(centre.manager, caseworker)
        .expect("shut out");
    vault.lock(centre.manager);
    for _ in 0..2 {
        let actor = vault
            .unlock(volunteer, &Passphrase::new(DESKS))
            .expect("as before");
        assert_eq!(actor.roles, raised);
        let casework = vault.list_casework(actor, |_| Ok::<_, Refusal>(()));
        casework.expect("and reads casework");
        vault.lock(actor);
        assert!(!waits(volunteer), "wrapped plainly");
    }
    let keys = centre.key_file();
    let keys = keys.open(volunteer, &Passphrase::new(DESKS));
    let keys = keys.expect("the keys of today");
    let casework = keys.casework().expect("a casework key");
    assert!(readable(&centre.database("casework.db", casework)));
}

#[test]
fn the_key_to_casework_goes_to_whoever_knows_the_passphrase_and_no_slot_is_doubled() {
    let (centre, vault) = Bare::new();
    let volunteer = add_volunteer(&vault, centre.manager);
    let before = fs::read(centre.file("keys.mrc")).expect("the key file");
    for wrong in ["", OTHER] {
        let refused = vault.change_roles(
            centre.manager,
            volunteer,
            Roles::CASEWORKER,
            &Passphrase::new(wrong),
        );
        assert!(matches!(refused, Err(Refusal::Passphrase)), "{wrong}");
    }
    let after = fs::read(centre.file("keys.mrc")).expect("the key file");
    assert_eq!(before, after);

    // Somebody at the desk knows the key that the file's mark is made with.
    let keys = centre.key_file();
    let desk = keys.open(volunteer, &Passphrase::new(DESKS));
    let desk = desk.expect("the desk's key");
    let mut forged = centre.key_file();
    let mut second = centre.key_file();
    let own = second.slots.iter().position(|slot| slot.user == volunteer);
    forged
        .slots
        .insert(0, second.slots.remove(own.expect("a slot")));
    fs::write(centre.file("keys.mrc"), forged.write(&desk)).expect("written");
    let refused = vault.change_roles(
        centre.manager,
        volunteer,
        Roles::CASEWORKER,
        &Passphrase::new(DESKS),
    );
    assert!(matches!(refused, Err(Refusal::Keys(_))), "{refused:?}");
}

#[test]
fn whoever_loses_the_casework_role_keeps_the_passphrase_and_opens_nothing_of_it_any_more() {
    let (centre, vault) = Bare::new();
    let caseworker = add_caseworker(&vault, centre.manager);
    vault.lock(centre.manager);
    let actor = vault.unlock(caseworker, &Passphrase::new(OTHER));
    vault.lock(actor.expect("in, with a half of their own"));
    vault
        .unlock(centre.manager.user, &Passphrase::new(MANAGERS))
        .expect("in");
    let former = centre.key_file();
    vault
        .change_roles(
            centre.manager,
            caseworker,
            Roles::DESK,
            &Passphrase::new(""),
        )
        .expect("lowered");
    let held = former.open(caseworker, &Passphrase::new(OTHER));
    let held = held.expect("what they held");
    let casework = held.casework().expect("the casework key of before");
    assert!(!readable(&centre.database("casework.db", casework)));
    let now = centre.key_file().open(caseworker, &Passphrase::new(OTHER));
    assert!(now.expect("their keys of today").casework().is_none());
    vault.lock(centre.manager);
    let actor = vault
        .unlock(caseworker, &Passphrase::new(OTHER))
        .expect("at the desk");
    assert_eq!(actor.roles, Roles::DESK);
    let refused = vault.list_casework(actor, |_| Ok::<_, Refusal>(()));
    assert!(matches!(refused, Err(Refusal::Role)));
    vault.lock(actor);

    // Given and taken away again before they came in.
    let manager = || vault.unlock(centre.manager.user, &Passphrase::new(MANAGERS));
    manager().expect("in");
    for roles in [Roles::CASEWORKER, Roles::DESK, Roles::MANAGER, Roles::DESK] {
        vault
            .change_roles(centre.manager, caseworker, roles, &Passphrase::new(OTHER))
            .expect("changed");
    }
    vault.lock(centre.manager);
    let actor = vault.unlock(caseworker, &Passphrase::new(OTHER));
    assert_eq!(actor.expect("in").roles, Roles::DESK);
}

#[test]
fn only_a_manager_changes_roles_and_only_of_those_who_come_in() {
    let (centre, vault) = Bare::new();
    let volunteer = add_volunteer(&vault, centre.manager);
    let before = fs::read(centre.file("keys.mrc")).expect("the key file");
    let caseworker = Actor {
        roles: Roles::CASEWORKER,
        ..centre.manager
    };
    let refused = vault.change_roles(
        caseworker,
        volunteer,
        Roles::MANAGER,
        &Passphrase::new(DESKS),
    );
    assert!(matches!(refused, Err(Refusal::Role)));
    let last = vault.change_roles(
        centre.manager,
        centre.manager.user,
        Roles::CASEWORKER,
        &Passphrase::new(""),
    );
    assert!(matches!(last, Err(Refusal::LastManager)));
    let after = fs::read(centre.file("keys.mrc")).expect("the key file");
    assert_eq!(before, after);
    vault
        .disable_user(centre.manager, volunteer)
        .expect("shut out");
    let gone = vault.change_roles(
        centre.manager,
        volunteer,
        Roles::CASEWORKER,
        &Passphrase::new(DESKS),
    );
    assert!(matches!(gone, Err(Refusal::Missing)));
    vault.lock(centre.manager);

    // The desk has no key that it could send.
    let vault_of_desk = |vault: &Vault| {
        let one = add_volunteer_named(vault, centre.manager, "One");
        let other = add_volunteer_named(vault, centre.manager, "Other");
        vault.lock(centre.manager);
        let desk = vault.unlock(one, &Passphrase::new(DESKS)).expect("in");
        let manager = Actor {
            roles: Roles::MANAGER,
            ..desk
        };
        vault.change_roles(manager, other, Roles::CASEWORKER, &Passphrase::new(DESKS))
    };
    vault
        .unlock(centre.manager.user, &Passphrase::new(MANAGERS))
        .expect("in");
    assert!(matches!(vault_of_desk(&vault), Err(Refusal::Role)));
}

fn add_volunteer_named(vault: &Vault, manager: Actor, name: &str) -> UserId {
    let passphrase = Passphrase::new(DESKS);
    vault
        .add_user(
            manager,
            name,
            Roles::DESK,
            Lang::En,
            &passphrase,
            Cost::FLOOR,
        )
        .expect("a volunteer")
}

/// As the first program wrote it: its letters did not say what the slot is.
fn of_the_first_version(bytes: &[u8], desk: &[u8; 32]) -> Vec<u8> {
    let u16_at = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let mut old = bytes[..79].to_vec();
    old[8] = 1;
    let mut at = 79;
    for _ in 0..bytes[78] {
        let content = |key_set: u8| match key_set {
            1 => 48,
            3 => 80,
            _ => 16,
        };
        let letters = at + 93 + 24 + content(bytes[at + 34]) + 8;
        old.extend_from_slice(&bytes[at..letters + 2]);
        at = letters + 2;
        for _ in 0..u16_at(letters) {
            let end = at + 2 + 32 + 24 + content(bytes[at + 1]);
            old.extend_from_slice(&bytes[at + 2..end]);
            at = end;
        }
        let ring = at + 1 + usize::from(bytes[at]) * (1 + 32 + 32 + 24 + 48);
        old.extend_from_slice(&bytes[at..ring]);
        at = ring;
    }
    old.extend_from_slice(&bytes[at..bytes.len() - 32]);
    let length = u32::try_from(old.len() + 32).expect("short");
    old[10..14].copy_from_slice(&length.to_le_bytes());
    let key = blake3::derive_key("mrc key file v1", desk);
    let mac = blake3::keyed_hash(&key, &old);
    old.extend_from_slice(mac.as_bytes());
    old
}

#[test]
fn a_key_file_of_the_first_version_opens_with_its_letters_and_is_written_anew() {
    let (centre, vault) = Bare::new();
    let volunteer = add_volunteer(&vault, centre.manager);
    let caseworker = add_caseworker(&vault, centre.manager);
    vault
        .disable_user(centre.manager, caseworker)
        .expect("shut out");
    vault.lock(centre.manager);
    let bytes = fs::read(centre.file("keys.mrc")).expect("the key file");
    let keys = centre.key_file().open_recovery(&centre.sheet);
    let old = of_the_first_version(&bytes, keys.expect("keys").desk());
    assert!(old.len() < bytes.len());
    assert_eq!(KeyFile::read(&old), KeyFile::read(&bytes));
    fs::write(centre.file("keys.mrc"), &old).expect("as it was");
    for (user, passphrase) in [(volunteer, DESKS), (centre.manager.user, MANAGERS)] {
        let actor = vault.unlock(user, &Passphrase::new(passphrase));
        vault.lock(actor.expect("in"));
    }
    let now = fs::read(centre.file("keys.mrc")).expect("the key file");
    assert_eq!(now[8], 2);
}

#[test]
fn a_change_that_is_refused_leaves_the_keys_as_they_were() {
    let (centre, vault) = Bare::new();
    let folder = centre.file("");
    let before = fs::read(centre.file("keys.mrc")).expect("the key file");
    let refused = vault.disable_user(centre.manager, centre.manager.user);
    assert!(matches!(refused, Err(Refusal::LastManager)));
    assert_eq!(centre.file(""), folder);
    assert_eq!(
        fs::read(centre.file("keys.mrc")).expect("the key file"),
        before
    );
    write(&vault, centre.manager);
    vault.lock(centre.manager);
    drop(vault);
    let vault = centre.again();
    let left = fs::read_dir(centre.folder.path().join("gen")).expect("generations");
    assert_eq!(left.count(), 1, "nothing half-made is left");
    vault
        .unlock(centre.manager.user, &Passphrase::new(MANAGERS))
        .expect("as before");
}

/// Whatever a kill can leave on the way to a new generation, what was or what is to be opens.
#[test]
fn a_killed_change_of_keys_leaves_the_old_or_the_new() {
    let (centre, vault) = Bare::new();
    let caseworker = add_caseworker(&vault, centre.manager);
    let generations = centre.folder.path().join("gen");
    let before = centre.folder.path().join("before");
    fs::create_dir(&before).expect("a folder");
    vault.lock(centre.manager);
    drop(vault);
    for entry in fs::read_dir(centre.file("")).expect("files").flatten() {
        fs::copy(entry.path(), before.join(entry.file_name())).expect("a copy");
    }
    let vault = centre.again();
    vault
        .unlock(centre.manager.user, &Passphrase::new(MANAGERS))
        .expect("in");
    vault
        .disable_user(centre.manager, caseworker)
        .expect("shut out");
    vault.lock(centre.manager);
    drop(vault);

    let old = generations.join("0001");
    let restore_old = |noted: bool| {
        fs::create_dir_all(&old).expect("the former generation");
        for entry in fs::read_dir(&before).expect("files").flatten() {
            fs::copy(entry.path(), old.join(entry.file_name())).expect("a copy");
        }
        if noted {
            fs::write(old.join("former"), "delete").expect("the note");
        }
    };
    let comes_in = |passphrase: &str, user| {
        let vault = centre.again();
        let entered = vault.unlock(user, &Passphrase::new(passphrase));
        if let Ok(actor) = entered {
            vault.verify_journals().expect("one chain");
            vault.lock(actor);
        }
        entered.is_ok()
    };

    // Killed after the switch, before the former one was deleted.
    restore_old(true);
    assert!(!comes_in(OTHER, caseworker));
    assert!(comes_in(MANAGERS, centre.manager.user));
    assert!(!old.exists(), "deleted at the next start");

    // Killed when the new one had its name, before CURRENT pointed to it.
    restore_old(true);
    fs::write(centre.folder.path().join("CURRENT"), "0001\n").expect("CURRENT");
    assert!(!comes_in(OTHER, caseworker), "it goes on");
    assert!(comes_in(MANAGERS, centre.manager.user));
    assert_eq!(current(&centre), "0002");

    // Killed while the new one was built.
    let half = generations.join("0003.tmp");
    fs::create_dir(&half).expect("a folder");
    fs::write(half.join("desk.db"), "half").expect("a file");
    assert!(comes_in(MANAGERS, centre.manager.user));
    assert!(!half.exists());

    // CURRENT itself is lost.
    fs::remove_file(centre.folder.path().join("CURRENT")).expect("removed");
    let vault = centre.again();
    assert!(
        !vault.is_empty().expect("a folder"),
        "no new centre over it"
    );
    vault
        .unlock(centre.manager.user, &Passphrase::new(MANAGERS))
        .expect("the newest one is taken");
}

#[test]
fn the_copy_holds_every_row_and_is_not_byte_equal() {
    let (centre, vault) = Bare::new();
    let volunteer = add_volunteer(&vault, centre.manager);
    for _ in 0..50 {
        write(&vault, centre.manager);
    }
    let head = vault.verify_journals().expect("a chain")[0];
    let file = fs::read(centre.file("desk.db")).map(|bytes| blake3::hash(&bytes));
    vault
        .disable_user(centre.manager, volunteer)
        .expect("shut out");
    let after = vault.verify_journals().expect("a chain")[0];
    assert_eq!(after.seq, head.seq + 1);
    let kept = vault.read(|db| {
        db.one(
            "select hash from journal where seq = :seq",
            rusqlite::named_params! { ":seq": head.seq },
            |row| row.get::<_, [u8; 32]>(0),
        )
    });
    assert_eq!(
        kept.expect("a row"),
        Some(head.hash),
        "anchors made before still hold"
    );
    vault.lock(centre.manager);
    let copied = fs::read(centre.file("desk.db")).map(|bytes| blake3::hash(&bytes));
    assert_ne!(file.expect("a file"), copied.expect("a file"));
    let keys = centre
        .key_file()
        .open_recovery(&centre.sheet)
        .expect("keys");
    assert!(readable(&opened(&centre.file("desk.db"), keys.desk())));
}

fn current(centre: &Bare) -> String {
    let named = fs::read_to_string(centre.folder.path().join("CURRENT"));
    named.expect("CURRENT").trim().to_owned()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("files").flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}

/// A centre in its second generation, from which a caseworker was shut out, and the first one as
/// a restore would have left it.
fn with_a_former_state() -> (Bare, UserId) {
    let (centre, vault) = Bare::new();
    let caseworker = add_caseworker(&vault, centre.manager);
    let former = centre.file("");
    let kept = centre.folder.path().join("kept");
    copy(&former, &kept);
    vault
        .disable_user(centre.manager, caseworker)
        .expect("shut out");
    vault.lock(centre.manager);
    fs::rename(&kept, &former).expect("the former state");
    fs::write(former.join("former"), "2999-12-31").expect("the note");
    (centre, caseworker)
}

#[test]
fn whatever_stands_in_current_nothing_is_lost_and_the_newest_state_opens() {
    let (centre, caseworker) = with_a_former_state();
    let generations = centre.folder.path().join("gen");
    let path = centre.folder.path().join("CURRENT");
    let damaged: [&[u8]; 6] = [
        b"0001\n",
        b"0000\n",
        b"0006\n",
        b"",
        b"00\xff2\n",
        b"p002\n",
    ];
    for named in damaged {
        fs::write(&path, named).expect("CURRENT");
        let vault = centre.again();
        for number in ["0001", "0002"] {
            let keys = generations.join(number).join("keys.mrc");
            assert!(keys.exists(), "{number} under {named:?}");
        }
        assert!(!vault.is_empty().expect("a folder"));
        assert!(vault.unlock(caseworker, &Passphrase::new(OTHER)).is_err());
        let actor = vault.unlock(centre.manager.user, &Passphrase::new(MANAGERS));
        vault.lock(actor.expect("the newest state"));
        assert_eq!(current(&centre), "0002", "written anew after {named:?}");
    }
}

#[test]
fn where_the_keys_are_lost_nothing_is_deleted_and_no_earlier_state_opens_for_them() {
    let (centre, caseworker) = with_a_former_state();
    let former = centre.folder.path().join("gen/0001");
    fs::write(former.join("former"), "2000-01-01").expect("its day is over");
    fs::remove_file(centre.file("keys.mrc")).expect("lost");
    let vault = centre.again();
    assert!(former.join("desk.db").exists());
    assert!(matches!(
        vault.unlock(caseworker, &Passphrase::new(OTHER)),
        Err(Refusal::Keys(Damage::Missing))
    ));
    assert!(matches!(vault.is_empty(), Ok(false)));
}

#[test]
fn a_switch_that_fails_locks_and_what_is_on_disk_goes_on() {
    let (centre, vault) = Bare::new();
    let caseworker = add_caseworker(&vault, centre.manager);
    // The new CURRENT cannot be written.
    let blocked = centre.folder.path().join("CURRENT.new");
    fs::create_dir(&blocked).expect("a folder in its place");
    let failed = vault.disable_user(centre.manager, caseworker);
    assert!(failed.is_err());
    assert!(!vault.is_open(), "nobody writes to what may be the former");
    fs::remove_dir(&blocked).expect("removed");
    let manager = || vault.unlock(centre.manager.user, &Passphrase::new(MANAGERS));
    manager().expect("in");
    write(&vault, centre.manager);
    let head = vault.verify_journals().expect("one chain")[0];
    vault.lock(centre.manager);
    drop(vault);

    let vault = centre.again();
    assert!(vault.unlock(caseworker, &Passphrase::new(OTHER)).is_err());
    vault
        .unlock(centre.manager.user, &Passphrase::new(MANAGERS))
        .expect("in");
    let now = vault.verify_journals().expect("one chain")[0];
    assert!(now.seq > head.seq, "what was acknowledged is there");
    assert!(!centre.folder.path().join("gen/0001").exists());
}

#[test]
fn whoever_is_shut_out_opens_no_earlier_state_on_the_laptop_either() {
    let (centre, _) = with_a_former_state();
    let generations = centre.folder.path().join("gen");
    let vault = centre.again();
    vault
        .unlock(centre.manager.user, &Passphrase::new(MANAGERS))
        .expect("in");
    let volunteer = add_volunteer(&vault, centre.manager);
    for half in ["backup.tmp", "rehearsal.tmp"] {
        copy(&centre.file(""), &generations.join(half));
    }
    vault
        .disable_user(centre.manager, volunteer)
        .expect("shut out");
    let left: Vec<_> = fs::read_dir(&generations)
        .expect("generations")
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(left, ["0003"]);
}

#[test]
fn nobody_at_the_desk_can_choose_the_next_casework_key() {
    let (centre, vault) = Bare::new();
    let volunteer = add_volunteer(&vault, centre.manager);
    let mut planted = centre.key_file();
    let held = planted
        .open(volunteer, &Passphrase::new(DESKS))
        .expect("the desk key");
    let mut known = [0; 64];
    known[..32].copy_from_slice(held.desk());
    let known = Keys::from_slot(&known).expect("what a volunteer knows");
    let world = World::system();
    planted
        .renew_keys(&world, &known, &Keys::random(&world))
        .expect("letters to everybody");
    let manager = centre.manager.user;
    assert!(planted.open(manager, &Passphrase::new(MANAGERS)).is_none());
    assert!(planted.open_recovery(&centre.sheet).is_none());
}

#[test]
fn a_replaced_sheet_opens_nothing_here_even_with_the_key_file_of_before() {
    let (centre, vault) = Bare::new();
    let volunteer = add_volunteer(&vault, centre.manager);
    let before = fs::read(centre.file("keys.mrc")).expect("the key file");
    let held = centre.key_file().open_recovery(&centre.sheet);
    let held = held.expect("the keys of the old sheet");
    let fresh = RecoveryWords::random(&World::system());
    vault
        .renew_sheet(centre.manager, None, &fresh)
        .expect("a new sheet");
    assert!(!readable(&centre.database("desk.db", held.desk())));
    let casework = held.casework().expect("a casework key");
    assert!(!readable(&centre.database("casework.db", casework)));
    vault.lock(centre.manager);
    assert!(vault.recovery_opens(&fresh).expect("read"));
    let actor = vault.unlock(volunteer, &Passphrase::new(DESKS));
    vault.lock(actor.expect("the others come in as before"));

    fs::write(centre.file("keys.mrc"), before).expect("put back");
    assert!(vault.by_words(&centre.sheet).is_err());
    assert!(
        vault
            .unlock_by_sheet(&centre.sheet, centre.manager.user)
            .is_err()
    );
}

#[test]
fn an_earlier_key_file_put_back_does_not_bring_an_old_passphrase_back() {
    let (centre, vault) = Bare::new();
    let before = fs::read(centre.file("keys.mrc")).expect("the key file");
    let now = Passphrase::new(THIRD);
    vault
        .change_passphrase(
            centre.manager,
            &Passphrase::new(MANAGERS),
            &now,
            Cost::FLOOR,
        )
        .expect("changed");
    vault.lock(centre.manager);
    let changed = fs::read(centre.file("keys.mrc")).expect("the key file");
    fs::write(centre.file("keys.mrc"), before).expect("put back");
    assert!(matches!(
        vault.unlock(centre.manager.user, &Passphrase::new(MANAGERS)),
        Err(Refusal::Keys(Damage::Older))
    ));
    assert!(matches!(
        vault.unlock_by_sheet(&centre.sheet, centre.manager.user),
        Err(Refusal::Keys(Damage::Older))
    ));
    assert!(!vault.is_open());
    fs::write(centre.file("keys.mrc"), changed).expect("put back");
    vault.unlock(centre.manager.user, &now).expect("as changed");
}

#[test]
fn a_new_passphrase_that_was_not_saved_does_not_open() {
    let (centre, vault) = Bare::new();
    let volunteer = add_volunteer(&vault, centre.manager);
    let keys = centre.key_file().open_recovery(&centre.sheet);
    centre
        .database("desk.db", keys.expect("keys").desk())
        .execute_batch(
            "create trigger refuse before insert on journal when new.name = 'user-renewed'
              begin select raise(abort, 'no'); end",
        )
        .expect("a database that refuses");
    let refused = vault.renew_user(
        centre.manager,
        volunteer,
        Roles::DESK,
        &Passphrase::new(THIRD),
        Cost::FLOOR,
    );
    assert!(refused.is_err());
    let opens = |passphrase| {
        let opened = centre
            .key_file()
            .open(volunteer, &Passphrase::new(passphrase));
        opened.is_some()
    };
    assert!(opens(DESKS) && !opens(THIRD));
}

#[test]
fn while_somebody_is_in_a_key_file_that_was_altered_or_put_back_is_not_gone_on_with() {
    let (centre, vault) = Bare::new();
    let before = fs::read(centre.file("keys.mrc")).expect("the key file");
    let volunteer = add_volunteer(&vault, centre.manager);
    let good = fs::read(centre.file("keys.mrc")).expect("the key file");
    let mut altered = good.clone();
    // The generation that it names.
    altered[30] ^= 1;
    let third = Passphrase::new(THIRD);
    for (lies, why) in [(&altered, Damage::Altered), (&before, Damage::Older)] {
        fs::write(centre.file("keys.mrc"), lies).expect("written");
        let refused = [
            vault.disable_user(centre.manager, volunteer),
            vault.renew_user(centre.manager, volunteer, Roles::DESK, &third, Cost::FLOOR),
            vault.change_roles(centre.manager, volunteer, Roles::CASEWORKER, &third),
            vault.renew_sheet(
                centre.manager,
                None,
                &RecoveryWords::random(&World::system()),
            ),
            vault.review(centre.manager.user).map(|_| ()),
            vault
                .witness("Zaynab-Marker", &Passphrase::new(MANAGERS))
                .map(|_| ()),
        ];
        for refused in refused {
            assert!(
                matches!(&refused, Err(Refusal::Keys(found)) if *found == why),
                "{refused:?} and not {why:?}"
            );
        }
        let now = fs::read(centre.file("keys.mrc")).expect("the key file");
        assert_eq!(&now, lies, "nobody signs what somebody else wrote");
    }
    fs::write(centre.file("keys.mrc"), good).expect("as it was");
    vault
        .disable_user(centre.manager, volunteer)
        .expect("shut out");
}
