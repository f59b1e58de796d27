//! A state in a file: read by people, believed only when it is whole and of the right shape.
//!
//! Three lines of JSON: what it is, the state, and a checksum of both. It is written beside, synced, and renamed, so that
//! it is there whole or not at all. A state is written once it was read back from what is written, and was the same.

use super::Cause;
use crate::codec::schema::shape_as_json;
use crate::json::{Unfaithful, prove, proven, read, short_name, write};
use crate::log::{
    Folder, Storage, make_folder, put_in_place, read_small, take_away, write_beside, write_whole,
};
use crate::recorded::{EventId, Position, Version};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Write};
use std::io;
use std::marker::PhantomData;
use std::ops::Range;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;
use xxhash_rust::xxh3::xxh3_64;

/// What folded a state, in one number: the shape of the state as serde reads it, and a revision that its owner counts up
/// when `evolve` makes something else of the same events.
///
/// A state that was stored under another shape is not used but folded again. The shape is told by serde; nothing tells what
/// `evolve` does, hence the revision.
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

/// The first line: up to where a state was folded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Upto {
    /// What the state is of: a stream, a projection.
    pub(super) of: String,
    #[serde(default)]
    pub(super) shape: String,
    pub(super) position: Position,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<Version>,
    /// The last event that was folded, by which the log is known again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) event: Option<(Position, EventId)>,
}

#[derive(Serialize, Deserialize)]
struct Crc {
    crc: String,
}

/// What stands under a name.
pub(super) enum Found<S> {
    Nothing,
    State(Upto, S),
    /// A file that cannot be used, and why: a sentence that names it.
    Unread(String),
}

/// Sees that a state comes back from JSON as it is.
///
/// # Errors
/// What does not, with the way to it: `Tray.open: …`.
pub(super) fn keeps<S>(state: &S) -> Result<(), Cause>
where
    S: Serialize + DeserializeOwned + PartialEq,
{
    proven(state, &mut Vec::new()).map(drop).map_err(|unfit| unfit.in_value(short_name::<S>()).into())
}

/// The files of states of one shape in a folder.
pub(super) struct States<S> {
    folder: PathBuf,
    shape: Shape,
    of: PhantomData<fn() -> S>,
}

impl<S: Serialize + DeserializeOwned> States<S> {
    pub(super) fn in_folder(folder: &Path, revision: u32) -> States<S> {
        States { folder: folder.to_path_buf(), shape: Shape::of::<S>(revision), of: PhantomData }
    }

    /// The state under this name.
    pub(super) fn read(&self, of: &str) -> io::Result<Found<S>> {
        let name = file_name(of);
        let bytes = match read_small(&Folder::at(&self.folder), &name, u64::MAX) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(Found::Nothing),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(error),
        };
        Ok(match self.believed(of, &bytes) {
            Ok((upto, state)) => Found::State(upto, state),
            Err(why) => {
                let file = self.folder.join(name);
                Found::Unread(format!(
                    "the file {} could not be read ({why}); what it holds is made again from the log",
                    file.display()
                ))
            }
        })
    }

    /// What is in a file, or why it cannot be used.
    fn believed(&self, of: &str, bytes: &[u8]) -> Result<(Upto, S), String> {
        let damaged = || "it is damaged, or was edited: its checksum does not fit".to_string();
        let text = bytes.strip_suffix(b"\n").ok_or_else(damaged)?;
        let end = memchr::memrchr(b'\n', text).ok_or_else(damaged)? + 1;
        let Crc { crc } = serde_json::from_slice(&text[end..]).map_err(|_| damaged())?;
        if crc != format!("{:08x}", crc32c::crc32c(&bytes[..end])) {
            return Err(damaged());
        }
        let (first, state) = text[..end].split_at(memchr::memchr(b'\n', text).ok_or_else(damaged)?);
        let upto: Upto = serde_json::from_slice(first).map_err(|error| error.to_string())?;
        if upto.of != of {
            return Err(format!("it is of {}, and not of {of}", upto.of));
        }
        if upto.shape != self.shape.to_string() {
            return Err("its state has another shape, or is of another revision".to_string());
        }
        let state = read(state).map_err(|error| format!("its state cannot be read: {error}"))?;
        Ok((upto, state))
    }

    /// Puts a state in place of the one that was there: durable when this has returned, and proven before.
    ///
    /// A large state is read back while its file is written and synced.
    ///
    /// # Errors
    /// What the system says, and what of the state would not come back as it is.
    pub(super) fn write(&self, upto: Upto, state: &S) -> Result<(), Cause>
    where
        S: PartialEq,
    {
        let unfit = |unfit: Unfaithful| Cause::from(unfit.in_value(short_name::<S>()));
        let (name, file) = self.file_of(upto, state)?.map_err(unfit)?;
        if file.bytes.len() < LARGE {
            prove(state, file.state()).map_err(unfit)?;
            return Ok(self.put(&name, &file.bytes)?);
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

    /// The same for a state whose parts the caller has proven, each as it changed.
    pub(super) fn write_parts(&self, upto: Upto, state: &S) -> Result<(), Cause> {
        let (name, file) = self.file_of(upto, state)?.map_err(|unfit| unfit.sentence())?;
        Ok(self.put(&name, &file.bytes)?)
    }

    /// The name and the bytes of the file of a state, or what of the state JSON does not hold.
    fn file_of(&self, upto: Upto, state: &S) -> io::Result<Result<(String, StateFile), Unfaithful>> {
        let name = file_name(&upto.of);
        let mut bytes = serde_json::to_vec(&Upto { shape: self.shape.to_string(), ..upto })?;
        bytes.push(b'\n');
        let begin = bytes.len();
        if let Err(unfit) = write(state, &mut bytes) {
            return Ok(Err(unfit));
        }
        let state = begin..bytes.len();
        bytes.push(b'\n');
        let crc = crc32c::crc32c(&bytes);
        bytes.extend_from_slice(format!("{{\"crc\":\"{crc:08x}\"}}\n").as_bytes());
        Ok(Ok((name, StateFile { bytes, state })))
    }

    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        make_folder(&self.folder)?;
        write_whole(&Folder::at(&self.folder), name, bytes).map(drop)
    }

    /// Takes the file away, if there is one.
    pub(super) fn remove(&self, of: &str) -> io::Result<()> {
        match Folder::at(&self.folder).remove(&file_name(of)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// From how many bytes on a file takes longer to be written than a thread to start.
const LARGE: usize = 64 << 10;

/// The bytes of a file, and where in them the state is.
struct StateFile {
    bytes: Vec<u8>,
    state: Range<usize>,
}

impl StateFile {
    fn state(&self) -> &[u8] {
        &self.bytes[self.state.clone()]
    }
}

/// The longest name that is written out.
const LONGEST: usize = 150;

/// The name of the file of a state: what a file system might not take is written as its hexadecimal code.
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
    if name.len() > LONGEST {
        name.truncate(LONGEST);
        let _ = write!(name, "%{:016x}", xxh3_64(of.as_bytes()));
    }
    name + ".json"
}
