//! The default clock of a store, and the default ids of events.

use crate::clock;
use crate::recorded::{EventId, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Returns the time.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Makes ids of events.
pub(crate) type IdSource = Arc<dyn Fn() -> EventId + Send + Sync>;

pub(crate) fn system_clock() -> Clock {
    Arc::new(clock::time)
}

/// Makes ids that no other handle makes: a beginning of their own, and a number.
pub(crate) fn unique_ids() -> IdSource {
    let (handle, made) = (IdPrefix::new(), AtomicU64::new(0));
    Arc::new(move || handle.id(made.fetch_add(1, Ordering::Relaxed) + 1))
}

/// The beginning of the ids that one handle makes: 48 bits of the system's randomness. Followed by a number, it is short
/// enough for an [`EventId`] without an allocation.
pub(crate) struct IdPrefix([u8; IdPrefix::LENGTH]);

impl IdPrefix {
    const LENGTH: usize = 13;
    const MOST_DIGITS: usize = 20;

    pub(crate) fn new() -> Self {
        let drawn = clock::chance() >> 16;
        let mut begins = [b'-'; IdPrefix::LENGTH];
        begins[..12].copy_from_slice(format!("{drawn:012x}").as_bytes());
        IdPrefix(begins)
    }

    /// The id of this number.
    pub(crate) fn id(&self, number: u64) -> EventId {
        // Digits and a dash are neither control characters nor anything but ASCII.
        EventId::known(self.text(number, &mut ID_ROOM.clone()))
    }

    /// The same as text alone.
    pub(crate) fn text<'r>(&self, number: u64, room: &'r mut IdRoom) -> &'r str {
        // Without the machinery of `format!`, which takes longer than all else that is done to an id.
        let text = room;
        text[..IdPrefix::LENGTH].copy_from_slice(&self.0);
        let digits = number.checked_ilog10().unwrap_or(0) as usize + 1;
        let end = IdPrefix::LENGTH + digits;
        let mut left = number;
        for place in (IdPrefix::LENGTH..end).rev() {
            text[place] = b'0' + (left % 10) as u8;
            left /= 10;
        }
        std::str::from_utf8(&text[..end]).unwrap_or("0")
    }

    /// The number of an id, if it begins as those of this handle do.
    pub(crate) fn number(&self, id: &EventId) -> Option<u64> {
        let (begins, number) = id.as_str().as_bytes().split_first_chunk()?;
        if *begins != self.0 {
            return None;
        }
        std::str::from_utf8(number).ok()?.parse().ok()
    }
}

/// Room for the text of an id that a handle makes.
pub(crate) type IdRoom = [u8; IdPrefix::LENGTH + IdPrefix::MOST_DIGITS];

pub(crate) const ID_ROOM: IdRoom = [0; IdPrefix::LENGTH + IdPrefix::MOST_DIGITS];

/// The number in an id of the form that handles give it, whichever handle that was.
pub(crate) fn number_in_id(id: &[u8]) -> Option<u64> {
    let (begins, number) = id.split_first_chunk::<{ IdPrefix::LENGTH }>()?;
    let (dash, drawn) = begins.split_last()?;
    let hexadecimal = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let digits = 1..=IdPrefix::MOST_DIGITS - 1;
    if *dash != b'-' || !digits.contains(&number.len()) || !drawn.iter().all(hexadecimal) {
        return None;
    }
    number
        .iter()
        .try_fold(0, |read: u64, digit| digit.is_ascii_digit().then(|| read * 10 + u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::{IdPrefix, number_in_id};
    use crate::recorded::EventId;

    #[test]
    fn an_id_of_a_handle_tells_its_number_to_that_handle_alone() {
        let (handle, other) = (IdPrefix::new(), IdPrefix::new());
        for number in [0, 1, 9, 10, 99, 12_345, u64::MAX] {
            let id = handle.id(number);
            assert!(id.as_str().ends_with(&format!("-{number}")), "{id}");
            assert_eq!((handle.number(&id), other.number(&id)), (Some(number), None));
        }
        assert_eq!(handle.number(&EventId::new("short").unwrap()), None);
    }

    #[test]
    fn an_id_of_any_handle_tells_its_number() {
        for number in [0, 1, 9, 10, 12_345, 9_999_999_999_999_999_999] {
            assert_eq!(number_in_id(IdPrefix::new().id(number).as_str().as_bytes()), Some(number));
        }
        for other in
            ["", "17", "order-17", "0123456789ab-", "0123456789aB-1", "0123456789ab-1x", "0123456789ab+1"]
        {
            assert_eq!(number_in_id(other.as_bytes()), None, "{other}");
        }
    }
}
