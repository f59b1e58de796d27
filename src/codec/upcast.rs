//! Reading events that were stored under an older model as events of the present one.
//!
//! An [`Upcaster`] is a pure function from one stored event to any number of them. It belongs to one type and one version of
//! its schema. When a [`Codec`](crate::codec::Codec) reads an event, it applies upcasters until the events are those of the
//! model. Stored events are never rewritten.
//!
//! Upcasting is a fold from stored events to current ones, so it is specified as every fold is, with given and then:
//! see [`Codec::upcasting`](crate::codec::Codec::upcasting).

mod plan;

pub(super) use plan::{UpcastPlan, UpcastStep};

use crate::message::{Message, Name, NameError, Phrase};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// The name of a type with the version of its schema: made of a name (schema 1), or of a pair.
///
/// ```
/// use leftfold::codec::upcast::EventSchema;
///
/// assert_eq!(EventSchema::from("CustomerMoved").to_string(), "CustomerMoved (schema 1)");
/// assert_eq!(EventSchema::from(("CustomerMoved", 2)).version, 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventSchema {
    /// The name of the type.
    pub event_type: String,
    /// The version, counted from 1.
    pub version: u32,
}

impl fmt::Display for EventSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (schema {})", self.event_type, self.version)
    }
}

impl From<&str> for EventSchema {
    fn from(event_type: &str) -> EventSchema {
        EventSchema::from((event_type, 1))
    }
}

impl From<(&str, u32)> for EventSchema {
    fn from((event_type, version): (&str, u32)) -> EventSchema {
        EventSchema { event_type: event_type.to_string(), version }
    }
}

/// An event as it was stored: the name of its type, the version of its schema, and its content.
///
/// ```
/// use leftfold::codec::upcast::UpcastEvent;
/// use serde_json::json;
///
/// let moved = UpcastEvent::new("CustomerMoved", json!({ "city": "Bern" }));
/// assert_eq!(format!("{moved:?}"), r#"CustomerMoved {"city":"Bern"}"#);
/// let later = UpcastEvent::new(("CustomerMoved", 2), json!({ "city": "Bern", "country": "CH" }));
/// assert_eq!(later.schema.version, 2);
/// ```
#[derive(Clone, PartialEq)]
pub struct UpcastEvent {
    /// Its type and schema.
    pub schema: EventSchema,
    /// Its content.
    pub data: Value,
}

impl UpcastEvent {
    /// A stored event of a type, at schema 1 or at the schema that is given with the type.
    pub fn new(schema: impl Into<EventSchema>, data: Value) -> UpcastEvent {
        UpcastEvent { schema: schema.into(), data }
    }
}

impl fmt::Debug for UpcastEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.schema.version {
            1 => write!(f, "{} {}", self.schema.event_type, self.data),
            _ => write!(f, "{} {}", self.schema, self.data),
        }
    }
}

/// It names itself: its name is that of its type.
impl Message for UpcastEvent {
    fn name(&self) -> Result<Name, NameError> {
        Ok(Name::leaf_only(self.schema.event_type.clone()))
    }

    /// None: the events of a log are not known beforehand.
    fn names() -> Result<Vec<Name>, NameError> {
        Ok(Vec::new())
    }

    fn phrase(&self) -> Phrase {
        Phrase::of_content(&self.schema.event_type, &self.data)
    }

    fn code(&self) -> String {
        let EventSchema { event_type, version } = &self.schema;
        format!("UpcastEvent::new(({event_type:?}, {version}), serde_json::json!({}))", self.data)
    }
}

/// A pure function from one stored event to any number of them, for one type at one version of its schema.
///
/// It may refuse an event with a sentence, and then the read ends with that sentence. Numbers in its data that neither 64
/// bits nor a float hold are rounded to a float.
///
/// ```
/// use leftfold::codec::Codec;
/// use leftfold::codec::upcast::{UpcastEvent, Upcaster};
/// use serde::{Deserialize, Serialize};
/// use serde_json::{Value, json};
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Event {
///     CustomerMoved { city: String, country: String },
/// }
///
/// // There were customers in one country only.
/// fn with_country(mut data: Value) -> Result<Value, String> {
///     data.as_object_mut().ok_or("no object")?.insert("country".into(), json!("CH"));
///     Ok(data)
/// }
///
/// let codec = Codec::<Event>::builder()
///     .schema("CustomerMoved", 2)
///     .upcast(Upcaster::changed("CustomerMoved", with_country))
///     .build()?;
/// let stored = UpcastEvent::new("CustomerMoved", json!({ "city": "Bern" }));
/// assert_eq!(codec.read(&stored)?, [Event::CustomerMoved { city: "Bern".into(), country: "CH".into() }]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "migration")]
#[derive(Clone)]
pub struct Upcaster {
    from: EventSchema,
    yields: Vec<EventSchema>,
    change: Effect,
}

type Function = Arc<dyn Fn(UpcastEvent) -> Result<Vec<UpcastEvent>, String> + Send + Sync>;

/// What an upcaster does with a stored event.
#[derive(Clone)]
enum Effect {
    /// Another name; its content need not be looked at.
    Named(EventSchema),
    /// Nothing.
    Dropped,
    Function(Function),
}

impl Upcaster {
    /// The general form: what an event of type and schema `from` becomes, and of which types and schemas that is.
    ///
    /// The yielded types are declared, so that a read of one type knows the types under which its events may be stored, and so
    /// that building the codec finds circles.
    pub fn new<Y: Into<EventSchema>>(
        from: impl Into<EventSchema>,
        yields: impl IntoIterator<Item = Y>,
        function: impl Fn(UpcastEvent) -> Result<Vec<UpcastEvent>, String> + Send + Sync + 'static,
    ) -> Upcaster {
        Upcaster {
            from: from.into(),
            yields: yields.into_iter().map(Into::into).collect(),
            change: Effect::Function(Arc::new(function)),
        }
    }

    /// A type has another name now; its content is unchanged. Reading costs no more than a look-up.
    pub fn renamed(from: impl Into<EventSchema>, to: impl Into<EventSchema>) -> Upcaster {
        let to = to.into();
        Upcaster { from: from.into(), yields: vec![to.clone()], change: Effect::Named(to) }
    }

    /// The content of a type has changed: from the schema that is given (or 1) to the one after it.
    pub fn changed(
        from: impl Into<EventSchema>,
        function: impl Fn(Value) -> Result<Value, String> + Send + Sync + 'static,
    ) -> Upcaster {
        let from = from.into();
        let to = EventSchema { version: from.version.saturating_add(1), ..from.clone() };
        let next = to.clone();
        Upcaster::new(from, [to], move |stored| {
            Ok(vec![UpcastEvent { schema: next.clone(), data: function(stored.data)? }])
        })
    }

    /// One type was split into several; `function` makes any number of events of them.
    pub fn split<Y: Into<EventSchema>>(
        from: impl Into<EventSchema>,
        into: impl IntoIterator<Item = Y>,
        function: impl Fn(Value) -> Result<Vec<UpcastEvent>, String> + Send + Sync + 'static,
    ) -> Upcaster {
        Upcaster::new(from, into, move |stored| function(stored.data))
    }

    /// A type means nothing any more: reads skip its events, which stay in the log.
    pub fn dropped(from: impl Into<EventSchema>) -> Upcaster {
        Upcaster { from: from.into(), yields: Vec::new(), change: Effect::Dropped }
    }

    /// What it reads.
    pub fn from(&self) -> &EventSchema {
        &self.from
    }

    /// What it may yield.
    pub fn yields(&self) -> &[EventSchema] {
        &self.yields
    }
}

impl fmt::Debug for Upcaster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upcaster")
            .field("from", &self.from)
            .field("yields", &self.yields)
            .finish_non_exhaustive()
    }
}
