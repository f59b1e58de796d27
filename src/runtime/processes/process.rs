//! Running a process manager: the process as a value, its runner, and how it dispatches what is due.

use super::retries::Retries;
use super::to_do_list::{DueItem, Identify, OwedItem, OwedItems, ToDoList, Trouble};
use crate::page::with_sources;
use crate::process::ProcessManager;
use crate::recorded::{CausationId, CommandId, Envelope, Metadata, Timestamp};
use crate::runtime::panics::{catching_panics, lock};
use crate::runtime::projections::running::Run;
use crate::runtime::spans;
use crate::runtime::trace_context::trace_headers_at;
use crate::runtime::{
    Cause, CheckpointPlace, Controls, Issued, OnPoison, OwedCounts, Projection, Runner, RunnerError, Status,
};
use crate::store::{Clock, EventReader, Query, system_clock};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A process manager that is run: a name, the events it follows, and how its commands are tried.
///
/// It is a value; a [`ProcessRunner`] runs it.
#[must_use = "a process is a value: nothing is run before a runner is opened"]
pub struct Process<P: ProcessManager> {
    name: String,
    query: Query,
    process: P,
    identify: Identify<P::Event>,
    clock: Clock,
    retries: Retries,
    revision: u32,
    commit_after: Duration,
    from_the_start: bool,
}

impl<P: ProcessManager> fmt::Debug for Process<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process")
            .field("name", &self.name)
            .field("query", &self.query)
            .finish_non_exhaustive()
    }
}

impl<P: ProcessManager> Process<P> {
    /// One process manager for all events that match a query.
    ///
    /// With another query under the same name, the list is folded again from the log,
    /// [`Status::unusable_state`](crate::runtime::Status::unusable_state) says so, and what is owed then is issued again,
    /// under the same ids.
    pub fn new(name: impl Into<String>, query: Query, process: P) -> Self {
        Process {
            name: name.into(),
            query,
            process,
            identify: Box::new(|_, _| Some(String::new())),
            clock: system_clock(),
            retries: Retries::default(),
            revision: 1,
            commit_after: Duration::from_secs(1),
            from_the_start: false,
        }
    }

    /// Deletes the stored state when a runner is opened, and folds the log from the start. A stored state of another
    /// log is deleted too; without this call, no runner is opened on it. What is owed then is issued again, under the
    /// same ids.
    pub fn from_the_start(self) -> Self {
        Process { from_the_start: true, ..self }
    }

    /// One instance of the process manager for each identity. The function reads the identity from an event; events
    /// without one are skipped. An event then costs a look at the list of one instance, and not at all lists.
    ///
    /// Often it is the [id](crate::recorded::StreamName::id) in the name of the stream:
    /// `per_identity(|envelope, _| envelope.stream.id().map(str::to_string))`.
    pub fn per_identity(
        self,
        identity: impl Fn(&Envelope, &P::Event) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Process { identify: Box::new(identity), ..self }
    }

    /// The clock for deadlines ([`Due::At`](crate::process::Due::At)) and retries. Default: the clock of the system.
    pub fn clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Process { clock: Arc::new(clock), ..self }
    }

    /// How often to try commands that fail, and when. Default: [`Retries::default`].
    pub fn retries(self, retries: Retries) -> Self {
        Process { retries, ..self }
    }

    /// The revision of the process manager's fold; see [`Folded::revision`](crate::runtime::Folded::revision). Default:
    /// 1.
    pub fn revision(self, revision: u32) -> Self {
        Process { revision, ..self }
    }

    /// The shortest time between two commits of a runner that is kept running. Default: a second, and longer if commits
    /// take long, so that they take no more than a twentieth of the time, because a commit writes the states of all
    /// instances. The end of a run always commits. After a crash, the events since the last commit are folded again,
    /// and what was owed then is issued again, under the same ids.
    pub fn commit_after(self, time: Duration) -> Self {
        Process { commit_after: time, ..self }
    }

    /// The items that were owed at the last commit; empty if no stored state can be used. For programs that read while
    /// another program runs the process manager.
    ///
    /// # Errors
    /// The error of the file system.
    pub fn committed(self, folder: impl AsRef<Path>) -> io::Result<Vec<OwedItem>>
    where
        P::State: Serialize + DeserializeOwned,
    {
        let mut list = ToDoList::of(self.process, self.identify, self.revision);
        list.read(&CheckpointPlace::of(folder.as_ref(), &self.name).of_events(&self.query, &[]))?;
        Ok(list.owed_items().all())
    }
}

/// Runs a [`Process`]: folds events, and dispatches the commands that are owed.
///
/// Each item is done at least once. The runner folds the log into the to-do list, and gives the command of each item
/// that is due to `dispatch`, once since the runner was opened. The item leaves the list when the event that settles it
/// is folded. After a restart, the items that are still owed are issued again. So each command carries an id made of
/// the process's name, the item's key, and the position of the event that put it on the list. A
/// [`CommandHandler`](crate::runtime::CommandHandler) recognises repeats by these ids. An item that is settled and owed
/// again later is another item with another id.
///
/// Each command has the correlation id of the event that put its item on the list, that event as its cause, and the event's
/// headers `traceparent` and `tracestate`, if it has them: so a [trace](crate::runtime#traces) goes on through a process manager.
/// They are passed on as they are. No other header is. Of an item from before the runner was opened, they are read from the log.
///
/// States are stored as [`Folded`](crate::runtime::Folded) stores them. While a state cannot be stored as it is,
/// nothing more is dispatched, and the status names the part that cannot. An event after which a key would be owed twice
/// at once cannot be applied: the run ends before it with [`RunnerError::Poison`].
///
/// A command that fails or is refused is tried again after a while, and finally parked with its cause. It stays on the
/// list ([`owed`](ProcessRunner::owed)) until it is [released](ProcessRunner::release), and no other item waits for it.
/// A panic in `dispatch`, or of the process manager when it is asked for the command, counts as a failure. No failure of a
/// command is an error of the run: [`Status::owed`] counts the items that are failing, parked, and accepted but not settled.
///
/// ```
/// use leftfold::recorded::StreamName;
/// use leftfold::runtime::{CommandHandler, Process, ProcessRunner};
/// use leftfold::store::{Memory, Query};
/// use leftfold::{Owed, decider, process_manager};
/// use serde::{Deserialize, Serialize};
/// use std::sync::Arc;
///
/// enum Command { Pay, Ship }
/// #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
/// enum Event { Paid, Shipped }
///
/// let order = decider(
///     || None,
///     |command: &Command, last: &Option<Event>| match (command, last) {
///         (Command::Pay, None) => Ok(vec![Event::Paid]),
///         (Command::Ship, Some(Event::Paid)) => Ok(vec![Event::Shipped]),
///         _ => Err("not now"),
///     },
///     |_, event: &Event| Some(*event),
/// );
/// let shipping = process_manager(
///     || false,
///     |_, event: &Event| *event == Event::Paid,
///     |paid: &bool| if *paid { vec![Owed::now("ship", Command::Ship)] } else { vec![] },
/// );
///
/// let stream = StreamName::of("order", 17)?;
/// let orders = Arc::new(CommandHandler::in_one_stream(order, Arc::new(Memory::new()), stream.clone()));
/// orders.handle(Command::Pay)?;
///
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let (store, handler) = (orders.store().clone(), orders.clone());
/// let process = Process::new("shipping", Query::category("order")?, shipping);
/// let mut runner = ProcessRunner::open(process, store, folder, move |ship| {
///     handler.handle(ship)?;
///     Ok(())
/// })?;
/// runner.run_once()?;
/// assert_eq!(orders.look(&stream, |last, _| *last)?, Some(Event::Shipped));
/// assert!(runner.owed().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ProcessRunner<P: ProcessManager, S, X> {
    runner: Runner<P::Event, ToDoList<P>, S>,
    dispatcher: Dispatcher<X>,
}

debug_by_name!([P: ProcessManager, S, X] ProcessRunner<P, S, X>, "ProcessRunner");

/// Issues commands, and decides when to try again.
struct Dispatcher<X> {
    name: String,
    dispatch: X,
    clock: Clock,
    retries: Retries,
    shared: Arc<Mutex<SharedList>>,
}

#[derive(Default)]
struct SharedList {
    owed_items: OwedItems,
    releases: Vec<(String, String)>,
    /// How often a command was refused.
    refused: u64,
}

impl SharedList {
    /// What these items are, and how often a command was refused.
    fn counts(&self, owed_items: &OwedItems) -> OwedCounts {
        OwedCounts { refused: self.refused, ..owed_items.counts() }
    }
}

/// Controls a process runner from other threads, and shows what it owes.
#[derive(Clone)]
pub struct ProcessControls {
    controls: Controls,
    shared: Arc<Mutex<SharedList>>,
}

debug_by_name!([] ProcessControls, "ProcessControls");

impl ProcessControls {
    /// Its status. What it [owes](Status::owed) is what it owed when it last looked.
    pub fn status(&self) -> Status {
        let shared = lock(&self.shared);
        Status { owed: Some(shared.counts(&shared.owed_items)), ..self.controls.status() }
    }

    /// The items that it owed when it last looked.
    pub fn owed(&self) -> Vec<OwedItem> {
        let owed_items = lock(&self.shared).owed_items.clone();
        owed_items.all()
    }

    /// Releases a parked item, so that it is tried again.
    pub fn release(&self, identity: impl Into<String>, key: impl Into<String>) {
        lock(&self.shared).releases.push((identity.into(), key.into()));
    }

    /// Ends the run.
    pub fn stop(&self) {
        self.controls.stop();
    }
}

impl<P, S, X> ProcessRunner<P, S, X>
where
    P: ProcessManager<State: Serialize + DeserializeOwned + PartialEq, Event: 'static>,
    S: EventReader<P::Event>,
    X: Fn(Issued<P::Command>) -> Result<(), Cause>,
{
    /// Opens a runner of this process, which gives the commands that are due to `dispatch`. The folder holds its
    /// checkpoint and its lock.
    ///
    /// # Errors
    /// [`RunnerError`] when another runner has the name, when the stored state is of another log, or when something
    /// cannot be read.
    pub fn open(
        process: Process<P>,
        store: S,
        folder: impl AsRef<Path>,
        dispatch: X,
    ) -> Result<Self, RunnerError> {
        let Process {
            name,
            query,
            process,
            identify,
            clock,
            retries,
            revision,
            commit_after,
            from_the_start,
        } = process;
        let list = ToDoList::of(process, identify, revision);
        let projection =
            Projection::new(name.clone(), query, list).on_poison(OnPoison::Stop).commit_after(commit_after);
        let projection = if from_the_start { projection.from_the_start() } else { projection };
        let dispatcher = Dispatcher { name, dispatch, clock, retries, shared: Arc::default() };
        let runner = Runner::open(projection, store, folder)?;
        lock(&dispatcher.shared).owed_items = runner.model().owed_items().clone();
        Ok(ProcessRunner { runner, dispatcher })
    }

    /// Folds all events and issues all commands that are due, also those that become due by that, until nothing is left
    /// to do now. A stop ends it early, and the rest is left for the next run. A command that fails is no error of the
    /// run: [`Status::owed`] counts it.
    ///
    /// # Errors
    /// [`RunnerError`].
    pub fn run_once(&mut self) -> Result<Status, RunnerError> {
        let dispatcher = &self.dispatcher;
        let outcome = self.runner.run_to_the_end(|runner| dispatcher.dispatch_due_items(runner));
        self.runner.set_ended(&outcome);
        outcome.map(|()| self.status())
    }

    /// Folds the events of the log and those to come, and issues each command when it is due, until it is
    /// [stopped](ProcessControls::stop).
    ///
    /// # Errors
    /// [`RunnerError::Poison`].
    pub fn keep_running(&mut self) -> Result<(), RunnerError> {
        let dispatcher = &self.dispatcher;
        let outcome = loop {
            match self.runner.run_step(|runner| dispatcher.dispatch_due_items(runner), WAIT) {
                Ok(true) => break Ok(()),
                Ok(false) => {}
                Err(error) => break Err(error),
            }
        };
        self.runner.set_ended(&outcome);
        outcome
    }

    /// The items that are owed, as far as the log was read.
    pub fn owed(&self) -> Vec<OwedItem> {
        self.runner.model().owed_items().all()
    }

    /// Releases a parked item, so that it is tried again. Returns whether there was one.
    ///
    /// # Errors
    /// [`RunnerError`] when the release cannot be committed.
    pub fn release(&mut self, identity: &str, key: &str) -> Result<bool, RunnerError> {
        self.runner.attempt(|runner| {
            runner.load_if_needed()?;
            let released = runner.model_mut().release(identity, key);
            if released {
                runner.mark_changed();
                runner.commit()?;
            }
            Ok(released)
        })
    }

    /// Deletes the stored state. The next run folds the log from the start, and issues what is owed then again, under
    /// the same ids.
    ///
    /// # Errors
    /// [`RunnerError`].
    pub fn reset(&mut self) -> Result<(), RunnerError> {
        self.runner.reset()
    }

    /// Its status.
    pub fn status(&self) -> Status {
        let owed = lock(&self.dispatcher.shared).counts(self.runner.model().owed_items());
        Status { owed: Some(owed), ..self.runner.status() }
    }

    /// Controls for other threads.
    pub fn controls(&self) -> ProcessControls {
        ProcessControls { controls: self.runner.controls(), shared: self.dispatcher.shared.clone() }
    }

    /// Runs it in a thread of its own.
    pub fn start(self) -> RunningProcess<P, S, X>
    where
        P: Send + 'static,
        P::State: Send,
        S: Send + 'static,
        X: Send + 'static,
    {
        let controls = self.controls();
        RunningProcess { run: Run::start(controls.controls.clone(), self, Self::keep_running), controls }
    }
}

/// How long a runner waits for events before it looks at the clock again.
const WAIT: Duration = Duration::from_millis(20);

impl<X> Dispatcher<X> {
    /// Issues the commands that are due. Returns whether there were any.
    ///
    /// A panic of the process manager or of `dispatch` over an item is a failed attempt at the item.
    fn dispatch_due_items<P, S>(
        &self,
        runner: &mut Runner<P::Event, ToDoList<P>, S>,
    ) -> Result<bool, RunnerError>
    where
        P: ProcessManager<State: Serialize + DeserializeOwned + PartialEq, Event: 'static>,
        S: EventReader<P::Event>,
        X: Fn(Issued<P::Command>) -> Result<(), Cause>,
    {
        for (identity, key) in std::mem::take(&mut lock(&self.shared).releases) {
            if runner.model_mut().release(&identity, &key) {
                runner.mark_changed();
            }
        }
        let show_items = |list: &ToDoList<P>| lock(&self.shared).owed_items = list.owed_items().clone();
        show_items(runner.model());
        let now = self.now().map_err(runner.failed("asking the clock of"))?;
        let due = runner.model_mut().due(now).map_err(runner.failed("dispatching what is owed by"))?;
        let any = !due.is_empty();
        // Nothing is issued from a list that cannot be stored: after a restart, all of it would be issued again.
        if any {
            runner.model_mut().check_states().map_err(runner.failed("committing"))?;
        }
        for item in due {
            if runner.has_requests() {
                break;
            }
            // A command for another item may have settled this one.
            if !runner.model().owes(&item.identity, &item.key, item.since) {
                continue;
            }
            let DueItem { identity, key, since, .. } = &item;
            let (identity, key, since) = (identity.clone(), key.clone(), *since);
            match self.issue(item, runner.store()) {
                Ok(()) => runner.model_mut().mark_issued(&identity, &key, since),
                Err(cause) => {
                    lock(&self.shared).refused += 1;
                    let trouble = |attempts| Trouble {
                        attempts,
                        cause: with_sources(&*cause),
                        // If the clock fails now, it is asked again before the next attempt.
                        again: self.retries.next_attempt(attempts, self.now().unwrap_or(now)),
                    };
                    if runner.model_mut().mark_failed(&identity, &key, since, trouble) {
                        runner.mark_changed();
                    }
                }
            }
            show_items(runner.model());
            runner.catch_up()?;
            runner.commit_when_due()?;
        }
        show_items(runner.model());
        Ok(any)
    }

    fn now(&self) -> Result<Timestamp, Cause> {
        catching_panics(|| Ok((self.clock)()))
    }

    fn issue<C, E>(&self, item: DueItem<C>, store: &impl EventReader<E>) -> Result<(), Cause>
    where
        X: Fn(Issued<C>) -> Result<(), Cause>,
    {
        let Dispatcher { name, dispatch, .. } = self;
        let DueItem { identity, key, since, event, correlation: correlation_id, trace, command } = item;
        let path = if identity.is_empty() { key } else { format!("{identity}/{key}") };
        let id = CommandId::new(format!("{name}/{path}@{since}"))?;
        let causation_id = Some(CausationId::known(event.text()));
        let headers = match trace {
            Some(headers) => headers,
            None => catching_panics(|| Ok(trace_headers_at(store, since)?))?,
        };
        let metadata = Metadata { correlation_id, causation_id, headers };
        let span = spans::dispatch(name, since, &metadata);
        let command = command.map_err(Cause::from);
        let accepted = command.and_then(|command| {
            catching_panics(|| dispatch(Issued { command, id: Some(id), metadata, expected: None }))
        });
        span.text("outcome", if accepted.is_ok() { "accepted" } else { "refused" });
        accepted
    }
}

/// A process runner in a thread of its own; made by [`ProcessRunner::start`]. Dropping it stops the runner.
pub struct RunningProcess<P: ProcessManager, S, X> {
    controls: ProcessControls,
    run: Run<ProcessRunner<P, S, X>>,
}

debug_by_name!([P: ProcessManager, S, X] RunningProcess<P, S, X>, "RunningProcess");

impl<P: ProcessManager, S, X> RunningProcess<P, S, X> {
    /// Controls for other threads.
    pub fn controls(&self) -> ProcessControls {
        self.controls.clone()
    }

    /// Ends the run, and returns the runner and how the run has ended: [`RunnerError::Died`] if its thread has died.
    pub fn stop(self) -> (ProcessRunner<P, S, X>, Result<(), RunnerError>) {
        self.run.stop()
    }
}
