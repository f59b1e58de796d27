//! The consumer: brings the messages of the stream, in order, and begins again after the last one whenever one is missing.

use crate::feed::Feed;
use crate::link::{Link, ONE_TRY};
use crate::message::Label;
use async_nats::jetstream::consumer::pull::Config;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy};
use futures_util::StreamExt;
use leftfold::log::AgreedRound;
use leftfold::recorded::Position;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How many messages the client asks for at once.
const AT_ONCE: usize = 2_000;
/// How many bytes it asks for at once, unless two messages may be larger: what is under way delays every other answer.
const BYTES_AT_ONCE: usize = 4 << 20;
/// After this time without a message, the stream is asked whether there should have been one.
const DOUBT_AFTER: Duration = Duration::from_secs(3);
/// Where nothing new is recorded, the server gives a sign of life this often; after two that are missing, the consumer is made
/// again.
const HEARTBEAT: Duration = Duration::from_millis(500);
/// How long one request for messages lives.
const REQUEST: Duration = Duration::from_secs(10);
/// After this time the server forgets a consumer that nobody asks.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(10);

/// Adds every message after `seen` to the feed, until the feed is stopped.
pub(crate) async fn follow(link: Link, feed: Arc<Feed>, mut seen: u64) {
    while !feed.is_over() {
        if follow_once(&link, &feed, &mut seen).await.is_break() {
            return;
        }
        // A server that refuses is not asked without a pause.
        sleep(Duration::from_millis(20)).await;
    }
}

/// The same with one consumer, as long as it brings one message after the other.
async fn follow_once(link: &Link, feed: &Feed, seen: &mut u64) -> ControlFlow<()> {
    match timeout(ONE_TRY, link.stream.get_info()).await {
        Ok(Ok(info)) if info.created.to_string() != link.created => {
            feed.fail(format!("stream {} was deleted and made again; open the store again", link.name));
            return ControlFlow::Break(());
        }
        Ok(Ok(_)) => {}
        _ => return ControlFlow::Continue(()),
    }
    let config = Config {
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: *seen + 1 },
        ack_policy: AckPolicy::None,
        inactive_threshold: FORGOTTEN_AFTER,
        memory_storage: true,
        num_replicas: 1,
        ..Config::default()
    };
    let Ok(Ok(consumer)) = timeout(ONE_TRY, link.stream.create_consumer(config)).await else {
        return ControlFlow::Continue(());
    };
    let bytes = BYTES_AT_ONCE.max(2 * link.client.max_payload());
    let asking = consumer.stream().max_messages_per_batch(AT_ONCE).max_bytes_per_batch(bytes);
    let asking = asking.heartbeat(HEARTBEAT).expires(REQUEST);
    let Ok(Ok(mut messages)) = timeout(ONE_TRY, asking.messages()).await else {
        return ControlFlow::Continue(());
    };
    loop {
        let next = tokio::select! {
            next = messages.next() => next,
            () = feed.rebuild.notified() => return ControlFlow::Continue(()),
            () = sleep(DOUBT_AFTER) => match timeout(ONE_TRY, link.stream.get_info()).await {
                Ok(Ok(info)) if info.state.last_sequence == *seen => continue,
                _ => return ControlFlow::Continue(()),
            },
        };
        let Some(Ok(message)) = next else { return ControlFlow::Continue(()) };
        let Ok(sequence) = message.info().map(|info| info.stream_sequence) else {
            return ControlFlow::Continue(());
        };
        if sequence <= *seen {
            continue;
        }
        if sequence != *seen + 1 {
            return ControlFlow::Continue(());
        }
        match Label::of_message(message.headers.as_ref(), &message.payload) {
            Ok(label) => {
                let round =
                    AgreedRound { first: Position::new(label.first), bytes: message.payload.to_vec() };
                feed.add(sequence, label.last, round);
                *seen = sequence;
            }
            Err(unlabelled) => {
                feed.fail(unlabelled.sentence(&link.name, sequence));
                return ControlFlow::Break(());
            }
        }
        while !feed.has_room() && !feed.is_over() {
            feed.room.notified().await;
        }
    }
}
