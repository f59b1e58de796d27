//! A small subscriber: it keeps the spans of the kit in the order in which they began, each with its parent and its fields.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// A span, as a line of JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Collected {
    pub name: String,
    /// The number of the span around it, among the spans of this collector.
    pub parent: Option<usize>,
    pub fields: Map<String, Value>,
}

/// Collects spans; a clone collects into the same list.
#[derive(Clone, Debug, Default)]
pub struct Collector(Arc<Mutex<Vec<Collected>>>);

thread_local! {
    /// The spans that this thread is in, the innermost last.
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

impl Collector {
    pub fn spans(&self) -> Vec<Collected> {
        self.with(|spans| spans.clone())
    }

    fn with<R>(&self, run: impl FnOnce(&mut Vec<Collected>) -> R) -> R {
        run(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Spans are numbered from 0, and the ids of `tracing` from 1.
fn index(id: u64) -> usize {
    usize::try_from(id - 1).unwrap_or(usize::MAX)
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "leftfold"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        span.record(&mut fields);
        let parent = ENTERED.with_borrow(|entered| entered.last().map(|id| index(*id)));
        let name = span.metadata().name().to_string();
        let number = self.with(|spans| {
            spans.push(Collected { name, parent, fields: fields.0 });
            spans.len()
        });
        Id::from_u64(number as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        self.with(|spans| spans[index(span.into_u64())].fields.append(&mut fields.0));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, span: &Id) {
        ENTERED.with_borrow_mut(|entered| entered.push(span.into_u64()));
    }

    fn exit(&self, _: &Id) {
        ENTERED.with_borrow_mut(Vec::pop);
    }
}

/// The fields that have a value.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().into(), format!("{value:?}").into());
    }
}
