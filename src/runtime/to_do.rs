//! The to-do list of a process manager as a read model: states by identity, and since when each item is owed.

use super::Cause;
use super::kept::Kept;
use super::read_model::{Checkpoint, Place, ReadModel};
use crate::process::{Due, Owed, ProcessManager};
use crate::recorded::{CorrelationId, Envelope, EventId, Position, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

pub(super) type Identify<E> = Box<dyn Fn(&Envelope, &E) -> Option<String> + Send + Sync>;

/// The read model of a process manager; see the [module](self).
pub(super) struct ToDo<P: ProcessManager> {
    pub(super) process: P,
    pub(super) identify: Identify<P::Event>,
    instances: BTreeMap<String, Instance<P::State>>,
    /// The identities that owe something.
    owing: BTreeSet<String>,
    kept: Kept<BTreeMap<String, Instance<P::State>>>,
}

#[derive(Serialize, Deserialize)]
struct Instance<S> {
    state: S,
    #[serde(default = "BTreeMap::new", skip_serializing_if = "BTreeMap::is_empty")]
    owed: BTreeMap<String, Item>,
}

/// What is known of an item beside the item itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Item {
    /// The event that put it on the list. An item that comes again later has another, and is another.
    pub(super) since: Position,
    pub(super) event: EventId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) correlation: Option<CorrelationId>,
    /// How often it has failed, why the last time, and when it is tried again: never, if it is parked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trouble: Option<Trouble>,
    /// Whether it was issued since the list was loaded. After a restart, everything that is owed is issued again.
    #[serde(skip)]
    pub(super) issued: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Trouble {
    pub(super) attempts: u32,
    pub(super) cause: String,
    pub(super) again: Option<Timestamp>,
}

/// An item of a process manager's to-do list, and how it stands with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The identity whose process manager owes it; empty where there is one for all.
    pub identity: String,
    /// Its key.
    pub key: String,
    /// From when on it is to be done.
    pub due: Due,
    /// The position of the event that put it on the list.
    pub since: Position,
    /// Whether its command was accepted since the runner was opened; what settles it has not been seen yet.
    pub issued: bool,
    /// How often it has failed.
    pub failed: u32,
    /// Why it failed the last time.
    pub cause: Option<String>,
    /// When it is tried again, if it has failed.
    pub again: Option<Timestamp>,
    /// Whether it is not tried any more until it is released.
    pub parked: bool,
}

impl<P> ToDo<P>
where
    P: ProcessManager<State: Serialize + DeserializeOwned>,
{
    pub(super) fn of(process: P, identify: Identify<P::Event>, revision: u32) -> Self {
        let (instances, owing) = (BTreeMap::new(), BTreeSet::new());
        ToDo { process, identify, instances, owing, kept: Kept::of_revision(revision) }
    }

    /// All that is owed, by identity, and in the order of each list.
    pub(super) fn owed(&self) -> impl Iterator<Item = (&str, Owed<P::Command>, &Item)> {
        self.owing.iter().filter_map(|identity| Some((identity, self.instances.get(identity)?))).flat_map(
            |(identity, instance)| {
                let pending = self.process.pending(&instance.state).into_iter();
                pending.filter_map(move |owed| {
                    let item = instance.owed.get(&owed.key)?;
                    Some((identity.as_str(), owed, item))
                })
            },
        )
    }

    pub(super) fn standing(&self) -> Vec<Standing> {
        self.owed()
            .map(|(identity, Owed { key, due, .. }, item)| Standing {
                identity: identity.to_string(),
                key,
                due,
                since: item.since,
                issued: item.issued,
                failed: item.trouble.as_ref().map_or(0, |trouble| trouble.attempts),
                cause: item.trouble.as_ref().map(|trouble| trouble.cause.clone()),
                again: item.trouble.as_ref().and_then(|trouble| trouble.again),
                parked: item.trouble.as_ref().is_some_and(|trouble| trouble.again.is_none()),
            })
            .collect()
    }

    /// The item that has been owed since this event, if it still is.
    pub(super) fn item(&mut self, identity: &str, key: &str, since: Position) -> Option<&mut Item> {
        let item = self.instances.get_mut(identity)?.owed.get_mut(key)?;
        (item.since == since).then_some(item)
    }

    /// Lets a parked item be tried again at once; says whether there was one.
    pub(super) fn release(&mut self, identity: &str, key: &str) -> bool {
        let item = self.instances.get_mut(identity).and_then(|instance| instance.owed.get_mut(key));
        let parked = |trouble: &Trouble| trouble.again.is_none();
        item.is_some_and(|item| item.trouble.take_if(|trouble| parked(trouble)).is_some())
    }
}

impl<P> ReadModel<P::Event> for ToDo<P>
where
    P: ProcessManager<State: Serialize + DeserializeOwned>,
{
    fn load(&mut self, place: &Place) -> Result<Checkpoint, Cause> {
        let (instances, checkpoint) = self.kept.load(place)?;
        let instances = instances.unwrap_or_default();
        self.owing = instances
            .iter()
            .filter(|(_, instance)| !instance.owed.is_empty())
            .map(|(identity, _)| identity.clone())
            .collect();
        self.instances = instances;
        Ok(checkpoint)
    }

    fn apply(&mut self, envelope: &Envelope, event: &P::Event) -> Result<(), Cause> {
        let Some(identity) = (self.identify)(envelope, event) else { return Ok(()) };
        let initial = || self.process.initial_state();
        let instance = self
            .instances
            .entry(identity)
            .or_insert_with(|| Instance { state: initial(), owed: BTreeMap::new() });
        instance.state = self.process.evolve(std::mem::replace(&mut instance.state, initial()), event);
        let mut before = std::mem::take(&mut instance.owed);
        for owed in self.process.pending(&instance.state) {
            let item = before.remove(&owed.key).unwrap_or_else(|| Item {
                since: envelope.position,
                event: envelope.id.clone(),
                correlation: envelope.metadata.correlation_id.clone(),
                trouble: None,
                issued: false,
            });
            instance.owed.insert(owed.key, item);
        }
        let owes = !instance.owed.is_empty();
        if let Some(identity) = (self.identify)(envelope, event) {
            match owes {
                true => self.owing.insert(identity),
                false => self.owing.remove(&identity),
            };
        }
        Ok(())
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
        self.kept.commit(checkpoint, &self.instances)
    }

    fn clear(&mut self) -> Result<(), Cause> {
        self.kept.clear()?;
        self.instances.clear();
        self.owing.clear();
        Ok(())
    }
}
