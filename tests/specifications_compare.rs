//! Two specifications are alike only if every step of every scenario is.

use leftfold::message::Words;
use leftfold::recorded::Timestamp;
use leftfold::{Decider, Fold, Owed, ProcessManager, ProcessScenario, Scenario, Specification, ViewScenario};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Command {
    Weigh(f64),
    Tare,
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Weighed(f64),
    Moved {
        from: u8,
        to: u8,
    },
    Noted {
        text: String,
        #[serde(skip)]
        hidden: u8,
    },
    Counted(HashMap<String, f64>, HashSet<u8>),
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Rejection {
    Broken,
    TooHeavy(f64),
}

struct Scale;

impl Fold for Scale {
    type State = HashMap<String, f64>;
    type Event = Event;
    fn initial_state(&self) -> Self::State {
        HashMap::new()
    }
    fn evolve(&self, state: Self::State, _: &Event) -> Self::State {
        state
    }
}

impl Decider for Scale {
    type Command = Command;
    type Rejection = Rejection;
    fn decide(&self, _: &Command, _: &Self::State) -> Result<Vec<Event>, Rejection> {
        Ok(Vec::new())
    }
}

impl ProcessManager for Scale {
    type Command = Command;
    fn pending(&self, _: &Self::State) -> Vec<Owed<Command>> {
        Vec::new()
    }
}

type Of = Specification<Scale>;

fn named() -> Scenario<Scale> {
    Scenario::named("a")
}

fn one(scenario: Scenario<Scale>) -> Of {
    Specification::new().scenarios([scenario])
}

fn when(command: Command) -> leftfold::spec::When<Scale> {
    named().when(command)
}

fn of_view(scenario: ViewScenario<Scale>) -> Of {
    Specification::new().view("v", Scale, [scenario])
}

fn of_process(scenario: ProcessScenario<Scale>) -> Of {
    Specification::new().process("p", Scale, [scenario])
}

fn pending(key: &str, at: Option<Timestamp>) -> Of {
    let item = Owed::now(key, Command::Tare);
    let item = at.map(|at| Owed::at(at, key, Command::Tare)).unwrap_or(item);
    of_process(ProcessScenario::named("a").then_pending([item]))
}

fn map(pairs: &[(&str, f64)]) -> HashMap<String, f64> {
    pairs.iter().map(|(key, value)| (key.to_string(), *value)).collect()
}

/// No number either, but with other bits.
fn other_nan() -> f64 {
    f64::from_bits(f64::NAN.to_bits() | 1)
}

/// The first key has 0, the second 1, and so on.
fn counted(keys: &[&str], numbers: &[u8]) -> Event {
    let pairs: Vec<(&str, f64)> = keys.iter().copied().zip((0..).map(f64::from)).collect();
    Event::Counted(map(&pairs), numbers.iter().copied().collect())
}

/// Specifications that all differ from each other.
fn all() -> Vec<Of> {
    let noted = |hidden| Event::Noted { text: "x".into(), hidden };
    let seen = || ViewScenario::<Scale>::named("a").given([Event::Weighed(1.0)]);
    vec![
        Specification::new(),
        one(named()),
        one(Scenario::named("b")),
        one(Scenario::open_question("a")),
        one(named().labelled("x")),
        one(named().labelled("x").labelled("y")),
        one(named().given([Event::Weighed(0.0)])),
        one(named().given([Event::Weighed(-0.0)])),
        one(named().given([Event::Weighed(f64::NAN)])),
        one(named().given([Event::Weighed(other_nan())])),
        one(named().given([counted(&["a", "b"], &[1, 2])])),
        one(named().given([counted(&["a", "b"], &[1, 3])])),
        one(named().given([counted(&["b", "a"], &[1, 2])])),
        one(named().given([Event::Weighed(1.0), Event::Weighed(1.0)])),
        one(named().given([Event::Moved { from: 1, to: 2 }])),
        one(named().given([Event::Moved { from: 2, to: 1 }])),
        one(named().given([noted(0)])),
        one(named().given([noted(1)])),
        one(named().given_commands([Command::Weigh(0.0)])),
        one(when(Command::Weigh(0.0)).then_nothing()),
        one(when(Command::Weigh(-0.0)).then_nothing()),
        one(when(Command::Tare).then_nothing()),
        one(named().when_all([]).then_nothing()),
        one(named().when_all([Command::Tare, Command::Tare]).then_nothing()),
        one(when(Command::Tare).then_nothing().and_when(Command::Tare).then_nothing()),
        one(when(Command::Tare).then([Event::Weighed(0.0)])),
        one(when(Command::Tare).then_rejected(Rejection::Broken)),
        one(when(Command::Tare).then_rejected(Rejection::TooHeavy(1.0))),
        one(when(Command::Tare).then_matches("it is well", |_| true)),
        one(when(Command::Tare).then_state("it is well", |_| true)),
        one(when(Command::Tare).then_state("it is not", |_| true)),
        Specification::new().scenarios([named(), named()]),
        of_view(ViewScenario::named("a")),
        Specification::new().view("w", Scale, [ViewScenario::named("a")]),
        of_view(seen().then(map(&[]))),
        of_view(seen().then(map(&[("a", 1.0), ("b", 2.0), ("c", 3.0), ("d", 4.0)]))),
        of_view(seen().then(map(&[("a", 2.0), ("b", 1.0), ("c", 3.0), ("d", 4.0)]))),
        of_view(seen().then(map(&[("a", 0.0)]))),
        of_view(seen().then(map(&[("a", -0.0)]))),
        of_view(seen().then(map(&[("a", f64::NAN)]))),
        of_view(seen().then(map(&[("a", other_nan())]))),
        of_view(seen().then(map(&[("a", f64::INFINITY)]))),
        of_view(seen().then_state("well", |_| true)),
        of_view(seen().delivered_twice().then(map(&[]))),
        of_view(seen().in_any_order().then(map(&[]))),
        of_process(ProcessScenario::named("a").labelled("x")),
        of_process(ProcessScenario::named("a").given([Event::Weighed(1.0)])),
        of_process(ProcessScenario::named("a").when(Event::Weighed(1.0)).then([Command::Tare])),
        of_process(ProcessScenario::named("a").when(Event::Weighed(1.0)).then_nothing()),
        of_process(ProcessScenario::named("a").when(Event::Weighed(1.0)).then_owed([Command::Tare])),
        of_process(ProcessScenario::named("a").then_owed([])),
        pending("k", None),
        pending("l", None),
        pending("k", Some(Timestamp::UNIX_EPOCH)),
    ]
}

#[test]
fn specifications_are_alike_only_if_they_are_the_same() {
    let (ones, others) = (all(), all());
    for (i, one) in ones.iter().enumerate() {
        for (j, other) in others.iter().enumerate() {
            let unlike = one.unlike(other);
            assert_eq!(unlike.is_none(), i == j, "{i} and {j}: {unlike:?}");
        }
    }
    for _ in 0..20 {
        // A hash map and a hash set have their own order each time they are made.
        let (keys, numbers) = (["a", "b", "c", "d", "e"], [1, 2, 3, 4, 5, 6]);
        let of = || one(named().given([counted(&keys, &numbers)]));
        assert_eq!(of().unlike(&of()), None);
    }
    let nothing_pending = of_process(ProcessScenario::named("a").then_pending([]));
    assert_eq!(nothing_pending.unlike(&of_process(ProcessScenario::named("a").then_owed([]))), None);
}

#[test]
fn the_first_difference_is_a_sentence() {
    let words = Words::default().say("Weighed", "{0} grams were weighed");
    let weighs = |grams| one(when(Command::Tare).then([Event::Weighed(grams)])).words(words.clone());
    assert_eq!(
        weighs(1.0).unlike(&weighs(2.0)).unwrap(),
        "scenario \"a\": then \"1 grams were weighed\" in one, then \"2 grams were weighed\" in the other"
    );
    let noted = |hidden| one(named().given([Event::Noted { text: "x".into(), hidden }]));
    let alike = noted(1).unlike(&noted(2)).unwrap();
    assert!(alike.contains("hidden: 1") && alike.contains("hidden: 2"), "{alike}");
    assert_eq!(one(named()).unlike(&Specification::new()).unwrap(), "scenario \"a\" is not in the other");
    assert_eq!(
        pending("k", None).unlike(&pending("l", None)).unwrap(),
        "p: scenario \"a\": on the list \"k Now\" in one, on the list \"l Now\" in the other"
    );
}
