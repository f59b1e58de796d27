//! Which lines of an import are recorded already, and which would be refused.

use crate::codec::RawEvent;
use crate::log::{FileLog, FileLogReader};
use crate::recorded::{EventId, Position, StreamName, Tag, Version};
use crate::store::engine::Line;
use crate::store::{
    DELETED, DESCRIBED, EventReader, ExpectedVersion, NewEvent, ReadError, StreamState, Write,
};
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use xxhash_rust::xxh3::xxh3_128;

/// The ids and streams of recorded events, as far as an import needs them.
#[derive(Default)]
pub(super) struct RecordedEvents {
    /// The meaning of each event, by the fingerprint of its id.
    ids: HashMap<u128, u128>,
    /// The states of the streams that were looked up.
    streams: HashMap<StreamName, StreamState>,
}

/// What to do with a line.
pub(super) enum Judged {
    /// Record it, in a stream that has this version before it.
    New(Version),
    /// Nothing: it is recorded already.
    AlreadyRecorded,
}

/// Why a line cannot be judged.
pub(super) enum JudgeError {
    /// The store would refuse it: a sentence that says why.
    Refused(String),
    Read(ReadError),
}

impl RecordedEvents {
    /// Reads the ids of a log.
    pub(super) fn of(reader: &FileLogReader<RawEvent>) -> Result<RecordedEvents, ReadError> {
        let mut recorded = RecordedEvents::default();
        let mut lines = reader.lines();
        for position in 1..=reader.head()?.get() {
            let Some(line) = lines.at(Position::new(position))? else { break };
            // A line that this program does not understand is none that it would record.
            if let Ok(Line { id: Some(id), write, .. }) = line.text().parse() {
                recorded.ids.insert(fingerprint(&id), meaning(&write));
            }
        }
        Ok(recorded)
    }

    /// Adds the lines that were assumed to be recorded, and are recorded now.
    pub(super) fn add(&mut self, assumed: RecordedEvents) {
        self.ids.extend(assumed.ids);
        self.streams.extend(assumed.streams);
    }
}

fn fingerprint(id: &EventId) -> u128 {
    xxh3_128(id.as_str().as_bytes())
}

/// A fingerprint of what a line writes: lines with other fingerprints are other entries.
fn meaning(write: &Write<RawEvent>) -> u128 {
    /// With the content as a value, or as its text where it is no value, such as a number that is too large.
    #[derive(Serialize)]
    struct Meaning<'m>(&'m str, &'m str, u32, &'m [Tag], Result<Value, String>);
    let stream = write.stream().as_str();
    let meaning = match write {
        Write::Event(_, NewEvent { event, tags, .. }) => {
            let text = event.data.get();
            let content = serde_json::from_str(text).map_err(|_| text.replace('\r', " "));
            Meaning(stream, &event.event_type, event.schema, tags, content)
        }
        Write::Delete(_) => Meaning(stream, DELETED, 1, &[], Ok(Value::Null)),
        Write::Describe(_, headers) => {
            let content = serde_json::to_value(headers).map_err(|error| error.to_string());
            Meaning(stream, DESCRIBED, 1, &[], content)
        }
    };
    // All parts are texts and JSON, so serializing them does not fail.
    xxh3_128(&serde_json::to_vec(&meaning).unwrap_or_default())
}

/// Judges lines as if the lines before them were recorded.
pub(super) struct Judge<'k> {
    pub(super) log: &'k FileLog<RawEvent>,
    pub(super) recorded: &'k RecordedEvents,
    pub(super) assumed: RecordedEvents,
}

impl Judge<'_> {
    /// Judges a line, and assumes from then on that it is recorded.
    pub(super) fn judge(&mut self, parsed: &Line) -> Result<Judged, JudgeError> {
        let meaning = meaning(&parsed.write);
        if let Some(id) = &parsed.id {
            let fingerprint = fingerprint(id);
            match self.assumed.ids.get(&fingerprint).or_else(|| self.recorded.ids.get(&fingerprint)) {
                Some(recorded) if *recorded == meaning => return Ok(Judged::AlreadyRecorded),
                Some(_) => {
                    let why = format!("the id {id} is taken: another event is recorded under it");
                    return Err(JudgeError::Refused(why));
                }
                None => {}
            }
        }
        let stream = parsed.write.stream();
        let state = self.state(stream).map_err(JudgeError::Read)?;
        let next = match parsed.write.is_of_stream() {
            true => state.version().next(),
            false => state.version(),
        };
        // A line with its version was recorded so once, and may be recorded again, even if it opens a deleted stream.
        if parsed.version != Some(next) && !state.meets(parsed.write.default_expectation()) {
            return Err(JudgeError::Refused(refused(&parsed.write, state)));
        }
        let after = match parsed.write {
            Write::Event(..) => StreamState::At(next),
            Write::Delete(_) => StreamState::Deleted(next),
            Write::Describe(..) => state,
        };
        self.assumed.streams.insert(stream.clone(), after);
        if let Some(id) = &parsed.id {
            self.assumed.ids.insert(fingerprint(id), meaning);
        }
        Ok(Judged::New(state.version()))
    }

    fn state(&self, stream: &StreamName) -> Result<StreamState, ReadError> {
        let state = self.assumed.streams.get(stream).or_else(|| self.recorded.streams.get(stream));
        match state {
            Some(state) => Ok(*state),
            None => Ok(self.log.stream(stream)?.map_or(StreamState::Missing, |info| info.state)),
        }
    }
}

fn refused(write: &Write<RawEvent>, state: StreamState) -> String {
    let stream = write.stream();
    match (write.default_expectation(), state) {
        (ExpectedVersion::StreamExists, _) => {
            format!("stream {stream} {state}, so that it cannot be deleted")
        }
        (_, StreamState::Deleted(version)) => format!(
            "stream {stream} {state}; to open it again, give the line \"version\":{}",
            version.get() + u64::from(write.is_of_stream())
        ),
        _ => format!("stream {stream} {state}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_event_written_otherwise_means_the_same() {
        let meaning = |text: &str| meaning(&text.parse::<Line>().unwrap().write);
        let one = meaning(r#"{"stream":"a","type":"B","data":{"x":1,"y":[2]}}"#);
        assert_eq!(one, meaning(r#"{"data": {"y": [2], "x": 1}, "id":"z", "type":"B", "stream":"a"}"#));
        assert_ne!(one, meaning(r#"{"stream":"a","type":"B","data":{"x":1,"y":[3]}}"#));
        assert_ne!(one, meaning(r#"{"stream":"a","type":"B","tags":["t"],"data":{"x":1,"y":[2]}}"#));
    }
}
