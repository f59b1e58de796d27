//! The command bus: routes by name, handled now or recorded for later, with middleware around them.

use super::BusError;
use crate::message::{Message, Name};
use crate::recorded::{CausationId, CorrelationId, EventId, Position, StreamName};
use crate::runtime::Issued;
use crate::runtime::panics::lock;
use crate::store::{AppendError, Batch, EventStore, NewEvent};
use serde::Serialize;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::thread::{self, ThreadId};

type Handle<C, R> = Box<dyn Fn(Issued<C>) -> R + Send + Sync>;
type Record<C> = Box<dyn Fn(Issued<C>) -> Result<Position, AppendError> + Send + Sync>;
type Around<C, R> = Box<dyn Fn(Issued<C>, &dyn Fn(Issued<C>) -> R) -> R + Send + Sync>;

/// What a route does with a command.
enum Route<C, R> {
    Now(Handle<C, R>),
    Later(Record<C>),
}

/// Which commands a route takes.
enum Selected {
    All,
    Under(String),
    Named(Vec<String>),
}

/// The routes of a command bus that has not been started; made by [`CommandBus::routes`].
#[must_use = "routes do nothing before the bus is started"]
pub struct CommandRoutes<C, R> {
    routes: Vec<(Selected, Route<C, R>)>,
    around: Vec<Around<C, R>>,
}

/// Takes every command to its one handler.
///
/// Each name of the command type has exactly one route, or the bus does not [start](CommandRoutes::start). A command
/// that is sent while the same thread handles another waits until that one is done. So nobody decides in the middle of
/// another decision.
///
/// ```
/// use leftfold::runtime::{CommandBus, Issued, Sent};
/// use serde::{Deserialize, Serialize};
/// use std::sync::{Arc, Mutex, OnceLock};
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Command { Pay, Ship }
///
/// let log = Arc::new(Mutex::new(Vec::new()));
/// let bus: Arc<OnceLock<CommandBus<Command, &'static str>>> = Arc::default();
/// let (bus_of_paying, paying, shipping) = (bus.clone(), log.clone(), log.clone());
/// let started = CommandBus::routes()
///     .handle(["Pay"], move |_| {
///         let sent = bus_of_paying.get().unwrap().send(Command::Ship).unwrap();
///         assert_eq!(sent, Sent::Queued);
///         paying.lock().unwrap().push("paid");
///         "paid"
///     })
///     .handle(["Ship"], move |_| {
///         shipping.lock().unwrap().push("shipped");
///         "shipped"
///     })
///     // A middleware is a function around the next one.
///     .around(|issued, next| next(issued.header("by", "petra")))
///     .start()?;
/// let bus = bus.get_or_init(|| started);
/// assert_eq!(bus.send(Command::Pay)?, Sent::Handled { answer: "paid", followed: vec!["shipped"] });
/// assert_eq!(*log.lock().unwrap(), ["paid", "shipped"]);
///
/// let forgotten = CommandBus::<Command, ()>::routes().handle(["Pay"], |_| ()).start().unwrap_err();
/// assert_eq!(forgotten.to_string(), "nobody handles Ship: give it a route");
/// # Ok::<(), leftfold::runtime::BusError>(())
/// ```
pub struct CommandBus<C, R> {
    routes: Vec<Route<C, R>>,
    /// The index of the route of each name.
    by_name: HashMap<Name, usize>,
    around: Vec<Around<C, R>>,
    /// The command that each thread is handling, and those that wait for it.
    current_commands: Mutex<HashMap<ThreadId, CurrentCommand<C>>>,
}

/// The command that a thread is handling: what its followers inherit, and those that wait.
struct CurrentCommand<C> {
    correlation: Option<CorrelationId>,
    causation: Option<CausationId>,
    queued: VecDeque<Issued<C>>,
}

impl<C> CurrentCommand<C> {
    fn of(issued: &Issued<C>) -> Self {
        let id = issued.id.as_ref();
        let begun = || id.map(|id| CorrelationId::known(id.text()));
        CurrentCommand {
            correlation: issued.metadata.correlation_id.clone().or_else(begun),
            causation: id.map(|id| CausationId::known(id.text())),
            queued: VecDeque::new(),
        }
    }

    fn inherit_to(&self, issued: &mut Issued<C>) {
        let metadata = &mut issued.metadata;
        metadata.correlation_id = metadata.correlation_id.take().or_else(|| self.correlation.clone());
        metadata.causation_id = metadata.causation_id.take().or_else(|| self.causation.clone());
    }
}

/// What became of a command that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Sent<R> {
    /// It was handled.
    Handled {
        /// What its handler answered.
        answer: R,
        /// The answers of the commands that were sent meanwhile, in order.
        followed: Vec<R>,
    },
    /// This thread is handling another command; this one is handled after it.
    Queued,
    /// It was recorded at this position of the log of commands, to be handled later.
    Recorded(Position),
}

impl<R> Sent<R> {
    /// The answer, if there is one yet.
    pub fn answer(self) -> Option<R> {
        match self {
            Sent::Handled { answer, .. } => Some(answer),
            Sent::Queued | Sent::Recorded(_) => None,
        }
    }
}

impl<C, R> CommandRoutes<C, R> {
    /// Handles the commands of these names with this function. A name is that of the message (`Pay`), with its path if
    /// it is under an umbrella (`order.Pay`).
    pub fn handle<N: Into<String>>(
        self,
        names: impl IntoIterator<Item = N>,
        handle: impl Fn(Issued<C>) -> R + Send + Sync + 'static,
    ) -> Self {
        let names = names.into_iter().map(Into::into).collect();
        self.route(Selected::Named(names), Route::Now(Box::new(handle)))
    }

    /// Handles all commands of one part of an umbrella (`order`) with this function.
    pub fn part(self, path: &str, handle: impl Fn(Issued<C>) -> R + Send + Sync + 'static) -> Self {
        self.route(Selected::Under(format!("{path}.")), Route::Now(Box::new(handle)))
    }

    /// Handles all commands with this function.
    pub fn all(self, handle: impl Fn(Issued<C>) -> R + Send + Sync + 'static) -> Self {
        self.route(Selected::All, Route::Now(Box::new(handle)))
    }

    /// Records the commands of these names in a log of commands, instead of handling them: an asynchronous route. The
    /// sender goes on at once and knows that the command will be handled: an
    /// [`outbox`](crate::runtime::projections::outbox()) over that log hands it over, also after a crash.
    /// [`Issued::recorded`] turns what is handed over into a command again, under the id it was sent with.
    pub fn later<N: Into<String>>(
        self,
        names: impl IntoIterator<Item = N>,
        log: impl EventStore<C> + Send + Sync + 'static,
        stream: StreamName,
    ) -> Self {
        let names = names.into_iter().map(Into::into).collect();
        let record = move |issued: Issued<C>| {
            let Issued { command, id, metadata, expected: _ } = issued;
            let id = id.map(|id| EventId::known(id.text()));
            let new = NewEvent { event: command, id, tags: Vec::new(), metadata };
            Ok(log.append(Batch::to(&stream).record(new))?.first)
        };
        self.route(Selected::Named(names), Route::Later(Box::new(record)))
    }

    /// Runs this function around every handler: it gets the command and the next function. The first function that is
    /// added is outermost. It does not run when a command is only recorded; it runs when the command is handled.
    pub fn around(
        mut self,
        around: impl Fn(Issued<C>, &dyn Fn(Issued<C>) -> R) -> R + Send + Sync + 'static,
    ) -> Self {
        self.around.push(Box::new(around));
        self
    }

    fn route(mut self, selected: Selected, route: Route<C, R>) -> Self {
        self.routes.push((selected, route));
        self
    }

    /// Starts the bus.
    ///
    /// # Errors
    /// [`BusError`] when a command has no route or two, when a route names a command that does not exist, or when the
    /// names of the type cannot be read.
    pub fn start(self) -> Result<CommandBus<C, R>, BusError>
    where
        C: Message,
    {
        let names = C::names()?;
        let existing = || names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mut by_name = HashMap::new();
        let mut routes = Vec::new();
        for (selected, route) in self.routes {
            let taken: Vec<&Name> = match &selected {
                Selected::All => names.iter().collect(),
                Selected::Under(path) => {
                    names.iter().filter(|name| name.to_string().starts_with(path)).collect()
                }
                Selected::Named(wanted) => {
                    if let Some(name) = wanted
                        .iter()
                        .find(|name| !names.iter().any(|existing| existing.to_string() == **name))
                    {
                        return Err(BusError::UnknownMessage { name: name.clone(), known: existing() });
                    }
                    names.iter().filter(|name| wanted.contains(&name.to_string())).collect()
                }
            };
            if let (Selected::Under(path), true) = (&selected, taken.is_empty()) {
                return Err(BusError::UnknownMessage { name: format!("{path}…"), known: existing() });
            }
            for name in taken {
                if by_name.insert(name.clone(), routes.len()).is_some() {
                    return Err(BusError::TwoHandlers { name: name.to_string() });
                }
            }
            routes.push(route);
        }
        if let Some(name) = names.iter().find(|name| !by_name.contains_key(*name)) {
            return Err(BusError::NoHandler { name: name.to_string() });
        }
        Ok(CommandBus { routes, by_name, around: self.around, current_commands: Mutex::default() })
    }
}

impl<C: Message, R> CommandBus<C, R> {
    /// The routes of a bus that is to be started.
    pub fn routes() -> CommandRoutes<C, R> {
        CommandRoutes { routes: Vec::new(), around: Vec::new() }
    }

    /// Sends a command to its handler.
    ///
    /// A command that is sent while its thread handles another waits, and inherits its conversation unless it has one.
    /// If a handler panics, the commands that wait are handled, and then the panic goes on to the sender.
    ///
    /// # Errors
    /// [`BusError::NotRecorded`] when the command should have been recorded and was not; [`BusError::ExpectsVersion`] when it
    /// should be recorded and expects a version; [`BusError::NoNames`] and
    /// [`BusError::NoHandler`] when a message has a name that its type does not list.
    pub fn send(&self, command: impl Into<Issued<C>>) -> Result<Sent<R>, BusError> {
        let mut issued = command.into();
        let handle = match self.route_of(&issued.command)? {
            Route::Now(handle) => handle,
            Route::Later(_) if issued.expected.is_some() => return Err(BusError::ExpectsVersion),
            Route::Later(record) => {
                self.inherit(&mut issued);
                let recorded = record(issued).map_err(|why| BusError::NotRecorded(Box::new(why)))?;
                return Ok(Sent::Recorded(recorded));
            }
        };
        let me = thread::current().id();
        if let Some(current) = lock(&self.current_commands).get_mut(&me) {
            current.inherit_to(&mut issued);
            current.queued.push_back(issued);
            return Ok(Sent::Queued);
        }
        let current = CurrentCommand::of(&issued);
        lock(&self.current_commands).insert(me, current);
        // Also after a panic of a handler, the thread handles nothing any more.
        let _end = EndOfHandling { bus: self, thread: me };
        let answer = self.run(issued, handle);
        let (mut followed, mut panicked) = (Vec::new(), None);
        while let Some(issued) = self.next(me) {
            // Only commands with a handler are queued.
            if let Route::Now(handle) = self.route_of(&issued.command)? {
                match self.run(issued, handle) {
                    Ok(answer) => followed.push(answer),
                    Err(panic) => panicked = panicked.or(Some(panic)),
                }
            }
        }
        match (answer, panicked) {
            (Ok(answer), None) => Ok(Sent::Handled { answer, followed }),
            (Err(panic), _) | (Ok(_), Some(panic)) => resume_unwind(panic),
        }
    }

    /// The next command that waits for a thread.
    fn next(&self, thread: ThreadId) -> Option<Issued<C>> {
        let mut current_commands = lock(&self.current_commands);
        let current = current_commands.get_mut(&thread)?;
        let issued = current.queued.pop_front()?;
        let queued = std::mem::take(&mut current.queued);
        *current = CurrentCommand { queued, ..CurrentCommand::of(&issued) };
        Some(issued)
    }

    /// Makes a command part of the conversation that this thread is handling.
    fn inherit(&self, issued: &mut Issued<C>) {
        if let Some(current) = lock(&self.current_commands).get(&thread::current().id()) {
            current.inherit_to(issued);
        }
    }

    fn route_of(&self, command: &C) -> Result<&Route<C, R>, BusError> {
        let name = command.name()?;
        let route = self.by_name.get(&name).ok_or_else(|| BusError::NoHandler { name: name.to_string() })?;
        Ok(&self.routes[*route])
    }

    /// Runs a handler. Its panic is returned, so that other commands still reach their handlers.
    fn run(&self, issued: Issued<C>, handle: &Handle<C, R>) -> thread::Result<R> {
        fn layers<C, R>(around: &[Around<C, R>], issued: Issued<C>, handle: &Handle<C, R>) -> R {
            match around.split_first() {
                Some((first, inner)) => first(issued, &|issued| layers(inner, issued, handle)),
                None => handle(issued),
            }
        }
        catch_unwind(AssertUnwindSafe(|| layers(&self.around, issued, handle)))
    }
}

/// Ends what a thread is handling.
struct EndOfHandling<'b, C, R> {
    bus: &'b CommandBus<C, R>,
    thread: ThreadId,
}

impl<C, R> Drop for EndOfHandling<'_, C, R> {
    fn drop(&mut self) {
        lock(&self.bus.current_commands).remove(&self.thread);
    }
}

impl<C, R> fmt::Debug for CommandBus<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandBus").field("routes", &self.routes.len()).finish_non_exhaustive()
    }
}

impl<C, R> fmt::Debug for CommandRoutes<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandRoutes").field("routes", &self.routes.len()).finish_non_exhaustive()
    }
}
