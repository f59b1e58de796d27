//! A value written as Rust that compiles to it.

use super::sum::{KEYED, LOOK_THROUGH, is_sum};
use super::tree::{Node, Number, Of, Reader, read};
use crate::json;
use serde::de::DeserializeOwned;
use serde::ser::{self, Serialize};
use std::fmt;

mod type_names;

use type_names::{Wrapped, named, spelled};

/// Writes a message as a Rust expression, so that a history found by a machine can be pasted into a test.
///
/// Types and variants are named as serde names them; texts become `"…".into()`, collections `[…].into_iter().collect()`.
/// A value whose Rust form serde does not show (a type that writes itself as a text or a number, a name that serde has
/// changed or may have, such as a variant in capitals, a type of another crate with private fields) is read from its JSON by
/// [`from_json`], which compiles wherever the type can be read. A value that JSON cannot hold either is a comment and a `todo!()`.
///
/// Two things cannot be noticed: a field that serde never writes, and a name that serde has changed to another one of the
/// same form.
///
/// ```
/// use leftfold::message::code;
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// enum Command { Open { owner: String, limit: Option<u32> }, Deposit(u64), Close }
///
/// assert_eq!(
///     code(&Command::Open { owner: "Petra".into(), limit: Some(3) }),
///     r#"Command::Open { owner: "Petra".into(), limit: Some(3) }"#
/// );
/// assert_eq!(code(&Command::Deposit(10)), "Command::Deposit(10)");
/// assert_eq!(code(&Command::Close), "Command::Close");
/// ```
pub fn code<T: Serialize + ?Sized>(message: &T) -> String {
    write(message).unwrap_or_else(|Foreign| json(message))
}

/// Reads a value from its JSON: what [`code`] writes for a value whose Rust form serde does not show.
///
/// ```
/// use leftfold::message::from_json;
///
/// let three: std::num::NonZeroU8 = from_json("3").unwrap();
/// assert_eq!(three.get(), 3);
/// ```
///
/// # Errors
/// What is wrong with the JSON, or why the value is not read from it.
pub fn from_json<T: DeserializeOwned>(json: &str) -> serde_json::Result<T> {
    json::read(json.as_bytes())
}

/// The Rust form of a value is not known: no failure, its JSON is written instead.
#[derive(Debug)]
struct Foreign;

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is not written as Rust")
    }
}

impl std::error::Error for Foreign {}

impl ser::Error for Foreign {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Foreign
    }
}

type Written = Result<String, Foreign>;

/// The Rust form of a value, or its JSON. An error means: the value around it has to be read from JSON.
fn write<T: Serialize + ?Sized>(value: &T) -> Written {
    let Wrapped { of, around } = Wrapped::type_of::<T>().ok_or(Foreign)?;
    Ok(match read(value, Writing { of }) {
        Ok(code) => around.iter().rev().fold(code, |code, wrap| format!("{wrap}({code})")),
        Err(Foreign) => json(value),
    })
}

fn json<T: Serialize + ?Sized>(value: &T) -> String {
    let mut json = Vec::new();
    match json::write(value, &mut json) {
        Ok(()) => format!("leftfold::message::from_json({:?}).unwrap()", String::from_utf8_lossy(&json)),
        Err(fault) => format!("todo!() /* {} */", fault.sentence().replace("*/", "* /").replace("/*", "/ *")),
    }
}

/// The type with the name that serde got: the kit's own types carry a mark.
fn type_name(name: &'static str, variant: &str) -> &'static str {
    match (name, variant) {
        (LOOK_THROUGH, "Left" | "Right") => "Either",
        (LOOK_THROUGH, "Rejected" | "NotInTable" | "NotFollowed") => "MachineRejection",
        (LOOK_THROUGH, _) => "ProcessRejection",
        (name, _) if is_sum(name) => name.rsplit(' ').next().unwrap_or(name),
        (name, _) => name,
    }
}

/// Writes a value of the type called `of`.
#[derive(Clone, Copy)]
struct Writing {
    of: &'static str,
}

fn known(is_known: bool) -> Result<(), Foreign> {
    if is_known { Ok(()) } else { Err(Foreign) }
}

impl Writing {
    fn is(self, name: &str) -> Result<(), Foreign> {
        known(self.of == name)
    }

    fn number(self, number: Number) -> Written {
        let name = number.type_name();
        // Sizes are shown as numbers of 64 bits.
        known(self.of == name || matches!((name, self.of), ("i64", "isize") | ("u64", "usize")))?;
        Ok(match number {
            Number::F32(float) => literal(name, float.into(), format!("{float:?}")),
            Number::F64(float) => literal(name, float, format!("{float:?}")),
            whole => whole.to_string(),
        })
    }

    fn text(self, text: &str) -> Written {
        if type_names::is_text(self.of) {
            Ok(format!("{text:?}.into()"))
        } else if type_names::is_parsed(self.of) {
            Ok(format!("{text:?}.parse().unwrap()"))
        } else {
            Err(Foreign)
        }
    }

    /// The Rust name of a struct or a variant, in three pieces. `None` if the type has no name in serde.
    fn name(self, of: Of) -> Result<[&'static str; 3], Foreign> {
        let (name, pieces) = match of {
            Of::Plain => return Ok([""; 3]),
            Of::Struct(name) => (name, [name, "", ""]),
            Of::Variant { of, variant } => {
                known(type_names::is_variant(variant))?;
                let name = type_name(of, variant);
                (name, [name, "::", variant])
            }
        };
        known(named(self.of, name)).map(|()| pieces)
    }

    /// The name of a node with parts, and the text before and after the parts.
    fn around<P, F>(self, node: &Node<'_, P, F>) -> Result<([&'static str; 3], [&'static str; 2]), Foreign> {
        let (is_known, brackets) = match *node {
            Node::One(Of::Plain, _) => (type_names::is_option(self.of), ["Some(", ")"]),
            Node::List(_) | Node::Map(_) => {
                (type_names::is_collection(self.of), ["[", "].into_iter().collect()"])
            }
            Node::Tuple(Of::Plain, _) if self.of.starts_with('[') => (true, ["[", "]"]),
            Node::Tuple(Of::Plain, _) => (self.of.starts_with('('), ["(", ")"]),
            Node::Record(Of::Struct(KEYED), _) => (true, ["keyed(", ")"]),
            Node::One(of, _) | Node::Tuple(of, _) => return Ok((self.name(of)?, ["(", ")"])),
            Node::Record(of, _) => return Ok((self.name(of)?, [" { ", " }"])),
            _ => (true, ["", ""]),
        };
        known(is_known).map(|()| ([""; 3], brackets))
    }
}

fn literal(of: &str, float: f64, printed: String) -> String {
    match float {
        _ if float.is_nan() => format!("{of}::NAN"),
        f64::INFINITY => format!("{of}::INFINITY"),
        f64::NEG_INFINITY => format!("{of}::NEG_INFINITY"),
        _ => printed,
    }
}

impl Reader for Writing {
    type Part = String;
    type Field = (&'static str, String);
    type Error = Foreign;

    fn open(self, node: &Node<'_, (), ()>) -> Result<(), Foreign> {
        self.around(node).map(drop)
    }

    fn node(self, node: Node<'_, String, (&'static str, String)>) -> Written {
        let ([of, colons, variant], [open, close]) = self.around(&node)?;
        let parts = match node {
            Node::Bool(flag) => return self.is("bool").map(|()| flag.to_string()),
            Node::Number(number) => return self.number(number),
            Node::Char(char) => return self.is("char").map(|()| format!("{char:?}")),
            Node::Text(text) => return self.text(text),
            Node::Bytes(_) => return Err(Foreign),
            Node::None => return known(type_names::is_option(self.of)).map(|()| "None".to_string()),
            Node::Unit(Of::Plain) => return self.is("()").map(|()| "()".to_string()),
            Node::Unit(of) => return Ok(self.name(of)?.concat()),
            Node::One(_, part) => part,
            // A tuple of one needs its comma.
            Node::Tuple(Of::Plain, parts) if open == "(" && parts.len() == 1 => format!("{},", parts[0]),
            Node::List(parts) | Node::Tuple(_, parts) => parts.join(", "),
            Node::Map(pairs) => {
                let pairs: Vec<String> =
                    pairs.iter().map(|(key, value)| format!("({key}, {value})")).collect();
                pairs.join(", ")
            }
            Node::Record(Of::Struct(KEYED), fields) => {
                let values: Vec<String> = fields.into_iter().map(|(_, value)| value).collect();
                values.join(", ")
            }
            Node::Record(_, fields) => {
                let field = |(name, value)| Ok(format!("{}: {value}", spelled(name).ok_or(Foreign)?));
                fields.into_iter().map(field).collect::<Result<Vec<String>, Foreign>>()?.join(", ")
            }
        };
        Ok([of, colons, variant, open, &parts, close].concat())
    }

    fn part<T: Serialize + ?Sized>(self, value: &T) -> Written {
        write(value)
    }

    fn field(self, name: &'static str, value: String) -> (&'static str, String) {
        (name, value)
    }

    fn wants<T: ?Sized>(self, of: Of, field: &'static str) -> Result<bool, Foreign> {
        // Only an enum writes a tag into a struct.
        let is_tag = std::any::type_name::<T>() == "str";
        known(of == Of::Struct(KEYED) || (!is_tag && spelled(field).is_some())).map(|()| true)
    }

    fn hidden(self) -> Result<(), Foreign> {
        Err(Foreign)
    }
}
