//! Where a store takes the time and the ids of events from, unless told otherwise.

use crate::recorded::{EventId, Timestamp};
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Tells the time.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Makes ids of events.
pub(crate) type Ids = Arc<dyn Fn() -> EventId + Send + Sync>;

pub(crate) fn system_clock() -> Clock {
    Arc::new(Timestamp::now)
}

/// Ids that no other handle makes: with a beginning of its own, and a number.
pub(crate) fn unique_ids() -> Ids {
    let (handle, made) = (Handle::new(), AtomicU64::new(0));
    Arc::new(move || handle.id(made.fetch_add(1, Ordering::Relaxed) + 1))
}

/// What the ids of one handle begin with: 48 bits of the system's randomness. With a number behind them, they are short
/// enough to stand in an [`EventId`] without an allocation.
pub(super) struct Handle([u8; Handle::LENGTH]);

impl Handle {
    const LENGTH: usize = 13;
    const MOST_DIGITS: usize = 20;

    pub(super) fn new() -> Self {
        let drawn = RandomState::new().hash_one((std::process::id(), Timestamp::now().as_nanosecond())) >> 16;
        let mut begins = [b'-'; Handle::LENGTH];
        begins[..12].copy_from_slice(format!("{drawn:012x}").as_bytes());
        Handle(begins)
    }

    /// The id of this number.
    pub(super) fn id(&self, number: u64) -> EventId {
        // Without the machinery of `format!`, which takes longer than all else that is done to an id.
        let mut text = [0; Handle::LENGTH + Handle::MOST_DIGITS];
        text[..Handle::LENGTH].copy_from_slice(&self.0);
        let digits = number.checked_ilog10().unwrap_or(0) as usize + 1;
        let end = Handle::LENGTH + digits;
        let mut left = number;
        for place in (Handle::LENGTH..end).rev() {
            text[place] = b'0' + (left % 10) as u8;
            left /= 10;
        }
        // Digits and a dash are neither control characters nor anything but ASCII.
        EventId::known(std::str::from_utf8(&text[..end]).unwrap_or("0"))
    }

    /// The number of an id, if it begins as those of this handle do.
    pub(super) fn number(&self, id: &EventId) -> Option<u64> {
        let (begins, number) = id.as_str().as_bytes().split_first_chunk()?;
        if *begins != self.0 {
            return None;
        }
        std::str::from_utf8(number).ok()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Handle;
    use crate::recorded::EventId;

    #[test]
    fn an_id_of_a_handle_tells_its_number_to_that_handle_alone() {
        let (handle, other) = (Handle::new(), Handle::new());
        for number in [0, 1, 9, 10, 99, 12_345, u64::MAX] {
            let id = handle.id(number);
            assert!(id.as_str().ends_with(&format!("-{number}")), "{id}");
            assert_eq!((handle.number(&id), other.number(&id)), (Some(number), None));
        }
        assert_eq!(handle.number(&EventId::new("short").unwrap()), None);
    }
}
