//! What is typed into any field of any page can be read nowhere on the disk once the centre is
//! locked: not in the data folder, not among temporary files, not in the home folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use axum::http::StatusCode;
use darna::vault::{Refusal, Roles};
use darna_tests::bare::every_file;
use darna_tests::casework;
use darna_tests::centre::{Centre, Page};
use scraper::{ElementRef, Html, Selector};
use tempfile::TempDir;

use crate::child;

/// Words that no program, library or locale holds, in two scripts.
const MARKERS: [&str; 2] = ["Zqvoregano", "ظغثزعترخ"];

/// What else a field may want, tried in turn where the marker is refused.
const OTHERS: [&str; 6] = ["", "1", "1990", "24/11/2026", "18:30", "71 234 567"];

/// Forms that end the session, take away rights, or want a secret.
const LEFT_OUT: [&str; 9] = [
    "/lock",
    "/hide",
    "/language",
    "/unlock",
    "/forgotten",
    "/passphrase",
    "/users",
    "/sheet",
    "/cover",
];

struct Form {
    action: String,
    fields: Vec<(String, String, bool)>,
}

fn select<'h>(of: ElementRef<'h>, css: &str) -> Vec<ElementRef<'h>> {
    let selector = Selector::parse(css).expect("a selector");
    of.select(&selector).collect()
}

/// Each form of a page with its fields, what they hold, and whether free text goes into them.
fn forms(html: &str) -> Vec<Form> {
    let page = Html::parse_document(html);
    let forms = select(page.root_element(), "form[method=post]");
    let attribute =
        |of: &ElementRef<'_>, name: &str| of.value().attr(name).unwrap_or("").to_owned();
    forms
        .into_iter()
        .map(|form| {
            let mut fields: Vec<(String, String, bool)> = Vec::new();
            for input in select(form, "input, textarea") {
                let name = attribute(&input, "name");
                let kind = attribute(&input, "type");
                let value = attribute(&input, "value");
                match kind.as_str() {
                    _ if name.is_empty() => {}
                    "hidden" => fields.push((name, value, false)),
                    "radio" => {
                        if !fields.iter().any(|(known, ..)| *known == name) {
                            fields.push((name, value, false));
                        }
                    }
                    "checkbox" => fields.push((name, value, false)),
                    _ => fields.push((name, value, true)),
                }
            }
            for choice in select(form, "select") {
                let options = select(choice, "option");
                let last = options
                    .last()
                    .map_or(String::new(), |o| attribute(o, "value"));
                fields.push((attribute(&choice, "name"), last, false));
            }
            for button in select(form, "button[name]").into_iter().take(1) {
                fields.push((
                    attribute(&button, "name"),
                    attribute(&button, "value"),
                    false,
                ));
            }
            let action = attribute(&form, "action");
            Form { action, fields }
        })
        .collect()
}

/// Sends a form full of markers; where a field refuses them it gets something else.
fn send(centre: &Centre, from: &str, form: &Form, marker: &str) -> Page {
    let mut fields: Vec<(String, String)> = form
        .fields
        .iter()
        .filter(|(name, ..)| name != "csrf" && name != "write")
        .map(|(name, value, free)| {
            let value = if *free { marker } else { value.as_str() };
            (name.clone(), value.to_owned())
        })
        .collect();
    let mut answer = None;
    for other in ["", "1", "1990", "24/11/2026", "18:30", "71 234 567"]
        .iter()
        .take(OTHERS.len())
    {
        let sent: Vec<(&str, &str)> = fields
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let page = centre.post(from, &form.action, &sent);
        if page.status != StatusCode::UNPROCESSABLE_ENTITY {
            return page;
        }
        let html = Html::parse_document(&page.html);
        for wrong in select(html.root_element(), "[aria-invalid=true]") {
            let name = wrong
                .value()
                .attr("name")
                .or(wrong.value().attr("id"))
                .unwrap_or("");
            for field in fields.iter_mut().filter(|(known, _)| known == name) {
                (*other).clone_into(&mut field.1);
            }
        }
        answer = Some(page);
    }
    answer.expect("it was sent")
}

/// One address for all records of a kind: their pages have the same fields.
fn kind_of(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    path.split('/')
        .map(|part| if part.len() == 32 { "{id}" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

/// Goes through every page that can be reached and fills every form on it, with each marker.
fn fill(centre: &Centre, marker: &str) {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut filled: BTreeSet<String> = BTreeSet::new();
    let mut ahead: Vec<String> = vec!["/".into(), "/people/new".into(), "/today".into()];
    while let Some(path) = ahead.pop() {
        if !seen.insert(kind_of(&path)) {
            continue;
        }
        let page = centre.get(&path);
        if page.status != StatusCode::OK {
            continue;
        }
        for form in forms(&page.html) {
            let out = LEFT_OUT.iter().any(|left| form.action.starts_with(left));
            if out || !filled.insert(kind_of(&form.action)) {
                continue;
            }
            let answer = send(centre, &path, &form, marker);
            if answer.to.starts_with('/') {
                ahead.push(answer.to);
            }
        }
        let html = Html::parse_document(&page.html);
        for link in select(html.root_element(), "a[href^='/']") {
            ahead.push(link.value().attr("href").unwrap_or("/").to_owned());
        }
    }
}

/// The columns of the desk's database in which a marker stands.
fn columns_with(centre: &Centre, marker: &str) -> Vec<String> {
    let read = centre.app.vault.read(|db| {
        let mut found = Vec::new();
        let tables = db.all(
            "select name from sqlite_schema where type = 'table'",
            [],
            |row| row.get::<_, String>(0),
        )?;
        for table in tables {
            let columns = db.all(
                &format!("select name from pragma_table_info('{table}')"),
                [],
                |row| row.get::<_, String>(0),
            )?;
            for column in columns {
                let sql = format!(
                    "select 1 from \"{table}\" where instr(\"{column}\", '{marker}') > 0 limit 1"
                );
                if db.one(&sql, [], |_| Ok(()))?.is_some() {
                    found.push(format!("{table}.{column}"));
                }
            }
        }
        Ok::<_, Refusal>(found)
    });
    read.expect("an open centre")
}

pub fn fills_every_field() {
    let centre = Centre::founded_in(&child::folder().join("data"));
    let all = Roles::DESK.and(Roles::CASEWORKER).and(Roles::MANAGER);
    casework::add(&centre, "Nadia", all);
    casework::enter(&centre, "Nadia");
    for marker in MARKERS {
        fill(&centre, marker);
        let columns = columns_with(&centre, marker);
        println!("{marker}: {}", columns.join(" "));
        assert!(columns.len() >= 12, "the fields were reached: {columns:?}");
    }
    centre.post("/", "/lock", &[]);
    assert!(!centre.app.vault.is_open());
    // Killed rather than ended: nothing tidies up.
    std::process::abort();
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The letters of base64 that a text gives wherever it stands behind `before` other bytes; those
/// that its neighbours have a part in are left out.
fn base64(text: &[u8], before: usize) -> Vec<u8> {
    let bits: Vec<u8> = std::iter::repeat_n(0, before)
        .chain(text.iter().copied())
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
        .collect();
    let letters = bits
        .chunks_exact(6)
        .map(|six| BASE64[usize::from(six.iter().fold(0, |sum, bit| sum << 1 | bit))]);
    letters.skip((before * 8).div_ceil(6)).collect()
}

fn forms_of(marker: &str) -> Vec<Vec<u8>> {
    let wide: Vec<u16> = marker.encode_utf16().collect();
    let mut forms = vec![
        marker.as_bytes().to_vec(),
        wide.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        wide.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
    ];
    forms.extend((0..3).map(|before| base64(marker.as_bytes(), before)));
    forms
}

fn hits(folder: &Path) -> Vec<String> {
    let mut hits = Vec::new();
    for path in every_file(folder) {
        let bytes = fs::read(&path).expect("a file");
        let name = path.to_string_lossy().into_owned();
        for marker in MARKERS {
            for (number, form) in forms_of(marker).iter().enumerate() {
                let inside = bytes.windows(form.len()).any(|window| window == form);
                if inside
                    || name
                        .as_bytes()
                        .windows(form.len())
                        .any(|window| window == form)
                {
                    hits.push(format!("{name}: {marker} in form {number}"));
                }
            }
        }
    }
    hits
}

#[test]
fn nothing_typed_anywhere_can_be_read_on_the_disk() {
    let folder = TempDir::new().expect("a folder");
    let home = folder.path().join("home");
    let temporary = folder.path().join("tmp");
    for made in [&home, &temporary] {
        fs::create_dir(made).expect("a folder");
    }
    let output = child::playing("clear text", folder.path())
        .env("HOME", &home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("XDG_RUNTIME_DIR", &temporary)
        .env("TMPDIR", &temporary)
        .output()
        .expect("a process of its own");
    let told = String::from_utf8_lossy(&output.stdout);
    for marker in MARKERS {
        assert!(
            told.contains(&format!("{marker}: ")),
            "{told}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert!(!told.contains("panicked"), "{told}");
    let files = every_file(folder.path());
    assert!(files.len() >= 5, "there is something to search: {files:?}");
    assert_eq!(hits(folder.path()), Vec::<String>::new());
}

#[test]
fn the_search_finds_what_is_planted_in_each_form() {
    let folder = TempDir::new().expect("a folder");
    for (number, form) in MARKERS.iter().flat_map(|m| forms_of(m)).enumerate() {
        let planted = [b"before ", &form[..], b" after"].concat();
        fs::write(folder.path().join(format!("planted-{number}")), planted).expect("a file");
    }
    let files = every_file(folder.path()).len();
    assert_eq!(files, 12);
    assert_eq!(hits(folder.path()).len(), 12);
}
