//! The runners of a folder, seen from any process: listed, stopped, reset, deleted through the files of their checkpoints.

use super::RunnerError;
use super::projections::{DELETE, OutsideRequests, RESET, Requests, STOP};
use super::state_file::{StateHeader, file_name, name_of_file, read_header};
use crate::log::{Folder, Storage};
use crate::page::shown;
use crate::recorded::Position;
use crate::store::Listing;
use serde::Serialize;
use std::any::Any;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fmt, io, thread};

/// The runners whose checkpoints and locks are in one folder, in whatever process they run: projections, process managers,
/// outboxes.
///
/// A running runner sees a request between two batches, at the latest when it has nothing to do, obeys it and acknowledges
/// it. A request that nobody has obeyed stays: it is obeyed when the runner is run next. The program `leftfold runners` calls
/// these functions.
///
/// ```
/// use leftfold::recorded::StreamName;
/// use leftfold::runtime::{Folded, Projection, RequestAnswer, Runner, Runners};
/// use leftfold::store::{Batch, EventStore, Listing, Memory, Query};
/// use leftfold::view;
/// use std::sync::Arc;
/// use std::time::Duration;
/// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// # enum Event { Rung }
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let store = Arc::new(Memory::new());
/// store.append(Batch::to(&StreamName::new("bell")?).event(Event::Rung))?;
/// let rings = Projection::new("rings", Query::all(), Folded::of(view(|| 0u64, |n, _: &Event| n + 1)));
/// let running = Runner::open(rings, store, folder)?.start();
/// while running.status().position.get() < 1 {
///     std::thread::yield_now();
/// }
///
/// // Elsewhere:
/// let runners = Runners::in_folder(folder);
/// let soon = Duration::from_secs(10);
/// assert_eq!(runners.stop("rings", soon)?, RequestAnswer::Done);
/// running.wait().1?;
/// assert_eq!(runners.list(&Listing::all())?[0].to_string(), "rings: not running, at position 1");
/// assert_eq!(runners.delete("rings", soon)?, RequestAnswer::Done);
/// assert!(runners.list(&Listing::all())?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "ProjectionManager")]
#[derive(Clone, Debug)]
pub struct Runners {
    folder: PathBuf,
}

/// What can be known of a runner from its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FoundRunner {
    /// Its name.
    pub name: String,
    /// Where it was committed last. `None` if nothing is committed, or if the checkpoint is not in a file of this folder.
    pub position: Option<Position>,
    /// Whether a process has it open now.
    pub running: bool,
    /// What it was asked to do and has not done yet.
    pub requests: Vec<RunnerRequest>,
}

/// What a runner can be asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum RunnerRequest {
    /// To end its run.
    Stop,
    /// To delete its read model, and begin from the start.
    Reset,
    /// To delete its read model, and end its run.
    Delete,
}

/// What has become of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum RequestAnswer {
    /// It is done, and durable.
    Done,
    /// No process runs it, so there is nothing to stop.
    NotRunning,
    /// The request stays, and is obeyed when the runner looks for it next: it has a long batch, is open and not run, or is not
    /// open and its read model is elsewhere.
    Waiting,
}

impl RunnerRequest {
    fn ending(self) -> &'static str {
        match self {
            RunnerRequest::Stop => STOP,
            RunnerRequest::Reset => RESET,
            RunnerRequest::Delete => DELETE,
        }
    }

    fn is_in(self, requests: Requests) -> bool {
        match self {
            RunnerRequest::Stop => requests.stop,
            RunnerRequest::Reset => requests.reset,
            RunnerRequest::Delete => requests.delete,
        }
    }
}

impl fmt::Display for RunnerRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            RunnerRequest::Stop => "stop",
            RunnerRequest::Reset => "reset",
            RunnerRequest::Delete => "delete",
        })
    }
}

impl fmt::Display for FoundRunner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FoundRunner { name, position, running, requests } = self;
        write!(f, "{}: {}", shown(name), if *running { "running" } else { "not running" })?;
        match position {
            Some(position) => write!(f, ", at position {position}")?,
            None => f.write_str(", no checkpoint in this folder")?,
        }
        requests.iter().try_for_each(|request| write!(f, ", asked to {request}"))
    }
}

const LOCK: &str = ".lock";
const STATE: &str = ".json";

/// How long to wait before looking again whether a request is obeyed.
const PAUSE: Duration = Duration::from_millis(20);

impl Runners {
    /// The runners of this folder.
    pub fn in_folder(folder: impl AsRef<Path>) -> Runners {
        Runners { folder: folder.as_ref().to_path_buf() }
    }

    /// The runners whose names are listed, in the order of their names. Filters of the listing are not asked.
    ///
    /// # Errors
    /// [`RunnerError::Folder`] when the folder cannot be read.
    pub fn list(&self, listing: &Listing) -> Result<Vec<FoundRunner>, RunnerError> {
        let files = Folder::at(&self.folder).list().map_err(self.failed("reading the folder"))?;
        let mut of_runners = BTreeSet::new();
        for file in &files {
            let endings = [LOCK, STOP, RESET, DELETE];
            let beside = endings.iter().find_map(|ending| file.strip_suffix(ending));
            let state = beside.unwrap_or(file);
            // A snapshot of a stream is in such a file too. Nobody locks it, and it has a version.
            let is_one = state.ends_with(STATE)
                && (beside.is_some() || self.header(state).is_some_and(|header| header.version.is_none()));
            if is_one {
                of_runners.insert(state);
            }
        }
        let mut found =
            of_runners.into_iter().map(|state| self.found(state)).collect::<Result<Vec<_>, _>>()?;
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(listing.pick(found, |runner| &runner.name))
    }

    /// Asks a runner to end its run, and waits until it has, for `at_most`.
    ///
    /// # Errors
    /// [`RunnerError::NoSuchRunner`], or [`RunnerError::Folder`] when a file cannot be written or removed.
    pub fn stop(&self, name: &str, at_most: Duration) -> Result<RequestAnswer, RunnerError> {
        self.request(name, RunnerRequest::Stop, at_most)
    }

    /// Asks a runner to delete its read model and to begin from the start, and waits until it has, for `at_most`. Where no
    /// process runs it, its checkpoint is removed at once.
    ///
    /// # Errors
    /// [`RunnerError::NoSuchRunner`], or [`RunnerError::Folder`] when a file cannot be written or removed.
    pub fn reset(&self, name: &str, at_most: Duration) -> Result<RequestAnswer, RunnerError> {
        self.request(name, RunnerRequest::Reset, at_most)
    }

    /// Asks a runner to delete its read model and to end, and waits until it has, for `at_most`. Where no process runs it, its
    /// files are removed at once. Events that it has emitted stay.
    ///
    /// # Errors
    /// [`RunnerError::NoSuchRunner`], or [`RunnerError::Folder`] when a file cannot be written or removed.
    pub fn delete(&self, name: &str, at_most: Duration) -> Result<RequestAnswer, RunnerError> {
        self.request(name, RunnerRequest::Delete, at_most)
    }

    fn request(
        &self,
        name: &str,
        request: RunnerRequest,
        at_most: Duration,
    ) -> Result<RequestAnswer, RunnerError> {
        let state = file_name(name);
        let exists = |file: String| self.folder.join(file).exists();
        if !exists(state.clone()) && !exists(format!("{state}{LOCK}")) {
            let place = self.folder.display().to_string();
            return Err(RunnerError::NoSuchRunner { name: name.to_string(), place });
        }
        let (begun, requests) = (Instant::now(), OutsideRequests::of(&self.folder, name));
        requests.ask(request.ending()).map_err(self.failed("asking a runner in"))?;
        loop {
            if !request.is_in(requests.there()) {
                return Ok(RequestAnswer::Done);
            }
            if let Some(lock) = self.lock(&state).map_err(self.failed("locking a runner of"))? {
                return self.at_rest(name, request, lock).map_err(self.failed("removing a runner from"));
            }
            let left = at_most.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Ok(RequestAnswer::Waiting);
            }
            thread::sleep(left.min(PAUSE));
        }
    }

    /// Obeys in place of a runner that nobody runs; the lock keeps it from being opened meanwhile.
    fn at_rest(
        &self,
        name: &str,
        request: RunnerRequest,
        lock: Box<dyn Any + Send + Sync>,
    ) -> io::Result<RequestAnswer> {
        let (folder, state) = (Folder::at(&self.folder), file_name(name));
        let requests = OutsideRequests::of(&self.folder, name);
        let answer = match request {
            RunnerRequest::Stop => {
                requests.obeyed(Requests { stop: true, ..Requests::default() })?;
                RequestAnswer::NotRunning
            }
            // Where the read model is, only the runner knows.
            _ if !self.folder.join(&state).exists() => RequestAnswer::Waiting,
            RunnerRequest::Reset => {
                folder.remove(&state)?;
                requests.obeyed(Requests { reset: true, ..Requests::default() })?;
                RequestAnswer::Done
            }
            RunnerRequest::Delete => {
                folder.remove(&state)?;
                requests.obeyed(Requests { stop: true, reset: true, delete: true })?;
                // Some systems remove no file that is open; then the runner is listed without a checkpoint.
                let _ = folder.remove(&format!("{state}{LOCK}"));
                RequestAnswer::Done
            }
        };
        drop(lock);
        Ok(answer)
    }

    /// The lock of a runner, if nobody has it.
    fn lock(&self, state: &str) -> io::Result<Option<Box<dyn Any + Send + Sync>>> {
        Folder::at(&self.folder).lock(&format!("{state}{LOCK}"))
    }

    fn header(&self, state: &str) -> Option<StateHeader> {
        read_header(&self.folder.join(state))
    }

    fn found(&self, state: &str) -> Result<FoundRunner, RunnerError> {
        let header = self.header(state);
        let name = header.as_ref().map_or_else(|| name_of_file(state), |header| header.of.clone());
        let there = OutsideRequests::of(&self.folder, &name).there();
        let is_locked = self.folder.join(format!("{state}{LOCK}")).exists();
        let running =
            is_locked && self.lock(state).map_err(self.failed("looking at the locks of"))?.is_none();
        let all = [RunnerRequest::Stop, RunnerRequest::Reset, RunnerRequest::Delete];
        let requests = all.into_iter().filter(|request| request.is_in(there)).collect();
        Ok(FoundRunner { name, position: header.map(|header| header.position), running, requests })
    }

    fn failed(&self, doing: &str) -> impl FnOnce(io::Error) -> RunnerError + use<> {
        let doing = format!("{doing} {}", self.folder.display());
        |source| RunnerError::Folder { doing, source }
    }
}
