//! The command line.

use crate::data::Data;
use crate::export::Table;
use crate::export::generate::{Format, Order, write};
use crate::model::contract::ContractNumber;
use crate::model::form::{Answers, form, validate};
use crate::{checked, model};
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Contracts for the customers of a fashion business.
#[derive(Parser)]
#[command(name = "contract")]
struct Line {
    /// The folder in which everything is kept
    #[arg(long, global = true, default_value = "contract-data", value_name = "FOLDER")]
    data: PathBuf,
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
    /// Check the model: its scenarios, its laws, every state it can reach, also over a network that fails
    Check,
    /// Tell the specification to the experts at the table (`spec --help` for its forms)
    #[command(disable_help_flag = true)]
    Spec {
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

/// Why a task was not done, in a sentence.
pub type Failed = Box<dyn std::error::Error>;

pub fn run() -> ExitCode {
    let Line { data, task } = Line::parse();
    match done(task, &Data::in_folder(data)) {
        Ok(code) => code,
        // Whoever reads the page has read enough.
        Err(failed) if is_closed_pipe(&*failed) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("contract: {failed}");
            ExitCode::FAILURE
        }
    }
}

fn is_closed_pipe(failed: &(dyn std::error::Error + 'static)) -> bool {
    failed.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// One answer of a form.
fn answer(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("an answer is written as FIELD=VALUE")?;
    Ok((field.trim().to_string(), value.to_string()))
}

fn done(task: Task, data: &Data) -> Result<ExitCode, Failed> {
    match task {
        Task::Generate { file, customers, format, table, broken, seed } => {
            generate(&file, Order { table, format, customers, broken: broken.min(customers), seed })
        }
        Task::Form { contract, answers } => {
            let (contract, _) = data.contract(ContractNumber(contract))?;
            let form = form(&contract, &Answers::from_iter(answers));
            writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&form)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Validate { contract, answers } => {
            let (contract, _) = data.contract(ContractNumber(contract))?;
            let validation = validate(&contract, &Answers::from_iter(answers));
            write!(io::stdout(), "{validation}")?;
            Ok(if validation.outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Task::Check => checked::check(),
        // As every model tells it.
        Task::Spec { .. } | Task::Diagram { .. } => Ok(model::model().main()),
    }
}

fn generate(path: &Path, order: Order) -> Result<ExitCode, Failed> {
    let told = |error: io::Error| format!("writing {}: {error}", path.display());
    let mut out = BufWriter::with_capacity(1 << 16, File::create(path).map_err(told)?);
    write(order, &mut out).and_then(|()| out.flush()).map_err(told)?;
    let (customers, table, broken) = (order.customers, order.table.name(), order.broken);
    let broken = if broken > 0 { format!(", {broken} of them broken") } else { String::new() };
    writeln!(io::stdout(), "{customers} rows of {table} data in {}{broken}", path.display())?;
    Ok(ExitCode::SUCCESS)
}
