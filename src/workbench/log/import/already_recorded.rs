use super::plain::{self, Asked};
use crate::codec::RawEvent;
use crate::log::{FileLog, FileLogReader};
use crate::recorded::{EventId, Position, StreamName, Version};
use crate::store::{EventReader, ExpectedVersion, ReadError, StreamState, Write};
use std::collections::HashMap;
use xxhash_rust::xxh3::xxh3_128;

/// What is recorded, as far as it matters to what is to be recorded.
#[derive(Default)]
pub(super) struct Known {
    /// By the fingerprint of its id, what each event means.
    ids: HashMap<u128, u128>,
    /// How far the streams are that were asked for.
    streams: HashMap<StreamName, StreamState>,
}

/// What is to be done with a line.
pub(super) enum Judged {
    /// To be recorded, in a stream that is as far as this before it.
    New(Version),
    /// It is recorded already.
    There,
}

/// Why a line cannot be judged.
pub(super) enum Unjudged {
    /// It would not be recorded, and this is why.
    Refused(String),
    Read(ReadError),
}

impl Known {
    /// Reads what a log has.
    pub(super) fn of(reader: &FileLogReader<RawEvent>) -> Result<Known, ReadError> {
        let mut known = Known::default();
        let mut lines = reader.lines();
        for position in 1..=reader.head()?.get() {
            let Some(line) = lines.at(Position::new(position))? else { break };
            // A line that this program does not take is none that it would record again.
            if let Ok(Asked { id: Some(id), meaning, .. }) = plain::read(line.text()) {
                known.ids.insert(fingerprint(&id), meaning);
            }
        }
        Ok(known)
    }

    /// Takes in what was learnt above it.
    pub(super) fn learn(&mut self, above: Known) {
        self.ids.extend(above.ids);
        self.streams.extend(above.streams);
    }
}

fn fingerprint(id: &EventId) -> u128 {
    xxh3_128(id.as_str().as_bytes())
}

/// What would be known if the lines judged so far were recorded.
pub(super) struct Judge<'k> {
    pub(super) log: &'k FileLog<RawEvent>,
    pub(super) below: &'k Known,
    pub(super) above: Known,
}

impl Judge<'_> {
    /// Judges a line, and takes it for recorded from then on.
    pub(super) fn judge(&mut self, asked: &Asked) -> Result<Judged, Unjudged> {
        if let Some(id) = &asked.id {
            let fingerprint = fingerprint(id);
            match self.above.ids.get(&fingerprint).or_else(|| self.below.ids.get(&fingerprint)) {
                Some(meaning) if *meaning == asked.meaning => return Ok(Judged::There),
                Some(_) => {
                    let why = format!("the id {id} is taken: another event is recorded under it");
                    return Err(Unjudged::Refused(why));
                }
                None => {}
            }
        }
        let stream = asked.write.stream();
        let state = self.state(stream).map_err(Unjudged::Read)?;
        let next = match asked.write.is_of_stream() {
            true => state.version().next(),
            false => state.version(),
        };
        // A line that says which version it is was recorded so once, and may be again: also what opens a deleted stream.
        if asked.version != Some(next) && !state.meets(asked.write.default_expectation()) {
            return Err(Unjudged::Refused(refused(&asked.write, state)));
        }
        let after = match asked.write {
            Write::Event(..) => StreamState::At(next),
            Write::Delete(_) => StreamState::Deleted(next),
            Write::Describe(..) => state,
        };
        self.above.streams.insert(stream.clone(), after);
        if let Some(id) = &asked.id {
            self.above.ids.insert(fingerprint(id), asked.meaning);
        }
        Ok(Judged::New(state.version()))
    }

    fn state(&self, stream: &StreamName) -> Result<StreamState, ReadError> {
        let known = self.above.streams.get(stream).or_else(|| self.below.streams.get(stream));
        match known {
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
            "stream {stream} {state}; a line that is to open it again says so by \"version\":{}",
            version.get() + u64::from(write.is_of_stream())
        ),
        _ => format!("stream {stream} {state}"),
    }
}
