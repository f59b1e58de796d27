//! Random walks through two models side by side, for those that are too large to explore.

use super::pair::{Kind, Pair, Verdict};
use crate::check::random::Chance;
use crate::decider::Decider;
use crate::fold::Fold;
use crate::message::Message;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

/// How many commands a walk has at most, by default.
pub(super) const LONGEST: usize = 100;

/// The states of both models.
pub(super) type States<O, N> = (<O as Fold>::State, <N as Fold>::State);

/// The commands that are tried in a pair of states.
pub(super) type CommandsIn<'w, O, N> = &'w dyn Fn(&States<O, N>) -> Vec<<O as Decider>::Command>;

/// Walks that are to be taken.
pub(super) struct Walking<'w, O: Decider, N: Decider> {
    pub(super) pair: &'w Pair<'w, O, N>,
    pub(super) commands: CommandsIn<'w, O, N>,
    pub(super) walks: usize,
    pub(super) seed: u64,
    pub(super) longest: usize,
    pub(super) states: usize,
}

/// What walks have seen: every step once, however many walks take it.
pub(super) struct Seen<C> {
    pub(super) states: usize,
    pub(super) accepted: u64,
    pub(super) refused: u64,
    pub(super) unknown: u64,
    pub(super) both_panicked: u64,
    /// The most commands of a walk.
    pub(super) deepest: usize,
    /// Each kind of difference with the number of its steps and a short story.
    pub(super) kinds: BTreeMap<Arc<Kind>, (u64, Vec<C>)>,
}

impl<C> Default for Seen<C> {
    fn default() -> Self {
        Seen {
            states: 0,
            accepted: 0,
            refused: 0,
            unknown: 0,
            both_panicked: 0,
            deepest: 0,
            kinds: BTreeMap::new(),
        }
    }
}

impl<O, N> Walking<'_, O, N>
where
    O: Decider<
            State: Clone + Eq + Hash,
            Command: Message + Clone + Debug,
            Event: Message + Serialize + Debug + PartialEq,
            Rejection: Message + Serialize + Debug + PartialEq,
        >,
    N: Decider<State: Clone + Eq + Hash, Command = O::Command, Event = O::Event, Rejection = O::Rejection>,
{
    /// Takes all walks after this history.
    pub(super) fn run(&self, given: &[O::Event]) -> Seen<O::Command> {
        let first = self.pair.fold(given);
        let mut seen = Seen::default();
        let mut known = HashSet::new();
        for walk in 0..self.walks as u64 {
            if known.len() >= self.states {
                break;
            }
            let mut chance = Chance::new(self.seed.wrapping_add(walk));
            self.walk(first.clone(), &mut chance, &mut known, &mut seen);
        }
        seen.states = known.len();
        for (kind, (_, story)) in &mut seen.kinds {
            self.shorten(&first, kind, story);
        }
        seen
    }

    fn walk(
        &self,
        mut at: States<O, N>,
        chance: &mut Chance,
        known: &mut HashSet<States<O, N>>,
        seen: &mut Seen<O::Command>,
    ) {
        let mut story = Vec::new();
        while story.len() < self.longest {
            let is_new = known.len() < self.states && known.insert(at.clone());
            let mut commands = (self.commands)(&at);
            let mut step = None;
            // In random order. A pair of states that is known needs only the step with which the walk goes on.
            while !commands.is_empty() && (is_new || step.is_none()) {
                let command = commands.swap_remove(chance.below(commands.len()));
                match self.pair.decide(&command, &at) {
                    Ok(events) => {
                        seen.accepted += u64::from(is_new);
                        step = step.or(Some((command, events)));
                    }
                    Err(verdict) if is_new => seen.add(verdict, &story, command),
                    Err(_) => (),
                }
            }
            let Some((command, events)) = step else { break };
            at = self.pair.fold_from(at, &events);
            story.push(command);
        }
        seen.deepest = seen.deepest.max(story.len());
    }

    /// Leaves out what the story does not need: first halves of it, in the end single commands.
    fn shorten(&self, first: &States<O, N>, kind: &Kind, story: &mut Vec<O::Command>) {
        let mut size = story.len() / 2;
        while size > 0 {
            let mut begin = 0;
            let mut is_shorter = false;
            while begin + 1 < story.len() {
                // The last command is the one that differs.
                let end = (begin + size).min(story.len() - 1);
                let rest = || story[..begin].iter().chain(&story[end..]);
                if self.ends_in(first, rest(), kind) {
                    *story = rest().cloned().collect();
                    is_shorter = true;
                } else {
                    begin = end;
                }
            }
            size = if is_shorter && size == 1 { 1 } else { size / 2 };
        }
    }

    /// Whether both accept all commands alike but the last, and the last is a difference of this kind.
    fn ends_in<'c>(
        &self,
        first: &States<O, N>,
        story: impl Iterator<Item = &'c O::Command>,
        kind: &Kind,
    ) -> bool
    where
        O::Command: 'c,
    {
        let mut at = first.clone();
        let mut story = story.peekable();
        while let Some(command) = story.next() {
            match self.pair.decide(command, &at) {
                Ok(events) => at = self.pair.fold_from(at, &events),
                Err(Verdict::Apart(found)) => return *found == *kind && story.peek().is_none(),
                Err(_) => return false,
            }
        }
        false
    }
}

impl<C: Clone> Seen<C> {
    fn add(&mut self, verdict: Verdict, before: &[C], command: C) {
        match verdict {
            Verdict::Alike => self.refused += 1,
            Verdict::BothPanic => self.both_panicked += 1,
            Verdict::Unknown => self.unknown += 1,
            Verdict::Apart(kind) => {
                let (times, story) = self.kinds.entry(kind).or_default();
                *times += 1;
                if story.is_empty() || before.len() + 1 < story.len() {
                    *story = [before, &[command]].concat();
                }
            }
        }
    }
}
