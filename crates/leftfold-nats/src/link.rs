//! The stream as this handle reaches it: what is asked of it, and how a round is published.

use crate::feed::Feed;
use crate::message::{Label, Proposals, ROOM_FOR_HEADERS, Unlabelled};
use crate::runtime::RuntimeThread;
use async_nats::connection::State;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::stream::{RawMessageErrorKind, Stream};
use async_nats::{Client, Request};
use leftfold::log::{AgreedRound, Origin, OriginError, Proposed};
use leftfold::recorded::Position;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How long one try waits for its answer.
pub(crate) const ONE_TRY: Duration = Duration::from_secs(1);
/// The pause between two tries: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// The connection and the stream.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) client: Client,
    pub(crate) stream: Stream,
    pub(crate) name: String,
    pub(crate) subject: String,
    /// When the stream was made.
    pub(crate) created: String,
    /// How long a call waits for the servers.
    pub(crate) patience: Duration,
}

/// What is at a sequence.
enum Found {
    Label(Label),
    /// A message that this crate has not written, or a later version of it.
    Unlabelled(Unlabelled),
    Nothing,
}

/// What became of one try.
enum Try {
    Recorded(u64),
    /// The servers say that they have not recorded it.
    Denied(String),
    /// The same, because the last message is this one already.
    Behind(u64),
    /// It may be recorded, now or later.
    Unanswered(String),
}

/// What became of a proposal.
enum Decision {
    Is(Proposed),
    /// It was overtaken: the last message is this one, or will be.
    Behind(u64),
}

impl Link {
    async fn find(&self, sequence: u64) -> Result<Found, String> {
        match timeout(ONE_TRY, self.stream.get_raw_message(sequence)).await {
            Ok(Ok(message)) => Ok(match Label::read(Some(&message.headers)) {
                Ok(label) => Found::Label(label),
                Err(unlabelled) => Found::Unlabelled(unlabelled),
            }),
            Ok(Err(error)) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(Found::Nothing),
            Ok(Err(error)) => Err(sentence(&error)),
            Err(_) => Err(unanswered()),
        }
    }

    /// The label of a message that is in the stream; tried again until the time is over.
    pub(crate) async fn label(&self, sequence: u64) -> Result<Result<Label, Unlabelled>, String> {
        self.again(|| async {
            match self.find(sequence).await? {
                Found::Label(label) => Ok(Ok(label)),
                Found::Unlabelled(unlabelled) => Ok(Err(unlabelled)),
                Found::Nothing => Err(format!("message {sequence} is missing")),
            }
        })
        .await
    }

    /// The sequence of the last message; tried again until the time is over.
    pub(crate) async fn last(&self) -> Result<u64, String> {
        self.again(|| async {
            match timeout(ONE_TRY, self.stream.get_info()).await {
                Ok(Ok(info)) => Ok(info.state.last_sequence),
                Ok(Err(error)) => Err(sentence(&error)),
                Err(_) => Err(unanswered()),
            }
        })
        .await
    }

    async fn again<T, F: Future<Output = Result<T, String>>>(
        &self,
        mut ask: impl FnMut() -> F,
    ) -> Result<T, String> {
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let why = match ask().await {
                Ok(answer) => return Ok(answer),
                Err(why) => why,
            };
            if begun.elapsed() + pause >= self.patience {
                return Err(format!("no answer within {:?}: {why}", self.patience));
            }
            sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    /// Publishes once.
    async fn publish(&self, label: &Label, follows: u64, round: &[u8]) -> Try {
        let request = Request::new()
            .headers(label.headers(&self.name, follows))
            .payload(round.to_vec().into())
            .timeout(Some(ONE_TRY));
        // Bounds what stands before the request in the client, too.
        let answer = match timeout(ONE_TRY * 2, self.client.send_request(self.subject.clone(), request)).await
        {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) if error.kind() == async_nats::RequestErrorKind::NoResponders => {
                return Try::Denied(format!("the stream {} has no leader", self.name));
            }
            Ok(Err(error)) => return Try::Unanswered(sentence(&error)),
            Err(_) => return Try::Unanswered(unanswered()),
        };
        match serde_json::from_slice::<Answer>(&answer.payload) {
            Ok(Answer { error: Some(error), .. }) => error.into_try(follows),
            Ok(Answer { seq: Some(sequence), .. }) => Try::Recorded(sequence),
            _ => Try::Unanswered("the answer of the server cannot be read".to_string()),
        }
    }

    /// Publishes a round after the message with this sequence, and finds out what became of it: again and again, until a
    /// message stands at the next sequence, or the time is over.
    async fn propose(&self, label: &Label, follows: u64, round: &[u8]) -> Decision {
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        // Whether a try is under way that may still be recorded.
        let mut doubt = false;
        loop {
            let tried = match self.client.connection_state() {
                State::Connected => self.publish(label, follows, round).await,
                _ => Try::Denied("there is no connection".to_string()),
            };
            let answered = !matches!(tried, Try::Unanswered(_));
            let why = match tried {
                Try::Recorded(sequence) if sequence == follows + 1 => {
                    return Decision::Is(Proposed::Agreed);
                }
                Try::Recorded(sequence) => {
                    doubt = true;
                    format!("the server says sequence {sequence}, where {} was asked for", follows + 1)
                }
                Try::Denied(why) => why,
                // No try of this one is under way, so what came first is another one.
                Try::Behind(last) if last > follows && !doubt => return Decision::Behind(last),
                Try::Behind(last) => format!("the last message is {last}, where {follows} was expected"),
                Try::Unanswered(why) => {
                    doubt = true;
                    why
                }
            };
            // Refused or not: what is at the next sequence decides. Without an answer, the next try finds out whether there is
            // a leader to be asked.
            if answered {
                match self.find(follows + 1).await {
                    Ok(Found::Label(found)) if found.proposal == label.proposal => {
                        return Decision::Is(Proposed::Agreed);
                    }
                    Ok(Found::Label(_) | Found::Unlabelled(_)) => return Decision::Is(Proposed::Overtaken),
                    Ok(Found::Nothing) | Err(_) => {}
                }
            }
            if begun.elapsed() + pause >= self.patience {
                let doing = format!("publishing to stream {}", self.name);
                let error =
                    OriginError { doing, why: format!("no decision within {:?}: {why}", self.patience) };
                return Decision::Is(if doubt { Proposed::Unknown(error) } else { Proposed::Refused(error) });
            }
            sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }
}

/// The server's answer to a published message.
#[derive(serde::Deserialize)]
pub(crate) struct Answer {
    pub(crate) seq: Option<u64>,
    pub(crate) error: Option<Denial>,
}

#[derive(serde::Deserialize)]
pub(crate) struct Denial {
    pub(crate) err_code: Option<u64>,
    #[serde(default)]
    pub(crate) description: String,
}

impl Denial {
    fn into_try(self, follows: u64) -> Try {
        match self.err_code.map(ErrorCode) {
            // "wrong last sequence: 7"
            Some(ErrorCode::STREAM_WRONG_LAST_SEQUENCE) => {
                let last = self.description.rsplit(' ').next().and_then(|number| number.parse().ok());
                last.map_or(Try::Denied(self.description), Try::Behind)
            }
            // Another message is on its way to this sequence.
            Some(ErrorCode::STREAM_WRONG_LAST_SEQUENCE_CONSTANT) => Try::Behind(follows + 1),
            _ => Try::Denied(self.description),
        }
    }
}

pub(crate) fn unanswered() -> String {
    "the servers do not answer".to_string()
}

/// An error with the first of its sources.
pub(crate) fn sentence(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    match error.source().map(ToString::to_string) {
        Some(source) if !text.contains(&source) => format!("{text}: {source}"),
        _ => text,
    }
}

/// The stream as the origin of a copy.
pub(crate) struct StreamOrigin {
    pub(crate) link: Link,
    pub(crate) feed: Arc<Feed>,
    pub(crate) runtime: RuntimeThread,
    proposals: Proposals,
    /// Whether the news have what overtook the last proposal.
    has_what_overtook: AtomicBool,
}

impl StreamOrigin {
    pub(crate) fn new(link: Link, feed: Feed, runtime: RuntimeThread) -> Self {
        let (feed, has_what_overtook) = (Arc::new(feed), AtomicBool::new(false));
        StreamOrigin { link, feed, runtime, proposals: Proposals::new(), has_what_overtook }
    }

    /// Asks the stream for its last message, and waits until it has come.
    pub(crate) fn catch_up_with_stream(&self) -> Result<(), OriginError> {
        let link = self.link.clone();
        let doing = || format!("asking stream {} how far it is", self.link.name);
        let last = self.runtime.run(async move { link.last().await });
        let last = last
            .unwrap_or_else(|| Err("the thread of the client has ended".to_string()))
            .map_err(|why| OriginError { doing: doing(), why })?;
        self.feed.wait_for(last, self.link.patience)
    }
}

impl Origin for StreamOrigin {
    fn news(&self) -> Option<AgreedRound> {
        self.feed.take()
    }

    fn catch_up(&self) -> Result<(), OriginError> {
        // After a proposal was overtaken, the copy needs what came first, and judges again: a round trip less.
        match self.has_what_overtook.swap(false, Ordering::Relaxed) {
            true => Ok(()),
            false => self.catch_up_with_stream(),
        }
    }

    fn propose(&self, after: Position, round: &[u8]) -> Proposed {
        if let Some(failed) = self.feed.failed() {
            return Proposed::Refused(failed);
        }
        // The copy has more than this handle has seen of the stream: there are news.
        let Some(follows) = self.feed.sequence_at(after.get()) else { return Proposed::Overtaken };
        let label = Label::of(after.get(), round, self.proposals.next());
        let (last, begun, doing) =
            (label.last, Instant::now(), format!("publishing to stream {}", self.link.name));
        loop {
            let (link, label, bytes) = (self.link.clone(), label.clone(), round.to_vec());
            let decision = self.runtime.run(async move { link.propose(&label, follows, &bytes).await });
            match decision {
                Some(Decision::Is(Proposed::Agreed)) => {
                    self.feed.published(follows + 1, last);
                    return Proposed::Agreed;
                }
                Some(Decision::Is(other)) => return other,
                Some(Decision::Behind(last)) => {
                    if self.feed.wait_for(last, ONE_TRY.min(self.link.patience)).is_ok() {
                        self.has_what_overtook.store(true, Ordering::Relaxed);
                        return Proposed::Overtaken;
                    }
                    // What came first may have been lost with a leader before it was recorded.
                    if begun.elapsed() >= self.link.patience {
                        let why = format!("message {last} is said to be there, and does not come");
                        return Proposed::Refused(OriginError { doing, why });
                    }
                }
                None => {
                    let why = "the thread of the client has ended".to_string();
                    return Proposed::Unknown(OriginError { doing, why });
                }
            }
        }
    }

    fn most_bytes(&self) -> usize {
        self.link.client.max_payload().saturating_sub(ROOM_FOR_HEADERS)
    }
}
