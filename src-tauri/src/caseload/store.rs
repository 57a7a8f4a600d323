//! Counts over the case tables, the calendar's days, and the rates that were typed.

use chrono::NaiveDate;
use rusqlite::named_params;

use super::rules::{DatedKind, Period};
use crate::cases::issues::Issue;
use crate::cases::rules::{CaseNumber, Kind, Outcome, SumKind};
use crate::kit::id::{CaseId, PartyId, PersonId, RateId, RecordId, UserId};
use crate::kit::lists::Currency;
use crate::kit::money::{Amount, Rate};
use crate::kit::world::World;
use crate::vault::{Actor, Casework, CaseworkTx, Refusal};

/// Whose cases, and when. `user` is `None` for everybody's.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    pub user: Option<UserId>,
    pub period: Period,
}

/// A kind of case, and how many.
pub type Counted<K> = Vec<(K, u32)>;

/// Opened in the time, by kind.
pub fn opened(casework: &Casework<'_>, scope: &Scope) -> Result<Counted<Kind>, Refusal> {
    casework.all(
        "select kind, count(*) from casework.case_file
          where opened between :from and :until
            and (:user is null or worker = :user or second_worker = :user) group by kind",
        named_params! {
            ":user": scope.user, ":from": scope.period.from(), ":until": scope.period.until(),
        },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Open now, by kind, those that were opened before `since` counted again.
pub fn running(
    casework: &Casework<'_>,
    user: Option<UserId>,
    since: NaiveDate,
) -> Result<Vec<(Kind, u32, u32)>, Refusal> {
    casework.all(
        "select kind, count(*), count(case when opened < :since then 1 end)
           from casework.case_file
          where state <> 'closed'
            and (:user is null or worker = :user or second_worker = :user) group by kind",
        named_params! { ":user": user, ":since": since },
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// What was closed in the time: its kind, how it ended, and how many days it took.
pub fn closed(
    casework: &Casework<'_>,
    scope: &Scope,
) -> Result<Vec<(Kind, Outcome, i64)>, Refusal> {
    casework.all(
        "select kind, outcome, cast(julianday(closed) - julianday(opened) as integer)
           from casework.case_file
          where closed is not null and closed between :from and :until
            and (:user is null or worker = :user or second_worker = :user)",
        named_params! {
            ":user": scope.user, ":from": scope.period.from(), ":until": scope.period.until(),
        },
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// How often an issue stands in cases opened in the time, and in those open now.
pub fn by_issue(casework: &Casework<'_>, scope: &Scope) -> Result<Vec<(Issue, u32, u32)>, Refusal> {
    casework.all(
        "select issue, sum(new), sum(open) from (
           select i.issue as issue, 1 as new, 0 as open from casework.case_issue i
            where i.case_file in (select id from casework.case_file
              where opened between :from and :until
                and (:user is null or worker = :user or second_worker = :user))
           union all
           select i.issue, 0, 1 from casework.case_issue i
            where i.case_file in (select id from casework.case_file
              where state <> 'closed'
                and (:user is null or worker = :user or second_worker = :user)))
          group by issue order by sum(new) desc, sum(open) desc, issue",
        named_params! {
            ":user": scope.user, ":from": scope.period.from(), ":until": scope.period.until(),
        },
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// Parties on one page of numbers.
const MOST_PARTIES: u32 = 30;

/// The parties with the most cases: opened in the time, and open now.
pub fn by_party(
    casework: &Casework<'_>,
    scope: &Scope,
) -> Result<Vec<(PartyId, String, u32, u32)>, Refusal> {
    casework.all(
        "select p.party, n.written, sum(p.new), sum(p.open) from (
           select party, 1 as new, 0 as open from casework.case_party
            where case_file in (select id from casework.case_file
              where opened between :from and :until
                and (:user is null or worker = :user or second_worker = :user))
           union all
           select party, 0, 1 from casework.case_party
            where case_file in (select id from casework.case_file
              where state <> 'closed'
                and (:user is null or worker = :user or second_worker = :user))) p
           join casework.party_name n on n.party = p.party and n.place = 0
          group by p.party order by sum(p.open) desc, sum(p.new) desc, n.written limit :most",
        named_params! {
            ":user": scope.user, ":from": scope.period.from(), ":until": scope.period.until(),
            ":most": MOST_PARTIES,
        },
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )
}

/// What was claimed, agreed and received in the time, each currency by itself.
pub fn money(casework: &Casework<'_>, scope: &Scope) -> Result<Vec<(SumKind, Amount)>, Refusal> {
    casework.all(
        "select s.kind, s.currency, sum(s.minor) from casework.case_sum s
          where s.voided is null and s.day between :from and :until
            and s.kind in ('claimed', 'agreed', 'received')
            and (:user is null or s.case_file in (select id from casework.case_file
                  where worker = :user or second_worker = :user))
          group by s.currency, s.kind order by s.currency",
        named_params! {
            ":user": scope.user, ":from": scope.period.from(), ":until": scope.period.until(),
        },
        |row| {
            let code: String = row.get(1)?;
            let amount = Amount::new(row.get(2)?, &code);
            Ok((row.get(0)?, amount.ok_or(rusqlite::Error::InvalidQuery)?))
        },
    )
}

/// A rate with who typed it, and when.
pub struct Typed {
    pub rate: Rate,
    pub day: NaiveDate,
    pub by: String,
}

pub fn type_rate(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    rate: Rate,
) -> Result<RateId, Refusal> {
    let id = RateId::new(world);
    let (amount, worth) = (rate.amount(), rate.worth());
    tx.execute(
        "insert into casework.rate
           (id, minor, currency, worth_minor, worth_currency, day, created, by)
         values (:id, :minor, :currency, :worth_minor, :worth_currency, :day, :created, :by)",
        named_params! {
            ":id": id, ":minor": amount.minor, ":currency": amount.currency.code,
            ":worth_minor": worth.minor, ":worth_currency": worth.currency.code,
            ":day": world.today(), ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    Ok(id)
}

/// The last rate between `into` and each other currency, whichever way round it was typed.
pub fn rates(casework: &Casework<'_>, into: &Currency) -> Result<Vec<Typed>, Refusal> {
    let all: Vec<Typed> = casework.all(
        "select r.minor, r.currency, r.worth_minor, r.worth_currency, r.day, coalesce(u.name, '')
           from casework.rate r left join user u on u.id = r.by
          where r.currency = :into or r.worth_currency = :into
          order by r.created desc, r.id desc limit 200",
        named_params! { ":into": into.code },
        |row| {
            let (one, other): (String, String) = (row.get(1)?, row.get(3)?);
            let rate = Option::zip(
                Amount::new(row.get(0)?, &one),
                Amount::new(row.get(2)?, &other),
            )
            .and_then(|(amount, worth)| Rate::new(amount, worth));
            Ok(Typed {
                rate: rate.ok_or(rusqlite::Error::InvalidQuery)?,
                day: row.get(4)?,
                by: row.get(5)?,
            })
        },
    )?;
    let mut last: Vec<Typed> = Vec::new();
    for typed in all {
        let pair = |rate: Rate| {
            let mut codes = [rate.amount().currency.code, rate.worth().currency.code];
            codes.sort_unstable();
            codes
        };
        if last
            .iter()
            .all(|known| pair(known.rate) != pair(typed.rate))
        {
            last.push(typed);
        }
    }
    Ok(last)
}

/// Something that stands in the calendar.
pub struct Dated {
    pub kind: DatedKind,
    pub day: NaiveDate,
    pub what: String,
    pub case: CaseId,
    pub number: CaseNumber,
    pub person: Option<PersonId>,
    pub item: RecordId,
}

/// Open deadlines, hearings and appointments in the cases that `user` has or helps with.
pub fn dated(casework: &Casework<'_>, user: UserId, period: Period) -> Result<Vec<Dated>, Refusal> {
    casework.all(
        "with own as (
           select id, year, serial from casework.case_file where worker = :user and state <> 'closed'
           union
           select id, year, serial from casework.case_file
            where second_worker = :user and state <> 'closed')
         select d.kind, d.day, d.what, d.case_file, o.year, o.serial,
                (select person from casework.case_person p
                  where p.case_file = d.case_file and p.place = 0), d.item
           from (
             select 'deadline' as kind, day, source as what, case_file, id as item
               from casework.case_deadline where answer is null and day between :from and :until
             union all
             select 'hearing', day, coalesce(hour || ' · ', '') || place, case_file, id
               from casework.case_hearing where day between :from and :until
             union all
             select 'appointment', a.day, a.hour || coalesce(' · ' || a.room, ''), c.case_file, a.id
               from appointment a join casework.case_appointment c on c.appointment = a.id
              where a.undone is null and a.day between :from and :until
           ) d join own o on o.id = d.case_file
          order by d.day, d.kind, d.what limit 500",
        named_params! { ":user": user, ":from": period.from(), ":until": period.until() },
        |row| {
            Ok(Dated {
                kind: row.get(0)?,
                day: row.get(1)?,
                what: row.get(2)?,
                case: row.get(3)?,
                number: CaseNumber {
                    year: row.get(4)?,
                    serial: row.get(5)?,
                },
                person: row.get(6)?,
                item: row.get(7)?,
            })
        },
    )
}
