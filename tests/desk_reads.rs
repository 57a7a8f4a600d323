//! A desk login reads nothing of a case: not on any page, and not in any byte of the file that its
//! key opens.

use axum::http::{Method, StatusCode};
use darna::vault::secret::Passphrase;
use darna::vault::{Actor, Refusal, Roles};
use darna::web::access::{TABLE, Who};
use darna_tests::casework::{WORDS, add, enter};
use darna_tests::centre::Centre;
use darna_tests::filler;
use tempfile::TempDir;

/// Typed where only caseworkers read, and where the desk reads too.
const SECRET: &str = "Zqvoregano";
const PLAIN: &str = "Zqvpaprika";

/// What a caseworker types for the desk: an instruction, and an appointment's time and room.
const FOR_THE_DESK: [(&str, &str); 3] = [
    ("/alert", "alert"),
    ("/appointments", "room"),
    ("/steps", "place"),
];

/// Forms whose words are for caseworkers alone.
const CASEWORK: [&str; 5] = ["/cases", "/parties", "/referrals", "/help", "/counselling"];

fn mark(action: &str, field: &str) -> String {
    let for_the_desk = |(end, name): &(&str, &str)| action.ends_with(end) && field == *name;
    let confidential = CASEWORK.iter().any(|place| action.starts_with(place))
        && !FOR_THE_DESK.iter().any(for_the_desk);
    let marker = if confidential { SECRET } else { PLAIN };
    marker.to_owned()
}

/// All ids that stand in either file.
fn ids(centre: &Centre, actor: Actor) -> Vec<String> {
    let read = centre.app.vault.list_casework(actor, |db| {
        let mut ids = Vec::new();
        for schema in ["main", "casework"] {
            let tables: Vec<String> = db.all(
                &format!(
                    "select m.name from {schema}.sqlite_schema m
                      where m.type = 'table' and m.name not in ('journal', 'written')
                        and exists (select 1 from pragma_table_info(m.name, '{schema}')
                                     where name = 'id' and type = 'BLOB')"
                ),
                [],
                |row| row.get(0),
            )?;
            for table in tables {
                let sql =
                    format!("select distinct lower(hex(id)) from {schema}.\"{table}\" limit 6");
                ids.extend(db.all(&sql, [], |row| row.get::<_, String>(0))?);
            }
        }
        Ok::<_, Refusal>(ids)
    });
    read.expect("ids")
}

/// Every page that a desk user may ask for, with every id there is in every place for one.
fn addresses(ids: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    let rows = TABLE.iter().filter(|row| row.method == Method::GET);
    for row in rows.filter(|row| matches!(row.who, Who::Inside(_) | Who::Anyone)) {
        if !row.path.contains('{') {
            all.push(row.path.to_owned());
            continue;
        }
        for id in ids {
            let parts = row.path.split('/');
            let filled = parts.map(|part| {
                if part.starts_with('{') {
                    id.as_str()
                } else {
                    part
                }
            });
            all.push(filled.collect::<Vec<_>>().join("/"));
        }
    }
    all
}

/// The desk's file as whoever holds its key can write it out: every byte of it in the clear.
fn in_the_clear(centre: &Centre, user: Actor, into: &TempDir) -> Vec<u8> {
    let folder = centre.folder.path().join("gen/0001");
    let bytes = std::fs::read(folder.join("keys.mrc")).expect("the key file");
    let file = darna::vault::keyfile::KeyFile::read(&bytes).expect("a key file");
    let keys = file.open(user.user, &Passphrase::new(WORDS)).expect("keys");
    assert!(keys.casework().is_none(), "the desk has one key");
    let hex: String = keys.desk().iter().map(|b| format!("{b:02x}")).collect();
    let opened = rusqlite::Connection::open(folder.join("desk.db")).expect("a file");
    let plain = into.path().join("plain.db");
    opened
        .execute_batch(&format!(
            "pragma cipher_log_level = none; pragma key = \"x'{hex}'\";
             attach '{}' as plain key ''; select sqlcipher_export('plain'); detach plain;",
            plain.display()
        ))
        .expect("an export");
    std::fs::read(plain).expect("the export")
}

fn holds(bytes: &[u8], marker: &str) -> bool {
    let wide: Vec<u8> = marker.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [marker.as_bytes(), &wide]
        .iter()
        .any(|form| bytes.windows(form.len()).any(|window| window == *form))
}

#[test]
fn no_byte_that_a_desk_login_can_get_is_of_a_case() {
    let centre = Centre::founded();
    let nadia = filler::staffed(&centre);
    let dina = add(&centre, "Dina", Roles::DESK);
    filler::fill(&centre, &mark);
    let columns = filler::text_columns(&centre, nadia, SECRET);
    let missed: Vec<&str> = columns
        .iter()
        .filter(|(column, there)| column.starts_with("casework.") && !there)
        .map(|(column, _)| column.as_str())
        .filter(|column| !filler::is_closed(column))
        .collect();
    assert_eq!(missed, Vec::<&str>::new(), "casework without the marker");
    let ids = ids(&centre, nadia);
    assert!(ids.len() > 40, "{}", ids.len());

    enter(&centre, "Dina");
    let mut shown = 0;
    let mut plain = 0;
    for address in addresses(&ids) {
        let page = centre.get(&address);
        assert!(!page.html.contains(SECRET), "{address}");
        assert!(!page.to.contains(SECRET), "{address}");
        shown += usize::from(page.status == StatusCode::OK);
        plain += usize::from(page.html.contains(PLAIN));
    }
    // The walk saw what the desk may see.
    assert!(
        shown > 40 && plain > 10,
        "{shown} pages, {plain} with words"
    );

    let folder = TempDir::new().expect("a folder");
    let bytes = in_the_clear(&centre, dina, &folder);
    assert!(holds(&bytes, PLAIN), "the export is in the clear");
    assert!(!holds(&bytes, SECRET), "a case in the desk's file");
}
