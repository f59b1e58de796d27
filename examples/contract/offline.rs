//! Work without the store: commands decided on a local branch, and decided again when the store is there.

use crate::data::{CONTRACT, Data, stream};
use crate::line::Failed;
use crate::model::contract::{ContractCommand, ContractEvent, ContractNumber, Negotiation};
use crate::model::form::{Answers, command};
use crate::negotiating::tell;
use crate::office::Office;
use crate::ports::write_whole;
use jiff::{SignedDuration, Timestamp};
use leftfold::message::phrase;
use leftfold::store::{AppendError, Batch, EventStore, Query, Reading, Sync};
use leftfold::timeline::{Offline, Timeline, Verdict};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

/// What is kept of a local branch: what was known when it began, and what was asked for since.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Branch {
    known: Vec<ContractEvent>,
    commands: Vec<ContractCommand>,
}

impl Branch {
    /// The branch with its commands decided again as they were: nothing but the branch matters to that.
    fn work(&self) -> Result<Offline<Negotiation>, Failed> {
        let mut work = Timeline::of(Negotiation).extend(self.known.iter().cloned()).offline();
        for command in &self.commands {
            work.handle(command.clone())
                .map_err(|why| format!("the branch is not as it was written: {}: {why}", phrase(command)))?;
        }
        Ok(work)
    }
}

/// Takes the next step of a contract on a local branch. The branch begins at what the log says when it is first used; from
/// then on, the log is not looked at.
pub fn offline(data: &Data, number: ContractNumber, answers: &Answers) -> Result<bool, Failed> {
    let mut branch = match read(data, number)? {
        Some(branch) => branch,
        None => Branch { known: known(data, number)?, commands: Vec::new() },
    };
    let mut work = branch.work()?;
    let mut out = io::stdout().lock();
    if !answers.is_empty() {
        let command = match command(work.state(), answers) {
            Ok(command) => command,
            Err(validation) => {
                write!(out, "{validation}")?;
                return Ok(false);
            }
        };
        branch.commands.push(command.clone());
        match work.handle(command) {
            Ok(events) => {
                let events: Vec<String> = events.iter().map(|event| phrase(event).to_string()).collect();
                writeln!(out, "contract {number}, offline: {}", events.join("; "))?;
            }
            Err(why) => return Err(why.into()),
        }
    }
    write_whole(&data.branches(), &file(number), &serde_json::to_vec_pretty(&branch)?)?;
    let (began, commands) = (work.began_at(), branch.commands.len() as u64);
    let commands = crate::intake::counted(commands, "command", "commands");
    writeln!(out, "{commands} on a branch of version {began}; `sync` brings them to the log")?;
    Ok(true)
}

/// Brings all local branches to the log: each command is decided again on what has happened there meanwhile, and what
/// becomes of it is shown.
pub fn sync(data: &Data, delay: SignedDuration) -> Result<bool, Failed> {
    let contracts = branches(data)?;
    if contracts.is_empty() {
        writeln!(io::stdout(), "there is nothing to bring: `offline` begins a branch")?;
        return Ok(true);
    }
    let office = Office::open(data, Sync::Always, delay)?;
    for number in contracts {
        let Some(branch) = read(data, number)? else { continue };
        bring(&office, number, &branch.work()?)?;
        fs::remove_file(data.branches().join(file(number)))?;
    }
    office.catch_up(Timestamp::now(), tell)?;
    Ok(true)
}

fn bring(office: &Office, number: ContractNumber, work: &Offline<Negotiation>) -> Result<(), Failed> {
    let contracts = office.log().category::<ContractEvent>(CONTRACT);
    let stream = stream(CONTRACT, number)?;
    loop {
        let recorded = contracts.all(Query::stream(&stream))?.into_iter().map(|recorded| recorded.event);
        let rebased = work.rebase(&Timeline::of(Negotiation).extend(recorded))?;
        let events: Vec<ContractEvent> = rebased.events().cloned().collect();
        if !events.is_empty() {
            let batch = Batch::to(&stream).expecting(rebased.onto).events(events);
            match contracts.append(batch) {
                // Somebody was quicker: decide once more.
                Err(AppendError::Conflict(_)) => continue,
                appended => appended?,
            };
        }
        let mut out = io::stdout().lock();
        for again in &rebased.decisions {
            let (what, asked) = (phrase(&again.command), &again.verdict);
            let became = match (asked, &again.now) {
                (Verdict::Rejected, Err(why)) => format!("rejected  {what}: {why}"),
                (Verdict::Changed, Ok(events)) => {
                    let now: Vec<String> = events.iter().map(|event| phrase(event).to_string()).collect();
                    format!("changed   {what}: now {}", now.join("; "))
                }
                _ => format!("kept      {what}"),
            };
            writeln!(out, "contract {number}: {became}")?;
        }
        return Ok(());
    }
}

fn known(data: &Data, number: ContractNumber) -> Result<Vec<ContractEvent>, Failed> {
    let Some(reader) = data.reader()? else { return Ok(Vec::new()) };
    let contracts = reader.category::<ContractEvent>(CONTRACT);
    let recorded = contracts.all(Query::stream(&stream(CONTRACT, number)?))?;
    Ok(recorded.into_iter().map(|recorded| recorded.event).collect())
}

fn read(data: &Data, number: ContractNumber) -> Result<Option<Branch>, Failed> {
    match fs::read(data.branches().join(file(number))) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        bytes => Ok(Some(serde_json::from_slice(&bytes?)?)),
    }
}

/// The contracts of which there is a branch, in their order.
fn branches(data: &Data) -> Result<Vec<ContractNumber>, Failed> {
    let files = match fs::read_dir(data.branches()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        files => files?,
    };
    let mut numbers = Vec::new();
    for entry in files {
        let name: PathBuf = entry?.file_name().into();
        let number = name.to_str().and_then(|name| name.strip_prefix("contract-")?.strip_suffix(".json"));
        numbers.extend(number.and_then(|number| number.parse().ok()).map(ContractNumber));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn file(number: ContractNumber) -> String {
    format!("contract-{number}.json")
}
