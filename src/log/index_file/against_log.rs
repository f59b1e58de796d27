//! The index beside a log, compared with the log when all of it is verified.

use super::{opened, parts, proven};
use crate::log::file_names::INDEX;
use crate::log::header::Mark;
use crate::log::open_log::Opening;
use crate::log::spot::Spot;
use crate::log::storage::{Storage, read_small};
use crate::recorded::{Headers, StreamName, Tag};
use crate::store::index::Loading;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is wrong with the index beside a log that was read as a whole. One of another time is not wrong: nobody believes it.
pub(crate) fn wrong(folder: &dyn Storage, mark: Option<&Mark>, log: &Opening) -> Option<String> {
    let bytes = match read_small(folder, INDEX, u64::MAX) {
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
        let stream = loading.streams.get(spot.numbers.stream as usize).map(|stream| stream.name.clone());
        let event_type = loading.kinds.names.get(spot.numbers.kind as usize).cloned();
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
