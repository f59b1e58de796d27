//! A state in a file that people can read, and that is used only when it is whole and of the right shape.
//!
//! The file has three lines of JSON: a header, the state, and a checksum of both. It is written under another name,
//! synced, and renamed, so it is whole or missing. A state is written only if it reads back from its JSON as an equal
//! state.

use super::Cause;
use crate::codec::schema::shape_as_json;
use crate::json::{Unfaithful, prove, proven, read, short_name, write};
use crate::log::{
    Folder, Storage, make_folder, put_in_place, read_small, take_away, write_beside, write_whole,
};
use crate::recorded::{EventId, Position, Version};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Write as _};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::marker::PhantomData;
use std::ops::Range;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;
use xxhash_rust::xxh3::xxh3_64;

/// A hash of the state's shape, as serde reads it, and of a revision. The owner increases the revision when `evolve`
/// makes another state of the same events, which serde cannot see.
///
/// A state that was stored under another hash is folded again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shape(u64);

impl Shape {
    pub(super) fn of<S: DeserializeOwned>(revision: u32) -> Shape {
        let shape = shape_as_json::<S>().unwrap_or_else(|| std::any::type_name::<S>().to_string());
        Shape(xxh3_64(format!("{revision} {shape}").as_bytes()))
    }
}

impl Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The first line of the file: whose state it is, and up to where it was folded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StateHeader {
    /// The name of the stream or the projection.
    pub(super) of: String,
    #[serde(default)]
    pub(super) shape: String,
    /// A hash of the query and the filters whose events were folded. Files of earlier versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) events: Option<String>,
    pub(super) position: Position,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<Version>,
    /// The last event that was folded. It shows whether a log is this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) event: Option<(Position, EventId)>,
}

#[derive(Serialize, Deserialize)]
struct ChecksumLine {
    crc: String,
}

/// What is stored under a name.
pub(super) enum StoredState<S> {
    Missing,
    State(StateHeader, S),
    /// A file that cannot be used: a sentence that names it and says why.
    NotUsable(String),
}

/// Checks that a state reads back from its JSON as an equal state.
///
/// # Errors
/// The part that does not, with its path: `Tray.open: …`.
pub(super) fn check_round_trip<S>(state: &S) -> Result<(), Cause>
where
    S: Serialize + DeserializeOwned + PartialEq,
{
    proven(state, &mut Vec::new()).map(drop).map_err(|unfit| unfit.in_value(short_name::<S>()).into())
}

/// The files of states of one shape in a folder.
pub(super) struct StateFiles<S> {
    folder: PathBuf,
    shape: Shape,
    /// A hash of the query and the filters; `None` where they are not known, and any will do.
    events: Option<String>,
    of: PhantomData<fn() -> S>,
}

impl<S: Serialize + DeserializeOwned> StateFiles<S> {
    pub(super) fn in_folder(folder: &Path, revision: u32) -> StateFiles<S> {
        StateFiles {
            folder: folder.to_path_buf(),
            shape: Shape::of::<S>(revision),
            events: None,
            of: PhantomData,
        }
    }

    /// The files of states that were folded from the events of the query and the filters with this hash.
    pub(super) fn of_events(self, events: Option<&str>) -> StateFiles<S> {
        StateFiles { events: events.map(str::to_string), ..self }
    }

    /// The state that is stored under this name.
    pub(super) fn read(&self, of: &str) -> io::Result<StoredState<S>> {
        let name = file_name(of);
        let bytes = match read_small(&Folder::at(&self.folder), &name, u64::MAX) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(StoredState::Missing),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(StoredState::Missing),
            Err(error) => return Err(error),
        };
        Ok(match self.parse(of, &bytes) {
            Ok((header, state)) => StoredState::State(header, state),
            Err(why) => {
                let file = self.folder.join(name);
                StoredState::NotUsable(format!(
                    "the file {} could not be read ({why}); its state is folded again from the log",
                    file.display()
                ))
            }
        })
    }

    /// The content of a file, or why it cannot be used.
    fn parse(&self, of: &str, bytes: &[u8]) -> Result<(StateHeader, S), String> {
        let damaged = || "it is damaged, or was edited: its checksum does not fit".to_string();
        let text = bytes.strip_suffix(b"\n").ok_or_else(damaged)?;
        let end = memchr::memrchr(b'\n', text).ok_or_else(damaged)? + 1;
        let ChecksumLine { crc } = serde_json::from_slice(&text[end..]).map_err(|_| damaged())?;
        if crc != format!("{:08x}", crc32c::crc32c(&bytes[..end])) {
            return Err(damaged());
        }
        let (first, state) = text[..end].split_at(memchr::memchr(b'\n', text).ok_or_else(damaged)?);
        let header: StateHeader = serde_json::from_slice(first).map_err(|error| error.to_string())?;
        if header.of != of {
            return Err(format!("it is of {}, and not of {of}", header.of));
        }
        if header.shape != self.shape.to_string() {
            return Err("its state has another shape, or is of another revision".to_string());
        }
        if let (Some(now), Some(stored)) = (&self.events, &header.events)
            && now != stored
        {
            return Err("it was folded from the events of another query, or of other filters".to_string());
        }
        let state = read(state).map_err(|error| format!("its state cannot be read: {error}"))?;
        Ok((header, state))
    }

    /// Replaces the stored state. The state is checked before, and durable when this returns.
    ///
    /// A large state is read back while its file is written and synced.
    ///
    /// # Errors
    /// The error of the file system, or the part of the state that would not read back as it is.
    pub(super) fn write(&self, header: StateHeader, state: &S) -> Result<(), Cause>
    where
        S: PartialEq,
    {
        let unfit = |unfit: Unfaithful| Cause::from(unfit.in_value(short_name::<S>()));
        let (name, file) = self.encode(header, state)?.map_err(unfit)?;
        if file.bytes.len() < LARGE_STATE {
            prove(state, file.state()).map_err(unfit)?;
            return Ok(self.replace(&name, &file.bytes)?);
        }
        make_folder(&self.folder)?;
        let folder = Folder::at(&self.folder);
        let (proven, written) = thread::scope(|scope| {
            let writing = scope.spawn(|| write_beside(&folder, &name, &file.bytes).map(drop));
            let proven = prove(state, file.state()).map(drop);
            (proven, writing.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        written?;
        if let Err(fault) = proven {
            take_away(&folder, &name)?;
            return Err(unfit(fault));
        }
        Ok(put_in_place(&folder, &name)?)
    }

    /// Like `write`, for a state whose parts the caller has checked as they changed.
    pub(super) fn write_parts(&self, header: StateHeader, state: &S) -> Result<(), Cause> {
        let (name, file) = self.encode(header, state)?.map_err(|unfit| unfit.sentence())?;
        Ok(self.replace(&name, &file.bytes)?)
    }

    /// The name and the bytes of the file, or the part of the state that JSON does not hold.
    fn encode(
        &self,
        header: StateHeader,
        state: &S,
    ) -> io::Result<Result<(String, EncodedState), Unfaithful>> {
        let name = file_name(&header.of);
        let (shape, events) = (self.shape.to_string(), self.events.clone());
        let mut bytes = serde_json::to_vec(&StateHeader { shape, events, ..header })?;
        bytes.push(b'\n');
        let begin = bytes.len();
        if let Err(unfit) = write(state, &mut bytes) {
            return Ok(Err(unfit));
        }
        let state = begin..bytes.len();
        bytes.push(b'\n');
        let crc = crc32c::crc32c(&bytes);
        bytes.extend_from_slice(format!("{{\"crc\":\"{crc:08x}\"}}\n").as_bytes());
        Ok(Ok((name, EncodedState { bytes, state })))
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        make_folder(&self.folder)?;
        write_whole(&Folder::at(&self.folder), name, bytes).map(drop)
    }

    /// Deletes the file, if there is one.
    pub(super) fn remove(&self, of: &str) -> io::Result<()> {
        match Folder::at(&self.folder).remove(&file_name(of)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// The first line of a state's file, if there is one; its checksum is not looked at.
pub(super) fn read_header(file: &Path) -> Option<StateHeader> {
    let mut line = Vec::new();
    let file = File::open(file).ok()?;
    BufReader::new(file.take(LONGEST_HEADER)).read_until(b'\n', &mut line).ok()?;
    serde_json::from_slice(&line).ok()
}

/// More bytes than the first line of a state's file has.
const LONGEST_HEADER: u64 = 64 << 10;

/// From this size in bytes on, writing a file takes longer than starting a thread.
const LARGE_STATE: usize = 64 << 10;

/// The bytes of a file, and the range of the state in them.
struct EncodedState {
    bytes: Vec<u8>,
    state: Range<usize>,
}

impl EncodedState {
    fn state(&self) -> &[u8] {
        &self.bytes[self.state.clone()]
    }
}

/// The name that a file has its name of. One that was cut is given as the file has it.
pub(super) fn name_of_file(file: &str) -> String {
    let name = file.strip_suffix(".json").unwrap_or(file);
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code =
            after.get(..2).and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match (first, code) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|decoded| file_name(decoded) == file)
        .unwrap_or_else(|| name.to_string())
}

/// The longest name that is written out; a longer one is cut, and a hash is added.
const LONGEST_NAME: usize = 150;

/// The name of the file of a state. Bytes that a file system might not take are written as hexadecimal codes.
pub(super) fn file_name(of: &str) -> String {
    let mut name = String::with_capacity(of.len() + 6);
    for byte in of.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => name.push(byte.into()),
            _ => {
                let _ = write!(name, "%{byte:02x}");
            }
        }
    }
    if name.len() > LONGEST_NAME {
        name.truncate(LONGEST_NAME);
        let _ = write!(name, "%{:016x}", xxh3_64(of.as_bytes()));
    }
    name + ".json"
}
