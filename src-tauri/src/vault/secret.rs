//! Keys and passphrases: wiped when dropped, never shown, cloned or written by accident.

use unicode_normalization::UnicodeNormalization;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::{Zeroize, Zeroizing};

use crate::kit::world::World;

/// A passphrase as typed, in NFKC so that every keyboard gives the same bytes.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    pub fn new(typed: &str) -> Self {
        Self(Zeroizing::new(typed.trim().nfkc().collect()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The keys of one generation, on a memory page of their own that is kept out of swap where the
/// system allows it. The casework key is there only for those who may read casework.
pub struct Keys {
    page: Box<Page>,
    casework: bool,
    _kept_in_memory: Option<region::LockGuard>,
}

// Page-aligned: unlocking one key's page must not let another's be swapped.
#[repr(align(4096))]
struct Page([u8; 64]);

impl Keys {
    pub fn random(world: &World) -> Self {
        let mut bytes = Zeroizing::new([0; 64]);
        world.chance.fill(bytes.as_mut());
        Self::hold(&bytes, true)
    }

    /// From what a slot holds: 32 bytes (desk) or 64 (desk, then casework).
    pub fn from_slot(content: &[u8]) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 64]);
        match content.len() {
            32 | 64 => bytes[..content.len()].copy_from_slice(content),
            _ => return None,
        }
        Some(Self::hold(&bytes, content.len() == 64))
    }

    fn hold(bytes: &[u8; 64], casework: bool) -> Self {
        let mut page = Box::new(Page([0; 64]));
        let lock = region::lock(page.0.as_ptr(), page.0.len()).ok();
        page.0.copy_from_slice(bytes);
        Self {
            page,
            casework,
            _kept_in_memory: lock,
        }
    }

    pub fn desk(&self) -> &[u8; 32] {
        self.page.0.first_chunk().expect("a page holds 64 bytes")
    }

    pub fn casework(&self) -> Option<&[u8; 32]> {
        self.casework
            .then(|| self.page.0.last_chunk().expect("a page holds 64 bytes"))
    }

    /// Those of the desk alone.
    pub fn of_desk(&self) -> Self {
        let mut bytes = Zeroizing::new([0; 64]);
        bytes[..32].copy_from_slice(self.desk());
        Self::hold(&bytes, false)
    }

    /// What goes into a slot that may (or may not) open casework.
    pub fn for_slot(&self, casework: bool) -> Option<Zeroizing<Vec<u8>>> {
        let length = if casework { 64 } else { 32 };
        (!casework || self.casework).then(|| Zeroizing::new(self.page.0[..length].to_vec()))
    }
}

/// A key of 32 bytes on its way.
pub type Secret = Zeroizing<[u8; 32]>;

/// An X25519 pair of which whoever is in holds the secret half, kept as [`Keys`] are.
pub struct Half {
    page: Box<Page>,
    public: [u8; 32],
    _kept_in_memory: Option<region::LockGuard>,
}

impl Half {
    pub fn random(world: &World) -> Self {
        Self::of(&Zeroizing::new(world.bytes()))
    }

    pub fn of(secret: &Secret) -> Self {
        let mut page = Box::new(Page([0; 64]));
        let lock = region::lock(page.0.as_ptr(), page.0.len()).ok();
        page.0[..32].copy_from_slice(secret.as_slice());
        Self {
            page,
            public: PublicKey::from(&StaticSecret::from(**secret)).to_bytes(),
            _kept_in_memory: lock,
        }
    }

    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        self.page.0.first_chunk().expect("a page holds 64 bytes")
    }

    pub(super) fn secret(&self) -> StaticSecret {
        StaticSecret::from(*self.bytes())
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        self.page.0.zeroize();
    }
}

/// The halves that whoever is in holds: their own, and the sealed one if they are one of the two;
/// former ones as long as something is boxed to them.
#[derive(Default)]
pub struct Ring {
    pub own: Option<Half>,
    pub sealed: Vec<Half>,
}

impl Ring {
    /// Each half, with whether it is the sealed one.
    pub fn all(&self) -> impl Iterator<Item = (bool, &Half)> {
        let own = self.own.iter().map(|half| (false, half));
        own.chain(self.sealed.iter().map(|half| (true, half)))
    }

    pub fn half(&self, public: &[u8; 32]) -> Option<&Half> {
        self.all()
            .map(|(_, half)| half)
            .find(|half| half.public() == public)
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.page.0.zeroize();
    }
}
