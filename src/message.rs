//! Names of messages, read through serde.
//!
//! Serde already knows the name of every variant, so that event types in a log, coverage tables, diagrams and documents
//! need nothing but `#[derive(Serialize, Deserialize)]`: [`name`] is the name of a value, [`names`] are all names of its
//! type, and [`phrase`] says a message as people would.
//!
//! Messages are enums in serde's default (externally tagged) form, or plain structs. A struct of one field without a field
//! name (`struct Deposited(u64)`) is looked through where an enum or another struct is in it, and has its own name
//! otherwise. A form in which the name of a value
//! cannot be told for sure (`tag`, `untagged`, `alias`, unlike names for reading and writing) is found out and refused
//! with a sentence. A type outside serde names itself by implementing [`Message`].
//!
//! The name of a message inside an umbrella enum written with [`sum!`](crate::sum) is a path (`order.Placed`) whose last
//! part, the *leaf*, is what a log stores.

mod code;
mod content;
mod name;
mod name_of_value;
mod names;
mod names_of_type;
mod phrase;
mod sum;
pub(crate) mod tree;
mod value;
mod words;

pub use code::{code, from_json};
#[doc(hidden)]
pub use content::Lost;
pub(crate) use content::{join, split, unlike};
pub use name::{Name, NameError};
pub use names::{Message, name, names};
pub(crate) use names_of_type::{Leaf, leaves};
pub use phrase::{Phrase, phrase, said};
pub use sum::Umbrella;
#[doc(hidden)]
pub use sum::Variant;
pub use words::Words;
