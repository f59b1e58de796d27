//! The read model that comes with the kit: a fold in memory, with its checkpoint in a file.

use super::read_model::{Checkpoint, CheckpointPlace, ReadModel};
use crate::fold::Fold;
use crate::recorded::{Envelope, Position};
use crate::runtime::Cause;
use crate::runtime::checkpoint_file::CheckpointFile;
use crate::runtime::state_file::check_round_trip;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// A fold as a read model: its state in memory, and in a file together with its position.
///
/// The file is written under another name, synced and renamed, so after a crash there is always a state with the
/// position it belongs to. It holds a hash of the state's shape and of a [revision](Folded::revision), and one of the
/// projection's query and filters. If one does not fit, or the file is damaged, the projection begins from the start, and
/// [`Status::unusable_state`](crate::runtime::Status::unusable_state) says why.
///
/// Before a state is written, it is read back from its JSON and compared. A state that JSON does not hold as it is (a
/// number that is not finite, `Some(None)`, a field that serde skips) is an error of the commit. The error names the
/// part, and the file stays as it was. For the initial state, this is found when the runner is opened.
///
/// Other threads look at the state through a [`FoldedReader`].
///
/// ```
/// use leftfold::recorded::StreamName;
/// use leftfold::runtime::{Folded, Projection, Runner};
/// use leftfold::store::{Batch, EventStore, Memory, Query};
/// use leftfold::view;
/// use std::sync::Arc;
/// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// # enum Event { Rung }
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let rings = || Folded::of(view(|| 0u64, |rings, _: &Event| rings + 1)).revision(2);
///
/// let store = Arc::new(Memory::new());
/// let bell = StreamName::new("bell")?;
/// store.append(Batch::to(&bell).events([Event::Rung, Event::Rung]))?;
///
/// let read_model = rings();
/// let desk = read_model.reader();
/// let mut runner = Runner::open(Projection::new("rings", Query::all(), read_model), store, folder)?;
/// runner.run_once()?;
/// // Reads while the runner goes on, in this program and in another one.
/// assert_eq!((desk.look(|rings| *rings), desk.position().get()), (2, 2));
/// let (rung, position) = rings().committed(folder, "rings")?.expect("it was committed");
/// assert_eq!((rung, position.get()), (2, 2));
/// // A state of another revision is not used.
/// assert!(rings().revision(3).committed(folder, "rings")?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Folded<F: Fold> {
    fold: F,
    shared: FoldedReader<F::State>,
    file: CheckpointFile<F::State>,
}

/// Looks at the state of a [`Folded`] while it is kept up to date.
///
/// It may see more than the file holds, and never half an event.
pub struct FoldedReader<S>(Arc<RwLock<(S, Position)>>);

impl<S> Clone for FoldedReader<S> {
    fn clone(&self) -> Self {
        FoldedReader(self.0.clone())
    }
}

impl<S> FoldedReader<S> {
    /// Looks at the state. The projection waits meanwhile, so clone a persistent state and look at the clone.
    pub fn look<R>(&self, look: impl FnOnce(&S) -> R) -> R {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner).0)
    }

    /// The position of the last event in the state. A log may be read much further than that, where other events came later:
    /// [`Controls::position`](crate::runtime::Controls::position) says how far.
    pub fn position(&self) -> Position {
        self.0.read().unwrap_or_else(PoisonError::into_inner).1
    }

    fn change(&self, change: impl FnOnce(&mut (S, Position))) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl<F> Folded<F>
where
    F: Fold<State: Serialize + DeserializeOwned + PartialEq>,
{
    /// This fold as a read model.
    pub fn of(fold: F) -> Folded<F> {
        let shared = FoldedReader(Arc::new(RwLock::new((fold.initial_state(), Position::START))));
        Folded { fold, shared, file: CheckpointFile::of_revision(1) }
    }

    /// The revision of the fold. Increase it when `evolve` makes another state of the same events: states of an earlier
    /// revision are folded again. Default: 1.
    #[must_use]
    pub fn revision(self, revision: u32) -> Self {
        Folded { file: CheckpointFile::of_revision(revision), ..self }
    }

    /// A reader of the state, for other threads.
    pub fn reader(&self) -> FoldedReader<F::State> {
        self.shared.clone()
    }

    /// Looks at the state.
    pub fn look<R>(&self, look: impl FnOnce(&F::State) -> R) -> R {
        self.shared.look(look)
    }

    /// The state that was committed last, and its position; `None` if no stored state can be used. For programs that
    /// read while another program runs the projection.
    ///
    /// # Errors
    /// The error of the file system.
    pub fn committed(
        mut self,
        folder: impl AsRef<Path>,
        name: &str,
    ) -> io::Result<Option<(F::State, Position)>> {
        let (state, checkpoint) = self.file.load(&CheckpointPlace::of(folder.as_ref(), name))?;
        Ok(state.map(|state| (state, checkpoint.position)))
    }
}

impl<F> ReadModel<F::Event> for Folded<F>
where
    F: Fold<State: Serialize + DeserializeOwned + PartialEq>,
{
    fn load(&mut self, place: &CheckpointPlace) -> Result<Checkpoint, Cause> {
        let initial = self.fold.initial_state();
        check_round_trip(&initial)?;
        let (state, checkpoint) = self.file.load(place)?;
        self.shared.change(|shared| *shared = (state.unwrap_or(initial), checkpoint.position));
        Ok(checkpoint)
    }

    fn unusable_state(&self) -> Option<String> {
        self.file.unusable_state()
    }

    fn apply(&mut self, envelope: &Envelope, event: &F::Event) -> Result<(), Cause> {
        self.shared.change(|shared| {
            // If `evolve` panics, readers see the initial state until the last commit is loaded.
            let (state, _) = std::mem::replace(shared, (self.fold.initial_state(), Position::START));
            *shared = (self.fold.evolve(state, event), envelope.position);
        });
        Ok(())
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
        self.shared.look(|state| self.file.commit(checkpoint, state))
    }

    fn clear(&mut self) -> Result<(), Cause> {
        self.file.clear()?;
        self.shared.change(|shared| *shared = (self.fold.initial_state(), Position::START));
        Ok(())
    }
}

impl<F: Fold> fmt::Debug for Folded<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Folded").field("position", &self.shared.position()).finish_non_exhaustive()
    }
}

impl<S> fmt::Debug for FoldedReader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoldedReader").field("position", &self.position()).finish_non_exhaustive()
    }
}
