//! Why a stream is not opened.

use std::io;
use std::time::Duration;

/// Why a store in a stream is not opened. Nothing was changed, except that the stream may have been made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenNatsError {
    /// No server answers.
    #[error(
        "no NATS server answers at {url} within {within:?}: {why}; see whether one runs there, with JetStream"
    )]
    Unreachable {
        /// The address, without user and password.
        url: String,
        /// How long it was tried.
        within: Duration,
        /// What the client says.
        why: String,
    },
    /// The servers do not accept these credentials.
    #[error("the server at {url} does not accept the credentials: {why}")]
    Credentials {
        /// The address, without user and password.
        url: String,
        /// What the server says.
        why: String,
    },
    /// The file of the credentials cannot be read.
    #[error("the credentials in {file} cannot be read")]
    CredentialsFile {
        /// The file.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// A setting that a store cannot have.
    #[error("a store in a stream cannot have {what}")]
    Setting {
        /// Which, in words.
        what: String,
    },
    /// The stream was neither found nor made.
    #[error("stream {stream} was neither found nor made within {within:?}: {why}")]
    Stream {
        /// The stream.
        stream: String,
        /// How long it was tried.
        within: Duration,
        /// What the servers say.
        why: String,
    },
    /// The stream has a setting with which events can be lost.
    #[error("stream {stream} cannot hold events: {setting}; change that, or take a stream of another name")]
    Unsafe {
        /// The stream.
        stream: String,
        /// The setting, in words.
        setting: String,
    },
    /// A message in the stream is not a round of this store, or one of another version.
    #[error("{why}; take a stream of another name, or the version of leftfold-nats that wrote it")]
    Foreign {
        /// Which message, and what is wrong with it.
        why: String,
    },
    /// The folder has a log that is no copy of a stream.
    #[error(
        "the log in {folder} is not a copy of a stream; choose an empty folder, and import the log where you want to move it"
    )]
    NotACopy {
        /// The folder.
        folder: String,
    },
    /// The folder is the copy of another stream.
    #[error(
        "{folder} is a copy of stream {found}, and not of stream {expected}; choose another folder, or remove this one to \
         read the stream from its start"
    )]
    OtherStream {
        /// The folder.
        folder: String,
        /// The stream of which it is a copy.
        found: String,
        /// The stream that was to be opened.
        expected: String,
    },
    /// The stream was deleted and made again after the copy was made.
    #[error(
        "stream {stream} was made again on {created}, and {folder} is a copy of the one before it; keep the folder if it is \
         all that is left, or remove it to read the new stream"
    )]
    Remade {
        /// The folder.
        folder: String,
        /// The stream.
        stream: String,
        /// When the stream was made.
        created: String,
    },
    /// The stream has fewer entries than its copy.
    #[error(
        "stream {stream} ends at position {end}, and its copy in {folder} at {copy}: the stream has lost events; keep the \
         folder, and remove it only to go on without them"
    )]
    Shorter {
        /// The folder.
        folder: String,
        /// The stream.
        stream: String,
        /// The last position of the stream.
        end: u64,
        /// The last position of the copy.
        copy: u64,
    },
    /// The copy is not opened.
    #[error("the copy of the stream cannot be opened")]
    Copy(#[from] leftfold::log::OpenError),
    /// Reading what the copy lacks failed.
    #[error("the copy could not take over what the stream has: {doing}: {why}")]
    Reading {
        /// What was tried.
        doing: String,
        /// What went wrong.
        why: String,
    },
    /// A file or a thread of this process failed.
    #[error("{doing} failed")]
    System {
        /// What was tried.
        doing: String,
        /// What the system says.
        source: io::Error,
    },
}

pub(crate) fn system(doing: impl Into<String>) -> impl FnOnce(io::Error) -> OpenNatsError {
    let doing = doing.into();
    move |source| OpenNatsError::System { doing, source }
}
