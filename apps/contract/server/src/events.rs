//! `GET /api/events`: what happens, as Server-Sent Events. One subscription serves all pages.

use crate::business::Happened;
use crate::data::{Record, event};
use crate::model::Event;
use crate::model::obligations::contract_of;
use crate::people::Person;
use crate::problem::Problem;
use crate::service::Service;
use crate::shown::{by, part};
use axum::extract::State;
use axum::response::sse::{self, KeepAlive, Sse};
use leftfold::Keyed;
use leftfold::recorded::{Envelope, Position};
use serde_json::json;
use std::convert::Infallible;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;
use tokio_stream::{Stream, StreamExt};

/// What pages are informed of an event.
pub fn said(envelope: &Envelope, record: &Record) -> Option<String> {
    // A stream that is none of ours is a fault that the read models report.
    let event = event(envelope, record).ok()?;
    let number = match &event {
        Event::Customer(_) => contract_of(&event)?,
        Event::Contract(Keyed { key, .. }) => *key,
        Event::Mail(Keyed { key, .. }) => *key,
        Event::Signing(Keyed { key, .. }) => *key,
    };
    let said = json!({
        "position": envelope.position,
        "part": part(&event),
        "number": number,
        "version": envelope.version,
        "type": envelope.event_type,
        "by": by(envelope),
    });
    Some(said.to_string())
}

pub async fn events(
    _: Person,
    State(service): State<Service>,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>, Problem> {
    let (business, permit) = service.follower()?;
    let (receiver, position) = business.follow();
    let hello = sse::Event::default().event("hello").data(json!({ "position": position }).to_string());
    let follow = BroadcastStream::new(receiver).map_while(move |happened| {
        // The place is free when the page has gone.
        let _permit = &permit;
        sent(happened, position)
    });
    Ok(Sse::new(tokio_stream::once(hello).chain(follow).map(Ok)).keep_alive(KeepAlive::default()))
}

fn sent(happened: Result<Happened, BroadcastStreamRecvError>, after: Position) -> Option<sse::Event> {
    match happened {
        Ok(None) => None,
        // It was said in the first answer.
        Ok(Some(happened)) if happened.0 <= after => Some(sse::Event::default().comment("")),
        Ok(Some(happened)) => {
            let id = happened.0.to_string();
            Some(sse::Event::default().event("happened").id(id).data(&happened.1))
        }
        Err(BroadcastStreamRecvError::Lagged(missed)) => {
            Some(sse::Event::default().event("again").data(json!({ "missed": missed }).to_string()))
        }
    }
}
