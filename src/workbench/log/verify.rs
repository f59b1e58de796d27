//! `leftfold log verify`: reads everything and says what is wrong with it.

use super::units::{time_ago, took};
use super::{Ending, Outcome, existing, say};
use crate::log::verify;
use crate::recorded::Timestamp;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

pub(super) fn run(folder: &Path, out: &mut dyn Write) -> Outcome {
    let begun = Instant::now();
    let found = verify(existing(folder)?)?;
    let long = format!("; looked through in {}", took(begun.elapsed()));
    for line in found.lines(&long, |at| time_ago(at, Timestamp::now())) {
        say(out, &line)?;
    }
    Ok(if found.is_whole() { Ending::Fine } else { Ending::Wrong })
}
