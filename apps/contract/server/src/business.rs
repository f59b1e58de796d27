//! The business: the log, who writes to it, what is read from it, and what it owes. It knows no web and no futures: its calls block.

use crate::data::{CONTRACT, CUSTOMER, Data, Foreign, Record, event, of_contracts, stream};
use crate::duty::{Duty, OnDuty, Work};
use crate::model::contract::{
    Contract, ContractCommand, ContractEvent, ContractNumber, ContractRejection, Negotiation,
};
use crate::model::customer::{Customer, CustomerEvent, CustomerNumber, Shop};
use crate::model::obligations::Obligations;
use crate::model::progress::{At, Progress, Standings};
use crate::model::search::{Index, Search};
use crate::model::{Command, Event};
use crate::office::process;
use crate::ports::of;
use crate::store::{self, Log, Place};
use crate::writers::{BY, Writers};
use jiff::SignedDuration;
use leftfold::log::Syncing;
use leftfold::page::{printable, with_sources};
use leftfold::recorded::{Envelope, Position, Recorded, StreamName, Timestamp, Version};
use leftfold::runtime::{
    Cause, Folded, FoldedReader, HandleError, Handled, Issued, OwedItem, ProcessRunner, Projection, Retries,
    Runner, Running, RunningProcess,
};
use leftfold::store::{
    AppendError, Batch, DESCRIBED, EventReader, EventStore, ExpectedVersion, Listing, Mapped, Query, Reading,
};
use leftfold::{Fold, keyed};
use std::fs;
use std::mem;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::broadcast;

/// The log in the words of the model, and the same with the time beside each event.
type Words = Mapped<Log, Record, fn(&Envelope, &Record) -> Result<Event, Foreign>>;
type Timed = Mapped<Log, Record, fn(&Envelope, &Record) -> Result<At, Foreign>>;
type Dispatch = Box<dyn Fn(Issued<Command>) -> Result<(), Cause> + Send>;
type Process = RunningProcess<Obligations, Words, Dispatch>;
/// Where the time comes from.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The whole index is written at each commit, so that it is kept seldom. After a crash, events since then are folded again.
const KEPT_AFTER: Duration = Duration::from_secs(60);
const EVENTS_A_COMMIT: usize = 10_000_000;
/// How often the signing service is asked for answers by default, and how long the feed waits before it looks whether it is to end.
const TICK: Duration = Duration::from_millis(250);
/// How many events wait for a page that lags by default, before it is asked to look again.
const AHEAD: usize = 1_024;
/// For how long a server is on duty at a time by default; after that, another one may take over. So long an engine is waited for.
const LEASE: Duration = Duration::from_secs(10);

/// How the business is run.
#[derive(Clone)]
pub struct Terms {
    /// What is this server's own.
    pub data: Data,
    pub store: Place,
    /// What all servers of this log share beside it: the letters, the stand-in of the signing service, the key of the sessions.
    pub shared: Data,
    /// For how long a server is on duty at a time, where several have the same log.
    pub lease: Duration,
    /// For how long an engine that does not answer is waited for in one call, at most.
    pub patience: Duration,
    /// On how many servers of NATS a stream is kept that is made.
    pub replicas: usize,
    /// How long the signing service takes for each answer.
    pub signing_delay: SignedDuration,
    /// How often something that is owed is tried.
    pub retries: Retries,
    /// When what is recorded in a folder is made durable.
    pub sync: Syncing,
    pub clock: Clock,
    /// How often the signing service is asked for answers.
    pub tick: Duration,
    /// How many events wait for a page that lags, before it is asked to look again.
    pub ahead: usize,
}

impl Terms {
    /// As it is run every day.
    pub fn of(data: Data) -> Terms {
        Terms {
            store: Place::Folder(data.log_folder()),
            shared: data.clone(),
            data,
            lease: LEASE,
            patience: LEASE,
            replicas: 1,
            signing_delay: SignedDuration::from_secs(10),
            retries: Retries::default(),
            sync: Syncing::Always,
            clock: Arc::new(Timestamp::now),
            tick: TICK,
            ahead: AHEAD,
        }
    }
}

/// Something that happened, as pages are informed of it; `None` at the end.
pub type Happened = Option<Arc<(Position, String)>>;

pub struct Business {
    data: Data,
    writers: Arc<Writers>,
    clock: Clock,
    search: FoldedReader<Index>,
    standings: FoldedReader<Standings>,
    search_runner: Running<Event, Folded<Search>, Words>,
    standings_runner: Running<At, Folded<Progress>, Timed>,
    duty: Duty<Process>,
    /// How the log is closed.
    close: Box<dyn FnOnce(Log) -> Result<(), Cause> + Send + Sync>,
    happened: broadcast::Sender<Happened>,
    seen: Arc<AtomicU64>,
    /// The number that is looked at first when a new one is wanted.
    next: Mutex<u32>,
    ends: Arc<AtomicBool>,
    feed: Option<JoinHandle<()>>,
}

/// What a contract is, and how it came about.
pub struct Known {
    pub history: Vec<Recorded<ContractEvent>>,
}

impl Known {
    pub fn version(&self) -> Version {
        self.history.last().map_or(Version::NONE, |last| last.version)
    }

    pub fn events(&self) -> impl Iterator<Item = &ContractEvent> {
        self.history.iter().map(|recorded| &recorded.event)
    }

    pub fn state(&self) -> Contract {
        Negotiation.fold(self.events())
    }
}

fn at(envelope: &Envelope, record: &Record) -> Result<At, Foreign> {
    Ok(At { at: envelope.recorded_at, event: event(envelope, record)? })
}

impl Business {
    /// Opens the business on its log, and starts what goes on by itself: the read models, the feed of what happens, and, as long as
    /// this server is on duty, the process manager and the ear for the signing service.
    pub fn open(terms: &Terms) -> Result<Business, Cause> {
        for folder in [terms.data.folder(), terms.shared.folder()] {
            fs::create_dir_all(folder).map_err(of(folder))?;
        }
        let (log, lease, close) = store::open(terms)?.into_parts();
        let writers = Arc::new(Writers::of(log.clone(), &terms.shared, terms.signing_delay)?);
        let words = || -> Words { Mapped::new(log.clone(), event as fn(&_, &_) -> _) };
        let kept = terms.data.projections();

        let (index, standings) = (Folded::of(Search), Folded::of(Progress));
        let readers = (index.reader(), standings.reader());
        let searched = Query::category(CUSTOMER)?.or(Query::category(CONTRACT)?);
        let projection =
            Projection::new("search", searched, index).commit_after(KEPT_AFTER).commit_every(EVENTS_A_COMMIT);
        let mut search_runner = Runner::open(projection, words(), &kept)?;
        let projection = Projection::new("standings", Query::category(CONTRACT)?, standings)
            .commit_after(KEPT_AFTER)
            .commit_every(EVENTS_A_COMMIT);
        let timed: Timed = Mapped::new(log.clone(), at as fn(&_, &_) -> _);
        let mut standings_runner = Runner::open(projection, timed, &kept)?;
        // The first answers are whole ones.
        search_runner.run_once()?;
        standings_runner.run_once()?;

        let on_duty = OnDuty::under(lease.as_ref());
        let work = on_duty_is_done(terms, &writers, &on_duty);
        let duty = Duty::start(lease, on_duty, terms.tick, work)?;

        let contracts = log.streams(&Listing::prefix(format!("{CONTRACT}-")))?.len();
        let head = log.head()?;
        let mut business = Business {
            data: terms.data.clone(),
            writers,
            clock: terms.clock.clone(),
            search: readers.0,
            standings: readers.1,
            search_runner: search_runner.start(),
            standings_runner: standings_runner.start(),
            duty,
            close: Box::new(close),
            happened: broadcast::Sender::new(terms.ahead),
            seen: Arc::new(AtomicU64::new(head.get())),
            next: Mutex::new(u32::try_from(contracts).unwrap_or(u32::MAX).saturating_add(1)),
            ends: Arc::default(),
            feed: None,
        };
        business.feed = Some(business.feed(head)?);
        Ok(business)
    }

    /// One subscription for all who follow what happens.
    fn feed(&self, head: Position) -> Result<JoinHandle<()>, Cause> {
        let (log, ends, happened) = (self.writers.log.clone(), self.ends.clone(), self.happened.clone());
        let (query, seen) = (of_contracts()?, self.seen.clone());
        Ok(thread::spawn(move || {
            let mut feed = log.subscribe(query, head);
            while !ends.load(Ordering::Acquire) {
                let followed = feed.follow(TICK, |entry| {
                    let envelope = entry.envelope();
                    // Before it is sent: whoever begins to follow in between has it before their first position.
                    seen.store(envelope.position.get(), Ordering::Release);
                    if let Some(said) = entry.event().and_then(|record| crate::events::said(envelope, record))
                    {
                        // Nobody listens, perhaps.
                        let _ = happened.send(Some(Arc::new((envelope.position, said))));
                    }
                    ControlFlow::Continue(())
                });
                seen.store(feed.position().get(), Ordering::Release);
                if let Err(error) = followed {
                    report("following what happens failed", &error);
                    thread::sleep(TICK);
                }
            }
        }))
    }

    /// What happens from now on, and the position up to which everything has happened before.
    pub fn follow(&self) -> (broadcast::Receiver<Happened>, Position) {
        let receiver = self.happened.subscribe();
        (receiver, Position::new(self.seen.load(Ordering::Acquire)))
    }

    /// Ends the feeds of all who follow.
    pub fn end_feeds(&self) {
        let _ = self.happened.send(None);
    }

    pub fn data(&self) -> &Data {
        &self.data
    }

    pub fn writers(&self) -> &Writers {
        &self.writers
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The search index, and the position up to which everything is in it. A clone of a persistent map: it may be asked anywhere.
    pub fn index(&self) -> (Index, Position) {
        let position = self.search_runner.controls().position();
        (self.search.look(Index::clone), position)
    }

    /// How the contracts stand, up to which position, and how many entries of the log are not in it yet.
    pub fn standings(&self) -> (Standings, Position, u64) {
        let status = self.standings_runner.status();
        (self.standings.look(Standings::clone), status.position, status.lag)
    }

    /// How far the read models are, all of them. Does not wait.
    pub fn position(&self) -> Position {
        self.search_runner.controls().position().min(self.standings_runner.controls().position())
    }

    /// Whether this server is on duty, and not another one that has the same log.
    pub fn is_on_duty(&self) -> bool {
        self.duty.is_on()
    }

    /// What is owed, as far as this server knows: all of it, if it is on duty.
    pub fn owed(&self) -> Vec<OwedItem> {
        self.duty.look(|process| process.controls().owed()).unwrap_or_default()
    }

    /// Whether the process manager has seen everything, and owes nothing.
    pub fn has_done_what_is_owed(&self) -> Result<bool, Cause> {
        let Some(status) = self.duty.look(|process| process.controls().status()) else { return Ok(false) };
        Ok(status.position >= self.writers.log.head()? && status.owed.is_none_or(|counts| counts.owed == 0))
    }

    /// Lets something that is parked be tried again; whether there is such a thing.
    pub fn release(&self, contract: ContractNumber, what: &str) -> bool {
        let (identity, key) = (contract.to_string(), format!("{contract}/{what}"));
        let parked =
            self.owed().iter().any(|item| item.parked && item.identity == identity && item.key == key);
        parked && self.duty.look(|process| process.controls().release(identity, key)).is_some()
    }

    /// The next number of a contract that is free, for this person. It is given once, by whatever server: its stream is described
    /// under the condition that it was not.
    pub fn reserve(&self, by: &str) -> Result<ContractNumber, Cause> {
        loop {
            let number = {
                let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
                let following = next.checked_add(1).ok_or("there are no more numbers for contracts")?;
                mem::replace(&mut *next, following)
            };
            let stream = stream(CONTRACT, number)?;
            if self.writers.log.stream(&stream)?.is_some() {
                continue;
            }
            let given = Query::stream(&stream).types([DESCRIBED]);
            let batch = Batch::to(&stream)
                .expecting(ExpectedVersion::NoStream)
                .fail_if_events_match(given, Position::START)
                .describe([(BY.to_string(), by.into())].into());
            match self.writers.log.append(batch) {
                Ok(_) => return Ok(ContractNumber(number)),
                // Another server was quicker.
                Err(AppendError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The history of a contract; that of one of which nobody has heard is empty.
    pub fn contract(&self, number: ContractNumber) -> Result<Known, Cause> {
        let contracts = self.writers.log.category::<ContractEvent>(CONTRACT)?;
        Ok(Known { history: contracts.all(Query::stream(&stream(CONTRACT, number)?))? })
    }

    /// The command of a person. Blocks until its events are on the disk.
    pub fn handle(
        &self,
        number: ContractNumber,
        issued: Issued<ContractCommand>,
    ) -> Result<Handled<ContractEvent, Contract>, HandleError<ContractRejection>> {
        let issued = issued.map(|command| keyed(number, command));
        self.writers.contracts.handle_with(issued, |contract, _| contract.clone())
    }

    /// A customer with all that was recorded of it.
    pub fn customer(&self, number: CustomerNumber) -> Result<(Shop, Vec<Recorded<CustomerEvent>>), Cause> {
        let customers = self.writers.log.category::<CustomerEvent>(CUSTOMER)?;
        let history = customers.all(Query::stream(&stream(CUSTOMER, number)?))?;
        let events = history.iter().map(|recorded| &recorded.event);
        Ok((Customer.fold(events), history))
    }

    /// Everything in some streams and of some types, in the words of the model.
    pub fn read(
        &self,
        streams: impl IntoIterator<Item = StreamName>,
        also: Option<Query>,
    ) -> Result<Vec<Recorded<Event>>, Cause> {
        let query = Query::streams(streams);
        let query = also.into_iter().fold(query, Query::or);
        let words: Words = Mapped::new(self.writers.log.clone(), event as fn(&_, &_) -> _);
        Ok(words.all(query)?)
    }

    /// Stops everything that goes on by itself, gives the duty back, and closes the log. Blocks until all of it is done.
    pub fn close(self) -> Result<(), Cause> {
        self.end_feeds();
        self.ends.store(true, Ordering::Release);
        let Business { writers, search_runner, standings_runner, duty, close, feed, .. } = self;
        let owing = duty.stop();
        let (search, searched) = search_runner.stop();
        let (standings, stood) = standings_runner.stop();
        if let Some(feed) = feed {
            feed.join().map_err(|_| "the thread that follows what happens has panicked")?;
        }
        // They share the log, which is closed by its last owner.
        drop((search, standings));
        let writers = Arc::into_inner(writers).ok_or("somebody still writes, so the log was not closed")?;
        close(writers.into_log())?;
        owing?;
        searched?;
        Ok(stood?)
    }
}

/// What one server does at a time: the process manager, and the ear for the signing service.
fn on_duty_is_done(terms: &Terms, writers: &Arc<Writers>, on_duty: &OnDuty) -> Work<Process> {
    let (clock, hands, retries) = (terms.clock.clone(), writers.clone(), terms.retries);
    let (kept, on_duty) = (terms.data.projections(), on_duty.clone());
    let begin = move || {
        let (time, hands, on_duty) = (clock.clone(), hands.clone(), on_duty.clone());
        let log: Words = Mapped::new(hands.log.clone(), event as fn(&_, &_) -> _);
        let dispatch: Dispatch = Box::new(move |issued| match on_duty.is() {
            true => hands.dispatch(issued, time()),
            false => Err("another server is on duty now".into()),
        });
        let time = clock.clone();
        let process = process()?.retries(retries).clock(move || time());
        Ok(ProcessRunner::open(process, log, &kept, dispatch)?.start())
    };
    let (clock, ears) = (terms.clock.clone(), writers.clone());
    Work {
        begin: Box::new(begin),
        end: |process| Ok(process.stop().1?),
        at_each_tick: Box::new(move || ears.hear(clock())),
    }
}

/// For the operator: what is no business of a page.
pub fn report(what: &str, error: &(dyn std::error::Error + 'static)) {
    eprintln!("{what}: {}", printable(&with_sources(error)));
}
