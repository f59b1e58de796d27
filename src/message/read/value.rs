//! Values in words: a deserializer that reads what `Value::said` writes.

use super::super::sum::{KEYED, LOOK_THROUGH, is_sum};
use super::super::value::is_open;
use super::super::words::Words;
use super::cursor::Cursor;
use super::fault::{Misread, Why};
use super::scalar;
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use std::any::type_name;

/// Where a value stands, and so how much of it is in parentheses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Room {
    /// Nothing follows but the end, or a parenthesis.
    Open,
    /// After the name of its field.
    Field(Form),
    /// Among others, or after the name of a variant.
    Item,
    /// Before a colon.
    Key,
    /// In a slot of a sentence.
    Slot,
}

/// How a field is named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    /// `limit 5`
    Value,
    /// `joint`
    Alone,
    /// `not joint`
    Not,
    /// `no limit`
    No,
}

/// Reads one value.
#[derive(Clone, Copy)]
pub(super) struct Reading<'c, 't> {
    pub(super) cursor: &'c Cursor<'t>,
    pub(super) room: Room,
    /// The part of a sum that the value is, which stands before its key.
    part: Option<&'static str>,
}

impl<'c, 't> Reading<'c, 't> {
    pub(super) fn new(cursor: &'c Cursor<'t>, room: Room) -> Self {
        Reading { cursor, room, part: None }
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
    fn named(self, of: &str) -> Option<serde_json::Value> {
        let words = self.cursor.words;
        if !words.names_values(of) || matches!(self.room, Room::Field(Form::Alone | Form::Not | Form::No)) {
            return None;
        }
        let from = self.cursor.begin_value();
        let to = self.cursor.next_delimiter(&[',', ')', ':'], true);
        let text = self.cursor.text[from..to].split_whitespace().collect::<Vec<_>>().join(" ");
        let value = words.value_of_text(of, &text)?;
        // It may also be said by the plain rule.
        if self.cursor.pick(2) == 1 {
            return None;
        }
        self.cursor.move_to(to);
        Some(value)
    }

    fn list<'de, V: Visitor<'de>>(self, len: Option<usize>, visitor: V) -> Result<V::Value, Misread> {
        self.cursor.begin_value();
        let items = |len, single| {
            // One item that says nothing would be in parentheses of its own.
            let may_be_one =
                self.cursor.sees_fixed("none").is_none() && self.cursor.sees_wrapped_none().is_none();
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
                let part = self.cursor.words.name(part);
                let after = self.cursor.sees(&part).ok_or_else(|| self.cursor.expected(part))?;
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

/// Reads the fields of a struct by name; before each, or between them, is a comma.
pub(super) fn named_fields<'de, V: Visitor<'de>>(
    cursor: &Cursor<'_>,
    fields: &'static [&'static str],
    comma_first: bool,
    visitor: V,
) -> Result<V::Value, Misread> {
    let access =
        Fields { cursor, fields, read: vec![false; fields.len()], comma: comma_first, form: Form::Value };
    cursor.framed(Some(fields), || visitor.visit_map(access))
}

/// Reads values by position, with commas between them.
pub(super) fn positions<'de, V: Visitor<'de>>(
    cursor: &Cursor<'_>,
    len: usize,
    visitor: V,
) -> Result<V::Value, Misread> {
    visitor.visit_seq(Positions { cursor, len, count: 0 })
}

macro_rules! scalars {
    ($($method:ident $type:ty, $visit:ident, $read:path;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
            if let Some(json) = self.named(type_name::<V::Value>()) {
                return json.$method(visitor).map_err(Misread::custom);
            }
            self.has_value(<$type as scalar::Spoken>::WHAT)?;
            visitor.$visit($read(self.cursor, self.room)?)
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

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
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

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
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

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
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
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        if let Some(json) = self.named(type_name::<V::Value>()) {
            return json.deserialize_newtype_struct(name, visitor).map_err(Misread::custom);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        self.list(None, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Misread> {
        self.list(Some(len), visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        if let Some(json) = self.named(type_name::<V::Value>()) {
            return json.deserialize_tuple_struct(name, len, visitor).map_err(Misread::custom);
        }
        self.positions(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        self.map(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
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
        self,
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

fn variant_of<'de, V: Visitor<'de>>(
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
        .filter(|variant| reading.room == Room::Open || !is_open(&cursor.words.name(variant), cursor.words))
        .filter_map(|variant| Some((*variant, cursor.sees(&cursor.words.name(variant))?)))
        .collect();
    let pick = cursor.pick(seen.len());
    seen.get(pick).copied().ok_or_else(|| cursor.expected(one_of(variants, cursor.words)))
}

/// "one of `private`, `business` or `(salt and pepper)`".
fn one_of(variants: &[&str], words: &Words) -> String {
    let named: Vec<String> = variants
        .iter()
        .map(|variant| words.name(variant))
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
            let name = cursor.words.name(self.variant);
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

/// The fields of a struct, in any order.
struct Fields<'c, 't> {
    cursor: &'c Cursor<'t>,
    fields: &'static [&'static str],
    read: Vec<bool>,
    /// Whether a comma comes before the next field.
    comma: bool,
    form: Form,
}

impl<'c, 't> Fields<'c, 't> {
    fn none(cursor: &'c Cursor<'t>) -> Self {
        Fields { cursor, fields: &[], read: Vec::new(), comma: true, form: Form::Value }
    }
}

/// Each of the fields that may be named here, by number: how, and where its name ends.
fn fields_at(cursor: &Cursor<'_>, fields: &[&str]) -> Vec<(usize, Form, usize)> {
    let mut found = Vec::new();
    for (number, field) in fields.iter().enumerate() {
        let name = cursor.words.name(field);
        for (form, pattern) in [(Form::Not, "not {field}"), (Form::No, "no {field}")] {
            if let Some(after) = cursor.sees(&cursor.words.fixed(pattern).replace("{field}", &name))
                && cursor.sees_end(after)
            {
                found.push((number, form, after));
            }
        }
        if let Some(after) = cursor.sees(&name) {
            found.push((number, if cursor.sees_end(after) { Form::Alone } else { Form::Value }, after));
        }
    }
    found
}

impl<'de> MapAccess<'de> for Fields<'_, '_> {
    type Error = Misread;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misread> {
        if self.fields.is_empty() || self.cursor.rest().is_empty() || self.cursor.sees_sign(')') {
            return Ok(None);
        }
        if self.comma && !self.cursor.takes(',') {
            return Ok(None);
        }
        self.comma = true;
        let seen = fields_at(self.cursor, self.fields);
        let unread: Vec<_> = seen.iter().filter(|(number, ..)| !self.read[*number]).collect();
        if unread.is_empty() {
            return Err(match seen.first() {
                Some((number, ..)) => {
                    self.cursor.fault(Why::Twice { field: self.cursor.words.name(self.fields[*number]) })
                }
                None => {
                    let fields = self.fields.iter().map(|field| self.cursor.words.name(field)).collect();
                    self.cursor.fault(Why::NoField { found: self.cursor.found(), fields })
                }
            });
        }
        let (number, form, after) = *unread[self.cursor.pick(unread.len())];
        self.cursor.move_to(after);
        self.read[number] = true;
        self.form = form;
        let name: StrDeserializer<'_, Misread> = self.fields[number].into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misread> {
        seed.deserialize(Reading::new(self.cursor, Room::Field(self.form)))
    }
}

/// The items of a list: with commas between them, and "and" before the last.
struct Items<'c, 't> {
    cursor: &'c Cursor<'t>,
    len: Option<usize>,
    /// Whether a list of more than one would be in parentheses here.
    single: bool,
    may_be_one: bool,
    count: usize,
    /// Whether an "and" was read: nothing follows the item after it.
    is_last: bool,
}

impl Items<'_, '_> {
    /// Reads what is before the next item; `false` if the list ends here.
    fn go_on(&mut self) -> Result<bool, Misread> {
        let cursor = self.cursor;
        if self.count == 0 {
            return Ok(self.len != Some(0));
        }
        if self.is_last || self.single || self.len == Some(self.count) {
            return Ok(false);
        }
        let before = cursor.place();
        let comma = cursor.takes(',');
        if let Some(after) = cursor.sees_fixed("and")
            && self.len.is_none_or(|len| len == self.count + 1)
        {
            cursor.move_to(after);
            self.is_last = true;
            return Ok(true);
        }
        let and = || format!("`{}` before the last of a list", cursor.words.fixed("and"));
        if self.len.is_some() {
            let expected = if self.len == Some(self.count + 1) { and() } else { "`,`".to_string() };
            return if comma { Ok(true) } else { Err(cursor.expected(expected)) };
        }
        let may_go_on = comma && cursor.and_ahead(cursor.place());
        let may_end = self.count == 1
            && self.may_be_one
            && (!comma || cursor.frame().is_some_and(|fields| !fields_at(cursor, fields).is_empty()));
        let goes_on = match (may_go_on, may_end) {
            (true, true) => cursor.pick(2) == 0,
            (false, false) => return Err(cursor.expected(and())),
            (goes_on, _) => goes_on,
        };
        if !goes_on {
            cursor.move_to(before);
        }
        Ok(goes_on)
    }
}

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = Misread;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misread> {
        if !self.go_on()? {
            return Ok(None);
        }
        self.count += 1;
        self.cursor.begin_value();
        seed.deserialize(Reading::new(self.cursor, Room::Item)).map(Some)
    }
}

/// A list of one item that says nothing.
struct OneItem<'c, 't>(Option<Reading<'c, 't>>);

impl<'de> SeqAccess<'de> for OneItem<'_, '_> {
    type Error = Misread;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misread> {
        self.0.take().map(|item| seed.deserialize(item)).transpose()
    }
}

/// Values by position, with commas between them.
struct Positions<'c, 't> {
    cursor: &'c Cursor<'t>,
    len: usize,
    count: usize,
}

impl<'de> SeqAccess<'de> for Positions<'_, '_> {
    type Error = Misread;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misread> {
        if self.count == self.len {
            return Ok(None);
        }
        if self.count > 0 {
            self.cursor.requires(',')?;
        }
        self.count += 1;
        self.cursor.begin_value();
        seed.deserialize(Reading::new(self.cursor, Room::Item)).map(Some)
    }
}

/// The slots of a sentence that has several, as a tuple.
pub(super) struct Slots<'s, 'c, 't> {
    cursor: &'c Cursor<'t>,
    ranges: &'s [(usize, usize)],
}

impl<'s, 'c, 't> Slots<'s, 'c, 't> {
    pub(super) fn new(cursor: &'c Cursor<'t>, ranges: &'s [(usize, usize)]) -> Self {
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

/// The pairs of a map; `None` if it is empty.
struct Pairs<'c, 't> {
    cursor: &'c Cursor<'t>,
    count: Option<usize>,
}

impl<'de> MapAccess<'de> for Pairs<'_, '_> {
    type Error = Misread;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misread> {
        let Some(count) = self.count else { return Ok(None) };
        if count > 0 && !self.cursor.takes(',') {
            return Ok(None);
        }
        self.count = Some(count + 1);
        seed.deserialize(Reading::new(self.cursor, Room::Key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misread> {
        self.cursor.requires(':')?;
        seed.deserialize(Reading::new(self.cursor, Room::Item))
    }
}

/// A message with its key: the key, a colon, the message, which `M` reads.
pub(super) struct Keyed<'c, 't, M> {
    pub(super) cursor: &'c Cursor<'t>,
    /// How many of the two were read.
    pub(super) read: u8,
    pub(super) message: Option<M>,
}

impl<'de, M: Deserializer<'de, Error = Misread>> MapAccess<'de> for Keyed<'_, '_, M> {
    type Error = Misread;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misread> {
        let field = match self.read {
            0 => "key",
            1 => super::super::sum::MESSAGE,
            _ => return Ok(None),
        };
        self.read += 1;
        let name: StrDeserializer<'_, Misread> = field.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misread> {
        if self.read == 1 {
            if self.cursor.sees_sign(':') {
                let which = "which one? Write its key before the colon, as in `order 1: …`";
                return Err(self.cursor.fault(Why::Refused(which.to_string())));
            }
            return seed.deserialize(Reading::new(self.cursor, Room::Key));
        }
        self.cursor.requires(':')?;
        match self.message.take() {
            Some(message) => seed.deserialize(message),
            None => Err(de::Error::custom("the message was read already")),
        }
    }
}
