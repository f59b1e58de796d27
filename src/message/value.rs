//! What serde shows of a value, in words.

use super::sum::{KEYED, LOOK_THROUGH, is_sum};
use super::tree::{Node, Of, Reader, Refused, read};
use super::words::spaced;
use serde::Serialize;

/// What serde shows of a value, as far as words go.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Plain(String),
    Text(String),
    Flag(bool),
    Nothing,
    List(Vec<Value>),
    /// A map whose keys are no names. One whose keys are names reads like a record.
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
            Value::Fields(fields) | Value::Record { fields, .. } => fields,
            one => vec![("0".to_string(), one)],
        }
    }

    /// The value alone.
    pub(super) fn said(&self) -> String {
        match self {
            Value::Plain(text) => text.clone(),
            Value::Text(text) => format!("\"{text}\""),
            Value::Flag(true) => "yes".to_string(),
            Value::Flag(false) => "no".to_string(),
            Value::Nothing => "none".to_string(),
            Value::List(items) => listed(items),
            Value::Map(pairs) => pairs.iter().map(pair).collect::<Vec<_>>().join(", "),
            // The instance of this key: "1: closed".
            Value::Record { of: KEYED, fields } if fields.len() == 2 => {
                format!("{}: {}", fields[0].1.bare(), fields[1].1.said())
            }
            Value::Fields(fields) | Value::Record { fields, .. } => {
                let said: Vec<String> = fields
                    .iter()
                    .map(
                        |(field, value)| {
                            if is_position(field) { value.said() } else { value.said_of(&spaced(field)) }
                        },
                    )
                    .collect();
                said.join(", ")
            }
            Value::Variant { of, variant, content } if is_sum(of) && content.is_keyed() => {
                format!("{} {}", spaced(variant), content.said())
            }
            Value::Variant { of, content, .. } if is_sum(of) || *of == LOOK_THROUGH => content.said(),
            Value::Variant { variant, content, .. } => match &**content {
                Value::Fields(fields) if fields.is_empty() => spaced(variant),
                Value::Fields(_) | Value::Record { .. } => {
                    format!("{} ({})", spaced(variant), content.said())
                }
                one => format!("{} {}", spaced(variant), one.said()),
            },
        }
    }

    fn is_keyed(&self) -> bool {
        matches!(self, Value::Record { of: KEYED, .. })
    }

    /// The value of a field, with its name: "joint", "no limit", "amount 5", "address (city "Bonn")".
    pub(super) fn said_of(&self, field: &str) -> String {
        match self {
            Value::Flag(true) => field.to_string(),
            Value::Flag(false) => format!("not {field}"),
            Value::Nothing => format!("no {field}"),
            Value::List(items) if items.is_empty() => format!("no {field}"),
            Value::Fields(_) | Value::Record { .. } | Value::Map(_) => format!("{field} ({})", self.said()),
            other => format!("{field} {}", other.said()),
        }
    }

    /// Whether a key of a map is said like the name of a field: a text or a variant with a letter in it.
    fn is_name(&self) -> bool {
        match self {
            Value::Text(text) => text.chars().any(char::is_alphabetic),
            Value::Variant { .. } => true,
            _ => false,
        }
    }

    /// The value within others, in brackets if it has commas of its own.
    fn within(&self) -> String {
        match self {
            Value::Record { .. } | Value::Fields(_) | Value::Map(_) => format!("({})", self.said()),
            other => other.said(),
        }
    }

    /// The value inside a sentence of `Words`: texts without quotation marks.
    pub(super) fn bare(&self) -> String {
        match self {
            Value::Text(text) => text.clone(),
            other => other.said(),
        }
    }
}

/// A key with its value: "5: 6", "a 6".
fn pair((key, value): &(Value, Value)) -> String {
    match key.bare() {
        name if key.is_name() => value.said_of(&spaced(&name)),
        empty if empty.is_empty() => format!("{}: {}", key.said(), value.within()),
        key => format!("{key}: {}", value.within()),
    }
}

fn listed(items: &[Value]) -> String {
    let said: Vec<String> = items.iter().map(Value::within).collect();
    match said.split_last() {
        None => "none".to_string(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// What serde shows of this value. If its `Serialize` refuses, this is the text of the refusal.
pub(super) fn value_of<T: Serialize + ?Sized>(value: &T) -> Value {
    read(value, Saying).unwrap_or_else(|Refused(why)| Value::Plain(why))
}

/// Makes words of what serde shows.
#[derive(Clone, Copy)]
pub(super) struct Saying;

impl Reader for Saying {
    type Part = Value;
    type Field = (String, Value);
    type Error = Refused;

    fn node(self, node: Node<'_, Value, (String, Value)>) -> Result<Value, Refused> {
        Ok(match node {
            Node::Bool(flag) => Value::Flag(flag),
            Node::Number(number) => Value::Plain(number.to_string()),
            Node::Char(char) => Value::Text(char.to_string()),
            Node::Text(text) => Value::Text(text.to_string()),
            Node::Bytes(bytes) => Value::Plain(format!("{} bytes", bytes.len())),
            Node::None | Node::Unit(Of::Plain) => Value::Nothing,
            Node::Unit(of) => Value::with_fields(of, Vec::new()),
            Node::One(Of::Variant { of, variant }, content) => {
                Value::Variant { of, variant, content: Box::new(content) }
            }
            Node::One(_, content) => content,
            Node::List(items) | Node::Tuple(Of::Plain, items) => Value::List(items),
            Node::Tuple(of, items) => Value::with_fields(of, positioned(items)),
            Node::Map(pairs) if pairs.is_empty() => Value::List(Vec::new()),
            Node::Map(pairs) if !pairs.iter().all(|(key, _)| key.is_name()) => Value::Map(pairs),
            Node::Map(pairs) => {
                let fields = pairs.into_iter().map(|(key, value)| (key.bare(), value));
                Value::Record { of: "", fields: fields.collect() }
            }
            Node::Record(of, fields) => Value::with_fields(of, fields),
        })
    }

    fn field(self, name: &'static str, value: Value) -> (String, Value) {
        (name.to_string(), value)
    }
}

/// Values without names, by their positions.
pub(super) fn positioned(items: Vec<Value>) -> Vec<(String, Value)> {
    (0..).map(|at: usize| at.to_string()).zip(items).collect()
}

/// Whether a field has a position and no name.
pub(super) fn is_position(field: &str) -> bool {
    field.bytes().all(|byte| byte.is_ascii_digit())
}
