//! The rounds that came from the stream and wait to be taken over into the copy.

use leftfold::log::{AgreedRound, OriginError};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How many bytes wait at most, unless somebody waits for more.
const MOST_WAITING: usize = 32 << 20;
/// How long nothing comes before the consumer is made again.
const SILENCE: Duration = Duration::from_millis(1_500);

/// Between the consumer, which adds rounds, and the copy, which takes them.
pub(crate) struct Feed {
    rounds: Mutex<Rounds>,
    /// Notified when anything has changed, for threads.
    changed: Condvar,
    /// Notified when there is room again, for the consumer.
    pub(crate) room: Notify,
    /// Notified when the consumer is to be made again.
    pub(crate) rebuild: Notify,
}

struct Rounds {
    waiting: VecDeque<Waiting>,
    bytes: usize,
    /// The sequence of the last message that came or was published by this handle.
    seen: u64,
    /// The sequence of the last message that the copy was given, and the position of its last entry.
    given: u64,
    given_last: u64,
    /// Up to here somebody waits for messages: there is always room for these.
    wanted: u64,
    failed: Option<String>,
    stopped: bool,
}

struct Waiting {
    sequence: u64,
    last: u64,
    round: AgreedRound,
}

impl Feed {
    /// A feed of what comes after the message with this sequence, whose last entry is at this position.
    pub(crate) fn after(sequence: u64, last: u64) -> Self {
        let rounds = Rounds {
            waiting: VecDeque::new(),
            bytes: 0,
            seen: sequence,
            given: sequence,
            given_last: last,
            wanted: sequence,
            failed: None,
            stopped: false,
        };
        Feed {
            rounds: Mutex::new(rounds),
            changed: Condvar::new(),
            room: Notify::new(),
            rebuild: Notify::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Rounds> {
        self.rounds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the next message; this handle's own are known already.
    pub(crate) fn add(&self, sequence: u64, last: u64, round: AgreedRound) {
        let mut rounds = self.lock();
        rounds.seen = rounds.seen.max(sequence);
        if sequence > rounds.given {
            rounds.bytes += round.bytes.len();
            rounds.waiting.push_back(Waiting { sequence, last, round });
        }
        drop(rounds);
        self.changed.notify_all();
    }

    pub(crate) fn has_room(&self) -> bool {
        let rounds = self.lock();
        rounds.bytes < MOST_WAITING || rounds.seen < rounds.wanted
    }

    /// The next round that the copy was not given.
    pub(crate) fn take(&self) -> Option<AgreedRound> {
        let mut rounds = self.lock();
        let taken = loop {
            let next = rounds.waiting.pop_front()?;
            rounds.bytes -= next.round.bytes.len();
            if next.sequence > rounds.given {
                (rounds.given, rounds.given_last) = (next.sequence, next.last);
                break next.round;
            }
        };
        drop(rounds);
        self.room.notify_one();
        self.changed.notify_all();
        Some(taken)
    }

    /// The sequence that a proposal after this position follows; `None` if the copy is not there.
    pub(crate) fn sequence_at(&self, position: u64) -> Option<u64> {
        let rounds = self.lock();
        (rounds.given_last == position).then_some(rounds.given)
    }

    /// Says that the copy has this message, since this handle published it.
    pub(crate) fn published(&self, sequence: u64, last: u64) {
        let mut rounds = self.lock();
        (rounds.given, rounds.given_last) = (sequence, last);
        rounds.seen = rounds.seen.max(sequence);
    }

    /// Waits until every message up to this one has come; as long as messages come, however long that takes.
    pub(crate) fn wait_for(&self, sequence: u64, patience: Duration) -> Result<(), OriginError> {
        let mut rounds = self.lock();
        rounds.wanted = rounds.wanted.max(sequence);
        self.room.notify_one();
        let (mut seen, mut since) = (rounds.seen, Instant::now());
        loop {
            if let Some(why) = &rounds.failed {
                return Err(failed(why.clone()));
            }
            if rounds.seen >= sequence {
                return Ok(());
            }
            if rounds.seen != seen {
                (seen, since) = (rounds.seen, Instant::now());
            }
            if since.elapsed() >= patience {
                let why =
                    format!("message {} did not come within {patience:?}; the last is {sequence}", seen + 1);
                return Err(failed(why));
            }
            rounds = self.changed_within(rounds, patience);
        }
    }

    /// Waits until something has changed. After a silence, the reader of the stream begins again.
    fn changed_within<'f>(
        &'f self,
        rounds: MutexGuard<'f, Rounds>,
        patience: Duration,
    ) -> MutexGuard<'f, Rounds> {
        let waited = self.changed.wait_timeout(rounds, SILENCE.min(patience));
        let (rounds, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            self.rebuild.notify_one();
        }
        rounds
    }

    /// Waits until a round is there to be taken over by a copy that is to have every message up to this one. `false` when it
    /// has.
    pub(crate) fn wait_for_more(&self, sequence: u64, patience: Duration) -> Result<bool, OriginError> {
        let mut rounds = self.lock();
        let since = Instant::now();
        while rounds.waiting.is_empty() {
            if let Some(why) = &rounds.failed {
                return Err(failed(why.clone()));
            }
            if rounds.given >= sequence {
                return Ok(false);
            }
            if since.elapsed() >= patience {
                return Err(failed(format!("message {} did not come within {patience:?}", rounds.given + 1)));
            }
            rounds = self.changed_within(rounds, patience);
        }
        Ok(true)
    }

    /// Waits until something is there to be taken over. `false` when there will be nothing more.
    pub(crate) fn wait_for_news(&self) -> bool {
        let mut rounds = self.lock();
        loop {
            if rounds.stopped || rounds.failed.is_some() {
                return false;
            }
            if rounds.waiting.back().is_some_and(|last| last.sequence > rounds.given) {
                return true;
            }
            rounds = self.changed.wait(rounds).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends the feed for a reason that no second try changes.
    pub(crate) fn fail(&self, why: String) {
        self.lock().failed.get_or_insert(why);
        self.changed.notify_all();
    }

    pub(crate) fn failed(&self) -> Option<OriginError> {
        self.lock().failed.clone().map(failed)
    }

    pub(crate) fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
        self.rebuild.notify_one();
        self.room.notify_one();
    }

    pub(crate) fn is_over(&self) -> bool {
        let rounds = self.lock();
        rounds.stopped || rounds.failed.is_some()
    }
}

fn failed(why: String) -> OriginError {
    OriginError { doing: "reading the stream".to_string(), why }
}

#[cfg(test)]
mod tests {
    use super::Feed;
    use leftfold::log::AgreedRound;
    use leftfold::recorded::Position;
    use std::time::Duration;

    fn round(first: u64) -> AgreedRound {
        AgreedRound { first: Position::new(first), bytes: b"a\n".to_vec() }
    }

    #[test]
    fn what_this_handle_published_is_not_given_to_it_again() {
        let feed = Feed::after(5, 10);
        assert_eq!(feed.sequence_at(10), Some(5));
        feed.add(6, 11, round(11));
        feed.published(6, 11);
        feed.add(7, 12, round(12));
        assert_eq!(feed.take(), Some(round(12)));
        assert_eq!((feed.take(), feed.sequence_at(12), feed.sequence_at(11)), (None, Some(7), None));
    }

    #[test]
    fn a_message_that_does_not_come_is_said_within_its_time() {
        let feed = Feed::after(0, 0);
        let error = feed.wait_for(1, Duration::from_millis(20)).unwrap_err();
        assert!(error.to_string().contains("message 1 did not come"), "{error}");
        feed.add(1, 1, round(1));
        feed.wait_for(1, Duration::from_millis(20)).unwrap();
        assert_eq!(feed.wait_for_more(1, Duration::from_millis(20)), Ok(true));
        feed.take();
        assert_eq!(feed.wait_for_more(1, Duration::from_millis(20)), Ok(false));
        let error = feed.wait_for_more(2, Duration::from_millis(20)).unwrap_err();
        assert!(error.to_string().contains("message 2 did not come"), "{error}");
    }

    #[test]
    fn a_feed_that_failed_ends_every_wait_with_its_reason() {
        let feed = Feed::after(0, 0);
        feed.fail("planted".to_string());
        assert!(!feed.wait_for_news());
        let error = feed.wait_for(1, Duration::from_secs(60)).unwrap_err();
        assert_eq!(error.why, "planted");
    }
}
