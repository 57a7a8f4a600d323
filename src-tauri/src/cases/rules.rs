//! The states of a case and what may lead from one to another (domain.md 3.2); whose it is; what
//! stands in the way of closing; what its money comes to.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};

use crate::kit::id::{DeadlineId, InstalmentId, OriginalId, PersonId, SumId, UserId};
use crate::kit::lists::codes;
use crate::kit::money::Amount;

codes! {
    Kind in "cases.kind" {
        Legal = "legal",
        Medical = "medical",
        Psychosocial = "psychosocial",
        Social = "social",
    }
}

codes! {
    /// What some cases have besides: each is a feature of its own.
    Part in "cases.part" {
        Medical = "medical",
        Counselling = "counselling",
        Help = "help",
        Shelter = "shelter",
    }
}

impl Kind {
    /// The parts that a case of this kind is about.
    pub fn parts(self) -> &'static [Part] {
        match self {
            Self::Legal => &[],
            Self::Medical => &[Part::Medical],
            Self::Psychosocial => &[Part::Counselling],
            Self::Social => &[Part::Help, Part::Shelter],
        }
    }
}

codes! {
    /// How soon somebody must act: today, within three days, in its turn.
    Urgency in "cases.urgency" {
        Emergency = "emergency",
        Urgent = "urgent",
        Normal = "normal",
    }
}

codes! {
    /// What somebody is in a case.
    PersonRole in "cases.person_role" {
        Client = "client",
        Dependant = "dependant",
        CoWorker = "co-worker",
        Witness = "witness",
        Representative = "representative",
    }
}

impl PersonRole {
    /// Whether somebody with this role may agree that parts of the case are told outside. The
    /// story, the money and the papers are the client's: nobody else gives them away.
    pub fn may_share(self) -> bool {
        self == Self::Client
    }

    /// Whether the case is about them too, so that they are sent to partners for what they need.
    pub fn is_concerned(self) -> bool {
        matches!(self, Self::Client | Self::Dependant | Self::CoWorker)
    }
}

codes! {
    PartyKind in "cases.party_kind" {
        Employer = "employer",
        Agency = "agency",
        Recruiter = "recruiter",
        Landlord = "landlord",
        Authority = "authority",
        Other = "other",
    }
}

codes! {
    NoteKind in "cases.note_kind" {
        Note = "note",
        Fact = "fact",
        Contact = "contact",
        Correction = "correction",
    }
}

codes! {
    ActionKind in "cases.action_kind" {
        Call = "call",
        Letter = "letter",
        Meeting = "meeting",
        Accompany = "accompany",
        Document = "document",
        Visit = "visit",
        Other = "other",
    }
}

codes! {
    DeadlineKind in "cases.deadline_kind" {
        Limitation = "limitation",
        Appeal = "appeal",
        Court = "court",
        Permit = "permit",
        Answer = "answer",
        Other = "other",
    }
}

codes! {
    /// What became of a deadline.
    DeadlineAnswer in "cases.deadline_answer" {
        Met = "met",
        Missed = "missed",
        FellAway = "fell-away",
    }
}

codes! {
    SumKind in "cases.sum_kind" {
        Claimed = "claimed",
        Offered = "offered",
        Agreed = "agreed",
        Received = "received",
        WrittenOff = "written-off",
    }
}

codes! {
    /// How a case ended (domain.md 4.3).
    Outcome in "cases.outcome" {
        PaidInFull = "paid-in-full",
        PaidInPart = "paid-in-part",
        DocumentsReturned = "documents-returned",
        Transferred = "transferred",
        Regularised = "regularised",
        ReturnedHome = "returned-home",
        JudgmentFor = "judgment-for",
        JudgmentAgainst = "judgment-against",
        SettledOtherwise = "settled-otherwise",
        Treated = "treated",
        ReferredOn = "referred-on",
        Withdrew = "withdrew",
        LostContact = "lost-contact",
        NoGround = "no-ground",
        Unreachable = "unreachable",
    }
}

codes! {
    /// What the person says of how it went.
    Satisfaction in "cases.satisfaction" {
        Good = "good",
        Fair = "fair",
        Poor = "poor",
        NotAsked = "not-asked",
    }
}

codes! {
    /// A state's name, as it is kept and shown.
    Stage in "cases.stage" {
        Open = "open",
        Assessed = "assessed",
        Active = "active",
        Waiting = "waiting",
        Settled = "settled",
        Decided = "decided",
        Closed = "closed",
    }
}

/// C-2026-0142: the year and the place in it, without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CaseNumber {
    pub year: i32,
    pub serial: u32,
}

impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C-{}-{:04}", self.year, self.serial)
    }
}

/// What was typed is no case's number.
#[derive(Debug, PartialEq, Eq)]
pub struct NoNumber;

impl FromStr for CaseNumber {
    type Err = NoNumber;

    fn from_str(typed: &str) -> Result<Self, NoNumber> {
        let typed = crate::kit::text::western_digits(typed.trim()).to_uppercase();
        let rest = typed.strip_prefix("C-").ok_or(NoNumber)?;
        let (year, serial) = rest.split_once('-').ok_or(NoNumber)?;
        if year.len() != 4 {
            return Err(NoNumber);
        }
        Ok(Self {
            year: year.parse().map_err(|_| NoNumber)?,
            serial: serial.parse().map_err(|_| NoNumber)?,
        })
    }
}

/// On whom a case waits, and until when at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    pub on: String,
    pub until: NaiveDate,
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    pub outcome: Outcome,
    pub satisfaction: Satisfaction,
    pub note: Option<String>,
    pub day: NaiveDate,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Open,
    Assessed,
    Active,
    Waiting(Wait),
    Settled,
    Decided,
    Closed(Closing),
}

impl State {
    pub fn stage(&self) -> Stage {
        match self {
            Self::Open => Stage::Open,
            Self::Assessed => Stage::Assessed,
            Self::Active => Stage::Active,
            Self::Waiting(_) => Stage::Waiting,
            Self::Settled => Stage::Settled,
            Self::Decided => Stage::Decided,
            Self::Closed(_) => Stage::Closed,
        }
    }

    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Assess,
    Start,
    Wait(Wait),
    Resume,
    Settle,
    Decide,
    Close(Closing),
    /// With why.
    Reopen(String),
}

/// What a step depends on besides the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub today: NaiveDate,
    pub has_main_issue: bool,
    pub has_goal: bool,
    pub safety_asked: bool,
    pub open_deadlines: Vec<DeadlineId>,
    pub originals_held: Vec<OriginalId>,
    /// Agreed, and neither received nor written off.
    pub outstanding: Vec<Amount>,
    pub transfer_open: bool,
}

/// Why a step is not taken. The messages are locale keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// From this state there is no such step.
    #[error("cases.refusal.order")]
    Order,
    #[error("cases.refusal.main_issue")]
    MainIssue,
    #[error("cases.refusal.goal")]
    Goal,
    #[error("cases.refusal.safety")]
    Safety,
    #[error("cases.refusal.wait_past")]
    WaitPast,
    #[error("cases.refusal.deadline_open")]
    DeadlineOpen,
    #[error("cases.refusal.original_held")]
    OriginalHeld,
    #[error("cases.refusal.money_open")]
    MoneyOpen,
    #[error("cases.refusal.transfer_open")]
    TransferOpen,
    /// Such an outcome needs a settlement or a decision before.
    #[error("cases.refusal.not_settled")]
    NotSettled,
    /// As [`Refusal::NotSettled`], where not even the work has begun.
    #[error("cases.refusal.not_started")]
    NotStarted,
}

/// The state that `step` leads to.
pub fn step(state: &State, step: Step, facts: &Facts) -> Result<State, Refusal> {
    if let Some(first) = hindrances(state, &step, facts).into_iter().next() {
        return Err(first);
    }
    match (state, step) {
        (State::Open, Step::Assess) => Ok(State::Assessed),
        (State::Assessed, Step::Start) => Ok(State::Active),
        (State::Active, Step::Wait(wait)) if wait.until < facts.today => Err(Refusal::WaitPast),
        (State::Active, Step::Wait(wait)) => Ok(State::Waiting(wait)),
        // An agreement that is broken and a judgment that is appealed are worked on again.
        (State::Waiting(_) | State::Settled | State::Decided, Step::Resume) => Ok(State::Active),
        (State::Active | State::Waiting(_), Step::Settle) => Ok(State::Settled),
        (State::Active | State::Waiting(_), Step::Decide) => Ok(State::Decided),
        (State::Closed(_), Step::Reopen(_)) => Ok(State::Active),
        (State::Closed(_), _) => Err(Refusal::Order),
        (_, Step::Close(closing)) => Ok(State::Closed(closing)),
        _ => Err(Refusal::Order),
    }
}

/// All that stands in the way of a step that the state allows, so that it can be put right in one go.
pub fn hindrances(state: &State, step: &Step, facts: &Facts) -> Vec<Refusal> {
    match (state, step) {
        (State::Open, Step::Assess) => unassessed(facts),
        (State::Closed(_), _) => Vec::new(),
        (state, Step::Close(closing)) => {
            let mut all = unsettled(state, closing.outcome, facts);
            all.extend(obstacles(facts));
            all
        }
        _ => Vec::new(),
    }
}

/// What intake has not asked yet.
fn unassessed(facts: &Facts) -> Vec<Refusal> {
    standing([
        (!facts.has_main_issue, Refusal::MainIssue),
        (!facts.has_goal, Refusal::Goal),
        (!facts.safety_asked, Refusal::Safety),
    ])
}

/// What keeps a case from such an outcome where it stands.
fn unsettled(state: &State, outcome: Outcome, facts: &Facts) -> Vec<Refusal> {
    match state {
        _ if outcome.ends_early() => Vec::new(),
        State::Settled | State::Decided => Vec::new(),
        State::Open => {
            let mut all = unassessed(facts);
            all.push(Refusal::NotStarted);
            all
        }
        State::Assessed => vec![Refusal::NotStarted],
        _ => vec![Refusal::NotSettled],
    }
}

fn standing<const N: usize>(all: [(bool, Refusal); N]) -> Vec<Refusal> {
    all.into_iter()
        .filter_map(|(stands, why)| stands.then_some(why))
        .collect()
}

/// All that stands in the way of closing.
pub fn obstacles(facts: &Facts) -> Vec<Refusal> {
    standing([
        (!facts.open_deadlines.is_empty(), Refusal::DeadlineOpen),
        (!facts.originals_held.is_empty(), Refusal::OriginalHeld),
        (!facts.outstanding.is_empty(), Refusal::MoneyOpen),
        (facts.transfer_open, Refusal::TransferOpen),
    ])
}

impl Outcome {
    /// Whether a case can end so before anything was settled or decided.
    pub fn ends_early(self) -> bool {
        use Outcome::*;
        matches!(
            self,
            DocumentsReturned
                | Transferred
                | Regularised
                | ReturnedHome
                | Treated
                | ReferredOn
                | Withdrew
                | LostContact
                | NoGround
                | Unreachable
        )
    }
}

/// The steps that a page offers in a state, closing and reopening aside.
pub fn next_stages(state: &State) -> &'static [NextStep] {
    match state {
        State::Open => &[NextStep::Assess],
        State::Assessed => &[NextStep::Start],
        State::Active => &[NextStep::Settle, NextStep::Decide],
        State::Waiting(_) => &[NextStep::Resume, NextStep::Settle, NextStep::Decide],
        State::Settled | State::Decided => &[NextStep::Resume],
        State::Closed(_) => &[],
    }
}

codes! {
    /// A step that needs nothing typed.
    NextStep in "cases.step" {
        Assess = "assess",
        Start = "start",
        Resume = "resume",
        Settle = "settle",
        Decide = "decide",
    }
}

impl From<NextStep> for Step {
    fn from(next: NextStep) -> Self {
        match next {
            NextStep::Assess => Self::Assess,
            NextStep::Start => Self::Start,
            NextStep::Resume => Self::Resume,
            NextStep::Settle => Self::Settle,
            NextStep::Decide => Self::Decide,
        }
    }
}

codes! {
    /// What may still go on when a case is closed. It does not stand in the way, and whoever closes
    /// says that they have seen it.
    LooseEnd in "cases.loose" {
        Referral = "referral",
        Episode = "episode",
        Help = "help",
        Stay = "stay",
        Action = "action",
        Hearing = "hearing",
    }
}

/// How a user stands to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// In charge, or second: reads and writes.
    Own,
    /// Nobody's yet: caseworkers read it, so that somebody takes it.
    Unassigned,
    /// Somebody else's, and a reason was given today: reads.
    Told,
    /// Somebody else's: a reason is asked first.
    Other,
}

pub fn reach(
    user: UserId,
    worker: Option<UserId>,
    second: Option<UserId>,
    reason_today: bool,
) -> Reach {
    match worker {
        _ if worker == Some(user) || second == Some(user) => Reach::Own,
        None => Reach::Unassigned,
        Some(_) if reason_today => Reach::Told,
        Some(_) => Reach::Other,
    }
}

/// A sum of a case that was not voided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    pub id: SumId,
    pub kind: SumKind,
    pub amount: Amount,
    pub day: NaiveDate,
    /// The instalment that it came for, where that was said.
    pub instalment: Option<InstalmentId>,
}

/// What was agreed to come on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalmentPlan {
    pub id: InstalmentId,
    pub due: NaiveDate,
    pub amount: Amount,
    /// The day that was agreed first, of one that was moved.
    pub moved_from: Option<NaiveDate>,
    /// Why it was taken out.
    pub void_reason: Option<String>,
}

/// What became of it. Only [`instalments`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instalment {
    pub plan: InstalmentPlan,
    pub came: Amount,
    /// The last day on which something came for it.
    pub last: Option<NaiveDate>,
    /// What of it is still to come.
    pub expected: Amount,
}

codes! {
    /// How an instalment stands.
    InstalmentStanding in "cases.instalment" {
        Received = "received",
        ReceivedLate = "received-late",
        Expected = "expected",
        Overdue = "overdue",
        // What was agreed was written off or taken out, so nothing of it comes any more.
        FellAway = "fell-away",
        TakenOut = "taken-out",
    }
}

impl Instalment {
    fn of(plan: InstalmentPlan, sums: &[Sum]) -> Self {
        let own = sums
            .iter()
            .filter(|sum| sum.kind == SumKind::Received && sum.instalment == Some(plan.id));
        let came: i64 = own.clone().map(|sum| sum.amount.minor).sum();
        let left = match plan.void_reason {
            Some(_) => 0,
            None => (plan.amount.minor - came).max(0),
        };
        let of = |minor| Amount {
            minor,
            ..plan.amount
        };
        Self {
            last: own.map(|sum| sum.day).max(),
            came: of(came),
            expected: of(left),
            plan,
        }
    }

    pub fn standing(&self, today: NaiveDate) -> InstalmentStanding {
        if self.plan.void_reason.is_some() {
            return InstalmentStanding::TakenOut;
        }
        match self.last {
            _ if self.is_open() && self.plan.due < today => InstalmentStanding::Overdue,
            _ if self.is_open() => InstalmentStanding::Expected,
            _ if !self.is_whole() => InstalmentStanding::FellAway,
            Some(day) if day > self.plan.due => InstalmentStanding::ReceivedLate,
            _ => InstalmentStanding::Received,
        }
    }

    /// Whether something of it is still to come.
    pub fn is_open(&self) -> bool {
        self.expected.minor > 0
    }

    fn is_whole(&self) -> bool {
        self.came.minor >= self.plan.amount.minor
    }

    /// Whether there is something to take out: what came whole stays.
    pub fn may_go(&self) -> bool {
        self.plan.void_reason.is_none() && !self.is_whole()
    }
}

/// What became of each instalment, the earliest first. Never more is expected than is still open of
/// what was agreed in its currency: money that was noted without saying for which instalment counts
/// for the earliest, and what was written off or agreed no longer falls away from the last.
pub fn instalments(plans: Vec<InstalmentPlan>, sums: &[Sum]) -> Vec<Instalment> {
    let told = plans.into_iter().map(|plan| Instalment::of(plan, sums));
    let mut all: Vec<Instalment> = told.collect();
    all.sort_by_key(|one| (one.plan.due, one.plan.id));
    let balances = balances(sums);
    let mut currencies: Vec<_> = all.iter().map(|one| one.expected.currency).collect();
    currencies.sort_by_key(|currency| currency.code);
    currencies.dedup();
    for currency in currencies {
        let balance = balances.iter().find(|b| b.agreed.currency == currency);
        let open = balance.and_then(Balance::outstanding);
        let mut own: Vec<&mut Instalment> = all
            .iter_mut()
            .filter(|one| one.expected.currency == currency)
            .collect();
        let planned: i64 = own.iter().map(|one| one.expected.minor).sum();
        let surplus = (planned - open.map_or(0, |open| open.minor)).max(0);
        let covered = cover(&mut own, sums, surplus);
        fall_away(&mut own, surplus - covered);
    }
    all
}

/// Money without an instalment stands for the earliest ones, as far as more is planned than is
/// open: before that it was a payment besides. Gives how much it stands for.
fn cover(own: &mut [&mut Instalment], sums: &[Sum], surplus: i64) -> i64 {
    let Some(currency) = own.first().map(|one| one.expected.currency) else {
        return 0;
    };
    let mut free: Vec<&Sum> = sums
        .iter()
        .filter(|sum| sum.kind == SumKind::Received && sum.instalment.is_none())
        .filter(|sum| sum.amount.currency == currency)
        .collect();
    free.sort_by_key(|sum| (sum.day, sum.id));
    let mut to_cover = surplus;
    // Of several the last: what came first was there when the instalments were planned.
    let mut covering = Vec::new();
    for sum in free.into_iter().rev() {
        let part = sum.amount.minor.min(to_cover);
        to_cover -= part;
        covering.push((sum.day, part));
    }
    for (day, mut left) in covering.into_iter().rev() {
        for one in own.iter_mut() {
            let part = left.min(one.expected.minor);
            if part > 0 {
                left -= part;
                one.expected.minor -= part;
                one.came.minor += part;
                one.last = one.last.max(Some(day));
            }
        }
    }
    surplus - to_cover
}

fn fall_away(own: &mut [&mut Instalment], mut surplus: i64) {
    for one in own.iter_mut().rev() {
        let part = surplus.min(one.expected.minor);
        surplus -= part;
        one.expected.minor -= part;
    }
}

/// What the sums of one currency come to. Two currencies are never added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    pub claimed: Amount,
    /// The last offer.
    pub offered: Amount,
    pub agreed: Amount,
    pub received: Amount,
    pub written_off: Amount,
}

impl Balance {
    /// Agreed, and neither received nor written off.
    pub fn outstanding(&self) -> Option<Amount> {
        let minor = self.agreed.minor - self.received.minor - self.written_off.minor;
        (self.agreed.minor > 0 && minor > 0).then_some(Amount {
            minor,
            ..self.agreed
        })
    }
}

/// One balance a currency, in the order in which the currencies came.
pub fn balances(sums: &[Sum]) -> Vec<Balance> {
    let mut balances: Vec<Balance> = Vec::new();
    let mut in_order = sums.to_vec();
    in_order.sort_by_key(|sum| sum.day);
    for sum in &in_order {
        let currency = sum.amount.currency;
        let place = balances
            .iter()
            .position(|known| known.agreed.currency == currency)
            .unwrap_or_else(|| {
                let zero = Amount { minor: 0, currency };
                balances.push(Balance {
                    claimed: zero,
                    offered: zero,
                    agreed: zero,
                    received: zero,
                    written_off: zero,
                });
                balances.len() - 1
            });
        let balance = &mut balances[place];
        let add = |to: &mut Amount| to.minor = to.minor.saturating_add(sum.amount.minor);
        match sum.kind {
            SumKind::Claimed => add(&mut balance.claimed),
            SumKind::Offered => balance.offered = sum.amount,
            SumKind::Agreed => add(&mut balance.agreed),
            SumKind::Received => add(&mut balance.received),
            SumKind::WrittenOff => add(&mut balance.written_off),
        }
    }
    balances
}

/// What is still open of the agreed sums and stands in no instalment, where there are any: nothing
/// would remind of it before the case is closed.
pub fn unplanned_rest(balances: &[Balance], instalments: &[Instalment]) -> Vec<Amount> {
    let open = balances.iter().filter_map(Balance::outstanding);
    open.filter_map(|open| {
        let own = instalments
            .iter()
            .filter(|one| one.expected.currency == open.currency);
        let planned: i64 = own.clone().map(|one| one.expected.minor).sum();
        let minor = open.minor - planned;
        (own.count() > 0 && minor > 0).then_some(Amount { minor, ..open })
    })
    .collect()
}

/// What a letter asks for in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The sums that it lists: claimed, or agreed.
    pub of: SumKind,
    pub came: Amount,
    /// Of what was agreed.
    pub written_off: Amount,
    /// What is left to pay; more than nothing.
    pub rest: Amount,
}

/// What may still be asked for: the agreed sums where `of` is those and there are any, else the
/// claimed ones, less what has come. Of a claim that was settled nothing, once the agreement is kept.
pub fn owed(balances: &[Balance], of: SumKind) -> Vec<Owed> {
    let owed = |balance: &Balance| {
        let agreed = of == SumKind::Agreed && balance.agreed.minor > 0;
        let nothing = Amount {
            minor: 0,
            ..balance.claimed
        };
        let (of, sum, written_off) = match agreed {
            true => (SumKind::Agreed, balance.agreed, balance.written_off),
            false => (SumKind::Claimed, balance.claimed, nothing),
        };
        let minor = sum.minor - balance.received.minor - written_off.minor;
        let settled = balance.agreed.minor > 0 && balance.outstanding().is_none();
        (minor > 0 && !settled).then_some(Owed {
            of,
            came: balance.received,
            written_off,
            rest: Amount { minor, ..sum },
        })
    };
    balances.iter().filter_map(owed).collect()
}

codes! {
    /// Whether what was agreed is kept.
    Settlement in "cases.settlement" {
        Running = "running",
        Late = "late",
        Kept = "kept",
        Broken = "broken",
    }
}

/// How an agreement on money stands; `None` where nothing was agreed.
pub fn settlement(
    balances: &[Balance],
    instalments: &[Instalment],
    today: NaiveDate,
) -> Option<Settlement> {
    let agreed: Vec<&Balance> = balances.iter().filter(|b| b.agreed.minor > 0).collect();
    if agreed.is_empty() {
        return None;
    }
    if agreed.iter().any(|b| b.written_off.minor > 0) {
        return Some(Settlement::Broken);
    }
    if agreed.iter().all(|b| b.outstanding().is_none()) {
        return Some(Settlement::Kept);
    }
    let late = instalments
        .iter()
        .any(|i| i.standing(today) == InstalmentStanding::Overdue);
    Some(if late {
        Settlement::Late
    } else {
        Settlement::Running
    })
}

/// Why money is not noted. The messages are locale keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyRefusal {
    /// More is written off than is still open.
    #[error("cases.refusal.written_off")]
    MoreThanOpen,
    /// The instalments would come to more than was agreed.
    #[error("cases.refusal.instalments")]
    MoreThanAgreed,
    /// More came than is still expected of this instalment.
    #[error("cases.refusal.more_than_expected")]
    MoreThanExpected,
    /// Nothing comes in before its day.
    #[error("cases.refusal.future")]
    Future,
}

/// Whether a new sum fits to those that are there.
pub fn fits(kind: SumKind, amount: Amount, sums: &[Sum]) -> Result<(), MoneyRefusal> {
    if kind != SumKind::WrittenOff {
        return Ok(());
    }
    let open = balances(sums)
        .iter()
        .filter_map(Balance::outstanding)
        .find(|open| open.currency == amount.currency);
    match open {
        Some(open) if open.minor >= amount.minor => Ok(()),
        _ => Err(MoneyRefusal::MoreThanOpen),
    }
}

/// Whether one more instalment stays within what was agreed in its currency.
pub fn plans(amount: Amount, sums: &[Sum], instalments: &[Instalment]) -> Result<(), MoneyRefusal> {
    let agreed = balances(sums)
        .iter()
        .find(|balance| balance.agreed.currency == amount.currency)
        .map_or(0, |balance| balance.agreed.minor);
    // Of one that was taken out only what had come before counts.
    let planned: i64 = instalments
        .iter()
        .filter(|known| known.plan.amount.currency == amount.currency)
        .map(|known| match known.plan.void_reason {
            Some(_) => known.came.minor,
            None => known.plan.amount.minor,
        })
        .sum();
    if planned.saturating_add(amount.minor) <= agreed {
        Ok(())
    } else {
        Err(MoneyRefusal::MoreThanAgreed)
    }
}

/// Whether so much can have come for an instalment.
pub fn receives(amount: Amount, instalment: &Instalment) -> Result<(), MoneyRefusal> {
    if amount.minor <= instalment.expected.minor {
        Ok(())
    } else {
        Err(MoneyRefusal::MoreThanExpected)
    }
}

/// What is typed about a case and may be typed anew; what it was before is kept.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Story {
    pub kind: Kind,
    pub urgency: Urgency,
    pub channel: Option<crate::kit::lists::Channel>,
    /// What happened, in the person's words.
    pub words: String,
    /// What the person wants, in their words.
    pub goal: Option<String>,
    /// How to stay safe, and what is best for a child.
    pub safety: Option<String>,
}

/// A case as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFile {
    pub id: crate::kit::id::CaseId,
    pub number: CaseNumber,
    pub opened: NaiveDate,
    pub story: Story,
    pub state: State,
    pub worker: Option<UserId>,
    pub second_worker: Option<UserId>,
    pub people: Vec<(PersonId, PersonRole)>,
    pub version: i64,
    pub created: DateTime<Utc>,
}

impl CaseFile {
    /// Everybody who works on it: in charge, and second. Not to whom it is offered: whoever says
    /// no has then read nothing that is sealed.
    pub fn workers(&self) -> Vec<UserId> {
        self.worker.into_iter().chain(self.second_worker).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).expect("a day")
    }

    fn usd(minor: i64) -> Amount {
        Amount::new(minor, "USD").expect("a currency")
    }

    fn sum(kind: SumKind, minor: i64, instalment: Option<u8>) -> Sum {
        Sum {
            id: SumId::from_bytes([1; 16]),
            kind,
            amount: usd(minor),
            day: day(6, 2),
            instalment: instalment.map(|nth| InstalmentId::from_bytes([nth; 16])),
        }
    }

    fn plan(nth: u8) -> InstalmentPlan {
        InstalmentPlan {
            id: InstalmentId::from_bytes([nth; 16]),
            due: day(5 + u32::from(nth), 1),
            amount: usd(500),
            moved_from: None,
            void_reason: None,
        }
    }

    /// Three of 500, of 1,500 that were agreed: what is expected of each, and how each stands in
    /// the middle of the second month.
    fn of(more: &[Sum], plans: Vec<InstalmentPlan>) -> Vec<(i64, InstalmentStanding)> {
        let sums = [&[sum(SumKind::Agreed, 1_500, None)], more].concat();
        let all = instalments(plans, &sums);
        let stands = |one: &Instalment| (one.expected.minor, one.standing(day(7, 15)));
        all.iter().map(stands).collect()
    }

    fn three() -> Vec<InstalmentPlan> {
        vec![plan(3), plan(1), plan(2)]
    }

    #[test]
    fn what_is_left_of_an_instalment_stays_expected_on_its_day() {
        use InstalmentStanding::*;
        let part = sum(SumKind::Received, 300, Some(2));
        let rest = sum(SumKind::Received, 200, Some(2));
        assert_eq!(
            of(&[part], three()),
            [(500, Overdue), (200, Overdue), (500, Expected)]
        );
        assert_eq!(of(&[part, rest], three())[1], (0, Received));
        let one = &instalments(vec![plan(2)], &[sum(SumKind::Agreed, 500, None), part])[0];
        assert_eq!(receives(usd(200), one), Ok(()));
        assert_eq!(receives(usd(201), one), Err(MoneyRefusal::MoreThanExpected));
    }

    #[test]
    fn money_noted_by_hand_counts_once_and_for_the_earliest() {
        use InstalmentStanding::*;
        let by_hand = sum(SumKind::Received, 300, None);
        let whole = sum(SumKind::Received, 500, Some(2));
        assert_eq!(
            of(&[by_hand, whole], three()),
            [(200, Overdue), (0, Received), (500, Expected)]
        );
        // It came on the second of June, a day late.
        let more = sum(SumKind::Received, 200, None);
        assert_eq!(of(&[by_hand, more], three())[0], (0, ReceivedLate));
        // A payment besides, when no more is planned than is open.
        let besides = sum(SumKind::Received, 500, None);
        assert_eq!(
            of(&[besides], vec![plan(2), plan(3)]),
            [(500, Overdue), (500, Expected)]
        );
    }

    #[test]
    fn nothing_is_overdue_that_nobody_expects_any_more() {
        use InstalmentStanding::*;
        let off = sum(SumKind::WrittenOff, 1_200, None);
        assert_eq!(
            of(&[off], three()),
            [(300, Overdue), (0, FellAway), (0, FellAway)]
        );
        let gone = instalments(three(), &[sum(SumKind::Claimed, 1_500, None)]);
        assert!(gone.iter().all(|one| !one.is_open() && one.may_go()));
        let elsewhere = Sum {
            amount: Amount::new(1_500, "KWD").expect("a currency"),
            ..sum(SumKind::Agreed, 1, None)
        };
        let gone = instalments(three(), &[elsewhere]);
        assert!(gone.iter().all(|one| !one.is_open()), "another currency");
    }

    #[test]
    fn what_was_taken_out_makes_room_for_another_but_for_what_had_come() {
        use InstalmentStanding::*;
        let mut plans = three();
        plans[1].void_reason = Some("She asked for smaller ones".to_owned());
        let part = sum(SumKind::Received, 300, Some(1));
        assert_eq!(
            of(&[part], plans.clone()),
            [(0, TakenOut), (500, Overdue), (500, Expected)]
        );
        let sums = [sum(SumKind::Agreed, 1_500, None), part];
        let all = instalments(plans, &sums);
        assert_eq!(super::plans(usd(200), &sums, &all), Ok(()));
        assert_eq!(
            super::plans(usd(201), &sums, &all),
            Err(MoneyRefusal::MoreThanAgreed)
        );
    }
}
