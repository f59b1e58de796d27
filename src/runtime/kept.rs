//! A state and its checkpoint in one file, for read models that keep both in memory.

use super::Cause;
use super::read_model::{Checkpoint, Place};
use super::stored::{States, Upto};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;

/// The file of a read model, once it is known where it is.
pub(super) struct Kept<S> {
    revision: u32,
    file: Option<(Place, States<S>)>,
}

impl<S: Serialize + DeserializeOwned> Kept<S> {
    pub(super) fn of_revision(revision: u32) -> Self {
        Kept { revision, file: None }
    }

    /// The state that was committed last, if one that fits was, and its checkpoint.
    pub(super) fn load(&mut self, place: &Place) -> io::Result<(Option<S>, Checkpoint)> {
        let states = States::in_folder(place.folder(), self.revision);
        let read = states.read(place.name())?;
        self.file = Some((place.clone(), states));
        Ok(match read {
            Some((Upto { position, event, .. }, state)) => {
                (Some(state), Checkpoint { position, last: event })
            }
            None => (None, Checkpoint::default()),
        })
    }

    pub(super) fn commit(&self, checkpoint: &Checkpoint, state: &S) -> Result<(), Cause> {
        let Some((place, states)) = &self.file else { return Err("it was not loaded".into()) };
        let upto = Upto {
            of: place.name().to_string(),
            position: checkpoint.position,
            event: checkpoint.last.clone(),
            ..Upto::default()
        };
        Ok(states.write(upto, state)?)
    }

    pub(super) fn clear(&self) -> Result<(), Cause> {
        match &self.file {
            Some((place, states)) => Ok(states.remove(place.name())?),
            None => Ok(()),
        }
    }
}
