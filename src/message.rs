//! Names of messages, read through serde.
//!
//! Serde knows the name of every variant. So event types in a log, coverage tables, diagrams and documents need only
//! `#[derive(Serialize, Deserialize)]`: [`name`] is the name of a value, [`names`] are all names of its type, and [`phrase`]
//! says a message as people would.
//!
//! Messages are enums in serde's default (externally tagged) form, or plain structs. A struct of one field without a field
//! name (`struct Deposited(u64)`) has the name of the enum or struct inside it, or its own name if there is none. Some forms
//! hide the name of a value (`tag`, `untagged`, `alias`, different names for reading and writing): they are refused with an
//! error that says so. A type outside serde names itself by implementing [`Message`].
//!
//! The name of a message inside an umbrella enum written with [`sum!`](crate::sum) is a path (`order.Placed`). A log stores its
//! last part, the *leaf*.

mod code;
mod content;
mod name;
mod name_of_value;
mod names;
mod names_of_type;
mod part_names;
mod parts;
mod phrase;
mod read;
mod sample;
mod sentence;
pub(crate) mod sum;
pub(crate) mod tree;
mod value;
mod value_words;
mod vocabulary;
mod words;

pub use code::{code, from_json};
#[doc(hidden)]
pub use content::Lost;
pub(crate) use content::{join, split, unlike};
pub use name::{Name, NameError};
pub use names::{Message, name, names, phrase, read, say, vocabulary};
pub(crate) use names_of_type::{Leaf, leaves};
pub(crate) use part_names::{NamedPart, PartNames};
pub(crate) use parts::{StatePart, changes, composed_in_words, parts_of};
pub use phrase::{Phrase, said};
pub(crate) use phrase::{filled_with, said_in};
pub use read::Misread;
pub(crate) use read::read_sentence;
#[cfg(feature = "text")]
pub(crate) use read::read_value;
pub(crate) use sentence::slots;
#[cfg(feature = "text")]
pub(crate) use sentence::{matched, outside};
pub use sum::Umbrella;
#[doc(hidden)]
pub use sum::Variant;
pub(crate) use value::quoted;
#[cfg(feature = "text")]
pub(crate) use vocabulary::nearest;
pub use vocabulary::{VocabularyChoice, VocabularyEntry, VocabularyError};
pub use words::Words;
#[cfg(feature = "text")]
pub(crate) use words::{KIT_PHRASES, spaced};
