//! What the lock screen knows before anyone is in: the centre's language, and for each user a mark
//! of their name. The name itself cannot be read from it, only tried.

use std::path::Path;
use std::{fs, io};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::place;
use crate::kit::id::{CentreId, UserId};
use crate::kit::lang::Lang;

#[derive(Serialize, Deserialize)]
pub struct Doors {
    language: String,
    users: Vec<(UserId, String)>,
}

impl Doors {
    pub fn read(folder: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(
            folder.join("doors.json"),
        )?)?)
    }

    /// Writes it anew from the users that are not disabled.
    pub fn write(
        folder: &Path,
        centre: CentreId,
        language: &str,
        connection: &Connection,
    ) -> Result<(), super::Refusal> {
        let mut statement =
            connection.prepare("select id, name from user where disabled is null")?;
        let users = statement.query_map([], |row| {
            let name: String = row.get(1)?;
            Ok((row.get(0)?, mark(centre, &name)))
        })?;
        let doors = Self {
            language: language.to_owned(),
            users: users.collect::<rusqlite::Result<_>>()?,
        };
        let bytes = serde_json::to_vec(&doors).map_err(io::Error::from)?;
        Ok(place::replace(&folder.join("doors.json"), &bytes)?)
    }

    pub fn language(&self) -> Lang {
        Lang::from_tag(&self.language).unwrap_or_default()
    }

    /// Whose name this is; someone unknown otherwise, so that both are tried alike.
    pub fn user(&self, centre: CentreId, name: &str) -> UserId {
        let sought = mark(centre, name);
        self.users
            .iter()
            .find(|(_, mark)| *mark == sought)
            .map_or_else(|| nobody(&sought), |(user, _)| *user)
    }
}

/// An unknown name is always the same nobody: tried as one of those who are known.
fn nobody(mark: &str) -> UserId {
    let hash = blake3::hash(mark.as_bytes());
    UserId::from_bytes(*hash.as_bytes().first_chunk().expect("a hash has 32 bytes"))
}

fn mark(centre: CentreId, name: &str) -> String {
    let folded = name.trim().to_lowercase();
    let mut hasher = blake3::Hasher::new_derive_key("mrc user name v1");
    hasher.update(centre.as_bytes()).update(folded.as_bytes());
    hasher.finalize().to_hex()[..32].to_owned()
}
