//! The receipt: two copies on one sheet, in the person's language beside the office's. It says what
//! was given, never why.

use chrono::NaiveDate;
use serde_json::json;

use super::rules::Asked;
use crate::kit::paper::{Document, Refusal, template};
use crate::settings::{Settings, letterhead};
use crate::web::{Ctx, Tongues};

pub struct Receipt<'r> {
    pub number: &'r str,
    pub day: NaiveDate,
    pub name: &'r str,
    pub asked: &'r Asked,
    pub giver: &'r str,
    /// ISO 639-3.
    pub speaks: &'r str,
    pub settings: &'r Settings,
}

pub fn receipt(c: &Ctx, receipt: &Receipt<'_>) -> Result<Document, Refusal> {
    let tongues = Tongues::letter(c.language(), receipt.speaks);
    let words = tongues.words(&[
        "help.receipt.title",
        "help.receipt.number",
        "help.receipt.day",
        "help.receipt.got",
        "help.receipt.thing",
        "help.receipt.sum",
        "help.receipt.worth",
        "help.receipt.signature",
        "help.receipt.giver",
        "help.receipt.copy_person",
        "help.receipt.copy_centre",
    ]);
    let data = json!({
        "number": receipt.number,
        "day": tongues.day(receipt.day, "%-d %B %Y"),
        "name": receipt.name,
        "thing": receipt.asked.what(),
        "cash": receipt.asked.what().is_none(),
        "sum": receipt.asked.amount().map(|amount| amount.written()),
        "giver": receipt.giver,
    });
    let title = "help.receipt.title";
    letterhead(&tongues, title, receipt.settings, receipt.number).document(
        template!("help/receipt.typ"),
        words,
        data,
    )
}
