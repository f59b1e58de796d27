//! A line of JSON as people write it, read into an event, a deletion or a description.

use crate::codec::{EventCodec, RawCodec, RawEvent};
use crate::recorded::moment::moment;
use crate::recorded::{
    EventId, Headers, InvalidText, Metadata, Position, Scalar, StreamName, Tag, Timestamp, Version, too_long,
};
use crate::store::{DELETED, DESCRIBED, NewEvent, Write};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::fmt;
use xxhash_rust::xxh3::xxh3_128;

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
        .map_err(|_| format!("`{field}` is {what}, and {} is none", super::short(raw.get())))
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

/// A line that was read.
pub(super) struct ParsedLine {
    pub(super) write: Write<RawEvent>,
    pub(super) id: Option<EventId>,
    pub(super) at: Option<Timestamp>,
    pub(super) position: Option<Position>,
    pub(super) version: Option<Version>,
    pub(super) batch: Option<u64>,
    /// A fingerprint of the event: lines with other fingerprints are other events.
    pub(super) meaning: u128,
}

/// Reads a line, or says in a sentence why it is none.
pub(super) fn read(text: &str) -> Result<ParsedLine, String> {
    if !text.starts_with('{') {
        return Err(format!("a line is an object in braces, and {} is none", super::short(text)));
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
    let at =
        at.map(|at| moment(&at, None).map_err(|why| format!("`at` is {:?}, which {why}", super::short(&at))));
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
    let content: Value = serde_json::from_str(data.get()).map_err(|error| explain(&error))?;
    let meaning = meaning(&stream, &event_type, schema, &tags, &content);
    let bare = tags.is_empty() && meta.is_empty() && schema == 1;
    let write = match &*event_type {
        DELETED | DESCRIBED if !bare => {
            return Err(format!("a line of type {event_type} has no tags, no meta and no schema"));
        }
        DELETED if !content.is_null() => return Err("the data of a deletion is null".to_string()),
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
    Ok(ParsedLine { write, id, at, position, version, batch, meaning })
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
                return Err(A::Error::custom(format_args!("{TWICE}{:?}", super::short(&name))));
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
        Some((why, column)) => format!("{} (at character {column})", crate::page::named(why)),
        None => crate::page::named(text),
    }
}

fn meaning(stream: &StreamName, event_type: &str, schema: u32, tags: &[Tag], content: &Value) -> u128 {
    #[derive(Serialize)]
    struct Meaning<'m>(&'m str, &'m str, u32, &'m [Tag], &'m Value);
    // All parts were JSON already, so serializing them does not fail.
    let bytes = serde_json::to_vec(&Meaning(stream.as_str(), event_type, schema, tags, content));
    xxh3_128(&bytes.unwrap_or_default())
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
    fn the_same_event_written_otherwise_means_the_same() {
        let meaning = |text: &str| read(text).map(|parsed| parsed.meaning).unwrap();
        let one = meaning(r#"{"stream":"a","type":"B","data":{"x":1,"y":[2]}}"#);
        assert_eq!(one, meaning(r#"{"data": {"y": [2], "x": 1}, "id":"z", "type":"B", "stream":"a"}"#));
        assert_ne!(one, meaning(r#"{"stream":"a","type":"B","data":{"x":1,"y":[3]}}"#));
        assert_ne!(one, meaning(r#"{"stream":"a","type":"B","tags":["t"],"data":{"x":1,"y":[2]}}"#));
    }

    #[test]
    fn what_is_no_line_is_refused_with_a_sentence() {
        for (text, why) in [
            ("{", "EOF while parsing"),
            (r#"{"stream":"a","type":"B"}"#, "missing field `data`"),
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
            let refused = read(text).map(|parsed| parsed.meaning).expect_err(text);
            assert!(refused.contains(why), "{text}: {refused}");
            for inner in
                ["untagged", "enum", "struct", "u64", "u32", "f64", "Scalar", "Plain", "line 1 column"]
            {
                assert!(!refused.contains(inner), "{text}: {refused}");
            }
        }
    }
}
