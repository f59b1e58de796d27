//! The slots of a sentence, as a tuple.

use super::super::cursor::Cursor;
use super::super::fault::{Misread, Why};
use super::super::room::Room;
use super::Reading;
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};

/// The slots of a sentence that has several, as a tuple.
pub(in super::super) struct Slots<'s, 'c, 't> {
    cursor: &'c Cursor<'t>,
    ranges: &'s [(usize, usize)],
}

impl<'s, 'c, 't> Slots<'s, 'c, 't> {
    pub(in super::super) fn new(cursor: &'c Cursor<'t>, ranges: &'s [(usize, usize)]) -> Self {
        Slots { cursor, ranges }
    }
}

impl<'de> Deserializer<'de> for Slots<'_, '_, '_> {
    type Error = Misread;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        visitor.visit_seq(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> SeqAccess<'de> for Slots<'_, '_, '_> {
    type Error = Misread;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misread> {
        let Some(((from, to), rest)) = self.ranges.split_first() else { return Ok(None) };
        self.ranges = rest;
        let end = self.cursor.restrict(*from, *to);
        self.cursor.begin_value();
        let value = self.cursor.framed(None, || seed.deserialize(Reading::new(self.cursor, Room::Slot)))?;
        if !self.cursor.rest().is_empty() {
            return Err(self.cursor.fault(Why::NoField { found: self.cursor.found(), fields: Vec::new() }));
        }
        self.cursor.move_to(*to);
        self.cursor.set_end(end);
        if rest.is_empty() {
            // The words after the last slot were read already.
            self.cursor.move_to(end);
        }
        Ok(Some(value))
    }
}
