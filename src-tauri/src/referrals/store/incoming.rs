//! Those whom partners sent here.

use chrono::NaiveDate;
use rusqlite::{Row, named_params};

use crate::cases::rules::Urgency;
use crate::kit::id::{PartnerId, ReferralInId, UserId};
use crate::kit::lists::Service;
use crate::kit::world::World;
use crate::people::consent::How;
use crate::referrals::rules::{Arrival, In, Report};
use crate::vault::{Actor, Casework, CaseworkTx, Refusal};

/// What is written down when somebody comes with a letter.
#[derive(Clone, Debug)]
pub struct Coming {
    /// `None` for somebody who is not in the directory.
    pub partner: Option<PartnerId>,
    pub received: NaiveDate,
    /// The name or number under which they were sent.
    pub called: String,
    pub need: Service,
    pub urgency: Urgency,
    pub words: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Incoming {
    pub id: ReferralInId,
    pub coming: Coming,
    pub state: In,
    pub answered: Option<NaiveDate>,
    /// When its case was closed, and whose that case is.
    pub closed: Option<NaiveDate>,
    pub worker: Option<UserId>,
}

impl Incoming {
    pub fn due(&self) -> Option<NaiveDate> {
        let coming = &self.coming;
        self.state.due(coming.received, coming.urgency, self.closed)
    }
}

const INCOMING: &str = "select r.id, r.partner, r.received, r.called, r.need, r.urgency, r.words,
       r.state, r.reason, r.case_file, r.reported, r.answered, r.report, r.report_how,
       f.closed, f.worker
  from casework.referral_in r left join casework.case_file f on f.id = r.case_file";

fn read(row: &Row<'_>) -> rusqlite::Result<Incoming> {
    Ok(Incoming {
        id: row.get(0)?,
        coming: Coming {
            partner: row.get(1)?,
            received: row.get(2)?,
            called: row.get(3)?,
            need: row.get(4)?,
            urgency: row.get(5)?,
            words: row.get(6)?,
        },
        state: match row.get(7)? {
            Arrival::Received => In::Received,
            Arrival::Accepted => In::Accepted,
            Arrival::Declined => In::Declined {
                reason: row.get(8)?,
                after_yes: row.get::<_, Option<String>>(12)?.is_some(),
            },
            Arrival::Linked => In::Linked { case: row.get(9)? },
            Arrival::Reported => In::Reported {
                case: row.get(9)?,
                on: row.get(10)?,
                report: Report {
                    words: row.get::<_, Option<String>>(12)?.unwrap_or_default(),
                    agreed: row.get::<_, Option<How>>(13)?.unwrap_or(How::Spoken),
                },
            },
        },
        answered: row.get(11)?,
        closed: row.get(14)?,
        worker: row.get(15)?,
    })
}

pub fn incoming(casework: &Casework<'_>, id: ReferralInId) -> Result<Option<Incoming>, Refusal> {
    casework.one(
        &format!("{INCOMING} where r.id = :id"),
        named_params! { ":id": id },
        read,
    )
}

/// More than a centre has open at one time.
const MOST_OPEN: u32 = 300;
/// Those that are done with and still shown.
const MOST_DONE: u32 = 50;

/// Of nobody's case, or of one that `user` has.
const THEIRS: &str = "(r.case_file is null or f.worker = :user or f.second_worker = :user)";

/// What still needs something: of nobody's case, or of one that `user` has.
pub fn open(casework: &Casework<'_>, user: UserId) -> Result<Vec<Incoming>, Refusal> {
    casework.all(
        &format!(
            "{INCOMING} where r.state not in ('declined', 'reported')
                and {THEIRS}
              order by r.received, r.created limit :most"
        ),
        named_params! { ":user": user, ":most": MOST_OPEN },
        read,
    )
}

/// Declined, or reported back, of the same; the last first.
pub fn done(casework: &Casework<'_>, user: UserId) -> Result<Vec<Incoming>, Refusal> {
    casework.all(
        &format!(
            "{INCOMING} where r.state in ('declined', 'reported')
                and {THEIRS}
              order by r.received desc, r.created desc limit :most"
        ),
        named_params! { ":user": user, ":most": MOST_DONE },
        read,
    )
}

pub fn receive(
    tx: &CaseworkTx<'_>,
    world: &World,
    actor: Actor,
    coming: &Coming,
) -> Result<ReferralInId, Refusal> {
    let id = ReferralInId::new(world);
    tx.execute(
        "insert into casework.referral_in
           (id, partner, received, called, need, urgency, words, state, created, by)
         values (:id, :partner, :received, :called, :need, :urgency, :words, 'received', :created,
                 :by)",
        named_params! {
            ":id": id, ":partner": coming.partner, ":received": coming.received,
            ":called": coming.called, ":need": coming.need, ":urgency": coming.urgency,
            ":words": coming.words, ":created": world.stamp(), ":by": actor.user,
        },
    )?;
    Ok(id)
}

/// Only `In::step` gives the state to put.
pub fn put(
    tx: &CaseworkTx<'_>,
    world: &World,
    id: ReferralInId,
    state: &In,
) -> Result<(), Refusal> {
    let reason = match state {
        In::Declined { reason, .. } => Some(reason),
        _ => None,
    };
    let (on, report, how) = match state {
        In::Reported { on, report, .. } => (Some(*on), Some(&report.words), Some(report.agreed)),
        // After a yes the reason is what the partner is told in the end.
        In::Declined {
            reason,
            after_yes: true,
        } => (None, Some(reason), None),
        _ => (None, None, None),
    };
    tx.execute(
        "update casework.referral_in set state = :state, reason = :reason, case_file = :case,
                answered = coalesce(answered, :today), reported = :on, report = :report,
                report_how = :how
          where id = :id",
        named_params! {
            ":id": id, ":state": state.arrival(), ":reason": reason, ":case": state.case(),
            ":today": world.today(), ":on": on, ":report": report, ":how": how,
        },
    )?;
    Ok(())
}
