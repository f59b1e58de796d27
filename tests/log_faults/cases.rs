//! What is done to the bytes of a log.

use super::expected::Log;

/// One damage to one file: a segment by its number, or the mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    None,
    Flip {
        file: File,
        at: usize,
        bit: u8,
    },
    Zero {
        file: File,
        at: usize,
        count: usize,
    },
    Truncate {
        file: File,
        length: usize,
    },
    Duplicate {
        segment: usize,
        sector: usize,
        from: usize,
        to: usize,
    },
    Swap {
        segment: usize,
        sector: usize,
        one: usize,
        other: usize,
    },
    /// Behind the last segment stands the beginning of one batch more.
    Unfinished {
        count: usize,
    },
    /// Behind the last segment stand zeros, as after a power cut that kept the length alone.
    Zeros {
        count: usize,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    Segment(usize),
    Mark,
}

impl Damage {
    pub fn file(&self, segments: usize) -> File {
        match self {
            Damage::Flip { file, .. } | Damage::Zero { file, .. } | Damage::Truncate { file, .. } => *file,
            Damage::Duplicate { segment, .. } | Damage::Swap { segment, .. } => File::Segment(*segment),
            Damage::None | Damage::Unfinished { .. } | Damage::Zeros { .. } => File::Segment(segments - 1),
        }
    }

    pub fn of_mark(&self) -> bool {
        self.file(1) == File::Mark
    }

    /// Does it; `next` is the batch that would have come.
    pub fn apply(&self, bytes: &mut Vec<u8>, next: &[u8]) {
        // The last sector may be a part of one.
        let sector = |bytes: &Vec<u8>, size: usize, number: usize| {
            (number * size).min(bytes.len())..((number + 1) * size).min(bytes.len())
        };
        match *self {
            Damage::None => {}
            Damage::Flip { at, bit, .. } => bytes[at] ^= 1 << bit,
            Damage::Zero { at, count, .. } => {
                let end = (at + count).min(bytes.len());
                bytes[at..end].fill(0);
            }
            Damage::Truncate { length, .. } => bytes.truncate(length),
            Damage::Duplicate { sector: size, from, to, .. } => {
                let (from, to) = (sector(bytes, size, from), sector(bytes, size, to));
                let count = from.len().min(to.len());
                bytes.copy_within(from.start..from.start + count, to.start);
            }
            Damage::Swap { sector: size, one, other, .. } => {
                let (one, other) = (sector(bytes, size, one), sector(bytes, size, other));
                for place in 0..one.len().min(other.len()) {
                    bytes.swap(one.start + place, other.start + place);
                }
            }
            Damage::Unfinished { count } => bytes.extend(&next[..count]),
            Damage::Zeros { count } => bytes.resize(bytes.len() + count, 0),
        }
    }
}

/// Every damage that a log of this size can have.
pub fn damages(log: &Log) -> impl Iterator<Item = Damage> {
    let mut files: Vec<(File, usize)> =
        log.segments.iter().enumerate().map(|(at, laid)| (File::Segment(at), laid.bytes.len())).collect();
    files.push((File::Mark, log.killed_mark.len()));
    let bytes = files.clone().into_iter().flat_map(|(file, length)| {
        (0..length).flat_map(move |at| {
            let flips = (0..8).map(move |bit| Damage::Flip { file, at, bit });
            flips.chain([Damage::Zero { file, at, count: 1 }, Damage::Truncate { file, length: at }])
        })
    });
    let sectors = files.into_iter().flat_map(|(file, length)| {
        [512, 4096].into_iter().flat_map(move |size| {
            let count = length.div_ceil(size);
            let zeroed = (0..count).map(move |number| Damage::Zero { file, at: number * size, count: size });
            let File::Segment(segment) = file else {
                return Box::new(zeroed) as Box<dyn Iterator<Item = Damage>>;
            };
            let pairs = (0..count).flat_map(move |one| (0..count).map(move |other| (one, other)));
            let moved = pairs.filter(|(one, other)| one != other).flat_map(move |(one, other)| {
                let duplicated = Damage::Duplicate { segment, sector: size, from: one, to: other };
                let swapped = (one < other).then_some(Damage::Swap { segment, sector: size, one, other });
                [Some(duplicated), swapped].into_iter().flatten()
            });
            Box::new(zeroed.chain(moved))
        })
    });
    let behind = (1..log.next.len()).map(|count| Damage::Unfinished { count });
    let zeros = (1..600).chain([4096, 70_000]).map(|count| Damage::Zeros { count });
    bytes.chain(sectors).chain(behind).chain(zeros).chain([Damage::None]).collect::<Vec<_>>().into_iter()
}
