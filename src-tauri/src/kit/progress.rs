//! How far a long piece of work is, seen from beside it; and the wish that it should stop.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What does not move for so long does not answer.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Progress {
    started: Instant,
    /// A locale key.
    step: Mutex<&'static str>,
    /// In whatever the work counts: bytes, mostly.
    done: AtomicU64,
    total: AtomicU64,
    /// Milliseconds from the start to the last sign of life.
    moved: AtomicU64,
    cancelled: AtomicBool,
}

impl Progress {
    pub fn new(first_step: &'static str) -> Self {
        Self {
            started: Instant::now(),
            step: Mutex::new(first_step),
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
            moved: AtomicU64::new(0),
            cancelled: AtomicBool::new(false),
        }
    }

    pub fn step(&self, key: &'static str) {
        *self.step.lock().unwrap_or_else(PoisonError::into_inner) = key;
        self.advance(0);
    }

    pub fn expect(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
    }

    pub fn advance(&self, by: u64) {
        self.done.fetch_add(by, Ordering::Relaxed);
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.moved.store(now, Ordering::Relaxed);
    }

    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    pub fn seen(&self) -> Seen {
        let (done, total) = (
            self.done.load(Ordering::Relaxed),
            self.total.load(Ordering::Relaxed),
        );
        let elapsed = self.started.elapsed();
        let moved = Duration::from_millis(self.moved.load(Ordering::Relaxed));
        Seen {
            step: *self.step.lock().unwrap_or_else(PoisonError::into_inner),
            done: done.min(total),
            total,
            left: left(elapsed, done, total),
            silent: elapsed.saturating_sub(moved) > PATIENCE,
        }
    }
}

/// One look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub step: &'static str,
    pub done: u64,
    pub total: u64,
    /// `None` while it is too early to tell.
    pub left: Option<Duration>,
    pub silent: bool,
}

impl Seen {
    /// Whole hundredths; 100 only when all is done.
    pub fn percent(self) -> u64 {
        match self.total {
            0 => 0,
            total => self.done.saturating_mul(100) / total,
        }
    }
}

/// At the speed until now; told after 2 seconds, when there is a speed.
fn left(elapsed: Duration, done: u64, total: u64) -> Option<Duration> {
    if elapsed < Duration::from_secs(2) || done == 0 {
        return None;
    }
    let rest = total.saturating_sub(done) as f64 / done as f64;
    Some(elapsed.mul_f64(rest.min(100_000.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_the_speed_until_now() {
        let seconds = Duration::from_secs;
        assert_eq!(left(seconds(1), 10, 100), None);
        assert_eq!(left(seconds(5), 0, 100), None);
        assert_eq!(left(seconds(10), 50, 100), Some(seconds(10)));
        assert_eq!(left(seconds(10), 100, 100), Some(seconds(0)));
        assert_eq!(left(seconds(10), 200, 100), Some(seconds(0)));
    }

    #[test]
    fn a_hundred_is_told_only_when_all_is_done() {
        let progress = Progress::new("x");
        assert_eq!(progress.seen().percent(), 0);
        progress.expect(1_000);
        progress.advance(999);
        assert_eq!(progress.seen().percent(), 99);
        progress.advance(1);
        assert_eq!(progress.seen().percent(), 100);
    }
}
