//! Work without the store: commands decided on a local branch, and decided again when the store is there.

use crate::data::{CONTRACT, Data, stream};
use crate::line::Failed;
use crate::model::contract::{ContractCommand, ContractEvent, ContractNumber, Negotiation};
use crate::model::form::{Answers, command};
use crate::negotiating::tell;
use crate::office::Office;
use crate::ports::{of, write_whole};
use jiff::{SignedDuration, Timestamp};
use leftfold::log::Syncing;
use leftfold::message::phrase;
use leftfold::page::printable;
use leftfold::recorded::EventId;
use leftfold::store::{AppendError, Batch, EventReader, EventStore, NewEvent, Query, Reading};
use leftfold::timeline::{Offline, OtherGrounds, RedecisionVerdict, Timeline};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

/// What is kept of a local branch: what was known when it began, and what was asked for since.
#[derive(Debug, Serialize, Deserialize)]
pub struct Branch {
    /// What no other branch has. The events that come of it get their ids from it, so that it is brought to the log once.
    id: String,
    known: Vec<ContractEvent>,
    commands: Vec<ContractCommand>,
}

impl Branch {
    fn event_id(&self, place: usize) -> Result<EventId, Failed> {
        Ok(EventId::new(format!("{}/{place}", self.id))?)
    }

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
        None => Branch { id: new_id(number), known: known(data, number)?, commands: Vec::new() },
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
                writeln!(out, "contract {number}, offline: {}", in_words(events))?;
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
    let office = Office::open(data, Syncing::Always, delay)?;
    for number in contracts {
        let Some(branch) = read(data, number)? else { continue };
        for became in bring(&office, number, &branch)? {
            writeln!(io::stdout(), "contract {number}: {}", printable(&became))?;
        }
        let place = data.branches().join(file(number));
        fs::remove_file(&place).map_err(of(&place))?;
    }
    office.catch_up(Timestamp::now(), tell)?;
    Ok(true)
}

/// Brings one branch to the log, and tells what became of it.
pub fn bring(office: &Office, number: ContractNumber, branch: &Branch) -> Result<Vec<String>, Failed> {
    let contracts = office.log().category::<ContractEvent>(CONTRACT)?;
    let stream = stream(CONTRACT, number)?;
    let work = branch.work()?;
    // The events of a branch are recorded all at once. If the program ended then, the branch is still there.
    if let Some(position) = contracts.position_of(&branch.event_id(0)?)? {
        return Ok(vec![format!("this branch was brought to the log before, at position {position}")]);
    }
    loop {
        let recorded = contracts.all(Query::stream(&stream))?.into_iter().map(|recorded| recorded.event);
        let rebased = work.rebase(&Timeline::of(Negotiation).extend(recorded))?;
        let events: Vec<ContractEvent> = rebased.events().cloned().collect();
        if !events.is_empty() {
            let mut batch = Batch::to(&stream).expecting(rebased.onto);
            for (place, event) in events.into_iter().enumerate() {
                batch = batch.record(NewEvent::of(event).id(branch.event_id(place)?));
            }
            match contracts.append(batch) {
                // Somebody was quicker: decide once more.
                Err(AppendError::Conflict(_)) => continue,
                appended => appended?,
            };
        }
        let became = rebased.decisions.iter().map(|again| {
            let what = phrase(&again.command);
            match (&again.verdict, &again.now) {
                (RedecisionVerdict::Rejected, Err(why)) => format!("rejected  {what}: {why}"),
                (RedecisionVerdict::Changed, Ok(events)) => {
                    format!("changed   {what}: now {}", in_words(events))
                }
                // A command line has nobody to ask. So it is recorded, and what may be wrong about it is said.
                (RedecisionVerdict::KeptOnOtherGrounds, _) => {
                    let why = again.grounds.as_ref().map(other_grounds).unwrap_or_default();
                    format!(
                        "kept on other grounds  {what}: {why}; it is recorded, and somebody should look at it"
                    )
                }
                _ => format!("kept      {what}"),
            }
        });
        return Ok(became.collect());
    }
}

/// What differs, for a command that is kept on other grounds.
fn other_grounds(grounds: &OtherGrounds<ContractEvent>) -> String {
    match grounds {
        OtherGrounds::EarlierCommand(index) => {
            format!("it was decided after command {} of the branch, which is not simply kept", index + 1)
        }
        OtherGrounds::History { before, now } => {
            format!("it was decided because of {}, and now because of {}", in_words(before), in_words(now))
        }
        _ => "whether it means the same was not found out".to_string(),
    }
}

fn in_words(events: &[ContractEvent]) -> String {
    let words: Vec<String> = events.iter().map(|event| phrase(event).to_string()).collect();
    if words.is_empty() { "nothing".to_string() } else { words.join("; ") }
}

fn new_id(number: ContractNumber) -> String {
    format!("offline-{number}-{}-{}", Timestamp::now().as_nanosecond(), std::process::id())
}

fn known(data: &Data, number: ContractNumber) -> Result<Vec<ContractEvent>, Failed> {
    let Some(reader) = data.reader()? else { return Ok(Vec::new()) };
    let contracts = reader.category::<ContractEvent>(CONTRACT)?;
    let recorded = contracts.all(Query::stream(&stream(CONTRACT, number)?))?;
    Ok(recorded.into_iter().map(|recorded| recorded.event).collect())
}

/// The branch of a contract, if there is one.
pub fn read(data: &Data, number: ContractNumber) -> Result<Option<Branch>, Failed> {
    let place = data.branches().join(file(number));
    match fs::read(&place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        bytes => Ok(Some(bytes.and_then(|bytes| Ok(serde_json::from_slice(&bytes)?)).map_err(of(&place))?)),
    }
}

/// The contracts of which there is a branch, in their order.
fn branches(data: &Data) -> Result<Vec<ContractNumber>, Failed> {
    let place = data.branches();
    let files = match fs::read_dir(&place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        files => files.map_err(of(&place))?,
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
