//! What is owed while a contract is negotiated: letters, the signing, a note to the customer, and the contract's own next
//! steps when the signing service has answered.

use super::contract::{ContractCommand, ContractEvent, ContractNumber};
use super::customer::{CustomerCommand, CustomerEvent, CustomerNumber};
use super::outside::{Letter, MailCommand, MailEvent, SigningAnswer, SigningCommand, SigningEvent};
use super::{Command, Event};
use leftfold::im::{OrdMap, OrdSet};
use leftfold::{Fold, Keyed, Owed, ProcessManager, keyed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The process manager of all contracts.
///
/// What it knows of a contract is a set of facts. So a fact that is told late, twice or before another changes nothing
/// about what is owed in the end.
#[derive(Clone, Copy, Debug)]
pub struct Obligations;

/// Contracts of which something may still come to be owed, and those of which nothing can.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ToDo {
    under_way: OrdMap<ContractNumber, Known>,
    settled: OrdSet<ContractNumber>,
}

/// What is known of one contract.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Known {
    customer: Option<CustomerNumber>,
    reason: Option<String>,
    facts: BTreeSet<Fact>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Fact {
    Requested,
    Accepted,
    Rejected,
    Asked,
    Sent,
    Answered(SigningAnswer),
    Started,
    SignedInternally,
    SignedExternally,
    Completed,
    Abandoned,
    Mailed(Letter),
    Noted,
}

impl Fold for Obligations {
    type State = ToDo;
    type Event = Event;

    fn initial_state(&self) -> ToDo {
        ToDo::default()
    }

    fn evolve(&self, mut todo: ToDo, event: &Event) -> ToDo {
        let Some((contract, fact)) = fact(event) else { return todo };
        if todo.settled.contains(&contract) {
            return todo;
        }
        let known = todo.under_way.entry(contract).or_default();
        match event {
            Event::Contract(Keyed { message: ContractEvent::AppointmentMade { customer, .. }, .. }) => {
                known.customer = Some(*customer);
            }
            Event::Contract(Keyed { message: ContractEvent::ConditionsRejected { reason, .. }, .. }) => {
                known.reason = Some(reason.clone());
            }
            _ => {}
        }
        known.facts.extend(fact);
        if known.is_settled() {
            todo.under_way.remove(&contract);
            todo.settled.insert(contract);
        }
        todo
    }
}

/// Which contract an event is about, if it matters here.
pub fn contract_of(event: &Event) -> Option<ContractNumber> {
    fact(event).map(|(contract, _)| contract)
}

/// Which contract an event is about, and what it says; an appointment says nothing but with whom.
fn fact(event: &Event) -> Option<(ContractNumber, Option<Fact>)> {
    Some(match event {
        Event::Customer(Keyed { message: CustomerEvent::RejectionNoted { contract, .. }, .. }) => {
            (*contract, Some(Fact::Noted))
        }
        Event::Customer(_) => return None,
        Event::Contract(Keyed { key, message }) => {
            let fact = match message {
                ContractEvent::AppointmentMade { .. } | ContractEvent::AppointmentMoved { .. } => {
                    return Some((*key, None));
                }
                ContractEvent::SpecialConditionsRequested(_) => Fact::Requested,
                ContractEvent::ConditionsAccepted { .. } => Fact::Accepted,
                ContractEvent::ConditionsRejected { .. } => Fact::Rejected,
                ContractEvent::SentToSigningService => Fact::Sent,
                ContractEvent::SigningStarted => Fact::Started,
                ContractEvent::InternallySigned => Fact::SignedInternally,
                ContractEvent::ExternallySigned => Fact::SignedExternally,
                ContractEvent::ContractCompleted => Fact::Completed,
                ContractEvent::NegotiationAbandoned { .. } => Fact::Abandoned,
            };
            (*key, Some(fact))
        }
        Event::Mail(Keyed { key, message: MailEvent::MailSent { letter } }) => {
            (*key, Some(Fact::Mailed(*letter)))
        }
        Event::Signing(Keyed { key, message: SigningEvent::SigningRequested }) => (*key, Some(Fact::Asked)),
        Event::Signing(Keyed { key, message: SigningEvent::SigningServiceAnswered(answer) }) => {
            (*key, Some(Fact::Answered(*answer)))
        }
    })
}

impl ProcessManager for Obligations {
    type Command = Command;

    /// In the order of the contracts. O(contracts under way).
    fn pending(&self, todo: &ToDo) -> Vec<Owed<Command>> {
        todo.under_way.iter().flat_map(|(contract, known)| known.owed(*contract)).collect()
    }
}

impl Known {
    fn has(&self, fact: Fact) -> bool {
        self.facts.contains(&fact)
    }

    fn owed(&self, contract: ContractNumber) -> Vec<Owed<Command>> {
        let mut owed = Vec::new();
        let mut owe =
            |what: &str, command: Command| owed.push(Owed::now(format!("{contract}/{what}"), command));

        for (cause, letter) in [
            (Fact::Requested, Letter::Request),
            (Fact::Rejected, Letter::Rejection),
            (Fact::Completed, Letter::Completion),
        ] {
            if self.has(cause) && !self.has(Fact::Mailed(letter)) {
                let mail = keyed(contract, MailCommand::SendMail { letter });
                owe(&format!("mail {}", letter.name()), mail.into());
            }
        }
        if let (Some(customer), Some(reason), false) = (self.customer, &self.reason, self.has(Fact::Noted)) {
            let note = CustomerCommand::NoteRejection { contract, reason: reason.clone() };
            owe("note", keyed(customer, note).into());
        }
        if let Some((what, command)) = self.next_step_of_signing(contract) {
            owe(what, command);
        }
        owed
    }

    /// One step at a time: the contract hears of a signature only once it knows that signing has started.
    fn next_step_of_signing(&self, contract: ContractNumber) -> Option<(&'static str, Command)> {
        use ContractCommand::{
            CompleteContract, ConfirmExternalSignature, ConfirmInternalSignature, ConfirmSending,
            ConfirmStart,
        };
        use SigningAnswer::{SignedExternally, SignedInternally, Started};
        let answered = |answer| self.has(Fact::Answered(answer));
        let (what, command) = if self.has(Fact::Abandoned) || self.has(Fact::Completed) {
            return None;
        } else if !self.has(Fact::Sent) {
            if self.has(Fact::Asked) {
                ("sent", ConfirmSending)
            } else if self.has(Fact::Accepted) {
                return Some(("sign", keyed(contract, SigningCommand::RequestSigning).into()));
            } else {
                return None;
            }
        } else if !self.has(Fact::Started) {
            if !(answered(Started) || answered(SignedInternally) || answered(SignedExternally)) {
                return None;
            }
            ("started", ConfirmStart)
        } else if answered(SignedInternally) && !self.has(Fact::SignedInternally) {
            ("signed internally", ConfirmInternalSignature)
        } else if answered(SignedExternally) && !self.has(Fact::SignedExternally) {
            ("signed externally", ConfirmExternalSignature)
        } else if self.has(Fact::SignedInternally) && self.has(Fact::SignedExternally) {
            ("complete", CompleteContract)
        } else {
            return None;
        };
        Some((what, keyed(contract, command).into()))
    }

    /// Whatever is still to be told of it, nothing will be owed.
    fn is_settled(&self) -> bool {
        let ended = match () {
            () if self.has(Fact::Completed) => self.has(Fact::Mailed(Letter::Completion)),
            () if self.has(Fact::Rejected) => {
                self.has(Fact::Mailed(Letter::Rejection)) && self.has(Fact::Noted)
            }
            () => self.has(Fact::Abandoned),
        };
        ended && self.has(Fact::Mailed(Letter::Request))
    }
}
