use super::to_do_list::{DueItem, Identify, Standing, Standings, ToDo, Trouble};
use crate::process::ProcessManager;
use crate::recorded::{CausationId, CommandId, Envelope, Metadata, Timestamp};
use crate::runtime::Cause;
use crate::runtime::Issued;
use crate::runtime::Place;
use crate::runtime::Runner;
use crate::runtime::RunnerError;
use crate::runtime::panics::caught;
use crate::runtime::panics::lock;
use crate::runtime::projections::running::Run;
use crate::runtime::{Controls, Status};
use crate::runtime::{OnPoison, Projection};
use crate::store::{Clock, EventReader, Query, system_clock};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A process manager that is run: a name, the events it follows, and how it goes about what it owes.
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
    anew: bool,
}

/// How often a command that fails or is refused is tried, and how long after each time.
///
/// The first pause is `first`, each further one is twice as long as the one before, and none is longer than `most`. After
/// so many `attempts`, the item is parked.
///
/// ```
/// use leftfold::runtime::Retries;
/// use std::time::Duration;
///
/// // Tried again after 10, 20, 30 and 30 seconds; parked when the fifth time fails.
/// let patient =
///     Retries { attempts: 5, first: Duration::from_secs(10), most: Duration::from_secs(30) };
/// // Parked at once.
/// let strict = Retries { attempts: 1, ..Retries::default() };
/// # let _ = (patient, strict);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// How often it is tried in all.
    pub attempts: u32,
    /// How long after the first time.
    pub first: Duration,
    /// How long at most.
    pub most: Duration,
}

impl Default for Retries {
    /// Eight times within about two minutes: after 1, 2, 4, … seconds, at most 60.
    fn default() -> Self {
        Retries { attempts: 8, first: Duration::from_secs(1), most: Duration::from_secs(60) }
    }
}

impl Retries {
    /// When to try again what has failed so often, or never.
    fn again(&self, failed: u32, now: Timestamp) -> Option<Timestamp> {
        if failed >= self.attempts {
            return None;
        }
        let doubled = self.first.saturating_mul(2u32.saturating_pow(failed.saturating_sub(1)));
        Some(now.checked_add(doubled.min(self.most)).unwrap_or(Timestamp::MAX))
    }
}

impl<P: ProcessManager> Process<P> {
    /// A process manager over the events that match a query: one for all of them.
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
            anew: false,
        }
    }

    /// Takes away what is kept when a runner is opened, and folds the log anew: also where what is kept is of another log,
    /// for which no runner is opened otherwise. What is owed then is issued again, under the same ids.
    pub fn anew(self) -> Self {
        Process { anew: true, ..self }
    }

    /// One instance of the process manager for each identity, which the function tells of an event; an event without one is
    /// passed over. Each event then costs a look at the list of one instance, and not at the list of all.
    ///
    /// Often it is the [id](crate::recorded::StreamName::id) in the name of the stream:
    /// `per_identity(|envelope, _| envelope.stream.id().map(str::to_string))`.
    pub fn per_identity(
        self,
        identity: impl Fn(&Envelope, &P::Event) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Process { identify: Box::new(identity), ..self }
    }

    /// Takes the time from this clock instead of the system's: what is [due at](crate::process::Due::At) a time, and when to try
    /// again.
    pub fn clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Process { clock: Arc::new(clock), ..self }
    }

    /// How often to try what fails.
    pub fn retries(self, retries: Retries) -> Self {
        Process { retries, ..self }
    }

    /// Counts up when `evolve` makes something else of the same events; see [`Folded::revision`](crate::runtime::Folded::revision).
    pub fn revision(self, revision: u32) -> Self {
        Process { revision, ..self }
    }

    /// Commits what it has seen and what has failed no sooner than so long after the last commit, and at the end of a run; a
    /// second, unless told otherwise. A commit writes the states of all instances, and is made later where that takes long, so
    /// that no more than a twentieth of the time goes into it. After a crash, what was not committed is seen again, and what
    /// was owed before it is issued again, under the same ids.
    pub fn commit_after(self, time: Duration) -> Self {
        Process { commit_after: time, ..self }
    }

    /// What is owed as it was committed last: for programs that look while another runs the process manager. Nothing, where
    /// nothing that fits is kept in this folder.
    ///
    /// # Errors
    /// What the system says.
    pub fn kept(self, folder: impl AsRef<Path>) -> io::Result<Vec<Standing>>
    where
        P::State: Serialize + DeserializeOwned,
    {
        let mut list = ToDo::of(self.process, self.identify, self.revision);
        list.read(&Place::of(folder.as_ref(), &self.name))?;
        Ok(list.standing().all())
    }
}

/// Runs a [`Process`]: folds events, and gives the commands that are owed to whoever handles them.
///
/// An item is done at least once. The runner folds the log into the to-do list, and gives the command of each item that is
/// due to `dispatch`, once since it was opened. The item leaves the list when the event that settles it is folded. After a
/// restart, what is owed is read from the list again, and is issued again; so each command carries an id made of the
/// process's name, the item's key, and the position of the event that put it on the list. Whoever handles commands by their
/// ids, as [`CommandHandler`](crate::runtime::CommandHandler) does, takes a repeat for one; an item that is settled and comes again
/// later is another, with another id.
///
/// States are kept as [`Folded`](crate::runtime::Folded) keeps them. As long as a state cannot be kept as it is, nothing more is
/// handed over; the status names what cannot be kept.
///
/// A command that fails or is refused is tried again after a while, and then parked with its cause: it stays on the list
/// ([`standing`](ProcessRunner::standing)) and is tried again when it is [released](ProcessRunner::release). No item waits
/// for another. A panic in `dispatch`, and one of the process manager when it is asked for the command, is a failure like
/// any other.
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
/// let process = Process::new("shipping", Query::category("order"), shipping);
/// let mut runner = ProcessRunner::open(process, store, folder, move |ship| {
///     handler.handle(ship)?;
///     Ok(())
/// })?;
/// runner.run_once()?;
/// assert_eq!(orders.look(&stream, |last, _| *last)?, Some(Event::Shipped));
/// assert!(runner.standing().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ProcessRunner<P: ProcessManager, S, X> {
    runner: Runner<P::Event, ToDo<P>, S>,
    work: Work<X>,
}

/// How it goes about what is owed.
struct Work<X> {
    name: String,
    dispatch: X,
    clock: Clock,
    retries: Retries,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    standing: Standings,
    releases: Vec<(String, String)>,
}

/// What a process runner is told from other threads, and what it tells them.
#[derive(Clone)]
pub struct ProcessControls {
    controls: Controls,
    shared: Arc<Mutex<Shared>>,
}

impl ProcessControls {
    /// How far it is.
    pub fn status(&self) -> Status {
        self.controls.status()
    }

    /// What it owes, when it last looked.
    pub fn standing(&self) -> Vec<Standing> {
        let standing = lock(&self.shared).standing.clone();
        standing.all()
    }

    /// Lets a parked item be tried again.
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
    /// Opens a runner of this process, which keeps its checkpoint and its lock in a folder, and gives what is due to
    /// `dispatch`.
    ///
    /// # Errors
    /// [`RunnerError`]: run elsewhere, of another log, or something cannot be read.
    pub fn open(
        process: Process<P>,
        store: S,
        folder: impl AsRef<Path>,
        dispatch: X,
    ) -> Result<Self, RunnerError> {
        let Process { name, query, process, identify, clock, retries, revision, commit_after, anew } =
            process;
        let list = ToDo::of(process, identify, revision);
        let projection =
            Projection::new(name.clone(), query, list).on_poison(OnPoison::Stop).commit_after(commit_after);
        let projection = if anew { projection.anew() } else { projection };
        let work = Work { name, dispatch, clock, retries, shared: Arc::default() };
        Ok(ProcessRunner { runner: Runner::open(projection, store, folder)?, work })
    }

    /// Takes all that is there and does all that is due, also what becomes due by that, until nothing is left to do now.
    /// When it is told to stop meanwhile, it ends early, and leaves what is due for the next run.
    ///
    /// # Errors
    /// [`RunnerError`].
    pub fn run_once(&mut self) -> Result<Status, RunnerError> {
        let work = &self.work;
        let outcome = self.runner.until_done(|runner| work.do_what_is_due(runner));
        self.runner.ended(&outcome);
        outcome.map(|()| self.runner.status())
    }

    /// Takes what is there and what comes, and does what is due when it is due, until it is told to
    /// [stop](ProcessControls::stop).
    ///
    /// # Errors
    /// [`RunnerError::Poison`].
    pub fn keep_running(&mut self) -> Result<(), RunnerError> {
        let work = &self.work;
        let outcome = loop {
            match self.runner.look_once(|runner| work.do_what_is_due(runner), WAIT) {
                Ok(true) => break Ok(()),
                Ok(false) => {}
                Err(error) => break Err(error),
            }
        };
        self.runner.ended(&outcome);
        outcome
    }

    /// What is owed at the moment, as far as the log was read.
    pub fn standing(&self) -> Vec<Standing> {
        self.runner.model().standing().all()
    }

    /// Lets a parked item be tried again, and says whether there was one.
    ///
    /// # Errors
    /// [`RunnerError`] when that cannot be committed.
    pub fn release(&mut self, identity: &str, key: &str) -> Result<bool, RunnerError> {
        self.runner.attempt(|runner| {
            runner.ready()?;
            let released = runner.model_mut().release(identity, key);
            if released {
                runner.changed();
                runner.commit()?;
            }
            Ok(released)
        })
    }

    /// Takes away what was folded; the next run folds from the start, and issues again what is owed then, under the same
    /// ids.
    ///
    /// # Errors
    /// [`RunnerError`].
    pub fn reset(&mut self) -> Result<(), RunnerError> {
        self.runner.reset()
    }

    /// How far it is.
    pub fn status(&self) -> Status {
        self.runner.status()
    }

    /// What it is told from other threads.
    pub fn controls(&self) -> ProcessControls {
        ProcessControls { controls: self.runner.controls(), shared: self.work.shared.clone() }
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

/// How long it waits for events before it looks at the clock again.
const WAIT: Duration = Duration::from_millis(20);

impl<X> Work<X> {
    /// Gives out what is due, and answers whether there was anything.
    ///
    /// What the process manager, the clock and `dispatch` do is code of others: where it panics over an item, that was a
    /// failed attempt at the item.
    fn do_what_is_due<P, S>(&self, runner: &mut Runner<P::Event, ToDo<P>, S>) -> Result<bool, RunnerError>
    where
        P: ProcessManager<State: Serialize + DeserializeOwned + PartialEq, Event: 'static>,
        S: EventReader<P::Event>,
        X: Fn(Issued<P::Command>) -> Result<(), Cause>,
    {
        for (identity, key) in std::mem::take(&mut lock(&self.shared).releases) {
            if runner.model_mut().release(&identity, &key) {
                runner.changed();
            }
        }
        let show = |list: &ToDo<P>| lock(&self.shared).standing = list.standing().clone();
        show(runner.model());
        let now = self.now().map_err(runner.failed("asking the clock of"))?;
        let due = runner.model_mut().due(now);
        let any = !due.is_empty();
        // Nothing is handed over from a list that cannot be kept: after a restart, all of it would be handed over again.
        if any {
            runner.model_mut().prove().map_err(runner.failed("committing"))?;
        }
        for item in due {
            if runner.controls().asked() {
                break;
            }
            // What was done for another item may have settled this one.
            if !runner.model().owes(&item.identity, &item.key, item.since) {
                continue;
            }
            let DueItem { identity, key, since, .. } = &item;
            let (identity, key, since) = (identity.clone(), key.clone(), *since);
            match self.issue(item) {
                Ok(()) => runner.model_mut().issued(&identity, &key, since),
                Err(cause) => {
                    let trouble = |attempts| Trouble {
                        attempts,
                        cause: cause.to_string(),
                        // A clock that fails now is asked again before anything is tried again.
                        again: self.retries.again(attempts, self.now().unwrap_or(now)),
                    };
                    if runner.model_mut().failed(&identity, &key, since, trouble) {
                        runner.changed();
                    }
                }
            }
            show(runner.model());
            runner.catch_up()?;
            runner.commit_when_due()?;
        }
        show(runner.model());
        Ok(any)
    }

    fn now(&self) -> Result<Timestamp, Cause> {
        caught(|| Ok((self.clock)()))
    }

    fn issue<C>(&self, item: DueItem<C>) -> Result<(), Cause>
    where
        X: Fn(Issued<C>) -> Result<(), Cause>,
    {
        let Work { name, dispatch, .. } = self;
        let DueItem { identity, key, since, event, correlation: correlation_id, command } = item;
        let path = if identity.is_empty() { key } else { format!("{identity}/{key}") };
        let id = CommandId::new(format!("{name}/{path}@{since}"))?;
        let causation_id = Some(CausationId::known(event.text()));
        let metadata = Metadata { correlation_id, causation_id, ..Metadata::default() };
        let command = command?;
        caught(|| dispatch(Issued { command, id: Some(id), metadata }))
    }
}

/// A process runner in a thread of its own; made by [`ProcessRunner::start`]. Dropping it stops the runner.
pub struct RunningProcess<P: ProcessManager, S, X> {
    controls: ProcessControls,
    run: Run<ProcessRunner<P, S, X>>,
}

impl<P: ProcessManager, S, X> RunningProcess<P, S, X> {
    /// What it is told from other threads, and what it tells them.
    pub fn controls(&self) -> ProcessControls {
        self.controls.clone()
    }

    /// Ends the run, and gives the runner back with how the run has ended: [`RunnerError::Died`] where its thread has.
    pub fn stop(self) -> (ProcessRunner<P, S, X>, Result<(), RunnerError>) {
        self.run.stop()
    }
}
