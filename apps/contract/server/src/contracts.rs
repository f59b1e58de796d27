//! Contracts: a new number, one contract with its history, and the commands of people.

use crate::business::{Business, Known};
use crate::data::{CONTRACT, CUSTOMER, MAIL, SIGNING, stream};
use crate::model::contract::{ContractCommand, ContractNumber, Negotiation};
use crate::model::customer::CustomerNumber;
use crate::model::obligations::contract_of;
use crate::people::{Person, Role};
use crate::problem::Problem;
use crate::service::Service;
use crate::shown::{Beside, Shown, by, part};
use crate::taken::{Body, Number, if_match, needed, tag_of};
use crate::writers::BY;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use leftfold::recorded::{CommandId, Position, Version};
use leftfold::runtime::{Cause, HandleError, Issued};
use leftfold::store::Query;
use leftfold::{Decider, Keyed};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The desk answers no question about longer texts.
const LONGEST_COMMAND: usize = 8_192;

/// `POST /api/contracts`.
pub async fn reserve(person: Person, State(service): State<Service>) -> Result<Json<Value>, Problem> {
    person.must_be(&[Role::AccountManager])?;
    service.call(move |business| Ok(Json(json!({ "contract": business.reserve(&person.name)? })))).await
}

/// `GET /api/contracts/{n}`.
pub async fn contract(
    _: Person,
    State(service): State<Service>,
    Number(number): Number<u32>,
) -> Result<Response, Problem> {
    service.call(move |business| Ok(shown(business, ContractNumber(number))?.into_response())).await
}

fn shown(business: &Business, number: ContractNumber) -> Result<impl IntoResponse + use<>, Cause> {
    let known = business.contract(number)?;
    let contract = known.state();
    let streams = [MAIL, SIGNING].map(|category| stream(category, number));
    let notes = match contract.customer {
        Some(customer) => Some(Query::stream(&stream(CUSTOMER, customer)?).types(["RejectionNoted"])),
        None => None,
    };
    let beside = business.read(streams.into_iter().collect::<Result<Vec<_>, _>>()?, notes)?;
    let beside: Vec<_> =
        beside.iter().filter(|recorded| contract_of(&recorded.event) == Some(number)).collect();
    let last = beside.iter().map(|recorded| recorded.position);
    let position = last.chain(known.history.iter().map(|recorded| recorded.position)).max();
    let beside = beside.into_iter().map(|recorded| Beside {
        position: recorded.position,
        at: recorded.recorded_at,
        by: by(recorded),
        part: Some(part(&recorded.event)),
        event: message(&recorded.event),
    });
    let version = known.version();
    let answer = json!({
        "contract": number,
        "version": version,
        "position": position.map_or(0, Position::get),
        "customer": contract.customer,
        "customer_name": contract.customer.and_then(|customer| name_of(business, customer)),
        "state": contract,
        "history": history(&known),
        "beside": beside.collect::<Vec<_>>(),
    });
    Ok(([tag_of(version)], Json(answer)))
}

/// An event without its key: the page knows what it asked for.
fn message(event: &crate::model::Event) -> Value {
    use crate::model::Event;
    let message = match event {
        Event::Customer(Keyed { message, .. }) => serde_json::to_value(message),
        Event::Contract(Keyed { message, .. }) => serde_json::to_value(message),
        Event::Mail(Keyed { message, .. }) => serde_json::to_value(message),
        Event::Signing(Keyed { message, .. }) => serde_json::to_value(message),
    };
    // It was read from JSON.
    message.unwrap_or_default()
}

pub fn history(known: &Known) -> Vec<Shown> {
    known.history.iter().map(Shown::from).collect()
}

/// The name of a shop, as the search knows it.
pub fn name_of(business: &Business, customer: CustomerNumber) -> Option<String> {
    business.index().0.shops.get(&customer).map(|shop| shop.name.clone())
}

#[derive(Deserialize)]
pub struct Asked {
    command: CommandText,
}

/// A command in JSON, or the text of one: numbers beyond 2^53 survive a page that only hands it on.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub struct CommandText(pub ContractCommand);

impl TryFrom<Value> for CommandText {
    type Error = String;

    fn try_from(value: Value) -> Result<CommandText, String> {
        let of_text = value.as_str().and_then(|text| serde_json::from_str(text).ok());
        let command =
            of_text.map_or_else(|| serde_json::from_value(value), Ok).map_err(|error| error.to_string())?;
        let length = serde_json::to_string(&command).map_err(|error| error.to_string())?.len();
        match length > LONGEST_COMMAND {
            true => Err(format!("a command has at most {LONGEST_COMMAND} bytes")),
            false => Ok(CommandText(command)),
        }
    }
}

/// Who gives which command.
pub fn may(person: &Person, command: &ContractCommand) -> Result<(), Problem> {
    match command {
        ContractCommand::MakeAppointment { .. }
        | ContractCommand::RequestSpecialConditions(_)
        | ContractCommand::AbandonNegotiation { .. } => person.must_be(&[Role::AccountManager]),
        ContractCommand::AcceptConditions { supervisor }
        | ContractCommand::RejectConditions { supervisor, .. } => {
            person.must_be(&[Role::Supervisor])?;
            match *supervisor == person.name {
                true => Ok(()),
                false => Err(Problem::new(
                    StatusCode::FORBIDDEN,
                    format!("{} is signed in, so nobody else decides here", person.name),
                )),
            }
        }
        ContractCommand::ConfirmSending
        | ContractCommand::ConfirmStart
        | ContractCommand::ConfirmInternalSignature
        | ContractCommand::ConfirmExternalSignature
        | ContractCommand::CompleteContract => {
            let title = "this follows from what the signing service answers; nobody asks for it";
            Err(Problem::new(StatusCode::FORBIDDEN, title))
        }
    }
}

/// Nobody negotiates with a shop of which the export says nothing.
pub fn with_somebody_known(business: &Business, command: &ContractCommand) -> Result<(), Problem> {
    match command {
        ContractCommand::MakeAppointment { customer, .. } if !business.writers().is_known(*customer)? => {
            let title = format!("there is no customer {customer}");
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, title).kind("unknown-customer"))
        }
        _ => Ok(()),
    }
}

#[derive(Serialize)]
enum Would {
    #[serde(rename = "events")]
    Events(Vec<crate::model::contract::ContractEvent>),
    #[serde(rename = "rejection")]
    Rejection(crate::model::contract::ContractRejection),
}

/// `POST /api/contracts/{n}/commands`.
pub async fn command(
    person: Person,
    State(service): State<Service>,
    Number(number): Number<u32>,
    headers: HeaderMap,
    Body(Asked { command: CommandText(command) }): Body<Asked>,
) -> Result<Response, Problem> {
    may(&person, &command)?;
    let number = ContractNumber(number);
    let expected = if_match(&headers)?;
    // Apart from the ids of the process manager and of branches.
    let id = CommandId::new(format!("page/{}", needed(&headers, IDEMPOTENCY_KEY)?))?;
    let issued = Issued::of(command.clone()).expecting(expected).id(id).header(BY, person.name);
    service
        .call(move |business| {
            with_somebody_known(business, &command)?;
            let handled = match business.handle(number, issued) {
                Err(HandleError::Changed { .. }) => {
                    return Err(changed(business, number, &command, expected)?);
                }
                handled => handled?,
            };
            let answer = json!({
                "contract": number,
                "version": handled.version,
                "position": handled.positions.map(|(_, last)| last),
                "events": handled.events,
                "state": handled.result,
                "repeated": handled.repeated,
            });
            Ok(([tag_of(handled.version)], Json(answer)).into_response())
        })
        .await
}

/// Somebody was quicker: what they did, and what would become of the command now.
fn changed(
    business: &Business,
    number: ContractNumber,
    command: &ContractCommand,
    expected: Version,
) -> Result<Problem, Cause> {
    let known = business.contract(number)?;
    let rival: Vec<Shown> = history(&known).into_iter().filter(|shown| shown.version > expected).collect();
    let would = match Negotiation.decide(command, &known.state()) {
        Ok(events) => Would::Events(events),
        Err(rejection) => Would::Rejection(rejection),
    };
    let title = format!("contract {number} has changed meanwhile");
    let problem = Problem::new(StatusCode::PRECONDITION_FAILED, title).kind("changed");
    Ok(problem.with("version", known.version()).with("rival", rival).with("would", would))
}

/// The stream of a contract.
pub fn stream_of(number: ContractNumber) -> Result<leftfold::recorded::StreamName, Problem> {
    Ok(stream(CONTRACT, number)?)
}
