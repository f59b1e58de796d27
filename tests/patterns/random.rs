//! Random patterns and random histories: patterns as plain data, which can be built, and read by a definition.
// Each test uses some of it.
#![allow(dead_code)]

use leftfold::im::Vector;
use leftfold::pattern::{
    Captures, Late, Match, Matcher, Observed, Pattern, PatternError, SignedDuration, Skip, TimedOut,
};
use leftfold::recorded::Timestamp;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

/// An event: of a kind, perhaps with a key, with a value to be compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happened {
    pub key: Option<u8>,
    pub kind: u8,
    pub value: u8,
}

/// How two captured events follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Contiguity {
    Strict,
    Relaxed,
    Any,
}

/// What an event is asked besides its kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Beside {
    Nothing,
    /// Its value is not below that of the event captured last.
    NotFalling,
    /// Together with all captured before, the values are at most this.
    SumAtMost(u32),
}

/// What an event is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// A bit for each kind that will do.
    pub kinds: u8,
    pub beside: Beside,
}

#[derive(Clone, Debug)]
pub struct Step {
    pub asked: Asked,
    pub contiguity: Contiguity,
    pub inner: Contiguity,
    /// `None` where the step says nothing about how often.
    pub times: Option<(u32, u32)>,
    /// What may not happen before it.
    pub absent: Vec<Asked>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum After {
    Nothing,
    ToNext,
    PastLastEvent,
    ToFirst(usize),
    ToLast(usize),
}

/// A pattern as data; steps are called by their numbers.
#[derive(Clone, Debug)]
pub struct Description {
    pub steps: Vec<Step>,
    /// What may not happen at the end.
    pub ending: Vec<Asked>,
    pub within: Option<i64>,
    pub after: After,
    pub partitioned: bool,
}

impl Step {
    pub fn min(&self) -> u32 {
        self.times.map_or(1, |(min, _)| min)
    }

    pub fn max(&self) -> u32 {
        self.times.map_or(1, |(_, max)| max)
    }
}

impl Asked {
    pub fn of_kind(&self, event: &Happened) -> bool {
        self.kinds >> event.kind & 1 == 1
    }

    /// Whether an event satisfies it after these, oldest first.
    pub fn satisfied(&self, event: &Happened, before: &[&Happened]) -> bool {
        self.of_kind(event) && self.beside.holds(event, before)
    }
}

impl Beside {
    fn holds(self, event: &Happened, before: &[&Happened]) -> bool {
        match self {
            Beside::Nothing => true,
            Beside::NotFalling => before.last().is_none_or(|last| event.value >= last.value),
            Beside::SumAtMost(most) => {
                let sum: u32 = before.iter().map(|event| u32::from(event.value)).sum();
                sum + u32::from(event.value) <= most
            }
        }
    }
}

pub fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub fn name(step: usize) -> String {
    format!("step {step}")
}

impl Description {
    /// Whether what is described could never match, so that it is refused.
    pub fn pattern(&self) -> Pattern<Happened, u8> {
        let asks = |asked: Asked| move |event: &Happened| asked.of_kind(event);
        let beside = |asked: Asked| {
            move |event: &Happened, before: &Captures<Happened>| {
                let before: Vec<&Happened> = before.iter().map(|(_, capture)| &capture.event).collect();
                asked.beside.holds(event, &before)
            }
        };
        let first = &self.steps[0];
        let mut pattern = Pattern::named("random").start(name(0), asks(first.asked));
        for (number, step) in self.steps.iter().enumerate() {
            if number > 0 {
                for (absence, asked) in step.absent.iter().enumerate() {
                    let name = format!("absence {absence} before {number}");
                    pattern = pattern.not_followed_by(name, asks(*asked)).provided(beside(*asked));
                }
                pattern = match step.contiguity {
                    Contiguity::Strict => pattern.next(name(number), asks(step.asked)),
                    Contiguity::Relaxed => pattern.followed_by(name(number), asks(step.asked)),
                    Contiguity::Any => pattern.followed_by_any(name(number), asks(step.asked)),
                };
            }
            if step.asked.beside != Beside::Nothing {
                pattern = pattern.provided(beside(step.asked));
            }
            let Some((min, max)) = step.times else { continue };
            pattern = match max {
                u32::MAX if min == 1 => pattern.one_or_more(),
                u32::MAX => pattern.at_least(min),
                _ => pattern.times(min),
            };
            pattern = match step.inner {
                Contiguity::Strict => pattern.consecutive(),
                Contiguity::Relaxed => pattern,
                Contiguity::Any => pattern.combinations(),
            };
        }
        for (absence, asked) in self.ending.iter().enumerate() {
            let name = format!("absence {absence} at the end");
            pattern = pattern.not_followed_by(name, asks(*asked)).provided(beside(*asked));
        }
        if let Some(within) = self.within {
            pattern = pattern.within(SignedDuration::from_secs(within));
        }
        let pattern = pattern.after_match(match self.after {
            After::Nothing => Skip::Nothing,
            After::ToNext => Skip::ToNext,
            After::PastLastEvent => Skip::PastLastEvent,
            After::ToFirst(step) => Skip::to_first(name(step)),
            After::ToLast(step) => Skip::to_last(name(step)),
        });
        match self.partitioned {
            true => pattern.partition_by(|event| event.key),
            false => pattern.partition_by(|_| Some(0)),
        }
    }

    pub fn matcher(&self) -> Result<Matcher<Happened, u8>, PatternError> {
        self.pattern().reporting_timeouts().late_events(Late::Refused).bounded(1_000_000).compile()
    }
}

// ------------------------------------------------------------------------------------------------- strategies

fn contiguity() -> impl Strategy<Value = Contiguity> {
    prop_oneof![Just(Contiguity::Strict), Just(Contiguity::Relaxed), Just(Contiguity::Any)]
}

fn asked() -> impl Strategy<Value = Asked> {
    let beside = prop_oneof![
        4 => Just(Beside::Nothing),
        1 => Just(Beside::NotFalling),
        1 => (2u32..12).prop_map(Beside::SumAtMost),
    ];
    // Of three kinds: few enough that steps share some of them.
    (1u8..8, beside).prop_map(|(kinds, beside)| Asked { kinds, beside })
}

fn step() -> impl Strategy<Value = Step> {
    let times = prop_oneof![
        3 => Just(None),
        1 => (1u32..4).prop_map(|times| Some((times, times))),
        1 => (1u32..3).prop_map(|times| Some((times, u32::MAX))),
    ];
    let absent = prop::collection::vec(asked(), 0..2);
    (asked(), contiguity(), contiguity(), times, absent).prop_map(
        |(asked, contiguity, inner, times, absent)| Step {
            asked,
            contiguity,
            inner,
            times,
            absent: if contiguity == Contiguity::Strict { Vec::new() } else { absent },
        },
    )
}

pub fn description() -> impl Strategy<Value = Description> {
    let within = prop_oneof![1 => Just(None), 4 => (0i64..14).prop_map(Some)];
    let after = (0usize..5, any::<prop::sample::Index>());
    let ending = prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(asked(), 1..3)];
    (prop::collection::vec(step(), 1..4), ending, within, after, any::<bool>()).prop_map(
        |(steps, ending, within, (after, step), partitioned)| {
            let step = step.index(steps.len());
            let after = [
                After::Nothing,
                After::ToNext,
                After::PastLastEvent,
                After::ToFirst(step),
                After::ToLast(step),
            ][after];
            let ending = if within.is_some() { ending } else { Vec::new() };
            Description { steps, ending, within, after, partitioned }
        },
    )
}

/// Events in the order of their time, with times that pass between them.
pub fn history(longest: usize) -> impl Strategy<Value = Vec<Observed<Happened>>> {
    let event = (prop_oneof![1 => Just(None), 6 => (0u8..2).prop_map(Some)], 0u8..4, 0u8..5)
        .prop_map(|(key, kind, value)| Some(Happened { key, kind, value }));
    let observed = prop_oneof![1 => Just(None), 6 => event];
    prop::collection::vec((observed, 0i64..4), 0..longest).prop_map(|all| {
        let mut now = 0;
        let timed = all.into_iter().map(|(event, later)| {
            now += later;
            match event {
                Some(event) => Observed::event(moment(now), event),
                None => Observed::Time(moment(now)),
            }
        });
        timed.collect()
    })
}

// ------------------------------------------------------------------------------------------------- what was found

/// What is told by one observation: key, number of each captured event with its step, and the time of the end.
pub type Told = Vec<(u8, Vec<(usize, u64)>, Timestamp)>;

pub fn captured(captures: &Captures<Happened>) -> Vec<(usize, u64)> {
    let step = |name: &str| name.strip_prefix("step ").unwrap().parse().unwrap();
    captures.iter().map(|(name, capture)| (step(name), capture.number)).collect()
}

pub fn told_matches<'m>(matches: impl IntoIterator<Item = &'m Match<Happened, u8>>) -> Told {
    matches.into_iter().map(|found| (found.key, captured(&found.captures), found.at)).collect()
}

pub fn told_timeouts<'m>(timed_out: impl IntoIterator<Item = &'m TimedOut<Happened, u8>>) -> Told {
    timed_out.into_iter().map(|found| (found.key, captured(&found.captures), found.at)).collect()
}

pub fn told_all(matches: &Vector<Match<Happened, u8>>) -> Told {
    told_matches(matches)
}
