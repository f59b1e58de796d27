//! Two-phase commit: a coordinator and its participants agree to commit, or to abort.
//!
//! After J. Gray and L. Lamport, "Consensus on Transaction Commit" (2004), section 3, in the form in which the model
//! checker stateright publishes it: messages are never lost, and may be read late or twice. With three participants there
//! are 288 states, with five 8,832.

use leftfold::check::Property;
use leftfold::im::{OrdSet, Vector};
use leftfold::{Decider, Fold, Model, Scenario};
use serde::{Deserialize, Serialize};

/// What somebody does next: the coordinator, or the participant of this number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Command {
    Prepare(usize),
    ChooseToAbort(usize),
    HearThatOneIsPrepared(usize),
    DecideToCommit,
    DecideToAbort,
    HearCommit(usize),
    HearAbort(usize),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Event {
    /// The participant has prepared, and sent word.
    Prepared(usize),
    /// The participant has aborted: of its own choice, or because it was told to.
    Aborted(usize),
    Committed(usize),
    /// The coordinator has heard that the participant is prepared.
    HeardOf(usize),
    CommitDecided,
    AbortDecided,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Rejection {
    NoLongerWorking,
    NothingWasSent,
    AlreadyDecided,
    NotAllArePrepared,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Participant {
    Working,
    Prepared,
    Committed,
    Aborted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Decision {
    Open,
    Commit,
    Abort,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct State {
    pub participants: Vector<Participant>,
    /// What the coordinator has decided, and sent to all.
    pub decision: Decision,
    /// Who has sent word of being prepared.
    pub sent: OrdSet<usize>,
    /// Of whom the coordinator has heard.
    pub heard: OrdSet<usize>,
}

#[derive(Clone, Copy, Debug)]
pub struct TwoPhaseCommit {
    pub participants: usize,
}

impl Fold for TwoPhaseCommit {
    type State = State;
    type Event = Event;

    fn initial_state(&self) -> State {
        State {
            participants: (0..self.participants).map(|_| Participant::Working).collect(),
            decision: Decision::Open,
            sent: OrdSet::new(),
            heard: OrdSet::new(),
        }
    }

    fn evolve(&self, mut state: State, event: &Event) -> State {
        let mut becomes = |of: &usize, now| {
            if let Some(participant) = state.participants.get_mut(*of) {
                *participant = now;
            }
        };
        match event {
            Event::Prepared(of) => {
                becomes(of, Participant::Prepared);
                state.sent.insert(*of);
            }
            Event::Aborted(of) => becomes(of, Participant::Aborted),
            Event::Committed(of) => becomes(of, Participant::Committed),
            Event::HeardOf(of) => {
                state.heard.insert(*of);
            }
            Event::CommitDecided => state.decision = Decision::Commit,
            Event::AbortDecided => state.decision = Decision::Abort,
        }
        state
    }
}

impl Decider for TwoPhaseCommit {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, Rejection> {
        let open = state.decision == Decision::Open;
        let working = |of: &usize| state.participants.get(*of) == Some(&Participant::Working);
        let (allowed, event, otherwise) = match command {
            Command::Prepare(of) => (working(of), Event::Prepared(*of), Rejection::NoLongerWorking),
            Command::ChooseToAbort(of) => (working(of), Event::Aborted(*of), Rejection::NoLongerWorking),
            Command::HearThatOneIsPrepared(_) | Command::DecideToCommit | Command::DecideToAbort if !open => {
                return Err(Rejection::AlreadyDecided);
            }
            Command::HearThatOneIsPrepared(of) => {
                (state.sent.contains(of), Event::HeardOf(*of), Rejection::NothingWasSent)
            }
            Command::DecideToCommit => {
                let all = state.heard.len() == self.participants;
                (all, Event::CommitDecided, Rejection::NotAllArePrepared)
            }
            Command::DecideToAbort => return Ok(vec![Event::AbortDecided]),
            Command::HearCommit(of) => {
                (state.decision == Decision::Commit, Event::Committed(*of), Rejection::NothingWasSent)
            }
            Command::HearAbort(of) => {
                (state.decision == Decision::Abort, Event::Aborted(*of), Rejection::NothingWasSent)
            }
        };
        if allowed { Ok(vec![event]) } else { Err(otherwise) }
    }
}

/// Everything that anybody may do.
pub fn alphabet(state: &State) -> Vec<Command> {
    let all = state.participants.len();
    let each = [
        Command::Prepare as fn(usize) -> Command,
        Command::ChooseToAbort,
        Command::HearThatOneIsPrepared,
        Command::HearCommit,
        Command::HearAbort,
    ];
    let of_participants = (0..all).flat_map(|of| each.map(|command| command(of)));
    [Command::DecideToCommit, Command::DecideToAbort].into_iter().chain(of_participants).collect()
}

/// The state with its participants in another order: number `n` becomes `order[n]`.
pub fn permuted(state: &State, order: &[usize]) -> State {
    let mut participants = state.participants.clone();
    for (participant, place) in state.participants.iter().zip(order) {
        participants.set(*place, *participant);
    }
    let set = |of: &OrdSet<usize>| of.iter().filter_map(|one| order.get(*one)).copied().collect();
    State { participants, decision: state.decision, sent: set(&state.sent), heard: set(&state.heard) }
}

pub fn properties() -> Vec<Property<TwoPhaseCommit>> {
    let all = |state: &State, wanted| state.participants.iter().all(|participant| *participant == wanted);
    vec![
        Property::always("nobody commits what another aborts", |state: &State| {
            let any = |wanted| state.participants.iter().any(|participant| *participant == wanted);
            !(any(Participant::Committed) && any(Participant::Aborted))
        }),
        Property::sometimes("all commit", move |state| all(state, Participant::Committed)),
        Property::sometimes("all abort", move |state| all(state, Participant::Aborted)),
        Property::always_possible("all come to the same end", move |state| {
            all(state, Participant::Committed) || all(state, Participant::Aborted)
        }),
    ]
}

pub fn model() -> Model<TwoPhaseCommit> {
    let prepared = Scenario::named("two participants are prepared").given([
        Event::Prepared(0),
        Event::Prepared(1),
        Event::HeardOf(0),
    ]);
    Model::new("two-phase commit", TwoPhaseCommit { participants: 2 }).scenarios([
        prepared
            .fork("nothing is committed before all have been heard of")
            .when(Command::DecideToCommit)
            .then_rejected(Rejection::NotAllArePrepared),
        prepared
            .fork("when all have been heard of, it is committed")
            .when(Command::HearThatOneIsPrepared(1))
            .then([Event::HeardOf(1)])
            .and_when(Command::DecideToCommit)
            .then([Event::CommitDecided])
            .and_when(Command::HearCommit(1))
            .then([Event::Committed(1)]),
        prepared
            .fork("it can still be aborted, and then that is final")
            .when(Command::DecideToAbort)
            .then([Event::AbortDecided])
            .and_when(Command::DecideToCommit)
            .then_rejected(Rejection::AlreadyDecided),
        prepared
            .fork("who is prepared cannot choose to abort any more")
            .when(Command::ChooseToAbort(0))
            .then_rejected(Rejection::NoLongerWorking),
    ])
}
