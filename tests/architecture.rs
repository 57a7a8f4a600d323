//! Who may use what (the table of the design), and what must never stand in a page.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(folder: &Path, extension: &str, into: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, extension, into);
        } else if path.extension().is_some_and(|e| e == extension) {
            let text = fs::read_to_string(&path).expect("a source");
            into.push((path, text));
        }
    }
}

/// Features in their order: each may use those before it, never one after.
const FEATURES: &[&str] = &[
    "settings",
    "backup",
    "people",
    "visits",
    "papers",
    "activities",
    "partners",
    "interpreters",
    "cases",
    "referrals",
    "caseload",
    "counselling",
    "medical",
    "help",
    "shelter",
    "sample",
    "lock",
    "setup",
    "recovery",
    "sealed",
    "users",
    "journal",
    "desk",
];

/// The ones of ours that a line names after `crate::`.
fn used(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::").skip(1).filter_map(|rest| {
        if rest.starts_with('_') {
            return None;
        }
        let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_')?;
        (end > 0).then(|| &rest[..end])
    })
}

/// Why the arrow from a file (its path below `src`) to `part` is not allowed.
fn forbidden(file: &str, part: &str) -> Option<&'static str> {
    let (from, rest) = file.split_once('/').unwrap_or(("", file));
    let place = |name: &str| FEATURES.iter().position(|feature| *feature == name);
    match from {
        "" => None,
        "kit" if part != "kit" => Some("the kit uses nothing of ours"),
        "vault" if !["kit", "vault"].contains(&part) => Some("the vault uses only the kit"),
        "web" if !["kit", "vault", "web"].contains(&part) => Some("web uses kit and vault"),
        "kit" | "vault" | "web" | "shell" => None,
        _ if part == "shell" => Some("only main starts the shell"),
        _ if rest == "rules.rs" && ["vault", "web"].contains(&part) => {
            Some("rules are pure: no database, no page")
        }
        _ if (rest == "store.rs" || rest.starts_with("store/")) && part == "web" => {
            Some("a store shows no page")
        }
        _ => match (place(from), place(part)) {
            (None, _) => Some("this feature has no place in the order of features"),
            (Some(own), Some(other)) if other > own => Some("this feature comes later"),
            _ => None,
        },
    }
}

fn arrows(sources: &[(PathBuf, String)], base: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, text) in sources {
        let file = path.strip_prefix(base).expect("below the base");
        let file = file.to_str().expect("a plain name");
        for (number, line) in text.lines().enumerate() {
            for part in used(line) {
                if let Some(why) = forbidden(file, part) {
                    wrong.push(format!("{file}:{}: {part}: {why}", number + 1));
                }
            }
        }
    }
    wrong
}

#[test]
fn nothing_uses_what_it_may_not() {
    let base = root().join("src-tauri/src");
    let mut sources = Vec::new();
    files(&base, "rs", &mut sources);
    assert!(sources.len() > 40, "the sources were found");
    assert_eq!(arrows(&sources, &base), Vec::<String>::new());
}

#[test]
fn an_arrow_that_is_not_allowed_is_found() {
    let base = Path::new("/src");
    for (file, line) in [
        ("kit/text.rs", "use crate::vault::Db;"),
        ("vault/mod.rs", "crate::people::record(db, id)"),
        ("web/call.rs", "use crate::desk::home;"),
        ("people/store.rs", "use crate::web::Ctx;"),
        ("activities/store/register.rs", "use crate::web::Ctx;"),
        ("people/pages.rs", "use crate::visits;"),
        ("visits/rules.rs", "use crate::vault::Db;"),
        ("fees/mod.rs", "use crate::people::record;"),
    ] {
        let planted = vec![(base.join(file), format!("\n{line}\n"))];
        let found = arrows(&planted, base);
        assert_eq!(found.len(), 1, "{file} {line}");
        assert!(found[0].starts_with(&format!("{file}:2:")), "{found:?}");
    }
}

/// The names of casework.db's tables, from its migrations.
fn casework_tables() -> Vec<String> {
    let mut steps = Vec::new();
    files(
        &root().join("src-tauri/migrations/casework"),
        "sql",
        &mut steps,
    );
    let all: String = steps.into_iter().map(|(_, text)| text).collect();
    all.split("table casework.")
        .skip(1)
        .filter_map(|rest| rest.split([' ', '(']).next())
        .filter(|name| !["journal", "written"].contains(name))
        .map(str::to_owned)
        .collect()
}

/// The first table of casework.db that SQL names without saying in which file it lies: SQLite
/// would find it all the same, past the door.
fn past_the_door(source: &str, tables: &[String]) -> Option<String> {
    let words: Vec<&str> = source.split_whitespace().collect();
    words.windows(2).find_map(|pair| {
        let before = pair[0].trim_start_matches(['"', '(']);
        let name = pair[1].trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_');
        let named = ["from", "join", "into", "update"].contains(&before);
        (named && tables.iter().any(|table| table == name)).then(|| name.to_owned())
    })
}

#[test]
fn confidential_tables_are_named_with_their_file() {
    let tables = casework_tables();
    assert!(tables.len() > 10, "{tables:?}");
    let mut sources = Vec::new();
    files(&root().join("src-tauri/src"), "rs", &mut sources);
    for (path, text) in &sources {
        assert_eq!(past_the_door(text, &tables), None, "{}", path.display());
    }
    let planted = "\"select words from case_note where id = :id\"";
    assert_eq!(
        past_the_door(planted, &tables).as_deref(),
        Some("case_note")
    );
}

/// What a template or style may not hold, and why.
const NEVER: [(&str, &str); 11] = [
    ("|safe", "every text is escaped"),
    ("| safe", "every text is escaped"),
    (
        "type=\"file\"",
        "the webview crashes; the native dialog is for files",
    ),
    ("hx-on", "no script in a page"),
    ("<script>", "no script in a page"),
    ("<style", "no style in a page"),
    (" onclick", "no script in a page"),
    ("javascript:", "no script in a page"),
    ("http://", "nothing comes from outside"),
    ("https://", "nothing comes from outside"),
    ("!important", "layers decide"),
];

const PHYSICAL: [&str; 8] = [
    "margin-left",
    "margin-right",
    "padding-left",
    "padding-right",
    "border-left",
    "border-right",
    "text-align: left",
    "text-align: right",
];

fn never(text: &str) -> Vec<&'static str> {
    NEVER
        .iter()
        .filter(|(what, _)| text.contains(what))
        .map(|(_, why)| *why)
        .collect()
}

#[test]
fn pages_hold_nothing_that_is_dangerous_or_one_sided() {
    let mut pages = Vec::new();
    files(&root().join("ui"), "html", &mut pages);
    files(&root().join("ui"), "css", &mut pages);
    assert!(pages.len() > 20);
    for (path, text) in &pages {
        // An icon is the program's own markup, by its name alone.
        let text = &text.replace("{{ crate::web::sign(name)|safe }}", "");
        assert_eq!(never(text), Vec::<&str>::new(), "{}", path.display());
        let written = without(text, &EXPRESSIONS);
        assert!(!written.contains(" style=\""), "{}", path.display());
        for side in PHYSICAL {
            assert!(!text.contains(side), "{side} in {}", path.display());
        }
    }
    assert_eq!(never("<input type=\"file\">").len(), 1);
    assert_eq!(never("{{ name|safe }}").len(), 1);
}

/// Letters outside tags and template expressions would be a text in one language only.
fn untranslated(template: &str) -> Option<String> {
    let parts = [("<svg", "</svg>"), ("<kbd", "</kbd>"), ("<", ">")];
    without(&without(template, &EXPRESSIONS), &parts)
        .split_whitespace()
        .find(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1)
        .map(str::to_owned)
}

const EXPRESSIONS: [(&str, &str); 3] = [("{#", "#}"), ("{%", "%}"), ("{{", "}}")];

/// The text without what stands between each pair.
fn without(text: &str, pairs: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (open, close) in pairs {
        while let Some(start) = text.find(open) {
            let rest = text[start..].find(close);
            let end = rest.map_or(text.len(), |at| start + at + close.len());
            text.replace_range(start..end, " ");
        }
    }
    text
}

#[test]
fn no_text_of_one_language_stands_in_a_template() {
    let mut pages = Vec::new();
    files(&root().join("ui"), "html", &mut pages);
    for (path, text) in &pages {
        assert_eq!(untranslated(text), None, "{}", path.display());
    }
    assert_eq!(
        untranslated("<p>{{ c.t(\"x\") }} Welcome</p>").as_deref(),
        Some("Welcome")
    );
}

#[test]
fn htmx_is_the_one_we_looked_at_and_the_window_may_do_nothing_more() {
    let htmx = fs::read(root().join("assets/vendor/htmx-2.0.11.min.js")).expect("htmx");
    assert_eq!(blake3::hash(&htmx).to_hex().as_str(), HTMX);
    let capabilities = fs::read_dir(root().join("src-tauri/capabilities")).expect("a folder");
    let there: Vec<_> = capabilities
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(there, ["README.md"], "no permission is given to the page");
}

const HTMX: &str = "98d7746a22167eba8e4682122b18066b9056afaeacc3ad0b2f014818d4e154b7";
