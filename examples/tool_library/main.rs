//! A tool library, from the model to the log: `cargo run --example tool_library` plays a fortnight in `target/tool_library`,
//! stopping and starting in between; with a task, such as `check`, `spec` or `serve`, it is the command line of the model.
//!
//! Read `model.rs` (two deciders by key, the mail, a desk over both), `reminders.rs` (a process manager with a deadline), `wall.rs` (a
//! view), `tool_library.feature` (what it has to do), `explored.rs` (every state over a network that loses mails), and then how all of it is run, here.

#[cfg(test)]
mod explored;
mod model;
mod reminders;
mod scenarios;
mod wall;

use crate::model::{Command, Event, MailCommand, MemberCommand, ToolCommand, library};
use crate::reminders::{DAY, Reminders};
use crate::scenarios::{ADA, DRILL, MONDAY};
use crate::wall::Wall;
use leftfold::codec::Codec;
use leftfold::keyed;
use leftfold::log::FileLog;
use leftfold::page::with_sources;
use leftfold::recorded::{StreamName, Timestamp};
use leftfold::runtime::{
    Cause, CommandHandler, Folded, Issued, Process, ProcessRunner, Projection, Runner, Snapshots,
};
use leftfold::store::Query;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// The mail port: a line in a file for each mail. A mail that comes again has the same id.
fn send(outbox: &Path, issued: &Issued<Command>) -> Result<(), Cause> {
    if let Command::Mail(MailCommand::Remind { loan, address }) = &issued.command {
        let id = issued.id.as_ref().map(ToString::to_string).unwrap_or_default();
        let mut file = File::options().create(true).append(true).open(outbox)?;
        writeln!(file, "{id}: to {address}: please bring back tool {}", loan.tool)?;
        file.sync_all()?;
    }
    Ok(())
}

/// Opens everything that is kept in a folder, gives these commands, sends the reminders that are owed by now, and brings the
/// wall up to date. One process has the log; handler, process runner and projection share it.
fn day(data: &Path, now: Timestamp, commands: Vec<Command>) -> Result<String, Cause> {
    let log = Arc::new(FileLog::<Event>::open(data.join("log"), Codec::new()?)?);
    let snapshots = Snapshots::in_folder(data.join("snapshots"), 1);
    // One stream for the whole: the desk decides on tools and members together.
    let handler = CommandHandler::in_one_stream(library(), log.clone(), StreamName::new("library")?);
    let handler = Arc::new(handler.snapshots(snapshots, 5)?);
    for command in commands {
        let handled = handler.handle(command)?;
        if let Some(why) = handled.snapshot_error {
            eprintln!("no snapshot: {why}");
        }
    }

    let (outbox, dispatching) = (data.join("outbox.txt"), handler.clone());
    let process = Process::new("reminders", Query::all(), Reminders).clock(move || now);
    let mut reminders =
        ProcessRunner::open(process, log.clone(), data.join("processes"), move |issued: Issued<Command>| {
            // First the mail, then the event that settles it: after a crash in between, it goes out again under the same id.
            send(&outbox, &issued)?;
            dispatching.handle(issued)?;
            Ok(())
        })?;
    let status = reminders.run_once()?;

    let projection = Projection::new("wall", Query::all(), Folded::of(Wall));
    let mut wall = Runner::open(projection, log, data.join("read models"))?;
    wall.run_once()?;
    Ok(format!("{now}\n  {status}\n  {}\n", wall.model().look(Wall::said)))
}

fn fortnight(data: &Path) -> Result<(), Cause> {
    if data.exists() {
        fs::remove_dir_all(data)?;
    }
    let lend = keyed(DRILL, ToolCommand::Lend { to: ADA, at: MONDAY });
    let opening = vec![
        keyed(DRILL, ToolCommand::Register { name: "drill".into() }).into(),
        keyed(ADA, MemberCommand::Join { mail: "ada@example.org".into() }).into(),
        lend.into(),
    ];
    print!("{}", day(data, MONDAY, opening)?);
    // Each day is a program that starts, goes on where the last one stopped, and ends.
    print!("{}", day(data, MONDAY + 13 * DAY, vec![])?);
    print!("{}", day(data, MONDAY + 14 * DAY, vec![])?);
    print!("{}", day(data, MONDAY + 15 * DAY, vec![keyed(DRILL, ToolCommand::TakeBack).into()])?);
    print!("\noutbox.txt\n  {}", fs::read_to_string(data.join("outbox.txt"))?);
    Ok(())
}

fn main() -> ExitCode {
    if std::env::args_os().len() > 1 {
        return scenarios::model().main_with_page();
    }
    match fortnight(Path::new("target/tool_library")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tool_library: {}", with_sources(&*error));
            ExitCode::FAILURE
        }
    }
}

#[test]
fn the_library_does_what_is_specified() {
    scenarios::model().check().assert();
}

#[test]
fn a_program_that_stops_and_starts_sends_each_reminder_once() -> Result<(), Cause> {
    let folder = tempfile::tempdir()?;
    fortnight(folder.path())?;
    let mails = fs::read_to_string(folder.path().join("outbox.txt"))?;
    assert_eq!(mails, "reminders/remind 1/1@3: to ada@example.org: please bring back tool 1\n");
    let wall = day(folder.path(), MONDAY + 30 * DAY, vec![])?;
    assert!(wall.contains("drill is on the shelf, lent 1×, reminded of 1×"), "{wall}");
    Ok(())
}
