//! Floats that are not one thing: a zero has two signs, and NaN is equal to nothing.

use super::unfit::Unfit;
use serde::ser::{self, Serialize, Serializer};
use std::fmt;

/// Refuses a value that holds `-0.0` or NaN, wherever serde writes one.
pub(super) fn check<T: Serialize + ?Sized>(value: &T) -> Result<(), Unfit> {
    match value.serialize(Look) {
        Err(Found(found)) if !found.is_empty() => Err(Unfit::Float { found }),
        // Another error is told by what writes the value.
        _ => Ok(()),
    }
}

struct Look;

/// Which float was found; nothing where serde itself objects.
#[derive(Debug)]
struct Found(&'static str);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Found {}

impl ser::Error for Found {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Found("")
    }
}

fn one_thing(float: f64) -> Result<(), Found> {
    match float {
        _ if float.is_nan() => Err(Found("NaN")),
        _ if float == 0.0 && float.is_sign_negative() => Err(Found("-0.0")),
        _ => Ok(()),
    }
}

macro_rules! plain {
    ($($method:ident: $type:ty),* $(,)?) => {
        $(fn $method(self, _: $type) -> Result<(), Found> {
            Ok(())
        })*
    };
}

type Nested = Result<Look, Found>;

impl Serializer for Look {
    type Ok = ();
    type Error = Found;
    type SerializeSeq = Look;
    type SerializeTuple = Look;
    type SerializeTupleStruct = Look;
    type SerializeTupleVariant = Look;
    type SerializeMap = Look;
    type SerializeStruct = Look;
    type SerializeStructVariant = Look;

    plain! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_u128: u128, serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
        serialize_unit_struct: &'static str,
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_f32(self, float: f32) -> Result<(), Found> {
        one_thing(float.into())
    }

    fn serialize_f64(self, float: f64) -> Result<(), Found> {
        one_thing(float)
    }

    fn serialize_none(self) -> Result<(), Found> {
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Found> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Found> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Found> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Found> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Found> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Nested {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Nested {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Nested {
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Nested {
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Nested {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Nested {
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Nested {
        Ok(self)
    }
}

macro_rules! nested {
    ($($form:ident: $method:ident($($name:ty)?)),* $(,)?) => {
        $(impl ser::$form for Look {
            type Ok = ();
            type Error = Found;

            fn $method<T: Serialize + ?Sized>(&mut self, $(_: $name,)? value: &T) -> Result<(), Found> {
                value.serialize(Look)
            }

            fn end(self) -> Result<(), Found> {
                Ok(())
            }
        })*
    };
}

nested! {
    SerializeSeq: serialize_element(), SerializeTuple: serialize_element(),
    SerializeTupleStruct: serialize_field(), SerializeTupleVariant: serialize_field(),
    SerializeStruct: serialize_field(&'static str), SerializeStructVariant: serialize_field(&'static str),
}

impl ser::SerializeMap for Look {
    type Ok = ();
    type Error = Found;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Found> {
        key.serialize(Look)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Found> {
        value.serialize(Look)
    }

    fn end(self) -> Result<(), Found> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn floats_are_looked_for_everywhere() {
        assert_eq!(check(&(1, Some(vec![0.5f64, 0.0]), "text")), Ok(()));
        let deep = BTreeMap::from([(1, vec![(true, Some(-0.0f32))])]);
        assert_eq!(check(&deep), Err(Unfit::Float { found: "-0.0" }));
        assert_eq!(check(&[f64::NAN]), Err(Unfit::Float { found: "NaN" }));
    }
}
