//! How a store in a stream is opened.

use crate::copy_of::CopyOf;
use crate::error::{OpenNatsError, system};
use crate::feed::Feed;
use crate::follow::follow;
use crate::link::{Link, ONE_TRY, StreamOrigin, sentence};
use crate::runtime::RuntimeThread;
use crate::store::Nats;
use crate::stream::{StreamSettings, find_or_make};
use async_nats::jetstream::stream::Info;
use async_nats::{Client, ConnectErrorKind, ConnectOptions, ServerAddr, jetstream};
use leftfold::codec::EventCodec;
use leftfold::log::{FileLogOptions, Syncing};
use leftfold::recorded::{EventId, Timestamp};
use leftfold::store::EventReader;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// What a read sees of what others have appended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Freshness {
    /// Reads see everything that this handle has appended, and what others have appended a moment later, usually within a few
    /// milliseconds; while the servers cannot be reached, they go on with what was there. A read costs no round trip.
    ///
    /// A command that was decided on an old state is refused when it is appended, so nothing wrong is recorded.
    #[default]
    OwnWrites,
    /// Reads see everything that anybody has appended before they began: each asks the stream first how far it is, which takes
    /// one round trip, and fails where the stream cannot be reached.
    ///
    /// The leader of the stream answers. One that is cut off from the others, and does not know yet that they have chosen another
    /// one, may answer with what was there a few seconds before.
    Linearizable,
}

/// How a store in a stream is opened.
///
/// ```no_run
/// use leftfold::codec::RawCodec;
/// use leftfold_nats::{Freshness, NatsOptions};
///
/// let store = NatsOptions::new()
///     .replicas(3)
///     .folder("/var/lib/shop/orders")
///     .freshness(Freshness::Linearizable)
///     .open("nats://one:4222,nats://two:4222,nats://three:4222", "ORDERS", RawCodec)?;
/// # Ok::<(), leftfold_nats::OpenNatsError>(())
/// ```
#[derive(Clone)]
#[must_use = "options open nothing before `open`"]
pub struct NatsOptions {
    folder: Option<PathBuf>,
    freshness: Freshness,
    replicas: usize,
    subject: Option<String>,
    patience: Duration,
    user: Option<(String, String)>,
    credentials: Option<PathBuf>,
    clock: Option<Clock>,
    event_ids: Option<EventIds>,
}

type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
type EventIds = Arc<dyn Fn() -> EventId + Send + Sync>;

impl std::fmt::Debug for NatsOptions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("NatsOptions").finish_non_exhaustive()
    }
}

impl Default for NatsOptions {
    fn default() -> Self {
        NatsOptions::new()
    }
}

impl NatsOptions {
    /// The default options; [`Nats::open`] uses them.
    pub fn new() -> Self {
        NatsOptions {
            folder: None,
            freshness: Freshness::default(),
            replicas: 1,
            subject: None,
            patience: Duration::from_secs(10),
            user: None,
            credentials: None,
            clock: None,
            event_ids: None,
        }
    }

    /// Keeps the copy of the stream in this folder, so that opening it again reads only what is new. A folder belongs to one
    /// handle at a time. Default: a temporary folder, which goes when the handle does.
    pub fn folder(self, folder: impl AsRef<Path>) -> Self {
        NatsOptions { folder: Some(folder.as_ref().to_path_buf()), ..self }
    }

    /// What a read sees of what others have appended. Default: [`Freshness::OwnWrites`].
    pub fn freshness(self, freshness: Freshness) -> Self {
        NatsOptions { freshness, ..self }
    }

    /// On how many servers a stream is kept that this call makes: 1, or 3 or 5 in a cluster. The stream works as long as most
    /// of them do. Default: 1. A stream that exists stays as it is.
    pub fn replicas(self, replicas: usize) -> Self {
        NatsOptions { replicas, ..self }
    }

    /// The subject of a stream that this call makes. Default: `leftfold.` and the name of the stream.
    pub fn subject(self, subject: impl Into<String>) -> Self {
        NatsOptions { subject: Some(subject.into()), ..self }
    }

    /// How long a call waits for the servers before it gives up with an error. Default: 10 seconds; servers take 3
    /// to 9 to elect a new leader.
    pub fn timeout(self, timeout: Duration) -> Self {
        NatsOptions { patience: timeout, ..self }
    }

    /// Logs in with a user and a password. Default: those in the address, as in `nats://user:password@host`.
    pub fn user(self, user: impl Into<String>, password: impl Into<String>) -> Self {
        NatsOptions { user: Some((user.into(), password.into())), ..self }
    }

    /// Logs in with a credentials file, as `nsc` writes it.
    pub fn credentials(self, file: impl AsRef<Path>) -> Self {
        NatsOptions { credentials: Some(file.as_ref().to_path_buf()), ..self }
    }

    /// Takes the time from this clock. Default: the system's clock.
    pub fn clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        NatsOptions { clock: Some(Arc::new(clock)), ..self }
    }

    /// Takes the ids of entries that have none from this source. Default: ids of the store's own.
    pub fn event_ids(self, ids: impl Fn() -> EventId + Send + Sync + 'static) -> Self {
        NatsOptions { event_ids: Some(Arc::new(ids)), ..self }
    }

    /// Opens the store in a stream; makes the stream if there is none. Returns when the copy has everything that was in the
    /// stream: that takes as long as reading what the copy lacks.
    ///
    /// `url` is one address of a server, or several with commas between them.
    ///
    /// # Errors
    /// [`OpenNatsError`].
    pub fn open<E: 'static>(
        self,
        url: &str,
        stream: &str,
        codec: impl EventCodec<E> + 'static,
    ) -> Result<Nats<E>, OpenNatsError> {
        if self.patience.is_zero() {
            return Err(OpenNatsError::Setting { what: "a timeout of nothing".to_string() });
        }
        let runtime = RuntimeThread::start().map_err(system("starting the thread of the client"))?;
        let (link, info) = {
            let (options, url) = (self.clone(), url.to_string());
            let settings = StreamSettings {
                name: stream.to_string(),
                subject: self.subject.clone(),
                replicas: self.replicas,
            };
            runtime.run(async move { options.link(url, settings).await }).ok_or_else(ended)??
        };
        let (kept, folder) = match &self.folder {
            Some(folder) => (None, folder.clone()),
            None => {
                let folder = tempfile::tempdir().map_err(system("making a temporary folder"))?;
                let path = folder.path().to_path_buf();
                (Some(folder), path)
            }
        };
        let copy_of = CopyOf { stream: stream.to_string(), created: link.created.clone() };
        copy_of.claim(&folder)?;
        let origin = Arc::new(NotYet::default());
        // What a power cut takes out of a copy is in the stream.
        let mut log_options = FileLogOptions::new().sync(Syncing::Never);
        if let Some(clock) = self.clock.clone() {
            log_options = log_options.clock(move || clock());
        }
        if let Some(ids) = self.event_ids.clone() {
            log_options = log_options.event_ids(move || ids());
        }
        let log = log_options.open_replica(&folder, codec, origin.clone())?;
        // Another handle may have claimed the folder for another stream before this one locked it.
        copy_of.claim(&folder)?;

        let head = log.head().map_err(|error| reading("the copy", error.to_string()))?.get();
        let last = info.state.last_sequence;
        let (begin, begin_last) = {
            let (link, stream, folder) = (link.clone(), stream.to_string(), folder.display().to_string());
            runtime
                .run(async move { sequence_of(&link, stream, folder, head, last).await })
                .ok_or_else(ended)??
        };
        let stream_origin =
            Arc::new(StreamOrigin::new(link.clone(), Feed::after(begin, begin_last), runtime));
        stream_origin.runtime.spawn(follow(link, stream_origin.feed.clone(), begin));
        origin.0.get_or_init(|| stream_origin.clone());
        Nats::follow(log, stream_origin, self.freshness, last, kept)
    }

    /// Connects, and finds or makes the stream.
    async fn link(self, url: String, settings: StreamSettings) -> Result<(Link, Info), OpenNatsError> {
        let client = self.connect(&url).await?;
        let mut context = jetstream::new(client.clone());
        context.set_timeout(ONE_TRY);
        let (stream, info) = find_or_make(&context, &settings, self.patience).await?;
        // The check has seen that there is one.
        let subject = info.config.subjects.first().cloned().unwrap_or_default();
        let created = info.created.to_string();
        Ok((Link { client, stream, name: settings.name, subject, created, patience: self.patience }, info))
    }

    async fn connect(&self, url: &str) -> Result<Client, OpenNatsError> {
        let begun = Instant::now();
        loop {
            let mut options = ConnectOptions::new()
                .name("leftfold-nats")
                .connection_timeout(ONE_TRY * 2)
                // A server that is stopped is noticed by this.
                .ping_interval(Duration::from_secs(1))
                .reconnect_delay_callback(|attempts| Duration::from_millis((attempts as u64 * 20).min(500)));
            if let Some((user, password)) = self.user.clone().or_else(|| user_in(url)) {
                options = options.user_and_password(user, password);
            }
            if let Some(file) = &self.credentials {
                let shown = file.display().to_string();
                options = options
                    .credentials_file(file)
                    .await
                    .map_err(|source| OpenNatsError::CredentialsFile { file: shown, source })?;
            }
            let addresses: Vec<&str> = url.split(',').map(str::trim).collect();
            let why = match timeout(self.patience, options.connect(addresses)).await {
                Ok(Ok(client)) => return Ok(client),
                Ok(Err(error)) => match error.kind() {
                    ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
                        return Err(OpenNatsError::Credentials {
                            url: without_password(url),
                            why: sentence(&error),
                        });
                    }
                    _ => sentence(&error),
                },
                Err(_) => "no answer".to_string(),
            };
            if begun.elapsed() + ONE_TRY / 5 >= self.patience {
                return Err(OpenNatsError::Unreachable {
                    url: without_password(url),
                    within: self.patience,
                    why,
                });
            }
            sleep(ONE_TRY / 5).await;
        }
    }
}

/// The sequence after which the stream is to be read by a copy that ends at `head`, and the position of its last entry: that
/// of the last message that the copy has whole, or the one before it, so that its first entry is compared with the copy's.
async fn sequence_of(
    link: &Link,
    stream: String,
    folder: String,
    head: u64,
    last: u64,
) -> Result<(u64, u64), OpenNatsError> {
    let last_of = async |sequence: u64| match sequence {
        0 => Ok(0),
        _ => match link.label(sequence).await {
            Ok(Ok(label)) => Ok(label.last),
            Ok(Err(unlabelled)) => {
                Err(OpenNatsError::Foreign { why: unlabelled.sentence(&stream, sequence) })
            }
            Err(why) => Err(reading(&format!("looking for the end of the copy in stream {stream}"), why)),
        },
    };
    let end = last_of(last).await?;
    if end < head {
        return Err(OpenNatsError::Shorter { folder, stream: stream.clone(), end, copy: head });
    }
    // The last message that ends at `head` or before is in `low..high`.
    let (mut low, mut high) = (0, last + 1);
    if end == head {
        low = last;
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match last_of(middle).await? <= head {
            true => low = middle,
            false => high = middle,
        }
    }
    let begin = low.saturating_sub(1);
    Ok((begin, last_of(begin).await?))
}

/// The origin of a log that is opened before it is known what it lacks.
#[derive(Default)]
struct NotYet(OnceLock<Arc<StreamOrigin>>);

impl leftfold::log::Origin for NotYet {
    fn news(&self) -> Option<leftfold::log::AgreedRound> {
        self.0.get()?.news()
    }

    fn catch_up(&self) -> Result<(), leftfold::log::OriginError> {
        self.0.get().map_or(Ok(()), |origin| origin.catch_up())
    }

    fn propose(&self, after: leftfold::recorded::Position, round: &[u8]) -> leftfold::log::Proposed {
        match self.0.get() {
            Some(origin) => origin.propose(after, round),
            None => leftfold::log::Proposed::Refused(leftfold::log::OriginError {
                doing: "publishing".to_string(),
                why: "the store is not open yet".to_string(),
            }),
        }
    }

    fn most_bytes(&self) -> usize {
        self.0.get().map_or(usize::MAX, |origin| origin.most_bytes())
    }
}

pub(crate) fn reading(doing: &str, why: String) -> OpenNatsError {
    OpenNatsError::Reading { doing: doing.to_string(), why }
}

fn ended() -> OpenNatsError {
    system("using the thread of the client")(std::io::Error::other("it has ended"))
}

/// The user and the password in the first address that has them; the client does not look there.
fn user_in(url: &str) -> Option<(String, String)> {
    url.split(',').find_map(|address| {
        let server: ServerAddr = address.trim().parse().ok()?;
        Some((server.username()?.to_string(), server.password().unwrap_or_default().to_string()))
    })
}

/// Addresses as they may be shown: without user and password.
fn without_password(url: &str) -> String {
    let one = |address: &str| match (address.split_once("://"), address.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        (None, Some((_, host))) => host.to_string(),
        (_, None) => address.to_string(),
    };
    url.split(',').map(|address| one(address.trim())).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::{user_in, without_password};

    #[test]
    fn an_error_shows_no_password() {
        for (url, shown) in [
            ("nats://anna:secret@host:4222", "nats://host:4222"),
            ("anna:secret@host, nats://b:1", "host,nats://b:1"),
            ("host:4222", "host:4222"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }

    #[test]
    fn the_user_may_be_in_the_address() {
        let anna = Some(("anna".to_string(), "secret".to_string()));
        assert_eq!(user_in("nats://one:4222, nats://anna:secret@two:4222"), anna);
        assert_eq!(user_in("one:4222"), None);
    }
}
