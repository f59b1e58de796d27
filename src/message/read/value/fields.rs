//! What has several parts in words: fields by name, values by position, pairs of a map, a message with its key.

use super::super::super::sum::MESSAGE;
use super::super::cursor::Cursor;
use super::super::fault::{Misread, Why};
use super::super::room::{Form, Room};
use super::Reading;
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};

/// Reads the fields of a struct by name; before each, or between them, is a comma.
pub(in super::super) fn named_fields<'de, V: Visitor<'de>>(
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
pub(in super::super) fn positions<'de, V: Visitor<'de>>(
    cursor: &Cursor<'_>,
    len: usize,
    visitor: V,
) -> Result<V::Value, Misread> {
    visitor.visit_seq(Positions { cursor, len, count: 0 })
}

/// The fields of a struct, in any order.
pub(super) struct Fields<'c, 't> {
    cursor: &'c Cursor<'t>,
    fields: &'static [&'static str],
    read: Vec<bool>,
    /// Whether a comma comes before the next field.
    comma: bool,
    form: Form,
}

impl<'c, 't> Fields<'c, 't> {
    pub(super) fn none(cursor: &'c Cursor<'t>) -> Self {
        Fields { cursor, fields: &[], read: Vec::new(), comma: true, form: Form::Value }
    }
}

/// Each of the fields that may be named here, by number: how, and where its name ends.
pub(super) fn fields_at(cursor: &Cursor<'_>, fields: &[&str]) -> Vec<(usize, Form, usize)> {
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

/// Values by position, with commas between them.
pub(super) struct Positions<'c, 't> {
    pub(super) cursor: &'c Cursor<'t>,
    pub(super) len: usize,
    pub(super) count: usize,
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

/// The pairs of a map; `None` if it is empty.
pub(super) struct Pairs<'c, 't> {
    pub(super) cursor: &'c Cursor<'t>,
    pub(super) count: Option<usize>,
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
pub(in super::super) struct Keyed<'c, 't, M> {
    pub(in super::super) cursor: &'c Cursor<'t>,
    /// How many of the two were read.
    pub(in super::super) read: u8,
    pub(in super::super) message: Option<M>,
}

impl<'de, M: Deserializer<'de, Error = Misread>> MapAccess<'de> for Keyed<'_, '_, M> {
    type Error = Misread;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misread> {
        let field = match self.read {
            0 => "key",
            1 => MESSAGE,
            _ => return Ok(None),
        };
        self.read += 1;
        let name: StrDeserializer<'_, Misread> = field.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misread> {
        if self.read == 1 {
            // The colon after a key that is not there.
            if self
                .cursor
                .rest()
                .strip_prefix(':')
                .is_some_and(|after| after.starts_with(char::is_whitespace))
            {
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
