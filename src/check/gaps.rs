//! What a specification and real life leave out of each other.
//!
//! Scenarios say what should happen, and a log says what did. [`gaps`] holds the *kinds of steps* of both against each other: the
//! class of the state before, the name of the command, and the outcome by the names of its messages. [`GapSearch`] does it for
//! one history at a time, or for the streams of an event store.
//!
//! The class decides everything. With one class for all states, a step that was specified in one state counts as specified in
//! all of them; with a class for each state, hardly anything is ever specified. Good classes are the stages in which people
//! speak of the matter.

mod page;
mod report;

pub use report::{Gaps, GapsOf, LivedKind, LivedStep, SpecifiedKind};

use super::conform::{Conform, Decided, Decision, Example, LivedHistory, Refusal, each_history};
use super::graph::{NamedOutcome, named};
use crate::decider::Decider;
use crate::fold::Fold;
use crate::message::Message;
use crate::recorded::Timestamp;
use crate::spec::{Specification, Specified};
use crate::store::{EventReader, Listing, ReadError};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::ControlFlow;

/// Finds the gaps between a specification and real histories: steps that were lived and are in no scenario, steps in scenarios
/// that were never lived, and steps that were lived although the model forbids them.
///
/// Histories and `command_for` are those of [`conform`](super::conform()). `class` says by which label states are grouped;
/// [`spec::class`](crate::spec::class) takes the variant of an enum.
///
/// ```
/// use leftfold::check::gaps;
/// use leftfold::{Scenario, Specification, decider};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Command { Open, Close }
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Event { Opened, Closed }
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Rejection { AlreadySo }
///
/// let door = decider(
///     || false,
///     |command: &Command, open: &bool| match (command, open) {
///         (Command::Open, false) => Ok(vec![Event::Opened]),
///         (Command::Close, true) => Ok(vec![Event::Closed]),
///         _ => Err(Rejection::AlreadySo),
///     },
///     |_, event: &Event| *event == Event::Opened,
/// );
/// let specification = Specification::new().scenarios([
///     Scenario::named("a door opens").when(Command::Open).then([Event::Opened]),
///     Scenario::named("but not twice")
///         .given([Event::Opened])
///         .when(Command::Open)
///         .then_rejected(Rejection::AlreadySo),
/// ]);
/// let log = [
///     ("front", vec![Event::Opened, Event::Closed]),
///     ("back", vec![Event::Opened, Event::Opened]),
/// ];
/// let class = |open: &bool| if *open { "open" } else { "closed" }.to_string();
/// let found = gaps(&door, &specification, log, class, |event| Some(match event {
///     Event::Opened => Command::Open,
///     Event::Closed => Command::Close,
/// }));
///
/// assert_eq!(found.unspecified[0].to_string(), "open: Close: Closed");
/// assert_eq!(found.unspecified[0].example.history, "front");
/// assert!(found.never_lived.is_empty());
/// assert_eq!(found.forbidden[0].to_string(), "open: Open: refused, AlreadySo");
///
/// // What is missing, to be pasted into the model.
/// assert_eq!(found.code(&door), "\
/// Scenario::named(\"open: Close: Closed\")
///     .given([
///         Event::Opened,
///     ])
///     .when(Command::Close)
///     .then([
///         Event::Closed,
///     ]),
/// ");
/// ```
///
/// Time: linear in the number of events: one `decide`, one `evolve` and one call of `class` each. Memory: one history, and one
/// example for each kind of step.
pub fn gaps<'d, D, I, H>(
    decider: &'d D,
    specification: &Specification<D>,
    histories: impl IntoIterator<Item = (I, H)>,
    class: impl Fn(&D::State) -> String + 'd,
    command_for: impl Fn(&D::Event) -> Option<D::Command> + 'd,
) -> GapsOf<D>
where
    D: Specified<Command: Message, Event: Message, Rejection: Message>,
    I: Display,
    H: AsRef<[D::Event]>,
{
    let mut search = GapSearch::new(Conform::new(decider, command_for), specification, class);
    for (id, events) in histories {
        search.history(id, events.as_ref());
    }
    search.finish()
}

/// A search for [`gaps`](gaps()) that receives one history at a time: for a log that does not fit into memory, and for the streams of an
/// event store.
///
/// ```
/// use leftfold::check::{Conform, GapSearch};
/// use leftfold::recorded::StreamName;
/// use leftfold::spec::class;
/// use leftfold::store::{Batch, EventStore, Listing, Memory};
/// use leftfold::{Specification, decider};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] struct Add(u32);
/// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] struct Added(u32);
/// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] struct TooMuch;
///
/// let jar = decider(
///     || 0,
///     |Add(n): &Add, sum: &u32| if sum + n > 10 { Err(TooMuch) } else { Ok(vec![Added(*n)]) },
///     |sum, Added(n): &Added| sum + n,
/// );
/// let store = Memory::new();
/// store.append(Batch::to(&StreamName::of("jar", 1)?).events([Added(4), Added(6)]))?;
///
/// let replay = Conform::new(&jar, |Added(n): &Added| Some(Add(*n)));
/// let mut search = GapSearch::new(replay, &Specification::new(), class);
/// search.log(&store, &Listing::all())?;
/// let found = search.finish();
/// assert_eq!(found.unspecified[0].steps, 2);
/// // A number says nothing about itself, so that there is one class for all states.
/// assert!(found.warning().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct GapSearch<'d, D: Specified> {
    conform: Conform<'d, D>,
    kinds: Kinds<'d, D>,
}

debug_by_name!([D: Specified] GapSearch<'_, D>, "GapSearch");

impl<'d, D> GapSearch<'d, D>
where
    D: Specified<Command: Message, Event: Message, Rejection: Message>,
{
    /// A search that has read nothing yet: histories are replayed as `conform` does it. Runs the scenarios of the specification.
    pub fn new(
        conform: Conform<'d, D>,
        specification: &Specification<D>,
        class: impl Fn(&D::State) -> String + 'd,
    ) -> Self {
        let (mut specified, mut without_events) = (BTreeMap::<_, Vec<String>>::new(), BTreeSet::new());
        let mut classes = BTreeSet::new();
        let decider = conform.decider();
        for scenario in specification.of_decider().iter().filter(|scenario| !scenario.is_question()) {
            scenario.decisions(decider, |before, command, outcome| {
                let kind = (class(before), named(command), NamedOutcome::of(decider, outcome));
                classes.insert(kind.0.clone());
                if outcome.as_ref().is_ok_and(|events| !events.is_empty()) {
                    let names = specified.entry(kind).or_default();
                    if names.last().is_none_or(|last| last != scenario.name()) {
                        names.push(scenario.name().to_string());
                    }
                } else {
                    without_events.insert(kind);
                }
            });
        }
        let (lived, forbidden) = (BTreeMap::new(), BTreeMap::new());
        let kinds = Kinds {
            decider,
            class: Box::new(class),
            classes,
            specified,
            without_events: without_events.len(),
            lived,
            forbidden,
            history: 0,
        };
        GapSearch { conform, kinds }
    }

    /// Replays one whole history from the initial state. Returns how many of its events were refused.
    pub fn history(&mut self, id: impl Display, events: &[D::Event]) -> usize {
        self.dated_history(id, events, &[])
    }

    /// Replays one whole history whose events have these times; see [`Conform::dated_history`].
    pub fn dated_history(
        &mut self,
        id: impl Display,
        events: &[D::Event],
        times: &[Option<Timestamp>],
    ) -> usize {
        let id = &id.to_string();
        self.lived(LivedHistory { id, events, times, unreadable: None })
    }

    /// Replays the listed streams of an event store, each as one history; see [`conform_log`](super::conform_log).
    ///
    /// # Errors
    /// [`ReadError`] when the storage cannot be read.
    pub fn log(
        &mut self,
        reader: &(impl EventReader<D::Event> + ?Sized),
        listing: &Listing,
    ) -> Result<(), ReadError> {
        each_history(reader, listing, &mut |history| {
            self.lived(history.as_lived());
            ControlFlow::Continue(())
        })
    }

    pub(crate) fn lived(&mut self, history: LivedHistory<'_, D::Event>) -> usize {
        let kinds = &mut self.kinds;
        let mut last = None;
        self.conform.observed(history, &mut |decision, id, at| {
            // With keys, one stream is several histories.
            if last.as_deref() != Some(id) {
                kinds.history += 1;
                last = Some(id.to_string());
            }
            kinds.count(decision, id, at);
        })
    }

    /// The gaps between the specification and everything that was replayed.
    pub fn finish(self) -> GapsOf<D> {
        let GapSearch { conform, kinds } = self;
        let (lived, specified) = (kinds.lived.len(), kinds.specified.len());
        let never_lived: Vec<SpecifiedKind> = kinds
            .specified
            .iter()
            .filter(|(kind, _)| !kinds.lived.contains_key(*kind))
            .map(|((state, command, outcome), scenarios)| SpecifiedKind {
                state: state.clone(),
                command: command.clone(),
                outcome: outcome.clone(),
                scenarios: scenarios.clone(),
            })
            .collect();
        let unspecified = kinds.lived.into_iter().filter(|(kind, _)| !kinds.specified.contains_key(kind));
        Gaps {
            name: None,
            classes: kinds.classes.into_iter().collect(),
            lived,
            specified,
            specified_without_events: kinds.without_events,
            unspecified: listed(unspecified),
            never_lived,
            forbidden: listed(kinds.forbidden),
            conformance: conform.finish(),
        }
    }
}

/// The class of the state before, the name of the command, and the outcome.
type Kind = (String, String, NamedOutcome);

type ClassOf<'d, D> = Box<dyn Fn(&<D as Fold>::State) -> String + 'd>;
type SeenStep<D> = Seen<LivedStep<<D as Decider>::Command, <D as Fold>::Event>>;
type SeenRefusal<D> = Seen<Example<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>>;

/// The kinds of steps that were seen.
struct Kinds<'d, D: Specified> {
    decider: &'d D,
    class: ClassOf<'d, D>,
    classes: BTreeSet<String>,
    /// With the names of the scenarios.
    specified: BTreeMap<Kind, Vec<String>>,
    without_events: usize,
    lived: BTreeMap<Kind, SeenStep<D>>,
    forbidden: BTreeMap<Kind, SeenRefusal<D>>,
    /// The number of the history that is replayed.
    history: usize,
}

/// The steps of one kind.
struct Seen<X> {
    histories: usize,
    /// The number of the last history that was counted.
    last: usize,
    steps: usize,
    /// How many refusals and events are before the example.
    before: (usize, usize),
    example: X,
}

impl<D> Kinds<'_, D>
where
    D: Specified<Command: Message, Event: Message, Rejection: Message>,
{
    fn count(&mut self, decision: &Decision<'_, D>, id: &str, at: Option<Timestamp>) {
        let Decision { before, command, decided, path, .. } = decision;
        let class = (self.class)(before);
        if !self.classes.contains(&class) {
            self.classes.insert(class.clone());
        }
        let length = path.folded();
        match decided {
            Decided::Accepted(events) | Decided::Hidden(events) => {
                let kind = (class, named(command), self.outcome(events));
                let example = || {
                    let (given, hidden) = path.given();
                    let (history, when, then) = (id.to_string(), command.clone(), events.to_vec());
                    LivedStep { history, at, given, hidden, when, then }
                };
                count(&mut self.lived, kind, self.history, (0, length), example);
            }
            Decided::Refused(refusal, earlier) => {
                let outcome = match refusal {
                    Refusal::Rejected(rejection) => NamedOutcome::Refused(named(rejection)),
                    Refusal::DecidedOtherwise(events) => self.outcome(events),
                    Refusal::Panicked(_) => NamedOutcome::Panicked,
                };
                let kind = (class, named(command), outcome);
                let example = || Example::of(id, at, *earlier, path, command.clone(), refusal.clone());
                count(&mut self.forbidden, kind, self.history, (*earlier, length), example);
            }
        }
    }

    fn outcome(&self, events: &[D::Event]) -> NamedOutcome {
        NamedOutcome::of_events(self.decider, events)
    }
}

fn count<X>(
    kinds: &mut BTreeMap<Kind, Seen<X>>,
    kind: Kind,
    history: usize,
    before: (usize, usize),
    example: impl FnOnce() -> X,
) {
    match kinds.get_mut(&kind) {
        None => {
            let example = example();
            kinds.insert(kind, Seen { histories: 1, last: history, steps: 1, before, example });
        }
        Some(seen) => {
            seen.histories += usize::from(seen.last != history);
            seen.last = history;
            seen.steps += 1;
            if before < seen.before {
                seen.before = before;
                seen.example = example();
            }
        }
    }
}

/// The kinds that most histories meet first.
fn listed<X>(kinds: impl IntoIterator<Item = (Kind, Seen<X>)>) -> Vec<LivedKind<X>> {
    let kinds = kinds.into_iter().map(|((state, command, outcome), seen)| {
        let Seen { histories, steps, example, .. } = seen;
        LivedKind { state, command, outcome, histories, steps, example }
    });
    let mut kinds: Vec<_> = kinds.collect();
    // They are in order already, and this sort is stable.
    kinds.sort_by_key(|kind| Reverse(kind.histories));
    kinds
}
