//! A message as people say it, and how the phrase is made from what serde shows.

use super::name_of_value::{Shape, Written, written};
use super::names_of_type::leaves;
use super::sentence::{Piece, cut, pieces, slots};
use super::sum::{KEYED, LOOK_THROUGH, is_sum};
use super::value::{Value, is_position, positioned, quoted, value_of};
use super::words::{Words, snake, spaced};
use crate::page::printable;
use serde::Serialize;
use serde::de::DeserializeOwned;
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
    /// The keys of the message, outermost first.
    keys: Vec<String>,
    /// Whether another part of its umbrella has a message of the same name.
    is_ambiguous: bool,
    /// Whether a key names the innermost part of the path.
    names_part: bool,
    said: Said,
}

#[derive(Clone, Debug, PartialEq)]
enum Said {
    Sentence(String),
    /// The fields, and whether the message is one value without a name of its own for it.
    Fields(Vec<(String, Value)>, Form),
}

/// How the content of a message follows its name.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    /// Fields, by name or by position.
    Fields,
    /// One value.
    One,
}

impl Phrase {
    /// A phrase in words of its own, for types that name themselves.
    pub fn new(name: impl Into<String>, sentence: impl Into<String>) -> Phrase {
        Phrase { name: name.into(), said: Said::Sentence(sentence.into()), ..Phrase::empty() }
    }

    fn empty() -> Phrase {
        Phrase {
            carried: None,
            path: Vec::new(),
            name: String::new(),
            keys: Vec::new(),
            is_ambiguous: false,
            names_part: false,
            said: Said::Fields(Vec::new(), Form::Fields),
        }
    }

    /// The phrase of a message whose name and content are separate.
    pub(crate) fn of_content<T: Serialize + ?Sized>(name: &str, content: &T) -> Phrase {
        let said = match value_of(content, &Words::default()) {
            Value::Nothing => Said::Fields(Vec::new(), Form::Fields),
            Value::Record { fields, .. } => Said::Fields(fields, Form::Fields),
            Value::List(items) => Said::Fields(positioned(items), Form::Fields),
            // An object of JSON, as the struct that was stored as one.
            Value::Map(pairs) if pairs.iter().all(|(key, _)| field_of(key).is_some()) => {
                let field = |(key, value)| Some((field_of(&key)?.to_string(), value));
                Said::Fields(pairs.into_iter().filter_map(field).collect(), Form::Fields)
            }
            other => Said::Fields(vec![("0".to_string(), other)], Form::One),
        };
        Phrase { name: name.to_string(), said, ..Phrase::empty() }
    }

    /// The phrase, or the sentence that `words` has for this message.
    pub fn say(&self, words: &Words) -> String {
        let mut path: String = self.path.iter().map(|part| snake(part) + ".").collect();
        path.push_str(&self.name);
        let said = match (&self.said, words.sentence(&path, &self.name)) {
            (Said::Fields(fields, _), Some(sentence)) => filled(sentence, fields, words),
            (Said::Fields(fields, form), None) => plain(&self.name, fields, *form, words),
            (Said::Sentence(_), Some(sentence)) => sentence.to_string(),
            (Said::Sentence(sentence), None) => sentence.clone(),
        };
        let part = (self.is_ambiguous && !self.names_part && words.sentence(&path, "").is_none())
            .then(|| self.path.last().map(|part| spaced(part)))
            .flatten();
        let words = self.carried.iter().chain(&self.keys).chain(&part).chain([&said]);
        words.map(String::as_str).collect::<Vec<_>>().join(": ")
    }

    /// The names of its fields; positions count from 0.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        let fields = match &self.said {
            Said::Fields(fields, _) => &fields[..],
            Said::Sentence(_) => &[],
        };
        fields.iter().map(|(field, _)| &**field)
    }

    /// The part of the model that the message is for: its umbrella in words and its key, such as "doctor 1".
    pub(crate) fn part(&self) -> Option<String> {
        if self.keys.is_empty() {
            self.path.last().map(|part| spaced(part))
        } else {
            Some(self.keys.join(": "))
        }
    }

    /// The same phrase without its key, for a page that has said the part.
    pub(crate) fn without_part(self) -> Phrase {
        Phrase { keys: Vec::new(), is_ambiguous: false, ..self }
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
/// assert_eq!(said(&BTreeMap::from([("tea", 6), ("salt", 8)])), r#""salt": 8, "tea": 6"#);
/// assert_eq!(said(&BTreeMap::from([(5, 6), (7, 8)])), "5: 6, 7: 8");
/// ```
pub fn said<T: Serialize + ?Sized>(value: &T) -> String {
    said_in(value, &Words::default())
}

/// As [`said`], in these words.
pub(crate) fn said_in<T: Serialize + ?Sized>(value: &T, words: &Words) -> String {
    value_of(value, words).said(words)
}

/// A sentence with slots, filled with these values in order. A text that could be misread in it is put into quotation marks.
pub(crate) fn filled_with<T: Serialize + ?Sized>(sentence: &str, values: &T, words: &Words) -> String {
    let values = value_of(values, words);
    let values = match (slots(sentence).count(), values) {
        (0 | 1, one) => vec![one],
        (_, Value::List(items)) => items,
        (_, several) => several.fields().into_iter().map(|(_, value)| value).collect(),
    };
    let names = slots(sentence).map(str::to_string);
    filled(sentence, &names.zip(values).collect::<Vec<_>>(), words)
}

pub(super) fn phrase_of<T: Serialize + DeserializeOwned>(message: &T, words: &Words) -> Phrase {
    let mut phrase = Phrase::empty();
    let mut value = value_of(message, words);
    let Written { shape, .. } = written(message);
    if of_a_network::<T>() {
        (phrase.carried, value) = unpacked(value, words);
    }
    loop {
        value = match value {
            Value::Variant { of, variant, content } if is_sum(of) => {
                phrase.path.push(variant.to_string());
                phrase.names_part = false;
                *content
            }
            Value::Variant { of: LOOK_THROUGH, content, .. } if !matches!(*content, Value::Fields(_)) => {
                *content
            }
            Value::Record { of: KEYED, mut fields } if fields.len() == 2 => {
                let (_, message) = fields.remove(1);
                let key = fields.remove(0).1.key(words);
                // The outermost umbrella has the key, and the next key within it has none of its own.
                phrase.keys.push(match phrase.path.last() {
                    Some(part) if !phrase.names_part => format!("{} {key}", spaced(part)),
                    _ => key,
                });
                phrase.names_part = !phrase.path.is_empty();
                message
            }
            // A struct of one field reads like a variant around the same value.
            value if matches!(shape, Shape::Newtype(_)) => {
                phrase.name = shape.name().unwrap_or_default().to_string();
                phrase.said = Said::Fields(vec![("0".to_string(), value)], Form::One);
                break;
            }
            Value::Variant { variant, content, .. } => {
                phrase.name = variant.to_string();
                let form = match &*content {
                    Value::Record { of: KEYED, .. } => Form::One,
                    Value::Fields(_) | Value::Record { .. } => Form::Fields,
                    _ => Form::One,
                };
                phrase.said = Said::Fields(content.fields(), form);
                break;
            }
            Value::Record { of, fields } => {
                phrase.name = of.to_string();
                phrase.said = Said::Fields(fields, Form::Fields);
                break;
            }
            other => {
                // A unit has nothing to say.
                phrase.said =
                    Said::Sentence(if other == Value::Nothing { String::new() } else { other.said(words) });
                break;
            }
        };
    }
    if !phrase.path.is_empty() && phrase.carried.is_none() {
        let named = |leaf: &super::names_of_type::Leaf| leaf.leaf == phrase.name;
        phrase.is_ambiguous =
            leaves::<T>().is_ok_and(|all| all.iter().filter(|leaf| named(leaf)).count() > 1);
    }
    phrase
}

/// The key of a map, if it can be the name of a field.
fn field_of(key: &Value) -> Option<&str> {
    let Value::Text(name) = key else { return None };
    let begins = name.starts_with(|char: char| char.is_alphabetic());
    (begins && name.chars().all(|char| char.is_alphanumeric() || char == '_')).then_some(name)
}

/// Whether this is a command or an event of [`delivery`](crate::process::delivery), which carries a message of the model.
fn of_a_network<T: ?Sized>() -> bool {
    std::any::type_name::<T>().starts_with("leftfold::process::delivery::")
}

/// The message that a command or an event of a network carries, and what is done with it.
fn unpacked(value: Value, words: &Words) -> (Option<String>, Value) {
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
                    carried.push(format!("{} {}", spaced(variant), fields.remove(0).1.said(words)));
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

/// The plain rule: the name in words, then one value, or fields after commas.
fn plain(name: &str, fields: &[(String, Value)], form: Form, words: &Words) -> String {
    let mut said = spaced(name);
    for (i, (field, value)) in fields.iter().enumerate() {
        let positional = is_position(field);
        said.push_str(if positional && i == 0 { " " } else { ", " });
        said.push_str(&match (positional, form) {
            (true, Form::One) => value.said(words),
            (true, Form::Fields) => value.within(words),
            (false, _) => value.said_of(&spaced(field), words),
        });
    }
    said
}

/// A sentence with its `{field}`s filled in; braces that name no field stay as they are.
fn filled(sentence: &str, fields: &[(String, Value)], words: &Words) -> String {
    let pieces = pieces(sentence);
    let fill = |careful: bool| {
        let (mut said, mut slots) = (String::with_capacity(sentence.len() + 16), Vec::new());
        for piece in &pieces {
            let Piece::Slot { name, quoted: marks } = piece else {
                let Piece::Words(words) = piece else { continue };
                said.push_str(words);
                continue;
            };
            let from = said.len();
            match fields.iter().find(|(field, _)| field == name) {
                None if *marks => said.push_str(&format!("\"{{{name}}}\"")),
                None => said.push_str(&format!("{{{name}}}")),
                // What is no text, and could not be read in quotation marks, is without them.
                Some((_, value @ (Value::Text(_) | Value::Quoted(_)))) if *marks => {
                    said.push_str(&value.said(words));
                }
                Some((_, value @ (Value::Plain(_) | Value::Flag(_)))) if *marks => {
                    said.push_str(&quoted(&value.said(words)));
                }
                Some((_, value)) if careful => said.push_str(&value.carefully_in_sentence(words)),
                Some((_, value)) => said.push_str(&value.in_sentence(words)),
            }
            slots.push((from, said.len()));
        }
        (said, slots)
    };
    let (said, slots) = fill(false);
    if cut(&pieces, &said).is_ok_and(|found| found == slots) { said } else { fill(true).0 }
}
