//! Events as a log stores them, what a reader shows of them, and the folders of logs that are kept.
#![allow(dead_code)]

use leftfold::codec::{CodecError, EventCodec, StoredEvent};
use leftfold::recorded::Tag;
use leftfold::store::{Entry, EventReader, NewEvent, Query};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An event: its type, its schema, its content as JSON.
pub type Noted = (String, u32, String);

pub fn noted(event_type: &str, schema: u32, data: &str) -> NewEvent<Noted> {
    NewEvent::of((event_type.to_string(), schema, data.to_string()))
}

/// Writes and reads them as they are.
pub struct AsTheyAre;

impl EventCodec<Noted> for AsTheyAre {
    fn encode(&self, event: &Noted, data: &mut Vec<u8>) -> Result<(Arc<str>, u32), CodecError> {
        data.extend(event.2.as_bytes());
        Ok((event.0.as_str().into(), event.1))
    }

    fn decode(
        &self,
        stored: StoredEvent<'_>,
        each: &mut dyn FnMut(&Arc<str>, Noted),
    ) -> Result<(), CodecError> {
        let data = String::from_utf8_lossy(stored.data).into_owned();
        each(&stored.event_type.into(), (stored.event_type.to_string(), stored.schema, data));
        Ok(())
    }
}

/// A folder of files that were written once.
pub fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// A new folder for files that are kept.
pub fn emptied(name: &str) -> PathBuf {
    let folder = golden(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The same files in a folder that may be written to.
pub fn copy_of(golden: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(golden).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    folder
}

/// What a reader is shown, one line an entry; the descriptions of streams come last.
pub fn shown(reader: &impl EventReader<Noted>) -> Vec<String> {
    let mut lines = Vec::new();
    let described = Query::all().types(["$described"]);
    for query in [Query::all(), described] {
        reader
            .visit(&query.into(), &mut |entry| {
                let envelope = entry.envelope();
                let what = match entry {
                    Entry::Event(_, (kind, schema, data)) => format!("{kind} {schema} {data}"),
                    Entry::Deleted(_) => "deleted".to_string(),
                    Entry::Described(_, headers) => {
                        format!("described {}", serde_json::to_string(headers).unwrap())
                    }
                };
                let tags: Vec<&str> = envelope.tags.iter().map(Tag::as_str).collect();
                let headers = serde_json::to_string(&envelope.metadata).unwrap();
                lines.push(format!(
                    "{} {} {} {} {} {tags:?} {headers} {what}",
                    envelope.position, envelope.stream, envelope.version, envelope.recorded_at, envelope.id
                ));
                ControlFlow::Continue(())
            })
            .unwrap();
    }
    lines
}
