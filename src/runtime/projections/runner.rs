//! Running a projection: opening, stepping, obeying requests, and what happens after a failure.

mod apply_events;

use super::controls::{Activity, Controls, Requests, Status};
use super::outside_requests::OutsideRequests;
use super::projection::{OnPoison, Projection};
use super::read_model::{Checkpoint, CheckpointPlace, ReadModel};
use super::runner_error::RunnerError;
use crate::log::{FileIdentity, Folder, Storage, make_folder};
use crate::page::with_sources;
use crate::recorded::StreamName;
use crate::runtime::Cause;
use crate::runtime::panics::catching_panics;
use crate::runtime::state_file::file_name;
use crate::store::{Batch, EventReader, StreamState};
use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How long a runner waits before it looks for requests, and how long it gathers events before it emits.
const POLL: Duration = Duration::from_millis(20);

/// How often, and how long after the last time, a lock is tried again that somebody has.
const LOOKS: u32 = 3;
const LOOK: Duration = Duration::from_millis(5);

/// How long after a failure a runner tries again.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// The time until the next commit is at least this many times as long as the last commit took.
const COMMIT_PAUSE_FACTOR: u32 = 19;

/// Runs a [`Projection`]: once, or until it is stopped. A folder has one runner of a name at a time.
///
/// Events are applied in the order of the log, and committed together with their position. After a crash, the read
/// model goes on from its last commit, so that no event is missing in it and none is in it twice.
///
/// A panic in code that it calls is an error of that code, and ends no thread. A panic over an event means that the
/// event cannot be applied ([`OnPoison`]); any other panic counts as the error that the function might have returned.
/// After each error that may have left it half changed, the read model is loaded again before it is used.
///
/// ```
/// use leftfold::recorded::StreamName;
/// use leftfold::runtime::{Folded, Projection, Runner, RunnerError};
/// use leftfold::store::{Batch, EventStore, Memory, Query};
/// use leftfold::view;
/// use std::sync::Arc;
/// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// # enum Event { Rung }
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let rings = || Projection::new("rings", Query::all(), Folded::of(view(|| 0u64, |n, _: &Event| n + 1)));
/// let store = Arc::new(Memory::new());
/// store.append(Batch::to(&StreamName::new("bell")?).event(Event::Rung))?;
///
/// let running = Runner::open(rings(), store.clone(), folder)?.start();
/// // While it runs, no other runner of the name is opened.
/// let second = Runner::open(rings(), store.clone(), folder);
/// assert!(matches!(second, Err(RunnerError::RunElsewhere { .. })));
/// while running.status().position.get() < 1 {
///     std::thread::yield_now();
/// }
/// let (mut runner, outcome) = running.stop();
/// outcome?;
/// assert_eq!(runner.status().to_string(), "rings: stopped, at position 1 of 1, 0 to go");
///
/// // Folded again from the log, it is the same.
/// runner.reset()?;
/// assert_eq!(runner.model().look(|rings| *rings), 0);
/// runner.run_once()?;
/// assert_eq!(runner.model().look(|rings| *rings), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Runner<E, M, S> {
    projection: Projection<M, E>,
    store: S,
    own_stream: StreamName,
    place: CheckpointPlace,
    controls: Controls,
    outside: OutsideRequests,
    /// Whether the read model is at `checkpoint`. It is not while it changes, or after a change that failed; then it is
    /// loaded before it is used.
    loaded: bool,
    /// How far the read model is; the last `uncommitted` events are not committed yet.
    checkpoint: Checkpoint,
    uncommitted: usize,
    last_commit: Instant,
    /// How long the last commit took.
    last_commit_took: Duration,
    events: PhantomData<fn() -> E>,
    lock: RunnerLock,
}

/// The lock that keeps other runners out: a file with the name of the projection. It holds as long as the name belongs
/// to this very file.
struct RunnerLock {
    file: String,
    identity: Option<FileIdentity>,
    _held: Box<dyn Any + Send + Sync>,
}

impl<E: 'static, M: ReadModel<E>, S: EventReader<E>> Runner<E, M, S> {
    /// Opens a runner of this projection, and loads its read model. The folder holds its checkpoint and its lock, and
    /// is made if it does not exist.
    ///
    /// # Errors
    /// [`RunnerError`] when another runner has the name, when the stored state is of another log, or when something
    /// cannot be read.
    pub fn open(
        projection: Projection<M, E>,
        store: S,
        folder: impl AsRef<Path>,
    ) -> Result<Self, RunnerError> {
        let folder = folder.as_ref();
        let own_stream = StreamName::new(&projection.name)?;
        let failed = |doing: String| |source| RunnerError::Folder { doing, source };
        make_folder(folder).map_err(failed(format!("making the folder {}", folder.display())))?;
        let file = format!("{}.lock", file_name(&projection.name));
        let locking = || failed(format!("locking {file}"));
        let mut held = Folder::at(folder).lock(&file).map_err(locking())?;
        for _ in 0..LOOKS {
            // Perhaps somebody only looks whether it is run.
            if held.is_none() {
                thread::sleep(LOOK);
                held = Folder::at(folder).lock(&file).map_err(locking())?;
            }
        }
        let Some(held) = held else {
            let place = folder.display().to_string();
            return Err(RunnerError::RunElsewhere { name: projection.name, place });
        };
        let identity = Folder::at(folder).identity(&file).map_err(locking())?;
        let lock = RunnerLock { file, identity, _held: held };
        let mut runner = Runner {
            own_stream,
            place: CheckpointPlace::of(folder, &projection.name)
                .of_events(&projection.query, &projection.filters),
            controls: Controls::of(&projection.name),
            outside: OutsideRequests::of(folder, &projection.name),
            projection,
            store,
            loaded: false,
            checkpoint: Checkpoint::default(),
            uncommitted: 0,
            last_commit: Instant::now(),
            last_commit_took: Duration::ZERO,
            events: PhantomData,
            lock,
        };
        runner.without_panic(|runner| {
            if runner.projection.from_the_start {
                // Loading shows the read model its place; what is stored there is deleted next.
                let place = runner.place.clone();
                runner.model_does("loading", |model| model.load(&place))?;
                runner.begin_again()
            } else {
                runner.load()
            }
        })?;
        Ok(runner)
    }

    /// Applies all events of the log, commits them, and returns the status.
    ///
    /// It obeys its [controls](Controls) meanwhile: after a reset it begins from the start. A stop or a deletion ends
    /// the run early; the status then has a [`lag`](Status::lag), and after a deletion the position at the beginning.
    ///
    /// # Errors
    /// [`RunnerError`].
    pub fn run_once(&mut self) -> Result<Status, RunnerError> {
        let outcome = self.run_to_the_end(|_| Ok(false));
        self.set_ended(&outcome);
        outcome.map(|()| self.status())
    }

    /// Applies the events of the log and those to come, until it is [stopped](Controls::stop) or
    /// [deleted](Controls::delete). If the log, the read model or the store that it emits to fails or panics, its
    /// status says so, and it tries again after a second.
    ///
    /// # Errors
    /// [`RunnerError::Poison`], as [`OnPoison`] says; and the error of the last commit after a stop.
    pub fn keep_running(&mut self) -> Result<(), RunnerError> {
        let outcome = loop {
            match self.run_step(|_| Ok(false), POLL) {
                Ok(true) => break Ok(()),
                Ok(false) => {}
                Err(error) => break Err(error),
            }
        };
        self.set_ended(&outcome);
        outcome
    }

    /// Controls for other threads.
    pub fn controls(&self) -> Controls {
        self.controls.clone()
    }

    /// Its status.
    pub fn status(&self) -> Status {
        self.controls.status()
    }

    /// The read model.
    pub fn model(&self) -> &M {
        &self.projection.model
    }

    /// The store that it reads from.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Deletes the read model; the next run begins from the start.
    ///
    /// # Errors
    /// [`RunnerError`].
    pub fn reset(&mut self) -> Result<(), RunnerError> {
        self.controls.set_activity(Activity::Resetting);
        let outcome = self.attempt(Self::begin_again);
        self.controls.set_activity(Activity::Stopped);
        outcome
    }

    /// Deletes the read model, and ends. What the projection has [emitted](Projection::emitting) stays;
    /// [`delete_with_emitted`](Runner::delete_with_emitted) deletes it too.
    ///
    /// # Errors
    /// [`RunnerError`].
    pub fn delete(mut self) -> Result<(), RunnerError> {
        self.controls.set_activity(Activity::Deleting);
        let deleted = self.without_panic(|runner| runner.model_does("deleting", ReadModel::clear));
        self.controls.set_activity(Activity::Stopped);
        deleted
    }

    /// Deletes the stream that the projection [emits](Projection::emitting) to, which has its name, then the read model, and
    /// ends.
    ///
    /// The stream gets a tombstone, and its events stay in the log. Links in other streams stay as they are. The name is used
    /// up then: the store knows the ids of what was emitted, so a projection of the same name would not emit it again. Give
    /// the next one another name.
    ///
    /// # Errors
    /// [`RunnerError::Emitted`] when the stream cannot be deleted; another [`RunnerError`] when the read model cannot. What was
    /// not deleted is deleted when this is called again, on a runner that was opened again.
    pub fn delete_with_emitted(mut self) -> Result<(), RunnerError> {
        self.controls.set_activity(Activity::Deleting);
        let deleted = self.without_panic(|runner| {
            runner.delete_emitted()?;
            runner.model_does("deleting", ReadModel::clear)
        });
        self.controls.set_activity(Activity::Stopped);
        deleted
    }

    fn delete_emitted(&self) -> Result<(), RunnerError> {
        let Some(emits) = &self.projection.emits else { return Ok(()) };
        let info = emits.store.stream(&self.own_stream)?;
        if info.is_some_and(|info| matches!(info.state, StreamState::At(_))) {
            let deleted = emits.store.append(Batch::to(&self.own_stream).delete());
            let name = self.name();
            deleted.map_err(|source| RunnerError::Emitted { name, source: source.into() })?;
        }
        Ok(())
    }

    /// Whether there are requests, of this process or another.
    pub(in crate::runtime) fn has_requests(&self) -> bool {
        self.controls.has_requests() || self.outside.there().any()
    }

    /// One step of a runner that is kept running: applies the events of the log, calls `then`, which returns whether it
    /// did anything, commits if it is time, and waits for events, at most for `wait`. Returns whether the run ends.
    pub(in crate::runtime) fn run_step(
        &mut self,
        then: impl FnOnce(&mut Self) -> Result<bool, RunnerError>,
        wait: Duration,
    ) -> Result<bool, RunnerError> {
        let (ends, obeyed) = self.do_requests();
        if ends {
            return obeyed.map(|()| true);
        }
        let outcome = obeyed.and_then(|()| {
            self.attempt(|runner| {
                runner.catch_up()?;
                let did = !runner.has_requests() && then(runner)?;
                runner.commit_when_due()?;
                Ok(did)
            })
        });
        let (pause, trouble) = match (outcome, self.projection.on_poison) {
            (Ok(true), _) => return Ok(false),
            (Ok(false), _) => (None, None),
            (Err(RunnerError::Poison(poison)), OnPoison::Retry(pause)) => {
                (Some(pause), Some(poison.to_string()))
            }
            (Err(error @ (RunnerError::Poison(_) | RunnerError::LockLost { .. })), _) => return Err(error),
            (Err(error), _) => (Some(RETRY_PAUSE), Some(with_sources(&error))),
        };
        self.controls.update_status(|status| status.trouble = trouble);
        match pause {
            Some(pause) => self.pause(pause),
            None if self.controls.has_requests() => {}
            None => {
                self.controls.set_activity(Activity::Idle);
                let wait = wait.min(POLL);
                // If this fails, the next step fails too, and reports it.
                if catching_panics(|| Ok(self.store.wait(self.checkpoint.position, wait)?)).is_err() {
                    thread::sleep(wait);
                }
            }
        }
        Ok(false)
    }

    /// The steps of a runner that is run once: applies all events and calls `then`, until `then` returns that it had
    /// nothing to do; then commits. Obeys requests meanwhile.
    pub(in crate::runtime) fn run_to_the_end(
        &mut self,
        then: impl Fn(&mut Self) -> Result<bool, RunnerError>,
    ) -> Result<(), RunnerError> {
        loop {
            let (ends, obeyed) = self.do_requests();
            obeyed?;
            if ends {
                return Ok(());
            }
            let more = self.attempt(|runner| {
                runner.catch_up()?;
                if runner.has_requests() || then(runner)? {
                    return Ok(true);
                }
                runner.commit()?;
                Ok(runner.has_requests())
            })?;
            if !more {
                return Ok(());
            }
        }
    }

    /// Waits, until there is another request.
    fn pause(&self, time: Duration) {
        let requests = || self.controls.requests().and(self.outside.there());
        let (begun, before) = (Instant::now(), requests());
        while begun.elapsed() < time && requests() == before {
            thread::sleep(POLL.min(time));
        }
    }

    /// Runs code that may call code of the user: a panic is an error.
    fn without_panic<T>(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<T, RunnerError>,
    ) -> Result<T, RunnerError> {
        let outcome = catching_panics(|| Ok(run(self)));
        outcome.unwrap_or_else(|source| Err(self.failed("running")(source)))
    }

    /// Like `without_panic`; after a failure half way, the read model is loaded again.
    pub(in crate::runtime) fn attempt<T>(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<T, RunnerError>,
    ) -> Result<T, RunnerError> {
        let outcome = self.without_panic(run);
        if outcome.is_err() && !self.loaded {
            // If this fails, the next attempt fails too, because it begins by loading, and reports it.
            let _ = self.without_panic(Self::load);
        }
        outcome
    }

    /// Does what was requested. Returns whether the run ends by that, and whether it was done. Requests that could not
    /// be done stay, except to stop.
    fn do_requests(&mut self) -> (bool, Result<(), RunnerError>) {
        let outside = self.outside.there();
        let requests = self.controls.take_requests().and(outside);
        let mut done = self.attempt(|runner| {
            if requests.delete {
                runner.controls.set_activity(Activity::Deleting);
                runner.model_does("deleting", ReadModel::clear)?;
                runner.load()?;
            } else if requests.reset {
                runner.controls.set_activity(Activity::Resetting);
                runner.begin_again()?;
            }
            if requests.stop && !requests.delete { runner.commit() } else { Ok(()) }
        });
        // A stop ends the run in any case; the other requests of another process stay until they are done.
        let obeyed =
            if done.is_ok() { outside } else { Requests { stop: outside.stop, ..Requests::default() } };
        if let Err(source) = self.outside.obeyed(obeyed) {
            done =
                done.and(Err(RunnerError::Folder { doing: "acknowledging a request".to_string(), source }));
        }
        if done.is_err() {
            self.controls.put_back(Requests { stop: false, ..requests });
        }
        (requests.stop || requests.delete && done.is_ok(), done)
    }

    /// Deletes the read model, and goes to the start.
    fn begin_again(&mut self) -> Result<(), RunnerError> {
        self.model_does("resetting", ReadModel::clear)?;
        self.controls.update_status(|status| {
            (status.poison, status.unusable_state) = (None, None);
            status.skipped.clear();
        });
        self.load()
    }

    /// Shows that the run has ended.
    pub(in crate::runtime) fn set_ended<T>(&mut self, outcome: &Result<T, RunnerError>) {
        let trouble = match outcome {
            Ok(_) | Err(RunnerError::Poison(_)) => None,
            Err(error) => Some(with_sources(error)),
        };
        self.controls.update_status(|status| status.trouble = trouble);
        self.controls.set_activity(Activity::Stopped);
    }

    fn name(&self) -> String {
        self.projection.name.clone()
    }

    pub(in crate::runtime) fn failed(
        &self,
        doing: &'static str,
    ) -> impl FnOnce(Cause) -> RunnerError + use<E, M, S> {
        let name = self.name();
        move |source| RunnerError::Model { doing, name, source }
    }
}

impl<E, M: fmt::Debug, S> fmt::Debug for Runner<E, M, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("projection", &self.projection)
            .field("checkpoint", &self.checkpoint)
            .finish_non_exhaustive()
    }
}
