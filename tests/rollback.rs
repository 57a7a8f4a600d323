//! Files put back from an earlier day are noticed by whoever comes in next.

use std::fs;

use darna::vault::secret::Passphrase;
use darna::vault::{CaseworkEvent, Event, Refusal, Vault, news};
use darna_tests::bare::{Bare, MANAGERS};

fn comes_in(centre: &Bare, vault: &Vault) -> Vec<Event> {
    vault
        .unlock(centre.manager.user, &Passphrase::new(MANAGERS))
        .expect("nobody is kept out");
    let told = vault.read(|db| news(db, centre.manager.user));
    let told = told.expect("an open vault");
    told.into_iter().map(|news| news.event).collect()
}

#[test]
fn a_database_from_before_a_backup_is_told_once() {
    let (centre, vault) = Bare::new();
    vault.lock(centre.manager);
    assert_eq!(comes_in(&centre, &vault), []);
    vault.lock(centre.manager);
    // As it stands after a backup; the databases are from before it.
    let mut file = centre.key_file();
    file.last_backup = 5;
    let keys = file.open_recovery(&centre.sheet).expect("the keys");
    fs::write(centre.file("keys.mrc"), file.write(&keys)).expect("the key file");
    assert_eq!(comes_in(&centre, &vault), [Event::OlderState { backup: 5 }]);
    vault.lock(centre.manager);
    assert_eq!(comes_in(&centre, &vault), []);
}

#[test]
fn casework_from_before_is_told_once() {
    let (centre, vault) = Bare::new();
    vault.lock(centre.manager);
    let before = fs::read(centre.file("casework.db")).expect("casework");
    assert_eq!(comes_in(&centre, &vault), []);
    vault
        .write_casework(centre.manager, None, |_| {
            Ok::<_, Refusal>(((), CaseworkEvent::NotesSearched))
        })
        .expect("written");
    vault.lock(centre.manager);
    assert_eq!(comes_in(&centre, &vault), []);
    vault.lock(centre.manager);
    fs::write(centre.file("casework.db"), before).expect("put back");
    assert_eq!(comes_in(&centre, &vault), [Event::OlderCasework]);
    // Whoever was killed comes in to the same casework.
    drop(vault);
    let vault = centre.again();
    assert_eq!(comes_in(&centre, &vault), [Event::OlderCasework]);
}
