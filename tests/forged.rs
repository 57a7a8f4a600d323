//! Sticks that somebody prepared: links to elsewhere, backups that the centre never made.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use darna::kit::id::{CentreId, UserId};
use darna::kit::progress::Progress;
use darna::kit::world::World;
use darna::vault::backup::manifest::{Manifest, Unreadable};
use darna::vault::backup::medium::{Disk, Medium};
use darna::vault::backup::note;
use darna::vault::backup::sticks::Shelf;
use darna::vault::backup::{Failure, Made};
use darna::vault::keyfile::{Cost, Damage, Holder, KeyFile};
use darna::vault::secret::{Keys, Passphrase};
use darna::vault::{Refusal, Roles};
use darna::web::Workshop;
use darna_tests::centre::{Centre, PASSPHRASE, Page};
use darna_tests::outside::Recorded;
use darna_tests::sticks::Stick;

const SMALL: u64 = 1024 * 1024;

fn begun() -> (Centre, Recorded) {
    let table = Recorded::default();
    let (centre, _) = Centre::unfounded_beside(table.clone()).begun();
    (centre, table)
}

fn shelf_on(centre: &Centre, stick: &Stick) -> Shelf {
    let medium: Arc<dyn Medium> = Arc::new(Disk);
    let id = centre.app.vault.centre().expect("a centre");
    Shelf::new(&medium, stick.path(), id)
}

fn enrolled(centre: &Centre, stick: &Stick) -> Shelf {
    let shelf = shelf_on(centre, stick);
    let told = centre
        .app
        .vault
        .enrol(centre.manager(), &shelf, stick.name, None);
    told.expect("taken into use");
    shelf
}

fn back_up(centre: &Centre, shelf: &Shelf) -> Result<Made, Failure> {
    let progress = Progress::new("x");
    centre
        .app
        .vault
        .back_up(centre.manager(), shelf, SMALL, &progress)
}

fn numbers(shelf: &Shelf) -> Vec<u64> {
    let listed = shelf.backups().expect("a stick");
    listed.into_iter().map(|backup| backup.number).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .map(|entry| entry.file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    names
}

/// A manifest as anybody can write it who knows the centre's folder and no key.
fn planted(shelf: &Shelf, number: u64, parts: &[(&str, u64)]) -> Vec<u8> {
    let mut rest = shelf.centre.as_bytes().to_vec();
    rest.extend_from_slice(&number.to_le_bytes());
    rest.extend_from_slice(&0_i64.to_le_bytes());
    let count = u32::try_from(parts.len()).expect("a few");
    rest.extend_from_slice(&count.to_le_bytes());
    for (name, length) in parts {
        rest.push(u8::try_from(name.len()).expect("short"));
        rest.extend_from_slice(name.as_bytes());
        rest.extend_from_slice(&length.to_le_bytes());
        rest.extend_from_slice(&[0; 32]);
    }
    rest.extend_from_slice(&24_u32.to_le_bytes());
    rest.extend_from_slice(&[0; 24 + 32]);
    let length = u32::try_from(8 + 2 + 4 + rest.len()).expect("short");
    let mut bytes = b"MRCBACK\0".to_vec();
    bytes.extend_from_slice(&1_u16.to_le_bytes());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&rest);
    bytes
}

fn plant(shelf: &Shelf, number: u64, parts: &[(&str, u64)]) {
    fs::create_dir(shelf.folder(number)).expect("a folder");
    let manifest = planted(shelf, number, parts);
    fs::write(shelf.folder(number).join("MANIFEST"), manifest).expect("planted");
}

/// What the live generation has, and that it still opens.
fn lives(centre: &Centre, before: &[String]) {
    let live = centre.folder.path().join("gen/0001");
    assert_eq!(names(&live), before);
    centre.app.vault.verify_journals().expect("whole");
    let manager = centre.manager();
    centre.app.vault.lock(manager);
    let passphrase = Passphrase::new(PASSPHRASE);
    let entered = centre.app.vault.unlock(manager.user, &passphrase);
    entered.expect("the centre opens");
}

#[test]
fn a_link_in_the_place_of_the_files_leads_no_backup_into_the_live_data() {
    let (centre, _) = begun();
    let stick = Stick::new("LENT");
    let shelf = enrolled(&centre, &stick);
    back_up(&centre, &shelf).expect("a backup");
    let live = centre.folder.path().join("gen/0001");
    let before = names(&live);
    symlink(&live, shelf.files()).expect("a link");
    back_up(&centre, &shelf).expect("there are no attachments");
    lives(&centre, &before);

    // With something to write there it stops, and says that the stick is strange.
    let attachment = "ab".repeat(32);
    let own = centre.folder.path().join("files");
    fs::create_dir_all(&own).expect("a folder");
    fs::write(own.join(&attachment), b"encrypted").expect("an attachment");
    let told = back_up(&centre, &shelf);
    assert!(matches!(told, Err(Failure::Strange)), "{told:?}");
    lives(&centre, &before);
    fs::remove_file(shelf.files()).expect("no link");
    back_up(&centre, &shelf).expect("a stick as it should be");
    lives(&centre, &before);
}

#[test]
fn a_link_in_the_place_of_the_centres_folder_is_not_followed() {
    let (centre, _) = begun();
    let stick = Stick::new("LENT");
    let shelf = enrolled(&centre, &stick);
    back_up(&centre, &shelf).expect("a backup");
    let live = centre.folder.path().join("gen/0001");
    let aside = stick.path().join("aside");
    fs::rename(&shelf.root, &aside).expect("moved");
    symlink(&aside, &shelf.root).expect("a link");
    assert!(!shelf.is_there());
    assert!(back_up(&centre, &shelf).is_err());
    fs::remove_file(&shelf.root).expect("no link");
    fs::copy(aside.join("stick.id"), live.join("stick.id")).expect("a bait");
    let before = names(&live);
    symlink(&live, &shelf.root).expect("a link");
    assert!(back_up(&centre, &shelf).is_err());
    lives(&centre, &before);
}

#[test]
fn only_attachments_are_ever_removed_from_among_the_files() {
    let (centre, _) = begun();
    let stick = Stick::new("BLUE");
    let shelf = enrolled(&centre, &stick);
    fs::create_dir(shelf.files()).expect("a folder");
    let unused = "cd".repeat(32);
    let kept = ["keys.mrc", "desk.db", "notes.partial"];
    for name in kept.iter().copied().chain([unused.as_str()]) {
        fs::write(shelf.files().join(name), b"x").expect("a file");
    }
    back_up(&centre, &shelf).expect("a backup");
    assert_eq!(
        names(&shelf.files()),
        ["desk.db", "keys.mrc", "notes.partial"]
    );
}

#[test]
fn a_number_that_nobody_signed_does_not_use_up_the_numbers_of_the_centre() {
    let (centre, _) = begun();
    let stick = Stick::new("BLUE");
    let shelf = enrolled(&centre, &stick);
    assert_eq!(back_up(&centre, &shelf).expect("a backup").number, 1);
    let last = u64::try_from(i64::MAX).expect("positive") - 1;
    plant(&shelf, last, &[]);
    plant(&shelf, 2, &[]);
    // The folder of that number is not written over.
    assert_eq!(back_up(&centre, &shelf).expect("a backup").number, 3);
    assert_eq!(numbers(&shelf), [last, 3, 2, 1]);
    let fresh = Stick::new("RED");
    let other = enrolled(&centre, &fresh);
    assert_eq!(back_up(&centre, &other).expect("a backup").number, 4);
}

#[test]
fn what_nobody_signed_does_not_push_out_backups_that_are_good() {
    let (centre, table) = begun();
    let stick = Stick::new("BLUE");
    let shelf = enrolled(&centre, &stick);
    for _ in 0..3 {
        back_up(&centre, &shelf).expect("a backup");
    }
    for number in 100..120 {
        plant(&shelf, number, &[("casework.001", SMALL)]);
    }
    back_up(&centre, &shelf).expect("a backup");
    assert_eq!(numbers(&shelf)[20..], [4, 3, 2, 1]);
    // Whoever makes room does not lose the newest of the centre's own.
    assert_eq!(centre.app.vault.room_in(&shelf), Some(1));
    table.plug_in(&stick);
    let facts = centre.get("/backup").all(".row-facts").join(" ");
    assert!(facts.contains('4') && !facts.contains("119"), "{facts}");
}

fn ended(centre: &Centre, path: &str) -> Page {
    loop {
        let page = centre.get(path);
        if page.all("progress").is_empty() {
            return page;
        }
        std::thread::yield_now();
    }
}

fn reread(centre: &Centre) -> Page {
    let page = centre.get("/backup");
    let target = page.attribute("form[action='/backup'] input[name=target]", "value");
    centre.post("/backup", "/backup/reread", &[("target", &target)]);
    ended(centre, "/backup")
}

#[test]
fn a_backup_whose_list_was_made_to_fit_is_not_called_good_when_it_is_read_again() {
    let (centre, table) = begun();
    let stick = Stick::new("BLUE");
    let shelf = enrolled(&centre, &stick);
    back_up(&centre, &shelf).expect("a backup");
    back_up(&centre, &shelf).expect("another");
    let part = shelf.folder(2).join("casework.001");
    let old = fs::read(&part).expect("a part");
    let new = vec![0; old.len()];
    let path = shelf.folder(2).join("MANIFEST");
    let mut manifest = fs::read(&path).expect("a manifest");
    let hash = blake3::hash(&old);
    let at = manifest
        .windows(32)
        .position(|window| window == hash.as_bytes())
        .expect("the hash of the part");
    manifest[at..at + 32].copy_from_slice(blake3::hash(&new).as_bytes());
    fs::write(&part, new).expect("zeros");
    fs::write(&path, manifest).expect("a list that fits them");

    table.plug_in(&stick);
    let page = reread(&centre);
    let said = page.all(".notice-stop").join(" ");
    assert!(
        said.contains("The list of this backup’s parts is damaged."),
        "{}",
        page.html
    );
    let good = centre.app.vault.read(note::last_good).expect("open");
    assert_eq!(good.map(|backup| backup.number), Some(1));
}

#[test]
fn lengths_beyond_all_sticks_are_refused_before_anybody_adds_them_up() {
    let (centre, _) = begun();
    let stick = Stick::new("BLUE");
    let shelf = enrolled(&centre, &stick);
    let half = 1 << 63;
    let both = planted(&shelf, 7, &[("desk.001", half), ("desk.002", half)]);
    assert_eq!(Manifest::read(&both), Err(Unreadable::Format));
    let much = planted(&shelf, 7, &[("desk.001", 1 << 50)]);
    assert!(Manifest::read(&much).is_ok());
}

#[test]
fn a_work_that_the_program_fails_at_ends_and_lets_the_next_begin() {
    let workshop = Workshop::default();
    let begun = workshop.begin("one", "x", || "died", |_| panic!("a defect"));
    assert!(begun);
    let work = workshop.work().expect("a work");
    while !work.is_done() {
        std::thread::yield_now();
    }
    assert_eq!(work.outcome_of(|told: &&str| *told), Some("died"));
    assert!(workshop.begin("two", "x", || "died", |_| "done"));
}

#[test]
fn a_key_file_that_was_altered_while_somebody_is_in_goes_into_no_backup() {
    let (centre, _) = begun();
    let stick = Stick::new("BLUE");
    let shelf = enrolled(&centre, &stick);
    let path = centre.folder.path().join("gen/0001/keys.mrc");
    let good = fs::read(&path).expect("the key file");
    let mut altered = good.clone();
    altered[30] ^= 1;
    fs::write(&path, altered).expect("written");
    let told = back_up(&centre, &shelf);
    let Err(Failure::Vault(Refusal::Keys(Damage::Altered))) = told else {
        panic!("{told:?}");
    };
    assert!(numbers(&shelf).is_empty());
    fs::write(&path, good).expect("as it was");
    back_up(&centre, &shelf).expect("a backup");
}

/// The bytes of a key file whose one slot was repeated, for another user and with this cost each.
fn repeated(one: &[u8], times: u8, m_kib: u32, passes: u32) -> Vec<u8> {
    let (head, rest) = one.split_at(78);
    let mut slot = rest[1..rest.len() - 8 - 32].to_vec();
    slot[36..40].copy_from_slice(&m_kib.to_le_bytes());
    slot[40..44].copy_from_slice(&passes.to_le_bytes());
    let mut bytes = head.to_vec();
    bytes.push(times);
    for user in 0..times {
        slot[17] = user;
        bytes.extend_from_slice(&slot);
    }
    bytes.extend_from_slice(&[0; 8 + 32]);
    let length = u32::try_from(bytes.len()).expect("short");
    bytes[10..14].copy_from_slice(&length.to_le_bytes());
    bytes
}

#[test]
fn a_key_file_that_would_keep_somebody_waiting_for_hours_is_refused_and_none_such_is_made() {
    const GIB: u32 = 1024 * 1024;
    let world = World::system();
    let keys = Keys::random(&world);
    let holder = Holder::new(UserId::new(&world), Roles::CASEWORKER);
    let passphrase = Passphrase::new(PASSPHRASE);
    let mut file = KeyFile::new(CentreId::new(&world));
    file.add_passphrase(&world, &keys, &holder, &passphrase, Cost::FLOOR)
        .expect("a slot");
    let one = file.write(&keys);
    let refused = KeyFile::read(&repeated(&one, 255, GIB, 64));
    assert_eq!(refused.map(|_| ()), Err(Damage::Parameters));
    KeyFile::read(&repeated(&one, 255, 64 * 1024, 3)).expect("as many as can be at the floor");

    // Where those that are there are dear, one more is cheap: the file can always be read.
    let mut dear = KeyFile::read(&repeated(&one, 1, GIB, 64)).expect("one slot");
    let cost = Cost::new(512 * 1024, 64).expect("a cost");
    for _ in 0..2 {
        dear.add_passphrase(&world, &keys, &holder, &passphrase, cost)
            .expect("a slot");
    }
    let written = dear.write(&keys);
    let slot = (written.len() - 79 - 8 - 32) / 3;
    let m_kib = written[79 + 2 * slot + 36..][..4].to_vec();
    assert_eq!(m_kib, (64_u32 * 1024).to_le_bytes(), "the floor");
}
