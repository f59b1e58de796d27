//! The bank: the log, the handler of commands, and the read model. It knows no web and no futures: its calls block.

use crate::account::{Account, Command, Event, Rejection, State};
use crate::balances::{Balances, Line};
use leftfold::Keyed;
use leftfold::codec::Codec;
use leftfold::im::OrdMap;
use leftfold::log::FileLog;
use leftfold::recorded::{Position, StreamName, Version};
use leftfold::runtime::{
    Cause, CommandHandler, Controls, Folded, FoldedReader, HandleError, Handled, Issued, OfKey, Projection,
    Runner, Running,
};
use leftfold::store::{KeyOfStream, Mapped, Query, Reading, Subscription};
use std::path::Path;
use std::sync::Arc;

type Log = Arc<FileLog<Event>>;
/// The log with the ids of the accounts beside their events.
type LogWithIds = Mapped<Log, Event, KeyOfStream<String, Event>>;

/// The category of the streams: the account `petra` is the stream `account-petra`.
const CATEGORY: &str = "account";

#[derive(Debug)]
pub struct Bank {
    log: Log,
    all_accounts: Query,
    accounts: CommandHandler<OfKey<Account, String>, Log>,
    balances: FoldedReader<OrdMap<String, Line>>,
    controls: Controls,
    runner: Running<Keyed<String, Event>, Folded<Balances>, LogWithIds>,
}

impl Bank {
    /// Opens the bank in a folder, and starts the thread that keeps the balances.
    ///
    /// Blocks while the log is opened: a log that was not closed is read from its beginning.
    pub fn open(folder: &Path) -> Result<Bank, Cause> {
        let log = Arc::new(FileLog::open(folder.join("log"), Codec::new()?)?);
        let all_accounts = Query::category(CATEGORY)?;
        let accounts = CommandHandler::keyed(CATEGORY, Account, log.clone())?;

        let read_model = Folded::of(Balances);
        let balances = read_model.reader();
        let projection = Projection::new("balances", all_accounts.clone(), read_model);
        let runner = Runner::open(projection, Mapped::keyed(log.clone()), folder.join("read models"))?;
        let controls = runner.controls();
        Ok(Bank { log, all_accounts, accounts, balances, controls, runner: runner.start() })
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

    /// The events of all accounts after a position. Its methods block.
    pub fn events(&self, after: Position) -> Subscription<'_, Log, Event> {
        self.log.subscribe(self.all_accounts.clone(), after)
    }

    /// Stops the thread that keeps the balances, and closes the log. Blocks until both is done.
    pub fn close(self) -> Result<(), Cause> {
        let Bank { log, accounts, runner, .. } = self;
        let (runner, stopped) = runner.stop();
        // They share the log, which is closed by its last owner.
        drop((runner, accounts));
        if let Some(log) = Arc::into_inner(log) {
            log.close()?;
        }
        Ok(stopped?)
    }
}
