//! Takes the walks: checks the properties on the way, and makes a counterexample of each failing walk.

use super::report::{WalkClass, Walks};
use super::seeds_file;
use super::seeds_file::Seeds;
use super::statistics::{StateCounter, StatisticsKeeper};
use super::walk::{Visitor, WalkEnd, walk};
use super::{Walkable, Walking};
use crate::check::command_source::CommandSource;
use crate::check::counterexample::Counterexample;
use crate::check::property::{Demand, Property, Step};
use crate::check::random::{any_seed, seed_of};
use crate::check::shrink::{Fault, Shortening, StoryItem};
use crate::decider::{Decider, Outcome};
use crate::spec::panics::caught;
use std::ops::ControlFlow;

/// Why a walk failed.
#[derive(Clone, Debug, PartialEq)]
enum WalkFault {
    /// The property of this number.
    Property(usize),
    Panic(String),
}

impl<D: Walkable, S: CommandSource<D>> Walking<'_, D, S> {
    /// Takes the walks.
    ///
    /// A failing property is reported once, with its shortest story. The walks continue for the other properties, and end
    /// early once nothing is left to find.
    pub fn run(mut self) -> Walks<D> {
        let run = self.seed.unwrap_or_else(any_seed);
        let mut notes = Vec::new();
        let mut kept = Vec::new();
        if let Some(file) = &self.regressions {
            match seeds_file::read(file) {
                Ok(Seeds { seeds, damaged }) => {
                    kept = seeds;
                    if !damaged.is_empty() {
                        let lines: Vec<String> = damaged.iter().take(10).map(usize::to_string).collect();
                        let more = if damaged.len() > 10 { " and more" } else { "" };
                        notes.push(format!(
                            "kept walks are passed over: {}, line {}{more}: a seed is written as `walk 0x00000000000000ff`",
                            file.display(),
                            lines.join(", ")
                        ));
                    }
                }
                Err(error) => notes.push(format!("kept walks are not read: {}: {error}", file.display())),
            }
        }
        let again = kept.len();
        let seeds = kept.into_iter().chain((0..self.walks as u64).map(|number| seed_of(run, number)));

        let start = match caught(|| self.decider.fold(&self.given)) {
            Ok(start) => start,
            Err(panic) => return Walks::without_start(run, self.given, &panic),
        };
        let has_alphabet = caught(|| self.source.all(&start).is_some()).unwrap_or(true);
        // The walks borrow the source while the properties are checked.
        let properties = self.properties.clone();
        let mut watch = Watch {
            decider: self.decider,
            properties: &properties,
            open: self.properties.iter().map(|property| walks_decide(property, has_alphabet)).collect(),
            seen: vec![false; self.properties.len()],
            both_sides: self.properties.iter().any(|p| matches!(p.demand, Demand::AlwaysStep(_))),
            keeper: self.keeper.take(),
            states: self.states.take(),
            commands: Vec::new(),
            accepted: 0,
            refused: 0,
            let_through: 0,
            wrong: None,
        };
        let mut ends = [0; 3];
        let mut lengths = Vec::new();
        let mut classes = vec![0; self.asked.len()];
        let mut findings: Vec<Counterexample<D>> = Vec::new();
        let mut panicked = false;
        for seed in seeds {
            watch.begin();
            let before = watch.accepted;
            let walked = caught(|| {
                watch.look(&start);
                match watch.wrong {
                    None => {
                        walk(self.decider, start.clone(), &mut self.source, &self.rules, seed, &mut watch)
                    }
                    Some(_) => (WalkEnd::Stopped, start.clone()),
                }
            });
            lengths.push(watch.accepted - before);
            match walked {
                Ok((end, last)) => {
                    match end {
                        WalkEnd::Steps | WalkEnd::Stopped => ends[0] += 1,
                        WalkEnd::Dead => ends[1] += 1,
                        WalkEnd::Terminal => ends[2] += 1,
                    }
                    for (class, asked) in classes.iter_mut().zip(&self.asked) {
                        *class += usize::from((asked.belongs)(&watch.commands, &last));
                    }
                }
                Err(panic) => watch.wrong = Some(WalkFault::Panic(panic)),
            }
            let Some(wrong) = watch.wrong.take() else { continue };
            match &wrong {
                WalkFault::Property(number) => watch.open[*number] = false,
                // One story of a panic is enough; the walks continue for the properties.
                WalkFault::Panic(_) if panicked => continue,
                WalkFault::Panic(_) => panicked = true,
            }
            let taken = watch.commands.len();
            let found = self.finding(&start, seed, taken, &wrong);
            if let Some(file) = &self.regressions {
                let line = format!("{}: {:?}", found.failed, found.story.commands);
                if let Err(error) = seeds_file::add(file, seed, &line) {
                    notes.push(format!("the walk {seed:#018x} is not kept: {}: {error}", file.display()));
                }
            }
            findings.push(found);
            if watch.is_done() && self.asked.is_empty() {
                break;
            }
        }
        lengths.sort_unstable();
        let walks = lengths.len();
        let quantile = |at: usize| lengths.get(walks.saturating_sub(1) * at / 4).copied().unwrap_or_default();
        Walks {
            seed: run,
            walks,
            again,
            accepted: watch.accepted,
            refused: watch.refused,
            let_through: watch.let_through,
            dead_ends: ends[1],
            terminal: ends[2],
            lengths: [0, 1, 2, 3, 4].map(quantile),
            holding: names(&self.properties, |number, property| {
                watch.open[number] && !matches!(property.demand, Demand::Sometimes(_))
            }),
            sometimes: self
                .properties
                .iter()
                .zip(&watch.seen)
                .filter(|(property, _)| matches!(property.demand, Demand::Sometimes(_)))
                .map(|(property, seen)| (property.name().to_string(), *seen))
                .collect(),
            undecided: names(&self.properties, |_, property| !walks_decide(property, has_alphabet)),
            classes: self
                .asked
                .into_iter()
                .zip(classes)
                .map(|(asked, walks)| WalkClass { name: asked.class, walks, required: asked.required })
                .collect(),
            statistics: watch.keeper.map(|keeper| keeper.statistics),
            states: watch.states.map(|states| states.count()),
            known_states: self.known_states,
            notes,
            findings,
        }
    }

    /// Takes the walks, and panics with the report if something does not hold: the short form for a test.
    ///
    /// # Panics
    /// When a property fails, or a class is not covered; at the line of the caller.
    #[track_caller]
    pub fn assert(self) {
        self.run().assert();
    }
}

fn names<D: Decider>(
    properties: &[Property<D>],
    belongs: impl Fn(usize, &Property<D>) -> bool,
) -> Vec<String> {
    let properties = properties.iter().enumerate();
    properties.filter(|(number, property)| belongs(*number, property)).map(|(_, p)| p.name().into()).collect()
}

/// Whether walks can show that the property fails. A state is known to be stuck only where all commands are known.
fn walks_decide<D: Decider>(property: &Property<D>, has_alphabet: bool) -> bool {
    match property.demand {
        Demand::Always(_) | Demand::AlwaysStep(_) | Demand::Sometimes(_) => true,
        Demand::NeverStuck => has_alphabet,
        Demand::AlwaysPossible(_) => false,
    }
}

/// Checks the properties on each step.
struct Watch<'p, D: Decider> {
    decider: &'p D,
    properties: &'p [Property<D>],
    /// Which properties are still checked. One that has failed is not.
    open: Vec<bool>,
    seen: Vec<bool>,
    both_sides: bool,
    keeper: Option<StatisticsKeeper<D>>,
    states: Option<StateCounter<D::State>>,
    commands: Vec<D::Command>,
    accepted: usize,
    refused: usize,
    let_through: usize,
    wrong: Option<WalkFault>,
}

impl<D: Decider> Watch<'_, D> {
    fn begin(&mut self) {
        self.commands.clear();
        self.wrong = None;
    }

    /// Whether another walk could show nothing new.
    fn is_done(&self) -> bool {
        let mut properties = self.properties.iter().zip(&self.open).zip(&self.seen);
        self.keeper.is_none()
            && self.states.is_none()
            && properties.all(|((property, open), seen)| match property.demand {
                Demand::Sometimes(_) => *seen,
                _ => !open,
            })
    }

    #[inline]
    fn look(&mut self, state: &D::State) {
        if let Some(states) = &mut self.states {
            states.add(state);
        }
        for (number, property) in self.properties.iter().enumerate() {
            match &property.demand {
                Demand::Always(holds) if self.open[number] && !holds(state) => {
                    self.wrong = Some(WalkFault::Property(number));
                    return;
                }
                Demand::Sometimes(holds) if !self.seen[number] && holds(state) => self.seen[number] = true,
                _ => {}
            }
        }
    }
}

impl<D: Decider, T> Visitor<D, T> for Watch<'_, D> {
    fn both_sides(&self) -> bool {
        self.both_sides
    }

    #[inline]
    fn refused(&mut self) {
        self.refused += 1;
    }

    #[inline]
    fn step(
        &mut self,
        before: Option<&D::State>,
        command: D::Command,
        outcome: Outcome<D>,
        after: &D::State,
        _: T,
    ) -> ControlFlow<()> {
        if let Some(keeper) = &mut self.keeper {
            keeper.step(self.decider, &command, &outcome);
        }
        match outcome {
            Ok(_) => {
                self.accepted += 1;
                self.look(after);
            }
            Err(_) => self.let_through += 1,
        }
        if let Some(before) = before
            && self.both_sides
            && self.wrong.is_none()
        {
            let step = Step { before, command: &command, outcome: &outcome, after };
            self.wrong = self.properties.iter().enumerate().find_map(|(number, property)| {
                let Demand::AlwaysStep(holds) = &property.demand else { return None };
                (self.open[number] && !holds(&step)).then_some(WalkFault::Property(number))
            });
        }
        self.commands.push(command);
        match self.wrong {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        }
    }

    /// A finished story is not a dead end: the walk has already ended.
    fn dead_end(&mut self) {
        self.wrong = self
            .properties
            .iter()
            .enumerate()
            .find(|(number, property)| self.open[*number] && matches!(property.demand, Demand::NeverStuck))
            .map(|(number, _)| WalkFault::Property(number));
    }
}

/// Records a walk that is taken a second time: its commands, and what their arguments are shrunk with.
pub(crate) struct Recorder<D: Decider, T> {
    pub(crate) items: Vec<StoryItem<D::Command, T>>,
    pub(crate) trying: Option<D::Command>,
    pub(crate) steps: usize,
    /// The message of the panic that ended the walk.
    pub(crate) panic: Option<String>,
}

impl<D: Decider<Command: Clone>, T> Visitor<D, T> for Recorder<D, T> {
    fn both_sides(&self) -> bool {
        false
    }

    fn trying(&mut self, command: &D::Command) {
        self.trying = Some(command.clone());
    }

    fn step(
        &mut self,
        _: Option<&D::State>,
        command: D::Command,
        _: Outcome<D>,
        _: &D::State,
        drawn: T,
    ) -> ControlFlow<()> {
        self.trying = None;
        self.items.push(StoryItem { command, drawn: Some(drawn) });
        if self.items.len() < self.steps { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

impl<D: Walkable, S: CommandSource<D>> Walking<'_, D, S> {
    /// Takes a walk a second time, and records it.
    pub(crate) fn recorded(&mut self, start: &D::State, seed: u64, steps: usize) -> Recorder<D, S::Drawn> {
        let mut recorder = Recorder { items: Vec::new(), trying: None, steps, panic: None };
        if steps > 0 {
            let again = caught(|| {
                walk(self.decider, start.clone(), &mut self.source, &self.rules, seed, &mut recorder);
            });
            if let Err(panic) = again {
                let trying = recorder.trying.take().map(|command| StoryItem { command, drawn: None });
                recorder.items.extend(trying);
                recorder.panic = Some(panic);
            }
        }
        recorder
    }

    /// Shortens a walk that ends in `fault`.
    pub(crate) fn shortening<'s>(&'s self, start: &'s D::State) -> Shortening<'s, D, S> {
        Shortening {
            decider: self.decider,
            given: &self.given,
            start,
            source: &self.source,
            rules: self.rules,
            search: self.search,
        }
    }

    fn finding(&mut self, start: &D::State, seed: u64, steps: usize, wrong: &WalkFault) -> Counterexample<D> {
        let steps = if matches!(wrong, WalkFault::Panic(_)) { usize::MAX } else { steps };
        let items = self.recorded(start, seed, steps).items;
        let stuck = |state: &D::State| is_stuck(self.decider, &self.source, state);
        let shortening = self.shortening(start);
        match wrong {
            WalkFault::Panic(message) => {
                let failed = format!("the model panicked: {message}");
                shortening.of_fault(failed, &Fault::Panic, items, Some(seed))
            }
            WalkFault::Property(number) => {
                let property = &self.properties[*number];
                let (failed, fault) = match &property.demand {
                    Demand::Always(holds) | Demand::Sometimes(holds) | Demand::AlwaysPossible(holds) => {
                        (property.name(), Fault::State(&**holds))
                    }
                    Demand::AlwaysStep(holds) => (property.name(), Fault::Step(&**holds)),
                    Demand::NeverStuck => {
                        let failed = "never stuck: every command is refused, and the story has not ended";
                        (failed, Fault::Stuck(&stuck))
                    }
                };
                shortening.of_fault(failed.to_string(), &fault, items, Some(seed))
            }
        }
    }
}

fn is_stuck<D: Decider, S: CommandSource<D>>(decider: &D, source: &S, state: &D::State) -> bool {
    let refused = |all: Vec<D::Command>| all.iter().all(|command| decider.decide(command, state).is_err());
    !decider.is_terminal(state) && source.all(state).is_some_and(refused)
}
