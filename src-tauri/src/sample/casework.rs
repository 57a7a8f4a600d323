//! Invented cases with all that belongs to them, referrals out and in, in every state: told from
//! lists that say that nobody of these exists.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

use super::dice::Dice;
use super::{care, rows, walking};
use crate::cases::issues::Issue;
use crate::cases::rules::{
    ActionKind, Closing, DeadlineAnswer, DeadlineKind, Kind, NoteKind, Outcome, PartyKind,
    PersonRole, Satisfaction, State, Step, Story, SumKind, Urgency, Wait, step,
};
use crate::cases::store::{self, IssueTold, NewSum, Opening, PartyTold, Planned};
use crate::interpreters;
use crate::interpreters::rules::{Assigned, Interpreter, Wanted, assign, find};
use crate::kit::date::{Precision, ToldDate};
use crate::kit::id::{CaseId, InterpreterId, PartyId, PersonId, UserId};
use crate::kit::lang::Lang;
use crate::kit::lists::{Channel, Service};
use crate::kit::money::Amount;
use crate::kit::world::World;
use crate::partners::{self, Partner, rules::choose};
use crate::people;
use crate::people::consent::How;
use crate::referrals::incoming::{self, Coming};
use crate::referrals::rules::{Consent, In, InStep, Payer, Report, Step as Move, Told, cover};
use crate::referrals::{self, Agreement, Draft};
use crate::vault::{Actor, CaseworkEvent, CaseworkTx, Event, Refusal, Roles, Vault, WriteTx};

const STORIES: &str = include_str!("../../../assets/sample/stories.tsv");
const NOTES: &str = include_str!("../../../assets/sample/notes.tsv");
const TASKS: &str = include_str!("../../../assets/sample/tasks.tsv");
const EMPLOYERS: &str = include_str!("../../../assets/sample/employers.tsv");

/// Cases in one transaction.
const BATCH: u32 = 200;
/// Referrals in one transaction.
const REFERRAL_BATCH: u32 = 500;
/// A party for so many cases.
const CASES_OF_A_PARTY: u32 = 12;
/// The notes of the longest case, where there are enough for one.
const LONGEST: u32 = 200;

/// How much casework is made up, and until when.
#[derive(Clone, Copy, Debug)]
pub struct Casework {
    pub cases: u32,
    pub notes: u32,
    pub referrals: u32,
    pub incoming: u32,
    /// In so many of the last cases talks, illnesses, help, shelter and papers in keeping are told.
    pub cared: u32,
    pub years: u32,
    pub seed: u64,
    pub until: DateTime<Utc>,
}

/// One invented case, as what is told of it later needs it.
pub(super) struct Made {
    pub case: CaseId,
    pub person: PersonId,
    pub worker: Actor,
    pub kind: Kind,
    pub opened: i64,
    pub closed: Option<i64>,
}

/// What the sentences of one language are taken from.
pub(super) struct Texts {
    stories: Vec<Vec<&'static str>>,
    notes: Vec<(NoteKind, &'static str)>,
    tasks: Vec<(&'static str, &'static str, &'static str)>,
    first: Vec<(&'static str, &'static str)>,
    second: Vec<(&'static str, &'static str)>,
    /// The place of this language among the three of a row.
    pub place: usize,
}

impl Texts {
    fn of(lang: Lang) -> Self {
        let place = match lang {
            Lang::En => 0,
            Lang::Ar => 1,
            Lang::Fr => 2,
        };
        let part = |part: &str| {
            rows(EMPLOYERS)
                .filter(|row| row[0] == part)
                .map(|row| (row[1], row[2]))
                .collect()
        };
        Self {
            stories: rows(STORIES).collect(),
            notes: rows(NOTES)
                .filter_map(|row| Some((NoteKind::from_code(row[0])?, row[1 + place])))
                .collect(),
            tasks: rows(TASKS)
                .map(|row| (row[0], row[1], row[2 + place]))
                .collect(),
            first: part("first"),
            second: part("second"),
            place,
        }
    }

    /// One of a kind of task: what it is, and its words.
    fn task(&self, dice: &Dice, of: &str) -> (&'static str, &'static str) {
        let fit: Vec<_> = self.tasks.iter().filter(|(kind, ..)| *kind == of).collect();
        let (_, kind, words) = dice.pick(&fit);
        (kind, words)
    }

    fn words(&self, dice: &Dice, of: &str) -> String {
        self.task(dice, of).1.to_owned()
    }

    /// Two or three sentences, with a number that tells one note from another.
    fn note(&self, dice: &Dice) -> (NoteKind, String) {
        let (kind, first) = dice.pick(&self.notes);
        let mut words = (*first).to_owned();
        for _ in 0..1 + dice.under(2) {
            words.push(' ');
            words.push_str(dice.pick(&self.notes).1);
        }
        if dice.one_in(3) {
            let (latin, arabic) = dice.pick(&self.first);
            let name = if self.place == 1 { arabic } else { latin };
            words.push_str(&format!(" ({name} {})", 1 + dice.under(900)));
        }
        (*kind, words)
    }
}

pub(super) struct Teller<'t> {
    pub world: &'t World,
    at: &'t AtomicI64,
    pub dice: &'t Dice,
    pub texts: &'t Texts,
    pub until: i64,
}

pub(super) const DAY: i64 = 86_400;

impl Teller<'_> {
    /// Goes to a moment, never past the end.
    pub fn go(&self, at: i64) {
        self.at.store(at.min(self.until), Ordering::Relaxed);
    }

    /// Some time in working hours of a day between two moments.
    fn between(&self, from: i64, until: i64) -> i64 {
        let days = usize::try_from((until - from).max(0) / DAY).unwrap_or(0);
        let day = from + i64::try_from(self.dice.under(days + 1)).unwrap_or(0) * DAY;
        day.min(until)
    }

    pub fn day(&self, at: i64) -> NaiveDate {
        DateTime::from_timestamp(at, 0)
            .unwrap_or_default()
            .date_naive()
    }

    fn end(&self) -> NaiveDate {
        self.day(self.until)
    }
}

/// Cases lie evenly over the years; those of the last weeks are mostly open, the old ones closed.
/// The caseworkers of the centre share them; where there is none, `actor` has them all.
pub fn casework(
    vault: &Vault,
    actor: Actor,
    amount: &Casework,
    people: &[PersonId],
) -> Result<(), Refusal> {
    if people.is_empty() {
        return Ok(());
    }
    let span = i64::from(amount.years) * 365 * DAY;
    let until = amount.until.timestamp();
    let (world, at) = walking(until - span, amount.seed ^ 0xCA5E);
    let dice = Dice::new(amount.seed ^ 0xCA5E);
    let texts = Texts::of(vault.language());
    let teller = Teller {
        world: &world,
        at: &at,
        dice: &dice,
        texts: &texts,
        until,
    };
    let workers = workers(vault, actor)?;
    let parties = vault.write_casework(actor, None, |tx| {
        let mut parties = Vec::new();
        for n in 0..amount.cases.div_ceil(CASES_OF_A_PARTY) {
            parties.push(party(tx, &teller, actor, n)?);
        }
        let records = amount.cases.div_ceil(CASES_OF_A_PARTY);
        Ok::<_, Refusal>((parties, CaseworkEvent::CaseSampleAdded { records }))
    })?;
    let mut made = Vec::new();
    while made.len() < amount.cases as usize {
        let done = u32::try_from(made.len()).unwrap_or(u32::MAX);
        let batch = BATCH.min(amount.cases - done);
        let some = vault.write_casework(actor, None, |tx| {
            let mut some = Vec::new();
            for n in done..done + batch {
                let share = f64::from(n + 1) / f64::from(amount.cases);
                let opened = until - span + (span as f64 * share) as i64;
                let notes = notes(&dice, amount, n);
                let case = Telling {
                    fate: Fate::of(amount.cases - 1 - n),
                    teller: &teller,
                    worker: *dice.pick(&workers),
                    opened,
                    notes,
                };
                some.push(case.tell(tx, people, &parties)?);
            }
            Ok::<_, Refusal>((some, CaseworkEvent::CaseSampleAdded { records: batch }))
        })?;
        made.extend(some);
    }
    let partners = vault.read(partners::all)?;
    refer(vault, actor, &teller, amount, &made, &partners)?;
    receive(vault, actor, &teller, amount, &made, &partners)?;
    care::give(vault, actor, &teller, amount.cared, &made)
}

/// How many notes the `n`th case gets, so that together they are as many as asked for.
fn notes(dice: &Dice, amount: &Casework, n: u32) -> u32 {
    if n + 1 == amount.cases && amount.notes >= LONGEST * 10 {
        return LONGEST;
    }
    let usual = amount.notes.saturating_sub(LONGEST) / amount.cases.max(1);
    if usual < 2 {
        return u32::from(dice.under(2) < usual as usize + 1);
    }
    // Around the usual number, one more as often as one less.
    usual - 1 + u32::try_from(dice.under(3)).unwrap_or(1)
}

fn workers(vault: &Vault, actor: Actor) -> Result<Vec<Actor>, Refusal> {
    let known: Vec<(UserId, String)> = vault.read(store::caseworkers)?;
    let mut workers: Vec<Actor> = known
        .into_iter()
        .map(|(user, _)| Actor {
            user,
            roles: Roles::CASEWORKER,
        })
        .collect();
    if workers.is_empty() {
        workers.push(actor);
    }
    Ok(workers)
}

fn party(
    tx: &CaseworkTx<'_>,
    teller: &Teller<'_>,
    actor: Actor,
    n: u32,
) -> Result<PartyId, Refusal> {
    let (dice, texts) = (teller.dice, teller.texts);
    let (first, second) = (dice.pick(&texts.first), dice.pick(&texts.second));
    // Beyond the first hundred the same words come again, with a number.
    let number = if n < 100 {
        String::new()
    } else {
        format!(" {n}")
    };
    let names = [
        format!("{} {}{number}", first.0, second.0),
        format!("{} {}{number}", second.1, first.1),
    ];
    let mut names: Vec<String> = names.into();
    if texts.place == 1 {
        names.reverse();
    }
    store::add_party(
        tx,
        teller.world,
        actor,
        &PartyTold {
            kind: *dice.often(PartyKind::ALL),
            names,
            sector: None,
            place: None,
            contact: dice
                .one_in(2)
                .then(|| format!("+999 21 {:06}", dice.under(1_000_000))),
        },
    )
}

/// What the last cases come to, so that a small centre too has one of each; the others as chance
/// has it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Long,
    New,
    Nobodys,
    Waiting,
    Settled,
    Chance,
}

impl Fate {
    fn of(from_the_end: u32) -> Self {
        match from_the_end {
            0 => Self::Long,
            1 => Self::New,
            2 => Self::Nobodys,
            3 => Self::Waiting,
            4 => Self::Settled,
            _ => Self::Chance,
        }
    }
}

/// One case that is being made up.
struct Telling<'t> {
    fate: Fate,
    teller: &'t Teller<'t>,
    worker: Actor,
    opened: i64,
    notes: u32,
}

impl Telling<'_> {
    fn tell(
        &self,
        tx: &CaseworkTx<'_>,
        people: &[PersonId],
        parties: &[PartyId],
    ) -> Result<Made, Refusal> {
        let Teller { dice, texts, .. } = self.teller;
        let age = (self.teller.until - self.opened) / DAY;
        let chance = self.fate == Fate::Chance;
        let closes = chance
            && match age {
                0..60 => dice.one_in(4),
                60..180 => !dice.one_in(3),
                _ => !dice.one_in(100),
            };
        let row = match (self.fate, texts.stories.as_slice()) {
            (Fate::Settled, [wages, ..]) => wages,
            (Fate::Waiting, [.., roof]) => roof,
            (_, all) => dice.pick(all),
        };
        let kind = Kind::from_code(row[0]).unwrap_or(Kind::Legal);
        self.teller.go(self.opened);
        let person = *dice.pick(people);
        let nobody = self.fate == Fate::Nobodys || chance && age < 6 && !closes && dice.one_in(4);
        let worker = (!nobody).then_some(self.worker.user);
        let case = self.open(tx, row, kind, person, worker)?;
        if dice.one_in(10) {
            let other = *dice.pick(people);
            if other != person {
                store::add_person(tx, case, other, PersonRole::Dependant)?;
            }
        }
        if matches!(kind, Kind::Legal) && !dice.one_in(4) || dice.one_in(5) {
            store::link_party(tx, case, *dice.often(parties))?;
        }
        let ends = match closes {
            true => {
                let long = i64::try_from(5 + dice.under(150)).unwrap_or(5) * DAY;
                (self.opened + long).min(self.teller.until)
            }
            false => self.teller.until,
        };
        for _ in 0..self.notes {
            let (kind, words) = texts.note(dice);
            self.teller.go(self.teller.between(self.opened, ends));
            store::add_note(tx, self.teller.world, self.worker, case, kind, None, &words)?;
        }
        let new = self.fate == Fate::New || chance && age < 10 && !closes && dice.one_in(3);
        if nobody || new {
            return Ok(self.made(case, person, kind, None));
        }
        self.work(tx, case, ends, closes)?;
        let wages = row[1].starts_with('W') || chance && dice.one_in(6);
        let agreed = match wages {
            true => self.money(tx, case, ends, closes)?,
            false => false,
        };
        self.advance(tx, case, kind, ends, closes, agreed)?;
        Ok(self.made(case, person, kind, closes.then_some(ends)))
    }

    fn made(&self, case: CaseId, person: PersonId, kind: Kind, closed: Option<i64>) -> Made {
        Made {
            case,
            person,
            worker: self.worker,
            kind,
            opened: self.opened,
            closed,
        }
    }

    fn open(
        &self,
        tx: &CaseworkTx<'_>,
        row: &[&'static str],
        kind: Kind,
        person: PersonId,
        worker: Option<UserId>,
    ) -> Result<CaseId, Refusal> {
        let Teller { dice, texts, .. } = self.teller;
        let issues: Vec<IssueTold> = row[1]
            .split(' ')
            .filter_map(Issue::from_code)
            .enumerate()
            .map(|(place, issue)| IssueTold {
                issue,
                since: (place == 0 && dice.one_in(2)).then(|| ToldDate {
                    date: self.teller.day(self.opened - 60 * DAY),
                    precision: Precision::Month,
                }),
                main: place == 0,
            })
            .collect();
        let story = Story {
            kind,
            urgency: match dice.under(12) {
                0 => Urgency::Emergency,
                1..4 => Urgency::Urgent,
                _ => Urgency::Normal,
            },
            channel: Some(*dice.often(Channel::ALL)),
            words: row[2 + 2 * texts.place].to_owned(),
            goal: Some(row[3 + 2 * texts.place].to_owned()),
            safety: Some(texts.words(dice, "safety")),
        };
        store::open(
            tx,
            self.teller.world,
            self.worker,
            &Opening {
                story: &story,
                person,
                issues: &issues,
                worker,
            },
        )
    }

    /// Actions, deadlines and a hearing: done where the case is, around today where it is not.
    fn work(
        &self,
        tx: &CaseworkTx<'_>,
        case: CaseId,
        ends: i64,
        closes: bool,
    ) -> Result<(), Refusal> {
        let Teller {
            dice, texts, world, ..
        } = self.teller;
        for _ in 0..1 + dice.under(3) {
            let (kind, what) = texts.task(dice, "action");
            let open = !closes && dice.one_in(2);
            let due = if open {
                self.soon(4, 21)
            } else {
                self.teller.day(self.teller.between(self.opened, ends))
            };
            self.teller.go(self.opened + DAY);
            let planned = Planned {
                kind: ActionKind::from_code(kind).unwrap_or(ActionKind::Other),
                what,
                due,
                by: self.worker.user,
            };
            let action = store::plan_action(tx, world, case, &planned)?;
            if !open {
                self.teller.go(self.teller.between(self.opened, ends));
                let result = texts.words(dice, "result");
                store::action_done(tx, world, case, action, Some(&result))?;
            }
        }
        if dice.one_in(2) {
            let (kind, source) = texts.task(dice, "deadline");
            let kind = DeadlineKind::from_code(kind).unwrap_or(DeadlineKind::Other);
            let open = !closes && dice.one_in(2);
            let day = if open {
                self.soon(2, 45)
            } else {
                self.teller.day(ends)
            };
            self.teller.go(self.opened + DAY);
            let deadline = store::set_deadline(tx, world, self.worker, case, (kind, day, source))?;
            if !open {
                self.teller.go(ends);
                let answer = *dice.often(DeadlineAnswer::ALL);
                store::answer_deadline(tx, world, case, deadline, answer)?;
            }
        }
        if dice.one_in(6) {
            let (_, place) = texts.task(dice, "hearing");
            let open = !closes && dice.one_in(2);
            let day = if open {
                self.soon(0, 30)
            } else {
                self.teller.day(ends)
            };
            let hour = format!("{:02}:{:02}", 9 + dice.under(4), 15 * dice.under(4));
            self.teller.go(self.opened + DAY);
            let hearing =
                store::set_hearing(tx, world, self.worker, case, (day, Some(&hour), place))?;
            if !open {
                self.teller.go(ends);
                store::hearing_held(tx, world, case, hearing, &texts.words(dice, "result"))?;
            }
        }
        Ok(())
    }

    /// A day from `before` days ago to `after` days ahead.
    fn soon(&self, before: u64, after: usize) -> NaiveDate {
        let ahead = self.teller.dice.under(after + before as usize + 1) as u64;
        self.teller.end() - Days::new(before) + Days::new(ahead)
    }

    /// What was claimed, and mostly agreed and paid in parts. Whether anything was agreed.
    fn money(
        &self,
        tx: &CaseworkTx<'_>,
        case: CaseId,
        ends: i64,
        closes: bool,
    ) -> Result<bool, Refusal> {
        let Teller { dice, world, .. } = self.teller;
        let (code, unit) = *dice.often(&[("USD", 100), ("LBP", 9_000_000), ("KWD", 300)]);
        let amount = |parts: i64| Amount::new(parts * unit, code).ok_or(Refusal::Missing);
        let sum = |kind, parts, day, instalment| {
            let new = NewSum {
                kind,
                amount: amount(parts)?,
                day,
                note: None,
                instalment,
            };
            store::note_sum(tx, world, self.worker, case, &new)
        };
        let claimed = 3 * i64::try_from(2 + dice.under(9)).unwrap_or(2) * 50;
        self.teller.go(self.opened + DAY);
        sum(
            SumKind::Claimed,
            claimed,
            self.teller.day(self.opened),
            None,
        )?;
        let runs_on = !closes && !dice.one_in(3) || dice.one_in(8);
        if runs_on && self.fate != Fate::Settled {
            return Ok(false);
        }
        let agreed = claimed * 2 / 3;
        let middle = self.teller.day(i64::midpoint(self.opened, ends));
        self.teller.go(ends);
        sum(SumKind::Offered, claimed / 3, middle, None)?;
        sum(SumKind::Agreed, agreed, middle, None)?;
        let broken = closes && dice.one_in(7);
        for part in 0..2_u64 {
            let due = match closes {
                true => self.teller.day(ends),
                false => self.teller.end() + Days::new(part * 30 + 1) - Days::new(4),
            };
            let share = agreed / 2;
            let each = amount(share)?;
            let planned = store::plan_instalment(tx, world, self.worker, case, due, each)?;
            if closes && !(broken && part == 1) {
                let on = self.teller.day(ends);
                sum(SumKind::Received, share, on, Some(planned))?;
            }
        }
        if broken {
            sum(SumKind::WrittenOff, agreed / 2, self.teller.day(ends), None)?;
        } else if closes && agreed % 2 == 1 {
            sum(SumKind::Received, 1, self.teller.day(ends), None)?;
        }
        Ok(true)
    }

    /// By the same rules as on the page.
    fn advance(
        &self,
        tx: &CaseworkTx<'_>,
        case: CaseId,
        kind: Kind,
        ends: i64,
        closes: bool,
        agreed: bool,
    ) -> Result<(), Refusal> {
        let Teller { dice, texts, .. } = self.teller;
        self.teller.go(ends);
        let mut steps = vec![Step::Assess, Step::Start];
        if closes {
            if agreed {
                steps.push(Step::Settle);
            }
            steps.push(Step::Close(Closing {
                outcome: outcome(dice, kind, agreed),
                satisfaction: *dice.often(Satisfaction::ALL),
                note: None,
                day: self.teller.day(ends),
            }));
        } else if agreed {
            steps.push(Step::Settle);
        } else if self.fate == Fate::Waiting || dice.one_in(4) {
            steps.push(Step::Wait(Wait {
                on: texts.words(dice, "wait"),
                until: self.teller.end() + Days::new(dice.under(20) as u64),
            }));
        }
        let mut state = State::Open;
        for next in steps {
            let file = store::case_file(tx, case)?.ok_or(Refusal::Missing)?;
            let facts = store::facts(tx, &file, self.teller.day(ends))?;
            state = step(&state, next, &facts).map_err(|_| Refusal::Missing)?;
            store::put_state(tx, case, &state)?;
        }
        Ok(())
    }
}

fn outcome(dice: &Dice, kind: Kind, agreed: bool) -> Outcome {
    use Outcome::*;
    if agreed {
        return *dice.often(&[PaidInFull, PaidInPart, SettledOtherwise]);
    }
    *dice.often(match kind {
        Kind::Legal => &[
            DocumentsReturned,
            Transferred,
            Regularised,
            NoGround,
            LostContact,
        ],
        Kind::Medical => &[Treated, ReferredOn, LostContact],
        Kind::Psychosocial => &[ReferredOn, Withdrew, Treated],
        Kind::Social => &[ReturnedHome, Regularised, Withdrew],
    })
}

/// What a case of this kind is referred for.
fn need(kind: Kind) -> Service {
    match kind {
        Kind::Legal => Service::LegAdvice,
        Kind::Medical => Service::MedRefer,
        Kind::Psychosocial => Service::PsyCounselling,
        Kind::Social => Service::SocKind,
    }
}

/// How far an open referral has come, in turn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Far {
    Drafted,
    Agreed,
    Sent,
    Late,
    Accepted,
    Declined,
    Expected,
    Came,
    Missed,
    Completed,
    Cancelled,
}

const OPEN: [Far; 11] = [
    Far::Expected,
    Far::Drafted,
    Far::Sent,
    Far::Missed,
    Far::Agreed,
    Far::Late,
    Far::Accepted,
    Far::Declined,
    Far::Came,
    Far::Completed,
    Far::Cancelled,
];

fn refer(
    vault: &Vault,
    actor: Actor,
    teller: &Teller<'_>,
    amount: &Casework,
    made: &[Made],
    partners: &[Partner],
) -> Result<(), Refusal> {
    let mut done = 0;
    let interpreters = vault.read(interpreters::all)?;
    let open: Vec<&Made> = made.iter().filter(|one| one.closed.is_none()).collect();
    // Half of those that are open have one, the rest lies in the past.
    let current = (open.len() / 2).max(OPEN.len());
    while done < amount.referrals && !made.is_empty() {
        let batch = REFERRAL_BATCH.min(amount.referrals - done);
        vault.write_both(actor, None, |desk, tx| {
            for n in done..done + batch {
                let n = n as usize;
                let (of, far) = match n < current && !open.is_empty() {
                    true => (open[n % open.len()], OPEN[n % OPEN.len()]),
                    false => {
                        let of = teller.dice.pick(made);
                        let far = *teller.dice.often(&[
                            Far::Completed,
                            Far::Completed,
                            Far::Completed,
                            Far::Cancelled,
                        ]);
                        (of, far)
                    }
                };
                one_referral(desk, tx, teller, of, far, partners, &interpreters)?;
            }
            let event = CaseworkEvent::CaseSampleAdded { records: batch };
            Ok::<_, Refusal>(((), event, Event::SampleAdded { records: batch }))
        })?;
        done += batch;
    }
    Ok(())
}

fn one_referral(
    desk: &WriteTx<'_>,
    tx: &CaseworkTx<'_>,
    teller: &Teller<'_>,
    of: &Made,
    far: Far,
    partners: &[Partner],
    interpreters: &[Interpreter],
) -> Result<(), Refusal> {
    let (dice, texts, world) = (teller.dice, teller.texts, teller.world);
    let need = need(of.kind);
    let fit: Vec<&Partner> = partners
        .iter()
        .filter(|partner| partner.profile.services.contains(&need))
        .collect();
    if fit.is_empty() {
        return Ok(());
    }
    let partner = *dice.often(&fit);
    let reason = texts.words(dice, "unsafe");
    let chosen = choose(partner, Some(&reason)).map_err(|_| Refusal::Missing)?;
    let medical = of.kind == Kind::Medical;
    let told: BTreeSet<Told> = match medical {
        true => [Told::Name, Told::Health].into(),
        false => [Told::Name].into(),
    };
    let end = of.closed.unwrap_or(teller.until);
    // What is not over was begun lately.
    let begun = match of.closed {
        Some(_) => of.opened,
        None => of.opened.max(teller.until - 20 * DAY),
    };
    teller.go(begun);
    let draft = Draft {
        person: of.person,
        chosen,
        need,
        urgency: *dice.often(&[Urgency::Normal, Urgency::Urgent, Urgency::Emergency]),
        ask: Some(texts.words(dice, "ask")),
        story: None,
        health: medical.then(|| texts.words(dice, "health")),
        papers: None,
        told: told.clone(),
        accompanied_by: dice.one_in(3).then(|| "Huda Sample".to_owned()),
        interpreter: interpreter_of(desk, teller, of.person, interpreters)?,
        payer: *dice.pick(Payer::ALL),
        estimate: None,
        follow_up: None,
    };
    let id = referrals::insert(tx, world, of.worker, of.case, &draft)?;
    let mut now = referrals::referral(tx, id)?.ok_or(Refusal::Missing)?;
    if far == Far::Drafted {
        return Ok(());
    }
    let asked = now.asked();
    let agreement = Agreement {
        person: of.person,
        partner: partner.id,
        asked: &asked,
        told: &told,
        words: &texts.words(dice, "ask"),
        language: Lang::En,
        read_in: "eng",
        how: *dice.pick(How::ALL),
        expires: None,
    };
    referrals::agree(tx, world, of.worker, id, &agreement)?;
    let consent = Consent {
        person: Some(of.person),
        partner: partner.id,
        asked: Some(asked.clone()),
        told: told.clone(),
        given: world.today(),
        expires: None,
        withdrawn: None,
    };
    let mut take = |at: i64, step: Move| -> Result<(), Refusal> {
        teller.go(at);
        let next = now.state.clone().step(step, world.today());
        let next = next.map_err(|_| Refusal::Missing)?;
        referrals::put_state(tx, world, of.worker, &now, &next)?;
        now.state = next;
        Ok(())
    };
    if far == Far::Agreed {
        return Ok(());
    }
    let covered = cover(
        of.person,
        partner.id,
        &asked,
        &told,
        Some(&consent),
        world.today(),
    );
    let covered = covered.map_err(|_| Refusal::Missing)?;
    let sent = match far {
        Far::Sent => end - 2 * DAY,
        Far::Late => end - 9 * DAY,
        _ => begun + DAY,
    };
    let sent = sent.clamp(begun, end.max(begun));
    let on = teller.day(sent);
    take(sent, Move::Send { covered, on })?;
    match far {
        Far::Sent | Far::Late => return Ok(()),
        Far::Declined => {
            let reason = texts.words(dice, "no");
            return take(sent + DAY, Move::Decline { reason });
        }
        Far::Cancelled => {
            let reason = Some(texts.words(dice, "gone"));
            return take(sent + DAY, Move::Cancel { reason });
        }
        _ => {}
    }
    take(sent + DAY, Move::Accept { place: None })?;
    if far == Far::Accepted {
        return Ok(());
    }
    let visit = match far {
        Far::Expected => teller.until + DAY * (i64::try_from(dice.under(9)).unwrap_or(0) - 1),
        _ => (sent + 3 * DAY).min(end),
    };
    let hour = 8 + u32::try_from(dice.under(8)).unwrap_or(0);
    let at = teller
        .day(visit)
        .and_hms_opt(hour, 30, 0)
        .unwrap_or_default();
    take((sent + DAY).min(visit), Move::Appoint { at })?;
    if matches!(far, Far::Expected | Far::Missed | Far::Came) {
        let expected = store::Expected {
            person: of.person,
            day: at.date(),
            hour: &at.format("%H:%M").to_string(),
            room: None,
        };
        let made = store::make_appointment(desk, tx, world, of.worker, of.case, &expected)?;
        referrals::put_appointment(tx, id, Some(made))?;
    }
    match far {
        Far::Missed => take(visit, Move::Miss),
        Far::Came => take(visit, Move::Arrive { on: None }),
        Far::Completed => {
            take(visit, Move::Arrive { on: None })?;
            let result = texts.words(dice, "outcome");
            take(visit + DAY, Move::Complete { result })
        }
        _ => Ok(()),
    }
}

/// Who speaks for somebody at a partner: the best of those who may, by the same rule as on the page.
fn interpreter_of(
    desk: &WriteTx<'_>,
    teller: &Teller<'_>,
    person: PersonId,
    interpreters: &[Interpreter],
) -> Result<Option<InterpreterId>, Refusal> {
    let record = people::record(desk, person)?.ok_or(Refusal::Missing)?;
    let profile = record.profile;
    let language = profile.languages.first().filter(|code| *code != "ara");
    let Some(language) = language else {
        return Ok(None);
    };
    let wanted = Wanted {
        language: Some(language.clone()),
        ..Wanted::default()
    };
    let on = teller.end();
    let known = find(&wanted, interpreters.to_vec(), on.and_time(NaiveTime::MIN));
    let fit = known
        .iter()
        .find_map(|one| assign(one, on, &profile.nationality).ok());
    Ok(fit.map(Assigned::interpreter))
}

/// Those whom partners sent here, in each state in turn.
fn receive(
    vault: &Vault,
    actor: Actor,
    teller: &Teller<'_>,
    amount: &Casework,
    made: &[Made],
    partners: &[Partner],
) -> Result<(), Refusal> {
    let (dice, texts, world) = (teller.dice, teller.texts, teller.world);
    vault.write_casework(actor, None, |tx| {
        for n in 0..amount.incoming {
            let days = i64::try_from(dice.under(12)).unwrap_or(0);
            teller.go(teller.until - days * DAY);
            let coming = Coming {
                partner: (!dice.one_in(5)).then(|| dice.pick(partners).id),
                received: world.today(),
                called: format!("{}-{:03}", dice.pick(&["A", "K", "M"]), dice.under(1_000)),
                need: *dice.pick(&[Service::LegAdvice, Service::LegDocs, Service::SocKind]),
                urgency: *dice.often(&[Urgency::Normal, Urgency::Normal, Urgency::Urgent]),
                words: Some(texts.words(dice, "sent")),
            };
            let id = incoming::receive(tx, world, actor, &coming)?;
            let case = dice.pick(made).case;
            let report = Report {
                words: texts.words(dice, "report"),
                agreed: How::Spoken,
            };
            let reason = texts.words(dice, "no");
            let on = teller.end();
            let steps = match n % 5 {
                1 => vec![InStep::Accept],
                2 => vec![InStep::Decline { reason }],
                3 => vec![InStep::Accept, InStep::Link { case }],
                4 => vec![
                    InStep::Accept,
                    InStep::Link { case },
                    InStep::Report { on, report },
                ],
                _ => Vec::new(),
            };
            let mut state = In::Received;
            for step in steps {
                state = state.step(step).map_err(|_| Refusal::Missing)?;
                incoming::put(tx, world, id, &state)?;
            }
        }
        let records = amount.incoming;
        Ok::<_, Refusal>(((), CaseworkEvent::CaseSampleAdded { records }))
    })
}
