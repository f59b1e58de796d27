//! Random walks: a model runs many random histories, and its properties are checked after each step.
//!
//! The next command of a walk is drawn for the state just reached, from an alphabet or from a strategy of proptest, and
//! run at once. A failing walk is shrunk by replay, so no preconditions are needed. Where there is an alphabet, a search
//! proves that the story is the shortest.
//!
//! Walks do not see everything: a walk seldom reaches a state that many unlikely commands in a row lead to. Where the states can be
//! counted, [exploration](crate::check::explore()) sees all of them. Walks are for models that are too large for that, and
//! for arguments with too many values for an alphabet.

#[cfg(feature = "proptest")]
mod histories;
mod report;
mod run;
mod seeds_file;
mod statistics;
mod walk;

pub use super::command_source::{Alphabet, CommandSource};
pub(crate) use super::random::{any_seed, seed_of};
pub use super::walk_rules::Walkable;
pub use report::{WalkClass, Walks};
pub(crate) use report::{classes_page, looked_at_nothing};
pub(crate) use statistics::StatisticsKeeper;
pub use statistics::{CommandCounts, Statistics};

#[cfg(feature = "proptest")]
pub use super::command_source::Commands;
#[cfg(feature = "proptest")]
pub use histories::{Histories, histories};

use super::property::Property;
use super::stable_hasher::StableHasher;
use super::walk_rules::WalkRules;
use crate::decider::Decider;
use crate::message::Message;
use crate::spec::panics::caught;
use report::ClassRequest;
use statistics::{StateCounter, name};
use std::hash::{Hash, Hasher};
use std::path::PathBuf;

/// Random walks of a decider. Choose next where the commands come from.
///
/// ```
/// use leftfold::check::{Property, walks};
/// use leftfold::decider;
///
/// #[derive(Clone, Debug)]
/// enum Command { In(u8), Out(u8) }
///
/// // A planted error: taking out 4 is not checked.
/// let till = decider(
///     || 0i32,
///     |command: &Command, cash: &i32| match command {
///         Command::In(coins) => Ok(vec![i32::from(*coins)]),
///         Command::Out(coins) if i32::from(*coins) <= *cash || *coins == 4 => Ok(vec![-i32::from(*coins)]),
///         Command::Out(_) => Err("not so much in it"),
///     },
///     |cash, moved: &i32| cash + moved,
/// );
/// let found = walks(&till)
///     .alphabet(|cash| {
///         let mut commands: Vec<Command> = (1..=5).map(Command::Out).collect();
///         if *cash < 20 {
///             commands.extend((1..=5).map(Command::In));
///         }
///         commands
///     })
///     .property(Property::always("there is never less than nothing", |cash| *cash >= 0))
///     .seed(1)
///     .run();
///
/// let page = found.findings[0].to_string();
/// assert!(
///     page.starts_with(concat!(
///         " ✗ there is never less than nothing\n",
///         "     1   Out(4)\n",
///         "  event  -4\n",
///         "  state  -4\n",
///         "   proved shortest (2 states searched)\n",
///     )),
///     "{page}"
/// );
/// ```
pub fn walks<D: Walkable>(decider: &D) -> WalksWithoutCommands<'_, D> {
    WalksWithoutCommands { decider }
}

/// Walks without a source of commands yet; made by [`walks`].
#[must_use = "say where the commands come from: `alphabet` or `commands`"]
pub struct WalksWithoutCommands<'d, D> {
    decider: &'d D,
}

debug_by_name!([D] WalksWithoutCommands<'_, D>, "WalksWithoutCommands");

impl<'d, D: Walkable> WalksWithoutCommands<'d, D> {
    /// Takes the commands from a finite list of those worth trying in a state.
    ///
    /// The list may contain commands that are refused: they are skipped, except for a
    /// [share](Walking::refused_let_through) that is let through. The order matters for shrinking: of two commands of one
    /// kind, the earlier one is simpler.
    pub fn alphabet<F, I>(self, commands: F) -> Walking<'d, D, Alphabet<D::Command, F>>
    where
        F: Fn(&D::State) -> I,
        I: IntoIterator<Item = D::Command>,
        D::State: Eq + Hash,
    {
        Walking::new(self.decider, Alphabet::new(commands))
    }

    /// Draws the commands from a strategy of proptest, made for the state reached.
    ///
    /// After a refused draw, the walk draws again; after 64 refused draws in a row the state counts as a dead end
    /// ([`tries`](Walking::tries)). A strategy that looks at the state and draws possible commands avoids this.
    ///
    /// ```
    /// use leftfold::check::{Property, walks};
    /// use leftfold::decider;
    /// use proptest::prelude::*;
    ///
    /// // A planted error: a lift for eight lets a ninth in.
    /// let lift = decider(
    ///     || 0u8,
    ///     |people: &u8, inside: &u8| if inside + people > 9 { Err("full") } else { Ok(vec![*people]) },
    ///     |inside, people: &u8| inside + people,
    /// );
    /// let found = walks(&lift)
    ///     .commands(|_| 1..4u8)
    ///     .property(Property::always("eight at most", |inside| *inside <= 8))
    ///     .seed(1)
    ///     .run();
    /// assert_eq!(found.findings[0].story.state(&lift), 9);
    /// ```
    #[cfg(feature = "proptest")]
    pub fn commands<S, F>(self, strategy: F) -> Walking<'d, D, Commands<S, F>>
    where
        F: Fn(&D::State) -> S,
        S: proptest::strategy::Strategy<Value = D::Command>,
        D::State: PartialEq,
    {
        Walking::new(self.decider, Commands::new(strategy, 64))
    }
}

/// Walks that are ready to run: how many, how long, and what to check on the way. [`run`](Walking::run) takes them.
#[must_use = "nothing is walked before `run` or `assert`"]
pub struct Walking<'d, D: Decider, S> {
    pub(crate) decider: &'d D,
    pub(crate) source: S,
    pub(crate) given: Vec<D::Event>,
    pub(crate) walks: usize,
    pub(crate) rules: WalkRules<D>,
    pub(crate) seed: Option<u64>,
    pub(crate) search: usize,
    properties: Vec<Property<D>>,
    asked: Vec<ClassRequest<D>>,
    keeper: Option<StatisticsKeeper<D>>,
    states: Option<StateCounter<D::State>>,
    known_states: Option<usize>,
    regressions: Option<PathBuf>,
}

debug_by_name!([D: Decider, S] Walking<'_, D, S>, "Walking");

impl<'d, D: Walkable, S> Walking<'d, D, S> {
    fn new(decider: &'d D, source: S) -> Self {
        Walking {
            decider,
            source,
            given: Vec::new(),
            walks: 256,
            rules: WalkRules { steps: 50, let_through: 0.2, leave_out: 0.5, kind: None },
            seed: None,
            search: 100_000,
            properties: Vec::new(),
            asked: Vec::new(),
            keeper: None,
            states: None,
            known_states: None,
            regressions: None,
        }
    }

    /// Begins after this history, and not at the initial state.
    pub fn from(mut self, history: impl IntoIterator<Item = D::Event>) -> Self {
        self.given.extend(history);
        self
    }

    /// How many walks. Default: 256.
    pub fn walks(self, walks: usize) -> Self {
        Walking { walks, ..self }
    }

    /// The most accepted commands of a walk. Default: 50. Refused commands do not count.
    pub fn steps(mut self, steps: usize) -> Self {
        self.rules.steps = steps;
        self
    }

    /// The seed of all walks: the same seed gives the same report. Default: a random seed, which the report shows.
    pub fn seed(self, seed: u64) -> Self {
        Walking { seed: Some(seed), ..self }
    }

    /// Checks a property on each step. The report names properties that walks cannot decide.
    pub fn property(mut self, property: Property<D>) -> Self {
        self.properties.push(property);
        self
    }

    /// Checks these properties on each step.
    pub fn properties(mut self, properties: impl IntoIterator<Item = Property<D>>) -> Self {
        self.properties.extend(properties);
        self
    }

    /// The share of refused commands that are let through, from 0 (none) to 1 (all): they count as steps for the properties,
    /// and in the report. Default: 0.2.
    pub fn refused_let_through(mut self, share: f64) -> Self {
        self.rules.let_through = share;
        self
    }

    /// The largest share of the kinds of commands that a walk leaves out; each walk draws its own share. Default: 0.5; with 0
    /// nothing is left out.
    ///
    /// A walk with few kinds of commands gets further with them than a walk with all. A kind that is left out is still tried
    /// where no other command is possible. Kinds are the variants of the command's enum; see
    /// [`kinds_by_name`](Self::kinds_by_name) for messages inside others.
    pub fn leave_out(mut self, share: f64) -> Self {
        self.rules.leave_out = share;
        self
    }

    /// Distinguishes kinds of commands by their names instead of their variants: for umbrella enums, and for the keyed
    /// commands of [`many`](Decider::many). Costs reading a name for each command drawn.
    pub fn kinds_by_name(mut self) -> Self
    where
        D::Command: Message,
    {
        fn by_name<C: Message>(command: &C) -> u64 {
            let mut hasher = StableHasher::default();
            name(command).hash(&mut hasher);
            hasher.finish()
        }
        self.rules.kind = Some(by_name::<D::Command>);
        self
    }

    /// How many different states the search for a shorter story may reach, where there is an alphabet. Default: 100,000; with
    /// 0 there is no search.
    pub fn search(self, states: usize) -> Self {
        Walking { search: states, ..self }
    }

    /// Counts commands, events and rejections by name: see [`Walks::statistics`].
    pub fn statistics(self) -> Self
    where
        D: Decider<Command: Message, Event: Message, Rejection: Message>,
    {
        Walking { keeper: Some(StatisticsKeeper::by_name()), ..self }
    }

    /// Counts different states: see [`Walks::states`]. Keeps each of them in memory.
    pub fn count_states(self) -> Self
    where
        D::State: Eq + Hash + 'static,
    {
        Walking { states: Some(StateCounter::new()), ..self }
    }

    /// Counts different states, and reports their share of the `known` reachable states, as an exploration counts them.
    pub fn count_states_of(self, known: usize) -> Self
    where
        D::State: Eq + Hash + 'static,
    {
        Walking { known_states: Some(known), ..self.count_states() }
    }

    /// Reports the share of walks for which `belongs` is true. It receives a walk's commands, with the refused ones that were
    /// let through, and its last state.
    pub fn classify(
        mut self,
        class: impl Into<String>,
        belongs: impl Fn(&[D::Command], &D::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.asked.push(ClassRequest { class: class.into(), required: None, belongs: Box::new(belongs) });
        self
    }

    /// Demands that this is true of at least `percent` per cent of the walks; otherwise the report does not hold.
    pub fn cover(
        mut self,
        percent: f64,
        class: impl Into<String>,
        belongs: impl Fn(&[D::Command], &D::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.asked.push(ClassRequest {
            class: class.into(),
            required: Some(percent),
            belongs: Box::new(belongs),
        });
        self
    }

    /// Keeps the seeds of failing walks in this file, and runs those walks first. A relative path starts in the current
    /// folder; with cargo, that is the folder of the package.
    pub fn regressions(self, file: impl Into<PathBuf>) -> Self {
        Walking { regressions: Some(file.into()), ..self }
    }
}

impl<D: Walkable, S> Walking<'_, D, S> {
    /// The requested classes, without a walk yet.
    pub(crate) fn classes(&self) -> Vec<WalkClass> {
        let class = |asked: &ClassRequest<D>| WalkClass {
            name: asked.class.clone(),
            walks: 0,
            required: asked.required,
        };
        self.asked.iter().map(class).collect()
    }

    /// Counts a walk in the classes that it belongs to. A walk on which the model panics belongs to none.
    pub(crate) fn count(&self, start: &D::State, commands: &[D::Command], classes: &mut [WalkClass]) {
        if classes.is_empty() {
            return;
        }
        let last = caught(|| {
            commands.iter().fold(start.clone(), |state, command| match self.decider.decide(command, &state) {
                Ok(events) => self.decider.fold_from(state, &events),
                Err(_) => state,
            })
        });
        let Ok(last) = last else { return };
        for (class, asked) in classes.iter_mut().zip(&self.asked) {
            class.walks += usize::from((asked.belongs)(commands, &last));
        }
    }

    /// A sentence for each requested property that the check named `by` ignores.
    pub(crate) fn unasked(&self, by: &str) -> Vec<String> {
        let unasked = |property: &Property<D>| {
            format!("{}: {by} does not look at properties, `walks(…).run()` does", property.name())
        };
        self.properties.iter().map(unasked).collect()
    }
}

#[cfg(feature = "proptest")]
impl<D: Walkable, S, F> Walking<'_, D, Commands<S, F>> {
    /// How many draws in a row may be refused before a state counts as a dead end. Default: 64.
    pub fn tries(self, tries: usize) -> Self {
        Walking { source: self.source.with_tries(tries), ..self }
    }
}
