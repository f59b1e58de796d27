//! The routes: commands, one account, all accounts, events.

use crate::account::{Command, Event, State as Account};
use crate::balances::Line;
use crate::events::events;
use crate::problem::Problem;
use crate::service::{NoAnswer, Service};
use axum::extract::{FromRequest, Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use leftfold::im::OrdMap;
use leftfold::keyed;
use leftfold::recorded::{CommandId, Position, Version};
use leftfold::runtime::Issued;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How far an answer has seen the log.
const POSITION: HeaderName = HeaderName::from_static("position");
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// How long a reader waits at most for the read model to have what it asks for.
const READ_YOUR_WRITES: Duration = Duration::from_secs(1);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(2);

pub fn routes(service: Service) -> Router {
    Router::new()
        .route("/accounts", get(all_accounts))
        .route("/accounts/{id}", get(one_account))
        .route("/accounts/{id}/open", post(open))
        .route("/accounts/{id}/deposit", post(deposit))
        .route("/accounts/{id}/withdraw", post(withdraw))
        .route("/accounts/{id}/close", post(close))
        .route("/events", get(events))
        .with_state(service)
}

impl From<NoAnswer> for Problem {
    fn from(why: NoAnswer) -> Problem {
        match why {
            NoAnswer::Busy => Problem::busy(),
            NoAnswer::Panicked(error) => Problem::unexpected(&error),
        }
    }
}

/// A body in JSON; what cannot be read is a problem like all others.
#[derive(FromRequest)]
#[from_request(via(Json), rejection(Problem))]
struct Body<T>(T);

#[derive(Deserialize)]
struct Owner {
    owner: String,
}

#[derive(Deserialize)]
struct Amount {
    cents: u64,
}

type Id = Path<String>;

async fn open(s: State<Service>, id: Id, headers: HeaderMap, body: Body<Owner>) -> Answer {
    handle(s, id, &headers, Command::Open { owner: body.0.owner }).await
}

async fn deposit(s: State<Service>, id: Id, headers: HeaderMap, body: Body<Amount>) -> Answer {
    handle(s, id, &headers, Command::Deposit { cents: body.0.cents }).await
}

async fn withdraw(s: State<Service>, id: Id, headers: HeaderMap, body: Body<Amount>) -> Answer {
    handle(s, id, &headers, Command::Withdraw { cents: body.0.cents }).await
}

async fn close(s: State<Service>, id: Id, headers: HeaderMap) -> Answer {
    handle(s, id, &headers, Command::Close).await
}

type Answer = Result<Response, Problem>;

/// What a command has done.
#[derive(Serialize)]
struct Done {
    version: Version,
    events: Vec<Event>,
    account: Account,
    /// Whether it had been done before, under the same `Idempotency-Key`.
    repeated: bool,
}

async fn handle(
    State(service): State<Service>,
    Path(id): Id,
    headers: &HeaderMap,
    command: Command,
) -> Answer {
    let mut issued = Issued::of(keyed(id, command));
    if let Some(tag) = headers.get(header::IF_MATCH) {
        issued = issued.expecting(version_of(tag)?);
    }
    if let Some(key) = headers.get(IDEMPOTENCY_KEY) {
        let key = key.to_str().map_err(|_| Problem::bad_request("an Idempotency-Key is a plain text"))?;
        issued = issued.id(CommandId::new(key)?);
    }
    let handled = service.call(move |bank| bank.handle(issued)).await??;
    let done = Done {
        version: handled.version,
        events: handled.events,
        account: handled.result,
        repeated: handled.repeated,
    };
    let mut response = Json(done).into_response();
    response.headers_mut().insert(header::ETAG, tag_of(handled.version));
    if let Some((_, last)) = handled.positions {
        response.headers_mut().insert(POSITION, HeaderValue::from(last.get()));
    }
    Ok(response)
}

/// A version as an entity tag: `"3"`.
fn tag_of(version: Version) -> HeaderValue {
    let tag = HeaderValue::try_from(format!("\"{version}\""));
    tag.unwrap_or_else(|_| unreachable!("digits and quotes can stand in a header"))
}

fn version_of(tag: &HeaderValue) -> Result<Version, Problem> {
    let number = tag.to_str().ok().and_then(|tag| tag.strip_prefix('"')?.strip_suffix('"'));
    let version = number.and_then(|number| number.parse().ok());
    version.ok_or_else(|| Problem::bad_request(r#"If-Match is one tag that was given as ETag, such as "3""#))
}

async fn one_account(State(service): State<Service>, Path(id): Id) -> Answer {
    let (account, version) = service.call(move |bank| bank.account(&id)).await??;
    if version == Version::NONE {
        return Err(Problem::new(StatusCode::NOT_FOUND, "there is no such account"));
    }
    Ok(([(header::ETAG, tag_of(version))], Json(account)).into_response())
}

#[derive(Deserialize)]
struct After {
    after: Option<Position>,
}

/// All open accounts from the read model, with the position that it is at. It may lag: `?after=17` waits until it has seen
/// that position, and for a second at most.
async fn all_accounts(
    State(service): State<Service>,
    Query(After { after }): Query<After>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<OrdMap<String, Line>>), Problem> {
    let bank = service.bank()?;
    let begun = Instant::now();
    while after.is_some_and(|after| bank.position() < after) && begun.elapsed() < READ_YOUR_WRITES {
        sleep(LOOK).await;
    }
    let (balances, position) = bank.balances();
    Ok(([(POSITION, HeaderValue::from(position.get()))], Json(balances)))
}
