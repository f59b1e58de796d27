//! `leftfold-postgres`: makes the tables of a log, and reads and writes the lines of `leftfold log export`.

use leftfold_postgres::{Postgres, PostgresOptions, export, import};
use std::error::Error;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek as _, Write as _};
use std::process::ExitCode;

const USAGE: &str = "usage: leftfold-postgres <task> <url> [schema]
  migrate   makes the tables of the log, or brings them to the form that this program knows
  export    writes every entry as a line of JSON to standard output
  import    records lines of JSON from standard input; lines that are recorded already are passed over
the url is written as postgres://user:password@host:5432/database; the schema is leftfold by default";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        [task @ ("migrate" | "export" | "import"), url] => run(task, url, "leftfold"),
        [task @ ("migrate" | "export" | "import"), url, schema] => run(task, url, schema),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = error.to_string();
            let mut cause = error.source();
            while let Some(next) = cause {
                text += &format!(": {next}");
                cause = next.source();
            }
            eprintln!("{text}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &str, url: &str, schema: &str) -> Result<(), Box<dyn Error>> {
    let options = PostgresOptions::new().schema(schema);
    if task == "migrate" {
        Postgres::open_with(url, options.migrating())?;
        println!("the log in schema {schema} is ready");
        return Ok(());
    }
    let store = Postgres::open_with(url, options)?;
    if task == "export" {
        let mut out = BufWriter::new(io::stdout().lock());
        export(&store, &mut out)?;
        out.flush()?;
        return Ok(());
    }
    let imported = import(&store, &mut standard_input()?)?;
    println!("{} lines recorded, {} recorded before", imported.recorded, imported.already_recorded);
    Ok(())
}

/// Standard input as a file, which is read twice: a pipe is copied to a temporary one.
fn standard_input() -> io::Result<BufReader<File>> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd as _;
        let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        if input.metadata()?.is_file() {
            return Ok(BufReader::new(input));
        }
    }
    let mut copy = tempfile::tempfile()?;
    io::copy(&mut io::stdin().lock(), &mut copy)?;
    copy.rewind()?;
    Ok(BufReader::new(copy))
}
