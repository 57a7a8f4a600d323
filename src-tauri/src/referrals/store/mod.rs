//! The referral tables in casework.db.

pub mod incoming;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use rusqlite::{Row, named_params};

use super::rules::{Asked, Consent, Covered, NotCovered, Out, Payer, Stage, Told, cover};
use crate::cases::rules::{CaseFile, CaseNumber, Urgency};
use crate::cases::store as cases;
use crate::interpreters::rules::Assigned;
use crate::kit::id::{
    AppointmentId, CaseId, InterpreterId, PartnerId, PersonId, ReferralId, UserId,
};
use crate::kit::lang::Lang;
use crate::kit::lists::Service;
use crate::kit::money::Amount;
use crate::kit::world::World;
use crate::partners::rules::{Chosen, choose};
use crate::partners::{self, Partner};
use crate::people::consent::How;
use crate::vault::{Actor, Casework, CaseworkTx, Refusal};

/// What a worker types before anything is sent.
#[derive(Clone, Debug)]
pub struct Draft {
    pub person: PersonId,
    pub chosen: Chosen,
    pub need: Service,
    pub urgency: Urgency,
    pub ask: Option<String>,
    pub story: Option<String>,
    pub health: Option<String>,
    pub papers: Option<String>,
    pub told: BTreeSet<Told>,
    pub accompanied_by: Option<String>,
    pub interpreter: Option<InterpreterId>,
    pub payer: Payer,
    pub estimate: Option<Amount>,
    pub follow_up: Option<NaiveDate>,
}

#[derive(Clone, Debug)]
pub struct Referral {
    pub id: ReferralId,
    pub year: i32,
    pub serial: u32,
    pub case: CaseId,
    pub person: PersonId,
    pub partner: PartnerId,
    pub partner_reason: Option<String>,
    pub need: Service,
    pub urgency: Urgency,
    pub ask: Option<String>,
    pub story: Option<String>,
    pub health: Option<String>,
    pub papers: Option<String>,
    pub told: BTreeSet<Told>,
    pub state: Out,
    pub appointment: Option<AppointmentId>,
    /// The last appointment that was made, also one that was missed.
    pub appointed: Option<NaiveDateTime>,
    pub accompanied_by: Option<String>,
    pub interpreter: Option<InterpreterId>,
    pub payer: Payer,
    pub estimate: Option<Amount>,
    pub actual: Option<Amount>,
    pub follow_up: Option<NaiveDate>,
    /// When it came to where it is.
    pub since: DateTime<Utc>,
}

impl Referral {
    /// R-2026-0012.
    pub fn number(&self) -> String {
        format!("R-{}-{:04}", self.year, self.serial)
    }

    pub fn asked(&self) -> Asked {
        Asked {
            need: self.need,
            ask: self.ask.clone(),
            typed: Some(self.typed()),
        }
    }

    /// A hash of what is read out before somebody agrees.
    pub fn read_out(&self) -> String {
        let told: Vec<_> = self.told.iter().map(|told| told.code()).collect();
        let (person, partner) = (self.person.to_string(), self.partner.to_string());
        let asked = self.asked();
        let all = serde_json::json!([
            person,
            partner,
            told,
            asked.need.code(),
            asked.ask,
            asked.typed
        ]);
        blake3::hash(all.to_string().as_bytes())
            .to_hex()
            .to_string()
    }

    /// When the agreement was taken back, of a referral that is open and whose partner was told
    /// already.
    pub fn taken_back(&self, consent: Option<&Consent>) -> Option<NaiveDate> {
        let told = !matches!(self.state, Out::Drafted | Out::Declined { .. });
        let goes_on = told && self.state.is_open();
        consent.filter(|_| goes_on)?.withdrawn
    }

    /// What was typed for this letter alone.
    pub fn typed_of(&self, told: Told) -> Option<&String> {
        match told {
            Told::Story => self.story.as_ref(),
            Told::Health => self.health.as_ref(),
            Told::Papers => self.papers.as_ref(),
            _ => None,
        }
    }

    fn typed(&self) -> [u8; 32] {
        let told = self.told.iter();
        let words: Vec<_> = told.map(|one| (one.code(), self.typed_of(*one))).collect();
        *blake3::hash(serde_json::json!(words).to_string().as_bytes()).as_bytes()
    }
}

const COLUMNS: &str = "id, year, serial, case_file, person, partner, partner_reason, need, urgency,
    ask, story, health, papers, state, sent, words, appointment_at, appointment, accompanied_by,
    interpreter, payer, currency, estimate_minor, actual_minor, follow_up,
    coalesce((select s.at from casework.referral_step s where s.referral = referral.id
               order by s.seq desc limit 1), created)";

pub fn referral(casework: &Casework<'_>, id: ReferralId) -> Result<Option<Referral>, Refusal> {
    let told = told(casework, id)?;
    casework.one(
        &format!("select {COLUMNS} from casework.referral where id = :id"),
        named_params! { ":id": id },
        |row| read(row, told.clone()),
    )
}

pub fn told(casework: &Casework<'_>, id: ReferralId) -> Result<BTreeSet<Told>, Refusal> {
    let told = casework.all(
        "select told from casework.referral_told where referral = :id",
        named_params! { ":id": id },
        |row| row.get(0),
    )?;
    Ok(told.into_iter().collect())
}

fn read(row: &Row<'_>, told: BTreeSet<Told>) -> rusqlite::Result<Referral> {
    let currency: Option<String> = row.get(21)?;
    let amount = |minor: Option<i64>| {
        let currency = currency.as_deref()?;
        Amount::new(minor?, currency)
    };
    Ok(Referral {
        id: row.get(0)?,
        year: row.get(1)?,
        serial: row.get(2)?,
        case: row.get(3)?,
        person: row.get(4)?,
        partner: row.get(5)?,
        partner_reason: row.get(6)?,
        need: row.get(7)?,
        urgency: row.get(8)?,
        ask: row.get(9)?,
        story: row.get(10)?,
        health: row.get(11)?,
        papers: row.get(12)?,
        told,
        state: state(row)?,
        appointed: row.get(16)?,
        appointment: row.get(17)?,
        accompanied_by: row.get(18)?,
        interpreter: row.get(19)?,
        payer: row.get(20)?,
        estimate: amount(row.get(22)?),
        actual: amount(row.get(23)?),
        follow_up: row.get(24)?,
        since: row.get(25)?,
    })
}

fn state(row: &Row<'_>) -> rusqlite::Result<Out> {
    let words: Option<String> = row.get(15)?;
    let told = |words: Option<String>| words.unwrap_or_default();
    Ok(match row.get(13)? {
        Stage::Drafted | Stage::Consented => Out::Drafted,
        Stage::Sent | Stage::NoAnswer => Out::Sent { on: row.get(14)? },
        Stage::Accepted => Out::Accepted { place: words },
        Stage::Declined => Out::Declined {
            reason: told(words),
        },
        Stage::Appointment => Out::Appointment { at: row.get(16)? },
        Stage::Arrived => Out::Arrived {
            on: words.and_then(|day| day.parse().ok()),
        },
        Stage::Missed => Out::Missed,
        Stage::Completed => Out::Completed {
            result: told(words),
        },
        Stage::Cancelled => Out::Cancelled { reason: words },
    })
}

/// Those with this serial number of a year, or of any, the newest first.
pub fn numbered(
    casework: &Casework<'_>,
    year: Option<i32>,
    serial: u32,
) -> Result<Vec<Referral>, Refusal> {
    casework.all(
        &format!(
            "select {COLUMNS} from casework.referral
              where serial = :serial and (:year is null or year = :year) order by year desc"
        ),
        named_params! { ":year": year, ":serial": serial },
        |row| read(row, BTreeSet::new()),
    )
}

/// Of one case, the newest first.
pub fn of_case(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Referral>, Refusal> {
    casework.all(
        &format!(
            "select {COLUMNS} from casework.referral where case_file = :case
              order by year desc, serial desc"
        ),
        named_params! { ":case": case },
        |row| read(row, BTreeSet::new()),
    )
}

/// More than a centre has open at one time.
const MOST_OPEN: u32 = 500;

/// Those that still need something, of cases that this worker has or helps with.
pub fn open_of(casework: &Casework<'_>, user: UserId) -> Result<Vec<Referral>, Refusal> {
    casework.all(
        &format!(
            "select {COLUMNS} from casework.referral
              where state not in ('completed', 'cancelled') and case_file in
                (select c.id from casework.case_file c
                  where c.worker = :user or c.second_worker = :user or c.worker is null)
              order by year desc, serial desc limit :most"
        ),
        named_params! { ":user": user, ":most": MOST_OPEN },
        |row| read(row, BTreeSet::new()),
    )
}

/// Those that still need something in the cases that this worker has or helps with, each with the
/// number of its case.
pub fn own_open(
    casework: &Casework<'_>,
    user: UserId,
) -> Result<Vec<(Referral, CaseNumber)>, Refusal> {
    let cases: HashMap<CaseId, CaseNumber> = casework
        .all(
            "select id, year, serial from casework.case_file where worker = :user
              union select id, year, serial from casework.case_file where second_worker = :user",
            named_params! { ":user": user },
            |row| {
                let number = CaseNumber {
                    year: row.get(1)?,
                    serial: row.get(2)?,
                };
                Ok((row.get(0)?, number))
            },
        )?
        .into_iter()
        .collect();
    let open = casework.all(
        &format!(
            "select {COLUMNS} from casework.referral
              where state not in ('completed', 'cancelled') and case_file in
                (select id from casework.case_file where worker = :user
                  union select id from casework.case_file where second_worker = :user)
              limit :most"
        ),
        named_params! { ":user": user, ":most": MOST_OPEN },
        |row| read(row, BTreeSet::new()),
    )?;
    let known = open.into_iter().filter_map(|referral| {
        let number = *cases.get(&referral.case)?;
        Some((referral, number))
    });
    Ok(known.collect())
}

/// How many referrals to one partner came how far: sent, arrived, completed, declined, missed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Results {
    pub sent: u32,
    pub accepted: u32,
    pub arrived: u32,
    pub missed: u32,
    pub completed: u32,
    pub declined: u32,
}

pub fn results(casework: &Casework<'_>, partner: PartnerId) -> Result<Results, Refusal> {
    // A referral counts once for each stage that it ever reached.
    let counted = casework.one(
        "select count(distinct case when s.stage = 'sent' then s.referral end),
                count(distinct case when s.stage = 'accepted' then s.referral end),
                count(distinct case when s.stage = 'arrived' then s.referral end),
                count(distinct case when s.stage = 'missed' then s.referral end),
                count(distinct case when s.stage = 'completed' then s.referral end),
                count(distinct case when s.stage = 'declined' then s.referral end)
           from casework.referral_step s
          where s.partner = :partner",
        named_params! { ":partner": partner },
        |row| {
            Ok(Results {
                sent: row.get(0)?,
                accepted: row.get(1)?,
                arrived: row.get(2)?,
                missed: row.get(3)?,
                completed: row.get(4)?,
                declined: row.get(5)?,
            })
        },
    )?;
    Ok(counted.unwrap_or_default())
}

pub fn insert(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    draft: &Draft,
) -> Result<ReferralId, Refusal> {
    let id = ReferralId::new(world);
    let year = world.today().year();
    let serial: u32 = tx
        .one(
            "select coalesce(max(serial), 0) + 1 from casework.referral where year = :year",
            named_params! { ":year": year },
            |row| row.get(0),
        )?
        .unwrap_or(1);
    tx.execute(
        "insert into casework.referral
           (id, year, serial, case_file, person, partner, need, urgency, state, payer, created, by)
         values (:id, :year, :serial, :case, :person, :partner, :need, :urgency, 'drafted', :payer,
                 :created, :by)",
        named_params! {
            ":id": id, ":year": year, ":serial": serial, ":case": case, ":person": draft.person,
            ":partner": draft.chosen.partner(), ":need": draft.need, ":urgency": draft.urgency,
            ":payer": draft.payer, ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    revise(tx, id, draft)?;
    note_step(
        tx,
        world,
        actor,
        id,
        draft.chosen.partner(),
        Stage::Drafted,
        None,
    )?;
    Ok(id)
}

/// Only a draft is written anew; what was sent stays as it was sent.
pub fn revise(tx: &CaseworkTx<'_>, id: ReferralId, draft: &Draft) -> Result<(), Refusal> {
    let changed = tx.execute(
        "update casework.referral set person = :person, partner = :partner,
                partner_reason = :reason, need = :need, urgency = :urgency, ask = :ask,
                story = :story, health = :health, papers = :papers,
                accompanied_by = :accompanied_by, interpreter = :interpreter, payer = :payer,
                currency = :currency, estimate_minor = :estimate, follow_up = :follow_up
          where id = :id and state = 'drafted'",
        named_params! {
            ":id": id, ":person": draft.person, ":partner": draft.chosen.partner(),
            ":reason": draft.chosen.reason(), ":need": draft.need, ":urgency": draft.urgency,
            ":ask": draft.ask, ":story": draft.story, ":health": draft.health,
            ":papers": draft.papers, ":accompanied_by": draft.accompanied_by,
            ":interpreter": draft.interpreter, ":payer": draft.payer,
            ":currency": draft.estimate.map(|amount| amount.currency.code),
            ":estimate": draft.estimate.map(|amount| amount.minor), ":follow_up": draft.follow_up,
        },
    )?;
    if changed == 0 {
        return Err(Refusal::Missing);
    }
    tx.execute(
        "delete from casework.referral_told where referral = :id",
        named_params! { ":id": id },
    )?;
    for told in &draft.told {
        tx.execute(
            "insert into casework.referral_told (referral, told) values (:id, :told)",
            named_params! { ":id": id, ":told": told },
        )?;
    }
    Ok(())
}

fn note_step(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    id: ReferralId,
    partner: PartnerId,
    stage: Stage,
    words: Option<&str>,
) -> Result<(), Refusal> {
    tx.execute(
        "insert into casework.referral_step (referral, partner, at, by, stage, words)
         values (:id, :partner, :at, :by, :stage, :words)",
        named_params! {
            ":id": id, ":partner": partner, ":at": world.stamp(), ":by": actor.user,
            ":stage": stage, ":words": words,
        },
    )?;
    Ok(())
}

/// Keeps where a referral came to.
pub fn put_state(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    referral: &Referral,
    state: &Out,
) -> Result<(), Refusal> {
    let words = match state {
        Out::Declined { reason } => Some(reason.clone()),
        Out::Completed { result } => Some(result.clone()),
        Out::Cancelled { reason } => reason.clone(),
        Out::Accepted { place } => place.clone(),
        Out::Arrived { on } => on.map(|on| on.to_string()),
        _ => None,
    };
    let (sent, at) = match state {
        Out::Sent { on } => (Some(*on), None),
        Out::Appointment { at } => (None, Some(*at)),
        _ => (None, None),
    };
    tx.execute(
        "update casework.referral set state = :state, words = :words,
                sent = coalesce(:sent, sent), appointment_at = coalesce(:at, appointment_at),
                -- What was to be asked is answered by a step; only a letter that goes has it before it.
                follow_up = case when :state = 'sent' and follow_up > :today then follow_up end
          where id = :id",
        named_params! {
            ":id": referral.id, ":state": state.stored(), ":words": words, ":sent": sent, ":at": at,
            ":today": world.today(),
        },
    )?;
    let (id, partner) = (referral.id, referral.partner);
    let words = words.as_deref();
    note_step(tx, world, actor, id, partner, state.stored(), words)
}

/// Who speaks for the person at the partner's.
pub fn put_interpreter(
    tx: &CaseworkTx<'_>,
    id: ReferralId,
    interpreter: Option<Assigned>,
) -> Result<(), Refusal> {
    tx.execute(
        "update casework.referral set interpreter = :interpreter where id = :id",
        named_params! { ":id": id, ":interpreter": interpreter.map(Assigned::interpreter) },
    )?;
    Ok(())
}

/// The desk's row of the appointment; `None` once it was taken back.
pub fn put_appointment(
    tx: &CaseworkTx<'_>,
    id: ReferralId,
    appointment: Option<AppointmentId>,
) -> Result<(), Refusal> {
    tx.execute(
        "update casework.referral set appointment = :appointment where id = :id",
        named_params! { ":id": id, ":appointment": appointment },
    )?;
    Ok(())
}

/// What it cost in the end, in the currency of the estimate or a first one.
pub fn put_cost(
    tx: &CaseworkTx<'_>,
    id: ReferralId,
    payer: Payer,
    actual: Option<Amount>,
    follow_up: Option<NaiveDate>,
) -> Result<(), Refusal> {
    tx.execute(
        "update casework.referral set payer = :payer, actual_minor = :actual,
                currency = coalesce(:currency, currency), follow_up = :follow_up where id = :id",
        named_params! {
            ":id": id, ":payer": payer, ":actual": actual.map(|amount| amount.minor),
            ":currency": actual.map(|amount| amount.currency.code), ":follow_up": follow_up,
        },
    )?;
    Ok(())
}

/// What can happen to a referral.
pub enum What {
    Came(Stage),
    Agreed(How),
    Withdrawn,
    Printed,
}

/// One thing that happened to a referral.
pub struct Happened {
    /// `None` for an agreement of which only the day was kept.
    pub at: Option<DateTime<Utc>>,
    pub day: Option<NaiveDate>,
    pub by: String,
    pub what: What,
    pub words: Option<String>,
    /// To whom it was at that time; `None` only of a print from before its agreement was kept.
    pub partner: Option<PartnerId>,
}

/// In order. A letter is only printed for the partner that was last agreed to.
pub fn history(casework: &Casework<'_>, id: ReferralId) -> Result<Vec<Happened>, Refusal> {
    casework.all(
        "select h.at, h.day, coalesce(u.name, ''), h.kind, h.code, h.words, h.partner
           from (select seq, at, null as day, by, 'came' as kind, stage as code, words, partner
                   from casework.referral_step where referral = :id
                 union all
                 select seq, at, given, by, 'agreed', how, null, partner
                   from casework.referral_consent where referral = :id
                 union all
                 select seq, withdrawn_at, withdrawn, withdrawn_by, 'withdrawn', null, null, partner
                   from casework.referral_consent where referral = :id and withdrawn is not null
                 union all
                 select p.seq, p.at, null, p.by, 'printed', null, null,
                        (select c.partner from casework.referral_consent c
                          where c.referral = p.referral and coalesce(c.at, c.given) <= p.at
                          order by c.seq desc limit 1)
                   from casework.referral_print p where p.referral = :id) h
           left join user u on u.id = h.by
          order by coalesce(h.at, h.day || 'T12'), h.seq",
        named_params! { ":id": id },
        |row| {
            let kind: String = row.get(3)?;
            Ok(Happened {
                at: row.get(0)?,
                day: row.get(1)?,
                by: row.get(2)?,
                what: match &*kind {
                    "came" => What::Came(row.get(4)?),
                    "agreed" => What::Agreed(row.get(4)?),
                    "withdrawn" => What::Withdrawn,
                    _ => What::Printed,
                },
                words: row.get(5)?,
                partner: row.get(6)?,
            })
        },
    )
}

/// When a letter was printed, and the mark of what it said.
pub struct Print {
    pub at: DateTime<Utc>,
    pub mark: [u8; 32],
}

pub fn note_print(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    id: ReferralId,
    mark: [u8; 32],
) -> Result<(), Refusal> {
    tx.execute(
        "insert into casework.referral_print (referral, at, by, mark)
         values (:id, :at, :by, :mark)",
        named_params! { ":id": id, ":at": world.stamp(), ":by": actor.user, ":mark": mark },
    )?;
    Ok(())
}

pub fn last_print(casework: &Casework<'_>, id: ReferralId) -> Result<Option<Print>, Refusal> {
    casework.one(
        "select at, mark from casework.referral_print
          where referral = :id order by seq desc limit 1",
        named_params! { ":id": id },
        |row| {
            Ok(Print {
                at: row.get(0)?,
                mark: row.get(1)?,
            })
        },
    )
}

/// What is agreed to now.
pub struct Agreement<'a> {
    pub person: PersonId,
    pub partner: PartnerId,
    pub asked: &'a Asked,
    pub told: &'a BTreeSet<Told>,
    /// The very words, and the language they are kept in.
    pub words: &'a str,
    pub language: Lang,
    /// ISO 639-3: the language in which they were said.
    pub read_in: &'a str,
    pub how: How,
    pub expires: Option<NaiveDate>,
}

pub fn agree(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    id: ReferralId,
    agreement: &Agreement<'_>,
) -> Result<(), Refusal> {
    let told: Vec<&str> = agreement.told.iter().map(|told| told.code()).collect();
    tx.execute(
        "insert into casework.referral_consent
           (referral, person, partner, need, ask, typed, words, language, read_in, how, told, given,
            expires, by, at)
         values (:id, :person, :partner, :need, :ask, :typed, :words, :language, :read_in, :how, :told,
                 :given, :expires, :by, :at)",
        named_params! {
            ":id": id, ":person": agreement.person, ":partner": agreement.partner,
            ":need": agreement.asked.need, ":ask": agreement.asked.ask, ":typed": agreement.asked.typed,
            ":words": agreement.words,
            ":language": agreement.language, ":read_in": agreement.read_in, ":how": agreement.how,
            ":told": serde_json::json!(told).to_string(), ":given": world.today(),
            ":expires": agreement.expires, ":by": actor.user, ":at": world.stamp(),
        },
    )?;
    Ok(())
}

/// Whether there was one to withdraw.
pub fn withdraw(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    id: ReferralId,
) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update casework.referral_consent
            set withdrawn = :today, withdrawn_at = :at, withdrawn_by = :by
          where referral = :id and withdrawn is null",
        named_params! {
            ":id": id, ":today": world.today(), ":at": world.stamp(), ":by": actor.user,
        },
    )?;
    Ok(changed > 0)
}

/// All that a letter depends on besides the referral itself.
pub struct Standing {
    pub closed: bool,
    /// Whether the case is about the person still.
    pub concerned: bool,
    pub partner: Partner,
    pub consent: Option<Consent>,
}

impl Standing {
    pub fn of(
        casework: &Casework<'_>,
        file: &CaseFile,
        referral: &Referral,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            closed: file.state.is_closed(),
            concerned: file
                .people
                .iter()
                .any(|(id, role)| *id == referral.person && role.is_concerned()),
            partner: partners::partner(casework, referral.partner)?.ok_or(Refusal::Missing)?,
            consent: consent(casework, referral.id)?,
        })
    }

    /// Whether the letter may go today.
    pub fn covered(&self, referral: &Referral, today: NaiveDate) -> Result<Covered, NotCovered> {
        if self.closed {
            return Err(NotCovered::Closed);
        }
        if !self.concerned {
            return Err(NotCovered::OtherPerson);
        }
        choose(&self.partner, referral.partner_reason.as_deref())?;
        cover(
            referral.person,
            referral.partner,
            &referral.asked(),
            &referral.told,
            self.consent.as_ref(),
            today,
        )
    }
}

/// When a draft that may go today was agreed to, as [`Standing::covered`] tells; once sent, that
/// is asked no more.
pub fn agreed_on(
    casework: &Casework<'_>,
    referral: &Referral,
    today: NaiveDate,
) -> Result<Option<NaiveDate>, Refusal> {
    if referral.state != Out::Drafted {
        return Ok(None);
    }
    // A list reads no more than it shows.
    let referral = &Referral {
        told: told(casework, referral.id)?,
        ..referral.clone()
    };
    let file = cases::case_file(casework, referral.case)?.ok_or(Refusal::Missing)?;
    let standing = Standing::of(casework, &file, referral)?;
    let agreed = standing.consent.as_ref().map(|consent| consent.given);
    Ok(agreed.filter(|_| standing.covered(referral, today).is_ok()))
}

/// The agreement that counts: the last one.
pub fn consent(casework: &Casework<'_>, id: ReferralId) -> Result<Option<Consent>, Refusal> {
    casework.one(
        "select partner, told, given, expires, withdrawn, person, need, ask, typed
           from casework.referral_consent
          where referral = :id order by seq desc limit 1",
        named_params! { ":id": id },
        |row| {
            let told: String = row.get(1)?;
            let told: Vec<Told> = serde_json::from_str::<Vec<String>>(&told)
                .unwrap_or_default()
                .iter()
                .filter_map(|code| Told::from_code(code))
                .collect();
            let need: Option<Service> = row.get(6)?;
            let (ask, typed) = (row.get(7)?, row.get(8)?);
            Ok(Consent {
                partner: row.get(0)?,
                asked: need.map(|need| Asked { need, ask, typed }),
                told: told.into_iter().collect(),
                given: row.get(2)?,
                expires: row.get(3)?,
                withdrawn: row.get(4)?,
                person: row.get(5)?,
            })
        },
    )
}
