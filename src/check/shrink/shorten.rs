//! From a walk that fails to a finding: shrunk, searched, explained.

use super::fault::Fault;
use super::other_values::other_values;
use super::search::{search, search_ways};
use super::{Shrinking, StoryItem};
use crate::check::command_source::CommandSource;
use crate::check::counterexample::{Counterexample, Shortest};
use crate::check::story::Story;
use crate::check::walk_rules::{WalkRules, Walkable};
use crate::spec::panics::caught;

/// All that is needed to shorten a walk that fails.
pub(crate) struct Shortening<'c, D: Walkable, S> {
    pub(crate) decider: &'c D,
    pub(crate) given: &'c [D::Event],
    pub(crate) start: &'c D::State,
    pub(crate) source: &'c S,
    pub(crate) rules: WalkRules<D>,
    /// How many states the search may reach.
    pub(crate) search: usize,
}

impl<D: Walkable, S: CommandSource<D>> Shortening<'_, D, S> {
    /// The finding of a fault that shows in a state or in a step: the search tells whether its story is the shortest.
    pub(crate) fn of_fault(
        &self,
        failed: String,
        fault: &Fault<'_, D>,
        items: Vec<StoryItem<D::Command, S::Drawn>>,
        seed: Option<u64>,
    ) -> Counterexample<D> {
        let fails = |commands: &[D::Command]| fault.fails(self.decider, self.start, commands);
        let mut finding = self.of(failed, fails, items, seed, |commands| self.searched(commands, fault));
        // A panic may lie outside of the commands, in the alphabet.
        if !matches!(fault, Fault::Panic) && fails(&finding.story.commands).is_none() {
            finding.shortest = Shortest::NotReplayed;
        }
        finding
    }

    /// The finding of what shows in a whole story alone. `fails` says whether it does.
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
            // Such a story costs a whole replay, often of a system outside of the model.
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

    /// The finding of whatever `fails` says; see [`Shrinking`] for its answer.
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
            // A panic outside of the commands themselves: the story is told as it was walked.
            None => (as_found, Shortest::NotSearched),
            Some(commands) => searched(commands),
        };
        let letters = |at: usize| {
            let before = Story::<D> { given: self.given.to_vec(), commands: commands[..at].to_vec() };
            let letters = caught(|| self.source.all(&before.state(self.decider)));
            let mut letters = letters.ok().flatten().unwrap_or_default();
            letters.retain(|letter| self.rules.kind_of(letter) == self.rules.kind_of(&commands[at]));
            letters
        };
        let other_values = other_values(&commands, letters, |story| {
            fails(story).is_some_and(|needed| needed.len() == commands.len())
        });
        let ending = ending(self.decider, self.start, &commands);
        let story = Story { given: self.given.to_vec(), commands };
        Counterexample { failed, story, ending, found_in, shortest, other_values, seed }
    }

    /// The shortest story of all, if the search gets so far.
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

/// What came of the last command, and the state it led to.
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
