//! Two models over recorded histories: which of them would have gone otherwise?

use super::pair::{Kind, Pair, Verdict};
use super::report::{DifferenceOf, ModelDifference};
use crate::check::graph::{NamedOutcome, named};
use crate::decider::Decider;
use crate::fold::Fold;
use crate::message::Message;
use crate::spec::panics::caught;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, btree_map::Entry};
use std::fmt::{Debug, Display};
use std::sync::Arc;

/// The [`ComparedHistories`] of a decider's own messages.
pub type ComparedHistoriesOf<D> =
    ComparedHistories<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;

/// The result of [`compare_histories`]: how many recorded histories would have gone otherwise, and how.
///
/// `Display` prints a page of at most 80 columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ComparedHistories<C, E, R> {
    /// How many histories were replayed.
    pub histories: usize,
    /// How many commands were decided by both models, up to the first difference of each history.
    pub decided: u64,
    /// How many commands at least one side had no answer to. They count neither as alike nor as different.
    pub unknown: u64,
    /// The differences by kind, those that most histories meet first. [`times`](ModelDifference::times) counts histories.
    pub differences: Vec<ModelDifference<C, E, R>>,
}

impl<C, E, R> ComparedHistories<C, E, R> {
    /// How many histories would have gone otherwise.
    pub fn differing(&self) -> u64 {
        self.differences.iter().map(|difference| difference.times).sum()
    }

    /// Whether the two models answer alike in all histories, to at least one command, and know every answer.
    pub fn is_same(&self) -> bool {
        self.differences.is_empty() && self.unknown == 0 && self.decided > 0
    }
}

/// Replays recorded histories through two models: which of them would have gone otherwise?
///
/// Each history is an id and its events, oldest first. `command_for` returns the command that would have caused an event;
/// `None` means that the event was caused outside of the models. Both decide each command on their own state, and all recorded
/// events are folded into both, whatever they answer. A history counts once, at its first command with two different outcomes. As in
/// [`conform`](crate::check::conform()), several events that one decision accounts for are one command.
///
/// `is_unknown` recognises a rejection by which a side says that it does not know the answer; `|_| false` if both always know.
///
/// ```
/// use leftfold::check::compare_histories;
/// use leftfold::decider;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] struct Lend(u8);
/// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] struct Lent(u8);
/// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] struct NoneLeft;
///
/// let stall = |umbrellas: u8| decider(
///     move || umbrellas,
///     |Lend(n): &Lend, left: &u8| if n <= left { Ok(vec![Lent(*n)]) } else { Err(NoneLeft) },
///     |left: u8, Lent(n): &Lent| left.saturating_sub(*n),
/// );
/// let log = [("monday", vec![Lent(1), Lent(1)]), ("tuesday", vec![Lent(2), Lent(1)])];
/// let found = compare_histories(&stall(3), &stall(2), log, |Lent(n)| Some(Lend(*n)), |_| false);
/// assert_eq!(found.to_string(), "\
/// compared  2 histories, each up to its first difference; 4 commands decided
///
/// differs   1 of 2 would have gone otherwise
///
/// kind      Lend: Lent became refused, NoneLeft; 1 history, the shortest of them
///           tuesday, after 1 event
///           given Lent(2)
///           when  Lend(1)
///           old   Lent(1)
///           new   refused: NoneLeft
/// ");
/// ```
///
/// Time: two `decide` and two `evolve` an event. Memory: one history, and one example for each kind.
pub fn compare_histories<O, N, I, H>(
    old: &O,
    new: &N,
    histories: impl IntoIterator<Item = (I, H)>,
    command_for: impl Fn(&O::Event) -> Option<O::Command>,
    is_unknown: impl Fn(&O::Rejection) -> bool + Sync,
) -> ComparedHistoriesOf<O>
where
    O: Decider<
            State: Clone,
            Command: Message + Debug,
            Event: Message + Serialize + Clone + Debug + PartialEq,
            Rejection: Message + Serialize + Debug + PartialEq,
        >,
    N: Decider<State: Clone, Command = O::Command, Event = O::Event, Rejection = O::Rejection>,
    I: Display,
    H: AsRef<[O::Event]>,
{
    let pair = Pair { old, new, is_unknown: Some(&is_unknown), watchful: false };
    let mut found = ComparedHistories { histories: 0, decided: 0, unknown: 0, differences: Vec::new() };
    let mut kinds: BTreeMap<Arc<Kind>, DifferenceOf<O>> = BTreeMap::new();
    for (id, history) in histories {
        found.histories += 1;
        let Some((kind, difference)) = first_difference(&pair, history.as_ref(), &command_for, &mut found)
        else {
            continue;
        };
        match kinds.entry(kind) {
            Entry::Vacant(free) => {
                free.insert(ModelDifference { history: Some(id.to_string()), ..difference });
            }
            Entry::Occupied(kind) => {
                let kept = kind.into_mut();
                let times = kept.times + 1;
                if difference.given.len() < kept.given.len() {
                    *kept = ModelDifference { history: Some(id.to_string()), ..difference };
                }
                kept.times = times;
            }
        }
    }
    found.differences = kinds.into_values().collect();
    // The map has sorted them by kind, and this sort is stable.
    found.differences.sort_by_key(|difference| std::cmp::Reverse(difference.times));
    found
}

fn first_difference<O, N>(
    pair: &Pair<'_, O, N>,
    events: &[O::Event],
    command_for: &impl Fn(&O::Event) -> Option<O::Command>,
    found: &mut ComparedHistoriesOf<O>,
) -> Option<(Arc<Kind>, DifferenceOf<O>)>
where
    O: Decider<
            State: Clone,
            Command: Message + Debug,
            Event: Message + Serialize + Clone + Debug + PartialEq,
            Rejection: Message + Serialize + Debug + PartialEq,
        >,
    N: Decider<State: Clone, Command = O::Command, Event = O::Event, Rejection = O::Rejection>,
{
    let (mut old, mut new) = pair.initial_state();
    let mut next = 0;
    while let Some(event) = events.get(next) {
        let mut consumed = 1;
        if let Some(command) = command_for(event) {
            let was = caught(|| pair.old.decide(&command, &old));
            let is = caught(|| pair.new.decide(&command, &new));
            match pair.verdict(&command, &was, &is) {
                Verdict::Apart(kind) => {
                    found.decided += 1;
                    let story = (events[..next].to_vec(), vec![command]);
                    let difference = ModelDifference::of::<O, N>(&kind, story, was, is);
                    return Some((kind, difference));
                }
                Verdict::Unknown => found.unknown += 1,
                Verdict::Alike | Verdict::BothPanic => {
                    found.decided += 1;
                    if let Ok(Ok(decided)) = &was
                        && !decided.is_empty()
                        && events[next..].starts_with(decided)
                    {
                        consumed = decided.len();
                    }
                }
            }
        }
        let facts = &events[next..next + consumed];
        next += consumed;
        let folded = (caught(|| pair.old.fold_from(old, facts)), caught(|| pair.new.fold_from(new, facts)));
        (old, new) = match folded {
            (Ok(old), Ok(new)) => (old, new),
            // Nothing can be asked of either any more.
            (Err(_), Err(_)) => return None,
            (was, is) => {
                let named = |panics| {
                    if panics { NamedOutcome::Panicked } else { NamedOutcome::Happened(vec![named(event)]) }
                };
                let kind = Kind {
                    command: "a recorded event is folded".to_string(),
                    old: named(was.is_err()),
                    new: named(is.is_err()),
                    field: None,
                };
                let story = (events[..next].to_vec(), Vec::new());
                let (was, is) = (was.map(|_| Ok(facts.to_vec())), is.map(|_| Ok(facts.to_vec())));
                let difference = ModelDifference::of::<O, N>(&kind, story, was, is);
                return Some((Arc::new(kind), difference));
            }
        };
    }
    None
}
