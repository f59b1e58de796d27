//! What a replay counts: refusals by reason and command, with the shortest example of each.

use super::replay::{Decided, Decision, Path};
use super::report::{
    Conformance, ConformanceOf, CutHistory, DECIDED_OTHERWISE, Example, Group, HiddenSteps, MOST_CUT,
    PANICKED, Refusal,
};
use crate::decider::Decider;
use crate::message::{self, Message, NameError};
use crate::recorded::Timestamp;
use std::collections::{BTreeMap, btree_map::Entry};
use std::fmt;

/// What was counted so far.
pub(super) struct Counted<D: Decider> {
    pub(super) histories: usize,
    pub(super) accepted: usize,
    pub(super) cut: usize,
    cut_histories: Vec<CutHistory>,
    pub(super) events: usize,
    decided: usize,
    pub(super) unasked: usize,
    groups: BTreeMap<(String, String), OpenGroup<D>>,
    pub(super) hidden_cut: usize,
    /// By command: how often, in how many histories, and the number of the last of these.
    hidden: BTreeMap<String, (usize, usize, usize)>,
}

struct OpenGroup<D: Decider> {
    histories: usize,
    histories_in_all: usize,
    /// The number of the last history counted in `histories_in_all`.
    counted: usize,
    refusals: usize,
    example: Example<D::Command, D::Event, D::Rejection>,
}

impl<D: Decider> Default for Counted<D> {
    fn default() -> Self {
        Counted {
            histories: 0,
            accepted: 0,
            cut: 0,
            cut_histories: Vec::new(),
            events: 0,
            decided: 0,
            unasked: 0,
            groups: BTreeMap::new(),
            hidden_cut: 0,
            hidden: BTreeMap::new(),
        }
    }
}

impl<D> Counted<D>
where
    D: Decider,
    D::Command: fmt::Debug + Message,
    D::Event: Clone,
    D::Rejection: fmt::Debug + Message,
{
    /// Counts a decision, and returns whether it is a refusal.
    pub(super) fn decision(&mut self, id: &str, at: Option<Timestamp>, decision: Decision<'_, D>) -> bool {
        let Decision { command, decided, path, .. } = decision;
        let (refusal, earlier) = match decided {
            Decided::Hidden(_) => {
                let counted =
                    self.hidden.entry(named(message::name(&command), &command)).or_insert((0, 0, 0));
                *counted =
                    (counted.0 + 1, counted.1 + usize::from(counted.2 != self.histories), self.histories);
                return false;
            }
            Decided::Accepted(_) => {
                self.decided += 1;
                return false;
            }
            Decided::Refused(refusal, earlier) => (refusal, earlier),
        };
        self.decided += 1;
        let reason = match &refusal {
            Refusal::Rejected(rejection) => named(message::name(rejection), rejection),
            Refusal::DecidedOtherwise(_) => DECIDED_OTHERWISE.to_string(),
            Refusal::Panicked(_) => PANICKED.to_string(),
        };
        let key = (reason, named(message::name(&command), &command));
        let first = usize::from(earlier == 0);
        let length = path.folded();
        let example = || Example::of(id, at, earlier, path, command, refusal);
        match self.groups.entry(key) {
            Entry::Vacant(free) => {
                free.insert(OpenGroup {
                    histories: first,
                    histories_in_all: 1,
                    counted: self.histories,
                    refusals: 1,
                    example: example(),
                });
            }
            Entry::Occupied(group) => {
                let group = group.into_mut();
                group.histories += first;
                group.histories_in_all += usize::from(group.counted != self.histories);
                group.counted = self.histories;
                group.refusals += 1;
                if (earlier, length) < (group.example.earlier_refusals, group.example.given.len()) {
                    group.example = example();
                }
            }
        }
        true
    }

    pub(super) fn cut_history(&mut self, id: &str, events: usize, why: String) {
        if self.cut_histories.len() < MOST_CUT {
            self.cut_histories.push(CutHistory { history: id.to_string(), events, why });
        }
    }

    pub(super) fn report(self) -> ConformanceOf<D> {
        let mut groups: Vec<_> = self
            .groups
            .into_iter()
            .map(|((reason, command), group)| Group {
                reason,
                command,
                histories: group.histories,
                histories_in_all: group.histories_in_all,
                refusals: group.refusals,
                example: group.example,
            })
            .collect();
        // The map has already sorted them by reason and command, and this sort is stable.
        groups.sort_by_key(|group| (std::cmp::Reverse(group.histories), std::cmp::Reverse(group.refusals)));
        let hidden = self.hidden.into_iter();
        Conformance {
            name: None,
            histories: self.histories,
            accepted: self.accepted,
            events: self.events,
            decided: self.decided,
            unasked: self.unasked,
            groups,
            hidden: hidden
                .map(|(command, (times, histories, _))| HiddenSteps { command, times, histories })
                .collect(),
            hidden_cut: self.hidden_cut,
            cut: self.cut,
            cut_histories: self.cut_histories,
        }
    }
}

impl<C, E: Clone, R> Example<C, E, R> {
    /// The example of a refusal that a replay meets.
    pub(in crate::check) fn of(
        id: &str,
        at: Option<Timestamp>,
        earlier_refusals: usize,
        path: &Path<'_, E>,
        when: C,
        refusal: Refusal<E, R>,
    ) -> Self {
        let (given, hidden) = path.given();
        let shown = match &refusal {
            Refusal::DecidedOtherwise(decided) => decided.len().max(1),
            Refusal::Rejected(_) | Refusal::Panicked(_) => 1,
        };
        let recorded = path.rest().iter().take(shown).cloned().collect();
        Example { history: id.to_string(), given, hidden, earlier_refusals, when, refusal, recorded, at }
    }
}

fn named<M: fmt::Debug>(name: Result<message::Name, NameError>, message: &M) -> String {
    name.map_or_else(|_| format!("{message:?}"), |name| name.to_string())
}
