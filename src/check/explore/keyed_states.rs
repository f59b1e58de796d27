//! Keeps states by a key that is not the state itself: a view, a canonical permutation, or a fingerprint.

use super::arena::{Arena, NO_STATE, Origin, packed, read_varint, unpacked, varint};
use super::bytes::{StateKey, decode, encode, hash_bytes, second_look};
use super::seen_states::{Added, ByteQueue, SLOT, SeenStates};
use super::table::StateTable;
use super::unfit::Unfit;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::VecDeque;

/// Keeps the keys of all states, and the states themselves only until they are visited.
pub(super) struct KeyedStates<S> {
    keys: Keys,
    /// `None` if the key is the state.
    key: Option<StateKey<S>>,
    frontier: Frontier,
}

enum Keys {
    Whole(Arena, StateTable),
    Fingerprints { prints: Vec<Vec<u128>>, origins: Vec<Vec<[u8; 6]>>, count: usize, table: StateTable },
}

impl<S> KeyedStates<S> {
    /// Identifies states by the bytes of their key.
    pub(super) fn whole(key: StateKey<S>) -> Self {
        let keys = Keys::Whole(Arena::default(), StateTable::default());
        KeyedStates { keys, key: Some(key), frontier: Frontier::default() }
    }

    /// Identifies states by a hash of their key of 128 bits.
    pub(super) fn fingerprints(key: Option<StateKey<S>>) -> Self {
        let keys = Keys::Fingerprints {
            prints: Vec::new(),
            origins: Vec::new(),
            count: 0,
            table: StateTable::default(),
        };
        KeyedStates { keys, key, frontier: Frontier::default() }
    }
}

const BLOCK_BITS: u32 = 14;
const BLOCK: usize = 1 << BLOCK_BITS;

/// Adds a value to blocks that are never moved, so that growing never needs two copies.
fn push<T>(blocks: &mut Vec<Vec<T>>, value: T) {
    match blocks.last_mut() {
        Some(block) if block.len() < BLOCK => block.push(value),
        Some(_) => {
            let mut block = Vec::with_capacity(BLOCK);
            block.push(value);
            blocks.push(block);
        }
        None => blocks.push(vec![value]),
    }
}

#[inline]
fn at<T: Copy>(blocks: &[Vec<T>], number: u32) -> T {
    blocks[(number >> BLOCK_BITS) as usize][number as usize & (BLOCK - 1)]
}

/// A state being looked up: the bytes of its key, and its own where they differ.
#[derive(Default)]
pub(super) struct SoughtState {
    key: Vec<u8>,
    state: Vec<u8>,
    print: u128,
}

/// A state in the frontier: its number, the number of its chunk, and where it begins there.
#[derive(Clone, Copy)]
pub(super) struct StateCursor {
    number: u32,
    chunk: usize,
    start: usize,
}

impl<S: Serialize + DeserializeOwned + Eq> SeenStates<S> for KeyedStates<S> {
    type SoughtState = SoughtState;
    /// A key and its state, in turn.
    type NewStates = ByteQueue;
    type StateCursor = StateCursor;

    fn prepare(&self, state: S, sampled: bool, lookup: &mut SoughtState) -> Result<u64, Unfit> {
        lookup.state.clear();
        encode(&state, &mut lookup.state)?;
        if sampled {
            second_look(&state, &lookup.state)?;
        }
        let key = match &self.key {
            Some(key) => {
                lookup.key.clear();
                key(&state, &mut lookup.key)?;
                &lookup.key
            }
            None => &lookup.state,
        };
        Ok(match self.keys {
            Keys::Whole(..) => hash_bytes(key),
            Keys::Fingerprints { .. } => {
                lookup.print = xxhash_rust::xxh3::xxh3_128(key);
                lookup.print as u64
            }
        })
    }

    fn find(&self, hash: u64, lookup: &SoughtState) -> Option<u32> {
        match &self.keys {
            Keys::Whole(arena, table) => {
                let key = if self.key.is_some() { &lookup.key } else { &lookup.state };
                table.find(hash, |number| arena.bytes(number) == key.as_slice())
            }
            Keys::Fingerprints { prints, table, .. } => {
                table.find(hash, |number| at(prints, number) == lookup.print)
            }
        }
    }

    fn prepare_alone(&self, state: S, lookup: &mut SoughtState) -> Result<(), Unfit> {
        lookup.state.clear();
        encode(&state, &mut lookup.state)
    }

    fn same(&self, one: &SoughtState, other: &SoughtState) -> bool {
        one.state == other.state
    }

    fn keep_new(&self, lookup: &mut SoughtState, new_states: &mut ByteQueue) {
        match &self.keys {
            Keys::Whole(..) => new_states.put(&lookup.key),
            Keys::Fingerprints { .. } => new_states.put(&lookup.print.to_le_bytes()),
        }
        new_states.put(&lookup.state);
    }

    fn add_next(&mut self, hash: u64, new_states: &mut ByteQueue, origin: Origin, room: bool) -> Added {
        let (key, state) = new_states.take_two();
        let number = match &mut self.keys {
            Keys::Whole(arena, table) => {
                if let Some(number) = table.find(hash, |number| arena.bytes(number) == key) {
                    return Added::Known(number);
                }
                let Some(number) = room.then(|| arena.push(origin, key)).flatten() else {
                    return Added::Full;
                };
                table.insert(hash, number);
                number
            }
            Keys::Fingerprints { prints, origins, count, table } => {
                let Ok(print) = key.try_into().map(u128::from_le_bytes) else { return Added::Full };
                if let Some(number) = table.find(hash, |number| at(prints, number) == print) {
                    return Added::Known(number);
                }
                let Some(number) = u32::try_from(*count).ok().filter(|n| room && *n < NO_STATE) else {
                    return Added::Full;
                };
                *count += 1;
                push(prints, print);
                push(origins, packed(origin));
                table.insert(hash, number);
                number
            }
        };
        self.frontier.push(state);
        Added::New(number)
    }

    fn len(&self) -> usize {
        match &self.keys {
            Keys::Whole(arena, _) => arena.len(),
            Keys::Fingerprints { count, .. } => *count,
        }
    }

    fn bytes(&self) -> usize {
        let known = match &self.keys {
            Keys::Whole(arena, _) => arena.bytes_in_all(),
            Keys::Fingerprints { count, .. } => count * (size_of::<u128>() + size_of::<[u8; 6]>()),
        };
        known + self.len() * SLOT + self.frontier.held
    }

    fn next(&self, place: Option<StateCursor>) -> StateCursor {
        let Some(place) = place else { return StateCursor { number: 0, chunk: 0, start: 0 } };
        let number = match &self.keys {
            Keys::Whole(arena, _) => arena.after(place.number),
            Keys::Fingerprints { .. } => place.number + 1,
        };
        let (chunk, start) = self.frontier.after(place.chunk, place.start);
        StateCursor { number, chunk, start }
    }

    fn number(&self, place: StateCursor) -> u32 {
        place.number
    }

    fn state(&self, place: StateCursor) -> Result<S, Unfit> {
        decode(self.frontier.bytes(place.chunk, place.start))
    }

    fn release(&mut self, up_to: StateCursor) {
        self.frontier.release(up_to.chunk);
    }

    fn origin(&self, number: u32) -> Origin {
        match &self.keys {
            Keys::Whole(arena, _) => arena.origin(number),
            Keys::Fingerprints { origins, .. } => unpacked(at(origins, number)),
        }
    }

    fn last(&self) -> Option<u32> {
        match &self.keys {
            Keys::Whole(arena, _) => arena.last(),
            Keys::Fingerprints { count, .. } => (*count as u32).checked_sub(1),
        }
    }

    fn numbers(&self) -> Vec<u32> {
        match &self.keys {
            Keys::Whole(arena, _) => {
                let first = (arena.len() > 0).then_some(0);
                std::iter::successors(first, |n| Some(arena.after(*n)).filter(|next| *next != NO_STATE))
                    .collect()
            }
            Keys::Fingerprints { count, .. } => (0..*count as u32).collect(),
        }
    }
}

/// A queue of bytes in chunks: the chunks of visited states are freed while the queue grows.
#[derive(Default)]
struct Frontier {
    chunks: VecDeque<Vec<u8>>,
    released: usize,
    /// How many bytes the chunks hold.
    held: usize,
}

const CHUNK: usize = 1 << 16;

impl Frontier {
    fn push(&mut self, state: &[u8]) {
        let mut length = [0; 10];
        let length = varint(state.len(), &mut length);
        let size = length.len() + state.len();
        match self.chunks.back() {
            Some(last) if last.len() + size <= CHUNK => (),
            Some(_) => self.chunks.push_back(Vec::with_capacity(CHUNK.max(size))),
            None => self.chunks.push_back(Vec::new()),
        }
        self.held += size;
        if let Some(last) = self.chunks.back_mut() {
            last.extend_from_slice(length);
            last.extend_from_slice(state);
        }
    }

    fn bytes(&self, chunk: usize, start: usize) -> &[u8] {
        let bytes = &self.chunks[chunk - self.released][start..];
        let (length, used) = read_varint(bytes);
        &bytes[used..used + length]
    }

    fn after(&self, chunk: usize, start: usize) -> (usize, usize) {
        let bytes = &self.chunks[chunk - self.released];
        let (length, used) = read_varint(&bytes[start..]);
        let end = start + used + length;
        if end < bytes.len() { (chunk, end) } else { (chunk + 1, 0) }
    }

    fn release(&mut self, chunk: usize) {
        while self.released < chunk {
            self.held -= self.chunks.pop_front().map_or(0, |chunk| chunk.len());
            self.released += 1;
        }
    }
}
