//! Why a codec cannot be built.

use super::upcast::EventSchema;
use crate::message::{Name, NameError};
use crate::page::{named, shown};

/// Why a codec cannot be built: its types and upcasters do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCodec {
    /// The form of the event type hides its names.
    #[error(transparent)]
    Unnamed(#[from] NameError),
    /// Two messages have the same leaf name.
    #[error(
        "two types are called {} ({one} and {other}), and a log could not tell them apart: give one of them another name \
         with #[serde(rename = …)]",
        .one.leaf()
    )]
    Twice {
        /// The one.
        one: Name,
        /// The other.
        other: Name,
    },
    /// A type has a name that a log cannot store.
    #[error("a type cannot be called {name:?} in a log: {why}", why = shown(.why))]
    Unstorable {
        /// The name.
        name: String,
        /// Why not.
        why: String,
    },
    /// A schema was declared for a type that the model does not have.
    #[error(
        "schema {version} was declared of {event_type}, which is no type of the model; these are: {}",
        shown(.known.join(", ")), event_type = named(.event_type)
    )]
    NoSuchType {
        /// The type.
        event_type: String,
        /// The version that was declared.
        version: u32,
        /// The types of the model.
        known: Vec<String>,
    },
    /// Schema 0 was declared.
    #[error("schema 0 was declared of {event_type}; schemas are counted from 1", event_type = named(.event_type))]
    SchemaZero {
        /// The type.
        event_type: String,
    },
    /// Two upcasters read the same.
    #[error("two upcasters read {from}; nothing says which of them is applied")]
    TwoUpcasters {
        /// What both read.
        from: EventSchema,
    },
    /// An upcaster reads what is written now, or later.
    #[error(
        "an upcaster reads {from}, and schema {now} is what is written now: declare `.schema({:?}, {})`",
        .from.event_type,
        .from.version.saturating_add(1)
    )]
    NotOlder {
        /// What it reads.
        from: EventSchema,
        /// The version that is written now.
        now: u32,
    },
    /// An older schema of a type is read by no upcaster.
    #[error("no upcaster reads {missing}, and schema {now} is what is written now: add the upcaster from {} to {}",
        .missing.version, .missing.version.saturating_add(1))]
    MissingStep {
        /// What nothing reads.
        missing: EventSchema,
        /// The version that is written now.
        now: u32,
    },
    /// An upcaster yields what is neither written now nor read by an upcaster.
    #[error(
        "the upcaster of {from} yields {to}, which is not what is written now, and which no upcaster reads"
    )]
    LeadsNowhere {
        /// What it reads.
        from: EventSchema,
        /// What it yields.
        to: EventSchema,
    },
    /// Upcasters lead back to where they came from.
    #[error("upcasters go in a circle: {}", .circle.iter().map(EventSchema::to_string).collect::<Vec<_>>().join(" → "))]
    Circle {
        /// The schemas in it; the first is the last again.
        circle: Vec<EventSchema>,
    },
}
