//! A serializer that makes a tree, of everything or of what lies along a path.

use super::super::path::{self, Named};
use super::Value;
use serde::ser::{self, Serialize, Serializer};
use std::fmt;

pub(super) fn read<T: Serialize + ?Sized>(value: &T, steps: &[String]) -> Value {
    value.serialize(Reading { steps }).unwrap_or_else(|Refused(why)| Value::Refused(why))
}

/// A `Serialize` that refuses, in its own words.
#[derive(Debug)]
struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Refused(message.to_string())
    }
}

/// Reads what lies along the steps; all there is, where none are left.
#[derive(Clone, Copy)]
struct Reading<'p> {
    steps: &'p [String],
}

impl<'p> Reading<'p> {
    /// What a value with parts needs to know: which of them is on the way, and the steps behind it.
    fn parts(self) -> Parts<'p> {
        match self.steps {
            [] => Parts { wanted: None, steps: &[] },
            [wanted, steps @ ..] => Parts { wanted: Some(wanted), steps },
        }
    }
}

#[derive(Clone, Copy)]
struct Parts<'p> {
    wanted: Option<&'p str>,
    steps: &'p [String],
}

impl Parts<'_> {
    fn read<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Refused> {
        value.serialize(Reading { steps: self.steps })
    }
}

macro_rules! leaves {
    ($($method:ident($arg:ty) $make:expr;)*) => {
        $(fn $method(self, value: $arg) -> Result<Value, Refused> {
            let make: fn($arg) -> Value = $make;
            Ok(make(value))
        })*
    };
}

impl<'p> Serializer for Reading<'p> {
    type Ok = Value;
    type Error = Refused;
    type SerializeSeq = Items<'p>;
    type SerializeTuple = Items<'p>;
    type SerializeTupleStruct = Items<'p>;
    type SerializeTupleVariant = Items<'p>;
    type SerializeMap = Pairs<'p>;
    type SerializeStruct = Fields<'p>;
    type SerializeStructVariant = Fields<'p>;

    leaves! {
        serialize_bool(bool) Value::Flag;
        serialize_i8(i8) |n| Value::Integer(n.into());
        serialize_i16(i16) |n| Value::Integer(n.into());
        serialize_i32(i32) |n| Value::Integer(n.into());
        serialize_i64(i64) |n| Value::Integer(n.into());
        serialize_i128(i128) Value::Integer;
        serialize_u8(u8) |n| Value::Integer(n.into());
        serialize_u16(u16) |n| Value::Integer(n.into());
        serialize_u32(u32) |n| Value::Integer(n.into());
        serialize_u64(u64) |n| Value::Integer(n.into());
        serialize_u128(u128) |n| i128::try_from(n).map_or_else(|_| Value::Number(n.to_string()), Value::Integer);
        serialize_f32(f32) |n| Value::Number(n.to_string());
        serialize_f64(f64) |n| Value::Number(n.to_string());
        serialize_char(char) |char| Value::Text(char.to_string());
        serialize_str(&str) |text| Value::Text(text.to_string());
        serialize_bytes(&[u8]) |bytes| Value::Bytes(bytes.to_vec());
    }

    fn serialize_none(self) -> Result<Value, Refused> {
        Ok(Value::Nothing)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Refused> {
        Ok(Value::Some(Box::new(value.serialize(self)?)))
    }

    fn serialize_unit(self) -> Result<Value, Refused> {
        Ok(Value::Nothing)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<Value, Refused> {
        Ok(Value::Record(name, Vec::new()))
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, Refused> {
        Ok(Value::Variant(variant, Box::new(Value::Nothing)))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, Refused> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Refused> {
        Ok(Value::Variant(variant, Box::new(value.serialize(self)?)))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'p>, Refused> {
        Ok(Items { name: "", variant: None, parts: self.parts(), items: Vec::new() })
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'p>, Refused> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Items<'p>, Refused> {
        Ok(Items { name, variant: None, parts: self.parts(), items: Vec::new() })
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items<'p>, Refused> {
        Ok(Items { name: "", variant: Some(variant), parts: self.parts(), items: Vec::new() })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Pairs<'p>, Refused> {
        Ok(Pairs { parts: self.parts(), pairs: Vec::new(), key: None })
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Fields<'p>, Refused> {
        Ok(Fields { name, variant: None, parts: self.parts(), fields: Vec::new() })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'p>, Refused> {
        Ok(Fields { name: "", variant: Some(variant), parts: self.parts(), fields: Vec::new() })
    }
}

fn of_variant(variant: Option<&'static str>, content: Value) -> Value {
    match variant {
        Some(variant) => Value::Variant(variant, Box::new(content)),
        None => content,
    }
}

/// The items of a sequence, a set or a tuple.
struct Items<'p> {
    name: &'static str,
    variant: Option<&'static str>,
    parts: Parts<'p>,
    items: Vec<Value>,
}

impl Items<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        let item = match self.parts.wanted {
            None => self.parts.read(value)?,
            Some(wanted) => match wanted.parse::<usize>() {
                Ok(at) if at == self.items.len() => self.parts.read(value)?,
                // Keeps its place.
                Ok(_) => Value::Nothing,
                // Which item it is shows only when it is read.
                Err(_) => read(value, &[]),
            },
        };
        self.items.push(item);
        Ok(())
    }

    fn done(self) -> Result<Value, Refused> {
        Ok(of_variant(self.variant, Value::List(self.name, self.items)))
    }
}

macro_rules! items {
    ($($kind:ident: $method:ident,)*) => {
        $(impl ser::$kind for Items<'_> {
            type Ok = Value;
            type Error = Refused;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
                self.item(value)
            }

            fn end(self) -> Result<Value, Refused> {
                self.done()
            }
        })*
    };
}

items! {
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field,
}

/// The named fields of a struct or of a variant.
struct Fields<'p> {
    name: &'static str,
    variant: Option<&'static str>,
    parts: Parts<'p>,
    fields: Vec<(&'static str, Value)>,
}

impl Fields<'_> {
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Refused> {
        if self.parts.wanted.is_none_or(|wanted| path::field_named_by(wanted, name)) {
            self.fields.push((name, self.parts.read(value)?));
        }
        Ok(())
    }

    fn done(self) -> Result<Value, Refused> {
        Ok(of_variant(self.variant, Value::Record(self.name, self.fields)))
    }
}

macro_rules! fields {
    ($($kind:ident,)*) => {
        $(impl ser::$kind for Fields<'_> {
            type Ok = Value;
            type Error = Refused;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Refused> {
                self.field(name, value)
            }

            fn end(self) -> Result<Value, Refused> {
                self.done()
            }
        })*
    };
}

fields! { SerializeStruct, SerializeStructVariant, }

/// The pairs of a map.
struct Pairs<'p> {
    parts: Parts<'p>,
    pairs: Vec<(Value, Value)>,
    key: Option<Value>,
}

impl ser::SerializeMap for Pairs<'_> {
    type Ok = Value;
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        let key = read(key, &[]);
        let on_the_way = self.parts.wanted.is_none_or(|wanted| path::named_by(wanted, &key) > Named::Not);
        self.key = on_the_way.then_some(key);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        if let Some(key) = self.key.take() {
            self.pairs.push((key, self.parts.read(value)?));
        }
        Ok(())
    }

    fn end(mut self) -> Result<Value, Refused> {
        // A map without an order of its own tells its pairs in any.
        self.pairs.sort();
        Ok(Value::Map(self.pairs))
    }
}
