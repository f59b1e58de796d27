//! A message read from its phrase: the inverse of `Phrase::say`.
//!
//! Serde's `Deserialize` asks for one thing after another, and cannot go back. So where a text can be read in several ways (which
//! variant begins like this, whether a comma ends a list), [`cursor`] picks one, and the type is read again for each other way.
//! Exactly one value is the message. Two are refused, with both named. If there is none, the attempt that got furthest says why.

mod cursor;
mod fault;
mod message;
mod room;
mod scalar;
mod value;

pub use fault::Misread;

use self::cursor::Cursor;
use self::fault::Why;
use self::message::MessageReading;
use self::room::Room;
use self::value::Reading;
use super::code::code;
use super::sentence::{Piece, cut, pieces};
use super::tree::hash_of;
use super::words::Words;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest phrase that is read, in bytes.
const MAX_LEN: usize = 65_536;
/// In how many ways a phrase is read at most.
const MAX_WAYS: usize = 4096;
/// How many bytes are read at most, in all ways together.
const MAX_WORK: usize = 64 << 20;

/// Reads a message.
pub(super) fn read_message<T: Serialize + DeserializeOwned>(text: &str, words: &Words) -> Result<T, Misread> {
    only_reading(text, words, |cursor| T::deserialize(MessageReading::new(cursor)))
}

/// Reads a value, such as the answer of a view.
pub(crate) fn read_value<T: Serialize + DeserializeOwned>(text: &str, words: &Words) -> Result<T, Misread> {
    only_reading(text, words, |cursor| T::deserialize(Reading::new(cursor, Room::Open)))
}

/// Reads the values in the slots of a sentence: none, one, or a tuple of several in order. `Ok(None)` if the text is no such sentence.
pub(crate) fn read_sentence<T: Serialize + DeserializeOwned>(
    sentence: &str,
    text: &str,
    words: &Words,
) -> Result<Option<T>, Misread> {
    let pieces = pieces(sentence);
    let Ok(ranges) = cut(&pieces, text) else { return Ok(None) };
    let slots = pieces.iter().filter(|piece| matches!(piece, Piece::Slot { .. })).count();
    match (slots, &ranges[..]) {
        (0, _) => {
            only_reading("none", &Words::default(), |cursor| T::deserialize(Reading::new(cursor, Room::Open)))
        }
        (1, [(from, to)]) => {
            let read = |cursor: &Cursor<'_>| {
                cursor.restrict(*from, *to);
                T::deserialize(Reading::new(cursor, Room::Slot))
            };
            only_reading(text, words, read)
        }
        _ => only_reading(text, words, |cursor| T::deserialize(value::Slots::new(cursor, &ranges))),
    }
    .map(Some)
}

/// The one value that the text can be read as.
fn only_reading<T: Serialize>(
    text: &str,
    words: &Words,
    read: impl Fn(&Cursor<'_>) -> Result<T, Misread>,
) -> Result<T, Misread> {
    if text.len() > MAX_LEN {
        return Err(Misread::new(0, Why::TooLong));
    }
    let cursor = Cursor::new(text, words);
    let mut found: Option<(T, Option<u64>)> = None;
    let mut furthest: Option<Misread> = None;
    for way in 1.. {
        match read(&cursor).and_then(|value| match cursor.rest() {
            "" => Ok(value),
            _ => Err(cursor.fault(Why::NoField { found: cursor.found(), fields: Vec::new() })),
        }) {
            Ok(value) => {
                let hash = hash_of(&value);
                match &found {
                    Some((_, before)) if *before == hash => {}
                    Some((before, _)) => {
                        let readings = vec![code(before), code(&value)];
                        return Err(Misread::new(0, Why::Ambiguous(readings)));
                    }
                    None => found = Some((value, hash)),
                }
            }
            Err(mut fault) => {
                if fault.at == usize::MAX {
                    fault.at = match fault.why {
                        Why::Refused(_) => cursor.value_place(),
                        _ => cursor.place(),
                    };
                }
                if furthest.as_ref().is_none_or(|before| before.says_less_than(&fault)) {
                    furthest = Some(fault);
                }
            }
        }
        if !cursor.next_way() {
            break;
        }
        if way >= MAX_WAYS || way * text.len() > MAX_WORK {
            return Err(Misread::new(0, Why::Tangled));
        }
    }
    match (found, furthest) {
        (Some((value, _)), _) => Ok(value),
        (None, Some(fault)) => Err(fault),
        (None, None) => Err(Misread::new(0, Why::Unknown)),
    }
}
