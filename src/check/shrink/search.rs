//! A bounded breadth-first search, which proves that a story is the shortest. It is smaller than an exploration on purpose.

use super::fault::Fault;
use crate::check::command_source::CommandSource;
use crate::check::property::Step;
use crate::decider::Decider;
use crate::spec::panics::caught;

/// The result of a bounded search.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SearchResult<C> {
    /// The shortest story, if one was found; of several, the one whose commands come first in the alphabet.
    pub(crate) story: Option<Vec<C>>,
    /// Every story of up to this many commands was tried.
    pub(crate) judged: usize,
    /// How many different states were reached.
    pub(crate) states: usize,
}

struct SearchNode<S, C> {
    state: S,
    from: usize,
    by: Option<C>,
}

/// Searches for the shortest story over the alphabet that ends in the fault, of at most `deepest` commands. The search ends
/// after `budget` different states. `None` where there is no alphabet.
///
/// Two states are the same if they are equal; a hash alone is never trusted.
pub(super) fn search<D, S>(
    decider: &D,
    start: &D::State,
    source: &S,
    fault: &Fault<'_, D>,
    deepest: usize,
    budget: usize,
) -> Option<SearchResult<D::Command>>
where
    D: Decider<State: Clone, Command: Clone>,
    S: CommandSource<D>,
{
    let mut seen = source.state_set()?;
    let mut nodes: Vec<SearchNode<D::State, D::Command>> =
        vec![SearchNode { state: start.clone(), from: 0, by: None }];
    if fault.in_state(start) {
        return Some(SearchResult { story: Some(Vec::new()), judged: 0, states: 1 });
    }
    S::add_state(&mut seen, start.clone());
    let mut level_begins = 0;
    for depth in 1..=deepest {
        let level_ends = nodes.len();
        for at in level_begins..level_ends {
            let state = nodes[at].state.clone();
            for command in source.all(&state)? {
                match taken(decider, &state, &command, fault) {
                    StepTaken::Fault => {
                        let story = Some(story(&nodes, at, command));
                        return Some(SearchResult { story, judged: depth, states: nodes.len() });
                    }
                    StepTaken::Nothing => {}
                    StepTaken::To(after) => {
                        if let Some(after) = S::add_state(&mut seen, after) {
                            if fault.in_state(&after) {
                                let story = Some(story(&nodes, at, command));
                                return Some(SearchResult { story, judged: depth, states: nodes.len() + 1 });
                            }
                            nodes.push(SearchNode { state: after, from: at, by: Some(command) });
                            if nodes.len() >= budget {
                                let states = nodes.len();
                                return Some(SearchResult { story: None, judged: depth - 1, states });
                            }
                        }
                    }
                }
            }
        }
        if nodes.len() == level_ends {
            break;
        }
        level_begins = level_ends;
    }
    Some(SearchResult { story: None, judged: deepest, states: nodes.len() })
}

/// Like [`search`], for failures that show only in whole stories: one shortest way to each state is tried, followed by every
/// command of the alphabet. `budget` is the number of stories tried.
///
/// Finds failures that depend on the state of the model alone, and proves nothing: two ways to one state may differ outside
/// of the model.
pub(super) fn search_ways<D, S>(
    decider: &D,
    start: &D::State,
    source: &S,
    fails: &mut dyn FnMut(&[D::Command]) -> bool,
    deepest: usize,
    budget: usize,
) -> Option<SearchResult<D::Command>>
where
    D: Decider<State: Clone, Command: Clone>,
    S: CommandSource<D>,
{
    let mut seen = source.state_set()?;
    if fails(&[]) {
        return Some(SearchResult { story: Some(Vec::new()), judged: 0, states: 1 });
    }
    S::add_state(&mut seen, start.clone());
    let mut states = 1;
    let mut level = vec![(start.clone(), Vec::new())];
    let mut tried = 0;
    for depth in 1..=deepest {
        let mut next = Vec::new();
        for (state, way) in &level {
            for command in source.all(state)? {
                let mut story: Vec<D::Command> = way.clone();
                story.push(command);
                tried += 1;
                if fails(&story) {
                    return Some(SearchResult { story: Some(story), judged: depth, states });
                }
                if tried >= budget {
                    return Some(SearchResult { story: None, judged: depth - 1, states });
                }
                let after = taken(decider, state, &story[depth - 1], &Fault::Stuck(&|_| false));
                if let StepTaken::To(after) = after
                    && let Some(after) = S::add_state(&mut seen, after)
                {
                    states += 1;
                    next.push((after, story));
                }
            }
        }
        level = next;
    }
    Some(SearchResult { story: None, judged: deepest, states })
}

enum StepTaken<S> {
    /// The step itself is the fault.
    Fault,
    /// Refused, or a panic that is not the fault.
    Nothing,
    To(S),
}

fn taken<D: Decider<State: Clone>>(
    decider: &D,
    state: &D::State,
    command: &D::Command,
    fault: &Fault<'_, D>,
) -> StepTaken<D::State> {
    let step = || match decider.decide(command, state) {
        Ok(events) => {
            let after = decider.fold_from(state.clone(), &events);
            match fault {
                Fault::Step(holds)
                    if !holds(&Step { before: state, command, outcome: &Ok(events), after: &after }) =>
                {
                    StepTaken::Fault
                }
                _ => StepTaken::To(after),
            }
        }
        Err(rejection) => match fault {
            Fault::Step(holds)
                if !holds(&Step { before: state, command, outcome: &Err(rejection), after: state }) =>
            {
                StepTaken::Fault
            }
            _ => StepTaken::Nothing,
        },
    };
    match fault {
        Fault::Panic => caught(step).unwrap_or(StepTaken::Fault),
        _ => step(),
    }
}

fn story<S, C: Clone>(nodes: &[SearchNode<S, C>], mut at: usize, last: C) -> Vec<C> {
    let mut commands = vec![last];
    while let Some(by) = &nodes[at].by {
        commands.push(by.clone());
        at = nodes[at].from;
    }
    commands.reverse();
    commands
}
