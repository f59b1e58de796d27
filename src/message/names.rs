use super::code::code;
use super::phrase::{Phrase, phrase_of};
use super::probe::{Shape, Written, check_read, read_shape, written};
use super::words::snake;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::fmt;

/// The name of a message: its own name, the *leaf*, behind the path of the umbrella enums it stands in.
///
/// Prints as `order.Placed`; a log stores `Placed`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    path: Vec<Cow<'static, str>>,
    leaf: Cow<'static, str>,
}

impl Name {
    /// A name without a path, for types that name themselves.
    pub fn leaf_only(leaf: impl Into<Cow<'static, str>>) -> Name {
        Name { path: Vec::new(), leaf: leaf.into() }
    }

    pub(super) fn new(path: Vec<&'static str>, leaf: &'static str) -> Name {
        Name { path: path.into_iter().map(Cow::Borrowed).collect(), leaf: leaf.into() }
    }

    /// The message's own name, without the path.
    pub fn leaf(&self) -> &str {
        &self.leaf
    }

    /// The variants of the umbrella enums around it, outermost first.
    pub fn path(&self) -> impl Iterator<Item = &str> {
        self.path.iter().map(AsRef::as_ref)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.path {
            write!(f, "{}.", snake(part))?;
        }
        f.write_str(&self.leaf)
    }
}

impl Serialize for Name {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why the name of a message cannot be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Serde writes or reads something that is neither an enum nor a struct.
    #[error(
        "`{type_name}` is {found} to serde and has no name: make it an enum, or implement `Message` for it"
    )]
    NoMessage {
        /// The Rust type.
        type_name: &'static str,
        /// What serde was asked for.
        found: &'static str,
    },
    /// `#[serde(tag = …)]` or `#[serde(untagged)]`.
    #[error(
        "`{type_name}` is {form}, so that serde does not tell the name of a value: leave out the container attribute \
         (the log keeps type and data apart by itself)"
    )]
    Tagged {
        /// The Rust type.
        type_name: &'static str,
        /// Which form was found.
        form: &'static str,
    },
    /// `#[serde(alias = …)]`.
    #[error(
        "`{type_name}` has aliases for its variants ({}): one name for one message; old names are read by upcasters",
        .names.join(", ")
    )]
    Alias {
        /// The Rust type.
        type_name: &'static str,
        /// All names that serde would read.
        names: Vec<&'static str>,
    },
    /// Written under one name, read under others.
    #[error("`{type_name}` writes `{written}`, but reads only {}: the two names must be one", .read.join(", "))]
    Split {
        /// The Rust type.
        type_name: &'static str,
        /// The name that is written.
        written: String,
        /// The names that can be read.
        read: Vec<&'static str>,
    },
}

/// A message that has a name and can be said as a phrase: a command, an event or a rejection.
///
/// Whatever serde can write and read is a `Message` already. A type outside serde implements it by hand:
///
/// ```
/// use leftfold::message::{self, Message, Name, NameError, Phrase};
///
/// struct Nudge;
///
/// impl Message for Nudge {
///     fn name(&self) -> Result<Name, NameError> {
///         Ok(Name::leaf_only("Nudge"))
///     }
///     fn names() -> Result<Vec<Name>, NameError> {
///         Ok(vec![Name::leaf_only("Nudge")])
///     }
///     fn phrase(&self) -> Phrase {
///         Phrase::new("Nudge", "give it a nudge")
///     }
/// }
///
/// assert_eq!(message::name(&Nudge).unwrap().leaf(), "Nudge");
/// ```
pub trait Message {
    /// The name of this value; see [`name`].
    ///
    /// # Errors
    /// [`NameError`] says what about the type hides its names.
    fn name(&self) -> Result<Name, NameError>;

    /// All names of the type, in order of declaration; see [`names`].
    ///
    /// # Errors
    /// [`NameError`] says what about the type hides its names.
    fn names() -> Result<Vec<Name>, NameError>
    where
        Self: Sized;

    /// The message as people would say it; see [`phrase`](super::phrase()).
    fn phrase(&self) -> Phrase;

    /// The message as a Rust expression; see [`code`](super::code()). Without serde, its name.
    fn code(&self) -> String {
        self.name().map_or_else(|error| format!("/* {error} */"), |name| name.leaf().to_string())
    }
}

impl<T: Serialize + DeserializeOwned> Message for T {
    fn name(&self) -> Result<Name, NameError> {
        let Written { path, shape } = written(self);
        match shape {
            Shape::Variant(leaf) => {
                check_read::<T>(&path, leaf)?;
                Ok(Name::new(path, leaf))
            }
            // An enum with `tag` writes a struct too; only reading tells the two apart.
            Shape::Struct(leaf) => {
                check_read::<T>(&path, leaf)?;
                Ok(Name::new(path, leaf))
            }
            Shape::Other(found) => {
                names::<T>()?;
                Err(NameError::NoMessage { type_name: std::any::type_name::<T>(), found })
            }
        }
    }

    fn names() -> Result<Vec<Name>, NameError> {
        let mut all = Vec::new();
        read_shape::<T>(&mut Vec::new(), &mut Vec::new(), &mut all)?;
        Ok(all)
    }

    fn phrase(&self) -> Phrase {
        phrase_of(self)
    }

    fn code(&self) -> String {
        code(self)
    }
}

/// The name of a message.
///
/// ```
/// use leftfold::message;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// enum Event {
///     Opened { owner: String },
///     #[serde(rename = "paid in")]
///     Deposited(u64),
/// }
///
/// assert_eq!(message::name(&Event::Opened { owner: "Petra".into() })?.leaf(), "Opened");
/// assert_eq!(message::name(&Event::Deposited(5))?.leaf(), "paid in");
///
/// #[derive(Serialize, Deserialize)]
/// #[serde(tag = "type")]
/// enum Tagged { Opened }
/// let refused = message::name(&Tagged::Opened).unwrap_err().to_string();
/// assert!(refused.contains("internally tagged"), "{refused}");
/// # Ok::<(), message::NameError>(())
/// ```
///
/// # Errors
/// [`NameError`] when the form of the type hides its names.
pub fn name<T: Message + ?Sized>(message: &T) -> Result<Name, NameError> {
    message.name()
}

/// All names of a type of messages, in order of declaration.
///
/// ```
/// use leftfold::message;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// enum Command { Open, Close { why: String } }
///
/// let names = message::names::<Command>()?;
/// assert_eq!(names.iter().map(|name| name.leaf()).collect::<Vec<_>>(), ["Open", "Close"]);
/// # Ok::<(), message::NameError>(())
/// ```
///
/// # Errors
/// [`NameError`] when the form of the type hides its names.
pub fn names<T: Message>() -> Result<Vec<Name>, NameError> {
    T::names()
}
