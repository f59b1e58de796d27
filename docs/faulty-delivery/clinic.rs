// A clinic: an appointment is requested, confirmed or given back, and a mail goes out for each.

use leftfold::check::{Exploration, Property, explore};
use leftfold::delivery::{Delivery, DeliveryCommand, Network};
use leftfold::pattern::SignedDuration;
use leftfold::recorded::Timestamp;
use leftfold::{Decider, Fold, Owed, ProcessManager};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Letter {
    PleaseConfirm,
    SeeYouTomorrow,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    Request { at: Timestamp, slot: Timestamp },
    Confirm,
    GiveBack,
    Mail(Letter),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Event {
    Requested { at: Timestamp, slot: Timestamp },
    Confirmed,
    GivenBack,
    Mailed(Letter),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Rejection {
    NotNow,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Stage {
    #[default]
    Free,
    Requested,
    Confirmed,
    GivenBack,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Appointment {
    pub stage: Stage,
    /// How often each letter went out.
    pub mailed: BTreeMap<Letter, u8>,
}

/// The appointment and its mails; `checks` says whether the mails look at what went out already.
#[derive(Clone, Copy, Debug)]
pub struct Clinic {
    pub checks: bool,
}

impl Fold for Clinic {
    type State = Appointment;
    type Event = Event;

    fn initial_state(&self) -> Appointment {
        Appointment::default()
    }

    fn evolve(&self, mut appointment: Appointment, event: &Event) -> Appointment {
        match event {
            Event::Requested { .. } => appointment.stage = Stage::Requested,
            Event::Confirmed => appointment.stage = Stage::Confirmed,
            Event::GivenBack => appointment.stage = Stage::GivenBack,
            Event::Mailed(letter) => *appointment.mailed.entry(*letter).or_default() += 1,
        }
        appointment
    }
}

impl Decider for Clinic {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, appointment: &Appointment) -> Result<Vec<Event>, Rejection> {
        match (command, appointment.stage) {
            (Command::Request { at, slot }, Stage::Free) => {
                Ok(vec![Event::Requested { at: *at, slot: *slot }])
            }
            (Command::Confirm, Stage::Requested) => Ok(vec![Event::Confirmed]),
            (Command::GiveBack, Stage::Requested) => Ok(vec![Event::GivenBack]),
            (Command::Mail(letter), _) if self.checks && appointment.mailed.contains_key(letter) => {
                Ok(vec![])
            }
            (Command::Mail(letter), _) => Ok(vec![Event::Mailed(*letter)]),
            _ => Err(Rejection::NotNow),
        }
    }
}

pub const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What the office owes: a letter for each request, the slot back after a day, and a reminder before the appointment.
#[derive(Clone, Copy, Debug)]
pub struct Office;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Desk {
    /// When it was requested, and for when.
    pub requested: Option<(Timestamp, Timestamp)>,
    pub confirmed: bool,
    pub given_back: bool,
    pub mailed: BTreeSet<Letter>,
}

impl Fold for Office {
    type State = Desk;
    type Event = Event;

    fn initial_state(&self) -> Desk {
        Desk::default()
    }

    fn evolve(&self, mut desk: Desk, event: &Event) -> Desk {
        match event {
            Event::Requested { at, slot } => desk.requested = Some((*at, *slot)),
            Event::Confirmed => desk.confirmed = true,
            Event::GivenBack => desk.given_back = true,
            Event::Mailed(letter) => drop(desk.mailed.insert(*letter)),
        }
        desk
    }
}

impl ProcessManager for Office {
    type Command = Command;

    fn pending(&self, desk: &Desk) -> Vec<Owed<Command>> {
        let Some((at, slot)) = desk.requested else { return Vec::new() };
        let mail = |letter| !desk.mailed.contains(&letter);
        let mut owed = Vec::new();
        if mail(Letter::PleaseConfirm) {
            owed.push(Owed::now("please confirm", Command::Mail(Letter::PleaseConfirm)));
        }
        if !desk.confirmed && !desk.given_back {
            owed.push(Owed::at(at + DAY, "give back", Command::GiveBack));
        }
        if desk.confirmed && mail(Letter::SeeYouTomorrow) {
            owed.push(Owed::at(slot - DAY, "remind", Command::Mail(Letter::SeeYouTomorrow)).until(slot));
        }
        owed
    }
}

/// 2026-03-02T00:00:00Z.
pub const MONDAY: Timestamp = Timestamp::constant(1_772_409_600, 0);

/// Requested on Monday, for Friday.
pub fn request() -> Command {
    Command::Request { at: MONDAY, slot: MONDAY + 4 * DAY }
}

pub type State = Network<Appointment, Desk, Event, Command>;

pub const ONCE: &str = "no letter is mailed twice";
pub const ASKED: &str = "a patient who requests can still be asked to confirm";
pub const REMINDED: &str = "a patient who confirms can still be reminded";
pub const ENDS: &str = "once nothing more happens by itself, no request is open";

/// Everything that can become of one appointment over this network, and what is to hold.
pub fn explored(clinic: &Delivery<Clinic, Office>) -> Exploration<Delivery<Clinic, Office>> {
    let sent = |state: &State, letter| state.decider.mailed.get(&letter).copied().unwrap_or(0);
    let patient = || [request(), Command::Confirm].map(DeliveryCommand::Do);
    explore(clinic, |state: &State| patient().into_iter().chain(clinic.moves(state)).collect::<Vec<_>>())
        .property(Property::always(ONCE, |state: &State| state.decider.mailed.values().all(|n| *n <= 1)))
        .property(Property::always_possible(ASKED, move |state: &State| {
            state.decider.stage == Stage::Free || sent(state, Letter::PleaseConfirm) > 0
        }))
        .property(Property::always_possible(REMINDED, move |state: &State| {
            state.decider.stage != Stage::Confirmed || sent(state, Letter::SeeYouTomorrow) > 0
        }))
        .property(Property::always(ENDS, {
            let clinic = clinic.clone();
            move |state: &State| state.decider.stage != Stage::Requested || !clinic.moves(state).is_empty()
        }))
        .within("a second letter ends the story", |state: &State| {
            state.decider.mailed.values().all(|n| *n <= 1)
        })
        .run()
}
