//! What an example says when it cannot go on.

use std::error::Error;
use std::process::ExitCode;

/// Says why, with all causes that the sentence does not name itself, and how the program ends.
pub fn failed(program: &str, error: &dyn Error) -> ExitCode {
    eprintln!("{program}: {}", sentence(error));
    ExitCode::FAILURE
}

fn sentence(error: &dyn Error) -> String {
    let mut sentence = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let why = cause.to_string();
        if !sentence.contains(&why) {
            sentence = format!("{sentence}: {why}");
        }
        source = cause.source();
    }
    sentence
}
