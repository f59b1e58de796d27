//! A history that a check has found, as a list of commands.

use super::scenario_code::scenario_code;
use crate::decider::{Decider, Outcome};
use crate::message::Message;
use crate::spec::panics::caught;
use crate::spec::{Scenario, Specified};
use std::fmt;

/// A history found by a check, as a list of commands.
///
/// It may contain commands that the model refuses, where the refusal is part of what the check found.
pub struct Story<D: Decider> {
    /// The events before the check began; empty where it began at the initial state.
    pub given: Vec<D::Event>,
    /// The commands, in order.
    pub commands: Vec<D::Command>,
}

impl<D: Decider<Command: Clone, Event: Clone>> Clone for Story<D> {
    fn clone(&self) -> Self {
        Story { given: self.given.clone(), commands: self.commands.clone() }
    }
}

impl<D: Decider<Command: fmt::Debug, Event: fmt::Debug>> fmt::Debug for Story<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Story").field("given", &self.given).field("commands", &self.commands).finish()
    }
}

impl<D: Decider<Command: PartialEq, Event: PartialEq>> PartialEq for Story<D> {
    fn eq(&self, other: &Self) -> bool {
        self.given == other.given && self.commands == other.commands
    }
}

impl<D: Decider> Story<D> {
    /// The story of these commands from the initial state.
    pub fn of(commands: impl IntoIterator<Item = D::Command>) -> Self {
        Story { given: Vec::new(), commands: commands.into_iter().collect() }
    }

    /// How many commands it has.
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// Whether it has no command: the check failed, or succeeded, at the start.
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// The state that it leads to. Refused commands change nothing.
    pub fn state(&self, decider: &D) -> D::State {
        let mut state = decider.fold(&self.given);
        for command in &self.commands {
            if let Ok(events) = decider.decide(command, &state) {
                state = decider.fold_from(state, &events);
            }
        }
        state
    }
}

/// The accepted commands, and the answer to the command after them.
type AcceptedThenOutcome<'c, D> = (Vec<&'c <D as Decider>::Command>, Outcome<D>);

impl<D: Specified> Story<D> {
    /// The story as a scenario: the commands before the last one are given, and the last one is answered as the model
    /// answers today.
    ///
    /// The scenario passes as long as the model stays as it is. Edit its `then` to say what should happen instead. Refused
    /// commands before the last one are left out, because they change nothing. A story without a command becomes an open
    /// question, and so does one on which the model panics.
    #[track_caller]
    pub fn scenario(&self, decider: &D, name: impl Into<String>) -> Scenario<D> {
        let Some((last, before)) = self.commands.split_last() else {
            return Scenario::open_question(name);
        };
        let lived = self.lived(decider, last, before);
        let scenario = match &lived {
            Ok(_) => Scenario::named(name),
            Err(_) => Scenario::open_question(name),
        };
        let (accepted, answer) = lived.unwrap_or_else(|_| (before.iter().collect(), Ok(Vec::new())));
        let given = scenario.given(self.given.iter().cloned());
        let when = given.given_commands(accepted.into_iter().cloned()).when(last.clone());
        match answer {
            Ok(events) => when.then(events),
            Err(rejection) => when.then_rejected(rejection),
        }
    }

    /// The accepted commands before the last one, and the answer to the last one; or the message of a panic.
    fn lived<'c>(
        &self,
        decider: &D,
        last: &D::Command,
        before: &'c [D::Command],
    ) -> Result<AcceptedThenOutcome<'c, D>, String> {
        caught(|| {
            let (accepted, state) = self.accepted(decider, before);
            let answer = decider.decide(last, &state);
            if let Ok(events) = &answer {
                drop(decider.fold_from(state, events));
            }
            (accepted, answer)
        })
    }

    /// The accepted commands, and the state that they lead to.
    fn accepted<'c>(&self, decider: &D, commands: &'c [D::Command]) -> (Vec<&'c D::Command>, D::State) {
        let mut state = decider.fold(&self.given);
        let mut accepted = Vec::new();
        for command in commands {
            if let Ok(events) = decider.decide(command, &state) {
                state = decider.fold_from(state, &events);
                accepted.push(command);
            }
        }
        (accepted, state)
    }

    /// The scenario as Rust code, to paste into a model's `scenarios([…])`.
    ///
    /// It compiles where the messages serialize as they are written; see [`message::code`](crate::message::code()).
    ///
    /// ```
    /// # use leftfold::{Decider, Fold};
    /// # use serde::{Deserialize, Serialize};
    /// use leftfold::check::Story;
    /// # struct Tank;
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Command { Fill(u32), Empty }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Event { Filled(u32), Emptied }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Rejection { Overflow }
    /// # impl Fold for Tank {
    /// #     type State = u32; type Event = Event;
    /// #     fn initial_state(&self) -> u32 { 0 }
    /// #     fn evolve(&self, level: u32, e: &Event) -> u32 { match e { Event::Filled(n) => level + n, Event::Emptied => 0 } }
    /// # }
    /// # impl Decider for Tank {
    /// #     type Command = Command; type Rejection = Rejection;
    /// #     fn decide(&self, c: &Command, level: &u32) -> Result<Vec<Event>, Rejection> {
    /// #         match c {
    /// #             Command::Fill(n) if level + n > 9 => Err(Rejection::Overflow),
    /// #             Command::Fill(n) => Ok(vec![Event::Filled(*n)]),
    /// #             Command::Empty => Ok(vec![Event::Emptied]),
    /// #         }
    /// #     }
    /// # }
    ///
    /// let story = Story::of([Command::Fill(7), Command::Fill(2)]);
    /// assert_eq!(story.code(&Tank, "the tank is full"), "\
    /// Scenario::named(\"the tank is full\")
    ///     .given_commands([
    ///         Command::Fill(7),
    ///     ])
    ///     .when(Command::Fill(2))
    ///     .then([
    ///         Event::Filled(2),
    ///     ]),
    /// ");
    /// ```
    pub fn code(&self, decider: &D, name: &str) -> String
    where
        D: Specified<Command: Message, Event: Message, Rejection: Message>,
    {
        let Some((last, before)) = self.commands.split_last() else {
            return format!("Scenario::open_question({name:?}),\n");
        };
        let lived = self.lived(decider, last, before);
        let kind = if lived.is_ok() { "named" } else { "open_question" };
        let (accepted, answer) = lived.unwrap_or_else(|_| (before.iter().collect(), Ok(Vec::new())));
        let first = format!("Scenario::{kind}({name:?})\n");
        let answer = answer.as_ref().map(Vec::as_slice);
        scenario_code(first, &self.given, accepted.into_iter(), std::iter::once((last, answer)))
    }
}
