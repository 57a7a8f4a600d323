//! What the lock screen knows before anyone is in: the centre's language, and for each user a few
//! bits of their name, so that a passphrase is tried on few slots. Many names share a mark: trying
//! names on the file tells next to nothing of who works here (docs/decisions/keys.md).

use std::path::Path;
use std::{fs, io};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::place;
use crate::kit::id::{CentreId, UserId};
use crate::kit::lang::Lang;
use crate::kit::names::folded;

/// Of a name's hash. Each more halves how many passphrases are tried, and doubles what a mark tells.
const BITS: u32 = 3;

#[derive(PartialEq, Eq, Serialize, Deserialize)]
pub struct Doors {
    language: String,
    /// None in the first files: those had most of the hash in another field.
    #[serde(default)]
    marks: Vec<(UserId, u8)>,
}

impl Doors {
    pub fn read(folder: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(
            folder.join("doors.json"),
        )?)?)
    }

    /// What it should say: of the users that are not disabled.
    pub fn of(centre: CentreId, language: Lang, connection: &Connection) -> rusqlite::Result<Self> {
        let mut statement =
            connection.prepare("select id, name from user where disabled is null order by id")?;
        let marks = statement.query_map([], |row| {
            let name: String = row.get(1)?;
            Ok((row.get(0)?, mark(centre, &name)))
        })?;
        Ok(Self {
            language: language.tag().to_owned(),
            marks: marks.collect::<rusqlite::Result<_>>()?,
        })
    }

    pub fn write(&self, folder: &Path) -> io::Result<()> {
        place::replace(&folder.join("doors.json"), &serde_json::to_vec(self)?)
    }

    pub fn language(&self) -> Lang {
        Lang::from_tag(&self.language).unwrap_or_default()
    }

    /// Whether a user may be called so; anybody of whom nothing is noted may.
    pub fn lead(&self, centre: CentreId, name: &str, user: UserId) -> bool {
        let mut marks = self.marks.iter();
        let known = marks.find(|(known, _)| *known == user);
        known.is_none_or(|(_, known)| *known == mark(centre, name))
    }
}

/// Stands in where a name's mark is nobody's: tried as one of those who are known, and always as
/// the same one.
pub fn nobody(centre: CentreId, name: &str) -> UserId {
    UserId::from_bytes([mark(centre, name); 16])
}

fn mark(centre: CentreId, name: &str) -> u8 {
    let mut hasher = blake3::Hasher::new_derive_key("mrc user name mark v2");
    hasher
        .update(centre.as_bytes())
        .update(folded(name).as_bytes());
    let [first, ..] = *hasher.finalize().as_bytes();
    first >> (u8::BITS - BITS)
}
