//! A state and its checkpoint in one file, for read models that keep both in memory.

use super::state_file::{Found, States, Upto};
use super::{Cause, Checkpoint, Place};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;

/// The file of a read model, once it is known where it is.
pub(super) struct Kept<S> {
    revision: u32,
    file: Option<(Place, States<S>)>,
    /// Why the file could not be used when it was loaded.
    unread: Option<String>,
}

impl<S: Serialize + DeserializeOwned> Kept<S> {
    pub(super) fn of_revision(revision: u32) -> Self {
        Kept { revision, file: None, unread: None }
    }

    /// The state that was committed last, if one that can be used was, and its checkpoint.
    pub(super) fn load(&mut self, place: &Place) -> io::Result<(Option<S>, Checkpoint)> {
        let states = States::in_folder(place.folder(), self.revision);
        let found = states.read(place.name())?;
        self.file = Some((place.clone(), states));
        self.unread = None;
        Ok(match found {
            Found::State(Upto { position, event, .. }, state) => {
                (Some(state), Checkpoint { position, last: event })
            }
            Found::Nothing => (None, Checkpoint::default()),
            Found::Unread(why) => {
                self.unread = Some(why);
                (None, Checkpoint::default())
            }
        })
    }

    pub(super) fn unread(&self) -> Option<String> {
        self.unread.clone()
    }

    pub(super) fn commit(&self, checkpoint: &Checkpoint, state: &S) -> Result<(), Cause>
    where
        S: PartialEq,
    {
        self.put(checkpoint, |states, upto| states.write(upto, state))
    }

    /// The same for a state whose parts the caller has proven, each as it changed.
    pub(super) fn commit_parts(&self, checkpoint: &Checkpoint, state: &S) -> Result<(), Cause> {
        self.put(checkpoint, |states, upto| states.write_parts(upto, state))
    }

    fn put(
        &self,
        checkpoint: &Checkpoint,
        write: impl FnOnce(&States<S>, Upto) -> Result<(), Cause>,
    ) -> Result<(), Cause> {
        let Some((place, states)) = &self.file else { return Err("it was not loaded".into()) };
        let upto = Upto {
            of: place.name().to_string(),
            position: checkpoint.position,
            event: checkpoint.last.clone(),
            ..Upto::default()
        };
        write(states, upto)
    }

    pub(super) fn clear(&self) -> Result<(), Cause> {
        match &self.file {
            Some((place, states)) => Ok(states.remove(place.name())?),
            None => Ok(()),
        }
    }
}
