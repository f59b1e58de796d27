//! The to-do list of a process manager as a read model: a state for each identity, and since when each item is owed.

mod items;
#[cfg(test)]
mod tests;

use crate::page::with_sources;
use crate::process::{Due, Owed, ProcessManager, owed_twice};
use crate::recorded::{CorrelationId, Envelope, EventId, Headers, Position, Timestamp};
use crate::runtime::checkpoint_file::CheckpointFile;
use crate::runtime::panics::catching_panics;
use crate::runtime::state_file::check_round_trip;
use crate::runtime::trace_context::trace_headers;
use crate::runtime::{Cause, Checkpoint, CheckpointPlace, OwedCounts, ReadModel};
use im::OrdMap;
use items::Items;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

pub(in crate::runtime) type Identify<E> = Box<dyn Fn(&Envelope, &E) -> Option<String> + Send + Sync>;

/// The read model of a process manager; see the [module](self).
pub(in crate::runtime) struct ToDoList<P: ProcessManager> {
    pub(in crate::runtime) process: P,
    pub(in crate::runtime) identify: Identify<P::Event>,
    instances: BTreeMap<String, Instance<P::State>>,
    /// When each identity next has something to do. Identities that only wait for an event are not in it.
    agenda: BTreeSet<(Timestamp, String)>,
    /// The time at which it was last asked what is due. An item that has ended by then is not in the agenda.
    now: Timestamp,
    owed_items: OwedItems,
    /// The last attempt at each item, by identity and key. Loading does not change it: what was attempted since the
    /// runner was opened stays attempted.
    attempted: BTreeMap<String, BTreeMap<String, LastAttempt>>,
    /// The identities whose state has changed since it was checked.
    unchecked: BTreeSet<String>,
    file: CheckpointFile<BTreeMap<String, Instance<P::State>>>,
}

#[derive(Serialize, Deserialize)]
struct Instance<S> {
    state: S,
    #[serde(default, skip_serializing_if = "Items::is_empty")]
    owed: Items,
    /// What the process manager owes, in its order: keys, and when each is due.
    #[serde(skip)]
    list: Vec<(String, Due)>,
    /// Its time in the agenda.
    #[serde(skip)]
    next: Option<Timestamp>,
}

/// The last attempt at the item that has been owed since a position.
struct LastAttempt {
    since: Position,
    /// Whether its command was accepted.
    issued: bool,
    trouble: Option<Trouble>,
}

/// An item whose command can be issued now.
pub(in crate::runtime) struct DueItem<C> {
    pub(in crate::runtime) identity: String,
    pub(in crate::runtime) key: String,
    pub(in crate::runtime) since: Position,
    pub(in crate::runtime) event: EventId,
    pub(in crate::runtime) correlation: Option<CorrelationId>,
    pub(in crate::runtime) trace: Option<Headers>,
    /// Its command, or the panic of the process manager when it was asked for the command.
    pub(in crate::runtime) command: Result<C, String>,
}

/// What the list stores of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::runtime) struct Item {
    /// The position of the event that put it on the list. An item that is owed again later has another position, and is
    /// another item.
    pub(in crate::runtime) since: Position,
    pub(in crate::runtime) event: EventId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::runtime) correlation: Option<CorrelationId>,
    /// The trace headers of the event; `None` when the list was loaded, because its form has no room for them.
    #[serde(skip)]
    pub(in crate::runtime) trace: Option<Headers>,
    /// How often it has failed, why the last time, and when it is tried again; never, if it is parked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::runtime) trouble: Option<Trouble>,
}

impl Item {
    /// Restores the trouble of the last attempt since the runner was opened, if it was at this very item.
    fn restore_trouble(&mut self, tried: Option<&LastAttempt>) {
        if let Some(tried) = tried.filter(|tried| tried.since == self.since) {
            self.trouble.clone_from(&tried.trouble);
        }
    }

    /// From when on it can be issued; never, while it waits for the event that settles it, or is parked.
    fn ready_from(&self, due: Due, issued: bool) -> Option<Timestamp> {
        let from = due.from().unwrap_or(Timestamp::MIN);
        let ready = match &self.trouble {
            _ if issued => return None,
            None => from,
            Some(trouble) => trouble.again?.max(from),
        };
        (!due.has_ended(ready)).then_some(ready)
    }
}

/// The keys of a list, and when each is due.
fn list_of<C>(owed: &[Owed<C>]) -> Vec<(String, Due)> {
    owed.iter().map(|Owed { key, due, .. }| (key.clone(), *due)).collect()
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::runtime) struct Trouble {
    pub(in crate::runtime) attempts: u32,
    pub(in crate::runtime) cause: String,
    pub(in crate::runtime) again: Option<Timestamp>,
}

/// An item of a process manager's to-do list, and its attempts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OwedItem {
    /// The identity whose process manager owes it; empty where there is one for all.
    pub identity: String,
    /// Its key.
    pub key: String,
    /// When it is due. An item that has ended stays owed until an event settles it, and is not issued.
    pub due: Due,
    /// The position of the event that put it on the list.
    pub since: Position,
    /// Whether its command was accepted since the runner was opened. The event that settles it has not been read yet.
    pub issued: bool,
    /// How often it has failed.
    pub failed: u32,
    /// Why it failed the last time.
    pub cause: Option<String>,
    /// When it is tried again, if it has failed and is not parked.
    pub again: Option<Timestamp>,
    /// Whether it is parked: not tried again until it is released.
    pub parked: bool,
}

impl OwedItem {
    fn of(identity: &str, key: String, due: Due, item: &Item, issued: bool) -> OwedItem {
        let trouble = item.trouble.as_ref();
        OwedItem {
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

/// The items that are owed, by identity. Copied in O(1), so that other threads can look at it while it changes.
#[derive(Clone, Default)]
pub(in crate::runtime) struct OwedItems(OrdMap<String, Arc<[OwedItem]>>);

impl OwedItems {
    /// All items, by identity and in the order of each list.
    pub(in crate::runtime) fn all(&self) -> Vec<OwedItem> {
        self.0.values().flat_map(|list| list.iter().cloned()).collect()
    }

    /// How many there are, by what has become of them.
    pub(in crate::runtime) fn counts(&self) -> OwedCounts {
        let mut counts = OwedCounts::default();
        for item in self.0.values().flat_map(|list| list.iter()) {
            counts.owed += 1;
            counts.parked += usize::from(item.parked);
            counts.failing += usize::from(item.failed > 0 && !item.parked);
            counts.unsettled += usize::from(item.issued);
        }
        counts
    }

    fn put(&mut self, identity: &str, list: Vec<OwedItem>) {
        if !list.is_empty() {
            self.0.insert(identity.to_string(), list.into());
        } else if self.0.contains_key(identity) {
            self.0.remove(identity);
        }
    }
}

impl<P> ToDoList<P>
where
    P: ProcessManager<State: Serialize + DeserializeOwned>,
{
    pub(in crate::runtime) fn of(process: P, identify: Identify<P::Event>, revision: u32) -> Self {
        ToDoList {
            process,
            identify,
            instances: BTreeMap::new(),
            agenda: BTreeSet::new(),
            now: Timestamp::MIN,
            owed_items: OwedItems::default(),
            attempted: BTreeMap::new(),
            unchecked: BTreeSet::new(),
            file: CheckpointFile::of_revision(revision),
        }
    }

    /// Loads the list that was committed last.
    pub(in crate::runtime) fn read(&mut self, place: &CheckpointPlace) -> io::Result<Checkpoint> {
        let (instances, checkpoint) = self.file.load(place)?;
        self.instances = instances.unwrap_or_default();
        self.agenda.clear();
        self.unchecked.clear();
        self.owed_items = OwedItems::default();
        let owing = self.instances.iter_mut().filter(|(_, instance)| !instance.owed.is_empty());
        let identities: Vec<String> = owing
            .map(|(identity, instance)| {
                for (key, item) in instance.owed.iter_mut() {
                    item.restore_trouble(self.attempted.get(identity).and_then(|tried| tried.get(key)));
                }
                // If the process manager panics over the state, every item is attempted, and the attempt fails.
                let owed_now = || instance.owed.keys().map(|key| (key.clone(), Due::Now)).collect();
                let asked = catching_panics(|| Ok(list_of(&self.process.pending(&instance.state))));
                instance.list = asked.unwrap_or_else(|_| owed_now());
                identity.clone()
            })
            .collect();
        for identity in identities {
            self.refresh(&identity);
        }
        Ok(checkpoint)
    }

    /// The items that can be issued at this time, in the order of their times.
    ///
    /// # Errors
    /// A list that holds a key twice. Events that make such a list are not applied, but a list that was stored by another
    /// version of the process manager may have become one.
    pub(in crate::runtime) fn due(&mut self, now: Timestamp) -> Result<Vec<DueItem<P::Command>>, Cause> {
        if now < std::mem::replace(&mut self.now, now) {
            // The clock was set back: what had ended may be due again.
            let all: Vec<String> = self.instances.keys().cloned().collect();
            all.iter().for_each(|identity| self.refresh(identity));
        }
        let ready = self.agenda.iter().take_while(|(next, _)| *next <= now);
        let identities: Vec<String> = ready.map(|(_, identity)| identity.clone()).collect();
        let mut due = Vec::new();
        for identity in identities {
            due.append(&mut self.due_of(&identity, now)?);
        }
        Ok(due)
    }

    fn due_of(&mut self, identity: &str, now: Timestamp) -> Result<Vec<DueItem<P::Command>>, Cause> {
        let Some(instance) = self.instances.get_mut(identity) else { return Ok(Vec::new()) };
        let list: Vec<(String, Due, Result<P::Command, String>)> =
            match catching_panics(|| Ok(self.process.pending(&instance.state))) {
                Ok(owed) => {
                    if let Some(twice) = owed_twice(&owed) {
                        return Err(match identity {
                            "" => twice.into(),
                            identity => format!("in the to-do list of {identity}, {twice}").into(),
                        });
                    }
                    if !owed
                        .iter()
                        .map(|owed| (&owed.key, &owed.due))
                        .eq(instance.list.iter().map(|(key, due)| (key, due)))
                    {
                        instance.list = list_of(&owed);
                        self.refresh(identity);
                    }
                    owed.into_iter().map(|Owed { key, due, command }| (key, due, Ok(command))).collect()
                }
                Err(cause) => {
                    let failed = |(key, due): &(String, Due)| (key.clone(), *due, Err(with_sources(&*cause)));
                    instance.list.iter().map(failed).collect()
                }
            };
        if list.iter().any(|(_, due, _)| due.has_ended(now)) {
            self.refresh(identity);
        }
        let Some(instance) = self.instances.get(identity) else { return Ok(Vec::new()) };
        let due = list.into_iter().filter_map(|(key, due, command)| {
            let Item { since, event, correlation, trace, .. } = instance.owed.get(&key)?;
            let from = instance.owed.get(&key)?.ready_from(due, self.is_issued(identity, &key, *since))?;
            (from <= now && !due.has_ended(now)).then(|| DueItem {
                identity: identity.to_string(),
                key,
                since: *since,
                event: event.clone(),
                correlation: correlation.clone(),
                trace: trace.clone(),
                command,
            })
        });
        Ok(due.collect())
    }

    /// Checks that all states read back from the file as they are. Each is checked once after it has changed.
    ///
    /// # Errors
    /// The identity whose state does not, and the part.
    pub(in crate::runtime) fn check_states(&mut self) -> Result<(), Cause>
    where
        P::State: PartialEq,
    {
        while let Some(identity) = self.unchecked.first() {
            if let Some(instance) = self.instances.get(identity) {
                check_round_trip(&instance.state).map_err(|unfit| match &**identity {
                    "" => unfit,
                    identity => format!("the state of {identity} cannot be kept: {unfit}").into(),
                })?;
            }
            self.unchecked.pop_first();
        }
        Ok(())
    }

    /// Whether the item that has been owed since this position was issued since the runner was opened.
    fn is_issued(&self, identity: &str, key: &str, since: Position) -> bool {
        let tried = self.attempted.get(identity).and_then(|tried| tried.get(key));
        tried.is_some_and(|tried| tried.since == since && tried.issued)
    }

    pub(in crate::runtime) fn owed_items(&self) -> &OwedItems {
        &self.owed_items
    }

    /// Whether the item that has been owed since this position is still owed.
    pub(in crate::runtime) fn owes(&self, identity: &str, key: &str, since: Position) -> bool {
        let item = self.instances.get(identity).and_then(|instance| instance.owed.get(key));
        item.is_some_and(|item| item.since == since)
    }

    /// Marks the item that has been owed since this position as issued.
    pub(in crate::runtime) fn mark_issued(&mut self, identity: &str, key: &str, since: Position) {
        self.change(identity, key, |item| item.since == since, |_| (true, None));
    }

    /// Marks the item that has been owed since this position as failed; `trouble` gets the number of failures. Returns
    /// whether the item is still owed.
    pub(in crate::runtime) fn mark_failed(
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

    /// Releases a parked item, so that it is tried again at once. Returns whether there was one.
    pub(in crate::runtime) fn release(&mut self, identity: &str, key: &str) -> bool {
        let parked = |item: &Item| item.trouble.as_ref().is_some_and(|trouble| trouble.again.is_none());
        self.change(identity, key, parked, |_| (false, None))
    }

    /// Changes whether an item was issued, and its trouble, if it is owed and `applies` accepts it. Returns whether it
    /// was changed.
    fn change(
        &mut self,
        identity: &str,
        key: &str,
        applies: impl FnOnce(&Item) -> bool,
        change: impl FnOnce(&Item) -> (bool, Option<Trouble>),
    ) -> bool {
        let instance = self.instances.get_mut(identity);
        let item = instance.and_then(|instance| instance.owed.get_mut(key)).filter(|item| applies(item));
        let Some(item) = item else { return false };
        let (issued, trouble) = change(item);
        item.trouble.clone_from(&trouble);
        let tried = LastAttempt { since: item.since, issued, trouble };
        self.attempted.entry(identity.to_string()).or_default().insert(key.to_string(), tried);
        self.refresh(identity);
        true
    }

    /// Updates the agenda and the visible items after a change of an instance. Runs no code of the user.
    fn refresh(&mut self, identity: &str) {
        let Some(instance) = self.instances.get(identity) else { return };
        let (mut next, mut owed_items) = (None, Vec::new());
        for (key, due) in &instance.list {
            let Some(item) = instance.owed.get(key) else { continue };
            let issued = self.is_issued(identity, key, item.since);
            let ready = item.ready_from(*due, issued).filter(|_| !due.has_ended(self.now));
            next = next.into_iter().chain(ready).min();
            owed_items.push(OwedItem::of(identity, key.clone(), *due, item, issued));
        }
        let Some(instance) = self.instances.get_mut(identity) else { return };
        if next != instance.next {
            if let Some(before) = std::mem::replace(&mut instance.next, next) {
                self.agenda.remove(&(before, identity.to_string()));
            }
            self.agenda.extend(next.map(|next| (next, identity.to_string())));
        }
        self.owed_items.put(identity, owed_items);
    }
}

impl<P> ReadModel<P::Event> for ToDoList<P>
where
    P: ProcessManager<State: Serialize + DeserializeOwned + PartialEq>,
{
    fn load(&mut self, place: &CheckpointPlace) -> Result<Checkpoint, Cause> {
        check_round_trip(&self.process.initial_state())?;
        Ok(self.read(place)?)
    }

    fn unusable_state(&self) -> Option<String> {
        self.file.unusable_state()
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
        let owed = self.process.pending(&instance.state);
        if let Some(twice) = owed_twice(&owed) {
            return Err(twice.into());
        }
        instance.list = list_of(&owed);
        let before = std::mem::take(&mut instance.owed);
        let mut tried = self.attempted.get_mut(&identity);
        let item = |key: &String| match before.get(key) {
            Some(item) => item.clone(),
            None => {
                let mut item = Item {
                    since: envelope.position,
                    event: envelope.id.clone(),
                    correlation: envelope.metadata.correlation_id.clone(),
                    trace: Some(trace_headers(&envelope.metadata)),
                    trouble: None,
                };
                item.restore_trouble(tried.as_ref().and_then(|tried| tried.get(key)));
                item
            }
        };
        instance.owed = instance.list.iter().map(|(key, _)| (key.clone(), item(key))).collect();
        // Forget the attempts at items that have left the list.
        if let Some(tried) = &mut tried {
            tried.retain(|key, _| !before.contains_key(key) || instance.owed.contains_key(key));
        }
        if tried.is_some_and(|tried| tried.is_empty()) {
            self.attempted.remove(&identity);
        }
        let as_it_began = instance.owed.is_empty() && instance.state == initial();
        self.refresh(&identity);
        if as_it_began {
            // It equals an instance that never began, and need not be stored.
            self.instances.remove(&identity);
            self.unchecked.remove(&identity);
        } else {
            self.unchecked.insert(identity);
        }
        Ok(())
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
        self.check_states()?;
        self.file.commit_parts(checkpoint, &self.instances)
    }

    fn clear(&mut self) -> Result<(), Cause> {
        self.file.clear()?;
        self.instances.clear();
        self.unchecked.clear();
        self.attempted.clear();
        self.agenda.clear();
        self.owed_items = OwedItems::default();
        Ok(())
    }
}
