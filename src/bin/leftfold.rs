//! The command line of leftfold: `leftfold log verify FOLDER`, and what else it can do with a log.

use std::process::ExitCode;

fn main() -> ExitCode {
    leftfold::workbench::log::main()
}
