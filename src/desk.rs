//! The desk: everything that a page, a playground or an editor asks of a model, as one pure function on JSON.
//!
//! [`Model::desk`] makes a [`Desk`], and [`Desk::answer`] answers a question. A question carries the history that it is about, so the desk
//! keeps no session: the same question always has the same answer, unless it names a stream of a log that has grown. All questions are in
//! `docs/desk.md`.
//!
//! ```
//! # use leftfold::{Decider, Fold, Model};
//! # use serde::{Deserialize, Serialize};
//! # struct Lamp;
//! # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Command { SwitchOn }
//! # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Event { WentOn }
//! # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Rejection { AlreadyOn }
//! # impl Fold for Lamp {
//! #     type State = bool; type Event = Event;
//! #     fn initial_state(&self) -> bool { false }
//! #     fn evolve(&self, _: bool, _: &Event) -> bool { true }
//! # }
//! # impl Decider for Lamp {
//! #     type Command = Command; type Rejection = Rejection;
//! #     fn decide(&self, _: &Command, on: &bool) -> Result<Vec<Event>, Rejection> {
//! #         if *on { Err(Rejection::AlreadyOn) } else { Ok(vec![Event::WentOn]) }
//! #     }
//! # }
//! let desk = Model::new("lamp", Lamp).alphabet(|_| [Command::SwitchOn]).desk();
//!
//! let answer = desk.answer(r#"{"ask": {"history": ["WentOn"], "command": "SwitchOn", "why": false}}"#);
//! let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
//! assert_eq!(answer["ask"]["outcome"]["refused"]["rejection"]["says"], "already on");
//! ```

mod about;
mod at;
mod check;
mod compare;
mod here;
mod map;
mod messages;
mod owed;
mod past;
mod promises;
mod question;
mod rows;
#[cfg(feature = "serve")]
mod tables;
mod time;
mod wrong;

use crate::check::explore::Explorable;
use crate::message::Message;
use crate::model::{Model, Modelled};
use crate::page::one_line;
use crate::spec::panics::caught;
use crate::store::EventReader;
use past::{History, KeyOf, Log, Wanted};
use question::{Asked, Past, Question};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::fmt;
use std::sync::Arc;
use wrong::Wrong;

/// How many commands of an alphabet are tried in a state at most.
const MOST_COMMANDS: usize = 10_000;

/// What the desk needs of a model: messages and states that are JSON. Every model whose messages and states derive serde's `Serialize` and
/// `Deserialize` and that can be [explored](crate::check::explore()) is one.
pub trait OnDesk:
    Modelled<
        State: Explorable,
        Command: Serialize + DeserializeOwned,
        Event: Serialize + DeserializeOwned,
        Rejection: Serialize + DeserializeOwned,
    > + 'static
{
}

impl<D> OnDesk for D where
    D: Modelled<
            State: Explorable,
            Command: Serialize + DeserializeOwned,
            Event: Serialize + DeserializeOwned,
            Rejection: Serialize + DeserializeOwned,
        > + 'static
{
}

/// Models that answer questions in JSON; made by [`Model::desk`].
#[derive(Clone)]
pub struct Desk {
    models: Vec<Arc<dyn Answering>>,
}

/// A model of any types.
trait Answering: Send + Sync {
    fn name(&self) -> &str;
    fn answer(&self, question: &Question<'_>) -> Result<Box<RawValue>, Wrong>;
    /// Its machine as a file has it.
    fn machine(&self) -> Result<String, Wrong>;
    /// Compares it with the machine of another model, as a file has it.
    fn compare(&self, with: &str, machine: &str) -> Result<Box<RawValue>, Wrong>;
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl<D: OnDesk> Model<D> {
    /// The model behind a [`Desk`], which answers questions in JSON.
    pub fn desk(self) -> Desk {
        Desk { models: vec![Arc::new(OnTheDesk { model: self, log: None })] }
    }

    /// The same with a log beside the model, which is only read: a question may name a stream, with whose events its history begins. The
    /// answer then also depends on what the log holds.
    ///
    /// On the command line, `serve --log FOLDER` does this.
    ///
    /// ```
    /// # use leftfold::{Decider, Fold, Model};
    /// # use serde::{Deserialize, Serialize};
    /// # struct Lamp;
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Command { SwitchOn }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Event { WentOn }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Rejection { AlreadyOn }
    /// # impl Fold for Lamp {
    /// #     type State = bool; type Event = Event;
    /// #     fn initial_state(&self) -> bool { false }
    /// #     fn evolve(&self, _: bool, _: &Event) -> bool { true }
    /// # }
    /// # impl Decider for Lamp {
    /// #     type Command = Command; type Rejection = Rejection;
    /// #     fn decide(&self, _: &Command, on: &bool) -> Result<Vec<Event>, Rejection> {
    /// #         if *on { Err(Rejection::AlreadyOn) } else { Ok(vec![Event::WentOn]) }
    /// #     }
    /// # }
    /// use leftfold::recorded::StreamName;
    /// use leftfold::store::{Batch, EventStore, Memory};
    ///
    /// let store = Memory::new();
    /// store.append(Batch::to(&StreamName::of("lamp", 1)?).event(Event::WentOn))?;
    /// let desk = Model::new("lamp", Lamp).desk_with_log(store);
    ///
    /// let answer = desk.answer(r#"{"ask": {"stream": "lamp-1", "command": "SwitchOn", "why": false}}"#);
    /// assert!(answer.contains("already on"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn desk_with_log(self, log: impl EventReader<D::Event> + Send + Sync + 'static) -> Desk {
        Desk { models: vec![Arc::new(OnTheDesk { model: self, log: Some(Box::new(log)) })] }
    }
}

impl Desk {
    /// One desk with the models of both. A question then says which one it is about: `{"model": "account", "about": {}}`.
    #[must_use]
    pub fn and(mut self, other: Desk) -> Desk {
        self.models.extend(other.models);
        self
    }

    /// The names of its models, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.models.iter().map(|model| model.name())
    }

    /// Answers a question; both are JSON. The answer has the name of the question, or is `{"wrong": "…"}` with a sentence if the question
    /// cannot be answered: it is malformed, or the model panics.
    ///
    /// Time: for a history of n events O(n), plus what [`why`](crate::spec::why()), exploration and checks take where they are asked for.
    pub fn answer(&self, question: &str) -> String {
        let answer = caught(|| self.answered(question))
            .unwrap_or_else(|panic| Err(Wrong(format!("the model panicked: {panic}"))));
        let (name, answer) = match answer {
            Ok(answer) => answer,
            Err(Wrong(sentence)) => ("wrong", messages::json(&sentence)),
        };
        format!("{{{}:{}}}", messages::json(name).get(), answer.get())
    }

    fn answered(&self, question: &str) -> Result<(&'static str, Box<RawValue>), Wrong> {
        let asked = Asked::read(question)?;
        if let Question::Models(_) = asked.question {
            return Ok(("models", messages::json(&self.names().collect::<Vec<_>>())));
        }
        let model = self.model(asked.model.as_deref())?;
        if let Question::Compare(asked) = &asked.question {
            let other = self.model(Some(&asked.with))?;
            return Ok(("compare", model.compare(&asked.with, &other.machine()?)?));
        }
        Ok((asked.question.name(), model.answer(&asked.question)?))
    }

    /// The model of this name, or the only one.
    fn model(&self, name: Option<&str>) -> Result<&dyn Answering, Wrong> {
        let names =
            || self.names().map(one_line).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        match (name, &self.models[..]) {
            (None, [only]) => Ok(&**only),
            (None, _) => Err(Wrong(format!("which model is asked? `\"model\"` is one of {}", names()))),
            (Some(name), models) => {
                let found = models.iter().find(|model| model.name() == name).map(|model| &**model);
                found.ok_or_else(|| {
                    Wrong(format!("there is no model `{}`; there are {}", one_line(name), names()))
                })
            }
        }
    }
}

/// A model, and a log beside it.
struct OnTheDesk<D: OnDesk> {
    model: Model<D>,
    log: Option<Log<D::Event>>,
}

impl<D: OnDesk> OnTheDesk<D> {
    fn history(&self, past: Past<'_, '_>, version: Option<usize>) -> Result<History<D::Event>, Wrong> {
        History::of(self.lived(), past, Wanted::Version(version))
    }

    /// The log beside the model, and the keys of its events.
    fn lived(&self) -> (Option<&Log<D::Event>>, KeyOf<'_, D::Event>) {
        (self.log.as_ref(), self.model.key_of())
    }
}

impl<D: OnDesk> Answering for OnTheDesk<D> {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn answer(&self, question: &Question<'_>) -> Result<Box<RawValue>, Wrong> {
        let model = &self.model;
        Ok(match question {
            Question::Models(_) => messages::json(&[model.name()]),
            Question::About(_) => messages::json(&about::about(model, self.log.is_some())),
            Question::At(asked) => messages::json(&at::at(model, self.history(asked.past(), asked.version)?)),
            Question::Ask(asked) => {
                messages::json(&at::ask(model, self.history(asked.past(), asked.version)?.events, asked)?)
            }
            Question::Timeline(asked) => {
                let wanted = Wanted::AtMost(asked.last());
                let history = History::of(self.lived(), asked.past(), wanted)?;
                messages::json(&time::timeline(model, history, asked))
            }
            Question::Blame(asked) => {
                messages::json(&time::blame(model, self.history(asked.past(), asked.version)?.events, asked)?)
            }
            Question::Graph(_) => messages::json(&map::graph(model)?),
            Question::Lanes(_) => messages::json(&model.event_model()),
            Question::Find(asked) => {
                messages::json(&map::find(model, self.history(asked.past(), None)?.events, asked)?)
            }
            Question::Check(_) => messages::json(&check::check(model)),
            Question::Read(asked) => promises::read(model, asked)?,
            Question::Scenario(asked) => {
                let given = self.history(asked.past(), asked.version)?.events;
                messages::json(&promises::scenario(model, given, asked)?)
            }
            Question::Log(asked) => match &asked.stream {
                None => messages::json(&past::streams(self.log.as_ref(), asked)?),
                Some(stream) => messages::json(&past::keys(self.lived(), stream, asked)?),
            },
            Question::Compare(asked) => self.compare(&asked.with, &self.machine()?)?,
        })
    }

    fn machine(&self) -> Result<String, Wrong> {
        compare::machine_file(&self.model)
    }

    fn compare(&self, with: &str, machine: &str) -> Result<Box<RawValue>, Wrong> {
        Ok(messages::json(&compare::compare(&self.model, with, machine)?))
    }
}

/// A command that is not taken from JSON but said.
fn said_command<D>(model: &Model<D>, phrase: &str) -> Result<D::Command, Wrong>
where
    D: OnDesk,
{
    <D::Command as Message>::read(phrase, model.specification().in_words())
        .map_err(|why| Wrong(why.to_string()))
}
