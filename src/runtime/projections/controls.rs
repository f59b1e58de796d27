//! Controlling a runner from other threads, and reading its status.

use crate::page::{named, shown, with_sources};
use crate::recorded::{Position, StreamName};
use crate::runtime::panics::lock;
use crate::store::{Filtered, ReadError, UnlikeValues};
use serde::Serialize;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

/// What a runner is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum Activity {
    /// It is open and not running.
    Stopped,
    /// It applies events.
    Running,
    /// It is running and waits for events.
    Idle,
    /// It was asked to stop.
    Stopping,
    /// It deletes its read model, to begin from the start.
    Resetting,
    /// It deletes its read model, and ends.
    Deleting,
    /// Its thread has panicked where no panic is expected, and it is not running. [`Status::trouble`] says what the
    /// panic said.
    Dead,
}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Activity::Stopped => "stopped",
            Activity::Running => "running",
            Activity::Idle => "idle",
            Activity::Stopping => "stopping",
            Activity::Resetting => "resetting",
            Activity::Deleting => "deleting",
            Activity::Dead => "dead",
        })
    }
}

/// An event that a projection could not apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[non_exhaustive]
#[error(
    "the event at position {position} of stream {stream} cannot be applied: {cause}",
    stream = named(.stream), cause = shown(.cause)
)]
pub struct Poison {
    /// Its position.
    pub position: Position,
    /// Its stream.
    pub stream: StreamName,
    /// What is wrong with it.
    pub cause: String,
}

impl Poison {
    /// The event that ended a read with this error, if it would end every read.
    pub(in crate::runtime) fn from_read_error(error: &ReadError) -> Option<Poison> {
        let (position, stream, cause) = match error {
            ReadError::Unreadable { position, stream, source } => (position, stream, with_sources(source)),
            ReadError::Unmapped { position, stream, source } => (position, stream, with_sources(&**source)),
            ReadError::Foreign { position, stream, .. } => (position, stream, error.to_string()),
            ReadError::Unlike(UnlikeValues { place: Filtered::Entry(position, stream), .. }) => {
                (position, stream, error.to_string())
            }
            _ => return None,
        };
        Some(Poison { position: *position, stream: stream.clone(), cause })
    }
}

/// How far a projection is, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// Its name.
    pub name: String,
    /// What its runner is doing.
    pub activity: Activity,
    /// Every matching event up to this position is applied.
    pub position: Position,
    /// The last position of the log, when the runner last looked.
    pub head: Position,
    /// How many positions are between `position` and `head`.
    pub lag: u64,
    /// Events that were skipped since the runner was opened.
    pub skipped: Vec<Poison>,
    /// The event that it stopped before.
    pub poison: Option<Poison>,
    /// The last error, while it is tried again, or the error that has ended the run.
    pub trouble: Option<String>,
    /// Why a stored state could not be used, since the runner was opened or reset. The state is folded again from the
    /// log.
    pub unusable_state: Option<String>,
    /// How many items a process manager owes; `None` for a projection.
    pub owed: Option<OwedCounts>,
}

/// How many items a process manager owes, as far as the log was read. Each is failing, parked, or accepted and
/// unsettled, or waits for its first attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OwedCounts {
    /// All of them.
    pub owed: usize,
    /// Those whose command was tried and has failed, and is tried again.
    pub failing: usize,
    /// Those that are parked: not tried again until they are [released](crate::runtime::ProcessRunner::release).
    pub parked: usize,
    /// Those whose command was accepted since the runner was opened, while no event has settled them.
    pub unsettled: usize,
    /// How often a command was refused or has failed since the runner was opened: every attempt counts, and it never falls.
    pub refused: u64,
}

impl fmt::Display for OwedCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OwedCounts { owed, failing, parked, unsettled, refused: _ } = *self;
        write!(f, "{owed} owed")?;
        let parts = [(failing, "failing"), (parked, "parked"), (unsettled, "accepted and not settled")];
        let mut of_them = " of them";
        for (number, what) in parts.into_iter().filter(|(number, _)| *number > 0) {
            write!(f, ", {number}{of_them} {what}")?;
            of_them = "";
        }
        Ok(())
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Status { name, activity, position, head, lag, skipped, poison, trouble, unusable_state, owed } =
            self;
        let name = shown(name);
        write!(f, "{name}: {activity}, at position {position} of {head}, {lag} to go")?;
        if !skipped.is_empty() {
            write!(f, ", {} skipped", skipped.len())?;
        }
        if let Some(counts) = owed.filter(|counts| counts.owed > 0) {
            write!(f, "; {counts}")?;
        }
        for words in
            poison.iter().map(ToString::to_string).chain(trouble.clone()).chain(unusable_state.clone())
        {
            write!(f, "; {}", shown(words))?;
        }
        Ok(())
    }
}

/// Controls a runner from other threads. The runner obeys between two events, or when it is run next.
///
/// Between two events means before the next one is applied or dispatched: also in the middle of a long backlog, while
/// the events before a [poison](Poison) event are applied again, and between two commands of a process runner. A commit
/// that has begun ends first.
#[derive(Clone, Debug)]
pub struct Controls(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Whether there are requests, and the position: read and written at each event, so they need no lock.
    has_requests: AtomicBool,
    position: AtomicU64,
    state: Mutex<RunnerState>,
}

#[derive(Debug)]
struct RunnerState {
    status: Status,
    requests: Requests,
}

/// What was requested and is not done yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::runtime) struct Requests {
    pub(in crate::runtime) stop: bool,
    pub(in crate::runtime) reset: bool,
    pub(in crate::runtime) delete: bool,
}

impl Requests {
    pub(in crate::runtime) fn any(self) -> bool {
        self.stop || self.reset || self.delete
    }

    /// What is requested in either.
    pub(in crate::runtime) fn and(self, other: Requests) -> Requests {
        Requests {
            stop: self.stop || other.stop,
            reset: self.reset || other.reset,
            delete: self.delete || other.delete,
        }
    }
}

impl Controls {
    pub(in crate::runtime) fn of(name: &str) -> Controls {
        let status = Status {
            name: name.to_string(),
            activity: Activity::Stopped,
            position: Position::START,
            head: Position::START,
            lag: 0,
            skipped: Vec::new(),
            poison: None,
            trouble: None,
            unusable_state: None,
            owed: None,
        };
        let state = Mutex::new(RunnerState { status, requests: Requests::default() });
        Controls(Arc::new(Shared {
            has_requests: AtomicBool::new(false),
            position: AtomicU64::new(0),
            state,
        }))
    }

    /// The status of the projection.
    pub fn status(&self) -> Status {
        let status = self.state().status.clone();
        let position = Position::new(self.0.position.load(Ordering::Acquire));
        let head = status.head.max(position);
        Status { position, head, lag: head.get() - position.get(), ..status }
    }

    /// How far the log has been read: the position of the last event that was looked at, also one of another query. Takes no
    /// lock.
    pub fn position(&self) -> Position {
        Position::new(self.0.position.load(Ordering::Acquire))
    }

    /// Waits until the log has been read up to this position, or for `at_most`; returns whether it has. So a caller reads what it
    /// has just written: give it the last of [`Handled::positions`](crate::runtime::Handled::positions).
    ///
    /// It looks every millisecond.
    ///
    /// ```
    /// # use leftfold::recorded::StreamName;
    /// # use leftfold::runtime::{CommandHandler, Folded, Projection, Runner};
    /// # use leftfold::store::{Memory, Query};
    /// # use std::sync::Arc;
    /// # use std::time::Duration;
    /// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    /// # enum Event { Rung }
    /// # let bell = leftfold::decider(|| (), |_: &(), _: &()| Ok::<_, ()>(vec![Event::Rung]), |_, _: &Event| ());
    /// # let store = Arc::new(Memory::new());
    /// # let folder = tempfile::tempdir()?;
    /// # let handler = CommandHandler::in_one_stream(bell, store.clone(), StreamName::new("bell")?);
    /// let rings = leftfold::view(|| 0u32, |times, _: &Event| times + 1);
    /// let projection = Projection::new("rings", Query::all(), Folded::of(rings));
    /// let runner = Runner::open(projection, store, folder.path())?;
    /// let (model, controls) = (runner.model().reader(), runner.controls());
    /// let running = runner.start();
    ///
    /// let (_, last) = handler.handle(())?.positions.expect("it was recorded");
    /// assert!(controls.wait_for(last, Duration::from_secs(5)));
    /// assert_eq!(model.look(|times| *times), 1);
    /// # drop(running);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_for(&self, position: Position, at_most: Duration) -> bool {
        let since = Instant::now();
        while self.position() < position {
            if since.elapsed() >= at_most {
                return false;
            }
            thread::sleep(Duration::from_millis(1).min(at_most));
        }
        true
    }

    /// Ends the run. The events that were applied are committed.
    pub fn stop(&self) {
        self.request(Activity::Stopping, |requests| requests.stop = true);
    }

    /// Deletes the read model and begins from the start. If that fails, it is tried again after a second.
    pub fn reset(&self) {
        self.request(Activity::Resetting, |requests| requests.reset = true);
    }

    /// Deletes the read model and ends the run. If that fails, it is tried again after a second.
    pub fn delete(&self) {
        self.request(Activity::Deleting, |requests| requests.delete = true);
    }

    fn request(&self, activity: Activity, add: impl FnOnce(&mut Requests)) {
        let mut state = self.state();
        add(&mut state.requests);
        self.0.has_requests.store(true, Ordering::Release);
        // A runner that is not running obeys when it is run next; until then its activity stays.
        if !matches!(state.status.activity, Activity::Stopped | Activity::Dead) {
            state.status.activity = activity;
        }
    }

    /// Whether there are requests that are not done yet.
    pub(in crate::runtime) fn has_requests(&self) -> bool {
        self.0.has_requests.load(Ordering::Acquire)
    }

    pub(in crate::runtime) fn requests(&self) -> Requests {
        self.state().requests
    }

    /// Takes the requests, to do them.
    pub(in crate::runtime) fn take_requests(&self) -> Requests {
        let mut state = self.state();
        self.0.has_requests.store(false, Ordering::Release);
        std::mem::take(&mut state.requests)
    }

    /// Puts back requests that were taken and could not be done.
    pub(in crate::runtime) fn put_back(&self, undone: Requests) {
        let mut state = self.state();
        state.requests = state.requests.and(undone);
        let any = state.requests.any();
        self.0.has_requests.store(any, Ordering::Release);
    }

    /// Shows what the runner is doing, unless there is a request that it has not begun.
    pub(in crate::runtime) fn set_activity(&self, activity: Activity) {
        let mut state = self.state();
        if !state.requests.any() || matches!(activity, Activity::Stopped | Activity::Dead) {
            state.status.activity = activity;
        }
    }

    /// Shows that every matching event up to this position is applied.
    pub(in crate::runtime) fn set_position(&self, position: Position) {
        self.0.position.store(position.get(), Ordering::Release);
    }

    /// Changes the status; the [position](Controls::set_position) is not part of it.
    pub(in crate::runtime) fn update_status(&self, update: impl FnOnce(&mut Status)) {
        update(&mut self.state().status);
    }

    fn state(&self) -> MutexGuard<'_, RunnerState> {
        lock(&self.0.state)
    }
}
