//! The names of the files of a log.

/// How far the log is: see [`Mark`](super::header::Mark).
pub(super) const MARK: &str = "mark";

/// The file that the writer locks.
pub(super) const LOCK: &str = "lock";

/// The index of a log that was closed.
pub(super) const INDEX: &str = "index";

/// The name of the segment whose first event has this position.
pub(super) fn segment_name(first: u64) -> String {
    format!("{first:012}{SEGMENT_ENDS}")
}

const SEGMENT_ENDS: &str = ".jsonl";

/// The first position in the name of a segment; `None` for the name of any other file.
pub(super) fn segment_first(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(SEGMENT_ENDS)?;
    (digits.len() == 12 && digits.bytes().all(|digit| digit.is_ascii_digit())).then(|| digits.parse().ok())?
}
