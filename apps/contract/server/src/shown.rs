//! Recorded events as the page gets them.

use crate::model::Event;
use crate::model::contract::ContractEvent;
use crate::writers::BY;
use leftfold::recorded::{Envelope, Position, Recorded, Scalar, Timestamp, Version};
use serde::Serialize;

/// An event of a contract's own history.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    pub version: Version,
    /// Where it is in the log: the order among events that were recorded in the same moment.
    pub position: Position,
    pub at: Timestamp,
    pub by: Option<String>,
    pub event: ContractEvent,
    /// The event as a text: numbers beyond 2^53 survive a page that only hands it on.
    pub event_json: String,
}

impl From<&Recorded<ContractEvent>> for Shown {
    fn from(recorded: &Recorded<ContractEvent>) -> Shown {
        let event = recorded.event.clone();
        Shown {
            version: recorded.version,
            position: recorded.position,
            at: recorded.recorded_at,
            by: by(recorded),
            // It was read from JSON.
            event_json: serde_json::to_string(&event).unwrap_or_default(),
            event,
        }
    }
}

/// Something that is not an event of the contract's own, or of a customer.
#[derive(Clone, Debug, Serialize)]
pub struct Beside<E> {
    pub position: Position,
    pub at: Timestamp,
    pub by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<&'static str>,
    pub event: E,
}

/// Who gave the command of an event.
pub fn by(envelope: &Envelope) -> Option<String> {
    match envelope.metadata.headers.get(BY) {
        Some(Scalar::Text(name)) => Some(name.clone()),
        _ => None,
    }
}

/// The part of the business that an event is of.
pub fn part(event: &Event) -> &'static str {
    match event {
        Event::Customer(_) => "customer",
        Event::Contract(_) => "contract",
        Event::Mail(_) => "mail",
        Event::Signing(_) => "signing",
    }
}
