use super::event_metadata::{Stamps, Underway};
use super::issued::Issued;
use super::outcome::{HandleError, Handled};
use super::repeated_command::{recorded_before, recorded_instead};
use super::stream_cache::Cache;
use super::stream_state::Known;
use crate::decider::Decider;
use crate::recorded::{CommandId, InvalidText, Metadata, StreamName, Tag, Version};
use crate::runtime::panics::caught;
use crate::runtime::panics::lock;
use crate::runtime::snapshots::take_at;
use crate::runtime::{SnapshotError, SnapshotStore};
use crate::store::{AppendError, Batch, EventStore, ReadError};
use std::fmt::{self, Debug};
use std::sync::Arc;

type Place<C> = Box<dyn Fn(&C) -> Result<StreamName, InvalidText> + Send + Sync>;
type Snapshots<S> = (Arc<dyn SnapshotStore<S>>, u64);

/// Runs a decider on a store: loads the state, decides, appends the events with the version they were decided on.
///
/// A stream belongs to one identity ([`per_identity`](CommandHandler::per_identity)), or all commands share one
/// ([`in_one_stream`](CommandHandler::in_one_stream)). The state of a stream is remembered with its version, so that a
/// command costs one `decide`, one append and one `evolve`, however long the stream is. When somebody else has written
/// meanwhile, their events are folded and the command is decided again. A rejection is given only on what the store says
/// now. Threads share a handler; those with commands for the same stream take turns.
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
/// // What the caller gets besides is made from the state behind the events.
/// let withdrawn = accounts.handle_with(Command::Withdraw("petra".into(), 4), |balance, _| *balance)?;
/// assert_eq!(withdrawn.result, 6);
///
/// let refused = accounts.handle(Command::Withdraw("petra".into(), 7)).unwrap_err();
/// assert_eq!(refused.rejection(), Some(TooLittle { balance: 6 }));
///
/// // A command with an id is handled once, however often it comes.
/// let take_all = || Issued::of(Command::Withdraw("petra".into(), 6)).id(CommandId::new("w-17").unwrap());
/// assert!(!accounts.handle(take_all())?.repeated);
/// let again = accounts.handle(take_all())?;
/// assert_eq!((again.events, again.repeated), (vec![Event::Withdrawn(6)], true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct CommandHandler<D: Decider, S> {
    decider: D,
    store: S,
    place: Place<D::Command>,
    stamps: Stamps<D::Command, D::Event>,
    cache: Cache<Known<D::State>>,
    attempts: u32,
    snapshots: Option<Snapshots<D::State>>,
}

/// Of how many streams the state is remembered, unless told otherwise.
const REMEMBERED: usize = 10_000;
/// How often a command is decided, unless told otherwise.
const ATTEMPTS: u32 = 16;

impl<D, S> CommandHandler<D, S>
where
    D: Decider<Event: Clone, Rejection: Debug>,
    S: EventStore<D::Event>,
{
    /// A handler with a stream for each identity; which one, the command tells.
    pub fn per_identity(
        decider: D,
        store: S,
        stream: impl Fn(&D::Command) -> Result<StreamName, InvalidText> + Send + Sync + 'static,
    ) -> Self {
        CommandHandler {
            decider,
            store,
            place: Box::new(stream),
            stamps: Stamps::new(),
            cache: Cache::of(REMEMBERED),
            attempts: ATTEMPTS,
            snapshots: None,
        }
    }

    /// A handler whose commands share one stream.
    pub fn in_one_stream(decider: D, store: S, stream: StreamName) -> Self {
        CommandHandler::per_identity(decider, store, move |_| Ok(stream.clone()))
    }

    /// Remembers the states of at most so many streams, 10,000 unless told otherwise; with 0, every command reads its
    /// stream from the beginning or from a snapshot.
    #[must_use]
    pub fn remember(self, streams: usize) -> Self {
        CommandHandler { cache: Cache::of(streams), ..self }
    }

    /// Decides a command at most so often when others write at the same time, 16 times unless told otherwise; at least
    /// once.
    #[must_use]
    pub fn attempts(self, most: u32) -> Self {
        CommandHandler { attempts: most.max(1), ..self }
    }

    /// Adds to the metadata of every event of a command what this function makes of the command and of what is known
    /// already. Of several, each sees what those before it have added.
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
    #[must_use]
    pub fn enrich(mut self, add: impl Fn(&D::Command, &mut Metadata) + Send + Sync + 'static) -> Self {
        self.stamps.enrichers.push(Box::new(add));
        self
    }

    /// Tags every event with what this function says.
    #[must_use]
    pub fn tags(
        mut self,
        tags: impl Fn(&D::Event) -> Result<Vec<Tag>, InvalidText> + Send + Sync + 'static,
    ) -> Self {
        self.stamps.tags = Some(Box::new(tags));
        self
    }

    /// Takes the ids of commands that have none from here, instead of making them.
    #[must_use]
    pub fn command_ids(mut self, ids: impl Fn() -> CommandId + Send + Sync + 'static) -> Self {
        self.stamps.command_ids = Arc::new(ids);
        self
    }

    /// Loads states from these snapshots where they fit, and takes one whenever a stream has grown by `every` events or
    /// more since the last multiple; with 0, none is taken.
    ///
    /// What cannot be used or taken later is said in [`Handled`], and changes nothing of what is decided.
    ///
    /// # Errors
    /// [`SnapshotError::Unfit`] when not even the initial state can be kept as it is: it names what of it cannot.
    pub fn snapshots(
        self,
        snapshots: impl SnapshotStore<D::State> + 'static,
        every: u64,
    ) -> Result<Self, SnapshotError> {
        caught(|| snapshots.check(&self.decider.initial_state()))
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

    /// Handles a command, and makes the result from the state behind its events and from the events.
    ///
    /// A command with an id that has recorded events before is answered with these events, whatever would be decided now;
    /// the state is then that of today. One that was refused, or from which nothing followed, has left no trace and is
    /// decided anew.
    ///
    /// # Errors
    /// [`HandleError`].
    pub fn handle_with<R>(
        &self,
        command: impl Into<Issued<D::Command>>,
        result: impl FnOnce(&D::State, &[D::Event]) -> R,
    ) -> Result<Handled<D::Event, R>, HandleError<D::Rejection>> {
        let issued = command.into();
        let stream = (self.place)(&issued.command)?;
        self.handle_in(&stream, issued, result)
    }

    /// The same for a stream that is named here: for commands that do not tell whom they are for.
    ///
    /// # Errors
    /// [`HandleError`].
    pub fn handle_in<R>(
        &self,
        stream: &StreamName,
        command: impl Into<Issued<D::Command>>,
        result: impl FnOnce(&D::State, &[D::Event]) -> R,
    ) -> Result<Handled<D::Event, R>, HandleError<D::Rejection>> {
        let underway = self.stamps.begin(command.into());
        self.with_known(stream, |known| self.decided(stream, &underway, known, result))
    }

    /// The state of a stream, as the store has it now, with its version.
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
        self.with_known(stream, |known| {
            self.catch_up(stream, known)?;
            Ok(look(&known.state, known.version))
        })
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The decider.
    pub fn decider(&self) -> &D {
        &self.decider
    }

    /// Of how many streams a state is remembered at the moment.
    pub fn remembered(&self) -> usize {
        self.cache.remembered()
    }

    /// Takes what is known of a stream out of its slot, and puts it back behind `run`. If `run` panics, the slot stays
    /// empty, and the stream is loaded anew the next time.
    fn with_known<R, X: From<ReadError>>(
        &self,
        stream: &StreamName,
        run: impl FnOnce(&mut Known<D::State>) -> Result<R, X>,
    ) -> Result<R, X> {
        let slot = self.cache.slot(stream);
        let mut slot = lock(&slot);
        let mut known = match slot.take() {
            Some(known) => known,
            None => self.load(stream)?,
        };
        let outcome = run(&mut known);
        *slot = Some(known);
        outcome
    }

    fn decided<R>(
        &self,
        stream: &StreamName,
        underway: &Underway<D::Command>,
        known: &mut Known<D::State>,
        result: impl FnOnce(&D::State, &[D::Event]) -> R,
    ) -> Result<Handled<D::Event, R>, HandleError<D::Rejection>> {
        let mut decided = 0;
        // Whether what is known is all that there was at some moment since the command came.
        let mut current = false;
        let (events, positions, repeated, no_snapshot) = loop {
            if known.deleted && self.is_current(stream, known, &mut current)? {
                return Err(HandleError::Deleted { stream: stream.clone(), version: known.version });
            }
            decided += 1;
            let events = match self.decider.decide(&underway.command, &known.state) {
                Ok(events) if !events.is_empty() => events,
                // What is not appended is not held against the store. So see first whether there is more than we know.
                _ if !self.is_current(stream, known, &mut current)? => continue,
                nothing => match recorded_before(&self.store, stream, underway.given.as_ref())? {
                    Some((events, positions)) => break (events, Some(positions), true, None),
                    None => break (nothing.map_err(HandleError::Rejected)?, None, false, None),
                },
            };
            let batch = Batch::to(stream).expecting(known.version);
            match self.store.append(self.stamps.record(batch, underway, &events)?) {
                Ok(appended) => {
                    let positions = Some((appended.first, appended.last));
                    if appended.repeated {
                        self.catch_up(stream, known)?;
                        break (events, positions, true, None);
                    }
                    let no_snapshot = self.fold_own(stream, known, &events);
                    break (events, positions, false, no_snapshot);
                }
                Err(AppendError::Conflict(last)) if decided >= self.attempts => {
                    return Err(HandleError::Contended { decided, last: last.into() });
                }
                Err(AppendError::Conflict(_)) => {
                    self.catch_up(stream, known)?;
                    current = true;
                }
                // Today's decision is another than that of the first time.
                Err(error @ AppendError::IdTaken { .. }) => {
                    let given = underway.given.as_ref();
                    let (events, positions) = recorded_instead(&self.store, stream, given, error)?;
                    self.catch_up(stream, known)?;
                    break (events, Some(positions), true, None);
                }
                Err(error) => return Err(HandleError::Append(error.into())),
            }
        };
        let (stream, version) = (stream.clone(), known.version);
        let result = result(&known.state, &events);
        let unread_snapshot = known.unread.take();
        Ok(Handled {
            events,
            positions,
            stream,
            version,
            repeated,
            decided,
            no_snapshot,
            unread_snapshot,
            result,
        })
    }

    /// Folds the events that were just appended; says why a snapshot that was due was not taken.
    fn fold_own(
        &self,
        stream: &StreamName,
        known: &mut Known<D::State>,
        events: &[D::Event],
    ) -> Option<String> {
        let before = known.version.get();
        for event in events {
            let state = std::mem::replace(&mut known.state, self.decider.initial_state());
            known.state = self.decider.evolve(state, event);
        }
        known.version = Version::new(before + events.len() as u64);
        let (snapshots, every) = self.snapshots.as_ref()?;
        let due = before.checked_div(*every) != known.version.get().checked_div(*every);
        if !due {
            return None;
        }
        let taken = take_at(&self.store, &**snapshots, stream, known.version, &known.state);
        taken.err().map(|why| why.to_string())
    }

    /// Sees once for a command whether there is more than we know, folds it, and says whether there was nothing.
    fn is_current(
        &self,
        stream: &StreamName,
        known: &mut Known<D::State>,
        current: &mut bool,
    ) -> Result<bool, ReadError> {
        if std::mem::replace(current, true) {
            return Ok(true);
        }
        let before = known.version;
        self.catch_up(stream, known)?;
        Ok(known.version == before)
    }

    fn load(&self, stream: &StreamName) -> Result<Known<D::State>, ReadError> {
        let snapshots = self.snapshots.as_ref().map(|(snapshots, _)| &**snapshots);
        Known::load(&self.store, &self.decider, snapshots, stream)
    }

    fn catch_up(&self, stream: &StreamName, known: &mut Known<D::State>) -> Result<(), ReadError> {
        known.catch_up(&self.store, &self.decider, stream)
    }
}

impl<D: Decider, S: Debug> Debug for CommandHandler<D, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandHandler").field("store", &self.store).finish_non_exhaustive()
    }
}
