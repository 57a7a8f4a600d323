//! The real window on a laptop that sleeps, is left to somebody else, or is started twice.

use darna_tests::bus::{Bus, Keeper};
use darna_tests::steps::{MANAGER, set_up, unlock};
use darna_tests::window::{Screen, Window};

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
fn a_second_start_on_the_same_centre_ends_and_the_first_goes_on() {
    let bus = Bus::start();
    let place = [("DBUS_SESSION_BUS_ADDRESS", bus.address.as_str())];
    let window = Window::under(Screen::default(), &place, |_| {});
    set_up(&window, "en", "Samira");
    assert!(window.start_again(&place).success());
    window.press("a.place[href='/today']", "h1");
}
