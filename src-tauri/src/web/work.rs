//! One long piece of work at a time, done beside the requests and seen through its progress.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::kit::progress::Progress;

#[derive(Default)]
pub struct Workshop(Mutex<Option<Arc<Work>>>);

pub struct Work {
    /// Which work it is, as the feature that began it names it.
    pub kind: &'static str,
    pub progress: Progress,
    outcome: Mutex<Option<Box<dyn Any + Send>>>,
}

impl Workshop {
    /// Begins a work in a thread of its own. False where another is still going on. `died` is what
    /// came out where the program itself failed at it: a work that ends without a word would keep
    /// every other from beginning.
    pub fn begin<T: Any + Send>(
        &self,
        kind: &'static str,
        first_step: &'static str,
        died: impl FnOnce() -> T + Send + 'static,
        work: impl FnOnce(&Progress) -> T + Send + 'static,
    ) -> bool {
        let mut bench = self.bench();
        if bench.as_ref().is_some_and(|work| !work.is_done()) {
            return false;
        }
        let begun = Arc::new(Work {
            kind,
            progress: Progress::new(first_step),
            outcome: Mutex::new(None),
        });
        *bench = Some(Arc::clone(&begun));
        std::thread::spawn(move || {
            let ended = catch_unwind(AssertUnwindSafe(|| work(&begun.progress)));
            let outcome = ended.unwrap_or_else(|_| died());
            *begun.outcome() = Some(Box::new(outcome));
        });
        true
    }

    /// What goes on, or has come to its end and was not yet put away.
    pub fn work(&self) -> Option<Arc<Work>> {
        self.bench().clone()
    }

    /// Puts away what has ended; what still goes on is asked to stop, and nobody waits for it.
    pub fn clear(&self) {
        if let Some(work) = self.bench().take() {
            work.progress.cancel();
        }
    }

    fn bench(&self) -> MutexGuard<'_, Option<Arc<Work>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Work {
    pub fn is_done(&self) -> bool {
        self.outcome().is_some()
    }

    /// Whether it still moves: a stick that does not answer keeps nobody waiting.
    pub fn goes_on(&self) -> bool {
        !self.is_done() && !self.progress.seen().silent
    }

    /// Looks at what came out of it; `None` while it goes on.
    pub fn outcome_of<T: Any, R>(&self, look: impl FnOnce(&T) -> R) -> Option<R> {
        let outcome = self.outcome();
        outcome
            .as_ref()
            .and_then(|any| any.downcast_ref())
            .map(look)
    }

    fn outcome(&self) -> MutexGuard<'_, Option<Box<dyn Any + Send>>> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
