//! Events as they are stored, for tools and for types that a model does not know.

use super::{Codec, CodecError, EventCodec, StoredEvent, unstorable};
use crate::message::{Message, Name, NameError, Phrase, Words};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use std::sync::Arc;

/// An event of any type as it is stored: for tools that read any log, and for events that a model does not know.
#[derive(Clone, Debug)]
pub struct RawEvent {
    /// The name of its type.
    pub event_type: Arc<str>,
    /// The version of its schema.
    pub schema: u32,
    /// Its content, as it is stored.
    pub data: Box<RawValue>,
}

impl RawEvent {
    /// An event of this type at schema 1, with this JSON as its content.
    ///
    /// ```
    /// use leftfold::codec::RawEvent;
    ///
    /// let moved = RawEvent::new("CustomerMoved", r#"{"city":"Bern"}"#)?;
    /// assert_eq!(moved.data.get(), r#"{"city":"Bern"}"#);
    /// # Ok::<(), leftfold::codec::CodecError>(())
    /// ```
    ///
    /// # Errors
    /// [`CodecError::Content`] when the content is no JSON.
    pub fn new(event_type: impl Into<Arc<str>>, data: &str) -> Result<RawEvent, CodecError> {
        let event_type = event_type.into();
        let stored = StoredEvent { event_type: &event_type, schema: 1, data: data.as_bytes() };
        Ok(RawEvent { data: raw(stored)?, schema: 1, event_type })
    }
}

/// In JSON, a line break can only be between tokens, where a space means the same; a log has one event on one line.
fn on_one_line(byte: u8) -> u8 {
    if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }
}

/// Equal when type, schema and the text of the content are, where a line end is as good as a space.
impl PartialEq for RawEvent {
    fn eq(&self, other: &RawEvent) -> bool {
        let same = || self.data.get().bytes().map(on_one_line).eq(other.data.get().bytes().map(on_one_line));
        self.event_type == other.event_type && self.schema == other.schema && same()
    }
}

impl Eq for RawEvent {}

/// It names itself: its name is that of its type.
impl Message for RawEvent {
    fn name(&self) -> Result<Name, NameError> {
        Ok(Name::leaf_only(self.event_type.to_string()))
    }

    /// None: the events of a log are not known beforehand.
    fn names() -> Result<Vec<Name>, NameError> {
        Ok(Vec::new())
    }

    fn phrase(&self) -> Phrase {
        let data: Value = serde_json::from_str(self.data.get()).unwrap_or_default();
        Phrase::of_content(&self.event_type, &data)
    }
}

fn raw(stored: StoredEvent<'_>) -> Result<Box<RawValue>, CodecError> {
    serde_json::from_slice(stored.data).map_err(|why| CodecError::Content {
        event_type: stored.event_type.to_string(),
        schema: stored.schema,
        data: String::from_utf8_lossy(stored.data).into_owned(),
        why: why.to_string(),
    })
}

/// The codec of tools that read any log: events as they are stored, without reading their content.
///
/// ```
/// use leftfold::codec::{EventCodec, RawCodec, StoredEvent};
///
/// let stored = StoredEvent { event_type: "Moved", schema: 3, data: br#"{"city": "Bern"}"# };
/// RawCodec.decode(stored, &mut |_, event| {
///     assert_eq!((&*event.event_type, event.schema), ("Moved", 3));
///     let mut data = Vec::new();
///     RawCodec.encode(&event, &mut data).unwrap();
///     assert_eq!(data, stored.data, "byte for byte");
/// })?;
/// # Ok::<(), leftfold::codec::CodecError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct RawCodec;

impl EventCodec<RawEvent> for RawCodec {
    fn encode(&self, event: &RawEvent, data: &mut Vec<u8>) -> Result<(Arc<str>, u32), CodecError> {
        let unwritable = |why: &str| CodecError::Unwritable {
            event_type: event.event_type.to_string(),
            why: why.to_string(),
        };
        if let Some(why) = unstorable(&event.event_type) {
            return Err(unwritable(&why));
        }
        if event.schema == 0 {
            return Err(unwritable("its schema is 0, and schemas are counted from 1"));
        }
        data.extend(event.data.get().bytes().map(on_one_line));
        Ok((event.event_type.clone(), event.schema))
    }

    fn decode(
        &self,
        stored: StoredEvent<'_>,
        each: &mut dyn FnMut(&Arc<str>, RawEvent),
    ) -> Result<(), CodecError> {
        let event_type: Arc<str> = stored.event_type.into();
        let event = RawEvent { event_type: event_type.clone(), schema: stored.schema, data: raw(stored)? };
        each(&event_type, event);
        Ok(())
    }
}

/// An event of the model, or one that the model does not know, kept as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownOrRaw<E> {
    /// An event of the model.
    Known(E),
    /// An event of a type, or of a newer schema, that the model does not know.
    Unknown(RawEvent),
}

impl<E> KnownOrRaw<E> {
    /// The event, if the model knows it.
    pub fn known(&self) -> Option<&E> {
        match self {
            KnownOrRaw::Known(event) => Some(event),
            KnownOrRaw::Unknown(_) => None,
        }
    }
}

impl<E: Message> Message for KnownOrRaw<E> {
    fn name(&self) -> Result<Name, NameError> {
        match self {
            KnownOrRaw::Known(event) => event.name(),
            KnownOrRaw::Unknown(event) => event.name(),
        }
    }

    /// Those of the model.
    fn names() -> Result<Vec<Name>, NameError> {
        E::names()
    }

    fn phrase(&self) -> Phrase {
        match self {
            KnownOrRaw::Known(event) => event.phrase(),
            KnownOrRaw::Unknown(event) => event.phrase(),
        }
    }

    fn phrase_in(&self, words: &Words) -> Phrase {
        match self {
            KnownOrRaw::Known(event) => event.phrase_in(words),
            KnownOrRaw::Unknown(event) => event.phrase_in(words),
        }
    }

    fn code(&self) -> String {
        match self {
            KnownOrRaw::Known(event) => event.code(),
            KnownOrRaw::Unknown(event) => event.code(),
        }
    }
}

/// A codec that keeps what the model does not know; made by [`Codec::keeping_unknown`].
#[derive(Clone, Debug)]
pub struct KeepingUnknown<E> {
    codec: Codec<E>,
}

impl<E> Codec<E> {
    /// The same codec, except that it keeps events of unknown types and of newer schemas instead of refusing them.
    ///
    /// ```
    /// use leftfold::codec::{Codec, EventCodec, KnownOrRaw, StoredEvent};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Debug, PartialEq, Serialize, Deserialize)]
    /// enum Event { Opened, Closed }
    ///
    /// let codec = Codec::<Event>::new()?.keeping_unknown();
    /// let opened = StoredEvent { event_type: "Opened", schema: 1, data: b"null" };
    /// codec.decode(opened, &mut |_, event| assert_eq!(event, KnownOrRaw::Known(Event::Opened)))?;
    /// let painted = StoredEvent { event_type: "Painted", schema: 1, data: br#"{"colour":"red"}"# };
    /// codec.decode(painted, &mut |event_type, event| {
    ///     assert_eq!(&**event_type, "Painted");
    ///     assert_eq!(event.known(), None);
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn keeping_unknown(self) -> KeepingUnknown<E> {
        KeepingUnknown { codec: self }
    }
}

impl<E: Serialize + DeserializeOwned> EventCodec<KnownOrRaw<E>> for KeepingUnknown<E> {
    fn encode(&self, event: &KnownOrRaw<E>, data: &mut Vec<u8>) -> Result<(Arc<str>, u32), CodecError> {
        match event {
            KnownOrRaw::Known(event) => self.codec.encode(event, data),
            KnownOrRaw::Unknown(event) => RawCodec.encode(event, data),
        }
    }

    fn shape(&self, event: &KnownOrRaw<E>) -> Option<u64> {
        match event {
            KnownOrRaw::Known(event) => self.codec.shape(event),
            KnownOrRaw::Unknown(_) => None,
        }
    }

    fn decode(
        &self,
        stored: StoredEvent<'_>,
        each: &mut dyn FnMut(&Arc<str>, KnownOrRaw<E>),
    ) -> Result<(), CodecError> {
        if self.codec.reads(stored.event_type, stored.schema) {
            self.codec.decode(stored, &mut |event_type, event| each(event_type, KnownOrRaw::Known(event)))
        } else {
            RawCodec.decode(stored, &mut |event_type, event| each(event_type, KnownOrRaw::Unknown(event)))
        }
    }

    fn stored_types(&self, current: &str) -> Vec<String> {
        self.codec.stored_types(current)
    }
}
