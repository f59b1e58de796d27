//! Random specifications, with texts that mean something in Gherkin, in Markdown and in a phrase, read back as what they were.

use leftfold::spec::{ProcessScenario, Scenario, Specification, ViewScenario};
use leftfold::{Owed, decider, process_manager, view};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[path = "models/any_message.rs"]
#[allow(dead_code)]
mod any_message;

use any_message::{Any, Spice, anything, spice, wild};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Command {
    Say(Any),
    Give { what: String, to: Vec<Spice> },
    Ask,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Said(Any),
    Given { what: String, to: Vec<Spice> },
    Asked,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Rejection {
    Never,
    NotNow { because: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Seen {
    texts: BTreeMap<String, Option<u32>>,
    last: Option<Spice>,
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        anything().prop_map(Command::Say),
        (wild(), vec(spice(), 0..3)).prop_map(|(what, to)| Command::Give { what, to }),
        Just(Command::Ask),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        anything().prop_map(Event::Said),
        (wild(), vec(spice(), 0..3)).prop_map(|(what, to)| Event::Given { what, to }),
        Just(Event::Asked),
    ]
}

fn rejection() -> impl Strategy<Value = Rejection> {
    prop_oneof![Just(Rejection::Never), wild().prop_map(|because| Rejection::NotNow { because })]
}

/// A line: what is said in one breath.
fn name() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("Scenario: ".to_string()),
        Just("# ".to_string()),
        Just("<amount> | ".to_string()),
        Just("@open-question ".to_string()),
        Just("**Given** ".to_string()),
        Just("Rule: \\".to_string()),
        Just("\"\"\" ` _a_ [x](y) &amp; <br>".to_string()),
        Just("Open question: ".to_string()),
        Just("1. - * ".to_string()),
        "[ -~äé]{0,8}".prop_map(|text| text),
    ];
    vec(piece, 1..4).prop_map(|pieces| pieces.concat().trim().to_string())
}

#[derive(Clone, Debug)]
enum Then {
    Events(Vec<Event>),
    Rejected(Rejection),
    State(bool),
}

type Step = (Vec<Command>, Then);

#[derive(Clone, Debug)]
struct Plan {
    name: String,
    labels: Vec<String>,
    question: bool,
    given: Vec<Result<Event, Command>>,
    steps: Vec<Step>,
}

fn plan() -> impl Strategy<Value = Plan> {
    let then = prop_oneof![
        vec(event(), 0..3).prop_map(Then::Events),
        rejection().prop_map(Then::Rejected),
        any::<bool>().prop_map(Then::State),
    ];
    let given = prop_oneof![event().prop_map(Ok), command().prop_map(Err)];
    (
        name(),
        vec("[a-z]{1,6}", 0..3),
        prop::bool::weighted(0.1),
        vec(given, 0..4),
        vec((vec(command(), 0..3), then), 1..3),
    )
        .prop_map(|(name, labels, question, given, steps)| Plan { name, labels, question, given, steps })
}

macro_rules! scenario {
    ($decider:expr, $plan:expr) => {{
        let plan: &Plan = $plan;
        let mut scenario = if plan.question {
            of(&$decider, Scenario::open_question(plan.name.clone()))
        } else {
            of(&$decider, Scenario::named(plan.name.clone()))
        };
        for label in &plan.labels {
            scenario = scenario.labelled(label.clone());
        }
        for given in plan.given.clone() {
            scenario = match given {
                Ok(event) => scenario.given([event]),
                Err(command) => scenario.given_commands([command]),
            };
        }
        for (commands, then) in plan.steps.clone() {
            let when = scenario.when_all(commands);
            scenario = match then {
                Then::Events(events) => when.then(events),
                Then::Rejected(rejection) => when.then_rejected(rejection),
                Then::State(true) => when.then_state("it is, \"as\" it was", |_| true),
                Then::State(false) => when.then_matches("it comes to something", |_| true),
            };
        }
        scenario
    }};
}

fn of<D>(_: &D, scenario: Scenario<D>) -> Scenario<D>
where
    D: leftfold::spec::Specified<Command = Command, Event = Event, Rejection = Rejection>,
{
    scenario
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(700))]

    /// 700 specifications of 15 scenarios on average: ten thousand scenarios.
    #[test]
    fn a_random_specification_reads_back(
        plans in vec(plan(), 1..20),
        shared in vec(event(), 1..3),
        views in vec((name(), vec(event(), 0..3), wild(), proptest::option::of(spice()), any::<(bool, bool)>()), 0..5),
        processes in vec((name(), event(), vec(command(), 0..3), wild()), 0..5),
        forks in 0..4_usize,
    ) {
        let echo = decider(
            || 0_u32,
            |command: &Command, _: &u32| match command {
                Command::Say(any) => Ok(vec![Event::Said(any.clone())]),
                Command::Give { what, to } => Ok(vec![Event::Given { what: what.clone(), to: to.clone() }]),
                Command::Ask => Err(Rejection::Never),
            },
            |seen, _: &Event| seen + 1,
        );
        let seen = view(
            || Seen { texts: BTreeMap::new(), last: None },
            |seen: Seen, event: &Event| match event {
                Event::Given { what, to } => {
                    let mut texts = seen.texts;
                    texts.insert(what.clone(), u32::try_from(to.len()).ok());
                    Seen { texts, last: to.last().cloned() }
                }
                _ => seen,
            },
        );
        let answers = process_manager(
            Vec::new,
            |list: Vec<Command>, event: &Event| match event {
                Event::Said(any) => [list, vec![Command::Say(any.clone())]].concat(),
                _ => list,
            },
            |list| list.iter().enumerate().map(|(at, command)| Owed::now(at.to_string(), command.clone())).collect(),
        );
        let mut scenarios: Vec<_> = plans.iter().map(|plan| scenario!(echo, plan)).collect();
        if forks > 0 {
            let base = of(&echo, Scenario::named("what was given")).given(shared);
            scenarios.extend((0..forks).map(|fork| base.fork(format!("fork {fork}")).when(Command::Ask).then_rejected(Rejection::Never)));
        }
        let of_view = views.into_iter().map(|(name, events, text, last, (twice, any_order))| {
            let state = Seen { texts: BTreeMap::from([(text, None)]), last };
            let scenario = ViewScenario::named(name).given(events).then(state).then_state("it has seen \"all\"", |_| true);
            let scenario = if twice { scenario.delivered_twice() } else { scenario };
            if any_order { scenario.in_any_order() } else { scenario }
        });
        let of_process = processes.into_iter().map(|(name, event, commands, key)| {
            let pending: Vec<_> = commands.iter().map(|command| Owed::now(key.clone(), command.clone())).collect();
            ProcessScenario::named(name).given([event.clone()]).when(event).then(commands.clone()).then_pending(pending).and_when(Event::Asked).then_owed(commands)
        });
        let specification = Specification::new()
            .scenarios(scenarios)
            .view("what was seen", seen, of_view.collect::<Vec<_>>())
            .process("what is answered", answers, of_process.collect::<Vec<_>>());
        let document = specification.document("# any | \"title\" **with** everything");
        for (file, text) in [("wild.feature", document.to_gherkin()), ("wild.md", document.to_markdown())] {
            match specification.read(file, &text) {
                Ok(read) => prop_assert_eq!(specification.unlike(&read), None, "{}", text),
                Err(faults) => prop_assert!(false, "{faults}\n\n{text}"),
            }
        }
    }
}
