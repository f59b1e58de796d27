//! The model held against all that it declares, and against a network that fails.

use crate::faults::{delivered, explored};
use crate::line::Failed;
use crate::model;
use crate::model::outside::Mail;
use std::io::{self, Write};

/// More states than any of these networks leads to.
const STATES: usize = 2_000_000;

pub fn check() -> Result<bool, Failed> {
    let report = model::model().check();
    report.print()?;
    let honest = delivered(Mail { checks: true });
    let networks = [
        ("delivers twice", honest.clone().duplicating(1)),
        ("loses a message, which is read again", honest.clone().losing(1).redelivering()),
        ("crashes before what is owed is dispatched", honest.crashing(1).redelivering()),
    ];
    let mut holds = report.holds();
    let mut out = io::stdout();
    for (what, network) in networks {
        writeln!(out, "\none contract over a network that {what}\n")?;
        let found = explored(&network, STATES);
        write!(out, "{found}")?;
        holds &= found.holds();
    }
    Ok(holds)
}
