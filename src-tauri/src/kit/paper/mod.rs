//! Paper: a template built into the program and data make one PDF/A file. Nothing is read from
//! disk or fetched; text reaches the page as data, never as markup (safety.md 6).

mod faces;
mod press;
mod qr;

use chrono::{DateTime, FixedOffset};
use serde::Serialize;

pub use qr::qr;

use super::lists::codes;

codes! {
    /// What is printed, as the journal tells it.
    Paper in "paper.kind" {
        RecoverySheet = "recovery-sheet",
        RegistrationForm = "registration-form",
        ConsentForm = "consent-form",
        ComplaintForm = "complaint-form",
        VisitorCards = "visitor-cards",
        Roster = "roster",
        AttendanceSheet = "attendance-sheet",
        Certificate = "certificate",
        MonthPoster = "month-poster",
        WeekPoster = "week-poster",
        AppointmentSlip = "appointment-slip",
        DemandLetter = "demand-letter",
        CaseSummary = "case-summary",
        SharingConsent = "sharing-consent",
        CustodySlip = "custody-slip",
        MoneyReceipt = "money-receipt",
        PartnerList = "partner-list",
    }
}

/// A page's layout, written in typst. Made with [`template!`].
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// Below `ui/`.
    pub path: &'static str,
    pub source: &'static str,
}

/// The template at a path below `ui/`, built into the program.
macro_rules! template {
    ($path:literal) => {
        $crate::kit::paper::Template {
            path: $path,
            source: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/", $path)),
        }
    };
}
pub(crate) use template;

/// A paper before it is set: what goes on it, and the template that says where.
#[derive(Debug)]
pub struct Document {
    template: Template,
    data: Vec<u8>,
}

/// A finished file. It may hold names, so it is never printed by `Debug`.
pub struct Pdf {
    pub bytes: Vec<u8>,
    pub pages: usize,
}

/// Why a paper cannot be made. The messages are locale keys.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Refusal {
    /// No bundled face can draw `sign`, which stands in the field that the data calls `field`.
    #[error("paper.refusal.sign")]
    Sign {
        field: String,
        text: String,
        sign: char,
    },
    /// The template does not fit its data, which no test has met.
    #[error("paper.refusal.template")]
    Template(String),
    /// The system has no viewer for it, or no place to put it.
    #[error("paper.refusal.not_shown")]
    NotShown,
}

impl Document {
    /// The template finds `data` under `/data.json`.
    pub fn new(template: Template, data: &impl Serialize) -> Result<Self, Refusal> {
        let data = serde_json::to_value(data).map_err(|why| Refusal::Template(why.to_string()))?;
        faces::can_draw(&data)?;
        let data = data.to_string().into_bytes();
        Ok(Self { template, data })
    }

    pub fn pdf(&self, now: DateTime<FixedOffset>) -> Result<Pdf, Refusal> {
        press::pdf(self, now)
    }
}
