//! The first day in the real window, in English and in Arabic: set up, add a volunteer, who
//! registers a visitor and checks them in; lock; the manager sees the day.

use darna_tests::window::Window;

const MANAGER: &str = "lantern orbit velvet cactus harbour seven";
const VOLUNTEER: &str = "orchid tunnel mirror falcon pepper glacier";
const ENTER: &str = "\u{E007}";
const DOWN: &str = "\u{E015}";
const MAIN: &str = "main .button-main";

struct Words {
    lang: &'static str,
    dir: &'static str,
    manager: &'static str,
    volunteer: &'static str,
    visitor: &'static str,
    /// What is typed to find the visitor again.
    sought: &'static str,
    ready: &'static str,
    checked_in: &'static str,
}

#[test]
fn the_first_day_in_english() {
    first_day(&Words {
        lang: "en",
        dir: "ltr",
        manager: "Samira",
        volunteer: "Leila",
        visitor: "Almaz Tesfaye",
        sought: "tesf",
        ready: "The centre is ready.",
        checked_in: "Almaz Tesfaye is checked in.",
    });
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
    set_up(&window, words);
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

    unlock(&window, words.volunteer, VOLUNTEER);
    assert_eq!(
        window.script("return document.querySelector('a.place[href=\"/users\"]')"),
        serde_json::Value::Null
    );
    window.press("a[data-key=new]", "form[action='/people/new']");
    window.type_in("#name", words.visitor);
    window.script("document.querySelector('input[name=consent][value=spoken]').click()");
    window.press("button[name=then]", ".who h1");
    assert!(window.text(".who h1").contains(words.visitor));

    // By keyboard alone: letters, down, Enter.
    window.press("a.place[href='/']", "#q");
    window.type_in("#q", words.sought);
    window.wait("#found .row button");
    window.keys(DOWN);
    window.keys(ENTER);
    window.shows(words.checked_in);
    window.press("#lock-form button", "#passphrase");

    unlock(&window, words.manager, MANAGER);
    window.press("a.place[href='/today']", ".rows .row");
    assert!(window.text(".rows").contains(words.visitor));
    // Hiding locks: what comes after it is the lock.
    window.press("button[data-hide]", ".cover");
    window.wait(".cover-foot a");
    assert!(!window.text("body").contains(words.visitor));
}

fn set_up(window: &Window, words: &Words) {
    window.press(
        &format!("button.tongue[value={}]", words.lang),
        "button[value=real]",
    );
    window.press("button[value=real]", "#place");
    window.type_in("#name", "House of Thyme");
    window.press(MAIN, "form[action='/setup/week']");
    window.press(MAIN, "form[action='/setup/languages']");
    window.press(MAIN, "form[action='/setup/keeping']");
    window.press(MAIN, "#manager");
    window.type_in("#manager", words.manager);
    window.type_in("#passphrase", MANAGER);
    window.type_in("#again", MANAGER);
    window.press(MAIN, "ol.words li");
    let sheet = window
        .script("return [...document.querySelectorAll('ol.words li')].map(word => word.innerText)");
    let word = |place: usize| sheet[place - 1].as_str().expect("a word").trim().to_owned();
    window.press(MAIN, "#word-4");
    for place in [4, 13, 22] {
        window.type_in(&format!("#word-{place}"), &word(place));
    }
    window.press(MAIN, "#q");
}

fn unlock(window: &Window, name: &str, passphrase: &str) {
    window.type_in("#name", name);
    window.type_in("#passphrase", passphrase);
    window.press(MAIN, "#q");
}
