//! The codec of a model: types by name, contents as JSON.

use super::upcast::{EventSchema, UpcastEvent, UpcastPlan, UpcastStep, Upcaster};
use super::{CodecError, EventCodec, InvalidCodec, StoredEvent, unstorable};
use crate::json;
use crate::json::shape_of;
use crate::message::{Leaf, Message, join, leaves, split, unlike};
use foldhash::fast::FixedState;
use memchr::memchr2;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How much of a long text an error shows, in characters.
const BEGINNING_SHOWN: usize = 120;
const END_SHOWN: usize = 60;

/// The codec of a model's own events: the name of each is its type, and its content is its data, as JSON.
///
/// A message with its key, as those of [`many`](crate::Decider::many), has the data `{"key": …, "message": …}`.
///
/// Umbrella enums leave no trace in a log, so a model may be put together in another way and still read what it wrote. What
/// JSON does not hold (a number that is not finite, a key of a map that is no text) is refused on writing.
///
/// ```
/// use leftfold::codec::{Codec, EventCodec, StoredEvent};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// enum Event {
///     Opened { owner: String },
///     Deposited(u64),
///     Closed,
/// }
///
/// let codec = Codec::<Event>::new()?;
/// let mut data = Vec::new();
/// let (event_type, schema) = codec.encode(&Event::Opened { owner: "Petra".into() }, &mut data)?;
/// assert_eq!((&*event_type, schema), ("Opened", 1));
/// assert_eq!(data, br#"{"owner":"Petra"}"#);
///
/// let stored = StoredEvent { event_type: "Deposited", schema: 1, data: b"10" };
/// codec.decode(stored, &mut |_, event| assert_eq!(event, Event::Deposited(10)))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Codec<E> {
    table: Arc<TypeTable>,
    event: PhantomData<fn() -> E>,
}

/// What is known about the types of a model.
struct TypeTable {
    types: Vec<ModelType>,
    by_name: HashMap<&'static str, usize, FixedState>,
    plan: UpcastPlan,
}

/// A type of the model.
struct ModelType {
    name: Arc<str>,
    leaf: Leaf,
    schema: u32,
    /// Whether a value is known to be read under the name under which it is written.
    read_as_written: AtomicBool,
}

impl<E> Clone for Codec<E> {
    fn clone(&self) -> Self {
        Codec { table: self.table.clone(), event: PhantomData }
    }
}

impl<E> fmt::Debug for Codec<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Codec").field(&self.schemas()).finish()
    }
}

impl<E> Codec<E> {
    /// The types that it writes, with their schemas, in order of declaration.
    pub fn schemas(&self) -> Vec<EventSchema> {
        self.table.types.iter().map(|known| EventSchema::from((&*known.name, known.schema))).collect()
    }

    /// Whether it reads events of this type and schema, by itself or by an upcaster.
    pub fn reads(&self, event_type: &str, schema: u32) -> bool {
        self.table.current(event_type, schema).is_some() || self.table.plan.step(event_type, schema).is_some()
    }

    /// The way to a type of this name.
    pub(crate) fn leaf(&self, event_type: &str) -> Option<&Leaf> {
        self.table.by_name.get(event_type).map(|index| &self.table.types[*index].leaf)
    }
}

impl<E: Serialize + DeserializeOwned> Codec<E> {
    /// The codec of a model whose types have not changed yet; see [`builder`](Codec::builder) for one that has.
    ///
    /// # Errors
    /// [`InvalidCodec`] when the types have no names, or names that a log cannot tell apart.
    pub fn new() -> Result<Self, InvalidCodec> {
        Codec::builder().build()
    }

    /// The codec of a model that has changed: with the schemas that are written now, and upcasters for the older ones.
    pub fn builder() -> CodecBuilder<E> {
        CodecBuilder { schemas: Vec::new(), upcasters: Vec::new(), event: PhantomData }
    }

    /// The events that a stored event is read as.
    ///
    /// # Errors
    /// [`CodecError`] when it cannot be read.
    pub fn read(&self, stored: &UpcastEvent) -> Result<Vec<E>, CodecError> {
        let mut events = Vec::new();
        let UpcastEvent { schema: EventSchema { event_type, version }, data } = stored;
        let data = data.to_string();
        let stored = StoredEvent { event_type, schema: *version, data: data.as_bytes() };
        self.decode(stored, &mut |_, event| events.push(event))?;
        Ok(events)
    }

    fn decode_value(
        &self,
        stored: UpcastEvent,
        each: &mut dyn FnMut(&Arc<str>, E),
    ) -> Result<(), CodecError> {
        let mut waiting = vec![stored];
        while let Some(mut stored) = waiting.pop() {
            let EventSchema { event_type, version } = &stored.schema;
            if let Some(known) = self.table.current(event_type, *version) {
                let event = join(&known.leaf, &stored.data)
                    .map_err(|why| content(event_type, *version, stored.data.to_string().as_bytes(), &why))?;
                each(&known.name, event);
                continue;
            }
            match self.table.plan.step(event_type, *version) {
                None => return Err(self.table.unknown(event_type, *version)),
                Some(UpcastStep::Dropped) => {}
                Some(UpcastStep::Named(to)) => {
                    stored.schema = to.clone();
                    waiting.push(stored);
                }
                Some(UpcastStep::Apply(function)) => {
                    let keyed = self.table.is_keyed(event_type, *version);
                    let results = if keyed { function.to_message(stored) } else { function.to(stored) };
                    waiting.extend(results?.into_iter().rev());
                }
            }
        }
        Ok(())
    }
}

impl<E: Serialize + DeserializeOwned> EventCodec<E> for Codec<E> {
    fn encode(&self, event: &E, data: &mut Vec<u8>) -> Result<(Arc<str>, u32), CodecError> {
        let begin = data.len();
        let mut leaf = "";
        let written = json::write_by(data, |content| split(event, content, &mut leaf));
        let unwritable = |why: String| {
            let event_type = if leaf.is_empty() { std::any::type_name::<E>() } else { leaf };
            CodecError::Unwritable { event_type: event_type.to_string(), why }
        };
        written.map_err(|fault| unwritable(fault.sentence()))?;
        // In raw JSON, a line break can only be between tokens.
        let mut from = begin;
        while let Some(end) = memchr2(b'\n', b'\r', &data[from..]) {
            data[from + end] = b' ';
            from += end + 1;
        }
        let known = self.table.by_name.get(leaf).map(|index| &self.table.types[*index]);
        match known {
            Some(known) if known.read_as_written.load(Ordering::Relaxed) => {
                Ok((known.name.clone(), known.schema))
            }
            _ => {
                event.name().map_err(|error| unwritable(error.to_string()))?;
                let known = known.ok_or_else(|| unwritable("no such type is read".into()))?;
                known.read_as_written.store(true, Ordering::Relaxed);
                Ok((known.name.clone(), known.schema))
            }
        }
    }

    fn shape(&self, event: &E) -> Option<u64> {
        shape_of(|shape| event.serialize(shape))
    }

    fn comes_back(&self, event: &E, stored: StoredEvent<'_>) -> Result<(), CodecError>
    where
        E: PartialEq,
    {
        let StoredEvent { event_type, schema, data } = stored;
        let known =
            self.table.current(event_type, schema).ok_or_else(|| self.table.unknown(event_type, schema))?;
        let why = match json::read_by(data, |json| join::<E, _>(&known.leaf, json)) {
            Ok(read) if read == *event => return Ok(()),
            Ok(read) => unlike(data, &read),
            Err(error) => json::unread(data, &error),
        };
        Err(CodecError::Unfaithful { event_type: event_type.to_string(), why: why.sentence() })
    }

    fn decode(&self, stored: StoredEvent<'_>, each: &mut dyn FnMut(&Arc<str>, E)) -> Result<(), CodecError> {
        let StoredEvent { mut event_type, mut schema, data } = stored;
        loop {
            if let Some(known) = self.table.current(event_type, schema) {
                let event = json::read_by(data, |json| join(&known.leaf, json))
                    .map_err(|why| content(event_type, schema, data, &why))?;
                each(&known.name, event);
                return Ok(());
            }
            match self.table.plan.step(event_type, schema) {
                None => return Err(self.table.unknown(event_type, schema)),
                Some(UpcastStep::Dropped) => return Ok(()),
                Some(UpcastStep::Named(to)) => (event_type, schema) = (&to.event_type, to.version),
                Some(UpcastStep::Apply(_)) => {
                    let value: Value = serde_json::from_slice(data)
                        .map_err(|why| content(event_type, schema, data, &why))?;
                    return self.decode_value(UpcastEvent::new((event_type, schema), value), each);
                }
            }
        }
    }

    fn stored_types(&self, current: &str) -> Vec<String> {
        self.table.plan.stored_types(current)
    }
}

fn content(event_type: &str, schema: u32, data: &[u8], why: &dyn fmt::Display) -> CodecError {
    CodecError::Content {
        event_type: event_type.to_string(),
        schema,
        data: shortened(&String::from_utf8_lossy(data)),
        why: shortened(&why.to_string()),
    }
}

/// A long text without its middle: an error stays a sentence, and its end says what was expected.
fn shortened(text: &str) -> String {
    let length = text.chars().count();
    if length <= BEGINNING_SHOWN + END_SHOWN {
        return text.to_string();
    }
    let beginning = text.chars().take(BEGINNING_SHOWN);
    beginning.chain(" … ".chars()).chain(text.chars().skip(length - END_SHOWN)).collect()
}

impl TypeTable {
    /// The type of this name, if this is the schema that is written now.
    fn current(&self, event_type: &str, schema: u32) -> Option<&ModelType> {
        let known = &self.types[*self.by_name.get(event_type)?];
        (known.schema == schema).then_some(known)
    }

    /// Whether an event of this type and schema is read as a message with its key.
    fn is_keyed(&self, event_type: &str, schema: u32) -> bool {
        match self.current(event_type, schema) {
            Some(known) => known.leaf.keyed,
            None => {
                let yields = self.plan.yields(event_type, schema);
                yields.iter().any(|to| self.is_keyed(&to.event_type, to.version))
            }
        }
    }

    fn unknown(&self, event_type: &str, schema: u32) -> CodecError {
        match self.by_name.get(event_type).map(|index| self.types[*index].schema) {
            Some(newest) if schema > newest => {
                CodecError::Newer { event_type: event_type.to_string(), schema, newest }
            }
            _ => {
                let mut known: Vec<String> = self.types.iter().map(|known| known.name.to_string()).collect();
                known
                    .extend(self.plan.types().into_iter().filter(|read| !self.by_name.contains_key(&**read)));
                CodecError::Unknown { event_type: event_type.to_string(), schema, known }
            }
        }
    }
}

/// Collects schemas and upcasters; [`build`](CodecBuilder::build) checks that they fit together, and makes the codec.
///
/// See [`Upcaster`] for an example.
#[derive(Debug)]
#[must_use = "a codec is made by `build`"]
pub struct CodecBuilder<E> {
    schemas: Vec<(String, u32)>,
    upcasters: Vec<Upcaster>,
    event: PhantomData<fn() -> E>,
}

impl<E: Serialize + DeserializeOwned> CodecBuilder<E> {
    /// Declares the version of a type's schema that is written now: 1 where nothing is declared.
    pub fn schema(mut self, event_type: impl Into<String>, version: u32) -> Self {
        self.schemas.push((event_type.into(), version));
        self
    }

    /// Adds an upcaster.
    pub fn upcast(mut self, upcaster: Upcaster) -> Self {
        self.upcasters.push(upcaster);
        self
    }

    /// Builds the codec.
    ///
    /// # Errors
    /// [`InvalidCodec`] when the types have no names that a log can tell apart; when a schema is declared for a type
    /// that the model does not have; when an older schema is read by no upcaster; when upcasters go in a circle or lead nowhere.
    pub fn build(self) -> Result<Codec<E>, InvalidCodec> {
        let leaves = leaves::<E>()?;
        let mut types: Vec<ModelType> = Vec::with_capacity(leaves.len());
        let mut by_name = HashMap::default();
        for leaf in leaves {
            if let Some(why) = unstorable(leaf.leaf) {
                return Err(InvalidCodec::Unstorable { name: leaf.leaf.to_string(), why });
            }
            if let Some(one) = by_name.insert(leaf.leaf, types.len()) {
                return Err(InvalidCodec::Twice { one: types[one].leaf.name.clone(), other: leaf.name });
            }
            let read_as_written = AtomicBool::new(false);
            types.push(ModelType { name: leaf.leaf.into(), leaf, schema: 1, read_as_written });
        }
        for (event_type, version) in self.schemas {
            match by_name.get(&*event_type) {
                _ if version == 0 => return Err(InvalidCodec::SchemaZero { event_type }),
                Some(index) => types[*index].schema = version,
                None => {
                    let known = types.iter().map(|known| known.name.to_string()).collect();
                    return Err(InvalidCodec::NoSuchType { event_type, version, known });
                }
            }
        }
        let current: BTreeMap<&str, u32> = types.iter().map(|known| (&*known.name, known.schema)).collect();
        let plan = UpcastPlan::new(&current, self.upcasters)?;
        Ok(Codec { table: Arc::new(TypeTable { types, by_name, plan }), event: PhantomData })
    }
}
