//! Stores the bytes of every state, and where the state came from, in large chunks.

/// How a state was first reached: the state before it, and the index of the command in the alphabet there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) parent: u32,
    pub(super) command: u16,
}

/// The number of no state: the parent of the first.
pub(super) const NO_STATE: u32 = u32::MAX;

/// Records of bytes, each with its origin.
///
/// ```text
/// | parent: 4 bytes | command: 2 bytes | length: 1 byte or more | bytes … | up to a multiple of four |
/// ```
///
/// A record's number is its position in units of four bytes. So a number of 32 bits reaches 16 GiB, and finding the bytes of
/// a number needs no index. Chunks are allocated one by one: no record is ever moved, and only the last chunk is not full.
#[derive(Default)]
pub(super) struct Arena {
    chunks: Vec<Vec<u8>>,
    records: usize,
    last: u32,
}

const UNIT: usize = 4;
const UNIT_BITS: u32 = 2;
/// One MiB a chunk.
const CHUNK_BITS: u32 = 20;
const CHUNK: usize = 1 << CHUNK_BITS;
const UNITS_BITS: u32 = CHUNK_BITS - UNIT_BITS;
const HEAD: usize = 6;

impl Arena {
    pub(super) fn len(&self) -> usize {
        self.records
    }

    /// How many bytes its chunks take.
    pub(super) fn bytes_in_all(&self) -> usize {
        // A record larger than a chunk is followed by an empty chunk for each one that it spans.
        let last = self.chunks.last().map_or(0, Vec::len);
        (self.chunks.len().saturating_sub(1) << CHUNK_BITS) + last
    }

    /// The number of the record that was added last.
    pub(super) fn last(&self) -> Option<u32> {
        (self.records > 0).then_some(self.last)
    }

    /// Adds a record; `None` if the arena is full.
    pub(super) fn push(&mut self, origin: Origin, bytes: &[u8]) -> Option<u32> {
        let mut length = [0; 10];
        let length = varint(bytes.len(), &mut length);
        let size = HEAD + length.len() + bytes.len();
        let room = self.chunks.last().map_or(0, |chunk| CHUNK.saturating_sub(chunk.len()));
        if room < size {
            // A record larger than a chunk has its own chunk, and the numbers that it spans stay unused.
            let spanned = self.chunks.last().map_or(0, |chunk| chunk.len().div_ceil(CHUNK));
            (1..spanned).for_each(|_| self.chunks.push(Vec::new()));
            let first = self.chunks.is_empty();
            self.chunks.push(Vec::with_capacity(if first { 0 } else { CHUNK.max(size) }));
        }
        let chunk = self.chunks.len() - 1;
        let last = self.chunks.last_mut()?;
        let number = (chunk << UNITS_BITS) + (last.len() >> UNIT_BITS);
        // The largest number means "no state".
        let number = u32::try_from(number).ok().filter(|number| *number < u32::MAX)?;
        last.extend_from_slice(&origin.parent.to_le_bytes());
        last.extend_from_slice(&origin.command.to_le_bytes());
        last.extend_from_slice(length);
        last.extend_from_slice(bytes);
        last.resize(last.len().next_multiple_of(UNIT), 0);
        self.records += 1;
        self.last = number;
        Some(number)
    }

    #[inline]
    pub(super) fn bytes(&self, number: u32) -> &[u8] {
        let record = self.record(number);
        let (length, used) = read_varint(&record[HEAD..]);
        &record[HEAD + used..HEAD + used + length]
    }

    pub(super) fn origin(&self, number: u32) -> Origin {
        let head = self.record(number);
        Origin {
            parent: u32::from_le_bytes([head[0], head[1], head[2], head[3]]),
            command: u16::from_le_bytes([head[4], head[5]]),
        }
    }

    /// The number of the next record; `u32::MAX` where there is none.
    pub(super) fn after(&self, number: u32) -> u32 {
        let (chunk, start) = locate(number);
        let (length, used) = read_varint(&self.chunks[chunk][start + HEAD..]);
        let end = (start + HEAD + used + length).next_multiple_of(UNIT);
        if end < self.chunks[chunk].len() {
            return number - (start >> UNIT_BITS) as u32 + (end >> UNIT_BITS) as u32;
        }
        match (chunk + 1..self.chunks.len()).find(|next| !self.chunks[*next].is_empty()) {
            Some(next) => (next << UNITS_BITS) as u32,
            // The position of the next record depends on its size.
            None => u32::MAX,
        }
    }

    #[inline]
    fn record(&self, number: u32) -> &[u8] {
        let (chunk, start) = locate(number);
        &self.chunks[chunk][start..]
    }
}

#[inline]
fn locate(number: u32) -> (usize, usize) {
    let number = number as usize;
    (number >> UNITS_BITS, (number & ((1 << UNITS_BITS) - 1)) << UNIT_BITS)
}

/// Seven bits a byte, lowest first.
pub(super) fn varint(mut value: usize, buffer: &mut [u8; 10]) -> &[u8] {
    let mut used = 0;
    loop {
        buffer[used] = (value & 0x7f) as u8;
        value >>= 7;
        used += 1;
        if value == 0 {
            return &buffer[..used];
        }
        buffer[used - 1] |= 0x80;
    }
}

/// The value, and how many bytes it took.
#[inline]
pub(super) fn read_varint(bytes: &[u8]) -> (usize, usize) {
    let first = bytes[0];
    if first < 0x80 {
        return (first as usize, 1);
    }
    let (mut value, mut used) = (0, 0);
    loop {
        let byte = bytes[used];
        value |= ((byte & 0x7f) as usize) << (7 * used);
        used += 1;
        if byte < 0x80 {
            return (value, used);
        }
    }
}

pub(super) fn packed(origin: Origin) -> [u8; 6] {
    let ([a, b, c, d], [e, f]) = (origin.parent.to_le_bytes(), origin.command.to_le_bytes());
    [a, b, c, d, e, f]
}

pub(super) fn unpacked([a, b, c, d, e, f]: [u8; 6]) -> Origin {
    Origin { parent: u32::from_le_bytes([a, b, c, d]), command: u16::from_le_bytes([e, f]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_every_size_are_found_again_in_order() {
        let mut arena = Arena::default();
        let sizes = [0, 1, 5, 127, 128, 300_000, 900_000, 3 * CHUNK, 7, 70_000, 2 * CHUNK + 1, CHUNK, 1];
        let mut numbers = Vec::new();
        for (n, size) in sizes.into_iter().enumerate() {
            let origin = Origin { parent: n as u32, command: 7 };
            numbers.push(arena.push(origin, &vec![n as u8; size]).unwrap());
        }
        for (n, size) in sizes.into_iter().enumerate() {
            assert_eq!(arena.bytes(numbers[n]), vec![n as u8; size]);
            assert_eq!(arena.origin(numbers[n]), Origin { parent: n as u32, command: 7 });
            let next = numbers.get(n + 1).copied().unwrap_or(u32::MAX);
            assert_eq!(arena.after(numbers[n]), next, "after record {n}");
        }
        assert_eq!(arena.len(), sizes.len());
    }
}
