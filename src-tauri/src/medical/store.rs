//! Episodes in casework.db, with their visits, costs and follow-ups.

use chrono::NaiveDate;
use rusqlite::named_params;

use super::rules::{Ended, Need, VisitOutcome};
use crate::cases::rules::Urgency;
use crate::cases::store::amount;
use crate::kit::id::{
    CaseId, EpisodeId, FollowUpId, MedicalCostId, MedicalVisitId, PersonId, UserId,
};
use crate::kit::money::Amount;
use crate::kit::world::World;
use crate::referrals::rules::Payer;
use crate::vault::{Actor, Casework, CaseworkTx, Refusal};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Episode {
    pub id: EpisodeId,
    pub person: PersonId,
    pub need: Need,
    pub urgency: Urgency,
    pub words: Option<String>,
    pub begun: NaiveDate,
    pub ended: Option<Ended>,
    pub by: String,
}

pub struct NewEpisode<'e> {
    pub person: PersonId,
    pub need: Need,
    pub urgency: Urgency,
    pub words: Option<&'e str>,
}

/// Those that go on first, then the last.
pub fn episodes(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Episode>, Refusal> {
    casework.all(
        "select e.id, e.person, e.need, e.urgency, e.words, e.begun, e.ended, e.result,
                coalesce(u.name, '')
           from casework.medical_episode e left join user u on u.id = e.by
          where e.case_file = :case
          order by e.ended is not null, e.begun desc, e.created desc",
        named_params! { ":case": case },
        |row| {
            Ok(Episode {
                id: row.get(0)?,
                person: row.get(1)?,
                need: row.get(2)?,
                urgency: row.get(3)?,
                words: row.get(4)?,
                begun: row.get(5)?,
                ended: Option::zip(row.get(6)?, row.get(7)?)
                    .map(|(on, result)| Ended { on, result }),
                by: row.get(8)?,
            })
        },
    )
}

/// The episode, if it is one of this case.
pub fn episode(casework: &Casework<'_>, case: CaseId, id: EpisodeId) -> Result<Episode, Refusal> {
    let episodes = episodes(casework, case)?;
    let found = episodes.into_iter().find(|episode| episode.id == id);
    found.ok_or(Refusal::Missing)
}

pub fn begin(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    new: &NewEpisode<'_>,
) -> Result<EpisodeId, Refusal> {
    let id = EpisodeId::new(world);
    tx.execute(
        "insert into casework.medical_episode
           (id, case_file, person, need, urgency, words, begun, created, by)
         values (:id, :case, :person, :need, :urgency, :words, :begun, :created, :by)",
        named_params! {
            ":id": id, ":case": case, ":person": new.person, ":need": new.need,
            ":urgency": new.urgency, ":words": new.words, ":begun": world.today(),
            ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    Ok(id)
}

/// Only `rules::ends` lets an episode end.
pub fn end(tx: &CaseworkTx<'_>, episode: EpisodeId, ended: &Ended) -> Result<(), Refusal> {
    tx.execute(
        "update casework.medical_episode set ended = :on, result = :result where id = :id",
        named_params! { ":id": episode, ":on": ended.on, ":result": ended.result },
    )?;
    Ok(())
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    pub id: MedicalVisitId,
    pub day: NaiveDate,
    pub hour: Option<String>,
    pub place: String,
    pub with_user: Option<String>,
    pub with_other: Option<String>,
    pub outcome: Option<VisitOutcome>,
    pub told: Option<String>,
}

pub struct NewVisit<'v> {
    pub day: NaiveDate,
    pub hour: Option<&'v str>,
    pub place: &'v str,
    pub with_user: Option<UserId>,
    pub with_other: Option<&'v str>,
}

/// The last first.
pub fn visits(casework: &Casework<'_>, episode: EpisodeId) -> Result<Vec<Visit>, Refusal> {
    casework.all(
        "select v.id, v.day, v.hour, v.place, u.name, v.with_other, v.outcome, v.told
           from casework.medical_visit v left join user u on u.id = v.with_user
          where v.episode = :episode order by v.day desc, v.hour desc",
        named_params! { ":episode": episode },
        |row| {
            Ok(Visit {
                id: row.get(0)?,
                day: row.get(1)?,
                hour: row.get(2)?,
                place: row.get(3)?,
                with_user: row.get(4)?,
                with_other: row.get(5)?,
                outcome: row.get(6)?,
                told: row.get(7)?,
            })
        },
    )
}

pub fn plan_visit(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    episode: EpisodeId,
    new: &NewVisit<'_>,
) -> Result<(), Refusal> {
    tx.execute(
        "insert into casework.medical_visit
           (id, episode, day, hour, place, with_user, with_other, created, by)
         values (:id, :episode, :day, :hour, :place, :user, :other, :created, :by)",
        named_params! {
            ":id": MedicalVisitId::new(world), ":episode": episode, ":day": new.day,
            ":hour": new.hour, ":place": new.place, ":user": new.with_user,
            ":other": new.with_other, ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    Ok(())
}

/// Whether there was such a visit of which nothing was told yet.
pub fn tell_visit(
    tx: &CaseworkTx<'_>,
    episode: EpisodeId,
    visit: MedicalVisitId,
    outcome: VisitOutcome,
    told: Option<&str>,
) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update casework.medical_visit set outcome = :outcome, told = :told
          where id = :id and episode = :episode and outcome is null",
        named_params! {
            ":id": visit, ":episode": episode, ":outcome": outcome, ":told": told,
        },
    )?;
    Ok(changed == 1)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    pub id: MedicalCostId,
    pub day: NaiveDate,
    pub what: String,
    pub amount: Amount,
    pub payer: Payer,
    pub void_reason: Option<String>,
}

pub struct NewCost<'c> {
    pub day: NaiveDate,
    pub what: &'c str,
    pub amount: Amount,
    pub payer: Payer,
}

pub fn costs(casework: &Casework<'_>, episode: EpisodeId) -> Result<Vec<Cost>, Refusal> {
    casework.all(
        "select id, day, what, minor, currency, payer, void_reason from casework.medical_cost
          where episode = :episode order by day, created",
        named_params! { ":episode": episode },
        |row| {
            Ok(Cost {
                id: row.get(0)?,
                day: row.get(1)?,
                what: row.get(2)?,
                amount: amount(row, 3)?,
                payer: row.get(5)?,
                void_reason: row.get(6)?,
            })
        },
    )
}

pub fn note_cost(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    episode: EpisodeId,
    new: &NewCost<'_>,
) -> Result<(), Refusal> {
    tx.execute(
        "insert into casework.medical_cost
           (id, episode, day, what, minor, currency, payer, created, by)
         values (:id, :episode, :day, :what, :minor, :currency, :payer, :created, :by)",
        named_params! {
            ":id": MedicalCostId::new(world), ":episode": episode, ":day": new.day,
            ":what": new.what, ":minor": new.amount.minor, ":currency": new.amount.currency.code,
            ":payer": new.payer, ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    Ok(())
}

/// Whether there was such a cost that counts.
pub fn void_cost(
    tx: &CaseworkTx<'_>,
    world: &World,
    episode: EpisodeId,
    cost: MedicalCostId,
    reason: &str,
) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update casework.medical_cost set voided = :now, void_reason = :reason
          where id = :id and episode = :episode and voided is null",
        named_params! {
            ":id": cost, ":episode": episode, ":now": world.stamp(), ":reason": reason,
        },
    )?;
    Ok(changed == 1)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    pub id: FollowUpId,
    pub due: NaiveDate,
    pub what: String,
    pub done: Option<NaiveDate>,
    pub result: Option<String>,
}

/// Those still to do first, the earliest of them first.
pub fn follow_ups(casework: &Casework<'_>, episode: EpisodeId) -> Result<Vec<FollowUp>, Refusal> {
    casework.all(
        "select id, due, what, done, result from casework.medical_follow_up
          where episode = :episode order by done is not null, due",
        named_params! { ":episode": episode },
        |row| {
            Ok(FollowUp {
                id: row.get(0)?,
                due: row.get(1)?,
                what: row.get(2)?,
                done: row.get(3)?,
                result: row.get(4)?,
            })
        },
    )
}

pub fn plan_follow_up(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    episode: EpisodeId,
    due: NaiveDate,
    what: &str,
) -> Result<(), Refusal> {
    tx.execute(
        "insert into casework.medical_follow_up (id, episode, due, what, created, by)
         values (:id, :episode, :due, :what, :created, :by)",
        named_params! {
            ":id": FollowUpId::new(world), ":episode": episode, ":due": due, ":what": what,
            ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    Ok(())
}

/// Whether there was such a follow-up still to do.
pub fn follow_up_done(
    tx: &CaseworkTx<'_>,
    world: &World,
    episode: EpisodeId,
    follow_up: FollowUpId,
    result: Option<&str>,
) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update casework.medical_follow_up set done = :today, result = :result
          where id = :id and episode = :episode and done is null",
        named_params! {
            ":id": follow_up, ":episode": episode, ":today": world.today(), ":result": result,
        },
    )?;
    Ok(changed == 1)
}
