//! The tables of cases in casework.db. Whoever reads shows a [`Casework`], whoever writes a
//! [`CaseworkTx`]: only a session with the role and the key has one.

mod appointments;
mod documents;
mod lists;
mod money;
mod notes;
mod originals;
mod papers;
mod parties;
mod steps;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rusqlite::{Row, named_params};

pub use appointments::*;
pub use documents::*;
pub use lists::*;
pub use money::*;
pub use notes::*;
pub use originals::*;
pub use papers::*;
pub use parties::*;
pub use steps::*;

use super::issues::Issue;
use super::rules::{
    CaseFile, CaseNumber, Closing, Facts, LooseEnd, Outcome, Part, PersonRole, Satisfaction, Stage,
    State, Story, Wait, balances,
};
use crate::kit::date::{Precision, ToldDate};
use crate::kit::id::{CaseId, PersonId, ReadingId, TransferId, UserId};
use crate::kit::world::World;
use crate::vault::sealed::SealedKind;
use crate::vault::{Actor, Casework, CaseworkTx, Db, Refusal};

/// What intake gives.
pub struct Opening<'o> {
    pub story: &'o Story,
    pub person: PersonId,
    pub issues: &'o [IssueTold],
    /// `None` leaves it to whoever takes it.
    pub worker: Option<UserId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueTold {
    pub issue: Issue,
    pub since: Option<ToldDate>,
    pub main: bool,
}

pub fn open(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    opening: &Opening<'_>,
) -> Result<CaseId, Refusal> {
    let id = CaseId::new(world);
    let (today, story) = (world.today(), opening.story);
    let serial: u32 = tx
        .one(
            "select coalesce(max(serial), 0) + 1 from casework.case_file where year = :year",
            named_params! { ":year": today.year() },
            |row| row.get(0),
        )?
        .unwrap_or(1);
    tx.execute(
        "insert into casework.case_file
           (id, year, serial, kind, opened, channel, urgency, state, worker, words, goal, safety,
            created, created_by)
         values (:id, :year, :serial, :kind, :opened, :channel, :urgency, 'open', :worker, :words,
                 :goal, :safety, :created, :by)",
        named_params! {
            ":id": id, ":year": today.year(), ":serial": serial, ":kind": story.kind,
            ":opened": today, ":channel": story.channel, ":urgency": story.urgency,
            ":worker": opening.worker, ":words": story.words, ":goal": story.goal,
            ":safety": story.safety, ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    add_person(tx, id, opening.person, PersonRole::Client)?;
    for told in opening.issues {
        put_issue(tx, id, told)?;
    }
    Ok(id)
}

pub fn add_person(
    tx: &CaseworkTx<'_>,
    case: CaseId,
    person: PersonId,
    role: PersonRole,
) -> Result<(), Refusal> {
    tx.execute(
        "insert into casework.case_person (case_file, person, role, place)
         values (:case, :person, :role,
                 (select coalesce(max(place) + 1, 0) from casework.case_person where case_file = :case))
         on conflict do update set role = excluded.role",
        named_params! { ":case": case, ":person": person, ":role": role },
    )?;
    Ok(())
}

/// Takes somebody out who is not in the case after all; `false` where they are not in it, or are
/// the one whom it was opened for.
pub fn remove_person(tx: &CaseworkTx<'_>, case: CaseId, person: PersonId) -> Result<bool, Refusal> {
    let removed = tx.execute(
        "delete from casework.case_person
          where case_file = :case and person = :person and place > 0",
        named_params! { ":case": case, ":person": person },
    )?;
    Ok(removed > 0)
}

/// Keeps an issue, or what is newly known of it. There is one main issue.
pub fn put_issue(tx: &CaseworkTx<'_>, case: CaseId, told: &IssueTold) -> Result<(), Refusal> {
    if told.main {
        tx.execute(
            "update casework.case_issue set main = 0 where case_file = :case",
            named_params! { ":case": case },
        )?;
    }
    tx.execute(
        "insert into casework.case_issue (case_file, issue, since, since_precision, main)
         values (:case, :issue, :since, :precision, :main)
         on conflict do update set since = excluded.since,
           since_precision = excluded.since_precision, main = excluded.main",
        named_params! {
            ":case": case, ":issue": told.issue, ":since": told.since.map(|since| since.date),
            ":precision": told.since.map(|since| since.precision.code()), ":main": told.main,
        },
    )?;
    Ok(())
}

/// Takes out an issue that was not one.
pub fn drop_issue(tx: &CaseworkTx<'_>, case: CaseId, issue: Issue) -> Result<(), Refusal> {
    tx.execute(
        "delete from casework.case_issue where case_file = :case and issue = :issue",
        named_params! { ":case": case, ":issue": issue },
    )?;
    Ok(())
}

/// The main issue first.
pub fn issues(casework: &Casework<'_>, case: CaseId) -> Result<Vec<IssueTold>, Refusal> {
    casework.all(
        "select issue, since, since_precision, main from casework.case_issue
          where case_file = :case order by main desc, issue",
        named_params! { ":case": case },
        |row| {
            let precision: Option<String> = row.get(2)?;
            let precision = precision.as_deref().and_then(Precision::from_code);
            Ok(IssueTold {
                issue: row.get(0)?,
                since: Option::zip(row.get(1)?, precision)
                    .map(|(date, precision)| ToldDate { date, precision }),
                main: row.get(3)?,
            })
        },
    )
}

const COLUMNS: &str = "id, year, serial, kind, opened, channel, urgency, state, waiting_on,
    waiting_until, worker, second_worker, words, goal, safety, outcome, satisfaction,
    closing_note, closed, version, created";

/// `None` where there is no such case.
pub fn case_file(casework: &Casework<'_>, id: CaseId) -> Result<Option<CaseFile>, Refusal> {
    let people = casework.all(
        "select person, role from casework.case_person where case_file = :case order by place",
        named_params! { ":case": id },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    casework.one(
        &format!("select {COLUMNS} from casework.case_file where id = :case"),
        named_params! { ":case": id },
        |row| read(row, people.clone()),
    )
}

fn read(row: &Row<'_>, people: Vec<(PersonId, PersonRole)>) -> rusqlite::Result<CaseFile> {
    Ok(CaseFile {
        id: row.get(0)?,
        number: CaseNumber {
            year: row.get(1)?,
            serial: row.get(2)?,
        },
        opened: row.get(4)?,
        story: Story {
            kind: row.get(3)?,
            urgency: row.get(6)?,
            channel: row.get(5)?,
            words: row.get(12)?,
            goal: row.get(13)?,
            safety: row.get(14)?,
        },
        state: state(row)?,
        worker: row.get(10)?,
        second_worker: row.get(11)?,
        people,
        version: row.get(19)?,
        created: row.get(20)?,
    })
}

fn state(row: &Row<'_>) -> rusqlite::Result<State> {
    Ok(match row.get(7)? {
        Stage::Open => State::Open,
        Stage::Assessed => State::Assessed,
        Stage::Active => State::Active,
        Stage::Waiting => State::Waiting(Wait {
            on: row.get(8)?,
            until: row.get(9)?,
        }),
        Stage::Settled => State::Settled,
        Stage::Decided => State::Decided,
        Stage::Closed => State::Closed(Closing {
            outcome: row.get(15)?,
            satisfaction: row
                .get::<_, Option<Satisfaction>>(16)?
                .unwrap_or(Satisfaction::NotAsked),
            note: row.get(17)?,
            day: row.get(18)?,
        }),
    })
}

/// The parts of which something was begun in a case.
pub fn parts(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Part>, Refusal> {
    casework.all(
        "select 'medical' where exists (select 1 from casework.medical_episode where case_file = :case)
         union all select 'counselling'
          where exists (select 1 from casework.counselling_session where case_file = :case)
         union all select 'help' where exists (select 1 from casework.help where case_file = :case)
         union all select 'shelter'
          where exists (select 1 from casework.shelter_stay where case_file = :case)",
        named_params! { ":case": case },
        |row| row.get(0),
    )
}

/// Changes what is written in a case, if nobody else has since `version`, and keeps what it was.
pub fn revise(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    known: &CaseFile,
    story: &Story,
    version: i64,
) -> Result<bool, Refusal> {
    if known.version != version {
        return Ok(false);
    }
    let before = serde_json::to_string(&known.story).expect("a story is plain data");
    tx.execute(
        "insert into casework.case_before (case_file, at, by, before)
         values (:case, :at, :by, :before)",
        named_params! {
            ":case": known.id, ":at": world.stamp(), ":by": actor.user, ":before": before,
        },
    )?;
    tx.execute(
        "update casework.case_file set kind = :kind, urgency = :urgency, channel = :channel,
                words = :words, goal = :goal, safety = :safety, version = version + 1
          where id = :case",
        named_params! {
            ":case": known.id, ":kind": story.kind, ":urgency": story.urgency,
            ":channel": story.channel, ":words": story.words, ":goal": story.goal,
            ":safety": story.safety,
        },
    )?;
    Ok(true)
}

/// What was written before: when, who changed it, and the words as they were; the newest first.
pub fn befores(
    casework: &Casework<'_>,
    case: CaseId,
) -> Result<Vec<(DateTime<Utc>, String, Story)>, Refusal> {
    let kept: Vec<(DateTime<Utc>, String, String)> = casework.all(
        "select b.at, coalesce(u.name, ''), b.before
           from casework.case_before b left join user u on u.id = b.by
          where b.case_file = :case order by b.seq desc",
        named_params! { ":case": case },
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    Ok(kept
        .into_iter()
        .filter_map(|(at, by, before)| Some((at, by, serde_json::from_str(&before).ok()?)))
        .collect())
}

/// Only `rules::step` gives the state to put.
pub fn put_state(tx: &CaseworkTx<'_>, case: CaseId, state: &State) -> Result<(), Refusal> {
    let (wait, closing) = match state {
        State::Waiting(wait) => (Some(wait), None),
        State::Closed(closing) => (None, Some(closing)),
        _ => (None, None),
    };
    tx.execute(
        "update casework.case_file set state = :state, waiting_on = :on, waiting_until = :until,
                outcome = :outcome, satisfaction = :satisfaction, closing_note = :note,
                closed = :closed
          where id = :case",
        named_params! {
            ":case": case, ":state": state.stage(), ":on": wait.map(|w| &w.on),
            ":until": wait.map(|w| w.until), ":outcome": closing.map(|c| c.outcome),
            ":satisfaction": closing.map(|c| c.satisfaction),
            ":note": closing.and_then(|c| c.note.as_deref()), ":closed": closing.map(|c| c.day),
        },
    )?;
    Ok(())
}

/// Keeps why a case is opened again, and how it had been closed; an open one has nothing to keep.
pub fn note_reopening(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    file: &CaseFile,
    reason: &str,
) -> Result<(), Refusal> {
    let State::Closed(closing) = &file.state else {
        return Ok(());
    };
    tx.execute(
        "insert into casework.case_reopening
           (case_file, at, by, reason, closed, outcome, satisfaction, closing_note)
         values (:case, :at, :by, :reason, :closed, :outcome, :satisfaction, :note)",
        named_params! {
            ":case": file.id, ":at": world.stamp(), ":by": actor.user, ":reason": reason,
            ":closed": closing.day, ":outcome": closing.outcome,
            ":satisfaction": closing.satisfaction, ":note": closing.note,
        },
    )?;
    Ok(())
}

pub struct Reopening {
    pub at: DateTime<Utc>,
    pub by: String,
    pub reason: String,
    pub closed: NaiveDate,
    pub outcome: Outcome,
    /// What the person had said of how it went; `None` in those from before it was kept.
    pub satisfaction: Option<Satisfaction>,
    pub note: Option<String>,
}

/// The last first.
pub fn reopenings(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Reopening>, Refusal> {
    casework.all(
        "select r.at, coalesce(u.name, ''), r.reason, r.closed, r.outcome, r.satisfaction,
                r.closing_note
           from casework.case_reopening r left join user u on u.id = r.by
          where r.case_file = :case order by r.seq desc",
        named_params! { ":case": case },
        |row| {
            Ok(Reopening {
                at: row.get(0)?,
                by: row.get(1)?,
                reason: row.get(2)?,
                closed: row.get(3)?,
                outcome: row.get(4)?,
                satisfaction: row.get(5)?,
                note: row.get(6)?,
            })
        },
    )
}

/// What the steps of a case depend on.
pub fn facts(casework: &Casework<'_>, file: &CaseFile, today: NaiveDate) -> Result<Facts, Refusal> {
    let case = named_params! { ":case": file.id };
    let open_deadlines = casework.all(
        "select id from casework.case_deadline where case_file = :case and answer is null",
        case,
        |row| row.get(0),
    )?;
    let originals_held = casework.all(
        "select id from casework.case_original where case_file = :case and returned is null",
        case,
        |row| row.get(0),
    )?;
    let main = casework.one(
        "select 1 from casework.case_issue where case_file = :case and main = 1",
        case,
        |_| Ok(()),
    )?;
    Ok(Facts {
        today,
        has_main_issue: main.is_some(),
        has_goal: file.story.goal.is_some(),
        safety_asked: file.story.safety.is_some(),
        open_deadlines,
        originals_held,
        outstanding: balances(&sums(casework, file.id)?)
            .iter()
            .filter_map(|balance| balance.outstanding())
            .collect(),
        transfer_open: transfer(casework, file.id)?.is_some(),
    })
}

/// What still goes on in a case, each kind once.
pub fn loose_ends(casework: &Casework<'_>, case: CaseId) -> Result<Vec<LooseEnd>, Refusal> {
    casework.all(
        "select 'referral' where exists (select 1 from casework.referral
           where case_file = :case and state not in ('completed', 'cancelled'))
         union all select 'episode' where exists (select 1 from casework.medical_episode
           where case_file = :case and ended is null)
         union all select 'help' where exists (select 1 from casework.help
           where case_file = :case and state in ('asked', 'approved'))
         union all select 'stay' where exists (select 1 from casework.shelter_stay
           where case_file = :case and left_on is null)
         union all select 'action' where exists (select 1 from casework.case_action
           where case_file = :case and done is null)
         union all select 'hearing' where exists (select 1 from casework.case_hearing
           where case_file = :case and held is null)",
        named_params! { ":case": case },
        |row| row.get(0),
    )
}

pub fn put_worker(tx: &CaseworkTx<'_>, case: CaseId, worker: UserId) -> Result<(), Refusal> {
    tx.execute(
        "update casework.case_file
            set worker = :worker,
                second_worker = case when second_worker = :worker then null else second_worker end
          where id = :case",
        named_params! { ":case": case, ":worker": worker },
    )?;
    close_places(tx, case)
}

pub fn put_second(
    tx: &CaseworkTx<'_>,
    case: CaseId,
    second: Option<UserId>,
) -> Result<(), Refusal> {
    tx.execute(
        "update casework.case_file set second_worker = :second where id = :case",
        named_params! { ":case": case, ":second": second },
    )?;
    close_places(tx, case)
}

/// Takes the sealed places of a case from whoever works on it no longer.
fn close_places(tx: &CaseworkTx<'_>, case: CaseId) -> Result<(), Refusal> {
    let workers = case_file(tx, case)?.ok_or(Refusal::Missing)?.workers();
    let stays = tx.all(
        "select id from casework.shelter_stay where case_file = :case",
        named_params! { ":case": case },
        |row| row.get(0),
    )?;
    for stay in stays {
        tx.keep_readers(SealedKind::ShelterPlace, stay, &workers)?;
    }
    Ok(())
}

/// An offer of a case that nobody has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    pub id: TransferId,
    pub by: UserId,
    pub by_name: String,
    pub to: UserId,
    pub to_name: String,
    pub note: Option<String>,
}

pub fn transfer(casework: &Casework<'_>, case: CaseId) -> Result<Option<Transfer>, Refusal> {
    casework.one(
        "select t.id, t.offered_by, b.name, t.offered_to, o.name, t.note
           from casework.case_transfer t
           join user b on b.id = t.offered_by join user o on o.id = t.offered_to
          where t.case_file = :case and t.answer is null",
        named_params! { ":case": case },
        |row| {
            Ok(Transfer {
                id: row.get(0)?,
                by: row.get(1)?,
                by_name: row.get(2)?,
                to: row.get(3)?,
                to_name: row.get(4)?,
                note: row.get(5)?,
            })
        },
    )
}

pub fn offer(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    to: UserId,
    note: Option<&str>,
) -> Result<TransferId, Refusal> {
    let id = TransferId::new(world);
    tx.execute(
        "insert into casework.case_transfer (id, case_file, offered_by, offered_to, at, note)
         values (:id, :case, :by, :to, :at, :note)",
        named_params! {
            ":id": id, ":case": case, ":by": actor.user, ":to": to, ":at": world.stamp(),
            ":note": note,
        },
    )?;
    Ok(id)
}

/// `answer` is `taken`, `declined` or `withdrawn`.
pub fn answer(
    tx: &CaseworkTx<'_>,
    world: &World,
    transfer: TransferId,
    answer: &str,
) -> Result<(), Refusal> {
    tx.execute(
        "update casework.case_transfer set answer = :answer, answered = :at where id = :id",
        named_params! { ":id": transfer, ":answer": answer, ":at": world.stamp() },
    )?;
    Ok(())
}

pub fn ask(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    case: CaseId,
    reason: &str,
) -> Result<ReadingId, Refusal> {
    let id = ReadingId::new(world);
    tx.execute(
        "insert into casework.case_reading (id, case_file, by, at, day, reason)
         values (:id, :case, :by, :at, :day, :reason)",
        named_params! {
            ":id": id, ":case": case, ":by": actor.user, ":at": world.stamp(),
            ":day": world.today(), ":reason": reason,
        },
    )?;
    Ok(id)
}

/// Whether somebody told today why they read this case.
pub fn reason_today(
    casework: &Casework<'_>,
    case: CaseId,
    user: UserId,
    today: NaiveDate,
) -> Result<bool, Refusal> {
    let told = casework.one(
        "select 1 from casework.case_reading
          where case_file = :case and by = :user and day = :today and kind = 'case'",
        named_params! { ":case": case, ":user": user, ":today": today },
        |_| Ok(()),
    )?;
    Ok(told.is_some())
}

/// Tells whoever is in charge that somebody else saw a request for help of this case; once a day
/// for each reader.
pub fn note_help_read(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    file: &CaseFile,
) -> Result<(), Refusal> {
    if file.workers().contains(&actor.user) {
        return Ok(());
    }
    tx.execute(
        "insert into casework.case_reading (id, case_file, by, at, day, reason, kind)
         select :id, :case, :by, :at, :day, '', 'help'
          where not exists (select 1 from casework.case_reading
                             where case_file = :case and by = :by and day = :day and kind = 'help')",
        named_params! {
            ":id": ReadingId::new(world), ":case": file.id, ":by": actor.user,
            ":at": world.stamp(), ":day": world.today(),
        },
    )?;
    Ok(())
}

/// Somebody read a case that was not theirs, or one of its requests for help.
pub struct Reading {
    pub at: DateTime<Utc>,
    pub by: String,
    /// Empty: the case was offered to them, or it was a request for help.
    pub reason: String,
    pub of_help: bool,
}

/// Who read a case that was not theirs, and why; the last first.
pub fn readings(casework: &Casework<'_>, case: CaseId) -> Result<Vec<Reading>, Refusal> {
    casework.all(
        "select r.at, coalesce(u.name, ''), r.reason, r.kind = 'help'
           from casework.case_reading r left join user u on u.id = r.by
          where r.case_file = :case order by r.at desc limit 200",
        named_params! { ":case": case },
        |row| {
            Ok(Reading {
                at: row.get(0)?,
                by: row.get(1)?,
                reason: row.get(2)?,
                of_help: row.get(3)?,
            })
        },
    )
}

/// Those who can have cases: caseworkers who are here.
pub fn caseworkers(db: &Db<'_>) -> Result<Vec<(UserId, String)>, Refusal> {
    db.all(
        "select id, name from user where disabled is null and roles & 2 <> 0 order by name",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
