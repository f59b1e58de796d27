//! From a failing walk to a counterexample: shrink it, search for a shorter one, find other values.

use super::fault::Fault;
use super::other_values::other_values;
use super::search::{search, search_ways};
use super::{Shrinking, StoryItem};
use crate::check::command_source::CommandSource;
use crate::check::counterexample::{Counterexample, Shortest};
use crate::check::story::Story;
use crate::check::walk_rules::{WalkRules, Walkable};
use crate::spec::panics::caught;

/// Everything that is needed to shorten a failing walk.
pub(crate) struct Shortening<'c, D: Walkable, S> {
    pub(crate) decider: &'c D,
    pub(crate) given: &'c [D::Event],
    pub(crate) start: &'c D::State,
    pub(crate) source: &'c S,
    pub(crate) rules: WalkRules<D>,
    /// The most states that the search may reach.
    pub(crate) search: usize,
}

impl<D: Walkable, S: CommandSource<D>> Shortening<'_, D, S> {
    /// The counterexample for a fault that shows in a state or a step. The search finds out whether its story is the shortest.
    pub(crate) fn of_fault(
        &self,
        failed: String,
        fault: &Fault<'_, D>,
        items: Vec<StoryItem<D::Command, S::Drawn>>,
        seed: Option<u64>,
    ) -> Counterexample<D> {
        let fails = |commands: &[D::Command]| fault.fails(self.decider, self.start, commands);
        let mut finding = self.of(failed, fails, items, seed, |commands| self.searched(commands, fault));
        // A panic may happen outside of the commands, in the alphabet.
        if !matches!(fault, Fault::Panic) && fails(&finding.story.commands).is_none() {
            finding.shortest = Shortest::NotReplayed;
        }
        finding
    }

    /// The counterexample for a failure that shows only in whole stories. `fails` says whether a story fails.
    pub(crate) fn of_story(
        &self,
        failed: String,
        fails: impl Fn(&[D::Command]) -> bool,
        items: Vec<StoryItem<D::Command, S::Drawn>>,
        seed: Option<u64>,
    ) -> Counterexample<D> {
        let needed = |commands: &[D::Command]| fails(commands).then(|| (0..commands.len()).collect());
        let mut finding = self.of(failed, needed, items, seed, |commands| {
            let mut fails = |story: &[D::Command]| fails(story);
            // Each story needs a whole replay, often of a system outside of the model.
            let budget = self.search.min(20_000);
            let searched = caught(|| {
                search_ways(self.decider, self.start, self.source, &mut fails, commands.len(), budget)
            });
            match searched {
                Ok(Some(searched)) if searched.story.is_some() || searched.judged + 1 >= commands.len() => {
                    let shortest = Shortest::OneWayEach { states: searched.states };
                    (searched.story.unwrap_or(commands), shortest)
                }
                _ => (commands, Shortest::NotSearched),
            }
        });
        if !fails(&finding.story.commands) {
            finding.shortest = Shortest::NotReplayed;
        }
        finding
    }

    /// The counterexample for what `fails` reports; see [`Shrinking`] for what it returns.
    fn of(
        &self,
        failed: String,
        mut fails: impl FnMut(&[D::Command]) -> Option<Vec<usize>>,
        items: Vec<StoryItem<D::Command, S::Drawn>>,
        seed: Option<u64>,
        searched: impl FnOnce(Vec<D::Command>) -> (Vec<D::Command>, Shortest),
    ) -> Counterexample<D> {
        let found_in = items.len();
        let as_found: Vec<D::Command> = items.iter().map(|item| item.command.clone()).collect();
        let shrunk =
            Shrinking::new(self.decider, self.start, self.source, self.rules, items, &mut fails).shrunk();
        let (commands, shortest) = match shrunk {
            // The panic happened outside of the commands: the story stays as it was walked.
            None => (as_found, Shortest::NotSearched),
            Some(commands) => searched(commands),
        };
        let alphabet_at = |at: usize| {
            let before = Story::<D> { given: self.given.to_vec(), commands: commands[..at].to_vec() };
            let alphabet = caught(|| self.source.all(&before.state(self.decider)));
            let mut alphabet = alphabet.ok().flatten().unwrap_or_default();
            alphabet.retain(|command| self.rules.kind_of(command) == self.rules.kind_of(&commands[at]));
            alphabet
        };
        let other_values = other_values(&commands, alphabet_at, |story| {
            fails(story).is_some_and(|needed| needed.len() == commands.len())
        });
        let ending = ending(self.decider, self.start, &commands);
        let story = Story { given: self.given.to_vec(), commands };
        Counterexample { failed, story, ending, found_in, shortest, other_values, seed }
    }

    /// The shortest story of all, if the search gets that far.
    fn searched(&self, commands: Vec<D::Command>, fault: &Fault<'_, D>) -> (Vec<D::Command>, Shortest) {
        if self.search == 0 {
            return (commands, Shortest::NotSearched);
        }
        let searched =
            caught(|| search(self.decider, self.start, self.source, fault, commands.len(), self.search));
        let Ok(Some(searched)) = searched else {
            return (commands, Shortest::NotSearched);
        };
        let shortest = match searched.story.is_some() || searched.judged + 1 >= commands.len() {
            true => Shortest::Proved { states: searched.states },
            false => Shortest::BudgetEnded { states: searched.states, up_to: searched.judged },
        };
        (searched.story.unwrap_or(commands), shortest)
    }
}

/// The answer to the last command, and the state that it led to.
fn ending<D: Walkable>(
    decider: &D,
    start: &D::State,
    commands: &[D::Command],
) -> Vec<(&'static str, String)> {
    let mut state = start.clone();
    let mut ending = Vec::new();
    for (place, command) in commands.iter().enumerate() {
        let last = place + 1 == commands.len();
        let decided = caught(|| {
            let outcome = decider.decide(command, &state);
            let after = match &outcome {
                Ok(events) => decider.fold_from(state.clone(), events),
                Err(_) => state.clone(),
            };
            (outcome, after)
        });
        match decided {
            Ok((outcome, after)) => {
                state = after;
                if last {
                    match outcome {
                        Ok(events) => {
                            ending.extend(events.iter().map(|event| ("event", format!("{event:?}"))));
                        }
                        Err(rejection) => ending.push(("answer", format!("{rejection:?}"))),
                    }
                }
            }
            Err(panic) => ending.push(("panic", panic)),
        }
    }
    ending.push(("state", format!("{state:?}")));
    ending
}
