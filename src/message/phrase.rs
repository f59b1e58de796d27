//! A message as people say it, and how the phrase is made from what serde shows.

use super::name_of_value::{Shape, Written, written};
use super::sum::{KEYED, LOOK_THROUGH, is_sum};
use super::value::{Value, is_position, positioned, value_of};
use super::words::{Words, snake, spaced};
use crate::page::printable;
use serde::Serialize;
use std::fmt;

/// A message as people would say it, before the words of a specification replace its sentence.
///
/// It prints by the plain rule; [`say`](Phrase::say) uses the sentences of [`Words`].
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase {
    /// What a network does with the message, such as "deliver event".
    carried: Option<String>,
    path: Vec<String>,
    name: String,
    key: Option<String>,
    said: Said,
}

#[derive(Clone, Debug, PartialEq)]
enum Said {
    Sentence(String),
    Fields(Vec<(String, Value)>),
}

impl Phrase {
    /// A phrase in words of its own, for types that name themselves.
    pub fn new(name: impl Into<String>, sentence: impl Into<String>) -> Phrase {
        Phrase {
            carried: None,
            path: Vec::new(),
            name: name.into(),
            key: None,
            said: Said::Sentence(sentence.into()),
        }
    }

    /// The phrase of a message whose name and content are separate.
    pub(crate) fn of_content<T: Serialize + ?Sized>(name: &str, content: &T) -> Phrase {
        let fields = match value_of(content) {
            Value::Nothing => Vec::new(),
            Value::Record { fields, .. } => fields,
            Value::List(items) => positioned(items),
            other => vec![("0".to_string(), other)],
        };
        Phrase {
            carried: None,
            path: Vec::new(),
            name: name.to_string(),
            key: None,
            said: Said::Fields(fields),
        }
    }

    /// The phrase, or the sentence that `words` has for this message.
    pub fn say(&self, words: &Words) -> String {
        let mut path: String = self.path.iter().map(|part| snake(part) + ".").collect();
        path.push_str(&self.name);
        let said = match (&self.said, words.sentence(&path, &self.name)) {
            (Said::Fields(fields), Some(sentence)) => filled(sentence, fields),
            (Said::Fields(fields), None) => plain(&self.name, fields),
            (Said::Sentence(_), Some(sentence)) => sentence.to_string(),
            (Said::Sentence(sentence), None) => sentence.clone(),
        };
        let words = [self.carried.as_ref(), self.key.as_ref(), Some(&said)].into_iter().flatten();
        words.map(String::as_str).collect::<Vec<_>>().join(": ")
    }

    /// The part of the model that the message is for: its umbrella in words and its key, such as "doctor 1".
    pub(crate) fn part(&self) -> Option<String> {
        self.key.clone().or_else(|| self.path.last().map(|part| spaced(part)))
    }

    /// The same phrase without its key, for a page that has said the part.
    pub(crate) fn without_part(self) -> Phrase {
        Phrase { key: None, ..self }
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.say(&Words::default())))
    }
}

/// Says a plain value, such as the state of a view, in the same way.
///
/// ```
/// use leftfold::message::said;
/// use serde::Serialize;
/// use std::collections::BTreeMap;
///
/// #[derive(Serialize)]
/// struct Stock { pieces: u32, shelf: Option<String> }
///
/// assert_eq!(said(&Stock { pieces: 3, shelf: Some("B2".into()) }), r#"pieces 3, shelf "B2""#);
///
/// // The keys of a map are said like fields if they are names, and before a colon if they are not.
/// assert_eq!(said(&BTreeMap::from([("tea", 6), ("salt", 8)])), "salt 8, tea 6");
/// assert_eq!(said(&BTreeMap::from([(5, 6), (7, 8)])), "5: 6, 7: 8");
/// ```
pub fn said<T: Serialize + ?Sized>(value: &T) -> String {
    value_of(value).said()
}

pub(super) fn phrase_of<T: Serialize>(message: &T) -> Phrase {
    let mut phrase = Phrase {
        carried: None,
        path: Vec::new(),
        name: String::new(),
        key: None,
        said: Said::Fields(Vec::new()),
    };
    let mut value = value_of(message);
    let Written { shape, .. } = written(message);
    if of_a_network::<T>() {
        (phrase.carried, value) = unpacked(value);
    }
    loop {
        value = match value {
            Value::Variant { of, variant, content } if is_sum(of) => {
                phrase.path.push(variant.to_string());
                *content
            }
            Value::Variant { of: LOOK_THROUGH, content, .. } if !matches!(*content, Value::Fields(_)) => {
                *content
            }
            Value::Record { of: KEYED, mut fields } if fields.len() == 2 => {
                let (_, message) = fields.remove(1);
                let key = fields.remove(0).1.bare();
                // The outermost umbrella has the key.
                phrase.key =
                    Some(phrase.path.last().map_or(key.clone(), |part| format!("{} {key}", spaced(part))));
                message
            }
            // A struct of one field reads like a variant around the same value.
            value if matches!(shape, Shape::Newtype(_)) => {
                phrase.name = shape.name().unwrap_or_default().to_string();
                phrase.said = Said::Fields(vec![("0".to_string(), value)]);
                return phrase;
            }
            Value::Variant { variant, content, .. } => {
                phrase.name = variant.to_string();
                phrase.said = Said::Fields(content.fields());
                return phrase;
            }
            Value::Record { of, fields } => {
                phrase.name = of.to_string();
                phrase.said = Said::Fields(fields);
                return phrase;
            }
            other => {
                // A unit has nothing to say.
                phrase.said =
                    Said::Sentence(if other == Value::Nothing { String::new() } else { other.said() });
                return phrase;
            }
        };
    }
}

/// Whether this is a command or an event of [`delivery`](crate::process::delivery), which carries a message of the model.
fn of_a_network<T: ?Sized>() -> bool {
    std::any::type_name::<T>().starts_with("leftfold::process::delivery::")
}

/// The message that a command or an event of a network carries, and what is done with it.
fn unpacked(value: Value) -> (Option<String>, Value) {
    let mut carried: Vec<String> = Vec::new();
    let mut value = value;
    loop {
        value = match value {
            Value::Variant { of: "DeliveryRejection", variant: "Refused", content } => *content,
            Value::Variant {
                of: "DeliveryCommand" | "DeliveryEvent" | "NetworkMessage",
                variant,
                content,
            } => match *content {
                Value::Fields(mut fields) if fields.len() == 2 => {
                    let (_, message) = fields.remove(1);
                    carried.push(format!("{} {}", spaced(variant), fields.remove(0).1.said()));
                    message
                }
                content @ (Value::Variant { .. } | Value::Record { .. }) => {
                    carried.push(spaced(variant));
                    content
                }
                content => {
                    let alone = Value::Variant { of: "", variant, content: Box::new(content) };
                    return ((!carried.is_empty()).then(|| carried.join(" ")), alone);
                }
            },
            message => return ((!carried.is_empty()).then(|| carried.join(" ")), message),
        };
    }
}

/// The plain rule: the name in words, then a single bare value, or fields after commas.
fn plain(name: &str, fields: &[(String, Value)]) -> String {
    let mut said = spaced(name);
    for (i, (field, value)) in fields.iter().enumerate() {
        let positional = is_position(field);
        said.push_str(if positional && i == 0 { " " } else { ", " });
        said.push_str(&if positional { value.said() } else { value.said_of(&spaced(field)) });
    }
    said
}

/// A sentence with its `{field}`s filled in; braces that name no field stay as they are.
fn filled(sentence: &str, fields: &[(String, Value)]) -> String {
    let mut said = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some(open) = rest.find('{') {
        said.push_str(&rest[..open]);
        rest = &rest[open..];
        let filled = fields
            .iter()
            .find_map(|(field, value)| Some((value, rest[1..].strip_prefix(field)?.strip_prefix('}')?)));
        match filled {
            Some((value, behind)) => {
                said.push_str(&value.bare());
                rest = behind;
            }
            None => {
                said.push('{');
                rest = &rest[1..];
            }
        }
    }
    said + rest
}
