//! The lists of cases and the work list. They show a number, a state and a day, no story.

use chrono::NaiveDate;
use rusqlite::{Row, named_params};

use super::super::issues::Issue;
use super::super::rules::{CaseNumber, Kind, Stage, Urgency};
use crate::kit::id::{CaseId, PartyId, PersonId, RecordId, UserId};
use crate::kit::lists::codes;
use crate::vault::{Actor, Casework, Refusal, Roles};

/// One case in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub case: CaseId,
    pub number: CaseNumber,
    pub kind: Kind,
    pub stage: Stage,
    pub urgency: Urgency,
    pub opened: NaiveDate,
    pub waiting_on: Option<String>,
    pub waiting_until: Option<NaiveDate>,
    pub worker: Option<UserId>,
    pub worker_name: Option<String>,
    pub person: Option<PersonId>,
    pub main_issue: Option<Issue>,
    /// Whether it is the reader's own, or nobody's yet.
    pub own: bool,
}

codes! {
    /// The lists of cases.
    View in "cases.view" {
        Mine = "mine",
        Unassigned = "unassigned",
        Overdue = "overdue",
        Waiting = "waiting",
        All = "all",
        Closed = "closed",
    }
}

/// What a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter {
    pub view: View,
    pub issue: Option<Issue>,
    pub kind: Option<Kind>,
    /// An employer, an agency or another party that the case is about.
    pub party: Option<PartyId>,
    pub today: NaiveDate,
}

impl Filter {
    /// All that one list has.
    pub fn of(view: View, today: NaiveDate) -> Self {
        Self {
            view,
            issue: None,
            kind: None,
            party: None,
            today,
        }
    }
}

/// The cases of which a list tells more than the number.
const OWN: &str = "(:caseworker
  and (coalesce(f.worker = :user or f.second_worker = :user, 0) or f.worker is null))";

impl View {
    /// The lists that somebody has: a manager, who works on no case, has none of cases of their own.
    pub fn of(roles: Roles) -> impl Iterator<Item = Self> {
        let works = roles.meet(Roles::CASEWORKER);
        let all = Self::ALL.iter().copied();
        all.filter(move |view| works || matches!(view, Self::Unassigned | Self::All | Self::Closed))
    }

    /// Which cases stand in it. Whether somebody else's is late or waits is not told by its list
    /// either (domain.md 6).
    fn condition(self) -> String {
        match self {
            Self::Overdue | Self::Waiting => format!("{OWN} and ({})", self.state()),
            _ => self.state().to_owned(),
        }
    }

    fn state(self) -> &'static str {
        match self {
            Self::Mine => {
                "f.worker = :user and f.state <> 'closed' or f.second_worker = :user and f.state <> 'closed'"
            }
            Self::Unassigned => "f.worker is null and f.state <> 'closed'",
            Self::Overdue => {
                // Asked of each of one's own cases: of all that is late in the centre it takes the
                // longer the more cases there are.
                "f.state <> 'closed'
                 and (f.state = 'waiting' and f.waiting_until < :today
                      or exists (select 1 from casework.case_deadline d
                                  where d.case_file = f.id and d.answer is null and d.day < :today)
                      or exists (select 1 from casework.case_instalment i
                                  where i.case_file = f.id and i.expected > 0 and i.due < :today)
                      or exists (select 1 from casework.case_action a
                                  where a.case_file = f.id and a.done is null and a.due < :today))"
            }
            Self::Waiting => "f.state = 'waiting'",
            Self::All => "f.state <> 'closed'",
            // The index of closed cases is asked for by the day that only they have.
            Self::Closed => "f.closed is not null",
        }
    }

    /// What is worked on: the most urgent of one's own first, then the oldest. What is closed: the
    /// last first. A place in the list does not tell how urgent somebody else's case is, or when it
    /// was closed.
    fn order(self) -> String {
        match self {
            Self::Closed => format!(
                "case when {OWN} then f.closed end desc nulls last, f.year desc, f.serial desc"
            ),
            _ => format!(
                "case when not {OWN} then 3
                   when f.urgency = 'emergency' then 0 when f.urgency = 'urgent' then 1 else 2 end,
                 f.year, f.serial"
            ),
        }
    }
}

const LINE: &str = "select f.id, f.year, f.serial, f.kind, f.state, f.urgency, f.opened,
       f.waiting_on, f.waiting_until, f.worker, u.name,
       (select person from casework.case_person p where p.case_file = f.id and p.place = 0),
       (select issue from casework.case_issue i where i.case_file = f.id and i.main = 1)";

/// `most` of a list, from the `from`th on. What somebody else's case is about is not told by asking
/// for it either: only those of the reader's own are narrowed by kind, issue and party.
pub fn list(
    casework: &Casework<'_>,
    actor: Actor,
    filter: &Filter,
    from: usize,
    most: usize,
) -> Result<Vec<Line>, Refusal> {
    // Sorted by ids alone: what a line shows is read for those that are shown.
    let shown: Vec<CaseId> = casework.all(
        &format!(
            "select f.id from casework.case_file f
              where ({}) and (:kind is null or f.kind = :kind and {OWN})
                and (:issue is null or {OWN} and f.id in
                     (select case_file from casework.case_issue where issue = :issue))
                and (:party is null or {OWN} and f.id in
                     (select case_file from casework.case_party where party = :party))
                and :today is not null and :user is not null and :caseworker is not null
              order by {} limit :most offset :from",
            filter.view.condition(),
            filter.view.order()
        ),
        named_params! {
            ":user": actor.user, ":caseworker": actor.roles.meet(Roles::CASEWORKER),
            ":today": filter.today, ":kind": filter.kind,
            ":issue": filter.issue, ":party": filter.party, ":from": from, ":most": most,
        },
        |row| row.get(0),
    )?;
    lines(casework, actor, &shown)
}

fn line(row: &Row<'_>) -> rusqlite::Result<Line> {
    Ok(Line {
        case: row.get(0)?,
        number: CaseNumber {
            year: row.get(1)?,
            serial: row.get(2)?,
        },
        kind: row.get(3)?,
        stage: row.get(4)?,
        urgency: row.get(5)?,
        opened: row.get(6)?,
        waiting_on: row.get(7)?,
        waiting_until: row.get(8)?,
        worker: row.get(9)?,
        worker_name: row.get(10)?,
        person: row.get(11)?,
        main_issue: row.get(12)?,
        own: row.get(13)?,
    })
}

pub fn lines(
    casework: &Casework<'_>,
    actor: Actor,
    cases: &[CaseId],
) -> Result<Vec<Line>, Refusal> {
    let mut lines = Vec::with_capacity(cases.len());
    for case in cases {
        lines.extend(casework.one(
            &format!(
                "{LINE}, {OWN} from casework.case_file f left join user u on u.id = f.worker
                  where f.id = :case"
            ),
            named_params! {
                ":user": actor.user, ":caseworker": actor.roles.meet(Roles::CASEWORKER),
                ":case": case,
            },
            line,
        )?);
    }
    Ok(lines)
}

/// The cases with this serial number of a year, or of any, the newest first.
pub fn numbered(
    casework: &Casework<'_>,
    year: Option<i32>,
    serial: u32,
) -> Result<Vec<CaseId>, Refusal> {
    casework.all(
        "select id from casework.case_file
          where serial = :serial and (:year is null or year = :year) order by year desc",
        named_params! { ":year": year, ":serial": serial },
        |row| row.get(0),
    )
}

pub fn cases_of_person(casework: &Casework<'_>, person: PersonId) -> Result<Vec<CaseId>, Refusal> {
    casework.all(
        "select c.case_file from casework.case_person c
           join casework.case_file f on f.id = c.case_file
          where c.person = :person order by f.year desc, f.serial desc",
        named_params! { ":person": person },
        |row| row.get(0),
    )
}

codes! {
    /// Why something stands in the work list.
    WorkKind in "cases.work" {
        Deadline = "deadline",
        Action = "action",
        Hearing = "hearing",
        Appointment = "appointment",
        Instalment = "instalment",
        Waiting = "waiting",
        Transfer = "transfer",
        Intake = "intake",
        Unassigned = "unassigned",
        MedicalVisit = "medical-visit",
        FollowUp = "follow-up",
        HelpFollowUp = "help-follow-up",
        HelpAsked = "help-asked",
        HelpApproved = "help-approved",
        Unplanned = "unplanned",
    }
}

/// Something to do, and by when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    pub kind: WorkKind,
    pub day: NaiveDate,
    /// What was typed of it; empty where the kind says all.
    pub what: String,
    pub case: CaseId,
    pub number: CaseNumber,
    /// That of the health need where it is about one, else that of the case.
    pub urgency: Urgency,
    pub person: Option<PersonId>,
    /// The very deadline, action or instalment; `None` where it is the case itself.
    pub item: Option<RecordId>,
}

/// What `actor` must do until `until`, the earliest first: in their own cases, what was given to
/// them in others', and what is urgent and nobody's. Of appointments, those from `today` on: what
/// came of one is asked where it was made.
pub fn work(
    casework: &Casework<'_>,
    actor: Actor,
    today: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<Work>, Refusal> {
    casework.all(
        "with own as (
           select id, year, serial, state, opened, waiting_on, waiting_until
             from casework.case_file where worker = :user and state <> 'closed'
           union
           select id, year, serial, state, opened, waiting_on, waiting_until
             from casework.case_file where second_worker = :user and state <> 'closed')
         select w.kind, w.day, w.what, w.case_file, w.year, w.serial,
                case w.kind when 'appointment' then
                       (select a.person from appointment a where a.id = w.item)
                     else (select person from casework.case_person p
                            where p.case_file = w.case_file and p.place = 0) end,
                w.item,
                case when w.kind in ('medical-visit', 'follow-up') then
                       (select e.urgency from casework.medical_episode e where e.id = w.item)
                     else (select f.urgency from casework.case_file f where f.id = w.case_file) end
           from (
             select 'deadline' as kind, d.day as day, d.source as what, o.id as case_file,
                    o.year as year, o.serial as serial, d.id as item
               from own o join casework.case_deadline d on d.case_file = o.id
              where d.answer is null and d.day <= :until
             union all
             -- What whoever has left the case was to do falls to all who are in it.
             select 'action', a.due, a.what, o.id, o.year, o.serial, a.id
               from own o join casework.case_action a on a.case_file = o.id
               join casework.case_file f on f.id = o.id
              where a.done is null and a.due <= :until
                and (a.by = :user or a.by is not f.worker and a.by is not f.second_worker)
             union all
             select 'hearing', h.day, coalesce(h.hour || ' · ', '') || h.place, o.id, o.year, o.serial,
                    h.id
               from own o join casework.case_hearing h on h.case_file = o.id
              where h.held is null and h.day <= :until
             union all
             select 'appointment', a.day, a.hour || coalesce(' · ' || a.room, ''), o.id, o.year,
                    o.serial, a.id
               from own o join casework.case_appointment k on k.case_file = o.id
               join appointment a on a.id = k.appointment
              where a.undone is null and a.day between :today and :until
                -- A referral asks for its own.
                and not exists (select 1 from casework.referral r
                                 where r.case_file = o.id and r.appointment = a.id)
             union all
             select 'instalment', i.due, '', o.id, o.year, o.serial, i.id
               from own o join casework.case_instalment i on i.case_file = o.id
              where i.expected > 0 and i.due <= :until
             union all
             select 'waiting', o.waiting_until, o.waiting_on, o.id, o.year, o.serial, null
               from own o where o.state = 'waiting' and o.waiting_until <= :until
             union all
             select 'intake', o.opened, '', o.id, o.year, o.serial, null
               from own o where o.state = 'open'
             union all
             select 'transfer', substr(t.at, 1, 10), '', f.id, f.year, f.serial, null
               from casework.case_transfer t join casework.case_file f on f.id = t.case_file
              where t.offered_to = :user and t.answer is null
             union all
             select 'medical-visit', v.day, coalesce(v.hour || ' · ', '') || v.place,
                    f.id, f.year, f.serial, e.id
               from casework.medical_visit v
               join casework.medical_episode e on e.id = v.episode
               join casework.case_file f on f.id = e.case_file
              where v.outcome is null and v.day <= :until
                and (v.with_user = :user or f.id in (select id from own))
             union all
             select 'follow-up', u.due, u.what, o.id, o.year, o.serial, e.id
               from own o join casework.medical_episode e on e.case_file = o.id
               join casework.medical_follow_up u on u.episode = e.id
              where u.done is null and u.due <= :until
             union all
             select 'help-follow-up', h.follow_up, coalesce(h.what, ''), o.id, o.year, o.serial, h.id
               from own o join casework.help h on h.case_file = o.id
              where h.follow_up is not null and h.follow_up_result is null
                and h.follow_up <= :until
             union all
             select 'help-approved', h.decided, coalesce(h.what, ''), o.id, o.year, o.serial, h.id
               from own o join casework.help h on h.case_file = o.id where h.state = 'approved'
             union all
             select 'help-asked', h.asked, '', f.id, f.year, f.serial, h.id
               from casework.help h join casework.case_file f on f.id = h.case_file
              where h.state = 'asked' and h.asked_by <> :user
             union all
             select 'unassigned', f.opened, '', f.id, f.year, f.serial, null
               from casework.case_file f
              where f.worker is null and f.state <> 'closed' and f.urgency <> 'normal'
           ) w order by w.day, w.kind, w.year, w.serial limit 300",
        named_params! { ":user": actor.user, ":today": today, ":until": until },
        |row| {
            Ok(Work {
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
                urgency: row.get(8)?,
            })
        },
    )
}

/// The most of one's own cases that stand in one part of the work list.
const MOST_UNPLANNED: u32 = 300;

/// `user`'s own open cases in which nothing is still to do and nothing to come, the most urgent
/// first: no day would ever bring one of them to the work list.
pub fn unplanned(
    casework: &Casework<'_>,
    user: UserId,
    today: NaiveDate,
) -> Result<Vec<Work>, Refusal> {
    casework.all(
        "with own as (
           select id, year, serial, state, opened, urgency
             from casework.case_file where worker = :user and state <> 'closed'
           union
           select id, year, serial, state, opened, urgency
             from casework.case_file where second_worker = :user and state <> 'closed')
         select o.opened, o.id, o.year, o.serial, o.urgency,
                (select person from casework.case_person p
                  where p.case_file = o.id and p.place = 0)
           from own o
          -- A first talk that is not finished, and the end of a wait, stand in the list of themselves.
          where o.state not in ('open', 'waiting')
            and not exists (select 1 from casework.case_action a
                             where a.case_file = o.id and a.done is null)
            and not exists (select 1 from casework.case_deadline d
                             where d.case_file = o.id and d.answer is null)
            and not exists (select 1 from casework.case_hearing h
                             where h.case_file = o.id and h.held is null)
            and not exists (select 1 from casework.case_instalment i
                             where i.case_file = o.id and i.expected > 0)
            and not exists (select 1 from casework.case_appointment k
                              join appointment a on a.id = k.appointment
                             where k.case_file = o.id and a.undone is null and a.day >= :today)
            and not exists (select 1 from casework.referral r
                             where r.case_file = o.id and r.state not in ('completed', 'cancelled'))
            and not exists (select 1 from casework.medical_episode e
                              join casework.medical_visit v on v.episode = e.id
                             where e.case_file = o.id and v.outcome is null)
            and not exists (select 1 from casework.medical_episode e
                              join casework.medical_follow_up u on u.episode = e.id
                             where e.case_file = o.id and u.done is null)
            and not exists (select 1 from casework.help h
                             where h.case_file = o.id
                               and (h.state in ('asked', 'approved')
                                    or h.follow_up is not null and h.follow_up_result is null))
          order by case o.urgency when 'emergency' then 0 when 'urgent' then 1 else 2 end,
                   o.year, o.serial limit :most",
        named_params! { ":user": user, ":today": today, ":most": MOST_UNPLANNED },
        |row| {
            Ok(Work {
                kind: WorkKind::Unplanned,
                day: row.get(0)?,
                what: String::new(),
                case: row.get(1)?,
                number: CaseNumber {
                    year: row.get(2)?,
                    serial: row.get(3)?,
                },
                urgency: row.get(4)?,
                person: row.get(5)?,
                item: None,
            })
        },
    )
}

/// How many cases each list has; the numbers of the tabs.
pub fn tally(
    casework: &Casework<'_>,
    actor: Actor,
    today: NaiveDate,
) -> Result<Vec<(View, u32)>, Refusal> {
    View::of(actor.roles)
        .filter(|view| *view != View::Closed)
        .map(|view| {
            let count = casework.one(
                &format!(
                    "select count(*) from casework.case_file f
                      where ({}) and :today is not null and :user is not null
                        and :caseworker is not null",
                    view.condition()
                ),
                named_params! {
                    ":user": actor.user, ":caseworker": actor.roles.meet(Roles::CASEWORKER),
                    ":today": today,
                },
                |row| row.get(0),
            )?;
            Ok((view, count.unwrap_or(0)))
        })
        .collect()
}
