//! The main loop: all workers visit a run of states, then the new states are added in order.

use super::arena::{NO_STATE, Origin};
use super::expand::{
    Block, COMPARED_EACH, Expander, FRESH, Note, Phase, Setting, ViewSample, Visit, may_be_sample,
};
use super::progress::Progress;
use super::reachability::StepGraph;
use super::report::{Exploration, ExplorationBound};
use super::seen_states::{Added, SeenStates};
use super::unfit::{Differed, Unfit};
use crate::check::property::Demand;
use crate::check::story::Story;
use crate::clock::Stopwatch;
use crate::decider::Decider;
use crate::spec::panics::caught;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Where an exploration ends.
pub(super) struct Limits {
    pub(super) depth: Option<usize>,
    pub(super) states: Option<usize>,
    pub(super) memory: usize,
    pub(super) time: Option<Duration>,
    pub(super) until_decided: bool,
    pub(super) within: Option<String>,
}

/// A state in the graph, or one of its commands.
#[derive(Clone, Copy)]
pub(super) struct Witness {
    pub(super) number: u32,
    pub(super) command: Option<u16>,
}

/// How a property was decided.
pub(super) enum Decided {
    StepsByClass(Witness),
    Panicked(Witness, String),
}

/// For each class, by its number: how many steps it has, and the shortest history to one.
pub(super) type StepsByClass<D> = Vec<Option<(u64, Story<D>)>>;

type Run<P> = (P, usize, usize);

/// The most states that a worker visits before it takes the next run.
const BLOCK: usize = 64;
/// The most states per worker that are visited before the new states are added.
const PHASE: usize = 1024;
/// One part in this many of the bound on memory is for states that are found but not added yet.
const SHARE: usize = 8;
/// Fewer states than this are visited by one worker.
const WORTH_SHARING: usize = 256;

pub(super) struct Engine<'a, D: Decider, A, M: SeenStates<D::State>> {
    pub(super) setting: &'a Setting<'a, D, A>,
    pub(super) limits: &'a Limits,
    pub(super) threads: usize,
    pub(super) given: &'a [D::Event],
    pub(super) progress: Option<&'a mut (dyn FnMut(&Progress) + 'a)>,
    pub(super) seen: M,
    pub(super) spare: Vec<Block<M::NewStates>>,
    pub(super) decided: Vec<Option<Decided>>,
    /// The last state that was visited.
    pub(super) last: Option<M::StateCursor>,
    pub(super) visited: usize,
    /// How many of these were left by their commands.
    pub(super) expanded: usize,
    pub(super) depth: usize,
    /// All histories of up to this many commands were followed.
    pub(super) followed: Option<usize>,
    pub(super) accepted: u64,
    pub(super) refused: u64,
    pub(super) bounds: Vec<ExplorationBound>,
    pub(super) panic: Option<(Witness, String)>,
    pub(super) unfit: Option<(Unfit, Witness)>,
    pub(super) graph: StepGraph,
    pub(super) goals: Vec<bool>,
    pub(super) samples: HashMap<u32, ViewSample>,
    pub(super) compared: usize,
    pub(super) unsound: bool,
    pub(super) classes: Vec<Option<(u64, Witness)>>,
    pub(super) started: Stopwatch,
    pub(super) last_progress: Duration,
}

impl<'a, D, A, I, M> Engine<'a, D, A, M>
where
    D: Decider<State: Clone, Event: Clone> + Sync,
    A: Fn(&D::State) -> I + Sync,
    I: IntoIterator<Item = D::Command>,
    M: SeenStates<D::State>,
{
    pub(super) fn new(
        setting: &'a Setting<'a, D, A>,
        limits: &'a Limits,
        threads: usize,
        given: &'a [D::Event],
        progress: Option<&'a mut (dyn FnMut(&Progress) + 'a)>,
        seen: M,
        started: Stopwatch,
    ) -> Self {
        Engine {
            setting,
            limits,
            threads,
            given,
            progress,
            seen,
            spare: Vec::new(),
            decided: setting.properties.iter().map(|_| None).collect(),
            last: None,
            visited: 0,
            expanded: 0,
            depth: 0,
            followed: None,
            accepted: 0,
            refused: 0,
            bounds: Vec::new(),
            panic: None,
            unfit: None,
            graph: StepGraph::default(),
            goals: Vec::new(),
            samples: HashMap::new(),
            compared: 0,
            unsound: false,
            classes: Vec::new(),
            started,
            last_progress: Duration::ZERO,
        }
    }

    /// Explores, and returns the report; and, where steps are classified, how many steps each class has and the shortest
    /// history to one.
    pub(super) fn run(mut self) -> (Exploration<D>, StepsByClass<D>) {
        self.begin();
        let whole = self.explore();
        if !whole
            && self.panic.is_none()
            && self.unfit.is_none()
            && !self.bounds.contains(&ExplorationBound::Decided)
        {
            self.look_at_the_rest();
        }
        self.report()
    }

    fn begin(&mut self) {
        let mut lookup = M::SoughtState::default();
        let mut new_states = M::NewStates::default();
        let first = Witness { number: NO_STATE, command: None };
        let prepared = caught(|| {
            let state = self.setting.decider.fold(self.given);
            let mut bytes = Vec::new();
            if let Some(abstraction) = self.setting.abstraction {
                (abstraction.encode)(&state, &mut bytes)?;
            }
            self.seen.prepare(state, true, &mut lookup).map(|hash| (hash, bytes))
        });
        match prepared {
            Ok(Ok((hash, state))) => {
                self.seen.keep_new(&mut lookup, &mut new_states);
                self.seen.add_next(hash, &mut new_states, Origin { parent: NO_STATE, command: 0 }, true);
                self.samples.extend(self.seen.last().map(|first| (first, ViewSample { state, compared: 0 })));
                if !self.replays(self.seen.last().unwrap_or(NO_STATE)) {
                    let what = Differed::FirstState;
                    self.unfit = Some((Unfit::NotDeterministic { what }, first));
                }
            }
            Ok(Err(why)) => self.unfit = Some((why, first)),
            Err(message) => self.panic = Some((first, message)),
        }
    }

    /// Explores layer by layer. Returns false if the exploration ended early.
    fn explore(&mut self) -> bool {
        loop {
            let layer = self.seen.len();
            if self.visited == layer {
                return self.panic.is_none() && self.unfit.is_none();
            }
            if self.limits.depth == Some(self.depth) {
                self.bound(ExplorationBound::Depth(self.depth), self.depth);
                return false;
            }
            while self.visited < layer {
                if !self.phase(layer, true) {
                    return false;
                }
            }
            self.depth += 1;
        }
    }

    /// Checks the properties of states that were found but not visited.
    fn look_at_the_rest(&mut self) {
        if self.setting.halted() {
            return;
        }
        let all = self.seen.len();
        while self.visited < all && self.phase(all, false) {}
    }

    pub(super) fn bound(&mut self, bound: ExplorationBound, followed: usize) {
        if !self.bounds.contains(&bound) {
            self.bounds.push(bound);
        }
        self.followed = Some(self.followed.map_or(followed, |so_far| so_far.min(followed)));
    }

    /// Visits some of the states up to `layer`, and adds the new states. Returns false if the exploration is over.
    fn phase(&mut self, layer: usize, expand: bool) -> bool {
        let mut count = (layer - self.visited).min(PHASE * self.threads).min(self.most_at_once());
        if count < WORTH_SHARING || self.threads == 1 {
            count = count.min(PHASE);
        }
        let (runs, mut last) = self.runs(count);
        let blocks = self.visit(&runs, expand);
        let mut going = true;
        for (mut block, &(place, first, _)) in blocks.into_iter().zip(&runs) {
            if going {
                going = self.merge(&mut block, expand);
                let visited = self.visited - first;
                if !going && visited > 0 {
                    last = Some((1..visited).fold(place, |place, _| self.seen.next(Some(place))));
                }
            }
            block.clear();
            self.spare.push(block);
        }
        self.last = last;
        if let Some(last) = last {
            self.seen.release(last);
        }
        self.report_progress();
        going
    }

    /// Cuts the next states into runs: for each, its first state, how many states were visited before it, and its length. Also
    /// returns the last state.
    fn runs(&self, count: usize) -> (Vec<Run<M::StateCursor>>, Option<M::StateCursor>) {
        let mut runs = Vec::with_capacity(count / BLOCK + 1);
        let mut place = self.last;
        for i in 0..count {
            let next = self.seen.next(place);
            if i % BLOCK == 0 {
                runs.push((next, self.visited + i, BLOCK.min(count - i)));
            }
            place = Some(next);
        }
        (runs, place)
    }

    fn visit(&mut self, runs: &[Run<M::StateCursor>], expand: bool) -> Vec<Block<M::NewStates>> {
        let open: Vec<bool> = self.decided.iter().map(Option::is_none).collect();
        let phase = Phase { seen: &self.seen, open: &open, expand, samples: &self.samples };
        let setting = self.setting;
        let mut blocks: Vec<Block<M::NewStates>> =
            runs.iter().map(|_| self.spare.pop().unwrap_or_default()).collect();
        if self.threads == 1 || runs.len() * BLOCK < WORTH_SHARING {
            let mut expander = Expander::new(setting, &phase);
            for (block, &(place, first, count)) in blocks.iter_mut().zip(runs) {
                expander.run(place, first, count, block);
                if block.halted {
                    break;
                }
            }
            return blocks;
        }
        let slots: Vec<Mutex<&mut Block<M::NewStates>>> = blocks.iter_mut().map(Mutex::new).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            let mut expander = Expander::new(setting, &phase);
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let (Some(slot), Some(&(place, first, count))) = (slots.get(at), runs.get(at)) else {
                    return;
                };
                // No other worker takes this slot: the counter returns each number once.
                if let Ok(mut block) = slot.lock() {
                    expander.run(place, first, count, &mut block);
                }
            }
        };
        std::thread::scope(|scope| {
            (1..self.threads.min(runs.len())).for_each(|_| {
                scope.spawn(work);
            });
            work();
        });
        drop(slots);
        blocks
    }

    /// Adds what was found in a block, in order. Returns false if the exploration is over.
    fn merge(&mut self, block: &mut Block<M::NewStates>, expand: bool) -> bool {
        let mut notes = std::mem::take(&mut block.notes).into_iter();
        let mut numbers: Vec<u32> = Vec::new();
        let (mut fresh, mut targets, mut goals, mut classes) = (0, 0, 0, 0);
        let possible =
            self.setting.properties.iter().filter(|p| matches!(p.demand, Demand::AlwaysPossible(_)));
        let possible = possible.count();
        for visit in &block.visits {
            let mut going = true;
            let mut whole = expand;
            self.visited += 1;
            self.expanded += usize::from(expand);
            self.accepted += u64::from(visit.accepted);
            self.refused += u64::from(visit.refused);
            let room_to = self.limits.states.unwrap_or(usize::MAX);
            for found in &block.fresh[fresh..fresh + visit.fresh as usize] {
                let origin = Origin { parent: visit.number, command: found.command };
                let in_memory = self.bytes() < self.limits.memory;
                let room = in_memory && self.seen.len() < room_to;
                match self.seen.add_next(found.hash, &mut block.new_states, origin, room) {
                    Added::Known(number) | Added::New(number) => numbers.push(number),
                    Added::Full => {
                        numbers.push(NO_STATE);
                        let bound = match (room, in_memory) {
                            (true, _) => ExplorationBound::Numbers,
                            (false, false) => ExplorationBound::Memory(self.limits.memory),
                            (false, true) => ExplorationBound::States(room_to),
                        };
                        self.bound(bound, self.depth);
                        (going, whole) = (false, false);
                    }
                }
            }
            fresh += visit.fresh as usize;
            for note in notes.by_ref().take(visit.notes as usize) {
                let (note_going, note_whole) = self.note(note, visit, &numbers);
                going &= note_going;
                whole &= note_whole;
            }
            for &(class, command) in &block.classes[classes..classes + visit.classes as usize] {
                let class = class as usize;
                self.classes.resize_with(self.classes.len().max(class + 1), || None);
                let first = Witness { number: visit.number, command: Some(command) };
                self.classes[class].get_or_insert((0, first)).0 += 1;
            }
            classes += visit.classes as usize;
            if self.setting.edges {
                let own = &block.targets[targets..targets + visit.targets as usize];
                let mut new = numbers[numbers.len() - visit.fresh as usize..].iter();
                let own = own.iter().filter_map(|target| match *target {
                    FRESH => new.next().copied(),
                    known => Some(known),
                });
                self.graph.add(visit.number, own.filter(|target| *target != NO_STATE), whole);
                targets += visit.targets as usize;
                self.goals.extend_from_slice(&block.goals[goals..goals + possible]);
                goals += possible;
            }
            if self.limits.until_decided
                && !self.decided.is_empty()
                && self.decided.iter().all(Option::is_some)
            {
                self.bound(ExplorationBound::Decided, self.depth);
                going = false;
            }
            if !going {
                return false;
            }
        }
        if block.halted || block.visits.is_empty() {
            let timed_out = self.limits.time.filter(|time| self.started.is_past(*time));
            let stopped = self.setting.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
            let bound =
                timed_out.filter(|_| !stopped).map_or(ExplorationBound::Stopped, ExplorationBound::Time);
            self.bound(bound, self.depth.saturating_sub(1));
            return false;
        }
        true
    }

    /// About how many bytes the states take, and the steps between them if these are kept.
    fn bytes(&self) -> usize {
        self.seen.bytes() + self.graph.bytes() + self.goals.len()
    }

    /// How many states may be visited before the new states are added, so that these take little of the bound on memory.
    fn most_at_once(&self) -> usize {
        let each = self.seen.bytes() / self.seen.len().max(1);
        let steps = self.accepted as usize / self.visited.max(1) + 1;
        (self.limits.memory / SHARE / (each * steps).max(1)).max(1)
    }

    /// Handles a note. Returns whether to continue, and whether the visit was complete.
    fn note(&mut self, note: Note, visit: &Visit, numbers: &[u32]) -> (bool, bool) {
        let at = |command| Witness { number: visit.number, command };
        match note {
            Note::Decided { property, command } => {
                self.decided[property].get_or_insert(Decided::StepsByClass(at(command)));
                (true, true)
            }
            Note::PropertyPanicked { property, command, message } => {
                self.decided[property].get_or_insert(Decided::Panicked(at(command), message));
                (true, true)
            }
            Note::Panicked { command, message } => {
                self.panic.get_or_insert((at(command), message));
                self.bound(ExplorationBound::Panicked, self.depth);
                (false, false)
            }
            Note::Unfit { command, why } => {
                self.unfit.get_or_insert((why, at(command)));
                (false, false)
            }
            Note::TooManyCommands => {
                self.bound(ExplorationBound::Commands(self.setting.most_commands), self.depth);
                (true, false)
            }
            Note::Outside => {
                let words = self.limits.within.clone().unwrap_or_default();
                self.bound(ExplorationBound::Within(words), self.depth);
                (true, false)
            }
            Note::Viewed { known, fresh, command, chosen, state } => {
                let number = known.or_else(|| numbers.get(fresh as usize).copied()).unwrap_or(NO_STATE);
                self.compare(number, at(Some(command)), chosen, state);
                (self.unfit.is_none(), true)
            }
        }
    }

    /// Compares a state with the sample of its view.
    fn compare(&mut self, number: u32, at: Witness, chosen: bool, state: Vec<u8>) {
        let Some(abstraction) = self.setting.abstraction.filter(|_| number != NO_STATE) else { return };
        let samples = self.samples.len();
        match self.samples.get_mut(&number) {
            None if may_be_sample(samples, chosen) => {
                // Another state of the same view may have been added first.
                let origin = self.seen.origin(number);
                if (origin.parent, Some(origin.command)) == (at.number, at.command) {
                    self.samples.insert(number, ViewSample { state, compared: 0 });
                }
            }
            Some(sample) if sample.compared < COMPARED_EACH && sample.state != state => {
                sample.compared += 1;
                self.compared += 1;
                let Setting { decider, alphabet, properties, .. } = self.setting;
                let states = [&sample.state[..], &state];
                let alike = caught(|| abstraction.alike(*decider, *alphabet, properties, states));
                match alike {
                    Ok(Ok(alike)) => self.unsound |= !alike,
                    Ok(Err(why)) => self.unfit = Some((why, at)),
                    // The model panics on a state that the exploration itself may never visit.
                    Err(_) => self.unsound = true,
                }
            }
            _ => (),
        }
    }

    fn report_progress(&mut self) {
        let Some(progress) = &mut self.progress else { return };
        let elapsed = self.started.elapsed();
        if elapsed - self.last_progress >= Progress::EVERY {
            self.last_progress = elapsed;
            progress(&Progress {
                states: self.seen.len(),
                frontier: self.seen.len() - self.visited,
                depth: self.depth,
                elapsed,
            });
        }
    }
}
