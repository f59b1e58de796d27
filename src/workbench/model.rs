//! The command line over a model: `check`, `spec`, `diagram` and others.

use super::behaviour::{Comparison, accept_behaviour, compare};
use super::diagram::DiagramTask;
use super::lived::{self, ConformFormat, Data, GapsFormat};
use super::mutate::{MutationFormat, mutate};
use super::suite::{MachineTask, SuiteTask};
use super::texts::{Form, Output, accept_answers, files_of, specification, vocabulary};
use super::usage::{completions, usage_error};
use super::watch::watch;
use crate::model::{Model, Modelled, Report, wants_colours};
use crate::page::one_line;
use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Checks this model and prints its specification")]
struct CommandLine {
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Check everything that the model declares (the default)
    Check {
        /// How to write the report
        #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
        format: ReportFormat,
        /// Check the scenarios of these files or folders alone (Gherkin, or Markdown in files that end in .md)
        #[arg(long, value_name = "FILE", num_args = 1.., action = ArgAction::Append)]
        spec: Vec<PathBuf>,
        /// Check the scenarios with this tag alone; with several (`--only a,b`), those that have one of them
        #[arg(long, value_name = "TAG")]
        only: Vec<String>,
        /// Write what the model answers today: under each scenario of the files that ends with a question, or into the file of its
        /// behaviour
        #[arg(long, value_enum, conflicts_with_all = ["watch", "only", "format"])]
        accept: Option<Accept>,
        /// Stay, and check the files again after each change
        #[arg(long, requires = "spec", conflicts_with = "format")]
        watch: bool,
    },
    /// Print the specification for the experts at the table
    Spec {
        /// How to write it
        #[arg(long, value_enum, default_value_t = Form::Markdown)]
        format: Form,
        /// Write it into a file of this folder, after making sure that it reads back
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
        /// In the words of this language, such as de
        #[arg(long, value_name = "CODE")]
        language: Option<String>,
        /// Print everything that can be said in a specification
        #[arg(long, conflicts_with_all = ["out", "format"])]
        vocabulary: bool,
    },
    /// Draw the states of a model that is explored and the steps between them, or the lanes of its event model
    Diagram(DiagramTask),
    /// Print a model that is explored as a machine: every state with every answer, in one file
    Machine(MachineTask),
    /// Print stories that take every kind of step of a model that is explored: as scenarios, or as fixtures for other programs
    Suite(SuiteTask),
    /// Compare two files of behaviour, or one and the model of today, and list every kind of difference
    Compare {
        /// The file of before
        #[arg(value_name = "FILE")]
        old: PathBuf,
        /// The file of after; the model of today if there is none
        #[arg(value_name = "FILE")]
        new: Option<PathBuf>,
        /// How to write it
        #[arg(long, value_enum, default_value_t = Comparison::Text)]
        format: Comparison,
    },
    /// Change the model's rules one at a time, and print the scenarios that would notice and are missing
    Mutate {
        /// How to write it
        #[arg(long, value_enum, default_value_t = MutationFormat::Text)]
        format: MutationFormat,
    },
    /// Replay real histories, and print what the model refuses of them
    Conform {
        #[command(flatten)]
        data: Data,
        /// How to write the report
        #[arg(long, value_enum, default_value_t = ConformFormat::Text)]
        format: ConformFormat,
    },
    /// Print what real histories and the scenarios leave out of each other
    Gaps {
        #[command(flatten)]
        data: Data,
        /// How to write the report
        #[arg(long, value_enum, default_value_t = GapsFormat::Text)]
        format: GapsFormat,
    },
    /// Serve the page of this model to the browser of this machine
    #[cfg(feature = "serve")]
    Serve {
        /// Listen on this port; by default on the usual one of this model, or one that is free
        #[arg(long, value_name = "N")]
        port: Option<u16>,
        /// Open the log in this folder beside the model: its streams can be looked at and played on from, and nothing is written to it
        #[arg(long, value_name = "FOLDER")]
        log: Option<std::path::PathBuf>,
    },
    /// Write a model that is explored into one HTML file: a page that plays it, without this program or a network
    #[cfg(feature = "serve")]
    Page {
        /// The file; one that is there is replaced
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Put this module of WebAssembly into it, which holds the model itself, instead of what was explored
        #[arg(long, value_name = "MODULE")]
        wasm: Option<PathBuf>,
    },
    /// Print a script with which a shell completes this program's command line
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum ReportFormat {
    /// A page for people
    Text,
    /// The report as JSON
    Json,
    /// XML for what reads the results of tests
    Junit,
    /// Annotations of a GitHub workflow
    Github,
}

#[derive(Clone, Copy, ValueEnum)]
enum Accept {
    /// What the model answers where a scenario asks
    Answers,
    /// All that the model answers
    Behaviour,
}

impl<D: Modelled> Model<D> {
    /// Runs the model as a program: `check` (the default) prints the report, with `--format json|junit|github` for other
    /// programs; `spec --format markdown|gherkin` prints the specification, `diagram --format mermaid|dot|svg` the states and the
    /// steps between them, `diagram --kind lanes --format mermaid|svg|json|text` the [event model](Self::event_model), and `completions SHELL` a script with which a shell completes the command line. `machine` prints the
    /// model as a [`Machine`](crate::check::Machine), and `suite --covering cells|steps|pairs --format
    /// gherkin|markdown|rust|json` a [`Suite`](crate::check::Suite) of stories; `mutate --format text|json|gherkin|rust` prints the
    /// scenarios that are missing.
    ///
    /// Specifications that people write in Gherkin or Markdown: `spec --vocabulary` prints everything that can be said in one, and
    /// `spec --out FOLDER` writes the model's own as a file. `check --spec FILE…` checks the scenarios of files alone, `--watch` again
    /// after each save; `--only TAG` selects scenarios, and `--accept answers` writes what the model answers today under each scenario
    /// that ends with a question.
    ///
    /// The [lock of the behaviour](Self::behaviour): `check --accept behaviour` says what has changed and writes its file again; `compare FILE [FILE]` lists the
    /// differences between two such files, or between one and the model, with `--format text|json|gherkin`.
    ///
    /// Real histories: `conform DATA` prints what the model refuses of them, for CI, and `gaps DATA` what they and the scenarios leave
    /// out of each other, for a model that says what has [caused](Model::caused_by) its events. `DATA` is the folder of a log, or a
    /// file of another program.
    ///
    /// The exit code is 0 when everything holds, 1 when something fails or the output cannot be written, 2 when the
    /// command line is not understood. `compare` ends with 0 when both are the same, with 1 when they differ or are not known to be
    /// the same, and with 2 when a file is not read.
    ///
    /// ```
    /// # use leftfold::{Model, model::Modelled};
    /// fn program<D: Modelled>(model: Model<D>) -> std::process::ExitCode {
    ///     model.main()
    /// }
    /// ```
    pub fn main(&self) -> ExitCode {
        match self.task() {
            Ok(task) => self.do_task(&task),
            Err(exit) => exit,
        }
    }

    fn task(&self) -> Result<Task, ExitCode> {
        match self.parse_line(std::env::args_os()) {
            Ok(line) => Ok(line.task()),
            Err(error) => Err(usage_error(error, |line| self.parse_line(line).err())),
        }
    }

    fn do_task(&self, task: &Task) -> ExitCode {
        let mut out = io::stdout().lock();
        let (written, exit) = match task {
            Task::Check { spec, only, watch: true, .. } => {
                (watch(self, spec, &labels(only), wants_colours(), &mut out), 0)
            }
            Task::Check { accept: Some(Accept::Behaviour), .. } => match accept_behaviour(self, &mut out) {
                Ok(exit) => (Ok(()), exit),
                Err(error) => (Err(error), 1),
            },
            task => {
                let Output { text, errors, exit } = self.run(task, wants_colours());
                eprint!("{errors}");
                (out.write_all(text.as_bytes()).and_then(|()| out.flush()), exit)
            }
        };
        match written {
            // A reader that has seen enough, such as `head`, closes the pipe: that is not a failure of the model.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                eprintln!("{}: cannot write to standard output: {error}", one_line(self.name()));
                ExitCode::FAILURE
            }
            _ => ExitCode::from(exit),
        }
    }

    fn parse_line(&self, line: impl IntoIterator<Item = OsString>) -> Result<CommandLine, clap::Error> {
        let mut command = CommandLine::command().name(one_line(self.name()));
        let line = CommandLine::from_arg_matches(&command.try_get_matches_from_mut(line)?)?;
        match &line.task {
            Some(Task::Check { accept: Some(Accept::Behaviour), spec, .. }) if !spec.is_empty() => {
                let why = "`--spec` names scenarios, and `--accept behaviour` writes none";
                Err(command.error(clap::error::ErrorKind::ArgumentConflict, why))
            }
            Some(Task::Diagram(task)) => match task.conflict() {
                Some(why) => Err(command.error(clap::error::ErrorKind::ArgumentConflict, why)),
                None => Ok(line),
            },
            _ => Ok(line),
        }
    }

    fn run(&self, task: &Task, colours: bool) -> Output {
        match task {
            Task::Check { spec, accept: Some(Accept::Answers), .. } => {
                let files = if spec.is_empty() { self.text_files() } else { files_of(spec) };
                accept_answers(self, &files)
            }
            Task::Check { accept: Some(Accept::Behaviour), .. } => {
                let mut text = Vec::new();
                let exit = accept_behaviour(self, &mut text).unwrap_or(1);
                Output { text: String::from_utf8_lossy(&text).into_owned(), exit, ..Output::default() }
            }
            Task::Compare { old, new, format } => compare(self, old, new.as_deref(), *format),
            Task::Check { format, spec, only, .. } => {
                let files = (!spec.is_empty()).then(|| files_of(spec));
                let report = match (&files, &labels(only)[..]) {
                    (None, []) => self.check(),
                    (files, labels) => self.check_selected(files.as_deref(), labels),
                };
                let text = format.of(&report, colours);
                Output { text, exit: u8::from(!report.holds()), ..Output::default() }
            }
            Task::Spec { vocabulary: true, language, .. } => vocabulary(self, language.as_deref()),
            Task::Spec { format, out, language, .. } => {
                specification(self, *format, language.as_deref(), out.as_deref())
            }
            Task::Diagram(task) => task.run(self),
            Task::Machine(task) => task.run(self),
            Task::Suite(task) => task.run(self),
            Task::Mutate { format } => mutate(self, *format),
            Task::Conform { data, format } => lived::conform(self, data, *format),
            Task::Gaps { data, format } => lived::gaps(self, data, *format),
            #[cfg(feature = "serve")]
            Task::Serve { .. } | Task::Page { .. } => Output::failed(
                "this program has no page: end its `main` with `model.main_with_page()`\n".to_string(),
            ),
            Task::Completions { shell } => {
                Output::fine(completions(*shell, CommandLine::command(), self.name()))
            }
        }
    }
}

#[cfg(feature = "serve")]
impl<D: crate::desk::OnDesk> Model<D> {
    /// Runs the model as a program, as [`main`](Model::main) does, with two more tasks: `serve` prints the address of the model's page and
    /// serves it to the browser of this machine, at the port that `--port N` names, with a log beside it that `--log FOLDER` names; `page --out FILE` writes a model that is
    /// [explored](Model::explored) into one HTML file that plays it, without this program or a network; with `--wasm MODULE`, the file runs the
    /// model itself, which was compiled to WebAssembly (`docs/in-a-browser.md`). The model's messages and states are written as JSON.
    ///
    /// ```
    /// # use leftfold::{Model, desk::OnDesk};
    /// fn program<D: OnDesk>(model: Model<D>) -> std::process::ExitCode {
    ///     model.main_with_page()
    /// }
    /// ```
    pub fn main_with_page(self) -> ExitCode {
        match self.task() {
            Ok(Task::Serve { port, log }) => super::serve::serve_model(self, port, log.as_deref()),
            Ok(Task::Page { out, wasm: None }) => super::serve::write_page(&self, &out),
            Ok(Task::Page { out, wasm: Some(module) }) => {
                super::serve::write_module_page(self.name(), &module, &out)
            }
            Ok(task) => self.do_task(&task),
            Err(exit) => exit,
        }
    }
}

impl CommandLine {
    fn task(self) -> Task {
        let (spec, only) = (Vec::new(), Vec::new());
        let check = Task::Check { format: ReportFormat::Text, spec, only, accept: None, watch: false };
        self.task.unwrap_or(check)
    }
}

impl ReportFormat {
    fn of(self, report: &Report, colours: bool) -> String {
        match self {
            ReportFormat::Text if colours => report.coloured(),
            ReportFormat::Text => report.to_string(),
            ReportFormat::Json => report.to_json(),
            ReportFormat::Junit => report.to_junit(),
            ReportFormat::Github => report.to_github(),
        }
    }
}

/// Labels as they are written on a command line, with or without the `@` of a tag, several with commas.
fn labels(tags: &[String]) -> Vec<String> {
    let tags = tags.iter().flat_map(|tags| tags.split(',')).map(|tag| tag.trim().trim_start_matches('@'));
    tags.filter(|tag| !tag.is_empty()).map(str::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decider::{Decider, decider};
    use crate::message::Words;
    use crate::model::Modelled;
    use crate::spec::Scenario;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Command {
        SwitchOn,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Event {
        WentOn,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Rejection {
        AlreadyOn,
    }

    fn lamp() -> Model<impl Modelled + Decider<Command = Command, Event = Event, Rejection = Rejection>> {
        let lamp = decider(
            || false,
            |_: &Command, on: &bool| if *on { Err(Rejection::AlreadyOn) } else { Ok(vec![Event::WentOn]) },
            |_, _: &Event| true,
        );
        Model::new("lamp", lamp)
            .scenarios([Scenario::named("it goes on").when(Command::SwitchOn).then([Event::WentOn])])
    }

    fn asked<D: Modelled>(model: &Model<D>, line: &str) -> Result<Output, clap::Error> {
        let line = model.parse_line(line.split(' ').map(OsString::from))?;
        Ok(model.run(&line.task(), false))
    }

    #[test]
    fn check_is_what_a_program_does_by_default() {
        let (bare, check) = (asked(&lamp(), "lamp").unwrap(), asked(&lamp(), "lamp check").unwrap());
        assert_eq!(bare.text, check.text);
        assert!(check.text.starts_with("lamp\n\nscenarios  1 holds\n"), "{}", check.text);
        assert_eq!((bare.exit, check.exit), (0, 0));
    }

    #[test]
    fn something_that_fails_ends_the_program_with_one() {
        let wrong = Scenario::named("it stays off").when(Command::SwitchOn).then_nothing();
        let answer = asked(&lamp().scenarios([wrong]), "lamp check").unwrap();
        assert_eq!(answer.exit, 1);
        assert!(
            answer.text.contains("✗ it stays off") && answer.text.contains("actual    the event  WentOn")
        );
    }

    #[test]
    fn the_specification_is_printed_in_either_form() {
        assert!(asked(&lamp(), "lamp spec").unwrap().text.contains("- **When** switch on"));
        assert!(asked(&lamp(), "lamp spec --format gherkin").unwrap().text.contains("    When switch on"));
    }

    #[test]
    fn words_that_fit_no_message_fail_where_texts_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lamp.feature");
        std::fs::write(&file, "Feature: lamp\n  Scenario: on\n    When switch on\n    Then went on\n")
            .unwrap();
        let words = Words::default().say("WentOff", "it went off");
        assert_eq!(asked(&lamp().words(words.clone()), "lamp check").unwrap().exit, 0, "no text is read");
        let answer = asked(&lamp().words(words).scenarios_in(&file), "lamp check").unwrap();
        assert_eq!(answer.exit, 1);
        let refusal = "there is a sentence for `WentOff`, \"it went off\", and no message has this name";
        assert!(answer.text.contains(refusal) && answer.text.contains("✓ on"), "{}", answer.text);
        assert_eq!(asked(&lamp().scenarios_in(&file), "lamp check").unwrap().exit, 0);
    }

    #[test]
    fn a_report_for_other_programs_is_printed_in_their_formats() {
        let wrong = Scenario::named("it stays <off>, & \"100 %\"").when(Command::SwitchOn).then_nothing();
        let model = lamp().scenarios([wrong, Scenario::open_question("May it\ngo off?")]);
        let json = asked(&model, "lamp check --format json").unwrap();
        let report: crate::model::Report = serde_json::from_str(&json.text).unwrap();
        assert_eq!((json.exit, report.holds()), (1, false));
        let github = asked(&model, "lamp check --format github").unwrap().text;
        let lines: Vec<&str> = github.lines().collect();
        assert_eq!(lines.len(), 3, "{github}");
        assert!(lines[0].starts_with("::error file=src/workbench/model.rs,line="), "{github}");
        assert!(
            lines[0].contains(",title=lamp%3A it stays <off>%2C & \"100 %25\"::scenario  it"),
            "{github}"
        );
        assert!(lines[0].contains("%0A"), "{github}");
        assert!(
            lines[1].starts_with("::notice file=") && lines[2] == "checked lamp: 1 check fails",
            "{github}"
        );
        let junit = asked(&model, "lamp check --format junit").unwrap().text;
        let name = "name=\"it stays &lt;off&gt;, &amp; &quot;100 %&quot;\"";
        assert!(junit.contains(name) && junit.contains("<skipped"), "{junit}");
    }

    #[test]
    fn lanes_are_drawn_from_the_scenarios_and_states_from_an_exploration() {
        let lanes = |format: &str| asked(&lamp(), &format!("lamp diagram --kind lanes --format {format}"));
        assert!(lanes("text").unwrap().text.contains("switch on (command)"));
        assert!(lanes("svg").unwrap().text.starts_with("<svg "));
        assert!(lanes("mermaid").unwrap().text.starts_with("flowchart LR\n"));
        let json: serde_json::Value = serde_json::from_str(&lanes("json").unwrap().text).unwrap();
        assert_eq!(json["slices"][0]["events"][0]["name"], "WentOn");
        for (line, why) in [
            ("lamp diagram --kind lanes --format dot", "draws states"),
            ("lamp diagram --format json", "add `--kind lanes`"),
            ("lamp diagram --kind lanes --refusals", "for states"),
        ] {
            let error = asked(&lamp(), line).err().unwrap();
            assert!(error.exit_code() == 2 && error.to_string().contains(why), "{error}");
        }
        let none = asked(&lamp(), "lamp diagram").unwrap();
        assert!(none.exit == 1 && none.text.contains("explored"), "{}", none.text);
    }

    #[test]
    fn a_shell_completes_the_tasks() {
        for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
            let script = asked(&lamp(), &format!("lamp completions {shell}")).unwrap().text;
            assert!(script.contains("diagram"), "{script}");
        }
    }

    #[test]
    fn a_line_that_is_not_understood_says_so_by_the_name_of_the_model() {
        let error = asked(&lamp(), "lamp spec --format pdf").err().unwrap();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("pdf") && error.to_string().contains("gherkin"));
        assert!(asked(&lamp(), "lamp --help").err().unwrap().to_string().contains("Usage: lamp"));
    }
}
