//! A disk that only exists in memory: what is written stands in a page cache, and only what was synced is sure to outlive
//! a power cut. It can be cut off at any call, and every call can be made to fail.
#![allow(dead_code)] // every test uses a part of it

mod faults;
mod handle;
mod power;

pub use faults::{Call, Fault, Trouble};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a disk keeps or loses as a whole.
pub const SECTOR: usize = 512;

/// A simulated disk; copies are the same disk, seen by the same process.
#[derive(Clone)]
pub struct Disk {
    state: Arc<Mutex<State>>,
    /// Which process sees it: the handles of one that is dead do nothing.
    process: u64,
}

#[derive(Default)]
struct State {
    files: Vec<Inode>,
    /// Which names there are.
    names: BTreeMap<String, usize>,
    /// Which of them outlive a power cut, and what has happened to them since.
    durable_names: BTreeMap<String, usize>,
    renamed: Vec<Naming>,
    /// The files that are locked, whatever they are called; `None` is the folder.
    locked: BTreeSet<Option<usize>>,
    process: u64,
    /// All calls so far, reads included, and those that change something.
    calls: u64,
    changes: u64,
    counts: BTreeMap<Call, u64>,
    faults: Vec<Fault>,
    /// At which change the process dies.
    dies_at: Option<u64>,
    dead: bool,
    /// How many bytes all files may have together.
    room: Option<u64>,
    /// What happens behind the next sync, and how long each takes.
    behind_sync: Option<Box<dyn FnOnce() + Send>>,
    slow: Duration,
    slow_write: Duration,
    random: Random,
}

/// What happened to the names of files.
#[derive(Clone)]
enum Naming {
    Create(String, usize),
    Rename(String, String, usize),
    Remove(String),
}

/// A file, whatever it is called.
#[derive(Clone, Default)]
struct Inode {
    /// As the process sees it.
    cached: Arc<Vec<u8>>,
    /// As it was when it was last synced.
    durable: Arc<Vec<u8>>,
    /// What has come since.
    changed: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Change::Write(at, new) => {
                if bytes.len() < at + new.len() {
                    bytes.resize(at + new.len(), 0);
                }
                bytes[*at..at + new.len()].copy_from_slice(new);
            }
            Change::Truncate(length) => bytes.resize(*length, 0),
        }
    }
}

impl Inode {
    fn change(&mut self, change: Change) {
        change.apply(Arc::make_mut(&mut self.cached));
        self.changed.push(change);
    }

    fn sync(&mut self) {
        if !self.changed.is_empty() {
            let durable = Arc::make_mut(&mut self.durable);
            self.changed.drain(..).for_each(|change| change.apply(durable));
        }
    }

    /// A part of what had changed is written, and the rest is held to be: no later sync writes it.
    fn sync_failed(&mut self, random: &mut Random) {
        self.lose(random);
    }
}

impl Disk {
    /// An empty disk.
    pub fn new() -> Disk {
        Disk { state: Arc::default(), process: 0 }
    }

    /// A disk that holds these files, durably.
    pub fn holding(files: impl IntoIterator<Item = (String, Arc<Vec<u8>>)>) -> Disk {
        let disk = Disk::new();
        let mut state = disk.state();
        for (name, bytes) in files {
            let inode = state.files.len();
            state.files.push(Inode { cached: bytes.clone(), durable: bytes, changed: Vec::new() });
            state.names.insert(name.clone(), inode);
            state.durable_names.insert(name, inode);
        }
        drop(state);
        disk
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the files hold now, as a process sees them; the file that is locked is left out.
    pub fn files(&self) -> BTreeMap<String, Arc<Vec<u8>>> {
        let state = self.state();
        let files =
            state.names.iter().map(|(name, inode)| (name.clone(), state.files[*inode].cached.clone()));
        files.filter(|(name, _)| name != "lock").collect()
    }

    /// What one file holds.
    pub fn file(&self, name: &str) -> Option<Arc<Vec<u8>>> {
        let state = self.state();
        Some(state.files[*state.names.get(name)?].cached.clone())
    }

    /// Changes what a file holds behind everyone's back, durably.
    pub fn tamper(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        let inode = state.names[name];
        let file = &mut state.files[inode];
        change(Arc::make_mut(&mut file.cached));
        file.durable = file.cached.clone();
        file.changed.clear();
    }

    /// Puts another file under this name behind everyone's back, durably: what an editor does that saves by renaming.
    pub fn replace(&self, name: &str, bytes: Vec<u8>) {
        let mut state = self.state();
        let (inode, bytes) = (state.files.len(), Arc::new(bytes));
        state.files.push(Inode { cached: bytes.clone(), durable: bytes, changed: Vec::new() });
        state.names.insert(name.to_string(), inode);
        state.durable_names.insert(name.to_string(), inode);
    }

    /// Takes a file away behind everyone's back, durably.
    pub fn take_away(&self, name: &str) {
        let mut state = self.state();
        state.names.remove(name);
        state.durable_names.remove(name);
    }

    /// How many calls there were that change something, or make it durable.
    pub fn changes(&self) -> u64 {
        self.state().changes
    }

    /// How many calls of a kind there were.
    pub fn count(&self, call: Call) -> u64 {
        self.state().counts.get(&call).copied().unwrap_or(0)
    }

    /// Lets the process die at this change, counted from now on, the first being 0. A write that it dies at may be done
    /// in part.
    pub fn dies_at(&self, change: u64, seed: u64) {
        let mut state = self.state();
        state.dies_at = Some(state.changes + change);
        state.random = Random::new(seed);
    }

    /// Whether it died.
    pub fn died(&self) -> bool {
        self.state().dead
    }

    /// Makes calls fail from now on; their counts begin anew.
    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        let mut state = self.state();
        state.faults = faults.into_iter().collect();
        state.counts.clear();
        state.calls = 0;
    }

    /// Lets all files together have so many bytes more than now; no bound for `None`.
    pub fn room(&self, more: Option<u64>) {
        let mut state = self.state();
        let used = state.used();
        state.room = more.map(|more| used + more);
    }

    /// Does this behind the next sync, before anybody hears that it is done.
    pub fn behind_next_sync(&self, then: impl FnOnce() + Send + 'static) {
        self.state().behind_sync = Some(Box::new(then));
    }

    /// Lets each sync take this long.
    pub fn slow_syncs(&self, each: Duration) {
        self.state().slow = each;
    }

    /// Lets each write take this long, behind what it writes.
    pub fn slow_writes(&self, each: Duration) {
        self.state().slow_write = each;
    }

    /// The process dies, its locks with it; what it wrote stays. Answers with the disk as the next process sees it.
    pub fn kill(&self) -> Disk {
        let mut state = self.state();
        state.process += 1;
        state.locked.clear();
        (state.dead, state.dies_at) = (false, None);
        state.faults.clear();
        Disk { state: self.state.clone(), process: state.process }
    }

    /// The power fails: the process dies, and of what was not synced a part is lost that the seed draws.
    pub fn power_cut(&self, seed: u64) -> Disk {
        let next = self.kill();
        next.state().lose(&mut Random::new(seed));
        next
    }
}

impl State {
    fn used(&self) -> u64 {
        self.names.values().map(|inode| self.files[*inode].cached.len() as u64).sum()
    }
}

/// Numbers that follow from a seed.
#[derive(Clone, Debug, Default)]
pub struct Random(u64);

impl Random {
    /// Draws that follow from this seed.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The next 64 bits (the generator is splitmix64).
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.next() % bound }
    }

    /// Yes, once in so many times.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}
