//! `keys.mrc`: who can unlock what. A slot wraps the keys under a passphrase (Argon2id) or the
//! recovery words (BLAKE3); the whole is authenticated under the desk key.
//!
//! Little endian: magic 8, version u16, length u32, centre 16, generation u64, last backup u64,
//! last journal head 32, slot count u8, the slots, changes u64 (none in the first files), MAC 32. A
//! slot: id 16, kind u8, user 16,
//! roles u8, key set u8, kdf u8, m KiB u32, t u32, p u8, salt 16, X25519 public 32 (so far the
//! header), nonce 24, ciphertext, created i64, letter count u16, the letters, ring count u8, the
//! ring. A letter: roles u8 and key set u8 (none in the first version), ephemeral X25519 public 32,
//! nonce 24, ciphertext. One of the ring: sealed u8, public 32, ephemeral 32, nonce 24,
//! ciphertext 48.

mod cost;
mod slot;

pub use cost::Cost;
pub(super) use slot::voucher;
pub use slot::{Holder, Kek, Slot};

use slot::{Lock, Rights};
use zeroize::Zeroizing;

use super::journal::Roles;
use super::secret::{Half, Keys, Passphrase, Ring};
use super::words::RecoveryWords;
use crate::kit::id::{CentreId, UserId};
use crate::kit::world::World;

const MAGIC: &[u8; 8] = b"MRCKEYS\0";
const VERSION: u16 = 2;
/// Still read, and written as [`VERSION`] at the next change.
const FIRST: u16 = 1;
const MAC: usize = 32;
/// All guesses at one passphrase together, in [`Cost::work`]: a file that says more was planted to
/// keep whoever opens a backup waiting. On a slow laptop it is some minutes.
const MOST_WORK: u32 = 128 * 1024;
/// So much is left for slots at the floor, however many come.
const LEFT: u32 = 255 * 192;

/// Why a key file cannot be used. The messages are locale keys.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Damage {
    #[error("vault.refusal.keys_damaged")]
    Format,
    #[error("vault.refusal.keys_missing")]
    Missing,
    #[error("vault.refusal.keys_newer")]
    Newer,
    #[error("vault.refusal.keys_altered")]
    Altered,
    /// An earlier file was put back: passphrases replaced since would open again.
    #[error("vault.refusal.keys_older")]
    Older,
    #[error("vault.refusal.keys_weak")]
    Parameters,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    pub centre: CentreId,
    pub generation: u64,
    pub last_backup: u64,
    pub last_head: [u8; 32],
    pub slots: Vec<Slot>,
    /// How many times somebody's slot was changed: the desk's database counts too.
    pub changes: u64,
}

impl KeyFile {
    pub fn new(centre: CentreId) -> Self {
        Self {
            centre,
            generation: 1,
            last_backup: 0,
            last_head: [0; 32],
            slots: Vec::new(),
            changes: 0,
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
        let cost = if self.work().saturating_add(cost.work()) > MOST_WORK - LEFT {
            Cost::FLOOR
        } else {
            cost
        };
        let salt = world.bytes();
        let kek = cost.derive(passphrase, &salt)?;
        let lock = Lock::Passphrase(cost);
        let slot = Slot::new(world, self.centre, keys, holder, lock, salt, &kek)?;
        self.slots.push(slot);
        Some(())
    }

    /// Adds the slot of a recovery sheet, which opens everything.
    pub fn add_recovery(
        &mut self,
        world: &World,
        keys: &Keys,
        words: &RecoveryWords,
    ) -> Option<()> {
        self.add_sheet(world, keys, words, Lock::Recovery)
    }

    /// Puts the slot of a sheet in place of the one of its kind.
    fn add_sheet(
        &mut self,
        world: &World,
        keys: &Keys,
        words: &RecoveryWords,
        lock: Lock,
    ) -> Option<()> {
        self.slots.retain(|slot| slot.lock != lock);
        let salt = world.bytes();
        let kek = recovery_key(words, &salt);
        let holder = Holder::sheet(lock);
        let slot = Slot::new(world, self.centre, keys, &holder, lock, salt, &kek)?;
        self.slots.push(slot);
        Some(())
    }

    /// Puts the slot of a sheet that opens what is sealed in place of the one before.
    pub fn add_sealed_sheet(
        &mut self,
        world: &World,
        keys: &Keys,
        words: &RecoveryWords,
        half: &Half,
    ) -> Option<()> {
        self.add_sheet(world, keys, words, Lock::SealedSheet)?;
        let centre = self.centre;
        self.slots.last_mut()?.give(world, centre, true, half)
    }

    /// Whether a sheet opens what is sealed under this half.
    pub fn has_sealed_sheet(&self, public: &[u8; 32]) -> bool {
        let mut slots = self.slots.iter();
        slots.any(|slot| slot.lock == Lock::SealedSheet && slot.holds(public))
    }

    /// What the words of the sealed sheet open.
    pub fn open_sealed_sheet(&self, words: &RecoveryWords) -> Option<Ring> {
        let slots = self.slots.iter();
        slots
            .filter(|slot| slot.lock == Lock::SealedSheet)
            .map(|slot| (slot, recovery_key(words, &slot.salt)))
            .filter(|(slot, kek)| slot.fits(self.centre, kek))
            .map(|(slot, kek)| slot.ring(self.centre, &kek))
            .next()
    }

    /// Gives a user's slot a half of their own; `None` if they have no slot that opens casework.
    pub fn give_own(&mut self, world: &World, user: UserId, half: &Half) -> Option<()> {
        let centre = self.centre;
        self.slot_of(user)?.give(world, centre, false, half)
    }

    /// Gives a user's slot the sealed half.
    pub fn give_sealed(&mut self, world: &World, user: UserId, half: &Half) -> Option<()> {
        let centre = self.centre;
        self.slot_of(user)?.give(world, centre, true, half)
    }

    /// Gives a new sealed half to those named, and to the sheet. All others lose what they have;
    /// whoever stays keeps the former half until all is boxed anew.
    pub fn renew_sealed(&mut self, world: &World, named: &[UserId], half: &Half) -> Option<()> {
        let centre = self.centre;
        for slot in &mut self.slots {
            match slot.lock {
                Lock::SealedSheet => slot.give(world, centre, true, half)?,
                Lock::Passphrase(_) if !named.contains(&slot.user) => slot.take_sealed(),
                _ => {}
            }
        }
        named
            .iter()
            .try_for_each(|user| self.give_sealed(world, *user, half))
    }

    /// Takes a half that nothing is boxed to any more out of all rings.
    pub fn forget_half(&mut self, public: &[u8; 32]) {
        for slot in &mut self.slots {
            slot.take(public);
        }
    }

    /// Whether somebody's slot holds this half.
    pub fn holds(&self, user: UserId, public: &[u8; 32]) -> bool {
        let slot = self.slot_for(user);
        slot.is_some_and(|slot| slot.holds(public))
    }

    /// Whether somebody's passphrase opens casework.
    pub fn opens_casework(&self, user: UserId) -> bool {
        self.slot_for(user).is_some_and(Slot::opens_casework)
    }

    /// Where the slot of somebody's passphrase stands.
    pub fn place_of(&self, user: UserId) -> Option<usize> {
        let mut slots = self.slots.iter();
        slots.position(|slot| slot.owner() == Some(user))
    }

    /// Whether a slot with the open half of this one is in it.
    pub(super) fn has(&self, slot: &Slot) -> bool {
        self.slots.iter().any(|own| own.half() == slot.half())
    }

    /// Gives whoever keeps their passphrase other roles. `None` if there is no such slot, or `keys`
    /// lacks what it should open.
    pub fn change_roles(
        &mut self,
        world: &World,
        keys: &Keys,
        place: usize,
        roles: Roles,
    ) -> Option<()> {
        let slot = self.slots.get_mut(place)?;
        slot.change_roles(world, self.centre, keys, Rights::of(roles))
    }

    /// Takes the sheet of what is sealed out, where it does not pass.
    pub(super) fn keep_sealed_sheet(&mut self, passes: impl Fn(&Slot) -> bool) {
        self.slots
            .retain(|slot| slot.lock != Lock::SealedSheet || passes(slot));
    }

    pub fn recovery_sheet(&self) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.lock == Lock::Recovery)
    }

    /// The slot of somebody's passphrase.
    pub fn slot_for(&self, user: UserId) -> Option<&Slot> {
        self.slots.get(self.place_of(user)?)
    }

    /// Whether each user and each sheet has one slot: a second one was not written by this program.
    fn has_doubles(&self) -> bool {
        let same = |one: &Slot, other: &Slot| match (one.lock, other.lock) {
            (Lock::Passphrase(_), Lock::Passphrase(_)) => one.user == other.user,
            (one, other) => one == other,
        };
        let mut slots = self.slots.iter().enumerate();
        slots.any(|(place, slot)| self.slots[..place].iter().any(|before| same(before, slot)))
    }

    fn slot_of(&mut self, user: UserId) -> Option<&mut Slot> {
        let place = self.place_of(user)?;
        let slot = self.slots.get_mut(place);
        slot.filter(|slot| slot.opens_casework())
    }

    /// The halves that the holder of a slot has.
    pub(super) fn ring(&self, place: usize, kek: &Kek) -> Ring {
        let slot = self.slots.get(place);
        slot.map_or_else(Ring::default, |slot| slot.ring(self.centre, kek))
    }

    /// Gives a user's slot all halves of a ring.
    pub(super) fn hand(&mut self, world: &World, user: UserId, ring: &Ring) -> Option<()> {
        let centre = self.centre;
        let Some(slot) = self.slot_of(user) else {
            return Some(());
        };
        let mut halves = ring.all();
        halves.try_for_each(|(sealed, half)| slot.give(world, centre, sealed, half))
    }

    /// Sends the keys that replace `former` to every slot. `None` if they are not complete.
    pub fn renew_keys(&mut self, world: &World, former: &Keys, keys: &Keys) -> Option<()> {
        for slot in &mut self.slots {
            slot.write_letter(world, self.centre, former, keys)?;
        }
        Some(())
    }

    /// The keys that `passphrase` opens for `user`. An unknown user costs as much time as a wrong
    /// passphrase.
    pub fn open(&self, user: UserId, passphrase: &Passphrase) -> Option<Keys> {
        self.open_slot(user, passphrase).map(|(keys, ..)| keys)
    }

    /// As [`KeyFile::open`], with the slot's place and the key that it is wrapped under.
    pub(super) fn open_slot(
        &self,
        user: UserId,
        passphrase: &Passphrase,
    ) -> Option<(Keys, usize, Kek)> {
        let mut tried = false;
        for (place, slot) in self.slots.iter().enumerate() {
            let Lock::Passphrase(cost) = slot.lock else {
                continue;
            };
            if slot.user != user {
                continue;
            }
            tried = true;
            let kek = cost.derive(passphrase, &slot.salt)?;
            if let Some(keys) = slot.open(self.centre, &kek) {
                return Some((keys, place, kek));
            }
        }
        if !tried {
            let _ = self.cost_of_unknown(user).derive(passphrase, &[0; 16]);
        }
        None
    }

    /// As [`KeyFile::open`], where nobody knows yet who is who: every slot is tried, those that
    /// open casework first.
    pub fn open_any(&self, passphrase: &Passphrase) -> Option<(UserId, Keys)> {
        let mut slots: Vec<&Slot> = self.slots.iter().collect();
        slots.sort_by_key(|slot| !slot.opens_casework());
        slots.into_iter().find_map(|slot| {
            let Lock::Passphrase(cost) = slot.lock else {
                return None;
            };
            let kek = cost.derive(passphrase, &slot.salt)?;
            Some((slot.user, slot.open(self.centre, &kek)?))
        })
    }

    /// Replaces a slot's letters by a plain wrapping of what they led to; whether there were any.
    pub(super) fn settle(&mut self, world: &World, place: usize, keys: &Keys, kek: &Kek) -> bool {
        let centre = self.centre;
        let waiting = self.slots.get_mut(place).filter(|slot| slot.has_letters());
        let settled = waiting.and_then(|slot| {
            *slot = slot.settled(world, centre, keys, kek)?;
            Some(())
        });
        settled.is_some()
    }

    pub fn open_recovery(&self, words: &RecoveryWords) -> Option<Keys> {
        self.slots
            .iter()
            .filter(|slot| slot.lock == Lock::Recovery)
            .find_map(|slot| slot.open(self.centre, &recovery_key(words, &slot.salt)))
    }

    /// Whose passphrases open it.
    pub fn users(&self) -> impl Iterator<Item = UserId> {
        self.slots.iter().filter_map(Slot::owner)
    }

    /// What it costs to try one passphrase on every slot.
    fn work(&self) -> u32 {
        self.slots.iter().fold(0, |work, slot| match slot.lock {
            Lock::Passphrase(cost) => work.saturating_add(cost.work()),
            Lock::Recovery | Lock::SealedSheet => work,
        })
    }

    /// What an unknown user costs: as much as one of the slots, always the same for one name, so
    /// that no time tells who is known. The dearest would stand out among cheaper ones.
    pub fn cost_of_unknown(&self, user: UserId) -> Cost {
        let costs: Vec<Cost> = self
            .slots
            .iter()
            .filter_map(|slot| match slot.lock {
                Lock::Passphrase(cost) => Some(cost),
                Lock::Recovery | Lock::SealedSheet => None,
            })
            .collect();
        let sum = user
            .as_bytes()
            .iter()
            .map(|byte| usize::from(*byte))
            .sum::<usize>();
        let place = sum % costs.len().max(1);
        costs.get(place).copied().unwrap_or(Cost::FLOOR)
    }

    pub fn write(&self, keys: &Keys) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        // The length is known when everything is written.
        let length_at = out.len();
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(self.centre.as_bytes());
        out.extend_from_slice(&self.generation.to_le_bytes());
        out.extend_from_slice(&self.last_backup.to_le_bytes());
        out.extend_from_slice(&self.last_head);
        out.push(u8::try_from(self.slots.len()).expect("at most 255 slots"));
        for slot in &self.slots {
            slot.write(&mut out);
        }
        out.extend_from_slice(&self.changes.to_le_bytes());
        let length = u32::try_from(out.len() + MAC).expect("far below 4 GiB");
        out[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
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
        let version = u16::from_le_bytes(rest.take()?);
        if !(FIRST..=VERSION).contains(&version) {
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
            changes: 0,
        };
        let [count] = rest.take::<1>()?;
        for _ in 0..count {
            file.slots.push(Slot::read(&mut rest, version)?);
        }
        if rest.0.len() != MAC {
            file.changes = u64::from_le_bytes(rest.take()?);
        }
        if rest.0.len() != MAC {
            return Err(Damage::Format);
        }
        if file.has_doubles() {
            return Err(Damage::Altered);
        }
        if file.work() > MOST_WORK {
            return Err(Damage::Parameters);
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
