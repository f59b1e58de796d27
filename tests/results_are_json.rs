//! Results of checks, diffs and handled commands serialize, with names that stay; and what has a page prints it.

use leftfold::check::{Property, Story, explore, laws, walks};
use leftfold::recorded::{StreamName, Timestamp, Version, versioned};
use leftfold::timeline::{Diff, Timeline};
use leftfold::{Model, Scenario, decider, im::OrdMap, view};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Command {
    Fill(u32),
}
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Event {
    Filled(u32),
}

fn as_json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

macro_rules! tank {
    () => {
        decider(
            || 0,
            |Command::Fill(litres): &Command, level: &u32| match level + litres {
                0..=9 => Ok(vec![Event::Filled(*litres)]),
                _ => Err("it would overflow".to_string()),
            },
            |level, Event::Filled(litres): &Event| level + litres,
        )
    };
}

#[test]
fn an_exploration_is_json() {
    let tank = tank!();
    let found = explore(&tank, |_: &u32| [Command::Fill(5), Command::Fill(2)])
        .property(Property::always("it stays below nine", |level| *level < 9))
        .property(Property::sometimes("it is full", |level| *level == 8))
        .run();
    let mut json = as_json(&found);
    json["elapsed"] = json!(0);
    assert_eq!(
        json,
        json!({
            "verdict": "exhausted", "why": [], "states": 8, "visited": 8, "accepted": 9, "refused": 7, "deepest": 4,
            "findings": [
                { "property": "it stays below nine", "answer": "violated", "message": null,
                  "story": { "given": [], "commands": [{ "Fill": 5 }, { "Fill": 2 }, { "Fill": 2 }] } },
                { "property": "it is full", "answer": "reached", "message": null,
                  "story": { "given": [], "commands": [{ "Fill": 2 }, { "Fill": 2 }, { "Fill": 2 }, { "Fill": 2 }] } },
            ],
            "panic": null, "notes": [], "elapsed": 0, "holds": false,
        })
    );
}

#[test]
fn walks_laws_and_their_counterexamples_are_json() {
    let tank = tank!();
    let walking = || walks(&tank).alphabet(|_| [Command::Fill(5), Command::Fill(2)]).seed(1).walks(20);
    let found = as_json(&walking().property(Property::always("below nine", |level| *level < 9)).run());
    let finding = &found["findings"][0];
    assert_eq!(finding["failed"], "below nine");
    assert_eq!(finding["story"]["commands"], json!([{ "Fill": 5 }, { "Fill": 2 }, { "Fill": 2 }]));
    assert_eq!((&finding["proved_shortest"], &found["holds"]), (&json!(true), &json!(false)));
    assert_eq!(found["walks"], 1, "the first one fails");
    let report = as_json(&laws(walking()).all(leftfold::check::Law::of_functions()).run());
    assert_eq!(report["holds"], true);
    assert!(report["holding"].as_array().is_some_and(|laws| !laws.is_empty()), "{report}");
    assert_eq!(as_json(&Story::<Counter>::of([])), json!({ "given": [], "commands": [] }));
}

struct Counter;
impl leftfold::Fold for Counter {
    type State = u32;
    type Event = Event;
    fn initial_state(&self) -> u32 {
        0
    }
    fn evolve(&self, state: u32, _: &Event) -> u32 {
        state
    }
}
impl leftfold::Decider for Counter {
    type Command = Command;
    type Rejection = String;
    fn decide(&self, _: &Command, _: &u32) -> Result<Vec<Event>, String> {
        Ok(vec![])
    }
}

#[test]
fn a_diff_is_json_with_the_values_as_they_are() {
    #[derive(Serialize)]
    enum Shelf {
        Empty,
        Full { of: &'static str },
    }
    let old = (OrdMap::unit(1, true), Some(2.5), Shelf::Empty);
    let new = (OrdMap::unit(2, true), None, Shelf::Full { of: "tea" });
    assert_eq!(
        as_json(&Diff::of(&old, &new)),
        json!({ "changes": [
            { "path": "0.1", "old": true },
            { "path": "0.2", "new": true },
            { "path": "1", "old": 2.5, "new": null },
            { "path": "2", "old": "Empty", "new": { "Full": { "of": "tea" } } },
        ] })
    );
}

#[test]
fn a_blamed_event_of_a_log_is_a_line_of_the_log() {
    let at: Timestamp = "2026-11-23T09:30:00.25Z".parse().unwrap();
    let log = versioned(StreamName::of("stock", 7).unwrap(), at, [5, 5, 7]);
    let stock = view(|| 0, |_: u32, level: &u32| *level);
    let timeline = Timeline::of(&stock).extend(log);
    let blamed = timeline.blame(".").unwrap().unwrap();
    assert_eq!((blamed.version, *blamed.event), (Version::new(3), 7));
    assert_eq!(blamed.to_string(), "3  2026-11-23T09:30:00Z  stock-7@3  u32  7\n   .  5 → 7");
    let timed = Timeline::of(&stock).extend([(at, 4)]);
    assert_eq!(timed.blame(".").unwrap().unwrap().to_string(), "1  2026-11-23T09:30:00Z  4\n   .  0 → 4");
}

#[test]
fn a_document_prints_as_markdown() {
    let model = Model::new("tank", Counter)
        .scenarios([Scenario::named("nothing happens").when(Command::Fill(1)).then_nothing()]);
    let document = model.document();
    assert_eq!(document.to_string(), document.to_markdown());
}
