//! What a message of the stream says beside its content, which is a round of batches.

use async_nats::HeaderMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

/// The version of what is written here.
pub(crate) const FORMAT: &str = "1";
/// More than the headers of a message take.
pub(crate) const ROOM_FOR_HEADERS: usize = 1024;

const FORMAT_HEADER: &str = "Leftfold-Format";
const FIRST: &str = "Leftfold-First";
const LAST: &str = "Leftfold-Last";
const PROPOSAL: &str = "Leftfold-Proposal";

/// A round as it is in the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    /// The positions of its first and its last entry.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// Which proposal it was; no two are alike.
    pub(crate) proposal: String,
}

/// What is wrong with a message of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unlabelled {
    /// This kit has not written it.
    Foreign,
    /// Another version of this crate has written it.
    Format(String),
}

impl Label {
    /// The label of a proposal that follows position `after`.
    pub(crate) fn of(after: u64, round: &[u8], proposal: String) -> Self {
        Label { first: after + 1, last: after + entries(round), proposal }
    }

    /// The headers of a message that is recorded only after the message with sequence `follows`.
    pub(crate) fn headers(&self, stream: &str, follows: u64) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(async_nats::header::NATS_EXPECTED_STREAM, stream);
        headers.insert(async_nats::header::NATS_EXPECTED_LAST_SEQUENCE, follows.to_string());
        headers.insert(FORMAT_HEADER, FORMAT);
        headers.insert(FIRST, self.first.to_string());
        headers.insert(LAST, self.last.to_string());
        headers.insert(PROPOSAL, self.proposal.as_str());
        headers
    }

    /// The label of a whole message.
    pub(crate) fn of_message(headers: Option<&HeaderMap>, round: &[u8]) -> Result<Self, Unlabelled> {
        let label = Label::read(headers)?;
        match label.last - label.first + 1 == entries(round) {
            true => Ok(label),
            false => Err(Unlabelled::Foreign),
        }
    }

    pub(crate) fn read(headers: Option<&HeaderMap>) -> Result<Self, Unlabelled> {
        let headers = headers.ok_or(Unlabelled::Foreign)?;
        let text =
            |name: &str| headers.get(name).map(async_nats::HeaderValue::as_str).ok_or(Unlabelled::Foreign);
        match text(FORMAT_HEADER)? {
            FORMAT => {}
            other => return Err(Unlabelled::Format(other.to_string())),
        }
        let number = |name| text(name)?.parse::<u64>().map_err(|_| Unlabelled::Foreign);
        let label =
            Label { first: number(FIRST)?, last: number(LAST)?, proposal: text(PROPOSAL)?.to_string() };
        if label.first == 0 || label.last < label.first {
            return Err(Unlabelled::Foreign);
        }
        Ok(label)
    }
}

impl Unlabelled {
    pub(crate) fn sentence(&self, stream: &str, sequence: u64) -> String {
        match self {
            Unlabelled::Foreign => {
                format!("message {sequence} of stream {stream} was not written by leftfold-nats")
            }
            Unlabelled::Format(format) => format!(
                "message {sequence} of stream {stream} has format {format:?}, and this version reads format {FORMAT}"
            ),
        }
    }
}

/// How many entries a round has: each is a line, and an empty line comes between two batches.
fn entries(round: &[u8]) -> u64 {
    let ends = |(at, byte): (usize, &u8)| *byte == b'\n' && at > 0 && round[at - 1] != b'\n';
    round.iter().enumerate().filter(|at_byte| ends(*at_byte)).count() as u64
}

/// Makes the names of a handle's proposals.
pub(crate) struct Proposals {
    handle: u64,
    made: AtomicU64,
}

impl Proposals {
    pub(crate) fn new() -> Self {
        // The keys of a hash map are random; two of them, since the first of a thread are only counted on.
        let random =
            RandomState::new().build_hasher().finish() ^ u64::from(std::process::id()).rotate_left(40);
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos() as u64);
        Proposals { handle: random ^ now.rotate_left(20), made: AtomicU64::new(0) }
    }

    pub(crate) fn next(&self) -> String {
        format!("{:016x}-{}", self.handle, self.made.fetch_add(1, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::{Label, Proposals, Unlabelled, entries};

    #[test]
    fn a_round_has_as_many_entries_as_lines_that_are_not_empty() {
        for (round, count) in [("", 0), ("a\n", 1), ("a\nb\n", 2), ("a\n\nb\nc\n", 3), ("a\n\nb\n\nc\n", 3)] {
            assert_eq!(entries(round.as_bytes()), count, "{round:?}");
        }
    }

    #[test]
    fn a_label_comes_back_from_its_headers() {
        let proposals = Proposals::new();
        let label = Label::of(41, b"a\n\nb\n", proposals.next());
        assert_eq!((label.first, label.last), (42, 43));
        assert_eq!(Label::read(Some(&label.headers("S", 7))), Ok(label.clone()));
        assert_eq!(Label::of_message(Some(&label.headers("S", 7)), b"c\nd\n"), Ok(label.clone()));
        assert_eq!(Label::of_message(Some(&label.headers("S", 7)), b"c\n"), Err(Unlabelled::Foreign));
        assert_ne!(label.proposal, proposals.next());

        let mut other = label.headers("S", 7);
        other.insert("Leftfold-Format", "2");
        assert_eq!(Label::read(Some(&other)), Err(Unlabelled::Format("2".to_string())));
        let mut reversed = label.headers("S", 7);
        reversed.insert("Leftfold-Last", "41");
        assert_eq!(Label::read(Some(&reversed)), Err(Unlabelled::Foreign));
        assert_eq!(Label::read(None), Err(Unlabelled::Foreign));
    }
}
