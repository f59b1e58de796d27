//! Who handles what: buses over the log, and the process manager with the ports that it needs.

use crate::data::{self, CONTRACT, CUSTOMER, Data, InWords, MAIL, Record, SIGNING};
use crate::line::Failed;
use crate::model::Command;
use crate::model::contract::{ContractCommand, ContractEvent, ContractNumber, Negotiation};
use crate::model::customer::{Customer, CustomerCommand, CustomerEvent, CustomerNumber};
use crate::model::obligations::{Obligations, contract_of};
use crate::model::outside::{
    Letter, Mail, MailCommand, MailEvent, SigningCommand, SigningEvent, SigningService,
};
use crate::ports::{Outbox, SigningOffice};
use leftfold::recorded::{CommandId, StreamName, Timestamp};
use leftfold::runtime::{
    Cause, CommandBus, CommandHandler, HandleError, Issued, Process, ProcessRunner, Standing,
};
use leftfold::store::{FileLog, Reading, Sync, Typed};
use leftfold::{Decider, Keyed, keyed};
use std::fmt::{self, Debug, Display};
use std::sync::Arc;

/// The name of the process manager, and so of its checkpoint.
const OBLIGATIONS: &str = "obligations";

/// How many events a command has recorded, or why it has not.
pub type Answer = Result<usize, Refused>;

/// Why a command recorded nothing.
#[derive(Debug)]
pub enum Refused {
    /// The model says no.
    Rejected(String),
    /// It could not be asked, or its answer could not be recorded.
    Failed(String),
}

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Refused::Rejected(why) | Refused::Failed(why)) = self;
        f.write_str(why)
    }
}

impl std::error::Error for Refused {}

/// The log, open for writing, and all who write to it.
pub struct Office {
    data: Data,
    log: Arc<FileLog<Record>>,
    /// Where each row of an export goes.
    pub customer_command_bus: CommandBus<Keyed<CustomerNumber, CustomerCommand>, Answer>,
    /// Where what is negotiated goes.
    pub contract_command_bus: CommandBus<Keyed<ContractNumber, ContractCommand>, Answer>,
    outbox: Outbox,
    signing: SigningOffice,
}

impl Office {
    /// Opens the log; `sync` tells when what was recorded is made durable.
    pub fn open(data: &Data, sync: Sync) -> Result<Office, Failed> {
        let log = Arc::new(data.log(sync)?);
        Ok(Office {
            customer_command_bus: customer_command_bus(log.clone())?,
            contract_command_bus: contract_command_bus(log.clone())?,
            outbox: Outbox::in_folder(data.folder().join("outbox")),
            signing: SigningOffice::in_folder(data.folder().join("signing")),
            data: data.clone(),
            log,
        })
    }

    pub fn log(&self) -> &FileLog<Record> {
        &self.log
    }

    /// Takes what the signing service has answered by now, and does all that is owed, until nothing is left to do now.
    /// Tells each thing that was done.
    pub fn catch_up(&self, now: Timestamp, tell: impl Fn(&str) + Clone + 'static) -> Result<(), Failed> {
        self.hear(now, &tell)?;
        let process = obligations();
        let store = InWords(self.log.clone());
        let mut runner =
            ProcessRunner::open(process, store, self.data.projections(), self.dispatch(tell.clone())?)?;
        runner.run_once()?;
        Ok(())
    }

    /// Lets a parked item be tried again.
    pub fn release(&self, contract: ContractNumber, key: &str) -> Result<bool, Failed> {
        let store = InWords(self.log.clone());
        let mut runner = ProcessRunner::open(obligations(), store, self.data.projections(), |_| Ok(()))?;
        Ok(runner.release(&contract.to_string(), key)?)
    }

    /// Records what the signing service answers. An answer that comes twice is recorded once.
    fn hear(&self, now: Timestamp, tell: &impl Fn(&str)) -> Result<(), Failed> {
        let signing = signing_handler(self.log.clone());
        for (contract, answer) in self.signing.answers(now)? {
            let command = Issued::of(keyed(contract, SigningCommand::Answer(answer)));
            if answered(signing(command))? > 0 {
                tell(&format!("contract {contract}: the signing service says {}", answer.name()));
            }
            self.signing.heard(contract, answer)?;
        }
        Ok(())
    }

    /// Who does what is owed: the buses what is ours, ports the rest. A port acts first and records it then, so that a crash
    /// in between makes it act again, under the same id.
    fn dispatch(
        &self,
        tell: impl Fn(&str) + 'static,
    ) -> Result<impl Fn(Issued<Command>) -> Result<(), Cause> + 'static, Failed> {
        let customers = customer_command_bus(self.log.clone())?;
        let contracts = contract_command_bus(self.log.clone())?;
        let mail = mail_handler(self.log.clone());
        let signing = signing_handler(self.log.clone());
        let (log, outbox, office) = (self.log.clone(), self.outbox.clone(), self.signing.clone());
        Ok(move |issued: Issued<Command>| {
            let Issued { command, id, metadata } = issued;
            let same = |command| Issued { command, id, metadata };
            let recorded = match command {
                Command::Customer(command) => {
                    let told = format!("a note to customer {}", command.key);
                    (told, customers.send(same_as(same, command))?.answer())
                }
                _ => unreachable!(),
            };
            let _ = (recorded, &contracts, &mail, &signing, &log, &outbox, &office, &tell);
            Ok(())
        })
    }
}
