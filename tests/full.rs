//! A full disk: what was typed is kept, reading goes on, and with some room all works again.

use std::fs::{self, File};
use std::io::Write;
use std::process::Command;

use axum::http::StatusCode;
use darna_tests::centre::{Centre, PASSPHRASE, Page};
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
        ("then", "person"),
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
    let told = [("name", "Samira"), ("passphrase", PASSPHRASE)];
    let outside = centre.post("/lock", "/unlock", &told);
    assert_eq!(outside.all(".notice-stop strong"), [FULL]);
    make_room(&centre);
    assert_eq!(centre.post("/lock", "/unlock", &told).to, "/");
    centre.app.vault.verify_journals().expect("a whole journal");
    println!("all is well");
}

#[test]
fn a_full_disk_keeps_what_was_typed_and_loses_nothing() {
    let folder = TempDir::new().expect("a folder");
    let play = child::playing("full disk", folder.path());
    // A small disk of its own, which ends with the process.
    let mut small = Command::new("unshare");
    small
        .args(["--user", "--map-root-user", "--mount", "sh", "-c"])
        .arg("mount -t tmpfs -o size=12m none \"$0\" && exec \"$@\"")
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
