//! A clock that stands until it is moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, FixedOffset};
use darna::kit::world::Clock;

/// Begins on Tuesday 24 November 2026, 10:00, two hours east of Greenwich.
#[derive(Clone)]
pub struct SetClock {
    wall: Arc<AtomicI64>,
    steady: Arc<AtomicI64>,
}

impl SetClock {
    pub fn new() -> Self {
        Self {
            wall: Arc::new(AtomicI64::new(1_795_507_200)),
            steady: Arc::default(),
        }
    }

    /// Time passes.
    pub fn advance(&self, seconds: i64) {
        self.wall.fetch_add(seconds, Ordering::SeqCst);
        self.steady.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Somebody sets the clock.
    pub fn jump(&self, seconds: i64) {
        self.wall.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Default for SetClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SetClock {
    fn now(&self) -> DateTime<FixedOffset> {
        let east = FixedOffset::east_opt(2 * 3600).expect("two hours");
        DateTime::from_timestamp(self.wall.load(Ordering::SeqCst), 0)
            .expect("a time of our days")
            .with_timezone(&east)
    }

    fn steady(&self) -> i64 {
        self.steady.load(Ordering::SeqCst)
    }
}
