//! Time and chance, passed in so that a test can set both.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset, Local, NaiveDate, NaiveTime, SecondsFormat, Utc};

/// Tells the time, with the centre's offset from UTC.
pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<FixedOffset>;

    /// An instant on the centre's wall; summer time may have been other than today.
    fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        at.with_timezone(self.now().offset())
    }

    /// Seconds since some moment, whatever is done to the clock on the wall; the time that the
    /// machine sleeps is not counted.
    fn steady(&self) -> i64 {
        self.now().timestamp()
    }
}

/// Gives unpredictable bytes (or, in samples and tests, repeatable ones).
pub trait Chance: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

/// What the machine can do.
pub trait Machine: Send + Sync {
    /// How long a piece of work takes here.
    fn time(&self, work: &mut dyn FnMut()) -> Duration;

    /// The memory that is free, in KiB.
    fn free_kib(&self) -> u64;
}

/// What lies outside the program: the time of day, chance and the machine.
#[derive(Clone)]
pub struct World {
    pub clock: Arc<dyn Clock>,
    pub chance: Arc<dyn Chance>,
    pub machine: Arc<dyn Machine>,
}

impl World {
    pub fn new(clock: impl Clock + 'static, chance: impl Chance + 'static) -> Self {
        Self {
            clock: Arc::new(clock),
            chance: Arc::new(chance),
            machine: Arc::new(SlowMachine),
        }
    }

    /// The machine's own clock, power, and the system's random numbers.
    pub fn system() -> Self {
        Self {
            machine: Arc::new(ThisMachine),
            ..Self::new(SystemClock(Instant::now()), SystemChance)
        }
    }

    pub fn now(&self) -> DateTime<FixedOffset> {
        self.clock.now()
    }

    pub fn utc(&self) -> DateTime<Utc> {
        self.clock.now().to_utc()
    }

    /// Now, as every table keeps an instant: UTC, milliseconds, RFC 3339.
    pub fn stamp(&self) -> String {
        self.utc().to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// The date on the centre's wall.
    pub fn today(&self) -> NaiveDate {
        self.clock.now().date_naive()
    }

    /// When a day begins on the centre's wall.
    pub fn midnight(&self, day: NaiveDate) -> DateTime<Utc> {
        let wall = day.and_time(NaiveTime::MIN);
        let near = (wall - *self.clock.now().offset()).and_utc();
        (wall - *self.clock.local(near).offset()).and_utc()
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.chance.fill(&mut bytes);
        bytes
    }
}

struct SystemClock(Instant);

impl Clock for SystemClock {
    fn now(&self) -> DateTime<FixedOffset> {
        Local::now().fixed_offset()
    }

    fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        at.with_timezone(&Local).fixed_offset()
    }

    fn steady(&self) -> i64 {
        i64::try_from(self.0.elapsed().as_secs()).unwrap_or(i64::MAX)
    }
}

struct ThisMachine;

impl Machine for ThisMachine {
    fn time(&self, work: &mut dyn FnMut()) -> Duration {
        let begun = Instant::now();
        work();
        begun.elapsed()
    }

    fn free_kib(&self) -> u64 {
        let system = sysinfo::System::new();
        system.map_or(0, |mut system| {
            system.refresh_memory();
            system.available_memory() / 1024
        })
    }
}

/// For samples and tests: so slow that nobody waits for it to be measured.
struct SlowMachine;

impl Machine for SlowMachine {
    fn time(&self, _: &mut dyn FnMut()) -> Duration {
        Duration::from_secs(60)
    }

    fn free_kib(&self) -> u64 {
        0
    }
}

struct SystemChance;

impl Chance for SystemChance {
    fn fill(&self, bytes: &mut [u8]) {
        // Without random numbers no key may be made: stopping is the safe answer.
        getrandom::fill(bytes).expect("the system gives random numbers");
    }
}

/// Repeatable chance for samples and tests: the BLAKE3 output stream of a seed. Never for keys.
pub struct Seeded(std::sync::Mutex<blake3::OutputReader>);

impl Seeded {
    pub fn new(seed: u64) -> Self {
        let stream = blake3::Hasher::new_derive_key("mrc seeded chance v1")
            .update(&seed.to_le_bytes())
            .finalize_xof();
        Self(std::sync::Mutex::new(stream))
    }
}

impl Chance for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .fill(bytes);
    }
}
