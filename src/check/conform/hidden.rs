//! Steps that a log does not show: the shortest that make a refused event acceptable are searched for.

use crate::decider::Decider;
use crate::fold::Fold;
use crate::spec::panics::caught;

/// The most states that are tried before one event.
const MOST_TRIED: usize = 1_000;

/// A step that the log does not show.
pub(super) struct HiddenStep<D: Decider> {
    pub(super) command: D::Command,
    pub(super) events: Vec<D::Event>,
    pub(super) after: D::State,
}

/// What a search for hidden steps found.
pub(super) enum Found<D: Decider> {
    /// These steps, in order, make the event acceptable.
    Steps(Vec<HiddenStep<D>>),
    /// No steps of the allowed number do.
    Nothing,
    /// There were too many to try them all.
    GaveUp,
}

/// The steps that are possible in a state.
type StepsFrom<'d, D> = Box<dyn Fn(&D, &<D as Fold>::State) -> Vec<HiddenStep<D>> + 'd>;

/// The steps that a model allows a log to leave out.
pub(super) struct Hidden<'d, D: Decider> {
    most: usize,
    steps: StepsFrom<'d, D>,
}

impl<'d, D: Decider> Hidden<'d, D> {
    pub(super) fn new<I>(most: usize, commands: impl Fn(&D::State) -> I + 'd) -> Self
    where
        D::State: Clone,
        I: IntoIterator<Item = D::Command>,
    {
        let step = |decider: &D, command: D::Command, state: &D::State| {
            let events = caught(|| decider.decide(&command, state)).ok()?.ok()?;
            // A command that changes nothing helps nobody.
            if events.is_empty() {
                return None;
            }
            let after = caught(|| decider.fold_from(state.clone(), &events)).ok()?;
            Some(HiddenStep { command, events, after })
        };
        let steps = move |decider: &D, state: &D::State| {
            commands(state).into_iter().filter_map(|command| step(decider, command, state)).collect()
        };
        Hidden { most, steps: Box::new(steps) }
    }

    /// The shortest steps from a state to one that `accepts` takes; among the shortest, those that are listed first.
    pub(super) fn before(
        &self,
        decider: &D,
        state: &D::State,
        accepts: impl Fn(&D::State) -> bool,
    ) -> Found<D> {
        // All steps that were tried, each with the index of the one before it.
        let mut tried: Vec<(Option<usize>, HiddenStep<D>)> = Vec::new();
        let (mut from, mut level) = (vec![None], Vec::new());
        for _ in 0..self.most {
            for before in from.drain(..) {
                let state = before.map_or(state, |index: usize| &tried[index].1.after);
                for step in (self.steps)(decider, state) {
                    if tried.len() == MOST_TRIED {
                        return Found::GaveUp;
                    }
                    let accepted = accepts(&step.after);
                    tried.push((before, step));
                    let last = tried.len() - 1;
                    if accepted {
                        return Found::Steps(steps_to(tried, last));
                    }
                    level.push(Some(last));
                }
            }
            std::mem::swap(&mut from, &mut level);
        }
        Found::Nothing
    }
}

fn steps_to<D: Decider>(tried: Vec<(Option<usize>, HiddenStep<D>)>, last: usize) -> Vec<HiddenStep<D>> {
    let mut wanted = vec![last];
    while let Some(before) = wanted.last().and_then(|index| tried[*index].0) {
        wanted.push(before);
    }
    let chosen = tried.into_iter().enumerate().filter(|(index, _)| wanted.contains(index));
    // A step comes after the one before it.
    chosen.map(|(_, (_, step))| step).collect()
}
