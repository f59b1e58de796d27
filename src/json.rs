//! JSON that reads back as the value that was written. A value for which that is not so is refused.
//!
//! [`Strict`] writes everything that is stored as JSON: contents of events, snapshots, read models, to-do lists. [`proven`]
//! also reads the value back and compares it. [`Shapes`] remembers which shapes of values were proven, for callers that write
//! many values.

mod place;
mod shape;
mod strict;

pub(crate) use shape::{Shapes, shape_of};
pub(crate) use strict::{RAW_VALUE, Strict, Way};

use serde::Serialize;
use serde::de::{DeserializeOwned, Error};
use serde_json::de::StrRead;
use std::cell::Cell;
use std::fmt;

/// Why a value is not stored: JSON cannot hold it, or it would read back as another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unfaithful {
    /// The path into the value, such as `.open["a"][3]`; empty for the value itself.
    pub(crate) at: String,
    /// What is wrong at this path.
    pub(crate) why: String,
}

impl Unfaithful {
    /// The sentence, with the name of the value in front of the path: `Tray.open: key must be a string`.
    pub(crate) fn in_value(&self, name: &str) -> String {
        format!("{name}{}: {}", self.at, self.why)
    }

    /// The sentence for callers that name the value themselves: with the path, if there is one.
    pub(crate) fn sentence(&self) -> String {
        match &*self.at {
            "" => self.why.clone(),
            at => format!("at `{}`: {}", at.trim_start_matches('.'), self.why),
        }
    }
}

impl fmt::Display for Unfaithful {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

/// The name of a type without its modules and parameters: `Tray`.
pub(crate) fn short_name<T: ?Sized>() -> &'static str {
    let name = std::any::type_name::<T>();
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit("::").next().unwrap_or(name)
}

/// Appends a value as JSON.
///
/// # Errors
/// [`Unfaithful`] when JSON cannot hold the value. Do not use `out` then.
pub(crate) fn write<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<(), Unfaithful> {
    write_by(out, |strict| value.serialize(strict))
}

/// The serializer that [`write_by`] passes to the writing function.
pub(crate) type IntoJson<'p, 'o> = Strict<'p, &'p mut serde_json::Serializer<&'o mut Vec<u8>>>;

/// As [`write`], with a function that writes instead of the `Serialize` of a value.
///
/// # Errors
/// [`Unfaithful`].
pub(crate) fn write_by<'o>(
    out: &'o mut Vec<u8>,
    write: impl for<'p> FnOnce(IntoJson<'p, 'o>) -> serde_json::Result<()>,
) -> Result<(), Unfaithful> {
    let failed_at = Cell::new(None);
    let way = Way::root(&failed_at);
    let mut json = serde_json::Serializer::new(out);
    let written = write(Strict::new(&mut json, &way));
    written.map_err(|error| Unfaithful { at: failed_at.take().unwrap_or_default(), why: error.to_string() })
}

/// Appends a value as JSON, reads it back and compares it. Returns the value that was read.
///
/// # Errors
/// [`Unfaithful`] when JSON cannot hold the value, or when it reads back as another value. Do not use `out` then.
///
/// Writes, reads and compares: about three times the cost of [`write`].
pub(crate) fn proven<T>(value: &T, out: &mut Vec<u8>) -> Result<T, Unfaithful>
where
    T: Serialize + DeserializeOwned + PartialEq,
{
    let begin = out.len();
    write(value, out)?;
    prove(value, &out[begin..])
}

/// Reads back the JSON of a value, and returns what was read if it is equal to the value.
///
/// # Errors
/// [`Unfaithful`].
pub(crate) fn prove<T>(value: &T, json: &[u8]) -> Result<T, Unfaithful>
where
    T: Serialize + DeserializeOwned + PartialEq,
{
    let read = read::<T>(json).map_err(|error| unread(json, &error))?;
    if read == *value { Ok(read) } else { Err(unlike(json, &read)) }
}

/// Reads one value of JSON, and nothing after it.
///
/// # Errors
/// What the reader says.
pub(crate) fn read<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    read_by(json, |json| T::deserialize(json))
}

/// As [`read`], with a function that reads instead of the `Deserialize` of a type.
///
/// # Errors
/// What the reader says.
pub(crate) fn read_by<'j, T>(
    json: &'j [u8],
    read: impl FnOnce(&mut serde_json::Deserializer<StrRead<'j>>) -> serde_json::Result<T>,
) -> serde_json::Result<T> {
    // Checked once as a whole, so that serde_json does not check each text.
    let text = std::str::from_utf8(json).map_err(serde_json::Error::custom)?;
    let mut json = serde_json::Deserializer::from_str(text);
    let value = read(&mut json)?;
    json.end()?;
    Ok(value)
}

/// The error for JSON that was just written and cannot be read.
pub(crate) fn unread(json: &[u8], error: &serde_json::Error) -> Unfaithful {
    let at = place::at_column(json, error.line(), error.column());
    Unfaithful { at, why: format!("it would not be read back: {error}") }
}

/// The error for a value that was read back and differs from the JSON it was read from.
pub(crate) fn unlike<T: Serialize>(json: &[u8], read: &T) -> Unfaithful {
    unlike_json(json, serde_json::to_value(read).ok())
}

/// As [`unlike`], for a value that was read back as JSON.
pub(crate) fn unlike_json(json: &[u8], read: Option<serde_json::Value>) -> Unfaithful {
    let written: Option<serde_json::Value> = serde_json::from_slice(json).ok();
    let difference = written.zip(read).and_then(|(written, read)| place::first_difference(&written, &read));
    match difference {
        Some((at, written, read)) => {
            Unfaithful { at, why: format!("it is written as {written}, and read back as {read}") }
        }
        None => Unfaithful {
            at: String::new(),
            why: "it would be read back as another value, though its JSON is the same: serde passes over a part of it \
                  (`#[serde(skip)]`), or it is not equal to itself"
                .to_string(),
        },
    }
}

#[cfg(test)]
mod tests;
