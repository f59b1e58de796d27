//! One negotiation in three processes, and its trace as a tree.
//!
//! The first process handles the commands of a contract, each with the header `traceparent`. The second runs the process manager:
//! it sends the letter and asks for the signatures, because of those commands. The third keeps a view up to date. Each prints its
//! spans as lines of JSON; `traceparent` joins them. A log has one writer at a time, so the processes run one after another.
//!
//! ```sh
//! cargo run --example traces
//! ```

mod collector;
#[path = "../contract"]
#[allow(dead_code, unused_imports)]
mod example {
    pub mod model;
}

use collector::{Collected, collected};
use example::model::contract::{ContractCommand, SpecialConditions};
use example::model::customer::CustomerNumber;
use example::model::obligations::{Obligations, contract_of};
use example::model::outside::Mail;
use example::model::{Command, Event, Rejection, contract, parts};
use jiff::civil::date;
use leftfold::codec::Codec;
use leftfold::log::{FileLog, FileLogOptions};
use leftfold::recorded::StreamName;
use leftfold::runtime::{Cause, CommandHandler, Folded, Issued, Process, ProcessRunner, Projection, Runner};
use leftfold::store::Query;
use leftfold::{Decider, view};
use serde_json::Value;
use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::process::{self, Stdio};
use std::sync::Arc;

/// What a process does in the folder of the log.
type Work = fn(&Path) -> Result<(), Cause>;

/// The processes, in the order in which they run.
const PROCESSES: [(&str, Work); 3] = [("negotiate", negotiate), ("react", react), ("project", project)];

/// As the application that begins the trace would send it.
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn main() -> Result<(), Cause> {
    let mut arguments = env::args().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(name), Some(folder)) => one_process(&name, Path::new(&folder)),
        _ => all_processes(),
    }
}

/// Does the work of one process, and prints its spans.
fn one_process(name: &str, folder: &Path) -> Result<(), Cause> {
    let (_, work) = PROCESSES.iter().find(|(known, _)| *known == name).ok_or("there is no such process")?;
    let (spans, done) = collected(|| work(folder));
    done?;
    let mut out = io::stdout().lock();
    for span in spans {
        writeln!(out, "{}", serde_json::to_string(&span)?)?;
    }
    Ok(())
}

/// Starts the processes one after another, and prints what they have printed as a tree.
fn all_processes() -> Result<(), Cause> {
    let folder = tempfile::tempdir()?;
    let mut out = io::stdout().lock();
    writeln!(out, "{TRACEPARENT}")?;
    for (name, _) in PROCESSES {
        let mut command = process::Command::new(env::current_exe()?);
        let ended = command.arg(name).arg(folder.path()).stderr(Stdio::inherit()).output()?;
        if !ended.status.success() {
            return Err(format!("the process {name} has ended with {}", ended.status).into());
        }
        let lines = String::from_utf8(ended.stdout)?;
        let spans = lines.lines().map(serde_json::from_str).collect::<Result<Vec<Collected>, _>>()?;
        writeln!(out, "  {name}")?;
        for number in (0..spans.len()).filter(|number| is_of_trace(&spans, *number)) {
            writeln!(out, "{}{}", "  ".repeat(2 + depth(&spans, number)), in_words(&spans[number]))?;
        }
    }
    Ok(())
}

/// Whether a span, or one around it, has our `traceparent`.
fn is_of_trace(spans: &[Collected], number: usize) -> bool {
    let Collected { parent, fields, .. } = &spans[number];
    let has = |text: &str| text.split(' ').any(|one| one == TRACEPARENT);
    fields.get("traceparent").and_then(Value::as_str).is_some_and(has)
        || parent.is_some_and(|parent| is_of_trace(spans, parent))
}

fn depth(spans: &[Collected], number: usize) -> usize {
    spans[number].parent.map_or(0, |parent| 1 + depth(spans, parent))
}

fn in_words(span: &Collected) -> String {
    let fields = span.fields.iter().filter(|(name, _)| *name != "traceparent");
    let fields = fields.map(|(name, value)| match value {
        Value::String(text) => format!("  {name}={text}"),
        number => format!("  {name}={number}"),
    });
    format!("{:<8}{}", span.name, fields.collect::<String>()).trim_end().to_string()
}

type Log = Arc<FileLog<Event>>;

fn log(folder: &Path) -> Result<Log, Cause> {
    Ok(Arc::new(FileLogOptions::default().open(folder.join("log"), Codec::new()?)?))
}

fn handler(
    log: Log,
) -> Result<CommandHandler<impl Decider<Command = Command, Event = Event, Rejection = Rejection>, Log>, Cause>
{
    let negotiations = StreamName::new("negotiations")?;
    Ok(CommandHandler::in_one_stream(parts(Mail { checks: true }), log, negotiations).named())
}

/// Two people negotiate: the account manager asks for conditions, the supervisor accepts them.
fn negotiate(folder: &Path) -> Result<(), Cause> {
    let handler = handler(log(folder)?)?;
    let conditions =
        SpecialConditions { account_manager: "Petra".into(), sales_area: 200, planned_sales: 150_000 };
    for command in [
        ContractCommand::MakeAppointment { customer: CustomerNumber(4), on: date(2026, 11, 23) },
        ContractCommand::RequestSpecialConditions(conditions),
        ContractCommand::AcceptConditions { supervisor: "Alex".into() },
    ] {
        let command: Command = contract(17, command);
        handler.handle(Issued::of(command).header("traceparent", TRACEPARENT))?;
    }
    Ok(())
}

/// Does what is owed by that.
fn react(folder: &Path) -> Result<(), Cause> {
    let log = log(folder)?;
    let handler = handler(log.clone())?;
    let process = Process::new("obligations", Query::all(), Obligations)
        .per_identity(|_, event| contract_of(event).map(|contract| contract.to_string()));
    let mut runner = ProcessRunner::open(process, log, folder.join("runners"), |issued| {
        handler.handle(issued)?;
        Ok(())
    })?;
    runner.run_once()?;
    Ok(())
}

/// Counts the events, for a view.
fn project(folder: &Path) -> Result<(), Cause> {
    let events = Folded::of(view(|| 0u64, |count, _: &Event| count + 1));
    let projection = Projection::new("events", Query::all(), events);
    Runner::open(projection, log(folder)?, folder.join("runners"))?.run_once()?;
    Ok(())
}
