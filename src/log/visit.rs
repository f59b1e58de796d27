//! Reading an open log: the lines that a query selects are read and decoded one by one.

use super::blocks::Blocks;
use super::index_claims::IndexClaims;
use super::line::{EventLine, blank};
use super::open_files::OpenFiles;
use super::open_log::OpenLog;
use super::segment::Segment;
use super::spot::Spot;
use crate::codec::{EventCodec, StoredEvent};
use crate::recorded::{Position, Timestamp, Version};
use crate::store::decoding::Decoding;
use crate::store::index::{Hashed, KIND_DELETED, KIND_DESCRIBED, Selection};
use crate::store::{Direction, Entry, Query, Read, ReadError};
use im::Vector;
use std::ops::ControlFlow;
use std::sync::Arc;

/// The state of the log from which a read is answered.
pub(super) struct ReadSnapshot {
    selection: Selection<Spot>,
    segments: Vector<Arc<Segment>>,
    index_claims: Option<Arc<IndexClaims>>,
    pub(super) head: Position,
    /// Whether types were added under which events are stored that are of other types now.
    widened: bool,
}

impl OpenLog {
    /// What a read selects; `stored` is its query as events are stored, where that is another.
    pub(super) fn snapshot(&self, read: &Read, stored: Option<&Query>) -> ReadSnapshot {
        let (from, until) = read.positions();
        let (first, last) = read.versions();
        let selection = self.index.select(
            stored.unwrap_or_else(|| read.query()),
            from.get(),
            until.get().min(self.visible),
            (first.get(), last.get()),
            read.direction() == Direction::Backwards,
        );
        let widened = stored.is_some();
        let (segments, index_claims, head) =
            (self.segments.clone(), self.index_claims.clone(), Position::new(self.visible));
        ReadSnapshot { selection, segments, index_claims, head, widened }
    }
}

/// The names of the types that a read has met, by their numbers: a read of few events keeps few of them.
#[derive(Default)]
struct TypeNames {
    /// The last one: neighbours are often of one type.
    last: Option<(u32, Arc<str>)>,
    all: Hashed<u32, Arc<str>>,
}

impl TypeNames {
    fn of(&mut self, number: u32, line: &EventLine<'_>) -> Result<&Arc<str>, String> {
        if self.last.as_ref().is_none_or(|(last, _)| *last != number) {
            let kind = match self.all.get(&number) {
                Some(kind) => kind.clone(),
                None => {
                    let kind: Arc<str> = line.event_type()?.into();
                    self.all.insert(number, kind.clone());
                    kind
                }
            };
            self.last = Some((number, kind));
        }
        self.last.as_ref().map(|(_, kind)| kind).ok_or_else(|| "its type was not read".to_string())
    }
}

/// The time of the last event: neighbours are often of one batch.
#[derive(Default)]
struct LastTime(Option<(Vec<u8>, Timestamp)>);

impl LastTime {
    fn at(&mut self, line: &EventLine<'_>) -> Result<Timestamp, String> {
        match &mut self.0 {
            Some((text, at)) if text == line.at() => Ok(*at),
            _ => {
                let at = line.recorded_at()?;
                self.0 = Some((line.at().to_vec(), at));
                Ok(at)
            }
        }
    }
}

/// Shows what a snapshot has to a reader.
pub(super) fn visit<E>(
    codec: &dyn EventCodec<E>,
    snapshot: &ReadSnapshot,
    files: &OpenFiles,
    read: &Read,
    each: &mut dyn FnMut(Entry<'_, E>) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    let (first, last) = read.versions();
    let mut decoding = Decoding::of(codec, read, snapshot.widened);
    if decoding.is_done() {
        return Ok(());
    }
    let mut blocks = Blocks::new(snapshot.segments.clone(), files);
    let (mut type_names, mut last_time) = (TypeNames::default(), LastTime::default());
    // Used again for every event.
    let mut envelope = blank();
    let mut failed = None;
    snapshot.selection.each(&mut |spot| {
        let mut show = || -> Result<ControlFlow<()>, ReadError> {
            let line = blocks.line(spot)?;
            if let Some(claims) = &snapshot.index_claims {
                claims.check(spot, &line)?;
            }
            if !(first..=last).contains(&Version::new(line.version)) {
                return Ok(ControlFlow::Continue(()));
            }
            let damaged = |why: String| snapshot.damaged(spot, &why);
            let stored_type = type_names.of(spot.numbers.kind, &line).map_err(damaged)?;
            let recorded_at = last_time.at(&line).map_err(damaged)?;
            line.fill(&mut envelope, stored_type, recorded_at).map_err(damaged)?;
            match spot.numbers.kind {
                KIND_DELETED => decoding.entry(Entry::Deleted(&envelope), each),
                KIND_DESCRIBED if decoding.passes_early(&envelope)? => {
                    decoding.entry(Entry::Described(&envelope, &line.headers().map_err(damaged)?), each)
                }
                KIND_DESCRIBED => Ok(ControlFlow::Continue(())),
                _ => {
                    let stored =
                        StoredEvent { event_type: stored_type, schema: line.schema, data: line.data };
                    decoding.event(&envelope, stored, each)
                }
            }
        };
        show().unwrap_or_else(|error| {
            failed = Some(error);
            ControlFlow::Break(())
        })
    });
    failed.map_or(Ok(()), Err)
}

impl ReadSnapshot {
    fn damaged(&self, spot: &Spot, why: &str) -> ReadError {
        ReadError::Damaged {
            file: self
                .segments
                .get(spot.segment as usize)
                .map_or_else(String::new, |segment| segment.name.clone()),
            offset: spot.offset.into(),
            why: format!("the event at position {}: {why}", spot.position),
        }
    }
}
