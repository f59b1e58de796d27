//! Contracts for the customers of a fashion business: the customers, the negotiation, the mail and the signing service
//! under one umbrella, and a process manager that closes the loop between them.

pub mod contract;
pub mod customer;
pub mod form;
pub mod german;

pub mod obligations;
pub mod outside;
pub mod progress;
pub mod scenarios;
pub mod search;

pub use scenarios::model;

use contract::{Contract, ContractCommand, ContractEvent, ContractNumber, ContractRejection, Negotiation};
use customer::{Customer, CustomerCommand, CustomerEvent, CustomerNumber, CustomerRejection, Shop};
use leftfold::im::OrdMap;
use leftfold::{Decider, Joined, Keyed, Modelled, ProcessRejection, WithProcess, keyed, sum};
use obligations::{Obligations, ToDo};
use outside::{
    Letter, Mail, MailCommand, MailEvent, Signing, SigningCommand, SigningEvent, SigningRejection,
    SigningService,
};
use std::collections::BTreeMap;

sum! {
    /// All that can be asked for.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Command {
        Customer(Keyed<CustomerNumber, CustomerCommand>),
        Contract(Keyed<ContractNumber, ContractCommand>),
        Mail(Keyed<ContractNumber, MailCommand>),
        Signing(Keyed<ContractNumber, SigningCommand>),
    }
}

sum! {
    /// All that can happen.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Event {
        Customer(Keyed<CustomerNumber, CustomerEvent>),
        Contract(Keyed<ContractNumber, ContractEvent>),
        Mail(Keyed<ContractNumber, MailEvent>),
        Signing(Keyed<ContractNumber, SigningEvent>),
    }
}

sum! {
    /// All reasons why not.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
    pub enum Rejection {
        #[error("{0}")]
        Customer(CustomerRejection),
        #[error("{0}")]
        Contract(ContractRejection),
        #[error("{0}")]
        Signing(SigningRejection),
    }
}

/// What the four parts know: customers, contracts, the mail, the signing service.
pub type Parts = (
    (
        (OrdMap<CustomerNumber, Shop>, OrdMap<ContractNumber, Contract>),
        OrdMap<ContractNumber, BTreeMap<Letter, u8>>,
    ),
    OrdMap<ContractNumber, Signing>,
);

/// Customers, contracts, mail and signing service side by side.
pub fn parts(
    mail: Mail,
) -> impl Modelled<Command = Command, Event = Event, Rejection = Rejection, State = Parts> + Clone {
    let customers = Customer.many::<CustomerNumber>().part_of::<Command, Event, Rejection>();
    let contracts = Negotiation.many::<ContractNumber>().part_of();
    customers
        .merge(contracts)
        .merge(mail.many::<ContractNumber>().part_of())
        .merge(SigningService.many::<ContractNumber>().part_of())
}

/// What the parts know, and what is owed between them.
pub type Whole = Joined<Parts, ToDo>;

/// The whole process, with the loop closed at once.
pub fn whole()
-> impl Modelled<Command = Command, Event = Event, Rejection = ProcessRejection<Rejection, Command>, State = Whole>
+ Clone {
    parts(Mail { checks: true }).with_process(Obligations)
}

/// A message about the customer of this number.
pub fn customer<P, M>(number: u32, message: P) -> M
where
    M: From<Keyed<CustomerNumber, P>>,
{
    keyed(CustomerNumber(number), message).into()
}

/// A message about the contract of this number.
pub fn contract<P, M>(number: u32, message: P) -> M
where
    M: From<Keyed<ContractNumber, P>>,
{
    keyed(ContractNumber(number), message).into()
}
