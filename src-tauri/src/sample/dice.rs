//! Repeatable chance for samples.

use crate::kit::world::{Chance, Seeded};

pub struct Dice(Seeded);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(Seeded::new(seed ^ 0x5EED))
    }

    /// A number under `limit`; the bias of a remainder does not matter here.
    pub fn under(&self, limit: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        let drawn = u64::from_le_bytes(bytes) % limit.max(1) as u64;
        usize::try_from(drawn).unwrap_or(0)
    }

    pub fn one_in(&self, n: usize) -> bool {
        self.under(n) == 0
    }

    pub fn pick<'a, T>(&self, from: &'a [T]) -> &'a T {
        &from[self.under(from.len())]
    }

    /// The earlier, the oftener: the first quarter of the list gets half the draws.
    pub fn often<'a, T>(&self, from: &'a [T]) -> &'a T {
        self.ranked(from, 2.0)
    }

    /// The earlier, the oftener, but hardly: of a hundred names the first gets three draws in a
    /// hundred and the first ten seventeen, as the commonest given names of a country do.
    pub fn named<'a, T>(&self, from: &'a [T]) -> &'a T {
        self.ranked(from, 1.3)
    }

    fn ranked<'a, T>(&self, from: &'a [T], steepness: f64) -> &'a T {
        let share = self.under(1_000_000) as f64 / 1_000_000.0;
        let place = (share.powf(steepness) * from.len() as f64) as usize;
        &from[place.min(from.len() - 1)]
    }
}
