//! Laws: what holds of every sound model, and what a modeller declares about one.
//!
//! A law is a value ([`Law`]). [`laws`] checks any number of them: on random walks, on given stories, and on states and
//! commands that an exploration has reached. A failure is reported with a sentence that says what is wrong, and with the
//! shortest story that shows it.

mod law;
mod law_in_run;
mod report;

pub use law::Law;
pub use law_in_run::{LawCase, LivedHistory};
pub use report::LawReport;

use super::counterexample::{Counterexample, Shortest};
use super::property::Step;
use super::shrink::{Fault, Shortening, StoryItem};
use super::story::Story;
use super::walks::{CommandSource, StatisticsKeeper, Walkable, Walking, any_seed, seed_of};
use crate::clock::Stopwatch;
use crate::decider::Decider;
use crate::message::Message;
use crate::spec::panics::caught;
use law_in_run::{LawInRun, Look};
use std::time::Duration;

/// Checks laws of a model. Add the laws, then call [`run`](Laws::run) or [`assert`](Laws::assert).
///
/// The random histories come from the given walks, whose properties and statistics are ignored.
///
/// ```
/// use leftfold::check::{Law, laws, walks};
/// use leftfold::decider;
/// use std::cell::Cell;
///
/// // A planted error: every second answer is the double price. The model reads more than its command and its state.
/// let asked = Cell::new(0u32);
/// let shop = decider(
///     || 0u32,
///     |pieces: &u32, _: &u32| {
///         asked.set(asked.get() + 1);
///         Ok::<_, ()>(vec![if asked.get() % 2 == 0 { pieces * 2 } else { *pieces }])
///     },
///     |sum, price: &u32| (sum + price) % 10,
/// );
/// let found = laws(walks(&shop).alphabet(|_| [1, 2]).seed(1)).all(Law::of_functions()).run();
/// assert!(found.findings.iter().any(|finding| finding.failed.starts_with("decide is deterministic: ")));
/// ```
pub fn laws<D: Walkable, S: CommandSource<D>>(walking: Walking<'_, D, S>) -> Laws<'_, D, S> {
    Laws {
        walking,
        laws: Vec::new(),
        stories: Vec::new(),
        cases: Vec::new(),
        names: None,
        names_demanded: false,
    }
}

/// Laws that are ready to be checked; made by [`laws`].
#[must_use = "no law is looked at before `run` or `assert`"]
pub struct Laws<'d, D: Walkable, S> {
    walking: Walking<'d, D, S>,
    laws: Vec<Law<D>>,
    stories: Vec<Story<D>>,
    cases: Vec<(D::State, D::Command)>,
    names: Option<StatisticsKeeper<D>>,
    names_demanded: bool,
}

debug_by_name!([D: Walkable, S] Laws<'_, D, S>, "Laws");

impl<D: Walkable, S: CommandSource<D>> Laws<'_, D, S> {
    /// Adds one law.
    pub fn law(mut self, law: Law<D>) -> Self {
        self.laws.push(law);
        self
    }

    /// Adds these laws.
    pub fn all(mut self, laws: impl IntoIterator<Item = Law<D>>) -> Self {
        self.laws.extend(laws);
        self
    }

    /// Checks these stories too, such as kept ones or those of an exploration.
    pub fn stories(mut self, stories: impl IntoIterator<Item = Story<D>>) -> Self {
        self.stories.extend(stories);
        self
    }

    /// Checks these commands in these states too, such as the steps of an exploration. Laws of whole histories do not apply to
    /// them.
    pub fn cases(mut self, cases: impl IntoIterator<Item = (D::State, D::Command)>) -> Self {
        self.cases.extend(cases);
        self
    }

    /// Lists commands that are never accepted, and events and rejections that never occur. They do not fail the report,
    /// because walks do not see everything.
    pub fn names(self) -> Self
    where
        D: Decider<Command: Message, Event: Message, Rejection: Message>,
    {
        Laws { names: Some(StatisticsKeeper::by_name()), ..self }
    }

    /// Demands that every command is accepted somewhere, and that every event and rejection occurs.
    pub fn demand_names(self) -> Self
    where
        D: Decider<Command: Message, Event: Message, Rejection: Message>,
    {
        Laws { names_demanded: true, ..self.names() }
    }

    /// Takes the walks and checks every law. A failing law is reported once, with its shortest story.
    pub fn run(mut self) -> LawReport<D> {
        let seed = self.walking.seed.unwrap_or_else(any_seed);
        let mut report = LawReport::new(seed);
        report.classes = self.walking.classes();
        report.unasked = self.walking.unasked("a law");
        let mut times = vec![Duration::ZERO; self.laws.len()];
        let laws: Vec<LawInRun<D>> = self.laws.iter().map(Law::begin).collect();
        let mut open = vec![true; laws.len()];
        let given = self.walking.given.clone();
        match caught(|| self.walking.decider.fold(&given)) {
            Ok(start) => {
                for walk in 0..self.walking.walks as u64 {
                    let seed = seed_of(seed, walk);
                    let recorded = self.walking.recorded(&start, seed, usize::MAX);
                    report.walks += 1;
                    if !report.classes.is_empty() {
                        let commands: Vec<_> =
                            recorded.items.iter().map(|item| item.command.clone()).collect();
                        self.walking.count(&start, &commands, &mut report.classes);
                    }
                    match recorded.panic {
                        None => {
                            let looked = (&laws[..], &mut open[..], &mut times[..]);
                            self.examine(&given, &start, recorded.items, Some(seed), looked, &mut report);
                        }
                        Some(_) if report.panicked => {}
                        Some(panic) => {
                            report.panicked = true;
                            let failed = format!("the model panicked: {panic}");
                            let items = recorded.items;
                            let shortening = self.walking.shortening(&start);
                            report.findings.push(shortening.of_fault(
                                failed,
                                &Fault::Panic,
                                items,
                                Some(seed),
                            ));
                        }
                    }
                }
            }
            Err(panic) => report.findings.push(panic_at_start(given, &panic)),
        }
        for story in std::mem::take(&mut self.stories) {
            report.stories += 1;
            match caught(|| self.walking.decider.fold(&story.given)) {
                Ok(start) => {
                    let items = story
                        .commands
                        .into_iter()
                        .map(|command| StoryItem { command, drawn: None })
                        .collect();
                    let looked = (&laws[..], &mut open[..], &mut times[..]);
                    self.examine(&story.given, &start, items, None, looked, &mut report);
                }
                Err(panic) => report.findings.push(panic_at_start(story.given, &panic)),
            }
        }
        for (state, command) in std::mem::take(&mut self.cases) {
            report.cases += 1;
            self.examine_case(&state, &command, (&laws, &mut open), &mut report);
        }
        for (law, open) in laws.iter().zip(open) {
            let histories = report.walks + report.stories;
            let unlooked = match &law.look {
                _ if !open => continue,
                Look::AtHistory(_) if histories == 0 => Some("no history was looked at"),
                _ => {
                    let nothing = law.came_up.as_ref().is_some_and(|times| times.get() == 0);
                    nothing.then_some("nothing came up that it speaks about")
                }
            };
            match unlooked {
                Some(why) => report.unlooked.push(format!("{}: {why}", law.name)),
                None => report.holding.push(law.name.clone()),
            }
        }
        report.times = laws.into_iter().map(|law| law.name).zip(times).collect();
        report.names_asked = self.names.is_some();
        report.never = self.names.map(|names| names.statistics.never()).unwrap_or_default();
        report.names_demanded = self.names_demanded;
        report
    }

    /// Takes the walks, and panics with the report if a law does not hold: the short form for a test.
    ///
    /// # Panics
    /// When a law fails; at the line of the caller.
    #[track_caller]
    pub fn assert(self) {
        self.run().assert();
    }

    /// Checks all laws on one history.
    fn examine(
        &mut self,
        given: &[D::Event],
        start: &D::State,
        items: Vec<StoryItem<D::Command, S::Drawn>>,
        seed: Option<u64>,
        (laws, open, times): (&[LawInRun<D>], &mut [bool], &mut [Duration]),
        report: &mut LawReport<D>,
    ) {
        let decider = self.walking.decider;
        report.steps += items.len();
        let commands: Vec<D::Command> = items.iter().map(|item| item.command.clone()).collect();
        let lived = match caught(|| LivedHistory::new(decider, given, &commands)) {
            Ok(lived) => lived,
            Err(_) if report.panicked => return,
            Err(panic) => {
                report.panicked = true;
                let shortening = Shortening { given, ..self.walking.shortening(start) };
                let failed = format!("the model panicked: {panic}");
                report.findings.push(shortening.of_fault(failed, &Fault::Panic, items, seed));
                return;
            }
        };
        let others: Vec<Vec<D::Command>> =
            lived.states.iter().map(|state| others(&self.walking.source, state, &commands)).collect();
        // An alphabet is tried in every state; a strategy cannot list its commands.
        let tried_everywhere = caught(|| self.walking.source.all(start).is_some()).unwrap_or_default();
        if let Some(names) = &mut self.names {
            for (command, outcome) in commands.iter().zip(&lived.outcomes) {
                names.step(decider, command, outcome);
            }
            // Trying the whole alphabet finds rejections that few walks meet.
            for (state, others) in lived.states.iter().zip(&others).filter(|_| tried_everywhere) {
                for other in others {
                    if let Ok(outcome) = caught(|| decider.decide(other, state)) {
                        names.step(decider, other, &outcome);
                    }
                }
            }
        }
        let mut items: Vec<Option<StoryItem<D::Command, S::Drawn>>> = items.into_iter().map(Some).collect();
        let mut looked = laws.iter().zip(open.iter_mut()).zip(times);
        while let Some(((law, open), time)) = looked.find(|((_, open), _)| **open) {
            let _timed = AddsTime { since: Stopwatch::start(), time };
            let shortening = Shortening { given, ..self.walking.shortening(start) };
            let finding = match &law.look {
                Look::AtHistory(holds) => {
                    let wrong = |commands: &[D::Command]| {
                        let held = caught(|| {
                            let lived = LivedHistory::new(decider, given, commands);
                            report_panics(|| holds(decider, &lived))
                        });
                        held.ok().and_then(Result::err)
                    };
                    let Some(why) = report_panics(|| holds(decider, &lived)).err() else { continue };
                    let all = again(&mut items, &commands, commands.len(), None);
                    let fails = |commands: &[D::Command]| wrong(commands).is_some();
                    let mut finding = shortening.of_story(law.name.clone(), fails, all, seed);
                    let why = wrong(&finding.story.commands).unwrap_or(why);
                    finding.failed = format!("{}: {why}", law.name);
                    finding
                }
                Look::AtCase(holds) => {
                    let source = &self.walking.source;
                    let wrong = |step: &Step<'_, D>, others: &[D::Command], same_state: bool| {
                        let Step { before, command, outcome, after } = *step;
                        let case = LawCase { decider, before, command, outcome, after, others, same_state };
                        report_panics(|| holds(&case)).err()
                    };
                    let found = (0..lived.states.len()).find_map(|at| {
                        let taken = commands.get(at).into_iter();
                        let last = at + 1 == lived.states.len();
                        let beside = others[at].iter().filter(|_| tried_everywhere || last);
                        let mut same_state = false;
                        taken.chain(beside).find_map(|command| {
                            let before = &lived.states[at];
                            let (outcome, after) = caught(|| step(decider, before, command)).ok()?;
                            let step = Step { before, command, outcome: &outcome, after: &after };
                            let wrong = wrong(&step, &others[at], std::mem::replace(&mut same_state, true));
                            wrong.map(|why| (at, command, why))
                        })
                    });
                    let Some((at, command, why)) = found else { continue };
                    let upto = again(&mut items, &commands, at, Some(command));
                    let fault = |step: &Step<'_, D>| {
                        wrong(step, &self::others(source, step.before, &commands), false).is_none()
                    };
                    let mut finding = shortening.of_fault(law.name.clone(), &Fault::Step(&fault), upto, seed);
                    let why = last_step(decider, start, &finding.story.commands, |step| {
                        wrong(step, &self::others(source, step.before, &commands), false)
                    })
                    .unwrap_or(why);
                    finding.failed = format!("{}: {why}", law.name);
                    finding
                }
            };
            *open = false;
            report.findings.push(finding);
        }
    }

    fn examine_case(
        &mut self,
        before: &D::State,
        command: &D::Command,
        (laws, open): (&[LawInRun<D>], &mut [bool]),
        report: &mut LawReport<D>,
    ) {
        let decider = self.walking.decider;
        let others = others(&self.walking.source, before, std::slice::from_ref(command));
        let stepped = caught(|| step(decider, before, command));
        for (law, open) in laws.iter().zip(open.iter_mut()).filter(|(_, open)| **open) {
            let Look::AtCase(holds) = &law.look else { continue };
            let wrong = match &stepped {
                Ok((outcome, after)) => {
                    let same_state = false;
                    let case =
                        LawCase { decider, before, command, outcome, after, others: &others, same_state };
                    report_panics(|| holds(&case)).err()
                }
                Err(panic) => Some(format!("the model panicked: {panic}")),
            };
            let Some(why) = wrong else { continue };
            *open = false;
            report.findings.push(Counterexample {
                failed: format!("{}: {why}", law.name),
                story: Story::of([command.clone()]),
                ending: vec![("in", format!("{before:?}, which the check was handed"))],
                found_in: 1,
                shortest: Shortest::NotSearched,
                other_values: Vec::new(),
                seed: None,
            });
        }
        if let (Some(names), Ok((outcome, _))) = (&mut self.names, &stepped) {
            names.step(decider, command, outcome);
        }
    }
}

/// Adds the time from its creation to its drop.
struct AddsTime<'t> {
    since: Stopwatch,
    time: &'t mut Duration,
}

impl Drop for AddsTime<'_> {
    fn drop(&mut self) {
        *self.time += self.since.elapsed();
    }
}

/// The walk up to a command, with `last` appended if given. What the arguments are shrunk with is moved out on first use, so
/// a second failing law on the same walk does without it.
fn again<C: Clone, T>(
    items: &mut [Option<StoryItem<C, T>>],
    commands: &[C],
    upto: usize,
    last: Option<&C>,
) -> Vec<StoryItem<C, T>> {
    let walked = (0..upto).map(|at| match items[at].take() {
        Some(item) => item,
        None => StoryItem { command: commands[at].clone(), drawn: None },
    });
    walked.chain(last.map(|command| StoryItem { command: command.clone(), drawn: None })).collect()
}

fn report_panics(held: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    caught(held).unwrap_or_else(|panic| Err(format!("the model panicked: {panic}")))
}

/// The alphabet in a state, or `otherwise` where there is none.
fn others<D: Decider<Command: Clone>, S: CommandSource<D>>(
    source: &S,
    state: &D::State,
    otherwise: &[D::Command],
) -> Vec<D::Command> {
    caught(|| source.all(state)).ok().flatten().unwrap_or_else(|| otherwise.to_vec())
}

#[allow(clippy::type_complexity)]
fn step<D: Decider<State: Clone>>(
    decider: &D,
    before: &D::State,
    command: &D::Command,
) -> (Result<Vec<D::Event>, D::Rejection>, D::State) {
    let outcome = decider.decide(command, before);
    let after = match &outcome {
        Ok(events) => decider.fold_from(before.clone(), events),
        Err(_) => before.clone(),
    };
    (outcome, after)
}

/// What is wrong with the last step of a story.
fn last_step<D: Decider<State: Clone>>(
    decider: &D,
    start: &D::State,
    commands: &[D::Command],
    wrong: impl Fn(&Step<'_, D>) -> Option<String>,
) -> Option<String> {
    let mut before = start.clone();
    let mut last = None;
    for command in commands {
        let (outcome, after) = caught(|| step(decider, &before, command)).ok()?;
        last = wrong(&Step { before: &before, command, outcome: &outcome, after: &after });
        before = after;
    }
    last
}

fn panic_at_start<D: Decider>(given: Vec<D::Event>, panic: &str) -> Counterexample<D> {
    Counterexample {
        failed: format!("the model panicked before the first command: {panic}"),
        story: Story { given, commands: Vec::new() },
        ending: Vec::new(),
        found_in: 0,
        shortest: Shortest::NotSearched,
        other_values: Vec::new(),
        seed: None,
    }
}
