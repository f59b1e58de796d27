//! The result of an exploration.

use super::unfit::Unfit;
use crate::check::property::Property;
use crate::check::story::Story;
use crate::decider::Decider;
use crate::page::grouped;
use std::fmt;
use std::time::Duration;

/// The result of an exploration: how far it got, and which properties hold.
///
/// `Display` prints a page of at most 80 columns.
#[non_exhaustive]
pub struct Exploration<D: Decider> {
    /// How far it got.
    pub verdict: ExplorationVerdict,
    /// Every property with its answer, in the order in which they were given.
    pub findings: Vec<PropertyFinding<D>>,
    /// The panic of the model, its alphabet or its bound, which ended the exploration.
    pub panic: Option<Panic<D>>,
    /// How many states were found, including the first one.
    pub states: usize,
    /// How many of them were visited: their properties checked, and their commands tried.
    pub visited: usize,
    /// How many of the visited states were left by their commands: all, unless a bound ended the exploration.
    pub(in crate::check) expanded: usize,
    /// How many commands were accepted. These are the steps of the graph, including those to a known state.
    pub accepted: u64,
    /// How many commands were refused, by a rejection or by an event that is a refusal.
    pub refused: u64,
    /// The length of the shortest history to the state that is furthest away.
    pub deepest: usize,
    /// With [`symmetry`](crate::check::Explore::symmetry): the number of identities.
    pub symmetric: Option<usize>,
    /// A sentence for each wish that this platform cannot grant: threads, a clock.
    pub notes: Vec<String>,
    /// In compact mode: the probability, at most, that two states had the same fingerprint and one was missed.
    pub collision: Option<f64>,
    /// How long it took.
    pub elapsed: Duration,
    /// The history to the state that showed that the model is unfit ([`ExplorationVerdict::Unfit`]).
    pub unfit_at: Option<Story<D>>,
}

/// How far an exploration got.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ExplorationVerdict {
    /// Every state that is reachable with the commands of the alphabet was visited.
    Exhausted,
    /// Some states were not visited.
    Bounded {
        /// Every history of up to this many commands was followed.
        depth: usize,
        /// What bounded it.
        why: Vec<ExplorationBound>,
    },
    /// Every state was visited, as far as a view of them distinguishes them.
    Abstracted {
        /// The view, in words.
        by: String,
        /// How many pairs of states of the same view were compared by what they lead to.
        compared: usize,
        /// Whether a pair led to different states or answers: the view hides something that matters, and states were missed.
        unsound: bool,
    },
    /// The model cannot be explored in the requested way, and nothing in the report is reliable.
    Unfit(Unfit),
}

/// What bounded an exploration, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExplorationBound {
    /// The length of histories, in commands.
    Depth(usize),
    /// The number of states.
    States(usize),
    /// The time.
    Time(Duration),
    /// The bound of [`within`](crate::check::Explore::within), in words: states outside of it were checked, but not left.
    Within(String),
    /// The number of commands in one state: a state had more.
    Commands(usize),
    /// It was stopped by its flag.
    Stopped,
    /// The model panicked.
    Panicked,
    /// Every property was decided.
    Decided,
    /// The memory, in bytes.
    Memory(usize),
    /// The numbers of states: none was left for another state.
    Numbers,
}

impl fmt::Display for ExplorationBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExplorationBound::Depth(1) => f.write_str("bounded to 1 command"),
            ExplorationBound::Depth(depth) => write!(f, "bounded to {depth} commands"),
            ExplorationBound::States(states) => write!(f, "bounded to {} states", grouped(states)),
            ExplorationBound::Time(time) => write!(f, "bounded to {time:?}"),
            ExplorationBound::Within(words) => write!(f, "bounded to states within \"{words}\""),
            ExplorationBound::Commands(most) => write!(f, "more than {most} commands in one state"),
            ExplorationBound::Stopped => f.write_str("stopped"),
            ExplorationBound::Panicked => f.write_str("the model panicked"),
            ExplorationBound::Decided => f.write_str("every property was decided"),
            ExplorationBound::Memory(bytes) => {
                let bytes = crate::page::grouped(*bytes as u64);
                write!(
                    f,
                    "bounded to {bytes} bytes of memory (`.memory(…)` sets another bound, `.compact()` needs less)"
                )
            }
            ExplorationBound::Numbers => f.write_str("no more states can be numbered"),
        }
    }
}

/// A property, and what the exploration found out about it.
#[non_exhaustive]
pub struct PropertyFinding<D: Decider> {
    /// The property's name.
    pub property: String,
    /// The answer.
    pub answer: PropertyAnswer<D>,
}

impl<D: Decider> PropertyFinding<D> {
    /// Whether it is known to hold.
    fn is_decided(&self) -> bool {
        matches!(
            self.answer,
            PropertyAnswer::Holds | PropertyAnswer::HoldsAbstracted | PropertyAnswer::Reached(_)
        )
    }
}

/// What an exploration found out about a property.
#[non_exhaustive]
pub enum PropertyAnswer<D: Decider> {
    /// It holds in everything that is reachable. Only reported if everything was visited.
    Holds,
    /// It holds in everything that the view distinguishes ([`ExplorationVerdict::Abstracted`]).
    HoldsAbstracted,
    /// It does not hold at the end of this history, which is a shortest one.
    Violated(Story<D>),
    /// It should hold sometimes, and does at the end of this history, which is a shortest one.
    Reached(Story<D>),
    /// It should hold sometimes, and never does.
    Never,
    /// Nothing contradicts it in what was visited, but not everything was visited.
    Undecided,
    /// It panicked when it was checked at the end of this history.
    Panicked(Story<D>, String),
}

/// A panic of the model.
#[non_exhaustive]
pub struct Panic<D: Decider> {
    /// The history to it. Its last command is the one that panicked, unless the alphabet did.
    pub story: Story<D>,
    /// Its message.
    pub message: String,
}

impl<D: Decider> PropertyAnswer<D> {
    /// Whether it is violated, never reached, or a panic.
    pub fn is_bad(&self) -> bool {
        matches!(self, PropertyAnswer::Violated(_) | PropertyAnswer::Never | PropertyAnswer::Panicked(..))
    }

    /// The history that shows it, if there is one.
    pub fn story(&self) -> Option<&Story<D>> {
        match self {
            PropertyAnswer::Violated(story)
            | PropertyAnswer::Reached(story)
            | PropertyAnswer::Panicked(story, _) => Some(story),
            _ => None,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            PropertyAnswer::Holds => "Holds",
            PropertyAnswer::HoldsAbstracted => "HoldsAbstracted",
            PropertyAnswer::Violated(_) => "Violated",
            PropertyAnswer::Reached(_) => "Reached",
            PropertyAnswer::Never => "Never",
            PropertyAnswer::Undecided => "Undecided",
            PropertyAnswer::Panicked(..) => "Panicked",
        }
    }
}

impl<D: Decider> Exploration<D> {
    /// The report on a model that was refused before the exploration began.
    pub(super) fn unfit(why: Unfit, properties: &[Property<D>]) -> Self {
        let undecided = |property: &Property<D>| PropertyFinding {
            property: property.name().to_string(),
            answer: PropertyAnswer::Undecided,
        };
        Exploration {
            verdict: ExplorationVerdict::Unfit(why),
            findings: properties.iter().map(undecided).collect(),
            panic: None,
            states: 0,
            visited: 0,
            expanded: 0,
            accepted: 0,
            refused: 0,
            deepest: 0,
            symmetric: None,
            notes: Vec::new(),
            collision: None,
            elapsed: Duration::ZERO,
            unfit_at: None,
        }
    }

    /// The answer for the property of this name.
    pub fn answer(&self, property: &str) -> Option<&PropertyAnswer<D>> {
        self.findings.iter().find(|finding| finding.property == property).map(|finding| &finding.answer)
    }

    /// The properties that are violated, never reached, or panicked.
    pub fn violations(&self) -> impl Iterator<Item = &PropertyFinding<D>> {
        self.findings.iter().filter(|finding| finding.answer.is_bad())
    }

    /// Whether everything reachable was visited, as far as states were distinguished.
    pub fn is_whole(&self) -> bool {
        match &self.verdict {
            ExplorationVerdict::Exhausted => true,
            ExplorationVerdict::Abstracted { unsound, .. } => !unsound,
            ExplorationVerdict::Bounded { .. } | ExplorationVerdict::Unfit(_) => false,
        }
    }

    /// Whether everything was visited, and every property holds or is reached.
    pub fn holds(&self) -> bool {
        self.is_whole() && self.panic.is_none() && self.findings.iter().all(PropertyFinding::is_decided)
    }

    /// Why the report says nothing about the model.
    pub(crate) fn looked_at_nothing(&self) -> Option<&'static str> {
        (self.accepted + self.refused == 0).then_some(
            "no command was tried: let the alphabet list those worth trying, and the bounds allow one",
        )
    }

    /// States found in a second.
    pub fn rate(&self) -> f64 {
        self.states as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }
}

impl<D> Exploration<D>
where
    D: Decider<Command: fmt::Debug, Event: fmt::Debug>,
{
    /// Turns the exploration into the outcome of a test: every property is decided, and none is bad.
    ///
    /// A bounded exploration passes only where each of its properties was decided before the bound: reached. To let pass
    /// what is undecided, call [`assert_as_far_as_seen`](Self::assert_as_far_as_seen).
    ///
    /// # Panics
    /// When a property is violated, never reached or undecided, when the model panicked or does not fit, when nothing was
    /// asked and not everything was visited, and when no command was tried; at the line of the caller, with the whole page.
    #[track_caller]
    pub fn assert(&self) {
        let decided = !self.findings.is_empty() && self.findings.iter().all(PropertyFinding::is_decided);
        let passes = !self.is_wrong() && (self.holds() || decided) && self.looked_at_nothing().is_none();
        let undecided = "not everything was decided: raise the bound, or let pass what is undecided with \
                         `assert_as_far_as_seen`";
        let why = if self.is_wrong() { "" } else { self.looked_at_nothing().unwrap_or(undecided) };
        assert!(passes, "\n{self}\n{why}\n");
    }

    /// The same for a bounded exploration: nothing is wrong in what was visited, and what is undecided passes.
    ///
    /// # Panics
    /// When a property is violated or never reached, when the model panicked, or does not fit, and when no command was tried;
    /// at the line of the caller, with the whole page.
    #[track_caller]
    pub fn assert_as_far_as_seen(&self) {
        assert!(!self.is_wrong(), "\n{self}\n");
        if let Some(nothing) = self.looked_at_nothing() {
            panic!("\n{self}\n{nothing}\n");
        }
    }

    fn is_wrong(&self) -> bool {
        matches!(self.verdict, ExplorationVerdict::Unfit(_))
            || self.panic.is_some()
            || self.violations().next().is_some()
    }
}

impl<D> fmt::Debug for PropertyAnswer<D>
where
    D: Decider<Command: fmt::Debug, Event: fmt::Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = f.debug_tuple(self.word());
        if let Some(story) = self.story() {
            tuple.field(story);
        }
        if let PropertyAnswer::Panicked(_, message) = self {
            tuple.field(message);
        }
        tuple.finish()
    }
}

impl<D> fmt::Debug for PropertyFinding<D>
where
    D: Decider<Command: fmt::Debug, Event: fmt::Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PropertyFinding")
            .field("property", &self.property)
            .field("answer", &self.answer)
            .finish()
    }
}

impl<D> fmt::Debug for Panic<D>
where
    D: Decider<Command: fmt::Debug, Event: fmt::Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Panic").field("story", &self.story).field("message", &self.message).finish()
    }
}

impl<D> fmt::Debug for Exploration<D>
where
    D: Decider<Command: fmt::Debug, Event: fmt::Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exploration")
            .field("verdict", &self.verdict)
            .field("states", &self.states)
            .field("visited", &self.visited)
            .field("accepted", &self.accepted)
            .field("refused", &self.refused)
            .field("deepest", &self.deepest)
            .field("findings", &self.findings)
            .field("panic", &self.panic)
            .finish_non_exhaustive()
    }
}
