//! Attachments: each an encrypted file named by what it says, beside the databases and shared by
//! all generations (safety.md 6). What it is and whose it is stands in casework.db, in a table with
//! a column `content`; a file that no such row names is swept away.
//!
//! magic 8, version u16; then chunks of 64 KiB, each with its tag. The key is derived from the
//! casework key and the content id; the number of the chunk, and whether it is the last, are bound
//! to it. So no file can be cut short, put in another order or take the place of another.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use rusqlite::Connection;
use zeroize::Zeroizing;

use super::backup::manifest::is_content_id;
use super::place::{self, Place};
use super::secret::Keys;
use super::{Open, Refusal, Vault};

const MAGIC: &[u8; 8] = b"MRCFILE\0";
const VERSION: u16 = 1;
const HEAD: usize = 10;
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;

/// The keyed hash of what a file says: from outside, two equal files cannot be known as such.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContentId([u8; 32]);

impl ContentId {
    fn name(self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }
}

impl rusqlite::ToSql for ContentId {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl rusqlite::types::FromSql for ContentId {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        <[u8; 32]>::column_result(value).map(Self)
    }
}

/// What a caseworker's session makes of its key to read and write files.
struct FileKeys {
    names: Zeroizing<[u8; 32]>,
    contents: Zeroizing<[u8; 32]>,
}

impl FileKeys {
    /// `None` for a desk's keys.
    fn of(keys: &Keys) -> Option<Self> {
        let key = keys.casework()?;
        Some(Self {
            names: Zeroizing::new(blake3::derive_key("mrc attachment name v1", key)),
            contents: Zeroizing::new(blake3::derive_key("mrc attachment v1", key)),
        })
    }

    fn id(&self, plain: &[u8]) -> ContentId {
        ContentId(*blake3::keyed_hash(&self.names, plain).as_bytes())
    }

    fn cipher(&self, id: ContentId) -> XChaCha20Poly1305 {
        let key = Zeroizing::new(*blake3::keyed_hash(&self.contents, &id.0).as_bytes());
        XChaCha20Poly1305::new((&*key).into())
    }

    fn seal(&self, id: ContentId, plain: &[u8]) -> Option<Vec<u8>> {
        let cipher = self.cipher(id);
        let chunks = plain.len().div_ceil(CHUNK);
        let mut sealed = Vec::with_capacity(HEAD + plain.len() + chunks * TAG);
        sealed.extend_from_slice(MAGIC);
        sealed.extend_from_slice(&VERSION.to_le_bytes());
        for (place, chunk) in (1..).zip(plain.chunks(CHUNK)) {
            let aad = bound_to(place, place == chunks);
            let payload = Payload {
                msg: chunk,
                aad: &aad,
            };
            sealed.extend_from_slice(&cipher.encrypt(&nonce(place).into(), payload).ok()?);
        }
        Some(sealed)
    }

    /// `None` where a single bit is not as it was written.
    fn open(&self, id: ContentId, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (head, body) = sealed.split_at_checked(HEAD)?;
        if head[..8] != *MAGIC || head[8..] != VERSION.to_le_bytes() || body.is_empty() {
            return None;
        }
        let cipher = self.cipher(id);
        let chunks = body.len().div_ceil(CHUNK + TAG);
        let mut plain = Zeroizing::new(Vec::with_capacity(body.len()));
        for (place, chunk) in (1..).zip(body.chunks(CHUNK + TAG)) {
            let aad = bound_to(place, place == chunks);
            let payload = Payload {
                msg: chunk,
                aad: &aad,
            };
            let opened = Zeroizing::new(cipher.decrypt(&nonce(place).into(), payload).ok()?);
            plain.extend_from_slice(&opened);
        }
        Some(plain)
    }
}

/// A key belongs to one content, so its chunks' places are nonces that never come twice.
fn nonce(place: usize) -> [u8; 24] {
    let mut nonce = [0; 24];
    nonce[..8].copy_from_slice(&(place as u64).to_le_bytes());
    nonce
}

fn bound_to(place: usize, last: bool) -> [u8; 9] {
    let mut aad = [0; 9];
    aad[..8].copy_from_slice(&(place as u64).to_le_bytes());
    aad[8] = u8::from(last);
    aad
}

impl Vault {
    fn file_keys(&self) -> Result<FileKeys, Refusal> {
        let state = self.lock_state();
        let open = state.as_ref().ok_or(Refusal::Locked)?;
        FileKeys::of(&open.keys).ok_or(Refusal::Role)
    }

    /// Encrypts what a file says and puts it where no power cut takes it away; the row that names
    /// it is written afterwards, so that nothing is ever named that is not there.
    pub fn keep_file(&self, plain: &[u8]) -> Result<ContentId, Refusal> {
        let keys = self.file_keys()?;
        let id = keys.id(plain);
        put(&self.place, &keys, id, plain)?;
        Ok(id)
    }

    /// What a file says, if every bit of it is as it was written.
    pub fn file(&self, id: ContentId) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        get(&self.place, &self.file_keys()?, id)
    }

    /// Deletes the files that nothing names any more. While a backup reads them, while a restored
    /// backup waits to be taken over, and while a former generation is kept, all of them stay.
    pub fn sweep_files(&self) -> Result<(), Refusal> {
        let state = self.lock_state();
        self.sweep_files_of(state.as_ref().ok_or(Refusal::Locked)?)
    }

    pub(super) fn sweep_files_of(&self, open: &Open) -> Result<(), Refusal> {
        let Ok(_reading) = self.files_in_use.try_lock() else {
            return Ok(());
        };
        let stays = self.is_rebuilt() || self.place.has_former()?;
        if stays || open.keys.casework().is_none() {
            return Ok(());
        }
        let named = named(&open.connection)?;
        let folder = self.place.files();
        let entries = match fs::read_dir(&folder) {
            Err(none) if none.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().into_string().unwrap_or_default();
            let unfinished = name.strip_suffix(UNFINISHED);
            if unfinished.is_some() || is_content_id(&name) && !named.contains(&name) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(place::sync_folder(&folder)?)
    }
}

const UNFINISHED: &str = ".new";

fn put(place: &Place, keys: &FileKeys, id: ContentId, plain: &[u8]) -> Result<(), Refusal> {
    let folder = place.files();
    fs::create_dir_all(&folder)?;
    let sealed = keys.seal(id, plain).ok_or(Refusal::NotSaved)?;
    let name = id.name();
    let fresh = folder.join(format!("{name}{UNFINISHED}"));
    let written = write(&fresh, &sealed).and_then(|()| fs::rename(&fresh, folder.join(&name)));
    if written.is_err() {
        // A disk that is full gets its room back.
        let _ = fs::remove_file(&fresh);
    }
    written?;
    Ok(place::sync_folder(&folder)?)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn get(place: &Place, keys: &FileKeys, id: ContentId) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let sealed = match fs::read(place.files().join(id.name())) {
        Err(gone) if gone.kind() == io::ErrorKind::NotFound => return Err(Refusal::FileGone),
        read => read?,
    };
    keys.open(id, &sealed).ok_or(Refusal::FileDamaged)
}

/// The tables of casework.db that name files.
fn naming(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut found = connection.prepare(
        "select schema.name from casework.sqlite_schema as schema
           join pragma_table_info(schema.name, 'casework') as held on held.name = 'content'
          where schema.type = 'table' and schema.sql not like '%virtual table%'",
    )?;
    found.query_map([], |row| row.get(0))?.collect()
}

fn contents(connection: &Connection) -> rusqlite::Result<BTreeSet<ContentId>> {
    let mut all = BTreeSet::new();
    for table in naming(connection)? {
        let mut rows = connection.prepare(&format!(
            "select content from casework.\"{table}\" where content is not null"
        ))?;
        for content in rows.query_map([], |row| row.get(0))? {
            all.insert(content?);
        }
    }
    Ok(all)
}

/// The names of the files that casework.db names.
pub fn named(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    let contents = contents(connection)?;
    Ok(contents.into_iter().map(ContentId::name).collect())
}

/// Encrypts every file under other keys, beside the former ones, and names the new ones in
/// `connection`. One that is gone or damaged stays named as it was: nothing more can be done for
/// it. On an error the files are as they were.
pub fn renew(
    place: &Place,
    former: &Keys,
    keys: &Keys,
    connection: &mut Connection,
) -> Result<(), Refusal> {
    let (Some(former), Some(keys)) = (FileKeys::of(former), FileKeys::of(keys)) else {
        return Err(Refusal::Role);
    };
    let mut written = Vec::new();
    let renewed = renew_each(place, (&former, &keys), connection, &mut written);
    if renewed.is_err() {
        for id in written {
            let _ = fs::remove_file(place.files().join(id.name()));
        }
    }
    renewed
}

fn renew_each(
    place: &Place,
    (former, keys): (&FileKeys, &FileKeys),
    connection: &mut Connection,
    written: &mut Vec<ContentId>,
) -> Result<(), Refusal> {
    let tables = naming(connection)?;
    let all = contents(connection)?;
    let transaction = connection.transaction()?;
    for content in all {
        let plain = match get(place, former, content) {
            Err(Refusal::FileGone | Refusal::FileDamaged) => continue,
            plain => plain?,
        };
        let id = keys.id(&plain);
        written.push(id);
        put(place, keys, id, &plain)?;
        for table in &tables {
            let update = format!("update casework.\"{table}\" set content = ?1 where content = ?2");
            transaction.execute(&update, (id, content))?;
        }
    }
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::world::World;

    fn keys() -> FileKeys {
        FileKeys::of(&Keys::random(&World::system())).expect("a caseworker's")
    }

    #[test]
    fn files_of_every_length_around_a_chunk_come_back() {
        let keys = keys();
        for length in [1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7] {
            let plain: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            let id = keys.id(&plain);
            let sealed = keys.seal(id, &plain).expect("sealed");
            assert_eq!(keys.open(id, &sealed).expect("opened")[..], plain[..]);
        }
    }

    #[test]
    fn whatever_is_done_to_a_file_is_noticed() {
        let keys = keys();
        let plain = vec![7; 3 * CHUNK];
        let id = keys.id(&plain);
        let sealed = keys.seal(id, &plain).expect("sealed");
        let step = CHUNK + TAG;
        for at in (0..sealed.len()).step_by(509).chain(0..HEAD) {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            assert!(keys.open(id, &flipped).is_none(), "bit {at}");
        }
        for kept in [0, 5, HEAD, HEAD + step, HEAD + 2 * step, sealed.len() - 1] {
            assert!(keys.open(id, &sealed[..kept]).is_none(), "cut to {kept}");
        }
        let mut longer = sealed.clone();
        longer.extend_from_slice(&sealed[HEAD..HEAD + step]);
        assert!(keys.open(id, &longer).is_none(), "longer");
        let mut order = sealed.clone();
        order.copy_within(HEAD + step..HEAD + 2 * step, HEAD);
        order[HEAD + step..HEAD + 2 * step].copy_from_slice(&sealed[HEAD..HEAD + step]);
        assert!(keys.open(id, &order).is_none(), "another order");
        let other = keys.id(b"another file");
        assert!(keys.open(other, &sealed).is_none(), "under another's name");
    }

    #[test]
    fn equal_files_have_one_name_under_one_key_alone() {
        let (one, other) = (keys(), keys());
        assert!(one.id(b"a passport") == one.id(b"a passport"));
        assert!(one.id(b"a passport") != other.id(b"a passport"));
        assert!(one.id(b"a passport") != one.id(b"a contract"));
    }
}
