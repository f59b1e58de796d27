use super::sum::{KEYED, LOOK_THROUGH, is_sum};
use crate::json;
use serde::de::DeserializeOwned;
use serde::ser::{self, Serialize, Serializer};
use std::fmt;

mod rust;

use rust::{Wrapped, named, spelled};

/// Writes a message as a Rust expression, so that a history found by a machine can be pasted into a test.
///
/// Types and variants are named as serde names them; texts become `"…".into()`, collections `[…].into_iter().collect()`.
/// A value whose Rust form serde does not show (a type that writes itself as a text or a number, a name that serde has
/// changed or may have, such as a variant in capitals, a type of another crate with private fields) is read from its JSON by
/// [`from_json`], which compiles wherever the type can be read. A value that JSON cannot hold either is a comment and a `todo!()`.
///
/// What nothing shows is a field that serde never writes, and a name that serde has changed to another one of the same
/// form.
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

/// Not an error: the way out of a value whose Rust form is not known.
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

/// The Rust form of a value, or its JSON; an error where only what is around it is read from JSON.
fn write<T: Serialize + ?Sized>(value: &T) -> Written {
    let Wrapped { of, around } = Wrapped::type_of::<T>().ok_or(Foreign)?;
    Ok(match value.serialize(Writing { of }) {
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

/// The type behind the name that serde was told: the kit's own types carry a mark.
fn type_name(name: &'static str, variant: &str) -> &'static str {
    match (name, variant) {
        (LOOK_THROUGH, "Left" | "Right") => "Either",
        (LOOK_THROUGH, _) => "ProcessRejection",
        (name, _) if is_sum(name) => name.rsplit(' ').next().unwrap_or(name),
        (name, _) => name,
    }
}

/// Writes a value of the type called `of`.
struct Writing {
    of: &'static str,
}

impl Writing {
    fn is(&self, name: &str) -> Result<(), Foreign> {
        if self.of == name { Ok(()) } else { Err(Foreign) }
    }

    fn variant(&self, name: &'static str, variant: &'static str) -> Written {
        let name = type_name(name, variant);
        if named(self.of, name) && rust::is_variant(variant) {
            Ok(format!("{name}::{variant}"))
        } else {
            Err(Foreign)
        }
    }

    fn structure(&self, name: &'static str) -> Result<&'static str, Foreign> {
        if named(self.of, name) { Ok(name) } else { Err(Foreign) }
    }
}

macro_rules! literal {
    ($($method:ident($arg:ident))*) => {
        $(fn $method(self, value: $arg) -> Written {
            self.is(stringify!($arg))?;
            Ok(format!("{value:?}"))
        })*
    };
}

macro_rules! float {
    ($($method:ident($arg:ident))*) => {
        $(fn $method(self, value: $arg) -> Written {
            self.is(stringify!($arg))?;
            let name = stringify!($arg);
            Ok(match value {
                nan if nan.is_nan() => format!("{name}::NAN"),
                $arg::INFINITY => format!("{name}::INFINITY"),
                $arg::NEG_INFINITY => format!("{name}::NEG_INFINITY"),
                value => format!("{value:?}"),
            })
        })*
    };
}

impl Serializer for Writing {
    type Ok = String;
    type Error = Foreign;
    type SerializeSeq = Parts;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Parts;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Parts;

    literal! {
        serialize_bool(bool) serialize_char(char)
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32)
    }

    float! { serialize_f32(f32) serialize_f64(f64) }

    // Sizes are written as numbers of 64 bits.
    fn serialize_i64(self, value: i64) -> Written {
        self.is("i64").or_else(|_| self.is("isize"))?;
        Ok(value.to_string())
    }

    fn serialize_u64(self, value: u64) -> Written {
        self.is("u64").or_else(|_| self.is("usize"))?;
        Ok(value.to_string())
    }

    fn serialize_u128(self, value: u128) -> Written {
        self.is("u128")?;
        Ok(value.to_string())
    }

    fn serialize_str(self, value: &str) -> Written {
        if rust::is_text(self.of) {
            Ok(format!("{value:?}.into()"))
        } else if rust::is_parsed(self.of) {
            Ok(format!("{value:?}.parse().unwrap()"))
        } else {
            Err(Foreign)
        }
    }

    fn serialize_bytes(self, _: &[u8]) -> Written {
        Err(Foreign)
    }

    fn serialize_none(self) -> Written {
        if rust::is_option(self.of) { Ok("None".to_string()) } else { Err(Foreign) }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        if rust::is_option(self.of) { Ok(format!("Some({})", write(value)?)) } else { Err(Foreign) }
    }

    fn serialize_unit(self) -> Written {
        self.is("()")?;
        Ok("()".to_string())
    }

    fn serialize_unit_struct(self, name: &'static str) -> Written {
        Ok(self.structure(name)?.to_string())
    }

    fn serialize_unit_variant(self, name: &'static str, _: u32, variant: &'static str) -> Written {
        self.variant(name, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Written {
        Ok(format!("{}({})", self.structure(name)?, write(value)?))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        Ok(format!("{}({})", self.variant(name, variant)?, write(value)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts, Foreign> {
        match rust::is_collection(self.of) {
            true => Ok(Parts::between("[", "].into_iter().collect()")),
            false => Err(Foreign),
        }
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts, Foreign> {
        match self.of.as_bytes() {
            [b'(', ..] => Ok(Parts::between("(", ")")),
            [b'[', ..] => Ok(Parts::between("[", "]")),
            _ => Err(Foreign),
        }
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Parts, Foreign> {
        Ok(Parts::between(format!("{}(", self.structure(name)?), ")"))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Foreign> {
        Ok(Parts::between(format!("{}(", self.variant(name, variant)?), ")"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts, Foreign> {
        match rust::is_collection(self.of) {
            true => Ok(Parts::between("[", "].into_iter().collect()")),
            false => Err(Foreign),
        }
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Parts, Foreign> {
        if name == KEYED {
            return Ok(Parts { named: false, ..Parts::between("keyed(", ")") });
        }
        Ok(Parts { named: true, ..Parts::between(format!("{} {{ ", self.structure(name)?), " }") })
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Foreign> {
        let open = format!("{} {{ ", self.variant(name, variant)?);
        Ok(Parts { named: true, ..Parts::between(open, " }") })
    }
}

/// What is written between two brackets.
struct Parts {
    open: String,
    close: &'static str,
    parts: Vec<String>,
    named: bool,
    key: String,
}

impl Parts {
    fn between(open: impl Into<String>, close: &'static str) -> Parts {
        Parts { open: open.into(), close, parts: Vec::new(), named: false, key: String::new() }
    }

    fn part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Foreign> {
        self.parts.push(write(value)?);
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Foreign> {
        if !self.named {
            return self.part(value);
        }
        // What writes a tag into a struct is an enum.
        if std::any::type_name::<T>() == "str" {
            return Err(Foreign);
        }
        let name = spelled(name).ok_or(Foreign)?;
        self.parts.push(format!("{name}: {}", write(value)?));
        Ok(())
    }

    fn done(self) -> Written {
        // A tuple of one needs its comma.
        let comma = if self.open == "(" && self.parts.len() == 1 { "," } else { "" };
        Ok(format!("{}{}{comma}{}", self.open, self.parts.join(", "), self.close))
    }
}

macro_rules! parts {
    ($($kind:ident::$method:ident,)* ; $($named:ident,)*) => {
        $(impl ser::$kind for Parts {
            type Ok = String;
            type Error = Foreign;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Foreign> {
                self.part(value)
            }

            fn end(self) -> Written {
                self.done()
            }
        })*
        $(impl ser::$named for Parts {
            type Ok = String;
            type Error = Foreign;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Foreign> {
                self.field(name, value)
            }

            fn skip_field(&mut self, _: &'static str) -> Result<(), Foreign> {
                Err(Foreign)
            }

            fn end(self) -> Written {
                self.done()
            }
        })*
    };
}

parts! {
    SerializeSeq::serialize_element, SerializeTuple::serialize_element, SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field, ;
    SerializeStruct, SerializeStructVariant,
}

impl ser::SerializeMap for Parts {
    type Ok = String;
    type Error = Foreign;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Foreign> {
        self.key = write(key)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Foreign> {
        let value = write(value)?;
        self.parts.push(format!("({}, {value})", self.key));
        Ok(())
    }

    fn end(self) -> Written {
        self.done()
    }
}
