//! The segments of a log: the files that hold its events, by the positions at which they begin.

use super::file_names::{segment_first, segment_name};
use super::header::{NoSegment, SegmentHeader};
use super::open_error::{OpenError, storage_failed};
use super::other_tools::not_a_segment;
use super::storage::{Storage, StorageFile, read_full};
use std::io;

/// A segment of a log.
pub(super) struct Segment {
    pub(super) name: String,
    pub(super) first: u64,
}

/// The names of all files of a folder.
pub(super) fn file_names(folder: &dyn Storage) -> Result<Vec<String>, OpenError> {
    folder.list().map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => OpenError::Missing { place: folder.place() },
        _ => storage_failed(format!("listing {}", folder.place()))(source),
    })
}

/// The segments of a folder by their names, the first first.
pub(super) fn segment_firsts(folder: &dyn Storage) -> Result<Vec<u64>, OpenError> {
    let names = file_names(folder)?;
    let mut firsts: Vec<u64> = names.iter().filter_map(|name| segment_first(name)).collect();
    firsts.sort_unstable();
    Ok(firsts)
}

/// Opens a segment and reads its first line. Where no segment of this name is `expected`, what is in it may be somebody
/// else's.
pub(super) fn open_segment(
    folder: &dyn Storage,
    first: u64,
    expected: bool,
) -> Result<(Segment, Box<dyn StorageFile>, SegmentHeader), OpenError> {
    let name = segment_name(first);
    let file = folder.open(&name, false).map_err(storage_failed(format!("opening {name}")))?;
    let mut line = [0; SegmentHeader::LENGTH];
    let read = read_full(&*file, &mut line, 0).map_err(storage_failed(format!("reading {name}")))?;
    let place = path(folder, &name);
    match SegmentHeader::read(&line[..read]) {
        Ok(header) if header.first == first => Ok((Segment { name, first }, file, header)),
        Ok(header) => Err(OpenError::Corrupt {
            file: place,
            offset: 0,
            batch: None,
            why: format!("its first line says that it begins at position {}", header.first),
        }),
        Err(NoSegment::Format(format)) => Err(OpenError::Format { file: place, format }),
        Err(NoSegment::Damaged) => {
            Err(not_a_segment(&*file, place, expected).map_err(storage_failed(format!("reading {name}")))?)
        }
    }
}

/// A file with its folder, for sentences.
pub(super) fn path(folder: &dyn Storage, name: &str) -> String {
    format!("{}/{name}", folder.place())
}
