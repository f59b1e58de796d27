//! What a vocabulary says, and what it refuses.

use super::super::{Scenario, Sentence, ViewScenario};
use super::*;
use crate::decider::{Decider, decider};
use crate::fold::view;
use crate::process::{Owed, process_manager};
use crate::spec::ProcessScenario;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Command {
    Fill(u32),
    AskForNothing,
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Filled(u32),
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Rejection {
    Full { limit: Option<u32> },
}

fn tank() -> impl Decider<Command = Command, Event = Event, Rejection = Rejection, State = u32> {
    decider(
        || 0,
        |command: &Command, _: &u32| match command {
            Command::Fill(litres) => Ok(vec![Event::Filled(*litres)]),
            Command::AskForNothing => Err(Rejection::Full { limit: None }),
        },
        |level, Event::Filled(litres): &Event| level + litres,
    )
}

fn of<D>(_: &D) -> Specification<D>
where
    D: Specified<Command = Command, Event = Event, Rejection = Rejection, State = u32>,
{
    let level = Sentence::new("the level is {litres}", |level: &u32, litres: u32| *level == litres);
    let scenario = Scenario::named("a")
        .when(Command::Fill(2))
        .then_matches("something happens", Result::is_ok)
        .then_says(&level, 2)
        .then_state("it is\n even", |level| level % 2 == 0)
        .and_when(Command::Fill(2))
        .then_state("it is even", |level| level % 2 == 0);
    let total = view(|| 0, |sum: u64, Event::Filled(litres): &Event| sum + u64::from(*litres));
    let viewed =
        ViewScenario::named("b").given([Event::Filled(1)]).then_state("it is odd", |sum| sum % 2 == 1);
    let again = process_manager(
        || 0,
        |_, Event::Filled(litres): &Event| *litres,
        |litres| vec![Owed::now("again", Command::Fill(*litres))],
    );
    Specification::new()
        .scenarios([scenario])
        .says(&level)
        .view("total", total, [viewed])
        .view_says(&Sentence::new("the total is {litres}", |sum: &u64, litres: u64| *sum == litres))
        .process("again", again, [] as [ProcessScenario<_>; 0])
}

#[test]
fn everything_that_can_be_said_is_on_the_page() {
    let page = of(&tank()).vocabulary().unwrap().to_string();
    assert_eq!(
        page,
        "\
How values are written
  a text is in quotation marks, a number is not: \"Petra\", 10
  a list: 1, 2 and 3; an empty one: none
  a field that is missing: no limit
  a field that is true: joint; one that is false: not joint
  outside of texts, capital letters and the number of spaces do not count

What can be asked (When …)
  fill 5
  ask for nothing

What can happen (Given …, Then …)
  filled 5

Why something is refused (Then …)
  it is refused: full, limit 5

What else can be expected (Then …)
  nothing happens
  it is refused
  the level is {litres}

Said by the model's program alone, to be repeated word for word (Then …)
  something happens
  it is even

The view \"total\" (under Rule: total)
  Given …
    all that can happen, as above
  Then …
    the answer is: …
    the total is {litres}
    also when events are delivered twice
    in any order of the events
  said by the model's program alone, to be repeated word for word
    it is odd

The process manager \"again\" (under Rule: again)
  Given …, When …
    all that can happen, as above
  Then …
    owed: fill 5
    owed: ask for nothing
    nothing more is owed
    still owed: …
    nothing is owed
    still owed as \"…\": …
    still owed as \"…\" until …: …
    owed as \"…\" from … on: …
    owed as \"…\" from … until …: …

What the model answers itself, until somebody deletes \"today:\" (Then …)
  today: …
"
    );
}

fn refused(
    specification: &Specification<impl Specified<Command = Command, Event = Event, Rejection = Rejection>>,
) -> String {
    specification.vocabulary().unwrap_err().to_string()
}

#[test]
fn what_would_be_read_otherwise_is_refused_with_both_named() {
    let tank = tank();
    let says = |name: &str, sentence: &str| refused(&of(&tank).words(Words::default().say(name, sentence)));
    assert_eq!(
        says("Fild", "{0} litres"),
        "there is a sentence for `Fild`, \"{0} litres\", and no message has this name; is this meant: `Fill`, or `Filled`?"
    );
    assert_eq!(
        says("AskForNothing", "nothing is asked"),
        "`AskForNothing` is said as `nothing is asked`, and that is read as the phrase `nothing is asked`: give the message a sentence \
         of its own with `Words::say`"
    );
    assert!(says("Filled", "today: {0}").contains("read as the phrase `today`"));
    // In another language as well.
    let german = of(&tank)
        .words_in("de", Words::default().say("nothing happens", "nichts").say("Filled", "Nichts: {0}"));
    assert!(
        refused(&german)
            .starts_with("`Filled` is said as `Nichts: 5`, and that is read as the phrase `nichts`")
    );

    let sentence = |pattern: &str| {
        refused(&of(&tank).says(&Sentence::new(pattern, |level: &u32, litres: u32| *level == litres)))
    };
    assert_eq!(
        sentence("filled {litres}"),
        "the sentence \"filled {litres}\" can be read as the event `Filled`, \"filled 5\": say it in other words"
    );
    assert_eq!(
        sentence("it is refused: {litres}"),
        "the sentence \"it is refused: {litres}\" can be read as the phrase `it is refused`: say it in other words"
    );
    let of_view = of(&tank)
        .view_says(&Sentence::new("The answer is: {litres}", |sum: &u64, litres: u64| *sum == litres));
    assert!(refused(&of_view).contains("can be read as the phrase `the answer is`"));
}
