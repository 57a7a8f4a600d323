//! The episodes of a case, and one episode with all that belongs to it.

use std::result::Result as Either;

use askama::Template;

use super::rules::{self, Ended, Need, VisitOutcome};
use super::store::{self, Cost, Episode, FollowUp, NewCost, NewEpisode, NewVisit, Visit};
use crate::cases::forms::{Money, chosen, day, day_gone, day_to_come, hour, if_told};
use crate::cases::rules::Urgency;
use crate::cases::store as cases;
use crate::cases::{Head, Stopped, back, enter, on_page, one_of, own, people_choices, refused};
use crate::kit::date;
use crate::kit::id::{EpisodeId, FollowUpId, MedicalCostId, MedicalVisitId, UserId};
use crate::kit::text;
use crate::referrals::rules::Payer;
use crate::settings;
use crate::vault::{CaseworkEvent, CaseworkTx, Refusal};
use crate::web::access::Route;
use crate::web::{Answer, Call, Choice, Ctx, Field, Handler, Result, choices};

pub const ROUTES: &[(Route, Handler)] = &[
    (Route::CaseMedical, page),
    (Route::BeginEpisode, begin),
    (Route::EpisodePage, episode),
    (Route::EndEpisode, end),
    (Route::PlanMedicalVisit, plan_visit),
    (Route::TellMedicalVisit, tell_visit),
    (Route::NoteMedicalCost, note_cost),
    (Route::VoidMedicalCost, void_cost),
    (Route::PlanFollowUp, plan_follow_up),
    (Route::FollowUpDone, follow_up_done),
];

/// An episode in words.
struct Line {
    episode: Episode,
    need: String,
    urgency: String,
    person: String,
    begun: String,
    ended: Option<String>,
}

#[derive(Template)]
#[template(path = "medical/episodes.html")]
struct Page<'p> {
    c: &'p Ctx,
    head: Head,
    lines: Vec<Line>,
    who: Field,
    whos: Vec<Choice>,
    need: Field,
    needs: Vec<Choice>,
    urgency: Field,
    urgencies: Vec<Choice>,
    words: Field,
}

fn page(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, episodes_page, |_, page| Answer::page(&page))
}

fn episodes_page<'p>(call: &Call, c: &'p Ctx) -> Result<Either<Page<'p>, Answer>> {
    let (head, file) = match enter(call, c, "medical")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    let all = call.list_casework(|casework| store::episodes(casework, file.id))?;
    let (need, urgency) = (Need::Doctor.code(), Urgency::Normal.code());
    Ok(Ok(Page {
        c,
        lines: all.into_iter().map(|one| line(c, &head, one)).collect(),
        who: Field::new("who", 40),
        whos: people_choices(&head, ""),
        need: Field::new("need", 20),
        needs: needs(c, need),
        urgency: Field::new("urgency", 20),
        urgencies: urgencies(c, urgency),
        words: Field::new("need-words", 2_000),
        head,
    }))
}

fn line(c: &Ctx, head: &Head, episode: Episode) -> Line {
    Line {
        need: c.t(episode.need.label_key()),
        urgency: c.t(episode.urgency.label_key()),
        person: head.name_of(episode.person),
        begun: c.day(episode.begun),
        ended: episode.ended.as_ref().map(|ended| c.day(ended.on)),
        episode,
    }
}

fn needs(c: &Ctx, chosen: &str) -> Vec<Choice> {
    choices(Need::ALL, |n| (n.code(), c.t(n.label_key())), chosen)
}

fn urgencies(c: &Ctx, chosen: &str) -> Vec<Choice> {
    choices(Urgency::ALL, |u| (u.code(), c.t(u.label_key())), chosen)
}

fn begin(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, episodes_page, |case, mut page| {
        let (head, sent) = (&page.head, &call.sent);
        let person = page.who.read(c, sent, |v, _| chosen(one_of(head, v)));
        let need = page.need.read(c, sent, |v, _| chosen(Need::from_code(v)));
        let urgency = page
            .urgency
            .read(c, sent, |v, _| chosen(Urgency::from_code(v)));
        let words = page.words.read(c, sent, text::lines);
        page.whos = people_choices(&page.head, &page.who.value);
        page.needs = needs(c, &page.need.value);
        page.urgencies = urgencies(c, &page.urgency.value);
        let (Some(person), Some(need), Some(urgency), Some(words)) = (person, need, urgency, words)
        else {
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        let episode = call.write_casework(|tx| {
            own(call, tx, case)?;
            let new = NewEpisode {
                person,
                need,
                urgency,
                words: words.as_deref(),
            };
            let episode = store::begin(tx, world, actor, case, &new)?;
            Ok::<_, Refusal>((episode, CaseworkEvent::EpisodeBegun { case, episode }))
        })?;
        let there = format!("/medical/{episode}");
        back(call, case, &there, "medical.said.begun")
    })
}

struct VisitLine {
    visit: Visit,
    day: String,
    outcome: Option<String>,
    /// Whether its day has come: before it there is nothing to tell.
    come: bool,
}

struct CostLine {
    cost: Cost,
    day: String,
    amount: String,
    payer: String,
}

struct FollowUpLine {
    follow_up: FollowUp,
    due: String,
    done: Option<String>,
    late: bool,
}

#[derive(Template)]
#[template(path = "medical/episode.html")]
struct EpisodePage<'p> {
    c: &'p Ctx,
    head: Head,
    line: Line,
    /// Whether the forms are shown.
    open: bool,
    visits: Vec<VisitLine>,
    costs: Vec<CostLine>,
    shares: Vec<(String, String)>,
    follow_ups: Vec<FollowUpLine>,
    day: Field,
    hour: Field,
    place: Field,
    with_user: Field,
    with_users: Vec<Choice>,
    with_other: Field,
    outcome: Field,
    outcomes: Vec<Choice>,
    told: Field,
    cost_day: Field,
    cost_what: Field,
    cost: Money,
    payer: Field,
    payers: Vec<Choice>,
    reason: Field,
    due: Field,
    what: Field,
    done: Field,
    ended: Field,
    result: Field,
}

fn episode(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, episode_page, |_, page| Answer::page(&page))
}

fn episode_page<'p>(call: &Call, c: &'p Ctx) -> Result<Either<EpisodePage<'p>, Answer>> {
    let id: EpisodeId = call.part("episode")?;
    let (head, file) = match enter(call, c, "medical")? {
        Ok(entered) => entered,
        Err(asked) => return Ok(Err(asked)),
    };
    let (known, visits, costs, follow_ups, workers, currency) = call.list_casework(|casework| {
        Ok::<_, Refusal>((
            store::episode(casework, file.id, id)?,
            store::visits(casework, id)?,
            store::costs(casework, id)?,
            store::follow_ups(casework, id)?,
            cases::caseworkers(casework)?,
            settings::of(casework)?.currency,
        ))
    })?;
    let (today, now) = (c.today(), date::typed(c.today()));
    let counted: Vec<_> = costs
        .iter()
        .filter(|cost| cost.void_reason.is_none())
        .map(|cost| (cost.payer, cost.amount))
        .collect();
    let line = line(c, &head, known);
    Ok(Ok(EpisodePage {
        c,
        open: head.writable() && line.episode.ended.is_none(),
        visits: visits
            .into_iter()
            .map(|visit| VisitLine {
                day: c.weekday(visit.day),
                outcome: visit.outcome.map(|outcome| c.t(outcome.label_key())),
                come: visit.day <= today,
                visit,
            })
            .collect(),
        shares: rules::shares(&counted)
            .into_iter()
            .map(|(payer, sum)| (c.t(payer.label_key()), sum.written()))
            .collect(),
        costs: costs
            .into_iter()
            .map(|cost| CostLine {
                day: c.day(cost.day),
                amount: cost.amount.written(),
                payer: c.t(cost.payer.label_key()),
                cost,
            })
            .collect(),
        follow_ups: follow_ups
            .into_iter()
            .map(|one| FollowUpLine {
                due: c.day(one.due),
                done: one.done.map(|day| c.day(day)),
                late: one.done.is_none() && one.due < today,
                follow_up: one,
            })
            .collect(),
        day: Field::new("visit-day", 12),
        hour: Field::new("visit-hour", 5),
        place: Field::new("visit-place", 120),
        with_user: Field::new("with-user", 40),
        with_users: companions(c, &workers, ""),
        with_other: Field::new("with-other", 120),
        outcome: Field::new("outcome", 20),
        outcomes: outcomes(c),
        told: Field::new("told", 400),
        cost_day: Field::new("cost-day", 12).typed(&now),
        cost_what: Field::new("cost-what", 120),
        cost: Money::new(c, "cost", &currency),
        payer: Field::new("payer", 20),
        payers: payers(c, Payer::Unknown.code()),
        reason: Field::new("void-reason", 200),
        due: Field::new("due", 12),
        what: Field::new("what", 200),
        done: Field::new("follow-up-result", 400),
        ended: Field::new("ended", 12).typed(&now),
        result: Field::new("result", 400),
        line,
        head,
    }))
}

fn companions(c: &Ctx, workers: &[(UserId, String)], chosen: &str) -> Vec<Choice> {
    let nobody = Choice::new("", c.t("cases.nobody"), chosen.is_empty());
    let all = workers.iter().map(|(user, name)| {
        let id = user.to_string();
        let is = id == chosen;
        Choice::new(id, name.clone(), is)
    });
    std::iter::once(nobody).chain(all).collect()
}

fn outcomes(c: &Ctx) -> Vec<Choice> {
    let went = VisitOutcome::Went.code();
    choices(VisitOutcome::ALL, |o| (o.code(), c.t(o.label_key())), went)
}

fn payers(c: &Ctx, chosen: &str) -> Vec<Choice> {
    choices(Payer::ALL, |p| (p.code(), c.t(p.label_key())), chosen)
}

/// Writes in an episode of one's own case that goes on.
fn note(
    call: &Call,
    mut page: EpisodePage<'_>,
    said: &'static str,
    with: impl FnOnce(&CaseworkTx<'_>, EpisodeId) -> Result<()>,
) -> Result {
    let (case, episode) = (page.head.case, page.line.episode.id);
    let done = call.write_casework(|tx| {
        own(call, tx, case)?;
        let known = store::episode(tx, case, episode)?;
        rules::goes_on(known.ended.as_ref()).map_err(Stopped::Rule)?;
        with(tx, episode)?;
        Ok(((), CaseworkEvent::EpisodeNoted { case, episode }))
    });
    match done {
        Ok(()) => back(call, case, &format!("/medical/{episode}"), said),
        Err(Stopped::Rule(why)) => {
            page.head.problem = Some(page.c.because(&why));
            refused(&page)
        }
        Err(Stopped::Vault(why)) => Err(why),
    }
}

fn plan_visit(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, episode_page, |_, mut page| {
        let sent = &call.sent;
        let on = page.day.read(c, sent, |v, _| day(v));
        let at = page.hour.read(c, sent, |v, _| if_told(v, hour));
        let place = page.place.required(c, sent);
        let workers = call.read(cases::caseworkers)?;
        let with = page.with_user.read(c, sent, |v, _| {
            let known = workers.iter().map(|(user, _)| *user);
            let found = known.into_iter().find(|user| user.to_string() == v);
            if v.is_empty() {
                Ok(None)
            } else {
                chosen(found).map(Some)
            }
        });
        let other = page.with_other.optional(c, sent);
        page.with_users = companions(c, &workers, &page.with_user.value);
        let (Some(on), Some(at), Some(place), Some(with), Some(other)) =
            (on, at, place, with, other)
        else {
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        note(call, page, "medical.said.visit", |tx, episode| {
            let new = NewVisit {
                day: on,
                hour: at.as_deref(),
                place: &place,
                with_user: with,
                with_other: other.as_deref(),
            };
            store::plan_visit(tx, world, actor, episode, &new)
        })
    })
}

fn tell_visit(call: &Call) -> Result {
    let c = &call.context();
    let visit: MedicalVisitId = call.part("visit")?;
    on_page(call, c, episode_page, |_, mut page| {
        let outcome = page
            .outcome
            .read(c, &call.sent, |v, _| chosen(VisitOutcome::from_code(v)));
        let told = page.told.optional(c, &call.sent);
        let (Some(outcome), Some(told)) = (outcome, told) else {
            return refused(&page);
        };
        note(call, page, "medical.said.told", |tx, episode| {
            let known = store::tell_visit(tx, episode, visit, outcome, told.as_deref())?;
            known.then_some(()).ok_or(Refusal::Missing)
        })
    })
}

fn note_cost(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, episode_page, |_, mut page| {
        let (sent, today) = (&call.sent, c.today());
        let own = call.read(settings::of)?.currency;
        let on = page.cost_day.read(c, sent, |v, _| day_gone(v, today));
        let what = page.cost_what.required(c, sent);
        let amount = page.cost.read(c, sent, &own);
        let payer = page.payer.read(c, sent, |v, _| chosen(Payer::from_code(v)));
        page.payers = payers(c, &page.payer.value);
        let (Some(on), Some(what), Some(amount), Some(payer)) = (on, what, amount, payer) else {
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        note(call, page, "medical.said.cost", |tx, episode| {
            let new = NewCost {
                day: on,
                what: &what,
                amount,
                payer,
            };
            store::note_cost(tx, world, actor, episode, &new)
        })
    })
}

fn void_cost(call: &Call) -> Result {
    let c = &call.context();
    let cost: MedicalCostId = call.part("cost")?;
    on_page(call, c, episode_page, |_, mut page| {
        let Some(reason) = page.reason.required(c, &call.sent) else {
            return refused(&page);
        };
        let world = &call.app.world;
        note(call, page, "medical.said.voided", |tx, episode| {
            let known = store::void_cost(tx, world, episode, cost, &reason)?;
            known.then_some(()).ok_or(Refusal::Missing)
        })
    })
}

fn plan_follow_up(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, episode_page, |_, mut page| {
        let today = c.today();
        let due = page.due.read(c, &call.sent, |v, _| day_to_come(v, today));
        let what = page.what.required(c, &call.sent);
        let (Some(due), Some(what)) = (due, what) else {
            return refused(&page);
        };
        let (world, actor) = (&call.app.world, call.actor()?);
        note(call, page, "medical.said.follow_up", |tx, episode| {
            store::plan_follow_up(tx, world, actor, episode, due, &what)
        })
    })
}

fn follow_up_done(call: &Call) -> Result {
    let c = &call.context();
    let follow_up: FollowUpId = call.part("follow_up")?;
    on_page(call, c, episode_page, |_, mut page| {
        let Some(result) = page.done.optional(c, &call.sent) else {
            return refused(&page);
        };
        let world = &call.app.world;
        note(call, page, "medical.said.done", |tx, episode| {
            let known = store::follow_up_done(tx, world, episode, follow_up, result.as_deref())?;
            known.then_some(()).ok_or(Refusal::Missing)
        })
    })
}

fn end(call: &Call) -> Result {
    let c = &call.context();
    on_page(call, c, episode_page, |_, mut page| {
        let today = c.today();
        let on = page.ended.read(c, &call.sent, |v, _| day_gone(v, today));
        let result = page.result.required(c, &call.sent);
        let (Some(on), Some(result)) = (on, result) else {
            return refused(&page);
        };
        let (case, episode) = (page.head.case, page.line.episode.id);
        let done = call.write_casework(|tx| {
            own(call, tx, case)?;
            let known = store::episode(tx, case, episode)?;
            let visits = store::visits(tx, episode)?;
            let ahead = store::follow_ups(tx, episode)?;
            let open = visits.iter().filter(|v| v.outcome.is_none()).count()
                + ahead.iter().filter(|f| f.done.is_none()).count();
            rules::ends(known.ended.as_ref(), open).map_err(Stopped::Rule)?;
            store::end(tx, episode, &Ended { on, result })?;
            Ok(((), CaseworkEvent::EpisodeEnded { case, episode }))
        });
        match done {
            Ok(()) => back(call, case, "/medical", "medical.said.ended"),
            Err(Stopped::Rule(why)) => {
                page.head.problem = Some(c.because(&why));
                refused(&page)
            }
            Err(Stopped::Vault(why)) => Err(why),
        }
    })
}
