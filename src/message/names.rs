//! The trait of messages: their names, phrases and code, for everything that serde can write and read.

use super::code::code;
use super::content::{Lost, read_back};
use super::name::{Name, NameError};
use super::name_of_value::{Shape, Written, written};
use super::names_of_type::{check_read, leaves};
use super::phrase::{Phrase, phrase_of};
use super::read::Misread;
use super::tree::hash_of;
use super::vocabulary::{VocabularyEntry, VocabularyError, read_with_help, vocabulary_of};
use super::words::Words;
use crate::json::{shape_of, write};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A message that has a name and can be said as a phrase: a command, an event or a rejection.
///
/// Every type that serde can write and read is a `Message`. Other types implement it by hand:
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
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no name that leftfold can read: derive `serde::Serialize` and `serde::Deserialize` on it, or implement \
               `leftfold::message::Message`"
)]
pub trait Message {
    /// The name of this value; see [`name`].
    ///
    /// # Errors
    /// [`NameError`] when the form of the type hides its names.
    fn name(&self) -> Result<Name, NameError>;

    /// The leaf of the name as it is written, without a check that it can be read: quicker than [`name`](Message::name), for
    /// callers that have already called that once.
    #[doc(hidden)]
    fn leaf_as_written(&self) -> Option<&'static str> {
        None
    }

    /// The shape of this value; see [`EventCodec::shape`](crate::codec::EventCodec::shape).
    #[doc(hidden)]
    fn shape(&self) -> Option<u64> {
        None
    }

    /// A hash of all that serde shows of this value, with numbers by their bits; `None` outside serde.
    #[doc(hidden)]
    fn tree_hash(&self) -> Option<u64> {
        None
    }

    /// This value as JSON; `None` outside serde, and for what JSON cannot hold.
    #[doc(hidden)]
    fn to_json(&self) -> Option<String> {
        None
    }

    /// Writes the content as a log does, reads it back, and returns what was read if it is the same. `Ok(None)` if the type
    /// cannot be read back, such as one outside serde.
    #[doc(hidden)]
    fn read_back(&self, same: &dyn Fn(&Self) -> bool) -> Result<Option<Self>, Lost>
    where
        Self: Sized,
    {
        let _ = same;
        Ok(None)
    }

    /// All names of the type, in order of declaration; see [`names`].
    ///
    /// # Errors
    /// [`NameError`] when the form of the type hides its names.
    fn names() -> Result<Vec<Name>, NameError>
    where
        Self: Sized;

    /// The message as people would say it; see [`phrase`](super::phrase()).
    fn phrase(&self) -> Phrase;

    /// The message as people would say it, with the texts that these words have for values.
    #[doc(hidden)]
    fn phrase_in(&self, words: &Words) -> Phrase {
        let _ = words;
        self.phrase()
    }

    /// The message in these words; see [`say`].
    #[doc(hidden)]
    fn say(&self, words: &Words) -> String {
        self.phrase_in(words).say(words)
    }

    /// The message that a phrase says; see [`read`].
    #[doc(hidden)]
    fn read(phrase: &str, words: &Words) -> Result<Self, Misread>
    where
        Self: Sized,
    {
        let _ = (phrase, words);
        Err(Misread::unreadable(std::any::type_name::<Self>()))
    }

    /// All messages of the type in these words; see [`vocabulary`](super::vocabulary()).
    #[doc(hidden)]
    fn vocabulary(words: &Words) -> Result<Vec<VocabularyEntry>, VocabularyError>
    where
        Self: Sized,
    {
        let _ = words;
        Err(VocabularyError::OutsideSerde { type_name: std::any::type_name::<Self>() })
    }

    /// The message as a Rust expression; see [`code`](super::code()). Without serde, its name.
    fn code(&self) -> String {
        self.name().map_or_else(|error| format!("/* {error} */"), |name| name.leaf().to_string())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Message for T {
    fn name(&self) -> Result<Name, NameError> {
        let Written { path, shape } = written(self);
        match shape {
            // An enum with `tag` is also written as a struct; only reading distinguishes the two.
            Shape::Variant(leaf) | Shape::Struct(leaf) | Shape::Newtype(leaf) => {
                check_read::<T>(&path, leaf)?;
                Ok(Name::new(path, leaf))
            }
            Shape::Other(found) => {
                names::<T>()?;
                Err(NameError::NoMessage { type_name: std::any::type_name::<T>(), found })
            }
        }
    }

    fn leaf_as_written(&self) -> Option<&'static str> {
        written(self).shape.name()
    }

    fn shape(&self) -> Option<u64> {
        shape_of(|shape| self.serialize(shape))
    }

    fn tree_hash(&self) -> Option<u64> {
        hash_of(self)
    }

    fn to_json(&self) -> Option<String> {
        let mut text = Vec::new();
        write(self, &mut text).ok()?;
        String::from_utf8(text).ok()
    }

    fn read_back(&self, same: &dyn Fn(&Self) -> bool) -> Result<Option<Self>, Lost> {
        read_back(self, same).map(Some)
    }

    fn names() -> Result<Vec<Name>, NameError> {
        Ok(leaves::<T>()?.into_iter().map(|leaf| leaf.name).collect())
    }

    fn phrase(&self) -> Phrase {
        phrase_of(self, &Words::default())
    }

    fn phrase_in(&self, words: &Words) -> Phrase {
        phrase_of(self, words)
    }

    fn read(phrase: &str, words: &Words) -> Result<T, Misread> {
        read_with_help(phrase, words)
    }

    fn vocabulary(words: &Words) -> Result<Vec<VocabularyEntry>, VocabularyError> {
        vocabulary_of::<T>(words)
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

/// Says a message as people would: names spaced out and lower-cased, fields as phrases, no syntax of any language.
///
/// ```
/// use leftfold::message;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// enum Command {
///     OpenAccount { owner: String, joint: bool, limit: Option<u32> },
///     Withdraw(u32),
/// }
///
/// let open = Command::OpenAccount { owner: "Petra".into(), joint: true, limit: None };
/// assert_eq!(message::phrase(&open).to_string(), r#"open account, owner "Petra", joint, no limit"#);
/// assert_eq!(message::phrase(&Command::Withdraw(20)).to_string(), "withdraw 20");
/// ```
pub fn phrase<T: Message + ?Sized>(message: &T) -> Phrase {
    message.phrase()
}

/// Says a message in these words: by its sentence, if they have one, with their texts for values.
///
/// ```
/// use leftfold::message::{self, Words};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Deposited { amount: u32, by: String }
///
/// let deposited = Deposited { amount: 5, by: "Petra".into() };
/// assert_eq!(message::say(&deposited, &Words::default()), r#"deposited, amount 5, by "Petra""#);
/// let words = Words::default().say("Deposited", "{by} has paid in {amount} euros");
/// assert_eq!(message::say(&deposited, &words), "Petra has paid in 5 euros");
/// ```
pub fn say<T: Message + ?Sized>(message: &T, words: &Words) -> String {
    message.say(words)
}

/// Reads the message that a phrase says: the inverse of [`say`].
///
/// Case and white space do not count outside quotation marks, and fields may be in any order.
///
/// ```
/// use leftfold::message::{self, Words};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// enum Command {
///     OpenAccount { owner: String, joint: bool, limit: Option<u32> },
///     Withdraw(u32),
/// }
///
/// let words = Words::default();
/// let open = Command::OpenAccount { owner: "Petra".into(), joint: true, limit: None };
/// assert_eq!(message::read::<Command>(r#"open account, owner "Petra", joint, no limit"#, &words)?, open);
/// assert_eq!(message::read::<Command>("Withdraw 20", &words)?, Command::Withdraw(20));
///
/// let fault = message::read::<Command>("withdraw much", &words).unwrap_err();
/// assert_eq!(fault.to_string(), "a whole number (0 or more) is expected, but there is `much`");
/// assert_eq!(fault.place(), 9);
/// # Ok::<(), message::Misread>(())
/// ```
///
/// # Errors
/// [`Misread`] when the text is no phrase of this type, or can be read in more than one way.
pub fn read<T: Message>(phrase: &str, words: &Words) -> Result<T, Misread> {
    T::read(phrase, words)
}

/// Every message of a type as it is said in these words.
///
/// ```
/// use leftfold::message::{self, Words};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// enum Command { Open { owner: String }, Withdraw(u32), Close }
///
/// let entries = message::vocabulary::<Command>(&Words::default())?;
/// let phrases: Vec<&str> = entries.iter().map(|entry| &*entry.phrase).collect();
/// assert_eq!(phrases, [r#"open, owner "…""#, "withdraw 5", "close"]);
/// # Ok::<(), message::VocabularyError>(())
/// ```
///
/// # Errors
/// [`VocabularyError`] when a message cannot be read back from what is said of it, or can be read in two ways; found by trying
/// each message with 24 values.
pub fn vocabulary<T: Message>(words: &Words) -> Result<Vec<VocabularyEntry>, VocabularyError> {
    T::vocabulary(words)
}
