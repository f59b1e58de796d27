//! How a runner takes events: what the read model holds, and how far that is, are never two things.

use super::{LOOK, PAUSE, Runner};
use crate::log::{Folder, Storage};
use crate::recorded::Position;
use crate::runtime::Cause;
use crate::runtime::RunnerError;
use crate::runtime::panics::caught;
use crate::runtime::projections::emitted_ids::{batches, emitted_by};
use crate::runtime::{Activity, Poison};
use crate::runtime::{Checkpoint, ReadModel};
use crate::runtime::{Emission, OnPoison, Projection};
use crate::store::{Entry, EventReader, Query};
use std::io;
use std::ops::ControlFlow;
use std::time::Instant;

/// Why a step was not completed.
enum Halt {
    /// An event cannot be taken, and the read model is not what it was.
    Poison(Poison),
    /// An event cannot be read. All before it was taken.
    Unread(Poison),
    Error(RunnerError),
}

impl From<RunnerError> for Halt {
    fn from(error: RunnerError) -> Self {
        Halt::Error(error)
    }
}

impl<E: 'static, M: ReadModel<E>, S: EventReader<E>> Runner<E, M, S> {
    /// Lets the read model do something that changes it. Until it has done so, it is not as it was.
    pub(super) fn model_does<T>(
        &mut self,
        doing: &'static str,
        run: impl FnOnce(&mut M) -> Result<T, Cause>,
    ) -> Result<T, RunnerError> {
        self.loaded = false;
        caught(|| run(&mut self.projection.model)).map_err(self.failed(doing))
    }

    /// Takes all that is there, and commits whenever enough was applied. Ends early when it is told something.
    pub(in crate::runtime) fn catch_up(&mut self) -> Result<(), RunnerError> {
        self.controls.now(Activity::Running);
        self.ready()?;
        let head = self.store.head()?;
        self.controls.tell(|status| status.head = head);
        loop {
            self.commit_enough()?;
            let Projection { commit_every, .. } = self.projection;
            let most = commit_every - self.uncommitted % commit_every;
            match self.step(most, Position::new(u64::MAX)) {
                Ok(all) => {
                    self.commit_enough()?;
                    if all || self.controls.asked() {
                        return Ok(());
                    }
                }
                Err(Halt::Poison(poison)) => self.poisoned(poison)?,
                Err(Halt::Unread(poison)) => self.stands_before(poison)?,
                Err(Halt::Error(error)) => return Err(error),
            }
        }
    }

    /// Commits if enough was applied for it.
    fn commit_enough(&mut self) -> Result<(), RunnerError> {
        let Projection { commit_every, strictly, .. } = self.projection;
        let waited = strictly || self.committed.elapsed() >= self.took * PAUSE;
        if self.uncommitted >= commit_every && waited { self.commit() } else { Ok(()) }
    }

    /// Takes again what stands before an event that cannot be taken, since the read model is not what it was. So the next
    /// one costs no more than this one, what was taken is committed.
    fn poisoned(&mut self, mut poison: Poison) -> Result<(), RunnerError> {
        loop {
            self.load()?;
            match self.take_before(poison.position) {
                Ok(true) => break,
                // It is told something, and meets the event again afterwards.
                Ok(false) => return Ok(()),
                Err(Halt::Unread(earlier)) => return self.stands_before(earlier),
                // This time, not even that one can be taken.
                Err(Halt::Poison(earlier)) => poison = earlier,
                Err(Halt::Error(error)) => return Err(error),
            }
        }
        self.stands_before(poison)?;
        self.commit()
    }

    /// Stops before an event that cannot be taken, with all before it committed, or passes over it.
    fn stands_before(&mut self, poison: Poison) -> Result<(), RunnerError> {
        self.uncommitted += 1;
        if self.projection.on_poison == OnPoison::Skip {
            self.at.position = poison.position;
            // Said first: a commit may fail behind having committed.
            self.controls.tell(|status| status.skipped.push(poison));
            return Ok(());
        }
        self.at.position = self.at.position.max(Position::new(poison.position.get().saturating_sub(1)));
        self.commit()?;
        self.controls.tell(|status| status.poison = Some(poison.clone()));
        Err(RunnerError::Poison(poison.into()))
    }

    /// Takes all that stands before a position, and answers whether it has: not if it was told something meanwhile.
    fn take_before(&mut self, position: Position) -> Result<bool, Halt> {
        let before = Position::new(position.get().saturating_sub(1));
        while self.at.position < before {
            if self.step(usize::MAX, before)? {
                self.at.position = before;
            } else if self.controls.asked() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Loads the read model where it is not at what is said of it.
    pub(in crate::runtime) fn ready(&mut self) -> Result<(), RunnerError> {
        if self.loaded { Ok(()) } else { self.load() }
    }

    /// Loads the read model, and sees that its checkpoint is of this log.
    pub(super) fn load(&mut self) -> Result<(), RunnerError> {
        let place = self.place.clone();
        let checkpoint = self.model_does("loading", |model| model.load(&place))?;
        self.say_unread();
        self.controls.tell(|status| {
            // What is behind the checkpoint is met again.
            status.skipped.retain(|poison| poison.position <= checkpoint.position);
        });
        self.same_log(&checkpoint)?;
        self.at = checkpoint;
        self.at.position = self.at.position.max(self.projection.after);
        let head = self.store.head()?;
        (self.loaded, self.uncommitted, self.committed) = (true, 0, Instant::now());
        self.controls.reached(self.at.position);
        self.controls.tell(|status| status.head = head);
        Ok(())
    }

    /// Says why something that was kept could not be used: what was said last stays until a reset.
    fn say_unread(&self) {
        if let Some(unread) = self.projection.model.unread() {
            self.controls.tell(|status| status.unread = Some(unread));
        }
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

    /// Commits what was applied, if anything was; of a read model that has failed, nothing was.
    pub(in crate::runtime) fn commit(&mut self) -> Result<(), RunnerError> {
        if self.uncommitted == 0 || !self.loaded {
            return Ok(());
        }
        self.is_locked()?;
        let (begun, at) = (Instant::now(), self.at.clone());
        self.model_does("committing", |model| model.commit(&at))?;
        (self.loaded, self.uncommitted, self.committed) = (true, 0, Instant::now());
        self.took = begun.elapsed();
        self.say_unread();
        Ok(())
    }

    /// Sees that the lock still keeps other runners out: removed, it lets the next one in, and both would commit.
    fn is_locked(&self) -> Result<(), RunnerError> {
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

    /// The same, if the last time is long enough ago: what was asked for, and a large state is not written all the time.
    pub(in crate::runtime) fn commit_when_due(&mut self) -> Result<(), RunnerError> {
        let asked = self.projection.commit_after;
        let pause = if asked.is_zero() { asked } else { asked.max(self.took * PAUSE) };
        if self.committed.elapsed() >= pause {
            self.commit()?;
        }
        Ok(())
    }

    /// Says that the read model has something to commit beside events.
    pub(in crate::runtime) fn changed(&mut self) {
        self.uncommitted += 1;
    }

    pub(in crate::runtime) fn model_mut(&mut self) -> &mut M {
        &mut self.projection.model
    }

    /// Applies at most so many events, up to a position, and emits what follows from them. Ends between two positions: also
    /// when it is told something, and, as nothing is done before it is emitted, after a while. Answers whether nothing more
    /// is there.
    fn step(&mut self, most: usize, until: Position) -> Result<bool, Halt> {
        let Runner { projection, store, own, controls, at, loaded, .. } = self;
        let read = projection.query.clone().after(at.position).until(until);
        let (mut applied, mut full, mut poison, mut emitted) = (0, false, None, Vec::new());
        let (mut reached, begun) = (at.clone(), Instant::now());
        *loaded = false;
        let outcome = store.visit(&read, &mut |entry| {
            let envelope = entry.envelope();
            if envelope.position != reached.position {
                if emitted.is_empty() {
                    controls.reached(reached.position);
                }
                let waits = !emitted.is_empty() && begun.elapsed() >= LOOK;
                if applied >= most || waits || controls.asked() {
                    full = true;
                    return ControlFlow::Break(());
                }
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
        let (head, unread) = match outcome {
            Ok(head) => (Some(head), None),
            Err(error) => match Poison::met_by(&error) {
                Some(poison) => (None, Some(poison)),
                None => return Err(Halt::Error(error.into())),
            },
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
        if let Some(head) = head.filter(|_| !full) {
            reached.position = reached.position.max(head.min(until));
        }
        (*at, *loaded) = (reached, true);
        controls.reached(at.position);
        self.uncommitted += applied;
        self.controls.tell(|status| {
            status.head = head.unwrap_or(status.head);
            status.poison = None;
        });
        match unread {
            Some(poison) => Err(Halt::Unread(poison)),
            None => Ok(!full),
        }
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
