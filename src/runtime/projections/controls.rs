//! What is told to a runner from other threads, and what it tells them.

use crate::page::{named, shown};
use crate::recorded::{Position, StreamName};
use crate::runtime::panics::lock;
use crate::store::ReadError;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// What a runner is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activity {
    /// It is open, and nobody runs it.
    Stopped,
    /// It takes events.
    Running,
    /// It is kept running, and nothing is there to be taken.
    Idle,
    /// It was told to stop.
    Stopping,
    /// It takes away what it made, to begin anew.
    Resetting,
    /// It takes away what it made, and ends.
    Deleting,
    /// Its thread has panicked outside of all code that may panic, and nobody runs it any more. What it was doing is in
    /// [`Status::trouble`].
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

/// An event that a projection could not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the event at position {position} of stream {stream} cannot be taken: {cause}",
    stream = named(.stream), cause = shown(.cause)
)]
pub struct Poison {
    /// Where it stands.
    pub position: Position,
    /// Its stream.
    pub stream: StreamName,
    /// What is wrong with it.
    pub cause: String,
}

impl Poison {
    /// The event that a read has ended at, if it would end there however often it is read.
    pub(in crate::runtime) fn met_by(error: &ReadError) -> Option<Poison> {
        let (position, stream, cause) = match error {
            ReadError::Unreadable { position, stream, source } => (position, stream, source.to_string()),
            ReadError::Unmapped { position, stream, source } => (position, stream, source.to_string()),
            ReadError::Foreign { position, stream, .. } => (position, stream, error.to_string()),
            _ => return None,
        };
        Some(Poison { position: *position, stream: stream.clone(), cause })
    }
}

/// How a projection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its name.
    pub name: String,
    /// What its runner is doing.
    pub activity: Activity,
    /// All that matters up to here is in.
    pub position: Position,
    /// The end of the log, when the runner last looked.
    pub head: Position,
    /// How many positions lie between.
    pub lag: u64,
    /// Events that were passed over since the runner was opened.
    pub skipped: Vec<Poison>,
    /// The event it stopped at.
    pub poison: Option<Poison>,
    /// What went wrong the last time, while it is being tried again, or what has ended the run.
    pub trouble: Option<String>,
    /// Why what was kept could not be used since the runner was opened or reset: it is made again from the log.
    pub unread: Option<String>,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Status { name, activity, position, head, lag, skipped, poison, trouble, unread } = self;
        let name = shown(name);
        write!(f, "{name}: {activity}, at position {position} of {head}, {lag} behind")?;
        if !skipped.is_empty() {
            write!(f, ", {} passed over", skipped.len())?;
        }
        for words in poison.iter().map(ToString::to_string).chain(trouble.clone()).chain(unread.clone()) {
            write!(f, "; {}", shown(words))?;
        }
        Ok(())
    }
}

/// What a runner is told from other threads: it obeys between two events, or when it is run next.
///
/// Between two events means before the next one is applied or passed on: also in the middle of a long backlog, while what
/// comes before a [poison](Poison) event is taken again, and between two commands of a process runner. A commit that is
/// under way ends first.
#[derive(Clone, Debug)]
pub struct Controls(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Whether anything is wanted, and how far the runner is: asked and told at each event, so they cost no lock.
    asked: AtomicBool,
    position: AtomicU64,
    told: Mutex<Told>,
}

#[derive(Debug)]
struct Told {
    status: Status,
    wanted: Wanted,
}

/// What was asked for and is not done yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::runtime) struct Wanted {
    pub(in crate::runtime) stop: bool,
    pub(in crate::runtime) reset: bool,
    pub(in crate::runtime) delete: bool,
}

impl Wanted {
    fn anything(self) -> bool {
        self.stop || self.reset || self.delete
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
            unread: None,
        };
        let told = Mutex::new(Told { status, wanted: Wanted::default() });
        Controls(Arc::new(Shared { asked: AtomicBool::new(false), position: AtomicU64::new(0), told }))
    }

    /// How the projection stands.
    pub fn status(&self) -> Status {
        let status = self.told().status.clone();
        let position = Position::new(self.0.position.load(Ordering::Acquire));
        let head = status.head.max(position);
        Status { position, head, lag: head.get() - position.get(), ..status }
    }

    /// Ends the run, with what was applied committed.
    pub fn stop(&self) {
        self.want(Activity::Stopping, |wanted| wanted.stop = true);
    }

    /// Takes away what was made and begins again. Where that fails, it is tried again after a second.
    pub fn reset(&self) {
        self.want(Activity::Resetting, |wanted| wanted.reset = true);
    }

    /// Takes away what was made and ends the run. Where that fails, it is tried again after a second.
    pub fn delete(&self) {
        self.want(Activity::Deleting, |wanted| wanted.delete = true);
    }

    fn want(&self, activity: Activity, want: impl FnOnce(&mut Wanted)) {
        let mut told = self.told();
        want(&mut told.wanted);
        self.0.asked.store(true, Ordering::Release);
        // One that nobody runs obeys when it is run next, and stands still until then.
        if !matches!(told.status.activity, Activity::Stopped | Activity::Dead) {
            told.status.activity = activity;
        }
    }

    /// Whether something is wanted that is not done yet.
    pub(in crate::runtime) fn asked(&self) -> bool {
        self.0.asked.load(Ordering::Acquire)
    }

    pub(in crate::runtime) fn wanted(&self) -> Wanted {
        self.told().wanted
    }

    /// Takes what was asked for, to do it.
    pub(in crate::runtime) fn take(&self) -> Wanted {
        let mut told = self.told();
        self.0.asked.store(false, Ordering::Release);
        std::mem::take(&mut told.wanted)
    }

    /// Gives back what was taken and could not be done.
    pub(in crate::runtime) fn give_back(&self, undone: Wanted) {
        let mut told = self.told();
        let Wanted { stop, reset, delete } = &mut told.wanted;
        (*stop, *reset, *delete) = (*stop | undone.stop, *reset | undone.reset, *delete | undone.delete);
        let asked = told.wanted.anything();
        self.0.asked.store(asked, Ordering::Release);
    }

    /// What the runner is doing now, unless it was told to do something else and has not begun.
    pub(in crate::runtime) fn now(&self, activity: Activity) {
        let mut told = self.told();
        if !told.wanted.anything() || matches!(activity, Activity::Stopped | Activity::Dead) {
            told.status.activity = activity;
        }
    }

    /// All that matters up to this position is in.
    pub(in crate::runtime) fn reached(&self, position: Position) {
        self.0.position.store(position.get(), Ordering::Release);
    }

    /// Everything but the position, which is [told](Controls::reached) by itself.
    pub(in crate::runtime) fn tell(&self, tell: impl FnOnce(&mut Status)) {
        tell(&mut self.told().status);
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        lock(&self.0.told)
    }
}
