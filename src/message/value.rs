//! What serde shows of a value, in words.

use super::sentence::{contains_words, matched};
use super::sum::{KEYED, LOOK_THROUGH, is_sum};
use super::tree::{Node, Number, Of, Reader, Refused, read};
use super::words::{Words, spaced};
use crate::page::printable;
use serde::Serialize;
use std::any::type_name;

/// What serde shows of a value, as far as words go.
///
/// A value is said in one of two ways: *open*, where nothing follows it or a parenthesis ends it; *closed*, among other values,
/// where commas, colons and "and" of its own are in parentheses.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Plain(String),
    Text(String),
    /// A text that is in quotation marks everywhere.
    Quoted(String),
    Flag(bool),
    Nothing,
    /// A value that says nothing and is not nothing: `Some(None)`.
    Wrapped(Box<Value>),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Map(Vec<(Value, Value)>),
    /// The content of a variant: fields by name or by position.
    Fields(Vec<(String, Value)>),
    Record {
        of: &'static str,
        fields: Vec<(String, Value)>,
    },
    Variant {
        of: &'static str,
        variant: &'static str,
        content: Box<Value>,
    },
    /// A value that [`Words::value`] has a text for.
    Named(String),
}

impl Value {
    fn with_fields(of: Of, fields: Vec<(String, Value)>) -> Value {
        match of {
            Of::Plain => Value::Record { of: "", fields },
            Of::Struct(of) => Value::Record { of, fields },
            Of::Variant { of, variant } => {
                Value::Variant { of, variant, content: Box::new(Value::Fields(fields)) }
            }
        }
    }

    /// The fields of a message whose variant has this content.
    pub(super) fn fields(self) -> Vec<(String, Value)> {
        match self {
            Value::Record { of: KEYED, .. } => vec![("0".to_string(), self)],
            Value::Fields(fields) | Value::Record { fields, .. } => fields,
            one => vec![("0".to_string(), one)],
        }
    }

    /// Whether the value is said as "none".
    fn says_nothing(&self, words: &Words) -> bool {
        match self {
            Value::Nothing => true,
            Value::List(items) => items.is_empty(),
            Value::Map(pairs) => pairs.is_empty(),
            Value::Fields(fields) | Value::Record { fields, .. } => fields.is_empty(),
            Value::Variant { of, content, .. } if is_sum(of) || *of == LOOK_THROUGH => {
                content.says_nothing(words)
            }
            Value::Variant { variant, content, .. } => {
                is_none(&spaced(variant), words)
                    && matches!(&**content, Value::Fields(fields) if fields.is_empty())
            }
            _ => false,
        }
    }

    /// The value as the only thing in an option or a list: in parentheses, if they would otherwise seem empty.
    fn alone(self, words: &Words) -> Value {
        let is_wrapped = |value: &Value| matches!(value, Value::Wrapped(_));
        let one_wrapped = matches!(&self, Value::List(items) if items.len() == 1 && is_wrapped(&items[0]));
        let seems_empty = self.says_nothing(words) || is_wrapped(&self) || one_wrapped;
        if seems_empty { Value::Wrapped(Box::new(self)) } else { self }
    }

    /// The value, with nothing after it.
    pub(super) fn said(&self, words: &Words) -> String {
        match self {
            Value::Plain(text) | Value::Named(text) => text.clone(),
            Value::Text(text) | Value::Quoted(text) => quoted(text),
            Value::Flag(flag) => words.fixed(if *flag { "yes" } else { "no" }).to_string(),
            Value::Nothing => words.fixed("none").to_string(),
            _ if self.says_nothing(words) => words.fixed("none").to_string(),
            Value::Wrapped(inner) => format!("({})", inner.said(words)),
            Value::Bytes(bytes) => {
                let mut said = String::from(words.fixed("bytes"));
                said.push(' ');
                match bytes.is_empty() {
                    true => said.push_str(words.fixed("none")),
                    false => bytes.iter().for_each(|byte| said.push_str(&format!("{byte:02x}"))),
                }
                said
            }
            Value::List(items) => listed(items, words),
            Value::Map(pairs) => {
                let pair =
                    |(key, value): &(Value, Value)| format!("{}: {}", key.within(words), value.within(words));
                pairs.iter().map(pair).collect::<Vec<_>>().join(", ")
            }
            // The instance of this key: "1: closed".
            Value::Record { of: KEYED, fields } if fields.len() == 2 => {
                format!("{}: {}", fields[0].1.key(words), fields[1].1.said(words))
            }
            Value::Fields(fields) | Value::Record { fields, .. } => {
                let said = fields.iter().map(|(field, value)| match is_position(field) {
                    true => value.within(words),
                    false => value.said_of(&spaced(field), words),
                });
                said.collect::<Vec<_>>().join(", ")
            }
            Value::Variant { of, variant, content } if is_sum(of) && content.is_keyed() => {
                format!("{} {}", spaced(variant), content.said(words))
            }
            Value::Variant { of, content, .. } if looks_through(of, content) => content.said(words),
            Value::Variant { variant, content, .. } => match &**content {
                Value::Fields(fields) if fields.is_empty() => spaced(variant),
                content => format!("{} {}", spaced(variant), content.within(words)),
            },
        }
    }

    fn is_keyed(&self) -> bool {
        matches!(self, Value::Record { of: KEYED, .. })
    }

    /// Whether the value, said by itself, has a comma, a colon or an "and" outside quotation marks and parentheses.
    fn is_open(&self, words: &Words) -> bool {
        match self {
            // A list of one that is in parentheses itself would otherwise be taken for that one.
            Value::List(items) => items.len() > 1 || items.iter().any(|item| item.is_open(words)),
            Value::Map(pairs) => !pairs.is_empty(),
            Value::Fields(fields) | Value::Record { fields, .. } => !fields.is_empty(),
            Value::Variant { of, content, .. } if looks_through(of, content) => content.is_open(words),
            Value::Variant { variant, .. } => is_open(&spaced(variant), words),
            _ => false,
        }
    }

    /// The value of a field, with its name: "joint", "no limit", "amount 5", "address (city "Bonn")".
    pub(super) fn said_of(&self, field: &str, words: &Words) -> String {
        match self {
            Value::Flag(true) => field.to_string(),
            Value::Flag(false) => words.fixed("not {field}").replace("{field}", field),
            // A variant may be called `None`, and is something.
            _ if self.says_nothing(words) && !matches!(self, Value::Variant { .. }) => {
                words.fixed("no {field}").replace("{field}", field)
            }
            Value::List(_) => format!("{field} {}", self.said(words)),
            other => format!("{field} {}", other.within(words)),
        }
    }

    /// The value among others: in parentheses if it has a comma, a colon or an "and" of its own.
    pub(super) fn within(&self, words: &Words) -> String {
        if self.is_open(words) { format!("({})", self.said(words)) } else { self.said(words) }
    }

    /// The value as the key of a message: texts without quotation marks where they read the same.
    pub(super) fn key(&self, words: &Words) -> String {
        match self {
            Value::Text(text) if is_plain(text, words) => text.clone(),
            other => other.within(words),
        }
    }

    /// The value in a sentence of [`Words`]: texts without quotation marks where they read the same.
    pub(super) fn in_sentence(&self, words: &Words) -> String {
        match self {
            Value::Text(text) if is_plain(text, words) => text.clone(),
            Value::List(items) if items.iter().all(|item| !item.is_open(words)) => self.said(words),
            other => other.within(words),
        }
    }

    /// As [`in_sentence`](Self::in_sentence), where a word of the sentence stands in it.
    pub(super) fn carefully_in_sentence(&self, words: &Words) -> String {
        let is_bare =
            matches!(self, Value::List(_)) || (matches!(self, Value::Variant { .. }) && !self.is_open(words));
        match self {
            Value::Text(text) => quoted(text),
            Value::Named(text) => format!("({text})"),
            _ if is_bare && !self.says_nothing(words) => format!("({})", self.said(words)),
            other => other.within(words),
        }
    }
}

/// Whether a variant leaves no trace in words: one of the kit's, or a part of a sum.
fn looks_through(of: &str, content: &Value) -> bool {
    is_sum(of) || (of == LOOK_THROUGH && !matches!(content, Value::Fields(_)))
}

/// Whether the name of a variant has a sign or an "and" in it that would be taken for one between values.
pub(super) fn is_open(name: &str, words: &Words) -> bool {
    name.contains([',', ':', '"', '(', ')']) || contains_words(name, words.fixed("and"))
}

/// Whether a text is what these words have for "none".
fn is_none(text: &str, words: &Words) -> bool {
    matched(text, 0, words.fixed("none")) == Some(text.len())
}

/// Whether a text reads the same without quotation marks: letters, digits, a few signs, single spaces.
fn is_plain(text: &str, words: &Words) -> bool {
    let plain = |char: char| char.is_alphanumeric() || "-_./@+&'%#".contains(char);
    !text.is_empty()
        && !is_none(text, words)
        && text.split(' ').all(|word| !word.is_empty() && word.chars().all(plain))
}

/// A text in quotation marks. What cannot be seen, and white space other than a space, is written as an escape.
pub(crate) fn quoted(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 2);
    escaped.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => escaped.extend(['\\', char]),
            ' ' => escaped.push(' '),
            space if space.is_whitespace() => escaped.extend(space.escape_default()),
            other => escaped.push(other),
        }
    }
    escaped.push('"');
    printable(&escaped).into_owned()
}

fn listed(items: &[Value], words: &Words) -> String {
    match items.split_last() {
        None => words.fixed("none").to_string(),
        Some((only, [])) => only.within(words),
        Some((last, others)) => {
            let others: Vec<String> = others.iter().map(|item| item.within(words)).collect();
            format!("{} {} {}", others.join(", "), words.fixed("and"), last.within(words))
        }
    }
}

/// What serde shows of this value. If its `Serialize` refuses, this is the text of the refusal.
pub(super) fn value_of<T: Serialize + ?Sized>(value: &T, words: &Words) -> Value {
    Saying(words).part(value).unwrap_or_else(|Refused(why)| Value::Plain(why))
}

/// Makes words of what serde shows.
#[derive(Clone, Copy)]
pub(super) struct Saying<'w>(pub(super) &'w Words);

impl Reader for Saying<'_> {
    type Part = Value;
    type Field = (String, Value);
    type Error = Refused;

    fn part<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Refused> {
        match self.0.value_text(value) {
            Some(text) => Ok(Value::Named(text)),
            None => Ok(match read(value, self)? {
                // Without its marks, the text could be that of another value.
                Value::Text(text) if self.0.names_values(type_name::<T>()) => Value::Quoted(text),
                other => other,
            }),
        }
    }

    fn node(self, node: Node<'_, Value, (String, Value)>) -> Result<Value, Refused> {
        Ok(match node {
            Node::Bool(flag) => Value::Flag(flag),
            Node::Number(number) => Value::Plain(of_number(number)),
            Node::Char(char) => Value::Text(char.to_string()),
            Node::Text(text) => Value::Text(text.to_string()),
            Node::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
            Node::None | Node::Unit(Of::Plain) => Value::Nothing,
            Node::Unit(of) => Value::with_fields(of, Vec::new()),
            Node::One(Of::Variant { of, variant }, content) => {
                Value::Variant { of, variant, content: Box::new(content) }
            }
            Node::One(Of::Plain, content) => content.alone(self.0),
            Node::One(Of::Struct(_), content) => content,
            Node::List(mut items) | Node::Tuple(Of::Plain, mut items) => {
                if let [_] = &items[..] {
                    items = items.into_iter().map(|item| item.alone(self.0)).collect();
                }
                Value::List(items)
            }
            Node::Tuple(of, items) => Value::with_fields(of, positioned(items)),
            Node::Map(pairs) => Value::Map(pairs),
            Node::Record(of, fields) => Value::with_fields(of, fields),
        })
    }

    fn field(self, name: &'static str, value: Value) -> (String, Value) {
        (name.to_string(), value)
    }
}

/// A number in the shortest form that reads back as the same number.
fn of_number(number: Number) -> String {
    let float = |shortest: String, magnitude: f64, exponential: String| match magnitude {
        0.0 => shortest,
        1e-5..1e16 => shortest,
        _ => exponential,
    };
    match number {
        Number::F64(nan) if nan.is_nan() => nan_of(nan.to_bits(), f64::NAN.to_bits()),
        Number::F32(nan) if nan.is_nan() => nan_of(nan.to_bits().into(), f32::NAN.to_bits().into()),
        Number::F64(number) if number.is_finite() => {
            float(number.to_string(), number.abs(), format!("{number:e}"))
        }
        Number::F32(number) if number.is_finite() => {
            float(number.to_string(), number.abs().into(), format!("{number:e}"))
        }
        other => other.to_string(),
    }
}

/// A value that is not a number, with its bits where they are not the usual ones.
fn nan_of(bits: u64, usual: u64) -> String {
    if bits == usual { "NaN".to_string() } else { format!("NaN 0x{bits:x}") }
}

/// Values without names, by their positions.
pub(super) fn positioned(items: Vec<Value>) -> Vec<(String, Value)> {
    (0..).map(|at: usize| at.to_string()).zip(items).collect()
}

/// Whether a field has a position and no name.
pub(super) fn is_position(field: &str) -> bool {
    field.bytes().all(|byte| byte.is_ascii_digit())
}
