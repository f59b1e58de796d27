//! Comparison of two models: every kind of difference between them, with the shortest story to each.
//!
//! [`compare`] gives both models the same commands, breadth first, and compares their outcomes: events, rejections, panics. Their
//! states may be of different types and are never compared, so that a model whose state was rewritten is still the same.
//! [`compare_histories`] does it with what was recorded.
//!
//! A branch ends at its first difference: what follows from it would drown it.

mod field;
mod first;
mod histories;
mod machines;
mod page;
mod pair;
mod report;
mod walk;

pub(super) use first::{FirstDifference, first_difference};
pub use histories::{ComparedHistories, ComparedHistoriesOf, compare_histories};
pub(crate) use machines::{MachineOf, machine_with_machine, machine_with_model, steps_by_name};
pub use report::{ComparedAnswer, ComparedExtent, ModelComparison, ModelComparisonOf, ModelDifference};

use super::explore::{Explorable, ExplorationVerdict, Progress, StepClasses, explore};
use super::story::Story;
use crate::decider::Decider;
use crate::fold::Fold;
use crate::message::Message;
use crate::spec::panics::caught;
use pair::{IsUnknown, Kind, Pair, Verdict, watched};
use report::DifferenceOf;
use serde::Serialize;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

/// Sets up a comparison of two models over the commands that `alphabet` lists in a state of the old one.
///
/// Both take the same messages. A model of others is first brought to them by [`Decider::adapt`] and
/// [`Decider::map_rejection`].
///
/// ```
/// use leftfold::check::compare;
/// use leftfold::decider;
/// # use serde::{Deserialize, Serialize};
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Command { Lend, TakeBack }
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Event { Lent, TakenBack }
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Rejection { NoneLeft, NoneLent }
///
/// // A stall with three umbrellas; in rainy weeks it keeps some back.
/// let stall = |kept_back: u8| decider(
///     || 0u8,
///     move |command: &Command, lent: &u8| match command {
///         Command::Lend if lent + kept_back < 3 => Ok(vec![Event::Lent]),
///         Command::Lend => Err(Rejection::NoneLeft),
///         Command::TakeBack if *lent > 0 => Ok(vec![Event::TakenBack]),
///         Command::TakeBack => Err(Rejection::NoneLent),
///     },
///     |lent: u8, event: &Event| if *event == Event::Lent { lent + 1 } else { lent - 1 },
/// );
/// let alphabet = |_: &u8| [Command::Lend, Command::TakeBack];
///
/// assert!(compare(&stall(0), &stall(0), alphabet).run().is_same());
///
/// let found = compare(&stall(0), &stall(1), alphabet).run();
/// assert_eq!(found.to_string(), "\
/// compared  3 pairs of states, every one that can be reached together
/// steps     4 accepted and 1 refused alike; 2 commands to the furthest pair
///
/// differs   Lend: Lent became refused, NoneLeft; 1 step, after 3 commands
///           when  Lend
///                 Lend
///                 Lend
///           old   Lent
///           new   refused: NoneLeft
/// ");
///
/// // Who may refuse more than before?
/// assert!(compare(&stall(0), &stall(1), alphabet).may_refuse_more().run().refines());
/// ```
pub fn compare<'a, O, N, A, I>(old: &'a O, new: &'a N, alphabet: A) -> Compare<'a, O, N, A>
where
    O: Decider,
    N: Decider<Command = O::Command, Event = O::Event, Rejection = O::Rejection>,
    A: Fn(&O::State) -> I,
    I: IntoIterator<Item = O::Command>,
{
    Compare {
        old,
        new,
        alphabet,
        new_alphabet: None,
        is_unknown: None,
        given: Vec::new(),
        may_refuse_more: false,
        may_refuse_less: false,
        depth: None,
        states: None,
        memory: None,
        time: None,
        progress: None,
        threads: 1,
        walks: None,
        seed: 0,
    }
}

/// The steps of both models side by side, by how their answers compare.
type Classes<'a, O, N> = StepClasses<Pair<'a, O, N>, Verdict>;

/// As many as [`Explore::commands_per_state`](super::explore::Explore::commands_per_state) takes by default.
const MOST_COMMANDS: usize = 10_000;

/// Adds the commands that the new model lists in this state, unless they are there already.
type AddCommands<'a, S, C> = Box<dyn Fn(&S, &mut Vec<C>) + Send + Sync + 'a>;

/// Whether a rejection means that this side does not know the answer.
type RecognisesUnknown<'a, R> = Box<dyn Fn(&R) -> bool + Send + Sync + 'a>;

type ReportProgress<'a> = Box<dyn FnMut(&Progress) + Send + Sync + 'a>;

/// A comparison that is being set up; made by [`compare`].
#[must_use = "a comparison does nothing until it is run"]
pub struct Compare<'a, O: Decider, N: Decider, A> {
    old: &'a O,
    new: &'a N,
    alphabet: A,
    new_alphabet: Option<AddCommands<'a, N::State, O::Command>>,
    is_unknown: Option<RecognisesUnknown<'a, O::Rejection>>,
    given: Vec<O::Event>,
    may_refuse_more: bool,
    may_refuse_less: bool,
    depth: Option<usize>,
    states: Option<usize>,
    memory: Option<usize>,
    time: Option<Duration>,
    progress: Option<ReportProgress<'a>>,
    threads: usize,
    walks: Option<usize>,
    seed: u64,
}

debug_by_name!([O: Decider, N: Decider, A] Compare<'_, O, N, A>, "Compare");

impl<'a, O: Decider, N: Decider, A> Compare<'a, O, N, A> {
    /// Also tries the commands that `alphabet` lists in a state of the new model: the union of both is compared.
    ///
    /// O(commands) in each pair of states where both list the same ones in the same order, otherwise up to the square.
    pub fn new_commands<I>(mut self, alphabet: impl Fn(&N::State) -> I + Send + Sync + 'a) -> Self
    where
        O::Command: PartialEq,
        I: IntoIterator<Item = O::Command>,
    {
        self.new_alphabet = Some(Box::new(move |state, commands| {
            let before = commands.len();
            for (i, command) in alphabet(state).into_iter().enumerate() {
                if commands[..before].get(i) != Some(&command) && !commands.contains(&command) {
                    commands.push(command);
                }
            }
        }));
        self
    }

    /// Recognises a rejection by which a side says that it does not know the answer: a recorded table that ends somewhere, or was
    /// never asked. Such a step is never a difference, and never the same.
    pub fn unknown(mut self, is_unknown: impl Fn(&O::Rejection) -> bool + Send + Sync + 'a) -> Self {
        self.is_unknown = Some(Box::new(is_unknown));
        self
    }

    /// Allows the new model to refuse what the old one accepts. The branch still ends there.
    pub fn may_refuse_more(mut self) -> Self {
        self.may_refuse_more = true;
        self
    }

    /// Allows the new model to accept what the old one refuses. The branch still ends there.
    pub fn may_refuse_less(mut self) -> Self {
        self.may_refuse_less = true;
        self
    }

    /// Begins after this history, and not at the initial states.
    pub fn from(mut self, history: impl IntoIterator<Item = O::Event>) -> Self {
        self.given = history.into_iter().collect();
        self
    }

    /// Follows histories of at most this many commands. Default: no bound.
    pub fn depth(mut self, commands: usize) -> Self {
        self.depth = Some(commands);
        self
    }

    /// Finds at most this many pairs of states, and at least one. Default: no bound but the memory of
    /// [`explore`](crate::check::explore()).
    pub fn states(mut self, states: usize) -> Self {
        self.states = Some(states);
        self
    }

    /// Keeps about this many bytes; see [`Explore::memory`](super::explore::Explore::memory).
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Takes about this much time. Default: no bound. This is the only bound that can give another result the next time.
    pub fn time(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// Calls `report` with the progress about ten times a second.
    pub fn progress(mut self, report: impl FnMut(&Progress) + Send + Sync + 'a) -> Self {
        self.progress = Some(Box::new(report));
        self
    }

    /// Uses this many threads. Default: one. The result is the same for any number.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Takes random walks through both models in place of an exploration, for models that are too large to explore.
    ///
    /// In every pair of states on its way, a walk compares the answers to all commands, and goes on with one that both accept
    /// alike. It has at most [`depth`](Self::depth) commands, 100 by default. Of the other bounds, only
    /// [`states`](Self::states) counts. Each kind of difference has the shortest story that was met, without the commands
    /// that it does not need; a shorter one may exist. Walks never find two models the same, only the same as far as was seen.
    pub fn walks(mut self, walks: usize) -> Self {
        self.walks = Some(walks);
        self
    }

    /// The seed of the [`walks`](Self::walks). Default: 0. The same seed gives the same walks.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
}

impl<O, N, A, I> Compare<'_, O, N, A>
where
    O: Decider<
            State: Explorable,
            Command: Message + Clone + Debug,
            Event: Message + Serialize + Clone + Debug + PartialEq,
            Rejection: Message + Serialize + Debug + PartialEq,
        > + Sync,
    N: Decider<State: Explorable, Command = O::Command, Event = O::Event, Rejection = O::Rejection> + Sync,
    A: Fn(&O::State) -> I + Sync,
    I: IntoIterator<Item = O::Command>,
{
    /// Compares.
    ///
    /// Time and memory: those of an [exploration](crate::check::explore()) of both models side by side; twice that if one of them
    /// panics, because it then runs again with an eye on each side. On [`walks`](Self::walks), up to one `decide` of each model for
    /// each command in each state on the way; memory for every pair of states.
    pub fn run(mut self) -> ModelComparisonOf<O> {
        if let Some(walks) = self.walks {
            return self.walk(walks);
        }
        let mut progress = self.progress.take();
        let mut found = self.explore(false, &mut progress);
        if found.exploration.panic.is_some() {
            found = self.explore(true, &mut progress);
        }
        self.of_classes(found)
    }

    fn pair(&self, watchful: bool) -> Pair<'_, O, N> {
        Pair {
            old: self.old,
            new: self.new,
            is_unknown: self.is_unknown.as_deref().map(|is| is as IsUnknown<'_, _>),
            watchful,
        }
    }

    fn explore(&self, watchful: bool, progress: &mut Option<ReportProgress<'_>>) -> Classes<'_, O, N> {
        let pair = self.pair(watchful);
        // The whole setting need not be shared between threads: its events may be of any type.
        let (alphabet, new_alphabet) = (&self.alphabet, &self.new_alphabet);
        let alphabet = |pair: &(O::State, N::State)| commands(pair, alphabet, new_alphabet.as_ref());
        let mut setting = explore(&pair, alphabet)
            .commands_per_state(MOST_COMMANDS)
            .from(self.given.iter().cloned())
            .threads(self.threads);
        if let Some(depth) = self.depth {
            setting = setting.depth(depth);
        }
        if let Some(states) = self.states {
            setting = setting.states(states);
        }
        if let Some(bytes) = self.memory {
            setting = setting.memory(bytes);
        }
        if let Some(time) = self.time {
            setting = setting.time(time);
        }
        if let Some(report) = progress {
            setting = setting.progress(report);
        }
        setting.classes(|step| step.outcome.as_ref().map_or_else(Clone::clone, |_| Verdict::Alike))
    }

    fn walk(&self, walks: usize) -> ModelComparisonOf<O> {
        let pair = self.pair(true);
        let commands = |pair: &_| commands(pair, &self.alphabet, self.new_alphabet.as_ref());
        let walking = walk::Walking {
            pair: &pair,
            commands: &commands,
            walks,
            seed: self.seed,
            longest: self.depth.unwrap_or(walk::LONGEST),
            states: self.states.unwrap_or(usize::MAX),
        };
        // A panic here is one of the alphabet, or of the history before: those of the models are caught by themselves.
        let (seen, panic) = match caught(|| walking.run(&self.given)) {
            Ok(seen) => (seen, None),
            Err(message) => (walk::Seen::default(), Some(message)),
        };
        let compared = ModelComparison {
            extent: panic.map_or(ComparedExtent::Walked { walks }, ComparedExtent::Unfit),
            differences: Vec::new(),
            allowed: Vec::new(),
            states: seen.states,
            accepted: seen.accepted,
            refused: seen.refused,
            unknown: seen.unknown,
            both_panicked: seen.both_panicked,
            deepest: seen.deepest,
        };
        let story = |commands| Story { given: self.given.clone(), commands };
        let kinds = seen.kinds.into_iter().map(|(kind, (times, commands))| (kind, times, story(commands)));
        self.with_kinds(compared, kinds, 0)
    }

    fn of_classes(&self, found: Classes<'_, O, N>) -> ModelComparisonOf<O> {
        let StepClasses { exploration, classes, .. } = found;
        let mut compared = ModelComparison {
            extent: ComparedExtent::Whole,
            differences: Vec::new(),
            allowed: Vec::new(),
            states: exploration.states,
            accepted: exploration.accepted,
            refused: exploration.refused,
            unknown: 0,
            both_panicked: 0,
            deepest: exploration.deepest,
        };
        let mut followed = usize::MAX;
        match &exploration.verdict {
            ExplorationVerdict::Unfit(why) => compared.extent = ComparedExtent::Unfit(why.to_string()),
            ExplorationVerdict::Bounded { depth, why } => {
                followed = *depth;
                let mut why: Vec<String> = why.iter().map(ToString::to_string).collect();
                why.extend(exploration.panic.map(|panic| panic.message));
                compared.extent = ComparedExtent::Bounded { depth: *depth, why };
            }
            ExplorationVerdict::Exhausted | ExplorationVerdict::Abstracted { .. } => (),
        }
        let mut kinds = Vec::new();
        for (verdict, class) in classes {
            match verdict {
                Verdict::Alike => continue,
                Verdict::BothPanic => compared.both_panicked = class.times,
                Verdict::Unknown => compared.unknown = class.times,
                Verdict::Apart(kind) => kinds.push((kind, class.times, class.story)),
            }
            compared.refused = compared.refused.saturating_sub(class.times);
        }
        self.with_kinds(compared, kinds, followed)
    }

    /// Adds the kinds of differences. All stories of up to `followed` commands were tried.
    fn with_kinds<'p>(
        &self,
        mut compared: ModelComparisonOf<O>,
        kinds: impl IntoIterator<Item = (Arc<Kind>, u64, Story<Pair<'p, O, N>>)>,
        followed: usize,
    ) -> ModelComparisonOf<O>
    where
        O: 'p,
        N: 'p,
    {
        for (kind, times, story) in kinds {
            let Some(mut difference) = self.difference(&kind, story) else {
                let why = "a difference was not found again: one of the models is not deterministic";
                compared.extent = ComparedExtent::Unfit(why.to_string());
                continue;
            };
            difference.times = times;
            difference.proved_shortest = difference.commands.len().saturating_sub(1) <= followed;
            let is_allowed = self.may_refuse_more && difference.refuses_more()
                || self.may_refuse_less && difference.refuses_less();
            if is_allowed { &mut compared.allowed } else { &mut compared.differences }.push(difference);
        }
        // The map has sorted them by kind, and this sort is stable.
        compared.differences.sort_by_key(|difference| difference.commands.len());
        compared.allowed.sort_by_key(|difference| difference.commands.len());
        compared
    }

    /// The difference at the end of a story; `None` if the models cannot take the story a second time.
    fn difference(&self, kind: &Kind, story: Story<Pair<'_, O, N>>) -> Option<DifferenceOf<O>> {
        let Story { given, commands } = story;
        let (was, is) = caught(|| {
            let pair = self.pair(false);
            let (last, before) = commands.split_last()?;
            let mut state = pair.fold(&given);
            for command in before {
                (state, _) = pair.handle(state, command);
            }
            Some((watched(self.old, &state.0, last), watched(self.new, &state.1, last)))
        })
        .ok()??;
        Some(ModelDifference::of::<O, N>(kind, (given, commands), was, is))
    }
}

/// The commands that are tried in a pair of states.
fn commands<O, N, A, I>(
    (old, new): &(O, N),
    alphabet: &A,
    new_alphabet: Option<&AddCommands<'_, N, I::Item>>,
) -> Vec<I::Item>
where
    A: Fn(&O) -> I,
    I: IntoIterator,
{
    let mut commands: Vec<I::Item> = alphabet(old).into_iter().take(MOST_COMMANDS + 1).collect();
    if let Some(add) = new_alphabet {
        add(new, &mut commands);
    }
    commands
}
