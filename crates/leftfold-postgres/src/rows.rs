//! Rows of the tables as values of the kit.

use leftfold::codec::RawEvent;
use leftfold::recorded::{
    Envelope, EventId, Headers, Metadata, Position, Recorded, StreamName, Tag, Timestamp, Version,
};
use leftfold::store::engine::StoredEntry;
use leftfold::store::{DELETED, DESCRIBED, ReadError, StreamInfo, StreamState};
use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::sync::Arc;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};

/// The columns of an event, in the order in which [`Rows::entry`] reads them; the first is the row's position.
pub(crate) const COLUMNS: [&str; 11] = [
    "position",
    "stream",
    "version",
    "type",
    "schema",
    "seconds",
    "nanoseconds",
    "id",
    "tags",
    "meta",
    "data",
];

/// The head as a row of events, of which it has the position alone.
pub(crate) const HEAD_COLUMNS: &str = "position, null::text, null::bigint, null::text, null::bigint, null::bigint, null::integer, \
                                       null::text, null::text[], null::json, null::json";

/// The head, if the row has it.
pub(crate) fn head(row: &Row) -> Option<i64> {
    row.get::<_, Option<i64>>(2).is_none().then(|| row.get(0))
}

/// JSON as it is stored, byte for byte.
struct Json<'r>(&'r str);

impl<'r> FromSql<'r> for Json<'r> {
    fn from_sql(_: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Json(std::str::from_utf8(raw)?))
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::JSON
    }
}

/// A number of the kit as one of the database, which ends earlier: no entry is beyond.
pub(crate) fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn counted(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

pub(crate) fn position(number: i64) -> Position {
    Position::new(counted(number))
}

pub(crate) fn version(number: i64) -> Version {
    Version::new(counted(number))
}

type Problem = Box<dyn Error + Send + Sync>;

pub(crate) fn unreadable(doing: String, why: Problem) -> ReadError {
    ReadError::Storage { doing, source: io::Error::new(io::ErrorKind::InvalidData, why) }
}

/// Reads rows; the types of events are shared between them.
#[derive(Default)]
pub(crate) struct Rows {
    types: HashMap<String, Arc<str>>,
}

impl Rows {
    /// The event of a row.
    pub(crate) fn entry(&mut self, row: &Row) -> Result<StoredEntry, ReadError> {
        let position = row.get(0);
        self.read(row, counted(position))
            .map_err(|why| unreadable(format!("reading the row of position {position}"), why))
    }

    fn read(&mut self, row: &Row, position: u64) -> Result<StoredEntry, Problem> {
        let event_type: &str = row.try_get(3)?;
        let event_type = match self.types.get(event_type) {
            Some(known) => known.clone(),
            None => {
                let new: Arc<str> = event_type.into();
                self.types.insert(event_type.to_string(), new.clone());
                new
            }
        };
        let tags: Option<Vec<&str>> = row.try_get(8)?;
        let meta: Option<Json<'_>> = row.try_get(9)?;
        let envelope = Envelope {
            position: Position::new(position),
            stream: StreamName::new(row.try_get::<_, &str>(1)?)?,
            version: version(row.try_get(2)?),
            event_type: event_type.clone(),
            tags: tags.unwrap_or_default().into_iter().map(Tag::new).collect::<Result<_, _>>()?,
            recorded_at: Timestamp::new(row.try_get(5)?, row.try_get(6)?)?,
            id: EventId::new(row.try_get::<_, &str>(7)?)?,
            metadata: match meta {
                Some(Json(text)) => serde_json::from_str(text)?,
                None => Metadata::default(),
            },
        };
        if *event_type == *DELETED {
            return Ok(StoredEntry::Deleted(envelope));
        }
        let Json(data) = row.try_get(10)?;
        if *event_type == *DESCRIBED {
            return Ok(StoredEntry::Described(envelope, serde_json::from_str(data)?));
        }
        let schema = u32::try_from(row.try_get::<_, i64>(4)?)?;
        let event = RawEvent { event_type, schema, data: serde_json::from_str(data)? };
        Ok(StoredEntry::Event(Recorded { envelope, event }))
    }
}

/// The columns that [`stream`] reads.
pub(crate) const STREAM_COLUMNS: &str = "s.name, s.version, s.deleted, s.first, s.last, s.meta";

pub(crate) fn stream(row: &Row) -> Result<StreamInfo, ReadError> {
    let read = || -> Result<StreamInfo, Problem> {
        let (number, deleted): (i64, bool) = (row.try_get(1)?, row.try_get(2)?);
        let meta: Option<Json<'_>> = row.try_get(5)?;
        Ok(StreamInfo {
            name: StreamName::new(row.try_get::<_, &str>(0)?)?,
            state: stream_state(number, deleted),
            first: row.try_get::<_, Option<i64>>(3)?.map(position),
            last: row.try_get::<_, Option<i64>>(4)?.map(position),
            metadata: match meta {
                Some(Json(text)) => serde_json::from_str(text)?,
                None => Headers::new(),
            },
        })
    };
    read().map_err(|why| unreadable("reading the row of a stream".to_string(), why))
}

pub(crate) fn stream_state(number: i64, deleted: bool) -> StreamState {
    match (number, deleted) {
        (0, _) => StreamState::Missing,
        (number, true) => StreamState::Deleted(version(number)),
        (number, false) => StreamState::At(version(number)),
    }
}
