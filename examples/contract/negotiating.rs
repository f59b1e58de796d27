//! Negotiating a contract, and doing what is owed for it.

use crate::data::{CONTRACT, CUSTOMER, Data, Record, stream};
use crate::line::Failed;
use crate::model::contract::{ContractCommand, ContractEvent, ContractNumber, Negotiation};
use crate::model::customer::{Customer, CustomerEvent, CustomerNumber};
use crate::model::form::{Answers, command};
use crate::office::{Office, send};
use jiff::{SignedDuration, Timestamp};
use leftfold::keyed;
use leftfold::log::{OpenError, Syncing};
use leftfold::message::phrase;
use leftfold::page::printable;
use leftfold::recorded::Position;
use leftfold::store::{EventReader, Reading};
use std::io::{self, Write};
use std::time::Duration;

/// How often it is looked whether the signing service has answered.
const TICK: Duration = Duration::from_millis(200);

/// Takes the next step of a contract, and does what is owed by that.
pub fn negotiate(
    data: &Data,
    number: ContractNumber,
    answers: &Answers,
    delay: SignedDuration,
) -> Result<bool, Failed> {
    let office = Office::open(data, Syncing::Always, delay)?;
    let contracts = office.log().category::<ContractEvent>(CONTRACT)?;
    let contract = contracts.load(&Negotiation, &stream(CONTRACT, number)?)?.state;
    let command = match command(&contract, answers) {
        Ok(command) => command,
        Err(validation) => {
            write!(io::stdout(), "{validation}")?;
            return Ok(false);
        }
    };
    if let ContractCommand::MakeAppointment { customer, .. } = &command {
        is_known(&**office.log(), *customer)?;
    }
    let told = phrase(&command).to_string();
    send(&office.contract_command_bus, keyed(number, command))?;
    tell(&format!("contract {number}: {told}"));
    office.catch_up(Timestamp::now(), tell)?;
    Ok(true)
}

/// Nobody negotiates with a shop of which the export has not told.
fn is_known(log: &impl EventReader<Record>, customer: CustomerNumber) -> Result<(), Failed> {
    let customers = log.category::<CustomerEvent>(CUSTOMER)?;
    match customers.load(&Customer, &stream(CUSTOMER, customer)?)?.state.basic {
        Some(_) => Ok(()),
        None => Err(format!("there is no customer {customer}: `search` finds those there are").into()),
    }
}

/// Does what is owed, and hears what the signing service answers: once, or until it is interrupted. Between two things to do
/// the log is free for others to write.
pub fn run(data: &Data, once: bool, delay: SignedDuration) -> Result<bool, Failed> {
    let reader = data.reader_of_something()?;
    let signing = data.signing(delay);
    let mut seen = Position::START;
    let mut again = None;
    if !once {
        writeln!(io::stdout(), "doing what is owed, until it is interrupted")?;
    }
    loop {
        let head = reader.wait(seen, if once { Duration::ZERO } else { TICK })?;
        let now = Timestamp::now();
        if head > seen || again.is_some_and(|at| at <= now) || !signing.answers(now)?.is_empty() {
            let office = match Office::open(data, Syncing::Always, delay) {
                // Somebody writes for a long time: an import, perhaps. What is owed can wait.
                Err(busy) if !once && matches!(busy.downcast_ref(), Some(OpenError::Locked { .. })) => {
                    continue;
                }
                opened => opened?,
            };
            let standing = office.catch_up(now, tell)?;
            seen = office.log().head()?;
            again = standing.iter().filter_map(|item| item.again).min();
            if once {
                let left = standing.len() as u64;
                writeln!(io::stdout(), "{} left to do", crate::intake::counted(left, "thing", "things"))?;
            }
        }
        if once {
            return Ok(true);
        }
    }
}

/// Lets something that was parked be tried again.
pub fn release(data: &Data, contract: ContractNumber, what: &str) -> Result<bool, Failed> {
    let office = Office::open(data, Syncing::Always, SignedDuration::ZERO)?;
    if office.release(contract, what)? {
        writeln!(io::stdout(), "contract {contract}: {} is tried again", printable(what))?;
        Ok(true)
    } else {
        Err(format!("nothing called {what:?} is parked for contract {contract}: `monitor` tells what is")
            .into())
    }
}

pub fn tell(told: &str) {
    // Who does not listen misses nothing that is not in the log.
    let _ = writeln!(io::stdout(), "{}", printable(told));
}
