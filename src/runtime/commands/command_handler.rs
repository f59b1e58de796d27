//! The command handler: one stream for each decision.

use super::event_metadata::{EventMetadata, PreparedCommand};
use super::issued::Issued;
use super::loaded_stream::LoadedStream;
use super::observed::{HandlerCounts, Observed};
use super::outcome::{HandleError, Handled};
use super::repeated_command::{recorded_before, recorded_instead};
use super::stream_cache::Cache;
use crate::decider::Decider;
use crate::page::with_sources;
use crate::recorded::{CommandId, InvalidText, Metadata, StreamName, Tag, Version};
use crate::runtime::panics::{catching_panics, lock};
use crate::runtime::snapshots::take_snapshot_at;
use crate::runtime::spans;
use crate::runtime::{SnapshotError, SnapshotStore};
use crate::store::{AppendError, Batch, EventStore, ReadError};
use std::fmt::{self, Debug};
use std::sync::Arc;

type StreamOf<C> = Box<dyn Fn(&C) -> Result<StreamName, InvalidText> + Send + Sync>;
type Snapshots<S> = (Arc<dyn SnapshotStore<S>>, u64);

/// Runs a decider on a store: loads the state, decides, appends the events with the version they were decided on.
///
/// A stream belongs to one identity ([`per_identity`](CommandHandler::per_identity)), or all commands share one
/// ([`in_one_stream`](CommandHandler::in_one_stream)). The handler remembers the state of a stream with its version. So
/// a command costs one `decide`, one append and one `evolve`, however long the stream is.
///
/// When somebody else has written meanwhile, their events are folded and the command is decided again. Before a command
/// is rejected, the handler reads whether the stream has more events. Threads may share a handler; commands for the
/// same stream take turns.
///
/// ```
/// use leftfold::recorded::{CommandId, StreamName};
/// use leftfold::runtime::{CommandHandler, HandleError, Issued};
/// use leftfold::store::Memory;
/// use leftfold::decider;
/// use serde::{Deserialize, Serialize};
///
/// enum Command { Deposit(String, u32), Withdraw(String, u32) }
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Event { Deposited(u32), Withdrawn(u32) }
///
/// #[derive(Debug, PartialEq)]
/// struct TooLittle { balance: u32 }
///
/// let account = decider(
///     || 0u32,
///     |command: &Command, balance: &u32| match command {
///         Command::Deposit(_, amount) => Ok(vec![Event::Deposited(*amount)]),
///         Command::Withdraw(_, amount) if amount > balance => Err(TooLittle { balance: *balance }),
///         Command::Withdraw(_, amount) => Ok(vec![Event::Withdrawn(*amount)]),
///     },
///     |balance, event: &Event| match event {
///         Event::Deposited(amount) => balance + amount,
///         Event::Withdrawn(amount) => balance - amount,
///     },
/// );
///
/// let accounts = CommandHandler::per_identity(account, Memory::new(), |command| match command {
///     Command::Deposit(owner, _) | Command::Withdraw(owner, _) => StreamName::of("account", owner),
/// });
///
/// let deposited = accounts.handle(Command::Deposit("petra".into(), 10))?;
/// assert_eq!((deposited.events, deposited.version.get()), (vec![Event::Deposited(10)], 1));
///
/// // A result is made from the state after the events.
/// let withdrawn = accounts.handle_with(Command::Withdraw("petra".into(), 4), |balance, _| *balance)?;
/// assert_eq!(withdrawn.result, 6);
///
/// let refused = accounts.handle(Command::Withdraw("petra".into(), 7)).unwrap_err();
/// assert_eq!(refused.rejection(), Some(TooLittle { balance: 6 }));
///
/// // A command with an id is handled once, however often it is given.
/// let take_all = || Issued::of(Command::Withdraw("petra".into(), 6)).id(CommandId::new("w-17").unwrap());
/// assert!(!accounts.handle(take_all())?.repeated);
/// let again = accounts.handle(take_all())?;
/// assert_eq!((again.events, again.repeated), (vec![Event::Withdrawn(6)], true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "repository")]
pub struct CommandHandler<D: Decider, S> {
    decider: D,
    store: S,
    stream_of: StreamOf<D::Command>,
    event_metadata: EventMetadata<D::Command, D::Event>,
    cache: Cache<LoadedStream<D::State>>,
    attempts: u32,
    snapshots: Option<Snapshots<D::State>>,
    observed: Observed<D::Command>,
}

/// How many streams' states are remembered by default.
const REMEMBERED: usize = 10_000;
/// How often a command is decided by default.
const ATTEMPTS: u32 = 16;

impl<D, S> CommandHandler<D, S>
where
    D: Decider<Event: Clone, Rejection: Debug>,
    S: EventStore<D::Event>,
{
    /// A handler with a stream for each identity; the function names the stream of a command.
    pub fn per_identity(
        decider: D,
        store: S,
        stream: impl Fn(&D::Command) -> Result<StreamName, InvalidText> + Send + Sync + 'static,
    ) -> Self {
        CommandHandler {
            decider,
            store,
            stream_of: Box::new(stream),
            event_metadata: EventMetadata::new(),
            cache: Cache::of(REMEMBERED),
            attempts: ATTEMPTS,
            snapshots: None,
            observed: Observed::new(),
        }
    }

    /// A handler whose commands share one stream.
    pub fn in_one_stream(decider: D, store: S, stream: StreamName) -> Self {
        CommandHandler::per_identity(decider, store, move |_| Ok(stream.clone()))
    }

    /// Remembers the states of at most this number of streams. With 0, every command reads its stream from the
    /// beginning or from a snapshot. Default: 10,000.
    #[must_use]
    pub fn remember(self, streams: usize) -> Self {
        CommandHandler { cache: Cache::of(streams), ..self }
    }

    /// Decides a command at most `most` times when others write at the same time, and at least once. Default: 16.
    #[must_use]
    pub fn attempts(self, most: u32) -> Self {
        CommandHandler { attempts: most.max(1), ..self }
    }

    /// Adds metadata to every event of a command. The function gets the command and the metadata so far; several
    /// functions run in the order of their calls.
    ///
    /// ```
    /// # use leftfold::recorded::StreamName;
    /// # use leftfold::runtime::CommandHandler;
    /// # use leftfold::store::{Memory, Query, Reading};
    /// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    /// # enum Event { Rung }
    /// # let store = Memory::new();
    /// # let bell = leftfold::decider(|| (), |_: &u32, _: &()| Ok::<_, ()>(vec![Event::Rung]), |_, _: &Event| ());
    /// let handler = CommandHandler::in_one_stream(bell, &store, StreamName::new("bell")?)
    ///     .enrich(|times: &u32, metadata| {
    ///         metadata.headers.insert("times".into(), (*times).into());
    ///     });
    /// handler.handle(3)?;
    /// let rung = &store.all(Query::all())?[0];
    /// assert_eq!(rung.metadata.headers["times"], 3u32.into());
    /// assert!(rung.metadata.correlation_id.is_some() && rung.metadata.causation_id.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "MetadataEnricher")]
    #[must_use]
    pub fn enrich(mut self, add: impl Fn(&D::Command, &mut Metadata) + Send + Sync + 'static) -> Self {
        self.event_metadata.enrichers.push(Box::new(add));
        self
    }

    /// Tags every event with the tags that this function returns.
    #[must_use]
    pub fn tags(
        mut self,
        tags: impl Fn(&D::Event) -> Result<Vec<Tag>, InvalidText> + Send + Sync + 'static,
    ) -> Self {
        self.event_metadata.tags = Some(Box::new(tags));
        self
    }

    /// Gives commands without an id an id from this function. Default: unique ids.
    #[must_use]
    pub fn command_ids(mut self, ids: impl Fn() -> CommandId + Send + Sync + 'static) -> Self {
        self.event_metadata.command_ids = Arc::new(ids);
        self
    }

    /// Spans have the name of the command's variant, in place of its type; see the [module](crate::runtime#traces).
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn named(mut self) -> Self
    where
        D::Command: crate::message::Message,
    {
        self.observed.command_name = spans::CommandName::of_the_value();
        self
    }

    /// Loads states from these snapshots, and takes one whenever a stream passes a multiple of `every` events; with 0,
    /// none is taken.
    ///
    /// If a snapshot cannot be used or taken later, [`Handled`] says why, and the decision is the same. That may come late: a
    /// map is empty at first, and JSON has no map whose keys are structs.
    /// [`Law::a_snapshot_is_the_state`](crate::check::Law::a_snapshot_is_the_state) finds it in a test.
    ///
    /// # Errors
    /// [`SnapshotError::Unfit`] when the initial state cannot be stored as it is; it names the part that cannot.
    pub fn snapshots(
        self,
        snapshots: impl SnapshotStore<D::State> + 'static,
        every: u64,
    ) -> Result<Self, SnapshotError> {
        catching_panics(|| snapshots.check(&self.decider.initial_state()))
            .map_err(|source| SnapshotError::Unfit { source })?;
        Ok(CommandHandler { snapshots: Some((Arc::new(snapshots), every)), ..self })
    }

    /// Handles a command; see [`handle_with`](CommandHandler::handle_with).
    ///
    /// # Errors
    /// [`HandleError`].
    pub fn handle(
        &self,
        command: impl Into<Issued<D::Command>>,
    ) -> Result<Handled<D::Event>, HandleError<D::Rejection>> {
        self.handle_with(command, |_, _| ())
    }

    /// Handles a command, and makes a result from the state after its events and from the events.
    ///
    /// If a command with this id has recorded events before, they are returned, whatever would be decided now; the
    /// result is made from the present state. A command that was refused, or that recorded nothing, has left no trace
    /// and is decided again.
    ///
    /// # Errors
    /// [`HandleError`].
    pub fn handle_with<R>(
        &self,
        command: impl Into<Issued<D::Command>>,
        result: impl FnOnce(&D::State, &[D::Event]) -> R,
    ) -> Result<Handled<D::Event, R>, HandleError<D::Rejection>> {
        let issued = command.into();
        let stream = self.observed.named((self.stream_of)(&issued.command))?;
        self.handle_in(&stream, issued, result)
    }

    /// Like [`handle_with`](CommandHandler::handle_with), in the stream that is given here: for commands that do not
    /// say which identity they are for.
    ///
    /// # Errors
    /// [`HandleError`].
    pub fn handle_in<R>(
        &self,
        stream: &StreamName,
        command: impl Into<Issued<D::Command>>,
        result: impl FnOnce(&D::State, &[D::Event]) -> R,
    ) -> Result<Handled<D::Event, R>, HandleError<D::Rejection>> {
        let prepared = self.event_metadata.prepare(command.into());
        self.observed.handle(stream, &prepared, |decided| {
            self.with_loaded(stream, |loaded| {
                self.decide_and_append(stream, &prepared, loaded, decided, result)
            })
        })
    }

    /// Looks at the state that a stream has in the store now, and its version.
    ///
    /// ```
    /// # use leftfold::recorded::StreamName;
    /// # use leftfold::runtime::CommandHandler;
    /// # use leftfold::store::Memory;
    /// # #[derive(Clone, serde::Serialize, serde::Deserialize, PartialEq)]
    /// # enum Event { Rung }
    /// # let rings = leftfold::decider(|| 0, |_: &(), _: &u32| Ok::<_, ()>(vec![Event::Rung]), |n, _: &Event| n + 1);
    /// let bell = StreamName::new("bell")?;
    /// let handler = CommandHandler::in_one_stream(rings, Memory::new(), bell.clone());
    /// handler.handle(())?;
    /// assert_eq!(handler.look(&bell, |times, version| (*times, version.get()))?, (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn look<R>(
        &self,
        stream: &StreamName,
        look: impl FnOnce(&D::State, Version) -> R,
    ) -> Result<R, ReadError> {
        self.with_loaded(stream, |loaded| {
            self.catch_up(stream, loaded)?;
            Ok(look(&loaded.state, loaded.version))
        })
    }

    /// How many commands it has handled, refused and so on since it was made.
    pub fn counts(&self) -> HandlerCounts {
        self.observed.counts()
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The decider.
    pub fn decider(&self) -> &D {
        &self.decider
    }

    /// How many streams' states are remembered at the moment.
    pub fn remembered(&self) -> usize {
        self.cache.remembered()
    }

    /// Takes the loaded stream out of its slot, and puts it back after `run`. If `run` panics, the slot stays empty,
    /// and the stream is loaded again the next time.
    fn with_loaded<R, X: From<ReadError>>(
        &self,
        stream: &StreamName,
        run: impl FnOnce(&mut LoadedStream<D::State>) -> Result<R, X>,
    ) -> Result<R, X> {
        let slot = self.cache.slot(stream);
        let mut slot = lock(&slot);
        let mut loaded = match slot.take() {
            Some(loaded) => loaded,
            None => self.load(stream)?,
        };
        let outcome = run(&mut loaded);
        *slot = Some(loaded);
        outcome
    }

    fn decide_and_append<R>(
        &self,
        stream: &StreamName,
        prepared: &PreparedCommand<D::Command>,
        loaded: &mut LoadedStream<D::State>,
        decided: &mut u32,
        result: impl FnOnce(&D::State, &[D::Event]) -> R,
    ) -> Result<Handled<D::Event, R>, HandleError<D::Rejection>> {
        // Whether the loaded state has been compared with the store since the command came.
        let mut current = false;
        let (events, positions, repeated, snapshot_error) = loop {
            if loaded.deleted && self.is_current(stream, loaded, &mut current)? {
                return Err(HandleError::Deleted { stream: stream.clone(), version: loaded.version });
            }
            if let Some(expected) = prepared.expected.filter(|expected| *expected != loaded.version) {
                if !self.is_current(stream, loaded, &mut current)? {
                    continue;
                }
                match recorded_before(&self.store, stream, prepared.id.as_ref())? {
                    Some((events, positions)) => break (events, Some(positions), true, None),
                    None => {
                        let (stream, version) = (stream.clone(), loaded.version);
                        return Err(HandleError::Changed { stream, expected, version });
                    }
                }
            }
            *decided += 1;
            let events = match spans::decide(|| self.decider.decide(&prepared.command, &loaded.state)) {
                Ok(events) if !events.is_empty() => events,
                // Only an append compares versions. If nothing is to be appended, first see whether the stream has more
                // events.
                _ if !self.is_current(stream, loaded, &mut current)? => continue,
                nothing => match recorded_before(&self.store, stream, prepared.id.as_ref())? {
                    Some((events, positions)) => break (events, Some(positions), true, None),
                    None => break (nothing.map_err(HandleError::Rejected)?, None, false, None),
                },
            };
            let batch = Batch::to(stream).expecting(loaded.version);
            let batch = self.event_metadata.add_events(batch, prepared, &events)?;
            match self.observed.append(&self.store, events.len(), batch) {
                Ok(appended) => {
                    let positions = Some((appended.first, appended.last));
                    if appended.repeated {
                        self.catch_up(stream, loaded)?;
                        break (events, positions, true, None);
                    }
                    let snapshot_error = self.fold_appended(stream, loaded, &events);
                    break (events, positions, false, snapshot_error);
                }
                Err(AppendError::Conflict(last)) if *decided >= self.attempts => {
                    return Err(HandleError::Contended { decided: *decided, last: last.into() });
                }
                Err(AppendError::Conflict(_)) => {
                    self.catch_up(stream, loaded)?;
                    current = true;
                }
                // The command was recorded before, and would be decided otherwise now.
                Err(error @ AppendError::IdTaken { .. }) => {
                    let given = prepared.id.as_ref();
                    let (events, positions) = recorded_instead(&self.store, stream, given, error)?;
                    self.catch_up(stream, loaded)?;
                    break (events, Some(positions), true, None);
                }
                Err(error) => return Err(HandleError::Append(error.into())),
            }
        };
        let (stream, version) = (stream.clone(), loaded.version);
        let result = result(&loaded.state, &events);
        let unusable_snapshot = loaded.unusable_snapshot.take();
        Ok(Handled {
            events,
            positions,
            stream,
            version,
            repeated,
            decided: *decided,
            snapshot_error,
            unusable_snapshot,
            result,
        })
    }

    /// Folds the events that were just appended. Returns why a snapshot that was due was not taken.
    fn fold_appended(
        &self,
        stream: &StreamName,
        loaded: &mut LoadedStream<D::State>,
        events: &[D::Event],
    ) -> Option<String> {
        let before = loaded.version.get();
        spans::evolve(events.len(), || {
            for event in events {
                let state = std::mem::replace(&mut loaded.state, self.decider.initial_state());
                loaded.state = self.decider.evolve(state, event);
            }
        });
        loaded.version = Version::new(before + events.len() as u64);
        let (snapshots, every) = self.snapshots.as_ref()?;
        let due = before.checked_div(*every) != loaded.version.get().checked_div(*every);
        if !due {
            return None;
        }
        let taken = take_snapshot_at(&self.store, &**snapshots, stream, loaded.version, &loaded.state);
        taken.err().map(|why| with_sources(&why))
    }

    /// Reads the stream once for each command, and returns whether there was nothing new.
    fn is_current(
        &self,
        stream: &StreamName,
        loaded: &mut LoadedStream<D::State>,
        current: &mut bool,
    ) -> Result<bool, ReadError> {
        if std::mem::replace(current, true) {
            return Ok(true);
        }
        let before = loaded.version;
        self.catch_up(stream, loaded)?;
        Ok(loaded.version == before)
    }

    fn load(&self, stream: &StreamName) -> Result<LoadedStream<D::State>, ReadError> {
        let snapshots = self.snapshots.as_ref().map(|(snapshots, _)| &**snapshots);
        spans::load(|| LoadedStream::load(&self.store, &self.decider, snapshots, stream))
    }

    fn catch_up(&self, stream: &StreamName, loaded: &mut LoadedStream<D::State>) -> Result<(), ReadError> {
        spans::load(|| loaded.catch_up(&self.store, &self.decider, stream))
    }
}

impl<D: Decider, S: Debug> Debug for CommandHandler<D, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandHandler").field("store", &self.store).finish_non_exhaustive()
    }
}
