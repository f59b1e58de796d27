//! The account beside a log with many streams, one of which grows while it is served, and beside an account that pays out less.

use leftfold::codec::Codec;
use leftfold::desk::OnDesk;
use leftfold::log::{FileLog, FileLogReader};
use leftfold::recorded::StreamName;
use leftfold::store::{Batch, EventStore, Memory};
use leftfold::workbench::PageServer;
use leftfold::{Decider, Desk, Fold, Keyed, Model, keyed};
use std::error::Error;
use std::thread;
use std::time::Duration;

#[allow(dead_code)]
#[path = "../../examples/account/model.rs"]
mod account;

use account::{Account, Command, Event, Rejection, State};

/// An account that pays out at most two euros at once.
fn careful() -> Model<impl OnDesk> {
    let decide = |command: &Command, state: &State| match (command, state) {
        (Command::Withdraw(3..), State::Open { balance, .. }) => {
            Err(Rejection::InsufficientFunds { balance: *balance })
        }
        _ => Account.decide(command, state),
    };
    let decider = leftfold::decider(
        || Account.initial_state(),
        decide,
        |state, event: &Event| Account.evolve(state, event),
    );
    Model::new("careful account", decider).alphabet(account::commands).explored(1_000)
}

/// An event of a program that came later.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Later {
    OwnerChanged { owner: String },
}

/// An account whose events are among those of others, in one stream.
fn by_key() -> Result<Desk, Box<dyn Error>> {
    let store = Memory::new();
    let opened = |owner: &str| Event::AccountOpened { owner: owner.into() };
    let all = StreamName::new("all")?;
    store.append(Batch::to(&all).events([
        keyed(1, opened("Petra")),
        keyed(2, opened("Ada")),
        keyed(2, Event::Deposited(4)),
    ]))?;
    let one = Account.adapt(
        |command: &Command| Some(command),
        |event: &Keyed<u32, Event>| Some(&event.message),
        |event| keyed(0, event),
    );
    Ok(Model::new("account by key", one)
        .alphabet(account::commands)
        .each_key(|event| event.key)
        .desk_with_log(store))
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let later = StreamName::of("later", 1)?;
    let opened = || Event::AccountOpened { owner: "Petra <b>".into() };
    {
        let log = FileLog::open(folder.path(), Codec::new()?)?;
        log.append(Batch::to(&later).events([opened(), Event::Deposited(4)]))?;
    }
    {
        let log = FileLog::open(folder.path(), Codec::<Later>::new()?)?;
        log.append(Batch::to(&later).event(Later::OwnerChanged { owner: "Ada".into() }))?;
    }
    let log = FileLog::open(folder.path(), Codec::new()?)?;
    for n in 0..300 {
        log.append(Batch::to(&StreamName::of("account", n)?).event(opened()))?;
    }
    let long = StreamName::of("long", 1)?;
    log.append(Batch::to(&long).event(opened()).events((0..9_999).map(|_| Event::Deposited(1))))?;
    let growing = StreamName::of("growing", 1)?;
    log.append(Batch::to(&growing).event(opened()))?;
    let reader = FileLogReader::open(folder.path(), Codec::new()?)?;
    let server = PageServer::bind(
        account::model().desk_with_log(reader).and(careful().desk()).and(by_key()?),
        Some(0),
    )?;
    println!("{}", server.address());
    thread::spawn(move || {
        while log.append(Batch::to(&growing).event(Event::Deposited(1))).is_ok() {
            thread::sleep(Duration::from_millis(200));
        }
    });
    Ok(server.run()?)
}
