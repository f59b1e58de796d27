//! What the index beside a log said when the log was opened by it: each line that is found by it is compared with it.

use super::file_names::INDEX;
use super::line::EventLine;
use super::spot::Spot;
use crate::recorded::StreamName;
use crate::store::ReadError;
use crate::store::index::Loading;
use std::sync::Arc;

/// What the index said when a log was opened by it.
pub(super) struct IndexClaims {
    streams: Vec<StreamName>,
    types: Vec<Arc<str>>,
    /// The last position that it covers.
    until: u64,
}

impl IndexClaims {
    pub(super) fn of(loading: &Loading<Spot>) -> IndexClaims {
        let streams = loading.streams.iter().map(|stream| stream.name.clone()).collect();
        IndexClaims { streams, types: loading.kinds.names.clone(), until: loading.rows.len() as u64 }
    }

    /// Whether the line of this position is found by what the index said.
    pub(super) fn covers(&self, position: u64) -> bool {
        position <= self.until
    }

    /// Checks that a line that was found by the index has the stream and the type that the index says: so a wrong index
    /// never shows the events of another stream.
    pub(super) fn check(&self, spot: &Spot, line: &EventLine<'_>) -> Result<(), ReadError> {
        if !self.covers(spot.position) {
            return Ok(());
        }
        let (stream, event_type) = (line.stream().unwrap_or("?"), line.event_type().unwrap_or("?"));
        let said = self.streams.get(spot.numbers.stream as usize).map_or("no stream", StreamName::as_str);
        let said_type = self.types.get(spot.numbers.kind as usize).map_or("no type", |name| name);
        if stream == said && event_type == said_type {
            return Ok(());
        }
        Err(wrong_index(format!(
            "it says that position {} holds {said_type} of stream {said}, and the log has {event_type} of {stream} there",
            spot.position
        )))
    }

    /// Checks that the last line of a stream, as the index has it, has the version that the index counts.
    pub(super) fn check_version(
        &self,
        spot: &Spot,
        line: &EventLine<'_>,
        counted: u64,
    ) -> Result<(), ReadError> {
        self.check(spot, line)?;
        if line.version == counted {
            return Ok(());
        }
        Err(wrong_index(format!(
            "it counts {counted} entries of stream {} up to position {}, and the log has version {} there",
            line.stream().unwrap_or("?"),
            spot.position,
            line.version
        )))
    }
}

fn wrong_index(why: String) -> ReadError {
    let why = format!("{why}; close the log and remove the file `{INDEX}`: the log is read without it then");
    ReadError::Damaged { file: INDEX.to_string(), offset: 0, why }
}
