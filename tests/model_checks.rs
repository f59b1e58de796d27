//! A model declares its commands, properties and laws once, and `check` looks at them; what fails comes with its shortest
//! story, as a scenario to paste.

use leftfold::check::{Law, Property, Story};
use leftfold::model::ReportVerdict;
use leftfold::{Decider, Fold, Model, Modelled, Scenario, decider};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Command {
    Fill(u8),
    Empty,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Filled(u8),
    Emptied,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Rejection {
    Overflow,
}

/// Holds nine. Planted: a fill of three is not asked whether it fits.
struct Tank;

impl Fold for Tank {
    type State = u8;
    type Event = Event;

    fn initial_state(&self) -> u8 {
        0
    }

    fn evolve(&self, level: u8, event: &Event) -> u8 {
        match event {
            Event::Filled(by) => level.saturating_add(*by),
            Event::Emptied => 0,
        }
    }
}

impl Decider for Tank {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, level: &u8) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Fill(by) if level + by > 9 && *by != 3 => Err(Rejection::Overflow),
            Command::Fill(by) => Ok(vec![Event::Filled(*by)]),
            Command::Empty => Ok(vec![Event::Emptied]),
        }
    }
}

fn tank() -> Model<Tank> {
    Model::new("tank", Tank)
        .alphabet(|level| {
            let fills = (1..=3).filter(|_| *level < 12).map(Command::Fill);
            fills.chain([Command::Empty]).collect::<Vec<_>>()
        })
        .properties([
            Property::always("it never overflows", |level| *level <= 9),
            Property::sometimes("it is full", |level| *level == 9),
            Property::always_possible("it can be emptied", |level| *level == 0),
        ])
}

#[test]
fn exploration_finds_the_planted_bug_with_its_shortest_story() {
    let report = tank().explored(1_000).check();
    let failures: Vec<_> = report.failures().map(|failure| failure.name.as_str()).collect();
    assert_eq!(failures, ["it never overflows"]);
    let story = report.failures().next().and_then(|failure| failure.story.clone()).unwrap();
    let scenario = "Scenario::named(\"it never overflows\")\n    .given_commands([\n        Command::Fill(";
    assert!(story.contains(scenario), "{story}");
    assert!(
        story.contains(".when(Command::Fill(3))\n    .then([\n        Event::Filled(3),\n    ]),"),
        "{story}"
    );
    let commands = story.lines().filter(|line| line.trim_start().starts_with("Command::Fill(")).count();
    assert_eq!(commands, 3, "three fills, and the one that overflows:\n{story}");
}

#[test]
fn walks_find_it_too_and_say_that_it_is_proved_shortest() {
    let report = tank().walked(200).check();
    let found = report.failures().next().unwrap();
    assert_eq!(found.name, "it never overflows");
    let story = found.story.as_deref().unwrap();
    assert!(story.contains("proved shortest") && story.contains("as a scenario:"), "{story}");
}

#[test]
fn a_law_that_is_broken_is_a_failure_with_its_story() {
    let emptying_is_idempotent =
        Law::idempotent("emptying again does nothing", |command| *command == Command::Empty);
    let report = tank().laws(Law::of_functions()).laws([emptying_is_idempotent]).check();
    let section = report.sections.iter().find(|section| section.title == "laws").unwrap();
    assert_eq!(section.findings.iter().filter(|finding| finding.verdict == ReportVerdict::Holds).count(), 5);
    assert!(
        report.failures().next().is_some_and(|found| found.name.starts_with("emptying again does nothing"))
    );
}

#[test]
fn the_same_model_gives_the_same_report() {
    let report = || tank().laws(Law::of_functions()).walked(50).explored(1_000).check();
    assert_eq!(report(), report());
    assert_eq!(report().to_string(), report().to_string());
}

#[test]
fn what_was_not_seen_is_never_said_to_hold() {
    let report = tank().explored(3).check();
    let section = report.sections.iter().find(|section| section.title == "exploration").unwrap();
    assert!(section.summary.contains("not all that can be reached"), "{}", section.summary);
    assert!(section.findings.iter().all(|finding| finding.verdict != ReportVerdict::Holds), "{report}");
}

#[test]
fn a_check_without_an_alphabet_says_what_to_do() {
    let bare = || Model::new("tank", Tank);
    for report in
        [bare().explored(10).check(), bare().walked(10).check(), bare().laws(Law::of_functions()).check()]
    {
        let failure = report.failures().next().unwrap();
        assert!(failure.name.contains("`.alphabet(|state| …)`"), "{report}");
    }
}

#[test]
fn the_diagram_of_an_explored_model_can_be_drawn() {
    assert!(tank().diagram().is_none());
    let graph = tank().explored(1_000).diagram().unwrap();
    assert!(graph.to_mermaid(true).starts_with("stateDiagram-v2\n"));
    assert!(graph.to_dot(false).starts_with("digraph {"));
}

#[test]
fn a_label_groups_the_states_of_a_model_that_is_put_together_of_several() {
    let two = |model: Model<_>| model.alphabet(|_| [Command::Fill(9), Command::Empty]).explored(1_000);
    let model = || Model::new("two tanks", Tank.merge(Tank));
    let plain = two(model()).diagram().unwrap();
    assert!(plain.states.iter().eq(["any"]));
    let label = |(left, right): &(u8, u8)| if left.max(right) > &0 { "filled" } else { "empty" };
    // Also after `explored`.
    for model in [two(model().label(label)), two(model()).label(label)] {
        let graph = model.diagram().unwrap();
        assert_eq!(graph.first, "empty");
        assert!(graph.states.iter().eq(["empty", "filled"]), "{graph:?}");
        assert!(graph.whole);
    }
}

/// Bursts, in `decide` or in `evolve`, where more than three are filled in.
fn brittle(
    in_evolve: bool,
) -> impl Modelled<State = u8, Command = Command, Event = Event, Rejection = Rejection> {
    decider(
        || 0u8,
        move |_: &Command, level: &u8| {
            assert!(in_evolve || *level < 3, "burst");
            Ok(vec![Event::Filled(1)])
        },
        move |level: u8, _: &Event| {
            assert!(level < 3, "burst");
            level + 1
        },
    )
}

#[test]
fn a_model_that_panics_is_reported_with_the_story_as_an_open_question() {
    for in_evolve in [false, true] {
        let model = || Model::new("brittle", brittle(in_evolve)).alphabet(|_| [Command::Fill(1)]);
        for report in [
            model().explored(100).check(),
            model().walked(10).check(),
            model().laws(Law::of_functions()).check(),
        ] {
            let page = report.to_string();
            assert!(!report.holds() && page.contains("the model panicked: burst"), "{page}");
            assert!(page.contains("Scenario::open_question(\"the model panicked: burst"), "{page}");
            assert_eq!(
                page.matches("    .when(Command::Fill(1))\n    .then_nothing(),\n").count(),
                1,
                "{page}"
            );
        }
        let story = Story::of([Command::Fill(1), Command::Fill(1), Command::Fill(1), Command::Fill(1)]);
        let scenario = story.scenario(&brittle(in_evolve), "bursts");
        assert!(scenario.is_question() && scenario.run(&brittle(in_evolve)).is_ok());
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Letter {
    to: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Send(Letter);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Sent(Letter);

#[test]
fn a_command_and_an_event_of_one_name_are_noted() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Never {}
    let mail = decider(
        || (),
        |Send(letter): &Send, _: &()| Ok::<_, Never>(vec![Sent(letter.clone())]),
        |_, _: &Sent| (),
    );
    let letter = || Letter { to: "Ada".into() };
    let scenario = Scenario::named("a letter goes out").when(Send(letter())).then([Sent(letter())]);
    let report = Model::new("mail", mail).scenarios([scenario]).check();
    assert!(report.holds(), "{report}");
    assert!(
        report.to_string().contains("both a command and an event: Letter; a struct around a struct"),
        "{report}"
    );
}
