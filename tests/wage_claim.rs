//! A wage claim in the real window, in English and in Arabic: intake, demand letter, settlement,
//! three instalments of which one is late, closed.

use darna_tests::wage_claim::{ARABIC, Claim, ENGLISH, Words, founded};
use darna_tests::window::{Screen, Window};

#[test]
fn a_wage_claim_in_english() {
    walk(&ENGLISH, (1366, 768));
}

#[test]
fn a_wage_claim_in_arabic() {
    walk(&ARABIC, (1024, 768));
}

fn walk(words: &Words, size: (u32, u32)) {
    let screen = Screen { size, dark: false };
    let window = Window::on(screen, |data| founded(data, words));
    let mut sideways = Vec::new();
    Claim::new(&window, words).walk(&mut |window, moment| {
        // No page is wider than its screen.
        let wide =
            "return document.documentElement.scrollWidth > document.documentElement.clientWidth";
        if window.script(wide) == true {
            sideways.push(moment.to_owned());
        }
    });
    assert_eq!(sideways, Vec::<String>::new());
}
