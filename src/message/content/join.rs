//! Joins the leaf name and the content of a message.

use super::super::sum::{KEYED, LOOK_THROUGH, is_sum};
use super::KEY_APART;
use crate::message::names_of_type::Leaf;
use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer,
    VariantAccess, Visitor,
};

/// Reads a message from its leaf and its content.
///
/// # Errors
/// Those of `content`, and one if `T` has no such leaf.
pub(crate) fn join<'de, T, D>(leaf: &Leaf, content: D) -> Result<T, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    T::deserialize(AroundMessage {
        route: &leaf.route,
        variant: leaf.variant,
        newtype: leaf.newtype,
        content,
    })
}

/// Reads the umbrella enums around a message: the rest of the path to it, and its content.
struct AroundMessage<'l, D> {
    route: &'l [u32],
    variant: Option<u32>,
    newtype: bool,
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
        if self.newtype && self.route.is_empty() {
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
            return Err(Error::custom(KEY_APART));
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
            let Some(index) = self.variant else { return Err(not_a_message("an enum")) };
            return visitor.visit_enum(Numbered { index, content: LeafContent(self.content) });
        }
        match self.route {
            [index, rest @ ..] => visitor
                .visit_enum(Numbered { index: *index, content: Part(AroundMessage { route: rest, ..self }) }),
            [] => Err(not_a_message("an umbrella enum")),
        }
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
