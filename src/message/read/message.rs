//! A message as a whole in words: a deserializer that reads what `Phrase::say` writes.

use super::super::sentence::{Piece, cut, pieces};
use super::super::sum::{KEYED, LOOK_THROUGH, is_sum};
use super::super::words::{snake, spaced};
use super::cursor::Cursor;
use super::fault::{Misread, Why};
use super::room::Room;
use super::value::{Keyed, Reading, named_fields, positions};
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use std::any::type_name;

/// Reads a message: its part and key, its name or its sentence, its content.
#[derive(Clone, Copy)]
pub(super) struct MessageReading<'c, 't> {
    pub(super) cursor: &'c Cursor<'t>,
    /// The outermost struct of one field around the message: its name is used if the message has none.
    newtype: Option<&'static str>,
    /// The part of a sum around the message that was not said yet.
    part: Option<&'static str>,
}

impl<'c, 't> MessageReading<'c, 't> {
    pub(super) fn new(cursor: &'c Cursor<'t>) -> Self {
        MessageReading { cursor, newtype: None, part: None }
    }

    /// The part of a sum may stand before its message, as in "order: closed".
    fn part_alone(self) {
        let cursor = self.cursor;
        let before = cursor.place();
        if let Some(part) = self.part
            && let Some(after) = cursor.sees(&spaced(part))
        {
            cursor.move_to(after);
            if !cursor.takes(':') {
                cursor.move_to(before);
            }
        }
    }

    /// What comes after the name of the message, or the slots of its sentence; the name stands here, or is `after` this place.
    fn content(self, name: &'static str, after: Option<usize>) -> Result<Content<'c, 't>, Misread> {
        let cursor = self.cursor;
        let path: String = cursor.path.borrow().iter().map(|part| snake(part) + ".").collect();
        let Some(sentence) = cursor.words.sentence(&(path + name), name) else {
            let unknown = || cursor.fault(Why::Unknown);
            cursor.move_to(after.or_else(|| cursor.sees(&spaced(name))).ok_or_else(unknown)?);
            return Ok(Content { cursor, slots: None });
        };
        let pieces = pieces(sentence);
        let from = cursor.place();
        let rest = cursor.rest();
        let ranges = cut(&pieces, rest).map_err(|at| Misread::new(from + at, Why::Unknown))?;
        let names = pieces.iter().filter_map(|piece| match piece {
            Piece::Slot { name, .. } => Some(name.to_string()),
            Piece::Words(_) => None,
        });
        let slots = names.zip(ranges).map(|(name, (begin, end))| (name, from + begin, from + end));
        Ok(Content { cursor, slots: Some(Slots { all: slots.collect(), next: 0, after: from + rest.len() }) })
    }

    /// A value that has no name of its own: it has that of the struct around it, or is the whole message.
    fn nameless<T>(self, read: impl FnOnce(Content<'c, 't>) -> Result<T, Misread>) -> Result<T, Misread> {
        match self.newtype {
            Some(name) => {
                self.part_alone();
                read(self.content(name, None)?)
            }
            None => read(Content { cursor: self.cursor, slots: None }),
        }
    }
}

macro_rules! nameless {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
            self.nameless(|content| content.$method(visitor))
        })*
    };
}

impl<'de> Deserializer<'de> for MessageReading<'_, '_> {
    type Error = Misread;

    nameless! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128 deserialize_u8
        deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char
        deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_option deserialize_seq
        deserialize_map deserialize_identifier deserialize_ignored_any
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Misread> {
        Err(Misread::unreadable(type_name::<V::Value>()))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        match self.newtype {
            Some(_) => self.nameless(|content| content.deserialize_unit(visitor)),
            // A unit has nothing to say.
            None => visitor.visit_unit(),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Misread> {
        self.nameless(|content| content.deserialize_tuple(len, visitor))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.part_alone();
        self.content(name, None)?.deserialize_unit_struct(name, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        visitor.visit_newtype_struct(MessageReading { newtype: self.newtype.or(Some(name)), ..self })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.part_alone();
        self.content(name, None)?.deserialize_tuple_struct(name, len, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        if name == KEYED {
            if let Some(part) = self.part {
                let unknown = || self.cursor.fault(Why::Unknown);
                self.cursor.move_to(self.cursor.sees(&spaced(part)).ok_or_else(unknown)?);
            }
            let message = MessageReading { newtype: None, part: None, ..self };
            return visitor.visit_map(Keyed { cursor: self.cursor, read: 0, message: Some(message) });
        }
        self.part_alone();
        self.content(name, None)?.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        let cursor = self.cursor;
        if is_sum(name) || name == LOOK_THROUGH {
            let part =
                *variants.get(cursor.pick(variants.len())).ok_or_else(|| cursor.fault(Why::Unknown))?;
            let mut inside = self;
            if is_sum(name) {
                cursor.path.borrow_mut().push(part);
                inside.part = Some(part);
            }
            return visitor.visit_enum(Part { reading: inside, part });
        }
        self.part_alone();
        let path: String = cursor.path.borrow().iter().map(|part| snake(part) + ".").collect();
        // A message that has a sentence is read by it alone.
        let mut seen = Vec::new();
        for variant in variants {
            match cursor.words.sentence(&format!("{path}{variant}"), variant) {
                Some(sentence) => {
                    if begins(cursor, sentence) {
                        seen.push((*variant, None));
                    }
                }
                None => seen.extend(cursor.sees(&spaced(variant)).map(|after| (*variant, Some(after)))),
            }
        }
        let pick = cursor.pick(seen.len());
        let (variant, after) = *seen.get(pick).ok_or_else(|| cursor.fault(Why::Unknown))?;
        let content = self.content(variant, after)?;
        visitor.visit_enum(Named { content, variant })
    }
}

/// Whether the text here begins with the first words of a sentence, as far as it has any before its first slot.
fn begins(cursor: &Cursor<'_>, sentence: &str) -> bool {
    match pieces(sentence).first() {
        Some(Piece::Words(words)) => cursor.sees(words.trim()).is_some(),
        _ => true,
    }
}

/// A part of a sum, or a side of a wrapper of the kit, which leaves no trace in words.
struct Part<'c, 't> {
    reading: MessageReading<'c, 't>,
    part: &'static str,
}

impl<'de> EnumAccess<'de> for Part<'_, '_> {
    type Error = Misread;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Misread> {
        let name: StrDeserializer<'_, Misread> = self.part.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Part<'_, '_> {
    type Error = Misread;

    fn unit_variant(self) -> Result<(), Misread> {
        self.reading.content(self.part, None)?.unit_variant()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misread> {
        seed.deserialize(self.reading)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Misread> {
        self.reading.content(self.part, None)?.tuple_variant(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.reading.content(self.part, None)?.struct_variant(fields, visitor)
    }
}

/// A variant whose name was read.
struct Named<'c, 't> {
    content: Content<'c, 't>,
    variant: &'static str,
}

impl<'de, 'c, 't> EnumAccess<'de> for Named<'c, 't> {
    type Error = Misread;
    type Variant = Content<'c, 't>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content<'c, 't>), Misread> {
        let name: StrDeserializer<'_, Misread> = self.variant.into_deserializer();
        Ok((seed.deserialize(name)?, self.content))
    }
}

impl<'de> VariantAccess<'de> for Content<'_, '_> {
    type Error = Misread;

    fn unit_variant(self) -> Result<(), Misread> {
        self.end();
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misread> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Misread> {
        self.deserialize_tuple_struct("", len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.deserialize_struct("", fields, visitor)
    }
}

/// What comes after the name of a message, or the slots of its sentence.
struct Content<'c, 't> {
    cursor: &'c Cursor<'t>,
    slots: Option<Slots>,
}

/// The slots of a sentence, with where they begin and end.
struct Slots {
    all: Vec<(String, usize, usize)>,
    next: usize,
    /// Where the sentence ends.
    after: usize,
}

impl<'c, 't> Content<'c, 't> {
    /// Goes to the end of the sentence.
    fn end(&self) {
        if let Some(slots) = &self.slots {
            self.cursor.move_to(slots.after);
        }
    }

    /// One value: in the slot 0, or after the name.
    fn one<T>(self, read: impl FnOnce(Reading<'c, 't>) -> Result<T, Misread>) -> Result<T, Misread> {
        let Some(slots) = &self.slots else {
            self.cursor.begin_value();
            return read(Reading::new(self.cursor, Room::Open));
        };
        let value = in_slot(self.cursor, slots, "0", |cursor| read(Reading::new(cursor, Room::Slot)))?;
        self.end();
        Ok(value)
    }
}

/// Reads what is in the slot of this name.
fn in_slot<'c, 't, T>(
    cursor: &'c Cursor<'t>,
    slots: &Slots,
    name: &str,
    read: impl FnOnce(&'c Cursor<'t>) -> Result<T, Misread>,
) -> Result<T, Misread> {
    let slot = slots.all.iter().find(|(slot, ..)| slot == name);
    let (_, from, to) = slot.ok_or_else(|| cursor.fault(Why::Missing { field: spaced(name) }))?;
    let end = cursor.restrict(*from, *to);
    cursor.begin_value();
    let value = cursor.framed(None, || read(cursor))?;
    if !cursor.rest().is_empty() {
        return Err(cursor.fault(Why::NoField { found: cursor.found(), fields: Vec::new() }));
    }
    cursor.set_end(end);
    Ok(value)
}

macro_rules! one {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
            self.one(|reading| reading.$method(visitor))
        })*
    };
}

impl<'de> Deserializer<'de> for Content<'_, '_> {
    type Error = Misread;

    one! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_unit
        deserialize_seq deserialize_map deserialize_identifier deserialize_ignored_any
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        let cursor = self.cursor;
        if self.slots.is_some() || self.cursor.words.names_values(type_name::<V::Value>()) {
            return self.one(|reading| reading.deserialize_option(visitor));
        }
        cursor.begin_value();
        let none = cursor.sees_fixed("none").is_some_and(|after| cursor.text[after..].trim().is_empty());
        let wrapped = cursor.sees_wrapped_none().is_some_and(|after| cursor.text[after..].trim().is_empty());
        if none || wrapped {
            return Reading::new(cursor, Room::Open).deserialize_option(visitor);
        }
        visitor.visit_some(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Misread> {
        self.one(|reading| reading.deserialize_tuple(len, visitor))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        if self.cursor.words.names_values(type_name::<V::Value>()) {
            return self.one(|reading| reading.deserialize_unit_struct(name, visitor));
        }
        self.end();
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        if self.cursor.words.names_values(type_name::<V::Value>()) {
            return self.one(|reading| reading.deserialize_newtype_struct(name, visitor));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        if self.cursor.words.names_values(type_name::<V::Value>()) {
            return self.one(|reading| reading.deserialize_tuple_struct(name, len, visitor));
        }
        match &mut self.slots {
            None => positions(self.cursor, len, visitor),
            Some(slots) => {
                let cursor = self.cursor;
                let value = visitor.visit_seq(SlotsByPosition { cursor, slots, len })?;
                self.end();
                Ok(value)
            }
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        if name == KEYED || self.cursor.words.names_values(type_name::<V::Value>()) {
            return self.one(|reading| reading.deserialize_struct(name, fields, visitor));
        }
        match &mut self.slots {
            None => named_fields(self.cursor, fields, true, visitor),
            Some(slots) => {
                slots.next = 0;
                let value = visitor.visit_map(SlotsByName { cursor: self.cursor, slots })?;
                self.end();
                Ok(value)
            }
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.one(|reading| reading.deserialize_enum(name, variants, visitor))
    }
}

struct SlotsByName<'s, 'c, 't> {
    cursor: &'c Cursor<'t>,
    slots: &'s mut Slots,
}

impl<'de> MapAccess<'de> for SlotsByName<'_, '_, '_> {
    type Error = Misread;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misread> {
        let Some((name, ..)) = self.slots.all.get(self.slots.next) else { return Ok(None) };
        let name: StrDeserializer<'_, Misread> = name.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misread> {
        let name = self.slots.all.get(self.slots.next).map(|(name, ..)| name.clone()).unwrap_or_default();
        self.slots.next += 1;
        in_slot(self.cursor, self.slots, &name, |cursor| seed.deserialize(Reading::new(cursor, Room::Slot)))
    }
}

struct SlotsByPosition<'s, 'c, 't> {
    cursor: &'c Cursor<'t>,
    slots: &'s mut Slots,
    len: usize,
}

impl<'de> SeqAccess<'de> for SlotsByPosition<'_, '_, '_> {
    type Error = Misread;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misread> {
        if self.slots.next == self.len {
            return Ok(None);
        }
        let name = self.slots.next.to_string();
        self.slots.next += 1;
        in_slot(self.cursor, self.slots, &name, |cursor| seed.deserialize(Reading::new(cursor, Room::Slot)))
            .map(Some)
    }
}
