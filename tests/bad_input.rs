//! What can be wrong on the disk and with the clock: each a plain sentence with what to do.

use std::fs;

use axum::http::StatusCode;
use darna::kit::world::World;
use darna::vault::keyfile::KeyFile;
use darna::vault::{Refusal, Vault};
use darna_tests::bare::every_file;
use darna_tests::centre::{Centre, PASSPHRASE, Page};
use proptest::prelude::*;

fn unlock(centre: &Centre) -> Page {
    let told = [("name", "Samira"), ("passphrase", PASSPHRASE)];
    centre.post("/lock", "/unlock", &told)
}

fn said(page: &Page) -> String {
    page.all(".notice-stop strong").concat()
}

#[test]
fn each_thing_wrong_with_the_key_file_is_said_at_the_lock() {
    let centre = Centre::founded();
    centre.post("/", "/lock", &[]);
    let path = centre.folder.path().join("gen/0001/keys.mrc");
    let whole = fs::read(&path).expect("the key file");
    let mut altered = whole.clone();
    // The number of the last backup: no slot's business, but under the seal.
    altered[40] ^= 1;
    let mut newer = whole.clone();
    newer[8] = 9;
    let restore = "Restore the newest backup.";
    for (bytes, what, to_do) in [
        (whole[..whole.len() / 2].to_vec(), "is damaged", restore),
        (Vec::new(), "is damaged", restore),
        (b"something else".to_vec(), "is damaged", restore),
        (altered, "changed the key file", restore),
        (newer, "A newer version", "Install that version."),
    ] {
        fs::write(&path, bytes).expect("written");
        let said = said(&unlock(&centre));
        assert!(said.contains(what) && said.contains(to_do), "{said}");
        assert_eq!(centre.get("/lock").status, StatusCode::OK);
    }
    fs::remove_file(&path).expect("removed");
    let said = said(&unlock(&centre));
    assert!(
        said.contains("key file") && said.contains(restore),
        "{said}"
    );
    fs::write(&path, whole).expect("put back");
    assert_eq!(unlock(&centre).to, "/", "and all is as before");
}

#[test]
fn a_missing_or_swapped_database_is_said_at_the_lock() {
    let centre = Centre::founded();
    centre.post("/", "/lock", &[]);
    let folder = centre.folder.path().join("gen/0001");
    let whole = fs::read(folder.join("desk.db")).expect("desk.db");
    fs::copy(folder.join("casework.db"), folder.join("desk.db")).expect("swapped");
    let swapped = said(&unlock(&centre));
    assert!(swapped.contains("not the right one. Restore"), "{swapped}");
    fs::remove_file(folder.join("desk.db")).expect("removed");
    let missing = said(&unlock(&centre));
    assert!(missing.contains("is missing. Restore"), "{missing}");
    fs::write(folder.join("desk.db"), whole).expect("put back");
    assert_eq!(unlock(&centre).to, "/");
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_with_what_to_do() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let taken = folder.path().join("data");
    fs::write(&taken, "a file stands here").expect("a file");
    let refused = Vault::at(&taken, World::system()).map(|_| ());
    assert!(matches!(refused, Err(Refusal::Folder(_))));
    // Not even the system's administrator writes there.
    let refused = Vault::at("/proc/darna".as_ref(), World::system()).map(|_| ());
    let Err(refusal) = refused else {
        panic!("a folder that cannot be made");
    };
    let sentence = darna::sentence(&refusal);
    assert!(
        sentence.contains("Check that it is there and that you may write in it."),
        "{sentence}"
    );
}

#[test]
fn a_clock_set_back_is_noticed_said_and_written_down() {
    let centre = Centre::founded();
    centre.post("/", "/lock", &[]);
    centre.clock.advance(-20 * 3600);
    assert_eq!(
        unlock(&centre).to,
        "/",
        "less than a day is nobody's business"
    );
    centre.post("/", "/lock", &[]);
    centre.clock.advance(-30 * 3600);
    assert_eq!(unlock(&centre).to, "/news");
    let page = centre.get("/news");
    let told = page.all(".notice strong").concat();
    assert!(told.contains("had been set back. Hours: 30"), "{told}");
    assert!(page.html.contains("Check date and time"));
    let noted = centre.app.vault.read::<_, Refusal>(|db| {
        db.one(
            "select ids from journal where name = 'clock-set-back'",
            [],
            |row| row.get::<_, String>(0),
        )
    });
    assert_eq!(noted.expect("read"), Some("{\"hours\":30}".into()));
    centre
        .app
        .vault
        .verify_journals()
        .expect("in order by number");
}

#[test]
fn a_clock_that_jumps_while_somebody_is_in_locks() {
    let centre = Centre::founded();
    centre.clock.jump(9 * 60);
    assert_eq!(
        centre.get("/today").status,
        StatusCode::OK,
        "less than ten minutes"
    );
    centre.clock.advance(3600);
    assert_eq!(
        centre.get("/today").status,
        StatusCode::OK,
        "an hour that passed"
    );
    for jump in [11 * 60, -11 * 60] {
        centre.clock.jump(jump);
        assert_eq!(centre.get("/today").to, "/lock");
        assert!(!centre.app.vault.is_open());
        unlock(&centre);
        assert!(centre.app.vault.is_open());
    }
    let noted = centre.app.vault.read::<_, Refusal>(|db| {
        db.all(
            "select ids from journal where name = 'clock-jumped' order by seq",
            [],
            |row| row.get::<_, String>(0),
        )
    });
    assert_eq!(
        noted.expect("read"),
        ["{\"minutes\":11}", "{\"minutes\":-11}"]
    );
}

#[test]
fn no_page_tells_a_path() {
    let centre = Centre::founded();
    centre.post("/", "/lock", &[]);
    for file in every_file(&centre.folder.path().join("gen")) {
        let whole = fs::read(&file).expect("a file");
        fs::write(&file, b"").expect("emptied");
        let page = unlock(&centre);
        let root = centre.folder.path().to_string_lossy().into_owned();
        assert!(!page.html.contains(&root), "{}", file.display());
        fs::write(&file, whole).expect("put back");
        if centre.app.vault.is_open() {
            centre.post("/", "/lock", &[]);
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_key_file_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = KeyFile::read(&bytes);
    }

    /// Behind the right first bytes, lengths and counts are what a parser stumbles over.
    #[test]
    fn any_bytes_behind_a_true_beginning_are_refused_or_read(
        rest in proptest::collection::vec(any::<u8>(), 0..2_000),
    ) {
        let length = u32::try_from(14 + rest.len()).expect("short");
        let bytes = [b"MRCKEYS\0\x01\0", &length.to_le_bytes()[..], &rest].concat();
        if let Ok(read) = KeyFile::read(&bytes) {
            prop_assert!(read.slots.len() <= 255);
        }
    }
}
