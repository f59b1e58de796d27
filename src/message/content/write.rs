//! Splits a message into its leaf name and its content.

use super::super::sum::{KEYED, LOOK_THROUGH, MESSAGE, is_sum};
use crate::message::name_of_value::is_content;
use serde::ser::{self, Error, Serialize, Serializer};
use std::cell::Cell;

/// Writes the content of a message alone with `inner`, and puts its leaf name into `leaf`.
///
/// # Errors
/// Those of `inner`, and one if the message has no name.
pub(crate) fn split<T, S>(message: &T, inner: S, leaf: &mut &'static str) -> Result<S::Ok, S::Error>
where
    T: Serialize + ?Sized,
    S: Serializer,
{
    message.serialize(AroundMessage { inner, leaf })
}

/// Goes through the umbrella enums around a message, and writes nothing before its leaf is found.
struct AroundMessage<'l, S> {
    inner: S,
    leaf: &'l mut &'static str,
}

impl<S: Serializer> AroundMessage<'_, S> {
    /// The serializer for the content, once the leaf is known.
    fn content_of(self, name: &'static str) -> S {
        *self.leaf = name;
        self.inner
    }
}

macro_rules! nameless {
    ($($method:ident($arg:ty) $what:literal;)*) => {
        $(fn $method(self, _: $arg) -> Result<S::Ok, S::Error> {
            Err(nameless($what))
        })*
    };
}

fn nameless<E: Error>(what: &str) -> E {
    E::custom(format_args!("{what} has no name to be stored under"))
}

impl<'l, S: Serializer> Serializer for AroundMessage<'l, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = ser::Impossible<S::Ok, S::Error>;
    type SerializeTuple = ser::Impossible<S::Ok, S::Error>;
    type SerializeTupleStruct = S::SerializeTupleStruct;
    type SerializeTupleVariant = Elements<S::SerializeTuple>;
    type SerializeMap = ser::Impossible<S::Ok, S::Error>;
    type SerializeStruct = Struct<'l, S::SerializeStruct>;
    type SerializeStructVariant = Fields<S::SerializeStruct>;

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
        serialize_str(&str) "a text";
        serialize_bytes(&[u8]) "bytes";
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        Err(nameless("an option"))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<S::Ok, S::Error> {
        Err(nameless("an option"))
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        Err(nameless("a unit"))
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<S::Ok, S::Error> {
        self.content_of(name).serialize_unit_struct(name)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.content_of(variant).serialize_unit()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        if is_content(value) { value.serialize(self.content_of(name)) } else { value.serialize(self) }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        if name == LOOK_THROUGH || is_sum(name) {
            value.serialize(self)
        } else {
            value.serialize(self.content_of(variant))
        }
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        Err(nameless("a sequence"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, S::Error> {
        Err(nameless("a tuple"))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        self.content_of(name).serialize_tuple_struct(name, len)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        self.content_of(variant).serialize_tuple(len).map(Elements)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        Err(nameless("a map"))
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Self::SerializeStruct, S::Error> {
        if name == KEYED {
            return Ok(Struct::Keyed { fields: self.inner.serialize_struct(name, len)?, leaf: self.leaf });
        }
        self.content_of(name).serialize_struct(name, len).map(Struct::Message)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        self.content_of(variant).serialize_struct(variant, len).map(Fields)
    }
}

/// A struct: the message itself, or a key and the message it is for.
enum Struct<'l, T> {
    Message(T),
    Keyed { fields: T, leaf: &'l mut &'static str },
}

impl<T: ser::SerializeStruct> ser::SerializeStruct for Struct<'_, T> {
    type Ok = T::Ok;
    type Error = T::Error;

    fn serialize_field<V: Serialize + ?Sized>(
        &mut self,
        field: &'static str,
        value: &V,
    ) -> Result<(), T::Error> {
        match self {
            Struct::Keyed { fields, leaf } if field == MESSAGE => {
                let content = Content { message: value, leaf: Cell::new("") };
                fields.serialize_field(field, &content)?;
                **leaf = content.leaf.get();
                Ok(())
            }
            Struct::Message(fields) | Struct::Keyed { fields, .. } => fields.serialize_field(field, value),
        }
    }

    fn skip_field(&mut self, field: &'static str) -> Result<(), T::Error> {
        match self {
            Struct::Message(fields) | Struct::Keyed { fields, .. } => fields.skip_field(field),
        }
    }

    fn end(self) -> Result<T::Ok, T::Error> {
        match self {
            Struct::Message(fields) | Struct::Keyed { fields, .. } => fields.end(),
        }
    }
}

/// The content of a message alone. Its leaf is known once it is written.
struct Content<'m, M: ?Sized> {
    message: &'m M,
    leaf: Cell<&'static str>,
}

impl<M: Serialize + ?Sized> Serialize for Content<'_, M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut leaf = "";
        let written = split(self.message, serializer, &mut leaf);
        self.leaf.set(leaf);
        written
    }
}

/// The elements of a tuple variant, written as a tuple.
struct Elements<T>(T);

impl<T: ser::SerializeTuple> ser::SerializeTupleVariant for Elements<T> {
    type Ok = T::Ok;
    type Error = T::Error;

    fn serialize_field<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), T::Error> {
        self.0.serialize_element(value)
    }

    fn end(self) -> Result<T::Ok, T::Error> {
        self.0.end()
    }
}

/// The fields of a struct variant, written as a struct.
struct Fields<T>(T);

impl<T: ser::SerializeStruct> ser::SerializeStructVariant for Fields<T> {
    type Ok = T::Ok;
    type Error = T::Error;

    fn serialize_field<V: Serialize + ?Sized>(
        &mut self,
        field: &'static str,
        value: &V,
    ) -> Result<(), T::Error> {
        self.0.serialize_field(field, value)
    }

    fn skip_field(&mut self, field: &'static str) -> Result<(), T::Error> {
        self.0.skip_field(field)
    }

    fn end(self) -> Result<T::Ok, T::Error> {
        self.0.end()
    }
}
