//! Writes random forms and what the desk says of them, a line of JSON for each: `cargo run --example forms -- 10000 [SEED]`.

#[allow(dead_code)]
#[path = "../tests/wild/mod.rs"]
mod wild;

use contract_model::answer;
use serde_json::json;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let (forms, seed) = match (numbers.next().unwrap_or(Ok(10_000)), numbers.next().unwrap_or(Ok(1))) {
        (Ok(forms), Ok(seed)) => (forms, seed),
        _ => {
            eprintln!("how many forms, and a seed, both as whole numbers: forms 10000 1");
            return ExitCode::FAILURE;
        }
    };
    match write(forms, seed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the forms cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(forms: u64, seed: u64) -> io::Result<()> {
    let mut chance = wild::Chance(seed);
    let mut out = BufWriter::new(io::stdout().lock());
    for _ in 0..forms {
        let question = wild::form(&mut chance);
        writeln!(out, "{}", json!({ "question": question, "answer": answer(&question) }))?;
    }
    out.flush()
}
