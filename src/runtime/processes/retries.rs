//! How often a command is tried again, and after which pauses.

use crate::recorded::Timestamp;
use std::time::Duration;

/// How often a command that fails or is refused is tried, and the pauses between the attempts.
///
/// The first pause is `first_pause`, each further one is twice as long, and none is longer than `longest_pause`. After
/// `attempts` attempts, the item is parked.
///
/// ```
/// use leftfold::runtime::Retries;
/// use std::time::Duration;
///
/// // Tried again after 10, 20, 30 and 30 seconds; parked when the fifth time fails.
/// let patient =
///     Retries { attempts: 5, first_pause: Duration::from_secs(10), longest_pause: Duration::from_secs(30) };
/// // Parked at once.
/// let strict = Retries { attempts: 1, ..Retries::default() };
/// # let _ = (patient, strict);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// How often it is tried in all.
    pub attempts: u32,
    /// The pause after the first attempt.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for Retries {
    /// Eight times within about two minutes: after 1, 2, 4, … seconds, at most 60.
    fn default() -> Self {
        Retries { attempts: 8, first_pause: Duration::from_secs(1), longest_pause: Duration::from_secs(60) }
    }
}

impl Retries {
    /// When to try again after `failed` failures, or never.
    pub(super) fn next_attempt(&self, failed: u32, now: Timestamp) -> Option<Timestamp> {
        if failed >= self.attempts {
            return None;
        }
        let doubled = self.first_pause.saturating_mul(2u32.saturating_pow(failed.saturating_sub(1)));
        Some(now.checked_add(doubled.min(self.longest_pause)).unwrap_or(Timestamp::MAX))
    }
}
