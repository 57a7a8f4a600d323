//! A full disk: what was typed is kept, reading goes on, and with some room all works again.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use axum::http::StatusCode;
use darna::vault::Roles;
use darna_tests::backups;
use darna_tests::casework::{add, enter, open, visitor};
use darna_tests::centre::{Centre, PASSPHRASE, Page};
use darna_tests::courses;
use darna_tests::sticks::Stick;
use tempfile::TempDir;

use crate::child;

const FULL: &str = "The disk is full, so this was not saved. Make room, then save again.";

/// Takes all the room there is.
fn fill(centre: &Centre) {
    let ballast = centre.folder.path().join("ballast");
    let mut file = File::create(ballast).expect("a file");
    for length in [1 << 20, 1 << 16, 4096, 512, 64, 1] {
        while file.write_all(&vec![7; length]).is_ok() {}
    }
}

fn make_room(centre: &Centre) {
    fs::remove_file(centre.folder.path().join("ballast")).expect("removed");
}

fn register(centre: &Centre) -> Page {
    let person = [
        ("name", "Almaz Tesfaye"),
        ("consent", "spoken"),
        ("then", "stay"),
        ("sure", "yes"),
    ];
    centre.post("/people/new", "/people/new", &person)
}

pub fn meets_a_full_disk() {
    let centre = Centre::founded_in(&child::folder().join("data"));
    fill(&centre);
    let refused = register(&centre);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.all(".notice-stop strong"), [FULL]);
    assert_eq!(refused.value("name"), "Almaz Tesfaye", "kept");
    for path in ["/", "/today", "/users", "/people/new"] {
        assert_eq!(
            centre.get(path).status,
            StatusCode::OK,
            "{path} can be read"
        );
    }
    let head = centre.app.vault.verify_journals().expect("a whole journal")[0];

    make_room(&centre);
    let mut body = String::new();
    for name in ["csrf", "write", "name", "consent", "then"] {
        body.push_str(&format!(
            "&{name}={}",
            refused.value(name).replace(' ', "+")
        ));
    }
    let saved = centre.send("/people/new", body[1..].to_owned());
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.html);
    assert!(centre.get(&saved.to).html.contains("Almaz Tesfaye"));
    let after = centre.app.vault.verify_journals().expect("a whole journal")[0];
    assert!(after.seq > head.seq);

    // Other keys need as much room again as the centre itself.
    let leila = [
        ("name", "Leila"),
        ("roles", "desk"),
        ("passphrase", "orchid tunnel mirror falcon pepper glacier"),
        ("again", "orchid tunnel mirror falcon pepper glacier"),
    ];
    assert_eq!(centre.post("/users", "/users", &leila).to, "/users");
    let users = centre.get("/users");
    let at = users
        .all(".row-names a")
        .iter()
        .position(|name| name == "Leila");
    let leila = users.attribute(
        &format!(".row:nth-child({}) a", at.expect("in the list") + 1),
        "href",
    );
    fill(&centre);
    let shut = centre.post(&leila, &format!("{leila}/disabled"), &[]);
    assert_eq!(shut.all(".notice-stop strong"), [FULL]);
    assert!(centre.app.vault.is_open(), "nothing has changed");
    make_room(&centre);
    assert_eq!(
        centre.post(&leila, &format!("{leila}/disabled"), &[]).to,
        "/users"
    );

    fill(&centre);
    assert_eq!(
        centre.post("/", "/lock", &[]).to,
        "/lock",
        "locking needs no room"
    );
    assert!(!centre.app.vault.is_open());
    // Coming in needs none either: what is there can be looked at, and the page says how it is.
    let wrong = [("name", "Samira"), ("passphrase", "not the right one")];
    for _ in 0..5 {
        let outside = centre.post("/lock", "/unlock", &wrong);
        assert_eq!(outside.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let told = [("name", "Samira"), ("passphrase", PASSPHRASE)];
    let early = centre.post("/lock", "/unlock", &told);
    let wait = "Too many wrong tries. Wait, then try again. Seconds: 1";
    assert_eq!(early.all(".notice-stop strong"), [wait]);
    centre.clock.advance(1);
    assert_eq!(centre.post("/lock", "/unlock", &told).to, "/");
    let page = centre.get("/?q=almaz");
    assert!(page.html.contains("Almaz Tesfaye"));
    assert!(page.all(".strip-full")[0].starts_with("The disk is full."));
    assert_eq!(register(&centre).all(".notice-stop strong"), [FULL]);
    let head = centre.app.vault.verify_journals().expect("a whole journal")[0];
    make_room(&centre);
    assert!(centre.get("/").all(".strip-full").is_empty());
    // The first that is saved comes after what was owed: that somebody came in.
    centre.post("/", "/language", &[("lang", "en")]);
    let after = centre.app.vault.verify_journals().expect("a whole journal")[0];
    assert_eq!(after.seq, head.seq + 2);
    let names = centre.app.vault.read::<_, darna::vault::Refusal>(|db| {
        db.all(
            "select name from journal order by seq desc limit 2",
            [],
            |row| row.get::<_, String>(0),
        )
    });
    assert_eq!(names.expect("names"), ["language-chosen", "unlocked"]);
    keeps_a_scan(&centre);
    println!("all is well");
}

/// What was said of a scan stays, nothing of its file does, and with some room it is kept.
fn keeps_a_scan(centre: &Centre) {
    let leila = add(centre, "Noor", Roles::CASEWORKER);
    enter(centre, "Noor");
    let person = visitor(centre, "Rosa Dela Cruz");
    let case = open(centre, leila, person, "Wages", &[]);
    let scan = TempDir::new().expect("a folder elsewhere");
    let file = scan.path().join("contract.pdf");
    let text = format!("%PDF-1.7\n{}\n%%EOF\n", "a ".repeat(100_000));
    fs::write(&file, text).expect("a scan");
    let attach = || {
        centre.outside.choose(&file);
        let told = [("scan-kind", "contract"), ("scan-what", "Pages 1 to 3")];
        let (from, to) = (
            format!("/cases/{case}"),
            format!("/cases/{case}/attachments"),
        );
        centre.post(&from, &to, &told)
    };
    // Whoever has the case open goes on reading it.
    assert_eq!(centre.get(&format!("/cases/{case}")).status, StatusCode::OK);
    fill(centre);
    let refused = attach();
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.all(".error span"), [FULL]);
    assert_eq!(refused.value("scan-what"), "Pages 1 to 3");
    let files = || fs::read_dir(centre.folder.path().join("files")).map_or(0, Iterator::count);
    assert_eq!(files(), 0, "nothing half-written is left");
    make_room(centre);
    assert_eq!(attach().status, StatusCode::SEE_OTHER);
    assert_eq!(files(), 1);
}

/// Leaves so much room.
fn leave(centre: &Centre, bytes: u64) {
    fill(centre);
    let ballast = File::options()
        .write(true)
        .open(centre.folder.path().join("ballast"));
    let ballast = ballast.expect("a file");
    let length = ballast.metadata().expect("its length").len();
    ballast.set_len(length.saturating_sub(bytes)).expect("room");
}

/// Register, check in, take a mark, back up, lock, come in: with no room at all, then with 4 KiB
/// more each time, until all of it goes.
pub fn meets_a_disk_that_fills_up() {
    let centre = Centre::founded_in(&child::folder().join("data"));
    let stick = Stick::quick("BLUE");
    centre.outside.plug_in(&stick);
    backups::enrolled(&centre);
    let first = register(&centre).to;
    let person = first.split('?').next().expect("a page").to_owned();
    let id = person.trim_start_matches("/people/").to_owned();
    let session = courses::meeting_today(&centre, &id);
    let (mut people, mut refused) = (1, 0);
    for pages in 0.. {
        leave(&centre, pages * 4096);
        let body = format!("csrf={}&by=key&person={id}&mark=present", centre.csrf());
        let name = format!("Visitor {pages}");
        let fields = [("name", &*name), ("consent", "spoken"), ("sure", "yes")];
        let done = [
            centre.post("/people/new", "/people/new", &fields),
            centre.post("/", &format!("{person}/visits"), &[]),
            centre.send(&format!("{session}/marks"), body),
        ];
        let (saved, full): (Vec<&Page>, Vec<&Page>) =
            done.iter().partition(|page| !page.html.contains(FULL));
        for page in saved {
            let fine = page.status.is_success() || page.status.is_redirection();
            assert!(fine, "at {pages} pages: {} {}", page.status, page.html);
        }
        refused += full.len();
        people += usize::from(!done[0].html.contains(FULL));
        let page = backups::backed_up(&centre);
        assert_eq!(
            page.all("#failed-title").len(),
            1,
            "the copy has no room here"
        );
        centre.post("/", "/lock", &[]);
        let told = [("name", "Samira"), ("passphrase", PASSPHRASE)];
        assert_eq!(
            centre.post("/lock", "/unlock", &told).to,
            "/",
            "at {pages} pages"
        );
        assert_eq!(centre.get("/today").status, StatusCode::OK);
        make_room(&centre);
        centre.app.vault.verify_journals().expect("a whole journal");
        let here = centre.app.vault.read::<_, darna::vault::Refusal>(|db| {
            db.one("select count(*) from person", [], |row| {
                row.get::<_, usize>(0)
            })
        });
        assert_eq!(here.expect("a count"), Some(people), "at {pages} pages");
        if full.is_empty() {
            break;
        }
    }
    assert!(refused > 10, "{refused}");
    println!("all is well");
}

#[test]
fn a_disk_that_fills_up_loses_nothing_at_any_of_its_last_pages() {
    on_a_small_disk("filling disk");
}

#[test]
fn a_full_disk_keeps_what_was_typed_and_loses_nothing() {
    on_a_small_disk("full disk");
}

fn on_a_small_disk(part: &str) {
    let folder = TempDir::new().expect("a folder");
    let play = child::playing(part, folder.path());
    // A small disk of its own, which ends with the process. Root needs no rights lent to it, and
    // in a changed root (chroot) nobody can be lent any; nor is `/` a mount there that could be made
    // private, so what was mounted is unmounted too.
    let mut small = Command::new("unshare");
    let own = fs::metadata("/proc/self").expect("a process");
    if own.uid() != 0 {
        small.args(["--user", "--map-root-user"]);
    }
    small
        .args(["--mount", "--propagation", "unchanged", "sh", "-c"])
        .arg(
            "mount --make-rprivate / 2>/dev/null; mount -t tmpfs -o size=12m none \"$0\" || exit 1
             \"$@\"; ended=$?; umount \"$0\"; exit $ended",
        )
        .arg(folder.path())
        .arg(play.get_program())
        .args(play.get_args());
    for (name, value) in play.get_envs() {
        small.env(name, value.expect("set"));
    }
    let output = small
        .output()
        .expect("unshare is there (package util-linux)");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        told.contains("all is well"),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
