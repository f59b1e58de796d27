//! Values in words: a deserializer that reads what `Value::said` writes.

mod fields;
mod list;
mod slots;
mod variant;

pub(super) use fields::{Keyed, named_fields, positions};
pub(super) use slots::Slots;

use self::fields::{Fields, Pairs, Positions};
use self::list::{Items, OneItem};
use self::variant::{one_of, variant_of};
use super::super::sum::KEYED;
use super::super::words::spaced;
use super::cursor::Cursor;
use super::fault::{Misread, Why};
use super::room::{Form, Room};
use super::scalar;
use serde::de::{Deserializer, Error as _, Visitor};
use std::any::type_name;

/// Reads one value.
#[derive(Clone, Copy)]
pub(super) struct Reading<'c, 't> {
    pub(super) cursor: &'c Cursor<'t>,
    pub(super) room: Room,
    /// The part of a sum that the value is, which stands before its key.
    part: Option<&'static str>,
    /// Whether a text is in quotation marks, because [`Words::value`](super::super::words::Words) has another value for it.
    is_quoted: bool,
}

impl<'c, 't> Reading<'c, 't> {
    pub(super) fn new(cursor: &'c Cursor<'t>, room: Room) -> Self {
        Reading { cursor, room, part: None, is_quoted: false }
    }

    fn open(self) -> Self {
        Reading { room: Room::Open, ..self }
    }

    /// Whether the field says that there is nothing, or "none" stands here.
    fn is_nothing(self) -> bool {
        match self.room {
            Room::Field(Form::No) => true,
            Room::Field(Form::Alone | Form::Not) => false,
            _ => self.sees_none(),
        }
    }

    /// Reads over what [`is_nothing`](Self::is_nothing) has seen.
    fn nothing(self) {
        if !matches!(self.room, Room::Field(Form::No))
            && let Some(after) = self.cursor.sees_fixed("none")
        {
            self.cursor.move_to(after);
        }
    }

    /// Whether "none" stands here as the whole value, and is not the first of several.
    fn sees_none(self) -> bool {
        self.cursor.sees_fixed("none").is_some_and(|after| self.is_whole(after))
    }

    /// Whether a value in parentheses that says nothing stands here as the whole value.
    fn sees_wrapped_none(self) -> bool {
        self.cursor.sees_wrapped_none().is_some_and(|after| self.is_whole(after))
    }

    /// Whether a value that ends at this place is the whole value, and not the first of several.
    fn is_whole(self, after: usize) -> bool {
        let before = self.cursor.place();
        self.cursor.move_to(after);
        let rest = self.cursor.rest();
        let among = matches!(self.room, Room::Item | Room::Key);
        let is_whole = match rest.chars().next() {
            None | Some(')') => true,
            Some(',') => among || self.cursor.pick(2) == 0,
            Some(':') => among,
            _ => among && self.cursor.sees_fixed("and").is_some(),
        };
        self.cursor.move_to(before);
        is_whole
    }

    /// Refuses a field that has a name and no value.
    fn has_value(self, what: &str) -> Result<(), Misread> {
        self.cursor.begin_value();
        match self.room {
            Room::Field(Form::Alone) => Err(self.cursor.expected(what)),
            Room::Field(Form::Not | Form::No) => {
                Err(self.cursor.fault(Why::Refused(format!("this field always has a value: {what}"))))
            }
            _ => Ok(()),
        }
    }

    /// The value that `Words` have for the text that stands here, if its type is one of theirs.
    fn named(&mut self, of: &str) -> Option<serde_json::Value> {
        let words = self.cursor.words;
        if !words.names_values(of) || matches!(self.room, Room::Field(Form::Alone | Form::Not | Form::No)) {
            return None;
        }
        let from = self.cursor.begin_value();
        // In a slot of a sentence, what could be taken for its words is in parentheses.
        let in_parentheses = self.room == Room::Slot && self.cursor.takes('(');
        let inside = self.cursor.place();
        let end = self.cursor.next_delimiter(&[',', ')', ':'], true);
        self.cursor.move_to(end);
        let to = if in_parentheses && self.cursor.takes(')') { end + 1 } else { end };
        self.cursor.move_to(from);
        let text = self.cursor.text[inside..end].split_whitespace().collect::<Vec<_>>().join(" ");
        if in_parentheses && to == end {
            return None;
        }
        let value = words.value_of_text(of, &text)?;
        // It may also be said by the plain rule.
        if self.cursor.pick(2) == 1 {
            self.is_quoted = true;
            return None;
        }
        self.cursor.move_to(to);
        Some(value)
    }

    /// As the room, except that texts without quotation marks are not read where they are another value's.
    fn room_of_scalar(self) -> Room {
        let quoted = self.cursor.sees_sign('"');
        if self.is_quoted && !quoted { Room::Item } else { self.room }
    }

    fn list<'de, V: Visitor<'de>>(self, len: Option<usize>, visitor: V) -> Result<V::Value, Misread> {
        self.cursor.begin_value();
        let items = |len, single| {
            // One item that says nothing would be in parentheses of its own.
            let may_be_one = !self.cursor.sees_single_none() && self.cursor.sees_wrapped_none().is_none();
            Items { cursor: self.cursor, len, single, may_be_one, count: 0, is_last: false }
        };
        if self.is_nothing() && len.is_none_or(|len| len == 0) {
            self.nothing();
            return visitor.visit_seq(items(Some(0), false));
        }
        self.has_value("a list, such as `1, 2 and 3`")?;
        if self.sees_wrapped_none() && len.is_none_or(|len| len == 1) {
            return self.cursor.parenthesised(|| visitor.visit_seq(OneItem(Some(self.open()))));
        }
        let in_parentheses =
            matches!(self.room, Room::Item | Room::Key | Room::Slot) && self.cursor.sees_sign('(');
        match self.room {
            _ if in_parentheses => self.cursor.parenthesised(|| {
                if self.open().sees_none() {
                    return Err(self.cursor.expected("an item of the list"));
                }
                visitor.visit_seq(items(len, false))
            }),
            Room::Item | Room::Key => visitor.visit_seq(items(len, len.is_none_or(|len| len == 1))),
            _ => visitor.visit_seq(items(len, false)),
        }
    }

    fn map<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        self.cursor.begin_value();
        if self.is_nothing() {
            self.nothing();
            return visitor.visit_map(Pairs { cursor: self.cursor, count: None });
        }
        self.has_value("pairs in parentheses, such as `(\"tea\": 1, \"salt\": 2)`")?;
        self.in_its_parentheses(|| visitor.visit_map(Pairs { cursor: self.cursor, count: Some(0) }))
    }

    /// Reads what is in parentheses, except where nothing follows it.
    fn in_its_parentheses<T>(self, read: impl FnOnce() -> Result<T, Misread>) -> Result<T, Misread> {
        match self.room {
            Room::Open => self.cursor.framed(None, read),
            _ => self.cursor.parenthesised(read),
        }
    }

    fn record<'de, V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.cursor.begin_value();
        if self.is_nothing() {
            self.nothing();
            return visitor.visit_map(Fields::none(self.cursor));
        }
        self.has_value("a value in parentheses")?;
        self.in_its_parentheses(|| named_fields(self.cursor, fields, false, visitor))
    }

    fn keyed<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        self.has_value("a key, a colon and a message")?;
        self.in_its_parentheses(|| {
            if let Some(part) = self.part {
                let after =
                    self.cursor.sees(&spaced(part)).ok_or_else(|| self.cursor.expected(spaced(part)))?;
                self.cursor.move_to(after);
            }
            let message = Reading { part: None, ..self.open() };
            visitor.visit_map(Keyed { cursor: self.cursor, read: 0, message: Some(message) })
        })
    }

    fn positions<'de, V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Misread> {
        self.cursor.begin_value();
        if len == 0 {
            self.nothing();
            return visitor.visit_seq(Positions { cursor: self.cursor, len: 0, count: 0 });
        }
        self.has_value("a value in parentheses")?;
        self.in_its_parentheses(|| visitor.visit_seq(Positions { cursor: self.cursor, len, count: 0 }))
    }
}

macro_rules! scalars {
    ($($method:ident $type:ty, $visit:ident, $read:path;)*) => {
        $(fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Misread> {
            if let Some(json) = self.named(type_name::<V::Value>()) {
                return json.$method(visitor).map_err(Misread::custom);
            }
            self.has_value(<$type as scalar::Spoken>::WHAT)?;
            visitor.$visit($read(self.cursor, self.room_of_scalar())?)
        })*
    };
}

impl<'de> Deserializer<'de> for Reading<'_, '_> {
    type Error = Misread;

    scalars! {
        deserialize_i8 i8, visit_i8, scalar::whole;
        deserialize_i16 i16, visit_i16, scalar::whole;
        deserialize_i32 i32, visit_i32, scalar::whole;
        deserialize_i64 i64, visit_i64, scalar::whole;
        deserialize_i128 i128, visit_i128, scalar::whole;
        deserialize_u8 u8, visit_u8, scalar::whole;
        deserialize_u16 u16, visit_u16, scalar::whole;
        deserialize_u32 u32, visit_u32, scalar::whole;
        deserialize_u64 u64, visit_u64, scalar::whole;
        deserialize_u128 u128, visit_u128, scalar::whole;
        deserialize_f32 f32, visit_f32, scalar::float;
        deserialize_f64 f64, visit_f64, scalar::float;
        deserialize_char char, visit_char, scalar::char;
        deserialize_str String, visit_string, scalar::text;
        deserialize_string String, visit_string, scalar::text;
        deserialize_bytes Vec<u8>, visit_byte_buf, scalar::bytes;
        deserialize_byte_buf Vec<u8>, visit_byte_buf, scalar::bytes;
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Misread> {
        Err(Misread::unreadable(type_name::<V::Value>()))
    }

    fn deserialize_bool<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Misread> {
        if let Some(json) = self.named(type_name::<V::Value>()) {
            return json.deserialize_bool(visitor).map_err(Misread::custom);
        }
        self.cursor.begin_value();
        visitor.visit_bool(match self.room {
            Room::Field(Form::Alone) => true,
            Room::Field(Form::Not) => false,
            Room::Field(Form::No) => {
                return self.has_value("yes or no").and(Err(self.cursor.expected("yes or no")));
            }
            _ => scalar::flag(self.cursor, self.room)?,
        })
    }

    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Misread> {
        if let Some(json) = self.named(type_name::<V::Value>()) {
            return json.deserialize_option(visitor).map_err(Misread::custom);
        }
        self.cursor.begin_value();
        if self.is_nothing() {
            self.nothing();
            return visitor.visit_none();
        }
        let has_value = !matches!(self.room, Room::Field(Form::Alone | Form::Not));
        if has_value && self.sees_wrapped_none() {
            return self.cursor.parenthesised(|| visitor.visit_some(self.open()));
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Misread> {
        if let Some(json) = self.named(type_name::<V::Value>()) {
            return json.deserialize_unit(visitor).map_err(Misread::custom);
        }
        self.cursor.begin_value();
        if !self.is_nothing() {
            return Err(self.cursor.expected(self.cursor.words.fixed("none")));
        }
        self.nothing();
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        if let Some(json) = self.named(type_name::<V::Value>()) {
            return json.deserialize_newtype_struct(name, visitor).map_err(Misread::custom);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Misread> {
        if let Some(json) = self.named(type_name::<V::Value>()) {
            return json.deserialize_seq(visitor).map_err(Misread::custom);
        }
        self.list(None, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(mut self, len: usize, visitor: V) -> Result<V::Value, Misread> {
        if let Some(json) = self.named(type_name::<V::Value>()) {
            return json.deserialize_tuple(len, visitor).map_err(Misread::custom);
        }
        self.list(Some(len), visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        if let Some(json) = self.named(type_name::<V::Value>()) {
            return json.deserialize_tuple_struct(name, len, visitor).map_err(Misread::custom);
        }
        self.positions(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Misread> {
        if let Some(json) = self.named(type_name::<V::Value>()) {
            return json.deserialize_map(visitor).map_err(Misread::custom);
        }
        self.map(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        if name == KEYED {
            return self.keyed(visitor);
        }
        if let Some(json) = self.named(type_name::<V::Value>()) {
            return json.deserialize_struct(name, fields, visitor).map_err(Misread::custom);
        }
        self.record(fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        if let Some(json) = self.named(type_name::<V::Value>()) {
            return json.deserialize_enum(name, variants, visitor).map_err(Misread::custom);
        }
        self.has_value(&one_of(variants, self.cursor.words))?;
        if self.room != Room::Open && self.cursor.sees_sign('(') && self.cursor.sees_wrapped_none().is_none()
        {
            return self.cursor.parenthesised(|| variant_of(self.open(), name, variants, visitor));
        }
        variant_of(self, name, variants, visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        self.cursor.move_to(self.cursor.next_delimiter(&[',', ')'], false));
        visitor.visit_unit()
    }
}
