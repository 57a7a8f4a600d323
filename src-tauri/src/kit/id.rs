//! Ids: one type for each kind of record, so that one can never stand for another.
//! UUIDv7 (RFC 9562): they sort by the time they were made, which keeps indexes compact.

use super::world::World;

/// Defines an id type over a UUIDv7, kept in the database as a BLOB of 16 bytes.
macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(uuid::Uuid);

        impl $name {
            pub fn new(world: &World) -> Self {
                Self(fresh(world))
            }

            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(uuid::Uuid::from_bytes(bytes))
            }

            /// Before all that are made from this instant on.
            pub fn least(at: chrono::DateTime<chrono::Utc>) -> Self {
                let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
                let mut bytes = [0; 16];
                bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
                Self::from_bytes(bytes)
            }

            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The same, where records of several kinds may stand.
            pub fn record(self) -> RecordId {
                RecordId(self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.simple().fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                uuid::Uuid::try_parse(text).map(Self)
            }
        }

        impl rusqlite::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok(rusqlite::types::ToSqlOutput::Borrowed(
                    rusqlite::types::ValueRef::Blob(self.0.as_bytes()),
                ))
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                <[u8; 16]>::column_result(value).map(Self::from_bytes)
            }
        }
    )+};
}

id! {
    /// The centre itself.
    CentreId,
    /// Somebody who signs in.
    UserId,
    /// A visitor, member or worker, named or not.
    PersonId,
    /// One coming of a person, or of somebody counted without a record.
    VisitId,
    /// One service given at the desk or by a worker.
    ServiceGivenId,
    /// A place outside that helps the centre's visitors.
    PartnerId,
    /// Somebody who speaks for others.
    InterpreterId,
    /// One sending of somebody to a partner.
    ReferralId,
    /// One coming of somebody whom a partner sent.
    ReferralInId,
    /// What somebody typed that one currency is worth in another.
    RateId,
    /// One agreement of a person to one purpose.
    ConsentId,
    /// A course, a talk, a celebration: what the centre runs.
    ActivityId,
    /// One time that an activity takes place.
    SessionId,
    /// A person's place in an activity, or on its waiting list.
    EnrolmentId,
    /// A record of any kind; what it is, is told beside it.
    RecordId,
    /// A time and place at which somebody is expected.
    AppointmentId,
    /// One person's matter that a caseworker follows.
    CaseId,
    /// A fact, a note or a correction in a case.
    CaseNoteId,
    /// Something that a caseworker is to do.
    CaseActionId,
    /// A day by which something must be done, by a law or a paper.
    DeadlineId,
    HearingId,
    /// Money claimed, offered, agreed, received or written off in a case.
    SumId,
    InstalmentId,
    /// A paper of somebody in the centre's keeping.
    OriginalId,
    /// A scan or file of a case.
    AttachmentId,
    /// A paper that a case still needs.
    NeedId,
    /// One agreement that somebody outside is told of a case.
    ShareId,
    /// An employer, an agency or another party.
    PartyId,
    /// One asking to read somebody else's case.
    ReadingId,
    /// One offer of a case to another worker.
    TransferId,
    /// One talk with a counsellor.
    CounsellingId,
    /// One note of a talk.
    CounsellingNoteId,
    /// One illness, accident or birth.
    EpisodeId,
    /// Going to a hospital or a doctor.
    MedicalVisitId,
    MedicalCostId,
    FollowUpId,
    /// Cash or a thing asked for somebody.
    HelpId,
    /// Nights in a shelter.
    StayId,
    /// One thing that happened, as the journal keeps it.
    EventId,
    /// One write as the window sent it, so that a resend cannot write twice.
    WriteId,
    /// A stick or folder that takes backups.
    StickId,
}

fn fresh(world: &World) -> uuid::Uuid {
    let millis = u64::try_from(world.utc().timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &world.bytes::<10>()).into_uuid()
}
