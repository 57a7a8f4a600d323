//! The real window on a laptop that sleeps, is left to somebody else, or is started twice.

use darna_tests::bus::{Bus, Keeper};
use darna_tests::steps::{MANAGER, set_up, unlock};
use darna_tests::window::{Screen, Window};
use tempfile::TempDir;

#[test]
fn the_window_locks_before_the_laptop_sleeps_and_when_it_is_left() {
    let bus = Bus::start();
    let keeper = Keeper::on(&bus);
    let place = [("DBUS_SYSTEM_BUS_ADDRESS", bus.address.as_str())];
    let window = Window::under(Screen::default(), &place, |_| {});
    keeper.wait_held();
    set_up(&window, "en", "Samira");

    keeper.sleeps();
    window.wait("#passphrase");
    keeper.wakes();
    keeper.wait_held();

    unlock(&window, "Samira", MANAGER, "#q");
    keeper.locks_the_screen();
    window.wait("#passphrase");

    unlock(&window, "Samira", MANAGER, "#q");
    keeper.switches_user();
    window.wait("#passphrase");

    unlock(&window, "Samira", MANAGER, "#q");
    keeper.sleeps();
    window.wait("#passphrase");
}

#[test]
fn what_is_shown_goes_when_the_system_ends_the_program() {
    let memory = TempDir::new().expect("a folder");
    let place = memory.path().to_str().expect("a path in letters");
    let window = Window::under(Screen::default(), &[("XDG_RUNTIME_DIR", place)], |_| {});
    set_up(&window, "en", "Samira");
    window.press(
        "a.place[href='/papers']",
        "form[action='/papers'] button[name=paper]",
    );
    window.press("form[action='/papers'] button[name=paper]", ".toast");
    window.outside().wait_shown(1);
    let in_clear = || {
        let entries = std::fs::read_dir(memory.path())
            .expect("a folder")
            .flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names.filter(|name| name.starts_with("darna-")).count()
    };
    assert_eq!(in_clear(), 1);
    dumps_no_memory(&window);
    window.is_ended_by("TERM");
    assert_eq!(in_clear(), 0);
}

/// A limit of one byte is none also where dumps go to a program; those of the webview have pages.
fn dumps_no_memory(window: &Window) {
    let told = |process: u32, of: &str| {
        std::fs::read_to_string(format!("/proc/{process}/{of}")).unwrap_or_default()
    };
    let mut of_pages = 0;
    for process in window.processes() {
        let limits = told(process, "limits");
        let Some(core) = limits.lines().find(|line| line.starts_with("Max core")) else {
            continue;
        };
        let core: Vec<&str> = core.split_whitespace().collect();
        let name = told(process, "comm");
        assert_eq!(core[4..6], ["1", "1"], "{name}");
        of_pages += usize::from(name.starts_with("WebKitWeb"));
    }
    assert!(of_pages > 0, "the webview has a process of its own");
}

#[test]
fn a_second_start_on_the_same_centre_ends_and_the_first_goes_on() {
    let bus = Bus::start();
    let place = [("DBUS_SESSION_BUS_ADDRESS", bus.address.as_str())];
    let window = Window::under(Screen::default(), &place, |_| {});
    set_up(&window, "en", "Samira");
    assert!(window.start_again(&place).success());
    window.press("a.place[href='/today']", "h1");
}
