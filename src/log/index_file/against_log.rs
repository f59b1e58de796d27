//! What the index says, held against the log itself: of each line that is read by it, and of all when a log is verified.

use super::{SIDECAR, opened, parts, proven};
use crate::log::header::Mark;
use crate::log::line::Line;
use crate::log::open_log::{Opening, Spot};
use crate::log::storage::{Storage, read_small};
use crate::recorded::{Headers, StreamName, Tag};
use crate::store::ReadError;
use crate::store::index::Loading;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an index said when a log was opened by it.
pub(crate) struct Told {
    streams: Vec<StreamName>,
    types: Vec<Arc<str>>,
    /// The last position that it knows.
    until: u64,
}

impl Told {
    pub(super) fn of(loading: &Loading<Spot>) -> Told {
        let streams = loading.streams.iter().map(|stream| stream.name.clone()).collect();
        Told { streams, types: loading.kinds.names.clone(), until: loading.rows.len() as u64 }
    }

    /// Whether it was the index that said where this position is.
    pub(crate) fn knows(&self, position: u64) -> bool {
        position <= self.until
    }

    /// Sees that a line which the index led to is what the index says it is: an index that is wrong shows nobody the events of
    /// another stream.
    pub(crate) fn hold(&self, spot: &Spot, line: &Line<'_>) -> Result<(), ReadError> {
        if !self.knows(spot.position) {
            return Ok(());
        }
        let (stream, event_type) = (line.stream().unwrap_or("?"), line.event_type().unwrap_or("?"));
        let said = self.streams.get(spot.place.stream as usize).map_or("no stream", StreamName::as_str);
        let said_type = self.types.get(spot.place.kind as usize).map_or("no type", |name| name);
        if stream == said && event_type == said_type {
            return Ok(());
        }
        Err(wrong_index(format!(
            "it says that position {} holds {said_type} of stream {said}, and the log has {event_type} of {stream} there",
            spot.position
        )))
    }

    /// Sees that the last line that the index has of a stream is of the version that the index counts.
    pub(crate) fn hold_version(&self, spot: &Spot, line: &Line<'_>, counted: u64) -> Result<(), ReadError> {
        self.hold(spot, line)?;
        if line.version == counted {
            return Ok(());
        }
        Err(wrong_index(format!(
            "it counts {counted} entries of stream {} up to position {}, and the log has version {} there",
            line.stream().unwrap_or("?"),
            spot.position,
            line.version
        )))
    }
}

fn wrong_index(why: String) -> ReadError {
    let why =
        format!("{why}; close the log and remove the file `{SIDECAR}`: the log is read without it then");
    ReadError::Damaged { file: SIDECAR.to_string(), offset: 0, why }
}

/// What is wrong with the index beside a log that was read as a whole. One of another time is not wrong: nobody believes it.
pub(crate) fn wrong(folder: &dyn Storage, mark: Option<&Mark>, log: &Opening) -> Option<String> {
    let bytes = match read_small(folder, SIDECAR, u64::MAX) {
        Ok(bytes) => bytes?,
        Err(error) => return Some(format!("it cannot be read: {error}")),
    };
    let Some((small, arrays)) = parts(&bytes) else {
        return Some("it is not as it was written, and not used".to_string());
    };
    let mark = mark.filter(|mark| mark.closed && small.fits(mark))?;
    let Some(index) = opened(&small, arrays) else {
        return Some("it contradicts itself, and is not used".to_string());
    };
    difference(&index, log).or_else(|| {
        let unlike = || "it does not fit the segments, and is not used".to_string();
        proven(folder, &small, &index, mark).is_none().then(unlike)
    })
}

/// The first thing in which two indexes are not the same, whatever numbers their names have.
fn difference(index: &Opening, log: &Opening) -> Option<String> {
    let (said, found) = (&index.loading, &log.loading);
    let row = |loading: &Loading<Spot>, spot: &Spot| {
        let stream = loading.streams.get(spot.place.stream as usize).map(|stream| stream.name.clone());
        let event_type = loading.kinds.names.get(spot.place.kind as usize).cloned();
        (stream, event_type, spot.segment, spot.offset, spot.length)
    };
    let rows = said.rows.iter().zip(&found.rows);
    if let Some((one, _)) = rows.into_iter().find(|(one, other)| row(said, one) != row(found, other)) {
        return Some(format!("it says something else of position {} than the log", one.position));
    }
    if said.rows.len() != found.rows.len() || said.batches != found.batches {
        return Some("it has other batches than the log".to_string());
    }
    let tags = |loading: &'_ Loading<Spot>| -> BTreeMap<Tag, Vec<u32>> {
        loading.tags.iter().filter(|(_, at)| !at.is_empty()).cloned().collect()
    };
    if tags(said) != tags(found) {
        return Some("it has other tags than the log".to_string());
    }
    let described = |loading: &Loading<Spot>| -> Vec<(Option<StreamName>, u64, Arc<Headers>)> {
        let named = |(stream, position, headers): &(u32, u64, Arc<Headers>)| {
            let name = loading.streams.get(*stream as usize).map(|stream| stream.name.clone());
            (name, *position, headers.clone())
        };
        let mut all: Vec<_> = loading.described.iter().map(named).collect();
        all.sort_by_key(|(_, position, _)| *position);
        all
    };
    if described(said) != described(found) {
        return Some("it has other metadata of streams than the log".to_string());
    }
    let ids = |opening: &Opening| {
        let mut ids = opening.ids.clone();
        ids.sort_unstable();
        ids
    };
    (ids(index) != ids(log)).then(|| "it has other ids than the log".to_string())
}
