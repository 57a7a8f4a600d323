//! A centre that an earlier or a later program wrote.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use darna::kit::id::UserId;
use darna::kit::world::World;
use darna::vault::secret::Passphrase;
use darna::vault::{Refusal, Unopened, Vault};
use darna_tests::bare::{Bare, MANAGERS, hex, opened};

use crate::child;

/// The first tables there were, in their order.
const FIRST_DESK: [&str; 4] = [
    include_str!("../src-tauri/migrations/desk/0001_vault.sql"),
    include_str!("../src-tauri/migrations/desk/0003_people.sql"),
    include_str!("../src-tauri/migrations/desk/0004_visits.sql"),
    include_str!("../src-tauri/migrations/desk/0005_settings.sql"),
];
const FIRST_CASEWORK: [&str; 1] = [include_str!(
    "../src-tauri/migrations/casework/0001_vault.sql"
)];

/// Writes a database of the first tables with all rows that those had.
fn first_tables(path: &Path, key: &[u8; 32], steps: &[&str], tables: &[&str]) {
    let old = path.with_extension("old");
    let file = opened(&old, key);
    for step in steps {
        // Alone in its file, casework is the main database.
        file.execute_batch(&step.replace("casework.", ""))
            .expect("the first tables");
    }
    let key = hex(key);
    file.execute_batch(&format!(
        "pragma user_version = {}; attach '{}' as today key \"x'{key}'\"",
        steps.len(),
        path.display()
    ))
    .expect("today's file");
    for table in tables {
        let columns: String = file
            .query_row(
                "select group_concat(name) from pragma_table_info(?1)",
                [table],
                |row| row.get(0),
            )
            .expect("columns");
        file.execute_batch(&format!(
            "insert into main.{table} ({columns}) select {columns} from today.{table}"
        ))
        .expect("the rows");
    }
    drop(file);
    fs::rename(old, path).expect("in its place");
}

/// A centre as the first program left it, locked.
fn first_centre() -> Bare {
    let (centre, vault) = Bare::new();
    vault.lock(centre.manager);
    drop(vault);
    let keys = centre
        .key_file()
        .open_recovery(&centre.sheet)
        .expect("keys");
    first_tables(
        &centre.file("desk.db"),
        keys.desk(),
        &FIRST_DESK,
        &["centre", "user", "journal", "written"],
    );
    first_tables(
        &centre.file("casework.db"),
        keys.casework().expect("a key"),
        &FIRST_CASEWORK,
        &["journal"],
    );
    centre
}

fn version(centre: &Bare, name: &str) -> u32 {
    let keys = centre
        .key_file()
        .open_recovery(&centre.sheet)
        .expect("keys");
    let key = if name == "desk.db" {
        keys.desk()
    } else {
        keys.casework().expect("a key")
    };
    centre
        .database(name, key)
        .query_row("pragma user_version", [], |row| row.get(0))
        .expect("a version")
}

fn generations(centre: &Bare) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(centre.folder.path().join("gen"))
        .expect("generations")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

#[test]
fn an_earlier_centre_gets_the_tables_of_today_and_the_former_one_is_kept() {
    let centre = first_centre();
    let before = fs::read(centre.file("desk.db")).expect("desk.db");
    let former = centre.file("");
    let vault = centre.again();
    vault
        .unlock(centre.manager.user, &Passphrase::new(MANAGERS))
        .expect("migrated and in");
    vault.verify_journals().expect("one chain");
    let name = vault.read::<_, Refusal>(|db| {
        db.one("select name from centre", [], |row| row.get::<_, String>(0))
    });
    assert_eq!(name.expect("a centre"), Some("Centre Marjoram".into()));
    vault.lock(centre.manager);
    drop(vault);
    assert!(version(&centre, "desk.db") > 4);
    assert!(version(&centre, "casework.db") > 1);
    assert_ne!(centre.file(""), former);
    assert_eq!(
        fs::read(former.join("desk.db")).expect("kept"),
        before,
        "untouched, until the next good backup"
    );
    assert_eq!(generations(&centre).len(), 2);
    centre
        .again()
        .unlock(centre.manager.user, &Passphrase::new(MANAGERS))
        .expect("once is enough");
    assert_eq!(generations(&centre).len(), 2);
}

#[test]
fn what_records_were_before_keeps_its_order_when_the_order_gets_a_key() {
    let centre = first_centre();
    let keys = centre
        .key_file()
        .open_recovery(&centre.sheet)
        .expect("keys");
    first_tables(
        &centre.file("casework.db"),
        keys.casework().expect("a key"),
        &[
            FIRST_CASEWORK[0],
            include_str!("../src-tauri/migrations/casework/0002_cases.sql"),
        ],
        &["journal"],
    );
    let by = centre.manager.user;
    // Not in the order of time, as rows may lie.
    let befores = "values (zeroblob(16), '2026-02-02T08:00:00.000Z', ?1, '\"second\"'),
                          (zeroblob(16), '2026-02-01T08:00:00.000Z', ?1, '\"first\"')";
    let desk = centre.database("desk.db", keys.desk());
    desk.execute(
        "insert into person (id, code, gender, nationality, created, created_by)
         values (zeroblob(16), 'P-0000', 'female', 'ETH', '2026-01-01T08:00:00.000Z', ?1)",
        [by],
    )
    .expect("a person");
    desk.execute(&format!("insert into person_before {befores}"), [by])
        .expect("two changes");
    drop(desk);
    let casework = centre.database("casework.db", keys.casework().expect("a key"));
    casework
        .execute(
            "insert into case_file
               (id, year, serial, kind, opened, urgency, state, words, created, created_by)
             values (zeroblob(16), 2026, 1, 'legal', '2026-01-01', 'normal', 'open', 'third',
                     '2026-01-01T08:00:00.000Z', ?1)",
            [by],
        )
        .expect("a case");
    casework
        .execute(&format!("insert into case_before {befores}"), [by])
        .expect("two changes");
    drop(casework);

    let vault = centre.again();
    vault
        .unlock(by, &Passphrase::new(MANAGERS))
        .expect("migrated and in");
    let order = vault.list_casework(centre.manager, |db| {
        let kept = |table| {
            db.all(
                &format!("select before from {table} order by seq"),
                [],
                |row| row.get::<_, String>(0),
            )
        };
        Ok::<_, Refusal>([kept("person_before")?, kept("casework.case_before")?])
    });
    for kept in order.expect("both tables") {
        assert_eq!(kept, ["\"first\"", "\"second\""]);
    }
}

/// Earlier programs left the words of a name behind that was changed.
#[test]
fn words_of_names_that_nobody_has_any_more_go_and_the_slots_of_then_are_known() {
    let centre = first_centre();
    let keys = centre
        .key_file()
        .open_recovery(&centre.sheet)
        .expect("keys");
    let casework_key = keys.casework().expect("a key");
    first_tables(
        &centre.file("casework.db"),
        casework_key,
        &[
            FIRST_CASEWORK[0],
            include_str!("../src-tauri/migrations/casework/0002_cases.sql"),
        ],
        &["journal"],
    );
    let words = |words: &str, keys: &str| {
        format!(
            "insert into {words} (id, word, sound) values (1, 'almaz', 'a'), (2, 'markerword', 'm');
             insert into {keys} (key, word) values ('lmz', 1), ('mrkr', 2);"
        )
    };
    let desk = centre.database("desk.db", keys.desk());
    desk.execute(
        "insert into person (id, code, gender, nationality, created, created_by)
         values (zeroblob(16), 'P-0000', 'female', 'ETH', '2026-01-01T08:00:00.000Z', ?1)",
        [centre.manager.user],
    )
    .expect("a person");
    desk.execute_batch(&words("name_word", "name_key"))
        .expect("words");
    desk.execute_batch("insert into person_word values (1, zeroblob(16), 1)")
        .expect("a name");
    drop(desk);
    let casework = centre.database("casework.db", casework_key);
    casework
        .execute_batch(&words("party_word", "party_key"))
        .expect("words of somebody who has none");
    drop(casework);

    let vault = centre.again();
    vault
        .unlock(centre.manager.user, &Passphrase::new(MANAGERS))
        .expect("migrated and in");
    let left = vault.list_casework(centre.manager, |db| {
        let words = |sql| db.all(sql, [], |row| row.get::<_, String>(0));
        Ok::<_, Refusal>([
            words("select word from name_word")?,
            words("select key from name_key")?,
            words("select word from casework.party_word")?,
            words("select key from casework.party_key")?,
        ])
    });
    let none = Vec::<String>::new();
    let kept = |word: &str| vec![word.to_owned()];
    assert_eq!(
        left.expect("all tables"),
        [kept("almaz"), kept("lmz"), none.clone(), none]
    );
    let review = vault.review(UserId::new(&World::system()));
    let review = review.expect("a look");
    assert_eq!((review.slots.len(), review.sheet), (0, None));
}

#[test]
fn a_later_centre_is_refused_and_left_alone() {
    let (centre, vault) = Bare::new();
    vault.lock(centre.manager);
    let keys = centre
        .key_file()
        .open_recovery(&centre.sheet)
        .expect("keys");
    for (name, key) in [
        ("casework.db", keys.casework().expect("a key")),
        ("desk.db", keys.desk()),
    ] {
        centre
            .database(name, key)
            .execute_batch("pragma user_version = 900")
            .expect("a later program");
        let refused = vault.unlock(centre.manager.user, &Passphrase::new(MANAGERS));
        assert!(
            matches!(refused, Err(Refusal::Database(Unopened::Newer))),
            "{name}"
        );
    }
    assert_eq!(version(&centre, "desk.db"), 900);
    assert_eq!(generations(&centre).len(), 1);
}

/// Killed at many moments of the way, it is the earlier centre or that of today, whole.
#[test]
fn a_killed_migration_leaves_the_old_or_the_new() {
    let centre = first_centre();
    let keep = tempfile::TempDir::new().expect("a folder");
    let copy = |from: &Path, to: &Path| {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("files").flatten() {
            fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
    };
    copy(&centre.file(""), keep.path());
    let (mut old, mut new) = (0, 0);
    let mut pause = 4;
    for _ in 0..50 {
        let mut migrating = child::with_words(
            child::playing("unlock", centre.folder.path()),
            &centre.sheet,
        )
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process of its own");
        std::thread::sleep(Duration::from_millis(pause));
        let _ = migrating.kill();
        let _ = migrating.wait();
        match (version(&centre, "desk.db"), version(&centre, "casework.db")) {
            (4, 1) => {
                old += 1;
                // A machine under load needs longer for the same way.
                pause += 4 + pause / 8;
            }
            (desk, casework) => {
                assert!(
                    desk > 4 && casework > 1,
                    "never between: {desk}, {casework}"
                );
                new += 1;
                fs::remove_dir_all(centre.folder.path().join("gen")).expect("removed");
                copy(keep.path(), &centre.folder.path().join("gen/0001"));
                fs::write(centre.folder.path().join("CURRENT"), "0001\n").expect("CURRENT");
                pause = pause * 2 / 3;
            }
        }
    }
    println!("killed 50 times: {old} times the old one, {new} times the new one");
    assert!(old > 0 && new > 0, "{old} old, {new} new");
    let vault = Vault::at(centre.folder.path(), World::system()).expect("a vault");
    vault
        .unlock(centre.manager.user, &Passphrase::new(MANAGERS))
        .expect("and it still opens");
    vault.verify_journals().expect("one chain");
}
