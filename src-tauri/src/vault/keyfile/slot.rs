//! One slot: the keys of the centre, wrapped for one passphrase or one recovery sheet.
//!
//! Its content is wrapped under a key derived from the passphrase (or the words). From that key
//! comes an X25519 pair too, whose public half stands in the header. When the centre's keys are
//! renewed while the passphrase is not at hand, the new ones are sent to that half in a letter;
//! whoever comes in next reads the letters in order and has them replaced by a plain wrapping.
//! Opening a letter takes all that the slot held before as well: nobody outside the centre can
//! write one, nor anybody at the desk for a slot that opens casework. A letter says what its slot
//! is from then on: so the key to casework comes and goes with somebody's roles while their
//! passphrase stays as it is.
//!
//! To the same half the slot's ring is sent: the secret halves that its holder has besides the
//! centre's keys. A slot of the sealed sheet has nothing but its ring.

use x25519_dalek::{PublicKey, SharedSecret, StaticSecret};
use zeroize::Zeroizing;

use super::{Cost, Damage, FIRST, Reader};
use crate::kit::id::{CentreId, UserId};
use crate::kit::world::World;
use crate::vault::boxed::{self, Boxed};
use crate::vault::journal::Roles;
use crate::vault::secret::{Half, Keys, Ring};

const HEADER: usize = 16 + 1 + 16 + 1 + 1 + 1 + 4 + 4 + 1 + 16 + 32;
const TAG: usize = 16;

/// The key that a passphrase or the words of a sheet give for one slot.
pub type Kek = Zeroizing<[u8; 32]>;

/// What turns into the key that wraps a slot's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lock {
    Passphrase(Cost),
    Recovery,
    /// The words that open what is sealed, and nothing else.
    SealedSheet,
}

impl Lock {
    fn kind(self) -> u8 {
        match self {
            Self::Passphrase(_) => 1,
            Self::Recovery => 2,
            Self::SealedSheet => 4,
        }
    }
}

/// Whose slot, and what it opens.
pub struct Holder {
    user: UserId,
    rights: Rights,
}

impl Holder {
    /// Nobody's: a sheet has no role, and all keys or none.
    pub(super) fn sheet(lock: Lock) -> Self {
        let casework = lock == Lock::Recovery;
        Self {
            user: UserId::from_bytes([0; 16]),
            rights: Rights { roles: 0, casework },
        }
    }

    pub fn new(user: UserId, roles: Roles) -> Self {
        let rights = Rights::of(roles);
        Self { user, rights }
    }
}

/// What a slot is for: as it was wrapped, or from a letter on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rights {
    roles: u8,
    casework: bool,
}

impl Rights {
    pub(super) fn of(roles: Roles) -> Self {
        Self {
            roles: roles.bits(),
            casework: roles.open_casework(),
        }
    }

    /// As the bits of a slot's key set.
    fn opens(self) -> u8 {
        1 | u8::from(self.casework) << 1
    }

    fn content(self) -> usize {
        if self.casework { 64 + TAG } else { 32 + TAG }
    }

    fn read(rest: &mut Reader<'_>) -> Result<Self, Damage> {
        match rest.take()? {
            [roles, opens @ (1 | 3)] => Ok(Self {
                roles,
                casework: opens == 3,
            }),
            _ => Err(Damage::Newer),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    id: [u8; 16],
    pub user: UserId,
    /// As the content is wrapped, whatever the letters say.
    wrapped: Rights,
    pub(super) lock: Lock,
    pub(super) salt: [u8; 16],
    public: [u8; 32],
    nonce: [u8; 24],
    ciphertext: Vec<u8>,
    created: i64,
    letters: Vec<Letter>,
    ring: Vec<Ringed>,
}

/// One secret half in the ring.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ringed {
    /// Whether it is the sealed half, or the holder's own.
    sealed: bool,
    public: [u8; 32],
    boxed: Boxed,
}

/// Other keys, for a slot whose passphrase was not at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Letter {
    /// What the slot is from here on.
    rights: Rights,
    ephemeral: [u8; 32],
    nonce: [u8; 24],
    ciphertext: Vec<u8>,
}

impl Slot {
    /// `None` if `keys` lacks what the slot should open.
    pub(super) fn new(
        world: &World,
        centre: CentreId,
        keys: &Keys,
        holder: &Holder,
        lock: Lock,
        salt: [u8; 16],
        kek: &Kek,
    ) -> Option<Self> {
        let mut slot = Self {
            id: world.bytes(),
            user: holder.user,
            wrapped: holder.rights,
            lock,
            salt,
            public: PublicKey::from(&secret_of(kek)).to_bytes(),
            nonce: [0; 24],
            ciphertext: Vec::new(),
            created: world.utc().timestamp(),
            letters: Vec::new(),
            ring: Vec::new(),
        };
        slot.wrap(world, centre, keys, kek)?;
        Some(slot)
    }

    /// Puts a half into the ring.
    pub(super) fn give(
        &mut self,
        world: &World,
        centre: CentreId,
        sealed: bool,
        half: &Half,
    ) -> Option<()> {
        let bound = self.bound_in_ring(centre, sealed, half.public());
        let boxed = Boxed::new(world, &self.public, half.bytes(), &bound)?;
        self.ring.retain(|known| known.public != *half.public());
        self.ring.push(Ringed {
            sealed,
            public: *half.public(),
            boxed,
        });
        Some(())
    }

    /// Whether this is the slot's key.
    pub(super) fn fits(&self, centre: CentreId, kek: &Kek) -> bool {
        boxed::opened(
            kek,
            &self.nonce,
            &self.ciphertext,
            &self.bound_to(centre, self.wrapped),
        )
        .is_some()
    }

    pub(super) fn take(&mut self, public: &[u8; 32]) {
        self.ring.retain(|known| known.public != *public);
    }

    pub(super) fn take_sealed(&mut self) {
        self.ring.retain(|known| !known.sealed);
    }

    pub fn holds(&self, public: &[u8; 32]) -> bool {
        self.ring.iter().any(|known| known.public == *public)
    }

    /// What the ring holds, for whoever has the slot's key. One that does not open is left out.
    pub(super) fn ring(&self, centre: CentreId, kek: &Kek) -> Ring {
        let secret = secret_of(kek);
        let mut ring = Ring::default();
        for known in &self.ring {
            let bound = self.bound_in_ring(centre, known.sealed, &known.public);
            let half = known
                .boxed
                .open_with(&secret, &self.public, &bound)
                .map(|secret| Half::of(&secret))
                .filter(|half| *half.public() == known.public);
            match half {
                Some(half) if known.sealed => ring.sealed.push(half),
                Some(half) => ring.own = Some(half),
                None => {}
            }
        }
        ring
    }

    fn bound_in_ring(&self, centre: CentreId, sealed: bool, public: &[u8; 32]) -> Vec<u8> {
        let mut bound = self.bound_to(centre, self.wrapped);
        bound.push(u8::from(sealed));
        bound.extend_from_slice(public);
        bound
    }

    pub fn opens_casework(&self) -> bool {
        self.rights().casework
    }

    fn rights(&self) -> Rights {
        let last = self.letters.last();
        last.map_or(self.wrapped, |letter| letter.rights)
    }

    /// Whether newer keys wait in letters.
    pub fn has_letters(&self) -> bool {
        !self.letters.is_empty()
    }

    /// As what the letters made of the slot: wrapped plainly, with its ring, and without letters.
    pub(super) fn settled(
        &self,
        world: &World,
        centre: CentreId,
        keys: &Keys,
        kek: &Kek,
    ) -> Option<Self> {
        let ring = self.ring(centre, kek);
        let mut settled = Self {
            wrapped: self.rights(),
            ..self.clone()
        };
        settled.wrap(world, centre, keys, kek)?;
        for (sealed, half) in ring.all() {
            settled.give(world, centre, sealed, half)?;
        }
        Some(settled)
    }

    /// Wraps `keys` anew; what the slot held and the letters that led to them are gone.
    fn wrap(&mut self, world: &World, centre: CentreId, keys: &Keys, kek: &Kek) -> Option<()> {
        let content = match self.lock {
            Lock::SealedSheet => Zeroizing::new(Vec::new()),
            _ => keys.for_slot(self.wrapped.casework)?,
        };
        let nonce = world.bytes();
        let bound = self.bound_to(centre, self.wrapped);
        self.ciphertext = boxed::sealed(kek, &nonce, &content, &bound)?;
        self.nonce = nonce;
        self.letters.clear();
        Some(())
    }

    /// The newest keys that `kek` leads to.
    pub(super) fn open(&self, centre: CentreId, kek: &Kek) -> Option<Keys> {
        let bound = self.bound_to(centre, self.wrapped);
        let mut keys = opened(kek, &self.nonce, &self.ciphertext, &bound)?;
        if !self.letters.is_empty() {
            let secret = secret_of(kek);
            for letter in &self.letters {
                let bound = self.bound_to(centre, letter.rights);
                keys = letter.open(&secret, &keys, &bound)?;
            }
        }
        Some(keys)
    }

    /// Sends the keys that replace `former`. `None` if `keys` lacks what the slot should open.
    pub(super) fn write_letter(
        &mut self,
        world: &World,
        centre: CentreId,
        former: &Keys,
        keys: &Keys,
    ) -> Option<()> {
        if self.lock == Lock::SealedSheet {
            return Some(());
        }
        self.send(world, centre, former, keys, self.rights())
    }

    /// Gives the holder other roles, and the key to casework if it comes with them. Without it the
    /// ring goes too: what was boxed for its halves lies in casework. What they hold already is
    /// taken away by new keys alone.
    pub(super) fn change_roles(
        &mut self,
        world: &World,
        centre: CentreId,
        keys: &Keys,
        rights: Rights,
    ) -> Option<()> {
        if !rights.casework {
            self.ring.clear();
        }
        self.send(world, centre, keys, keys, rights)
    }

    fn send(
        &mut self,
        world: &World,
        centre: CentreId,
        former: &Keys,
        keys: &Keys,
        rights: Rights,
    ) -> Option<()> {
        let content = keys.for_slot(rights.casework)?;
        let held = former.for_slot(self.rights().casework)?;
        let ephemeral = StaticSecret::from(*Zeroizing::new(world.bytes::<32>()));
        let public = PublicKey::from(&ephemeral).to_bytes();
        let key = letter_key(&ephemeral, self.public, &held)?;
        let nonce = world.bytes();
        let bound = [&self.bound_to(centre, rights)[..], &public].concat();
        self.letters.push(Letter {
            rights,
            ephemeral: public,
            nonce,
            ciphertext: boxed::sealed(&key, &nonce, &content, &bound)?,
        });
        Some(())
    }

    /// What is known of it apart from its content (vault/known.rs): kind, whose it is, open half.
    pub(in crate::vault) fn half(&self) -> (u8, UserId, [u8; 32]) {
        (self.lock.kind(), self.user, self.public)
    }

    /// Whose passphrase opens it; `None` for a sheet.
    pub fn owner(&self) -> Option<UserId> {
        matches!(self.lock, Lock::Passphrase(_)).then_some(self.user)
    }

    /// What tells whoever has the secret of `witness` that the heir was made by the holder of this
    /// slot, whose key is `kek`.
    pub(in crate::vault) fn vouch(
        &self,
        centre: CentreId,
        kek: &Kek,
        witness: &[u8; 32],
        heir: &Self,
    ) -> Option<[u8; 32]> {
        let shared = secret_of(kek).diffie_hellman(&PublicKey::from(*witness));
        voucher(
            centre,
            &shared,
            &self.public,
            witness,
            heir.user,
            &heir.public,
        )
    }

    fn header(&self, rights: Rights) -> [u8; HEADER] {
        let kind = self.lock.kind();
        let (kdf, m, t, p) = match self.lock {
            Lock::Passphrase(cost) => (1, cost.m_kib, cost.passes, 1),
            Lock::Recovery | Lock::SealedSheet => (2, 0, 0, 0),
        };
        let opens = match self.lock {
            Lock::SealedSheet => 4,
            _ => rights.opens(),
        };
        let mut bytes = Vec::with_capacity(HEADER);
        bytes.extend_from_slice(&self.id);
        bytes.push(kind);
        bytes.extend_from_slice(self.user.as_bytes());
        bytes.extend_from_slice(&[rights.roles, opens, kdf]);
        bytes.extend_from_slice(&u32::to_le_bytes(m));
        bytes.extend_from_slice(&u32::to_le_bytes(t));
        bytes.push(p);
        bytes.extend_from_slice(&self.salt);
        bytes.extend_from_slice(&self.public);
        bytes
            .try_into()
            .expect("the header's fields have fixed sizes")
    }

    /// A slot moved to another user, role or centre does not open. That of a first file still does:
    /// in this, slots are as they were.
    fn bound_to(&self, centre: CentreId, rights: Rights) -> Vec<u8> {
        let mut aad = self.header(rights).to_vec();
        aad.extend_from_slice(centre.as_bytes());
        aad.extend_from_slice(&FIRST.to_le_bytes());
        aad
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.header(self.wrapped));
        out.extend_from_slice(&self.nonce);
        out.extend_from_slice(&self.ciphertext);
        out.extend_from_slice(&self.created.to_le_bytes());
        let count = u16::try_from(self.letters.len()).expect("fewer than 65,536 letters");
        out.extend_from_slice(&count.to_le_bytes());
        for letter in &self.letters {
            out.extend_from_slice(&[letter.rights.roles, letter.rights.opens()]);
            out.extend_from_slice(&letter.ephemeral);
            out.extend_from_slice(&letter.nonce);
            out.extend_from_slice(&letter.ciphertext);
        }
        out.push(u8::try_from(self.ring.len()).expect("fewer than 256 halves"));
        for known in &self.ring {
            out.push(u8::from(known.sealed));
            out.extend_from_slice(&known.public);
            out.extend_from_slice(&known.boxed.ephemeral);
            out.extend_from_slice(&known.boxed.nonce);
            out.extend_from_slice(&known.boxed.ciphertext);
        }
    }

    pub(super) fn read(rest: &mut Reader<'_>, version: u16) -> Result<Self, Damage> {
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
            (4, 2, 0) if m == 0 && t == 0 => Lock::SealedSheet,
            _ => return Err(Damage::Newer),
        };
        let casework = match (key_set, lock) {
            (4, Lock::SealedSheet) | (1, Lock::Passphrase(_) | Lock::Recovery) => false,
            (3, Lock::Passphrase(_) | Lock::Recovery) => true,
            _ => return Err(Damage::Newer),
        };
        let wrapped = Rights { roles, casework };
        let content = match lock {
            Lock::SealedSheet => TAG,
            _ => wrapped.content(),
        };
        Ok(Self {
            id,
            user,
            wrapped,
            lock,
            salt: rest.take()?,
            public: rest.take()?,
            nonce: rest.take()?,
            ciphertext: rest.some(content)?.to_vec(),
            created: i64::from_le_bytes(rest.take()?),
            letters: (0..u16::from_le_bytes(rest.take()?))
                .map(|_| {
                    // The first files knew no change of roles.
                    let rights = match version {
                        FIRST => wrapped,
                        _ => Rights::read(rest)?,
                    };
                    Letter::read(rest, rights)
                })
                .collect::<Result<_, _>>()?,
            ring: {
                let [count] = rest.take::<1>()?;
                (0..count)
                    .map(|_| Ringed::read(rest))
                    .collect::<Result<_, _>>()?
            },
        })
    }
}

impl Letter {
    fn open(&self, secret: &StaticSecret, former: &Keys, bound: &[u8]) -> Option<Keys> {
        let former = former.for_slot(former.casework().is_some())?;
        let key = letter_key(secret, self.ephemeral, &former)?;
        let bound = [bound, &self.ephemeral].concat();
        opened(&key, &self.nonce, &self.ciphertext, &bound)
    }

    fn read(rest: &mut Reader<'_>, rights: Rights) -> Result<Self, Damage> {
        Ok(Self {
            rights,
            ephemeral: rest.take()?,
            nonce: rest.take()?,
            ciphertext: rest.some(rights.content())?.to_vec(),
        })
    }
}

impl Ringed {
    fn read(rest: &mut Reader<'_>) -> Result<Self, Damage> {
        let sealed = match rest.take()? {
            [0] => false,
            [1] => true,
            [_] => return Err(Damage::Newer),
        };
        Ok(Self {
            sealed,
            public: rest.take()?,
            boxed: Boxed {
                ephemeral: rest.take()?,
                nonce: rest.take()?,
                ciphertext: rest.take()?,
            },
        })
    }
}

fn secret_of(kek: &Kek) -> StaticSecret {
    StaticSecret::from(*Zeroizing::new(blake3::derive_key(
        "mrc slot secret v1",
        kek.as_slice(),
    )))
}

/// What [`Slot::vouch`] writes: it takes the secret half of the former slot or of the witness.
/// `None` where the other half is a point that gives every secret the same key.
pub(in crate::vault) fn voucher(
    centre: CentreId,
    shared: &SharedSecret,
    former: &[u8; 32],
    witness: &[u8; 32],
    user: UserId,
    heir: &[u8; 32],
) -> Option<[u8; 32]> {
    if !shared.was_contributory() {
        return None;
    }
    let mut material = Zeroizing::new([0; 96]);
    material[..32].copy_from_slice(shared.as_bytes());
    material[32..64].copy_from_slice(former);
    material[64..].copy_from_slice(witness);
    let key = Zeroizing::new(blake3::derive_key("mrc slot heir v1", material.as_slice()));
    let said = [&centre.as_bytes()[..], user.as_bytes(), heir].concat();
    Some(*blake3::keyed_hash(&key, &said).as_bytes())
}

/// `None` where the other half is a point that gives every secret the same key.
fn letter_key(secret: &StaticSecret, other: [u8; 32], former: &[u8]) -> Option<Kek> {
    let shared = secret.diffie_hellman(&PublicKey::from(other));
    if !shared.was_contributory() {
        return None;
    }
    let mut material = Zeroizing::new([0; 96]);
    material[..32].copy_from_slice(shared.as_bytes());
    let length = 32 + former.len();
    material.get_mut(32..length)?.copy_from_slice(former);
    Some(Zeroizing::new(blake3::derive_key(
        "mrc letter v1",
        material.get(..length)?,
    )))
}

fn opened(key: &Kek, nonce: &[u8; 24], ciphertext: &[u8], aad: &[u8]) -> Option<Keys> {
    Keys::from_slot(&boxed::opened(key, nonce, ciphertext, aad)?)
}
