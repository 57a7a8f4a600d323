//! The stolen laptop in the real window, in English and in Arabic: a centre, a few visitors, a
//! backup on a stick; then a fresh laptop, the stick, and the words of the recovery sheet.

use darna_tests::steps::{MAIN, register, set_up, texts, unlock};
use darna_tests::sticks::Stick;
use darna_tests::window::Window;

const FRESH: &str = "meadow copper lantern violin saddle orbit";

struct Words {
    lang: &'static str,
    manager: &'static str,
    visitors: [&'static str; 3],
    /// What is typed to find the last of them.
    sought: &'static str,
}

#[test]
fn a_stolen_laptop_is_replaced_from_the_stick_in_english() {
    stolen(&Words {
        lang: "en",
        manager: "Samira",
        visitors: ["Almaz Tesfaye", "Rosa Bautista", "Sita Rai"],
        sought: "sita",
    });
}

#[test]
fn a_stolen_laptop_is_replaced_from_the_stick_in_arabic() {
    stolen(&Words {
        lang: "ar",
        manager: "سميرة",
        visitors: ["مريم عبد الله", "أمل الحسن", "زينب يوسف"],
        sought: "زينب",
    });
}

fn stolen(words: &Words) {
    let stick = Stick::new("BLUE");
    let (sheet, persons, head) = before(words, &stick);
    assert_eq!(persons, "3");

    let laptop = Window::open();
    laptop.press(
        &format!("button.tongue[value={}]", words.lang),
        "button[value=stick]",
    );
    laptop.press("button[value=stick]", "#places .empty");
    // It is noticed by itself.
    laptop.outside().plug_in(&stick);
    laptop.press("button[name=backup]", "#sheet");
    laptop.press("#sheet", "details[open] #sheet-words");
    laptop.type_in("#sheet-words", &sheet.join(" "));
    laptop.press(MAIN, "#persons");
    assert_eq!(laptop.text("#persons"), persons, "the same people");
    assert_eq!(laptop.text("#fingerprint"), head, "the same journal");
    assert!(laptop.text("main").contains(words.manager));
    laptop.type_in("#passphrase", FRESH);
    laptop.type_in("#again", FRESH);
    laptop.press(MAIN, "#name");
    // Everybody who comes in hears that the sheet was used.
    unlock(&laptop, words.manager, FRESH, ".notice-warm");
    laptop.press(MAIN, "#q");
    laptop.type_in("#q", words.sought);
    laptop.wait("#found .row button");
    assert!(laptop.text("#found").contains(words.visitors[2]));
    // It goes on: the next backup has the next number.
    backed_up(&laptop, "2");
}

/// The sheet, and how many people and which journal the backup was said to have.
fn before(words: &Words, stick: &Stick) -> (Vec<String>, String, String) {
    let laptop = Window::open();
    let sheet = set_up(&laptop, words.lang, words.manager);
    for visitor in words.visitors {
        register(&laptop, visitor);
    }
    laptop.press("a.place[href='/backup']", "#live .empty");
    laptop.outside().plug_in(stick);
    laptop.press("button[id^=enrol-]", "button[id^=make-]");
    laptop.wait("nav.rail");
    backed_up(&laptop, "1");
    let persons = texts(&laptop, "#live .just .facts dd")[1].clone();
    let head = laptop.text("#fingerprint");
    assert_eq!(head.split_whitespace().count(), 4, "four words: {head}");
    (sheet, persons, head)
}

fn backed_up(laptop: &Window, number: &str) {
    laptop.press("a.place[href='/backup']", "button[id^=make-]");
    laptop.press("button[id^=make-]", ".made-pull");
    assert_eq!(texts(laptop, "#live .just .facts dd")[0], number);
}
