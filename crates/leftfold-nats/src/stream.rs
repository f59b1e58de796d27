//! The stream in the servers: found or made, and refused where it could lose events.

use crate::error::OpenNatsError;
use crate::link::{ONE_TRY, sentence};
use async_nats::jetstream::context::{CreateStreamErrorKind, GetStreamErrorKind};
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, Info, PersistenceMode, RetentionPolicy, StorageType, Stream,
};
use async_nats::jetstream::{Context, ErrorCode};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// What a stream is made with.
#[derive(Clone, Debug)]
pub(crate) struct StreamSettings {
    pub(crate) name: String,
    pub(crate) subject: Option<String>,
    pub(crate) replicas: usize,
}

/// The pause before the servers are asked again.
const PAUSE: Duration = Duration::from_millis(100);

/// The stream of this name, made if there is none; asked again while the servers elect a leader.
pub(crate) async fn find_or_make(
    context: &Context,
    settings: &StreamSettings,
    patience: Duration,
) -> Result<(Stream, Info), OpenNatsError> {
    let begun = Instant::now();
    loop {
        let why = match timeout(ONE_TRY * 3, find_or_make_once(context, settings)).await {
            Ok(Ok(stream)) => {
                let info = stream.cached_info().clone();
                check(&info, settings)?;
                return Ok((stream, info));
            }
            Ok(Err(Refused { why, for_good: true })) => {
                return Err(OpenNatsError::Stream {
                    stream: settings.name.clone(),
                    within: begun.elapsed(),
                    why,
                });
            }
            Ok(Err(Refused { why, .. })) => why,
            Err(_) => "the servers do not answer".to_string(),
        };
        if begun.elapsed() + PAUSE >= patience {
            return Err(OpenNatsError::Stream { stream: settings.name.clone(), within: patience, why });
        }
        sleep(PAUSE).await;
    }
}

struct Refused {
    why: String,
    /// Whether asking again changes nothing.
    for_good: bool,
}

async fn find_or_make_once(context: &Context, settings: &StreamSettings) -> Result<Stream, Refused> {
    let found = context.get_stream(&settings.name).await;
    let missing = match found {
        Ok(stream) => return Ok(stream),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(inner) if inner.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                Ok(())
            }
            GetStreamErrorKind::EmptyName | GetStreamErrorKind::InvalidStreamName => {
                Err((sentence(&error), true))
            }
            _ => Err((sentence(&error), false)),
        },
    };
    missing.map_err(|(why, for_good)| Refused { why, for_good })?;
    let made = context.create_stream(config(settings)).await;
    made.map_err(|error| {
        let for_good = match error.kind() {
            CreateStreamErrorKind::EmptyStreamName | CreateStreamErrorKind::InvalidStreamName => true,
            CreateStreamErrorKind::JetStream(inner) => {
                inner.error_code() == ErrorCode::STREAM_SUBJECT_OVERLAP
            }
            _ => false,
        };
        Refused { why: sentence(&error), for_good }
    })
}

fn config(settings: &StreamSettings) -> Config {
    let subject = settings.subject.clone().unwrap_or_else(|| format!("leftfold.{}", settings.name));
    Config {
        name: settings.name.clone(),
        subjects: vec![subject],
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        num_replicas: settings.replicas,
        max_messages: -1,
        max_bytes: -1,
        max_messages_per_subject: -1,
        max_message_size: -1,
        deny_delete: true,
        deny_purge: true,
        allow_direct: false,
        description: Some("events of leftfold, a round of batches in each message".to_string()),
        ..Config::default()
    }
}

/// Refuses a stream whose settings lose events or change messages.
fn check(info: &Info, settings: &StreamSettings) -> Result<(), OpenNatsError> {
    let config = &info.config;
    let bounded = [
        ("max_msgs", config.max_messages > 0),
        ("max_bytes", config.max_bytes > 0),
        ("max_age", !config.max_age.is_zero()),
        ("max_msgs_per_subject", config.max_messages_per_subject > 0),
        ("allow_msg_ttl", config.allow_message_ttl),
    ];
    let bounded =
        bounded.into_iter().find(|(_, is_set)| *is_set).map(|(name, _)| format!("{name} removes messages"));
    let subject = match &config.subjects[..] {
        [one]
            if !one.contains(['*', '>']) && settings.subject.as_ref().is_none_or(|wanted| wanted == one) =>
        {
            None
        }
        [one] if !one.contains(['*', '>']) => Some(format!("its subject is {one}")),
        several => Some(format!("its subjects are {several:?}, where one without a wildcard is needed")),
    };
    let first = info.state.first_sequence;
    let wrong = bounded
        .or_else(|| subject.filter(|_| config.mirror.is_none()))
        .or_else(|| (config.storage != StorageType::File).then(|| "it is kept in memory".to_string()))
        .or_else(|| {
            (config.retention != RetentionPolicy::Limits)
                .then(|| "its retention removes messages".to_string())
        })
        .or_else(|| {
            (!config.deny_delete).then(|| "messages may be deleted (deny_delete is false)".to_string())
        })
        .or_else(|| (!config.deny_purge).then(|| "it may be purged (deny_purge is false)".to_string()))
        .or_else(|| config.allow_rollup.then(|| "it allows roll-ups, which purge it".to_string()))
        .or_else(|| config.no_ack.then(|| "it acknowledges nothing (no_ack)".to_string()))
        .or_else(|| config.sealed.then(|| "it is sealed".to_string()))
        .or_else(|| config.subject_transform.is_some().then(|| "it changes subjects".to_string()))
        .or_else(|| {
            let fed =
                config.mirror.is_some() || config.sources.as_ref().is_some_and(|sources| !sources.is_empty());
            fed.then(|| "it takes its messages from other streams".to_string())
        })
        .or_else(|| {
            let asynchronous = matches!(config.persist_mode, Some(PersistenceMode::Async));
            asynchronous
                .then(|| "it acknowledges messages before they are written (persist_mode)".to_string())
        })
        .or_else(|| {
            (info.state.last_sequence > 0 && first > 1)
                .then(|| format!("its first {} messages are gone", first - 1))
        });
    match wrong {
        Some(setting) => Err(OpenNatsError::Unsafe { stream: settings.name.clone(), setting }),
        None => Ok(()),
    }
}
