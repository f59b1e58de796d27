//! What serde tells of a value, in words.

use super::sum::{LOOK_THROUGH, is_sum};
use super::words::spaced;
use serde::ser::{self, Serialize, Serializer};
use std::fmt;

/// What serde tells of a value, as far as it can be said.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Plain(String),
    Text(String),
    Flag(bool),
    Nothing,
    List(Vec<Value>),
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

    /// The value as that of a field: "joint", "no limit", "amount 5", "address (city "Bonn")".
    pub(super) fn said_of(&self, field: &str) -> String {
        match self {
            Value::Flag(true) => field.to_string(),
            Value::Flag(false) => format!("not {field}"),
            Value::Nothing => format!("no {field}"),
            Value::List(items) if items.is_empty() => format!("no {field}"),
            Value::Fields(_) | Value::Record { .. } => format!("{field} ({})", self.said()),
            other => format!("{field} {}", other.said()),
        }
    }

    /// The value inside a sentence of somebody's own: texts without quotation marks.
    pub(super) fn bare(&self) -> String {
        match self {
            Value::Text(text) => text.clone(),
            other => other.said(),
        }
    }
}

fn listed(items: &[Value]) -> String {
    let said: Vec<String> = items
        .iter()
        .map(|item| match item {
            Value::Record { .. } | Value::Fields(_) => format!("({})", item.said()),
            other => other.said(),
        })
        .collect();
    match said.split_last() {
        None => "none".to_string(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// What serde tells of this value; a `Serialize` that refuses is told by its own words.
pub(super) fn value_of<T: Serialize + ?Sized>(value: &T) -> Value {
    value.serialize(Saying).unwrap_or_else(|Unsaid(why)| Value::Plain(why))
}

/// A `Serialize` that refuses; its own words stand in for the value.
#[derive(Debug)]
struct Unsaid(String);

impl fmt::Display for Unsaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unsaid {}

impl ser::Error for Unsaid {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Unsaid(message.to_string())
    }
}

struct Saying;

macro_rules! plain {
    ($($method:ident($arg:ty))*) => {
        $(fn $method(self, value: $arg) -> Result<Value, Unsaid> {
            Ok(Value::Plain(value.to_string()))
        })*
    };
}

impl Serializer for Saying {
    type Ok = Value;
    type Error = Unsaid;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Members;
    type SerializeTupleVariant = Members;
    type SerializeMap = Pairs;
    type SerializeStruct = Members;
    type SerializeStructVariant = Members;

    plain! {
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
        serialize_f32(f32) serialize_f64(f64)
    }

    fn serialize_bool(self, value: bool) -> Result<Value, Unsaid> {
        Ok(Value::Flag(value))
    }

    fn serialize_char(self, value: char) -> Result<Value, Unsaid> {
        Ok(Value::Text(value.to_string()))
    }

    fn serialize_str(self, value: &str) -> Result<Value, Unsaid> {
        Ok(Value::Text(value.to_string()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Value, Unsaid> {
        Ok(Value::Plain(format!("{} bytes", value.len())))
    }

    fn serialize_none(self) -> Result<Value, Unsaid> {
        Ok(Value::Nothing)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Unsaid> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Unsaid> {
        Ok(Value::Nothing)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<Value, Unsaid> {
        Ok(Value::Record { of: name, fields: Vec::new() })
    }

    fn serialize_unit_variant(
        self,
        of: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, Unsaid> {
        Ok(Value::Variant { of, variant, content: Box::new(Value::Fields(Vec::new())) })
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, Unsaid> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        of: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Unsaid> {
        Ok(Value::Variant { of, variant, content: Box::new(value.serialize(Saying)?) })
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, Unsaid> {
        Ok(Items(Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items, Unsaid> {
        Ok(Items(Vec::new()))
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Members, Unsaid> {
        Ok(Members { of: name, variant: None, fields: Vec::new() })
    }

    fn serialize_tuple_variant(
        self,
        of: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members, Unsaid> {
        Ok(Members { of, variant: Some(variant), fields: Vec::new() })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Pairs, Unsaid> {
        Ok(Pairs { pairs: Vec::new(), key: String::new() })
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Members, Unsaid> {
        Ok(Members { of: name, variant: None, fields: Vec::new() })
    }

    fn serialize_struct_variant(
        self,
        of: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members, Unsaid> {
        Ok(Members { of, variant: Some(variant), fields: Vec::new() })
    }
}

/// The items of a sequence or tuple.
struct Items(Vec<Value>);

impl ser::SerializeSeq for Items {
    type Ok = Value;
    type Error = Unsaid;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsaid> {
        self.0.push(value.serialize(Saying)?);
        Ok(())
    }

    fn end(self) -> Result<Value, Unsaid> {
        Ok(Value::List(self.0))
    }
}

impl ser::SerializeTuple for Items {
    type Ok = Value;
    type Error = Unsaid;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsaid> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Value, Unsaid> {
        ser::SerializeSeq::end(self)
    }
}

/// The fields of a struct or of a variant.
struct Members {
    of: &'static str,
    variant: Option<&'static str>,
    fields: Vec<(String, Value)>,
}

impl Members {
    fn field<T: Serialize + ?Sized>(&mut self, name: String, value: &T) -> Result<(), Unsaid> {
        self.fields.push((name, value.serialize(Saying)?));
        Ok(())
    }

    fn positioned<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsaid> {
        self.field(self.fields.len().to_string(), value)
    }

    fn done(self) -> Result<Value, Unsaid> {
        let Members { of, variant, fields } = self;
        Ok(match variant {
            Some(variant) => Value::Variant { of, variant, content: Box::new(Value::Fields(fields)) },
            None => Value::Record { of, fields },
        })
    }
}

macro_rules! members {
    ($($kind:ident: $positional:ident,)* ; $($named:ident,)*) => {
        $(impl ser::$kind for Members {
            type Ok = Value;
            type Error = Unsaid;

            fn $positional<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsaid> {
                self.positioned(value)
            }

            fn end(self) -> Result<Value, Unsaid> {
                self.done()
            }
        })*
        $(impl ser::$named for Members {
            type Ok = Value;
            type Error = Unsaid;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unsaid> {
                self.field(name.to_string(), value)
            }

            fn end(self) -> Result<Value, Unsaid> {
                self.done()
            }
        })*
    };
}

members! {
    SerializeTupleStruct: serialize_field, SerializeTupleVariant: serialize_field, ;
    SerializeStruct, SerializeStructVariant,
}

/// The pairs of a map.
struct Pairs {
    pairs: Vec<(String, Value)>,
    key: String,
}

impl ser::SerializeMap for Pairs {
    type Ok = Value;
    type Error = Unsaid;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unsaid> {
        self.key = key.serialize(Saying)?.bare();
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsaid> {
        self.pairs.push((std::mem::take(&mut self.key), value.serialize(Saying)?));
        Ok(())
    }

    fn end(self) -> Result<Value, Unsaid> {
        if self.pairs.is_empty() {
            Ok(Value::List(Vec::new()))
        } else {
            Ok(Value::Record { of: "", fields: self.pairs })
        }
    }
}

/// Whether a field has a position and no name.
pub(super) fn is_position(field: &str) -> bool {
    field.bytes().all(|byte| byte.is_ascii_digit())
}
