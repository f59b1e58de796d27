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
/// Those of `content`, and a sentence where the leaf is none of `T`.
pub(crate) fn join<'de, T, D>(leaf: &Leaf, content: D) -> Result<T, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    T::deserialize(Outside { route: &leaf.route, variant: leaf.variant, newtype: leaf.newtype, content })
}

/// Outside a message: the way that is left to it, and its content.
struct Outside<'l, D> {
    route: &'l [u32],
    variant: Option<u32>,
    newtype: bool,
    content: D,
}

fn astray<E: Error>(asked: &str) -> E {
    E::custom(format_args!("a message was expected to be an enum or a struct, and is read from {asked}"))
}

macro_rules! nameless {
    ($($method:ident $what:literal;)*) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, D::Error> {
            Err(astray($what))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Outside<'_, D> {
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
        // Around an umbrella enum, it is looked through like any other.
        if self.newtype && self.route.is_empty() {
            return visitor.visit_newtype_struct(self.content);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, D::Error> {
        Err(astray("a tuple"))
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
            let Some(index) = self.variant else { return Err(astray("an enum")) };
            return visitor.visit_enum(Numbered { index, content: Inside(self.content) });
        }
        match self.route {
            [index, rest @ ..] => {
                visitor.visit_enum(Numbered { index: *index, content: Part(Outside { route: rest, ..self }) })
            }
            [] => Err(astray("an umbrella enum")),
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

/// What stands in a variant of a sum: the message, or a further sum.
struct Part<'l, D>(Outside<'l, D>);

impl<'de, D: Deserializer<'de>> VariantAccess<'de> for Part<'_, D> {
    type Error = D::Error;

    fn unit_variant(self) -> Result<(), D::Error> {
        Err(astray("a variant of the kit"))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, D::Error> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, D::Error> {
        Err(astray("a variant of the kit"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, D::Error> {
        Err(astray("a variant of the kit"))
    }
}

/// What stands in the variant that is the message: its content.
struct Inside<D>(D);

impl<'de, D: Deserializer<'de>> VariantAccess<'de> for Inside<D> {
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
