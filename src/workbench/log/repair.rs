//! `leftfold log repair`: makes a log that opening refuses one that opens.

use super::units::{counted, number, size};
use super::{Ending, Outcome, existing, say};
use crate::log;
use crate::log::TakenOut;
use clap::Args;
use std::io::Write;
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct Repair {
    /// The folder of the log
    folder: PathBuf,
    /// Keep everything before the damage, and move the rest into files of its own
    #[arg(long)]
    cut_at_damage: bool,
}

impl Repair {
    pub(super) fn run(self, out: &mut dyn Write) -> Outcome {
        let folder = existing(&self.folder)?;
        let repaired = match self.cut_at_damage {
            true => log::repair(folder)?,
            false => log::would_repair(folder)?,
        };
        let Some(repair) = repaired else {
            say(
                out,
                &format!(
                    "{} needs no repair: opening does not refuse it; nothing was changed",
                    folder.display()
                ),
            )?;
            return Ok(Ending::Fine);
        };
        say(out, &format!("opening refuses the log: {}", repair.refused))?;
        writeln!(out)?;
        let (takes, keeps) = match self.cut_at_damage {
            true => ("taken out", "kept"),
            false => ("would be taken out", "would be kept"),
        };
        for TakenOut { file, offset, bytes, events, whole, copy } in &repair.taken_out {
            let from = if *offset == 0 { "all of it".to_string() } else { format!("from byte {offset} on") };
            say(
                out,
                &format!(
                    "{takes}: {file}, {from}, {}, with {}, of which {} as written; kept in {copy}",
                    size(*bytes),
                    counted(*events, "event"),
                    counted(*whole, "is")
                ),
            )?;
        }
        if repair.taken_out.is_empty() {
            say(out, &format!("{takes}: nothing; only the mark does not fit the log"))?;
        }
        say(out, &format!("{keeps}: everything up to position {}", number(repair.last.get())))?;
        if self.cut_at_damage {
            say(out, &format!("{} out of the log, which opens again", counted(repair.events(), "event")))?;
            return Ok(Ending::Fine);
        }
        writeln!(out)?;
        say(
            out,
            &format!(
                "nothing was changed; `leftfold log repair {} --cut-at-damage` does it",
                folder.display()
            ),
        )?;
        Ok(Ending::Wrong)
    }
}
