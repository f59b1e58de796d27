// The model of the chapter, for its later blocks.
use leftfold::{Decider, Fold};

pub const PLACES: u8 = 3;

#[derive(Clone, Debug, PartialEq)]
pub enum Command { DriveIn, DriveOut, Subscribe, Cancel }

#[derive(Clone, Debug, PartialEq)]
pub enum Event { DroveIn, DroveOut, Subscribed, Cancelled }

#[derive(Clone, Debug, PartialEq)]
pub enum Rejection { Full, Empty }

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Garage { pub cars: u8, pub kept: u8 }

pub struct Rules;

impl Fold for Rules {
    type State = Garage;
    type Event = Event;

    fn initial_state(&self) -> Garage {
        Garage::default()
    }

    fn evolve(&self, Garage { cars, kept }: Garage, event: &Event) -> Garage {
        match event {
            Event::DroveIn => Garage { cars: cars + 1, kept },
            Event::DroveOut => Garage { cars: cars.saturating_sub(1), kept },
            Event::Subscribed => Garage { cars, kept: kept + 1 },
            Event::Cancelled => Garage { cars, kept: kept.saturating_sub(1) },
        }
    }
}

impl Decider for Rules {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, garage: &Garage) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::DriveIn if garage.cars + garage.kept >= PLACES => Err(Rejection::Full),
            Command::DriveIn => Ok(vec![Event::DroveIn]),
            Command::DriveOut if garage.cars == 0 => Err(Rejection::Empty),
            Command::DriveOut => Ok(vec![Event::DroveOut]),
            // The mistake: a place that a car stands on is given away.
            Command::Subscribe if garage.kept >= PLACES => Err(Rejection::Full),
            Command::Subscribe => Ok(vec![Event::Subscribed]),
            Command::Cancel if garage.kept == 0 => Err(Rejection::Empty),
            Command::Cancel => Ok(vec![Event::Cancelled]),
        }
    }
}
