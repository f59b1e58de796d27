use super::unfit::Unfit;
use crate::check::property::Property;
use crate::check::story::Story;
use crate::decider::Decider;
use crate::page::grouped;
use std::fmt;
use std::time::Duration;

/// What an exploration found: how far it saw, and what holds there.
///
/// `Display` prints a page of at most 80 columns.
pub struct Exploration<D: Decider> {
    /// How far it saw.
    pub verdict: ExplorationVerdict,
    /// Every property, in the order in which they were given, with its answer.
    pub findings: Vec<PropertyFinding<D>>,
    /// Where the model, its alphabet or its bound panicked: the exploration ended there.
    pub panic: Option<Panic<D>>,
    /// States that were found, the first one among them.
    pub states: usize,
    /// How many of these were visited: asked for their properties, and which commands there are.
    pub visited: usize,
    /// Commands that were accepted: steps of the graph, those that lead to a known state among them.
    pub accepted: u64,
    /// Commands that were refused, by a rejection or by an event that is a refusal.
    pub refused: u64,
    /// The length of the shortest history to the state that is furthest away.
    pub deepest: usize,
    /// Over how many identities states were taken to be the same when one is the other permuted.
    pub symmetric: Option<usize>,
    /// In compact mode: the probability, at most, that two of the states had the same fingerprint and one was passed over.
    pub collision: Option<f64>,
    /// How long it took.
    pub elapsed: Duration,
    /// The history to the state that showed why the model does not fit ([`ExplorationVerdict::Unfit`]).
    pub unfit_at: Option<Story<D>>,
}

/// How far an exploration saw.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ExplorationVerdict {
    /// Every state that can be reached with the commands of the alphabet was visited.
    Exhausted,
    /// Some states were not.
    Bounded {
        /// Every history of up to so many commands was followed.
        depth: usize,
        /// What ended it.
        why: Vec<ExplorationBound>,
    },
    /// Every state was visited, as far as a view of them tells them apart.
    Abstracted {
        /// The view, in words.
        by: String,
        /// How many pairs of states that look the same were compared in what they lead to.
        compared: usize,
        /// Whether two of these led to different things: the view hides something that matters, and states were missed.
        unsound: bool,
    },
    /// The model cannot be explored in the way that was asked for, and nothing here is to be relied on.
    Unfit(Unfit),
}

/// What ended an exploration, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExplorationBound {
    /// Histories of so many commands.
    Depth(usize),
    /// So many states.
    States(usize),
    /// So much time.
    Time(Duration),
    /// States outside this, in words, were looked at and not left.
    Within(String),
    /// A state had more commands than this.
    Commands(usize),
    /// Somebody stopped it.
    Stopped,
    /// The model panicked.
    Panicked,
    /// Every property was decided.
    Decided,
    /// About this many bytes of states.
    Memory(usize),
    /// There was no number left for one more state.
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

/// A property and what was found of it.
pub struct PropertyFinding<D: Decider> {
    /// The property's name.
    pub property: String,
    /// The answer.
    pub answer: PropertyAnswer<D>,
}

impl<D: Decider> PropertyFinding<D> {
    /// Whether it is known to be good.
    fn is_decided(&self) -> bool {
        matches!(
            self.answer,
            PropertyAnswer::Holds | PropertyAnswer::HoldsAbstracted | PropertyAnswer::Reached(_)
        )
    }
}

/// What was found of a property.
#[non_exhaustive]
pub enum PropertyAnswer<D: Decider> {
    /// It holds of everything that can be reached: said only when everything was visited.
    Holds,
    /// It holds of everything that the view tells apart ([`ExplorationVerdict::Abstracted`]).
    HoldsAbstracted,
    /// It does not hold at the end of this history. No history that shows it is shorter.
    Violated(Story<D>),
    /// What is meant to happen sometimes does, at the end of this history. No history there is shorter.
    Reached(Story<D>),
    /// What is meant to happen sometimes never does.
    Never,
    /// Nothing speaks against it in what was visited, and not everything was.
    Undecided,
    /// It panicked, asked at the end of this history.
    Panicked(Story<D>, String),
}

/// A panic of the model.
pub struct Panic<D: Decider> {
    /// The history to it: the last command is the one that panicked, unless the alphabet did.
    pub story: Story<D>,
    /// What it said.
    pub message: String,
}

impl<D: Decider> PropertyAnswer<D> {
    /// Whether this is bad news: violated, never reached, or a panic.
    pub fn is_bad(&self) -> bool {
        matches!(self, PropertyAnswer::Violated(_) | PropertyAnswer::Never | PropertyAnswer::Panicked(..))
    }

    /// The history that shows it, if one does.
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
    /// Refused before it began.
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
            accepted: 0,
            refused: 0,
            deepest: 0,
            symmetric: None,
            collision: None,
            elapsed: Duration::ZERO,
            unfit_at: None,
        }
    }

    /// What was found of the property of this name.
    pub fn answer(&self, property: &str) -> Option<&PropertyAnswer<D>> {
        self.findings.iter().find(|finding| finding.property == property).map(|finding| &finding.answer)
    }

    /// The properties that are violated, never reached, or panicked.
    pub fn violations(&self) -> impl Iterator<Item = &PropertyFinding<D>> {
        self.findings.iter().filter(|finding| finding.answer.is_bad())
    }

    /// Whether everything was visited that can be reached, as far as states were told apart.
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

    /// Why it says nothing of the model.
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
