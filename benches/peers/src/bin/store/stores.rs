//! Three stores that append events: leftfold, and two that somebody would write on an embedded database.

use crate::orders::{Event, Part, batch};
use leftfold::codec::Codec;
use leftfold::store::EventStore;
use leftfold::log::FileLog;
use redb::{Database, Durability, ReadableTable, TableDefinition};
use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};

pub(crate) trait Appends {
    /// Appends a batch at the versions that are expected, durably; it panics when one is another.
    fn append(&mut self, parts: Vec<Part>);
}

/// A folder on the disk that the program was built on.
pub(crate) fn beside_the_build() -> PathBuf {
    let program = std::env::current_exe().expect("this program is a file");
    program.parent().expect("in a folder").to_path_buf()
}

/// The file log with its usual options.
pub(crate) struct Leftfold(FileLog<Event>);

impl Leftfold {
    pub(crate) fn in_folder(folder: &Path) -> Leftfold {
        let codec = Codec::new().expect("the events have names");
        Leftfold(FileLog::open(folder.join("leftfold"), codec).expect("the log opens"))
    }
}

impl Appends for Leftfold {
    fn append(&mut self, parts: Vec<Part>) {
        self.0.append(batch(parts)).expect("appended");
    }
}

/// One table, in WAL mode with a full sync at each commit; one transaction a batch; its statements are prepared once.
/// The version of a stream is looked up once a batch in the index of the unique constraint, which guards it as well.
pub(crate) struct Sqlite {
    connection: Connection,
    position: i64,
}

impl Sqlite {
    pub(crate) fn in_folder(folder: &Path) -> Sqlite {
        let connection = Connection::open(folder.join("events.sqlite")).expect("the database opens");
        connection.pragma_update(None, "journal_mode", "WAL").expect("set");
        connection.pragma_update(None, "synchronous", "FULL").expect("set");
        let table = "CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL,
            type TEXT NOT NULL, data TEXT NOT NULL, UNIQUE (stream, version))";
        connection.execute(table, ()).expect("made");
        Sqlite { connection, position: 0 }
    }
}

impl Appends for Sqlite {
    fn append(&mut self, parts: Vec<Part>) {
        let transaction = self.connection.transaction().expect("begun");
        {
            let select = "SELECT coalesce(max(version), 0) FROM events WHERE stream = ?1";
            let mut version_of = transaction.prepare_cached(select).expect("prepared");
            let insert = "INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?5)";
            let mut insert = transaction.prepare_cached(insert).expect("prepared");
            for part in parts {
                let stream = part.stream.as_str();
                let mut version: i64 = version_of.query_one((stream,), |row| row.get(0)).expect("read");
                assert_eq!(version as u64, part.version);
                for event in part.events {
                    let (event_type, data) = event.content();
                    let data = String::from_utf8(data).expect("JSON is UTF-8");
                    (self.position, version) = (self.position + 1, version + 1);
                    insert
                        .execute(params![self.position, stream, version, event_type, data])
                        .expect("inserted");
                }
            }
        }
        transaction.commit().expect("committed");
    }
}

/// The event of a position: its stream, version, type and data.
type Stored = (&'static str, u64, &'static str, &'static [u8]);

const EVENTS: TableDefinition<'static, u64, Stored> = TableDefinition::new("events");
const BY_STREAM: TableDefinition<'static, (&str, u64), u64> = TableDefinition::new("by_stream");

/// Two tables, by position and by stream and version; one transaction a batch, durable at once. The version of a stream is
/// that of its last key.
pub(crate) struct Redb {
    database: Database,
    position: u64,
}

impl Redb {
    pub(crate) fn in_folder(folder: &Path) -> Redb {
        Redb {
            database: Database::create(folder.join("events.redb")).expect("the database opens"),
            position: 0,
        }
    }
}

impl Appends for Redb {
    fn append(&mut self, parts: Vec<Part>) {
        let mut transaction = self.database.begin_write().expect("begun");
        transaction.set_durability(Durability::Immediate).expect("set");
        {
            let mut events = transaction.open_table(EVENTS).expect("opened");
            let mut by_stream = transaction.open_table(BY_STREAM).expect("opened");
            for part in parts {
                let stream = part.stream.as_str();
                let last = by_stream.range((stream, 0)..=(stream, u64::MAX)).expect("read").next_back();
                let mut version = last.map_or(0, |last| last.expect("read").0.value().1);
                assert_eq!(version, part.version);
                for event in part.events {
                    let (event_type, data) = event.content();
                    (self.position, version) = (self.position + 1, version + 1);
                    events.insert(self.position, (stream, version, event_type, &*data)).expect("inserted");
                    let before = by_stream.insert((stream, version), self.position).expect("inserted");
                    assert!(before.is_none());
                }
            }
        }
        transaction.commit().expect("committed");
    }
}
