//! Customers: the search, and one of them.

use crate::model::contract::{ContractNumber, Stage};
use crate::model::customer::{CustomerNumber, Segment};
use crate::model::search::{Found, Wanted};
use crate::people::Person;
use crate::problem::Problem;
use crate::service::Service;
use crate::shown::{Beside, by};
use crate::taken::{Asked, Number};
use axum::Json;
use axum::extract::State;
use leftfold::recorded::Position;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Instant;

/// How many are shown at most, and if nothing is said.
const MOST: usize = 500;
const USUAL: usize = 50;
/// How many words are looked for.
const MOST_WORDS: usize = 16;

#[derive(Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    segment: String,
    #[serde(default)]
    stage: String,
    limit: Option<usize>,
    after: Option<Position>,
}

#[derive(Serialize)]
struct Shop<'f> {
    customer: CustomerNumber,
    name: &'f str,
    street: &'f str,
    postcode: &'f str,
    city: &'f str,
    segment: Option<Segment>,
    email: &'f str,
    account_manager: &'f str,
    contracts: Vec<Negotiated>,
}

#[derive(Serialize)]
pub struct Negotiated {
    contract: ContractNumber,
    stage: Stage,
}

fn negotiated(found: &Found) -> Vec<Negotiated> {
    found
        .contracts
        .iter()
        .map(|(contract, stage)| Negotiated { contract: *contract, stage: *stage })
        .collect()
}

/// `GET /api/search`.
pub async fn search(
    _: Person,
    State(service): State<Service>,
    Asked(search): Asked<Search>,
) -> Result<Json<Value>, Problem> {
    service.seen(search.after).await?;
    let wanted = Wanted {
        words: search.q.split_whitespace().take(MOST_WORDS).map(str::to_string).collect(),
        city: Some(search.city.trim().to_string()).filter(|city| !city.is_empty()),
        segment: named("segment", &search.segment, Segment::named)?,
        stage: named("stage", &search.stage, Stage::named)?,
    };
    let limit = search.limit.unwrap_or(USUAL).min(MOST);
    service
        .call(move |business| {
            let begun = Instant::now();
            let (index, position) = business.index();
            let mut found = 0;
            let mut customers = Vec::new();
            for (number, shop) in index.find(&wanted) {
                found += 1;
                if found <= limit {
                    customers.push(shown(number, shop));
                }
            }
            let took_ms = begun.elapsed().as_secs_f64() * 1e3;
            Ok(Json(
                json!({ "found": found, "took_ms": took_ms, "position": position, "customers": customers }),
            ))
        })
        .await
}

fn named<T>(what: &str, name: &str, of: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
    match name {
        "" => Ok(None),
        name => {
            of(name).map(Some).ok_or_else(|| Problem::bad_request(format!("there is no {what} {name:?}")))
        }
    }
}

fn shown(customer: CustomerNumber, found: &Found) -> Shop<'_> {
    let Found { name, street, postcode, city, segment, email, account_manager, .. } = found;
    let (segment, contracts) = (*segment, negotiated(found));
    Shop { customer, name, street, postcode, city, segment, email, account_manager, contracts }
}

/// `GET /api/customers/{n}`.
pub async fn customer(
    _: Person,
    State(service): State<Service>,
    Number(number): Number<u32>,
) -> Result<Json<Value>, Problem> {
    let customer = CustomerNumber(number);
    service
        .call(move |business| {
            let (shop, history) = business.customer(customer)?;
            let Some(last) = history.last() else {
                return Err(Problem::not_found(format!("there is no customer {customer}")));
            };
            let (version, position) = (last.version, last.position);
            let story = history.iter().map(|recorded| Beside {
                position: recorded.position,
                at: recorded.recorded_at,
                by: by(recorded),
                part: None,
                event: &recorded.event,
            });
            let story: Vec<_> = story.collect();
            let contracts = business.index().0.shops.get(&customer).map(negotiated).unwrap_or_default();
            Ok(Json(json!({
                "customer": customer,
                "version": version,
                "position": position,
                "shop": shop,
                "contracts": contracts,
                "story": story,
            })))
        })
        .await
}
