//! The outbox: a projection that hands recorded events over to a producer, and a thread as the simplest producer.

use super::projection::{OnPoison, Projection};
use super::read_model::{Checkpoint, CheckpointPlace, ReadModel};
use crate::recorded::{Envelope, Recorded};
use crate::runtime::Cause;
use crate::runtime::checkpoint_file::CheckpointFile;
use crate::runtime::panics::{catching_panics, lock};
use crate::runtime::spans;
use crate::store::Query;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A receiver of messages: a queue, a broker, a thread.
pub trait Producer<E> {
    /// Hands a message over.
    ///
    /// # Errors
    /// What went wrong. The message is handed over again.
    fn publish(&mut self, envelope: &Envelope, event: &E) -> Result<(), Cause>;

    /// Returns when everything that was handed over is safe: durable in the queue, or done. Messages that were handed
    /// over since the last flush are handed over again after a crash.
    ///
    /// # Errors
    /// What went wrong. Everything since the last flush is handed over again.
    fn flush(&mut self) -> Result<(), Cause> {
        Ok(())
    }
}

/// The read model of an [`outbox()`]: hands events over to a [`Producer`], and stores how far it is.
pub struct Outbox<Q> {
    producer: Q,
    file: CheckpointFile<()>,
}

/// Publishes recorded events at least once, also after a crash in between.
///
/// It is a projection whose read model is a producer. Events are recorded first; the runner of the outbox then hands
/// over the events that match the query, and commits its position after the producer has flushed. So a crash between
/// recording and publishing delays a message and does not lose it. After a crash a message may come twice, under the
/// same id ([`Envelope::id`]). With another query under the same name, it goes on from its position, because what was
/// published is not to be published again. If the producer fails, the outbox waits a second and tries again.
///
/// ```
/// use leftfold::recorded::StreamName;
/// use leftfold::runtime::{Runner, Worker};
/// use leftfold::runtime::outbox;
/// use leftfold::store::{Batch, EventStore, Memory, Query};
/// use serde::{Deserialize, Serialize};
/// use std::sync::{Arc, Mutex};
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Event { Accepted { to: String } }
///
/// let store = Arc::new(Memory::new());
/// store.append(Batch::to(&StreamName::of("contract", 1)?).event(Event::Accepted { to: "petra".into() }))?;
///
/// let sent = Arc::new(Mutex::new(Vec::new()));
/// let mails = sent.clone();
/// // A thread of this process that takes one message after another.
/// let worker = Worker::start(move |recorded| {
///     let Event::Accepted { to } = &recorded.event;
///     mails.lock().unwrap().push(format!("to {to}, because of {}", recorded.stream));
///     Ok(())
/// });
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let mut mailing = Runner::open(outbox("mailing", Query::of_types(["Accepted"]), worker), store, folder)?;
/// mailing.run_once()?;
/// assert_eq!(*sent.lock().unwrap(), ["to petra, because of contract-1"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn outbox<E, Q: Producer<E>>(
    name: impl Into<String>,
    query: Query,
    producer: Q,
) -> Projection<Outbox<Q>, E> {
    Projection::new(name, query, Outbox { producer, file: CheckpointFile::of_revision(1).of_any_events() })
        .on_poison(OnPoison::Retry(Duration::from_secs(1)))
        .commit_after(Duration::ZERO)
        .commit_every(100)
}

impl<E, Q: Producer<E>> ReadModel<E> for Outbox<Q> {
    fn load(&mut self, place: &CheckpointPlace) -> Result<Checkpoint, Cause> {
        Ok(self.file.load(place)?.1)
    }

    fn unusable_state(&self) -> Option<String> {
        self.file.unusable_state()
    }

    fn apply(&mut self, envelope: &Envelope, event: &E) -> Result<(), Cause> {
        let span = spans::publish(envelope);
        let published = self.producer.publish(envelope, event);
        span.text("outcome", if published.is_ok() { "published" } else { "failed" });
        published
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
        self.producer.flush()?;
        self.file.commit(checkpoint, &())
    }

    fn clear(&mut self) -> Result<(), Cause> {
        self.file.clear()
    }
}

impl<Q> fmt::Debug for Outbox<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").finish_non_exhaustive()
    }
}

/// A thread of this process that takes one message after another: the simplest producer.
///
/// A message counts as published when its function has returned. So nothing is lost when the process ends while
/// messages wait. A panic of the function is a failure. Dropping the worker waits for the message that is being
/// handled, and drops those that wait; the outbox hands them over again.
pub struct Worker<E> {
    queue: Arc<Queue<E>>,
    thread: Option<JoinHandle<()>>,
}

struct Queue<E> {
    state: Mutex<QueueState<E>>,
    changed: Condvar,
}

struct QueueState<E> {
    messages: VecDeque<Recorded<E>>,
    busy: bool,
    failed: Option<Cause>,
    closed: bool,
}

/// How many messages may wait before the publisher waits too.
const MOST_WAITING: usize = 1_000;

impl<E: Send + 'static> Worker<E> {
    /// Starts a thread that runs this function on every message, in order. If it fails, the messages that wait are
    /// dropped, and all messages since the last flush are handed over again.
    pub fn start(handle: impl Fn(&Recorded<E>) -> Result<(), Cause> + Send + 'static) -> Worker<E> {
        let state = QueueState { messages: VecDeque::new(), busy: false, failed: None, closed: false };
        let queue = Arc::new(Queue { state: Mutex::new(state), changed: Condvar::new() });
        let taken = queue.clone();
        Worker { queue, thread: Some(thread::spawn(move || taken.work(&handle))) }
    }
}

impl<E> Queue<E> {
    fn work(&self, handle: &dyn Fn(&Recorded<E>) -> Result<(), Cause>) {
        let mut state = lock(&self.state);
        loop {
            if state.closed {
                return;
            }
            let Some(message) = state.messages.pop_front() else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            state.busy = true;
            drop(state);
            let handled = catching_panics(|| handle(&message));
            let outcome = handled.and(drop_message(message));
            state = lock(&self.state);
            state.busy = false;
            if let Err(cause) = outcome {
                state.failed = Some(cause);
                let waiting = std::mem::take(&mut state.messages);
                self.changed.notify_all();
                drop(state);
                for message in waiting {
                    // One failure is reported, and all messages come again.
                    let _ = drop_message(message);
                }
                state = lock(&self.state);
            }
            self.changed.notify_all();
        }
    }
}

/// Drops a message. This may run code of the user, so one message at a time, and while no lock is held.
fn drop_message<E>(message: Recorded<E>) -> Result<(), Cause> {
    catching_panics(|| {
        drop(message);
        Ok(())
    })
}

impl<E: Clone> Producer<E> for Worker<E> {
    fn publish(&mut self, envelope: &Envelope, event: &E) -> Result<(), Cause> {
        let mut state = lock(&self.queue.state);
        while state.messages.len() >= MOST_WAITING && state.failed.is_none() {
            state = self.queue.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if let Some(cause) = state.failed.take() {
            return Err(cause);
        }
        state.messages.push_back(Recorded { envelope: envelope.clone(), event: event.clone() });
        self.queue.changed.notify_all();
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Cause> {
        let mut state = lock(&self.queue.state);
        while (state.busy || !state.messages.is_empty()) && state.failed.is_none() {
            state = self.queue.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.failed.take().map_or(Ok(()), Err)
    }
}

impl<E> Drop for Worker<E> {
    fn drop(&mut self) {
        lock(&self.queue.state).closed = true;
        self.queue.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl<E> fmt::Debug for Worker<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("waiting", &lock(&self.queue.state).messages.len())
            .finish_non_exhaustive()
    }
}
