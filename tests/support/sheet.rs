//! A spreadsheet as whoever opens it reads it: the cells of its first sheet, as text.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use scraper::{Html, Selector};
use zip::ZipArchive;

/// The rows of the first sheet. A cell that is anything but text is a mistake.
pub fn rows(path: &Path) -> Vec<Vec<String>> {
    let mut book = ZipArchive::new(File::open(path).expect("a file")).expect("a spreadsheet");
    let strings = part(&mut book, "xl/sharedStrings.xml");
    let sheet = part(&mut book, "xl/worksheets/sheet1.xml");
    let strings: Vec<String> = found(&strings, "si")
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    assert!(found(&sheet, "f").is_empty(), "no cell is a formula");
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut last = String::new();
    for (attributes, value) in found(&sheet, "c") {
        let of = |name: &str| {
            let known = attributes.iter().find(|(key, _)| key == name);
            known.map_or("", |(_, value)| value.as_str())
        };
        assert_eq!(of("t"), "s", "every cell is text");
        let row = of("r").trim_start_matches(|c: char| c.is_ascii_alphabetic());
        if row != last {
            rows.push(Vec::new());
            row.clone_into(&mut last);
        }
        let string: usize = value.trim().parse().expect("a number of a string");
        rows.last_mut()
            .expect("a row")
            .push(strings[string].clone());
    }
    rows
}

fn part(book: &mut ZipArchive<File>, name: &str) -> String {
    let mut text = String::new();
    let mut part = book.by_name(name).expect("a part of the spreadsheet");
    part.read_to_string(&mut text).expect("text");
    text
}

type Found = (Vec<(String, String)>, String);

fn found(xml: &str, tag: &str) -> Vec<Found> {
    let page = Html::parse_fragment(xml);
    let selector = Selector::parse(tag).expect("a selector");
    page.select(&selector)
        .map(|one| {
            let attributes = one.value().attrs();
            let attributes = attributes.map(|(key, value)| (key.to_owned(), value.to_owned()));
            (attributes.collect(), one.text().collect())
        })
        .collect()
}
