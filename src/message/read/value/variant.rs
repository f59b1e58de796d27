//! Variants of enums in words.

use super::super::super::sum::{LOOK_THROUGH, is_sum};
use super::super::super::value::is_open;
use super::super::super::words::{Words, spaced};
use super::super::fault::Misread;
use super::super::room::Room;
use super::Reading;
use super::fields::{Fields, named_fields};
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor};

pub(super) fn variant_of<'de, V: Visitor<'de>>(
    reading: Reading<'_, '_>,
    name: &'static str,
    variants: &'static [&'static str],
    visitor: V,
) -> Result<V::Value, Misread> {
    let cursor = reading.cursor;
    if is_sum(name) || name == LOOK_THROUGH {
        let variant = *variants.get(cursor.pick(variants.len())).ok_or_else(|| cursor.expected("a value"))?;
        let part = is_sum(name).then_some(variant);
        return visitor.visit_enum(OneVariant {
            reading: Reading { part, ..reading },
            variant,
            is_seen: false,
        });
    }
    let (variant, after) = pick_variant(reading, variants)?;
    cursor.move_to(after);
    visitor.visit_enum(OneVariant { reading, variant, is_seen: true })
}

/// The variant whose name stands here, and where the name ends.
fn pick_variant(
    reading: Reading<'_, '_>,
    variants: &'static [&'static str],
) -> Result<(&'static str, usize), Misread> {
    let cursor = reading.cursor;
    let seen: Vec<(&str, usize)> = variants
        .iter()
        .filter(|variant| reading.room == Room::Open || !is_open(&spaced(variant), cursor.words))
        .filter_map(|variant| Some((*variant, cursor.sees(&spaced(variant))?)))
        .collect();
    let pick = cursor.pick(seen.len());
    seen.get(pick).copied().ok_or_else(|| cursor.expected(one_of(variants, cursor.words)))
}

/// "one of `private`, `business` or `(salt and pepper)`".
pub(super) fn one_of(variants: &[&str], words: &Words) -> String {
    let named: Vec<String> = variants
        .iter()
        .map(|variant| spaced(variant))
        .map(|name| if is_open(&name, words) { format!("`({name})`") } else { format!("`{name}`") })
        .collect();
    match named.split_last() {
        None => "a value".to_string(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("one of {} or {last}", others.join(", ")),
    }
}

/// A variant of an enum, whose name was read if it `is_seen`.
struct OneVariant<'c, 't> {
    reading: Reading<'c, 't>,
    variant: &'static str,
    is_seen: bool,
}

impl OneVariant<'_, '_> {
    /// Reads the name of a variant that is none of the parts a wrapper of the kit leaves no trace of.
    fn name(&self) -> Result<(), Misread> {
        if !self.is_seen {
            let cursor = self.reading.cursor;
            let name = spaced(self.variant);
            cursor.move_to(cursor.sees(&name).ok_or_else(|| cursor.expected(format!("`{name}`")))?);
        }
        Ok(())
    }
}

impl<'de> EnumAccess<'de> for OneVariant<'_, '_> {
    type Error = Misread;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Misread> {
        let name: StrDeserializer<'_, Misread> = self.variant.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for OneVariant<'_, '_> {
    type Error = Misread;

    fn unit_variant(self) -> Result<(), Misread> {
        self.name()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misread> {
        if self.is_seen {
            seed.deserialize(Reading::new(self.reading.cursor, Room::Item))
        } else {
            seed.deserialize(self.reading)
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Misread> {
        self.name()?;
        Reading::new(self.reading.cursor, Room::Item).positions(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.name()?;
        let cursor = self.reading.cursor;
        // A variant whose fields are all left out is its name alone.
        if !cursor.sees_sign('(') {
            return visitor.visit_map(Fields::none(cursor));
        }
        cursor.parenthesised(|| named_fields(cursor, fields, false, visitor))
    }
}
