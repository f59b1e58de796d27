//! Why a log is not opened.

use crate::page::shown;
use std::io;

/// Why a log is not opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another handle, in this process or another, writes to it.
    #[error(
        "the log in {place} is open for writing elsewhere; a log has one writer at a time, and any number of readers",
        place = shown(.place)
    )]
    Locked {
        /// The folder.
        place: String,
    },
    /// The recorded events are not as they were written.
    #[error(
        "{file} is damaged at byte {offset}{}: {why}; nothing was changed",
        .batch.map(|first| format!(" (the batch that begins at position {first})")).unwrap_or_default(),
        file = shown(.file), why = shown(.why)
    )]
    Corrupt {
        /// The file, with its folder.
        file: String,
        /// Where in it.
        offset: u64,
        /// The position of the first event of the batch, where it is known.
        batch: Option<u64>,
        /// What is wrong, and what shows that the file was different.
        why: String,
    },
    /// Another tool has changed the text of a file; every recorded event is still there.
    #[error(
        "{file} was rewritten by another tool: {how}; {REMEDY}",
        file = shown(.file), how = shown(.how)
    )]
    Rewritten {
        /// The file, with its folder.
        file: String,
        /// What was changed.
        how: String,
    },
    /// A file has the name of a segment, and nothing in it is a log's.
    #[error(
        "{file} is a foreign file: it has the name of a segment, and nothing in it was written by leftfold; move it out of the folder of the log",
        file = shown(.file)
    )]
    Foreign {
        /// The file, with its folder.
        file: String,
    },
    /// A later version of leftfold has written it.
    #[error(
        "{file} is of format {format}, and this version of leftfold reads up to format {}",
        super::header::FORMAT,
        file = shown(.file)
    )]
    Format {
        /// The file, with its folder.
        file: String,
        /// Its format.
        format: u64,
    },
    /// There is a log where a copy is to be made.
    #[error(
        "there is a log in {place} already; copy into a folder of its own",
        place = shown(.place)
    )]
    Exists {
        /// The folder.
        place: String,
    },
    /// There is no log to be read.
    #[error(
        "there is no log in {place}",
        place = shown(.place)
    )]
    Missing {
        /// The folder.
        place: String,
    },
    /// A setting that a log cannot have.
    #[error("a log cannot have {what}")]
    Setting {
        /// Which, in words.
        what: String,
    },
    /// The storage failed.
    #[error(
        "{doing} failed",
        doing = shown(.doing)
    )]
    Storage {
        /// What was tried.
        doing: String,
        /// What the system says.
        source: io::Error,
    },
}

/// What undoes the work of another tool.
pub(super) const REMEDY: &str = "nothing is lost by it. Change it back: where git did it, put the line `* -text` into a \
                                 `.gitattributes` file beside the log and check the files out again";

/// The error of a storage that failed while `doing` something.
pub(super) fn storage_failed(doing: impl Into<String>) -> impl FnOnce(io::Error) -> OpenError {
    let doing = doing.into();
    move |source| OpenError::Storage { doing, source }
}
