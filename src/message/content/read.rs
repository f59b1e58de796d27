//! Joins the leaf name and the content of a message.

use super::super::sum::{KEYED, LOOK_THROUGH, MESSAGE, is_sum};
use crate::message::names_of_type::Leaf;
use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer,
    MapAccess, VariantAccess, Visitor,
};
use std::fmt;

/// Reads a message from its leaf and its content.
///
/// # Errors
/// Those of `content`, and one if `T` has no such leaf.
pub(crate) fn join<'de, T, D>(leaf: &Leaf, content: D) -> Result<T, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    let way = Way { route: &leaf.route, variant: leaf.variant, newtype: leaf.newtype };
    T::deserialize(AroundMessage { way, content })
}

/// The rest of the way to a message: through umbrella enums, and its number in its own enum.
#[derive(Clone, Copy)]
struct Way<'l> {
    route: &'l [u32],
    variant: Option<u32>,
    newtype: bool,
}

/// Reads what is around a message: umbrella enums, and its key.
struct AroundMessage<'l, D> {
    way: Way<'l>,
    content: D,
}

fn not_a_message<E: Error>(found: &str) -> E {
    E::custom(format_args!("a message was expected to be an enum or a struct, and is read from {found}"))
}

macro_rules! nameless {
    ($($method:ident $what:literal;)*) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, D::Error> {
            Err(not_a_message($what))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for AroundMessage<'_, D> {
    type Error = D::Error;

    nameless! {
        deserialize_any "anything";
        deserialize_bool "a bool";
        deserialize_i8 "a number";
        deserialize_i16 "a number";
        deserialize_i32 "a number";
        deserialize_i64 "a number";
        deserialize_i128 "a number";
        deserialize_u8 "a number";
        deserialize_u16 "a number";
        deserialize_u32 "a number";
        deserialize_u64 "a number";
        deserialize_u128 "a number";
        deserialize_f32 "a number";
        deserialize_f64 "a number";
        deserialize_char "a character";
        deserialize_str "a text";
        deserialize_string "a text";
        deserialize_bytes "bytes";
        deserialize_byte_buf "bytes";
        deserialize_option "an option";
        deserialize_unit "a unit";
        deserialize_seq "a sequence";
        deserialize_map "a map";
        deserialize_identifier "an identifier";
        deserialize_ignored_any "anything";
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.content.deserialize_unit_struct(name, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        // A struct around an umbrella enum is no part of a message.
        if self.way.newtype && self.way.route.is_empty() {
            return visitor.visit_newtype_struct(self.content);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, D::Error> {
        Err(not_a_message("a tuple"))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.content.deserialize_tuple_struct(name, len, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        if name == KEYED {
            return self.content.deserialize_struct(name, fields, KeyedVisitor { visitor, way: self.way });
        }
        self.content.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        if name != LOOK_THROUGH && !is_sum(name) {
            let Some(index) = self.way.variant else { return Err(not_a_message("an enum")) };
            return visitor.visit_enum(Numbered { index, content: LeafContent(self.content) });
        }
        match self.way.route {
            [index, rest @ ..] => {
                let inner = AroundMessage { way: Way { route: rest, ..self.way }, content: self.content };
                visitor.visit_enum(Numbered { index: *index, content: Part(inner) })
            }
            [] => Err(not_a_message("an umbrella enum")),
        }
    }
}

/// Reads a key and the message it is for.
struct KeyedVisitor<'l, V> {
    visitor: V,
    way: Way<'l>,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for KeyedVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key and a message")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(KeyedFields { fields, way: self.way, is_message: false })
    }
}

/// The fields of a message with its key.
struct KeyedFields<'l, A> {
    fields: A,
    way: Way<'l>,
    /// Whether the value that comes next is the message.
    is_message: bool,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for KeyedFields<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some(field) = self.fields.next_key::<String>()? else { return Ok(None) };
        self.is_message = field == MESSAGE;
        seed.deserialize(field.into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        match self.is_message {
            true => self.fields.next_value_seed(MessageSeed { seed, way: self.way }),
            false => self.fields.next_value_seed(seed),
        }
    }
}

/// Reads the message beside a key.
struct MessageSeed<'l, S> {
    seed: S,
    way: Way<'l>,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for MessageSeed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, content: D) -> Result<S::Value, D::Error> {
        self.seed.deserialize(AroundMessage { way: self.way, content })
    }
}

/// A variant by its number.
struct Numbered<A> {
    index: u32,
    content: A,
}

impl<'de, A: VariantAccess<'de>> EnumAccess<'de> for Numbered<A> {
    type Error = A::Error;
    type Variant = A;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, A), A::Error> {
        let variant = seed.deserialize(IntoDeserializer::<A::Error>::into_deserializer(self.index))?;
        Ok((variant, self.content))
    }
}

/// The value in a variant of a sum: the message, or another sum.
struct Part<'l, D>(AroundMessage<'l, D>);

impl<'de, D: Deserializer<'de>> VariantAccess<'de> for Part<'_, D> {
    type Error = D::Error;

    fn unit_variant(self) -> Result<(), D::Error> {
        Err(not_a_message("a variant of the kit"))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, D::Error> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, D::Error> {
        Err(not_a_message("a variant of the kit"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, D::Error> {
        Err(not_a_message("a variant of the kit"))
    }
}

/// The content of the variant that is the message.
struct LeafContent<D>(D);

impl<'de, D: Deserializer<'de>> VariantAccess<'de> for LeafContent<D> {
    type Error = D::Error;

    fn unit_variant(self) -> Result<(), D::Error> {
        Deserialize::deserialize(self.0)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, D::Error> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct("", fields, visitor)
    }
}
