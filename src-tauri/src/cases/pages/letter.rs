//! The letter that demands what is owed. It begins where the last one ended, so that a slip of the
//! pen costs one more print and not the whole text.

use std::result::Result as Either;

use askama::Template;

use super::{Head, change, choices, enter, on_page, refused, show};
use crate::cases::forms::{LONG, chosen, day_to_come};
use crate::cases::print;
use crate::cases::rules::{Balance, DeadlineKind, Sum, SumKind, balances};
use crate::cases::store::{self, Demand};
use crate::kit::id::CaseId;
use crate::kit::lang::Lang;
use crate::kit::paper::Paper;
use crate::kit::text;
use crate::people;
use crate::settings;
use crate::vault::{CaseworkEvent, Refusal};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result};

#[derive(Template)]
#[template(path = "cases/letter.html")]
struct Page<'p> {
    c: &'p Ctx,
    head: Head,
    /// What is claimed, a line a currency.
    claimed: Vec<String>,
    printed: Option<String>,
    language: Field,
    languages: Vec<Choice>,
    addressed: Field,
    facts: Field,
    basis: Field,
    until: Field,
    answer_to: Field,
    agreed: Field,
    /// The last day is noted as a deadline of the case.
    note: Field,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, letter_page, |_, page| Answer::page(&page))
}

fn letter_page<'p>(call: &Call, c: &'p Ctx) -> Result<Either<Page<'p>, Answer>> {
    let (head, file) = match enter(call, c, "papers")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    if !head.writable() {
        return Err(Refusal::Role);
    }
    let (last, sums, parties, settings) = call.list_casework(|casework| {
        Ok::<_, Refusal>((
            store::last_demand(casework, file.id)?,
            store::sums(casework, file.id)?,
            store::parties_of(casework, file.id)?,
            settings::of(casework)?,
        ))
    })?;
    let printed = last.as_ref().map(|(_, at)| c.moment(*at));
    let last = last.map(|(demand, _)| demand);
    let told = |of: fn(&Demand) -> &str| last.as_ref().map_or(String::new(), |d| of(d).to_owned());
    let addressed = match (&last, parties.first()) {
        (Some(demand), _) => demand.addressed.clone(),
        (None, Some(party)) => {
            let place = party.place.iter().map(String::as_str);
            let lines = std::iter::once(party.name()).chain(place);
            lines.collect::<Vec<_>>().join("\n")
        }
        (None, None) => String::new(),
    };
    let reached = [settings.place.as_deref(), settings.phone.as_deref()];
    let known = std::iter::once(&*settings.name).chain(reached.into_iter().flatten());
    let answer_to = match &last {
        Some(demand) => demand.answer_to.clone(),
        None => known.collect::<Vec<_>>().join(", "),
    };
    let language = last.as_ref().map_or(c.language(), |demand| demand.language);
    Ok(Ok(Page {
        c,
        head,
        claimed: claimed(&sums)
            .into_iter()
            .map(|b| b.claimed.written())
            .collect(),
        printed,
        language: Field::new("language", 2).typed(language.tag()),
        languages: languages(language.tag()),
        addressed: Field::new("addressed", 400).typed(&addressed),
        facts: Field::new("facts", LONG).typed(&told(|d| &d.facts)),
        basis: Field::new("basis", 4_000).typed(&told(|d| &d.basis)),
        until: Field::new("until", 12),
        answer_to: Field::new("answer-to", 400).typed(&answer_to),
        agreed: Field::new("agreed", 3),
        note: Field::new("note-deadline", 3).typed("yes"),
    }))
}

fn claimed(sums: &[Sum]) -> Vec<Balance> {
    let all = balances(sums);
    all.into_iter().filter(|b| b.claimed.minor > 0).collect()
}

fn languages(chosen: &str) -> Vec<Choice> {
    choices(
        &Lang::ALL,
        |lang| (lang.tag(), lang.own_name().to_owned()),
        chosen,
    )
}

pub fn print(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, letter_page, |case, mut page| {
        let today = c.today();
        let sent = &call.sent;
        let several = text::some_lines;
        let language = page
            .language
            .read(c, sent, |v, _| chosen(Lang::from_tag(v)));
        page.languages = languages(&page.language.value);
        let addressed = page.addressed.read(c, sent, several);
        let facts = page.facts.read(c, sent, several);
        let basis = page.basis.read(c, sent, several);
        let until = page.until.read(c, sent, |v, _| day_to_come(v, today));
        let answer_to = page.answer_to.read(c, sent, several);
        let agreed = page.agreed.read(c, sent, |v, _| match v {
            "yes" => Ok(()),
            _ => Err("cases.refusal.letter_agreed"),
        });
        page.note.value = sent.get("note-deadline").chars().take(3).collect();
        if page.claimed.is_empty() {
            page.head.problem = Some(c.t("cases.refusal.no_claim"));
        }
        let typed = (language, addressed, facts, basis, until, answer_to, agreed);
        let (
            Some(language),
            Some(addressed),
            Some(facts),
            Some(basis),
            Some(until),
            Some(answer_to),
            Some(()),
        ) = typed
        else {
            return refused(&page);
        };
        if page.claimed.is_empty() {
            return refused(&page);
        }
        let demand = Demand {
            addressed,
            language,
            facts,
            basis,
            until,
            answer_to,
        };
        let client = page.head.people.first().map(|person| person.id);
        let (sums, record, settings) = call.list_casework(|casework| {
            let client = client.ok_or(Refusal::Missing)?;
            Ok::<_, Refusal>((
                store::sum_lines(casework, case)?,
                people::record(casework, client)?.ok_or(Refusal::Missing)?,
                settings::of(casework)?,
            ))
        })?;
        let letter = print::Letter {
            number: &page.head.number,
            demand: &demand,
            sums: sums
                .iter()
                .filter(|line| line.void_reason.is_none() && line.sum.kind == SumKind::Claimed)
                .collect(),
            profile: &record.profile,
            settings: &settings,
        };
        // Set before it is kept: what cannot be printed is not said to have been.
        let document = print::demand(c, &letter)?;
        document.pdf(call.app.world.now())?;
        keep(
            call,
            case,
            &demand,
            page.note.value == "yes",
            &page.head.number,
        )?;
        show(call, case, Paper::DemandLetter, &document, "/letter")
    })
}

/// The letter as it was, and its last day among the deadlines unless it stands there already.
fn keep(call: &Call, case: CaseId, demand: &Demand, note: bool, number: &str) -> Result<()> {
    let (world, actor) = (&call.app.world, call.actor()?);
    let source = call
        .context()
        .tw("cases.letter_source", &[("number", number)]);
    change(call, case, |tx, _| {
        store::keep_demand(tx, world, actor, case, demand)?;
        let noted = store::deadlines(tx, case)?.into_iter().any(|known| {
            known.kind == DeadlineKind::Answer
                && known.day == demand.until
                && known.answer.is_none()
        });
        if !note || noted {
            return Ok(((), CaseworkEvent::CaseRevised { case }));
        }
        let told = (DeadlineKind::Answer, demand.until, &*source);
        let deadline = store::set_deadline(tx, world, actor, case, told)?;
        Ok(((), CaseworkEvent::DeadlineSet { case, deadline }))
    })
}
