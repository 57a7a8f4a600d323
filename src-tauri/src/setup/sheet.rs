//! A recovery sheet's words, shown to be written down and then typed back in part: at set-up, and
//! whenever a sheet is replaced.

use askama::Template;

use crate::kit::paper::{self, Document, Paper};
use crate::papers::RecoverySheet;
use crate::settings;
use crate::vault::Refusal;
use crate::vault::words::RecoveryWords;
use crate::web::{Answer, Call, Ctx, Field, Result};

/// Which words of the sheet are typed back: early, middle and late, so that no third is missing.
const ASKED: [(&str, usize); 3] = [("word-4", 3), ("word-13", 12), ("word-22", 21)];

/// Where the two pages lie, and what the last button says.
pub struct Ways {
    pub words: &'static str,
    pub check: &'static str,
    /// A locale key.
    pub finish: &'static str,
}

#[derive(Template)]
#[template(path = "setup/sheet.html")]
struct Sheet<'p> {
    c: &'p Ctx,
    step: Vec<&'static str>,
    words: Vec<&'static str>,
    ways: &'p Ways,
}

#[derive(Template)]
#[template(path = "setup/check.html")]
pub struct Check<'p> {
    c: &'p Ctx,
    step: Vec<&'static str>,
    fields: Vec<(Field, String)>,
    ways: &'p Ways,
    pub refused: Option<String>,
}

pub fn show(c: &Ctx, step: Vec<&'static str>, sheet: &RecoveryWords, ways: &Ways) -> Result {
    let words = sheet.words();
    Answer::page(&Sheet {
        c,
        step,
        words,
        ways,
    })
}

/// Prints a sheet of the open centre, whose words stand on the page of these ways.
pub fn print(
    call: &Call,
    words: Option<Vec<&'static str>>,
    ways: &Ways,
    document: impl FnOnce(&Ctx, &RecoverySheet<'_>) -> std::result::Result<Document, paper::Refusal>,
) -> Result {
    let Some(words) = words else {
        return Answer::see(ways.words);
    };
    let c = &call.context();
    let centre = call.read(settings::of)?;
    let sheet = RecoverySheet {
        centre: call.app.vault.centre().map_err(|_| Refusal::Missing)?,
        name: &centre.name,
        place: centre.place.as_deref(),
        words: &words,
        made: c.today(),
    };
    call.print(
        Paper::RecoverySheet,
        None,
        &document(c, &sheet)?,
        ways.words,
    )
}

impl<'p> Check<'p> {
    pub fn new(call: &Call, c: &'p Ctx, step: Vec<&'static str>, ways: &'p Ways) -> Self {
        let fields = ASKED.iter().map(|(name, place)| {
            let field = Field::new(name, 12).typed(call.sent.get(name));
            (field, (place + 1).to_string())
        });
        Self {
            c,
            step,
            fields: fields.collect(),
            ways,
            refused: None,
        }
    }

    /// Whether the words typed are those of the sheet; where not, it says so beside them.
    pub fn fits(&mut self, sheet: &RecoveryWords) -> bool {
        let words = sheet.words();
        let mut right = true;
        for ((field, _), (_, place)) in self.fields.iter_mut().zip(ASKED) {
            if words.get(place).copied() != Some(field.value.trim().to_lowercase().as_str()) {
                right = false;
                field.wrong(self.c.t("setup.refusal.word"));
            }
        }
        right
    }
}
