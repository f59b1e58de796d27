//! A projection as a value: a name, a query, a read model, and how it is run.

use crate::recorded::{Envelope, Position, Recorded, StreamName, Tag, Version};
use crate::store::{EventReader, EventStore, Filter, NewEvent, Query, Read, ReadError};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

type Emit<M, E> = Box<dyn Fn(&M, &Envelope, &E) -> Vec<Emission<E>> + Send>;

/// A view that is kept up to date: a name, the events it follows, and the read model that applies them.
///
/// It is a value; a [`Runner`](crate::runtime::Runner) runs it.
///
/// ```
/// use leftfold::recorded::StreamName;
/// use leftfold::runtime::{Folded, Projection, Runner};
/// use leftfold::store::{Batch, EventStore, Memory, Query};
/// use leftfold::view;
/// use serde::{Deserialize, Serialize};
/// use std::sync::Arc;
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Event { Deposited(u64), Withdrawn(u64) }
///
/// let takings = view(|| 0, |sum: u64, event: &Event| match event {
///     Event::Deposited(amount) => sum + amount,
///     Event::Withdrawn(_) => sum,
/// });
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let store = Arc::new(Memory::new());
/// store.append(Batch::to(&StreamName::of("account", 1)?).events([Event::Deposited(7), Event::Withdrawn(2)]))?;
///
/// let projection = Projection::new("takings", Query::category("account")?, Folded::of(takings));
/// let mut runner = Runner::open(projection, store.clone(), folder)?;
/// runner.run_once()?;
/// assert_eq!(runner.model().look(|sum| *sum), 7);
/// assert_eq!(runner.status().lag, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "Projector")]
#[must_use = "a projection is a value: nothing is run before a runner is opened"]
pub struct Projection<M, E> {
    pub(in crate::runtime) name: String,
    pub(in crate::runtime) query: Query,
    pub(in crate::runtime) filters: Vec<Filter>,
    pub(in crate::runtime) after: Position,
    pub(in crate::runtime) from_the_start: bool,
    pub(in crate::runtime) model: M,
    pub(in crate::runtime) on_poison: OnPoison,
    pub(in crate::runtime) commit_every: usize,
    /// Whether `commit_every` was set by the user, and is kept however long a commit takes.
    pub(in crate::runtime) exact_commit_every: bool,
    pub(in crate::runtime) commit_after: Duration,
    pub(in crate::runtime) emits: Option<Emits<M, E>>,
}

pub(in crate::runtime) struct Emits<M, E> {
    pub(in crate::runtime) store: Arc<dyn EventStore<E> + Send + Sync>,
    pub(in crate::runtime) emit: Emit<M, E>,
}

/// What a projection does about an event that it cannot apply: one that cannot be read, that the read model refuses, or
/// over which it panics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnPoison {
    /// It stops before the event, with all events before it committed, and its status says where and why.
    #[default]
    Stop,
    /// It skips the event, and lists it in its status.
    Skip,
    /// Like `Stop`, but a runner that is kept running tries again after this time. For read models that may fail for a
    /// while.
    Retry(Duration),
}

impl<M, E> Projection<M, E> {
    /// A projection of the events that match a query. Its checkpoint, its lock, and the stream that it
    /// [emits](Projection::emitting) to have its name.
    ///
    /// The checkpoint of a [`Folded`](crate::runtime::Folded) holds a hash of the query and the filters. With others under the
    /// same name, the state is folded again from the log, and
    /// [`Status::unusable_state`](crate::runtime::Status::unusable_state) says so.
    pub fn new(name: impl Into<String>, query: Query, model: M) -> Self {
        Projection {
            name: name.into(),
            query,
            filters: Vec::new(),
            after: Position::START,
            from_the_start: false,
            model,
            on_poison: OnPoison::Stop,
            commit_every: 10_000,
            exact_commit_every: false,
            commit_after: Duration::from_secs(1),
            emits: None,
        }
    }

    /// Only entries whose envelope passes this filter, as the headers of its metadata do. With several filters, an entry has to
    /// pass all of them. An event that a filter cannot be asked about, because it compares unlike values, cannot be
    /// [applied](OnPoison).
    ///
    /// A state that was committed with other filters is folded again from the log, as one of [another query](Projection::new) is.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// The events that it reads.
    pub(in crate::runtime) fn read(&self) -> Read {
        self.filters.iter().cloned().fold(Read::from(&self.query), Read::filter)
    }

    /// If nothing is committed yet, begins after this position. Default: at the start.
    pub fn after(self, position: Position) -> Self {
        Projection { after: position, ..self }
    }

    /// Deletes the stored state when a runner is opened, and begins from the start. A stored state of another log is
    /// deleted too; without this call, no runner is opened on it.
    pub fn from_the_start(self) -> Self {
        Projection { from_the_start: true, ..self }
    }

    /// What to do about an event that cannot be applied. Default: stop.
    pub fn on_poison(self, on_poison: OnPoison) -> Self {
        Projection { on_poison, ..self }
    }

    /// Commits whenever this number of events was applied. After a crash, the events since the last commit are applied
    /// again.
    ///
    /// Default: 10,000, and later if commits take long, so that they take no more than a twentieth of the time. A
    /// number that is set here is kept, however long a commit takes.
    pub fn commit_every(self, events: usize) -> Self {
        Projection { commit_every: events.max(1), exact_commit_every: true, ..self }
    }

    /// The shortest time between two commits of a runner that has caught up and is kept running. Default: a second, and
    /// longer if commits take long, so that they take no more than a twentieth of the time. Zero commits at once. The
    /// end of a run always commits.
    pub fn commit_after(self, time: Duration) -> Self {
        Projection { commit_after: time, ..self }
    }

    /// Appends the events that the function makes of each event, after the read model has applied it: to the
    /// projection's own stream, or a link to the event in another stream.
    ///
    /// The ids of emitted events are made of the projection's name and the position of the event they come from, and
    /// they are appended before the position is committed. So after a crash the same events are emitted again, the
    /// store recognises them, and position and emitted events agree. The function has to emit the same for the same
    /// event; if it does not, the projection stops with [`RunnerError::Emit`](crate::runtime::RunnerError::Emit). For
    /// the same reason, nothing is emitted twice after a reset. A projection does not apply events that it has emitted.
    ///
    /// Each emitted event has the correlation id of the event it comes from, that event as its cause, and its headers
    /// `traceparent` and `tracestate`, if it has them: so a [trace](crate::runtime#traces) goes on through a projection.
    ///
    /// ```
    /// use leftfold::recorded::StreamName;
    /// use leftfold::runtime::{Emission, Folded, Link, Projection, Runner};
    /// use leftfold::store::{Batch, EventStore, Memory, Query, Reading};
    /// use leftfold::{sum, view};
    /// use serde::{Deserialize, Serialize};
    /// use std::sync::Arc;
    ///
    /// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    /// pub enum Sale { Sold { city: String } }
    /// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    /// pub struct HundredthSale;
    ///
    /// sum! { #[derive(Clone, Debug, PartialEq)] pub enum Event { Sale(Sale), Hundredth(HundredthSale), Link(Link) } }
    ///
    /// let store = Arc::new(Memory::<Event>::new());
    /// let count = view(|| 0, |count: u32, _: &Event| count + 1);
    /// let projection = Projection::new("sales", Query::category("shop")?, Folded::of(count)).emitting(
    ///     store.clone(),
    ///     |count, envelope, event| {
    ///         let Event::Sale(Sale::Sold { city }) = event else { return vec![] };
    ///         let mut emitted = vec![];
    ///         if count.look(|count| count % 100 == 0) {
    ///             emitted.push(Emission::own(HundredthSale));
    ///         }
    ///         if let Ok(in_city) = StreamName::of("city", city) {
    ///             emitted.push(Emission::link_to(in_city, envelope));
    ///         }
    ///         emitted
    ///     },
    /// );
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// let sold = Sale::Sold { city: "Bernau".into() };
    /// store.append(Batch::to(&StreamName::of("shop", 1)?).event(sold.clone().into()))?;
    /// Runner::open(projection, store.clone(), folder)?.run_once()?;
    ///
    /// let linked = store.all(Query::stream(&StreamName::of("city", "Bernau")?))?;
    /// let Event::Link(link) = &linked[0].event else { panic!("it is a link") };
    /// assert_eq!(link.follow(&store)?.map(|found| found.event), Some(sold.into()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn emitting(
        self,
        store: impl EventStore<E> + Send + Sync + 'static,
        emit: impl Fn(&M, &Envelope, &E) -> Vec<Emission<E>> + Send + 'static,
    ) -> Self {
        Projection { emits: Some(Emits { store: Arc::new(store), emit: Box::new(emit) }), ..self }
    }

    /// The read model.
    pub fn model(&self) -> &M {
        &self.model
    }
}

/// An event that a projection emits.
#[derive(Clone, Debug, PartialEq)]
pub struct Emission<E> {
    /// The stream it goes to; `None` for the projection's own stream.
    pub(in crate::runtime) stream: Option<StreamName>,
    pub(in crate::runtime) event: NewEvent<E>,
}

impl<E> Emission<E> {
    /// An event in the projection's own stream, which has the projection's name.
    pub fn own(event: impl Into<E>) -> Emission<E> {
        Emission { stream: None, event: NewEvent::of(event.into()) }
    }

    /// A link to the event in this envelope, in another stream.
    #[doc(alias = "linkTo")]
    pub fn link_to(stream: StreamName, envelope: &Envelope) -> Emission<E>
    where
        E: From<Link>,
    {
        Emission { stream: Some(stream), event: NewEvent::of(Link::to(envelope).into()) }
    }

    /// With this tag.
    #[must_use]
    pub fn tag(self, tag: Tag) -> Self {
        Emission { event: self.event.tag(tag), ..self }
    }
}

/// An event that points to another: a stream of links gathers events of several streams without repeating them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Link {
    /// The position of the event in the log.
    pub position: Position,
    /// Its stream.
    pub stream: StreamName,
    /// Its version in that stream.
    pub version: Version,
}

impl Link {
    /// A link to the event in this envelope.
    pub fn to(envelope: &Envelope) -> Link {
        Link { position: envelope.position, stream: envelope.stream.clone(), version: envelope.version }
    }

    /// The event that it points to, if it is in this store.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn follow<E: Clone>(&self, store: &impl EventReader<E>) -> Result<Option<Recorded<E>>, ReadError> {
        let there = Query::stream(&self.stream).starting_at(self.position).until(self.position);
        Ok(store.read(&there)?.into_iter().next())
    }
}

impl<M: fmt::Debug, E> fmt::Debug for Projection<M, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Projection { name, query, model, .. } = self;
        f.debug_struct("Projection")
            .field("name", name)
            .field("query", query)
            .field("model", model)
            .finish_non_exhaustive()
    }
}
