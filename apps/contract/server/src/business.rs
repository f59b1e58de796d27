//! The business: the log, who writes to it, what is read from it, and what it owes. It knows no web and no futures: its calls block.

use crate::data::{CONTRACT, CUSTOMER, Data, Foreign, Record, event, of_contracts, stream};
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
use crate::writers::{Log, Writers};
use jiff::SignedDuration;
use leftfold::codec::Codec;
use leftfold::log::{FileLogOptions, OpenError, Syncing};
use leftfold::page::{printable, with_sources};
use leftfold::recorded::{Envelope, Position, Recorded, StreamName, Timestamp, Version};
use leftfold::runtime::{
    Cause, Folded, FoldedReader, HandleError, Handled, Issued, OwedItem, ProcessRunner, Projection, Retries,
    Runner, Running, RunningProcess,
};
use leftfold::store::{EventReader, Listing, Mapped, Query, Reading};
use leftfold::{Fold, keyed};
use std::fs;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::broadcast;

/// The log in the words of the model, and the same with the time beside each event.
type Words = Mapped<Log, Record, fn(&Envelope, &Record) -> Result<Event, Foreign>>;
type Timed = Mapped<Log, Record, fn(&Envelope, &Record) -> Result<At, Foreign>>;
type Dispatch = Box<dyn Fn(Issued<Command>) -> Result<(), Cause> + Send>;
/// Where the time comes from.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The whole index is written at each commit, so that it is kept seldom. After a crash, events since then are folded again.
const KEPT_AFTER: Duration = Duration::from_secs(60);
const EVENTS_A_COMMIT: usize = 10_000_000;
/// How often the signing service is asked for answers by default, and how long the feed waits before it looks whether it is to end.
const TICK: Duration = Duration::from_millis(250);
/// How many events wait for a page that lags by default, before it is asked to look again.
const AHEAD: usize = 1_024;
/// For how long the last owner of the log is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the business is run.
#[derive(Clone)]
pub struct Terms {
    pub data: Data,
    /// How long the signing service takes for each answer.
    pub signing_delay: SignedDuration,
    /// How often something that is owed is tried.
    pub retries: Retries,
    /// When what is recorded is made durable.
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
            data,
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
    process: RunningProcess<Obligations, Words, Dispatch>,
    happened: broadcast::Sender<Happened>,
    seen: Arc<AtomicU64>,
    /// The number that is looked at first when a new one is wanted.
    next: Mutex<u32>,
    ends: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
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

fn opened(terms: &Terms) -> Result<Log, Cause> {
    let begun = Instant::now();
    loop {
        let clock = terms.clock.clone();
        let options = FileLogOptions::default().sync(terms.sync).clock(move || clock());
        match options.open(terms.data.log_folder(), Codec::new()?) {
            Err(OpenError::Locked { .. }) if begun.elapsed() < PATIENCE => thread::sleep(TICK / 10),
            opened => return Ok(Arc::new(opened?)),
        }
    }
}

fn at(envelope: &Envelope, record: &Record) -> Result<At, Foreign> {
    Ok(At { at: envelope.recorded_at, event: event(envelope, record)? })
}

impl Business {
    /// Opens the business in its folder, and starts what goes on by itself: the read models, the process manager, the ear for the
    /// signing service, the feed of what happens.
    pub fn open(terms: &Terms) -> Result<Business, Cause> {
        fs::create_dir_all(terms.data.folder()).map_err(of(terms.data.folder()))?;
        let log = opened(terms)?;
        let writers = Arc::new(Writers::of(log.clone(), &terms.data, terms.signing_delay)?);
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

        let (clock, hands) = (terms.clock.clone(), writers.clone());
        let dispatch: Dispatch = Box::new(move |issued| hands.dispatch(issued, clock()));
        let clock = terms.clock.clone();
        let process = process()?.retries(terms.retries).clock(move || clock());
        let process = ProcessRunner::open(process, words(), &kept, dispatch)?;

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
            process: process.start(),
            happened: broadcast::Sender::new(terms.ahead),
            seen: Arc::new(AtomicU64::new(head.get())),
            next: Mutex::new(u32::try_from(contracts).unwrap_or(u32::MAX).saturating_add(1)),
            ends: Arc::default(),
            threads: Vec::new(),
        };
        business.threads = vec![business.listen(terms.tick), business.feed(head)?];
        Ok(business)
    }

    /// Hears what the signing service answers.
    fn listen(&self, tick: Duration) -> JoinHandle<()> {
        let (writers, clock, ends) = (self.writers.clone(), self.clock.clone(), self.ends.clone());
        thread::spawn(move || {
            while !ends.load(Ordering::Acquire) {
                if let Err(error) = writers.hear(clock()) {
                    report("hearing the signing service failed", &*error);
                }
                thread::sleep(tick);
            }
        })
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

    /// What is owed.
    pub fn owed(&self) -> Vec<OwedItem> {
        self.process.controls().owed()
    }

    /// Whether the process manager has seen everything, and owes nothing.
    pub fn has_done_what_is_owed(&self) -> Result<bool, Cause> {
        let status = self.process.controls().status();
        Ok(status.position >= self.writers.log.head()? && status.owed.is_none_or(|counts| counts.owed == 0))
    }

    /// Lets something that is parked be tried again; whether there is such a thing.
    pub fn release(&self, contract: ContractNumber, what: &str) -> bool {
        let (identity, key) = (contract.to_string(), format!("{contract}/{what}"));
        let parked =
            self.owed().iter().any(|item| item.parked && item.identity == identity && item.key == key);
        if parked {
            self.process.controls().release(identity, key);
        }
        parked
    }

    /// The next number of a contract that is free. It is not taken before something is recorded of it, but given once.
    pub fn reserve(&self) -> Result<ContractNumber, Cause> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let number = *next;
            *next = number.checked_add(1).ok_or("there are no more numbers for contracts")?;
            if self.writers.log.stream(&stream(CONTRACT, number)?)?.is_none() {
                return Ok(ContractNumber(number));
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

    /// Stops everything that goes on by itself, and closes the log. Blocks until all of it is done.
    pub fn close(self) -> Result<(), Cause> {
        self.end_feeds();
        self.ends.store(true, Ordering::Release);
        let Business { writers, search_runner, standings_runner, process, threads, .. } = self;
        let (process, owing) = process.stop();
        let (search, searched) = search_runner.stop();
        let (standings, stood) = standings_runner.stop();
        for thread in threads {
            thread.join().map_err(|_| "a thread of the business has panicked")?;
        }
        // They share the log, which is closed by its last owner.
        drop((process, search, standings));
        let writers = Arc::into_inner(writers).ok_or("somebody still writes, so the log was not closed")?;
        let log = writers.into_log();
        Arc::into_inner(log).ok_or("somebody still reads, so the log was not closed")?.close()?;
        owing?;
        searched?;
        Ok(stood?)
    }
}

/// For the operator: what is no business of a page.
pub fn report(what: &str, error: &(dyn std::error::Error + 'static)) {
    eprintln!("{what}: {}", printable(&with_sources(error)));
}
