//! The decision model: a query over types and tags for each decision, in place of a stream.

use super::boundary::Boundary;
use super::event_metadata::{EventMetadata, PreparedCommand};
use super::issued::Issued;
use super::observed::{HandlerCounts, Observed};
use super::outcome::{HandleError, Handled};
use super::repeated_command::{recorded_before, recorded_instead};
use crate::decider::Decider;
use crate::recorded::{CommandId, InvalidText, Metadata, Position, Recorded, StreamName, Tag, Version};
use crate::runtime::spans;
use crate::store::{AppendError, Batch, EventStore, Query, ReadError};
use std::fmt::{self, Debug};
use std::ops::ControlFlow;
use std::sync::Arc;

type QueryOf<C> = Box<dyn Fn(&C) -> Result<Query, InvalidText> + Send + Sync>;
type StreamOf<C> = Box<dyn Fn(&C) -> Result<StreamName, InvalidText> + Send + Sync>;

/// Runs a decider on the events that a command's decision depends on: a query over types and tags, in place of a
/// stream.
///
/// The events that match are folded, the command is decided, and its events are appended on condition that no further
/// event matches. If one does, it is folded and the command is decided again. So a rule may reach over all streams, as
/// the uniqueness of a name does, and two commands conflict only if their queries overlap. Also known as a *dynamic
/// consistency boundary* (S. Pellegrini, "Killing the aggregate", 2023; dcb.events).
///
/// Each decision reads the events that match its query: O(m) for m events. So make the tags as narrow as the rule.
/// [`boundary`](DecisionModel::boundary) checks whether a query is too narrow.
///
/// ```
/// use leftfold::decider;
/// use leftfold::recorded::{StreamName, Tag};
/// use leftfold::runtime::DecisionModel;
/// use leftfold::store::{Memory, Query};
/// use serde::{Deserialize, Serialize};
///
/// struct Register { user: u32, email: String }
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Event { Registered { email: String } }
///
/// // An email is taken or not: what else happens to users does not matter.
/// let registration = decider(
///     || false,
///     |register: &Register, taken: &bool| match taken {
///         true => Err("this email is taken"),
///         false => Ok(vec![Event::Registered { email: register.email.clone() }]),
///     },
///     |_, _: &Event| true,
/// );
/// let email_tag = |email: &str| Tag::new(format!("email:{email}"));
///
/// let users = DecisionModel::new(
///     registration,
///     Memory::new(),
///     move |register: &Register| Ok(Query::of_types(["Registered"]).tag(email_tag(&register.email)?)),
///     |register| StreamName::of("user", register.user),
/// )
/// .tags(move |Event::Registered { email }| Ok(vec![email_tag(email)?]));
///
/// users.handle(Register { user: 1, email: "petra@example.org".into() })?;
/// users.handle(Register { user: 2, email: "alex@example.org".into() })?;
/// let refused = users.handle(Register { user: 3, email: "petra@example.org".into() }).unwrap_err();
/// assert_eq!(refused.rejection(), Some("this email is taken"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "DCB")]
#[doc(alias = "dynamic consistency boundary")]
pub struct DecisionModel<D: Decider, S> {
    decider: D,
    store: S,
    query_of: QueryOf<D::Command>,
    stream_of: StreamOf<D::Command>,
    event_metadata: EventMetadata<D::Command, D::Event>,
    attempts: u32,
    observed: Observed<D::Command>,
}

/// How often a command is decided by default.
const ATTEMPTS: u32 = 16;

impl<D, S> DecisionModel<D, S>
where
    D: Decider<Event: Clone, Rejection: Debug>,
    S: EventStore<D::Event>,
{
    /// A decision model: `reads` makes the query that a command's decision depends on, `stream` names the stream that
    /// its events are appended to.
    pub fn new(
        decider: D,
        store: S,
        reads: impl Fn(&D::Command) -> Result<Query, InvalidText> + Send + Sync + 'static,
        stream: impl Fn(&D::Command) -> Result<StreamName, InvalidText> + Send + Sync + 'static,
    ) -> Self {
        DecisionModel {
            decider,
            store,
            query_of: Box::new(reads),
            stream_of: Box::new(stream),
            event_metadata: EventMetadata::new(),
            attempts: ATTEMPTS,
            observed: Observed::new(),
        }
    }

    /// Tags every event with the tags that this function returns: later decisions find it by them.
    #[must_use]
    pub fn tags(
        mut self,
        tags: impl Fn(&D::Event) -> Result<Vec<Tag>, InvalidText> + Send + Sync + 'static,
    ) -> Self {
        self.event_metadata.tags = Some(Box::new(tags));
        self
    }

    /// Adds to the metadata of every event; see [`CommandHandler::enrich`](crate::runtime::CommandHandler::enrich).
    #[must_use]
    pub fn enrich(mut self, add: impl Fn(&D::Command, &mut Metadata) + Send + Sync + 'static) -> Self {
        self.event_metadata.enrichers.push(Box::new(add));
        self
    }

    /// Gives commands without an id an id from this function. Default: unique ids.
    #[must_use]
    pub fn command_ids(mut self, ids: impl Fn() -> CommandId + Send + Sync + 'static) -> Self {
        self.event_metadata.command_ids = Arc::new(ids);
        self
    }

    /// Decides a command at most `most` times when others write at the same time, and at least once. Default: 16.
    #[must_use]
    pub fn attempts(self, most: u32) -> Self {
        DecisionModel { attempts: most.max(1), ..self }
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

    /// How many commands it has handled, refused and so on since it was made.
    pub fn counts(&self) -> HandlerCounts {
        self.observed.counts()
    }

    fn version_of(&self, stream: &StreamName) -> Result<Version, ReadError> {
        Ok(self.store.stream(stream)?.map_or(Version::NONE, |stream| stream.state.version()))
    }

    /// Handles a command; see [`handle_with`](DecisionModel::handle_with).
    ///
    /// # Errors
    /// [`HandleError`].
    pub fn handle(
        &self,
        command: impl Into<Issued<D::Command>>,
    ) -> Result<Handled<D::Event>, HandleError<D::Rejection>> {
        self.handle_with(command, |_, _| ())
    }

    /// Handles a command, and makes a result from the state after its events and from the events. Repeats are answered
    /// as [`CommandHandler::handle_with`](crate::runtime::CommandHandler::handle_with) answers them.
    ///
    /// [`Handled::version`] is the version of the stream that the events were appended to. It is a condition only for a command
    /// that [expects](Issued::expecting) one.
    ///
    /// # Errors
    /// [`HandleError`].
    pub fn handle_with<R>(
        &self,
        command: impl Into<Issued<D::Command>>,
        result: impl FnOnce(&D::State, &[D::Event]) -> R,
    ) -> Result<Handled<D::Event, R>, HandleError<D::Rejection>> {
        let prepared = self.event_metadata.prepare(command.into());
        let query = self.observed.named((self.query_of)(&prepared.command))?;
        let stream = self.observed.named((self.stream_of)(&prepared.command))?;
        self.observed.handle(&stream, &prepared, |decided| {
            self.decide_and_append(stream.clone(), query, &prepared, decided, result)
        })
    }

    fn decide_and_append<R>(
        &self,
        stream: StreamName,
        query: Query,
        prepared: &PreparedCommand<D::Command>,
        decided: &mut u32,
        result: impl FnOnce(&D::State, &[D::Event]) -> R,
    ) -> Result<Handled<D::Event, R>, HandleError<D::Rejection>> {
        let (mut state, mut after) = (self.decider.initial_state(), Position::START);
        let (events, positions, repeated) = loop {
            (state, after) = spans::load(|| self.fold_on(state, &query, after))?;
            if let Some(expected) = prepared.expected {
                let version = self.version_of(&stream)?;
                if version != expected {
                    match recorded_before(&self.store, &stream, prepared.id.as_ref())? {
                        Some((events, positions)) => break (events, Some(positions), true),
                        None => return Err(HandleError::Changed { stream, expected, version }),
                    }
                }
            }
            *decided += 1;
            let events = match spans::decide(|| self.decider.decide(&prepared.command, &state)) {
                Ok(events) if !events.is_empty() => events,
                nothing => match recorded_before(&self.store, &stream, prepared.id.as_ref())? {
                    Some((events, positions)) => break (events, Some(positions), true),
                    None => break (nothing.map_err(HandleError::Rejected)?, None, false),
                },
            };
            let to = Batch::to(&stream);
            let to = match prepared.expected {
                Some(version) => to.expecting(version),
                None => to,
            };
            let batch = self.event_metadata.add_events(to, prepared, &events)?;
            let batch = batch.fail_if_events_match(query.clone(), after);
            match self.observed.append(&self.store, events.len(), batch) {
                Ok(appended) => {
                    let positions = Some((appended.first, appended.last));
                    if appended.repeated {
                        break (events, positions, true);
                    }
                    state = spans::evolve(events.len(), || self.decider.fold_from(state, &events));
                    break (events, positions, false);
                }
                Err(AppendError::Conflict(last)) if *decided >= self.attempts => {
                    return Err(HandleError::Contended { decided: *decided, last: last.into() });
                }
                Err(AppendError::Conflict(_)) => {}
                Err(error @ AppendError::IdTaken { .. }) => {
                    let given = prepared.id.as_ref();
                    let (events, positions) = recorded_instead(&self.store, &stream, given, error)?;
                    break (events, Some(positions), true);
                }
                Err(error) => return Err(HandleError::Append(error.into())),
            }
        };
        let version = self.version_of(&stream)?;
        let result = result(&state, &events);
        Ok(Handled {
            events,
            positions,
            stream,
            version,
            repeated,
            decided: *decided,
            snapshot_error: None,
            unusable_snapshot: None,
            result,
        })
    }

    /// Checks on a history whether an event that a query leaves out would change a decision.
    ///
    /// For each command, the decision on the events that match its query is compared with the decision on these and
    /// further events of the history. If the two differ, the boundary is too narrow, and the answer names the command
    /// and the fewest further events that were found to matter. The check is as good as the history and the commands
    /// are.
    ///
    /// The fold has to see from an event what the event is about. A fold that relies on its query to leave out all
    /// other emails cannot be checked with other events.
    ///
    /// ```
    /// # use leftfold::decider;
    /// # use leftfold::recorded::{StreamName, Tag};
    /// # use leftfold::runtime::DecisionModel;
    /// # use leftfold::store::{Memory, Query, Reading};
    /// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    /// # enum Event { Registered { user: u32 }, Left { user: u32 } }
    /// // A user who has left may register again. But the query does not read the events of leaving.
    /// let members = DecisionModel::new(
    ///     decider(
    ///         || false,
    ///         |user: &u32, member: &bool| match member {
    ///             true => Err("is a member"),
    ///             false => Ok(vec![Event::Registered { user: *user }]),
    ///         },
    ///         |_, event: &Event| matches!(event, Event::Registered { .. }),
    ///     ),
    ///     Memory::new(),
    ///     |user| Ok(Query::of_types(["Registered"]).tag(Tag::new(format!("user:{user}"))?)),
    ///     |user| StreamName::of("user", user),
    /// )
    /// .tags(|event| match event {
    ///     Event::Registered { user } | Event::Left { user } => Ok(vec![Tag::new(format!("user:{user}"))?]),
    /// });
    /// # use leftfold::store::{Batch, EventStore, NewEvent};
    /// # let record = |event| NewEvent::of(event).tag(Tag::new("user:1").unwrap());
    /// # let user = StreamName::of("user", 1)?;
    /// members.handle(1)?;
    /// members.store().append(Batch::to(&user).record(record(Event::Left { user: 1 })))?;
    ///
    /// let history = members.store().all(Query::all())?;
    /// let boundary = members.boundary(&history, [1])?;
    /// assert_eq!(boundary.too_narrow[0].matter, [history[1].clone()]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidText`] when no query can be made of a command.
    pub fn boundary(
        &self,
        history: &[Recorded<D::Event>],
        commands: impl IntoIterator<Item = D::Command>,
    ) -> Result<Boundary<D>, InvalidText>
    where
        D::Event: PartialEq,
        D::Rejection: PartialEq,
    {
        Boundary::of(&self.decider, history, commands, &self.query_of)
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Folds the events that match after a position. Returns the state and the end of the log.
    fn fold_on(
        &self,
        state: D::State,
        query: &Query,
        after: Position,
    ) -> Result<(D::State, Position), ReadError> {
        let mut state = Some(state);
        let head = self.store.visit(&query.clone().after(after), &mut |entry| {
            if let Some(event) = entry.event() {
                state = state.take().map(|state| self.decider.evolve(state, event));
            }
            ControlFlow::Continue(())
        })?;
        // The state is missing only while `evolve` runs, and a panic there does not return here.
        Ok((state.unwrap_or_else(|| self.decider.initial_state()), head))
    }
}

impl<D: Decider, S: Debug> Debug for DecisionModel<D, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecisionModel").field("store", &self.store).finish_non_exhaustive()
    }
}
