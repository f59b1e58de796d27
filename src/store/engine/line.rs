//! A line of JSON for each entry of a log, as `leftfold log export` and people write it.

use crate::codec::{EventCodec, RawCodec, RawEvent};
use crate::page::{named, shown};
use crate::recorded::moment::moment;
use crate::recorded::{
    EventId, Headers, InvalidText, Metadata, Position, Scalar, StreamName, Tag, Timestamp, Version, too_long,
};
use crate::store::batch::{NewEvent, Write};
use crate::store::entry::{DELETED, DESCRIBED, Entry};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// An entry of a log as a line of JSON: what `leftfold log export` prints and `leftfold log import` reads.
///
/// It is read from a text by `parse`, and prints as one line. A line that a person writes needs `stream`, `type` and `data` alone;
/// what an import asks for besides is its own matter.
///
/// ```
/// use leftfold::store::engine::Line;
///
/// let by_hand: Line = r#"{"stream":"account-1","type":"Opened","data":{"owner":"Petra"}}"#.parse()?;
/// assert_eq!((by_hand.write.stream().as_str(), by_hand.id), ("account-1", None));
///
/// let exported = r#"{"position":8,"stream":"account-1","version":3,"type":"$deleted","at":"2026-11-23T09:30:00Z","id":"e-8","data":null}"#;
/// assert_eq!(exported.parse::<Line>()?.to_string(), exported);
///
/// let twice = r#"{"stream":"account-1","stream":"account-2","type":"Opened","data":{}}"#.parse::<Line>();
/// assert_eq!(twice.unwrap_err().to_string(), "duplicate field `stream` (at character 30)");
/// # Ok::<(), leftfold::store::engine::InvalidLine>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Line {
    /// What was written, or is to be written. An event has the id of the line.
    pub write: Write<RawEvent>,
    /// The id of the entry.
    pub id: Option<EventId>,
    /// When it was recorded.
    pub at: Option<Timestamp>,
    /// Its position in the log that the line is from.
    pub position: Option<Position>,
    /// Its version in its stream; the metadata of a stream has the version that the stream had then.
    pub version: Option<Version>,
    /// Lines that follow each other with the same number are one batch.
    pub batch: Option<u64>,
}

/// Why a text is no [`Line`]: a sentence that names the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", shown(.0))]
pub struct InvalidLine(String);

impl Line {
    /// The line of an entry that was recorded in a batch from the first of these positions to the last. A batch of one entry is
    /// not named.
    pub fn of(entry: Entry<'_, RawEvent>, batch: RangeInclusive<Position>) -> Line {
        let envelope = entry.envelope();
        let (stream, id) = (envelope.stream.clone(), Some(envelope.id.clone()));
        let write = match entry {
            Entry::Event(_, event) => {
                let (event, tags, metadata) =
                    (event.clone(), envelope.tags.clone(), envelope.metadata.clone());
                Write::Event(stream, NewEvent { event, id: id.clone(), tags, metadata })
            }
            Entry::Deleted(_) => Write::Delete(stream),
            Entry::Described(_, headers) => Write::Describe(stream, headers.clone()),
        };
        Line {
            write,
            id,
            at: Some(envelope.recorded_at),
            position: Some(envelope.position),
            version: Some(envelope.version),
            batch: (batch.start() < batch.end()).then_some(batch.start().get()),
        }
    }
}

/// A line as it is written, in the order of its fields.
#[derive(Serialize)]
struct Written<'l> {
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<Position>,
    stream: &'l StreamName,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<Version>,
    #[serde(rename = "type")]
    event_type: &'l str,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<u32>,
    #[serde(skip_serializing_if = "<[Tag]>::is_empty")]
    tags: &'l [Tag],
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'l EventId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<&'l Metadata>,
    data: Content<'l>,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<u64>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'l> {
    Event(&'l RawValue),
    Deletion,
    Description(&'l Headers),
}

/// Prints one line, without the line break.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = |event_type, data| Written {
            position: self.position,
            stream: self.write.stream(),
            version: self.version,
            event_type,
            schema: None,
            tags: &[],
            at: self.at,
            id: self.id.as_ref(),
            meta: None,
            data,
            batch: self.batch,
        };
        let written = match &self.write {
            Write::Event(_, NewEvent { event, tags, metadata, .. }) => Written {
                schema: (event.schema != 1).then_some(event.schema),
                tags,
                meta: (!metadata.is_empty()).then_some(metadata),
                ..bare(&event.event_type, Content::Event(&event.data))
            },
            Write::Delete(_) => bare(DELETED, Content::Deletion),
            Write::Describe(_, headers) => bare(DESCRIBED, Content::Description(headers)),
        };
        // All parts are texts, numbers and JSON, so serializing them does not fail.
        let text = serde_json::to_string(&written).map_err(|_| fmt::Error)?;
        // The JSON of an event may have line breaks between its tokens, where a space means the same.
        f.write_str(&text.replace(['\n', '\r'], " "))
    }
}

/// A line as people write it. All fields but `stream`, `type` and `data` may be left out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain<'l> {
    #[serde(borrow)]
    position: Option<&'l RawValue>,
    #[serde(borrow)]
    stream: &'l RawValue,
    #[serde(borrow)]
    version: Option<&'l RawValue>,
    #[serde(borrow, rename = "type")]
    event_type: &'l RawValue,
    #[serde(borrow)]
    schema: Option<&'l RawValue>,
    #[serde(borrow)]
    tags: Option<&'l RawValue>,
    #[serde(borrow)]
    at: Option<&'l RawValue>,
    #[serde(borrow)]
    id: Option<&'l RawValue>,
    #[serde(borrow)]
    meta: Option<&'l RawValue>,
    #[serde(borrow)]
    data: &'l RawValue,
    /// Lines that follow each other with the same number are recorded as one batch.
    #[serde(borrow)]
    batch: Option<&'l RawValue>,
    /// The checksum of a line that was copied from a log. It is not checked, because the line may have been edited by hand.
    #[serde(borrow, rename = "crc")]
    _crc: Option<&'l RawValue>,
}

/// Reads a field, or says in a sentence what the field should hold.
fn parse_field<'l, T: Deserialize<'l>>(field: &str, raw: &'l RawValue, what: &str) -> Result<T, String> {
    serde_json::from_str(raw.get())
        .map_err(|_| format!("`{field}` is {what}, and {} is none", short(raw.get())))
}

/// Reads a field that may be left out, or be null.
fn parse_optional<'l, T: Deserialize<'l>>(
    field: &str,
    raw: Option<&'l RawValue>,
    what: &str,
) -> Result<Option<T>, String> {
    raw.map_or(Ok(None), |raw| parse_field(field, raw, what))
}

/// Reads a name, which has rules of its own.
fn parse_name<T>(
    field: &str,
    text: String,
    of: impl FnOnce(String) -> Result<T, InvalidText>,
) -> Result<T, String> {
    of(text).map_err(|why| format!("`{field}`: {why}"))
}

const TEXT: &str = "a text in quotes";
const NUMBER: &str = "a whole number";

impl FromStr for Line {
    type Err = InvalidLine;

    fn from_str(text: &str) -> Result<Line, InvalidLine> {
        read(text.trim_ascii()).map_err(InvalidLine)
    }
}

/// Reads a line, or says in a sentence why it is none.
fn read(text: &str) -> Result<Line, String> {
    if !text.starts_with('{') {
        return Err(format!("a line is an object in braces, and {} is none", short(text)));
    }
    let plain: Plain<'_> = serde_json::from_str(text).map_err(|error| explain(&error))?;
    let data = plain.data;
    let position = parse_optional("position", plain.position, NUMBER)?.map(Position::new);
    let stream = parse_name("stream", parse_field("stream", plain.stream, TEXT)?, StreamName::new)?;
    let version = parse_optional("version", plain.version, NUMBER)?.map(Version::new);
    let event_type: String = parse_field("type", plain.event_type, TEXT)?;
    let schema =
        plain.schema.map_or(Ok(1), |raw| parse_field("schema", raw, "a whole number of at most 32 bits"))?;
    let tags: Vec<String> =
        plain.tags.map_or(Ok(Vec::new()), |raw| parse_field("tags", raw, "a list of texts in quotes"))?;
    let tags =
        tags.into_iter().map(|tag| parse_name("tags", tag, Tag::new)).collect::<Result<Vec<_>, _>>()?;
    let at: Option<String> = parse_optional("at", plain.at, TEXT)?;
    let at = at.map(|at| moment(&at, None).map_err(|why| format!("`at` is {:?}, which {why}", short(&at))));
    let at = at.transpose()?;
    let id: Option<String> = parse_optional("id", plain.id, TEXT)?;
    let id = id.map(|id| parse_name("id", id, EventId::new)).transpose()?;
    let meta: Metadata = match plain.meta {
        None => Metadata::default(),
        Some(raw) if !raw.get().starts_with('{') => parse_field("meta", raw, "an object in braces")?,
        Some(raw) => {
            serde_json::from_str(raw.get()).map_err(|error| format!("`meta`: {}", explain(&error)))?
        }
    };
    let ids =
        [meta.correlation_id.as_ref().map(AsRef::as_ref), meta.causation_id.as_ref().map(AsRef::as_ref)];
    if let Some(why) = ids.into_iter().flatten().find_map(too_long) {
        return Err(format!("`meta` holds an id that cannot be one: {why}"));
    }
    let batch: Option<u64> = parse_optional("batch", plain.batch, NUMBER)?;
    let bare = tags.is_empty() && meta.is_empty() && schema == 1;
    let write = match &*event_type {
        DELETED | DESCRIBED if !bare => {
            return Err(format!("a line of type {event_type} has no tags, no meta and no schema"));
        }
        DELETED if data.get() != "null" => return Err("the data of a deletion is null".to_string()),
        DELETED => Write::Delete(stream),
        DESCRIBED => {
            let Described(headers) =
                serde_json::from_str(data.get()).map_err(|error| match error.to_string() {
                    twice if twice.starts_with(TWICE) => explain(&error),
                    _ => "the data of a description is an object of flags, numbers and texts".to_string(),
                })?;
            Write::Describe(stream, headers)
        }
        _ => {
            let event = RawEvent { event_type: event_type.into(), schema, data: data.to_owned() };
            // Refuse what the store would refuse before anything is recorded.
            RawCodec.encode(&event, &mut Vec::new()).map_err(|error| error.to_string())?;
            Write::Event(stream, NewEvent { event, id: id.clone(), tags, metadata: meta })
        }
    };
    Ok(Line { write, id, at, position, version, batch })
}

/// The headers of a description, each of which occurs once.
struct Described(Headers);

const TWICE: &str = "a description holds twice ";

impl<'de> Deserialize<'de> for Described {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Described(Headers::new()))
    }
}

impl<'de> Visitor<'de> for Described {
    type Value = Described;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of headers")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Described, A::Error> {
        while let Some((name, value)) = map.next_entry::<String, Scalar>()? {
            if self.0.contains_key(&name) {
                return Err(A::Error::custom(format_args!("{TWICE}{:?}", short(&name))));
            }
            self.0.insert(name, value);
        }
        Ok(self)
    }
}

/// What serde says of a line that is not JSON or lacks a field, without the line number, which is always 1.
fn explain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line 1 column ") {
        // The text may contain the name of a field, which may be anything.
        Some((why, column)) => format!("{} (at character {column})", named(why)),
        None => named(text),
    }
}

/// The beginning of a text, to recognise it by.
fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_needs_a_stream_a_type_and_data_alone() {
        let parsed = read(r#"{"stream":"account-1","type":"Opened","data":{"owner":"Petra"}}"#).ok().unwrap();
        assert_eq!(parsed.write.stream().as_str(), "account-1");
        assert!(parsed.id.is_none() && parsed.at.is_none() && parsed.version.is_none());
    }

    #[test]
    fn what_is_no_line_is_refused_with_a_sentence() {
        for (text, why) in [
            ("{", "EOF while parsing"),
            (r#"{"stream":"a","type":"B"}"#, "missing field `data`"),
            (r#"{"stream":"a","stream":"b","type":"B","data":1}"#, "duplicate field `stream`"),
            (r#"{"stream":"","type":"B","data":1}"#, "it is empty"),
            (r#"{"stream":"a","type":"$b","data":1}"#, "begin with `$`"),
            (r#"{"stream":"a","type":"","data":1}"#, "the name is empty"),
            (r#"{"stream":"a","typ":"B","data":1}"#, "unknown field `typ`"),
            (r#"{"stream":"a","type":"B","schema":0,"data":1}"#, "counted from 1"),
            (r#"{"stream":"a","type":"B","at":"today","data":1}"#, "`at` is \"today\", which is no time;"),
            (
                r#"{"stream":"a","type":"B","at":"2026-11-23T09:30:00.1234567890123Z","data":1}"#,
                "which has 13 digits after the second; a time has at most 9",
            ),
            (r#"{"stream":"a","type":"B","at":"2026-11-23T24:00:00Z","data":1}"#, "which has the hour 24;"),
            (
                r#"{"stream":"a","type":"B","at":"2026-11-23T09:30:00","data":1}"#,
                "which has no offset from UTC",
            ),
            (r#"{"stream":"a","type":"B","at":17,"data":1}"#, "`at` is a text in quotes, and 17 is none"),
            (r#"{"stream":5,"type":"B","data":1}"#, "`stream` is a text in quotes, and 5 is none"),
            (r#"{"stream":"a","type":null,"data":1}"#, "`type` is a text in quotes, and null is none"),
            (
                r#"{"stream":"a","type":"B","position":"1","data":1}"#,
                "`position` is a whole number, and \"1\" is none",
            ),
            (
                r#"{"stream":"a","type":"B","version":-1,"data":1}"#,
                "`version` is a whole number, and -1 is none",
            ),
            (
                r#"{"stream":"a","type":"B","batch":1.5,"data":1}"#,
                "`batch` is a whole number, and 1.5 is none",
            ),
            (
                r#"{"stream":"a","type":"B","schema":4294967296,"data":1}"#,
                "`schema` is a whole number of at most 32 bits",
            ),
            (
                r#"{"stream":"a","type":"B","tags":"x","data":1}"#,
                "`tags` is a list of texts in quotes, and \"x\" is none",
            ),
            (r#"{"stream":"a","type":"B","tags":[""],"data":1}"#, "`tags`: "),
            (
                r#"{"stream":"a","type":"B","meta":5,"data":1}"#,
                "`meta` is an object in braces, and 5 is none",
            ),
            (
                r#"{"stream":"a","type":"B","meta":{"x":[]},"data":1}"#,
                "\"x\" is neither a flag, nor a number, nor a text",
            ),
            (r#"{"stream":"a","type":"B","meta":{"x":null},"data":1}"#, "the header \"x\" has no value"),
            (r#"["a","B",1]"#, "a line is an object in braces, and [\"a\",\"B\",1] is none"),
            ("17", "a line is an object in braces, and 17 is none"),
            (r#"{"stream":"a","type":"$deleted","data":1}"#, "the data of a deletion is null"),
            (r#"{"stream":"a","type":"$deleted","tags":["x"],"data":null}"#, "has no tags"),
            (r#"{"stream":"a","type":"$described","data":{"x":[]}}"#, "an object of flags"),
            (r#"{"stream":"a","type":"$described","data":[]}"#, "an object of flags"),
            (r#"{"stream":"a","type":"$described","data":{"x":1,"x":2}}"#, "a description holds twice \"x\""),
            (r#"{"stream":"a","type":"B","meta":{"x":1,"x":2},"data":1}"#, "the header \"x\" stands twice"),
        ] {
            let refused = read(text).expect_err(text);
            assert!(refused.contains(why), "{text}: {refused}");
            for inner in
                ["untagged", "enum", "struct", "u64", "u32", "f64", "Scalar", "Plain", "line 1 column"]
            {
                assert!(!refused.contains(inner), "{text}: {refused}");
            }
        }
    }
}
