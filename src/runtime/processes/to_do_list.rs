//! The to-do list of a process manager as a read model: states by identity, and since when each item is owed.

mod items;
#[cfg(test)]
mod tests;

use crate::process::{Due, Owed, ProcessManager};
use crate::recorded::{CorrelationId, Envelope, EventId, Position, Timestamp};
use crate::runtime::Cause;
use crate::runtime::checkpoint_file::Kept;
use crate::runtime::panics::caught;
use crate::runtime::state_file::keeps;
use crate::runtime::{Checkpoint, Place, ReadModel};
use im::OrdMap;
use items::Items;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

pub(in crate::runtime) type Identify<E> = Box<dyn Fn(&Envelope, &E) -> Option<String> + Send + Sync>;

/// The read model of a process manager; see the [module](self).
pub(in crate::runtime) struct ToDo<P: ProcessManager> {
    pub(in crate::runtime) process: P,
    pub(in crate::runtime) identify: Identify<P::Event>,
    instances: BTreeMap<String, Instance<P::State>>,
    /// When there is next something to do for an identity; of one that waits for an event alone, nothing.
    agenda: BTreeSet<(Timestamp, String)>,
    standing: Standings,
    /// What became of items that were tried, by identity and key. It outlives loading: what was tried since the runner was
    /// opened was tried, whatever became of the list.
    tried: BTreeMap<String, BTreeMap<String, Tried>>,
    /// Whose state has changed since it was proven that it can be kept.
    unproven: BTreeSet<String>,
    kept: Kept<BTreeMap<String, Instance<P::State>>>,
}

#[derive(Serialize, Deserialize)]
struct Instance<S> {
    state: S,
    #[serde(default, skip_serializing_if = "Items::is_empty")]
    owed: Items,
    /// What the process manager says that it owes, in its order: keys, and from when on.
    #[serde(skip)]
    list: Vec<(String, Due)>,
    /// Where it stands in the agenda.
    #[serde(skip)]
    next: Option<Timestamp>,
}

/// What became of the item that has been owed since a position.
struct Tried {
    since: Position,
    /// Whether its command was accepted.
    issued: bool,
    trouble: Option<Trouble>,
}

/// An item that can be issued.
pub(in crate::runtime) struct DueItem<C> {
    pub(in crate::runtime) identity: String,
    pub(in crate::runtime) key: String,
    pub(in crate::runtime) since: Position,
    pub(in crate::runtime) event: EventId,
    pub(in crate::runtime) correlation: Option<CorrelationId>,
    /// Its command, unless the process manager panicked when it was asked for it.
    pub(in crate::runtime) command: Result<C, String>,
}

/// What is known of an item beside the item itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::runtime) struct Item {
    /// The event that put it on the list. An item that comes again later has another, and is another.
    pub(in crate::runtime) since: Position,
    pub(in crate::runtime) event: EventId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::runtime) correlation: Option<CorrelationId>,
    /// How often it has failed, why the last time, and when it is tried again: never, if it is parked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::runtime) trouble: Option<Trouble>,
}

impl Item {
    /// Takes over what became of it since the runner was opened, if it is this item that was tried.
    fn remember(&mut self, tried: Option<&Tried>) {
        if let Some(tried) = tried.filter(|tried| tried.since == self.since) {
            self.trouble.clone_from(&tried.trouble);
        }
    }

    /// From when on it can be issued; never, while it waits for what settles it, or is parked.
    fn from(&self, due: Due, issued: bool) -> Option<Timestamp> {
        let due = match due {
            Due::Now => Timestamp::MIN,
            Due::At(at) => at,
        };
        match &self.trouble {
            _ if issued => None,
            None => Some(due),
            Some(trouble) => Some(trouble.again?.max(due)),
        }
    }
}

/// The keys of a list, and from when on each is owed.
fn list_of<C>(owed: &[Owed<C>]) -> Vec<(String, Due)> {
    owed.iter().map(|Owed { key, due, .. }| (key.clone(), *due)).collect()
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::runtime) struct Trouble {
    pub(in crate::runtime) attempts: u32,
    pub(in crate::runtime) cause: String,
    pub(in crate::runtime) again: Option<Timestamp>,
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
    fn of(identity: &str, key: String, due: Due, item: &Item, issued: bool) -> Standing {
        let trouble = item.trouble.as_ref();
        Standing {
            identity: identity.to_string(),
            key,
            due,
            since: item.since,
            issued,
            failed: trouble.map_or(0, |trouble| trouble.attempts),
            cause: trouble.map(|trouble| trouble.cause.clone()),
            again: trouble.and_then(|trouble| trouble.again),
            parked: trouble.is_some_and(|trouble| trouble.again.is_none()),
        }
    }
}

/// What is owed, by identity: copied in O(1), so that others can look at it while it changes.
#[derive(Clone, Default)]
pub(in crate::runtime) struct Standings(OrdMap<String, Arc<[Standing]>>);

impl Standings {
    /// By identity, and in the order of each list.
    pub(in crate::runtime) fn all(&self) -> Vec<Standing> {
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
    pub(in crate::runtime) fn of(process: P, identify: Identify<P::Event>, revision: u32) -> Self {
        ToDo {
            process,
            identify,
            instances: BTreeMap::new(),
            agenda: BTreeSet::new(),
            standing: Standings::default(),
            tried: BTreeMap::new(),
            unproven: BTreeSet::new(),
            kept: Kept::of_revision(revision),
        }
    }

    /// The list as it was committed last.
    pub(in crate::runtime) fn read(&mut self, place: &Place) -> io::Result<Checkpoint> {
        let (instances, checkpoint) = self.kept.load(place)?;
        self.instances = instances.unwrap_or_default();
        self.agenda.clear();
        self.unproven.clear();
        self.standing = Standings::default();
        let owing = self.instances.iter_mut().filter(|(_, instance)| !instance.owed.is_empty());
        let identities: Vec<String> = owing
            .map(|(identity, instance)| {
                for (key, item) in instance.owed.iter_mut() {
                    item.remember(self.tried.get(identity).and_then(|tried| tried.get(key)));
                }
                // Of one that panics over its state, every item is tried, and that fails.
                let owed_now = || instance.owed.keys().map(|key| (key.clone(), Due::Now)).collect();
                let asked = caught(|| Ok(list_of(&self.process.pending(&instance.state))));
                instance.list = asked.unwrap_or_else(|_| owed_now());
                identity.clone()
            })
            .collect();
        for identity in identities {
            self.look_at(&identity);
        }
        Ok(checkpoint)
    }

    /// What can be issued at this time: what was due first comes first.
    pub(in crate::runtime) fn due(&mut self, now: Timestamp) -> Vec<DueItem<P::Command>> {
        let ready = self.agenda.iter().take_while(|(next, _)| *next <= now);
        let identities: Vec<String> = ready.map(|(_, identity)| identity.clone()).collect();
        identities.into_iter().flat_map(|identity| self.due_of(&identity, now)).collect()
    }

    fn due_of(&mut self, identity: &str, now: Timestamp) -> Vec<DueItem<P::Command>> {
        let Some(instance) = self.instances.get_mut(identity) else { return Vec::new() };
        let list: Vec<(String, Due, Result<P::Command, String>)> =
            match caught(|| Ok(self.process.pending(&instance.state))) {
                Ok(owed) => {
                    if !owed
                        .iter()
                        .map(|owed| (&owed.key, &owed.due))
                        .eq(instance.list.iter().map(|(key, due)| (key, due)))
                    {
                        instance.list = list_of(&owed);
                        self.look_at(identity);
                    }
                    owed.into_iter().map(|Owed { key, due, command }| (key, due, Ok(command))).collect()
                }
                Err(cause) => {
                    let failed = |(key, due): &(String, Due)| (key.clone(), *due, Err(cause.to_string()));
                    instance.list.iter().map(failed).collect()
                }
            };
        let Some(instance) = self.instances.get(identity) else { return Vec::new() };
        let due = list.into_iter().filter_map(|(key, due, command)| {
            let Item { since, event, correlation, .. } = instance.owed.get(&key)?;
            let from = instance.owed.get(&key)?.from(due, self.is_issued(identity, &key, *since))?;
            (from <= now).then(|| DueItem {
                identity: identity.to_string(),
                key,
                since: *since,
                event: event.clone(),
                correlation: correlation.clone(),
                command,
            })
        });
        due.collect()
    }

    /// Sees that all states come back from the file as they are. Each is looked at once after it has changed.
    ///
    /// # Errors
    /// The identity whose state does not, and what of it.
    pub(in crate::runtime) fn prove(&mut self) -> Result<(), Cause>
    where
        P::State: PartialEq,
    {
        while let Some(identity) = self.unproven.first() {
            if let Some(instance) = self.instances.get(identity) {
                keeps(&instance.state).map_err(|unfit| match &**identity {
                    "" => unfit,
                    identity => format!("the state of {identity} cannot be kept: {unfit}").into(),
                })?;
            }
            self.unproven.pop_first();
        }
        Ok(())
    }

    /// Whether the item that has been owed since this event was issued since the runner was opened.
    fn is_issued(&self, identity: &str, key: &str, since: Position) -> bool {
        let tried = self.tried.get(identity).and_then(|tried| tried.get(key));
        tried.is_some_and(|tried| tried.since == since && tried.issued)
    }

    pub(in crate::runtime) fn standing(&self) -> &Standings {
        &self.standing
    }

    /// Whether the item has been owed since this event, and still is.
    pub(in crate::runtime) fn owes(&self, identity: &str, key: &str, since: Position) -> bool {
        let item = self.instances.get(identity).and_then(|instance| instance.owed.get(key));
        item.is_some_and(|item| item.since == since)
    }

    /// The item that has been owed since this event was issued.
    pub(in crate::runtime) fn issued(&mut self, identity: &str, key: &str, since: Position) {
        self.change(identity, key, |item| item.since == since, |_| (true, None));
    }

    /// The item that has been owed since this event has failed, so often; says whether it is still owed.
    pub(in crate::runtime) fn failed(
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
                (false, Some(trouble(before + 1)))
            },
        )
    }

    /// Lets a parked item be tried again at once; says whether there was one.
    pub(in crate::runtime) fn release(&mut self, identity: &str, key: &str) -> bool {
        let parked = |item: &Item| item.trouble.as_ref().is_some_and(|trouble| trouble.again.is_none());
        self.change(identity, key, parked, |_| (false, None))
    }

    /// Changes what became of an item that is owed (whether it was issued, and its trouble), if it is one of those that are
    /// meant; says whether it was.
    fn change(
        &mut self,
        identity: &str,
        key: &str,
        meant: impl FnOnce(&Item) -> bool,
        change: impl FnOnce(&Item) -> (bool, Option<Trouble>),
    ) -> bool {
        let instance = self.instances.get_mut(identity);
        let item = instance.and_then(|instance| instance.owed.get_mut(key)).filter(|item| meant(item));
        let Some(item) = item else { return false };
        let (issued, trouble) = change(item);
        item.trouble.clone_from(&trouble);
        let tried = Tried { since: item.since, issued, trouble };
        self.tried.entry(identity.to_string()).or_default().insert(key.to_string(), tried);
        self.look_at(identity);
        true
    }

    /// Brings the agenda, and what is told of it, to what an instance is now. Runs no code of others.
    fn look_at(&mut self, identity: &str) {
        let Some(instance) = self.instances.get(identity) else { return };
        let (mut next, mut standing) = (None, Vec::new());
        for (key, due) in &instance.list {
            let Some(item) = instance.owed.get(key) else { continue };
            let issued = self.is_issued(identity, key, item.since);
            next = next.into_iter().chain(item.from(*due, issued)).min();
            standing.push(Standing::of(identity, key.clone(), *due, item, issued));
        }
        let Some(instance) = self.instances.get_mut(identity) else { return };
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
    P: ProcessManager<State: Serialize + DeserializeOwned + PartialEq>,
{
    fn load(&mut self, place: &Place) -> Result<Checkpoint, Cause> {
        keeps(&self.process.initial_state())?;
        Ok(self.read(place)?)
    }

    fn unread(&self) -> Option<String> {
        self.kept.unread()
    }

    fn apply(&mut self, envelope: &Envelope, event: &P::Event) -> Result<(), Cause> {
        let Some(identity) = (self.identify)(envelope, event) else { return Ok(()) };
        let initial = || self.process.initial_state();
        let instance = self.instances.entry(identity.clone()).or_insert_with(|| Instance {
            state: initial(),
            owed: Items::default(),
            list: Vec::new(),
            next: None,
        });
        instance.state = self.process.evolve(std::mem::replace(&mut instance.state, initial()), event);
        instance.list = list_of(&self.process.pending(&instance.state));
        let before = std::mem::take(&mut instance.owed);
        let mut tried = self.tried.get_mut(&identity);
        let item = |key: &String| match before.get(key) {
            Some(item) => item.clone(),
            None => {
                let mut item = Item {
                    since: envelope.position,
                    event: envelope.id.clone(),
                    correlation: envelope.metadata.correlation_id.clone(),
                    trouble: None,
                };
                item.remember(tried.as_ref().and_then(|tried| tried.get(key)));
                item
            }
        };
        instance.owed = instance.list.iter().map(|(key, _)| (key.clone(), item(key))).collect();
        // Of what has left the list, nothing needs to be known any more.
        if let Some(tried) = &mut tried {
            tried.retain(|key, _| !before.contains_key(key) || instance.owed.contains_key(key));
        }
        if tried.is_some_and(|tried| tried.is_empty()) {
            self.tried.remove(&identity);
        }
        let ended = instance.owed.is_empty() && instance.state == initial();
        self.look_at(&identity);
        if ended {
            // It is as one that never began, and need not be kept.
            self.instances.remove(&identity);
            self.unproven.remove(&identity);
        } else {
            self.unproven.insert(identity);
        }
        Ok(())
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
        self.prove()?;
        self.kept.commit_parts(checkpoint, &self.instances)
    }

    fn clear(&mut self) -> Result<(), Cause> {
        self.kept.clear()?;
        self.instances.clear();
        self.unproven.clear();
        self.tried.clear();
        self.agenda.clear();
        self.standing = Standings::default();
        Ok(())
    }
}
