//! Employers, agencies and other parties: their names, what is known with its source, the cases.

use askama::Template;

use super::people::party_kinds;
use super::refused;
use crate::cases::forms::chosen;
use crate::cases::rules::{PartyKind, Settlement};
use crate::cases::store::{self, Party, PartyTold};
use crate::kit::id::{CaseId, PartyId};
use crate::kit::text;
use crate::vault::{CaseworkEvent, Refusal};
use crate::web::{Answer, Call, Choice, Ctx, Field, Result};

#[derive(Template)]
#[template(path = "cases/parties.html")]
struct List<'p> {
    c: &'p Ctx,
    q: Field,
    searched: bool,
    parties: Vec<(Party, String)>,
}

pub fn list(call: &Call) -> Result {
    let c = &call.context();
    let typed: String = call.sent.get("q").chars().take(120).collect();
    let searched = typed.trim().chars().count() > 1;
    let parties = call.list_casework(|casework| {
        if searched {
            store::find_parties(casework, &typed, 20)
        } else {
            store::parties(casework, 50)
        }
    })?;
    Answer::page(&List {
        c,
        q: Field::new("q", 120).typed(&typed),
        searched,
        parties: parties
            .into_iter()
            .map(|party| {
                let kind = c.t(party.kind.label_key());
                (party, kind)
            })
            .collect(),
    })
}

struct CaseLine {
    case: CaseId,
    number: String,
    stage: String,
    worker: Option<String>,
}

#[derive(Template)]
#[template(path = "cases/party.html")]
struct Page<'p> {
    c: &'p Ctx,
    party: Party,
    kind_label: String,
    /// The reader's own, and nobody's.
    cases: Vec<CaseLine>,
    /// How many others it is in: that there are many is seen, whose they are is not.
    others: Option<String>,
    kept: usize,
    broken: usize,
    running: usize,
    facts: Vec<(String, String, String, String)>,
    names: Field,
    kind: Field,
    kinds: Vec<Choice>,
    sector: Field,
    place: Field,
    contact: Field,
    fact: Field,
    source: Field,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    Answer::page(&party_page(call, c)?)
}

fn party_page<'p>(call: &Call, c: &'p Ctx) -> Result<Page<'p>> {
    let id: PartyId = call.part("party")?;
    let actor = call.actor()?;
    let reading = CaseworkEvent::PartyRead { party: id };
    let (party, lines, settlements, facts) = call.read_casework(&reading, |casework| {
        let party = store::party(casework, id)?.ok_or(Refusal::Missing)?;
        let cases = store::cases_of_party(casework, id)?;
        Ok::<_, Refusal>((
            party,
            store::lines(casework, actor, &cases)?,
            store::settlements(casework, &cases, c.today())?,
            store::party_facts(casework, id)?,
        ))
    })?;
    let (own, others): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.own);
    let count = |stands: &[Settlement]| {
        settlements
            .iter()
            .filter(|one| stands.contains(one))
            .count()
    };
    let told = |text: &Option<String>| text.clone().unwrap_or_default();
    Ok(Page {
        c,
        kind_label: c.t(party.kind.label_key()),
        others: (!others.is_empty()).then(|| {
            let number = others.len().to_string();
            c.tw("cases.party_others", &[("number", &number)])
        }),
        cases: own
            .into_iter()
            .map(|line| CaseLine {
                case: line.case,
                number: line.number.to_string(),
                stage: c.t(line.stage.label_key()),
                worker: line.worker_name,
            })
            .collect(),
        kept: count(&[Settlement::Kept]),
        broken: count(&[Settlement::Broken]),
        running: count(&[Settlement::Running, Settlement::Late]),
        facts: facts
            .into_iter()
            .map(|fact| (c.moment(fact.at), fact.by, fact.fact, fact.source))
            .collect(),
        names: Field::new("names", 800).typed(&party.names.join("\n")),
        kind: Field::new("kind", 20),
        kinds: party_kinds(c, party.kind.code()),
        sector: Field::new("sector", 80).typed(&told(&party.sector)),
        place: Field::new("place", 120).typed(&told(&party.place)),
        contact: Field::new("contact", 200).typed(&told(&party.contact)),
        fact: Field::new("fact", 600),
        source: Field::new("fact-source", 200),
        party,
    })
}

pub fn revise(call: &Call) -> Result {
    let c = &call.context();
    let mut page = party_page(call, c)?;
    let names = page.names.read(c, &call.sent, |typed, limit| {
        let all = text::some_lines(typed, limit)?;
        let names: Vec<String> = all
            .lines()
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .take(12)
            .collect();
        Ok::<_, text::Refused>(names)
    });
    let kind = page
        .kind
        .read(c, &call.sent, |v, _| chosen(PartyKind::from_code(v)));
    let sector = page.sector.optional(c, &call.sent);
    let place = page.place.optional(c, &call.sent);
    let contact = page.contact.optional(c, &call.sent);
    let (Some(names), Some(kind), Some(sector), Some(place), Some(contact)) =
        (names, kind, sector, place, contact)
    else {
        return refused(&page);
    };
    let party = page.party.id;
    call.write_casework(|tx| {
        let told = PartyTold {
            kind,
            names,
            sector,
            place,
            contact,
        };
        store::revise_party(tx, party, &told)?;
        Ok::<_, Refusal>(((), CaseworkEvent::PartyRevised { party }))
    })?;
    call.say("cases.said.saved");
    Answer::see(format!("/parties/{party}"))
}

pub fn add_fact(call: &Call) -> Result {
    let c = &call.context();
    let mut page = party_page(call, c)?;
    let fact = page.fact.required(c, &call.sent);
    let source = page.source.required(c, &call.sent);
    let (Some(fact), Some(source)) = (fact, source) else {
        return refused(&page);
    };
    let (world, actor, party) = (&call.app.world, call.actor()?, page.party.id);
    call.write_casework(|tx| {
        store::add_party_fact(tx, world, actor, party, &fact, &source)?;
        Ok::<_, Refusal>(((), CaseworkEvent::PartyRevised { party }))
    })?;
    call.say("cases.said.fact");
    Answer::see(format!("/parties/{party}"))
}
