//! Models for the tests of the page in a browser: one whose words are markup, script, very long, or written from the right to the left; one with
//! 300 classes of states.

use leftfold::check::Property;
use leftfold::{Decider, Fold, Model, Scenario};
use serde::{Deserialize, Serialize};
use std::process::ExitCode;

const WILD: [&str; 6] = [
    "<img src=x onerror=\"globalThis.hit=1\">",
    "</textarea></script><script>globalThis.hit=2</script>",
    "\u{202e}drawkcab\u{2066} and \u{200f}more",
    "שלום עולם (123)",
    "javascript:globalThis.hit=3",
    "${globalThis.hit=4} {{globalThis.hit=5}} ' \" ` \\ \u{7} \u{2028}",
];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Command {
    #[serde(rename = "<i>say</i>")]
    Say(String),
    Break,
}
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Event {
    #[serde(rename = "<i>said</i>")]
    Said(String),
}
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Rejection {
    Said(String),
}

/// Says whatever it is given, once.
struct Parrot;

impl Fold for Parrot {
    type State = Vec<String>;
    type Event = Event;
    fn initial_state(&self) -> Vec<String> {
        Vec::new()
    }
    fn evolve(&self, mut said: Vec<String>, Event::Said(text): &Event) -> Vec<String> {
        said.push(text.clone());
        said
    }
}

impl Decider for Parrot {
    type Command = Command;
    type Rejection = Rejection;
    fn decide(&self, command: &Command, said: &Vec<String>) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Say(text) if said.contains(text) => Err(Rejection::Said(text.clone())),
            Command::Say(text) => Ok(vec![Event::Said(text.clone())]),
            Command::Break => panic!("{}", WILD[0]),
        }
    }
}

fn long() -> String {
    format!("{}{}", "w".repeat(3_000), " word".repeat(400))
}

fn texts() -> impl Iterator<Item = String> {
    WILD.into_iter().map(str::to_string).chain([long()])
}

fn parrot() -> Model<Parrot> {
    let said =
        |text: &str| Scenario::named(text).when(Command::Say(text.into())).then([Event::Said(text.into())]);
    Model::new(format!("parrot {} {}", WILD[0], WILD[3]), Parrot)
        .scenarios(texts().map(|text| said(&text)))
        .scenarios([Scenario::named(format!("wrong {}", WILD[1]))
            .when(Command::Say("a".into()))
            .then_nothing()])
        .scenarios([Scenario::open_question(WILD[2])])
        .alphabet(|_| texts().map(Command::Say).chain([Command::Break]))
        .label(|said| said.last().cloned().unwrap_or_else(|| WILD[1].to_string()))
        .properties([Property::always(WILD[0], |said: &Vec<String>| said.len() < 2)])
        .explored(500)
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Turn {
    On,
    Back,
    Jump(u16),
}
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Turned {
    To(u16),
}

/// A ring of 300 places.
struct Ring;

const PLACES: u16 = 300;

impl Fold for Ring {
    type State = u16;
    type Event = Turned;
    fn initial_state(&self) -> u16 {
        0
    }
    fn evolve(&self, _: u16, Turned::To(place): &Turned) -> u16 {
        *place
    }
}

impl Decider for Ring {
    type Command = Turn;
    type Rejection = Rejection;
    fn decide(&self, command: &Turn, at: &u16) -> Result<Vec<Turned>, Rejection> {
        let to = match command {
            Turn::On => at + 1,
            Turn::Back => at + PLACES - 1,
            Turn::Jump(by) => at.wrapping_mul(*by),
        };
        Ok(vec![Turned::To(to % PLACES)])
    }
}

fn main() -> ExitCode {
    // A file holds one model.
    if std::env::args().nth(1).as_deref() == Some("page") {
        return parrot().main_with_page();
    }
    let ring = Model::new("ring", Ring)
        .alphabet(|_| [Turn::On, Turn::Back].into_iter().chain((2..20).map(Turn::Jump)))
        .label(|place| format!("place {place}"))
        .explored(1_000);
    parrot().desk().and(ring.desk()).main()
}
