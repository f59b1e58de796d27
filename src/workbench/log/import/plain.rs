use crate::recorded::{EventId, Headers, Metadata, Position, StreamName, Tag, Timestamp, Version};
use crate::store::codec::{EventCodec, RawCodec, RawEvent};
use crate::store::{DELETED, DESCRIBED, NewEvent, Write};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use xxhash_rust::xxh3::xxh3_128;

/// A line as people write it: all but `stream`, `type` and `data` may be left out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain<'l> {
    position: Option<Position>,
    stream: StreamName,
    version: Option<Version>,
    #[serde(rename = "type")]
    event_type: String,
    #[serde(default = "first")]
    schema: u32,
    #[serde(default)]
    tags: Vec<Tag>,
    at: Option<Timestamp>,
    id: Option<EventId>,
    #[serde(default)]
    meta: Metadata,
    #[serde(borrow)]
    data: &'l RawValue,
    /// Lines that follow each other and say the same here are recorded as one batch.
    batch: Option<u64>,
    /// Of a line that was copied out of a log. It is not looked at: what was copied by hand may be edited by hand.
    #[serde(rename = "crc")]
    _crc: Option<String>,
}

fn first() -> u32 {
    1
}

/// What a line asks to be recorded.
pub(super) struct Asked {
    pub(super) write: Write<RawEvent>,
    pub(super) id: Option<EventId>,
    pub(super) at: Option<Timestamp>,
    pub(super) position: Option<Position>,
    pub(super) version: Option<Version>,
    pub(super) batch: Option<u64>,
    /// A fingerprint of what happened: lines that differ in it are not the same event.
    pub(super) meaning: u128,
}

/// Reads a line; a sentence where it is none.
pub(super) fn read(text: &str) -> Result<Asked, String> {
    let plain: Plain<'_> = serde_json::from_str(text).map_err(|error| explained(&error))?;
    let Plain { position, stream, version, event_type, schema, tags, at, id, meta, data, batch, .. } = plain;
    let content: Value = serde_json::from_str(data.get()).map_err(|error| explained(&error))?;
    let meaning = meaning(&stream, &event_type, schema, &tags, &content);
    let bare = tags.is_empty() && meta.is_empty() && schema == 1;
    let write = match &*event_type {
        DELETED | DESCRIBED if !bare => {
            return Err(format!("a line of type {event_type} has no tags, no meta and no schema"));
        }
        DELETED if !content.is_null() => return Err("the data of a deletion is null".to_string()),
        DELETED => Write::Delete(stream),
        DESCRIBED => {
            let headers: Headers = serde_json::from_value(content).map_err(|_| {
                "the data of a description is an object of flags, numbers and texts".to_string()
            })?;
            Write::Describe(stream, headers)
        }
        _ => {
            let event = RawEvent { event_type: event_type.into(), schema, data: data.to_owned() };
            // Whatever the store would refuse is refused before anything is recorded.
            RawCodec.encode(&event, &mut Vec::new()).map_err(|error| error.to_string())?;
            Write::Event(stream, NewEvent { event, id: id.clone(), tags, metadata: meta })
        }
    };
    Ok(Asked { write, id, at, position, version, batch, meaning })
}

/// What serde says, without the number of the line, which is always 1.
fn explained(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line 1 column ") {
        Some((why, column)) => format!("{why} (at character {column})"),
        None => text,
    }
}

fn meaning(stream: &StreamName, event_type: &str, schema: u32, tags: &[Tag], content: &Value) -> u128 {
    #[derive(Serialize)]
    struct Meaning<'m>(&'m str, &'m str, u32, &'m [Tag], &'m Value);
    // Texts and values that were JSON already: nothing of it is refused.
    let bytes = serde_json::to_vec(&Meaning(stream.as_str(), event_type, schema, tags, content));
    xxh3_128(&bytes.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_needs_a_stream_a_type_and_data_alone() {
        let asked = read(r#"{"stream":"account-1","type":"Opened","data":{"owner":"Petra"}}"#).ok().unwrap();
        assert_eq!(asked.write.stream().as_str(), "account-1");
        assert!(asked.id.is_none() && asked.at.is_none() && asked.version.is_none());
    }

    #[test]
    fn the_same_event_written_otherwise_means_the_same() {
        let meaning = |text: &str| read(text).map(|asked| asked.meaning).unwrap();
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
            (r#"{"stream":"a","type":"B","at":"today","data":1}"#, "at character"),
            (r#"{"stream":"a","type":"$deleted","data":1}"#, "the data of a deletion is null"),
            (r#"{"stream":"a","type":"$deleted","tags":["x"],"data":null}"#, "has no tags"),
            (r#"{"stream":"a","type":"$described","data":{"x":[]}}"#, "an object of flags"),
        ] {
            let refused = read(text).map(|asked| asked.meaning).expect_err(text);
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }
}
