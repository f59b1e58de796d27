//! `GET /events`: what is recorded, as Server-Sent Events, each with its position as its id.

use crate::account::Event;
use crate::problem::Problem;
use crate::service::Service;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{self, KeepAlive, Sse};
use leftfold::page::with_sources;
use leftfold::recorded::{Envelope, Position};
use leftfold_tokio::Feed;
use serde::Serialize;
use std::convert::Infallible;
use tokio::sync::mpsc::{self, Sender};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};

/// How many events wait for a browser at most; the rest waits in the log.
const AHEAD: usize = 64;

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
    let (feed, permit) = service.follow(after)?;
    let (to_browser, from_log) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        tokio::select! {
            () = send(feed, &to_browser) => {}
            () = to_browser.closed() => {}
            () = service.closing() => {}
        }
        drop(permit);
    });
    Ok(Sse::new(ReceiverStream::new(from_log).map(Ok)).keep_alive(KeepAlive::default()))
}

/// Sends events, and waits for room while the browser lags.
async fn send(mut feed: Feed<Event>, to_browser: &Sender<sse::Event>) {
    while let Some(event) = feed.next().await {
        let sent = match event {
            Ok(event) => to_browser.send(as_sent(&event.envelope, &event.event)).await,
            Err(error) => return eprintln!("following the events failed: {}", with_sources(&error)),
        };
        if sent.is_err() {
            return;
        }
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
