//! Which referrals are under way, whose turn it is, and what came of those to one partner.

use askama::Template;
use chrono::NaiveDate;

use super::case_of;
use crate::kit::id::{CaseId, PartnerId, ReferralId};
use crate::partners::{self, Line};
use crate::people::Named;
use crate::referrals::rules::Out;
use crate::referrals::store::{self, Referral, Results};
use crate::vault::{Casework, CaseworkEvent, Refusal};
use crate::web::{Answer, Call, Ctx, Result};

/// One referral in a list.
struct Row {
    id: ReferralId,
    number: String,
    person: String,
    partner: String,
    need: String,
    stage_told: String,
    when: Option<String>,
    due: bool,
    over: bool,
}

#[derive(Template)]
#[template(path = "referrals/list.html")]
struct List<'p> {
    c: &'p Ctx,
    /// The case that these are of, with its number; `None` for all of a worker's.
    case: Option<(CaseId, String)>,
    /// Whether more can be written in it.
    own: bool,
    /// Somebody must do something about these today.
    due: Vec<Row>,
    others: Vec<Row>,
    done: Vec<Row>,
}

impl<'p> List<'p> {
    fn of(c: &'p Ctx, case: Option<(CaseId, String)>, own: bool, rows: Vec<Row>) -> Self {
        let (done, open): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.over);
        let (due, others) = open.into_iter().partition(|row| row.due);
        Self {
            c,
            case,
            own,
            due,
            others,
            done,
        }
    }
}

pub fn list(call: &Call) -> Result {
    let c = &call.context();
    let user = call.actor()?.user;
    let rows = call.list_casework(|casework| rows(casework, c, store::open_of(casework, user)?))?;
    Answer::page(&List::of(c, None, false, rows))
}

/// All referrals of one case, also those that are done.
pub fn of_case(call: &Call) -> Result {
    let c = &call.context();
    let case: CaseId = call.part("case")?;
    let (file, own, rows) = call.read_casework(&CaseworkEvent::CaseRead { case }, |casework| {
        let (file, own) = case_of(casework, call, case)?;
        let of = store::of_case(casework, case)?;
        Ok::<_, Refusal>((file, own, rows(casework, c, of)?))
    })?;
    let own = own && !file.state.is_closed();
    let case = (case, file.number.to_string());
    Answer::page(&List::of(c, Some(case), own, rows))
}

fn rows(casework: &Casework<'_>, c: &Ctx, referrals: Vec<Referral>) -> Result<Vec<Row>> {
    let partners = partners::all(casework)?;
    let named = Named::of(casework, referrals.iter().map(|referral| referral.person))?;
    let mut rows = Vec::new();
    for referral in referrals {
        let agreed = store::agreed_on(casework, &referral, c.today())?;
        let partner = partners.iter().find(|one| one.id == referral.partner);
        rows.push(row(
            c,
            &referral,
            agreed,
            partner.map_or("", |one| one.profile.called(c.language())),
            named.get(Some(referral.person)),
        ));
    }
    Ok(rows)
}

fn row(
    c: &Ctx,
    referral: &Referral,
    agreed: Option<NaiveDate>,
    partner: &str,
    person: String,
) -> Row {
    let today = c.today();
    let stage = referral.stage(agreed.is_some(), today);
    let due = referral.due(c, agreed);
    Row {
        id: referral.id,
        number: referral.number(),
        person,
        partner: partner.to_owned(),
        need: c.t(referral.need.label_key()),
        stage_told: c.t(stage.label_key()),
        when: match &referral.state {
            Out::Appointment { at } => Some({
                let (day, hour) = (c.day(at.date()), at.format("%H:%M").to_string());
                c.tw("shared.date.moment", &[("day", &day), ("hour", &hour)])
            }),
            Out::Sent { on } => Some(c.tw("referrals.sent_on", &[("day", &c.day(*on))])),
            _ => referral
                .follow_up
                .map(|day| c.tw("referrals.follow_up_on", &[("day", &c.day(day))])),
        },
        due: due.is_some_and(|day| day <= today),
        over: matches!(
            referral.state,
            Out::Completed { .. } | Out::Cancelled { .. }
        ),
    }
}

#[derive(Template)]
#[template(path = "referrals/results.html")]
struct PartnerPage<'p> {
    c: &'p Ctx,
    line: Line,
    results: Results,
}

/// What came of the referrals to one partner: counts, and nobody's name.
pub fn partner_results(call: &Call) -> Result {
    let c = &call.context();
    let id: PartnerId = call.part("partner")?;
    let (partner, results) = call.list_casework(|casework| {
        let partner = partners::partner(casework, id)?.ok_or(Refusal::Missing)?;
        Ok::<_, Refusal>((partner, store::results(casework, id)?))
    })?;
    Answer::page(&PartnerPage {
        c,
        line: Line::of(c, &partner),
        results,
    })
}
