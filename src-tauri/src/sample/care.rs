//! What care leaves behind in invented cases: talks, illnesses, help, nights in a shelter, papers in
//! keeping. All of it goes through the stores and rules that the pages use; what is sealed is sealed
//! for its author and for two who are really named.

use super::casework::{DAY, Made, Teller};
use super::rows;
use crate::cases::documents::{DocumentKind, usual};
use crate::cases::rules::{CaseFile, Kind, State as CaseState, Urgency};
use crate::cases::store::{self as cases, NewAttachment, TakenIn};
use crate::counselling::rules::{Minutes, TalkKind};
use crate::counselling::store::{self as counselling, NewTalk};
use crate::help::rules::{Asked, Criterion, Decision, Signed, Stage, State, Step};
use crate::help::store::{self as help, NewHelp};
use crate::kit::id::{EpisodeId, HelpId};
use crate::kit::money::Amount;
use crate::kit::scan::Format;
use crate::kit::world::World;
use crate::medical::rules::{Ended, Need, VisitOutcome, ends};
use crate::medical::store::{self as medical, NewCost, NewEpisode, NewVisit};
use crate::people;
use crate::people::rules::Gender;
use crate::referrals::rules::Payer;
use crate::shelter::rules::{Left, LeftWhy, comes, leaves};
use crate::shelter::store::{self as shelter, NewStay};
use crate::vault::keyfile::Cost;
use crate::vault::secret::Passphrase;
use crate::vault::{
    Actor, CaseworkEvent, CaseworkTx, Refusal, Roles, Vault, sealed, user_called, words,
};

const CARE: &str = include_str!("../../../assets/sample/care.tsv");

/// Scans that show lines for words, so that nobody can take them for somebody's papers.
const SCANS: [(DocumentKind, &[u8]); 2] = [
    (
        DocumentKind::Contract,
        include_bytes!("../../../assets/sample/contract.png"),
    ),
    (
        DocumentKind::Payslip,
        include_bytes!("../../../assets/sample/payslip.png"),
    ),
];

/// How long before its end what is told of a case begins.
const LATELY: i64 = 24 * DAY;
/// In a shorter time there is nothing to tell.
const SHORTEST: i64 = 3 * DAY;

/// Tells of care in the last `number` cases that somebody works on. One of them gets some of
/// everything; the others what their kind needs.
pub(super) fn give(
    vault: &Vault,
    actor: Actor,
    teller: &Teller<'_>,
    number: u32,
    made: &[Made],
) -> Result<(), Refusal> {
    if number == 0 {
        return Ok(());
    }
    let words = Words::of(teller.texts.place);
    let colleague = colleague(vault, actor, &words)?;
    if vault
        .list_casework(actor, |casework| sealed::pair(casework))?
        .is_none()
    {
        vault.name_sealed(actor, actor.user, Some(colleague.user))?;
    }
    let mut scans = Vec::new();
    for (kind, bytes) in SCANS {
        scans.push(NewAttachment {
            kind,
            what: None,
            dated: None,
            format: Format::Png,
            length: bytes.len() as u64,
            content: vault.keep_file(bytes)?,
        });
    }
    let telling = Telling {
        teller,
        words,
        actor,
        colleague,
        scans,
    };
    vault.write_casework(actor, None, |tx| {
        let records = telling.tell(tx, number as usize, made)?;
        Ok(((), CaseworkEvent::CaseSampleAdded { records }))
    })
}

/// A second one of the team: whoever asks for help does not decide, and two sign for a paper in
/// keeping. Whoever practises alone gets an invented one, with a passphrase that nobody knows: on
/// the page of users there is a new one to be had.
fn colleague(vault: &Vault, actor: Actor, words: &Words) -> Result<Actor, Refusal> {
    let roles = Roles::CASEWORKER;
    let (known, own) = vault.read(|db| {
        let own = user_called(db, actor.user)?;
        Ok::<_, Refusal>((cases::caseworkers(db)?, own.trim().to_lowercase()))
    })?;
    let other = known.into_iter().find(|(user, _)| *user != actor.user);
    if let Some((user, _)) = other {
        return Ok(Actor { user, roles });
    }
    let mut names = words.all("colleague").map(|(_, name)| name);
    let name = names.find(|name| name.to_lowercase() != own);
    let user = vault.add_user(
        actor,
        name.ok_or(Refusal::Missing)?,
        roles,
        vault.language(),
        &Passphrase::new(&words::offered(&World::system())),
        Cost::FLOOR,
    )?;
    Ok(Actor { user, roles })
}

/// The words of the list in one language, each with its code.
struct Words(Vec<(&'static str, &'static str, &'static str)>);

impl Words {
    fn of(place: usize) -> Self {
        let words = rows(CARE).map(|row| (row[0], row[1], row[2 + place]));
        Self(words.collect())
    }

    fn all(&self, part: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
        let of_part = self.0.iter().filter(move |(of, ..)| *of == part);
        of_part.map(|(_, code, words)| (*code, *words))
    }

    /// The `n`th of a part, and from its end on the first again: so that a small centre has each.
    fn nth(&self, part: &str, n: usize) -> (&'static str, &'static str) {
        let all: Vec<_> = self.all(part).collect();
        all.get(n % all.len().max(1)).copied().unwrap_or_default()
    }

    fn words(&self, part: &str, n: usize) -> &'static str {
        self.nth(part, n).1
    }
}

struct Telling<'t> {
    teller: &'t Teller<'t>,
    words: Words,
    actor: Actor,
    colleague: Actor,
    scans: Vec<NewAttachment<'static>>,
}

/// One case and the time in which it is told.
struct Of<'m> {
    made: &'m Made,
    file: CaseFile,
    from: i64,
    until: i64,
    /// Which one of those that are told.
    nth: usize,
    /// The one that gets some of everything.
    full: bool,
}

impl Of<'_> {
    fn is_over(&self) -> bool {
        self.made.closed.is_some()
    }

    /// A moment so many days after the beginning, within the time of the case.
    fn at(&self, days: i64) -> i64 {
        (self.from + days * DAY).min(self.until)
    }

    fn needs(&self, kinds: &[Kind]) -> bool {
        self.full || kinds.contains(&self.made.kind)
    }
}

impl Telling<'_> {
    fn tell(&self, tx: &CaseworkTx<'_>, number: usize, made: &[Made]) -> Result<u32, Refusal> {
        use Kind::{Legal, Medical, Psychosocial, Social};
        let mut told = self.told(tx, number, made)?;
        // Numbers of receipts and envelopes run with the days.
        told.sort_by_key(|of| of.from);
        let mut records = 0;
        let mut asked = Vec::new();
        for of in &told {
            if of.needs(&[Psychosocial]) {
                records += self.talks(tx, of)?;
            }
            if of.needs(&[Medical]) {
                records += self.episode(tx, of)?;
            }
            if of.needs(&[Psychosocial, Social]) {
                records += self.stays(tx, of)?;
            }
            if of.needs(&[Legal]) {
                records += self.papers(tx, of)?;
            }
            if of.needs(&[Social, Medical]) {
                asked.extend(requests(of));
            }
        }
        asked.sort_by_key(|(of, days, _)| of.at(*days));
        for (nth, (of, days, stage)) in asked.into_iter().enumerate() {
            self.help(tx, of, of.at(days), stage, nth)?;
            records += 1;
        }
        Ok(records)
    }

    /// The cases to tell of, the newest first.
    fn told<'m>(
        &self,
        tx: &CaseworkTx<'_>,
        number: usize,
        made: &'m [Made],
    ) -> Result<Vec<Of<'m>>, Refusal> {
        let mut told = Vec::new();
        let mut full = false;
        for made in made.iter().rev() {
            let mut file = cases::case_file(tx, made.case)?.ok_or(Refusal::Missing)?;
            let until = made.closed.unwrap_or(self.teller.until);
            let worked = file.worker == Some(made.worker.user) && file.state != CaseState::Open;
            if told.len() == number || !worked || until - made.opened < SHORTEST {
                continue;
            }
            let fullest = !full && made.closed.is_none() && until - made.opened >= LATELY;
            full |= fullest;
            if fullest && made.worker.user != self.colleague.user {
                file.second_worker = Some(self.colleague.user);
                cases::put_second(tx, made.case, file.second_worker)?;
            }
            told.push(Of {
                from: made.opened.max(until - LATELY),
                until,
                full: fullest,
                nth: told.len(),
                file,
                made,
            });
        }
        Ok(told)
    }

    /// The other one, beside whoever works on the case.
    fn other(&self, of: &Of<'_>) -> Actor {
        match of.made.worker.user == self.colleague.user {
            true => self.actor,
            false => self.colleague,
        }
    }

    fn talks(&self, tx: &CaseworkTx<'_>, of: &Of<'_>) -> Result<u32, Refusal> {
        let world = self.teller.world;
        let number = if of.full { 3 } else { 1 + of.nth % 2 };
        for nth in 0..number {
            let (kind, note) = self.words.nth("talk", of.nth + nth);
            let at = of.at(7 * i64::try_from(nth).unwrap_or(0));
            self.teller.go(at);
            let new = NewTalk {
                person: of.made.person,
                day: self.teller.day(at),
                minutes: Minutes::parse(["50", "20", "90"][nth % 3])
                    .map_err(|_| Refusal::Missing)?,
                kind: TalkKind::from_code(kind).unwrap_or(TalkKind::Alone),
                note,
            };
            let talk = counselling::add(tx, world, of.made.worker, of.made.case, &new)?;
            if nth == 0 {
                self.teller.go(at + DAY);
                let more = self.words.words("more", of.nth);
                counselling::add_note(tx, world, of.made.worker, talk, more)?;
            }
        }
        Ok(u32::try_from(number).unwrap_or(0))
    }

    fn episode(&self, tx: &CaseworkTx<'_>, of: &Of<'_>) -> Result<u32, Refusal> {
        let record = people::record(tx, of.made.person)?.ok_or(Refusal::Missing)?;
        let woman = record.profile.gender == Gender::Female;
        let mut needs = (of.nth..).map(|nth| self.words.nth("need", nth));
        let need = needs.find(|(need, _)| woman || *need != Need::Pregnancy.code());
        let (need, told) = need.ok_or(Refusal::Missing)?;
        self.teller.go(of.from);
        let new = NewEpisode {
            person: of.made.person,
            need: Need::from_code(need).unwrap_or(Need::Other),
            urgency: *self.teller.dice.often(Urgency::ALL),
            words: Some(told),
        };
        let (world, worker) = (self.teller.world, of.made.worker);
        let episode = medical::begin(tx, world, worker, of.made.case, &new)?;
        self.visits(tx, of, episode)?;
        self.costs(tx, of, episode)?;
        self.follow_ups(tx, of, episode)?;
        if of.is_over() {
            let visits = medical::visits(tx, episode)?;
            let asked = medical::follow_ups(tx, episode)?;
            let open = visits
                .iter()
                .filter(|visit| visit.outcome.is_none())
                .count()
                + asked.iter().filter(|one| one.done.is_none()).count();
            ends(None, open).map_err(|_| Refusal::Missing)?;
            let ended = Ended {
                on: self.teller.day(of.until),
                result: self.words.words("end", of.nth).to_owned(),
            };
            medical::end(tx, episode, &ended)?;
        }
        Ok(1)
    }

    /// One that was, and one that is to come where the case goes on.
    fn visits(&self, tx: &CaseworkTx<'_>, of: &Of<'_>, episode: EpisodeId) -> Result<(), Refusal> {
        let (world, worker) = (self.teller.world, of.made.worker);
        let to_come = self.teller.until + 2 * DAY;
        let days = [of.at(2)]
            .into_iter()
            .chain((!of.is_over()).then_some(to_come));
        for (nth, at) in days.enumerate() {
            self.teller.go(of.at(1));
            let new = NewVisit {
                day: self.teller.day(at),
                hour: Some(["09:30", "11:00"][nth % 2]),
                place: self.words.words("clinic", of.nth + nth),
                with_user: (nth == 0).then_some(worker.user),
                with_other: (nth == 1).then(|| self.words.words("colleague", 1)),
            };
            medical::plan_visit(tx, world, worker, episode, &new)?;
        }
        self.teller.go(of.at(2));
        let (outcome, told) = self.words.nth("told", if of.full { 0 } else { of.nth });
        let was = medical::visits(tx, episode)?
            .pop()
            .ok_or(Refusal::Missing)?;
        let outcome = VisitOutcome::from_code(outcome).unwrap_or(VisitOutcome::Went);
        medical::tell_visit(tx, episode, was.id, outcome, Some(told)).map(|_| ())
    }

    fn costs(&self, tx: &CaseworkTx<'_>, of: &Of<'_>, episode: EpisodeId) -> Result<(), Refusal> {
        let (world, worker) = (self.teller.world, of.made.worker);
        let mut costs = vec![
            (4_000, "USD", Payer::Centre),
            (2_550, "USD", Payer::Person),
            (45_000_000, "LBP", Payer::Centre),
        ];
        if of.full {
            costs.push((4_000, "USD", Payer::Centre));
        }
        self.teller.go(of.at(3));
        for (nth, (minor, code, payer)) in costs.into_iter().enumerate() {
            let new = NewCost {
                day: self.teller.day(of.at(2)),
                what: self.words.words("cost", nth),
                amount: Amount::new(minor, code).ok_or(Refusal::Missing)?,
                payer,
            };
            medical::note_cost(tx, world, worker, episode, &new)?;
        }
        if of.full {
            let twice = medical::costs(tx, episode)?.pop().ok_or(Refusal::Missing)?;
            let why = self.words.words("void", 0);
            medical::void_cost(tx, world, episode, twice.id, why)?;
        }
        Ok(())
    }

    fn follow_ups(
        &self,
        tx: &CaseworkTx<'_>,
        of: &Of<'_>,
        episode: EpisodeId,
    ) -> Result<(), Refusal> {
        let (world, worker) = (self.teller.world, of.made.worker);
        self.teller.go(of.at(3));
        let due = self.teller.day(of.at(6));
        let what = self.words.words("ask", of.nth);
        medical::plan_follow_up(tx, world, worker, episode, due, what)?;
        self.teller.go(of.at(6));
        let asked = medical::follow_ups(tx, episode)?
            .pop()
            .ok_or(Refusal::Missing)?;
        let answer = self.words.words("answer", 0);
        medical::follow_up_done(tx, world, episode, asked.id, Some(answer))?;
        if !of.is_over() {
            let due = self.teller.day(self.teller.until + 3 * DAY);
            let what = self.words.words("ask", of.nth + 1);
            medical::plan_follow_up(tx, world, worker, episode, due, what)?;
        }
        Ok(())
    }

    /// Nights that are over where the case is, and in the fullest case some before those of now.
    fn stays(&self, tx: &CaseworkTx<'_>, of: &Of<'_>) -> Result<u32, Refusal> {
        let mut stays = Vec::new();
        if of.full || of.is_over() {
            stays.push((of.at(1), Some(of.at(8))));
        }
        if !of.is_over() {
            stays.push((of.at(9), None));
        }
        let readers = of.file.workers();
        let mut records = 0;
        for (nth, (came, left)) in stays.into_iter().enumerate() {
            let day = self.teller.day(came);
            let known = shelter::nights_of(tx, of.made.person)?;
            if comes(&known, day).is_err() {
                continue;
            }
            self.teller.go(came);
            let new = NewStay {
                person: of.made.person,
                came: day,
                children: u8::try_from(of.nth % 3).unwrap_or(0),
                rules_signed: Some(day),
                exit_plan: Some(self.words.words("plan", 0)),
                place: Some(self.words.words("place", of.nth + nth)),
            };
            let (world, worker) = (self.teller.world, of.made.worker);
            let stay = shelter::begin(tx, world, worker, of.made.case, &readers, &new)?;
            records += 1;
            let Some(left) = left else {
                continue;
            };
            self.teller.go(left);
            let on = self.teller.day(left);
            let nights = shelter::stay(tx, of.made.case, stay)?.nights();
            leaves(nights, on).map_err(|_| Refusal::Missing)?;
            let left = Left {
                on,
                why: LeftWhy::OwnHome,
                words: Some(self.words.words("left", 0).to_owned()),
            };
            shelter::end(tx, stay, &left)?;
        }
        Ok(records)
    }

    /// Originals in keeping, back with their owner before the case was closed; and what is still
    /// needed.
    fn papers(&self, tx: &CaseworkTx<'_>, of: &Of<'_>) -> Result<u32, Refusal> {
        let (world, worker, case) = (self.teller.world, of.made.worker, of.made.case);
        let number = if of.full { 3 } else { 1 };
        for nth in 0..number {
            self.teller.go(of.at(1));
            let taken = TakenIn {
                person: of.made.person,
                what: self.words.words("paper", of.nth + nth),
                place: self.words.words("keep", 0),
                witness: self.other(of).user,
            };
            let original = cases::take_in(tx, world, worker, case, &taken)?;
            if of.is_over() || nth == 2 {
                self.teller.go(of.at(9));
                let to = self.words.words("to", 0);
                cases::give_back(tx, world, worker, case, original, to)?;
            }
        }
        if !of.is_over() {
            for kind in usual(of.made.kind).iter().take(2) {
                cases::ask_for(tx, world, worker, case, *kind, None)?;
            }
        }
        self.teller.go(of.at(2));
        let scans = &self.scans[..if of.full { 2 } else { of.nth % 3 }];
        for scan in scans {
            cases::attach(tx, world, worker, case, scan)?;
        }
        Ok(u32::try_from(number + scans.len()).unwrap_or(0))
    }

    fn help(
        &self,
        tx: &CaseworkTx<'_>,
        of: &Of<'_>,
        at: i64,
        stage: Stage,
        nth: usize,
    ) -> Result<(), Refusal> {
        let (world, worker) = (self.teller.world, of.made.worker);
        let (met, need) = self.words.nth("help", nth);
        let met: Vec<_> = met.split(' ').filter_map(Criterion::from_code).collect();
        let part = i64::try_from(nth % 4).unwrap_or(0);
        let worth = Amount::new(3_000 + 1_500 * part, "USD").ok_or(Refusal::Missing)?;
        let asked = match nth % 2 {
            0 => Asked::Cash(worth),
            _ => {
                let thing = self.words.words("thing", nth);
                Asked::InKind(thing.to_owned(), (nth % 4 == 1).then_some(worth))
            }
        };
        let given = stage == Stage::Given;
        let again = self.teller.day(at + 8 * DAY);
        self.teller.go(at);
        let new = NewHelp {
            person: of.made.person,
            need,
            criteria: &met,
            asked: &asked,
            follow_up: given.then_some(again),
        };
        // In a case that two work on, the second asks too: then the first can decide.
        let asker = match (stage, of.file.second_worker) {
            (Stage::Asked, Some(_)) => self.other(of),
            _ => worker,
        };
        let id = help::ask(tx, world, asker, of.made.case, &new)?;
        self.decide(tx, of, id, stage, at)?;
        // One that was approved waits for its signature, the next one for its receipt.
        if given || stage == Stage::Approved && nth.is_multiple_of(2) {
            self.teller.go(at + 2 * DAY);
            help::number(tx, world, id)?;
        }
        if given {
            let give = Step::Give {
                on: self.teller.day((at + 2 * DAY).min(of.until)),
                by: worker.user,
                signed: *self.teller.dice.pick(Signed::ALL),
            };
            step(tx, id, give)?;
            if again <= self.teller.day(of.until) {
                help::tell(tx, id, self.words.words("after", 0))?;
            }
        }
        Ok(())
    }

    fn decide(
        &self,
        tx: &CaseworkTx<'_>,
        of: &Of<'_>,
        id: HelpId,
        stage: Stage,
        at: i64,
    ) -> Result<(), Refusal> {
        self.teller.go(at + DAY);
        let decision = |part| Decision {
            by: self.other(of).user,
            on: self.teller.day((at + DAY).min(of.until)),
            words: Some(self.words.words(part, 0).to_owned()),
        };
        match stage {
            Stage::Asked => Ok(()),
            Stage::Withdrawn => step(tx, id, Step::Withdraw),
            Stage::Declined => step(tx, id, Step::Decline(decision("no"))),
            Stage::Approved | Stage::Given => step(tx, id, Step::Approve(decision("yes"))),
        }
    }
}

/// What was asked for in a case, on which day of it, and how far that came. What is over has ended.
fn requests<'o, 'm>(of: &'o Of<'m>) -> Vec<(&'o Of<'m>, i64, Stage)> {
    let stages: &[(i64, Stage)] = match of {
        Of { full: true, .. } => &[
            (2, Stage::Given),
            (6, Stage::Declined),
            (9, Stage::Withdrawn),
            (18, Stage::Approved),
            (22, Stage::Asked),
        ],
        _ if of.is_over() => &[(3, Stage::Given)],
        _ => match of.nth % 3 {
            0 => &[(3, Stage::Given), (20, Stage::Asked)],
            1 => &[(19, Stage::Approved)],
            _ => &[(4, Stage::Given)],
        },
    };
    stages
        .iter()
        .map(|(days, stage)| (of, *days, *stage))
        .collect()
}

/// By the same rules as on the page.
fn step(tx: &CaseworkTx<'_>, id: HelpId, next: Step) -> Result<(), Refusal> {
    let known = help::help(tx, id)?;
    let facts = known.facts();
    let state: State = known
        .state
        .step(next, facts)
        .map_err(|_| Refusal::Missing)?;
    help::put_state(tx, id, &state)
}
