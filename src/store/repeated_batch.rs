//! Recognising a batch that was recorded before, by the ids of its events.

use super::batch::{NewEvent, Write};
use super::clock_and_ids::IdSource;
use super::error::AppendError;
use super::index::Hashed;
use crate::recorded::{Envelope, EventId, Tag};

/// Why nobody may give an id that begins as those of the store do.
pub(crate) const STORE_MAKES: &str = "ids that begin so are made by the store, for events to come";

/// The ids that the caller gave, with their places in the batch.
pub(crate) fn given_ids<E>(writes: &[Write<E>]) -> impl Iterator<Item = (usize, &EventId)> {
    writes.iter().enumerate().filter_map(|(place, write)| match write {
        Write::Event(_, NewEvent { id: Some(id), .. }) => Some((place, id)),
        _ => None,
    })
}

/// The position of the first entry of this batch, if it was recorded before.
///
/// `find` returns the position of an id; `differs` says how a recorded entry differs from what the batch would write;
/// `is_batch` says whether a number of entries from a position on are one batch. Without the last, an event without an id
/// could be mistaken for one that somebody else has recorded.
pub(crate) fn find_repeated<E>(
    writes: &[Write<E>],
    find: impl Fn(&EventId) -> Result<Option<u64>, AppendError>,
    differs: impl Fn(&Write<E>, usize, u64) -> Result<Option<String>, AppendError>,
    is_batch: impl Fn(u64, usize) -> Result<bool, AppendError>,
) -> Result<Option<u64>, AppendError> {
    let taken = |id: &EventId, why: String| AppendError::IdTaken { id: id.clone(), why };
    // An id that the batch has twice is in two places, of which only one can be its own.
    let mut first: Option<(u64, usize, &EventId)> = None;
    for (place, id) in given_ids(writes) {
        match (find(id)?, first) {
            (Some(found), None) if is_first(writes, place) => first = Some((found, place, id)),
            (Some(found), None) => {
                let why =
                    format!("it is at position {found}, but an earlier event of the batch is not recorded");
                return Err(taken(id, why));
            }
            (Some(found), Some((begins, at, _))) if found == begins + (place - at) as u64 => {}
            (Some(found), Some(_)) => {
                return Err(taken(
                    id,
                    format!("it is at position {found}, and not in the place it has in the batch"),
                ));
            }
            (None, Some((_, _, known))) => {
                return Err(taken(
                    known,
                    format!("it is recorded already, but {id} of the same batch is not"),
                ));
            }
            (None, None) => {}
        }
    }
    let Some((found, place, known)) = first else { return Ok(None) };
    let Some(begins) = found.checked_sub(place as u64).filter(|begins| *begins > 0) else {
        return Err(taken(
            known,
            format!("it is at position {found}, before which there is no room for the batch"),
        ));
    };
    for (place, write) in writes.iter().enumerate() {
        if let Some(why) = differs(write, place, begins + place as u64)? {
            let id = match write {
                Write::Event(_, NewEvent { id: Some(id), .. }) => id,
                _ => known,
            };
            return Err(taken(id, why));
        }
    }
    if !is_batch(begins, writes.len())? {
        return Err(taken(known, format!("position {found} was recorded in a batch of other extent")));
    }
    Ok(Some(begins))
}

/// Whether nothing before this place has an id of its own.
fn is_first<E>(writes: &[Write<E>], place: usize) -> bool {
    given_ids(writes).all(|(at, _)| at >= place)
}

/// In what a recorded entry differs from what a batch would write; `same` says whether their contents are equal.
pub(crate) fn difference_from<E>(
    envelope: &Envelope,
    write: &Write<E>,
    event_type: &str,
    same: bool,
) -> Option<String> {
    let position = envelope.position;
    if envelope.stream != *write.stream() {
        return Some(format!(
            "position {position} is in stream {}, and not in {}",
            envelope.stream,
            write.stream()
        ));
    }
    if *envelope.event_type != *event_type {
        return Some(format!("position {position} holds {}, and not {event_type}", envelope.event_type));
    }
    let tags: &[Tag] = match write {
        Write::Event(_, new) => &new.tags,
        Write::Delete(_) | Write::Describe(..) => &[],
    };
    if envelope.tags != tags {
        return Some(format!("position {position} holds {event_type} with other tags"));
    }
    (!same).then(|| format!("position {position} holds {event_type} with another content"))
}

/// Whether two contents are the same JSON, even if an earlier version wrote it in another way.
pub(crate) fn same_json(one: &[u8], other: &[u8]) -> bool {
    let value = |bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    one == other || value(one).is_some_and(|one| Some(one) == value(other))
}

/// An id for every entry of a batch, the one it has or one that the user makes; none where the store makes them. The user
/// is asked here, so no lock may be held.
pub(crate) fn made_ids<E>(writes: &[Write<E>], make: Option<&IdSource>) -> Vec<EventId> {
    let Some(make) = make else { return Vec::new() };
    let of = |write: &Write<E>| match write {
        Write::Event(_, NewEvent { id: Some(id), .. }) => id.clone(),
        _ => make(),
    };
    writes.iter().map(of).collect()
}

/// Checks that none of the ids that were made for a batch is taken, and that none is in it twice.
pub(crate) fn check_made_ids<E>(
    writes: &[Write<E>],
    ids: &[EventId],
    find: impl Fn(&EventId) -> Option<u64>,
) -> Result<(), AppendError> {
    for (write, id) in writes.iter().zip(ids) {
        let given = matches!(write, Write::Event(_, NewEvent { id: Some(_), .. }));
        if let Some(position) = find(id).filter(|_| !given) {
            let why = format!("the store's source of ids made it again; it is at position {position}");
            return Err(AppendError::IdTaken { id: id.clone(), why });
        }
    }
    check_no_id_twice(ids.iter())
}

/// Checks that no id is there twice.
pub(crate) fn check_no_id_twice<'i>(ids: impl Iterator<Item = &'i EventId>) -> Result<(), AppendError> {
    let mut ids = ids.peekable();
    let mut seen: Hashed<&EventId, ()> = Hashed::default();
    while let Some(id) = ids.next() {
        // The last one is only looked for.
        let twice = if ids.peek().is_some() { seen.insert(id, ()).is_some() } else { seen.contains_key(id) };
        if twice {
            return Err(AppendError::IdTaken { id: id.clone(), why: "the batch has it twice".to_string() });
        }
    }
    Ok(())
}
