//! The door to what only caseworkers may know. Three walls stand before it: the route table, the
//! types here (a store asks for a [`Casework`] or [`CaseworkTx`], which only an open session of
//! somebody with the role makes), and the key, without which casework.db is not even attached.
//!
//! What happens in here is told in casework.db's own journal. Where a write concerns both files,
//! each journal tells its own part under one event id, and the desk's part names no case.

use std::ops::Deref;

use rusqlite::{Connection, Params, named_params};
use serde::{Deserialize, Serialize};

use super::door::Journals;
use super::journal::{self, Book};
use super::secret::Ring;
use super::{Actor, Db, Event, Refusal, Roles, Vault, WriteTx, door};
use crate::kit::id::{
    AppointmentId, AttachmentId, CaseActionId, CaseId, CaseNoteId, CounsellingId, DeadlineId,
    EpisodeId, EventId, HearingId, HelpId, InstalmentId, NeedId, OriginalId, PartnerId, PartyId,
    PersonId, RateId, ReadingId, ReferralId, ReferralInId, ShareId, StayId, SumId, TransferId,
    UserId, WriteId,
};
use crate::kit::paper::Paper;
use crate::kit::world::World;

/// Looking at a record again within so many minutes is one reading.
const ONE_READING_MINUTES: i64 = 10;
/// So many of the last rows are looked through for it.
const ONE_READING_ROWS: i64 = 50;

/// What happened to confidential records, and who read them. Adding one: here, and in `may`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum CaseworkEvent {
    /// Somebody else's case was asked for, with a reason that lies beside it.
    CaseAskedFor {
        case: CaseId,
        reading: ReadingId,
    },
    CaseRead {
        case: CaseId,
    },
    PartyRead {
        party: PartyId,
    },
    NotesSearched,
    CasesExported {
        number: u32,
    },
    CaseOpened {
        case: CaseId,
        person: PersonId,
    },
    CaseRevised {
        case: CaseId,
    },
    CaseMoved {
        case: CaseId,
    },
    CaseTaken {
        case: CaseId,
        user: UserId,
    },
    CaseOffered {
        case: CaseId,
        transfer: TransferId,
    },
    TransferAnswered {
        case: CaseId,
        transfer: TransferId,
    },
    CaseClosed {
        case: CaseId,
    },
    CaseReopened {
        case: CaseId,
    },
    NoteAdded {
        case: CaseId,
        note: CaseNoteId,
    },
    CasePersonAdded {
        case: CaseId,
        person: PersonId,
    },
    CasePersonRemoved {
        case: CaseId,
        person: PersonId,
    },
    PartyAdded {
        case: CaseId,
        party: PartyId,
    },
    PartyRemoved {
        case: CaseId,
        party: PartyId,
    },
    PartyRevised {
        party: PartyId,
    },
    ActionPlanned {
        case: CaseId,
        action: CaseActionId,
    },
    ActionMoved {
        case: CaseId,
        action: CaseActionId,
    },
    ActionDropped {
        case: CaseId,
        action: CaseActionId,
    },
    ActionDone {
        case: CaseId,
        action: CaseActionId,
    },
    DeadlineSet {
        case: CaseId,
        deadline: DeadlineId,
    },
    DeadlineMoved {
        case: CaseId,
        deadline: DeadlineId,
    },
    DeadlineAnswered {
        case: CaseId,
        deadline: DeadlineId,
    },
    HearingSet {
        case: CaseId,
        hearing: HearingId,
    },
    HearingHeld {
        case: CaseId,
        hearing: HearingId,
    },
    SumNoted {
        case: CaseId,
        sum: SumId,
    },
    SumVoided {
        case: CaseId,
        sum: SumId,
    },
    InstalmentPlanned {
        case: CaseId,
        instalment: InstalmentId,
    },
    InstalmentReceived {
        case: CaseId,
        instalment: InstalmentId,
    },
    InstalmentMoved {
        case: CaseId,
        instalment: InstalmentId,
    },
    InstalmentVoided {
        case: CaseId,
        instalment: InstalmentId,
    },
    OriginalTakenIn {
        case: CaseId,
        original: OriginalId,
    },
    OriginalReturned {
        case: CaseId,
        original: OriginalId,
    },
    AttachmentAdded {
        case: CaseId,
        attachment: AttachmentId,
    },
    AttachmentRead {
        case: CaseId,
        attachment: AttachmentId,
    },
    /// Shown by the system's viewer, outside the program.
    AttachmentOpened {
        case: CaseId,
        attachment: AttachmentId,
    },
    AttachmentRemoved {
        case: CaseId,
        attachment: AttachmentId,
    },
    PaperNeeded {
        case: CaseId,
        need: NeedId,
    },
    NeedEnded {
        case: CaseId,
        need: NeedId,
    },
    /// The person agreed that a partner is told parts of the case.
    SharingAgreed {
        case: CaseId,
        share: ShareId,
        partner: PartnerId,
    },
    SharingWithdrawn {
        case: CaseId,
        share: ShareId,
    },
    CasePaperPrinted {
        case: CaseId,
        paper: Paper,
        pages: u32,
    },
    AppointmentMade {
        case: CaseId,
        appointment: AppointmentId,
    },
    AppointmentUndone {
        case: CaseId,
        appointment: AppointmentId,
    },
    DeskInstructed {
        case: CaseId,
        person: PersonId,
    },
    LetterPrinted {
        case: CaseId,
    },
    CaseSampleAdded {
        records: u32,
    },
    PinChanged {
        user: UserId,
    },
    FormKept {
        user: UserId,
    },
    FormBroughtBack {
        user: UserId,
    },
    /// The keys of `number` sealed records were boxed anew.
    SealedHandedOver {
        number: u32,
    },
    TalkNoted {
        case: CaseId,
        session: CounsellingId,
    },
    TalkRead {
        case: CaseId,
        session: CounsellingId,
    },
    EpisodeBegun {
        case: CaseId,
        episode: EpisodeId,
    },
    /// A visit, a cost or a follow-up was added, or told of.
    EpisodeNoted {
        case: CaseId,
        episode: EpisodeId,
    },
    EpisodeEnded {
        case: CaseId,
        episode: EpisodeId,
    },
    HelpAsked {
        case: CaseId,
        help: HelpId,
    },
    HelpRead {
        help: HelpId,
    },
    HelpDecided {
        case: CaseId,
        help: HelpId,
    },
    HelpGiven {
        case: CaseId,
        help: HelpId,
    },
    HelpNoted {
        case: CaseId,
        help: HelpId,
    },
    StayBegun {
        case: CaseId,
        stay: StayId,
    },
    StayNoted {
        case: CaseId,
        stay: StayId,
    },
    StayEnded {
        case: CaseId,
        stay: StayId,
    },
    /// The place was opened.
    PlaceRead {
        case: CaseId,
        stay: StayId,
    },
    /// The place was boxed for all who work on the case.
    PlaceShared {
        case: CaseId,
        stay: StayId,
    },
    ReferralDrafted {
        case: CaseId,
        referral: ReferralId,
    },
    ReferralRevised {
        case: CaseId,
        referral: ReferralId,
    },
    ReferralAgreed {
        case: CaseId,
        referral: ReferralId,
    },
    ReferralWithdrawn {
        case: CaseId,
        referral: ReferralId,
    },
    ReferralMoved {
        case: CaseId,
        referral: ReferralId,
    },
    ReferralInRead {
        incoming: ReferralInId,
    },
    ReferralInReceived {
        incoming: ReferralInId,
    },
    ReferralInAnswered {
        incoming: ReferralInId,
    },
    ReferralInLinked {
        incoming: ReferralInId,
        case: CaseId,
    },
    ReferralInReported {
        incoming: ReferralInId,
        case: CaseId,
    },
    FeedbackPrinted {
        incoming: ReferralInId,
    },
    RateTyped {
        rate: RateId,
    },
}

impl CaseworkEvent {
    /// Whose this may be. A manager who is no caseworker reads on a reason and writes nothing.
    pub fn may(&self) -> Roles {
        match self {
            Self::CaseAskedFor { .. }
            | Self::CaseRead { .. }
            | Self::PartyRead { .. }
            | Self::AttachmentRead { .. }
            | Self::AttachmentOpened { .. }
            | Self::CaseTaken { .. }
            | Self::PinChanged { .. }
            | Self::FormKept { .. }
            | Self::FormBroughtBack { .. }
            | Self::RateTyped { .. }
            | Self::SealedHandedOver { .. }
            | Self::TalkRead { .. }
            | Self::HelpRead { .. }
            | Self::HelpDecided { .. }
            | Self::PlaceRead { .. }
            | Self::PlaceShared { .. }
            | Self::CaseSampleAdded { .. } => Roles::CASEWORKER.and(Roles::MANAGER),
            _ => Roles::CASEWORKER,
        }
    }
}

/// The open databases with what is confidential, for looking only.
pub struct Casework<'c> {
    db: Db<'c>,
    /// What whoever is in holds besides the centre's keys.
    pub(super) ring: &'c Ring,
}

impl<'c> Casework<'c> {
    pub(super) fn of(connection: &'c Connection, ring: &'c Ring) -> Self {
        let db = Db::with_casework(connection);
        Self { db, ring }
    }
}

impl<'c> Deref for Casework<'c> {
    type Target = Db<'c>;

    fn deref(&self) -> &Db<'c> {
        &self.db
    }
}

/// A transaction on casework.db that only the casework door makes.
pub struct CaseworkTx<'t>(Casework<'t>);

impl CaseworkTx<'_> {
    /// Runs one statement and tells how many rows it changed.
    pub fn execute(&self, sql: &str, params: impl Params) -> Result<usize, Refusal> {
        let change = Change::of(sql).ok_or(Refusal::Role)?;
        Ok(self.0.db.connection.execute(change.0, params)?)
    }
}

/// A statement that changes a table of casework.db and nothing else. What the desk sees changes
/// only with an event that the desk's journal tells.
///
/// SQLite runs one statement at a time and takes what it changes from its first words; whatever it
/// reads stands behind them. A statement that begins in any other way is none of these.
struct Change<'s>(&'s str);

impl<'s> Change<'s> {
    fn of(sql: &'s str) -> Option<Self> {
        const VERBS: [&str; 5] = [
            "insert into",
            "insert or ignore into",
            "insert or replace into",
            "update",
            "delete from",
        ];
        let words = sql.trim_start();
        let named = VERBS.iter().find_map(|verb| words.strip_prefix(verb));
        let table = named?.strip_prefix(char::is_whitespace)?.trim_start();
        table.starts_with("casework.").then_some(Self(sql))
    }
}

impl<'t> Deref for CaseworkTx<'t> {
    type Target = Casework<'t>;

    fn deref(&self) -> &Casework<'t> {
        &self.0
    }
}

/// The part that the desk's journal tells of a change to both files, if it is one.
type DeskPart = Option<Event>;

impl Vault {
    /// Lists and counts, in which no record's content is shown: no entry tells of them.
    pub fn list_casework<T, E: From<Refusal>>(
        &self,
        actor: Actor,
        look: impl FnOnce(&Casework<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut state = self.lock_state();
        let open = state.as_mut().ok_or(Refusal::Locked)?;
        if !actor.roles.open_casework() || open.keys.casework().is_none() {
            return Err(Refusal::Role.into());
        }
        let found = look(&Casework::of(&open.connection, &open.ring));
        door::end_reading(open, found)
    }

    /// The read door: an entry tells who read what, and only then it is read.
    pub fn read_casework<T, E: From<Refusal>>(
        &self,
        actor: Actor,
        reading: &CaseworkEvent,
        look: impl FnOnce(&Casework<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.note_reading(actor, reading)?;
        self.list_casework(actor, look)
    }

    fn note_reading(&self, actor: Actor, reading: &CaseworkEvent) -> Result<(), Refusal> {
        let known = self.list_casework(actor, |casework| {
            read_lately(casework, &self.world, actor, reading)
        })?;
        if known && actor.roles.meet(reading.may()) {
            return Ok(());
        }
        self.write_casework(actor, None, |_| Ok(((), reading.clone())))
    }

    /// As [`Vault::write`], for casework.db alone.
    pub fn write_casework<T, E: From<Refusal>>(
        &self,
        actor: Actor,
        write: Option<WriteId>,
        change: impl FnOnce(&CaseworkTx<'_>) -> Result<(T, CaseworkEvent), E>,
    ) -> Result<T, E> {
        self.commit_casework(actor, write, |_, casework| {
            let (value, event) = change(casework)?;
            Ok((value, event, None))
        })
    }

    /// As [`Vault::write`], for a change to both files in one commit: each journal tells its part.
    pub fn write_both<T, E: From<Refusal>>(
        &self,
        actor: Actor,
        write: Option<WriteId>,
        change: impl FnOnce(&WriteTx<'_>, &CaseworkTx<'_>) -> Result<(T, CaseworkEvent, Event), E>,
    ) -> Result<T, E> {
        self.commit_casework(actor, write, |desk, casework| {
            let (value, confidential, plain) = change(desk, casework)?;
            Ok((value, confidential, Some(plain)))
        })
    }

    fn commit_casework<T, E: From<Refusal>>(
        &self,
        actor: Actor,
        write: Option<WriteId>,
        change: impl FnOnce(&WriteTx<'_>, &CaseworkTx<'_>) -> Result<(T, CaseworkEvent, DeskPart), E>,
    ) -> Result<T, E> {
        let mut state = self.lock_state();
        let open = state.as_mut().ok_or(Refusal::Locked)?;
        let book = open.keys.casework().map(Book::casework);
        let book = book.ok_or(Refusal::Role)?;
        self.pay(open)?;
        let id = EventId::new(&self.world);
        door::write_once(open, id, WRITTEN, write, |transaction, keys, ring| {
            let desk = WriteTx::on(transaction);
            let casework = CaseworkTx(Casework::of(transaction, ring));
            let (value, event, plain) = change(&desk, &casework)?;
            if !actor.roles.meet(event.may()) {
                return Err(Refusal::Role.into());
            }
            let at = self.world.stamp();
            append(transaction, &book, id, &at, actor, &event)?;
            let Some(plain) = plain else {
                return Ok((value, &["casework.journal"] as Journals));
            };
            door::allowed(actor, &plain)?;
            let desk = Book::desk(keys.desk());
            append(transaction, &desk, id, &at, actor, &plain)?;
            Ok((value, &["journal", "casework.journal"]))
        })
    }
}

const WRITTEN: &str = "casework.written";

fn append(
    transaction: &Connection,
    book: &Book,
    id: EventId,
    at: &str,
    actor: Actor,
    event: &impl Serialize,
) -> Result<(), Refusal> {
    Ok(journal::append(
        transaction,
        book,
        id,
        at,
        actor.user,
        event,
    )?)
}

fn read_lately(
    casework: &Casework<'_>,
    world: &World,
    actor: Actor,
    reading: &CaseworkEvent,
) -> Result<bool, Refusal> {
    let (name, ids) = journal::told(reading);
    let since = world.utc() - chrono::TimeDelta::minutes(ONE_READING_MINUTES);
    let since = since.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let found = casework.one(
        "select 1 from casework.journal
          where seq > (select coalesce(max(seq), 0) from casework.journal) - :rows
            and actor = :actor and name = :name and ids = :ids and at > :since limit 1",
        named_params! {
            ":rows": ONE_READING_ROWS, ":actor": actor.user, ":name": name, ":ids": ids,
            ":since": since,
        },
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}
