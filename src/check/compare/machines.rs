//! A machine, as a file has it, beside another machine or a model: what both know is compared, and what only one of them was
//! asked is said apart.

use super::compare;
use super::report::{ComparedAnswer, ModelComparison, ModelDifference};
use crate::check::explore::Explorable;
use crate::check::explore::page::entry;
use crate::check::graph::named;
use crate::check::{Machine, MachineAnswer, MachineNode, MachineRejection, Progress};
use crate::decider::Decider;
use crate::fold::Fold;
use crate::message::Message;
use crate::page::count;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fmt::{self, Debug, Display, Formatter};

/// Two machines, or a machine and a model, compared.
///
/// `Display` prints a page of at most 80 columns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct MachineComparison<C, E, R> {
    /// What both know.
    pub(crate) comparison: ModelComparison<C, E, R>,
    /// Whether both were explored to the end.
    pub(crate) whole: bool,
    /// How often the new one is asked a command where the old one was not, by its name.
    pub(crate) newly_asked: BTreeMap<String, u64>,
    /// How often the old one was asked a command where the new one is not, by its name.
    pub(crate) no_longer_asked: BTreeMap<String, u64>,
}

/// The comparison of a decider's own messages.
pub(crate) type MachineComparisonOf<D> =
    MachineComparison<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;

/// The machine of a decider's own messages.
pub(crate) type MachineOf<D> =
    Machine<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;

/// Compares what a machine knows with the answers of a model. `today` is the machine of the model; it says what is asked today.
///
/// Finds at most `states` pairs of states.
pub(crate) fn machine_with_model<D>(
    old: &MachineOf<D>,
    model: &D,
    today: &MachineOf<D>,
    states: usize,
    progress: impl FnMut(&Progress) + Send + Sync,
) -> MachineComparisonOf<D>
where
    D: Decider<
            State: Explorable,
            Command: Message + Serialize + Clone + Debug + Sync,
            Event: Message + Serialize + Clone + Debug + PartialEq + Sync,
            Rejection: Message + Serialize + DeserializeOwned + Clone + Debug + PartialEq + Sync,
        > + Sync,
{
    let new = model.map_rejection(MachineRejection::Rejected);
    let comparison = compare(old, &new, |node: &MachineNode| own_commands(old, *node))
        .unknown(is_unknown)
        .states(states)
        .progress(progress)
        .run();
    MachineComparison::of(comparison, old, today)
}

/// Compares what two machines know.
pub(crate) fn machine_with_machine<C, E, R>(
    old: &Machine<C, E, R>,
    new: &Machine<C, E, R>,
) -> MachineComparison<C, E, R>
where
    C: Message + Serialize + Clone + Debug + Sync,
    E: Message + Serialize + Clone + Debug + PartialEq + Sync,
    R: Message + Serialize + DeserializeOwned + Clone + Debug + PartialEq + Sync,
{
    let comparison =
        compare(old, new, |node: &MachineNode| own_commands(old, *node)).unknown(is_unknown).run();
    MachineComparison::of(comparison, old, new)
}

fn own_commands<C: Clone, E, R>(machine: &Machine<C, E, R>, node: MachineNode) -> Vec<C> {
    machine.commands(node).cloned().collect()
}

fn is_unknown<R>(rejection: &MachineRejection<R>) -> bool {
    !matches!(rejection, MachineRejection::Rejected(_))
}

impl<C, E, R> MachineComparison<C, E, R> {
    fn of(
        comparison: ModelComparison<C, E, MachineRejection<R>>,
        old: &Machine<C, E, R>,
        new: &Machine<C, E, R>,
    ) -> Self
    where
        C: Message + Serialize + Debug,
        E: Clone + Serialize + PartialEq,
        R: Clone + PartialEq,
    {
        MachineComparison {
            comparison: comparison.of_model(),
            whole: old.is_whole() && new.is_whole(),
            newly_asked: only_asked(new, old),
            no_longer_asked: only_asked(old, new),
        }
    }

    /// Whether both were explored to the end, the new one is asked nothing else, and all answers are known and alike.
    pub(crate) fn is_same(&self) -> bool {
        self.comparison.is_same() && self.whole && self.newly_asked.is_empty()
    }
}

/// How often one machine was asked what the other was not, by the names of the commands: at all nodes to which the same history
/// leads in both. Where the exploration of the other ended, it is not known what it would have been asked.
fn only_asked<C, E, R>(one: &Machine<C, E, R>, other: &Machine<C, E, R>) -> BTreeMap<String, u64>
where
    C: Message + Serialize + Debug,
    E: Clone + Serialize + PartialEq,
    R: Clone + PartialEq,
{
    let first = (one.initial_state(), other.initial_state());
    let mut asked = BTreeMap::new();
    let (mut seen, mut queue) = (HashSet::from([first]), VecDeque::from([first]));
    while let Some((at, beside)) = queue.pop_front() {
        for command in one.commands(at) {
            match (one.answer(at, command), other.answer(beside, command)) {
                (
                    MachineAnswer::Outcome { outcome: own, after },
                    MachineAnswer::Outcome { outcome, after: there },
                ) if own == outcome && seen.insert((after, there)) => queue.push_back((after, there)),
                (_, MachineAnswer::NotInTable) => *asked.entry(named(command)).or_default() += 1,
                _ => (),
            }
        }
    }
    asked
}

impl<C, E, R> ModelComparison<C, E, MachineRejection<R>> {
    /// The same with the rejections of the model. A difference has no answer that is not known.
    fn of_model(self) -> ModelComparison<C, E, R> {
        let all = |differences: Vec<ModelDifference<C, E, MachineRejection<R>>>| {
            differences.into_iter().map(ModelDifference::of_model).collect()
        };
        ModelComparison {
            extent: self.extent,
            differences: all(self.differences),
            allowed: all(self.allowed),
            states: self.states,
            accepted: self.accepted,
            refused: self.refused,
            unknown: self.unknown,
            both_panicked: self.both_panicked,
            deepest: self.deepest,
        }
    }
}

impl<C, E, R> ModelDifference<C, E, MachineRejection<R>> {
    fn of_model(self) -> ModelDifference<C, E, R> {
        let answer = |answer| match answer {
            ComparedAnswer::Events(events) => ComparedAnswer::Events(events),
            ComparedAnswer::Panic(message) => ComparedAnswer::Panic(message),
            ComparedAnswer::Rejection(MachineRejection::Rejected(rejection)) => {
                ComparedAnswer::Rejection(rejection)
            }
            ComparedAnswer::Rejection(MachineRejection::NotInTable | MachineRejection::NotFollowed) => {
                ComparedAnswer::Events(Vec::new())
            }
        };
        ModelDifference {
            command: self.command,
            old: self.old,
            new: self.new,
            field: self.field,
            times: self.times,
            given: self.given,
            commands: self.commands,
            proved_shortest: self.proved_shortest,
            old_answer: answer(self.old_answer),
            new_answer: answer(self.new_answer),
            history: self.history,
        }
    }
}

/// Names with the number of their steps: `Withdraw in 3 steps, Deposit in 1 step`.
pub(crate) fn steps_by_name(names: &BTreeMap<String, u64>) -> String {
    let each = names.iter().map(|(name, times)| format!("{name} in {}", count(*times, "step", "steps")));
    each.collect::<Vec<_>>().join(", ")
}

impl<C: Debug, E: Debug, R: Debug> Display for MachineComparison<C, E, R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.comparison.page(f)?;
        for (word, asked) in [("new only", &self.newly_asked), ("old only", &self.no_longer_asked)] {
            if !asked.is_empty() {
                entry(f, word, &format!("is asked {}", steps_by_name(asked)))?;
            }
        }
        if !self.whole {
            entry(f, "bounded", "one of them was not explored to its end")?;
        }
        match &self.comparison {
            comparison if comparison.compared() == 0 => entry(f, "undecided", "no command was compared"),
            comparison if !comparison.refines_as_far_as_seen() => Ok(()),
            _ if self.is_same() => entry(f, "same", "all that was asked is answered alike"),
            _ => entry(f, "same", "as far as both know the answers"),
        }
    }
}
