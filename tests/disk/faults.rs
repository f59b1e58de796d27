//! Calls that fail.

use super::State;
use std::io;

/// A call of a process to its disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    List,
    Open,
    Create,
    Rename,
    Remove,
    SyncFolder,
    Lock,
    Read,
    Write,
    Sync,
    Truncate,
    Length,
    Identity,
}

impl Call {
    /// Every kind of call.
    pub const ALL: [Call; 13] = [
        Call::List,
        Call::Open,
        Call::Create,
        Call::Rename,
        Call::Remove,
        Call::SyncFolder,
        Call::Lock,
        Call::Read,
        Call::Write,
        Call::Sync,
        Call::Truncate,
        Call::Length,
        Call::Identity,
    ];

    /// Whether it changes something, or makes it durable.
    pub fn changes(self) -> bool {
        !matches!(self, Call::List | Call::Open | Call::Lock | Call::Read | Call::Length | Call::Identity)
    }
}

/// What a call answers with instead of being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// EIO.
    Broken,
    /// ENOSPC.
    Full,
    /// EINTR.
    Interrupted,
    /// EMFILE: no descriptor is left.
    Descriptors,
    /// It is done in part: a read or a write of fewer bytes. No other call can be.
    Short,
}

impl Trouble {
    pub(super) fn error(self) -> io::Error {
        let kind = match self {
            Trouble::Broken => return io::Error::other("the device does not answer (simulated)"),
            Trouble::Full => io::ErrorKind::StorageFull,
            Trouble::Interrupted => io::ErrorKind::Interrupted,
            Trouble::Descriptors => return io::Error::from_raw_os_error(24),
            Trouble::Short => io::ErrorKind::Other,
        };
        io::Error::new(kind, "simulated")
    }
}

/// Trouble with some calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// With which kind of call; with any where none is named.
    pub call: Option<Call>,
    /// With which of them, the first being 0.
    pub from: u64,
    /// With how many.
    pub times: u64,
    /// What they answer.
    pub trouble: Trouble,
}

impl State {
    /// Counts a call, and tells what trouble there is with it.
    pub(super) fn trouble(&mut self, call: Call) -> Option<Trouble> {
        let count = self.counts.entry(call).or_default();
        let (number, of_all) = (*count, self.calls);
        *count += 1;
        self.calls += 1;
        let hit = |fault: &&Fault| {
            let number = match fault.call {
                Some(kind) if kind == call => number,
                Some(_) => return false,
                None => of_all,
            };
            number >= fault.from && number - fault.from < fault.times
        };
        self.faults.iter().find(hit).map(|fault| fault.trouble)
    }
}
