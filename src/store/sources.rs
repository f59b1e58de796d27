//! Where a store takes the time and the ids of events from, unless told otherwise.

use crate::recorded::{EventId, Timestamp};
use std::collections::hash_map::RandomState;
use std::fmt::Write;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Tells the time.
pub(super) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Makes ids of events.
pub(crate) type Ids = Arc<dyn Fn() -> EventId + Send + Sync>;

pub(super) fn system_clock() -> Clock {
    Arc::new(Timestamp::now)
}

/// Ids that no other handle makes: 48 bits of the system's randomness, drawn once for each handle, and a number. Short
/// enough to stand in an [`EventId`] without an allocation.
pub(crate) fn unique_ids() -> Ids {
    let drawn = RandomState::new().hash_one((std::process::id(), Timestamp::now().as_nanosecond())) >> 16;
    let made = AtomicU64::new(0);
    Arc::new(move || {
        let mut text = String::with_capacity(24);
        let number = made.fetch_add(1, Ordering::Relaxed) + 1;
        // Writing to a `String` does not fail, and the text is neither empty nor has it control characters.
        let _ = write!(text, "{drawn:012x}-{number}");
        EventId::known(&text)
    })
}
