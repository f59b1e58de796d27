//! What has happened: the events that a question carries, and those of a stream in a log.

use super::question::{LogPage, Past};
use super::wrong::Wrong;
use crate::page::{count, one_line, with_sources};
use crate::recorded::{Position, StreamName};
use crate::store::{Entry, EventReader, Listing, Query, ReadError, StreamState};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// A log beside a model.
pub(super) type Log<E> = Box<dyn EventReader<E> + Send + Sync>;

/// The key to which an event belongs, where a stream has the histories of several.
pub(super) type KeyOf<'m, E> = Option<&'m (dyn Fn(&E) -> String + Send + Sync)>;

/// How many events of a stream are read at most.
const MOST_EVENTS: usize = 1_000_000;
/// How many streams an answer lists at most.
const MOST_STREAMS: usize = 100;

/// The events up to a version.
pub(super) struct History<E> {
    pub(super) events: Vec<E>,
    /// How many the whole history has.
    pub(super) of: usize,
    /// Why it ends there, if the stream goes on with an event that cannot be read.
    pub(super) edge: Option<String>,
}

/// How much of a history is wanted.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    /// Up to this version, or all of it.
    Version(Option<usize>),
    /// At most this number of events.
    AtMost(usize),
}

impl<E: Clone + DeserializeOwned> History<E> {
    pub(super) fn of(
        (log, key_of): (Option<&Log<E>>, KeyOf<'_, E>),
        past: Past<'_, '_>,
        wanted: Wanted,
    ) -> Result<Self, Wrong> {
        let (mut events, mut edge) = (Vec::new(), None);
        match (past.stream, log) {
            (None, _) if past.until.is_none() && past.key.is_none() => {}
            (None, _) => {
                return Err(Wrong("`until` and `key` are about the events of a `stream`: name one".into()));
            }
            (Some(_), None) => return Err(no_log()),
            (Some(name), Some(log)) => {
                (events, edge) = events_of(log, name)?;
                of_key(&mut events, key_of, past.key, name)?;
                if let Some(until) = past.until {
                    if events.len() < until {
                        let has = count(events.len(), "event", "events");
                        let why = edge.map(|why| format!(": {why}")).unwrap_or_default();
                        return Err(Wrong(format!(
                            "stream {} has {has}, and no {until}{why}",
                            one_line(name)
                        )));
                    }
                    events.truncate(until);
                    edge = None;
                }
            }
        }
        let before = events.len();
        let of = before + past.history.len();
        if let Some(why) = edge.take_if(|_| of > before) {
            return Err(Wrong(why));
        }
        let version = match wanted {
            Wanted::Version(version) => version.unwrap_or(of),
            Wanted::AtMost(most) => most.min(of),
        };
        if version > of {
            let (has, why) = (count(of, "event", "events"), edge.map(|why| format!("; {why}")));
            let why = why.unwrap_or_default();
            return Err(Wrong(format!("there is no version {version}: the history has {has}{why}")));
        }
        events.truncate(version);
        events.extend(past.history.first(version - events.len(), before)?);
        Ok(History { events, of, edge })
    }
}

/// All events of a stream since it was deleted last, up to one that cannot be read, and the sentence about that one.
fn events_of<E: Clone>(log: &Log<E>, name: &str) -> Result<(Vec<E>, Option<String>), Wrong> {
    let missing = || Wrong(format!("there is no stream {} in the log", one_line(name)));
    let stream: StreamName = name.parse().map_err(|_| missing())?;
    if log.stream(&stream).map_err(unreadable)?.is_none() {
        return Err(missing());
    }
    let (mut events, mut has_more) = (Vec::new(), false);
    let read = log.visit(&Query::stream(&stream).into(), &mut |entry| {
        match entry {
            Entry::Event(_, event) => events.push(event.clone()),
            // A stream that is written to again begins again.
            Entry::Deleted(_) => events.clear(),
            Entry::Described(..) => {}
        }
        has_more = events.len() > MOST_EVENTS;
        if has_more { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if has_more {
        return Err(Wrong(format!(
            "stream {} has more than {MOST_EVENTS} events, which are too many to look at",
            one_line(name)
        )));
    }
    match read {
        Ok(_) => Ok((events, None)),
        Err(
            error @ (ReadError::Unreadable { .. } | ReadError::Foreign { .. } | ReadError::Unmapped { .. }),
        ) => {
            let sentence =
                format!("event {} is none of this model: {}", events.len() + 1, with_sources(&error));
            Ok((events, Some(one_line(&sentence).to_string())))
        }
        Err(error) => Err(unreadable(error)),
    }
}

/// Leaves only the events of a key.
fn of_key<E>(
    events: &mut Vec<E>,
    key_of: KeyOf<'_, E>,
    key: Option<&str>,
    stream: &str,
) -> Result<(), Wrong> {
    let stream = one_line(stream);
    match (key_of, key) {
        (None, None) => {}
        (None, Some(_)) => {
            return Err(Wrong(
                "the model does not say `.each_key(…)`, so its streams have no keys".to_string(),
            ));
        }
        (Some(key_of), None) => {
            let mut keys = events.iter().map(key_of);
            let first = keys.next();
            if keys.any(|key| Some(key) != first) {
                return Err(Wrong(format!(
                    "stream {stream} has the histories of several keys: name one in `key`"
                )));
            }
        }
        (Some(key_of), Some(key)) => {
            events.retain(|event| key_of(event) == key);
            if events.is_empty() {
                return Err(Wrong(format!("stream {stream} has no event of the key {}", one_line(key))));
            }
        }
    }
    Ok(())
}

fn no_log() -> Wrong {
    Wrong("there is no log beside this model: `serve --log FOLDER` opens one".to_string())
}

fn unreadable(error: ReadError) -> Wrong {
    Wrong(format!("the log cannot be read: {}", one_line(&with_sources(&error))))
}

/// The answer to `log`.
#[derive(Serialize)]
pub(super) struct Streams {
    streams: Vec<OneStream>,
    /// Whether there are more after the last one.
    more: bool,
}

#[derive(Serialize)]
struct OneStream {
    name: String,
    /// Its version: how many events it has, with the tombstones of earlier lives.
    events: u64,
    deleted: bool,
    /// When its first event was recorded, and its last; null if that event cannot be read.
    first: Option<String>,
    last: Option<String>,
}

/// The answer to `log` about a stream.
#[derive(Serialize)]
pub(super) struct Keys {
    keys: Vec<OneKey>,
    /// Whether there are more after the last one.
    more: bool,
}

#[derive(Serialize)]
struct OneKey {
    key: String,
    events: usize,
}

/// The keys of a stream, in order; none if its events have no keys.
pub(super) fn keys<E: Clone>(
    (log, key_of): (Option<&Log<E>>, KeyOf<'_, E>),
    stream: &str,
    asked: &LogPage<'_>,
) -> Result<Keys, Wrong> {
    let (events, _) = events_of(log.ok_or_else(no_log)?, stream)?;
    let mut keys: BTreeMap<String, usize> = BTreeMap::new();
    if let Some(key_of) = key_of {
        for event in &events {
            *keys.entry(key_of(event)).or_default() += 1;
        }
    }
    keys.retain(|key, _| key.starts_with(&asked.prefix) && (asked.after.is_empty() || *key > asked.after));
    let more = keys.len() > MOST_STREAMS;
    let keys = keys.into_iter().take(MOST_STREAMS).map(|(key, events)| OneKey { key, events });
    Ok(Keys { keys: keys.collect(), more })
}

pub(super) fn streams<E: Clone>(log: Option<&Log<E>>, asked: &LogPage<'_>) -> Result<Streams, Wrong> {
    let log = log.ok_or_else(no_log)?;
    let listing = Listing::prefix(&*asked.prefix).after(&*asked.after).limit(MOST_STREAMS + 1);
    let found = log.streams(&listing).map_err(unreadable)?;
    let more = found.len() > MOST_STREAMS;
    let one = |stream: crate::store::StreamInfo| OneStream {
        name: stream.name.to_string(),
        events: stream.state.version().get(),
        deleted: matches!(stream.state, StreamState::Deleted(_)),
        first: stream.first.and_then(|at| recorded_at(log, at)),
        last: stream.last.and_then(|at| recorded_at(log, at)),
    };
    Ok(Streams { streams: found.into_iter().take(MOST_STREAMS).map(one).collect(), more })
}

/// When the entry at a position was recorded.
fn recorded_at<E: Clone>(log: &Log<E>, position: Position) -> Option<String> {
    let mut found = None;
    let read = Query::all().starting_at(position).until(position);
    let visited = log.visit(&read, &mut |entry| {
        found = Some(entry.envelope().recorded_at.to_string());
        ControlFlow::Break(())
    });
    visited.ok().and(found)
}
