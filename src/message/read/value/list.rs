//! Lists in words.

use super::super::cursor::Cursor;
use super::super::fault::Misread;
use super::super::room::Room;
use super::Reading;
use super::fields::fields_at;
use serde::de::{DeserializeSeed, SeqAccess};

/// The items of a list: with commas between them, and "and" before the last.
pub(super) struct Items<'c, 't> {
    pub(super) cursor: &'c Cursor<'t>,
    pub(super) len: Option<usize>,
    /// Whether a list of more than one would be in parentheses here.
    pub(super) single: bool,
    pub(super) may_be_one: bool,
    pub(super) count: usize,
    /// Whether an "and" was read: nothing follows the item after it.
    pub(super) is_last: bool,
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
pub(super) struct OneItem<'c, 't>(pub(super) Option<Reading<'c, 't>>);

impl<'de> SeqAccess<'de> for OneItem<'_, '_> {
    type Error = Misread;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misread> {
        self.0.take().map(|item| seed.deserialize(item)).transpose()
    }
}
