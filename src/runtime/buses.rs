//! Buses: a command goes to exactly one handler, an event to any number of listeners, a question to one answer.
//!
//! Commands change the write side, questions read the read side. A [`QueryBus`] holds the read side, and its answers
//! get nothing else. Together with a [`CommandBus`] it is the gateway to a model:
//!
//! ```
//! use leftfold::recorded::StreamName;
//! use leftfold::runtime::{
//!     BusError, CommandBus, CommandHandler, Folded, FoldedReader, Projection, QueryBus, Question, Runner,
//! };
//! use leftfold::store::{Memory, Query};
//! use leftfold::{decider, view};
//! use serde::{Deserialize, Serialize};
//! use std::sync::{Arc, Mutex};
//!
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
//! enum Command { AddShop { city: String } }
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
//! enum Event { ShopAdded { city: String } }
//!
//! /// How many shops there are in a city.
//! struct ShopsIn(String);
//! impl Question for ShopsIn {
//!     type Answer = usize;
//! }
//!
//! /// The write model changes and answers nothing; the read model answers and changes nothing.
//! struct Gateway {
//!     write_model: CommandBus<Command, Result<(), String>>,
//!     read_model: QueryBus<FoldedReader<Vec<String>>>,
//! }
//!
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! let store = Arc::new(Memory::new());
//! let shops = decider(
//!     || (),
//!     |Command::AddShop { city }: &Command, _: &()| Ok::<_, String>(vec![Event::ShopAdded { city: city.clone() }]),
//!     |_, _: &Event| (),
//! );
//! let handler = CommandHandler::in_one_stream(shops, store.clone(), StreamName::new("shops")?);
//! let cities = Folded::of(view(Vec::new, |mut cities: Vec<String>, Event::ShopAdded { city }: &Event| {
//!     cities.push(city.clone());
//!     cities
//! }));
//! let seen = cities.reader();
//! let mut runner = Runner::open(Projection::new("cities", Query::all(), cities), store, folder)?;
//!
//! let gateway = Gateway {
//!     write_model: CommandBus::routes()
//!         .all(move |issued| handler.handle(issued).map(drop).map_err(|error| error.to_string()))
//!         .start()?,
//!     read_model: QueryBus::over(seen)
//!         .answer(|cities, ShopsIn(city)| cities.look(|all| all.iter().filter(|shop| *shop == city).count()))
//!         .start()?,
//! };
//! gateway.write_model.send(Command::AddShop { city: "Bernau".into() })?;
//! runner.run_once()?;
//! assert_eq!(gateway.read_model.ask(&ShopsIn("Bernau".into()))?, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod command;
mod event;
mod query;

pub use command::{CommandBus, CommandRoutes, Sent};
pub use event::{EventBus, ListenerFailed};
pub use query::{QueryBus, QueryRoutes, Question};

use crate::message::NameError;
use crate::page::{named, shown};
use crate::store::AppendError;

/// Why a bus does not start, or does not take a message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BusError {
    /// No route handles this message.
    #[error("nobody handles {name}: give it a route", name = named(.name))]
    NoHandler {
        /// The message.
        name: String,
    },
    /// Two routes handle the same message.
    #[error("{name} is handled twice: a message goes to exactly one handler", name = named(.name))]
    TwoHandlers {
        /// The message.
        name: String,
    },
    /// A route names a message that does not exist.
    #[error("no message is called {name}; there are {}", shown(.known.join(", ")), name = named(.name))]
    UnknownMessage {
        /// What the route names.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// A middleware did not call the answer.
    #[error("{name} was not answered: a middleware did not go on", name = named(.name))]
    NotAnswered {
        /// The question.
        name: String,
    },
    /// The names of the message type cannot be read from serde.
    #[error(transparent)]
    NoNames(#[from] NameError),
    /// A command that is handled later cannot expect a version.
    #[error(
        "the command expects a version, and is recorded to be handled later: whether it is met can only be said at once"
    )]
    ExpectsVersion,
    /// A command that was to be handled later was not recorded.
    #[error("the message was not recorded, and will not be handled")]
    NotRecorded(#[source] Box<AppendError>),
}
