//! The papers of a case: scans that come in encrypted and go out only by decision, what is still
//! needed, and what is printed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use darna::cases::documents::Part;
use darna::kit::id::PersonId;
use darna::kit::progress::Progress;
use darna::vault::backup::PART;
use darna::vault::backup::medium::{Disk, Medium};
use darna::vault::backup::note;
use darna::vault::backup::restore::{Aim, Secret, unlock};
use darna::vault::backup::sticks::Shelf;
use darna::vault::secret::Passphrase;
use darna::vault::{Actor, Event, Refusal, Roles, Vault};
use darna_tests::backups::ended;
use darna_tests::casework::{WORDS, add, enter, visitor};
use darna_tests::centre::{Centre, PASSPHRASE, Page};
use darna_tests::directory::with;
use darna_tests::pdf;
use darna_tests::sticks::Stick;
use image::{GrayImage, ImageFormat, Luma};
use tempfile::TempDir;

/// Stands in a scan's name, in what is typed about it, and in its hidden data.
const MARKER: &str = "Zephyrquill";

struct Office {
    centre: Centre,
    leila: Actor,
    person: PersonId,
    case: String,
    desk_top: TempDir,
}

impl Office {
    fn new() -> Self {
        let centre = Centre::founded();
        let leila = add(&centre, "Leila", Roles::CASEWORKER);
        enter(&centre, "Leila");
        let person = visitor(&centre, "Almaz Tesfaye");
        let id = person.to_string();
        let told = [
            ("person", &*id),
            ("kind", "legal"),
            ("words", "No wages since August"),
            ("issue-1", "W01"),
            ("goal", "My wages"),
            ("urgency", "normal"),
            ("safety", "Safe with a friend"),
            ("whose", "me"),
        ];
        let opened = centre.post(&format!("/cases/new?person={id}"), "/cases/new", &told);
        Self {
            centre,
            leila,
            person,
            case: opened.to,
            desk_top: TempDir::new().expect("a folder"),
        }
    }

    fn send(&self, path: &str, told: &[(&str, &str)]) -> Page {
        self.centre
            .post(&self.case, &format!("{}{path}", self.case), told)
    }

    fn done(&self, path: &str, told: &[(&str, &str)]) {
        let page = self.send(path, told);
        let errors = page.all(".error span");
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}: {errors:?}");
    }

    fn at(&self, path: &str) -> Page {
        self.centre.get(&format!("{}{path}", self.case))
    }

    /// Puts a file where somebody finds it.
    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.desk_top.path().join(name);
        fs::write(&path, bytes).expect("a file");
        path
    }

    /// Chooses a file in the dialog and sends what is said of it.
    fn attach(&self, path: &Path) -> Page {
        self.centre.outside.choose(path);
        let told = [
            ("scan-kind", "contract"),
            ("scan-what", "Pages 1 to 3"),
            ("scan-dated", "2025-03"),
        ];
        self.send("/attachments", &told)
    }

    fn attached(&self, path: &Path) -> String {
        let page = self.attach(path);
        assert_eq!(
            page.status,
            StatusCode::SEE_OTHER,
            "{:?}",
            page.all(".error span")
        );
        self.at("/papers")
            .attribute("a[href*='/attachments/']", "href")
    }

    fn files(&self) -> Vec<PathBuf> {
        kept(self.centre.folder.path())
    }

    fn sum(&self, kind: &str, amount: &str, currency: &str, note: &str) {
        let told = [
            ("sum-kind", kind),
            ("sum-amount", amount),
            ("sum-currency", currency),
            ("sum-day", "2026-11-24"),
            ("sum-note", note),
        ];
        self.done("/sums", &told);
    }

    fn printed(&self) -> String {
        pdf::words(&self.centre.outside.last_shown())
    }

    /// Through the pages, with the older of two backups.
    fn rehearses_without_a_scan(&self, stick: &Stick) {
        let centre = &self.centre;
        enter_manager(centre);
        centre.outside.plug_in(stick);
        let list = centre.get("/backup/restore?aim=rehearse");
        let first = ".row:nth-child(4) button[name=backup]";
        let backup = list.attribute(first, "value");
        centre.post("/backup/restore", "/backup/restore", &[("backup", &backup)]);
        let key = [("passphrase", PASSPHRASE)];
        centre.post("/backup/restore/key", "/backup/restore/key", &key);
        let done = ended(centre, "/backup/restore/work");
        let told = done.all(".notice strong");
        assert!(told[0].contains("not all of its scans"), "{told:?}");
        assert_eq!(told[1], "Scans that would not come back: 1");
        let failed = centre.app.vault.read(note::failed);
        assert_eq!(
            failed.expect("an open vault"),
            [1],
            "the newer has other scans"
        );
        centre.outside.pull_out_all();
    }

    fn lock_and_enter(&self) {
        enter(&self.centre, "Leila");
    }
}

/// The encrypted files of a centre.
fn kept(data: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(data.join("files"));
    let mut all: Vec<PathBuf> = entries
        .map(|all| all.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    all.sort();
    all
}

/// A page with a dark line down its side.
fn scan(format: ImageFormat) -> Vec<u8> {
    let page = GrayImage::from_fn(240, 320, |x, y| {
        Luma([if x == 20 || y % 16 == 0 { 30 } else { 245 }])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    page.write_to(&mut bytes, format).expect("drawn");
    bytes.into_inner()
}

/// The same with a place and a camera in its hidden data.
fn photo() -> Vec<u8> {
    let mut bytes = scan(ImageFormat::Jpeg);
    let note = format!("Exif\0\0GPS 33.8938 N {MARKER}");
    let mut segment = vec![0xFF, 0xE1, 0, u8::try_from(note.len() + 2).expect("short")];
    segment.extend_from_slice(note.as_bytes());
    bytes.splice(2..2, segment);
    bytes
}

fn small_pdf() -> Vec<u8> {
    format!("%PDF-1.7\n1 0 obj\n<< /Title ({MARKER}) >>\nendobj\ntrailer\n<< >>\n%%EOF\n")
        .into_bytes()
}

fn holds(bytes: &[u8], marker: &str) -> bool {
    bytes
        .windows(marker.len())
        .any(|window| window == marker.as_bytes())
}

#[test]
fn a_scan_is_kept_encrypted_and_shown_on_a_page_of_the_program() {
    let office = Office::new();
    let page = office.attached(&office.file(&format!("{MARKER}.jpg"), &photo()));
    let shown = office.centre.get(&page);
    assert!(shown.html.contains("Pages 1 to 3") && shown.html.contains("March 2025"));
    let picture = shown.attribute(".scan img", "src");
    let request = Request::get(&picture)
        .body(Body::empty())
        .expect("a request");
    let answer = office.centre.ask(request);
    assert_eq!(answer.status, StatusCode::OK);

    let files = office.files();
    assert_eq!(files.len(), 1);
    let bytes = fs::read(&files[0]).expect("a file");
    assert!(
        !holds(&bytes, MARKER) && !holds(&bytes, "JFIF"),
        "encrypted"
    );
    let name = files[0].file_name().and_then(|name| name.to_str());
    assert!(name.is_some_and(|name| name.len() == 64 && !name.contains(MARKER)));

    // The same scan once more is the same file.
    office.attached(&office.file("again.jpg", &photo()));
    assert_eq!(office.files().len(), 1);
    assert!(office.centre.app.vault.verify_journals().is_ok());
}

#[test]
fn bad_files_are_refused_with_a_sentence_and_what_was_typed_stays() {
    let office = Office::new();
    let big = office.desk_top.path().join("big.pdf");
    let file = fs::File::create(&big).expect("a file");
    file.set_len(60 * 1024 * 1024).expect("a length");
    let link = office.desk_top.path().join("link.jpg");
    std::os::unix::fs::symlink(office.file("real.jpg", &photo()), &link).expect("a link");
    let cases: [(PathBuf, &str); 7] = [
        (big, "larger than 50 MB"),
        (
            office.file("picture.png", &photo()),
            "inside is: JPEG picture",
        ),
        (
            office.file("contract.pdf", b"MZ\x90\0this program"),
            "something else",
        ),
        (
            office.file("contract.docm", b"PK\x03\x04"),
            "Only PDF, JPEG and PNG",
        ),
        (office.desk_top.path().join("pulled.jpg"), "disappeared"),
        // A file of the system that says it is longer than what can be read of it.
        (
            office.file("half.jpg", &photo()[..300]),
            "damaged or not complete",
        ),
        (link, "a folder or a link"),
    ];
    for (path, why) in cases {
        let page = office.attach(&path);
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        let errors = page.all(".error span");
        assert!(
            errors.len() == 1 && errors[0].contains(why),
            "{why}: {errors:?}"
        );
        assert_eq!(page.value("scan-what"), "Pages 1 to 3", "kept");
        assert_eq!(
            page.attribute("#scan-kind option[selected]", "value"),
            "contract"
        );
    }
    assert!(office.files().is_empty(), "nothing was kept");
    // A dialog that was closed without a choice keeps it too.
    let told = [("scan-kind", "payslip"), ("scan-what", "August")];
    let page = office.send("/attachments", &told);
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.value("scan-what"), "August");
}

#[test]
fn a_pdf_is_opened_outside_only_by_decision_and_is_gone_at_the_lock() {
    let office = Office::new();
    let page = office.attached(&office.file("contract.pdf", &small_pdf()));
    let shown = office.centre.get(&page);
    assert!(
        shown.all(".scan img").is_empty(),
        "never drawn by the program"
    );
    assert!(
        shown
            .html
            .contains("Outside Darna nobody guards this paper.")
    );
    assert!(
        office.centre.outside.shown().is_empty(),
        "looking opens nothing"
    );
    let opened = office.centre.post(&page, &format!("{page}/outside"), &[]);
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    let outside = office.centre.outside.last_shown();
    assert!(holds(&fs::read(&outside).expect("shown"), MARKER));
    assert!(
        !outside.to_string_lossy().contains("contract"),
        "its name tells nothing"
    );
    office.centre.post("/", "/lock", &[]);
    assert!(!outside.exists());
}

#[test]
fn a_scan_is_taken_out_with_a_reason_that_stays() {
    let office = Office::new();
    let page = office.attached(&office.file("wrong.jpg", &photo()));
    let twin = office.file("twin.pdf", &small_pdf());
    office.attached(&twin);
    let refused = office.centre.post(&page, &format!("{page}/removal"), &[]);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(office.files().len(), 2);
    let why = [("remove-reason", "Of another person")];
    let done = office.centre.post(&page, &format!("{page}/removal"), &why);
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(office.files().len(), 1, "the file is gone");
    let papers = office.at("/papers");
    assert!(papers.html.contains("Of another person"));
    assert_eq!(
        office.centre.get(&format!("{page}/picture")).status,
        StatusCode::NOT_FOUND
    );
}

#[test]
fn a_file_that_is_gone_or_changed_is_never_half_shown() {
    let office = Office::new();
    let page = office.attached(&office.file("photo.jpg", &photo()));
    let picture = format!("{page}/picture");
    let file = office.files().remove(0);
    let whole = fs::read(&file).expect("a file");
    for at in [0, 9, 40, whole.len() / 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[at] ^= 4;
        fs::write(&file, &changed).expect("bit rot");
        let told = office.centre.get(&picture);
        assert!(told.html.contains("damaged on the disk"), "byte {at}");
    }
    fs::write(&file, &whole[..whole.len() - 17]).expect("cut short");
    assert!(
        office
            .centre
            .get(&picture)
            .html
            .contains("damaged on the disk")
    );
    fs::remove_file(&file).expect("gone");
    assert!(
        office
            .centre
            .get(&picture)
            .html
            .contains("no longer on this laptop")
    );
    fs::write(&file, &whole).expect("as it was");
    assert_eq!(office.centre.get(&picture).status, StatusCode::OK);
}

#[test]
fn scans_go_along_with_new_keys_and_the_former_files_go() {
    let office = Office::new();
    let page = office.attached(&office.file("photo.jpg", &photo()));
    office.attached(&office.file("contract.pdf", &small_pdf()));
    let before = office.files();
    enter_manager(&office.centre);
    let omar = add(&office.centre, "Omar", Roles::CASEWORKER).user;
    let vault = &office.centre.app.vault;
    vault
        .disable_user(office.centre.manager(), omar)
        .expect("shut out");
    let after = office.files();
    assert_eq!(after.len(), 2);
    assert!(
        after.iter().all(|file| !before.contains(file)),
        "other names"
    );
    office.lock_and_enter();
    assert_eq!(
        office.centre.get(&format!("{page}/picture")).status,
        StatusCode::OK
    );
    assert!(vault.verify_journals().is_ok());
    // What a killed run left is swept when a caseworker comes in.
    let orphan = office
        .centre
        .folder
        .path()
        .join("files")
        .join("ab".repeat(32));
    fs::write(&orphan, "left over").expect("a file");
    office.lock_and_enter();
    assert!(!orphan.exists());
    assert_eq!(office.files(), after);
}

fn enter_manager(centre: &Centre) {
    centre.post("/", "/lock", &[]);
    let told = [("name", "Samira"), ("passphrase", PASSPHRASE)];
    assert_eq!(centre.post("/lock", "/unlock", &told).to, "/");
}

#[test]
fn scans_are_in_the_backup_counted_and_come_back_on_another_laptop() {
    let office = Office::new();
    let page = office.attached(&office.file("photo.jpg", &photo()));
    office.attached(&office.file("contract.pdf", &small_pdf()));
    let stick = Stick::quick("BLUE");
    let vault = &office.centre.app.vault;
    let medium: Arc<dyn Medium> = Arc::new(Disk);
    let shelf = Shelf::new(&medium, stick.path(), vault.centre().expect("a centre"));
    vault
        .enrol(office.centre.manager(), &shelf, "BLUE", None)
        .expect("enrolled");
    let progress = Progress::new("x");
    let made = vault
        .back_up(office.leila, &shelf, PART, &progress)
        .expect("a backup");
    assert_eq!(made.files_lost, 0);
    let secret = || Secret::Passphrase(Passphrase::new(WORDS));
    let unlocked = unlock(&shelf, made.number, &secret()).expect("opened");
    assert_eq!((unlocked.inside.files, unlocked.inside.files_lost), (2, 0));
    assert_eq!(unlocked.manifest.attachments().count(), 2);

    // One that is lost here is said to be, and the rest is backed up all the same.
    let lost = office.files().remove(0);
    let moved = office.desk_top.path().join("moved");
    fs::rename(&lost, &moved).expect("moved");
    let second = vault
        .back_up(office.leila, &shelf, PART, &progress)
        .expect("a backup");
    assert_eq!(second.files_lost, 1);
    fs::copy(&moved, &lost).expect("back");

    let fresh = TempDir::new().expect("a folder");
    let other = Vault::at(fresh.path(), office.centre.app.world.clone()).expect("a vault");
    // A stick that has lost a scan gives back all the rest, and says so.
    let on_stick = shelf.files().join(lost.file_name().expect("a name"));
    let away = on_stick.with_extension("away");
    fs::rename(&on_stick, &away).expect("lost on the stick");
    let found = other
        .rebuild(&shelf, unlocked, Aim::Restore, None, &progress)
        .expect("rebuilt");
    assert_eq!(found.files_lost, 1);
    office.rehearses_without_a_scan(&stick);
    fs::rename(&away, &on_stick).expect("back on the stick");
    let unlocked = unlock(&shelf, made.number, &secret()).expect("opened");
    other
        .rebuild(&shelf, unlocked, Aim::Restore, None, &progress)
        .expect("rebuilt");
    other
        .adopt(None, darna::kit::lang::Lang::En)
        .expect("adopted");
    assert_eq!(kept(fresh.path()).len(), 2);
    drop(other);
    let id = page.rsplit('/').next().expect("an id").to_owned();
    let there = Centre::of(fresh);
    enter(&there, "Leila");
    let shown = there.get(&format!("{}/attachments/{id}/picture", office.case));
    assert_eq!(shown.status, StatusCode::OK);
}

#[test]
fn what_a_case_still_needs_is_met_by_its_scan() {
    let office = Office::new();
    for kind in ["contract", "payslip"] {
        office.done("/needs", &[("need", kind)]);
    }
    let twice = office.send("/needs", &[("need", "contract")]);
    assert_eq!(twice.all(".error span"), ["This paper is awaited already."]);
    let unnamed = office.send("/needs", &[("need", "other")]);
    assert_eq!(unnamed.all(".error span"), ["Write which paper it is."]);
    let other = [("need", "other"), ("need-what", "Letter of the neighbour")];
    office.done("/needs", &other);
    let needed = |page: &Page| page.all("form[action*='/needs/'] button[value=here]").len();
    assert_eq!(needed(&office.at("/papers")), 3);
    // The contract comes: nobody has to tick it off.
    office.attached(&office.file("contract.jpg", &photo()));
    let papers = office.at("/papers");
    assert_eq!(needed(&papers), 2);
    let usual = papers.all("button[name=need]");
    assert!(usual.iter().any(|label| label.contains("Passport")));
    assert!(!usual.iter().any(|label| label.contains("Work contract")));
    let end = papers.attribute("form[action*='/needs/']", "action");
    let ended = office
        .centre
        .post(&office.case, &end, &[("how", "not-needed")]);
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
    assert_eq!(needed(&office.at("/papers")), 1);
}

#[test]
fn a_desk_login_gets_no_scan() {
    let office = Office::new();
    let page = office.attached(&office.file("photo.jpg", &photo()));
    enter_manager(&office.centre);
    add(&office.centre, "Rima", Roles::DESK);
    enter(&office.centre, "Rima");
    for path in [page.clone(), format!("{page}/picture")] {
        assert_eq!(office.centre.get(&path).status, StatusCode::NOT_FOUND);
    }
    // Its session has no key for it either.
    assert!(office.centre.app.vault.keep_file(b"a file").is_err());
    assert_eq!(office.files().len(), 1);
}

fn demand(until: &str) -> Vec<(&'static str, String)> {
    [
        ("language", "en"),
        ("addressed", "Abdel Rahman Trading\nHamra"),
        (
            "facts",
            "She worked as a cleaner from March to October 2026.",
        ),
        ("basis", "Labour Code, article 44"),
        ("answer-to", "House of Thyme, 01 234 567"),
        ("agreed", "yes"),
        ("note-deadline", "yes"),
        ("until", until),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

fn sent<'t>(told: &'t [(&'static str, String)]) -> Vec<(&'static str, &'t str)> {
    told.iter().map(|(name, value)| (*name, &**value)).collect()
}

#[test]
fn a_demand_says_what_is_claimed_by_currency_and_is_kept_to_be_printed_again() {
    let office = Office::new();
    let told = demand("24/12/2026");
    let refused = office.send("/letter", &sent(&told));
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.html.contains("Nothing is claimed or agreed"));
    assert!(refused.html.contains("from March to October"), "kept");
    office.sum("claimed", "1,800", "USD", "Wages August to October");
    office.sum("claimed", "200", "USD", "");
    office.sum("claimed", "85.250", "KWD", "Overtime");
    let past = office.send("/letter", &sent(&demand("23/11/2026")));
    assert_eq!(past.all(".error span").len(), 1);
    let unasked: Vec<_> = sent(&told)
        .into_iter()
        .filter(|(n, _)| *n != "agreed")
        .collect();
    let unread = office.send("/letter", &unasked);
    assert!(unread.all(".error span")[0].contains("Read the letter to the person first"));

    office.done("/letter", &sent(&told));
    let words = office.printed();
    for said in [
        "Demand for payment",
        "Abdel Rahman Trading",
        "Almaz Tesfaye",
        "Wages August to October",
        "1,800.00 USD",
        "2,000.00 USD",
        "85.250 KWD",
        "Labour Code, article 44",
        "24 December 2026",
        "House of Thyme, 01 234 567",
    ] {
        assert!(words.contains(said), "{said} in {words}");
    }
    // Its last day is a deadline now, once, however often the letter is printed.
    office.done("/letter", &sent(&told));
    let steps = office.at("/steps");
    assert_eq!(steps.all("form[action$='/answer']").len(), 1);
    assert!(steps.html.contains("Demand letter"));
    let page = office.at("/letter");
    assert!(page.html.contains("Labour Code, article 44") && page.html.contains("Printed last"));
    assert_eq!(page.value("until"), "24/12/2026", "kept with the rest");
    // With another day its deadline moves, and to somebody else it is another letter.
    let open = || office.at("/steps").all("form[action$='/answer']").len();
    office.done("/letter", &sent(&demand("20/12/2026")));
    assert_eq!(open(), 1);
    assert!(office.at("/steps").html.contains("20 December 2026"));
    let mut other = demand("28/12/2026");
    other[1].1 = "Plum Street Agency".to_owned();
    office.done("/letter", &sent(&other));
    assert_eq!(open(), 2);
    // Its day has passed: as it was it is printed once more, and nothing is added.
    office.centre.clock.advance(40 * 86_400);
    enter(&office.centre, "Leila");
    office.done("/letter", &sent(&other));
    assert_eq!(open(), 2);
    let past = office.send("/letter", &sent(&demand("23/12/2026")));
    assert_eq!(past.all(".error span").len(), 1, "no other past day");
    // Whoever takes the case over sees what went out, when and from whom.
    let letters = office
        .at("/papers")
        .all("[aria-labelledby='letters-title'] li");
    assert_eq!(letters.len(), 5);
    let first = letters.last().expect("the first letter");
    for said in ["Abdel Rahman Trading", "by Leila", "24 December 2026"] {
        assert!(first.contains(said), "{said} in {first}");
    }
    let about = pdf::about(&office.centre.outside.last_shown());
    assert!(!about.contains("Almaz"), "{about}");
}

#[test]
fn a_demand_asks_for_no_more_than_is_still_to_come() {
    let office = Office::new();
    office.sum("claimed", "900", "USD", "Wages August to October");
    office.sum("agreed", "600", "USD", "");
    office.sum("received", "320", "USD", "Brought by her cousin");
    let page = office.at("/letter");
    let lines = page.all("form .notice p").join(" ");
    assert!(lines.contains("Wages August to October"), "{lines}");
    assert!(!lines.contains("cousin"), "{lines}");
    assert_eq!(
        page.attribute("input[name=asks][checked]", "value"),
        "agreed"
    );
    let told = demand("24/12/2026");
    let asking = |kind| [&[("asks", kind)][..], &sent(&told)].concat();
    office.done("/letter", &asking("agreed"));
    let words = office.printed();
    for said in [
        "600.00 USD",
        "\u{2212} 320.00 USD",
        "280.00 USD",
        "Received so far",
    ] {
        assert!(words.contains(said), "{said} in {words}");
    }
    for not_said in ["900.00", "cousin"] {
        assert!(!words.contains(not_said), "{not_said} in {words}");
    }
    // Whoever broke the agreement is asked for the whole claim.
    office.done("/letter", &asking("claimed"));
    let words = office.printed();
    assert!(
        words.contains("900.00 USD") && words.contains("580.00 USD"),
        "{words}"
    );
    // A receipt keeps what was open when the money came.
    let receipt = office
        .at("/money")
        .attribute("form[action$='/receipt']", "action");
    let print = || {
        office.centre.post(&office.case, &receipt, &[]);
        office.printed()
    };
    assert!(print().contains("280.00 USD"));
    office.sum("received", "280", "USD", "");
    let first = office.at("/money").all("form[action$='/receipt']").len();
    assert_eq!(first, 2);
    assert!(print().contains("280.00 USD"), "as it was");
    // The agreement is kept: nothing of the claim is asked for any more either.
    assert!(office.at("/letter").all("input[name=asks]").is_empty());
    for kind in ["agreed", "claimed"] {
        let nothing = office.send("/letter", &asking(kind));
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind}");
    }
}

#[test]
fn a_demand_can_be_in_arabic() {
    let office = Office::new();
    office.sum("claimed", "900", "USD", "");
    let mut told = demand("24/12/2026");
    told[0].1 = "ar".to_owned();
    told[2].1 = "عملت في التنظيف من آذار إلى تشرين الأول.".to_owned();
    office.done("/letter", &sent(&told));
    let words = office.printed();
    assert!(words.contains("مطالبة بالدفع"), "{words}");
}

const LEGAL_AID: &[(&str, &str)] = &[
    ("name-en", "Cedar Legal Aid"),
    ("kind", "legal-aid"),
    ("services", "LEG.advice"),
    ("cost", "free"),
    ("safety", "tested"),
    ("women-staff", "yes"),
    ("wheelchair", "unknown"),
    ("letters-in", "en"),
    ("area", "Hamra"),
    ("phone", "01 555 000"),
    ("focal", "Counsel Haddad"),
    ("safety-note", "Two visitors went there"),
];

fn partner(centre: &Centre) -> String {
    enter_manager(centre);
    let added = centre.post("/partners/new", "/partners/new", LEGAL_AID);
    enter(centre, "Leila");
    added.to
}

#[test]
fn a_summary_tells_exactly_what_was_agreed_to_and_nothing_after_a_withdrawal() {
    let office = Office::new();
    let address = partner(&office.centre);
    let id = address.rsplit('/').next().expect("an id").to_owned();
    assert_eq!(id.len(), 32, "{address}");
    office.done(
        "/notes",
        &[("note", "Paid in cash before"), ("note-kind", "fact")],
    );
    office.done(
        "/notes",
        &[("note", "I doubt the cousin"), ("note-kind", "note")],
    );
    office.sum("claimed", "1,800", "USD", "");
    let person = office.person.to_string();
    let base = [("partner", &*id), ("person", &*person), ("how", "signed")];
    let none = office.send("/sharing", &base);
    assert_eq!(none.all(".error span"), ["Tick at least one part."]);
    // Somebody who saw something agrees to nothing of hers.
    let witness = visitor(&office.centre, "Marie Kouassi").to_string();
    office.done("/people", &[("person", &*witness), ("role", "witness")]);
    let theirs = [("person", &*witness), ("parts", "story")];
    let theirs = [&base[..1], &base[2..], &theirs[..]].concat();
    for path in ["/sharing", "/sharing/form"] {
        let refused = office.send(path, &theirs);
        assert_eq!(
            refused.all(".error span"),
            ["Choose one of the list."],
            "{path}"
        );
        assert_eq!(refused.all("#person option"), ["Almaz Tesfaye"], "{path}");
    }
    let parts = [("parts", "name"), ("parts", "facts"), ("parts", "money")];
    let asked = [&base[..], &parts[..]].concat();
    office.done("/sharing/form", &asked);
    let words = office.printed();
    assert!(
        words.contains("Cedar Legal Aid") && words.contains("Facts noted"),
        "{words}"
    );
    assert!(!words.contains("What happened"), "{words}");

    office.done(
        "/sharing",
        &[&asked[..], &[("expires", "30/11/2026")]].concat(),
    );
    let page = office.at("/sharing");
    let print = page.attribute("form[action$='/summary']", "action");
    let ask = [("ask", "Can she claim overtime?")];
    assert_eq!(
        office.centre.post(&office.case, &print, &ask).status,
        StatusCode::SEE_OTHER
    );
    let words = office.printed();
    for said in [
        "Almaz Tesfaye",
        "Paid in cash before",
        "1,800.00 USD",
        "Can she claim overtime?",
    ] {
        assert!(words.contains(said), "{said} in {words}");
    }
    for hidden in [
        "No wages since August",
        "I doubt the cousin",
        "Safe with a friend",
    ] {
        assert!(!words.contains(hidden), "{hidden} in {words}");
    }

    // Nor does what somebody agreed to who is the client no longer.
    office.done("/people", &[("person", &*person), ("role", "witness")]);
    let other = office.centre.post(&office.case, &print, &ask);
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(other.html.contains("Not agreed by the person concerned"));
    office.done("/people", &[("person", &*person), ("role", "client")]);

    // Nor is a partner told anything that ended, or became unsafe, since.
    let edit = format!("{address}/edit");
    let ended = format!("{address}/ended");
    let now_unsafe = with(LEGAL_AID, &[("safety", "unsafe")]);
    let again = [("ended", "no")];
    for (path, told, back, undo) in [
        (&edit, &*now_unsafe, &edit, LEGAL_AID),
        (&ended, &[("ended", "yes")][..], &ended, &again[..]),
    ] {
        // Whoever changes a partner does so from its form; the page of one has the other button.
        let from = if path == &edit { path } else { &address };
        let done = office.centre.post(from, path, told);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{path}: {}", done.html);
        let refused = office.centre.post(&office.case, &print, &ask);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(refused.html.contains("This partner is marked as unsafe"));
        assert!(refused.all("form[action$='/summary']").is_empty());
        assert_eq!(refused.all("form[action$='/withdrawal']").len(), 1);
        let undone = office.centre.post(from, back, undo);
        assert_eq!(undone.status, StatusCode::SEE_OTHER, "{back}");
    }

    // Nor is anything told of a closed case: nobody follows what it begins.
    let closing = [
        ("outcome", "withdrew"),
        ("satisfaction", "good"),
        ("seen", "yes"),
    ];
    office.done("/closing", &closing);
    let shown = office.centre.outside.shown().len();
    let closed = office.centre.post(&office.case, &print, &ask);
    assert_eq!(closed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        closed.html.contains("The case is closed"),
        "{}",
        closed.html
    );
    assert_eq!(office.centre.outside.shown().len(), shown);
    office.done("/reopening", &[("reopen-reason", "She came back")]);

    // The page lies open while the day passes.
    office.centre.clock.advance(8 * 86_400);
    office.lock_and_enter();
    let late = office.centre.post(&office.case, &print, &ask);
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.html.contains("No longer counts"));

    office.done("/sharing", &asked);
    let page = office.at("/sharing");
    let print = page.attribute("form[action$='/summary']", "action");
    let withdraw = page.attribute("form[action$='/withdrawal']", "action");
    office.centre.post(&office.case, &withdraw, &[]);
    let shown = office.centre.outside.shown().len();
    let refused = office.centre.post(&office.case, &print, &ask);
    assert!(refused.html.contains("Taken back"));
    assert_eq!(office.centre.outside.shown().len(), shown);
}

#[test]
fn a_receipt_keeps_its_number_and_a_slip_is_signed_by_two() {
    let office = Office::new();
    for step in ["assess", "start"] {
        office.done("/step", &[("step", step)]);
    }
    office.sum("agreed", "1,500", "USD", "");
    for due in ["2026-12-01", "2027-01-01", "2027-02-01"] {
        let told = [
            ("plan-amount", "500"),
            ("plan-currency", "USD"),
            ("plan-due", due),
        ];
        office.done("/instalments", &told);
    }
    let unsaid = office.at("/money");
    let receive = unsaid.attribute("form[action$='/received']", "action");
    let came = |day| [("received-amount", "500"), ("received-day", day)];
    let wrong = office.centre.post(&office.case, &receive, &came("32/13"));
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.value("received-day"), "32/13", "kept at its own line");
    assert_eq!(wrong.all("[aria-invalid=true]").len(), 1, "and at no other");
    office
        .centre
        .post(&office.case, &receive, &came("24/11/2026"));
    let print = office
        .at("/money")
        .attribute("form[action$='/receipt']", "action");
    office.centre.post(&office.case, &print, &[]);
    let words = office.printed();
    for said in [
        "C-2026-0001 / 1",
        "500.00 USD",
        "1/3",
        "1,000.00 USD",
        "Almaz Tesfaye",
    ] {
        assert_eq!(
            words.matches(said).count(),
            2,
            "{said} on both copies: {words}"
        );
    }
    assert!(pdf::about(&office.centre.outside.last_shown()).contains("Pages:           1"));

    let person = office.person.to_string();
    let witness = office.centre.manager().user.to_string();
    let paper = [
        ("paper-person", &*person),
        ("paper-what", "Passport EP1234567"),
        ("paper-place", "The green safe"),
        ("witness", &*witness),
    ];
    office.done("/originals", &paper);
    let papers = office.at("/papers");
    let unsaid = papers.attribute("form[action$='/returned']", "action");
    let refused = office.centre.post(&office.case, &unsaid, &[]);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let slip = papers.attribute("form[action$='/slip']", "action");
    office.centre.post(&office.case, &slip, &[]);
    let words = office.printed();
    for said in ["Passport EP1234567", "Leila", "Samira", "Almaz Tesfaye"] {
        assert!(words.contains(said), "{said} in {words}");
    }
    assert!(
        !words.contains("green safe"),
        "where it lies is nobody's business"
    );
}

#[test]
fn a_list_of_partners_holds_what_may_hang_on_a_wall() {
    let office = Office::new();
    let added = partner(&office.centre);
    assert!(added.starts_with("/partners/"), "{added}");
    let page = office.centre.get("/partners");
    assert!(page.html.contains("Cedar Legal Aid"));
    let printed = office
        .centre
        .post("/partners", "/partners/handout", &[("beside", "ara")]);
    assert_eq!(printed.status, StatusCode::SEE_OTHER, "{}", printed.html);
    let words = office.printed();
    for said in ["Cedar Legal Aid", "01 555 000", "Hamra", "أين تجد المساعدة"] {
        assert!(words.contains(said), "{said} in {words}");
    }
    for hidden in ["Haddad", "Two visitors", "tested"] {
        assert!(!words.contains(hidden), "{hidden} in {words}");
    }
}

/// Something that a person reads, signs or carries.
struct Carried {
    /// The page that offers it, and where it is asked for.
    from: String,
    at: String,
    told: Vec<(&'static str, String)>,
    /// A line of it.
    amharic: &'static str,
}

impl Carried {
    fn new(from: &str, at: String, told: &[(&'static str, &str)], amharic: &'static str) -> Self {
        let told = told
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        Self {
            from: from.to_owned(),
            at,
            told: told.collect(),
            amharic,
        }
    }

    fn printed(&self, centre: &Centre) -> PathBuf {
        let before = centre.outside.shown().len();
        let page = centre.post(&self.from, &self.at, &sent(&self.told));
        let after = centre.outside.shown().len();
        assert_eq!(after, before + 1, "{}: {}", self.at, page.html);
        centre.outside.last_shown()
    }
}

/// The receipt for a part of what was agreed, and the slip for a passport.
fn money_and_custody(office: &Office) -> [Carried; 2] {
    let (case, person) = (&office.case, office.person.to_string());
    for step in ["assess", "start"] {
        office.done("/step", &[("step", step)]);
    }
    office.sum("agreed", "1,500", "USD", "");
    let part = [
        ("plan-amount", "500"),
        ("plan-currency", "USD"),
        ("plan-due", "2026-12-01"),
    ];
    office.done("/instalments", &part);
    let form = |at: &str, which: &str| office.at(at).attribute(which, "action");
    let receive = form("/money", "form[action$='/received']");
    let received = [("received-amount", "500"), ("received-day", "24/11/2026")];
    office.centre.post(case, &receive, &received);
    let receipt = form("/money", "form[action$='/receipt']");
    let witness = office.centre.manager().user.to_string();
    let paper = [
        ("paper-person", &*person),
        ("paper-what", "Passport EP1234567"),
        ("paper-place", "The green safe"),
        ("witness", &*witness),
    ];
    office.done("/originals", &paper);
    let slip = form("/papers", "form[action$='/slip']");
    [
        Carried::new(case, receipt, &[], "ማዕከሉ ምንም ክፍያ አይወስድም"),
        Carried::new(case, slip, &[], "ሰነዱ የባለቤቱ ነው"),
    ]
}

/// The receipt for cash that one asked for and another decided on.
fn cash(office: &Office) -> Carried {
    let (case, centre, person) = (&office.case, &office.centre, office.person.to_string());
    let asked = [
        ("who", &*person),
        ("help-kind", "cash"),
        ("sum-amount", "60"),
        ("sum-currency", "USD"),
        ("need", "Nothing came in for two months"),
        ("criteria", "no-income"),
    ];
    office.done("/help", &asked);
    add(centre, "Omar", Roles::CASEWORKER);
    enter(centre, "Omar");
    let help = centre.get("/help").attribute(".row-names a", "href");
    let answer = [("answer", "approve")];
    centre.post(&help, &format!("{help}/decision"), &answer);
    enter(centre, "Leila");
    Carried::new(case, format!("{case}{help}/receipt"), &[], "ለእርስዎ")
}

/// The letter to a partner who is written to in English, the slip once there is a day, and a letter
/// that does not tell what the person speaks.
fn referred(office: &Office, partner: &str) -> [Carried; 3] {
    let (case, centre, person) = (&office.case, &office.centre, office.person.to_string());
    let agreed_to = |more: &[(&str, &str)]| {
        let mut told = vec![
            ("need", "LEG.advice"),
            ("partner", partner),
            ("person", &*person),
            ("urgency", "urgent"),
            ("payer", "centre"),
            ("currency", "LBP"),
            ("told", "name"),
            ("told", "health"),
            ("health", "Fever and cough for a week; takes no medicine"),
        ];
        told.extend(more);
        let new = format!("{case}/referrals/new");
        let form = format!("{new}?need=LEG.advice&partner={partner}");
        let page = centre.post(&form, &new, &told);
        let errors = page.all(".error span");
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{errors:?}");
        let at = page.to;
        let agreed = [("how", "spoken"), ("read-in", "amh"), ("expires", "")];
        centre.post(&at, &format!("{at}/consent"), &agreed);
        at
    };
    let (letter, slip) = (agreed_to(&[("told", "language")]), agreed_to(&[]));
    let silent = agreed_to(&[]);
    let day = [
        ("step", "accept"),
        ("day", "01/12/2026"),
        ("hour", "9:15"),
        ("place", "Main door"),
    ];
    for step in [&[("step", "send")][..], &day] {
        centre.post(&slip, &format!("{slip}/steps"), step);
    }
    let shown = [("place", "Main door"), ("named", "yes"), ("centre", "yes")];
    [
        Carried::new(
            &letter,
            format!("{letter}/letter"),
            &[],
            "ይህን ደብዳቤ የያዙትን ሰው",
        ),
        Carried::new(&slip, format!("{slip}/slip"), &shown, "ቀጠሮ"),
        Carried::new(&silent, format!("{silent}/letter"), &[], ""),
    ]
}

/// The demand, and the form of consent with all that can be told.
fn signed(office: &Office, partner: &str) -> [Carried; 2] {
    let (case, person) = (&office.case, office.person.to_string());
    office.sum("claimed", "1,800", "USD", "Wages August to October");
    let mut sharing = vec![
        ("partner", partner),
        ("person", &*person),
        ("how", "signed"),
    ];
    sharing.extend(Part::ALL.iter().map(|part| ("parts", part.code())));
    let demanded = demand("24/12/2026");
    let (form, letter) = (format!("{case}/sharing/form"), format!("{case}/letter"));
    [
        Carried::new(case, form, &sharing, "ሊረዱኝ እንዲችሉ ማዕከሉ"),
        Carried::new(case, letter, &sent(&demanded), "የክፍያ ጥያቄ"),
    ]
}

/// What the person of the only record speaks from now on.
fn speaks(centre: &Centre, language: &str) {
    let manager = centre.manager();
    let written = centre.app.vault.write(manager, None, |tx| {
        tx.execute("delete from person_language", [])?;
        let new = "insert into person_language (person, place, language)
                   select id, 0, :language from person";
        tx.execute(new, [language])?;
        Ok::<_, Refusal>(((), Event::LanguageChosen { user: manager.user }))
    });
    written.expect("another language");
}

#[test]
fn what_a_person_signs_or_carries_speaks_their_language_and_fits_its_page() {
    let office = Office::new();
    let centre = &office.centre;
    let partner = partner(centre);
    let partner = partner.rsplit('/').next().expect("an id");
    speaks(centre, "eng");
    let mut papers = Vec::from(signed(&office, partner));
    papers.extend(money_and_custody(&office));
    let [letter, slip, silent] = referred(&office, partner);
    papers.extend([letter, slip]);
    papers.push(cash(&office));

    let words = |paper: &Carried, language: &str| {
        speaks(centre, language);
        pdf::words(&paper.printed(centre))
    };
    // The script alone would tell what a partner was not to know.
    assert_eq!(words(&silent, "amh"), words(&silent, "eng"));
    for paper in &papers {
        // No paper has words in Malayalam.
        let malayalam = words(paper, "mal").replace("Malayalam", "English");
        assert_eq!(malayalam, words(paper, "eng"), "{}", paper.at);
        speaks(centre, "amh");
        let printed = paper.printed(centre);
        let told = pdf::words(&printed);
        assert!(pdf::tells(&printed, paper.amharic), "{}: {told}", paper.at);
    }

    // The office whose words are the longest.
    centre.post(&office.case, "/language", &[("lang", "fr")]);
    for language in [
        "ara", "eng", "fra", "amh", "ben", "hin", "nep", "sin", "tam", "tgl", "urd",
    ] {
        speaks(centre, language);
        for paper in &papers {
            let about = pdf::about(&paper.printed(centre));
            let one = about.contains("Pages:           1\n");
            assert!(one, "{} in {language}: {about}", paper.at);
        }
    }
}
