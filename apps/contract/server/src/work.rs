//! What waits for somebody, and how everything stands: requests, letters, the signing service, the monitor.

use crate::business::Business;
use crate::contracts::name_of;
use crate::data::{MAIL, number};
use crate::model::contract::{ContractNumber, Stage};
use crate::model::outside::{MailEvent, SigningAnswer};
use crate::people::{Person, Role};
use crate::ports::Mailing;
use crate::problem::Problem;
use crate::service::Service;
use crate::taken::{After, Asked, Body};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use leftfold::recorded::Position;
use leftfold::runtime::Cause;
use leftfold::store::{Query, Reading};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many letters are shown, and how many contracts under way.
const LETTERS: usize = 200;
const UNDER_WAY: usize = 500;
/// After how long with the signing service a contract is stuck, if nothing is said.
const STUCK: i64 = 300;
const LONGEST_STUCK: i64 = 10 * 365 * 24 * 3_600;

/// `GET /api/requests`: the contracts that wait for a decision, longest first.
pub async fn requests(
    person: Person,
    State(service): State<Service>,
    Asked(After { after }): Asked<After>,
) -> Result<Json<Value>, Problem> {
    person.must_be(&[Role::Supervisor, Role::CustomerService])?;
    service.seen(after).await?;
    service
        .call(|business| {
            let (standings, ..) = business.standings();
            let waiting =
                standings.under_way.iter().filter(|(_, standing)| standing.stage == Stage::Requested);
            let mut waiting: Vec<_> = waiting.collect();
            waiting.sort_by_key(|(number, standing)| (standing.since, **number));
            let mut requests = Vec::new();
            for (number, standing) in waiting {
                let known = business.contract(*number)?;
                let contract = known.state();
                // It was decided on since the read model has looked.
                if contract.stage != Stage::Requested {
                    continue;
                }
                requests.push(json!({
                    "contract": number,
                    "customer": standing.customer,
                    "customer_name": name_of(business, standing.customer),
                    "since": standing.since,
                    "conditions": contract.conditions,
                    "version": known.version(),
                }));
            }
            Ok(Json(Value::Array(requests)))
        })
        .await
}

/// `GET /api/letters`: what lies in the outbox, newest first.
pub async fn letters(_: Person, State(service): State<Service>) -> Result<Json<Value>, Problem> {
    service
        .call(|business| {
            let sent = business.writers().log.category::<MailEvent>(MAIL)?;
            let sent = sent.all(Query::all().backwards().limit(LETTERS)).map_err(Cause::from)?;
            let mut letters = Vec::new();
            for recorded in sent {
                let contract = ContractNumber(number(&recorded.stream).map_err(Cause::from)?);
                let MailEvent::MailSent { letter } = recorded.event;
                let id = Mailing::id(contract, letter);
                // One that somebody took out of the outbox is there no more.
                if let Some(Mailing { to, subject, text, .. }) = business.writers().outbox.letter(&id).map_err(Cause::from)? {
                    let at = recorded.recorded_at;
                    letters.push(json!({
                        "id": id, "contract": contract, "letter": letter, "to": to, "subject": subject, "text": text, "at": at,
                    }));
                }
            }
            Ok(Json(Value::Array(letters)))
        })
        .await
}

/// `GET /api/signing`: what the signing service has not finished.
pub async fn signing(_: Person, State(service): State<Service>) -> Result<Json<Value>, Problem> {
    service
        .call(|business| {
            let now = business.now();
            let asked = business.writers().signing_office.unfinished().map_err(Cause::from)?;
            let asked = asked.into_iter().map(|(contract, asked)| {
                let heard: BTreeMap<&str, u8> =
                    asked.heard.iter().map(|(answer, times)| (name(*answer), *times)).collect();
                let next_due = business.writers().signing_office.next_due(contract, &asked);
                let last = business.writers().signing_office.last_said(&asked);
                json!({
                    "contract": contract,
                    "asked_at": asked.at,
                    "heard": heard,
                    "silent_for_s": now.duration_since(last).as_secs().max(0),
                    "next_due": next_due,
                })
            });
            Ok(Json(Value::Array(asked.collect())))
        })
        .await
}

fn name(answer: SigningAnswer) -> &'static str {
    match answer {
        SigningAnswer::Started => "started",
        SigningAnswer::SignedInternally => "signed-internally",
        SigningAnswer::SignedExternally => "signed-externally",
    }
}

#[derive(Deserialize)]
pub struct Monitored {
    stuck_after: Option<u32>,
    after: Option<Position>,
}

#[derive(Serialize)]
struct UnderWay {
    contract: ContractNumber,
    customer: crate::model::customer::CustomerNumber,
    customer_name: Option<String>,
    stage: Stage,
    since: Timestamp,
    seconds: i64,
    signatures: u8,
    stuck: bool,
}

/// `GET /api/monitor`.
pub async fn monitor(
    _: Person,
    State(service): State<Service>,
    Asked(Monitored { stuck_after, after }): Asked<Monitored>,
) -> Result<Json<Value>, Problem> {
    service.seen(after).await?;
    let stuck_after = stuck_after.map_or(STUCK, |seconds| i64::from(seconds).min(LONGEST_STUCK));
    service.call(move |business| Ok(Json(how_it_stands(business, stuck_after)))).await
}

fn how_it_stands(business: &Business, stuck_after: i64) -> Value {
    let (standings, position, lag) = business.standings();
    let now = business.now();
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for standing in standings.under_way.values() {
        *counts.entry(standing.stage.name()).or_default() += 1;
    }
    let ended: BTreeMap<&str, u32> =
        standings.ended.iter().map(|(stage, number)| (stage.name(), *number)).collect();
    counts.extend(&ended);
    let stuck = standings.stuck_since(now - SignedDuration::from_secs(stuck_after));
    let stuck: std::collections::BTreeSet<ContractNumber> = stuck.map(|(contract, _)| contract).collect();
    let mut longest: Vec<_> = standings.under_way.iter().collect();
    longest.sort_by_key(|(contract, standing)| (standing.since, **contract));
    let more = longest.len().saturating_sub(UNDER_WAY);
    let under_way: Vec<UnderWay> = longest
        .into_iter()
        .take(UNDER_WAY)
        .map(|(contract, standing)| UnderWay {
            contract: *contract,
            customer: standing.customer,
            customer_name: name_of(business, standing.customer),
            stage: standing.stage,
            since: standing.since,
            seconds: now.duration_since(standing.since).as_secs().max(0),
            signatures: standing.signatures,
            stuck: stuck.contains(contract),
        })
        .collect();
    let owed: Vec<Value> = business
        .owed()
        .into_iter()
        .map(|item| {
            let (contract, what) = item.key.split_once('/').unwrap_or((&item.identity, &item.key));
            json!({
                "contract": contract.parse::<u32>().ok(),
                "what": what,
                "due": item.due,
                "failed": item.failed,
                "parked": item.parked,
                "cause": item.cause,
                "again": item.again,
            })
        })
        .collect();
    json!({
        "counts": counts,
        "under_way": under_way,
        "more": more,
        "ended": ended,
        "owed": owed,
        "on_duty": business.is_on_duty(),
        "position": position,
        "lag": lag,
    })
}

#[derive(Deserialize)]
pub struct Released {
    contract: ContractNumber,
    what: String,
}

/// `POST /api/monitor/release`.
pub async fn release(
    person: Person,
    State(service): State<Service>,
    Body(Released { contract, what }): Body<Released>,
) -> Result<StatusCode, Problem> {
    person.must_be(&[Role::CustomerService])?;
    let business = service.business()?;
    match business.release(contract, &what) {
        true => Ok(StatusCode::NO_CONTENT),
        false if !business.is_on_duty() => {
            let title = "another server does what is owed at the moment; ask again there";
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, title).kind("not-on-duty"))
        }
        false => {
            Err(Problem::not_found(format!("nothing called {what:?} is parked for contract {contract}")))
        }
    }
}
