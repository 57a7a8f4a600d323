//! The faces that paper is set in: the screen's, for every script of domain.md 4.8. They are read
//! once, and no other face of the machine is ever used: a paper looks the same everywhere.

use std::sync::LazyLock;

use serde_json::Value;
use typst::foundations::Bytes;
use typst::text::{Font, FontBook, FontInfo, is_default_ignorable};
use typst::utils::LazyHash;

use super::Refusal;

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(include_bytes!(concat!("../../../../assets/paper-fonts/", $name, ".ttf")).as_slice()),+]
    };
}

const FILES: &[&[u8]] = files![
    "plex-sans-400",
    "plex-sans-600",
    "plex-sans-arabic-400",
    "plex-sans-arabic-600",
    "noto-sans-400",
    "noto-sans-700",
    "noto-sans-bengali-400",
    "noto-sans-bengali-700",
    "noto-sans-devanagari-400",
    "noto-sans-devanagari-700",
    "noto-sans-ethiopic-400",
    "noto-sans-ethiopic-700",
    "noto-sans-malayalam-400",
    "noto-sans-malayalam-700",
    "noto-sans-sinhala-400",
    "noto-sans-sinhala-700",
    "noto-sans-tamil-400",
    "noto-sans-tamil-700",
];

pub struct Faces {
    pub fonts: Vec<Font>,
    pub book: LazyHash<FontBook>,
}

pub static FACES: LazyLock<Faces> = LazyLock::new(|| {
    let fonts: Vec<Font> = FILES
        .iter()
        .filter_map(|file| Font::new(Bytes::new(*file), 0))
        .collect();
    let book = LazyHash::new(FontBook::from_infos(fonts.iter().map(info)));
    Faces { fonts, book }
});

/// Plex calls its semibold a family of its own.
fn info(font: &Font) -> FontInfo {
    let mut info = font.info().clone();
    if let Some(family) = info.family.strip_suffix(" SmBld") {
        info.family = family.to_owned();
    }
    info
}

/// Refuses the first text with a sign that no face has.
pub fn can_draw(data: &Value) -> Result<(), Refusal> {
    texts("", data)
}

/// `field` is the name that the nearest object gives.
fn texts(field: &str, value: &Value) -> Result<(), Refusal> {
    match value {
        Value::String(text) => text_of(field, text),
        Value::Array(values) => values.iter().try_for_each(|value| texts(field, value)),
        Value::Object(fields) => fields
            .iter()
            .try_for_each(|(field, value)| texts(field, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn text_of(field: &str, text: &str) -> Result<(), Refusal> {
    match text.chars().find(|sign| !drawable(*sign)) {
        None => Ok(()),
        Some(sign) => Err(Refusal::Sign {
            field: field.to_owned(),
            text: text.to_owned(),
            sign,
        }),
    }
}

fn drawable(sign: char) -> bool {
    sign.is_whitespace()
        || is_default_ignorable(sign)
        || FACES
            .fonts
            .iter()
            .any(|font| font.info().coverage.contains(u32::from(sign)))
}
