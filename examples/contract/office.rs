//! Who handles what: buses over the log, and the process manager with the ports that it needs.

use crate::data::{CONTRACT, CUSTOMER, Data, MAIL, Record, SIGNING, in_words, of_contracts, stream};
use crate::letters::mailing;
use crate::model::contract::{ContractCommand, ContractNumber, Negotiation};
use crate::model::customer::{Customer, CustomerCommand, CustomerNumber};
use crate::model::obligations::{Obligations, contract_of};
use crate::model::outside::{Mail, MailCommand, SigningCommand, SigningService};
use crate::model::{Command, Event};
use crate::ports::{Outbox, SigningOffice};
use jiff::SignedDuration;
use leftfold::log::{FileLog, Syncing};
use leftfold::message::{Message, Umbrella};
use leftfold::recorded::{InvalidText, Timestamp};
use leftfold::runtime::{
    Cause, CommandBus, CommandHandler, HandleError, Issued, OwedItem, Process, ProcessRunner,
};
use leftfold::store::Typed;
use leftfold::{Decider, Keyed, keyed};
use std::fmt::{self, Debug, Display};
use std::sync::Arc;

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

/// A bus of commands that carry the number they are about.
type Bus<K, C> = CommandBus<Keyed<K, C>, Answer>;

/// The log, open for writing, and all who write to it.
pub struct Office {
    data: Data,
    log: Arc<FileLog<Record>>,
    /// Where each row of an export goes.
    pub customer_command_bus: Bus<CustomerNumber, CustomerCommand>,
    /// Where what is negotiated goes.
    pub contract_command_bus: Bus<ContractNumber, ContractCommand>,
    /// Where what the ports have done goes.
    mail_command_bus: Bus<ContractNumber, MailCommand>,
    signing_command_bus: Bus<ContractNumber, SigningCommand>,
    outbox: Outbox,
    signing: SigningOffice,
}

impl Office {
    /// Opens the log; `sync` tells when what was recorded is made durable, `delay` how long the signing service takes for an
    /// answer.
    pub fn open(data: &Data, sync: Syncing, delay: SignedDuration) -> Result<Office, Cause> {
        let log = Arc::new(data.log(sync)?);
        Ok(Office {
            customer_command_bus: bus(Customer, CUSTOMER, &log)?,
            contract_command_bus: bus(Negotiation, CONTRACT, &log)?,
            mail_command_bus: bus(Mail { checks: true }, MAIL, &log)?,
            signing_command_bus: bus(SigningService, SIGNING, &log)?,
            outbox: data.outbox(),
            signing: data.signing(delay),
            data: data.clone(),
            log,
        })
    }

    pub fn log(&self) -> &Arc<FileLog<Record>> {
        &self.log
    }

    /// Does all that is owed and takes what the signing service has answered by now, until nothing is left to do now. Tells
    /// each thing that was done, and answers with what is left.
    pub fn catch_up(&self, now: Timestamp, tell: fn(&str)) -> Result<Vec<OwedItem>, Cause> {
        let store = in_words(self.log.clone());
        let folder = self.data.projections();
        let mut runner = ProcessRunner::open(process()?.clock(move || now), store, folder, |issued| {
            self.dispatch(issued, now, tell)
        })?;
        loop {
            // Before anything is heard of the signing service: what it was asked may not be recorded yet.
            runner.run_once()?;
            if !self.hear(now, tell)? {
                return Ok(runner.owed());
            }
        }
    }

    /// Takes what the signing service has answered by now, and says whether there was anything. An answer that comes twice is
    /// recorded once.
    fn hear(&self, now: Timestamp, tell: fn(&str)) -> Result<bool, Cause> {
        let mut heard = false;
        for (contract, answer) in self.signing.answers(now)? {
            if send(&self.signing_command_bus, keyed(contract, SigningCommand::Answer(answer)))? > 0 {
                tell(&format!("contract {contract}: the signing service says {}", answer.name()));
            }
            self.signing.heard(contract, answer)?;
            heard = true;
        }
        Ok(heard)
    }

    /// Forgets what is kept of what is owed: it is read from the log again.
    pub fn begin_anew(&self) -> Result<(), Cause> {
        let store = in_words(self.log.clone());
        ProcessRunner::open(process()?.from_the_start(), store, self.data.projections(), |_| Ok(()))?;
        Ok(())
    }

    /// Lets something that is parked be tried again; says whether there was such a thing.
    pub fn release(&self, contract: ContractNumber, what: &str) -> Result<bool, Cause> {
        let store = in_words(self.log.clone());
        let mut runner = ProcessRunner::open(process()?, store, self.data.projections(), |_| Ok(()))?;
        Ok(runner.release(&contract.to_string(), &format!("{contract}/{what}"))?)
    }

    /// Who does what is owed: our own buses, or a port. A port acts first, and then it is recorded that it has; a crash in
    /// between makes it act again, under the same id.
    fn dispatch(&self, issued: Issued<Command>, now: Timestamp, tell: fn(&str)) -> Result<(), Cause> {
        match issued.command.clone() {
            Command::Customer(command) => {
                let told = format!("customer {}: the rejection is noted", command.key);
                done(send(&self.customer_command_bus, issued.map(|_| command))?, tell, &told);
            }
            Command::Contract(command) => {
                let told =
                    format!("contract {}: {}", command.key, leftfold::message::phrase(&command.message));
                done(send(&self.contract_command_bus, issued.map(|_| command))?, tell, &told);
            }
            Command::Mail(command) => {
                let MailCommand::SendMail { letter } = command.message;
                let mailing = mailing(&*self.log, command.key, letter)?;
                self.outbox.send(&mailing)?;
                let told = format!("contract {}: mail to {}, {}", command.key, mailing.to, mailing.subject);
                done(send(&self.mail_command_bus, issued.map(|_| command))?, tell, &told);
            }
            Command::Signing(command) => {
                self.signing.ask(command.key, now)?;
                let told = format!("contract {}: the signing service has it", command.key);
                done(send(&self.signing_command_bus, issued.map(|_| command))?, tell, &told);
            }
        }
        Ok(())
    }
}

fn done(recorded: usize, tell: fn(&str), told: &str) {
    if recorded > 0 {
        tell(told);
    }
}

/// The process manager: a to-do list for each contract.
pub fn process() -> Result<Process<Obligations>, InvalidText> {
    let process = Process::new("obligations", of_contracts()?, Obligations);
    Ok(process.per_identity(|_, event: &Event| contract_of(event).map(|contract| contract.to_string())))
}

/// Sends a command on its bus, and answers with how many events it has recorded.
///
/// # Errors
/// [`Refused`]; or what is wrong with the bus.
pub fn send<C: Message>(bus: &CommandBus<C, Answer>, command: impl Into<Issued<C>>) -> Result<usize, Cause> {
    // Nobody sends a command in the midst of another here, so that there is an answer.
    match bus.send(command)?.answer() {
        Some(answer) => Ok(answer?),
        None => Err("the command is handled later".into()),
    }
}

/// A bus to the handler of a decider, with a stream for each number.
fn bus<K, D>(
    decider: D,
    category: &'static str,
    log: &Arc<FileLog<Record>>,
) -> Result<Bus<K, D::Command>, Cause>
where
    K: Display + 'static,
    Keyed<K, D::Command>: Message,
    D: Decider<Event: Clone + 'static, Rejection: Debug + Display + 'static> + Send + Sync + 'static,
    D::State: Send + Sync,
    D::Command: 'static,
    Record: Umbrella<D::Event>,
{
    let numbered = decider.adapt(
        |command: &Keyed<K, D::Command>| Some(&command.message),
        |event: &D::Event| Some(event),
        |event| event,
    );
    let store = Typed::<_, Record, D::Event>::new(log.clone(), category)?;
    let handler = CommandHandler::per_identity(numbered, store, move |command: &Keyed<K, D::Command>| {
        stream(category, &command.key)
    });
    let handle = move |issued| match handler.handle(issued) {
        Ok(handled) if handled.repeated => Ok(0),
        Ok(handled) => Ok(handled.events.len()),
        Err(HandleError::Rejected(rejection)) => Err(Refused::Rejected(rejection.to_string())),
        Err(error) => Err(Refused::Failed(leftfold::page::with_sources(&error))),
    };
    Ok(CommandBus::routes().all(handle).start()?)
}
