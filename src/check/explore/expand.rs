//! Visits one state at a time: checks its properties, lists its commands, and takes each step.

mod second_look;

use super::seen_states::{NewStates, SeenStates};
use super::symmetry::{Abstraction, Symmetry};
use super::unfit::{Differed, Unfit};
use crate::check::property::{Demand, OfState, Property, Step};
use crate::clock::Stopwatch;
use crate::decider::{Decider, Outcome};
use crate::spec::panics::caught;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Returns the number of the class of a step.
pub(super) type Classify<'a, D> = dyn Fn(&Step<'_, D>) -> u32 + Sync + 'a;

/// What all workers share.
pub(super) struct Setting<'a, D: Decider, A> {
    pub(super) decider: &'a D,
    pub(super) alphabet: &'a A,
    pub(super) properties: &'a [Property<D>],
    pub(super) within: Option<&'a OfState<D>>,
    pub(super) symmetry: Option<&'a Symmetry<D::State>>,
    pub(super) abstraction: Option<&'a Abstraction<D::State>>,
    pub(super) most_commands: usize,
    /// Whether a property needs the steps between states.
    pub(super) edges: bool,
    /// Sorts steps into classes, if requested.
    pub(super) classify: Option<&'a Classify<'a, D>>,
    pub(super) stop: Option<&'a AtomicBool>,
    /// When it began, and after how long it ends.
    pub(super) time: Option<(Stopwatch, Duration)>,
}

impl<D: Decider, A> Setting<'_, D, A> {
    pub(super) fn halted(&self) -> bool {
        self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
            || self.time.is_some_and(|(begun, time)| begun.is_past(time))
    }
}

/// What changes between phases, but not during one.
pub(super) struct Phase<'a, M> {
    pub(super) seen: &'a M,
    /// Which properties are not decided yet.
    pub(super) open: &'a [bool],
    /// False in the last layer of a bounded exploration: its states are checked, but no steps are taken.
    pub(super) expand: bool,
    pub(super) samples: &'a HashMap<u32, ViewSample>,
}

/// The state that represents its view, to be compared with other states of the same view.
pub(super) struct ViewSample {
    pub(super) state: Vec<u8>,
    pub(super) compared: u8,
}

pub(super) const COMPARED_EACH: u8 = 4;
/// This many views have a sample before further views are chosen at random.
const FIRST_SAMPLES: usize = 256;
const MOST_SAMPLES: usize = 4096;

/// Whether a state becomes the sample of its view, if there are already `samples` of them.
pub(super) fn may_be_sample(samples: usize, chosen: bool) -> bool {
    samples < FIRST_SAMPLES || chosen && samples < MOST_SAMPLES
}

/// The results of visiting a run of states.
#[derive(Default)]
pub(super) struct Block<H> {
    pub(super) visits: Vec<Visit>,
    /// The new states, in the order in which they were reached.
    pub(super) fresh: Vec<Fresh>,
    pub(super) new_states: H,
    /// The states after each visited one, if the steps are needed.
    pub(super) targets: Vec<u32>,
    /// Whether each `always_possible` holds, for each visited state.
    pub(super) goals: Vec<bool>,
    /// The class of each step and its command, if requested.
    pub(super) classes: Vec<(u32, u16)>,
    pub(super) notes: Vec<Note>,
    /// Whether the stop flag or the time ended the run early.
    pub(super) halted: bool,
}

impl<H: NewStates> Block<H> {
    pub(super) fn clear(&mut self) {
        self.visits.clear();
        self.fresh.clear();
        self.new_states.clear();
        self.targets.clear();
        self.goals.clear();
        self.classes.clear();
        self.notes.clear();
        self.halted = false;
    }
}

/// The lengths of the lists of a block before a visit, to undo the visit.
struct BlockMark {
    fresh: usize,
    targets: usize,
    goals: usize,
    classes: usize,
    notes: usize,
    new_states: usize,
}

impl BlockMark {
    fn of<H: NewStates>(block: &Block<H>) -> Self {
        BlockMark {
            fresh: block.fresh.len(),
            targets: block.targets.len(),
            goals: block.goals.len(),
            classes: block.classes.len(),
            notes: block.notes.len(),
            new_states: block.new_states.held(),
        }
    }

    fn restore<H: NewStates>(&self, block: &mut Block<H>) {
        block.fresh.truncate(self.fresh);
        block.targets.truncate(self.targets);
        block.goals.truncate(self.goals);
        block.classes.truncate(self.classes);
        block.notes.truncate(self.notes);
        block.new_states.cut(self.new_states);
    }
}

/// Counts of one visit: how much of each list of the block is its own.
#[derive(Default)]
pub(super) struct Visit {
    pub(super) number: u32,
    pub(super) accepted: u32,
    pub(super) refused: u32,
    pub(super) fresh: u32,
    pub(super) targets: u32,
    pub(super) classes: u32,
    pub(super) notes: u32,
}

pub(super) struct Fresh {
    pub(super) hash: u64,
    pub(super) command: u16,
}

/// Represents the next fresh state in the list of targets.
pub(super) const FRESH: u32 = u32::MAX;

/// An observation during a visit.
pub(super) enum Note {
    /// A property is decided here: violated, or reached.
    Decided {
        property: usize,
        command: Option<u16>,
    },
    /// A property panicked.
    PropertyPanicked {
        property: usize,
        command: Option<u16>,
        message: String,
    },
    /// The model, the alphabet or the bound panicked.
    Panicked {
        command: Option<u16>,
        message: String,
    },
    /// The alphabet lists more commands than are tried.
    TooManyCommands,
    /// The state lies outside the bound.
    Outside,
    Unfit {
        command: Option<u16>,
        why: Unfit,
    },
    /// A state of a sampled view: the known state of this number, or the fresh state at this index of the block; and whether
    /// it was chosen at random. Whether it is compared is decided when it is added, because a worker may not know yet.
    Viewed {
        known: Option<u32>,
        fresh: u32,
        command: u16,
        chosen: bool,
        state: Vec<u8>,
    },
}

/// One worker.
pub(super) struct Expander<'a, D: Decider, A, M: SeenStates<D::State>> {
    setting: &'a Setting<'a, D, A>,
    phase: &'a Phase<'a, M>,
    lookup: M::SoughtState,
    /// Holds the same state when it is reached a second time.
    again: M::SoughtState,
    commands: Vec<D::Command>,
    /// Whether the panics of each call into the model are caught by themselves. Only after something in a visit has panicked,
    /// because this costs time.
    watchful: bool,
    /// Whether any property is about steps.
    judges_steps: bool,
}

/// Makes a call that may panic, and catches the panic if `watchful`.
fn watched<T>(watchful: bool, call: impl FnOnce() -> T) -> Result<T, String> {
    if watchful { caught(call) } else { Ok(call()) }
}

/// The result of one command.
enum StepResult<S> {
    Refused,
    /// The state stays as it is.
    Stays {
        refused: bool,
    },
    To {
        state: S,
        refused: bool,
    },
}

impl<'a, D, A, I, M> Expander<'a, D, A, M>
where
    D: Decider<State: Clone>,
    A: Fn(&D::State) -> I,
    I: IntoIterator<Item = D::Command>,
    M: SeenStates<D::State>,
{
    pub(super) fn new(setting: &'a Setting<'a, D, A>, phase: &'a Phase<'a, M>) -> Self {
        let judges_steps =
            setting.properties.iter().any(|property| matches!(property.demand, Demand::AlwaysStep(_)));
        Expander {
            setting,
            phase,
            lookup: M::SoughtState::default(),
            again: M::SoughtState::default(),
            commands: Vec::new(),
            watchful: false,
            judges_steps,
        }
    }

    /// Visits `count` states starting at `place`. `first` is how many states were visited before.
    pub(super) fn run(
        &mut self,
        place: M::StateCursor,
        first: usize,
        count: usize,
        block: &mut Block<M::NewStates>,
    ) {
        let mut place = place;
        for i in 0..count {
            if i > 0 {
                place = self.phase.seen.next(Some(place));
            }
            if self.setting.halted() {
                block.halted = true;
                return;
            }
            let mut visit = Visit { number: self.phase.seen.number(place), ..Visit::default() };
            let begun = BlockMark::of(block);
            if caught(|| self.visit(place, Sampling::at(first + i), &mut visit, block)).is_err() {
                // Visits it again, to see which call panicked.
                begun.restore(block);
                visit = Visit { number: visit.number, ..Visit::default() };
                self.watchful = true;
                self.visit(place, Sampling::at(first + i), &mut visit, block);
                self.watchful = false;
                let panicked =
                    |note: &Note| matches!(note, Note::Panicked { .. } | Note::PropertyPanicked { .. });
                if !block.notes[begun.notes..].iter().any(panicked) {
                    block.notes.push(unlike(None, Differed::Panic));
                }
            }
            visit.fresh = (block.fresh.len() - begun.fresh) as u32;
            visit.targets = (block.targets.len() - begun.targets) as u32;
            visit.classes = (block.classes.len() - begun.classes) as u32;
            visit.notes = (block.notes.len() - begun.notes) as u32;
            block.visits.push(visit);
        }
    }

    fn visit(
        &mut self,
        place: M::StateCursor,
        sampled: Sampling,
        visit: &mut Visit,
        block: &mut Block<M::NewStates>,
    ) {
        let state = match watched(self.watchful, || self.phase.seen.state(place)) {
            Ok(Ok(state)) => state,
            Ok(Err(why)) => return block.notes.push(Note::Unfit { command: None, why }),
            Err(message) => return block.notes.push(Note::Panicked { command: None, message }),
        };
        self.judge(&state, block);
        if !self.phase.expand {
            return;
        }
        match self.setting.within.map(|within| watched(self.watchful, || within(&state))) {
            Some(Ok(false)) => return block.notes.push(Note::Outside),
            Some(Err(message)) => return block.notes.push(Note::Panicked { command: None, message }),
            Some(Ok(true)) | None => (),
        }
        let mut commands = std::mem::take(&mut self.commands);
        commands.clear();
        let most = self.setting.most_commands;
        let listed = watched(self.watchful, || {
            commands.extend((self.setting.alphabet)(&state).into_iter().take(most + 1));
        });
        if let Err(message) = listed {
            block.notes.push(Note::Panicked { command: None, message });
        } else {
            if commands.len() > most {
                block.notes.push(Note::TooManyCommands);
                commands.truncate(most);
            }
            if sampled.twice {
                self.look_twice(&state, &commands, block);
            }
            for (i, command) in commands.iter().enumerate() {
                // `most` is at most what fits.
                self.step(&state, command, i as u16, sampled.written, visit, block);
            }
            self.is_stuck(&state, visit, block);
            if let Some(symmetry) = self.setting.symmetry.filter(|_| sampled.written) {
                let Setting { decider, alphabet, properties, .. } = self.setting;
                if let Ok(Err(why)) =
                    watched(self.watchful, || symmetry.check(*decider, *alphabet, properties, &state))
                {
                    block.notes.push(Note::Unfit { command: None, why });
                }
            }
        }
        self.commands = commands;
    }

    /// Checks the properties of states.
    fn judge(&self, state: &D::State, block: &mut Block<M::NewStates>) {
        for (property, Property { demand, .. }) in self.setting.properties.iter().enumerate() {
            let (holds, decided_by) = match demand {
                Demand::Always(holds) => (holds, false),
                Demand::Sometimes(holds) => (holds, true),
                Demand::AlwaysPossible(holds) => {
                    let answer = watched(self.watchful, || holds(state));
                    block.goals.push(answer == Ok(true));
                    if let Err(message) = answer {
                        block.notes.push(Note::PropertyPanicked { property, command: None, message });
                    }
                    continue;
                }
                Demand::AlwaysStep(_) | Demand::NeverStuck => continue,
            };
            if !self.phase.open[property] {
                continue;
            }
            match watched(self.watchful, || holds(state)) {
                Ok(answer) if answer == decided_by => {
                    block.notes.push(Note::Decided { property, command: None });
                }
                Ok(_) => (),
                Err(message) => block.notes.push(Note::PropertyPanicked { property, command: None, message }),
            }
        }
    }

    fn is_stuck(&self, state: &D::State, visit: &Visit, block: &mut Block<M::NewStates>) {
        if visit.accepted > 0 {
            return;
        }
        for (property, Property { demand, .. }) in self.setting.properties.iter().enumerate() {
            if !matches!(demand, Demand::NeverStuck) || !self.phase.open[property] {
                continue;
            }
            match watched(self.watchful, || self.setting.decider.is_terminal(state)) {
                Ok(true) => (),
                Ok(false) => block.notes.push(Note::Decided { property, command: None }),
                Err(message) => block.notes.push(Note::Panicked { command: None, message }),
            }
        }
    }

    #[inline]
    fn step(
        &mut self,
        state: &D::State,
        command: &D::Command,
        index: u16,
        sampled: bool,
        visit: &mut Visit,
        block: &mut Block<M::NewStates>,
    ) {
        let decider = self.setting.decider;
        let led = watched(self.watchful, || {
            let outcome = decider.decide(command, state);
            let led = match &outcome {
                Err(_) => StepResult::Refused,
                Ok(events) => {
                    let refused = events.iter().any(|event| decider.is_refusal(event));
                    if events.is_empty() {
                        StepResult::Stays { refused }
                    } else {
                        StepResult::To { state: decider.fold_from(state.clone(), events), refused }
                    }
                }
            };
            let after = if let StepResult::To { state, .. } = &led { state } else { state };
            if self.judges_steps {
                self.judge_step(state, command, &outcome, after, index, block);
            }
            if let Some(classify) = self.setting.classify {
                let step = Step { before: state, command, outcome: &outcome, after };
                block.classes.push((classify(&step), index));
            }
            led
        });
        let after = match led {
            Err(message) => return block.notes.push(Note::Panicked { command: Some(index), message }),
            Ok(StepResult::Refused) => {
                visit.refused += 1;
                return;
            }
            Ok(StepResult::Stays { refused }) => {
                if refused {
                    visit.refused += 1;
                } else {
                    visit.accepted += 1;
                }
                return;
            }
            Ok(StepResult::To { state, refused }) => {
                if refused {
                    visit.refused += 1;
                } else {
                    visit.accepted += 1;
                }
                state
            }
        };
        self.arrive(after, index, sampled, block);
    }

    /// Checks the properties of steps.
    fn judge_step(
        &self,
        before: &D::State,
        command: &D::Command,
        outcome: &Outcome<D>,
        after: &D::State,
        index: u16,
        block: &mut Block<M::NewStates>,
    ) {
        for (property, Property { demand, .. }) in self.setting.properties.iter().enumerate() {
            let Demand::AlwaysStep(holds) = demand else { continue };
            if !self.phase.open[property] {
                continue;
            }
            let command_at = Some(index);
            match watched(self.watchful, || holds(&Step { before, command, outcome, after })) {
                Ok(true) => (),
                Ok(false) => block.notes.push(Note::Decided { property, command: command_at }),
                Err(message) => {
                    block.notes.push(Note::PropertyPanicked { property, command: command_at, message });
                }
            }
        }
    }

    /// Looks a state up, and keeps it to be added if it is new.
    #[inline]
    fn arrive(&mut self, after: D::State, command: u16, sampled: bool, block: &mut Block<M::NewStates>) {
        let viewed = self.setting.abstraction.map(|abstraction| {
            let mut state = Vec::new();
            (abstraction.encode)(&after, &mut state).map(|()| state)
        });
        let hash = match watched(self.watchful, || self.phase.seen.prepare(after, sampled, &mut self.lookup))
        {
            Ok(Ok(hash)) => hash,
            Ok(Err(why)) => return block.notes.push(Note::Unfit { command: Some(command), why }),
            Err(message) => return block.notes.push(Note::Panicked { command: Some(command), message }),
        };
        let known = self.phase.seen.find(hash, &self.lookup);
        if let Some(Ok(state)) = viewed {
            let samples = self.phase.samples;
            let chosen = hash % 16 == 0;
            let wanted = match known.and_then(|number| samples.get(&number)) {
                Some(sample) => sample.compared < COMPARED_EACH && sample.state != state,
                None => known.is_none() && may_be_sample(samples.len(), chosen),
            };
            if wanted {
                let fresh = block.fresh.len() as u32;
                block.notes.push(Note::Viewed { known, fresh, command, chosen, state });
            }
        }
        match known {
            Some(number) if self.setting.edges => block.targets.push(number),
            Some(_) => (),
            None => {
                self.phase.seen.keep_new(&mut self.lookup, &mut block.new_states);
                block.fresh.push(Fresh { hash, command });
                if self.setting.edges {
                    block.targets.push(FRESH);
                }
            }
        }
    }
}

fn unlike(command: Option<u16>, what: Differed) -> Note {
    Note::Unfit { command, why: Unfit::NotDeterministic { what } }
}

/// Which extra checks of the model a visit makes.
#[derive(Clone, Copy)]
struct Sampling {
    /// Reads back what is written: in the first 4,096 visits, which is all in most models, and in one of 64 others.
    written: bool,
    /// Decides and folds each command twice before it counts: in the first 64 visits, and in one of 256 others.
    twice: bool,
}

impl Sampling {
    fn at(visit: usize) -> Sampling {
        let chance = (visit as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Sampling { written: visit < 4096 || chance >> 58 == 0, twice: visit < 64 || chance >> 56 == 0 }
    }
}
