//! The manager's Friday in the real window, in English and in Arabic: plan a course, enrol people
//! by the desk's search, take a register of 25 by keys alone.

use std::path::Path;
use std::time::Instant;

use chrono::{Datelike, Local, NaiveDate};
use darna::activities::recurrence::{Day, Days, Recurrence, Weeks};
use darna::activities::rules::{Kind, Mark, Plan, Term, Titles};
use darna::activities::{self, Details};
use darna::kit::id::{PersonId, SessionId, UserId};
use darna::kit::lang::Lang;
use darna::kit::world::World;
use darna::people;
use darna::sample::{self, Amount};
use darna::vault::keyfile::Cost;
use darna::vault::secret::Passphrase;
use darna::vault::words::RecoveryWords;
use darna::vault::{Event, Founding, Refusal, Roles, Vault};
use darna_tests::window::{Screen, Window};
use serde_json::{Value, json};

const MANAGER: &str = "lantern orbit velvet cactus harbour seven";
const ENTER: &str = "\u{E007}";
const LEFT: &str = "\u{E012}";
const RIGHT: &str = "\u{E014}";
const UP: &str = "\u{E013}";
const DOWN: &str = "\u{E015}";
const MAIN: &str = "main .button-main";
const LEARNERS: usize = 25;

struct Words {
    lang: Lang,
    manager: &'static str,
    course: &'static str,
    planned: &'static str,
    enrolled: &'static str,
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
        enrolled: "is enrolled.",
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
        enrolled: "تم تسجيل",
        onward: LEFT,
        backward: RIGHT,
    });
}

fn friday(words: &Words) {
    let mut manager = None;
    let window = Window::on(Screen::default(), |data| {
        manager = Some(filled(data, words));
    });
    window.type_in("#name", words.manager);
    window.type_in("#passphrase", MANAGER);
    window.press(MAIN, "#q");

    plan(&window, words);
    enrol(&window, words);
    window.press("a.place[href='/activities']", ".rows .row-act a");
    let register = format!(
        "return [...document.querySelectorAll('.row')].find(row => row.innerText.includes({})).querySelector('.row-act a').getAttribute('href')",
        json!(CLASS)
    );
    let register = window.script(&register);
    window.press(&format!("a[href={register}]"), "#register tbody tr");
    take_register(&window, words);

    let folder = window.folder.path().join("data");
    let session = window.script("return location.pathname.split('/').pop()");
    window.press("#lock-form button", "#passphrase");
    let marks = marks_kept(window, &folder, manager.expect("a manager"), &session);
    assert_eq!(marks, LEARNERS);
}

/// A class that meets today, with 25 learners.
const CLASS: &str = "Reading together";

/// A centre with some people and one full class.
fn filled(data: &Path, words: &Words) -> UserId {
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
    vault
        .write(actor, None, |tx| {
            let (details, plan) = class();
            let activity = activities::plan(tx, &world, actor, &details, &plan)?;
            for person in &people[..LEARNERS] {
                activities::enrol(tx, &world, actor, activity, *person).expect("a place");
            }
            let sessions = 1;
            Ok::<_, Refusal>(((), Event::ActivityPlanned { activity, sessions }))
        })
        .expect("a class");
    actor.user
}

fn today() -> NaiveDate {
    Local::now().date_naive()
}

fn class() -> (Details, Plan) {
    let weekly = Recurrence::Weekly {
        every: Weeks::new(1).expect("a week"),
        days: Days::new([Day::of(today().weekday())]).expect("a day"),
        week_start: Day::Monday,
    };
    let term = Term::new(today(), today() + chrono::Days::new(28)).expect("a term");
    let time = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).expect("a time");
    let details = Details {
        kind: Kind::Literacy,
        titles: Titles::new(vec![("eng".to_owned(), CLASS.to_owned())]).expect("a title"),
        level: None,
        language: None,
        teachers: Vec::new(),
        room: None,
        hours: activities::rules::Hours::new(time(9), time(11)).expect("hours"),
        capacity: None,
        women_only: false,
        childcare: false,
        members_only: false,
        fee: None,
        share: 75,
    };
    let plan = Plan::new(term, weekly, Vec::new(), &[]).expect("a plan");
    (details, plan)
}

/// A name and the day are enough: the rest of the form has sensible values.
fn plan(window: &Window, words: &Words) {
    window.press("a.place[href='/activities']", "a[href='/activities/new']");
    window.press("a[href='/activities/new']", "form.plan");
    let title = window.script("return document.querySelector('form.plan input[name^=title-]').id");
    let title = title.as_str().expect("a field").to_owned();
    window.type_in(&format!("#{title}"), words.course);
    let before = window.text("#dates");
    let day = Day::of(today().weekday()).code();
    window.script(&format!(
        "for (const tick of document.querySelectorAll('[name=days]')) tick.checked = tick.value === '{day}';
         const from = document.getElementById('from');
         from.value = '{}';
         from.dispatchEvent(new Event('change', {{ bubbles: true }}));",
        today()
    ));
    let until = Instant::now() + std::time::Duration::from_secs(30);
    while window.text("#dates") == before || window.text("#dates").is_empty() {
        assert!(Instant::now() < until, "the dates follow what is typed");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    window.press(MAIN, "#found");
    window.shows(words.planned);
    assert!(window.text("main h1").contains(words.course));
}

/// Types some letters, goes down, and presses Enter; three times.
fn enrol(window: &Window, words: &Words) {
    for place in 1..=3 {
        window.type_in("#q", ["alm", "ros", "mar"][place - 1]);
        window.wait("#found .row button[data-row]");
        window.settle();
        window.keys(DOWN);
        window.keys(ENTER);
        window.wait(&format!(".numbered .learner:nth-child({place})"));
        window.shows(words.enrolled);
        window.settle();
    }
}

/// One key a learner: 25 keys, each mark saved by itself.
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
        .map(|learner| ["1", "1", "2", "1", "4", "1", "3"][learner % 7])
        .collect();
    assert_eq!(keys.chars().count(), LEARNERS, "one key a learner");
    let began = Instant::now();
    window.keys(&keys);
    let saved =
        format!("return document.querySelectorAll('.mark-saved').length === {LEARNERS} || null");
    let until = Instant::now() + std::time::Duration::from_secs(60);
    while window.script(&saved) == Value::Null {
        assert!(Instant::now() < until, "{}", window.text("#register"));
        std::thread::sleep(std::time::Duration::from_millis(20));
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
