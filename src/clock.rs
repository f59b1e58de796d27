//! The one place in which the kit itself asks what time it is, and for chance. A browser has neither unless it is given
//! them: there the clock stands still, and everything is drawn alike.

use crate::recorded::Timestamp;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// Whether there is a clock: not in `wasm32-unknown-unknown`, where asking for the time panics.
pub(crate) const RUNS: bool = !cfg!(all(target_family = "wasm", target_os = "unknown"));

/// Whether threads can be started.
pub(crate) const HAS_THREADS: bool = RUNS;

/// The time at which something began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Option<Instant>);

impl Stopwatch {
    /// Starts.
    pub(crate) fn start() -> Stopwatch {
        Stopwatch(RUNS.then(Instant::now))
    }

    /// How long ago that was: nothing, where the clock stands still.
    pub(crate) fn elapsed(self) -> Duration {
        self.0.map_or(Duration::ZERO, |at| at.elapsed())
    }

    /// Whether this much time has passed since: never, where the clock stands still.
    pub(crate) fn is_past(self, time: Duration) -> bool {
        self.0.is_some_and(|at| at.elapsed() >= time)
    }
}

/// The time of day: the beginning of 1970, where the clock stands still.
pub(crate) fn time() -> Timestamp {
    if RUNS { Timestamp::now() } else { Timestamp::UNIX_EPOCH }
}

/// A number that nobody can foretell, from the operating system: always the same where there is none.
pub(crate) fn chance() -> u64 {
    if !RUNS {
        return 0;
    }
    RandomState::new().hash_one((std::process::id(), Timestamp::now().as_nanosecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes() {
        let begun = Stopwatch::start();
        assert!(begun.is_past(Duration::ZERO) && !begun.is_past(Duration::from_secs(3_600)));
        std::thread::sleep(Duration::from_millis(2));
        assert!(begun.elapsed() >= Duration::from_millis(2) && begun.is_past(Duration::from_millis(2)));
        assert!(time() > Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn chance_is_not_drawn_twice() {
        assert_ne!(chance(), chance());
    }
}
