//! Help in casework.db.

use chrono::{Datelike, NaiveDate};
use rusqlite::{Row, named_params};

use super::rules::{Asked, Criterion, Decision, Facts, Kind, Stage, State};
use crate::cases::rules::CaseNumber;
use crate::cases::store::amount;
use crate::kit::id::{CaseId, HelpId, PersonId, UserId};
use crate::kit::money::Amount;
use crate::kit::world::World;
use crate::vault::{Actor, Casework, CaseworkTx, Refusal};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    pub id: HelpId,
    /// H-2026-0007, once a receipt was printed.
    pub number: Option<String>,
    pub case: CaseId,
    pub case_number: CaseNumber,
    pub person: PersonId,
    pub need: String,
    pub criteria: Vec<Criterion>,
    pub asked: Asked,
    pub on: NaiveDate,
    pub by: UserId,
    pub by_name: String,
    pub decider: Option<String>,
    pub state: State,
    pub follow_up: Option<NaiveDate>,
    pub follow_up_result: Option<String>,
}

impl Help {
    pub fn facts(&self) -> Facts {
        Facts {
            asked_by: self.by,
            receipt: self.number.is_some(),
        }
    }
}

const HELP: &str = "select h.id, h.year, h.serial, h.case_file, f.year, f.serial, h.person, h.need,
       h.kind, h.what, h.minor, h.currency, h.asked, h.asked_by, coalesce(a.name, ''), d.name,
       h.state, h.decided_by, h.decided, h.decision, h.given, h.given_by, h.signed, h.follow_up,
       h.follow_up_result, (select group_concat(met.criterion) from casework.help_criterion met
                             where met.help = h.id)
  from casework.help h join casework.case_file f on f.id = h.case_file
  left join user a on a.id = h.asked_by left join user d on d.id = h.decided_by";

/// The last first.
pub fn of_case(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Help>, Refusal> {
    casework.all(
        &format!("{HELP} where h.case_file = :case order by h.asked desc, h.id desc"),
        named_params! { ":case": case },
        read,
    )
}

/// What waits to be decided, the oldest first.
pub fn waiting(casework: &Casework<'_>) -> Result<Vec<Help>, Refusal> {
    casework.all(
        &format!("{HELP} where h.state = 'asked' order by h.asked, h.id"),
        [],
        read,
    )
}

/// What was given since a day: each amount.
pub fn given_since(casework: &Casework<'_>, day: NaiveDate) -> Result<Vec<Amount>, Refusal> {
    casework.all(
        "select minor, currency from casework.help
          where state = 'given' and given >= :day and minor is not null order by given",
        named_params! { ":day": day },
        |row| amount(row, 0),
    )
}

pub fn help(casework: &Casework<'_>, id: HelpId) -> Result<Help, Refusal> {
    let found = casework.one(
        &format!("{HELP} where h.id = :id"),
        named_params! { ":id": id },
        read,
    )?;
    found.ok_or(Refusal::Missing)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Help> {
    let number: Option<(i32, u32)> = Option::zip(row.get(1)?, row.get(2)?);
    let worth = match row.get::<_, Option<i64>>(10)? {
        Some(_) => Some(amount(row, 10)?),
        None => None,
    };
    Ok(Help {
        id: row.get(0)?,
        number: number.map(|(year, serial)| format!("H-{year}-{serial:04}")),
        case: row.get(3)?,
        case_number: CaseNumber {
            year: row.get(4)?,
            serial: row.get(5)?,
        },
        person: row.get(6)?,
        need: row.get(7)?,
        criteria: criteria(row)?,
        asked: match (row.get(8)?, worth) {
            (Kind::Cash, Some(amount)) => Asked::Cash(amount),
            (_, worth) => Asked::InKind(row.get::<_, Option<_>>(9)?.unwrap_or_default(), worth),
        },
        on: row.get(12)?,
        by: row.get(13)?,
        by_name: row.get(14)?,
        decider: row.get(15)?,
        state: state(row)?,
        follow_up: row.get(23)?,
        follow_up_result: row.get(24)?,
    })
}

/// In the order in which they are asked.
fn criteria(row: &Row<'_>) -> rusqlite::Result<Vec<Criterion>> {
    let met = row.get::<_, Option<String>>(25)?.unwrap_or_default();
    let is_met = |one: &Criterion| met.split(',').any(|code| code == one.code());
    Ok(Criterion::ALL.iter().copied().filter(is_met).collect())
}

fn state(row: &Row<'_>) -> rusqlite::Result<State> {
    let stage: Stage = row.get(16)?;
    if matches!(stage, Stage::Asked | Stage::Withdrawn) {
        return Ok(match stage {
            Stage::Asked => State::Asked,
            _ => State::Withdrawn,
        });
    }
    let decision = Decision {
        by: row.get(17)?,
        on: row.get(18)?,
        words: row.get(19)?,
    };
    Ok(match stage {
        Stage::Given => State::Given {
            decision,
            on: row.get(20)?,
            by: row.get(21)?,
            signed: row.get(22)?,
        },
        Stage::Declined => State::Declined(decision),
        _ => State::Approved(decision),
    })
}

pub struct NewHelp<'h> {
    pub person: PersonId,
    pub need: &'h str,
    pub criteria: &'h [Criterion],
    pub asked: &'h Asked,
    pub follow_up: Option<NaiveDate>,
}

pub fn ask(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    new: &NewHelp<'_>,
) -> Result<HelpId, Refusal> {
    let id = HelpId::new(world);
    let amount = new.asked.amount();
    tx.execute(
        "insert into casework.help (id, case_file, person, kind, need, what, minor, currency, asked,
           asked_by, state, follow_up)
         values (:id, :case, :person, :kind, :need, :what, :minor, :currency, :asked, :by, 'asked',
                 :follow_up)",
        named_params! {
            ":id": id, ":case": case, ":person": new.person, ":kind": new.asked.kind(),
            ":need": new.need, ":what": new.asked.what(),
            ":minor": amount.map(|amount| amount.minor),
            ":currency": amount.map(|amount| amount.currency.code), ":asked": world.today(),
            ":by": actor.user, ":follow_up": new.follow_up,
        },
    )?;
    for criterion in new.criteria {
        tx.execute(
            "insert into casework.help_criterion (help, criterion) values (:help, :criterion)",
            named_params! { ":help": id, ":criterion": criterion },
        )?;
    }
    Ok(id)
}

/// Only `State::step` gives the state to put.
pub fn put_state(tx: &CaseworkTx<'_>, help: HelpId, state: &State) -> Result<(), Refusal> {
    let decision = state.decision();
    let given = match state {
        State::Given { on, by, signed, .. } => Some((on, by, signed)),
        _ => None,
    };
    tx.execute(
        "update casework.help set state = :state, decided = coalesce(:decided, decided),
                decided_by = coalesce(:decided_by, decided_by),
                decision = coalesce(:decision, decision), given = :given, given_by = :given_by,
                signed = :signed
          where id = :id",
        named_params! {
            ":id": help, ":state": state.stage(), ":decided": decision.map(|d| d.on),
            ":decided_by": decision.map(|d| d.by),
            ":decision": decision.and_then(|d| d.words.as_deref()),
            ":given": given.map(|(on, ..)| on), ":given_by": given.map(|(_, by, _)| by),
            ":signed": given.map(|(.., signed)| signed),
        },
    )?;
    Ok(())
}

/// Gives the receipt the next number of the year, once.
pub fn number(tx: &CaseworkTx<'_>, world: &World, help: HelpId) -> Result<(), Refusal> {
    tx.execute(
        "update casework.help set year = :year,
                serial = (select coalesce(max(serial), 0) + 1 from casework.help where year = :year)
          where id = :id and serial is null",
        named_params! { ":id": help, ":year": world.today().year() },
    )?;
    Ok(())
}

/// Whether something was to be asked, and was not told yet.
pub fn tell(tx: &CaseworkTx<'_>, help: HelpId, result: &str) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update casework.help set follow_up_result = :result
          where id = :id and follow_up is not null and follow_up_result is null",
        named_params! { ":id": help, ":result": result },
    )?;
    Ok(changed == 1)
}
