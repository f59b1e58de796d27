//! A program out of a model: `check` and `spec` on the command line (feature `workbench`).

use crate::model::{Model, Modelled};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::io::{self, Write};
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Checks this model and tells its specification")]
struct Line {
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Check everything that the model declares (the default)
    Check,
    /// Tell the specification to the experts at the table
    Spec {
        /// How to write it
        #[arg(long, value_enum, default_value_t = Format::Markdown)]
        format: Format,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Markdown,
    Gherkin,
}

impl<D: Modelled> Model<D> {
    /// Makes a program of the model: `check` (also without a word) prints the report, `spec --format markdown|gherkin`
    /// the specification.
    ///
    /// The exit code is 0 when everything holds, 1 when something fails or the output cannot be written, 2 when the
    /// command line is not understood.
    ///
    /// ```
    /// # use leftfold::{Model, model::Modelled};
    /// fn program<D: Modelled>(model: Model<D>) -> std::process::ExitCode {
    ///     model.main()
    /// }
    /// ```
    pub fn main(&self) -> ExitCode {
        let command = Line::command().name(self.name().to_string());
        let line = match command.try_get_matches().and_then(|matches| Line::from_arg_matches(&matches)) {
            Ok(line) => line,
            Err(error) => {
                let _ = error.print();
                return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
            }
        };
        let (written, holds) = match line.task.unwrap_or(Task::Check) {
            Task::Check => {
                let report = self.check();
                (report.print(), report.holds())
            }
            Task::Spec { format } => {
                let document = self.document();
                let text = match format {
                    Format::Markdown => document.to_markdown(),
                    Format::Gherkin => document.to_gherkin(),
                };
                let mut out = io::stdout().lock();
                (out.write_all(text.as_bytes()).and_then(|()| out.flush()), true)
            }
        };
        match written {
            Ok(()) if holds => ExitCode::SUCCESS,
            Ok(()) => ExitCode::FAILURE,
            // A reader that has seen enough, such as `head`, closes the pipe: that is no failure of the model.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(u8::from(!holds)),
            Err(error) => {
                eprintln!("{}: cannot write to standard output: {error}", self.name());
                ExitCode::FAILURE
            }
        }
    }
}
