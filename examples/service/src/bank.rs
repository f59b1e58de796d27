//! The bank: the log, the handler of commands, and the read model. It knows no web; its calls block, but for the feed of events.

use crate::account::{Account, Command, Event, Rejection, State};
use crate::balances::{Balances, Line};
use crate::store::Log;
use leftfold::Keyed;
use leftfold::im::OrdMap;
use leftfold::recorded::{Position, StreamName, Version};
use leftfold::runtime::{
    Cause, CommandHandler, Controls, Folded, FoldedReader, HandleError, Handled, Issued, OfKey, Projection,
    Runner, Running,
};
use leftfold::store::{KeyOfStream, Mapped, Query};
use leftfold_tokio::{Async, Feed, SharedFeed};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

/// The log with the ids of the accounts beside their events.
type LogWithIds = Mapped<Log, Event, KeyOfStream<String, Event>>;

/// The category of the streams: the account `petra` is the stream `account-petra`.
const CATEGORY: &str = "account";

pub struct Bank {
    log: Log,
    events: SharedFeed<Event>,
    accounts: CommandHandler<OfKey<Account, String>, Log>,
    balances: FoldedReader<OrdMap<String, Line>>,
    controls: Controls,
    runner: Running<Keyed<String, Event>, Folded<Balances>, LogWithIds>,
}

impl Bank {
    /// Opens the bank on a log, and starts the thread that keeps the balances, with its files in the folder. Blocks.
    pub fn open(log: Log, folder: &Path) -> Result<Bank, Cause> {
        let all_accounts = Query::category(CATEGORY)?;
        let events = Async::new(log.clone()).shared_feed(all_accounts.clone());
        let accounts = CommandHandler::keyed(CATEGORY, Account, log.clone())?;

        let read_model = Folded::of(Balances);
        let balances = read_model.reader();
        let projection = Projection::new("balances", all_accounts, read_model);
        let runner = Runner::open(projection, Mapped::keyed(log.clone()), folder.join("read models"))?;
        let controls = runner.controls();
        Ok(Bank { log, events, accounts, balances, controls, runner: runner.start() })
    }

    /// Handles a command. Blocks until the commands before it on the same account are handled, and its events are on
    /// the disk.
    pub fn handle(
        &self,
        command: Issued<Keyed<String, Command>>,
    ) -> Result<Handled<Event, State>, HandleError<Rejection>> {
        self.accounts.handle_with(command, |state, _| state.clone())
    }

    /// An account as it is now. Blocks as a command does, and while new events are read.
    pub fn account(&self, id: &str) -> Result<(State, Version), HandleError<Rejection>> {
        let stream = StreamName::of(CATEGORY, id)?;
        Ok(self.accounts.look(&stream, |state, version| (state.clone(), version))?)
    }

    /// The read model, and the position up to which everything is in it; it may be a little newer. Waits for one
    /// `evolve` at most, so it may be called anywhere.
    pub fn balances(&self) -> (OrdMap<String, Line>, Position) {
        // First the position, then the state: the state never lacks what the position promises.
        let position = self.position();
        (self.balances.look(OrdMap::clone), position)
    }

    /// How far the read model is. Does not wait.
    pub fn position(&self) -> Position {
        self.controls.position()
    }

    /// The events of all accounts after a position, as a stream. One thread follows them for all streams.
    pub fn events(&self, after: Position) -> Feed<Event> {
        self.events.after(after)
    }

    /// Stops the thread that keeps the balances, and closes the log. Blocks until both is done, and until nobody follows the events.
    pub fn close(self) -> Result<(), Cause> {
        let Bank { log, events, accounts, runner, .. } = self;
        let (runner, stopped) = runner.stop();
        // They share the log, which is closed by its last owner.
        drop((events, runner, accounts));
        // The thread that follows the events ends a moment after its last reader.
        while Arc::strong_count(&log) > 1 {
            sleep(Duration::from_millis(5));
        }
        log.close()?;
        Ok(stopped?)
    }
}

impl fmt::Debug for Bank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bank").field("position", &self.position()).finish_non_exhaustive()
    }
}
