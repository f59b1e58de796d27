//! Moves logs into streams of NATS, and out of them.

use leftfold_nats::{NatsOptions, export, import, import_lines};
use std::error::Error;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
usage: leftfold-nats import URL STREAM FOLDER   records the log in a folder in a stream
       leftfold-nats import URL STREAM FILE     records the lines of `leftfold log export` in a stream
       leftfold-nats import URL STREAM          the same, from standard input
       leftfold-nats export URL STREAM          prints the events of a stream as such lines

What is in the stream already is not recorded again, so an import that was interrupted goes on.
The user is given in the URL, as in nats://user:password@host:4222, or as a file in NATS_CREDS.
A stream that is made has as many replicas as NATS_REPLICAS says; 1 by default.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["import", url, stream] => options()
            .and_then(|options| import_lines(options, url, stream, &mut io::stdin().lock()))
            .map(|recorded| recorded_in(stream, recorded)),
        ["import", url, stream, from] => options()
            .and_then(|options| import_from(options, url, stream, Path::new(from)))
            .map(|recorded| recorded_in(stream, recorded)),
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

fn import_from(options: NatsOptions, url: &str, stream: &str, from: &Path) -> Result<u64, Box<dyn Error>> {
    if from.is_dir() {
        return import(options, url, stream, from);
    }
    let shown = from.display();
    let file = File::open(from).map_err(|why| format!("{shown} cannot be read: {why}"))?;
    import_lines(options, url, stream, &mut BufReader::new(file))
        .map_err(|why| format!("{shown}: {why}").into())
}

fn recorded_in(stream: &str, recorded: u64) {
    eprintln!("{recorded} entries recorded in stream {stream}");
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
