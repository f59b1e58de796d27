//! All who write to the log: the handlers of the four parts, and the ports that act for two of them.

use crate::data::{CONTRACT, CUSTOMER, Data, MAIL, Record, SIGNING, stream};
use crate::letters::mailing;
use crate::model::Command;
use crate::model::contract::{ContractNumber, Negotiation};
use crate::model::customer::{Customer, CustomerNumber};
use crate::model::outside::{Mail, MailCommand, SigningCommand, SigningRejection, SigningService};
use crate::ports::{Outbox, SigningOffice};
use crate::store::Log;
use jiff::SignedDuration;
use leftfold::message::Umbrella;
use leftfold::recorded::{InvalidText, Timestamp};
use leftfold::runtime::{Cause, CommandHandler, HandleError, Issued, OfKey};
use leftfold::store::Typed;
use leftfold::{Decider, Fold, keyed};
use std::fmt::{Debug, Display};

/// The handler of one part, with a stream for each number.
pub type Handler<K, D> = CommandHandler<OfKey<D, K>, Typed<Log, Record, <D as Fold>::Event>>;

/// The header of an event that says who gave its command.
pub const BY: &str = "by";
const THE_PROCESS: &str = "process manager";
const THE_SIGNING_SERVICE: &str = "signing service";
/// Where the customers of an empty folder come from.
pub const THE_LEGACY_SYSTEM: &str = "legacy system";
/// The parts of the system that give commands: no person has such a name.
pub const PARTS: [&str; 3] = [THE_PROCESS, THE_SIGNING_SERVICE, THE_LEGACY_SYSTEM];

pub struct Writers {
    pub log: Log,
    pub customers: Handler<CustomerNumber, Customer>,
    pub contracts: Handler<ContractNumber, Negotiation>,
    mail: Handler<ContractNumber, Mail>,
    signing: Handler<ContractNumber, SigningService>,
    pub outbox: Outbox,
    pub signing_office: SigningOffice,
}

impl Writers {
    pub fn of(log: Log, data: &Data, signing_delay: SignedDuration) -> Result<Writers, InvalidText> {
        Ok(Writers {
            customers: handler(CUSTOMER, Customer, &log)?,
            contracts: handler(CONTRACT, Negotiation, &log)?,
            mail: handler(MAIL, Mail { checks: true }, &log)?,
            signing: handler(SIGNING, SigningService, &log)?,
            outbox: data.outbox(),
            signing_office: data.signing(signing_delay),
            log,
        })
    }

    /// Does what is owed. A port acts first, and then it is recorded that it has; a crash in between makes it act again, under the
    /// same id.
    pub fn dispatch(&self, issued: Issued<Command>, now: Timestamp) -> Result<(), Cause> {
        let issued = issued.header(BY, THE_PROCESS);
        match issued.command.clone() {
            Command::Customer(command) => {
                self.customers.handle(issued.map(|_| command))?;
            }
            Command::Contract(command) => {
                self.contracts.handle(issued.map(|_| command))?;
            }
            Command::Mail(command) => {
                let MailCommand::SendMail { letter } = command.message;
                self.outbox.send(&mailing(&self.log, command.key, letter)?)?;
                self.mail.handle(issued.map(|_| command))?;
            }
            Command::Signing(command) => {
                self.signing_office.ask(command.key, now)?;
                self.signing.handle(issued.map(|_| command))?;
            }
        }
        Ok(())
    }

    /// Takes what the signing service has answered by now. An answer that comes twice is recorded once.
    pub fn hear(&self, now: Timestamp) -> Result<(), Cause> {
        for (contract, answer) in self.signing_office.answers(now)? {
            let command = Issued::of(keyed(contract, SigningCommand::Answer(answer)));
            match self.signing.handle(command.header(BY, THE_SIGNING_SERVICE)) {
                // It is quicker than our own record of having asked: it is heard the next time.
                Err(HandleError::Rejected(SigningRejection::NotAsked)) => {}
                handled => {
                    handled?;
                    self.signing_office.heard(contract, answer)?;
                }
            }
        }
        Ok(())
    }

    /// The log alone, when nobody writes any more.
    pub fn into_log(self) -> Log {
        self.log
    }

    /// Whether there is a shop of this number.
    pub fn is_known(&self, customer: CustomerNumber) -> Result<bool, Cause> {
        Ok(self.customers.look(&stream(CUSTOMER, customer)?, |shop, _| shop.basic.is_some())?)
    }
}

fn handler<K, D>(category: &'static str, decider: D, log: &Log) -> Result<Handler<K, D>, InvalidText>
where
    K: Display + 'static,
    D: Decider<Event: Clone + 'static, Command: 'static, Rejection: Debug>,
    Record: Umbrella<D::Event>,
{
    CommandHandler::keyed(category, decider, Typed::new(log.clone(), category)?)
}
