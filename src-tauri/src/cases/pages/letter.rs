//! The letter that demands what is owed. It begins where the last one ended, so that a slip of the
//! pen costs one more print and not the whole text.

use std::result::Result as Either;

use askama::Template;
use chrono::NaiveDate;

use super::{Head, change, choices, enter, on_page, refused, show};
use crate::cases::forms::{LONG, Wrong, chosen, day, day_to_come};
use crate::cases::print;
use crate::cases::rules::{Balance, DeadlineKind, Sum, SumKind, balances, owed};
use crate::cases::store::{self, Deadline, Demand, SumLine};
use crate::kit::date;
use crate::kit::id::{CaseId, DeadlineId};
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
    /// The sums that it may ask for: what each is for, and how much.
    lines: Vec<(String, String)>,
    /// Whether it asks for what was agreed, or for all that was claimed; and what that comes to.
    asks: Field,
    asking: Vec<Choice>,
    balances: Vec<Balance>,
    printed: Option<String>,
    /// The last letter that was printed.
    last: Option<Demand>,
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
    /// The letter has a deadline that is open.
    noted: bool,
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
    let (letters, lines, parties, settings, deadlines) = call.list_casework(|casework| {
        Ok::<_, Refusal>((
            store::demands(casework, file.id)?,
            store::sum_lines(casework, file.id)?,
            store::parties_of(casework, file.id)?,
            settings::of(casework)?,
            store::deadlines(casework, file.id)?,
        ))
    })?;
    let counts = |line: &SumLine| {
        line.void_reason.is_none() && [SumKind::Claimed, SumKind::Agreed].contains(&line.sum.kind)
    };
    let sums: Vec<Sum> = lines
        .iter()
        .filter(|line| line.void_reason.is_none())
        .map(|line| line.sum)
        .collect();
    let balances = balances(&sums);
    let lines: Vec<SumLine> = lines.into_iter().filter(counts).collect();
    let agreed = balances.iter().any(|balance| balance.agreed.minor > 0);
    let asks = match agreed {
        true => SumKind::Agreed.code(),
        false => SumKind::Claimed.code(),
    };
    let last = letters.into_iter().next();
    let printed = last.as_ref().map(|last| c.moment(last.at));
    let last = last.map(|last| last.demand);
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
        lines: lines.iter().map(|line| line_of(c, line)).collect(),
        asking: asking(&balances, c, asks),
        asks: Field::new("asks", 20).typed(asks),
        balances,
        printed,
        language: Field::new("language", 2).typed(language.tag()),
        languages: languages(language.tag()),
        addressed: Field::new("addressed", 400).typed(&addressed),
        facts: Field::new("facts", LONG).typed(&told(|d| &d.facts)),
        basis: Field::new("basis", 4_000).typed(&told(|d| &d.basis)),
        until: Field::new("until", 12).typed(
            &last
                .as_ref()
                .map_or(String::new(), |last| date::typed(last.until)),
        ),
        answer_to: Field::new("answer-to", 400).typed(&answer_to),
        agreed: Field::new("agreed", 3),
        note: Field::new("note-deadline", 3).typed("yes"),
        noted: last
            .as_ref()
            .is_some_and(|last| own_deadline(last, &deadlines).is_some()),
        last,
    }))
}

fn line_of(c: &Ctx, line: &SumLine) -> (String, String) {
    let what = line.note.clone();
    let what = what.unwrap_or_else(|| c.t(print::unsaid(line.sum.kind)));
    (what, line.sum.amount.written())
}

/// Both where something was agreed: whoever breaks an agreement may be asked for all of the claim.
fn asking(balances: &[Balance], c: &Ctx, chosen: &str) -> Vec<Choice> {
    [SumKind::Agreed, SumKind::Claimed]
        .into_iter()
        .filter_map(|kind| {
            let owed = owed(balances, kind);
            let own = owed.iter().any(|owed| owed.of == kind);
            let sums: Vec<String> = owed.iter().map(|owed| owed.rest.written()).collect();
            let label = format!(
                "{}: \u{2068}{}\u{2069}",
                c.t(kind.label_key()),
                sums.join(" · ")
            );
            own.then(|| Choice::new(kind.code(), label, kind.code() == chosen))
        })
        .collect()
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
        let own = page.last.as_ref().map(|last| last.until);
        let until = page.until.read(c, sent, |v, _| last_day(v, today, own));
        let answer_to = page.answer_to.read(c, sent, several);
        let agreed = page.agreed.read(c, sent, |v, _| match v {
            "yes" => Ok(()),
            _ => Err("cases.refusal.letter_agreed"),
        });
        page.note.value = sent.get("note-deadline").chars().take(3).collect();
        let asks = SumKind::from_code(sent.get("asks")).unwrap_or(SumKind::Claimed);
        page.asking = asking(&page.balances, c, asks.code());
        page.asks.value = asks.code().to_owned();
        let owed = owed(&page.balances, asks);
        if owed.is_empty() {
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
        if owed.is_empty() {
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
                .filter(|line| line.void_reason.is_none())
                .collect(),
            owed: &owed,
            profile: &record.profile,
            settings: &settings,
        };
        // Set before it is kept: what cannot be printed is not said to have been.
        let document = print::demand(c, &letter)?;
        document.pdf(call.app.world.now())?;
        keep(call, case, &demand, page.note.value == "yes")?;
        show(call, case, Paper::DemandLetter, &document, "/letter")
    })
}

/// A day to come; or the one that the letter had, which is printed again as it was.
fn last_day(typed: &str, today: NaiveDate, own: Option<NaiveDate>) -> Either<NaiveDate, Wrong> {
    match day(typed)? {
        day if Some(day) == own => Ok(day),
        _ => day_to_come(typed, today),
    }
}

/// What a letter that is printed does to the deadlines of its case.
enum Noting {
    Nothing,
    Move(DeadlineId),
    Set,
}

fn noting(
    last: Option<&Demand>,
    demand: &Demand,
    deadlines: &[Deadline],
    today: NaiveDate,
) -> Noting {
    // To somebody else it is another letter, with a deadline of its own.
    let again = last.filter(|last| last.to() == demand.to());
    let stands = |known: &Deadline| {
        let is_its = known.kind == DeadlineKind::Answer && known.day == demand.until;
        // What became of it was said already, of the letter that is printed again.
        is_its && (known.answer.is_none() || again.is_some())
    };
    if deadlines.iter().any(stands) {
        return Noting::Nothing;
    }
    match again.and_then(|last| own_deadline(last, deadlines)) {
        Some(own) => Noting::Move(own),
        None if demand.until < today => Noting::Nothing,
        None => Noting::Set,
    }
}

/// The open deadline of a letter that was printed.
fn own_deadline(last: &Demand, deadlines: &[Deadline]) -> Option<DeadlineId> {
    let is_its = |known: &&Deadline| {
        known.kind == DeadlineKind::Answer && known.day == last.until && known.answer.is_none()
    };
    deadlines.iter().find(is_its).map(|known| known.id)
}

/// The letter as it was, and its last day among the deadlines.
fn keep(call: &Call, case: CaseId, demand: &Demand, note: bool) -> Result<()> {
    let (world, actor) = (&call.app.world, call.actor()?);
    let source = call.context().t("cases.letter_source");
    change(call, case, |tx, _| {
        let printed = store::demands(tx, case)?;
        let last = printed.first().map(|last| &last.demand);
        let known = store::deadlines(tx, case)?;
        store::keep_demand(tx, world, actor, case, demand)?;
        let noting = match note {
            true => noting(last, demand, &known, world.today()),
            false => Noting::Nothing,
        };
        let event = match noting {
            Noting::Nothing => CaseworkEvent::CaseRevised { case },
            Noting::Move(deadline) => {
                store::move_deadline(tx, case, deadline, demand.until)?;
                CaseworkEvent::DeadlineMoved { case, deadline }
            }
            Noting::Set => {
                let told = (DeadlineKind::Answer, demand.until, &*source);
                let deadline = store::set_deadline(tx, world, actor, case, told)?;
                CaseworkEvent::DeadlineSet { case, deadline }
            }
        };
        Ok(((), event))
    })
}
