//! The journal: what happened, in the domain's words, with ids and never free text. Each row's hash
//! covers the row and the hash before it, under a key that only the file's readers have.

use rusqlite::{Connection, OptionalExtension, named_params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::kit::id::{
    ActivityId, AppointmentId, CentreId, ConsentId, EnrolmentId, EventId, InterpreterId, PartnerId,
    PersonId, RecordId, ServiceGivenId, SessionId, StickId, UserId, VisitId,
};
use crate::kit::paper::Paper;

/// Who may do what: the roles of domain.md 6. One person can hold several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles(u8);

impl Roles {
    pub const DESK: Self = Self(1);
    pub const CASEWORKER: Self = Self(2);
    pub const MANAGER: Self = Self(4);

    /// `None` for no role at all, or one this program does not know.
    pub fn from_bits(bits: u8) -> Option<Self> {
        (1..=7).contains(&bits).then_some(Self(bits))
    }

    pub fn bits(self) -> u8 {
        self.0
    }

    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn meet(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether the key to casework comes with them.
    pub fn open_casework(self) -> bool {
        self.meet(Self::CASEWORKER.and(Self::MANAGER))
    }
}

/// What happened. Adding one: here, and in `may`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Event {
    CentreFounded {
        centre: CentreId,
    },
    Unlocked {
        user: UserId,
        failed_before: u32,
    },
    Locked {
        user: UserId,
    },
    UserAdded {
        user: UserId,
        roles: u8,
    },
    PassphraseChanged {
        user: UserId,
    },
    LanguageChosen {
        user: UserId,
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
    UserRenewed {
        user: UserId,
        roles: u8,
    },
    RolesChanged {
        user: UserId,
        roles: u8,
    },
    UserDisabled {
        user: UserId,
    },
    /// Let in by the recovery sheet with a new passphrase: here, where the sheet is replaced, or on
    /// a laptop that the centre came back to.
    #[serde(alias = "recovery-used")]
    Recovered {
        user: UserId,
    },
    /// `witness` stood by where there is a second manager.
    SheetRenewed {
        witness: Option<UserId>,
    },
    /// Found at an unlocking: the clock stands before what was written last.
    ClockSetBack {
        hours: i64,
    },
    /// A backup is known that the database does not know: it is that of an earlier day.
    OlderState {
        backup: u64,
    },
    /// Casework is that of an earlier day.
    OlderCasework,
    /// In the key file lies a slot of this user, or that of a sheet, which the centre did not make.
    StrangeSlot {
        user: Option<UserId>,
    },
    /// While somebody was in: the clock moved by so much without the time having passed.
    ClockJumped {
        minutes: i64,
    },
    /// The tables became those of a later program.
    Migrated,
    SettingsChanged,
    SampleAdded {
        records: u32,
    },
    PersonRegistered {
        person: PersonId,
    },
    PersonRevised {
        person: PersonId,
    },
    /// Taken back while nothing rested on it: the record is gone.
    RegistrationUndone {
        person: PersonId,
    },
    ConsentGiven {
        person: PersonId,
        consent: ConsentId,
    },
    ConsentWithdrawn {
        person: PersonId,
        consent: ConsentId,
    },
    CheckedIn {
        visit: VisitId,
        person: PersonId,
    },
    VisitorCounted {
        visit: VisitId,
    },
    VisitsCounted {
        number: u32,
    },
    VisitTypedLater {
        visit: VisitId,
        person: PersonId,
    },
    VisitNoted {
        visit: VisitId,
    },
    /// What is told of it was corrected.
    VisitRevised {
        visit: VisitId,
    },
    /// It was this person who came, and not the one for whom it was written down.
    VisitorCorrected {
        visit: VisitId,
        person: PersonId,
    },
    VisitorSent {
        visit: VisitId,
        user: Option<UserId>,
    },
    VisitorSeen {
        visit: VisitId,
    },
    VisitorLeft {
        visit: VisitId,
    },
    DepartureUndone {
        visit: VisitId,
    },
    VisitUndone {
        visit: VisitId,
    },
    ServiceGiven {
        service: ServiceGivenId,
        visit: VisitId,
    },
    ServiceUndone {
        service: ServiceGivenId,
    },
    ActivityPlanned {
        activity: ActivityId,
        sessions: u32,
    },
    ActivityRevised {
        activity: ActivityId,
        moved_up: u32,
    },
    ActivityClosed {
        activity: ActivityId,
    },
    SessionCancelled {
        session: SessionId,
    },
    SessionRestored {
        session: SessionId,
    },
    SessionMoved {
        session: SessionId,
        to: SessionId,
    },
    HolidaysAdded {
        days: u32,
        sessions: u32,
    },
    HolidayRemoved,
    /// Activities left for a file: so many sessions, nobody's name.
    CalendarSaved {
        sessions: u32,
    },
    Enrolled {
        enrolment: EnrolmentId,
        activity: ActivityId,
        person: PersonId,
    },
    EnrolmentEnded {
        enrolment: EnrolmentId,
        moved_up: u32,
    },
    EnrolmentUndone {
        enrolment: EnrolmentId,
        moved_up: u32,
    },
    AttendanceMarked {
        session: SessionId,
        person: PersonId,
    },
    AttendanceUndone {
        session: SessionId,
        person: PersonId,
    },
    AbsencesMarked {
        session: SessionId,
        number: u32,
    },
    WalkInsCounted {
        session: SessionId,
        number: u32,
    },
    WalkInNamed {
        session: SessionId,
        person: PersonId,
    },
    RegisterTaken {
        session: SessionId,
    },
    /// Shown in the system's viewer, which prints it. `of`: the person or activity it is about.
    Printed {
        paper: Paper,
        of: Option<RecordId>,
        pages: u32,
    },
    PartnerAdded {
        partner: PartnerId,
    },
    PartnerRevised {
        partner: PartnerId,
    },
    PartnerVerified {
        partner: PartnerId,
    },
    PartnerEnded {
        partner: PartnerId,
        ended: bool,
    },
    PartnersImported {
        number: u32,
    },
    PartnersExported {
        number: u32,
    },
    InterpreterAdded {
        interpreter: InterpreterId,
    },
    InterpreterRevised {
        interpreter: InterpreterId,
    },
    InterpreterEnded {
        interpreter: InterpreterId,
        ended: bool,
    },
    BackupMade {
        number: u64,
        stick: StickId,
    },
    BackupReread {
        number: u64,
        good: bool,
    },
    /// A branch of the journal begins here where `newest` is above `number`.
    BackupRestored {
        number: u64,
        newest: u64,
    },
    RestoreRehearsed {
        number: u64,
        seconds: u64,
    },
    StickEnrolled {
        stick: StickId,
    },
    StickForgotten {
        stick: StickId,
    },
    StickFailed {
        stick: StickId,
    },
    /// The two for whom everything sealed is boxed.
    SealedNamed {
        first: UserId,
        second: Option<UserId>,
    },
    /// `witness`: the other of the two.
    SealedSheetMade {
        witness: Option<UserId>,
    },
    SealedSheetUsed {
        user: UserId,
    },
    /// Somebody who may read casework came in for the first time, or with a new passphrase.
    ReaderKeyMade {
        user: UserId,
    },
    AppointmentMade {
        appointment: AppointmentId,
        person: PersonId,
    },
    AppointmentUndone {
        appointment: AppointmentId,
    },
}

impl Event {
    /// The event of a row; `None` for one that only a newer program knows.
    pub fn of(name: &str, ids: &str) -> Option<Self> {
        let mut fields: Map<String, Value> = serde_json::from_str(ids).ok()?;
        fields.insert("name".to_owned(), Value::String(name.to_owned()));
        serde_json::from_value(Value::Object(fields)).ok()
    }

    /// Whether it tells of a record, whatever it tells of it.
    pub fn is_about(&self, record: RecordId) -> bool {
        let Ok(Value::Object(told)) = serde_json::to_value(self) else {
            return false;
        };
        told.values()
            .any(|id| serde_json::from_value(id.clone()).is_ok_and(|id: RecordId| id == record))
    }

    /// Whose write this may be.
    pub fn may(&self) -> Roles {
        match self {
            Self::CentreFounded { .. }
            | Self::UserAdded { .. }
            | Self::SampleAdded { .. }
            | Self::UserRenewed { .. }
            | Self::RolesChanged { .. }
            | Self::UserDisabled { .. }
            | Self::Recovered { .. }
            | Self::SheetRenewed { .. }
            | Self::SettingsChanged
            | Self::RestoreRehearsed { .. }
            | Self::StickEnrolled { .. }
            | Self::StickForgotten { .. }
            | Self::ActivityPlanned { .. }
            | Self::ActivityRevised { .. }
            | Self::ActivityClosed { .. }
            | Self::SessionCancelled { .. }
            | Self::SessionRestored { .. }
            | Self::SessionMoved { .. }
            | Self::HolidaysAdded { .. }
            | Self::HolidayRemoved
            | Self::CalendarSaved { .. }
            | Self::SealedNamed { .. }
            | Self::PartnersImported { .. }
            | Self::PartnersExported { .. } => Roles::MANAGER,
            Self::BackupRestored { .. }
            | Self::SealedSheetMade { .. }
            | Self::SealedSheetUsed { .. }
            | Self::ReaderKeyMade { .. }
            | Self::PartnerAdded { .. }
            | Self::PartnerRevised { .. }
            | Self::PartnerVerified { .. }
            | Self::PartnerEnded { .. }
            | Self::InterpreterAdded { .. }
            | Self::InterpreterRevised { .. }
            | Self::InterpreterEnded { .. } => Roles::CASEWORKER.and(Roles::MANAGER),
            Self::Unlocked { .. }
            | Self::Locked { .. }
            | Self::ClockSetBack { .. }
            | Self::OlderState { .. }
            | Self::OlderCasework
            | Self::StrangeSlot { .. }
            | Self::ClockJumped { .. }
            | Self::Migrated
            | Self::PassphraseChanged { .. }
            | Self::LanguageChosen { .. }
            | Self::PinChanged { .. }
            | Self::FormKept { .. }
            | Self::FormBroughtBack { .. }
            | Self::PersonRegistered { .. }
            | Self::PersonRevised { .. }
            | Self::RegistrationUndone { .. }
            | Self::ConsentGiven { .. }
            | Self::ConsentWithdrawn { .. }
            | Self::CheckedIn { .. }
            | Self::VisitorCounted { .. }
            | Self::VisitsCounted { .. }
            | Self::VisitTypedLater { .. }
            | Self::VisitNoted { .. }
            | Self::VisitRevised { .. }
            | Self::VisitorCorrected { .. }
            | Self::VisitorSent { .. }
            | Self::VisitorSeen { .. }
            | Self::VisitorLeft { .. }
            | Self::DepartureUndone { .. }
            | Self::VisitUndone { .. }
            | Self::ServiceGiven { .. }
            | Self::ServiceUndone { .. }
            | Self::BackupMade { .. }
            | Self::BackupReread { .. }
            | Self::StickFailed { .. }
            | Self::Enrolled { .. }
            | Self::EnrolmentEnded { .. }
            | Self::EnrolmentUndone { .. }
            | Self::AttendanceMarked { .. }
            | Self::AttendanceUndone { .. }
            | Self::AbsencesMarked { .. }
            | Self::WalkInsCounted { .. }
            | Self::WalkInNamed { .. }
            | Self::RegisterTaken { .. }
            | Self::Printed { .. }
            | Self::AppointmentMade { .. }
            | Self::AppointmentUndone { .. } => {
                Roles::DESK.and(Roles::CASEWORKER).and(Roles::MANAGER)
            }
        }
    }
}

/// Where the chain stands: the number and hash of its last row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub seq: i64,
    pub hash: [u8; 32],
}

#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The number of the first row that does not fit the chain.
    #[error("vault.refusal.journal")]
    Row(i64),
    #[error("vault.refusal.database")]
    Sqlite(#[from] rusqlite::Error),
}

struct Row {
    seq: i64,
    event: EventId,
    at: String,
    actor: Option<UserId>,
    name: String,
    ids: String,
}

impl Row {
    /// Version byte, then each field behind its length: no two rows give the same bytes.
    fn hash(&self, key: &[u8; 32], before: &[u8; 32]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(key);
        hasher.update(before).update(&[1]);
        let actor = self.actor.as_ref().map_or(&[][..], |id| &id.as_bytes()[..]);
        let fields = [
            &self.seq.to_le_bytes()[..],
            self.event.as_bytes(),
            self.at.as_bytes(),
            actor,
            self.name.as_bytes(),
            self.ids.as_bytes(),
        ];
        for field in fields {
            hasher
                .update(&(field.len() as u64).to_le_bytes())
                .update(field);
        }
        *hasher.finalize().as_bytes()
    }
}

/// One of the two journals, with the key of its chain. What is confidential is told in the
/// confidential one alone.
pub struct Book {
    pub table: &'static str,
    schema: &'static str,
    key: [u8; 32],
}

impl Book {
    pub fn desk(desk: &[u8; 32]) -> Self {
        Self {
            table: "journal",
            schema: "main",
            key: blake3::derive_key("mrc journal v1", desk),
        }
    }

    pub fn casework(casework: &[u8; 32]) -> Self {
        Self {
            table: "casework.journal",
            schema: "casework",
            key: blake3::derive_key("mrc casework journal v1", casework),
        }
    }
}

pub fn head(connection: &Connection, book: &Book) -> rusqlite::Result<Head> {
    let last = connection.query_row(
        &format!(
            "select seq, hash from {} order by seq desc limit 1",
            book.table
        ),
        [],
        |row| {
            Ok(Head {
                seq: row.get(0)?,
                hash: row.get(1)?,
            })
        },
    );
    Ok(last.optional()?.unwrap_or(Head {
        seq: 0,
        hash: [0; 32],
    }))
}

/// Adds one row to the chain, inside the transaction of what it tells.
pub fn append(
    connection: &Connection,
    book: &Book,
    id: EventId,
    at: &str,
    actor: UserId,
    event: &impl Serialize,
) -> rusqlite::Result<()> {
    let before = head(connection, book)?;
    let (name, ids) = told(event);
    let row = Row {
        seq: before.seq + 1,
        event: id,
        at: at.to_owned(),
        actor: Some(actor),
        name,
        ids,
    };
    connection.execute(
        &format!("insert into {} (seq, event, at, actor, name, ids, hash) values (:seq, :event, :at, :actor, :name, :ids, :hash)", book.table),
        named_params! {
            ":seq": row.seq, ":event": row.event, ":at": row.at, ":actor": row.actor,
            ":name": row.name, ":ids": row.ids, ":hash": row.hash(&book.key, &before.hash),
        },
    )?;
    Ok(())
}

/// The event that a row tells; `None` where this program does not know it.
pub fn read(name: &str, ids: &str) -> Option<Event> {
    let mut fields: Map<String, Value> = serde_json::from_str(ids).ok()?;
    fields.insert("name".into(), Value::String(name.into()));
    serde_json::from_value(Value::Object(fields)).ok()
}

/// The event's name and its ids as JSON with sorted keys.
pub fn told(event: &impl Serialize) -> (String, String) {
    let mut fields = match serde_json::to_value(event) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let name = match fields.remove("name") {
        Some(Value::String(name)) => name,
        _ => String::new(),
    };
    (name, Value::Object(fields).to_string())
}

/// The keys of earlier rows, each with the last row that it holds for, in order.
fn chapters(connection: &Connection, book: &Book) -> rusqlite::Result<Vec<(i64, [u8; 32])>> {
    let kept: bool = connection.query_row(
        &format!(
            "select exists (select 1 from {}.sqlite_schema where name = 'journal_chapter')",
            book.schema
        ),
        [],
        |row| row.get(0),
    )?;
    if !kept {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare(&format!(
        "select until, key from {}.journal_chapter order by until",
        book.schema
    ))?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Ends a chapter: the rows so far stay hashed under this book's key, those to come are under
/// another.
pub fn end_chapter(connection: &Connection, book: &Book) -> rusqlite::Result<()> {
    connection.execute(
        &format!(
            "insert or ignore into {}.journal_chapter (until, key)
             select max(seq), :key from {} having max(seq) is not null",
            book.schema, book.table
        ),
        named_params! { ":key": book.key },
    )?;
    Ok(())
}

/// Walks the whole chain, one row at a time.
pub fn verify(connection: &Connection, book: &Book) -> Result<Head, Broken> {
    let start = Head {
        seq: 0,
        hash: [0; 32],
    };
    walk(connection, book, start)
}

/// Walks the last `count` rows, from the hash that the row before them has.
pub fn verify_last(connection: &Connection, book: &Book, count: i64) -> Result<Head, Broken> {
    let from = head(connection, book)?.seq - count;
    if from <= 0 {
        return verify(connection, book);
    }
    let before = format!("select hash from {} where seq = ?1", book.table);
    let hash = connection
        .query_row(&before, [from], |row| row.get(0))
        .optional()?
        .ok_or(Broken::Row(from))?;
    walk(connection, book, Head { seq: from, hash })
}

fn walk(connection: &Connection, book: &Book, start: Head) -> Result<Head, Broken> {
    let mut at = start;
    let chapters = chapters(connection, book)?;
    let mut statement = connection.prepare(&format!(
        "select seq, event, at, actor, name, ids, hash from {} where seq > ?1 order by seq",
        book.table
    ))?;
    let mut rows = statement.query([start.seq])?;
    while let Some(found) = rows.next()? {
        let row = Row {
            seq: found.get(0)?,
            event: found.get(1)?,
            at: found.get(2)?,
            actor: found.get(3)?,
            name: found.get(4)?,
            ids: found.get(5)?,
        };
        let kept: [u8; 32] = found.get(6)?;
        let earlier = chapters.iter().find(|(until, _)| row.seq <= *until);
        let key = earlier.map_or(&book.key, |(_, key)| key);
        if row.seq != at.seq + 1 || row.hash(key, &at.hash) != kept {
            return Err(Broken::Row(at.seq + 1));
        }
        at = Head {
            seq: row.seq,
            hash: kept,
        };
    }
    Ok(at)
}
