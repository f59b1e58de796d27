//! Group commit: of all threads that append at the same time, one leads. It takes what all have queued, judges each
//! request on the log including the requests before it, writes once, syncs once, and tells everybody. A thread that
//! appends alone leads itself, and waits for nobody.

use super::index_file;
use super::journal::Journal;
use super::open_files::OpenFiles;
use super::open_log::Shared;
use crate::recorded::{EventId, Timestamp};
use crate::store::AppendError;
use crate::store::Clock;
use crate::store::clock_and_ids::{Handle, Ids};
use crate::store::repeated_batch::made_ids;
use crate::store::{Appended, Condition, NewEvent, Write};
use std::mem;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A batch with its events encoded.
pub(super) struct Request {
    pub(super) writes: Vec<Write<Encoded>>,
    /// The conditions, their types as they may be stored.
    pub(super) conditions: Vec<Condition>,
    /// The contents of all events, one behind the other.
    pub(super) data: Vec<u8>,
}

/// A request on its way into the log, with all that the user's closures say of it. They are asked before any lock is
/// taken, so they may panic, wait, or ask the log themselves.
pub(super) struct Asked {
    pub(super) request: Request,
    /// When it was asked for, which is when its events are recorded.
    pub(super) at: Timestamp,
    /// An id for each entry where the user makes ids; otherwise empty.
    pub(super) ids: Vec<EventId>,
}

/// An event as it will stand in its line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Encoded {
    pub(super) event_type: Arc<str>,
    pub(super) schema: u32,
    /// Its content, within the data of its request.
    pub(super) data: Range<usize>,
}

pub(super) type Answer = Result<Appended, AppendError>;

/// Who leads, and who waits.
#[derive(Default)]
struct Queue {
    led: bool,
    waiting: Vec<(Asked, Arc<Seat>)>,
}

/// Where a thread waits for its answer.
#[derive(Default)]
struct Seat {
    told: Mutex<Told>,
    called: Condvar,
}

#[derive(Default)]
enum Told {
    #[default]
    Nothing,
    /// To lead: its request still stands in the queue.
    Lead,
    Answer(Answer),
}

impl Seat {
    fn tell(&self, what: Told) {
        *lock(&self.told) = what;
        self.called.notify_one();
    }

    fn wait(&self) -> Told {
        let mut told = lock(&self.told);
        loop {
            match mem::take(&mut *told) {
                Told::Nothing => told = self.called.wait(told).unwrap_or_else(PoisonError::into_inner),
                what => return what,
            }
        }
    }
}

/// No thread panics while it holds a lock and leaves things half done, except in a storage: see `lead`.
pub(super) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The log of an open writer: its journal for the one who leads, its index for all.
pub(super) struct Core {
    queue: Mutex<Queue>,
    pub(super) journal: Mutex<Journal>,
    pub(super) shared: Mutex<Shared>,
    pub(super) files: Arc<OpenFiles>,
    pub(super) grown: Condvar,
    clock: Clock,
    /// Where ids come from, if the log does not make them.
    pub(super) ids: Option<Ids>,
    pub(super) handle: Handle,
}

impl Core {
    pub(super) fn new(journal: Journal, shared: Shared, clock: Clock, ids: Option<Ids>) -> Self {
        Core {
            queue: Mutex::default(),
            files: journal.files.clone(),
            journal: Mutex::new(journal),
            shared: Mutex::new(shared),
            grown: Condvar::new(),
            clock,
            ids,
            handle: Handle::new(),
        }
    }

    /// Appends, alone or together with others.
    pub(super) fn append(&self, request: Request) -> Answer {
        let (at, ids) = ((self.clock)(), made_ids(&request.writes, self.ids.as_ref()));
        let asked = Asked { request, at, ids };
        let mut queue = lock(&self.queue);
        if !queue.led {
            queue.led = true;
            drop(queue);
            return self.lead(vec![asked], None);
        }
        let seat = Arc::new(Seat::default());
        queue.waiting.push((asked, seat.clone()));
        drop(queue);
        match seat.wait() {
            Told::Answer(answer) => answer,
            Told::Lead | Told::Nothing => self.lead(Vec::new(), Some(&seat)),
        }
    }

    /// Serves all who wait, and answers with the leader's own answer: that of the first request where it brought one,
    /// otherwise that of its seat.
    fn lead(&self, mut requests: Vec<Asked>, mine: Option<&Arc<Seat>>) -> Answer {
        let mut seats: Vec<Option<Arc<Seat>>> = requests.iter().map(|_| None).collect();
        for (asked, seat) in mem::take(&mut lock(&self.queue).waiting) {
            requests.push(asked);
            seats.push(Some(seat));
        }
        let ids: Vec<Vec<EventId>> = requests.iter().map(|asked| asked.request.given_ids()).collect();
        // A storage may be the user's: a panic in there may leave the index and the files half written.
        let outcome = catch_unwind(AssertUnwindSafe(|| lock(&self.journal).commit(self, requests)));
        let (answers, panic) = match outcome {
            Ok(answers) => (answers, None),
            Err(panic) => {
                let why = "the leader of a commit panicked";
                lock(&self.journal).poison(why);
                let unknown =
                    |ids| Err(AppendError::Unknown { doing: why.to_string(), ids, why: why.to_string() });
                (ids.into_iter().map(unknown).collect(), Some(panic))
            }
        };
        let mut own = None;
        for (seat, answer) in seats.into_iter().zip(answers) {
            match seat {
                None => own = Some(answer),
                Some(seat) if mine.is_some_and(|mine| Arc::ptr_eq(mine, &seat)) => own = Some(answer),
                Some(seat) => seat.tell(Told::Answer(answer)),
            }
        }
        self.hand_over();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
        // The leader's request is always among those it served.
        own.unwrap_or(Err(AppendError::Empty))
    }

    fn hand_over(&self) {
        let mut queue = lock(&self.queue);
        match queue.waiting.first() {
            Some((_, seat)) => seat.tell(Told::Lead),
            None => queue.led = false,
        }
    }

    /// Closes the log, and leaves its index beside it.
    pub(super) fn close(&self) -> Result<(), String> {
        let mut journal = lock(&self.journal);
        if !journal.closed && journal.still_holds() {
            // Whoever opens a log without its index reads it instead: a failure here costs time and nothing else.
            let _ = index_file::write(&*journal.storage, &journal.mark(true), &lock(&self.shared));
        }
        journal.close()
    }
}

impl Request {
    /// The ids under which its entries are recorded from this position on; `made` are those that the user makes.
    pub(super) fn ids(&self, handle: &Handle, first: u64, made: Vec<EventId>) -> Vec<EventId> {
        if made.len() == self.writes.len() {
            return made;
        }
        let of = |(write, position): (&Write<Encoded>, u64)| match write {
            Write::Event(_, NewEvent { id: Some(id), .. }) => id.clone(),
            _ => handle.id(position),
        };
        self.writes.iter().zip(first..).map(of).collect()
    }

    pub(super) fn given_ids(&self) -> Vec<EventId> {
        let of = |write: &Write<Encoded>| match write {
            Write::Event(_, new) => new.id.clone(),
            Write::Delete(_) | Write::Describe(..) => None,
        };
        self.writes.iter().filter_map(of).collect()
    }
}
