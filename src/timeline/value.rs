//! What serde shows of a state, as a tree that can be compared and printed.

mod key;
mod rows;

use super::path_step::{is_step_to_field, quoted, step_to};
use crate::message::tree::{self, Node, Of, Reader, Refused};
pub(super) use key::step_to_key;
use key::{KeyMatch, match_key};
pub(crate) use rows::ValueRow;
use serde::{Serialize, Serializer};
use std::fmt;

/// A part of a state, as serde shows it.
///
/// Maps are in the order of their keys. Sets are sequences to serde.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Value {
    /// `None`, or a unit.
    Nothing,
    /// What an option holds.
    Some(Box<Value>),
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Integer(i128),
    /// Any other number, as it prints.
    Number(String),
    /// A text or a character.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A sequence, a set, a tuple or a tuple struct; the last has a name, otherwise it is empty.
    List(&'static str, Vec<Value>),
    /// A map.
    Map(Vec<(Value, Value)>),
    /// A struct with its name, or the named fields of a variant.
    Record(&'static str, Vec<(&'static str, Value)>),
    /// A variant of an enum with what it holds.
    Variant(&'static str, Box<Value>),
    /// A value whose `Serialize` refused, in its own words.
    Refused(String),
}

impl Value {
    /// What serde shows of this. O(size).
    ///
    /// ```
    /// use leftfold::timeline::Value;
    ///
    /// assert_eq!(Value::of(&Some(("tea", [2.5]))).to_string(), r#"["tea", [2.5]]"#);
    /// ```
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Value {
        read(value, &[])
    }

    /// The parts of the value along these steps, and everything at their end.
    pub(super) fn along<T: Serialize + ?Sized>(value: &T, steps: &[String]) -> Value {
        read(value, steps)
    }

    /// Without the options and variants around it: what a path looks at.
    pub(super) fn inside(&self) -> &Value {
        match self {
            Value::Some(value) => value.inside(),
            value => value,
        }
    }

    /// The value at the end of the steps, and how many of the steps lead somewhere.
    pub(super) fn follow(&self, steps: &[String]) -> (usize, Option<&Value>) {
        let (mut value, mut gone) = (self, 0);
        for step in steps {
            match value.child(step) {
                Some(child) => value = child,
                None => return (gone, None),
            }
            gone += 1;
        }
        (gone, Some(value))
    }

    fn child(&self, step: &str) -> Option<&Value> {
        match self {
            Value::Some(value) | Value::Variant(_, value) => value.child(step),
            Value::Record(_, fields) => {
                fields.iter().find(|(name, _)| is_step_to_field(step, name)).map(|(_, value)| value)
            }
            Value::Map(pairs) => pairs
                .iter()
                .map(|(key, value)| (match_key(step, key), value))
                .filter(|(named, _)| *named > KeyMatch::None)
                .max_by_key(|(named, _)| *named)
                .map(|(_, value)| value),
            Value::List(_, items) => match step.parse::<usize>() {
                Ok(at) => items.get(at),
                Err(_) => items.iter().find(|item| match_key(step, item) > KeyMatch::None),
            },
            _ => None,
        }
    }

    /// The steps that lead further from here.
    pub(super) fn steps(&self) -> Vec<String> {
        match self {
            Value::Some(value) | Value::Variant(_, value) => value.steps(),
            Value::Record(_, fields) => fields.iter().map(|(name, _)| step_to(name)).collect(),
            Value::Map(pairs) => pairs.iter().map(|(key, _)| step_to_key(key)).collect(),
            Value::List(_, items) => (0..items.len()).map(|at| at.to_string()).collect(),
            _ => Vec::new(),
        }
    }
}

/// As the value itself is in JSON. The key of a map is a text, as a step of a path; a `Serialize` that refused is its own words.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Nothing => serializer.serialize_none(),
            Value::Some(value) => value.serialize(serializer),
            Value::Flag(flag) => serializer.serialize_bool(*flag),
            Value::Integer(number) => match i64::try_from(*number) {
                Ok(number) => serializer.serialize_i64(number),
                Err(_) => serializer.serialize_i128(*number),
            },
            Value::Number(number) => match number.parse::<f64>() {
                Ok(number) if number.is_finite() => serializer.serialize_f64(number),
                _ => serializer.serialize_str(number),
            },
            Value::Text(text) | Value::Refused(text) => serializer.serialize_str(text),
            Value::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Value::List(_, items) => serializer.collect_seq(items),
            Value::Map(pairs) => {
                serializer.collect_map(pairs.iter().map(|(key, value)| (step_to_key(key), value)))
            }
            Value::Record(_, fields) => {
                serializer.collect_map(fields.iter().map(|(name, value)| (name, value)))
            }
            Value::Variant(name, content) => match &**content {
                Value::Nothing => serializer.serialize_str(name),
                content => serializer.collect_map([(name, content)]),
            },
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Nothing => f.write_str("none"),
            Value::Some(value) => value.fmt(f),
            Value::Flag(true) => f.write_str("yes"),
            Value::Flag(false) => f.write_str("no"),
            Value::Integer(number) => number.fmt(f),
            Value::Number(number) => f.write_str(number),
            Value::Text(text) => f.write_str(&quoted(text)),
            Value::Bytes(bytes) => {
                f.write_str("0x")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Value::List("", items) => {
                f.write_str("[")?;
                listed(f, items)?;
                f.write_str("]")
            }
            Value::List(name, items) => {
                write!(f, "{name}(")?;
                listed(f, items)?;
                f.write_str(")")
            }
            Value::Map(pairs) => {
                f.write_str("{")?;
                for (i, (key, value)) in pairs.iter().enumerate() {
                    write!(f, "{}{key}: {value}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str("}")
            }
            Value::Record(name, fields) if fields.is_empty() => f.write_str(name),
            Value::Record(name, fields) => {
                write!(f, "{name}{}{{ ", if name.is_empty() { "" } else { " " })?;
                for (i, (field, value)) in fields.iter().enumerate() {
                    write!(f, "{}{field}: {value}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str(" }")
            }
            Value::Variant(name, content) => match &**content {
                Value::Nothing => f.write_str(name),
                Value::List("", items) => {
                    write!(f, "{name}(")?;
                    listed(f, items)?;
                    f.write_str(")")
                }
                Value::Record("", _) => write!(f, "{name} {content}"),
                one => write!(f, "{name}({one})"),
            },
            Value::Refused(why) => write!(f, "({why})"),
        }
    }
}

fn read<T: Serialize + ?Sized>(value: &T, steps: &[String]) -> Value {
    tree::read(value, Along { steps }).unwrap_or_else(|Refused(why)| Value::Refused(why))
}

/// Reads what is along the steps, and everything once none are left.
#[derive(Clone, Copy)]
struct Along<'p> {
    steps: &'p [String],
}

impl<'p> Along<'p> {
    fn next(self) -> Option<&'p str> {
        self.steps.first().map(String::as_str)
    }
}

impl Reader for Along<'_> {
    type Part = Value;
    type Field = (&'static str, Value);
    type Error = Refused;

    #[inline(always)]
    fn node(self, node: Node<'_, Value, (&'static str, Value)>) -> Result<Value, Refused> {
        let (of, content) = match node {
            Node::Bool(flag) => (Of::Plain, Value::Flag(flag)),
            Node::Number(number) => {
                (Of::Plain, number.whole().map_or_else(|| Value::Number(number.to_string()), Value::Integer))
            }
            Node::Char(char) => (Of::Plain, Value::Text(char.to_string())),
            Node::Text(text) => (Of::Plain, Value::Text(text.to_string())),
            Node::Bytes(bytes) => (Of::Plain, Value::Bytes(bytes.to_vec())),
            Node::Unit(Of::Struct(name)) => (Of::Plain, Value::Record(name, Vec::new())),
            Node::None => (Of::Plain, Value::Nothing),
            Node::Unit(of) => (of, Value::Nothing),
            Node::One(Of::Plain, content) => (Of::Plain, Value::Some(Box::new(content))),
            Node::One(of, content) => (of, content),
            Node::List(items) => (Of::Plain, Value::List("", items)),
            Node::Tuple(of, items) => (of, Value::List(of.structure(), items)),
            Node::Map(mut pairs) => {
                // A hash map shows its pairs in any order.
                pairs.sort();
                (Of::Plain, Value::Map(pairs))
            }
            Node::Record(of, fields) => (of, Value::Record(of.structure(), fields)),
        };
        Ok(match of {
            Of::Variant { variant, .. } => Value::Variant(variant, Box::new(content)),
            _ => content,
        })
    }

    fn inside<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Refused> {
        Along { steps: self.steps.get(1..).unwrap_or_default() }.part(value)
    }

    fn item<T: Serialize + ?Sized>(self, at: usize, value: &T) -> Result<Value, Refused> {
        match self.next().map(str::parse::<usize>) {
            // Keeps its place.
            Some(Ok(wanted)) if wanted != at => Ok(Value::Nothing),
            // Which item it is shows only when it is read.
            Some(Err(_)) => Ok(read(value, &[])),
            _ => self.inside(value),
        }
    }

    fn key<T: Serialize + ?Sized>(self, key: &T) -> Result<Option<Value>, Refused> {
        let key = read(key, &[]);
        let on_the_way = self.next().is_none_or(|wanted| match_key(wanted, &key) > KeyMatch::None);
        Ok(on_the_way.then_some(key))
    }

    fn wants<T: ?Sized>(self, _: Of, field: &'static str) -> Result<bool, Refused> {
        Ok(self.next().is_none_or(|wanted| is_step_to_field(wanted, field)))
    }

    fn field(self, name: &'static str, value: Value) -> (&'static str, Value) {
        (name, value)
    }
}

fn listed(f: &mut fmt::Formatter<'_>, items: &[Value]) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        write!(f, "{}{item}", if i > 0 { ", " } else { "" })?;
    }
    Ok(())
}
