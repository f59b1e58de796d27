//! Why a decider answers as it does: the smallest part of a history that gives the same answer.

use super::panics::caught;
use crate::decider::{Decider, Outcome};
use crate::recorded::Version;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How many events the search for an explanation folds at most.
const BUDGET: usize = 2_000_000;

/// Why a decider answers as it does: which events of the history its answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Why {
    /// A smallest part of the history that gives the same answer: no single one of these events can be left out, and no two.
    pub enough: Vec<Version>,
    /// The single events without which the whole history would give another answer.
    pub decisive: Vec<Version>,
    /// How many events the history has.
    pub of: usize,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = self.enough.len() == 1;
        let (events, matter, give) =
            if one { ("event", "matters", "it gives") } else { ("events", "matter", "they give") };
        let (enough, of) = (listed(&self.enough), self.of);
        if self.enough.is_empty() {
            f.write_str("no event matters: the same answer comes without any history")
        } else if self.decisive == self.enough {
            let them = if one { "it" } else { "any of them" };
            write!(f, "only {events} {enough} of {of} {matter}: alone {give} the same answer; ")?;
            write!(f, "without {them}, the answer is another")
        } else {
            write!(
                f,
                "of {of} events, {enough} alone {} the same answer",
                if one { "gives" } else { "give" }
            )?;
            match &*self.decisive {
                [] => Ok(()),
                decisive => write!(f, "; without {}, it is another", listed(decisive)),
            }
        }
    }
}

fn listed(versions: &[Version]) -> String {
    let texts: Vec<String> = versions.iter().map(Version::to_string).collect();
    match texts.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => texts.concat(),
    }
}

/// Finds the events on which an answer rests: the smallest sub-history that gives the same outcome, and each single event
/// whose absence would change it.
///
/// Uses delta debugging (A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 2002), and
/// then leaves out pairs of events: O(n²) replays for each event left out at worst.
///
/// `None` when that would fold more than about two million events, or when the model panics on a part of the history that could
/// not have happened.
///
/// ```
/// use leftfold::{decider, recorded::Version, spec::why};
///
/// let till = decider(
///     || 0,
///     |out: &i32, sum: &i32| if out > sum { Err(()) } else { Ok(vec![-out]) },
///     |sum, moved: &i32| sum + moved,
/// );
/// // Ten euros can be taken out because of the third event alone.
/// let why = why(&till, &[1, 2, 10, 3], &10).unwrap();
/// assert_eq!(why.enough, [Version::new(3)]);
/// assert_eq!(why.decisive, [Version::new(3)]);
/// ```
pub fn why<D>(decider: &D, history: &[D::Event], command: &D::Command) -> Option<Why>
where
    D: Decider<Event: PartialEq, Rejection: PartialEq>,
{
    let history: Vec<&D::Event> = history.iter().collect();
    explain(decider, &history, &[command])
}

/// As [`why`], for several commands decided one after another.
pub(crate) fn explain<D>(decider: &D, history: &[&D::Event], commands: &[&D::Command]) -> Option<Why>
where
    D: Decider<Event: PartialEq, Rejection: PartialEq>,
{
    let mut replays = Replays { decider, commands, left: BUDGET };
    let answer = replays.of(history)?;
    let mut same = |part: &[usize]| replays.gives(&answer, history, part);

    let whole: Vec<usize> = (0..history.len()).collect();
    let mut decisive = Vec::new();
    for i in 0..history.len() {
        let without: Vec<usize> = whole.iter().copied().filter(|j| *j != i).collect();
        if !same(&without)? {
            decisive.push(version(i));
        }
    }
    let enough = enough(whole, &mut same)?.into_iter().map(version).collect();
    Some(Why { enough, decisive, of: history.len() })
}

/// How many more events may be folded in search of grounds.
pub(crate) struct Patience(usize);

impl Patience {
    /// As much as one call of [`why`] has.
    pub(crate) fn new() -> Patience {
        Patience(BUDGET)
    }
}

/// The events of [`Why::enough`] alone, for one command.
pub(crate) fn grounds<'e, D>(
    decider: &D,
    history: &[&'e D::Event],
    command: &D::Command,
    patience: &mut Patience,
) -> Option<Vec<&'e D::Event>>
where
    D: Decider<Event: PartialEq, Rejection: PartialEq>,
{
    let mut replays = Replays { decider, commands: &[command], left: patience.0 };
    let enough = replays.of(history).and_then(|answer| {
        enough((0..history.len()).collect(), &mut |part| replays.gives(&answer, history, part))
    });
    patience.0 = replays.left;
    Some(enough?.into_iter().map(|i| history[i]).collect())
}

/// A smallest part that is the same, without single items and without pairs.
fn enough(whole: Vec<usize>, same: &mut impl FnMut(&[usize]) -> Option<bool>) -> Option<Vec<usize>> {
    let mut enough = smallest(whole, same)?;
    // Events that cancel each other out, such as a deposit and its withdrawal, can only be left out together.
    while let Some(fewer) = without_a_pair(&enough, same)? {
        enough = smallest(fewer, same)?;
    }
    Some(enough)
}

fn version(index: usize) -> Version {
    Version::new(index as u64 + 1)
}

/// Delta debugging: leaves out smaller and smaller chunks, until no single item can be left out.
fn smallest(mut kept: Vec<usize>, same: &mut impl FnMut(&[usize]) -> Option<bool>) -> Option<Vec<usize>> {
    let mut chunk = kept.len();
    while chunk > 0 {
        let mut start = 0;
        let mut smaller = false;
        while start < kept.len() {
            let end = (start + chunk).min(kept.len());
            let without: Vec<usize> = kept[..start].iter().chain(&kept[end..]).copied().collect();
            if same(&without)? {
                kept = without;
                smaller = true;
            } else {
                start = end;
            }
        }
        if !(smaller && chunk == 1) {
            chunk /= 2;
        }
    }
    Some(kept)
}

fn without_a_pair(
    kept: &[usize],
    same: &mut impl FnMut(&[usize]) -> Option<bool>,
) -> Option<Option<Vec<usize>>> {
    for (i, first) in kept.iter().enumerate() {
        for second in &kept[i + 1..] {
            let without: Vec<usize> = kept.iter().copied().filter(|k| k != first && k != second).collect();
            if same(&without)? {
                return Some(Some(without));
            }
        }
    }
    Some(None)
}

struct Replays<'a, D: Decider> {
    decider: &'a D,
    commands: &'a [&'a D::Command],
    left: usize,
}

impl<D: Decider<Event: PartialEq, Rejection: PartialEq>> Replays<'_, D> {
    /// Whether this part of the history gives the same answer.
    fn gives(&mut self, answer: &[Outcome<D>], history: &[&D::Event], part: &[usize]) -> Option<bool> {
        let events: Vec<&D::Event> = part.iter().map(|i| history[*i]).collect();
        Some(self.of(&events)? == answer)
    }

    /// What the commands answer after this history: one outcome each, up to the first rejection.
    fn of(&mut self, history: &[&D::Event]) -> Option<Vec<Outcome<D>>> {
        self.left = self.left.checked_sub(history.len() + 1)?;
        // A part of a history may be one that cannot happen. If the model panics on it, there is no explanation.
        caught(|| {
            let mut state = self.decider.fold(history.iter().copied());
            let mut outcomes = Vec::new();
            for command in self.commands {
                let outcome = self.decider.decide(command, &state);
                let Ok(events) = &outcome else {
                    outcomes.push(outcome);
                    break;
                };
                state = self.decider.fold_from(state, events);
                outcomes.push(outcome);
            }
            outcomes
        })
        .ok()
    }
}
