//! What the tests of a directory share: records that are added, and read in its list.

use axum::http::StatusCode;

use crate::centre::{Centre, Page};

/// An interpreter of Amharic, as the form sends her.
pub const HIWOT: &[(&str, &str)] = &[
    ("name", "Hiwot"),
    ("phone", "+999 20 000 222"),
    ("gender", "female"),
    ("language-0", "ara"),
    ("level-0", "good"),
    ("language-1", "amh"),
    ("level-1", "native"),
    ("language-2", ""),
    ("level-2", "good"),
    ("language-3", ""),
    ("level-3", "good"),
    ("fee", "١٥٫٥"),
    ("currency", "USD"),
    ("per", "hour"),
    ("signed-until", "31/12/2030"),
    ("conflict-0", "ERI"),
    ("conflict-1", ""),
    ("conflict-2", ""),
];

/// Adds a record by the form at `form` and gives where that leads.
pub fn added(centre: &Centre, form: &str, fields: &[(&str, &str)]) -> String {
    let page = centre.post(form, form, fields);
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    page.to
}

/// The same fields, some of them with other values.
pub fn with<'a>(
    fields: &[(&'a str, &'a str)],
    other: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let changed = |name: &str| other.iter().any(|(changed, _)| *changed == name);
    let kept = fields.iter().filter(|(name, _)| !changed(name));
    kept.chain(other).copied().collect()
}

/// Who stands in a list.
pub fn names(page: &Page) -> Vec<String> {
    page.all(".row-names a")
}
