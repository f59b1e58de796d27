//! The lock itself: checking a model against its file, and writing the file.

use super::super::upcast::EventSchema;
use super::difference::{Difference, differences, named};
use super::file::{self, LockedShape};
use super::shape::Shape;
use super::shape_of_type::{Explorer, ShapeUnknown};
use crate::codec::{Codec, CodecError, EventCodec, StoredEvent};
use crate::message::join;
use crate::page::{shown, with_sources};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::Path;
use std::{env, fmt, fs, io};

/// The variable that asks for the lock to be written again.
const WRITE: &str = "LEFTFOLD_SCHEMA";

/// The schema lock of a codec; see the [module](crate::codec::schema) for what it is.
pub struct SchemaLock<E> {
    codec: Codec<E>,
    examples: Vec<E>,
}

/// The result of checking a lock that nothing breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockStatus {
    /// The file says how the model is.
    Current,
    /// Old events are read, but the model has changed since: what the file does not say yet.
    OutOfDate(Vec<String>),
}

/// A stored event that an old log may hold, and that the model does not read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Break {
    /// Its type and schema.
    pub schema: EventSchema,
    /// What has changed, a sentence for each field.
    pub changes: Vec<String>,
    /// Content that an old log may hold.
    pub content: String,
    /// Why it is not read.
    pub why: String,
    /// What to do.
    pub advice: String,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} is not read as an old log may hold it", shown(&self.schema))?;
        for change in &self.changes {
            writeln!(f, "  {}", shown(change))?;
        }
        writeln!(f, "  such as  {}", shown(&self.content))?;
        writeln!(f, "  error    {}", shown(&self.why))?;
        write!(f, "  to do    {}", shown(&self.advice))
    }
}

/// Why a lock does not hold, or cannot be checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// The model does not read what old logs may hold.
    #[error("{}", .0.iter().map(Break::to_string).collect::<Vec<_>>().join("\n\n"))]
    Broken(Vec<Break>),
    /// No value of a field was found that the type takes.
    #[error(
        "{event_type}: no sample value is taken by {place} ({why}): give an event that has one, with `.example(…)`",
        event_type = shown(.event_type), place = shown(.place), why = shown(.why)
    )]
    NoExample {
        /// The type.
        event_type: String,
        /// The field.
        place: String,
        /// Why the last sample was not taken.
        why: String,
    },
    /// An event of the present model is written, and does not read back.
    #[error(
        "{event_type} is written as {content}, which does not read back: {why}",
        event_type = shown(.event_type), content = shown(.content), why = shown(.why)
    )]
    NotReadBack {
        /// The type.
        event_type: String,
        /// What is written.
        content: String,
        /// Why it is not read.
        why: String,
    },
    /// An example cannot be written.
    #[error("an example cannot be written")]
    Example(#[source] CodecError),
    /// The file is no lock.
    #[error("{file} is no schema lock: {why}", file = shown(.file), why = shown(.why))]
    NoLock {
        /// The file.
        file: String,
        /// What was found.
        why: String,
    },
    /// The file cannot be read or written.
    #[error("{doing} failed", doing = shown(.doing))]
    File {
        /// What was tried.
        doing: String,
        /// What the system says.
        source: io::Error,
    },
}

impl<E> fmt::Debug for SchemaLock<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SchemaLock").field("codec", &self.codec).finish_non_exhaustive()
    }
}

impl<E: Serialize + DeserializeOwned> SchemaLock<E> {
    /// The lock of what this codec writes and reads.
    pub fn of(codec: &Codec<E>) -> Self {
        SchemaLock { codec: codec.clone(), examples: Vec::new() }
    }

    /// Adds an event whose fields are taken as samples where the lock finds none by itself.
    #[must_use]
    pub fn example(mut self, event: E) -> Self {
        self.examples.push(event);
        self
    }

    /// The text of the file for the model as it is, without a past.
    ///
    /// ```
    /// use leftfold::codec::Codec;
    /// use leftfold::codec::schema::SchemaLock;
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Serialize, Deserialize)]
    /// enum Event { Opened { owner: String, limit: Option<u32> } }
    ///
    /// let text = SchemaLock::of(&Codec::<Event>::new()?).text()?;
    /// assert!(text.contains(r#"
    ///       "type": "Opened",
    ///       "schema": 1,
    ///       "data": {
    ///         "struct": {
    ///           "limit": { "optional": "u32" },
    ///           "owner": "text"
    ///         }
    ///       }"#), "{text}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`LockError::NoExample`] where an example is needed.
    pub fn text(&self) -> Result<String, LockError> {
        Ok(file::written(&self.merged(Vec::new())?))
    }

    /// Compares the model with the file.
    ///
    /// # Errors
    /// [`LockError::Broken`] when the model does not read what old logs may hold; others when the file cannot be read, or
    /// when a shape cannot be found.
    pub fn check(&self, file: impl AsRef<Path>) -> Result<LockStatus, LockError> {
        let locked = locked(file.as_ref())?;
        let merged = self.merged(locked.clone())?;
        if merged == locked {
            return Ok(LockStatus::Current);
        }
        let new = merged.iter().filter(|entry| !locked.contains(entry));
        let notes =
            new.flat_map(|entry| match locked.iter().rev().find(|older| older.schema == entry.schema) {
                None => vec![format!("{} is new", entry.schema)],
                Some(older) => differences(&older.shape, &entry.shape)
                    .iter()
                    .map(|difference| format!("{}: {}", entry.schema, difference.sentence()))
                    .collect(),
            });
        let mut notes: Vec<String> = notes.collect();
        if notes.is_empty() {
            notes.push("its entries are written in another way".to_string());
        }
        Ok(LockStatus::OutOfDate(notes))
    }

    /// Writes the file, with all that was ever locked in it.
    ///
    /// # Errors
    /// [`LockError::Broken`] when the model does not read what is locked already: nothing is written over that.
    pub fn write(&self, file: impl AsRef<Path>) -> Result<(), LockError> {
        let file = file.as_ref();
        let locked = if file.exists() { locked(file)? } else { Vec::new() };
        let text = file::written(&self.merged(locked)?);
        fs::write(file, text)
            .map_err(|source| LockError::File { doing: format!("writing {}", file.display()), source })
    }

    /// Compares the model with the file, in a test: fails if the model does not read events that old logs may hold.
    ///
    /// If there is no file, or the environment has `LEFTFOLD_SCHEMA=write`, the file is written. If the model has changed and
    /// still reads old events, the test passes and says that the file is out of date. If the environment has `CI`, a file that
    /// is missing or out of date fails the test, since nobody would commit it.
    ///
    /// # Panics
    /// With the [`LockError`] as its message.
    #[track_caller]
    pub fn assert(&self, file: impl AsRef<Path>) {
        let file = file.as_ref();
        let on_ci = env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
        let wanted = env::var_os(WRITE).is_some_and(|value| value == "write");
        let outcome = if wanted || (!file.exists() && !on_ci) {
            self.write(file).map(|()| {
                eprintln!("{} is written; commit it", crate::page::shown(file.display()));
                LockStatus::Current
            })
        } else {
            self.check(file)
        };
        match outcome {
            Ok(LockStatus::Current) => {}
            Ok(LockStatus::OutOfDate(notes)) => {
                let notice = format!(
                    "{} is out of date:\n  {}\nold events are read; write it with {WRITE}=write and commit it",
                    file.display(),
                    notes.join("\n  ")
                );
                assert!(!on_ci, "\n{notice}\n");
                eprintln!("{notice}");
            }
            Err(error) => panic!(
                "\n{}\n\n{} says how stored events look; {WRITE}=write writes it again when old events are read\n",
                with_sources(&error),
                file.display()
            ),
        }
    }

    /// The locked entries together with the present ones, if the model reads them all.
    fn merged(&self, mut entries: Vec<LockedShape>) -> Result<Vec<LockedShape>, LockError> {
        let now = self.now()?;
        let breaks: Vec<Break> = entries.iter().filter_map(|entry| self.broken(entry, &now)).collect();
        if !breaks.is_empty() {
            return Err(LockError::Broken(breaks));
        }
        for entry in now {
            if entries.contains(&entry) {
                continue;
            }
            // An older shape that the new one covers needs no entry of its own.
            entries.retain(|older| older.schema != entry.schema || !entry.shape.covers(&older.shape));
            entries.push(entry);
        }
        entries.sort_by(|one, other| one.schema.cmp(&other.schema));
        Ok(entries)
    }

    /// The shapes of all types as they are written now.
    fn now(&self) -> Result<Vec<LockedShape>, LockError> {
        let mut examples = Vec::new();
        for example in &self.examples {
            let mut data = Vec::new();
            let (event_type, _) = self.codec.encode(example, &mut data).map_err(LockError::Example)?;
            let value: Value = serde_json::from_slice(&data).map_err(|why| LockError::NotReadBack {
                event_type: event_type.to_string(),
                content: String::from_utf8_lossy(&data).into_owned(),
                why: why.to_string(),
            })?;
            examples.push((event_type, value));
        }
        let mut entries = Vec::new();
        for schema in self.codec.schemas() {
            let own = examples.iter().filter(|(event_type, _)| **event_type == *schema.event_type);
            let own: Vec<Value> = own.map(|(_, value)| value.clone()).collect();
            entries.push(LockedShape { shape: self.shape(&schema, &own)?, schema });
        }
        entries.sort_by(|one, other| one.schema.cmp(&other.schema));
        Ok(entries)
    }

    fn shape(&self, schema: &EventSchema, examples: &[Value]) -> Result<Shape, LockError> {
        let event_type = &schema.event_type;
        let Some(leaf) = self.codec.leaf(event_type) else { return Ok(Shape::Anything) };
        let explorer = Explorer {
            probe: &|probe| drop(join::<E, _>(leaf, probe)),
            whole: &|value| join::<E, _>(leaf, value).map(drop).map_err(|why| why.to_string()),
            examples,
        };
        let shape = explorer.shape().map_err(|ShapeUnknown { place, why, .. }| LockError::NoExample {
            event_type: event_type.clone(),
            place: named(&place),
            why,
        })?;
        for sample in shape.samples() {
            let content = sample.value.to_string();
            self.there_and_back(schema, &content).map_err(|why| LockError::NotReadBack {
                event_type: event_type.clone(),
                content,
                why,
            })?;
        }
        Ok(shape)
    }

    /// Reads a stored event, writes the events that it is read as, and reads these again.
    fn there_and_back(&self, schema: &EventSchema, content: &str) -> Result<(), String> {
        let EventSchema { event_type, version } = schema;
        let stored = StoredEvent { event_type, schema: *version, data: content.as_bytes() };
        let mut events = Vec::new();
        self.codec.decode(stored, &mut |_, event| events.push(event)).map_err(|why| why.to_string())?;
        for event in events {
            let mut data = Vec::new();
            let (event_type, schema) = self.codec.encode(&event, &mut data).map_err(|why| why.to_string())?;
            let stored = StoredEvent { event_type: &event_type, schema, data: &data };
            self.codec.decode(stored, &mut |_, _| ()).map_err(|why| why.to_string())?;
        }
        Ok(())
    }

    /// Content of this shape that an old log may hold, and that the model does not read.
    fn broken(&self, entry: &LockedShape, now: &[LockedShape]) -> Option<Break> {
        let LockedShape { schema, shape } = entry;
        let (sample, why) = shape.samples().into_iter().find_map(|sample| {
            let why = self.there_and_back(schema, &sample.value.to_string()).err()?;
            Some((sample, why))
        })?;
        let EventSchema { event_type, version } = schema;
        let current = now.iter().find(|now| now.schema.event_type == *event_type);
        let (changes, advice) = match current {
            _ if !self.codec.reads(event_type, *version) => match current {
                Some(now) => (
                    vec![format!("the model declares schema {}", now.schema.version)],
                    format!("declare `.schema({event_type:?}, {version})` again: a schema is not taken back"),
                ),
                None => (
                    vec![format!("{event_type} is no type of the model any more, and no upcaster reads it")],
                    format!(
                        "add an upcaster: `Upcaster::renamed({event_type:?}, …)` if it has another name, `split` or `new` \
                         if it became something else, `dropped` if it means nothing any more"
                    ),
                ),
            },
            Some(now) if now.schema == *schema => {
                let different = differences(shape, &now.shape);
                let mut changes: Vec<String> =
                    different.iter().filter(|one| one.breaks).map(Difference::sentence).collect();
                if changes.is_empty() {
                    changes.push(format!("{} takes less than when it was locked", named(&sample.place)));
                }
                let next = version.saturating_add(1);
                let advice = format!(
                    "let the model read it (a new field: `#[serde(default)]` or an `Option`), or declare \
                     `.schema({event_type:?}, {next})` and add `Upcaster::changed(({event_type:?}, {version}), …)`"
                );
                (changes, advice)
            }
            _ => (
                vec![format!("{}: the upcaster does not lead to what is read now", named(&sample.place))],
                format!("change the upcaster of {schema}, so that it takes this content"),
            ),
        };
        Some(Break { schema: schema.clone(), changes, content: sample.value.to_string(), why, advice })
    }
}

fn locked(file: &Path) -> Result<Vec<LockedShape>, LockError> {
    let text = fs::read_to_string(file)
        .map_err(|source| LockError::File { doing: format!("reading {}", file.display()), source })?;
    file::read(&text).map_err(|why| LockError::NoLock { file: file.display().to_string(), why })
}
