//! `leftfold log copy`: copies a log into a folder that has none.

use super::units::number;
use super::{Ending, Outcome, existing, say};
use crate::log::copy;
use clap::Args;
use std::io::Write;
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct Copy {
    /// The folder of the log
    from: PathBuf,
    /// The folder that the copy is made in
    to: PathBuf,
}

impl Copy {
    pub(super) fn run(self, out: &mut dyn Write) -> Outcome {
        let copied = copy(existing(&self.from)?, &self.to)?;
        let (last, to) = (number(copied.last.get()), self.to.display());
        say(out, &format!("copied up to position {last} into {to}, and read again there: {copied}"))?;
        Ok(Ending::Fine)
    }
}
