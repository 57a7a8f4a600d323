//! What is typed into any field of any page can be read nowhere on the disk once the centre is
//! locked: not in the data folder, not among temporary files, not in the home folder.

use std::fs;
use std::path::Path;

use darna_tests::bare::every_file;
use darna_tests::centre::Centre;
use darna_tests::filler;
use tempfile::TempDir;

use crate::child;

/// Words that no program, library or locale holds, in two scripts.
const MARKERS: [&str; 2] = ["Zqvoregano", "ظغثزعترخ"];

pub fn fills_every_field() {
    let centre = Centre::founded_in(&child::folder().join("data"));
    let nadia = filler::staffed(&centre);
    let mut missed: Option<Vec<String>> = None;
    for marker in MARKERS {
        filler::fill(&centre, &|_, _| marker.to_owned());
        let columns = filler::text_columns(&centre, nadia, marker);
        let (with, without): (Vec<_>, Vec<_>) = columns.into_iter().partition(|(_, there)| *there);
        println!("{marker}: {} columns", with.len());
        let without = without.into_iter().map(|(column, _)| column);
        missed = Some(match missed {
            None => without
                .filter(|column| !filler::is_closed(column))
                .collect(),
            Some(missed) => without.filter(|column| missed.contains(column)).collect(),
        });
    }
    assert_eq!(missed, Some(Vec::new()), "columns without a marker");
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
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(!wrong.contains("panicked"), "{told}{wrong}");
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
