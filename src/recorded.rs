//! What a store adds to an event when it records it: its position, the time, who caused it. Data only.

mod metadata;
pub(crate) mod moment;
mod stream_name;

pub(crate) use stream_name::check_category;

use crate::message::Message;
use crate::page;
use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::num::ParseIntError;
use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

/// A moment on the time line, to the nanosecond; prints and parses as `2026-11-23T09:30:00Z`.
pub use jiff::Timestamp;

/// The number of an event in the whole log: 1 for the first, without gaps in a healthy log.
///
/// [`Position::START`] comes before the first event, as in "read after `START`".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(u64);

/// The number of an event in its own stream: 1 for the first. The version of a state is that of the last event in it.
///
/// [`Version::NONE`] is the version of a stream without events. It is read from a text as a number is:
///
/// ```
/// use leftfold::recorded::Version;
///
/// assert_eq!("17".parse(), Ok(Version::new(17)));
/// assert!("W/17".parse::<Version>().is_err());
/// ```
///
/// A `Version` is not a [`Position`]:
///
/// ```compile_fail
/// use leftfold::recorded::{Position, Version};
/// let version: Version = Position::new(3);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(u64);

impl Position {
    /// The position before the first event.
    pub const START: Position = Position(0);
}

impl Version {
    /// The version of a stream without events.
    pub const NONE: Version = Version(0);
}

macro_rules! counted {
    ($($type:ident, $what:literal;)*) => {
        $(impl $type {
            #[doc = concat!("The ", $what, " of this number.")]
            pub const fn new(number: u64) -> Self {
                Self(number)
            }

            /// The number.
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The one after this.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0 + 1)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $type {
            type Err = ParseIntError;

            fn from_str(number: &str) -> Result<Self, ParseIntError> {
                number.parse().map(Self)
            }
        })*
    };
}

counted! {
    Position, "position";
    Version, "version";
}

impl From<u64> for Version {
    fn from(number: u64) -> Version {
        Version(number)
    }
}

/// The longest name of a stream, a type, a tag or an id that a store accepts, in bytes.
///
/// Names are in every line of a log and in every table. Logs of earlier versions may hold longer names; these are read.
pub const LONGEST_NAME: usize = 512;

/// A text that cannot serve as an id, a stream name or a tag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} cannot be {what}: {why}", quoted(.text))]
pub struct InvalidText {
    what: &'static str,
    text: String,
    why: String,
}

/// Enough of a text to recognise it by, in quotation marks.
fn quoted(text: &str) -> String {
    format!("\"{}\"", page::cut(&text.escape_debug().to_string(), 80))
}

/// Why a name is too long, if it is.
pub(crate) fn too_long(text: &str) -> Option<String> {
    let long = text.len();
    (long > LONGEST_NAME)
        .then(|| format!("it has {} bytes, and at most {LONGEST_NAME} are allowed", page::grouped(long)))
}

/// Whether a text holds a control character; quick for the usual ASCII.
pub(crate) fn has_control(text: &str) -> bool {
    match text.is_ascii() {
        true => text.bytes().any(|byte| byte.is_ascii_control()),
        false => text.chars().any(char::is_control),
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $type:ident, $what:literal;)*) => {
        $($(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(into = "String")]
        pub struct $type(SmolStr);

        // A recorded text is read even if it is longer than the limit of today.
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::stored(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }

        impl $type {
            #[doc = concat!("Makes ", $what, " of a text.")]
            ///
            /// # Errors
            /// [`InvalidText`] when it is empty, holds a control character or has more than [`LONGEST_NAME`] bytes: it has
            /// to fit on a line that people read.
            pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidText> {
                let text = text.as_ref();
                match too_long(text) {
                    Some(why) => Err(InvalidText { what: $what, text: text.to_string(), why }),
                    None => Self::stored(text),
                }
            }

            /// As `new`, for a text that was recorded, perhaps when names had no limit yet: it may be longer.
            pub(crate) fn stored(text: &str) -> Result<Self, InvalidText> {
                let why = match text {
                    "" => "it is empty",
                    text if has_control(text) => "it holds a control character",
                    text => return Ok(Self(SmolStr::new(text))),
                };
                Err(InvalidText { what: $what, text: text.to_string(), why: why.to_string() })
            }

            /// As `new`, without a check: for a text that the caller knows to be valid.
            #[allow(dead_code)]
            pub(crate) fn known(text: impl Into<SmolStr>) -> Self {
                Self(text.into())
            }

            /// The text, to make another kind of text of it. Allocates nothing if it is short.
            #[allow(dead_code)]
            pub(crate) fn text(&self) -> SmolStr {
                self.0.clone()
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        // Its hash and its order are those of its text.
        impl Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $type {
            type Error = InvalidText;

            fn try_from(text: String) -> Result<Self, InvalidText> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $type {
            type Error = InvalidText;

            fn try_from(text: &str) -> Result<Self, InvalidText> {
                Self::new(text)
            }
        }

        impl FromStr for $type {
            type Err = InvalidText;

            fn from_str(text: &str) -> Result<Self, InvalidText> {
                Self::new(text)
            }
        }

        impl From<$type> for String {
            fn from(text: $type) -> String {
                text.0.to_string()
            }
        })*
    };
}

texts! {
    /// The name of a stream: `order-17`. The part before the first `-` is its [category](StreamName::category), the part
    /// after it the identity, which may hold more of them.
    ///
    /// ```
    /// use leftfold::recorded::StreamName;
    ///
    /// let stream = StreamName::of("order", 17)?;
    /// assert_eq!(stream.as_str(), "order-17");
    /// assert_eq!((stream.category(), stream.id()), ("order", Some("17")));
    /// let long: StreamName = "order-550e8400-e29b".parse()?;
    /// assert_eq!((long.category(), long.id()), ("order", Some("550e8400-e29b")));
    /// assert_eq!(
    ///     StreamName::new("").unwrap_err().to_string(),
    ///     r#""" cannot be the name of a stream: it is empty"#
    /// );
    /// # Ok::<(), leftfold::recorded::InvalidText>(())
    /// ```
    StreamName, "the name of a stream";
    /// The id of one event, given by the caller that records it: recording it again under the same id changes nothing.
    EventId, "an event id";
    /// The id of one command, given by the caller that issues it: issuing it again under the same id changes nothing.
    CommandId, "a command id";
    /// A label by which events of several streams are found together: `customer:17`.
    Tag, "a tag";
    /// One conversation: everything that followed from the same first cause carries the same correlation id.
    CorrelationId, "a correlation id";
    /// The message that directly caused this one.
    CausationId, "a causation id";
}

/// One value of a header: a flag, a number or a text.
///
/// Numbers compare as numbers, whole or not. A whole number has 64 bits; a number that is not finite is none.
///
/// ```
/// use leftfold::recorded::Scalar;
///
/// assert_eq!(Scalar::from(3), Scalar::Integer(3));
/// assert_eq!(Scalar::decimal(0.5).unwrap().to_string(), "0.5");
/// assert_eq!(Scalar::decimal(f64::NAN), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a flag, a number or a text")]
pub enum Scalar {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Decimal(Decimal),
    /// A text.
    Text(String),
}

/// A finite number that is not whole, or too large for 64 bits; made by [`Scalar::decimal`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Decimal(f64);

// Never NaN, so that equality is total.
impl Eq for Decimal {}

impl Decimal {
    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl From<Decimal> for f64 {
    fn from(decimal: Decimal) -> f64 {
        decimal.0
    }
}

impl TryFrom<f64> for Decimal {
    type Error = &'static str;

    fn try_from(number: f64) -> Result<Self, &'static str> {
        if number.is_finite() { Ok(Decimal(number)) } else { Err("a header holds finite numbers only") }
    }
}

impl Scalar {
    /// A number with a fraction, if it is finite.
    pub fn decimal(number: f64) -> Option<Scalar> {
        Decimal::try_from(number).ok().map(Scalar::Decimal)
    }

    /// The kind of value, as a sentence says it: "a number".
    pub const fn kind(&self) -> &'static str {
        match self {
            Scalar::Flag(_) => "a flag",
            Scalar::Integer(_) | Scalar::Decimal(_) => "a number",
            Scalar::Text(_) => "a text",
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Flag(flag) => flag.fmt(f),
            Scalar::Integer(number) => number.fmt(f),
            Scalar::Decimal(number) => number.get().fmt(f),
            Scalar::Text(text) => f.pad(text),
        }
    }
}

macro_rules! scalars {
    ($($from:ty => $make:expr;)*) => {
        $(impl From<$from> for Scalar {
            fn from(value: $from) -> Scalar {
                let make: fn($from) -> Scalar = $make;
                make(value)
            }
        })*
    };
}

scalars! {
    bool => Scalar::Flag;
    i64 => Scalar::Integer;
    i32 => |number| Scalar::Integer(number.into());
    u32 => |number| Scalar::Integer(number.into());
    &str => |text| Scalar::Text(text.to_string());
    String => Scalar::Text;
}

/// Headers by name, as a store keeps them beside an event or a stream.
pub type Headers = BTreeMap<String, Scalar>;

/// What is known about an event besides what happened: who caused it, why, from where.
///
/// It is written as one map of the ids and the headers, each under its own name. A header with the name of an id (or with the
/// name `headers`) is written in an inner map `headers`, so that it does not collide with the id:
///
/// ```
/// use leftfold::recorded::{CorrelationId, Metadata};
///
/// let mut metadata = Metadata { correlation_id: Some(CorrelationId::new("c-7")?), ..Metadata::default() };
/// metadata.headers.insert("user".into(), "petra".into());
/// let written = serde_json::to_string(&metadata)?;
/// assert_eq!(written, r#"{"correlation_id":"c-7","user":"petra"}"#);
///
/// metadata.headers.insert("correlation_id".into(), 7.into());
/// let written = serde_json::to_string(&metadata)?;
/// assert_eq!(written, r#"{"correlation_id":"c-7","user":"petra","headers":{"correlation_id":7}}"#);
/// assert_eq!(serde_json::from_str::<Metadata>(&written)?, metadata);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The conversation it belongs to.
    pub correlation_id: Option<CorrelationId>,
    /// The message that caused it.
    pub causation_id: Option<CausationId>,
    /// Headers of your own, of any name.
    pub headers: Headers,
}

impl Metadata {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.correlation_id.is_none() && self.causation_id.is_none() && self.headers.is_empty()
    }
}

/// What a store writes around an event: its position, the time, who caused it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Its position in the whole log.
    pub position: Position,
    /// The stream it belongs to.
    pub stream: StreamName,
    /// Its version in its stream.
    pub version: Version,
    /// The event's type: the leaf of its name.
    #[serde(rename = "type")]
    pub event_type: Arc<str>,
    /// Labels it is found by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// When the store recorded it, by the store's clock. A time of the domain's own belongs into the event.
    #[serde(rename = "at")]
    pub recorded_at: Timestamp,
    /// Its id.
    pub id: EventId,
    /// Who, why, from where.
    #[serde(rename = "meta", default, skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata,
}

/// An event as a store returns it: what happened, in its [`Envelope`]. The fields of the envelope can be read directly.
///
/// ```
/// use leftfold::Fold;
/// use leftfold::recorded::{Recorded, StreamName, Timestamp, Version, versioned};
///
/// let at: Timestamp = "2026-11-23T09:30:00Z".parse().unwrap();
/// let log = versioned(StreamName::of("count", 1).unwrap(), at, [5, 7]);
/// assert_eq!(log[1].version, Version::new(2));
/// let sum: i32 = log.iter().map(|recorded| recorded.event).sum();
/// assert_eq!(sum, 12);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded<E> {
    /// What the store wrote around it.
    #[serde(flatten)]
    pub envelope: Envelope,
    /// What happened.
    #[serde(rename = "data")]
    pub event: E,
}

impl<E> Deref for Recorded<E> {
    type Target = Envelope;

    fn deref(&self) -> &Envelope {
        &self.envelope
    }
}

/// A history of one stream as a store would return it, recorded at one moment: for tests and for teaching.
///
/// Positions and versions count from 1; the ids are `stream/1`, `stream/2`, …. If the type of an event has no name, its Rust type
/// is the event type.
pub fn versioned<E: Message>(
    stream: StreamName,
    recorded_at: Timestamp,
    events: impl IntoIterator<Item = E>,
) -> Vec<Recorded<E>> {
    events
        .into_iter()
        .zip(1..)
        .map(|(event, number)| Recorded {
            envelope: Envelope {
                position: Position::new(number),
                stream: stream.clone(),
                version: Version::new(number),
                event_type: event
                    .name()
                    .map_or_else(|_| std::any::type_name::<E>().into(), |name| name.leaf().into()),
                recorded_at,
                id: EventId(format!("{stream}/{number}").into()),
                tags: Vec::new(),
                metadata: Metadata::default(),
            },
            event,
        })
        .collect()
}
