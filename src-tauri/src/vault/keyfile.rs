//! `keys.mrc`: who can unlock what. A slot wraps the keys under a passphrase (Argon2id) or the
//! recovery words (BLAKE3); the whole is authenticated under the desk key.
//!
//! Little endian: magic 8, version u16, length u32, centre 16, generation u64, last backup u64,
//! last journal head 32, slot count u8, the slots, MAC 32. A slot: id 16, kind u8, user 16,
//! roles u8, key set u8, kdf u8, m KiB u32, t u32, p u8, salt 16, nonce 24, ciphertext, created i64.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use zeroize::Zeroizing;

use super::secret::{Keys, Passphrase};
use super::words::RecoveryWords;
use crate::kit::id::{CentreId, UserId};
use crate::kit::world::World;

const MAGIC: &[u8; 8] = b"MRCKEYS\0";
const VERSION: u16 = 1;
const FIXED: usize = 8 + 2 + 4 + 16 + 8 + 8 + 32 + 1;
const MAC: usize = 32;
const HEADER: usize = 16 + 1 + 16 + 1 + 1 + 1 + 4 + 4 + 1 + 16;

/// Why a key file cannot be used. The messages are locale keys.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Damage {
    #[error("vault.refusal.keys_damaged")]
    Format,
    #[error("vault.refusal.keys_newer")]
    Newer,
    #[error("vault.refusal.keys_altered")]
    Altered,
    #[error("vault.refusal.keys_weak")]
    Parameters,
}

/// The cost of one guess. Less than the floor, or enough to stop the machine, is refused on
/// reading: both can only have been planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    m_kib: u32,
    passes: u32,
}

impl Cost {
    /// 64 MiB, 3 passes (RFC 9106, second recommended choice, with one lane).
    pub const FLOOR: Self = Self {
        m_kib: 64 * 1024,
        passes: 3,
    };

    pub fn new(m_kib: u32, passes: u32) -> Option<Self> {
        let bounds = (64 * 1024..=1024 * 1024).contains(&m_kib) && (3..=64).contains(&passes);
        bounds.then_some(Self { m_kib, passes })
    }

    fn derive(self, passphrase: &Passphrase, salt: &[u8; 16]) -> Option<Zeroizing<[u8; 32]>> {
        let params = Params::new(self.m_kib, self.passes, 1, Some(32)).ok()?;
        let mut kek = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_str().as_bytes(), salt, kek.as_mut())
            .ok()?;
        Some(kek)
    }
}

/// What turns into the key that wraps a slot's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lock {
    Passphrase(Cost),
    Recovery,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    id: [u8; 16],
    pub user: UserId,
    pub roles: u8,
    casework: bool,
    lock: Lock,
    salt: [u8; 16],
    nonce: [u8; 24],
    ciphertext: Vec<u8>,
    created: i64,
}

impl Slot {
    pub fn opens_casework(&self) -> bool {
        self.casework
    }

    fn header(&self) -> [u8; HEADER] {
        let (kind, kdf, m, t, p) = match self.lock {
            Lock::Passphrase(cost) => (1, 1, cost.m_kib, cost.passes, 1),
            Lock::Recovery => (2, 2, 0, 0, 0),
        };
        let mut bytes = Vec::with_capacity(HEADER);
        bytes.extend_from_slice(&self.id);
        bytes.push(kind);
        bytes.extend_from_slice(self.user.as_bytes());
        bytes.extend_from_slice(&[self.roles, 1 | u8::from(self.casework) << 1, kdf]);
        bytes.extend_from_slice(&u32::to_le_bytes(m));
        bytes.extend_from_slice(&u32::to_le_bytes(t));
        bytes.push(p);
        bytes.extend_from_slice(&self.salt);
        bytes
            .try_into()
            .expect("the header's fields have fixed sizes")
    }

    fn open(&self, centre: CentreId, kek: &[u8; 32]) -> Option<Keys> {
        let aad = self.bound_to(centre);
        let payload = Payload {
            msg: &self.ciphertext,
            aad: &aad,
        };
        let content = XChaCha20Poly1305::new(kek.into())
            .decrypt(&self.nonce.into(), payload)
            .ok()?;
        Keys::from_slot(&Zeroizing::new(content))
    }

    /// A slot moved to another user, role, centre or version does not open.
    fn bound_to(&self, centre: CentreId) -> Vec<u8> {
        let mut aad = self.header().to_vec();
        aad.extend_from_slice(centre.as_bytes());
        aad.extend_from_slice(&VERSION.to_le_bytes());
        aad
    }
}

/// Whose slot, and what it opens.
pub struct Holder {
    pub user: UserId,
    pub roles: u8,
    pub casework: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    pub centre: CentreId,
    pub generation: u64,
    pub last_backup: u64,
    pub last_head: [u8; 32],
    pub slots: Vec<Slot>,
}

impl KeyFile {
    pub fn new(centre: CentreId) -> Self {
        Self {
            centre,
            generation: 1,
            last_backup: 0,
            last_head: [0; 32],
            slots: Vec::new(),
        }
    }

    /// Adds a slot for a passphrase; `None` if `keys` lacks what it should open, or memory ran out.
    pub fn add_passphrase(
        &mut self,
        world: &World,
        keys: &Keys,
        holder: &Holder,
        passphrase: &Passphrase,
        cost: Cost,
    ) -> Option<()> {
        let salt = world.bytes();
        let kek = cost.derive(passphrase, &salt)?;
        self.add(world, keys, holder, Lock::Passphrase(cost), salt, &kek)
    }

    /// Adds the slot of a recovery sheet, which opens everything.
    pub fn add_recovery(
        &mut self,
        world: &World,
        keys: &Keys,
        words: &RecoveryWords,
    ) -> Option<()> {
        let nobody = Holder {
            user: UserId::from_bytes([0; 16]),
            roles: 0,
            casework: true,
        };
        let salt = world.bytes();
        let kek = recovery_key(words, &salt);
        self.add(world, keys, &nobody, Lock::Recovery, salt, &kek)
    }

    fn add(
        &mut self,
        world: &World,
        keys: &Keys,
        holder: &Holder,
        lock: Lock,
        salt: [u8; 16],
        kek: &[u8; 32],
    ) -> Option<()> {
        let content = keys.for_slot(holder.casework)?;
        let mut slot = Slot {
            id: world.bytes(),
            user: holder.user,
            roles: holder.roles,
            casework: holder.casework,
            lock,
            salt,
            nonce: world.bytes(),
            ciphertext: Vec::new(),
            created: world.utc().timestamp(),
        };
        let aad = slot.bound_to(self.centre);
        slot.ciphertext = XChaCha20Poly1305::new(kek.into())
            .encrypt(
                &slot.nonce.into(),
                Payload {
                    msg: &content,
                    aad: &aad,
                },
            )
            .ok()?;
        self.slots.push(slot);
        Some(())
    }

    /// The keys that `passphrase` opens for `user`. An unknown user costs as much time as a wrong
    /// passphrase.
    pub fn open(&self, user: UserId, passphrase: &Passphrase) -> Option<Keys> {
        let mut tried = false;
        for slot in &self.slots {
            let Lock::Passphrase(cost) = slot.lock else {
                continue;
            };
            if slot.user != user {
                continue;
            }
            tried = true;
            let kek = cost.derive(passphrase, &slot.salt)?;
            if let Some(keys) = slot.open(self.centre, &kek) {
                return Some(keys);
            }
        }
        if !tried {
            let _ = self.dearest().derive(passphrase, &[0; 16]);
        }
        None
    }

    /// As [`KeyFile::open`], where nobody knows yet who is who: every slot is tried, those that
    /// open casework first.
    pub fn open_any(&self, passphrase: &Passphrase) -> Option<(UserId, Keys)> {
        let mut slots: Vec<&Slot> = self.slots.iter().collect();
        slots.sort_by_key(|slot| !slot.casework);
        slots.into_iter().find_map(|slot| {
            let Lock::Passphrase(cost) = slot.lock else {
                return None;
            };
            let kek = cost.derive(passphrase, &slot.salt)?;
            Some((slot.user, slot.open(self.centre, &kek)?))
        })
    }

    pub fn open_recovery(&self, words: &RecoveryWords) -> Option<Keys> {
        self.slots
            .iter()
            .filter(|slot| slot.lock == Lock::Recovery)
            .find_map(|slot| slot.open(self.centre, &recovery_key(words, &slot.salt)))
    }

    fn dearest(&self) -> Cost {
        let costs = self.slots.iter().filter_map(|slot| match slot.lock {
            Lock::Passphrase(cost) => Some(cost),
            Lock::Recovery => None,
        });
        costs
            .max_by_key(|cost| u64::from(cost.m_kib) * u64::from(cost.passes))
            .unwrap_or(Cost::FLOOR)
    }

    pub fn write(&self, keys: &Keys) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        let slots: usize = self
            .slots
            .iter()
            .map(|s| HEADER + 24 + s.ciphertext.len() + 8)
            .sum();
        let length = u32::try_from(FIXED + slots + MAC).expect("at most 255 slots of 200 bytes");
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(self.centre.as_bytes());
        out.extend_from_slice(&self.generation.to_le_bytes());
        out.extend_from_slice(&self.last_backup.to_le_bytes());
        out.extend_from_slice(&self.last_head);
        out.push(u8::try_from(self.slots.len()).expect("at most 255 slots"));
        for slot in &self.slots {
            out.extend_from_slice(&slot.header());
            out.extend_from_slice(&slot.nonce);
            out.extend_from_slice(&slot.ciphertext);
            out.extend_from_slice(&slot.created.to_le_bytes());
        }
        let mac = blake3::keyed_hash(&mac_key(keys), &out);
        out.extend_from_slice(mac.as_bytes());
        out
    }

    /// Reads without a key: what it says is a claim until [`KeyFile::check`].
    pub fn read(bytes: &[u8]) -> Result<Self, Damage> {
        let mut rest = Reader(bytes);
        if rest.take::<8>()? != *MAGIC {
            return Err(Damage::Format);
        }
        if u16::from_le_bytes(rest.take()?) != VERSION {
            return Err(Damage::Newer);
        }
        let length = u32::from_le_bytes(rest.take()?);
        match usize::try_from(length)
            .unwrap_or(usize::MAX)
            .cmp(&bytes.len())
        {
            std::cmp::Ordering::Less => return Err(Damage::Newer),
            std::cmp::Ordering::Greater => return Err(Damage::Format),
            std::cmp::Ordering::Equal => {}
        }
        let mut file = Self {
            centre: CentreId::from_bytes(rest.take()?),
            generation: u64::from_le_bytes(rest.take()?),
            last_backup: u64::from_le_bytes(rest.take()?),
            last_head: rest.take()?,
            slots: Vec::new(),
        };
        let [count] = rest.take::<1>()?;
        for _ in 0..count {
            file.slots.push(read_slot(&mut rest)?);
        }
        if rest.0.len() != MAC {
            return Err(Damage::Format);
        }
        Ok(file)
    }

    /// Whether the file is as somebody with the desk key wrote it.
    pub fn check(bytes: &[u8], keys: &Keys) -> Result<(), Damage> {
        let (body, mac) = bytes.split_last_chunk::<MAC>().ok_or(Damage::Format)?;
        // `Hash` compares in constant time.
        if blake3::keyed_hash(&mac_key(keys), body) == *mac {
            Ok(())
        } else {
            Err(Damage::Altered)
        }
    }
}

fn read_slot(rest: &mut Reader<'_>) -> Result<Slot, Damage> {
    let id = rest.take()?;
    let [kind] = rest.take()?;
    let user = UserId::from_bytes(rest.take()?);
    let [roles, key_set, kdf] = rest.take()?;
    let m = u32::from_le_bytes(rest.take()?);
    let t = u32::from_le_bytes(rest.take()?);
    let [p] = rest.take()?;
    let lock = match (kind, kdf, p) {
        (1, 1, 1) => Lock::Passphrase(Cost::new(m, t).ok_or(Damage::Parameters)?),
        (1, 1, _) => return Err(Damage::Parameters),
        (2, 2, 0) if m == 0 && t == 0 => Lock::Recovery,
        _ => return Err(Damage::Newer),
    };
    let casework = match key_set {
        1 => false,
        3 => true,
        _ => return Err(Damage::Newer),
    };
    let salt = rest.take()?;
    let nonce = rest.take()?;
    let ciphertext = rest.some(if casework { 64 } else { 32 } + 16)?.to_vec();
    let created = i64::from_le_bytes(rest.take()?);
    Ok(Slot {
        id,
        user,
        roles,
        casework,
        lock,
        salt,
        nonce,
        ciphertext,
        created,
    })
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn some(&mut self, length: usize) -> Result<&'b [u8], Damage> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Damage::Format)?;
        self.0 = rest;
        Ok(taken)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Damage> {
        self.some(N)?.try_into().map_err(|_| Damage::Format)
    }
}

fn mac_key(keys: &Keys) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(blake3::derive_key("mrc key file v1", keys.desk()))
}

fn recovery_key(words: &RecoveryWords, salt: &[u8; 16]) -> Zeroizing<[u8; 32]> {
    let mut material = Zeroizing::new([0; 48]);
    material[..32].copy_from_slice(words.entropy());
    material[32..].copy_from_slice(salt);
    Zeroizing::new(blake3::derive_key(
        "mrc recovery sheet v1",
        material.as_slice(),
    ))
}
