//! The command line.

use crate::arguments::arguments;
use crate::data::Data;
use crate::export::Table;
use crate::export::generate::{Format, Order, write};
use crate::intake::import;
use crate::model::contract::{ContractNumber, Stage};
use crate::model::customer::Segment;
use crate::model::form::{Answers, form, validate};
use crate::model::search::Wanted;
use crate::monitor::monitor;
use crate::negotiating::{self, negotiate, release};
use crate::office::Office;
use crate::offline::{offline, sync};
use crate::searching::{Projecting, project, search};
use crate::story::{When, story};
use crate::{checked, model};
use clap::{Parser, Subcommand};
use jiff::SignedDuration;
use leftfold::log::Syncing;
use leftfold::page::{printable, with_sources};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const FIRST_STEPS: &str = "First steps:
  contract generate shops.csv                 an export of 50,000 shops that might be
  contract import shops.csv
  contract project --once
  contract search petra --city Berlin
  contract form 17                            what is asked for a new contract
  contract negotiate 17 customer=145 on=2026-12-01
  contract form 17                            and what comes next
  contract run                                in another terminal: does what is owed
  contract monitor --watch                    in a third one
  contract story 17";

/// Contracts for the customers of a fashion business.
#[derive(Parser)]
#[command(name = "contract", after_help = FIRST_STEPS)]
pub struct Line {
    /// The folder in which everything is kept
    #[arg(long, global = true, default_value = "contract-data", value_name = "FOLDER")]
    data: PathBuf,
    /// Tell how long it took, and how much memory
    #[arg(long, global = true)]
    time: bool,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write an export as the legacy system would, with shops that might be
    Generate {
        /// The file to write
        file: PathBuf,
        /// How many customers
        #[arg(long, default_value_t = 50_000)]
        customers: u32,
        /// How to write them
        #[arg(long, value_enum, default_value_t = Format::Csv)]
        format: Format,
        /// Which table of them
        #[arg(long, value_enum, default_value_t = Table::Basic)]
        table: Table,
        /// Break so many of the rows
        #[arg(long, default_value_t = 0)]
        broken: u32,
        /// Another seed makes other shops
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Take over exports, row by row; what is known already is passed over
    Import {
        /// Files of CSV or XML, basic data first
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Keep the search index up to date, so that searches begin at once
    Project {
        /// Take what is there, and end
        #[arg(long)]
        once: bool,
        /// Make the index anew from the log, and end
        #[arg(long, conflicts_with = "once")]
        rebuild: bool,
        /// Delete the index
        #[arg(long, conflicts_with_all = ["once", "rebuild"])]
        delete: bool,
        /// Milliseconds after which what was taken is kept durably, while it goes on
        #[arg(long, default_value_t = 1_000, value_name = "MILLISECONDS")]
        keep_after: u32,
    },
    /// Find customers by words of their name, address, e-mail or account manager
    Search {
        /// All of these have to occur
        words: Vec<String>,
        /// In this city
        #[arg(long)]
        city: Option<String>,
        /// Of this segment: boutique, chain, department-store or online
        #[arg(long, value_parser = segment)]
        segment: Option<Segment>,
        /// With a contract in this stage: appointed, requested, accepted, sent, signing, completed, rejected or abandoned
        #[arg(long, value_parser = stage)]
        contract: Option<Stage>,
        /// Show at most so many
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Take the next step of a contract; `form` tells which fields it has
    Negotiate {
        /// Its number; a new contract has any number that is free
        contract: u32,
        /// What has been filled in
        #[arg(value_name = "FIELD=VALUE", value_parser = answer, required = true)]
        answers: Vec<(String, String)>,
        #[command(flatten)]
        service: Service,
    },
    /// Do what is owed: mails, the signing service, notes; and hear what the signing service answers
    Run {
        /// Do what is owed now, and end
        #[arg(long)]
        once: bool,
        /// Forget what is kept of what is owed, and read it from the log: after the log was replaced
        #[arg(long)]
        anew: bool,
        #[command(flatten)]
        service: Service,
    },
    /// Let something be tried again that has failed too often
    Release {
        /// The number of the contract
        contract: u32,
        /// What, as `monitor` calls it: "mail request"
        what: String,
    },
    /// Take the next step of a contract without the log, on a branch of your own
    Offline {
        /// Its number
        contract: u32,
        /// What has been filled in; nothing only begins the branch
        #[arg(value_name = "FIELD=VALUE", value_parser = answer)]
        answers: Vec<(String, String)>,
    },
    /// Bring what was decided offline to the log: what is kept, what changes, what is rejected
    Sync {
        #[command(flatten)]
        service: Service,
    },
    /// Tell a contract's state, and how it came about
    Story {
        /// Its number
        contract: u32,
        /// As it was at this version (3) or time (2026-12-01T09:30:00Z)
        #[arg(long, value_name = "VERSION|TIME")]
        at: Option<When>,
    },
    /// Tell how the contracts stand, which are stuck with the signing service, and what is owed
    Monitor {
        /// Go on telling
        #[arg(long)]
        watch: bool,
        /// Seconds with the signing service after which a contract is stuck
        #[arg(long, default_value_t = 300)]
        stuck_after: u32,
    },
    /// Tell the next fields of a contract, with their rules, from the answers so far: JSON
    Form {
        /// Its number; of one that is new, any number that is free
        contract: u32,
        /// What has been filled in so far
        #[arg(value_name = "FIELD=VALUE", value_parser = answer)]
        answers: Vec<(String, String)>,
    },
    /// Tell of each field whether it would do; nothing is recorded
    Validate {
        /// The number of the contract
        contract: u32,
        /// What has been filled in
        #[arg(value_name = "FIELD=VALUE", value_parser = answer)]
        answers: Vec<(String, String)>,
    },
    /// Check the model: its scenarios, its laws, every state it can reach, also over a network that fails; with options (`check --help` has
    /// them), as any model: `check --spec FILE` holds a text against it
    #[command(disable_help_flag = true)]
    Check {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        options: Vec<String>,
    },
    /// Tell the specification to the experts at the table (`spec --help` for its forms)
    #[command(disable_help_flag = true)]
    Spec {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        more: Vec<OsString>,
    },
    /// Serve the page of the model to the browser of this machine (`--port N`)
    #[command(disable_help_flag = true)]
    Serve {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        more: Vec<OsString>,
    },
    /// Write the page of the model into a file (`page --out FILE`)
    #[command(disable_help_flag = true)]
    Page {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        more: Vec<OsString>,
    },
    /// Draw the states of the model (`diagram --help` for its forms)
    #[command(disable_help_flag = true)]
    Diagram {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        more: Vec<OsString>,
    },
}

/// The stand-in for the signing service.
#[derive(clap::Args)]
struct Service {
    /// Seconds that the signing service takes for each of its three answers. Contracts whose number ends in 5 it answers twice;
    /// of those that end in 9 it says that signing has started, and never more
    #[arg(long, default_value_t = 3)]
    signing_delay: u32,
}

impl Service {
    fn delay(&self) -> SignedDuration {
        SignedDuration::from_secs(self.signing_delay.into())
    }
}

fn segment(name: &str) -> Result<Segment, String> {
    Segment::named(name).ok_or_else(|| {
        format!("there is no such segment; there are {}", Segment::ALL.map(Segment::name).join(", "))
    })
}

fn stage(name: &str) -> Result<Stage, String> {
    Stage::named(name).ok_or_else(|| {
        format!("there is no such stage; there are {}", Stage::ALL.map(Stage::name).join(", "))
    })
}

/// Why a task was not done, in a sentence.
pub type Failed = leftfold::runtime::Cause;

pub fn main() -> ExitCode {
    let line: Line = arguments();
    let asks_the_model = match &line.task {
        Task::Spec { .. } | Task::Diagram { .. } | Task::Page { .. } | Task::Serve { .. } => true,
        Task::Check { options } => !options.is_empty(),
        _ => false,
    };
    if asks_the_model {
        // As every model tells it.
        return model::model().main_with_page();
    }
    match run(line) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Does what a line asks for, and answers whether all went well. What went wrong is told.
pub fn run(Line { data, time, task }: Line) -> bool {
    let begun = Instant::now();
    let outcome = done(task, &Data::in_folder(data), time).and_then(|well| {
        if time {
            writeln!(
                io::stdout(),
                "took {:.2} s{}",
                begun.elapsed().as_secs_f64(),
                peak().unwrap_or_default()
            )?;
        }
        Ok(well)
    });
    match outcome {
        Ok(well) => well,
        // Whoever reads the page has read enough.
        Err(failed) if is_closed_pipe(&*failed) => true,
        Err(failed) => {
            eprintln!("contract: {}", printable(&with_sources(&*failed)));
            false
        }
    }
}

/// The most memory that this process has needed, where the system tells it.
fn peak() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(format!(", with {} MB of memory at most", kilobytes.div_ceil(1024)))
}

fn is_closed_pipe(failed: &(dyn std::error::Error + 'static)) -> bool {
    failed.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// One answer of a form.
fn answer(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("an answer is written as FIELD=VALUE")?;
    Ok((field.trim().to_string(), value.to_string()))
}

fn done(task: Task, data: &Data, time: bool) -> Result<bool, Failed> {
    match task {
        Task::Generate { file, customers, format, table, broken, seed } => {
            generate(&file, Order { table, format, customers, broken: broken.min(customers), seed })
        }
        Task::Import { files } => import(data, &files),
        Task::Project { once, rebuild, delete, keep_after } => project(
            data,
            Duration::from_millis(keep_after.into()),
            match (once, rebuild, delete) {
                (true, ..) => Projecting::Once,
                (_, true, _) => Projecting::Rebuild,
                (.., true) => Projecting::Delete,
                _ => Projecting::KeepRunning,
            },
        ),
        Task::Search { words, city, segment, contract, limit } => {
            search(data, &Wanted { words, city, segment, stage: contract }, limit, time)
        }
        Task::Negotiate { contract, answers, service } => {
            negotiate(data, ContractNumber(contract), &Answers::from_iter(answers), service.delay())
        }
        Task::Run { once, anew, service } => {
            if anew {
                Office::open(data, Syncing::Always, service.delay())?.begin_anew()?;
            }
            negotiating::run(data, once, service.delay())
        }
        Task::Release { contract, what } => release(data, ContractNumber(contract), &what),
        Task::Offline { contract, answers } => {
            offline(data, ContractNumber(contract), &Answers::from_iter(answers))
        }
        Task::Sync { service } => sync(data, service.delay()),
        Task::Story { contract, at } => story(data, ContractNumber(contract), at),
        Task::Monitor { watch, stuck_after } => {
            monitor(data, SignedDuration::from_secs(stuck_after.into()), watch)
        }
        Task::Form { contract, answers } => {
            let (contract, _) = data.contract(ContractNumber(contract))?;
            let form = form(&contract, &Answers::from_iter(answers));
            writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&form)?)?;
            Ok(true)
        }
        Task::Validate { contract, answers } => {
            let (contract, _) = data.contract(ContractNumber(contract))?;
            let validation = validate(&contract, &Answers::from_iter(answers));
            write!(io::stdout(), "{validation}")?;
            Ok(validation.outcome.is_ok())
        }
        Task::Check { .. } => checked::check(),
        Task::Spec { .. } | Task::Diagram { .. } | Task::Page { .. } | Task::Serve { .. } => Ok(true),
    }
}

fn generate(path: &Path, order: Order) -> Result<bool, Failed> {
    let told = |error: io::Error| format!("writing {}: {error}", path.display());
    let mut out = BufWriter::with_capacity(1 << 16, File::create(path).map_err(told)?);
    write(order, &mut out).and_then(|()| out.flush()).map_err(told)?;
    let (customers, table, broken) = (order.customers, order.table.name(), order.broken);
    let broken = if broken > 0 { format!(", {broken} of them broken") } else { String::new() };
    let place = path.display().to_string();
    writeln!(io::stdout(), "{customers} rows of {table} data in {}{broken}", printable(&place))?;
    Ok(true)
}
