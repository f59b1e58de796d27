//! Functions of a user that panic when it was planned, and a store that runs them.
#![allow(dead_code)]

use leftfold::recorded::{EventId, Position, StreamName};
use leftfold::store::{
    AppendError, Appended, Batch, Entry, EventReader, EventStore, Listing, Read, ReadError, StreamInfo,
};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;

/// Counts the calls of each function, and panics at those that were planned.
#[derive(Clone, Default)]
pub struct Plan(Arc<Mutex<Planned>>);

#[derive(Default)]
struct Planned {
    panics: BTreeSet<(&'static str, usize)>,
    calls: BTreeMap<&'static str, usize>,
}

impl Plan {
    pub fn of(panics: impl IntoIterator<Item = (&'static str, usize)>) -> Plan {
        quiet();
        let planned = Planned { panics: panics.into_iter().collect(), calls: BTreeMap::new() };
        Plan(Arc::new(Mutex::new(planned)))
    }

    /// Whether this call of the function is planned to panic.
    pub fn strikes(&self, function: &'static str) -> bool {
        let Planned { panics, calls } = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let call = calls.entry(function).or_default();
        *call += 1;
        panics.contains(&(function, *call))
    }

    /// One call of the function.
    pub fn call(&self, function: &'static str) {
        assert!(!self.strikes(function), "planned in {function}");
    }

    pub fn calls(&self, function: &'static str) -> usize {
        self.0.lock().unwrap().calls.get(function).copied().unwrap_or_default()
    }
}

/// Panics that were planned are not printed.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let text = info.payload().downcast_ref::<String>().map(String::as_str);
            if !text.is_some_and(|text| text.starts_with("planned in ")) {
                print(info);
            }
        }));
    });
}

/// A store whose functions panic when it was planned; and which cannot be read then, if `unreadable` was.
#[derive(Clone)]
pub struct Faulty<S> {
    pub store: S,
    pub plan: Plan,
}

impl<E, S: EventReader<E>> EventReader<E> for Faulty<S> {
    fn head(&self) -> Result<Position, ReadError> {
        self.plan.call("head");
        self.store.head()
    }

    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, E>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        self.plan.call("visit");
        if self.plan.strikes("unreadable") {
            let source = std::io::Error::other("planned: the store is away");
            return Err(ReadError::Storage { doing: "reading".to_string(), source });
        }
        self.store.visit(read, each)
    }

    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
        self.store.stream(stream)
    }

    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
        self.store.streams(listing)
    }

    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
        self.store.categories(listing)
    }

    fn position_of(&self, id: &EventId) -> Result<Option<Position>, ReadError> {
        self.store.position_of(id)
    }

    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
        self.plan.call("wait");
        self.store.wait(after, at_most)
    }
}

impl<E, S: EventStore<E>> EventStore<E> for Faulty<S> {
    fn append(&self, batch: Batch<E>) -> Result<Appended, AppendError> {
        self.plan.call("append");
        self.store.append(batch)
    }
}
