//! How a runner applies events, so that the content of the read model and its position never disagree.

use super::{COMMIT_PAUSE_FACTOR, POLL, Runner};
use crate::log::{Folder, Storage};
use crate::page::with_sources;
use crate::recorded::Position;
use crate::runtime::panics::catching_panics;
use crate::runtime::projections::emitted_ids::{batches, emitted_by};
use crate::runtime::spans::Page;
use crate::runtime::{
    Activity, Cause, Checkpoint, Emission, OnPoison, Poison, Projection, ReadModel, RunnerError,
};
use crate::store::{Entry, EventReader, Query};
use std::io;
use std::ops::ControlFlow;
use std::time::Instant;

/// Why a step was not completed.
enum StepError {
    /// An event cannot be applied, and the read model may be half changed.
    NotApplied(Poison),
    /// An event cannot be read. All events before it are applied.
    NotRead(Poison),
    Failed(RunnerError),
}

impl From<RunnerError> for StepError {
    fn from(error: RunnerError) -> Self {
        StepError::Failed(error)
    }
}

impl<E: 'static, M: ReadModel<E>, S: EventReader<E>> Runner<E, M, S> {
    /// Runs a function that changes the read model. Until the caller says otherwise, the read model counts as not
    /// loaded.
    pub(super) fn model_does<T>(
        &mut self,
        doing: &'static str,
        run: impl FnOnce(&mut M) -> Result<T, Cause>,
    ) -> Result<T, RunnerError> {
        self.loaded = false;
        catching_panics(|| run(&mut self.projection.model)).map_err(self.failed(doing))
    }

    /// Applies all events of the log, and commits whenever enough were applied. Ends early if there are requests; those of
    /// other processes are seen between two steps.
    pub(in crate::runtime) fn catch_up(&mut self) -> Result<(), RunnerError> {
        self.controls.set_activity(Activity::Running);
        self.load_if_needed()?;
        let head = self.store.head()?;
        self.controls.update_status(|status| status.head = head);
        loop {
            self.commit_enough()?;
            let Projection { commit_every, .. } = self.projection;
            let most = commit_every - self.uncommitted % commit_every;
            match self.step(most, Position::new(u64::MAX)) {
                Ok(all) => {
                    self.commit_enough()?;
                    if all || self.has_requests() {
                        return Ok(());
                    }
                }
                Err(StepError::NotApplied(poison)) => self.apply_again_before(poison)?,
                Err(StepError::NotRead(poison)) => self.stop_or_skip(poison)?,
                Err(StepError::Failed(error)) => return Err(error),
            }
        }
    }

    /// Commits if enough events were applied.
    fn commit_enough(&mut self) -> Result<(), RunnerError> {
        let Projection { commit_every, exact_commit_every, .. } = self.projection;
        let waited =
            exact_commit_every || self.last_commit.elapsed() >= self.last_commit_took * COMMIT_PAUSE_FACTOR;
        if self.uncommitted >= commit_every && waited { self.commit() } else { Ok(()) }
    }

    /// Loads the read model, and applies the events before one that cannot be applied again. They are committed, so
    /// that the next such event does not cost all of them again.
    fn apply_again_before(&mut self, mut poison: Poison) -> Result<(), RunnerError> {
        loop {
            self.load()?;
            match self.apply_before(poison.position) {
                Ok(true) => break,
                // There is a request. The event is met again afterwards.
                Ok(false) => return Ok(()),
                Err(StepError::NotRead(earlier)) => return self.stop_or_skip(earlier),
                // This time, an earlier event cannot be applied.
                Err(StepError::NotApplied(earlier)) => poison = earlier,
                Err(StepError::Failed(error)) => return Err(error),
            }
        }
        self.stop_or_skip(poison)?;
        self.commit()
    }

    /// Stops before an event that cannot be applied, with all events before it committed; or skips it.
    fn stop_or_skip(&mut self, poison: Poison) -> Result<(), RunnerError> {
        self.uncommitted += 1;
        if self.projection.on_poison == OnPoison::Skip {
            self.checkpoint.position = poison.position;
            // Reported first: a commit may fail after it has committed.
            self.controls.update_status(|status| status.skipped.push(poison));
            return Ok(());
        }
        self.checkpoint.position =
            self.checkpoint.position.max(Position::new(poison.position.get().saturating_sub(1)));
        self.commit()?;
        self.controls.update_status(|status| status.poison = Some(poison.clone()));
        Err(RunnerError::Poison(poison.into()))
    }

    /// Applies all events before a position. Returns false if a request came first.
    fn apply_before(&mut self, position: Position) -> Result<bool, StepError> {
        let before = Position::new(position.get().saturating_sub(1));
        while self.checkpoint.position < before {
            if self.step(usize::MAX, before)? {
                self.checkpoint.position = before;
            } else if self.controls.has_requests() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Loads the read model unless it is loaded.
    pub(in crate::runtime) fn load_if_needed(&mut self) -> Result<(), RunnerError> {
        if self.loaded { Ok(()) } else { self.load() }
    }

    /// Loads the read model, and checks that its checkpoint is of this log.
    pub(super) fn load(&mut self) -> Result<(), RunnerError> {
        let place = self.place.clone();
        let checkpoint = self.model_does("loading", |model| model.load(&place))?;
        self.report_unusable_state();
        self.controls.update_status(|status| {
            // Events after the checkpoint are met again.
            status.skipped.retain(|poison| poison.position <= checkpoint.position);
        });
        self.check_same_log(&checkpoint)?;
        self.checkpoint = checkpoint;
        self.checkpoint.position = self.checkpoint.position.max(self.projection.after);
        let head = self.store.head()?;
        // A file that cannot be used is replaced, also if there is no event to apply.
        let uncommitted = usize::from(self.projection.model.unusable_state().is_some());
        (self.loaded, self.uncommitted, self.last_commit) = (true, uncommitted, Instant::now());
        self.controls.set_position(self.checkpoint.position);
        self.controls.update_status(|status| status.head = head);
        Ok(())
    }

    /// Reports why a stored state could not be used. The last report stays until a reset.
    fn report_unusable_state(&self) {
        if let Some(why) = self.projection.model.unusable_state() {
            self.controls.update_status(|status| status.unusable_state = Some(why));
        }
    }

    fn check_same_log(&self, checkpoint: &Checkpoint) -> Result<(), RunnerError> {
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
            // An event that can no longer be read is met again as poison, or was before.
            (Err(error), _) if Poison::from_read_error(&error).is_none() => Err(error.into()),
            (Ok(_) | Err(_), _) => Ok(()),
        }
    }

    /// Commits the applied events, if there are any. A read model that has failed has none.
    pub(in crate::runtime) fn commit(&mut self) -> Result<(), RunnerError> {
        if self.uncommitted == 0 || !self.loaded {
            return Ok(());
        }
        self.check_lock()?;
        let (begun, checkpoint) = (Instant::now(), self.checkpoint.clone());
        self.model_does("committing", |model| model.commit(&checkpoint))?;
        (self.loaded, self.uncommitted, self.last_commit) = (true, 0, Instant::now());
        self.last_commit_took = begun.elapsed();
        self.report_unusable_state();
        Ok(())
    }

    /// Checks that the lock still keeps other runners out. After its removal the next runner could start, and both
    /// would commit.
    fn check_lock(&self) -> Result<(), RunnerError> {
        let Some(held) = self.lock.identity else { return Ok(()) };
        let folder = Folder::at(self.place.folder());
        match folder.identity(&self.lock.file) {
            Ok(there) if there == Some(held) => Ok(()),
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(RunnerError::Folder { doing: format!("looking at {}", self.lock.file), source })
            }
            _ => Err(RunnerError::LockLost { name: self.name(), lock: self.lock.file.clone() }),
        }
    }

    /// Commits, if the last commit is long enough ago, so that a large state is not written all the time.
    pub(in crate::runtime) fn commit_when_due(&mut self) -> Result<(), RunnerError> {
        let shortest = self.projection.commit_after;
        let pause = if shortest.is_zero() {
            shortest
        } else {
            shortest.max(self.last_commit_took * COMMIT_PAUSE_FACTOR)
        };
        if self.last_commit.elapsed() >= pause {
            self.commit()?;
        }
        Ok(())
    }

    /// Marks that the read model has a change to commit that is no event.
    pub(in crate::runtime) fn mark_changed(&mut self) {
        self.uncommitted += 1;
    }

    pub(in crate::runtime) fn model_mut(&mut self) -> &mut M {
        &mut self.projection.model
    }

    /// Applies at most `most` events, up to a position, and emits what follows from them. Returns whether there are no
    /// more events. It ends between two positions: also when there are requests, and after a while, because nothing
    /// counts as done before it is emitted.
    fn step(&mut self, most: usize, until: Position) -> Result<bool, StepError> {
        let Runner { projection, store, own_stream, controls, checkpoint, loaded, .. } = self;
        let read = projection.read().after(checkpoint.position).until(until);
        let (mut applied, mut full, mut poison, mut emitted) = (0, false, None, Vec::new());
        let (mut reached, begun) = (checkpoint.clone(), Instant::now());
        *loaded = false;
        let mut page = Page::after(checkpoint.position);
        let outcome = store.visit(&read, &mut |entry| {
            let envelope = entry.envelope();
            if envelope.position != reached.position {
                if emitted.is_empty() {
                    controls.set_position(reached.position);
                }
                let waits = !emitted.is_empty() && begun.elapsed() >= POLL;
                if applied >= most || waits || controls.has_requests() {
                    full = true;
                    return ControlFlow::Break(());
                }
            }
            page.event(&projection.name, envelope);
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
                        cause: with_sources(&*cause),
                    });
                    ControlFlow::Break(())
                }
            }
        });
        if let Some(poison) = poison {
            page.ends_before(poison.position);
            return Err(StepError::NotApplied(poison));
        }
        let (head, unread) = match outcome {
            Ok(head) => (Some(head), None),
            Err(error) => match Poison::from_read_error(&error) {
                Some(poison) => (None, Some(poison)),
                None => {
                    // Nothing was changed: what the read model has is shown on while the store is away.
                    *loaded = applied == 0;
                    return Err(StepError::Failed(error.into()));
                }
            },
        };
        let name = &projection.name;
        if let Some(emits) = &projection.emits {
            for (number, batch) in batches(name, own_stream, emitted) {
                emits.store.append(batch).map_err(|source| RunnerError::Emit {
                    name: name.clone(),
                    position: number,
                    source: source.into(),
                })?;
            }
        }
        if let Some(head) = head.filter(|_| !full) {
            reached.position = reached.position.max(head.min(until));
        }
        (*checkpoint, *loaded) = (reached, true);
        controls.set_position(checkpoint.position);
        self.uncommitted += applied;
        self.controls.update_status(|status| {
            status.head = head.unwrap_or(status.head);
            status.poison = None;
            page.ends_at(self.checkpoint.position, status.head);
        });
        match unread {
            Some(poison) => Err(StepError::NotRead(poison)),
            None => Ok(!full),
        }
    }
}

/// Applies an entry to the read model, and returns what is emitted. A panic is an error.
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
    catching_panics(run)
}
