//! What a person agreed to: which words, in which language, how, until when.
//! Withdrawing stops the use from that moment; nothing is deleted.

use chrono::NaiveDate;
use rusqlite::named_params;

use crate::kit::id::{ConsentId, PersonId};
use crate::kit::lang::Lang;
use crate::kit::lists::codes;
use crate::kit::world::World;
use crate::vault::{Actor, Db, Refusal, WriteTx};

codes! {
    /// What the agreement is for. Sharing with a partner is asked for at each referral.
    Purpose in "people.purpose" {
        Register = "register",
        Contact = "contact",
        Photo = "photo",
        Research = "research",
    }
}

codes! {
    /// How somebody agreed.
    How in "people.how" {
        Spoken = "spoken",
        Signed = "signed",
        Thumbprint = "thumbprint",
    }
}

/// Raised whenever the words of a text change.
pub const TEXT_VERSION: u32 = 1;

/// The key of the text that is read out.
pub fn words_key(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Register => "people.words.register",
        Purpose::Contact => "people.words.contact",
        Purpose::Photo => "people.words.photo",
        Purpose::Research => "people.words.research",
    }
}

/// What is agreed to now.
pub struct Agreement<'a> {
    pub purpose: Purpose,
    pub how: How,
    /// The very words, and the language they are kept in.
    pub words: &'a str,
    pub language: Lang,
    /// ISO 639-3: the language in which they were said.
    pub read_in: &'a str,
    pub expires: Option<NaiveDate>,
}

#[derive(Clone, Debug)]
pub struct Consent {
    pub id: ConsentId,
    pub purpose: Purpose,
    pub how: How,
    pub version: u32,
    pub words: String,
    pub read_in: String,
    pub given: NaiveDate,
    pub expires: Option<NaiveDate>,
    pub withdrawn: Option<NaiveDate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Given,
    Expired,
    Withdrawn,
}

impl Standing {
    pub fn is_given(self) -> bool {
        self == Self::Given
    }

    pub fn is_expired(self) -> bool {
        self == Self::Expired
    }
}

impl Consent {
    /// Counts on its last day still.
    pub fn standing(&self, today: NaiveDate) -> Standing {
        if self.withdrawn.is_some() {
            Standing::Withdrawn
        } else if self.expires.is_some_and(|expires| expires < today) {
            Standing::Expired
        } else {
            Standing::Given
        }
    }
}

/// Whether there is a consent for `purpose` that may be used today.
pub fn stands(consents: &[Consent], purpose: Purpose, today: NaiveDate) -> bool {
    consents
        .iter()
        .any(|c| c.purpose == purpose && c.standing(today) == Standing::Given)
}

pub fn give(
    tx: &WriteTx<'_>,
    world: &World,
    actor: Actor,
    person: PersonId,
    agreement: &Agreement<'_>,
) -> Result<ConsentId, Refusal> {
    let hash = blake3::hash(agreement.words.as_bytes());
    tx.execute(
        "insert into consent_text (hash, version, language, words)
         values (:hash, :version, :language, :words) on conflict do nothing",
        named_params! {
            ":hash": hash.as_bytes(), ":version": TEXT_VERSION,
            ":language": agreement.language, ":words": agreement.words,
        },
    )?;
    let id = ConsentId::new(world);
    tx.execute(
        "insert into consent (id, person, purpose, text, read_in, how, given, expires, by)
         values (:id, :person, :purpose, :text, :read_in, :how, :given, :expires, :by)",
        named_params! {
            ":id": id, ":person": person, ":purpose": agreement.purpose, ":text": hash.as_bytes(),
            ":read_in": agreement.read_in, ":how": agreement.how, ":given": world.today(),
            ":expires": agreement.expires, ":by": actor.user,
        },
    )?;
    Ok(id)
}

/// Whether there was one to withdraw.
pub fn withdraw(
    tx: &WriteTx<'_>,
    world: &World,
    person: PersonId,
    id: ConsentId,
) -> Result<bool, Refusal> {
    let changed = tx.execute(
        "update consent set withdrawn = :today
          where id = :id and person = :person and withdrawn is null",
        named_params! { ":today": world.today(), ":id": id, ":person": person },
    )?;
    Ok(changed == 1)
}

/// The newest first.
pub fn of(db: &Db<'_>, person: PersonId) -> Result<Vec<Consent>, Refusal> {
    db.all(
        "select c.id, c.purpose, c.how, t.version, t.words, c.read_in, c.given, c.expires, c.withdrawn
           from consent c join consent_text t on t.hash = c.text
          where c.person = :person order by c.given desc, c.id desc",
        named_params! { ":person": person },
        |row| {
            Ok(Consent {
                id: row.get(0)?,
                purpose: row.get(1)?,
                how: row.get(2)?,
                version: row.get(3)?,
                words: row.get(4)?,
                read_in: row.get(5)?,
                given: row.get(6)?,
                expires: row.get(7)?,
                withdrawn: row.get(8)?,
            })
        },
    )
}
