//! Customers share a reserve of six. The model that exploration and random walks are measured on.

use leftfold::check::Property;
use leftfold::im::OrdMap;
use leftfold::{Decider, Fold};
use serde::{Deserialize, Serialize};

pub const RESERVE: u8 = 6;

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Command {
    pub customer: u8,
    pub ask: Ask,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Ask {
    Open,
    Revise,
    Offer { price: u8 },
    Sign,
    Pay(u8),
    MissPayment,
    Suspend,
    Resume,
    Terminate,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Event {
    pub customer: u8,
    pub fact: Fact,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Fact {
    Opened,
    Revised,
    Offered { price: u8 },
    Signed,
    Paid(u8),
    PaymentMissed,
    Suspended,
    Resumed,
    Terminated { refund: u8 },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Rejection {
    NotNow,
    ReserveTooSmall,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// `checks_reserve: false` plants the first bug: `Sign` does not look at the reserve, which wraps below zero.
#[derive(Clone, Copy, Debug)]
pub struct Reserve {
    pub checks_reserve: bool,
}

impl Default for Reserve {
    fn default() -> Self {
        Reserve { checks_reserve: true }
    }
}

impl Fold for Reserve {
    type State = State;
    type Event = Event;

    fn initial_state(&self) -> State {
        State { contracts: OrdMap::new(), reserve: RESERVE }
    }

    fn evolve(&self, mut state: State, event: &Event) -> State {
        if event.fact == Fact::Opened {
            state.contracts.insert(event.customer, Contract::Draft { rev: 0 });
            return state;
        }
        let State { contracts, reserve } = &mut state;
        let Some(contract) = contracts.get_mut(&event.customer) else { return state };
        let next = match (&*contract, &event.fact) {
            (Contract::Draft { rev } | Contract::Offered { rev, .. }, Fact::Revised) => {
                Contract::Draft { rev: rev + 1 }
            }
            (Contract::Draft { rev }, Fact::Offered { price }) => {
                Contract::Offered { rev: *rev, price: *price }
            }
            (Contract::Offered { price, .. }, Fact::Signed) => {
                *reserve = reserve.wrapping_sub(*price);
                Contract::Active { price: *price, paid: 0, overdue: 0 }
            }
            (Contract::Active { price, paid, .. }, Fact::Paid(amount)) => {
                *reserve = reserve.wrapping_add(*amount);
                Contract::Active { price: *price, paid: paid + amount, overdue: 0 }
            }
            (Contract::Suspended { price, paid }, Fact::Paid(amount)) => {
                *reserve = reserve.wrapping_add(*amount);
                Contract::Suspended { price: *price, paid: paid + amount }
            }
            (Contract::Active { price, paid, overdue }, Fact::PaymentMissed) => {
                Contract::Active { price: *price, paid: *paid, overdue: overdue + 1 }
            }
            (Contract::Active { price, paid, .. }, Fact::Suspended) => {
                Contract::Suspended { price: *price, paid: *paid }
            }
            (Contract::Suspended { price, paid }, Fact::Resumed) => {
                Contract::Active { price: *price, paid: *paid, overdue: 0 }
            }
            (_, Fact::Terminated { refund }) => {
                *reserve = reserve.wrapping_add(*refund);
                Contract::Terminated { refund: *refund }
            }
            (unchanged, _) => unchanged.clone(),
        };
        *contract = next;
        state
    }
}

impl Decider for Reserve {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, Rejection> {
        use Contract::{Active, Draft, Offered, Suspended};
        let contract = state.contracts.get(&command.customer);
        let fact = match (&command.ask, contract) {
            (Ask::Open, None) => Fact::Opened,
            (Ask::Revise, Some(Draft { rev } | Offered { rev, .. })) if *rev < 3 => Fact::Revised,
            (Ask::Offer { price }, Some(Draft { .. })) => {
                if *price > state.reserve {
                    return Err(Rejection::ReserveTooSmall);
                }
                Fact::Offered { price: *price }
            }
            (Ask::Sign, Some(Offered { price, .. })) => {
                if self.checks_reserve && *price > state.reserve {
                    return Err(Rejection::ReserveTooSmall);
                }
                Fact::Signed
            }
            (Ask::Pay(amount), Some(Active { price, paid, .. } | Suspended { price, paid }))
                if paid + amount <= *price =>
            {
                Fact::Paid(*amount)
            }
            (Ask::MissPayment, Some(Active { price, paid, overdue })) if *overdue < 2 && paid < price => {
                Fact::PaymentMissed
            }
            (Ask::Suspend, Some(Active { overdue, .. })) if *overdue > 0 => Fact::Suspended,
            (Ask::Resume, Some(Suspended { .. })) => Fact::Resumed,
            (Ask::Terminate, Some(Active { price, paid, .. } | Suspended { price, paid })) => {
                Fact::Terminated { refund: price - paid }
            }
            (Ask::Terminate, Some(Draft { .. } | Offered { .. })) => Fact::Terminated { refund: 0 },
            _ => return Err(Rejection::NotNow),
        };
        Ok(vec![Event { customer: command.customer, fact }])
    }
}

/// Every command for each customer.
pub fn alphabet(customers: u8) -> impl Fn(&State) -> Vec<Command> + Sync {
    let asks = || {
        let prices = (1..=RESERVE).map(|price| Ask::Offer { price });
        [Ask::Open, Ask::Revise].into_iter().chain(prices).chain([
            Ask::Sign,
            Ask::Pay(1),
            Ask::Pay(2),
            Ask::MissPayment,
            Ask::Suspend,
            Ask::Resume,
            Ask::Terminate,
        ])
    };
    let all: Vec<Command> =
        (0..customers).flat_map(|customer| asks().map(move |ask| Command { customer, ask })).collect();
    move |_| all.clone()
}

/// The invariant.
pub fn never_above_six() -> Property<Reserve> {
    Property::always("the reserve is never above six", |state: &State| state.reserve <= RESERVE)
}

/// The second planted bug: reached after ten commands.
pub fn never_suspended_beside_a_refund() -> Property<Reserve> {
    Property::always("nobody is suspended while another has a refund", |state: &State| {
        let suspended =
            |contract: &Contract| matches!(contract, Contract::Suspended { price: 3.., paid: 2.. });
        let refunded = |contract: &Contract| matches!(contract, Contract::Terminated { refund: 2.. });
        !(state.contracts.values().any(suspended) && state.contracts.values().any(refunded))
    })
}

/// The third planted bug: reached after ten commands.
pub fn never_two_last_offers() -> Property<Reserve> {
    Property::always("never two last offers at once", |state: &State| {
        let last = |contract: &&Contract| matches!(contract, Contract::Offered { rev: 3, .. });
        state.contracts.values().filter(last).count() < 2
    })
}
