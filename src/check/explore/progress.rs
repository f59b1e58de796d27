//! The progress of a running exploration.

use crate::page::grouped;
use std::fmt;
use std::time::Duration;

/// The progress of a running exploration. Prints as one line.
///
/// ```
/// use leftfold::check::{Progress, explore};
/// use leftfold::decider;
///
/// let counter = decider(|| 0u32, |n: &u32, _: &u32| Ok::<_, ()>(vec![*n]), |sum, n: &u32| (sum + n) % 1_000_000);
/// let found = explore(&counter, |_: &u32| [1u32])
///     .states(1_000)
///     // Such as: 90,000 states, depth 7, 1,200 to visit, 180,000 a second
///     .progress(|progress: &Progress| println!("{progress}"))
///     .run();
/// # assert_eq!(found.states, 1_000);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// States found so far.
    pub states: usize,
    /// How many of these are still to be visited.
    pub frontier: usize,
    /// The length of the shortest histories to the states being visited.
    pub depth: usize,
    /// The time since the start.
    pub elapsed: Duration,
}

impl Progress {
    /// The least time between two reports.
    pub(super) const EVERY: Duration = Duration::from_millis(100);

    /// The states found per second.
    pub fn rate(&self) -> f64 {
        self.states as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (states, frontier) = (grouped(self.states), grouped(self.frontier));
        let rate = grouped(self.rate() as u64);
        write!(f, "{states} states, depth {}, {frontier} to visit, {rate} a second", self.depth)
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;
    use std::time::Duration;

    #[test]
    fn a_progress_is_one_line() {
        let elapsed = Duration::from_millis(500);
        let progress = Progress { states: 90_000, frontier: 1_200, depth: 7, elapsed };
        assert_eq!(progress.rate(), 180_000.0);
        assert_eq!(progress.to_string(), "90,000 states, depth 7, 1,200 to visit, 180,000 a second");
    }
}
