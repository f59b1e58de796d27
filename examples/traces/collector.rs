//! A small subscriber: it keeps the spans of the kit in the order in which they began, each with its parent and its fields.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::fmt::Debug;
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

/// Keeps the spans of each thread apart, so that tests run side by side.
struct Collector;

thread_local! {
    static SPANS: RefCell<Vec<Collected>> = const { RefCell::new(Vec::new()) };
    /// The spans that this thread is in, the innermost last.
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// Runs this, and returns the spans that this thread had meanwhile.
///
/// The subscriber is that of the whole program: one for each thread would miss spans, because `tracing` keeps whether somebody
/// wants a span, and asks only the subscriber of the thread that comes to it first.
pub fn collected<R>(run: impl FnOnce() -> R) -> (Vec<Collected>, R) {
    // Fails if it is installed already.
    let _ = tracing::subscriber::set_global_default(Collector);
    SPANS.take();
    let result = run();
    (SPANS.take(), result)
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
        let number = SPANS.with_borrow_mut(|spans| {
            spans.push(Collected { name, parent, fields: fields.0 });
            spans.len()
        });
        Id::from_u64(number as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        SPANS.with_borrow_mut(|spans| spans[index(span.into_u64())].fields.append(&mut fields.0));
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
