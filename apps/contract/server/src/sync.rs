//! Work without a network, brought to the log: the server decides every command of a branch again, and records all of it or nothing.

use crate::business::{Business, Known};
use crate::contracts::{CommandText, history, may, stream_of, with_somebody_known};
use crate::data::CONTRACT;
use crate::model::contract::{ContractCommand, ContractEvent, ContractNumber};
use crate::people::Person;
use crate::problem::Problem;
use crate::service::Service;
use crate::taken::{Body, Number, tag_of};
use crate::writers::BY;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use leftfold::recorded::{EventId, Version};
use leftfold::runtime::Cause;
use leftfold::store::{AppendError, Batch, EventReader, EventStore, NewEvent, Reading};
use serde::Deserialize;
use serde_json::{Value, json};

/// How long a branch may be.
const MOST_COMMANDS: usize = 100;
/// How often somebody else may be quicker.
const ATTEMPTS: u32 = 16;

/// What was decided without a network.
#[derive(Clone, Deserialize)]
pub struct Branch {
    /// What no other branch has. The events get their ids from it, so that it is recorded once.
    branch: String,
    /// Whether the contract began with this branch.
    #[serde(default)]
    new: bool,
    /// The version on which the work began.
    began: Version,
    commands: Vec<CommandText>,
    /// In which language the answer speaks.
    language: Option<String>,
}

impl Branch {
    fn event_id(&self, place: usize) -> Result<EventId, Problem> {
        Ok(EventId::new(format!("branch/{}/{place}", self.branch))?)
    }
}

/// What has become of a branch on a history.
struct Again {
    clean: bool,
    events: Vec<ContractEvent>,
    answer: Value,
}

/// `POST /api/contracts/{n}/sync`.
pub async fn sync(
    person: Person,
    State(service): State<Service>,
    Number(number): Number<u32>,
    Body(branch): Body<Branch>,
) -> Result<Response, Problem> {
    if branch.branch.is_empty() || branch.commands.is_empty() || branch.commands.len() > MOST_COMMANDS {
        let title = format!("a branch has a name and 1 to {MOST_COMMANDS} commands");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, title));
    }
    for CommandText(command) in &branch.commands {
        may(&person, command)?;
    }
    service.call(move |business| bring(business, ContractNumber(number), &branch, &person.name)).await
}

fn bring(
    business: &Business,
    number: ContractNumber,
    branch: &Branch,
    by: &str,
) -> Result<Response, Problem> {
    for CommandText(command) in &branch.commands {
        with_somebody_known(business, command)?;
    }
    for _ in 0..ATTEMPTS {
        let known = business.contract(number)?;
        if let Some(first) = recorded_before(business, number, branch)? {
            let before = usize::try_from(first.get() - 1).unwrap_or(usize::MAX);
            let again = decided_again(&known, before, branch)?;
            return Ok(answer(true, true, again.answer, &known));
        }
        if branch.new && known.version() > Version::NONE {
            let title = format!("the number {number} is taken by another contract; ask for a new one");
            return Err(Problem::new(StatusCode::CONFLICT, title).kind("number-taken"));
        }
        let again = decided_again(&known, known.history.len(), branch)?;
        if !again.clean {
            return Ok(answer(false, false, again.answer, &known));
        }
        match record(business, number, branch, by, again.events, known.version())? {
            true => return Ok(answer(true, false, again.answer, &business.contract(number)?)),
            // Somebody was quicker: decide once more.
            false => continue,
        }
    }
    Err(Problem::busy())
}

/// The version of the first event of a branch that was recorded before.
fn recorded_before(
    business: &Business,
    number: ContractNumber,
    branch: &Branch,
) -> Result<Option<Version>, Problem> {
    let log = &business.writers().log;
    let id = branch.event_id(0)?;
    if log.position_of(&id).map_err(Cause::from)?.is_none() {
        return Ok(None);
    }
    let known = business.contract(number)?;
    match known.history.iter().find(|recorded| recorded.id == id) {
        Some(recorded) => Ok(Some(recorded.version)),
        None => {
            let title = "a branch of this name was recorded for another contract";
            Err(Problem::new(StatusCode::CONFLICT, title).kind("branch-taken"))
        }
    }
}

/// Asks the desk: what the commands of a branch were decided on, and what becomes of them after the first `upto` events of the history.
fn decided_again(known: &Known, upto: usize, branch: &Branch) -> Result<Again, Problem> {
    let now: Vec<&ContractEvent> = known.events().take(upto).collect();
    let began = usize::try_from(branch.began.get()).ok().filter(|began| *began <= now.len());
    let Some(began) = began else {
        let title =
            format!("this branch began at version {}, which this contract has not reached", branch.began);
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, title).kind("unknown-version"));
    };
    let commands: Vec<&ContractCommand> =
        branch.commands.iter().map(|CommandText(command)| command).collect();
    let question = json!({
        "ask": "rebase",
        "language": branch.language.as_deref().unwrap_or("en"),
        "known": now[..began],
        "commands": commands,
        "now": now,
    });
    let answer = contract_model::answer(&question.to_string());
    let unreadable = |error: serde_json::Error| Problem::unexpected(&error);
    match serde_json::from_str(&answer).map_err(unreadable)? {
        DeskAnswer::Ok(answer) => {
            let Rebased { clean, events } = Rebased::deserialize(&answer).map_err(unreadable)?;
            Ok(Again { clean, events, answer })
        }
        // The branch cannot have been decided so.
        DeskAnswer::Error(why) => Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why).kind("no-branch")),
    }
}

#[derive(Deserialize)]
enum DeskAnswer {
    #[serde(rename = "ok")]
    Ok(Value),
    #[serde(rename = "error")]
    Error(String),
}

#[derive(Deserialize)]
struct Rebased {
    clean: bool,
    events: Vec<ContractEvent>,
}

/// Records the events of a branch, all at once; whether nobody was quicker.
fn record(
    business: &Business,
    number: ContractNumber,
    branch: &Branch,
    by: &str,
    events: Vec<ContractEvent>,
    onto: Version,
) -> Result<bool, Problem> {
    if events.is_empty() {
        return Ok(true);
    }
    let mut batch = Batch::to(&stream_of(number)?).expecting(onto);
    for (place, event) in events.into_iter().enumerate() {
        batch = batch.record(NewEvent::of(event).id(branch.event_id(place)?).header(BY, by));
    }
    let contracts = business.writers().log.category::<ContractEvent>(CONTRACT)?;
    match contracts.append(batch) {
        Err(AppendError::Conflict(_)) => Ok(false),
        appended => Ok(appended.map(|_| true).map_err(Cause::from)?),
    }
}

fn answer(recorded: bool, repeated: bool, rebase: Value, known: &Known) -> Response {
    let (version, position) = (known.version(), known.history.last().map(|last| last.position));
    let answer = json!({
        "recorded": recorded,
        "repeated": repeated,
        "rebase": rebase,
        "version": version,
        "position": position,
        "history": history(known),
    });
    ([tag_of(version)], Json(answer)).into_response()
}
