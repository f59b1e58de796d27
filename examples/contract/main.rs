//! Contracts for 50,000 customers: a case study.
//!
//! The customers of a fashion business live in a legacy system that exports them every night; account managers negotiate
//! new contracts with them. `cargo run --release --example contract -- --help` tells what can be done, `model.rs` what is
//! meant by it, and `docs/case-study.md` how it came about.

// The rooms of this example speak to each other alone.
#![allow(unreachable_pub, missing_docs)]

#[path = "../shared/arguments.rs"]
mod arguments;
mod checked;
mod data;
mod export;
mod faults;
mod intake;
#[cfg(test)]
mod kills;
mod letters;
mod line;
mod model;
mod monitor;
mod negotiating;
mod office;
mod offline;
mod ports;
mod searching;
mod story;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

fn main() -> ExitCode {
    line::main()
}
