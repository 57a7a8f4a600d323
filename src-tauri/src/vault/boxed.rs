//! A key sent to the open half of an X25519 pair: whoever seals it cannot open it again.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::secret::{Half, Secret};
use crate::kit::world::World;

/// 32 bytes and their tag.
const LENGTH: usize = 48;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boxed {
    pub ephemeral: [u8; 32],
    pub nonce: [u8; 24],
    pub ciphertext: [u8; LENGTH],
}

impl Boxed {
    /// What is `bound` must be told again to open it. `None` where the half is a point that gives
    /// everybody the same key.
    pub fn new(world: &World, to: &[u8; 32], content: &[u8; 32], bound: &[u8]) -> Option<Self> {
        let ephemeral = StaticSecret::from(*Zeroizing::new(world.bytes::<32>()));
        let public = PublicKey::from(&ephemeral).to_bytes();
        let key = shared(&ephemeral, to, &public, to)?;
        let nonce = world.bytes();
        Some(Self {
            ephemeral: public,
            nonce,
            ciphertext: sealed(&key, &nonce, content, bound)?.try_into().ok()?,
        })
    }

    pub fn open(&self, half: &Half, bound: &[u8]) -> Option<Secret> {
        self.open_with(&half.secret(), half.public(), bound)
    }

    pub fn open_with(
        &self,
        secret: &StaticSecret,
        public: &[u8; 32],
        bound: &[u8],
    ) -> Option<Secret> {
        let key = shared(secret, &self.ephemeral, &self.ephemeral, public)?;
        let content = opened(&key, &self.nonce, &self.ciphertext, bound)?;
        Some(Zeroizing::new(content.as_slice().try_into().ok()?))
    }
}

fn shared(
    secret: &StaticSecret,
    other: &[u8; 32],
    ephemeral: &[u8; 32],
    to: &[u8; 32],
) -> Option<Secret> {
    let shared = secret.diffie_hellman(&PublicKey::from(*other));
    if !shared.was_contributory() {
        return None;
    }
    let mut material = Zeroizing::new([0; 96]);
    material[..32].copy_from_slice(shared.as_bytes());
    material[32..64].copy_from_slice(ephemeral);
    material[64..].copy_from_slice(to);
    Some(Zeroizing::new(blake3::derive_key(
        "mrc box v1",
        material.as_slice(),
    )))
}

pub fn sealed(key: &Secret, nonce: &[u8; 24], content: &[u8], bound: &[u8]) -> Option<Vec<u8>> {
    let payload = Payload {
        msg: content,
        aad: bound,
    };
    XChaCha20Poly1305::new((&**key).into())
        .encrypt(&(*nonce).into(), payload)
        .ok()
}

pub fn opened(
    key: &Secret,
    nonce: &[u8; 24],
    ciphertext: &[u8],
    bound: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let payload = Payload {
        msg: ciphertext,
        aad: bound,
    };
    XChaCha20Poly1305::new((&**key).into())
        .decrypt(&(*nonce).into(), payload)
        .ok()
        .map(Zeroizing::new)
}
