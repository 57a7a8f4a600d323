//! Slots that somebody put into the key file in the place of a colleague's, to survive being shut
//! out themselves.

use std::fs;

use darna::kit::id::UserId;
use darna::kit::lang::Lang;
use darna::kit::world::World;
use darna::vault::keyfile::{Cost, Holder, KeyFile};
use darna::vault::secret::{Keys, Passphrase};
use darna::vault::words::RecoveryWords;
use darna::vault::{Actor, Event, Refusal, Roles, SheetDue, SlotState, Vault, news};
use darna_tests::bare::{Bare, DESKS, MANAGERS, add_volunteer, readable};

const ABSENT: &str = "walnut ribbon copper violin meadow anchor";
const NEXT: &str = "candle pillow thunder basket lemon harp";
const OWN: &str = "orchid tunnel mirror falcon pepper glacier";

fn add(vault: &Vault, manager: Actor, name: &str, roles: Roles) -> UserId {
    let passphrase = Passphrase::new(ABSENT);
    let user = vault.add_user(manager, name, roles, Lang::En, &passphrase, Cost::FLOOR);
    user.expect("added")
}

fn enter(vault: &Vault, user: UserId, passphrase: &str) -> Result<Actor, Refusal> {
    vault.unlock(user, &Passphrase::new(passphrase))
}

/// Who comes in as the manager hears of these.
fn heard(centre: &Bare, vault: &Vault) -> Vec<Event> {
    enter(vault, centre.manager.user, MANAGERS).expect("in");
    let told = vault.read(|db| news(db, centre.manager.user));
    let told = told.expect("an open vault").into_iter();
    told.map(|news| news.event).collect()
}

/// The key file with a slot of somebody's own in the place of `user`'s, as the last of all, and
/// the open half of that slot.
fn plant(centre: &Bare, keys: &Keys, user: UserId, roles: Roles) -> [u8; 32] {
    let mut file = centre.key_file();
    file.slots.retain(|slot| slot.user != user);
    let (world, holder) = (World::system(), Holder::new(user, roles));
    file.add_passphrase(&world, keys, &holder, &Passphrase::new(OWN), Cost::FLOOR)
        .expect("a slot");
    let bytes = file.write(keys);
    fs::write(centre.file("keys.mrc"), &bytes).expect("written");
    let content = if roles.open_casework() { 80 } else { 48 };
    let end = bytes.len() - 32 - 8 - (24 + content + 8 + 2 + 1);
    bytes[end - 32..end].try_into().expect("32 bytes")
}

fn held(file: &KeyFile, user: UserId, passphrase: &str) -> Keys {
    let opened = file.open(user, &Passphrase::new(passphrase));
    opened.expect("the keys that they hold")
}

#[test]
fn whoever_has_the_desk_key_alone_survives_in_no_slot_of_theirs_and_it_is_told() {
    let (centre, vault) = Bare::new();
    let leaves = add_volunteer(&vault, centre.manager);
    let absent = add(&vault, centre.manager, "Absent", Roles::DESK);
    vault.lock(centre.manager);
    assert_eq!(heard(&centre, &vault), []);
    vault.lock(centre.manager);
    let sheet = centre.key_file().open_recovery(&centre.sheet);
    let all = sheet.expect("all keys");
    let known = centre.database("casework.db", all.casework().expect("a key"));
    let former: [u8; 32] = known
        .query_row(
            "select public from known_slot where user = ?1",
            [absent],
            |row| row.get(0),
        )
        .expect("the half that is known");
    drop(known);

    // They can write both files of the desk, and vouch for themselves as well as they can.
    let desk = held(&centre.key_file(), leaves, DESKS);
    let planted = plant(&centre, &desk, absent, Roles::DESK);
    centre
        .database("desk.db", desk.desk())
        .execute(
            "insert into slot_heir (user, former, public, proof) values (?1, ?2, ?3, ?4)",
            rusqlite::params![absent, former, planted, [7_u8; 32]],
        )
        .expect("written");
    vault.lock(enter(&vault, absent, OWN).expect("it opens the desk, as their own does"));
    let strange = Event::StrangeSlot { user: Some(absent) };
    assert_eq!(heard(&centre, &vault), [strange]);
    let marked = || {
        let review = vault.review(centre.manager.user).expect("a look");
        assert_eq!(review.sheet, None);
        review.slots
    };
    assert_eq!(marked(), [(absent, SlotState::Strange)]);
    vault.lock(centre.manager);
    assert_eq!(heard(&centre, &vault), [], "once");

    vault
        .disable_user(centre.manager, leaves)
        .expect("shut out");
    assert!(centre.key_file().slot_for(absent).is_none());
    assert!(!readable(&centre.database("desk.db", desk.desk())));
    assert_eq!(marked(), [(absent, SlotState::Strange)], "and not let in");
    let again = Passphrase::new(ABSENT);
    vault
        .renew_user(centre.manager, absent, Roles::DESK, &again, Cost::FLOOR)
        .expect("in person");
    assert_eq!(marked(), []);
    vault.lock(centre.manager);
    vault.lock(enter(&vault, absent, ABSENT).expect("in"));
    assert!(enter(&vault, absent, OWN).is_err());
}

#[test]
fn whoever_changes_their_passphrase_at_the_desk_is_known_by_the_one_that_they_had() {
    let (centre, vault) = Bare::new();
    let leaves = add_volunteer(&vault, centre.manager);
    let stays = add(&vault, centre.manager, "Stays", Roles::DESK);
    vault.lock(centre.manager);
    let actor = enter(&vault, stays, ABSENT).expect("in");
    for (old, new) in [(ABSENT, OWN), (OWN, NEXT)] {
        let (old, new) = (Passphrase::new(old), Passphrase::new(new));
        vault
            .change_passphrase(actor, &old, &new, Cost::FLOOR)
            .expect("changed");
    }
    vault.lock(actor);
    assert_eq!(heard(&centre, &vault), []);
    // Once more, and the keys are renewed before anybody with the key to casework came in.
    vault.lock(centre.manager);
    let actor = enter(&vault, stays, NEXT).expect("in");
    let (old, new) = (Passphrase::new(NEXT), Passphrase::new(ABSENT));
    vault
        .change_passphrase(actor, &old, &new, Cost::FLOOR)
        .expect("changed");
    vault.lock(actor);
    let words = RecoveryWords::random(&World::system());
    let fresh = Passphrase::new(MANAGERS);
    vault
        .recover(
            &centre.sheet,
            centre.manager.user,
            &fresh,
            &words,
            Cost::FLOOR,
        )
        .expect("with the sheet");
    vault
        .disable_user(centre.manager, leaves)
        .expect("shut out");
    vault.lock(centre.manager);
    for user in [stays, stays] {
        vault.lock(enter(&vault, user, ABSENT).expect("two letters, then wrapped plainly"));
    }
    assert_eq!(heard(&centre, &vault).len(), 1, "that the sheet was used");
    let review = vault.review(centre.manager.user).expect("a look");
    assert_eq!((review.slots, review.sheet), (vec![], None));
}

/// Whoever held the key to casework can make their slot known as well. What is advised closes it:
/// whoever was absent gets a new passphrase in person, and then the sheet is made anew.
#[test]
fn whoever_held_casework_is_out_once_the_absent_have_a_new_passphrase_and_the_sheet_is_new() {
    let (centre, vault) = Bare::new();
    let leaves = add(&vault, centre.manager, "Leaves", Roles::CASEWORKER);
    let absent = add(&vault, centre.manager, "Absent", Roles::CASEWORKER);
    let keys = held(&centre.key_file(), leaves, ABSENT);
    let planted = plant(&centre, &keys, absent, Roles::CASEWORKER);
    let review = || vault.review(centre.manager.user).expect("a look");
    assert_eq!(review().slots, [(absent, SlotState::Strange)]);
    vault.lock(centre.manager);
    centre
        .database("casework.db", keys.casework().expect("a key"))
        .execute(
            "update known_slot set public = ?1 where user = ?2",
            rusqlite::params![planted, absent],
        )
        .expect("written");
    assert_eq!(heard(&centre, &vault), []);
    vault
        .disable_user(centre.manager, leaves)
        .expect("shut out");
    // Until here it served them; but it is seen that nobody came in, and that a sheet is due.
    assert!(
        centre
            .key_file()
            .open(absent, &Passphrase::new(OWN))
            .is_some()
    );
    let now = review();
    assert!(matches!(&now.slots[..], [(user, SlotState::Waits(_))] if *user == absent));
    assert!(matches!(now.sheet, Some(SheetDue::Left { name, .. }) if name == "Leaves"));

    let again = Passphrase::new(ABSENT);
    let caseworker = Roles::CASEWORKER;
    vault
        .renew_user(centre.manager, absent, caseworker, &again, Cost::FLOOR)
        .expect("in person");
    let copied = centre.key_file();
    let words = RecoveryWords::random(&World::system());
    vault
        .renew_sheet(centre.manager, None, &words)
        .expect("a new sheet");
    let now = centre.key_file();
    for file in [&copied, &now] {
        assert!(file.open(absent, &Passphrase::new(OWN)).is_none());
    }
    assert!(copied.open_recovery(&words).is_none());
    let held = held(&now, absent, ABSENT);
    assert!(readable(&centre.database("desk.db", held.desk())));
    assert_eq!(review().sheet, None);
}

/// A sheet of the desk's making gets nothing, and that there is none any more is said.
#[test]
fn a_sheet_that_was_put_in_the_place_of_the_centres_gets_no_new_keys() {
    let (centre, vault) = Bare::new();
    let leaves = add(&vault, centre.manager, "Leaves", Roles::CASEWORKER);
    let keys = held(&centre.key_file(), leaves, ABSENT);
    let mut file = centre.key_file();
    let theirs = RecoveryWords::random(&World::system());
    file.add_recovery(&World::system(), &keys, &theirs)
        .expect("in the place of the other");
    vault.lock(centre.manager);
    fs::write(centre.file("keys.mrc"), file.write(&keys)).expect("written");
    assert_eq!(heard(&centre, &vault), [Event::StrangeSlot { user: None }]);
    vault
        .disable_user(centre.manager, leaves)
        .expect("shut out");
    assert!(centre.key_file().open_recovery(&theirs).is_none());
    let review = vault.review(centre.manager.user).expect("a look");
    assert_eq!(review.sheet, Some(SheetDue::Missing));
    let words = RecoveryWords::random(&World::system());
    vault
        .renew_sheet(centre.manager, None, &words)
        .expect("a new sheet");
    assert!(centre.key_file().open_recovery(&words).is_some());
    let review = vault.review(centre.manager.user).expect("a look");
    assert_eq!(review.sheet, None);
}
