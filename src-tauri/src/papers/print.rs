//! What goes on each paper.

use chrono::NaiveDate;
use serde_json::json;

use crate::kit::id::CentreId;
use crate::kit::paper::{Document, Refusal, Template, template};
use crate::web::{Ctx, Head, Tongues};

const RECOVERY: Template = template!("papers/recovery.typ");

/// What the recovery sheet tells.
pub struct RecoverySheet<'s> {
    pub centre: CentreId,
    pub name: &'s str,
    pub place: Option<&'s str>,
    pub words: &'s [&'s str],
    pub made: NaiveDate,
}

/// The words that open the centre, for whoever keeps them away from the laptop.
pub fn recovery_sheet(c: &Ctx, sheet: &RecoverySheet<'_>) -> Result<Document, Refusal> {
    let tongues = Tongues::office(c);
    let words = tongues.words(&[
        "papers.recovery.title",
        "papers.recovery.opens",
        "papers.recovery.centre",
        "papers.recovery.mark",
        "papers.recovery.made",
        "papers.recovery.keep",
        "papers.recovery.lend",
        "papers.recovery.lost",
        "papers.recovery.kept_by",
        "papers.recovery.kept_at",
    ]);
    Head::new(c, "papers.recovery.title", sheet.name, sheet.place).document(
        RECOVERY,
        words,
        json!({
            "mark": in_fours(&sheet.centre.to_string()),
            "made": c.day(sheet.made),
            "sheet": sheet.words,
        }),
    )
}

/// Long numbers are compared by people four signs at a time.
fn in_fours(number: &str) -> String {
    let signs: Vec<char> = number.chars().collect();
    let groups = signs.chunks(4).map(String::from_iter);
    groups.collect::<Vec<String>>().join(" ")
}
