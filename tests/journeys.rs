//! The first day in the real window, in English and in Arabic: set up, add a volunteer, who
//! registers a visitor and checks them in; lock; the manager sees the day.

use darna_tests::steps::{DOWN, ENTER, MAIN, MANAGER, VOLUNTEER, register, set_up, texts, unlock};
use darna_tests::window::{Screen, Window};

const F12: &str = "\u{E03C}";
const ESCAPE: &str = "\u{E00C}";
const RIGHT: &str = "\u{E014}";
const ASKED: &str = "#leave[open]";
const NOT_ASKED: &str = "body:not(:has(#leave[open]))";

pub struct Words {
    lang: &'static str,
    dir: &'static str,
    pub manager: &'static str,
    volunteer: &'static str,
    visitor: &'static str,
    /// What is typed to find the visitor again.
    sought: &'static str,
    ready: &'static str,
    checked_in: &'static str,
}

pub const ENGLISH: Words = Words {
    lang: "en",
    dir: "ltr",
    manager: "Samira",
    volunteer: "Leila",
    visitor: "Almaz Tesfaye",
    sought: "tesf",
    ready: "The centre is ready.",
    checked_in: "Almaz Tesfaye is checked in.",
};

#[test]
fn the_first_day_in_english() {
    first_day(&ENGLISH);
}

#[test]
fn the_first_day_in_arabic() {
    first_day(&Words {
        lang: "ar",
        dir: "rtl",
        manager: "سميرة",
        volunteer: "ليلى",
        visitor: "مريم عبد الله",
        sought: "Mariam",
        ready: "المركز جاهز.",
        checked_in: "تم تسجيل حضور مريم عبد الله.",
    });
}

fn first_day(words: &Words) {
    let window = Window::open();
    set_up(&window, words.lang, words.manager);
    window.shows(words.ready);
    assert_eq!(
        window.script("return document.documentElement.dir"),
        words.dir
    );

    window.press("a.place[href='/users']", "form[action='/users']");
    window.type_in("#name", words.volunteer);
    window.type_in("#passphrase", VOLUNTEER);
    window.type_in("#again", VOLUNTEER);
    window.press(MAIN, ".toast");
    window.press("#lock-form button", "#passphrase");

    unlock(&window, words.volunteer, VOLUNTEER, "#q");
    assert_eq!(
        window.script("return document.querySelector('a.place[href=\"/users\"]')"),
        serde_json::Value::Null
    );
    window.press("a[data-key=new]", "form[action='/people/new']");
    window.press("button[name=instead]", "#code-word");
    window.press("button[name=instead]", "#alias");
    window.type_in("#name", words.visitor);
    window.script("document.querySelector('input[name=consent][value=spoken]').click()");
    window.press("button[name=then]", ".who h1");
    assert!(window.text(".who h1").contains(words.visitor));

    // By keyboard alone: letters, Enter.
    window.press("a.place[href='/']", "#q");
    window.type_in("#q", words.sought);
    window.wait(&format!("[data-found='{}']", words.sought));
    window.wait("#found .row button");
    window.keys(ENTER);
    window.shows(words.checked_in);
    window.press("#lock-form button", "#passphrase");

    unlock(&window, words.manager, MANAGER, "#q");
    window.press("a.place[href='/today']", ".rows .row");
    assert!(window.text(".rows").contains(words.visitor));
    // Hiding locks: what comes after it is the lock.
    window.press("button[data-hide]", ".cover");
    window.wait(".cover-foot a");
    assert!(!window.text("body").contains(words.visitor));
}

#[test]
fn a_half_typed_form_survives_hiding_and_locking() {
    let window = Window::open();
    let words = &ENGLISH;
    set_up(&window, words.lang, words.manager);
    window.press("a.user", "#pin");
    window.type_in("#pin", "2580");
    window.type_in("#present", MANAGER);
    window.press(
        "form[action='/passphrase/pin'] .button:not([type])",
        ".toast",
    );
    window.press("a.place[href='/people/new']", "form[action='/people/new']");
    window.type_in("#name", words.visitor);
    window.keys(F12);
    window.wait(".cover-foot a");
    assert!(!window.text("body").contains(words.visitor));
    // The window goes there by itself once it is hidden.
    window.is_at("/cover");
    // Pressed in a hurry it stays on the cover; a little later it leads to the lock.
    while window.script("return document.querySelector('#pin') === null") == true {
        window.keys(F12);
        std::thread::sleep(std::time::Duration::from_millis(250));
    }
    window.type_in("#pin", "2580");
    window.press(MAIN, "#kept");
    let name = "return document.getElementById('name').value";
    assert_eq!(window.script(name), words.visitor);

    window.press("#lock-form button", "#passphrase");
    assert_eq!(
        window.script("return window.history.length > 20"),
        serde_json::Value::Bool(false)
    );
    window.type_in("#name", words.manager);
    window.type_in("#passphrase", MANAGER);
    window.press(MAIN, "#kept");
    assert_eq!(window.script(name), words.visitor);
    window.script("document.querySelector('input[name=consent][value=spoken]').click()");
    window.press("button[name=then]", ".who h1");
    kept_over_what_another_wrote(&window, words);
}

/// The manager has the record of Almaz open; the volunteer writes in it while the manager is out.
fn kept_over_what_another_wrote(window: &Window, words: &Words) {
    let here = "return location.pathname";
    let person = window.script(here);
    let person = person.as_str().expect("a path");
    let edit = format!("a[href='{person}/edit']");
    let form = format!("form[action='{person}/edit']");
    let value = |id: &str| window.script(&format!("return document.getElementById('{id}').value"));
    let chosen = "return document.querySelector('input[name=phone-1-text]:checked').value";
    window.press("a.place[href='/users']", "form[action='/users']");
    window.type_in("#name", words.volunteer);
    window.type_in("#passphrase", VOLUNTEER);
    window.type_in("#again", VOLUNTEER);
    window.press(MAIN, ".toast");
    window.script(&format!("location.assign('{person}')"));
    window.press(&edit, &form);
    window.type_in("#area", "Harbour");
    window.type_in("#access-needs", "Ramp");
    window.press("#lock-form button", "#passphrase");

    unlock(window, words.volunteer, VOLUNTEER, "#q");
    window.script(&format!("location.assign('{person}')"));
    window.press(&edit, &form);
    window.type_in("#phone-1", "70 123 456");
    window.type_in("#alert", "Never call");
    window.type_in("#access-needs", "Lift");
    window.script("document.querySelector('input[name=phone-1-text][value=no]').click()");
    window.press(MAIN, ".who h1");
    window.press("#lock-form button", "#passphrase");

    unlock(window, words.manager, MANAGER, "#kept");
    for (id, held) in [
        ("area", "Harbour"),
        ("access-needs", "Ramp"),
        ("alert", "Never call"),
        ("phone-1", "70 123 456"),
    ] {
        assert_eq!(value(id), held, "{id}");
    }
    assert_eq!(window.script(chosen), "no");
    // Another language keeps of which state it is.
    window.press(".langs button[value=fr]", "html[lang=fr]");
    window.press(MAIN, ".notice-stop");
    let theirs = texts(window, ".notice-stop dd");
    assert!(theirs.contains(&"Lift".to_owned()), "{theirs:?}");
    window.press(MAIN, ".who h1");
    window.press(&edit, &form);
    assert_eq!(value("alert"), "Never call");
    assert_eq!(value("access-needs"), "Ramp");
    assert_eq!(window.script(chosen), "no");
}

#[test]
fn a_half_typed_form_is_not_left_without_asking_in_english() {
    half_typed("en", "What you typed here is not saved");
}

#[test]
fn a_half_typed_form_is_not_left_without_asking_in_arabic() {
    half_typed("ar", "ما كتبته هنا لم يُحفظ بعد");
}

fn half_typed(lang: &str, title: &str) {
    let window = Window::open();
    set_up(&window, lang, ENGLISH.manager);
    let form = "form[action='/people/new']";
    let name = "return document.getElementById('name').value";
    let cursor = "return document.activeElement.id";
    let (today, stay) = ("a.place[href='/today']", "#leave [data-close]");
    window.press("a.place[href='/people/new']", form);
    window.press(today, ".rows, .empty");
    window.press("a.place[href='/people/new']", form);
    if lang == "ar" {
        chosen_as_it_lies_and_as_it_is_typed(&window);
    }
    window.type_in("#name", ENGLISH.visitor);

    window.press(today, ASKED);
    assert_eq!(window.text("#leave-title"), title);
    assert_eq!(
        window.script("return document.activeElement.matches('[data-close]')"),
        true
    );
    window.keys(ESCAPE);
    window.wait(NOT_ASKED);
    assert_eq!(window.script(cursor), "name");

    window.alt('t');
    window.wait(ASKED);
    window.press(stay, NOT_ASKED);
    window.script("history.back()");
    window.wait(ASKED);
    window.press(stay, NOT_ASKED);
    assert_eq!(window.script("return location.pathname"), "/people/new");
    assert_eq!(window.script(name), ENGLISH.visitor);

    // Another language keeps what was typed. What was refused is the page's own now, and unsaved.
    for other in ["fr", lang] {
        window.press(
            &format!(".langs button[value={other}]"),
            &format!("html[lang={other}]"),
        );
        assert_eq!(window.script(name), ENGLISH.visitor);
    }
    window.type_in("#phone-1", "12");
    window.press("main .button-main", "#phone-1[aria-invalid]");
    window.press(today, ASKED);
    window.press(stay, NOT_ASKED);

    window.press(today, ASKED);
    window.press("#leave [data-leave]", ".rows, .empty");
    window.press("a.place[href='/people/new']", form);
    assert_eq!(window.script(name), "");
    window.keys("A\u{E003}");
    window.press(today, ".rows, .empty");

    // Back leads there as well, once it is said.
    window.press("a.place[href='/people/new']", form);
    window.type_in("#name", ENGLISH.visitor);
    window.script("history.back()");
    window.wait(ASKED);
    window.press("#leave [data-leave]", today);
    window.wait(&format!("{today}[aria-current]"));
}

/// The right key goes to the right, and a country is found without its hamza.
fn chosen_as_it_lies_and_as_it_is_typed(window: &Window) {
    let call = "input[name=phone-1-call]";
    window.script(&format!("document.querySelector('{call}:checked').focus()"));
    window.keys(RIGHT);
    let chosen = window.script(&format!(
        "return document.querySelector('{call}:checked').value"
    ));
    assert_eq!(chosen, "no", "before the last of three");
    window.script("document.getElementById('nationality').focus()");
    window.keys("اثي");
    let country = "return document.getElementById('nationality').selectedOptions[0].text";
    assert_eq!(window.script(country), "إثيوبيا");
    window.script("document.querySelector('main form').reset()");
}

#[test]
fn a_visitor_is_registered_and_found_again_by_keyboard_alone() {
    let window = Window::open();
    set_up(&window, ENGLISH.lang, ENGLISH.manager);
    // Nobody of that name: down to the offer, Enter, and Enter again on the filled form.
    window.keys("Rosa Dela Cruz");
    window.wait("#found a[data-row]");
    window.keys(DOWN);
    window.keys(ENTER);
    window.wait("form[action='/people/new']");
    window.settle();
    window.keys(ENTER);
    window.wait(".just");
    window.settle();
    // A key too many is for them as well; it counts a stranger only once the card is put away.
    for _ in 0..2 {
        window.alt('1');
        window.shows("It is noted why Rosa Dela Cruz came.");
        window.settle();
        window.script("document.querySelector('[data-dismiss]').click()");
    }
    assert_eq!(texts(&window, ".count b")[2], "0");
    window.keys(ESCAPE);
    window.wait("body:not(:has(.just))");
    window.settle();
    window.alt('1');
    window.shows("One visitor is counted.");
    window.settle();
    // The cursor is in the search again; some letters, down before the list has come, Enter.
    window.keys("cruz");
    window.keys(DOWN);
    window.wait("#found .row button:focus");
    window.keys(ENTER);
    window.shows("Rosa Dela Cruz is already");
    window.settle();
    window.alt('n');
    window.wait("form[action='/people/new']");
    window.settle();
    window.alt('z');
    window.wait("form[action$='/undo']");
}

#[test]
fn a_paper_list_is_typed_in_by_keyboard_alone() {
    let window = Window::open();
    set_up(&window, ENGLISH.lang, ENGLISH.manager);
    for name in ["Rosa Dela Cruz", "Almaz Tesfaye", "Rosa Bautista"] {
        register(&window, name);
    }
    window.press("a.place[href='/']", "#q");
    window.settle();
    window.alt('t');
    window.wait("a[href^='/today/paper']");
    window.press("a[href^='/today/paper']", "form[action='/today/paper'] #q");
    window.type_in("#day", "20/11/2026");
    window.keys(ENTER);
    window.shows("Friday 20 November 2026");
    window.settle();
    for (typed, name) in [("cruz", "Rosa Dela Cruz"), ("tesf", "Almaz Tesfaye")] {
        // The one row there is: Enter. The cursor is in the search again.
        window.keys(typed);
        window.wait(&format!("[data-found='{typed}']"));
        window.keys(ENTER);
        window.shows(&format!("The visit of {name} is added."));
        window.settle();
        window.alt('2');
        window.shows(&format!("It is noted why {name} came."));
        window.settle();
    }
    // Two of the name: down to the second, Enter.
    window.keys("rosa");
    window.wait("[data-found='rosa']");
    window.keys(DOWN);
    window.keys(DOWN);
    window.keys(ENTER);
    window.shows("is added.");
    window.settle();
    assert_eq!(texts(&window, ".plain-list li").len(), 3);
    assert_eq!(window.script("return document.activeElement.id"), "q");
}

#[test]
fn a_page_reaches_no_command_of_the_window() {
    let window = Window::open();
    window.wait("button.tongue");
    for command in [
        "plugin:dialog|open",
        "plugin:opener|open_path",
        "plugin:window|close",
    ] {
        window.script(&format!(
            "window.told = null;
             window.__TAURI_INTERNALS__.invoke('{command}', {{ options: {{}}, path: '/' }})
               .then(() => {{ window.told = 'done' }}, () => {{ window.told = 'refused' }})"
        ));
        window.script("document.body.classList.toggle('told', false)");
        window.script(
            "setInterval(() => window.told && document.body.classList.add(window.told), 20)",
        );
        window.wait("body.refused");
        window.script("document.body.classList.remove('refused')");
    }
}

#[test]
fn a_folder_that_cannot_be_opened_is_told_in_a_window_in_every_language() {
    let window = Window::on(Screen::default(), |data| {
        std::fs::write(data, "no folder").expect("a file");
    });
    window.wait(".closed");
    let told = window.text("main");
    for title in [
        "Darna cannot open the centre",
        "لا تستطيع دارنا فتح المركز",
        "Darna ne peut pas ouvrir le centre",
    ] {
        assert!(told.contains(title), "{told}");
    }
}
