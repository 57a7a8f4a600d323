//! Keys, unlocking, the write door and the journal, on real encrypted files.

use std::fs;

use darna::kit::id::{CentreId, UserId, WriteId};
use darna::kit::lang::Lang;
use darna::kit::world::{Seeded, World};
use darna::vault::keyfile::{Cost, Damage, KeyFile};
use darna::vault::secret::Passphrase;
use darna::vault::words::{self, RecoveryWords, TooWeak};
use darna::vault::{Actor, Event, Founding, Refusal, Roles, Unopened, Vault};
use darna_tests::bare::{Bare, DESKS, MANAGERS, add_volunteer, every_file, readable};
use darna_tests::clock::SetClock;
use serde_json::{Value, json};
use tempfile::TempDir;

#[test]
fn only_the_right_passphrase_of_the_right_user_unlocks() {
    let (centre, vault) = Bare::new();
    vault.lock(centre.manager);
    let refused = |user, typed: &str| vault.unlock(user, &Passphrase::new(typed));

    assert!(matches!(
        refused(centre.manager.user, DESKS),
        Err(Refusal::Passphrase)
    ));
    assert!(matches!(
        refused(UserId::from_bytes([7; 16]), MANAGERS),
        Err(Refusal::Passphrase)
    ));
    assert!(!vault.is_open());
    assert_eq!(
        refused(centre.manager.user, MANAGERS).expect("unlocked"),
        centre.manager
    );
}

#[test]
fn nothing_of_what_was_typed_can_be_read_in_the_folder() {
    let (centre, vault) = Bare::new();
    add_volunteer(&vault, centre.manager);
    vault.lock(centre.manager);
    let files = every_file(centre.folder.path());
    assert!(
        files.len() >= 5,
        "databases, keys, CURRENT and the lock: {files:?}"
    );
    for path in files {
        let bytes = fs::read(&path).expect("a file of the centre");
        for marker in [
            "Marjoram",
            "Zaynab-Marker",
            "Volunteer-Marker",
            "SQLite format",
        ] {
            let wide: Vec<u8> = marker.encode_utf16().flat_map(u16::to_le_bytes).collect();
            for form in [marker.as_bytes(), &wide] {
                assert!(
                    !bytes.windows(form.len()).any(|w| w == form),
                    "{marker} in {path:?}"
                );
            }
        }
    }
}

#[test]
fn a_volunteer_neither_manages_nor_holds_the_casework_key() {
    let (centre, vault) = Bare::new();
    let volunteer = add_volunteer(&vault, centre.manager);
    vault.lock(centre.manager);
    let desk = vault
        .unlock(volunteer, &Passphrase::new(DESKS))
        .expect("the volunteer comes in");

    let keys = centre.key_file();
    let opened = keys
        .open(volunteer, &Passphrase::new(DESKS))
        .expect("the volunteer's keys");
    assert!(opened.casework().is_none());
    let attached = vault.read(|db| {
        db.all("select name from pragma_database_list", [], |row| {
            row.get::<_, String>(0)
        })
    });
    assert_eq!(
        attached
            .expect("the open files")
            .iter()
            .filter(|name| *name == "casework")
            .count(),
        0
    );

    let refused = vault.add_user(
        desk,
        "Other",
        Roles::DESK,
        Lang::En,
        &Passphrase::new(MANAGERS),
        Cost::FLOOR,
    );
    assert!(matches!(refused, Err(Refusal::Role)));
    assert_eq!(
        centre.key_file().slots.len(),
        3,
        "manager, sheet, volunteer"
    );
}

#[test]
fn the_desk_key_does_not_open_casework() {
    let (centre, vault) = Bare::new();
    let volunteer = add_volunteer(&vault, centre.manager);
    vault.lock(centre.manager);
    let keys = centre.key_file();
    let opened = keys
        .open(volunteer, &Passphrase::new(DESKS))
        .expect("the volunteer's keys");
    for (name, opens) in [("desk.db", true), ("casework.db", false)] {
        let file = centre.database(name, opened.desk());
        assert_eq!(readable(&file), opens, "{name}");
    }
}

#[test]
fn the_sheet_opens_the_centre_and_its_words_may_be_shortened() {
    let (centre, vault) = Bare::new();
    let words = centre.sheet.words();
    assert_eq!(words.len(), 24);
    let short: Vec<&str> = words
        .iter()
        .map(|word| &word[..word.len().min(4)])
        .collect();
    let typed = RecoveryWords::parse(&short.join("  ").to_uppercase()).expect("the same sheet");
    assert!(vault.recovery_opens(&typed).expect("a key file"));
    let other = RecoveryWords::random(&World::system());
    assert!(!vault.recovery_opens(&other).expect("a key file"));
    assert!(RecoveryWords::parse("abandon abandon").is_err());
}

#[test]
fn what_the_door_refuses_is_not_written() {
    let (centre, vault) = Bare::new();
    let head = vault.verify_journals().expect("a chain");
    let desk = Actor {
        roles: Roles::DESK,
        ..centre.manager
    };
    let refused = vault.write(desk, None, |tx| {
        tx.execute("update centre set name = 'Changed'", [])?;
        Ok::<_, Refusal>((
            (),
            Event::UserAdded {
                user: desk.user,
                roles: 1,
            },
        ))
    });
    assert!(matches!(refused, Err(Refusal::Role)));
    let looked = vault.read(|db| {
        db.one(
            "update centre set name = 'Changed' returning name",
            [],
            |row| row.get::<_, String>(0),
        )
    });
    assert!(matches!(looked, Err(Refusal::Role)), "reading cannot write");
    let name =
        vault.read(|db| db.one("select name from centre", [], |row| row.get::<_, String>(0)));
    assert_eq!(name.expect("the centre"), Some("Centre Marjoram".into()));
    assert_eq!(vault.verify_journals().expect("a chain"), head);
}

#[test]
fn a_form_sent_twice_writes_once() {
    let (centre, vault) = Bare::new();
    let form = WriteId::new(&World::system());
    let send = || {
        vault.write(centre.manager, Some(form), |_| {
            Ok::<_, Refusal>((
                (),
                Event::PassphraseChanged {
                    user: centre.manager.user,
                },
            ))
        })
    };
    send().expect("written");
    let head = vault.verify_journals().expect("a chain");
    assert!(matches!(send(), Err(Refusal::AlreadyWritten)));
    assert_eq!(vault.verify_journals().expect("a chain"), head);
}

#[test]
fn the_journal_cannot_be_edited_in_the_file_unnoticed() {
    let (centre, vault) = Bare::new();
    vault.lock(centre.manager);
    drop(vault);
    let keys = centre.key_file();
    let opened = keys
        .open(centre.manager.user, &Passphrase::new(MANAGERS))
        .expect("the keys");
    let untouched = fs::read(centre.file("desk.db")).expect("desk.db");
    for edit in [
        "update journal set at = '2020-01-01T00:00:00.000Z' where seq = 2",
        "update journal set actor = randomblob(16) where seq = 2",
        "update journal set name = 'locked' where seq = 2",
        "update journal set ids = '{}' where seq = 2",
        "update journal set event = randomblob(16) where seq = 2",
        "update journal set hash = randomblob(32) where seq = 2",
        "delete from journal where seq = 2",
    ] {
        fs::write(centre.file("desk.db"), &untouched).expect("the file as it was");
        let file = centre.database("desk.db", opened.desk());
        assert!(
            file.execute_batch(edit).is_err(),
            "a trigger refuses: {edit}"
        );
        file.execute_batch("drop trigger journal_keeps_rows; drop trigger journal_loses_none")
            .expect("no triggers");
        file.execute_batch(edit).expect("the edit");
        drop(file);
        let noticed = centre
            .again()
            .unlock(centre.manager.user, &Passphrase::new(MANAGERS));
        assert!(matches!(noticed, Err(Refusal::Journal(_))), "{edit}");
    }
}

#[test]
fn every_changed_byte_of_the_key_file_is_noticed() {
    let (centre, vault) = Bare::new();
    vault.lock(centre.manager);
    let bytes = fs::read(centre.file("keys.mrc")).expect("the key file");
    let keys = KeyFile::read(&bytes)
        .expect("a key file")
        .open(centre.manager.user, &Passphrase::new(MANAGERS))
        .expect("the keys");
    KeyFile::check(&bytes, &keys).expect("whole");
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert_eq!(
            KeyFile::check(&changed, &keys),
            Err(Damage::Altered),
            "byte {place}"
        );
    }
    for length in 0..bytes.len() {
        assert!(
            KeyFile::read(&bytes[..length]).is_err(),
            "cut off at {length}"
        );
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(KeyFile::read(&longer), Err(Damage::Newer));
    let mut newer = bytes.clone();
    newer[8] = 3;
    assert_eq!(KeyFile::read(&newer), Err(Damage::Newer));
}

#[test]
fn a_planted_slot_that_is_too_cheap_or_too_dear_is_refused() {
    let (centre, _vault) = Bare::new();
    let bytes = fs::read(centre.file("keys.mrc")).expect("the key file");
    // The first slot's memory and passes: after the file's fixed part and id, kind, user, roles, keys, kdf.
    let memory = 79 + 16 + 1 + 16 + 3;
    for (m, t) in [
        (1024, 3),
        (64 * 1024, 2),
        (2 * 1024 * 1024, 3),
        (64 * 1024, 65),
    ] {
        let mut planted = bytes.clone();
        planted[memory..memory + 4].copy_from_slice(&u32::to_le_bytes(m));
        planted[memory + 4..memory + 8].copy_from_slice(&u32::to_le_bytes(t));
        assert_eq!(
            KeyFile::read(&planted),
            Err(Damage::Parameters),
            "{m} KiB × {t}"
        );
    }
}

#[test]
fn a_slot_moved_to_another_user_does_not_open() {
    let (centre, vault) = Bare::new();
    let volunteer = add_volunteer(&vault, centre.manager);
    let mut file = centre.key_file();
    assert!(
        file.open(centre.manager.user, &Passphrase::new(MANAGERS))
            .is_some()
    );
    file.slots[0].user = volunteer;
    file.slots.truncate(1);
    assert!(file.open(volunteer, &Passphrase::new(MANAGERS)).is_none());
}

#[test]
fn missing_swapped_and_cut_off_databases_are_told_apart_from_wrong_passphrases() {
    let (centre, vault) = Bare::new();
    vault.lock(centre.manager);
    let unlock = || {
        vault
            .unlock(centre.manager.user, &Passphrase::new(MANAGERS))
            .map(|_| ())
    };
    let desk = fs::read(centre.file("desk.db")).expect("desk.db");
    let casework = fs::read(centre.file("casework.db")).expect("casework.db");

    fs::write(centre.file("desk.db"), &casework).expect("swapped");
    assert!(matches!(
        unlock(),
        Err(Refusal::Database(Unopened::Damaged))
    ));
    fs::write(centre.file("desk.db"), &desk[..100]).expect("cut off");
    assert!(matches!(
        unlock(),
        Err(Refusal::Database(Unopened::Damaged))
    ));
    fs::remove_file(centre.file("desk.db")).expect("removed");
    assert!(matches!(
        unlock(),
        Err(Refusal::Database(Unopened::Missing))
    ));
    assert!(
        !centre.file("desk.db").exists(),
        "nothing makes an empty one in its place"
    );
    fs::write(centre.file("desk.db"), &desk).expect("put back");
    fs::remove_file(centre.file("casework.db")).expect("removed");
    assert!(matches!(
        unlock(),
        Err(Refusal::Database(Unopened::Missing))
    ));
    fs::write(centre.file("casework.db"), &casework).expect("put back");
    unlock().expect("as before");
}

#[test]
fn a_second_program_on_the_same_folder_is_refused() {
    let (centre, vault) = Bare::new();
    assert!(matches!(
        Vault::at(centre.folder.path(), World::system()),
        Err(Refusal::InUse)
    ));
    drop(vault);
    centre.again();
}

#[test]
fn a_set_up_that_was_killed_starts_again_clean() {
    let folder = TempDir::new().expect("a temporary folder");
    let half = folder.path().join("gen/0001.tmp");
    fs::create_dir_all(&half).expect("what a killed set-up left");
    fs::write(half.join("desk.db"), "half").expect("a half-written file");
    let vault = Vault::at(folder.path(), World::system()).expect("a vault");
    assert!(vault.is_empty().expect("a readable folder"));
    let founded = vault.found(&Founding {
        centre: CentreId::new(&World::system()),
        centre_name: "Again",
        manager_name: "Second",
        language: Lang::En,
        roles: Roles::MANAGER,
        passphrase: &Passphrase::new(MANAGERS),
        recovery: &RecoveryWords::random(&World::system()),
        cost: Cost::FLOOR,
    });
    let manager = founded.expect("a founded centre");
    vault
        .unlock(manager.user, &Passphrase::new(MANAGERS))
        .expect("unlocked");
}

#[test]
fn passphrases_that_are_short_guessable_or_hold_a_name_are_refused() {
    let of = |typed: &str| words::strong_enough(&Passphrase::new(typed), false, &["Marjoram"]);
    assert_eq!(of("k7!Qz-short"), Err(TooWeak::Short));
    assert_eq!(of("passwordpassword"), Err(TooWeak::Guessable));
    assert_eq!(of("orbit marjoram velvet cactus"), Err(TooWeak::NameInside));
    assert_eq!(of(&"velvet ".repeat(30)), Err(TooWeak::Long));
    assert_eq!(of(DESKS), Ok(()));
    for _ in 0..20 {
        let offered = words::offered(&World::system());
        assert_eq!(
            words::strong_enough(&Passphrase::new(&offered), true, &[]),
            Ok(()),
            "{offered}"
        );
    }
}

/// How long a refusal takes must not tell which names are known.
#[test]
fn an_unknown_name_costs_as_much_as_one_of_those_who_are_known() {
    let (centre, vault) = Bare::new();
    let dear = Cost::new(64 * 1024, 4).expect("a cost");
    let name = "Slow-Marker";
    let passphrase = Passphrase::new(DESKS);
    vault
        .add_user(
            centre.manager,
            name,
            Roles::DESK,
            Lang::En,
            &passphrase,
            dear,
        )
        .expect("added on a faster machine");
    let file = centre.key_file();
    let world = World::system();
    let costs: Vec<Cost> = (0..64)
        .map(|_| {
            let unknown = UserId::new(&world);
            let cost = file.cost_of_unknown(unknown);
            assert_eq!(cost, file.cost_of_unknown(unknown), "the same each time");
            cost
        })
        .collect();
    assert!(costs.contains(&dear) && costs.contains(&Cost::FLOOR));
}

#[cfg(unix)]
#[test]
fn nobody_else_at_the_computer_sees_into_the_data_folder() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().expect("a temporary folder");
    let data = folder.path().join("data");
    fs::create_dir(&data).expect("a folder");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).expect("open to all");
    let _vault = Vault::at(&data, World::system()).expect("a vault");
    let mode = fs::metadata(&data).expect("a folder").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn what_a_crash_left_of_a_commit_over_both_files_goes_once_both_were_opened() {
    let (centre, vault) = Bare::new();
    let desk = add_volunteer(&vault, centre.manager);
    vault.lock(centre.manager);
    let orphan = centre.file("desk.db-mj0A1B2C3D");
    fs::write(&orphan, "casework.db-journal").expect("as a crash leaves it");
    let actor = vault
        .unlock(desk, &Passphrase::new(DESKS))
        .expect("the desk comes in");
    assert!(orphan.exists(), "casework.db may still need it");
    vault.lock(actor);
    vault
        .unlock(centre.manager.user, &Passphrase::new(MANAGERS))
        .expect("the manager comes in");
    assert!(!orphan.exists());
}

fn doors(centre: &Bare) -> Value {
    let bytes = fs::read(centre.file("doors.json")).expect("the file");
    serde_json::from_slice(&bytes).expect("json")
}

/// Each with a passphrase of their own.
fn staff(vault: &Vault, manager: Actor) -> Vec<(UserId, String, String)> {
    let offered = World::new(SetClock::new(), Seeded::new(3));
    let names = [
        "Amal", "Basma", "Chadi", "Dalia", "Elias", "Farah", "Ghada", "Hadi", "Iman",
    ];
    let add = |name: &&str| {
        let passphrase = words::offered(&offered);
        let user = vault.add_user(
            manager,
            name,
            Roles::DESK,
            Lang::En,
            &Passphrase::new(&passphrase),
            Cost::FLOOR,
        );
        (user.expect("added"), (*name).to_owned(), passphrase)
    };
    names.iter().map(add).collect()
}

/// Who has this laptop and a list of names must not find out by it which of them work here.
#[test]
fn what_the_lock_screen_knows_tells_no_names_and_lets_each_in_by_their_own() {
    let clock = SetClock::new();
    let (centre, vault) = Bare::with(World::new(clock.clone(), Seeded::new(5)));
    let staff = staff(&vault, centre.manager);
    vault.lock(centre.manager);
    let told = doors(&centre);
    let marks = told["marks"].as_array().expect("marks");
    assert_eq!(marks.len(), 10);
    let mark = |user: UserId| {
        let own = marks.iter().find(|one| one[0] == json!(user));
        own.expect("each has one")[1].as_u64().expect("a number")
    };
    assert!(marks.iter().all(|one| one[1].as_u64() < Some(8)));
    // Nine names have eight marks between them.
    let pairs = staff
        .iter()
        .flat_map(|one| staff.iter().map(move |other| (one, other)));
    let mut pairs = pairs.filter(|(one, other)| one.0 != other.0);
    let (one, other) = pairs
        .find(|(one, other)| mark(one.0) == mark(other.0))
        .expect("a pair");

    let comes = |name: &str, passphrase: &str| {
        let entered = vault.unlock_named(name, &Passphrase::new(passphrase));
        if let Ok(entered) = &entered {
            vault.lock(entered.actor);
        }
        entered.map(|entered| entered.actor.user)
    };
    // The passphrase fits a slot that is tried, and yet it is a wrong one.
    let crossed = comes(&one.1, &other.2);
    assert!(matches!(crossed, Err(Refusal::Passphrase)), "{crossed:?}");
    assert!(!vault.is_open());
    assert_eq!(comes(&one.1, &one.2).expect("in"), one.0);
    assert_eq!(
        comes(&other.1.to_uppercase(), &other.2).expect("in"),
        other.0
    );
    for tried in 0..5 {
        let unknown = comes(&format!("Nobody {tried}"), &other.2);
        assert!(matches!(unknown, Err(Refusal::Passphrase)), "{unknown:?}");
    }
    assert!(matches!(comes(&other.1, &other.2), Err(Refusal::Wait(1))));
    clock.advance(1);
    assert!(comes(&other.1, &other.2).is_ok());
}

/// Whoever writes to the disk, or a bit that turned over, must not keep somebody out for good.
#[test]
fn a_wrong_mark_keeps_nobody_out_for_good_and_is_put_right_by_whoever_comes_in() {
    let clock = SetClock::new();
    let (centre, vault) = Bare::with(World::new(clock.clone(), Seeded::new(6)));
    let volunteer = add_volunteer(&vault, centre.manager);
    vault.lock(centre.manager);
    let right = doors(&centre);
    let mut wrong = right.clone();
    for one in wrong["marks"].as_array_mut().expect("marks") {
        one[1] = json!((one[1].as_u64().expect("a number") + 1) % 8);
    }
    let desk = Passphrase::new(DESKS);
    let comes = |name: &str, passphrase: &str| {
        let entered = vault.unlock_named(name, &Passphrase::new(passphrase));
        entered.map(|entered| entered.actor.user)
    };
    fs::write(centre.file("doors.json"), wrong.to_string()).expect("written");
    for _ in 0..2 {
        let led = comes("Volunteer-Marker", DESKS);
        assert!(matches!(led, Err(Refusal::Passphrase)), "{led:?}");
    }
    // From here on each slot is tried, and yet a name that nobody has lets nobody in.
    for (name, passphrase) in [("Nobody", DESKS), ("Volunteer-Marker", MANAGERS)] {
        let refused = comes(name, passphrase);
        assert!(matches!(refused, Err(Refusal::Passphrase)), "{refused:?}");
    }
    assert_eq!(comes("Volunteer-Marker", DESKS).expect("in"), volunteer);
    assert_eq!(doors(&centre), right, "put right");
    vault.lock(vault.unlock(volunteer, &desk).expect("in"));

    // A colleague who is led right puts the others right too.
    let mut wrong = right.clone();
    for one in wrong["marks"].as_array_mut().expect("marks") {
        if one[0] == json!(volunteer) {
            one[1] = json!((one[1].as_u64().expect("a number") + 1) % 8);
        }
    }
    fs::write(centre.file("doors.json"), wrong.to_string()).expect("written");
    comes("Zaynab-Marker", MANAGERS).expect("in");
    assert_eq!(doors(&centre), right);
}

#[test]
fn two_who_chose_the_same_passphrase_come_in_by_their_names() {
    let (centre, vault) = Bare::new();
    let same = Passphrase::new(DESKS);
    let mut users = Vec::new();
    for name in ["Amal", "Basma", "Chadi", "Dalia"] {
        let user = vault.add_user(
            centre.manager,
            name,
            Roles::DESK,
            Lang::En,
            &same,
            Cost::FLOOR,
        );
        users.push((user.expect("added"), name));
    }
    vault.lock(centre.manager);
    // Where nothing is noted of anybody, each slot is tried.
    fs::write(centre.file("doors.json"), r#"{"language":"en"}"#).expect("written");
    for (user, name) in users {
        let entered = vault.unlock_named(name, &same).expect("in");
        assert_eq!(entered.actor.user, user);
        vault.lock(entered.actor);
    }
}

#[test]
fn what_an_earlier_program_noted_of_names_is_replaced_at_the_next_unlocking() {
    let (centre, vault) = Bare::new();
    let volunteer = add_volunteer(&vault, centre.manager);
    vault.lock(centre.manager);
    let long = "0123456789abcdef0123456789abcdef";
    let users = [(centre.manager.user, long), (volunteer, long)];
    let former = json!({ "language": "ar", "users": users }).to_string();
    for former in [Some(former), None] {
        match former {
            Some(former) => fs::write(centre.file("doors.json"), former).expect("written"),
            None => fs::remove_file(centre.file("doors.json")).expect("lost"),
        }
        let desk = Passphrase::new(DESKS);
        let wrong = vault.unlock_named("Zaynab-Marker", &desk);
        assert!(matches!(wrong, Err(Refusal::Passphrase)), "{wrong:?}");
        let entered = vault.unlock_named("volunteer-marker ", &desk).expect("in");
        assert_eq!(entered.actor.user, volunteer);
        vault.lock(entered.actor);
        let now = doors(&centre);
        assert!(now.get("users").is_none());
        assert_eq!(now["marks"].as_array().map(Vec::len), Some(2));
        // Of the volunteer where the file was lost.
        assert!(["ar", "fr"].contains(&vault.language().tag()));
    }
    assert_eq!(vault.language(), Lang::Fr);
}

#[test]
fn which_generation_is_the_current_one_is_not_looked_up_with_each_page() {
    let (centre, vault) = Bare::new();
    let (generations, away) = (
        centre.folder.path().join("gen"),
        centre.folder.path().join("away"),
    );
    fs::rename(&generations, &away).expect("out of sight");
    assert!(matches!(vault.is_empty(), Ok(false)));
    fs::rename(&away, &generations).expect("back");
    // Another one is found at once.
    let volunteer = add_volunteer(&vault, centre.manager);
    vault
        .disable_user(centre.manager, volunteer)
        .expect("shut out");
    vault.lock(centre.manager);
    let manager = vault.unlock(centre.manager.user, &Passphrase::new(MANAGERS));
    manager.expect("in the next generation");
}
