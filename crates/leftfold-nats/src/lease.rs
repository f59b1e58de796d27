//! Leases: of several programs on one stream, one at a time does what must not be done twice at the same time.

use crate::link::{Answer, StreamOrigin, sentence, unanswered};
use crate::message::Proposals;
use crate::store::Nats;
use async_nats::connection::State;
use async_nats::jetstream::stream::{Config, LastRawMessageErrorKind, RetentionPolicy, StorageType, Stream};
use async_nats::jetstream::{self, ErrorCode};
use async_nats::{Client, HeaderMap, Request, RequestErrorKind, header};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// The bounds that a lease can have.
const BOUNDS: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(24 * 60 * 60);
const LONGEST_NAME: usize = 40;
/// The pause before the stream is asked again.
const PAUSE: Duration = Duration::from_millis(20);
/// How long dropping a lease waits at most.
const LAST_WORD: Duration = Duration::from_millis(200);

/// Why a lease was not made, taken, renewed or given back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// A name or a bound that a lease cannot have.
    #[error("a lease cannot have {what}")]
    Setting {
        /// Which, in words.
        what: String,
    },
    /// The servers cannot be reached, did not answer in time, or have something else in the place of the lease.
    #[error("lease {name} was not {tried}: {why}")]
    Unavailable {
        /// The lease.
        name: String,
        /// "renewed" or "given back".
        tried: &'static str,
        /// What is wrong.
        why: String,
    },
}

/// A lease: of several handles, in this program and in others, at most one holds it at a time.
///
/// The holder calls [`hold`](Lease::hold) about three times within the bound, and works as long as it
/// [is held](Lease::is_held). When it ends, is stopped or is cut off, another handle that asks takes it over: at once where it was
/// given back, and otherwise when the bound is over since that handle saw the last renewal. One that has just begun to ask
/// waits for a whole bound.
///
/// A lease is a message in a stream beside that of the log, `<STREAM>_LEASES`, with as many replicas, and each renewal replaces the
/// message that it follows. A change of its leader takes 3 to 9 seconds; a shorter bound ends with it.
///
/// The holder counts from before its renewal was sent, and the others from when they have seen it, each on a clock of its own
/// that is never set and never compared. What a lease cannot do is to stop a holder in the midst of a step: a program that is
/// suspended just after it asked `is_held`, or whose machine sleeps, does that step late. So steps are right only if they may
/// be done late, such as a command that is given under an id.
///
/// ```no_run
/// use leftfold::codec::RawCodec;
/// use leftfold_nats::Nats;
/// use std::time::Duration;
///
/// let store = Nats::open("nats://localhost:4222", "SHOP", RawCodec)?;
/// let mut lease = store.lease("letters", Duration::from_secs(15))?;
/// loop {
///     match lease.hold() {
///         Ok(true) => { /* run what one program runs, for a third of the bound */ }
///         Ok(false) => { /* another program does: do nothing */ }
///         Err(error) => eprintln!("{error}"),
///     }
///     std::thread::sleep(Duration::from_secs(5));
/// #   break;
/// }
/// lease.release()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a lease is held by nobody before `hold`"]
pub struct Lease {
    origin: Arc<StreamOrigin>,
    place: Place,
    known: Known,
}

/// Where the message of a lease is, and who asks.
#[derive(Clone)]
struct Place {
    client: Client,
    name: String,
    stream: String,
    /// The subject of all leases of the stream, without its last part.
    subjects: String,
    replicas: usize,
    holder: String,
    bound: Duration,
}

/// What a handle knows of its lease.
#[derive(Clone, Default)]
struct Known {
    stream: Option<Stream>,
    /// The sequence of the message with which this handle took or renewed it.
    mine: Option<u64>,
    held_until: Option<Instant>,
    /// The sequence of another handle's message, and when it was first seen.
    other: Option<(u64, Instant)>,
}

/// The message of a lease.
#[derive(Serialize, Deserialize)]
struct Message {
    /// `None`: given back.
    holder: Option<String>,
    bound_ms: u64,
}

impl fmt::Debug for Lease {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Lease");
        shown.field("name", &self.place.name).field("is_held", &self.is_held()).finish_non_exhaustive()
    }
}

impl<E> Nats<E> {
    /// A lease of this stream, not held yet. Handles of one name exclude each other, wherever they are. A name has at most
    /// 40 letters of ASCII, digits, `-` and `_`; a bound is between 100 ms and a day. Where the stream has several replicas,
    /// choose 15 seconds or more: a change of leader takes 3 to 9 seconds, and a shorter lease ends with it. That is not checked.
    ///
    /// # Errors
    /// [`LeaseError::Setting`] for another name or bound. The servers are not asked yet.
    pub fn lease(&self, name: &str, bound: Duration) -> Result<Lease, LeaseError> {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(plain) {
            let what = format!(
                "the name {name:?}: one has 1 to {LONGEST_NAME} letters of ASCII, digits, `-` and `_`"
            );
            return Err(LeaseError::Setting { what });
        }
        if !BOUNDS.contains(&bound) {
            let what = format!("a bound of {bound:?}: one is between 100 ms and a day");
            return Err(LeaseError::Setting { what });
        }
        let origin = self.origin().clone();
        let link = &origin.link;
        let place = Place {
            client: link.client.clone(),
            name: name.to_string(),
            stream: format!("{}_LEASES", link.name),
            subjects: format!("{}.leases", link.subject),
            replicas: link.stream.cached_info().config.num_replicas,
            holder: Proposals::new().next(),
            bound,
        };
        Ok(Lease { origin, place, known: Known::default() })
    }
}

impl Lease {
    /// Takes the lease or renews it: with `true`, it is held for almost the bound, from the moment this call began. `false`:
    /// another handle holds it. To be called about three times within the bound, by the holder and by those who wait.
    ///
    /// A renewal is one round trip; a call takes at most the bound. `true` after a pause does not say that nobody had it in
    /// between.
    ///
    /// # Errors
    /// [`LeaseError::Unavailable`] when the servers do not answer: what was held before is held until its bound is over.
    pub fn hold(&mut self) -> Result<bool, LeaseError> {
        let began = Instant::now();
        let (place, mut known) = (self.place.clone(), self.known.clone());
        let asked = self.origin.runtime.run(async move {
            let mine = place.hold(&mut known).await;
            (known, mine)
        });
        let Some((known, mine)) = asked else { return Err(self.unavailable("renewed", ended())) };
        self.known = known;
        if mine.is_err() && !self.is_held() {
            // The stream may be gone: it is looked for again.
            (self.known.stream, self.known.mine) = (None, None);
        }
        let mine = mine.map_err(|why| self.unavailable("renewed", why))?;
        // Clocks do not tick quite alike: a hundredth is left.
        self.known.held_until = mine.map(|_| began + self.place.bound * 99 / 100);
        self.known.mine = mine;
        Ok(self.is_held())
    }

    /// Whether the lease is held by this handle; asks nobody.
    pub fn is_held(&self) -> bool {
        self.known.held_until.is_some_and(|until| Instant::now() < until)
    }

    /// Gives the lease back, so that another takes it at once. Dropping it tries the same, for 200 ms at most.
    ///
    /// # Errors
    /// [`LeaseError::Unavailable`] when the servers do not answer: others can take it when the bound is over.
    pub fn release(mut self) -> Result<(), LeaseError> {
        self.give_back(self.place.bound / 3).map_err(|why| self.unavailable("given back", why))
    }

    fn give_back(&mut self, within: Duration) -> Result<(), String> {
        let Some(mine) = self.known.mine.take() else { return Ok(()) };
        let place = self.place.clone();
        let given_back = self.origin.runtime.run(async move { place.put(None, mine, within).await });
        given_back.unwrap_or_else(|| Err(ended())).map(drop)
    }

    fn unavailable(&self, tried: &'static str, why: String) -> LeaseError {
        LeaseError::Unavailable { name: self.place.name.clone(), tried, why }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // If it fails, the lease ends with its bound.
        let _ = self.give_back(LAST_WORD.min(self.place.bound / 3));
    }
}

impl Place {
    /// The sequence of a message of this handle that was recorded during this call; `None` if the lease is another's.
    async fn hold(&self, known: &mut Known) -> Result<Option<u64>, String> {
        if let Some(mine) = known.mine
            && let Some(renewed) = self.put(Some(&self.holder), mine, self.within()).await?
        {
            return Ok(Some(renewed));
        }
        // Either it is another's, or an earlier renewal of this handle was recorded without an answer.
        let stream = match &known.stream {
            Some(stream) => stream,
            None => known.stream.insert(self.find_or_make().await?),
        };
        let follows = match self.last(stream).await? {
            None => 0,
            Some((sequence, Message { holder: Some(holder), bound_ms })) if holder != self.holder => {
                let since = match known.other {
                    Some((seen, since)) if seen == sequence => since,
                    _ => known.other.insert((sequence, Instant::now())).1,
                };
                if since.elapsed() < Duration::from_millis(bound_ms) {
                    return Ok(None);
                }
                sequence
            }
            Some((sequence, _)) => sequence,
        };
        self.put(Some(&self.holder), follows, self.within()).await
    }

    /// How long one request waits for its answer: a call has three at most.
    fn within(&self) -> Duration {
        self.bound / 3
    }

    fn subject(&self) -> String {
        format!("{}.{}", self.subjects, self.name)
    }

    /// Records who has the lease if its last message is the one that is followed; `None` if it is another.
    async fn put(&self, holder: Option<&str>, follows: u64, within: Duration) -> Result<Option<u64>, String> {
        // A message that waits for a connection would be recorded at a time that nobody knows.
        if self.client.connection_state() != State::Connected {
            return Err("there is no connection to the servers".to_string());
        }
        let bound_ms = u64::try_from(self.bound.as_millis()).unwrap_or(u64::MAX);
        let message = Message { holder: holder.map(str::to_string), bound_ms };
        let payload = serde_json::to_vec(&message).map_err(|error| sentence(&error))?;
        let mut headers = HeaderMap::new();
        headers.insert(header::NATS_EXPECTED_STREAM, self.stream.as_str());
        headers.insert(header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, follows.to_string());
        let request = Request::new().headers(headers).payload(payload.into()).timeout(Some(within));
        let answer = match timeout(within, self.client.send_request(self.subject(), request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) if error.kind() == RequestErrorKind::NoResponders => {
                return Err(format!("the stream {} has no leader", self.stream));
            }
            Ok(Err(error)) => return Err(sentence(&error)),
            Err(_) => return Err(unanswered()),
        };
        match serde_json::from_slice::<Answer>(&answer.payload) {
            Ok(Answer { error: Some(denial), .. }) => match denial.err_code.map(ErrorCode) {
                Some(
                    ErrorCode::STREAM_WRONG_LAST_SEQUENCE | ErrorCode::STREAM_WRONG_LAST_SEQUENCE_CONSTANT,
                ) => Ok(None),
                _ => Err(denial.description),
            },
            Ok(Answer { seq: Some(sequence), .. }) => Ok(Some(sequence)),
            _ => Err("the answer of the server cannot be read".to_string()),
        }
    }

    /// The last message of the lease, as the leader of the stream has it.
    async fn last(&self, stream: &Stream) -> Result<Option<(u64, Message)>, String> {
        let (begun, subject) = (Instant::now(), self.subject());
        let found = loop {
            // A stream that has no leader yet does not answer, not even when it has one.
            let asking = timeout(self.within() / 4, stream.get_last_raw_message_by_subject(&subject));
            let why = match asking.await {
                Ok(Ok(found)) => break found,
                Ok(Err(error)) if error.kind() == LastRawMessageErrorKind::NoMessageFound => return Ok(None),
                Ok(Err(error)) => sentence(&error),
                Err(_) => unanswered(),
            };
            if begun.elapsed() >= self.within() * 3 / 4 {
                return Err(why);
            }
            sleep(PAUSE).await;
        };
        let message = serde_json::from_slice(&found.payload).map_err(|_| {
            let (stream, sequence) = (&self.stream, found.sequence);
            format!(
                "message {sequence} of stream {stream} is not one of a lease; remove it, or take another name"
            )
        })?;
        Ok(Some((found.sequence, message)))
    }

    async fn find_or_make(&self) -> Result<Stream, String> {
        let mut context = jetstream::new(self.client.clone());
        context.set_timeout(self.within());
        let config = Config {
            name: self.stream.clone(),
            subjects: vec![format!("{}.*", self.subjects)],
            storage: StorageType::File,
            num_replicas: self.replicas,
            max_messages_per_subject: 1,
            description: Some("leases of leftfold, a message for each".to_string()),
            ..Config::default()
        };
        let made = timeout(self.within(), context.get_or_create_stream(config)).await;
        let stream = made.map_err(|_| unanswered())?.map_err(|error| sentence(&error))?;
        let found = &stream.cached_info().config;
        let subjects = format!("{}.*", self.subjects);
        if !found.subjects.contains(&subjects) {
            return Err(format!(
                "stream {} is not one of leases: it does not take the subject {subjects}; give it another name",
                self.stream
            ));
        }
        // What is removed would free a lease that is held.
        if found.retention != RetentionPolicy::Limits || found.storage != StorageType::File {
            return Err(format!(
                "stream {} forgets messages (its retention, or its storage in memory); make it with retention limits and file storage",
                self.stream
            ));
        }
        if !found.max_age.is_zero() || found.max_messages > 0 || found.max_bytes > 0 {
            return Err(format!(
                "stream {} removes messages (max_age, max_msgs or max_bytes); remove these limits",
                self.stream
            ));
        }
        Ok(stream)
    }
}

fn ended() -> String {
    "the thread of the client has ended".to_string()
}
