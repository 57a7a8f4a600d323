//! The manager's Friday in the real window, in English and in Arabic: plan a course, enrol thirty
//! by name, print the roster, the month and the cards, take the register by keys, give certificates.

use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{Datelike, Local, NaiveDate};
use darna::activities;
use darna::activities::recurrence::Day;
use darna::activities::rules::Mark;
use darna::kit::id::{PersonId, SessionId, UserId};
use darna::kit::lang::Lang;
use darna::kit::world::World;
use darna::people;
use darna::sample::{self, Amount};
use darna::vault::keyfile::Cost;
use darna::vault::secret::Passphrase;
use darna::vault::words::RecoveryWords;
use darna::vault::{Founding, Refusal, Roles, Vault};
use darna_tests::pdf;
use darna_tests::steps::{DOWN, ENTER, LEFT, MAIN, MANAGER, RIGHT, UP, texts, unlock};
use darna_tests::window::{Screen, Window};
use serde_json::{Value, json};

const LEARNERS: usize = 30;
const PATIENCE: Duration = Duration::from_secs(60);
/// Each learner's key: present, present, late, present, absent, present, excused.
const KEYS: [&str; 7] = ["1", "1", "2", "1", "4", "1", "3"];

struct Words {
    lang: Lang,
    manager: &'static str,
    course: &'static str,
    planned: &'static str,
    /// The arrow that goes to the next mark, as the eye sees it.
    onward: &'static str,
    backward: &'static str,
}

#[test]
fn the_managers_friday_in_english() {
    friday(&Words {
        lang: Lang::En,
        manager: "Samira",
        course: "English for beginners",
        planned: "The activity is planned.",
        onward: RIGHT,
        backward: LEFT,
    });
}

#[test]
fn the_managers_friday_in_arabic() {
    friday(&Words {
        lang: Lang::Ar,
        manager: "سميرة",
        course: "الإنجليزية للمبتدئين",
        planned: "تم تخطيط النشاط.",
        onward: LEFT,
        backward: RIGHT,
    });
}

fn friday(words: &Words) {
    let mut filled_with = None;
    let window = Window::on(Screen::default(), |data| {
        filled_with = Some(filled(data, words));
    });
    let (manager, names) = filled_with.expect("a centre");
    unlock(&window, words.manager, MANAGER, "#q");

    plan(&window, words);
    let course = window.script("return location.pathname");
    let course = course.as_str().expect("an address").to_owned();
    let enrolled = enrol(&window, &names);
    roster_and_cards(&window, &course, words, &enrolled);
    month(&window, words, &enrolled);

    window.press(
        "a.place[href='/activities']",
        ".rows .row-act a[href^='/sessions/']",
    );
    window.press(".rows .row-act a[href^='/sessions/']", "#register tbody tr");
    let session = window.script("return location.pathname.split('/').pop()");
    take_register(&window, words);
    certificates(&window, &course, &enrolled);

    let folder = window.folder.path().join("data");
    window.press("#lock-form button", "#passphrase");
    assert_eq!(marks_kept(window, &folder, manager, &session), LEARNERS);
}

/// A centre with some people, all of them registered today; the names of thirty.
fn filled(data: &Path, words: &Words) -> (UserId, Vec<String>) {
    std::fs::create_dir_all(data).expect("a folder");
    let world = World::system();
    let vault = Vault::at(data, world.clone()).expect("a vault");
    let passphrase = Passphrase::new(MANAGER);
    let actor = vault
        .found(&Founding {
            centre: darna::kit::id::CentreId::new(&world),
            centre_name: "House of Thyme",
            manager_name: words.manager,
            language: words.lang,
            roles: Roles::MANAGER.and(Roles::DESK),
            passphrase: &passphrase,
            recovery: &RecoveryWords::random(&world),
            cost: Cost::FLOOR,
        })
        .expect("a centre");
    vault.unlock(actor.user, &passphrase).expect("open");
    let amount = Amount {
        persons: 60,
        visits: 0,
        years: 1,
        seed: 4,
        until: world.utc(),
    };
    let people = sample::fill(&vault, actor, &amount).expect("people");
    let names = vault.read(|db| {
        let briefs = people::briefs(db, &people)?;
        let names = briefs
            .into_iter()
            .filter_map(|brief| brief.names.into_iter().next());
        Ok::<_, Refusal>(names.collect::<Vec<String>>())
    });
    let mut names = names.expect("names");
    let mut known = std::collections::BTreeSet::new();
    names.retain(|name| known.insert(name.to_lowercase()));
    names.truncate(LEARNERS);
    assert_eq!(names.len(), LEARNERS);
    (actor.user, names)
}

fn today() -> NaiveDate {
    Local::now().date_naive()
}

/// A name and the days are enough: the rest of the form has sensible values.
/// A course of one day: whoever was there has been there to the end, and gets a certificate.
fn plan(window: &Window, words: &Words) {
    window.press("a.place[href='/activities']", "a[href='/activities/new']");
    window.press("a[href='/activities/new']", "form.plan");
    let title = window.script("return document.querySelector('form.plan input[name^=title-]').id");
    let title = title.as_str().expect("a field").to_owned();
    window.type_in(&format!("#{title}"), words.course);
    window.script("document.querySelector('form.plan [name=kind]').value = 'language'");
    window.script("document.getElementById('capacity').value = ''");
    window.type_in("#capacity", &LEARNERS.to_string());
    let day = Day::of(today().weekday()).code();
    let before = window.text("#dates");
    assert_eq!(
        window.script("return document.querySelector('[name=days]:checked')"),
        Value::Null,
        "no day is chosen beforehand"
    );
    window.script(&format!(
        "document.querySelector('[name=days][value={day}]').checked = true;
         const [from, until] = ['from', 'until'].map((id) => document.getElementById(id));
         from.value = until.value = '{}';
         from.dispatchEvent(new Event('change', {{ bubbles: true }}));",
        today()
    ));
    let until = Instant::now() + PATIENCE;
    while window.text("#dates") == before || window.text("#dates").is_empty() {
        assert!(Instant::now() < until, "the dates follow what is typed");
        std::thread::sleep(Duration::from_millis(50));
    }
    window.press(MAIN, "#found");
    window.shows(words.planned);
    assert!(window.text("main h1").contains(words.course));
}

/// Types each name and presses Enter: where one person is meant they are in, where the name is
/// like others' a second Enter takes the first. Gives the names in the order of the page.
fn enrol(window: &Window, names: &[String]) -> Vec<String> {
    let began = Instant::now();
    for (place, name) in (1..).zip(names) {
        window.type_in("#q", name);
        window.wait(&format!("[data-found={}]", json!(name)));
        window.settle();
        window.keys(ENTER);
        let there = format!(".numbered .learner:nth-child({place})");
        window.wait(&format!("{there}, #found button[autofocus]"));
        window.settle();
        if window.text(&there).is_empty() {
            let row = "return document.activeElement.closest('.row')?.innerText ?? ''";
            let row = window.script(row);
            let row = row.as_str().unwrap_or_default();
            assert!(row.contains(name), "{name}: {row}");
            window.keys(ENTER);
            window.wait(&there);
            window.settle();
        }
        assert!(window.text(&there).contains(name), "{name}");
    }
    println!(
        "{} people enrolled in {} s",
        names.len(),
        began.elapsed().as_secs()
    );
    let enrolled = texts(window, ".numbered .learner .row-names a bdi");
    assert_eq!(enrolled, names);
    enrolled
}

/// Each of these stands on the paper, after the one before.
fn in_order(paper: &Path, names: &[String]) {
    let words = pdf::words(paper);
    let mut at = 0;
    for name in names {
        // A long name can go over two lines, with the next column between.
        let first = name.split_whitespace().next().expect("a name");
        let found = words[at..].find(first);
        at += found.unwrap_or_else(|| panic!("{name} after the one before in {words}"));
    }
}

fn roster_and_cards(window: &Window, course: &str, words: &Words, enrolled: &[String]) {
    window.press(
        &format!("main a[href='{course}/papers']"),
        "button[value=roster]",
    );
    window.press("button[value=roster]", ".toast");
    let roster = window.outside().wait_shown(1);
    in_order(&roster, enrolled);
    assert!(pdf::tells(&roster, words.course), "{}", pdf::words(&roster));

    window.press("#cards", "form[action='/papers/cards'] .button-main");
    window.press("form[action='/papers/cards'] .button-main", ".toast");
    let cards = window.outside().wait_shown(2);
    let told = pdf::words(&cards);
    for name in enrolled {
        let first = name.split_whitespace().next().expect("a name");
        assert!(told.contains(first), "{name} in {told}");
    }
    assert!(
        pdf::about(&cards).contains("Pages:           4\n"),
        "eight to a page"
    );
}

fn month(window: &Window, words: &Words, enrolled: &[String]) {
    window.press(
        "a.place[href='/activities']",
        "a[href='/activities/calendar']",
    );
    window.press(
        "a[href='/activities/calendar']",
        "a[href^='/activities/papers']",
    );
    window.press(
        "a[href^='/activities/papers']",
        "button[value=month-poster]",
    );
    window.press("button[value=month-poster]", ".toast");
    let poster = window.outside().wait_shown(3);
    let told = pdf::words(&poster);
    assert!(pdf::tells(&poster, words.course), "{told}");
    assert!(enrolled.iter().all(|name| !told.contains(name)), "{told}");
    assert!(pdf::about(&poster).contains("Pages:           1\n"));
}

/// One key a learner, each mark saved by itself.
fn take_register(window: &Window, words: &Words) {
    let focus = "return document.activeElement.value";
    assert_eq!(
        window.script(focus),
        "present",
        "the first row waits for its mark"
    );
    window.keys(words.onward);
    assert_eq!(
        window.script(focus),
        "late",
        "arrows go as the eye sees them"
    );
    window.keys(words.backward);
    window.keys(DOWN);
    window.keys(UP);
    assert_eq!(window.script(focus), "present");

    let keys: String = (0..LEARNERS)
        .map(|learner| KEYS[learner % KEYS.len()])
        .collect();
    assert_eq!(keys.chars().count(), LEARNERS, "one key a learner");
    let began = Instant::now();
    window.keys(&keys);
    let saved =
        format!("return document.querySelectorAll('.mark-saved').length === {LEARNERS} || null");
    let until = Instant::now() + Duration::from_secs(60);
    while window.script(&saved) == Value::Null {
        assert!(Instant::now() < until, "{}", window.text("#register"));
        std::thread::sleep(Duration::from_millis(20));
    }
    println!(
        "{LEARNERS} learners, {} keys, all saved after {} ms",
        keys.chars().count(),
        began.elapsed().as_millis()
    );
    let given = "return [...document.querySelectorAll('[aria-pressed=true]')].map(mark => mark.dataset.mark).join('')";
    assert_eq!(window.script(given), keys.as_str());

    // A typed name jumps to its row, and a card that is scanned too.
    let name = window.script(
        "return document.querySelectorAll('#register tbody tr')[12].querySelector('bdi').innerText",
    );
    let start: String = name.as_str().expect("a name").chars().take(5).collect();
    window.type_in("#jump", &start);
    window.keys(ENTER);
    let row =
        window.script("return document.activeElement.closest('tr').querySelector('bdi').innerText");
    let row = row.as_str().expect("a name").to_lowercase();
    assert!(row.contains(&start.to_lowercase()), "{start}: {row}");
    let card = window.script("return document.querySelectorAll('#register tbody tr')[20].querySelector('.code').innerText");
    window.keys(&format!("{}{ENTER}", card.as_str().expect("a code")));
    let scanned = window
        .script("return document.activeElement.closest('tr').querySelector('.code').innerText");
    assert_eq!(scanned, card);
    assert_eq!(
        window.script("return location.pathname.startsWith('/sessions/')"),
        true
    );
}

/// For those who were there.
fn certificates(window: &Window, course: &str, enrolled: &[String]) {
    window.press(&format!("main a[href='{course}']"), "#found");
    window.press(
        &format!("main a[href='{course}/papers']"),
        "button[value=certificate]",
    );
    window.press("button[value=certificate]", ".toast");
    let paper = window.outside().wait_shown(4);
    let told = pdf::words(&paper);
    let mut pages = 0;
    for (place, name) in enrolled.iter().enumerate() {
        let came = ["1", "2"].contains(&KEYS[place % KEYS.len()]);
        let first = name.split_whitespace().next().expect("a name");
        pages += usize::from(came);
        assert!(!came || told.contains(first), "{name} came: {told}");
    }
    let about = pdf::about(&paper);
    assert!(
        about.contains(&format!("Pages:           {pages}\n")),
        "{about}"
    );
}

/// Closes the window and counts what is in the file.
fn marks_kept(window: Window, folder: &Path, manager: UserId, session: &Value) -> usize {
    let session: SessionId = session
        .as_str()
        .and_then(|id| id.parse().ok())
        .expect("an id");
    let kept = tempfile::TempDir::new().expect("a folder");
    darna_tests::office::copy(folder, kept.path());
    drop(window);
    let vault = Vault::at(kept.path(), World::system()).expect("a vault");
    vault
        .unlock(manager, &Passphrase::new(MANAGER))
        .expect("open");
    vault
        .read(|db| {
            let session = activities::session(db, session)?.expect("a session");
            let lines = activities::register(db, &session)?;
            let people: Vec<PersonId> = lines.iter().map(|line| line.person).collect();
            assert_eq!(people::briefs(db, &people)?.len(), LEARNERS);
            let marks: Vec<Option<Mark>> = lines.iter().map(|line| line.mark).collect();
            Ok::<_, Refusal>(marks.into_iter().flatten().count())
        })
        .expect("marks")
}
