//! The to-do list of a process manager as a read model: states by identity, and since when each item is owed.

#[cfg(test)]
mod tests;

use super::Cause;
use super::kept::Kept;
use super::read_model::{Checkpoint, Place, ReadModel};
use crate::process::{Due, Owed, ProcessManager};
use crate::recorded::{CorrelationId, Envelope, EventId, Position, Timestamp};
use im::OrdMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

pub(super) type Identify<E> = Box<dyn Fn(&Envelope, &E) -> Option<String> + Send + Sync>;

/// The read model of a process manager; see the [module](self).
pub(super) struct ToDo<P: ProcessManager> {
    pub(super) process: P,
    pub(super) identify: Identify<P::Event>,
    instances: BTreeMap<String, Instance<P::State>>,
    /// When there is next something to do for an identity; of one that waits for an event alone, nothing.
    agenda: BTreeSet<(Timestamp, String)>,
    standing: Standings,
    kept: Kept<BTreeMap<String, Instance<P::State>>>,
}

#[derive(Serialize, Deserialize)]
struct Instance<S> {
    state: S,
    #[serde(default = "BTreeMap::new", skip_serializing_if = "BTreeMap::is_empty")]
    owed: BTreeMap<String, Item>,
    /// Where it stands in the agenda.
    #[serde(skip)]
    next: Option<Timestamp>,
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

impl Item {
    /// From when on it can be issued; never, while it waits for what settles it, or is parked.
    fn from(&self, due: Due) -> Option<Timestamp> {
        let due = match due {
            Due::Now => Timestamp::MIN,
            Due::At(at) => at,
        };
        match &self.trouble {
            _ if self.issued => None,
            None => Some(due),
            Some(trouble) => Some(trouble.again?.max(due)),
        }
    }
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

impl Standing {
    fn of(identity: &str, key: String, due: Due, item: &Item) -> Standing {
        let trouble = item.trouble.as_ref();
        Standing {
            identity: identity.to_string(),
            key,
            due,
            since: item.since,
            issued: item.issued,
            failed: trouble.map_or(0, |trouble| trouble.attempts),
            cause: trouble.map(|trouble| trouble.cause.clone()),
            again: trouble.and_then(|trouble| trouble.again),
            parked: trouble.is_some_and(|trouble| trouble.again.is_none()),
        }
    }
}

/// What is owed, by identity: copied in O(1), so that others can look at it while it changes.
#[derive(Clone, Default)]
pub(super) struct Standings(OrdMap<String, Arc<[Standing]>>);

impl Standings {
    /// By identity, and in the order of each list.
    pub(super) fn all(&self) -> Vec<Standing> {
        self.0.values().flat_map(|list| list.iter().cloned()).collect()
    }

    fn put(&mut self, identity: &str, list: Vec<Standing>) {
        if !list.is_empty() {
            self.0.insert(identity.to_string(), list.into());
        } else if self.0.contains_key(identity) {
            self.0.remove(identity);
        }
    }
}

impl<P> ToDo<P>
where
    P: ProcessManager<State: Serialize + DeserializeOwned>,
{
    pub(super) fn of(process: P, identify: Identify<P::Event>, revision: u32) -> Self {
        ToDo {
            process,
            identify,
            instances: BTreeMap::new(),
            agenda: BTreeSet::new(),
            standing: Standings::default(),
            kept: Kept::of_revision(revision),
        }
    }

    /// The list as it was committed last.
    pub(super) fn read(&mut self, place: &Place) -> io::Result<Checkpoint> {
        let (instances, checkpoint) = self.kept.load(place)?;
        self.instances = instances.unwrap_or_default();
        self.agenda.clear();
        self.standing = Standings::default();
        let owing = self.instances.iter().filter(|(_, instance)| !instance.owed.is_empty());
        for identity in owing.map(|(identity, _)| identity.clone()).collect::<Vec<_>>() {
            self.look_at(&identity);
        }
        Ok(checkpoint)
    }

    /// What can be issued at this time: what was due first comes first.
    pub(super) fn due(&self, now: Timestamp) -> Vec<(String, Owed<P::Command>, Item)> {
        let identities =
            self.agenda.iter().take_while(|(next, _)| *next <= now).map(|(_, identity)| identity);
        let instances = identities.filter_map(|identity| Some((identity, self.instances.get(identity)?)));
        let items = instances.flat_map(|(identity, instance)| {
            self.process.pending(&instance.state).into_iter().filter_map(move |owed| {
                let item = instance.owed.get(&owed.key)?;
                let due = item.from(owed.due)? <= now;
                due.then(|| (identity.clone(), owed, item.clone()))
            })
        });
        items.collect()
    }

    pub(super) fn standing(&self) -> &Standings {
        &self.standing
    }

    /// Whether the item has been owed since this event, and still is.
    pub(super) fn owes(&self, identity: &str, key: &str, since: Position) -> bool {
        let item = self.instances.get(identity).and_then(|instance| instance.owed.get(key));
        item.is_some_and(|item| item.since == since)
    }

    /// The item that has been owed since this event was issued.
    pub(super) fn issued(&mut self, identity: &str, key: &str, since: Position) {
        self.change(
            identity,
            key,
            |item| item.since == since,
            |item| {
                item.issued = true;
                item.trouble = None;
            },
        );
    }

    /// The item that has been owed since this event has failed, so often; says whether it is still owed.
    pub(super) fn failed(
        &mut self,
        identity: &str,
        key: &str,
        since: Position,
        trouble: impl FnOnce(u32) -> Trouble,
    ) -> bool {
        self.change(
            identity,
            key,
            |item| item.since == since,
            |item| {
                let before = item.trouble.as_ref().map_or(0, |trouble| trouble.attempts);
                item.trouble = Some(trouble(before + 1));
            },
        )
    }

    /// Lets a parked item be tried again at once; says whether there was one.
    pub(super) fn release(&mut self, identity: &str, key: &str) -> bool {
        let parked = |item: &Item| item.trouble.as_ref().is_some_and(|trouble| trouble.again.is_none());
        self.change(identity, key, parked, |item| item.trouble = None)
    }

    /// Changes an item that is owed, if it is one of those that are meant; says whether it was.
    fn change(
        &mut self,
        identity: &str,
        key: &str,
        meant: impl FnOnce(&Item) -> bool,
        change: impl FnOnce(&mut Item),
    ) -> bool {
        let instance = self.instances.get_mut(identity);
        let item = instance.and_then(|instance| instance.owed.get_mut(key)).filter(|item| meant(item));
        let there = item.is_some();
        if let Some(item) = item {
            change(item);
            self.look_at(identity);
        }
        there
    }

    /// Brings the agenda, and what is told of it, to what an instance is now.
    fn look_at(&mut self, identity: &str) {
        let Some(instance) = self.instances.get_mut(identity) else { return };
        let (mut next, mut standing) = (None, Vec::new());
        for Owed { key, due, .. } in self.process.pending(&instance.state) {
            let Some(item) = instance.owed.get(&key) else { continue };
            let from = item.from(due);
            next = next.into_iter().chain(from).min();
            standing.push(Standing::of(identity, key, due, item));
        }
        if next != instance.next {
            if let Some(before) = std::mem::replace(&mut instance.next, next) {
                self.agenda.remove(&(before, identity.to_string()));
            }
            self.agenda.extend(next.map(|next| (next, identity.to_string())));
        }
        self.standing.put(identity, standing);
    }
}

impl<P> ReadModel<P::Event> for ToDo<P>
where
    P: ProcessManager<State: Serialize + DeserializeOwned>,
{
    fn load(&mut self, place: &Place) -> Result<Checkpoint, Cause> {
        Ok(self.read(place)?)
    }

    fn apply(&mut self, envelope: &Envelope, event: &P::Event) -> Result<(), Cause> {
        let Some(identity) = (self.identify)(envelope, event) else { return Ok(()) };
        let initial = || self.process.initial_state();
        let instance = self.instances.entry(identity.clone()).or_insert_with(|| Instance {
            state: initial(),
            owed: BTreeMap::new(),
            next: None,
        });
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
        self.look_at(&identity);
        Ok(())
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
        self.kept.commit(checkpoint, &self.instances)
    }

    fn clear(&mut self) -> Result<(), Cause> {
        self.kept.clear()?;
        self.instances.clear();
        self.agenda.clear();
        self.standing = Standings::default();
        Ok(())
    }
}
