//! Moves logs into streams of NATS, and out of them.

use leftfold_nats::{NatsOptions, export, import};
use std::error::Error;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

const USAGE: &str = "\
usage: leftfold-nats import URL STREAM FOLDER   records the log in a folder in a stream
       leftfold-nats export URL STREAM          prints the events of a stream, for `leftfold log import`

The user is given in the URL, as in nats://user:password@host:4222, or as a file in NATS_CREDS.
A stream that is made has as many replicas as NATS_REPLICAS says; 1 by default.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["import", url, stream, folder] => options()
            .and_then(|options| import(options, url, stream, folder))
            .map(|recorded| eprintln!("{recorded} entries recorded in stream {stream}")),
        ["export", url, stream] => options().and_then(|options| {
            let mut out = BufWriter::new(io::stdout().lock());
            export(options, url, stream, &mut out)?;
            Ok(out.flush()?)
        }),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut sentence = error.to_string();
            let mut source = error.source();
            while let Some(error) = source {
                sentence += &format!(": {error}");
                source = error.source();
            }
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<NatsOptions, Box<dyn Error>> {
    let mut options = NatsOptions::new();
    if let Ok(file) = std::env::var("NATS_CREDS") {
        options = options.credentials(file);
    }
    if let Ok(replicas) = std::env::var("NATS_REPLICAS") {
        let replicas =
            replicas.parse().map_err(|_| format!("NATS_REPLICAS is {replicas:?}, and not a number"))?;
        options = options.replicas(replicas);
    }
    Ok(options)
}
