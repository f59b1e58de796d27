//! From the first request to the last.

use crate::business::{Business, Terms};
use crate::guard::{Hosts, guard, of_this_model, whole_body};
use crate::page::{Page, page};
use crate::people::{key, me, sign_in, sign_out};
use crate::ports::of;
use crate::problem::Problem;
use crate::samples::{accept_the_last, fill};
use crate::service::{Limits, Service};
use crate::{contracts, customers, events, imports, people, sync, work};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use leftfold::runtime::Cause;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

/// What is served.
#[derive(Clone)]
pub struct Served {
    pub terms: Terms,
    pub page: Option<PathBuf>,
    pub wasm: Option<PathBuf>,
    /// How many customers an empty folder begins with; 0 for nothing at all.
    pub customers: u32,
    pub limits: Limits,
}

/// Opens the business and answers requests until `stop`; then finishes what has begun, and closes the log. `ready` is called when
/// the first request would be answered.
pub async fn serve(
    listener: TcpListener,
    served: Served,
    ready: impl FnOnce(&Page),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Cause> {
    let Served { terms, page, wasm, customers, limits } = served;
    let hosts = Hosts::of(listener.local_addr()?);
    let opening = move || {
        let page = Page::read(page.as_deref(), wasm.as_deref())?;
        let shared = terms.shared.folder();
        fs::create_dir_all(shared).map_err(of(shared))?;
        let key = key(shared).map_err(of(shared))?;
        let filled = fill(&terms, customers)?;
        let business = Business::open(&terms)?;
        if filled {
            accept_the_last(&business)?;
        }
        Ok::<_, Cause>((Arc::new(business), key, page))
    };
    let mut stop = Box::pin(stop);
    let (business, key, page) = tokio::select! {
        opened = spawn_blocking(opening) => opened??,
        () = &mut stop => return Err("it was stopped before its log was open".into()),
    };
    let service = Service::of(&business, limits, key, hosts, page);
    ready(service.page());
    let stopped = service.clone();
    let answering = axum::serve(listener, routes(service.clone())).with_graceful_shutdown(async move {
        stop.await;
        stopped.begin_closing();
    });
    tokio::select! {
        ended = answering => ended?,
        () = service.last_requests() => eprintln!("some clients took too long; nobody waits for them"),
    }
    service.close(business).await
}

fn routes(service: Service) -> Router {
    let short = Router::new()
        .route("/api/sign-in", post(sign_in))
        .route("/api/sign-out", post(sign_out))
        .route("/api/me", get(me))
        .route("/api/search", get(customers::search))
        .route("/api/customers/{number}", get(customers::customer))
        .route("/api/contracts", post(contracts::reserve))
        .route("/api/contracts/{number}", get(contracts::contract))
        .route("/api/contracts/{number}/commands", post(contracts::command))
        .route("/api/contracts/{number}/sync", post(sync::sync))
        .route("/api/requests", get(work::requests))
        .route("/api/letters", get(work::letters))
        .route("/api/signing", get(work::signing))
        .route("/api/monitor", get(work::monitor))
        .route("/api/monitor/release", post(work::release))
        .route("/api/model", post(model))
        .route_layer(from_fn_with_state(service.clone(), whole_body));
    let long =
        Router::new().route("/api/imports", post(imports::imports)).route("/api/events", get(events::events));
    short
        .merge(long)
        .method_not_allowed_fallback(async || {
            Problem::new(axum::http::StatusCode::METHOD_NOT_ALLOWED, "this address is not asked in this way")
        })
        .route_layer(from_fn_with_state(service.clone(), of_this_model))
        .fallback(page)
        // Each route has its own limit.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(service.clone(), guard))
        .with_state(service)
}

/// `POST /api/model`: the desk, for a page that cannot judge by itself.
async fn model(
    _: people::Person,
    State(service): State<Service>,
    question: Bytes,
) -> Result<impl IntoResponse, Problem> {
    let question = String::from_utf8(question.into())
        .map_err(|error| Problem::bad_request(format!("a question is a text in UTF-8: {error}")))?;
    let answer = service.call(move |_| Ok(contract_model::answer(&question))).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], answer))
}
