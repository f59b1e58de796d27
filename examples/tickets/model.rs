//! The last seat, sold by two clerks. Each looks at the plan of seats and then sells; what one saw may be stale by the
//! time of the sale.

use leftfold::im::OrdMap;
use leftfold::{Decider, Fold};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Command {
    LookAtPlan { clerk: u8 },
    SellSeat { clerk: u8 },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Event {
    PlanSeen { clerk: u8, version: u32, seats_left: u8 },
    SeatSold { clerk: u8 },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Rejection {
    PlanNotSeen,
    SoldOut,
    /// Somebody has sold a seat since the clerk looked: look again.
    PlanHasChanged {
        seen: u32,
        now: u32,
    },
}

/// What a clerk knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Seen {
    pub version: u32,
    pub seats_left: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct State {
    /// Seats sold; their number is the version of the plan too.
    pub sold: u8,
    pub seen: OrdMap<u8, Seen>,
}

/// A box office. A clerk decides by what was seen; with an expected version, the sale is refused when that is stale.
pub struct BoxOffice {
    pub seats: u8,
    pub expects_version: bool,
}

impl Fold for BoxOffice {
    type State = State;
    type Event = Event;

    fn initial_state(&self) -> State {
        State { sold: 0, seen: OrdMap::new() }
    }

    fn evolve(&self, mut state: State, event: &Event) -> State {
        match event {
            Event::PlanSeen { clerk, version, seats_left } => {
                state.seen.insert(*clerk, Seen { version: *version, seats_left: *seats_left });
            }
            Event::SeatSold { clerk } => {
                state.sold = state.sold.saturating_add(1);
                state.seen.remove(clerk);
            }
        }
        state
    }
}

impl Decider for BoxOffice {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, Rejection> {
        let now = u32::from(state.sold);
        match command {
            Command::LookAtPlan { clerk } => Ok(vec![Event::PlanSeen {
                clerk: *clerk,
                version: now,
                seats_left: self.seats.saturating_sub(state.sold),
            }]),
            Command::SellSeat { clerk } => match state.seen.get(clerk) {
                None => Err(Rejection::PlanNotSeen),
                Some(Seen { version, .. }) if self.expects_version && *version != now => {
                    Err(Rejection::PlanHasChanged { seen: *version, now })
                }
                Some(Seen { seats_left: 0, .. }) => Err(Rejection::SoldOut),
                Some(_) => Ok(vec![Event::SeatSold { clerk: *clerk }]),
            },
        }
    }
}

/// Two clerks, who may look and sell at any time.
pub fn alphabet() -> Vec<Command> {
    [1, 2]
        .into_iter()
        .flat_map(|clerk| [Command::LookAtPlan { clerk }, Command::SellSeat { clerk }])
        .collect()
}
