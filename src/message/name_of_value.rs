//! A serializer that stops at the first enum variant: the name of a value.

use super::sum::{KEYED, LOOK_THROUGH, is_sum};
use serde::ser::{self, Impossible, Serialize, Serializer};
use std::fmt;

/// What a value shows when its serialization begins.
pub(super) struct Written {
    /// The variants of umbrella enums around the message, outermost first.
    pub(super) path: Vec<&'static str>,
    pub(super) shape: Shape,
}

/// What a value is to serde.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// A variant of this name.
    Variant(&'static str),
    /// A struct of this name.
    Struct(&'static str),
    /// A struct of this name around one value that has no name of its own.
    Newtype(&'static str),
    /// Something without a name.
    Other(&'static str),
}

impl Shape {
    /// The name, if it has one.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Shape::Variant(name) | Shape::Struct(name) | Shape::Newtype(name) => Some(name),
            Shape::Other(_) => None,
        }
    }
}

pub(super) fn written<T: Serialize>(value: &T) -> Written {
    let mut path = Vec::new();
    let shape = shape_of(value, Writing { path: &mut path, newtype: None });
    Written { path, shape }
}

/// Whether a value has no name of its own, so that it is the content of a struct of one field around it.
pub(super) fn is_content<T: Serialize + ?Sized>(value: &T) -> bool {
    let writing = Writing { path: &mut Vec::new(), newtype: Some(PRETENDED_NEWTYPE) };
    shape_of(value, writing) == Shape::Newtype(PRETENDED_NEWTYPE)
}

/// A name that no struct has.
const PRETENDED_NEWTYPE: &str = "leftfold::Around";

fn shape_of<T: Serialize + ?Sized>(value: &T, writing: Writing<'_>) -> Shape {
    match value.serialize(writing) {
        Ok(never) => match never {},
        Err(Stop(shape)) => shape,
    }
}

enum Never {}

/// Not a failure: the error that leaves the serializer once the name is known.
#[derive(Debug)]
struct Stop(Shape);

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::error::Error for Stop {}

impl ser::Error for Stop {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Stop(Shape::Other("refused by its own Serialize"))
    }
}

struct Writing<'p> {
    path: &'p mut Vec<&'static str>,
    /// The outermost struct of one field around the value: its name is used if the value has none.
    newtype: Option<&'static str>,
}

impl Writing<'_> {
    fn nameless(&self, found: &'static str) -> Stop {
        Stop(self.newtype.map_or(Shape::Other(found), Shape::Newtype))
    }
}

macro_rules! nameless {
    ($($method:ident($($arg:ty),*) $what:literal;)*) => {
        $(fn $method(self, $(_: $arg),*) -> Result<Never, Stop> {
            Err(self.nameless($what))
        })*
    };
}

impl<'p> Serializer for Writing<'p> {
    type Ok = Never;
    type Error = Stop;
    type SerializeSeq = Impossible<Never, Stop>;
    type SerializeTuple = Impossible<Never, Stop>;
    type SerializeTupleStruct = Impossible<Never, Stop>;
    type SerializeTupleVariant = Impossible<Never, Stop>;
    type SerializeMap = Impossible<Never, Stop>;
    type SerializeStruct = KeyedMessage<'p>;
    type SerializeStructVariant = Impossible<Never, Stop>;

    nameless! {
        serialize_bool(bool) "a bool";
        serialize_i8(i8) "a number";
        serialize_i16(i16) "a number";
        serialize_i32(i32) "a number";
        serialize_i64(i64) "a number";
        serialize_i128(i128) "a number";
        serialize_u8(u8) "a number";
        serialize_u16(u16) "a number";
        serialize_u32(u32) "a number";
        serialize_u64(u64) "a number";
        serialize_u128(u128) "a number";
        serialize_f32(f32) "a number";
        serialize_f64(f64) "a number";
        serialize_char(char) "a character";
        serialize_str(&str) "a string";
        serialize_bytes(&[u8]) "bytes";
        serialize_none() "an option";
        serialize_unit() "a unit";
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<Never, Stop> {
        Err(self.nameless("an option"))
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<Never, Stop> {
        Err(Stop(Shape::Struct(name)))
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Never, Stop> {
        Err(Stop(Shape::Variant(variant)))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Never, Stop> {
        value.serialize(Writing { newtype: self.newtype.or(Some(name)), ..self })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Never, Stop> {
        match name {
            sum if is_sum(sum) => {
                self.path.push(variant);
                value.serialize(Writing { newtype: None, ..self })
            }
            LOOK_THROUGH => value.serialize(Writing { newtype: None, ..self }),
            _ => Err(Stop(Shape::Variant(variant))),
        }
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Stop> {
        Err(self.nameless("a sequence"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Stop> {
        Err(self.nameless("a tuple"))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Stop> {
        Err(Stop(Shape::Struct(name)))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Stop> {
        Err(Stop(Shape::Variant(variant)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Stop> {
        Err(self.nameless("a map"))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<KeyedMessage<'p>, Stop> {
        match name {
            KEYED => Ok(KeyedMessage { path: self.path }),
            // How serde_json marks JSON that is passed on as it is.
            _ if name.starts_with('$') => Err(self.nameless("raw JSON")),
            _ => Err(Stop(Shape::Struct(name))),
        }
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Stop> {
        Err(Stop(Shape::Variant(variant)))
    }
}

struct KeyedMessage<'p> {
    path: &'p mut Vec<&'static str>,
}

impl ser::SerializeStruct for KeyedMessage<'_> {
    type Ok = Never;
    type Error = Stop;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, field: &'static str, value: &T) -> Result<(), Stop> {
        match field {
            "message" => match value.serialize(Writing { path: self.path, newtype: None })? {},
            _ => Ok(()),
        }
    }

    fn end(self) -> Result<Never, Stop> {
        Err(Stop(Shape::Other("a key without a message")))
    }
}
