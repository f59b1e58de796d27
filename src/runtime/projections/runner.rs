mod take_events;

use super::controls::{Activity, Controls, Status, Wanted};
use super::projection::{OnPoison, Projection};
use super::read_model::{Checkpoint, Place, ReadModel};
use super::runner_error::RunnerError;
use crate::log::{FileIdentity, Folder, Storage, make_folder};
use crate::recorded::StreamName;
use crate::runtime::Cause;
use crate::runtime::panics::caught;
use crate::runtime::state_file::file_name;
use crate::store::EventReader;
use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How long at most a runner waits before it looks whether it was told something, and before it emits.
const LOOK: Duration = Duration::from_millis(20);

/// How long after a failure it tries again.
const AGAIN: Duration = Duration::from_secs(1);

/// How many times as long as the last commit took it is until the next one, at least.
const PAUSE: u32 = 19;

/// Runs a [`Projection`]: once, or kept running until it is told to stop. There is one runner of a name in a folder.
///
/// Events are applied in the order of the log. What was applied is committed together with its position; after a crash, the
/// read model goes on from its last commit, so that no event is missing in it and none is in it twice.
///
/// A panic in code that it calls is a failure of that code, and ends no thread: a panic over an event makes that event one
/// that cannot be taken ([`OnPoison`]), any other is treated as the error that the function might have given instead. After
/// either, the read model is loaded again before anything else is done with it.
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
/// // The name is taken as long as it runs.
/// let second = Runner::open(rings(), store.clone(), folder);
/// assert!(matches!(second, Err(RunnerError::RunElsewhere { .. })));
/// while running.status().position.get() < 1 {
///     std::thread::yield_now();
/// }
/// let (mut runner, outcome) = running.stop();
/// outcome?;
/// assert_eq!(runner.status().to_string(), "rings: stopped, at position 1 of 1, 0 behind");
///
/// // Made anew from the log, it is what it was.
/// runner.reset()?;
/// assert_eq!(runner.model().look(|rings| *rings), 0);
/// runner.run_once()?;
/// assert_eq!(runner.model().look(|rings| *rings), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Runner<E, M, S> {
    projection: Projection<M, E>,
    store: S,
    own: StreamName,
    place: Place,
    controls: Controls,
    /// Whether the read model is at `at`. It is not while it changes, and after a change that failed: then it is loaded
    /// before anything else.
    loaded: bool,
    /// How far it is, of which `uncommitted` events are not committed yet.
    at: Checkpoint,
    uncommitted: usize,
    committed: Instant,
    /// How long the last commit took.
    took: Duration,
    events: PhantomData<fn() -> E>,
    lock: RunnerLock,
}

/// What keeps other runners out: a file by the name of the projection, as long as it is the file of that name.
struct RunnerLock {
    file: String,
    identity: Option<FileIdentity>,
    _held: Box<dyn Any + Send + Sync>,
}

impl<E: 'static, M: ReadModel<E>, S: EventReader<E>> Runner<E, M, S> {
    /// Opens a runner of this projection, which keeps its checkpoint and its lock in a folder; the folder is made if need
    /// be. The read model is loaded.
    ///
    /// # Errors
    /// [`RunnerError`]: run elsewhere, of another log, or something cannot be read.
    pub fn open(
        projection: Projection<M, E>,
        store: S,
        folder: impl AsRef<Path>,
    ) -> Result<Self, RunnerError> {
        let folder = folder.as_ref();
        let own = StreamName::new(&projection.name)?;
        let failed = |doing: String| |source| RunnerError::Folder { doing, source };
        make_folder(folder).map_err(failed(format!("making the folder {}", folder.display())))?;
        let file = format!("{}.lock", file_name(&projection.name));
        let locking = || failed(format!("locking {file}"));
        let Some(held) = Folder::at(folder).lock(&file).map_err(locking())? else {
            let place = folder.display().to_string();
            return Err(RunnerError::RunElsewhere { name: projection.name, place });
        };
        let identity = Folder::at(folder).identity(&file).map_err(locking())?;
        let lock = RunnerLock { file, identity, _held: held };
        let mut runner = Runner {
            own,
            place: Place::of(folder, &projection.name),
            controls: Controls::of(&projection.name),
            projection,
            store,
            loaded: false,
            at: Checkpoint::default(),
            uncommitted: 0,
            committed: Instant::now(),
            took: Duration::ZERO,
            events: PhantomData,
            lock,
        };
        runner.guarded(|runner| {
            if runner.projection.anew {
                // So that it knows where it is kept; whatever that is.
                let place = runner.place.clone();
                runner.model_does("loading", |model| model.load(&place))?;
                runner.begin_again()
            } else {
                runner.load()
            }
        })?;
        Ok(runner)
    }

    /// Takes all that is there, commits it, and answers with how it stands then.
    ///
    /// What it is [told](Controls) meanwhile, it does: after a reset it takes all from the start. To stop and to delete end
    /// the run early; the answer then has [`lag`](Status::lag), and behind a deletion the position that it began at.
    ///
    /// # Errors
    /// [`RunnerError`].
    pub fn run_once(&mut self) -> Result<Status, RunnerError> {
        let outcome = self.until_done(|_| Ok(false));
        self.ended(&outcome);
        outcome.map(|()| self.status())
    }

    /// Takes what is there and what comes, until it is told to [stop](Controls::stop) or is
    /// [deleted](Controls::delete). Where the log, the read model or the store that it emits to fail or panic, it tries again
    /// after a second, and says so in its status.
    ///
    /// # Errors
    /// [`RunnerError::Poison`], unless the projection was told otherwise; and what hindered the commit when it was told to
    /// stop.
    pub fn keep_running(&mut self) -> Result<(), RunnerError> {
        let outcome = loop {
            match self.look_once(|_| Ok(false), LOOK) {
                Ok(true) => break Ok(()),
                Ok(false) => {}
                Err(error) => break Err(error),
            }
        };
        self.ended(&outcome);
        outcome
    }

    /// What it is told from other threads.
    pub fn controls(&self) -> Controls {
        self.controls.clone()
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        self.controls.status()
    }

    /// The read model.
    pub fn model(&self) -> &M {
        &self.projection.model
    }

    /// The store that it reads.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Takes away what was made; the next run begins at the start.
    ///
    /// # Errors
    /// [`RunnerError`].
    pub fn reset(&mut self) -> Result<(), RunnerError> {
        self.controls.now(Activity::Resetting);
        let outcome = self.attempt(Self::begin_again);
        self.controls.now(Activity::Stopped);
        outcome
    }

    /// Takes away what was made, and ends.
    ///
    /// # Errors
    /// [`RunnerError`].
    pub fn delete(mut self) -> Result<(), RunnerError> {
        self.controls.now(Activity::Deleting);
        let deleted = self.guarded(|runner| runner.model_does("deleting", ReadModel::clear));
        self.controls.now(Activity::Stopped);
        deleted
    }

    /// One look of a runner that is kept running: takes what is there, does `then`, which says whether it did anything,
    /// commits when it is time, and waits for more, at most for so long. Answers whether it is to end.
    pub(in crate::runtime) fn look_once(
        &mut self,
        then: impl FnOnce(&mut Self) -> Result<bool, RunnerError>,
        wait: Duration,
    ) -> Result<bool, RunnerError> {
        let (ends, obeyed) = self.obey();
        if ends {
            return obeyed.map(|()| true);
        }
        let outcome = obeyed.and_then(|()| {
            self.attempt(|runner| {
                runner.catch_up()?;
                let did = !runner.controls.asked() && then(runner)?;
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
            (Err(error), _) => (Some(AGAIN), Some(error.to_string())),
        };
        self.controls.tell(|status| status.trouble = trouble);
        match pause {
            Some(pause) => self.pause(pause),
            None if self.controls.asked() => {}
            None => {
                self.controls.now(Activity::Idle);
                let wait = wait.min(LOOK);
                // What fails here fails at the next look too, which says so.
                if caught(|| Ok(self.store.wait(self.at.position, wait)?)).is_err() {
                    thread::sleep(wait);
                }
            }
        }
        Ok(false)
    }

    /// The looks of a runner that is run once: takes all that is there, does `then`, and so on until that says that there
    /// was nothing to do; then commits. Does what it is told meanwhile.
    pub(in crate::runtime) fn until_done(
        &mut self,
        then: impl Fn(&mut Self) -> Result<bool, RunnerError>,
    ) -> Result<(), RunnerError> {
        loop {
            let (ends, obeyed) = self.obey();
            obeyed?;
            if ends {
                return Ok(());
            }
            let more = self.attempt(|runner| {
                runner.catch_up()?;
                if runner.controls.asked() || then(runner)? {
                    return Ok(true);
                }
                runner.commit()?;
                Ok(runner.controls.asked())
            })?;
            if !more {
                return Ok(());
            }
        }
    }

    /// Waits, unless it is told something more.
    fn pause(&self, time: Duration) {
        let (begun, wanted) = (Instant::now(), self.controls.wanted());
        while begun.elapsed() < time && self.controls.wanted() == wanted {
            thread::sleep(LOOK.min(time));
        }
    }

    /// Runs code of others: a panic in it is an error.
    fn guarded<T>(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<T, RunnerError>,
    ) -> Result<T, RunnerError> {
        let outcome = caught(|| Ok(run(self)));
        outcome.unwrap_or_else(|source| Err(self.failed("running")(source)))
    }

    /// The same; after what failed half way, the read model is loaded again.
    pub(in crate::runtime) fn attempt<T>(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<T, RunnerError>,
    ) -> Result<T, RunnerError> {
        let outcome = self.guarded(run);
        if outcome.is_err() && !self.loaded {
            // What fails here fails at the next attempt too, which begins by loading, and says so.
            let _ = self.guarded(Self::load);
        }
        outcome
    }

    /// Does what it was told. Answers whether the run ends by that, and whether it was done; what was not, it is still told,
    /// except to stop.
    fn obey(&mut self) -> (bool, Result<(), RunnerError>) {
        let wanted = self.controls.take();
        let done = self.attempt(|runner| {
            if wanted.delete {
                runner.controls.now(Activity::Deleting);
                runner.model_does("deleting", ReadModel::clear)?;
                runner.load()?;
            } else if wanted.reset {
                runner.controls.now(Activity::Resetting);
                runner.begin_again()?;
            }
            if wanted.stop && !wanted.delete { runner.commit() } else { Ok(()) }
        });
        if done.is_err() {
            self.controls.give_back(Wanted { stop: false, ..wanted });
        }
        (wanted.stop || wanted.delete && done.is_ok(), done)
    }

    /// Takes away what was made, and stands at the start.
    fn begin_again(&mut self) -> Result<(), RunnerError> {
        self.model_does("resetting", ReadModel::clear)?;
        self.controls.tell(|status| {
            (status.poison, status.unread) = (None, None);
            status.skipped.clear();
        });
        self.load()
    }

    /// Says that nobody runs it any more.
    pub(in crate::runtime) fn ended<T>(&mut self, outcome: &Result<T, RunnerError>) {
        let trouble = match outcome {
            Ok(_) | Err(RunnerError::Poison(_)) => None,
            Err(error) => Some(error.to_string()),
        };
        self.controls.tell(|status| status.trouble = trouble);
        self.controls.now(Activity::Stopped);
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
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
