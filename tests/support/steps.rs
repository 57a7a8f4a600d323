//! What people do in the window, whatever the journey: setting the centre up, coming in.

use serde_json::Value;

use crate::window::Window;

pub const MANAGER: &str = "lantern orbit velvet cactus harbour seven";
pub const VOLUNTEER: &str = "orchid tunnel mirror falcon pepper glacier";
pub const ENTER: &str = "\u{E007}";
pub const LEFT: &str = "\u{E012}";
pub const UP: &str = "\u{E013}";
pub const RIGHT: &str = "\u{E014}";
pub const DOWN: &str = "\u{E015}";
/// The one strong button of a page.
pub const MAIN: &str = "main .button-main";

/// From the first page to the desk; gives the words of the recovery sheet.
pub fn set_up(window: &Window, lang: &str, manager: &str) -> Vec<String> {
    window.press(
        &format!("button.tongue[value={lang}]"),
        "button[value=real]",
    );
    window.press("button[value=real]", "#place");
    window.type_in("#name", "House of Thyme");
    window.press(MAIN, "form[action='/setup/week']");
    window.press(MAIN, "form[action='/setup/languages']");
    window.press(MAIN, "form[action='/setup/keeping']");
    window.press(MAIN, "#manager");
    window.type_in("#manager", manager);
    window.type_in("#passphrase", MANAGER);
    window.type_in("#again", MANAGER);
    window.press(MAIN, "ol.words li");
    let sheet = window
        .script("return [...document.querySelectorAll('ol.words li')].map(word => word.innerText)");
    let sheet: Vec<String> = sheet
        .as_array()
        .expect("words")
        .iter()
        .map(|word| word.as_str().expect("a word").trim().to_owned())
        .collect();
    window.press(MAIN, "#word-4");
    for place in [4, 13, 22] {
        window.type_in(&format!("#word-{place}"), &sheet[place - 1]);
    }
    window.press(MAIN, "#q");
    sheet
}

pub fn unlock(window: &Window, name: &str, passphrase: &str, then: &str) {
    window.type_in("#name", name);
    window.type_in("#passphrase", passphrase);
    window.press(MAIN, then);
}

pub fn register(window: &Window, name: &str) {
    window.press("a.place[href='/people/new']", "form[action='/people/new']");
    window.type_in("#name", name);
    window.script("document.querySelector('input[name=consent][value=spoken]').click()");
    window.press("button[name=then]", ".who h1");
}

/// The texts of all that `css` names, in the order of the page.
pub fn texts(window: &Window, css: &str) -> Vec<String> {
    let script = format!(
        "return [...document.querySelectorAll({})].map(one => one.innerText.trim())",
        Value::from(css)
    );
    let found = window.script(&script);
    let found = found.as_array().expect("texts").iter();
    found
        .map(|text| text.as_str().expect("a text").to_owned())
        .collect()
}
