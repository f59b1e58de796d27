//! A book that is lent, for the classroom (`docs/thirty-minutes-in-class.md`): `cargo run --example book -- serve`. One of its scenarios
//! fails, and the class finds out why.

use leftfold::{Decider, Fold, Model, Scenario};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Reader {
    Ada,
    Ben,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Command {
    Borrow { by: Reader },
    Return,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Borrowed { by: Reader },
    Returned,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Rejection {
    Lent { to: Reader },
    NotLent,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum State {
    OnShelf,
    Lent { to: Reader },
}

struct Book;

impl Fold for Book {
    type State = State;
    type Event = Event;

    fn initial_state(&self) -> State {
        State::OnShelf
    }

    fn evolve(&self, _: State, event: &Event) -> State {
        match event {
            Event::Borrowed { by } => State::Lent { to: *by },
            Event::Returned => State::OnShelf,
        }
    }
}

impl Decider for Book {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, Rejection> {
        match (command, state) {
            (Command::Borrow { .. }, State::Lent { to }) => Err(Rejection::Lent { to: *to }),
            (Command::Borrow { by }, State::OnShelf) => Ok(vec![Event::Borrowed { by: *by }]),
            (Command::Return, State::Lent { .. }) => Ok(vec![Event::Returned]),
            (Command::Return, State::OnShelf) => Err(Rejection::NotLent),
        }
    }
}

fn model() -> Model<Book> {
    use Reader::{Ada, Ben};
    Model::new("book", Book)
        .alphabet(|_| [Command::Borrow { by: Ada }, Command::Borrow { by: Ben }, Command::Return])
        .explored(10)
        .scenarios([
            Scenario::named("a book on the shelf can be borrowed")
                .when(Command::Borrow { by: Ada })
                .then([Event::Borrowed { by: Ada }]),
            Scenario::named("a lent book can be brought back")
                .given([Event::Borrowed { by: Ada }])
                .when(Command::Return)
                .then([Event::Returned]),
            // Somebody forgot that Ada has to bring it back first.
            Scenario::named("Ben gets the book after Ada")
                .given([Event::Borrowed { by: Ada }])
                .when(Command::Borrow { by: Ben })
                .then([Event::Borrowed { by: Ben }]),
        ])
}

fn main() -> std::process::ExitCode {
    model().main_with_page()
}

#[test]
fn one_scenario_fails_and_no_other() {
    let report = model().check();
    let failing: Vec<&str> = report.failures().map(|finding| &*finding.name).collect();
    assert_eq!(failing, ["Ben gets the book after Ada"]);
}
