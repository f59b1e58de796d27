use super::projection::{OnPoison, Projection};
use super::read_model::{Checkpoint, Place, ReadModel};
use crate::recorded::{Envelope, Recorded};
use crate::runtime::Cause;
use crate::runtime::checkpoint_file::Kept;
use crate::runtime::panics::caught;
use crate::runtime::panics::lock;
use crate::store::Query;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Where messages go that somebody else takes care of: a queue, a broker, a thread.
pub trait Producer<E> {
    /// Hands a message over.
    ///
    /// # Errors
    /// What hindered it; the message is handed over again.
    fn publish(&mut self, envelope: &Envelope, event: &E) -> Result<(), Cause>;

    /// Returns when everything that was handed over is in good hands: durable in the queue, or done. What a crash may
    /// lose before that is handed over again.
    ///
    /// # Errors
    /// What hindered it; everything since the last time is handed over again.
    fn flush(&mut self) -> Result<(), Cause> {
        Ok(())
    }
}

/// The read model of an async switch: hands events over to a [`Producer`], and keeps how far it is.
pub struct Outbox<Q> {
    producer: Q,
    kept: Kept<()>,
}

/// An async switch: what was recorded is published, at least once, also after a crash in between.
///
/// It is a projection whose read model is a producer. Events are recorded first, by whoever decides; the runner of the
/// outbox hands over what matches the query, and keeps the position behind what is in good hands. So a crash between
/// recording and publishing delays a message and does not lose it. After a crash a message may come twice: its id
/// ([`Envelope::id`]) tells. Where the producer fails, the outbox waits a second and tries again.
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
    Projection::new(name, query, Outbox { producer, kept: Kept::of_revision(1) })
        .on_poison(OnPoison::Retry(Duration::from_secs(1)))
        .commit_after(Duration::ZERO)
        .commit_every(100)
}

impl<E, Q: Producer<E>> ReadModel<E> for Outbox<Q> {
    fn load(&mut self, place: &Place) -> Result<Checkpoint, Cause> {
        Ok(self.kept.load(place)?.1)
    }

    fn unread(&self) -> Option<String> {
        self.kept.unread()
    }

    fn apply(&mut self, envelope: &Envelope, event: &E) -> Result<(), Cause> {
        self.producer.publish(envelope, event)
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
        self.producer.flush()?;
        self.kept.commit(checkpoint, &())
    }

    fn clear(&mut self) -> Result<(), Cause> {
        self.kept.clear()
    }
}

impl<Q> fmt::Debug for Outbox<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").finish_non_exhaustive()
    }
}

/// A thread of this process that takes one message after another: the simplest producer.
///
/// A message counts as published when its function has returned, and not before: so nothing is lost when the process ends
/// while messages wait. A panic of the function is a failure of it. Dropping the worker waits for the message under way, and
/// forgets those that wait; the outbox hands them over again.
pub struct Worker<E> {
    queue: Arc<Queue<E>>,
    thread: Option<JoinHandle<()>>,
}

struct Queue<E> {
    state: Mutex<Waiting<E>>,
    changed: Condvar,
}

struct Waiting<E> {
    messages: VecDeque<Recorded<E>>,
    busy: bool,
    failed: Option<Cause>,
    closed: bool,
}

/// How many messages wait at most before whoever publishes waits too.
const ROOM: usize = 1_000;

impl<E: Send + 'static> Worker<E> {
    /// Starts a thread that runs this function on every message, in order. When it fails, the messages that wait are
    /// dropped, and all since the last flush are handed over again.
    pub fn start(handle: impl Fn(&Recorded<E>) -> Result<(), Cause> + Send + 'static) -> Worker<E> {
        let waiting = Waiting { messages: VecDeque::new(), busy: false, failed: None, closed: false };
        let queue = Arc::new(Queue { state: Mutex::new(waiting), changed: Condvar::new() });
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
            let handled = caught(|| handle(&message));
            let outcome = handled.and(let_go(message));
            state = lock(&self.state);
            state.busy = false;
            if let Err(cause) = outcome {
                state.failed = Some(cause);
                let waiting = std::mem::take(&mut state.messages);
                self.changed.notify_all();
                drop(state);
                for message in waiting {
                    // One failure has been said, and all of them come again.
                    let _ = let_go(message);
                }
                state = lock(&self.state);
            }
            self.changed.notify_all();
        }
    }
}

/// Drops a message, which is code of others too: one by one, and while no lock is held.
fn let_go<E>(message: Recorded<E>) -> Result<(), Cause> {
    caught(|| {
        drop(message);
        Ok(())
    })
}

impl<E: Clone> Producer<E> for Worker<E> {
    fn publish(&mut self, envelope: &Envelope, event: &E) -> Result<(), Cause> {
        let mut state = lock(&self.queue.state);
        while state.messages.len() >= ROOM && state.failed.is_none() {
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
