//! `MANIFEST`: what a backup consists of. Little endian:
//!
//! magic 8, version u16, length u32, centre 16, number u64, time i64 — claims that may be shown
//! before there is a key;
//! count u32 and for each file: name (u8 length, bytes), bytes on the stick u64, BLAKE3 32;
//! sealed: length u32, nonce 24, ciphertext — the rest, which would tell how much the centre does;
//! MAC 32 = BLAKE3 keyed (derive "mrc manifest v1", desk key) over everything before.

use std::collections::BTreeSet;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::medium::plain;
use crate::kit::id::{CentreId, StickId};
use crate::kit::world::World;
use crate::vault::Head;
use crate::vault::secret::Keys;

pub const VERSION: u16 = 1;
/// Of a whole manifest: 100,000 attachments and their names.
pub const LARGEST: u64 = 16 * 1024 * 1024;
const MAGIC: &[u8; 8] = b"MRCBACK\0";
const MAC: usize = 32;
const NONCE: usize = 24;
const MOST_FILES: u32 = 110_000;
/// A thousand terabytes: more than any stick holds.
const MOST_BYTES: u64 = 1 << 50;
/// The sealed part is filled up to a multiple: its length tells no numbers.
const FILL: usize = 1024;

/// In place of a backup's number: this one has no casework at all.
pub const NO_CASEWORK: u64 = 0;

/// Why a manifest cannot be used. The messages are locale keys.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unreadable {
    #[error("backup.failure.manifest")]
    Format,
    #[error("backup.failure.newer")]
    Newer,
    #[error("backup.failure.manifest")]
    Altered,
}

/// A file of the backup, as it lies on the stick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    pub length: u64,
    pub hash: [u8; 32],
}

/// What stands in the open, as claims until the MAC is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    pub centre: CentreId,
    pub number: u64,
    /// Seconds of Unix time, by the laptop's clock.
    pub at: i64,
    /// The key file, the parts of the databases, then the attachments.
    pub parts: Vec<Part>,
    sealed: Vec<u8>,
}

/// What only a holder of the desk key reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inside {
    pub stick: StickId,
    /// Generation of the keys.
    pub generation: u64,
    /// The backup before: its number and the BLAKE3 of its manifest.
    pub before: Option<(u64, [u8; 32])>,
    /// The machine's clock stood before the time of the last event.
    pub clock_behind: bool,
    pub program: String,
    pub desk_schema: u32,
    pub casework_schema: Option<u32>,
    /// True lengths: the last part of each is filled up.
    pub desk_length: u64,
    pub casework_length: u64,
    pub desk_head: Head,
    /// `None` where whoever made the backup could not read casework.
    pub casework_head: Option<Head>,
    /// The backup whose casework this is: its own number, or an earlier one where the file waited
    /// for a caseworker; [`NO_CASEWORK`] where there was no earlier one.
    pub casework_of: u64,
    pub persons: u64,
    /// Attachments that casework names; 0 where it could not be read.
    #[serde(default)]
    pub files: u64,
    /// Those of them that the laptop did not have any more.
    #[serde(default)]
    pub files_lost: u64,
}

impl Manifest {
    /// Reads without a key and never panics, whatever the bytes are.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut rest = Reader(bytes);
        if rest.take::<8>()? != *MAGIC {
            return Err(Unreadable::Format);
        }
        if u16::from_le_bytes(rest.take()?) != VERSION {
            return Err(Unreadable::Newer);
        }
        let length = u32::from_le_bytes(rest.take()?);
        if usize::try_from(length) != Ok(bytes.len()) {
            return Err(Unreadable::Format);
        }
        let centre = CentreId::from_bytes(rest.take()?);
        let number = u64::from_le_bytes(rest.take()?);
        let at = i64::from_le_bytes(rest.take()?);
        let count = u32::from_le_bytes(rest.take()?);
        if count > MOST_FILES {
            return Err(Unreadable::Format);
        }
        let (mut parts, mut all) = (Vec::new(), 0_u64);
        for _ in 0..count {
            let [length] = rest.take()?;
            let name = std::str::from_utf8(rest.some(usize::from(length))?)
                .ok()
                .filter(|name| plain(name))
                .ok_or(Unreadable::Format)?;
            let length = u64::from_le_bytes(rest.take()?);
            // Nobody who adds them up later can go wrong.
            all = all
                .checked_add(length)
                .filter(|all| *all <= MOST_BYTES)
                .ok_or(Unreadable::Format)?;
            parts.push(Part {
                name: name.to_owned(),
                length,
                hash: rest.take()?,
            });
        }
        let sealed = u32::from_le_bytes(rest.take()?);
        let sealed = usize::try_from(sealed).map_err(|_| Unreadable::Format)?;
        let sealed = rest.some(sealed)?.to_vec();
        if sealed.len() < NONCE || rest.0.len() != MAC {
            return Err(Unreadable::Format);
        }
        Ok(Self {
            centre,
            number,
            at,
            parts,
            sealed,
        })
    }

    /// What lies inside, once the MAC shows that a holder of the keys wrote all of it.
    pub fn open(&self, bytes: &[u8], keys: &Keys) -> Result<Inside, Unreadable> {
        let (body, mac) = bytes.split_last_chunk::<MAC>().ok_or(Unreadable::Format)?;
        // `Hash` compares in constant time.
        if blake3::keyed_hash(&mac_key(keys), body) != *mac {
            return Err(Unreadable::Altered);
        }
        let (nonce, ciphertext) = self
            .sealed
            .split_first_chunk::<NONCE>()
            .ok_or(Unreadable::Format)?;
        let aad = bound_to(self.centre, self.number);
        let payload = Payload {
            msg: ciphertext,
            aad: &aad,
        };
        let text = XChaCha20Poly1305::new((&*seal_key(keys)).into())
            .decrypt(&(*nonce).into(), payload)
            .map_err(|_| Unreadable::Altered)?;
        serde_json::from_slice(&text).map_err(|_| Unreadable::Newer)
    }

    /// The bytes of a manifest with these claims and this inside.
    pub fn write(
        world: &World,
        keys: &Keys,
        claims: (CentreId, u64, i64),
        parts: &[Part],
        inside: &Inside,
    ) -> Option<Vec<u8>> {
        let (centre, number, at) = claims;
        let mut text = serde_json::to_vec(inside).ok()?;
        text.resize(text.len().next_multiple_of(FILL), b' ');
        let nonce: [u8; NONCE] = world.bytes();
        let aad = bound_to(centre, number);
        let payload = Payload {
            msg: &text,
            aad: &aad,
        };
        let ciphertext = XChaCha20Poly1305::new((&*seal_key(keys)).into())
            .encrypt(&nonce.into(), payload)
            .ok()?;
        let names: usize = parts.iter().map(|part| 1 + part.name.len() + 8 + 32).sum();
        let fixed = 8 + 2 + 4 + 16 + 8 + 8 + 4;
        let length = fixed + names + 4 + NONCE + ciphertext.len() + MAC;
        let mut out = Vec::with_capacity(length);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&u32::try_from(length).ok()?.to_le_bytes());
        out.extend_from_slice(centre.as_bytes());
        out.extend_from_slice(&number.to_le_bytes());
        out.extend_from_slice(&at.to_le_bytes());
        out.extend_from_slice(&u32::try_from(parts.len()).ok()?.to_le_bytes());
        for part in parts {
            out.push(u8::try_from(part.name.len()).ok()?);
            out.extend_from_slice(part.name.as_bytes());
            out.extend_from_slice(&part.length.to_le_bytes());
            out.extend_from_slice(&part.hash);
        }
        let sealed = u32::try_from(NONCE + ciphertext.len()).ok()?;
        out.extend_from_slice(&sealed.to_le_bytes());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&ciphertext);
        let mac = blake3::keyed_hash(&mac_key(keys), &out);
        out.extend_from_slice(mac.as_bytes());
        Some(out)
    }

    /// The parts of a database, in order: `desk.001`, `desk.002` …
    pub fn of<'m>(&'m self, stem: &'m str) -> impl Iterator<Item = &'m Part> {
        self.parts.iter().filter(move |part| {
            let number = part.name.strip_prefix(stem);
            number.is_some_and(|rest| {
                rest.strip_prefix('.')
                    .is_some_and(|n| n.len() == 3 && n.bytes().all(|b| b.is_ascii_digit()))
            })
        })
    }

    /// Files that all backups of the stick share; they have a content id for a name.
    pub fn attachments(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| is_content_id(&part.name))
    }

    pub fn names_any(&self, files: &BTreeSet<String>) -> bool {
        self.attachments().any(|part| files.contains(&part.name))
    }

    /// Files in the backup's own folder.
    pub fn own(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| !is_content_id(&part.name))
    }
}

/// 32 bytes in hexadecimal digits: the keyed hash of what the file says.
pub fn is_content_id(name: &str) -> bool {
    name.len() == 64
        && name
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// A sealed part put under another centre or number does not open.
fn bound_to(centre: CentreId, number: u64) -> Vec<u8> {
    let mut aad = centre.as_bytes().to_vec();
    aad.extend_from_slice(&number.to_le_bytes());
    aad.extend_from_slice(&VERSION.to_le_bytes());
    aad
}

fn mac_key(keys: &Keys) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(blake3::derive_key("mrc manifest v1", keys.desk()))
}

fn seal_key(keys: &Keys) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(blake3::derive_key("mrc manifest inside v1", keys.desk()))
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn some(&mut self, length: usize) -> Result<&'b [u8], Unreadable> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Unreadable::Format)?;
        self.0 = rest;
        Ok(taken)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        self.some(N)?.try_into().map_err(|_| Unreadable::Format)
    }
}
