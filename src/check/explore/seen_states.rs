//! The states that an exploration has seen: how they are kept, and how they are found again.

use super::arena::{Arena, NO_STATE, Origin, packed, read_varint, unpacked, varint};
use super::bytes::{decode, encode, hash_bytes, hash_of, second_look};
use super::table::StateTable;
use super::unfit::Unfit;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::hash::Hash;
use std::marker::PhantomData;
use std::ops::Range;

/// The states seen so far, in the order in which they were added.
///
/// Workers look states up while nobody adds any ([`find`](Self::find)); then one adds, in order
/// ([`add_next`](Self::add_next)). So a state's number never depends on how many workers there were.
pub(super) trait SeenStates<S>: Sync + Sized {
    /// A state that is being looked up. Its buffers are reused.
    type SoughtState: Default;
    /// The states that were not found, in order.
    type NewStates: NewStates;
    /// The position of a state to be visited.
    type StateCursor: Copy + Send + Sync;

    /// Prepares a state to be looked up, and returns its hash. If `sampled`, checks that it is read back as it was.
    fn prepare(&self, state: S, sampled: bool, lookup: &mut Self::SoughtState) -> Result<u64, Unfit>;
    /// The number of an equal state, if one was added.
    fn find(&self, hash: u64, lookup: &Self::SoughtState) -> Option<u32>;
    /// Prepares a state only to be compared.
    fn prepare_alone(&self, state: S, lookup: &mut Self::SoughtState) -> Result<(), Unfit>;
    /// Whether two states that were prepared are the same.
    fn same(&self, one: &Self::SoughtState, other: &Self::SoughtState) -> bool;
    /// Keeps a state that was not found, to be added later.
    fn keep_new(&self, lookup: &mut Self::SoughtState, new_states: &mut Self::NewStates);
    /// Adds the next of the kept states, unless an equal one was added in the meantime or there is no room.
    fn add_next(&mut self, hash: u64, new_states: &mut Self::NewStates, origin: Origin, room: bool) -> Added;

    /// How many states there are.
    fn len(&self) -> usize;
    /// About how many bytes they take: the same on every machine. O(1).
    fn bytes(&self) -> usize;
    /// The cursor after `place`, or the first one. There must be one.
    fn next(&self, place: Option<Self::StateCursor>) -> Self::StateCursor;
    /// The number of the state at a cursor.
    fn number(&self, place: Self::StateCursor) -> u32;
    /// The state at a cursor.
    fn state(&self, place: Self::StateCursor) -> Result<S, Unfit>;
    /// Frees the states up to this cursor, which are not read again.
    fn release(&mut self, up_to: Self::StateCursor);

    fn origin(&self, number: u32) -> Origin;
    /// The number of the last added state.
    fn last(&self) -> Option<u32>;
    /// All numbers, in order.
    fn numbers(&self) -> Vec<u32>;
}

/// The result of adding a state.
pub(super) enum Added {
    Known(u32),
    New(u32),
    /// It is new, but there was no room.
    Full,
}

/// A queue of states to be added.
pub(super) trait NewStates: Default + Send {
    fn clear(&mut self);
    /// The current length: a mark for [`cut`](Self::cut).
    fn held(&self) -> usize;
    /// Drops what was added since the mark.
    fn cut(&mut self, mark: usize);
}

/// A queue of byte strings.
#[derive(Default)]
pub(super) struct ByteQueue {
    bytes: Vec<u8>,
    taken: usize,
}

impl ByteQueue {
    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(varint(bytes.len(), &mut [0; 10]));
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn take(&mut self) -> &[u8] {
        let taken = self.next();
        &self.bytes[taken]
    }

    pub(super) fn take_two(&mut self) -> (&[u8], &[u8]) {
        let (one, two) = (self.next(), self.next());
        (&self.bytes[one], &self.bytes[two])
    }

    fn next(&mut self) -> Range<usize> {
        let (length, used) = read_varint(&self.bytes[self.taken..]);
        let start = self.taken + used;
        self.taken = start + length;
        start..self.taken
    }
}

impl NewStates for ByteQueue {
    fn clear(&mut self) {
        self.bytes.clear();
        self.taken = 0;
    }

    fn held(&self) -> usize {
        self.bytes.len()
    }

    fn cut(&mut self, mark: usize) {
        self.bytes.truncate(mark);
    }
}

impl<S: Send> NewStates for std::collections::VecDeque<S> {
    fn clear(&mut self) {
        Self::clear(self);
    }

    fn held(&self) -> usize {
        self.len()
    }

    fn cut(&mut self, mark: usize) {
        self.truncate(mark);
    }
}

/// Keeps states as canonical bytes: exact. The states to be visited are read back from the bytes.
pub(super) struct EncodedStates<S> {
    arena: Arena,
    table: StateTable,
    state: PhantomData<fn() -> S>,
}

impl<S> Default for EncodedStates<S> {
    fn default() -> Self {
        EncodedStates { arena: Arena::default(), table: StateTable::default(), state: PhantomData }
    }
}

impl<S: Serialize + DeserializeOwned + Eq> SeenStates<S> for EncodedStates<S> {
    type SoughtState = Vec<u8>;
    type NewStates = ByteQueue;
    type StateCursor = u32;

    #[inline]
    fn prepare(&self, state: S, sampled: bool, lookup: &mut Vec<u8>) -> Result<u64, Unfit> {
        lookup.clear();
        encode(&state, lookup)?;
        if sampled {
            second_look(&state, lookup)?;
        }
        Ok(hash_bytes(lookup))
    }

    #[inline]
    fn find(&self, hash: u64, lookup: &Vec<u8>) -> Option<u32> {
        self.table.find(hash, |number| self.arena.bytes(number) == lookup.as_slice())
    }

    fn prepare_alone(&self, state: S, lookup: &mut Vec<u8>) -> Result<(), Unfit> {
        lookup.clear();
        encode(&state, lookup)
    }

    fn same(&self, one: &Vec<u8>, other: &Vec<u8>) -> bool {
        one == other
    }

    fn keep_new(&self, lookup: &mut Vec<u8>, new_states: &mut ByteQueue) {
        new_states.put(lookup);
    }

    fn add_next(&mut self, hash: u64, new_states: &mut ByteQueue, origin: Origin, room: bool) -> Added {
        let bytes = new_states.take();
        if let Some(number) = self.table.find(hash, |number| self.arena.bytes(number) == bytes) {
            return Added::Known(number);
        }
        let Some(number) = room.then(|| self.arena.push(origin, bytes)).flatten() else {
            return Added::Full;
        };
        self.table.insert(hash, number);
        Added::New(number)
    }

    fn len(&self) -> usize {
        self.arena.len()
    }

    fn bytes(&self) -> usize {
        self.arena.bytes_in_all() + self.len() * SLOT
    }

    fn next(&self, place: Option<u32>) -> u32 {
        place.map_or(0, |place| self.arena.after(place))
    }

    fn number(&self, place: u32) -> u32 {
        place
    }

    fn state(&self, place: u32) -> Result<S, Unfit> {
        decode(self.arena.bytes(place))
    }

    fn release(&mut self, _: u32) {}

    fn origin(&self, number: u32) -> Origin {
        self.arena.origin(number)
    }

    fn last(&self) -> Option<u32> {
        self.arena.last()
    }

    fn numbers(&self) -> Vec<u32> {
        let first = (self.len() > 0).then_some(0);
        std::iter::successors(first, |number| {
            Some(self.arena.after(*number)).filter(|next| *next != NO_STATE)
        })
        .collect()
    }
}

/// The bytes that the table takes for each state.
pub(super) const SLOT: usize = 12;
/// The assumed number of bytes that a kept state points to.
const POINTED_TO: usize = 64;

/// Keeps the states themselves: exact, for states without serde.
pub(super) struct PlainStates<S> {
    states: Vec<S>,
    origins: Vec<[u8; 6]>,
    table: StateTable,
}

impl<S> Default for PlainStates<S> {
    fn default() -> Self {
        PlainStates { states: Vec::new(), origins: Vec::new(), table: StateTable::default() }
    }
}

impl<S: Eq + Hash + Clone + Send + Sync> SeenStates<S> for PlainStates<S> {
    type SoughtState = Option<S>;
    type NewStates = std::collections::VecDeque<S>;
    type StateCursor = u32;

    fn prepare(&self, state: S, sampled: bool, lookup: &mut Option<S>) -> Result<u64, Unfit> {
        let hash = hash_of(&state);
        if sampled && state != state.clone() {
            return Err(Unfit::NotEqualToItself);
        }
        *lookup = Some(state);
        Ok(hash)
    }

    fn find(&self, hash: u64, lookup: &Option<S>) -> Option<u32> {
        let state = lookup.as_ref()?;
        self.table.find(hash, |number| self.states[number as usize] == *state)
    }

    fn prepare_alone(&self, state: S, lookup: &mut Option<S>) -> Result<(), Unfit> {
        *lookup = Some(state);
        Ok(())
    }

    fn same(&self, one: &Option<S>, other: &Option<S>) -> bool {
        one == other
    }

    fn keep_new(&self, lookup: &mut Option<S>, new_states: &mut Self::NewStates) {
        new_states.extend(lookup.take());
    }

    fn add_next(&mut self, hash: u64, new_states: &mut Self::NewStates, origin: Origin, room: bool) -> Added {
        let Some(state) = new_states.pop_front() else { return Added::Full };
        if let Some(number) = self.table.find(hash, |number| self.states[number as usize] == state) {
            return Added::Known(number);
        }
        let Some(number) = u32::try_from(self.states.len()).ok().filter(|n| room && *n < NO_STATE) else {
            return Added::Full;
        };
        self.states.push(state);
        self.origins.push(packed(origin));
        self.table.insert(hash, number);
        Added::New(number)
    }

    fn len(&self) -> usize {
        self.states.len()
    }

    /// The memory that a state points to is not known without serde, and counts as [`POINTED_TO`].
    fn bytes(&self) -> usize {
        self.len() * (size_of::<S>() + POINTED_TO + size_of::<[u8; 6]>() + SLOT)
    }

    fn next(&self, place: Option<u32>) -> u32 {
        place.map_or(0, |place| place + 1)
    }

    fn number(&self, place: u32) -> u32 {
        place
    }

    fn state(&self, place: u32) -> Result<S, Unfit> {
        Ok(self.states[place as usize].clone())
    }

    fn release(&mut self, _: u32) {}

    fn origin(&self, number: u32) -> Origin {
        unpacked(self.origins[number as usize])
    }

    fn last(&self) -> Option<u32> {
        (self.states.len() as u32).checked_sub(1)
    }

    fn numbers(&self) -> Vec<u32> {
        (0..self.states.len() as u32).collect()
    }
}
