//! The histories of a log of the kit: one for each stream, read one at a time.

use crate::page::with_sources;
use crate::recorded::{StreamName, Timestamp};
use crate::store::{Entry, EventReader, Listing, Query, ReadError};
use std::ops::ControlFlow;

/// The events of one stream, or of one life of it: a stream that was deleted begins again.
pub(crate) struct RecordedHistory<E> {
    id: String,
    events: Vec<E>,
    /// When each event was recorded.
    times: Vec<Option<Timestamp>>,
    /// Why the next event cannot be read, if there is one that cannot.
    unreadable: Option<String>,
}

/// A history as it is replayed; its fields are those of a [`RecordedHistory`].
#[derive(Clone, Copy)]
pub(crate) struct LivedHistory<'h, E> {
    pub(crate) id: &'h str,
    pub(crate) events: &'h [E],
    pub(crate) times: &'h [Option<Timestamp>],
    pub(crate) unreadable: Option<&'h str>,
}

impl<E> RecordedHistory<E> {
    fn new(id: String) -> Self {
        RecordedHistory { id, events: Vec::new(), times: Vec::new(), unreadable: None }
    }

    pub(crate) fn as_lived(&self) -> LivedHistory<'_, E> {
        let RecordedHistory { id, events, times, unreadable } = self;
        LivedHistory { id, events, times, unreadable: unreadable.as_deref() }
    }
}

/// How many names are listed at a time.
const PART: usize = 1_000;

/// Shows the histories of the listed streams to `each`, in the order of their names, until it breaks off. Events that are
/// appended meanwhile are not read.
pub(crate) fn each_history<E: Clone>(
    reader: &(impl EventReader<E> + ?Sized),
    listing: &Listing,
    each: &mut dyn FnMut(RecordedHistory<E>) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    let head = reader.head()?;
    let (mut part, mut left) = (listing.clone(), listing.most());
    while left > 0 {
        let streams = reader.streams(&part.limit(left.min(PART)))?;
        let Some(last) = streams.last() else { break };
        part = listing.clone().skip(0).after(last.name.as_str());
        left -= streams.len().min(left);
        for stream in streams {
            let read = Query::stream(&stream.name).until(head);
            let mut reading = StreamReading::new(stream.name.as_str(), each);
            let read = reader.visit(&read, &mut |entry| reading.entry(entry));
            match read {
                Ok(_) => {}
                Err(error) => reading.history.unreadable = Some(sentence(error, &stream.name)?),
            }
            if reading.end().is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// What is wrong with an event. An error of the storage is none of an event, and ends the reading.
fn sentence(error: ReadError, stream: &StreamName) -> Result<String, ReadError> {
    match &error {
        // The id of the history names the stream.
        ReadError::Unreadable { position, source, stream: of } if of == stream => {
            Ok(format!("the event at position {position} cannot be read: {}", with_sources(source)))
        }
        ReadError::Unreadable { .. } | ReadError::Foreign { .. } | ReadError::Unmapped { .. } => {
            Ok(with_sources(&error))
        }
        _ => Err(error),
    }
}

struct StreamReading<'s, E> {
    name: &'s str,
    history: RecordedHistory<E>,
    each: &'s mut dyn FnMut(RecordedHistory<E>) -> ControlFlow<()>,
    broken_off: bool,
}

impl<'s, E: Clone> StreamReading<'s, E> {
    fn new(name: &'s str, each: &'s mut dyn FnMut(RecordedHistory<E>) -> ControlFlow<()>) -> Self {
        StreamReading { name, history: RecordedHistory::new(name.to_string()), each, broken_off: false }
    }

    fn entry(&mut self, entry: Entry<'_, E>) -> ControlFlow<()> {
        match entry {
            Entry::Event(envelope, event) => {
                self.history.events.push(event.clone());
                self.history.times.push(Some(envelope.recorded_at));
                ControlFlow::Continue(())
            }
            Entry::Deleted(envelope) => {
                let id = format!("{}, from version {}", self.name, envelope.version.next());
                self.hand_over(RecordedHistory::new(id))
            }
            Entry::Described(..) => ControlFlow::Continue(()),
        }
    }

    /// Hands over the history that was read; the next one is `again`.
    fn hand_over(&mut self, again: RecordedHistory<E>) -> ControlFlow<()> {
        let whole = std::mem::replace(&mut self.history, again);
        // A stream that was only described has no history.
        if whole.events.is_empty() && whole.unreadable.is_none() {
            return ControlFlow::Continue(());
        }
        let flow = (self.each)(whole);
        self.broken_off = flow.is_break();
        flow
    }

    fn end(mut self) -> ControlFlow<()> {
        if self.broken_off {
            return ControlFlow::Break(());
        }
        self.hand_over(RecordedHistory::new(String::new()))
    }
}
