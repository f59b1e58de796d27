//! The first difference between two models, for callers that compare often and need no other.

use super::pair::{Pair, Verdict, watched};
use super::report::ModelDifference;
use crate::check::explore::{Explorable, ExplorationVerdict, PropertyAnswer, explore};
use crate::check::property::Step;
use crate::check::story::Story;
use crate::decider::Decider;
use crate::fold::Fold;
use crate::message::Message;
use crate::spec::panics::caught;
use serde::Serialize;
use std::fmt::Debug;
use std::time::Duration;

/// Whether two models differ.
pub(in crate::check) enum FirstDifference<C, E, R> {
    /// They are the same over the alphabet.
    Same,
    /// They are the same as far as was seen, which is not everything: why.
    Unknown(String),
    /// They answer a command differently. No shorter story leads to a difference.
    Found(Box<ModelDifference<C, E, R>>),
}

/// The [`FirstDifference`] of a decider's own messages.
pub(in crate::check) type FirstDifferenceOf<D> =
    FirstDifference<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;

/// Compares two models up to their first difference.
pub(in crate::check) fn first_difference<O, N>(
    old: &O,
    new: &N,
    alphabet: &(dyn Fn(&O::State) -> Vec<O::Command> + Send + Sync),
    states: usize,
    time: Duration,
) -> FirstDifferenceOf<O>
where
    O: Decider<
            State: Explorable,
            Command: Message + Debug,
            Event: Message + Serialize + Clone + Debug + PartialEq,
            Rejection: Message + Serialize + Debug + PartialEq,
        > + Sync,
    N: Decider<State: Explorable, Command = O::Command, Event = O::Event, Rejection = O::Rejection> + Sync,
{
    let explored = |watchful| {
        let pair = Pair { old, new, is_unknown: None, watchful };
        let mut found = explore(&pair, |(old, _): &(O::State, N::State)| alphabet(old))
            .states(states)
            .time(time)
            .always_step("both answer alike", |step: &Step<'_, Pair<'_, O, N>>| {
                !matches!(step.outcome, Err(Verdict::Apart(_)))
            })
            .until_decided()
            .run();
        let answer = found.findings.pop().map(|finding| finding.answer);
        let story = match answer {
            Some(PropertyAnswer::Violated(Story { commands, .. })) => Some(commands),
            _ => None,
        };
        let panic = found.panic.map(|panic| panic.message);
        (story, panic, found.verdict)
    };
    let mut found = explored(false);
    if found.0.is_none() && found.1.is_some() {
        found = explored(true);
    }
    match found {
        (Some(commands), ..) => match difference(old, new, commands) {
            Some(difference) => FirstDifference::Found(Box::new(difference)),
            None => FirstDifference::Unknown(
                "a difference was not found again: one of the models is not deterministic".into(),
            ),
        },
        (None, Some(panic), _) => FirstDifference::Unknown(format!("it panicked: {panic}")),
        (None, None, ExplorationVerdict::Unfit(why)) => FirstDifference::Unknown(why.to_string()),
        (None, None, ExplorationVerdict::Bounded { why, .. }) => {
            let why: Vec<String> = why.iter().map(ToString::to_string).collect();
            FirstDifference::Unknown(why.join("; "))
        }
        (None, None, _) => FirstDifference::Same,
    }
}

/// The difference at the end of a story.
fn difference<O, N>(
    old: &O,
    new: &N,
    commands: Vec<O::Command>,
) -> Option<ModelDifference<O::Command, O::Event, O::Rejection>>
where
    O: Decider<
            State: Clone,
            Command: Message + Debug,
            Event: Message + Serialize + Debug + PartialEq,
            Rejection: Message + Serialize + Debug + PartialEq,
        >,
    N: Decider<State: Clone, Command = O::Command, Event = O::Event, Rejection = O::Rejection>,
{
    let (kind, was, is) = caught(|| {
        let pair = Pair { old, new, is_unknown: None, watchful: true };
        let (last, before) = commands.split_last()?;
        let mut state = pair.initial_state();
        for command in before {
            (state, _) = pair.handle(state, command);
        }
        let Err(Verdict::Apart(kind)) = pair.decide(last, &state) else { return None };
        Some((kind, watched(old, &state.0, last), watched(new, &state.1, last)))
    })
    .ok()??;
    let found = ModelDifference::of::<O, N>(&kind, (Vec::new(), commands), was, is);
    Some(ModelDifference { proved_shortest: true, ..found })
}
