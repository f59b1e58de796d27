//! The reserve model: customers whose contracts share a reserve of six. Small enough to know all of it (132 states with
//! one customer, 14,288 with two, 1,365,440 with three), and large enough to hide a mistake.
#![allow(dead_code)]

use leftfold::check::Property;
use leftfold::im::OrdMap;
use leftfold::{Decider, Fold};
use serde::{Deserialize, Serialize};

pub const RESERVE: u8 = 6;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    Open(u8),
    Revise(u8),
    Offer { customer: u8, price: u8 },
    Sign(u8),
    Pay { customer: u8, amount: u8 },
    MissPayment(u8),
    Suspend(u8),
    Resume(u8),
    Terminate(u8),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    Opened(u8),
    Revised(u8),
    Offered { customer: u8, price: u8 },
    Signed(u8),
    Paid { customer: u8, amount: u8 },
    PaymentMissed(u8),
    Suspended(u8),
    Resumed(u8),
    Terminated { customer: u8, refund: u8 },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rejection {
    AlreadyOpen,
    NotPossibleNow,
    TooDear { reserve: u8 },
    MoreThanOwed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Contract {
    Draft { rev: u8 },
    Offered { rev: u8, price: u8 },
    Active { price: u8, paid: u8, overdue: u8 },
    Suspended { price: u8, paid: u8 },
    Terminated { refund: u8 },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct State {
    pub contracts: OrdMap<u8, Contract>,
    pub reserve: u8,
}

/// The model, with the mistakes that are planted in it.
#[derive(Clone, Copy, Debug)]
pub struct Reserve {
    pub customers: u8,
    /// Signing does not look at the reserve.
    pub sign_unchecked: bool,
    /// Whoever terminates gets all of the price back, paid or not.
    pub refund_all: bool,
    /// Nothing is paid while a contract is suspended.
    pub suspended_pays_nothing: bool,
}

impl Reserve {
    pub fn of(customers: u8) -> Self {
        Reserve { customers, sign_unchecked: false, refund_all: false, suspended_pays_nothing: false }
    }

    pub fn with_sign_unchecked(customers: u8) -> Self {
        Reserve { sign_unchecked: true, ..Reserve::of(customers) }
    }
}

impl Fold for Reserve {
    type State = State;
    type Event = Event;

    fn initial_state(&self) -> State {
        State { contracts: OrdMap::new(), reserve: RESERVE }
    }

    fn evolve(&self, mut state: State, event: &Event) -> State {
        use Contract::*;
        let customer = match event {
            Event::Opened(customer) => {
                state.contracts.insert(*customer, Draft { rev: 0 });
                return state;
            }
            Event::Revised(customer)
            | Event::Offered { customer, .. }
            | Event::Signed(customer)
            | Event::Paid { customer, .. }
            | Event::PaymentMissed(customer)
            | Event::Suspended(customer)
            | Event::Resumed(customer)
            | Event::Terminated { customer, .. } => *customer,
        };
        let Some(contract) = state.contracts.get_mut(&customer) else {
            return state;
        };
        *contract = match (event, *contract) {
            (Event::Revised(_), Draft { rev } | Offered { rev, .. }) => Draft { rev: rev + 1 },
            (Event::Offered { price, .. }, Draft { rev }) => Offered { rev, price: *price },
            (Event::Signed(_), Offered { price, .. }) => {
                state.reserve = state.reserve.wrapping_sub(price);
                Active { price, paid: 0, overdue: 0 }
            }
            (Event::Paid { amount, .. }, Active { price, paid, .. }) => {
                state.reserve = state.reserve.wrapping_add(*amount);
                Active { price, paid: paid + amount, overdue: 0 }
            }
            (Event::Paid { amount, .. }, Suspended { price, paid }) => {
                state.reserve = state.reserve.wrapping_add(*amount);
                Suspended { price, paid: paid + amount }
            }
            (Event::PaymentMissed(_), Active { price, paid, overdue }) => {
                Active { price, paid, overdue: overdue + 1 }
            }
            (Event::Suspended(_), Active { price, paid, .. }) => Suspended { price, paid },
            (Event::Resumed(_), Suspended { price, paid }) => Active { price, paid, overdue: 0 },
            (Event::Terminated { refund, .. }, _) => {
                state.reserve = state.reserve.wrapping_add(*refund);
                Terminated { refund: *refund }
            }
            (_, unchanged) => unchanged,
        };
        state
    }
}

impl Decider for Reserve {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, Rejection> {
        use Contract::*;
        let of = |customer: &u8| state.contracts.get(customer).copied();
        let too_dear = Rejection::TooDear { reserve: state.reserve };
        let event = match command {
            Command::Open(customer) => match of(customer) {
                None => Event::Opened(*customer),
                Some(_) => return Err(Rejection::AlreadyOpen),
            },
            Command::Revise(customer) => match of(customer) {
                Some(Draft { rev } | Offered { rev, .. }) if rev < 3 => Event::Revised(*customer),
                _ => return Err(Rejection::NotPossibleNow),
            },
            Command::Offer { customer, price } => match of(customer) {
                Some(Draft { .. }) if *price <= state.reserve => {
                    Event::Offered { customer: *customer, price: *price }
                }
                Some(Draft { .. }) => return Err(too_dear),
                _ => return Err(Rejection::NotPossibleNow),
            },
            Command::Sign(customer) => match of(customer) {
                Some(Offered { price, .. }) if self.sign_unchecked || price <= state.reserve => {
                    Event::Signed(*customer)
                }
                Some(Offered { .. }) => return Err(too_dear),
                _ => return Err(Rejection::NotPossibleNow),
            },
            Command::Pay { customer, amount } => match of(customer) {
                Some(Suspended { .. }) if self.suspended_pays_nothing => {
                    return Err(Rejection::NotPossibleNow);
                }
                Some(Active { price, paid, .. } | Suspended { price, paid }) => {
                    if paid + amount > price {
                        return Err(Rejection::MoreThanOwed);
                    }
                    Event::Paid { customer: *customer, amount: *amount }
                }
                _ => return Err(Rejection::NotPossibleNow),
            },
            Command::MissPayment(customer) => match of(customer) {
                Some(Active { price, paid, overdue }) if overdue < 2 && paid < price => {
                    Event::PaymentMissed(*customer)
                }
                _ => return Err(Rejection::NotPossibleNow),
            },
            Command::Suspend(customer) => match of(customer) {
                Some(Active { overdue, .. }) if overdue > 0 => Event::Suspended(*customer),
                _ => return Err(Rejection::NotPossibleNow),
            },
            Command::Resume(customer) => match of(customer) {
                Some(Suspended { .. }) => Event::Resumed(*customer),
                _ => return Err(Rejection::NotPossibleNow),
            },
            Command::Terminate(customer) => match of(customer) {
                Some(Active { price, paid, .. } | Suspended { price, paid }) => {
                    let refund = if self.refund_all { price } else { price - paid };
                    Event::Terminated { customer: *customer, refund }
                }
                Some(Draft { .. } | Offered { .. }) => Event::Terminated { customer: *customer, refund: 0 },
                _ => return Err(Rejection::NotPossibleNow),
            },
        };
        Ok(vec![event])
    }

    fn is_terminal(&self, state: &State) -> bool {
        state.contracts.len() == usize::from(self.customers)
            && state.contracts.values().all(|contract| matches!(contract, Contract::Terminated { .. }))
    }
}

/// Every command of every customer, possible now or not.
pub fn alphabet(customers: u8) -> impl Fn(&State) -> Vec<Command> + Clone {
    move |_| all_commands(customers)
}

pub fn all_commands(customers: u8) -> Vec<Command> {
    let mut commands = Vec::with_capacity(15 * usize::from(customers));
    for customer in 0..customers {
        commands.extend([Command::Open(customer), Command::Revise(customer)]);
        commands.extend((1..=6).map(|price| Command::Offer { customer, price }));
        commands.push(Command::Sign(customer));
        commands.extend((1..=2).map(|amount| Command::Pay { customer, amount }));
        commands.extend([
            Command::MissPayment(customer),
            Command::Suspend(customer),
            Command::Resume(customer),
            Command::Terminate(customer),
        ]);
    }
    commands
}

/// The reserve is never more than it was at first, nor less than nothing. Broken by `sign_unchecked`: 6 commands.
pub fn reserve_is_kept() -> Property<Reserve> {
    Property::always("the reserve stays between 0 and 6", |state: &State| state.reserve <= RESERVE)
}

/// Not true of the model: 10 commands break it.
pub fn never_suspended_beside_a_refund() -> Property<Reserve> {
    Property::always("nobody is suspended half paid beside a large refund", |state: &State| {
        let suspended = state.contracts.values().any(
            |contract| matches!(contract, Contract::Suspended { price, paid } if *price >= 3 && *paid >= 2),
        );
        let refunded = state
            .contracts
            .values()
            .any(|contract| matches!(contract, Contract::Terminated { refund } if *refund >= 2));
        !(suspended && refunded)
    })
}

/// Not true of the model: 10 commands break it.
pub fn never_two_late_offers() -> Property<Reserve> {
    Property::always("no two contracts are offered at their third revision", |state: &State| {
        let late = state
            .contracts
            .values()
            .filter(|contract| matches!(contract, Contract::Offered { rev: 3, .. }))
            .count();
        late < 2
    })
}
