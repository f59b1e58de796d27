//! The models, once as deciders and once as stateright wants them: the same states, the same functions.

#[path = "../../../../../tests/models/grid.rs"]
pub mod grid;
#[path = "../../../../../tests/models/reserve.rs"]
pub mod reserve;

use grid::Grid;
use leftfold::check::{Exploration, explore};
use leftfold::{Decider, Fold};
use reserve::{Command, RESERVE, Reserve, State};
use stateright::{Checker, Model, Property};

/// States, and what a run of an explorer reports of them.
pub type Run = (&'static str, Box<dyn Fn() -> usize>);

/// The commands worth trying in a state.
type Alphabet = Box<dyn Fn(&State) -> Vec<Command> + Send + Sync>;

pub struct ReserveOf {
    alphabet: Alphabet,
}

impl Model for ReserveOf {
    type State = State;
    type Action = Command;

    fn init_states(&self) -> Vec<State> {
        vec![Reserve::of(3).initial_state()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Command>) {
        *actions = (self.alphabet)(state);
    }

    fn next_state(&self, state: &State, command: Command) -> Option<State> {
        let model = Reserve::of(3);
        let events = model.decide(&command, state).ok()?;
        Some(model.fold_from(state.clone(), &events))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("the reserve is never above six", |_, state: &State| state.reserve <= RESERVE)]
    }
}

pub struct GridOf(pub Grid);

impl Model for GridOf {
    type State = grid::State;
    type Action = grid::Command;

    fn init_states(&self) -> Vec<grid::State> {
        vec![self.0.initial_state()]
    }

    fn actions(&self, state: &grid::State, actions: &mut Vec<grid::Command>) {
        actions.extend(grid::alphabet(state));
    }

    fn next_state(&self, state: &grid::State, command: grid::Command) -> Option<grid::State> {
        let events = self.0.decide(&command, state).ok()?;
        Some(self.0.fold_from(*state, &events))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("inside", |model: &GridOf, state: &grid::State| state.0 < model.0.side)]
    }
}

fn told<D: Decider>(found: &Exploration<D>) -> usize {
    assert!(found.holds());
    found.states
}

/// The reserve with three customers, or what `customers` says.
pub fn reserve_runs(customers: u8) -> Vec<Run> {
    let peer = move |threads: usize| {
        let model = ReserveOf { alphabet: Box::new(reserve::alphabet(customers)) };
        model.checker().threads(threads).spawn_bfs().join().unique_state_count()
    };
    let exact = move |threads: usize| {
        let model = Reserve::of(customers);
        let found = explore(&model, reserve::alphabet(customers));
        told(&found.property(reserve::reserve_is_kept()).threads(threads).run())
    };
    let compact = move || {
        let model = Reserve::of(customers);
        let found = explore(&model, reserve::alphabet(customers));
        told(&found.property(reserve::reserve_is_kept()).compact().run())
    };
    let kept = move || {
        let model = Reserve::of(customers);
        let found = explore(&model, reserve::alphabet(customers));
        told(&found.property(reserve::reserve_is_kept()).keep_states().run())
    };
    vec![
        ("stateright, 1 thread", Box::new(move || peer(1))),
        ("exact, 1 thread", Box::new(move || exact(1))),
        ("exact, 2 threads", Box::new(move || exact(2))),
        ("states kept, 1 thread", Box::new(kept)),
        ("compact, 1 thread", Box::new(compact)),
        ("stateright, 2 threads", Box::new(move || peer(2))),
    ]
}

/// A grid of two counters.
pub fn grid_runs(side: u16) -> Vec<Run> {
    let exact = move |threads: usize| {
        let model = Grid { side };
        told(&explore(&model, grid::alphabet).property(grid::inside(side)).threads(threads).run())
    };
    let kept = move || {
        let model = Grid { side };
        told(&explore(&model, grid::alphabet).property(grid::inside(side)).keep_states().run())
    };
    vec![
        (
            "stateright, 1 thread",
            Box::new(move || {
                GridOf(Grid { side }).checker().threads(1).spawn_bfs().join().unique_state_count()
            }),
        ),
        ("exact, 1 thread", Box::new(move || exact(1))),
        ("exact, 2 threads", Box::new(move || exact(2))),
        ("states kept, 1 thread", Box::new(kept)),
    ]
}

/// The reserve with a note of 60 bytes: states that are written as more than 64 bytes.
pub fn noted_runs(customers: u8) -> Vec<Run> {
    let exact = move || {
        let model = Noted;
        told(&explore(&model, noted_alphabet(customers)).run())
    };
    let compact = move || {
        let model = Noted;
        told(&explore(&model, noted_alphabet(customers)).compact().run())
    };
    vec![("exact, 1 thread", Box::new(exact)), ("compact, 1 thread", Box::new(compact))]
}

pub struct Noted;

#[derive(Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct NotedState {
    inner: State,
    note: [u64; 6],
}

impl Fold for Noted {
    type State = NotedState;
    type Event = reserve::Event;

    fn initial_state(&self) -> NotedState {
        NotedState { inner: Reserve::of(3).initial_state(), note: [u64::MAX; 6] }
    }

    fn evolve(&self, state: NotedState, event: &reserve::Event) -> NotedState {
        NotedState { inner: Reserve::of(3).evolve(state.inner, event), ..state }
    }
}

impl Decider for Noted {
    type Command = Command;
    type Rejection = reserve::Rejection;

    fn decide(
        &self,
        command: &Command,
        state: &NotedState,
    ) -> Result<Vec<reserve::Event>, reserve::Rejection> {
        Reserve::of(3).decide(command, &state.inner)
    }
}

fn noted_alphabet(customers: u8) -> impl Fn(&NotedState) -> Vec<Command> + Sync {
    let alphabet = reserve::alphabet(customers);
    move |state| alphabet(&state.inner)
}
