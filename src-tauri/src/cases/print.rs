//! Papers of a case: the demand, the form of consent and the summary for somebody outside, the slip
//! for a paper in keeping, the receipt for money. In the language of whoever gets it, with the
//! person's beside it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::documents::{Covered, Part};
use super::rules::{CaseFile, Instalment, InstalmentStanding, NoteKind, Owed, SumKind, balances};
use super::store::{
    Attachment, Deadline, Demand, Hearing, IssueTold, Note, Original, Party, SumLine,
};
use crate::kit::date::{Precision, ToldDate};
use crate::kit::lang::Lang;
use crate::kit::lists::nationality_key;
use crate::kit::money::Amount;
use crate::kit::paper::{Document, Refusal, template};
use crate::partners::Partner;
use crate::people::rules::Profile;
use crate::settings::{Settings, letterhead};
use crate::web::{Ctx, Said, Tongues};

const DAY: &str = "%-d %B %Y";

fn speaks(profile: &Profile) -> &str {
    profile.languages.first().map_or("", String::as_str)
}

/// A date as exactly as it was told, in each language.
fn told(tongues: &Tongues, told: ToldDate) -> Vec<Said> {
    let shape = match told.precision {
        Precision::Day => DAY,
        Precision::Month => "%B %Y",
        Precision::Year => "%Y",
        Precision::Estimated => "± %Y",
    };
    tongues.day(told.date, shape)
}

pub struct Letter<'l> {
    pub number: &'l str,
    pub demand: &'l Demand,
    /// Those that count, the last first.
    pub sums: Vec<&'l SumLine>,
    pub owed: &'l [Owed],
    pub profile: &'l Profile,
    pub settings: &'l Settings,
}

pub fn demand(c: &Ctx, letter: &Letter<'_>) -> Result<Document, Refusal> {
    let demand = letter.demand;
    let speaks = speaks(letter.profile);
    let tongues = Tongues::own(demand.language, Lang::spoken(speaks));
    let mut words = tongues.words(&[
        "cases.demand.number",
        "cases.demand.date",
        "cases.demand.to",
        "cases.demand.for_whom",
        "cases.demand.opening",
        "cases.demand.facts",
        "cases.demand.owed",
        "cases.demand.total",
        "cases.demand.basis",
        "cases.demand.until",
        "cases.demand.pay",
        "cases.demand.answer_to",
        "cases.demand.otherwise",
        "cases.demand.for_centre",
    ]);
    // What the person puts a name to.
    let signed = ["cases.demand.title", "cases.demand.person"];
    words.extend(Tongues::letter(demand.language, speaks).words(&signed));
    letterhead(
        &tongues,
        "cases.demand.title",
        letter.settings,
        letter.number,
    )
    .document(
        template!("cases/demand.typ"),
        words,
        json!({
            "number": letter.number,
            "date": tongues.day(c.today(), DAY),
            "addressed": demand.addressed,
            "name": letter.profile.called(),
            "by": c.user_name(),
            "facts": demand.facts,
            "claims": claims(&tongues, &letter.sums, letter.owed),
            "basis": demand.basis,
            "until": tongues.day(demand.until, DAY),
            "answer_to": demand.answer_to,
        }),
    )
}

/// What stands for a sum of which nobody noted what it is for.
pub fn unsaid(kind: SumKind) -> &'static str {
    match kind {
        SumKind::Agreed => "cases.demand.agreed",
        _ => "cases.demand.unsaid",
    }
}

/// One table a currency: what for, how much, what has come of it, and what is left to pay.
fn claims(tongues: &Tongues, sums: &[&SumLine], owed: &[Owed]) -> Vec<Value> {
    let table = |owed: &Owed| {
        let currency = owed.rest.currency;
        let own = sums
            .iter()
            .rev()
            .filter(|line| line.sum.amount.currency == currency && line.sum.kind == owed.of);
        let mut lines: Vec<Value> = own
            .map(|line| {
                let what = match &line.note {
                    Some(note) => json!(note),
                    None => json!(tongues.say(unsaid(owed.of))),
                };
                json!({ "what": what, "amount": line.sum.amount.written() })
            })
            .collect();
        for (key, less) in [
            ("cases.demand.came", owed.came),
            ("cases.demand.let_go", owed.written_off),
        ] {
            if less.minor > 0 {
                let amount = format!("\u{2212} {}", less.written());
                lines.push(json!({ "what": tongues.say(key), "amount": amount }));
            }
        }
        json!({ "lines": lines, "total": owed.rest.written() })
    };
    owed.iter().map(table).collect()
}

pub struct Consent<'c> {
    pub partner: &'c Partner,
    pub profile: &'c Profile,
    pub parts: &'c BTreeSet<Part>,
    pub settings: &'c Settings,
}

/// In the office's language and the person's: whoever signs must be able to read it.
pub fn consent(c: &Ctx, consent: &Consent<'_>) -> Result<Document, Refusal> {
    let tongues = Tongues::letter(c.language(), speaks(consent.profile));
    let words = tongues.words(&[
        "cases.consent.title",
        "cases.consent.name",
        "cases.consent.partner",
        "cases.consent.agree",
        "cases.consent.only",
        "cases.consent.until",
        "cases.consent.withdraw",
        "cases.consent.signature",
        "cases.consent.read_by",
        "cases.consent.witness",
        "cases.consent.date",
    ]);
    let parts: Vec<Vec<Said>> = consent
        .parts
        .iter()
        .map(|part| tongues.say(part.label_key()))
        .collect();
    let partner = &consent.partner.profile;
    letterhead(
        &tongues,
        "cases.consent.title",
        consent.settings,
        &c.day(c.today()),
    )
    .document(
        template!("cases/consent.typ"),
        words,
        json!({
            "name": consent.profile.called(),
            "partner": partner.called(c.language()),
            "kind": tongues.say(partner.kind.label_key()),
            "parts": parts,
        }),
    )
}

/// All that a summary could tell; what it does tell is for [`Covered`] to say.
pub struct Told {
    pub file: CaseFile,
    pub profile: Profile,
    pub issues: Vec<IssueTold>,
    pub notes: Vec<Note>,
    pub parties: Vec<Party>,
    pub sums: Vec<SumLine>,
    pub instalments: Vec<Instalment>,
    pub deadlines: Vec<Deadline>,
    pub hearings: Vec<Hearing>,
    pub attachments: Vec<Attachment>,
    pub originals: Vec<Original>,
    pub settings: Settings,
}

pub fn summary(
    c: &Ctx,
    case: &Told,
    partner: &Partner,
    covered: &Covered,
    ask: Option<&str>,
) -> Result<Document, Refusal> {
    let to = &partner.profile;
    let tongues = Tongues::own(to.letters_in, Lang::spoken(speaks(&case.profile)));
    let words = tongues.words(&[
        "cases.summary.title",
        "cases.summary.number",
        "cases.summary.date",
        "cases.summary.to",
        "cases.summary.ask",
        "cases.summary.agreed",
        "cases.summary.by",
    ]);
    let number = case.file.number.to_string();
    letterhead(&tongues, "cases.summary.title", &case.settings, &number).document(
        template!("cases/summary.typ"),
        words,
        json!({
            "number": number,
            "date": tongues.day(c.today(), DAY),
            "to": to.called(to.letters_in),
            "focal": to.focal,
            "by": c.user_name(),
            "ask": ask,
            "about": about(&tongues, &case.profile, covered),
            "sections": sections(c, &tongues, case, covered),
        }),
    )
}

/// Who it is about, as rows of a name and what it holds.
fn about(tongues: &Tongues, profile: &Profile, covered: &Covered) -> Vec<Value> {
    let phone = profile.phones.first().map(|phone| json!(phone.written));
    let nationality = json!(tongues.say(&nationality_key(&profile.nationality)));
    let language = profile
        .languages
        .first()
        .map(|code| json!(tongues.say(&format!("language.{code}"))));
    let all = [
        (Part::Name, Some(json!(profile.called()))),
        (Part::Phone, phone),
        (Part::Nationality, Some(nationality)),
        (Part::Language, language),
    ];
    all.into_iter()
        .filter(|(part, _)| covered.has(*part))
        .filter_map(|(part, value)| Some(row(tongues.say(part.label_key()), value?)))
        .collect()
}

fn row(what: impl serde::Serialize, value: impl serde::Serialize) -> Value {
    json!({ "what": what, "value": value })
}

/// Rows without a name on their side.
fn line(value: impl serde::Serialize) -> Value {
    json!({ "what": null, "value": value })
}

/// The parts that were agreed to and have something to tell, in the order of the conversation.
fn sections(c: &Ctx, tongues: &Tongues, case: &Told, covered: &Covered) -> Vec<Value> {
    let all = [
        (Part::Issues, issues(tongues, case)),
        (Part::Story, vec![line(&case.file.story.words)]),
        (Part::Goal, case.file.story.goal.iter().map(line).collect()),
        (Part::OtherSide, other_side(tongues, case)),
        (Part::Facts, facts(c, tongues, case)),
        (Part::Money, money(c, tongues, case)),
        (Part::Deadlines, deadlines(tongues, case)),
        (Part::Hearings, hearings(tongues, case)),
        (Part::Documents, documents(tongues, case)),
    ];
    all.into_iter()
        .filter(|(part, rows)| covered.has(*part) && !rows.is_empty())
        .map(|(part, rows)| json!({ "title": tongues.say(part.label_key()), "rows": rows }))
        .collect()
}

fn issues(tongues: &Tongues, case: &Told) -> Vec<Value> {
    case.issues
        .iter()
        .map(|issue| {
            let said = tongues.say(issue.issue.label_key());
            match issue.since {
                Some(since) => row(told(tongues, since), said),
                None => line(said),
            }
        })
        .collect()
}

fn other_side(tongues: &Tongues, case: &Told) -> Vec<Value> {
    case.parties
        .iter()
        .map(|party| {
            let known = [
                Some(party.names.join(" · ")),
                party.place.clone(),
                party.contact.clone(),
            ];
            let known: Vec<String> = known.into_iter().flatten().collect();
            row(tongues.say(party.kind.label_key()), known.join("\n"))
        })
        .collect()
}

/// Facts alone, each as it was last corrected; notes and contacts are the worker's own.
fn facts(c: &Ctx, tongues: &Tongues, case: &Told) -> Vec<Value> {
    let mut facts: Vec<&Note> = case
        .notes
        .iter()
        .filter(|note| note.kind == NoteKind::Fact)
        .collect();
    facts.sort_by_key(|note| note.at);
    facts
        .into_iter()
        .map(|fact| {
            let corrections = case
                .notes
                .iter()
                .filter(|note| note.corrects == Some(fact.id));
            let last = corrections.max_by_key(|note| note.at).unwrap_or(fact);
            row(tongues.day(c.date(fact.at), DAY), &last.words)
        })
        .collect()
}

fn money(c: &Ctx, tongues: &Tongues, case: &Told) -> Vec<Value> {
    let counted: Vec<_> = case
        .sums
        .iter()
        .filter(|line| line.void_reason.is_none())
        .map(|line| line.sum)
        .collect();
    let mut rows = Vec::new();
    for balance in balances(&counted) {
        for (kind, amount) in [
            (SumKind::Claimed, balance.claimed),
            (SumKind::Offered, balance.offered),
            (SumKind::Agreed, balance.agreed),
            (SumKind::Received, balance.received),
        ] {
            if amount.minor > 0 {
                rows.push(row(tongues.say(kind.label_key()), amount.written()));
            }
        }
    }
    for one in &case.instalments {
        let standing = one.standing(c.today());
        if standing == InstalmentStanding::TakenOut {
            continue;
        }
        let mut said = tongues.say(standing.label_key());
        for said in &mut said {
            // The sum by itself: in a line from the right its currency would come before it.
            said.text = format!(
                "\u{2068}{}\u{2069} · {}",
                one.plan.amount.written(),
                said.text
            );
            if one.came.minor > 0 && one.is_open() {
                let lang = said.lang;
                let came = tongues.say("cases.demand.came").into_iter();
                let came = came.filter(|came| came.lang == lang).map(|came| came.text);
                let came: String = came.collect();
                said.text = format!(
                    "{} · {came}: \u{2068}{}\u{2069}",
                    said.text,
                    one.came.written()
                );
            }
        }
        rows.push(row(tongues.day(one.plan.due, DAY), said));
    }
    rows
}

fn deadlines(tongues: &Tongues, case: &Told) -> Vec<Value> {
    let open = case.deadlines.iter().filter(|one| one.answer.is_none());
    open.map(|one| row(tongues.day(one.day, DAY), &one.source))
        .collect()
}

fn hearings(tongues: &Tongues, case: &Told) -> Vec<Value> {
    case.hearings
        .iter()
        .map(|one| {
            let told = [
                one.hour.clone(),
                Some(one.place.clone()),
                one.result.clone(),
            ];
            let told: Vec<String> = told.into_iter().flatten().collect();
            row(tongues.day(one.day, DAY), told.join(" · "))
        })
        .collect()
}

fn documents(tongues: &Tongues, case: &Told) -> Vec<Value> {
    let scans = case
        .attachments
        .iter()
        .filter(|scan| scan.content().is_some())
        .map(|scan| {
            let what = scan.what.clone().map(|what| json!(what));
            let dated = scan.dated.map(|dated| json!(told(tongues, dated)));
            let value = what.or(dated).unwrap_or(json!("—"));
            row(tongues.say(scan.kind.label_key()), value)
        });
    let held = case
        .originals
        .iter()
        .filter(|original| original.returned.is_none())
        .map(|original| row(tongues.say("cases.summary.original"), &original.what));
    scans.chain(held).collect()
}

/// Two sign that a paper is here; the lower part is signed when it goes back.
pub fn custody_slip(
    c: &Ctx,
    settings: &Settings,
    owner: &Profile,
    held: &Original,
) -> Result<Document, Refusal> {
    let tongues = Tongues::letter(c.language(), speaks(owner));
    let words = tongues.words(&[
        "cases.custody.title",
        "cases.custody.lead",
        "cases.custody.what",
        "cases.custody.whose",
        "cases.custody.envelope",
        "cases.custody.day",
        "cases.custody.first",
        "cases.custody.second",
        "cases.custody.owner",
        "cases.custody.back",
        "cases.custody.back_day",
        "cases.custody.back_to",
        "cases.custody.back_by",
    ]);
    let envelope = held.envelope.to_string();
    letterhead(&tongues, "cases.custody.title", settings, &envelope).document(
        template!("cases/custody.typ"),
        words,
        json!({
            "what": held.what,
            "name": owner.called(),
            "envelope": envelope,
            "day": tongues.day(held.taken_in, DAY),
            "first": held.by,
            "second": held.witness,
        }),
    )
}

pub struct Receipt<'r> {
    /// The case's number and, behind a stroke, which receipt of it this is.
    pub number: String,
    pub line: &'r SumLine,
    /// Which instalment it was, and of how many.
    pub instalment: Option<(usize, usize)>,
    /// What is still open in this currency.
    pub open: Option<Amount>,
    pub profile: &'r Profile,
    pub settings: &'r Settings,
}

/// Two copies on one sheet: one for the person, one that stays.
pub fn receipt(c: &Ctx, receipt: &Receipt<'_>) -> Result<Document, Refusal> {
    let tongues = Tongues::letter(c.language(), speaks(receipt.profile));
    let words = tongues.words(&[
        "cases.receipt.title",
        "cases.receipt.number",
        "cases.receipt.day",
        "cases.receipt.name",
        "cases.receipt.amount",
        "cases.receipt.instalment",
        "cases.receipt.open",
        "cases.receipt.note",
        "cases.receipt.from",
        "cases.receipt.no_fee",
        "cases.receipt.person",
        "cases.receipt.centre",
        "cases.receipt.copy_person",
        "cases.receipt.copy_centre",
    ]);
    let sum = receipt.line.sum;
    letterhead(
        &tongues,
        "cases.receipt.title",
        receipt.settings,
        &receipt.number,
    )
    .document(
        template!("cases/receipt.typ"),
        words,
        json!({
            "number": receipt.number,
            "day": tongues.day(sum.day, DAY),
            "name": receipt.profile.called(),
            "amount": sum.amount.written(),
            "instalment": receipt.instalment.map(|(nth, of)| format!("{nth} / {of}")),
            "open": receipt.open.map(Amount::written),
            "note": receipt.line.note,
            "by": c.user_name(),
        }),
    )
}
