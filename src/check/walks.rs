//! Random walks: a model lives many lives, and what is to hold is looked at after each step.
//!
//! The next command of a walk is drawn from the state just reached, from an alphabet or from a strategy of proptest, and
//! run at once. What is found is shrunk by replay: nobody writes preconditions, and where there is an alphabet the story
//! is proved to be the shortest.
//!
//! What walks cannot do is see everything. A walk seldom goes where many unlikely commands in a row lead; where the
//! states can be counted, exploration sees all of them. Walks are for models that are too large for that, and for
//! arguments that are too many for an alphabet.

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
use statistics::{CountStates, name};
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;

/// Random walks of a decider; say next where the commands come from.
///
/// ```
/// use leftfold::check::{Property, walks};
/// use leftfold::decider;
///
/// #[derive(Clone, Debug)]
/// enum Command { In(u8), Out(u8) }
///
/// // Planted: whoever takes out 4 is not asked whether there are 4.
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

/// Walks that do not know their commands yet; made by [`walks`].
#[must_use = "say where the commands come from: `alphabet` or `commands`"]
pub struct WalksWithoutCommands<'d, D> {
    decider: &'d D,
}

impl<'d, D: Walkable> WalksWithoutCommands<'d, D> {
    /// Commands from a finite list of those worth trying in a state.
    ///
    /// It may hold commands that are refused: they are passed over, but for a
    /// [share](Walking::refused_let_through) that is let through. The order counts where stories are shrunk: of two
    /// commands of one kind the earlier one is the simpler.
    pub fn alphabet<F, I>(self, commands: F) -> Walking<'d, D, Alphabet<D::Command, F>>
    where
        F: Fn(&D::State) -> I,
        I: IntoIterator<Item = D::Command>,
        D::State: Eq + Hash,
    {
        Walking::new(self.decider, Alphabet::new(commands))
    }

    /// Commands from a strategy of proptest, made for the state reached.
    ///
    /// A draw that is refused is drawn again; after 64 in a row the state counts as a dead end
    /// ([`tries`](Walking::tries)). A strategy that looks at the state and draws what is possible spares those.
    ///
    /// ```
    /// use leftfold::check::{Property, walks};
    /// use leftfold::decider;
    /// use proptest::prelude::*;
    ///
    /// // Planted: a lift for eight that lets the tenth in.
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

/// Walks about to be taken: how many, how long, and what to look at on the way. [`run`](Walking::run) takes them.
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
    states: Option<Box<dyn CountStates<D::State>>>,
    known_states: Option<usize>,
    regressions: Option<PathBuf>,
}

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

    /// How many walks; 256 unless it is said.
    pub fn walks(self, walks: usize) -> Self {
        Walking { walks, ..self }
    }

    /// How many accepted commands a walk has at most; 50 unless it is said. Refused ones do not count.
    pub fn steps(mut self, steps: usize) -> Self {
        self.rules.steps = steps;
        self
    }

    /// The seed of all walks: the same seed gives the same report. Any seed, unless it is said; the report tells it.
    pub fn seed(self, seed: u64) -> Self {
        Walking { seed: Some(seed), ..self }
    }

    /// Looks at a property on each step. Properties that walks cannot decide are named in the report.
    pub fn property(mut self, property: Property<D>) -> Self {
        self.properties.push(property);
        self
    }

    /// Looks at these properties on each step.
    pub fn properties(mut self, properties: impl IntoIterator<Item = Property<D>>) -> Self {
        self.properties.extend(properties);
        self
    }

    /// The share of refused commands that are let through: they count as steps for the properties, and in the report.
    /// 0.2 unless it is said; from 0 (none) to 1 (all).
    pub fn refused_let_through(mut self, share: f64) -> Self {
        self.rules.let_through = share;
        self
    }

    /// Which share of the kinds of commands a walk leaves out at most; each walk draws its own. 0.5 unless it is said, and
    /// 0 leaves nothing out.
    ///
    /// Walks that have few kinds of commands to choose from go further with them than walks that have all. What a walk
    /// leaves out it takes all the same where nothing else is possible. Kinds are the variants of the command's enum; see
    /// [`kinds_by_name`](Self::kinds_by_name) for messages inside others.
    pub fn leave_out(mut self, share: f64) -> Self {
        self.rules.leave_out = share;
        self
    }

    /// Tells kinds of commands by their names instead of by their variants: for umbrella enums, and for the keyed commands
    /// of [`many`](Decider::many). Costs the reading of a name for each command drawn.
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

    /// How many unlike states the search for a shorter story may reach, where there is an alphabet; 100,000 unless it is
    /// said, and 0 spares the search.
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

    /// Counts unlike states: see [`Walks::states`]. Keeps each of them.
    pub fn count_states(self) -> Self
    where
        D::State: Eq + Hash + 'static,
    {
        Walking { states: Some(Box::new(HashSet::new())), ..self }
    }

    /// Counts unlike states, and says which part they are of all that can be reached, as an exploration has counted them.
    pub fn count_states_of(self, known: usize) -> Self
    where
        D::State: Eq + Hash + 'static,
    {
        Walking { known_states: Some(known), ..self.count_states() }
    }

    /// Reports the share of walks of which this is true: it sees a walk's commands, those let through among them, and its
    /// last state.
    pub fn classify(
        mut self,
        class: impl Into<String>,
        belongs: impl Fn(&[D::Command], &D::State) -> bool + 'static,
    ) -> Self {
        self.asked.push(ClassRequest { class: class.into(), required: None, belongs: Box::new(belongs) });
        self
    }

    /// Demands that this is true of at least so many per cent of the walks; otherwise the report does not hold.
    pub fn cover(
        mut self,
        percent: f64,
        class: impl Into<String>,
        belongs: impl Fn(&[D::Command], &D::State) -> bool + 'static,
    ) -> Self {
        self.asked.push(ClassRequest {
            class: class.into(),
            required: Some(percent),
            belongs: Box::new(belongs),
        });
        self
    }

    /// Keeps the seeds of walks that fail in this file, and walks those first. A relative path starts where the test runs:
    /// with cargo, in the folder of the package.
    pub fn regressions(self, file: impl Into<PathBuf>) -> Self {
        Walking { regressions: Some(file.into()), ..self }
    }
}

impl<D: Walkable, S> Walking<'_, D, S> {
    /// The classes that were asked for, with no walk in them yet.
    pub(crate) fn classes(&self) -> Vec<WalkClass> {
        let class = |asked: &ClassRequest<D>| WalkClass {
            name: asked.class.clone(),
            walks: 0,
            required: asked.required,
        };
        self.asked.iter().map(class).collect()
    }

    /// Counts a walk in the classes that it belongs to; a walk in which the model panics belongs to none.
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

    /// The properties that were asked for where nothing looks at them.
    pub(crate) fn unasked(&self, by: &str) -> Vec<String> {
        let unasked = |property: &Property<D>| {
            format!("{}: {by} does not look at properties, `walks(…).run()` does", property.name())
        };
        self.properties.iter().map(unasked).collect()
    }
}

#[cfg(feature = "proptest")]
impl<D: Walkable, S, F> Walking<'_, D, Commands<S, F>> {
    /// How many draws in a row may be refused before a state counts as a dead end; 64 unless it is said.
    pub fn tries(self, tries: usize) -> Self {
        Walking { source: self.source.with_tries(tries), ..self }
    }
}
