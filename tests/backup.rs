//! Backup to sticks and back: through the pages, and through the engine with sticks that fail.

use std::fs;
use std::sync::Arc;

use axum::http::StatusCode;
use darna::kit::lang::Lang;
use darna::kit::progress::Progress;
use darna::kit::world::World;
use darna::sample::{self, Amount};
use darna::vault::backup::CaseworkInIt;
use darna::vault::backup::Failure;
use darna::vault::backup::check;
use darna::vault::backup::manifest::{Manifest, Unreadable};
use darna::vault::backup::medium::{Disk, Medium};
use darna::vault::backup::note;
use darna::vault::backup::restore::{Aim, Secret, unlock};
use darna::vault::backup::rules::{Kept, Known, Reminder, for_room, outlived, reminder};
use darna::vault::backup::sticks::Shelf;
use darna::vault::keyfile::Cost;
use darna::vault::secret::Passphrase;
use darna::vault::words::RecoveryWords;
use darna::vault::{CaseworkEvent, Event, Refusal, Roles, Vault, news};
use darna_tests::backups::{
    Engine, SMALL, again, backed_up, ended, enrolled, event, full_shelf, newest_comes_back,
    register, shelf_on, tree, under,
};
use darna_tests::bare::MANAGERS;
use darna_tests::centre::{Centre, PASSPHRASE};
use darna_tests::outside::Recorded;
use darna_tests::sticks::{Failing, Fault, Stick, quick_folder, twin};
use proptest::prelude::*;
use tempfile::TempDir;

// Through the pages.

#[test]
fn a_stick_is_plugged_in_taken_into_use_and_holds_a_good_backup() {
    let table = Recorded::default();
    let (centre, _) = Centre::unfounded_beside(table.clone()).begun();
    register(&centre, "Almaz Tesfaye");
    let page = centre.get("/backup");
    assert_eq!(page.all(".empty h3"), ["No stick is plugged in"]);

    let stick = Stick::new("BLUE");
    table.plug_in(&stick);
    enrolled(&centre);
    let done = backed_up(&centre);
    assert_eq!(done.all("#made-title"), ["Backup complete"]);
    assert_eq!(done.all(".made-pull"), ["You can take the stick out."]);
    assert_eq!(done.all(".facts dd")[..2], ["1", "1"]);
    centre.post("/backup", "/backup/stop", &[]);
    assert!(centre.get("/backup").all("#made-title").is_empty());

    let shelf = shelf_on(&centre.app.vault, stick.path());
    let names: Vec<String> = tree(&shelf.root);
    assert_eq!(
        names,
        [
            "000001/MANIFEST",
            "000001/casework.001",
            "000001/desk.001",
            "000001/keys.mrc",
            "stick.id"
        ]
    );
    for name in ["desk.001", "casework.001"] {
        let length = fs::metadata(shelf.folder(1).join(name))
            .expect("a part")
            .len();
        assert_eq!(length % (1024 * 1024), 0, "{name} is filled up");
    }
    let last = event(&centre);
    assert!(
        matches!(last, Event::BackupMade { number: 1, .. }),
        "{last:?}"
    );
}

#[test]
fn the_stolen_laptop_comes_back_from_the_stick_with_the_recovery_sheet() {
    let table = Recorded::default();
    let (centre, words) = Centre::unfounded_beside(table.clone()).begun();
    for name in ["Almaz Tesfaye", "مريم عبد الله", "Rosa Bautista"] {
        register(&centre, name);
    }
    let stick = Stick::new("BLUE");
    table.plug_in(&stick);
    enrolled(&centre);
    let made = backed_up(&centre);
    let fingerprint = made.all("#fingerprint");
    drop(centre);

    let fresh = Centre::elsewhere(table.clone());
    table.pull_out_all();
    let stick_answer = fresh.post("/setup/kind", "/setup/kind", &[("kind", "stick")]);
    assert_eq!(stick_answer.to, "/setup/stick");
    assert_eq!(
        fresh.get("/setup/stick").all(".empty h2"),
        ["No backup was found"]
    );
    table.plug_in(&stick);
    let list = fresh.get("/setup/stick");
    assert_eq!(list.all(".row-names b"), ["Backup 1"]);
    let backup = list.attribute("button[name=backup]", "value");
    let chosen = fresh.post("/setup/stick", "/setup/stick", &[("backup", &backup)]);
    assert_eq!(chosen.to, "/setup/stick/key");

    let wrong = [("passphrase", "not the one of that time")];
    let refused = fresh.post("/setup/stick/key", "/setup/stick/key", &wrong);
    assert_eq!(
        refused.all("#passphrase-error"),
        [
            "This passphrase does not open it. Try the one you had on 24 November 2026, or the recovery sheet."
        ]
    );
    let short = words[1..].join(" ");
    let mixed = [("sheet-words", short.as_str())];
    let refused = fresh.post("/setup/stick/key", "/setup/stick/key", &mixed);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let typed: Vec<&str> = words
        .iter()
        .map(|word| &word[..word.len().min(4)])
        .collect();
    let sheet = [("sheet-words", &*typed.join(" "))];
    let opened = fresh.post("/setup/stick/key", "/setup/stick/key", &sheet);
    assert_eq!(opened.to, "/setup/stick/work");
    let found = ended(&fresh, "/setup/stick/work");
    assert_eq!(found.all("h1"), ["Everything was found"]);
    assert_eq!(found.all("#persons"), ["3"]);
    assert_eq!(
        found.all("#fingerprint"),
        fingerprint,
        "the same journal head"
    );
    assert!(fresh.app.vault.is_empty().expect("a folder"), "nothing yet");

    let manager = found.attribute("input[name=manager]", "value");
    let new = "meadow copper lantern violin saddle orbit";
    let weak = [
        ("manager", &*manager),
        ("passphrase", "short"),
        ("again", "x"),
    ];
    let refused = fresh.post("/setup/stick/work", "/setup/stick/work", &weak);
    assert_eq!(
        refused.all("#passphrase-error"),
        ["Use at least 12 characters."]
    );
    let told = [("manager", &*manager), ("passphrase", new), ("again", new)];
    let adopted = fresh.post("/setup/stick/work", "/setup/stick/work", &told);
    assert_eq!(adopted.to, "/lock", "{}", adopted.html);
    let old = [("name", "Samira"), ("passphrase", PASSPHRASE)];
    assert_eq!(
        fresh.post("/lock", "/unlock", &old).status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let unlocked = fresh.post(
        "/lock",
        "/unlock",
        &[("name", "Samira"), ("passphrase", new)],
    );
    assert_eq!(unlocked.to, "/news");
    let news = fresh.get("/news");
    assert!(
        news.html.contains("the recovery sheet was used")
            && news.html.contains("Samira put backup 1 back"),
        "{}",
        news.html
    );
    let found = fresh.get("/?q=bautista");
    assert!(found.html.contains("Rosa Bautista"));
    fresh.app.vault.verify_journals().expect("a whole chain");
    let known = fresh.get("/backup");
    assert!(known.html.contains("Backup 1, Tuesday 24 November 2026"));
    // The next one goes on counting.
    let done = backed_up(&fresh);
    assert_eq!(done.all(".facts dd")[0], "2");
}

#[test]
fn a_passphrase_of_that_time_is_enough_where_somebody_knows_one() {
    let table = Recorded::default();
    let (centre, _) = Centre::unfounded_beside(table.clone()).begun();
    let stick = Stick::new("BLUE");
    table.plug_in(&stick);
    enrolled(&centre);
    backed_up(&centre);
    drop(centre);
    let fresh = Centre::elsewhere(table.clone());
    // Chosen in the dialog, as a stick that is not seen by itself.
    table.pull_out_all();
    table.choose(stick.path());
    fresh.post("/setup/stick", "/setup/stick/folder", &[]);
    let list = fresh.get("/setup/stick");
    let backup = list.attribute("button[name=backup]", "value");
    fresh.post("/setup/stick", "/setup/stick", &[("backup", &backup)]);
    let key = [("passphrase", PASSPHRASE)];
    fresh.post("/setup/stick/key", "/setup/stick/key", &key);
    let found = ended(&fresh, "/setup/stick/work");
    assert!(found.all("#passphrase").is_empty(), "no new one is needed");
    let adopted = fresh.post("/setup/stick/work", "/setup/stick/work", &[]);
    assert_eq!(adopted.to, "/lock");
    let told = [("name", "Samira"), ("passphrase", PASSPHRASE)];
    assert_eq!(fresh.post("/lock", "/unlock", &told).to, "/news");
}

#[test]
fn an_older_backup_over_a_live_centre_needs_its_number_typed_and_leaves_the_former_state() {
    let table = Recorded::default();
    let (centre, _) = Centre::unfounded_beside(table.clone()).begun();
    let stick = Stick::new("BLUE");
    table.plug_in(&stick);
    enrolled(&centre);
    register(&centre, "Almaz Tesfaye");
    backed_up(&centre);
    register(&centre, "Rosa Bautista");
    centre.clock.advance(3 * 24 * 3600);
    backed_up(&centre);

    centre.get("/backup/restore?aim=restore");
    let list = centre.get("/backup/restore");
    assert_eq!(list.all(".row-names b"), ["Backup 2", "Backup 1"]);
    let first = list.attribute(".row:nth-child(4) button[name=backup]", "value");
    centre.post("/backup/restore", "/backup/restore", &[("backup", &first)]);
    let key = [("passphrase", PASSPHRASE)];
    centre.post("/backup/restore/key", "/backup/restore/key", &key);
    let found = ended(&centre, "/backup/restore/work");
    let warned = found.all(".notice-warm p").join(" ");
    assert!(
        warned.contains("This is backup 1; backup 2 is known."),
        "{warned}"
    );
    assert!(warned.contains("Days between them: 3"), "{warned}");
    let path = "/backup/restore/work";
    let refused = centre.post(path, path, &[("confirm", "2")]);
    assert_eq!(
        refused.all("#confirm-error"),
        ["This is not the number of the backup."]
    );
    assert_eq!(centre.post(path, path, &[("confirm", "١")]).to, "/lock");
    assert!(!centre.app.vault.is_open());
    assert!(centre.folder.path().join("gen/0001/desk.db").exists());
    let told = [("name", "Samira"), ("passphrase", PASSPHRASE)];
    assert_eq!(centre.post("/lock", "/unlock", &told).to, "/news");
    let news = centre.get("/news").all(".notice").join(" ");
    assert!(news.contains("put backup 1 back"), "{news}");
    assert!(
        news.contains("stopped after it can come in again"),
        "{news}"
    );
    assert!(!centre.get("/?q=bautista").html.contains("Rosa Bautista"));
    let restored = centre.app.vault.read::<_, Refusal>(|db| {
        db.one(
            "select ids from journal where name = 'backup-restored'",
            [],
            |row| row.get::<_, String>(0),
        )
    });
    let told = restored.expect("an open vault").expect("a branch");
    assert_eq!(told, r#"{"newest":2,"number":1}"#);
    assert_eq!(backed_up(&centre).all(".facts dd")[0], "3", "never 2 again");
}

#[test]
fn the_state_before_a_restore_is_kept_for_thirty_days() {
    let table = Recorded::default();
    let (centre, _) = Centre::unfounded_beside(table.clone()).begun();
    let stick = Stick::new("BLUE");
    table.plug_in(&stick);
    enrolled(&centre);
    backed_up(&centre);
    let list = centre.get("/backup/restore?aim=restore");
    let backup = list.attribute("button[name=backup]", "value");
    centre.post("/backup/restore", "/backup/restore", &[("backup", &backup)]);
    let key = [("passphrase", PASSPHRASE)];
    centre.post("/backup/restore/key", "/backup/restore/key", &key);
    let path = "/backup/restore/work";
    ended(&centre, path);
    assert_eq!(centre.post(path, path, &[("confirm", "1")]).to, "/lock");
    let former = centre.folder.path().join("gen/0001");
    let told = [("name", "Samira"), ("passphrase", PASSPHRASE)];
    for (days, there, leads) in [(0, true, "/news"), (30, true, "/"), (1, false, "/")] {
        centre.clock.advance(days * 24 * 3600);
        assert_eq!(centre.post("/lock", "/unlock", &told).to, leads);
        // A good backup does not end it sooner.
        backed_up(&centre);
        assert_eq!(former.exists(), there, "{days}");
        centre.post("/", "/lock", &[]);
    }
}

#[test]
fn what_is_kept_until_a_backup_goes_with_it() {
    let engine = Engine::new();
    let stick = Stick::quick("BLUE");
    let (shelf, _) = engine.enrolled(stick.path());
    let former = engine.folder.path().join("gen/0000");
    fs::create_dir(&former).expect("as a change of the tables leaves it");
    fs::write(former.join("former"), "backup").expect("a note");
    fs::write(former.join("keys.mrc"), "keys").expect("a file");
    let stopped = Progress::new("x");
    stopped.cancel();
    let told = engine.vault.back_up(engine.actor, &shelf, SMALL, &stopped);
    assert!(matches!(told, Err(Failure::Cancelled)), "{told:?}");
    assert!(former.exists(), "there is no backup yet");
    engine.back_up(&shelf).expect("a backup");
    assert!(!former.exists());
}

#[test]
fn new_keys_let_a_restore_go_that_waits_for_its_yes() {
    let engine = Engine::new();
    let stick = Stick::quick("BLUE");
    let (shelf, _) = engine.enrolled(stick.path());
    let passphrase = Passphrase::new("orchid tunnel mirror falcon pepper glacier");
    let vault = &engine.vault;
    let leila = vault
        .add_user(
            engine.actor,
            "Leila",
            Roles::DESK,
            Lang::En,
            &passphrase,
            Cost::FLOOR,
        )
        .expect("a volunteer");
    engine.back_up(&shelf).expect("a backup");
    let secret = Secret::Passphrase(Passphrase::new(MANAGERS));
    let unlocked = unlock(&shelf, 1, &secret).expect("opened");
    vault
        .rebuild(&shelf, unlocked, Aim::Restore, None, &Progress::new("x"))
        .expect("rebuilt");
    vault
        .disable_user(engine.actor, leila)
        .expect("new keys for the rest");
    // It has the former keys: whoever was shut out could open it.
    assert!(matches!(vault.adopt(None, Lang::En), Err(Failure::Locked)));
    assert!(!engine.folder.path().join("gen/restore.tmp").exists());
    engine.back_up(&shelf).expect("the centre goes on");
    // A work that was begun at a window stops with it, before it has read a part.
    for aim in [Aim::Rehearse, Aim::Restore] {
        let unlocked = vault.unlock_backup(&shelf, 1, &secret).expect("opened");
        vault.lock(engine.actor);
        let (told, seen) = (Progress::new("x"), Progress::new("x").seen().done);
        let stopped = vault.rebuild(&shelf, unlocked, aim, None, &told);
        assert!(matches!(stopped, Err(Failure::Locked)), "{stopped:?}");
        assert_eq!(told.seen().done, seen);
        let manager = Passphrase::new(MANAGERS);
        vault.unlock(engine.actor.user, &manager).expect("back in");
    }
    assert!(vault.unlock(leila, &passphrase).is_err(), "she stays out");
}

#[test]
fn the_system_is_asked_to_let_the_stick_go() {
    let table = Recorded::default();
    let (centre, _) = Centre::unfounded_beside(table.clone()).begun();
    let stick = Stick::new("BLUE");
    table.plug_in(&stick);
    enrolled(&centre);
    table.releases();
    let done = backed_up(&centre);
    assert_eq!(
        done.all(".made-pull"),
        ["You can take the stick out: the laptop has let it go."]
    );
    assert!(
        done.all("button[id^=make-]").is_empty(),
        "it is no longer there"
    );
    // A folder is no stick.
    let folder = TempDir::new().expect("a folder");
    table.choose(folder.path());
    centre.post("/backup", "/backup/folder", &[]);
    let kept = centre.post("/backup/folder", "/backup/folder/kept", &[]).to;
    let page = centre.get(&kept);
    let now = "button[id^=make-][autofocus]";
    assert_eq!(page.all(now), ["Back up now"], "{}", page.html);
    let done = backed_up(&centre);
    let lies = "It lies in the folder. Keep a backup on a stick as well.";
    assert_eq!(done.all(".made-pull"), [lies]);
}

#[test]
fn a_rehearsal_compares_and_leaves_nothing() {
    let table = Recorded::default();
    let (centre, _) = Centre::unfounded_beside(table.clone()).begun();
    let stick = Stick::new("BLUE");
    table.plug_in(&stick);
    enrolled(&centre);
    register(&centre, "Almaz Tesfaye");
    backed_up(&centre);
    register(&centre, "Rosa Bautista");
    let list = centre.get("/backup/restore?aim=rehearse");
    assert_eq!(list.all("h1")[0], "Rehearsal");
    let backup = list.attribute("button[name=backup]", "value");
    centre.post("/backup/restore", "/backup/restore", &[("backup", &backup)]);
    // Whoever finds the window open tries no more passphrases here than at the lock.
    let path = "/backup/restore/key";
    let tried = |passphrase| {
        let page = centre.post(path, path, &[("passphrase", passphrase)]);
        page.all("#passphrase-error span")
    };
    for _ in 0..5 {
        assert!(tried("not the one of that time")[0].starts_with("This passphrase"));
    }
    let waits = tried(PASSPHRASE);
    assert!(waits[0].starts_with("Too many wrong tries."), "{waits:?}");
    centre.clock.advance(1);
    assert!(tried(PASSPHRASE).is_empty());
    let done = ended(&centre, "/backup/restore/work");
    let heading = done.all("#work h1");
    assert_eq!(
        heading,
        ["The rehearsal went well"],
        "it comes with what it is of"
    );
    assert_eq!(done.all("#work tbody tr:first-child td"), ["1", "2"]);
    assert!(centre.app.vault.is_open());
    let left: Vec<_> = fs::read_dir(centre.folder.path().join("gen"))
        .expect("generations")
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(left, ["0001"]);
    let last = event(&centre);
    assert!(
        matches!(last, Event::RestoreRehearsed { number: 1, .. }),
        "{last:?}"
    );
    assert!(
        centre
            .get("/backup")
            .html
            .contains("Last tried on 24 November 2026")
    );
}

#[test]
fn a_folder_on_the_laptops_own_disk_is_said_to_be_not_enough() {
    let table = Recorded::default();
    let (centre, _) = Centre::unfounded_beside(table.clone()).begun();
    let folder = TempDir::new().expect("a folder");
    table.choose(folder.path());
    let asked = centre.post("/backup", "/backup/folder", &[]);
    assert_eq!(asked.to, "/backup/folder");
    let page = centre.get("/backup/folder");
    assert_eq!(
        page.all(".notice-warm strong"),
        ["This folder is on the laptop’s own disk. It is not enough."]
    );
    centre.post("/backup/folder", "/backup/folder/kept", &[]);
    let done = backed_up(&centre);
    assert_eq!(done.all("#made-title"), ["Backup complete"]);
}

#[test]
fn sticks_that_cannot_be_used_say_why() {
    let table = Recorded::default();
    let (centre, _) = Centre::unfounded_beside(table.clone()).begun();
    let protected = Stick::new("SWITCH");
    table.plug_in_write_protected(&protected);
    let foreign = Stick::new("FOREIGN");
    let other = format!("MRC-BACKUP-{}", "ab".repeat(16));
    fs::create_dir(foreign.path().join(other)).expect("another centre's folder");
    table.plug_in(&foreign);
    let said = centre.get("/backup").all(".row-alert");
    assert_eq!(said.len(), 2);
    assert!(said[0].starts_with("Nothing can be written to this stick."));
    assert_eq!(said[1], "This stick belongs to another centre.");
    let none = centre.get("/backup").all("form[action='/backup/sticks']");
    assert!(none.is_empty());
    // A handle that no page gave leads nowhere.
    let guessed = [("target", foreign.path().to_str().expect("a path"))];
    centre.post("/backup", "/backup", &guessed);
    assert_eq!(tree(foreign.path()), Vec::<String>::new());
}

#[test]
fn the_desk_is_reminded_backs_up_itself_and_may_not_take_sticks_into_use() {
    let table = Recorded::default();
    let (centre, _) = Centre::unfounded_beside(table.clone()).begun();
    let (blue, red) = (Stick::new("BLUE"), Stick::new("RED"));
    table.plug_in(&blue);
    enrolled(&centre);
    backed_up(&centre);
    let manager = centre.manager();
    let passphrase = Passphrase::new("orchid tunnel mirror falcon pepper glacier");
    let vault = &centre.app.vault;
    vault
        .add_user(
            manager,
            "Leila",
            Roles::DESK,
            Lang::En,
            &passphrase,
            Cost::FLOOR,
        )
        .expect("a volunteer");
    centre.post("/", "/lock", &[]);
    centre.clock.advance(4 * 24 * 3600);
    let told = [
        ("name", "Leila"),
        ("passphrase", "orchid tunnel mirror falcon pepper glacier"),
    ];
    centre.post("/lock", "/unlock", &told);
    assert_eq!(centre.get("/").all(".notice strong"), ["A backup is due"]);
    table.plug_in(&red);
    let page = centre.get("/backup");
    assert!(
        page.html
            .contains("Ask the manager to take this stick into use.")
    );
    let done = backed_up(&centre);
    assert_eq!(done.all("#made-title"), ["Backup complete"]);
    assert!(
        done.html
            .contains("The casework was copied without being opened")
    );
    assert!(centre.get("/").all(".notice").is_empty());
    let fresh = Centre::elsewhere(table);
    let list = fresh.get("/setup/stick");
    let backup = list.attribute("button[name=backup]", "value");
    fresh.post("/setup/stick", "/setup/stick", &[("backup", &backup)]);
    let desk = [("passphrase", "orchid tunnel mirror falcon pepper glacier")];
    let refused = fresh.post("/setup/stick/key", "/setup/stick/key", &desk);
    assert!(refused.all("#passphrase-error")[0].starts_with("This passphrase opens only"));
    fresh.post(
        "/setup/stick/key",
        "/setup/stick/key",
        &[("passphrase", PASSPHRASE)],
    );
    let found = ended(&fresh, "/setup/stick/work");
    assert_eq!(found.all("h1"), ["Everything was found"]);
}

// Through the engine.

fn fails_at_every_call(fault: Fault) {
    let engine = Engine::new();
    let (stick, _) = full_shelf(&engine);
    let mut call = 0;
    loop {
        let twin_stick = quick_folder();
        twin(stick.path(), twin_stick.path());
        let shelf = shelf_on(&engine.vault, twin_stick.path());
        let (failing, medium) = under(&shelf, Failing::at(fault, call));
        let told = engine.back_up(&failing);
        let what = format!("{fault:?} at call {call}");
        if !medium.has_failed() {
            told.unwrap_or_else(|why| panic!("{what}: {why:?}"));
            assert_eq!(
                shelf.backups().expect("a stick").len(),
                8,
                "rotation let one go"
            );
            break;
        }
        newest_comes_back(&engine, &shelf, &what);
        engine
            .back_up(&shelf)
            .unwrap_or_else(|why| panic!("{what}, then well: {why:?}"));
        let left = tree(&shelf.root);
        assert!(
            !left.iter().any(|name| name.contains("partial")),
            "{left:?}"
        );
        call += 1;
    }
    assert!(call > 60, "a backup makes many calls: {call}");
}

#[test]
fn a_stick_pulled_at_any_step_leaves_the_newest_good_backup() {
    fails_at_every_call(Fault::Pulled);
}

#[test]
fn a_stick_that_fails_once_at_any_step_leaves_the_newest_good_backup() {
    fails_at_every_call(Fault::Once);
}

#[test]
fn a_stick_that_fills_up_at_any_step_leaves_the_newest_good_backup() {
    fails_at_every_call(Fault::Full);
}

#[test]
fn a_stick_that_lies_is_found_out_and_not_used_again() {
    let engine = Engine::new();
    let stick = Stick::quick("BLUE");
    let (shelf, _) = engine.enrolled(stick.path());
    engine.back_up(&shelf).expect("the first is good");
    let mut found_out = 0;
    for call in 0.. {
        let twin_stick = quick_folder();
        twin(stick.path(), twin_stick.path());
        let shelf = shelf_on(&engine.vault, twin_stick.path());
        let (lying, medium) = under(&shelf, Failing::at(Fault::Lies, call));
        let told = engine.back_up(&lying);
        if !medium.has_failed() {
            break;
        }
        let what = format!("lies from call {call}");
        newest_comes_back(&engine, &shelf, &what);
        match told {
            Err(Failure::Unkept) => {
                found_out += 1;
                // What it says of itself is not kept either.
                let record = shelf.record();
                assert!(record.is_err() || record.is_ok_and(|record| record.bad));
            }
            // Only what is noted after the backup was whole.
            told => assert!(told.is_ok(), "{what}: {told:?}"),
        }
    }
    assert!(found_out > 20, "{found_out}");
    let marked = engine.vault.read(darna::vault::backup::note::sticks);
    assert!(marked.expect("an open vault")[0].bad);
}

#[test]
fn every_changed_byte_of_manifest_and_keys_is_noticed_and_a_sample_of_the_parts() {
    let engine = Engine::new();
    let stick = Stick::quick("BLUE");
    let (shelf, _) = engine.enrolled(stick.path());
    engine.back_up(&shelf).expect("a backup");
    let sheet = Secret::Words(again(&engine.sheet));
    let path = shelf.folder(1).join("MANIFEST");
    let manifest = fs::read(&path).expect("the manifest");
    let claims = Manifest::read(&manifest).expect("readable");
    for place in 0..manifest.len() {
        let mut changed = manifest.clone();
        changed[place] ^= 1 << (place % 8);
        fs::write(&path, &changed).expect("changed");
        assert!(unlock(&shelf, 1, &sheet).is_err(), "MANIFEST byte {place}");
    }
    for length in 0..manifest.len() {
        assert!(
            Manifest::read(&manifest[..length]).is_err(),
            "cut at {length}"
        );
    }
    fs::write(&path, &manifest).expect("as it was");
    unlock(&shelf, 1, &sheet).expect("as it was");
    let progress = Progress::new("x");
    for part in &claims.parts {
        let path = shelf.folder(1).join(&part.name);
        let bytes = fs::read(&path).expect("a part");
        let stride = if part.name == "keys.mrc" { 1 } else { 16_411 };
        for place in (0..bytes.len()).step_by(stride) {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << (place % 8);
            fs::write(&path, &changed).expect("changed");
            let told = check::every_byte(&shelf, &claims, &progress);
            let named = matches!(&told, Err(Failure::Part { name, .. }) if *name == part.name);
            assert!(named, "{} byte {place}: {told:?}", part.name);
        }
        fs::write(&path, &bytes[..bytes.len() - 1]).expect("cut off");
        assert!(check::every_byte(&shelf, &claims, &progress).is_err());
        fs::remove_file(&path).expect("removed");
        assert!(check::every_byte(&shelf, &claims, &progress).is_err());
        fs::write(&path, &bytes).expect("as it was");
    }
    check::every_byte(&shelf, &claims, &progress).expect("as it was");
}

#[test]
fn a_damaged_part_is_named_by_a_full_reading_and_not_counted_as_good() {
    let engine = Engine::new();
    let stick = Stick::quick("BLUE");
    let (shelf, _) = engine.enrolled(stick.path());
    engine.back_up(&shelf).expect("a backup");
    engine.back_up(&shelf).expect("another");
    let part = shelf.folder(2).join("desk.001");
    let mut bytes = fs::read(&part).expect("a part");
    bytes[5_000] ^= 1;
    fs::write(&part, bytes).expect("bit rot");
    let progress = Progress::new("x");
    let told = engine.vault.reread(engine.actor, &shelf, 2, &progress);
    assert!(matches!(&told, Err(Failure::Part { number: 2, name }) if name == "desk.001"));
    let (seen, medium) = under(&shelf, Failing::at(Fault::Once, u64::MAX));
    let back = engine.comes_back(&seen, 2);
    assert!(
        matches!(&back, Err(Failure::Part { number: 2, .. })),
        "{back:?}"
    );
    assert_eq!(medium.manifests(), 2, "each of the two once");
    engine.comes_back(&shelf, 1).expect("the older one is good");
    let last = engine
        .vault
        .read(darna::vault::backup::note::last_good)
        .expect("an open vault");
    assert_eq!(last.map(|backup| backup.number), Some(1));
    engine
        .vault
        .reread(engine.actor, &shelf, 1, &progress)
        .expect("good");
}

#[test]
fn the_desk_goes_on_writing_while_a_backup_is_made_and_the_copy_is_of_one_moment() {
    let engine = Engine::new();
    let amount = Amount {
        persons: 1_500,
        visits: 6_000,
        years: 1,
        seed: 3,
        until: World::system().utc(),
    };
    sample::fill(&engine.vault, engine.actor, &amount).expect("a sample");
    let stick = Stick::quick("BLUE");
    let (shelf, _) = engine.enrolled(stick.path());
    let progress = Progress::new("x");
    let writes = std::thread::scope(|scope| {
        let making = scope.spawn(|| engine.vault.back_up(engine.actor, &shelf, SMALL, &progress));
        let mut writes = 0;
        while !making.is_finished() {
            engine.happens();
            writes += 1;
        }
        making.join().expect("no panic").expect("a backup");
        writes
    });
    assert!(writes > 3, "the desk was not shut out: {writes}");
    engine.comes_back(&shelf, 1).expect("whole, of one commit");
    engine.vault.verify_journals().expect("the live chain");
    assert!(
        tree(&shelf.root)
            .iter()
            .any(|name| name == "000001/desk.002"),
        "several parts"
    );
}

#[test]
fn locking_or_stopping_ends_a_backup_and_leaves_the_one_before() {
    let engine = Engine::new();
    let stick = Stick::quick("BLUE");
    let (shelf, _) = engine.enrolled(stick.path());
    engine.back_up(&shelf).expect("a backup");
    let stopped = Progress::new("x");
    stopped.cancel();
    let told = engine.vault.back_up(engine.actor, &shelf, SMALL, &stopped);
    assert!(matches!(told, Err(Failure::Cancelled)), "{told:?}");
    engine.vault.lock(engine.actor);
    let told = engine.back_up(&shelf);
    assert!(matches!(told, Err(Failure::Locked)), "{told:?}");
    newest_comes_back(&engine, &shelf, "stopped");
}

#[test]
fn casework_with_a_hot_journal_is_not_copied_but_taken_over_from_the_backup_before() {
    let engine = Engine::new();
    let stick = Stick::quick("BLUE");
    let (shelf, _) = engine.enrolled(stick.path());
    engine.back_up(&shelf).expect("the manager's");
    let passphrase = Passphrase::new("orchid tunnel mirror falcon pepper glacier");
    let desk = engine
        .vault
        .add_user(
            engine.actor,
            "Leila",
            Roles::DESK,
            Lang::En,
            &passphrase,
            Cost::FLOOR,
        )
        .expect("a volunteer");
    let user = engine.actor.user;
    engine
        .vault
        .write_casework(engine.actor, None, |_| {
            Ok::<_, Refusal>(((), CaseworkEvent::PinChanged { user }))
        })
        .expect("written");
    engine.vault.lock(engine.actor);
    let hot = engine.folder.path().join("gen/0001/casework.db-journal");
    fs::write(&hot, [0xD9; 512]).expect("a hot journal");
    let actor = engine
        .vault
        .unlock(desk, &passphrase)
        .expect("the desk comes in");
    let made = engine
        .vault
        .back_up(actor, &shelf, SMALL, &Progress::new("x"))
        .expect("the desk's part");
    assert_eq!(made.casework, CaseworkInIt::Of(1));
    let known = engine
        .vault
        .read(|db| darna::vault::backup::Known::of(db, engine.today()));
    assert_eq!(
        known.expect("known").reminder,
        Some(Reminder::CaseworkWaits)
    );
    engine
        .comes_back(&shelf, 2)
        .expect("whole with the casework of 1");
    // On a stick that has none yet there is nothing to take over: the desk's part is saved alone.
    let empty = Stick::quick("RED");
    let medium: Arc<dyn Medium> = Arc::new(Disk);
    let red = Shelf::new(&medium, empty.path(), shelf.centre);
    fs::create_dir(&red.root).expect("a folder");
    let record = fs::read(shelf.root.join("stick.id")).expect("a record");
    fs::write(red.root.join("stick.id"), record).expect("a record");
    let made = engine
        .vault
        .back_up(actor, &red, SMALL, &Progress::new("x"))
        .expect("the desk's part");
    assert_eq!(made.casework, CaseworkInIt::None);
    let sheet = Secret::Words(again(&engine.sheet));
    let unlocked = unlock(&red, made.number, &sheet).expect("opened");
    let found = engine
        .vault
        .rebuild(&red, unlocked, Aim::Rehearse, None, &Progress::new("x"))
        .expect("it comes back with an empty casework");
    assert!(found.desk_only);
    assert!(hot.exists(), "nobody touched it");
    // A finished journal is not hot.
    fs::write(&hot, [0; 512]).expect("a finished journal");
    let made = engine
        .vault
        .back_up(actor, &shelf, SMALL, &Progress::new("x"))
        .expect("all of it");
    assert_eq!(made.casework, CaseworkInIt::Unopened);
    // Restored, it is told that casework is older than what the desk knew of it.
    let managers = || Passphrase::new(MANAGERS);
    let unlocked = unlock(&shelf, 2, &Secret::Passphrase(managers())).expect("opened");
    engine
        .vault
        .rebuild(&shelf, unlocked, Aim::Restore, None, &Progress::new("x"))
        .expect("rebuilt");
    engine.vault.adopt(None, Lang::En).expect("adopted");
    engine.vault.unlock(user, &managers()).expect("unlocked");
    let told = engine.vault.read(|db| news(db, user)).expect("news");
    assert!(told.iter().any(|news| news.event == Event::OlderCasework));
}

#[test]
fn a_stick_that_knows_a_newer_backup_than_the_centre_says_so() {
    let engine = Engine::new();
    let stick = Stick::new("BLUE");
    let (shelf, _) = engine.enrolled(stick.path());
    engine.back_up(&shelf).expect("a backup");
    let known =
        ["desk.db", "keys.mrc"].map(|name| engine.folder.path().join("gen/0001").join(name));
    engine.vault.lock(engine.actor);
    let before = known.each_ref().map(|path| fs::read(path).expect("a file"));
    let comes_in = || {
        engine
            .vault
            .unlock(engine.actor.user, &Passphrase::new(MANAGERS))
            .expect("in")
    };
    comes_in();
    engine.back_up(&shelf).expect("a second backup");
    engine.vault.lock(engine.actor);
    for (path, bytes) in known.iter().zip(before) {
        fs::write(path, bytes).expect("put back");
    }
    comes_in();
    let told = || {
        let count = engine.vault.read::<_, Refusal>(|db| {
            db.one(
                "select count(*) from journal where name = 'older-state'",
                [],
                |row| row.get::<_, i64>(0),
            )
        });
        count.expect("an open vault").expect("a count")
    };
    assert_eq!(told(), 0);
    assert_eq!(engine.back_up(&shelf).expect("a backup").number, 3);
    assert_eq!(told(), 1);
}

#[test]
fn attachments_are_written_once_read_at_each_backup_and_come_back() {
    let engine = Engine::new();
    let files = engine.folder.path().join("files");
    fs::create_dir(&files).expect("a folder");
    let (one, two) = ("1a".repeat(32), "2b".repeat(32));
    fs::write(files.join(&one), vec![7; 70_000]).expect("an attachment");
    let stick = Stick::quick("BLUE");
    let (shelf, _) = engine.enrolled(stick.path());
    engine.back_up(&shelf).expect("a backup");
    let made = fs::metadata(shelf.files().join(&one))
        .expect("there")
        .modified()
        .expect("a time");
    fs::write(files.join(&two), vec![8; 10]).expect("another");
    engine.back_up(&shelf).expect("a backup");
    let later = fs::metadata(shelf.files().join(&one))
        .expect("there")
        .modified()
        .expect("a time");
    assert_eq!(made, later, "written once");
    engine.comes_back(&shelf, 2).expect("whole");

    // One bit, in a file that both name.
    let mut rotten = vec![7; 70_000];
    rotten[100] ^= 1;
    fs::write(shelf.files().join(&one), &rotten).expect("bit rot");
    engine.comes_back(&shelf, 2).expect("all the rest");
    let progress = Progress::new("x");
    let reread = |number| engine.vault.reread(engine.actor, &shelf, number, &progress);
    let told = reread(2);
    let scan = Failure::Files {
        number: 2,
        damaged: 1,
    };
    assert_eq!(format!("{told:?}"), format!("Err({scan:?})"));
    let failed = || engine.vault.read(note::failed).expect("an open vault");
    assert_eq!(failed(), [1, 2], "neither is still good");
    engine.back_up(&shelf).expect("a backup");
    let on_stick = |name| fs::read(shelf.files().join(name)).expect("there");
    assert!(on_stick(&one) == [7; 70_000], "written anew");
    assert_eq!(failed(), [0; 0], "and all are whole again");
    // The laptop's own one rots: the stick keeps what it has.
    fs::write(files.join(&one), &rotten).expect("bit rot");
    engine.back_up(&shelf).expect("a backup");
    assert!(on_stick(&one) == [7; 70_000]);
    reread(4).expect("good");

    // On another laptop they come back with the databases, from wherever one is whole.
    let fresh = TempDir::new().expect("a folder");
    let there = fresh.path().join("files");
    let vault = Vault::at(fresh.path(), World::system()).expect("a vault");
    fs::create_dir(&there).expect("a folder");
    fs::write(there.join(&one), &rotten).expect("bit rot");
    fs::write(there.join(&two), [8; 10]).expect("kept from before");
    fs::write(shelf.files().join(&two), [9; 10]).expect("bit rot");
    let secret = Secret::Passphrase(Passphrase::new(MANAGERS));
    let unlocked = unlock(&shelf, 2, &secret).expect("opened");
    let found = vault
        .rebuild(&shelf, unlocked, Aim::Restore, None, &Progress::new("x"))
        .expect("rebuilt");
    assert!(found.damaged.is_empty(), "{:?}", found.damaged);
    vault.adopt(None, Lang::En).expect("adopted");
    let kept = |name| fs::read(there.join(name)).expect("there");
    assert!(kept(&one) == [7; 70_000] && kept(&two) == [8; 10]);
    vault
        .unlock(engine.actor.user, &Passphrase::new(MANAGERS))
        .expect("unlocked");
}

#[test]
fn another_centres_backup_a_newer_format_and_a_cut_off_one_are_told_apart() {
    let (engine, other) = (Engine::new(), Engine::new());
    let stick = Stick::quick("BLUE");
    let (shelf, _) = engine.enrolled(stick.path());
    engine.back_up(&shelf).expect("a backup");
    let told = other.back_up(&shelf);
    assert!(matches!(told, Err(Failure::OtherCentre)), "{told:?}");
    let path = shelf.folder(1).join("MANIFEST");
    let bytes = fs::read(&path).expect("the manifest");
    let mut newer = bytes.clone();
    newer[8] = 2;
    fs::write(&path, newer).expect("a newer one");
    let told = engine.comes_back(&shelf, 1);
    assert!(
        matches!(told, Err(Failure::Manifest(Unreadable::Newer))),
        "{told:?}"
    );
    fs::write(&path, &bytes[..100]).expect("cut off");
    let told = engine.comes_back(&shelf, 1);
    assert!(
        matches!(told, Err(Failure::Manifest(Unreadable::Format))),
        "{told:?}"
    );
    fs::write(&path, &bytes).expect("as it was");
    let wrong = Secret::Words(RecoveryWords::random(&World::system()));
    assert!(matches!(unlock(&shelf, 1, &wrong), Err(Failure::Words)));
    // Put under another number it is not believed.
    fs::rename(shelf.folder(1), shelf.folder(9)).expect("renamed");
    let listed = shelf.backups().expect("a stick");
    assert_eq!(listed[0].manifest, Err(Unreadable::Format));
}

#[test]
fn what_only_looks_like_a_backup_is_not_offered() {
    let engine = Engine::new();
    let stick = Stick::quick("BLUE");
    let (shelf, _) = engine.enrolled(stick.path());
    engine.back_up(&shelf).expect("a backup");
    for name in ["000002.partial", "000003", "7", "..", "0000004x"] {
        let _ = fs::create_dir(shelf.root.join(name));
    }
    fs::copy(
        shelf.folder(1).join("MANIFEST"),
        shelf.root.join("000002.partial/MANIFEST"),
    )
    .expect("a copy");
    #[cfg(unix)]
    std::os::unix::fs::symlink(shelf.folder(1), shelf.root.join("000005")).expect("a link");
    let numbers: Vec<u64> = shelf
        .backups()
        .expect("a stick")
        .iter()
        .map(|backup| backup.number)
        .collect();
    assert_eq!(numbers, [1]);
    shelf.sweep().expect("swept");
    assert!(!shelf.root.join("000002.partial").exists());
    assert!(shelf.folder(1).join("MANIFEST").exists());
}

#[test]
fn nothing_that_was_typed_and_no_count_can_be_read_on_the_stick() {
    let table = Recorded::default();
    let (centre, _) = Centre::unfounded_beside(table.clone()).begun();
    register(&centre, "Zebulon-Marker");
    let stick = Stick::quick("BLUE");
    table.plug_in(&stick);
    enrolled(&centre);
    let few = backed_up(&centre);
    assert_eq!(few.all("#made-title"), ["Backup complete"]);
    let shelf = shelf_on(&centre.app.vault, stick.path());
    let before = fs::metadata(shelf.folder(1).join("MANIFEST"))
        .expect("a manifest")
        .len();
    for name in [
        "Almaz", "Rosa", "Mariam", "Hana", "Grace", "Selam", "Lina", "Maya", "Noor", "Tigist",
    ] {
        register(&centre, name);
    }
    backed_up(&centre);
    let after = fs::metadata(shelf.folder(2).join("MANIFEST"))
        .expect("a manifest")
        .len();
    assert_eq!(before, after, "the manifest's length tells no numbers");
    for name in tree(stick.path()) {
        let bytes = fs::read(stick.path().join(&name)).expect("a file");
        for marker in ["Zebulon", "House of Thyme", "Samira", "SQLite format"] {
            let found = bytes
                .windows(marker.len())
                .any(|window| window == marker.as_bytes());
            assert!(!found, "{marker} in {name}");
        }
    }
}

// Rules.

fn day(n: i64) -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day") + chrono::TimeDelta::days(n)
}

#[test]
fn a_year_of_daily_backups_leaves_seven_days_five_weeks_and_the_months() {
    let mut kept: Vec<Kept> = Vec::new();
    for n in 0..400 {
        kept.push(Kept {
            number: n + 1,
            day: day(i64::try_from(n).expect("small")),
            good: true,
        });
        let gone = outlived(&kept);
        kept.retain(|one| !gone.contains(&one.number));
    }
    let days: Vec<i64> = kept
        .iter()
        .map(|one| 400 - i64::try_from(one.number).expect("small"))
        .collect();
    assert!((22..=24).contains(&kept.len()), "{days:?}");
    assert_eq!(days[days.len() - 7..], [6, 5, 4, 3, 2, 1, 0]);
    assert!(days[0] > 300, "{days:?}");
}

proptest! {
    #[test]
    fn rotation_never_lets_the_newest_good_one_go(
        backups in proptest::collection::btree_map(1_u64..500, (0_i64..900, any::<bool>()), 0..40)
    ) {
        let kept: Vec<Kept> = backups
            .into_iter()
            .map(|(number, (at, good))| Kept { number, day: day(at), good })
            .collect();
        let gone = outlived(&kept);
        prop_assert!(gone.is_sorted());
        let good = kept.iter().filter(|one| one.good);
        let newest = good.clone().map(|one| one.number).max();
        let last: Vec<u64> = {
            let mut numbers: Vec<u64> = good.map(|one| one.number).collect();
            numbers.sort_unstable_by(|a, b| b.cmp(a));
            numbers.truncate(7);
            numbers
        };
        for number in &last {
            prop_assert!(!gone.contains(number), "one of the last seven");
        }
        if newest.is_none() {
            prop_assert!(gone.is_empty(), "without a good one everything stays");
        }
        let stay = kept.iter().filter(|one| one.good && !gone.contains(&one.number)).count();
        prop_assert!(stay <= 7 + 5 + 12);
        if let Some(number) = for_room(&kept) {
            prop_assert!(newest.is_some_and(|newest| number != newest));
            prop_assert!(kept.len() > 1);
        }
    }

    #[test]
    fn a_manifest_of_any_bytes_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Manifest::read(&bytes);
        let mut begun = b"MRCBACK\0\x01\0".to_vec();
        begun.extend_from_slice(&u32::try_from(bytes.len() + 14).expect("small").to_le_bytes());
        begun.extend_from_slice(&bytes);
        let _ = Manifest::read(&begun);
    }

    #[test]
    fn one_reminder_at_most_and_the_gravest(last in 0_i64..40, reread in 0_i64..60, other in 0_i64..40, rehearsed in 0_i64..180, waits: bool) {
        let known = Known {
            today: day(0),
            founded: day(-400),
            last: Some(day(-last)),
            sticks: vec![day(-last), day(-other)],
            reread: Some(day(-reread)),
            rehearsed: Some(day(-rehearsed)),
            casework_waits: waits,
        };
        let told = reminder(&known);
        match last {
            7.. => prop_assert_eq!(told, Some(Reminder::Overdue { days: last })),
            3.. => prop_assert_eq!(told, Some(Reminder::Due { days: last })),
            _ if waits => prop_assert_eq!(told, Some(Reminder::CaseworkWaits)),
            _ if other >= 14 => prop_assert_eq!(told, Some(Reminder::OtherStick { days: other })),
            _ if reread >= 30 => prop_assert_eq!(told, Some(Reminder::Reread { days: reread })),
            _ if rehearsed >= 90 => {
                prop_assert_eq!(told, Some(Reminder::Rehearse { days: rehearsed }));
            }
            _ => prop_assert_eq!(told, None),
        }
    }
}

#[test]
fn a_centre_without_any_backup_is_reminded_from_its_third_day() {
    let known = |days: i64| Known {
        today: day(days),
        founded: day(0),
        last: None,
        sticks: Vec::new(),
        reread: None,
        rehearsed: None,
        casework_waits: false,
    };
    assert_eq!(reminder(&known(2)), None);
    assert_eq!(reminder(&known(3)), Some(Reminder::Due { days: 3 }));
    assert_eq!(reminder(&known(8)), Some(Reminder::Overdue { days: 8 }));
}
