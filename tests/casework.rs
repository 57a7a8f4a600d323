//! The door to casework.db: who comes through, what the two journals tell, and that a commit is
//! in both files or in none.

use darna::cases::store::{self, Expected};
use darna::kit::id::{CaseId, WriteId};
use darna::vault::secret::Passphrase;
use darna::vault::{Actor, CaseworkEvent, Event, Refusal, Roles};
use darna_tests::casework::{WORDS, add, enter, open, visitor};
use darna_tests::centre::Centre;

fn caseworkers() -> (Centre, Actor) {
    let centre = Centre::founded();
    let leila = add(&centre, "Leila", Roles::CASEWORKER);
    enter(&centre, "Leila");
    (centre, leila)
}

/// One column of casework.db, as whoever is in.
fn casework<T: rusqlite::types::FromSql>(centre: &Centre, actor: Actor, sql: &str) -> Vec<T> {
    let vault = &centre.app.vault;
    let all = vault.list_casework(actor, |db| db.all(sql, [], |row| row.get(0)));
    all.unwrap_or_else(|why: Refusal| panic!("{sql}: {why}"))
}

fn desk<T: rusqlite::types::FromSql>(centre: &Centre, sql: &str) -> Vec<T> {
    let all = centre
        .app
        .vault
        .read(|db| db.all(sql, [], |row| row.get(0)));
    all.unwrap_or_else(|why: Refusal| panic!("{sql}: {why}"))
}

#[test]
fn a_desk_session_comes_through_none_of_the_doors() {
    let centre = Centre::founded();
    let desk = add(&centre, "Omar", Roles::DESK);
    enter(&centre, "Omar");
    let vault = &centre.app.vault;
    let case = CaseId::from_bytes([1; 16]);
    // Even a role that was forged does not bring the key.
    for roles in [Roles::DESK, Roles::CASEWORKER] {
        let actor = Actor { roles, ..desk };
        let listed = vault.list_casework(actor, |_| Ok::<_, Refusal>(()));
        assert!(matches!(listed, Err(Refusal::Role)));
        let reading = CaseworkEvent::CaseRead { case };
        let read = vault.read_casework(actor, &reading, |_| Ok::<_, Refusal>(()));
        assert!(matches!(read, Err(Refusal::Role)));
        let written = vault.write_casework(actor, None, |_| {
            Ok::<_, Refusal>(((), CaseworkEvent::CaseRevised { case }))
        });
        assert!(matches!(written, Err(Refusal::Role)));
    }
}

#[test]
fn a_caseworkers_page_of_the_desk_does_not_reach_into_casework() {
    let (centre, leila) = caseworkers();
    let vault = &centre.app.vault;
    let looked = vault.read(|db| db.all("select id from casework.case_file", [], |_| Ok(())));
    assert!(matches!(looked, Err(Refusal::Role)));
    let written = vault.write(leila, None, |tx| {
        tx.execute("delete from casework.case_person", [])?;
        Ok::<_, Refusal>(((), Event::LanguageChosen { user: leila.user }))
    });
    assert!(matches!(written, Err(Refusal::Role)));
    // Nor does a casework write change the desk's file without an event in the desk's journal.
    for sql in [
        "update centre set name = 'Changed'",
        "update centre set name = 'casework.'",
        "update main.centre set name = (select words from casework.case_note)",
        "with w as (select 1 from casework.case_file) update centre set name = 'Changed'",
        "insert into centre (id, name) select id, words from casework.case_note",
        "delete from user where id in (select by from casework.case_note)",
        "update or ignore centre set name = 'casework.'",
        "-- casework.\nupdate centre set name = 'Changed'",
        "pragma casework.user_version = 1",
    ] {
        let written = vault.write_casework(leila, None, |tx| {
            tx.execute(sql, [])?;
            let case = CaseId::from_bytes([1; 16]);
            Ok::<_, Refusal>(((), CaseworkEvent::CaseRevised { case }))
        });
        assert!(matches!(written, Err(Refusal::Role)), "{sql}");
    }
}

#[test]
fn a_manager_reads_and_does_not_write() {
    let centre = Centre::founded();
    let manager = Actor {
        roles: Roles::MANAGER,
        ..centre.manager()
    };
    let vault = &centre.app.vault;
    let case = CaseId::from_bytes([1; 16]);
    let reading = CaseworkEvent::CaseRead { case };
    vault
        .read_casework(manager, &reading, |_| Ok::<_, Refusal>(()))
        .expect("a manager may read");
    let written = vault.write_casework(manager, None, |_| {
        Ok::<_, Refusal>(((), CaseworkEvent::CaseRevised { case }))
    });
    assert!(matches!(written, Err(Refusal::Role)));
}

#[test]
fn what_changes_both_files_has_one_id_in_both_journals_and_the_desks_names_no_case() {
    let (centre, leila) = caseworkers();
    let person = visitor(&centre, "Almaz Tesfaye");
    let case = open(&centre, leila, person, "Not paid for three months", &[]);
    let before = desk::<i64>(&centre, "select count(*) from journal");
    let world = &centre.app.world;
    let made = centre.app.vault.write_both(leila, None, |desk, tx| {
        let expected = Expected {
            person,
            day: world.today(),
            hour: "14:30",
            room: Some("Room 2"),
        };
        let appointment = store::make_appointment(desk, tx, world, leila, case, &expected)?;
        Ok::<_, Refusal>((
            (),
            CaseworkEvent::AppointmentMade { case, appointment },
            Event::AppointmentMade {
                appointment,
                person,
            },
        ))
    });
    made.expect("an appointment");
    let last = "select event from journal order by seq desc limit 1";
    let desks: Vec<Vec<u8>> = desk(&centre, last);
    let last = "select event from casework.journal order by seq desc limit 1";
    assert_eq!(casework::<Vec<u8>>(&centre, leila, last), desks);
    assert_eq!(
        desk::<i64>(&centre, "select count(*) from journal")[0],
        before[0] + 1,
        "opening the case told the desk nothing"
    );
    let told = desk::<String>(&centre, "select name || ids from journal").join(" ");
    assert!(!told.contains("case"), "{told}");
    let heads = centre.app.vault.verify_journals().expect("whole chains");
    assert_eq!(heads.len(), 2);
    assert!(heads[1].seq >= 2);
}

#[test]
fn a_reading_is_told_once_in_ten_minutes() {
    let (centre, leila) = caseworkers();
    let case = CaseId::from_bytes([1; 16]);
    let other = CaseId::from_bytes([2; 16]);
    let read = |case| {
        let reading = CaseworkEvent::CaseRead { case };
        let vault = &centre.app.vault;
        vault
            .read_casework(leila, &reading, |_| Ok::<_, Refusal>(()))
            .expect("read");
        casework::<i64>(
            &centre,
            leila,
            "select count(*) from casework.journal where name = 'case-read'",
        )[0]
    };
    assert_eq!(read(case), 1);
    assert_eq!(read(case), 1, "turning the page is no second reading");
    assert_eq!(read(other), 2);
    centre.clock.advance(11 * 60);
    assert_eq!(read(case), 3);
}

#[test]
fn a_form_sent_twice_writes_once() {
    let (centre, leila) = caseworkers();
    let form = WriteId::new(&centre.app.world);
    let send = || {
        centre.app.vault.write_casework(leila, Some(form), |_| {
            let case = CaseId::from_bytes([1; 16]);
            Ok::<_, Refusal>(((), CaseworkEvent::CaseRevised { case }))
        })
    };
    send().expect("written");
    assert!(matches!(send(), Err(Refusal::AlreadyWritten)));
    let desks: i64 = desk(
        &centre,
        "select count(*) from written where event not in (select event from journal)",
    )[0];
    assert_eq!(desks, 0);
}

#[test]
fn case_numbers_have_no_gaps() {
    let (centre, leila) = caseworkers();
    let person = visitor(&centre, "Almaz Tesfaye");
    for _ in 0..3 {
        open(&centre, leila, person, "Not paid", &[]);
        let refused = centre.app.vault.write_casework(leila, None, |tx| {
            let story = darna_tests::casework::story("Never kept");
            let opening = store::Opening {
                story: &story,
                person,
                issues: &[],
                worker: None,
            };
            store::open(tx, &centre.app.world, leila, &opening)?;
            Err::<((), CaseworkEvent), _>(Refusal::NotSaved)
        });
        assert!(refused.is_err());
    }
    let sql = "select serial from casework.case_file order by serial";
    assert_eq!(casework::<i64>(&centre, leila, sql), [1, 2, 3]);
}

/// A key as the files are opened with it, outside the program.
fn open_file(centre: &Centre, name: &str, user: Actor) -> rusqlite::Connection {
    let folder = centre.folder.path().join("gen/0001");
    let bytes = std::fs::read(folder.join("keys.mrc")).expect("the key file");
    let file = darna::vault::keyfile::KeyFile::read(&bytes).expect("a key file");
    let keys = file.open(user.user, &Passphrase::new(WORDS)).expect("keys");
    let key = match name {
        "casework.db" => *keys.casework().expect("the casework key"),
        _ => *keys.desk(),
    };
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let opened = rusqlite::Connection::open(folder.join(name)).expect("a file");
    opened
        .execute_batch(&format!(
            "pragma cipher_log_level = none; pragma key = \"x'{hex}'\""
        ))
        .expect("its key");
    opened
}

#[test]
fn a_commit_that_fails_is_in_neither_file_and_the_work_goes_on() {
    let (centre, leila) = caseworkers();
    let person = visitor(&centre, "Almaz Tesfaye");
    let case = open(&centre, leila, person, "Not paid", &[]);
    let world = &centre.app.world;
    let make = || {
        centre.app.vault.write_both(leila, None, |desk, tx| {
            let expected = Expected {
                person,
                day: world.today(),
                hour: "09:00",
                room: None,
            };
            let appointment = store::make_appointment(desk, tx, world, leila, case, &expected)?;
            Ok::<_, Refusal>((
                (),
                CaseworkEvent::AppointmentMade { case, appointment },
                Event::AppointmentMade {
                    appointment,
                    person,
                },
            ))
        })
    };
    // Somebody who reads casework.db keeps COMMIT from writing it.
    let reader = open_file(&centre, "casework.db", leila);
    reader.execute_batch("begin").expect("a transaction");
    let _: i64 = reader
        .query_row("select count(*) from case_file", [], |row| row.get(0))
        .expect("a reader");
    assert!(matches!(make(), Err(Refusal::NotSaved)));
    reader.execute_batch("rollback").expect("the reader goes");
    let there = |centre: &Centre| {
        (
            desk::<i64>(centre, "select count(*) from appointment")[0],
            casework::<i64>(
                centre,
                leila,
                "select count(*) from casework.case_appointment",
            )[0],
        )
    };
    assert_eq!(there(&centre), (0, 0));
    make().expect("saved now");
    assert_eq!(there(&centre), (1, 1));
    centre.app.vault.verify_journals().expect("whole chains");
}

#[test]
fn an_edit_of_the_casework_journal_is_noticed_at_unlock() {
    let (centre, leila) = caseworkers();
    let person = visitor(&centre, "Almaz Tesfaye");
    open(&centre, leila, person, "Not paid", &[]);
    centre.post("/", "/lock", &[]);
    let file = open_file(&centre, "casework.db", leila);
    file.execute_batch(
        "drop trigger journal_keeps_rows; update journal set name = 'case-closed' where seq = 1",
    )
    .expect("an edit by somebody with the key");
    drop(file);
    let noticed = centre.app.vault.unlock(leila.user, &Passphrase::new(WORDS));
    assert!(matches!(noticed, Err(Refusal::Journal(_))));
}
