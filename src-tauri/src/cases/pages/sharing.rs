//! What somebody outside is told of a case: the person agrees to each part, and nothing else is
//! printed.

use std::collections::BTreeSet;
use std::result::Result as Either;

use askama::Template;

use super::{Head, Inline, back, change, choices, enter, on_page, refused, show};
use crate::cases::documents::{Covered, NotAgreed, Part, Sharing, cover};
use crate::cases::forms::{Wrong, chosen, day_to_come};
use crate::cases::print;
use crate::cases::rules::PersonRole;
use crate::cases::store::{self, Share};
use crate::kit::id::{PartnerId, PersonId, ShareId};
use crate::kit::paper::Paper;
use crate::kit::text;
use crate::partners::rules::{NotChosen, choose};
use crate::partners::{self, Partner};
use crate::people;
use crate::people::consent::How;
use crate::settings;
use crate::vault::{CaseworkEvent, Refusal};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result};

/// Why no summary is printed.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
enum NotTold {
    #[error(transparent)]
    NotAgreed(#[from] NotAgreed),
    #[error("partners.refusal.no_paper")]
    NotChosen(#[from] NotChosen),
    /// Nobody follows what the paper begins.
    #[error("cases.refusal.share_closed")]
    Closed,
}

struct ShareLine {
    share: Share,
    partner: String,
    person: String,
    parts: String,
    given: String,
    expires: Option<String>,
    refused: Option<NotTold>,
    refused_told: String,
}

impl ShareLine {
    /// Whether there is nothing left to take back.
    fn is_over(&self) -> bool {
        matches!(self.refused, Some(NotTold::NotAgreed(why)) if why.is_over())
    }
}

#[derive(Template)]
#[template(path = "cases/sharing.html")]
struct Page<'p> {
    c: &'p Ctx,
    head: Head,
    lines: Vec<ShareLine>,
    ask: Inline<ShareId>,
    partner: Field,
    partners: Vec<Choice>,
    person: Field,
    people: Vec<Choice>,
    parts: Field,
    all_parts: Vec<Choice>,
    how: Field,
    hows: Vec<Choice>,
    expires: Field,
    known: Vec<Partner>,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, sharing_page, |_, page| Answer::page(&page))
}

fn sharing_page<'p>(call: &Call, c: &'p Ctx) -> Result<Either<Page<'p>, Answer>> {
    let (head, file) = match enter(call, c, "papers")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    if !head.mine {
        return Err(Refusal::Role);
    }
    let (shares, known) = call.list_casework(|casework| {
        Ok::<_, Refusal>((store::shares(casework, file.id)?, partners::all(casework)?))
    })?;
    let lines = shares
        .into_iter()
        .map(|share| line(c, share, &known, &head));
    Ok(Ok(Page {
        c,
        lines: lines.collect(),
        ask: Inline::new("ask", 400),
        partner: Field::new("partner", 40),
        partners: partner_choices(c, &known, ""),
        person: Field::new("person", 40),
        people: agreeing(&head, ""),
        parts: Field::new("parts", 20),
        all_parts: part_choices(c, &BTreeSet::new()),
        // Nobody has agreed before somebody says how.
        how: Field::new("how", 20),
        hows: how_choices(c, ""),
        expires: Field::new("expires", 12),
        known,
        head,
    }))
}

fn line(c: &Ctx, share: Share, known: &[Partner], head: &Head) -> ShareLine {
    let partner = known.iter().find(|known| known.id == share.sharing.partner);
    let person = head.people.iter().find(|known| known.id == share.person);
    let parts: Vec<String> = share
        .sharing
        .parts
        .iter()
        .map(|part| c.t(part.label_key()))
        .collect();
    let refused = partner.and_then(|partner| tellable(c, &share, head, partner).err());
    ShareLine {
        partner: partner.map_or(String::new(), |p| p.profile.called(c.language()).to_owned()),
        person: person.map_or(String::new(), |person| person.name.clone()),
        parts: parts.join(" · "),
        given: c.day(share.sharing.given),
        expires: share.sharing.expires.map(|day| c.day(day)),
        refused_told: refused.map_or(String::new(), |why| c.because(&why)),
        refused,
        share,
    }
}

/// Nobody is sent to a partner that reports to the authorities, and no paper either: here nobody
/// says why all the same.
fn may_be_told(partner: &Partner) -> Either<(), NotChosen> {
    choose(partner, None).map(|_| ())
}

/// What may be told today: what was agreed to, and to a partner that is still told anything.
fn tellable(c: &Ctx, share: &Share, head: &Head, partner: &Partner) -> Either<Covered, NotTold> {
    let covered = cover(&share.sharing, head.role_of(share.person), c.today())?;
    may_be_told(partner)?;
    if head.closed {
        return Err(NotTold::Closed);
    }
    Ok(covered)
}

fn partner_choices(c: &Ctx, known: &[Partner], chosen: &str) -> Vec<Choice> {
    let mut all = vec![Choice::new("", c.t("cases.choose"), chosen.is_empty())];
    all.extend(
        known
            .iter()
            .filter(|p| may_be_told(p).is_ok())
            .map(|partner| {
                let id = partner.id.to_string();
                let is = id == chosen;
                let kind = c.t(partner.profile.kind.label_key());
                let name = partner.profile.called(c.language());
                // The summary is written in it.
                let letters_in = partner.profile.letters_in.own_name();
                let label = format!("{name} · {kind} · \u{2068}{letters_in}\u{2069}");
                Choice::new(id, label, is)
            }),
    );
    all
}

/// Those who may agree, to choose from.
fn agreeing(head: &Head, chosen: &str) -> Vec<Choice> {
    let people = head.people.iter().filter(|one| one.role.may_share());
    people.map(|person| person.choice(chosen)).collect()
}

fn part_choices(c: &Ctx, chosen: &BTreeSet<Part>) -> Vec<Choice> {
    let choice = |part: &Part| {
        let is = chosen.contains(part);
        Choice::new(part.code(), c.t(part.label_key()), is)
    };
    Part::ALL.iter().map(choice).collect()
}

fn how_choices(c: &Ctx, chosen: &str) -> Vec<Choice> {
    choices(How::ALL, |how| (how.code(), c.t(how.label_key())), chosen)
}

/// Whom, whose, and which parts; `None` with the reasons beside the fields.
fn asked(
    call: &Call,
    c: &Ctx,
    page: &mut Page<'_>,
) -> Option<(PartnerId, PersonId, BTreeSet<Part>)> {
    let sent = &call.sent;
    let known = &page.known;
    let partner = page.partner.read(c, sent, |v, _| {
        let found = known
            .iter()
            .find(|p| p.id.to_string() == v && may_be_told(p).is_ok());
        chosen(found.map(|partner| partner.id))
    });
    let head = &page.head;
    let person = page.person.read(c, sent, |v, _| {
        let known = super::one_of(head, v);
        let role = |person: &PersonId| head.role_of(*person);
        chosen(known.filter(|person| role(person).is_some_and(PersonRole::may_share)))
    });
    let parts: BTreeSet<Part> = sent.all("parts").filter_map(Part::from_code).collect();
    page.partners = partner_choices(c, &page.known, &page.partner.value);
    page.people = agreeing(&page.head, &page.person.value);
    page.all_parts = part_choices(c, &parts);
    if parts.is_empty() {
        page.parts.wrong(c.t("cases.refusal.no_parts"));
        return None;
    }
    Some((partner?, person?, parts))
}

/// The form on which somebody agrees, before they have.
pub fn form(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, sharing_page, |case, mut page| {
        let Some((partner, person, parts)) = asked(call, c, &mut page) else {
            return refused(&page);
        };
        let partner = page.known.iter().find(|known| known.id == partner);
        let (record, settings) = call.read(|db| {
            let record = people::record(db, person)?.ok_or(Refusal::Missing)?;
            Ok::<_, Refusal>((record, settings::of(db)?))
        })?;
        let consent = print::Consent {
            partner: partner.ok_or(Refusal::Missing)?,
            profile: &record.profile,
            parts: &parts,
            settings: &settings,
        };
        let document = print::consent(c, &consent)?;
        show(call, case, Paper::SharingConsent, &document, "/sharing")
    })
}

pub fn agree(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, sharing_page, |case, mut page| {
        let today = c.today();
        let how = page
            .how
            .read(c, &call.sent, |v, _| chosen(How::from_code(v)));
        page.hows = how_choices(c, &page.how.value);
        let expires = page.expires.read(c, &call.sent, |typed, _| {
            if typed.trim().is_empty() {
                return Ok::<_, Wrong>(None);
            }
            day_to_come(typed, today).map(Some)
        });
        let told = asked(call, c, &mut page);
        let (Some((partner, person, parts)), Some(how), Some(expires)) = (told, how, expires)
        else {
            return refused(&page);
        };
        let sharing = Sharing {
            partner,
            parts,
            given: today,
            expires,
            withdrawn: None,
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        change(call, case, |tx, _| {
            let share = store::agree(tx, world, actor, case, person, how, &sharing)?;
            let agreed = CaseworkEvent::SharingAgreed {
                case,
                share,
                partner,
            };
            Ok(((), agreed))
        })?;
        back(call, case, "/sharing", "cases.said.share_agreed")
    })
}

pub fn withdraw(call: &Call) -> Result {
    let case = call.part("case")?;
    let share: ShareId = call.part("share")?;
    call.write_casework(|tx| {
        // A withdrawal counts in a closed case too.
        let file = store::case_file(tx, case)?.ok_or(Refusal::Missing)?;
        let user = call.actor()?.user;
        if file.worker != Some(user) && file.second_worker != Some(user) {
            return Err(Refusal::Role);
        }
        if !store::withdraw(tx, &call.app.world, case, share)? {
            return Err(Refusal::Missing);
        }
        Ok(((), CaseworkEvent::SharingWithdrawn { case, share }))
    })?;
    back(call, case, "/sharing", "cases.said.share_withdrawn")
}

/// Exactly what was agreed to, if it still is: also where the page lay open since before.
pub fn summary(call: &Call) -> Result {
    let c = &call.context();
    let share: ShareId = call.part("share")?;
    on_page(call, c, sharing_page, |case, mut page| {
        let ask = page
            .ask
            .read(share, |field| field.read(c, &call.sent, text::lines));
        let Some(ask) = ask else {
            return refused(&page);
        };
        let agreed = call.list_casework(|casework| store::share(casework, case, share))?;
        let agreed = agreed.ok_or(Refusal::Missing)?;
        let mut known = page.known.iter();
        let partner = known.find(|known| known.id == agreed.sharing.partner);
        let partner = partner.ok_or(Refusal::Missing)?;
        let covered = match tellable(c, &agreed, &page.head, partner) {
            Ok(covered) => covered,
            Err(why) => {
                page.head.problem = Some(c.because(&why));
                return refused(&page);
            }
        };
        let told = call.list_casework(|casework| {
            let file = store::case_file(casework, case)?.ok_or(Refusal::Missing)?;
            let record = people::record(casework, agreed.person)?.ok_or(Refusal::Missing)?;
            Ok::<_, Refusal>(print::Told {
                profile: record.profile,
                issues: store::issues(casework, case)?,
                notes: store::notes(casework, case)?,
                parties: store::parties_of(casework, case)?,
                sums: store::sum_lines(casework, case)?,
                instalments: store::instalments(casework, case)?,
                deadlines: store::deadlines(casework, case)?,
                hearings: store::hearings(casework, case)?,
                attachments: store::attachments(casework, case)?,
                originals: store::originals(casework, case)?,
                settings: settings::of(casework)?,
                file,
            })
        })?;
        let document = print::summary(c, &told, partner, &covered, ask.as_deref())?;
        show(call, case, Paper::CaseSummary, &document, "/sharing")
    })
}
