//! Work without a network, brought to the log: the server decides every command of a branch again, and records all of it or nothing.

use crate::business::{Business, Known};
use crate::contracts::{CommandText, history, may, stream_of, with_somebody_known};
use crate::data::CONTRACT;
use crate::model::contract::{ContractCommand, ContractEvent, ContractNumber, Negotiation};
use crate::people::Person;
use crate::problem::Problem;
use crate::service::Service;
use crate::taken::{Body, Number, tag_of};
use crate::writers::BY;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use leftfold::message::phrase;
use leftfold::recorded::{EventId, Version};
use leftfold::runtime::Cause;
use leftfold::store::{AppendError, Batch, EventReader, EventStore, NewEvent, Reading};
use leftfold::timeline::{RedecisionVerdict, Timeline};
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

/// Decides the commands of a branch on what it knew, and again on the first `upto` events of the history.
fn decided_again(known: &Known, upto: usize, branch: &Branch) -> Result<Again, Problem> {
    let events: Vec<ContractEvent> = known.events().take(upto).cloned().collect();
    let began = usize::try_from(branch.began.get()).ok().filter(|began| *began <= events.len());
    let Some(began) = began else {
        let title =
            format!("this branch began at version {}, which this contract has not reached", branch.began);
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, title).kind("unknown-version"));
    };
    let mut work = Timeline::of(Negotiation).extend(events[..began].iter().cloned()).offline();
    for CommandText(command) in &branch.commands {
        work.handle(command.clone()).map_err(|why| {
            let title = format!("{}: this was rejected when it was decided: {why}", phrase(command));
            Problem::rejected(&why).with("title", title)
        })?;
    }
    let commands: Vec<&ContractCommand> =
        branch.commands.iter().map(|CommandText(command)| command).collect();
    let rebased = work
        .rebase(&Timeline::of(Negotiation).extend(events))
        .map_err(|error| Problem::unexpected(&error))?;
    let decisions = rebased.decisions.iter().map(|again| {
        let verdict = match again.verdict {
            RedecisionVerdict::Kept => "kept",
            RedecisionVerdict::Changed => "changed",
            _ => "rejected",
        };
        json!({ "command": again.command, "verdict": verdict })
    });
    let decisions: Vec<Value> = decisions.collect();
    debug_assert_eq!(decisions.len(), commands.len());
    Ok(Again {
        clean: rebased.is_clean(),
        events: rebased.events().cloned().collect(),
        answer: json!({ "onto": rebased.onto, "clean": rebased.is_clean(), "contract": rebased.state, "decisions": decisions }),
    })
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
