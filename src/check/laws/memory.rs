//! What serde writes, kept in memory with all that it tells: the law of the round trip needs a form that loses nothing.
//!
//! A binary form would not do: it cannot read types that serde writes without their absent fields, or untagged, and
//! would find fault with messages that a log of text keeps faithfully.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, VariantAccess,
    Visitor,
};
use serde::ser::{self, Serialize, Serializer};
use std::fmt;

/// A value as serde describes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kept {
    Unit,
    Bool(bool),
    Signed(i128),
    Unsigned(u128),
    Float(f64),
    Char(char),
    Text(String),
    Bytes(Vec<u8>),
    Nothing,
    Some(Box<Kept>),
    Sequence(Vec<Kept>),
    Map(Vec<(Kept, Kept)>),
    Variant(&'static str, Box<Kept>),
}

#[derive(Debug)]
pub(super) struct Problem(String);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}

impl ser::Error for Problem {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Problem(why.to_string())
    }
}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Problem(why.to_string())
    }
}

/// Writes a value and reads it back.
pub(super) fn there_and_back<T: Serialize + DeserializeOwned>(value: &T) -> Result<T, String> {
    let kept = value.serialize(Keeping).map_err(|why| format!("serde cannot write it: {why}"))?;
    T::deserialize(kept).map_err(|why| format!("serde cannot read back what it wrote: {why}"))
}

// ---------------------------------------------------------------------------------------------------- written

struct Keeping;

/// A collection or a struct that is being written.
struct Parts {
    variant: Option<&'static str>,
    sequence: Vec<Kept>,
    map: Vec<(Kept, Kept)>,
    key: Option<Kept>,
}

impl Parts {
    fn new(variant: Option<&'static str>) -> Result<Self, Problem> {
        Ok(Parts { variant, sequence: Vec::new(), map: Vec::new(), key: None })
    }

    fn wrapped(variant: Option<&'static str>, kept: Kept) -> Kept {
        match variant {
            Some(name) => Kept::Variant(name, Box::new(kept)),
            None => kept,
        }
    }

    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Problem> {
        self.sequence.push(value.serialize(Keeping)?);
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Problem> {
        self.map.push((Kept::Text(name.to_string()), value.serialize(Keeping)?));
        Ok(())
    }
}

macro_rules! numbers {
    ($($method:ident($type:ty) $kept:ident;)*) => {
        $(fn $method(self, number: $type) -> Result<Kept, Problem> {
            Ok(Kept::$kept(number.into()))
        })*
    };
}

impl Serializer for Keeping {
    type Ok = Kept;
    type Error = Problem;
    type SerializeSeq = Parts;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Parts;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Parts;

    numbers! {
        serialize_bool(bool) Bool;
        serialize_i8(i8) Signed;
        serialize_i16(i16) Signed;
        serialize_i32(i32) Signed;
        serialize_i64(i64) Signed;
        serialize_i128(i128) Signed;
        serialize_u8(u8) Unsigned;
        serialize_u16(u16) Unsigned;
        serialize_u32(u32) Unsigned;
        serialize_u64(u64) Unsigned;
        serialize_u128(u128) Unsigned;
        serialize_f32(f32) Float;
        serialize_f64(f64) Float;
        serialize_char(char) Char;
        serialize_str(&str) Text;
        serialize_bytes(&[u8]) Bytes;
    }

    fn serialize_none(self) -> Result<Kept, Problem> {
        Ok(Kept::Nothing)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Kept, Problem> {
        Ok(Kept::Some(Box::new(value.serialize(Keeping)?)))
    }

    fn serialize_unit(self) -> Result<Kept, Problem> {
        Ok(Kept::Unit)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Kept, Problem> {
        Ok(Kept::Unit)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<Kept, Problem> {
        Ok(Kept::Variant(name, Box::new(Kept::Unit)))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Kept, Problem> {
        value.serialize(Keeping)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<Kept, Problem> {
        Ok(Kept::Variant(name, Box::new(value.serialize(Keeping)?)))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts, Problem> {
        Parts::new(None)
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts, Problem> {
        Parts::new(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts, Problem> {
        Parts::new(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Parts, Problem> {
        Parts::new(Some(name))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts, Problem> {
        Parts::new(None)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts, Problem> {
        Parts::new(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Parts, Problem> {
        Parts::new(Some(name))
    }
}

macro_rules! sequences {
    ($($trait:ident::$method:ident)*) => {
        $(impl ser::$trait for Parts {
            type Ok = Kept;
            type Error = Problem;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Problem> {
                self.push(value)
            }

            fn end(self) -> Result<Kept, Problem> {
                Ok(Parts::wrapped(self.variant, Kept::Sequence(self.sequence)))
            }
        })*
    };
}

sequences! {
    SerializeSeq::serialize_element
    SerializeTuple::serialize_element
    SerializeTupleStruct::serialize_field
    SerializeTupleVariant::serialize_field
}

macro_rules! structs {
    ($($trait:ident)*) => {
        $(impl ser::$trait for Parts {
            type Ok = Kept;
            type Error = Problem;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Problem> {
                self.field(name, value)
            }

            fn end(self) -> Result<Kept, Problem> {
                Ok(Parts::wrapped(self.variant, Kept::Map(self.map)))
            }
        })*
    };
}

structs! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for Parts {
    type Ok = Kept;
    type Error = Problem;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Problem> {
        self.key = Some(key.serialize(Keeping)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Problem> {
        let key = self.key.take().ok_or_else(|| Problem("a value of a map without its key".into()))?;
        self.map.push((key, value.serialize(Keeping)?));
        Ok(())
    }

    fn end(self) -> Result<Kept, Problem> {
        Ok(Kept::Map(self.map))
    }
}

// ------------------------------------------------------------------------------------------------------- read

impl IntoDeserializer<'_, Problem> for Kept {
    type Deserializer = Kept;

    fn into_deserializer(self) -> Kept {
        self
    }
}

impl<'de> Deserializer<'de> for Kept {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self {
            Kept::Unit => visitor.visit_unit(),
            Kept::Bool(it) => visitor.visit_bool(it),
            Kept::Signed(number) => match i64::try_from(number) {
                Ok(number) => visitor.visit_i64(number),
                Err(_) => visitor.visit_i128(number),
            },
            Kept::Unsigned(number) => match u64::try_from(number) {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => visitor.visit_u128(number),
            },
            Kept::Float(number) => visitor.visit_f64(number),
            Kept::Char(letter) => visitor.visit_char(letter),
            Kept::Text(text) => visitor.visit_string(text),
            Kept::Bytes(bytes) => visitor.visit_byte_buf(bytes),
            Kept::Nothing => visitor.visit_none(),
            Kept::Some(value) => visitor.visit_some(*value),
            Kept::Sequence(values) => visitor.visit_seq(SeqDeserializer::new(values.into_iter())),
            Kept::Map(entries) => visitor.visit_map(MapDeserializer::new(entries.into_iter())),
            // As in a log of text: a name alone, or a map of one entry.
            Kept::Variant(name, content) => match *content {
                Kept::Unit => visitor.visit_str(name),
                content => {
                    let entry = [(Kept::Text(name.to_string()), content)];
                    visitor.visit_map(MapDeserializer::new(entry.into_iter()))
                }
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self {
            Kept::Nothing | Kept::Unit => visitor.visit_none(),
            Kept::Some(value) => visitor.visit_some(*value),
            other => visitor.visit_some(other),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self {
            Kept::Variant(name, content) => {
                visitor.visit_enum(Chosen { name: name.to_string(), content: *content })
            }
            Kept::Text(name) => visitor.visit_enum(Chosen { name, content: Kept::Unit }),
            other => Err(Problem(format!("an enum was written as {other:?}"))),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

struct Chosen {
    name: String,
    content: Kept,
}

impl<'de> EnumAccess<'de> for Chosen {
    type Error = Problem;
    type Variant = Kept;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Kept), Problem> {
        let name: serde::de::value::StringDeserializer<Problem> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self.content))
    }
}

impl<'de> VariantAccess<'de> for Kept {
    type Error = Problem;

    fn unit_variant(self) -> Result<(), Problem> {
        match self {
            Kept::Unit => Ok(()),
            other => Err(Problem(format!("a variant without fields was written with {other:?}"))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Problem> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        self.deserialize_any(visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Deserialize, Serialize};
    use std::collections::BTreeMap;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Marker;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Wrapped(i128);

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        One { price: u64, mark: char },
        Two,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Number(u8),
        Named { name: String },
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum All {
        Unit,
        Newtype(Wrapped),
        Tuple(u8, Option<Option<bool>>, (f32, f64)),
        Struct {
            marker: Marker,
            keyed: BTreeMap<(u8, String), Vec<Untagged>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            absent: Option<u8>,
            tagged: Vec<Tagged>,
            #[serde(flatten)]
            more: BTreeMap<String, i64>,
        },
    }

    #[test]
    fn all_that_serde_can_say_comes_back() {
        let all = [
            All::Unit,
            All::Newtype(Wrapped(i128::MIN)),
            All::Tuple(255, Some(Some(true)), (0.1, f64::MIN_POSITIVE)),
            All::Tuple(0, Some(None), (0.0, -0.0)),
            All::Struct {
                marker: Marker,
                keyed: [((1, "a".into()), vec![Untagged::Number(3), Untagged::Named { name: "x".into() }])]
                    .into(),
                absent: None,
                tagged: vec![Tagged::One { price: u64::MAX, mark: 'ß' }, Tagged::Two],
                more: [("left".into(), -1)].into(),
            },
        ];
        for value in all {
            assert_eq!(there_and_back(&value), Ok(value));
        }
    }

    #[test]
    fn what_cannot_come_back_is_told() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Unlike {
            #[serde(rename(serialize = "one", deserialize = "other"))]
            field: u8,
        }
        let problem = there_and_back(&Unlike { field: 1 }).unwrap_err();
        assert_eq!(problem, "serde cannot read back what it wrote: missing field `other`");
    }
}
