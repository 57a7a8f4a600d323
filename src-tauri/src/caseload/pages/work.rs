//! What must be done today, across cases and referrals: each line leads to where it is done.

use askama::Template;
use chrono::{Days, NaiveDate};

use crate::cases::rules::Urgency;
use crate::cases::store::{self as cases, Work, WorkKind};
use crate::kit::id::UserId;
use crate::partners;
use crate::people::Named;
use crate::referrals::{self, rules::Stage};
use crate::vault::{Casework, Refusal, Roles};
use crate::web::{Answer, Call, Ctx, Field, Result};

/// Days that the work list looks ahead.
const AHEAD: u64 = 7;

/// One thing to do.
struct Todo {
    day: NaiveDate,
    told: String,
    label: String,
    what: String,
    href: String,
    number: String,
    name: String,
    urgency: Urgency,
    urgency_told: String,
    /// Since when it waits, of what has no day by which it must be done.
    since: Option<String>,
}

#[derive(Template)]
#[template(path = "caseload/work.html")]
struct WorkPage<'p> {
    c: &'p Ctx,
    today: String,
    overdue: Vec<Todo>,
    now: Vec<Todo>,
    /// What has no day.
    waiting: Vec<Todo>,
    /// One's own cases that no day would bring here.
    unplanned: Vec<Todo>,
    soon: Vec<Todo>,
    tally: Vec<(&'static str, String, u32)>,
    q: Field,
}

pub fn page(call: &Call) -> Result {
    let c = &call.context();
    let (actor, today) = (call.actor()?, c.today());
    let until = today + Days::new(AHEAD);
    let (mut all, unplanned, tally) = call.list_casework(|casework| {
        let mut all = of_cases(casework, c, cases::work(casework, actor, today, until)?)?;
        let mut unplanned = Vec::new();
        if actor.roles.meet(Roles::CASEWORKER) {
            let none = cases::unplanned(casework, actor.user, today)?;
            unplanned = of_cases(casework, c, none)?;
            all.extend(of_referrals(casework, c, actor.user, until)?);
            all.extend(of_incoming(casework, c, actor.user, until)?);
        }
        Ok::<_, Refusal>((all, unplanned, cases::tally(casework, actor, today)?))
    })?;
    all.sort_by(|a, b| (a.day, a.urgency, &a.number).cmp(&(b.day, b.urgency, &b.number)));
    let (mut waiting, dated): (Vec<_>, Vec<_>) = all.into_iter().partition(|t| t.since.is_some());
    waiting.sort_by_key(|todo| todo.urgency);
    let (mut overdue, mut now, mut soon) = (Vec::new(), Vec::new(), Vec::new());
    for todo in dated {
        if todo.day == today {
            now.push(todo);
        } else if todo.day < today {
            overdue.push(todo);
        } else {
            soon.push(todo);
        }
    }
    Answer::page(&WorkPage {
        c,
        today: c.whole_day(today),
        overdue,
        now,
        waiting,
        unplanned,
        soon,
        tally: tally
            .into_iter()
            .map(|(view, count)| (view.code(), c.t(view.label_key()), count))
            .collect(),
        q: Field::new("q", 60).typed(call.sent.get("q")),
    })
}

fn of_cases(casework: &Casework<'_>, c: &Ctx, work: Vec<Work>) -> Result<Vec<Todo>> {
    let named = Named::of(casework, work.iter().filter_map(|work| work.person))?;
    Ok(work
        .into_iter()
        .map(|work| Todo {
            urgency: urgency(&work),
            urgency_told: c.t(urgency(&work).label_key()),
            day: work.day,
            told: c.day(work.day),
            label: c.t(work.kind.label_key()),
            href: place(&work),
            number: work.number.to_string(),
            // Whoever decides sees whose it is on its own page.
            name: match work.kind {
                WorkKind::HelpAsked => String::new(),
                _ => named.get(work.person),
            },
            since: since(c, &work),
            what: work.what,
        })
        .collect())
}

/// Nor does whoever decides about help learn how urgent somebody else's case is.
fn urgency(work: &Work) -> Urgency {
    match work.kind {
        WorkKind::HelpAsked => Urgency::Normal,
        _ => work.urgency,
    }
}

/// Of what is done when there is time and not by a day.
fn since(c: &Ctx, work: &Work) -> Option<String> {
    let key = match work.kind {
        WorkKind::Intake
        | WorkKind::Transfer
        | WorkKind::Unassigned
        | WorkKind::HelpAsked
        | WorkKind::HelpApproved => "cases.work_since",
        WorkKind::Unplanned => "cases.opened_on",
        _ => return None,
    };
    Some(c.tw(key, &[("day", &c.day(work.day))]))
}

/// The part of the case where it is done, at the very line.
fn place(work: &Work) -> String {
    let part = match work.kind {
        WorkKind::Deadline | WorkKind::Action | WorkKind::Hearing | WorkKind::Unplanned => "/steps",
        WorkKind::Instalment => "/money",
        WorkKind::Transfer => "/hands",
        WorkKind::Appointment => "/people",
        WorkKind::Waiting | WorkKind::Intake | WorkKind::Unassigned => "",
        WorkKind::HelpFollowUp | WorkKind::HelpApproved => "/help",
        WorkKind::MedicalVisit | WorkKind::FollowUp => {
            let episode = work.item.map(|episode| format!("/{episode}"));
            return format!(
                "/cases/{}/medical{}",
                work.case,
                episode.unwrap_or_default()
            );
        }
        // Decided by somebody who need not know the case.
        WorkKind::HelpAsked => {
            let help = work.item.map(|help| format!("/{help}"));
            return format!("/help{}", help.unwrap_or_default());
        }
    };
    match work.item {
        Some(item) => format!("/cases/{}{part}?item={item}", work.case),
        None => format!("/cases/{}{part}", work.case),
    }
}

fn of_referrals(
    casework: &Casework<'_>,
    c: &Ctx,
    user: UserId,
    until: NaiveDate,
) -> Result<Vec<Todo>> {
    let mut open = referrals::todo(casework, c, user)?;
    open.retain(|todo| todo.day <= until);
    let partners = partners::all(casework)?;
    let named = Named::of(casework, open.iter().map(|todo| todo.person))?;
    Ok(open
        .into_iter()
        .map(|todo| {
            let partner = partners.iter().find(|one| one.id == todo.partner);
            Todo {
                day: todo.day,
                told: c.day(todo.day),
                label: c.t(match todo.taken_back {
                    true => "caseload.referral.taken_back",
                    false => asked(todo.stage),
                }),
                what: partner
                    .map_or("", |one| one.profile.called(c.language()))
                    .to_owned(),
                href: format!("/referrals/{}", todo.referral),
                number: todo.number.to_string(),
                urgency: todo.urgency,
                urgency_told: c.t(todo.urgency.label_key()),
                name: named.get(Some(todo.person)),
                since: None,
            }
        })
        .collect())
}

/// What is to be done next with a referral at this stage.
fn asked(stage: Stage) -> &'static str {
    match stage {
        Stage::Drafted => "caseload.referral.agree",
        Stage::Consented => "caseload.referral.send",
        Stage::Sent | Stage::NoAnswer => "caseload.referral.answer",
        Stage::Accepted => "caseload.referral.appoint",
        Stage::Declined => "caseload.referral.another",
        Stage::Appointment => "caseload.referral.came",
        Stage::Missed => "caseload.referral.again",
        Stage::Arrived | Stage::Completed | Stage::Cancelled => "caseload.referral.result",
    }
}

fn of_incoming(
    casework: &Casework<'_>,
    c: &Ctx,
    user: UserId,
    until: NaiveDate,
) -> Result<Vec<Todo>> {
    let open = referrals::incoming::open(casework, user)?.into_iter();
    Ok(open
        .filter_map(|one| {
            let day = one.due()?;
            let label = match one.state.case() {
                Some(_) => "caseload.incoming.report",
                None if one.answered.is_none() => "caseload.incoming.answer",
                None => "caseload.incoming.link",
            };
            (day <= until).then(|| Todo {
                day,
                told: c.day(day),
                label: c.t(label),
                what: c.t(one.coming.need.label_key()),
                href: format!("/referrals/in/{}", one.id),
                number: String::new(),
                urgency: one.coming.urgency,
                urgency_told: c.t(one.coming.urgency.label_key()),
                name: one.coming.called,
                since: None,
            })
        })
        .collect())
}
