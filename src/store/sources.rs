//! Where a store takes the time and the ids of events from, unless told otherwise.

use super::decimal::{ROOM, decimal};
use crate::recorded::{EventId, Timestamp};
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::str::from_utf8;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Tells the time.
pub(super) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Makes ids of events.
pub(super) type Ids = Arc<dyn Fn() -> EventId + Send + Sync>;

pub(super) fn system_clock() -> Clock {
    Arc::new(Timestamp::now)
}

/// Ids that no other handle makes: 48 bits of the system's randomness, drawn once for each handle, and a number. Short
/// enough to stand in an [`EventId`] without an allocation.
pub(super) fn unique_ids() -> Ids {
    let drawn = RandomState::new().hash_one((std::process::id(), Timestamp::now().as_nanosecond())) >> 16;
    let made = AtomicU64::new(0);
    let begins = format!("{drawn:012x}-");
    Arc::new(move || {
        let mut room = ROOM;
        let number = decimal(made.fetch_add(1, Ordering::Relaxed) + 1, &mut room);
        let (mut text, length) = ([0; 33], begins.len() + number.len());
        text[..begins.len()].copy_from_slice(begins.as_bytes());
        text[begins.len()..length].copy_from_slice(number);
        // All of it is ASCII: neither empty nor with control characters.
        EventId::known(from_utf8(&text[..length]).unwrap_or_default())
    })
}
