//! A process that is killed while it writes loses nothing that it has told as done.

use darna_tests::kills::drill;

use crate::child;

#[test]
fn two_hundred_kills_lose_nothing_and_split_nothing() {
    let nowhere = std::env::temp_dir();
    let tally = drill(200, || child::playing("killed", &nowhere), |_| {});
    println!("{tally:?}");
    assert!(tally.is_clean(), "{tally:?}");
    assert_eq!(tally.kills, 200);
    // The drill itself bites: much was written, some of it half-way, and backups too.
    assert!(tally.acknowledged > 500, "{tally:?}");
    assert!(tally.partial > 10, "{tally:?}");
    assert!(tally.hot > 10, "{tally:?}");
    assert!(tally.backups > 20, "{tally:?}");
}
