//! What goes on each paper.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;

use crate::kit::hours;
use crate::kit::id::CentreId;
use crate::kit::paper::{Document, Refusal, Template, qr, template};
use crate::people::Brief;
use crate::people::consent::{self, Purpose};
use crate::settings::Settings;
use crate::web::{Ctx, Head, Said, Tongues};

const RECOVERY: Template = template!("papers/recovery.typ");
const REGISTRATION: Template = template!("papers/registration.typ");
const CONSENT: Template = template!("papers/consent.typ");
const COMPLAINT: Template = template!("papers/complaint.typ");
const SLIP: Template = template!("papers/slip.typ");
const CARDS: Template = template!("papers/cards.typ");

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
    let own = [
        "papers.recovery.title",
        "papers.recovery.opens",
        "papers.recovery.lost",
    ];
    sheet_of_words(c, sheet, own)
}

/// The words that open what is sealed, for the two who are named.
pub fn sealed_sheet(c: &Ctx, sheet: &RecoverySheet<'_>) -> Result<Document, Refusal> {
    let own = [
        "papers.sealed.title",
        "papers.sealed.opens",
        "papers.sealed.lost",
    ];
    sheet_of_words(c, sheet, own)
}

fn sheet_of_words(
    c: &Ctx,
    sheet: &RecoverySheet<'_>,
    own: [&'static str; 3],
) -> Result<Document, Refusal> {
    let shared = [
        "papers.recovery.english",
        "papers.recovery.centre",
        "papers.recovery.mark",
        "papers.recovery.made",
        "papers.recovery.keep",
        "papers.recovery.lend",
        "papers.recovery.kept_by",
        "papers.recovery.kept_at",
    ];
    let words = Tongues::office(c).words(&[&own[..], &shared[..]].concat());
    Head::new(c, own[0], sheet.name, sheet.place).document(
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

/// Blank: one page for a new visitor, one for all who came on a day.
pub fn registration(c: &Ctx, centre: &Settings, reader: &str) -> Result<Document, Refusal> {
    let mut words = Tongues::beside(c, reader).words(&[
        "print.registration.title",
        "print.registration.lead",
        "print.name",
        "print.also_called",
        "print.phone",
        "print.may_call",
        "print.yes",
        "print.no",
        "print.language",
        "print.nationality",
        "print.birth",
        "print.gender",
        "print.woman",
        "print.man",
        "print.other",
        "print.not_said",
        "people.words.register",
        "print.agree",
        "print.refuse",
        "print.signature",
        "print.date",
        "print.roster.called",
        "print.roster.card",
    ]);
    words.extend(Tongues::office(c).words(&[
        "papers.form.came_at",
        "papers.form.came_for",
        "papers.form.written_by",
        "papers.form.day_title",
        "papers.form.time",
    ]));
    head(c, "paper.kind.registration-form", centre).document(REGISTRATION, words, json!({}))
}

/// Every purpose on its own, so that one can be refused and another given. `signer`: the name and
/// card of whoever is to sign; without one both are written by hand.
pub fn consent_form(
    c: &Ctx,
    centre: &Settings,
    reader: &str,
    signer: Option<&Brief>,
) -> Result<Document, Refusal> {
    let tongues = Tongues::beside(c, reader);
    let words = tongues.words(&[
        "print.consent.title",
        "print.consent.lead",
        "print.consent.read_by",
        "print.consent.witness",
        "print.name",
        "print.roster.called",
        "print.agree",
        "print.refuse",
        "print.signature",
        "print.date",
    ]);
    let parts: Vec<Part> = Purpose::ALL
        .iter()
        .map(|purpose| Part {
            name: tongues.say(purpose_key(*purpose)),
            words: tongues.say(consent::words_key(*purpose)),
        })
        .collect();
    head(c, "paper.kind.consent-form", centre).document(
        CONSENT,
        words,
        json!({
            "parts": parts,
            "name": signer.and_then(|signer| signer.names.first()),
            "card": signer.map(|signer| &signer.code),
        }),
    )
}

#[derive(Serialize)]
struct Part {
    name: Vec<Said>,
    words: Vec<Said>,
}

fn purpose_key(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Register => "print.consent.register",
        Purpose::Contact => "print.consent.contact",
        Purpose::Photo => "print.consent.photo",
        Purpose::Research => "print.consent.research",
    }
}

/// Asks for nothing by which somebody could be known.
pub fn complaint_form(c: &Ctx, centre: &Settings, reader: &str) -> Result<Document, Refusal> {
    let words = Tongues::beside(c, reader).words(&[
        "print.complaint.title",
        "print.complaint.lead",
        "print.complaint.about",
        "print.complaint.service",
        "print.complaint.staff",
        "print.complaint.partner",
        "print.complaint.safety",
        "print.complaint.data",
        "print.complaint.idea",
        "print.complaint.what",
        "print.complaint.answer",
        "print.date",
    ]);
    head(c, "paper.kind.complaint-form", centre).document(COMPLAINT, words, json!({}))
}

/// When and where to come. Never for whom, nor why.
pub struct Appointment<'a> {
    pub day: NaiveDate,
    /// As people say it.
    pub time: &'a str,
    pub place: &'a str,
    pub bring: Option<&'a str>,
}

/// `centre` is left out where it must not be known who gave the slip.
pub fn appointment_slip(
    c: &Ctx,
    centre: Option<&Settings>,
    reader: &str,
    appointment: &Appointment<'_>,
) -> Result<Document, Refusal> {
    let tongues = Tongues::beside(c, reader);
    let words = tongues.words(&[
        "print.slip.title",
        "print.slip.day",
        "print.slip.time",
        "print.slip.place",
        "print.slip.bring",
        "print.slip.cannot_come",
    ]);
    let clock = hours::time(appointment.time).map(|time| tongues.ethiopian_clock(time));
    let clock = clock.unwrap_or_default();
    let title = "paper.kind.appointment-slip";
    let head = match centre {
        Some(centre) => head(c, title, centre),
        None => Head::new(c, title, "", None),
    };
    head.document(
        SLIP,
        words,
        json!({
            "day": tongues.day(appointment.day, "%A %-d %B %Y"),
            "ethiopian": tongues.ethiopian_day(appointment.day),
            "time": appointment.time,
            "clock": clock,
            "place": appointment.place,
            "bring": appointment.bring.unwrap_or_default(),
        }),
    )
}

/// Whose card, and in which language it speaks to them (ISO 639-3).
pub struct Bearer {
    pub brief: Brief,
    pub language: String,
}

/// What stands on a card beside its number.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    pub name: bool,
    pub centre: bool,
}

/// In the order given, eight to a page.
pub fn cards(
    c: &Ctx,
    centre: &Settings,
    shown: Shown,
    bearers: &[Bearer],
) -> Result<Document, Refusal> {
    let cards: Vec<Card> = bearers
        .iter()
        .map(|bearer| Card {
            name: bearer.brief.names.first().filter(|_| shown.name).cloned(),
            qr: qr(&bearer.brief.code),
            code: bearer.brief.code.clone(),
            bring: Tongues::beside(c, &bearer.language).say("print.card.bring"),
        })
        .collect();
    let name = if shown.centre { &*centre.name } else { "" };
    Head::new(c, "paper.kind.visitor-cards", name, None).document(
        CARDS,
        serde_json::Map::new(),
        json!({ "cards": cards }),
    )
}

#[derive(Serialize)]
struct Card {
    name: Option<String>,
    code: String,
    qr: String,
    bring: Vec<Said>,
}

fn head(c: &Ctx, title: &str, centre: &Settings) -> Head {
    Head::new(c, title, &centre.name, centre.place.as_deref())
}
