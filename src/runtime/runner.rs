use super::Cause;
use super::caught::caught;
use super::controls::{Activity, Controls, Poison, Status};
use super::emitted::{batches, emitted_by};
use super::projection::{Emission, OnPoison, Projection};
use super::read_model::{Checkpoint, Place, ReadModel};
use super::runner_error::RunnerError;
use super::running::Running;
use super::stored::file_name;
use crate::recorded::{Position, StreamName};
use crate::store::file::{Folder, Storage, make_folder};
use crate::store::{Entry, EventReader, Query};
use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How long at most a runner waits before it looks whether it was told something.
const LOOK: Duration = Duration::from_millis(20);

/// How many times as long as the last commit took it is until the next one, at least.
const PAUSE: u32 = 19;

/// Runs a [`Projection`]: once, or kept running until it is told to stop. There is one runner of a name in a folder.
///
/// Events are applied in the order of the log. What was applied is committed together with its position; after a crash, the
/// read model goes on from its last commit, so that no event is missing in it and none is in it twice.
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
    /// How far it is, of which `uncommitted` events are not committed yet.
    at: Checkpoint,
    uncommitted: usize,
    committed: Instant,
    /// How long the last commit took.
    took: Duration,
    events: PhantomData<fn() -> E>,
    _lock: Box<dyn Any + Send + Sync>,
}

/// Why a step was not completed.
enum Halt {
    Poison(Poison),
    Error(RunnerError),
}

impl From<RunnerError> for Halt {
    fn from(error: RunnerError) -> Self {
        Halt::Error(error)
    }
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
        let lock = format!("{}.lock", file_name(&projection.name));
        let held = Folder::at(folder).lock(&lock).map_err(failed(format!("locking {lock}")))?;
        let Some(held) = held else {
            let place = folder.display().to_string();
            return Err(RunnerError::RunElsewhere { name: projection.name, place });
        };
        let mut runner = Runner {
            own,
            place: Place::of(folder, &projection.name),
            controls: Controls::of(&projection.name),
            projection,
            store,
            at: Checkpoint::default(),
            uncommitted: 0,
            committed: Instant::now(),
            took: Duration::ZERO,
            events: PhantomData,
            _lock: held,
        };
        if runner.projection.anew {
            // So that it knows where it is kept; whatever that is.
            runner.projection.model.load(&runner.place).map_err(runner.failed("loading"))?;
            runner.reset()?;
        } else {
            runner.load()?;
        }
        Ok(runner)
    }

    /// Takes all that is there, commits it, and answers with how it stands then.
    ///
    /// # Errors
    /// [`RunnerError`].
    pub fn run_once(&mut self) -> Result<Status, RunnerError> {
        let outcome = self.obey().and_then(|ended| match ended {
            true => Ok(()),
            false => self.catch_up().and_then(|()| self.commit()),
        });
        self.ended(&outcome);
        outcome.map(|()| self.status())
    }

    /// Takes what is there and what comes, until it is told to [stop](Controls::stop) or is
    /// [deleted](Controls::delete). Where the log, the read model or the store that it emits to fail, it tries again after
    /// a second, and says so in its status.
    ///
    /// # Errors
    /// [`RunnerError::Poison`], unless the projection was told otherwise.
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

    /// Runs it in a thread of its own.
    pub fn start(self) -> Running<E, M, S>
    where
        M: Send + 'static,
        S: Send + 'static,
    {
        let controls = self.controls.clone();
        let thread = thread::spawn(move || {
            let mut runner = self;
            let outcome = runner.keep_running();
            (runner, outcome)
        });
        Running::of(controls, thread)
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
        self.projection.model.clear().map_err(self.failed("resetting"))?;
        self.controls.tell(|status| {
            status.poison = None;
            status.skipped.clear();
        });
        self.load()?;
        self.controls.now(Activity::Stopped);
        Ok(())
    }

    /// Takes away what was made, and ends.
    ///
    /// # Errors
    /// [`RunnerError`].
    pub fn delete(mut self) -> Result<(), RunnerError> {
        self.controls.now(Activity::Deleting);
        let deleted = self.projection.model.clear().map_err(self.failed("deleting"));
        self.controls.now(Activity::Stopped);
        deleted
    }

    /// One look of a runner that is kept running: takes what is there, does `then`, which says whether it did anything,
    /// commits when it is time, and waits for more, at most for so long. Answers whether it is to end.
    pub(super) fn look_once(
        &mut self,
        then: impl FnOnce(&mut Self) -> Result<bool, RunnerError>,
        wait: Duration,
    ) -> Result<bool, RunnerError> {
        if self.obey()? {
            return Ok(true);
        }
        let outcome = self.catch_up().and_then(|()| then(self)).and_then(|did| {
            self.commit_when_due()?;
            Ok(did)
        });
        let (pause, trouble) = match (outcome, self.projection.on_poison) {
            (Ok(true), _) => return Ok(false),
            (Ok(false), _) => (None, None),
            (Err(RunnerError::Poison(poison)), OnPoison::Retry(pause)) => {
                (Some(pause), Some(poison.to_string()))
            }
            (Err(error @ RunnerError::Poison(_)), _) => return Err(error),
            (Err(error), _) => (Some(Duration::from_secs(1)), Some(error.to_string())),
        };
        self.controls.tell(|status| status.trouble = trouble);
        match pause {
            Some(pause) => self.pause(pause),
            None => {
                self.controls.now(Activity::Idle);
                // What fails here fails at the next look, and is told then.
                let _ = self.store.wait(self.at.position, wait.min(LOOK));
            }
        }
        Ok(false)
    }

    /// Waits, unless it is told something.
    fn pause(&self, time: Duration) {
        let begun = Instant::now();
        while begun.elapsed() < time && !self.controls.wanted().anything() {
            thread::sleep(LOOK.min(time));
        }
    }

    /// Does what it was told, and answers whether it is to end.
    pub(super) fn obey(&mut self) -> Result<bool, RunnerError> {
        let wanted = self.controls.take();
        if wanted.delete {
            self.controls.now(Activity::Deleting);
            self.projection.model.clear().map_err(self.failed("deleting"))?;
            self.load()?;
        } else if wanted.reset {
            self.reset()?;
        }
        if wanted.stop && !wanted.delete {
            self.commit()?;
        }
        Ok(wanted.stop || wanted.delete)
    }

    /// Says that nobody runs it any more.
    pub(super) fn ended<T>(&mut self, outcome: &Result<T, RunnerError>) {
        self.controls.tell(|status| {
            status.trouble = match outcome {
                Ok(_) | Err(RunnerError::Poison(_)) => None,
                Err(error) => Some(error.to_string()),
            };
        });
        self.controls.now(Activity::Stopped);
    }

    /// Takes all that is there, and commits whenever enough was applied. Ends early when it is told something.
    pub(super) fn catch_up(&mut self) -> Result<(), RunnerError> {
        self.controls.now(Activity::Running);
        loop {
            let most = self.projection.commit_every.saturating_sub(self.uncommitted);
            match self.step(most, Position::new(u64::MAX)) {
                Ok(all) => {
                    if self.uncommitted >= self.projection.commit_every {
                        self.commit()?;
                    }
                    if all || self.controls.wanted().anything() {
                        return Ok(());
                    }
                }
                Err(Halt::Poison(poison)) => self.poisoned(poison)?,
                Err(Halt::Error(error)) => {
                    // What was applied and is not committed may be half done.
                    self.load()?;
                    return Err(error);
                }
            }
        }
    }

    /// Commits what stands before an event that cannot be taken, and stops there or passes over it.
    fn poisoned(&mut self, poison: Poison) -> Result<(), RunnerError> {
        self.load()?;
        let before = Position::new(poison.position.get().saturating_sub(1));
        if self.at.position < before {
            self.step(usize::MAX, before).map_err(|halt| match halt {
                Halt::Poison(poison) => RunnerError::Poison(poison.into()),
                Halt::Error(error) => error,
            })?;
            self.at.position = before;
        }
        let skip = self.projection.on_poison == OnPoison::Skip;
        if skip {
            self.at.position = poison.position;
        }
        self.uncommitted += 1;
        self.commit()?;
        self.controls.tell(|status| match skip {
            true => status.skipped.push(poison.clone()),
            false => status.poison = Some(poison.clone()),
        });
        if skip { Ok(()) } else { Err(RunnerError::Poison(poison.into())) }
    }

    /// Loads the read model, and sees that its checkpoint is of this log.
    pub(super) fn load(&mut self) -> Result<(), RunnerError> {
        let checkpoint = self.projection.model.load(&self.place).map_err(self.failed("loading"))?;
        self.same_log(&checkpoint)?;
        self.at = checkpoint;
        self.at.position = self.at.position.max(self.projection.after);
        self.uncommitted = 0;
        self.committed = Instant::now();
        let head = self.store.head()?;
        self.controls.tell(|status| (status.position, status.head) = (self.at.position, head));
        Ok(())
    }

    fn same_log(&self, checkpoint: &Checkpoint) -> Result<(), RunnerError> {
        let other = |position, found| RunnerError::OtherLog { name: self.name(), position, found };
        let head = self.store.head()?;
        if checkpoint.position > head {
            return Err(other(checkpoint.position, format!("last position is {head}")));
        }
        let Some((position, id)) = &checkpoint.last else { return Ok(()) };
        let mut found = None;
        let there = Query::all().starting_at(*position).until(*position);
        let read = self.store.visit(&there, &mut |entry| {
            found = Some(entry.envelope().id.clone());
            ControlFlow::Break(())
        });
        match (read, found) {
            (Ok(_), Some(found)) if found != *id => {
                Err(other(*position, format!("event there has the id {found}, and not {id}")))
            }
            // One that cannot be read any more is met again as poison, or was before.
            (Err(error), _) if Poison::met_by(&error).is_none() => Err(error.into()),
            (Ok(_) | Err(_), _) => Ok(()),
        }
    }

    /// Commits what was applied, if anything was.
    pub(super) fn commit(&mut self) -> Result<(), RunnerError> {
        if self.uncommitted == 0 {
            return Ok(());
        }
        let begun = Instant::now();
        if let Err(source) = self.projection.model.commit(&self.at) {
            let error = self.failed("committing")(source);
            self.load()?;
            return Err(error);
        }
        self.uncommitted = 0;
        self.committed = Instant::now();
        self.took = begun.elapsed();
        Ok(())
    }

    /// The same, if the last time is long enough ago: what was asked for, and a large state is not written all the time.
    pub(super) fn commit_when_due(&mut self) -> Result<(), RunnerError> {
        let asked = self.projection.commit_after;
        let pause = if asked.is_zero() { asked } else { asked.max(self.took * PAUSE) };
        if self.committed.elapsed() >= pause {
            self.commit()?;
        }
        Ok(())
    }

    /// Says that the read model has something to commit beside events.
    pub(super) fn changed(&mut self) {
        self.uncommitted += 1;
    }

    pub(super) fn model_mut(&mut self) -> &mut M {
        &mut self.projection.model
    }

    /// Applies at most so many events, up to a position, and emits what follows from them. Ends between two positions, and
    /// answers whether nothing more is there.
    fn step(&mut self, most: usize, until: Position) -> Result<bool, Halt> {
        let Runner { projection, store, own, at, .. } = self;
        let read = projection.query.clone().after(at.position).until(until);
        let (mut applied, mut full, mut poison, mut emitted) = (0, false, None, Vec::new());
        let mut reached = at.clone();
        let outcome = store.visit(&read, &mut |entry| {
            let envelope = entry.envelope();
            if applied >= most && envelope.position != reached.position {
                full = true;
                return ControlFlow::Break(());
            }
            match apply(projection, entry) {
                Ok(emissions) => {
                    if !emissions.is_empty() {
                        emitted.push((envelope.clone(), emissions));
                    }
                    applied += 1;
                    reached = Checkpoint {
                        position: envelope.position,
                        last: Some((envelope.position, envelope.id.clone())),
                    };
                    ControlFlow::Continue(())
                }
                Err(cause) => {
                    poison = Some(Poison {
                        position: envelope.position,
                        stream: envelope.stream.clone(),
                        cause: cause.to_string(),
                    });
                    ControlFlow::Break(())
                }
            }
        });
        if let Some(poison) = poison {
            return Err(Halt::Poison(poison));
        }
        let head = match outcome {
            Ok(head) => head,
            Err(error) => {
                return Err(Poison::met_by(&error).map_or_else(|| Halt::Error(error.into()), Halt::Poison));
            }
        };
        let name = &projection.name;
        if let Some(emits) = &projection.emits {
            for (number, batch) in batches(name, own, emitted) {
                emits.store.append(batch).map_err(|source| RunnerError::Emit {
                    name: name.clone(),
                    position: number,
                    source: source.into(),
                })?;
            }
        }
        if !full {
            reached.position = reached.position.max(head.min(until));
        }
        *at = reached;
        self.uncommitted += applied;
        self.controls.tell(|status| {
            (status.position, status.head) = (self.at.position, head);
            status.poison = None;
        });
        Ok(!full)
    }

    fn name(&self) -> String {
        self.projection.name.clone()
    }

    fn failed(&self, doing: &'static str) -> impl FnOnce(Cause) -> RunnerError + use<E, M, S> {
        let name = self.name();
        move |source| RunnerError::Model { doing, name, source }
    }
}

/// Gives an entry to the read model, and answers with what is emitted. A panic is told as an error.
fn apply<E, M: ReadModel<E>>(
    projection: &mut Projection<M, E>,
    entry: Entry<'_, E>,
) -> Result<Vec<Emission<E>>, Cause> {
    let Projection { name, model, emits, .. } = projection;
    let run = || match entry {
        Entry::Event(envelope, event) => match emits {
            Some(_) if emitted_by(envelope, name) => Ok(Vec::new()),
            Some(emits) => {
                model.apply(envelope, event)?;
                Ok((emits.emit)(model, envelope, event))
            }
            None => model.apply(envelope, event).map(|()| Vec::new()),
        },
        Entry::Deleted(envelope) => model.deleted(envelope).map(|()| Vec::new()),
        Entry::Described(..) => Ok(Vec::new()),
    };
    caught(run)
}

impl<E, M: fmt::Debug, S> fmt::Debug for Runner<E, M, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("projection", &self.projection)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
