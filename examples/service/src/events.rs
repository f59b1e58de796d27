//! `GET /events`: what is recorded, as Server-Sent Events, each with its position as its id.

use crate::account::Event;
use crate::bank::Bank;
use crate::problem::Problem;
use crate::service::Service;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{self, KeepAlive, Sse};
use leftfold::page::with_sources;
use leftfold::recorded::{Envelope, Position};
use leftfold::store::ReadError;
use serde::Serialize;
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc::{self, Sender, error::TrySendError};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};

/// How many events wait for a browser at most; the rest waits in the log.
const AHEAD: usize = 64;
/// How often a thread looks whether its browser is gone, while nothing happens.
const LOOK: Duration = Duration::from_millis(250);
/// How often a thread looks whether a browser that lags has taken something.
const LAGS: Duration = Duration::from_millis(20);

/// Follows the log from the start, or from where the browser was: it says so in `Last-Event-ID`.
pub async fn events(
    State(service): State<Service>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>, Problem> {
    let after = match headers.get("last-event-id").map(|id| id.to_str().unwrap_or_default().parse()) {
        None => Position::START,
        Some(Ok(position)) => position,
        Some(Err(_)) => return Err(Problem::bad_request("Last-Event-ID is the number of an event")),
    };
    let (bank, permit) = service.follower()?;
    let (to_browser, from_log) = mpsc::channel(AHEAD);
    let thread = thread::Builder::new().name("events".to_string());
    let started = thread.spawn(move || {
        if let Err(error) = follow(&bank, &service, after, &to_browser) {
            eprintln!("following the events failed: {}", with_sources(&error));
        }
        drop(bank);
        drop(permit);
    });
    started.map_err(|error| Problem::unexpected(&error))?;
    Ok(Sse::new(ReceiverStream::new(from_log).map(Ok)).keep_alive(KeepAlive::default()))
}

/// Sends events until the browser is gone or the service closes. Blocks: it runs in a thread of its own.
fn follow(
    bank: &Bank,
    service: &Service,
    after: Position,
    to_browser: &Sender<sse::Event>,
) -> Result<(), ReadError> {
    let mut feed = bank.events(after);
    while !to_browser.is_closed() && !service.is_closing() {
        feed.follow(LOOK, |entry| match entry.event() {
            Some(event) => send(service, to_browser, as_sent(entry.envelope(), event)),
            None => ControlFlow::Continue(()),
        })?;
    }
    Ok(())
}

/// Waits for room while the browser lags.
fn send(service: &Service, to_browser: &Sender<sse::Event>, mut event: sse::Event) -> ControlFlow<()> {
    loop {
        match to_browser.try_send(event) {
            Ok(()) => return ControlFlow::Continue(()),
            Err(TrySendError::Full(unsent)) if !service.is_closing() => event = unsent,
            Err(TrySendError::Full(_) | TrySendError::Closed(_)) => return ControlFlow::Break(()),
        }
        thread::sleep(LAGS);
    }
}

#[derive(Serialize)]
struct Happened<'e> {
    account: &'e str,
    version: u64,
    event: &'e Event,
}

fn as_sent(envelope: &Envelope, event: &Event) -> sse::Event {
    let account = envelope.stream.id().unwrap_or_default();
    let happened = Happened { account, version: envelope.version.get(), event };
    let sent = sse::Event::default().id(envelope.position.to_string()).event(&*envelope.event_type);
    // What the log holds can be written as JSON; it came from there.
    let data = serde_json::to_string(&happened).unwrap_or_default();
    sent.data(data)
}
