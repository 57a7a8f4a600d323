//! What one guess at a passphrase costs, and how much of it a machine can bear.

use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use super::Passphrase;
use crate::kit::world::World;

const MIB: u32 = 1024;

/// The cost of one guess. Less than the floor, or enough to stop the machine, is refused on
/// reading: both can only have been planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    pub(super) m_kib: u32,
    pub(super) passes: u32,
}

impl Cost {
    /// 64 MiB, 3 passes (RFC 9106, second recommended choice, with one lane).
    pub const FLOOR: Self = Self {
        m_kib: 64 * MIB,
        passes: 3,
    };

    /// So long may an unlocking take on the machine that the passphrase is made on.
    const BEARABLE: Duration = Duration::from_millis(800);

    pub fn new(m_kib: u32, passes: u32) -> Option<Self> {
        let bounds = (64 * MIB..=1024 * MIB).contains(&m_kib) && (3..=64).contains(&passes);
        bounds.then_some(Self { m_kib, passes })
    }

    /// As dear as [`Cost::BEARABLE`] allows where a guess at the floor took `floor_took`: memory
    /// first, then passes. Never above 256 MiB, nor above a quarter of the free memory: a small
    /// laptop with a browser open must not swap.
    pub fn bearable(floor_took: Duration, free_kib: u64) -> Self {
        let takes = |cost: Self| floor_took.saturating_mul(cost.work()) / Self::FLOOR.work();
        let more_memory = [128 * MIB, 256 * MIB].map(|m_kib| Self { m_kib, passes: 3 });
        let largest = more_memory
            .into_iter()
            .rfind(|cost| u64::from(cost.m_kib) <= free_kib / 4 && takes(*cost) <= Self::BEARABLE)
            .unwrap_or(Self::FLOOR);
        (3..=64)
            .map(|passes| Self { passes, ..largest })
            .take_while(|cost| takes(*cost) <= Self::BEARABLE)
            .last()
            .unwrap_or(Self::FLOOR)
    }

    /// [`Cost::bearable`] on this machine, now.
    pub fn here(world: &World) -> Self {
        let took = world.machine.time(&mut || {
            let _ = Self::FLOOR.derive(&Passphrase::new("measured"), &[0; 16]);
        });
        Self::bearable(took, world.machine.free_kib())
    }

    /// Memory times passes, which time goes with.
    pub(super) fn work(self) -> u32 {
        self.m_kib / MIB * self.passes
    }

    pub(super) fn derive(
        self,
        passphrase: &Passphrase,
        salt: &[u8; 16],
    ) -> Option<Zeroizing<[u8; 32]>> {
        let params = Params::new(self.m_kib, self.passes, 1, Some(32)).ok()?;
        let mut kek = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_str().as_bytes(), salt, kek.as_mut())
            .ok()?;
        Some(kek)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLENTY: u64 = 16 * 1024 * 1024;

    fn chosen(millis: u64, free_kib: u64) -> (u32, u32) {
        let cost = Cost::bearable(Duration::from_millis(millis), free_kib);
        (cost.m_kib / MIB, cost.passes)
    }

    #[test]
    fn memory_is_raised_before_passes_and_neither_beyond_what_is_bearable() {
        assert_eq!(chosen(200, PLENTY), (256, 3), "exactly bearable");
        assert_eq!(chosen(201, PLENTY), (128, 5));
        assert_eq!(chosen(100, PLENTY), (256, 6));
        assert_eq!(chosen(400, PLENTY), (128, 3));
        assert_eq!(chosen(500, PLENTY), (64, 4));
        assert_eq!(
            chosen(900, PLENTY),
            (64, 3),
            "the floor holds on the slowest"
        );
        assert_eq!(chosen(0, PLENTY), (256, 64));
    }

    #[test]
    fn a_quarter_of_the_free_memory_is_the_most() {
        assert_eq!(chosen(100, 1024 * 1024), (256, 6));
        assert_eq!(chosen(100, 1024 * 1024 - 1), (128, 12));
        assert_eq!(chosen(100, 512 * 1024 - 1), (64, 24));
        assert_eq!(
            chosen(100, 0),
            (64, 24),
            "the floor holds where memory is short"
        );
    }

    #[test]
    fn what_is_chosen_is_always_readable() {
        for millis in [0, 1, 7, 50, 199, 333, 800, 10_000] {
            for free in [0, 300_000, 600_000, PLENTY] {
                let cost = Cost::bearable(Duration::from_millis(millis), free);
                assert_eq!(Cost::new(cost.m_kib, cost.passes), Some(cost));
            }
        }
    }
}
