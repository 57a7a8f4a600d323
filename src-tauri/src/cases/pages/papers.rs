//! The papers of a case: what it still needs, its scans, original papers in the centre's keeping,
//! and what can be printed.

use std::result::Result as Either;

use askama::Template;

use super::documents::AttachmentLine;
use super::{
    Head, Inline, back, change, choices, enter, on_page, one_of, people_choices, refused, show,
};
use crate::cases::documents::{DocumentKind, usual};
use crate::cases::forms::chosen;
use crate::cases::print;
use crate::cases::store::{self, Need, Original, PrintedDemand, TakenIn};
use crate::kit::id::{OriginalId, UserId};
use crate::kit::paper::Paper;
use crate::people;
use crate::settings;
use crate::vault::{CaseworkEvent, Refusal};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result};

struct Line {
    original: Original,
    person: String,
    taken_in: String,
    returned: Option<(String, String)>,
}

struct NeedLine {
    need: Need,
    label: String,
    asked: String,
}

/// What is said of a scan before the file is chosen.
pub struct ScanForm {
    pub kind: Field,
    kinds: Vec<Choice>,
    pub what: Field,
    pub dated: Field,
    /// Nothing is typed here: it has the reason why a file was not taken.
    pub file: Field,
}

impl ScanForm {
    fn new(c: &Ctx) -> Self {
        let mut form = Self {
            kind: Field::new("scan-kind", 20),
            kinds: Vec::new(),
            what: Field::new("scan-what", 120),
            dated: Field::new("scan-dated", 12),
            file: Field::new("scan-file", 1),
        };
        form.offer(c);
        form
    }

    pub fn offer(&mut self, c: &Ctx) {
        self.kinds = kinds(c, &self.kind.value);
    }

    fn is_refused(&self) -> bool {
        let fields = [&self.kind, &self.what, &self.dated, &self.file];
        fields.iter().any(|field| field.error.is_some())
    }
}

#[derive(Template)]
#[template(path = "cases/papers.html")]
pub struct Page<'p> {
    c: &'p Ctx,
    head: Head,
    needs: Vec<NeedLine>,
    pub need: Field,
    needed: Vec<Choice>,
    pub need_what: Field,
    /// Offered with one press: what such a case usually needs and has not.
    usual: Vec<(&'static str, String)>,
    attachments: Vec<AttachmentLine>,
    pub scan: ScanForm,
    lines: Vec<Line>,
    /// Demand letters that were printed: to whom, when and by whom, until when.
    letters: Vec<(String, String, String)>,
    person: Field,
    people: Vec<Choice>,
    what: Field,
    place: Field,
    witness: Field,
    witnesses: Vec<Choice>,
    returned_to: Inline<OriginalId>,
}

impl Page<'_> {
    pub fn offer_needs(&mut self, c: &Ctx) {
        self.needed = kinds(c, &self.need.value);
    }

    /// Whether the form for an original stands open: it is long, and seldom wanted.
    fn takes_in(&self) -> bool {
        let fields = [&self.person, &self.what, &self.place, &self.witness];
        fields.iter().any(|field| field.error.is_some())
    }
}

fn kinds(c: &Ctx, chosen: &str) -> Vec<Choice> {
    let mut all = vec![Choice::new("", c.t("cases.choose"), chosen.is_empty())];
    all.extend(choices(
        DocumentKind::ALL,
        |kind| (kind.code(), c.t(kind.label_key())),
        chosen,
    ));
    all
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, papers_page, |_, page| Answer::page(&page))
}

pub fn papers_page<'p>(call: &Call, c: &'p Ctx) -> Result<Either<Page<'p>, Answer>> {
    let (head, file) = match enter(call, c, "papers")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    let actor = call.actor()?;
    let (originals, witnesses, attachments, needs, letters) = call.list_casework(|casework| {
        Ok::<_, Refusal>((
            store::originals(casework, file.id)?,
            store::witnesses(casework, actor)?,
            store::attachments(casework, file.id)?,
            store::needs(casework, file.id)?,
            store::demands(casework, file.id)?,
        ))
    })?;
    let known = |kind: DocumentKind| {
        let scanned = |a: &store::Attachment| a.kind == kind && a.content().is_some();
        needs.iter().any(|need| need.kind == kind) || attachments.iter().any(scanned)
    };
    let missing = usual(file.story.kind).iter().filter(|kind| !known(**kind));
    Ok(Ok(Page {
        c,
        usual: missing
            .map(|kind| (kind.code(), c.t(kind.label_key())))
            .collect(),
        needs: needs
            .into_iter()
            .map(|need| NeedLine {
                label: c.t(need.kind.label_key()),
                asked: c.day(need.asked),
                need,
            })
            .collect(),
        need: Field::new("need", 20),
        needed: kinds(c, ""),
        need_what: Field::new("need-what", 120),
        attachments: attachments
            .into_iter()
            .map(|attachment| AttachmentLine::of(c, attachment))
            .collect(),
        scan: ScanForm::new(c),
        lines: originals
            .into_iter()
            .map(|original| Line {
                person: head.name_of(original.person),
                taken_in: c.day(original.taken_in),
                returned: original.returned.clone().map(|(day, to)| (c.day(day), to)),
                original,
            })
            .collect(),
        letters: letters
            .iter()
            .map(|printed| letter_line(c, printed))
            .collect(),
        person: Field::new("paper-person", 40),
        people: people_choices(&head, ""),
        what: Field::new("paper-what", 120),
        place: Field::new("paper-place", 80),
        witness: Field::new("witness", 40),
        witnesses: witness_choices(c, witnesses, ""),
        returned_to: Inline::new("returned-to", 120),
        head,
    }))
}

fn letter_line(c: &Ctx, printed: &PrintedDemand) -> (String, String, String) {
    let when = c.moment(printed.at);
    let until = c.day(printed.demand.until);
    let with = [("when", &*when), ("name", &*printed.by)];
    (
        printed.demand.to().to_owned(),
        c.tw("cases.letter_printed", &with),
        c.tw("cases.letter_until", &[("day", &until)]),
    )
}

fn witness_choices(c: &Ctx, all: Vec<(UserId, String)>, chosen: &str) -> Vec<Choice> {
    let mut choices = vec![Choice::new(
        "",
        c.t("cases.witness_none"),
        chosen.is_empty(),
    )];
    choices.extend(all.into_iter().map(|(user, name)| {
        let id = user.to_string();
        let is = id == chosen;
        Choice::new(id, name, is)
    }));
    choices
}

pub fn take_in(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, papers_page, |case, mut page| {
        let head = &page.head;
        let person = page
            .person
            .read(c, &call.sent, |v, _| chosen(one_of(head, v)));
        let what = page.what.required(c, &call.sent);
        let place = page.place.required(c, &call.sent);
        let known: Vec<String> = page.witnesses.iter().map(|w| w.value.clone()).collect();
        let witness = page.witness.read(c, &call.sent, |v, _| {
            let user = v.parse::<UserId>().ok();
            user.filter(|_| known.iter().any(|k| k == v))
                .ok_or("cases.refusal.witness")
        });
        page.people = people_choices(&page.head, &page.person.value);
        for choice in &mut page.witnesses {
            choice.chosen = choice.value == page.witness.value;
        }
        let (Some(person), Some(what), Some(place), Some(witness)) = (person, what, place, witness)
        else {
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        change(call, case, |tx, _| {
            let taken = TakenIn {
                person,
                what: &what,
                place: &place,
                witness,
            };
            let original = store::take_in(tx, world, actor, case, &taken)?;
            Ok(((), CaseworkEvent::OriginalTakenIn { case, original }))
        })?;
        back(call, case, "/papers", "cases.said.taken_in")
    })
}

pub fn give_back(call: &Call) -> Result {
    let c = &call.context();
    let original: OriginalId = call.part("original")?;
    on_page(call, c, papers_page, |case, mut page| {
        let read = |field: &mut Field| field.required(c, &call.sent);
        let Some(to) = page.returned_to.read(original, read) else {
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        change(call, case, |tx, _| {
            if !store::give_back(tx, world, actor, case, original, &to)? {
                return Err(Refusal::Missing);
            }
            Ok(((), CaseworkEvent::OriginalReturned { case, original }))
        })?;
        back(call, case, "/papers", "cases.said.given_back")
    })
}

/// What the person takes home for a paper that stays here.
pub fn slip(call: &Call) -> Result {
    let c = &call.context();
    let original: OriginalId = call.part("original")?;
    on_page(call, c, papers_page, |case, page| {
        if !page.head.mine {
            return Err(Refusal::Role);
        }
        let line = page.lines.iter().find(|line| line.original.id == original);
        let held = &line.ok_or(Refusal::Missing)?.original;
        let (record, settings) = call.read(|db| {
            let record = people::record(db, held.person)?.ok_or(Refusal::Missing)?;
            Ok::<_, Refusal>((record, settings::of(db)?))
        })?;
        let document = print::custody_slip(c, &settings, &record.profile, held)?;
        show(call, case, Paper::CustodySlip, &document, "/papers")
    })
}
