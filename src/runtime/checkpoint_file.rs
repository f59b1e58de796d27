//! A state and its checkpoint in one file, for read models that hold their state in memory.

use super::state_file::{StateFiles, StateHeader, StoredState};
use super::{Cause, Checkpoint, CheckpointPlace};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;

/// The file of a read model. It is found when the read model is loaded.
pub(super) struct CheckpointFile<S> {
    revision: u32,
    of_any_events: bool,
    opened: Option<(CheckpointPlace, StateFiles<S>)>,
    /// Why the file could not be used when it was loaded.
    unusable_state: Option<String>,
}

impl<S: Serialize + DeserializeOwned> CheckpointFile<S> {
    pub(super) fn of_revision(revision: u32) -> Self {
        CheckpointFile { revision, of_any_events: false, opened: None, unusable_state: None }
    }

    /// It is used also where another query or other filters made it.
    pub(super) fn of_any_events(self) -> Self {
        CheckpointFile { of_any_events: true, ..self }
    }

    /// The state and the checkpoint that were committed last. The state is `None` where no file can be used.
    pub(super) fn load(&mut self, place: &CheckpointPlace) -> io::Result<(Option<S>, Checkpoint)> {
        let events = place.events().filter(|_| !self.of_any_events);
        let states = StateFiles::in_folder(place.folder(), self.revision).of_events(events);
        let found = states.read(place.name())?;
        self.opened = Some((place.clone(), states));
        self.unusable_state = None;
        Ok(match found {
            StoredState::State(StateHeader { position, event, .. }, state) => {
                (Some(state), Checkpoint { position, last: event })
            }
            StoredState::Missing => (None, Checkpoint::default()),
            StoredState::NotUsable(why) => {
                self.unusable_state = Some(why);
                (None, Checkpoint::default())
            }
        })
    }

    pub(super) fn unusable_state(&self) -> Option<String> {
        self.unusable_state.clone()
    }

    pub(super) fn commit(&self, checkpoint: &Checkpoint, state: &S) -> Result<(), Cause>
    where
        S: PartialEq,
    {
        self.write_with(checkpoint, |states, header| states.write(header, state))
    }

    /// Like `commit`, for a state whose parts the caller has checked as they changed.
    pub(super) fn commit_parts(&self, checkpoint: &Checkpoint, state: &S) -> Result<(), Cause> {
        self.write_with(checkpoint, |states, header| states.write_parts(header, state))
    }

    fn write_with(
        &self,
        checkpoint: &Checkpoint,
        write: impl FnOnce(&StateFiles<S>, StateHeader) -> Result<(), Cause>,
    ) -> Result<(), Cause> {
        let Some((place, states)) = &self.opened else { return Err("it was not loaded".into()) };
        let header = StateHeader {
            of: place.name().to_string(),
            position: checkpoint.position,
            event: checkpoint.last.clone(),
            ..StateHeader::default()
        };
        write(states, header)
    }

    pub(super) fn clear(&self) -> Result<(), Cause> {
        match &self.opened {
            Some((place, states)) => Ok(states.remove(place.name())?),
            None => Ok(()),
        }
    }
}
