//! The account beside a log with many streams, one of which grows while it is served, and beside an account that pays out less.

use leftfold::codec::Codec;
use leftfold::desk::OnDesk;
use leftfold::log::{FileLog, FileLogReader};
use leftfold::recorded::StreamName;
use leftfold::store::{Batch, EventStore};
use leftfold::workbench::PageServer;
use leftfold::{Decider, Fold, Model};
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
    let server = PageServer::bind(account::model().desk_with_log(reader).and(careful().desk()), Some(0))?;
    println!("{}", server.address());
    thread::spawn(move || {
        while log.append(Batch::to(&growing).event(Event::Deposited(1))).is_ok() {
            thread::sleep(Duration::from_millis(200));
        }
    });
    Ok(server.run()?)
}
